"""What a page's scripts post is bounded, guarded, kept beside what a GET of its address gives."""

import gzip
import io
import json
import subprocess
from dataclasses import replace

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer.archive import export_wacz, open_catalogue, purge
from indexer.archive.cdxj import cdx_key, name_posted, split_posted
from indexer.archive.reindex import reindex
from indexer.capture import make_bounds
from indexer.capture.parts import PartFetcher, RunMemory, find_posted_fault
from indexer.crawl import SitePolicy, next_due
from indexer.crawl.fetcher import Posted
from indexer.model import BY_BROWSER, Cause, Visit
from indexer.settings import Settings
from indexer.urls import urlkey
from tests.archive import pywb
from tests.capture.site import Site, serving
from tests.crawl.runs import USER_AGENT, Crawl

BOUNDS = make_bounds(Settings())
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
PARTS = "multipart/form-data; boundary=----B"


def part(name, value, more=""):
    return f'------B\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


@pytest.mark.parametrize(
    ("media_type", "body", "fault"),
    [
        ("application/json", '{"query": "query A { posts { mutation } }"}', ""),
        ("application/json", '{"query": "mutation Like($n: Int) { like(n: $n) }"}', "change"),
        ("application/json", '[{"query": "fragment F on P { n }\\nmutation { a }"}]', "change"),
        ("application/graphql", "{ posts { title } }", ""),
        ("application/graphql", "mutation { like }", "change"),
        ("application/json", '{"user": {"userPassword": "x"}}', "credentials"),
        ("application/json", '{"password": "", "passage": "x", "compass": "n"}', ""),
        ("application/json", "{" * 20_000, "opaque"),
        ("application/json", "[" * 30_000 + "]" * 30_000, "opaque"),
        (FORM, "action=load_more&page=2&nonce=a1b2&_method=GET", ""),
        (FORM, "_method=delete&id=3", "change"),
        (FORM, "log=moi&pwd=x", "credentials"),
        (PARTS, part("action", "suite") + part("page", "2") + "------B--\r\n", ""),
        (PARTS, part("a", "x", '; filename="a.txt"') + "------B--\r\n", "file"),
        ("multipart/form-data", "sans frontière", "opaque"),
        ("text/plain;charset=UTF-8", "donne", ""),
        ("text/xml", "<appel/>", ""),
        ("application/octet-stream", "\0\1", "opaque"),
        ("", "", ""),
        ("", "x", "opaque"),
        ("text/plain", "a" * 70_000, "large"),
    ],
)
def test_what_a_body_says_of_itself_decides_whether_it_is_posted(media_type, body, fault):
    assert find_posted_fault(Posted(media_type=media_type, payload=body.encode())) == fault


BODIES = [
    (FORM, b"action=load&q=%C3%A9t%C3%A9+a&x=a%0Ab%09c&p=100%25&u=%2541&h=%22%3C%3E%7C&pl=a%2Bb"),
    (FORM, b"a=1%23b&c=2"),
    (FORM, b"q=%E9"),
    (FORM, b"q=" + b"%20a" * 3_000),
    ("application/json", b'{"query": "query A($n:Int){ a(n:$n){t} }", "variables": {"n": 1.0, "b":'
     b' true, "z": null, "l": [1, 2, {"n": 3}], "t": "\xc3\xa9 #x", "f": 2.5}}'),
    ("application/json", b'["x", {"A": "B C", "a": "=&;+"}]'),
    ("application/json", json.dumps({"q": "a" * 6_000, "b": 1}).encode()),
    ("application/json", b"{pas du json"),
    ("application/graphql", b"{ a { b } }"),
    ("text/plain;charset=UTF-8", b"bonjour"),
    ("text/plain;charset=UTF-8", b'{"a": 1}'),
    (PARTS, (part("action", "charger plus") + part("q", "été\r\nlong") + "------B--\r\n").encode()),
    ("", b""),
]  # fmt: skip
ASK_PYWB = """
import base64, io, json, sys
from pywb.utils.canonicalize import canonicalize
from pywb.warcserver.inputrequest import MethodQueryCanonicalizer
asked = [(url, kind, base64.b64decode(body)) for url, kind, body in json.load(sys.stdin)]
print(json.dumps([canonicalize(MethodQueryCanonicalizer(
    "POST", kind, len(body), io.BytesIO(body)).append_query(url)) for url, kind, body in asked]))
"""


