"""Turn a file's bytes into text, whichever editor of the last thirty years saved them.

UTF-8 (with a mark or without), UTF-16 with a mark or told by its zero bytes, else Windows-1252,
of which Latin-1 is a part for every letter that a French text has. Bytes that are no text at all
are told apart, never guessed at.
"""

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE: Final = 65_536  # bytes looked at to tell text from anything else
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HTML_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE
)
_SIGNATURES: Final = (
    b"%PDF-",
    b"PK\x03\x04",  # ZIP, so .docx and .odt
    b"\x89PNG",
    b"\xff\xd8\xff",  # JPEG
    b"GIF8",
    b"\x1f\x8b",  # gzip
    b"\x7fELF",
    b"SQLite format 3",
    b"\xd0\xcf\x11\xe0",  # old .doc
    b"{\\rtf",
)


def decode_text(payload: bytes) -> str | None:
    """Give the text of a file, its line ends as LF, or None where the bytes are no text."""
    if payload.startswith(_SIGNATURES):
        return None
    text = _decode(payload)
    if text is None:
        return None
    sample = text[:_SAMPLE]
    if sample and len(_CONTROL.findall(sample)) > len(sample) / 200:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")


def _decode(payload: bytes) -> str | None:
    for mark, encoding in _MARKS:
        if payload.startswith(mark):
            return _try(payload, encoding)
    if guessed := _utf16_without_mark(payload):
        return _try(payload, guessed)
    declared = _HTML_CHARSET.search(payload[:2048])
    wanted = [declared[1].decode("ascii").lower()] if declared else []
    if (text := _mostly_utf8(payload)) is not None:
        return text
    for encoding in (*wanted, "cp1252"):
        # A page that calls itself ISO-8859-1 means Windows-1252 (WHATWG Encoding, §4.2).
        encoding = "cp1252" if encoding in ("iso-8859-1", "latin-1", "latin1") else encoding
        if (text := _try(payload, encoding)) is not None:
            return text
    return payload.decode("latin-1")


def _mostly_utf8(payload: bytes) -> str | None:
    """Give a text in UTF-8 into which a few bytes of Windows-1252 were pasted, or None."""
    wrong = 0

    def lend(error: UnicodeError) -> tuple[str, int]:
        nonlocal wrong
        assert isinstance(error, UnicodeDecodeError)
        wrong += 1
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end

    codecs.register_error("renvois-cp1252", lend)
    text = payload.decode("utf-8", "renvois-cp1252")
    if not wrong:
        return text
    right = sum(char > "\x7f" for char in text) - wrong
    return text if right > 3 * wrong else None


def _utf16_without_mark(payload: bytes) -> str:
    """Give the byte order of UTF-16 that has no mark, told by where its zero bytes stand, or ""."""
    sample = payload[:_SAMPLE]
    if len(sample) < 4:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) / 2
    if odd > half * 0.6 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _try(payload: bytes, encoding: str) -> str | None:
    try:
        return payload.decode(encoding)
    except (UnicodeDecodeError, LookupError):  # LookupError: a page that names no real encoding
        return None
