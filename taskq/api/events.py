"""Changes as they happen: server-sent events, and answers that wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from pydantic import Field

from taskq.api.answers import described, dumped
from taskq.api.desk import Desk
from taskq.api.faults import MISSING
from taskq.models import Overview, Task
from taskq.views.document import queue

_KEEP_ALIVE = 15.0
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "The stream", "content": {"text/event-stream": {}}}
}
_ALIVE = format_sse_event(comment="keep-alive")
_UNHELD = {"X-Accel-Buffering": "no"}
"""A proxy must not hold events back."""

After = Annotated[int, Field(ge=0, le=1_000_000, description="entries already seen")]


def routes(desk: Desk) -> APIRouter:
    """The two streams: one task, and the whole queue."""
    router = APIRouter(tags=["watch"])

    @router.get(
        "/tasks/{task_id}/events",
        response_class=StreamingResponse,
        responses={**_STREAM, 204: {"description": "Nothing is left to tell"}, **MISSING},
    )
    async def task_events(
        task_id: str,
        after: Annotated[After, Query()] = 0,
        last_event_id: Annotated[int | None, Header(ge=0, le=1_000_000)] = None,
    ) -> Response:
        """Follow a task until it ends.

        `progress` events are its entries, with the entry's number as id; `task` is the whole task
        after a change; `end` is the last of them. A reconnecting client is told what it missed,
        and nothing twice.
        """
        task = await desk.task(task_id)
        seen = after if last_event_id is None else last_event_id
        if task.ended and seen >= len(task.progress) and last_event_id is not None:
            return Response(status_code=HTTPStatus.NO_CONTENT)  # tells a browser to stop
        return _stream(_told(desk, task.id, seen))

    @router.get("/events", response_class=StreamingResponse, responses=_STREAM | MISSING)
    async def queue_events(
        task: Annotated[str | None, Query(description="a task to follow as well")] = None,
    ) -> Response:
        """Follow the queue: a `queue` event with its counts and workers after each change.

        With `task` there are also `task` events: that task, at first and after each change.
        """
        followed = await desk.task(task) if task is not None else None
        return _stream(_everything(desk, followed))

    return router


async def ended(desk: Desk, task: Task, after: int | None, seconds: float) -> Task:
    """The task once it has ended, or has more than *after* entries; at the latest after a while."""

    def is_due(found: Task) -> bool:
        return found.ended or (after is not None and len(found.progress) > after)

    with desk.hub.watch(task=task.id) as box:
        last = await desk.task(task.id)
        if is_due(last):
            return last
        try:
            async with asyncio.timeout(seconds):
                async for found in box.each(_KEEP_ALIVE):
                    last = found if isinstance(found, Task) else last
                    if is_due(last):
                        break
        except TimeoutError:
            pass
    return last


def _stream(content: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(content, media_type="text/event-stream", headers=_UNHELD)


async def _told(desk: Desk, task_id: str, seen: int) -> AsyncIterator[bytes]:
    # Whoever listens first and looks then misses nothing between the two.
    with desk.hub.watch(task=task_id) as box:
        task = await desk.task(task_id)
        seen = min(seen, len(task.progress))
        yield _news(task, seen)
        if task.ended:
            return
        async for found in box.each(_KEEP_ALIVE):
            if found is None:
                yield _ALIVE
            elif isinstance(found, Task) and _is_newer(found, task):
                yield _news(found, len(task.progress))
                task = found
                if task.ended:
                    return


async def _everything(desk: Desk, task: Task | None) -> AsyncIterator[bytes]:
    with desk.hub.watch(task=task.id if task else None, queue=True) as box:
        yield _event("queue", queue(await desk.overview()))
        if task is not None:
            task = await desk.task(task.id)
            yield _task(task)
        async for found in box.each(_KEEP_ALIVE):
            if found is None:
                yield _ALIVE
            elif isinstance(found, Overview):
                yield _event("queue", queue(found))
            elif task is not None and _is_newer(found, task):
                task = found
                yield _task(task)


def _is_newer(found: Task, told: Task) -> bool:
    """Whether *found* is another state than was *told*, and not one that was read before it."""
    return found != told and len(found.progress) >= len(told.progress)


def _news(task: Task, seen: int) -> bytes:
    """The entries after number *seen*, then the task."""
    entries = [
        _event("progress", {"message": entry.message, "timestamp": entry.timestamp}, number)
        for number, entry in enumerate(task.progress[seen:], seen + 1)
    ]
    return b"".join([*entries, _task(task, "end" if task.ended else "task")])


def _task(task: Task, name: str = "task") -> bytes:
    return _event(name, described(task), len(task.progress))


def _event(name: str, data: Any, number: int | None = None) -> bytes:
    return format_sse_event(
        event=name, data_str=dumped(data).decode(), id=None if number is None else str(number)
    )
