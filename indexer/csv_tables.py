"""Write tables as CSV that a French Excel opens right."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

BYTE_ORDER_MARK: Final = "\ufeff"  # without it Excel takes UTF-8 for windows-1252
# A cell that starts so is a formula to a spreadsheet, and a page's title is not ours.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def render_csv(rows: Iterable[Sequence[str]]) -> str:
    """Write rows, the headings first, with a byte order mark, semicolons and CRLF.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it. Encode the
    result as UTF-8.
    """
    out = io.StringIO()
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([_defuse(cell) for cell in row] for row in rows)
    return out.getvalue()


def _defuse(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
