"""What stands in place of a page is recognised, and no good page is taken for a wall."""

import pytest

from indexer.crawl.judge import WALLS
from indexer.links.finding import WALL_NAMES
from indexer.links.page import SIGNAL_BY_KIND, ParsedPage, find_walls
from indexer.model import Signal

ARTICLE = (
    "Le jardin de la rue des Lilas a ouvert un samedi de mars, sous une pluie fine. "
    "Trois voisines en tenaient la clef, et personne ne savait encore qui planterait quoi. "
) * 30


def test_what_is_a_wall_to_the_crawl_is_one_here():
    assert {WALL_NAMES[kind] for kind in WALLS} == {SIGNAL_BY_KIND[kind] for kind in WALLS}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Le jardin des Lilas", ARTICLE),
        ("Le marché des noms de domaine à vendre", ARTICLE + "Ce domaine est à vendre."),
        ("Domaine public : un bien commun", "Le domaine public appartient à tous."),
        ("Connexion et territoires", ARTICLE),
        ("La maintenance des communs", "Entretenir ce qui est commun prend du temps."),
        ("Les cookies, une histoire", ARTICLE + "Pour continuer, acceptez les cookies."),
        ("Captcha : qui travaille ?", ARTICLE + "Prouvez que vous n’êtes pas un robot."),
        ("Le site web de la Fabrique", "Le domaine skiable est enregistré au cadastre."),
    ],
)
def test_an_article_about_walls_is_no_wall(title, text):
    url = "https://exemple.test/article"
    page = ParsedPage(asked_url=url, final_url=url, title=title, headings=(title,), text=text)

    assert find_walls(page) == frozenset()


def test_an_address_that_was_asked_for_is_not_where_we_were_sent():
    page = ParsedPage(
        asked_url="http://exemple.test/connexion/essai",
        final_url="https://exemple.test/connexion/essai",
        text=ARTICLE,
    )

    assert find_walls(page) == frozenset()


def test_a_comment_form_with_a_captcha_is_no_wall():
    url = "https://exemple.test/article"
    page = ParsedPage(
        asked_url=url, final_url=url, text=ARTICLE, markup='<div class="g-recaptcha">'
    )

    assert find_walls(page) == frozenset()


def test_a_paywall_stands_beside_a_long_article():
    url = "https://exemple.test/article"
    page = ParsedPage(
        asked_url=url, final_url=url, text=ARTICLE, markup='{"isAccessibleForFree": "False"}'
    )

    assert find_walls(page) == {Signal.PAYWALL}


@pytest.mark.parametrize(
    ("title", "signal"),
    [
        ("Ce domaine est en vente", "parked"),
        ("Le domaine lignac.fr est peut-être à vendre", "parked"),
        ("lignac.fr est à vendre", "parked"),
        ("Domain for sale", "parked"),
        ("lignac.com is for sale", "parked"),
        ("Buy lignac.com", "parked"),
        ("This domain is parked", "parked"),
        ("This web page is parked for FREE, courtesy of GoDaddy.com", "parked"),
        ("Domaine enregistré par LWS", "parked"),
        ("Ce nom de domaine est déposé chez Gandi", "parked"),
        ("This domain has expired", "parked"),
        ("Le domaine a été enregistré avec succès", "parked"),
        ("Ce domaine a été acheté via un bureau", "parked"),
        ("Acheter ce domaine", "parked"),
        ("Le nom de domaine est disponible", "parked"),
        ("Welcome to nginx!", "placeholder"),
        ("Apache2 Ubuntu Default Page: It works", "placeholder"),
        ("It works!", "placeholder"),
        ("Index of /", "placeholder"),
        ("IIS7", "placeholder"),
        ("Site en construction", "placeholder"),
        ("Coming soon", "placeholder"),
        ("Bientôt en ligne", "placeholder"),
        ("Under construction", "placeholder"),
        ("Hébergement suspendu", "placeholder"),
        ("This account has been suspended", "placeholder"),
        ("Default Web Site Page", "placeholder"),
        ("Plesk Obsidian", "placeholder"),
        ("Just a moment...", "captcha"),
        ("Attention Required! | Cloudflare", "network-filter"),
        ("Vérification de sécurité", "captcha"),
        ("Êtes-vous humain ?", "captcha"),
        ("Verify you are human", "captcha"),
        ("Please verify you are a human", "captcha"),
        ("Bot verification", "captcha"),
        ("Access Denied", "network-filter"),
        ("Accès interdit", "network-filter"),
        ("DDoS-Guard", "captcha"),
        ("One more step", "captcha"),
        ("Checking your browser", "captcha"),
        ("Security Check", "captcha"),
        ("Pardon Our Interruption", "captcha"),
        ("Veuillez patienter", "captcha"),
        ("Vous avez été bloqué", "network-filter"),
        ("Sorry, you have been blocked", "network-filter"),
        ("Human Verification", "captcha"),
        ("Connexion", "login-wall"),
        ("Se connecter", "login-wall"),
        ("Log in", "login-wall"),
        ("Sign in to continue", "login-wall"),
        ("Identification requise", "login-wall"),
        ("Authentification requise", "login-wall"),
        ("Login required", "login-wall"),
        ("Please log in", "login-wall"),
        ("Espace membre", "login-wall"),
        ("Accès réservé", "login-wall"),
        ("Page protégée par mot de passe", "login-wall"),
        ("Connectez-vous pour continuer", "login-wall"),
        ("Service central d'authentification", "login-wall"),
        ("Avant de continuer", "consent-wall"),
        ("Before you continue to YouTube", "consent-wall"),
        ("Vos choix concernant les cookies", "consent-wall"),
        ("Nous respectons votre vie privée", "consent-wall"),
        ("We value your privacy", "consent-wall"),
        ("Maintenance", "maintenance"),
        ("Site en maintenance", "maintenance"),
        ("En maintenance", "maintenance"),
        ("Le site est momentanément indisponible", "maintenance"),
        ("Be right back", "maintenance"),
        ("We'll be back soon", "maintenance"),
        ("Nous revenons bientôt", "maintenance"),
        ("Temporarily unavailable", "maintenance"),
        ("503 Service Unavailable", "maintenance"),
        ("502 Bad Gateway", "maintenance"),
        ("Internal Server Error", "maintenance"),
        ("Erreur 500", "maintenance"),
        ("Erreur interne", "maintenance"),
        ("Error establishing a database connection", "maintenance"),
        ("Site indisponible", "maintenance"),
        ("Service momentanément interrompu", "maintenance"),
        ("Database Error", "maintenance"),
        ("Fatal error", "maintenance"),
        ("Erreur de connexion à la base de données", "maintenance"),
        ("Maintenance en cours", "maintenance"),
        ("Scheduled maintenance", "maintenance"),
    ],
)
def test_these_titles_are_walls(title, signal):
    url = "https://exemple.test/2015/jardin"
    page = ParsedPage(
        asked_url=url, final_url=url, title=title, headings=(title,), text=f"{title}. Ici."
    )

    assert Signal(signal) in find_walls(page)


def test_a_text_that_the_bibliography_calls_so_bears_its_words_rightly():
    url = "https://exemple.test/2015/jardin"
    page = ParsedPage(
        asked_url=url, final_url=url, title="Maintenance", text="Maintenance en cours."
    )

    assert find_walls(page, cited_title="Le jardin") == {Signal.MAINTENANCE}
    assert find_walls(page, cited_title="Maintenance, mode d’emploi") == frozenset()
