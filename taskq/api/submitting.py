"""Tasks handed in over HTTP: a route for every type, made from its params model."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from taskq import sessions, tasks
from taskq.api.answers import answer, described
from taskq.api.body import Body
from taskq.api.desk import Desk
from taskq.api.faults import REFUSED, faulty
from taskq.api.schemas import body, reference
from taskq.errors import BadInput
from taskq.registry import Handler
from taskq.views.shapes import TaskShape

_A_LINE = r"^[!-~]([ -~]*[!-~])?$"


class SubmittedShape(TaskShape):
    """The task, and the unfinished tasks that want the same: all of them will be paid for."""

    alike: list[str]


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=200,
        pattern=_A_LINE,
        description="the same key twice is one task, not two",
    ),
]
Account = Annotated[
    str | None,
    Query(pattern=f"^{sessions.NAME}$", description="the saved login to do it with"),
]
Again = Annotated[bool, Query(description="do it although a task may have paid for it already")]


def routes(desk: Desk) -> APIRouter:
    """Where each type is submitted: its documented address, and `/tasks/{type}`."""
    router = APIRouter(tags=["submit"])
    for handler in desk.handlers.values():
        names = {handler.task_type, handler.name}
        if handler.address:
            _add(router, desk, handler, handler.address, shown=True)
        for name in sorted(names):
            _add(router, desk, handler, f"/tasks/{name}", shown=name == handler.task_type)
    return router


def _add(router: APIRouter, desk: Desk, handler: Handler[Any], path: str, *, shown: bool) -> None:
    @router.post(
        path,
        summary=f"Submit a task of type {handler.task_type}",
        operation_id=path.strip("/").replace("/", "_"),
        status_code=HTTPStatus.CREATED,
        response_model=SubmittedShape,
        responses={
            200: {"model": SubmittedShape, "description": "The task of this key"},
            **REFUSED,
        },
        openapi_extra=body(reference(handler)),
        include_in_schema=shown,
    )
    async def submit(
        params: Body, idempotency_key: Key = None, account: Account = None, again: Again = False
    ) -> Response:
        """Put a task into the queue; the answer is the task.

        The same `Idempotency-Key` with the same input gives the same task (200).
        """
        wish = tasks.Wish(params, idempotency_key, account)
        return await _submitted(desk, handler, wish, again=again)


async def _submitted(
    desk: Desk, handler: Handler[Any], wish: tasks.Wish, *, again: bool
) -> Response:
    given = tasks.with_profile(handler, wish.params, desk.settings)
    params = handler.parse(given, as_json=True)
    try:
        tasks.check_account(handler, wish.account)
    except BadInput:
        return faulty([("account", "this type of task can be done with no login of this name")])
    done = await desk.ask(
        lambda: tasks.submit(
            desk.store, handler, params, key=wish.key, account=wish.account, again=again
        )
    )
    status = HTTPStatus.CREATED if done.created else HTTPStatus.OK
    told: SubmittedShape = {**described(done.task), "alike": list(done.alike)}
    return answer(told, status, {"Location": f"/tasks/{done.task.id}"})
