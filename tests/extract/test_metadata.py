"""What a page says of itself, in the order of trust."""

import pytest

from indexer.extract.authors import list_persons
from indexer.extract.blocks import parse_markup
from indexer.extract.dates import parse_iso, parse_url_date
from indexer.extract.metadata import Metadata, names_of_site, read_metadata, strip_site_name
from indexer.extract.page import prepare_page

JSON_LD = (
    '<script type="application/ld+json">{"@graph":[{"@type":"WebSite","name":"Le Site"},'
    '{"@type":"NewsArticle","headline":"Titre JSON","datePublished":"2015-03-10T08:00:00Z",'
    '"author":[{"@type":"Person","name":"Ada Un"},{"@type":"Person","name":"Bob Deux"}]}]}</script>'
)
PRODUCT = '<script type="application/ld+json">{"@type": "Product", "name": "Un outil"}</script>'
LIBRARY = (
    '<meta name="citation_title" content="Titre Highwire"><meta name="DC.creator" content="Deux, '
    'Ada"><meta name="DC.date.issued" content="2014-02-01">'
)
SOCIAL = (
    '<meta property="og:title" content="Titre OG - Le Site"><meta property="og:site_name" '
    'content="Le Site"><meta property="article:published_time" content="2013-01-05T00:00:00Z">'
    '<meta name="author" content="par Cléo Trois">'
)


def read(
    head: str, body: str = "", *, url: str = "http://www.lesite.fr/a", **headers: str
) -> Metadata:
    markup = f"<html lang=fr><head>{head}</head><body>{body}</body></html>"
    tree = parse_markup(markup)
    blocks = prepare_page(tree).blocks
    return read_metadata(markup, tree, url=url, headers=headers, blocks=blocks)


@pytest.mark.parametrize(
    ("head", "title", "author", "issued", "source"),
    [
        (JSON_LD + LIBRARY + SOCIAL, "Titre JSON", ("Ada Un", "Bob Deux"), "2015-03-10", "json-ld"),
        (LIBRARY + SOCIAL, "Titre Highwire", ("Ada Deux",), "2014-02-01", "library-meta"),
        (SOCIAL, "Titre OG", ("Cléo Trois",), "2013-01-05", "open-graph"),
    ],
)
def test_declarations_are_trusted_in_order(head, title, author, issued, source):
    metadata = read(head)

    assert (metadata.title, metadata.author, metadata.issued) == (title, author, issued)
    assert metadata.sources["issued"] == source


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (JSON_LD, "", True),
        (SOCIAL, "", True),
        ('<meta property="og:type" content="article">', "", True),
        ("", "<div itemscope itemtype='https://schema.org/BlogPosting'>", True),
        ("", "<p>Un texte.</p>", False),
        # Shops have generators that call every page an article.
        (f"{PRODUCT}{SOCIAL}", "", False),
        (f"{PRODUCT}{SOCIAL}{JSON_LD}", "", True),
    ],
)
def test_a_page_is_an_article_when_it_says_so_and_does_not_state_a_product(head, body, expected):
    assert read(head, body).is_article is expected


@pytest.mark.parametrize(
    ("body", "url", "issued", "source"),
    [
        ("", "http://a.fr/2014/12/20/titre/", "2014-12-20", "url"),
        ("<p>Publié le 4 mars 2016 par Ada.</p>", "http://a.fr/x", "2016-03-04", "text"),
        ("<footer>© 2009-2026 Le Site</footer>", "http://a.fr/x", "", None),
    ],
)
def test_without_declarations_the_address_then_the_text_date_a_page(body, url, issued, source):
    metadata = read("", body, url=url)

    assert metadata.issued == issued
    assert metadata.sources.get("issued") == source


def test_the_day_of_the_crawl_is_never_that_of_publication():
    body = "<p>Publié le 24 novembre 2025, mis en ligne ce jour.</p>"

    assert read("", body).issued == "2025-11-24"
    assert read("", body, date="Mon, 24 Nov 2025 10:00:00 GMT").issued == ""


