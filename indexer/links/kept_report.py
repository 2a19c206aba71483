"""Keep the last report of links in a file, so that a site that starts again has it at once.

The file is a digest and a pickle. A pickle may call whatever it names: this one is read
by an unpickler that knows the values of a report and nothing else ("Restricting Globals", Python's
documentation of `pickle`). It is a copy of what can be made again, and is left where it can't be
written or is not what was written.
"""

import hashlib
import io
import logging
import pickle
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from indexer.disk import swap_in
from indexer.links.report import LinkReport, Turn
from indexer.messages import Message
from indexer.model import (
    Dot,
    LinkHealth,
    LinkMark,
    LinkRow,
    LinkState,
    Place,
    Problem,
    Replacement,
)

FILE_NAME: Final = "links.report"  # in the folder of the corpus
_CLASSES: Final = (
    LinkReport, Turn, LinkRow, LinkHealth, LinkState, LinkMark, Dot, Replacement, Problem, Place,
    Message, date, datetime, timedelta, timezone,
)  # fmt: skip
_KNOWN: Final[Mapping[tuple[str, str], type]] = MappingProxyType(
    {(each.__module__, each.__name__): each for each in _CLASSES}
)
# Values are pickled by the order of their fields: another shape of any of them is another file.
_SHAPE: Final = repr(
    [(each.__name__, *(f.name for f in fields(each))) for each in _CLASSES if is_dataclass(each)]
)
_DIGEST: Final = hashlib.sha256
logger: Final = logging.getLogger(__name__)


class KeptReport(NamedTuple):
    """A report as it was kept, and of what it was made."""

    generation: str  # names all that it was made of
    state: str  # of the withdrawals
    report: LinkReport
    problems: tuple[Problem, ...]


class _Unpickler(pickle.Unpickler):
    """Reads values of a report alone."""

    def find_class(self, module: str, name: str) -> Any:
        """Find one of the values of a report; UnpicklingError for anything else."""
        if (module, name) not in _KNOWN:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a report")
        return _KNOWN[module, name]


def keep_report(kept: KeptReport, folder: Path) -> None:
    """Write a report in the place of the one before; where the folder takes nothing, leave it."""
    body = pickle.dumps((_SHAPE, *kept))
    try:
        swap_in(folder / FILE_NAME, _DIGEST(body).digest() + body, mode=0o600)
    except OSError as error:
        logger.info("the report of links is not kept: %s", error)


def read_kept_report(folder: Path) -> KeptReport | None:
    """Read the report that was kept; None where there is none, or none that can be read."""
    try:
        payload = (folder / FILE_NAME).read_bytes()
    except OSError:
        return None
    size = _DIGEST().digest_size
    digest, body = payload[:size], payload[size:]
    if _DIGEST(body).digest() != digest:
        logger.warning("%s is not what was written: it is made again", folder / FILE_NAME)
        return None
    # What was written here is whole; a stranger's may be anything, his digest too.
    try:
        shape, *kept = _Unpickler(io.BytesIO(body)).load()
        return KeptReport(*kept) if shape == _SHAPE else None
    except (pickle.UnpicklingError, EOFError, ArithmeticError, AttributeError, LookupError,
            MemoryError, TypeError, ValueError) as error:  # fmt: skip
        logger.warning("%s is no report of ours: %s", folder / FILE_NAME, error)
        return None


def forget_report(folder: Path) -> None:
    """Delete the report that was kept: what is purged may be in it."""
    (folder / FILE_NAME).unlink(missing_ok=True)
