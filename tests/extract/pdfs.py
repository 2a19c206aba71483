"""Write small PDF files for the tests, by hand: lines of Helvetica at given places."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A line as drawn: points from the page's lower left corner."""

    text: str
    left: float = 72
    baseline: float = 700
    size: float = 11


def column(
    *lines: str, left: float = 72, top: float = 700, size: float = 11, step: float = 14
) -> list[Drawn]:
    """Lines one below the other."""
    return [
        Drawn(text=line, left=left, baseline=top - step * n, size=size)
        for n, line in enumerate(lines)
    ]


def write_pdf(
    *pages: Sequence[Drawn],
    title: str = "",
    author: str = "",
    created: str = "",
    lock: bool = False,
) -> bytes:
    """A PDF 1.4 of these pages; with `lock`, one that asks for a password."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects.append(font)
    kids = []
    for page in pages:
        drawn = b"\n".join(_draw(line) for line in page)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        contents = len(objects)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % contents
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    described = {"Title": title, "Author": author, "CreationDate": created}
    pairs = b" ".join(b"/%s (%s)" % (k.encode(), _escape(v)) for k, v in described.items() if v)
    objects.append(b"<< %s >>" % pairs)
    info = len(objects)
    trailer = b"/Root 1 0 R /Info %d 0 R" % info
    if lock:
        # Keys that open with no password that anybody knows.
        objects.append(
            b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (b"41" * 32, b"42" * 32)
        )
        trailer += b" /Encrypt %d 0 R /ID [<00> <00>]" % len(objects)
    return assemble(objects, trailer)


def _draw(line: Drawn) -> bytes:
    return b"BT /F1 %.1f Tf %.1f %.1f Td (%s) Tj ET" % (
        line.size,
        line.left,
        line.baseline,
        _escape(line.text),
    )


def _escape(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def assemble(objects: list[bytes], trailer: bytes) -> bytes:
    written = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % count
    tail = b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, len(written))
    return written + head + table + tail
