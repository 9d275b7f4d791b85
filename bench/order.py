"""How long an order takes, from its claim to the thank-you page, beside the same done by hand.

    python bench/order.py [RUNS]

One warm worker and one warm script of by_hand.py, in turn, at the bundled shop.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from taskq import registry, tasks
from taskq.cli.demo import _environment
from taskq.demo.shop import Shop
from taskq.settings import load
from taskq.tasks.follow import follow

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 15
HOODIE = "hp-p020-051-1"


def main():
    with a_shop() as (shop, folder):
        url = shop.product_url(HOODIE)
        with worker("--once"), tasks.opened(load()) as store:
            first = order(store, url)
        with worker(), by_hand(url, folder) as hand, tasks.opened(load()) as store:
            order(store, url), hand(1)  # warm both
            pairs = [(order(store, url), hand(1)[0]) for _ in range(RUNS)]
    ours, theirs = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"order, first of a worker          {first:6.2f} s")
    print(f"order, warm (median of {RUNS})        {ours:6.2f} s")
    print(f"the same by hand, in turn         {theirs:6.2f} s")
    print(f"more than by hand                 {ours - theirs:6.2f} s, {ours / theirs:.2f} x")


@contextmanager
def a_shop(**habits):
    """A shop, a queue and a buyer of their own."""
    from taskq.demo.shop import Habits

    folder = Path(tempfile.mkdtemp(prefix="taskq-bench-"))
    with (
        Shop(ledger=folder / "ledger.jsonl", habits=Habits(**habits)) as shop,
        _environment(folder),
    ):
        yield shop, folder


def submit(store, url):
    handler = registry.find("shopify")
    params = handler.parse({"product_url": url, "size": "Medium"})
    return tasks.submit(store, handler, params, again=True).task


def order(store, url):
    """Submit one and wait for its end; its seconds."""
    for last in follow(store, [submit(store, url).id]):
        task = last
    assert task.outcome == "succeeded", task.error_message
    return (task.completed_at - task.started_at).total_seconds()


@contextmanager
def worker(*options):
    """A worker beside us, warm before anything is submitted; its process."""
    command = [sys.executable, "-m", "taskq", "work", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            while not process.stdout.readline().startswith("Waiting"):
                assert process.poll() is None, "the worker did not start"
            yield process
        finally:
            process.terminate()
            process.communicate()


@contextmanager
def by_hand(url, folder):
    """The script beside us, warm; called with a number it does so many at once: their seconds."""
    command = [sys.executable, str(Path(__file__).with_name("by_hand.py")), url, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        assert process.stdout.readline() == "ready\n"

        def hand(many):
            print(many, file=process.stdin, flush=True)
            return json.loads(process.stdout.readline())

        hand.process = process
        try:
            yield hand
        finally:
            process.stdin.close()


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"({time.monotonic() - started:.0f} s in all)")
