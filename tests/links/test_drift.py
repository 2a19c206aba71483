"""A revised text is told from another text by the word 3-shingles they share."""

import pytest

from indexer.links.drift import (
    Change,
    Drift,
    compare_paragraphs,
    compare_texts,
    shingles_of,
)
from indexer.model import ParagraphChange

# Written for these tests.
PARAGRAPHS = (
    "Le jardin de la rue des Lilas a ouvert un samedi de mars, sous une pluie fine.",
    "Trois voisines en tenaient la clef, et personne ne savait encore qui planterait quoi.",
    "Au bout d’un an, quarante familles s’y relayaient, avec un carnet pour seule règle.",
    "La mairie, d’abord réticente, a fini par prêter une citerne et deux bancs de bois.",
    "Ce que le jardin produit de plus sûr, dit l’une d’elles, ce sont des conversations.",
)
TEXT = "\n\n".join(PARAGRAPHS)
OTHER = (
    "Les trains de nuit reviennent sur les lignes du sud, avec des voitures rénovées et des "
    "horaires qui laissent enfin le temps de dîner avant le départ, puis de dormir."
)


def words_changed(text: str, every: int) -> str:
    return " ".join(
        "autrement" if position % every == every - 1 else word
        for position, word in enumerate(text.split())
    )


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (TEXT, Change.UNCHANGED),
        (TEXT.upper(), Change.UNCHANGED),
        (TEXT.replace(",", " ;"), Change.UNCHANGED),
        (words_changed(TEXT, 20), Change.REVISED),
        (words_changed(TEXT, 5), Change.REWRITTEN),
        (TEXT + "\n\n" + OTHER, Change.EXTENDED),
        (" ".join(TEXT.split()[:20]), Change.CUT),
        (OTHER, Change.OTHER),
        ("Page introuvable", Change.OTHER),
        ("", Change.OTHER),
    ],
)
def test_a_change_has_a_name(now, change):
    assert compare_texts(TEXT, now).change is change


def test_a_paragraph_less_is_a_revision():
    assert compare_texts(TEXT, "\n".join(PARAGRAPHS[:-1])).change is Change.REVISED


def test_shares_are_counted_exactly():
    """a b c d has the shingles abc, bcd; b c d e has bcd, cde."""
    drift = compare_texts("a b c d", "b c d e")

    assert drift == Drift(similarity=1 / 3, kept=0.5, known=0.5, length_ratio=1.0)


def test_two_empty_texts_are_the_same():
    assert compare_texts("", " ").change is Change.UNCHANGED


def test_a_text_too_short_for_a_shingle_is_one():
    assert shingles_of("Page introuvable") == {("page", "introuvable")}
    assert shingles_of("") == frozenset()


def test_the_diff_sets_what_it_says_beside_what_it_said():
    edited = PARAGRAPHS[3].replace("deux bancs", "trois bancs")
    now = (PARAGRAPHS[0], PARAGRAPHS[2], edited, PARAGRAPHS[4], OTHER)

    assert compare_paragraphs(PARAGRAPHS, now) == (
        ParagraphChange(before=PARAGRAPHS[1]),
        ParagraphChange(before=PARAGRAPHS[3], now=edited),
        ParagraphChange(now=OTHER),
    )


def test_the_diff_skips_what_went_before_an_edited_paragraph():
    edited = PARAGRAPHS[2].replace("quarante", "cinquante")

    assert compare_paragraphs(PARAGRAPHS[1:3], (edited,)) == (
        ParagraphChange(before=PARAGRAPHS[1]),
        ParagraphChange(before=PARAGRAPHS[2], now=edited),
    )


def test_the_diff_of_a_text_with_itself_is_empty():
    assert compare_paragraphs(PARAGRAPHS, PARAGRAPHS) == ()
