"""Where people put their notes, and what the notes then comment on."""

import pytest

from tests.bibliography.saying import notes_by_title

CLIC = "Élodie Garnaud, « Le clic et la peine », Le Quotidien fictif, 3 mai 2016"
COOP = "Paul Tessier, *Coopérer à plusieurs*, Lyon, Éditions du Pont, 2015"

NUMBERED = "Le travail se fragmente [1], et la coopération y répond [1, 2]."

CASES = {
    "paragraphs after the reference": (
        "biblio_txt",
        f"Travail\n\n{CLIC}\n\nUne enquête.\n\nQui en appelle d’autres.\n\n{COOP}\n\nUn manuel.\n",
        {
            "Le clic et la peine": ["Une enquête.\n\nQui en appelle d’autres."],
            "Coopérer à plusieurs": ["Un manuel."],
        },
    ),
    "a line of no-break spaces ends the note": (
        "biblio_txt",
        f"Travail\n\n{CLIC}\n\u00a0\nUne enquête.\n\u00a0\nUn autre regard, sans référence.\n",
        {"Le clic et la peine": ["Une enquête."], "": ["Un autre regard, sans référence."]},
    ),
    "the same line, after a dash": (
        "biblio_md",
        f"- {COOP} — un plaidoyer pour les coopératives de plateforme.\n",
        {"Coopérer à plusieurs": ["un plaidoyer pour les coopératives de plateforme."]},
    ),
    "the line under, without an empty one": (
        "biblio_txt",
        f"{CLIC}\nUne enquête par entretiens auprès de livreurs.\n\n"
        f"{COOP}\nUn manuel pour débuter.\n",
        {
            "Le clic et la peine": ["Une enquête par entretiens auprès de livreurs."],
            "Coopérer à plusieurs": ["Un manuel pour débuter."],
        },
    ),
    "an indented block": (
        "biblio_txt",
        f"{CLIC}\n    Une enquête menée pendant un hiver,\n    avec trois livreurs.\n",
        {"Le clic et la peine": ["Une enquête menée pendant un hiver, avec trois livreurs."]},
    ),
    "a quotation": (
        "biblio_md",
        f"- {CLIC}\n\n  > Le meilleur point de départ.\n\nUne remarque générale.\n",
        {"Le clic et la peine": ["Le meilleur point de départ."], "": ["Une remarque générale."]},
    ),
    "bullets under a bullet": (
        "biblio_md",
        f"- {CLIC}\n  - une enquête sur les livreurs\n- {COOP}\n",
        {"Le clic et la peine": ["une enquête sur les livreurs"]},
    ),
    "before the reference, with a colon": (
        "biblio_txt",
        f"On lira avec profit deux textes sur le sujet :\n\n- {CLIC}\n- {COOP}\n",
        {
            "Le clic et la peine": ["On lira avec profit deux textes sur le sujet :"],
            "Coopérer à plusieurs": ["On lira avec profit deux textes sur le sujet :"],
        },
    ),
    "around the reference, in one sentence": (
        "biblio_txt",
        f"On lira avec profit {CLIC}, qui montre comment tient une équipe.\n",
        {
            "Le clic et la peine": [
                f"On lira avec profit {CLIC}, qui montre comment tient une équipe."
            ]
        },
    ),
    "one note for a sub-list": (
        "biblio_txt",
        f"Travail\n\n- {CLIC}\n- {COOP}\n\nCes deux textes se répondent.\n",
        {
            "Le clic et la peine": ["Ces deux textes se répondent."],
            "Coopérer à plusieurs": ["Ces deux textes se répondent."],
        },
    ),
    "a parent item over its references": (
        "biblio_md",
        f"- Deux lectures sur le travail\n  - {CLIC}\n  - {COOP}\n",
        {
            "Le clic et la peine": ["Deux lectures sur le travail"],
            "Coopérer à plusieurs": ["Deux lectures sur le travail"],
        },
    ),
    "labels": (
        "biblio_txt",
        f"{CLIC}\n\nRésumé : une enquête.\nCommentaire : à lire.\nMots-clés : travail, vélo\n",
        {"Le clic et la peine": ["une enquête.\n\nà lire."]},
    ),
    "a label on the same line": (
        "biblio_txt",
        f"{CLIC}. Commentaire : une lecture stimulante.\n",
        {"Le clic et la peine": ["une lecture stimulante."]},
    ),
    "a table": (
        "biblio_md",
        "| Référence | Commentaire |\n|---|---|\n"
        f"| {CLIC} | Une enquête. |\n| {COOP} | Un manuel. |\n",
        {"Le clic et la peine": ["Une enquête."], "Coopérer à plusieurs": ["Un manuel."]},
    ),
    "a table with a column for each field": (
        "biblio_md",
        "| Auteur | Titre | Revue | Date | Remarques |\n|--|--|--|--|--|\n"
        "| Élodie Garnaud | Le clic et la peine | Le Quotidien fictif | 2016 | Une enquête. |\n",
        {"Le clic et la peine": ["Une enquête."]},
    ),
    "a table in a saved page": (
        "biblio_html",
        "<table><tr><th>Référence</th><th>Commentaire</th></tr>"
        f"<tr><td>{CLIC}</td><td><p>Une enquête.</p></td></tr></table>",
        {"Le clic et la peine": ["Une enquête."]},
    ),
    "running text with numbers": (
        "biblio_txt",
        f"{NUMBERED}\n\nBIBLIOGRAPHIE\n\n[1] {CLIC}\n[2] {COOP}\n",
        {
            "Le clic et la peine": [
                "Le travail se fragmente [1], et la coopération y répond [1, 2]."
            ],
            "Coopérer à plusieurs": [
                "Le travail se fragmente [1], et la coopération y répond [1, 2]."
            ],
        },
    ),
    "footnotes": (
        "biblio_md",
        f"Le travail se fragmente[^1].\n\n[^1]: {CLIC}\n",
        {"Le clic et la peine": ["Le travail se fragmente[^1]."]},
    ),
    "a saved page's list": (
        "biblio_html",
        f"<ul><li>{CLIC}<p>Une enquête.</p></li>"
        f"<li>{COOP}<blockquote>Un manuel.</blockquote></li></ul>",
        {"Le clic et la peine": ["Une enquête."], "Coopérer à plusieurs": ["Un manuel."]},
    ),
    "a saved page's definitions": (
        "biblio_html",
        f"<dl><dt>{CLIC}</dt><dd>Une enquête.</dd></dl>",
        {"Le clic et la peine": ["Une enquête."]},
    ),
    "an introduction is a note on nothing": (
        "biblio_md",
        f"# Travail\n\nCe thème est vaste.\n\n## Lectures\n\n- {CLIC}\n",
        {"": ["Ce thème est vaste."]},
    ),
    "the text before it, again": (
        "biblio_txt",
        f"{CLIC}\n\nUne enquête.\n\nIbid., p. 12.\n\nUn second passage.\n",
        {"Le clic et la peine": ["Une enquête.", "Un second passage."]},
    ),
}


