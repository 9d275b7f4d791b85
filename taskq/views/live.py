"""The block as it changes, on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from rich.console import Console, ConsoleRenderable
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from taskq.views.screen import Glyphs, Screen


class LiveScreen:
    """One frame after the other in the same place; the last one stays.

    *alone* takes the whole terminal, and gives it back as it was.
    """

    def __init__(self, console: Console, glyphs: Glyphs, *, alone: bool = False) -> None:
        self._console = console
        self._glyphs = glyphs
        self._last: Text | None = None
        self._live = _ResizableLive(
            Text(),
            console=console,
            auto_refresh=False,
            vertical_overflow="crop",
            screen=alone,
            redirect_stdout=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._last is not None:
            self._live.update(Text(), refresh=True)
            self._live.transient = True
        self._live.stop()
        if self._last is not None:
            self._console.print(self._last, soft_wrap=True)

    def screen(self, now: datetime, *, last: bool = False) -> Screen:
        """What the next frame is drawn for: it must fit; the *last* one is whole."""
        size = self._console.size
        if last:
            return Screen(self._glyphs, size.width)
        return Screen(self._glyphs, size.width, size.height - 1, now.second % 2 == 1)

    def show(self, frame: Text, *, last: bool = False) -> None:
        """Draw *frame* over the one before; a line too long is cut, a wrapped one would stay.

        The *last* one may be higher than the screen: it is printed whole when the screen is left.
        """
        if last:
            self._last = frame
            return
        frame.no_wrap, frame.overflow = True, "crop"
        self._live.update(frame, refresh=True)


class _ResizableLive(Live):
    """Rich's Live, mended for a terminal that gets narrower: what wrapped is cleared away.

    Rich climbs as many lines as it drew; after a narrowing they are more. It touches a private
    attribute of Rich, which a test guards.
    """

    _width: int | None = None

    def process_renderables(self, renderables: Sequence[Any]) -> list[ConsoleRenderable]:
        width = self.console.size.width
        shown = list(renderables)
        if self._width and width < self._width and self.console.is_interactive:
            self._live_render._shape = None  # noqa: SLF001 - forget how many lines to climb
            shown = [Control(ControlType.CLEAR, ControlType.HOME), *shown]
        self._width = width
        return super().process_renderables(shown)
