"""A task that needs review: what a person should know before saying what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from taskq.clean import clean
from taskq.models import Task, Worker

_MAX_FACT = 2100
"""Characters of a fact: an address may be long."""


def review(task: Task, owner: Worker | None) -> Iterator[str]:
    """What was being paid, where and when; *owner* is who may still be at it."""
    intent = task.intent or {}
    size = f" (size {task.params['size']})" if task.params.get("size") else ""
    pictures = {**intent.get("artifacts", {}), **task.result_data.get("artifacts", {})}
    facts = {
        "Shop": intent.get("shop"),
        "Product": f"{intent['product']}{size}" if intent.get("product") else None,
        "From": intent.get("from"),
        "To": intent.get("to"),
        "Total": intent.get("total"),
        "Begun": _begun(task),
        **{name.capitalize().replace("-", " "): path for name, path in pictures.items()},
    }
    act = intent.get("act", "payment")
    yield f"{task.id}: a {act} was begun, and nobody saw how it ended."
    for name, fact in facts.items():
        if fact:
            yield f"  {name:<15}{clean(str(fact), _MAX_FACT)}"
    if owner is not None:
        yield (
            f"  Careful: {owner.name} (pid {owner.process.pid} on {owner.process.host}), which "
            "began it, is not proven dead. If it only sleeps it pays nothing more once it wakes, "
            f"but make sure that it is gone: kill -9 {owner.process.pid}"
        )


def _begun(task: Task) -> str | None:
    intent = task.intent or {}
    if "at" not in intent:
        return None
    at = datetime.fromisoformat(intent["at"]).astimezone()
    by = str(intent.get("worker") or "").partition(".")[0]
    return f"{at:%Y-%m-%d %H:%M:%S %Z}" + (f" by {by}" if by else "")
