"""What there is: tasks, the queue, its workers, its figures, and the types of task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from taskq import durations, tasks
from taskq.api.answers import answer, described
from taskq.api.desk import Desk
from taskq.api.events import After, ended
from taskq.api.faults import MISSING
from taskq.api.schemas import TypeShape, described_type
from taskq.models import Outcome, Status, Task
from taskq.views import document
from taskq.views.shapes import QueueShape, TallyShape, TaskShape, WorkerShape

_MOST = 500
_LONGEST = 60.0
_AGE = r"^([0-9]{1,3}w)?([0-9]{1,4}d)?([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,7}s)?$"
_NO_NUL = r"^[^\x00]*$"

Type = Annotated[
    str | None, Query(max_length=100, pattern=_NO_NUL, description="by its type or command")
]
Since = Annotated[
    str | None,
    Query(min_length=2, pattern=_AGE, description="submitted no longer ago: `30m`, `1h30m`, `2d`"),
]


def routes(desk: Desk) -> APIRouter:
    """Everything that only reads, but for streams and files."""
    router = APIRouter()

    @router.get("/tasks", tags=["tasks"], response_model=list[TaskShape])
    async def list_tasks(  # noqa: PLR0913, PLR0917 - each is a part of the query
        request: Request,
        status: Annotated[Status | None, Query()] = None,
        outcome: Annotated[
            Outcome | None, Query(description="how it ended; `unknown` needs review")
        ] = None,
        type: Type = None,  # noqa: A002 - the document's word
        search: Annotated[
            str | None,
            Query(max_length=200, pattern=_NO_NUL, description="in id, type, input, error, login"),
        ] = None,
        since: Since = None,
        limit: Annotated[int, Query(ge=1, le=_MOST)] = 50,
        after: Annotated[
            str | None,
            Query(max_length=64, pattern=_NO_NUL, description="the last task of the page before"),
        ] = None,
    ) -> Response:
        """The tasks, newest first; `Link` has the address of the next page, where there is one."""
        found = await desk.ask(
            lambda: desk.store.list(
                status=status,
                outcome=outcome,
                task_type=_type_of(desk, type),
                since=_moment(since),
                text=search or None,
                after=after,
                limit=limit + 1,
            )
        )
        return answer(
            [described(task) for task in found[:limit]], headers=_next(request, found, limit)
        )

    @router.get("/tasks/{task_id}", tags=["tasks"], response_model=TaskShape, responses=MISSING)
    async def get_task(
        task_id: str,
        wait: Annotated[
            float, Query(ge=0, le=_LONGEST, description="seconds to wait for its end at most")
        ] = 0,
        after: Annotated[After | None, Query()] = None,
    ) -> Response:
        """One task, as it is now.

        With `wait` the answer comes when the task has ended, or (with `after`) when it has more
        than so many progress entries; after so many seconds in any case.
        """
        task = await desk.task(task_id)
        return answer(described(await ended(desk, task, after, wait) if wait else task))

    @router.get("/queue", tags=["queue"], response_model=QueueShape)
    async def get_queue() -> Response:
        """How many tasks there are, by status or outcome, and who works on what."""
        return answer(document.queue(await desk.overview()))

    @router.get("/workers", tags=["queue"], response_model=list[WorkerShape])
    async def get_workers() -> Response:
        """The workers, oldest first, each with the tasks it runs."""
        return answer(document.workers(await desk.overview()))

    @router.get("/stats", tags=["queue"], response_model=list[TallyShape])
    async def get_stats(type: Type = None, since: Since = None) -> Response:  # noqa: A002 - the document's word
        """How well each type of task works, how long its steps take, where it fails."""
        wanted = _type_of(desk, type)
        found = await desk.ask(partial(tasks.tallied, desk.store, wanted, _moment(since)))
        return answer([document.tally(each) for each in found])

    @router.get("/types", tags=["submit"], response_model=list[TypeShape])
    async def get_types() -> Response:
        """The types of task, each with the JSON Schema of its input and where to submit it."""
        return answer([described_type(handler) for handler in desk.handlers.values()])

    return router


def _type_of(desk: Desk, name: str | None) -> str | None:
    """The type of this name or command; a name that is not known may be that of older tasks."""
    known = (handler for handler in desk.handlers.values() if handler.name == name)
    return next((handler.task_type for handler in known), name or None)


def _moment(age: str | None) -> datetime | None:
    return datetime.now(UTC) - durations.parse(age, "since") if age else None


def _next(request: Request, found: Sequence[Task], limit: int) -> dict[str, str]:
    """The header with the next page's address, where there is one."""
    if len(found) <= limit:
        return {}
    same: list[tuple[str, Any]] = [
        (name, value) for name, value in request.query_params.multi_items() if name != "after"
    ]
    return {"Link": f'<tasks?{urlencode([*same, ("after", found[limit - 1].id)])}>; rel="next"'}
