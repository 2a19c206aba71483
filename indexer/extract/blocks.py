"""Parse markup, however broken, in time linear in its length, and cut what is parsed in blocks.

Of a whole page each block comes with its place: in the text, or in the shell of the site.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import lxml.etree
import lxml.html

from indexer.extract.payload import clean_text, is_clean
from indexer.messages import NOTHING, Message, message
from indexer.model import Paragraph

MAX_CHARACTERS: Final = 5_000_000  # of markup, scripts left out; what follows is not read
MAX_MARKUP_BYTES: Final = 4 * MAX_CHARACTERS  # so many letters of any coding
# A tag and the text behind it take libxml2 some 280 bytes: a million of "mot<br>", which are 7 MB
# of markup, took a reader process over its 512 MB.
MAX_TAGS: Final = 250_000
# lxml.html looks a class up for every element that is touched, in Python, for the sake of forms;
# one class for all is looked up in C: a tenth of the time of those who walk the tree.
ONE_CLASS: Final = lxml.etree.ElementDefaultClassLookup(element=lxml.html.HtmlElement)
XML_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
SHOUTED: Final = re.compile(r"</(?!script|style|svg|template)(?i:script|style|svg|template)")
UNREAD: Final = re.compile(r"<!--|<(script|style|svg|template)\b([^>]{0,2000})>", re.I)
SHADOW_ROOT: Final = re.compile(r"\bshadowroot(?:mode)?\s*=", re.I)
TAG_START: Final = re.compile("<")
# Attributes are compared pairwise by libxml2: 200,000 on one tag would take it a minute.
HUGE_TAG: Final = re.compile(r"<([a-z][a-z0-9-]{0,20})\s[^<>]{20000,}>", re.I)

# Journals number their paragraphs; the number would stick to the first word.
PARAGRAPH_NUMBER: Final = re.compile(
    r"<span[^>]{0,80}\bparanumber\b[^>]{0,80}>\s*\d+\s*</span>", re.I
)


def shrink_markup(markup: str) -> str:
    """Give the markup without what no reader reads: scripts (but JSON-LD), styles, comments.

    A tag of more than 20,000 characters (an image inlined in its address) loses its attributes.
    """
    shrunk = HUGE_TAG.sub(r"<\1>", "".join(_read_parts(markup)))
    return PARAGRAPH_NUMBER.sub("", shrunk) if "paranumber" in shrunk else shrunk


def bound_payload(payload: bytes) -> tuple[bytes, Message]:
    """Shrink a large page and cut it at MAX_MARKUP_BYTES, before it is decoded; say what was cut.

    One emoji makes four bytes of every letter of a decoded text: of 50 MB, 200 MB. Markup is ASCII
    in every coding of pages but those of two or four bytes a letter, which are cut only.
    """
    if len(payload) <= MAX_CHARACTERS:
        return payload, NOTHING
    kept = payload[: MAX_MARKUP_BYTES + 1]
    if b"\0" not in payload[:1_000]:
        pieces: list[bytes] = []
        room = MAX_MARKUP_BYTES + 1
        for part in _read_parts(payload.decode("latin-1")):
            pieces.append(HUGE_TAG.sub(r"<\1>", part)[:room].encode("latin-1"))
            room -= len(pieces[-1])
            if room <= 0:
                break
        kept = b"".join(pieces)
    if len(kept) <= MAX_MARKUP_BYTES:
        return kept, NOTHING
    return kept[:MAX_MARKUP_BYTES], message("evidence.cut-page", count=MAX_CHARACTERS // 1_000_000)


def cut_markup(markup: str) -> tuple[str, Message]:
    """Keep of a page's markup what can be parsed within bounds; say what was cut, or NOTHING."""
    said = NOTHING
    if len(markup) > MAX_CHARACTERS:
        markup = markup[:MAX_CHARACTERS]
        said = message("evidence.cut-page", count=MAX_CHARACTERS // 1_000_000)
    if markup.count("<") > MAX_TAGS:
        first_left_out = next(islice(TAG_START.finditer(markup), MAX_TAGS, None))
        markup = markup[: first_left_out.start()]
        said = message("evidence.cut-tags", count=MAX_TAGS)
    return markup, said


def parse_markup(markup: str) -> Any:
    """Give the tree of a page; None when there is nothing to parse."""
    text = XML_DECLARATION.sub("", markup[:MAX_CHARACTERS])
    if not text.strip():
        return None
    # Bytes, not str: libxml2 then never believes the charset that the page declares.
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True)
    parser.set_element_class_lookup(ONE_CLASS)
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.LxmlError, ValueError):
        return None


def _read_parts(markup: str) -> Iterator[str]:
    # Ends are looked for in lower case; hardly any page has others, and a copy takes its time.
    lowered = markup.lower() if SHOUTED.search(markup) else markup
    if len(lowered) != len(markup):  # "İ" is longer in lower case: offsets would drift
        lowered = markup
    position = 0
    while found := UNREAD.search(markup, position):
        yield markup[position : found.start()]
        tag = found[1]
        if tag is not None and SHADOW_ROOT.search(found[2]):  # browsers show what it holds
            yield "<div>"
            position = found.end()
            continue
        end = lowered.find("-->" if tag is None else f"</{tag.lower()}", found.end())
        if end < 0:
            # Never closed: a browser would hide all the rest; we keep what follows the tag.
            position = found.end()
            if tag is not None:
                yield "\n"
                position = _skip_all(markup, tag.lower(), position)
            continue
        is_statement = tag is not None and "ld+json" in found[2].lower()
        if tag is None:
            position = end + 3
            continue
        close = markup.find(">", end)
        position = len(markup) if close < 0 else close + 1
        if is_statement:
            yield markup[found.start() : position]
    yield markup[position:]


def _skip_all(markup: str, tag: str, position: int) -> int:
    """Past an unclosed script or style: what follows is not text. Past anything else: it is."""
    return len(markup) if tag in ("script", "style") else position


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
