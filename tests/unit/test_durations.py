from datetime import timedelta

import pytest

from taskq.durations import parse
from taskq.errors import BadInput


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("1h30m", 5400),
        ("30d", 30 * 86400),
        ("2w", 14 * 86400),
        ("1.5h", 5400),
        (" 1H ", 3600),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_as_a_person_types_it(text, seconds):
    assert parse(text, "--since") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "30", "d", "1x", "-1h", "1h 30m", "1h1h", "1e9d", "999999999w", "٣d", "nan"]
)
def test_what_is_no_duration_is_refused_with_its_option_and_examples(text):
    with pytest.raises(BadInput, match="--since: "):
        parse(text, "--since")
