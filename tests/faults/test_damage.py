"""Files that are damaged: bytes flipped, ends cut off. A sentence, and nothing is made worse."""

import random
from contextlib import closing

import pytest

from taskq import cli
from taskq.models import Ending, NewTask, Status
from taskq.process import Process
from taskq.stores import open_store
from tests.faults.conftest import COURIER

COMMANDS = [
    ["list", "--json"],
    ["status"],
    ["status", "task-7"],
    ["cancel", "task-9"],
    ["work", "--drain", "--type", "nothing", "--import", str(COURIER)],
]


@pytest.fixture
def sound(home):
    """A file with tasks of every kind in it; its bytes."""
    path = home / "taskq.db"
    with closing(open_store(str(path))) as store:
        worker = store.enlist(Process.current(), None, 1, ["nothing"])
        for n in range(60):
            store.submit(NewTask(f"task-{n}", "nothing", {"number": n}, identity=f"i{n}"))
        for n in range(20):
            task = store.claim(worker, {"nothing": []})
            for entry in range(n):
                store.step(task, f"Doing a thing, number {entry}")
            store.end(task, Ending(Status.COMPLETED if n % 2 else Status.FAILED, "Over", "Over"))
        store.leave(worker.id)
    return path.read_bytes()


def damaged(sound, dice):
    """One byte changed, or the end cut off."""
    if dice.random() < 0.2:
        return sound[: dice.randrange(1, len(sound))]
    at = dice.randrange(len(sound))
    return sound[:at] + bytes([sound[at] ^ dice.randrange(1, 256)]) + sound[at + 1 :]


def test_damage_is_said_in_a_sentence_and_never_written_over(
    sound, home, capsys, times, figure, dice: random.Random
):
    path, number, said = home / "taskq.db", times(30, 500), 0
    for _ in range(number):
        before = damaged(sound, dice)
        for command in COMMANDS[: times(4, 5)]:
            for beside in home.glob("taskq.db-*"):
                beside.unlink()
            path.write_bytes(before)
            code = cli.run(command)
            out = capsys.readouterr()
            assert code in {0, 1, 3, 5, 6}, (command, out)
            assert "Traceback" not in out.err
            assert "a fault of taskq's own" not in out.err, out.err
            if code == 5:
                said += 1
                assert out.err.strip().splitlines()[-1].startswith("taskq: ")
                # A worker that has begun may meet a row that nothing but reading it tells of.
                assert path.read_bytes() == before or command[0] == "work", (command, out)
    assert said > number / 10
    figure(
        f"{number} flips and truncations of the file",
        f"{said} sentences with exit code 5, 0 tracebacks, 0 bytes written to a file said corrupt",
    )
