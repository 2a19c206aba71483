"""Whatever a person writes for a text withdraws it, and nothing else."""

import os
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.bibliography import read_bibliography
from indexer.errors import WithdrawalError
from indexer.messages import Message, message
from indexer.model import (
    Bibliography,
    Citation,
    Note,
    Place,
    Problem,
    Reference,
    hash_note,
    rename_note,
)
from indexer.withdrawals import (
    FILE_NAME,
    FileList,
    Text,
    WithdrawalFiles,
    Withdrawals,
    add_withdrawal,
    choose_shown,
    list_files,
    parse_withdrawals,
    remove_withdrawals,
)
from tests.withdrawals.corpus import FORMS, ID, URL

TEXT = Text(id=ID, url=URL, doi="10.5555/retrait.42")
OTHERS = (
    Text(id="tessier-2014-cooperer", url="http://exemple.test/cooperer"),
    Text(id=f"{ID}-2", url="http://www.retrait.test/Articles/Autre/?b=2", doi="10.5555/retrait.43"),
    Text(id="sans-adresse"),
    Text(id="http"),
)


def hidden(lines: str, *texts: Text) -> set[str]:
    """The ids of what the lines of a file hide."""
    withdrawals = Withdrawals(parse_withdrawals(lines))
    return set(withdrawals.find_hidden(texts or (TEXT, *OTHERS)))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_address_or_id_hides_the_text_and_no_other(form):
    assert hidden(form) == {ID}
    assert hidden(f"  {form}\t # retiré le 2026-11-28 : lettre du 3 mars\r\n") == {ID}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "\u202f",
        "\u3000\n\x1f",
        "# " + URL,
        "http://www.retrait.test/",
        "retrait.test",
        "http://www.retrait.test/Articles/",
        "http://www.retrait.test/Articles/Myst%C3%A8re/",
        "http://www.retrait.test:8080/Articles/Myst%C3%A8re/?b=2",
        "http://www.retrait.test/Articles/Myst%E8re/?b=2",
        "https://traduction.test/?u=http://www.retrait.test/Articles/",
        "https://editeur.test/doi/10.5555/retrait.42/annexe",
        "https://renvois.example/recherche?q=krempach-2015-quenotiere",
        "Voir krempach-2015-quenotiere",
        "krempach-2015",
        "10.5555/retrait.4",
        "http://[",
        "%",
        "<>",
    ],
)
def test_another_address_or_half_an_id_hides_nothing(line):
    assert hidden(line) == set()


def test_an_address_in_other_capitals_counts_where_no_text_has_it_as_written():
    short = (Text(id="a", url="http://court.test/aBc"), Text(id="b", url="http://court.test/AbC"))

    assert hidden("http://court.test/aBc", *short) == {"a"}
    assert hidden("HTTP://COURT.TEST/ABC", *short) == {"a", "b"}


_ADDRESSES = ("http", "url", "doi", "10.1234/", "a.test", "web", "2015")
_BLANKS = (" ", "\u00a0", "\u202f", "\t", "\x00", "e\u0301", "\ud83d")


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from((*_ADDRESSES, *_BLANKS, *r":/\[](%&#?@{}*")), max_size=9).map("".join)
)
def test_whatever_stands_in_a_line_is_read(line):
    assert hidden(line, Text(id="un-texte", url="http://un.test/texte")) == set()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("http://xn--bib-fict-d1a.test/x", Text(id="a", url="http://bibé-fict.test/x")),
        ("BIBE\u0301-FICT.test/x", Text(id="a", url="http://xn--bib-fict-d1a.test/x")),
        ("[2001:0db8:0:0::1]/x", Text(id="a", url="http://[2001:db8::1]:80/x")),
        ("https://archive.today/AbC12", Text(id="a", archive_url="http://archive.ph/AbC12")),
        ("http://exemple.test/?q=d/e", Text(id="a", url="http://exemple.test/?q=d%2Fe")),
        ("dubois\u00a0 2015", Text(id="a", aliases=("id dubois 2015",))),
        ("https://r.test/textes/Dubois%202015", Text(id="a", aliases=("id dubois 2015",))),
        ("e\u0301te\u0301-2015", Text(id="a", aliases=("id été-2015",))),
    ],
)
def test_two_ways_to_write_one_host_path_or_key_are_one_name(line, text):
    assert hidden(line, text, *OTHERS) == {"a"}


def test_letters_of_latin_1_stay_apart():
    one, other = (Text(id=code, url=f"http://a.test/caf%{code}") for code in ("E8", "E9"))

    assert hidden("http://a.test/CAF%E9", one, other) == {"E9"}


