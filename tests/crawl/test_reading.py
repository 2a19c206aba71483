"""What a response means: where it leads, what it is worth, what stands before a page."""

from datetime import UTC, datetime

import pytest

from indexer.crawl.judge import WALLS, find_wall, judge
from indexer.crawl.memento import (
    Memento,
    find_memento_datetime,
    order_by_distance,
    parse_archive,
    parse_http_date,
    parse_timemap,
    raw_address,
)
from indexer.crawl.redirects import find_step
from indexer.heads import parse_head, parse_status
from indexer.messages import open_translator
from indexer.model import Capture, Cause, Exchange, Hop, PageKind, Worth
from indexer.report import explain_cause
from indexer.urls import readable_memento

URL = "http://exemple.test/dossier/page"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG = "<p>" + "Un article assez long pour en être un. " * 80 + "</p>"


def hop(payload=b"", status=200, **fields):
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    body = payload.encode() if isinstance(payload, str) else payload
    return Hop(target_uri=URL, started_at=NOW, status=status, headers=named, payload=body)


def worth(found, **more):
    exchange = Exchange(url=URL, canonical_url=URL, hops=(found,), cause=found.cause)
    return judge(exchange, **more)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_explained_in_two_languages(cause):
    english, french = explain_cause(cause), open_translator("fr")(f"cause.{cause.value}")

    assert english and french and english != french
    assert not english.endswith(".") and not french.endswith(".")
    assert "'" not in french
    assert " ;" not in french and " :" not in french  # the space before is a narrow one


REFRESHES = {
    "0; url=/a": "http://exemple.test/a",
    "5;url=a": "http://exemple.test/dossier/a",
    "0;URL='/a'": "http://exemple.test/a",
    '0;url="/a"; autre': "http://exemple.test/a",
    "0, url = http://autre.test/": "http://autre.test/",
    "0 /a": "http://exemple.test/a",
    "3.7;url=/a": "http://exemple.test/a",
    "6;url=/a": None,
    "5": None,
    "": None,
    "url=/a": None,
    "0;url=": None,
    "0;url=javascript:alert(1)": None,
    "0;url=http://a.test:99999/": None,
    f"0;url={URL}": None,
}


@pytest.mark.parametrize("value", REFRESHES)
def test_a_refresh_is_followed_when_it_is_soon_and_elsewhere(value):
    step = find_step(hop(LONG, Refresh=value))

    assert (step.url if step else None) == REFRESHES[value]


MARKUPS = {
    '<meta http-equiv="refresh" content="0;url=/a?b&amp;c">': "http://exemple.test/a?b&c",
    "<META CONTENT='0;url=/a' HTTP-EQUIV='Refresh'>": "http://exemple.test/a",
    "<meta http-equiv=refresh content=0;url=/a>": "http://exemple.test/a",
    '<meta http-equiv="refresh">': None,
    '<meta name="refresh" content="0;url=/a">': None,
    '<!-- <meta http-equiv="refresh" content="0;url=/a"> -->': None,
    '<script>"<meta http-equiv=refresh content=0;url=/a>"</script>': None,
    '<noscript><meta http-equiv="refresh" content="0;url=/a"></noscript>': None,
    '<template><meta http-equiv="refresh" content="0;url=/a"></template>': None,
    " " * 70_000 + '<meta http-equiv="refresh" content="0;url=/a">': None,
}


@pytest.mark.parametrize("markup", MARKUPS, ids=lambda markup: markup.strip()[:50])
def test_a_meta_refresh_is_read_as_browsers_read_it(markup):
    step = find_step(hop(markup, Content_Type="text/html"))

    assert (step.url if step else None) == MARKUPS[markup]


def test_a_meta_refresh_in_what_is_no_page_is_text():
    markup = '<meta http-equiv="refresh" content="0;url=/a">'

    assert find_step(hop(markup, Content_Type="text/plain")) is None
    assert find_step(hop(markup, status=404, Content_Type="text/html")) is None


