"""The command line: one small module per command, each parses, calls `tasks`, shows a view."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import Abort, TyperException

from taskq import __version__
from taskq.cli import (
    cancel,
    complete,
    config,
    database,
    demo,
    doctor,
    listing,
    login,
    logs,
    profile,
    prune,
    resolve,
    retry,
    serve,
    sql,
    stats,
    status,
    submit,
    watch,
    work,
)
from taskq.cli.shared import Db, remember_db
from taskq.errors import EXIT_CODES, BadInput, TaskqError

_RARELY = 50_000
"""Objects between two searches for garbage: imports are none, and looking costs 7 % of a start."""
_CODES = " · ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())

app = typer.Typer(
    name="taskq",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
    epilog=f"Exit codes: {_CODES}",
    help="A task queue for long browser jobs that matter, with live progress.",
)

_RUN, _CHANGE, _OPERATE = "Run tasks", "Change tasks", "Operate"

app.add_typer(submit.app, name="submit", rich_help_panel=_RUN)
app.command("watch", rich_help_panel=_RUN)(watch.watch)
app.command("status", rich_help_panel=_RUN)(status.status)
app.command("list", rich_help_panel=_RUN)(listing.list_tasks)
app.command("logs", rich_help_panel=_RUN)(logs.logs)
app.command("cancel", rich_help_panel=_CHANGE)(cancel.cancel)
app.command("retry", rich_help_panel=_CHANGE)(retry.retry)
app.command("resolve", rich_help_panel=_CHANGE)(resolve.resolve)
app.command("prune", rich_help_panel=_CHANGE)(prune.prune)
app.command("stats", rich_help_panel=_OPERATE)(stats.stats)
app.command("sql", rich_help_panel=_OPERATE)(sql.sql)
app.command("work", rich_help_panel=_OPERATE)(work.work)
app.command("serve", rich_help_panel=_OPERATE)(serve.serve)
app.add_typer(database.app, name="db", rich_help_panel=_OPERATE)
app.command("doctor", rich_help_panel=_OPERATE)(doctor.doctor)
app.add_typer(config.app, name="config", rich_help_panel=_OPERATE)
app.add_typer(profile.app, name="profile", rich_help_panel=_OPERATE)
app.command("login", rich_help_panel=_OPERATE)(login.login)
app.command("logout", rich_help_panel=_OPERATE)(login.logout)
app.add_typer(demo.app, name="demo", rich_help_panel=_OPERATE)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"taskq {__version__}")
        raise typer.Exit


@app.callback()
def root(
    db: Db = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Nothing but what holds for every command."""
    del version
    remember_db(db)


def main() -> NoReturn:
    """`taskq`, as the shell calls it."""
    gc.set_threshold(_RARELY)
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; its exit code. Every expected error ends here, as a sentence."""
    try:
        _check_text(arguments)
        result = app(arguments, prog_name="taskq", standalone_mode=False)
    except TaskqError as error:
        return _say(str(error), error.exit_code, error)
    except TyperException as error:
        code = 2 if error.exit_code == 1 else error.exit_code
        message = error.format_message().strip()
        return _say(_pointing(message, error), code, error) if message else code
    except (Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last door: a fault of ours, in a sentence
        fault = f"{type(error).__name__}: {error}"
        return _say(f"a fault of taskq's own: {fault}. Show where: export TASKQ_DEBUG=1", 1, error)
    return result if isinstance(result, int) else 0


def _pointing(message: str, error: TyperException) -> str:
    """The sentence, and whose help tells more."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "taskq"
    ended = message if message.endswith("?") else message.removesuffix(".") + "."
    return f"{ended} See: {command} --help"


def _check_text(arguments: list[str]) -> None:
    """Refuse bytes of another encoding once, before anything of them is stored, opened or shown."""
    for argument in arguments:
        if "\0" in argument or any("\ud800" <= char <= "\udfff" for char in argument):
            raise BadInput(f"{argument!a} is not valid text: it holds bytes that are no UTF-8")


def _say(message: str, code: int, error: BaseException) -> int:
    if complete.is_asked():
        return code
    if os.environ.get("TASKQ_DEBUG") in {"1", "true"}:
        raise error
    print(f"taskq: {message}", file=sys.stderr)  # noqa: T201 - the face speaks here
    return code
