"""Cut Markdown into blocks by its own grammar: CommonMark and tables, by markdown-it-py.

markdown-it-py (whose only door this is) says where lists, quotations, headings, tables, code and
HTML stand; the paragraphs inside are cut by plaintext.py, which knows what people type in them.
Inline markup stays as written where lines/markup.py reads it; what only the grammar can tell
(links by label, links around images, code, escapes) is written anew as HTML.

What editors of notes add is read too: front matter, `[[links]]` and `> [!callouts]` of Obsidian,
`property:: value` of Logseq.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from indexer.bibliography import plaintext, webpage
from indexer.bibliography.blocks import NAVIGATION, Block, Shape
from indexer.bibliography.frontmatter import read_front_matter
from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import (
    TAG,
    has_absolute_scheme,
    split_bare_addresses,
    without_comments,
)
from indexer.bibliography.lines.vocabulary import find_field

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FOOTNOTE: Final = re.compile(r"^( {0,3})\[\^(?=[^\]\n]+\]:)", re.MULTILINE)
_NO_BREAK_LINE: Final = re.compile(r"^[ \t]*[\u00a0\u202f][ \t\u00a0\u202f]*$", re.MULTILINE)
# Struck out (said no more, and said all the same), marked, or hidden by Obsidian.
_DRAWN: Final = re.compile(r"(~~|==|%%)(?=[^\s~=%])([^~\n]+?)(?<=\S)\1(?![=~%])")
_HIDDEN: Final = re.compile(r"%%\s*([^%\n]+?)\s*%%")
# Obsidian's: the name of a block, behind its last word, and signs of a file that Obsidian keeps.
_BLOCK_ID: Final = re.compile(r"[ \t\n]\^(?P<id>[A-Za-z0-9-]{1,40})[ \t]*\Z")
_POWER: Final = re.compile(r"\d[ \t]*\^\d+[ \t]*\Z")  # "10 ^6"
_OF_OBSIDIAN: Final = re.compile(r"\[\[[^\[\]\n]+\]\]|^[ \t]*> ?\[!\w|^%%|\s%%|#\^[\w-]+\)", re.M)
_CHECKBOX: Final = re.compile(r"\[[ xX]\][ \t]+")
# How far somebody is with an item; the second line is Logseq's, whose files have properties.
_STATE: Final = re.compile(r"(?:TODO|DONE)[ \t]+")
_STATE_OF_LOGSEQ: Final = re.compile(r"(?:TODO|DOING|DONE|LATER|NOW|WAITING|CANCELED)[ \t]+")
_OF_LOGSEQ: Final = re.compile(r"^[ \t]*(?:[-*] +)?[\w-]+:: ", re.MULTILINE)
_FRAME: Final = re.compile(r"(?mi)^[ \t]*#\+(?:begin|end)_\w+[ \t]*$")  # #+BEGIN_NOTE
_CALLOUT: Final = re.compile(r"\[![\w-]+\][+-]?[ \t]*")
_WIKI: Final = re.compile(
    r"!?\[\[(?P<page>[^\[\]|#\n]*)(?:#[^\[\]|\n]*)?(?:\|(?P<alias>[^\[\]\n]*))?\]\]"
)
# What Logseq shows in its place: {{video https://…}}.
_MACRO: Final = re.compile(
    r"\{\{(?:video|youtube|vimeo|tweet|twitter|pdf|audio|iframe)\s+(?P<address>https?://[^{}\s]+)\s*\}\}"
)
_PROPERTY: Final = re.compile(r"^(?P<lead>\s*(?:[-*]\s+)?)(?P<key>[\w-]+):: ?(?P<value>.*)$")
_PROPERTIES_OF_EDITORS: Final = frozenset({"id", "collapsed", "public", "icon", "heading"})
# What a property of an outline is written as: what reads labels reads it then.
_PROPERTY_LABELS: Final = MappingProxyType(
    {
        "keywords": "Mots-clés : ",
        "url": "",
        "container": "",
        "note": "Note : ",
        "author": "Auteur : ",
        "date": "Date : ",
    }
)
_SIMPLE_LINK: Final = re.compile(
    r"(?<![!\]\\])\[[^\[\]\n\\`<>]+\]\((?:https?|ftp):[^\s()<>\\*\"']+\)"
)
_NEEDS_GRAMMAR: Final = re.compile(r"\]\(|\]\[|!\[|`|\\|<img|<a\b|&#?\w+;")
_MAX_UNDERLINED: Final = 120
_BADGE: Final = re.compile(
    r"shields\.io|badge|travis-ci|circleci|codecov|coveralls|badgen\.net|awesome\.re/|"
    r"actions/workflows/|zenodo\.org/badge",
    re.IGNORECASE,
)


def parse_blocks(text: str) -> list[Block]:
    """Cut a Markdown text into blocks; line numbers are those of the text, from 1."""
    described, whole = read_front_matter(text)
    text = _prepare(without_comments(whole))
    parser = _parser()
    env: dict[str, Any] = {}
    tokens = parser.parse(text, env)
    cutter = _MarkdownCutter(text, env, is_obsidian=bool(_OF_OBSIDIAN.search(whole)))
    blocks = [*described, *cutter.cut(tokens)]
    blocks = [_by_grammar(block, env, cutter.labels) for block in blocks]
    pages = [
        f"<{found['page']}>"
        for found in (_WIKI.finditer(whole) if "[[" in whole else ())
        if not has_absolute_scheme(found["page"])
    ]
    inner = [*pages, *(f"#{anchor}" for anchor in cutter.anchors)]
    return [
        *blocks,
        *_leave_definitions(env, blocks, text.split("\n")),
        *plaintext.leave_comments(whole),
        *_leave_inner_links(inner),
    ]


def _leave_inner_links(targets: Sequence[str]) -> Iterator[Block]:
    """Leave the pages and the blocks of the same notebook that links lead to, to be counted."""
    if targets:
        raw = " ".join(f"[a]({target})" for target in targets)
        yield replace(plaintext.leave(raw, 1), marker=NAVIGATION)


def _leave_definitions(
    env: dict[str, Any], blocks: Sequence[Block], lines: Sequence[str]
) -> Iterator[Block]:
    """Leave the addresses of definitions ("[1]: https://…") that no link of the text uses.

    A word behind a label ("[avis]: excellent") leads nowhere: both are left.
    """
    defined = [*env.get("references", {}).values(), *env.get("duplicate_refs", ())]
    written = "\n".join(text for block in blocks for text in (block.raw, *block.cells))
    for one in defined:
        href, place = _unquote(str(one["href"])), one.get("map", (0, 0))[0]
        is_word = not re.search(r"[/.#:?]", href) and f'href="{html.escape(href)}"' not in written
        if is_word or (has_absolute_scheme(href) and html.escape(href) not in written):
            raw = lines[place].strip() if is_word else href
            yield plaintext.leave(raw, place + 1)


@cache
def _parser() -> "MarkdownIt":
    """Give the grammar of blocks; what stands inside is parsed where a block asks for it."""
    from markdown_it import MarkdownIt  # here: it takes 50 ms, and few bibliographies need it

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("code")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _prepare(text: str) -> str:
    """Write what is no CommonMark as if it were; every line stays on its number."""
    text = _NO_BREAK_LINE.sub("***", text)
    text = _FOOTNOTE.sub(r"\1\\[^", text)
    if ":: " in text:
        text = "\n".join(_read_properties(text.split("\n")))
    if "{{" in text:
        text = _MACRO.sub(r"<\g<address>>", text)
    if "[[" in text:
        text = _WIKI.sub(_write_wiki_link, text)
    return text


def _write_wiki_link(found: "re.Match[str]") -> str:
    """Write a link to a page of the notebook as its words; one to another site as a link."""
    page, alias = found["page"].strip(), found["alias"]
    if not has_absolute_scheme(page):
        return alias or found["page"]
    address = found[0].strip("![]").partition("|")[0].strip()  # with what stands behind its "#"
    return f"[{alias.strip()}](<{address}>)" if alias else f"<{address}>"


def _read_properties(lines: Sequence[str]) -> Iterator[str]:
    """Write properties of Logseq as text; those of one text, with its address, as a reference.

    As many lines come out as went in.
    """
    for is_property, some in groupby(lines, key=lambda line: bool(_PROPERTY.match(line))):
        held = list(some)
        yield from _write_reference(held) if is_property else held


def _write_reference(lines: Sequence[str]) -> Iterator[str]:
    """Write the properties of a block: the title, the address, who and when on its first line."""
    found = [found for line in lines if (found := _PROPERTY.match(line))]
    values = {each["key"].lower(): each["value"].strip() for each in found}
    keys = {find_property(key, value): key for key, value in reversed(values.items()) if value}
    title, url = keys.get("title", ""), keys.get("url", "")
    url = url if "://" in values.get(url, "") else ""
    if not title or not url or re.search(r"[\[\]<>]", values[title]):
        yield from map(_read_property, lines)
        return
    told = [keys.get("author", ""), keys.get("date", "")]
    used = {title, url, *told}
    said = [values[key] for key in filter(None, told)]
    yield found[0]["lead"] + ", ".join([f"[{values[title]}](<{values[url]}>)", *said])
    rest = [
        line for line, each in zip(lines, found, strict=True) if each["key"].lower() not in used
    ]
    yield from map(_read_property, rest)
    yield from [""] * (len(lines) - 1 - len(rest))


def find_property(key: str, value: str) -> str:
    """Find the field that a property of an outline means; a source with an address is that."""
    field = find_field(fold(key))
    return "url" if field == "container" and "://" in value else field


def _read_property(line: str) -> str:
    found = _PROPERTY.match(line)
    if found and found["key"].lower() in _PROPERTIES_OF_EDITORS:
        return ""
    label = _PROPERTY_LABELS.get(find_property(found["key"], found["value"])) if found else None
    return f"{found['lead']}{label}{found['value']}" if found and label is not None else line


class _MarkdownCutter:
    """Goes through the tokens of a text, with the lists and quotations that are open."""

    def __init__(self, text: str, env: dict[str, object], *, is_obsidian: bool) -> None:
        self._lines = text.split("\n")
        self._is_obsidian = is_obsidian
        self._state = _STATE_OF_LOGSEQ if _OF_LOGSEQ.search(text) else _STATE
        self.anchors: list[str] = []  # the names of blocks that were taken out of their words
        self._lists: list[bool] = []  # ordered or not
        self._quotes = 0
        self._marker = ""
        self._end = 0  # of the block before, as a line number
        self._cells: list[str] = []
        self._is_header = False
        self._heading = 0
        self._row: tuple[int, int] = (0, 0)
        references = env.get("references")
        self.labels = tuple(references) if isinstance(references, dict) else ()

    def cut(self, tokens: Sequence["Token"]) -> Iterator[Block]:
        """Give the blocks in the order of the text."""
        for token in tokens:
            yield from self._take(token)

    def _take(self, token: "Token") -> Iterator[Block]:
        first, end = token.map or (0, 0)
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._lists.append(token.type == "ordered_list_open")
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "blockquote_open" | "blockquote_close":
                self._quotes += token.nesting
            case "tr_close":
                yield from self._close_row()
            case "hr":
                yield Block(shape=Shape.BREAK, line=first + 1, end=end)
                self._end = end
            case "inline":
                yield from self._inline(token, first, end)
            case "fence" | "code_block":
                yield from self._verbatim(token.content, first, end)
            case "html_block":
                yield from self._html(token.content, first, end)
            case _:
                self._open_part(token, first, end)

    def _open_part(self, token: "Token", first: int, end: int) -> None:
        """Remember in which part of a list, of a table or of the text the next blocks are."""
        match token.type:
            case "list_item_open":
                self._marker = f"{token.info}." if self._lists[-1] else "•"
            case "list_item_close":
                self._marker = ""
            case "heading_open":
                self._heading = int(token.tag[1])
                self._is_header = token.markup in ("=", "-")
            case "heading_close":
                self._heading = 0
            case "thead_open" | "tbody_open":
                self._is_header = token.type == "thead_open"
            case "tr_open":
                self._cells, self._row = [], (first or self._end, end or self._end + 1)

    def _inline(self, token: "Token", first: int, end: int) -> Iterator[Block]:
        content = token.content
        if token.level and self._row[1] and not token.map:  # a cell has no lines of its own
            self._cells.append(content)
            return
        if self._heading and not (self._is_header and self._is_paragraph(content)):
            yield Block(
                shape=Shape.HEADING,
                raw=content.replace("\n", " "),
                line=first + 1,
                end=end,
                level=self._heading,
                gap=max(0, first - self._end),
            )
            self._end = end
            return
        if self._cells is not None and self._in_row:
            self._cells.append(content)
            return
        yield from self._paragraph(content, first, end)
        if self._heading:  # a paragraph over a rule, which CommonMark takes for a heading
            yield Block(shape=Shape.BREAK, line=end, end=end)

    @property
    def _in_row(self) -> bool:
        return self._row != (0, 0)

    @staticmethod
    def _is_paragraph(content: str) -> bool:
        return "\n" in content or len(content) > _MAX_UNDERLINED

    def _paragraph(self, content: str, first: int, end: int) -> Iterator[Block]:
        content = _CHECKBOX.sub("", content, count=1) if self._marker else content
        if self._quotes and (callout := _CALLOUT.match(content)):
            title, _, rest = content[callout.end() :].partition("\n")
            content = f"{title}\n\n{rest}"
        content = re.sub(r"(?m)^\\\[\^", "[^", content)
        content = _HIDDEN.sub(r"\1", _DRAWN.sub(r"\2", content))
        if (
            self._is_obsidian
            and (named := _BLOCK_ID.search(content))
            and not _POWER.search(content)
        ):
            content = content[: named.start()]
            self.anchors.append(named["id"])
        content = self._state.sub("", content, count=1) if self._marker else content
        content = _FRAME.sub("", content)
        gap = max(0, first - self._end)
        self._end = end
        inside = 2 * len(self._lists)
        blocks = plaintext.parse_blocks(content)
        for index, block in enumerate(blocks):
            if block.shape is Shape.HEADING and (self._lists or self._quotes):
                block = replace(block, shape=Shape.PARAGRAPH, level=0, raw=f"**{block.raw}**")
            is_item = bool(self._marker) and index == 0 and block.shape is Shape.PARAGRAPH
            yield replace(
                block,
                shape=Shape.ITEM if is_item else block.shape,
                marker=block.marker or (self._marker if index == 0 else ""),
                line=block.line + first,
                end=min(block.end + first, max(end, first + 1)),
                depth=inside - (index == 0 and bool(self._marker))
                if inside
                else min(block.depth, 1),
                gap=gap if index == 0 else block.gap,
                is_quote=self._quotes > 0 or block.is_quote,
            )
        self._marker = ""  # a second paragraph of the same item is a paragraph

    def _verbatim(self, content: str, first: int, end: int) -> Iterator[Block]:
        """Code, of which nothing is read: its words stay, its addresses lead nowhere."""
        self._end = end
        if content.strip():
            raw = _escape(content.strip(), keeps_addresses=False)
            depth = 2 * len(self._lists)
            yield Block(
                shape=Shape.PARAGRAPH, raw=raw, line=first + 1, end=end, depth=depth, is_code=True
            )

    def _html(self, content: str, first: int, end: int) -> Iterator[Block]:
        gap, self._end = max(0, first - self._end), end
        inside = 2 * len(self._lists)
        for index, block in enumerate(webpage.parse_blocks(content, is_typed=True)):
            yield replace(
                block,
                line=min(block.line + first, end),
                end=min(block.end + first, end),
                depth=block.depth + inside,
                gap=gap if index == 0 else block.gap,
            )

    def _close_row(self) -> Iterator[Block]:
        first, end = self._row
        written = plaintext.split_row(self._lines[first]) if first < len(self._lines) else []
        # The grammar drops the cells beyond those of the table's head.
        cells = (*self._cells, *written[len(self._cells) :])
        self._cells, self._row, self._end = [], (0, 0), end
        if any(cell.strip() for cell in cells):
            yield Block(
                shape=Shape.ROW,
                raw=" | ".join(cells),
                line=first + 1,
                end=end,
                cells=cells,
                is_header=self._is_header,
            )


def _by_grammar(block: Block, env: dict[str, object], labels: Sequence[str]) -> Block:
    """Write a block anew where only Markdown's grammar tells its links; `source` keeps it."""
    if block.is_code or block.reference is not None:
        return block
    if block.shape is Shape.ROW:
        cells = tuple(_render(cell, env) if _needs(cell, labels) else cell for cell in block.cells)
        return replace(block, cells=cells)
    if not _needs(block.raw, labels):
        return block
    return replace(block, raw=_render(block.raw, env), source=block.raw)


