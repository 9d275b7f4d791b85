"""The shop's own pages."""

from pathlib import Path

from taskq.demo.pages import Html, join, renderer, when

__all__ = ["Html", "join", "render", "when"]

render = renderer(Path(__file__).parent / "pages")
