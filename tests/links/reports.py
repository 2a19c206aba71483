"""The report of links that pages show, opened on a corpus of files."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from indexer.archive import open_archive, open_catalogue
from indexer.corpus import Corpus
from indexer.links.history import open_history
from indexer.links.kept_report import (
    FILE_NAME,
    ReportBasis,
    ReportWriter,
    RowBasis,
    writing_part,
)
from indexer.links.report import CitedLink
from indexer.model import LinkRow
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles


@contextmanager
def open_link_report(
    folder: Path,
    *,
    now: datetime,
    withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
    clock: Callable[[], float] = lambda: 0.0,  # nothing is slow to make, however busy the machine
    stamps_last_s: float = 0.0,
    base_url: str = "",
    readings: Path | None = None,
) -> Iterator[LinkReportCache]:
    """Open the report of the corpus in `folder` as it is at a moment."""
    corpus = Corpus(
        catalogue=open_catalogue(folder / "catalogue.sqlite"),
        archive=open_archive(folder / "archive"),
        history=open_history(folder / "catalogue.sqlite"),
        base_url=base_url,
        now=lambda: now,
    )
    report = LinkReportCache(
        corpus,
        folder / "bibliography",
        withdrawals=withdrawals,
        clock=clock,
        readings=readings,
        stamps_last_s=stamps_last_s,
    )
    with closing(report):
        yield report


def write_link_report(folder: Path, rows: Iterable[LinkRow]) -> Path:
    """Write rows as a report that was kept, in the order of a bibliography; give its path."""
    path = folder / FILE_NAME
    with (
        writing_part(folder) as part,
        closing(ReportWriter(path, part, begins_with_last=False)) as writer,
    ):
        for place, row in enumerate(rows):
            basis = RowBasis(reference_id=row.reference_id, urlkey="", doi_key="", cited="")
            link = CitedLink(reference_id=row.reference_id, title=row.title, url=row.url)
            writer.put(row, basis, place=place, cited=(link, None))
        made = ReportBasis("", "", "", "", datetime(2026, 1, 1, tzinfo=UTC), (), (), ())
        assert writer.finish(made, is_right=lambda: True)
    return path