@pytest.mark.parametrize(
    ("stamp", "body", "issued"),
    [
        ("2020-08-25T00:23:33Z", "<p>Le lundi 24 août 2020, à Montréal.</p>", "2020-08-24"),
        ("2020-08-25T00:23:33Z", "<p>Posted August 24, 2020</p>", "2020-08-24"),
        ("2020-08-25T00:23:33Z", "<p>Le 25 août 2020, puis le 24 août.</p>", "2020-08-25"),
        ("2020-08-25T00:23:33Z", "<p>Sans date.</p>", "2020-08-25"),
        ("2020-08-25T00:23:33-04:00", "<p>Le 24 août 2020.</p>", "2020-08-25"),
    ],
)
def test_a_stamp_in_utc_is_read_as_the_day_that_the_page_shows(stamp, body, issued):
    assert (
        read(f'<meta property="article:published_time" content="{stamp}">', body).issued == issued
    )


def test_the_dates_of_comments_are_not_the_page_s():
    body = (
        "<p>Publié le 30 septembre 2018.</p><div class='comments'><div class='comment'>"
        "<abbr class='published date' title='2017-09-11T10:57:27Z'>11 septembre 2017</abbr>"
        "<p>Bravo !</p></div></div>"
    )

    assert read("", body).issued == "2018-09-30"


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("Un titre - UrbaNews.fr", "Un titre"),
        ("UrbaNews.fr | Un titre", "Un titre"),
        ("Un titre | urbanews", "Un titre"),
        ("Un titre – avec tiret – UrbaNews.fr", "Un titre – avec tiret"),
        ("Ville et campagne : un titre", "Ville et campagne : un titre"),
        ("Un titre", "Un titre"),
    ],
)
def test_the_title_comes_without_the_site(title, stripped):
    found = strip_site_name(title, names_of_site("UrbaNews.fr", "http://www.urbanews.fr/x"))

    assert found == stripped


def test_the_heading_tells_where_the_title_ends():
    found = strip_site_name("Un titre - Le magazine", set(), headings=["Un titre"])

    assert found == "Un titre"


@pytest.mark.parametrize(
    ("byline", "persons"),
    [
        ("Par Ada Un", ("Ada Un",)),
        ("Par Ada Un et Bob Deux", ("Ada Un", "Bob Deux")),
        ("Ada Un, Bob Deux & Cléo Trois", ("Ada Un", "Bob Deux", "Cléo Trois")),
        ("Propos recueillis par Ada Un et Bob Deux", ("Ada Un", "Bob Deux")),
        ("Entretien réalisé par Ada Un", ("Ada Un",)),
        ("Soumis par ada_un le lun 02/05/2011 - 09:12", ("ada_un",)),
        ("De notre envoyée spéciale à Rome, Ada Un", ("Ada Un",)),
        ("Mme la professeure Ada Un", ("Ada Un",)),
        ("Docteur Ada Un", ("Ada Un",)),
        ("Le 12 avril 2009, par Ada U.", ("Ada U.",)),
        (
            "Par Ada UNETTE (philosophe), Bob DEUX-DU PRÉ (juriste)",
            ("Ada Unette", "Bob Deux-Du Pré"),
        ),
        ("Ada Le Maître", ("Ada Le Maître",)),
        ("Ada Un, maître de conférences", ("Ada Un",)),
        ("Unette, Ada (1962-....)", ("Ada Unette",)),
        ("Lycée Jean-Deux", ()),
        ("Par Ada Le Deux | 14 mai 2013 | Commentaires (3)", ("Ada Le Deux",)),
        ("Un reportage de notre envoyé spécial Bob Deux", ("Bob Deux",)),
        ("Propos recueillis par Ada Un pour la revue", ("Ada Un",)),
        ("Besson, Raphaël", ("Raphaël Besson",)),
        ("Besson, Raphaël, 1976-", ("Raphaël Besson",)),
        ("ADA UN", ("Ada Un",)),
        ("UNETTE Ada", ("Ada Unette",)),
        ("Jean-Yves LE GAULT", ("Jean-Yves Le Gault",)),
        ("Par Charles DE GAULT", ("Charles de Gault",)),
        ("Hubert d’Aboville", ("Hubert d’Aboville",)),
        ("Publié par Ada Un le 3 mars 2015", ("Ada Un",)),
        ("Publié le 3 mars 2015 par Ada Un", ("Ada Un",)),
        ("Ada Un, sociologue, et Bob Deux, urbaniste", ("Ada Un", "Bob Deux")),
        ("Ada Un, professeure à l’Université de Lyon", ("Ada Un",)),
        ("Ada Un | Rédactrice", ("Ada Un",)),
        ("Par Ada Un (avec AFP)", ("Ada Un",)),
        ("Textes : Ada Un / Photos : Bob Deux", ("Ada Un",)),
        ("Par Ada Un, traduit de l’anglais par Bob Deux", ("Ada Un",)),
        ("zoe_75", ("zoe_75",)),
        ("admin", ()),
        ("La rédaction", ()),
        ("Université de Lyon", ()),
        ("Le Monde avec AFP", ()),
        ("Ministère de la Culture", ()),
        ("Ministère de la Culture, Patrimoine et Archives", ()),
        ("Ada Un, Agence des ateliers", ("Ada Un",)),
        ("AFP", ()),
        ("http://site.example/author/ada", ()),
        ("ada@site.example", ()),
        ("Le Site", ()),
        ("une phrase entière qui ne saurait être un nom de personne", ()),
    ],
)
def test_a_byline_names_persons(byline, persons):
    assert list_persons([byline], site_name="Le Site") == persons


