"""What the shell completes words to: quickly, silently, and never making a database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from taskq import profiles
from taskq.models import NewTask
from tests.conftest import ADA


@pytest.fixture
def completed(home):
    """The words that bash is given for the last one typed; nothing may be said beside them."""

    def ask(*words, shell="bash", env=None):
        asked = {
            "_TASKQ_COMPLETE": f"complete_{shell}",
            "COMP_WORDS": " ".join(["taskq", *words]),
            "COMP_CWORD": str(len(words)),
            "_TYPER_COMPLETE_ARGS": " ".join(["taskq", *words]),
            **(env or {}),
        }
        done = subprocess.run(
            [sys.executable, "-m", "taskq"],
            capture_output=True,
            text=True,
            env={**os.environ, **asked},
            cwd=home,
            timeout=30,
            check=False,
        )
        assert done.stderr == ""
        return done.stdout.split()

    return ask


@pytest.fixture
def tasks(store):
    for name in ("k7f-1", "k7f-2", "abc-3"):
        store.submit(NewTask(id=name, type="own_type", params={}))
    store.cancel("k7f-1")


def test_ids_complete_newest_first(completed, tasks):
    for command in ("watch", "cancel", "retry", "resolve", "logs"):
        assert completed(command, "k7") == ["k7f-2", "k7f-1"]
    assert completed("logs", "") == ["abc-3", "k7f-2", "k7f-1"]


def test_ids_come_with_type_and_state_where_a_shell_shows_them(completed, tasks):
    told = " ".join(completed("logs", "k7", shell="zsh"))

    assert "k7f-1" in told
    assert "own_type, cancelled" in told
    assert "own_type, pending" in told


def test_another_database_is_completed_from(completed, tasks, home):
    (home / "taskq.db").rename(home / "other.db")
    for name in ("-wal", "-shm"):
        if (home / f"taskq.db{name}").exists():
            (home / f"taskq.db{name}").rename(home / f"other.db{name}")

    assert completed("logs", "--db", "other.db", "abc") == ["abc-3"]
    assert completed("--db", "other.db", "logs", "abc") == ["abc-3"]


def test_states_types_profiles_and_logins_complete(completed, tasks, home):
    profiles.save("ada", profiles.from_answers(dict(ADA)), home / "config")
    (home / "config" / "sessions").mkdir(parents=True)
    (home / "config" / "sessions" / "work.json").write_text("{}")

    assert completed("list", "--status", "p") == ["pending", "processing"]
    assert completed("list", "--outcome", "") == ["succeeded", "failed", "cancelled", "unknown"]
    assert completed("list", "--type", "") == ["own_type", "shopify", "uber"]
    assert completed("work", "--type", "sh") == ["shopify"]
    assert completed("profile", "show", "") == ["ada"]
    assert completed("logout", "") == ["work"]
    assert completed("submit", "shopify", "--profile", "a") == ["ada"]
    assert completed("submit", "shopify", "--account", "") == ["work"]


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"TASKQ_DB": "/nowhere/at/all.db"},
        {"TASKQ_LEASE_SECONDS": "soon"},
        {"TASKQ_IMPORT": "no_such_module"},
    ],
)
def test_where_nothing_is_set_up_nothing_is_completed_said_or_made(completed, home, env):
    for words in (["logs", ""], ["profile", "show", ""], ["logout", ""], ["submit", "shop"]):
        assert completed(*words, env=env) in ([], ["shopify"])

    assert list(home.iterdir()) == []


def test_a_file_that_is_no_database_completes_to_nothing(completed, home):
    (home / "taskq.db").write_text("not a database, " * 400)

    assert completed("logs", "") == []


def test_completion_is_installed_for_a_shell(taskq, home):
    env = {"HOME": str(home), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = taskq("--install-completion", "bash", env=env)

    assert done.returncode == 0, done.stderr
    assert "_TASKQ_COMPLETE" in (home / ".bash_completions" / "taskq.sh").read_text()
    assert ".bash_completions" in (home / ".bashrc").read_text()


def test_a_completion_loads_no_browser_and_no_handler(home):
    loaded = (
        "import atexit, sys; from taskq.cli import main;"
        "heavy = ['playwright', 'sqlite_utils', 'taskq.worker', 'taskq.handlers'];"
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr));"
        "main()"
    )
    asked = {"_TASKQ_COMPLETE": "complete_bash", "COMP_WORDS": "taskq logs k", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", loaded],
        capture_output=True,
        text=True,
        env={**os.environ, **asked, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )

    assert done.stderr.strip() == "[]"
