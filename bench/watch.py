"""How soon a change is on the screen of `taskq watch` after its commit, and what watching costs.

python bench/watch.py [CHANGES]
"""

import os
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from taskq.models import NewTask
from taskq.process import Process
from taskq.stores import open_store

CHANGES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
IDLE_SECONDS = 20


def main():
    folder = Path(tempfile.mkdtemp(prefix="taskq-bench-"))
    os.environ["TASKQ_DB"] = str(folder / "taskq.db")
    with closing(open_store(os.environ["TASKQ_DB"])) as store:
        task, _ = store.submit(NewTask(id="abc-123", type="bench", params={}, plan=None))
        worker = store.enlist(Process.current(), 1, 1, ["bench"])
        task = store.claim(worker, {"bench": ()})
        screen = Screen(task.id)
        took = [change(store, task, screen, number) for number in range(CHANGES)]
        before = screen.seconds()
        time.sleep(IDLE_SECONDS)
        idle = (screen.seconds() - before) / IDLE_SECONDS
        screen.close()
    tenths = statistics.quantiles(took, n=20)
    print(f"a change is on the screen after   {statistics.median(took) * 1000:6.1f} ms (median)")
    print(f"                                  {tenths[-1] * 1000:6.1f} ms (p95 of {CHANGES})")
    print(f"watching a task that runs costs   {idle * 100:6.2f} % of a core")


def change(store, task, screen, number):
    """Commit an entry and wait for it on the screen; seconds in between."""
    words = f"entry number {number:04}"
    time.sleep(0.1 + (number % 10) / 100)  # at any moment between two ticks
    store.step(task, words)
    committed = time.monotonic()
    return screen.shows(words) - committed


class Screen:
    """`taskq watch` at a terminal of its own."""

    def __init__(self, task_id):
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "taskq", "watch", task_id]
        environment = {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        self._seen, self._changed = "", threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.shows("Task:")

    def _read(self):
        while select.select([self._ours], [], [])[0]:
            try:
                chunk = os.read(self._ours, 65536)
            except OSError:
                return
            with self._changed:
                self._seen += chunk.decode(errors="replace")
                self._changed.notify_all()

    def shows(self, words):
        """When *words* were there."""
        with self._changed:
            assert self._changed.wait_for(lambda: words in self._seen, 10), words
        return time.monotonic()

    def seconds(self):
        """Processor time it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.terminate()
        self.process.wait()


if __name__ == "__main__":
    main()
