"""Shapes of pages that nothing was tuned for: captured by a real Chromium, shown again by pywb.

Each page is captured once as a crawl does, with what it needs, and exported. Then its server is
gone, and another Chromium opens it in pywb: its text has to be there, and nothing may be missing.
"""

# ruff: noqa: E501 - markup and scripts of pages

import json
import re
from urllib.parse import parse_qs

import pytest

from indexer.archive import export_wacz
from indexer.capture import find_program, list_to_collect
from indexer.capture.browser import _read_script
from indexer.capture.collecting import collect_all
from indexer.model import BY_BROWSER
from indexer.urls import urlkey
from tests.archive import pywb
from tests.capture.site import PIXEL, Site, serving
from tests.capture.test_browser import BOUNDS, PAGES, SHAPES, capture, chromium, refer, say
from tests.crawl.runs import USER_AGENT, Crawl

__all__ = ["chromium"]  # a fixture

pytestmark = [pytest.mark.browser, pytest.mark.campaign, pytest.mark.timeout(900)]

PUT = "const put = (html) => document.querySelector('#ici').insertAdjacentHTML('beforeend', html);"
FETCH = f"{PUT} const get = async (a) => put((await (await fetch(a)).json()).html);"
FORM = "{method: 'POST', headers: {'Content-Type': TYPE}, body: BODY}"
HEAD = "<!DOCTYPE html><html lang=fr><meta charset=utf-8><title>Essai</title>"


SCROLL = """() => { for (const each of document.querySelectorAll("html, #boite")) {
  each.scrollBy({top: innerHeight, behavior: "instant"}); } }"""


def give(word, paragraphs=4):
    return json.dumps({"html": f"<h2>{word}</h2>{say(word, paragraphs)}"})


