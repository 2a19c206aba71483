"""Find the words of a block or of a record that end in no field, no note and no heading.

The promise of this room is that nothing is dropped in silence: what no rule has a place for is
told by `check` with its line (`left-over`), so that somebody can write it more plainly, correct
it, or accept it. Words that only name a field ("p.", "vol.", "consulté le", "dans") or point at
an address ("en ligne", "ici") say nothing once the field is read, and are not told.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from indexer.bibliography.lines.dates import find_dates, fold
from indexer.bibliography.lines.markup import (
    normalise,
    parse_markup,
    plain,
    trim_address,
)
from indexer.bibliography.lines.vocabulary import CUE_WORDS
from indexer.messages import message
from indexer.model import Name, Place, Problem, Reference
from indexer.urls import urlkey

_TAG: Final = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W_]+")
_SIZE: Final = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:[kmg]?[ob]|min|h)\b", re.IGNORECASE)
# Fields of records that say nothing of a text: what programs keep for themselves, the ties between
# records, and the kind of text, which is a field of ours under another name.
_TECHNICAL: Final = re.compile(
    r"id|ids|key|type_of_reference|itemtype|citation-key|citekey|crossref|xdata|xref|options|"
    r"related\w*|entrysubtype|timestamp|creationdate|modificationdate|date-(?:added|modified)|"
    r"dateadded|datemodified|owner|groups?|file\w*|local-url|bdsk-.*|__.*|mdate|biburl|bibsource|"
    r"citeulike-.*|priority|qualityassured|ranking|readstatus|relevance|printed|sortkey|"
    r"sort(?:name|title|year)|presort|langid\w*|hyphenation|custom|system_id|categories|version",
    re.IGNORECASE,
)
_DATE_FIELD: Final = re.compile(r"(?:orig)?(?:date|year|month|day|publication_year|issued)", re.I)
_OF_RECORDS: Final = ("and", "others", "http", "https", "doi", "org", "dx")
_MAX_SHOWN: Final = 1000  # characters of a remainder that a sentence shows


def find_words(text: str) -> list[str]:
    """List the words of a text in their order, in small letters without accents.

    >>> find_words("L’Éveil, n° 12")
    ['l', 'eveil', 'n', '12']
    """
    return _WORD.findall(fold(normalise(text)))


MAX_TEXTS: Final = 2000  # of one field: aliases of YAML can make a million of a few lines


def join_texts(value: Any) -> str:
    """Join the texts of a value that may hold others, as JSON and YAML do; no more than MAX_TEXTS.

    >>> join_texts([{"family": "Essai", "given": "Anne"}, "Groupe"])
    'Essai Anne Groupe'
    """
    return " ".join(islice(_list_texts(value), MAX_TEXTS))


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _list_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _list_texts(one)
    elif value is not None and str(value).strip():
        yield str(value)


def list_kept(reference: Reference) -> Iterator[str]:
    """List the texts of a reference's fields; its source line is none."""
    yield from (reference.title, reference.container_title, reference.collection_title)
    yield from (reference.publisher, reference.publisher_place, reference.doi, reference.isbn)
    yield from (reference.number, reference.volume, reference.issue, reference.page)
    yield from (reference.edition, reference.language, reference.issued, reference.accessed)
    yield from (reference.url or "", reference.archive_url or "", reference.abstract)
    yield from reference.keyword
    yield from map(_say_name, (*reference.author, *reference.editor, *reference.translator))


def find_remainder(raw: str, references: Iterable[Reference], said: Iterable[str] = ()) -> str:
    """Find the words of a line that none of its references and none of its notes holds.

    `raw` is the line as written, `said` holds the texts of its notes. Gives the words in their
    order, "" where there are none.
    """
    held = tuple(references)
    kept = " ".join(text for one in held for text in list_kept(one))
    known = set(find_words(" ".join((kept, *said))))
    isbns = " ".join(one.isbn for one in held)
    written = _SIZE.sub(" ", _without_dates(plain(parse_markup(raw).text), held))
    folded = fold(written)
    lost = [
        written[found.start() : found.end()]
        for found in _WORD.finditer(folded)
        if not (found[0] in known or found[0] in CUE_WORDS or _is_part(found[0], isbns))
    ]
    return " ".join(lost)


