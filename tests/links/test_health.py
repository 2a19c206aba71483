"""A link's health is read from its history; nobody dies of one failure."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from indexer.links import judge_link
from indexer.links.health import find_change_at, next_check
from indexer.messages import open_translator
from indexer.model import Cause, LinkMark, LinkState, Observation, PageKind, Signal
from tests.links.stories import START, URL, VISITS, history

FRENCH = open_translator("fr")


def judge(story: str, *, day: float = 400):
    return judge_link(history(story), now=START + timedelta(days=day))


@pytest.mark.parametrize("story", ["", "0:ok", "0:404 4:404 8:404", "0:403", "0:timeout"])
@pytest.mark.parametrize("day", [-9, 5, 20])
def test_an_imported_capture_that_is_damaged_changes_nothing_of_a_verdict(story, day):
    damaged = Observation(
        url=URL, observed_at=START + timedelta(days=day), status=200, cause=Cause.DAMAGED
    )
    seen = history(story)
    now = START + timedelta(days=400)

    before, after = (judge_link(each, now=now) for each in (seen, [*seen, damaged]))
    assert after == replace(before, marks=(*before.marks, LinkMark.DAMAGED_CAPTURE))
    assert next_check([*seen, damaged]) == next_check(seen)


def test_a_link_that_nobody_visited_says_so():
    health = judge_link([], now=START)

    assert health.state is LinkState.UNKNOWN
    assert FRENCH(health.reason) == "Le lien n’a pas encore été visité."


@pytest.mark.parametrize(
    ("story", "state"),
    [
        ("0:ok", "alive"),
        ("0:moved", "moved"),
        ("0:403", "blocked"),
        ("0:429", "blocked"),
        ("0:captcha", "blocked"),
        ("0:robots", "blocked"),
        ("0:timeout", "sick"),
        ("0:500", "sick"),
        ("0:expired", "sick"),
        ("0:malformed", "never-visited"),
        # One failure, or many on one day, are not a death.
        ("0:404", "sick"),
        ("0:410", "sick"),
        ("0:nxdomain", "sick"),
        ("0:404 0.01:404 0.02:404 7.5:404", "sick"),
        # Three checks over at least seven days.
        ("0:404 1:404 2:404", "sick"),
        ("0:404 3:404 6.9:404", "sick"),
        ("0:404 3:404 7:404", "dead"),
        ("0:404 30:404", "sick"),
        ("0:soft404 4:soft404 8:soft404", "dead"),
        ("0:parked 4:parked 8:parked", "dead"),
        ("0:home 4:home 8:home", "dead"),
        ("0:nxdomain 4:404 8:parked", "dead"),
        # A 410 counts double.
        ("0:410 7:410", "dead"),
        ("0:410 7:404", "dead"),
        ("0:410 6:410", "sick"),
        ("0:404 0.1:410 7:404", "dead"),
        # What may pass never kills, however long.
        ("0:timeout 30:timeout 60:timeout 300:timeout", "sick"),
        ("0:500 4:500 8:500 12:500", "sick"),
        # A page that was there starts the count again.
        ("0:404 3:404 5:ok 8:404", "sick"),
        ("0:404 3:404 5:expired 8:404", "sick"),
        # What can't be told neither adds nor undoes.
        ("0:404 3:403 5:404 8:404", "dead"),
        ("0:404 3:404 8:403", "blocked"),
        ("0:404 3:doubt 5:404 8:404", "dead"),
        # But over months in which nobody could tell, single failures are not one death.
        ("0:404 30:doubt 180:404 210:doubt 360:404", "sick"),
        ("0:404 90:403 180:404 270:403 360:404", "sick"),
        ("0:404 90:timeout 180:404 270:500 360:404", "sick"),
        ("0:404 90:403 180:404 184:404 188:404", "dead"),
        ("0:404 30:403 60:404 90:doubt 120:404", "dead"),
        ("0:404 30:403 61:404 90:doubt 122:404", "sick"),
        ("0:410 90:403 180:410", "sick"),
        # Failures at every check are one, however rare the checks.
        ("0:404 180:404 360:404", "dead"),
        ("0:404 4:404 8:404 90:403 180:404", "dead"),
        # After failures, a page that may not be the text is no recovery.
        ("0:404 3:doubt", "sick"),
        ("0:404 3:doubt 6:ok", "alive"),
        ("0:404 3:ok 6:doubt", "alive"),
        ("0:timeout 3:doubt", "alive"),
        ("0:doubt", "alive"),
        # Dead stays dead until a page is there, without doubt.
        ("0:404 4:404 8:404 9:403", "dead"),
        ("0:404 4:404 8:404 9:timeout", "dead"),
        ("0:404 4:404 8:404 9:doubt", "dead"),
        ("0:404 4:404 8:404 9:ok", "alive"),
        ("0:404 4:404 8:404 9:expired", "sick"),
    ],
)
def test_the_state_is_read_from_the_history(story, state):
    assert judge(story).state == state


def test_the_order_of_the_history_does_not_matter():
    story = history("0:ok 3:404 6:404 12:404")

    assert judge_link(story[::-1], now=START + timedelta(days=20)) == judge_link(
        story, now=START + timedelta(days=20)
    )


def test_the_future_does_not_count_yet():
    story = "0:ok 3:404 6:404 12:404 20:ok"

    assert [judge(story, day=day).state.value for day in (0, 3, 6, 12, 20)] == [
        "alive",
        "sick",
        "sick",
        "dead",
        "alive",
    ]


def test_a_link_knows_since_when():
    health = judge("0:ok 10:ok 13:timeout 16:404 19:404 24:404")

    assert health.alive_at == START + timedelta(days=10)
    assert health.failing_since == START + timedelta(days=13)
    assert health.since == START + timedelta(days=24)
    assert health.checked_at == START + timedelta(days=24)
    assert (health.check_count, health.failure_count) == (6, 3)


def test_a_dead_link_that_answers_again_is_news_for_a_while():
    story = "0:404 4:404 8:404 20:ok"

    assert LinkMark.RESURRECTED in judge(story, day=30).marks
    assert judge(story, day=30).resurrected_at == START + timedelta(days=20)
    assert LinkMark.RESURRECTED not in judge(story, day=100).marks


def test_a_moved_link_proposes_its_new_address():
    health = judge("0:moved")

    assert health.replacement == "https://neuf.test/tiers-lieux"
    assert "https://neuf.test/tiers-lieux" in FRENCH(health.reason)


@pytest.mark.parametrize(
    ("seen", "mark"),
    [
        ({"similarity": 0.5, "kept": 0.7, "known": 0.6}, LinkMark.MODIFIED),
        ({"similarity": 0.2, "kept": 0.4, "known": 0.3}, LinkMark.MODIFIED),
        ({"similarity": 0.0, "kept": 0.0, "known": 0.0}, LinkMark.MODIFIED),
        ({"similarity": 0.5, "kept": 1.0, "known": 0.5}, LinkMark.EXTENDED),
        ({"similarity": 0.3, "kept": 0.3, "known": 1.0}, LinkMark.CUT),
        ({"page_kind": PageKind.PAYWALL}, LinkMark.PARTIAL),
        ({"signals": frozenset({Signal.PAYWALL})}, LinkMark.PARTIAL),
        ({"missing_fragments": frozenset({"haut"})}, LinkMark.NO_ANCHOR),
        ({"page_kind": PageKind.SCRIPT_SHELL}, LinkMark.NEEDS_JAVASCRIPT),
        ({"page_kind": PageKind.NO_TEXT}, LinkMark.NO_TEXT),
        ({"page_kind": PageKind.UNREADABLE}, LinkMark.NO_TEXT),
    ],
)
def test_a_living_link_bears_a_mark(seen, mark):
    visit = Observation(url=URL, observed_at=START, status=200, has_page=True, **seen)
    health = judge_link([visit], now=START)

    assert health.state is LinkState.ALIVE
    assert health.marks == (mark,)


def test_a_faulty_certificate_is_said_even_where_the_page_reads():
    health = judge("0:expired", day=1)

    assert health.marks == (LinkMark.TLS_FAULT,)
    assert FRENCH(health.reason) == (
        "Le certificat du site a expiré, mais la page se lit quand même. "
        "En échec depuis le 1er\u00a0janvier\u00a02026."
    )
    assert health.alive_at == START


def test_what_we_cannot_tell_for_a_season_is_for_a_person_to_look_at():
    assert LinkMark.TO_CHECK not in judge("0:403", day=10).marks
    assert LinkMark.TO_CHECK in judge("0:403 50:captcha", day=100).marks
    assert LinkMark.TO_CHECK in judge("0:timeout 50:500", day=100).marks


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        ("0:ok", "La page répond."),
        ("0:same", "La page répond : c’est toujours le même texte."),
        (
            "0:403",
            "Le serveur refuse l’accès aux robots (403) : on ne peut pas savoir, "
            "et ce n’est pas un lien mort.",
        ),
        (
            "0:404",
            "Le serveur répond que la page n’existe pas (404). "
            "En échec depuis le 1er janvier 2026.",
        ),
        (
            "0:404 3:404 9:404",
            "Le serveur répond que la page n’existe pas (404) : constaté lors de 3 vérifications, "
            "du 1er janvier 2026 au 10 janvier 2026.",
        ),
        (
            "0:404 3:404 9:404 12:timeout",
            "Le serveur répond que la page n’existe pas (404) : constaté lors de 3 vérifications, "
            "du 1er janvier 2026 au 10 janvier 2026. À la dernière visite, le serveur n’a pas "
            "répondu à temps : cela n’y change rien.",
        ),
        (
            "0:404 3:404 9:404 12:doubt",
            "Le serveur répond que la page n’existe pas (404) : constaté lors de 3 vérifications, "
            "du 1er janvier 2026 au 10 janvier 2026. À la dernière visite, une page répond, sans "
            "qu’on sache si c’est bien ce texte : cela n’y change rien.",
        ),
        (
            "0:404 3:doubt",
            "Une page répond, sans qu’on sache si c’est bien ce texte. "
            "En échec depuis le 1er janvier 2026.",
        ),
        ("0:doubt", "La page répond."),
        ("0:malformed", "L’adresse est mal formée et ne peut pas être demandée."),
    ],
)
def test_the_reason_is_a_french_sentence(story, reason):
    assert FRENCH(judge(story).reason).replace("\u00a0", " ") == reason


@pytest.mark.parametrize(
    ("story", "why"),
    [
        ("0:ok", "La page a répondu à la dernière visite."),
        ("0:403", "Un refus opposé à un robot ne dit rien de la page qu’un lecteur verrait."),
        (
            "0:timeout",
            "Une panne peut passer, et ne compte jamais comme la disparition d’une page.",
        ),
        ("0:expired", "La page elle-même se lit encore."),
        (
            "0:404 2:404",
            "Il faut au moins trois constats étalés sur sept jours (un code 410 compte double) ; "
            "il y en a 2, depuis le 1er janvier 2026.",
        ),
        ("0:malformed", "Rien n’a pu être demandé à cette adresse, donc rien n’est sûr."),
        ("0:404 3:404 9:404", ""),
    ],
)
def test_a_link_says_why_it_is_not_counted_dead(story, why):
    assert (
        FRENCH(judge(story).not_dead_because).replace("\u00a0", " ").replace("\u202f", " ") == why
    )


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"cause": Cause.TOO_LARGE}, "La page répond, mais dépasse la taille que nous gardons."),
        ({"cause": Cause.TRUNCATED}, "La page répond, mais n’est pas arrivée en entier."),
        (
            {"similarity": 0.625, "kept": 0.8, "known": 0.7},
            "La page répond ; son texte a changé (62 % en commun avec le premier texte capturé).",
        ),
        (
            {"similarity": 0.4, "kept": 1.0, "known": 0.4},
            "La page répond ; son texte a été augmenté.",
        ),
        (
            {"similarity": 0.2, "kept": 0.2, "known": 1.0},
            "La page répond ; il n’en reste que le début, sans doute derrière un péage.",
        ),
        (
            {"similarity": 0.01, "kept": 0.02, "known": 0.02},
            "La page répond ; son texte n’est plus celui qui a été capturé d’abord "
            "(1 % en commun).",
        ),
    ],
)
def test_a_living_page_says_what_became_of_its_text(seen, told):
    visit = Observation(url=URL, observed_at=START, status=200, has_page=True, **seen)

    assert re.sub("[\u00a0\u202f]", " ", FRENCH(judge_link([visit], now=START).reason)) == told


@pytest.mark.parametrize("word", VISITS)
def test_every_sentence_has_french_typography(word):
    for story in (f"0:{word}", f"0:{word} 4:{word} 8:{word}", f"0:404 4:404 8:404 9:{word}"):
        health = judge(story)
        for sentence in filter(None, map(FRENCH, (health.reason, health.not_dead_because))):
            assert re.fullmatch(r"[A-ZÀÉ].*\.", sentence)
            assert "'" not in sentence
            assert not re.search(r"(?<![\u00a0\u202f])[;!?%»]| :|(?<!\u00a0):(?!//)", sentence)


@pytest.mark.parametrize(
    "story",
    [
        "0:404 4:404 8:404 12:ok",  # a return is news for a while
        "0:ok 8:403",  # what stays undecided is to be looked at
        "0:ok 8:404 300:404",
        "0:ok 30:404 34:404 41:404",
        "0:403 8:ok 90:timeout",
    ],
)
@pytest.mark.parametrize("day", [5, 13, 60])
def test_a_verdict_stays_up_to_the_moment_that_it_says(story, day):
    seen = history(story)
    now = START + timedelta(days=day)
    health = judge_link(seen, now=now)
    change_at = find_change_at(seen, health, now=now)
    days = range(day, 500)

    others = [each for each in days if judge_link(seen, now=START + timedelta(days=each)) != health]
    until = (change_at - START).days if change_at is not None else 500
    assert not others or others[0] >= until
    assert change_at is not None or not others
