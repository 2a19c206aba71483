"""What a person decided wins over the verdict, and is dated."""

from dataclasses import replace
from datetime import date

import pytest

from indexer.links import judge_link
from indexer.links.decisions import (
    CHOICES,
    FRENCH_CHOICES,
    Choice,
    Decision,
    apply_decision,
    describe_decision,
    index_decisions,
    parse_decisions,
    read_decisions,
    render_decision,
)
from indexer.messages import NOTHING, open_translator
from indexer.model import LinkMark, LinkState
from tests.links.stories import URL, VISITS, history, observe, on_day

FRENCH = open_translator("fr")

FILE = f"""
# Ce que nous avons décidé.
[[lien]]
url = "{URL}"
decision = "accepter"
adresse = "https://exemple.test/"
par = "Camille"
le = 2026-01-20
remarque = "Le blog tient sur une page."

[[lien]]
url = "http://b.test/"
decision = "ignorer"
le = 2026-01-21T10:00:00
"""


def decide(choice: Choice, day: int = 10, **more) -> Decision:
    return Decision(url=URL, choice=choice, decided_on=date(2026, 1, day), **more)


def decided(story: str, decision: Decision):
    return apply_decision(judge_link(history(story), now=on_day(200)), decision)


def test_the_file_is_read():
    decisions, problems = parse_decisions(FILE)

    assert problems == ()
    assert decisions == (
        decide(
            Choice.ACCEPT,
            20,
            address="https://exemple.test/",
            by="Camille",
            comment="Le blog tient sur une page.",
        ),
        Decision(url="http://b.test/", choice=Choice.IGNORE, decided_on=date(2026, 1, 21)),
    )


def test_no_file_no_decision(tmp_path):
    assert read_decisions(tmp_path) == ((), ())


def test_the_file_stands_beside_the_bibliography(tmp_path):
    (tmp_path / "liens.toml").write_text(FILE, encoding="utf-8")

    assert len(read_decisions(tmp_path)[0]) == 2


