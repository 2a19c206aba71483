"""Texts turned round by arrays are what one would write down word by word."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import analyse, cut_chunks
from indexer.engines.embedded.inversion import (
    STEPS,
    TokenStream,
    TokenTable,
    sum_lengths,
    unpack_steps,
)
from indexer.engines.embedded.postings import (
    LAST_PLACE,
    PLACE_BITS,
    FieldColumns,
    FieldJoin,
    Kernel,
    PairColumns,
    count_side_by_side,
    find_pairs,
    order_postings,
)
from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_STEMS,
    ALL_STOP_PAIRS,
    BODY,
    BODY_START,
    GAP,
    NOTE,
    TITLE,
    TITLE_EXACT,
    TITLE_STEMS,
)
from indexer.index.postings import Part, list_parts
from indexer.model import CitingNote, Document, DocumentKind, Paragraph
from tests.engines.test_exactness import build

WORDS_TEXT = "la ville de l’eau éco-quartier habitant·e·s et à co XXIe villes"
WORDS = WORDS_TEXT.split()
TEXTS = st.lists(
    st.sampled_from(
        [
            "la",
            "ville",
            "de",
            "l’eau",
            "éco-quartier",
            "habitant·e·s",
            "et",
            "à",
            "co",
            "XXIe",
            "villes",
        ]
    ),
    max_size=7,
).map(" ".join)
DOCUMENTS = st.lists(st.lists(st.tuples(TEXTS, st.booleans()), max_size=4), max_size=5)


Placed = dict[str, dict[int, list[int]]]  # term -> document -> places


def unfold(columns: FieldColumns | None) -> dict[str, dict[int, list[int]]]:
    """Term -> document -> its places, or how often it stands there."""
    unfolded: dict[str, dict[int, list[int]]] = {}
    if columns is None:
        return unfolded
    places = None if columns.places is None else columns.places.tolist()
    place, posting = 0, 0
    for term, end in zip(columns.terms, columns.ends.tolist(), strict=True):
        held = unfolded[term.decode()] = {}
        for doc, count in zip(
            columns.docs[posting:end].tolist(), columns.counts[posting:end].tolist(), strict=True
        ):
            held[doc] = [count] if places is None else places[place : place + count]
            place += count
        posting = end
    return unfolded


def pair_columns(columns: FieldColumns) -> PairColumns:
    """Every two terms side by side, as they are found where texts are turned round."""
    assert columns.places is not None
    terms = np.repeat(np.arange(len(columns.terms)), np.diff(columns.ends, prepend=0))
    ranks, docs = (np.repeat(each, columns.counts) for each in (terms, columns.docs))
    order = np.lexsort((columns.places, docs))
    return find_pairs(ranks[order], docs[order], columns.places[order])


def invert(documents: list[list[Part]], *, first: int = 0) -> dict[str, FieldColumns]:
    stream = TokenStream(TokenTable())
    for doc, parts in enumerate(documents, first):
        for part in parts:
            stream.add(doc, part)
    return stream.invert()


def write_down(documents: list[list[Part]]) -> tuple[Placed, Placed, Counter[str]]:
    """Every stem and every name with its places in all texts, word by word; each form's count."""
    stems: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    names: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    forms: Counter[str] = Counter()
    for doc, parts in enumerate(documents):
        place = -1
        for part in parts:
            first = place + 1
            for token in analyse(part.text, part.language):
                forms[token.exact] += 1
                if token.is_stop:
                    continue
                if not token.is_alias:
                    place += 1
                stems[token.stem][doc].append(max(place, first))
                for name in token.names:
                    names[name][doc].append(max(place, first))
            place += GAP
    return _freeze(stems), _freeze(names), forms


def count(held: Placed) -> Placed:
    """How often each term stands in each document, in place of where."""
    return {term: {doc: [len(at)] for doc, at in docs.items()} for term, docs in held.items()}


def _freeze(held: Mapping[str, Mapping[int, list[int]]]) -> Placed:
    return {term: dict(places) for term, places in held.items()}


