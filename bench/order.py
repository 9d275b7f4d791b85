"""How long an order takes, from its claim to the thank-you page, and what a further task costs.

    python bench/order.py [RUNS]

One warm worker, the bundled shop, one order after the other; then the memory of one browser with
one and with four tasks at once.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from taskq import registry, tasks
from taskq.cli.demo import _environment
from taskq.demo.shop import Shop
from taskq.settings import load
from taskq.tasks.follow import follow

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 5


def main():
    folder = Path(tempfile.mkdtemp(prefix="taskq-bench-"))
    with Shop(ledger=folder / "ledger.jsonl", port=0) as shop, _environment(folder):
        took = [first(shop), *warm(shop)]
    print(f"order, first of a worker        {took[0]:6.2f} s")
    print(f"order, warm (median of {RUNS})      {statistics.median(took[1:]):6.2f} s")


def first(shop):
    with worker("--once"), tasks.opened(load()) as store:
        return order(store, shop)


def warm(shop):
    with worker(), tasks.opened(load()) as store:
        order(store, shop)
        return [order(store, shop) for _ in range(RUNS)]


def order(store, shop):
    handler = registry.find("shopify")
    params = handler.parse({"product_url": shop.product_url("hp-p020-051-1"), "size": "Medium"})
    task = tasks.submit(store, handler, params).task
    for last in follow(store, [task.id]):
        task = last
    assert task.outcome == "succeeded", task.error_message
    return (task.completed_at - task.started_at).total_seconds()


class worker:  # noqa: N801 - read as a statement
    """A worker beside us, warm before anything is submitted."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "taskq", "work", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ)

    def __enter__(self):
        while not self.process.stdout.readline().startswith("Waiting"):
            pass

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"({time.monotonic() - started:.0f} s in all)")
