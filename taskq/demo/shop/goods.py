"""The goods of Hearth & Pine: four products, one for each way a theme draws a choice."""

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


def stock_up() -> Catalog:
    """Fill the shelves as they are when the shop opens."""
    hoodie, tee, mug, jacket = _hoodie(), _tee(), _mug(), _jacket()
    sold_out = (hoodie.variants[3], tee.variants[2], jacket.variants[4])
    stock = {variant.id: 0 for variant in sold_out}
    stock[hoodie.variants[0].id] = 5
    stock[jacket.variants[2].id] = 1
    return Catalog((hoodie, tee, mug, jacket), stock)
