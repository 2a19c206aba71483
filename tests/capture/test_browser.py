"""A real Chromium captures pages whose text comes by scripts; nothing of it reaches the network."""

import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from indexer import pipeline
from indexer.archive import export_wacz, open_catalogue, purge
from indexer.archive.reindex import reindex
from indexer.capture import Chromium, find_program, list_to_render, make_bounds, render_all
from indexer.capture.browser import BrowserPolicy
from indexer.corpus import open_corpus
from indexer.crawl import SitePolicy, next_due
from indexer.errors import BrowserError
from indexer.model import BY_BROWSER, PageKind, Reference
from indexer.notify import NoticeKind
from indexer.pipeline.links import find_capture_to_index, find_health
from indexer.settings import Settings
from indexer.urls import urlkey
from indexer.watch import FILE_NAME, Watch, WatchJournal
from indexer.wiring import open_searcher
from tests.archive import pywb
from tests.capture.site import PIXEL, Site, serving
from tests.crawl.runs import USER_AGENT, Crawl

# Starting a browser and waiting for scripts costs more than all other tests of the room.
pytestmark = [pytest.mark.browser, pytest.mark.campaign, pytest.mark.timeout(300)]

POLICY = BrowserPolicy(user_agent=USER_AGENT)
BOUNDS = replace(make_bounds(Settings()), max_s=40)


def say(word, times=8):
    """Paragraphs that only one page has, long enough to be an article."""
    return "".join(
        f"<p>Le {word} est le sujet de cette page écrite pour l'essai, paragraphe {n}, où l'on "
        "parle des ateliers, des jardins partagés et de ceux qui s'en occupent.</p>"
        for n in range(times)
    )


def write(word):
    """A script that writes a page."""
    return f"document.querySelector('#ici').innerHTML = {json.dumps('<h1>Titre</h1>' + say(word))};"


SHELL = "<!DOCTYPE html><title>Essai</title><div id=ici></div>"
LAZY = """
const seen = new IntersectionObserver((all) => all.forEach((each) => {
  if (each.isIntersecting) each.target.innerHTML = PARAGRAPHS;
}));
document.querySelectorAll('.plus-bas').forEach((each) => seen.observe(each));
"""
ENDLESS = """
let page = 0, busy = false;
const more = async () => {
  if (busy || page >= 3) return;
  busy = true; page += 1;
  const found = await (await fetch(`/suite.json?page=${page}`)).json();
  document.querySelector('#ici').insertAdjacentHTML('beforeend', found.html);
  busy = false;
};
addEventListener('scroll', () => {
  if (innerHeight + scrollY > document.documentElement.scrollHeight - 300) more();
});
more();
"""
ELEMENT = """
customElements.define('un-article', class extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({mode: MODE}).innerHTML = INNER + '<slot></slot>';
  }
});
"""
PAGES = {
    "/redirige": "<title>Vous êtes redirigé</title><script>location.replace('/ailleurs')</script>",
    "/ailleurs": f"<title>Ailleurs</title><h1>Ailleurs</h1>{say('romarin')}",
    "/cadres": '<frameset cols="30%,70%"><frame src="/menu"><frame src="/corps"></frameset>',
    "/menu": "<p>Menu</p>",
    "/corps": f"<h1>Corps</h1>{say('thym')}",
    "/coquille": SHELL + '<script src="/appli.js"></script>',
    "/appli.js": "fetch('/interface.json').then(r => r.json()).then(found => { "
    "document.querySelector('#ici').innerHTML = found.html; });",
    "/interface.json": json.dumps({"html": f"<h1>Coquille</h1>{say('basilic')}"}),
    "/hydrate": '<!DOCTYPE html><title>Essai</title><div id="__next"></div>'
    '<script id="__NEXT_DATA__" type="application/json">'
    f"{json.dumps({'t': say('persil')})}</script>"
    "<script>setTimeout(() => { document.querySelector('#__next').innerHTML = '<h1>Hydraté</h1>' + "
    "JSON.parse(document.querySelector('#__NEXT_DATA__').textContent).t; }, 300);</script>",
    "/paresseux": SHELL + '<div style="height: 3000px"></div><div class=plus-bas></div>'
    f"<script>{LAZY.replace('PARAGRAPHS', json.dumps(say('estragon')))}</script>",
    "/sans-fin": SHELL + f'<div style="height: 1500px"></div><script>{ENDLESS}</script>',
    "/service": SHELL + "<script>(async () => { "
    "const own = navigator.serviceWorker; await own.register('/sw.js'); "
    "if (!own.controller) await new Promise((go) => own.addEventListener('controllerchange', go)); "
    "const found = await (await fetch('/par-le-service.json')).json(); "
    "document.querySelector('#ici').innerHTML = found.html; })()</script>",
    "/sw.js": "importScripts('/sw-part.js'); "
    "addEventListener('install', () => skipWaiting()); "
    "addEventListener('activate', (e) => e.waitUntil(clients.claim())); "
    "addEventListener('fetch', (e) => { if (e.request.url.endsWith('/par-le-service.json')) "
    "e.respondWith(fetch(VRAI)); });",
    "/sw-part.js": "const VRAI = '/vrai.json';",
    "/vrai.json": json.dumps({"html": f"<h1>Service</h1>{say('cerfeuil')}"}),
    "/ombre": "<!DOCTYPE html><title>Essai</title><un-article>"
    f"<p>Dans la fente, la menthe.</p></un-article><script>"
    f"{ELEMENT.replace('MODE', repr('closed')).replace('INNER', json.dumps(say('laurier')))}"
    "</script>",
    "/longue": f"<title>Longue</title><h1>Longue</h1>{say('fenouil', 20)}",
}
for number in (1, 2, 3):
    PAGES[f"/suite.json?page={number}"] = json.dumps({"html": say(f"origan-{number}")})
