"""Recognise texts and notes that were there before, so that each keeps the id that it was given.

A DOI or a urlkey is proof. Where the files give neither, or another one than before, the citation
key and the title together are: an address is repaired, an author mended, a file renamed. What two
things might be is decided for neither of them: what is gone then stays gone, and never answers
with another text. Pure: the register that was, what the files say now, and the day.
"""

import hashlib
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final

from indexer.model import (
    Bibliography,
    Citation,
    Document,
    Identity,
    Note,
    Reference,
    is_id,
    name_doi,
    name_id,
    name_url,
    rename_note,
)
from indexer.urls import is_web_url, redact_url, urlkey

SAME_TITLE: Final = 0.6  # of the shorter title's words
TELLING_TITLE: Final = 12  # characters; "Introduction" alone says nothing
SAME_NOTE: Final = 0.5  # of the words of both notes
SKETCH_SIZE: Final = 32
_WORD: Final = re.compile(r"\w+")
_MARKS: Final = re.compile("[\u0300-\u036f]")  # accents, taken off their letters
_HASHED: Final = re.compile(r"-[0-9a-f]{8}$")
NOTHING_MOVED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Register:
    """Every identity that was ever given, in the order in which they were."""

    identities: tuple[Identity, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was ever given an id."""
        return bool(self.identities)

    @cached_property
    def by_id(self) -> Mapping[str, Identity]:
        """The identities by their ids."""
        return {each.id: each for each in self.identities}

    @cached_property
    def owners(self) -> Mapping[str, str]:
        """The id of the identity that each name leads to."""
        return {name: each.id for each in self.identities for name in each.names}

    def follow(self, identity: Identity) -> Identity:
        """Find what an identity was merged into, itself where it was not."""
        while identity.merged_into and identity.merged_into in self.by_id:
            identity = self.by_id[identity.merged_into]
        return identity

    def find(self, names: Iterable[str]) -> Identity | None:
        """Find what the first of some names that leads anywhere leads to today."""
        owner = next((self.owners[name] for name in names if name in self.owners), None)
        return self.follow(self.by_id[owner]) if owner is not None else None

    @cached_property
    def merged(self) -> Mapping[str, tuple[str, ...]]:
        """All names that lead to each identity, those of what was merged into it included."""
        names: dict[str, list[str]] = defaultdict(list)
        for each in self.identities:
            names[self.follow(each).id] += each.names
        return {key: tuple(dict.fromkeys(held)) for key, held in names.items()}


# --- texts


def identify_texts(
    register: Register,
    references: Sequence[Reference],
    bibliography_of: Mapping[str, str] = NOTHING_MOVED,
    *,
    today: date,
    moved: Callable[[str], str] = lambda name: "",
) -> tuple[list[Reference], Register]:
    """Give references the ids that their texts have had, and their aliases.

    `references` come with their citation keys as ids, each text once; `moved` finds the name of
    the address to which one redirects. Gives besides the register as it is after that.
    """
    known = [each for each in register.identities if not each.is_note]
    texts = [_describe(reference, bibliography_of) for reference in references]
    claims = _Claims(known, register.owners)
    claims.take_proofs(texts, moved)
    claims.take_keys(texts)
    claims.take_titles(texts)
    order = {each.id: place for place, each in enumerate(register.identities)}
    taken = set(register.owners) | {name_id(each.id) for each in register.identities}
    found: dict[str, Identity] = {each.id: each for each in register.identities}
    mains: list[str] = []
    for place, text in enumerate(texts):
        held = claims.of(place)
        held.sort(key=lambda each: (bool(each.merged_into), bool(each.gone_on), order[each.id]))
        main = held[0].id if held else _choose_id(text.natural, text.reference.raw, taken)
        taken.add(name_id(main))
        mains.append(main)
        for each in held[1:]:
            found[each.id] = replace(each, merged_into=main, gone_on="")
        names = held[0].names if held else (name_id(main),)
        found[main] = replace(text.identity, id=main, names=names)
    _give_names(found, mains, texts)
    alive = set(mains)
    for each in known:
        now = found[each.id]
        if each.id not in alive and not now.merged_into and not now.gone_on:
            found[each.id] = replace(now, gone_on=today.isoformat())
    after = Register(tuple(found.values()))
    return [
        replace(
            text.reference,
            id=main,
            aliases=tuple(
                name
                for name in after.merged[main]
                if name not in text.own and name != name_id(main)
            ),
        )
        for main, text in zip(mains, texts, strict=True)
    ], after


def list_names(reference: Reference) -> tuple[str, ...]:
    """List all the names of a text: its id, DOI and address, and those that it had before."""
    return (name_id(reference.id), *_list_proofs(reference), *reference.aliases)


def read_names(text: str) -> tuple[str, ...]:
    """Read what somebody typed, or an address ends with, as the names that it may be."""
    bare = text.strip()
    address = name_url(urlkey(bare)) if is_web_url(bare) else ""
    return tuple(filter(None, (name_id(bare) if bare else "", name_doi(bare), address)))


def is_named(reference: Reference, text: str) -> bool:
    """Say whether what somebody typed is a name of a text, of today or of before."""
    return not set(list_names(reference)).isdisjoint(read_names(text))


def _list_proofs(reference: Reference) -> tuple[str, ...]:
    """List the names that prove which text a reference is: its DOI, then its address."""
    proofs = (
        name_doi(reference.doi),
        name_doi(reference.url or ""),
        name_url(urlkey(reference.url)) if reference.url else "",
    )
    return tuple(dict.fromkeys(filter(None, proofs)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """A reference beside what tells whether it is a text that was there before."""

    reference: Reference
    own: tuple[str, ...]  # the names that its fields give, DOI first
    proofs: tuple[str, ...]  # these, and the addresses that other mentions of the text give
    title: str  # its words, folded
    identity: Identity  # with everything but its id and its names

    @property
    def natural(self) -> str:
        return self.reference.id


def _describe(reference: Reference, bibliography_of: Mapping[str, str]) -> _Described:
    own = _list_proofs(reference)
    return _Described(
        reference=reference,
        own=own,
        proofs=tuple(
            dict.fromkeys((*own, *(name for name in reference.aliases if not is_id(name))))
        ),
        title=_fold(reference.title),
        identity=Identity(
            id="",
            key=_HASHED.sub("", reference.id),
            title=reference.title,
            author=reference.authors,
            issued=reference.issued,
            url=redact_url(reference.url or ""),
            bibliographies=tuple(
                dict.fromkeys(bibliography_of.get(path, path) for path in reference.cited_in)
            ),
        ),
    )


class _Claims:
    """Which identities of before each reference is; an identity is of one reference at most."""

    def __init__(self, known: Sequence[Identity], owners: Mapping[str, str]) -> None:
        self._known = {each.id: each for each in known}
        self._owners = owners
        self._held: dict[str, int] = {}  # id -> place of the reference
        self._by_place: dict[int, list[Identity]] = defaultdict(list)

    def of(self, place: int) -> list[Identity]:
        """List the identities that are the reference at a place."""
        return list(self._by_place.get(place, ()))

    def take_proofs(self, texts: Sequence[_Described], moved: Callable[[str], str]) -> None:
        """Take what a DOI, an address, or the address that it redirects to proves."""
        claims: dict[str, list[tuple[tuple[bool, ...], int]]] = defaultdict(list)
        for place, text in enumerate(texts):
            for name in text.proofs:
                owner = self._known.get(self._owners.get(name, ""))
                if owner is not None:
                    rank = (
                        name.startswith("doi "),
                        name_id(text.natural) in owner.names,
                        text.title == _fold(owner.title),
                    )
                    claims[owner.id].append((rank, place))
        for key, held in claims.items():
            self._take(key, max(held, key=lambda each: (each[0], -each[1]))[1])
        self._take_moved(texts, moved)

    def _take_moved(self, texts: Sequence[_Described], moved: Callable[[str], str]) -> None:
        """Take what is gone, and redirected to an address that is new."""
        new = {name: place for place, text in enumerate(texts) for name in text.proofs}
        for each in self._free():
            if each.gone_on or each.merged_into:
                continue
            for name in each.names:
                place = new.get(moved(name)) if name.startswith("url ") else None
                if place is None or self._has_any(place):
                    continue
                title = texts[place].reference.title
                if not title or not each.title or agree_titles(title, each.title):
                    self._take(each.id, place)
                    break

    def take_keys(self, texts: Sequence[_Described]) -> None:
        """Take what has the citation key of before and no other title, nearest first."""
        by_key: dict[str, list[Identity]] = defaultdict(list)
        for each in self._free():
            for key in {each.key, _HASHED.sub("", each.id)}:
                by_key[key].append(each)
        pairs = []
        for place, text in enumerate(texts):
            if self._has_any(place):
                continue
            for each in by_key.get(text.identity.key, ()):
                is_whole = text.title == _fold(each.title)
                if _contradict(text, each) and not (is_whole and len(text.title) >= TELLING_TITLE):
                    continue
                if agree_titles(text.reference.title, each.title):
                    is_near = not set(each.bibliographies).isdisjoint(text.identity.bibliographies)
                    rank = (not is_whole, bool(each.gone_on), not is_near, text.natural, each.id)
                    pairs.append((rank, place, each.id))
        for _, place, key in sorted(pairs):
            if key not in self._held and not self._has_any(place):
                self._take(key, place)

    def take_titles(self, texts: Sequence[_Described]) -> None:
        """Take what has a title that one alone had, and one alone has, where nothing differs."""
        before: dict[str, list[Identity]] = defaultdict(list)
        for each in self._free():
            if not each.gone_on and not each.merged_into:
                before[_fold(each.title)].append(each)
        now: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            if text.title and not self._has_any(place):
                now[text.title].append(place)
        for title, places in now.items():
            held = before.get(title, [])
            if len(places) != 1 or len(held) != 1 or _contradict(texts[places[0]], held[0]):
                continue
            told = texts[places[0]].identity
            is_same_place = told.bibliographies == held[0].bibliographies
            if len(title) >= TELLING_TITLE or (is_same_place and told.issued == held[0].issued):
                self._take(held[0].id, places[0])

    def _take(self, key: str, place: int) -> None:
        self._held[key] = place
        self._by_place[place].append(self._known[key])

    def _free(self) -> list[Identity]:
        return [each for each in self._known.values() if each.id not in self._held]

    def _has_any(self, place: int) -> bool:
        return place in self._by_place


def _contradict(text: _Described, identity: Identity) -> bool:
    """Say whether a text and an identity have other addresses, or other DOIs."""
    for kind in ("url ", "doi "):
        own = {name for name in text.proofs if name.startswith(kind)}
        other = {name for name in identity.names if name.startswith(kind)}
        if own and other and own.isdisjoint(other):
            return True
    return False


def _choose_id(natural: str, raw: str, taken: set[str]) -> str:
    """Choose the id of what is new: its citation key, which was nobody's before."""
    if name_id(natural) not in taken:
        return natural
    digest = hashlib.sha256(raw.encode()).hexdigest()
    tried = (f"{natural}-{digest[:length]}" for length in range(8, len(digest)))
    return next(each for each in tried if name_id(each) not in taken)


def _give_names(
    found: dict[str, Identity], mains: Sequence[str], texts: Sequence[_Described]
) -> None:
    """Give each text what proves it, and its citation key where that is nobody's."""
    owners = {name: each.id for each in found.values() for name in each.names}
    for main, text in zip(mains, texts, strict=True):
        for name in text.proofs:
            owner = found.get(owners.get(name, ""))
            if owner is not None and owner.merged_into != main and owner.id != main:
                kept = tuple(each for each in owner.names if each != name)
                found[owner.id] = replace(owner, names=kept)
                owners[name] = ""
            if owners.get(name, "") == "":
                owners[name] = main
                found[main] = replace(found[main], names=(*found[main].names, name))
        # A key proves nothing: another text may bear it later. Nor does one that a file gives, nor
        # the address of an archived copy, which is known so that a withdrawal by it is.
        archived = text.reference.archive_url
        copies = (name_url(urlkey(archived)),) if archived else ()
        for key in (name_id(text.natural), *filter(is_id, text.reference.aliases), *copies):
            if key not in owners:
                owners[key] = main
                found[main] = replace(found[main], names=(*found[main].names, key))


def agree_titles(one: str, other: str) -> bool:
    """Say whether two titles may be of one text; a subtitle more or less is no difference.

    >>> agree_titles("Le travail en miettes", "Travail en miettes : une enquête")
    True
    >>> agree_titles("Le travail en miettes", "Travail dominical")
    False
    """
    first, second = set(_fold(one).split()), set(_fold(other).split())
    if not first or not second:
        return first == second
    return len(first & second) >= SAME_TITLE * min(len(first), len(second))


def _fold(text: str) -> str:
    """Fold a text into its words, without case, accents and punctuation."""
    plain = text.casefold()
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
    return " ".join(_WORD.findall(plain))


def restore_register(documents: Iterable[Document]) -> Register:
    """Make a register of what an index holds, for where the catalogue was lost, or had none.

    What had left the bibliography before is not in it.
    """
    texts: dict[str, Identity] = {}
    notes: dict[str, Identity] = {}
    for document in documents:
        reference = document.reference
        if reference is not None:
            told = _describe(reference, NOTHING_MOVED)
            names = (name_id(document.id), *told.proofs, *reference.aliases)
            texts[document.id] = replace(
                told.identity,
                id=document.id,
                names=tuple(dict.fromkeys(names)),
                bibliographies=document.bibliographies,
            )
        for each in document.notes:
            cited = notes[each.id].texts if each.id in notes else ()
            own = (document.id,) if reference is not None else ()
            note = Note(id=each.id, text=each.text, place=each.place)
            notes[each.id] = replace(
                _describe_note(note, tuple(sorted({*cited, *own})), NOTHING_MOVED),
                id=each.id,
                names=(name_id(each.id), *each.aliases),
                bibliographies=(each.bibliography,),
            )
    return Register((*texts.values(), *notes.values()))


def forget_texts(register: Register, names: Iterable[str]) -> Register:
    """Forget the texts that some names lead to, and the notes on them that are gone.

    A note that stays loses what tells which text it is on: the ids made of that text's.
    """
    found = (register.find((name,)) for name in names)
    roots = {each.id for each in found if each is not None}
    gone = {each.id for each in register.identities if register.follow(each).id in roots}
    ids = [
        name.removeprefix("id ")
        for key in gone
        for name in dict.fromkeys((name_id(key), *register.by_id[key].names))
        if is_id(name)
    ]
    kept = []
    for each in register.identities:
        if each.id in gone or (each.gone_on and not gone.isdisjoint(each.texts)):
            continue
        if each.is_note and not gone.isdisjoint(each.texts):
            named = (rename_note(name.removeprefix("id "), ids) for name in each.names)
            kept.append(
                replace(
                    each,
                    id=rename_note(each.id, ids),
                    names=tuple(dict.fromkeys(map(name_id, named))),
                    texts=tuple(text for text in each.texts if text not in gone),
                )
            )
        else:
            kept.append(each)
    return Register(tuple(kept))


# --- notes


def identify_notes(
    register: Register, bibliography: Bibliography, *, today: date
) -> tuple[Bibliography, Register]:
    """Give notes the ids that they have had, and their aliases.

    The references have their ids; the notes come with those that they would have today.
    """
    cited: dict[str, list[str]] = defaultdict(list)
    for citation in bibliography.citations:
        cited[citation.note_id].append(citation.reference_id)
    notes = [
        _describe_note(each, tuple(sorted(cited[each.id])), bibliography.bibliography_of)
        for each in bibliography.notes
    ]
    known = [each for each in register.identities if each.is_note]
    held = _match_notes(notes, [_renew_texts(each, register) for each in known])
    taken = set(register.owners) | {name_id(each.id) for each in register.identities}
    found: dict[str, Identity] = {each.id: each for each in register.identities}
    ids: dict[str, str] = {}
    for place, (note, told) in enumerate(zip(bibliography.notes, notes, strict=True)):
        before = held.get(place)
        key = before.id if before else _choose_id(note.id, note.text, taken)
        taken.add(name_id(key))
        ids[note.id] = key
        names = before.names if before else (name_id(key),)
        found[key] = replace(told, id=key, names=names)
    owners = {name for each in found.values() for name in each.names}
    for natural, key in ids.items():
        if name_id(natural) not in owners:
            found[key] = replace(found[key], names=(*found[key].names, name_id(natural)))
    alive = set(ids.values())
    for each in known:
        if each.id not in alive and not each.gone_on:
            found[each.id] = replace(each, gone_on=today.isoformat())
    return _rename_notes(bibliography, ids, found), Register(tuple(found.values()))


def _rename_notes(
    bibliography: Bibliography, ids: Mapping[str, str], found: Mapping[str, Identity]
) -> Bibliography:
    """Write the ids of notes in place of those that they would have today."""
    return replace(
        bibliography,
        notes=tuple(
            replace(each, id=ids[each.id], aliases=found[ids[each.id]].names[1:])
            for each in bibliography.notes
        ),
        citations=tuple(
            Citation(note_id=ids[each.note_id], reference_id=each.reference_id)
            for each in bibliography.citations
        ),
        problems=tuple(
            replace(each, subject=ids.get(each.subject, each.subject))
            for each in bibliography.problems
        ),
    )


def _describe_note(
    note: Note, texts: tuple[str, ...], bibliography_of: Mapping[str, str]
) -> Identity:
    """Describe a note by the texts that it cites and by its words; its id and names are to come."""
    path = note.place.path if note.place else ""
    words = _fold(note.text).split()
    return Identity(
        id="",
        is_note=True,
        bibliographies=(bibliography_of.get(path, path),),
        texts=texts,
        digest=hashlib.sha256(" ".join(words).encode()).hexdigest()[:16],
        # The least hashes of the words: of two notes, the share of these that both have is about
        # that of their words (Broder 1997, bottom-k).
        sketch=tuple(sorted({zlib.crc32(word.encode()) for word in words})[:SKETCH_SIZE]),
    )


def _renew_texts(note: Identity, register: Register) -> Identity:
    """Name the texts of a note as they are called today."""
    names = (register.find((name_id(each),)) for each in note.texts)
    return replace(note, texts=tuple(sorted({each.id for each in names if each is not None})))


def _match_notes(notes: Sequence[Identity], known: Sequence[Identity]) -> dict[int, Identity]:
    """Find which note of before each is: by its words and its texts, else by one of these."""
    held: dict[int, Identity] = {}
    gone = {each.id: each for each in known}

    def take(key: Callable[[Identity], object], *, alone: bool = False) -> None:
        before: dict[object, list[Identity]] = defaultdict(list)
        for each in gone.values():
            before[key(each)].append(each)
        now: dict[object, list[int]] = defaultdict(list)
        for place, note in enumerate(notes):
            if place not in held:
                now[key(note)].append(place)
        for value, places in now.items():
            found = sorted(before.get(value, ()), key=lambda each: bool(each.gone_on))
            if alone:
                found = [each for each in found if not each.gone_on]
                if len(found) != 1 or len(places) != 1 or not notes[places[0]].texts:
                    continue
            for place, each in zip(places, found, strict=False):
                held[place] = gone.pop(each.id)

    take(lambda note: (note.digest, note.texts))
    _take_alike(notes, gone, held)
    take(lambda note: note.texts, alone=True)
    return held


def _take_alike(
    notes: Sequence[Identity], gone: dict[str, Identity], held: dict[int, Identity]
) -> None:
    """Take notes that have the words of one on a text of theirs, most of them; likest first.

    Those that cite nothing now, or did before, are looked for in their bibliography.
    """
    before: dict[tuple[str, str], list[Identity]] = defaultdict(list)
    for each in gone.values():
        bare = () if each.texts else _list_homes(each, "bare")
        for where in (*_list_texts(each), *_list_homes(each, "any"), *bare):
            before[where].append(each)
    pairs = []
    for place, note in enumerate(notes):
        if place in held:
            continue
        homes = _list_homes(note, "bare" if note.texts else "any")
        places = (*_list_texts(note), *homes)
        near = {each.id: each for where in places for each in before.get(where, ())}
        likenesses = ((_liken(note, each), each.id) for each in near.values())
        pairs += [(-likeness, place, key) for likeness, key in likenesses if likeness]
    for _, place, key in sorted(pairs):
        if key in gone and place not in held:
            held[place] = gone.pop(key)


def _liken(note: Identity, before: Identity) -> float:
    """Say how alike a note and one of before are: 2 for the very words, 0 for another note."""
    if note.texts and before.texts and set(note.texts).isdisjoint(before.texts):
        return 0.0
    if note.digest == before.digest:
        return 2.0
    likeness = _compare(note.sketch, before.sketch)
    return likeness if likeness >= SAME_NOTE and not before.gone_on else 0.0


def _list_texts(note: Identity) -> list[tuple[str, str]]:
    return [("text", text) for text in note.texts]


def _list_homes(note: Identity, kind: str) -> list[tuple[str, str]]:
    return [(kind, name) for name in note.bibliographies]


def _compare(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimate the share of words that two notes have in common."""
    both = sorted({*one, *other})[:SKETCH_SIZE]
    shared = set(one) & set(other)
    return sum(each in shared for each in both) / len(both) if both else 0.0
