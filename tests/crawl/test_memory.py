"""A crawl of large payloads stays under 200 MB, however many hosts send one at once."""

import json
import subprocess
import sys
import textwrap

import pytest

from tests.campaign.command import ROOT, clean_environment
from tests.campaign.lab import SETTINGS, put_bibliography
from tests.campaign.world import Answer, World

HOSTS = 8  # all are visited at once
SIZE = 49_000_000  # bytes; the crawl takes 50 MB of a response
MEMORY_KIB = 200 * 1024
RUNS_A_COMMAND = """
    import sys
    from indexer.cli import main
    from testbed.memory import measure_peak_kib

    try:
        main()
    finally:
        print(measure_peak_kib(), file=open(sys.argv[2] + "/peak", "w"))
"""


@pytest.mark.campaign
def test_eight_large_payloads_at_once_come_whole_and_one_by_one_into_memory(tmp_path):
    urls = [f"http://h{n}.example/rapport" for n in range(HOSTS)]
    answer = Answer(200, {"Content-Type": "application/pdf"}, b"%PDF-1.4\n" + bytes(SIZE))
    corpus, config = tmp_path / "corpus", tmp_path / "renvois.toml"
    corpus.mkdir()
    config.write_text(SETTINGS)
    rows = [{"id": url, "type": "webpage", "title": url, "URL": url} for url in urls]
    put_bibliography(corpus, json.dumps(rows))
    options = ["--corpus", str(corpus), "--config", str(config), "crawl", "--json"]
    with World(dict.fromkeys(urls, answer)) as world:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(RUNS_A_COMMAND), *options],
            cwd=ROOT,
            env=clean_environment() | {"http_proxy": world.url},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    told = {
        row["url"]: (row["outcome"], row["cause"])
        for row in map(json.loads, done.stdout.splitlines())
    }
    assert told == dict.fromkeys(urls, ("captured", None))
    assert int((corpus / "peak").read_text()) < MEMORY_KIB
