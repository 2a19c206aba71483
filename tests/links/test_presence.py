"""A link is judged by whether its text is there, whatever the page says of itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from indexer.links.finding import Answer, shows_text, weigh
from indexer.links.health import judge_link
from indexer.links.observe import Known, observe_page
from indexer.links.page import parse_page
from indexer.links.soft404 import find_title, is_note_foreign, is_noted
from indexer.model import Cause, LinkMark, LinkState, Observation, PageKind, Signal
from testbed.zoo.pages import FR, FR_OTHER, FR_TITLE, article
from tests.links.test_observe import AT, URL, observe, page, read, visit

LATER = AT + timedelta(days=5)
LONG = "\n\n".join(FR * 3)
OTHER = article(FR_OTHER, title="Le marché du samedi")
WAS = {"first_text": LONG, "first_title": FR_TITLE, "first_kind": PageKind.ARTICLE}
LIST = "<h1>Billets</h1>" + "".join(
    f'<h2><a href="/{n}">Un billet de saison, numéro {n}</a></h2><p>Un chapeau assez court, qui '
    "renvoie vers son billet.</p>"
    for n in range(9)
)


def test_a_text_that_vanished_is_for_a_person_to_check():
    seen = observe(article(("Ici.",)), texts=("Ici.",), kind=PageKind.STUB, **WAS)
    finding = weigh(seen)

    assert Signal.VANISHED in seen.signals
    assert (finding.answer, finding.strikes, finding.needs_look) == (Answer.SICK, 0, True)
    health = judge_link([seen], now=AT)
    assert (health.state, health.marks) == (LinkState.SICK, (LinkMark.TO_CHECK,))


@pytest.mark.parametrize(
    ("markup", "texts"),
    [(OTHER, FR_OTHER), (LIST, ("Un chapeau assez court.",))],
    ids=["another title", "a list"],
)
def test_a_second_sign_makes_a_strike_of_it(markup, texts):
    seen = observe(markup, texts=texts, **WAS)

    assert seen.signals & {Signal.VANISHED, Signal.UNLIKE_CAPTURE}
    assert weigh(seen).strikes == 1


def test_another_text_under_the_same_title_is_for_a_person_to_check():
    seen = observe(article(FR_OTHER), texts=FR_OTHER * 2, **WAS)

    assert seen.signals >= {Signal.UNLIKE_CAPTURE} and Signal.TITLE_LOST not in seen.signals
    assert (weigh(seen).answer, weigh(seen).strikes) == (Answer.SICK, 0)


@pytest.mark.parametrize(
    "texts",
    [
        FR,  # a third of it is left
        (*FR * 3, "Ajout de mars. " * 9),
        tuple(each.replace("ent", "e\u00adnt") for each in FR * 3),  # hyphens that nobody sees
        tuple(each.replace("fi", "\ufb01") for each in FR * 3),
    ],
    ids=["shortened", "extended", "soft hyphens", "ligatures"],
)
def test_a_text_that_was_changed_in_an_ordinary_way_is_alive(texts):
    seen = observe(article(texts), texts=texts, **WAS)

    assert weigh(seen).answer is Answer.ALIVE
    assert not weigh(seen).is_doubtful


def test_a_text_that_stands_elsewhere_on_the_page_is_there():
    """Extraction may take another part of a page that was redrawn."""
    seen = observe(article(FR * 3), texts=FR_OTHER * 2, **WAS)

    assert weigh(seen).answer is Answer.ALIVE


def test_what_a_list_shows_changes_each_day():
    known = WAS | {"first_kind": PageKind.LISTING}
    seen = observe(article(FR_OTHER), texts=FR_OTHER * 2, **known)

    assert weigh(seen).answer is Answer.ALIVE


def test_a_first_visit_that_never_looked_like_what_is_cited_is_no_reference():
    cited = {"cited_title": "Chroniques maraîchères du plateau", "is_described": True}
    first = observe(OTHER, texts=FR_OTHER, **cited)
    again = replace(first, observed_at=AT + timedelta(days=5))

    assert not shows_text(first)
    assert judge_link([first], now=AT).state is LinkState.ALIVE  # a title alone is no proof
    later = judge_link([first, again], now=again.observed_at)
    assert (later.state, later.failure_count) == (LinkState.SICK, 0)
    assert LinkMark.TO_CHECK in later.marks


@pytest.mark.parametrize(
    "cited",
    [
        {"cited_title": "Chroniques maraîchères du plateau"},  # words that somebody linked
        {"cited_title": "Chroniques maraîchères", "is_described": True},
        {
            "cited_title": "Chroniques maraîchères du plateau",
            "is_described": True,
            "authors": (FR_OTHER[0].split()[0],),
        },
    ],
    ids=["a link's text", "two words", "its author is there"],
)
def test_a_title_that_may_be_somebody_s_own_words_is_no_sign(cited):
    seen = observe(OTHER, texts=FR_OTHER, **cited)

    assert Signal.NEVER_CITED not in seen.signals


ELSEWHERE = article(FR_OTHER, title="Le marché du samedi", site="Le Courrier")
NOTE = (
    "L’ancienne gare de Lignac abrite depuis trois ans un atelier partagé : les habitants "
    "réparent, les menuisiers prêtent leurs machines, la commune finance le chauffage. "
    "Monographie précieuse."
)


@pytest.mark.parametrize("title", ["Lignac", "Ateliers sociaux"])
@pytest.mark.parametrize(
    ("markup", "texts", "told", "is_never_cited"),
    [
        (ELSEWHERE, FR_OTHER, {"note": NOTE}, True),
        (article(FR, title="Dossier"), FR, {"note": NOTE}, False),
        (ELSEWHERE, FR_OTHER, {}, False),
        (ELSEWHERE, FR_OTHER, {"note": "À lire avec soin."}, False),
        (ELSEWHERE, FR_OTHER, {"note": f"{NOTE} {' '.join(FR_OTHER)}"}, False),
        (ELSEWHERE, FR_OTHER, {"note": NOTE, "authors": (FR_OTHER[0].split()[0],)}, False),
        (ELSEWHERE, FR_OTHER, {"note": NOTE, "is_described": False}, False),
        (
            article(FR_OTHER, title="Lignac, sociaux", site="Le Courrier"),
            FR_OTHER,
            {"note": NOTE},
            False,
        ),
    ],
    ids=[
        *("another article", "the text", "no note", "a note of nothing", "a note of both"),
        *("its author", "a link's text", "its title"),
    ],
)
def test_of_a_short_title_the_words_of_a_note_tell(title, markup, texts, told, is_never_cited):
    cited = {"cited_title": title, "is_described": True, **told}
    seen = observe(markup, texts=texts, **cited)

    assert (Signal.NEVER_CITED in seen.signals) is is_never_cited
    if is_never_cited:  # not alone on a first visit; then for a person to check
        health = judge_link([seen, replace(seen, observed_at=AT + timedelta(days=4))], now=LATER)
        assert judge_link([seen], now=AT).state is LinkState.ALIVE
        assert health.state is LinkState.SICK
        assert LinkMark.TO_CHECK in health.marks


CITED = {"cited_title": "Chroniques maraîchères du plateau", "is_described": True}
BARE = "<title>L’Écho</title><h1>Association dissoute</h1><p>Merci à toutes et à tous.</p>"


@pytest.mark.parametrize(
    ("markup", "cited", "is_never_cited"),
    [
        (BARE, CITED, True),
        (f"<p>Chroniques : la suite.</p>{BARE}", CITED, False),
        (f"<p>Par A. Fictif.</p>{BARE}", {**CITED, "authors": ("Fictif",)}, False),
        (BARE, {**CITED, "is_described": False}, False),
        (BARE, {**CITED, "cited_title": "Chroniques maraîchères"}, False),
        (f"{BARE}<iframe src='/lecteur'></iframe>", CITED, False),
        (f"{BARE}<div id='app'></div><script src='/app.js'></script>", CITED, False),
    ],
    ids=["notice", "a word", "author", "a link's text", "two words", "player", "scripts"],
)
def test_a_few_lines_without_anything_of_what_is_cited_are_told(markup, cited, is_never_cited):
    seen = observe(markup, texts=("Merci à toutes et à tous.",), kind=PageKind.STUB, **cited)

    assert (Signal.NEVER_CITED in seen.signals) is is_never_cited


@pytest.mark.parametrize(
    ("cited", "is_never_cited"),
    [
        ({"authors": ("Fictif",)}, True),
        ({}, False),  # a list may be what is cited: nobody signs it
        ({"authors": ("Ouvrages",)}, False),
    ],
    ids=["signed", "unsigned", "its author is there"],
)
def test_a_list_in_place_of_a_signed_text_of_a_short_title_is_told(cited, is_never_cited):
    items = "".join(f"<li><a href='/{n}'>Ouvrages de la rubrique {n}</a></li>" for n in range(40))
    seen = observe(
        f"<title>Plan du site</title><h1>Plan du site</h1><ul>{items}</ul>",
        texts=("Ouvrages de la rubrique. " * 30,),
        kind=PageKind.LISTING,
        cited_title="Chroniques maraîchères",
        is_described=True,
        **cited,
    )

    assert (Signal.NEVER_CITED in seen.signals) is is_never_cited


REPORT = (
    "Dans le port, la pêche compte plus que le commerce, comme avec les villes voisines. Elle est "
    "pour beaucoup dans la richesse, et cette richesse entre aussi dans les maisons. ",
)
SIGNED = {**CITED, "authors": ("Fictif",)}


@pytest.mark.parametrize(
    ("texts", "cited", "is_never_cited"),
    [
        (REPORT * 8, SIGNED, True),
        (REPORT * 3, SIGNED, False),
        ((*REPORT * 8, "Chroniques."), SIGNED, False),
        ((*REPORT * 8, "Par A. Fictif."), SIGNED, False),
        (REPORT * 8, CITED, False),
        (REPORT * 8, {**SIGNED, "is_described": False}, False),
        (REPORT * 8, {**SIGNED, "cited_title": "Chroniques maraîchères"}, False),
        (("Xqz wvk jjh ptl. " * 80,), SIGNED, False),
    ],
    ids=[
        "a report",
        "a page of it",
        "a word",
        "author",
        "unsigned",
        "link",
        "two words",
        "garbage",
    ],
)
def test_a_document_without_anything_of_what_is_cited_is_told(texts, cited, is_never_cited):
    seen = observe_page(visit(), None, read(texts, PageKind.ARTICLE), Known(**cited))

    assert (Signal.NEVER_CITED in seen.signals) is is_never_cited


@pytest.mark.parametrize(
    ("share", "is_foreign", "is_own"),
    [(0, True, False), (1, True, False), (2, False, True), (5, False, True)],
)
def test_words_that_any_note_has_say_nothing_of_a_text(share, is_foreign, is_own):
    """A fifth of what is left of a note may be chance; two fifths are not."""
    said = "Premier chapitre, questions importantes, exemples surtout, analyse critique, auteur."
    own = "réparation menuisiers électricité habitants perceuses"
    shown = said * 5 + " ".join(("", *own.split()[:share]))

    assert is_note_foreign(shown, note=f"{said} {own}") is is_foreign
    assert is_noted(shown, note=f"{said} {own}") is is_own


@pytest.mark.parametrize(
    ("note", "is_never_cited"),
    [
        (
            "On y parle de perceuses et de menuisiers, du quartier, de réparation, d’électricité.",
            False,
        ),
        ("On y parle de chevaux et de prairies, de clôtures, de vétérinaires, de concours.", True),
        ("", True),
    ],
)
def test_a_text_that_is_cited_by_another_title_is_known_by_its_note(note, is_never_cited):
    text = (
        "Des menuisiers prêtent leurs perceuses au quartier : réparation, électricité, bois. " * 9
    )
    page = parse_page(
        f"<title>Bricoler ensemble</title><h1>Bricoler ensemble</h1><p>{text}</p>",
        asked_url="http://a.test/t",
        final_url="http://a.test/t",
    )
    cited = {"cited_title": "Matériaux préparatoires du séminaire nomade", "is_described": True}
    seen = observe_page(visit(), page, read((text,), PageKind.ARTICLE), Known(note=note, **cited))

    assert (Signal.NEVER_CITED in seen.signals) is is_never_cited
    assert (Signal.UNLIKE_TITLE in seen.signals) is is_never_cited


_ENTRIES: Final = ("Moulins, un dossier pour comprendre", "Ponts, un dossier pour comprendre",
                   "Relire les gares aujourd’hui", "Halles et lavoirs du canton")  # fmt: skip


@pytest.mark.parametrize(
    ("cited", "is_told"),
    [
        ("Lavoirs, un dossier pour comprendre", True),  # of three words, each is somewhere
        ("Relire les fournils de Pontorson", True),
        ("Halles et lavoirs du canton", False),
        ("Les gares relues : relire les gares", False),
    ],
)
def test_in_a_list_a_title_stands_in_one_entry(cited, is_told):
    """Words that several entries have tell no title from another, nor words of different ones."""
    entries = "".join(f"<li>{each}</li>" for each in _ENTRIES)
    page = parse_page(
        f"<title>Sommaire du n° 12</title><h1>Sommaire du n° 12</h1><ol>{entries}</ol>"
        f"<p>{'Commander le numéro, port compris. ' * 6}</p>",
        asked_url="http://a.test/spip.php?article12",
        final_url="http://a.test/spip.php?article12",
    )

    assert (find_title(page, cited_title=cited) is Signal.UNLIKE_TITLE) is is_told


def test_what_a_document_calls_itself_is_no_title_lost():
    """A page about a document bears the title cited: it is for a person to check, and no strike."""
    seen = Observation(
        url="http://a.test/r.pdf",
        observed_at=AT,
        status=200,
        has_page=True,
        signals=frozenset({Signal.VANISHED, Signal.TITLE_LOST, Signal.TITLE_FOUND}),
    )

    assert weigh(seen).answer is Answer.SICK
    without = replace(seen, signals=seen.signals - {Signal.TITLE_FOUND})
    assert weigh(without).answer is Answer.FAILED


def test_an_error_that_carries_the_whole_text_is_no_strike():
    missed = visit(outcome="missed", status=404, cause=Cause.NOT_FOUND)
    whole = observe_page(missed, page(article(FR * 3)), None, Known(**WAS))
    other = observe_page(missed, page(OTHER), None, Known(**WAS))

    assert weigh(whole).answer is Answer.ALIVE
    assert weigh(other).strikes == 1


def test_a_redirect_to_an_offer_of_subscription_is_partial_access():
    there = "https://exemple.test/abonnement?retour=1"
    offer = "<h1>Choisissez votre formule</h1><p>Abonnez-vous pour 5 euros par mois.</p>"
    hops = ((URL, 302), (there, 200))
    seen = observe_page(
        visit(hops=hops, final_url=there), page(offer, to=there), read(("Ici.",)), Known(**WAS)
    )
    health = judge_link([seen], now=AT)

    assert (health.state, LinkMark.PARTIAL in health.marks) == (LinkState.ALIVE, True)
    assert not shows_text(seen)


def test_an_address_that_answers_over_https_only_is_told_with_its_new_address():
    there = URL.replace("http:", "https:")
    seen = observe_page(
        visit(detail="served by https only", final_url=there), page(article()), read(), Known()
    )
    health = judge_link([seen], now=AT)

    assert (health.state, health.replacement) == (LinkState.MOVED, there)


def test_a_few_bytes_of_a_page_that_drips_are_no_page():
    seen = observe_page(
        visit(cause=Cause.DEADLINE), page("<p>Le"), read(("Le",), PageKind.STUB), Known(**WAS)
    )

    assert weigh(seen).answer is Answer.SICK
    assert not weigh(seen).is_there
