"""Read of a page the few facts that give it away: title, headings, text, anchors.

The article itself is the business of the room `extract`; here we ask whether there is one.
"""

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree, html

from indexer.pagekind.page import PageContent, read_tree

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
    """The text under an element, a space between neighbours."""
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
