"""What is wrong with what was given, in words of ours, of which none repeats what it was."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from taskq.clean import is_card_number

_NO_NUMBER = "this is no number"
_NO_WHOLE = "this is no whole number"
_NO_TIME = "this is no time such as 2026-12-01T18:30"
_NO_TRUTH = "say true or false"
# By pydantic's type of error; the names in braces are its facts. A type's own sentence is as it is.
_SENTENCES = {
    "missing": "missing",
    "string_too_short": "missing",
    "extra_forbidden": "not an option of this task type",
    "int_type": _NO_WHOLE,
    "int_parsing": _NO_WHOLE,
    "int_parsing_size": _NO_WHOLE,
    "int_from_float": _NO_WHOLE,
    "float_type": _NO_NUMBER,
    "float_parsing": _NO_NUMBER,
    "decimal_type": _NO_NUMBER,
    "decimal_parsing": _NO_NUMBER,
    "finite_number": _NO_NUMBER,
    "decimal_max_digits": "this has more than {max_digits} digits",
    "decimal_whole_digits": "this has more than {whole_digits} digits before the point",
    "decimal_max_places": "this has more than {decimal_places} decimals",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "string_type": "this is no text",
    "string_too_long": "this has more than {max_length} characters",
    "datetime_type": _NO_TIME,
    "datetime_parsing": _NO_TIME,
    "datetime_from_date_parsing": _NO_TIME,
    "bool_type": _NO_TRUTH,
    "bool_parsing": _NO_TRUTH,
    "multiple_of": "must be a multiple of {multiple_of}",
    "too_short": "this has fewer than {min_length} entries",
    "too_long": "this has more than {max_length} entries",
    "literal_error": "use {expected}",
    "enum": "use {expected}",
    "union_tag_invalid": "use one of {expected_tags}",
    "list_type": "this is no list",
    "dict_type": "this is no set of names and values",
}


def unfit(value: Any) -> str | None:
    """Why no database should take this: bytes of another encoding, or a card."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        return next(filter(None, map(unfit, value)), None)
    if not isinstance(value, str):
        return None
    if any("\ud800" <= char <= "\udfff" for char in value):
        return "this is not valid text: it holds bytes that are no UTF-8"
    if is_card_number(value):
        return (
            "this is a card's number, which is never part of a task. "
            "Keep the card: taskq profile card NAME"
        )
    return None


def said(fault: Any) -> str:
    """One of pydantic's errors in our words."""
    facts = {name: _plain(fact) for name, fact in fault.get("ctx", {}).items()}
    if fault["type"] == "string_too_short" and facts["min_length"] > 1:
        return f"this has fewer than {facts['min_length']} characters"
    try:
        return _SENTENCES[fault["type"]].format(**facts)
    except KeyError:  # none of these, or somebody's own error that is called like one
        return str(fault["msg"]).removeprefix("Value error, ")


def _plain(fact: Any) -> Any:
    if isinstance(fact, Decimal):
        return f"{fact:f}"
    return int(fact) if isinstance(fact, float) and fact.is_integer() else fact
