"""Passages have 100 to 150 words, cut at sentences, and lose nothing of a text."""

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.meaning.passages import LEAST_WORDS, MOST_WORDS, cut_passages
from indexer.model import CitingNote, Document, DocumentKind, Paragraph

# A sentence is told by how many words it has.
SENTENCES = st.lists(st.integers(1, 60), min_size=1, max_size=40)
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=6)


def make(paragraphs: list[list[int]], title: str = "Un titre") -> Document:
    return Document(
        id="t",
        kind=DocumentKind.TEXT,
        title=title,
        paragraphs=tuple(
            Paragraph(text=" ".join(" ".join(["Mot", *["mot"] * (n - 1)]) + "." for n in lengths))
            for lengths in paragraphs
        ),
    )


def count(passage) -> int:
    return sum(len(each.text.split()) for each in passage.sentences)


@given(PARAGRAPHS)
@settings(max_examples=30)
def test_every_sentence_stands_in_a_passage_and_none_has_more_words_than_may_be(paragraphs):
    document = make(paragraphs)
    passages = cut_passages(document)
    seen = dict.fromkeys(each for passage in passages for each in passage.sentences)
    places = list(seen)
    assert places == sorted(places, key=lambda each: (each.paragraph, each.start))
    told = " ".join(each.text for each in places)
    assert told.split() == " ".join(each.text for each in document.paragraphs).split()
    assert all(count(passage) <= MOST_WORDS for passage in passages)
    # A sentence has at most 60 words here, so that only so much can be wanting.
    assert all(count(passage) >= MOST_WORDS - 60 for passage in passages[:-1])


@given(PARAGRAPHS)
@settings(max_examples=30)
def test_a_sentence_is_what_stands_at_its_place(paragraphs):
    document = make(paragraphs)
    for passage in cut_passages(document):
        for each in passage.sentences:
            told = document.paragraphs[each.paragraph].text[each.start : each.end]
            assert " ".join(told.split()) == each.text


def test_the_last_passage_begins_earlier_rather_than_be_short():
    passages = cut_passages(make([[20] * 8]))
    assert [count(each) for each in passages] == [140, 100]
    assert passages[0].sentences[-1] == passages[1].sentences[-2]
    assert all(count(each) >= LEAST_WORDS for each in passages)


def test_a_sentence_longer_than_a_passage_comes_in_pieces():
    passages = cut_passages(make([[400]]))
    assert [count(each) for each in passages] == [150, 150, 100]


def test_the_title_is_embedded_with_each_passage_and_changes_its_key():
    one, other = cut_passages(make([[120]])), cut_passages(make([[120]], title="Un autre"))
    assert one[0].text.startswith("Un titre. Mot mot")
    assert one[0].key != other[0].key
    assert one[0].key == cut_passages(make([[120]]))[0].key


def test_a_text_without_an_article_is_its_title_and_a_note_what_it_says():
    bare = Document(id="t", kind=DocumentKind.TEXT, title="Un livre.")
    cited = CitingNote(id="n", text="Ce que dit la note.")
    note = Document(id="n", kind=DocumentKind.NOTE, title="", notes=(cited,))
    assert [each.text for each in cut_passages(bare)] == ["Un livre."]
    assert [each.text for each in cut_passages(note)] == ["Ce que dit la note."]
    # What a note says of a text is not in the text.
    assert [
        each.text for each in cut_passages(Document(**vars_of(bare) | {"notes": (cited,)}))
    ] == ["Un livre."]
    assert cut_passages(Document(id="t", kind=DocumentKind.TEXT, title="")) == ()


def vars_of(document: Document) -> dict[str, object]:
    return {name: getattr(document, name) for name in document.__slots__}
