"""The storefront: the shop's pages up to the cart."""

from __future__ import annotations

import time
from http import HTTPStatus

from taskq.demo.shop import overlays, product_page, shopify_json
from taskq.demo.shop.backroom import Backroom
from taskq.demo.shop.catalog import Product
from taskq.demo.shop.goods import BRAND
from taskq.demo.shop.money import price
from taskq.demo.shop.pages import Html, join, render
from taskq.demo.web import Request, Route

# What a theme waits for the server to draw another variant.
SECTION_SECONDS = 0.12


class Storefront:
    """Shows what there is to buy."""

    def __init__(self, backroom: Backroom) -> None:
        """Show the goods to the visitors."""
        self._catalog = backroom.catalog
        self._sessions = backroom.sessions
        self._habits = backroom.habits

    def routes(self) -> list[Route]:
        """List the paths answered here."""
        product = r"(?:/collections/[\w-]+)?/products/(?P<handle>[\w-]+)"
        return [
            ("GET", "/", self.home),
            ("GET", "/collections/all", self.collection),
            ("GET", product, self.product),
            ("GET", product + r"\.js", self.product_js),
            ("GET", product + r"\.json", self.product_json),
            ("GET", "/cart", self.cart),
            ("GET", r"/de(?:/.*)?", self.german_store),
        ]

    def home(self, request: Request) -> None:
        """Welcome the visitor."""
        self.show(request, BRAND, render("home", cards=self._cards()))

    def collection(self, request: Request) -> None:
        """Show everything there is."""
        self.show(request, "Products", render("home.collection", cards=self._cards()))

    def product(self, request: Request, handle: str) -> None:
        """Show one product, or only its section when the theme redraws the picker."""
        product = self._catalog.find(handle)
        if product is None:
            self.not_found(request)
        elif "section_id" in request.query:
            time.sleep(SECTION_SECONDS)
            request.answer(HTTPStatus.OK, product_page.section(self._catalog, product, request))
        else:
            section = product_page.section(self._catalog, product, request)
            others = product_page.recommendations(self._catalog, product)
            page = render("product", section=section, others=others, handle=product.handle)
            self.show(request, product.title, page)

    def product_js(self, request: Request, handle: str) -> None:
        """Give a product as data."""
        product = self._catalog.find(handle)
        if product and not product.hides_data:
            request.answer_json(shopify_json.product_js(self._catalog, product))
        else:
            self.not_found(request)

    def product_json(self, request: Request, handle: str) -> None:
        """Give a product as data, in the other shape."""
        product = self._catalog.find(handle)
        if product and not product.hides_data:
            request.answer_json(shopify_json.product_json(product))
        else:
            self.not_found(request)

    def cart(self, request: Request) -> None:
        """Show the cart."""
        with self._sessions.lock:
            lines = self._sessions.of(request).cart.lines
        if not lines:
            self.show(request, "Your Shopping Cart", render("cart.empty"))
            return
        rows = join(
            render(
                "cart.line",
                url=f"/products/{line.product.handle}?variant={line.variant.id}",
                picture=shopify_json.picture(line.product),
                title=line.product.title,
                variant="" if line.product.is_plain else line.variant.title,
                each=price(line.variant.price),
                quantity=line.quantity,
                number=number,
                price=price(line.price),
            )
            for number, line in enumerate(lines, 1)
        )
        total = price(sum(line.price for line in lines))
        self.show(request, "Your Shopping Cart", render("cart", lines=rows, total=total))

    def german_store(self, request: Request) -> None:
        """Welcome to another store: nothing of this one is sold there."""
        self.show(request, "Deutschland", render("home.german"))

    def not_found(self, request: Request) -> None:
        """Say that there is no such page."""
        self.show(request, "404 Not Found", render("home.missing"), HTTPStatus.NOT_FOUND)

    def _cards(self) -> Html:
        return join(self._card(product) for product in self._catalog.products)

    def _card(self, product: Product) -> Html:
        return render(
            "home.card",
            url=f"/products/{product.handle}",
            picture=shopify_json.picture(product),
            title=product.title,
            price=price(product.variants[0].price),
        )

    def show(self, request: Request, title: str, body: Html, status: int = HTTPStatus.OK) -> None:
        """Answer with *body* inside what every page of the storefront has around it."""
        with self._sessions.lock:
            count = sum(line.quantity for line in self._sessions.of(request).cart.lines)
        # The cart page needs no drawer: it is the cart.
        drawer = Html("") if request.path == "/cart" else render("layout.drawer")
        full = title if title == BRAND else f"{title} – {BRAND}"  # noqa: RUF001 - as dawn does
        over = overlays.on_storefront(self._habits, request.path)
        parts = {"body": body, "drawer": drawer, "overlays": over, "theme": self._theme()}
        parts["account"] = render("layout.account") if self._habits.customers else Html("")
        page = render("layout", title=full, brand=BRAND, count=count, **parts)
        request.answer(status, page)

    def _theme(self) -> Html:
        if self._habits.scripts_in:
            return render("layout.late_theme", milliseconds=int(self._habits.scripts_in * 1000))
        return render("layout.theme")
