from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from taskq.errors import BadParams
from taskq.registry import Handler


class One(BaseModel):
    kind: Literal["one"]


class Other(BaseModel):
    kind: Literal["other"]


def _like_pydantics(value):
    if value > 1:
        raise PydanticCustomError("greater_than", "this is too much")
    return value


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=5)] = "x"
    code: Annotated[str, Field(min_length=3)] = "xyz"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    price: Annotated[Decimal, Field(max_digits=5, decimal_places=2)] = Decimal(1)
    most: Annotated[Decimal, Field(le=Decimal("1E+2"))] = Decimal(1)
    even: Annotated[int, Field(multiple_of=2)] = 2
    when: datetime | None = None
    sure: bool = False
    way: Literal["fast", "slow"] = "fast"
    parts: list[str] = []
    words: dict[str, str] = {}
    few: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    either: Annotated[One | Other | None, Field(discriminator="kind")] = None
    odd: Annotated[int, AfterValidator(_like_pydantics)] = 1
    day: date | None = None


EVERYTHING = Handler(task_type="everything", params=Everything, run=lambda _: None)
NO_WHOLE, NO_NUMBER = "this is no whole number", "this is no number"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "missing"),
        ({"name": "x" * 6}, "this has more than 5 characters"),
        ({"name": 1}, "this is no text"),
        ({"code": "x"}, "this has fewer than 3 characters"),
        ({"count": "many"}, NO_WHOLE),
        ({"count": 1.5}, NO_WHOLE),
        ({"count": []}, NO_WHOLE),
        ({"count": "9" * 5000}, NO_WHOLE),
        ({"count": 0}, "must be 1 or more"),
        ({"count": 10}, "must be 9 or less"),
        ({"share": "half"}, NO_NUMBER),
        ({"share": 0}, "must be more than 0"),
        ({"share": 1}, "must be less than 1"),
        ({"price": "cheap"}, NO_NUMBER),
        ({"price": []}, NO_NUMBER),
        ({"price": "inf"}, NO_NUMBER),
        ({"price": "1.234"}, "this has more than 2 decimals"),
        ({"price": "1234.5"}, "this has more than 3 digits before the point"),
        ({"most": "101"}, "must be 100 or less"),
        ({"price": "123456"}, "this has more than 5 digits"),
        ({"when": "soon"}, "this is no time such as 2026-12-01T18:30"),
        ({"when": "2026-99-99T10:00"}, "this is no time such as 2026-12-01T18:30"),
        ({"sure": "perhaps"}, "say true or false"),
        ({"sure": []}, "say true or false"),
        ({"way": "sideways"}, "use 'fast' or 'slow'"),
        ({"parts": 1}, "this is no list"),
        ({"even": 3}, "must be a multiple of 2"),
        ({"few": []}, "this has fewer than 1 entries"),
        ({"few": ["a", "b", "c"]}, "this has more than 2 entries"),
        ({"either": {"kind": "s3cret"}}, "use one of 'one', 'other'"),
        ({"words": 1}, "this is no set of names and values"),
        ({"odd": 2}, "this is too much"),
        ({"other": 1}, "not an option of this task type"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_ours(given, said):
    with pytest.raises(BadParams) as refused:
        EVERYTHING.parse(given)

    assert [why for _, why in refused.value.faults] == [said]


def test_what_we_have_no_words_for_is_said_in_pydantics():
    with pytest.raises(BadParams, match="--day: Input should be a valid date"):
        EVERYTHING.parse({"day": "some day"})
