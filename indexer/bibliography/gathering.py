"""Make one Bibliography of what many files say: corrected, the same text made one, identified.

One address written in two ways is one text; so is one DOI, and one title by one author where
nothing contradicts it. What the merged reference says depends on what the references say, never
on their order. An identifier depends on what it names, never on where it stands: where two of
one name meet, each gets the hash of its own content.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.checking import check, duplicates, unused_corrections
from indexer.bibliography.corrections import (
    NO_CORRECTIONS,
    NOTE,
    Corrections,
    correct,
    refuse,
)
from indexer.bibliography.findings import Findings, find_lost, keep_notes, tell_remainder, tidy_note
from indexer.bibliography.lines.dates import find_year
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.lines.vocabulary import EMPTY_WORDS
from indexer.messages import message
from indexer.model import (
    READING_RULES,
    Bibliography,
    Citation,
    Entry,
    Name,
    Note,
    Problem,
    ReadingRules,
    Reference,
    name_doi,
    name_id,
    name_url,
)
from indexer.urls import find_identifiers, resolve_address, site, urlkey

_HASH_CHARS: Final = 8
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_LETTERS: Final = (("œ", "oe"), ("æ", "ae"), ("ß", "ss"), ("ø", "o"), ("ł", "l"), ("đ", "d"))


def slug(text: str) -> str:
    """Write a text as `[a-z0-9-]*`: accents and ligatures undone, the rest hyphens."""
    text = text.lower()
    for letter, letters in _LETTERS:
        text = text.replace(letter, letters)
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    return _NO_SLUG.sub("-", text).strip("-")


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
    year = slug(find_year(reference.issued)) or "sd"
    named = reference.title or address.rstrip("/").rpartition("/")[2]
    words = [word for word in slug(named).split("-") if word]
    telling = [word for word in words if word not in EMPTY_WORDS and len(word) > 1]
    return f"{name}-{year}-{(telling or words or ['sans-titre'])[0]}"


def key_references(references: Sequence[Reference]) -> list[str]:
    """Give the citation keys of references, one each; where two meet, both get a hash."""
    keys = [citation_key(reference) for reference in references]
    count = Counter(keys)
    return [
        key if count[key] == 1 else f"{key}-{reference_hash(reference)}"
        for key, reference in zip(keys, references, strict=True)
    ]


def reference_hash(reference: Reference) -> str:
    """Give what a reference says, as a hash; neither its place nor its section counts."""
    signatories = (name.display for name in (*reference.author, *reference.editor))
    places = (reference.volume, reference.issue, reference.page)
    dated = (reference.title, reference.container_title, reference.issued)
    numbers = (reference.url or "", reference.doi, reference.isbn)
    return content_hash(*dated, *numbers, *places, *signatories)


def key_notes(notes: Sequence[Note], cited: Sequence[tuple[str, ...]]) -> list[str]:
    """Give the ids of notes; `cited` holds the ids of the references of each.

    The only note on a reference is named after it and keeps its name when it is rewritten; any
    other is named after its text.
    """
    cited = [tuple(sorted(one)) for one in cited]  # two notes may name the same texts in any order
    count = Counter(cited)
    keys: list[str] = []
    for note, references in zip(notes, cited, strict=True):
        if not references:
            keys.append(f"note-{content_hash(note.text)}")
            continue
        first = references[0]
        more = f"-{content_hash(*references)}" if len(references) > 1 else ""
        text = f"-{content_hash(note.text)}" if count[references] > 1 else ""
        keys.append(f"note-{first}{more}{text}")
    return keys


def key_entry(entry: Entry) -> str:
    """Give the id of an entry, from its kind and what it says."""
    return f"{entry.kind}-{content_hash(entry.title, entry.text)}"


_OF_THE_PLACE: Final = ("id", "place", "section", "raw", "confidence", "aliases", "cited_in")
_FILLED: Final = tuple(one.name for one in fields(Reference) if one.name not in _OF_THE_PLACE)
_MIN_TITLE_CHARS: Final = 12  # "Introduction" alone says nothing


def group_references(references: Sequence[Reference]) -> list[list[int]]:
    """Group the indexes of references by text, in the order of first mention."""
    parent = list(range(len(references)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[tuple[str, ...], int] = {}
    for index, reference in enumerate(references):
        for key in _sure_keys(reference):
            if key in first:
                low, high = sorted((root(first[key]), root(index)))
                parent[high] = low
            else:
                first[key] = index
    _join_by_title(references, parent, root)
    groups: dict[int, list[int]] = {}
    for index in range(len(references)):
        groups.setdefault(root(index), []).append(index)
    return list(groups.values())


def merge(references: Sequence[Reference]) -> Reference:
    """Merge several references on one text: the fullest, completed by the others."""
    if len(references) == 1:
        return references[0]
    ranked = sorted(references, key=lambda one: (-_fullness(one), reference_hash(one), one.raw))
    best = ranked[0]
    changes: dict[str, Any] = {}
    confidence = dict(best.confidence)
    for name in _FILLED:
        if name in ("type", "editor_role") or getattr(best, name):
            continue
        donor = next((one for one in ranked if getattr(one, name)), None)
        if donor is not None:
            changes[name] = getattr(donor, name)
            if name in donor.confidence:
                confidence[name] = donor.confidence[name]
    changes |= {
        name: _fullest(ranked, name)
        for name in ("author", "editor", "translator")
        if getattr(best, name)
    }
    if "editor" in changes and not best.editor:
        changes["editor_role"] = next(one.editor_role for one in ranked if one.editor)
    keywords = sorted({word for one in references for word in one.keyword})
    first = references[0]
    return replace(
        best,
        **changes | {"keyword": tuple(keywords)},
        section=first.section or next((one.section for one in references if one.section), ()),
        place=first.place,
        raw=first.raw,
        confidence=MappingProxyType(confidence),
    )


def _fullest(references: Sequence[Reference], name: str) -> tuple[Name, ...]:
    """Complete people by the first names that are written anywhere in place of initials."""
    best: tuple[Name, ...] = getattr(references[0], name)
    families = [slug(one.family or one.literal) for one in best]
    for reference in references[1:]:
        names: tuple[Name, ...] = getattr(reference, name)
        if [slug(one.family or one.literal) for one in names] == families:
            best = max(best, names, key=lambda group: sum(len(one.given) for one in group))
    return best


def _sure_keys(reference: Reference) -> list[tuple[str, ...]]:
    keys: list[tuple[str, ...]] = []
    if reference.url:
        keys.append(("url", urlkey(reference.url)))
    found = (one for one in find_identifiers(reference) if one.scheme != "isbn")
    return [*keys, *((one.scheme, one.number) for one in found)]


def _join_by_title(
    references: Sequence[Reference], parent: list[int], root: Callable[[int], int]
) -> None:
    """Join references of one title and one author, where no field tells them apart."""
    by_title: dict[tuple[str, str], list[int]] = {}
    for index, reference in enumerate(references):
        title = slug(reference.title)
        if len(title) >= _MIN_TITLE_CHARS or (title and reference.author):
            signatories = reference.author or reference.editor
            name = slug(signatories[0].family or signatories[0].literal) if signatories else ""
            by_title.setdefault((title, name), []).append(index)
    for group in by_title.values():
        addressed = [i for i in group if references[i].url or references[i].doi]
        is_one_address = len({root(index) for index in addressed}) <= 1
        if len(group) > 1 and is_one_address and _agree([references[i] for i in group]):
            low = min(root(index) for index in group)
            for index in group:
                parent[root(index)] = low


def _agree(references: Sequence[Reference]) -> bool:
    """Say whether no two references contradict each other on where and when a text came out."""
    said = (
        {one.issued[:4] for one in references},
        {slug(one.container_title) for one in references},
        {one.volume for one in references},
        {one.issue for one in references},
        {one.isbn for one in references},
    )
    is_part = any(_names_one_of(one, references) for one in references)
    return not is_part and all(len(values - {""}) <= 1 for values in said)


_CROSSREF: Final = re.compile(r"\bcrossref\s*=\s*[{\"]\s*([^\s}\",]+)", re.IGNORECASE)


def _names_one_of(reference: Reference, others: Sequence[Reference]) -> bool:
    """Say whether an entry of BibTeX is a part of another, from which it may have its title."""
    found = _CROSSREF.search(reference.raw[:10_000])
    return found is not None and any(name_id(found[1]) in one.aliases for one in others)


def _fullness(reference: Reference) -> int:
    return sum(bool(getattr(reference, name)) for name in _FILLED)


Identify = Callable[[Sequence[Reference]], Sequence[Reference]]


def gather(
    files: Iterable[Findings],
    corrections: Corrections = NO_CORRECTIONS,
    *,
    identify: Identify = tuple,
    rules: ReadingRules = READING_RULES,
) -> Bibliography:
    """Put the findings of all files together, in the order given.

    `rules` are those of the settings.

    `identify` gives references, which have their citation keys, the ids that they keep; it is
    asked once, after all files were read.
    """
    written: list[Reference] = []
    notes: list[Note] = []
    cited: list[list[int]] = []
    entries: dict[str, Entry] = {}
    problems: list[Problem] = list(corrections.problems)
    left_out: Counter[str] = Counter()
    for read in files:
        findings = keep_notes(read, rules.notes_in)
        shift = len(written)
        written += findings.references
        notes += findings.notes
        mine: list[list[int]] = [[] for _ in findings.notes]
        for note_index, reference_index in findings.citations:
            mine[note_index].append(reference_index + shift)
        cited += mine
        for entry in findings.entries:
            key = key_entry(entry)
            entries.setdefault(key, replace(entry, id=key))
        problems += findings.problems
        left_out.update(findings.left_out)

    written, used = _correct(written, corrections)
    groups = group_references(written)
    references = [merge([written[index] for index in group]) for group in groups]
    keys = key_references(references)
    references = [
        resolve_address(
            _add_mentions(one, key, [written[index] for index in group]),
            isbn_page=rules.isbn_page,
        )
        for one, key, group in zip(references, keys, groups, strict=True)
    ]
    references = list(identify(_part_names(references)))
    keys = [reference.id for reference in references]
    references, used_keys = _correct(references, corrections)
    key_by_index = {index: key for group, key in zip(groups, keys, strict=True) for index in group}
    named = [[key_by_index[index] for index in one] for one in cited]
    corrected = correct_notes(notes, named, references, corrections)
    kept, citations = _cite(corrected.notes, corrected.cited)
    problems += corrected.problems

    mentions = [[written[index] for index in group] for group in groups]
    problems += _tell_merged(references, mentions, notes)
    problems += duplicates(references, mentions)
    problems += unused_corrections(corrections, used | used_keys | corrected.used)
    bibliography = Bibliography(
        references=tuple(references),
        notes=tuple(kept),
        citations=tuple(citations),
        entries=tuple(entries.values()),
        left_out=left_out,
    )
    return replace(bibliography, problems=(*problems, *check(bibliography)))


def _correct(
    references: list[Reference], corrections: Corrections
) -> tuple[list[Reference], set[str]]:
    used: set[str] = set()
    corrected: list[Reference] = []
    for reference in references:
        key = corrections.find(reference) if corrections.fields else None
        if key is not None:
            used.add(key)
            reference = correct(reference, corrections.fields[key])
        corrected.append(reference)
    return corrected, used


def _add_mentions(reference: Reference, key: str, mentions: Sequence[Reference]) -> Reference:
    """Add to a reference its key, the files that mention it, the addresses and DOIs of some."""
    addresses = _list_names(reference)
    named = [addresses] if mentions == [reference] else map(_list_names, mentions)
    held = zip(named, mentions, strict=True)
    names = dict.fromkeys(name for its, one in held for name in (*its, *one.aliases))
    own = {*addresses, name_id(key)}
    files = (one.place.path for one in mentions if one.place is not None)
    return replace(
        reference,
        id=key,
        cited_in=tuple(dict.fromkeys(files)),
        aliases=tuple(name for name in names if name not in own),
    )


def _tell_merged(
    references: Sequence[Reference], groups: Sequence[Sequence[Reference]], notes: Sequence[Note]
) -> Iterator[Problem]:
    """Tell what a mention says and the one reference made of several does not hold.

    So are headings under which nothing else stands: "À relire" over a text cited above.
    """
    speaking: list[Reference | Note] = [*references, *notes]
    used = {heading for one in speaking for heading in one.section}
    for reference, mentions in zip(references, groups, strict=True):
        if len(mentions) == 1:
            continue
        for one in mentions:
            headings = [heading for heading in one.section if heading not in used]
            used.update(headings)  # told once
            lost = (*headings, find_lost(one, reference))
            if words := "; ".join(filter(None, lost)):
                yield tell_remainder(words, one.place, reference.id)


def _part_names(references: Sequence[Reference]) -> list[Reference]:
    """Leave out the keys of BibTeX files that are also another text's key, or its name here."""
    count = Counter(name for one in references for name in {*one.aliases, name_id(one.id)})
    return [
        replace(one, aliases=tuple(name for name in one.aliases if count[name] == 1))
        if any(count[name] > 1 for name in one.aliases)
        else one
        for one in references
    ]