def test_the_file_may_be_written_on_windows(tmp_path):
    payload = FILE.replace("\n", "\r\n").encode("utf-8-sig")
    (tmp_path / "liens.toml").write_bytes(payload)

    assert len(read_decisions(tmp_path)[0]) == 2


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    (tmp_path / "liens.toml").write_bytes(b"\xff\xfe")

    decisions, problems = read_decisions(tmp_path)

    assert decisions == ()
    assert [problem.code for problem in problems] == ["unreadable-decisions"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("[[lien]", "unreadable-decisions"),
        ('[[lien]]\ndecision = "mort"', "decision-without-url"),
        ("lien = 3", "decision-without-url"),
        ('[[lien]]\nurl = "http://a.test/"\ndecision = "tuer"', "unknown-decision"),
        ('[[lien]]\nurl = "http://a.test/"\ndecision = "mort"', "undated-decision"),
        ('[[lien]]\nurl = "http://a.test/"\nverdict = "mort"', "unknown-decision-key"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_a_problem(text, slug):
    decisions, problems = parse_decisions(text)

    assert decisions == ()
    assert [problem.code for problem in problems] == [slug]


@pytest.mark.parametrize(("typed", "choice"), CHOICES.items())
def test_a_decision_is_read_in_french_and_in_english_and_written_in_french(typed, choice):
    french = f'[[lien]]\nurl = "{URL}"\ndecision = "{typed}"\nadresse = "a"\npar = "b"\n'
    english = f'[[link]]\nurl = "{URL}"\ndecision = "{typed}"\naddress = "a"\nby = "b"\n'
    read = parse_decisions(f'{french}remarque = "c"\nle = 2026-01-10\n')

    assert parse_decisions(f'{english}comment = "c"\non = 2026-01-10\n') == read
    assert read == ((decide(choice, address="a", by="b", comment="c"),), ())
    assert parse_decisions(render_decision(read[0][0])) == read
    assert any(f'decision = "{word}"' in render_decision(read[0][0]) for word in FRENCH_CHOICES)


def test_a_single_table_is_one_decision():
    text = f'[lien]\nurl = "{URL}"\ndecision = "mort"\nle = 2026-01-10'

    assert parse_decisions(text) == ((decide(Choice.DEAD),), ())


def test_a_bad_decision_does_not_take_the_others_along():
    decisions, problems = parse_decisions(FILE + '\n[[lien]]\nurl = "http://c.test/"')

    assert (len(decisions), len(problems)) == (2, 1)


def test_the_last_decision_on_a_link_is_the_one():
    both = [decide(Choice.DEAD, 1), decide(Choice.ALIVE, 2)]

    assert index_decisions(both)[URL].choice is Choice.ALIVE


@pytest.mark.parametrize("decision", [None, decide(Choice.MONTHLY)])
def test_without_a_word_on_its_state_the_verdict_stands(decision):
    health = judge_link(history("0:404"), now=on_day(1))

    assert apply_decision(health, decision) == health


def test_an_ignored_link_keeps_its_state_and_is_marked():
    health = decided("0:404 4:404 8:404", decide(Choice.IGNORE))

    assert health.state is LinkState.DEAD
    assert LinkMark.IGNORED in health.marks


@pytest.mark.parametrize(
    ("story", "choice", "state"),
    [
        # Seen by a person: holds against refusals, until a failure counts.
        ("0:403 50:403", Choice.ALIVE, "alive"),
        ("0:timeout 50:timeout", Choice.ALIVE, "alive"),
        ("0:404 4:404 8:404", Choice.ALIVE, "alive"),
        ("0:403 50:404", Choice.ALIVE, "sick"),
        # Declared dead: holds until the page is there.
        ("0:403 50:403", Choice.DEAD, "dead"),
        ("0:ok 50:403", Choice.DEAD, "dead"),
        ("0:403 50:ok", Choice.DEAD, "alive"),
    ],
)
def test_a_decision_holds_until_something_after_its_day_undoes_it(story, choice, state):
    assert decided(story, decide(choice)).state == state


@pytest.mark.parametrize(
    ("address", "state"),
    [("https://exemple.test", "alive"), ("", "alive"), ("https://autre.test/", "dead")],
)
def test_an_accepted_redirect_holds_while_it_leads_there(address, state):
    health = decided("0:home 4:home 8:home", decide(Choice.ACCEPT, address=address))

    assert health.state == state


@pytest.mark.parametrize("address", ["https://exemple.test/", ""])
@pytest.mark.parametrize("fault", ["404", "410", "parked", "soft404", "500"])
def test_an_accepted_redirect_does_not_hide_what_died_behind_it(fault, address):
    """It led to a page when somebody accepted it; now there is none, at the same address."""
    home = VISITS["home"]
    way = {name: home[name] for name in ("final_url", "redirects")}
    seen = [replace(observe(fault, day), **way) for day in (0, 4, 8)]
    decision = decide(Choice.ACCEPT, address=address)

    verdict = judge_link(seen, now=on_day(30))

    assert verdict.state in (LinkState.DEAD, LinkState.SICK)
    assert apply_decision(verdict, decision) == verdict


def test_a_decision_says_whose_and_when():
    health = decided("0:403", decide(Choice.ALIVE, by="Camille", comment="vu ce jour"))

    assert FRENCH(health.reason).replace("\u00a0", " ") == (
        "Vu vivant par Camille le 10 janvier 2026 (vu ce jour). "
        "Ce que la machine a vu : bloqué."
    )  # fmt: skip
    assert LinkMark.DECIDED in health.marks
    assert LinkMark.TO_CHECK not in health.marks
    assert health.not_dead_because


def test_a_death_by_decision_needs_no_excuse():
    assert decided("0:403", decide(Choice.DEAD)).not_dead_because == NOTHING


@pytest.mark.parametrize("choice", Choice)
def test_every_decision_is_said_in_both_languages(choice):
    told = describe_decision(
        Decision(url=URL, choice=choice, decided_on=on_day(0).date(), by="Zoé")
    )

    assert "Zoé" in FRENCH(told)
    assert FRENCH(told) != open_translator("en")(told)
