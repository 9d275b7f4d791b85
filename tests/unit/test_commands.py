"""What is said of the commands, in help, hints and README, is true."""

import inspect
import re

import pytest
from typer.exceptions import TyperException

from taskq.errors import EXIT_CODES, TaskqError
from tests.commands import ROOT, commands, lines_in, parse, texts_of

README = (ROOT / "README.md").read_text()


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)  # README's examples name files by it


@pytest.mark.parametrize("name", commands())
def test_every_command_says_what_it_does_with_two_examples_that_parse(name):
    told = inspect.cleandoc(commands()[name].help or "")
    does, _, examples = told.partition("Examples:")
    lines = [line.strip() for line in " ".join(examples.split()).split(" · ")]

    assert does.strip()
    assert len(lines) >= 2
    for line in lines:
        assert line.startswith(f"taskq {name}") or f'"$(taskq {name})"' in line
        for command in lines_in(line):
            parse(command)


@pytest.mark.parametrize("name", commands())
def test_every_command_answers_to_h_and_help(name):
    for flag in ("-h", "--help"):
        parse(f"taskq {name} {flag}")


def test_every_command_is_in_the_table_of_the_readme():
    table = {
        " ".join([*before.split(), choice])
        for row in re.findall(
            r"^\| (`taskq.*?) \|(?! ?\w+\|)", README.replace(r"\|", "¦"), re.MULTILINE
        )
        for line in re.findall(r"`taskq ([^`]*)`", row)
        for before, choices in [re.match(r"((?:[a-z]+ )*?)([a-z¦]+)(?= [^a-z]|$)", line).groups()]
        for choice in choices.split("¦")
    }
    missing = {name for name in commands() if not name.startswith("submit ")} - table

    assert missing == set()
    assert table - set(commands()) == {"submit"}


def test_the_exit_codes_are_the_same_in_help_readme_and_code(taskq):
    shown = " ".join(taskq("--help").stdout.partition("Exit codes:")[2].split())
    told = [line.split(" ", 1) for line in shown.split(" · ")]
    table = README.partition("| exit code | meaning |")[2].partition("\n\n")[0]

    assert {int(code): meaning for code, meaning in told} == EXIT_CODES
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES


def said():
    """Every command line in a message of ours, with where it stands."""
    files = sorted((ROOT / "taskq").rglob("*.py"))
    found = {
        f"{path.relative_to(ROOT)}: {line}": line
        for path in files
        for text in texts_of(path)
        for line in lines_in(text)
    }
    return found | {f"README.md: {line}": line for line in lines_in(README)}


def test_what_we_say_is_looked_through():
    assert len(said()) > 100
    assert "README.md: taskq doctor --fix" in said()
    assert any("taskq resolve 3 --done" in place for place in said())


def test_every_command_that_we_tell_somebody_to_type_exists():
    wrong = {}
    for place, line in said().items():
        try:
            parse(line)
        except (TyperException, TaskqError, ValueError) as error:
            wrong[place] = f"{type(error).__name__}: {error}"

    assert wrong == {}


@pytest.mark.parametrize(
    "line", ["taskq doctr", "taskq list --stat x", "taskq list x", "taskq profile ad x", "taskq -x"]
)
def test_a_command_that_does_not_exist_is_found_out(line):
    with pytest.raises(Exception, match=r"[Nn]o such|Missing|Got unexpected|No task type"):
        parse(line)
