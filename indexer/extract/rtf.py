"""Read the text of RTF files (Rich Text Format 1.9.1): paragraphs, notes and description.

striprtf reads RTF too, but leaves out notes and what a file says of itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from indexer.extract.blocks import tidy_line
from indexer.extract.office import DamagedOfficeError, OfficeReading
from indexer.messages import message
from indexer.model import Paragraph

TOKEN: Final = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z'])|([{}])|"
    rb"[\r\n]+|([^\\{}\r\n]+)"
)
MAX_GROUPS: Final = 1_000  # one within another
# Groups that hold no text of the document.
SILENT: Final = frozenset(
    b"fonttbl colortbl stylesheet listtable listoverridetable revtbl rsidtbl generator pict "
    b"object header headerl headerr headerf footer footerl footerr footerf fldinst themedata "
    b"datastore xmlnstbl latentstyles filetbl userprops pgptbl mmathPr bkmkstart bkmkend atnid "
    b"atnauthor info".split()
)
DESCRIBED: Final = {b"title": "title", b"author": "author"}
SIGNS: Final = {
    b"tab": " ", b"cell": " ", b"line": " ", b"emdash": "—", b"endash": "–", b"bullet": "•",
    b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"~": "\u00a0",
    b"_": "\u2011", b"emspace": " ", b"enspace": " ",
}  # fmt: skip
BREAKS: Final = frozenset({b"par", b"row", b"sect", b"page"})
LETTERS: Final = frozenset({b"{", b"}", b"\\"})


@dataclass(frozen=True, slots=True)
class _Group:
    """The state that a brace opens and the next closes: where text goes, and how it is coded."""

    into: str = "text"  # "text", "note", "annotation", "title", "author", or "" for nowhere
    after_unicode: int = 1  # characters that stand for a \\u, for older programs
    is_heading: bool = False


@dataclass(slots=True)
class _RtfReader:
    codec: str = "cp1252"
    group: _Group = field(default_factory=_Group)
    outer: list[_Group] = field(default_factory=list)
    skipped: int = 0  # characters still to be passed over, behind a \\u
    is_ignorable: bool = False  # behind a \\*
    created: dict[bytes, int] = field(default_factory=dict)
    pending: bytearray = field(default_factory=bytearray)  # coded, not yet decoded
    pieces: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[Paragraph]] = field(default_factory=dict)

    def write(self, text: str) -> None:
        self.decode()
        if self.group.into:
            self.pieces.setdefault(self.group.into, []).append(text)

    def decode(self) -> None:
        """Decode the bytes that wait: a character of some codings has two."""
        if self.pending and self.group.into:
            text = self.pending.decode(self.codec, "replace")
            self.pieces.setdefault(self.group.into, []).append(text)
        self.pending.clear()

    def end_paragraph(self) -> None:
        self.decode()
        into = self.group.into
        # Signs beyond U+FFFF are written as two halves.
        written = "".join(self.pieces.pop(into, ())).encode("utf-16", "surrogatepass")
        if text := tidy_line(written.decode("utf-16", "replace")):
            kind = "heading" if self.group.is_heading else "note" if into == "note" else "p"
            self.lines.setdefault(into, []).append(Paragraph(text=text, kind=kind))

    def open(self) -> None:
        self.decode()
        if len(self.outer) >= MAX_GROUPS:
            raise DamagedOfficeError(message("evidence.office.groups", count=MAX_GROUPS))
        self.outer.append(self.group)

    def close(self) -> None:
        ended = self.group
        outer = self.outer.pop() if self.outer else _Group()
        if ended.into != outer.into:
            self.end_paragraph()
        self.decode()
        self.group = outer


def read_rtf(payload: bytes) -> OfficeReading:
    """Read a document in Rich Text Format. Raises `DamagedOfficeError`."""
    if not payload.lstrip().startswith(b"{\\rtf"):
        raise DamagedOfficeError(message("evidence.office.no-rtf"))
    reader = _RtfReader()
    for found in _list_tokens(payload):
        _take(reader, found)
    while reader.outer:  # a file that was cut
        reader.close()
    reader.end_paragraph()
    return OfficeReading(
        paragraphs=(*reader.lines.get("text", ()), *reader.lines.get("note", ())),
        title=" ".join(each.text for each in reader.lines.get("title", ())),
        author=tuple(each.text for each in reader.lines.get("author", ())),
        issued=_date_of(reader.created),
        annotations=tuple(each.text for each in reader.lines.get("annotation", ())),
    )


def _list_tokens(payload: bytes) -> Iterator[re.Match[bytes]]:
    """List the tokens of a file; the bytes of a picture that are not text are passed over."""
    place = 0
    while found := TOKEN.search(payload, place):
        place = found.end()
        if found[2] == b"bin" and found[3]:
            place += max(0, int(found[3]))
        yield found


def _take(reader: _RtfReader, found: re.Match[bytes]) -> None:
    coded, word, number, sign, brace, plain = found.groups()
    if brace == b"{":
        reader.open()
    elif brace == b"}":
        reader.close()
    elif word is not None:
        _obey(reader, word, int(number) if number else None)
    elif sign is not None:
        _sign(reader, sign)
    elif coded is not None or plain is not None:
        raw = bytes([int(coded, 16)]) if coded is not None else plain
        passed = min(reader.skipped, len(raw))
        reader.skipped -= passed
        reader.pending += raw[passed:]


def _sign(reader: _RtfReader, sign: bytes) -> None:
    if sign == b"*":
        reader.is_ignorable = True
    elif sign in LETTERS:
        reader.pending += sign
    elif sign in SIGNS:
        reader.write(SIGNS[sign])
    elif sign in (b"\n", b"\r"):
        reader.end_paragraph()


def _obey(reader: _RtfReader, word: bytes, number: int | None) -> None:
    is_ignorable, reader.is_ignorable = reader.is_ignorable, False
    if into := _destination_of(word, is_ignorable=is_ignorable):
        reader.decode()
        reader.group = replace(reader.group, into=into.strip())
    elif word == b"u" and number is not None:
        reader.write(chr(number % 65_536))
        reader.skipped = reader.group.after_unicode
    elif word == b"uc":
        reader.group = replace(reader.group, after_unicode=max(0, number or 0))
    elif word in SIGNS:
        reader.write(SIGNS[word])
    elif word in BREAKS:
        reader.end_paragraph()
    else:
        _set_state(reader, word, number)


def _set_state(reader: _RtfReader, word: bytes, number: int | None) -> None:
    match word:
        case b"pard":
            reader.group = replace(reader.group, is_heading=False)
        case b"outlinelevel":
            reader.group = replace(reader.group, is_heading=(number or 0) < 9)
        case b"ansicpg":
            reader.codec = _codec_of(number)
        case b"mac":
            reader.codec = "mac_roman"
        case b"yr" | b"mo" | b"dy":
            reader.created.setdefault(word, number or 0)


def _destination_of(word: bytes, *, is_ignorable: bool) -> str:
    """Tell where the text of a group goes that begins with a word; " " for nowhere, "" for no word.

    A group that begins with an asterisk and a word that we do not know is passed over.
    """
    if word == b"footnote":
        return "note"
    if word == b"annotation":
        return "annotation"
    if word in DESCRIBED:
        return DESCRIBED[word]
    return " " if word in SILENT or is_ignorable else ""


def _codec_of(number: int | None) -> str:
    try:
        "".encode(f"cp{number}")
    except LookupError:
        return "cp1252"
    return f"cp{number}"


def _date_of(created: dict[bytes, int]) -> str:
    year, month, day = (created.get(name, 0) for name in (b"yr", b"mo", b"dy"))
    if not 1980 <= year <= 2100 or not 1 <= month <= 12 or not 1 <= day <= 31:
        return ""
    return f"{year:04}-{month:02}-{day:02}"
