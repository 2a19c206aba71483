"""The kinds of page, and the shape of a rule that recognises one."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from indexer.pagekind.page import PageContent


class Kind(StrEnum):
    """What a page is: an article, or what stands in its place."""

    ARTICLE = "article"
    SOFT_404 = "soft-404"
    CAPTCHA = "captcha"
    LOGIN = "login"
    CONSENT = "consent"
    PAYWALL = "paywall"
    PARKED = "parked"
    FOR_SALE = "for-sale"
    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"
    NETWORK_FILTER = "network-filter"
    SERVER_ERROR = "server-error"
    PLACEHOLDER = "placeholder"
    SCRIPT_SHELL = "script-shell"
    LISTING = "listing"
    SEARCH_RESULTS = "search-results"
    HOME_PAGE = "home-page"
    STUB = "stub"
    NO_TEXT = "no-text"


# What stands in place of a page and says nothing of the text that was there.
ERRORS: Final = frozenset(
    {
        *(Kind.SOFT_404, Kind.CAPTCHA, Kind.LOGIN, Kind.CONSENT, Kind.PARKED, Kind.FOR_SALE),
        *(Kind.MAINTENANCE, Kind.SUSPENDED, Kind.NETWORK_FILTER, Kind.SERVER_ERROR),
        *(Kind.PLACEHOLDER, Kind.SCRIPT_SHELL, Kind.NO_TEXT),
    }
)

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

    kind: Kind
    name: str
    signs: tuple[Sign, ...]
    takes: Sample
    leaves: Sample
    max_running: int
    is_sure: bool = False  # decides, whatever other rules say: a script of a challenge, an address

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
    kind: Kind,
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
