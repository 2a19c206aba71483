"""A page is a text with links: each address is a reference, what is said of it is a note."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography import read_bibliography
from tests.bibliography.saying import notes_by_title, titles

LENTE = "https://exemple.test/lente"
HAUTE = "https://exemple.test/haute"

# A line of Markdown, the titles by address that it holds, and the notes by title.
CASES = {
    "words that point name no work": (
        f"- [cette étude]({LENTE}) : page 7 seulement\n",
        {LENTE: ""},
        ["cette étude : page 7 seulement"],
    ),
    "a sentence that ends on a link that points": (
        f"La page du groupe d'avant est encore [en ligne]({LENTE}) mais elle ne sera plus tenue.\n",
        {LENTE: ""},
        ["La page du groupe d'avant est encore en ligne mais elle ne sera plus tenue."],
    ),
    "what goes on before it is no title": (
        f"- TODO comparer avec {LENTE} (carte signalée par une voisine)\n",
        {LENTE: ""},
        [f"comparer avec {LENTE} (carte signalée par une voisine)"],
    ),
    "struck through, and why": (
        f"- ~~<{LENTE}>~~ dispositif supprimé depuis\n",
        {LENTE: ""},
        ["dispositif supprimé depuis"],
    ),
    "what stands in brackets behind a bare address": (
        f"- {LENTE} (catalogue de mâts, pour les images surtout)\n",
        {LENTE: ""},
        ["catalogue de mâts, pour les images surtout"],
    ),
    "a row whose other cells are on its one address": (
        "| Lieu | Durée | Remarque |\n|--|--|--|\n"
        f"| [Ville lente]({LENTE}) | 61 | son médiocre, bonne transcription |\n",
        {LENTE: "Ville lente"},
        ["son médiocre, bonne transcription"],
    ),
    "a row under heads that say nothing": (
        "| Quoi | Où | À savoir |\n|--|--|--|\n"
        f"| [Ville lente]({LENTE}) | Lormoy | Prévoir un binôme, et des gants |\n",
        {LENTE: "Ville lente"},
        ["Prévoir un binôme, et des gants"],
    ),
    "a sentence around a quoted title": (
        f"Notre émission préférée, « Ville lente », a quitté l'antenne ; elle est là : {LENTE}\n",
        {LENTE: "Ville lente"},
        [
            "Notre émission préférée, « Ville lente », a quitté l'antenne ; elle est là : "
            "https://exemple.test/lente"
        ],
    ),
    "a DOI as the words of a link": (
        "- [doi:10.5555/fictif](https://doi.org/10.5555/fictif) - Comparaison de légendes.\n",
        {"https://doi.org/10.5555/fictif": ""},
        ["Comparaison de légendes."],
    ),
    "two links in one line": (
        f"- Le rapport [Ville lente]({LENTE}) et la réponse, [Ville haute]({HAUTE}), ensemble.\n",
        {LENTE: "Ville lente", HAUTE: "Ville haute"},
        ["Le rapport Ville lente et la réponse, Ville haute, ensemble."],
    ),
    "a verb names no work": (
        f"Jeanne Martin [montre dans une enquête]({LENTE}) que les loyers montent.\n",
        {LENTE: ""},
        ["Jeanne Martin montre dans une enquête que les loyers montent."],
    ),
    "a comment after a comma": (
        f"- [Ville lente]({LENTE}), un plaidoyer de Marie Dupont pour ralentir.\n",
        {LENTE: "Ville lente"},
        ["un plaidoyer de Marie Dupont pour ralentir."],
    ),
    "a comment after a hyphen": (
        f"- [Ville lente]({LENTE}) - Un plaidoyer pour ralentir.\n",
        {LENTE: "Ville lente"},
        ["Un plaidoyer pour ralentir."],
    ),
    "a comment in italics": (
        f"- [Ville lente]({LENTE}) *Un plaidoyer pour ralentir.*\n",
        {LENTE: "Ville lente"},
        ["Un plaidoyer pour ralentir."],
    ),
    "fields by their form, then a comment": (
        f"- [Ville lente]({LENTE}), Le Quotidien fictif, 3 mai 2016 — Une enquête de terrain.\n",
        {LENTE: "Ville lente"},
        ["Une enquête de terrain."],
    ),
    "a comment that holds a link": (
        f"- [Ville lente]({LENTE}) : une réponse à [Ville haute]({HAUTE}), plus ancienne.\n",
        {LENTE: "Ville lente", HAUTE: "Ville haute"},
        ["une réponse à Ville haute, plus ancienne."],
    ),
    "links alone have no note": (
        f"- [Ville lente]({LENTE}) et [Ville haute]({HAUTE})\n",
        {LENTE: "Ville lente", HAUTE: "Ville haute"},
        [],
    ),
    "a link in three pieces is one": (
        f"- [Que dit la ]({LENTE})[**ville**]({LENTE})[ lente]({LENTE}) ?\n",
        {LENTE: "Que dit la ville lente"},
        [],
    ),
    "anchors and pages of the site are no references": (
        f"- [Presse](#presse)\n- [Livres](livres.md)\n\n- [Ville lente]({LENTE}) : un plaidoyer.\n",
        {LENTE: "Ville lente"},
        ["un plaidoyer."],
    ),
    "an arrow before a comment": (
        f"- {LENTE} → données brutes, licence ouverte\n",
        {LENTE: ""},
        ["données brutes, licence ouverte"],
    ),
    "a picture before a title": (
        f"- ⏳ [Ville lente]({LENTE}) : à lire en mai\n",
        {LENTE: "Ville lente"},
        ["à lire en mai"],
    ),
    "a column of names beside one of links": (
        f"| Nom | Avis | Lien |\n|--|--|--|\n| Ville lente | Des plans | [plans]({LENTE}) |\n",
        {LENTE: "Ville lente"},
        ["Des plans"],
    ),
    "what is quoted from a text under it": (
        f"- [Ville lente]({LENTE})\n  - Le début est vif.\n  - ==Page 87== : « une promesse ».\n",
        {LENTE: "Ville lente"},
        ["Le début est vif.\n\nPage 87 : « une promesse »."],
    ),
    "a letter's own links beside that to leave it": (
        f"- [Ville lente]({LENTE})\n\nVous êtes inscrits. [Se désabonner](https://a.test/d) | "
        "[Archives](https://a.test/a) | [Mastodon](https://a.test/m)\n",
        {LENTE: "Ville lente"},
        ["Vous êtes inscrits. Se désabonner | Archives | Mastodon"],
    ),
    "the source of an image is none": (
        f"![Une ville](https://exemple.test/ville.png)\n\n- [Ville lente]({LENTE})\n",
        {LENTE: "Ville lente"},
        [],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_link_has_its_own_title_and_its_note(read, name):
    text, titles_by_url, notes = CASES[name]
    bibliography = read(a_md=text)

    assert {one.url: one.title for one in bibliography.references} == titles_by_url
    assert [note.text for note in bibliography.notes] == notes
    assert all(not one.author for one in bibliography.references)


def test_one_note_is_tied_to_all_the_references_that_it_names(read):
    text, _, (note,) = CASES["two links in one line"]

    assert notes_by_title(read(a_md=text)) == {"Ville lente": [note], "Ville haute": [note]}


def test_what_has_the_form_of_a_field_is_one(read):
    text, _, _ = CASES["fields by their form, then a comment"]
    (reference,) = read(a_md=text).references

    assert (reference.container_title, reference.issued) == ("Le Quotidien fictif", "2016-05-03")


def test_a_comment_after_a_link_that_only_points_is_no_container(read):
    text = (
        "<ul><li>Réseau des jardins, <i>Guide pratique</i>, 3e éd., mars 2017 "
        f'(<a href="{LENTE}">PDF, 3 Mo</a>) — Commode, mais antérieur à la loi.</li></ul>'
    )
    bibliography = read(a_html=text)
    (reference,) = bibliography.references

    assert (reference.title, reference.container_title) == ("Guide pratique", "")
    assert [note.text for note in bibliography.notes] == ["Commode, mais antérieur à la loi."]


def test_a_heading_that_is_a_link_is_a_heading_and_a_reference(read):
    bibliography = read(
        a_md=f"## Villes et [Ville lente]({LENTE})\n\nUn plaidoyer, en vingt pages.\n"
    )

    assert titles(bibliography) == ["Ville lente"]
    assert notes_by_title(bibliography) == {"Ville lente": ["Un plaidoyer, en vingt pages."]}


WORDS = st.sampled_from(
    [
        "Ville lente",
        "le rapport",
        "un plaidoyer pour ralentir",
        "Marie Dupont",
        "2014",
        "« Titre »",
        "*Revue*",
        "PDF",
        "ici",
        "montre que",
        "n° 3",
        "Lyon, Éditions du Pont",
        "(archive)",
        "À lire :",
        "et",
        "**gras**",
        "In",
        "p. 12-30",
    ]
)
JOINERS = st.sampled_from([" ", ", ", " : ", " - ", " — ", ". ", "; ", "\n", " (", ") "])
PLACES = st.integers(min_value=1, max_value=400)
FORMS = st.sampled_from(
    [
        "[{words}](https://exemple.test/{n})",
        "https://exemple.test/{n}",
        "<https://exemple.test/{n}>",
    ]
)
PIECES = st.one_of(
    WORDS, st.builds(lambda form, words, n: form.format(words=words, n=n), FORMS, WORDS, PLACES)
)
OPENINGS = st.sampled_from(["", "- ", "  - ", "1. ", "> ", "## ", "**Gras** ", "| "])
LINES = st.builds(
    lambda opening, pieces, joiners: (
        opening + "".join(a + b for a, b in zip(pieces, [*joiners, ""], strict=False))
    ),
    OPENINGS,
    st.lists(PIECES, min_size=1, max_size=6),
    st.lists(JOINERS, min_size=6, max_size=6),
)


@pytest.mark.parametrize("suffix", ["md", "txt"])
@given(lines=st.lists(LINES, min_size=1, max_size=5))
@settings(max_examples=60)
def test_every_address_of_a_page_becomes_a_reference(suffix, lines):
    text = "\n\n".join(lines)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"a.{suffix}").write_text(text, "utf-8")
        bibliography = read_bibliography(Path(folder))

    written = set(re.findall(r"https://exemple\.test/\d+", text))
    assert written <= {one.url for one in bibliography.references}


@pytest.mark.parametrize("opening", ["« ", "«\u00a0", "“", '"', "*", ""])
def test_a_linked_title_keeps_its_author_whatever_quotes_stand_around_it(tmp_path, opening):
    closing = {"« ": " »", "«\u00a0": "\u00a0»", "“": "”"}.get(opening, opening)
    linked = f"{opening}[Un texte sur les lieux](https://exemple.test/a){closing}"
    (tmp_path / "a.md").write_text(f"- Camille Essai, {linked}, Gazette, 2013\n", "utf-8")

    (reference,) = read_bibliography(tmp_path).references
    assert [name.display for name in reference.author] == ["Camille Essai"]
    assert (reference.title, reference.issued) == ("Un texte sur les lieux", "2013")


@pytest.mark.parametrize(
    "told",
    [
        "in Anne Essai, Léo de La Trame (dir.), *Habiter à Brume*, Lyon, Le Bief, 2006",
        "in Anne van der Trame (dir.), Habiter à Brume, Lyon, Le Bief, 2006",
        "traduit de l’anglais par Anne Essai, Lyon, Le Bief, 2006",
        "trad. par Anne Essai, Lyon, Le Bief, 2006",
    ],
)
def test_who_directed_or_translated_is_no_comment(tmp_path, told):
    (tmp_path / "a.md").write_text(f"- Léo Essai, « [Ville lente]({LENTE}) », {told}\n", "utf-8")

    found = read_bibliography(tmp_path)
    assert [note.text for note in found.notes] == []
    assert [(one.title, one.issued) for one in found.references] == [("Ville lente", "2006")]


def test_an_address_below_a_reference_leaves_the_one_beside_it(tmp_path):
    text = f"- Léo Essai, « Un titre », 2006\n\n  {LENTE} {HAUTE}\n"
    (tmp_path / "a.md").write_text(text, "utf-8")

    assert {one.url for one in read_bibliography(tmp_path).references} == {LENTE, HAUTE}


SITE_ROWS = (
    "[Voir cette lettre dans votre navigateur]({}1) | [Se désabonner]({}2)",
    "[Archives]({}1) · [Nous écrire](mailto:a@b.example) · [Mentions légales]({}2)",
    "[Accueil]({}1) > [Histoire]({}2) > Bacs et passages d'eau",
    "**Catégories** : [Bacs]({}t/1) | [Histoire]({}t/2)",
    "[Privacy policy]({}1) • [About]({}2)",
)


@pytest.mark.parametrize("row", SITE_ROWS)
def test_the_links_of_a_site_to_itself_are_counted_and_are_no_references(tmp_path, row):
    address = "https://lettre.example/"
    text = f"{row}\n\n# Lectures\n\n- [Les vannes](https://vannes.example/), à lire.\n\n{row}\n"
    (tmp_path / "a.md").write_text(text.replace("{}", address), encoding="utf-8")

    read = read_bibliography(tmp_path)

    assert [each.url for each in read.references] == ["https://vannes.example/"]
    assert read.left_out["navigation"] == 4
    assert read.problems == ()


PARTS = (
    '<div class="menu rubriques"><ul class="menu-liste"><li>{}</li></ul></div>',
    '<div id="templateFooter"><div><p>Merci</p></div><p>{}</p></div>',
    '<p class="arbo">{} &gt; <strong>Ici</strong></p>',
    '<td class="mcn-follow-block">{}</td>',
    '<header role="banner"><h1>{}</h1></header>',
    '<ul class="social-links"><li>{}<li>{}</ul>',
    '<p>par <a rel="author" href="https://site.test/auteur">Anne Essai</a></p>',
    '<header id="masthead" class="site-header"><h1>{}</h1></header>',
)
LINK = '<a href="https://site.test/partie">Nos intervenants</a>'


@pytest.mark.parametrize("part", PARTS)
def test_what_a_page_calls_its_menu_or_its_footer_is_no_reference_and_hides_nothing_after_it(
    tmp_path, part
):
    page = f'{part.replace("{}", LINK)}<div class="footnotes has-menu"><p><a href="{LENTE}">'
    (tmp_path / "a.html").write_text(f"<body>{page}Ville lente</a></p></div>", encoding="utf-8")

    assert [one.url for one in read_bibliography(tmp_path).references] == [LENTE]


def test_the_signature_of_a_mail_is_no_reference(tmp_path):
    text = (
        f"À lire : {LENTE}\n\n-- \nAnne Essai\nhttps://exemple.test/moi\n____\nPour se "
        "désinscrire : https://exemple.test/sortir\n"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")

    assert [one.url for one in read_bibliography(tmp_path).references] == [LENTE]


def test_the_end_of_a_frame_is_no_part_of_an_address(tmp_path):
    text = f"- #+BEGIN_NOTE\n  Le tableur : {LENTE}\n  #+END_NOTE\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")

    assert [one.url for one in read_bibliography(tmp_path).references] == [LENTE]


def test_bare_addresses_named_as_parts_of_a_site_are_no_references(tmp_path):
    text = "Pour se désinscrire : https://exemple.test/x\nArchives : https://exemple.test/y\n"
    (tmp_path / "a.txt").write_text(f"{text}\nUn texte : {LENTE}\n", encoding="utf-8")

    assert [one.url for one in read_bibliography(tmp_path).references] == [LENTE]


ORG = f"""#+TODO: ALIRE | LU
* Histoire
** LU [#A] Ville lente                               :livre:
   CLOSED: [2018-03-02 ven. 22:10]
   :PROPERTIES:
   :AUTEUR: Anne Essai
   :ANNEE: 1997
   :URL: {LENTE}
   :END:
   Très belle enquête.
** ALIRE [[{HAUTE}][Ville haute]]
   SCHEDULED: <2018-09-10 lun.>
   :LOGBOOK:
   - State "ALIRE" from "TODO" [2018-05-14 lun. 08:31]
   :END:
   Demander le carton 41.
"""


def test_properties_of_an_outline_with_a_title_and_an_address_are_a_reference(tmp_path):
    text = (
        f"- ## Textes\n\t- author:: Anne Essai\n\t  date:: 2017\n\t  url:: {LENTE}\n"
        "\t  title:: Ville lente\n\t\t- Lecture obligatoire.\n"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    found = read_bibliography(tmp_path)
    (one,) = found.references

    assert (one.title, one.url, one.issued) == ("Ville lente", LENTE, "2017")
    assert [name.display for name in one.author] == ["Anne Essai"]
    assert notes_by_title(found) == {"Ville lente": ["Lecture obligatoire."]}


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (
            "md",
            "## Ville lente\n\n- **Auteur** : Anne Essai\n- **Année** : 2017\n"
            f"- **Lien** : {LENTE}\n"
            "- **Avis** : très vif.\n",
        ),
        (
            "md",
            f"## Ville lente\n\nAutrice : Anne Essai\nAnnée : 2017\nLien : {LENTE}\nTrès vif.\n",
        ),
        ("md", f"[Ville lente]({LENTE})\nauthor:: Anne Essai\nyear:: 2017\nnote:: très vif.\n"),
        (
            "org",
            f"* Ville lente\n  - auteur : Anne Essai\n  - date : 2017\n  - lien : [[{LENTE}]]\n"
            "  - Très vif.\n",
        ),
    ],
)
def test_fields_a_line_each_under_a_title_are_one_reference(tmp_path, suffix, text):
    (tmp_path / f"a.{suffix}").write_text(text, encoding="utf-8")
    found = read_bibliography(tmp_path)
    (one,) = found.references

    assert (one.title, one.url, one.issued) == ("Ville lente", LENTE, "2017")
    assert [name.display for name in one.author] == ["Anne Essai"]
    assert [words.lower() for words in notes_by_title(found)["Ville lente"]] == ["très vif."]


def test_sections_with_a_line_that_looks_like_a_field_stay_sections(tmp_path):
    text = f"## Outils\n\nSource : nos enquêtes.\n\n- [Ville lente]({LENTE})\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    (one,) = read_bibliography(tmp_path).references
    assert (one.title, one.section) == ("Ville lente", ("Outils",))


def test_a_rule_of_a_table_of_org_is_no_reference(tmp_path):
    text = f"* A\n  | Texte | Avis |\n  |-------+------|\n  | [[{LENTE}][Ville lente]] | vif |\n"
    (tmp_path / "a.org").write_text(text, encoding="utf-8")
    assert notes_by_title(read_bibliography(tmp_path)) == {"Ville lente": ["vif"]}


def test_an_outline_of_org_is_read_without_what_emacs_keeps_for_itself(tmp_path):
    (tmp_path / "a.org").write_text(ORG, encoding="utf-8")
    found = read_bibliography(tmp_path)

    assert {one.url: one.title for one in found.references} == {
        LENTE: "Ville lente", HAUTE: "Ville haute"
    }  # fmt: skip
    (first,) = (one for one in found.references if one.url == LENTE)
    assert ([one.display for one in first.author], first.issued) == (["Anne Essai"], "1997")
    assert notes_by_title(found) == {
        "Ville lente": ["Très belle enquête."], "Ville haute": ["Demander le carton 41."]
    }  # fmt: skip


def test_a_link_of_the_site_within_a_heading_or_a_sentence_is_none_either(tmp_path):
    text = (
        "## Définition [modifier](https://wiki.example/e?section=1)\n\n"
        "Un bac relie deux rives, dit [le guide](https://guide.example/).\n\n"
        "Publié par la société. [Politique de confidentialité](https://wiki.example/p)\n"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")

    assert [each.url for each in read_bibliography(tmp_path).references] == [
        "https://guide.example/"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "[Archives et mémoire](https://a.example/1) > un livre à lire.",
        "[À propos](https://a.example/1), un film, et [Contact](https://a.example/2), sa suite.",
        "[Discussion](https://a.example/1) | [Les communs](https://b.example/2)",
        "**À lire** : [Les bacs](https://a.example/1) | [Les gués](https://b.example/2)",
    ],
)
def test_texts_that_are_called_as_parts_of_a_site_are_stay_references(tmp_path, line):
    (tmp_path / "a.md").write_text(line + "\n", encoding="utf-8")

    found = {each.url for each in read_bibliography(tmp_path).references}

    assert found == set(re.findall(r"\((https:[^)]+)\)", line))


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_footnote_is_a_note_on_the_reference_right_before_its_call(tmp_path, gap):
    text = (
        f"La [Ville lente]({LENTE})[^1] répond à la [Ville haute]({HAUTE})[^deux-b].\n\n"
        f"[^1]: Un plaidoyer.{gap}[^deux-b]: Trop longue.\n"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    notes = notes_by_title(read_bibliography(tmp_path))

    assert [one for one in notes["Ville lente"] if "répond" not in one] == ["Un plaidoyer."]
    assert [one for one in notes["Ville haute"] if "répond" not in one] == ["Trop longue."]


def test_a_note_with_a_footnote_cites_its_own_links_too(tmp_path):
    text = (
        "Le câble est coupé[^3]. Le film [Câble coupé](https://film.example/) montre la scène.\n\n"
        "[^3]: Jeanne Berge, [Les câbles](https://cables.example/x), 1990.\n"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    read = read_bibliography(tmp_path)
    urls = {each.id: each.url for each in read.references}

    assert {urls[each.reference_id] for each in read.citations} == {
        "https://film.example/",
        "https://cables.example/x",
    }


def test_a_quotation_and_who_said_it_are_one_note_on_its_source(tmp_path):
    text = (
        "> « Nous n'avons pas manqué d'eau, nous avons manqué de vannes. »\n"
        "> — un éclusier, cité dans [Paroles de vannes](https://paroles.example/)\n"
    )
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    read = read_bibliography(tmp_path)

    assert [each.title for each in read.references] == ["Paroles de vannes"]
    assert "manqué d'eau" in read.notes[0].text
    assert "un éclusier" in read.notes[0].text
    assert len(read.citations) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[]"),
        ("a.json", '{"items": []}'),
        ("a.csv", "titre,url\n"),
        ("a.yaml", "references: []\n"),
        ("a.ris", "\n"),
        ("a.opml", "<opml><body/></opml>"),
        ("a.bib", "% rien\n"),
    ],
)
def test_a_file_of_records_without_any_says_so(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")

    (problem,) = read_bibliography(tmp_path).problems

    assert problem.said.key == "problem.file-not-understood"


# A page, and the notes on each of its texts by title; what stands on none under "".
TIED = {
    "a quotation behind a reference is said of it, whatever word it opens on": (
        "md",
        "Bessac, Paul. *Sans maître*. Paris : La Pagaie, 2021. https://exemple.test/un\n\n"
        "> Lire surtout l'introduction.\n\nRoux, Ida. *Avec*. Paris : La Pagaie, 2022.\n",
        {"Sans maître": ["Lire surtout l'introduction."]},
    ),
    "a comment inside an item does not lead to the item after it": (
        "md",
        "1. **Bessac, P.** (2021). *Sans maître*.\n   — Un essai bref.\n"
        "   - Site : https://exemple.test/un\n   - Documentation : https://exemple.test/doc\n\n"
        "2. **Roux, I.** (2022). *Avec*.\n   — Une réponse.\n   https://exemple.test/deux\n",
        {
            "Sans maître": ["Un essai bref.\n\nDocumentation : https://exemple.test/doc"],
            "": ["Un essai bref.\n\nDocumentation : https://exemple.test/doc"],
            "Avec": ["Une réponse."],
        },
    ),
    "a parent item leads to what stands inside it alone": (
        "md",
        "- Deux points de vue\n  - [Pour](https://exemple.test/un)\n"
        "  - [Contre](https://exemple.test/deux)\n- [Ailleurs](https://exemple.test/trois)\n",
        {"Pour": ["Deux points de vue"], "Contre": ["Deux points de vue"]},
    ),
    "a line behind a long dash speaks of the reference above it": (
        "md",
        "5. **Marais.** (2025). *Roseau 3*.\n   — Assistant IA avec un jardin à l'entrée.\n",
        {"Roseau 3": ["Assistant IA avec un jardin à l'entrée."]},
    ),
    "what follows the date and names another year is a comment": (
        "md",
        "Roux I. et Bessac P., 2020, *Manger dehors*, Arles, Presses du Gué "
        "([présentation](https://exemple.test/un)). À compléter avec Roux, 2022.\n",
        {"Manger dehors": ["À compléter avec Roux, 2022."]},
    ),
    "no publisher is said to be out of print in bookshops": (
        "txt",
        "Vasseur (L.), Nuits blanches, Lille, Le Gué, 2018. Introuvable en librairie !\n",
        {"Nuits blanches": ["Introuvable en librairie !"]},
    ),
    "words that close a line, and that no field holds": (
        "txt",
        "- Delmas (P.), *Mines*, tome 2, PUN, 1993 ; indispensable\n"
        "- BERTHE (Léon), « La halle », Annales de l'Ouest, 1938, p. 201-240. [daté mais "
        "irremplaçable]\n- Bouvier Thérèse, *La cité*, Éditions du Pont, 1979. Épuisé, mais "
        "scanné : http://exemple.test/un\n",
        {
            "Mines": ["indispensable"],
            "La halle": ["daté mais irremplaçable"],
            "La cité": ["Épuisé, mais scanné"],
        },
    ),
    "what is said behind the name of a law": (
        "md",
        "2. Décret n° 2021-12 du 8 janvier 2021. Texte court, voir l'article 3.\n",
        {"Décret n° 2021-12 du 8 janvier 2021": ["Texte court, voir l'article 3."]},
    ),
    "a film that Logseq shows": (
        "md",
        "- {{video https://exemple.test/un}} conférence de P. Lamy, à partir de 12:40\n",
        {"": ["conférence de P. Lamy, à partir de 12:40"]},
    ),
    "an edition is no comment": ("txt", "Roux I., *Clé*, Arles, Ancre, 1994 (multigr.)\n", {}),
    "behind a full stop and a dash": (
        "txt",
        "Vasseur (L.), Nuits blanches, 2018. Lille, Le Gué. – Bonne bibliographie.\n",
        {"Nuits blanches": ["Bonne bibliographie."]},
    ),
    "a text of another that is named behind the full stop of an address": (
        "txt",
        "Vasseur, Lise, 2016, « Nuits », Revue fictive, https://exemple.test/un. Réponse à Petit "
        "(2016), p. 12.\n",
        {"Nuits": ["Réponse à Petit (2016), p. 12."]},
    ),
    "words that send to an address are no title of it": (
        "txt",
        "Voir aussi www.exemple.test, site de la commune (photos)\n",
        {"": ["site de la commune (photos)"]},
    ),
    "a quotation with its page is said of the reference above it": (
        "md",
        "**Léo Vasseur, *Nuits blanches*, Lille, Le Gué, 2018**\n\n> « La nuit est longue. » (p. 4)"
        "\n\nMon avis : à relire.\n",
        {"Nuits blanches": ["« La nuit est longue. » (p. 4)\n\nMon avis : à relire."]},
    ),
    "a heading that is signed and dated is a reference": (
        "md",
        "# Lectures\n\n## Nuits blanches (Léo Vasseur, 2018)\n\nhttps://exemple.test/un\n\n"
        "Livre majeur.\n",
        {"Nuits blanches": ["Livre majeur."]},
    ),
    "a dash for the names of the line before": (
        "txt",
        "Vasseur, Noé, Nuits blanches, Pau, Le Gué, 1995.\n— , Autres nuits, Pau, Le Gué, 1998. "
        "Plus personnel.\n",
        {"Autres nuits": ["Plus personnel."]},
    ),
    "who signs below a linked heading": (
        "md",
        "### [Nuits blanches](https://exemple.test/un)\n*Léa Vasseur et Rose Petit, revue Sillons, "
        "2014*\n\nPlus historique.\n",
        {"Nuits blanches": ["Plus historique."]},
    ),
    "properties of Obsidian below a heading, and notes under one of their own": (
        "md",
        "# Nuits blanches et ville\n\nAuteur:: Yann Le Bris\nAnnée:: 2016\nURL:: "
        "https://exemple.test/un\nLu:: oui\n\n## Notes\nBonne comparaison.\n",
        {"Nuits blanches et ville": ["Bonne comparaison."]},
    ),
    "lines that open on pictures": (
        "md",
        "📖 *Étangs*, Annie Vasseur, éd. du Héron, 2011\n🎧 [Nuits](https://exemple.test/un) : son "
        "clair\n",
        {"Nuits": ["son clair"]},
    ),
    "an article of the press as it is pasted": (
        "txt",
        "Nuits blanches | Gazette fictive\nhttps://exemple.test/un\nPublié le 4 novembre 2017 à "
        "06h00\nPar Léa Vasseur\n\n→ intéressant, ne pas citer\n",
        {"Nuits blanches": ["→ intéressant, ne pas citer"]},
    ),
    "what must not be missed is no title": (
        "md",
        "Ne pas rater non plus <https://exemple.test/un>.\n",
        {"": ["Ne pas rater non plus https://exemple.test/un."]},
    ),
    "how a letter takes leave is said of no text": (
        "txt",
        "Vasseur (L.), *Nuits blanches*, Lille, Le Gué, 2018.\n\nBien à vous,\n",
        {},
    ),
    "two notes on the same texts, named in another order, are two": (
        "md",
        "On oppose [Pour](https://exemple.test/un) à [Contre](https://exemple.test/deux).\n\n"
        "Sans doute [Contre](https://exemple.test/deux) vaut mieux que [Pour]"
        "(https://exemple.test/un).\n",
        {
            name: ["On oppose Pour à Contre.", "Sans doute Contre vaut mieux que Pour."]
            for name in ("Pour", "Contre")
        },
    ),
}


@pytest.mark.parametrize("name", TIED)
def test_a_comment_is_tied_to_the_text_that_it_is_on(tmp_path, name):
    suffix, text, notes = TIED[name]
    (tmp_path / f"a.{suffix}").write_text(text, "utf-8")
    bibliography = read_bibliography(tmp_path)
    assert notes_by_title(bibliography) == notes
    assert [one.issued for one in bibliography.references if one.title == "Manger dehors"] in (
        [],
        ["2020"],
    )


# A text, its title and address, and who wrote it or brought it out.
CARDS = {
    "pictures and bold names of fields under a heading": (
        "md",
        "### Roseau\n🏢 **Éditeur** : Marais (Étang)  \n🌐 **Site** : https://exemple.test/un  \n"
        "📖 **Documentation** : https://exemple.test/doc\n",
        ("Roseau", "https://exemple.test/un", "Marais (Étang)"),
    ),
    "a kind and a comment among the fields": (
        "md",
        "### Roseau (2017)\n📄 **Type** : Article\n📖 **Lien** : https://exemple.test/un\n"
        "📝 **Note** : Article fondateur, à lire.\n",
        ("Roseau (2017)", "https://exemple.test/un", ""),
    ),
    "properties of a heading of org that leads nowhere": (
        "org",
        "** DONE Roseau\n   :PROPERTIES:\n   :AUTHOR: Mireille Castan\n   :YEAR: 2008\n"
        "   :PUBLISHER: Le Proscenium\n   :END:\n",
        ("Roseau", None, "Mireille Castan"),
    ),
    "a title, who wrote it where and when, an address": (
        "txt",
        "* Le grand retour des roseaux\n  Karim Bensaïd, Mediane, 29/04/2024\n"
        "  https://exemple.test/un\n",
        ("Le grand retour des roseaux", "https://exemple.test/un", "Karim Bensaïd"),
    ),
    "a title, an address, who wrote it where and when": (
        "txt",
        "* Le grand retour des roseaux\n  https://exemple.test/un\n"
        "  Karim Bensaïd, Mediane, 29/04/2024\n",
        ("Le grand retour des roseaux", "https://exemple.test/un", "Karim Bensaïd"),
    ),
    "a name in small letters before the year": (
        "md",
        "roseau. (2025). *marais/ui*.\n  https://exemple.test/un\n",
        ("marais/ui", "https://exemple.test/un", "roseau"),
    ),
    "properties of Logseq under a link with a tag": (
        "md",
        "- [Roseau](https://exemple.test/un) #article\n  auteur:: Anne Essai\n"
        "  publié:: 2024-04-02\n",
        ("Roseau", "https://exemple.test/un", "Anne Essai"),
    ),
    "who signs behind a linked title with a quotation in it": (
        "html",
        '<p>👉 <a href="https://exemple.test/un">« Roseau » : la suite</a>, par Samir Haddad.</p>',
        ("« Roseau » : la suite", "https://exemple.test/un", "Samir Haddad"),
    ),
    "a review and its issue in brackets behind a link in bold": (
        "md",
        "- **[Roseau](https://exemple.test/un)** (Revue Marais, n° 8, avril 2024)\n",
        ("Roseau", "https://exemple.test/un", "Revue Marais"),
    ),
    "a review and its day under a linked heading": (
        "html",
        '<h3><a href="https://exemple.test/un">Roseau, la suite</a></h3>'
        "<p><small>La Gazette du Marais, 5 janvier 2018</small></p>",
        ("Roseau, la suite", "https://exemple.test/un", "La Gazette du Marais"),
    ),
    "a title that looks like a field, who wrote it when, an address": (
        "txt",
        "1) Rapport : l'eau du marais\n   Agence du Roseau, septembre 2018, 64 pages\n"
        "   https://exemple.test/un\n",
        ("Rapport : l'eau du marais", "https://exemple.test/un", "Agence du Roseau"),
    ),
    "a title behind an angle, who wrote it and where on the line below": (
        "txt",
        "> Le roseau, une fausse bonne idée ?\nJonas Varin, sur son blog : https://exemple.test/un "
        "(17 mars 2016)\n\n> Deux roseaux pour un\nAnne Essai, mars 2016 : "
        "https://exemple.test/deux\n",
        ("Le roseau, une fausse bonne idée ?", "https://exemple.test/un", "Jonas Varin"),
    ),
    "a heading that is a reference, fields marked off under it": (
        "md",
        "### VARIN-ROSE Iris - « Roseaux mobiles »\n*Paru dans* La Revue du marais, n° 2, 2016\n"
        "*En ligne :* <https://exemple.test/un>\n\nTrès bon.\n",
        ("Roseaux mobiles", "https://exemple.test/un", "Iris Varin-Rose"),
    ),
    "a heading of org that is a reference": (
        "org",
        "** Le Varin, Aziliz, /Roseau/, Annecy, Glières, 2013 :livre:\n   Bon panorama.\n",
        ("Roseau", None, "Aziliz Le Varin"),
    ),
    "a link of DokuWiki": (
        "md",
        "* [[https://exemple.test/un|Roseau et marais]] : dix objections.\n",
        ("Roseau et marais", "https://exemple.test/un", ""),
    ),
    "whose blog it is, and the year, in brackets behind a link": (
        "md",
        "* [Roseau et marais](https://exemple.test/un) (blog de Maïté Varin, 2017) - honnête\n",
        ("Roseau et marais", "https://exemple.test/un", "Maïté Varin"),
    ),
    "the title before a link of a sentence that only points": (
        "md",
        "D'abord le rapport de Luce Varin, *Roseau et marais* (Fonds, 2012), que tu trouveras "
        "[ici](https://exemple.test/un). Il est long, mais la partie 2 répond à ta question.\n",
        ("Roseau et marais", "https://exemple.test/un", "Luce Varin"),
    ),
    "a book that a sentence names without any mark": (
        "md",
        "Enfin le livre de Gontran Varin, Roseau et marais (2015), si ta bibliothèque l'a.\n",
        ("Roseau et marais", None, "Gontran Varin"),
    ),
    "the review in brackets behind a title, before its address": (
        "md",
        "- Un roseau dans chaque ville ? (La Voix du Bief, 28 mai) https://exemple.test/un\n",
        ("Un roseau dans chaque ville ?", "https://exemple.test/un", "La Voix du Bief"),
    ),
    "a body in brackets behind a title": (
        "md",
        "- Roseau et marais (Mission berges, janvier 2012) : trois critères simples. "
        "https://exemple.test/un\n",
        ("Roseau et marais", "https://exemple.test/un", "Mission berges"),
    ),
    "who signs a link, in italics behind it": (
        "md",
        "[Roseau et marais](https://exemple.test/un), par *Tristan Pujol* — où tout se dit.\n",
        ("Roseau et marais", "https://exemple.test/un", "Tristan Pujol"),
    ),
    "the number of a norm beside its title": (
        "md",
        "| Référence | Intitulé | Date | Remarque |\n|---|---|---|---|\n"
        "| NF P 01-999 | Roseau et marais | juillet 1988 | en mairie |\n",
        ("Roseau et marais", None, ""),
    ),
    "a column of sites beside their addresses": (
        "html",
        "<table><tr><th>Site</th><th>Adresse</th><th>Avis</th></tr><tr><td>Roseau et marais</td>"
        '<td><a href="https://exemple.test/un">exemple.test</a></td><td>À jour</td></tr></table>',
        ("Roseau et marais", "https://exemple.test/un", ""),
    ),
    "a numbered record of a catalogue": (
        "txt",
        "NOTICE 1\nTitre : Roseau et marais\nAuteur(s) : Association des passeurs\nAnnée : 2004\n"
        "URL : https://exemple.test/un\nNote : catalogue\n",
        ("Roseau et marais", "https://exemple.test/un", "Association des passeurs"),
    ),
    "who wrote a title, on the line below": (
        "txt",
        "Roseau et marais\n  de Sylvain Auroy (Verdier, 2020)\n  On rit.\n",
        ("Roseau et marais", None, "Sylvain Auroy"),
    ),
    "a callout and the fields under it": (
        "md",
        "> [!book] Roseau et marais\n> **Auteurs** : Perrine Essai, Luc Autre\n> **Année** : 2020\n"
        "> **Lien** : <https://exemple.test/un>\n>\n> Cinq chantiers.\n",
        ("Roseau et marais", "https://exemple.test/un", "Perrine Essai, Luc Autre"),
    ),
    "a template of MediaWiki": (
        "txt",
        "* {{Ouvrage|auteur=Solange Essai|titre=Roseau et marais|éditeur=Ponant|année=1992}}\n",
        ("Roseau et marais", None, "Solange Essai"),
    ),
    "a decision, what is said of it on the line below": (
        "txt",
        "CE, 12 juin 2014, n° 13456, Association Les Roseaux\n  Première décision.\n",
        ("CE, 12 juin 2014, n° 13456, Association Les Roseaux", None, ""),
    ),
    "what somebody found on a day, and no title": (
        "txt",
        "11/02 : trouvé https://exemple.test/un : une chronologie.\n",
        ("", "https://exemple.test/un", ""),
    ),
    "the head of a mail": (
        "txt",
        "De : lettre@exemple.test\nDate : 2 juin 2017\nObjet : Revue du web\n\n"
        "* Roseau et marais\nhttps://exemple.test/un\nAvec leurs chiffres.\n",
        ("Roseau et marais", "https://exemple.test/un", ""),
    ),
    "a review and its day before the title": (
        "txt",
        "Le Marais, 3/02/1984 : « La fermeture annoncée » (coupure, boîte 4)\n",
        ("La fermeture annoncée", None, "Le Marais"),
    ),
    "a law, and where it stands": (
        "md",
        "1. Loi n° 2019-999 du 3 juillet 2019 relative à l'eau. [Recueil fictif](https://exemple.test/un)\n",
        (
            "Loi n° 2019-999 du 3 juillet 2019 relative à l'eau",
            "https://exemple.test/un",
            "Recueil fictif",
        ),
    ),
    "a few words with a full stop over an address": (
        "txt",
        "Archives de Rocheville.\n  https://exemple.test/un\n",
        ("Archives de Rocheville", "https://exemple.test/un", ""),
    ),
    "words around an address that name no work": (
        "md",
        "- lire https://exemple.test/un avant vendredi\n",
        ("", "https://exemple.test/un", ""),
    ),
    "a title named as such, and who wrote it, in a list": (
        "md",
        "- **Titre** : Roseau\n- **Auteur** : Anne Essai\n- **Lien** : https://exemple.test/un\n",
        ("Roseau", "https://exemple.test/un", "Anne Essai"),
    ),
    "fields between bars": (
        "md",
        "- [Roseau, dit-il](https://exemple.test/un) | A. Essai | Revue du marais | 2021\n",
        ("Roseau, dit-il", "https://exemple.test/un", "A. Essai"),
    ),
    "who signs in brackets behind a linked title": (
        "md",
        "- [Roseau](https://exemple.test/un) (A. Essai)\n",
        ("Roseau", "https://exemple.test/un", "A. Essai"),
    ),
    "a review, a title, who signs, the day": (
        "md",
        "- Le Monde fictif — « Roseau », par Anne Essai (4 mars 2023). https://exemple.test/un\n",
        ("Roseau", "https://exemple.test/un", "Anne Essai"),
    ),
    "a verb before a link that only points": (
        "md",
        "Colas 2016 renvoie à [cette étude](https://exemple.test/un) de 1 200 lycéens.\n",
        ("", "https://exemple.test/un", ""),
    ),
    "a title in bold before who signs": (
        "md",
        "- **Jouer sérieux**, Annaïg Le Corre, Éditions du Gué, 2015 — *lu*. Indispensable.\n",
        ("Jouer sérieux", None, "Annaïg Le Corre"),
    ),
    "a linked title over who signs, where and when": (
        "html",
        '<p><a href="https://exemple.test/un">Roseau</a><br>Lucie Grand, Ludologie, 12/01/2021<br>'
        "Résume bien le débat.</p>",
        ("Roseau", "https://exemple.test/un", "Lucie Grand"),
    ),
    "a heading over its one address": (
        "org",
        "** Le levain expliqué\nhttps://exemple.test/un\nClair, avec des photos.\n",
        ("Le levain expliqué", "https://exemple.test/un", ""),
    ),
    "a heading that names no text, over an address": (
        "md",
        "## Voir aussi\n\nhttps://exemple.test/un\n",
        ("", "https://exemple.test/un", ""),
    ),
    "a genre before a linked title in quotes": (
        "md",
        "- Étude : « [Roseau](https://exemple.test/un) », L. Pommier et T. Ba, *Urba*, 2024.\n",
        ("Roseau", "https://exemple.test/un", "L. Pommier, T. Ba"),
    ),
    "a review that tells of a text": (
        "md",
        "- *La Lettre du maire* revient sur [la charge des élus](https://exemple.test/un).\n",
        ("", "https://exemple.test/un", ""),
    ),
    "another text that a lead names in small letters": (
        "md",
        "voir aussi [le forum](https://exemple.test/un), et [Le Wiki](https://exemple.test/2)\n",
        ("", "https://exemple.test/un", ""),
    ),
    "a title with a quotation in a table": (
        "md",
        "| Date | Texte | Lien |\n|---|---|---|\n"
        "| 4 mai | Décret « terrasses » | <https://exemple.test/un> |\n",
        ("Décret « terrasses »", "https://exemple.test/un", ""),
    ),
    "a report before its title": (
        "txt",
        "* Rapport « Un car par heure », avril 2024 : https://exemple.test/un\n",
        ("Un car par heure", "https://exemple.test/un", ""),
    ),
}


@pytest.mark.parametrize("name", CARDS)
def test_fields_on_lines_of_their_own_are_one_reference(tmp_path, name):
    suffix, text, (title, url, who) = CARDS[name]
    (tmp_path / f"a.{suffix}").write_text(text, "utf-8")
    one = read_bibliography(tmp_path).references[0]
    assert (one.title, one.url, one.authors or one.container_title) == (title, url, who)


def test_another_address_of_a_text_has_no_title_and_is_named_by_the_note_on_it(tmp_path):
    (tmp_path / "a.md").write_text(CARDS["pictures and bold names of fields under a heading"][1])
    bibliography = read_bibliography(tmp_path)
    assert [one.title for one in bibliography.references] == ["Roseau", ""]
    assert [len(bibliography.citations), len(bibliography.notes)] == [2, 1]


@pytest.mark.parametrize("again", ["———. ", "--- . ", "Id., ", "_____, "])
def test_a_dash_in_place_of_names_repeats_those_before(tmp_path, again):
    line = "Garnier, Maud et Ibrahim Sow. « Le travail ». *Cahiers*, 9 octobre 2020.\n\n"
    (tmp_path / "a.txt").write_text(
        f"{line}{again}« Réponse ». *Cahiers*, février 2021.\n", "utf-8"
    )
    assert [one.authors for one in read_bibliography(tmp_path).references] == [
        "Maud Garnier, Ibrahim Sow"
    ] * 2


def test_a_dash_repeats_who_wrote_a_chapter_whose_book_others_edit(tmp_path):
    text = (
        "Essai, Anne. *Un titre*. Paris : Seuil, 2005.\n\n"
        "———. « Deux titres ». Dans *Un recueil*, sous la direction de Denis Autre, 77-98. 2008.\n"
    )
    (tmp_path / "a.md").write_text(text, "utf-8")
    _, chapter = read_bibliography(tmp_path).references

    assert chapter.authors == "Anne Essai"
    assert [name.family for name in chapter.editor] == ["Autre"]


def test_the_addresses_of_a_line_under_a_linked_heading_are_references(tmp_path):
    text = (
        "## [Un titre](https://exemple.test/un)\n\nIn [Anne Essai](https://exemple.test/2), 2014\n"
    )
    (tmp_path / "a.md").write_text(text, "utf-8")

    urls = {one.url for one in read_bibliography(tmp_path).references}
    assert urls == {"https://exemple.test/un", "https://exemple.test/2"}


def test_a_day_over_an_address_is_no_title(tmp_path):
    text = "# 9 octobre\nhttps://exemple.test/un\nUn billet sans auteur sur les parkings.\n"
    (tmp_path / "a.md").write_text(text, "utf-8")
    (reference,) = read_bibliography(tmp_path).references

    assert (reference.title, reference.url) == ("", "https://exemple.test/un")


def test_a_term_and_its_meaning_in_italics_are_no_reference(tmp_path):
    (tmp_path / "a.md").write_text("**API** *(Interface de programme)* — Ce qui relie.\n", "utf-8")
    assert read_bibliography(tmp_path).references == ()


def test_a_line_between_signs_of_equality_is_a_heading_of_a_wiki(tmp_path):
    text = "== Livres ==\n\n- Roux Ida, *Clé*, Arles, Ancre, 1994.\n\n=== Presse ===\n\n- {}\n"
    (tmp_path / "a.txt").write_text(text.format("https://exemple.test/un"), "utf-8")
    sections = [one.section for one in read_bibliography(tmp_path).references]
    assert sections == [("Livres",), ("Livres", "Presse")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.html",
            '<p>20 octobre par <a class="url fn n" href="https://exemple.test/nora">Nora</a></p>',
        ),
        ("a.md", "*Page sous licence [CC BY](https://creativecommons.org/licenses/by/4.0/)*\n"),
    ],
)
def test_who_signs_a_page_and_its_licence_are_no_references(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    bibliography = read_bibliography(tmp_path)
    assert bibliography.references == ()
    assert bibliography.left_out["navigation"] == 1


def test_a_line_under_an_address_or_a_comment_may_start_a_reference(tmp_path):
    text = (
        "http://exemple.test/un : base de données, photos anciennes\n"
        "Roseau fictif, http://exemple.test/deux\n\n"
        "GAUTHIER Sylvie. « Halles ». In : Patrimoines, 2011, n°17, pp. 12-19.\n"
        "    Bonne bibliographie finale.\n"
        "VAN DAMME P., Les poids du roi, thèse, univ. de Lille, 1987\n"
    )
    (tmp_path / "a.txt").write_text(text, "utf-8")
    bibliography = read_bibliography(tmp_path)
    assert titles(bibliography) == ["", "Roseau fictif", "Halles", "Les poids du roi"]
    assert notes_by_title(bibliography)["Halles"] == ["Bonne bibliographie finale."]


@pytest.mark.parametrize(
    ("text", "authors", "issued"),
    [
        (TIED["who signs below a linked heading"][1], "Léa Vasseur, Rose Petit", "2014"),
        (TIED["an article of the press as it is pasted"][1], "Léa Vasseur", "2017-11-04"),
        (TIED["properties of Obsidian below a heading, and notes under one of their own"][1],
         "Yann Le Bris", "2016"),
        ("Là : [Nuits](https://exemple.test/un) de H. Vasseur (2016).", "H. Vasseur", "2016"),
        ("Lire l'article de Léa Vasseur, [Nuits](https://exemple.test/un), puis la suite.",
         "Léa Vasseur", ""),
    ],
)  # fmt: skip
def test_who_signs_and_when_is_read_beside_a_link(tmp_path, text, authors, issued):
    (tmp_path / "a.md").write_text(text, "utf-8")
    (one,) = read_bibliography(tmp_path).references
    assert (one.authors, one.issued) == (authors, issued)
