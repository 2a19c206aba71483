import pytest

from indexer.model import CitingNote, Document, DocumentKind, Name, Reference
from indexer.search.results import Suggestion
from search_web.shelf import stand
from search_web.suggesting import describe, list_entries, merge, suggest


def text(id: str, title: str, author: str, source: str = "", section: str = "") -> Document:
    return Document(
        id=id,
        kind=DocumentKind.TEXT,
        title=title,
        container_title=source,
        section=(section,) if section else (),
        notes=(CitingNote(id=f"n-{id}", text="Une note."),),
        reference=Reference(id=id, title=title, author=(Name(given="Ève", family=author),)),
    )


ENTRIES = list_entries(
    stand(
        [
            text("a", "Écologie urbaine", "Essai", "La Revue", "Économie et ville"),
            text("b", "La ville et l’école", "Essai", "La Revue", "Économie et ville"),
            text("c", "Un titre " * 20, "Autre"),
        ]
    )
)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("ec", ["Économie et ville", "Écologie urbaine"]),
        ("éco", ["Économie et ville", "Écologie urbaine"]),
        ("ESSAI", ["Ève Essai"]),
        ("ville et l'", ["La ville et l’école"]),
        ("rev", ["La Revue"]),
        ("e", []),
        ("titre", []),
        ("cologie", []),
    ],
)
def test_the_bibliography_suggests_its_own_words(typed, suggested):
    assert [each.text for each in suggest(ENTRIES, typed, 8)] == suggested


def test_there_is_an_end_to_suggestions():
    assert len(suggest(ENTRIES, "l", 1)) == 0
    assert len(suggest(ENTRIES, "la", 1)) == 1


def test_what_is_suggested_says_what_it_is():
    (author,) = suggest(ENTRIES, "essai", 8)

    assert describe(author) == "auteur, 2 textes"
    assert describe(Suggestion(text="ville", document_count=1)) == "1 texte"


def test_nothing_is_suggested_twice():
    words = [Suggestion(text="ecologie urbaine"), Suggestion(text="école")]
    first = suggest(ENTRIES, "écologie", 8)

    assert [each.text for each in merge(first, words, 8)] == ["Écologie urbaine", "école"]
    assert len(merge(first, words, 1)) == 1
