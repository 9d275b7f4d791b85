"""What a face may ask for: each verb of the queue as one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from taskq import ids, registry, sessions
from taskq.clean import clean
from taskq.errors import BadInput, RowRefused, TaskNotFound
from taskq.models import NewTask, Status, Task
from taskq.plan import filled, to_row
from taskq.settings import Settings
from taskq.store import Store
from taskq.stores import open_store

if TYPE_CHECKING:
    from taskq.tally import TypeTally

_MAX_KEY = 200


@dataclass(frozen=True)
class Submitted:
    """A submitted task, whether it is new, and unfinished tasks that want the same."""

    task: Task
    created: bool
    alike: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """What somebody wants done: the params, the key that makes it one, the login to do it with."""

    params: Any
    key: str | None = None
    account: str | None = None


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """The store the settings name, closed afterwards."""
    store = open_store(settings.db, lease_seconds=settings.lease_seconds)
    try:
        yield store
    finally:
        store.close()


def with_profile(
    handler: registry.Handler[Any], given: Mapping[str, Any], settings: Settings
) -> dict[str, Any]:
    """What was *given*, with the settings' profile where the type asks for one and none was.

    Two tasks for the same person must say so alike, whichever way they come in.
    """
    if "profile" not in handler.params.model_fields:
        return dict(given)
    return {"profile": settings.profile, **given}


def submit(  # noqa: PLR0913 - each is an option of its own, named by who gives it
    store: Store,
    handler: registry.Handler[Any],
    params: Any,
    *,
    key: str | None = None,
    account: str | None = None,
    again: bool = False,
) -> Submitted:
    """Hand a job to the queue.

    Raises:
        BadInput: the key was used for other input, or the type can use no login.
        Duplicate: a task of this identity may already have bought this.
    """
    wish = Wish(params, key, account)
    task, created = store.submit(_new_task(handler, wish, again=again))
    return Submitted(task, created, _alike(store, task) if created else ())


def submit_all(
    store: Store,
    handler: registry.Handler[Any],
    wishes: Sequence[Wish],
    *,
    again: bool = False,
) -> list[Task]:
    """Hand several jobs to the queue, or none of them; one task a key.

    Raises:
        RowRefused: one of them was refused; it names which, and why.
    """
    news = []
    for number, wish in enumerate(wishes, 1):
        try:
            news.append(_new_task(handler, wish, again=again))
        except BadInput as error:
            raise RowRefused(number, error) from error
    return list({task.id: task for task, _ in store.submit_all(news)}.values())


def _new_task(handler: registry.Handler[Any], wish: Wish, *, again: bool) -> NewTask:
    params, key = wish.params, wish.key
    check_account(handler, wish.account)
    if key is not None and (not key or clean(key, _MAX_KEY) != key):
        raise BadInput(f"--key: use one line of 1 to {_MAX_KEY} ordinary characters")
    plan = filled(handler.whole_plan, handler.words(params))
    # A dry run buys nothing, so it is nobody's duplicate.
    identity = None if getattr(params, "dry_run", False) else handler.identity(params)
    return NewTask(
        id=ids.new_id(),
        type=handler.task_type,
        params=params.model_dump(mode="json"),
        plan=to_row(plan) or None,
        key=key,
        identity=identity,
        lane=handler.lane(params),
        account=wish.account or handler.login,
        max_attempts=handler.max_attempts,
        again=again,
    )


def check_account(handler: registry.Handler[Any], account: str | None) -> None:
    """See that tasks of this type can be done with a login called *account*, if one is asked for.

    Raises:
        BadInput: they cannot.
    """
    if account is None:
        return
    if "page" not in handler.needs:
        raise BadInput(
            f"--account is a login for a browser, which {handler.name} does not use. "
            f"See: taskq submit {handler.name} --help"
        )
    if not sessions.is_name(account):
        raise BadInput(f"--account: {account!r} cannot name a login. See: taskq login --list")


def named(store: Store, text: str) -> Task:
    """The task that *text* means: an id, the beginning of one, or `@` for the newest.

    Raises:
        TaskNotFound: it means none.
        BadInput: it is too short, or several begin so.
    """
    if text == "@":
        found = store.list(limit=1)
        if not found:
            raise TaskNotFound("@")
        return planned(found[0])
    if not ids.is_id(text):
        raise BadInput(f"{text!r} cannot be a task id. See the ones there are: taskq list")
    found = store.find(text)
    exact = [task for task in found if task.id == text]
    if len(found) > 1 and not exact:
        candidates = ", ".join(f"{task.id} ({task.type})" for task in found)
        raise BadInput(f"Several tasks begin with {text!r}: {candidates}")
    if not found or (not exact and len(text) < ids.MIN_PREFIX):
        raise TaskNotFound(text)
    return planned((exact or found)[0])


def type_named(store: Store, name: str) -> str:
    """The task type called *name*: one that is known here, or one that there are tasks of.

    Raises:
        BadInput: there is none.
    """
    try:
        return registry.find(name).task_type
    except BadInput:
        if store.list(task_type=name, limit=1):
            return name
        raise


def planned(task: Task) -> Task:
    """The task with its type's plan where its row has none; so old rows are drawn as well."""
    if task.plan is not None:
        return task
    handler = registry.handlers().get(task.type)
    if handler is None or not handler.plan:
        return task
    return replace(task, plan=to_row(filled(handler.whole_plan, task.params)))


def cancel(store: Store, task_id: str) -> Task:
    """Cancel a waiting task, or ask a running one to stop before its point of no return.

    Raises:
        WrongMoment: it has ended, or its payment is in progress.
    """
    return store.cancel(task_id)


def retry(store: Store, task: Task) -> Task:
    """Run a failed task once more, under the same id.

    Raises:
        WrongMoment: it did not fail, or nobody knows whether it bought something.
    """
    return store.retry(task.id, attempts_of(task))


def tallied(store: Store, task_type: str | None, since: datetime | None) -> list[TypeTally]:
    """What the tasks of each type, or of one, come to."""
    from taskq.tally import tally

    return tally(planned(task) for task in store.every(task_type=task_type, since=since))


def waiting_for_worker(store: Store, task: Task) -> bool:
    """Whether the task waits because no living worker knows its type."""
    if task.current_status is not Status.PENDING:
        return False
    return not any(worker.alive and task.type in worker.types for worker in store.workers())


def _alike(store: Store, task: Task) -> tuple[str, ...]:
    if task.identity is None:
        return ()
    unfinished = store.list(identity=task.identity)
    return tuple(t.id for t in unfinished if not t.ended and t.id != task.id)


def attempts_of(task: Task) -> int:
    """How often a task of this type is tried by itself."""
    handler = registry.handlers().get(task.type)
    return handler.max_attempts if handler else NewTask.max_attempts
