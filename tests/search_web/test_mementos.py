"""Captures are given back by RFC 7089, behind walls, by the rights of the pages."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from indexer.capture.browser import BrowserPage
from indexer.capture.rendering import draft_page, make_visit
from indexer.corpus import keep_identities
from indexer.crawl.memento import parse_timemap
from indexer.engines import build_index
from indexer.extract import extract_article
from indexer.heads import parse_head
from indexer.model import (
    Arrival,
    Document,
    DocumentKind,
    Exchange,
    Reference,
    Target,
    Verdict,
    Worth,
)
from indexer.settings import Settings
from indexer.urls import parse_url, urlkey
from search_web.interop.mementos import SANDBOX, parse_http_date, parse_timestamp
from search_web.pages.captures import mark_words
from search_web.wsgi import close_app, open_app
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

SITE = "https://renvois.example"
URL = "http://exemple.test/atelier?b=2&lang=en&lien=mort"
MOVED = "http://exemple.test/ancien"
LATER = "http://exemple.test/nouveau"
GONE = "http://exemple.test/perdu"
SECRET = "http://retrait.test/article"
ELSEWHERE = "http://refuge.test/copie"
PDF = "http://exemple.test/rapport.pdf"
ARCHIVE = "https://web.archive.org/web/"
BIBLIOGRAPHY = "".join(
    f"@online{{texte-{number},\n title = {{Un titre {number}}},\n url = {{{url}}}\n}}\n"
    for number, url in enumerate((URL, MOVED, GONE, SECRET, PDF))
)
MARCH = ("20260301120000", "20260302120000", "20260305120000")


def fill(corpus):
    for days in (0, 1, 4):
        at = NOON + timedelta(days=days)
        page = PAGE if days < 2 else PAGE + b"<script>alert(1)</script>"
        coded = gzip.compress(page, mtime=0)
        corpus.visit(URL, hop(URL, coded, at=at, fields=["Content-Encoding: gzip", 'ETag: "un"']))
    corpus.visit(
        MOVED,
        hop(MOVED, b"", status=301, fields=["Location: https://exemple.test/ancien"]),
        hop("https://exemple.test/ancien", b"", status=302, fields=["Location: /nouveau"]),
        hop("https://exemple.test/nouveau", PAGE + b"nouveau"),
    )
    corpus.visit(GONE, hop(GONE, b"<p>introuvable</p>", status=404))
    corpus.visit(PDF, as_pdf(hop(PDF, b"%PDF-1.7 ")))
    secret = corpus.visit(
        SECRET,
        hop(SECRET, b"", status=302, fields=[f"Location: {ELSEWHERE}"]),
        hop(ELSEWHERE, PAGE + b"secret"),
    )
    keep_image(corpus, secret.capture)
    keep_archived(corpus, URL, "20150310080000")
    keep_text(corpus)


TEXT = "http://exemple.test/texte"
SENTENCES = (
    "Les ateliers partagés rassemblent des machines et des personnes dans un même lieu.",
    "La coopération demande du temps, des règles écrites ensemble et une caisse commune.",
    "Le partage des outils réduit les dépenses et allonge la vie des objets.",
)


def keep_text(corpus):
    """Keep a page that was revised, both texts read."""
    revised = (*SENTENCES[:2], SENTENCES[2].replace("les dépenses", "beaucoup <b>les frais</b>"))
    for days, sentences in ((0, SENTENCES), (9, revised)):
        html = "".join(f"<p>{sentence} {sentence}</p>" for sentence in sentences)
        payload = f"<title>Un texte</title><article><h1>Un texte</h1>{html}</article>".encode()
        told = corpus.visit(TEXT, hop(TEXT, payload, at=NOON + timedelta(days=days)))
        headers = {"Content-Type": "text/html; charset=utf-8"}
        article = extract_article(
            payload, headers=headers, url=TEXT, record_id=told.capture.record_id
        )
        corpus.catalogue.put_article(article)
        keep_image(corpus, told.capture)


JPEG = b"\xff\xd8\xff\xe0 une image"


def keep_image(corpus, capture):
    """Keep what a browser made of a capture, as a crawl does."""
    at = capture.captured_at + timedelta(minutes=1)
    page = BrowserPage(
        final_url=capture.target_uri, markup=b"<p>Le texte</p>", image=JPEG + capture.url.encode()
    )
    drafts = draft_page(capture, page, at=at)
    corpus.keeper.keep_beside_page(make_visit(capture, page, drafts, at), drafts)


def as_pdf(made):
    head = made.response_head.replace(b"text/html", b"application/pdf")
    return replace(made, response_head=head, headers=parse_head(head))


def keep_archived(corpus, url, timestamp):
    """Keep a memento that a web archive gave, as a crawl does."""
    raw = f"{ARCHIVE}{timestamp}id_/{url}"
    exchange = Exchange(url=url, canonical_url=url, hops=(hop(raw, PAGE + b"2015"),))
    corpus.keeper.keep(
        Arrival(
            target=Target(url=url, urlkey=urlkey(url), canonical_url=parse_url(url)),
            exchange=exchange,
            verdict=Verdict(worth=Worth.NEW, status=200),
            arrived_at=NOON,
            archive=ARCHIVE,
            memento_at=datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC),
        )
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mementos")
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "biblio.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    with Corpus(folder).open() as corpus:
        fill(corpus)
    references = keep_identities(Settings(corpus=folder)).references
    build_index(
        folder / "index",
        [
            Document(
                id=each.id,
                kind=DocumentKind.TEXT,
                title=each.title,
                url=each.url,
                reference=Reference(id=each.id, title=each.title, url=each.url),
                captured_at=NOON,
            )
            for each in references
        ],
    )
    return folder


@pytest.fixture(scope="module")
def ids(folder):
    """The ids of the texts, by their addresses."""
    return {each.url: each.id for each in keep_identities(Settings(corpus=folder)).references}


@pytest.fixture(scope="module")
def sites(folder):
    """The site that shows whole captures, and the one that shows extracts."""
    apps = {
        shown: open_app(Settings(corpus=folder, base_url=SITE, show_archived=shown))
        for shown in ("full", "extracts")
    }
    yield {shown: app.test_client() for shown, app in apps.items()}
    for app in apps.values():
        close_app(app)


@pytest.fixture
def full(sites):
    return sites["full"]


@pytest.fixture
def extracts(sites):
    return sites["extracts"]


def links_of(answer):
    """The links of a Link header: the relations and the datetime of each address."""
    return {
        uri: (set(rel.split()), moment)
        for uri, rel, moment in re.findall(
            r'<([^>]*)>; rel="([^"]*)"(?:; type="[^"]*")?(?:; datetime="([^"]*)")?',
            answer.headers.get("Link", ""),
        )
    }


def relations(answer):
    return {rel for rels, _ in links_of(answer).values() for rel in rels}


LAST, FIRST = MARCH[2], "20150310080000"
JUST_BEFORE = {"Accept-Datetime": "Mon, 02 Mar 2026 00:00:01 GMT"}
BEFORE_ALL = {"Accept-Datetime": "Tue, 01 Jan 1980 00:00:00 GMT"}
AFTER_ALL = {"Accept-Datetime": "Fri, 01 Jan 2100 00:00:00 GMT"}

FIRST_OF_MARCH = "Sun, 01 Mar 2026 12:00:00 GMT"

# RFC 7089, section by section: what is asked, the status, the end of Location, what else holds.
CONFORMANCE = {
    "2.1.1 the date asked is met by the nearest": (
        f"/web/{URL}", JUST_BEFORE, 302, f"/web/{MARCH[1]}/{URL}", {}),
    "2.1.1 a memento says its own date": (
        f"/web/{MARCH[0]}/{URL}", {}, 200, "", {"Memento-Datetime": FIRST_OF_MARCH}),
    "2.1.2 a TimeGate varies by the date asked": (
        f"/web/{URL}", {}, 302, "", {"Vary": "accept-datetime"}),
    "2.2.1 without a date, the latest": (f"/web/{URL}", {}, 302, f"/web/{LAST}/{URL}", {}),
    "4.5.3 a date before all gets the first": (
        f"/web/{URL}", BEFORE_ALL, 302, f"/web/{FIRST}/{URL}", {}),
    "4.5.3 a date after all gets the last": (
        f"/web/{URL}", AFTER_ALL, 302, f"/web/{LAST}/{URL}", {}),
    "4.5.3 a date that is none is refused": (
        f"/web/{URL}", {"Accept-Datetime": "bientôt".encode().decode("latin-1")}, 400, "",
        {"Vary": "accept-datetime"}),
    "4.5.3 so is one in another form": (
        f"/web/{URL}", {"Accept-Datetime": "2026-03-02T00:00:01Z"}, 400, "", {}),
    "4.5.3 and a day that does not exist": (
        f"/web/{URL}", {"Accept-Datetime": "Mon, 31 Feb 2026 00:00:01 GMT"}, 400, "", {}),
    "4.5.4 a redirect that was captured leads to another memento": (
        f"/web/{MARCH[0]}/{MOVED}", {}, 302, f"/web/{MARCH[0]}/https://exemple.test/nouveau",
        {"Memento-Datetime": "Sun, 01 Mar 2026 12:00:00 GMT"}),
    "4.5.5 an error that was captured has its status": (
        f"/web/{MARCH[0]}/{GONE}", {}, 404, "",
        {"Memento-Datetime": "Sun, 01 Mar 2026 12:00:00 GMT"}),
    "what was never captured has no TimeGate": (
        "/web/http://exemple.test/jamais", {}, 404, "", {"Vary": "accept-datetime"}),
    "nor a TimeMap": ("/web/timemap/link/http://exemple.test/jamais", {}, 404, "", {}),
    "nor a memento": (f"/web/{MARCH[0]}/http://exemple.test/jamais", {}, 404, "", {}),
    "another second leads to the nearest memento": (
        f"/web/20260302150000/{URL}", {}, 302, f"/web/{MARCH[1]}/{URL}", {}),
    "so does a part of a date": (f"/web/2026/{URL}", {}, 302, f"/web/{MARCH[0]}/{URL}", {}),
    "and the raw one to the raw one": (
        f"/web/2026id_/{URL}", {}, 302, f"/web/{MARCH[0]}id_/{URL}", {}),
    "a date that is none is no page": (f"/web/20269999/{URL}", {}, 404, "", {}),
    "5 a TimeMap in link-format": (
        f"/web/timemap/link/{URL}", {}, 200, "", {"Content-Type": "application/link-format"}),
    "5 and in JSON": (
        f"/web/timemap/json/{URL}", {}, 200, "", {"Content-Type": "application/json"}),
    "in no other form": (f"/web/timemap/rdf/{URL}", {}, 404, "", {}),
    "servers make one slash of two": (
        f"/web/{URL.replace('//', '/')}", {}, 302, f"/web/{LAST}/{URL}", {}),
    "a scheme may be left out": (
        f"/web/{URL.removeprefix('http://')}", {}, 302, f"/web/{LAST}/{URL}", {}),
    "a URL may be escaped whole": (
        f"/web/{quote(URL, safe='')}", {}, 302, f"/web/{LAST}/{URL}", {}),
    "what is no address is no page": ("/web/javascript:alert(1)", {}, 404, "", {}),
    "the star leads to the calendar": (
        f"/web/*/{URL}", {}, 302, f"/captures?url={quote(URL, safe=':/?')}", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFORMANCE)
def test_every_row_of_the_table_of_conformance_holds(full, case):
    address, asked, status, location, headers = CONFORMANCE[case]

    answer = full.get(address, headers=asked)

    assert answer.status_code == status
    assert answer.headers.get("Location", "").endswith(location)
    for name, value in headers.items():
        assert value.lower() in answer.headers[name].lower()
    assert ("Memento-Datetime" in answer.headers) == (
        "Memento-Datetime" in headers or (status == 200 and "timemap" not in address)
    )


def test_a_memento_names_its_original_its_timegate_its_timemap_and_its_neighbours(full):
    answer = full.get(f"/web/{MARCH[1]}/{URL}")
    links = links_of(answer)

    assert links[URL][0] == {"original"}
    assert links[f"{SITE}/web/{URL}"][0] == {"timegate"}
    assert links[f"{SITE}/web/timemap/link/{URL}"][0] == {"timemap"}
    told = {uri: rels for uri, (rels, moment) in links.items() if moment}
    assert told == {
        f"{SITE}/web/{FIRST}/{URL}": {"first", "memento"},
        f"{SITE}/web/{MARCH[0]}/{URL}": {"prev", "memento"},
        f"{SITE}/web/{MARCH[1]}/{URL}": {"memento"},
        f"{SITE}/web/{LAST}/{URL}": {"next", "last", "memento"},
    }


def test_a_timegate_names_the_memento_that_it_chose_and_no_timegate(full):
    answer = full.head(f"/web/{URL}", headers=JUST_BEFORE)

    assert relations(answer) == {"original", "timemap", "memento", "first", "last", "prev", "next"}
    assert f"{SITE}/web/{MARCH[1]}/{URL}" in links_of(answer)
    assert "Memento-Datetime" not in answer.headers


def test_a_timemap_lists_every_memento_once_and_in_order(full):
    text = full.get(f"/web/timemap/link/{URL}").text
    listed = parse_timemap(text)

    assert [each.uri for each in listed] == [
        f"{SITE}/web/{timestamp}/{URL}" for timestamp in (FIRST, *MARCH)
    ]
    assert f'<{URL}>; rel="original"' in text
    assert 'rel="self"; type="application/link-format"; from="Tue, 10 Mar 2015' in text
    told = full.get(f"/web/timemap/json/{URL}").get_json()
    assert [each["uri"] for each in told["mementos"]["list"]] == [each.uri for each in listed]
    assert told["original_uri"] == URL
    assert told["mementos"]["last"] == told["mementos"]["list"][-1]
    for each in listed:
        assert full.get(each.uri.removeprefix(SITE)).status_code == 200


def test_the_raw_memento_is_the_bytes_of_the_archive_and_the_other_has_its_codings_off(full):
    raw = full.get(f"/web/{MARCH[0]}id_/{URL}")
    plain = full.get(f"/web/{MARCH[0]}/{URL}")

    assert raw.data == gzip.compress(PAGE, mtime=0)
    assert raw.headers["Content-Encoding"] == "gzip"
    assert raw.headers["X-Archive-Orig-ETag"] == '"un"'
    assert plain.data == PAGE
    assert "Content-Encoding" not in plain.headers
    assert raw.headers["Content-Type"] == plain.headers["Content-Type"] == "text/html"


def test_the_bytes_of_a_revisit_are_those_that_it_refers_to(full):
    assert full.get(f"/web/{MARCH[1]}/{URL}").data == PAGE


@pytest.mark.parametrize("marker", ["", "id_"])
def test_what_others_wrote_stands_behind_walls(full, marker):
    answer = full.get(f"/web/{MARCH[2]}{marker}/{URL}")
    policy = answer.headers["Content-Security-Policy"]

    assert policy == SANDBOX
    assert "sandbox" in policy and "allow" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("purpose", "status"),
    [("document", 200), ("empty", 200), ("script", 403), ("style", 403), ("serviceworker", 403)],
)
def test_no_page_may_run_an_archived_file(full, purpose, status):
    answer = full.get(f"/web/{MARCH[2]}id_/{URL}", headers={"Sec-Fetch-Dest": purpose})

    assert answer.status_code == status


def test_where_extracts_are_shown_no_capture_of_ours_is(extracts):
    for marker in ("", "id_"):
        answer = extracts.get(f"/web/{MARCH[0]}{marker}/{URL}")
        assert answer.status_code == 403
        assert PAGE not in answer.data
    assert extracts.get(f"/web/{MARCH[0]}/{GONE}").status_code == 403
    assert extracts.get(f"/web/timemap/link/{GONE}").status_code == 404
    assert extracts.get(f"/web/{GONE}").status_code == 404


def test_where_extracts_are_shown_timemaps_name_public_archives(extracts):
    listed = parse_timemap(extracts.get(f"/web/timemap/link/{URL}").text)

    assert [each.uri for each in listed] == [f"{ARCHIVE}{FIRST}/{URL}"]
    answer = extracts.get(f"/web/{URL}", headers=JUST_BEFORE)
    assert answer.headers["Location"] == f"{ARCHIVE}{FIRST}/{URL}"


@pytest.mark.parametrize("line", [SECRET, "id", f"{ARCHIVE}2015/{SECRET}"])
def test_what_is_withdrawn_is_gone_with_all_that_led_from_it(folder, sites, line, ids):
    line = ids[SECRET] if line == "id" else line
    addresses = (SECRET, ELSEWHERE, f"{ARCHIVE}20150101000000id_/{SECRET}")
    file = folder / "withdrawn.txt"
    for shown, client in sites.items():
        before = client.get(f"/web/{MARCH[0]}/{SECRET}").status_code
        assert before == (302 if shown == "full" else 403)
        file.write_text(line, encoding="utf-8")
        try:
            for url in addresses:
                for path in (f"/web/{url}", f"/web/{MARCH[0]}/{url}", f"/web/{MARCH[0]}id_/{url}",
                             f"/web/timemap/link/{url}", f"/web/timemap/json/{url}",
                             f"/captures?url={quote(url)}", image_of(url)):  # fmt: skip
                    answer = client.get(path)
                    assert answer.status_code == 410, path
                    assert client.get(path.replace("test", "jamais")).status_code == 404, path
                    assert "retrait.test" not in answer.text
                    assert not set(links_of(answer))
            other = client.get(f"/captures?url={quote(URL)}").status_code
        finally:
            file.unlink()
        assert other == 200


def test_a_text_that_is_cited_stays_though_a_withdrawn_one_led_there(folder, sites):
    file = folder / "withdrawn.txt"
    with Corpus(folder).open() as corpus:
        at = NOON + timedelta(days=30)
        corpus.visit(
            SECRET,
            hop(SECRET, b"", status=302, at=at, fields=[f"Location: {GONE}"]),
            hop(GONE, b"<p>introuvable</p>", status=404, at=at),
        )
    file.write_text(SECRET, encoding="utf-8")
    try:
        assert sites["full"].get(f"/web/{MARCH[0]}/{GONE}").status_code == 404
    finally:
        file.unlink()


def test_a_field_that_no_header_may_hold_is_left_out(folder, full):
    url = "http://exemple.test/mauvais"
    with Corpus(folder).open() as corpus:
        bad = hop(url, fields=["ETag: a\x01b", "Server: \x7f"])
        head = bad.response_head.replace(b"text/html", b"text/\x00html")
        corpus.visit(url, replace(bad, response_head=head, headers=parse_head(head)))

    answer = full.get(f"/web/{MARCH[0]}id_/{url}")

    assert (answer.status_code, answer.data) == (200, PAGE)
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert not any(name.startswith("X-Archive-Orig-") for name, _ in answer.headers)


def test_a_pdf_is_shown_by_the_browser_s_own_viewer(full):
    policy = full.get(f"/web/{MARCH[0]}/{PDF}").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "sandbox" not in policy


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_calendar_shows_each_day_and_leads_to_each_memento(sites, language):
    for shown, client in sites.items():
        answer = client.get(f"/captures?url={quote(URL)}&lang={language}")
        page = answer.text
        assert answer.status_code == 200
        assert "4 captures" in page.replace("\xa0", " ")
        for day in ("2026-03-01", "2026-03-02", "2026-03-05", "2015-03-10"):
            assert f'href="#d{day}"' in page and f'id="d{day}"' in page
        assert (f"{SITE}/web/{LAST}/http://exemple.test/" in page) == (shown == "full")
        assert (f"{ARCHIVE}{FIRST}/" in page) == (shown == "extracts")
    assert ("Captures de" if language == "fr" else "Captures of") in page


def compared(client, before="20260301120000", now="20260310120000"):
    asked = f"/captures?url={quote(TEXT)}&avant={before}&apres={now}&lang=fr"
    return BeautifulSoup(client.get(asked).text, "lxml").find("section")


def test_two_captures_are_compared_side_by_side_by_words(full):
    section = compared(full)
    [row] = section.select("table.changes tbody tr")
    before, now = row.find_all("td")

    assert "les dépenses" in before.get_text() and "beaucoup les frais" in now.get_text()
    assert {mark.get_text() for mark in before.find_all("mark")} == {"dépenses"}
    assert {mark.get_text() for mark in now.find_all("mark")} == {"beaucoup", "frais"}
    assert section.find("option", value="20260301120000", selected=True) is not None


def image_of(url, timestamp="20260301120100"):
    return f"/captures/image?url={quote(url)}&date={timestamp}"


def test_the_images_of_two_captures_stand_beside_each_other(full, extracts):
    images = compared(full).select(".images img")
    answers = [full.get(image["src"]) for image in images]

    assert [re.search(r"\d{14}", image["src"])[0] for image in images] == [
        "20260301120100",
        "20260310120100",
    ]
    assert {answer.content_type for answer in answers} == {"image/jpeg"}
    assert {answer.data for answer in answers} == {JPEG + TEXT.encode()}
    assert {answer.headers["Content-Security-Policy"] for answer in answers} == {SANDBOX}
    assert all(image["alt"] for image in images)
    # It is a whole copy, and stands in no list of mementos.
    assert compared(extracts).select("img") == []
    assert extracts.get(image_of(TEXT)).status_code == 403
    assert full.get(image_of(TEXT, "20260301120000")).status_code == 404
    assert "urn:" not in full.get(f"/web/timemap/link/{TEXT}").text
    assert full.get(image_of(SECRET)).status_code == 200  # not withdrawn yet


def test_where_extracts_are_shown_it_is_said_that_a_text_changed_not_how(extracts):
    section = compared(extracts)

    assert section.find("table") is None
    assert "dépenses" not in section.get_text()
    assert "pas comment" in section.get_text()


@pytest.mark.parametrize(
    ("before", "now"), [("", ""), ("20260301120000", "20260301120000"), ("x", "20260310120000")]
)
def test_what_can_not_be_compared_is_not(full, before, now):
    assert compared(full, before, now).find("table") is None


@pytest.mark.parametrize(
    ("before", "now", "marked"),
    [
        ("un petit atelier", "un grand atelier", (["petit"], ["grand"])),
        ("un atelier", "un atelier ouvert", ([], ["ouvert"])),
        ("", "un atelier", ([], [])),
        ("un " * 4_000, "deux " * 4_000, ([], [])),
    ],
)
def test_the_words_of_one_side_alone_are_marked(before, now, marked):
    sides = zip((before, now), mark_words(before, now), strict=True)

    assert tuple([text[start:end] for start, end in found] for text, found in sides) == marked


def test_the_calendar_of_what_was_never_captured_is_no_page(full):
    assert full.get("/captures?url=http://exemple.test/jamais").status_code == 404
    assert full.get("/captures").status_code == 302


def test_the_page_of_a_text_leads_to_its_captures_where_they_may_be_shown(sites, ids):
    page = sites["full"].get(f"/textes/{ids[URL]}").text
    assert f'data-versionurl="{SITE}/web/{MARCH[0]}/' in page
    assert page.count(f"{SITE}/web/2") >= 4
    assert "/captures?url=" in page
    page = sites["extracts"].get(f"/textes/{ids[URL]}").text
    assert f'data-versionurl="{SITE}/textes/{ids[URL]}"' in page
    assert f"{ARCHIVE}{FIRST}/" in page
    assert f"{SITE}/web/2" not in page


def test_crawlers_are_kept_out_of_calendars_and_let_in_to_mementos(full):
    told = full.get("/robots.txt").text

    assert "Disallow: /captures" in told
    assert "/web" not in told


@pytest.mark.parametrize(
    ("digits", "moment"),
    [
        ("20260301120000", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("202603", datetime(2026, 3, 1, tzinfo=UTC)),
        ("0", datetime(1, 1, 1, tzinfo=UTC)),
        ("20261301", None),
        ("20260230", None),
    ],
)
def test_a_timestamp_may_be_cut_short(digits, moment):
    assert parse_timestamp(digits) == moment


def test_a_date_is_taken_in_one_form_alone():
    assert parse_http_date("Tue, 10 Mar 2015 00:00:00 GMT") == datetime(2015, 3, 10, tzinfo=UTC)
    assert parse_http_date("Tue, 10 Mar 2015 00:00:00 +0100") is None