@pytest.mark.peer
def test_the_key_of_what_is_posted_is_pywb_s():
    import base64

    urls = ("http://exemple.test/ajax", "http://exemple.test/ajax?a=1")
    asked = [(url, kind, body) for url in urls for kind, body in BODIES]
    done = subprocess.run(
        [pywb.find_program("python"), "-W", "ignore", "-c", ASK_PYWB],
        input=json.dumps([(u, k, base64.b64encode(b).decode()) for u, k, b in asked]),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs = json.loads(done.stdout)
    assert [cdx_key(name_posted(*each)) for each in asked] == theirs


def test_an_address_is_told_from_what_was_posted_to_it():
    named = name_posted("http://a.test/p?b=1", FORM, b"q=1&r=2")
    assert split_posted(named) == ("http://a.test/p?b=1", "POST", "q=1&r=2")
    assert split_posted(name_posted("http://a.test/p", "", b"")) == ("http://a.test/p", "POST", "")
    assert split_posted("http://a.test/p?b=1") == ("http://a.test/p?b=1", "", "")


# --- sent and kept


def post(fetcher, url, body=b"q=1", media_type=FORM):
    return fetcher.fetch(url, posted=Posted(media_type=media_type, payload=body))


def open_fetcher(opened, **bounds):
    return PartFetcher(opened, RunMemory(), replace(BOUNDS, **bounds), since=opened.now())


def read_records(folder):
    for path in sorted((folder / "archive").glob("*.warc.gz")):
        for record in ArchiveIterator(io.BytesIO(path.read_bytes()), no_record_parse=True):
            yield record.rec_type, record.rec_headers, record.raw_stream.read()


@pytest.fixture
def site():
    site = Site({"/p": "by GET"}, forms={"/p": lambda _, body: b"posted " + body})
    with serving(site):
        yield site


def test_what_is_posted_is_asked_once_and_is_not_what_a_get_gives(tmp_path, site):
    url = f"{site.address}/p"
    with Crawl(tmp_path).open() as opened:
        fetcher = open_fetcher(opened)
        first, again, other = (post(fetcher, url, body) for body in (b"q=1", b"q=1", b"q=2"))
        assert [each.payload for each in (first, again, other)] == [
            b"posted q=1", b"posted q=1", b"posted q=2",
        ]  # fmt: skip
        assert fetcher.fetch(url).payload == b"by GET"
        assert [row.target_uri for row in opened.catalogue.find_records(urlkey(url))] == [url]
        rows = opened.catalogue.find_records(urlkey(name_posted(url, FORM, b"q=1")))
        assert [row.target_uri for row in rows] == [f"{url}?__wb_method=POST&q=1"]
    assert [body for _, _, body in site.posted] == [b"q=1", b"q=2"]
    assert {fields["Content-Type"] for _, fields, _ in site.posted} == {FORM}

    request = next(each for each in read_records(tmp_path) if each[2].startswith(b"POST /p "))
    assert request[2].endswith(b"\r\n\r\nq=1")
    assert request[1]["WARC-Target-URI"] == url
    with (
        open_catalogue(tmp_path / "catalogue.sqlite") as before,
        open_catalogue(tmp_path / "again.sqlite") as anew,
    ):
        list(reindex(tmp_path / "archive", anew, next_due=next_due))
        assert list(anew.records()) == list(before.records())


def test_an_export_lists_what_was_posted_as_replay_tools_do(tmp_path, site):
    import zipfile

    url = f"{site.address}/p"
    with Crawl(tmp_path).open() as opened:
        fetcher = open_fetcher(opened)
        post(fetcher, url)
        fetcher.fetch(url)
        moment = opened.now()
    package = tmp_path / "tout.wacz"
    list(export_wacz(package, tmp_path / "archive", pages=(), title="essai", software=USER_AGENT,
                     created_at=moment))  # fmt: skip
    with zipfile.ZipFile(package) as opened_package:
        lines = gzip.decompress(opened_package.read("indexes/index.cdx.gz")).decode().splitlines()
    told = {}
    for line in lines:
        key, _, rest = line.split(" ", 2)
        told[key.partition(")")[2]] = {
            name: json.loads(rest).get(name) for name in ("url", "method", "requestBody")
        }
    assert told["/p"] == {"url": url, "method": None, "requestBody": None}
    assert told["/p?__wb_method=post&q=1"] == {"url": url, "method": "POST", "requestBody": "q=1"}


@pytest.mark.peer
@pytest.mark.slow
def test_pywb_answers_what_was_posted_from_our_files_and_from_our_packages(tmp_path, site):
    import urllib.request

    url = f"{site.address}/p"
    site.forms["/same"] = site.forms["/p"]  # the same bytes at two addresses more
    site.pages["/same.txt"] = b"posted q=1"
    with Crawl(tmp_path).open() as opened:
        fetcher = open_fetcher(opened)
        post(fetcher, url)
        fetcher.fetch(url)
        post(fetcher, f"{site.address}/same")
        fetcher.fetch(f"{site.address}/same.txt")
        moment = opened.now()
    package = tmp_path / "tout.wacz"
    list(export_wacz(package, tmp_path / "archive", pages=(), title="essai", software=USER_AGENT,
                     created_at=moment))  # fmt: skip
    files = {"warcs": sorted((tmp_path / "archive").glob("*.warc.gz"))}
    for number, held in enumerate((files, {"packages": [package]})):
        with pywb.serve(tmp_path / f"pywb-{number}", **held) as address:
            for asked, body, expected in (
                (url, b"q=1", b"posted q=1"),
                (f"{site.address}/same", b"q=1", b"posted q=1"),
                (f"{site.address}/same.txt", None, b"posted q=1"),
                (url, None, b"by GET"),
            ):
                request = urllib.request.Request(
                    f"{address}{moment:%Y%m%d%H%M%S}id_/{asked}", data=body,
                    headers={"Content-Type": FORM},
                )  # fmt: skip
                with urllib.request.urlopen(request) as answer:
                    assert answer.read() == expected


def test_redirects_of_a_post_are_followed_as_browsers_do_and_to_no_other_host(tmp_path, site):
    other = Site({}, forms={"/p": lambda *_: "elsewhere"})
    with serving(other, hosts=("127.0.1.2",)):
        site.forms |= {
            "/303": lambda *_: (303, b"", {"Location": "/p"}),
            "/307": lambda *_: (307, b"", {"Location": "/p"}),
            "/own": lambda *_: (302, b"", {"Location": "/own"}),
            "/away": lambda *_: (308, b"", {"Location": f"{other.address}/p"}),
        }
        site.pages["/own"] = "seen"
        with Crawl(tmp_path).open() as opened:
            fetcher = open_fetcher(opened)
            found = [post(fetcher, site.address + path) for path in ("/303", "/307", "/own")]
            away = post(fetcher, f"{site.address}/away")
    assert [each.payload for each in found] == [b"by GET", b"posted q=1", b"seen"]
    assert away.cause is Cause.BAD_REDIRECT
    assert other.posted == other.asked == []


def test_robots_bounds_and_private_addresses_hold_for_what_is_posted(tmp_path, site):
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /interdit\n"
    inside = Site({}, forms={"/p": lambda *_: "inside"})
    with serving(inside, hosts=("127.0.0.1",)), Crawl(tmp_path).open() as opened:
        fetcher = open_fetcher(opened, max_posts=3)
        refused = [post(fetcher, f"{site.address}/interdit"), post(fetcher, f"{inside.address}/p")]
        last, beyond = (post(fetcher, f"{site.address}/p", body) for body in (b"a=1", b"a=2"))
    assert [each.cause for each in refused] == [Cause.DISALLOWED_BY_ROBOTS, Cause.FORBIDDEN_ADDRESS]
    assert last.is_there
    assert beyond.is_left
    assert inside.posted == []
    assert [body for _, _, body in site.posted] == [b"a=1"]


def test_a_page_posts_to_its_own_site_alone_and_never_as_somebody(tmp_path, site):
    sites = {
        "https://lettre.test": SitePolicy(headers={"Authorization": "Bearer jeton-tres-secret"}),
    }

    def refuse(fetcher, url, *asking, body=b"q=1"):
        return fetcher.refuse_posted(url, Posted(media_type=FORM, payload=body), *asking)

    with Crawl(tmp_path, sites=sites).open() as opened:
        fetcher = open_fetcher(opened)
        page = "https://www.exemple.fr/a"
        assert refuse(fetcher, "https://api.exemple.fr/g", page) == ""
        assert refuse(fetcher, "http://127.0.1.1:81/g", "http://127.0.1.1:80/") == ""
        for url, *asking in [
            ("https://autre.fr/g", page),
            ("https://b.github.io/g", "https://a.github.io/"),
            ("http://127.0.1.2/g", "http://127.0.1.1/"),
            ("https://api.exemple.fr/g", page, "https://autre.fr/cadre"),
            ("https://api.exemple.fr/g", "about:blank"),
        ]:
            assert refuse(fetcher, url, *asking) == "elsewhere", url
        assert refuse(fetcher, "https://lettre.test/g", "https://lettre.test/") == "as somebody"
        assert refuse(fetcher, page, page, body=b"q=jeton-tres-secret") == "credentials"
        assert refuse(fetcher, page, page, body=b"q=" + "é".encode() * 5_000) == "large"
        assert refuse(open_fetcher(opened, max_posts=0), page, page) == "off"


def test_a_purge_takes_what_one_page_posted_and_leaves_what_another_did(tmp_path, site):
    url = f"{site.address}/p"
    with Crawl(tmp_path).open() as opened:
        fetcher = open_fetcher(opened)
        for name, body in (("a", b"mot=secret"), ("b", b"mot=autre")):
            made = post(fetcher, url, body)
            page = f"{site.address}/{name}"
            visit = Visit(
                url=page, urlkey=urlkey(page), visited_at=opened.now(), outcome="captured",
                cause=None, detail="", final_url=page, hops=made.hops, archive=BY_BROWSER,
            )  # fmt: skip
            opened.keeper.keep_beside_page(visit)
    with open_catalogue(tmp_path / "catalogue.sqlite") as catalogue:
        purge(tmp_path / "archive", catalogue, [urlkey(f"{site.address}/a")])
    blocks = b"".join(block for _, _, block in read_records(tmp_path))
    assert b"secret" not in blocks
    assert blocks.count(b"posted mot=autre") == blocks.count(b"\r\n\r\nmot=autre") == 1