SHAPES = {
    "/redirige": ["romarin"],
    "/cadres": ["thym"],
    "/coquille": ["basilic"],
    "/hydrate": ["persil"],
    "/paresseux": ["estragon"],
    "/sans-fin": ["origan-1", "origan-2", "origan-3"],
    "/service": ["cerfeuil"],
    "/ombre": ["laurier", "menthe"],
}


def need_browser():
    try:
        find_program()
    except BrowserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def chromium():
    need_browser()
    with Chromium(POLICY) as chromium:
        yield chromium


def refer(*urls):
    return [Reference(id=f"r{n}", title="Un texte", url=url) for n, url in enumerate(urls)]


def capture(opened, urls, chromium, *, default="always", bounds=BOUNDS):
    outcomes = list(opened.visit(urls))
    fresh = {urlkey(each.url) for each in outcomes if each.by_scripts}
    pages = list_to_render(refer(*urls), opened, default=default, by_scripts=fresh)
    return list(render_all(pages, opened, bounds, chromium))


def read_records(folder):
    found = []
    for path in sorted((folder / "archive").glob("*.warc.gz")):
        for record in ArchiveIterator(io.BytesIO(path.read_bytes()), no_record_parse=True):
            uri = record.rec_headers["WARC-Target-URI"] or ""
            found.append((record.rec_type, uri, record.raw_stream.read()))
    return found


@pytest.fixture(scope="module")
def shapes(tmp_path_factory, chromium):
    """The eight shapes, and a plain page, captured where `auto` says so; then read."""
    folder = tmp_path_factory.mktemp("shapes")
    site = Site(dict(PAGES))
    with serving(site), Crawl(folder).open() as opened:
        urls = [site.address + path for path in (*SHAPES, "/longue")]
        done = capture(opened, urls, chromium, default="auto")
        list(pipeline.extract(refer(*urls), opened, tell=print))
        texts = {}
        for path in SHAPES:
            chosen = find_capture_to_index(urlkey(site.address + path), opened)
            article = opened.catalogue.find_article(chosen.record_id)
            texts[path] = (chosen.archive, article.kind, article.text)
        yield folder, site, done, texts


@pytest.mark.parametrize("path", SHAPES)
def test_each_shape_gives_its_text_to_be_indexed(shapes, path):
    archive, kind, text = shapes[3][path]
    assert archive == BY_BROWSER
    assert kind is PageKind.ARTICLE
    assert [word for word in SHAPES[path] if word not in text] == []