def frame(other):
    """Pages of the site; `other` is the address of another origin."""
    return {
        # 1. A list without end: a sentinel that comes into view asks for the next page.
        "/liste": f"{HEAD}<div id=ici></div><p id=fin>…</p><script>{FETCH} let page = 0;"
        "new IntersectionObserver(async (all) => { if (!all[0].isIntersecting || page >= 4) return;"
        "  page += 1; await get(`/liste.json?page=${page}`);"
        "  const fin = document.querySelector('#fin'); fin.remove(); document.body.append(fin);"
        "}, {rootMargin: '200px'}).observe(document.querySelector('#fin'));</script>",
        **{f"/liste.json?page={n}": give(f"hysope-{n}", 60) for n in (1, 2, 3, 4)},
        # 2. Timers that nobody clicks for: one after another, the page is still in between.
        "/minuteur": f"{HEAD}<div id=ici></div><script>{FETCH}"
        "setTimeout(() => { get('/minuteur-1.json');"
        "  setTimeout(() => get('/minuteur-2.json'), 2200); }, 2500);</script>",
        "/minuteur-1.json": give("sarriette"),
        "/minuteur-2.json": give("marjolaine"),
        # 3. Modules by an import map, a dynamic import, a top-level await.
        "/modules": f'{HEAD}<script type=importmap>{{"imports": {{"outils/": "/m/"}}}}</script>'
        "<div id=ici></div><script type=module src=/m/entree.mjs></script>",
        "/m/entree.mjs": "import { put } from 'outils/mise.mjs';"
        "const found = await (await fetch('/m/texte.json')).json(); put(found.html);"
        "const { plus } = await import('outils/plus.mjs'); put(plus);",
        "/m/mise.mjs": "export const put = (html) => "
        "document.querySelector('#ici').insertAdjacentHTML('beforeend', html);",
        "/m/plus.mjs": f"export const plus = {json.dumps(say('angélique', 2))};",
        "/m/texte.json": give("livèche"),
        # 4. Components: slots by name, a shadow tree that the markup declares, one in another.
        "/fentes": f"{HEAD}<une-carte><h2 slot=titre>La bourrache</h2><p slot=corps>Dans la fente, "
        "la consoude.</p></une-carte><div><template shadowrootmode=open>"
        f"{say('souci', 3)}<slot></slot></template><p>Sous la racine, la mauve.</p></div>"
        "<script>customElements.define('un-corps', class extends HTMLElement {"
        "  connectedCallback() { this.attachShadow({mode: 'closed'}).innerHTML ="
        f"    {json.dumps(say('achillée', 3))} + '<slot></slot>'; }} }});"
        "customElements.define('une-carte', class extends HTMLElement {"
        "  connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML ="
        "    '<slot name=titre></slot><un-corps><slot name=corps></slot></un-corps>'; } });"
        "</script>",
        # 5. Styles that import styles; pictures in every form.
        "/images": f"{HEAD}<link rel=stylesheet href=/s/un.css media=print onload=\"this.media='all'\">"
        "<style>@import '/s/deux.css' layer(base) supports(display: grid) screen;"
        "@media (min-width: 10px) { body { background: url(/i/fond.gif) } }"
        "h1::before { content: url('/i/avant.gif') }</style>"
        f"<h1>Images</h1>{say('tanaisie', 3)}<div style='height: 2500px'></div>"
        '<picture><source srcset="/i/l.gif 1x, /i/l2.gif 2x" media="(min-width: 900px)">'
        '<source type="image/avif" srcset=/i/p.avif><img src=/i/p.gif loading=lazy alt=""></picture>'
        '<img srcset="/i/a,1.gif 480w, /i/b.gif 2000w" sizes="100vw" src=/i/c.gif loading=lazy alt="">'
        "<noscript><img src=/i/sans.gif alt=''></noscript>"
        '<img data-src=/i/tard.gif class=tard alt=""><svg width=9 height=9><image href=/i/v.svg />'
        "</svg><script>new IntersectionObserver((all, own) => all.forEach((each) => {"
        "  if (each.isIntersecting) { each.target.src = each.target.dataset.src; own.disconnect(); }"
        "})).observe(document.querySelector('.tard'));</script>",
        "/s/un.css": "@charset 'utf-8'; @import url(trois.css); h1 { color: #123 }",
        "/s/deux.css": '@import "quatre.css" print; p { color: #222 }',
        "/s/trois.css": "@import 'cinq.css'; h1 { background: image-set('/i/s1.gif' 1x, "
        "'/i/s2.gif' 2x) }",
        "/s/quatre.css": "p { background: url(/i/papier.gif) }",
        "/s/cinq.css": "h1 { border-image: url(/i/bord.gif) 1; cursor: url(/i/main.gif), auto }",
        **{f"/i/{n}": PIXEL for n in ("fond.gif", "avant.gif", "l.gif", "l2.gif", "p.avif", "p.gif",
           "a,1.gif", "b.gif", "c.gif", "sans.gif", "tard.gif", "s1.gif", "s2.gif", "papier.gif",
           "bord.gif", "main.gif")},
        "/i/v.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>",
        # 6. A frame of another origin, whose script fetches; it tells this page its height.
        "/cadre-autre": f"{HEAD}<h1>Cadre</h1><iframe src='{other}/dedans' width=800 height=300 "
        "loading=lazy></iframe><script>addEventListener('message', (e) => {"
        "  document.querySelector('iframe').height = e.data; });</script>",
        # 7. Routes by history.pushState: the shell goes to an article of its own.
        "/histoire": f"{HEAD}<div id=ici></div><script>{FETCH} const go = async () => {{"
        "  const path = location.pathname; document.querySelector('#ici').textContent = '';"
        "  if (path.endsWith('/article/42')) await get('/article/42.json'); };"
        "addEventListener('popstate', go); history.pushState({}, '', '/article/42'); go();</script>",
        "/article/42.json": give("mélilot"),
        # 8. A shell that a service worker put in its cache, and the text by way of the worker.
        "/hors-ligne": f"{HEAD}<div id=ici></div><script>{FETCH} (async () => {{"
        "  const own = navigator.serviceWorker; await own.register('/cache-sw.js');"
        "  await own.ready; if (!own.controller) return location.reload();"
        "  const s = document.createElement('script'); s.src = '/cache.js';"
        "  document.body.append(s); })()</script>",
        "/cache-sw.js": "addEventListener('install', (e) => e.waitUntil(caches.open('c').then((c) =>"
        " c.addAll(['/hors-ligne', '/cache.js'])).then(() => skipWaiting())));"
        "addEventListener('activate', (e) => e.waitUntil(clients.claim()));"
        "addEventListener('fetch', (e) => e.respondWith(caches.match(e.request).then((found) =>"
        " found || fetch(e.request))));",
        "/cache.js": "get('/cache.json');",
        "/cache.json": give("pimprenelle"),
        # 9. Fonts: by a style, by a range of letters, by a script that draws once they are there.
        "/polices": f"{HEAD}<style>@font-face {{ font-family: Une; src: url(/f/une.woff2) "
        "format('woff2'); unicode-range: U+0-FFFF } @font-face { font-family: Deux; "
        "src: local('Nulle Part'), url(/f/deux.woff2?v=3#iefix) format('woff2'), "
        "url(/f/deux.woff) format('woff') } p { font-family: Une, Deux }</style><p>…</p>"
        "<div id=ici></div><script>" + PUT + "const own = new FontFace('Trois', 'url(/f/trois.woff2)');"
        f"own.load().catch(() => 0).then(() => put({json.dumps(say('verveine'))}));</script>",
        **{f"/f/{n}": b"wOF2" + b"\0" * 60 for n in ("une.woff2", "deux.woff2?v=3", "deux.woff",
           "trois.woff2")},
        # 10. Films: a poster, subtitles, a poster that a script sets late.
        "/affiche": f"{HEAD}<h1>Film</h1><video poster=/v/affiche.gif controls preload=none>"
        "<source src=/v/film.webm><track default src=/v/sous-titres.vtt></video>"
        "<video id=tard controls preload=none></video><div id=ici></div>"
        f"<script>{PUT} document.querySelector('#tard').poster = '/v/tard.gif';"
        f"put({json.dumps(say('reine-des-prés'))});</script>",
        "/v/affiche.gif": PIXEL,
        "/v/tard.gif": PIXEL,
        "/v/sous-titres.vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\nBonjour\n",
        # 11. The window does not scroll: a box in it does, with a list without end.
        "/boite": f"{HEAD}<style>body {{ margin: 0; overflow: hidden }} #boite {{ height: 100vh; "
        f"overflow-y: auto }}</style><div id=boite><div id=ici></div></div><script>{FETCH}"
        "let page = 0, busy = false; const box = document.querySelector('#boite');"
        "const more = async () => { if (busy || page >= 3) return; busy = true; page += 1;"
        "  await get(`/boite.json?page=${page}`); busy = false; };"
        "box.addEventListener('scroll', () => {"
        "  if (box.scrollTop + box.clientHeight > box.scrollHeight - 200) more(); }); more();"
        "</script>",
        **{f"/boite.json?page={n}": give(f"carvi-{n}", 60) for n in (1, 2, 3)},
        # 12. A list that waits for who scrolls to stop.
        "/rebond": f"{HEAD}<div id=ici></div><script>{FETCH} let page = 0, waiting;"
        "const more = () => { if (page < 4) { page += 1; get(`/rebond.json?page=${page}`); } };"
        "addEventListener('scroll', () => { clearTimeout(waiting); waiting = setTimeout(() => {"
        "  if (scrollY + innerHeight > document.documentElement.scrollHeight - 100) more();"
        "}, 700); }); more();</script>",
        **{f"/rebond.json?page={n}": give(f"cumin-{n}", 60) for n in (1, 2, 3, 4)},
        # By POST: GraphQL, WordPress by a form and by FormData, a search form, a worker's.
        "/graphe": f"{HEAD}<div id=ici></div><script>{PUT}"
        "const ask = async (n) => put((await (await fetch('/graphql', {method: 'POST', headers: "
        "{'Content-Type': 'application/json', 'Accept': 'application/json'}, body: JSON.stringify("
        "{operationName: 'A', variables: {n, entier: 1.0}, query: 'query A($n: Int!) { article(n: $n)"
        " { html } }'})})).json()).data.html); ask(1).then(() => ask(2));</script>",
        "/wordpress": f"{HEAD}<div id=ici></div><script>{PUT}"
        "const x = new XMLHttpRequest(); x.open('POST', '/wp-admin/admin-ajax.php');"
        "x.setRequestHeader('X-Requested-With', 'XMLHttpRequest'); x.setRequestHeader('Content-Type',"
        " 'application/x-www-form-urlencoded; charset=UTF-8'); x.onload = () => put(x.responseText);"
        "x.send('action=plus&q=%C3%A9t%C3%A9+long&nonce=a1b2'); const f = new FormData();"
        "f.append('action', 'suite'); f.append('page', '2'); fetch('/wp-admin/admin-ajax.php', "
        "{method: 'POST', body: f}).then((r) => r.text()).then(put);</script>",
        "/recherche": f"{HEAD}<form method=post action=/resultats><input name=q value='thé vert'>"
        "</form><script>document.forms[0].submit();</script>",
        "/reponse": f"{HEAD}<h1>Trouvé</h1>{say('genièvre')}",
        "/ouvrier": f"{HEAD}<div id=ici></div><script>{PUT}"
        "const w = new Worker('/ouvrier.js'); w.onmessage = (e) => put(e.data);</script>",
        "/ouvrier.js": "fetch('/texte', {method: 'POST', body: 'donne'}).then((r) => r.text())"
        ".then((t) => postMessage(t));",
    }  # fmt: skip