@pytest.mark.parametrize(
    ("body", "persons"),
    [
        ("<p>par <a rel=author>Ada Un</a> et <a rel=author>Bob Deux</a></p>",
         ("Ada Un", "Bob Deux")),
        ("<p>Par <a href=/auteur/ada-un>Ada Un</a>, <a href=/auteur/b>Bob Deux</a></p>",
         ("Ada Un", "Bob Deux")),
        ("<div class=meta__author>Ada Un</div>", ("Ada Un",)),
        ("<p class=signature>Ada UNETTE</p>", ("Ada Unette",)),
        ("<p>par <span class=vcard><a class='url fn' href='spip.php?auteur3'>Ada Un</a></span></p>",
         ("Ada Un",)),
        ("<p>Propos recueillis par Ada Un et Bob Deux</p>", ("Ada Un", "Bob Deux")),
        ("<p>Interview : Ada Un et Bob Deux</p>", ("Ada Un", "Bob Deux")),
        ("<div class=authors><a href=/auteur/1>Ada Un</a><a href=/auteur/2>Bob Deux</a></div>",
         ("Ada Un", "Bob Deux")),
        ("<p>Écrit par Ada von Unette</p>", ("Ada von Unette",)),
        ("<h5>Auteur : </h5><p>Ada Un</p>", ("Ada Un",)),
        ("<h5>Auteur : </h5><p>La ville et ses ateliers</p>", ()),
        ("<p>Von Ada Un</p>", ("Ada Un",)),
        ("<p>Un entretien de Ada Un</p>", ("Ada Un",)),
        ("<div data-testid=x-byline><span>Par</span><a href=/ada>Ada Un</a></div>", ("Ada Un",)),
        ("<div><a href=/staff/ada-un>Ada Un</a></div>", ("Ada Un",)),
        ("<span class=byline>Dimanche</span>", ()),
        ("<p>Le 4 mai 2012, par Ada Un</p>", ("Ada Un",)),
        ("<p>Par la fenêtre, on voit les ateliers.</p>", ()),
        ("<p class=byline>Par La rédaction</p>", ()),
        ("<p>Par MM. Ada Un et Bob DEUX</p>", ("Ada Un", "Bob Deux")),
        ("<p>posted by ada-un @ 22:54</p>", ("ada-un",)),
        ("<p>Par Ada-Line Un le mercredi 4 novembre 2009, 13:44</p>", ("Ada-Line Un",)),
        ("<ul class=authors><li>Ada Un</li><li>Bob Deux</li></ul>", ("Ada Un", "Bob Deux")),
        ("<div class=author><p>Ada Un</p><p>Riveraine</p></div>", ("Ada Un",)),
        ("<p>Ada Un</p><p>Université des ateliers</p>", ("Ada Un",)),
        ("<p>Une ville</p><p>Les ateliers s’y partagent depuis dix ans.</p>", ()),
        ("<p>Posté par titou à 15:00 - Cuisine</p>", ("titou",)),
        ("<p>Par Titou - Publié dans : Cuisine</p>", ("Titou",)),
        ("<p>Auteur : titou</p>", ("titou",)),
        ("<p><span class=author>Titou</span></p>", ("Titou",)),
        ("<p><span class='post author'>Rédaction</span></p>", ()),
        ("<p class=author-box>Riveraine</p>", ()),
        ("<p>Par hasard, on ouvrit trois ateliers dans la rue.</p>", ()),
        ("<div class=profil><p>Nom du profil : Ada Un</p></div>", ("Ada Un",)),
        ("<p>Vingt ans d’ateliers. Propos recueillis par Ada Un.</p>", ("Ada Un",)),
        ("<p>Les propos recueillis par le maire ont plu. Ada Un écoute.</p>", ()),
        ("<p>Rédigé par A. Unette, Le 5 mars 2010 à 14:21</p>", ("A. Unette",)),
        ("<p>Soumis par Ada Un le mar, 29/03/2011 - 16:40</p>", ("Ada Un",)),
        ("<p class=sign>ADA UNETTE</p>", ("Ada Unette",)),
        ("<p>Ada Un<sup>1</sup>, Bob Deux<sup>2</sup></p><p>1. Institut des ateliers</p>",
         ("Ada Un", "Bob Deux")),
        ("<p class=authors>Ada Un<sup>a</sup> et Bob Deux<sup>b</sup></p>", ("Ada Un", "Bob Deux")),
        ("<p>Rapport n° 8 de Mme Ada UN et M. Bob DEUX, fait au nom de la commission</p>",
         ("Ada Un", "Bob Deux")),
        ("<p class=auteur-notice>Notice : Ada Un</p>", ("Ada Un",)),
        ("<p class=auteur>Rédaction : Ada Un</p>", ("Ada Un",)),
        ("<p>Ada Un — 30 juin 2018</p>", ("Ada Un",)),
        ("<p>30 juin 2018 | Ada Un</p>", ("Ada Un",)),
        ("<p>Ada Un • 5 février 2018 • Traduit de l’anglais par Bob Deux</p>", ("Ada Un",)),
        ("<p>La Ville - 30 juin 2018</p>", ()),
        ("<p>Ateliers - 30 juin 2018</p>", ()),
        ("<p>Ada Un, la rue, le 30 juin 2018, dix ans après</p>", ()),
        ("<p>Publié le 1/07/2014 à 07:46 | Mis à jour le 2/07/2014, par Ada Un avec AFP</p>",
         ("Ada Un",)),
        ("<p>Le 1/07/2014, vu par la ville et par Ada Un</p>", ()),
        ("<span class=bigusername>titou03</span>", ("titou03",)),
        ("<span class=username>Visiteur</span>", ()),
        ("<p class=auteur>Ada Un</p><p>Pour citer cet article : Ada Un et Bob Deux, « Les"
         " ateliers », Revue, 2003.</p>", ("Ada Un", "Bob Deux")),
        ("<p class=auteur>Ada Un</p><p>Cléo Trois, « D’autres ateliers », Revue, 2003.</p>",
         ("Ada Un",)),
        ("<p class=auteur>Ada Un</p><p>A. Un, « Les ateliers », Revue, 2003.</p>", ("Ada Un",)),
        ("<p>Par titou - Publié dans : Cuisine</p>", ("titou",)),
        ("<p class=author>de titou » 12 Mai 2011, 18:40</p>", ("titou",)),
        ("<p>Proposée par Ada Un le 2 mai 2007 | Cuisson : 35 min</p>", ("Ada Un",)),
        ("<p><b>Ada Un</b> <a href=mailto:a>ada at site.example</a></p>", ("Ada Un",)),
        ("<p>Ada Un écrit à la ville, et attend.</p>", ()),
        ("<aside><p class=author>Bob Deux</p></aside>", ()),
        ("<aside><a rel=author href=/a>Ada Un</a></aside>", ("Ada Un",)),
        ("<aside class=related><a rel=author href=/a>Ada Un</a></aside>", ()),
        ("<ul class=authors><li>Ada Un</li><li>Digital Security Expert</li></ul>", ("Ada Un",)),
        ("<ul class=related-posts><li>Ailleurs <span class=author>Bob Deux</span></ul>", ()),
    ],
)  # fmt: skip
def test_who_wrote_a_page_is_read_where_the_page_shows_it(body, persons):
    text = "<p>Les ateliers se partagent sans se perdre, et chacun y met du sien chaque jour.</p>"

    assert read("", f"<h1>Les ateliers</h1>{body}{text}").author == persons


