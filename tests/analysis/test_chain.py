"""From a text to its tokens: what a reader would say are its words."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import (
    LANGUAGES,
    analyse,
    analyse_query,
    choose_reading,
    cut_chunks,
    find_spaced_chunks,
)
from indexer.analysis.stemming import stem_french


def stems(text: str, language: str = "fr") -> set[str]:
    return {token.stem for token in analyse(text, language) if not token.is_stop}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("les lieux", "un lieu"), ("des jeux", "le jeu"), ("l’action publique", "l'action public"),
        ("ils participent", "participer"), ("ils participaient", "participer"),
        ("les élus locaux", "local"), ("démissionner", "démission"), ("licenciée", "licencié"),
        ("travailler", "travail"), ("payé", "payer"), ("définition", "définir"),
        ("macros", "macro"), ("inspecteur", "inspection"), ("modification", "modifier"),
        ("acteur·rices", "actrices"), ("citoyen(ne)s", "citoyennes"), ("habitant-e-s", "habitants"),
        ("XXIᵉ siècle", "21e siècle"), ("1er mai", "Ier mai"), ("S.N.C.F.", "sncf"),
        ("10\u202f000 habitants", "10000 habitant"), ("article L. 1234-5", "articles L1234-5"),
        ("CO₂", "CO2"), ("e\u0301conomie", "ÉCONOMIE"), ("cœur", "coeur"), ("ﬁnance", "finance"),
        ("langage C++", "langages c++"), ("en C#", "c#"), ("Notepad++", "notepad"),
        ("citoyens·nes", "citoyennes"), ("lecteurs·rices", "lectrices"), ("élus·es", "élue"),
        ("acteur·ice·s", "actrice"), ("français·es", "française"), ("heureux·euse", "heureuse"),
        ("presqu’île", "presqu'ile"), ("aujourd’hui", "aujourd'hui"),
        ("énergétique", "energetique"), ("ils finissent", "finir"), ("ils forment", "former"),
    ],
)  # fmt: skip
def test_two_spellings_are_one_word(one: str, other: str) -> None:
    assert stems(one) & stems(other)
    assert stems(other) <= stems(one) | stems(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("université", "univers"), ("commune", "communication"), ("département", "départ"),
        ("organe", "organisation"), ("forme", "formation"), ("COP", "coopération"),
        ("France", "franc"), ("française", "franc"), ("ville", "village"), ("pays", "payer"),
        ("habitat", "habit"), ("police", "politique"), ("banc", "banque"), ("VIe siècle", "vie"),
        ("poisson", "poison"), ("base", "basse"), ("maire", "mairie"), ("désert", "dessert"),
        ("aujourd'hui", "hui"), ("C++", "C#"), ("C#", "f#"), ("transition", "transe"),
        ("document", "docu"),
    ],
)  # fmt: skip
def test_two_words_stay_two(one: str, other: str) -> None:
    assert not {token.stem for token in analyse(one)[:1]} & stems(other)


@pytest.mark.parametrize(
    ("figures", "written"),
    [
        ("1er", "premier"), ("1re", "premières"), ("1ers", "premiers"), ("Ier", "première"),
        ("2e", "deuxième"), ("3èmes", "troisième"), ("XVIe", "seizième"),
    ],
)  # fmt: skip
def test_an_ordinal_in_figures_is_the_word(figures: str, written: str) -> None:
    (one,), (other,) = analyse(figures), analyse_query(written)
    assert set(one.names) & set(other.names)
    (one,), (other,) = analyse_query(figures), analyse(written)
    assert set(one.names) & set(other.names)


def test_a_letter_is_not_the_language_that_bears_its_name() -> None:
    assert [token.exact for token in analyse("en C++, en C# et en C++17") if not token.is_stop] == [
        "c++", "c#", "c++", "17",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["Tous·tes", "Tou·te·s", "tou·s·tes", "tous(tes)", "tous/toutes", "Tous.tes"]
)
def test_all_are_men_and_women(text: str) -> None:
    assert [token.exact for token in analyse(text)] == ["tous", "toutes"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("un éco-quartier", ["eco", "quartier", "ecoquartier"]),
        ("les tiers‑lieux", ["tiers", "lieux", "tierslieux"]),
        ("le déve-\nloppement", ["deve", "loppement", "developpement"]),
        ("main-d’œuvre", ["main", "oeuvre", "mainoeuvre"]),
        ("va-t-on", ["va"]),
        ("dites-le-lui", ["dites"]),
        ("donne-m'en", ["donne"]),
        ("va-t’en", ["va"]),
        ("un rendez-vous", ["rendezvous"]),
        ("arc-en-ciel", ["arc", "ciel", "arcenciel"]),
        ("Val-le-Moulin", ["val", "moulin", "vallemoulin"]),
        ("voir data.gouv.fr", ["voir", "data", "gouv", "fr"]),
    ],
)
def test_a_compound_is_its_parts_and_one_word(text: str, parts: list[str]) -> None:
    found = [token.exact for token in analyse(text) if not token.is_stop]
    assert found == parts


def test_english_and_french_never_share_a_stem() -> None:
    assert not stems("cities", "en") & stems("cities", "fr")
    assert stems("the cities", "en") == {"en|citi"}


@given(st.text(max_size=200))
def test_every_token_stands_where_it_says(text: str) -> None:
    end = 0
    for token in analyse(text):
        assert 0 <= token.start < token.end <= len(text)
        if not token.is_alias:
            assert token.start >= end
            end = token.end


@given(st.text(alphabet="aeéèhiîdLDRC+#0123*,/-’'·.() \n\u00a0\u202f", max_size=80))
@example("10 000 habitants")
@example("l’article L. 1234-5, puis 10 000 000.")
@example("l’article R. * 123-4")
@example("d’L. 123-4 et 3.10 000")
@example("Aujourd’ hui")
@example("la commu-\n nauté")
def test_an_index_reads_what_a_passage_reads(text: str) -> None:
    """What stands between blanks is cut alone, but for words that hold some."""
    spaced = find_spaced_chunks(text)
    if spaced is None:
        return
    cut: list[tuple[int, str]] = []
    done = 0
    for start, end in (*spaced, (len(text), len(text))):
        for piece in re.compile(r"\S+").finditer(text, done, start):
            cut += cut_chunks(piece.group(), piece.start())
        if start < end:
            cut.append((start, text[start:end]))
        done = end
    assert cut == list(cut_chunks(text))


def test_hardly_any_text_is_cut_whole() -> None:
    assert find_spaced_chunks("l’article L. 1234-5, puis 10 000 mots") == [(10, 19), (26, 32)]
    assert find_spaced_chunks("d’L. 123-4") is None


@given(st.text(alphabet="abcdefghijlmnopqrstuvxyz", min_size=1, max_size=20))
def test_a_stem_is_never_empty_nor_accented(word: str) -> None:
    assert stem_french(word)
    assert stem_french(word).isascii()


@pytest.mark.parametrize("word", ["économie", "énergétique", "rénové", "égalité", "créées", "été"])
def test_accents_typed_or_not_give_one_stem(word: str) -> None:
    plain = word.replace("é", "e").replace("è", "e")
    assert stems(word) == stems(plain)


_BARED = "Les eleves de l'ecole vont a velo de l'autre cote de la vallee, meme en ete."


@pytest.mark.parametrize(
    ("text", "is_bared"),
    [
        (_BARED, True),
        ("Voici cote ici.", False),
        ("Voici eleve ici.", True),
        (f"{_BARED} Voilà !", False),
        ("Le marche du dimanche et la cote d'un livre rare dans une salle du port.", False),
        ("The cote of a small town of the north, as told by all who were there then.", False),
        ("", False),
        ("2014 – 2016", False),
    ],
)
def test_a_text_without_any_accent_is_read_as_if_it_had_lost_them(text: str, is_bared: bool):
    assert (choose_reading(text, "fr") not in LANGUAGES) is is_bared
    assert choose_reading(text, "en") == "en"


def test_a_text_that_has_lost_its_accents_is_found_by_each_accented_reading():
    names = {name for token in analyse(_BARED) for name in token.names}
    for word in ("élève", "école", "vélo", "côté", "côte", "cote", "vallée"):
        (token,) = analyse(word)
        assert set(token.names) <= names, word
    (kept,) = (each for each in analyse(f"{_BARED} Voilà !") if each.exact == "cote")
    assert kept.names == ("cote",)