def test_whoever_withdraws_one_text_withdraws_all_that_cite_the_same_page():
    twice = (Text(id="a", url="http://exemple.test/x"), Text(id="b", url="https://exemple.test/x/"))

    assert hidden("a", *twice) == {"a", "b"}


def test_a_text_that_is_cited_by_its_archived_copy_goes_by_its_own_address():
    copy = "https://web.archive.org/web/20150304050607id_/http://www.exemple.test/x"

    assert hidden("https://exemple.test/x/", Text(id="a", url=copy)) == {"a"}
    assert hidden(copy, Text(id="a", url="http://exemple.test/x")) == {"a"}
    assert hidden("https://archive.test/Ab1", Text(id="a", archive_url="http://archive.test/Ab1"))


@pytest.mark.parametrize(
    "path", ["2016/article", "2016/article.html", "2016/05/article", "web/2016/a.html", "12/x.pdf"]
)
def test_a_year_in_an_address_makes_no_archived_copy_of_it(path):
    one, other = (Text(id=site, url=f"https://{site}.test/{path}") for site in ("a", "b"))

    assert hidden(f"a.test/{path}", one, other) == {"a"}


@pytest.mark.parametrize(
    "place",
    [
        "web.archive.org/web/2015",
        "https://web.archive.org/web/2015id_",
        "https://x.test/20150304050607",
    ],
)
def test_a_copy_may_leave_out_the_scheme_of_its_page(place):
    assert hidden(f"{place}/exemple.test/x", Text(id="a", url="http://exemple.test/x")) == {"a"}


def test_what_is_withdrawn_leaves_its_notes_without_any_word_of_it():
    place = Place(path="a.txt", line=3)
    shown = choose_shown(
        Bibliography(
            references=(
                Reference(id=ID, title="Quenotière", url=URL, place=place),
                Reference(id="b", title="Autre"),
            ),
            notes=(
                Note(id=f"note-{ID}", text="Une phrase."),
                Note(id=f"note-{ID}-0a1b", text="Les deux."),
                Note(id="note-b", text="Autre."),
            ),
            citations=(
                Citation(note_id=f"note-{ID}", reference_id=ID),
                Citation(note_id=f"note-{ID}-0a1b", reference_id=ID),
                Citation(note_id=f"note-{ID}-0a1b", reference_id="b"),
                Citation(note_id="note-b", reference_id="b"),
            ),
            problems=(
                Problem(said=Message("problem.a"), subject=ID),
                Problem(said=Message("problem.b"), place=place),
                Problem(said=message("problem.c", fields=(message("read", of="« Quenotière »"),))),
                Problem(said=Message("problem.d"), subject="b"),
            ),
        ),
        Withdrawals(parse_withdrawals(ID.upper())),
    ).bibliography

    assert [each.id for each in shown.references] == ["b"]
    assert [each.text for each in shown.notes] == ["Une phrase.", "Les deux.", "Autre."]
    both = hash_note(f"note-{ID}-0a1b")
    assert [each.id for each in shown.notes] == [hash_note(f"note-{ID}"), both, "note-b"]
    assert [(c.note_id, c.reference_id) for c in shown.citations] == [(both, "b"), ("note-b", "b")]
    assert [each.code for each in shown.problems] == ["d"]


def test_the_file_beside_the_bibliography_is_no_part_of_it(tmp_path):
    (tmp_path / "dossier").mkdir()
    for folder in (tmp_path, tmp_path / "dossier"):
        (folder / FILE_NAME).write_text(f"{URL}  # retiré le 2026-11-28\n", encoding="utf-8")

    assert read_bibliography(tmp_path) == Bibliography()


