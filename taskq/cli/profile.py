"""`taskq profile`: who orders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taskq.cli import shared
from taskq.errors import BadInput

if TYPE_CHECKING:
    from taskq.profiles import Profile

app = typer.Typer(no_args_is_help=True, help="Who orders: contact and address.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")]

_QUESTIONS = {
    "email": "E-mail",
    "first_name": "First name",
    "last_name": "Last name",
    "address1": "Street and number",
    "address2": "Apartment (may stay empty)",
    "city": "City",
    "country": "Country (ISO code, such as US)",
    "province": "State or province (ISO code, such as NY; may stay empty)",
    "postal_code": "Postal code (may stay empty)",
    "phone": "Phone (may stay empty)",
    "max_price": "Never pay more than (may stay empty)",
}


@app.command()
def add(
    name: Name,
    file: Annotated[
        str | None, typer.Option("--file", help="TOML or JSON with its fields; - reads stdin.")
    ] = None,
) -> None:
    """Add a profile, by questions or from a file; an older one of this name is replaced.

    Examples: taskq profile add default · taskq profile add ada --file ada.toml
    """
    from taskq import profiles
    from taskq.settings import config_dir

    if file is None and not sys.stdin.isatty():
        raise BadInput(f"Nobody is here to answer: taskq profile add {name} --file FILE")
    made = _asked() if file is None else profiles.parse(_read(file))
    path = profiles.save(name, made, config_dir())
    shared.say(f"Profile {name} is in {path}")


@app.command("list")
def list_names() -> None:
    """List the profiles there are.

    Example: taskq profile list
    """
    from taskq import profiles
    from taskq.settings import config_dir

    for name in profiles.names(config_dir()):
        shared.say(name)


@app.command()
def show(name: Name) -> None:
    """Show a profile.

    Example: taskq profile show default
    """
    from taskq import profiles
    from taskq.settings import config_dir

    for field, value in profiles.load(name, config_dir()):
        shared.say(f"{field:<12} {'' if value is None else value}")


def _asked() -> Profile:
    from taskq import profiles

    answers: dict[str, object] = {}
    for field, question in _QUESTIONS.items():
        answer = typer.prompt(question, default="", show_default=False, err=True).strip()
        if answer:
            answers[field] = answer.upper() if field in {"country", "province"} else answer
    return profiles.from_answers(answers)


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).expanduser().read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"--file {file} cannot be read: {error}") from None
