"""What only a file can do wrong: opening it, sharing it, and being killed over it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from taskq.errors import NotSetUp, StoreFailed
from taskq.models import Ending, Status
from taskq.process import Process
from taskq.stores import open_store
from taskq.stores.sqlite import functions, place, rows, schema
from taskq.stores.sqlite import statements as sql

FORMS = ("sqlite",)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "taskq.db"


@pytest.fixture
def plain(path, store):
    """A connection of somebody who knows nothing of taskq."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def is_left_alone(path, words, **options):
    """Opening is refused in a sentence, and not a byte has changed."""
    before = path.read_bytes()
    with pytest.raises(NotSetUp, match=words) as refused:
        open_store(str(path), **options)

    assert str(path) in str(refused.value)
    assert path.read_bytes() == before


# Opening


def test_several_processes_open_a_new_file_at_once(racers, open_another):
    for _ in range(2):
        opened = racers(*[{"do": "open", "id": f"{os.urandom(4).hex()}-{n}"} for n in range(6)])

        assert len(set(opened)) == 6
    assert open_another().counts() == {"pending": 12}


def test_many_threads_open_a_new_file_at_once(open_another, together):
    stores = together(*[open_another] * 8)

    assert [store.counts() for store in stores] == [{}] * 8


def test_the_file_and_its_folder_are_for_the_owner_alone(tmp_path, a_new_task):
    path = tmp_path / "new" / "folder" / "taskq.db"
    with closing(open_store(str(path))) as store:
        store.submit(a_new_task())
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == {"taskq.db": 0o600, "taskq.db-wal": 0o600, "taskq.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_of_a_newer_taskq_is_left_alone(path, plain, open_another):
    open_another().counts()
    plain.execute(f"pragma user_version = {schema.VERSION + 1}")
    plain.execute("pragma wal_checkpoint(truncate)")

    is_left_alone(path, "newer taskq")


def test_a_file_of_an_older_taskq_keeps_its_tasks_and_learns_of_accounts(path, a_new_task):
    with closing(sqlite3.connect(path)) as older:
        first = Migrations("taskq")

        @first()
        def first_tables(db):
            for statement in (schema.TASKS, schema.WORKERS, *schema.INDEXES, schema.TASK_PROGRESS):
                db.execute(statement)

        first.apply(Database(older, execute_plugins=False))
        older.execute("insert into tasks (id, type) values ('abc-123', 'shopify_order')")
        older.execute("pragma user_version = 1")
        older.commit()

    with closing(open_store(str(path))) as store:
        store.submit(a_new_task(account="work"))

        assert [task.account for task in store.list()] == ["work", None]
        assert store.get("abc-123").current_status == "pending"


@pytest.mark.parametrize("statement", [sql.CLAIM, sql.HOLDER])
def test_a_busy_account_is_found_by_its_index(store, statement):
    connection = store._connections.quick()
    names = set(re.findall(r"(?<!\w):(\w+)", statement))
    plan = connection.execute(f"explain query plan {statement}", dict.fromkeys(names))

    assert any("tasks_accounts" in row["detail"] for row in plan)


def test_a_file_that_is_no_database_is_left_alone(path):
    path.write_text("Dear diary, today I ordered a hoodie.\n" * 200)

    is_left_alone(path, "not a SQLite database")


def test_another_programs_database_is_left_alone(path):
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table tasks (what text)")
        other.execute("insert into tasks values ('water the plants')")
        other.commit()

    with pytest.raises(NotSetUp):
        open_store(str(path))

    with closing(sqlite3.connect(path)) as other:
        assert other.execute("select * from tasks").fetchall() == [("water the plants",)]
        assert other.execute("select count(*) from sqlite_schema").fetchone() == (1,)


def test_a_corrupt_file_is_left_alone_and_complained_about(path, a_new_task):
    with closing(open_store(str(path))) as store:
        for _ in range(50):
            store.submit(a_new_task())
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    before = path.read_bytes()

    with pytest.raises(NotSetUp, match=r"corrupt.*\.recover"), closing(open_store(str(path))) as s:
        s.list()

    assert path.read_bytes() == before


def test_a_worker_looks_through_the_whole_file_before_it_begins(store, plain, path, a_worker):
    """A damaged index is met by nobody who only lists."""
    (page,) = plain.execute("select rootpage from sqlite_schema where name = 'tasks_history'")
    plain.execute("pragma wal_checkpoint(truncate)")
    content = bytearray(path.read_bytes())
    at = (page[0] - 1) * 4096
    content[at : at + 8] = b"\xff" * 8
    path.write_bytes(bytes(content))

    with closing(open_store(str(path))) as opened:
        assert opened.list() == []
        with pytest.raises(StoreFailed, match="corrupt"):
            a_worker(opened)


def test_a_file_that_cannot_be_opened_is_not_kept_open(path):
    open_store(str(path)).close()
    with closing(sqlite3.connect(path)) as plain:
        plain.execute(f"pragma user_version = {schema.VERSION + 1}")
    refusals = []
    for _ in range(3):
        with pytest.raises(StoreFailed) as refused:
            open_store(str(path))
        refusals.append(refused)  # its traceback holds on to what was not closed

    links = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
    assert str(path) not in links


def test_a_file_cut_short_is_left_alone(path, a_new_task):
    with closing(open_store(str(path))) as store:
        for _ in range(50):
            store.submit(a_new_task())
    path.write_bytes(path.read_bytes()[:6000])
    before = path.read_bytes()

    with pytest.raises(NotSetUp), closing(open_store(str(path))) as s:
        s.list()

    assert path.read_bytes() == before


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(NotSetUp, match="is a folder"):
        open_store(str(tmp_path))


def test_a_path_through_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotSetUp, match="cannot be"):
        open_store(str(tmp_path / "file" / "taskq.db"))

    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_complained_about(path):
    open_store(str(path)).close()
    path.chmod(0o400)

    with pytest.raises(NotSetUp, match="chmod"), closing(open_store(str(path))) as s:
        s.reap()


