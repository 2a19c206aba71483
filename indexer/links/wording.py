"""Say it in French: dates, counts and sentences about links, with their typography.

U+00A0 before a colon and inside guillemets, U+202F before ; ! ? and %, ’ for apostrophes.
"""

import re
from datetime import date, datetime
from typing import Final

from indexer.french_dates import render_day
from indexer.model import Note

NBSP: Final = "\u00a0"
NNBSP: Final = "\u202f"
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def render_date(day: date | datetime) -> str:
    """The day in words: "1er mai 2024", its parts held together."""
    return render_day(day, space=NBSP)


def render_count(count: int, singular: str, plural: str = "") -> str:
    """A number and its noun; French counts zero as singular."""
    noun = singular if count < 2 else plural or f"{singular}s"
    return f"{count}{NBSP}{noun}"


def render_share(share: float) -> str:
    """A part of a whole in percent: 0.625 is "62 %"."""
    return f"{int(share * 100)}{NNBSP}%"


def render_sentence(clause: str) -> str:
    """A clause as a sentence: its first letter raised, a full stop at its end."""
    return f"{clause[:1].upper()}{clause[1:]}."


def name_note(note: Note, length: int = 60) -> str:
    """What a note is about, on one line: its heading, and its first words."""
    words = " ".join(note.text.split())
    if len(words) > length:
        words = words[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:«") + "…"
    return f"{NBSP}: ".join(filter(None, (note.section[-1] if note.section else "", words)))


def strip_controls(text: str) -> str:
    """A text without the characters that XML 1.0 has no way to write (§2.2), C1 neither."""
    return _NOT_XML.sub("", text)
