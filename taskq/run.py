"""An attempt as its handler sees it, and which one this code runs in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from taskq.clean import clean
from taskq.errors import CancelRequested, NotStarted, StoreFailed
from taskq.lease import Lease
from taskq.models import Task
from taskq.plan import Step, filled
from taskq.process import boot_ms

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Page

    from taskq.artifacts import Folder
    from taskq.profiles import Profile
    from taskq.secrets import Card
    from taskq.settings import Settings
    from taskq.store import Store

P = TypeVar("P")
T = TypeVar("T")

Ask = Callable[[Callable[[], T]], Awaitable[T]]
"""Runs a call of the store in the one thread that the worker keeps for it."""

ACT_WITHIN = 2.0
"""Seconds after its intent within which a handler must act; later it withdraws."""

_COUNT_EVERY_MS = 1000

_current: ContextVar[Run[Any] | None] = ContextVar("taskq_run", default=None)


def current() -> Run[Any] | None:
    """The run that the calling code belongs to; None outside a worker."""
    return _current.get()


class Run(Generic[P]):
    """One attempt in progress: what to do (*params*), with what, and how to tell of it."""

    def __init__(  # noqa: PLR0913 - all that an attempt has, named one by one
        self,
        *,
        task: Task,
        params: P,
        words: dict[str, Any],
        store: Store,
        ask: Ask[Any],
        folder: Folder,
        lease: Lease,
        settings: Settings,
        told: Callable[[Task, str], None] = lambda _task, _message: None,
    ) -> None:
        self.task = task
        self.params = params
        self.store = store
        self.folder = folder
        self.lease = lease
        self.settings = settings
        self.artifacts: dict[str, str] = {}
        self.intended_ms: int | None = None
        self._tried_to_intend = False
        self.signed_ms = boot_ms()
        self.card_is_on_page = False
        self.traces = False
        self._counted_ms = -_COUNT_EVERY_MS
        self._words = words
        self._ask = ask
        self._told = told
        self._page: Page | None = None
        self._profile: Profile | None = None
        self._card: Card | None = None

    def equip(
        self, page: Page | None = None, profile: Profile | None = None, card: Card | None = None
    ) -> None:
        """Hand over what the handler `needs`; called by the worker before the handler."""
        self._page, self._profile, self._card = page, profile, card

    @property
    def page(self) -> Page:
        """A page of its own in a fresh browser context, for handlers that need `page`."""
        return _given(self._page, "page")

    @property
    def profile(self) -> Profile:
        """Who orders, for handlers that need `profile`."""
        return _given(self._profile, "profile")

    @property
    def card(self) -> Card:
        """What is paid with, for handlers that need `card`; not while a trace would show it."""
        if self.traces:
            raise RuntimeError("a trace is being made: end it before the card is typed")
        return _given(self._card, "card")

    @property
    def has_page(self) -> bool:
        """Whether a page was opened for this attempt."""
        return self._page is not None

    @property
    def intends(self) -> bool:
        """Whether the intent of this attempt stands: from here on nothing is ever repeated."""
        return self.intended_ms is not None

    async def step(self, step: Step | str, **facts: Any) -> None:
        """Say what begins now, then do it.

        A step of the plan that is marked `once` records the durable intent, with *facts* a person
        will need to find out what became of it; a plain string is an entry outside the plan.

        Raises:
            CancelRequested: somebody asked for the task to stop: let it pass.
            LeaseLost: the task belongs to somebody else by now: let it pass.
            Duplicate: another task of the same identity may already have bought this.
        """
        import asyncio  # a third of the start of a command that runs nothing

        tried = self._tried_to_intend
        try:
            await self._ask(lambda: self.write_step(step, facts))
        except asyncio.CancelledError:
            if self._tried_to_intend and not tried:
                # Stopped between the intent and the act: nobody else can know that it is so.
                raise NotStarted("the worker was stopped") from None
            raise

    async def progress(self, done: int, total: int) -> None:
        """Tell how much of a countable job is done; adds no entry, kept at most once a second."""
        await self._ask(lambda: self.write_count(done, total))

    def alive(self) -> None:
        """Give a sign of life without an entry: a task without any is taken for stuck."""
        self.signed_ms = boot_ms()

    def must_act_now(self) -> None:
        """Call right before the one act that the intent announced.

        Raises:
            NotStarted: the intent is too old to act on; the worker withdraws it.
        """
        assert self.intended_ms is not None, "an act without an intent"
        waited = (boot_ms() - self.intended_ms) / 1000
        if waited > ACT_WITHIN or not self.lease.holds():
            raise NotStarted(f"the worker was not ready for {waited:.1f} s")

    def left_behind(self, name: str, path: Path) -> None:
        """Name a file for `result_data.artifacts`."""
        self.artifacts[name] = str(path)

    def write_step(self, step: Step | str, facts: dict[str, Any]) -> None:
        """`step` as a blocking call."""
        self.alive()
        asked_ms, stop = self.signed_ms, False
        if not isinstance(step, Step):
            message = clean(step)
            stop = self.store.step(self.task, message)
        else:
            message = filled((step,), self._words)[0].message
            if step.once:
                self._intend(message, facts, asked_ms)
            else:
                stop = self.store.step(self.task, message, planned=True)
        self.lease.renewed(asked_ms)
        self._told(self.task, message)
        self._heed(stop)

    def write_count(self, done: int, total: int) -> None:
        """`progress` as a blocking call."""
        self.alive()
        asked_ms = self.signed_ms
        if done >= total or asked_ms - self._counted_ms >= _COUNT_EVERY_MS:
            self._counted_ms = asked_ms
            stop = self.store.count(self.task, done, total)
            self.lease.renewed(asked_ms)
            self._heed(stop)

    def _intend(self, message: str, facts: dict[str, Any], asked_ms: int) -> None:
        """Write the intent. Its age counts from *asked_ms*: a worker may be frozen right after."""
        self._tried_to_intend = True
        try:
            self.store.intent(self.task, message, {**facts, "artifacts": self.artifacts})
        except StoreFailed as error:
            # It may be on the disk all the same; nobody acts on it, which only we can say.
            raise NotStarted(f"the intent could not be written: {error}") from error
        self.intended_ms = asked_ms

    def _heed(self, cancel_requested: bool) -> None:
        if cancel_requested:
            raise CancelRequested(self.task.id)


class BlockingRun(Generic[P]):
    """The twin of Run that a plain `def` gets in its thread."""

    def __init__(self, run: Run[P]) -> None:
        self._run = run
        self.params = run.params
        self.task = run.task
        self.folder = run.folder
        self.alive = run.alive
        self.must_act_now = run.must_act_now
        self.left_behind = run.left_behind

    def step(self, step: Step | str, **facts: Any) -> None:
        """See `Run.step`."""
        self._run.write_step(step, facts)

    def progress(self, done: int, total: int) -> None:
        """See `Run.progress`."""
        self._run.write_count(done, total)


def enter(run: Run[Any]) -> None:
    """Make *run* the current one of the calling asyncio task, and of threads it starts."""
    _current.set(run)


def _given(thing: T | None, need: str) -> T:
    if thing is None:
        raise RuntimeError(f"this handler does not say that it needs {need!r}")
    return thing