def test_a_page_that_has_its_text_is_left_to_the_plain_crawl(shapes):
    _, site, done, _ = shapes
    assert {each.url.removeprefix(site.address) for each in done} == set(SHAPES)
    assert site.count("/longue") == 1


def test_every_exchange_and_an_image_and_a_print_are_in_the_archive(shapes):
    folder, site, _, _ = shapes
    records = read_records(folder)
    kept = {uri.removeprefix(site.address) for kind, uri, _ in records if kind == "response"}
    assert {"/appli.js", "/interface.json", "/corps", "/ailleurs", "/suite.json?page=3"} <= kept
    assert {"/sw.js", "/sw-part.js", "/vrai.json"} <= kept  # what a service worker asked for
    assert "/par-le-service.json" not in kept
    images = {uri: block for kind, uri, block in records if uri.startswith("urn:view:")}
    prints = {uri: block for kind, uri, block in records if uri.startswith("urn:pdf:")}
    assert len(images) == len(prints) == len(SHAPES)
    assert all(block.startswith(b"\xff\xd8") for block in images.values())
    assert all(block.startswith(b"%PDF-") for block in prints.values())


def test_what_is_captured_is_asked_once_and_told_by_the_files_again(shapes, tmp_path):
    folder, site, _, _ = shapes
    assert site.count("/coquille") == site.count("/appli.js") == 1
    key = urlkey(f"{site.address}/coquille")
    with (
        open_catalogue(folder / "catalogue.sqlite") as before,
        open_catalogue(tmp_path / "again.sqlite") as again,
    ):
        list(reindex(folder / "archive", again, next_due=next_due))
        assert again.visits(key) == before.visits(key)
        assert again.captures(key) == before.captures(key)


def test_a_purge_takes_all_that_a_browser_made_of_a_page(shapes, tmp_path):
    import shutil

    folder, site, _, _ = shapes
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for marker in (copy / "archive").glob("*.open"):  # the fixture's crawl is still open
        marker.unlink()
    with open_catalogue(copy / "catalogue.sqlite") as catalogue:
        purge(copy / "archive", catalogue, [urlkey(f"{site.address}/coquille")])
    left = read_records(copy)
    assert not any(b"basilic" in block for _, _, block in left)
    uris = {uri for _, uri, _ in left}
    assert not any(uri.endswith(("/coquille", "/appli.js", "/interface.json")) for uri in uris)
    assert any(uri.endswith("/corps") for uri in uris)


@pytest.mark.peer
def test_a_package_of_such_captures_is_valid_and_replayed(shapes, tmp_path):
    import subprocess

    from tests.archive.test_pywb_export import ask

    folder, site, _, _ = shapes
    package = tmp_path / "tout.wacz"
    with open_catalogue(folder / "catalogue.sqlite") as catalogue:
        moment = max(row.captured_at for row in catalogue.records())
    list(
        export_wacz(
            package, folder / "archive", pages=(), title="essai", software=USER_AGENT,
            created_at=moment,
        )
    )  # fmt: skip
    validated = subprocess.run(
        [pywb.find_program("wacz"), "validate", "-f", package], capture_output=True, text=True
    )
    assert validated.returncode == 0, validated.stdout + validated.stderr
    with pywb.serve(tmp_path / "pywb", packages=[package]) as address:
        for path in ("/coquille", "/appli.js", "/interface.json", "/corps", "/suite.json?page=2"):
            status, _, body = ask(address, f"{site.address}{path}", f"{moment:%Y%m%d%H%M%S}")
            assert (status, body) == (200, site.answer(path)[1]), path


def test_what_a_redirected_style_names_is_asked_where_it_stands(tmp_path, chromium):
    site = Site(
        {
            "/page": f"{SHELL}<link rel=stylesheet href=/s/un.css><script>{write('ail')}</script>",
            "/s/un.css": (302, b"", {"Location": "/ailleurs/vrai.css?a=1"}),
            "/ailleurs/vrai.css?a=1": "body { background: url(fond.gif) }",
            "/ailleurs/fond.gif": PIXEL,
        }
    )
    with serving(site), Crawl(tmp_path).open() as opened:
        capture(opened, [f"{site.address}/page"], chromium)
    assert (site.count("/ailleurs/fond.gif"), site.count("/s/fond.gif")) == (1, 0)


