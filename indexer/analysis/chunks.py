"""Cut a text into graphic words, and a word into the two that it may be joined of.

A chunk is what stands between spaces and punctuation: "l’éco-quartier", "habitant·e·s",
"S.N.C.F", "10 000", "L. 1234-5". What is in it, `chain` says.
"""

import re
from collections.abc import Iterator
from typing import Final

from indexer.analysis.characters import APOSTROPHES, COMBINING, HYPHENS, INVISIBLE

_RUN = rf"[^\W_][\w{COMBINING}{INVISIBLE}]*"
# A hyphen at the end of a line either cuts a word or joins two: both are tried.
JOINER: Final = rf"(?:[{APOSTROPHES}·•‧⋅∙・./]|[{HYPHENS}](?:[ \t]*\r?\n[ \t]*)?)[{INVISIBLE}]*"
_BRACKET = r"(?:\(-?(?:e|ne|le|te|se|sse|ve|rice|trice|euse|ère|aine|ale|elle|re)s?\)s?)?"

_NUMBER: Final = rf"""
    (?<!\w)[LRDAC]\*?(?:\.[ \u00a0\u202f]?\*?[ \u00a0\u202f]?|[ \u00a0\u202f]|)
      \d{{1,5}}(?:[{HYPHENS}]\d+)*(?!\w)
    | (?<!\w)(?i:aujourd|prud|presqu)[{APOSTROPHES}][ \u00a0\u202f]+(?i:hui|hom\w+|[îi]les?)(?!\w)
    | (?<![\w.,/-])\d{{1,3}}(?:[ \u00a0\u2009\u202f]\d{{3}})+(?![\w]|[ \u00a0\u2009\u202f]\d)
"""
# Names that end in signs: languages (C++, C#) and programs (Notepad++).
_SIGNED: Final = r"(?<!\w)(?:[A-Za-z]{1,20}\+\+(?![^\W\d_+])|[A-Za-z]\#(?![\w#]))"
SIGNED: Final = re.compile(_SIGNED)
CHUNK: Final = re.compile(
    rf"{_NUMBER} | {_SIGNED} | {_RUN}(?:{JOINER}{_RUN})*{_BRACKET}",
    re.VERBOSE,
)
NUMBER: Final = re.compile(_NUMBER, re.VERBOSE)  # the chunks that may hold a blank
# What any chunk of `NUMBER` with a blank in it has, found many times faster.
# It begins with one class of letters, so that `re` passes over all others at once.
MAY_HOLD_NUMBER: Final = re.compile(
    rf"[LRDAC\ddDuU](?:(?<=[LRDAC])[.* \u00a0\u202f]{{0,4}}\d|(?<=\d)[ \u00a0\u2009\u202f]\d{{3}}"
    rf"|(?<=[dDuU])[{APOSTROPHES}][ \u00a0\u202f]+[hHîiÎI])"
)
_BLANK: Final = re.compile(r"\s")
# How a word begins that keeps its apostrophe, and may have a blank after it.
KEEPS_APOSTROPHE: Final = ("aujourd", "prud", "presqu")
PART: Final = re.compile(_RUN)


def may_hold_blanks(text: str) -> bool:
    """Tell whether a chunk of `text` may hold a blank.

    Else what stands between blanks can be cut alone, and cutting at blanks is many times faster.
    """
    return "\n" in text or MAY_HOLD_NUMBER.search(text) is not None


def find_spaced_chunks(text: str) -> list[tuple[int, int]] | None:
    """Find the chunks of `text` that hold a blank, as `cut_chunks` would cut them.

    Gives where each begins and ends, in characters: what is left may be cut at blanks. None where
    that can't be told without cutting all.
    """
    if "\n" in text:
        return None
    spans: list[tuple[int, int]] = []
    if MAY_HOLD_NUMBER.search(text) is None:
        return spans
    for found in NUMBER.finditer(text):
        start, end = found.span()
        if start and not text[start - 1].isspace():
            return None  # a word may go on into it
        if _BLANK.search(text, start, end):
            spans.append((start, end))
    return spans


def cut_chunks(text: str, begin: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the start of every chunk of `text`, in characters, and the chunk itself.

    `begin` is where `text` itself begins in something larger.
    """
    for found in CHUNK.finditer(text):
        yield begin + found.start(), found.group()


# --- where a word may be two: what French joins with a hyphen, without one, or not at all

SHORTEST_SPLIT: Final = 6  # letters of a word that may be two

# What is put before words, and written in all three ways: "éco-quartier", "écoquartier".
_COMBINING_FORMS: Final = """
aero agro anti archi audio auto avant bio centre co contre cyber demi eco electro entre ethno euro
extra franco geo hydro hyper infra inter intra macro maxi mega meta micro mi mini mono moto moyen
multi nano neo neuro non para peri photo pluri poly porte post pre pro pseudo psycho quasi
radio retro semi socio sous sub super supra sur techno tele thermo tiers trans tri ultra uni vice
video
"""
COMBINING_FORMS: Final[frozenset[str]] = frozenset(_COMBINING_FORMS.split())


def list_cuts(word: str, *, is_known: bool) -> Iterator[tuple[str, str]]:
    """Yield the two parts of a folded word in every way that it may be cut.

    A word that the texts have in one piece is cut after a combining form only: "personnages" is
    not "personne âgée".
    """
    if len(word) < SHORTEST_SPLIT or not word.isalpha():
        return
    for cut in range(2, len(word) - 2):
        if not is_known or word[:cut] in COMBINING_FORMS:
            yield word[:cut], word[cut:]
