"""Errors as they are answered: one sentence each, which repeats nothing of what was sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from http import HTTPStatus
from typing import Any, NotRequired

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict

from taskq.api.answers import answer
from taskq.api.body import NotJson, NotTold
from taskq.errors import (
    BadInput,
    BadParams,
    Duplicate,
    KeyTaken,
    StoreFailed,
    TaskNotFound,
    WrongMoment,
)
from taskq.given import said


class FaultShape(TypedDict):
    """What is wrong with one field."""

    field: str
    problem: str


class ErrorShape(TypedDict):
    """Every error: one sentence, and where they help the fields or the other task.

    *again* says that `?again=true` would do it all the same.
    """

    error: str
    fields: NotRequired[list[FaultShape]]
    task_id: NotRequired[str]
    again: NotRequired[bool]


class NoSuchParameter(BadInput):
    """The query has a parameter that this address does not take; *known* are those it does."""

    def __init__(self, known: Collection[str]) -> None:
        super().__init__("No such parameter")
        self.known = known


def _told(sentences: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": ErrorShape, "description": sentence}
        for status, sentence in sentences.items()
    }


ALWAYS = _told(
    {
        401: "This server asks for a token",
        403: "The request comes from another site",
        421: "This server has another name",
        422: "What was sent cannot be meant",
        503: "The database cannot be read or written",
    }
)
MISSING = _told({404: "There is none"})
REFUSED = _told(
    {
        400: "The body is no JSON object",
        409: "Not now: see the sentence",
        413: "The body is too large",
        415: "The body is not application/json",
    }
)

_SENTENCES: dict[type[Exception], tuple[HTTPStatus, str]] = {
    TaskNotFound: (HTTPStatus.NOT_FOUND, "No task has this id"),
    NotJson: (HTTPStatus.BAD_REQUEST, "The body is no JSON object that can be used"),
    NotTold: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON: Content-Type: application/json"),
    BadInput: (HTTPStatus.UNPROCESSABLE_ENTITY, "This cannot be meant: see /openapi.json"),
    Exception: (HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of taskq's own: see its log"),
}


def problem(status: int, sentence: str, **facts: Any) -> Response:
    """An error: one sentence, and facts of ours."""
    return answer({"error": sentence, **facts}, status)


def faulty(faults: Iterable[tuple[str, str]]) -> Response:
    """What is wrong with which field."""
    fields = [{"field": field, "problem": why} for field, why in faults]
    sentence = "; ".join(f"{fault['field']}: {fault['problem']}" for fault in fields)
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, sentence, fields=fields)


def say_errors(app: FastAPI) -> None:
    """Word every error that can end a request."""
    for kind in _SENTENCES:
        app.add_exception_handler(kind, _fixed)
    for kind in (BadParams, NoSuchParameter, RequestValidationError):
        app.add_exception_handler(kind, _by_field)
    for kind in (KeyTaken, WrongMoment, StoreFailed):
        app.add_exception_handler(kind, _not_now)
    app.add_exception_handler(HTTPException, _http)


async def _fixed(_: Request, error: Exception) -> Response:
    return problem(*next(_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES))


async def _by_field(_: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        return faulty((str(fault["loc"][-1]), said(fault)) for fault in error.errors())
    if isinstance(error, NoSuchParameter):
        there_are = ", ".join(error.known) or "none"
        return faulty([("query", f"no such parameter; there are: {there_are}")])
    assert isinstance(error, BadParams)
    return faulty(error.faults)


async def _not_now(_: Request, error: Exception) -> Response:
    if isinstance(error, StoreFailed):
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    if isinstance(error, KeyTaken):
        sentence = "This Idempotency-Key was used for other input"
        return problem(HTTPStatus.CONFLICT, sentence, task_id=error.other)
    if isinstance(error, Duplicate):
        return problem(HTTPStatus.CONFLICT, str(error), task_id=error.other, again=True)
    return problem(HTTPStatus.CONFLICT, str(error))


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answered = problem(error.status_code, f"{error.detail}: see /openapi.json")
    answered.headers.update(error.headers or {})
    return answered