def test_both_files_count_and_are_read_again_whatever_their_clock_says(tmp_path):
    files = WithdrawalFiles([tmp_path / "a.txt", tmp_path / "b.txt"])
    assert files.read().find_hidden([TEXT, *OTHERS]) == set()

    (tmp_path / "a.txt").write_text("sans-adresse\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("inconnue-aaa\n", encoding="utf-8-sig")
    assert files.read().find_hidden([TEXT, *OTHERS]) == {"sans-adresse"}
    before = files.read().state

    status = (tmp_path / "a.txt").stat()
    (tmp_path / "a.txt").write_text("http #adresse\n"[:13], encoding="utf-8")
    os.utime(tmp_path / "a.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert (tmp_path / "a.txt").stat().st_size == status.st_size
    assert files.read().find_hidden([TEXT, *OTHERS]) == {"http"}
    assert files.read().state != before

    (tmp_path / "a.txt").unlink()
    assert files.read().find_hidden([TEXT, *OTHERS]) == set()
    (tmp_path / "b.txt").write_text("sans-adresse\n", encoding="utf-8")
    assert files.read().find_hidden([TEXT, *OTHERS]) == {"sans-adresse"}


def test_a_list_counts_at_any_depth_and_in_any_capitals(tmp_path):
    inner = tmp_path / "bibliography" / "veille" / "2024"
    inner.mkdir(parents=True)
    (inner / "boucle").symlink_to(tmp_path / "bibliography")
    files = WithdrawalFiles(FileList(tmp_path, tmp_path / "bibliography"))
    os.utime(inner, (1, 1))  # long enough ago that what was listed is remembered
    assert not files.read()

    (inner / "Withdrawn.TXT").write_text("sans-adresse\n", encoding="utf-8")
    (tmp_path / "WITHDRAWN.txt").write_text("http\n", encoding="utf-8")
    assert files.read().find_hidden([TEXT, *OTHERS]) == {"sans-adresse", "http"}
    assert read_bibliography(tmp_path / "bibliography") == Bibliography()


def test_a_hidden_folder_has_no_list_and_one_with_a_dot_in_its_name_has(tmp_path):
    bibliography = tmp_path / "bibliography"
    for name, line in ((".caché", "http"), ("v.2", "sans-adresse")):
        (bibliography / name).mkdir(parents=True)
        (bibliography / name / FILE_NAME).write_text(f"{line}\n", encoding="utf-8")
    files = WithdrawalFiles(FileList(tmp_path, bibliography))

    assert files.read().find_hidden([TEXT, *OTHERS]) == {"sans-adresse"}


def test_a_folder_of_the_bibliography_has_a_list_of_its_own_from_when_it_is_there(tmp_path):
    bibliography = tmp_path / "bibliography"
    files = WithdrawalFiles(partial(list_files, tmp_path, bibliography))
    assert not files.read()  # nor is there a folder
    (bibliography / "un").mkdir(parents=True)
    (bibliography / "deux" / "dedans").mkdir(parents=True)
    assert not files.read()

    (bibliography / "deux" / FILE_NAME).write_text("sans-adresse\n", encoding="utf-8")
    assert files.read().find_hidden([TEXT, *OTHERS]) == {"sans-adresse"}
    (bibliography / FILE_NAME).write_text("http\n", encoding="utf-8")
    assert files.read().find_hidden([TEXT, *OTHERS]) == {"sans-adresse", "http"}
    (bibliography / "un" / FILE_NAME).write_bytes(b"\xff")
    with pytest.raises(WithdrawalError, match="un/withdrawn"):
        files.read()


@pytest.mark.parametrize(
    "content",
    ["à la demande".encode("latin-1"), "a-2014".encode("utf-16"), b"a\0-\x002\x00", b"\xff"],
)
def test_a_file_that_is_no_text_never_means_that_nothing_is_withdrawn(tmp_path, content):
    (tmp_path / "a.txt").write_bytes(content)

    with pytest.raises(WithdrawalError, match=r"a\.txt"):
        WithdrawalFiles([tmp_path / "a.txt"]).read()


def test_a_file_that_can_not_be_opened_never_means_that_nothing_is_withdrawn(tmp_path):
    (tmp_path / "a.txt").mkdir()

    with pytest.raises(WithdrawalError, match="can't be read"):
        WithdrawalFiles([tmp_path / "a.txt"]).read()


@pytest.mark.parametrize("before", ["", "# à nous\r\na-2014 # pourquoi", "\ufeffa-2014\n\n# fin\n"])
def test_a_line_that_comes_and_goes_leaves_every_other_byte(tmp_path, before):
    path = tmp_path / "withdrawn.txt"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    add_withdrawal(path, URL, comment="retiré le 2026-11-28 par Camille : lettre\ndu 3")

    *_, line = WithdrawalFiles([path]).read().lines
    assert line.name == URL
    assert line.comment == "retiré le 2026-11-28 par Camille : lettre du 3"
    assert path.read_bytes().startswith(before.encode())
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["withdrawn.txt"]
    remove_withdrawals([line])
    assert path.read_bytes().decode().rstrip("\n") == before.rstrip("\n")


@pytest.mark.parametrize(
    ("note", "is_renamed"),
    [
        (f"note-{ID}", True),
        (f"note-{ID}-2", True),
        (f"note-{ID}s", False),
        ("note-a05556b9", False),
        (ID, False),
    ],
)
def test_a_note_named_after_a_withdrawn_text_is_shown_under_another_name(note, is_renamed):
    name = rename_note(note, ["autre-2014-texte", ID])

    assert name == (hash_note(note) if is_renamed else note)
    assert rename_note(note, []) == note
