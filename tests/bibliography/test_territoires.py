"""A page of bibliography as people wrote it, read as a careful person reads it (golden/)."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.bibliography import read_bibliography
from indexer.bibliography.blocks import Role
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.page import read_roles
from indexer.bibliography.plaintext import parse_blocks
from indexer.model import Bibliography
from tests import BIBLIOGRAPHY

TEXT = (BIBLIOGRAPHY / "territoires.txt").read_text("utf-8")
GOLDEN = json.loads((Path(__file__).parent / "golden" / "territoires.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def territoires() -> Bibliography:
    return read_bibliography(BIBLIOGRAPHY)


def read_text(tmp_path: Path, text: str) -> Bibliography:
    (tmp_path / "territoires.txt").write_text(text, "utf-8")
    return read_bibliography(tmp_path)


def cited_by(bibliography: Bibliography, note_id: str) -> list[str]:
    return [one.reference_id for one in bibliography.citations if one.note_id == note_id]


def test_every_reference_is_read_as_in_the_golden_file(territoires):
    assert [
        {
            "line": one.place.line,
            "id": one.id,
            "author": [name.display for name in one.author],
            "title": one.title,
            "container_title": one.container_title,
            "editor": [name.display for name in one.editor],
            "publisher": one.publisher,
            "publisher_place": one.publisher_place,
            "issued": one.issued,
            "url": one.url,
            "section": list(one.section),
        }
        for one in territoires.references
    ] == GOLDEN["references"]


def test_every_note_is_read_with_what_it_cites_as_in_the_golden_file(territoires):
    assert [
        {
            "line": one.place.line,
            "cites": cited_by(territoires, one.id),
            "section": list(one.section),
            "text": one.text.split("\n\n"),
        }
        for one in territoires.notes
    ] == GOLDEN["notes"]


def test_agenda_tools_and_projects_are_entries_of_their_own_kind(territoires):
    assert [
        {"line": one.place.line, "kind": one.kind, "title": one.title, "text": one.text}
        for one in territoires.entries
    ] == GOLDEN["entries"]


def test_there_are_eleven_references_and_five_have_an_address(territoires):
    assert len(territoires.references) == 11
    assert [one.url.split("/")[2] for one in territoires.references if one.url] == [
        "www.urbanews.fr",
        "www.eastbayexpress.com",
        "www.echosciences-grenoble.fr",
        "internetactu.blog.lemonde.fr",
        "www.bretagne-consommation-collaborative.net",
    ]


def test_there_are_nine_headings_under_the_title_and_questions_are_above_statements():
    pieces = read_roles(parse_blocks(TEXT))
    headings = [piece for piece in pieces if piece.role is Role.HEADING]

    assert [(piece.block.line, len(piece.section) - 1) for piece in headings] == [
        (109, 0),
        (111, 1),
        (115, 2),
        (163, 2),
        (191, 1),
        (239, 1),
        (243, 2),
        (255, 2),
        (301, 1),
        (380, 1),
    ]
    assert {piece.section[0] for piece in headings} == {"Territoires"}


def test_no_line_of_the_page_is_lost():
    pieces = read_roles(parse_blocks(TEXT))
    role_by_line = {}
    for piece in pieces:
        lines = piece.lines
        role_by_line |= dict.fromkeys(lines, piece.role)
    furniture = {}
    for number, line in enumerate(TEXT.split("\n"), start=1):
        if not line.strip():
            continue
        assert role_by_line[number] is not Role.BREAK, line
        if role_by_line[number] is Role.FURNITURE:
            furniture[normalise(line)] = furniture.get(normalise(line), 0) + 1

    assert furniture == {"skip to Main Content": 1, "En Savoir plus": 17, ".": 1, "Back To Top": 1}


def test_every_word_of_the_notes_is_a_word_of_the_page(territoires):
    page = normalise(TEXT)

    for note in territoires.notes:
        for paragraph in note.text.split("\n\n"):
            assert paragraph in page


def test_all_identifiers_are_different_and_fit_in_an_address(territoires):
    every = [one.id for one in (*territoires.references, *territoires.notes, *territoires.entries)]

    assert len(every) == len(set(every))
    assert all(set(one) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for one in every)


@pytest.mark.parametrize("note", GOLDEN["notes"][::6], ids=lambda note: f"line {note['line']}")
def test_editing_a_note_changes_no_other_identifier(tmp_path, territoires, note):
    lines = TEXT.split("\n")
    lines[note["line"] - 1] += " Une phrase de plus, écrite plus tard."

    edited = read_text(tmp_path, "\n".join(lines))

    before = [one.id for one in territoires.notes]
    after = [one.id for one in edited.notes]
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == (
        not note["cites"]
    )
    assert [one.id for one in edited.references] == [one.id for one in territoires.references]
    assert [one.id for one in edited.entries] == [one.id for one in territoires.entries]


def test_reordering_sections_changes_no_identifier(tmp_path, territoires):
    lines = TEXT.split("\n")
    starts = [111, 191, 239, 301, 380, 430]
    head, tail = lines[:110], lines[429:]
    sections = [lines[a - 1 : b - 1] for a, b in pairwise(starts)]

    reordered = read_text(tmp_path, "\n".join(sum(reversed(sections), start=head) + tail))

    for kind in ("references", "notes", "entries"):
        assert {one.id for one in getattr(reordered, kind)} == {
            one.id for one in getattr(territoires, kind)
        }
    assert set(reordered.citations) == set(territoires.citations)
    section = {one.id: one.section for one in territoires.notes}
    assert {one.id: one.section for one in reordered.notes} == section
