"""Run the extractors over a benchmark, and print a row for each."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.extract.extractors import EXTRACTORS, find_version
from benchmarks.extract.layouts import LAYOUTS, GoldPage
from benchmarks.extract.running import run
from benchmarks.extract.scorers import SCORERS


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extract", description=__doc__)
    parser.add_argument("--layout", choices=sorted(LAYOUTS), required=True)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object an extractor")
    parser.add_argument("--french", action="store_true", help="only the pages in French")
    parser.add_argument("--kind", help="only the pages of one kind, as the layout tells it")
    parser.add_argument(
        "--undeclared", action="store_true", help="without og:type, JSON-LD and the like"
    )
    parser.add_argument(
        "--half", choices=("seen", "apart"), help="of the pages, by a digest of their names"
    )
    parser.add_argument("--only", action="append", choices=list(EXTRACTORS), metavar="EXTRACTOR")
    parser.add_argument("--processes", type=int, default=1, help="1 (default) for honest times")
    options = parser.parse_args(arguments)
    pages = choose_pages(LAYOUTS[options.layout](options.folder), options)
    if not pages:
        sys.exit(f"{options.folder}: no page of this layout")
    if not options.json:
        told = ("french", "undeclared", "half", "kind")
        said = [f"{name}={value}" for name in told if (value := getattr(options, name))]
        print(f"{', '.join((options.layout, f'{len(pages)} pages', *said))}\n")
        print(f"{'extractor':24} {'version':13} precision recall    F1  empty failed ms/page  MB")
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
                f"{name:24} {row['version']:13} {precision:9.3f} {recall:6.3f} {f1:5.3f} "
                f"{row['empty']:6} {row['failed']:6} {row['ms_per_page']:7} {row['peak_mb']:4}",
                flush=True,
            )


def choose_pages(pages: Iterable[GoldPage], options: argparse.Namespace) -> list[GoldPage]:
    """List those of the pages that the command line asks for, declarations cut where it says so."""
    return [
        replace(page, is_undeclared=options.undeclared)
        for page in pages
        if (not options.kind or page.kind == options.kind)
        and (not options.half or page.is_apart == (options.half == "apart"))
        and (not options.french or page.is_french)
    ]


if __name__ == "__main__":
    main()