def _needs(raw: str, labels: Sequence[str]) -> bool:
    rest = _SIMPLE_LINK.sub("", raw)
    return bool(_NEEDS_GRAMMAR.search(rest)) or (bool(labels) and "[" in rest)


def _render(raw: str, env: dict[str, object]) -> str:
    """Render the inline markup of a text as HTML that lines/markup.py reads."""
    parser = _parser()
    tokens: list[Token] = []
    parser.inline.parse(raw, parser, env, tokens)
    return "".join(_render_tokens(tokens))


def _render_tokens(tokens: Sequence["Token"]) -> Iterator[str]:
    link: Token | None = None
    inside: list[str] = []
    badges = 0
    for token in tokens:
        if token.type == "link_open":
            link, inside, badges = token, [], 0
            continue
        if token.type == "link_close" and link is not None:
            yield _render_link(
                str(link.attrGet("href") or ""),
                "".join(inside),
                hovered=str(link.attrGet("title") or ""),
                is_badge=badges > 0,
            )
            link = None
            continue
        written = _render_token(token)
        badges += token.type == "image" and bool(_BADGE.search(str(token.attrGet("src") or "")))
        if link is not None:
            inside.append(written)
        else:
            yield written
    if link is not None:
        yield "".join(inside)


def _render_link(href: str, inside: str, *, hovered: str, is_badge: bool) -> str:
    if is_badge:
        return f'<a class="badge" href="#badge">{inside}</a>'
    href = href.replace("%7C", "|")
    title = f' title="{html.escape(hovered)}"' if hovered else ""
    return f'<a href="{html.escape(_unquote(href))}"{title}>{inside}</a>'