@pytest.mark.parametrize("status", [200, 204, 300, 304, 404, 500])
def test_a_location_beside_another_status_leads_nowhere(status):
    assert find_step(hop(status=status, Location="/a")) is None


def test_an_answer_that_failed_leads_nowhere():
    failed = Hop(target_uri=URL, started_at=NOW, status=302, cause=Cause.DEADLINE)

    assert find_step(failed) is None
    assert find_step(Hop(target_uri=URL, started_at=NOW)) is None


def test_a_304_that_was_asked_is_the_same_again():
    capture = Capture(
        record_id="urn:uuid:1",
        url=URL,
        urlkey=URL,
        target_uri=URL,
        captured_at=NOW,
        status=200,
        media_type="text/html",
        payload_digest="sha1:A",
        length=1,
    )
    asked = b"GET / HTTP/1.1\r\nIf-Modified-Since: Sun, 01 Mar 2026 00:00:00 GMT\r\n\r\n"
    answer = Hop(target_uri=URL, started_at=NOW, status=304, request_head=asked)

    assert worth(answer, previous=capture).worth is Worth.SAME
    assert worth(answer).cause is Cause.UNEXPECTED_STATUS
    assert worth(hop(status=304), previous=capture).cause is Cause.UNEXPECTED_STATUS


def test_no_hop_at_all_is_a_miss_with_its_cause():
    nothing = Exchange(url=URL, canonical_url=URL, cause=Cause.MALFORMED_URL)

    assert judge(nothing).cause is Cause.MALFORMED_URL
    assert judge(Exchange(url=URL, canonical_url=URL)).cause is Cause.BAD_RESPONSE


def test_an_old_page_in_latin_1_is_read_for_walls_too():
    page = "<title>Vérification de sécurité</title>".encode("latin-1")

    assert worth(hop(page, Content_Type="text/html")).cause is Cause.BLOCKED


@pytest.mark.parametrize(
    "title",
    ["Un instant avec Raphaël Besson", "Captcha : qui travaille ?", "Connexions", "Consentir"],
)
def test_a_short_text_whose_title_begins_like_a_wall_is_none(title):
    assert find(f"<title>{title}</title><p>Un entretien, en trois lignes.</p>") == ""


WALL_PAGES = {
    PageKind.CAPTCHA: "<title>Just a moment...</title>",
    PageKind.CONSENT: "<title>Avant d’accéder au site</title>",
    PageKind.LOGIN: '<title>Connexion</title><input type="password">',
    PageKind.NETWORK_FILTER: "<h1>Votre adresse IP a été bloquée</h1>",
}


def find(markup, **head):
    return find_wall(hop(markup, Content_Type="text/html", **head), markup.encode())


@pytest.mark.parametrize("kind", sorted(WALLS))
def test_each_wall_is_known_and_no_text_below_its_words_is_one(kind):
    assert find(WALL_PAGES[kind]) == kind
    assert find(WALL_PAGES[kind] + LONG) == ""


@pytest.mark.parametrize("value", ["challenge", "captcha"])
def test_a_challenge_says_so_in_its_head(value):
    assert find(LONG, x_amzn_waf_action=value) == "captcha"
    empty = hop(b"", 202, x_amzn_waf_action=value)
    assert (worth(empty).cause, worth(empty).detail) == (Cause.BLOCKED, "captcha")


def test_an_empty_202_is_what_a_firewall_answers_to_robots():
    assert worth(hop(b"", 202)).cause is Cause.BLOCKED
    assert worth(hop(b"", 200)).cause is Cause.EMPTY


@pytest.mark.parametrize(
    "title", ["Connexion haut débit en zone rurale", "La captcha économie", "Votre vie privée"]
)
def test_an_article_whose_title_sounds_like_a_wall_is_none(title):
    page = f"<title>{title}</title>{LONG}"

    assert worth(hop(page, Content_Type="text/html")).worth is Worth.NEW