@dataclass(slots=True)
class _CorrectedNotes:
    """The notes of all files with the ids of what each cites, as a person has corrected them."""

    notes: list[Note]
    cited: list[list[str]]
    used: set[str] = field(default_factory=set)  # the keys of the corrections that had an effect
    problems: list[Problem] = field(default_factory=list)


def correct_notes(
    notes: Sequence[Note],
    cited: Sequence[Sequence[str]],
    references: Sequence[Reference],
    corrections: Corrections,
) -> _CorrectedNotes:
    """Give notes the words and the references that a person has set, and references their notes.

    `cited` holds the ids of the references of each note. What is tied to a reference that there
    is not is told, and stays as it was read.
    """
    made = _CorrectedNotes(list(notes), [list(one) for one in cited])
    if corrections.notes:
        ids = key_notes(notes, [tuple(dict.fromkeys(one)) for one in cited])
        for index, note in enumerate(notes):
            if key := corrections.find_note(note, ids[index]):
                _correct_note(made, index, key, references, corrections)
    if any(NOTE in said for said in corrections.fields.values()):
        for reference in references:
            _add_notes(made, reference, corrections)
    return made


def _correct_note(
    made: _CorrectedNotes,
    index: int,
    key: str,
    references: Sequence[Reference],
    corrections: Corrections,
) -> None:
    """Correct one note by the correction of a key."""
    said, note = corrections.notes[key], made.notes[index]
    made.used.add(key)
    if said.text is not None:
        made.notes[index] = replace(note, text=edit_note(note.text, key, said.text))
    if said.cites is None:
        return
    tied = {name: _find_reference(references, name) for name in said.cites}
    for name in (name for name, one in tied.items() if one is None):
        why = message("problem.why.unknown-reference", name=name[:60])
        made.problems.append(refuse(key, why, corrections))
    if None not in tied.values():
        made.cited[index] = [one.id for one in tied.values() if one is not None]


