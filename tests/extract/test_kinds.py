"""What kind of page was read: only an article is indexed whole."""

import pytest

from indexer.extract import extract_article
from indexer.messages import NOTHING, message
from indexer.model import Article, PageKind


def paragraphs(count: int) -> str:
    return "".join(
        f"<p>Au mois numéro {n}, les habitants ont ouvert un atelier où chacun répare ce qu'il "
        f"possède, prête ce qui dort dans ses {n} placards et apprend de son voisin ce qu'il ne "
        "sait pas encore faire.</p>"
        for n in range(1, count + 1)
    )


ARTICLE = f"<article><h1>Un atelier de quartier</h1>{paragraphs(8)}</article>"
LONG = f"<article><h1>Un atelier de quartier</h1>{paragraphs(20)}</article>"


def read(body: str, *, head: str = "<title>Un atelier</title>", url: str = "/a") -> Article:
    markup = f"<!DOCTYPE html><html lang=fr><head>{head}</head><body>{body}</body></html>"
    return extract_article(
        markup.encode(), headers={}, url=f"http://site.example{url}", record_id="<k>"
    )


@pytest.mark.parametrize(
    ("kind", "body", "head"),
    [
        (PageKind.ARTICLE, ARTICLE, "<title>Un atelier de quartier</title>"),
        (PageKind.ARTICLE, LONG, "<title>L'erreur 404, une histoire</title>"),
        (PageKind.SOFT_404, "<h1>Page introuvable</h1><p>Revenez à l'accueil.</p>", ""),
        (PageKind.SOFT_404, "<p>Oups.</p>", "<title>Erreur 404 - Le site</title>"),
        (PageKind.SOFT_404, "<h1>Cette page n’existe plus</h1><p>Désolé.</p>", ""),
        (PageKind.SOFT_404, "<h1>Whoops, we couldn't find that.</h1>", ""),
        (
            PageKind.LOGIN,
            "<h1>Connexion</h1><form><input name=u><input type=password></form>"
            "<p>Veuillez vous connecter avec votre mot de passe.</p>",
            "",
        ),
        (
            PageKind.CONSENT,
            "<div>Nos partenaires et nous déposons des cookies.</div>"
            "<button>Tout accepter</button><a>Continuer sans accepter</a><a>Gérer mes choix</a>",
            "",
        ),
        (
            PageKind.SCRIPT_SHELL,
            "<div id=root></div><script src=app.js></script>"
            "<noscript>Vous devez activer JavaScript pour voir ce site.</noscript>",
            "",
        ),
        (
            PageKind.PAYWALL,
            f"<article>{paragraphs(2)}</article><div class=paywall>La suite est réservée aux "
            "abonnés. Déjà abonné ? Connectez-vous.</div>",
            "",
        ),
        (
            PageKind.PAYWALL,
            f"<article>{paragraphs(3)}</article>",
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x",'
            '"isAccessibleForFree":"False"}</script>',
        ),
        (PageKind.STUB, "<p>Trois mots seulement.</p>", ""),
        (PageKind.NO_TEXT, "<img src=a.png>", ""),
        (
            PageKind.LISTING,
            "<article><h2><a href=/1>Un titre</a></h2><p>Un chapeau assez court pour une liste, "
            "et qui renvoie vers son article.</p></article>" * 8,
            '<meta property="og:type" content="website">',
        ),
    ],
)
def test_a_page_is_what_its_signs_say(kind, body, head):
    article = read(body, head=head)

    assert article.kind is kind
    assert (article.evidence == NOTHING) is (kind is PageKind.ARTICLE)


@pytest.mark.parametrize(
    ("payload", "content_type", "kind"),
    [
        (b"", "text/html", PageKind.NO_TEXT),
        (b"\x89PNG\r\n\x1a\n1234", "image/png", PageKind.NO_TEXT),
        (b"<?xml version='1.0'?><rss><channel/></rss>", "text/html", PageKind.LISTING),
        (b"\x00\x01\x02" * 99, "application/octet-stream", PageKind.UNREADABLE),
        (b"<html>   </html>", "text/html", PageKind.NO_TEXT),
        (b"<div>" * 50_000, "text/html", PageKind.UNREADABLE),
        (("Une note au format texte. " * 20).encode(), "text/plain", PageKind.ARTICLE),
        (b"Trop court.", "text/plain", PageKind.STUB),
    ],
)
def test_what_holds_no_article_says_so(payload, content_type, kind):
    article = extract_article(
        payload, headers={"Content-Type": content_type}, url="http://a.example/", record_id="<x>"
    )

    assert article.kind is kind


def test_comments_menus_and_banners_are_left_out():
    article = read(
        "<nav><ul><li><a href=/>Accueil</a><li><a href=/b>Contact</a></ul></nav>"
        f"<div id=cookie-banner>Ce site utilise des cookies. <a>Tout accepter</a></div>{ARTICLE}"
        "<p>À lire aussi : le vélo en ville</p>"
        "<div id=comments><div class=comment><p>Bravo pour cet article très complet, merci !</p>"
        "</div></div><footer>© Le site 2026. Tous droits réservés.</footer>"
    )

    for unwanted in ("Contact", "cookies", "À lire aussi", "Bravo", "©"):
        assert unwanted not in article.text
    assert article.text.count("prête") == 8


def test_headings_lists_and_quotations_keep_their_kinds():
    article = read(
        f"<article><h1>Un atelier</h1>{paragraphs(3)}<h2>Ce qu'on y fait</h2>"
        "<ul><li>réparer les vélos du quartier ;</li><li>prêter des outils de jardin.</li></ul>"
        "<blockquote><p>On ne possède bien que ce que l'on partage.</p></blockquote>"
        f"{paragraphs(3)}</article>"
    )

    kinds = {paragraph.text: paragraph.kind for paragraph in article.paragraphs}
    assert kinds["Ce qu'on y fait"] == "heading"
    assert kinds["réparer les vélos du quartier\u202f;"] == "item"
    assert kinds["On ne possède bien que ce que l'on partage."] == "quote"


def test_noise_behind_the_beginning_of_a_page_is_no_article():
    noise = bytes(range(256)) * 400
    payload = b"<html><body><p>" + noise

    article = extract_article(payload, headers={}, url="http://site.example/a", record_id="<k>")

    assert article.kind is PageKind.UNREADABLE
    assert article.paragraphs == ()


def test_a_page_of_which_only_the_beginning_is_read_says_so():
    long = read("".join(f"<p>Alinéa {n}." for n in range(61_000)))

    assert long.evidence == message("evidence.cut-blocks", count=40_000)
    assert len(long.paragraphs) < 61_000