def _unquote(href: str) -> str:
    """Give the address as written: markdown-it percent-encodes what is not ASCII."""
    try:
        return re.sub(
            r"(?:%[89A-F][0-9A-F])+",
            lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8"),
            href,
        )
    except UnicodeDecodeError:  # encoded by the writer, in Latin-1
        return href


def _render_token(token: "Token") -> str:
    match token.type:
        case "text" | "text_special":
            return _escape(token.content)
        case "code_inline":
            return _escape(token.content, keeps_addresses=False)
        case "softbreak" | "hardbreak":
            return "\n"
        case "em_open" | "em_close":
            return "<em>" if token.nesting > 0 else "</em>"
        case "strong_open" | "strong_close":
            return "<strong>" if token.nesting > 0 else "</strong>"
        case "html_inline":
            return _render_inline(token.content)
        case "image":
            return _escape(f"{token.content} {token.attrGet('title') or ''}".strip())
        case _:
            return ""


_ALT: Final = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


def _render_inline(tag: str) -> str:
    """Render a tag; of an image its words, and what is no element of HTML as it was typed."""
    if tag.lower().startswith("<img"):
        found = _ALT.search(tag)
        return _escape(html.unescape(found[1] or found[2] or "")) if found else ""
    return tag if TAG.fullmatch(tag) or tag.startswith("<!") else html.escape(tag)


_MARKS: Final = str.maketrans({char: f"&#{ord(char)};" for char in "[]*_`\\'"})


def _escape(text: str, *, keeps_addresses: bool = True) -> str:
    """Remove the markup of a text; bare addresses are left to be found where `keeps_addresses`."""
    if not keeps_addresses:
        return (
            html.escape(text)
            .translate(_MARKS)
            .replace("//", "&#47;&#47;")
            .replace("www.", "www&#46;")
        )
    parts: list[str] = []
    for part, is_address in split_bare_addresses(text):
        escaped = html.escape(part, quote=False)
        parts.append(escaped if is_address else escaped.translate(_MARKS))
    return "".join(parts)
