"""Turn what a reader of pages gives (a tree of blocks) into paragraphs, and cut whole pages.

Of a whole page each block comes with its place: in the text, or in the shell of the site.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from indexer.extract.charset import clean_text, is_clean
from indexer.model import Paragraph

# trafilatura's names, which are TEI's, and those of HTML for the other readers.
KIND_BY_TAG: Final = {
    "p": "p",
    "ab": "p",
    "div": "p",
    "body": "p",
    "head": "heading",
    "item": "item",
    "quote": "quote",
    "code": "p",
    "row": "p",
    "figDesc": "caption",
    "h1": "heading",
    "h2": "heading",
    "h3": "heading",
    "h4": "heading",
    "h5": "heading",
    "h6": "heading",
    "li": "item",
    "dt": "item",
    "dd": "item",
    "blockquote": "quote",
    "pre": "p",
    "tr": "p",
    "figcaption": "caption",
    "caption": "caption",
    "summary": "heading",
}
INLINE: Final = frozenset(
    "hi ref a abbr acronym b bdi bdo big cite data del dfn em font i ins kbd label mark q s "  # noqa: SIM905
    "samp small span strike strong sub sup time tt u var wbr graphic img cell td th".split()
)
LINKS: Final = frozenset({"a", "ref"})
BREAK_TAGS: Final = frozenset({"lb", "br", "hr"})
# Behind a cell, and between two days in a row: of publication, of the last change.
SPACED: Final = {"cell": " ", "td": " ", "th": " ", "time": " "}
SILENT: Final = frozenset({"script", "style", "noscript", "template", "head-meta", "svg", "iframe"})
# A plain space before high punctuation, or inside guillemets, can only be a no-break one.
BEFORE_HIGH: Final = re.compile(r"(?<=\S) (?=[;!?](?:\s|$|[»)\]]))")
BEFORE_COLON: Final = re.compile(r"(?<=\S) (?=[:»])")
AFTER_GUILLEMET: Final = re.compile(r"(?<=«) ")


def list_paragraphs(tree: Any) -> tuple[Paragraph, ...]:
    """Give the paragraphs of a tree of blocks (TEI or HTML), in order, none of them empty."""
    return tuple(
        Paragraph(text=text, kind=kind)
        for kind, raw, _, _ in walk_blocks(tree)
        if raw and (text := tidy_line(raw))
    )


def tidy_line(text: str) -> str:
    """One line of clean text."""
    squeezed = " ".join(text.split())
    return squeezed if is_clean(squeezed) else " ".join(clean_text(text).split())


def set_french(paragraph: Paragraph) -> Paragraph:
    """Give the paragraph with the no-break spaces that French typography asks for."""
    text = BEFORE_HIGH.sub("\u202f", paragraph.text)
    text = AFTER_GUILLEMET.sub("\u00a0", BEFORE_COLON.sub("\u00a0", text))
    return Paragraph(text=text, kind=paragraph.kind, page=paragraph.page)


def typeset(paragraphs: tuple[Paragraph, ...], language: str) -> tuple[Paragraph, ...]:
    """Give the paragraphs as their language prints them."""
    return tuple(map(set_french, paragraphs)) if language == "fr" else paragraphs


def walk_blocks(tree: Any) -> Iterator[tuple[str, str, int, list[Any]]]:
    """(kind, raw text, characters of it in links, path) of every block, empty ones too.

    The path is the elements that a block stands in, from the outermost, those of inline text left
    out: a list that goes on changing, to be copied by who keeps it. Without recursion: pages nest
    deeper than Python does. Text that follows a block inside its parent is a block of the parent's
    kind.
    """
    pending: list[str] = []
    linked = links_open = 0
    kinds = ["p"]
    path: list[Any] = []
    stack: list[tuple[Any, bool]] = [(tree, False)]
    while stack:
        element, is_leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else "script"
        is_break = tag in BREAK_TAGS
        if is_break or not (tag in INLINE or tag in SILENT):
            yield kinds.pop() if is_leaving else kinds[-1], "".join(pending), linked, path
            pending.clear()
            linked = 0
            if is_leaving:
                path.pop()
            elif not is_break:
                path.append(element)
                # What stands inside a quotation or a list item is of its kind.
                own = KIND_BY_TAG.get(tag, "p")
                kinds.append(kinds[-1] if own == "p" and len(kinds) > 1 else own)
        elif tag in LINKS:
            links_open += -1 if is_leaving else 1
        if is_leaving:
            pending.append(SPACED.get(tag, "") if tag != "time" or not element.tail else "")
        if is_leaving or is_break or tag in SILENT:
            pending.append((element.tail or "") if element is not tree else "")
            continue
        pending.append(text := element.text or "")
        if links_open:  # the text between the elements of a link is seldom there, and not counted
            linked += len(text.strip())
        stack.append((element, True))
        stack.extend([(child, False) for child in reversed(element)])


MAX_BLOCKS: Final = 40_000  # of one page, empty ones counted
SHELL_TAGS: Final = frozenset({"nav", "header", "footer", "aside", "form"})
SHELL_NAME: Final = re.compile(
    r"nav|menu|comment|side-?bar|foot(?!-?notes?)|shar(?:e|ing)|social|related|promo|widget|cookie|banner|"
    r"sponsor|advert|\bads?\b|newsletter|breadcrumb|subscri|sign-?up|login|popup|modal|masthead|"
    r"recommend|outbrain|taboola|pagination|pager|hidden|copyright|toolbar|reply|commentaire|"
    r"partage|lire-aussi",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBlock:
    """A block of a page."""

    paragraph: Paragraph
    is_shell: bool  # inside a menu, a header, a footer, an aside, a form…
    path: tuple[Any, ...] = ()  # the elements that it stands in, from the outermost
    linked: int = 0  # characters of it that are links


def list_segments(tree: Any) -> tuple[PageBlock, ...]:
    """All the blocks of a parsed page, in order."""
    body = tree.find("body")
    in_shell: dict[Any, bool] = {}  # of an element, or of one around it
    found: list[PageBlock] = []
    for kind, raw, linked, path in islice(walk_blocks(tree if body is None else body), MAX_BLOCKS):
        if not raw or raw.isspace() or not (text := tidy_line(raw)):
            continue
        around = False
        if path and path[-1] not in in_shell:
            for element in path:
                if element not in in_shell:
                    in_shell[element] = around or is_shell(element)
                around = in_shell[element]
        found.append(
            PageBlock(
                paragraph=Paragraph(text=text, kind=kind),
                is_shell=bool(path) and in_shell[path[-1]],
                path=tuple(path),
                linked=linked,
            )
        )
    return tuple(found)


def shape_of(block: PageBlock) -> tuple[Any, ...]:
    """Give the parent, tag, class and style of a block, equal for paragraphs of one text."""
    if not block.path:
        return ()
    element = block.path[-1]
    style = (element.get("style", ""), element.get("hidden"))
    return element.getparent(), element.tag, element.get("class", ""), style


def is_cut(tree: Any) -> bool:
    """Say whether a parsed page has more blocks than are looked at."""
    body = tree.find("body")
    blocks = walk_blocks(tree if body is None else body)
    return next(islice(blocks, MAX_BLOCKS, None), None) is not None


def is_shell(element: Any) -> bool:
    """Say whether an element's name, class or id tells that it belongs to the site's shell."""
    if element.tag in SHELL_TAGS:
        return True
    if element.tag in ("body", "html", "main", "article"):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')} {element.get('role', '')}"
    return _names_shell(names)


@lru_cache(maxsize=4096)  # a page gives the same names to many elements
def _names_shell(names: str) -> bool:
    return SHELL_NAME.search(names[:500]) is not None
