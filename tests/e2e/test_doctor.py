import json
import sqlite3
from dataclasses import replace

import pytest

from taskq import doctor
from taskq.doctor import Check
from taskq.models import Ending, NewTask, Status
from taskq.process import Process
from taskq.settings import load


@pytest.fixture
def checked(monkeypatch):
    """What the doctor finds, by name; the browser, which others launch, is believed."""
    monkeypatch.setattr(doctor, "browser", lambda _: Check("Browser", ok=True, said="there"))

    def look():
        return {check.name: check for check in doctor.checks(load())}

    return look


def test_on_a_machine_in_order_all_is_well_or_a_warning(checked, ada):
    found = checked()

    assert list(found) == [
        *("Python", "Packages", "Settings", "Database", "Workers", "Clock"),
        *("Disk", "Browser", "Profile", "Card"),
    ]
    assert {name for name, check in found.items() if not check.ok} == {"Workers"}
    assert found["Workers"].warning
    assert "taskq work --id 1" in found["Workers"].said
    assert "journal wal, schema " in found["Database"].said
    assert found["Card"].said.startswith("••••")


def test_who_has_neither_profile_nor_card_is_told_how_to_get_them(checked, monkeypatch):
    monkeypatch.delenv("TASKQ_CARD_NUMBER")
    for name in ("EXPIRY", "CVC", "NAME"):
        monkeypatch.delenv(f"TASKQ_CARD_{name}")
    found = checked()

    for name, command in (("Profile", "profile add default"), ("Card", "profile card default")):
        assert (found[name].ok, found[name].warning) == (False, True)
        assert f"taskq {command}" in found[name].said


def test_a_damaged_database_is_a_fault(checked, taskq, home):
    taskq("list")
    with (home / "taskq.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096)
    found = checked()["Database"]

    assert (found.ok, found.warning) == (False, False)
    assert "corrupt" in found.said


def test_a_silent_worker_is_named(checked, store, home):
    store.enlist(replace(Process.current(), pid=999_999_999), 3, 1, ["shopify_order"])
    found = checked()

    assert "worker-3 (pid 999999999 on " in found["Worker"].said
    assert found["Worker"].warning


def test_a_full_disk_is_a_fault_and_a_nearly_full_one_a_warning(checked, monkeypatch):
    for free, ok, warning in ((2e9, True, True), (5e8, False, True), (1e6, False, False)):
        monkeypatch.setattr(
            doctor.shutil, "disk_usage", lambda _, free=free: type("Usage", (), {"free": free})
        )
        disk = checked()["Disk"]

        assert (disk.ok, disk.warning) == (ok, warning)
        assert ok or "taskq prune --older 30d" in disk.said


def test_tasks_from_the_future_show_that_the_clock_is_behind(checked, store, home):
    store.submit(NewTask(id="later", type="shopify_order", params={}))
    with sqlite3.connect(home / "taskq.db") as db:
        db.execute("update tasks set created_at = '2999-01-01T00:00:00.000000Z'")
    db.close()

    assert "task later was submitted at 2999-01-01 00:00 UTC" in checked()["Clock"].said


def test_what_waits_for_a_person_or_a_worker_is_a_warning(checked, store, home):
    store.submit(NewTask(id="asked", type="shopify_order", params={}))
    worker = store.enlist(Process.current(), 1, 1, ["shopify_order"])
    task = store.claim(worker, {"shopify_order": []})
    store.intent(task, "Processing payment", {})
    store.end(task, Ending(Status.FAILED, "Needs review", "Needs review"))
    (home / "taskq.db.outbox").mkdir()
    (home / "taskq.db.outbox" / "asked.1.json").touch()
    found = checked()

    assert "taskq list --outcome unknown" in found["Review"].said
    assert "taskq work --drain" in found["Outbox"].said
    assert found["Review"].warning
    assert found["Outbox"].warning


def test_a_setting_that_is_none_is_a_warning(checked, home):
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text("shoe = 42\n")
    found = checked()["Settings"]

    assert "shoe" in found.said
    assert found.warning


def test_a_damaged_login_is_a_warning(checked, home):
    (home / "config" / "sessions").mkdir(parents=True)
    (home / "config" / "sessions" / "work.json").write_text("{")

    assert checked()["Login"].warning


@pytest.mark.browser
def test_warnings_are_no_failure_and_json_has_every_check(taskq):
    told = taskq("doctor", "--json")
    found = {check["name"]: check for check in json.loads(told.stdout)}

    assert told.returncode == 0, told.stdout
    assert "Chromium" in found["Browser"]["said"]
    assert found["Profile"]["warning"]