# --- cookies


def ask_for_cookie(fields):
    """A page that is there for who has its cookie; others get it, and load the page again."""
    if "vu=1" in fields.get("Cookie", ""):
        return SHELL + (
            "<script>fetch('/lettre.json').then(r => r.json()).then(found => { "
            "document.querySelector('#ici').innerHTML = found.html; });</script>"
        )
    first = SHELL + "<script>location.reload()</script>"
    return (200, first, {"Set-Cookie": "vu=1; Path=/; HttpOnly"})


def give_letter(fields):
    if {"vu=1", "dit=2"} <= set(fields.get("Cookie", "").split("; ")):
        return json.dumps({"html": f"<h1>Lettre</h1>{say('oseille')}"})
    return (403, "{}", {})


@pytest.mark.parametrize("path", ["/biscuit", "/par-detour", "/par-script"])
def test_cookies_go_back_to_who_set_them_within_one_page(tmp_path, chromium, path):
    other, site = Site({"/o.gif": PIXEL}), Site({})
    with serving(site, other):
        away = f'<img src="{other.address}/o.gif">'
        set_here = "<script>document.cookie = 'dit=2; path=/'</script>"

        def answer(fields):
            found = ask_for_cookie(fields)
            return set_here + away + found if isinstance(found, str) else found

        site.pages |= {
            "/biscuit": answer,
            "/par-detour": SHELL
            + '<iframe width=600 height=600 src="/detour"></iframe><script></script>',
            "/detour": (302, b"", {"Location": "/biscuit", "Set-Cookie": "vu=1; Path=/"}),
            "/par-script": SHELL
            + "<script>document.cookie = 'vu=1; path=/'; location.href = '/biscuit'</script>",
            "/lettre.json": give_letter,
        }
        with Crawl(tmp_path).open() as opened:
            for each in (path, f"{path}?2"):
                site.pages[each] = site.pages[path]
                capture(opened, [f"{site.address}{each}"], chromium)

    texts = [b.decode() for kind, _, b in read_records(tmp_path) if kind == "conversion"]
    assert len(texts) == 2
    assert all("oseille" in text for text in texts), texts
    assert all("Cookie" not in fields for _, fields in other.asked)
    starts = [fields for asked, fields in site.asked if asked in (path, f"{path}?2")]
    assert "Cookie" not in starts[0]  # a page begins without: so does the second one
    assert sum("Cookie" not in fields for fields in starts) >= 2
    for kind, _, block in read_records(tmp_path):
        assert kind != "request" or b"vu=1" not in block


# --- what a page may not do

HOSTILE = """
<!DOCTYPE html><title>Essai</title><div id=ici></div>
<img src="INSIDE/image.gif"><img src="/vers-dedans.gif"><img src="/interdit/image.gif">
<link rel=prefetch href="INSIDE/prefetch"><link rel=preconnect href="INSIDE/">
<iframe src="INSIDE/cadre"></iframe><iframe src="/cadre-vers-dedans" width=400 height=200></iframe>
<video src="/film.mp4" autoplay muted></video>
<script>
  alert('bonjour');
  open('/autre');
  const link = document.createElement('a'); link.href = '/gros.zip'; link.download = 'gros.zip';
  document.body.append(link); link.click();
  try { new WebSocket('ws://INSIDEHOST/prise'); } catch (e) {}
  fetch('INSIDE/api').catch(() => {});
  const post = (address, body, more) =>
    fetch(address, {method: 'POST', body, ...more}).catch(() => {});
  post('/poste', 'x'); post('/poste', 'x'); post('/interdit/poste', 'x'); post('INSIDE/poste', 'x');
  post('http://127.0.1.2:1/ailleurs', 'x', {mode: 'no-cors'});
  const file = new FormData(); file.append('a', new File(['x'], 'a.txt')); post('/poste', file);
  post('/poste', new URLSearchParams({user: 'moi', password: 'x'}));
  post('/poste', JSON.stringify({query: 'mutation { like }'}));
  fetch('/poste', {method: 'PUT', body: 'x'}).catch(() => {});
  navigator.sendBeacon('/balise', 'x');
  new Worker(URL.createObjectURL(new Blob(["fetch('INSIDE/ouvrier').catch(() => {})"])));
  new EventSource('/flux');
  navigator.serviceWorker.register('/espion.js');
  SCRIPT
</script>
"""


