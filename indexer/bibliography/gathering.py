"""Make one Bibliography of what many files say: corrected, the same text made one, identified."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from indexer.bibliography.checking import check, duplicates, unused_corrections
from indexer.bibliography.corrections import NO_CORRECTIONS, Corrections, correct
from indexer.bibliography.findings import Findings
from indexer.bibliography.keys import key_entry, key_notes, key_references
from indexer.bibliography.merging import group_references, merge
from indexer.model import (
    Bibliography,
    Citation,
    Entry,
    Note,
    Problem,
    Reference,
    name_doi,
    name_url,
)
from indexer.urls import urlkey

Identify = Callable[[Sequence[Reference]], Sequence[Reference]]


def gather(
    files: Iterable[Findings],
    corrections: Corrections = NO_CORRECTIONS,
    *,
    identify: Identify = tuple,
) -> Bibliography:
    """Put the findings of all files together, in the order given.

    `identify` gives references, which have their citation keys, the ids that they keep; it is
    asked once, after all files were read.
    """
    written: list[Reference] = []
    notes: list[Note] = []
    cited: list[list[int]] = []
    entries: dict[str, Entry] = {}
    problems: list[Problem] = list(corrections.problems)
    left_out: Counter[str] = Counter()
    for findings in files:
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
        _add_mentions(replace(one, id=key), [written[index] for index in group])
        for one, key, group in zip(references, keys, groups, strict=True)
    ]
    references = list(identify(references))
    keys = [reference.id for reference in references]
    references, used_keys = _correct(references, corrections)
    key_by_index = {index: key for group, key in zip(groups, keys, strict=True) for index in group}
    kept, citations = _cite(notes, [[key_by_index[index] for index in one] for one in cited])

    problems += duplicates(references, [[written[index] for index in group] for group in groups])
    problems += unused_corrections(corrections, used | used_keys)
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


def _add_mentions(reference: Reference, mentions: Sequence[Reference]) -> Reference:
    """Add to a reference the files that mention it, and the addresses and DOIs that some give."""
    names = dict.fromkeys(name for one in mentions for name in _list_names(one))
    own = set(_list_names(reference))
    files = (one.place.path for one in mentions if one.place is not None)
    return replace(
        reference,
        cited_in=tuple(dict.fromkeys(files)),
        aliases=tuple(name for name in names if name not in own),
    )


def _list_names(reference: Reference) -> list[str]:
    url = name_url(urlkey(reference.url)) if reference.url else ""
    return [*filter(None, (name_doi(reference.doi), url))]


def _cite(notes: list[Note], cited: list[list[str]]) -> tuple[list[Note], list[Citation]]:
    """The notes with their ids, and what they cite; a note that is there twice is one."""
    cites = [tuple(dict.fromkeys(one)) for one in cited]
    by_key: dict[str, Note] = {}
    citations: list[Citation] = []
    for note, key, references in zip(notes, key_notes(notes, cites), cites, strict=True):
        if key in by_key:
            continue
        by_key[key] = replace(note, id=key)
        citations += (Citation(note_id=key, reference_id=one) for one in references)
    return list(by_key.values()), citations
