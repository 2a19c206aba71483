"""Cut annotated text into blocks: as somebody typed it, as a page was saved, or as Markdown.

Nothing here knows what a reference is. Two lines are told apart that look alike: an empty line
only separates paragraphs, a line of no-break spaces is an empty paragraph of the page that was
saved, and ends what stands above it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import Final

from indexer.bibliography.blocks import PSEUDO_LEVEL, Block, Shape, Told
from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import has_address, without_comments
from indexer.bibliography.lines.vocabulary import find_field

_BULLET: Final = re.compile(r"[•◦▪‣●○■□∙·*+–—-][ \t\u00a0]+(?=[^\s,;])")
_NUMBER: Final = re.compile(
    r"(?:\d{1,4}(?:\.\d{1,2}){0,3}[.)]|\d{1,2}(?:\.\d{1,2}){1,3}|[IVX]{1,5}[.)]|[A-Z]\)"
    r"|\[\^?\w{1,12}\]:?|\[\^[^\[\]\s]{1,40}\]:|\(\d{1,3}\))[ \t\u00a0]+(?=\S)"
)
_LETTERED: Final = re.compile(
    r"[A-H]\.[ \t\u00a0]+(?=[^,«“(\d]+$)"
)  # "B. Villes", not "B. Dupont, …"
_ATX: Final = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<words>.*?)(?:[ \t]+#+)?[ \t]*")
_WIKI_HEADING: Final = re.compile(
    r"\s*(?P<marks>={2,6})[ \t]*(?P<words>[^=\s].*?)[ \t]*(?P=marks)\s*"
)
_BOLD: Final = re.compile(
    r"(?P<mark>\*\*|__)(?=\S)(?P<words>[^*_|]{2,80})(?<=\S)(?P=mark)\s*:?|(?P<bare>[^*_|]{2,80})"
)
_UNDERLINE: Final = re.compile(r"=={2,}|--{2,}|~~{2,}|\^\^{2,}")
_RULE: Final = re.compile(
    r"(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:=[ \t]*){3,}|(?:~[ \t]*){3,}"
)
_QUOTE: Final = re.compile(r"(?:>[ \t]?)+")
_ROW_RULE: Final = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?")
_HEADER_ROW: Final = re.compile(
    r"[|\t]?\s*(?:réf(?:érences?)?|references?|sources?|titres?|auteurs?|textes?|articles?|"
    r"ouvrages?)\b[^|\t]*[|\t].*"
    r"(?:comment|annot|note|résumé|remarque|avis|abstract|description|intérêt)",
    re.IGNORECASE,
)
_CELL: Final = re.compile(r"(?<!\\)\|")
# What a person hides in a text is told; what its tools keep there is not.
_COMMENT: Final = re.compile(r"<!--(?P<words>[\s\S]*?)-->")
_OF_TOOLS: Final = re.compile(
    r"\s*/?(?:toc|more|end|start|break|pagebreak|#\S*|[a-z]+(?:-[a-z]+)+(?:\s+\w+=\S+)*(?:\s+/\S+)?|"
    r"(?:markdownlint|prettier|doctoc|vale|textlint|cspell|eslint|lint|all-contributors)\b.*|"
    r"(?:start|end|begin) (?:doctoc|toc|of toc|generated)\b.*|saved from url.*)\s*",
    re.IGNORECASE | re.DOTALL,
)
_SPACE: Final = " \t\r\f\v"


_MAX_SIGNATURE: Final = 15  # lines; a list adds how to leave it to that of the writer


def parse_blocks(text: str) -> list[Block]:
    """Cut a text into blocks; line numbers are those of the text, from 1."""
    lines = _bullet_angles(_TEMPLATE.sub(_write_template, without_comments(text)).split("\n"))
    end = _find_signature(lines)
    head = _find_mail_head(lines)
    blocks = list(_Cutter().cut([*([""] * head), *lines[head:end]]))
    blocks += [leave(line, place + 1) for place, line in enumerate(lines[:head])]
    if signed := " ".join(" ".join(lines[end:]).split()):
        blocks.append(leave(signed, end + 1))
    return [*blocks, *leave_comments(text)]


_MAIL_FIELD: Final = re.compile(
    r"(?:de|from|à|a|to|cc|date|objet|subject|sujet|envoyé|sent)\s?:\s", re.IGNORECASE
)


def _find_mail_head(lines: Sequence[str]) -> int:
    """Count the lines of the head of a mail, from whom and when, that a text opens on."""
    head = list(takewhile(_MAIL_FIELD.match, lines))
    return len(head) if len(head) > 1 and any("@" in line for line in head) else 0


# What MediaWiki cites by: {{Ouvrage|auteur=…|titre=…}}, on one line.
_TEMPLATE: Final = re.compile(
    r"\{\{\s*(?:ouvrage|article|chapitre|lien web|lien vidéo|cite \w+)\s*\|"
    r"(?P<fields>[^{}\n]*)\}\}",
    re.IGNORECASE,
)
_OF_TEMPLATE: Final = ("author", "title", "container", "date", "url")


def _write_template(found: "re.Match[str]") -> str:
    """Write a template of MediaWiki as a reference line; what names no field stands behind."""
    held: dict[str, list[str]] = {}
    for part in found["fields"].split("|"):
        name, _, value = part.partition("=")
        field = find_field(_DIGITS.sub("", fold(name.strip()))) if value else ""
        if (value or part).strip():
            key = field if field in _OF_TEMPLATE else ""
            held.setdefault(key, []).append((value or part).strip())
    title = f"*{', '.join(held['title'])}*" if "title" in held else ""
    said = {key: ", ".join(values) for key, values in held.items()} | {"title": title}
    return ", ".join(said[key] for key in (*_OF_TEMPLATE, "") if said.get(key))


_DIGITS: Final = re.compile(r"\d+$")
_ANGLE: Final = re.compile(r"[ \t]*>[ \t]+(?=[\w«“\"])")


def _bullet_angles(lines: Sequence[str]) -> list[str]:
    """Write the angle before each title of a list as a bullet: "> Titre", its address below.

    Where somebody is quoted, no line under the quotation is an address again and again.
    """
    heads = [
        place
        for place, (line, below) in enumerate(pairwise(lines))
        if _ANGLE.match(line) and has_address(below) and not (below.lstrip().startswith(">"))
    ]
    are_bullets = len(heads) > 1 and len(heads) == sum(map(bool, map(_ANGLE.match, lines)))
    kept = list(lines)
    for place in heads if are_bullets else ():
        kept[place] = _ANGLE.sub("- ", lines[place], count=1)
    return kept


def _find_signature(lines: Sequence[str]) -> int:
    """Find where the signature of a mail begins: "-- " alone on one of the last lines (RFC 3676).

    Gives how many lines there are where none does: above a signature stands a mail, and a line
    that is there more than once parts the entries of a list.
    """
    last = len(lines) - _MAX_SIGNATURE
    found = [place for place, line in enumerate(lines) if line.rstrip() == "--"]
    return found[0] if len(found) == 1 and found[0] > max(last, 0) else len(lines)


def leave_comments(text: str) -> Iterator[Block]:
    """Leave what a person hides in a text by `<!-- … -->`; `check` tells it."""
    for found in _COMMENT.finditer(text) if "<!--" in text else ():
        if not _OF_TOOLS.fullmatch(found["words"]):
            line = text.count("\n", 0, found.start()) + 1
            yield leave(" ".join(found["words"].split()), line)


def leave(raw: str, line: int) -> Block:
    """Make the block of words with a place nowhere, which `check` tells."""
    return Block(shape=Shape.PARAGRAPH, raw=raw, line=line, end=line, told=Told.LEFT, is_code=True)


class _Cutter:
    """Goes down the lines with the block being gathered."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._first = self._depth = self._gap = self._blanks = 0
        self._shape, self._marker, self._is_quote = Shape.PARAGRAPH, "", False
        self._columns = 0  # of the table that we are in

    def cut(self, lines: list[str]) -> Iterator[Block]:
        for number, line in enumerate(lines, start=1):
            following = lines[number].strip() if number < len(lines) else ""
            yield from self._take(number, line, following)
        yield from self._flush(len(lines))

    def _take(self, number: int, line: str, following: str) -> Iterator[Block]:
        words = line.strip()  # no-break spaces go too
        if not words:
            yield from self._flush(number - 1)
            self._columns = 0
            if line.strip(_SPACE):
                yield Block(shape=Shape.BREAK, line=number, end=number)
            else:
                self._blanks += 1
        elif self._is_row(words, following):
            yield from self._flush(number - 1)
            if not _ROW_RULE.fullmatch(words):
                yield self._row(number, words, is_header=self._columns == 0)
        elif heading := _ATX.fullmatch(line.rstrip()) or _WIKI_HEADING.fullmatch(line):
            yield from self._flush(number - 1)
            yield self._heading(heading["words"], number, number, len(heading["marks"]))
        elif self._is_underlined(words):
            level = 1 if words[0] == "=" else 2
            yield self._heading(self._held.pop(), self._first, number, level)
        elif _RULE.fullmatch(words):
            yield from self._flush(number - 1)
            yield Block(shape=Shape.BREAK, line=number, end=number)
        else:
            yield from self._text(number, line, words)

    def _text(self, number: int, line: str, words: str) -> Iterator[Block]:
        quote = _QUOTE.match(words)
        words = words[quote.end() :].strip() if quote else words
        found = (
            _BULLET.match(words)
            or _NUMBER.match(words)
            or (None if self._held else _LETTERED.match(words))
        )
        if found and self._is_signed(words):
            found = None
        if found or not self._held or bool(quote) is not self._is_quote or not words:
            yield from self._flush(number - 1)
            self._marker = found[0].strip() if found else ""
            self._shape = Shape.ITEM if found else Shape.PARAGRAPH
            self._is_quote = bool(quote)
            self._depth = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
            self._first, self._gap, self._blanks = number, self._blanks, 0
            words = words[found.end() :] if found else words
        if words:
            self._held.append(words)

    def _is_signed(self, words: str) -> bool:
        """Say whether a line is the source of the quotation before it: "— Un éclusier, dans …"."""
        is_dash = words[:1] in ("—", "–") and self._marker[:1] not in ("—", "–")
        return is_dash and bool(self._held) and self._held[-1].rstrip(" .")[-1:] in ("»", "”", '"')

    def _flush(self, end: int) -> Iterator[Block]:
        if not self._held:
            return
        raw = "\n".join(self._held)
        self._held = []
        bold = _BOLD.fullmatch(raw)
        if bold and bold["words"] and not re.search(r"https?:|[«»“”]|\d{4}", raw):
            yield self._heading(bold["words"], self._first, end, PSEUDO_LEVEL)
            return
        yield Block(
            shape=self._shape,
            raw=raw,
            line=self._first,
            end=end,
            marker=self._marker,
            depth=self._depth,
            gap=self._gap,
            is_quote=self._is_quote,
        )

    def _heading(self, words: str, line: int, end: int, level: int) -> Block:
        gap, self._blanks = self._blanks, 0
        return Block(shape=Shape.HEADING, raw=words, line=line, end=end, level=level, gap=gap)

    def _is_underlined(self, words: str) -> bool:
        is_one_line = len(self._held) == 1 and self._shape is Shape.PARAGRAPH
        return is_one_line and bool(_UNDERLINE.fullmatch(words)) and len(self._held[0]) <= 120

    def _is_row(self, words: str, following: str) -> bool:
        if self._columns:
            return "|" in words or "\t" in words
        starts = bool(_ROW_RULE.fullmatch(following)) and "|" in following and "|" in words
        return starts or bool(_HEADER_ROW.match(words))

    def _row(self, number: int, words: str, *, is_header: bool) -> Block:
        words = words.removeprefix("|").removesuffix("|")
        cells = tuple(_split_cells(words))
        self._columns = len(cells)
        return Block(
            shape=Shape.ROW, raw=words, line=number, end=number, cells=cells, is_header=is_header
        )


def split_row(line: str) -> list[str]:
    """Split the line of a row of a table into its cells.

    >>> split_row("| Un titre | une note |")
    ['Un titre', 'une note']
    """
    return _split_cells(line.strip().removeprefix("|").removesuffix("|"))


def _split_cells(words: str) -> list[str]:
    cells = _CELL.split(words) if "|" in words else words.split("\t")
    return [cell.strip().replace("\\|", "|") for cell in cells]
