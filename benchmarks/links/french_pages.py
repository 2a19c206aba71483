"""Pages as French sites write them, around texts that a folder of collections lends.

A skin takes a title, a body of HTML and a site's name, and gives a whole page: menus, columns and
feet as the software makes them. None of them was written with the rules of links in sight.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from testbed.zoo.replies import Http

SHORTEST: Final = 2_000  # characters of a text that may stand for an article
LONGEST: Final = 9_000
_TITLES: Final = (
    "{} : retour sur une histoire mal connue",
    "Ce que nous apprend {}",
    "{}, un dossier pour comprendre",
    "Relire {} aujourd’hui",
)
_WORD: Final = re.compile(r"[^\W\d_]{7,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A text of a collection: the name of its subject, a title, paragraphs."""

    subject: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        """The paragraphs as HTML."""
        return as_html(self.paragraphs)

    @property
    def note(self) -> str:
        """Write what a librarian might note: words of the text, in sentences of hers."""
        counts = Counter(word.lower() for word in _WORD.findall(" ".join(self.paragraphs)))
        chosen = [word for word, _ in counts.most_common(14)][2:9]
        return (
            f"Un texte clair sur {', '.join(chosen[:3])}. On y trouve aussi un passage sur "
            f"{chosen[3]} et {chosen[4]}, utile pour l’atelier ; lire surtout la fin, où il est "
            f"question de {' et de '.join(chosen[5:7])}."
        )


def as_html(paragraphs: Iterable[str]) -> str:
    """Write paragraphs as HTML."""
    return "".join(f"<p>{escape(text)}</p>\n" for text in paragraphs)


def read_prose(folder: Path) -> list[Prose]:
    """Read texts of the length of an article, an encyclopaedia's and an office's in turn."""
    articles: dict[str, list[str]] = {}
    with gzip.open(folder / "piaf/docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            articles.setdefault(row["title"], []).append(row["text"])
    told = [
        Prose(
            subject=subject,
            title=_TITLES[number % len(_TITLES)].format(subject),
            paragraphs=tuple(texts),
        )
        for number, (subject, texts) in enumerate(sorted(articles.items()))
        if SHORTEST <= sum(map(len, texts)) <= LONGEST
    ]
    with gzip.open(folder / "cdtn/docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        sheets = [
            Prose(
                subject=row["title"],
                title=row["title"],
                paragraphs=tuple(line for line in row["text"].split("\n") if line.strip()),
            )
            for row in map(json.loads, lines)
            if row["id"].startswith("sp/") and SHORTEST <= len(row["text"]) <= LONGEST
        ]
    # Two of the one, two of the other: odd and even numbers meet both.
    pairs = zip(told[0::2], told[1::2], sheets[0::2], sheets[1::2], strict=False)
    return [prose for four in pairs for prose in four]


Skin = Callable[..., str]


def _document(head: str, body: str, *, lang: str = "fr", body_class: str = "") -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head><meta charset="utf-8">{head}</head>\n'
        f'<body class="{body_class}">{body}</body></html>'
    )


