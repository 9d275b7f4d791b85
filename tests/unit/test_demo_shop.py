"""The demo shop, asked over HTTP without a browser."""

import http.client
import json
import re
import stat
import threading
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest

from taskq.demo.shop import Card, Shop

HOODIE, TEE, MUG, JACKET = "hp-p020-051-1", "hp-t110-014-2", "hp-m300-002-1", "hp-j210-033-4"
ADA = {
    "email": "ada@example.com",
    "countryCode": "US",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "address1": "123 Main Street",
    "city": "Portland",
    "zone": "OR",
    "postalCode": "97205",
}


class Visitor:
    """A browser's network half: one session, its cookies, no script."""

    def __init__(self, url):
        self.url = url
        self.cookies = {}

    def ask(self, method, path, body=None, *, form=False, url=None):
        connection = http.client.HTTPConnection(urlsplit(url or self.url).netloc, timeout=5)
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers = {"Content-Type": kind, "Cookie": "; ".join(map("=".join, self.cookies.items()))}
        content = urlencode(body) if form else json.dumps(body)
        try:
            connection.request(method, path, content if body is not None else None, headers)
            answer = connection.getresponse()
            answer.text = answer.read().decode()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        return answer

    def get(self, path):
        return self.ask("GET", path)

    def json(self, path):
        return json.loads(self.get(path).text)

    def add(self, variant, quantity=1):
        items = {"items": [{"id": variant, "quantity": quantity}]}
        return self.ask("POST", "/cart/add.js", items)

    def type_card(self, page, number="1"):
        """Do what the four frames do, and give the card session."""
        facts = json.loads(re.search(r'id="facts">(.*?)</script>', page)[1])
        session = facts["cardSession"]
        card = {"number": number, "expiry": "12 / 30", "verification_value": "123", "name": "Ada"}
        vault = facts["vault"].replace("localhost", "127.0.0.1")
        for field, value in card.items():
            body = {"field": field, "value": value}
            self.ask("POST", f"/sessions/{session}", body, url=vault)
        return session

    def check_out(self, variant, *, number="1", buyer=ADA):
        """Come as far as the press of Pay, and give the path and what the press would send."""
        self.add(variant)
        path = self.get("/checkout").headers["Location"]
        session = self.type_card(self.get(path).text, number)
        checkout = path.removesuffix("/en-us")
        body = {"buyer": buyer, "shipping": None}
        quote = json.loads(self.ask("POST", f"{checkout}/proposal", body).text)
        return path, {**body, "total": quote["amount"], "card_session": session}

    def pay(self, path, press):
        return self.ask("POST", path.removesuffix("/en-us") + "/payment", press)


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def shop(ledger):
    with Shop(ledger=ledger) as shop:
        yield shop


@pytest.fixture
def ada(shop):
    return Visitor(shop.url)


@pytest.fixture
def lines(ledger):
    return lambda: [json.loads(line) for line in ledger.read_text().splitlines()]


def variant_of(visitor, handle, title):
    variants = visitor.json(f"/products/{handle}.js")["variants"]
    return next(each["id"] for each in variants if each["title"] == title)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/collections/all",
        f"/products/{HOODIE}",
        f"/products/{TEE}",
        f"/products/{MUG}",
        f"/products/{JACKET}",
        f"/collections/all/products/{HOODIE}",
        f"/collections/all/products/{HOODIE}.js",
        f"/products/{HOODIE}.json",
        "/cart",
        "/cart.js",
        "/cdn/shop/t/1/assets/storefront.css",
        "/cdn/shopifycloud/checkout-web/assets/c1/checkout.js",
    ],
)
def test_the_shop_has_its_pages(ada, path):
    assert ada.get(path).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/products/nothing",
        "/products/nothing.js",
        "/cdn/shop/t/1/assets/..%2Fshop.py",
        "/checkouts/cn/nothing/en-us",
    ],
)
def test_what_is_not_there_is_404(ada, path):
    assert ada.get(path).status == 404


def test_a_product_url_is_where_the_product_is(shop):
    assert shop.product_url(MUG) == f"{shop.url}/products/{MUG}"
    assert shop.url.startswith("http://127.0.0.1:")


