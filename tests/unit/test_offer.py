import pytest

from taskq.errors import BadInput, BadParams, TaskFailed
from taskq.handlers.shopify import SHOPIFY, money, offer, sizes
from taskq.handlers.shopify.order import identity, same_product

URL = "https://kith.com/products/hp-1"


def an_offer(*variants, options=("Size",), sold_out=()):
    data = {
        "title": "A thing",
        "options": [{"name": name} for name in options],
        "variants": [
            {"id": n, "title": title, "options": title.split(" / "), "available": n not in sold_out}
            for n, title in enumerate(variants)
        ],
    }
    return offer.from_data(data)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("Medium", "medium"),
        ("M", "Medium"),
        ("2XL", "XXL"),
        ("x-large", "XL"),
        ("10", "US 10"),
        ("US 10", "10"),
        ("EU 42", "US 9 / EU 42"),
        ("42", "US 9 (EU 42)"),
        ("10.5", "US 10½"),
        ("10,5", "10.5"),
        ("One Size", "O/S"),
        ("7 1/4", "7.25"),
        ("10 1/2", "10½"),
    ],
)
def test_sizes_are_the_same_in_other_common_words(asked, offered):
    assert sizes.is_same(asked, offered)
    assert sizes.is_same(offered, asked)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("L", "XL"),
        ("10", "10.5"),
        ("Large", "X-Large"),
        ("US 10", "UK 10"),
        ("EU 42", "42.5"),
        ("S", "Slim"),
        ("4", "42"),
        ("7 1/4", "7 1/8"),
        ("8", "7 3/8"),
        ("2", "10 1/2"),
        ("10", "10,5"),
        ("42", "41/42"),
    ],
)
def test_a_size_is_never_a_part_of_another(asked, offered):
    assert not sizes.is_same(asked, offered)


def test_the_spelling_of_the_shop_wins_over_another_that_means_the_same():
    found = offer.wanted(an_offer("Medium", "M"), "M", {})

    assert found.title == "M"


@pytest.mark.parametrize(
    ("offered", "size", "options", "said"),
    [
        (an_offer("US 10", "UK 10"), "10", {}, "size 10 matches UK 10 and US 10: say which"),
        (an_offer("S", "M"), None, {}, "this product comes in sizes, choose one: S, M"),
        (an_offer("S", "M"), "XL", {}, r"size XL is not offered \(S, M\)"),
        (an_offer("S", "M", sold_out={0}), "S", {}, r"size S is sold out \(there is: M\)"),
        (
            an_offer("Moss / S", "Ink / S", options=("Color", "Size")),
            "S",
            {},
            r"more must be chosen \(--option NAME=VALUE\): Color: Moss, Ink",
        ),
        (
            an_offer("Moss / S", "Ink / S", "Ink / M", options=("Color", "Size"), sold_out={1, 2}),
            "S",
            {},
            r"more must be chosen \(--option NAME=VALUE\): Color: Moss, Ink \(sold out\)$",
        ),
        (
            an_offer("Moss / S", "Ink / S", options=("Color", "Size")),
            "S",
            {"Colour": "Ink"},
            r"there is no option Colour \(there is: Color, Size\)",
        ),
        (
            an_offer("Moss / S", "Ink / S", options=("Color", "Size")),
            "S",
            {"Color": "Red"},
            r"Color Red is not offered \(Moss, Ink\)",
        ),
    ],
)
def test_nobody_guesses_what_was_meant(offered, size, options, said):
    with pytest.raises(TaskFailed, match=said):
        offer.wanted(offered, size, options)


def test_options_are_named_and_spelled_as_the_shop_does_or_alike():
    shoes = an_offer("Tan / US 9", "Black / US 9", "Black / US 10", options=("Couleur", "Pointure"))

    assert offer.wanted(shoes, "9", {"couleur": "black"}).title == "Black / US 9"
    assert offer.wanted(shoes, None, {"Couleur": "Tan"}).title == "Tan / US 9"
    assert offer.wanted(shoes, None, {"Couleur": "Black", "Pointure": "us 10"}).id == 2


