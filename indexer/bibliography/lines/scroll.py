"""A line being read: what has been understood is cut out of it, what is quoted is out of reach.

Rules look at `masked`, where quotations and italics are blotted out character for character, so
that the year in « La crise de 2008 » is nobody's date; `text` keeps every word.
"""

import re
from dataclasses import dataclass
from typing import Final

from indexer.bibliography.lines.markup import EM_CLOSE, EM_OPEN, LINK_CLOSE, LINK_OPEN, TAKEN

BLOT: Final = "\ue00f"
_PAIRS: Final = {"«": "»", "“": "”", "„": "“"}
_OPENING: Final = re.compile('[«“„"‘]')
_SINGLE: Final = re.compile(r"‘[^‘]{3,300}?’(?=\s*(?:[,.;:)]|$))")  # ‘Title’, not ‘90s
_EM: Final = re.compile(f"{EM_OPEN}[^{EM_OPEN}{EM_CLOSE}]*{EM_CLOSE}")
_LINK: Final = re.compile(f"{LINK_OPEN}[^{LINK_OPEN}{LINK_CLOSE}]*{LINK_CLOSE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A stretch between quotation marks: [start, end) with them."""

    start: int
    end: int

    @property
    def inner(self) -> tuple[int, int]:
        """Where the quoted words stand."""
        return self.start + 1, self.end - 1


def find_quotations(text: str) -> tuple[Quotation, ...]:
    """The outermost quotations of a text, in order; a mark that is never closed quotes nothing."""
    found: list[Quotation] = []
    position = 0
    for mark in _OPENING.finditer(text):
        if mark.start() < position:
            continue
        end = _closing(text, mark.start())
        if end is not None:
            found.append(Quotation(start=mark.start(), end=end + 1))
            position = end + 1
    return tuple(found)


def _closing(text: str, start: int) -> int | None:
    """Where the quotation that opens at `start` closes, or None if none opens there."""
    opening = text[start]
    if opening == "‘":
        closed = _SINGLE.match(text, start)
        return closed.end() - 1 if closed else None
    if opening == '"':
        if start and text[start - 1].isalnum():
            return None
        end = text.find('"', start + 1)
        return end if end > start + 1 else None
    closing = _PAIRS.get(opening)
    if closing is None:
        return None
    depth = 0
    for index in range(start, len(text)):
        if text[index] == opening:
            depth += 1
        elif text[index] == closing:
            depth -= 1
            if depth == 0:
                return index
    # « a « b » : one closing mark serves for both; take the last there is.
    last = text.rfind(closing, start)
    return last if last > start else None


class Scroll:
    """The text of a line while rules take their part out of it."""

    def __init__(self, text: str) -> None:
        """Take the line to read; what is in it is crossed out as it is understood."""
        self.whole = text
        self.text = text
        self.masked = _mask(text)
        self._origin = list(range(len(text) + 1))

    def cut(self, start: int, end: int, mark: str = TAKEN) -> str:
        """Take [start, end) out, leave `mark` in its place, and return what was there."""
        taken = self.text[start:end]
        self.text = self.text[:start] + mark + self.text[end:]
        self.masked = self.masked[:start] + mark + self.masked[end:]
        self._origin[start:end] = [self._origin[start]] * len(mark)
        return taken

    def rest(self, position: int) -> str:
        """The line from that position on, as it was before anything was cut out."""
        return self.whole[self._origin[position] :]

    def take(self, rule: "re.Pattern[str]", mark: str = TAKEN) -> "re.Match[str] | None":
        """Cut the first match of a rule out, and return it."""
        match = rule.search(self.masked)
        if match:
            self.cut(*match.span(), mark)
        return match

    def take_all(self, rule: "re.Pattern[str]", mark: str = TAKEN) -> "list[re.Match[str]]":
        """Cut every match of a rule out, from the left, and return them."""
        matches: list[re.Match[str]] = []
        while len(matches) < 20 and (match := self.take(rule, mark)):
            matches.append(match)
        return matches


def _mask(text: str) -> str:
    masked = list(text)

    def blot(start: int, end: int) -> None:
        masked[start:end] = BLOT * (end - start)

    for quotation in find_quotations(text):
        blot(*quotation.inner)
    for rule in (_EM, _LINK):
        for match in rule.finditer(text):
            # Italics or a link over the whole line say nothing of its parts.
            inside = sum(map(str.isalnum, match[0]))
            if inside < 0.8 * sum(map(str.isalnum, text)) and not find_quotations(match[0]):
                blot(match.start() + 1, match.end() - 1)
    return "".join(masked)