def find_left_fields(fields: Mapping[str, str], reference: Reference, notes: Iterable[str]) -> str:
    """Find the fields of a record whose words no field of its reference and no note holds.

    `fields` holds the values of a record by the names that its format gives them. Gives
    "name: value; name: value", "" where nothing is left.
    """
    kept = " ".join((*list_kept(reference), reference.type, *notes))
    known: set[str] = set()
    left: list[str] = []
    for name, value in fields.items():
        if not value or value in kept or _TECHNICAL.fullmatch(name):
            continue
        if reference.issued and _DATE_FIELD.fullmatch(name):
            continue  # read as a date, whatever words say it
        known = known or {_bare(word) for word in (*find_words(kept), *_OF_RECORDS)}
        said = html.unescape(_TAG.sub(" ", value)) if "<" in value or "&" in value else value
        said = _ADDRESS.sub(" ", said) if "://" in said else said  # told by themselves
        lost = [word for word in find_words(said) if _bare(word) not in known]
        if lost and any(map(str.isdigit, said)):  # a date that is held, in words
            said = _without_dates(said, [reference])
            lost = [word for word in find_words(said) if _bare(word) not in known]
        if lost and not all(_is_part(word, reference.isbn) for word in lost):
            left.append(f"{name}: {' '.join(value.split())}")
    return "; ".join(left)


_ADDRESS: Final = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def find_left_addresses(
    fields: Mapping[str, str], reference: Reference, notes: Iterable[str]
) -> list[str]:
    """List the addresses of a record that neither its reference nor a note on it holds.

    Another way to write an address that is held ("http", "www.", a DOI as an address) is held.
    """
    found = dict.fromkeys(
        address for value in fields.values() for address in _list_addresses(value)
    )
    if not found:
        return []
    texts = (*notes, *list_kept(reference))
    known = {urlkey(address) for text in texts for address in _list_addresses(text)}
    if reference.doi:
        known.add(urlkey(f"https://doi.org/{reference.doi}"))
    return [address for address in found if urlkey(address) not in known]


def _list_addresses(text: str) -> list[str]:
    return [trim_address(one) for one in _ADDRESS.findall(text)] if "://" in text else []


def tell_address(address: str, place: Place | None, subject: str = "") -> Problem:
    """Make the problem that tells an address which is of no reference and in no note."""
    said = message("problem.address-left-out", address=address)
    return Problem(said=said, place=place, subject=subject)


def _bare(word: str) -> str:
    """Give a number without the zeros before it: the "03" of a date is a program's "3"."""
    return word.lstrip("0") if word.isdigit() else word


def find_lost(mention: Reference, merged: Reference) -> str:
    """Find the texts of a reference's fields with words that the one it was merged into lacks.

    Another year, another spelling of a name or of a review is what merging decides: only titles,
    containers, publishers and notes of an edition are looked at.
    """
    known = set(find_words(" ".join(list_kept(merged))))
    said = (mention.title, mention.container_title, mention.publisher, mention.collection_title)
    lost = (text for text in said if not known.issuperset(find_words(text)))
    return "; ".join(dict.fromkeys(lost))


def tell_remainder(words: str, place: Place | None, subject: str = "") -> Problem:
    """Make the problem that tells what is left of a line or a record."""
    shown = words if len(words) <= _MAX_SHOWN else f"{words[:_MAX_SHOWN].rsplit(' ', 1)[0]}…"
    return Problem(said=message("problem.left-over", words=shown), place=place, subject=subject)


def _say_name(name: Name) -> str:
    return f"{name.given} {name.family} {name.literal} {name.suffix}"


def _without_dates(text: str, references: Iterable[Reference]) -> str:
    """Blank the dates of a line that a field holds, whatever words say them."""
    known = {date for one in references for date in (one.issued, one.accessed) if date}
    for found in find_dates(text):
        if found.value in known and not found.is_range:
            blank = " " * (found.end - found.start)
            text = text[: found.start] + blank + text[found.end :]
    return text


def _is_part(word: str, isbn: str) -> bool:
    """Say whether a group of figures belongs to an ISBN, which is kept without its hyphens."""
    return word[:1].isdigit() and bool(isbn) and word.upper() in isbn
