"""A hundred and sixty links as French bibliographies cite them, over sixty days.

Sixty are good pages that change in ordinary ways, sixty die or fail; a careful person's last word
on each is written here before any rule was read. Odd numbers may be looked at one by one, even
numbers are counted only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Final

from benchmarks.links.french_pages import (
    Prose,
    Skin,
    as_html,
    bare,
    blogger,
    dotclear,
    drupal,
    forum,
    ghost,
    handmade,
    joomla,
    mediawiki,
    overblog,
    pdf,
    press,
    reply,
    spip,
    university,
    wordpress,
    wordpress_blocks,
)
from indexer.model import LinkState
from testbed.zoo.cases import Case
from testbed.zoo.keeper import Zoo
from testbed.zoo.replies import NO_ROBOTS, Asked, Http, Reply, Script, Trouble, redirect

DAYS: Final = (0, 2, 5, 9, 14, 20, 27, 33, 39, 45, 52, 60)
LINKS: Final = 220  # after them come hosts that nobody cites
BEFORE: Final = 160  # of them were there before those of `french_sites`

ALIVE, MOVED, BLOCKED, SICK, DEAD = (
    LinkState.ALIVE, LinkState.MOVED, LinkState.BLOCKED, LinkState.SICK, LinkState.DEAD
)  # fmt: skip
WELL: Final = frozenset({ALIVE})
LED_ELSEWHERE: Final = frozenset({MOVED})
LED_NEARBY: Final = frozenset({ALIVE, MOVED})
SHUT: Final = frozenset({BLOCKED})
BROKEN: Final = frozenset({SICK})
GONE: Final = frozenset({DEAD})
LOST: Final = frozenset({SICK, DEAD})  # the text is gone; how sure one is depends on the signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link: its server, how it is cited, and the last states that a careful person accepts."""

    number: int  # from 1
    case: Case
    accepted: frozenset[LinkState]
    is_good: bool
    is_shown: bool  # the cited text can be read by a person with a browser, on the last day
    is_described: bool  # cited by bibliographic fields rather than by the words of a link
    note: str


@dataclass(slots=True, kw_only=True)
class Site:
    """What the script of a link is made of: its skin, its texts, its address."""

    skin: Skin
    name: str
    path: str
    text: Prose
    other: Prose
    more: Sequence[Prose] = field(default_factory=list)
    author: str = ""  # the family name by which the text is cited

    def page(self, *, title: str = "", body: str = "", status: int = 200, **more: str) -> Http:
        """The article, or this under its title."""
        title = title or self.text.title
        made = self.skin(title, body or self.text.body, site=self.name, **more)
        return reply(made, status)

    def say(self, title: str, *lines: str, status: int = 200, window: str = "") -> Http:
        """A notice within the site's own page."""
        body = "".join(f"<p>{line}</p>" for line in lines)
        aside = "".join(f'<li><a href="/{n}">{escape(p.title)}</a></li>'
                        for n, p in enumerate(self.more[:3]))  # fmt: skip
        return reply(
            self.skin(title, body or "<p></p>", site=self.name, window=window, aside=aside), status
        )

    def home(self) -> Http:
        """The front page: the newest texts, a line of each."""
        body = "".join(
            f'<h2><a href="/a{n}">{escape(each.title)}</a></h2>'
            f"<p>{escape(each.paragraphs[0][:140])}… <a href='/a{n}'>Lire la suite</a></p>"
            for n, each in enumerate(self.more)
        )
        return reply(self.skin("À la une", body, site=self.name, window=self.name))

    def listing(self, title: str) -> Http:
        """A section: titles and dates."""
        body = "".join(
            f'<h3><a href="/r{n}">{escape(each.title)}</a></h3><p>Le {n + 3} mai</p>'
            for n, each in enumerate(self.more)
        )
        return reply(self.skin(title, body, site=self.name))

    def over_time(
        self,
        *phases: tuple[int, Reply | Script],
        routes: Mapping[str, Reply] | None = None,
        missing: Reply | None = None,
    ) -> Script:
        """What the address answers from each day on; a script answers for the whole host."""
        lost = missing or self.say("Page non trouvée", "Cette page est introuvable.", status=404)
        others: dict[str, Reply] = {"/": self.home(), **(routes or {})}

        def answer(asked: Asked) -> Reply:
            day = DAYS[asked.round]
            chosen = [what for first, what in phases if first <= day][-1]
            if callable(chosen):
                return chosen(asked)
            if asked.path == "/robots.txt":
                return NO_ROBOTS
            if asked.target == self.path:
                return chosen
            return others.get(asked.target, others.get(asked.path, lost))

        return answer

    def dies(self, day: int, what: Reply | Script, **more: object) -> Script:
        """The article, and this from a day on."""
        return self.over_time((0, self.page()), (day, what), **more)  # type: ignore[arg-type]


def every(what: Reply, *, robots: Reply = NO_ROBOTS) -> Script:
    """One answer for the whole host."""

    def answer(asked: Asked) -> Reply:
        return robots if asked.path == "/robots.txt" else what

    return answer


def to_helper(number: int, path: str, status: int = 302) -> Script:
    """Lead the whole host to another one."""

    def answer(asked: Asked) -> Reply:
        port = asked.base.rpartition(":")[2]
        return redirect(f"http://{Zoo.address(number)}:{port}{path}", status)

    return answer


Made = tuple[str, frozenset[LinkState], Skin, str, Callable[[Site], Script], dict[str, object]]

_SITES: Final = (
    "Le Courrier de la Vègre", "Atelier des communs", "Carnet de Lignac", "Collectif du Four banal",
    "Université de Basse-Loire", "La Revue des passages", "Maison des savoirs", "L’Écho du bocage",
)  # fmt: skip


def _comments(texts: Sequence[Prose], count: int) -> str:
    shown = [text for prose in texts for text in prose.paragraphs][:count]
    return "<h3>Commentaires</h3><ol>" + "".join(
        f"<li><b>lecteur {n}</b> {escape(text[:300])}</li>" for n, text in enumerate(shown)
    ) + "</ol>"  # fmt: skip


def _changing(site: Site, make: Callable[[int], Reply], **more: object) -> Script:
    return site.over_time(*((day, make(number)) for number, day in enumerate(DAYS)), **more)  # type: ignore[arg-type]


