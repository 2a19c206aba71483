"""Write alike what French writes in several ways: ordinals, centuries, articles of law.

"XXIe", "21e", "XXIᵉ" and "21ème" are one word; so are "L. 1234-5" and "L1234-5".
"""

import re
from typing import Final

_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ROMAN_SYNTAX: Final = re.compile(
    r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE
)
_SUFFIX = r"(?:e|er|ers|re|res|ere|eres|eme|emes|ieme|iemes|nd|nds|nde|ndes|d|de)"
_ARABIC_ORDINAL: Final = re.compile(rf"(\d+){_SUFFIX}")
_ROMAN_ORDINAL: Final = re.compile(rf"([ivxlcdm]+?){_SUFFIX}s?", re.IGNORECASE)
# In lower case, only runs of x, v, i that no French word is made of.
_LOWER_ROMAN: Final = re.compile(r"[xvi]{2,}")
_WORDS_LIKE_ROMAN: Final = frozenset({"vie", "vies"})
_SINGLE_ROMAN: Final = frozenset("IVX")  # "Le", "Ce", "De" and "Me" are words
_LAW_ARTICLE: Final = re.compile(r"([a-z])\*?\.?\s*\*?\s*(\d+(?:-\d+)*)")


def parse_roman(text: str) -> int | None:
    """The number that a Roman numeral writes, or None: "XXI" gives 21, "IL" nothing."""
    if not text or not _ROMAN_SYNTAX.fullmatch(text):
        return None
    values = [_ROMAN[letter] for letter in text.lower()]
    return sum(
        -value if value < max(values[place:]) else value for place, value in enumerate(values)
    )


def render_ordinal(surface: str, folded: str) -> str | None:
    """The one spelling of an ordinal ("21e"), or None when the word is none.

    `surface` is the word in its own case, without accents: case tells "VIe" from "vie".
    """
    if folded[0].isdigit():
        found = _ARABIC_ORDINAL.fullmatch(folded)
        return f"{int(found[1])}e" if found else None
    found = _ROMAN_ORDINAL.fullmatch(surface)
    if found is None:
        return None
    numeral, suffix = found[1], surface[found.end(1) :]
    if numeral.isupper():
        if suffix.isupper() or (len(numeral) == 1 and numeral not in _SINGLE_ROMAN):
            return None
    elif not _LOWER_ROMAN.fullmatch(numeral) or folded in _WORDS_LIKE_ROMAN:
        return None
    number = parse_roman(numeral)
    return f"{number}e" if number else None


def render_law_article(normalised: str) -> str | None:
    """ "l. 1234-5", "l.1234-5" and "l1234-5" give "l1234-5"; anything else None."""
    found = _LAW_ARTICLE.fullmatch(normalised)
    return f"{found[1]}{found[2]}" if found else None
