"""A phrase finds the text that it was copied from, and where it was said to be looked for."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.analysis import cut_chunks
from indexer.analysis.stopwords import ALL_STOPS, ENGLISH, FRENCH
from indexer.engines import Searcher
from indexer.model import Document
from indexer.search.lexing import ALL_QUOTES
from tests.engines.shelf import found, opened, text
from tests.library import Library

SHELF = (
    text("plough", "Snow", "The plough clears the tracks. There is not one left.", language="en"),
    text("car", "Roads", "We do not own the car our town has.", language="en"),
    text("une", "À la une", "Un texte de plus."),
    text("titre", "Un texte", "Ce récit est à la une des journaux, peut-être que oui."),
    text("note", "Un autre", "Rien ici.", note="Il est à la une."),
    text("loi", "Code", "L’article L. 1237-19 du code."),
    text("réglement", "Règlement", "L’article R. 1237-19 du code.", site="gazette.test"),
    text("norme", "Norme", "Selon ISO 14001:2015 et selon RFC7946.", site="gazette.test"),
    text("format", "Format", "Voir la RFC 7946.", site="revue.test"),
    text("ville", "Ville",
         "L’urbanisme, l’urba\u00adnité et zéro\u200blargeur, éco-\u2060quartier."),
)  # fmt: skip


@pytest.mark.parametrize(
    ("query_text", "ids"),
    [
        ('"clears the tracks"', ["plough"]),
        ("“the plough clears”", ["plough"]),
        ("« clears the »", ["plough"]),
        ('"there is not"', ["plough"]),
        ('"not own the car our"', ["car"]),
        ('texte:"clears the tracks"', ["plough"]),
        ('titre:"clears the tracks"', []),
        ('"clears tracks the plough"', []),
        ('titre:"à la une"', ["une"]),
        ('texte:"à la une"', ["titre"]),
        ('note:"à la une"', ["note"]),
        ('"à la une"', ["note", "titre", "une"]),
        ('"est à la une"', ["note", "titre"]),
        ('auteur:"à la une"', []),
        ('"peut-être que"', ["titre"]),
        ("« R. 1237-19 »", ["réglement"]),
        ("« L. 1237-19 »", ["loi"]),
        ("1237-19", ["loi", "réglement"]),
        ("rfc7946", ["format", "norme"]),
        ("RFC7946", ["format", "norme"]),
        ("RFC 7946", ["format", "norme"]),
        ("RFC-7946", ["format", "norme"]),
        ("rfc 7946", ["format", "norme"]),
        ("iso14001", ["norme"]),
        ("ISO 14001", ["norme"]),
        ("l'urban*", ["ville"]),
        ("l’urban*", ["ville"]),
        ("urban*", ["ville"]),
        ("l'urbanizme~", ["ville"]),
        ("largeur", ["ville"]),
        ("zéro\u200blargeur", ["ville"]),
        ("« zéro largeur »", ["ville"]),
        ("urbanité", ["ville"]),
        ("ur\u2060bani\ufeffté", ["ville"]),
        ("écoquartier", ["ville"]),
    ],
)
def test_what_is_typed_finds(searcher: Searcher, query_text: str, ids: list[str]) -> None:
    assert sorted(found(searcher, query_text, as_typed=True)) == sorted(ids)


@pytest.mark.parametrize(
    "typed",
    [
        "www.gazette.test",
        "gazette.test",
        "WWW.Gazette.TEST",
        "https://gazette.test/x",
        "https://www.gazette.test:8080/x?a=b*c",
        "http://gazette.test",
        "gazette.test/x",
        '"https://gazette.test/"',
    ],
)
def test_a_site_is_a_host_however_it_is_pasted(searcher: Searcher, typed: str) -> None:
    assert sorted(found(searcher, f"site:{typed}")) == ["norme", "réglement"]
    assert found(searcher, f"1237-19 SAUF site:{typed}") == ["loi"]
    filters = {"site": (typed.strip('"'),)}
    assert sorted(found(searcher, "", filters=filters)) == ["norme", "réglement"]


def test_what_a_phrase_of_english_found_is_marked(searcher: Searcher) -> None:
    (hit,) = searcher.search('"clears the tracks"').hits
    marked = {snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks}
    assert marked == {"clears", "tracks"}


def draw_phrases(draw: random.Random, document: Document, count: int) -> Iterator[str]:
    """Two to six words of a text, as they stand there."""
    for _ in range(count):
        paragraph = draw.choice(document.paragraphs).text
        words = [(start, start + len(word)) for start, word in cut_chunks(paragraph)]
        length = draw.randint(2, 6)
        if len(words) < length:
            continue
        first = draw.randrange(len(words) - length + 1)
        phrase = paragraph[words[first][0] : words[first + length - 1][1]]
        if ALL_QUOTES.isdisjoint(phrase):
            yield phrase


@pytest.mark.parametrize("count", [30, pytest.param(100, marks=pytest.mark.campaign)])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_phrase_finds_the_text_it_was_copied_from(
    library: Library, library_searcher: Searcher, language: str, count: int
) -> None:
    draw = random.Random(language)
    documents = [each for each in library.documents if each.language == language]
    documents = [each for each in documents if each.paragraphs]
    tried, stops = 0, 0
    for document in draw.sample(documents, count):
        for phrase in draw_phrases(draw, document, 5):
            for quoted in (f'"{phrase}"', f"“{phrase}”", f"« {phrase} »"):
                ids = {key for key, _ in library_searcher.rank(quoted, 3000)}
                assert document.id in ids, quoted
            tried += 1
            words = phrase.lower().split()
            stops += words[0] in {"fr": FRENCH, "en": ENGLISH}[language]
    assert tried > 3 * count
    assert stops > 0.3 * count


def test_a_phrase_of_any_words_of_both_languages_finds_its_text(tmp_path: Path) -> None:
    """Texts drawn at random, small words of both languages beside others."""
    draw = random.Random(14)
    small = [word for word in sorted(ALL_STOPS) if len(word) > 1]
    others = ("plough", "track", "ville", "jardin", "l’atelier", "d’eau", "peut-être", "celui-ci")
    shelf = [
        text(f"{number}", "", " ".join(draw.choices([*small, *others * 6], k=30)),
             language=("fr", "en")[number % 2])
        for number in range(40)
    ]  # fmt: skip
    with opened(tmp_path, *shelf) as searcher:
        for document in shelf:
            words = document.paragraphs[0].text.split()
            for _ in range(8):
                length = draw.randint(2, 6)
                first = draw.randrange(len(words) - length + 1)
                phrase = " ".join(words[first : first + length])
                assert document.id in found(searcher, f'"{phrase}"'), phrase
