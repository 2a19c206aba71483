from datetime import UTC, datetime

from indexer.model import (
    CitingNote,
    Document,
    DocumentKind,
    LinkHealth,
    LinkState,
    Paragraph,
    Place,
    Reference,
)
from search_web.shelf import ContentsLine, list_contents, stand


def line(number: int) -> Place:
    return Place(path="bibliographie.txt", line=number)


def text(id: str, at: int, *notes: CitingNote, section: tuple[str, ...] = ("A",)) -> Document:
    return Document(
        id=id,
        kind=DocumentKind.TEXT,
        title=id,
        url=f"http://exemple.fr/{id}",
        section=section,
        notes=notes,
        reference=Reference(id=id, title=id, place=line(at)),
        paragraphs=(Paragraph(text="un article"),),
        link=LinkHealth(state=LinkState.ALIVE, checked_at=datetime(2026, 11, at, tzinfo=UTC)),
    )


ONE = CitingNote(id="n1", text="Une note.", section=("A",), place=line(3))
TWO = CitingNote(id="n2", text="Deux textes.", section=("A",), place=line(7))
LOST = CitingNote(id="n3", text="Sans texte.", section=("B",), place=line(9))
ALONE = Document(id="n3", kind=DocumentKind.NOTE, title="B", section=("B",), notes=(LOST,))
SHELF = stand([text("t1", 2, ONE), text("t3", 6, TWO), text("t2", 5, TWO), text("t0", 1), ALONE])


def test_notes_stand_in_the_order_of_the_bibliography():
    assert list(SHELF.notes) == ["n1", "n2", "n3"]
    assert [(n.previous_id, n.next_id) for n in SHELF.notes.values()] == [
        ("", "n2"),
        ("n1", "n3"),
        ("n2", ""),
    ]


def test_a_note_may_cite_several_texts_or_none():
    assert SHELF.notes["n2"].text_ids == ("t3", "t2")
    assert SHELF.notes["n3"].text_ids == ()


def test_texts_stand_with_the_notes_about_them():
    assert [(entry.text_ids, entry.note_ids) for entry in SHELF.entries] == [
        (("t0",), ()),
        (("t1",), ("n1",)),
        (("t2", "t3"), ("n2",)),
        ((), ("n3",)),
    ]


def test_a_note_stands_once_however_its_texts_are_tied():
    tied = stand([text("t1", 1, ONE), text("t2", 2, ONE, TWO), text("t3", 4, TWO)])

    assert [(entry.text_ids, entry.note_ids) for entry in tied.entries] == [
        (("t1", "t2", "t3"), ("n1", "n2"))
    ]


def test_the_contents_say_on_which_page_a_section_begins():
    assert list_contents(SHELF.entries, 2) == (
        ContentsLine(("A",), 1, 1, 3),
        ContentsLine(("B",), 2, 2, 1),
    )


def test_the_articles_themselves_are_not_kept():
    assert all(not document.paragraphs for document in SHELF.texts.values())


def test_links_are_counted_and_the_last_visit_known():
    assert SHELF.link_counts == {LinkState.ALIVE: 4}
    assert SHELF.visited_at == datetime(2026, 11, 6, tzinfo=UTC)
    assert stand([]).visited_at is None
