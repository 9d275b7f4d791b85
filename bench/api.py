"""What the server costs: a thousand watchers, single tasks read, and nobody there.

python bench/api.py [SECONDS]
"""

import os
import re
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

from taskq.handlers.shopify import SHOPIFY
from taskq.process import Process
from taskq.stores import open_store
from taskq.tasks import submit

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20
WATCHERS = 1000
A_SECOND = 100
READERS = 8


def main():
    folder = Path(tempfile.mkdtemp(prefix="taskq-bench-"))
    os.environ["TASKQ_DB"] = str(folder / "taskq.db")
    with closing(open_store(os.environ["TASKQ_DB"])) as store:
        worker = store.enlist(Process.current(), 1, WATCHERS, [SHOPIFY.task_type])
        running = [claimed(store, worker, number) for number in range(WATCHERS)]
        server = Server()
        idle = server.share_while(lambda: time.sleep(SECONDS / 2))
        print(f"an idle server costs               {idle * 100:7.2f} % of a core")
        crowd(store, running, server)
        reading(running[0].id, server)
        server.close()


def claimed(store, worker, number):
    params = SHOPIFY.parse({"product_url": f"https://shop-{number}.example/products/x"})
    task = submit(store, SHOPIFY, params).task
    return store.claim(worker, {SHOPIFY.task_type: ()}, only=task.id)


def crowd(store, running, server):
    """Watchers over as many tasks, while entries are written."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    watchers = Watchers(server.port, [task.id for task in running])
    written = {}

    def write():
        began = time.monotonic()
        for number in range(int(SECONDS * A_SECOND)):
            time.sleep(max(0, began + number / A_SECOND - time.monotonic()))
            store.step(running[number * 7 % WATCHERS], f"entry {number:06}")
            written[number] = time.monotonic()

    share = server.share_while(write)
    took = [watchers.seen_at(number) - at for number, at in written.items()]
    hundredths = statistics.quantiles(took, n=100)
    rate = len(written) / SECONDS
    print(f"{WATCHERS} watchers, {rate:.0f} entries a second:")
    print(f"  from the commit to the watcher   {statistics.median(took) * 1000:7.1f} ms (median)")
    print(f"                                   {hundredths[-1] * 1000:7.1f} ms (p99)")
    print(f"  the server takes                 {share * 100:7.1f} % of a core")
    watchers.close()


def reading(task_id, server):
    """`GET /tasks/{id}`, on a few connections that are kept."""
    request = f"GET /tasks/{task_id} HTTP/1.1\r\nHost: localhost:{server.port}\r\n\r\n".encode()
    counts = [0] * READERS
    until = time.monotonic() + SECONDS / 2

    def read(index):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            while time.monotonic() < until:
                connection.sendall(request)
                answer = b""
                while b"\r\n\r\n" not in answer:
                    answer += connection.recv(65536)
                head, _, body = answer.partition(b"\r\n\r\n")
                length = int(re.search(rb"content-length: (\d+)", head)[1])
                while len(body) < length:
                    body += connection.recv(65536)
                counts[index] += 1

    readers = [threading.Thread(target=read, args=(index,)) for index in range(READERS)]

    def all_of_them():
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()

    share = server.share_while(all_of_them)
    rate = sum(counts) / (SECONDS / 2)
    print(f"GET /tasks/ID                      {rate:7.0f} a second")
    print(f"                                   {rate / share:7.0f} a second of a whole core")


class Server:
    """`taskq serve`, in a process of its own."""

    def __init__(self):
        command = [sys.executable, "-m", "taskq", "serve", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+) ", self.process.stdout.readline())[1])

    def share_while(self, act):
        """The share of a core that it takes while *act* is done."""
        before, began = self.seconds(), time.monotonic()
        act()
        return (self.seconds() - before) / (time.monotonic() - began)

    def seconds(self):
        """Processor time it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.terminate()
        self.process.wait()


class Watchers:
    """One stream of events for each task, all read here."""

    def __init__(self, port, ids):
        self._seen = {}
        self._selector = selectors.DefaultSelector()
        self._open = True
        for task_id in ids:
            connection = socket.create_connection(("127.0.0.1", port))
            head = f"GET /tasks/{task_id}/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
            connection.sendall(head.encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            self._selector.register(connection, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        while self._open:
            for key, _ in self._selector.select(0.2):
                chunk = key.fileobj.recv(65536)
                now = time.monotonic()
                for found in re.findall(rb'"message":"entry (\d+)","timestamp"', chunk):
                    self._seen.setdefault(int(found), now)

    def seen_at(self, number):
        """When the entry of this number came."""
        until = time.monotonic() + 10
        while number not in self._seen:
            assert time.monotonic() < until, number
            time.sleep(0.01)
        return self._seen[number]

    def close(self):
        self._open = False
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()


if __name__ == "__main__":
    main()
