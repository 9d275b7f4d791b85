"""Pages: the templates on disk, filled in and escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template

FOLDER = Path(__file__).parent / "pages"


class Html(str):
    """Text that is HTML already; everything else is escaped."""

    __slots__ = ()


@cache
def _templates(page: str) -> dict[str, Template]:
    """Read a page's file: the page itself, then its parts, each under a line `@@ name`."""
    text = (FOLDER / f"{page}.html").read_text("utf-8")
    first, *rest = re.split(r"^@@ (\w+)\n", text, flags=re.MULTILINE)
    parts = zip(rest[::2], rest[1::2], strict=True)
    return {"": Template(first), **{name: Template(part) for name, part in parts}}


def render(name: str, /, **values: object) -> Html:
    """Fill in the template *name* ("product", or "product.pill" for a part of it)."""
    page, _, part = name.partition(".")
    safe = {key: v if isinstance(v, Html) else escape(str(v)) for key, v in values.items()}
    return Html(_templates(page)[part].substitute(safe))


def join(pieces: Iterable[Html]) -> Html:
    """Put rendered *pieces* one after the other."""
    return Html("".join(pieces))


def when(condition: object, attribute: str) -> Html:
    """Give *attribute* if *condition* holds, else nothing."""
    return Html(f" {attribute}" if condition else "")
