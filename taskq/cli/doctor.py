"""`taskq doctor`: whether this machine is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from taskq.cli import shared

if TYPE_CHECKING:
    from taskq.doctor import Check


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Install a browser if there is none.")] = False,
    only_browser: Annotated[
        bool, typer.Option("--browser", help="Look at the browser only.")
    ] = False,
    db: shared.Db = None,
    as_json: shared.Json = False,
) -> int:
    """Check that everything is there; each fault with the command that repairs it.

    Examples: taskq doctor · taskq doctor --fix
    """
    from taskq import doctor as checkup

    settings = shared.settings(db)
    fixed = [checkup.fix_browser(settings, shared.hint)] if fix else []
    every = checkup.checks(settings)
    found = fixed or [checkup.browser(settings)] if only_browser else list(every)
    if as_json:
        shared.say_json([vars(check) for check in found])
    else:
        for check in found:
            shared.say(_line(check))
    return 0 if all(check.ok or check.warning for check in found) else 1


def _line(check: Check) -> str:
    from taskq.timeline import Mark

    mark = Mark.DONE if check.ok else Mark.SKIPPED if check.warning else Mark.FAILED
    return f"{shared.glyphs().marks[mark]} {check.name:<9} {check.said}"
