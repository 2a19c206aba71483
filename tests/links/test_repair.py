"""A repair adds the archived address beside the original, and keeps every other byte."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography import read_bibliography
from indexer.links.editors import Fix
from indexer.links.repair import find_encoding, render_patch, repair_file
from indexer.model import Replacement
from tests import BIBLIOGRAPHY

URL = "http://exemple.test/article?a=1&b=2"
MEMENTO = f"https://web.archive.org/web/20151104000000/{URL}"
WHEN = datetime(2015, 11, 4, tzinfo=UTC)
FIX = Fix(url=URL, replacement=Replacement(address=MEMENTO, kind="memento", archived_at=WHEN))
UNDATED = Fix(url=URL, replacement=Replacement(address="https://copie.test/x", kind="copy"))
MOVED = Fix(url=URL, replacement=Replacement(address="https://neuf.test/a", kind="redirect"))
ESCAPED, ESCAPED_MEMENTO = (text.replace("&", "&amp;") for text in (URL, MEMENTO))
LINK = (
    f'<a href="{ESCAPED_MEMENTO}" data-originalurl="{ESCAPED}" '
    'data-versiondate="2015-11-04">[archive]</a>'
)


def repaired(path: str, text: str, *fixes: Fix) -> str:
    return repair_file(path, text.encode(), fixes or (FIX,)).after.decode()


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.txt", f"Un texte, {URL}\n", f"Un texte, {URL} (archive : {MEMENTO})\n"),
        ("a.txt", f"Un texte ({URL}).", f"Un texte ({URL} (archive : {MEMENTO}))."),
        ("a.txt", f"Un texte <{URL}>.", f"Un texte <{URL}> (archive : {MEMENTO})."),
        (
            "a.html",
            f'<p><a class="x" href="{ESCAPED}" rel=a>Texte</a></p>',
            f'<p><a class="x" href="{ESCAPED}" data-versionurl="{ESCAPED_MEMENTO}" '
            'data-versiondate="2015-11-04" rel=a>Texte</a></p>',
        ),
        (
            "a.htm",
            f"<a href={URL}>Texte</a>",
            f'<a href={URL} data-versionurl="{ESCAPED_MEMENTO}" '
            'data-versiondate="2015-11-04">Texte</a>',
        ),
        ("a.html", f"<p>Voir {ESCAPED}.</p>", f"<p>Voir {ESCAPED} {LINK}.</p>"),
        ("a.md", f"[Texte]({URL}) et suite", f"[Texte]({URL}) {LINK} et suite"),
        ("a.md", f'[Texte]({URL} "titre")\n', f'[Texte]({URL} "titre") {LINK}\n'),
        ("a.md", f"Voir <{URL}>, puis", f"Voir <{URL}> {LINK}, puis"),
        ("a.md", f"Voir {URL}, puis", f"Voir {URL} {LINK}, puis"),
        (
            "a.bib",
            f"@misc{{a,\n  url = {{{URL}}},\n  year = 2015\n}}",
            f"@misc{{a,\n  url = {{{URL}}},\n  archiveurl = {{{MEMENTO}}},\n  year = 2015\n}}",
        ),
        ("a.ris", f"TY  - JOUR\r\nUR  - {URL}\r\nER  - \r\n",
         f"TY  - JOUR\r\nUR  - {URL}\r\nL2  - {MEMENTO}\r\nER  - \r\n"),
        (
            "a.json",
            f'[{{\n  "URL": "{URL}",\n  "id": "a"\n}}]',
            f'[{{\n  "URL": "{URL}",\n  "archive_location": "{MEMENTO}",\n  "id": "a"\n}}]',
        ),
        ("a.json", f'{{"URL": "{URL}"}}', f'{{"URL": "{URL}", "archive_location": "{MEMENTO}"}}'),
        (
            "a.yaml",
            f"- id: a\n  URL: {URL}\n  type: book\n",
            f"- id: a\n  URL: {URL}\n  archive_location: {MEMENTO}\n  type: book\n",
        ),
        ("a.yml", f'- URL: "{URL}"\n', f'- URL: "{URL}"\n  archive_location: {MEMENTO}\n'),
    ],
)  # fmt: skip
def test_each_kind_of_file_takes_the_archived_address_its_own_way(path, before, after):
    assert repaired(path, before) == after


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.txt", f"Plus long : {URL}&c=3"),
        ("a.txt", f"Dans un autre : https://web.archive.org/web/2015/{URL}"),
        ("a.txt", "Rien à voir."),
        ("a.html", f"<!-- {URL} --><script>x = '{URL}'</script>"),
        ("a.html", f'<a href="https://autre.test/" title="{ESCAPED}">x</a>'),
        ("a.html", f'<a href="https://autre.test/">{ESCAPED}</a>'),
        ("a.html", f'<a href="{ESCAPED}" data-versionurl="https://w.test/">x</a>'),
        ("a.md", f"[texte][2]\n\n[1]: {URL}\n"),
        ("a.bib", f"% voir {URL}\n"),
        ("a.ris", f"N1  - voir {URL}\n"),
        ("a.json", f'{{"note": "{URL}"}}'),
        ("a.yaml", f"note: {URL}\n"),
        ("a.mods", f"<note>voir {ESCAPED}</note>"),
    ],
)
def test_what_is_no_citation_of_that_link_is_left_alone(path, text):
    repair = repair_file(path, text.encode(), [FIX])

    assert repair.after == text.encode()
    assert repair.fixed == ()
    assert not repair.is_change


@pytest.mark.parametrize("path", ["a.txt", "a.html", "a.md", "a.bib", "a.ris", "a.json", "a.yaml"])
def test_a_second_repair_changes_nothing(path):
    text = {
        "a.html": f'<a href="{ESCAPED}">x</a> {ESCAPED}',
        "a.bib": f"url = {{{URL}}}",
        "a.ris": f"UR  - {URL}\n",
        "a.json": f'"URL": "{URL}"',
        "a.yaml": f"URL: {URL}\n",
    }.get(path, f"Texte {URL}\n")
    once = repaired(path, text)

    assert once != text
    assert repaired(path, once) == once


@pytest.mark.parametrize(
    ("use", "definition"),
    [
        ("[un texte][1]", f"[1]: {URL}"),
        ("[un texte][1]", f'[1]: {URL} "titre"'),
        ("[Un  Texte]", f"[un texte]: <{URL}> 'titre'"),
        ("[un texte][]", f"[un texte]: {URL}"),
    ],
)
def test_a_link_that_is_defined_further_down_is_repaired_where_it_is_used(use, definition):
    text = f"Voir {use}, puis le reste.\n\n{definition}\n"
    after = repaired("a.md", text)

    assert after.startswith(f"Voir {use} <a ")
    assert after.endswith(f", puis le reste.\n\n{definition}\n")
    assert repaired("a.md", after) == after


def test_an_anchor_in_markdown_is_repaired_as_html():
    after = repaired("a.md", f'<a href="{ESCAPED}">x</a>')

    assert f'data-versionurl="{ESCAPED_MEMENTO}"' in after


def test_a_copy_without_a_date_is_a_link_without_a_date():
    assert "data-versiondate" not in repaired("a.md", f"[a]({URL})", UNDATED)
    assert "data-versiondate" not in repaired("a.html", f'<a href="{URL}">a</a>', UNDATED)


def test_a_broken_markdown_link_is_left_as_broken_as_it_was():
    assert repaired("a.md", f"[a]({URL}\n") == f"[a]({URL} {LINK}\n"


def test_a_page_that_moved_gets_its_new_address_in_place_of_the_old():
    assert repaired("a.txt", f"Voir {URL}.", MOVED) == "Voir https://neuf.test/a."
    assert repaired("a.html", f'<a href="{ESCAPED}">', MOVED) == '<a href="https://neuf.test/a">'


@pytest.mark.parametrize(
    "payload",
    [
        f"\ufeffÉté {URL}\r\n".encode(),
        f"Été {URL} – fin".encode("cp1252"),
        b"\xff\xfe" + f"Été {URL}\n".encode("utf-16-le"),
        b"\xfe\xff" + f"Été {URL}\n".encode("utf-16-be"),
        b"\x81\x8d " + URL.encode() + b" \xff",
    ],
)
def test_any_encoding_keeps_its_bytes(payload):
    after = repair_file("a.txt", payload, [FIX]).after
    encoding = find_encoding(payload)

    assert after != payload
    assert after.replace(f" (archive : {MEMENTO})".encode(encoding), b"") == payload


def test_a_broken_utf_16_is_read_byte_by_byte():
    assert find_encoding(b"\xff\xfea") == "latin-1"


@settings(max_examples=30)
@given(st.lists(st.one_of(st.text(max_size=20), st.just(f" {URL} ")), max_size=8).map("".join))
def test_every_byte_but_the_insertion_is_kept(text):
    for path in ("a.txt", "a.md", "a.html", "a.bib", "a.yaml"):
        payload = text.encode("utf-8", "surrogatepass")
        after = repair_file(path, payload, [FIX]).after
        kept = iter(after)
        assert all(byte in kept for byte in payload)  # a subsequence


def test_the_archived_address_of_a_neighbour_is_not_taken_for_its_own():
    """ "…/textes/x" begins "…/textes/x-2", which stands on the next line already."""
    text = f"{URL}\nhttp://exemple.test/2 (archive : {UNDATED.replacement.address}-2)\n"

    repair = repair_file("a.txt", text.encode(), [UNDATED])

    assert repair.after.decode().startswith(f"{URL} (archive : {UNDATED.replacement.address})\n")


def test_the_patch_applies_with_patch(tmp_path):
    texts = (f"Été\n{URL}\nfin", f"a\r\n{URL}\r\n", URL, f"x\x0cy\u2028z {URL}\n" + "b\n" * 9)
    payloads = [text.encode() for text in texts]
    payloads += [f"\ufeffÉté\r\n{URL}".encode(), f"L’été, œuvre\r\n{URL}\r\n".encode("cp1252")]
    for number, payload in enumerate(payloads):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "a.txt").write_bytes(payload)
        repair = repair_file("a.txt", payload, [FIX])
        subprocess.run(
            ["patch", "-p1", "--binary"],
            cwd=folder,
            input=render_patch(repair),
            check=True,
            capture_output=True,
        )
        assert (folder / "a.txt").read_bytes() == repair.after


def test_a_page_of_bibliography_reads_the_same_after_a_repair(tmp_path):
    source = BIBLIOGRAPHY / "territoires.txt"
    before = read_bibliography(source.parent)
    fixes = [
        Fix(
            url=reference.url,
            replacement=Replacement(
                address=f"https://web.archive.org/web/20160101000000/{reference.url}",
                kind="memento",
                archived_at=WHEN,
            ),
        )
        for reference in before.references
        if reference.url
    ]
    repair = repair_file(source.name, source.read_bytes(), fixes)
    (tmp_path / source.name).write_bytes(repair.after)
    after = read_bibliography(tmp_path)

    assert len(repair.fixed) == 5
    assert after.notes == before.notes
    assert after.citations == before.citations
    assert [(r.id, r.title, r.issued, r.url) for r in after.references] == [
        (r.id, r.title, r.issued, r.url) for r in before.references
    ]
    assert sum(r.archive_url is not None for r in after.references) == 5


# A reference and its note, in each format; the note must not change, nor anything else read.
_FILES = {
    "a.txt": f"Territoires\n\n  • Camille Essai, « Un texte sur les lieux », Gazette, "
    f"4 novembre 2013, {URL}\n\nUne note sur ce texte qui dit des choses.\n",
    "a.md": f"# Territoires\n\n- Camille Essai, « [Un texte sur les lieux]({URL}) », Gazette, "
    "4 novembre 2013\n\n  Une note sur ce texte qui dit des choses.\n",
    "b.md": "# Territoires\n\n- Camille Essai, « Un texte sur les lieux », Gazette, "
    f"4 novembre 2013. <{URL}>\n\nUne note sur ce texte qui dit des choses.\n",
    "a.html": "<html><head><title>Territoires</title></head><body><h1>Territoires</h1><ul><li>"
    f'Camille Essai, « <a href="{ESCAPED}">Un texte sur les lieux</a> », Gazette, 4 novembre '
    "2013</li></ul><p>Une note sur ce texte qui dit des choses.</p></body></html>",
    "a.bib": "@article{essai2013,\n  author = {Essai, Camille},\n  title = {Un texte},\n"
    f"  url = {{{URL}}},\n  annote = {{Une note.}},\n  year = {{2013}}\n}}\n",
    "a.ris": "TY  - JOUR\nAU  - Essai, Camille\nTI  - Un texte\n"
    f"UR  - {URL}\nN1  - Une note.\nER  - \n",
    "a.json": f'[{{"id":"e","type":"book","title":"Un texte","URL": "{URL}","note":"Une note."}}]',
    "a.yaml": f"references:\n- id: e\n  type: book\n  title: Un texte\n  URL: {URL}\n",
    "a.mods": '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>Un texte</title>'
    f'</titleInfo><location><url usage="primary display">{ESCAPED}</url></location>'
    "<note>Une note.</note></mods>",
}  # fmt: skip


@pytest.mark.parametrize("name", _FILES)
def test_a_repaired_file_reads_as_before_but_for_its_archive(tmp_path, name):
    (tmp_path / name).write_text(_FILES[name], encoding="utf-8")
    before = read_bibliography(tmp_path)
    repair = repair_file(name, _FILES[name].encode(), [FIX])
    (tmp_path / name).write_bytes(repair.after)
    after = read_bibliography(tmp_path)

    assert repair.is_change
    assert [note.text for note in after.notes] == [note.text for note in before.notes]
    (was,), (now,) = before.references, after.references
    assert (now.id, now.title, now.author, now.issued, now.url) == (
        was.id,
        was.title,
        was.author,
        was.issued,
        was.url,
    )
    if name != "a.html":  # there the archive stands in an attribute, for browsers
        assert now.archive_url == MEMENTO


def test_what_is_there_already_is_known(tmp_path):
    once = repair_file("a.html", _FILES["a.html"].encode(), [FIX]).after

    again = repair_file("a.html", once, [FIX])
    assert (again.fixed, again.present) == ((), (FIX,))


_LINE = "Dupont A., « Les tiers-lieux en Sologne », Revue du Val, 2015."


@pytest.mark.parametrize(
    "copy", ["https://copies.universite.test/textes/dupont", "https://web.archive.org/web/2015/x"]
)
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.html", f'<ul><li>{_LINE} <a href="{ESCAPED}">en ligne</a></li></ul>'),
        ("a.html", f"<ul><li>{_LINE} {ESCAPED}</li></ul>"),
        ("a.md", f"# Références\n\n- {_LINE} [en ligne]({URL})\n"),
        ("a.md", f"# Références\n\n- {_LINE} {URL}\n"),
        ("a.txt", f"Références\n\n{_LINE} {URL}\n"),
        ("a.bib", f"@misc{{a,\n  title = {{Les tiers-lieux}},\n  url = {{{URL}}},\n}}\n"),
        ("a.ris", f"TY  - JOUR\nTI  - Les tiers-lieux\nUR  - {URL}\nER  - \n"),
        ("a.json", f'[{{"id": "a", "title": "Les tiers-lieux", "URL": "{URL}"}}]'),
        ("a.yaml", f"references:\n- id: a\n  title: Les tiers-lieux\n  URL: {URL}\n"),
        (
            "a.xml",
            '<m:mods xmlns:m="http://www.loc.gov/mods/v3"><m:titleInfo><m:title>Les tiers-lieux'
            f"</m:title></m:titleInfo>\n <m:location>\n  <m:url>{ESCAPED}</m:url>\n </m:location>"
            "</m:mods>",
        ),
    ],
)
def test_what_was_repaired_is_read_back(tmp_path, path, text, copy):
    """The next run knows the archived address, wherever it is, and the same link as before."""
    fix = Fix(url=URL, replacement=replace(FIX.replacement, address=copy))
    for name, payload in (("before", text), ("after", repaired(path, text, fix))):
        (tmp_path / name).mkdir()
        (tmp_path / name / path).write_text(payload, encoding="utf-8")
    (before,) = read_bibliography(tmp_path / "before").references
    (after,) = read_bibliography(tmp_path / "after").references

    assert (before.url, before.archive_url) == (URL, None)
    assert (after.url, after.archive_url) == (URL, copy)
    assert (after.id, after.title) == (before.id, before.title)
