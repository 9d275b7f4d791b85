"""`taskq serve`: the HTTP API and the page, with a worker beside it if one is wanted."""

from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from taskq.cli import shared
from taskq.errors import BadInput, NotSetUp

if TYPE_CHECKING:
    from taskq.api.door import Rules
    from taskq.api.server import Place, Server

_LEAST_TOKEN = 16
_ORIGIN = r"https?://([a-z0-9._-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?"


def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: a free one.")] = 8000,
    host: Annotated[
        str, typer.Option("--host", help="An address that others can reach; needs a token.")
    ] = "localhost",
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="Let in only who has the token in this file."),
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option("--allow-origin", help="Let pages of this origin ask (repeatable)."),
    ] = None,
    work: Annotated[bool, typer.Option("--work", help="Run a worker as well.")] = False,
    number: Annotated[
        int | None, typer.Option("--id", min=1, help="With --work: its number.")
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", "-c", min=1, max=64, help="With --work: at a time."),
    ] = None,
    imports: Annotated[
        list[str] | None,
        typer.Option("--import", help="A module, or .py file, with task types (repeatable)."),
    ] = None,
    db: shared.Db = None,
) -> int:
    """Serve the HTTP API and the page, to this machine alone if nothing else is said.

    Examples: taskq serve --work · taskq serve --port 8080 --allow-origin https://example.com
    """
    from taskq import registry, tasks

    _check_installed()
    from taskq.api.desk import Desk
    from taskq.api.server import Server, open_place
    from taskq.cli.work import work_on
    from taskq.worker.orders import Orders

    if not work and (number or concurrency):
        raise BadInput("--id and --concurrency are a worker's: taskq serve --work")
    settings = shared.settings(db)
    registry.load_imports([*settings.imports.split(","), *(imports or ())])
    token = _token(host, token_file)
    origins = frozenset(_origin(text) for text in allow_origin or ())
    place = open_place(host.strip("[]"), port)
    with (
        tasks.opened(settings) as store,
        closing(Desk(store, settings, registry.handlers())) as desk,
    ):
        server = Server(desk, place, _rules(place, origins, token), lambda: _say(place))
        if work:
            orders = Orders(number, concurrency or 1)
            work_on(store, settings, desk.handlers, orders, beside=_beside(server))
        else:
            _heed_signals(server)
            server.work()
    return 0


def _check_installed() -> None:
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError:
        raise NotSetUp("The HTTP API is not installed. Add it: pip install 'taskq[api]'") from None


def _token(host: str, path: Path | None) -> str | None:
    from taskq.addresses import is_loopback
    from taskq.files import read_secret

    make = "python3 -c 'import secrets; print(secrets.token_hex())'"
    if path is None:
        if is_loopback(host.strip("[]")):
            return None
        raise BadInput(
            "--host: others could order with your card. Let in only who has a token: "
            f"(umask 077; {make} > token) && taskq serve --host {host} --token-file token"
        )
    try:
        token = read_secret(path).decode().strip()
    except (FileNotFoundError, UnicodeDecodeError):
        token = ""
    if len(token) < _LEAST_TOKEN or not token.isascii() or not token.isprintable():
        raise BadInput(
            f"--token-file: {path} holds no token of {_LEAST_TOKEN} characters or more. "
            f"Make one: (umask 077; {make} > {path})"
        )
    return token


def _origin(text: str) -> str:
    """An origin as browsers send it: scheme and name, and nothing behind it."""
    origin = text.strip().lower().removesuffix("/")
    if not re.fullmatch(_ORIGIN, origin):
        raise BadInput(f"--allow-origin: {text!r} is no origin such as https://example.com")
    return origin


def _rules(place: Place, origins: frozenset[str], token: str | None) -> Rules:
    """Who is let in; with a token also a proxy that serves us under an origin that is allowed."""
    from taskq.api.door import Rules

    names = {urlsplit(origin).netloc for origin in origins if token}
    return Rules(place.hosts | names, origins, token)


def _say(place: Place) -> None:
    shared.say(f"Serving {place.url}  (Ctrl-C stops)")
    sys.stdout.flush()


def _heed_signals(server: Server) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: server.leave())


@contextmanager
def _beside(server: Server) -> Iterator[None]:
    """Serve in a thread while the worker has this one, and hears the signals."""
    thread = threading.Thread(target=server.work, name="server")
    thread.start()
    try:
        yield
    finally:
        server.leave()
        thread.join()