def answer_graph(_fields, body):
    asked = json.loads(body)["variables"]["n"]
    body = json.dumps({"data": json.loads(give(f"armoise-{asked}"))})
    return 200, body, {"Content-Type": "application/json; charset=utf-8"}


def answer_ajax(fields, body):
    if fields["Content-Type"].startswith("multipart/form-data"):
        assert b'name="action"\r\n\r\nsuite' in body
        return say("origan-deux", 3)
    asked = parse_qs(body.decode())
    return say("origan-un", 3) if asked["q"] == ["été long"] else (400, "0", {})


FORMS = {
    "/graphql": answer_graph,
    "/wp-admin/admin-ajax.php": answer_ajax,
    "/resultats": lambda _, body: (303, b"", {"Location": "/reponse?" + body.decode()}),
    "/texte": lambda _, body: say(f"coriandre-{body.decode()}", 3),
}
OTHER = {
    "/dedans": f"{HEAD}<div id=ici></div><script>{FETCH} get('/dedans.json').then(() =>"
    " parent.postMessage(document.body.scrollHeight, '*'));</script>",
    "/dedans.json": give("camomille"),
}
OWN = {
    "/liste": [f"hysope-{n}" for n in (1, 2, 3, 4)],
    "/minuteur": ["sarriette", "marjolaine"],
    "/modules": ["livèche", "angélique"],
    "/fentes": ["bourrache", "consoude", "souci", "mauve", "achillée"],
    "/images": ["tanaisie"],
    "/cadre-autre": ["camomille"],
    "/histoire": ["mélilot"],
    "/hors-ligne": ["pimprenelle"],
    "/polices": ["verveine"],
    "/affiche": ["reine-des-prés"],
    "/boite": [f"carvi-{n}" for n in (1, 2, 3)],
    "/rebond": [f"cumin-{n}" for n in (1, 2, 3, 4)],
    "/graphe": ["armoise-1", "armoise-2"],
    "/wordpress": ["origan-un", "origan-deux"],
    "/recherche": ["genièvre"],
    "/ouvrier": ["coriandre-donne"],
}
ALL = {**SHAPES, **OWN}
FILM = r"film\.webm"  # films are left, as a setting wants it
# What the archive holds and pywb 2.10 does not run: it wraps modules as plain scripts, which is a
# fault of syntax, and has pages meet a service worker that never comes.
BY_PYWB_ALONE = {"/modules", "/service", "/hors-ligne"}


