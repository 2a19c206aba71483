"""Measure the crawl beside wget and Scrapy, in one run, on the same pages of the same server.

    python -m benchmarks.crawl [--json] [--hosts 100] [--pages 2000] [--large 8000]

Three measures: pages a second with delay 0 and the peak memory of the process; memory again with
several times as many URLs; and with delay 1 s, how near the run comes to the limit that
politeness sets (the requests of the slowest host times the delay).
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from benchmarks.crawl.site import host_address

MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One crawl by one tool."""

    measure: str
    tool: str
    hosts: int
    pages: int
    captured: int
    seconds: float  # of the whole process, start and imports included
    crawl_s: float | None  # of the crawl alone, where the tool tells
    peak_mib: float
    pages_per_s: float
    server_cpu_s: float  # of the process that serves the pages, on the same cores
    limit_s: float | None = None  # what politeness allows
    over_limit: float | None = None  # crawl_s / limit_s


@dataclass(frozen=True, slots=True)
class Site:
    """The pages, served by a process of their own."""

    port: int
    pid: int

    def read_cpu_s(self) -> float:
        """What it took of the processors until now."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def open_site(hosts: int) -> Iterator[Site]:
    """The site, while it serves."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.crawl.site", str(hosts)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield Site(int(process.stdout.readline()), process.pid)
        process.terminate()


def run_process(command: Sequence[str], urls: Sequence[str]) -> tuple[str, float, float]:
    """Run a command on URLs; what it printed, its seconds, its peak memory in MiB."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as printed:
        given.write("\n".join(urls) + "\n")
        given.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(command, stdin=given, stdout=printed, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        return printed.read(), seconds, usage.ru_maxrss / 1024


def crawl(
    measure: str,
    tool: str,
    site: Site,
    urls: Sequence[str],
    hosts: int,
    delay_s: float,
    limit_s: float | None,
) -> Run:
    """One crawl by one tool, in a folder of its own."""
    folder = tempfile.mkdtemp()
    module = {"renvois": "ours", "scrapy": "by_scrapy"}.get(tool)
    command = (
        [sys.executable, "-m", f"benchmarks.crawl.{module}", folder, str(delay_s)]
        if module
        else [
            "wget",
            *("--quiet", "--input-file=-", "--output-document=/dev/null", "--tries=1"),
            *(f"--warc-file={folder}/wget", "--no-warc-keep-log", f"--wait={delay_s}"),
        ]
    )
    served_s = site.read_cpu_s()
    printed, seconds, peak_mib = run_process(command, urls)
    served_s = site.read_cpu_s() - served_s
    captured, crawl_s = parse_printed(printed) if module else (count_responses(folder), None)
    shutil.rmtree(folder)
    return Run(
        measure=measure,
        tool=tool,
        hosts=hosts,
        pages=len(urls),
        captured=captured,
        seconds=round(seconds, 2),
        crawl_s=None if crawl_s is None else round(crawl_s, 2),
        peak_mib=round(peak_mib, 1),
        pages_per_s=round(captured / (crawl_s or seconds), 1),
        server_cpu_s=round(served_s, 2),
        limit_s=limit_s,
        over_limit=round(crawl_s / limit_s, 3) if limit_s and crawl_s else None,
    )


def parse_printed(printed: str) -> tuple[int, float]:
    """How many pages a crawl kept, and its seconds."""
    count, crawl_s = printed.split()
    return int(count), float(crawl_s)


def count_responses(folder: str) -> int:
    """The responses in the WARC file that wget wrote."""
    with (Path(folder) / "wget.warc.gz").open("rb") as stream:
        return sum(record.rec_type == "response" for record in ArchiveIterator(stream))


def make_urls(port: int, hosts: int, pages: int) -> list[str]:
    """URLs spread evenly over the hosts, in an order that is nobody's favour."""
    urls = [f"http://{host_address(n % hosts)}:{port}/{n // hosts}" for n in range(pages)]
    random.Random(1).shuffle(urls)
    return urls


def measure_all(hosts: int, pages: int, large: int, only: str | None) -> Iterator[Run]:
    """All runs, or those of one measure, told as they end."""
    with open_site(hosts) as site:
        if only in (None, "speed"):
            yield from measure_speed(site, hosts, pages)
        if only in (None, "memory"):
            yield from measure_memory(site, hosts, large)
        if only in (None, "politeness"):
            yield from measure_politeness(site)


def measure_speed(site: Site, hosts: int, pages: int) -> Iterator[Run]:
    """Pages a second with delay 0."""
    urls = make_urls(site.port, hosts, pages)
    for tool in ("renvois", "wget", "scrapy"):
        yield crawl("speed", tool, site, urls, hosts, 0.0, None)


def measure_memory(site: Site, hosts: int, pages: int) -> Iterator[Run]:
    """Crawl more pages: peak memory should not follow."""
    for tool in ("renvois", "scrapy"):
        yield crawl("memory", tool, site, make_urls(site.port, hosts, pages), hosts, 0.0, None)


def measure_politeness(site: Site) -> Iterator[Run]:
    """With delay 1 s: 20 hosts, of which one has 15 pages and the others 2 to 10."""
    urls = [
        f"http://{host_address(n)}:{site.port}/{page}"
        for n in range(20)
        for page in range(15 if n == 0 else 2 + n % 9)
    ]
    for tool in ("renvois", "scrapy"):
        # robots.txt is a request too: 15 pages are 16 requests, with 15 delays between them.
        yield crawl("politeness", tool, site, urls, 20, 1.0, 15.0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a run")
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--only", choices=["speed", "memory", "politeness"])
    parser.add_argument("--large", type=int, default=8_000)
    arguments = parser.parse_args()
    if not arguments.json:
        print(
            f"{'measure':<12}{'tool':<9}{'pages':>7}{'kept':>7}{'s':>9}{'crawl s':>9}"
            f"{'pages/s':>9}{'server s':>9}{'MiB':>8}{'/limit':>8}"
        )
    for run in measure_all(arguments.hosts, arguments.pages, arguments.large, arguments.only):
        if arguments.json:
            print(json.dumps(asdict(run)), flush=True)
        else:
            over = f"{run.over_limit:.2f}" if run.over_limit else ""
            print(
                f"{run.measure:<12}{run.tool:<9}{run.pages:>7}{run.captured:>7}{run.seconds:>9.1f}"
                f"{run.crawl_s or run.seconds:>9.1f}{run.pages_per_s:>9.1f}"
                f"{run.server_cpu_s:>9.2f}{run.peak_mib:>8.1f}{over:>8}",
                flush=True,
            )


if __name__ == "__main__":
    main()
