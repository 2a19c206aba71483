"""Find queries that really give results, to show on the first page and where nothing is found."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from search_web.shelf import Shelf

EXAMPLES: Final = 3
_MOST_TRIED: Final = 30

_WORDS: Final = re.compile(r"\w+(?:[-'’]\w+)*")
_TOO_PLAIN: Final = re.compile(
    "avec|dans|pour|sans|sous|vers|leurs?|cette|comment|entre|être|elles?|nous|vous|plus|moins|"
    "faire|fait|mise|autres?|face|quel(le)?s?|dont|mais"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A query and how many texts it finds, as it was just asked."""

    query_text: str
    total: int


def find_examples(shelf: Shelf, count: Callable[[str], int]) -> tuple[Example, ...]:
    """Give up to three queries, each asked before it is shown."""
    found: dict[str, Example] = {}
    for tried, candidate in enumerate(_candidates(shelf)):
        total = count(candidate)
        if total:
            found.setdefault(candidate, Example(query_text=candidate, total=total))
        if len(found) == EXAMPLES or tried == _MOST_TRIED:
            break
    return tuple(sorted(found.values(), key=lambda example: -example.total))


def _candidates(shelf: Shelf) -> Iterator[str]:
    """Take pairs of neighbouring long words from the titles, one a title, in their order."""
    # French texts of which there is a copy show best what the search does.
    texts = sorted(shelf.texts.values(), key=lambda t: (t.captured_at is None, t.language != "fr"))
    for text in texts:
        words = [word.lower() for word in _WORDS.findall(text.title)]
        for first, second in pairwise(words):
            if all(len(word) > 3 and not _TOO_PLAIN.fullmatch(word) for word in (first, second)):
                yield f"{first} {second}"
                break
