"""Compare what is indexed with what should be: what to add, to update, to delete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.index.codec import fingerprint
from indexer.model import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Hold the additions, updates and deletions that bring an index up to date."""

    added: tuple[Document, ...] = ()
    updated: tuple[Document, ...] = ()
    deleted: tuple[str, ...] = ()  # ids
    unchanged: int = 0
    order: tuple[str, ...] = ()  # every id that should be there, in the bibliography's order

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.updated or self.deleted)


def compare(indexed: Mapping[str, str], documents: Iterable[Document]) -> Changes:
    """List the changes from `indexed` (id -> fingerprint) to `documents`.

    Of two documents with one id the last counts: an index never holds an id twice.
    """
    wanted = {document.id: document for document in documents}
    added, updated, unchanged = [], [], 0
    for document in wanted.values():
        before = indexed.get(document.id)
        if before is None:
            added.append(document)
        elif before != fingerprint(document):
            updated.append(document)
        else:
            unchanged += 1
    return Changes(
        added=tuple(added),
        updated=tuple(updated),
        deleted=tuple(sorted(set(indexed) - set(wanted))),
        unchanged=unchanged,
        order=tuple(wanted),
    )
