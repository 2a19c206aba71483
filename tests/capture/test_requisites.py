"""What a page needs is found in its markup and styles, fetched as politely as it, kept and told."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer import pipeline
from indexer.archive import export_wacz, open_catalogue, purge
from indexer.archive.reindex import reindex
from indexer.capture import (
    collect_all,
    describe_collected,
    list_to_collect,
    list_to_render,
    make_bounds,
)
from indexer.capture.requisites import RequisiteKind, list_of_page, list_of_style
from indexer.crawl import SitePolicy, next_due
from indexer.errors import say_for_logs
from indexer.model import REQUISITES, Reference
from indexer.pagekind.classify import classify, is_written_by_scripts
from indexer.pagekind.page import read_markup
from indexer.settings import Settings
from indexer.urls import urlkey
from tests.archive import pywb
from tests.capture.site import PIXEL, Site, serving
from tests.command import run_command
from tests.crawl.runs import USER_AGENT, Crawl

AT = "https://exemple.test/p/page.html"


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ('<img src="a.png">', ["a.png"]),
        ('<img srcset="a.png 1x, b,c.png 2x">', ["a.png", "b,c.png"]),
        ('<picture><source srcset="a.webp 300w,\n b.webp 600w"></picture>', ["a.webp", "b.webp"]),
        ('<img src="data:image/gif;base64,R0" data-src="late.png">', ["late.png"]),
        ('<noscript><img src="plain.png"></noscript>', ["plain.png"]),
        ('<video poster="still.jpg" src="film.mp4"></video>', ["still.jpg", "film.mp4"]),
        ('<audio><source src="son.ogg"></audio>', ["son.ogg"]),
        ('<link rel="shortcut icon" href="i.ico"><link rel="next" href="2.html">', ["i.ico"]),
        ('<link rel="StyleSheet" href="s.css">', ["s.css"]),
        ('<link rel=preload as=style href="s.css">', ["s.css"]),
        ("<style>body { background: url( 'b g.png' ) }</style>", ["b%20g.png"]),
        ('<p style="background:url(&quot;b.png&quot;)">', ["b.png"]),
        ('<body background="b.gif">', ["b.gif"]),
        ('<iframe src="f.html"></iframe>', ["f.html"]),
        ('<frameset><frame src="a.html"><frame src="b.html"></frameset>', ["a.html", "b.html"]),
        ('<iframe srcdoc="&lt;img src=in.png>"></iframe>', ["in.png"]),
        ('<svg><image href="s.png"/><use href="#a"/></svg>', ["s.png"]),
        ('<script src="s.js"></script><script>w("<img src=no.png>")</script>', ["s.js"]),
        ('<a href="other.html">x</a><img src="#top"><img src="mailto:a@b.c">', []),
        ("", []),
    ],
)  # fmt: skip
def test_a_page_names_what_it_needs(markup, names):
    found = [each.url.removeprefix("https://exemple.test/p/") for each in list_of_page(markup, AT)]
    assert found == names


def test_addresses_are_relative_to_the_base_that_a_page_names():
    (found,) = list_of_page('<base href="/autre/"><img src="a.png">', AT)
    assert found.url == "https://exemple.test/autre/a.png"


@pytest.mark.parametrize(
    ("style", "names"),
    [
        ('@import "a.css"; @import url(b.css) screen;', ["a.css", "b.css"]),
        ("@font-face { src: url(f.woff2?#iefix) format('woff2'), local('x') }", ["f.woff2?"]),
        ('i { background: image-set("1.png" 1x, url(2.png) 2x) }', ["1.png", "2.png"]),
        ("/* url(no.png) */ q { content: 'url(no.png)' }", []),
        ("@namespace svg url(http://www.w3.org/2000/svg); p { color: red }", []),
        (r"p { background: url(\61 b\.png) }", ["ab.png"]),
        ("p { filter: url(#f); background: url(data:image/gif;base64,R0) }", []),
        ("p { background: url(unended", []),
    ],
)
def test_a_style_names_what_it_needs(style, names):
    found = [each.url.removeprefix("https://exemple.test/p/") for each in list_of_style(style, AT)]
    assert found == names


def test_only_styles_and_frames_lead_to_more():
    kinds = {each.url: each.kind for each in list_of_style("@import 'a.css'; p{x:url(b.png)}", AT)}
    assert list(kinds.values()) == [RequisiteKind.STYLE, RequisiteKind.OTHER]


# --- fetched and kept

TEXT = "<p>" + "Une page écrite pour l'essai, assez longue pour être un texte. " * 12


def make_pages():
    """Two pages that share a style; what one of them needs is of every kind."""
    return {
        "/a": f'<link rel=stylesheet href="/s.css"><img src="/seul.gif"><img src="/copie.gif">'
        f'<img srcset="/x1.gif 1x, /x2.gif 2x"><iframe src="/cadre.html"></iframe>{TEXT}',
        "/b": f'<link rel=stylesheet href="/s.css"><img src="/b.gif">{TEXT} B',
        "/s.css": '@import "deux.css"; body { background: url(fond.gif) }',
        "/deux.css": "@font-face { src: url(police.woff2) }",
        "/cadre.html": '<img src="/dans-le-cadre.gif"><p>Un cadre</p>',
        "/police.woff2": b"wOF2" + bytes(60),
        "/seul.gif": PIXEL + b"seul",
        "/copie.gif": PIXEL + b"seul",
        "/x1.gif": PIXEL + b"1",
        "/x2.gif": PIXEL + b"2",
        "/fond.gif": PIXEL + b"fond",
        "/b.gif": PIXEL + b"b",
        "/dans-le-cadre.gif": PIXEL + b"cadre",
    }


NEEDED_BY_A = {
    "/s.css", "/seul.gif", "/copie.gif", "/x1.gif", "/x2.gif", "/cadre.html", "/deux.css",
    "/fond.gif", "/police.woff2", "/dans-le-cadre.gif",
}  # fmt: skip


@pytest.fixture
def site():
    site = Site(make_pages())
    with serving(site):
        yield site


BOUNDS = make_bounds(Settings())


def refer(*urls):
    return [Reference(id=f"r{n}", title="Un texte", url=url) for n, url in enumerate(urls)]


def collect(opened, urls, bounds=BOUNDS, *, now=None):
    """Collect what the captures of these addresses need."""
    corpus = replace(opened, now=now) if now else opened
    pages = list_to_collect(refer(*urls), corpus, is_default=True)
    return list(collect_all(pages, corpus, bounds))


def read_records(folder):
    """Every record of an archive: (type, address, payload)."""
    found = []
    for path in sorted((folder / "archive").glob("*.warc.gz")):
        with path.open("rb") as stream:
            found += [
                (r.rec_type, r.rec_headers["WARC-Target-URI"] or "", r.raw_stream.read())
                for r in ArchiveIterator(stream)
            ]
    return found


def test_all_that_a_page_needs_is_kept_once(tmp_path, site):
    urls = [f"{site.address}/a", f"{site.address}/b"]
    with Crawl(tmp_path).open() as opened:
        list(opened.visit(urls))
        first, second = sorted(collect(opened, urls), key=lambda each: each.url)
        again = collect(opened, urls)

    records = read_records(tmp_path)
    responses = {uri for kind, uri, _ in records if kind in ("response", "revisit")}
    assert {f"{site.address}{path}" for path in NEEDED_BY_A | {"/b.gif"}} <= responses
    assert (first.missing, first.left, first.kept + first.held) == ((), 0, len(NEEDED_BY_A))
    assert (second.missing, second.kept + second.held) == ((), 5)
    assert again == []
    assert max(site.count(path) for path in site.pages) == 1  # what two pages share, too
    twins = {f"{site.address}/seul.gif", f"{site.address}/copie.gif"}
    assert sorted(kind for kind, uri, _ in records if uri in twins) == [
        "request", "request", "response", "revisit",
    ]  # fmt: skip


def test_what_is_not_there_or_not_allowed_is_told_and_not_kept(tmp_path, site):
    inside = Site({"/secret.gif": PIXEL})
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /interdit/\n"
    with serving(inside, hosts=("127.0.0.1",)):
        site.pages["/a"] = (
            f'<img src="/interdit/a.gif"><img src="/absent.gif"><img src="/ailleurs.gif">'
            f'<img src="{inside.address}/secret.gif">{TEXT}'
        )
        to_inside = {"Location": f"{inside.address}/secret.gif"}
        site.pages["/ailleurs.gif"] = (302, b"", to_inside)
        with Crawl(tmp_path).open() as opened:
            list(opened.visit([f"{site.address}/a"]))
            (done,) = collect(opened, [f"{site.address}/a"])

    assert dict(done.missing) == {
        f"{site.address}/interdit/a.gif": "disallowed-by-robots",
        f"{site.address}/absent.gif": "404",
        f"{inside.address}/secret.gif": "forbidden-address",
        f"{site.address}/ailleurs.gif": "forbidden-address",
    }
    assert inside.asked == []
    assert site.count("/interdit/a.gif") == 0
    assert done.is_whole


def test_what_is_beyond_the_bounds_is_left_and_comes_another_week(tmp_path, site):
    url = f"{site.address}/a"
    with Crawl(tmp_path).open() as opened:
        list(opened.visit([url]))
        (first,) = collect(opened, [url], replace(BOUNDS, max_requests=3))
        assert collect(opened, [url]) == []  # not yet
        (second,) = collect(opened, [url], now=lambda: next_week(opened))
        assert len([v for v in opened.catalogue.visits(urlkey(url)) if v.archive]) == 2

    assert (first.kept + first.held, first.is_whole) == (3, False)
    assert (second.kept + second.held, second.left) == (len(NEEDED_BY_A), 0)
    assert max(site.count(path) for path in site.pages) == 1  # what was kept is not asked again


def next_week(opened):
    return opened.now() + timedelta(days=8)


def test_no_more_bytes_are_read_than_a_page_may_take(tmp_path, site):
    site.pages |= {f"/gros{n}.gif": PIXEL + b"%d" % n + bytes(100_000) for n in range(5)}
    site.pages["/a"] = "".join(f'<img src="/gros{n}.gif">' for n in range(5)) + TEXT
    with Crawl(tmp_path).open() as opened:
        list(opened.visit([f"{site.address}/a"]))
        (done,) = collect(opened, [f"{site.address}/a"], replace(BOUNDS, max_bytes=150_000))

    assert done.bytes <= 150_000
    assert (done.kept, [why for _, why in done.missing], done.left) == (1, ["too-large"], 3)


def test_a_host_that_asks_for_rest_is_left_alone(tmp_path, site):
    site.pages["/x1.gif"] = (429, b"", {"Retry-After": "3600"})
    with Crawl(tmp_path).open() as opened:
        list(opened.visit([f"{site.address}/a", f"{site.address}/b"]))
        (done,) = collect(opened, [f"{site.address}/a"])
        asked = len(site.asked)
        (other,) = collect(opened, [f"{site.address}/b"])

    assert not done.is_whole
    assert other.left
    assert len(site.asked) == asked  # in the next run neither


def test_a_purge_takes_what_only_that_page_needed(tmp_path, site):
    urls = [f"{site.address}/a", f"{site.address}/b"]
    with Crawl(tmp_path).open() as opened:
        list(opened.visit(urls))
        collect(opened, urls)
    with open_catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        purge(tmp_path / "archive", catalogue, [urlkey(urls[0])])
        left = {row.target_uri for row in catalogue.records()}

    uris = {uri.removeprefix(site.address) for _, uri, _ in read_records(tmp_path)}
    shared = {"/s.css", "/deux.css", "/fond.gif", "/police.woff2"}
    assert uris & NEEDED_BY_A == shared
    assert {uri.removeprefix(site.address) for uri in left} & NEEDED_BY_A == shared
    assert {"/b", "/b.gif"} <= uris


def test_the_files_tell_again_what_was_collected(tmp_path, site):
    url = f"{site.address}/a"
    with Crawl(tmp_path / "one").open() as opened:
        list(opened.visit([url]))
        collect(opened, [url])
        before = opened.catalogue.visits(urlkey(url))
    with open_catalogue(tmp_path / "two.sqlite") as catalogue:
        list(reindex(tmp_path / "one" / "archive", catalogue, next_due=next_due))
        assert catalogue.visits(urlkey(url)) == before
        assert before[-1].archive == REQUISITES
        assert catalogue.latest_capture(urlkey(url)).archive == ""


def test_headers_of_a_site_go_to_it_alone_and_no_address_carries_them_away(tmp_path, site):
    other = Site({"/o.gif": PIXEL})
    with serving(other, hosts=("127.0.1.2",)):
        site.pages["/a"] = (
            f'<img src="/seul.gif"><img src="{other.address}/o.gif">'
            f'<img src="{other.address}/o.gif?vu=jeton-tres-secret">{TEXT}'
        )
        sites = {site.address: SitePolicy(headers={"X-Jeton": "jeton-tres-secret"})}
        with Crawl(tmp_path, sites=sites).open() as opened:
            list(opened.visit([f"{site.address}/a"]))
            (done,) = collect(opened, [f"{site.address}/a"])

    assert {fields.get("X-Jeton") for path, fields in site.asked} == {"jeton-tres-secret"}
    assert [path for path, _ in other.asked] == ["/robots.txt", "/o.gif"]
    assert all("X-Jeton" not in fields for _, fields in other.asked)
    assert [why for _, why in done.missing] == ["forbidden-address"]
    assert not any(
        b"tres-secret" in block
        for kind, uri, block in read_records(tmp_path)
        if not uri.endswith("/a") or kind == "request"  # a page's own text stays
    )


def test_the_command_collects_where_settings_want_it_and_status_tells(tmp_path, site):
    write_bibliography(tmp_path, f"{site.address}/a", f"{site.address}/b")
    environ = {"RENVOIS_OPEN_NETWORKS": "127.0.1.0/24", "RENVOIS_DELAY_S": "0"}
    plain = run_command(tmp_path, "crawl", environ=environ)
    assert "need" not in plain.stderr
    assert site.count("/s.css") == 0

    done = run_command(
        tmp_path, "crawl", "--json", environ=environ | {"RENVOIS_REQUISITES": "true"}
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["outcome"] for each in told} == {"requisites"}
    assert "What 2 pages need: 1" in done.stderr
    status = run_command(tmp_path, "status", "--json", environ=environ)
    assert json.loads(status.stdout)["beside_pages"]["requisites"] == {"captured": 2}


def write_bibliography(folder, *urls):
    rows = [
        {"id": f"t{n}", "type": "webpage", "title": "Un texte", "URL": url}
        for n, url in enumerate(urls)
    ]
    (folder / "bibliography").mkdir(exist_ok=True)
    (folder / "bibliography" / "essai.json").write_text(json.dumps(rows), encoding="utf-8")


# --- which pages a browser captures


@pytest.mark.parametrize(
    ("markup", "is_wanted"),
    [
        ('<div id="root"></div><script src="/app.js"></script>', True),
        ("<title>x</title><script>location.replace('/texte')</script>", True),
        ('<frameset cols="1,2"><frame src="a"><frame src="b"></frameset>', True),
        (f"<h1>Titre</h1>{TEXT}<script src=/mesure.js></script>", False),
        ("<p>Une page courte, sans script.</p>", False),
    ],
)
def test_pages_without_a_text_of_their_own_want_their_scripts(markup, is_wanted):
    page = read_markup(markup, url=AT)
    assert is_written_by_scripts(page, classify(page).kind) is is_wanted


def test_settings_sites_and_marks_say_which_pages_a_browser_captures(tmp_path, site):
    site.pages["/coquille"] = '<div id="root"></div><script src="/app.js"></script>'
    urls = [f"{site.address}/a", f"{site.address}/coquille"]
    by_site = {"http://127.0.1.9": SitePolicy(), site.address: SitePolicy(capture="never")}
    with Crawl(tmp_path, sites=by_site).open() as opened:
        outcomes = list(opened.visit(urls))
        assert list_to_render(refer(*urls), opened, default="always") == []
        assert len(list_to_render(refer(*urls), opened, default="never", is_marked=True)) == 2
    fresh = {urlkey(each.url) for each in outcomes if each.by_scripts}
    with Crawl(tmp_path).open() as opened:
        for by_scripts in (fresh, ()):  # as it was just captured, then as it was read
            found = {
                default: [
                    each.target_uri
                    for each in list_to_render(
                        refer(*urls), opened, default=default, by_scripts=by_scripts
                    )
                ]
                for default in ("auto", "always", "never")
            }
            assert found == {"auto": urls[1:], "always": urls, "never": []}
            list(pipeline.extract(refer(*urls), opened, tell=print))


def test_without_a_browser_the_crawl_goes_on_and_says_what_wants_one(tmp_path, site):
    write_bibliography(tmp_path, f"{site.address}/a")
    environ = {
        "RENVOIS_OPEN_NETWORKS": "127.0.1.0/24",
        "RENVOIS_DELAY_S": "0",
        "RENVOIS_BROWSER": str(tmp_path / "nulle-part"),
    }
    done = run_command(tmp_path, "crawl", environ=environ | {"RENVOIS_CAPTURE": "always"})
    assert done.returncode == 0
    assert done.stderr.count("1 page wants a browser to be captured: no ") == 1
    silent = run_command(tmp_path, "crawl", "--force", environ=environ)
    assert "browser" not in silent.stderr
    marked = run_command(tmp_path, "crawl", "--only", "t0", "--browser", environ=environ)
    assert marked.returncode == 1
    assert "nulle-part here" in marked.stderr


@pytest.mark.peer
@pytest.mark.slow
def test_pywb_replays_a_page_without_one_part_missing(tmp_path, site):
    urls = [f"{site.address}/a", f"{site.address}/b"]
    with Crawl(tmp_path).open() as opened:
        list(opened.visit(urls))
        collect(opened, urls)
        package = tmp_path / "tout.wacz"
        moment = opened.now()
        list(
            export_wacz(
                package, tmp_path / "archive", pages=(), title="essai", software=USER_AGENT,
                created_at=moment,
            )
        )  # fmt: skip
    from tests.archive.test_pywb_export import ask

    with pywb.serve(tmp_path / "pywb", packages=[package]) as address:
        for path in sorted(NEEDED_BY_A | {"/a", "/b", "/b.gif"}):
            expected = site.answer(path)[1]
            status, headers, body = ask(address, f"{site.address}{path}", f"{moment:%Y%m%d%H%M%S}")
            if headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert (status, body) == (200, expected), path


def test_films_are_left_and_told_unless_a_bound_is_set_and_none_is_kept_in_part(site, tmp_path):
    site.pages |= {
        "/films": f'<video src="/court.mp4"></video><audio><source src="/long.ogg"></audio>{TEXT}',
        "/court.mp4": b"court" * 100,
        "/long.ogg": b"long" * 5_000,
    }
    url = f"{site.address}/films"
    with Crawl(tmp_path / "none").open() as opened:
        list(opened.visit([url]))
        (done,) = collect(opened, [url])
    assert (done.kept, done.media) == (0, 2)
    assert "2 films and sounds were not asked for" in say_for_logs(describe_collected([done]))
    assert site.count("/court.mp4") == site.count("/long.ogg") == 0

    with Crawl(tmp_path / "some").open() as opened:
        list(opened.visit([url]))
        (done,) = collect(opened, [url], replace(BOUNDS, max_media_bytes=10_000))
    assert (done.kept, done.media, done.left) == (1, 0, 0)
    assert done.missing == ((f"{site.address}/long.ogg", "too-large"),)
    kept = {uri.removeprefix(site.address) for _, uri, _ in read_records(tmp_path / "some")}
    assert "/court.mp4" in kept
    assert "/long.ogg" not in kept