TIMEMAP = """<http://a.test/>; rel="original",
<http://archive.test/timemap/link/http://a.test/>; rel="self"; type="application/link-format"; from="Tue, 20 Jun 2000 18:02:59 GMT",
<http://archive.test/20140601000000/http://a.test/?b=1,2>; rel="first memento"; datetime="Sun, 01 Jun 2014 00:00:00 GMT",
n'importe quoi
<http://archive.test/20170601000000/http://a.test/>; rel=memento; datetime="Thu, 01 Jun 2017 00:00:00 GMT",
<http://archive.test/20180601000000/http://a.test/>; rel="memento"; datetime="un jour",
<http://archive.test/20210601000000/http://a.test/>; rel="last memento"; datetime="Tue, 01 Jun 2021 00:00:00 GMT"
"""  # noqa: E501


def test_a_timemap_lists_mementos_and_bad_lines_are_left_out():
    mementos = parse_timemap(TIMEMAP)

    assert [memento.captured_at.year for memento in mementos] == [2014, 2017, 2021]
    assert mementos[0].uri == "http://archive.test/20140601000000/http://a.test/?b=1,2"
    assert parse_timemap("") == parse_timemap("<html>") == parse_timemap("x") == []


def test_the_nearest_memento_comes_first_and_of_two_the_earlier():
    mementos = [Memento(uri=str(day), captured_at=NOW.replace(day=day)) for day in (1, 5, 9)]

    assert [m.uri for m in order_by_distance(mementos, NOW.replace(day=7))] == ["5", "9", "1"]


@pytest.mark.parametrize(
    ("uri", "raw"),
    [
        (
            "https://web.archive.org/web/20140601000000/http://a.test/",
            "https://web.archive.org/web/20140601000000id_/http://a.test/",
        ),
        (
            "http://archive.test/coll/20140601000000mp_/https://a.test/?b",
            "http://archive.test/coll/20140601000000id_/https://a.test/?b",
        ),
        ("https://archive.ph/AbCdE", ""),
    ],
)
def test_raw_bytes_are_asked_where_an_archive_gives_them(uri, raw):
    assert raw_address(uri) == raw
    assert "id_" not in readable_memento(raw)


def test_a_memento_is_dated_by_its_header_else_by_its_address():
    dated = hop(Memento_Datetime="Sun, 01 Jun 2014 00:00:00 GMT")
    assert find_memento_datetime(dated) == datetime(2014, 6, 1, tzinfo=UTC)

    for timestamp, found in (
        ("20140601123000", datetime(2014, 6, 1, 12, 30, tzinfo=UTC)),
        ("20149901000000", None),
    ):
        address = f"http://archive.test/{timestamp}id_/http://a.test/"
        by_address = Hop(target_uri=address, started_at=NOW, status=200)
        assert find_memento_datetime(by_address) == found
    assert find_memento_datetime(hop()) is None


def test_dates_of_http_are_read_in_utc():
    assert parse_http_date("Sun, 01 Mar 2026 01:00:00 +0100") == NOW
    assert parse_http_date("Sun, 01 Mar 2026 00:00:00") == NOW
    assert parse_http_date("hier") is None


@pytest.mark.parametrize("address", ["", "web.archive.org", "ftp://archive.test/"])
def test_an_archive_needs_a_web_address(address):
    with pytest.raises(ValueError, match="not the address of a web archive"):
        parse_archive(address)


def test_an_archive_is_asked_under_its_address():
    archive = parse_archive("https://archive.test/coll")

    assert archive.timegate(URL) == f"https://archive.test/coll/{URL}"
    assert archive.timemap(URL) == f"https://archive.test/coll/timemap/link/{URL}"


def test_a_head_is_read_leniently_and_nothing_is_lost():
    head = b"HTTP/1.1 200 OK\r\nA: 1\r\n b\r\nn'importe quoi\r\nA:2\r\n: vide\r\n\xe9: \xe9\r\n\r\n"

    assert parse_head(head) == (("A", "1 b"), ("A", "2"), ("é", "é"))
    assert parse_status(head) == 200
    assert parse_status(b"") is parse_status(b"HTTP/1.1 abc") is None
