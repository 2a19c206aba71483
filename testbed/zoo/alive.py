"""Servers whose page is there, however odd they are about it."""

import gzip
from dataclasses import replace
from typing import Final

from indexer.model import LinkState
from testbed.zoo.cases import EN_PATH, FR_PATH, Case, by_round, en, fr, serve, validated
from testbed.zoo.pages import (
    EN,
    EN_ARTICLE,
    EN_HOME,
    EN_MISSING,
    EN_OTHER,
    EN_TITLE,
    FR,
    FR_ARTICLE,
    FR_HOME,
    FR_MISSING,
    FR_TITLE,
    article,
    html,
    notice,
    page,
    paragraphs,
)
from testbed.zoo.replies import NO_ROBOTS, Asked, Http, Raw, Reply, Trouble, redirect

ALIVE_STATE: Final = LinkState.ALIVE

_LOST_TITLE: Final = "L’introuvable démocratie des places de village"
_ABOUT_404: Final = "Erreur 404 : petite histoire d’un message"
_REVISED: Final = (*FR[:3], FR[3].replace("verger", "grand verger de poiriers"), FR[4])
_ADDED: Final = (*FR, *(f"{text} (suite du {n} mars)" for n, text in enumerate(FR[1:], 2)))
_FRAME: Final = html(
    page(
        "Chargement",
        '<div id="root"></div><noscript>Activez JavaScript.</noscript>'
        '<script src="/app.js"></script>',
        window_title="Lignac en commun",
    )
)
_PDF: Final = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R"
    b"/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 44>>stream\nBT /F1 12 Tf 20 100 Td (Rapport de Lignac) Tj ET\n"
    b"endstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


def _on_get_only(asked: Asked) -> Reply:
    if asked.method == "HEAD":
        return Http(status=405, headers=(("Allow", "GET"),))
    return serve({FR_PATH: FR_ARTICLE})(asked)


def _head_lies(asked: Asked) -> Reply:
    if asked.method == "HEAD":
        return Http(status=404)
    return serve({EN_PATH: EN_ARTICLE}, missing=EN_MISSING)(asked)


def _head_hangs(asked: Asked) -> Reply:
    if asked.method == "HEAD":
        return Trouble.SILENCE
    return serve({FR_PATH: FR_ARTICLE})(asked)


def _wants_a_cookie(asked: Asked) -> Reply:
    if asked.path == FR_PATH and "vu=1" not in asked.headers.get("cookie", ""):
        return redirect(FR_PATH, headers=(("Set-Cookie", "vu=1; Path=/"),))
    return serve({FR_PATH: FR_ARTICLE})(asked)


def _any_slug(asked: Asked) -> Reply:
    """Only the number counts: /2015/11/<anything> is the article."""
    if asked.path.startswith("/2015/11/"):
        return FR_ARTICLE
    return serve({})(asked)


def _front_page(asked: Asked) -> Reply:
    """A front page that is another one on each visit, under the same title."""
    if asked.path not in ("/", ""):
        return serve({}, missing=EN_MISSING)(asked)
    texts = (EN, EN_OTHER, EN[::-1], EN_OTHER[::-1])[min(asked.round, 3)]
    body = f"<h1>The Dunmore Echo</h1>{paragraphs(texts)}"
    return html(page("The Dunmore Echo", body, lang="en", window_title="The Dunmore Echo"))


def _one_page_site(asked: Asked) -> Reply:
    if asked.path == "/":
        return FR_ARTICLE
    return NO_ROBOTS if asked.path == "/robots.txt" else redirect("/")


_COMMENTS: Final = (
    "<section><h2>Commentaires</h2><p>Page introuvable chez moi, erreur 404 ! La page que vous "
    "cherchez n’existe plus, me dit le navigateur.</p></section>"
)
_CAPTCHA_FORM: Final = (
    '<form><div class="g-recaptcha" data-sitekey="x"></div><textarea></textarea></form>'
)
_LOGIN_ASIDE: Final = (
    '<aside><form action="/connexion"><h2>Connexion</h2><input name="u"><input type="password">'
    "</form></aside>"
)
_BANNER: Final = (
    '<div class="bandeau"><p>Nous utilisons des cookies. Tout accepter ou continuer sans '
    "accepter ?</p></div>"
)
_NOT_FREE: Final = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
    f'"headline":"{FR_TITLE}","isAccessibleForFree":false}}</script>'
)
_TRUTHFUL_DETOUR: Final = serve({EN_PATH: redirect("/files/r.html"), "/files/r.html": EN_ARTICLE})

