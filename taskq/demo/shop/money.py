"""Money: counted in cents, written in dollars."""

CURRENCY = "USD"


def amount(cents: int) -> str:
    """Write *cents* as data does: 64.10."""
    return f"{cents // 100}.{cents % 100:02d}"


def price(cents: int) -> str:
    """Write *cents* as a shop does: $1,064.10."""
    return f"${cents // 100:,}.{cents % 100:02d}"
