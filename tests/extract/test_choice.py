"""Which of several readings of a page is believed."""

import re
from dataclasses import replace

import pytest

from indexer.extract import extract_article
from indexer.extract.blocks import PageBlock, is_shell, list_segments, parse_markup
from indexer.extract.readers import (
    Reading,
    Readings,
    choose,
    drop_repeats,
    is_one_column,
    is_pointer,
    read_by_readability,
    read_by_trafilatura,
    read_missed,
)
from indexer.model import Paragraph

# Eight paragraphs of an article, "a" to "h", and what does not belong to it.
TEXTS = {
    letter: f"Le paragraphe {letter} parle du numéro {n}, puis de la chose numéro {n * 7 + 1}, "
    f"et finit sans se répéter une seule fois sur la question {n + 100}."
    for n, letter in enumerate("abcdefgh")
}
JUNK = "Inscrivez votre adresse pour recevoir chaque semaine notre lettre sur les villes."
NOBODY = Reading(reader="resiliparse")
MENU = "Accueil Contact Mentions légales Plan du site et autres liens de bas de page"


def reading(name: str, letters: str, *more: str) -> Reading:
    texts = [TEXTS[letter] for letter in letters] + list(more)
    return Reading(reader=name, paragraphs=tuple(Paragraph(text=text) for text in texts))


def chosen(base, shown, readability, resiliparse, *, is_article=True, page=()):
    readings = Readings(
        base=reading("trafilatura", *base),
        resiliparse=reading("resiliparse", *resiliparse),
        read_by_readability=lambda: reading("readability", *readability),
        blocks=page or segments(*(each.text for each in reading("page", *shown).paragraphs)),
    )
    found = choose(readings, is_article=is_article)
    letters = {text: letter for letter, text in TEXTS.items()}
    read = [letters.get(paragraph.text, "?") for paragraph in found.paragraphs]
    return found.reader, "".join(read)


def segments(*texts: str, shell: str = "") -> list[PageBlock]:
    return [PageBlock(paragraph=Paragraph(text=text), is_shell=text == shell) for text in texts]


@pytest.mark.parametrize(
    ("base", "shown", "readability", "resiliparse", "expected"),
    [
        # All agree.
        (("abcd",), ("abcd",), ("abcd",), ("abcd",), ("vote", "abcd")),
        # One paragraph that only the base has: left out.
        (("abcd", JUNK), ("abcd",), ("abcd",), ("abcd",), ("vote", "abcd")),
        # Two of three have it: kept.
        (("abcd", JUNK), ("abcd", JUNK), ("abcd", JUNK), ("abcd",), ("vote", "abcd?")),
        # The others found hardly anything: the base is believed whole.
        (("abcd",), ("",), ("a",), ("",), ("trafilatura", "abcd")),
        # The article lies in several containers: two readers agree on the whole of it.
        (("ab",), ("ab",), ("abcdefgh",), ("abcdefgh",), ("readability", "abcdefgh")),
        # The base missed it all.
        (("",), ("",), ("abcdefgh",), ("abcdefgh",), ("readability", "abcdefgh")),
        # Only one says so: not believed.
        (("ab",), ("ab",), ("abcdefgh",), ("ab",), ("vote", "ab")),
    ],
)
def test_an_article_is_what_readers_agree_on(base, shown, readability, resiliparse, expected):
    assert chosen(base, shown, readability, resiliparse) == expected


def test_elsewhere_what_the_base_missed_is_added_but_the_shell():
    page = segments(*(TEXTS[letter] for letter in "abcdefgh"), MENU, shell=MENU)

    found = chosen(("ab",), ("",), ("",), ("abcdefgh", MENU), is_article=False, page=page)

    assert found == ("union", "abcdefgh")


def test_elsewhere_a_base_that_read_nearly_nothing_gives_way():
    page = segments(*(TEXTS[letter] for letter in "abcdefgh"), *(["un mot " * 30] * 40))

    found = chosen(("a",), ("",), ("",), ("abcdefgh",), is_article=False, page=page)

    assert found == ("resiliparse", "abcdefgh")