# Being killed


def test_a_killed_writer_leaves_a_sound_file(store, plain, a_racer, a_claimed_task, until):
    task = a_claimed_task()
    for _ in range(3):
        seen = len(store.get(task.id).progress)
        racer = a_racer({"do": "step", "id": task.id})
        until(lambda seen=seen: len(store.get(task.id).progress) > seen + 40)
        racer.kill()
        racer.communicate()

        assert plain.execute("pragma integrity_check").fetchall() == [("ok",)]


# Reading with plain SQL


def test_the_view_tells_how_long_steps_took(store, plain, a_new_task):
    task, _ = store.submit(a_new_task())
    entries = [
        {"message": "one", "timestamp": "2025-11-23T10:00:00.123456"},
        {"message": "two", "timestamp": "2025-11-23T10:00:01.234456"},
        {"message": "three", "timestamp": "2025-11-23T10:00:04.234456"},
    ]
    plain.execute("update tasks set result_data = ?", (json.dumps({"progress": entries}),))
    running = plain.execute("select seconds from task_progress order by step").fetchall()
    plain.execute(
        "update tasks set current_status = 'completed', "
        "completed_at = '2025-11-23T10:00:04.734456Z' where id = ?",
        (task.id,),
    )
    ended = plain.execute("select seconds from task_progress order by step").fetchall()

    assert running == [(1.111,), (3.0,), (None,)]
    assert ended == [(1.111,), (3.0,), (0.5,)]


def test_the_view_never_shows_negative_seconds(store, plain, a_claimed_task, monkeypatch):
    task = a_claimed_task()
    store.step(task, "Opening product page")
    monkeypatch.setattr(rows, "now", lambda: "2001-01-01T00:00:00.000000Z")
    store.step(task, "Adding product to cart")
    store.end(task, Ending(Status.COMPLETED))
    seconds = [row[0] for row in plain.execute("select seconds from task_progress order by step")]

    assert len(seconds) == 3
    assert all(shown >= 0 for shown in seconds)
    assert seconds[1:] == [0, 0]


def test_the_four_statuses_are_the_only_ones(plain, a_claimed_task):
    a_claimed_task()
    with pytest.raises(sqlite3.IntegrityError):
        plain.execute("update tasks set current_status = 'paused'")
    with pytest.raises(sqlite3.IntegrityError):
        plain.execute("update tasks set current_status = 'completed'")
    with pytest.raises(sqlite3.IntegrityError):
        plain.execute("update tasks set current_status = 'failed', completed_at = 'now'")


# A wall clock that is set back


def test_an_entry_is_never_before_the_last_one():
    one = functions.with_entry("{}", "one", "2025-11-23T10:00:00.000002Z")
    two = functions.with_entry(one, "two", "2025-11-23T10:00:00.000001Z")
    three = functions.with_entry(two, "three", "2025-11-23T10:00:00.000003Z")
    stamps = [entry["timestamp"] for entry in json.loads(three)["progress"]]

    assert [stamp[-1] for stamp in stamps] == ["2", "2", "3"]


def test_history_does_not_go_back_with_the_wall_clock(store, a_claimed_task, monkeypatch):
    task = a_claimed_task()
    monkeypatch.setattr(rows, "now", lambda: "2001-01-01T00:00:00.000000Z")
    store.step(task, "Opening product page")
    store.note(task.id, "From outside")
    store.end(task, Ending(Status.COMPLETED, "Done"))
    stamps = [entry.timestamp for entry in store.get(task.id).progress]

    assert len(stamps) == 4
    assert stamps == sorted(stamps)


