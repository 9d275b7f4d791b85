"""The shop: its two sites, opened and closed together, and the one place where money moves."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from taskq.demo.ledger import Ledger
from taskq.demo.shop import assets, checkout_page, vault
from taskq.demo.shop.account_desk import AccountDesk
from taskq.demo.shop.backroom import Backroom
from taskq.demo.shop.bank_desk import BankDesk, Question
from taskq.demo.shop.cart_desk import CartDesk
from taskq.demo.shop.checkout import Checkout, Receipt
from taskq.demo.shop.checkout_desk import CheckoutDesk
from taskq.demo.shop.customers import Customers
from taskq.demo.shop.doorway import Doorway
from taskq.demo.shop.goods import stock_up
from taskq.demo.shop.habits import DEMO, Habits
from taskq.demo.shop.payment_desk import PaymentDesk
from taskq.demo.shop.sessions import Sessions
from taskq.demo.shop.steps_desk import StepsDesk
from taskq.demo.shop.storefront import Storefront
from taskq.demo.shop.till import Till
from taskq.demo.shop.vault import Card
from taskq.demo.web import Request, Router, Server


class Shop:
    """A shop on loopback, open from the moment it is made until close()."""

    def __init__(self, ledger: Path, port: int = 0, habits: Habits = DEMO) -> None:
        """Open on *port*, or on a free one if it is 0, and write payments into *ledger*.

        *habits* say how it treats its visitors.
        """
        self._store, self._safe = Server(port), Server(0)
        self.url = f"http://127.0.0.1:{self._store.server_port}"
        # Another host name, so another site: browsers keep the card's frames in a process apart.
        self.vault_url = f"http://localhost:{self._safe.server_port}"
        self._vault, self._ledger = vault.Vault(self.vault_url), Ledger(ledger)
        catalog = self._catalog = stock_up()
        sessions = Sessions(catalog, Customers(catalog, habits.customers))
        self._till = Till(catalog, self._ledger)
        backroom = Backroom(catalog, sessions, self._vault, habits)
        storefront = Storefront(backroom)
        desk = StepsDesk if habits.steps == "three" else CheckoutDesk
        checkouts = desk(backroom, pay=self._receive_payment, not_found=storefront.not_found)
        bank = BankDesk(self.vault_url, self.url, self._confirm)
        self._payments = PaymentDesk(backroom, self._till, bank, self._pay)
        doorway = Doorway(backroom)
        accounts = AccountDesk(backroom, storefront.show)
        desks = (doorway, storefront, CartDesk(sessions), accounts, checkouts)
        routes = [*assets.ROUTES, *(route for desk in desks for route in desk.routes())]
        self._store.start(doorway.before(Router(routes, storefront.not_found)))
        self._safe.start(Router([*self._vault.routes(), *bank.routes()], vault.missing))
        self._closed = False

    def __enter__(self) -> Self:
        """Stay open for the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at its end."""
        self.close()

    def close(self) -> None:
        """Close both sites and the ledger; closing twice does no harm."""
        if self._closed:
            return
        self._closed = True
        self._store.close()
        self._safe.close()
        self._ledger.close()

    def product_url(self, handle: str) -> str:
        """Give the address of a product's page."""
        return f"{self.url}/products/{handle}"

    def set_stock(self, variant_id: int, left: int) -> None:
        """Have *left* of a variant from now on, as a merchant counts them."""
        self._catalog.set_stock(variant_id, left)

    def set_price(self, variant_id: int, cents: int) -> None:
        """Sell a variant for *cents* from now on, also to who is in the checkout already."""
        self._catalog.set_price(variant_id, cents)

    def _receive_payment(self, request: Request, checkout: Checkout) -> None:
        """Take one payment request from the checkout's page."""
        self.answer_payment(request, self._payments.settle(request, checkout))

    def _confirm(self, question: Question, *, approved: bool) -> Receipt:
        return self._payments.confirm(question, approved=approved)

    def _pay(self, checkout: Checkout, card: Card) -> Receipt:
        # Looked up at each payment: whoever replaces pay() may do so while the shop is open.
        return self.pay(checkout, card)

    def pay(self, checkout: Checkout, card: Card) -> Receipt:
        """Charge *card* for *checkout* and write the ledger's line.

        Called once for each payment request that is complete, but never for a paid checkout.
        A subclass may hang before or after, or raise: ConnectionError leaves the browser
        without an answer, anything else is answered with status 500.
        """
        return self._till.charge(checkout, card)

    def answer_payment(self, request: Request, receipt: Receipt) -> None:
        """Tell the checkout's page how its payment request ended.

        By now the ledger has its line. A subclass may answer something else (request.answer),
        raise ConnectionError to hang up without a word, or wait.
        """
        request.answer_json(checkout_page.outcome(receipt))