ALIVE: Final[tuple[Case, ...]] = (
    fr("article", ALIVE_STATE, FR_ARTICLE),
    en("article in English", ALIVE_STATE, EN_ARTICLE),
    fr(
        "article with « introuvable » in its title",
        ALIVE_STATE,
        html(article(title=_LOST_TITLE)),
        title=_LOST_TITLE,
    ),
    fr(
        "short article about a 404",
        ALIVE_STATE,
        html(article(FR[:3], _ABOUT_404)),
        title=_ABOUT_404,
    ),
    en(
        "article on what « page not found » means",
        ALIVE_STATE,
        html(article(EN, "Page not found: a short history", lang="en")),
        title="Page not found: a short history",
    ),
    fr("comments that say « page introuvable »", ALIVE_STATE, html(article(after=_COMMENTS))),
    fr("comment form with a captcha", ALIVE_STATE, html(article(after=_CAPTCHA_FORM))),
    fr("login form in the margin", ALIVE_STATE, html(article(after=_LOGIN_ASIDE))),
    fr("cookie banner over the article", ALIVE_STATE, html(article(after=_BANNER))),
    fr(
        "article on the sale of domain names",
        ALIVE_STATE,
        html(article((*FR, "Ce domaine est à vendre, dit-on de l’étang."), "Domaines à vendre")),
        title="Domaines à vendre",
    ),
    en(
        "article on maintenance",
        ALIVE_STATE,
        html(article(EN, "Maintenance is a public good", lang="en")),
        title="Maintenance is a public good",
    ),
    fr("temporary redirect within the site", ALIVE_STATE, serve({
        FR_PATH: redirect("/article.php?id=12"),
        "/article.php": FR_ARTICLE,
    })),
    en("temporary redirect to a name without meaning", ALIVE_STATE, _TRUTHFUL_DETOUR),
    fr("permanent redirect that adds a slash", ALIVE_STATE, serve({
        FR_PATH: redirect(f"{FR_PATH}/", 301),
        f"{FR_PATH}/": FR_ARTICLE,
    })),
    en("refresh in the page", ALIVE_STATE, serve({
        EN_PATH: html(
            '<html><head><meta http-equiv="refresh" content="0; url=/new/repair-workshops">'
            "<title>Repair</title></head><body>One moment</body></html>"
        ),
        "/new/repair-workshops": EN_ARTICLE,
    })),
    fr("redirect that a cookie ends", ALIVE_STATE, _wants_a_cookie),
    fr("any slug gives the article", ALIVE_STATE, _any_slug),
    fr("site of one page", ALIVE_STATE, _one_page_site),
    en("front page that changes every day", ALIVE_STATE, _front_page,
       path="/", title="The Dunmore Echo"),
    fr("front page of a journal", ALIVE_STATE, serve({"/": FR_HOME}), path="/",
       title="Gazette de Lignac"),
    en("home page answered to any address, home page cited", ALIVE_STATE,
       serve({}, missing=EN_HOME), path="/", title="The Dunmore Echo"),
    fr("HEAD is not allowed", ALIVE_STATE, _on_get_only),
    en("HEAD lies", ALIVE_STATE, _head_lies),
    fr("HEAD hangs", ALIVE_STATE, _head_hangs),
    en("gzip", ALIVE_STATE, replace(
        EN_ARTICLE, body=gzip.compress(EN_ARTICLE.body), headers=(("Content-Encoding", "gzip"),)
    )),
    fr("windows-1252", ALIVE_STATE, Http(
        body=article().replace("utf-8", "windows-1252").encode("cp1252", "replace"),
        media_type="text/html",
    )),
    en("no content type", ALIVE_STATE, replace(EN_ARTICLE, media_type="")),
    en("plain text", ALIVE_STATE, Http(
        body="\n\n".join((EN_TITLE, *EN)).encode(), media_type="text/plain; charset=utf-8"
    )),
    fr("PDF", ALIVE_STATE, Http(body=_PDF, media_type="application/pdf")),
    en("status 203", ALIVE_STATE, replace(EN_ARTICLE, status=203)),
    fr("slow to answer", ALIVE_STATE, replace(FR_ARTICLE, pause_s=0.15)),
    en("cut before its announced length", ALIVE_STATE, replace(
        EN_ARTICLE, length=len(EN_ARTICLE.body) + 500
    )),
    en("head without a phrase", ALIVE_STATE, Raw(
        b"HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n" + EN_ARTICLE.body
    )),
    fr("anchor that is there", ALIVE_STATE, html(article(after='<p id="note-3">Note 3</p>')),
       path=f"{FR_PATH}#note-3"),
    fr("anchor that is gone", ALIVE_STATE, FR_ARTICLE, path=f"{FR_PATH}#note-9"),
    fr("paywall after two paragraphs", ALIVE_STATE, html(
        article(FR[:3], head=_NOT_FREE, after="<p>La suite est réservée à nos abonnés.</p>")
    )),
    fr("shell that a script fills", ALIVE_STATE, serve({}, missing=_FRAME)),
    fr("revised since the first capture", ALIVE_STATE,
       by_round(FR_ARTICLE, html(article(_REVISED)))),
    en("longer than at the first capture", ALIVE_STATE,
       by_round(EN_ARTICLE, html(article((*EN, *EN_OTHER), EN_TITLE, lang="en")))),
    fr("cut since the first capture", ALIVE_STATE,
       by_round(html(article(_ADDED)), html(article(FR[:2])))),
    fr("away on one visit", ALIVE_STATE, by_round(FR_ARTICLE, FR_MISSING, FR_ARTICLE)),
    en("down on two visits", ALIVE_STATE,
       by_round(EN_ARTICLE, Http(status=500), Http(status=502), EN_ARTICLE)),
    fr("gone twice, then back", ALIVE_STATE,
       by_round(Http(status=404), Http(status=410), FR_ARTICLE)),
    en("robots.txt is a web page", ALIVE_STATE,
       serve({EN_PATH: EN_ARTICLE}, missing=EN_MISSING, robots=EN_HOME)),
    fr("robots.txt is refused", ALIVE_STATE,
       serve({FR_PATH: FR_ARTICLE}, robots=Http(status=403))),
    en("cited by a title in another language", ALIVE_STATE, EN_ARTICLE,
       title="Les ateliers de réparation, ou la patience des villes"),
    en("front page that changes every day, cited by other words", ALIVE_STATE, _front_page,
       path="/", title="Un journal de vallée, à suivre"),
    fr("few words, but the right ones", ALIVE_STATE, html(
        notice(FR_TITLE, "Annonce : l’atelier de Lignac ouvre samedi à la gare, de dix à seize "
               "heures. Apportez vos vélos et vos radios en panne.")
    )),
    fr("not modified since the first visit", ALIVE_STATE, validated(serve({FR_PATH: FR_ARTICLE}))),
)  # fmt: skip