def _list_good() -> Iterator[Made]:
    """Good pages that change in ordinary ways."""

    def add(
        name: str,
        skin: Skin,
        path: str,
        make: Callable[[Site], Script],
        accepted: frozenset[LinkState] = WELL,
        **more: object,
    ) -> Made:
        return name, accepted, skin, path, make, more

    post = "/2014/03/12/un-texte-a-lire/"
    yield add(
        "neighbours change at each visit",
        wordpress,
        post,
        lambda s: _changing(
            s,
            lambda n: s.page(
                aside=f"<li>{escape(s.more[n % 8].title)}</li><li>il y a {n} jours</li>"
            ),
        ),
    )
    yield add(
        "most read changes at each visit",
        press,
        "/societe/2015/11/04/article_4803103.html",
        lambda s: _changing(
            s,
            lambda n: s.page(aside="".join(f"<li>{escape(p.title)}</li>" for p in s.more[n % 4 :])),
        ),
    )
    yield add(
        "comments outgrow the text",
        wordpress,
        post,
        lambda s: _changing(s, lambda n: s.page(after=_comments(s.more, 5 * n))),
    )
    yield add(
        "comments are taken off",
        dotclear,
        "/post/2009/03/12/Texte",
        lambda s: s.over_time((0, s.page(after=_comments(s.more, 40))), (20, s.page())),
    )
    yield add(
        "new theme",
        wordpress,
        post,
        lambda s: s.over_time(
            (0, s.page()), (20, reply(wordpress_blocks(s.text.title, s.text.body, site=s.name)))
        ),
    )
    yield add(
        "new skeleton",
        spip,
        "/spip.php?article412",
        lambda s: s.over_time(
            (0, s.page()), (27, reply(joomla(s.text.title, s.text.body, site=s.name)))
        ),
    )
    yield add(
        "permalinks become words",
        wordpress,
        "/?p=381",
        lambda s: s.dies(
            20, redirect("/un-texte-a-lire/", 301), routes={"/un-texte-a-lire/": s.page()}
        ),
        LED_NEARBY,
    )
    yield add(
        "addresses of SPIP become words",
        spip,
        "/spip.php?article88",
        lambda s: s.dies(
            14, redirect("/Un-texte-a-lire", 301), routes={"/Un-texte-a-lire": s.page()}
        ),
        LED_NEARBY,
    )
    yield add(
        "node gets an alias",
        drupal,
        "/node/1243",
        lambda s: s.dies(
            33, redirect("/actualites/un-texte", 301), routes={"/actualites/un-texte": s.page()}
        ),
        LED_NEARBY,
    )
    yield add(
        "old addresses of the platform",
        overblog,
        "/article-un-texte-46120034.html",
        lambda s: s.over_time(
            (0, redirect("/2010/03/un-texte.html", 301)),
            routes={"/2010/03/un-texte.html": s.page()},
        ),
        LED_NEARBY,
    )
    yield add(
        "a banner of consent over the text",
        overblog,
        "/2012/05/texte.html",
        lambda s: s.dies(
            20,
            s.page(
                after='<div id="didomi"><h2>Le respect de votre vie privée est notre priorité'
                "</h2><p>Nous et nos 842 partenaires stockons des cookies.</p>"
                "<button>Accepter et fermer</button><button>Tout refuser</button></div>"
            ),
        ),
    )
    yield add(
        "consent first, text under it",
        press,
        "/culture/article/2016/1.html",
        lambda s: s.dies(
            14,
            s.page(
                body="<div class='cmp'><p>En cliquant sur « Accepter », vous consentez au dépôt "
                "de cookies.</p><button>Accepter</button></div>" + s.text.body
            ),
        ),
    )
    yield add(
        "two days of maintenance",
        drupal,
        "/ressources/texte",
        lambda s: s.over_time(
            (0, s.page()),
            (14, every(s.say("Site en maintenance", "Nous revenons très vite.", status=503))),
            (20, s.page()),
        ),
    )
    yield add(
        "one day without database",
        wordpress,
        post,
        lambda s: s.over_time(
            (0, s.page()),
            (27, every(reply(bare("Erreur lors de la connexion à la base de données", ""), 500))),
            (33, s.page()),
        ),
    )
    yield add(
        "archived by the university",
        university,
        "/recherche/actualites/texte",
        lambda s: s.dies(
            20,
            redirect("/archives/2014/texte", 301),
            routes={"/archives/2014/texte": s.page(body="<p>Archives 2014</p>" + s.text.body)},
        ),
        LED_NEARBY,
    )
    yield add(
        "revised each year",
        university,
        "/bibliotheque/guide.html",
        lambda s: s.dies(
            33,
            s.page(
                body="<p>Mis à jour pour l’année 2026-2027.</p>"
                + as_html(
                    [
                        *s.text.paragraphs[:-1],
                        "Contact : bibliothèque, bureau B12, du lundi au jeudi.",
                    ]
                )
            ),
        ),
    )
    yield add(
        "subscribers only, two paragraphs left",
        press,
        "/idees/article/2013/texte.html",
        lambda s: s.dies(
            27,
            s.page(
                body=as_html(s.text.paragraphs[:1])
                + "<div class='paywall'><p>Il vous reste 82 % de cet article à lire. La suite est "
                "réservée "
                "aux abonnés.</p><a href='/abonnement'>S’abonner dès 1 €</a></div>"
            ),
        ),
        frozenset({ALIVE, BLOCKED, SICK}),
    )
    yield add(
        "subscribers only from the first day",
        press,
        "/monde/2013/04/texte.html",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    body=as_html(s.text.paragraphs[:2])
                    + "<p><b>Article réservé aux abonnés</b></p>"
                    "<p>Déjà abonné ? Identifiez-vous</p>"
                ),
            )
        ),
        frozenset({ALIVE, BLOCKED, SICK}),
    )
    yield add(
        "new headline",
        press,
        "/politique/1034.html",
        lambda s: s.dies(
            9, s.page(title="Ce qu’il faut retenir d’une journée pas comme les autres")
        ),
    )
    yield add(
        "new headline, cited by its first",
        spip,
        "/article9.html",
        lambda s: s.over_time((0, s.page(title="Pour en finir avec quelques idées reçues"))),
    )
    yield add(
        "corrected, with a note",
        press,
        "/eco/texte-45.php",
        lambda s: s.dies(
            5,
            s.page(
                body="<p><i>Mise à jour du 6 novembre : une erreur s’était glissée dans une "
                "version "
                "antérieure de cet article, que nous avons supprimée.</i></p>" + s.text.body
            ),
        ),
    )
    yield add(
        "an afterword as long as the text",
        ghost,
        "/un-texte/",
        lambda s: s.dies(20, s.page(body=s.text.body + "<h2>Dix ans après</h2>" + s.other.body)),
    )
    yield add(
        "cut over two pages",
        press,
        "/dossiers/texte,44.html",
        lambda s: s.dies(
            27,
            s.page(
                body=as_html(s.text.paragraphs[: max(1, len(s.text.paragraphs) // 2)])
                + '<a href="?page=2">Page suivante</a>'
            ),
        ),
    )
    yield add(
        "shortened by its author",
        blogger,
        "/2014/03/texte.html",
        lambda s: s.dies(
            33, s.page(body=as_html(s.text.paragraphs[: max(1, 2 * len(s.text.paragraphs) // 3)]))
        ),
    )
    yield add(
        "an essay about missing pages",
        wordpress_blocks,
        "/erreur-404/",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Page introuvable : petite histoire de l’erreur 404",
                    body="<p>« Cette page "
                    "n’existe pas. » La phrase nous accueille au détour d’un lien mort.</p>"
                    + s.text.body,
                ),
            )
        ),
        title="Page introuvable : petite histoire de l’erreur 404",
    )
    yield add(
        "a vineyard for sale",
        press,
        "/vins/domaine-a-vendre.html",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Ce domaine est à vendre : le vignoble cherche repreneur",
                    body="<p>Le domaine"
                    " est à vendre depuis mars ; achetez ce domaine, dit l’affiche, et son "
                    "chai.</p>" + s.text.body,
                ),
            )
        ),
        title="Ce domaine est à vendre : le vignoble cherche repreneur",
    )
    yield add(
        "about proofs of humanity",
        ghost,
        "/captcha/",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Êtes-vous un robot ? Une sociologie du captcha",
                    body="<p>Cochez la case : je "
                    "ne suis pas un robot. Nous le faisons tous.</p>" + s.text.body,
                ),
            )
        ),
        title="Êtes-vous un robot ? Une sociologie du captcha",
    )
    yield add(
        "about a railway closed for works",
        joomla,
        "/42-ligne",
        lambda s: s.over_time(
            (0, s.page(title="Fermé pour maintenance : la ligne qui attend", body=s.text.body))
        ),
        title="Fermé pour maintenance : la ligne qui attend",
    )
    banner = "<div class='bandeau'><p>Ce blog n’est plus mis à jour.</p></div>"
    yield add(
        "no longer kept up, says a banner",
        blogger,
        "/2011/01/texte.html",
        lambda s: s.dies(14, s.page(body=banner + s.text.body)),
    )
    yield add(
        "the blog moved, its texts stay",
        dotclear,
        "/index.php?post/2008/texte",
        lambda s: s.dies(
            14,
            s.page(
                body="<p><strong>Ce blog a déménagé ! Retrouvez-nous à notre nouvelle adresse."
                "</strong></p>" + s.text.body
            ),
        ),
    )
    yield add(
        "500 for two visits",
        drupal,
        "/node/88",
        lambda s: s.over_time(
            (0, s.page()),
            (20, every(reply(bare("Erreur interne du serveur", ""), 500))),
            (33, s.page()),
        ),
    )
    yield add(
        "silent once",
        handmade,
        "/~aubin/texte.htm",
        lambda s: s.over_time((0, s.page()), (20, Trouble.CLOSE), (27, s.page())),
    )
    yield add(
        "404 for a day after a release",
        wordpress_blocks,
        post,
        lambda s: s.over_time(
            (0, s.page()),
            (33, s.say("Oups ! Page introuvable", "Rien ici.", status=404)),
            (39, s.page()),
        ),
    )
    yield add(
        "soft 404 for a day after a release",
        joomla,
        "/ressources/81-t",
        lambda s: s.over_time(
            (0, s.page()),
            (33, s.say("404 - Article introuvable", "L’article demandé n’existe pas.")),
            (39, s.page()),
        ),
    )
    yield add(
        "403 once",
        university,
        "/labo/texte.php",
        lambda s: s.over_time(
            (0, s.page()), (27, every(reply(bare("Forbidden", ""), 403))), (33, s.page())
        ),
    )
    yield add(
        "429 once",
        press,
        "/a/55.html",
        lambda s: s.over_time(
            (0, s.page()),
            (45, every(Http(status=429, headers=(("Retry-After", "60"),)))),
            (52, s.page()),
        ),
    )
    yield add(
        "a wiki page that people edit",
        mediawiki,
        "/index.php/Texte",
        lambda s: s.over_time(
            (0, s.page()),
            (9, s.page(body=as_html([*s.text.paragraphs[1:], s.other.paragraphs[0]]))),
            (
                33,
                s.page(
                    body=as_html(
                        [s.other.paragraphs[1], *s.text.paragraphs[1:], s.other.paragraphs[0]]
                    )
                ),
            ),
        ),
    )
    yield add(
        "a wiki page that trebles",
        mediawiki,
        "/wiki/Texte",
        lambda s: s.over_time(
            (0, s.page(body=as_html(s.text.paragraphs[:2]))),
            (14, s.page()),
            (39, s.page(body=s.text.body + s.other.body)),
        ),
    )
    yield add(
        "windows-1252, then UTF-8",
        handmade,
        "/textes/texte.html",
        lambda s: s.over_time(
            (
                0,
                Http(
                    body=handmade(s.text.title, s.text.body, site=s.name).encode(
                        "cp1252", "replace"
                    ),
                    media_type="text/html; charset=windows-1252",
                ),
            ),
            (20, s.page()),
        ),
    )
    yield add(
        "no charset said, Latin-1",
        handmade,
        "/page3.html",
        lambda s: s.over_time(
            (
                0,
                Http(
                    body=handmade(s.text.title, s.text.body, site=s.name).encode(
                        "latin-1", "replace"
                    ),
                    media_type="text/html",
                ),
            )
        ),
    )
    yield add(
        "PDF typeset again",
        university,
        "/IMG/pdf/rapport.pdf",
        lambda s: s.over_time(
            (0, Http(body=pdf(s.text.title, s.text.paragraphs), media_type="application/pdf")),
            (
                33,
                Http(
                    body=pdf(f"{s.text.title} (2e tirage)", s.text.paragraphs),
                    media_type="application/pdf",
                ),
            ),
        ),
    )
    yield add(
        "PDF that stays",
        drupal,
        "/sites/default/files/etude.pdf",
        lambda s: s.over_time(
            (0, Http(body=pdf(s.text.title, s.text.paragraphs), media_type="application/pdf"))
        ),
    )
    yield add(
        "window called untitled",
        handmade,
        "/doc1.htm",
        lambda s: s.over_time((0, s.page(window="Document sans titre"))),
    )
    yield add(
        "window called home",
        joomla,
        "/index.php?id=12",
        lambda s: s.over_time((0, s.page(window="Accueil"))),
    )
    yield add(
        "link text of the citing page",
        wordpress,
        post,
        lambda s: s.over_time((0, s.page())),
        is_described=False,
        title="un article passionnant sur les usages du quartier",
    )
    yield add(
        "link text 'ici'",
        blogger,
        "/2013/02/t.html",
        lambda s: s.over_time((0, s.page())),
        is_described=False,
        title="ici",
    )
    yield add(
        "title cut short by the librarian",
        spip,
        "/Texte-long",
        lambda s: s.over_time((0, s.page(title=f"{s.text.title.upper()}. Entretien et documents"))),
    )
    yield add(
        "title translated by the librarian",
        press,
        "/en/story.html",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Whose square is it anyway", body=as_html(_ENGLISH), window="Whose square"
                ),
            )
        ),
        title="À qui appartient la place ? Une querelle de riverains",
        note="",
    )
    yield add(
        "a podcast, a few lines",
        wordpress_blocks,
        "/podcast/12/",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    body="<audio controls src='/12.mp3'></audio>"
                    + as_html([s.text.paragraphs[0][:240]])
                ),
            )
        ),
    )
    yield add(
        "a poster, hardly a word",
        wordpress,
        "/affiche/",
        lambda s: s.over_time(
            (0, s.page(body='<img src="/affiche.jpg" alt="Affiche"><p>Cliquez pour agrandir.</p>'))
        ),
    )
    yield add(
        "a section, cited as such",
        spip,
        "/spip.php?rubrique7",
        lambda s: _changing(
            s, lambda n: replace(s, more=[*s.more[n % 8 :], *s.more[: n % 8]]).listing(s.text.title)
        ),
    )
    yield add(
        "the front page of a collective",
        wordpress_blocks,
        "/",
        lambda s: _changing(
            s, lambda n: replace(s, more=[*s.more[n % 8 :], *s.more[: n % 8]][:5]).home()
        ),
        is_described=False,
        title="L’Atelier des communs",
        note="",
    )
    yield add(
        "a thread that goes on",
        forum,
        "/viewtopic.php?t=90",
        lambda s: _changing(s, lambda n: s.page(after=_comments(s.more, 3 * n))),
    )
    yield add("a proof of age in a cookie", press, "/a/91.html", lambda s: _needs_cookie(s))
    yield add(
        "a language is chosen first",
        university,
        "/texte",
        lambda s: s.over_time((0, redirect("/fr/texte", 302)), routes={"/fr/texte": s.page()}),
        LED_NEARBY,
    )
    yield add(
        "followed words are taken off",
        press,
        "/a?id=7&utm_source=lettre",
        lambda s: s.over_time((0, redirect("/a?id=7", 301)), routes={"/a?id=7": s.page()}),
        LED_NEARBY,
    )
    yield add(
        "scripts draw it, the text is sent",
        wordpress_blocks,
        "/recit",
        lambda s: s.dies(
            20,
            reply(
                bare(
                    s.text.title,
                    f'<div id="__next"><main>{s.text.body}</main></div><script '
                    'id="__NEXT_DATA__" type="application/json">{"props":{}}</script>',
                )
            ),
        ),
    )
    yield add(
        "scripts draw it, nothing is sent",
        ghost,
        "/lire/texte",
        lambda s: s.dies(
            33,
            every(
                reply(
                    bare(
                        "",
                        '<div id="root"></div><noscript>Vous devez activer JavaScript pour '
                        'afficher cette application.</noscript><script src="/static/js/main.8f.js">'
                        "</script>",
                        window=s.name,
                    )
                )
            ),
        ),
        frozenset({ALIVE, BLOCKED, SICK}),
    )
    yield add(
        "rewrite fault: 404 with the text",
        wordpress,
        post,
        lambda s: s.dies(20, s.page(status=404)),
    )
    yield add(
        "'more than two years old'",
        press,
        "/a/2.html",
        lambda s: s.dies(
            9,
            s.page(
                body="<p class='alerte'>Cet article a été publié il y a plus de deux ans. "
                "Certaines "
                "informations ne sont plus d’actualité.</p>" + s.text.body
            ),
        ),
    )


