"""Give references, notes and entries identifiers that hold when the file is edited elsewhere.

An identifier depends on what it names, never on where it stands. Where two of one name meet,
each gets the hash of its own content: which came first decides nothing.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.lines.vocabulary import EMPTY_WORDS
from indexer.model import Entry, Note, Reference
from indexer.urls import site

_HASH_CHARS: Final = 8
_LETTERS: Final = (("œ", "oe"), ("æ", "ae"), ("ß", "ss"), ("ø", "o"), ("ł", "l"), ("đ", "d"))


def slug(text: str) -> str:
    """Text as `[a-z0-9-]*`: accents and ligatures undone, the rest hyphens."""
    text = text.lower()
    for letter, letters in _LETTERS:
        text = text.replace(letter, letters)
    text = "".join(
        char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
    )
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def content_hash(*parts: str) -> str:
    """Eight hexadecimal digits of what the parts say; white space and case don't count."""
    text = "\x1f".join(normalise(part).casefold() for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARS]


def citation_key(reference: Reference) -> str:
    """`nom-annee-mot`: who signs, the year or "sd", the first telling word of the title."""
    signatories = reference.author or reference.editor
    signed = signatories[0].family or signatories[0].literal if signatories else ""
    address = reference.url or ""
    name = slug(signed or reference.container_title or site(address))
    name = "-".join(name.split("-")[:3]) or "anonyme"
    year = slug(reference.issued[:4]) or "sd"
    named = reference.title or address.rstrip("/").rpartition("/")[2]
    words = [word for word in slug(named).split("-") if word]
    telling = [word for word in words if word not in EMPTY_WORDS and len(word) > 1]
    return f"{name}-{year}-{(telling or words or ['sans-titre'])[0]}"


def key_references(references: Sequence[Reference]) -> list[str]:
    """The citation keys of references, one each; where two meet, both get a hash."""
    keys = [citation_key(reference) for reference in references]
    count = Counter(keys)
    return [
        key if count[key] == 1 else f"{key}-{reference_hash(reference)}"
        for key, reference in zip(keys, references, strict=True)
    ]


def reference_hash(reference: Reference) -> str:
    """What a reference says, as a hash; neither its place nor its section counts."""
    signatories = (name.display for name in (*reference.author, *reference.editor))
    places = (reference.volume, reference.issue, reference.page)
    dated = (reference.title, reference.container_title, reference.issued)
    numbers = (reference.url or "", reference.doi, reference.isbn)
    return content_hash(*dated, *numbers, *places, *signatories)


def key_notes(notes: Sequence[Note], cited: Sequence[tuple[str, ...]]) -> list[str]:
    """The ids of notes; `cited` holds the ids of the references of each.

    The only note on a reference is named after it and keeps its name when it is rewritten; any
    other is named after its text.
    """
    count = Counter(cited)
    keys: list[str] = []
    for note, references in zip(notes, cited, strict=True):
        if not references:
            keys.append(f"note-{content_hash(note.text)}")
            continue
        first = min(references)
        more = f"-{content_hash(*sorted(references))}" if len(references) > 1 else ""
        text = f"-{content_hash(note.text)}" if count[references] > 1 else ""
        keys.append(f"note-{first}{more}{text}")
    return keys


def key_entry(entry: Entry) -> str:
    """The id of an entry, from its kind and what it says."""
    return f"{entry.kind}-{content_hash(entry.title, entry.text)}"
