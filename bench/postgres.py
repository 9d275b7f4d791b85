"""What a Postgres costs: beside SQL by hand and beside other queues, on one server, in turn.

python bench/postgres.py [SECONDS]

The server has its default settings, fsync included. Every connection is a process of its own, so
that nobody waits for another's Python.
"""

import multiprocessing
import os
import statistics
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import api
import psycopg

sys.path.append(str(Path(__file__).parents[1]))
from contestants import BY_HAND, OURS
from peers import installed

from taskq.handlers.shopify import SHOPIFY
from taskq.process import Process
from taskq.stores import open_store
from taskq.stores.postgres import making
from tests.postgres import Postgres, programs

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 1
ROUNDS = 3
CONNECTIONS = (1, 4, 16)
WARM = 10
PENDING = 8000
WAITING = 30_000
ENDED = 1_000_000
FINISHED = """
insert into tasks (id, type, current_status, created_at, started_at, completed_at, result_data)
select 'old-' || n, 'shopify', 'completed', now() - interval '1 day', now(), now(),
  '{"progress": [{"message": "Done", "timestamp": "2025-11-23T10:00:00.123456"}], "order": "1"}'
from generate_series(1, %s) n
"""

_FORK = multiprocessing.get_context("fork")


def main():
    if not programs():
        print("postgres: left out, there is none here: pip install -e '.[dev]'")
        return
    server = Postgres(settings={})
    try:
        eight_updates(server)
        beside_what_has_ended(server)
        url = server.make("bench_watched")
        making.init(url)
        os.environ["TASKQ_DB"] = url
        told()
        by_many()
    finally:
        server.close()


def eight_updates(server):
    """Tasks a second, of eight durable updates each."""
    there, missing = installed()
    everybody = {}
    for number, contestant in enumerate([*OURS, *BY_HAND, *there]):
        everybody[contestant] = url = server.make(f"bench_{number}")
        apart(contestant.make, url)
    print(f"tasks of 8 updates a second, by connections (median of {ROUNDS}):")
    print(f"  {'':30}" + "".join(f"{many:>8}" for many in CONNECTIONS))
    columns = [in_turn(everybody, many) for many in CONNECTIONS]
    for contestant in everybody:
        medians = [statistics.median(column[contestant]) for column in columns]
        print(f"  {contestant.name:30}" + "".join(f"{each:8.0f}" for each in medians))
    for ours in OURS:
        shares = [share(column[ours], column[BY_HAND[0]]) for column in columns]
        print(f"  {ours.name + ' / as durable':30}" + "".join(f"{each:8.2f}" for each in shares))
    if missing:
        print(f"  left out, not installed: {', '.join(missing)}")


def beside_what_has_ended(server):
    """Claims a second of a table that holds nothing else, and of one that holds a million more."""
    stores = []
    for name, ended in (("bench_new", 0), ("bench_old", ENDED)):
        url = server.make(name)
        making.init(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(FINISHED, [ended])
            OURS[0].add(connection, WAITING)
            connection.execute("vacuum analyze tasks")
        store = open_store(url)
        stores.append((store, store.enlist(Process.current(), 1, 1, ["shopify"])))
    rates = [[claims(*each) for each in stores] for _ in range(ROUNDS * 3)]
    new, old = (statistics.median(column) for column in zip(*rates, strict=True))
    beside = statistics.median(after / before for before, after in rates)
    print(f"claims a second, alone and beside {ENDED} that have ended: {new:.0f}, {old:.0f}")
    print(f"  {'beside / alone':30}{beside:8.2f}")
    for store, _ in stores:
        store.close()


def claims(store, worker):
    """Claims a second for a while."""
    began, number = time.monotonic(), 0
    while (took := time.monotonic() - began) < SECONDS / 2:
        assert store.claim(worker, {"shopify": ()})
        number += 1
    return number / took


def told():
    """From a commit to whoever listens, while a hundred entries a second are written."""
    seen, written = {}, {}
    with closing(open_store(os.environ["TASKQ_DB"])) as store:
        worker = store.enlist(Process.current(), 1, 1, [SHOPIFY.task_type])
        task = api.claimed(store, worker, 0)
        done = threading.Event()
        watcher = threading.Thread(target=_watch, args=(task.id, seen, done))
        watcher.start()
        began = time.monotonic()
        for number in range(300):
            time.sleep(max(0, began + number / 100 - time.monotonic()))
            store.step(task, f"entry {number}")
            written[f"entry {number}"] = time.monotonic()
        done.set()
        watcher.join()
    took = [1000 * (seen[message] - at) for message, at in written.items()]
    print("from a commit to one who listens, 100 entries a second:")
    print(f"  {'median, p99':30}{statistics.median(took):8.1f} ms, {_p99(took):.1f} ms")


def _watch(task_id, seen, done):
    with closing(open_store(os.environ["TASKQ_DB"])) as store, closing(store.hints()) as hints:
        while not done.is_set() or "entry 299" not in seen:
            hints.wait(1)
            for task in hints.changed([task_id]):
                for entry in task.progress:
                    seen.setdefault(entry.message, time.monotonic())


def by_many():
    """A thousand who watch over HTTP, through the one hub of a server."""
    with closing(open_store(os.environ["TASKQ_DB"])) as store:
        worker = store.enlist(Process.current(), 2, api.WATCHERS, [SHOPIFY.task_type])
        running = [api.claimed(store, worker, number) for number in range(1, api.WATCHERS + 1)]
        server = api.Server()
        api.crowd(store, running, server)
        server.close()


def _p99(numbers):
    return statistics.quantiles(numbers, n=100)[-1]


def in_turn(everybody, many):
    """What each reaches in each round: a disk is fast one moment and slow the next."""
    measured = {contestant: [] for contestant in everybody}
    for _ in range(ROUNDS):
        for contestant, url in everybody.items():
            measured[contestant].append(rate(contestant, url, many))
    return measured


def share(ours, theirs):
    """Ours of theirs, each compared with its neighbour in time."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def rate(contestant, url, many):
    """Tasks a second that *many* processes do together."""
    with psycopg.connect(url, autocommit=True) as connection:
        contestant.fill(connection, PENDING)
        connection.execute("analyze")
    together = _FORK.Barrier(many)
    answers = _FORK.SimpleQueue()
    hands = [
        _FORK.Process(target=_work, args=(contestant, url, together, answers)) for _ in range(many)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
        assert hand.exitcode == 0, contestant.name
    return sum(answers.get() for _ in hands)


def _work(contestant, url, together, answers):
    contestant.work(url, Done(together, answers))
    raise AssertionError(f"{contestant.name}: too few tasks")


class Done:
    """Counts tasks from the moment when everybody is warm; ends its process when time is over."""

    def __init__(self, together, answers):
        self._together = together
        self._answers = answers
        self._count = 0

    def __call__(self):
        self._count += 1
        if self._count == WARM:
            self._together.wait(30)
            self._began = time.monotonic()
        elif self._count > WARM and (took := time.monotonic() - self._began) > SECONDS:
            self._answers.put((self._count - WARM) / took)
            os._exit(0)


def apart(act, *values):
    """Do it in a process of its own, so that no thread or connection of it is left here."""
    process = _FORK.Process(target=act, args=values)
    process.start()
    process.join()
    assert process.exitcode == 0


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"({time.monotonic() - started:.0f} s in all)")
