"""Whatever bytes come, reading them ends with a value, never with an exception."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from indexer.archive.records import parse_fields, render_fields
from indexer.codings import decode
from indexer.crawl.judge import judge
from indexer.crawl.memento import parse_http_date, parse_timemap
from indexer.crawl.redirects import find_step
from indexer.crawl.robots import Rules, judge_robots
from indexer.crawl.schedule import find_retry_after
from indexer.heads import parse_head, parse_status
from indexer.model import Exchange, Hop, RobotsState
from indexer.urls import host, is_web_url, parse_url, readable_memento, redact_url, site, urlkey

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "http://exemple.test/page"
CODINGS = st.sampled_from(["", "gzip", "deflate", "br", "zstd", "gzip, br", "identity", "x"])
LATIN = st.text(st.characters(min_codepoint=1, max_codepoint=255, exclude_characters="\r\n"))


@st.composite
def hops(draw):
    fields = [
        ("Content-Encoding", draw(CODINGS)),
        ("Content-Type", draw(st.sampled_from(["", "text/html", "text/plain", "application/pdf"]))),
        (draw(st.sampled_from(["Location", "Refresh", "Retry-After"])), draw(LATIN)),
    ]
    return Hop(
        target_uri=URL,
        started_at=NOW,
        status=draw(st.integers(100, 999)),
        headers=tuple(fields),
        payload=draw(st.binary(max_size=300)),
    )


@given(hops())
def test_any_answer_is_judged(hop):
    exchange = Exchange(url=URL, canonical_url=URL, hops=(hop,))

    judge(exchange)
    step = find_step(hop)
    assert step is None or step.cause is not None or is_web_url(step.url)
    assert judge_robots(exchange, origin=URL, now=NOW).state in RobotsState


@given(st.binary(max_size=500), CODINGS, st.integers(0, 400))
def test_any_payload_is_decoded_within_its_bound(payload, coding, max_bytes):
    decoded = decode(payload, coding, max_bytes=max_bytes)

    assert len(decoded.payload) <= max(max_bytes, len(payload))


@given(st.binary(max_size=300))
def test_any_head_is_read(head):
    parse_head(head)
    parse_status(head)


@given(st.text(max_size=200))
def test_any_text_is_read_where_a_text_is_expected(text):
    assert find_retry_after(text, now=NOW) is None or text
    parse_timemap(text)
    parse_http_date(text)
    readable_memento(text)
    Rules(text).is_allowed(URL, "renvois")


@given(st.text(st.characters(), max_size=80), st.sampled_from(["", "http://", "https://a.fr/"]))
def test_any_text_has_a_key_and_a_url_is_its_own_canonical_url(text, before):
    written = before + text
    url = parse_url(written)
    urlkey(written)
    redact_url(written)
    if url is not None:
        assert parse_url(url) == url
        assert urlkey(url) == urlkey(written)
        host(url)
        site(url)


@given(st.lists(st.tuples(st.sampled_from(["renvois-url", "a"]), st.text(max_size=40)), max_size=5))
def test_fields_that_are_written_are_read_back_on_one_line_each(fields):
    read = parse_fields(render_fields(fields))

    assert len(read) == sum(1 for _, value in fields if value)
