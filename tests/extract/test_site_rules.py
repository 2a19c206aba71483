"""Site rules are followed first; what a page states is taken where its markup shows less."""

import json
from pathlib import Path

import pytest

import indexer.extract
from indexer.errors import SiteRuleError
from indexer.extract import extract_article, read_site_rules
from indexer.extract.declared import list_declared
from indexer.extract.site_rules import (
    BUILT_IN,
    SiteRules,
    parse_rule,
    read_built_in,
)
from indexer.extract.workers import Job, extract_articles
from indexer.model import Article, PageKind

TEXTS = [
    f"Le paragraphe {name} parle des ateliers du quartier numéro {n}, puis de la rue numéro "
    f"{n * 7 + 1}, et il finit sans se répéter une seule fois sur la question {n + 100}."
    for n, name in enumerate(("un", "deux", "trois", "quatre", "cinq", "six"))
]
BODY = "".join(f"<p>{text}</p>" for text in TEXTS)
TITLE = "Les ateliers du quartier"
CITED = (
    f"<meta name=citation_title content='{TITLE}'><meta name=citation_author content='Un, Ada'>"
    "<meta name=citation_publication_date content='2014-05-04'>"
)
# A page of each rule: its address, its head, its body; what is said of who and when.
PAGES = {
    "openedition": (
        "https://journals.openedition.org/ateliers/12",
        CITED,
        "<h1 id=docTitle>Les ateliers du quartier</h1><div id=text class=section><h2>Texte</h2>"
        "<div class=textandnotes>{}</div></div><div id=quotation><p>Pour citer</p></div>",
    ),
    "hypotheses": (
        "https://ateliers.hypotheses.org/12",
        "",
        "<h1 class=entry-title>Les ateliers du quartier</h1><span class=byline>par <span class="
        "'author vcard'>Ada Un</span></span><time class='entry-date published' "
        "datetime='2014-05-04T10:00'>4 mai</time><div class=entry-content>{}<div class="
        "citer-ce-billet>OpenEdition vous propose de citer ce billet</div></div>",
    ),
    "spip": (
        "http://ateliers.example/spip.php?article12",
        "<meta name=generator content='SPIP 3.0.17'>",
        "<ul><li><h3 class='crayon article-titre-9'><a href=/9>Un autre article</a></h3></li></ul>"
        "<div class='crayon article-titre-8'>Le même jour</div>"
        "<h1 class='crayon article-titre-12'>Les ateliers du quartier</h1><p>4 mai 2014, par "
        "<span class='vcard author'>Ada Un</span></p><div class='crayon article-texte-12 texte'>{}"
        "</div><div class=encart>Autres textes de la rubrique</div>",
    ),
    "dotclear": (
        "http://blog.example/post/2014/05/04/ateliers",
        "<meta name=generator content='Dotclear 2.1'>",
        "<h1><a href=/>Le carnet</a></h1><h2 class=post-title>Les ateliers du quartier</h2>"
        "<p class=post-info>Par Ada Un le dimanche 4 mai 2014, 13:44</p>"
        "<div class=post-content>{}</div><p class=autre>Fil des billets</p>",
    ),
    "overblog": (
        "http://ateliers.over-blog.com/article-12.html",
        "",
        "<div class=dateArticle>Dimanche 4 mai 2014</div><div class=divTitreArticle><h2><a href=#>"
        "Les ateliers du quartier</a></h2></div><div class=contenuArticle>{}</div><p class=option>"
        "Par Ada Un</p>",
    ),
    "blogger": (
        "http://ateliers.blogspot.fr/2014/05/ateliers.html",
        "<meta name=generator content=blogger>",
        "<h2 class=date-header>4 mai 2014</h2><h3 class='post-title entry-title'>Les ateliers du "
        "quartier</h3><div class='post-body entry-content'>{}<div class=post-share-buttons>Envoyer"
        "</div></div><p>Publié par <span class=fn rel=author>Ada Un</span></p>",
    ),
    "lemonde": (
        "https://www.lemonde.fr/idees/article/2014/05/04/les-ateliers_12_3232.html",
        "",
        "<header class=article__header><h1 class=article__title>Les ateliers du quartier</h1>"
        "<span class=meta__author>Par Ada Un</span></header><section class=article__content>{}"
        "<section class=catcher>Lire aussi Un autre texte</section></section>",
    ),
    "lemonde-blogs": (
        "http://ateliers.blog.lemonde.fr/2014/05/04/ateliers/",
        "",
        "<h2 class=entry-title>Les ateliers du quartier</h2><p class=byline>Par Ada Un</p>"
        "<div class=entry-content>{}<div class=sharedaddy>Partager</div></div>",
    ),
    "mediapart": (
        "https://www.mediapart.fr/journal/france/040514/les-ateliers",
        "",
        "<h1 class='l-article__title title'>Les ateliers du quartier</h1><p class=author>"
        "<a class=journalist href=/u>Ada Un</a></p><p class=date>4 mai 2014 à 08h45</p>"
        "<div class='news__body__center__article content-article'>{}</div><div class=boost>"
        "Écrivez-nous</div>",
    ),
    "reporterre": (
        "https://reporterre.net/Les-ateliers",
        "<meta name=generator content='SPIP 4.1'>",
        "<h1>Les ateliers du quartier</h1><p class=auteurs>Par Ada Un</p><p class=date>4 mai 2014 "
        "à 22h37</p><div class='texte crayon'>{}</div><div class=don-article>Soutenir</div>",
    ),
    "legifrance": (
        "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT12",
        "",
        "<div class=page-content><h1 class=main-title>Les ateliers du quartier</h1><div class="
        "summary-annexe>Sommaire</div><div class=content-text>{}</div></div>",
    ),
    "vie-publique": (
        "https://www.vie-publique.fr/eclairage/12-ateliers",
        "",
        "<h1>Les ateliers du quartier</h1><div class=date-publi>Publié le <time>4 mai 2014</time>"
        "</div><div class=auteur>Par : Ada Un</div><div class=texte-riche>{}</div>"
        "<section class=avis>Ce contenu vous a-t-il été utile</section>",
    ),
    "wikipedia": (
        "https://fr.wikipedia.org/wiki/Ateliers",
        "",
        "<h1 id=firstHeading>Les ateliers du quartier</h1><div id=mw-content-text><div class="
        "infobox>Fiche</div>{}</div>",
    ),
    "yeswiki": (
        "http://wiki.example/?Ateliers",
        "<meta name=generator content=YesWiki><title>Les ateliers du quartier</title>",
        "<div id=yw-container><div class=page>{}</div><div class=footer>Éditer la page</div></div>",
    ),
    "persee": (
        "https://www.persee.fr/doc/ateliers_12",
        CITED,
        "<div id=teiViewer>{}</div><div class=autres>Voir les numéros</div>",
    ),
    "cairn": (
        "https://shs.cairn.info/revue-ateliers-2014-1-page-12",
        CITED,
        "<div id=article-texte>{}</div><div class=autres>Acheter ce numéro</div>",
    ),
    "hal": (
        "https://hal.science/hal-12",
        CITED,
        "<div class=abstract-content>{}</div><div class=export>BibTeX TEI Dublin Core</div>",
    ),
}
SAYS_NOBODY = {"legifrance", "wikipedia", "yeswiki"}