def test_a_name_at_the_right_or_in_bold_below_the_text_signs_it():
    text = f"<p>{'Les ateliers se partagent sans se perdre. ' * 4}</p>"

    assert read("", f"{text}<div align=right><b>ADA UNETTE</b></div>").author == ("Ada Unette",)
    assert read("", f"{text}<p><b>ADA UNETTE</b></p>").author == ("Ada Unette",)
    assert read("", f"{text}<p>ADA UNETTE <b>ici</b></p>").author == ()


@pytest.mark.parametrize(
    ("line", "persons", "issued"),
    [
        ("<p>Ada Un, avril 2001</p>", ("Ada Un",), "2001-04"),
        ("<p>Document établi par Ada Un, février 2009</p>", ("Ada Un",), "2009-02"),
        ("<address>Ada Un, université de Metz - dernière mise à jour : 12/11/2003</address>",
         ("Ada Un",), "2003-11-12"),
        ("<address>12 rue Victor Hugo, 57000 Metz</address>", (), ""),
        ("<p>Metz, avril 2001</p>", (), "2001-04"),
        ("<p>Ada Un, la rue, et avril 2001</p>", (), "2001-04"),
    ],
)  # fmt: skip
def test_a_line_below_the_text_signs_and_dates_it(line, persons, issued):
    text = f"<p>{'Les ateliers se partagent sans se perdre. ' * 4}</p>"

    found = read("", f"<h1>Les ateliers</h1>{text * 20}{line}", url="http://a.fr/x")

    assert (found.author, found.issued) == (persons, issued)


