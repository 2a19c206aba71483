"""What extraction decides by numbers, on both sides of each: a stub, a language, a PDF's title."""

import pytest

from indexer.extract.document import EMPTY_TITLES, find_title, read_text_article
from indexer.extract.metadata import find_language
from indexer.extract.pdf import Line, PdfReading
from indexer.model import PageKind, Paragraph

FRENCH = "Les habitants du quartier ont ouvert un atelier de réparation dans une ancienne gare. "
ENGLISH = "The people of the town have opened a workshop for repairs in what was once a station. "


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a" * 249, PageKind.STUB),
        ("a" * 250, PageKind.ARTICLE),
        (f"{'a' * 125}\n\n{'a' * 124}", PageKind.STUB),
        (f"{'a' * 125}\n\n{'a' * 125}", PageKind.ARTICLE),
    ],
)
def test_a_text_of_less_than_250_characters_is_a_stub(text, kind):
    article = read_text_article(text.encode(), content_type="text/plain", record_id="r")

    assert article.kind is kind
    assert bool(article.evidence) == (kind is PageKind.STUB)
    assert sum(len(each.text) for each in article.paragraphs) == len(text.replace("\n", ""))
    assert dict(article.sources)["text"] == "plain"


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ((FRENCH * 3)[:200], "", "fr"),
        ((FRENCH * 3)[:200], "en", "fr"),  # what is written is surer than what is declared
        ((FRENCH * 3)[:199], "en", "en"),
        ((FRENCH * 3)[:199], "", ""),
        ((ENGLISH * 3)[:200], "fr", "en"),
        ("court", "fr-CA", "fr"),
        ("court", "FR_fr", "fr"),
        ("court", "français", ""),
        ("court", "f", ""),
        (FRENCH * 3, "pl", "pl"),  # one that is not told from others here
        (FRENCH * 3, "x1", "fr"),
        ((FRENCH * 12)[:1_000] + ENGLISH * 60, "", "fr"),
    ],
)
def test_a_language_is_that_of_200_characters_or_what_the_page_declares(text, declared, language):
    assert find_language(text, declared=declared) == language


def line(text, size=10.0):
    return Line(text=text, left=0, right=100, baseline=0, size=size)


HEADING = (Paragraph(text="Un intertitre", kind="heading"), Paragraph(text="Un texte."))


@pytest.mark.parametrize(
    ("declared", "drawn", "title"),
    [
        ("Ville", [], ("Ville", "pdf")),
        ("Vill", [], ("Un intertitre", "text")),
        (f"{EMPTY_TITLES[0]} 1", [], ("Un intertitre", "text")),
        ("", [line("Petit texte"), line("Le grand titre", 20)], ("Le grand titre", "text")),
        ("", [line("Le grand titre", 20), line("suite", 19.5)], ("Le grand titre suite", "text")),
        ("", [line("Le grand titre", 20), line("autre", 19.0)], ("Le grand titre", "text")),
        ("", [line("III", 40), line("Le titre", 20)], ("Le titre", "text")),
        ("", [line(f"mot{n}", 20) for n in range(6)], ("mot0 mot1 mot2 mot3", "text")),
        ("", [line("x" * 250, 20)], ("x" * 200, "text")),
    ],
)
def test_the_title_of_a_pdf_is_declared_or_drawn_in_the_biggest_letters(declared, drawn, title):
    reading = PdfReading(pages=(tuple(drawn),), page_count=1, title=declared)

    assert find_title(reading, HEADING) == title
