"""Say what stands in place of a cited page, in the signs by which a link is weighed.

What a page is, `indexer.pagekind` says; here its kinds become signs.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.links.page import ParsedPage
from indexer.model import PageKind, Signal
from indexer.pagekind.classify import classify
from indexer.pagekind.page import PageContent, TextBlock
from indexer.pagekind.weak import points_of

SIGNAL_BY_KIND: Final[Mapping[PageKind, Signal]] = MappingProxyType(
    {
        PageKind.PARKED: Signal.PARKED,
        PageKind.FOR_SALE: Signal.PARKED,
        PageKind.PLACEHOLDER: Signal.PLACEHOLDER,
        PageKind.SUSPENDED: Signal.PLACEHOLDER,
        PageKind.CAPTCHA: Signal.CAPTCHA,
        PageKind.NETWORK_FILTER: Signal.NETWORK_FILTER,
        PageKind.LOGIN: Signal.LOGIN_WALL,
        PageKind.CONSENT: Signal.CONSENT_WALL,
        PageKind.MAINTENANCE: Signal.MAINTENANCE,
        PageKind.SERVER_ERROR: Signal.MAINTENANCE,
        PageKind.PAYWALL: Signal.PAYWALL,
        PageKind.SOFT_404: Signal.ERROR_WORDING,
    }
)
# Read from the top: the first wall there is the one that is told.
WALLS: Final = (
    Signal.PARKED,
    Signal.PLACEHOLDER,
    Signal.CAPTCHA,
    Signal.NETWORK_FILTER,
    Signal.LOGIN_WALL,
    Signal.CONSENT_WALL,
    Signal.MAINTENANCE,
)
# A title with a telling word of the kind is that of a text about it…
MEANT_POINTS: Final = 2.0
# … but "domaine" and "vente" are in titles about anything.
_TOLD_BY_MORE: Final = frozenset({PageKind.PARKED, PageKind.FOR_SALE})
# What a publisher states of an article whose text may be there all the same.
_DECLARED_PAID: Final = re.compile(r'"isaccessibleforfree"\s*:\s*"?false', re.IGNORECASE)


def find_walls(page: ParsedPage, *, cited_title: str = "") -> frozenset[Signal]:
    """Say what stands in place of the page, if something does; PAYWALL may stand beside it.

    `cited_title` is the title in the bibliography: a text about walls bears their words rightly.
    """
    found = set[Signal]()
    classified = classify(page.content or _page_of_facts(page))
    kind = classified.kind
    if kind in SIGNAL_BY_KIND and classified.is_sure and not _is_meant(kind, cited_title):
        found.add(SIGNAL_BY_KIND[kind])
    if _DECLARED_PAID.search(page.markup):
        found.add(Signal.PAYWALL)
    return frozenset(found)


def _is_meant(kind: PageKind, cited_title: str) -> bool:
    """Tell whether the bibliography cites a text by the words of such a wall."""
    if not cited_title:
        return False
    title = PageContent(title=cited_title, blocks=(TextBlock(text=cited_title, tag="h1"),))
    is_told_by_a_word = kind not in _TOLD_BY_MORE and points_of(title, kind) >= MEANT_POINTS
    return is_told_by_a_word or classify(title).kind is kind


def _page_of_facts(page: ParsedPage) -> PageContent:
    """Make a page of the facts that were read of it, where its markup is not at hand."""
    headings = tuple(TextBlock(text=each, tag="h1") for each in page.headings)
    text = (TextBlock(text=page.text, tag="p"),) if page.text else ()
    return PageContent(
        url=page.final_url,
        title=page.title,
        headings=page.headings,
        blocks=(*headings, *text),
        markup=page.markup,
    )
