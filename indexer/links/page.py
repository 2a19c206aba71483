"""Read of a page the few facts that give it away: title, headings, text, anchors, walls.

The article itself is the business of the room `extract`; here we ask whether there is one. What a
page is, `indexer.pagekind` says; here its kinds become the signs by which a link is weighed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lxml import etree, html

from indexer.model import PageKind, Signal
from indexer.pagekind.classify import classify
from indexer.pagekind.page import PageContent, TextBlock, read_tree
from indexer.pagekind.weak import points_of

# What gives a page away stands near its top; an anchor may stand anywhere within this.
MAX_CHARS: Final = 2_000_000
_NOT_READ: Final = ("script", "style", "noscript", "template", "svg", "nav", "footer", "aside")
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """Hold the parts of a visited page by which a link's health is judged."""

    asked_url: str
    final_url: str
    title: str = ""
    headings: tuple[str, ...] = ()  # the h1, or the first h2 of a page without any
    text: str = ""  # without navigation, scripts and footers
    markup: str = ""
    anchors: frozenset[str] = frozenset()  # what a fragment can point at
    content: PageContent | None = None  # what its kind is told by; None where there is no markup


def parse_page(markup: str, *, asked_url: str, final_url: str) -> ParsedPage:
    """Read HTML, however broken; a page without any element gives a Page without facts."""
    markup = markup[:MAX_CHARS].replace("\x00", "")
    root = _parse(markup)
    if root is None:
        return ParsedPage(asked_url=asked_url, final_url=final_url, text=_squeeze(markup))
    content = read_tree(root, markup=markup, url=final_url)
    anchors = frozenset(str(name) for name in root.xpath("//@id | //a/@name"))
    title = _squeeze(" ".join(root.xpath("(//title)[1]//text()")))
    for element in root.xpath("|".join(f"//{name}" for name in _NOT_READ)):
        element.drop_tree()
    headings = [_squeeze(text_of(h)) for h in root.xpath("//h1")] or [
        _squeeze(text_of(h)) for h in root.xpath("(//h2)[1]")
    ]
    bodies = root.xpath("//body")
    return ParsedPage(
        asked_url=asked_url,
        final_url=final_url,
        title=title,
        headings=tuple(heading for heading in headings if heading),
        text=_squeeze(text_of(bodies[0] if bodies else root)),
        markup=markup,
        anchors=anchors,
        content=content,
    )


def text_of(element: html.HtmlElement) -> str:
    """Give the text under an element, a space between neighbours."""
    return " ".join(str(text) for text in element.itertext(tag=etree.Element))


def _parse(markup: str) -> html.HtmlElement | None:
    # lxml refuses a str that declares its encoding; bytes and the true encoding settle it.
    parser = html.HTMLParser(encoding="utf-8")
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError:  # nothing but spaces or comments
        return None
    return root


def _squeeze(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


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
