"""Make scans for the tests: pages of a PDF drawn as grey pictures, as a scanner gives them."""

import math
import zlib

import numpy as np
import pypdfium2

from tests.extract.pdfs import assemble


def draw(pdf: bytes, *, dpi: int, skew: float = 0.0, noise: int = 0) -> list[np.ndarray]:
    """Draw the pages of a PDF in grey; `skew` in degrees, `noise` is the spread of each pixel."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.render(scale=dpi / 72, grayscale=True).to_numpy() for page in document]
    finally:
        document.close()
    return [_soil(_turn(page.copy(), skew), noise) for page in pages]


def write_scan(pages: list[np.ndarray], *, dpi: int) -> bytes:
    """Write grey pictures as a PDF without a letter of text."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for page in pages:
        height, width = page.shape
        packed = zlib.compress(page.astype(np.uint8).tobytes())
        objects.append(
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
            b"/BitsPerComponent 8 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (width, height, len(packed), packed)
        )
        image = len(objects)
        size = (width * 72 / dpi, height * 72 / dpi)
        drawn = b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % size
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R "
            b"/Resources << /XObject << /I %d 0 R >> >> >>" % (*size, len(objects), image)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return assemble(objects, b"/Root 1 0 R")


def write_png(page: np.ndarray) -> bytes:
    """Write a grey picture as PNG."""
    height, width = page.shape
    rows = b"".join(b"\0" + row.tobytes() for row in page.astype(np.uint8))

    def chunk(name: bytes, body: bytes) -> bytes:
        told = name + body
        return len(body).to_bytes(4) + told + zlib.crc32(told).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\0\0\0\0"
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _turn(page: np.ndarray, degrees: float) -> np.ndarray:
    if not degrees:
        return page
    height, width = page.shape
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    rows, columns = np.indices(page.shape)
    rows, columns = rows - height / 2, columns - width / 2
    from_rows = np.clip(cosine * rows - sine * columns + height / 2, 0, height - 1).astype(int)
    from_columns = np.clip(sine * rows + cosine * columns + width / 2, 0, width - 1).astype(int)
    return page[from_rows, from_columns]


def _soil(page: np.ndarray, noise: int) -> np.ndarray:
    spread = np.random.default_rng(1).normal(0, noise, page.shape) if noise else 0
    return np.clip(page + spread, 0, 255).astype(np.uint8)
