"""The ride app's own pages."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from taskq.demo.pages import Html, join, renderer, when
from taskq.demo.ride.habits import Habits
from taskq.demo.web import Request

__all__ = ["Around", "Html", "join", "render", "show", "when"]

BRAND = "Waybill"

render = renderer(Path(__file__).parent / "pages")


@dataclass(frozen=True)
class Around:
    """What a page has around it: for whom, on which day."""

    habits: Habits
    is_in: bool


def show(request: Request, title: str, body: Html, around: Around, script: str = "") -> None:
    """Answer with *body* inside what every page of the app has around it."""
    page = render(
        "layout",
        title=f"{title} – {BRAND}",  # noqa: RUF001 - as such titles have it
        brand=BRAND,
        body=body,
        account=render("layout.account" if around.is_in else "layout.stranger"),
        cookies=render("layout.cookies") if around.habits.cookie_bar else Html(""),
        script=render("layout.script", name=script) if script else Html(""),
    )
    request.answer(HTTPStatus.OK, page)
