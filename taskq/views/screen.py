"""What a view is drawn for: how wide, how high, and which marks can be shown there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from taskq.timeline import Mark

NARROW = 44
"""The widest line of the documented block, in cells."""
WIDE = 70
"""Cells of the narrowest screen that has room to the right of it."""


@dataclass(frozen=True)
class Glyphs:
    """The marks of a terminal that can, or cannot, show the document's own."""

    bar: str
    marks: Mapping[Mark, str]
    ellipsis: str
    turned: str
    """The current step's mark at every other second: both are as wide, so nothing shifts."""


UNICODE = Glyphs(
    "━",
    {
        Mark.DONE: "✓",
        Mark.CURRENT: "⏳",
        Mark.PENDING: "□",
        Mark.FAILED: "✗",
        Mark.SKIPPED: "–",  # noqa: RUF001 - a dash is meant
    },
    "…",
    "⌛",
)
ASCII = Glyphs(
    "#",
    {
        Mark.DONE: "+",
        Mark.CURRENT: ">",
        Mark.PENDING: ".",
        Mark.FAILED: "x",
        Mark.SKIPPED: "-",
    },
    "~",
    ">",
)


@dataclass(frozen=True)
class Screen:
    """What a block is drawn for: so many cells wide, so many lines high (None: no limit).

    Without a width it is a pipe, which gets the documented block. *turned* at every other second.
    """

    glyphs: Glyphs = UNICODE
    width: int | None = None
    height: int | None = None
    turned: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether there is room to the right of the documented block."""
        return self.width is not None and self.width >= WIDE

    @property
    def cells(self) -> int:
        """How wide the block's own lines may be."""
        return min(self.width or NARROW, NARROW)

    def mark(self, mark: Mark) -> str:
        """The mark as this screen shows it now."""
        turns = self.turned and mark is Mark.CURRENT
        return self.glyphs.turned if turns else self.glyphs.marks[mark]


PIPE = Screen()


def cut(text: str, cells: int, glyphs: Glyphs) -> str:
    """*text* in at most *cells* cells: a wrapped line would break the screen's arithmetic."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + glyphs.ellipsis
