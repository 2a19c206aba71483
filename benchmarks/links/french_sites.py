"""Sixty links more as French bibliographies cite them: thirty that stay, thirty that go.

Shapes of the web that the first lists lack: redesigns, templates that keep their related lists,
archives turned into records, documents replaced by a page about them. Odd numbers may be looked
at one by one, even numbers are counted only.
"""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Final

from benchmarks.links.french_cases import (
    ALIVE,
    BLOCKED,
    DEAD,
    LED_NEARBY,
    LINKS,
    LOST,
    MOVED,
    SHUT,
    SICK,
    WELL,
    Link,
    Made,
    Site,
    every,
    list_made,
    make_link,
)
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
from testbed.zoo.replies import Http, Reply, Script, redirect

# The text is one click away, or a part of it is shown: a person may say either.
NEAR: Final = frozenset({ALIVE, MOVED, SICK, BLOCKED})
GUARDED: Final = frozenset({BLOCKED, SICK, DEAD})
_POST: Final = "/2013/05/un-texte-a-lire/"
_NARROW: Final = (
    '<iframe src="/lecteur?id=381" width="640" height="360" allowfullscreen></iframe>'
    "<p>Captation de la rencontre du 14 mai, durée 52 minutes.</p>"
)


def _teasers(texts: Sequence[Prose], chars: int = 320) -> str:
    return "".join(
        f'<div class="card"><h3><a href="/v{n}">{escape(each.title)}</a></h3>'
        f"<p>{escape(each.paragraphs[0][:chars])}…</p></div>"
        for n, each in enumerate(texts)
    )


def _first(site: Site, count: int) -> str:
    return as_html(site.text.paragraphs[:count])


def _abstract(site: Site) -> str:
    """Two sentences about the text, in a librarian's words: its subject, none of its sentences."""
    return (
        f"<p>Ce document fait le point sur {escape(site.text.subject)}, à partir d’une enquête "
        "collective menée durant deux ans. Il s’adresse aux associations et aux enseignants.</p>"
    )


def _turning(site: Site, day: int) -> str:
    """A page that is rewritten little by little: on the last day a third of it is as it was."""
    mine, theirs = list(site.text.paragraphs), list(site.other.paragraphs)
    gone = round(len(mine) * 0.65 * day / 60)
    return as_html([*theirs[:gone], *mine[gone:]])


def _document(site: Site, paragraphs: tuple[str, ...] = ()) -> Http:
    made = pdf(site.text.title, paragraphs or site.text.paragraphs)
    return Http(body=made, media_type="application/pdf")


def list_links(prose: Sequence[Prose]) -> list[Link]:
    """List all links: the first ones, then those of this module, the good ones first."""
    late = [
        *((made, True) for made in _list_staying()),
        *((made, False) for made in _list_going()),
    ]
    every_made = [*list_made(), *late]
    assert len(every_made) == LINKS, len(every_made)
    return [
        make_link(at, made, prose, is_good=is_good) for at, (made, is_good) in enumerate(every_made)
    ]