def wordpress(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A blog of WordPress with the theme of 2010."""
    return _document(
        f"<title>{escape(window or f'{title} | {site}')}</title>"
        '<meta name="generator" content="WordPress 3.9.1"/>'
        '<link rel="alternate" type="application/rss+xml" href="/feed/"/>',
        f'<div id="page"><div id="masthead"><a href="/" rel="home">{site}</a>'
        "<p>Carnet d’atelier</p></div>"
        '<div id="access"><a href="/a-propos/">À propos</a> <a href="/contact/">Contact</a></div>'
        f'<div id="content"><div class="post hentry"><h1 class="entry-title">{escape(title)}</h1>'
        '<div class="entry-meta">Publié le <a href="#">12 mars 2014</a></div>'
        f'<div class="entry-content">{body}</div></div>{after}</div>'
        '<div id="secondary" class="widget-area"><form role="search" action="/">'
        '<input name="s" placeholder="Rechercher"></form><h3>Articles récents</h3>'
        f"<ul>{aside or '<li><a href=/2014/02/>Février</a></li>'}</ul>"
        "<h3>Archives</h3><ul><li><a href='/2014/03/'>mars 2014</a></li></ul></div>"
        '<div id="colophon">Fièrement propulsé par WordPress</div></div>',
        body_class="single single-post",
    )


def wordpress_blocks(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A site of WordPress with a theme of blocks, of 2023."""
    return _document(
        f"<title>{escape(window or f'{title} – {site}')}</title>"
        f'<meta property="og:title" content="{escape(title)}"/>'
        f'<meta property="og:site_name" content="{escape(site)}"/>',
        '<a class="skip-link" href="#wp--skip-link--target">Aller au contenu</a>'
        f'<header class="wp-block-template-part"><p class="wp-block-site-title">{site}</p>'
        '<nav><ul><li><a href="/blog/">Blog</a></li><li><a href="/agenda/">Agenda</a></li>'
        '<li><a href="/nous-soutenir/">Nous soutenir</a></li></ul></nav></header>'
        f'<main id="wp--skip-link--target"><h1 class="wp-block-post-title">{escape(title)}</h1>'
        f'<div class="entry-content wp-block-post-content">{body}</div>{after}{aside}</main>'
        '<footer class="wp-block-template-part"><p>© Tous droits réservés</p></footer>',
        body_class="wp-singular",
    )


def spip(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A site of SPIP with the skeleton that comes with it."""
    return _document(
        f"<title>{escape(window or f'{title} - {site}')}</title>"
        '<meta name="generator" content="SPIP 2.1.26 [21262]" />',
        f'<div id="page"><div id="entete"><a rel="start" href="/">{site}</a></div>'
        '<div id="nav"><a href="spip.php?rubrique1">Actualités</a> '
        '<a href="spip.php?rubrique2">Dossiers</a></div>'
        '<div id="conteneur"><div id="contenu"><div class="cartouche">'
        f'<h1 class="surtitre titre">{escape(title)}</h1>'
        "<p><small>Toutes les versions de cet article : [français]</small></p></div>"
        f'<div class="texte">{body}</div>{after}</div></div>'
        f'<div id="encart"><h2>Dans la même rubrique</h2><ul>{aside}</ul></div>'
        '<div id="pied"><a href="spip.php?page=plan">Plan du site</a> | '
        '<a href="spip.php?page=login">Se connecter</a> | Réalisé sous SPIP</div></div>',
    )


def dotclear(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A weblog of Dotclear 2."""
    return _document(
        f"<title>{escape(window or f'{title} - {site}')}</title>",
        f'<div id="page"><div id="top"><h1><span><a href="/">{site}</a></span></h1></div>'
        f'<div id="main"><div id="content"><div class="post"><h2 class="post-title">'
        f'{escape(title)}</h2><p class="post-info">Par Aubin le jeudi 12 mars 2009, 09:12</p>'
        f'<div class="post-content">{body}</div></div>{after}</div></div>'
        '<div id="sidebar"><form action="/"><input type="search" name="q"></form>'
        f"<h2>À retenir</h2><ul>{aside}</ul><h2>S’abonner</h2>"
        '<a href="/feed/atom">Fil des billets</a></div>'
        '<p id="footer">Propulsé par Dotclear</p></div>',
        body_class="dc-post",
    )


def overblog(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A blog of Overblog."""
    return _document(
        f"<title>{escape(window or f'{title} - {site}')}</title>"
        '<script>var ob_params={"blog":1}</script>',
        '<div class="ob-ShareBar"><a href="//www.over-blog.com">Créer un blog</a>'
        '<a href="//connect.over-blog.com">Connexion</a><input placeholder="Rechercher"></div>'
        f'<header><h1><a href="/">{site}</a></h1></header>'
        f'<article class="ob-Post"><h2 class="ob-Post-title">{escape(title)}</h2>'
        f'<div class="ob-sections"><div class="ob-section ob-section-html">{body}</div></div>'
        f'<p>Partager cet article</p><div class="ob-Repost">Repost 0</div>{after}</article>'
        f'<div id="sidebar"><p>Vous aimerez aussi :</p>{aside}</div>'
        "<footer>Voir le profil de Colette sur le portail Overblog · Top articles · Contact · "
        "Signaler un abus · C.G.U.</footer>",
    )


def drupal(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A site of Drupal 7."""
    return _document(
        f"<title>{escape(window or f'{title} | {site}')}</title>"
        '<meta name="Generator" content="Drupal 7 (http://drupal.org)" />',
        '<div id="skip-link"><a href="#main-content">Aller au contenu principal</a></div>'
        f'<div id="header"><a href="/" title="Accueil">{site}</a></div>'
        '<div id="breadcrumb"><a href="/">Accueil</a></div>'
        f'<div id="main"><h1 class="page__title title" id="page-title">{escape(title)}</h1>'
        f'<div class="node node-article"><div class="field-item even">{body}</div></div>{after}'
        f'</div><div class="region-sidebar-second"><h2>Connexion utilisateur</h2>'
        '<form action="/user/login"><input name="name"><input type="password" name="pass">'
        f'<a href="/user/password">Demander un nouveau mot de passe</a></form>{aside}</div>',
        body_class="html not-front not-logged-in",
    )


def university(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A university's portal."""
    return _document(
        f"<title>{escape(window or f'{title} - {site}')}</title>"
        '<meta name="generator" content="TYPO3 CMS"/>',
        '<ul class="acces"><li><a href="#contenu">Contenu</a></li><li><a href="/ent">ENT</a></li>'
        '<li><a href="/annuaire">Annuaire</a></li><li><a href="/webmail">Messagerie</a></li></ul>'
        f'<div id="bandeau"><img alt="{site}" src="/logo.png"></div>'
        '<ul id="menu"><li>Formation</li><li>Recherche</li><li>International</li>'
        "<li>Vie des campus</li><li>L’université</li></ul>"
        f'<div id="contenu"><h1>{escape(title)}</h1>{body}{after}</div>'
        f"<div class='encadre'>{aside}</div>"
        "<div id='pied'>Plan d’accès | Marchés publics | Mentions légales | Crédits</div>",
    )


def press(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A newspaper's article."""
    return _document(
        f"<title>{escape(window or title)}</title>"
        f'<meta property="og:type" content="article"/>'
        f'<meta property="og:title" content="{escape(title)}"/>',
        '<div class="header"><a href="/">'
        f"{site}</a> <a href='/connexion'>Se connecter</a> <a href='/abonnement'>S’abonner</a>"
        "</div><nav>Politique Société Économie Culture Sports Régions</nav>"
        f'<main><article><h1 class="article__title">{escape(title)}</h1>'
        '<p class="article__meta">Par la rédaction · Publié le 04 novembre 2015 à 06h00 · '
        f'Temps de lecture 6 min</p><section class="article__content">{body}</section></article>'
        f"{after}<section><h3>Le plus lus</h3><ol>{aside}</ol></section></main>"
        "<footer>Newsletters · Applications mobiles · Mentions légales · Gestion des cookies · "
        "Politique de confidentialité</footer>",
    )


def blogger(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A blog of Blogger."""
    return _document(
        f"<title>{escape(window or f'{site}: {title}')}</title>"
        "<meta content='blogger' name='generator'/>",
        f"<div class='header-inner'><h1 class='title'><a href='/'>{site}</a></h1></div>"
        "<div class='date-outer'><h2 class='date-header'>mardi 4 mars 2014</h2>"
        f"<div class='post hentry'><h3 class='post-title entry-title'>{escape(title)}</h3>"
        f"<div class='post-body entry-content'>{body}</div>{after}</div></div>"
        "<div class='blog-pager'>Article plus récent Article plus ancien Accueil</div>"
        f"<div class='sidebar'><h2>Membres</h2><h2>Archives du blog</h2>{aside}</div>"
        "<div>Thème Simple. Fourni par Blogger.</div>",
    )


def mediawiki(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A page of MediaWiki."""
    return _document(
        f"<title>{escape(window or f'{title} — {site}')}</title>"
        '<meta name="generator" content="MediaWiki 1.27.1"/>',
        f'<div id="content" class="mw-body" role="main"><h1 id="firstHeading">{escape(title)}</h1>'
        f'<div id="bodyContent"><div id="siteSub">De {site}.</div><div id="mw-content-text">{body}'
        f"</div>{after}</div></div>"
        '<div id="mw-navigation"><a>Page</a><a>Discussion</a><a>Lire</a><a>Modifier</a>'
        f"<a>Voir l’historique</a><a>Se connecter</a><a>Pages liées</a>{aside}</div>"
        "<div id='footer'>La dernière modification de cette page a été faite le 3 mai.</div>",
    )


def handmade(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A personal page of 1999."""
    return (
        f"<HTML><HEAD><TITLE>{escape(window or title)}</TITLE></HEAD>"
        f'<BODY BGCOLOR="#FFFFCC"><TABLE WIDTH="100%"><TR><TD WIDTH=120>{aside}'
        '<A HREF="index.html">Sommaire</A><BR><A HREF="liens.html">Liens</A></TD>'
        f"<TD><CENTER><FONT SIZE=+2>{escape(title)}</FONT></CENTER>{body}{after}<HR>"
        f"<I>{site}</I></TD></TR></TABLE></BODY></HTML>"
    )


def joomla(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A site of Joomla."""
    return _document(
        f"<title>{escape(window or f'{site} - {title}')}</title>"
        '<meta name="generator" content="Joomla! - Open Source Content Management" />',
        f'<header><a class="brand" href="/">{site}</a></header><ul class="breadcrumb"><li>'
        'Vous êtes ici : </li><li><a href="/">Accueil</a></li></ul>'
        f'<main id="content"><div class="item-page"><div class="page-header"><h2>{escape(title)}'
        "</h2></div><dl class='article-info'><dd>Catégorie : Ressources</dd><dd>Affichages : 812"
        f'</dd></dl><div itemprop="articleBody">{body}</div></div>{after}</main>'
        f'<div id="aside"><h3>Identification</h3><form><input name="username">'
        f'<input type="password"></form>{aside}</div>',
    )


def ghost(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A letter published with Ghost."""
    return _document(
        f"<title>{escape(window or title)}</title>"
        '<meta name="generator" content="Ghost 5.2"/>'
        f'<meta property="og:title" content="{escape(title)}"/>',
        f'<header class="gh-head"><a href="/">{site}</a><a href="#/portal/signin">Connexion</a>'
        '<a href="#/portal/signup">S’abonner</a></header>'
        f'<main><article class="gh-article"><h1 class="gh-article-title">{escape(title)}</h1>'
        f'<section class="gh-content">{body}</section></article>{after}'
        f"<aside><h2>À lire ensuite</h2>{aside}</aside></main>"
        "<footer>Publié avec Ghost</footer>",
    )


def forum(
    title: str, body: str, *, site: str, window: str = "", aside: str = "", after: str = ""
) -> str:
    """A thread of phpBB."""
    return _document(
        f"<title>{escape(window or f'{title} - {site}')}</title>",
        f'<div id="wrap"><a href="./index.php">{site}</a><ul><li>Index du forum</li>'
        "<li>FAQ</li><li>M’enregistrer</li><li>Connexion</li></ul>"
        f"<h2 class='topic-title'><a href='#'>{escape(title)}</a></h2>"
        f'<div class="post"><div class="content">{body}</div><p>Message de martine28</p></div>'
        f"{after}{aside}<p>Qui est en ligne ? Utilisateurs parcourant ce forum : aucun</p>"
        "<p>Développé par phpBB® Forum Software</p></div>",
    )


def bare(
    title: str, body: str, *, window: str | None = None, head: str = "", lang: str = "fr"
) -> str:
    """A page with nothing around it: a host's notice, a wall, a fault."""
    heading = f"<h1>{escape(title)}</h1>" if title else ""
    return _document(
        f"<title>{escape(title if window is None else window)}</title>{head}",
        f"{heading}{body}",
        lang=lang,
    )


def reply(markup: str, status: int = 200, **more: object) -> Http:
    """Send a page as UTF-8."""
    return Http(status=status, body=markup.encode(), **more)  # type: ignore[arg-type]


def pdf(title: str, paragraphs: Iterable[str]) -> bytes:
    """Write a PDF of one long page, in Helvetica and WinAnsi, that any reader reads."""
    lines = [title, ""]
    for text in paragraphs:
        words = text.split()
        lines += [" ".join(words[at : at + 12]) for at in range(0, len(words), 12)]
    shown = [
        line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(")
        .replace(b")", b"\\)")
        for line in lines
    ]  # fmt: skip
    height = 14 * len(lines) + 80
    stream = b"BT /F1 10 Tf 12 TL 40 %d Td " % (height - 40)
    stream += b" ".join(b"(%s) Tj T*" % line for line in shown) + b" ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 %d] /Contents 4 0 R /Resources "
        b"<< /Font << /F1 5 0 R >> >> >>" % height,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )
