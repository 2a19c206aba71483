"""One crawl by Scrapy: robots.txt obeyed, one request at a time to a host, bodies kept as files.

python -m benchmarks.crawl.by_scrapy FOLDER DELAY_S < urls
"""

import gzip
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import scrapy
from scrapy.crawler import CrawlerProcess


class Spider(scrapy.Spider):
    """Asks each URL once and keeps what comes in one gzip file."""

    name = "mesure"

    def __init__(self, urls: list[str], folder: str) -> None:
        """Take the addresses to visit, and the folder to keep pages in."""
        super().__init__()
        self.urls = urls
        self.count = 0
        self.started = time.monotonic()
        self.kept = gzip.GzipFile(Path(folder) / "bodies.gz", "wb", 9)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask each URL."""
        for url in self.urls:
            yield scrapy.Request(url, dont_filter=True)

    def parse(self, response: scrapy.http.Response) -> None:
        """Keep a body."""
        self.count += response.status == 200
        self.kept.write(response.body)

    def closed(self, _reason: str) -> None:
        """Tell how many came."""
        self.kept.close()
        print(self.count, time.monotonic() - self.started)


def main() -> None:
    """Crawl the URLs of stdin."""
    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": 8,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": float(sys.argv[2]),
            "RANDOMIZE_DOWNLOAD_DELAY": False,
            "ROBOTSTXT_OBEY": True,
            "LOG_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(Spider, urls=sys.stdin.read().split(), folder=sys.argv[1])
    process.start()


if __name__ == "__main__":
    main()
