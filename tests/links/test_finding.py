"""What one visit is worth."""

from datetime import UTC, datetime

import pytest

from indexer.links.finding import FINDING_BY_CAUSE, Answer, is_same_text, permanent_address, weigh
from indexer.links.page import WALLS
from indexer.messages import message
from indexer.model import Cause, Observation, PageKind, Redirect, Signal

URL = "http://www.exemple.test/article-12"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def visit(**seen) -> Observation:
    return Observation(url=URL, observed_at=AT, **seen)


def page(*signals: Signal, **seen) -> Observation:
    return visit(status=200, has_page=True, signals=frozenset(signals), **seen)


def redirect(*steps: str) -> tuple[Redirect, ...]:
    """Read "301 http://…" or "302 http://…"."""
    pairs = (step.split() for step in steps)
    return tuple(Redirect(target_uri=uri, is_permanent=code == "301") for code, uri in pairs)


def test_every_cause_is_worth_something():
    assert set(FINDING_BY_CAUSE) == set(Cause)


@pytest.mark.parametrize("cause", Cause)
def test_no_cause_alone_is_worth_a_death(cause):
    assert weigh(visit(cause=cause)).strikes < 3


@pytest.mark.parametrize(
    ("status", "answer", "strikes"),
    [
        (401, Answer.BLOCKED, 0),
        (402, Answer.BLOCKED, 0),
        (403, Answer.BLOCKED, 0),
        (405, Answer.BLOCKED, 0),
        (406, Answer.BLOCKED, 0),
        (407, Answer.BLOCKED, 0),
        (418, Answer.BLOCKED, 0),
        (429, Answer.BLOCKED, 0),
        (451, Answer.BLOCKED, 0),
        (999, Answer.BLOCKED, 0),
        (404, Answer.FAILED, 1),
        (410, Answer.FAILED, 2),
        (400, Answer.SICK, 0),
        (408, Answer.SICK, 0),
        (500, Answer.SICK, 0),
        (503, Answer.SICK, 0),
        (521, Answer.SICK, 0),
        (304, Answer.SICK, 0),
    ],
)
def test_a_status_without_a_page_is_weighed(status, answer, strikes):
    finding = weigh(visit(status=status, cause=Cause.UNEXPECTED_STATUS))

    assert (finding.answer, finding.strikes) == (answer, strikes)


def test_a_refusal_is_a_refusal_whatever_its_status():
    assert weigh(visit(status=404 + 16, cause=Cause.BLOCKED)).answer is Answer.BLOCKED


def test_a_visit_that_says_nothing_is_a_fault():
    assert weigh(visit()).answer is Answer.SICK


@pytest.mark.parametrize(
    ("signals", "answer"),
    [
        # Walls first: what stands behind them is not known.
        ([Signal.CAPTCHA, Signal.SAME_AS_IMPOSSIBLE], Answer.BLOCKED),
        ([Signal.CONSENT_WALL, Signal.REDIRECTED_ELSEWHERE], Answer.BLOCKED),
        ([Signal.LOGIN_WALL, Signal.REDIRECTED_HOME], Answer.BLOCKED),
        ([Signal.MAINTENANCE, Signal.ERROR_HINT], Answer.SICK),
        ([Signal.PARKED, Signal.CAPTCHA], Answer.FAILED),
        ([Signal.PLACEHOLDER], Answer.FAILED),
        # A paywall is a living page.
        ([Signal.PAYWALL], Answer.ALIVE),
        # Strong doubts alone, weak ones by two.
        ([Signal.ERROR_WORDING], Answer.FAILED),
        ([Signal.SAME_AS_IMPOSSIBLE], Answer.FAILED),
        ([Signal.REDIRECTED_HOME], Answer.FAILED),
        ([Signal.SHARED_TARGET], Answer.FAILED),
        ([Signal.ERROR_HINT], Answer.ALIVE),
        ([Signal.UNLIKE_CAPTURE], Answer.SICK),
        ([Signal.UNLIKE_TITLE], Answer.ALIVE),
        ([Signal.REDIRECTED_ELSEWHERE], Answer.ALIVE),
        ([Signal.UNLIKE_CAPTURE, Signal.UNLIKE_TITLE], Answer.FAILED),
        ([Signal.REDIRECTED_ELSEWHERE, Signal.UNLIKE_TITLE], Answer.FAILED),
        ([Signal.ERROR_HINT, Signal.UNLIKE_TITLE], Answer.FAILED),
        # The title cited speaks for the page, but not against its own word.
        ([Signal.SAME_AS_IMPOSSIBLE, Signal.TITLE_FOUND], Answer.ALIVE),
        ([Signal.REDIRECTED_HOME, Signal.TITLE_FOUND], Answer.ALIVE),
        ([Signal.ERROR_WORDING, Signal.TITLE_FOUND], Answer.FAILED),
    ],
)
def test_the_signals_of_a_page_are_weighed(signals, answer):
    assert weigh(page(*signals)).answer is answer


@pytest.mark.parametrize("wall", WALLS)
def test_every_wall_gives_its_own_reason(wall):
    assert weigh(page(wall)).clause == message(f"link.wall.{wall.value}")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (PageKind.CONSENT, Answer.BLOCKED),
        (PageKind.LOGIN, Answer.BLOCKED),
        (PageKind.SOFT_404, Answer.ALIVE),
        (PageKind.PAYWALL, Answer.ALIVE),
        (PageKind.STUB, Answer.ALIVE),
    ],
)
def test_the_kind_of_page_that_the_extraction_saw_counts(kind, answer):
    assert weigh(page(page_kind=kind)).answer is answer