@pytest.mark.parametrize(("kind", "persons"), [("Person", ("Ada Un",)), ("Thing", ())])
def test_a_person_s_own_site_may_bear_that_name(kind, persons):
    stated = f'{{"@type": "Article", "author": {{"@type": "{kind}", "name": "Ada Un"}}}}'
    head = '<meta property="og:site_name" content="Ada Un"><script type="application/ld+json">'

    assert read(f"{head}{stated}</script>", "<h1>Les ateliers</h1>").author == persons


def test_an_account_that_bears_the_first_name_of_a_byline_is_that_person():
    head = '<meta name="author" content="Ada">'
    text = "<h1>Les ateliers</h1><p>Par {} le lundi 5 novembre 2012, 08:31</p>"

    assert read(head, text.format("Ada Unette")).author == ("Ada Unette",)
    assert read(head, text.format("Bob Deux")).author == ("Ada",)


def test_who_is_told_of_in_italics_or_in_a_box_below_the_text_wrote_it():
    text = f"<p>{'Les ateliers se partagent sans se perdre. ' * 4}</p>"

    told = read("", f"{text}<p><em>Ada Un est urbaniste à Metz.</em></p>")
    boxed = read("", f"{text}<div class=bio><p>Ada Un enseigne à Metz.</p></div>")
    plain = read("", f"{text}<p>Ada Un est urbaniste à Metz.</p>")

    assert (told.author, boxed.author, plain.author) == (("Ada Un",), ("Ada Un",), ())


