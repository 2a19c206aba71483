"""What a visit and its page say is put down as an observation, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from indexer.links.decisions import Choice, Decision
from indexer.links.finding import weigh
from indexer.links.health import next_check
from indexer.links.history import Probe
from indexer.links.observe import Known, narrow, needs_probe, observe_page, observe_visit
from indexer.links.page import ParsedPage, parse_page
from indexer.model import (
    Article,
    Cause,
    Observation,
    PageKind,
    Paragraph,
    Redirect,
    Signal,
    Visit,
)
from testbed.zoo.pages import FR, FR_OTHER, FR_TITLE, article, notice
from tests.links.stories import history, on_day

URL = "https://exemple.test/2015/les-tiers-lieux"
AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "\n\n".join(FR)


def visit(**seen) -> Visit:
    given = {"outcome": "captured", "status": 200, "final_url": URL} | seen
    return Visit(url=URL, urlkey="test,exemple)/2015/les-tiers-lieux", visited_at=AT, **given)


def page(markup: str, *, to: str = URL) -> ParsedPage:
    return parse_page(markup, asked_url=URL, final_url=to)


def read(texts=FR, kind: PageKind = PageKind.ARTICLE) -> Article:
    return Article(
        record_id="urn:1", kind=kind, paragraphs=tuple(Paragraph(text=text) for text in texts)
    )


def observe(markup: str = "", *, to: str = URL, texts=FR, kind=PageKind.ARTICLE, **known):
    return observe_page(
        visit(final_url=to), page(markup, to=to), read(texts, kind), Known(**known)
    )  # fmt: skip


def test_a_visit_is_put_down_as_the_server_said_it():
    hops = ((URL, 301), ("https://b.test/", 302), ("https://c.test/", 200))
    seen = observe_visit(visit(hops=hops, final_url="https://c.test/", outcome="revisited"))

    assert seen.has_page
    assert seen.redirects == (
        Redirect(target_uri="https://b.test/", is_permanent=True),
        Redirect(target_uri="https://c.test/"),
    )


def test_a_miss_has_no_page():
    seen = observe_visit(visit(outcome="missed", status=404, cause=Cause.NOT_FOUND))

    assert (seen.has_page, seen.cause) == (False, Cause.NOT_FOUND)


def test_a_fault_of_the_certificate_is_not_told_twice():
    """The archive names it as the cause of a page that it has whole."""
    seen = observe_visit(visit(cause=Cause.TLS_EXPIRED, tls_fault=Cause.TLS_EXPIRED))

    assert (seen.cause, seen.tls_fault) == (None, Cause.TLS_EXPIRED)


@pytest.mark.parametrize(
    ("markup", "known", "signals"),
    [
        (article(), {"cited_title": FR_TITLE}, {Signal.TITLE_FOUND}),
        (article(), {"cited_title": "Marées hautes, oiseaux rares"}, {Signal.UNLIKE_TITLE}),
        (notice("Page introuvable"), {"cited_title": FR_TITLE}, {Signal.ERROR_WORDING}),
        (notice("Site en maintenance"), {"cited_title": FR_TITLE}, {Signal.MAINTENANCE}),
    ],
)
def test_a_page_gives_itself_away(markup, known, signals):
    assert observe(markup, **known).signals == signals


@pytest.mark.parametrize(
    ("to", "kind", "signals"),
    [
        ("https://exemple.test/news", PageKind.STUB,
         {Signal.REDIRECTED_BLINDLY, Signal.REDIRECTED_ELSEWHERE, Signal.UNLIKE_TITLE}),
        ("https://exemple.test/news", PageKind.ARTICLE,
         {Signal.REDIRECTED_BLINDLY, Signal.UNLIKE_TITLE}),
        ("https://www.exemple.test/?p=12", PageKind.STUB, {Signal.UNLIKE_TITLE}),
    ],
)  # fmt: skip
def test_a_number_that_leads_to_a_list_leads_elsewhere(to, kind, signals):
    number = replace(visit(final_url=to), url="https://exemple.test/?p=12")
    there = parse_page(article(FR_OTHER * 2, "Le salon"), asked_url=number.url, final_url=to)
    known = Known(cited_title=FR_TITLE)

    assert observe_page(number, there, read(FR_OTHER, kind), known).signals == signals


def test_the_title_of_the_first_capture_speaks_for_the_page():
    seen = observe(article(), cited_title="Marées hautes, oiseaux rares", first_title=FR_TITLE)

    assert seen.signals == {Signal.UNLIKE_TITLE, Signal.SAME_TITLE}
    assert not weigh(seen).is_doubtful


def test_behind_a_wall_nothing_is_compared():
    seen = observe(notice("Êtes-vous un robot ?"), first_text=TEXT, texts=FR_OTHER)

    assert seen.signals == {Signal.CAPTCHA}
    assert seen.similarity is None


def test_a_short_article_on_a_sale_of_domains_is_no_domain_for_sale():
    text = "Ce nom de domaine a expiré, et la commune l’a racheté à prix d’or. " * 4

    assert Signal.PARKED in observe(article((text,), "Un site perdu")).signals
    assert observe(article((text,), FR_TITLE), cited_title=FR_TITLE).signals == {Signal.TITLE_FOUND}


def test_a_text_that_has_nothing_of_the_first_one_is_said():
    seen = observe(article(FR_OTHER), texts=FR_OTHER, first_text=TEXT)

    assert Signal.UNLIKE_CAPTURE in seen.signals
    assert seen.similarity is not None
    assert seen.similarity < 0.05


def test_a_text_that_is_still_the_first_one_is_said():
    seen = observe(article(), first_text=TEXT)

    assert (seen.similarity, seen.kept, seen.known) == (1.0, 1.0, 1.0)
    assert Signal.UNLIKE_CAPTURE not in seen.signals


def test_hardly_any_text_is_not_compared():
    seen = observe(article(("Bref.",)), texts=("Bref.",), first_text=TEXT)

    assert seen.similarity is None


def test_the_shell_of_a_script_is_not_looked_at_for_a_title():
    seen = observe("<div id=app></div>", kind=PageKind.SCRIPT_SHELL, cited_title=FR_TITLE)

    assert seen.signals == frozenset()


def test_what_is_no_html_is_compared_by_its_text():
    seen = observe_page(visit(), None, read(), Known(first_text=TEXT))

    assert seen.similarity == 1.0


def test_a_page_without_an_article_is_still_a_page():
    seen = observe_page(visit(), page(article()), None)

    assert (seen.has_page, seen.page_kind, seen.record_id) == (True, None, "")


def test_the_same_answer_as_an_impossible_address_is_a_signal():
    other = "https://exemple.test/2015/q7"
    echo = "<p>Rien à l’adresse {}, désolé.</p>" + "".join(f"<p>{text}</p>" for text in FR[1:])
    probe = Probe(
        folder="https://exemple.test/2015",
        url=other,
        probed_at=AT,
        has_page=True,
        text=page(echo.format("/2015/q7")).text,
    )

    assert (
        Signal.SAME_AS_IMPOSSIBLE
        in observe(echo.format("/2015/les-tiers-lieux"), probe=probe).signals
    )
    assert Signal.SAME_AS_IMPOSSIBLE not in observe(article(FR_OTHER), probe=probe).signals


@pytest.mark.parametrize(("is_up", "strikes"), [(True, 1), (False, 0)])
def test_a_name_that_does_not_exist_counts_only_while_the_network_is_up(is_up, strikes):
    missed = visit(outcome="missed", status=None, cause=Cause.UNKNOWN_HOST)
    seen = observe_page(missed, None, None, Known(is_network_up=is_up))

    assert weigh(seen).strikes == strikes


def test_a_refusal_that_is_a_parked_domain_is_one():
    parked = page("<title>exemple.test</title><p>Ce domaine exemple.test est à vendre.</p>")
    refusal = visit(outcome="missed", cause=Cause.BLOCKED, detail="captcha")

    assert Signal.PARKED in observe_page(refusal, parked, None).signals
    assert observe_page(refusal, page(notice("Un instant…")), None).cause is Cause.BLOCKED


def test_a_refusal_with_a_status_is_a_refusal():
    refusal = visit(outcome="missed", status=403, cause=Cause.BLOCKED)

    assert not observe_page(refusal, None, None).has_page


@pytest.mark.parametrize(
    ("fragment", "is_missing"),
    [
        ("note-3", False),
        ("note-9", True),
        ("caf%C3%A9", False),
        ("top", False),
        ("", False),
        ("!/page", False),
        ("/page", False),
        (":~:text=jardin", False),
    ],
)
def test_an_anchor_that_is_gone_is_said(fragment, is_missing):
    markup = article(after='<p id="note-3">3</p><p id="café">c</p>')
    seen = observe(markup, fragments=frozenset({fragment}))

    assert seen.missing_fragments == (frozenset({fragment}) if is_missing else frozenset())


def test_a_script_may_make_its_anchors():
    seen = observe("", kind=PageKind.SCRIPT_SHELL, fragments=frozenset({"a"}))

    assert seen.missing_fragments == frozenset()


def test_a_pages_history_is_that_of_each_address_of_it_with_its_own_anchor():
    seen = Observation(url=URL, observed_at=AT, missing_fragments=frozenset({"a", "b"}))

    (mine,) = narrow([seen], f"{URL}#b")
    (plain,) = narrow([seen], URL)

    assert (mine.url, mine.missing_fragments) == (f"{URL}#b", {"b"})
    assert plain.missing_fragments == frozenset()


@pytest.mark.parametrize(
    ("seen", "needed"),
    [
        ({"has_page": True}, True),
        ({"has_page": False}, False),
        ({"has_page": True, "signals": frozenset({Signal.CAPTCHA})}, False),
        ({"has_page": True, "signals": frozenset({Signal.TITLE_FOUND})}, False),
        ({"has_page": True, "signals": frozenset({Signal.ERROR_WORDING})}, False),
        ({"has_page": True, "signals": frozenset({Signal.ERROR_HINT})}, True),
        ({"has_page": True, "page_kind": PageKind.SCRIPT_SHELL}, False),
        ({"has_page": True, "url": "https://exemple.test/"}, False),
    ],
)
def test_a_host_is_asked_for_what_cannot_exist_only_where_proof_is_needed(seen, needed):
    assert needs_probe(Observation(**{"url": URL, "observed_at": AT} | seen)) is needed


@pytest.mark.parametrize(
    ("story", "choice", "day"),
    [
        ("", None, None),
        ("0:ok", None, None),
        ("0:ok 5:403", None, None),
        ("0:ok 5:timeout", None, None),
        ("0:ok 5:404", None, 8),
        ("0:ok 5:soft404", None, 8),
        ("0:404 4:404 8:404", None, None),  # settled
        ("0:ok", Choice.MONTHLY, 30),
        ("0:ok", Choice.IGNORE, None),
        ("0:ok 5:404", Choice.MONTHLY, 8),
    ],
)
def test_what_looks_gone_is_seen_again_in_three_days(story, choice, day):
    decision = choice and Decision(url=URL, choice=choice, decided_on=AT.date())

    assert next_check(history(story), decision) == (None if day is None else on_day(day))
