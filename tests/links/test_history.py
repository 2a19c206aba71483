"""What was observed is kept, whatever happens next."""

import sqlite3
from dataclasses import replace

import pytest

from indexer.disk import seal_row
from indexer.errors import CatalogueError
from indexer.links.history import (
    Probe,
    open_history,
    parse_observation,
    render_moment,
    render_observation,
)
from indexer.model import Cause, PageKind, Redirect, Signal
from indexer.urls import urlkey
from tests.links.stories import START, URL, VISITS, observe, on_day
from tests.places import find_place

KEY = urlkey(URL)
FULL = replace(
    observe("ok", 0.5),
    cause=Cause.TRUNCATED,
    detail="coupée à 12 octets",
    redirects=(
        Redirect(target_uri="https://b.test/", is_permanent=True),
        Redirect(target_uri="https://c.test/é"),
    ),
    page_kind=PageKind.PAYWALL,
    signals=frozenset({Signal.PAYWALL, Signal.TITLE_FOUND}),
    similarity=0.25,
    kept=0.0,
    known=1.0,
    tls_fault=Cause.TLS_EXPIRED,
    missing_fragments=frozenset({"note-3"}),
    record_id="urn:uuid:1",
)


@pytest.mark.parametrize("observation", [FULL, *(observe(word, 0) for word in VISITS)])
def test_an_observation_is_read_back_as_it_was_written(observation):
    text = render_observation(observation)

    assert parse_observation(observation.url, observation.observed_at, text) == observation


def test_observations_come_back_by_url_oldest_first(tmp_path):
    with open_history(find_place(tmp_path)) as history:
        b = observe("ok", 0, url="http://b.test/")
        for visit in (observe("404", 3), observe("ok", 0), b):
            history.record(visit)

        assert history.observations(KEY) == (observe("ok", 0), observe("404", 3))
        assert history.observations(urlkey("http://b.test/")) == (b,)
        assert history.observed_moments(KEY) == {on_day(0), on_day(3)}
        assert history.observed_moments("test,c)/") == frozenset()


def test_a_visit_told_twice_is_kept_once_as_told_last(tmp_path):
    with open_history(find_place(tmp_path)) as history:
        history.record(observe("404", 0))
        history.record(observe("403", 0))

        assert history.observations(KEY) == (observe("403", 0),)


def test_what_was_told_survives_a_new_opening(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    with open_history(path) as history:
        history.record(FULL)
    with open_history(path) as history:
        assert history.observations(KEY) == (FULL,)


def test_the_last_report_is_remembered(tmp_path):
    with open_history(find_place(tmp_path)) as history:
        assert history.last_report_at(on_day(30)) is None
        history.put_report(on_day(7))
        history.put_report(on_day(2))
        history.put_report(on_day(7))

        assert history.last_report_at(on_day(30)) == on_day(7)


def test_what_a_host_answers_to_an_impossible_address_is_remembered(tmp_path):
    probe = Probe(
        folder="https://exemple.test/2015",
        url="https://exemple.test/2015/q7",
        probed_at=START,
        has_page=True,
        text="Rien ici.",
    )
    with open_history(find_place(tmp_path)) as history:
        assert history.find_probe(probe.folder) is None
        history.put_probe(probe)

        assert history.find_probe(probe.folder) == probe


def test_it_shares_the_file_with_other_tables(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE visits (url TEXT)")
    database.close()

    with open_history(path) as history:
        history.record(FULL)

    database = sqlite3.connect(path)
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    database.close()
    assert names >= {"visits", "link_observations"}


def test_a_file_that_is_no_database_is_said(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    path.write_text("ceci n'est pas une base" * 100)

    with pytest.raises(CatalogueError, match="can't be used"):
        open_history(path)


def test_a_row_of_another_version_is_said_not_misread(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    with open_history(path) as history:
        history.record(FULL)
        database = sqlite3.connect(path)
        told = '{"cause":"inconnue"}'
        row = (KEY, render_moment(FULL.observed_at), FULL.url, told)
        database.execute(
            "UPDATE link_observations SET observation = ?, digest = ?", (told, seal_row(*row))
        )
        database.commit()
        database.close()

        with pytest.raises(CatalogueError, match="can't read"):
            history.observations(KEY)
