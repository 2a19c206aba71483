"""Run the extractors over a benchmark, and print a row for each."""

import argparse
import json
import logging
import resource
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.extract.extractors import EXTRACTORS, find_version
from benchmarks.extract.layouts import LAYOUTS, GoldPage
from benchmarks.extract.scorers import SCORERS

PAGE_LIMIT_S = 60


@dataclass(frozen=True, kw_only=True)
class Read:
    """What an extractor made of one page."""

    text: str
    cpu_s: float
    peak_kb: int
    failure: str = ""


class TooLongError(Exception):
    """The page took more than a minute."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extract", description=__doc__)
    parser.add_argument("--layout", choices=sorted(LAYOUTS), required=True)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object an extractor")
    parser.add_argument("--french", action="store_true", help="only the pages in French")
    parser.add_argument("--only", action="append", choices=list(EXTRACTORS), metavar="EXTRACTOR")
    parser.add_argument("--processes", type=int, default=1, help="1 (default) for honest times")
    options = parser.parse_args(arguments)
    pages = list(LAYOUTS[options.layout](options.folder))
    if options.french:
        pages = [page for page in pages if page.is_french]
    if not pages:
        sys.exit(f"{options.folder}: no page of this layout")
    if not options.json:
        print(f"{options.layout}, {len(pages)} pages{', in French' if options.french else ''}\n")
        print(f"{'extractor':22} {'version':13} precision recall    F1  empty failed ms/page  MB")
    for name in options.only or EXTRACTORS:
        reads = run(name, pages, processes=options.processes)
        texts = [(page, read.text) for page, read in zip(pages, reads, strict=True)]
        precision, recall, f1 = SCORERS[options.layout](texts)
        row = {
            "extractor": name,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "version": find_version(name),
            "pages": len(pages),
            "empty": sum(1 for read in reads if not read.text.strip()),
            "failed": sum(1 for read in reads if read.failure),
            "ms_per_page": round(1000 * sum(read.cpu_s for read in reads) / len(reads), 1),
            "peak_mb": round(max(read.peak_kb for read in reads) / 1024),
        }
        if options.json:
            print(json.dumps(row), flush=True)
        else:
            print(
                f"{name:22} {row['version']:13} {precision:9.3f} {recall:6.3f} {f1:5.3f} "
                f"{row['empty']:6} {row['failed']:6} {row['ms_per_page']:7} {row['peak_mb']:4}",
                flush=True,
            )


def run(name: str, pages: Sequence[GoldPage], *, processes: int) -> list[Read]:
    """Every page read by one extractor, in processes of its own, so that memory tells."""
    jobs = [(name, page) for page in pages]
    with get_context("spawn").Pool(processes, initializer=_prepare, initargs=(name,)) as pool:
        return pool.map(_read, jobs, chunksize=4)


def _prepare(name: str) -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    EXTRACTORS[name][0](b"<html><body><p>" + b"Un peu de texte. " * 30, "http://page.example/")


def _read(job: tuple[str, GoldPage]) -> Read:
    name, page = job
    payload = page.read_payload()
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(PAGE_LIMIT_S)
    started = time.process_time()
    text = failure = ""
    try:
        text = EXTRACTORS[name][0](payload, page.url)
    except Exception as error:  # noqa: BLE001 - a page that an extractor cannot read counts as empty
        failure = f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cpu_s = time.process_time() - started
    return Read(text=text, cpu_s=cpu_s, peak_kb=peak_kb, failure=failure)


def _stop(*_: object) -> None:
    raise TooLongError(f"more than {PAGE_LIMIT_S} s")


if __name__ == "__main__":
    main()
