"""What a task's input looks like, as JSON Schema: for the form on the page and for OpenAPI."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from taskq.registry import Handler

_REF = "#/components/schemas/{model}"


class TypeShape(TypedDict):
    """A type of task: whether it *pays*, and whether `?account=` may name a *login* for it."""

    type: str
    name: str
    submit_to: str
    pays: bool
    login: bool
    schema: dict[str, Any]


def described_type(handler: Handler[Any]) -> TypeShape:
    """A type of task for whoever wants to submit one."""
    return {
        "type": handler.task_type,
        "name": handler.name,
        "submit_to": address(handler),
        "pays": any(step.once for step in handler.plan),
        "login": "page" in handler.needs,
        "schema": handler.params.model_json_schema(),
    }


def address(handler: Handler[Any]) -> str:
    """Where tasks of this type are submitted: its documented address, if it has one."""
    return handler.address or f"/tasks/{handler.task_type}"


def body(schema: dict[str, Any]) -> dict[str, Any]:
    """The part of an operation that tells what its body is: we parse it ourselves."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def reference(handler: Handler[Any]) -> dict[str, Any]:
    """The schema of a type's input, by name; `components` has it."""
    return {"$ref": _REF.format(model=handler.params.__name__)}


def components(handlers: list[Handler[Any]]) -> dict[str, Any]:
    """The schemas that `reference` names, and those within them."""
    found: dict[str, Any] = {}
    for handler in handlers:
        schema = handler.params.model_json_schema(ref_template=_REF)
        found |= schema.pop("$defs", {})
        found[handler.params.__name__] = schema
    return found
