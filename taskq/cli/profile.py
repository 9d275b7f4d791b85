"""`taskq profile`: who orders, and with which card."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from taskq.cli import complete, questions, shared
from taskq.cli.shared import Json
from taskq.errors import BadInput, NotSetUp

app = typer.Typer(no_args_is_help=True, help="Who orders, and with which card.")

Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The profile's name.", autocompletion=complete.profiles),
]
File = Annotated[
    str | None, typer.Option("--file", help="TOML or JSON with its fields; - reads stdin.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]

_COLUMNS = ("name", "person", "country", "card")


@app.command()
def add(name: Name, file: File = None) -> None:
    """Add a profile, by questions or from a file; an older one of this name is replaced.

    A file names email, first_name, last_name, address1, city, country, and where the country has
    them province and postal_code; also address2, phone and max_price.

    Examples: taskq profile add default · taskq profile add ada --file ada.toml
    """
    from taskq import profiles
    from taskq.settings import config_dir

    profiles.exists(name, config_dir())  # asks nobody eleven things for a name that cannot be
    if file is None and not questions.can_ask():
        raise BadInput(f"Nobody is here to answer: taskq profile add {name} --file FILE")
    made = questions.profile() if file is None else profiles.parse(_read(file))
    path = profiles.save(name, made, config_dir())
    shared.say(f"Profile {name} is in {path}")


@app.command()
def edit(
    name: Name,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A field; no value empties it."),
    ] = None,
) -> None:
    """Change a profile, by questions or with --set; what is wrong as a whole changes nothing.

    Examples: taskq profile edit default · taskq profile edit ada --set city=Paris --set phone=
    """
    from taskq import profiles
    from taskq.settings import config_dir

    present = profiles.answers(name, config_dir())
    if settings:
        changed = profiles.from_answers(_changed(present, settings))
    elif questions.can_ask():
        changed = questions.profile(present)
    else:
        raise BadInput(f"Nobody is here to answer: taskq profile edit {name} --set FIELD=VALUE")
    path = profiles.save(name, changed, config_dir())
    shared.say(f"Profile {name} is in {path}")


@app.command()
def remove(name: Name, yes: Yes = False) -> int:
    """Remove a profile, and the card that is kept for it.

    Examples: taskq profile remove ada · taskq profile remove ada --yes
    """
    from taskq import profiles
    from taskq.secrets import kept
    from taskq.settings import config_dir

    if not profiles.exists(name, config_dir()):
        raise NotSetUp(f"No profile {name!r}. See the ones there are: taskq profile list")
    question = f"Remove the profile {name} and its card?"
    if not questions.confirmed(question, yes=yes, command=f"taskq profile remove {name}"):
        return 1
    with_card = kept.forget(name)
    profiles.remove(name, config_dir())
    shared.say(f"Profile {name} is removed{', and its card' if with_card else ''}")
    return 0


@app.command("list")
def list_profiles(as_json: Json = False) -> None:
    """List the profiles there are, their cards masked.

    Examples: taskq profile list · taskq profile list --json
    """
    from taskq import profiles
    from taskq.settings import config_dir
    from taskq.views import tables

    found = [_document(name) for name in profiles.names(config_dir())]
    if as_json:
        shared.say_json(found)
        return
    rows = [
        (each["name"], each.get("error") or _person(each), each.get("country", ""), each["card"])
        for each in found
    ]
    if not shared.is_screen():
        for text in tables.tabbed(rows, _COLUMNS):
            shared.say(text)
    elif rows:
        shared.console().print(tables.table(rows, _COLUMNS, gives_way="person"))
    else:
        shared.hint("No profiles. Make one: taskq profile add default")


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show a profile, its card masked.

    Examples: taskq profile show default · taskq profile show ada --json
    """
    from taskq import profiles
    from taskq.settings import config_dir

    profiles.load(name, config_dir())  # what cannot be used is told in a sentence
    document = _document(name)
    if as_json:
        shared.say_json(document)
        return
    for field, value in document.items():
        if field != "name":
            shared.say(f"{field:<12} {'' if value is None else value}")


@app.command()
def card(
    name: Name,
    file: File = None,
    remove: Annotated[bool, typer.Option("--remove", help="Forget the card.")] = False,
) -> int:
    """Keep the card a profile pays with: asks for it, or reads it from a file; never an argument.

    It is kept in the system's keyring where there is one and the extra "keyring" is installed,
    else in a file that is yours alone. A file names number, expiry, cvc and name.

    Examples: taskq profile card default · taskq profile card ada --file - < card.toml
    """
    from taskq import profiles
    from taskq.secrets import kept, parse
    from taskq.settings import config_dir

    if not profiles.exists(name, config_dir()):
        raise NotSetUp(f"No profile {name!r}. Make it: taskq profile add {name}")
    if remove:
        shared.say(f"The card of profile {name} is forgotten" if kept.forget(name) else "No card")
        return 0
    if file is None and not questions.can_ask():
        raise BadInput(f"Nobody is here to answer: taskq profile card {name} --file FILE")
    made = questions.card() if file is None else parse(_read(file))
    shared.say(keep_card(name, made))
    return 0


def keep_card(name: str, made: Any) -> str:
    """Keep the card *made* for the profile *name*; the sentence that says where."""
    from taskq.secrets import kept

    return f"Card {made.masked} of profile {name} is in {kept.keep(name, made)}"


def _document(name: str) -> dict[str, Any]:
    """A profile as JSON shows it; what is wrong with one that cannot be used."""
    from taskq import profiles
    from taskq.settings import config_dir
    from taskq.tasks.needs import card_state

    card = {"card": card_state(name, shared.settings())}
    try:
        fields = profiles.load(name, config_dir()).model_dump(mode="json")
    except NotSetUp as error:
        return {"name": name, "error": str(error), **card}
    return {"name": name, **fields, **card}


def _person(document: dict[str, Any]) -> str:
    return f"{document['first_name']} {document['last_name']}"


def _changed(present: dict[str, Any], settings: list[str]) -> dict[str, Any]:
    """The fields of a profile after *settings*; an empty value takes the field away."""
    from taskq import profiles

    changed = dict(present)
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals:
            raise BadInput(f"--set: {setting!r} is not FIELD=VALUE, such as city=Paris")
        changed[field.strip()] = value.strip()
    known = profiles.Profile.model_fields
    return {name: value for name, value in changed.items() if value != "" or name not in known}


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).expanduser().read_text()
    except OSError as error:
        raise BadInput(f"--file {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        pass  # what hangs on the exception may be a card
    raise BadInput(f"--file {file} cannot be read: it is no UTF-8")