@pytest.fixture(scope="module")
def captured(tmp_path_factory, chromium):
    """What the browser made of each page, and what pywb shows of it once its server is gone."""
    return capture_and_show(tmp_path_factory.mktemp("own-shapes"), chromium, ALL)


def capture_and_show(folder, chromium, paths):
    site, other = Site({}, forms=FORMS), Site(dict(OTHER))
    with serving(site, other), Crawl(folder).open() as opened:
        site.pages |= PAGES | frame(other.address)
        site.pages["/reponse?q=th%C3%A9+vert"] = site.pages["/reponse"]
        urls = [site.address + path for path in paths]
        done = {each.url: each for each in capture(opened, urls, chromium)}
        wanted = list_to_collect(refer(*urls), opened, is_default=True)
        needed = {each.url: each for each in collect_all(wanted, opened, BOUNDS)}
        texts = {}
        for url in urls:
            visits = [v for v in opened.catalogue.visits(urlkey(url)) if v.archive == BY_BROWSER]
            if not visits or not visits[-1].record_id:
                texts[url] = ""
                continue
            location = opened.catalogue.find_location(visits[-1].record_id)
            texts[url] = opened.archive.read_payload(
                location.filename, location.offset, location.inside
            ).payload.decode()
        moment = opened.now()
    package = folder / "tout.wacz"
    list(
        export_wacz(
            package, folder / "archive", pages=(), title="essai", software=USER_AGENT,
            created_at=moment,
        )
    )  # fmt: skip
    with pywb.serve(folder / "pywb", packages=[package]) as address:
        shown = show_all(address, urls, f"{moment:%Y%m%d%H%M%S}")
    return site, done, needed, texts, shown


