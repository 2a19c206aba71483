"""Take content codings off a payload, never past a limit.

gzip (RFC 1952), deflate (RFC 1950, or raw as some servers send it), br (RFC 7932), zstd
(RFC 8878). One megabyte of gzip can hold a gigabyte of zeroes: a decoder here never holds more
than a block beyond what it is asked to keep. Nothing is read, nothing is written.
"""

import io
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK: Final = 65_536  # bytes that a decoder gives at a time
MAX_CODINGS: Final = 2  # gzip twice happens; a hundred times is an attack
MAX_ZSTD_WINDOW_LOG: Final = 23  # 8 MB: RFC 9659 §3


class CodingFault(StrEnum):
    """Why a payload is not what its Content-Encoding says."""

    NOT_ENCODED = "not-encoded"  # says gzip, is plain
    UNKNOWN = "unknown"  # a coding that nobody registered
    TOO_MANY = "too-many"
    TOO_LARGE = "too-large"  # more bytes than allowed come out
    TRUNCATED = "truncated"  # ends before its end
    DAMAGED = "damaged"  # starts well, then breaks


# Faults of a payload that is not encoded as it says: it is taken as it was sent.
AS_SENT: Final = frozenset({CodingFault.NOT_ENCODED, CodingFault.UNKNOWN, CodingFault.TOO_MANY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A decoded payload: at most the bytes asked for, and how many there were in all."""

    payload: bytes
    length: int
    fault: CodingFault | None = None


class _CutShortError(Exception):
    """The coded stream ends before its end."""


class _BrokenError(Exception):
    """The coded stream is none."""


def parse_codings(content_encoding: str) -> tuple[str, ...]:
    """Parse the codings of a Content-Encoding header, in the order in which they were put on."""
    names = (name.strip().lower() for name in content_encoding.split(","))
    return tuple(name for name in names if name and name not in ("identity", "none", "utf-8"))


def decode(
    payload: bytes, content_encoding: str, *, max_bytes: int, keep: int | None = None
) -> Decoded:
    """Take the codings off a payload.

    Stops once more than `max_bytes` came out (`too-large`); keeps only the first `keep` bytes of
    them when told so, which costs a block of memory whatever the payload. A payload that is not
    encoded at all comes back as it is, and says so.
    """
    pieces = (payload[start : start + BLOCK] for start in range(0, len(payload), BLOCK))
    decoded = decode_pieces(pieces, content_encoding, max_bytes=max_bytes, keep=keep)
    if decoded.fault in AS_SENT:
        return Decoded(payload=payload[:keep], length=len(payload), fault=decoded.fault)
    return decoded


def decode_pieces(
    pieces: Iterator[bytes], content_encoding: str, *, max_bytes: int, keep: int | None = None
) -> Decoded:
    """Take the codings off a payload that is given piece by piece, as `decode` does.

    Of one whose fault is in AS_SENT nothing is given: whoever has the pieces reads them again.
    """
    codings = parse_codings(content_encoding)
    if len(codings) > MAX_CODINGS:
        return Decoded(payload=b"", length=0, fault=CodingFault.TOO_MANY)
    if any(name not in _DECODERS for name in codings):
        return Decoded(payload=b"", length=0, fault=CodingFault.UNKNOWN)
    for name in reversed(codings):
        pieces = _DECODERS[name](pieces)
    return _collect(pieces, max_bytes, max_bytes if keep is None else keep)


def _collect(pieces: Iterator[bytes], max_bytes: int, keep: int) -> Decoded:
    kept = io.BytesIO()  # gives what it holds without a copy
    length = 0
    fault = None
    try:
        for piece in pieces:
            kept.write(piece[: max(0, keep - length)])
            length += len(piece)
            if length > max_bytes:
                fault = CodingFault.TOO_LARGE
                break
    except _CutShortError:
        fault = CodingFault.TRUNCATED
    except _BrokenError:
        fault = CodingFault.DAMAGED if length else CodingFault.NOT_ENCODED
    return Decoded(payload=kept.getvalue(), length=length, fault=fault)


def _ungzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return _inflate(pieces, lambda _start: zlib.decompressobj(31))


def _undeflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return _inflate(pieces, lambda start: zlib.decompressobj(15 if _is_zlib(start) else -15))


def _is_zlib(start: bytes) -> bool:
    """RFC 1950 §2.2: method 8, and a header that is a multiple of 31."""
    return len(start) < 2 or (start[0] & 15 == 8 and int.from_bytes(start[:2]) % 31 == 0)


def _inflate(
    pieces: Iterator[bytes], make_engine: "Callable[[bytes], zlib._Decompress]"
) -> Iterator[bytes]:
    engine = None
    whole_members = 0
    for piece in pieces:
        while piece:
            if engine is None:
                engine = make_engine(piece)
            try:
                block = engine.decompress(piece, BLOCK)
            except zlib.error as error:
                if whole_members:  # rubbish after the last member: browsers ignore it too
                    return
                raise _BrokenError from error
            yield block
            while len(block) == BLOCK and not engine.unconsumed_tail and not engine.eof:
                block = engine.decompress(b"", BLOCK)
                yield block
            piece = engine.unused_data if engine.eof else engine.unconsumed_tail
            if engine.eof:
                whole_members += 1
                engine = None
    if engine is not None:
        raise _CutShortError


def _unbrotli(pieces: Iterator[bytes]) -> Iterator[bytes]:
    engine = brotli.Decompressor()
    has_started = False
    for piece in pieces:
        has_started = True
        try:
            block = engine.process(piece, output_buffer_limit=BLOCK)
            yield block
            while not engine.is_finished() and (block or not engine.can_accept_more_data()):
                block = engine.process(b"", output_buffer_limit=BLOCK)
                yield block
        except brotli.error as error:
            raise _BrokenError from error
    if has_started and not engine.is_finished():
        raise _CutShortError


def _unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: MAX_ZSTD_WINDOW_LOG}
    engine = None
    for piece in pieces:
        while piece:
            engine = engine or zstd.ZstdDecompressor(options=options)
            try:
                yield engine.decompress(piece, BLOCK)
                while not engine.eof and not engine.needs_input:
                    yield engine.decompress(b"", BLOCK)
            except zstd.ZstdError as error:
                raise _BrokenError from error
            piece = engine.unused_data if engine.eof else b""
            if engine.eof:
                engine = None
    if engine is not None:
        raise _CutShortError


_DECODERS: Final = MappingProxyType(
    {
        "gzip": _ungzip,
        "x-gzip": _ungzip,
        "deflate": _undeflate,
        "br": _unbrotli,
        "zstd": _unzstd,
    }
)
