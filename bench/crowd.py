"""Several orders at once: what each costs in memory beside the same by hand, and what is gained.

    python bench/crowd.py

Then what it would save not to load pictures and fonts.
"""

import asyncio
import time
from pathlib import Path
from threading import Event, Thread

from order import HOODIE, a_shop, by_hand, submit, worker

from taskq import tasks
from taskq.browser.chromium import Chromium
from taskq.settings import load
from taskq.tasks.follow import follow

MANY = 4
ORDERS = 12
EVERY = 0.05


def main():
    ours, theirs = memory()
    print(f"memory of a further order         {ours:6.1f} MB")
    print(f"the same by hand                  {theirs:6.1f} MB ({ours / theirs:.2f} x)")
    alone, crowd = throughput(1), throughput(MANY)
    print(f"{ORDERS} orders, answers in 200 ms      {alone:6.1f} s one at a time")
    print(f"{MANY} at a time in one worker         {crowd:6.1f} s ({alone / crowd:.2f} x)")
    asyncio.run(weight())


def memory():
    """What one order more needs at its peak, ours and by hand, in MB."""
    with a_shop() as (shop, folder):
        url = shop.product_url(HOODIE)
        with (
            worker("--concurrency", str(MANY), "--per-shop", str(MANY)) as process,
            tasks.opened(load()) as store,
        ):
            run(store, url, 1)
            one, many = (peak(process.pid, lambda n=n: run(store, url, n)) for n in (1, MANY))
        with by_hand(url, folder) as hand:
            hand(1)
            one_by_hand, many_by_hand = (
                peak(hand.process.pid, lambda n=n: hand(n)) for n in (1, MANY)
            )
    return (many - one) / (MANY - 1), (many_by_hand - one_by_hand) / (MANY - 1)


def throughput(at_once):
    """Seconds from the first claim to the last end of ORDERS orders."""
    with a_shop(answers_in=0.2) as (shop, _), tasks.opened(load()) as store:
        url = shop.product_url(HOODIE)
        with worker("--concurrency", str(at_once), "--per-shop", str(at_once)):
            ended = run(store, url, ORDERS)
    return (
        max(task.completed_at for task in ended) - min(task.started_at for task in ended)
    ).total_seconds()


def run(store, url, many):
    """Submit so many at once and wait for them all."""
    ids = [submit(store, url).id for _ in range(many)]
    ended = {}
    for task in follow(store, ids):
        if task.ended:
            assert task.outcome == "succeeded", task.error_message
            ended[task.id] = task
    assert len(ended) == many
    return list(ended.values())


def peak(pid, act):
    """The most memory the process and all below it had while *act* ran, in MB."""
    over, most = Event(), 0

    def look():
        nonlocal most
        while not over.wait(EVERY):
            most = max(most, sum(map(pss, family(pid))))

    looking = Thread(target=look)
    looking.start()
    try:
        act()
    finally:
        over.set()
        looking.join()
    return most / 1024


def family(pid):
    """The process and all below it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found


def pss(pid):
    """Its share of what it has in memory, in kB."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))


async def weight():
    """Load a product's page and its checkout with all they want, and without pictures and fonts."""
    with a_shop() as (shop, _):
        chromium = Chromium(load().browser)
        try:
            for blocked in ((), ("image", "font")):
                print(await _weighed(chromium, shop.product_url(HOODIE), blocked))
        finally:
            await chromium.close()


async def _weighed(chromium, url, blocked):
    async with chromium.page() as page:
        sizes = []

        async def pass_on(route):
            if route.request.resource_type in blocked:
                await route.abort()
            else:
                await route.fallback()

        if blocked:
            await page.route("**/*", pass_on)
        page.on("response", lambda answer: sizes.append(answer.headers.get("content-length", 0)))
        began = time.monotonic()
        await page.goto(url, wait_until="load")
        took = time.monotonic() - began
    what = "without pictures and fonts" if blocked else "with all it wants"
    kb = sum(map(int, sizes)) / 1024
    return f"product page {what:<27}{took * 1000:6.0f} ms, {len(sizes)} answers, {kb:.0f} kB"


if __name__ == "__main__":
    main()
