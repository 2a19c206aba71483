"""A phrase finds the text that it was copied from, and where it was said to be looked for."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.analysis import cut_chunks
from indexer.analysis.stopwords import ALL_STOPS, ENGLISH, FRENCH
from indexer.engines import (
    Searcher,
    build_index,
    open_searcher,
    read_indexed,
    update_index,
)
from indexer.engines.planning.translate import MOST_READ
from indexer.model import Document, Paragraph
from indexer.search.lexing import ALL_QUOTES
from indexer.withdrawals import WithdrawalFiles
from tests.engines.shelf import compare, found, opened, text
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
        ('"la une à"', []),
        ('"une à la"', []),
        ('"un texte de plus"', ["une"]),
        ('"ce texte de plus"', []),
        ('"texte en plus"', []),
        ('"récit est à"', ["titre"]),
        ('"récit à la une"', []),
        ('"the plough clears a track"', []),
        ("« l’article L. 1237-19 du code »", ["loi"]),
        ("« un article L. 1237-19 du code »", []),
        ("« l’urba\u00adnité et zéro »", ["ville"]),
        ("« l’urbanité ou zéro »", []),
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


def _stands_in(phrase: list[str], words: list[str]) -> bool:
    """Tell whether a phrase stands among words: small ones as typed, or any where none is."""
    rows = [_part(each) for each in (phrase, words)]
    (wanted, small), (held, between) = rows
    if not wanted:
        length = len(small[0])
        return any(
            run[first : first + length] == small[0] for run in between for first in range(len(run))
        )
    ends = len(wanted) - 1
    return any(
        held[first : first + len(wanted)] == wanted
        and (not small[0] or between[first][-len(small[0]) :] == small[0])
        and between[first + ends + 1][: len(small[-1])] == small[-1]
        and all(
            not small[place] or small[place] == between[first + place]
            for place in range(1, len(wanted))
        )
        for first in range(len(held) - ends)
    )


def _part(words: list[str]) -> tuple[list[str], list[list[str]]]:
    """Part words into those that count, and the small ones before each and after the last."""
    telling: list[str] = []
    small: list[list[str]] = [[]]
    for word in words:
        if word in _SMALL:
            small[-1].append(word)
        else:
            telling.append(word)
            small.append([])
    return telling, small


_SMALL = ("de", "la", "et", "pour", "une")


def test_a_phrase_finds_just_the_texts_that_have_its_small_words_in_order(tmp_path: Path) -> None:
    """Random rows of few words, so that most stand somewhere in another order."""
    draw = random.Random(1429)
    others = ("jardin", "forêt", "moulin")

    def write(most: int) -> list[str]:
        return draw.choices([*_SMALL, *others * 2], k=draw.randint(2, most))

    texts = [(write(5), [write(9), write(9)], write(5)) for _ in range(60)]
    shelf = [
        replace(
            text(f"{number}", " ".join(title), note=" ".join(note)),
            paragraphs=tuple(Paragraph(text=" ".join(words)) for words in body),
        )
        for number, (title, body, note) in enumerate(texts)
    ]
    with opened(tmp_path, *shelf) as searcher:
        for _ in range(60):
            phrase = write(5)
            for field in ("", "titre:", "texte:", "note:"):
                expected = [
                    f"{number}"
                    for number, (title, body, note) in enumerate(texts)
                    if any(
                        _stands_in(phrase, part)
                        for name, part in (
                            ("titre:", title), *(("texte:", each) for each in body), ("note:", note)
                        )
                        if field in ("", name)
                    )
                ]  # fmt: skip
                query_text = f"{field}« {' '.join(phrase)} »"
                ids = sorted(key for key, _ in searcher.rank(query_text, 100))
                assert ids == sorted(expected), query_text
            total = searcher.search(f"« {' '.join(phrase)} »", extracts=False, page_size=1).total
            assert total == len(searcher.rank(f"« {' '.join(phrase)} »", 100))


def test_small_words_are_marked_in_their_row_alone(tmp_path: Path) -> None:
    with opened(tmp_path, text("a", "", "La une est là. Il est à la une, une fois.")) as searcher:
        for query_text in ("« est à la une »", "est à la une"):
            (hit,) = searcher.search(query_text).hits
            (snippet,) = hit.snippets
            assert [snippet.text[start:end] for start, end in snippet.marks] == [
                "est", "à", "la", "une",
            ]  # fmt: skip
            assert snippet.marks[0][0] == snippet.text.index("est à")


def test_what_is_marked_of_a_phrase_is_the_row_that_answers(tmp_path: Path) -> None:
    body = "Le moulin et la rivière. Le moulin de la rivière. Un moulin."
    with opened(tmp_path, text("a", "", body)) as searcher:
        (hit,) = searcher.search("« moulin de la rivière »").hits
    (snippet,) = hit.snippets
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["moulin", "rivière"]
    assert snippet.marks[0][0] > body.index("rivière")


@pytest.mark.slow
def test_where_too_many_texts_would_be_read_it_is_said(tmp_path: Path) -> None:
    shelf = (text(f"{number}", "", "Une ville") for number in range(MOST_READ))
    rest = [text(f"rest-{number}", "", "La rare ville") for number in range(2)]
    with opened(tmp_path, *shelf, *rest) as searcher:
        many = searcher.search("« la ville »", page_size=1)
        few = searcher.search("« la rare »", page_size=1)
    assert [each.key for each in many.unread] == ["query.unread.small-words"]
    assert many.total == MOST_READ + 2
    assert (few.unread, few.total) == ((), 2)


def test_small_words_are_read_in_the_texts_of_now_and_in_none_that_is_withdrawn(
    tmp_path: Path,
) -> None:
    of, and_ = "Le moulin de la rivière.", "Le moulin et la rivière."
    before = [text("a", "", of), text("b", "", and_), text("c", "", of), text("d", "", of)]
    after = [text("a", "", and_), text("b", "", of), text("d", "", of), text("e", "", of)]
    folder, withdrawn = tmp_path / "index", tmp_path / "withdrawn.txt"
    build_index(folder, before)
    searcher = open_searcher(folder, WithdrawalFiles([withdrawn]))
    try:
        query_text = "« moulin de la rivière »"
        assert sorted(found(searcher, query_text)) == ["a", "c", "d"]
        update_index(folder, compare(read_indexed(folder), after))
        assert sorted(found(searcher, query_text)) == ["b", "d", "e"]
        withdrawn.write_text("d\n", encoding="utf-8")
        assert sorted(found(searcher, query_text)) == ["b", "e"]
        assert searcher.search(query_text).total == 2
    finally:
        searcher.close()
