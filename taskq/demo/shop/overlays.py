"""What a merchant's apps lay over a page: a newsletter, a question of the country, of cookies."""

from __future__ import annotations

from collections.abc import Iterable

from taskq.demo.shop.habits import Habits
from taskq.demo.shop.pages import Html, join, render


def on_storefront(habits: Habits, path: str) -> Html:
    """Draw what lies over the storefront's page at *path* until the visitor has answered it."""
    wanted = {
        "newsletter": habits.newsletter and "/products/" in path,
        "country": habits.country_dialog and not path.startswith("/de"),
        "cookies": habits.cookie_banner,
    }
    return _draw(name for name, is_wanted in wanted.items() if is_wanted)


def on_checkout(habits: Habits) -> Html:
    """Draw what lies over a page of the checkout."""
    wanted = {"shop_pay": habits.shop_pay, "cookies": habits.cookie_banner}
    return _draw(name for name, is_wanted in wanted.items() if is_wanted)


def _draw(names: Iterable[str]) -> Html:
    drawn = join(render(f"overlays.{name}") for name in names)
    return render("overlays", drawn=drawn) if drawn else drawn
