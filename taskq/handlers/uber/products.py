"""The list of rides: what is in it, when it has settled, and the one that is chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from taskq.browser.patience import or_fail
from taskq.clean import clean
from taskq.errors import TaskFailed
from taskq.handlers.uber import fares

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

ROW = '[data-testid="product_selector.list_item"]'
_ASKS = re.compile(
    r"\s*(?:request|reserve|choose|confirm)\s+(\S[^\n]*)(.*)", re.IGNORECASE | re.DOTALL
)
_SETTLE_MS = 60_000.0  # rows without words have been seen for more than 20 s

_STILL, _SETTLED = 2, 7
"""So often, 50 ms apart, the list reads the same: it shows words; it is not about to change."""

# The list is drawn twice, the second time with other fares, and has no words meanwhile: it is read
# in the moment in which it reads the same. The number of seats is glued to a name, in an element of
# its own; an old fare is struck through.
_READ = """state => {
  const rows = [...document.querySelectorAll('[data-testid="product_selector.list_item"]')];
  const reading = rows.map(row => row.innerText).join();
  const busy = !rows.length || rows.some(row => row.ariaBusy === 'true' || !row.innerText.trim());
  state.same = !busy && reading === state.reading ? (state.same || 0) + 1 : 0;
  state.reading = reading;
  const eta = p => p.dataset.testid === 'product_selector.list_item.eta_string';
  const struck = p => p.closest('s, del') || p.querySelector('s, del')
    || getComputedStyle(p).textDecorationLine.includes('line-through');
  const own = name => [...name.childNodes].filter(n => n.nodeType === Node.TEXT_NODE);
  const read = row => {
    const [name, ...others] = [...row.querySelectorAll('p')].filter(p => !eta(p));
    return {
      id: CSS.escape(row.dataset.itemid ?? ''),
      name: name ? own(name).map(n => n.data).join('').trim() : '',
      texts: others.filter(p => !struck(p)).map(p => p.innerText.trim()),
      chosen: row.ariaSelected === 'true',
    };
  };
  return state.same >= state.times && rows.map(read);
}"""


@dataclass(frozen=True)
class Row:
    """One ride of the list; its fare is as it is written, empty if it has none."""

    id: str
    name: str
    fare: str
    is_chosen: bool


async def choose(page: Page, name: str) -> Row:
    """Choose the ride called *name*, and give its row as it is then.

    Raises:
        TaskFailed: there is none, or it cannot be had now.
    """
    rows = await _rows(page, _STILL)
    row = rows[_place(rows, name)]
    if not row.is_chosen:
        # By its number: the list may be drawn anew at any moment, and in another order.
        drawn = page.locator(f'{ROW}[data-itemid="{row.id}"]')
        with or_fail(f"{name} could not be chosen; nothing was booked"):
            await drawn.click()
            await drawn.and_(page.locator('[aria-selected="true"]')).wait_for()
    return await _chosen(page, name, _SETTLED)


async def still_chosen(page: Page, name: str) -> Row:
    """The row of *name* once more.

    Raises:
        TaskFailed: another one is chosen by now.
    """
    return await _chosen(page, name, _STILL)


async def _chosen(page: Page, name: str, times: int) -> Row:
    rows = await _rows(page, times)
    row = rows[_place(rows, name)]
    if not row.is_chosen or sum(each.is_chosen for each in rows) != 1:
        raise TaskFailed(f"the app does not keep {name} chosen; nothing was booked")
    return row


def request_button(page: Page) -> Locator:
    """What requests the ride that is chosen."""
    return page.get_by_test_id("request_trip_button")


def asks_for(text: str, product: str) -> bool:
    """Whether the *text* of a Request button names exactly *product*, and after it figures alone.

    `Request UberXL` is not UberX; a line below may say what it costs, or when it comes.
    """
    found = _ASKS.fullmatch(text)
    if found is None:
        return False
    named, below = found.groups()
    figures = all(map(_is_figure, filter(str.strip, below.splitlines())))
    return figures and named.casefold().split() == product.casefold().split()


def _is_figure(line: str) -> bool:
    """Whether *line* is a fare or a time, not more of a name."""
    return fares.looks_priced(line) or any(map(str.isdigit, line))


async def check_button(page: Page, product: str) -> None:
    """See that the button would request this product, and no other.

    Raises:
        TaskFailed: it would not.
    """
    if not asks_for(await request_button(page).inner_text(), product):
        raise TaskFailed(f"the app would not request {product}; nothing was booked")


async def _rows(page: Page, times: int) -> list[Row]:
    state = await page.evaluate_handle("times => ({times})", times)
    with or_fail("the app showed no rides in 60 s; nothing was booked"):
        read = await page.wait_for_function(_READ, arg=state, polling=50, timeout=_SETTLE_MS)
        found = await read.json_value()
    return [
        Row(each["id"], clean(each["name"]), _fare(each["texts"]), each["chosen"]) for each in found
    ]


def _fare(texts: list[str]) -> str:
    """What of a row's texts is its fare; where several are, none can be told to be."""
    return " or ".join(clean(text) for text in texts if fares.looks_priced(text))


def _place(rows: list[Row], name: str) -> int:
    found = [at for at, row in enumerate(rows) if row.name.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    there_are = ", ".join(row.name for row in rows)
    raise TaskFailed(f"there is no {name} here (there are: {there_are}); nothing was booked")
