"""Bring the ways of typing one character together: width, ligatures, marks, case, accents.

Nothing here knows a language; a word goes in and a word comes out.
"""

import re
import unicodedata
from typing import Final

APOSTROPHES: Final = "'’ʼ‘`´′＇"
HYPHENS: Final = "-‐‑"
# Typed or not, these change nothing to a word: soft hyphen, joiners, a mark of byte order. The
# zero-width space is none of them: it says where a word ends.
INVISIBLE: Final = "\u00ad\u200c\u200d\u2060\ufeff"
COMBINING: Final = "\u0300-\u036f"

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_MARKS = re.compile(f"[{COMBINING}]")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})


def normalise(word: str) -> str:
    """Write a word in lower case, composed (NFKC), without invisible marks, ligatures undone."""
    if word.isascii():
        return word.lower()
    composed = unicodedata.normalize("NFKC", _INVISIBLE.sub("", word)).lower()
    return composed.translate(_LIGATURES)


def fold(word: str) -> str:
    """Take the accents off a normalised word: "énergétique" gives "energetique"."""
    if word.isascii():
        return word
    return _MARKS.sub("", unicodedata.normalize("NFD", word))
