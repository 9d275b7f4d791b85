"""How soon an idle worker begins a submitted task, and what it costs while it waits.

python bench/pickup.py [RUNS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from taskq import registry, tasks
from taskq.settings import load
from taskq.tasks.follow import follow

RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 50
IDLE_SECONDS = 10

TYPE = """
from pydantic import BaseModel
from taskq import BlockingRun, Handler, register

class Nothing(BaseModel):
    pass

def nothing(run: BlockingRun[Nothing]) -> None:
    pass

register(Handler(task_type="nothing", params=Nothing, run=nothing))
"""


def main():
    folder = Path(tempfile.mkdtemp(prefix="taskq-bench-"))
    os.environ |= {"TASKQ_DB": str(folder / "taskq.db"), "TASKQ_DATA_DIR": str(folder / "runs")}
    module = folder / "nothing.py"
    module.write_text(TYPE)
    registry.load_imports([str(module)])
    command = [sys.executable, "-m", "taskq", "work", "--import", str(module), "--type", "nothing"]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while not worker.stdout.readline().startswith("Waiting"):
        pass
    before = cpu_seconds(worker.pid)
    time.sleep(IDLE_SECONDS)
    idle = (cpu_seconds(worker.pid) - before) / IDLE_SECONDS
    with tasks.opened(load()) as store:
        waits = sorted(picked_up(store) for _ in range(RUNS))
    worker.terminate()
    worker.communicate()
    median = statistics.median(waits) * 1000
    print(f"pick-up by an idle worker       {median:6.1f} ms (median of {RUNS})")
    print(f"                                {waits[int(RUNS * 0.95)] * 1000:6.1f} ms (p95)")
    print(f"an idle worker                  {idle * 100:6.2f} % of a core")


def picked_up(store):
    handler = registry.find("nothing")
    task = tasks.submit(store, handler, handler.parse({})).task
    for last in follow(store, [task.id]):
        task = last
    return (task.started_at - task.created_at).total_seconds()


def cpu_seconds(pid):
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