def test_a_colour_is_never_a_part_of_another():
    shirts = an_offer("White / Black", "Red", options=("Color",))

    with pytest.raises(TaskFailed, match="Color Black is not offered"):
        offer.wanted(shirts, None, {"Color": "Black"})


def test_older_data_names_its_options_by_number():
    old = {
        "title": "Old",
        "options": ["Title"],
        "variants": [{"id": "7", "title": "Default Title", "option1": "Default Title"}],
    }
    (variant,) = offer.from_data(old).variants

    assert (variant.id, variant.is_only_one, variant.available) == (7, True, True)


def test_options_on_the_command_line_are_pairs():
    order = SHOPIFY.parse({"product_url": URL, "option": ["Color=Black", "Fit=Slim=Long"]})

    assert order.option == {"Color": "Black", "Fit": "Slim=Long"}
    with pytest.raises(BadInput, match="--option: a choice is NAME=VALUE"):
        SHOPIFY.parse({"product_url": URL, "option": ["Black"]})
    with pytest.raises(BadInput, match="--quantity"):
        SHOPIFY.parse({"product_url": URL, "quantity": 0})


def test_another_colour_is_another_purchase_another_number_is_not():
    def same(**more):
        return identity(SHOPIFY.parse({"product_url": URL, "size": "M", **more}))

    assert same(option={"Color": "Ink"}) != same(option={"Color": "Moss"})
    assert same(option={"Color": "Ink"}) == same(option={"color": "ink"})
    assert same(quantity=2) == same()


@pytest.mark.parametrize("other", [{"size": "Medium"}, {"option": {"Size": "m"}}])
def test_the_same_size_in_other_words_is_the_same_purchase(other):
    first = identity(SHOPIFY.parse({"product_url": URL, "size": "M"}))

    assert identity(SHOPIFY.parse({"product_url": URL, **other})) == first


@pytest.mark.parametrize(
    ("landed", "allowed"),
    [
        ("https://kith.com/products/hp-1?variant=3", True),
        ("https://www.kith.com/fr/products/hp-1", True),
        ("https://kith.myshopify.com/products/hp-1", True),
        ("https://kith.com/products/hp-2", False),
        ("https://elsewhere.com/products/hp-1", False),
        ("http://kith.com/products/hp-1", False),
        ("http://127.0.0.1:8000/products/hp-1", False),
        ("https://192.168.1.1/products/hp-1", False),
    ],
)
def test_a_shop_may_send_us_on_to_the_same_product_of_its_own_and_nowhere_else(landed, allowed):
    if allowed:
        same_product(URL, landed)
    else:
        with pytest.raises(ValueError, match=r"another|https|inside"):
            same_product(URL, landed)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("GBP\n£120.00", "120.00 GBP"), ("Including £20.00 in taxes\nGBP\n£120.00", "120.00 GBP")],
)
def test_a_total_is_the_last_amount_beside_its_name(text, amount):
    assert str(money.parse(text)) == amount


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"product_url": "Geheim"}, "product_url"),
        ({"product_url": URL, "size": "4242 4242 4242 4242"}, "size"),
        ({"product_url": URL, "option": {"Color": "4242424242424242"}}, "option"),
        ({"product_url": URL, "option": ["4242424242424242"]}, "option"),
        ({"product_url": URL, "option": {"Color": "\ud800"}}, "option"),
    ],
)
def test_what_is_refused_is_named_and_not_repeated(given, field):
    with pytest.raises(BadParams) as refused:
        SHOPIFY.parse(given)

    assert [name for name, _ in refused.value.faults] == [field]
    assert not any(word in str(refused.value) for word in ("Geheim", "4242", "\ud800"))