@given(DOCUMENTS)
def test_stems_and_names_stand_where_they_are_read(
    documents: list[list[tuple[str, bool]]],
) -> None:
    texts = [[Part(text, "fr", TITLE if own else "") for text, own in each] for each in documents]
    columns = invert(texts)
    stems, names, forms = write_down(texts)
    assert unfold(columns.get(ALL)) == names
    assert unfold(columns.get(ALL_STEMS)) == count(stems)
    exact = unfold(columns.get(ALL_EXACT))
    counted = {form: sum(map(sum, held.values())) for form, held in exact.items()}
    assert counted == dict(forms)
    title_stems, titles, _ = write_down([[each for each in parts if each.field] for parts in texts])
    assert unfold(columns.get(TITLE)) == titles
    assert unfold(columns.get(TITLE_STEMS)) == count(title_stems)
    if ALL in columns:
        lengths = sum_lengths(columns[ALL_STEMS], len(texts)).tolist()
        assert sum(lengths) == sum(
            len(places) for held in stems.values() for places in held.values()
        )


@given(DOCUMENTS, st.integers(0, 5))
def test_parts_joined_are_the_whole(documents: list[list[tuple[str, bool]]], cut: int) -> None:
    texts = [[Part(text, "fr", TITLE if own else "") for text, own in each] for each in documents]
    whole, first, second = invert(texts), invert(texts[:cut]), invert(texts[cut:], first=cut)
    for name, columns in whole.items():
        pieces = FieldJoin([part[name] for part in (first, second) if name in part])
        joined: dict[str, dict[int, list[int]]] = {}
        for piece in pieces:
            joined |= unfold(piece)
        assert joined == unfold(columns)


@given(DOCUMENTS)
def test_pairs_are_what_stands_side_by_side(documents: list[list[tuple[str, bool]]]) -> None:
    columns = invert([[Part(text, "fr") for text, _ in each] for each in documents]).get(ALL)
    if columns is None:
        return
    places = {
        stem: np.array(
            sorted((doc << PLACE_BITS) + place for doc, at in held.items() for place in at),
            np.int64,
        )
        for stem, held in unfold(columns).items()
    }
    expected = {}
    for left, of_left in places.items():
        for right, of_right in places.items():
            docs, counts = count_side_by_side(of_left, of_right)
            if docs.size:
                expected[left, right] = list(zip(docs.tolist(), counts.tolist(), strict=True))
    pairs = pair_columns(columns)
    found = {}
    start = 0
    for pair, end in zip(pairs.pairs.tolist(), pairs.ends.tolist(), strict=True):
        left, right = (columns.terms[term].decode() for term in (pair >> 32, pair & 0xFFFF_FFFF))
        counted = zip(pairs.docs[start:end].tolist(), pairs.counts[start:end].tolist(), strict=True)
        found[left, right] = list(counted)
        start = end
    assert found == expected


# Ends of sentences, numbers that hold blanks, accents or none, blanks and letters of all lengths.
ODD_LETTERS = (
    "LRDACdu019.*-'’`´′\uff07ʼ‘ \u00a0\u2009\u202f\n\t\x1c\x85\u2028\u3000éÉŸœ٣Ωж字😀#+()"
    "\u0301\u00ad\ufeff\ud800"
)
ODD_WORDS = ("000", "hui", "homme", "mots,", "Mots.", "cote", "ete")
ODD = st.lists(st.sampled_from([*ODD_LETTERS, *ODD_WORDS]), max_size=24).map("".join)


@example([(f"le {number} est", "fr") for number in ("L. * 12-3", "L.1", "10 000", "A\u00a07")])
@example([("mot, aujourd’ hui", "fr"), ("Prud' hommes", "fr"), ("un\nmot", "fr"), ("cote", "fr")])
@given(
    st.lists(st.tuples(st.one_of(ODD, st.text(max_size=12)), st.sampled_from(["fr", "en", "de"])))
)
def test_the_kernel_cuts_texts_as_python_does(texts: list[tuple[str, str]]) -> None:
    kernel = build_kernel_once()
    plain, fast = TokenTable(kernel=None), TokenTable(kernel=kernel)
    for batch in (texts[:3], texts[3:]):
        read = list(zip(*batch, strict=True)) or [(), ()]
        one, other = (table.read(*read) for table in (plain, fast))
        for name in ("starts", "ends"):
            assert getattr(one, name).tolist() == getattr(other, name).tolist()
        assert list_tokens(plain, one.numbers) == list_tokens(fast, other.numbers)


POSTINGS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(1, 4)), max_size=40
).map(lambda rows: sorted(rows, key=lambda row: row[1]))


