"""Pages that are no articles: their blocks weighed, those of text taken."""

from pathlib import Path

import pytest

from indexer.extract import extract_article
from indexer.extract.blocks import list_segments, parse_markup
from indexer.extract.readers import Chosen, Reading, Readings, is_run_together
from indexer.extract.weighing import (
    MAX_BLOCKS,
    WEIGHTS,
    agree_alike,
    is_doubtful,
    list_traits,
    prefer_weighed,
    take_most,
    weigh,
)
from indexer.model import Paragraph

KINDS = Path(__file__).parent.parent / "data" / "kinds"  # pages of ours, as sites have them
TEXTS = [
    f"Le lieu numéro {n} ouvre son atelier, sa cuisine et ses {n + 3} grandes tables aux habitants."
    for n in range(1, 9)
]
CARDS = "".join(f"<li class=card><div class=name>{text}</div></li>" for text in TEXTS)
LISTING = f"""<nav>Accueil Contact</nav><h2>Les lieux</h2><ul>{CARDS}</ul>
<footer>Mentions légales, contact et plan du site, tous droits réservés</footer>"""


def segments_of(body: str):
    return list_segments(parse_markup(f"<html><body>{body}</body></html>"))


def reading(*texts: str) -> Reading:
    return Reading(reader="r", paragraphs=tuple(Paragraph(text=text) for text in texts))


def traits_of(body: str, *, base: Reading, wide: Reading | None = None):
    segments = segments_of(body)
    texts = [segment.paragraph.text for segment in segments]
    return dict(zip(texts, list_traits(segments, base, wide or reading()), strict=True))


def preferred(
    base: Reading, wide: Reading, chosen: Chosen, page: str = LISTING
) -> tuple[str, list[str]]:
    readings = Readings(base=base, resiliparse=wide, read_by_readability=reading)
    found = prefer_weighed(segments_of(page), readings, chosen)
    return found.reader, [each.text for each in found.paragraphs]


@pytest.mark.parametrize(
    ("name", "reader"),
    [("produit", "weighed"), ("annuaire", "weighed"), ("service", "weighed"), ("fil", "posts")],
)
def test_a_shop_a_list_a_service_and_a_thread_are_read_and_their_shell_is_not(name, reader):
    payload = (KINDS / f"{name}.html").read_bytes()

    article = extract_article(payload, headers={}, url="https://site.example/page", record_id="<k>")

    expected = (KINDS / f"{name}.expected.txt").read_text(encoding="utf-8").splitlines()
    assert [f"{each.kind}: {each.text}" for each in article.paragraphs] == expected
    assert article.sources["text"] == reader


def test_cards_that_the_readers_missed_are_taken_whole_and_the_shell_is_left():
    first = reading(TEXTS[0])

    found = preferred(first, reading(*TEXTS), Chosen(reader="vote", paragraphs=first.paragraphs))

    assert found == ("weighed", TEXTS)


def test_a_first_reading_of_most_of_the_page_is_believed():
    whole = reading(*TEXTS)

    found = preferred(whole, reading(), Chosen(reader="vote", paragraphs=whole.paragraphs))

    assert found == ("vote", TEXTS)


def test_what_was_chosen_stays_where_no_more_is_promised():
    few = reading(TEXTS[0])
    chosen = Chosen(reader="resiliparse", paragraphs=reading("Les lieux", *TEXTS).paragraphs)

    assert preferred(few, reading(*TEXTS), chosen) == ("resiliparse", ["Les lieux", *TEXTS])


def test_a_reading_that_runs_the_page_together_gives_way_to_its_blocks():
    soup = reading(" ".join(["Accueil Contact Les lieux", *TEXTS, "Mentions légales"]))

    assert is_run_together(soup, segments_of(LISTING))
    assert not is_run_together(reading(*TEXTS), segments_of(LISTING))
    chosen = Chosen(reader="r", paragraphs=soup.paragraphs)
    assert preferred(soup, reading(*TEXTS), chosen) == ("weighed", TEXTS)
    twice = LISTING.replace(CARDS, CARDS + CARDS)
    assert preferred(soup, reading(*TEXTS), chosen, twice) == ("weighed", TEXTS)


