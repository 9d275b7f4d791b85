"""What every test may need: a home of its own, a shop with a ledger, the real `taskq`."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path

import pytest

from taskq import profiles
from taskq.browser.find import find
from taskq.demo import ride
from taskq.demo.shop import Habits, Shop
from taskq.errors import NotSetUp
from taskq.stores import open_store
from tests import fork
from tests import postgres as servers
from tests.site import Site
from tests.terminal import Terminal
from tests.till import Till

ADA = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "address1": "12 Analytical Row",
    "city": "New York",
    "province": "NY",
    "postal_code": "10001",
    "country": "US",
    "phone": "+1 212 555 0142",
}
AT_START = dict(os.environ)
LOCALE = {"LANG": "C.UTF-8", "LC_ALL": None, "LC_CTYPE": None}
HOODIE, TEE, MUG = "hp-p020-051-1", "hp-t110-014-2", "hp-m300-002-1"
STEPS = [
    "Task started by worker-1",
    "Opening product page",
    "Selecting size: Medium",
    "Adding product to cart",
    "Navigating to checkout",
    "Filling shipping information",
    "Processing payment",
    "Order placed successfully",
]
RIDE = {
    "from_address": "12 Analytical Row, New York, NY",
    "from_lat": 40.7484,
    "from_lon": -73.9857,
    "to_address": "1 Engine Square, New York, NY",
    "to_lat": 40.7128,
    "to_lon": -74.0060,
    "max_fare": "13",
}
RIDE_STEPS = [
    "Task started by worker-1",
    "Generating Uber ride URL",
    "Opening Uber app",
    "Authenticating with Uber",
    "Confirming ride details",
    "Booking ride",
    "Ride booked successfully",
]


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="faults by the hundred: make faults")


def pytest_collection_modifyitems(config, items):
    """Leave out what only the long form tries, and skip what needs a browser where there is none.

    Where a browser is due (TASKQ_REQUIRE) such a test fails instead.
    """
    if not config.getoption("--long"):
        left_out = [item for item in items if "long" in item.keywords]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    try:
        find(os.environ.get("TASKQ_BROWSER"))
    except NotSetUp:
        if "browser" in os.environ.get("TASKQ_REQUIRE", ""):
            return
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="no browser: taskq doctor --fix"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Folders, database and card of this test alone, in the environment."""
    for name in [name for name in os.environ if name.startswith("TASKQ_")]:
        if name not in {"TASKQ_BROWSER", "TASKQ_REQUIRE"}:
            monkeypatch.delenv(name)
    own = {
        "TASKQ_DB": tmp_path / "taskq.db",
        "TASKQ_CONFIG_DIR": tmp_path / "config",
        "TASKQ_DATA_DIR": tmp_path / "runs",
        "TASKQ_CARD_NUMBER": "1",
        "TASKQ_CARD_EXPIRY": "12/39",
        "TASKQ_CARD_CVC": "123",
        "TASKQ_CARD_NAME": "Ada Lovelace",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "TZ": "UTC",
    }
    for name, value in own.items():
        monkeypatch.setenv(name, str(value))
    for name in ("NO_COLOR", "FORCE_COLOR", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", LOCALE["LANG"])
    return tmp_path


def require(name, there_is):
    """Skip where *name* is not to be had; fail where it is due (TASKQ_REQUIRE)."""
    if there_is:
        return
    if name in os.environ.get("TASKQ_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required here")
    pytest.skip(f"no {name} here")


@pytest.fixture(scope="session")
def postgres():
    """A real Postgres of this process of tests, started when it is first asked for."""
    require("postgres", servers.programs())
    with closing(servers.Postgres()) as server:
        yield server


@pytest.fixture(scope="session")
def pgbouncer(postgres):
    """A pgbouncer in transaction mode before it: no LISTEN, and no statement that is kept."""
    require("pgbouncer", servers.bouncer())
    with closing(servers.Bouncer(postgres)) as bouncer:
        yield bouncer


@pytest.fixture(scope="session")
def new_database(postgres):
    """Make a database with our tables; its address. Copied, which takes a tenth of making them."""
    from taskq.stores.postgres import making

    making.init(postgres.make("taskq_made"))
    numbers = count(1)
    return lambda: postgres.make(f"test_{next(numbers)}", like="taskq_made")


@pytest.fixture
def on_postgres(new_database, postgres, monkeypatch):
    """This test's queue is on Postgres; its address."""
    url = new_database()
    monkeypatch.setenv("TASKQ_DB", url)
    yield url
    postgres.drop(url.rpartition("/")[2])


@pytest.fixture(params=["sqlite", "postgres"])
def queue(request, home):
    """Where this test's queue is: once in a file, once on Postgres."""
    if request.param == "sqlite":
        return str(home / "taskq.db")
    return request.getfixturevalue("on_postgres")


@pytest.fixture
def store(home):
    """This test's database, opened here."""
    with closing(open_store(os.environ["TASKQ_DB"])) as opened:
        yield opened


@pytest.fixture
def ada(home):
    """The default profile."""
    profiles.save("default", profiles.from_answers(dict(ADA)), home / "config")


class Ledger:
    """The shop's own word about money."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self):
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def charges(self):
        return [line for line in self.lines() if line["result"] == "charged"]

    def results(self):
        return [line["result"] for line in self.lines()]


@pytest.fixture
def ledger(home):
    return Ledger(home / "ledger.jsonl")


@pytest.fixture
def till():
    opened = Till()
    yield opened
    opened.close()


@pytest.fixture
def shop(ledger):
    with Shop(ledger=ledger.path, port=0) as opened:
        yield opened


@pytest.fixture
def shop_that(ledger):
    """Open a shop of these habits."""
    opened = []

    def open_shop(**habits):
        opened.append(Shop(ledger=ledger.path, habits=Habits(**habits)))
        return opened[-1]

    yield open_shop
    for shop in opened:
        shop.close()


@pytest.fixture
def rides_that(monkeypatch):
    """Open a ride app of these habits, quick otherwise, and let taskq know it."""
    opened = []

    def open_app(ledger, **habits):
        quick = {"skeletons": 0.02, "finds_in": 0.1, "draws_twice": False}
        opened.append(ride.RideApp(ledger.path, habits=ride.Habits(**(quick | habits))))
        monkeypatch.setenv("TASKQ_UBER_URL", opened[-1].url)
        return opened[-1]

    yield open_app
    for app in opened:
        app.close()


class Taskq:
    """The real command line, in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen] = []

    def __call__(self, *args, stdin="", env=None, timeout=60, **more):
        """Run one command to its end."""
        given = {**os.environ, **(env or {})}
        if not more and fork.can_be(given, {**AT_START, **LOCALE}):
            args = [str(arg) for arg in args]
            return fork.run(args, folder=self.folder, env=given, stdin=stdin, timeout=timeout)
        return subprocess.run(
            [sys.executable, "-m", "taskq", *map(str, args)],
            capture_output=True,
            text=True,
            input=stdin,
            timeout=timeout,
            cwd=self.folder,
            env=given,
            check=False,
            **more,
        )

    def start(self, *args, env=None, through=()):
        """Start one command, with its output in files of the test's folder.

        *through* is a command that starts it: elsewhere, or as somebody else.
        """
        log = (self.folder / f"out-{len(self.started)}").open("w")
        process = subprocess.Popen(
            [*through, sys.executable, "-m", "taskq", *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        log.close()
        self.started.append(process)
        return process

    def output(self, process) -> str:
        return (self.folder / f"out-{self.started.index(process)}").read_text()

    def submit(self, *args, **more) -> str:
        """Submit, and give the id."""
        done = self("submit", *args, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def task(self, task_id):
        done = self("status", task_id, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def close(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def taskq(home):
    command = Taskq(home)
    yield command
    command.close()


class Served:
    """A server of this test's queue, in a process of its own."""

    def __init__(self, taskq: Taskq, *args) -> None:
        self._process = taskq.start("serve", *args)
        self._taskq = taskq
        self.url = wait_for(self._address)

    def _address(self):
        assert self._process.poll() is None, self.output()
        found = re.search(r"Serving (\S+)", self.output())
        return found and found.group(1)

    def output(self) -> str:
        return self._taskq.output(self._process)

    def close(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(20)


@pytest.fixture
def serve(taskq):
    """Serve this test's queue, at a free port if none is given."""

    def start(*args):
        return Served(taskq, *(() if "--port" in args else ("--port", 0)), *args)

    return start


@pytest.fixture
def site():
    """A site where one logs in."""
    with Site() as opened:
        yield opened


@pytest.fixture
def terminal(home):
    """Start commands, each at a terminal of its own."""
    with ExitStack() as started:

        def start(*args, env=None):
            opened = Terminal(*args, cwd=home, env=env)
            started.callback(opened.close)
            return opened

        yield start


def wait_for(condition, seconds=30, every=0.01):
    """Wait until *condition* gives something true, and give it."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s: {condition}"
        time.sleep(every)
    return found


def messages(task) -> list[str]:
    return [entry["message"] for entry in task["result_data"]["progress"]]
