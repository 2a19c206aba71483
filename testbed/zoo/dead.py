"""Servers whose page is gone, whatever they answer in its place."""

from typing import Final

from indexer.model import LinkState
from testbed.zoo.cases import (
    EN_PATH,
    FR_PATH,
    Case,
    by_round,
    en,
    everywhere,
    fr,
    serve,
    validated,
)
from testbed.zoo.pages import (
    EN,
    EN_ARTICLE,
    EN_HOME,
    EN_MISSING,
    EN_OTHER,
    FR_ARTICLE,
    FR_HOME,
    FR_MISSING,
    FR_OTHER,
    article,
    html,
    notice,
    page,
)
from testbed.zoo.replies import NO_ROBOTS, Asked, Http, Reply, redirect

_DEAD: Final = LinkState.DEAD

_HELPFUL: Final = html(
    notice(
        "Oups ! Cette page n’existe plus",
        "Elle a peut-être changé d’adresse. Voici ce que nos lecteurs consultent le plus :",
        "Le marché change de place. La piscine rouvrira en juin. Un concert à la chapelle.",
        "Vous pouvez aussi écrire à la rédaction, qui se fera un plaisir de chercher pour vous.",
    )
)
_PARKED_FR: Final = html(
    "<html><head><title>gazette-lignac.example</title></head><body>"
    "<h1>Le nom de domaine gazette-lignac.example est à vendre !</h1>"
    "<p>Faites une offre. Paiement en plusieurs fois.</p></body></html>"
)
_PARKED_EN: Final = html(
    "<html><head><title>dunmore-echo.example</title></head><body><p>This domain may be for sale."
    "</p><p>Related searches: Car insurance, Hotels, Credit cards. Buy this domain.</p>"
    "</body></html>"
)
_EXPIRED: Final = html(
    "<html><head><title>Domaine expiré</title></head><body><p>Ce nom de domaine a expiré. "
    "Si vous en êtes le titulaire, renouvelez-le chez votre bureau d’enregistrement.</p>"
    "</body></html>"
)
_REGISTERED: Final = html(
    "<html><head><title>Félicitations</title></head><body><h1>Félicitations !</h1><p>Votre "
    "domaine gazette-lignac.example a bien été créé chez notre hébergeur.</p></body></html>"
)
_APACHE: Final = html(
    "<html><head><title>Apache2 Debian Default Page: It works</title></head><body>"
    "<h1>Apache2 Debian Default Page</h1><p>If you can read this page, it means that the Apache "
    "HTTP server installed at this site is working properly.</p></body></html>"
)
_BUILDING: Final = html(notice("Bienvenue", "Ce site est en construction."))
_SUSPENDED: Final = html(
    "<html><head><title>Account Suspended</title></head><body><p>This account has been "
    "suspended. Contact your hosting provider.</p></body></html>"
)
_NEWS: Final = html(
    page("Actualités", "<h1>Actualités</h1>" + FR_HOME.body.decode().partition("<main>")[2])
)
# No word of it says "not found": only another impossible address gives it away.
_NOTHING_EN: Final = html(
    page(
        "Dunmore",
        "<h1>Welcome to Dunmore</h1><p>The valley has walks for every leg, a ferry on Sundays "
        "and an inn that keeps its fire lit until May. Ask at the quay for the tide table, and "
        "bring a coat whatever the forecast says: the wind comes down the moor without notice. "
        "The museum of nets and ropes opens on request, the key hangs at the bakery.</p>",
        lang="en",
        site="Dunmore",
    )
)


def _shared_target(asked: Asked) -> Reply:
    """Every old address leads to one page of archives, which speaks of workshops too."""
    if asked.path == "/robots.txt":
        return NO_ROBOTS
    if asked.path == "/archives/tiers-lieux":
        return html(article(FR_OTHER, "Archives de la rubrique"))
    if asked.path.startswith("/2015/"):
        return redirect("/archives/tiers-lieux", 301)
    return FR_MISSING


def _home_elsewhere(asked: Asked) -> Reply:
    """Another host would be the honest test; a path that only says "home" stands for it."""
    return serve({EN_PATH: redirect("/en/index.html"), "/en/index.html": EN_HOME})(asked)


