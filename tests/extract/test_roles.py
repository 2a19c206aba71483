"""A text comes with its standfirst, the lines among its paragraphs, and its notes."""

import pytest

from indexer.extract import extract_article
from indexer.model import Article

TEXTS = [
    f"Le paragraphe {name} parle des ateliers du quartier numéro {n}, puis de la rue numéro "
    f"{n * 7 + 1}, et il finit sans se répéter une seule fois sur la question {n + 100}."
    for n, name in enumerate(("un", "deux", "trois", "quatre", "cinq"))
]
LEAD = "Dans trois villes, des habitants ont mis leurs outils en commun, et ne le regrettent pas."
BYLINE = "<p class=byline>Par Ada Un</p><p class=date>Publié le 3 mars 2011</p>"
NOTE = "Voir le rapport de la ville sur les ateliers, page 12."


def read(above: str = "", below: str = "", *, body: str = "", beside: str = "") -> Article:
    text = body or "".join(f"<p>{each}</p>" for each in TEXTS)
    markup = (
        "<html lang=fr><head><title>Les ateliers - Carnet</title></head><body>"
        "<div class=menu><a href=/>Accueil</a></div>"
        f"<div class=page>{above}<div class=texte>{text}</div>{below}</div>{beside}"
        "<div class=footer>Propulsé par un moteur</div></body></html>"
    )
    return extract_article(markup.encode(), headers={}, url="http://c.example/e", record_id="<c>")


def texts_of(article: Article) -> list[str]:
    return [each.text.replace("\u202f", " ").replace("\u00a0", " ") for each in article.paragraphs]


H1 = "<h1>Les ateliers</h1>"


@pytest.mark.parametrize(
    "above",
    [
        f"{H1}{BYLINE}<div class=chapo><p>{LEAD}</p></div>",
        f"{H1}<p class=chapô>{LEAD}</p>{BYLINE}",
        f"<header>{H1}<p class=article__desc>{LEAD}</p>{BYLINE}</header>",
        f"<header class=entry-header>{H1}<h2 class=standfirst>{LEAD}</h2></header>{BYLINE}",
        f"{H1}<h2>{LEAD}</h2>{BYLINE}",
        f"{H1}<p><strong>{LEAD}</strong></p>{BYLINE}",
        f"<div class=cartouche>{H1}</div><div class=crayon><div class=chapo>{LEAD}</div></div>",
        f"<h2>Les ateliers</h2><div class=intro><b>{LEAD}</b></div>",
        f"{H1}<blockquote class=resume>{LEAD}</blockquote>",
        f"{H1}<div class=field-name-field-chapeau><p>{LEAD}</p></div>",
        f"{H1}<figure><img src=a.png><figcaption>Un atelier.</figcaption></figure><p>{LEAD}</p>",
    ],
)
def test_a_standfirst_is_read_above_the_text_once(above):
    read_texts = texts_of(read(above))

    assert read_texts.count(LEAD) == 1
    assert read_texts.index(LEAD) < read_texts.index(TEXTS[0])


@pytest.mark.parametrize(
    "above",
    [
        f"<div class=site-nav><p class=description>{LEAD}</p></div>{H1}{BYLINE}",
        f"{H1}<div class=related><p>{LEAD}</p></div>",
        f"{H1}<div class=newsletter><p>{LEAD}</p></div>",
        f"{H1}<p class=caption>{LEAD}</p>",
        f"{H1}<p><a href=/x>{LEAD}</a></p>",
    ],
)
def test_what_stands_above_a_text_and_is_no_standfirst_is_left_out(above):
    assert LEAD not in texts_of(read(above))


@pytest.mark.parametrize(
    "below",
    [
        f"<div class=notes><p><a href=#nh1>[1]</a> {NOTE}</p></div>",
        f"<div id=notes><h2>Notes</h2><p class=notesbaspage><a href=#b>1</a> {NOTE}</p></div>",
        f"<div class=footnote><a href=#f>1</a><div class=footnote-content><p>{NOTE}</div></div>",
        f"<div id=ftn1><p class=MsoFootnoteText><a href=#_r>[1]</a> {NOTE}</p></div>",
        f"<ol class=footnotes><li id=fn1>{NOTE} <a href=#r>↩</a></li></ol>",
    ],
)
def test_notes_are_kept_and_told_to_be_notes(below):
    article = read(H1, below)

    (note,) = [each for each in article.paragraphs if NOTE in each.text]
    assert note.kind == "note"
    assert article.paragraphs[-1] is note


def test_the_visas_and_the_signatures_of_a_law_are_kept():
    visas = [
        "Le Premier ministre,",
        "Vu le code des ateliers ;",
        "Vu l’avis de la rue ;",
        "Décrète :",
    ]
    signed = ["Fait le 3 mars 2011.", "Camille Un", "Par le Premier ministre :", "Le ministre,"]
    body = "".join(f"<p>{each}</p>" for each in (*visas, *TEXTS, *signed))

    read_texts = texts_of(read(H1, body=body))

    assert [each for each in (*visas, *TEXTS, *signed) if each in read_texts] == read_texts
    assert [each for each in (*visas, *signed) if each not in read_texts] == []


