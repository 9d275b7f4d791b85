"""The application: every route, behind the door."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI, Request
from starlette.middleware.cors import CORSMiddleware

from taskq import __version__
from taskq.api import changing, events, files, front, operating, reading, submitting
from taskq.api.desk import Desk
from taskq.api.door import App, Door, Rules
from taskq.api.faults import ALWAYS, NoSuchParameter, say_errors
from taskq.api.schemas import components

_ABOUT = """A task queue for long browser jobs that matter, with live progress.

Submit a task, then follow it: poll `GET /tasks/{task_id}`, wait for it (`?wait=30`), or open its
stream of events. Every error is `{"error": "one sentence"}`. Times of progress entries are UTC
without a zone. Bodies are JSON objects of at most 64 KiB, sent as `application/json`.
"""
_TAGS = [
    {"name": "submit", "description": "Hand a job to the queue."},
    {"name": "tasks", "description": "Look at tasks, and at what they left behind."},
    {"name": "watch", "description": "See changes as they happen: server-sent events."},
    {"name": "change", "description": "Cancel, run again, or say what became of a task."},
    {"name": "queue", "description": "The queue as a whole, and who works on it."},
    {"name": "operate", "description": "For monitors."},
]


def application(desk: Desk, rules: Rules) -> App:
    """The API and its page for this *desk*; the *rules* say who is let in."""
    app = FastAPI(
        title="taskq",
        version=__version__,
        description=_ABOUT,
        openapi_tags=_TAGS,
        responses=ALWAYS,
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
    )
    # The first that fits is taken: /tasks/shopify_order before /tasks/{task_id}.
    for router in (
        submitting.routes(desk),
        reading.routes(desk),
        events.routes(desk),
        changing.routes(desk),
        files.routes(desk),
        operating.routes(desk),
    ):
        app.include_router(router, dependencies=[Depends(_only_known)])
    app.include_router(front.routes(rules))
    say_errors(app)
    _tell_inputs(app, desk)
    door = Door(app, rules)
    if not rules.origins:
        return door
    return CORSMiddleware(
        door,
        allow_origins=sorted(rules.origins),
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"],
        expose_headers=["Link", "Location"],
    )


async def _only_known(request: Request) -> None:
    """Refuse what would be ignored without a word: it may have been meant to spare money."""
    known = {field.alias for field in request.scope["route"].dependant.query_params}
    if not known.issuperset(request.query_params):
        raise NoSuchParameter(sorted(known))


def _tell_inputs(app: FastAPI, desk: Desk) -> None:
    """Add the schemas of the types' inputs, whose bodies we parse ourselves."""
    told = app.openapi

    def openapi() -> dict[str, Any]:
        schema = told()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas |= components(list(desk.handlers.values()))
        return schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend it
