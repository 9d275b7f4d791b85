"""Disks that are full or broken: at every single write, for a moment or for good."""

import errno
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import wait_for
from tests.faults import laws

SOURCE = Path(__file__).with_name("failing.c")


@pytest.fixture
def failing(compiler, tmp_path):
    """The environment in which the N-th write or sync of the database fails."""
    library = tmp_path / "failing.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)

    def at(number, code, *, for_good=False):
        asked = {
            "LD_PRELOAD": str(library),
            "FAULT_PATH": "taskq.db",
            "FAULT_AT": str(number),
            "FAULT_ERRNO": str(code),
        }
        return asked | ({"FAULT_FOR_GOOD": "1"} if for_good else {})

    return at


def worked(worker, patience=5):
    """Wait for the worker's end; one that still tries to write is asked to leave, three times."""
    for _ in range(3):
        try:
            return worker.wait(patience)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGINT)
            patience = 0.5
    return worker.wait(30)


@pytest.mark.parametrize(
    ("code", "for_good"),
    [
        (errno.EIO, False),
        (errno.ENOSPC, True),
        pytest.param(errno.EIO, True, marks=pytest.mark.long),
        pytest.param(errno.ENOSPC, False, marks=pytest.mark.long),
    ],
)
def test_whichever_write_fails_nothing_is_lost_or_paid_twice(
    failing, couriers, parcels, lawful, taskq, home, is_long, figure, code, for_good
):
    points = range(1, 46) if is_long else range(5 + for_good, 25, 9)
    ends = {}
    for number in points:
        parcels(1)
        env = {"TASKQ_LEASE_SECONDS": "2", "TASKQ_VERIFY_SECONDS": "2"}
        worker = couriers("--drain", **env, **failing(number, code, for_good=for_good)).start(1)
        ends[number] = worked(worker)
        # Our own last signal may meet a worker that is just gone.
        assert ends[number] in {0, 5, -signal.SIGINT}, taskq.output(worker)
        assert "Traceback" not in taskq.output(worker)
        assert ends[number] == 0 or "taskq: The d" in taskq.output(worker)
        couriers(**env).drain()
    tasks = lawful()

    assert {task["outcome"] for task in tasks} <= {"succeeded", "unknown"}
    asked = sum(task["outcome"] == "unknown" for task in tasks)
    left = sum(code == 5 for code in ends.values())
    figure(
        f"{errno.errorcode[code]} {'from' if for_good else 'at'} the N-th write or sync",
        f"{len(points)} points: every invariant holds, {left} workers left with 5, {asked} asked",
    )


@contextmanager
def small_disk(folder, size):
    folder.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    subprocess.run(mounted, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder):
    """Leave no room at all."""
    with (folder / "ballast").open("wb", buffering=0) as ballast:
        while True:
            try:
                ballast.write(b"x" * 512)
            except OSError:
                return


@pytest.fixture
def slow_till(till):
    """A till that takes a second, so that something can happen meanwhile."""
    till.seconds = 1.0
    return till


def test_a_disk_that_is_full_at_the_end_of_a_payment_loses_neither_order_nor_word(
    as_root, couriers, parcels, slow_till, taskq, home, monkeypatch
):
    with small_disk(home / "small", "1m") as disk:
        db = disk / "taskq.db"
        monkeypatch.setenv("TASKQ_DB", str(db))
        parcels(1, db=db)
        worker = couriers("--drain").start(1)
        wait_for(lambda: laws.read(db)[0]["messages"][-1:] == ["Paying"], every=0.005)
        fill(disk)
        wait_for(lambda: "Trying for a minute" in taskq.output(worker))
        full = laws.read(db)[0]
        (disk / "ballast").unlink()

        assert worker.wait(30) == 0
        (task,) = laws.hold(db, lambda _: [at for _, at in slow_till.charges])
        assert full["current_status"] == "processing"
        assert (task["outcome"], task["order"]) == ("succeeded", "1001")
        assert not any(message.startswith("Looking") for message in task["messages"])


@pytest.mark.parametrize("command", [["submit"], ["work", "--drain"], ["cancel", "@"]])
def test_a_full_disk_is_one_sentence(as_root, couriers, parcels, taskq, home, monkeypatch, command):
    with small_disk(home / "small", "1m") as disk:
        db = disk / "taskq.db"
        monkeypatch.setenv("TASKQ_DB", str(db))
        parcels(1, db=db)
        fill(disk)
        asked = (
            ["shopify", "--url", "https://kith.com/products/a"] if command[0] == "submit" else []
        )
        done = taskq(*command, *asked)

        assert done.returncode == 5
        assert done.stderr.splitlines()[-1].startswith(
            f"taskq: The disk of the database {db} is full"
        )


@pytest.mark.parametrize("command", [["list"], ["work", "--drain"], ["cancel", "@"]])
def test_a_read_only_disk_is_one_sentence(as_root, parcels, taskq, home, monkeypatch, command):
    with small_disk(home / "small", "1m") as disk:
        db = disk / "taskq.db"
        monkeypatch.setenv("TASKQ_DB", str(db))
        parcels(1, db=db)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        done = taskq(*command)

        assert done.returncode == 5
        assert done.stderr.splitlines()[-1].startswith(f"taskq: The database {db} cannot be ")


@pytest.mark.parametrize("answer", ["charged", "decline"])
def test_an_end_that_cannot_be_written_waits_beside_the_database_for_the_next_worker(
    failing, couriers, parcels, slow_till, lawful, taskq, home, answer
):
    slow_till.fault = None if answer == "charged" else answer
    breaks = home / "broken"
    faults = failing(0, errno.EIO) | {"FAULT_PATH": "taskq.db-wal", "FAULT_WHEN": str(breaks)}
    (task_id,) = parcels(1)
    worker = couriers("--drain", **faults).start(1)
    wait_for(lambda: laws.read(home / "taskq.db")[0]["messages"][-1:] == ["Paying"], every=0.005)
    breaks.touch()
    wait_for(lambda: "Trying for a minute" in taskq.output(worker))
    left = worked(worker, patience=0)
    (kept,) = (home / "taskq.db.outbox").iterdir()
    mode = kept.stat().st_mode & 0o777
    couriers().drain()
    (task,) = lawful()

    assert left == 5
    assert f"How task {task_id} ended is kept in {kept}" in taskq.output(worker)
    assert mode == 0o600
    assert task["outcome"] == ("succeeded" if answer == "charged" else "failed")
    assert not any(message.startswith("Looking") for message in task["messages"])
    assert not any((home / "taskq.db.outbox").iterdir())
