"""Each rule of the table takes its example and leaves its counter-example."""

import pytest

from indexer.model import PageKind
from indexer.pagekind.classify import RULES, classify
from indexer.pagekind.kinds import ERRORS, Sample
from indexer.pagekind.page import PageContent, read_markup, read_page

SENTENCE = "Trois voisines tenaient la clef du jardin, et personne ne savait qui planterait quoi. "
PROSE = f"<p>{SENTENCE * 12}</p>"


def read(sample: Sample) -> PageContent:
    return read_markup(sample.markup, url=sample.url, status=sample.status)


def kind_of(markup: str, *, status: int = 200, url: str = "https://exemple.test/2015/jardin"):
    return classify(read_markup(markup, url=url, status=status)).kind


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.name}")
def test_a_rule_takes_its_example_and_says_what_decided(rule):
    page = read(rule.takes)

    assert rule.find(page)
    assert classify(page).kind is rule.kind


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.name}")
def test_a_rule_leaves_its_counter_example(rule):
    assert rule.find(read(rule.leaves)) is None


def test_rules_have_names_of_their_own():
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.name}")
def test_a_long_text_is_an_article_whatever_words_of_a_notice_stand_above_it(rule):
    """A text that opens with the very words of a notice is still a text."""
    page = read_markup(f"{rule.takes.markup}<article>{PROSE * 3}</article>", url=rule.leaves.url)

    assert classify(page).kind not in ERRORS


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        (f"<h1>Le jardin</h1>{PROSE}", PageKind.ARTICLE),
        (
            "<h1>Gare</h1><p>" + "Sur le quai<br>une valise attend<br>" * 10 + "</p>",
            PageKind.ARTICLE,
        ),
        ("<h1>Le jardin</h1><p>À suivre.</p>", PageKind.STUB),
        (
            "<h1>Jardins</h1>"
            + "".join(f'<h2><a href="/{n}">Un jardin de ville {n}</a></h2>' for n in range(9)),
            PageKind.LISTING,
        ),
    ],
)
def test_without_a_notice_the_running_text_decides(markup, kind):
    assert kind_of(markup) is kind


def test_a_list_at_the_root_of_a_site_is_its_home_page():
    markup = "".join(f'<h2><a href="/{n}">Un jardin de ville {n}</a></h2>' for n in range(9))

    assert kind_of(markup, url="https://exemple.test/") is PageKind.HOME_PAGE


ENTRIES = "".join(f'<h3><a href="/{n}">Un jardin de ville {n}</a></h3>' for n in range(3))


@pytest.mark.parametrize(
    ("heading", "path", "words"),
    [
        ("Archives de mai 2015", "/x", "archives"),
        ("Étiquette : jardin", "/x", "etiquette"),
        ("Tous les articles", "/x", "tous les"),
        ("Un jardin", "/tag/jardin", "/tag/jardin"),
        ("Un jardin", "/2015/06/", "2015/06/"),
        ("Un jardin", "/x?paged=2", "?paged=2"),
        ("Archives", "/tag/jardin", "archives"),
    ],
)
def test_a_list_says_by_what_words_of_its_title_or_address_it_is_one(heading, path, words):
    found = classify(
        read_page(f"<h1>{heading}</h1>{ENTRIES}".encode(), url=f"https://exemple.test{path}")
    )

    assert (found.kind, found.rule) == (PageKind.LISTING, "list")
    assert found.words.strip() == words


@pytest.mark.parametrize("status", [404, 410, 500, 503, 403])
def test_a_refusal_that_carries_the_whole_text_is_an_article(status):
    assert kind_of(f"<h1>Le jardin</h1>{PROSE}", status=status) is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, PageKind.SOFT_404),
        (410, PageKind.SOFT_404),
        (500, PageKind.SERVER_ERROR),
        (401, PageKind.LOGIN),
    ],
)
def test_a_status_tells_what_a_page_of_few_words_is(status, kind):
    assert kind_of("<h1>Lignac</h1><p>Bonjour.</p>", status=status) is kind


@pytest.mark.parametrize(
    ("payload", "content_type"),
    [
        ("<title>Été</title>".encode(), "text/html"),
        ("<title>Été</title>".encode("cp1252"), "text/html"),
        ("<title>Été</title>".encode("cp1252"), "text/html; charset=utf-8"),
        ("<title>Été</title>".encode("cp1252"), "text/html; charset=none-such"),
        ("<meta charset=iso-8859-1><title>Été</title>".encode("latin-1"), ""),
        ("<title>Été</title>".encode("mac-roman"), "text/html; charset=macintosh"),
    ],
)
def test_a_page_is_read_from_bytes_in_any_charset(payload, content_type):
    assert read_page(payload, content_type=content_type).title == "Été"


@pytest.mark.parametrize("payload", [b"", b"   ", b"<!-- rien -->", b"\x00\x00"])
def test_nothing_is_no_text(payload):
    assert classify(read_page(payload)).kind is PageKind.NO_TEXT


def test_text_before_any_body_is_read():
    page = read_markup("<title>Lignac</title><header>Lignac</header><main><p>Bonjour.</p></main>")

    assert page.visible == "Lignac Bonjour."


@pytest.mark.parametrize(
    "markup",
    [
        f'<div class="l-sidebar-fixed">{PROSE}</div>',
        f'<aside class="text">{PROSE}</aside>',
        f"<noscript>{PROSE}",
        f'<div class="cookie-banner"><p>{"Nos partenaires et les cookies. " * 40}</p></div>{PROSE}',
    ],
)
def test_a_text_is_found_whatever_the_element_around_it_is_called(markup):
    assert kind_of(f"<h1>Le jardin</h1>{markup}") is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        ("<h1>Bientôt ici</h1><p>Le site est en travaux.</p>", PageKind.PLACEHOLDER),
        (
            "<h1>Site en maintenance</h1><p>Le site est en travaux, revenez bientôt.</p>",
            PageKind.MAINTENANCE,  # it was there before
        ),
        (
            "<h1>Félicitations ! Hébergement actif</h1><p>Déposez vos fichiers.</p>",
            PageKind.PLACEHOLDER,
        ),
        ("<h1>Lignac</h1><p>Votre hébergement est actif.</p>", PageKind.PLACEHOLDER),
        (
            "<h1>Lignac</h1><p>Cette page est affichée par défaut ; déposez vos fichiers.</p>",
            PageKind.PLACEHOLDER,
        ),
    ],
)
def test_what_a_host_shows_is_told_without_counting_words(markup, kind):
    found = classify(read_markup(markup, url="https://exemple.test/2015/jardin"))

    assert (found.kind, found.is_sure) == (kind, True)


@pytest.mark.parametrize(
    "text",
    [
        "Il semble que vous n’ayez pas été invité à lire ce blog. Demandez une invitation.",
        "L’accès est limité aux personnes que l’auteur a invitées. Demandez-lui une invitation.",
    ],
)
def test_a_blog_for_who_was_invited_asks_who_one_is(text):
    assert kind_of(f"<h1>Blog privé</h1><p>{text}</p>") is PageKind.LOGIN
