"""Addresses typed into the app: the one suggestion that is what was asked for, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taskq.browser.patience import or_fail
from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.uber import links, places, products
from taskq.handlers.uber.places import Place

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

_ICONS = {"pickup": "pickup-icon", "drop[0]": "drop-icon"}
_COORDINATES = {"pickup": "--from-lat and --from-lon", "drop[0]": "--to-lat and --to-lon"}
_FEW = 5


async def through(page: Page, wanted: dict[str, Place]) -> None:
    """Come to the rides that go where they are *wanted*: at once, or by the search.

    Raises:
        TaskFailed: the app knows no such place, or several, or goes elsewhere.
    """
    boxes = page.get_by_test_id("pudo-select-v2")
    with or_fail("the app showed neither rides nor its search in 30 s; nothing was booked"):
        await page.locator(products.ROW).or_(boxes).first.wait_for()
    if await boxes.count():
        await _type_in(page, wanted)
    check(page, wanted)


async def _type_in(page: Page, wanted: dict[str, Place]) -> None:
    """Choose on the app's home what is *wanted* but not known to it yet, and go on to the rides."""
    for name, place in wanted.items():
        if name not in links.ends(page.url):
            await _choose(page, name, place)
    with or_fail("the app did not go on to its rides in 30 s; nothing was booked"):
        await page.get_by_role("button", name="Search", exact=True).click()
        await page.wait_for_url(lambda url: "product" in urlsplit(url).path, wait_until="commit")


async def _choose(page: Page, name: str, place: Place) -> None:
    sentence = f"the app did not suggest places for {place.address} in 30 s; nothing was booked"
    with or_fail(sentence):
        await _box(page, name).fill(place.address)
        # Its last row names what was typed: the list is not that of an earlier letter.
        await page.get_by_text(f"See more results for {place.address}").first.wait_for()
        rows = page.get_by_test_id("pudo-result").filter(visible=True)
        texts = [_in_a_line(text) for text in await rows.all_inner_texts()]
        await rows.nth(_only(texts, name, place.address)).click()
        await page.wait_for_url(lambda url: name in links.ends(url), wait_until="commit")


def _in_a_line(text: str) -> str:
    return ", ".join(filter(None, map(str.strip, text.splitlines())))


def _only(texts: list[str], name: str, address: str) -> int:
    """The place of the one text that is *address*."""
    found = [at for at, text in enumerate(texts) if places.is_same_address(address, text)]
    if len(found) == 1:
        return found[0]
    offered = "; ".join(clean(text) for text in texts[:_FEW]) or "nothing"
    how_many = "several places" if found else "no place"
    raise TaskFailed(
        f"the app knows {how_many} called {address} (it suggests: {offered}); nothing was booked. "
        f"Write it as the app does, or say where it is: {_COORDINATES[name]}"
    )


def _box(page: Page, name: str) -> Locator:
    """The one of the two fields of the same name that has the icon of *name* beside it."""
    icon = page.get_by_test_id(_ICONS[name])
    return page.get_by_test_id("pudo-select-v2").filter(has=icon).get_by_role("combobox")


def check(page: Page, wanted: dict[str, Place]) -> None:
    """See that the rides that are shown go from where to where they are wanted.

    Raises:
        TaskFailed: they do not, or the app does not say.
    """
    shown = links.ends(page.url)
    for name, place in wanted.items():
        if name not in shown:
            raise TaskFailed("the app does not show where the ride goes; nothing was booked")
        if not place.is_at(shown[name]):
            does = "start at" if name == "pickup" else "go to"
            raise TaskFailed(
                f"the app would {does} {shown[name].address}, not {place.address}; "
                "nothing was booked"
            )
