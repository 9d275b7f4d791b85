"""Tasks changed over HTTP: cancelled, run again, or resolved by a person."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from taskq import tasks
from taskq.api.answers import answer, described
from taskq.api.body import Body
from taskq.api.desk import Desk
from taskq.api.faults import MISSING, REFUSED, problem
from taskq.api.schemas import body
from taskq.models import Task
from taskq.tasks import reviewing
from taskq.views.review import review
from taskq.views.shapes import TaskShape

_WHO = "over HTTP"
_NOTHING = {"type": "object", "maxProperties": 0}


def _boolean(given: Any) -> Any:
    if not isinstance(given, bool):  # 1 equals True, and is none
        raise ValueError  # noqa: TRY004 - what pydantic takes for a fault of the input
    return given


_A_BOOLEAN = BeforeValidator(_boolean)


class _Bought(BaseModel):
    """It went through, under this number of the order or trip if it is known."""

    model_config = ConfigDict(extra="forbid", strict=True)
    done: Annotated[Literal[True], _A_BOOLEAN]
    reference: Annotated[str | None, Field(max_length=100)] = None


class _NotBought(BaseModel):
    """It did not go through; *retry* runs it once more."""

    model_config = ConfigDict(extra="forbid", strict=True)
    done: Annotated[Literal[False], _A_BOOLEAN]
    retry: bool = False


class ReviewShape(TypedDict):
    """What is known of a task that needs review, in lines for a person."""

    lines: list[str]


_FINDING: TypeAdapter[_Bought | _NotBought] = TypeAdapter(_Bought | _NotBought)


def routes(desk: Desk) -> APIRouter:
    """The three ways to change a task, and what to know before the third."""
    router = APIRouter(prefix="/tasks/{task_id}", tags=["change"], responses=MISSING | REFUSED)

    @router.post("/cancel", response_model=TaskShape, openapi_extra=body(_NOTHING))
    async def cancel(task_id: str, said: Body) -> Response:
        """Cancel a waiting task, or ask a running one to stop; refused while it pays."""
        if said:
            return _too_much()
        task = await desk.exactly(task_id)
        return answer(described(await desk.ask(partial(tasks.cancel, desk.store, task.id))))

    @router.post("/retry", response_model=TaskShape, openapi_extra=body(_NOTHING))
    async def retry(task_id: str, said: Body) -> Response:
        """Run a failed task once more, under the same id; refused where it may have paid."""
        if said:
            return _too_much()
        task = await desk.exactly(task_id)
        return answer(described(await desk.ask(partial(tasks.retry, desk.store, task))))

    @router.get("/review", response_model=ReviewShape)
    async def get_review(task_id: str) -> Response:
        """What is known of a payment that nobody saw end: read it before you resolve the task."""
        asked = await desk.exactly(task_id)

        def known() -> list[str]:
            task = reviewing.unknown(desk.store, asked.id)
            return list(review(task, reviewing.unproven_owner(desk.store, task)))

        return answer({"lines": await desk.ask(known)})

    @router.post(
        "/resolve",
        response_model=TaskShape,
        openapi_extra=body(
            {"oneOf": [_Bought.model_json_schema(), _NotBought.model_json_schema()]}
        ),
    )
    async def resolve(task_id: str, said: Body) -> Response:
        """Say what became of a task that needs review: it went through or not, and what then."""
        try:
            found = _finding(said)
        except ValidationError:
            sentence = 'Say {"done": true, "reference": "1001"} or {"done": false, "retry": true}'
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
        asked = await desk.exactly(task_id)

        def resolved() -> Task:
            task = reviewing.unknown(desk.store, asked.id)
            return reviewing.resolve(desk.store, task, found, desk.settings.data_dir)

        return answer(described(await desk.ask(resolved)))

    return router


def _finding(said: dict[str, Any]) -> reviewing.Finding:
    found = _FINDING.validate_python(said)
    if isinstance(found, _Bought):
        return reviewing.Finding(done=True, reference=found.reference, who=_WHO)
    return reviewing.Finding(done=False, again=found.retry, who=_WHO)


def _too_much() -> Response:
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Send {} as the body: there is nothing to say")
