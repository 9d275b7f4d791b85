"""How an attempt ends its task: what came of its handler, in the words of its plan. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from taskq.clean import clean
from taskq.errors import Declined, TaskqError
from taskq.models import Ending, Status, Task
from taskq.plan import failure_message
from taskq.registry import Result
from taskq.secrets import Card

CANCELLED = Ending(Status.FAILED, "Cancelled", "Cancelled")


def success(
    task: Task, result: Result, artifacts: Mapping[str, str], bought_by: int | None
) -> Ending:
    """The handler's *result*, which may name its own closing message; what is no JSON as text."""
    given = json.loads(json.dumps(dict(result or {}), default=str))
    planned = task.plan[-1]["step"] if task.plan else "Completed"
    closing = given.pop("closing", planned)
    kept = given | _left_behind(task, artifacts)
    return Ending(Status.COMPLETED, closing, result=kept, evidence=bought_by)


def failure(
    task: Task, error: Exception, artifacts: Mapping[str, str], typed: Card | None
) -> Ending:
    """What *error* says, without the card that was *typed*, should a page have repeated it."""
    said = typed.hidden_in(_sentence(error)) if typed else _sentence(error)
    closing = failure_message(task.plan or (), said)
    definite = isinstance(error, Declined)
    kept = _left_behind(task, artifacts)
    return Ending(Status.FAILED, closing, said, kept, clears_intent=definite)


def needs_review(task: Task, known: str | None = None) -> Ending:
    """The honest end of a task of which nobody knows whether it bought something.

    *known* is the proof that there was an answer, of which nobody saw what became.
    """
    intent = task.intent or {}
    shop, total = intent.get("shop", "the other side"), intent.get("total")
    sum_ = f" of {total}" if total else ""
    at = f" at {str(intent['at'])[:16].replace('T', ' ')} UTC" if "at" in intent else ""
    act, proof = kind(task)
    look = intent.get("look", "in your e-mail and at your bank")
    found = f"nobody saw what became of {proof} {known}" if known else f"no {proof} was found"
    said = (
        f"Needs review: a {act}{sum_} to {shop} was begun{at} and {found}. "
        f"Look {look}, then: taskq resolve {task.id} "
        f"--done --reference {known or proof.upper()} (or: --not-done)"
    )
    return Ending(Status.FAILED, said, said)


def kind(task: Task) -> tuple[str, str]:
    """What was begun and what proves that it was done, as its intent calls them."""
    intent = task.intent or {}
    return str(intent.get("act", "payment")), str(intent.get("proof", "order"))


def _left_behind(task: Task, artifacts: Mapping[str, str]) -> dict[str, Any]:
    before = task.result_data.get("artifacts", {})
    intended = (task.intent or {}).get("artifacts", {})
    every = {**before, **intended, **artifacts}
    return {"artifacts": every} if every else {}


def _sentence(error: Exception) -> str:
    """An exception as a sentence for the person: ours as they are, others by their first line."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    speaks = isinstance(error, TaskqError) or type(error).__module__.startswith("playwright")
    return clean(first if speaks else f"{type(error).__name__}: {first}")
