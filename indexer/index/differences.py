"""Say where a page contradicts the bibliography that cites it: often the bibliography slips.

Both are kept, and neither is corrected: a person decides, with the page's own words in view.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from indexer.messages import Message, message
from indexer.model import Article, PageKind, Problem, Reference

SAME_TITLE: Final = 0.6  # of the shorter title's words
# What htmldate guesses from a text is wrong one time in ten: no reason to doubt a librarian.
SURE_DATES: Final = frozenset({"json-ld", "library-meta", "open-graph", "url"})
WORD: Final = re.compile(r"\w+")


def list_contradictions(reference: Reference, article: Article) -> Iterator[Problem]:
    """List the fields in which an article contradicts its reference; a silent one does not."""
    if article.kind is not PageKind.ARTICLE:
        return  # a wall, an error or a list speaks of itself
    if differs_title(reference.title, article.title):
        yield _problem(
            message("problem.title-differs-from-page", page=article.title, cited=reference.title),
            reference,
        )
    if article.author and reference.author and not _shares_author(reference, article):
        page = ", ".join(article.author)
        yield _problem(
            message("problem.author-differs-from-page", page=page, cited=reference.authors),
            reference,
        )
    is_sure = article.sources.get("issued") in SURE_DATES
    if is_sure and differs_date(reference.issued, article.issued):
        yield _problem(
            message("problem.date-differs-from-page", page=article.issued, cited=reference.issued),
            reference,
        )


def differs_title(cited: str, read: str) -> bool:
    """Say whether two titles are of two texts; a subtitle more or less is no difference."""
    one, other = set(_words(cited)), set(_words(read))
    if not one or not other:
        return False
    return len(one & other) < SAME_TITLE * min(len(one), len(other))


def differs_date(cited: str, read: str) -> bool:
    """Say whether two EDTF dates differ in what both of them say."""
    if "/" in cited or not cited[:4].isdecimal() or not read:
        return False
    both = list(zip(cited.split("-"), read.split("-"), strict=False))
    if len(both) > 1 and both[1][0] > "12":  # a season (EDTF 21 to 24): only the year can differ
        both = both[:1]
    return any(one != other for one, other in both)


def _shares_author(reference: Reference, article: Article) -> bool:
    read = {word for name in article.author for word in _words(name)}
    cited = (_words(name.family or name.literal) for name in reference.author)
    return any(read & set(words) for words in cited)


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return WORD.findall("".join(letter for letter in folded if not unicodedata.combining(letter)))


def _problem(said: Message, reference: Reference) -> Problem:
    return Problem(said=said, place=reference.place, subject=reference.id)
