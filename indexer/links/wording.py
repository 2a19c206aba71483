"""Name a note on one line; leave out of a text what XML cannot hold."""

import re
from typing import Final

from indexer.messages import NBSP
from indexer.model import Note

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def name_note(note: Note, length: int = 60) -> str:
    """What a note is about, on one line: its heading, and its first words."""
    words = " ".join(note.text.split())
    if len(words) > length:
        words = words[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:«") + "…"
    return f"{NBSP}: ".join(filter(None, (note.section[-1] if note.section else "", words)))


def strip_controls(text: str) -> str:
    """A text without the characters that XML 1.0 has no way to write (§2.2), C1 neither."""
    return _NOT_XML.sub("", text)
