"""`taskq submit TYPE`: a command for every task type, made from its params model."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_origin

import typer
from typer.core import TyperGroup

from taskq.cli import complete, first, shared, show

if TYPE_CHECKING:
    from taskq.models import Task
    from taskq.registry import Handler
    from taskq.settings import Settings
    from taskq.store import Store
    from taskq.tasks import Submitted


class _Types(TyperGroup):
    """The task types as commands, looked up when they are asked for."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Import what `--import` names first: it may bring the type that is submitted."""
        from taskq import registry

        registry.load_imports(shared.settings().imports.split(","))
        while "--import" in args[:-1]:
            at = args.index("--import")
            registry.load_imports([args[at + 1]])
            args = args[:at] + args[at + 2 :]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of the types there are."""
        from taskq import registry

        del ctx
        return [handler.name for handler in registry.handlers().values()]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of one type."""
        from taskq import registry

        del ctx
        return _command(registry.find(cmd_name))


app = typer.Typer(
    cls=_Types,
    no_args_is_help=True,
    help="Hand a job to the queue: taskq submit shopify --url URL --size Medium",
)


@app.callback()
def submit() -> None:
    """Make the group one that takes commands, even while it has none of its own."""


def _command(handler: Handler[Any]) -> Any:
    """The command of *handler*: its params as options, then what every submit takes."""
    fields = handler.params.model_fields
    own = {
        name: _option(handler, name, info.description or "", _kind(info.annotation))
        for name, info in fields.items()
    }

    def command(**given: Any) -> int:
        params = {name: given.pop(name) for name in own}
        # What was not given is left to the model, which knows the defaults.
        said = {k: v for k, v in params.items() if v not in (None, False, [])}
        return _submit(handler, said, given)

    every = inspect.signature(_every_submit).parameters
    parameters = [*own.values(), *(p for name, p in every.items() if name not in own)]
    command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = f"Submit a task of type {handler.task_type}.\n\n{_examples(handler)}"
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(handler.name)(command)
    return typer.main.get_command(single)


def _examples(handler: Handler[Any]) -> str:
    """Two ways to submit, with the options that must be given."""
    fields = handler.params.model_fields.items()
    must = [handler.flag((name,)) for name, info in fields if _is_shown(info)]
    given = [f"{flag} {flag.lstrip('-').upper()}" for flag in must]
    alone = " ".join(["taskq submit", handler.name, *given, "--watch"])
    return f"Examples: {alone} · taskq submit {handler.name} --batch tasks.csv"


def _is_shown(info: Any) -> bool:
    shown = (getattr(each, "in_examples", False) for each in info.metadata)
    return info.is_required() or any(shown)


def _kind(annotation: Any) -> Any:
    """How a field of the params is typed: as a flag, again and again, or as text to validate."""
    if annotation is bool:
        return bool
    return list[str] | None if get_origin(annotation) in {dict, list, tuple} else str | None


def _option(handler: Handler[Any], name: str, description: str, kind: Any) -> inspect.Parameter:
    flag = handler.flag((name,))
    value = None if kind is bool else flag.lstrip("-").upper()
    known = complete.profiles if name == "profile" else None
    option = typer.Option(
        flag, help=description, metavar=value, show_default=False, autocompletion=known
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=False if kind is bool else None,
        annotation=Annotated[kind, option],
    )


