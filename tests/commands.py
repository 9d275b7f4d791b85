"""The real commands, and how to find and parse command lines in prose."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import typer
from typer.exceptions import Exit

from taskq.cli import app

ROOT = Path(__file__).parents[1]
_BEFORE = r"(?:(?<=: )|(?<=`)|(?<=\()|(?<=· )|(?<=\$ )|(?<=\")|^[ ]*)"
"""What stands before a command in our prose; another `taskq` is the program's name."""
_END = r"[`\n)·;]|, |\. |\.$| \(| [&|#<]|  | there\b| and "
_ACTS = {"--install-completion", "--show-completion"}
"""Options that act as soon as they are parsed: typer's own, which exist."""
_ANY_TYPE = re.compile(r"taskq submit (?:3|TYPE)\b")


@cache
def tree():
    """The root of the commands."""
    return typer.main.get_command(app)


@cache
def commands():
    """Every command that can be called, by its words after `taskq`."""
    return {words: command for words, command in _all() if not _is_group(command)}


def parse(line):
    """Parse a command line as `taskq` would, and do nothing of what it says.

    A command's mere name is none to type, but must exist. Raises what the parser raises.
    """
    words = shlex.split(_ANY_TYPE.sub("taskq submit shopify", re.sub(r"[\[\]]", " ", line)))[1:]
    if " ".join(words) in dict(_all()) or _ACTS & {*words}:
        return
    context, command, name = None, tree(), "taskq"
    while command is not None:
        try:
            context = command.make_context(name, list(words), parent=context)
        except Exit:  # --help, --version
            return
        rest = [*getattr(context, "_protected_args", []), *context.args]
        if not hasattr(command, "resolve_command") or not rest:
            return
        name, command, words = command.resolve_command(context, rest)


def lines_in(text):
    """The command lines in a prose text; of `add\\|list` the first."""
    known = "|".join(sorted({words.split()[0] for words in commands()}))
    begins = rf"{_BEFORE}taskq(?= [a-z-])|taskq(?= (?:{known})\b)"
    plain = re.sub(r"(\w+)(?:\\\|\w+)+", r"\1", text)
    for found in re.finditer(begins, plain, re.MULTILINE):
        rest = plain[found.end() :]
        end = re.search(_END, _without_quoted(rest))
        line = (rest[: end.start()] if end else rest).rstrip(" .,:'")
        yield "taskq" + (line.removesuffix('"') if line.count('"') % 2 else line)


def texts_of(path):
    """Every string of a module, with a 3 where something is put in: a number, a name, anything."""
    parts_of_others = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if id(node) in parts_of_others:
            continue
        if isinstance(node, ast.JoinedStr):
            parts_of_others.update(id(part) for part in ast.walk(node))
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "3" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def _all():
    """Every command and group, with its words after `taskq`."""

    def walk(command, words, context):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            path = [*words, name]
            yield " ".join(path), child
            if hasattr(child, "list_commands"):
                inner = child.context_class(child, info_name=name, parent=context)
                yield from walk(child, path, inner)

    root = tree()
    return list(walk(root, [], root.context_class(root, info_name="taskq")))


def _is_group(command):
    return hasattr(command, "list_commands") and not command.invoke_without_command


def _without_quoted(text):
    """*text* with what stands in quotes hidden, so that it ends nothing."""
    return re.sub(r'"[^"\n]*"', lambda found: "x" * len(found.group()), text)
