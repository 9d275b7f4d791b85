import pytest

from taskq.errors import BadInput, TaskFailed
from taskq.handlers.shopify import SHOPIFY, offer, sizes
from taskq.handlers.shopify.order import identity

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
            "more must be chosen",
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
    assert offer.wanted(shoes, None, {"Couleur": "Black", "Pointure": "10"}).id == 2


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
    with pytest.raises(BadInput, match="--option: 'Black' is not NAME=VALUE"):
        SHOPIFY.parse({"product_url": URL, "option": ["Black"]})
    with pytest.raises(BadInput, match="--quantity"):
        SHOPIFY.parse({"product_url": URL, "quantity": 0})


def test_another_colour_is_another_purchase_another_number_is_not():
    def same(**more):
        return identity(SHOPIFY.parse({"product_url": URL, "size": "M", **more}))

    assert same(option={"Color": "Ink"}) != same(option={"Color": "Moss"})
    assert same(option={"Color": "Ink"}) == same(option={"color": "ink"})
    assert same(quantity=2) == same()