def test_the_guard_robots_and_refusals_hold_for_every_request(tmp_path, chromium):
    inside, site = Site({}), Site({})
    with serving(site), serving(inside, hosts=("127.0.0.1",)):
        page = HOSTILE.replace("INSIDEHOST", inside.address.removeprefix("http://"))
        page = page.replace("INSIDE", inside.address).replace("SCRIPT", write("sureau"))
        there = {"Location": f"{inside.address}/par-detour"}
        site.pages |= {
            "/hostile": page,
            "/robots.txt": "User-agent: *\nDisallow: /interdit/\n",
            "/vers-dedans.gif": (302, b"", there),
            "/cadre-vers-dedans": (302, b"", there),
            "/interdit/image.gif": PIXEL,
            "/autre": "<p>autre</p>",
            "/espion.js": f"importScripts('{inside.address}/part.js');",
        }
        with Crawl(tmp_path).open() as opened:
            (done,) = capture(opened, [f"{site.address}/hostile"], chromium)

    assert done.characters
    assert inside.asked == []
    asked = {path for path, _ in site.asked}
    assert asked & {"/interdit/image.gif", "/film.mp4", "/flux"} == set()
    assert [(path, body) for path, _, body in site.posted] == [("/poste", b"x")]
    refused = dict(done.refused)
    assert refused["POST (elsewhere)"] == 2
    assert refused["POST (file)"] == refused["POST (credentials)"] == refused["POST (change)"] == 1
    assert refused["PUT"] == refused["ping"] == 1
    assert refused["websocket"] == 1
    assert {"media", "eventsource"} <= refused.keys()
    assert not any(b"bonjour" in uri.encode() for _, uri, _ in read_records(tmp_path))


def test_a_film_is_kept_within_its_bound_and_told_beyond(tmp_path, chromium):
    films = (
        '<video src="/court.mp4" autoplay muted></video><audio src="/long.ogg" autoplay></audio>'
    )
    site = Site(
        {
            "/films": f"{SHELL}{films}<script>{write('cresson')}</script>",
            "/court.mp4": b"court" * 400,
            "/long.ogg": b"long" * 50_000,
        }
    )
    bounds = replace(BOUNDS, max_media_bytes=10_000)
    with serving(site), Crawl(tmp_path).open() as opened:
        (done,) = capture(opened, [f"{site.address}/films"], chromium, bounds=bounds)

    assert done.characters
    assert dict(done.refused) == {"media too large": 1}
    kept = {uri.removeprefix(site.address): block for _, uri, block in read_records(tmp_path)}
    assert b"courtcourt" in kept["/court.mp4"]
    assert "/long.ogg" not in kept


def test_headers_of_a_site_go_to_it_alone_and_are_kept_nowhere(tmp_path, chromium):
    other, site = Site({"/o.json": "{}"}), Site({})
    with serving(site, other):
        site.pages["/page"] = (
            SHELL + f"<script>fetch('{other.address}/o.json').catch(() => {{}}); "
            "fetch('/echo.json').then(r => r.text()).then(t => "
            f"fetch('{other.address}/o.json?' + t)).catch(() => {{}}); {write('aneth')}</script>"
        )
        site.pages["/echo.json"] = "jeton-tres-secret"
        sites = {site.address: SitePolicy(headers={"X-Jeton": "jeton-tres-secret"})}
        with Crawl(tmp_path, sites=sites).open() as opened:
            (done,) = capture(opened, [f"{site.address}/page"], chromium)

    assert done.characters
    assert {fields.get("X-Jeton") for _, fields in site.asked} == {"jeton-tres-secret"}
    assert {path for path, _ in other.asked} == {"/robots.txt", "/o.json"}
    assert all("X-Jeton" not in fields for _, fields in other.asked)
    for kind, uri, block in read_records(tmp_path):
        if not uri.endswith("/echo.json") or kind == "request":  # a page's own text stays
            assert b"jeton-tres-secret" not in block, (kind, uri)


