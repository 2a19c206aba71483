"""Recognise the text of scanned pages and images with Tesseract, where it is installed.

Debian has it as `tesseract-ocr` and `tesseract-ocr-fra`. It is found by itself, and run as a
process of its own for each page, within a limit of CPU time.
"""

import csv
import io
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from statistics import fmean
from typing import Any, Final

import pypdfium2

from indexer.extract.blocks import tidy_line
from indexer.model import Paragraph

PROGRAM: Final = "tesseract"
LANGUAGES: Final = ("fra", "eng")  # those of them that are installed, French first
DPI: Final = 300  # that Tesseract reads best at; what was scanned at less is drawn larger
MAX_PAGES: Final = 300  # of one document; what follows is said to be unread
MAX_PIXELS: Final = 40_000_000  # of one page
PAGE_CPU_S: Final = 120
SURE: Final = 30  # of 100; a word of less is dirt on the paper
KIND: Final = "recognised"  # of a paragraph
BREAK: Final = re.compile(r"(?<=\w)[-\u00ad]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tesseract:
    """An installed Tesseract: where, which release, and the languages that it is asked for."""

    path: str
    release: str  # "5.3.0"
    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The text recognised in the pages of a document, and how sure it is (0 to 100)."""

    paragraphs: tuple[Paragraph, ...]
    confidence: int
    pages: int  # that were looked at
    page_count: int  # that there were to look at


class RecognitionError(Exception):
    """Tesseract could not read a page; says why."""


@lru_cache(maxsize=1)
def find_tesseract() -> Tesseract | None:
    """Find an installed Tesseract that reads French; None where there is none."""
    path = shutil.which(PROGRAM)
    if path is None:
        return None
    try:
        release = _ask(path, "--version").split()[1:2]
        known = set(_ask(path, "--list-langs").split())
    except (OSError, subprocess.SubprocessError):
        return None
    languages = tuple(each for each in LANGUAGES if each in known)
    if "fra" not in languages:
        return None
    return Tesseract(path=path, release="".join(release), languages=languages)


def _ask(path: str, option: str) -> str:
    done = subprocess.run([path, option], capture_output=True, check=True, timeout=60)  # noqa: S603
    return (done.stdout or done.stderr).decode("utf-8", "replace")


def recognise_pdf(
    payload: bytes, tesseract: Tesseract, *, wanted: Sequence[int] = ()
) -> Recognition:
    """Recognise the pages of a PDF, or only those of some numbers (`wanted`, from 1).

    Raises `RecognitionError`, `pypdfium2.PdfiumError`.
    """
    document = pypdfium2.PdfDocument(payload)
    try:
        numbers = wanted or range(1, len(document) + 1)
        pages = {
            number: _recognise(_draw(document[number - 1]), tesseract)
            for number in numbers[:MAX_PAGES]
        }
        return _gather(pages, len(numbers))
    finally:
        document.close()


def recognise_image(payload: bytes, tesseract: Tesseract) -> Recognition:
    """Recognise the text of an image (PNG, JPEG, TIFF, GIF). Raises `RecognitionError`."""
    return _gather({1: _recognise(payload, tesseract)}, 1)


def parse_tsv(text: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Parse Tesseract's table of words: each paragraph, with how sure its words are (0 to 100).

    A word that was cut at the end of a line is joined again.
    """
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if row["level"] == "5" and (row["text"] or "").strip()]
    sure = [row for row in words if float(row["conf"]) >= SURE]
    for _, paragraph in groupby(sure, key=lambda row: (row["block_num"], row["par_num"])):
        told: list[str] = []
        confidences: list[float] = []
        for _, line in groupby(paragraph, key=lambda row: row["line_num"]):
            texts = list(line)
            confidences += [float(row["conf"]) for row in texts]
            words_of_line = [str(row["text"]) for row in texts]
            if told and BREAK.search(told[-1]) and words_of_line[0][:1].islower():
                words_of_line[0] = BREAK.sub("", told.pop()) + words_of_line[0]
            told += words_of_line
        yield tidy_line(" ".join(told)), tuple(confidences)


def _gather(pages: Mapping[int, str], page_count: int) -> Recognition:
    paragraphs: list[Paragraph] = []
    confidences: list[float] = []
    for number, page in pages.items():
        for text, sure in parse_tsv(page):
            paragraphs.append(Paragraph(text=text, kind=KIND, page=number))
            confidences += sure
    return Recognition(
        paragraphs=tuple(paragraphs),
        confidence=round(fmean(confidences)) if confidences else 0,
        pages=len(pages),
        page_count=page_count,
    )


def _draw(page: Any) -> bytes:
    """Draw a page of a PDF in grey; gives a picture in PGM."""
    width, height = page.get_size()
    scale = min(DPI / 72, (MAX_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True)
    rows = memoryview(bitmap.buffer).cast("B")
    pixels = b"".join(
        bytes(rows[n * bitmap.stride : n * bitmap.stride + bitmap.width])
        for n in range(bitmap.height)
    )
    head = b"P5\n%d %d\n255\n" % (bitmap.width, bitmap.height)
    bitmap.close()
    page.close()
    return head + pixels


def _recognise(picture: bytes, tesseract: Tesseract) -> str:
    """Run Tesseract on a picture; gives its table of words. Raises `RecognitionError`."""
    command = [
        tesseract.path, "stdin", "stdout", "-l", "+".join(tesseract.languages),
        "--dpi", str(DPI), "tsv",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 - found on the PATH, its arguments ours
            command,
            input=picture,
            capture_output=True,
            env={"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"},  # other pages use the other cores
            preexec_fn=_limit,
            check=False,
        )
    except OSError as error:
        raise RecognitionError(str(error)) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise RecognitionError("".join(said) or f"tesseract ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PAGE_CPU_S, PAGE_CPU_S))