_ENGLISH: Final = (
    "The quarrel began with a bench. The town had set it under the lime trees in April, and by May "
    "there were two petitions: one from those who sat on it, another from those who slept "
    "above it.",
    "Nobody had asked the market traders, who have unloaded there since the bridge was built "
    "and who "
    "measure the square by the length of a van. They arrived at the meeting with a rope and a map.",
    "In the end the bench was moved by eleven metres, which satisfied nobody and lasted. A square, "
    "the mayor said, belongs to the people who are willing to be annoyed by one another in it.",
)


def _needs_cookie(site: Site) -> Script:
    plain = site.over_time((0, site.page()))

    def answer(asked: Asked) -> Reply:
        if asked.target == site.path and "vu=1" not in asked.headers.get("cookie", ""):
            return redirect(site.path, 302, headers=(("Set-Cookie", "vu=1; Path=/"),))
        return plain(asked)

    return answer


def _list_bad(helper: int) -> Iterator[Made]:
    """Pages that die or fail; `helper` is the first of the hosts that nobody cites."""

    def add(
        name: str,
        accepted: frozenset[LinkState],
        skin: Skin,
        path: str,
        make: Callable[[Site], Script],
        **more: object,
    ) -> Made:
        return name, accepted, skin, path, make, more

    post = "/2014/03/12/un-texte-a-lire/"
    # Gone before anybody looked.
    yield add(
        "first visit: soft 404 of SPIP",
        LOST,
        spip,
        "/spip.php?article31",
        lambda s: s.over_time(
            (
                0,
                s.say(
                    "Erreur 404",
                    "La page que vous demandez n’existe pas.",
                    "Pas d’article à cette adresse",
                ),
            )
        ),
    )
    yield add(
        "first visit: no such article, no word for it",
        LOST,
        spip,
        "/spip.php?article77",
        lambda s: s.over_time(
            (0, s.say("Message d’erreur", "Il n’y a pas d’article à cette adresse."))
        ),
    )
    yield add(
        "first visit: resold to a casino",
        LOST,
        wordpress,
        post,
        lambda s: every(
            reply(
                wordpress(
                    "Meilleurs casinos en ligne 2026 : notre comparatif",
                    as_html(_CASINO),
                    site="CasinoVrai",
                )
            )
        ),
    )
    yield add(
        "first visit: resold to a plumber",
        LOST,
        wordpress_blocks,
        post,
        lambda s: every(
            reply(
                wordpress_blocks(
                    "Plombier Paris 15 : dépannage en 30 minutes",
                    as_html(_PLUMBER),
                    site="SOS Plomberie",
                )
            )
        ),
    )
    yield add(
        "first visit: leads home",
        LOST,
        press,
        "/region/2009/a-11.html",
        lambda s: s.over_time((0, redirect("/", 302))),
    )
    yield add(
        "first visit: leads home for good",
        LOST,
        drupal,
        "/node/81",
        lambda s: s.over_time((0, redirect("/", 301)), missing=redirect("/", 301)),
    )
    yield add(
        "first visit: another text, short title",
        LOST,
        wordpress,
        "/?p=12",
        lambda s: s.over_time((0, s.page(title=s.other.title, body=s.other.body))),
        is_short=True,
    )
    yield add(
        "first visit: another text, long title",
        LOST,
        joomla,
        "/12-t",
        lambda s: s.over_time((0, s.page(title=s.other.title, body=s.other.body))),
    )
    yield add(
        "first visit: a search without results",
        LOST,
        drupal,
        "/recherche-doc?ref=881",
        lambda s: s.over_time(
            (
                0,
                s.say(
                    "Résultats de recherche",
                    "Votre recherche n’a donné aucun résultat.",
                    "Vérifiez l’orthographe des mots.",
                ),
            )
        ),
    )
    yield add(
        "first visit: leads to a section",
        LOST,
        press,
        "/culture/2010/texte-9.html",
        lambda s: s.over_time(
            (0, redirect("/culture/", 301)), routes={"/culture/": s.listing("Culture")}
        ),
    )
    yield add(
        "first visit: the blog was closed",
        LOST,
        overblog,
        "/article-1.html",
        lambda s: every(
            reply(
                bare(
                    "Ce blog a été supprimé",
                    "<p>Le blog que vous cherchez a été fermé par son auteur ou pour "
                    "inactivité.</p><a href='//www.over-blog.com'>Créer mon blog</a>",
                )
            )
        ),
    )
    yield add(
        "first visit: the title, and no text",
        LOST,
        spip,
        "/spip.php?article4",
        lambda s: s.over_time((0, s.page(body="<p></p>", title=" "))),
    )
    yield add(
        "first visit: parked",
        LOST,
        wordpress,
        post,
        lambda s: every(
            reply(
                bare(
                    "lignac-atelier.test",
                    "<h2>Recherches associées</h2><ul><li>Assurance auto</li><li>Mutuelle "
                    "senior</li><li>Crédit "
                    "immobilier</li></ul><p>Cette page est générée par un service de parking "
                    "gratuit pour le "
                    "propriétaire du domaine. Liens sponsorisés.</p>",
                )
            )
        ),
    )
    yield add(
        "first visit: for sale",
        LOST,
        drupal,
        "/texte",
        lambda s: every(
            reply(
                bare(
                    "Le nom de domaine lignac-atelier.test est à vendre",
                    "<p>Faites une offre pour ce nom de "
                    "domaine. Transfert sous 48 heures, paiement sécurisé.</p><form><input "
                    "name='prix'>"
                    "<button>Envoyer mon offre</button></form>",
                )
            )
        ),
    )
    yield add(
        "first visit: new site at the host",
        LOST,
        handmade,
        "/textes/a.html",
        lambda s: every(
            reply(
                bare(
                    "Félicitations ! Votre hébergement est actif",
                    "<p>Cette page est affichée par défaut. "
                    "Déposez vos fichiers dans le dossier www pour la remplacer.</p>",
                )
            )
        ),
    )
    yield add(
        "first visit: the server works",
        LOST,
        handmade,
        "/t.htm",
        lambda s: every(
            reply(bare("It works!", "<p>This is the default web page for this server.</p>"))
        ),
    )
    yield add(
        "first visit: the university has a new site",
        LOST,
        university,
        "/labo/texte.html",
        lambda s: every(
            s.say(
                "Nouveau site",
                "Le site de l’université a fait peau neuve ! La page que "
                "vous cherchez a peut-être changé d’adresse.",
                '<a href="/">Aller à la page d’accueil</a>',
            )
        ),
    )
    yield add(
        "first visit: no longer available, see also",
        LOST,
        press,
        "/a/2008/3.html",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Cet article n’est plus disponible",
                    body="".join(
                        f"<h3>{escape(p.title)}</h3><p>{escape(p.paragraphs[0][:200])}</p>"
                        for p in s.more[:5]
                    ),
                ),
            )
        ),
    )
    # Plain ends.
    yield add(
        "404",
        GONE,
        wordpress,
        post,
        lambda s: s.dies(14, s.say("Page non trouvée", "Désolé.", status=404)),
    )
    yield add(
        "410",
        GONE,
        press,
        "/a/31.html",
        lambda s: s.dies(20, s.say("Contenu supprimé", "Cet article a été supprimé.", status=410)),
    )
    yield add(
        "404 with reading tips",
        GONE,
        press,
        "/a/32.html",
        lambda s: s.dies(
            14,
            s.page(
                title="Oups… cette page s’est envolée",
                body="".join(
                    f"<h3>{escape(p.title)}</h3><p>{escape(p.paragraphs[0])}</p>" for p in s.more
                ),
                status=404,
            ),
        ),
    )
    yield add(
        "404, the host keeps its old front page",
        GONE,
        handmade,
        "/~aubin/t.html",
        lambda s: s.dies(
            20,
            reply(bare("Not Found", "<p>The requested URL was not found on this server.</p>"), 404),
        ),
    )
    yield add(
        "connections are refused for forty days",
        LOST,
        joomla,
        "/5-t",
        lambda s: s.dies(14, Trouble.RESET),
    )
    yield add(
        "closed without a word for forty days",
        LOST,
        mediawiki,
        "/wiki/T",
        lambda s: s.dies(14, Trouble.CLOSE),
    )
    # Led elsewhere.
    yield add("leads home", LOST, press, "/a/41.html", lambda s: s.dies(14, redirect("/", 302)))
    yield add(
        "leads home for good",
        LOST,
        wordpress_blocks,
        post,
        lambda s: s.dies(20, redirect("/", 301)),
    )
    yield add(
        "leads to the home page of another site",
        LOST,
        spip,
        "/article7",
        lambda s: s.dies(14, to_helper(helper, "/", 301)),
    )
    yield add(
        "leads to the shop of whoever bought it",
        LOST,
        wordpress,
        post,
        lambda s: s.dies(20, to_helper(helper + 1, "/boutique/", 301)),
    )
    yield add(
        "leads to a section",
        LOST,
        press,
        "/a/43.html",
        lambda s: s.dies(
            14, redirect("/societe/", 301), routes={"/societe/": s.listing("Société")}
        ),
    )
    yield add(
        "leads to a search",
        LOST,
        drupal,
        "/node/3",
        lambda s: s.dies(
            14,
            redirect("/search/node?keys=texte", 302),
            routes={"/search/node": s.say("Recherche", "Votre recherche n’a donné aucun résultat")},
        ),
    )
    yield add(
        "leads to the neighbour's text",
        LOST,
        blogger,
        "/2014/05/t.html",
        lambda s: s.dies(
            14,
            redirect("/2014/06/autre.html", 302),
            routes={"/2014/06/autre.html": s.page(title=s.other.title, body=s.other.body)},
        ),
    )
    yield add(
        "meta refresh to the home page",
        LOST,
        handmade,
        "/page7.html",
        lambda s: s.dies(
            14,
            reply(
                bare(
                    "Redirection",
                    "<p>Vous allez être redirigé.</p>",
                    head='<meta http-equiv="refresh" content="0; url=/">',
                )
            ),
        ),
    )
    yield add(
        "a script leads home",
        LOST,
        joomla,
        "/7-t",
        lambda s: s.dies(
            14, reply(bare("", '<script>window.location.href="/";</script>', window=""))
        ),
    )
    yield add(
        "personal pages of an operator have ended",
        LOST,
        handmade,
        "/perso/aubin/t.htm",
        lambda s: s.dies(20, to_helper(helper + 2, "/fin-des-pages-perso", 302)),
    )
    # Says 200.
    yield add(
        "soft 404 of WordPress",
        LOST,
        wordpress,
        post,
        lambda s: s.dies(
            20,
            s.say(
                "Rien n’a été trouvé",
                "Il semble que nous ne puissions pas trouver ce que vous cherchez. "
                "Peut-être qu’une recherche aidera.",
            ),
        ),
    )
    yield add(
        "soft 404 of Drupal",
        LOST,
        drupal,
        "/node/2",
        lambda s: s.dies(
            14, s.say("Page non trouvée", "La page demandée n’a pas pu être trouvée.")
        ),
    )
    yield add(
        "soft 404 of Dotclear",
        LOST,
        dotclear,
        "/post/2009/t",
        lambda s: s.dies(
            14, s.say("Document introuvable", "Le document que vous cherchez n’existe pas.")
        ),
    )
    yield add(
        "soft 404 of Blogger",
        LOST,
        blogger,
        "/2010/01/t.html",
        lambda s: s.dies(
            20,
            s.say(
                "", "Désolé, la page que vous recherchez dans ce blog n’existe pas.", window=s.name
            ),
        ),
    )
    yield add(
        "soft 404 of a university, as a search",
        LOST,
        university,
        "/recherche/t",
        lambda s: s.dies(
            14,
            s.say(
                "Désolé, nous ne trouvons pas ce contenu",
                "Utilisez le moteur de recherche ou l’annuaire.",
            ),
        ),
    )
    yield add(
        "the address shows the front page", LOST, joomla, "/81-t", lambda s: s.dies(14, s.home())
    )
    yield add(
        "withdrawn, the title stays",
        LOST,
        wordpress,
        post,
        lambda s: s.dies(
            14, s.page(body="<p>Ce texte a été retiré à la demande de son auteur.</p>")
        ),
    )
    yield add(
        "the title stays, the text is empty",
        LOST,
        spip,
        "/spip.php?article6",
        lambda s: s.dies(14, s.page(body="<p></p>")),
    )
    yield add(
        "the number is given to another text",
        LOST,
        spip,
        "/spip.php?article21",
        lambda s: s.dies(20, s.page(title=s.other.title, body=s.other.body)),
    )
    yield add(
        "another text under the same title",
        LOST,
        wordpress,
        post,
        lambda s: s.dies(20, every(s.page(body=as_html(_CASINO)))),
    )
    yield add(
        "resold: a spun blog",
        LOST,
        wordpress,
        post,
        lambda s: s.dies(
            14,
            every(
                reply(wordpress_blocks("Guide de la literie", as_html(_BEDS), site="Bien Dormir"))
            ),
        ),
    )
    yield add(
        "resold: parked by script",
        LOST,
        drupal,
        "/node/5",
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "",
                        '<div id="target"></div><script>window.park="eyJ1dWlkIjoi";</script>'
                        '<script src="/bWvXyz.js"></script>',
                        window="",
                    )
                )
            ),
        ),
    )
    yield add(
        "resold: for sale at a broker's",
        LOST,
        dotclear,
        "/post/2010/t",
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "carnet-lignac.test",
                        "<p>Ce nom de domaine est à vendre !</p><p>Prix : 2 495 €</p>"
                        "<button>Acheter maintenant</button><p>Nos experts vous accompagnent.</p>",
                    )
                )
            ),
        ),
    )
    # Shut.
    yield add(
        "private from now on",
        SHUT,
        wordpress,
        post,
        lambda s: s.dies(
            14,
            redirect("/wp-login.php?redirect_to=t", 302),
            routes={
                "/wp-login.php": reply(
                    bare(
                        "Connexion",
                        "<form><label>Identifiant ou adresse e-mail <input "
                        "name='log'></label><label>Mot de passe "
                        "<input type='password' name='pwd'></label><button>Se "
                        "connecter</button></form>"
                        "<a>Mot de passe oublié ?</a>",
                        window=f"Se connecter ‹ {s.name}",
                    )
                )
            },
        ),
    )
    yield add(
        "the university asks who you are",
        SHUT,
        university,
        "/ent/t",
        lambda s: s.dies(
            14,
            redirect("/cas/login?service=t", 302),
            routes={
                "/cas/login": reply(
                    bare(
                        "Service d’authentification",
                        "<p>Entrez votre identifiant et votre mot de passe.</p><form><input "
                        "name='username'>"
                        "<input type='password' name='password'></form>",
                    )
                )
            },
        ),
    )
    yield add(
        "cookies or nothing",
        SHUT,
        press,
        "/a/51.html",
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "Votre vie privée, votre choix",
                        "<p>Acceptez les cookies publicitaires ou abonnez-vous pour "
                        "accéder au site sans publicité.</p><button>Accepter les cookies</button>"
                        "<button>S’abonner pour 2 €</button>",
                    )
                )
            ),
        ),
    )
    yield add(
        "are you a robot",
        SHUT,
        press,
        "/a/52.html",
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "Vérification de sécurité",
                        "<p>Nous vérifions que vous n’êtes pas un robot. Merci de patienter "
                        "quelques secondes.</p><div class='g-recaptcha' data-sitekey='x'></div>",
                    ),
                    200,
                )
            ),
        ),
    )
    yield add(
        "just a moment",
        SHUT,
        wordpress_blocks,
        post,
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "",
                        "<h1>lignac.test</h1><p>Verify you are human by completing the "
                        "action below.</p>"
                        "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate'></script>",
                        window="Just a moment...",
                    ),
                    403,
                    headers=(("Server", "cloudflare"), ("cf-mitigated", "challenge")),
                )
            ),
        ),
    )
    yield add(
        "robots are asked to leave",
        SHUT,
        blogger,
        "/2011/02/t.html",
        lambda s: s.dies(
            14,
            every(
                s.page(), robots=Http(body=b"User-agent: *\nDisallow: /\n", media_type="text/plain")
            ),
        ),
    )
    yield add(
        "not in your country",
        SHUT,
        press,
        "/a/53.html",
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "Contenu non disponible",
                        "<p>Pour des raisons de droits, ce contenu n’est pas accessible "
                        "depuis votre pays.</p>",
                    ),
                    451,
                )
            ),
        ),
    )
    # Broken.
    yield add(
        "maintenance without end",
        BROKEN | SHUT,
        spip,
        "/spip.php?article9",
        lambda s: s.dies(
            20,
            every(
                reply(
                    bare("Site en maintenance", "<p>Le site est en travaux, revenez bientôt.</p>")
                )
            ),
        ),
    )
    yield add(
        "the account is suspended",
        LOST,
        wordpress,
        post,
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "Compte suspendu",
                        "<p>Ce compte a été suspendu. Contactez votre hébergeur pour plus "
                        "d’informations.</p>",
                    )
                )
            ),
        ),
    )
    yield add(
        "PHP gives up",
        LOST,
        joomla,
        "/9-t",
        lambda s: s.dies(
            14,
            every(
                reply(
                    "<br /><b>Fatal error</b>: Uncaught Error: Call to undefined function "
                    "mysql_connect() in "
                    "/home/www/includes/db.php:31 Stack trace: #0 {main} thrown in "
                    "<b>/home/www/includes/db.php</b> on"
                    " line <b>31</b><br />"
                )
            ),
        ),
    )
    yield add(
        "SQL gives up",
        LOST,
        spip,
        "/spip.php?article10",
        lambda s: s.dies(
            14,
            every(
                s.say(
                    "Site en travaux",
                    "Attention : un problème technique (serveur SQL) empêche l’accès à cette "
                    "partie du site. Merci de votre compréhension.",
                )
            ),
        ),
    )
    yield add(
        "a list of files",
        LOST,
        handmade,
        "/dossier/",
        lambda s: s.dies(
            20,
            every(
                reply(
                    bare(
                        "Index of /dossier",
                        "<pre><a href='?C=N'>Name</a> <a>Last modified</a> <a>Size</a><hr><a "
                        "href='/'>"
                        "Parent Directory</a>\n<a href='logo.gif'>logo.gif</a> 2003-02-11 "
                        "09:12 3.1K</pre>",
                    )
                )
            ),
        ),
    )
    yield add(
        "PDF, then the home page",
        LOST,
        university,
        "/doc/rapport.pdf",
        lambda s: s.over_time(
            (0, Http(body=pdf(s.text.title, s.text.paragraphs), media_type="application/pdf")),
            (20, s.home()),
        ),
    )


