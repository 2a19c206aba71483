"""Outcomes -> counts, lines, hints."""

from datetime import UTC, datetime

from indexer.messages import message, open_translator
from indexer.model import Capture, Captured, Cause, Missed, Revisited
from indexer.report import OutcomeCounts, cause, outcome_slug, render_logfmt

CAPTURE = Capture(
    record_id="urn:uuid:1",
    url="http://exemple.test/",
    urlkey="test,exemple)/",
    target_uri="http://exemple.test/",
    captured_at=datetime(2026, 11, 24, tzinfo=UTC),
    status=200,
    media_type="text/html",
    payload_digest="sha1:A",
    length=10,
)
NEW = Captured(url="http://exemple.test/", capture=CAPTURE)
CUT = Captured(url="http://exemple.test/", capture=CAPTURE, cause=Cause.TRUNCATED)
SAME = Revisited(url="http://exemple.test/", capture=CAPTURE)
GONE = Missed(url="http://exemple.test/", cause=Cause.UNKNOWN_HOST)


def test_outcomes_are_participles_and_causes_slugs():
    assert [(outcome_slug(o), cause(o)) for o in (NEW, CUT, SAME, GONE)] == [
        ("captured", None),
        ("captured", "truncated"),
        ("revisited", None),
        ("missed", "unknown-host"),
    ]


def test_the_tally_counts_and_says_what_to_do_next():
    tally = OutcomeCounts()
    for outcome in (NEW, CUT, SAME, GONE, GONE):
        tally.add(outcome)

    sentences = list(map(open_translator("en"), tally.list_messages()))

    assert sentences[0] == "5 visited: 2 captured, 1 revisited, 2 missed."
    assert sentences[1].startswith("  2 × the domain name can’t be found. Some hosts do not exist")
    assert sentences[2] == "  1 × the answer broke off before its end."
    french = list(map(open_translator("fr"), tally.list_messages()))
    assert (
        french[0]
        == "5\u00a0pages visitées\u00a0: 2\u00a0capturées, 1\u00a0inchangée, 2\u00a0manquées."
    )


def test_nothing_to_visit_is_said():
    assert list(OutcomeCounts().list_messages()) == [message("cli.crawl.nothing")]


def test_a_log_line_quotes_what_has_spaces_and_stays_one_line():
    line = render_logfmt(captured="http://a/", detail='il a dit "non"\net puis', cause=None)

    assert line == 'captured=http://a/ detail="il a dit \\"non\\" et puis"'
