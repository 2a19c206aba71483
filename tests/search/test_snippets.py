"""The passages that answer, and what is marked in them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.analysis import READINGS
from indexer.analysis.chain import analyse_chunk
from indexer.analysis.chunks import CHUNK
from indexer.model import CitingNote, Paragraph
from indexer.search import parse_query
from indexer.search.match_spec import build_match_spec
from indexer.search.matches import may_be_one_of, open_prefilter
from indexer.search.snippets import LONGEST, cut_sentences, find_marks, make_mentions, make_snippets

FILLER = "Une phrase qui ne dit rien de particulier et qui remplit la place. " * 6


def marked(query_text: str, text: str, language: str = "fr") -> list[str]:
    wanted = build_match_spec(parse_query(query_text))
    return [text[start:end] for start, end in find_marks(text, wanted, language)]


@pytest.mark.parametrize(
    ("query_text", "text", "marks"),
    [
        ("exploiter", "L’exploitation des internautes.", ["exploitation"]),
        ("exploitation", "Ils exploitent les internautes.", []),
        ("devoir", "Ils doivent partir.", ["doivent"]),
        ("maïs", "Mais le maïs est mûr.", ["maïs"]),
        ("tiers-lieu", "Les tiers‑lieux ruraux", ["tiers‑lieux"]),
        ("écoquartier", "Un éco-quartier neuf", ["éco-quartier"]),
        ("« éco-quartier rural »", "Un écoquartier rural, un éco rural", ["écoquartier", "rural"]),
        ("« éco, quartier rural »", "Un écoquartier rural", []),
        ("resilience", "L’été, la RÉSILIENCE", ["RÉSILIENCE"]),
        ("habitants", "Les habitant·e·s du quartier", ["habitant·e·s"]),
        ("« tiers lieu »", "Un lieu, un tiers, des tiers lieux", ["tiers", "lieux"]),
        ("« président de la république »", "Le président, sa femme, la République. "
         "Le président de la République", ["président", "République"]),
        ("mutualis*", "Mutualiser, mutualisation", ["Mutualiser", "mutualisation"]),
        ("ville -campagne", "La ville et la campagne", ["ville"]),
        ("auteur:besson ville", "Besson décrit la ville", ["ville"]),
        ("l'exploitation des internautes", "l'exploitation des gens", ["exploitation"]),
        ("21e siècle", "La ville du XXIᵉ siècle", ["XXIᵉ", "siècle"]),
    ],
)  # fmt: skip
def test_only_what_answers_is_marked(query_text: str, text: str, marks: list[str]) -> None:
    assert marked(query_text, text) == marks


def test_english_words_are_marked_in_english_texts() -> None:
    assert marked("city", "The cities of tomorrow", "en") == ["cities"]


@pytest.mark.parametrize(
    ("query_text", "text"),
    [
        ("10000", "Ils sont 10\u202f000, dit-on."),
        ("L1234-5", "Selon l’article L. 1234-5 du code"),
        ("l123*", "Selon l’article L. 1234 du code"),
        ("écoquartier", "Un éco-\nquartier neuf"),
        ("mise au pas", "Une (mise)."),
        ("SNCF", "La S.N.C.F."),
        ("oeuvre", "« l’œuvre »"),
        ("habitants", "les habitant·e·s,"),
        ("« tiers lieu »", "des tiers‑lieux"),
        ("résilience", "la ré\u00adsilience"),
    ],
)
def test_a_glance_misses_nothing_that_is_marked(query_text: str, text: str) -> None:
    wanted = build_match_spec(parse_query(query_text))
    assert find_marks(text, wanted)
    assert open_prefilter(wanted, "fr").find(text)


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(
            ("mot", "Été", "ŒUVRE", "straße", "l", "d", "aujourd", "hui", "entr", "aide", "R",
             "XXI", "e", "ᵉ", "12", "'", "’", "-", "·", ".", ",", "(", ")", "«", "»", "…", "\u00ad",
             "é", "e\u0301", "™", "ﬁ", "_", "/")
        ), min_size=1, max_size=6,
    ).map("".join)
)  # fmt: skip
@example("entr’aide")
@example("(l’Œuvre)")
@example("habitant-e-s")
@example("éco-quartier")
def test_a_word_is_passed_over_only_where_no_reading_has_the_form(word: str) -> None:
    forms = {
        token.exact
        for reading in READINGS
        for chunk in CHUNK.findall(word)
        for token in analyse_chunk(chunk, reading)
        if token.names and not token.exact[:1].isdigit()  # numbers are read in the whole text
    }
    assert all(may_be_one_of(word, frozenset({form})) for form in forms)


def test_most_words_are_passed_over_without_being_analysed() -> None:
    text = "« L’exploitation, c’est (aussi) l’été… » dit-on à 10 h."
    passed = [word for word in text.split() if not may_be_one_of(word, frozenset({"ete"}))]
    assert passed == ["«", "L’exploitation,", "c’est", "(aussi)", "»", "à", "10", "h."]


def test_a_glance_passes_over_words_of_a_phrase_that_are_not_together() -> None:
    wanted = build_match_spec(parse_query("« tiers lieu »"))
    assert not open_prefilter(wanted, "fr").find("Un lieu parmi d’autres")


def test_a_passage_is_cut_at_sentences_and_holds_its_marks() -> None:
    text = f"{FILLER}Le covoiturage progresse en zone rurale. {FILLER}"
    (snippet,) = make_snippets(
        [Paragraph(text=text, page=3)], build_match_spec(parse_query("covoiturage"))
    )
    assert snippet.text.startswith(("Une", "Le")) and snippet.text.endswith(".")
    assert 100 <= len(snippet.text) <= LONGEST
    assert snippet.page == 3 and snippet.is_cut_before and snippet.is_cut_after
    assert [snippet.text[start:end] for start, end in snippet.marks] == ["covoiturage"]


def test_passages_with_different_words_come_before_the_same_word_again() -> None:
    paragraphs = [
        Paragraph(text=f"{FILLER}Le covoiturage, encore le covoiturage."),
        Paragraph(text=f"{FILLER}Le covoiturage en zone rurale."),
        *[Paragraph(text=f"{FILLER}Du covoiturage numéro {number}.") for number in range(5)],
    ]
    snippets = make_snippets(paragraphs, build_match_spec(parse_query("covoiturage rural")))
    assert len(snippets) == 3
    assert 1 in [snippet.paragraph for snippet in snippets]


def test_without_a_mark_the_opening_stands_for_the_text() -> None:
    paragraphs = [Paragraph(text="Un titre", kind="heading"), Paragraph(text="Le début. La suite.")]
    (snippet,) = make_snippets(paragraphs, build_match_spec(parse_query("autre")))
    assert (snippet.text, snippet.marks, snippet.paragraph) == ("Le début. La suite.", (), 1)


def test_the_note_s_sentence_nearest_to_the_query_is_shown() -> None:
    note = CitingNote(id="n", text=f"{FILLER}\n\nLe covoiturage compte. Il aide.", section=("A",))
    (mention,) = make_mentions([note], build_match_spec(parse_query("covoiturage")))
    assert mention.note_id == "n"
    assert "covoiturage" in mention.sentence.text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("M. Dupont vient. Il repart.", 2),
        ("Selon l'art. 3 du code. Fin.", 2),
        ("« Vraiment ? » Oui.", 2),
        ("Un site, data.gouv.fr, et voilà", 1),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, count: int) -> None:
    assert len(cut_sentences(text)) == count


def test_a_phrase_of_which_one_word_counts_in_english_is_marked_in_an_english_text():
    text = f"{FILLER}He clears the table. {FILLER}"

    assert marked('"clears the"', text, "en") == marked("clears", text, "en") != []
