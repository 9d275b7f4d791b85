"""`taskq demo`: a real order in a real browser against the bundled shop, live."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskq.cli import shared
from taskq.errors import NotSetUp

if TYPE_CHECKING:
    from taskq.models import Task

app = typer.Typer()

_PRODUCT, _SIZE = "hp-p020-051-1", "Medium"
_BUYER = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "address1": "12 Analytical Row",
    "city": "New York",
    "province": "NY",
    "postal_code": "10001",
    "country": "US",
    "phone": "+1 212 555 0142",
}
# The bogus gateway's card: its number is 1, and it approves.
_CARD = {
    "TASKQ_CARD_NUMBER": "1",
    "TASKQ_CARD_EXPIRY": "12/39",
    "TASKQ_CARD_CVC": "123",
    "TASKQ_CARD_NAME": "Ada Lovelace",
}


@app.callback(invoke_without_command=True)
def demo(ctx: typer.Context) -> int | None:
    """Show a real order against the bundled shop, live; nothing leaves this machine.

    Examples: taskq demo · taskq demo shop
    """
    if ctx.invoked_subcommand is not None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="taskq-demo-"))
    with _shop(folder / "ledger.jsonl") as address, _environment(folder):
        return _order(f"{address}/products/{_PRODUCT}")


@app.command()
def shop(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")] = 0,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", help="Where its charges are written.")
    ] = None,
) -> None:
    """Run the demo shop alone, to order from by hand.

    Examples: taskq demo shop · taskq demo shop --port 8080
    """
    book = ledger or Path(tempfile.mkdtemp(prefix="taskq-demo-")) / "ledger.jsonl"
    with _shop(book, port) as address:
        shared.say(f"The shop is open: {address} (Ctrl-C closes it)")
        shared.say(f"Its ledger: {book}")
        shared.say("Cards: 1 is approved, 2 and 3 are refused; any code, any future date.")
        shared.hint(
            f"Order: taskq submit shopify --url {address}/products/{_PRODUCT} --size {_SIZE}"
        )
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    shared.hint("\nThe shop is closed.")


@contextmanager
def _shop(ledger: Path, port: int = 0) -> Iterator[str]:
    from taskq.demo.shop import Shop

    with Shop(ledger=ledger, port=port) as opened:
        yield opened.url


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    """A buyer with a bogus card and a queue of their own, apart from the user's."""
    from taskq import profiles

    own = {
        "TASKQ_CONFIG_DIR": str(folder / "config"),
        "TASKQ_DATA_DIR": str(folder / "runs"),
        "TASKQ_DB": str(folder / "taskq.db"),
        "TASKQ_PROFILE": "default",
        **_CARD,
    }
    profiles.save("default", profiles.from_answers(dict(_BUYER)), folder / "config")
    before = dict(os.environ)
    os.environ.update(own)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _order(url: str) -> int:
    """Submit, start a worker beside us, watch in front; exit code = the task's end."""
    from taskq import registry, tasks
    from taskq.cli.watch import follow

    handler = registry.find("shopify")
    with shared.store(None) as store:
        params = handler.parse({"product_url": url, "size": _SIZE, "profile": "default"})
        shared.hint("$ taskq work --id 1 &")
        with _worker():
            task = tasks.submit(store, handler, params).task
            shared.hint(f"$ taskq submit shopify --url {url} --size {_SIZE}")
            shared.hint(f"$ taskq watch {task.id}\n")
            ended = follow(store, task.id)
    if ended.result_data.get("order"):
        _say_order(ended)
    return shared.exit_code(ended)


def _say_order(task: Task) -> None:
    assert task.started_at is not None
    assert task.completed_at is not None
    lasted = (task.completed_at - task.started_at).total_seconds()
    shared.say()
    shared.say(f"Order #{task.result_data['order']} placed in {lasted:.1f} s")
    shared.say(f"Thank-you page: {task.result_data['artifacts']['thank-you']}")


@contextmanager
def _worker() -> Iterator[None]:
    """A worker beside us, as `taskq work --id 1` in another terminal would be."""
    command = [sys.executable, "-m", "taskq", "work", "--id", "1", "--once"]
    worker = subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    for line in worker.stdout:
        if line.startswith("Waiting"):
            break
    else:
        raise NotSetUp("The worker did not start. See why: taskq doctor")
    threading.Thread(target=_interrupt_when_dead, args=(worker,), daemon=True).start()
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _interrupt_when_dead(worker: subprocess.Popen[str]) -> None:
    """Read on, so that the worker never waits for us, and end the watch if it crashes."""
    assert worker.stdout is not None
    for _ in worker.stdout:
        pass
    if worker.wait() != 0:
        os.kill(os.getpid(), signal.SIGINT)