def test_a_long_paragraph_is_kept_once_and_short_lines_may_come_back():
    texts = [TEXTS["a"], "Oui.", TEXTS["b"], "Oui.", TEXTS["a"]]

    kept = drop_repeats(Paragraph(text=text) for text in texts)

    assert [paragraph.text for paragraph in kept] == texts[:4]


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("abcdefgh", True), ("abcdeh", True), ("adeh", False), ("abc", False), ("", False)],
)
def test_a_text_in_one_column_is_an_article_s_and_a_reading_with_gaps_is_not(letters, expected):
    page = segments(*(TEXTS[letter] for letter in "abcdefgh"))

    assert is_one_column(reading("trafilatura", letters), NOBODY, page) is expected


def test_cards_that_hold_no_sentence_are_no_column():
    cards = [f"Table en chêne numéro {n}, {n * 7} euros" for n in range(20)]
    tags = " ".join(f"bois {n}" for n in range(10))
    page = list_segments(parse_markup(f"<nav>{tags}</nav>" + "".join(f"<p>{c}" for c in cards)))

    assert not is_one_column(reading("trafilatura", "", tags, *cards), NOBODY, page)


def test_a_ticker_of_news_above_a_text_is_no_part_of_its_column():
    news = [
        f"Une autre nouvelle du jour, la {n}e, {'qui tient en une phrase ' * 9}" for n in "1234"
    ]
    teaser = f"Les ateliers {TEXTS['a']}"  # a title and the first words of the text
    base = reading("trafilatura", "", "Les ateliers", *(TEXTS[each] for each in "abc"))
    text = [TEXTS[each] for each in "abc"]
    above = segments(*news, teaser, *news, "Les ateliers", *text)

    assert is_one_column(base, NOBODY, above)
    assert not is_one_column(base, reading("resiliparse", "", *news), above)  # somebody read them
    assert not is_one_column(base, NOBODY, segments("Les ateliers", *text, *news, *news))


def test_a_page_of_which_a_banner_was_read_is_read_once_more():
    text = "".join(f"<p>{each}</p>" for each in TEXTS.values())
    banner = f"<div class=article-body><p>{JUNK * 4}</p></div>"
    tree = parse_markup(f"<body>{banner}<div class=panneau>{text}</div>")
    base = read_by_trafilatura(tree, ())
    assert not base.has(TEXTS["a"])

    def again(quick: Reading, *, wide: str) -> Reading:
        readings = Readings(
            base=base,
            resiliparse=quick,
            read_by_readability=lambda: reading("readability", wide, JUNK * 4),
        )
        return read_missed(readings, tree).base

    longer = reading("resiliparse", "abcdefgh", JUNK * 4, MENU * 9)
    assert again(longer, wide="").has(TEXTS["a"])
    assert again(reading("resiliparse", "a"), wide="") is base
    assert again(longer, wide="abcdefgh") is base  # two readers agree


WILD = "".join(f" a{n}=x" for n in range(1_100))  # no reader comes back from so many
ARTICLE = "<meta property=og:type content=article>"
SPIP = "<a href=spip.php?article1>Essai</a><div class='crayon article-texte-1 texte'>{}</div>"


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(f"{ARTICLE}<article>{{}}</article>", id="article"),
        pytest.param("<ul><li>{}</li></ul><footer>Contact</footer>", id="no article"),
        pytest.param(SPIP, id="platform"),
        pytest.param(f"<i{WILD}></i>{{}}", id="plain"),
    ],
)
def test_whoever_reads_the_page_a_paragraph_that_comes_twice_is_kept_once(markup):
    body = "".join(f"<p>{TEXTS[letter]}</p>" for letter in "abcde")
    body += f"<div><p>{TEXTS['a']}</p></div>" + "".join(
        f"<p>{TEXTS[letter]}</p>" for letter in "fg"
    )
    body += f"<div><p>{TEXTS['b']}</p></div><p>{TEXTS['h']}</p>"
    page = f"<html><head><title>Essai</title></head><body>{markup.format(body)}</body></html>"
    article = extract_article(
        page.encode(), headers={}, url="http://a.test/x", record_id="<urn:x:1>"
    )
    read = [paragraph.text for paragraph in article.paragraphs]

    assert {*TEXTS.values()} <= set(read)
    assert [text for text in set(read) if read.count(text) > 1] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("À lire aussi : Le vélo en ville", True),
        ("Lire la suite", True),
        ("Partagez sur Facebook", True),
        ("Tags : ville, vélo", True),
        ("Read more: the city", True),
        ("Vous aimerez aussi", True),
        ("Crédits photos : Une Agence", True),
        ("Publicité", True),
        ("Tous droits réservés", True),
        ("Consulté le 4 avril 2024", True),
        ("Votre don nous permet de rester indépendants.", True),
        ("Tous les droits sont réservés à la ville depuis 1911.", False),
        ("Consulté le lendemain, le maire se tut.", False),
        ("Partager la terre", False),
        ("La publicité en ville a reculé.", False),
        ("Commentaire de texte", False),
        ("Also on Monday, the council met.", False),
        ("À lire aussi, " + "ce rapport dont on parle tant dans les communes " * 4, False),
    ],
)
def test_a_line_that_only_sends_elsewhere_is_known(line, expected):
    assert is_pointer(line) is expected