def page_of(name: str) -> bytes:
    _, head, body = PAGES[name]
    menu = "<div class=gauche><p>Accueil</p><p>Plan du site</p></div>"
    head = f"<meta charset=utf-8>{head}"
    return (
        f"<html lang=fr><head>{head}</head><body>{menu}{body.format(BODY)}</body></html>".encode()
    )


def read(payload: bytes, url: str, rules: SiteRules = BUILT_IN) -> Article:
    return extract_article(payload, headers={}, url=url, record_id="<a>", rules=rules)


def texts_of(paragraphs) -> list[str]:
    return [each.text for each in paragraphs]


def test_every_rule_has_its_page_here_and_says_on_what_it_was_tried():
    folder = Path(indexer.extract.__file__).parent / "sites"

    assert {each.name for each in read_built_in()} == set(PAGES)
    for file in folder.glob("*.txt"):
        assert "\nverified: " in file.read_text("utf-8"), file


@pytest.mark.parametrize("name", PAGES)
def test_the_page_of_a_site_is_read_by_its_rule(name):
    article = read(page_of(name), PAGES[name][0])

    assert article.sources["text"] == f"site-rule:{name}"
    assert texts_of(article.paragraphs) == TEXTS
    assert article.title == TITLE
    assert article.author == (() if name in SAYS_NOBODY else ("Ada Un",))
    assert article.issued == ("" if name in SAYS_NOBODY else "2014-05-04")


OWN = "title: //h4\nbody: //div[@class='a']\nstrip: //i\nstrip_id_or_class: pub\nverified: no\n"
OWN_PAGE = (
    f"<html><body><h1>Autre</h1><h4>{TITLE}</h4><div class=a>{BODY}<i>Publicité</i><p id=pub1>Et "
    f"encore</p></div></body></html>"
).encode()