# Where a page names its site, and which of its lines is the title.
SITES = [
    ("Les ateliers - Le Carnet", "<h1>Les ateliers</h1>", "Les ateliers", "Le Carnet"),
    ("Le Carnet: Les ateliers", "<h1><a href=/>Le Carnet</a></h1><h3>Les ateliers</h3>",
     "Les ateliers", "Le Carnet"),
    ("Le Carnet » Archives » Les ateliers", "<h1><a href='/'>Le Carnet</a></h1><h2>Les ateliers"
     "</h2>", "Les ateliers", "Le Carnet"),
    ("Les ateliers", "<a href=/><img src=a.png alt='Le Carnet'></a><h1>Les ateliers</h1>",
     "Les ateliers", "Le Carnet"),
    ("Les ateliers", "<a href=/>Accueil</a><h1>Les ateliers</h1>", "Les ateliers", ""),
    ("Le site : Les ateliers", "<p>Sans titre dans la page.</p>", "Les ateliers", "Le site"),
    ("a:ateliers [Le Carnet]", "<h1><a href='doku.php?id=start'>Le Carnet</a></h1><h1>Les ateliers"
     "</h1>", "Les ateliers", "Le Carnet"),
    ("Les ateliers : une enquête", "<h1>Les ateliers : une enquête</h1>",
     "Les ateliers : une enquête", ""),
    ("Les ateliers - Blog de lesite", "<h1>lesite</h1><h2>Les ateliers</h2>", "Les ateliers",
     "lesite"),
    ("« Les ateliers » - Le Carnet", "<h1>« Les ateliers »</h1>", "« Les ateliers »", "Le Carnet"),
    ("Les ateliers - Le Carnet", "<h1>Le Carnet</h1><h2>Les ateliers</h2>", "Les ateliers",
     "Le Carnet"),
    ("Canal - Les ateliers", "<h1>Le Carnet</h1><h3>Les ateliers</h3>", "Les ateliers", ""),
    ("Les ateliers - Forum des villes", "<p>Un message.</p>", "Les ateliers", ""),
    ("Les villes • Voir le sujet - Les ateliers", "<h1>Les villes</h1><h2>Les ateliers</h2>",
     "Les ateliers", "Les villes"),
    ("Blog de titou", "<h1>Blog de titou</h1><h2>Les ateliers</h2>", "Les ateliers", ""),
    ("Ville - Compte rendu du conseil", "<h2>Compte rendu du conseil du 3 mars</h2>",
     "Compte rendu du conseil du 3 mars", ""),
    ("Espace presse - Le Carnet", "<h2>Trois ateliers ouvrent leurs portes</h2>",
     "Trois ateliers ouvrent leurs portes", ""),
    ("Espace presse - Le Carnet", "<h2>Trois ateliers ouvrent leurs portes</h2><h2>Le prix demandé"
     " aux ateliers</h2>", "Espace presse - Le Carnet", ""),
    ("zine - numéro 7", "<font size=4><b>Trois nuits dans un hangar</b></font>",
     "Trois nuits dans un hangar", ""),
    ("Le zine : Les ateliers ouverts", "<td class=titre>Les ateliers ouverts</td>",
     "Les ateliers ouverts", "Le zine"),
]  # fmt: skip


@pytest.mark.parametrize(("window", "body", "title", "site"), SITES)
def test_the_title_is_told_from_the_name_of_the_site(window, body, title, site):
    found = read(f"<title>{window}</title>", body)

    assert (found.title, found.site_name) == (title, site)


@pytest.mark.parametrize(
    ("address", "title", "site"),
    [
        ("/2009/05/une-longue-enquete.html", "Une longue enquête", "Les ateliers"),
        ("/2009/05/ateliers.html", "Les ateliers", "Une longue enquête"),
    ],
)
def test_the_address_tells_a_blog_before_its_title_from_a_title_before_its_site(
    address, title, site
):
    window = "<title>Les ateliers: Une longue enquête</title>"
    body = "<h1>Les ateliers</h1><h3>Une longue enquête</h3>"

    found = read(window, body, url=f"http://carnets.example{address}")

    assert (found.title, found.site_name) == (title, site)


