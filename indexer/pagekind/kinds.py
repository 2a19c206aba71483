"""Which kinds of page are errors, and the shape of a rule that recognises a kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from indexer.model import PageKind
from indexer.pagekind.page import PageContent

# What stands in place of a page and says nothing of the text that was there.
ERRORS: Final = frozenset(
    {
        *(PageKind.SOFT_404, PageKind.CAPTCHA, PageKind.LOGIN, PageKind.CONSENT),
        *(PageKind.PARKED, PageKind.FOR_SALE, PageKind.SUSPENDED, PageKind.PLACEHOLDER),
        *(PageKind.MAINTENANCE, PageKind.SERVER_ERROR, PageKind.NETWORK_FILTER),
        *(PageKind.SCRIPT_SHELL, PageKind.NO_TEXT),
    }
)
# What leads to texts and is none.
LISTS: Final = frozenset({PageKind.LISTING, PageKind.SEARCH_RESULTS, PageKind.HOME_PAGE})

# Finds on a page the words that speak for a rule; "" where there are none.
Sign = Callable[[PageContent], str]


class Sample(NamedTuple):
    """A page that a rule is tried on: its markup, and where it was found."""

    markup: str
    url: str = "https://exemple.test/2015/jardin"
    status: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """A page that bears every sign, and no more running text than that, is of that kind.

    `takes` and `leaves` are the pages on which the rule is tested.
    """

    kind: PageKind
    name: str
    signs: tuple[Sign, ...]
    takes: Sample
    leaves: Sample
    max_running: int
    is_sure: bool  # decides, whatever other rules say: a script of a challenge, an address

    def find(self, page: PageContent) -> str | None:
        """Find the words that decide; None where the page is not of the kind."""
        if page.running > self.max_running:
            return None
        found = ""
        for sign in self.signs:
            words = sign(page)
            if not words:
                return None
            found = found or words
        return found


def rule(
    kind: PageKind,
    name: str,
    *signs: Sign,
    takes: str | Sample,
    leaves: str | Sample,
    max_running: int = 400,
    is_sure: bool = False,
) -> KindRule:
    """Make a rule; a sample may be markup alone."""
    return KindRule(
        kind=kind,
        name=name,
        signs=signs,
        takes=Sample(takes) if isinstance(takes, str) else takes,
        leaves=Sample(leaves) if isinstance(leaves, str) else leaves,
        max_running=max_running,
        is_sure=is_sure,
    )