def test_a_page_is_cut_into_blocks_that_know_the_shell():
    tree = parse_markup(
        "<body><header>Le site</header><div class='site-nav'>Menu</div><article class='share'>"
        "<h2>Titre</h2>un<br>deux<ul><li>trois <b>mots</b></ul></article><footer>©</footer></body>"
    )

    blocks = [(block.paragraph.kind, block.paragraph.text, block.is_shell)
              for block in list_segments(tree)]  # fmt: skip

    assert blocks == [
        ("p", "Le site", True),
        ("p", "Menu", True),
        ("heading", "Titre", False),
        ("p", "un", False),
        ("p", "deux", False),
        ("item", "trois mots", False),
        ("p", "©", True),
    ]
    assert not is_shell(tree)


def test_the_slow_reader_is_not_asked_where_it_cannot_decide():
    def ask() -> Reading:
        raise AssertionError("asked")

    same = reading("resiliparse", "abcd")
    readings = Readings(
        base=same,
        resiliparse=same,
        read_by_readability=ask,
        blocks=segments(*(each.text for each in same.paragraphs)),
    )

    assert choose(readings, is_article=True).reader == "vote"


def test_what_stands_in_the_shell_of_a_page_or_in_a_link_has_no_vote_of_it():
    in_menu = segments(TEXTS["a"], TEXTS["b"], shell=TEXTS["a"])
    linked = [replace(each, linked=len(each.paragraph.text)) for each in in_menu]

    assert chosen(("ab", JUNK), ("",), ("",), ("abc",), page=in_menu) == ("trafilatura", "ab?")
    assert chosen(("b",), ("",), ("",), ("b",), page=in_menu) == ("vote", "b")
    assert chosen(("b",), ("",), ("",), ("b",), page=linked) == ("trafilatura", "b")


def test_readability_reads_what_a_page_hides_until_its_script_has_run_and_leaves_the_page_whole():
    paragraphs = "".join(f"<p>{text} Et, de plus, ceci.</p>" for text in TEXTS.values())
    markup = f"<body style='display: none'><div class='article'>{paragraphs}</div></body>"
    tree = parse_markup(markup)

    read = read_by_readability(tree)

    assert [each.text[:14] for each in read.paragraphs] == [t[:14] for t in TEXTS.values()]
    assert len(tree.findall(".//p")) == len(TEXTS)


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        ("<p><a href=/2>LE MAIRE REVIENT SUR LES HORAIRES DU MARCHÉ</a></p>", False),
        ("<p><a href=/2>Le marché aux fleurs de la grande place menacé</a> [VIDÉO]</p>", False),
        ("<p><a href=/2>Le maire revient sur les horaires du marché.</a></p>", True),
        ("<p>Le maire revient sur <a href=/2>les horaires du marché</a> de la ville</p>", True),
        ("<p><a href=/2>www.marche-aux-fleurs-de-la-ville.example</a></p>", True),
    ],
)
def test_a_line_of_an_article_that_is_one_link_leads_elsewhere(line, is_kept):
    body = f"<p>{TEXTS['a']}</p><p>{TEXTS['b']}</p>{line}<p>{TEXTS['c']}</p><p>{TEXTS['d']}</p>"
    page = f"<html>{ARTICLE}<body><article><h1>Essai</h1>{body}</article></body></html>"
    article = extract_article(page.encode(), headers={}, url="http://a.test/x", record_id="<urn:x>")

    words = re.sub(r"<[^>]*>", "", line)
    assert any(words in each.text for each in article.paragraphs) == is_kept
