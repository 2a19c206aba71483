from indexer.model import CitingNote, Document, DocumentKind, Paragraph
from indexer.search import build_match_spec, parse_query
from search_web.pages.concordance import find_lines
from search_web.render.passages import choose_passages

DOCUMENT = Document(
    id="a",
    kind=DocumentKind.TEXT,
    title="A",
    paragraphs=(
        Paragraph(text="La ville commence ici.", page=2),
        Paragraph(text="Rien."),
        Paragraph(text="Longtemps, longtemps avant que la grande rumeur des villes ne vienne, "
                       "et bien après aussi, on marchait dans les champs de blé et d’avoine."),
    ),
    notes=(CitingNote(id="n", text="Une note.\n\nSur la ville."),),
)  # fmt: skip


def test_each_occurrence_has_its_context_and_its_place():
    first, second, third = find_lines(
        DOCUMENT, build_match_spec(parse_query("ville")), most=10
    ).occurrences

    assert (first.before, first.found, first.after) == ("La ", "ville", " commence ici.")
    assert (first.paragraph, first.page, first.note_id) == (1, 2, "")
    assert second.before.startswith("… ") or second.before.startswith("Longtemps")
    assert second.after.endswith(" …")
    assert (third.paragraph, third.note_id) == (None, "n")
    assert third.before == "Une note. ¶ Sur la "


def test_of_a_misspelt_word_what_the_correction_found_is_shown(client):
    page = client.get("/concordance?q=intrenautes").text
    table = client.get("/concordance.csv?q=intrenautes").text
    as_typed = client.get("/concordance?q=intrenautes&telquel=1").text

    assert "<mark" in page
    assert len(table.splitlines()) > 1
    assert "<mark" not in as_typed


def test_too_many_are_cut_and_said():
    lines = find_lines(DOCUMENT, build_match_spec(parse_query("ville")), most=2)

    assert len(lines.occurrences) == 2
    assert lines.is_cut
    assert not find_lines(DOCUMENT, build_match_spec(parse_query("ville")), most=3).is_cut


def test_passages_lead_on_to_the_next_that_answers():
    passages = choose_passages(DOCUMENT, build_match_spec(parse_query("ville")), whole=True)

    assert [(p.number, p.next_number) for p in passages] == [(1, 3), (2, None), (3, None)]


def test_without_a_query_the_opening_is_the_extract():
    (passage,) = choose_passages(DOCUMENT, whole=False)

    assert passage.number == 1
    assert not passage.snippet.marks