def test_no_lease_moves_with_the_wall_clock(store, a_claimed_task, monkeypatch):
    a_claimed_task()
    monkeypatch.setattr(rows, "now", lambda: "2099-01-01T00:00:00.000000Z")

    assert store.reap() == []


def test_a_task_waits_no_longer_because_the_clock_was_set_back(
    store, a_new_task, a_worker, monkeypatch
):
    task, _ = store.submit(a_new_task())
    monkeypatch.setattr(rows, "now", lambda: "2001-01-01T00:00:00.000000Z")

    assert store.claim(a_worker(store), {task.type: []}) is not None


def test_leases_of_an_earlier_boot_are_over_whatever_the_host_was_called(
    store, a_claimed_task, a_paying_task, a_worker
):
    before = replace(Process.current(), boot_id="before", host="its-old-name")
    gone = store.enlist(before, None, 2, ["shopify_order"])
    running, paying = a_claimed_task(worker=gone), a_paying_task(worker=gone)

    assert [task.id for task in store.reap()] == [running.id]
    assert store.take(a_worker(store), [paying.type]).id == paying.id


# Another taskq


def test_an_older_worker_claims_nothing_from_a_file_a_newer_taskq_has_changed(
    store, plain, a_new_task, a_worker
):
    task, _ = store.submit(a_new_task())
    worker = a_worker(store)
    plain.execute(f"pragma user_version = {schema.VERSION + 1}")
    with pytest.raises(StoreFailed, match="newer taskq"):
        store.claim(worker, {task.type: []})

    assert store.get(task.id) == task


def test_an_older_worker_still_ends_what_it_has_begun(store, plain, a_claimed_task, placed):
    task = a_claimed_task()
    plain.execute(f"pragma user_version = {schema.VERSION + 1}")
    store.step(task, "Opening product page")

    assert store.end(task, placed).current_status is Status.COMPLETED


# Where the file lives


MOUNTS = """22 1 0:20 / / rw - ext4 /dev/vda rw
30 22 0:30 / /home rw,relatime - nfs4 server:/home rw
31 30 0:31 / /home/ada/my\\040disk rw - xfs /dev/vdb rw
32 22 0:32 / /mnt/share rw shared:1 - cifs //server/share rw"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/taskq.db", "ext4"),
        ("/home/ada/taskq.db", "nfs4"),
        ("/home/ada/my disk/taskq.db", "xfs"),
        ("/mnt/share/taskq.db", "cifs"),
        ("/mnt/shared/taskq.db", "ext4"),
    ],
)
def test_the_deepest_mount_tells_the_file_system(path, kind):
    assert place.file_system(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_refused_before_anything_is_made(path, monkeypatch, tmp_path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"30 22 0:30 / {tmp_path} rw,relatime - nfs4 server:/home rw\n")
    monkeypatch.setattr(place, "_MOUNTS", mounts)

    with pytest.raises(StoreFailed, match=r"network file system \(nfs4\)"):
        open_store(str(path))
    assert not path.exists()


# The write-ahead log


def test_the_log_is_copied_in_turn_with_the_writers_and_does_not_grow_for_ever(
    store, path, a_claimed_task
):
    task = a_claimed_task()
    log = path.with_name("taskq.db-wal")
    for number in range(2000):
        store.count(task, number, 2000)
        store.step(task, "x" * 300, planned=True) if number < 150 else None

    assert log.stat().st_size < 12_000_000


def test_no_connection_copies_the_log_by_itself(store):
    connections = store._connections
    for connection in (connections.durable(), connections.quick(), connections.connect("normal")):
        assert connection.execute("pragma wal_autocheckpoint").fetchone()[0] == 0


# The functions inside the statements


def test_results_never_touch_progress():
    data = functions.with_keys('{"progress":[1],"order":"a"}', '{"progress":[],"order":"b"}')

    assert json.loads(data) == {"progress": [1], "order": "b"}


def test_hints_that_were_let_go_leave_no_file_open(store, store_url):
    def open_files():
        links = [os.path.realpath(link) for link in Path("/proc/self/fd").iterdir()]
        return links.count(os.path.realpath(store_url))

    store.counts()
    before = open_files()
    for _ in range(5):
        store.hints().close()

    assert open_files() <= before + 1  # one may be kept while others hold locks


def test_a_worker_of_an_earlier_boot_is_not_alive(store, a_worker):
    store.enlist(replace(Process.current(), boot_id="before"), 1, 1, ["shopify_order"])
    (gone,) = store.workers()

    assert not gone.alive
    assert a_worker(store).name == "worker-1"
