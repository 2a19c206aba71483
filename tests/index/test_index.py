"""From what is known of a text to what is indexed, and what changed since."""

from dataclasses import replace
from datetime import UTC, datetime

from indexer.index import (
    build_documents,
    fingerprint,
    parse_document,
    render_document,
)
from indexer.index.postings import collect_facets
from indexer.model import (
    Article,
    Bibliography,
    Citation,
    Document,
    DocumentKind,
    LinkHealth,
    LinkState,
    Name,
    Note,
    PageKind,
    Paragraph,
    Reference,
)
from tests.engines.shelf import compare

REFERENCE = Reference(
    id="essai-2015", title="Un essai", author=(Name(family="Essai", given="Anne"),),
    issued="2015-03", url="http://www.exemple.test/a",
)  # fmt: skip
BIBLIOGRAPHY = Bibliography(
    references=(REFERENCE,),
    notes=(Note(id="n1", text="Sur cet essai."), Note(id="n2", text="Seule.", section=("A", "B"))),
    citations=(Citation(note_id="n1", reference_id="essai-2015"),),
)


def test_a_text_is_tied_to_the_notes_that_cite_it_and_a_lone_note_stands_alone() -> None:
    text, note = build_documents(BIBLIOGRAPHY, {}, {}, {})
    assert (text.id, text.kind, text.author, text.site) == (
        "essai-2015", DocumentKind.TEXT, "Anne Essai", "exemple.test",
    )  # fmt: skip
    assert [each.id for each in text.notes] == ["n1"]
    assert (note.id, note.kind) == ("n2", DocumentKind.NOTE)


def test_a_document_gives_away_no_password() -> None:
    url = "http://anne:motdepasse@exemple.test/a"
    secret = replace(REFERENCE, url=url, raw=f"Anne Essai, Un essai, {url}")
    (text,) = build_documents(Bibliography(references=(secret,)), {}, {}, {})
    assert text.url == "http://exemple.test/a"
    assert "motdepasse" not in render_document(text)


def test_a_wall_is_not_taken_for_the_text_behind_it() -> None:
    wall = Article(record_id="r", kind=PageKind.CONSENT, paragraphs=(Paragraph(text="Cookies"),))
    article = Article(record_id="r", paragraphs=(Paragraph(text="Le texte"),))
    walled, _ = build_documents(BIBLIOGRAPHY, {"essai-2015": wall}, {}, {})
    read, _ = build_documents(BIBLIOGRAPHY, {"essai-2015": article}, {}, {})
    assert (walled.paragraphs, walled.article_kind) == ((), PageKind.CONSENT)
    assert [paragraph.text for paragraph in read.paragraphs] == ["Le texte"]


def test_a_document_written_and_read_back_is_the_same() -> None:
    link = LinkHealth(state=LinkState.DEAD, checked_at=datetime(2026, 1, 2, tzinfo=UTC))
    for document in build_documents(BIBLIOGRAPHY, {}, {}, {"essai-2015": link}):
        assert parse_document(render_document(document)) == document


def test_what_changed_is_told_by_fingerprints() -> None:
    first, second = build_documents(BIBLIOGRAPHY, {}, {}, {})
    indexed = {first.id: fingerprint(first), second.id: "of before", "gone": "x"}
    new = Document(id="new", kind=DocumentKind.TEXT, title="Neuf")
    changes = compare(indexed, [first, second, new])
    assert [document.id for document in changes.added] == ["new"]
    assert [document.id for document in changes.updated] == ["n2"]
    assert changes.deleted == ("gone",)
    assert changes.unchanged == 1
    assert changes.order == ("essai-2015", "n2", "new")
    assert changes
    assert not compare({first.id: fingerprint(first)}, [first])


def test_whatever_changes_in_the_paragraphs_changes_the_fingerprint() -> None:
    shapes = (
        (), (Paragraph(text="ab"),), (Paragraph(text="a"), Paragraph(text="b")),
        (Paragraph(text="ba"),), (Paragraph(text="ab", kind="heading"),),
        (Paragraph(text="ab", page=1),), (Paragraph(text=""), Paragraph(text="ab")),
    )  # fmt: skip
    text = Document(id="a", kind=DocumentKind.TEXT, title="Un texte")
    told = [fingerprint(replace(text, paragraphs=each)) for each in shapes]
    assert len(set(told)) == len(shapes)
    assert told == [fingerprint(replace(text, paragraphs=each)) for each in shapes]


def test_facets_say_year_site_kind_and_link() -> None:
    text, _ = build_documents(BIBLIOGRAPHY, {}, {}, {})
    facets = collect_facets(text)
    assert (facets["year"], facets["site"], facets["kind"]) == ("2015", "exemple.test", "text")
