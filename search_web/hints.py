"""Notice what was typed in lower case and may have been meant as an operator.

*et*, *ou*, *sauf* are plain words of French: only capitals make them operators, and a reader
who meant one gets there in a click.
"""

import re
from dataclasses import dataclass
from typing import Final

# Between two words, and outside quotation marks; "et" is what words side by side mean anyway.
_LOWER: Final = re.compile(r"(?<=\S\s)(ou|sauf|or|not)(?=\s\S)")
_QUOTED: Final = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Hint:
    """The operator that may have been meant, and the query with it."""

    operator: str
    query_text: str


def find_hint(query_text: str) -> Hint | None:
    """Give the hint that a query deserves, or None."""
    quoted = [match.span() for match in _QUOTED.finditer(query_text)]
    meant: list[str] = []

    def capitalize(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in quoted):
            return match.group()
        meant.append(match.group().upper())
        return match.group().upper()

    rewritten = _LOWER.sub(capitalize, query_text)
    return Hint(meant[0], rewritten) if meant else None
