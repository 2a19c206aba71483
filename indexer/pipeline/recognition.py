"""Have scanned documents and images of the archive recognised, each payload once.

What was recognised is kept in a folder by the digest of the payload: pages of a scan take seconds
each, and a new version of the extractor reads everything again.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from indexer.archive.rows import parse_article, render_article
from indexer.disk import explain
from indexer.errors import ArchiveError
from indexer.extract import Job, SiteRules, extract_articles, is_scanned
from indexer.messages import message
from indexer.model import Article

LIMIT_S: Final = 3_600.0  # of one document; each of its pages has a limit of CPU time


def find_recogniser() -> str:
    """Name the installed program that recognises texts, and its release; "" where there is none."""
    from indexer.extract.ocr import find_tesseract  # here: it needs the library that draws PDF

    found = find_tesseract()
    return f"tesseract {found.release}" if found is not None else ""


def recognise(jobs: Iterable[Job], folder: Path | None, rules: SiteRules) -> Iterator[Article]:
    """Recognise the text of payloads, or find what was recognised of them before in `folder`.

    Raises ArchiveError where what is recognised can't be written.
    """
    digests: dict[str, str] = {}
    kept: list[Article] = []

    def list_new() -> Iterator[Job]:
        for job in jobs:
            digest = hashlib.sha256(job.payload).hexdigest()
            found = _read_kept(folder, digest)
            if found is not None:
                kept.append(rules.sign(replace(found, record_id=job.record_id)))
                continue
            digests[job.record_id] = digest
            yield replace(job, is_recognised=True)

    for article in extract_articles(list_new(), limit_s=LIMIT_S, rules=rules):
        if "ocr" in article.sources:
            _keep(folder, digests[article.record_id], article)
        yield article
    yield from kept


def _read_kept(folder: Path | None, digest: str) -> Article | None:
    """Read what was recognised of a payload; None for nothing, or for a damaged file."""
    if folder is None:
        return None
    try:
        found = parse_article((folder / f"{digest}.json").read_text("utf-8"))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # it is recognised again
    return None if is_scanned(found) else found


def _keep(folder: Path | None, digest: str, article: Article) -> None:
    if folder is None:
        return
    partial = folder / f"{digest}.json.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial.write_text(render_article(article), "utf-8")
        partial.replace(folder / f"{digest}.json")
    except OSError as error:
        raise ArchiveError(
            message("error.cannot-write", why=explain(error).what), where=partial
        ) from error
