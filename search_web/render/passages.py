"""Choose what of an archived text may be shown, mark what is looked for, point into other pages.

A paragraph has an address that lasts: its number, a digest of its words, the capture that it was
read in. Where the text was read anew since, the address finds the words again, or says that they
are gone.

Into other people's pages a text fragment points. Rules of the WICG Text Fragments draft, with what
Chromium makes of them in French: a match has to start and end at a word boundary (UAX 29), the
apostrophe is none and the fine no-break space U+202F is none, so a passage is widened to whole runs
between spaces and U+00A0. A browser that knows nothing of it, or a page that has changed, just
shows the page.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote

from indexer.model import Document
from indexer.search import (
    Hit,
    MatchSpec,
    Snippet,
    find_marks,
    make_snippets,
)

ROOM: Final = 300  # characters of extracts a row, on an average: a page of rows stays light


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph to show, or a part of it."""

    number: int  # of the paragraph in the article, from 1: its anchor
    kind: str
    snippet: Snippet
    next_number: int | None = None  # the next paragraph with a mark, if this one has one


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPassage:
    """The paragraph that an address names: where it stands now, None where its words are gone."""

    number: int | None
    named: int  # where it stood
    captured_at: datetime | None  # of the capture that it was read in, where the address says it


_NAMED: Final = re.compile(r"([1-9]\d{0,5})-([0-9a-f]{10})", re.ASCII)
_TIMESTAMP: Final = "%Y%m%d%H%M%S"


def name_passage(document: Document, number: int) -> dict[str, str]:
    """Give the arguments of the address of a paragraph, counted from 1."""
    named = {"passage": f"{number}-{_digest(document.paragraphs[number - 1].text)}"}
    if document.captured_at is not None:
        named["copie"] = document.captured_at.strftime(_TIMESTAMP)
    return named


def find_cited(document: Document, passage: str, copy: str) -> CitedPassage | None:
    """Find the paragraph that an address names; None where it names none.

    Of several with the same words, that which stands nearest to where it stood.
    """
    match = _NAMED.fullmatch(passage)
    if match is None:
        return None
    named = int(match[1])
    same = [
        number
        for number, paragraph in enumerate(document.paragraphs, start=1)
        if _digest(paragraph.text) == match[2]
    ]
    try:
        captured_at = datetime.strptime(copy, _TIMESTAMP) if len(copy) == 14 else None
    except ValueError:
        captured_at = None
    return CitedPassage(
        number=min(same, key=lambda number: abs(number - named), default=None),
        named=named,
        captured_at=captured_at,
    )


def _digest(text: str) -> str:
    """Digest the words of a paragraph, whatever the blanks between them."""
    return hashlib.blake2b(" ".join(text.split()).encode(), digest_size=5).hexdigest()


def choose_passages(
    document: Document, wanted: MatchSpec | None = None, *, whole: bool
) -> tuple[Passage, ...]:
    """Give the passages to show: every paragraph when `whole`, else the extracts that answer.

    Without anything wanted, or found, the extract is the opening of the text.
    """
    wanted = wanted or MatchSpec()
    language = document.language
    if whole:
        snippets: tuple[Snippet, ...] = tuple(
            Snippet(
                text=paragraph.text,
                marks=find_marks(paragraph.text, wanted, language),
                paragraph=position,
                page=paragraph.page,
            )
            for position, paragraph in enumerate(document.paragraphs)
        )
    else:
        snippets = make_snippets(document.paragraphs, wanted, language)
    return _link(document, snippets)


def fit_extracts(hits: Sequence[Hit], room: int = ROOM) -> tuple[Hit, ...]:
    """Leave out the extracts that a page of rows has no room for: `room` characters a row.

    Each row keeps its best one; the rows that come first get their second and their third first.
    """
    best = [sorted(hit.snippets, key=lambda each: -len(each.marks)) for hit in hits]
    left = room * len(hits) - sum(len(each[0].text) for each in best if each)
    kept = [each[:1] for each in best]
    for turn in range(1, max(map(len, best), default=0)):
        for row, snippets in enumerate(best):
            if len(kept[row]) == turn < len(snippets) and len(snippets[turn].text) <= left:
                kept[row].append(snippets[turn])
                left -= len(snippets[turn].text)
    return tuple(
        replace(hit, snippets=tuple(each for each in hit.snippets if each in snippets))
        for hit, snippets in zip(hits, kept, strict=True)
    )


def _link(document: Document, snippets: tuple[Snippet, ...]) -> tuple[Passage, ...]:
    """Give passages their numbers, and have each marked one point to the next."""
    passages: list[Passage] = []
    following: int | None = None
    for snippet in reversed(snippets):
        position = snippet.paragraph or 0
        passages.append(
            Passage(
                number=position + 1,
                kind=document.paragraphs[position].kind,
                snippet=snippet,
                next_number=following if snippet.marks else None,
            )
        )
        if snippet.marks:
            following = position + 1
    return tuple(reversed(passages))


# --- text fragments

LONG: Final = 120  # characters; a longer passage is given by its ends
END_RUNS: Final = 4  # runs of each end of a long passage
CONTEXT_RUNS: Final = 3

_RUN: Final = re.compile(r"[^ \t\r\n\u00a0]+")


def render_fragment(passage: str, *, article: str = "", start: int = 0) -> str:
    """Render the directive for a passage, without "#": ":~:text=…"; "" for an empty one.

    `article` is the whole text around it, and `start` where the passage is in it: with them a
    passage that occurs twice gets the runs before and after it. Without, it is taken as unique.
    """
    runs = _RUN.findall(passage)
    if not runs:
        return ""
    text = " ".join(runs)
    if len(text) > LONG and len(runs) > 2 * END_RUNS:
        term = f"{_encode(runs[:END_RUNS])},{_encode(runs[-END_RUNS:])}"
    else:
        term = _encode(runs)
    before, after = _find_context(passage, article, start) if article else ([], [])
    prefix = f"{_encode(before)}-," if before else ""
    suffix = f",-{_encode(after)}" if after else ""
    return f":~:text={prefix}{term}{suffix}"


def point_into(url: str, directive: str) -> str:
    """Add a directive to an address, which may have a fragment already."""
    if not directive:
        return url
    return f"{url}{directive}" if "#" in url else f"{url}#{directive}"


def _find_context(passage: str, article: str, start: int) -> tuple[list[str], list[str]]:
    flat = " ".join(_RUN.findall(article)).casefold()
    wanted = " ".join(_RUN.findall(passage)).casefold()
    if flat.count(wanted) < 2:
        return [], []
    # The paragraph's own neighbours only: a prefix does not cross a block.
    opening = article.rfind("\n\n", 0, start) + 2 if "\n\n" in article[:start] else 0
    closing = article.find("\n\n", start + len(passage))
    before = _RUN.findall(article[opening:start])
    after = _RUN.findall(article[start + len(passage) : closing if closing >= 0 else None])
    return before[-CONTEXT_RUNS:], after[:CONTEXT_RUNS]


def _encode(runs: list[str]) -> str:
    # Letters of any alphabet stand in an address as they are (URL standard, "URL code points");
    # `quote` leaves "-" alone, which the directive reads as a mark of its own.
    passage = " ".join(runs)
    return "".join(
        each if each.isalpha() else quote(each, safe="").replace("-", "%2D") for each in passage
    )