def test_a_page_without_blocks_is_left_as_it_is():
    nothing = Chosen(reader="r")

    assert is_doubtful(reading(), segments_of("<p>Un mot.</p>"))
    assert not is_doubtful(reading(), [])
    assert prefer_weighed([], _readings_of_nothing(), nothing) is nothing


def test_a_page_of_too_many_blocks_is_not_weighed():
    few = Chosen(reader="vote")
    many = segments_of(LISTING) * (MAX_BLOCKS // 10)

    assert prefer_weighed(many, _readings_of_nothing(), few) is few


def _readings_of_nothing() -> Readings:
    return Readings(base=reading(), resiliparse=reading(), read_by_readability=reading)


def test_traits_say_who_read_a_block_and_where_it_stands():
    body = (
        "<header><p>Le site</p></header><main><h2>Titre</h2><p>Une phrase lue.</p>"
        "<div class='price-filter'><button>Trier par prix</button></div>"
        "<table><tr><td>Poids</td><td>19 kg, 12 €</td></tr></table>"
        "<h3>Vous aimerez aussi</h3><blockquote>Autre chose</blockquote><p>***</p></main>"
    )
    traits = traits_of(body, base=reading("Une phrase lue."), wide=reading("Titre"))

    assert traits["Le site"]["in_header"] and traits["Le site"]["before_base"]
    assert traits["Titre"]["heading"] and traits["Titre"]["in_wide"]
    read = traits["Une phrase lue."]
    assert read["in_base"] and read["ends_sentence"] and read["like_base"] > 0.5
    assert read["page_prices"] == 1 and not read["below_elsewhere"]
    assert traits["Trier par prix"]["in_control"] and traits["Trier par prix"]["shop_name"]
    assert traits["Poids 19 kg, 12 €"]["row"] and traits["Poids 19 kg, 12 €"]["after_base"]
    assert traits["Autre chose"]["quote"] and traits["Autre chose"]["below_elsewhere"]
    assert not traits["***"]["in_base"]


def test_traits_count_the_cards_around_a_block_and_what_they_hold():
    traits = traits_of(LISTING, base=reading())

    assert traits[TEXTS[0]]["cards"] == len(TEXTS)
    assert traits[TEXTS[0]]["cards_words"] > 0.8
    assert traits["Accueil Contact"]["cards"] == 1
    assert traits["Accueil Contact"]["in_nav"]


def test_what_holds_most_of_a_page_is_not_its_shell_whatever_its_name():
    long = f"<div class='popup-overlay'><p>{TEXTS[0]}</p><p>{TEXTS[1]}</p></div>"
    traits = traits_of(f"{long}<div class='popup'><p>Fermer</p></div>", base=reading())

    assert traits[TEXTS[0]]["shell_names"] == 0
    assert traits["Fermer"]["shell_names"] == 1


def test_every_trait_of_the_table_is_told_and_every_step_counts():
    traits = traits_of("<p>Une phrase.</p>", base=reading("Une phrase."))["Une phrase."]

    assert set(WEIGHTS) == set(traits)
    assert weigh({**traits, "in_footer": True}) < weigh(traits)
    assert weigh({**traits, "shell_names": 3}) < weigh({**traits, "shell_names": 1})


def test_blocks_are_taken_as_long_as_the_expected_f1_grows():
    taken, f1 = take_most([0.9, 0.1, 0.8, 0.05], [10, 10, 10, 100])

    assert taken == [0, 2]
    assert f1 == pytest.approx(2 * 17 / (20 + 23))
    assert take_most([], []) == ([], 0.0)
    assert take_most([0.5], [0]) == ([], 0.0)


def test_blocks_that_are_alike_stand_or_fall_together():
    chances = agree_alike([0.9, 0.3, 0.5, 0.2], [3, 1, 1, 0], ["card", "card", "title", "empty"])

    assert chances == pytest.approx([0.75, 0.75, 0.5, 0.0])
