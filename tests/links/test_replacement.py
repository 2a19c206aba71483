"""What replaces a dead link: our copy, else the nearest memento, else the redirect's target."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from indexer.links import judge_link
from indexer.links.replacement import choose_fixes, choose_replacement, find_nearest, parse_day
from indexer.model import Capture, LinkHealth, LinkMark, LinkRow, LinkState, Replacement
from tests.links.stories import URL, VISITS, history, observe, on_day

DEAD = "0:404 4:404 8:404"


def capture(day: str, *, archive: str = "", status: int = 200) -> Capture:
    uri = f"https://archive.test/{day.replace('-', '')}/{URL}" if archive else URL
    return Capture(
        record_id=f"urn:{day}",
        url=URL,
        urlkey="test,exemple)/",
        target_uri=uri,
        captured_at=datetime.fromisoformat(day).replace(tzinfo=UTC),
        status=status,
        media_type="text/html",
        payload_digest="sha1:A",
        length=10,
        archive=archive,
    )


def choose(story: str, captures=(), **more):
    return choose_replacement(judge_link(history(story), now=on_day(20)), captures, **more)


OURS = capture("2020-05-01")
OLD, NEAR, NEW = (
    capture(day, archive="archive.test") for day in ("2014-01-01", "2015-11-20", "2019-06-01")
)
CITED = date(2015, 11, 4)


PAGE = "https://b.test/textes/a"


def test_our_own_copy_comes_first_where_it_is_shown_whole():
    chosen = choose(
        DEAD, [OURS, NEAR], cited_on=CITED, copy_address=PAGE, replay_address="https://b.test/web/"
    )

    assert chosen is not None
    memento = f"https://b.test/web/{OURS.captured_at:%Y%m%d%H%M%S}/{OURS.target_uri}"
    assert (chosen.kind, chosen.address) == ("copy", memento)
    assert chosen.archived_at == OURS.captured_at


@pytest.mark.parametrize(("captures", "kind"), [([OURS, NEAR], "memento"), ([OURS], "copy")])
def test_where_extracts_are_shown_a_whole_memento_elsewhere_comes_first(captures, kind):
    chosen = choose(DEAD, captures, cited_on=CITED, copy_address=PAGE)

    assert chosen is not None
    assert (chosen.kind, chosen.address) == (
        kind,
        NEAR.target_uri if kind == "memento" else PAGE,
    )


def test_else_the_memento_nearest_to_the_citation():
    chosen = choose(DEAD, [OURS, OLD, NEAR, NEW], cited_on=CITED)

    assert chosen is not None
    assert (chosen.kind, chosen.address) == ("memento", NEAR.target_uri)


def test_where_a_dead_link_leads_is_not_the_text():
    assert choose("0:home 4:home 8:home") is None


def test_a_redirect_to_an_error_replaces_nothing():
    home = VISITS["home"]
    way = {name: home[name] for name in ("final_url", "redirects")}
    seen = [replace(observe("404", day), **way) for day in (0, 4, 8)]

    assert choose_replacement(judge_link(seen, now=on_day(20)), ()) is None


def test_a_moved_link_is_replaced_by_its_new_address():
    chosen = choose("0:moved", [NEAR])

    assert chosen is not None
    assert (chosen.kind, chosen.address) == ("redirect", "https://neuf.test/tiers-lieux")


@pytest.mark.parametrize("story", ["0:ok", "0:403", "0:timeout", "0:404", DEAD])
def test_without_anything_better_nothing_is_proposed(story):
    assert choose(story) is None


def test_a_capture_of_an_error_replaces_nothing():
    assert choose(DEAD, [capture("2015-11-04", archive="archive.test", status=404)]) is None


def test_the_nearest_is_the_older_of_two_as_near_and_the_latest_without_a_date():
    before, after = capture("2015-11-02"), capture("2015-11-07")

    assert find_nearest([after, before], date(2015, 11, 4)) is before
    assert find_nearest([before, after], None) is after
    assert find_nearest([], CITED) is None


def row(name: str, state: LinkState, kind: str, *marks: LinkMark) -> LinkRow:
    return LinkRow(
        reference_id=name,
        title="",
        url=f"http://{name}.test/",
        health=LinkHealth(state=state, marks=marks),
        replacement=Replacement(address=f"https://{kind}.test/{name}", kind=kind) if kind else None,
    )


ROWS = (
    row("dead", LinkState.DEAD, "archive"),
    row("copied", LinkState.DEAD, "copy"),
    row("redirected", LinkState.DEAD, "redirect"),
    row("lost", LinkState.DEAD, ""),
    row("ignored", LinkState.DEAD, "archive", LinkMark.IGNORED),
    row("mended", LinkState.DEAD, "archive"),
    row("moved", LinkState.MOVED, "redirect"),
)


def test_a_repair_takes_the_dead_that_have_something_better_and_were_not_mended():
    fixes = choose_fixes(ROWS, archived={"mended"})

    assert [fix.url for fix in fixes] == ["http://dead.test/", "http://copied.test/"]


def test_a_repair_takes_what_moved_only_if_asked():
    fixes = choose_fixes(ROWS, with_moved=True)

    assert [fix.url for fix in fixes][-1] == "http://moved.test/"


@pytest.mark.parametrize(
    ("edtf", "day"),
    [
        ("2015-11-04", date(2015, 11, 4)),
        ("2015-11", date(2015, 11, 15)),
        ("2015", date(2015, 7, 1)),
        ("2014-23", date(2014, 7, 1)),  # an autumn
        ("2015-02-30", None),
        ("0000", None),
        ("", None),
        ("s.d.", None),
    ],
)
def test_a_citation_date_is_read_as_far_as_it_goes(edtf, day):
    assert parse_day(edtf) == day
