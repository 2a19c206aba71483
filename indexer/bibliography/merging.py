"""Find the same text under several references, and make one reference of them.

One address written in two ways is one text; so is one DOI, and one title by one author where
nothing contradicts it. What the merged reference says depends on what the references say, never
on their order.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any, Final

from indexer.bibliography.keys import reference_hash, slug
from indexer.model import Name, Reference
from indexer.urls import urlkey

_OF_THE_PLACE: Final = ("id", "place", "section", "raw", "confidence", "aliases", "cited_in")
_FILLED: Final = tuple(one.name for one in fields(Reference) if one.name not in _OF_THE_PLACE)
_MIN_TITLE_CHARS: Final = 12  # "Introduction" alone says nothing


def group_references(references: Sequence[Reference]) -> list[list[int]]:
    """The indexes of references by text: each group is one text, in the order of first mention."""
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
    """One reference of several on the same text: the fullest, completed by the others."""
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
        section=first.section,
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
    if reference.doi:
        keys.append(("doi", reference.doi.lower()))
    return keys


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
    return all(len(values - {""}) <= 1 for values in said)


def _fullness(reference: Reference) -> int:
    return sum(bool(getattr(reference, name)) for name in _FILLED)
