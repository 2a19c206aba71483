"""A dead link gets the memento nearest to its citation, from a real pywb on loopback."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.archive import open_catalogue
from indexer.cli import main
from indexer.links.history import open_history
from indexer.model import LinkState
from testbed.zoo.cases import everywhere, fr
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR_ARTICLE, FR_MISSING, FR_TITLE
from tests.archive import pywb
from tests.archive.exchanges import Corpus, hop
from tests.links.stories import observe

pytestmark = pytest.mark.peer
YEARS = (2012, 2014, 2016, 2021)
READ_ON = {"3 mai 2014": 2014, "4 décembre 2015": 2016}  # the day of the citation, the nearest


def held_by_pywb(folder: Path, urls: Sequence[str]):
    """A pywb that holds a capture of each of those URLs for each of the years."""
    with Corpus(folder).open() as corpus:
        for url in urls:
            for year in YEARS:
                payload = FR_ARTICLE.body + f"<!-- {year} -->".encode()
                corpus.visit(url, hop(url, payload, at=datetime(year, 6, 1, tzinfo=UTC)))
    return pywb.serve(folder / "pywb", sorted(corpus.warc_folder.glob("*.warc.gz")))


def test_a_dead_link_gets_the_memento_nearest_to_its_citation(tmp_path):
    cases = tuple(fr(day, LinkState.DEAD, everywhere(FR_MISSING)) for day in READ_ON)
    with Zoo(cases=cases) as zoo:
        urls = [zoo.cited(number) for number in range(len(cases))]
        corpus = tmp_path / "corpus"
        (corpus / "bibliography").mkdir(parents=True)
        (corpus / "bibliography" / "essai.txt").write_text(
            "Territoires\n\n"
            + "".join(
                f"  • Camille Essai, « {FR_TITLE} », Gazette de Lignac, 4 novembre 2013, {url} "
                f"(consulté le {day})\n\nUne note sur ce texte lu le {day}.\n\n \n"
                for url, day in zip(urls, READ_ON, strict=True)
            ),
            encoding="utf-8",
        )
        with (
            open_catalogue(corpus / "catalogue.sqlite"),
            open_history(corpus / "catalogue.sqlite") as history,
        ):
            for url, days in product(urls, (10, 5)):
                then = datetime.now(UTC) - timedelta(days=days)
                history.record(replace(observe("404", 0, url=url), observed_at=then))
        with held_by_pywb(tmp_path / "held", urls) as address:
            checked = run(corpus, address, "check")
            shown = run(corpus, address, "repair")

    assert checked.exit_code == 0, checked.stderr
    assert checked.stdout.count("✖ dead") == 2
    for url, year in zip(urls, READ_ON.values(), strict=True):
        assert f"{url} (archive : {address}{year}0601000000/{url})" in shown.stdout


def run(corpus: Path, address: str, *arguments: str) -> Result:
    environment = {
        "RENVOIS_OPEN_NETWORKS": f"{NETWORK} 127.0.0.1",
        "RENVOIS_DELAY_S": "0",
        "RENVOIS_ARCHIVES": address,
    }
    command = ["--corpus", str(corpus), "links", *arguments]
    return CliRunner(env=environment).invoke(main, command)
