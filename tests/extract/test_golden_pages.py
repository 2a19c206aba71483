"""What is read on the five platforms that the bibliography cites.

The page of each is ours (tests/data/pages); what a reader would read on it stands beside it, a
paragraph a line, as `<page>.expected.txt`: "kind: text".
"""

import pytest

from indexer.extract import FINGERPRINT, extract_article
from indexer.messages import NOTHING
from indexer.model import Article, PageKind
from tests.replay import PAGES_FOLDER, read_pages

PAGES = read_pages()
URL_BY_PAGE = {
    "urbanews-fab-city": next(url for url in PAGES if "urbanews" in url),
    "eastbayexpress-sharing-economy": next(url for url in PAGES if "eastbay" in url),
    "echosciences-tiers-lieux": next(url for url in PAGES if "echosciences" in url),
    "lemonde-digital-labor": next(url for url in PAGES if "lemonde" in url),
    "bretagne-mouvement": next(url for url in PAGES if "bretagne" in url),
}


def read(name: str) -> Article:
    page = PAGES[URL_BY_PAGE[name]]
    return extract_article(page.payload, headers=page.headers, url=page.url, record_id=f"<{name}>")


@pytest.mark.parametrize("name", URL_BY_PAGE)
def test_the_text_is_the_article_and_nothing_else(name):
    expected = (PAGES_FOLDER / f"{name}.expected.txt").read_text(encoding="utf-8")

    assert [f"{each.kind}: {each.text}" for each in read(name).paragraphs] == expected.splitlines()


@pytest.mark.parametrize(
    ("name", "title", "author", "issued", "site_name"),
    [
        (
            "urbanews-fab-city",
            "La Fab City de Barcelone ou la réinvention du droit à la ville",
            ("Raphaël Besson",),
            "2015-03-10",
            "UrbaNews.fr",
        ),
        (
            "eastbayexpress-sharing-economy",
            "The True Sharing Economy",
            ("Zoe Oja Tucker",),
            "2015-11-04",
            "East Bay Express",
        ),
        (
            "echosciences-tiers-lieux",
            "Tiers lieux et fabrique des villes contemporaines",
            ("Raphaël Besson",),
            "2014-03-17",
            "Echosciences Grenoble",
        ),
        (
            "lemonde-digital-labor",
            "Digital Labor\u00a0: comment répondre à l’exploitation croissante du moindre de nos "
            "comportements\u202f?",
            ("Hubert Guillaud",),
            "2014-12-20",
            "InternetActu",
        ),
        (
            "bretagne-mouvement",
            "Les conditions d’un développement du mouvement de la consommation collaborative en "
            "Bretagne",
            (),
            "2015-05-28",
            "Bretagne consommation collaborative",
        ),
    ],
)
def test_the_page_says_who_wrote_it_when_and_where(name, title, author, issued, site_name):
    article = read(name)

    assert (article.title, article.author, article.issued) == (title, author, issued)
    assert article.site_name == site_name


@pytest.mark.parametrize("name", URL_BY_PAGE)
def test_each_is_an_article_in_french(name):
    article = read(name)

    assert (article.kind, article.evidence) == (PageKind.ARTICLE, NOTHING)
    assert article.language == "fr"  # even where the chrome of the site is English
    assert article.record_id == f"<{name}>"
    assert article.extractor == FINGERPRINT


def test_every_field_says_where_it_was_read():
    sources = read("eastbayexpress-sharing-economy").sources

    assert (sources["title"], sources["author"], sources["issued"]) == ("json-ld",) * 3
    assert read("lemonde-digital-labor").sources["issued"] == "url"