def _list_staying() -> Iterator[Made]:
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

    yield add(
        "new theme with teasers, an author's box, a letter",
        wordpress,
        _POST,
        lambda s: s.dies(
            14,
            reply(
                wordpress_blocks(
                    s.text.title,
                    s.text.body,
                    site=s.name,
                    after=f"<aside><h2>{s.author}</h2><p>Membre de l’atelier depuis 2009.</p>"
                    "</aside><section><h2>Ne manquez rien</h2><p>Recevez notre lettre chaque "
                    "mois.</p><form><input type='email'><button>Je m’abonne</button></form>"
                    f"</section><section><h2>À lire aussi</h2>{_teasers(s.more[:6])}"
                    "</section>",
                )
            ),
        ),
    )
    yield add(
        "new skeleton, words as address, new name of the site",
        spip,
        "/spip.php?article512",
        lambda s: s.dies(
            20,
            redirect("/Un-texte-a-lire-512", 301),
            routes={
                "/Un-texte-a-lire-512": reply(
                    spip(s.text.title, s.text.body, site="Ressources pour l’éducation populaire")
                )
            },
        ),
        LED_NEARBY,
    )
    yield add(
        "revised: two paragraphs more, a note of the author",
        dotclear,
        "/post/2010/02/texte",
        lambda s: s.dies(
            14,
            s.page(
                body="<p><em>Billet mis à jour le 3 février.</em></p>"
                + s.text.body
                + as_html(s.other.paragraphs[:2])
            ),
        ),
    )
    yield add(
        "advertisements between the paragraphs",
        overblog,
        "/article-texte-381.html",
        lambda s: s.dies(
            9,
            s.page(
                body="".join(
                    f"<p>{escape(text)}</p><div class='ob-pub'>Publicité<p>Profitez de nos offres "
                    f"sur les box internet dès {n + 15},99 € par mois.</p></div>"
                    for n, text in enumerate(s.text.paragraphs)
                )
            ),
        ),
    )
    yield add(
        "this article is more than five years old",
        press,
        "/monde/2012/03/04/article_381.html",
        lambda s: s.dies(
            14,
            s.page(
                body="<div class='alerte'><p>Cet article a été publié il y a plus de cinq ans. "
                "Certaines informations ne sont plus d’actualité, des liens peuvent ne plus "
                f"fonctionner.</p></div>{s.text.body}"
            ),
        ),
    )
    yield add(
        "only the first lines for who does not pay",
        press,
        "/culture/2014/article_99.html",
        lambda s: s.dies(
            20,
            s.page(
                body=_first(s, 1) + "<div class='mur'><h3>La suite est réservée à nos abonnés</h3>"
                "<p>Déjà abonné ? <a href='/connexion'>Connectez-vous</a></p><p>Profitez de "
                "l’offre découverte : 1 € le premier mois, sans engagement.</p></div>"
            ),
        ),
        frozenset({ALIVE, BLOCKED}),
    )
    yield add(
        "a long banner about cookies before the text",
        university,
        "/labo/textes/12.html",
        lambda s: s.dies(
            9,
            s.page(
                body="<div id='bandeau-cookies'><h2>Vos préférences</h2><p>Ce site utilise des "
                "traceurs pour mesurer son audience. Vous pouvez les accepter ou les refuser ; "
                "votre choix est conservé six mois.</p><button>Tout accepter</button><button>Tout "
                f"refuser</button></div>{s.text.body}"
            ),
        ),
    )
    yield add(
        "first visit: cited by another title, its author on the page",
        wordpress,
        _POST,
        lambda s: s.over_time(
            (0, s.page(body=f"<p class='auteur'>Par Aubin {s.author}</p>{s.text.body}"))
        ),
        cited="Petit vademecum pour militantes pressées",
    )
    yield add(
        "first visit: cited by another title, a note on what it says",
        spip,
        "/spip.php?article77",
        lambda s: s.over_time((0, s.page())),
        cited="Matériaux préparatoires du séminaire nomade",
        is_noted=True,
    )
    yield add(
        "a recording and two lines",
        wordpress_blocks,
        "/captations/381",
        lambda s: s.over_time(
            (0, s.page(body=_NARROW)),
            (20, s.page(body=_NARROW, aside=_teasers(s.more[:3]))),
        ),
    )
    yield add(
        "a text about pages that are not found",
        press,
        "/pixels/2016/page-introuvable.html",
        lambda s: s.over_time((0, s.page()), (20, s.page(aside="<li>Une autre</li>"))),
        title="« Page introuvable » : enquête sur la disparition des archives en ligne",
    )
    yield add(
        "a text about consent",
        ghost,
        "/consentement-cookies/",
        lambda s: s.over_time((0, s.page()), (14, s.page(after="<p>Partager</p>"))),
        title="Cookies et consentement : accepter ou refuser, un faux choix",
    )
    yield add(
        "led to the page for telephones",
        blogger,
        "/2012/03/texte.html",
        lambda s: s.dies(
            14,
            redirect("/2012/03/texte.html?m=1", 302),
            routes={
                "/2012/03/texte.html?m=1": reply(
                    bare(s.text.title, s.text.body, window=f"{s.name}: {s.text.title}")
                )
            },
        ),
    )
    yield add(
        "new system of the university, new address",
        university,
        "/ufr/lettres/textes/t12.html",
        lambda s: s.dies(
            27,
            redirect("/fr/recherche/ressources/un-texte-a-lire", 301),
            routes={
                "/fr/recherche/ressources/un-texte-a-lire": reply(
                    drupal(s.text.title, s.text.body, site=s.name)
                )
            },
        ),
        LED_NEARBY,
    )
    yield add(
        "a list of resources that grows",
        joomla,
        "/ressources",
        lambda s: s.over_time(
            *(
                (
                    day,
                    s.page(
                        body="<ul>"
                        + "".join(
                            f"<li><a href='/f{n}'>{escape(p.title)}</a></li>"
                            for n, p in enumerate(s.more[: 4 + day // 20])
                        )
                        + "</ul>"
                    ),
                )
                for day in (0, 20, 40, 60)
            )
        ),
        title="Ressources documentaires de la Maison des savoirs",
    )
    yield add(
        "the front page of an association",
        wordpress_blocks,
        "/",
        lambda s: s.over_time(
            *(
                (
                    day,
                    reply(
                        wordpress_blocks(
                            "Bienvenue",
                            _teasers(s.more[day // 20 : day // 20 + 4]),
                            site=s.name,
                            window=s.name,
                        )
                    ),
                )
                for day in (0, 20, 40, 60)
            )
        ),
        title="Atelier des communs",
    )
    yield add(
        "rewritten little by little",
        mediawiki,
        "/wiki/Texte_381",
        lambda s: s.over_time(
            *((day, s.page(body=_turning(s, day))) for day in (0, 9, 20, 33, 45, 60))
        ),
    )
    yield add(
        "from Latin-1 to UTF-8",
        handmade,
        "/~atelier/textes/t.htm",
        lambda s: s.over_time(
            (
                0,
                Http(
                    body=handmade(s.text.title, s.text.body, site=s.name).encode(
                        "cp1252", "xmlcharrefreplace"
                    ),
                    media_type="text/html; charset=iso-8859-1",
                ),
            ),
            (20, s.page()),
        ),
    )
    yield add(
        "the page to print leads to the article",
        press,
        "/imprimer/381",
        lambda s: s.over_time(
            (0, reply(bare(s.text.title, s.text.body))),
            (14, redirect("/idees/un-texte-a-lire-381", 301)),
            routes={"/idees/un-texte-a-lire-381": s.page()},
        ),
        LED_NEARBY,
    )
    yield add(
        "a PDF, then a page about it with its new address",
        university,
        "/docs/etude.pdf",
        lambda s: s.over_time(
            (0, _document(s)),
            (
                20,
                s.page(
                    body=f"<p>{s.author}, Aubin. 2014.</p>{_abstract(s)}"
                    "<p><a href='/files/2020/etude-v2.pdf'>Télécharger le PDF (1,2 Mo)</a></p>"
                ),
            ),
            routes={"/files/2020/etude-v2.pdf": _document(s)},
        ),
        NEAR,
    )
    yield add(
        "a PDF that is made again with an annex",
        university,
        "/docs/rapport-2014.pdf",
        lambda s: s.over_time(
            (0, _document(s)),
            (20, _document(s, (*s.text.paragraphs, *s.other.paragraphs[:3]))),
        ),
    )
    yield add(
        "a thread that grows",
        forum,
        "/viewtopic.php?t=381",
        lambda s: s.over_time(
            *(
                (
                    day,
                    s.page(
                        after="".join(
                            f"<div class='post'><div class='content'>{p.body}</div></div>"
                            for p in s.more[: day // 10]
                        )
                    ),
                )
                for day in (0, 14, 33, 60)
            )
        ),
    )
    yield add(
        "folded paragraphs, many comments, some of them spam",
        overblog,
        "/2015/11/texte.html",
        lambda s: s.dies(
            14,
            s.page(
                body="".join(
                    f"<details><summary>Partie {n + 1}</summary><p>{escape(text)}</p></details>"
                    for n, text in enumerate(s.text.paragraphs)
                ),
                after="<h3>Commentaires</h3>"
                + "".join(f"<p>{escape(p.paragraphs[0])}</p>" for p in s.more)
                + "<p>cheap handbags outlet online best casino bonus</p>" * 12,
            ),
        ),
    )
    yield add(
        "out of order for two visits",
        joomla,
        "/12-un-texte",
        lambda s: s.over_time(
            (0, s.page()),
            (14, every(reply(bare("503", "<p>Service momentanément indisponible</p>"), 503))),
            (27, s.page()),
        ),
    )
    yield add(
        "404 for one visit while the site is put online",
        ghost,
        "/un-texte-a-lire/",
        lambda s: s.over_time(
            (0, s.page()),
            (20, s.say("404", "Page introuvable.", status=404)),
            (27, s.page()),
        ),
    )
    yield add(
        "led into the French part of the site",
        drupal,
        "/node/381",
        lambda s: s.dies(9, redirect("/fr/node/381", 302), routes={"/fr/node/381": s.page()}),
        LED_NEARBY,
    )
    yield add(
        "a few verses",
        handmade,
        "/poemes/lilas.html",
        lambda s: s.over_time(
            *(
                (
                    day,
                    s.page(
                        body="<p>Au bord du four banal<br>la pâte attend la braise<br>et le "
                        "village attend<br>que lève enfin la pâte.</p><p>Nous sommes la "
                        "farine<br>nous sommes le levain<br>et la main qui pétrit<br>ne sait "
                        "pas qu’elle chante.</p>",
                        aside=f"<p>Vous êtes le {day * 31 + 400}e visiteur</p>",
                    ),
                )
                for day in (0, 14, 33, 60)
            )
        ),
        title="La pâte et la braise",
    )
    yield add(
        "a new title and a new beginning",
        ghost,
        "/p/381/",
        lambda s: s.dies(
            20,
            s.page(
                title=f"Dix ans après, {s.text.subject}",
                body=f"<p>{escape(s.other.paragraphs[0])}</p>" + as_html(s.text.paragraphs[1:]),
            ),
        ),
    )
    yield add(
        "a form to log in beside the text",
        wordpress,
        _POST,
        lambda s: s.dies(
            14,
            s.page(
                aside="<li><h3>Espace adhérent</h3><form><label>Identifiant <input name='log'>"
                "</label><label>Mot de passe <input type='password' name='pwd'></label>"
                "<button>Connexion</button></form></li>"
            ),
        ),
    )
    yield add(
        "cited by the words of a link",
        dotclear,
        "/post/2011/09/texte",
        lambda s: s.over_time((0, s.page()), (20, s.page(after="<p>Aucun commentaire</p>"))),
        cited="un billet lumineux de nos voisins bretons",
        is_described=False,
    )


def _list_going() -> Iterator[Made]:
    """Links that lose their text: fifteen while they are watched, fifteen before."""

    def add(
        name: str,
        skin: Skin,
        path: str,
        make: Callable[[Site], Script],
        accepted: frozenset[LinkState] = LOST,
        **more: object,
    ) -> Made:
        return name, accepted, skin, path, make, more

    def host(what: Callable[[Site], Reply]) -> Callable[[Site], Script]:
        return lambda s: every(what(s))

    def here(what: Callable[[Site], Reply]) -> Callable[[Site], Script]:
        return lambda s: s.over_time((0, what(s)))

    # While they are watched.
    yield add(
        "left our site, its title stays in the window, six stories with summaries",
        press,
        "/monde/2011/article_12.html",
        lambda s: s.dies(
            14,
            s.page(
                title="Ce contenu a quitté nos pages",
                window=s.text.title,
                body="<p>Les droits de diffusion sont échus. La rédaction vous suggère :</p>"
                + _teasers(s.more[:6]),
            ),
        ),
    )
    yield add(
        "an archive turned into a record of a catalogue",
        press,
        "/archives/1998/article_7.html",
        lambda s: s.dies(
            20,
            s.page(
                body="<table><tr><td>Auteur</td><td>" + s.author + "</td></tr><tr><td>Parution"
                "</td><td>4 mars 1998, page 12</td></tr><tr><td>Cote</td><td>PER 381</td></tr>"
                "<tr><td>Support</td><td>microfilm, consultable en salle sur rendez-vous</td>"
                f"</tr></table>{_abstract(s)}"
            ),
        ),
    )
    yield add(
        "the author says farewell under the same title",
        wordpress,
        _POST,
        lambda s: s.dies(
            14,
            s.page(
                body="<p>Après quinze années d’écriture, j’ai choisi de reprendre mes billets. "
                "Certains sont devenus un livre, d’autres n’avaient plus de sens.</p><p>Je "
                "remercie toutes celles et ceux qui m’ont lu, commenté, contredit parfois. Vous "
                "pouvez m’écrire par le formulaire ; je ne renverrai pas les anciens écrits, "
                "merci de ne pas insister.</p><p>Bonne route à toutes et à tous, et à bientôt "
                "dans la vraie vie, au jardin ou à la bibliothèque du quartier.</p>"
            ),
        ),
    )
    yield add(
        "being written anew",
        spip,
        "/spip.php?article318",
        lambda s: s.dies(20, s.page(body="<p>Article en cours de réécriture par le comité.</p>")),
    )
    yield add(
        "the platform's default theme, empty",
        overblog,
        "/article-318.html",
        lambda s: s.dies(
            14,
            every(
                s.say(
                    s.name,
                    "Personne n’a encore publié ici.",
                    "Lancez-vous : un carnet se crée en deux minutes.",
                    window=s.name,
                )
            ),
        ),
    )
    yield add(
        "the node shows the teasers of its theme",
        drupal,
        "/node/318",
        lambda s: s.dies(14, s.page(title="Vie associative", body=_teasers(s.more, 500))),
    )
    yield add(
        "every old address shows the new site's welcome",
        university,
        "/labo/318.html",
        lambda s: s.dies(
            20,
            every(
                s.page(
                    title="Un établissement ouvert sur son territoire",
                    body=as_html(_WELCOME),
                    window=f"Accueil - {s.name}",
                )
            ),
        ),
    )
    yield add(
        "a search of the words of the address",
        wordpress_blocks,
        "/2012/un-texte-a-lire",
        lambda s: s.dies(
            14,
            s.page(
                title=f"Résultats pour « {s.text.title} »",
                body=_teasers(s.more[:5]),
                window=f"Vous avez cherché {s.text.title} - {s.name}",
            ),
        ),
    )
    yield add(
        "resold: other prose under the same title",
        wordpress,
        _POST,
        lambda s: s.dies(
            20,
            every(
                reply(
                    wordpress_blocks(s.text.title, as_html(_GENERATED), site="Le Mag des Curieux")
                )
            ),
        ),
    )
    yield add(
        "archived: ask the service",
        university,
        "/cours/318.html",
        lambda s: s.dies(
            14,
            s.say(
                s.text.title,
                "Ressource versée aux archives de l’établissement.",
                "Pour la consulter, adressez une demande motivée au service documentaire.",
            ),
        ),
        GUARDED,
    )
    yield add(
        "a PDF, then its record without a file",
        university,
        "/docs/these.pdf",
        lambda s: s.over_time(
            (0, _document(s)),
            (
                14,
                s.page(
                    body=f"<p>{s.author}, Aubin (2014)</p><p>Type : rapport, 48 p.</p>"
                    "<p>Diffusion : retirée. Exemplaire papier sur demande.</p>"
                ),
            ),
        ),
    )
    yield add(
        "a PDF, then a reader for members",
        joomla,
        "/images/pdf/etude.pdf",
        lambda s: s.over_time(
            (0, _document(s)),
            (
                20,
                reply(
                    bare(
                        "Liseuse",
                        "<p>Ce document s’ouvre depuis votre espace. Identifiez-vous.</p><form>"
                        "<input name='courriel'><input type='password' name='mdp'><button>Ouvrir"
                        "</button></form>",
                    )
                ),
            ),
        ),
        GUARDED,
    )
    yield add(
        "led to the year's archives",
        press,
        "/a/2007/318.html",
        lambda s: s.dies(
            14,
            redirect("/archives/2007/", 301),
            routes={"/archives/2007/": s.listing("Année 2007")},
        ),
    )
    yield add(
        "merged into another page of the wiki",
        mediawiki,
        "/wiki/T_318",
        lambda s: s.dies(
            20,
            s.page(
                body="<p>Cette page a été fusionnée avec <a href='/wiki/Glossaire'>Glossaire</a>."
                "</p>"
            ),
        ),
    )
    yield add(
        "for readers who are invited",
        blogger,
        "/2010/04/t.html",
        lambda s: s.dies(
            14,
            every(
                reply(
                    bare(
                        "Autorisation requise",
                        "<p>Il semble que vous n’ayez pas été invité à lire ce blog. Si vous "
                        "pensez qu’il s’agit d’une erreur, contactez l’auteur et demandez une "
                        "invitation.</p><p>Vous êtes connecté en tant qu’anonyme.</p>",
                    )
                )
            ),
        ),
        SHUT,
    )
    # Gone before the first visit.
    yield add(
        "gone before: another story, signed by another",
        press,
        "/societe/article_318.html",
        here(
            lambda s: s.page(title=s.other.title, body=f"<p>Par Odile Imaginaire</p>{s.other.body}")
        ),
        cited="Chronique des fournils clandestins du Vimeu",
    )
    yield add(
        "gone before: no right to show the dispatch, four stories",
        press,
        "/depeches/318.html",
        here(
            lambda s: s.page(
                title="Dépêche",
                window=s.name,
                body="<p>Nous n’avons plus le droit de diffuser cette dépêche d’agence.</p>"
                + _teasers(s.more[:4]),
            )
        ),
    )
    yield add(
        "gone before: bought, a magazine's front page",
        wordpress,
        _POST,
        host(
            lambda s: reply(
                wordpress_blocks(
                    "Nos derniers conseils",
                    _teasers(s.more, 260),
                    site="Déco & Jardin",
                    window="Déco & Jardin - Le magazine de la maison",
                )
            )
        ),
    )
    yield add(
        "gone before: a section and its texts",
        spip,
        "/spip.php?article9318",
        here(lambda s: s.page(title="Ressources", body=_teasers(s.more, 200))),
    )
    yield add(
        "gone before: the weblog moved",
        dotclear,
        "/post/2008/01/t",
        host(
            lambda s: s.say(
                "Changement d’adresse",
                "Ce carnet continue ailleurs : notez nos nouvelles coordonnées.",
                "<a href='http://nouveau-carnet.invalid/'>nouveau-carnet.invalid</a>",
            )
        ),
    )
    yield add(
        "gone before: taken by an English shop's blog",
        overblog,
        "/article-9.html",
        host(
            lambda s: reply(
                wordpress_blocks(
                    "Ten ways to style a linen shirt", as_html(_LINEN), site="Linen & Co"
                )
            )
        ),
    )
    yield add(
        "gone before: welcome to the new portal",
        university,
        "/~aubin/318.html",
        host(
            lambda s: s.page(
                title="Bienvenue sur le nouveau portail",
                body=as_html(_WELCOME),
                window=f"{s.name} - portail",
            )
        ),
    )
    yield add(
        "gone before: the contents of an issue",
        spip,
        "/spip.php?article12318",
        here(
            lambda s: s.page(
                title="Sommaire du n° 12",
                body="<ol>"
                + "".join(
                    f"<li>{escape(p.title)}, p. {12 * n + 3}</li>" for n, p in enumerate(s.more)
                )
                + "</ol><p>Commander le numéro : 9 € port compris.</p>",
            )
        ),
    )
    yield add(
        "gone before: a PDF leads to the laboratory's publications",
        university,
        "/docs/wp12.pdf",
        lambda s: s.over_time(
            (0, redirect("/publications", 302)),
            routes={"/publications": s.listing("Publications du laboratoire")},
        ),
    )
    yield add(
        "gone before: another text as a page at a PDF's address",
        university,
        "/docs/cahier3.pdf",
        here(lambda s: s.page(title="Rapport d’activité", body=s.other.body)),
    )
    yield add(
        "gone before: broken into, a pharmacy",
        joomla,
        "/18-t",
        here(lambda s: s.page(title="Pharmacie en ligne", body=as_html(_PHARMACY))),
    )
    yield add(
        "gone before: a name as title, another text, a note",
        wordpress_blocks,
        "/portraits/318",
        here(lambda s: s.page(title="Portrait du mois", body=s.other.body)),
        is_short=True,
        is_noted=True,
    )
    yield add(
        "gone before: a short title, the list of a label",
        blogger,
        "/2008/11/t.html",
        here(lambda s: s.page(title="Affichage des articles", body=_teasers(s.more, 300))),
        is_short=True,
    )
    yield add(
        "gone before: choose your cookies or pay, for ever",
        press,
        "/sante/2013/318.html",
        host(
            lambda s: reply(
                bare(
                    f"{s.name} et ses 842 partenaires",
                    "<p>En poursuivant, vous nous autorisez à déposer des traceurs pour "
                    "financer l’information.</p><button>J’autorise</button><button>Je préfère "
                    "payer 3 € par mois</button><a>Détail des finalités</a>",
                )
            )
        ),
        GUARDED,
    )
    yield add(
        "gone before: the readers' comments are all that is left",
        wordpress,
        _POST,
        here(
            lambda s: s.page(
                title="Réactions",
                body="<ol>"
                + "".join(
                    f"<li><b>lectrice {n}</b> {escape(p.paragraphs[-1][:400])}</li>"
                    for n, p in enumerate(s.more)
                )
                + "</ol><p>Les commentaires sont fermés.</p>",
            )
        ),
    )


_WELCOME: Final = (
    "Depuis plus de cinquante ans, notre établissement forme des étudiantes et des étudiants venus "
    "de toute la région et de bien plus loin. Il rassemble aujourd’hui six facultés, trois écoles "
    "internes et une vingtaine d’unités de recherche réparties sur quatre campus.",
    "Ouvert à toutes les générations, il accueille chaque année deux mille adultes en reprise "
    "d’études et soutient les initiatives de ses partenaires : collectivités, entreprises, "
    "hôpitaux, théâtres. La vie de campus s’appuie sur une centaine d’associations.",
    "Engagé dans un plan de sobriété, il rénove ses bâtiments, développe les mobilités douces et "
    "propose une restauration de saison. Venez nous rencontrer lors des journées portes ouvertes.",
)
_GENERATED: Final = (
    "Dans un monde en constante évolution, il est essentiel de bien s’informer avant de se lancer. "
    "Cet article vous propose un tour d’horizon complet, des origines jusqu’aux tendances les plus "
    "récentes, afin de vous aider à y voir plus clair.",
    "Tout d’abord, il convient de rappeler que chaque situation est unique. Les spécialistes "
    "s’accordent à dire que la clé réside dans une approche équilibrée, alliant méthode et "
    "créativité. De nombreux utilisateurs témoignent de résultats encourageants.",
    "Ensuite, n’hésitez pas à comparer les différentes solutions disponibles sur le marché. Notre "
    "guide d’achat recense les modèles les mieux notés, pour tous les budgets.",
    "En conclusion, vous disposez désormais de toutes les cartes en main. Partagez cet article "
    "avec vos proches et abonnez-vous à notre infolettre pour ne rien manquer.",
)
_LINEN: Final = (
    "A linen shirt is the hardest working piece in any summer wardrobe. It breathes, it softens "
    "with every wash, and it looks just as good creased as it does fresh from the iron.",
    "Wear it open over a plain tee for a walk along the harbour, or tuck it into tailored shorts "
    "when dinner is somewhere with tablecloths. Roll the sleeves twice, never three times.",
    "Care is simple: wash cool, dry in the shade, and store it folded rather than on a hanger. "
    "Our new collection lands on Friday, in eight colours inspired by the coast.",
)
_PHARMACY: Final = (
    "Commandez sans ordonnance vos traitements au meilleur prix : livraison discrète en "
    "quarante-huit heures, paiement par carte ou par virement, remboursement garanti.",
    "Nos comprimés génériques contiennent le même principe actif que les marques connues. Le "
    "dosage conseillé dépend de votre âge ; lisez la notice avant toute prise.",
    "Plus de trente mille clients satisfaits en Belgique et au Canada. Offre spéciale cette "
    "semaine : douze pilules offertes pour toute commande de trente.",
)
