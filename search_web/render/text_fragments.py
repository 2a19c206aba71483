"""Point into a page at a passage: text fragments that survive French typography.

Rules of the WICG Text Fragments draft, with what Chromium makes of them in French: a match has
to start and end at a word boundary (UAX 29), the apostrophe is none and the fine no-break
space U+202F is none, so a passage is widened to whole runs between spaces and U+00A0.
A browser that knows nothing of it, or a page that has changed, just shows the page.
"""

import re
from typing import Final
from urllib.parse import quote

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
