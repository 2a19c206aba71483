"""Captions of figures, kept at their place in the article."""

import pytest

from indexer.extract import extract_article
from indexer.extract.blocks import list_segments, parse_markup
from indexer.extract.roles import place_captions, tell_picture
from indexer.model import Paragraph

TEXTS = [
    f"Le paragraphe {name} parle des ateliers du quartier numéro {n}, puis de la rue numéro "
    f"{n * 7 + 1}, et il finit sans se répéter une seule fois sur la question {n + 100}."
    for n, name in enumerate(("un", "deux", "trois", "quatre"))
]
CAPTION = "Une table, des outils et un mode d’emploi partagé."


def read(body: str) -> list[str]:
    markup = f"<html lang=fr><head><title>Essai</title></head><body>{body}</body></html>"
    article = extract_article(
        markup.encode(), headers={}, url="https://a.example/", record_id="<a>"
    )
    return [CAPTION if each.kind == "caption" else each.text for each in article.paragraphs]


def article(*blocks: str) -> str:
    return f"<nav>Accueil</nav><article>{''.join(blocks)}</article><footer>Contact</footer>"


def texts() -> list[str]:
    return [f"<p>{text}</p>" for text in TEXTS]


@pytest.mark.parametrize(
    "figure",
    [
        f"<figure><img src=a.jpg><figcaption>{CAPTION}</figcaption></figure>",
        f"<figure><img src=a.jpg><figcaption><p>{CAPTION}</p></figcaption></figure>",
        f"<div><img src=a.jpg><div class=attribute-caption><p>{CAPTION}</p></div></div>",
        f"<div><img src=a.jpg><div class=fdn-image-caption>{CAPTION}</div></div>",
        f"<div class=wp-caption><img src=a.jpg><p class='wp-caption-text'>{CAPTION}</p></div>",
        f"<div class=thumb><img src=a.jpg><div class=thumbcaption>{CAPTION}</div></div>",
        f"<table><tr><td><img src=a.jpg></td></tr><tr><td class=tr-caption>{CAPTION}</td></tr>"
        "</table>",
    ],
    ids=["HTML", "HTML with a paragraph", "eZ", "a newspaper", "WordPress", "MediaWiki", "Blogger"],
)
def test_a_caption_stays_between_the_paragraphs_it_stands_between(figure):
    first, second, *rest = texts()

    assert read(article(first, second, figure, *rest)) == [*TEXTS[:2], CAPTION, *TEXTS[2:]]


FIGURE = f"<figure><img src=a.jpg><figcaption>{CAPTION}</figcaption></figure>"


STOCK_FIGURE = f"<figure><figcaption>{CAPTION} Une Photographe/AFP</figcaption></figure>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (article(FIGURE, *texts()), [CAPTION, *TEXTS]),
        (article(*texts(), FIGURE), [*TEXTS, CAPTION]),
        (article(*texts()[:2], FIGURE, FIGURE, *texts()[2:]), [*TEXTS[:2], CAPTION, *TEXTS[2:]]),
        (article(*texts()) + f"<aside>{FIGURE}</aside>", TEXTS),
        (article(*texts()) + f"<ul><li>Autres textes</li><li>{FIGURE}</li></ul>", TEXTS),
    ],
    ids=["above the text", "below it", "shown twice", "in an aside", "of another article"],
)
def test_a_caption_is_of_the_article_when_it_stands_in_it_or_right_beside(body, expected):
    assert read(body) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CAPTION, CAPTION),
        (f"{CAPTION} (Photo : une voisine)", ""),  # nine words and a credit: a name, not a tale
        (
            f"Légende : {CAPTION} Rien n’y est vendu. © Une photographe",
            f"{CAPTION} Rien n’y est vendu.",
        ),
        (
            f"Image caption {CAPTION} Rien n’y est vendu. (Image credit: A. Nobody)",
            f"{CAPTION} Rien n’y est vendu.",
        ),
        (f"{CAPTION} Rien n’y est vendu, tout s’y prête. Une Photographe/AFP", ""),
        ("Une table et des outils.", ""),
        ("Photo : Agence Exemple, tous droits de reproduction", ""),
        ("© Une photographe", ""),
        ("Courtesy of the Example Gallery in Lyon", ""),
        ("Besoin de plus ? Abonnez-vous à notre revue sœur", ""),
        ("Lire aussi : un autre texte sur les ateliers", ""),
        (
            "Les crédits de la commune, et les images par satellite du port.",
            "Les crédits de la commune, et les images par satellite du port.",
        ),
    ],
)
def test_a_caption_is_what_it_tells_of_its_picture_not_whose_it_is(text, told):
    assert tell_picture(text) == told


def test_a_caption_that_was_read_as_a_paragraph_is_told_or_left_out():
    """A table's stays whole: it names what stands below it."""
    table = "<table><caption>Les prêts</caption><tr><td>mai</td><td>sept</td></tr></table>"
    page = parse_markup(f"<body>{article(*texts(), FIGURE, STOCK_FIGURE, table)}</body>")
    segments = list_segments(page)
    paragraphs = [segment.paragraph for segment in segments if not segment.is_shell]

    placed = place_captions(segments, [Paragraph(text=each.text) for each in paragraphs])

    assert [(each.kind, each.text) for each in placed] == [
        *(("p", text) for text in TEXTS),
        ("caption", CAPTION),
        ("caption", "Les prêts"),
        ("p", "mai sept"),
    ]
