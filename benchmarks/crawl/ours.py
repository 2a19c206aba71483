"""One crawl by renvois, as `renvois crawl` carries it.

python -m benchmarks.crawl.ours FOLDER DELAY_S < urls
"""

import sys
import time
from pathlib import Path

from indexer.corpus import open_crawl
from indexer.model import Captured
from indexer.pipeline import crawl
from indexer.settings import Settings


def main() -> None:
    """Crawl the URLs of stdin."""
    settings = Settings(
        corpus=Path(sys.argv[1]),
        delay_s=float(sys.argv[2]),
        open_networks=("127.0.0.0/8",),
        contact="https://exemple.test/mesure",
        archives=(),
    )
    count = 0
    start = time.monotonic()
    with open_crawl(settings) as opened:
        opened.catalogue.targets.cite(line.strip() for line in sys.stdin)
        outcomes = crawl(
            opened.catalogue.targets.due_hosts(opened.now()),
            opened,
        )
        for outcome in outcomes:
            count += isinstance(outcome, Captured)
    print(count, time.monotonic() - start)


if __name__ == "__main__":
    main()
