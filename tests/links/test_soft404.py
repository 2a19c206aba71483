"""A page that says "not found" and answers 200 is found out; an article about it is not."""

import pytest

from indexer.links.page import ParsedPage
from indexer.links.soft404 import (
    find_title,
    find_way,
    find_wording,
    is_same_answer,
    make_impossible_url,
)
from indexer.model import Signal
from indexer.pagekind.wording import fold

URL = "https://exemple.test/2015/les-tiers-lieux"
SENTENCE = "Le jardin de la rue des Lilas a ouvert un samedi de mars, sous une pluie fine. "


def page(
    title: str = "", *headings: str, text: str = "Retour à l’accueil.", to: str = URL, asked=URL
) -> ParsedPage:
    return ParsedPage(asked_url=asked, final_url=to, title=title, headings=headings, text=text)


@pytest.mark.parametrize(
    "title",
    [
        "Page introuvable",
        "Page introuvable – Ville de Lignac",
        "Ville de Lignac | Page introuvable",
        "404",
        "Erreur 404",
        "Erreur 404 : page non trouvée",
        "Erreur 404 - Page introuvable - Ville de Lignac",
        "Oups ! Cette page n’existe plus",
        "Oups, cette page n'existe pas",
        "Désolé, la page que vous cherchez est introuvable",
        "La page demandée n’a pas été trouvée",
        "La page demandée n’a pas pu être trouvée.",
        "Cette page n’est plus disponible",
        "L’article que vous recherchez n’existe pas",
        "Cet article a été supprimé",
        "Cette page a été déplacée ou supprimée",
        "Contenu introuvable",
        "Document non trouvé",
        "Nous n’avons pas trouvé la page que vous cherchez",
        "Impossible de trouver la page",
        "Il semble que cette page n’existe pas",
        "Vous êtes perdu ?",
        "Aucun article trouvé",
        "Page indisponible",
        "Erreur 410",
        "Page not found",
        "Page not found | Lignac News",
        "404 Not Found",
        "Error 404 (Not Found)!!1",
        "Sorry, we couldn't find that page",
        "Whoops, we couldn't find that.",
        "This page isn’t available",
        "The page you requested could not be found",
        "The page you are looking for doesn't exist",
        "This page no longer exists",
        "This article has been removed",
        "Nothing found here",
        "Oops! You are lost",
        "Page non trouvée | Mairie de Lignac",
        "Erreur 404 | Mairie de Lignac",
        "404 - Page introuvable",
        "404 : Page introuvable",
        "Page inexistante",
        "Cette page n'existe plus ou a été déplacée",
        "La page que vous avez demandée n'existe pas",
        "La page que vous recherchez n'a pu être trouvée",
        "Désolé, cette page n'est pas disponible",
        "Contenu indisponible",
        "Cet article n'est plus en ligne",
        "Cet article n’est plus disponible",
        "Ressource introuvable",
        "Fichier introuvable",
        "Le document demandé est introuvable",
        "Oups, page introuvable",
        "Oups! Page introuvable.",
        "Oups, la page a disparu",
        "Aïe, cette page est introuvable",
        "Mince ! La page n’existe pas",
        "Nous sommes désolés, la page demandée est introuvable",
        "Page demandée introuvable",
        "Vous semblez perdu",
        "Cette adresse n’existe pas",
        "Le lien que vous avez suivi est rompu",
        "Lien mort",
        "Article supprimé",
        "Page supprimée",
        "Ce contenu a été supprimé",
        "Ce billet n’existe plus",
        "Publication introuvable",
        "Rien n’a été trouvé",
        "Il n’y a rien ici",
        "Aucun résultat trouvé",
        "Blog supprimé",
        "Ce blog a été supprimé",
        "Ce site n'existe plus",
        "Site fermé",
        "Erreur : page introuvable",
        "Erreur 404 – Document non trouvé",
        "HTTP 404",
        "HTTP Status 404 – Not Found",
        "Error 404",
        "404 error",
        "404 Page",
        "Not Found",
        "Page Not Found (404)",
        "Page not found - The Echo",
        "File not found",
        "Object not found!",
        "The requested URL was not found on this server",
        "This page does not exist",
        "This page doesn’t exist",
        "Sorry, this page isn't available.",
        "We can’t find the page you’re looking for",
        "We couldn't find that page",
        "The page you’re looking for can’t be found",
        "Oops! That page can’t be found.",
        "Nothing here",
        "Uh oh. That page doesn’t exist.",
        "Content not available",
        "This content isn't available right now",
        "Content no longer available",
        "Article not found",
        "Post not found",
        "Story removed",
        "Page removed",
        "This blog has been removed",
        "Blog not found",
        "The site has been archived or suspended",
        "This site is no longer available",
        "User not found",
        "410 Gone",
        "Gone",
        "Page no longer exists",
        "Dead link",
        "Broken link",
        "Hmm, we can't find that page",
        "You seem lost",
        "Cette page a disparu",
        "Nous n'arrivons pas à trouver cette page",
        "La page recherchée est indisponible",
        "404, page perdue",
        "Cette annonce n'existe plus",
        "Cet événement n’existe plus",
        "Produit introuvable",
        "Page absente",
        "Adresse inconnue",
        "URL invalide",
        "Mauvaise adresse",
        "Cette URL n'est pas valide",
        "L'URL demandée est introuvable sur ce serveur",
        "Impossible d'afficher la page",
        "Impossible d’accéder à ce contenu",
        "Cette publication n’est plus accessible",
        "Ce document n’est plus consultable",
        "L'article a été dépublié",
        "La page que vous cherchez a changé d'adresse",
        "Zut, rien ici",
        "Où est passée la page ?",
        "Erreur - Page introuvable",
        "This page could not be found",
        "Whoops! Page missing",
        "Page can't be found",
        "We are sorry, the page you requested cannot be found",
        "The resource you are looking for has been removed",
        "Sorry, this content is no longer available",
        "The article you requested is no longer available",
        "Invalid URL",
        "Sorry, no posts matched your criteria",
        "No results found",
        "You've reached a dead end",
        "This link is broken",
        "Error: Not Found",
        "Something's missing",
        "Sorry! We can't seem to find the page you're looking for.",
        "The page cannot be found",
        "Requested page not found",
        "Page Unavailable",
    ],
)
def test_these_titles_say_that_there_is_no_page(title):
    assert find_wording(page(title)) is Signal.ERROR_WORDING