def _every_submit(
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Watch it; exit code = its end.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end in silence.")] = False,
    work: Annotated[bool, typer.Option("--work", help="Work it here and now, live.")] = False,
    headed: Annotated[
        bool, typer.Option("--headed", help="With --work: show the browser.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="With --work: keep a Playwright trace.")
    ] = False,
    key: Annotated[
        str | None, typer.Option("--key", help="The same key twice is one task, not two.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(
            "--account",
            metavar="NAME",
            help="Do it with this saved login.",
            autocompletion=complete.logins,
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Do it although a task may have paid for it already.")
    ] = False,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help="Many tasks from a file, .csv or .jsonl: all or none."),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print the id alone.")] = False,
    as_json: shared.Json = False,
    db: shared.Db = None,
) -> None:
    """What every submit takes beside its type's own options."""


_every_submit.__annotations__ = inspect.get_annotations(_every_submit, eval_str=True)


def _submit(handler: Handler[Any], given: dict[str, Any], how: dict[str, Any]) -> int:
    from taskq import tasks
    from taskq.cli.watch import follow

    settings = shared.settings(how["db"], headed=how["headed"] or None, trace=how["trace"] or None)
    given = tasks.with_profile(handler, given, settings)
    if how["batch"]:
        return _submit_all(handler, given, settings, how)
    params = handler.parse(given)
    account = how.get("account")  # a type may have a field of its own that is called so
    tasks.check_account(handler, account)
    if not (how["quiet"] or how["as_json"]):
        first.lead_in(handler, params, settings)
    _check_needs(handler, params, settings, account, must=how["work"])
    with tasks.opened(settings) as store:
        submitted = tasks.submit(
            store, handler, params, key=how["key"], account=account, again=how["again"]
        )
        task_id = submitted.task.id
        if how["work"]:
            from taskq.cli.work import work_one

            _announce(store, submitted, how)
            return _worked(work_one(store, settings, handler, task_id, as_json=how["as_json"]))
        _announce(store, submitted, how)
        if how["watch"]:
            return shared.exit_code(
                follow(store, task_id, how=show.mode(None, as_json=how["as_json"]))
            )
        if how["wait"]:
            return _wait(store, task_id, as_json=how["as_json"])
    return 0


def _submit_all(
    handler: Handler[Any], common: dict[str, Any], settings: Settings, how: dict[str, Any]
) -> int:
    """Submit what the file says, all of it or nothing."""
    from taskq import tasks
    from taskq.cli import batch
    from taskq.errors import BadInput

    if one := next((name for name in ("key", "watch", "wait", "work") if how[name]), None):
        raise BadInput(f"--{one} is for one task, --batch for many. See: taskq submit --help")
    rows = batch.rows(how["batch"], handler)
    wishes = batch.parsed(rows, handler, common, how.get("account"))
    with tasks.opened(settings) as store:
        submitted = tasks.submit_all(store, handler, wishes, again=how["again"])
    if how["as_json"]:
        shared.say_json([shared.document(task) for task in submitted])
    else:
        for task in submitted:
            shared.say(task.id)
        shared.hint(f"{len(submitted)} tasks are in the queue. See them: taskq list")
    return 0


def _worked(task: Task) -> int:
    if task.ended:
        return shared.exit_code(task)
    shared.hint(f"Stopped; task {task.id} is in the queue. Go on: taskq work --id 1")
    return 130


def _check_needs(
    handler: Handler[Any], params: Any, settings: Settings, account: str | None, *, must: bool
) -> None:
    """Say what this machine lacks; a task that is to run right here is not even submitted."""
    from taskq.errors import NotSetUp
    from taskq.tasks import needs

    lack = needs.missing(handler, params, settings, account)
    if lack and must:
        raise NotSetUp(lack)
    if lack:
        shared.hint(f"A worker on this machine could not run it yet. {lack}")


def _announce(store: Store, submitted: Submitted, how: dict[str, Any]) -> None:
    from taskq import tasks

    task = submitted.task
    follows = how["watch"] or how["wait"] or how["work"]
    if how["as_json"]:
        if not follows:
            shared.say_json(shared.document(task))
    elif how["quiet"] or (not sys.stdout.isatty() and not follows):
        shared.say(task.id)
    else:
        word = "Submitted" if submitted.created else "Already submitted:"
        shared.say(f"{word} {task.id} ({task.type}).")
    if how["quiet"]:
        return
    if not (submitted.created or sys.stdout.isatty()):
        shared.hint(f"Task {task.id} has this key already; nothing new was submitted.")
    for other in submitted.alike:
        shared.hint(f"Task {other} wants the same and is not finished: both will be paid for.")
    if not follows:
        shared.hint(f"Watch it: taskq watch {task.id}")
    if not how["work"] and tasks.waiting_for_worker(store, task):
        shared.hint("No worker is running. Start one: taskq work --id 1")


def _wait(store: Store, task_id: str, *, as_json: bool) -> int:
    from taskq.tasks.follow import follow
    from taskq.views import plain

    for task in follow(store, [task_id]):
        last = task
    if as_json:
        shared.say_json(shared.document(last))
    else:
        shared.hint(plain.ending(last))
    return shared.exit_code(last)
