"""Cut a saved HTML page into blocks; find the address that it was saved from.

The standard library's tolerant tokenizer is enough: we need where paragraphs, headings, list
items, quotations and rows start, and the links inside them, not a tree.
"""

import html
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Final
from urllib.parse import urljoin

from indexer.bibliography.blocks import NAVIGATION, PSEUDO_LEVEL, Block, Shape, Told
from indexer.bibliography.findings import find_words
from indexer.bibliography.lines.markup import TAG, without_comments

# Elements of which nothing is read. What stands beside the page's text is told by `check`;
# navigation, footers and forms are counted; scripts and drawings hold no words of the page.
_BESIDE: Final = frozenset({"aside", "noscript", "object", "title"})
_NAVIGATION: Final = frozenset({"nav", "footer", "form", "button", "select"})
_SILENT: Final = _BESIDE | _NAVIGATION | {"script", "style", "template", "svg", "iframe"}
# What sites call their menus, their footers, the path to a page and the buttons to share it.
_FURNITURE: Final = re.compile(
    r"(?:^|\s)(?:(?!(?:has|no|with|is|not|article|entry|post)[-_])[\w-]{1,30}[-_])?"
    r"(?:(?:site|page)-header|masthead|footer|breadcrumbs?|ariane|arbo|nav(?:bar|igation)?|menu|"
    r"colophon|preheader|social|share|partage|follow|en-?tete|pied|bandeau|topbar|banni?ere?|"
    r"skip-link)"
    r"(?:[-_](?:links?|icons?|media|bar|buttons?|block|wrapper|container|inner|list(?:e|s)?|items?|"
    r"widgets?))?(?=\s|$)"
)
# What a link of a site to itself says that it leads to.
_OWN_RELATIONS: Final = frozenset({"author", "home", "prev", "next", "tag", "category", "license"})
_OWN_NAMES: Final = frozenset({"fn", "p-author", "author-link"})
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FURNITURE_ROLES: Final = frozenset({"navigation", "banner", "contentinfo", "search"})
_MAY_BE_FURNITURE: Final = frozenset({"div", "section", "header", "ul", "ol", "table", "td", "p"})
_HEADINGS: Final[Mapping[str, int]] = MappingProxyType(
    {f"h{level}": level for level in range(1, 7)}
)
_CODE: Final = ("script", "style", "template", "svg")
_PARAGRAPHS: Final = frozenset(
    """p div section article main header body dl dt dd ul ol li blockquote table tr figure
    figcaption address pre center details summary fieldset tbody thead caption""".split()  # noqa: SIM905
)
_OF_TABLES: Final = ("table", "thead", "tbody", "tr")
_INLINE: Final[Mapping[str, str]] = MappingProxyType(
    {"em": "em", "i": "em", "cite": "em", "strong": "strong", "b": "strong"}
)
_BOLD: Final = re.compile(
    r"\s*<strong>(?P<words>(?:(?!</?strong>|<a\b).){2,80})</strong>\s*:?\s*", re.DOTALL
)
_EMPTY_INLINE: Final = re.compile(r"<(em|strong)>\s*</\1>")
_WEB: Final = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)


def parse_blocks(text: str, *, is_typed: bool = False) -> list[Block]:
    """Cut an HTML page into blocks; lines are those of its source, from 1.

    `is_typed` says that a person typed it in a text: what is no element of HTML is a word then.
    """
    cutter = _WebpageCutter(base_of(text), is_typed=is_typed)
    cutter.feed(without_comments(text).partition("<!--")[0])  # never closed: the rest is one
    cutter.close()
    cutter.flush()
    return [*cutter.blocks, *cutter.leave()]


# https://robustlinks.mementoweb.org/spec/: an archived copy of a link, or what it is a copy of.
_ROBUST: Final = ("data-versionurl", "data-originalurl")


