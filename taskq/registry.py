"""What a task type is, and which there are."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from taskq.errors import BadInput, BadParams
from taskq.given import said, unfit
from taskq.models import MAX_ATTEMPTS
from taskq.plan import STARTED_STEP, Plan
from taskq.run import BlockingRun, Run
from taskq.settings import Settings

P = TypeVar("P", bound=BaseModel)

Need = Literal["page", "profile", "card"]
Result = Mapping[str, Any] | None
Place = tuple[int | str, ...]
"""Where in the params a fault is: the field, then what is within it."""

GROUP = "taskq.handlers"
"""The entry-point group under which packages offer task types."""

SUBMITTED_AT = "submitted_at"
"""What a params model's validators find in their context when a task is submitted, and only then:
the moment, so that they can refuse what must lie ahead.
"""


@dataclass(frozen=True)
class Option:
    """The short form of a params field on the command line: `Annotated[str, Option("--url")]`.

    *in_examples*: it is shown in them although the model has a default for it.
    """

    flag: str
    in_examples: bool = False


@dataclass(frozen=True)
class Handler(Generic[P]):
    """The whole recipe for a task type.

    *run* does it: `async def` gets a Run, a plain `def` runs in a thread with a BlockingRun; what
    it returns is merged into `result_data`. *verify* only looks whether a payment whose answer
    was lost went through: a result if it did, None as long as nothing is found, Declined if it is
    certain that it never will. *identity* is what makes two tasks the same purchase, *lane* what
    must not run in parallel; both are pure. *login_url* is where one logs in for it: such a type
    is done with a saved login, the one that is named like its command unless the task says another.
    *address* is where the HTTP API takes this type beside `/tasks/{task_type}`: `/shopify/order`.
    """

    task_type: str
    params: type[P]
    run: Callable[[Run[P]], Awaitable[Result]] | Callable[[BlockingRun[P]], Result]
    command: str = ""
    address: str = ""
    plan: Plan = ()
    verify: Callable[[Run[P]], Awaitable[Result]] | None = None
    identity: Callable[[P], str | None] = lambda _: None
    lane: Callable[[P], str | None] = lambda _: None
    words: Callable[[P], dict[str, Any]] = lambda params: params.model_dump(mode="json")
    needs: frozenset[Need] = frozenset()
    stuck_after: float | None = None
    max_attempts: int = MAX_ATTEMPTS
    login_url: Callable[[Settings], str] | None = None

    @property
    def name(self) -> str:
        """What is typed after `taskq submit`."""
        return self.command or self.task_type

    @property
    def login(self) -> str | None:
        """The saved login it is done with where a task names none."""
        return self.name if self.login_url else None

    @property
    def whole_plan(self) -> Plan:
        """The plan with the step that every plan begins with."""
        if not self.plan or self.plan[0] == STARTED_STEP:
            return self.plan
        return (STARTED_STEP, *self.plan)

    @property
    def blocks(self) -> bool:
        """Whether *run* is a plain `def`, which needs a thread."""
        return not inspect.iscoroutinefunction(self.run)

    def parse(self, given: Mapping[str, Any], *, as_json: bool = False) -> P:
        """The params that *given* describes.

        What was typed is text, and is understood; what came *as_json* has kinds, and `"2"` is no 2.

        Raises:
            BadParams: it describes none; every problem in one sentence.
        """
        faults: list[tuple[Place, str]] = [
            ((name,), why) for name, value in given.items() if (why := unfit(value))
        ]
        if not faults:
            try:
                now = {SUBMITTED_AT: datetime.now(UTC)}
                if as_json:
                    text = json.dumps(given)
                    return self.params.model_validate_json(text, strict=True, context=now)
                return self.params.model_validate(given, context=now)
            except ValidationError as error:
                faults = [(fault["loc"], said(fault)) for fault in error.errors()]
        told = "; ".join(f"{self.flag(place)}: {why}" for place, why in faults)
        raise BadParams(
            f"{told}. See: taskq submit {self.name} --help",
            tuple((self._known(place), why) for place, why in faults),
        )

    def flag(self, place: Place) -> str:
        """How the field at *place* is called on the command line."""
        name = _field(place)
        field = self.params.model_fields.get(name)
        short = [m.flag for m in field.metadata if isinstance(m, Option)] if field else []
        return short[0] if short else "--" + name.replace("_", "-")

    def _known(self, place: Place) -> str:
        """The field at *place*, if there is one of this name: what was given is not repeated."""
        name = _field(place)
        return name if name in self.params.model_fields else "input"


_registered: dict[str, Handler[Any]] = {}


def register(handler: Handler[P]) -> Handler[P]:
    """Make a task type known to this process; for modules named by `--import`."""
    _registered[handler.task_type] = handler
    return handler


def handlers() -> dict[str, Handler[Any]]:
    """Every task type there is, by its name in the column `type`."""
    return dict(sorted((_offered() | _registered).items()))


@cache
def _offered() -> dict[str, Handler[Any]]:
    """What installed packages offer; they do not change while we run."""
    found = [entry.load() for entry in entry_points(group=GROUP)]
    return {handler.task_type: handler for handler in found}


def find(name: str) -> Handler[Any]:
    """The task type called *name*, by its command or its type.

    Raises:
        BadInput: there is none.
    """
    known = handlers()
    for handler in known.values():
        if name in {handler.name, handler.task_type}:
            return handler
    there_are = ", ".join(handler.name for handler in known.values())
    raise BadInput(f"No task type {name!r}; there are: {there_are}. See: taskq submit --help")


def load_imports(named: Iterable[str]) -> None:
    """Import the modules (dotted, or paths of `.py` files) that register task types.

    Only what is named is imported, never anything from the current folder by itself.

    Raises:
        BadInput: a module cannot be imported.
    """
    for name in filter(None, named):
        try:
            _import_file(Path(name)) if name.endswith(".py") else importlib.import_module(name)
        except Exception as error:
            raise BadInput(
                f"--import {name} does not work: {type(error).__name__}: {error}. "
                "Name a module or the path of a .py file"
            ) from error


def _import_file(path: Path) -> None:
    name = f"taskq_imported_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise FileNotFoundError(f"there is no file {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic looks up annotations there
    spec.loader.exec_module(module)


def _field(place: Place) -> str:
    return str(place[0]) if place else "input"
