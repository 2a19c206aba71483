"""The promise: every word of a file ends in a field, a note, a heading or a told remainder."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography import read_bibliography
from indexer.bibliography.findings import find_remainder, find_words, list_kept
from indexer.messages import open_translator
from indexer.model import Bibliography, Name, Reference
from tests.bibliography.saying import slugs


def words_held(bibliography: Bibliography) -> set[str]:
    """All the words that a bibliography holds or tells; a reference's source line is none."""
    say = open_translator("fr")
    texts = [text for one in bibliography.references for text in list_kept(one)]
    texts += [text for one in bibliography.references for text in one.section]
    texts += [text for one in bibliography.notes for text in (one.text, *one.section)]
    texts += [text for one in bibliography.entries for text in (one.title, one.text, *one.section)]
    texts += [say(problem.said) for problem in bibliography.problems]
    return set(find_words(" ".join(texts)))


def read_text(suffix: str, text: str) -> Bibliography:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"a.{suffix}").write_text(text, "utf-8")
        return read_bibliography(Path(folder))


# Words of our own, each there once, so that a word that is lost cannot hide behind another.
_SYLLABLES = ["ba", "ce", "di", "fo", "gu", "la", "mé", "no", "pi", "ru", "sa", "te", "vi", "zo"]


def name_word(number: int) -> str:
    return "".join(_SYLLABLES[(number // 14**power) % 14] for power in (2, 1, 0)) + "r"


PATTERNS = {
    "md": [
        "# {W} {w}\n\n- [{W}]({u})",
        "## {W}\n\n- [{W}]({u})",
        "**{W} {w}**\n\n- [{W}]({u})",
        "- [{W} {w} {w}]({u})",
        "- [{W} {w} {w}]({u}) : {w} {w} {w}.",
        "- [{W}]({u}), {W} {w}, mars 2014 — {w} {w}.",
        "- {W} {W}, « {W} {w} {w} », {W}, 12 mai 2015, {u}",
        "{W} {W}, *{W} {w}*, {W}, {W}, 2011, 320 p.",
        "{W}, {W}. {W} {w} {w}. Paris: {W}, 1999.",
        "{W} {W}, « {W} {w} », in {W} {W} (dir.), *{W} {w}*, Lyon, {W}, 2008, p. 12-25.",
        "{W} {w} [{w} {w}]({u}) {w}, et {w} [{W}]({u}).",
        "{W} {w} {w} {w}.\n{W} {w} {w} {u} {w}.",
        "> {W} {w} {w}",
        "| {W} | {w} |\n|---|---|\n| [{W}]({u}) | {w} {w} |\n| {W} | {W} {w} |",
        "| Référence | {W} | Commentaire |\n|---|---|---|\n| {W}, « {W} {w} », 2010 | {W} | {w} |",
        "1. {W} {w}\n   - {w} {w} {u}\n   - {W}",
        "{u}\n{W} {w} {w}",
        "Mots-clés : {w}, {w}",
        "Résumé : {w} {w}",
        "[^1]: {W} {W}, « {W} {w} », {W}, 2003.",
        '<p>{W} <b>{w}</b> <a href="{u}">{W}</a> {w}</p>',
        "`{w} {w}` {w}",
        "```\n{w} {w}\n```",
        "![{W}](https://exemple.test/{n}.png) {w}",
        "[[{W} {w}]] {w}",
        "[{W}][a{k}] {w}\n\n[a{k}]: {u}",
        "[b]: {u}",
        "« {W} {w} » : {w} {w}, Paris, {W}, 2022, {u}",
        "{W} {W} et al., {W} {w} {w}, coll. {W}, 2e éd., {W}, 2012.",
        "{W} {w} ({w}), trad. {W} {W}, {W} : {W}, 1968 [rééd. 2009].",
        "Ibid., {w} {w}",
        "---",
        "<aside>{W} {w}</aside>",
        # What looks like a sign of a program, and is somebody's.
        "- [{W} {w}]({u}) 10 ^{w}",
        "- {W} {w} {w} ^{w}",
        "[[{W}]] {w}\n\n{W} {w} 10 ^{w} {w}",
        '[{W}]({u} "{W} {w}") {w}',
        "[{W}](<{u}> '{W} {w}') {w}",
        '[{W}][a{k}] {w}\n\n[a{k}]: {u} "{W} {w}"',
        '{W} <a href="{u}" title="{W} {w}">{W}</a> {w}',
        "{W} <!-- {W} {w} --> {w}",
        "<!-- {W} {w} -->\n\n{W} {w}",
        "{W} <{w}> {w}",
        "<{w} {w}>\n{W} {w}",
        "[{w}]: {W}",
        "[{w}] {W} {w}",
        "author:: {W}\nauteur:: {W}\ntitle:: {W}\nurl:: {u}",
        "[{W}]({u})\nTitre : {W} {w}\nLien : {u}",
        "| {W} | {w} |\n|---|---|\n| {W} | {w} | {w} | {w} |",
        "| {W} |\n|---|\n| [{W}]({u}) | {w} |",
        "<div><p>{W}</p><p>{w}</p></div>",
        "<details><summary>{W}</summary>{w}</details>",
        '<p><a href="{u}"><img src="x.png" alt="{W} {w}"></a></p>',
        '[<img src="x.png" alt="{W} {w}">]({u})',
        "{W} {w}\n\n-- \n{W} {w} {u}",
        "### {W} {w}\n🏢 **Éditeur** : {W}\n🌐 **Site** : {u}\n📖 **Documentation** : {u}",
        "{W}. (2015). *{W} {w}*.\n— {W} {w} {w}.\n{u}",
        "———. *{W} {w}*. {W}, 2012. {W} {w} {w} {W}, 2016.",
        "{W} {w} {w}\n{W} {W}, {W}, 3 mai 2014\n{u}",
        "%% {W} {w} {u} %%",
        "--\n{W} {w}",
    ],
    "org": [
        "#+TITLE: {W} {w}\n\n- [[{u}][{W} {w}]]",
        "#+AUTHOR: {W} {W}",
        "* {W} {w} :{w}:\n\n- [[{u}][{W} {w}]]",
        "** TODO {W}\n[[{u}][{W}]]\n:PROPERTIES:\n:URL: {u}\n:{W}: {w}\n:END:",
        "- [[{u}][{W} {w}]] {w} {w}",
        "* {W} {w}\n:PROPERTIES:\n:AUTHOR: {W} {W}\n:YEAR: 2008\n:PUBLISHER: {W}\n:END:\n{w} {w}",
        "{W} /{w}/ *{w}* [[{u}]]",
        "# {w} {w}",
        "| {W} | {w} |\n|---+---|\n| {W} | {w} |",
        "#+BEGIN_QUOTE\n{W} {w}\n#+END_QUOTE",
        "{W} {W}, « {W} {w} », {W}, 12 mai 2015, {u}",
        "* {W}\n:LOGBOOK:\nCLOCK: [2020-01-01]\n- Note taken on [2020-01-01]\n  {w} {w}\n:END:",
        "#+{w}: {w} {w}",
    ],
    "html": [
        "<title>{W} {w}</title>",
        "<h2>{W} {w}</h2><p><a href='{u}'>{W}</a></p>",
        "<p>{W} {w} <a href='{u}'>{W} {w}</a>, {w} {w}.</p>",
        "<ul><li><a href='{u}'>{W}</a> : {w} {w}<ul><li>{W} {w}</li></ul></li><li>{W}</li></ul>",
        "<aside>{W} {w} <a href='{u}'>{w}</a></aside>",
        "<table><tr><th>{W}</th><th>Note</th></tr><tr><td>{W} {w}</td><td>{w}</td></tr></table>",
        "<dl><dt>{W} {W}, <i>{W} {w}</i>, {W}, 2010</dt><dd>{w} {w}</dd></dl>",
        "<blockquote>{W} {w}</blockquote>{w} {w}",
        "<p><b>{W} {W}</b>, <cite>{W} {w}</cite>, {W}, 2004, 12 p.</p>",
        "<noscript>{W} {w}</noscript>",
        "<figure><img src='x.png'><figcaption>{W} {w}</figcaption></figure>",
        "{W} {w}<br>{W} <span>{w}</span>",
        "<p>{w} <a href='{u}'><img alt='{W} {w}'></a></p>",
    ],
}
PATTERNS["txt"] = [
    pattern
    for pattern in PATTERNS["md"]
    if not re.search(r"^<(?!!)|`|!\[|\[\[|\]\[|\||<img|\(<|:: ", pattern)
]
RECORDS = {
    "bib": (
        "@book{k%n,\n title = {%W %w},\n author = {%W, %W and %W, %W},\n publisher = {%W},\n"
        " FIELD = {%W %w},\n year = 2010\n}\n"
    ),
    "ris": (
        "TY  - BOOK\nTI  - %W %w\nAU  - %W, %W\nPB  - %W\nFIELD  - %W %w\nPY  - 2010\nER  - \n"
    ),
    "json": (
        '{"id": "k%n", "type": "book", "title": "%W %w", "author": [{"family": "%W", '
        '"given": "%W"}], "publisher": "%W", "FIELD": "%W %w"}'
    ),
}
FIELDS = {
    "bib": "note series howpublished titleaddon eventtitle venue annote type pubstate",
    "ris": "N1 AB T3 C1 CY SP LB ST AD ET N2 KW M3",
    "json": "note abstract genre event collection-title status medium source scale",
}


class _Writer:
    """Fill patterns with words that are there once; remember them."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.addresses: list[str] = []
        self._number = 196

    def fill(self, pattern: str) -> str:
        pattern = pattern.replace("{k}", str(self._number))
        return re.sub(r"\{(\w)\}|%(\w)", self._one, pattern)

    def _one(self, found: "re.Match[str]") -> str:
        kind = found[1] or found[2]
        if kind == "n":
            return str(self._number)
        self._number += 1
        if kind == "u":
            self.addresses.append(f"https://exemple.test/{self._number}")
            return self.addresses[-1]
        word = name_word(self._number)
        self.written += find_words(word)
        return word.capitalize() if kind == "W" else word


@pytest.mark.parametrize("suffix", PATTERNS)
@given(data=st.data())
@settings(max_examples=30)
def test_every_word_and_every_address_of_a_page_is_held_or_told(suffix, data):
    patterns = data.draw(st.lists(st.sampled_from(PATTERNS[suffix]), min_size=1, max_size=7))
    writer = _Writer()
    text = "\n\n".join(map(writer.fill, patterns))
    bibliography = read_text(suffix, text)

    held = words_held(bibliography)
    lost = [word for word in writer.written if word not in held]
    # What a file of Obsidian calls its blocks ("^name" behind the last word) is counted.
    assert len(lost) <= bibliography.left_out.get("anchor", 0), (lost, text)
    addresses = {address for one in bibliography.references for address in (one.url,)}
    told = open_translator("fr")
    said = " ".join(told(one.said) for one in bibliography.problems)
    said += " ".join(one.text for one in bibliography.notes)
    assert [one for one in writer.addresses if one not in addresses and one not in said] == [], text


@pytest.mark.parametrize("suffix", RECORDS)
@given(data=st.data())
@settings(max_examples=30)
def test_every_word_of_a_record_is_held_or_told(suffix, data):
    writer = _Writer()
    records = [
        writer.fill(
            RECORDS[suffix].replace("FIELD", data.draw(st.sampled_from(FIELDS[suffix].split())))
        )
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    text = f"[{', '.join(records)}]" if suffix == "json" else "\n".join(records)
    held = words_held(read_text(suffix, text))

    assert [word for word in writer.written if word not in held] == [], text


def test_a_row_of_data_is_a_paragraph_and_what_no_column_tells_is_told_once_a_row():
    data = "| Pays | Part |\n|---|---|\n| Brume | 12 |\n| Bief | 30 |\n"
    (note,) = read_text("md", data).notes
    assert note.text == "Pays ; Part\n\nBrume ; 12\n\nBief ; 30"

    cited = (
        "| Référence | Cote | Rayon |\n|---|---|---|\n| Léo Essai, « Un titre », 2010 | B12 | C |\n"
    )
    told = [one for one in read_text("md", cited).problems if one.code == "left-over"]
    assert [(one.place.line, dict(one.said.values)["words"]) for one in told if one.place] == [
        (1, "Cote ; Rayon"),
        (3, "B12 ; C"),
    ]


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("Léo Essai, « Un titre », Revue, vol. 3, n° 2, 12 mai 2015, consulté le 3 juin 2016", ""),
        ("Léo Essai, « Un titre », Revue, 12 mai 2015, cote B12", "cote B12"),
        ("Léo Essai, « Un titre », Revue, 320 p., 12 mai 2015", "320"),
        ("Léo Essai, « Un titre », Revue, 12 mai 2015 (PDF, 3 Mo) ISBN 978-2-7071-1234-5", ""),
    ],
)
def test_words_that_name_a_field_say_nothing_once_it_is_read(raw, left):
    reference = Reference(
        id="a",
        title="Un titre",
        author=(Name(given="Léo", family="Essai"),),
        container_title="Revue",
        volume="3",
        issue="2",
        issued="2015-05-12",
        accessed="2016-06-03",
        isbn="9782707112345",
    )
    assert find_remainder(raw, [reference]) == left


def test_the_title_that_a_second_mention_gives_is_told():
    text = "- [Ville lente](https://exemple.test/a)\n- [Une autre ville](https://exemple.test/a)\n"
    bibliography = read_text("md", text)

    assert len(bibliography.references) == 1
    assert "left-over" in slugs(bibliography)


@pytest.mark.parametrize(
    "line",
    [
        "« Ville lente » : un autre habitat, Paris, Le Bief, 2022, https://exemple.test/a",
        "« [Ville lente](https://exemple.test/a) » : un autre habitat, Paris, Le Bief, 2022",
        "[Ville lente](https://exemple.test/a) : un autre habitat, Paris, Le Bief, 2022",
        "*Ville lente* : un autre habitat, Paris, Le Bief, 2022, https://exemple.test/a",
    ],
)
def test_a_subtitle_before_an_imprint_belongs_to_the_title(line):
    bibliography = read_text("md", f"- {line}\n")
    (one,) = bibliography.references

    assert one.title == "Ville lente : un autre habitat"
    assert (one.publisher_place, one.publisher, one.issued) == ("Paris", "Le Bief", "2022")
    assert bibliography.notes == ()


def test_without_an_imprint_what_follows_the_colon_is_a_comment():
    line = "- [Ville lente](https://exemple.test/a) : un plaidoyer, en vingt pages\n"
    assert [note.text for note in read_text("md", line).notes] == ["un plaidoyer, en vingt pages"]


@pytest.mark.parametrize("name", ["Éd. de Minuit", "Les éd. du Pont"])
def test_an_abbreviation_does_not_end_the_name_of_a_publisher(name):
    (one,) = read_text("md", f"- Essai, Anne. Un titre. Paris: {name}, 1991.\n").references
    assert (one.publisher_place, one.publisher) == ("Paris", name)


LENTE = '<a href="https://exemple.test/lente">Ville lente</a>'
VIVE = '<a href="https://exemple.test/vive">Ville vive</a>'


@pytest.mark.parametrize(
    "table",
    [
        f"<tr><th>Lieu<th>Où<tr><td>{LENTE}<td>Un plaidoyer<tr><td>{VIVE}<td>Une enquête</table>",
        f"<tr><td>{LENTE}</td><td>Un plaidoyer</td></tr><tr><td>{VIVE}</td><td>Une enquête",
        f"<td>{LENTE}<td>Un plaidoyer<tr><td>{VIVE}<td>Une enquête</tbody></table><p>Fin",
        f"<tr><td>À gauche<td><table><tr><td>{LENTE}<td>Un plaidoyer</table>"
        f"<td>{VIVE}<td>Une enquête</table>",
        f"Hors des cases<tr><td>{LENTE}<td>Un plaidoyer</tr>puis<tr><td>{VIVE}<td>Une enquête",
    ],
)
def test_a_table_may_leave_out_end_tags_and_hold_another(table):
    page = f"<h1>Liste</h1><table>{table}"
    bibliography = read_text("html", page)

    assert {one.title for one in bibliography.references} == {"Ville lente", "Ville vive"}
    held = words_held(bibliography)
    assert set(find_words(re.sub(r"<[^>]*>", " ", table))) <= held


def test_a_power_is_no_name_of_a_block_and_the_name_of_a_block_is_counted():
    note = "> [!note] Surface\n> Le [[Bief]] a perdu 10 ^6 ha, dit-on, en peu de temps.\n"
    items = "- [Ville lente](https://exemple.test/a) : utile ^avis\n- Une perte de 10 ^6\n"
    bibliography = read_text("md", f"{items}\n{note}")

    said = " ".join(one.text for one in bibliography.notes)
    assert "10 ^6 ha" in said and "perte de 10 ^6" in said and "avis" not in said
    assert bibliography.left_out["anchor"] == 1

    plain_file = read_text("md", "- [Ville lente](https://exemple.test/a) : utile ^avis\n")
    assert [one.text for one in plain_file.notes] == ["utile ^avis"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[Ville lente](https://exemple.test/a "Un autre titre")', ["Un autre titre"]),
        ('[Ville lente](https://exemple.test/a "Ville lente")', []),
        (
            "[Ville lente](https://exemple.test/a)\n\n<!-- à relire avec Léo -->",
            ["à relire avec Léo"],
        ),
        (
            "<!-- toc -->\n\n[Ville lente](https://exemple.test/a)\n\n<!-- markdownlint-on -->",
            [],
        ),
        ("[avis]: excellent\n\n[Ville lente](https://exemple.test/a)", ["[avis]: excellent"]),
    ],
)
def test_what_a_file_shows_nowhere_is_told(text, told):
    found = read_text("md", text).problems
    assert [dict(one.said.values)["words"] for one in found if one.code == "left-over"] == told


def test_lines_of_two_hyphens_that_part_entries_hide_none_of_them():
    text = (
        "Ville lente\nhttps://exemple.test/a\n--\nVille vive\nhttps://exemple.test/b\n--\nFin : x\n"
    )
    urls = [one.url for one in read_text("txt", text).references]
    assert urls == ["https://exemple.test/a", "https://exemple.test/b"]


def test_words_between_angle_brackets_are_words_unless_html_has_such_an_element():
    text = (
        "- [Ville lente](https://exemple.test/a) : <sic> lu dans <nom de la revue> et <b>relu</b>\n"
    )
    (note,) = read_text("md", text).notes
    assert note.text == "<sic> lu dans <nom de la revue> et relu"


def test_cells_beyond_the_head_of_a_table_are_kept():
    row = "| Ville lente | https://exemple.test/a | très clair, utile |"
    table = f"| Titre | Lien |\n|---|---|\n{row}\n"
    bibliography = read_text("md", table)
    assert "tres" in words_held(bibliography) and "utile" in words_held(bibliography)


def test_the_signature_of_a_mail_is_told():
    text = "Ville lente\nhttps://exemple.test/a\n\n-- \nLéo Essai\nTél. 01\n"
    (told,) = (one for one in read_text("txt", text).problems if one.code == "left-over")
    assert dict(told.said.values)["words"] == "-- Léo Essai Tél. 01"


def test_a_heading_over_nothing_but_a_second_mention_is_told():
    link = "- [Ville lente](https://exemple.test/a)\n"
    bibliography = read_text("md", f"# Livres\n\n{link}\n# Relectures\n\n{link}")
    assert len(bibliography.references) == 1 and "relectures" in words_held(bibliography)