DEAD: Final[tuple[Case, ...]] = (
    fr("404", _DEAD, everywhere(FR_MISSING)),
    en("404 of a bare server", _DEAD, everywhere(Http(
        status=404, body=b"<html><head><title>404 Not Found</title></head></html>"
    ))),
    fr("410", _DEAD, Http(status=410)),
    fr("410 twice is enough", _DEAD, by_round(
        FR_ARTICLE, Http(status=410), Http(status=500), Http(status=410)
    )),
    fr("404 with a long and helpful page", _DEAD, Http(status=404, body=_HELPFUL.body)),
    fr("redirect to a 404", _DEAD, serve({FR_PATH: redirect("/introuvable")})),
    fr("alive once, then 404", _DEAD, by_round(FR_ARTICLE, FR_MISSING)),
    fr("404, with a 403 and a silence between", _DEAD, by_round(
        FR_MISSING, FR_MISSING, Http(status=403), FR_MISSING
    )),
    # --- soft 404 ---
    fr("« page introuvable » with 200", _DEAD, everywhere(html(
        notice("Page introuvable", "Nous n’avons pas trouvé ce que vous cherchez.")
    ))),
    fr("« cette page n’existe plus » with 200, on that page only", _DEAD, _HELPFUL),
    fr("« erreur 404 » with 200 and the latest news", _DEAD, html(page(
        "Erreur 404", "<h1>Erreur 404</h1>" + FR_HOME.body.decode().partition("<main>")[2]
    ))),
    fr("« cet article a été supprimé »", _DEAD, html(
        notice("Cet article a été supprimé", "Par son auteur.")
    )),
    fr("« ce blog n’existe plus »", _DEAD, everywhere(html(
        notice("Ce blog n’existe plus", "Il a été fermé par son auteur.", site="Blogs d’ici")
    ))),
    en("« page not found » with 200", _DEAD, everywhere(html(
        notice("Page not found", "Try the search box.", lang="en", site="The Echo")
    ))),
    en("« sorry, we couldn't find that page »", _DEAD, html(
        notice("Sorry, we couldn’t find that page", "Please check the address.", lang="en")
    )),
    en("the same page for any address, without a word of error", _DEAD, everywhere(_NOTHING_EN)),
    fr("the front page for any address", _DEAD, everywhere(FR_HOME)),
    fr("redirect to an error page that says 200", _DEAD, serve({
        FR_PATH: redirect("/404.html"),
        "/404.html": html(notice("Page non trouvée", "Désolé.")),
    })),
    # --- redirected to something else ---
    fr("redirect to the front page", _DEAD, serve({FR_PATH: redirect("/"), "/": FR_HOME})),
    en("permanent redirect to the front page", _DEAD, serve(
        {EN_PATH: redirect("/", 301), "/": EN_HOME}, missing=EN_MISSING
    )),
    en("redirect to the front page of a language", _DEAD, _home_elsewhere),
    fr("refresh to the front page", _DEAD, serve({
        FR_PATH: html(
            '<html><head><meta http-equiv="refresh" content="1;url=/"></head><body></body></html>'
        ),
        "/": FR_HOME,
    })),
    fr("redirect to the news", _DEAD, serve({
        FR_PATH: redirect("/actualites", 301), "/actualites": _NEWS
    })),
    fr("a number that leads to the news", _DEAD, serve({
        "/?p=123": redirect("/actualites", 301), "/actualites": _NEWS
    }), path="/?p=123"),
    fr("redirect that several cited addresses share", _DEAD, _shared_target,
       beside=("/2015/11/le-marche", "/2015/11/la-piscine")),
    fr("alive, then redirect to the front page", _DEAD, by_round(
        FR_ARTICLE, serve({FR_PATH: redirect("/", 301), "/": FR_HOME})
    )),
    # --- the domain is another's ---
    fr("domain for sale", _DEAD, everywhere(_PARKED_FR)),
    en("domain parked", _DEAD, everywhere(_PARKED_EN)),
    fr("domain expired", _DEAD, everywhere(_EXPIRED)),
    fr("domain just registered", _DEAD, by_round(FR_ARTICLE, everywhere(_REGISTERED))),
    en("default page of the server", _DEAD, everywhere(_APACHE)),
    fr("site « en construction »", _DEAD, by_round(FR_ARTICLE, everywhere(_BUILDING))),
    en("account suspended", _DEAD, everywhere(_SUSPENDED)),
    fr("taken over by a casino", _DEAD, by_round(
        FR_ARTICLE, everywhere(html(article(FR_OTHER, "Le salon de la chance", site="Jeux")))
    )),
    en("taken over by mattresses", _DEAD, by_round(
        html(article(EN, "Repair workshops and the patience of towns", lang="en")),
        everywhere(html(article(EN_OTHER, "Best mattresses", lang="en", site="Sleep"))),
    )),
    fr("the domain does not exist", _DEAD, Http(), url=f"http://gazette-lignac.invalid{FR_PATH}"),
    en("alive once, then another page at its address", _DEAD, by_round(
        EN_ARTICLE, html(article(EN_OTHER, "Best mattresses", lang="en", site="Sleep"))
    )),
    fr("error page with 200 that a cache says is not modified", _DEAD,
       validated(serve({}, missing=html(notice("Page introuvable", "Désolé."))))),
    en("parked domain that a cache says is not modified", _DEAD,
       validated(everywhere(_PARKED_EN))),
)  # fmt: skip
