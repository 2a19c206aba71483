"""Cut a text into graphic words: runs of letters with what may join them inside.

A chunk is what stands between spaces and punctuation: "l’éco-quartier", "habitant·e·s",
"S.N.C.F", "10 000", "L. 1234-5". What is in it, `chain` says.
"""

import re
from collections.abc import Iterator
from typing import Final

from indexer.analysis.characters import APOSTROPHES, COMBINING, HYPHENS, INVISIBLE

_RUN = rf"[^\W_][\w{COMBINING}{INVISIBLE}]*"
# A hyphen at the end of a line either cuts a word or joins two: both are tried.
JOINER: Final = rf"(?:[{APOSTROPHES}·•‧⋅∙・./]|[{HYPHENS}](?:[ \t]*\r?\n[ \t]*)?)"
_BRACKET = r"(?:\(-?(?:e|ne|le|te|se|sse|ve|rice|trice|euse|ère|aine|ale|elle|re)s?\)s?)?"

_NUMBER: Final = rf"""
    (?<!\w)[LRDAC](?:\.[ \u00a0\u202f]?\*?[ \u00a0\u202f]?|[ \u00a0\u202f]|)
      \d{{1,5}}(?:[{HYPHENS}]\d+)*(?!\w)
    | (?<![\w.,/-])\d{{1,3}}(?:[ \u00a0\u2009\u202f]\d{{3}})+(?![\w]|[ \u00a0\u2009\u202f]\d)
"""
CHUNK: Final = re.compile(
    rf"{_NUMBER} | {_RUN}(?:{JOINER}{_RUN})*{_BRACKET}",
    re.VERBOSE,
)
NUMBER: Final = re.compile(_NUMBER, re.VERBOSE)  # the chunks that may hold a blank
# What any chunk of `NUMBER` with a blank in it has, found many times faster.
MAY_HOLD_NUMBER: Final = re.compile(r"[LRDAC][.* \u00a0\u202f]{0,3}\d|\d[ \u00a0\u2009\u202f]\d{3}")
PART: Final = re.compile(_RUN)


def cut_pieces(text: str) -> list[str]:
    """`text` cut at blanks where none is inside a chunk, many times faster than into chunks.

    The chunks of the pieces are those of the text.
    """
    if "\n" in text or MAY_HOLD_NUMBER.search(text):
        return [chunk for _, chunk in cut_chunks(text)]
    return text.split()


def cut_chunks(text: str, begin: int = 0) -> Iterator[tuple[int, str]]:
    """Yield the start of every chunk of `text`, in characters, and the chunk itself.

    `begin` is where `text` itself begins in something larger.
    """
    for found in CHUNK.finditer(text):
        yield begin + found.start(), found.group()
