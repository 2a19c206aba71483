"""Measure what `renvois crawl` costs beside another revision of the code, on the same 300 pages.

    git archive REVISION | tar -x -C /tmp/before
    python -m benchmarks.crawl.command /tmp/before [--pages 300] [--rounds 3]

Both run the whole command, in turns, on the pages of `benchmarks.crawl.site`: CPU seconds of the
process, and its peak memory. Prints the median of each and the ratio of now to before.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.crawl.__main__ import make_urls, open_site

HERE = Path(__file__).parents[2]
HOSTS = 30


def crawl(code: Path, urls: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """Crawl the pages by the code of a folder; CPU seconds, and MiB at the peak."""
    with tempfile.TemporaryDirectory() as folder:
        bibliography = Path(folder) / "bibliography"
        bibliography.mkdir()
        rows = [
            {"id": f"r{n}", "type": "webpage", "title": f"Page {n}", "URL": url}
            for n, url in enumerate(urls)
        ]
        (bibliography / "pages.json").write_text(json.dumps(rows), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "indexer", "--corpus", folder, "crawl"],
            cwd=code,
            env={**os.environ, "PYTHONPATH": str(code), **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"the crawl by the code in {code} ended with {process.returncode}")
        kept = sum(path.stat().st_size for path in (Path(folder) / "archive").iterdir())
        assert kept > 100 * len(urls), "nothing was kept"
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_024


def main() -> None:
    """Measure in turns, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="a folder with the code of another revision")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", nargs="*", default=[], help="settings of now: capture=never")
    arguments = parser.parse_args()
    plain = {"RENVOIS_DELAY_S": "0", "RENVOIS_OPEN_NETWORKS": "127.0.0.0/8"}
    plain |= {"RENVOIS_ARCHIVES": " "}
    ours = {f"RENVOIS_{name.upper()}": value for name, _, value in map(_split, arguments.set)}
    taken: dict[str, list[tuple[float, float]]] = {"before": [], "now": []}
    with open_site(HOSTS) as site:
        urls = make_urls(site.port, HOSTS, arguments.pages)
        for _ in range(arguments.rounds):
            taken["before"].append(crawl(arguments.before.resolve(), urls, plain))
            taken["now"].append(crawl(HERE, urls, plain | ours))
    medians = {
        name: tuple(map(statistics.median, zip(*runs, strict=True))) for name, runs in taken.items()
    }
    for name, (seconds, peak) in medians.items():
        print(f"{name:<8}{seconds:8.2f} CPU s{peak:8.1f} MiB")
    ratios = [now / before for now, before in zip(medians["now"], medians["before"], strict=True)]
    print(f"{'ratio':<8}{ratios[0]:8.3f}      {ratios[1]:8.3f}")


def _split(setting: str) -> tuple[str, str, str]:
    return setting.partition("=")


if __name__ == "__main__":
    main()
