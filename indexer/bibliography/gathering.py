"""Make one Bibliography of what many files say: identifiers given, the same text twice made one."""

from collections.abc import Iterable
from dataclasses import replace

from indexer.bibliography.findings import Findings
from indexer.bibliography.keys import key_entry, key_notes, key_references
from indexer.model import Bibliography, Citation, Entry, Note, Problem, Reference


def gather(files: Iterable[Findings]) -> Bibliography:
    """Put the findings of all files together, in the order given."""
    references: list[Reference] = []
    notes: list[Note] = []
    cited: list[list[int]] = []
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for findings in files:
        shift = len(references)
        references += findings.references
        mine: list[list[int]] = [[] for _ in findings.notes]
        for note_index, reference_index in findings.citations:
            mine[note_index].append(reference_index + shift)
        notes += findings.notes
        cited += mine
        for entry in findings.entries:
            key = key_entry(entry)
            entries.setdefault(key, replace(entry, id=key))
        problems += findings.problems
    keys = key_references(references)
    references = [replace(one, id=key) for one, key in zip(references, keys, strict=True)]
    cited_keys = [tuple(dict.fromkeys(keys[index] for index in one)) for one in cited]
    note_keys = key_notes(notes, cited_keys)
    by_key: dict[str, Note] = {}
    citations: list[Citation] = []
    for note, key, cites in zip(notes, note_keys, cited_keys, strict=True):
        if key in by_key:  # the same words twice
            continue
        by_key[key] = replace(note, id=key)
        citations += (Citation(note_id=key, reference_id=one) for one in cites)
    return Bibliography(
        references=tuple(references),
        notes=tuple(by_key.values()),
        citations=tuple(citations),
        entries=tuple(entries.values()),
        problems=tuple(problems),
    )
