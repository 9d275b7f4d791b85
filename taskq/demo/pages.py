"""Pages: the templates of a demo site on disk, filled in and escaped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from html import escape
from pathlib import Path
from string import Template


class Html(str):
    """Text that is HTML already; everything else is escaped."""

    __slots__ = ()


def renderer(folder: Path) -> Callable[..., Html]:
    """Make what fills in the templates of *folder*, by name and values.

    "product" is a file, "product.pill" a part of it.
    """

    @cache
    def templates(page: str) -> dict[str, Template]:
        """Read a page's file: the page itself, then its parts, each under a line `@@ name`."""
        text = (folder / f"{page}.html").read_text("utf-8")
        first, *rest = re.split(r"^@@ (\w+)\n", text, flags=re.MULTILINE)
        parts = zip(rest[::2], rest[1::2], strict=True)
        return {"": Template(first), **{name: Template(part) for name, part in parts}}

    def render(name: str, /, **values: object) -> Html:
        page, _, part = name.partition(".")
        safe = {key: v if isinstance(v, Html) else escape(str(v)) for key, v in values.items()}
        return Html(templates(page)[part].substitute(safe))

    return render


def join(pieces: Iterable[Html]) -> Html:
    """Put rendered *pieces* one after the other."""
    return Html("".join(pieces))


def when(condition: object, attribute: str) -> Html:
    """Give *attribute* if *condition* holds, else nothing."""
    return Html(f" {attribute}" if condition else "")