def test_an_author_that_is_only_referred_to_is_looked_up_and_an_institution_is_none():
    graph = (
        '<script type="application/ld+json">{"@graph":[{"@type":"Article","headline":"A","author":['
        '{"@id":"#ada"},{"@type":"Organization","name":"Bob Deux"}]},'
        '{"@type":"Person","@id":"#ada","name":"Ada Un"}]}</script>'
    )

    assert read(graph).author == ("Ada Un",)


WIKI = (
    '<meta name="generator" content="MediaWiki 1.44"><title>Atelier — Encyclo</title>'
    '<script type="application/ld+json">{"@type":"Article","name":"Atelier","headline":"lieu où '
    'l\'on travaille","datePublished":"2002-05-06T00:00:00Z","dateModified":"2019-03-04T00:00:00Z",'
    '"author":{"@type":"Organization","name":"Les contributeurs"},'
    '"publisher":{"@type":"Organization","name":"Une fondation"}}</script>'
)


def test_what_a_wiki_states_of_its_subject_is_not_said_of_the_page():
    metadata = read(WIKI, "<h1>Atelier</h1><p>Un atelier est un lieu où l’on travaille.</p>")

    assert (metadata.title, metadata.author) == ("Atelier", ())
    assert (metadata.site_name, metadata.issued) == ("Encyclo", "2019-03-04")


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>Le Site</title>", "<h1>Le Site</h1><h1>Les ateliers</h1>", "Les ateliers"),
        (f"{SOCIAL}<title>Le Site</title>".replace("Titre OG - ", ""), "<h1>Les ateliers</h1>",
         "Les ateliers"),
        ("<title>L&amp;amp;#039;atelier &amp;amp; nous</title>", "", "L'atelier & nous"),
        ("<title>Le Site</title>", "", "Le Site"),
    ],
)  # fmt: skip
def test_the_name_of_the_site_is_no_title_and_what_was_escaped_twice_is_mended(head, body, title):
    assert read(f'<meta property="og:site_name" content="Le Site">{head}', body).title == title


@pytest.mark.parametrize(
    ("above", "below", "issued"),
    [
        ("", "<p>Posté le dimanche 14 août 2005 16:10</p>", "2005-08-14"),
        ("<p>Publié le <a href=/><time>06/12/2021</time><time>07/12/2021</time></a></p>", "",
         "2021-12-06"),
        ("<p>Volume 12, numéro 3, 2006, p. 159</p>", "", "2006"),
        ("<p>2000</p>", "", "2000"),
        ("<p>Les 2000 ateliers de la ville</p>", "", ""),
    ],
)  # fmt: skip
def test_a_date_is_read_below_the_text_within_a_link_or_of_a_volume(above, below, issued):
    text = f"<p>{'Les ateliers se partagent sans se perdre. ' * 4}</p>" * 20
    body = f"<h1>Les ateliers</h1>{above}{text}{below}"

    assert read("", body, url="http://a.fr/x").issued == issued


@pytest.mark.parametrize(
    ("title", "line", "issued"),
    [
        ("Arrêté du 17 février 2004 relatif aux rues", "JO du 26 février 2004", "2004-02-17"),
        ("Loi du 11 février 2005, dix ans après", "Le 3 mars 2015", "2015-03-03"),
        ("Séance du lundi 3 mars 2008", "", "2008-03-03"),
        ("Les ateliers du 3 mars 2008", "Le 4 mars 2008", "2008-03-04"),
    ],
)
def test_a_law_and_minutes_are_dated_by_their_title(title, line, issued):
    visa = "<p>Vu l’avis du Conseil en date du 3 décembre 2003 ;</p>" if "Arrêté" in title else ""
    body = f"<h1>{title}</h1><p>{line}</p>{visa}<p>Les ateliers se partagent sans se perdre.</p>"

    assert read("", body, url="http://a.fr/x").issued == issued


def test_of_a_wiki_the_day_of_its_last_change_is_read():
    body = "<div id=mw-content-text>{}</div><p>La dernière modification date du 24 mars 2024.</p>"
    stated = '<script type="application/ld+json">{"@type":"Article","datePublished":"2011-02-04"}'

    assert read(f"{stated}</script>", body.format("Texte.")).issued == "2024-03-24"


