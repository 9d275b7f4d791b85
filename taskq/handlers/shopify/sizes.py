"""How sizes are spelled, and which spellings mean the same. Pure.

| asked | offered | the same because |
| --- | --- | --- |
| m | Medium | words and letters: XS to XXXL, with 2XL for XXL and so on |
| 10 | US 10 | a number is the same with and without its system (US, UK, EU, FR, IT, JP, AU, CM) |
| EU 42 | US 10 / EU 42 | a value may name a size in several ways, apart by / | , or brackets |

Never a part of another: L is not in XL, 10 not in 10.5, Large not in X-Large, 7 1/4 is not 7 1/8.
US 10 is not UK 10.
"""

from __future__ import annotations

import re

_WORDS = {
    "xxs": ("extra extra small", "xx-small", "2xs"),
    "xs": ("extra small", "x-small"),
    "s": ("small", "sm"),
    "m": ("medium", "med"),
    "l": ("large", "lg"),
    "xl": ("extra large", "x-large"),
    "xxl": ("extra extra large", "xx-large", "2xl", "2x"),
    "xxxl": ("xxx-large", "3xl", "3x"),
    "xxxxl": ("xxxx-large", "4xl", "4x"),
    "one size": ("os", "one size fits all", "o/s"),
}
_LETTERS = {word: letters for letters, words in _WORDS.items() for word in (letters, *words)}
# A slash between digits is a fraction or a range, a comma between digits a decimal one.
_BETWEEN = re.compile(r"\s+/\s+|\s*(?:/(?!\d)|(?<!\d)/)\s*|\s*[|()]\s*|,(?!\d)\s*")
_NUMBER = re.compile(
    r"(?:(us|uk|eu|eur|fr|it|jp|au|cm)\s*)?(\d+(?:[.,]\d+)?)\s*(?:(½)|(\d)/([248]))?(?:\s*cm)?"
)

_Way = tuple[str | None, str]
"""One way to name a size: (system, size)."""


def is_exactly(asked: str, offered: str) -> bool:
    """Whether both are spelled alike, but for upper and lower case and spaces."""
    return _plain(asked) == _plain(offered)


def is_same(asked: str, offered: str) -> bool:
    """Whether both mean the same size, by the table above."""
    return any(
        size == other and (system == its or None in {system, its})
        for system, size in _ways(asked)
        for its, other in _ways(offered)
    )


def canonical(text: str) -> str:
    """One spelling for all that mean the same, without the system of a number.

    For telling whether two orders may be for the same thing: rather too often than too seldom.
    """
    return _way(_plain(text))[1]


def _ways(text: str) -> list[_Way]:
    plain = _plain(text)
    parts = [plain] if plain in _LETTERS else [plain, *_BETWEEN.split(plain)]
    return [_way(part) for part in parts if part]


def _way(part: str) -> _Way:
    if found := _NUMBER.fullmatch(part):
        system, number, half, over, under = found.groups()
        part_of_one = 0.5 if half else int(over) / int(under) if over else 0.0
        value = float(number.replace(",", ".")) + part_of_one
        return ("eu" if system == "eur" else system), f"{value:g}"
    return None, _LETTERS.get(part, part)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