def test_the_product_data_has_shopifys_shape_and_prices_in_cents(ada):
    product = ada.json(f"/products/{HOODIE}.js")
    assert product["price"] == 14500
    assert product["options"] == [
        {"name": "Size", "position": 1, "values": ["Small", "Medium", "Large", "X-Large"]}
    ]
    assert [(each["title"], each["available"]) for each in product["variants"]] == [
        ("Small", True),
        ("Medium", True),
        ("Large", True),
        ("X-Large", False),
    ]
    assert product["variants"][1]["option1"] == "Medium"
    assert product["variants"][1]["option2"] is None
    assert product["url"] == f"/products/{HOODIE}"


def test_the_other_product_data_has_prices_as_text_and_nothing_of_stock(ada):
    variants = ada.json(f"/products/{HOODIE}.json")["product"]["variants"]
    assert variants[0]["price"] == "145.00"
    assert "available" not in variants[0]


def test_a_product_without_a_choice_has_one_default_variant_and_no_picker(ada):
    variants = ada.json(f"/products/{MUG}.js")["variants"]
    assert [each["title"] for each in variants] == ["Default Title"]
    assert "fieldset" not in ada.get(f"/products/{MUG}").text


def test_the_sold_out_value_of_a_dropdown_says_so_in_its_text_only(ada):
    page = ada.get(f"/products/{TEE}").text
    assert re.search(r'<option value="L"[^>]*>L - Unavailable</option>', page)


def test_a_variant_in_the_address_is_chosen_on_load(ada):
    large = variant_of(ada, HOODIE, "Large")
    page = ada.get(f"/products/{HOODIE}?variant={large}").text
    assert f'name="id" value="{large}"' in page


def test_the_section_of_other_option_values_has_their_variant(ada):
    page = ada.get(f"/products/{TEE}").text
    section = re.search(r'data-section="([^"]+)"', page)[1]
    medium = re.search(r'value="M" data-option-value-id="(\d+)"', page)[1]
    drawn = ada.get(f"/products/{TEE}?section_id={section}&option_values={medium}").text
    assert f'name="id" value="{variant_of(ada, TEE, "M")}"' in drawn
    assert "<html" not in drawn


def test_what_is_sold_out_cannot_be_added(ada):
    answer = ada.add(variant_of(ada, HOODIE, "X-Large"))
    assert answer.status == 422
    assert json.loads(answer.text) == {
        "status": 422,
        "message": "Cart Error",
        "description": "The product 'Lookout Hoodie - X-Large' is already sold out.",
    }
    assert ada.json("/cart.js")["item_count"] == 0


def test_an_unknown_variant_is_404(ada):
    assert ada.add(1).status == 404


def test_more_than_there_is_is_added_as_far_as_it_goes(ada):
    last = variant_of(ada, JACKET, "Moss / Large")
    assert "Only 1 items were added" in ada.add(last, 3).text
    assert "maximum quantity" in ada.add(last).text
    assert ada.json("/cart.js")["item_count"] == 1


def test_adding_again_raises_the_quantity(ada):
    medium = variant_of(ada, HOODIE, "Medium")
    ada.add(medium)
    ada.ask("POST", "/cart/add.js", {"id": medium, "quantity": 2}, form=True)
    cart = ada.json("/cart.js")
    (item,) = cart["items"]
    assert (item["variant_id"], item["quantity"], item["handle"]) == (medium, 3, HOODIE)
    assert (cart["total_price"], cart["currency"]) == (43500, "USD")


def test_a_form_without_script_leads_to_the_cart(ada):
    answer = ada.ask("POST", "/cart/add", {"id": variant_of(ada, TEE, "M")}, form=True)
    assert (answer.status, answer.headers["Location"]) == (302, "/cart")
    page = ada.get("/cart").text
    assert "Trail Crew Tee" in page
    assert 'id="checkout"' in page


def test_a_cart_can_be_changed_updated_and_cleared(ada):
    medium, mug = variant_of(ada, HOODIE, "Medium"), variant_of(ada, MUG, "Default Title")
    ada.add(medium)
    ada.add(mug)
    ada.ask("POST", "/cart/change.js", {"id": medium, "quantity": 0})
    ada.ask("POST", "/cart/update.js", {"updates": {str(mug): 4}})
    assert [(i["id"], i["quantity"]) for i in ada.json("/cart.js")["items"]] == [(mug, 4)]
    ada.ask("POST", "/cart/clear.js")
    assert ada.json("/cart.js")["items"] == []