_CASINO: Final = (
    "Découvrez notre sélection des meilleurs casinos en ligne pour les joueurs français : "
    "bonus sans "
    "dépôt, tours gratuits et retraits instantanés vous attendent dès l’inscription.",
    "Nos experts ont testé plus de cinquante plateformes. La machine à sous la plus "
    "généreuse affiche "
    "un taux de redistribution de 97 %, et le blackjack en direct reste une valeur sûre.",
    "Jouer comporte des risques : endettement, isolement, dépendance. Fixez-vous un budget "
    "avant de "
    "miser et profitez du programme de fidélité pour récupérer une partie de vos pertes.",
)
_PLUMBER: Final = (
    "Fuite d’eau, chauffe-eau en panne, canalisation bouchée ? Nos artisans interviennent dans le "
    "quinzième arrondissement, sept jours sur sept, avec un devis gratuit avant travaux.",
    "Le déplacement est offert pour toute réparation. Nous remplaçons robinets, chasses "
    "d’eau, siphons "
    "et ballons de toutes marques, et garantissons nos interventions deux ans.",
    "Appelez maintenant : un technicien vous rappelle en cinq minutes.",
)
_BEDS: Final = (
    "Bien choisir son matelas demande de connaître sa morphologie : un couchage trop ferme "
    "fatigue les "
    "épaules, un couchage trop souple laisse la colonne se creuser.",
    "La mousse à mémoire de forme épouse le corps et garde la chaleur ; le latex respire "
    "mieux, mais il "
    "pèse lourd. Les ressorts ensachés offrent un bon compromis pour les couples.",
    "Changez d’oreiller tous les deux ans et aérez la chambre chaque matin, même en hiver.",
)
_SPUN: Final = (
    "Vous vous demandez par où commencer ? Notre équipe a réuni pour vous cinq conseils simples "
    "qui font la différence au quotidien, sans vous ruiner et sans perdre de temps.",
    "Le premier conseil est de comparer. Les offres évoluent vite et les avis des clients restent "
    "le meilleur moyen de se faire une idée avant de passer commande.",
    "Le dernier est de s’entourer de professionnels : un bon prestataire répond en moins d’une "
    "journée, remet un devis clair et assure le suivi après la vente.",
)


