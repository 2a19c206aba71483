"""Public reports: what is read of a PDF."""

import pypdfium2
import pytest

from indexer.extract import extract_article
from indexer.extract.pdf import join_lines, read_page
from indexer.messages import open_translator
from indexer.model import Article, PageKind
from tests.extract.pdfs import Drawn, column, write_pdf

LONG = "L'économie collaborative transforme les territoires, et les élus s'en saisissent peu à peu."


def read(payload: bytes) -> Article:
    return extract_article(
        payload, headers={"content-type": "text/html"}, url="http://a.example/r", record_id="<r>"
    )


def page_of(text: str, *, top: float = 700) -> list[Drawn]:
    words = text.split()
    lines = [" ".join(words[n : n + 9]) for n in range(0, len(words), 9)]
    return column(*lines, top=top)


def test_paragraphs_know_their_page():
    article = read(write_pdf(page_of(f"{LONG} " * 3), page_of("La seconde page est brève. " * 4)))

    assert [paragraph.page for paragraph in article.paragraphs] == [1, 2]
    assert article.paragraphs[0].text.startswith("L'économie collaborative transforme")
    assert (article.kind, article.language) == (PageKind.ARTICLE, "fr")


def test_words_cut_at_line_ends_are_joined():
    lines = column(
        "Le rapport décrit les mécanismes d'innova-",
        "tions territoriales réussies et propose plusieurs recom-",
        "mandations pour aider la puissance publique, c'est-",
        "à-dire l'État, peut-",
        "être aussi les communes.",
    )

    text = read(write_pdf([*lines, *page_of(f"{LONG} " * 3, top=500)])).text

    assert "d'innovations territoriales" in text
    assert "recommandations pour" in text
    assert "peut-être aussi" in text


@pytest.mark.parametrize(
    ("line", "after", "joined"),
    [
        ("une innova-", "tion sociale", "une innovation sociale"),
        ("dit-", "il alors", "dit-il alors"),
        ("le Pas-", "Calais", "le Pas-Calais"),
        ("fini.", "Puis", "fini. Puis"),
        ("http://a.example/long-", "path", "http://a.example/longpath"),
        ("entre 2010 -", "et 2015", "entre 2010 - et 2015"),
    ],
)
def test_a_hyphen_stays_where_french_wants_one(line, after, joined):
    from collections import Counter

    assert join_lines(line, after, Counter()) == joined


def test_running_heads_and_page_numbers_are_dropped():
    pages = [
        [
            Drawn(text="Rapport annuel", baseline=800, size=9),
            *page_of(f"Page {word}. {LONG} {LONG}"),
            Drawn(text=f"{number} / 4", left=280, baseline=40, size=9),
        ]
        for number, word in enumerate(("une", "deux", "trois", "quatre"), start=1)
    ]

    text = read(write_pdf(*pages)).text

    assert "Rapport annuel" not in text
    assert "/ 4" not in text
    assert "Page trois." in text


def test_columns_drawn_row_by_row_are_read_one_after_the_other():
    left = column(*[f"gauche {n} du texte de la colonne" for n in range(8)], left=60, size=9)
    right = column(*[f"droite {n} du texte de la colonne" for n in range(8)], left=320, size=9)
    rows = [line for pair in zip(left, right, strict=True) for line in pair]

    text = read(write_pdf(rows)).text

    assert text.index("gauche 7") < text.index("droite 0")


def test_a_line_ends_where_its_last_letter_does_beside_another_column_too():
    alone, beside = column("colonne de gauche"), column("colonne de gauche")
    beside += column("colonne de droite", left=320)

    pages = [read_page(pypdfium2.PdfDocument(write_pdf(drawn)), 0) for drawn in (alone, beside)]

    assert [[line.text for line in page] for page in pages] == [
        ["colonne de gauche"],
        ["colonne de gauche", "colonne de droite"],
    ]
    assert pages[0][0] == pages[1][0]
    assert 72 < pages[0][0].right < 320 == pages[1][1].left < pages[1][1].right


def test_big_letters_are_headings_and_bullets_items():
    article = read(
        write_pdf(
            [
                Drawn(text="Les tiers lieux", baseline=760, size=20),
                *page_of(f"{LONG} " * 3),
                *column("• un espace ouvert", "• un atelier partagé", top=560),
            ]
        )
    )

    kinds = {paragraph.text: paragraph.kind for paragraph in article.paragraphs}
    assert kinds["Les tiers lieux"] == "heading"
    assert kinds["un atelier partagé"] == "item"
    assert article.title == "Les tiers lieux"


def test_a_document_that_was_made_on_the_day_of_the_crawl_is_not_dated_by_that():
    payload = write_pdf(page_of(f"{LONG} " * 4), created="D:20151104093000+01'00'")
    days = {"Wed, 04 Nov 2015 10:00:00 GMT": "", "Thu, 05 Nov 2015 10:00:00 GMT": "2015-11-04"}

    for day, issued in days.items():
        article = extract_article(
            payload, headers={"Date": day}, url="http://a.example/a.pdf", record_id="<p>"
        )
        assert article.issued == issued


def test_what_the_document_says_of_itself_is_kept():
    article = read(
        write_pdf(
            page_of(f"{LONG} " * 4),
            title="Le travail en partage",
            author="Une Autrice",
            created="D:20151104093000+01'00'",
        )
    )

    assert (article.title, article.author, article.issued) == (
        "Le travail en partage",
        ("Une Autrice",),
        "2015-11-04",
    )
    assert article.sources["issued"] == "pdf"


@pytest.mark.parametrize(
    ("payload", "kind", "said"),
    [
        (write_pdf(page_of(LONG * 4), lock=True), PageKind.UNREADABLE, "mot de passe"),
        (b"%PDF-1.4\nrien de bon", PageKind.UNREADABLE, "abîmé"),
        (write_pdf(page_of(LONG * 4))[:300], PageKind.UNREADABLE, "abîmé"),
        (write_pdf([], [], page_of("Une page")), PageKind.NO_TEXT, "OCR"),
        (write_pdf(page_of("Trop court.")), PageKind.STUB, "signes"),
    ],
)
def test_what_cannot_be_read_says_why(payload, kind, said):
    article = read(payload)

    assert article.kind is kind
    assert said in open_translator("fr")(article.evidence)
