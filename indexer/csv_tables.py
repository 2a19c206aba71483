"""Write tables as CSV that a French Excel opens right."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel takes UTF-8 for windows-1252
# A cell that starts so is a formula to a spreadsheet, and a page's title is not ours.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def render_csv(rows: Iterable[Sequence[str]]) -> str:
    """Write rows, the headings first, with a byte order mark, semicolons and CRLF.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it. Encode the
    result as UTF-8.
    """
    return "".join(write_csv(rows))


def write_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write rows as `render_csv` does, one after the other."""
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([_defuse(cell) for cell in row])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def _defuse(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
