"""What Whoosh is told of our fields, and what its errors become.

Our fields are given terms and places, analysed before; no analyser of Whoosh's ever runs.
"""

import sys
import warnings
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import Stemmer

from indexer.errors import LockedError, MissingIndexError, SearchIndexError
from indexer.index.fields import FACETS, STORED_FIELDS, render_fingerprint


@contextmanager
def old_warnings() -> Iterator[None]:
    """Say nothing of Whoosh being of 2016: invalid escapes in docstrings, imports since moved."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


with old_warnings():
    import whoosh
    import whoosh.filedb.filestore
    import whoosh.filedb.filetables
    import whoosh.index
    import whoosh.reading
    import whoosh.writing
    from whoosh import fields, formats

NAME: Final = "corpus"
LOCK_TIMEOUT_S: Final = 30.0
ISSUED: Final = "issued"  # the date as the bibliography gives it; a facet in all but name
FACET_FIELDS: Final = (*FACETS, ISSUED)


class Places(formats.Format):  # type: ignore[misc]
    """A posting's value is the places of the term, 32 bits each, lowest byte first; no pickle."""

    posting_size = -1

    def decode_positions(self, value: bytes) -> list[int]:
        """The places that a value holds."""
        places = array("I", value)
        if sys.byteorder == "big":
            places.byteswap()
        return places.tolist()

    def decode_frequency(self, value: bytes) -> int:
        """How many places there are."""
        return len(value) // 4

    def decode_weight(self, value: bytes) -> float:
        """Give the value of a posting as a weight."""
        return float(len(value) // 4)


class TermsField(fields.FieldType):  # type: ignore[misc]
    """A field of terms analysed before; with places or with their number only."""

    def __init__(self, *, has_positions: bool) -> None:
        super().__init__(Places() if has_positions else formats.Existence(), None, scorable=True)
        self.has_positions = has_positions


@cache
def make_schema() -> Any:
    """The schema of the index: the fields of `index.fields`, the facets, the key."""
    schema = fields.Schema(id=fields.ID(stored=True, unique=True), fingerprint=fields.STORED())
    for field in STORED_FIELDS:
        schema.add(field.name, TermsField(has_positions=field.has_positions))
    for name in FACET_FIELDS:
        schema.add(facet_field(name), fields.ID())
    return schema


def facet_field(name: str) -> str:
    """The field of a facet; "section" is also a field of terms."""
    return f"facet_{name}"


def engine_fingerprint() -> str:
    """What an index written here was made with."""
    release = ".".join(map(str, whoosh.__version__))
    return render_fingerprint(engine=f"whoosh {release}, snowball {Stemmer.version()}")


@contextmanager
def translate_errors(folder: Path) -> Iterator[None]:
    """Turn what Whoosh raises into our errors, once."""
    try:
        yield
    except whoosh.index.LockError as error:
        raise LockedError(
            "somebody else is indexing", where=folder, hint="Try again when they have finished."
        ) from error
    except whoosh.index.EmptyIndexError as error:
        raise MissingIndexError(
            "nothing indexed yet", where=folder, hint="Run `make index` first."
        ) from error
    except (
        whoosh.index.IndexError,
        whoosh.writing.IndexingError,
        whoosh.reading.ReaderClosed,
        whoosh.filedb.filestore.ReadOnlyError,
        whoosh.filedb.filetables.FileFormatError,
        whoosh.fields.FieldConfigurationError,
        whoosh.fields.UnknownFieldError,
    ) as error:
        raise SearchIndexError(
            f"the index can't be used ({error})", where=folder, hint="Run `make index` again."
        ) from error
