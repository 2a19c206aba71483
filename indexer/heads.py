"""Read the head of an HTTP message from its bytes, as leniently as browsers do; hide secrets in it.

A secret is the value of a header that the settings make us send. Where it is hidden, REDACTED
stands in its place, and every other byte stays as it was.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

REDACTED: Final = b"[redacted]"
# RFC 9110 §11, RFC 6265: what lets a client in, whoever set it.
CREDENTIAL_FIELDS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})
# Sent to every server: the value is hidden where it is a secret's, the field as such is not.
COMMON_FIELDS: Final = frozenset(
    {
        "accept",
        "accept-datetime",
        "accept-encoding",
        "accept-language",
        "connection",
        "host",
        "if-modified-since",
        "if-none-match",
        "user-agent",
    }
)
# A shorter value ("1", "fr", "oui") guards nothing, and stands everywhere by chance.
MIN_SECRET_LENGTH: Final = 6  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The secrets of what we send, never kept: names of header fields, and values.

    `fields` are in lower case. `values` are the values of configured headers in every form in
    which a server may repeat them (see `make_secrets`), longest first.
    """

    fields: frozenset[str] = CREDENTIAL_FIELDS
    values: tuple[bytes, ...] = field(default=(), repr=False)


NO_SECRETS: Final = Secrets()


def make_secrets(headers: Iterable[Mapping[str, str]]) -> Secrets:
    """List what must not be kept of the headers that the settings make us send.

    >>> secrets = make_secrets([{"Authorization": "Basic bW9pOnNlc2FtZTEyMw=="}])
    >>> [value.decode() for value in secrets.values]
    ['Basic bW9pOnNlc2FtZTEyMw==', 'bW9pOnNlc2FtZTEyMw==', 'moi:sesame123', 'sesame123']
    """
    pairs = [(name.lower(), value) for each in headers for name, value in each.items()]
    texts = {text for name, value in pairs for text in _list_forms(name, value)}
    octets = {
        encoded
        for text in texts
        for form in (text, ascii(text)[1:-1], *_quote(text))
        for encoded in (form.encode("utf-8"), form.encode("latin-1", "replace"))
        if len(encoded) >= MIN_SECRET_LENGTH
    }
    return Secrets(
        fields=CREDENTIAL_FIELDS | ({name for name, _ in pairs} - COMMON_FIELDS),
        values=tuple(sorted(octets, key=lambda each: (-len(each), each))),
    )


def redact_fields(head: bytes, names: Iterable[str]) -> bytes:
    r"""Replace the values of the fields with these names (lower case) in an HTTP head.

    >>> redact_fields(b"GET / HTTP/1.1\r\nCookie: a=1\r\n\r\n", ["cookie"])
    b'GET / HTTP/1.1\r\nCookie: [redacted]\r\n\r\n'
    """
    names = frozenset(names)
    kept: list[bytes] = []
    is_hidden = False
    for number, line in enumerate(head.split(b"\n")):
        if is_hidden and line[:1] in (b" ", b"\t"):
            continue  # a value folded over several lines (RFC 9112 §5.2)
        name, colon, value = line.partition(b":")
        is_hidden = bool(number and colon and name.strip().lower().decode("latin-1") in names)
        if is_hidden and value.strip():
            line = name + b": " + REDACTED + (b"\r" if line.endswith(b"\r") else b"")
        kept.append(line)
    return b"\n".join(kept)


def redact_values(octets: bytes, values: Iterable[bytes]) -> bytes:
    """Replace every place where one of these values stands, whatever its letter case."""
    for value in values:
        octets = re.sub(re.escape(value), REDACTED, octets, flags=re.I)
    return octets


def redact_text(text: str, values: Iterable[bytes]) -> str:
    """Replace every place in a text where one of these values stands, cut off at its end too."""
    values = tuple(values)
    octets = redact_values(text.encode("utf-8", "surrogatepass"), values)
    for value in values:
        # A detail quotes the first characters of what a server said.
        for length in range(len(value) - 1, MIN_SECRET_LENGTH - 1, -1):
            if octets.rstrip(b"'\"").lower().endswith(value[:length].lower()):
                octets = octets.rstrip(b"'\"")[:-length] + REDACTED
                break
    return octets.decode("utf-8", "surrogatepass")


def holds_value(octets: bytes, values: Iterable[bytes]) -> bool:
    """Say whether one of these values stands in bytes, whatever its letter case."""
    lowered = octets.lower()
    return any(value.lower() in lowered for value in values)


def parse_head(head: bytes) -> tuple[tuple[str, str], ...]:
    """Parse the fields of a head, in Latin-1, folded lines joined, order and repeats kept.

    The first line is passed over; a line without a colon is none.
    """
    fields: list[tuple[str, str]] = []
    for line in head.decode("iso-8859-1").split("\n")[1:]:
        line = line.rstrip("\r")
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {line.strip()}")
        elif colon and name.strip():
            fields.append((name.strip(), value.strip()))
    return tuple(fields)


def parse_status(head: bytes) -> int | None:
    """Parse the status of a response's head; None when it has none."""
    code = head.partition(b"\n")[0].split()[1:2]
    return int(code[0]) if code and code[0].isdigit() and len(code[0]) == 3 else None


def find_field(fields: Iterable[tuple[str, str]], name: str) -> str:
    """Find the first field of that name, whatever its case, or ""."""
    wanted = name.lower()
    return next((value for key, value in fields if key.lower() == wanted), "")


def _quote(text: str) -> set[str]:
    """Quote a text in the forms in which it may stand in a URL."""
    codecs = ("utf-8", "latin-1")
    return {quote(text, safe, codec, "replace") for safe in ("", "/") for codec in codecs}


def _list_forms(name: str, value: str) -> set[str]:
    """List the value of a header, and what of it is secret by itself.

    "Bearer x" gives "x" too, "Basic b64" what it encodes, a Cookie each of its values.
    """
    forms = {value.strip()}
    if name == "cookie":
        return forms | {pair.partition("=")[2].strip() for pair in value.split(";")}
    scheme, space, rest = value.strip().partition(" ")
    if not space or not name.endswith("authorization"):
        return forms
    forms.add(rest.strip())
    if scheme.lower() == "basic":
        try:
            login = base64.b64decode(rest, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            return forms  # no Basic credentials; the value itself is still a secret
        forms |= {login, login.partition(":")[2]}
    return forms