def test_a_heading_says_it_as_well_as_a_title():
    assert find_wording(page("Ville de Lignac", "Page introuvable")) is Signal.ERROR_WORDING


@pytest.mark.parametrize(
    ("title", "headings"),
    [
        ("Erreur 404, le documentaire", ("Erreur 404, le documentaire",)),
        ("L’introuvable démocratie participative", ()),
        ("Le livre introuvable", ("Le livre introuvable",)),
        ("Paradise not found: a history of utopias", ()),
        # A title that a template forgot, over an article that stands.
        ("Page introuvable – Lignac", ("Les tiers-lieux en Bretagne",)),
        ("Oups !", ()),
    ],
)
def test_an_error_among_other_words_is_only_a_hint(title, headings):
    assert find_wording(page(title, *headings)) is Signal.ERROR_HINT


@pytest.mark.parametrize(
    "title",
    [
        "Les tiers-lieux, fabriques de la ville",
        "Groups and communities",
        "Une page se tourne",
        "Les communs existent encore",
        "Le quatre centième numéro de la revue",
        "",
    ],
)
def test_these_titles_say_nothing_of_the_kind(title):
    assert find_wording(page(title, "Le jardin")) is None


def test_the_body_is_never_asked():
    body = "Commentaires : page introuvable ! La page que vous cherchez n’existe plus."

    assert find_wording(page("Le jardin", "Le jardin", text=body)) is None


def test_a_long_page_is_no_error_page():
    assert find_wording(page("Page introuvable", text=SENTENCE * 40)) is None


def test_an_article_that_the_bibliography_calls_so_bears_its_title_rightly():
    cited = "Page introuvable : sur la mort des liens"

    assert find_wording(page("Page introuvable"), cited_title=cited) is None


def test_a_heading_that_is_the_sites_name_is_not_an_article():
    there = page("Page introuvable | Ville de Lignac", "Ville de Lignac")

    assert find_wording(there) is Signal.ERROR_WORDING


