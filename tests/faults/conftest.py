"""Faults: workers killed, frozen and stopped, answers lost, disks full, files damaged.

Each test has a short form, for every `make test`, and a long one (`make faults`), whose figures
end in the table of ARCHITECTURE.md.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from taskq import registry, tasks
from taskq.stores import open_store
from tests.conftest import require
from tests.faults import laws


def pytest_terminal_summary(terminalreporter):
    """Print the table of what was seen, as ARCHITECTURE.md has it."""
    passed = terminalreporter.stats.get("passed", ())
    rows = [row for report in passed for name, row in report.user_properties if name == FIGURE]
    if rows:
        terminalreporter.write_line("\n| fault | seen | time |\n| --- | --- | --- |")
        terminalreporter.write_line("\n".join(rows))


FIGURE = "figure"
COURIER = Path(__file__).with_name("courier.py")


def in_long(*values):
    """Parameters that only the long form tries."""
    return [pytest.param(value, marks=pytest.mark.long) for value in values]


@pytest.fixture
def is_long(request):
    return request.config.getoption("--long")


@pytest.fixture
def times(is_long):
    """How often: so often in the short form, so often in the long one."""
    return lambda short, long: long if is_long else short


@pytest.fixture
def dice(request):
    """Chance that can be thrown again: TASKQ_SEED, which the report of a failure names."""
    seed = int(os.environ.get("TASKQ_SEED") or time.time_ns() % 1_000_000)
    request.node.add_report_section("setup", "seed", f"TASKQ_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def figure(record_property, is_long):
    """Add a row to the table that `make faults` prints."""
    began = time.monotonic()

    def add(fault, seen):
        if is_long:
            record_property(FIGURE, f"| {fault} | {seen} | {time.monotonic() - began:.0f} s |")

    return add


@pytest.fixture
def compiler():
    found = shutil.which("cc") or shutil.which("gcc")
    require("cc", found)
    return found


@pytest.fixture
def as_root():
    require("root", os.geteuid() == 0)


class Crew:
    """Workers of one queue, some of which come to harm."""

    def __init__(self, taskq, *options, env=None) -> None:
        self._taskq = taskq
        self._options = options
        self._env = env or {}

    def start(self, number, **env):
        return self._taskq.start("work", "--id", number, *self._options, env={**self._env, **env})

    def drain(self):
        """Work off what is left, with one more worker."""
        done = self._taskq("work", "--id", 9, *self._options, "--drain", env=self._env)
        assert done.returncode == 0, done.stderr

    @contextmanager
    def working(self, *numbers):
        """These workers for a while; they are told to leave at the end, and do."""
        working = [self.start(number) for number in numbers]
        try:
            yield working
        finally:
            for process in working:
                process.terminate()
        assert [process.wait(30) for process in working] == [0] * len(working)


@pytest.fixture
def crew(taskq):
    def make(*options, **env):
        return Crew(taskq, *options, env=env)

    return make


@pytest.fixture
def couriers(crew):
    """Workers that deliver parcels, without a browser."""

    def make(*options, **env):
        return crew("--import", COURIER, "--type", "parcel", *options, **env)

    return make


@pytest.fixture
def parcels(till):
    """Submit so many parcels; their ids."""
    registry.load_imports([str(COURIER)])
    handler = registry.find("parcel")

    def submit(number, *, db=None, **more):
        with closing(open_store(str(db or os.environ["TASKQ_DB"]))) as store:
            items = [f"item-{n}-{os.urandom(3).hex()}" for n in range(number)]
            made = [handler.parse({"item": item, "till": till.port, **more}) for item in items]
            return [tasks.submit(store, handler, params).task.id for params in made]

    return submit


@pytest.fixture
def lawful(till):
    """Check the laws on the parcels; the tasks."""

    def check(**how):
        return laws.hold(os.environ["TASKQ_DB"], lambda task: till.of(_item(task)), **how)

    return check


def _item(task):
    return json.loads(task["params"])["item"]
