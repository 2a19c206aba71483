"""A report counts, says what changed, and opens right wherever it is read."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from lxml import html

from indexer.links import judge_link
from indexer.links.decisions import Choice, Decision, apply_decision
from indexer.links.finding import find_fault
from indexer.links.report import (
    LinkReport,
    describe_dots,
    list_dots,
    list_next_steps,
    list_turns,
    name_note,
    render_changes,
)
from indexer.links.report_forms import (
    render_atom,
    render_csv,
    render_html,
    render_json_row,
    render_junit,
)
from indexer.messages import open_translator
from indexer.model import LINK_STATES, LinkRow, LinkState, Note, Replacement
from tests.links.stories import history, on_day

NOW = on_day(30)
FRENCH = open_translator("fr")
STORIES = {
    "http://a.test/vivant": "0:ok 10:ok",
    "http://a.test/mort": "0:ok 10:404 14:404 20:404",
    "http://b.test/ressuscité": "0:404 4:404 8:404 22:ok",
    "http://b.test/déplacé": "0:ok 21:moved",
    "http://c.test/malade": "0:ok 25:timeout",
    "http://c.test/bloqué": "0:403",
    "http://c.test/jamais": "",
}


def row(url: str, story: str, **more) -> LinkRow:
    seen = history(story, url=url)
    dots = list_dots(seen, now=NOW)
    return LinkRow(
        reference_id=f"ref-{url.rpartition('/')[2]}",
        title=f"Un titre <b>« {url[-6:]} »</b>",
        url=url,
        site=urlsplit(url).hostname or "",
        health=judge_link(seen, now=NOW),
        dots=dots,
        course=describe_dots(dots),
        note_ids=("note-1", "note-2"),
        **more,
    )


def report(*, since: float | None = 12, stories=STORIES) -> LinkReport:
    turns = (
        tuple(
            turn
            for url, story in stories.items()
            for turn in list_turns(history(story, url=url), since=on_day(since), until=NOW)
        )
        if since is not None
        else ()
    )
    return LinkReport(
        made_at=NOW,
        rows=tuple(
            sorted(
                (row(url, story) for url, story in stories.items()),
                key=lambda each: LINK_STATES.index(each.health.state),
            )
        ),
        since=on_day(since) if since is not None else None,
        turns=turns,
    )


def test_links_are_counted_and_set_in_the_order_in_which_one_acts():
    assert {state.value: count for state, count in report().counts.items()} == {
        "dead": 1,
        "sick": 1,
        "blocked": 1,
        "moved": 1,
        "alive": 2,
        "never-visited": 1,
    }
    assert report().rows[0].health.state is LinkState.DEAD


def test_what_changed_is_said_in_five_lines_at_most():
    lines = [line.replace("\u00a0", " ") for line in render_changes(report(), FRENCH)]

    assert lines == [
        "Depuis le rapport du 13 janvier 2026 :",
        "1 mort : http://a.test/mort.",
        "1 ressuscité : http://b.test/ressuscité.",
        "1 déplacé : http://b.test/déplacé.",
        "1 malade : http://c.test/malade.",
    ]


def test_many_changes_are_counted_and_three_named():
    stories = {f"http://a.test/{n}": "13:404 17:404 25:404" for n in range(5)}

    lines = render_changes(report(stories=stories), FRENCH)

    assert [line.replace("\u00a0", " ") for line in lines][1] == (
        "5 morts : http://a.test/0, http://a.test/1, http://a.test/2 et 2 autres."
    )


def test_on_a_phone_each_cell_of_the_sheet_says_what_it_is():
    """There are no headings over a column there: "7" alone says nothing."""
    sheet = html.fromstring(render_html(report(), FRENCH))
    first = sheet.xpath("//tbody/tr")[0]

    assert first.xpath("td/@data-label") == [
        "Vivant pour la dernière fois", "En échec depuis", "Visites", "Notes", "À la place"
    ]  # fmt: skip
    assert "2 vivants" in sheet.xpath("string(//ul)").replace("\u00a0", " ")


def test_when_nothing_changed_it_says_so():
    quiet = report(since=29)

    assert [line.replace("\u00a0", " ") for line in render_changes(quiet, FRENCH)] == [
        "Depuis le rapport du 30 janvier 2026 : rien n’a changé."
    ]


def test_a_first_report_compares_with_nothing():
    assert render_changes(report(since=None), FRENCH) == ["Premier rapport\u00a0: 7\u00a0liens."]


def test_deaths_since_the_last_report_are_those_that_last():
    assert [turn.url for turn in report().deaths] == ["http://a.test/mort"]
    assert report(since=21).deaths == ()


def test_in_a_first_report_any_death_is_news():
    assert report(since=None).has_deaths
    assert report().has_deaths
    assert not report(since=21).has_deaths


def test_an_ignored_link_neither_counts_nor_fails():
    url = "http://a.test/mort"
    dead = row(url, STORIES[url])
    ignored = apply_decision(
        dead.health, Decision(url=url, choice=Choice.IGNORE, decided_on=NOW.date())
    )
    rows = (LinkRow(reference_id="a", title="", url=url, health=ignored),)
    turns = tuple(list_turns(history(STORIES[url], url=url), since=on_day(12), until=NOW))
    quiet = LinkReport(made_at=NOW, rows=rows, since=on_day(12), turns=turns)

    assert quiet.counts[LinkState.DEAD] == 0
    assert quiet.deaths == ()
    assert ElementTree.fromstring(render_junit(quiet, FRENCH)).get("failures") == "0"


def test_csv_opens_right_in_a_french_excel():
    text = render_csv(report(), FRENCH)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))

    assert text.startswith("\ufeffétat;adresse;")
    assert text.count("\r\n") == len(text.splitlines()) == 8
    assert rows[0]["état"] == "mort"
    assert rows[0]["vivant pour la dernière fois"] == "01/01/2026"
    assert rows[0]["notes"] == "note-1, note-2"


def test_a_report_names_notes_by_their_words_and_says_where_our_copy_is():
    named = replace(
        row("http://a.test/mort", STORIES["http://a.test/mort"]),
        note_names=("Tiers-lieux : La Sologne <invente>…", ""),
        copied_at=on_day(0),
        copy_path="/textes/ref-mort",
    )
    made = LinkReport(made_at=NOW, rows=(named,))
    (cells,) = csv.DictReader(
        io.StringIO(render_csv(made, FRENCH).removeprefix("\ufeff")), delimiter=";"
    )
    page = render_html(made, FRENCH)

    assert cells["notes"] == "Tiers-lieux : La Sologne <invente>… (note-1), note-2"
    assert cells["notre copie"] == "/textes/ref-mort"
    assert "Tiers-lieux : La Sologne &lt;invente&gt;… (note-1)<br>note-2" in page
    assert "/textes/ref-mort" in page


def test_an_address_that_cannot_be_read_is_said_so_and_why():
    url = "http://exemple.test:99999/a"
    made = LinkReport(made_at=NOW, rows=(row(url, "0:malformed"),))
    (cells,) = csv.DictReader(
        io.StringIO(render_csv(made, FRENCH).removeprefix("\ufeff")), delimiter=";"
    )

    assert cells["état"] == "adresse illisible"
    assert cells["raison"].replace("\u00a0", " ") == (
        "L’adresse ne peut pas être lue : il n’existe pas de port « 99999 »."
    )
    assert cells["historique"].replace("\u00a0", " ").endswith(": 1 fois adresse illisible")
    assert "adresse illisible" in render_html(made, FRENCH)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://exemple.test/a", ""),
        ("exemple.test/a", "il y manque « http:// » ou « https:// »"),
        ("http://", "le nom du site y manque"),
        ("http:///?q", "le nom du site y manque"),
        ("http://:80/", "le nom du site y manque"),
        ("http://exemple.test:port/", "il n’existe pas de port « port »"),
        ("http://lui@exemple.test:70000/", "il n’existe pas de port « 70000 »"),
        ("http://exemple .test/", "il y a une espace dans le nom du site"),
        ("http://exem|ple.test/", "il y a « | » dans le nom du site"),
        ("http://xn--a/", "« xn--a » n’est pas un nom de site"),
        ("http://[::1/", "« [::1 » n’est pas un nom de site"),
        ("http://256.256.256.256/", "« 256.256.256.256 » n’est pas un nom de site"),
        ("http://exemple.test/" + "a" * 9_000, "elle compte plus de 8 192 caractères"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(url, fault):
    assert FRENCH(find_fault(url)).replace("\u00a0", " ").replace("\u202f", " ") == fault


@pytest.mark.parametrize(
    ("section", "text", "name"),
    [
        (("Lectures", "Tiers-lieux"), "Un texte\n\ncourt.", "Tiers-lieux : Un texte court."),
        ((), "Un texte court.", "Un texte court."),
        (("Tiers-lieux",), "mot " * 40, "Tiers-lieux : " + "mot " * 13 + "mot…"),
        (("Tiers-lieux",), "", "Tiers-lieux"),
    ],
)
def test_a_note_is_named_by_its_heading_and_its_first_words(section, text, name):
    note = Note(id="n", text=text, section=section)

    assert name_note(note).replace("\u00a0", " ") == name


def test_no_cell_is_a_formula():
    evil = LinkRow(reference_id="a", title="=HYPERLINK(1)", url="http://a.test/")
    text = render_csv(LinkReport(made_at=NOW, rows=(evil,)), FRENCH)

    assert ";'=HYPERLINK(1);" in text


def test_json_says_all_that_a_program_may_ask():
    replaced = row(
        "http://a.test/mort",
        STORIES["http://a.test/mort"],
        replacement=Replacement(address="https://w.test/", kind="memento", archived_at=on_day(0)),
    )
    said = json.loads(render_json_row(replaced, FRENCH))

    assert said["state"] == "dead"
    assert said["alive_at"] == "2026-01-01T09:00:00+00:00"
    assert said["replacement"] == {
        "address": "https://w.test/",
        "kind": "memento",
        "archived_at": "2026-01-01T09:00:00+00:00",
    }
    assert said["history"][-1] == {
        "at": "2026-01-21T09:00:00+00:00",
        "state": "dead",
        "status": 404,
        "reason": "le serveur répond que la page n’existe pas (404)",
    }
    assert json.loads(render_json_row(row("http://a.test/", ""), FRENCH))["replacement"] is None


def test_the_html_file_stands_alone_and_escapes_what_came_from_elsewhere():
    rows = (
        row(
            "http://a.test/mort",
            STORIES["http://a.test/mort"],
            replacement=Replacement(address="https://w.test/", kind="memento", archived_at=NOW),
        ),
        row("http://b.test/vide", ""),
        row("javascript:alert(1)", "", replacement=Replacement(address="data:x", kind="copy")),
    )
    text = render_html(LinkReport(made_at=NOW, rows=rows), FRENCH)
    tree = html.document_fromstring(text)

    assert "<b>" not in text
    assert not tree.xpath("//script | //img | //link[@rel='stylesheet'] | //@src")
    assert tree.xpath("//tbody//a/@href") == [
        "http://a.test/mort",
        "https://w.test/",
        "http://b.test/vide",
        "#",
        "#",
    ]
    assert tree.xpath("//*[@role='img']/@aria-label")[1] == "Aucune visite"
    assert tree.xpath("//a[text()='archive du 31\u00a0janvier\u00a02026']")


def test_the_feed_holds_deaths_and_resurrections_newest_first():
    text = render_atom(
        report().turns, made_at=NOW, self_url="https://b.test/liens.atom", say=FRENCH
    )
    feed = feedparser.parse(text)

    assert not feed.bozo
    assert [entry.title.replace("\u00a0", " ") for entry in feed.entries] == [
        "Ressuscité : http://b.test/ressuscité",
        "Mort : http://a.test/mort",
    ]
    assert feed.feed.updated == feed.entries[0].updated == on_day(22).isoformat()
    assert len({entry.id for entry in feed.entries}) == 2


def test_an_empty_feed_does_not_change_within_a_day():
    morning = render_atom((), made_at=NOW, say=FRENCH)

    assert morning == render_atom((), made_at=NOW + timedelta(hours=3), say=FRENCH)
    assert not feedparser.parse(morning).bozo


def test_control_characters_do_not_break_the_xml():
    stories = {"http://a.test/\x01x": "13:404 17:404 25:404"}

    assert not feedparser.parse(
        render_atom(report(stories=stories).turns, made_at=NOW, say=FRENCH)
    ).bozo
    ElementTree.fromstring(render_junit(report(stories=stories), FRENCH))


def test_junit_fails_for_the_dead_and_skips_the_undecided():
    root = ElementTree.fromstring(render_junit(report(), FRENCH))

    assert {key: root.get(key) for key in ("tests", "failures", "skipped")} == {
        "tests": "7",
        "failures": "1",
        "skipped": "3",
    }
    failure = root.find(".//failure/..")
    assert failure is not None
    assert failure.get("name") == "http://a.test/mort"
    assert [suite.get("name") for suite in root] == ["a.test", "b.test", "c.test"]


@pytest.mark.parametrize("render", [render_csv, render_html, render_junit])
def test_a_report_on_nothing_is_still_a_report(render):
    assert render(LinkReport(made_at=NOW, rows=()), FRENCH)


def test_a_report_in_english_is_english_whole():
    """Every word of ours, in each form; what was cited stays as it was written."""
    english = open_translator("en")
    page = html.fromstring(render_html(report(), english))
    columns, first, *_ = csv.reader(
        io.StringIO(render_csv(report(), english).removeprefix("\ufeff")), delimiter=";"
    )

    assert page.get("lang") == "en"
    assert page.xpath("//th/text()")[0] == "State"
    assert render_changes(report(), english)[:2] == [
        "Since the report of January\u00a013,\u00a02026:",
        "1 dead: http://a.test/mort.",
    ]
    assert (columns[0], first[0], first[3]) == ("state", "dead", "2026-01-01")
    assert 'xml:lang="en"' in render_atom(report().turns, made_at=NOW, say=english)
    theirs = re.compile(
        r"https?://[^\s<\";]+|ref-[^\s<\";]+|Un titre .*? »|<style>.*?</style>", re.S
    )
    ours = re.compile(r"\b(le|lien|visites?|mort|malade|jamais|depuis)\b")
    for render in (render_html, render_csv, render_junit):
        assert not ours.search(theirs.sub("", render(report(), english))), render


@pytest.mark.parametrize("state", LinkState)
def test_what_can_be_done_about_a_link_is_a_list_of_commands_in_every_state(state):
    one = row("http://a.test/vivant", "0:ok")

    for _, command in list_next_steps(replace(one, health=replace(one.health, state=state))):
        assert command.startswith("renvois ")