@pytest.mark.parametrize(
    ("cited", "title", "text", "signal"),
    [
        ("Les tiers-lieux en Bretagne", "Les tiers lieux en Bretagne – B", SENTENCE * 9, "found"),
        ("Les tiers-lieux en Bretagne", "Blog", "Des tiers-lieux bretons. " * 20, None),
        ("Les tiers-lieux en Bretagne", "Accueil", SENTENCE * 9, "unlike"),
        ("Les tiers-lieux en Bretagne", "Accueil", "Court.", None),
        ("Essai", "Accueil", SENTENCE * 9, None),
    ],
)  # fmt: skip
def test_the_title_cited_is_looked_for_on_the_page(cited, title, text, signal):
    wanted = {"found": Signal.TITLE_FOUND, "unlike": Signal.UNLIKE_TITLE, None: None}[signal]

    assert find_title(page(title, text=text), cited_title=cited) is wanted


@pytest.mark.parametrize(
    ("asked", "to", "signal"),
    [
        (URL, URL, None),
        (URL, "http://www.exemple.test/2015/les-tiers-lieux", None),
        (URL, "https://exemple.test/", Signal.REDIRECTED_HOME),
        (URL, "https://exemple.test/fr/", Signal.REDIRECTED_HOME),
        (URL, "https://exemple.test/fr-FR/index.php", Signal.REDIRECTED_HOME),
        (URL, "https://autre.test/accueil", Signal.REDIRECTED_HOME),
        (URL, "https://exemple.test/blog/les-tiers-lieux-123.html", None),
        (URL, "https://exemple.test/actualites", Signal.REDIRECTED_ELSEWHERE),
        ("https://exemple.test/", "https://www.exemple.test/fr/", None),
        ("https://exemple.test/index.php", "https://exemple.test/", None),
        ("https://exemple.test/?p=12", "https://exemple.test/", Signal.REDIRECTED_HOME),
        ("https://exemple.test/?p=12", "https://exemple.test/jardin", Signal.REDIRECTED_BLINDLY),
        ("https://exemple.test/id/48151", "https://exemple.test/n/48151-jardin", None),
        (
            "https://exemple.test/2015/a/jardin",
            "https://exemple.test/2015/b",
            Signal.REDIRECTED_ELSEWHERE,
        ),
        (URL, "", None),
    ],
)
def test_where_a_redirect_led_is_a_signal(asked, to, signal):
    assert find_way(page(asked=asked, to=to)) is signal


def test_a_target_that_several_addresses_share_is_a_signal():
    there = page(to="https://exemple.test/actualites/tiers-lieux")

    assert find_way(there, shared_by=2) is None
    assert find_way(there, shared_by=3) is Signal.SHARED_TARGET


@pytest.mark.parametrize(
    ("url", "impossible"),
    [
        (URL, "https://exemple.test/2015/q7"),
        ("https://exemple.test/", "https://exemple.test/q7"),
        ("https://exemple.test", "https://exemple.test/q7"),
        ("https://exemple.test/spip.php?article12#note", "https://exemple.test/q7"),
    ],
)
def test_an_impossible_address_stands_beside_ours(url, impossible):
    assert make_impossible_url(url, token="q7") == impossible


def test_the_same_answer_to_an_impossible_address_is_recognised():
    answer = "Nous ne trouvons rien à l’adresse {}. " + SENTENCE * 3
    ours, theirs = answer.format("/2015/les-tiers-lieux"), answer.format("/2015/q7")

    assert is_same_answer(ours, theirs, echoed=("/2015/les-tiers-lieux", "/2015/q7"))


@pytest.mark.parametrize(
    ("text", "impossible"),
    [
        (SENTENCE * 3, "Les trains de nuit reviennent sur les lignes du sud, dit-on. " * 5),
        # The same furniture around another text.
        (
            SENTENCE * 3 + "Ici, l’article entier, qui parle de trains de nuit et de gares vides.",
            SENTENCE * 3
            + "Là, un tout autre propos, sur les marées et les oiseaux qui les suivent.",
        ),
        # The shell of a page that scripts fill says nothing.
        ("Chargement…", "Chargement…"),
    ],
)
def test_another_answer_or_none_proves_nothing(text, impossible):
    assert not is_same_answer(text, impossible)


def test_folding_keeps_letters_and_digits():
    assert fold("L’Œuvre : n° 12, été") == "l oeuvre n 12 ete"
