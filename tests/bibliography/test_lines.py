"""Reference lines: made-up texts in shapes that real bibliographies have.

golden/shapes.json are the shapes that the rules were first written for, golden/lines.json those
that they were then tried on; benchmarks/results/bibliography.md says how each set fared unseen.
"""

import json
from pathlib import Path

import pytest

from indexer.bibliography.lines.reading import THRESHOLD, parse_reference, weigh_reference

GOLDEN = Path(__file__).parent / "golden"
CASES = [
    case
    for name in ("shapes", "lines")
    for case in json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))
]
KIND_BY_TYPE = {"interview": "interview", "entry-encyclopedia": "wiki"}


def fields(line: str) -> dict[str, object]:
    reading = parse_reference(line)
    one = reading.reference
    season = len(one.issued) == 7 and one.issued[5:] > "20"
    return {
        "authors": [name.display for name in one.author or one.editor],
        "role": "" if one.author else one.editor_role,
        "title": one.title,
        "container": one.container_title,
        "publisher": one.publisher,
        "date": (one.issued[:4] if season else one.issued) or None,
        "accessed": one.accessed,
        "url": one.url,
        "archive": one.archive_url,
        "doi": one.doi,
        "isbn": one.isbn,
        "number": one.number,
        "volume": one.volume,
        "issue": one.issue,
        "page": one.page,
        "kind": KIND_BY_TYPE.get(one.type, one.type),
        "remark": reading.remark,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"][:60])
def test_a_line_is_read_into_its_fields(case):
    read = fields(case["line"])

    assert {key: read[key] for key in case["expected"]} == case["expected"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"][:60])
def test_a_line_keeps_itself_and_says_how_sure_it_is(case):
    one = parse_reference(case["line"]).reference

    assert one.raw == case["line"]
    assert all(0 <= value <= 1 for value in one.confidence.values())
    assert "title" in one.confidence


@pytest.mark.parametrize(
    ("remark", "line"),
    [
        (
            "Contredit par un autre.",
            "Essai A., « Ponts », in *Études*, 2007, pp. 5-19. Contredit par un autre.",
        ),
        (
            "Non consultée.",
            "ESSAI, Anne. Ponts. Thèse de doctorat. Rennes : Université, 2017. Non consultée.",
        ),
        ("Drôle.", "Anne Essai, *Ponts*, Presses du Pont, 2021. Drôle."),
        ("", "Anne Essai, « Ponts », 12 mars 2014. Sciences humaines."),
        (
            "Jamais appliqué !",
            "Mairie de Rocheval : Plan des ponts, tome 1. 1996. Jamais appliqué !",
        ),
        ("", "Anne Essai, *Ponts*, Presses du Pont, 2021. Paris."),
    ],
)
def test_a_few_words_behind_a_closed_reference_are_a_comment(remark, line):
    assert parse_reference(line).remark == remark


@pytest.mark.parametrize(
    ("line", "title", "author", "container"),
    [
        (
            "Article sur Gazette.fr de Samuel Essai, « Ponts », du 8 mai 2010",
            "Ponts",
            "Samuel Essai",
            "Gazette.fr",
        ),
        (
            "Billet sur le blog de Luc Essai, « Ponts », du 8 mai 2010",
            "Ponts",
            "",
            "le blog de Luc Essai",
        ),
        ("Ponts et gués (Marie Essai) https://exemple.test/a", "Ponts et gués", "Marie Essai", ""),
        (
            "Ponts et gués (Version Longue) https://exemple.test/a",
            "Ponts et gués (Version Longue)",
            "",
            "",
        ),
        ("Essai Philippe-J, _Ponts_, Paris, Seuil, 2007.", "Ponts", "Philippe-J Essai", ""),
        (
            "TERTRE, Aurèle. *Ponts et gués* [1874]. Paris : Seuil, 2011.",
            "Ponts et gués",
            "Aurèle Tertre",
            "",
        ),
        ("Bac essai, E. (1885). Ponts. Paris : Seuil.", "Ponts", "E. Bac essai", ""),
        (
            "Bac essai, J.-P. et Roy gué, A. (1999). Les deux rives. Lyon : Rhône.",
            "Les deux rives",
            "J.-P. Bac essai, A. Roy gué",
            "",
        ),
        ("Tertre (Aurèle d'), « Ponts », 2001.", "Ponts", "Aurèle d'Tertre", ""),
        ("La Tour, Aurèle de (1991), Ponts, Tours, Seuil.", "Ponts", "Aurèle de La Tour", ""),
        ("*Ponts*, documentaire de Marie Essai, 2004", "Ponts", "Marie Essai", ""),
        ("*Ponts* (Marie Essai, 1987)", "Ponts", "Marie Essai", ""),
        ("Conférence de Marie Essai, « Ponts », 5 mai 2017.", "Ponts", "Marie Essai", ""),
        ("2011 - Essai (Marie) & Roux (Luc), « Ponts »", "Ponts", "Marie Essai, Luc Roux", ""),
        ("« Ponts » de N. Essai, revue Gués, mai 2014", "Ponts", "N. Essai", "revue Gués"),
        ("Ponts et gués, manuscrit, 1789, https://exemple.test/a", "Ponts et gués", "", ""),
        (
            "Ponts et gués (Agence fictive, 2013, https://exemple.test/a)",
            "Ponts et gués",
            "",
            "Agence fictive",
        ),
        ("Ponts, un film de Marie Essai (1981), couleur", "Ponts", "Marie Essai", ""),
        ("Les ponts, série en 3 épisodes, Radio fictive, 2018", "Les ponts", "", ""),
        ("Les ponts, réalisé par Marie Essai, 2009, 85 min", "Les ponts", "Marie Essai", ""),
        ("**Ponts de lauze** (L. Essai, Seuil, 1988)", "Ponts de lauze", "L. Essai", ""),
        ("Mac Essaigh, Eoin. Ponts. Cork: Moss Books, 1990.", "Ponts", "Eoin Mac Essaigh", ""),
        ("Yann Le Bris, « Ponts », 2016", "Ponts", "Yann Le Bris", ""),
        (
            "LE BRIS, Yann, LA TOUR, Anne de : Ponts. Brest, Éd. du Flot, 2004.",
            "Ponts",
            "Yann Le Bris, Anne de La Tour",
            "",
        ),
        ("Essai P (2002). Les ponts, un sa-\nvoir.", "Les ponts, un savoir", "P. Essai", ""),
        ("Essai P (2002). Des ponts peut-\nêtre.", "Des ponts peut-être", "P. Essai", ""),
        (
            "Essai, Lise, 2014, Les ponts du Nord, Lyon, Gués.",
            "Les ponts du Nord",
            "Lise Essai",
            "",
        ),
    ],
)
def test_who_signs_and_where_is_told_from_the_title(line, title, author, container):
    one = parse_reference(line).reference
    assert (one.title, one.authors, one.container_title) == (title, author, container)


def test_junior_is_no_part_of_a_first_name():
    (_, second) = parse_reference(
        'Essai, June and Roux, Tom Jr. "Ponts." Gués 8 (2004).'
    ).reference.author
    assert (second.family, second.given, second.suffix) == ("Roux", "Tom", "Jr")


def test_what_was_read_online_is_dated_by_its_own_day():
    line = "Agence test. Bilan [Internet]. Lyon: AT; 2019 [cité le 3 févr 2020]. Disponible sur: https://exemple.test/a"
    one = parse_reference(line).reference
    assert (one.title, one.issued, one.accessed) == ("Bilan", "2019", "2020-02-03")


@pytest.mark.parametrize(
    ("line", "date"),
    [
        ("2009 – Dupont (Marie), La ville de 1850 à 1900, Le Seuil, 2012.", "2009"),
        ("2009 — Dupont (Marie), La ville, Le Seuil, 2012.", "2009"),
        ("2009 : Dupont (Marie), La ville en 2003, Le Seuil.", "2009"),
        ("[2009] - Dupont (Marie), La ville en 2003, Le Seuil.", "2003"),
        ("2009 Dupont (Marie), La ville en 2003, Le Seuil.", "2003"),
    ],
)
def test_the_year_before_a_dash_or_a_colon_that_opens_a_line_is_its_date(line, date):
    assert fields(line)["date"] == date


def test_a_season_is_a_date():
    assert (
        parse_reference("Anne Corbin, « La ville », Urbanités, automne 2014").reference.issued
        == "2014-23"
    )


HOSTILE = ["(", "[", "« ", '"', "A. ", "Aa Bb ", "Aa, Bb, ", "DUPONT ", "de la ", "2015, ", "- "]
HOSTILE += [
    "http://a.b/ ",
    "(http://",
    "URL : ",
    "texte ",
    "n° 1 ",
    "p. 3 ",
    "consulté le ",
    "<a ",
    "<a.a.",
    "*a",
    "rapport de M. ",
    "loi du ",
    "mis à jour le ",
    "12 | 2014 ",
    "Collectif, sous la direction de ",
    "Aa, Bb et Cc, ",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_line_takes_for_ever(words):
    """A rule with a repeat inside a repeat would not come back before the tests' time limit."""
    weigh_reference(f"2015 « x » http://e.test {words * 1500}"[:1490])


@pytest.mark.parametrize(
    "case",
    # "Ibid." means the reference before it.
    [case for case in CASES if "ibid" not in case["line"].lower()],
    ids=lambda case: case["line"][:60],
)
def test_a_reference_line_weighs_as_one(case):
    assert weigh_reference(case["line"])[0] >= THRESHOLD


@pytest.mark.parametrize(
    "sentence",
    [
        "L’économie collaborative permet aux villes moyennes de se redynamiser, explique l’auteur.",
        "Cette étude sur les nouveaux modèles économiques urbains paraîtra à l’automne 2016.",
        "Intéressant, mais pas de lien explicite avec le territoire",
        "D’après une ancienne élue, « les coopératives proposent une méthode viable ».",
        "Note qui vise à aider les décideurs à « inscrire les initiatives » dans la durée.",
    ],
)
def test_a_sentence_of_a_note_does_not(sentence):
    assert weigh_reference(sentence)[0] < THRESHOLD


@pytest.mark.parametrize(
    "sentence",
    [
        "La notice se trouve sur https://exemple.test/notice.",
        "Les actes sont consultables ici : https://exemple.test/actes",
        "On trouvera le plan sur <https://exemple.test/plan>",
    ],
)
def test_a_sentence_that_says_where_something_is_names_no_work(sentence):
    assert parse_reference(sentence).reference.title == ""


@pytest.mark.parametrize("separator", ["\n\n", "\n"], ids=["apart", "one a line"])
def test_a_file_of_such_lines_holds_their_texts(read, separator):
    bibliography = read(lines_txt=separator.join(case["line"] for case in CASES))

    found = {reference.title for reference in bibliography.references}
    wanted = {case["expected"]["title"] for case in CASES if "title" in case["expected"]}
    assert wanted <= found
    assert all(note.text[:1].isalpha() for note in bibliography.notes)


@pytest.mark.parametrize(
    ("line", "pages", "volumes", "page"),
    [
        ("Essai, Anne, *Un titre*, Paris, Bief, 2014, 204 p.", "204", "", ""),
        ("ESSAI Anne. Un titre. Lyon : Bief, 1987. 318 pages.", "318", "", ""),
        (
            "Essai (A.), *Un titre*, 6e éd., Lyon, Bief, 2019, XXIV-612 p., 45 €.",
            "XXIV-612",
            "",
            "",
        ),
        ("Essai, A. *Un titre*. Lyon : Le Bief, 2021. 2 vol., 288 + 301 p.", "288 + 301", "2", ""),
        ("ESSAI, A. Un titre. Mémoire de master, Université du Bief, 2015, 143 f.", "143", "", ""),
        ("Anne Essai, *Un titre* (Le Bief, 2003, 96 p., ill.)", "96", "", ""),
        ("Essai, A., « Un titre », *La Revue*, 2003, pp. 12-34.", "", "", "12-34"),
        ("Essai, A., « Un titre », *La Revue*, vol. 3, n° 2, 2011, p. 88", "", "", "88"),
        ("[Un titre](https://exemple.test/a) : les 20 pages de la fin suffisent", "", "", ""),
    ],
)
def test_the_length_of_a_work_is_no_place_in_another(line, pages, volumes, page):
    one = parse_reference(line).reference
    assert (one.number_of_pages, one.number_of_volumes, one.page) == (pages, volumes, page)
    assert one.title == "Un titre"


@pytest.mark.parametrize(
    ("line", "series", "remark"),
    [
        ("Essai, Anne, *Un titre*, Paris, Bief, coll. « Amarres », 2004, 204 p.", "Amarres", ""),
        ("Essai, A. *Un titre*. Brest : Le Bief, 2009. 312 p. (Rivages ; 14).", "Rivages 14", ""),
        ("Essai, A., *Un titre*, Seuil, coll. « Points. Essais », 2009.", "Points. Essais", ""),
        ("Essai, A., *Un titre*, Le Bief, coll. Échanges, no 4, 2012", "Échanges 4", ""),
        ("Essai, A., *Un titre*, Seuil, coll. « Points », 2005", "Points", ""),
        ("Essai, A., *Un titre*, Paris, Seuil, 2009. Points.", "Points", ""),
        ("Essai, A., *Un titre*, Paris, Seuil, 2009. Drôle.", "", "Drôle."),
        ("Essai, A., *Un titre*, Paris, Seuil, 1994, 160 p. → cadeau de Léo", "", "cadeau de Léo"),
        (
            "Essai, A., *Un titre*, Bief, 1976 (épuisé, voir la bibliothèque).",
            "",
            "épuisé, voir la bibliothèque",
        ),
    ],
)
def test_a_series_is_a_field_and_what_is_said_behind_a_date_is_a_remark(line, series, remark):
    reading = parse_reference(line)
    assert (reading.reference.collection_title, reading.remark) == (series, remark)
    assert reading.reference.title == "Un titre"


@pytest.mark.parametrize(
    "line",
    [
        "Essai, Anne, « Un titre », *Mots. Les langages du politique*, n° 88, 2008, p. 101-117.",
        "Essai, Anne, préf. de Léo Autre, *Un titre*, Dijon, Le Bief, 1994.",
        "Page Wikipédia « Un titre » : https://fr.wikipedia.test/wiki/Un_titre",
        "Anne Essai, entretien avec Léo Autre, « Un titre », Cahiers du bief, n° 7, 2018.",
    ],
)
def test_what_stands_around_a_title_is_neither_in_it_nor_cut_at_a_full_stop(line):
    one = parse_reference(line).reference
    assert one.title == "Un titre"
    assert [name.display for name in one.author] in ([], ["Anne Essai"])
    assert one.container_title in ("", "Mots. Les langages du politique", "Cahiers du bief")


@pytest.mark.parametrize(
    "line",
    [
        "30 janvier 2010 : mise à jour webographie (rapport Essai, billet de Léo Autre)",
        "12/09/2011 : ajout de la section thèses",
        "Atelier « école dehors », état au 4 février 2022",
        "Mis à jour le 8 avril 2021, « Liens »",
    ],
)
def test_what_a_page_says_of_itself_is_no_reference(line):
    assert weigh_reference(line, is_listed=True)[0] < THRESHOLD


def test_a_reference_that_came_out_anew_is_one_all_the_same():
    line = "Essai, Anne, *Atlas des haies*, mis à jour le 4 mai 2011, Paris, Bief, 2009."
    assert weigh_reference(line)[0] >= THRESHOLD
