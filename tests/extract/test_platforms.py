"""Where readers miss an article, its platform's rule or the page's own statement gives it."""

import json

import pytest

from indexer.extract import extract_article
from indexer.extract.choice import Chosen
from indexer.extract.markup import parse_markup
from indexer.extract.page import list_declared
from indexer.extract.platforms import PLATFORMS, find_platform, prefer_platform, read_by_platform
from indexer.model import Article, PageKind, Paragraph

TEXTS = [
    f"Le paragraphe {name} parle des ateliers du quartier numéro {n}, puis de la rue numéro "
    f"{n * 7 + 1}, et il finit sans se répéter une seule fois sur la question {n + 100}."
    for n, name in enumerate(("un", "deux", "trois", "quatre", "cinq", "six"))
]
BODY = "".join(f"<p>{text}</p>" for text in TEXTS)
BY_PLATFORM = {
    "yeswiki": "<meta name=generator content=YesWiki><div class=page>{}</div>",
    "mediawiki": "<div id=mw-content-text><div class=mw-parser-output>{}</div></div>",
    "openedition": "<a href=https://a.hypotheses.org/>A</a><div class=entry-content>{}</div>",
    "spip": "<a href=spip.php?article1>Essai</a><div class='crayon article-texte-1 texte'>{}</div>",
    "drupal": "<img src=/sites/default/files/a.png><div class=field-name-body>{}</div>",
    "blogger": "<meta content=blogger name=generator><div class='post-body entry-content'>{}</div>",
    "wordpress": "<img src=/wp-content/a.png><div class=entry-content>{}</div>",
}


def chosen(*texts: str) -> Chosen:
    return Chosen(reader="vote", paragraphs=tuple(Paragraph(text=text) for text in texts))


def texts_of(paragraphs) -> list[str]:
    return [each.text for each in paragraphs]


def test_every_platform_of_the_table_is_tried_here():
    assert {each.name for each in PLATFORMS} == set(BY_PLATFORM)


@pytest.mark.parametrize("name", BY_PLATFORM)
def test_the_rule_of_a_platform_reads_the_body_without_its_shell_or_repeats(name):
    inside = f"{BODY}<p>{TEXTS[0]}</p><nav>Suivant</nav><form>Votre avis</form>"
    markup = f"<html><body>{BY_PLATFORM[name].format(inside)}<p>Ailleurs</p></body></html>"
    platform = find_platform(markup)

    assert platform is not None
    assert platform.name == name
    assert texts_of(read_by_platform(markup, platform).paragraphs) == TEXTS


@pytest.mark.parametrize(
    ("had", "expected"),
    [
        (chosen(TEXTS[0]), "site-rule:wordpress"),
        (chosen(), "site-rule:wordpress"),
        # What the readers found is not in it: it is another text.
        (chosen("Une tout autre chose que personne ne trouve dans le corps."), "vote"),
        (chosen(*TEXTS[:5]), "vote"),
    ],
    ids=["a part of it", "nothing", "something else", "nearly all"],
)
def test_a_rule_is_believed_where_it_holds_what_was_read_and_much_more(had, expected):
    markup = f"<html><body>{BY_PLATFORM['wordpress'].format(BODY)}</body></html>"

    assert prefer_platform(markup, parse_markup(markup), had).reader == expected


def test_no_rule_is_followed_on_an_unknown_platform_or_a_list_of_articles():
    unknown = f"<html><body><div class=entry-content>{BODY}</div></body></html>"
    listing = f"<html><body>{BY_PLATFORM['wordpress'].format(BODY) * 2}</body></html>"

    assert prefer_platform(unknown, parse_markup(unknown), chosen()) == chosen()
    assert prefer_platform(listing, parse_markup(listing), chosen()) == chosen()


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