@given(POSTINGS, st.booleans(), st.booleans())
def test_the_kernel_puts_postings_in_order_as_numpy_does(
    rows: list[tuple[int, int, int]], has_counts: bool, has_places: bool
) -> None:
    terms, docs, counts = (np.array([row[at] for row in rows], np.int32) for at in range(3))
    told = counts if has_counts else None
    places = np.arange(counts.sum() if has_counts else len(rows), dtype=np.int32)
    held = places[::-1] if has_places else None
    names = [str(number).encode() for number in range(8)]
    one, other = (
        order_postings(names, terms, docs, told, held, kernel=kernel)
        for kernel in (None, build_kernel_once())
    )
    for left, right in zip(one[1:], other[1:], strict=True):
        assert (left is None) == (right is None)
        assert left is None or (left.tolist(), left.dtype) == (right.tolist(), right.dtype)


def test_pieces_and_their_bytes_are_as_many_as_there_are() -> None:
    kernel = build_kernel_once()
    texts = [" ".join(f"mot{number * step}" for number in range(3_000)) for step in (1, 7, 1)]
    texts += ["x" * 200_000, "fin"]
    plain, fast = TokenTable(kernel=None), TokenTable(kernel=kernel)
    one, other = (table.read(texts, ["fr"] * len(texts)) for table in (plain, fast))
    assert list_tokens(plain, one.numbers) == list_tokens(fast, other.numbers)


def list_tokens(table: TokenTable, numbers: np.ndarray[Any, Any]) -> list[list[tuple[str, int]]]:
    """The forms of the tokens of some pieces, and where their graphic words begin in them."""
    codes, starts, ends = table.pieces()
    forms = table.form_of()
    spans = [(int(ends[number - 1]) if number else 0, int(ends[number])) for number in numbers]
    return [
        [(table.forms.names[forms[codes[at]]], int(starts[at])) for at in range(*span)]
        for span in spans
    ]


@cache
def build_kernel_once() -> Kernel:
    with TemporaryDirectory() as folder:
        return build(Path(folder))


BLANKS = st.sampled_from([" ", "  ", "\u00a0", "\n", " " * 300])


@given(st.lists(st.lists(st.tuples(st.sampled_from([*WORDS, "10 000", "L. 12-3"]), BLANKS))))
def test_where_words_begin_is_kept(paragraphs: list[list[tuple[str, str]]]) -> None:
    texts = ["".join(word + blank for word, blank in words) for words in paragraphs]
    stream = TokenStream(TokenTable())
    # What is in no paragraph is left out.
    stream.add(3, Part("La ville", "fr", TITLE))
    for each in texts:
        stream.add(3, Part(each, "fr", is_body=True))
    expected: list[int] = []
    for text in texts:
        begins = [
            start
            for start, chunk in cut_chunks(text)
            for token in analyse(chunk)
            if not token.is_stop and not token.is_alias
        ]
        before = expected[-1] if expected else 0
        expected += [before + begin for begin in begins]
    steps = stream.invert().get(STEPS)
    if steps is None or steps.places is None:
        assert not expected
        return
    assert unpack_steps(steps.places).tolist() == expected
    assert (steps.docs.tolist(), steps.counts.tolist()) == ([3], [steps.places.size])


def test_stop_words_take_no_place_and_parts_do_not_touch() -> None:
    document = Document(
        id="a", kind=DocumentKind.TEXT, title="Le président de la République",
        paragraphs=(Paragraph(text="Un mot."), Paragraph(text="Fin.")),
        notes=(CitingNote(id="n", text="Une note."),),
    )  # fmt: skip
    columns = invert([list(list_parts(document))])
    assert unfold(columns[TITLE]) == {"président": {0: [0]}, "république": {0: [1]}}
    assert unfold(columns[TITLE_STEMS]) == {"president": {0: [1]}, "republ": {0: [1]}}
    assert unfold(columns[TITLE_EXACT])["de"] == {0: [1]}
    assert unfold(columns[ALL_STOP_PAIRS]) == {"de la": {0: [1]}}
    assert unfold(columns[NOTE]) == {"note": {0: [0]}}
    (place,) = unfold(columns[ALL])["mot"][0]
    assert place > GAP
    (end,) = unfold(columns[ALL])["fin"][0]
    assert unfold(columns[BODY]) == {BODY_START: {0: [place, end]}}


def test_no_place_runs_into_the_next_document() -> None:
    parts = [Part("eau", "fr", is_body=True)] * (LAST_PLACE // GAP + 10)
    columns = invert([parts])
    for field in (ALL, BODY):
        places = columns[field].places
        assert places is not None
        assert places.max() == LAST_PLACE