class _WebpageCutter(HTMLParser):
    def __init__(self, base: str, *, is_typed: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._is_typed = is_typed
        self.blocks: list[Block] = []
        self._base = base
        self._silent = 0
        self._furniture = ("", 0)  # the element that is passed over, and how many of its kind
        self._beside: list[tuple[int, str, list[str]]] = []  # line, element, words and addresses
        self._words: list[str] = []
        self._first = 0
        self._heading = 0
        self._lists: list[int] = []  # -1 for a list of bullets, else the number reached
        self._quotes = 0
        self._marker = ""
        self._in_item = 0
        self._cells: list[str] | None = None
        self._cell_names: list[str] = []
        self._open: list[str] = []  # inline elements that are open
        self._had_paragraph = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._count_furniture(tag, attrs)
        if tag in _SILENT:
            self._silent += 1
            if self._silent == 1:
                self._beside.append((self.getpos()[0], tag, []))
        if self._silent:
            self._pass_over(dict(attrs).get("href") if tag == "a" else "")
        else:
            self._start(tag, attrs)

    def _count_furniture(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin to pass over an element that its names call a part of the site, or go on in it."""
        held, depth = self._furniture
        if tag == held == "p":  # no paragraph holds another
            self._leave_furniture()
        elif tag == held:
            self._furniture = (held, depth + 1)
        elif not self._silent and tag in _MAY_BE_FURNITURE and _is_furniture(dict(attrs)):
            if tag != "td":
                self.flush()
            self._furniture = (tag, 1)
            self._silent += 1
            self._beside.append((self.getpos()[0], "nav", []))

    def _leave_furniture(self) -> None:
        self._furniture = ("", 0)
        self._silent = max(0, self._silent - 1)

    def _start(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element that is read."""
        if tag.startswith(("http:", "https:", "www.")):  # <https://…>, typed as text
            self.handle_data((self.get_starttag_text() or "").strip("<>/") + " ")
        elif tag in _HEADINGS:
            self.flush()
            self._heading = _HEADINGS[tag]
        elif tag in ("td", "th"):
            self._open_cell(tag)
        elif tag == "hr":
            self.flush()
            self.blocks.append(
                Block(shape=Shape.BREAK, line=self.getpos()[0], end=self.getpos()[0])
            )
        elif tag in _PARAGRAPHS:
            self._open_paragraph(tag)
        else:
            self._start_inline(tag, dict(attrs))

    def _start_inline(self, tag: str, attrs: dict[str, str | None]) -> None:
        """Begin an element that stands in a line."""
        if tag == "br":
            self._words.append("\n")
        elif tag == "a":
            self._open_link(attrs)
        elif tag == "img" and "a" in self._open:  # what the link shows
            self.handle_data(attrs.get("alt") or "")
        elif tag in _INLINE:
            self._words.append(f"<{_INLINE[tag]}>")
        elif self._is_typed and not TAG.fullmatch(self.get_starttag_text() or ""):
            self.handle_data(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        held, depth = self._furniture
        if tag == held and depth > 1:
            self._furniture = (held, depth - 1)
        elif tag == held:
            self._leave_furniture()
        else:
            self._end(tag)

    def _end(self, tag: str) -> None:
        """End an element that is no part of the site."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
            return
        if self._silent:
            return
        if tag in _HEADINGS:
            self.flush()
            self._heading = 0
        elif tag in ("td", "th"):
            self._close_cell()
        elif tag == "a":
            if "a" in self._open:
                self._open.remove("a")
                self._words.append("</a>")
        elif tag in _INLINE:
            self._words.append(f"</{_INLINE[tag]}>")
        elif tag in _PARAGRAPHS:
            self._close_paragraph(tag)

    def handle_data(self, data: str) -> None:
        if self._silent:
            self._pass_over(data)
            return
        if not self._first and data.strip():
            self._first = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
        self._words.append(html.escape(re.sub(r"[ \t\r\n]+", " ", data), quote=False))
        self._had_paragraph = self._had_paragraph or "\u00a0" in data

    def _pass_over(self, words: str | None) -> None:
        """Keep what is said in an element that is not read."""
        tag = self._beside[-1][1]
        if words and words.strip() and tag in _BESIDE | _NAVIGATION and self.lasttag not in _CODE:
            self._beside[-1][2].append(" ".join(words.split()))

    def leave(self) -> Iterator[Block]:
        """Give what was passed over: what stands beside the text, and the links of navigation."""
        known = {word for block in self.blocks for word in find_words(block.raw)}
        for line, tag, words in self._beside:
            is_known = tag == "title" and known.issuperset(find_words(" ".join(words)))
            if words and not is_known:
                marker = NAVIGATION if tag in _NAVIGATION else ""
                raw = " ".join(words)
                yield Block(
                    shape=Shape.PARAGRAPH,
                    raw=raw,
                    line=line,
                    end=line,
                    marker=marker,
                    told=Told.LEFT,
                    is_code=True,
                )

    def _open_link(self, attrs: dict[str, str | None]) -> None:
        href = (attrs.get("href") or "").strip()
        relations = (attrs.get("rel") or "").lower().split()
        names = (attrs.get("class") or "").lower().split()  # microformats: hCard, h-entry
        if href and not (_OWN_RELATIONS.isdisjoint(relations) and _OWN_NAMES.isdisjoint(names)):
            self._beside.append((self.getpos()[0], "nav", [href]))
            href = ""
        if "a" in self._open:  # a link inside a link: the first one was never closed
            self._words.append("</a>")
            self._open.remove("a")
        if href and not _WEB.match(href):
            href = urljoin(self._base, href) if self._base and not href.startswith("#") else href
        if href:
            self._open.append("a")
            kept = {name: attrs.get(name) or "" for name in _ROBUST}
            robust = "".join(f' {name}="{html.escape(url)}"' for name, url in kept.items() if url)
            self._words.append(f'<a href="{html.escape(href)}"{robust}>')

    def _open_cell(self, tag: str) -> None:
        """Begin a cell; end tags of cells and rows may be left out, as HTML allows."""
        self._close_cell()
        if "".join(self._words).strip():  # words of a table that stand in no cell
            self._flush_words()
        if self._cells is None:
            self._cells, self._cell_names = [], []
        self._cell_names.append(tag)
        self._words = []

    def _close_cell(self) -> None:
        if self._cells is not None and len(self._cell_names) > len(self._cells):
            self._cells.append(self._take())

    def _open_paragraph(self, tag: str) -> None:
        if self._cells is not None and tag not in _OF_TABLES:
            self._words.append("\n")
            return
        self.flush()
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._in_item += 1
            number = self._lists[-1] if self._lists else -1
            if number >= 0:
                self._lists[-1] = number + 1
            self._marker = f"{number + 1}." if number >= 0 else "•"
        elif tag in ("blockquote", "dd"):
            self._quotes += 1
        elif tag == "tr":
            self._cells, self._cell_names = [], []

    def _close_paragraph(self, tag: str) -> None:
        if self._cells is not None and tag not in _OF_TABLES:
            return
        is_empty = self._had_paragraph and not "".join(self._words).strip()
        self.flush()
        if tag == "p" and is_empty:  # <p>&nbsp;</p>, the empty paragraph of an editor
            self.blocks.append(
                Block(shape=Shape.BREAK, line=self.getpos()[0], end=self.getpos()[0])
            )
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._in_item = max(0, self._in_item - 1)
            self._marker = ""
        elif tag in ("blockquote", "dd"):
            self._quotes = max(0, self._quotes - 1)

    def _take(self) -> str:
        text = "".join(self._words)
        self._words, self._had_paragraph = [], False
        if "a" in self._open:
            text += "</a>"
            self._open.remove("a")
        text = _EMPTY_INLINE.sub("", text)
        return "\n".join(line.strip() for line in text.split("\n") if line.strip())

    def flush(self) -> None:
        """End the row or the block being gathered, and keep it if it says anything."""
        if self._cells is not None:
            self._row()
        self._flush_words()

    def _flush_words(self) -> None:
        first, self._first = self._first or self.getpos()[0], 0
        pieces = re.split(r"\n(?:[^\S\n]*\n)+", "".join(self._words)) if self._words else []
        self._words = []
        for piece in pieces:
            self._words = [piece]
            raw = self._take()
            if raw.strip():
                self._keep(raw, first)

    def _keep(self, raw: str, first: int) -> None:
        end = self.getpos()[0]
        bold = _BOLD.fullmatch(raw)
        level = self._heading or (PSEUDO_LEVEL if bold and not self._in_item else 0)
        if level:
            words = raw if self._heading or bold is None else bold["words"]
            self.blocks.append(
                Block(
                    shape=Shape.HEADING,
                    raw=words.replace("\n", " "),
                    line=first,
                    end=end,
                    level=level,
                )
            )
            return
        is_item = bool(self._marker)
        self.blocks.append(
            Block(
                shape=Shape.ITEM if is_item else Shape.PARAGRAPH,
                raw=raw,
                line=first,
                end=end,
                marker=self._marker,
                depth=2 * len(self._lists) - is_item
                if self._in_item
                else 0,  # inside an item: deeper
                is_quote=self._quotes > 0,
            )
        )
        self._marker = ""  # a second paragraph of the same item is a paragraph

    def _row(self) -> None:
        self._close_cell()
        cells = tuple(self._cells or ())
        is_header = bool(self._cell_names) and all(name == "th" for name in self._cell_names)
        first = self._first or self.getpos()[0]
        if any(cells):
            self.blocks.append(
                Block(
                    shape=Shape.ROW,
                    raw=" | ".join(cells),
                    line=first,
                    end=self.getpos()[0],
                    cells=cells,
                    is_header=is_header,
                )
            )
        self._cells, self._first = None, 0


def _is_furniture(attrs: Mapping[str, str | None]) -> bool:
    names = _CAMEL.sub("-", f"{attrs.get('class') or ''} {attrs.get('id') or ''}").lower()
    return (attrs.get("role") or "") in _FURNITURE_ROLES or bool(_FURNITURE.search(names))


_SAVED_FROM: Final = re.compile(r"<!--\s*saved from url=\(\d+\)(?P<url>\S+?)\s*-->")
_BASE: Final = re.compile(
    r"<base\b[^>]*\bhref=[\"'](?P<base>[^\"']+)|"
    r"<link\b[^>]*\brel=[\"']canonical[\"'][^>]*\bhref=[\"'](?P<link>[^\"']+)"
    r"|<meta\b[^>]*\bproperty=[\"']og:url[\"'][^>]*\bcontent=[\"'](?P<og>[^\"']+)",
    re.IGNORECASE,
)
_SCHEME_OF_WEB: Final = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)


def base_of(text: str) -> str:
    """Give the address that the page's relative links start from, or ""."""
    head = text[:20_000]
    saved = _SAVED_FROM.search(head)
    found = _BASE.search(head)
    written = next((value for value in (found.groups() if found else ()) if value), "")
    return written if _SCHEME_OF_WEB.match(written) else (saved["url"] if saved else "")