def show_all(address, urls, moment):
    """Open each page in pywb by a browser: its text, with frames and shadow trees; what is missing."""
    from playwright.sync_api import Error, sync_playwright

    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_program(), chromium_sandbox=False,
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )  # fmt: skip
        for url in urls:
            missing = []
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_init_script(_read_script("prepare"))
            context.on(
                "response",
                lambda r, missing=missing: (
                    missing.append((r.status, r.request.method, r.url)) if r.status >= 400 else None
                ),
            )
            context.on(
                "requestfailed",
                lambda r, missing=missing: (
                    missing.append((r.failure, r.method, r.url))
                    if "ERR_ABORTED" not in (r.failure or "")
                    else None
                ),
            )
            page = context.new_page()
            page.goto(f"{address}{moment}/{url}", wait_until="domcontentloaded")
            text = ""
            for _ in range(16):
                page.wait_for_timeout(400)
                try:
                    page.evaluate(SCROLL)
                    text = "\n".join(
                        frame.evaluate(_read_script("serialize"), False) for frame in page.frames
                    )
                except Error:
                    continue  # it goes elsewhere just now
                words = ALL["/" + url.split("/", 3)[3]]
                if all(word in text for word in words) and page.evaluate(
                    "scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
                ):
                    break
            page.wait_for_timeout(400)
            context.close()
            found[url] = (text, missing)
        browser.close()
    return found


@pytest.mark.parametrize("path", OWN)
def test_the_text_of_each_shape_is_captured(captured, path):
    site, done, _, texts, _ = captured
    print(done[site.address + path])
    text = texts[site.address + path]
    assert [word for word in OWN[path] if word not in text] == []


@pytest.mark.parametrize("path", ALL)
def test_pywb_shows_each_shape_with_nothing_missing(captured, path):
    site, _, needed, _, shown = captured
    text, missing = shown[site.address + path]
    print(needed[site.address + path])
    assert [each for each in missing if not re.search(FILM, each[2])] == []
    if path not in BY_PYWB_ALONE:
        assert [word for word in ALL[path] if word not in text] == []
