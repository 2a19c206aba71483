"""Where a page contradicts the bibliography, a librarian is told."""

import pytest

from indexer.index.differences import differs_date, differs_title, list_contradictions
from indexer.messages import open_translator
from indexer.model import Article, Name, PageKind, Place, Reference

CITED = Reference(
    id="un-2015",
    title="Les communs de la connaissance",
    author=(Name(family="Un", given="Ada"),),
    issued="2015-03-10",
    place=Place(path="page.txt", line=12),
)


def slugs(**fields: object) -> list[str]:
    told = {"sources": {"issued": "json-ld"}, **fields}
    article = Article(record_id="<1>", **told)  # type: ignore[arg-type]
    return [problem.code for problem in list_contradictions(CITED, article)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"title": "Les Communs de la connaissance, un guide"}, []),
        ({"title": "Une tout autre histoire"}, ["title-differs-from-page"]),
        ({"author": ("ADA UN",)}, []),
        ({"author": ("Bob Deux", "Ada Un")}, []),
        ({"author": ("Bob Deux",)}, ["author-differs-from-page"]),
        ({"issued": "2015-03-10"}, []),
        ({"issued": "2015-03-11"}, ["date-differs-from-page"]),
        ({"issued": "2015-03-11", "sources": {"issued": "text"}}, []),
        ({"title": "Page introuvable", "kind": PageKind.SOFT_404}, []),
    ],
)
def test_each_field_is_compared_and_silence_contradicts_nothing(fields, expected):
    assert slugs(**fields) == expected


def test_a_difference_says_what_each_says_and_where():
    article = Article(record_id="<1>", title="Une tout autre histoire")
    (problem,) = list_contradictions(CITED, article)

    said = open_translator("fr")(problem.said).replace("\u00a0", " ")
    assert "« Une tout autre histoire »" in said
    assert "« Les communs de la connaissance »" in said
    assert (str(problem.place), problem.subject) == ("page.txt:12", "un-2015")


@pytest.mark.parametrize(
    ("cited", "read", "expected"),
    [
        ("2015", "2015-03-10", False),
        ("2014", "2015-03-10", True),
        ("2015-03", "2015-04-01", True),
        ("2014-23", "2014-11-02", False),
        ("2011/2012", "2015-01-01", False),
        ("", "2015-01-01", False),
        ("2015", "", False),
    ],
)
def test_dates_are_compared_as_far_as_both_go(cited, read, expected):
    assert differs_date(cited, read) is expected


def test_titles_are_compared_without_accents_or_case():
    assert not differs_title("Résilience des TERRITOIRES", "resilience des territoires")
    assert not differs_title("", "Un titre")