def test_a_page_that_never_ends_or_eats_memory_is_ended_and_the_next_one_is_captured(
    tmp_path, chromium
):
    site = Site(
        {
            "/boucle": SHELL + "<script>for (;;) {}</script>",
            "/ogre": SHELL + "<script>const all = []; setInterval(() => { for (let n = 0; n < 40; "
            "n++) all.push(new Array(1e6).fill(Math.random())); }, 10);</script>",
            "/apres": SHELL + f"<script>{write('ciboule')}</script>",
        }
    )
    hungry = replace(POLICY, max_memory=700_000_000)
    with serving(site), Crawl(tmp_path).open() as opened, Chromium(hungry) as own:
        urls = [site.address + path for path in ("/boucle", "/ogre", "/apres")]
        endless, ogre, after = capture(opened, urls, own, bounds=replace(BOUNDS, max_s=12))
        visits = opened.catalogue.visits(urlkey(urls[0]))

    assert (endless.characters, endless.cause) == (0, "deadline")
    assert (ogre.characters, ogre.cause) == (0, "too-large")
    assert after.characters
    assert [(v.outcome, v.archive) for v in visits][-1] == ("missed", BY_BROWSER)


def test_banners_are_left_unless_a_setting_hides_them(tmp_path, chromium):
    page = f"{SHELL}<div id=didomi-host>Accepter tout</div><script>{write('mélisse')}</script>"
    site = Site({"/page": page})
    with serving(site), Crawl(tmp_path / "as").open() as opened:
        capture(opened, [f"{site.address}/page"], chromium)
    assert find_conversion(tmp_path / "as").count("Accepter tout") == 1
    hiding = replace(POLICY, hides_banners=True)
    with serving(site), Crawl(tmp_path / "hidden").open() as opened, Chromium(hiding) as own:
        capture(opened, [f"{site.address}/page"], own)
    assert "Accepter tout" not in find_conversion(tmp_path / "hidden")


def find_conversion(folder):
    (found,) = [block for kind, _, block in read_records(folder) if kind == "conversion"]
    return found.decode()


def test_a_watch_tells_once_that_what_scripts_show_is_gone(tmp_path):
    """Its server answers with one shell for ever; what the scripts fetch says that it is gone."""
    need_browser()
    title = "Ce que le basilic doit aux ateliers"
    body = f"<title>{title}</title>{SHELL}<script src=/appli.js></script>"
    site = Site(dict(PAGES) | {"/coquille": body})
    site.pages["/interface.json"] = json.dumps({"html": f"<h1>{title}</h1>{say('basilic')}"})
    (tmp_path / "bibliography").mkdir()
    with serving(site), WatchJournal(tmp_path / FILE_NAME) as journal:
        entry = f"@online{{un,\n title = {{{title}}},\n url = {{{site.address}/coquille}}\n}}\n"
        (tmp_path / "bibliography" / "b.bib").write_text(entry, encoding="utf-8")
        settings = Settings(
            corpus=tmp_path, open_networks=("127.0.0.0/8",), delay_s=0, archives=(), capture_s=60,
            min_free_bytes=0,
        )  # fmt: skip
        start = datetime(2026, 1, 1, 9, tzinfo=UTC)
        states = []
        for day in (0, 40, 44, 48, 52, 56):
            if day == 40:
                gone = "<h1>Page introuvable</h1><p>Erreur 404.</p>"
                site.pages["/interface.json"] = json.dumps({"html": gone})
            watch = Watch(settings, journal, now=lambda day=day: start + timedelta(days=day))
            done = watch.go_round()
            assert done.outcome == "done", done.detail
            with open_corpus(settings, [], now=watch._now) as corpus:
                states.append(find_health(f"{site.address}/coquille", corpus).state.value)
        notices = [notice for _, notice in journal.list_notices()]

    assert states[0] == "alive"
    assert states[-1] == "dead"
    assert [each.title for each in notices if each.kind is NoticeKind.DEATH] == [title]
    with closing(open_searcher(settings)) as searcher:  # the text of before is still found
        assert "basilic" in next(iter(searcher.documents())).paragraphs[0].text
