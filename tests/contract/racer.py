"""Another process at the same store: says "ready", waits for a line, does its part, says what.

python racer.py URL '{"do": "claim", "type": "shopify_order"}'
"""

from __future__ import annotations

import json
import sys

from taskq.models import Ending, NewTask, Status
from taskq.process import Process
from taskq.stores import open_store


def opening(url, part):
    ready()
    store = open_store(url)
    return store.submit(NewTask(part["id"], "any", {}))[0].id


def claiming(url, part):
    store = open_store(url)
    worker = store.enlist(Process.current(), None, 1, [part["type"]])
    ready()
    claimed = []
    while task := store.claim(worker, {part["type"]: []}, per_lane=part.get("per_lane", 1)):
        claimed.append(task.id)
    return claimed


def working(url, part):
    """Claim and end until nothing waits; how many it were."""
    store = open_store(url)
    worker = store.enlist(Process.current(), None, 1, [part["type"]])
    ready()
    done = 0
    while store.counts().get("pending"):
        task = store.claim(worker, {part["type"]: []}, per_lane=part["per_lane"])
        if task:
            store.step(task, "working")
            store.end(task, Ending(Status.COMPLETED, "done"))
            done += 1
    return done


def writing(url, part):
    store = open_store(url)
    task = store.get(part["id"])
    ready()
    for number in range(part["times"]):
        message = f"{part['name']} {number}"
        if part["as"] == "worker":
            store.step(task, message)
        else:
            store.note(task.id, message)
    return part["name"]


def stepping(url, part):
    store = open_store(url)
    task = store.get(part["id"])
    ready()
    number = 0
    while True:
        store.step(task, f"step {number}", planned=True)
        number += 1


def ready():
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    parts = {
        "open": opening,
        "claim": claiming,
        "work": working,
        "write": writing,
        "step": stepping,
    }
    sys.stdout.write(json.dumps(parts[asked["do"]](sys.argv[1], asked)))
