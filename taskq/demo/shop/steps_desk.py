"""The checkout in three steps, as older shops keep it: a form posted for each, no script needed."""

from __future__ import annotations

from http import HTTPStatus

from taskq.demo.shop import long_names, steps_page
from taskq.demo.shop.checkout import SHOP_ID, STEPS, Checkout
from taskq.demo.shop.checkout_desk import CheckoutDesk
from taskq.demo.web import Request, Route

CONTACT, SHIPPING, PAYMENT = STEPS


def reached(checkout: Checkout) -> str:
    """Name the step at which something is missing; the last is for paying."""
    if checkout.problems():
        return CONTACT
    return PAYMENT if checkout.shipping else SHIPPING


class StepsDesk(CheckoutDesk):
    """Leads a visitor from step to step."""

    def own_routes(self) -> list[Route]:
        """List the paths of a visitor's own checkouts."""
        one = rf"/{SHOP_ID}/checkouts/(?P<token>[0-9a-f]{{32}})"
        return [
            ("GET", one, self._own(self.show)),
            ("POST", one, self._own(self.take_step)),
            ("GET", one + "/stock_problems", self._own(self.show_what_is_gone)),
            ("GET", one + "/thank_you", self._own(self.thank)),
            ("POST", one + "/payment", self._own(self._pay)),
        ]

    def show(self, request: Request, checkout: Checkout) -> None:
        """Show the step asked for, or the one that must come before it."""
        asked, furthest = request.query.get("step", CONTACT), reached(checkout)
        if checkout.receipt:
            request.redirect(checkout.thank_you_path)
        elif self._catalog.missing(checkout.lines):
            request.redirect(f"{checkout.root}/stock_problems")
        elif asked not in STEPS or STEPS.index(asked) > STEPS.index(furthest):
            request.redirect(checkout.step(furthest))
        else:
            self._show_step(request, checkout, asked)

    def _show_step(self, request: Request, checkout: Checkout, step: str) -> None:
        if step == CONTACT:
            page = steps_page.contact(checkout, {}, self._backroom.vault.build_url)
        elif step == SHIPPING:
            page = steps_page.shipping(checkout)
        else:
            self._backroom.renew_card_session(checkout)
            page = steps_page.payment(checkout, self._backroom.vault.build_url)
        request.answer(HTTPStatus.OK, page)

    def take_step(self, request: Request, checkout: Checkout) -> None:
        """Take what a step's form posted, and go on if it will do."""
        posted = request.fields()
        if checkout.receipt or checkout.paying.locked():
            request.redirect(checkout.path)
        elif posted.get("previous_step") == CONTACT:
            checkout.buyer = long_names.read(posted)
            if problems := checkout.problems():
                url = self._backroom.vault.build_url
                request.answer(HTTPStatus.OK, steps_page.contact(checkout, problems, url))
            else:
                request.redirect(checkout.step(SHIPPING))
        else:
            checkout.shipping = posted.get("checkout[shipping_rate][id]") or checkout.shipping
            request.redirect(checkout.step(PAYMENT))