def test_two_readings_that_agree_on_an_error_are_enough():
    seen = page(Signal.UNLIKE_TITLE, page_kind=PageKind.SOFT_404)

    assert weigh(seen).answer is Answer.FAILED


@pytest.mark.parametrize(
    ("similarity", "kept", "known", "same"),
    [
        (None, None, None, None),
        (0.9, 0.95, 0.95, True),
        (0.26, 0.28, 1.0, True),  # cut to its first third
        (0.32, 0.48, 0.48, True),  # a fifth of the words changed
        (0.15, 0.25, 0.27, False),
        (0.2, 1.0, 0.2, True),  # five times longer
        (0.01, 0.03, 0.02, False),
        (0.01, None, None, False),
    ],
)
def test_the_same_text_is_told_from_another(similarity, kept, known, same):
    assert is_same_text(page(similarity=similarity, kept=kept, known=known)) is same


def test_a_redirect_home_that_still_shows_the_text_is_alive():
    seen = page(Signal.REDIRECTED_HOME, similarity=0.9, kept=0.95, known=0.95)

    assert weigh(seen).answer is Answer.ALIVE


@pytest.mark.parametrize(
    ("steps", "answer", "address"),
    [
        (["301 https://neuf.test/a"], Answer.MOVED, "https://neuf.test/a"),
        (["302 https://neuf.test/a"], Answer.ALIVE, ""),
        (
            ["301 https://b.test/a", "301 https://c.test/a"],
            Answer.MOVED,
            "https://c.test/a",
        ),
        # What follows a temporary step is not for good.
        (["301 https://b.test/a", "302 https://c.test/a"], Answer.MOVED, "https://b.test/a"),
        (["302 https://b.test/a", "301 https://c.test/a"], Answer.ALIVE, ""),
        # Another scheme or host is a move; a slash more is none.
        (["301 https://www.exemple.test/article-12"], Answer.MOVED, "https://www.exemple.test/article-12"),
        (["301 http://exemple.test/article-12"], Answer.MOVED, "http://exemple.test/article-12"),
        (["301 http://www.exemple.test/article-12/"], Answer.ALIVE, ""),
    ],
)  # fmt: skip
def test_only_a_permanent_redirect_is_a_move(steps, answer, address):
    finding = weigh(page(redirects=redirect(*steps)))

    assert (finding.answer, finding.address) == (answer, address)


def test_a_number_redirected_to_we_know_not_what_is_neither_alive_nor_a_strike():
    seen = page(Signal.REDIRECTED_BLINDLY, Signal.UNLIKE_TITLE, final_url="https://neuf.test/x")

    assert (weigh(seen).answer, weigh(seen).strikes) == (Answer.SICK, 0)
    assert weigh(page(Signal.REDIRECTED_BLINDLY)).answer is Answer.ALIVE


def test_a_permanent_redirect_to_we_know_not_what_is_no_move():
    seen = page(Signal.REDIRECTED_ELSEWHERE, redirects=redirect("301 https://neuf.test/x"))

    assert weigh(seen).answer is Answer.ALIVE
    assert weigh(seen).is_doubtful


def test_a_url_that_we_cannot_parse_moves_all_the_same():
    seen = Observation(
        url="::", observed_at=AT, has_page=True, redirects=redirect("301 https://b.test/")
    )

    assert weigh(seen).answer is Answer.MOVED


def test_no_redirect_leads_nowhere():
    assert permanent_address(()) == ""


@pytest.mark.parametrize(
    ("seen", "answer", "strikes"),
    [
        # The page reads: sick, and never a strike.
        ({"status": 200, "has_page": True}, Answer.SICK, 0),
        # The server knows that name, only its certificate is old: its 404 counts.
        ({"status": 404, "cause": Cause.NOT_FOUND}, Answer.FAILED, 1),
        ({"status": 403, "cause": Cause.BLOCKED}, Answer.BLOCKED, 0),
        ({"cause": Cause.TIMEOUT}, Answer.SICK, 0),
    ],
)
def test_an_expired_certificate_is_a_fault_beside_the_answer(seen, answer, strikes):
    finding = weigh(visit(tls_fault=Cause.TLS_EXPIRED, **seen))

    assert (finding.answer, finding.strikes) == (answer, strikes)


def test_a_page_cut_short_before_its_first_word_is_a_fault():
    seen = page(cause=Cause.DEADLINE, page_kind=PageKind.NO_TEXT)

    assert weigh(seen).answer is Answer.SICK


def test_a_captcha_served_as_a_fault_is_a_refusal():
    assert weigh(visit(status=503, cause=Cause.BLOCKED)).answer is Answer.BLOCKED
    assert weigh(visit(status=521, cause=Cause.BLOCKED)).answer is Answer.BLOCKED


def test_a_404_under_another_sites_certificate_is_hearsay():
    finding = weigh(visit(status=404, cause=Cause.NOT_FOUND, tls_fault=Cause.TLS_WRONG_HOST))

    assert (finding.answer, finding.strikes) == (Answer.SICK, 0)