def test_carts_of_two_visitors_do_not_mix(shop, ada):
    ada.add(variant_of(ada, HOODIE, "Medium"))
    assert Visitor(shop.url).json("/cart.js")["item_count"] == 0


def test_an_empty_cart_has_no_checkout(ada):
    assert ada.get("/checkout").headers["Location"] == "/cart"


def test_the_checkout_has_an_address_of_its_own_and_keeps_it(ada):
    ada.add(variant_of(ada, HOODIE, "Medium"))
    path = ada.get("/checkout").headers["Location"]
    assert re.fullmatch(r"/checkouts/cn/[\w-]+/en-us", path)
    posted = ada.ask("POST", "/cart", {"checkout": ""}, form=True)
    assert posted.headers["Location"] == "/checkout"
    assert ada.get("/checkout").headers["Location"] == path
    assert ada.get(path).status == 200


def test_a_permalink_opens_a_checkout_with_just_its_items_and_details(ada):
    mug = variant_of(ada, MUG, "Default Title")
    query = urlencode({"checkout[email]": "ada@example.com"})
    page = ada.get(ada.get(f"/cart/{mug}:2?{query}").headers["Location"]).text
    assert "Enamel Camp Mug" in page
    assert 'value="ada@example.com"' in page
    assert "$36.00" in page


def test_a_checkout_is_404_to_every_other_session(shop, ada):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    stranger = Visitor(shop.url)
    stranger.get("/")
    assert stranger.get(path).status == 404
    assert stranger.pay(path, press).status == 404


@pytest.mark.parametrize(
    ("where", "rates", "total"),
    [
        (("US", "OR", "97205"), 2, "164.96"),
        (("CA", "ON", "M5V 2T6"), 1, "159.00"),
        (("GB", "", "BS1 4DJ"), 1, "167.00"),
        (("DE", "", "04109"), 1, "167.00"),
        (("US", "OR", "9720"), 0, "145.00"),
        (("CA", "", "M5V 2T6"), 0, "145.00"),
    ],
)
def test_rates_and_taxes_follow_the_address(ada, where, rates, total):
    ada.add(variant_of(ada, HOODIE, "Medium"))
    path = ada.get("/checkout").headers["Location"].removesuffix("/en-us")
    buyer = ADA | dict(zip(("countryCode", "zone", "postalCode"), where, strict=True))
    quote = json.loads(ada.ask("POST", f"{path}/proposal", {"buyer": buyer}).text)
    assert (len(quote["rates"]), quote["amount"]) == (rates, total)


def test_a_payment_is_charged_once_and_written_down(ada, ledger, lines):
    medium = variant_of(ada, HOODIE, "Medium")
    path, press = ada.check_out(medium)
    outcome = json.loads(ada.pay(path, press).text)
    assert outcome == {"redirect": f"{path}/thank-you"}
    (line,) = lines()
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "checkout": path.split("/")[3],
        "order": "#1001",
        "result": "charged",
        "total": "164.96",
        "currency": "USD",
        "email": "ada@example.com",
        "items": [{"product": HOODIE, "variant": "Medium", "variant_id": medium, "quantity": 1}],
        "ship_to": {
            "name": "Ada Lovelace",
            "address1": "123 Main Street",
            "city": "Portland",
            "zone": "OR",
            "postal_code": "97205",
            "country": "US",
        },
    }
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600


def test_a_paid_checkout_leads_to_its_thank_you_page_ever_after(ada):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    assert ada.get(f"{path}/thank-you").headers["Location"] == path
    ada.pay(path, press)
    again = ada.get(path)
    assert (again.status, again.headers["Location"]) == (302, f"{path}/thank-you")
    page = ada.get(f"{path}/thank-you").text
    assert re.search(r"Confirmation #[A-Z0-9]{9}<", page)
    assert "<h2>Thank you, Ada!</h2>" in page
    assert "Order #1001" in page
    assert "$164.96" in page
    assert ada.json("/cart.js")["item_count"] == 0


def test_a_paid_checkout_takes_no_second_payment(ada, lines):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    first, second = ada.pay(path, press), ada.pay(path, press)
    assert first.text == second.text
    assert [(line["result"], line["order"]) for line in lines()] == [
        ("charged", "#1001"),
        ("repeated", "#1001"),
    ]


