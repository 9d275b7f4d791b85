import json
import sqlite3

import pytest

from taskq.models import NewTask


@pytest.fixture
def an_old_task(store, home):
    """A cancelled task of 2024, with a folder."""
    task = store.submit(NewTask(id="old-1", type="shopify_order", params={}))[0]
    store.cancel(task.id)
    with sqlite3.connect(home / "taskq.db") as db:
        db.execute("update tasks set completed_at = '2024-01-01T00:00:00.000000Z'")
    db.close()
    (home / "runs" / task.id / "kept").mkdir(parents=True)
    (home / "runs" / task.id / "kept" / "page.html").write_bytes(b"x" * 5000)
    (home / "runs" / "other").mkdir()
    return task.id


def test_a_dry_run_says_how_many_and_deletes_nothing(taskq, store, home, an_old_task):
    said = taskq("prune", "--older", "30d", "--dry-run")

    assert (said.returncode, said.stdout) == (0, "1 task would be deleted\n")
    assert (home / "runs" / an_old_task).exists()
    assert store.get(an_old_task).ended


def test_pruning_says_what_was_freed(taskq, store, home, an_old_task):
    store.cancel(store.submit(NewTask(id="new-1", type="shopify_order", params={}))[0].id)
    said = taskq("prune", "--older", "30d", "--yes")

    assert said.stdout == "Deleted 1 task and 5.0 kB of files\n"
    assert [folder.name for folder in (home / "runs").iterdir()] == ["other"]
    assert [task.id for task in store.list()] == ["new-1"]
    assert json.loads(taskq("prune", "--older", "30d", "--yes", "--json").stdout) == {
        "tasks": 0,
        "bytes": 0,
        "dry_run": False,
    }


def test_nobody_to_say_yes_is_a_sentence(taskq, store, an_old_task):
    refused = taskq("prune", "--older", "30d")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "taskq prune --older 30d --yes" in refused.stderr
    assert store.get(an_old_task).ended


def test_at_a_terminal_it_is_asked(terminal, store, an_old_task):
    asked = terminal("prune", "--older", "30d")
    asked.reads("Delete 1 task for good?")
    asked.types("n")

    assert asked.ends() == 1
    assert store.get(an_old_task).ended


def test_a_folder_that_is_a_link_is_not_followed(taskq, store, home, an_old_task):
    folder = home / "runs" / an_old_task
    (home / "precious").mkdir()
    folder.rename(home / "runs" / "moved")
    folder.symlink_to(home / "precious")
    refused = taskq("prune", "--older", "30d", "--yes")

    assert refused.returncode == 5
    assert "cannot be deleted" in refused.stderr
    assert store.get(an_old_task).ended
    assert (home / "precious").exists()
