"""What a query promises, whatever is asked, tried on 2,000 texts: 1,000 pairs drawn at random.

Adding a filter, a field, or a word by ET or "+" finds no more; order does not count; every number
is what following it finds, also after texts were changed and deleted.
"""

import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from indexer.engines import Searcher, open_searcher, update_index
from indexer.index import Changes
from indexer.model import Paragraph
from tests.library import Library

PAIRS = 1000
FACETS = ("year", "site", "section", "bibliography", "keyword", "language", "kind", "link")
VALUES = {
    "année": ("2004", "2017", "2014..2016", "2009-03", ">2020"),
    "langue": ("fr", "en"),
    "lien": ("mort", "vivant", "bloqué"),
    "type": ("texte", "note"),
    "site": ("gazette", "revue"),
    "rubrique": ("habiter", "exemples"),
}
TEXT_FIELDS = ("titre", "auteur", "note", "texte")


@pytest.fixture(scope="module")
def words(library: Library) -> list[str]:
    """Words of the texts, common and rare, some that no text has, some misspelt."""
    draw = random.Random(14)
    texts = [paragraph.text for each in library.documents for paragraph in each.paragraphs[:2]]
    held = {word.strip(".,;:!?«»()") for text in draw.sample(texts, 400) for word in text.split()}
    plain = [word for word in sorted(held) if word.isalpha() or "’" in word or "-" in word]
    chosen = draw.sample(plain, 220)
    misspelt = [word[:2] + word[3:] for word in chosen if len(word) > 7][:20]
    return [*chosen, *misspelt, "qzxwv", "jard*", "at?lier", "le", "une"]


def make_query(draw: random.Random, words: list[str]) -> str:
    """A query as a reader may type it: words, a phrase, a field, an exclusion, alternatives."""
    some = draw.sample(words, 4)
    shapes = (
        "{0}", "{0}", "{0} {1}", "{0} {1} {2}", "« {0} {1} »", "titre:{0}", "{0} ET {1}",
        "{0} OU {1}", "{0} SAUF {1}", "{0} -{1}", "({0} OU {1}) {2}", "{0}~", "langue:fr {0}",
        "+{0} {1}", "{0} ET NON {1}", "auteur:{0} {1}", "année:2010..2015 {0} {1}",
        "{0} (titre:{1} OU {2})",
    )  # fmt: skip
    return draw.choice(shapes).format(*some)


def make_field(draw: random.Random, words: list[str]) -> str:
    name = draw.choice((*VALUES, *TEXT_FIELDS))
    return f"{name}:{draw.choice(VALUES.get(name) or words)}"


def count(searcher: Searcher, query: str, **how: object) -> int:
    found = searcher.search(query, page_size=1, extracts=False, **how)  # type: ignore[arg-type]
    return found.total