def test_an_owner_s_rule_comes_before_ours_and_changes_the_name_of_the_extractor(tmp_path):
    folder = tmp_path / "site-rules"
    none = read_site_rules(folder)
    folder.mkdir()
    (folder / "fr.wikipedia.org.txt").write_text(OWN, "utf-8")
    rules = read_site_rules(folder)

    article = read(OWN_PAGE, "https://fr.wikipedia.org/wiki/Ateliers", rules)
    (other,) = extract_articles(
        [Job(payload=b"%PDF-", url="http://a.example/", record_id="<b>")], rules=rules, processes=1
    )

    assert none == BUILT_IN
    assert (article.title, texts_of(article.paragraphs)) == (TITLE, TEXTS)
    assert article.sources["text"] == "site-rule:fr.wikipedia.org"
    assert article.extractor == other.extractor == rules.extractor != BUILT_IN.extractor
    (folder / "fr.wikipedia.org.txt").write_text(f"{OWN}# changed", "utf-8")
    assert read_site_rules(folder).extractor != rules.extractor
    assert read(OWN_PAGE, "https://fr.example/", rules).sources["text"] != article.sources["text"]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("titel: //h1", "no directive"),
        ("//h1", "no directive"),
        ("title: //h1[", "no XPath 1.0"),
        ("body: unknown(//h1)", "no XPath 1.0"),
        ("title:", "has no value"),
        ("host: http://a.example/", "no host"),
        ("host: localhost", "no host"),
    ],
)
def test_a_bad_line_is_told_with_its_file_its_line_and_what_to_do(tmp_path, line, what):
    file = tmp_path / "a.example.txt"
    file.write_text(f"# a site\n\n{line}\n", "utf-8")

    with pytest.raises(SiteRuleError, match=what) as caught:
        read_site_rules(tmp_path)

    assert str(caught.value).startswith(f"{file}:3: ")
    assert caught.value.hint


def test_a_file_that_is_of_no_site_or_no_utf_8_is_told(tmp_path):
    file = tmp_path / "ateliers.txt"
    for payload, what in ((b"title: //h1\n", "tells of no site"), (b"# \xe9\n", "no UTF-8")):
        file.write_bytes(payload)
        with pytest.raises(SiteRuleError, match=what) as caught:
            read_site_rules(tmp_path)
        assert str(file) in str(caught.value)


def test_directives_of_fivefilters_that_fetch_or_tidy_are_passed_over():
    text = "title: //h1\ntidy: no\nprune: no\nhttp_header(user-agent): a\ntest_url: http://a.fr/\n"

    rule = parse_rule(text, name="www.ateliers.example", where="a")

    assert rule.hosts == ("ateliers.example",)
    assert rule.paths["title"] == ("//h1",)


@pytest.mark.parametrize(
    "body",
    [
        "<div class=post-content>{0}</div><div class=post-content>{0}</div>",  # a list of articles
        "<div class=post-content><p>Court.</p></div><div>{0}</div>",
        "<div>{0}</div>",
    ],
)
def test_a_rule_whose_body_is_not_there_or_there_twice_leaves_the_page_to_the_readers(body):
    head = "<head><meta name=generator content='Dotclear 2'></head>"
    markup = f"<html>{head}<body class=dc-x>{body.format(BODY)}</body></html>"

    article = read(markup.encode(), "http://a.example/")

    assert not article.sources["text"].startswith("site-rule")


def declare(shown: str, **more) -> Article:
    stated = {"@type": "NewsArticle", "headline": "Essai", "articleBody": "\n".join(TEXTS), **more}
    markup = (
        "<html lang=fr><head><title>Essai</title><script type=application/ld+json>"
        f"{json.dumps(stated)}</script></head><body><article>{shown}</article></body></html>"
    )
    return extract_article(markup.encode(), headers={}, url="https://a.example/", record_id="<a>")


@pytest.mark.parametrize(
    ("shown", "more", "reader"),
    [
        ("<div id=root></div>", {}, "json-ld"),
        (f"<p>{TEXTS[0]}</p>", {}, "json-ld"),
        (BODY, {}, "vote"),
        (f"<p>{TEXTS[0]}</p>", {"articleBody": TEXTS[0]}, "vote"),
    ],
    ids=["an empty shell", "its beginning", "all of it", "no more than is stated"],
)
def test_what_a_page_states_is_taken_where_its_markup_shows_much_less(shown, more, reader):
    article = declare(shown, **more)

    assert article.sources["text"] == reader
    assert article.kind is (PageKind.STUB if more else PageKind.ARTICLE)
    assert texts_of(article.paragraphs) == (TEXTS[:1] if more else TEXTS)


@pytest.mark.parametrize("said", [False, "False", "http://schema.org/False"])
def test_what_a_paywall_hides_is_not_taken(said):
    article = declare(f"<p>{TEXTS[0]}</p>", isAccessibleForFree=said)

    assert article.kind is PageKind.PAYWALL
    assert texts_of(article.paragraphs) == TEXTS[:1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Un.\n\nDeux.\r\nTrois.", ["Un.", "Deux.", "Trois."]),
        ("<p>L&#8217;un.</p><p>Deux.</p>", ["L’un.", "Deux."]),
        ("&lt;p&gt;Un &amp;amp; deux.&lt;/p&gt;", ["Un & deux."]),
        ("Si a < b, alors b > a.", ["Si a < b, alors b > a."]),
    ],
    ids=["lines", "HTML", "HTML escaped", "plain text"],
)
def test_a_stated_body_is_read_as_text_or_as_html(body, expected):
    assert texts_of(list_declared(body)) == expected
