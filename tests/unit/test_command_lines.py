"""Any command line ends in a sentence: no traceback, a documented exit code, no half word."""

import contextlib
import io
import json
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskq.cli import run
from taskq.errors import EXIT_CODES
from taskq.models import NewTask
from tests.commands import commands

OPENS_SOMETHING = {"work", "demo", "login", "doctor", "serve", "watch"}
WAITS = {"-f", "--follow", "--watch", "--wait", "--work"}
"""Commands and options that open a browser or wait: only with arguments that fail early."""
MAY_STAY = WAITS | OPENS_SOMETHING
WORDS = [
    *(
        "k7f",
        "@",
        "abc-1",
        "nobody",
        "x",
        "",
        "-",
        "--",
        "-1",
        "0",
        "30d",
        "1h",
        "99999999999999999",
    ),
    *(
        "failed",
        "unknown",
        "shopify",
        "default",
        "work",
        "Größe",
        "\ud800",
        "a\0b",
        "a\nb",
        "$(ls)",
    ),
    *("../..", "/dev/null", "/nowhere/x", "select 1", "select * from tasks", "drop table tasks"),
    *("https://example.com/products/x", "http://10.0.0.1/", "FIELD=VALUE", "city=Paris", "'", '"'),
]


def options(name):
    """Every option of a command, but those that act on the shell of whoever runs the tests."""
    return sorted({flag for each in commands()[name].params for flag in each.opts if "-" in flag})


@st.composite
def lines(draw):
    """A command line: a real command, options and words of any kind, in any order."""
    name = draw(st.sampled_from(sorted(commands())))
    word = st.sampled_from(WORDS) | st.text(max_size=12)
    part = st.sampled_from([*options(name), "--json", "--db", "--no-such"]) | word
    given_ = draw(st.lists(part, max_size=6))
    # `--db list work` is the command `work` as well.
    if any(each in MAY_STAY or each[:2] == "-f" for each in [*name.split(), *given_]):
        given_ += ["--no-such-option"] * 2  # refused before anything begins; one may be a value
    before = draw(st.sampled_from([[], [], [], ["--db"], ["--db", "x.db"], ["--version"], ["-x"]]))
    return [*before, *name.split(), *given_]


@pytest.fixture
def at_home(home, monkeypatch, store):
    """A queue with two tasks, in a folder where nothing else is."""
    monkeypatch.chdir(home)
    for number in (1, 2):
        store.submit(NewTask(id=f"abc-{number}", type="shopify_order", params={}))
    store.cancel("abc-2")


def said(arguments):
    """What a command line says and how it exits, run in this process; nobody is there to answer."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    err = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace")
    stdin = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(b""))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = run(arguments)
            except SystemExit as left:
                code = left.code or 0
    finally:
        sys.stdin = stdin
    return code, *(_written(stream) for stream in (out, err))


def _written(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()


def holds(arguments):
    code, out, err = said(arguments)

    assert code in EXIT_CODES, (code, err)
    assert "Traceback" not in out + err
    assert "a fault of taskq's own" not in err, err
    if code not in {0, 4, 7, 130}:
        assert out == "", out
        assert err, "it failed without a word"
    elif "--json" in arguments and code == 0 and out.startswith(("[", "{")):
        for line in out.splitlines():
            json.loads(line)


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.mark.parametrize("part", range(5))  # 500 in all, which two workers may share
@given(arguments=lines())
@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
def test_any_command_line_ends_in_a_sentence(at_home, part, arguments):
    holds(arguments)


@pytest.mark.long
@given(arguments=lines())
@settings(max_examples=10_000, deadline=None, suppress_health_check=QUIET)
def test_ten_thousand_command_lines_end_in_sentences(at_home, arguments):
    holds(arguments)


@pytest.mark.parametrize("path", ["\ud800", "a\0b", "", ".", "/dev/null", "/dev/full/x"])
def test_a_path_that_no_file_can_have_is_a_sentence(at_home, path):
    for command in ("list", "stats", "status"):
        holds([command, "--db", path])


@given(arguments=st.lists(st.text(max_size=10), max_size=5))
@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
def test_words_that_are_no_command_at_all_are_refused(at_home, arguments):
    holds(["no-such", *arguments])