def _add_notes(made: _CorrectedNotes, reference: Reference, corrections: Corrections) -> None:
    """Add the notes that a correction gives to a reference."""
    key = corrections.find(reference) or ""
    said = corrections.fields.get(key, {}).get(NOTE, ())
    place = corrections.places.get(key)
    for text in said if isinstance(said, list) else [said] if said else []:
        made.notes.append(Note(id="", text=tidy_note(text), section=reference.section, place=place))
        made.cited.append([reference.id])


def edit_note(text: str, key: str, words: str) -> str:
    """Put words in place of a note's text, or of the one paragraph of it that a key is."""
    paragraphs = text.split("\n\n")
    if len(paragraphs) > 1 and any(normalise(part) == key for part in paragraphs):
        return "\n\n".join(words if normalise(part) == key else part for part in paragraphs)
    return words


def _find_reference(references: Sequence[Reference], name: str) -> Reference | None:
    """Find the reference of an id, of another name of it, or of a line as it stands in a file."""
    by_key = Corrections(fields={name: {}})
    named = (one for one in references if one.id == name or name_id(name) in one.aliases)
    return next(named, None) or next((one for one in references if by_key.find(one)), None)


def _list_names(reference: Reference) -> list[str]:
    url = name_url(urlkey(reference.url)) if reference.url else ""
    return [*filter(None, (name_doi(reference.doi), url))]


def _cite(notes: list[Note], cited: list[list[str]]) -> tuple[list[Note], list[Citation]]:
    """Give the notes with their ids, and what they cite; a note that is there twice is one."""
    cites = [tuple(dict.fromkeys(one)) for one in cited]
    by_key: dict[str, Note] = {}
    citations: list[Citation] = []
    for note, key, references in zip(notes, key_notes(notes, cites), cites, strict=True):
        if key in by_key:
            continue
        by_key[key] = replace(note, id=key)
        citations += (Citation(note_id=key, reference_id=one) for one in references)
    return list(by_key.values()), citations
