import ast
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from taskq.cli import app
from taskq.stores.sqlite import schema

URL = "https://kith.com/products/hp-p020-051-1"


def refused(done, code, *words):
    """One sentence on stderr, nothing on stdout, no traceback, the documented exit code."""
    assert done.returncode == code, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.mark.parametrize("command", ["status", "watch", "cancel", "retry"])
def test_no_such_task_is_exit_3_with_the_next_command(taskq, command):
    refused(taskq(command, "k7f-2mq-9xd"), 3, "No task 'k7f-2mq-9xd'", "taskq list")


def test_an_ambiguous_prefix_lists_the_candidates(taskq, ada):
    ids = [taskq.submit("shopify", "--url", URL, "--size", s) for s in "SML"]
    with sqlite3.connect(os.environ["TASKQ_DB"]) as db:
        for n, task_id in enumerate(ids):
            db.execute("update tasks set id = ? where id = ?", (f"same-{n}", task_id))
    db.close()

    refused(taskq("status", "same"), 2, "same-0 (shopify_order)", "same-2")


def test_an_unknown_type_says_which_there_are(taskq):
    refused(taskq("submit", "shopfy", "--url", URL), 2, "'shopfy'", "shopify")


@pytest.mark.parametrize(
    ("url", "word"),
    [
        (None, "--url: missing"),
        ("kith", "not an address"),
        ("ftp://kith.com/products/x", "not an address"),
        ("http://kith.com/products/x", "use https"),
        ("https://kith.com/collections/all", "no /products/"),
        ("https://ada:secret@kith.com/products/x", "user name"),
        ("https://kith.com:99999/products/x", "not an address"),
        ("javascript:alert(1)", "not an address"),
    ],
)
def test_a_missing_or_malformed_url_is_one_sentence(taskq, url, word):
    asked = ["--url", url] if url else []

    refused(taskq("submit", "shopify", *asked), 2, word, "taskq submit shopify --help")


def test_every_problem_is_said_at_once(taskq):
    done = taskq("submit", "shopify", "--url", "kith", "--max-price", "-3", "--size", " ")

    refused(done, 2, "--url:", "--max-price:", "--size: missing")


def test_a_password_in_an_address_is_not_repeated(taskq):
    done = taskq("submit", "shopify", "--url", "https://ada:hunter2@kith.com/products/x")

    assert "hunter2" not in done.stderr


def test_an_unknown_option_and_command_are_exit_2(taskq):
    refused(taskq("submit", "shopify", "--colour", "red"), 2, "--colour")
    refused(taskq("sumbit"), 2, "sumbit")


def test_a_missing_profile_is_a_warning_to_submit_and_a_refusal_to_work_at_once(taskq):
    warned = taskq("submit", "shopify", "--url", URL)
    before = taskq("list").stdout

    assert warned.returncode == 0
    assert "taskq profile add default" in warned.stderr
    refused(taskq("submit", "shopify", "--url", URL, "--work"), 5, "taskq profile add default")
    assert taskq("list").stdout.splitlines()[1:][0].split("\t")[0] in before


def test_a_missing_card_is_exit_5_and_names_the_variables(taskq, ada):
    none = {name: "" for name in os.environ if name.startswith("TASKQ_CARD_")}
    done = taskq("submit", "shopify", "--url", URL, "--work", env=none)

    refused(done, 5, "TASKQ_CARD_NUMBER", "TASKQ_CARD_CVC")


def test_half_a_card_is_told_as_such(taskq, ada):
    done = taskq("submit", "shopify", "--url", URL, "--work", env={"TASKQ_CARD_CVC": ""})

    refused(done, 5, "TASKQ_CARD_CVC")


def test_no_browser_is_exit_5_with_three_ways_out(taskq, ada):
    nowhere = {"PATH": "/nonexistent", "PLAYWRIGHT_BROWSERS_PATH": "/nonexistent"}
    done = taskq("work", env=nowhere)

    refused(done, 5, "taskq doctor --fix", "apt-get install chromium", "TASKQ_BROWSER")


def test_a_browser_that_is_none_is_named(taskq, ada):
    refused(taskq("work", env={"TASKQ_BROWSER": "/no/chrome"}), 5, "/no/chrome")


def test_a_locked_database_is_exit_5(taskq, home):
    taskq("list")
    holder = sqlite3.connect(home / "taskq.db", isolation_level=None)
    holder.execute("begin immediate")
    done = taskq("submit", "shopify", "--url", URL)
    holder.execute("rollback")
    holder.close()

    assert done.returncode == 5
    assert "stays locked" in done.stderr
    assert len(taskq("list").stdout.splitlines()) == 1


def test_a_corrupt_database_is_exit_5_and_left_as_it_is(taskq, home):
    rubbish = b"this is no database" * 300
    (home / "taskq.db").write_bytes(rubbish)

    refused(taskq("list"), 5, "not a SQLite database")
    assert (home / "taskq.db").read_bytes() == rubbish


def test_a_newer_database_is_exit_5_and_says_how_to_update(taskq, home):
    taskq("list")
    with sqlite3.connect(home / "taskq.db") as db:
        db.execute(f"pragma user_version = {schema.VERSION + 1}")
    db.close()

    refused(taskq("list"), 5, "newer taskq", "pip install --upgrade taskq")


COMMAND = re.compile(r"(?:^|[:(`$] ?| {4}|&& ?|or: )taskq (?!-)([a-z]+)", re.MULTILINE)


def test_every_taskq_command_named_in_the_code_and_the_readme_exists():
    root = Path(__file__).parents[2]
    sources = [*root.glob("taskq/**/*.py"), *root.glob("examples/*.py"), root / "README.md"]
    named = {(m, path.name) for path in sources for m in COMMAND.findall(said_by(path))}
    known = set(get_command(app).commands)

    assert {command for command, _ in named} >= {"submit", "work", "watch", "list", "resolve"}
    assert {(command, where) for command, where in named if command not in known} == set()


def said_by(path):
    """The README, or every string of a module: what a person may be told to type."""
    if path.suffix != ".py":
        return path.read_text()
    nodes = ast.walk(ast.parse(path.read_text()))
    return "\n".join(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_help_starts_without_what_it_does_not_need():
    heavy = ["playwright", "fastapi", "psycopg", "sqlite_utils", "taskq.worker", "taskq.handlers"]
    code = (
        "import sys; from taskq.cli import run; run(['--help']); "
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )

    assert done.stderr.strip() == "[]"
    assert "Exit codes" in done.stdout