@pytest.mark.slow
def test_a_text_is_found_by_its_address_and_a_person_by_every_writing_of_the_name(
    library, library_searcher
):
    draw = random.Random(1414)
    for document in draw.sample([each for each in library.documents if each.url], 40):
        bare = document.url.partition("://")[2].removeprefix("www.")
        for typed in (document.url, f"https://www.{bare}/?utm_source=x", bare):
            assert library_searcher.search(typed, extracts=False).hits[0].id == document.id, typed
    names = sorted({name for each in library.documents if each.reference is not None
                    for name in each.reference.author if name.given}, key=str)  # fmt: skip
    for name in draw.sample(names, 20):
        initials = "-".join(f"{part[0]}." for part in name.given.split("-"))
        given, family = name.given, name.family
        filters = {"author": (name.display,)}
        total = library_searcher.search("", filters=filters, page_size=1, extracts=False).total
        for typed in (
            f"{given} {family}", f"{family} {given}", f"{family.upper()}, {given}",
            f"{initials} {family}", f"{family} {initials}", f"{family}, {initials}",
        ):  # fmt: skip
            query = f'auteur:"{typed}"'
            assert count(library_searcher, query, filters=filters) == total, typed
            for hit in library_searcher.search(query, page_size=100, extracts=False).hits:
                document = library_searcher.find_document(hit.id)
                people = (*document.reference.author, *document.reference.editor,
                          *document.reference.translator)  # fmt: skip
                assert any(
                    person.given[0] == given[0] and person.family.split()[-1] == family.split()[-1]
                    for person in people
                ), (typed, hit.id)


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.campaign) for part in range(1, 4))]
)
def test_what_is_added_never_finds_more(library_searcher, words, part):
    draw = random.Random(part)
    for _ in range(PAIRS // 4):
        query = make_query(draw, words)
        total = count(library_searcher, query)
        word, field = draw.choice(words), make_field(draw, words)
        name = draw.choice(("language", "kind", "link"))
        value = draw.choice({"language": ["fr", "en"], "kind": ["text"], "link": ["dead"]}[name])
        for more in (f"{query} ET {word}", f"{query} +{word}", f"{query} {field}"):
            assert count(library_searcher, more) <= total, more
        assert count(library_searcher, query, filters={name: (value,)}) <= total, (query, value)


def test_the_order_of_what_is_joined_does_not_count(library_searcher, words):
    draw = random.Random(5)

    def ask(query: str) -> set[str]:
        return {key for key, _ in library_searcher.rank(query, 3000)}

    for _ in range(200):
        one, other = draw.sample(words, 2)
        field = make_field(draw, words)
        assert ask(f"{one} ET {other}") == ask(f"{other} ET {one}")
        assert ask(f"{one} {field}") == ask(f"{field} {one}")


def test_what_is_sought_and_excluded_is_nowhere(library_searcher, words):
    draw = random.Random(6)
    for _ in range(60):
        one, other = draw.sample(words, 2)
        for sought in (one, f"{one} {other}", f"({one} {other})", f"« {one} {other} »"):
            for operator in ("SAUF", "NON", "SANS", "NOT", "ET NON"):
                query = f"{sought} {operator} {sought}"
                assert count(library_searcher, query) == 0, query


def test_what_is_excluded_is_what_having_both_finds(library_searcher, words):
    draw = random.Random(9)
    for _ in range(60):
        one, other = draw.sample([word for word in words if word.isalpha()], 2)
        alone = count(library_searcher, one, as_typed=True)
        if alone and count(library_searcher, other, as_typed=True):  # else another word is sought
            without = count(library_searcher, f"{one} SAUF {other}")
            assert without == alone - count(library_searcher, f"{one} ET {other}"), (one, other)


def test_all_texts_stand_on_the_pages_to_the_last(library_searcher, changed):
    total = count(library_searcher, "type:texte")
    assert total > 1000
    check_pages(library_searcher, total)
    check_pages(changed, count(changed, "type:texte"))


def check_pages(searcher: Searcher, total: int) -> None:
    """Turn all pages of what "type:texte" finds."""
    for sort in ("relevance", "date"):
        ids = [
            hit.id
            for page in range(-(-total // 97))
            for hit in searcher.search(
                "type:texte", page=page + 1, page_size=97, sort=sort, extracts=False
            ).hits
        ]
        assert len(ids) == len(set(ids)) == total


def test_what_is_called_as_it_was_typed_comes_first_and_once(library, library_searcher):
    draw = random.Random(8)
    for each in draw.sample(library.documents, 20):
        hits = library_searcher.search(each.title, page_size=50, extracts=False).hits
        ids = [hit.id for hit in hits]
        assert len(ids) == len(set(ids)), each.title
        assert hits[0].title == each.title


def test_every_number_is_what_following_it_finds(library_searcher, words):
    check_numbers(library_searcher, words, 30)


def check_numbers(searcher: Searcher, words: list[str], tries: int) -> None:
    """Follow the numbers of some searches: facets, words, all the words, suggestions, examples."""
    draw = random.Random(7)
    for tried in range(tries):
        query = make_query(draw, words)
        found = searcher.search(query, page_size=1, extracts=False)
        for name in FACETS:
            values = found.facets.get(name, ())
            # Of one search in ten every value is followed, of the others the first and the last.
            for value in values if tried % 10 == 0 else values[:1] + values[-1:]:
                narrowed = count(searcher, query, filters={name: (value.value,)})
                assert narrowed == value.count, (query, name, value)
        for term in found.terms:
            alone = count(searcher, term.typed, as_typed=True)
            assert alone == term.document_count, (query, term)
        if found.all_words is not None:
            assert count(searcher, found.all_words.query_text) == found.all_words.total, query
        one, other = draw.sample(words, 2)
        both = searcher.search(f"{one} {other}", page_size=1, extracts=False)
        if both.all_words is not None and not both.corrections:
            assert both.all_words.total == count(searcher, f"{one} ET {other}"), (one, other)
        for each in searcher.suggest(draw.choice(words)[: draw.randint(2, 6)]):
            assert count(searcher, each.text) == each.document_count, each
    for example in searcher.examples():
        assert count(searcher, example.query_text, as_typed=True) > 0, example


@pytest.mark.parametrize("name", ["bibliography", "keyword", "section"])
def test_every_value_of_a_facet_is_what_its_filter_finds(library_searcher, changed, name):
    for searcher in (library_searcher, changed):
        found = searcher.search("", filters={"kind": ("text", "note")}, extracts=False)
        values = found.facets[name]
        assert values
        for value in values:
            assert count(searcher, "", filters={name: (value.value,)}) == value.count, value


@pytest.fixture(scope="module")
def changed(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """The library after a fifth of its texts was deleted, and another fifth rewritten."""
    index = tmp_path_factory.mktemp("changed") / "index"
    shutil.copytree(library.index, index)
    documents = library.documents
    rewritten = tuple(
        replace(each, paragraphs=(*each.paragraphs, Paragraph(text="Un mot de plus : zigoufle.")))
        for each in documents[1::5]
    )
    kept = [each.id for number, each in enumerate(documents) if number % 5]
    update_index(
        index,
        Changes(
            updated=rewritten,
            deleted=tuple(each.id for each in documents[::5]),
            order=tuple(kept),
        ),
    )
    with closing(open_searcher(index)) as searcher:
        yield searcher


@pytest.mark.slow
def test_every_number_is_what_following_it_finds_after_changes(library, changed, words):
    assert count(changed, "zigoufle") == len(library.documents[1::5])
    check_numbers(changed, words, 30)
