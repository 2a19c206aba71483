"""The report of links that pages show, opened on a corpus of files."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from indexer.archive import open_archive, open_catalogue
from indexer.corpus import Corpus
from indexer.links.history import open_history
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.withdrawals import NO_WITHDRAWALS, WithdrawalFiles


@contextmanager
def open_link_report(
    folder: Path,
    *,
    now: datetime,
    withdrawals: WithdrawalFiles = NO_WITHDRAWALS,
    clock: Callable[[], float] = lambda: 0.0,  # nothing is slow to make, however busy the machine
) -> Iterator[LinkReportCache]:
    """Open the report of the corpus in `folder` as it is at a moment."""
    corpus = Corpus(
        catalogue=open_catalogue(folder / "catalogue.sqlite"),
        archive=open_archive(folder / "archive"),
        history=open_history(folder / "catalogue.sqlite"),
        now=lambda: now,
    )
    report = LinkReportCache(corpus, folder / "bibliography", withdrawals=withdrawals, clock=clock)
    with closing(report):
        yield report
