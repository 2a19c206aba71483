"""How content codings come off a payload, and how little memory they may take."""

import gzip
import sys
import zlib

import brotli
import pytest

from indexer.codings import CodingFault, decode, parse_codings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLAIN = ("Une page en français, écrite pour l'essai. " * 4_000).encode()
ZEROES = bytes(16 * 2**20)


def raw_deflate(payload):
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(payload) + engine.flush()


ENCODE = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZip ": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "gzip, br": lambda payload: brotli.compress(gzip.compress(payload)),
    "gzip, gzip": lambda payload: gzip.compress(gzip.compress(payload)),
    "identity": bytes,
    "": bytes,
}


@pytest.mark.parametrize("coding", ENCODE)
def test_a_coding_comes_off(coding):
    decoded = decode(ENCODE[coding](PLAIN), coding, max_bytes=10**6)

    assert (decoded.payload, decoded.length, decoded.fault) == (PLAIN, len(PLAIN), None)


def test_raw_deflate_is_deflate_too():
    assert decode(raw_deflate(PLAIN), "deflate", max_bytes=10**6).payload == PLAIN


def test_gzip_members_follow_one_another_and_rubbish_after_them_is_left():
    members = gzip.compress(PLAIN) + gzip.compress(b"fin") + b"\0\0rubbish"

    assert decode(members, "gzip", max_bytes=10**6).payload == PLAIN + b"fin"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_payload_cut_short_gives_its_beginning_and_says_so(coding):
    decoded = decode(ENCODE[coding](PLAIN)[:-9], coding, max_bytes=10**6)

    assert decoded.fault is CodingFault.TRUNCATED
    assert PLAIN.startswith(decoded.payload)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_plain_payload_called_encoded_comes_back_as_sent(coding):
    decoded = decode(PLAIN, coding, max_bytes=10**6)

    assert (decoded.payload, decoded.fault) == (PLAIN, CodingFault.NOT_ENCODED)


def test_a_payload_damaged_in_the_middle_gives_what_came_before():
    noise = bytes(range(256)) * 2_000
    encoded = bytearray(gzip.compress(noise, 0))
    encoded[200_000:200_010] = b"\xff" * 10

    decoded = decode(bytes(encoded), "gzip", max_bytes=10**6)

    assert decoded.fault in (CodingFault.DAMAGED, None)  # stored blocks: only the checksum tells
    assert decode(gzip.compress(noise)[:-8] + b"\0" * 8, "gzip", max_bytes=10**6).fault is (
        CodingFault.DAMAGED
    )


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_bomb_stops_at_the_limit(coding):
    decoded = decode(ENCODE[coding](ZEROES), coding, max_bytes=10**6, keep=100)

    assert decoded.fault is CodingFault.TOO_LARGE
    assert decoded.length < 2 * 10**6
    assert decoded.payload == bytes(100)


def test_a_coding_nobody_knows_is_left_on():
    assert decode(PLAIN, "sdch", max_bytes=10**6).fault is CodingFault.UNKNOWN
    assert decode(PLAIN, "gzip, gzip, gzip", max_bytes=10**6).fault is CodingFault.TOO_MANY
    assert decode(PLAIN, ", ".join(["gzip"] * 100), max_bytes=10**6).payload == PLAIN


def test_no_bytes_are_no_fault():
    for coding in ENCODE:
        assert decode(b"", coding, max_bytes=1) == decode(b"", "", max_bytes=1)


def test_the_first_bytes_are_kept_and_all_are_counted():
    decoded = decode(gzip.compress(PLAIN), "gzip", max_bytes=10**6, keep=9)

    assert (decoded.payload, decoded.length) == (PLAIN[:9], len(PLAIN))


def test_a_header_names_codings_in_their_order():
    assert parse_codings(" GZIP,identity, br ,") == ("gzip", "br")


def test_what_zlib_packed_is_no_gzip():
    decoded = decode(zlib.compress(PLAIN), "gzip", max_bytes=10**6)

    assert decoded.fault is CodingFault.NOT_ENCODED
