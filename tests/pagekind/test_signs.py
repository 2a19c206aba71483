"""Each sign that rules ask for, on both sides of its number, on a page made for it alone."""

import pytest

from indexer.pagekind import signs
from indexer.pagekind.page import PageContent, TextBlock

SENTENCE = "Un atelier ouvre ses portes aux habitants du quartier, qui viennent y réparer. "


def block(text, tag="p", **more):
    return TextBlock(text=text, tag=tag, **more)


def page(*blocks, **facts):
    return PageContent(blocks=blocks, **facts)


def letters(count):
    return page(block("a" * count))


def prose(count):
    return page(block((SENTENCE * 5)[:count].rjust(count, "a")))


NOT_FOUND = "Page introuvable"
SHELL = {"scripts": 1, "markup": '<div id="root"></div>'}


@pytest.mark.parametrize(
    ("sign", "given", "is_found"),
    [
        (signs.has_few_links, page(links=12), True),
        (signs.has_few_links, page(links=13), False),
        (signs.has_little_text, letters(449), True),
        (signs.has_little_text, letters(450), False),
        (signs.has_password, page(passwords=1), True),
        (signs.has_password, page(), False),
        (signs.has_field, page(markup="<INPUT>"), True),
        (signs.has_field, page(markup="<p>input"), False),
        (signs.bears_host_name, page(url="https://www.a.test/x", title="A.Test, accueil"), True),
        (signs.bears_host_name, page(url="https://www.a.test/x", title="Accueil"), False),
        (signs.bears_host_name, page(title="Accueil"), False),
        (signs.names_host, page(block("x" * 1_494 + "a.test"), url="https://a.test"), True),
        (signs.names_host, page(block("x" * 1_495 + "a.test"), url="https://a.test"), False),
        (signs.says_nothing_is_there, page(title=NOT_FOUND), True),
        (signs.says_nothing_is_there, page(block("Une page", "h1")), False),
        (signs.says_nothing_is_there, page(block(NOT_FOUND.ljust(159, "."))), True),
        (signs.says_nothing_is_there, page(block(NOT_FOUND.ljust(160, "."))), False),
        (signs.says_nothing_is_there, page(*[block("x" * 141)] * 5, block(NOT_FOUND)), True),
        (signs.says_nothing_is_there, page(*[block("x" * 141)] * 6, block(NOT_FOUND)), True),
        (
            signs.says_nothing_is_there,
            page(*[block(f"Titre {n}", "h2") for n in range(3)], block(NOT_FOUND)),
            False,  # words of a page that says other things of itself
        ),
        (
            signs.says_nothing_is_there,
            page(*[block(f"Titre {n}", "h2") for n in range(2)], block(NOT_FOUND)),
            True,
        ),
        (
            signs.says_nothing_is_there,
            page(block("Titre", "h2"), block(NOT_FOUND, linked=len(NOT_FOUND))),
            False,
        ),
        (signs.is_about_choices, prose(250), True),
        (signs.is_about_choices, prose(251), False),
        (signs.is_about_choices, page(block(f"Les cookies : {SENTENCE * 5}")), True),
        (signs.is_about_choices, page(block(f"Cookies, traceurs : {SENTENCE * 5}")), True),
        (signs.is_about_choices, page(block(f"Nos (cookies). {SENTENCE * 5}")), True),
        (signs.is_about_choices, page(block(f"Un cookiestand : {SENTENCE * 5}")), False),
        (signs.is_about_choices, page(block("L’usage des données ici. " + SENTENCE * 4)), True),
        (signs.is_about_choices, letters(5_000), True),
        (signs.is_about_choices, letters(5_001), False),
        (signs.is_empty_shell, page(**SHELL), True),
        (signs.is_empty_shell, page(block("a" * 119), **SHELL), True),
        (signs.is_empty_shell, page(block("a" * 120), **SHELL), False),
        (signs.is_empty_shell, page(**SHELL, headings=("Titre",)), False),
        (signs.is_empty_shell, page(markup='<div id="root">'), False),
        (signs.is_empty_shell, page(scripts=1), True),
        (signs.is_empty_shell, page(scripts=1, markup="<img src=a>"), False),
        (signs.is_empty_shell, page(block("Chargement…"), scripts=1), True),
        (signs.is_empty_shell, page(block("Un mot"), scripts=1), False),
        (signs.is_empty_shell, page(block("Un mot"), scripts=1, noscript="Script !"), True),
        (signs.asks_for_script, page(block("JavaScript".ljust(249, "."))), True),
        (signs.asks_for_script, page(block("JavaScript".ljust(250, "."))), False),
        (signs.asks_for_script, page(block("Un mot"), noscript="Activez JavaScript"), True),
        (signs.asks_for_script, page(block("Un mot")), False),
        (signs.lead("mot"), page(block("x" * 597 + "mot")), True),
        (signs.lead("mot"), page(block("x" * 598 + "mot")), False),
        (signs.headline("mot"), page(block("x" * 297 + "mot", "h1")), True),
        (signs.headline("mot"), page(block("x" * 298 + "mot", "h1")), False),
        (signs.headline("mot"), page(title="Un mot | Le site"), True),
    ],
)
def test_a_sign_is_found_up_to_its_limit(sign, given, is_found):
    assert bool(sign(given)) is is_found


@pytest.mark.parametrize(
    ("given", "sayings"),
    [
        (page(title="Un titre | Le site"), ["Un titre | Le site", "Un titre", "Le site"]),
        (page(*[block(f"t{n}", "h2") for n in range(6)]), ["t0", "t1", "t2", "t3"]),
        (page(block("un"), block("deux"), block("trois")), ["un", "deux"]),
        (page(block("a" * 139), block("b" * 140), block("c")), ["a" * 139, "c"]),
        (page(block("un lien", "h2", linked=7), block("texte")), ["un lien", "texte"]),
        (page(block("un", "h1"), block("un", "h2"), title="un"), ["un"]),
    ],
)
def test_a_page_says_of_itself_its_title_and_headings_else_its_first_blocks(given, sayings):
    assert list(given.sayings) == sayings


@pytest.mark.parametrize(
    ("given", "is_link", "is_prose"),
    [
        (block("a" * 10, linked=6), False, False),
        (block("a" * 10, linked=7), True, False),
        (block(SENTENCE * 2), False, True),
        (block(SENTENCE * 2, "h2"), False, False),
        (block((SENTENCE * 4)[:200], linked=99), False, True),
        (block((SENTENCE * 4)[:200], linked=100), False, False),
    ],
)
def test_a_block_is_a_link_or_prose_by_its_share_of_linked_words(given, is_link, is_prose):
    assert (given.is_link, given.is_prose) == (is_link, is_prose)
