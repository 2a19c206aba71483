"""Read of a page what tells its kind: title, headings, running text, entries, forms, size.

Text is cut in blocks, as a browser shows it. A block is furniture when it stands in a menu, a
side bar, a footer, a cookie banner; a link when it is nothing but links; else prose. A short
piece of prose under a linked title is an entry of a list. What is left is running text: an
article has some, and a page that stands in its place has little.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from lxml import etree, html

from indexer.pagekind.wording import fold

MAX_CHARS: Final = 2_000_000
# A block of prose is a sentence, not a label or a button.
PROSE_CHARS: Final = 50
# What stands under a linked title and is shorter is the summary of another page.
ENTRY_CHARS: Final = 450
LIST_ENTRIES: Final = 3
FOLDED_CHARS: Final = 4_000
END_CHARS: Final = 600
MARKUP_CHARS: Final = 100_000
_UNREAD: Final = frozenset(
    {"script", "style", "template", "svg", "select", "textarea", "math", "title", "noscript"}
)
# fmt: off
_INLINE: Final = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
))
# fmt: on
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FURNITURE_TAGS: Final = frozenset({"nav", "footer", "aside"})
# Furniture, unless the title of the text stands in it.
_PERHAPS_FURNITURE: Final = frozenset({"header"})
_FURNITURE_ROLES: Final = frozenset({"navigation", "contentinfo", "complementary", "search"})
_FURNITURE: Final = re.compile(
    r"(?:^|\s)(?!(?:has|no|with|is|not)[-_])[\w-]{0,20}?(?<![a-z])"
    r"(?:nav(?:igation|bar)?|menu|sidebar\d?|side-?bar|aside|footer|pied|colophon|breadcrumbs?|"
    r"ariane|comments?|commentaires?|cookie\w*|related|share|partage|social|skip-?links?|"
    r"topbar|oe-bar|tarteaucitron\w*|cc-window|newsletter|lastposts|pager|pagination)"
    r"(?![a-z])[\w-]{0,20}(?=\s|$)",
    re.IGNORECASE,
)
_BANNER: Final = re.compile("cookie|consent|gdpr|rgpd|privacy|comment|tarteaucitron", re.IGNORECASE)
# A side bar has no paragraphs as long, or few.
LONG_PARAGRAPH: Final = 150
TEXT_IN_FURNITURE: Final = 900
_SITE_SEPARATOR: Final = re.compile(r"\s*[|–—·•»«›]\s*|\s+-\s+")
_ROOT: Final = re.compile(
    r"/?(~[\w.-]+/?)?([a-z]{2}([-_][a-z]{2})?/?)?"
    r"((index|default|accueil|home|spip|bienvenue|welcome)(\.\w{2,5})?/?)?",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[.!?…»:;]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """A piece of visible text without a break: a paragraph, a heading, an item, a cell."""

    text: str
    tag: str
    linked: int = 0  # characters of `text` that are in links
    is_furniture: bool = False

    @property
    def is_heading(self) -> bool:
        """Tell whether the block is a heading of any level."""
        return self.tag in _HEADINGS

    @property
    def is_link(self) -> bool:
        """Tell whether the block is hardly more than links."""
        return self.linked > 0.6 * len(self.text)

    @property
    def is_prose(self) -> bool:
        """Tell whether the block is a sentence or more, outside of links."""
        own = len(self.text) - self.linked
        return (
            own >= PROSE_CHARS
            and not self.is_heading
            and self.linked < 0.5 * len(self.text)
            and _SENTENCE.search(self.text) is not None
        )


@dataclass(frozen=True, kw_only=True)
class PageContent:
    """The parts of a web page that rules of classification read. Lengths are in characters."""

    url: str = ""
    status: int | None = None
    title: str = ""
    headings: tuple[str, ...] = ()  # outside of the furniture, in order
    blocks: tuple[TextBlock, ...] = ()
    noscript: str = ""
    markup: str = ""
    passwords: int = 0  # fields that take one, outside of the furniture
    scripts: int = 0
    links: int = 0  # outside of the furniture

    @cached_property
    def main(self) -> tuple[TextBlock, ...]:
        """The blocks outside of the furniture; all of them where that leaves nothing."""
        return tuple(each for each in self.blocks if not each.is_furniture) or self.blocks

    @cached_property
    def text(self) -> str:
        """The text outside of the furniture."""
        return " ".join(each.text for each in self.main)

    @cached_property
    def visible(self) -> str:
        """The whole visible text."""
        return " ".join(each.text for each in self.blocks)

    @cached_property
    def folded(self) -> str:
        """The beginning of the text, folded; a page that stands in place of another is short."""
        return fold(self.text[:FOLDED_CHARS])

    @cached_property
    def folded_end(self) -> str:
        """The end of the text, folded."""
        return fold(self.text[-END_CHARS:])

    @cached_property
    def folded_noscript(self) -> str:
        """The beginning of what is shown where scripts do not run, folded."""
        return fold(self.noscript[:1_000])

    @cached_property
    def lower_markup(self) -> str:
        """The beginning of the markup, in lower case."""
        return self.markup[:MARKUP_CHARS].lower()

    @cached_property
    def host(self) -> str:
        """The host of the final address."""
        return (urlsplit(self.url).hostname or "").removeprefix("www.")

    @cached_property
    def address(self) -> str:
        """Host, path and query of the final address, in lower case."""
        parts = urlsplit(self.url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{(parts.hostname or '')}{parts.path}{query}".lower()

    @cached_property
    def is_root(self) -> bool:
        """Tell whether the final address is that of the site."""
        parts = urlsplit(self.url)
        return not parts.query and _ROOT.fullmatch(parts.path) is not None

    @cached_property
    def sayings(self) -> tuple[str, ...]:
        """List the title, its parts between separators, and the first headings of the page.

        Where it has no heading, its first two short blocks stand for them. Each text comes once.
        """
        own = [each.text for each in self.main if each.is_heading and not each.is_link][:4]
        first = [each.text for each in self.main if len(each.text) < 140][:2] if not own else []
        parts = _SITE_SEPARATOR.split(self.title)
        return tuple(dict.fromkeys(each for each in (self.title, *parts, *own, *first) if each))

    @cached_property
    def headlines(self) -> tuple[str, ...]:
        """List the texts of `sayings`, at most 300 characters of each, without case and accents."""
        return tuple(fold(each[:300]) for each in self.sayings)

    @cached_property
    def own_chars(self) -> int:
        """Count the characters of text outside of headings, links and summaries of other pages."""
        listed = sum(length for length, is_entry in self._pieces if is_entry)
        loose = sum(
            len(each.text) - each.linked
            for each in self.main
            if not each.is_heading and not each.is_link
        )
        return loose - listed

    @cached_property
    def running(self) -> int:
        """Count the characters of prose outside of summaries of other pages."""
        return sum(length for length, is_entry in self._pieces if not is_entry)

    @cached_property
    def entries(self) -> int:
        """Count the linked titles and items outside of menus, headers and footers."""
        return sum(
            1 for each in self.main if each.is_link and len(each.text) >= 8 and " " in each.text
        )

    @cached_property
    def summaries(self) -> int:
        """Count the entries of a list of pages that come with a summary."""
        return sum(1 for _, is_entry in self._pieces if is_entry)

    @cached_property
    def _pieces(self) -> tuple[tuple[int, bool], ...]:
        """Lengths of prose between linked titles, and whether each is a summary of one."""
        pieces = tuple(_pieces(self.main))
        if sum(1 for _, is_entry in pieces if is_entry) >= LIST_ENTRIES:
            return pieces
        return tuple((length, False) for length, _ in pieces)  # two linked titles make no list


def _pieces(blocks: Sequence[TextBlock]) -> Iterator[tuple[int, bool]]:
    """Give the length of the prose between linked titles, and whether it is a summary of one."""
    length, is_under_link = 0, False
    for block in blocks:
        if block.is_prose:
            length += len(block.text) - block.linked
        elif block.is_link or block.is_heading:
            if block.is_heading and not block.is_link and is_under_link and length == 0:
                continue  # a sub-title
            if length:
                yield length, is_under_link and length < ENTRY_CHARS
                length = 0
            is_under_link = block.is_link and (block.is_heading or len(block.text) >= 12)
    if length:
        yield length, is_under_link and length < ENTRY_CHARS


def read_page(
    payload: bytes, *, content_type: str = "", url: str = "", status: int | None = None
) -> PageContent:
    """Read a page from the bytes of its payload, content codings undone.

    `content_type` is the header, whose charset is heard after UTF-8, which proves itself.
    """
    return read_markup(_decode(payload, content_type), url=url, status=status)


def read_markup(markup: str, *, url: str = "", status: int | None = None) -> PageContent:
    """Read a page from its markup, however broken."""
    markup = markup[:MAX_CHARS].replace("\x00", "")
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    try:
        tree = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError:  # nothing but spaces or comments
        return PageContent(url=url, status=status, markup=markup)
    return read_tree(tree, markup=markup, url=url, status=status)


def read_tree(tree: Any, *, markup: str, url: str = "", status: int | None = None) -> PageContent:
    """Read a page from its parsed tree, which stays as it is."""
    title = tree.find(".//title")
    reader = _TreeReader()
    reader.read(tree)
    headings = [each for each in reader.blocks if each.is_heading and not each.is_furniture]
    return PageContent(
        url=url,
        status=status,
        title="" if title is None else _squeeze(" ".join(title.itertext())),
        headings=tuple(each.text for each in headings),
        blocks=tuple(reader.blocks),
        noscript=_squeeze(" ".join(reader.noscript)),
        markup=markup,
        passwords=reader.passwords,
        scripts=reader.scripts,
        links=reader.links,
    )


class _TreeReader:
    """Walks a tree once, and cuts its text in blocks."""

    def __init__(self) -> None:
        self.blocks: list[TextBlock] = []
        self.noscript: list[str] = []
        self.passwords = self.scripts = self.links = 0
        self._parts: list[str] = []
        self._linked = 0
        self._in_link = self._breaks = 0
        self._tags: list[str] = ["body"]
        self._never_closed: set[Any] = set()
        self._furniture: Any = None  # the element that is furniture with all that is in it

    def read(self, tree: Any) -> None:
        walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event in ("comment", "pi"):
                self._add(element.tail)
            elif event == "start":
                if not self._start(element):
                    walk.skip_subtree()
            else:
                self._end(element)
        self._flush()

    def _start(self, element: Any) -> bool:
        """Enter an element; False where nothing in it is read."""
        tag = element.tag
        is_unread = tag in _UNREAD
        if tag == "noscript" and _holds_text(element):
            is_unread = False  # one that is never closed holds the whole page
            self._never_closed.add(element)
        if is_unread:
            self.scripts += tag == "script"
            if tag == "noscript":
                self.noscript.append(" ".join(str(text) for text in element.itertext()))
            return False
        if tag == "input":
            is_password = element.get("type", "").lower() == "password"
            self.passwords += is_password and self._furniture is None
        elif tag == "a" and element.get("href") is not None:
            self._in_link += 1
            self.links += self._furniture is None
        elif tag == "br":
            self._breaks += 1
            if self._breaks >= 2:
                self._flush()
            self._parts.append(" ")
        if tag not in _INLINE and tag != "br":
            self._flush()
            self._tags.append(tag)
            if self._furniture is None and _is_furniture(element, tag):
                self._furniture = element
        self._add(element.text)
        return True

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag not in _UNREAD or element in self._never_closed:
            if tag == "a" and element.get("href") is not None:
                self._in_link -= 1
            if tag not in _INLINE and tag != "br":
                self._flush()
                self._tags.pop()
                if element is self._furniture:
                    self._furniture = None
        self._add(element.tail)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        self._parts.append(text)
        if stripped := len(text.strip()):
            self._breaks = 0
            if self._in_link:
                self._linked += stripped

    def _flush(self) -> None:
        if self._parts and (text := _squeeze("".join(self._parts))):
            tag = next((each for each in reversed(self._tags) if each in _HEADINGS), self._tags[-1])
            self.blocks.append(
                TextBlock(
                    text=text,
                    tag=tag,
                    linked=min(self._linked, len(text)),
                    is_furniture=self._furniture is not None,
                )
            )
        self._parts, self._linked, self._breaks = [], 0, 0


def _is_furniture(element: Any, tag: str) -> bool:
    if tag in ("body", "html", "main", "article"):
        return False
    if tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES:
        return not _holds_text(element)
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if tag not in _PERHAPS_FURNITURE and (not names.strip() or _FURNITURE.search(names) is None):
        return False
    # A wrapper named after what it has beside the text.
    return next(element.iter("h1", "main", "article"), None) is None and not _holds_text(element)


def _holds_text(element: Any) -> bool:
    """Tell whether an element has paragraphs enough for a text; a banner may have long ones."""
    if _BANNER.search(f"{element.get('class', '')} {element.get('id', '')}"):
        return False
    lengths = (sum(len(text) for text in each.itertext()) for each in element.iter("p"))
    return sum(length for length in lengths if length > LONG_PARAGRAPH) > TEXT_IN_FURNITURE


_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)


def _decode(payload: bytes, content_type: str) -> str:
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        head = payload[:2_048].decode("latin-1")
        found = _CHARSET.search(content_type) or _CHARSET.search(head)
        codec = found[1].lower() if found else "cp1252"
    if codec in ("utf-8", "utf8", "iso-8859-1", "latin-1", "latin1"):
        codec = "cp1252"  # as browsers do
    try:
        return payload.decode(codec, "replace")
    except LookupError:
        return payload.decode("cp1252", "replace")


def _squeeze(text: str) -> str:
    return " ".join(text.split())