@pytest.mark.parametrize("marked", ["<ul>{}</ul>", "<div class=liste><ol class=spip>{}</ol></div>"])
def test_lists_and_headings_among_the_paragraphs_are_kept_and_lists_of_links_are_not(marked):
    items = ["Payer la coordination.", "Garder une pièce.", "Rendre les comptes lisibles."]
    listed = marked.format("".join(f"<li>{each}</li>" for each in items))
    linked = "<ul><li><a href=/a>Un autre texte</a></li><li><a href=/b>Encore un</a></li></ul>"
    first, *others = (f"<p>{each}</p>" for each in TEXTS)
    body = f"{first}<h3>Le prix</h3>{listed}{others[0]}{linked}{''.join(others[1:])}"

    if marked.startswith("<div"):
        items = []  # it stands in something else than the paragraphs: a box
    wanted = [TEXTS[0], "Le prix", *items, *TEXTS[1:]]
    assert [each for each in texts_of(read(H1, body=body)) if each in wanted] == wanted
    assert "Un autre texte" not in texts_of(read(H1, body=body))


def test_lists_that_end_a_text_are_kept_and_lists_of_other_pages_are_not():
    items = [
        "L’atlas des rues : des cartes pour la classe.",
        "Les échelles : un jeu pour quatre, à découper.",
    ]
    linked = "".join(
        f"<li><a href=/{n}>{each.partition(' : ')[0]}</a> : {each.partition(' : ')[2]}</li>"
        for n, each in enumerate(items)
    )
    text = "".join(f"<p>{each}</p>" for each in TEXTS[:2])
    menu = "<h3>À lire aussi</h3><ul><li>Un menu qui conduit ailleurs, à d’autres textes.</li></ul>"

    read_texts = texts_of(read(H1, body=f"{text}<h3>Ressources</h3><ul>{linked}</ul>{menu}"))

    assert read_texts == [*TEXTS[:2], "Ressources", *items]


@pytest.mark.parametrize("hidden", ["style='display:none'", "hidden"])
def test_panels_of_accordions_are_read_though_they_are_folded(hidden):
    panel = f"<div class=fr-collapse {hidden}><p>{LEAD}</p></div>"
    body = "".join(f"<p>{each}</p>" for each in TEXTS)
    middle = body.replace("</p>", f"</p><h3>Qui ?</h3>{panel}", 1)

    assert LEAD in texts_of(read(H1, body=middle))


def test_the_numbers_of_paragraphs_do_not_stick_to_their_first_words():
    numbered = "".join(
        f"<p><span class='paranumber'>{n}</span>{each}</p>" for n, each in enumerate(TEXTS, 1)
    )

    assert texts_of(read(H1, body=numbered)) == TEXTS


def test_labels_that_are_clicked_above_the_text_are_left_out():
    tools = "<ul class=outils><li>Offrir le texte</li><li>Lire plus tard</li></ul>"
    body = f"{tools}{''.join(f'<p>{each}</p>' for each in TEXTS)}"

    assert texts_of(read(H1, body=body)) == TEXTS


def test_lines_that_only_say_who_and_when_are_no_text():
    assert texts_of(read(f"{H1}<p>Publié le 3 mars 2011</p><p>Par Ada Un</p>")) == TEXTS


def test_a_refrain_is_kept_each_time_and_a_copy_of_the_page_s_own_is_not():
    song = [TEXTS[0], TEXTS[4], TEXTS[1], TEXTS[4], TEXTS[2], TEXTS[4], TEXTS[3]]
    body = "".join(f"<p>{each}</p>" for each in song)

    assert texts_of(read(H1, body=body)) == song
    for copy in (f"<p hidden>{TEXTS[4]}</p>", f"<p style='display: none'>{TEXTS[4]}</p>"):
        assert texts_of(read(H1, body=body + copy)) == song
    assert texts_of(read(H1, f"<div class=mobile><p>{TEXTS[4]}</p></div>", body=body)) == song
    hidden = f"<div style='display:none'>{body}</div>"
    assert texts_of(read(H1, body=body + hidden)) == song


def test_a_paragraph_whose_words_end_another_is_kept_on_pages_of_every_kind():
    """A refrain may be a part of what came before; so is filler text."""
    body = "".join(f"<p>{each}</p>" for each in [*TEXTS, f"Refrain. {TEXTS[1]}", TEXTS[1]])
    menu = "<ul>" + "".join(f"<li><a href=/{n}>Rubrique {n}</a></li>" for n in range(60)) + "</ul>"

    for page in (body, f"{menu}{body}"):
        assert texts_of(read(H1, body=page))[-2:] == [f"Refrain. {TEXTS[1]}", TEXTS[1]]
