"""`taskq demo`: a real order, or a real ride, in a real browser against a bundled site, live."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskq.cli import shared, stage

if TYPE_CHECKING:
    from taskq.demo.ride import RideApp
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
_FROM, _TO, _LIMIT = "12 Analytical Row", "1 Engine Square", "15"
_RIDE = f'taskq submit uber --from "{_FROM}" --to "{_TO}" --max-fare {_LIMIT}'

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")]
Book = Annotated[
    Path | None, typer.Option("--ledger", help="Where it writes down what it was asked for.")
]


@app.callback(invoke_without_command=True)
def demo(ctx: typer.Context) -> int | None:
    """Show a real order against the bundled shop, live; nothing leaves this machine.

    Examples: taskq demo · taskq demo uber
    """
    if ctx.invoked_subcommand is not None:
        return None
    from taskq import profiles

    home = _home()
    with _shop(home / "ledger.jsonl") as address, stage.queue(home, **_CARD):
        profiles.save("default", profiles.from_answers(dict(_BUYER)), stage.folder(home))
        url = f"{address}/products/{_PRODUCT}"
        typed = f"taskq submit shopify --url {url} --size {_SIZE}"
        given = {"product_url": url, "size": _SIZE, "profile": "default"}
        ended = stage.show("shopify", given, typed)
    if ended.result_data.get("order"):
        _say_order(ended)
    return shared.exit_code(ended)


@app.command()
def uber() -> int:
    """Show a real ride against the bundled ride app, live; nothing leaves this machine.

    Examples: taskq demo uber · taskq demo uber --help
    """
    from taskq import sessions

    home = _home()
    with _rides(home / "ledger.jsonl") as opened, stage.queue(home, TASKQ_UBER_URL=opened.url):
        login = sessions.Login("uber", opened.home_url, opened.signed_in())
        sessions.save(login, stage.folder(home))
        given = {"from_address": _FROM, "to_address": _TO, "max_fare": _LIMIT}
        ended = stage.show("uber", given, _RIDE)
    if ended.result_data.get("trip"):
        _say_ride(ended)
    return shared.exit_code(ended)


@app.command()
def shop(port: Port = 0, ledger: Book = None) -> None:
    """Run the demo shop alone, to order from by hand.

    Examples: taskq demo shop · taskq demo shop --port 8080
    """
    book = ledger or _home() / "ledger.jsonl"
    with _shop(book, port) as address:
        shared.say(f"The shop is open: {address} (Ctrl-C closes it)")
        shared.say(f"Its ledger: {book}")
        shared.say("Cards: 1 is approved, 2 and 3 are refused; any code, any future date.")
        shared.hint(
            f"Order: taskq submit shopify --url {address}/products/{_PRODUCT} --size {_SIZE}"
        )
        _until_interrupted()
    shared.hint("\nThe shop is closed.")


@app.command()
def ride(port: Port = 0, ledger: Book = None) -> None:
    """Run the demo ride app alone, to log in to and book rides from by hand.

    Examples: taskq demo ride · taskq demo ride --port 8080
    """
    book = ledger or _home() / "ledger.jsonl"
    with _rides(book, port) as opened:
        shared.say(f"The ride app is open: {opened.url} (Ctrl-C closes it)")
        shared.say(f"Its ledger: {book}")
        shared.say(f"Log in with any phone number or e-mail; the code is {opened.code}.")
        shared.hint(f"Let taskq know it: export TASKQ_UBER_URL={opened.url}")
        shared.hint("Log in: taskq login uber")
        shared.hint(f"Ride: {_RIDE}")
        _until_interrupted()
    shared.hint("\nThe ride app is closed.")


def _home() -> Path:
    return Path(tempfile.mkdtemp(prefix="taskq-demo-"))


@contextmanager
def _shop(ledger: Path, port: int = 0) -> Iterator[str]:
    from taskq.demo.shop import Shop

    with Shop(ledger=ledger, port=port) as opened:
        yield opened.url


@contextmanager
def _rides(ledger: Path, port: int = 0) -> Iterator[RideApp]:
    from taskq.demo.ride import RideApp

    with RideApp(ledger=ledger, port=port) as opened:
        yield opened


def _until_interrupted() -> None:
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


def _say_order(task: Task) -> None:
    shared.say()
    shared.say(f"Order #{task.result_data['order']} placed in {stage.lasted(task)}")
    if picture := task.result_data.get("artifacts", {}).get("thank-you"):
        shared.say(f"Thank-you page: {picture}")


def _say_ride(task: Task) -> None:
    said = task.result_data
    shared.say()
    shared.say(f"{said['product']} for {said['fare']} booked in {stage.lasted(task)}")
    shared.say(f"{said['status']}: {said.get('artifacts', {}).get('trip', said['trip'])}")
