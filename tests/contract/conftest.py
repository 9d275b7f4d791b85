"""What the promises of a store are tested with: the same for every store.

Time is the store's own, so nothing here fakes a clock. A lease that has to be over is given by
`hasty`, whose leases are over as soon as they are given, or waited for with `until`.

A store comes in four forms: a file; Postgres that tells of changes (LISTEN); Postgres that is only
asked; and Postgres behind a pgbouncer that gives each transaction another connection. The last two
are one code with the second but for the parts in PARTS, so they are tried in those alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import psycopg
import pytest

from taskq.models import Ending, NewTask, Status
from taskq.plan import STARTED_STEP, Step, filled, to_row
from taskq.process import Process
from taskq.stores import open_store

pytest.register_assert_rewrite("tests.contract.deeds")

TYPE = "shopify_order"
PLAN = (
    STARTED_STEP,
    Step("Opening product page", usually=1.111111),
    Step("Selecting size: {size}", usually=3.111111),
    Step("Adding product to cart", usually=5.111101),
    Step("Navigating to checkout", usually=5.111011),
    Step("Filling shipping information", usually=5.110111),
    Step("Processing payment", usually=5.101111, once=True),
    Step("Order placed successfully", 0, otherwise="Checkout failed: {error}"),
)
RACER = Path(__file__).with_name("racer.py")


FORMS = ("sqlite", "postgres", "polling", "pgbouncer")
TOLD = ("polling", "pgbouncer-told")
"""Those whose address says that nobody will tell of changes; else a store finds out in 2 s."""
PARTS = ("submit", "claim", "progress", "payment", "endings", "hints", "leases")


def pytest_generate_tests(metafunc):
    """Try each promise with every form of store, but where a module names its own FORMS."""
    if "store_url" in metafunc.fixturenames:
        module = metafunc.module
        in_all = module.__name__.rpartition("test_")[2] in PARTS
        forms = getattr(module, "FORMS", FORMS if in_all else FORMS[:2])
        metafunc.parametrize("store_url", forms, indirect=True)


@pytest.fixture
def store_url(request, tmp_path):
    if request.param == "sqlite":
        return str(tmp_path / "taskq.db")
    return request.getfixturevalue("in_form")(request.param)


@pytest.fixture(scope="session")
def in_form(request, postgres, new_database):
    """The address of an empty database of this form: made once, and cleaned for each test."""
    made = {}

    def give(form):
        if form not in made:
            made[form] = new_database().rpartition("/")[2]
        name = made[form]
        is_pooled = form.startswith("pgbouncer")
        clean(postgres, name, is_pooled=is_pooled)
        server = request.getfixturevalue("pgbouncer") if is_pooled else postgres
        return server.url(name) + ("?pgbouncer=true" if form in TOLD else "")

    return give


OTHERS = (
    "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() "
    "and backend_type = 'client backend'"
)


def clean(postgres, name, *, is_pooled):
    """Delete every row, once nobody is left who could still write one: racers are killed.

    A pooler keeps its connections, and cuts off those whose client is gone in a transaction.
    """
    ended = "select pg_terminate_backend(pid)"
    busy = f"select 1 {OTHERS} and state <> 'idle'" if is_pooled else f"{ended} {OTHERS}"
    with closing(psycopg.connect(postgres.url(name), autocommit=True)) as connection:
        while connection.execute(busy).fetchall():
            time.sleep(0.001)
        connection.execute("delete from public.tasks")
        connection.execute("delete from taskq.workers")


@pytest.fixture
def open_another(store_url):
    with ExitStack() as opened:

        def another(*, lease_seconds=60, patience=10):
            store = open_store(store_url, lease_seconds=lease_seconds, patience=patience)
            return opened.enter_context(closing(store))

        yield another


@pytest.fixture
def store(open_another):
    return open_another()


@pytest.fixture
def hasty(open_another):
    return open_another(lease_seconds=0)


@pytest.fixture
def a_new_task():
    numbers = count(1)

    def new(**changes):
        params = {"product_url": "https://kith.com/products/hp-1", "size": "Medium"}
        plan = to_row(filled(PLAN, {"size": "Medium"}))
        fields = {"id": f"task-{next(numbers)}", "type": TYPE, "params": params, "plan": plan}
        return NewTask(**(fields | changes))

    return new


@pytest.fixture
def a_worker():
    def worker(store, number=None, slots=1, types=(TYPE,)):
        return store.enlist(Process.current(), number, slots, types)

    return worker


@pytest.fixture
def a_claimed_task(store, a_new_task, a_worker):
    def claimed(by=store, worker=None, **changes):
        new = store.submit(a_new_task(**changes))[0]
        return by.claim(worker or a_worker(store), {new.type: []}, only=new.id, per_lane=99)

    return claimed


@pytest.fixture
def a_paying_task(store, a_claimed_task):
    """A task whose intent stands; its lease is over at once where *by* is `hasty`."""

    def paying(by=store, **changes):
        task = a_claimed_task(**changes)
        by.intent(task, "Processing payment", {"shop": "kith.com"})
        return by.get(task.id)

    return paying


@pytest.fixture
def an_unknown_task(store, a_paying_task):
    def unknown(**changes):
        return store.end(
            a_paying_task(**changes),
            Ending(Status.FAILED, "Checkout failed: no answer", "Needs review: no answer"),
        )

    return unknown


@pytest.fixture
def placed():
    return Ending(
        Status.COMPLETED, "Order placed successfully", result={"order": "1001"}, evidence=1
    )


@pytest.fixture
def failed():
    return Ending(Status.FAILED, "Checkout failed: sold out", "sold out")


@pytest.fixture
def messages():
    return lambda task: [entry.message for entry in task.progress]


@pytest.fixture
def until():
    """Wait for a condition and return what it gave; fail when it never comes true."""

    def wait(condition, seconds=10):
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.005)
        return found

    return wait


@pytest.fixture
def together():
    """Do several things at the same moment, each in a thread; what they gave or raised."""

    def run(*parts):
        start = threading.Barrier(len(parts))
        gave = [None] * len(parts)

        def one(index, part):
            start.wait()
            try:
                gave[index] = part()
            except Exception as error:  # noqa: BLE001 - a refusal is a result here
                gave[index] = error

        threads = [
            threading.Thread(target=one, args=(index, part)) for index, part in enumerate(parts)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return gave

    return run


@pytest.fixture
def in_time():
    """What a verb gives or raises within some seconds; *otherwise* lets it go, and the test fails.

    A verb that waits without end would take the tests along.
    """

    def run(verb, otherwise, seconds=6):
        with ThreadPoolExecutor(1) as elsewhere:
            doing = elsewhere.submit(verb)
            try:
                return doing.result(seconds)
            except FutureTimeout:
                otherwise()
                doing.exception()
                pytest.fail(f"it was still waiting after {seconds} s")

    return run


@pytest.fixture
def racers(store_url):
    """Start real processes that do their part (see racer.py) at the same moment."""
    with ExitStack() as started:

        def race(*parts):
            processes = [_racer(started, store_url, part) for part in parts]
            for process in processes:
                assert process.stdout.readline() == "ready\n"
            for process in processes:
                process.stdin.write("go\n")
                process.stdin.flush()
            return [json.loads(process.communicate(timeout=30)[0]) for process in processes]

        yield race


@pytest.fixture
def a_racer(store_url):
    """Start one real process that does its part at once, to be killed in the middle of it."""
    with ExitStack() as started:

        def start(part):
            process = _racer(started, store_url, part)
            assert process.stdout.readline() == "ready\n"
            process.stdin.write("go\n")
            process.stdin.flush()
            return process

        yield start


def _racer(started: ExitStack, url: str, part: Mapping[str, object]) -> subprocess.Popen[str]:
    process = started.enter_context(
        subprocess.Popen(
            [sys.executable, str(RACER), url, json.dumps(part)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    started.callback(process.kill)
    return process
