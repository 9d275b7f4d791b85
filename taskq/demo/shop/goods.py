"""The goods of Hearth & Pine: a product for each way a theme draws a choice."""

from __future__ import annotations

from itertools import product as every

from taskq.demo.shop.catalog import DEFAULT_TITLE, Catalog, Option, Product, Variant

BRAND = "Hearth & Pine"

SIZES = ("Small", "Medium", "Large")


def _variants(first_id: int, price: int, sku: str, options: tuple[Option, ...]) -> list[Variant]:
    """Make a variant of every combination of the *options*."""
    combinations = every(*(option.values for option in options))
    return [
        Variant(first_id + number, values, price, f"{sku}-{number + 1:02d}")
        for number, values in enumerate(combinations)
    ]


def _hoodie() -> Product:
    options = (Option("Size", (*SIZES, "X-Large")),)
    return Product(
        id=8120000000201,
        handle="hp-p020-051-1",
        title="Lookout Hoodie",
        kind="Hoodies",
        picture="hoodie.svg",
        description="Brushed organic cotton, heavy enough for the first frost. "
        "A double hood, a deep front pocket and cuffs that keep their shape.",
        options=options,
        variants=tuple(_variants(44120000020511, 14500, "HP-P020-051", options)),
    )


def _tee() -> Product:
    options = (Option("Size", ("S", "M", "L"), "dropdown"),)
    return Product(
        id=8120000000202,
        handle="hp-t110-014-2",
        title="Trail Crew Tee",
        kind="T-shirts",
        picture="tee.svg",
        description="A midweight tee with a straight cut, washed once so it will not shrink again.",
        options=options,
        variants=tuple(_variants(44120000110141, 3800, "HP-T110-014", options)),
    )


def _mug() -> Product:
    options = (Option("Title", (DEFAULT_TITLE,)),)
    return Product(
        id=8120000000203,
        handle="hp-m300-002-1",
        title="Enamel Camp Mug",
        kind="Kitchen",
        picture="mug.svg",
        description="Enamel on steel, rolled rim, twelve ounces. Goes from the stove to the porch.",
        options=options,
        variants=tuple(_variants(44120000300021, 1800, "HP-M300-002", options)),
    )


def _jacket() -> Product:
    options = (Option("Color", ("Moss", "Ink"), "swatches"), Option("Size", SIZES))
    return Product(
        id=8120000000204,
        handle="hp-j210-033-4",
        title="Harbor Rain Jacket",
        kind="Jackets",
        picture="jacket.svg",
        description="Waxed cotton with taped seams and a storm flap. Made for the walk home.",
        options=options,
        variants=tuple(_variants(44120000210331, 21000, "HP-J210-033", options)),
    )


def _boots() -> Product:
    options = (
        Option("Couleur", ("Tan", "Black"), "buttons"),
        Option("Pointure", ("US 8 / EU 41", "US 9 / EU 42", "US 10 / EU 43"), "buttons"),
    )
    return Product(
        id=8120000000205,
        handle="hp-b410-007-3",
        title="Ridge Boot",
        kind="Boots",
        picture="jacket.svg",
        description="Oiled leather on a sole that can be sewn on again.",
        options=options,
        variants=tuple(_variants(44120000410071, 19500, "HP-B410-007", options)),
        hides_data=True,
    )


def _socks() -> Product:
    options = (Option("Taille", ("Small", "Large"), "list"), Option("Color", ("Moss", "Ink")))
    return Product(
        id=8120000000206,
        handle="hp-s510-001-9",
        title="Camp Sock",
        kind="Socks",
        picture="tee.svg",
        description="Wool that forgives a wet morning.",
        options=options,
        variants=tuple(_variants(44120000510011, 1400, "HP-S510-001", options)),
        hides_data=True,
    )


def stock_up() -> Catalog:
    """Fill the shelves as they are when the shop opens."""
    hoodie, tee, mug, jacket = _hoodie(), _tee(), _mug(), _jacket()
    boots, socks = _boots(), _socks()
    sold_out = (hoodie.variants[3], tee.variants[2], jacket.variants[4], socks.variants[3])
    stock = {variant.id: 0 for variant in sold_out}
    stock[hoodie.variants[0].id] = 5
    stock[jacket.variants[2].id] = 1
    return Catalog((hoodie, tee, mug, jacket, boots, socks), stock)