def test_two_payments_at_the_same_moment_charge_once(ada, lines):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    presses = [threading.Thread(target=ada.pay, args=(path, press)) for _ in range(3)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert [line["result"] for line in lines()] == ["charged", "repeated", "repeated"]


@pytest.mark.parametrize(("number", "result"), [("2", "declined"), ("3", "failed")])
def test_a_card_the_bank_refuses_leaves_the_checkout_open(ada, lines, number, result):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"), number=number)
    outcome = json.loads(ada.pay(path, press).text)
    assert outcome["message"].startswith("There was an issue processing your payment.")
    assert outcome["card_session"] != press["card_session"]
    assert [(line["result"], line["order"]) for line in lines()] == [(result, None)]
    assert ada.get(path).status == 200
    assert ada.json("/cart.js")["item_count"] == 1


def test_another_card_pays_after_a_refusal(ada, lines):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"), number="2")
    ada.pay(path, press)
    session = ada.type_card(ada.get(path).text)
    ada.pay(path, press | {"card_session": session})
    assert [line["result"] for line in lines()] == ["declined", "charged"]


def test_a_real_cards_number_never_reaches_the_bank_or_the_ledger(ada, ledger, lines):
    number = "4242 4242 4242 4242"
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"), number=number)
    outcome = json.loads(ada.pay(path, press).text)
    assert outcome["problems"] == {
        "number": "This store doesn't accept Visa. Use a different card to pay."
    }
    assert [line["result"] for line in lines()] == ["refused"]
    assert "42424242" not in ledger.read_text().replace(" ", "")


def test_a_card_keeps_its_secrets_from_its_repr():
    assert "42" not in repr(Card("4242", "12 / 42", "142", "Ada 42"))


def test_an_incomplete_form_is_refused_with_the_fields_words(ada, lines):
    buyer = ADA | {"email": "ada", "postalCode": ""}
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"), buyer=buyer)
    outcome = json.loads(ada.pay(path, press).text)
    assert outcome["problems"] == {
        "email": "Enter a valid email",
        "postalCode": "Enter a ZIP / postal code",
    }
    assert [line["result"] for line in lines()] == ["refused"]


def test_a_total_the_buyer_has_not_seen_is_not_charged(ada, lines):
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
    outcome = json.loads(ada.pay(path, press | {"total": "145.00"}).text)
    assert outcome["message"] == "Your order total has changed. Review and try again."
    assert [line["result"] for line in lines()] == ["refused"]


def test_the_last_one_is_sold_once(shop, ada, lines):
    last = variant_of(ada, JACKET, "Moss / Large")
    path, press = ada.check_out(last)
    bob = Visitor(shop.url)
    bobs_path, bobs_press = bob.check_out(last)
    ada.pay(path, press)
    outcome = json.loads(bob.pay(bobs_path, bobs_press).text)
    assert "Moss / Large is sold out" in outcome["message"]
    assert [line["result"] for line in lines()] == ["charged", "refused"]
    assert "Out of stock" in bob.get(bobs_path).text
    assert bob.add(last).status == 422


def test_what_the_visitor_types_is_escaped(ada):
    buyer = ADA | {"firstName": "<b>Ada</b>"}
    path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"), buyer=buyer)
    ada.pay(path, press)
    assert "Thank you, &lt;b&gt;Ada&lt;/b&gt;!" in ada.get(f"{path}/thank-you").text


def test_a_subclass_can_lose_the_answer_but_not_the_ledgers_line(ledger, lines):
    class HangsUp(Shop):
        def answer_payment(self, request, receipt):
            raise ConnectionAbortedError

    with HangsUp(ledger=ledger) as shop:
        ada = Visitor(shop.url)
        path, press = ada.check_out(variant_of(ada, HOODIE, "Medium"))
        with pytest.raises(http.client.RemoteDisconnected):
            ada.pay(path, press)
        assert [line["result"] for line in lines()] == ["charged"]
        assert ada.get(path).headers["Location"] == f"{path}/thank-you"


def test_closing_frees_the_port_ends_kept_connections_and_may_be_repeated(ledger):
    shop = Shop(ledger=ledger)
    connection = http.client.HTTPConnection(urlsplit(shop.url).netloc, timeout=5)
    connection.request("GET", "/cart.js")
    connection.getresponse().read()
    shop.close()
    shop.close()
    assert connection.sock.recv(1) == b""
    connection.close()
    with Shop(ledger=ledger, port=urlsplit(shop.url).port) as again:
        assert again.url == shop.url