@pytest.mark.parametrize(("name", "text", "expected"), CASES.values(), ids=CASES)
def test_a_note_comments_on_what_it_stands_beside(read, name, text, expected):
    assert notes_by_title(read(**{name: text})) == expected


def test_keywords_belong_to_the_reference(read):
    bibliography = read(biblio_txt=f"{CLIC}\n\nMots-clés : travail, vélo ; droit\n")

    assert bibliography.references[0].keyword == ("travail", "vélo", "droit")
    assert bibliography.notes == ()


def test_an_address_under_a_note_belongs_to_the_notes_reference(read):
    bibliography = read(biblio_txt=f"{COOP}\nUn manuel pour débuter.\nhttp://exemple.test/coop\n")

    assert bibliography.references[0].url == "http://exemple.test/coop"
    assert [note.text for note in bibliography.notes] == ["Un manuel pour débuter."]


def test_a_sentence_with_a_link_is_a_note_that_cites_it(read):
    text = (
        "La plateforme [Voisins](https://exemple.test/voisins) propose des outils aux habitants.\n"
    )

    assert notes_by_title(read(biblio_md=text)) == {
        "Voisins": ["La plateforme Voisins propose des outils aux habitants."]
    }


def test_a_bare_address_in_a_list_is_a_text_without_title(read):
    bibliography = read(biblio_md=f"- {CLIC}\n- https://exemple.test/lien-nu\n")

    assert [one.url for one in bibliography.references] == [None, "https://exemple.test/lien-nu"]
    assert "reference-without-title" in [problem.code for problem in bibliography.problems]