Gone = tuple[str, Skin, str, Callable[[Site], Script], dict[str, object]]


def list_gone(helper: int) -> Iterator[Gone]:
    """Forty links that were cited years ago and had lost their text before the first visit."""

    def add(
        name: str, skin: Skin, path: str, make: Callable[[Site], Script], **more: object
    ) -> Gone:
        return name, skin, path, make, more

    def host(title: str, body: str, window: str | None = None) -> Callable[[Site], Script]:
        return lambda s: every(reply(bare(title, body, window=window)))

    def here(title: str, *lines: str, window: str = "") -> Callable[[Site], Script]:
        return lambda s: s.over_time((0, s.say(title, *lines, window=window)))

    def led(
        path: str, what: Callable[[Site], Reply], status: int = 302
    ) -> Callable[[Site], Script]:
        return lambda s: s.over_time((0, redirect(path, status)), routes={path: what(s)})

    def other(s: Site) -> Reply:
        return s.page(title=s.other.title, body=s.other.body)

    post = "/2009/10/texte/"
    yield add(
        "another text, a name as title",
        wordpress,
        post,
        lambda s: s.over_time((0, other(s))),
        is_short=True,
    )
    yield add(
        "another text, a name as title, wiki",
        mediawiki,
        "/wiki/T",
        lambda s: s.over_time((0, other(s))),
        is_short=True,
    )
    yield add(
        "another text, a name as title, forum",
        forum,
        "/viewtopic.php?t=4",
        lambda s: s.over_time((0, other(s))),
        is_short=True,
    )
    yield add(
        "another text, blog taken by another",
        overblog,
        "/article-3.html",
        lambda s: s.over_time((0, other(s))),
    )
    yield add(
        "spun advice under half of the title",
        wordpress_blocks,
        post,
        lambda s: every(
            s.page(title=f"{s.text.subject} : 5 conseils pour bien choisir", body=as_html(_SPUN))
        ),
    )
    yield add(
        "spun advice",
        wordpress_blocks,
        post,
        lambda s: every(s.page(title="5 conseils pour bien choisir", body=as_html(_SPUN))),
    )
    yield add("any address shows a blog's list", wordpress, post, lambda s: every(s.home()))
    yield add(
        "any address shows a shop",
        wordpress_blocks,
        post,
        host(
            "Nos baskets",
            "".join(f"<h3>Modèle {n}</h3><p>{n}9,90 € Ajouter au panier</p>" for n in range(3, 9)),
        ),
    )
    yield add(
        "shop in Japanese",
        handmade,
        "/t.html",
        host(
            "激安ブランド通販",
            "<p>送料無料。本物"
            "保証のブランド品を激安価格でお届けします。人気の財布とバッグが毎日入荷。</p>" * 6,
        ),
    )
    yield add(
        "host: site to be made",
        handmade,
        "/t.html",
        host(
            "Site en construction",
            "<p>Bienvenue ! Votre site a bien été installé. Transférez vos pages par FTP.</p>",
        ),
    )
    yield add(
        "host: hosting is ready",
        handmade,
        "/t.html",
        host(
            "Votre hébergement est prêt",
            "<p>Vous pouvez dès à présent mettre en ligne votre site. Besoin d’aide ? Consultez "
            "nos guides.</p>",
        ),
    )
    yield add(
        "host: name just registered",
        handmade,
        "/t.html",
        host(
            "lignac-textes.test",
            "<p>Ce nom de domaine vient d’être enregistré. Il n’est pas encore associé à un "
            "site. Vous en êtes titulaire ? Connectez-vous à votre espace client.</p>",
        ),
    )
    yield add(
        "host: no site connected",
        wordpress_blocks,
        post,
        host(
            "Ce domaine n’est relié à aucun site",
            "<p>Vous êtes propriétaire de ce domaine ? Reliez-le à votre site "
            "depuis votre tableau de bord.</p>",
        ),
    )
    yield add(
        "host: a shop not available",
        wordpress_blocks,
        post,
        host(
            "Cette boutique n’est pas disponible",
            "<p>Vous êtes le commerçant ? Connectez-vous.</p>",
        ),
    )
    yield add(
        "platform: authors took the site away",
        wordpress,
        post,
        host(
            "",
            "<p>lignac n’est plus disponible.</p><p>Les auteurs ont supprimé ce site.</p>",
            "Site supprimé",
        ),
    )
    yield add(
        "platform: blog closed",
        overblog,
        "/archives/2009/1.html",
        host("Blog fermé", "<p>Ce blog est fermé. Découvrez d’autres blogs de la communauté.</p>"),
    )
    yield add(
        "platform: page of a member who left",
        handmade,
        "/perso/a.htm",
        host("Pages perso", "<p>Le compte auquel cette page appartenait a été résilié.</p>"),
    )
    yield add(
        "platform: nothing here yet",
        blogger,
        post,
        host(
            "Il n’y a rien ici.",
            "<p>Le contenu que vous cherchiez est sans doute parti ailleurs.</p>",
        ),
    )
    yield add(
        "platform: blogs of a newspaper ended",
        press,
        "/blogs/texte",
        led(
            "/fin-des-blogs",
            lambda s: s.say(
                "Les blogs s’arrêtent",
                "Depuis juin, notre journal n’héberge plus de blogs. Merci à tous nos auteurs.",
            ),
        ),
    )
    yield add(
        "platform: home of the company that bought it",
        dotclear,
        "/post/2007/t",
        lambda s: to_helper(helper, "/", 301),
    )
    yield add(
        "portal: not found within long menus",
        university,
        "/recherche/t.html",
        here(
            "Ressource indisponible",
            "La ressource que vous demandez n’est pas disponible.",
            *(
                "Formation, recherche, international, vie étudiante, entreprises, bibliothèques."
                * 3,
            ),
        ),
    )
    yield add(
        "portal: not found over thirty news",
        drupal,
        "/node/9",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Cette page n’est plus là",
                    body="".join(
                        f"<h3>{escape(p.title)}</h3><p>{escape(p.paragraphs[0][:250])}</p>"
                        for p in [*s.more] * 3
                    ),
                ),
            )
        ),
    )
    yield add(
        "map of the site in its place",
        spip,
        "/spip.php?article2",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Plan du site",
                    body="<ul>"
                    + "".join(
                        f"<li><a href='/{n}'>{escape(p.title)}</a></li>"
                        for n, p in enumerate([*s.more] * 3)
                    )
                    + "</ul>",
                ),
            )
        ),
    )
    yield add(
        "leads to a section",
        spip,
        "/spip.php?article3",
        led("/spip.php?rubrique4", lambda s: s.listing("Ressources"), 301),
    )
    yield add(
        "leads to a search of the new portal",
        university,
        "/ancien/t.html",
        led("/rechercher", lambda s: s.say("Rechercher sur le portail", "Saisissez un mot.")),
    )
    yield add(
        "leads to a tag",
        press,
        "/2009/t.html",
        led("/tag/societe", lambda s: s.listing("Tout sur : société"), 301),
    )
    yield add("leads to another text", joomla, "/3-t", led("/9-autre-chose", other, 301))
    yield add(
        "leads to the wiki's main page",
        mediawiki,
        "/wiki/T2",
        led("/wiki/Accueil", lambda s: replace(s, text=s.more[0]).listing("Accueil"), 301),
    )
    yield add(
        "document being moved",
        university,
        "/docs/t.pdf",
        here(
            "Document en cours de migration",
            "Les documents antérieurs à 2012 sont en cours de transfert.",
        ),
    )
    yield add(
        "another report at the PDF's address",
        university,
        "/docs/r.pdf",
        lambda s: s.over_time(
            (0, Http(body=pdf(s.other.title, s.other.paragraphs), media_type="application/pdf"))
        ),
    )
    yield add(
        "archives to be searched",
        press,
        "/a/1998/3.html",
        here(
            "Archives",
            "Nos archives depuis 1944 sont consultables par mot-clé.",
            '<form action="/archives"><input name="mot"><button>Chercher</button></form>',
        ),
    )
    yield add(
        "video taken down",
        wordpress,
        "/video/4",
        here(
            "Vidéo indisponible",
            "Cette vidéo n’est plus disponible car le compte associé a été clôturé.",
        ),
    )
    yield add(
        "event is over",
        drupal,
        "/agenda/4",
        lambda s: s.over_time(
            (
                0,
                s.page(
                    title="Agenda",
                    body="<p>Cet événement est terminé. À venir :</p>"
                    + "".join(f"<h3>{escape(p.title)}</h3>" for p in s.more),
                ),
            )
        ),
    )
    yield add(
        "thread does not exist",
        forum,
        "/viewtopic.php?t=5",
        here("Informations", "Le sujet demandé n’existe pas."),
    )
    yield add(
        "wiki page not written",
        mediawiki,
        "/wiki/T3",
        here(
            "T3",
            "Il n’y a pour l’instant aucun texte sur cette page. Vous pouvez lancer une recherche.",
        ),
    )
    yield add(
        "publication withdrawn from a reader",
        ghost,
        "/lire/t",
        host(
            "Publication retirée",
            "<p>L’éditeur a retiré cette publication. Parcourez des titres similaires.</p>",
        ),
    )
    yield add(
        "a template without its text",
        joomla,
        "/6-t",
        lambda s: s.over_time((0, s.page(title=s.name, body="<p></p>"))),
    )
    yield add(
        "an institution closed its site",
        drupal,
        "/dossier/t",
        host(
            "Fermeture du site",
            "<p>Ce site a fermé le 31 décembre. Ses contenus ne sont plus consultables. "
            "Adressez-vous au ministère.</p>",
        ),
    )
    yield add(
        "one page for the whole association",
        wordpress_blocks,
        post,
        host(
            "Association Le Four banal",
            "<p>L’association a été dissoute en assemblée générale. Merci à tous "
            "ceux qui l’ont fait vivre pendant douze ans. Contact : mairie.</p>",
        ),
    )
    yield add(
        "a front page in English",
        wordpress,
        post,
        host(
            "Digital solutions for growing teams",
            "".join(f"<p>{escape(text)}</p>" for text in _ENGLISH),
        ),
    )


