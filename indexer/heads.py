"""Read the head of an HTTP message from its bytes, as leniently as browsers do."""

from collections.abc import Iterable


def parse_head(head: bytes) -> tuple[tuple[str, str], ...]:
    """The fields of a head as received, in Latin-1, folded lines joined, order and repeats kept.

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
    """The status of a response's head, or None when it has none."""
    code = head.partition(b"\n")[0].split()[1:2]
    return int(code[0]) if code and code[0].isdigit() and len(code[0]) == 3 else None


def find_field(fields: Iterable[tuple[str, str]], name: str) -> str:
    """The first field of that name, whatever its case, or ""."""
    wanted = name.lower()
    return next((value for key, value in fields if key.lower() == wanted), "")
