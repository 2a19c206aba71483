"""What Zotero's translator makes of our spans: read by its rules, as its source has them."""

from urllib.parse import parse_qsl

import pytest

from indexer.model import Name, Reference
from search_web.interop.embedded_metadata import render_coins


def read(context: str) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(context, strict_parsing=True):
        fields.setdefault(name, []).append(value)
    return fields


def test_a_blog_post_is_read_whole():
    reference = Reference(
        id="essai-2014",
        title="Digital Labor : comment répondre ?",
        type="post-weblog",
        author=(Name(family="Essai", given="Ève"), Name(family="Second", given="Paul")),
        container_title="Un blog",
        issued="2014-12-20",
        url="http://exemple.fr/a?b=c&d=e+f",
        language="fr",
    )

    assert read(render_coins(reference)) == {
        "ctx_ver": ["Z39.88-2004"],
        "rft_val_fmt": ["info:ofi/fmt:kev:mtx:dc"],
        "rft.type": ["blogPost"],
        "rft.title": ["Digital Labor : comment répondre ?"],
        "rft.source": ["Un blog"],
        "rft.identifier": ["http://exemple.fr/a?b=c&d=e+f"],
        "rft.aulast": ["Essai"],
        "rft.aufirst": ["Ève"],
        "rft.au": ["Second, Paul"],
        "rft.date": ["2014-12-20"],
        "rft.language": ["fr"],
    }


def test_keywords_and_abstract_go_with_it():
    reference = Reference(id="a", title="A", abstract="Résumé.", keyword=("ville", "lien"))
    fields = read(render_coins(reference))

    assert fields["rft.subject"] == ["ville", "lien"]
    assert fields["rft.description"] == ["Résumé."]


def test_a_journal_article_has_the_journal_format():
    reference = Reference(
        id="essai-1999",
        title="Titre",
        type="article-journal",
        author=(Name(literal="Collectif"),),
        container_title="La Revue",
        volume="20",
        issue="1",
        page="59-81",
        issued="1999-23",
    )
    fields = read(render_coins(reference))

    assert fields["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:journal"]
    assert fields["rft.atitle"] == ["Titre"]
    assert fields["rft.jtitle"] == ["La Revue"]
    assert (fields["rft.spage"], fields["rft.epage"]) == (["59"], ["81"])
    assert fields["rft.aucorp"] == ["Collectif"]
    assert fields["rft.date"] == ["1999"]
    assert "rft.type" not in fields


@pytest.mark.parametrize(
    ("issued", "date"),
    [("2015-12", "2015-12"), ("2015-13", "2015"), ("2015-21", "2015"), ("2015~", "2015")],
)
def test_a_date_is_what_iso_8601_knows(issued, date):
    fields = read(render_coins(Reference(id="a", title="Titre", issued=issued)))

    assert fields["rft.date"] == [date]


@pytest.mark.parametrize(
    ("kind", "url", "zotero"),
    [
        ("article-newspaper", "http://a.fr", "newspaperArticle"),
        ("report", "http://a.fr", "report"),
        ("document", "http://a.fr", "webpage"),
        ("document", None, "document"),
        ("book", None, "book"),
    ],
)
def test_types_are_said_in_zoteros_words(kind, url, zotero):
    reference = Reference(id="a", title="A", type=kind, url=url)

    assert read(render_coins(reference))["rft.type"] == [zotero]
