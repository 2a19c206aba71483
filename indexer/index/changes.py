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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedIds:
    """Hold the ids of what to add, to update and to delete; no document is held."""

    added: frozenset[str] = frozenset()
    updated: frozenset[str] = frozenset()
    deleted: tuple[str, ...] = ()
    unchanged: int = 0
    order: tuple[str, ...] = ()  # every id that should be there, in the bibliography's order


def compare_ids(indexed: Mapping[str, str], documents: Iterable[Document]) -> ChangedIds:
    """List what changed from `indexed` (id -> fingerprint) to `documents`, held one at a time.

    Of two documents with one id the last counts: an index never holds an id twice.
    """
    wanted = {document.id: fingerprint(document) for document in documents}
    added = frozenset(wanted.keys() - indexed.keys())
    updated = frozenset(key for key in wanted.keys() - added if indexed[key] != wanted[key])
    return ChangedIds(
        added=added,
        updated=updated,
        deleted=tuple(sorted(indexed.keys() - wanted.keys())),
        unchanged=len(wanted) - len(added) - len(updated),
        order=tuple(wanted),
    )
