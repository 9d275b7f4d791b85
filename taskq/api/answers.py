"""What is answered: JSON, and tasks as documented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from fastapi import Response
from pydantic_core import PydanticSerializationError, to_json

from taskq.models import Task
from taskq.tasks import planned
from taskq.timeline import timeline
from taskq.views.document import document
from taskq.views.shapes import TaskShape


def dumped(value: Any) -> bytes:
    """*value* as JSON; what JSON has no word for (NaN) is null."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:  # half a character, of a handler of somebody's own
        return json.dumps(value).encode()


def answer(
    value: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """*value* as a JSON answer."""
    return Response(dumped(value), status, dict(headers or {}), "application/json")


def described(task: Task) -> TaskShape:
    """The task as documented, as of now."""
    known = planned(task)
    return document(known, timeline(known, datetime.now(UTC)))
