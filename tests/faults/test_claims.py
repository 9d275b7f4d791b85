"""Many workers at one queue: each task is started once, and the work is shared."""

from collections import Counter
from contextlib import closing

from taskq.models import NewTask
from taskq.stores import open_store
from tests.conftest import wait_for
from tests.faults import laws
from tests.faults.conftest import COURIER


def test_of_many_workers_each_task_is_started_once_and_the_work_is_shared(
    crew, queue, times, figure
):
    workers, number = times(3, 8), times(300, 10_000)
    with closing(open_store(queue)) as store:
        nobodies = crew("--import", COURIER, "--type", "nothing")
        with nobodies.working(*range(1, workers + 1)):
            wait_for(lambda: len(store.workers()) == workers)
            for n in range(number):
                store.submit(NewTask(f"task-{n}", "nothing", {"number": n}))
            wait_for(lambda: store.counts() == {"succeeded": number}, seconds=600, every=0.2)
    tasks = laws.hold(queue, starts=1)

    assert all(len(task["messages"]) == 2 for task in tasks)
    shares = Counter(task["worker"] for task in tasks)
    assert len(shares) == workers
    assert min(shares.values()) > number / workers / 4
    assert max(shares.values()) < number / workers * 2
    least, most = (f(shares.values()) * workers / number for f in (min, max))
    figure(
        f"{workers} workers, {number:,} tasks that do nothing{laws.on(queue)}",
        f"each started once; of an equal share the least busy had {least:.0%}, the most {most:.0%}",
    )
