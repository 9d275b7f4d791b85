"""`taskq login` and `taskq logout`: saved logins, for tasks with `--account`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from taskq.cli import complete, shared
from taskq.cli.shared import Db, Json
from taskq.errors import BadInput, NotSetUp

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The login's name.", autocompletion=complete.logins),
]
MaybeName = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", help="The login's name.", autocompletion=complete.logins),
]


def login(
    name: MaybeName = None,
    url: Annotated[
        str | None, typer.Option("--url", help="Where to log in; else where it was made.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="NAME", help="Another login at the same place as this one."
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Look whether it still is logged in.")
    ] = False,
    import_from: Annotated[
        str | None,
        typer.Option("--import", metavar="FILE", help="Take it from a storage state; - is stdin."),
    ] = None,
    export_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write its storage state.")
    ] = None,
    as_list: Annotated[bool, typer.Option("--list", help="List the logins there are.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Log in at a window once; tasks with --account NAME then do what they do as you.

    Examples: taskq login work --url https://example.com/account · taskq login uber --check
    """
    if as_list:
        _list(as_json=as_json)
        return
    if name is None:
        raise BadInput("Which login? taskq login NAME --url URL (there are: taskq login --list)")
    asked = {"--check": check, "--import": import_from, "--export": export_to}
    if len(several := [option for option, given in asked.items() if given]) > 1:
        raise BadInput(f"{' and '.join(several)} are different things: use one at a time")
    if account is not None:
        from taskq.tasks import logins

        name, url = account, url or logins.where(name, None)
    if check:
        _check(name, db)
    elif import_from:
        _import(name, url, import_from, db)
    elif export_to:
        _export(name, export_to)
    else:
        _at_a_window(name, url, db)


def logout(name: Name) -> None:
    """Forget a saved login; at its site it stays as it is.

    Examples: taskq logout work · taskq logout shop-of-ada
    """
    from taskq import sessions
    from taskq.settings import config_dir

    sessions.forget(name, config_dir())
    shared.say(f"Login {name} is forgotten")


def _list(*, as_json: bool) -> None:
    from taskq.tasks import logins
    from taskq.views import tables

    found = logins.all_kept()
    columns = ("name", "url")
    rows = [tuple(each[column] for column in columns) for each in found]
    if as_json:
        shared.say_json(found)
    elif not shared.is_screen():
        for text in tables.tabbed(rows, columns):
            shared.say(text)
    elif rows:
        shared.console().print(tables.table(rows, columns, gives_way="url"))
    else:
        shared.hint("No logins. Make one: taskq login NAME --url URL")


def _check(name: str, db: str | None) -> None:
    import asyncio

    from taskq import sessions
    from taskq.settings import config_dir
    from taskq.tasks import logins

    kept = sessions.load(name, config_dir())
    with shared.store(db) as store:
        is_in = asyncio.run(logins.check(store, shared.settings(db), kept))
    if not is_in:
        raise NotSetUp(f"Login {name!r} is logged out at {kept.url}. Log in: taskq login {name}")
    shared.say(f"Login {name} is logged in at {kept.url}")


def _import(name: str, url: str | None, file: str, db: str | None) -> None:
    from taskq.tasks import logins

    at = logins.where(name, url)
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).expanduser().read_bytes()
    except OSError as error:
        raise BadInput(f"--import {file} cannot be read: {error.strerror}") from None
    with shared.store(db) as store:
        path = logins.keep(store, logins.of_file(name, at, content))
    shared.say(f"Login {name} is in {path}")


def _export(name: str, file: Path) -> None:
    from taskq import sessions
    from taskq.files import write_whole
    from taskq.settings import config_dir

    state = sessions.load(name, config_dir()).state
    target = file.expanduser().absolute()
    try:
        write_whole(target.parent, target.name, json.dumps(state).encode())
    except OSError as error:
        raise BadInput(f"--export {file} cannot be written: {error.strerror}") from None
    shared.say(f"Login {name} is in {target}: whoever has this file is logged in as you")


def _at_a_window(name: str, url: str | None, db: str | None) -> None:
    import asyncio

    from taskq.tasks import logins

    at = logins.where(name, url)
    if not _has_screen():
        raise NotSetUp(
            "There is no screen here for a browser's window. Log in where there is one, and bring "
            f"it here: taskq login {name} --export FILE there, then here: "
            f"taskq login {name} --import FILE --url {at}"
        )
    with shared.store(db) as store:
        path, looks_done = asyncio.run(_person(store, shared.settings(db), name, at))
    shared.say(f"Login {name} is in {path}")
    if not looks_done:
        shared.hint(f"The window still showed a login page. Check it: taskq login {name} --check")


async def _person(store: Any, settings: Any, name: str, url: str) -> tuple[Path, bool]:
    """Wait for the person at the window, who says at the terminal, or by closing it, when done."""
    import asyncio

    from taskq.tasks import logins

    loop, done = asyncio.get_running_loop(), asyncio.Event()
    if not sys.stdin.isatty():
        shared.hint("Log in at the window, and close it when you are logged in.")
        return await logins.log_in(store, settings, name, url, done)
    shared.hint("Press Enter here when you are logged in (or close the window).")

    def heard() -> None:
        sys.stdin.readline()
        done.set()

    loop.add_reader(sys.stdin.fileno(), heard)
    try:
        return await logins.log_in(store, settings, name, url, done)
    finally:
        loop.remove_reader(sys.stdin.fileno())


def _has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