def list_made() -> list[tuple[Made, bool]]:
    """List the first links and whether each is good, a good one and a bad one in turn by fours."""
    gone = [
        ("gone before: " + name, LOST, skin, path, make, more)
        for name, skin, path, make, more in list_gone(LINKS)
    ]
    good = [(made, True) for made in _list_good()]
    return [*good, *((made, False) for made in (*_list_bad(LINKS), *gone))]


def make_link(at: int, made: Made, prose: Sequence[Prose], *, is_good: bool) -> Link:
    """Make the link in a place, about a text of its own."""
    name, accepted, skin, path, make, more = made
    text = prose[at]
    if "title" in more:
        text = replace(text, title=str(more["title"]))
    if more.get("is_short"):
        text = replace(text, title=text.subject)
    is_late = at >= BEFORE
    around = 281 + (at * 7) % 31 if is_late else (at * 7) % 100 + 130
    site = Site(
        skin=skin,
        name=_SITES[at % len(_SITES)],
        path=path,
        text=text,
        other=prose[at + (61 if is_late else 121)],
        more=prose[around : around + 8],
        author=name_author(at + 1),
    )
    # A third of the notes say nothing of the text; a third of the links have none.
    notes = (text.note, "Signalé au dernier atelier, à faire circuler.", "")
    is_shown = is_good or (accepted is SHUT)
    return Link(
        number=at + 1,
        case=Case(name=name, truth=sorted(accepted)[0], answer=make(site), path=path,
                  title=str(more.get("cited", text.title))),
        accepted=accepted,
        is_good=is_good,
        is_shown=is_shown,
        is_described=bool(more.get("is_described", True)),
        note=str(more.get("note", text.note if more.get("is_noted") else notes[(at // 2) % 3])),
    )  # fmt: skip


def name_author(number: int) -> str:
    """Name the author by whom the text of a link is cited."""
    return f"Fictif{chr(97 + number % 26)}"


def list_helpers(prose: Sequence[Prose]) -> list[Case]:
    """List the hosts to which others lead."""
    front = Site(skin=wordpress_blocks, name="Agence Territoires", path="/", text=prose[0],
                 other=prose[1], more=prose[200:206])  # fmt: skip
    shop = bare(
        "Boutique",
        "<h2>Baskets</h2><p>59,90 € Ajouter au panier</p><h2>Vestes</h2><p>89 € Ajouter au panier"
        "</p><h2>Sacs</h2><p>35 € Ajouter au panier</p>",
    )
    end = bare(
        "Fin du service Pages Perso",
        "<p>Le service Pages Perso a définitivement fermé le 5 septembre. Les sites qui y étaient "
        "hébergés ne sont plus accessibles.</p>",
    )
    pages = (front.home(), reply(shop), reply(end))
    return [
        Case(name=f"helper {n}", truth=ALIVE, answer=every(page), path="/")
        for n, page in enumerate(pages)
    ]