@pytest.mark.parametrize(
    ("line", "issued"),
    [
        ("Publié le 3 mars 2011 | Mis à jour le 5 mai 2012", "2011-03-03"),
        ("Mis à jour le 5 mai 2012, publié le 3 mars 2011", "2011-03-03"),
        ("Mars 2011", "2011-03"),
        ("N° 12 - septembre 2014", "2014-09"),
        ("Le 1er août 2009, par Ada Un", "2009-08-01"),
        ("12.03.10", "2010-03-12"),
        ("March 3rd, 2011", "2011-03-03"),
        ("Ven 18 Oct 14:03:10 CEST 2002", "2002-10-18"),
        ("Fri Oct 18 14:03:10 CEST 2002", "2002-10-18"),
        ("Inscrit en mars 2005", ""),
        ("Date d’inscription : mars 2005", ""),
    ],
)
def test_the_date_that_stands_beside_the_title_is_read(line, issued):
    text = "<p>Les ateliers se partagent sans se perdre, et chacun y met du sien chaque jour.</p>"

    assert (
        read("", f"<h1>Les ateliers</h1><p>{line}</p>{text}", url="http://a.fr/x").issued == issued
    )


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2015-03-10T08:00:00+01:00", "2015-03-10"),
        ("2015-03", "2015-03"),
        ("2015", "2015"),
        ("20150310", "2015-03-10"),
        ("2015/03/10", "2015-03-10"),
        ("10 mars 2015", ""),
        ("", ""),
    ],
)
def test_dates_become_edtf(text, date):
    assert parse_iso(text) == date


@pytest.mark.parametrize(
    ("url", "date"),
    [
        ("http://a.fr/2015/03/10/48041-titre/", "2015-03-10"),
        ("http://a.fr/2015/3/titre", "2015-03"),
        ("http://a.fr/2015-03-10-titre", "2015-03-10"),
        ("http://a.fr/articles/20150", ""),
        ("http://a.fr/1234/56/78", ""),
    ],
)
def test_addresses_tell_dates(url, date):
    assert parse_url_date(url) == date


@pytest.mark.parametrize(
    "script",
    ["{broken", "[" * 5000, '{"@type": 3}', "null", '{"@type":"Article","author":{"name":null}}'],
)
def test_broken_statements_are_left_aside(script):
    head = f'<script type="application/ld+json">{script}</script><title>Un titre</title>'

    assert read(head).title == "Un titre"


@pytest.mark.parametrize(
    ("name", "declared", "shown"),
    [
        ("Jean d'Alembert", "Jean d'Alembert", "Jean d'Alembert"),
        ("Jean d’Alembert", "Jean d’Alembert", "Jean d’Alembert"),
        ("Jean d'alembert", "", ""),
        ("Jean xyz", "", ""),
        ("Jean l'Xyz", "Jean l'Xyz", "Jean l'Xyz"),
        ("BESSON Raphaël", "Raphaël Besson", "Raphaël Besson"),
        ("Charles DE GAULLE", "Charles de Gaulle", "Charles de Gaulle"),
        ("Z", "", ""),  # two letters at least
        ("Zo", "Zo", ""),  # two words, where it was read of the page's text
        ("AFPAS", "", ""),  # an acronym has five capitals at most
        ("AFPASS", "AFPASS", ""),
        ("A B C D E F", "A B C D E F", "A B C D E F"),  # six words at most
        ("A B C D E F G", "", ""),
        (f"Zoé {'X':x<56}", f"Zoé {'X':x<56}", f"Zoé {'X':x<56}"),  # sixty characters at most
        (f"Zoé {'X':x<57}", "", ""),
        ("Jean Le Monde.fr", "", ""),
        ("L’équipe", "", ""),
        ("Agence du Sud", "", ""),
    ],
)
def test_a_name_has_capitals_two_letters_six_words_and_sixty_characters(name, declared, shown):
    assert "".join(list_persons([name])) == declared
    assert "".join(list_persons([name], is_shown=True)) == shown
