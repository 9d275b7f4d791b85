"""For whoever operates it: is it well, and its figures as Prometheus reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from typing_extensions import TypedDict

from taskq.api.answers import answer
from taskq.api.desk import Desk
from taskq.errors import StoreFailed
from taskq.models import Outcome, Overview, Status

_HEALTH_SECONDS = 2
"""What monitors wait for an answer is often no longer than five."""
_STATES = (Status.PENDING, Status.PROCESSING, *Outcome)


class HealthShape(TypedDict):
    """That the server answers, and that its database does."""

    status: Literal["ok"]


def routes(desk: Desk) -> APIRouter:
    """What a monitor asks."""
    router = APIRouter(tags=["operate"])

    looking: asyncio.Future[Any] | None = None

    @router.get("/healthz", response_model=HealthShape)
    async def get_health() -> Response:
        """200 while the database can be read; else 503, after two seconds at most."""
        nonlocal looking
        if looking is None or looking.done():
            looking = asyncio.ensure_future(desk.ask(desk.store.workers))
            looking.add_done_callback(lambda done: done.cancelled() or done.exception())
        # One look at a time: however often a monitor asks, it holds one thread.
        done, _ = await asyncio.wait({looking}, timeout=_HEALTH_SECONDS)
        if not done:
            raise StoreFailed(f"The database has not answered for {_HEALTH_SECONDS} s")
        looking.result()
        return answer({"status": "ok"})

    @router.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def get_metrics() -> Response:
        """Tasks by state, workers and their slots, in the text format of Prometheus."""
        text = "\n".join([*metrics(await desk.overview()), ""])
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def metrics(found: Overview) -> Iterator[str]:
    """The queue as lines of the text format."""
    yield "# HELP taskq_tasks Tasks, by status while they are open and by outcome once they ended."
    yield "# TYPE taskq_tasks gauge"
    for state in _STATES:
        yield f'taskq_tasks{{state="{state}"}} {found.counts.get(state, 0)}'
    alive = [worker for worker in found.workers if worker.alive]
    figures = {
        "workers_alive": ("Workers that have said so lately.", len(alive)),
        "workers_silent": ("Workers that have not, nor left.", len(found.workers) - len(alive)),
        "slots": ("Tasks that can run at a time.", sum(worker.slots for worker in alive)),
    }
    for name, (meaning, value) in figures.items():
        yield f"# HELP taskq_{name} {meaning}"
        yield f"# TYPE taskq_{name} gauge"
        yield f"taskq_{name} {value}"
