"""What keeps its id, what leads where, and what a lost, damaged or read-only register changes."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indexer.identities import Register, RegisterFile, identify_texts, read_register
from indexer.identities.settling import agree_titles
from indexer.model import Reference, SourceFile, hash_note, name_bibliographies, rename_note
from indexer.settings import Settings
from indexer.withdrawals import WithdrawalFiles
from search_web.wsgi import ToldIdentities
from tests.command import run_command
from tests.identities.site import index, open_site
from tests.places import find_place

TODAY = date(2026, 11, 28)
KEEP = "@misc{garde, author={Nadoux, Ève}, title={Ce qui reste du verger municipal}, year=2012}\n"
OLD = "cantefol-2014-halle"
TEXT = """@misc{x,
  author = {%s}, title = {Halle aux grains et nouveaux usages}, year = 2014,
  url = {%s}, %s
  annote = {Un regard sur la halle, écrit en hiver.}
}
"""
AUTHOR, MENDED, URL = "Cantefol, Ida", "Cantefolle, Ida", "http://exemple.test/halle"


def write(corpus: Path, text: str, name: str = "a.bib") -> None:
    (corpus / "bibliography").mkdir(exist_ok=True)
    (corpus / "bibliography" / name).write_text(text + KEEP, encoding="utf-8")


@pytest.fixture
def mended(tmp_path):
    """A corpus of which an author was mended after the first index."""
    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    index(tmp_path)
    write(tmp_path, TEXT % (MENDED, URL, ""))
    index(tmp_path)
    return tmp_path


def ask(corpus: Path, *addresses: str) -> list[tuple[int, str]]:
    with open_site(corpus) as client:
        answers = [client.get(address) for address in addresses]
    return [(each.status_code, each.headers.get("Location", "")) for each in answers]


def test_a_mended_author_changes_no_address_and_the_key_of_today_leads_there(mended):
    today = f"/textes/{OLD}"

    assert ask(
        mended,
        today,
        "/textes/cantefolle-2014-halle?q=halle",
        "/textes/cantefolle-2014-halle.ris",
        "/api/v1/documents/cantefolle-2014-halle",
        "/unapi?id=cantefolle-2014-halle&format=ris",
        "/liens/cantefolle-2014-halle",
        "/textes/https://exemple.test/halle",
        "/textes/https:/exemple.test/halle",
        "/api/v1/documents/https://exemple.test/halle",
        f"/notes/note-{OLD}",
    ) == [
        (200, ""),
        (301, f"{today}?q=halle"),
        (301, f"{today}.ris"),
        (301, f"/api/v1/documents/{OLD}"),
        (301, f"/unapi?id={OLD}&format=ris"),
        (301, f"/liens/{OLD}"),
        (301, today),
        (301, today),
        (301, f"/api/v1/documents/{OLD}"),
        (200, ""),
    ]


def test_a_redirect_repeats_what_was_asked_and_takes_no_order_from_it(mended):
    asked = "?_external=1&_scheme=x&_anchor=y&q=%C3%A9"

    assert ask(mended, f"/textes/cantefolle-2014-halle{asked}") == [(301, f"/textes/{OLD}{asked}")]


def test_atom_ids_stay(tmp_path):
    def read_ids() -> list[str]:
        with open_site(tmp_path) as client:
            feed = client.get("/nouveautes.atom").text
        return sorted(line for line in feed.splitlines() if "<id>" in line)

    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    index(tmp_path)
    before = read_ids()
    write(tmp_path, TEXT % (MENDED, URL.replace("http:", "https:"), "doi = {10.5555/h},"))
    index(tmp_path)

    assert read_ids() == before
    assert any(OLD in each for each in before)


def test_a_doi_learnt_later_joins_two_texts_under_the_older_id_and_parting_them_gives_both_back(
    tmp_path,
):
    first = TEXT % (AUTHOR, URL, "")
    other = "@misc{y, author={Berlizot, Jo}, title={Phare neuf du port}, year=2015, %s}\n"
    write(tmp_path, first)
    index(tmp_path)
    write(tmp_path, first + other % "url={http://ailleurs.test/p}")
    index(tmp_path)
    joined = "doi={10.5555/h}, url={http://ailleurs.test/p}"
    write(tmp_path, TEXT % (AUTHOR, URL, "doi = {10.5555/h},") + other % joined)
    index(tmp_path)

    addresses = (f"/textes/{OLD}", "/textes/berlizot-2015-phare", "/textes/10.5555/H")
    to = f"/textes/{OLD}"
    assert ask(tmp_path, *addresses) == [(200, ""), (301, to), (301, to)]
    by_doi = [f"/api/v1/documents/{doi}" for doi in ("10.5555/H", "10.5555%2FH", "doi:10.5555/h")]
    assert ask(tmp_path, *by_doi) == [(301, f"/api/v1/documents/{OLD}")] * 3

    write(tmp_path, first + other % "url={http://ailleurs.test/p}")
    index(tmp_path)
    assert ask(tmp_path, *addresses[:2]) == [(200, ""), (200, "")]


@pytest.mark.sqlite
@pytest.mark.parametrize("has_address", [True, False])
def test_another_text_with_the_key_of_one_that_is_gone_gets_another_id(tmp_path, has_address):
    write(tmp_path, TEXT % (AUTHOR, URL if has_address else "", ""))
    index(tmp_path)
    told = "author={Cantefol, Ida}, title={Halle de gare en friche}, year=2014"
    address = ", url={http://ailleurs.test/gare}" if has_address else ""
    write(tmp_path, f"@misc{{x, {told}{address}}}\n")
    index(tmp_path)

    assert ask(tmp_path, f"/textes/{OLD}") == [(410, "")]
    (other_id,) = (
        each.id for each in read_register(find_place(tmp_path)).identities if "gare" in each.title
    )
    assert other_id.startswith(f"{OLD}-")
    assert ask(tmp_path, f"/textes/{other_id}") == [(200, "")]


def test_what_is_removed_says_what_is_left_in_both_languages_and_to_programs(tmp_path):
    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    index(tmp_path)
    write(tmp_path, "")
    index(tmp_path)
    with open_site(tmp_path) as client:
        page, english = (client.get(f"/textes/{OLD}?lang={each}") for each in ("fr", "en"))
        answer = client.get(f"/api/v1/documents/{OLD}")
        note = client.get(f"/notes/note-{OLD}")

    assert [page.status_code, english.status_code, note.status_code] == [410, 410, 410]
    assert "Ce texte n’est plus cité" in page.text
    assert "This text is no longer cited" in english.text
    for each in (page, english):
        assert "Halle aux grains et nouveaux usages" in each.text
        assert f'href="{URL}"' in each.text
    assert (answer.status_code, answer.get_json()["status"]) == (410, 410)
    assert "écrit en hiver" not in note.text


@pytest.mark.parametrize(
    "name",
    [
        OLD,
        "https://www.exemple.test/halle/",
        *(
            pytest.param(name, marks=pytest.mark.campaign)
            for name in ("cantefolle-2014-halle", URL, "10.5555/vieux")
        ),
    ],
)
@pytest.mark.parametrize("is_removed", [False, True])
def test_a_withdrawal_by_any_name_hides_under_every_name_even_what_is_gone(
    tmp_path, name, is_removed
):
    write(tmp_path, TEXT % (AUTHOR, URL, "doi={10.5555/vieux},"))
    index(tmp_path)
    write(tmp_path, TEXT % (MENDED, "https://ailleurs.test/halle", "doi={10.5555/vieux},"))
    index(tmp_path)
    write(tmp_path, TEXT % (MENDED, "https://ailleurs.test/halle", ""))
    index(tmp_path)
    if is_removed:
        write(tmp_path, "")
        index(tmp_path)
    (tmp_path / "withdrawn.txt").write_text(f"{name}\n", encoding="utf-8")
    names = (
        *(OLD, "cantefolle-2014-halle", URL, "https://ailleurs.test/halle", "10.5555/vieux"),
        "jamais-cite",
    )
    with open_site(tmp_path) as client:
        answers = [client.get(f"/textes/{each}") for each in names]
        everything = client.get("/notes").text + client.get("/recherche?q=halle").text

    assert [each.status_code for each in answers] == [404] * len(names)
    assert len({each.data for each in answers}) == 1
    assert "Halle aux grains" not in everything


def test_the_command_withdraws_by_an_old_id_and_the_text_stays_hidden_without_the_catalogue(mended):
    write(mended, TEXT % (MENDED, URL, ""))
    done = run_command(mended, "withdraw", OLD)
    assert (done.returncode, f"withdrawn={OLD}" in done.stdout) == (0, True), done.stderr
    for path in mended.glob("catalogue.sqlite*"):
        path.unlink()
    index(mended)

    assert ask(mended, f"/textes/{OLD}", "/textes/cantefolle-2014-halle") == [(404, ""), (404, "")]


@pytest.mark.sqlite
def test_after_a_purge_the_register_knows_no_name_that_the_files_do_not_say(mended):
    """The note stays, at the address that says nothing; that of before still leads to it."""
    purge = ("withdraw", URL, "--purge", "--yes", "--yes")
    with closing(sqlite3.connect(mended / "catalogue.sqlite")) as ours:
        assert "cantefol-2014" in "\n".join(ours.iterdump())

    assert run_command(mended, *purge).returncode == 0
    index(mended)

    with closing(sqlite3.connect(mended / "catalogue.sqlite")) as ours:
        assert "cantefol-2014" not in "\n".join(ours.iterdump())
    today = f"/notes/{hash_note(f'note-{OLD}')}"
    assert ask(mended, f"/notes/note-{OLD}") == [(301, today)]
    with open_site(mended) as client:
        page = client.get(today)
    assert (page.status_code, "en hiver" in page.text) == (200, True)
    assert "cantefol" not in page.text


def test_a_lost_catalogue_loses_no_name_of_what_is_cited(mended):
    for path in mended.glob("catalogue.sqlite*"):
        path.unlink()
    index(mended)

    assert ask(mended, f"/textes/{OLD}", "/textes/cantefolle-2014-halle") == [
        (200, ""),
        (301, f"/textes/{OLD}"),
    ]


def test_an_index_alone_leads_from_the_names_of_before(mended):
    for path in mended.glob("catalogue.sqlite*"):
        path.unlink()

    assert ask(mended, "/textes/cantefolle-2014-halle") == [(301, f"/textes/{OLD}")]


@pytest.mark.sqlite
@pytest.mark.parametrize("column", ["facts", "digest"])
def test_a_row_that_is_not_what_was_written_loses_no_name(mended, column):
    with sqlite3.connect(mended / "catalogue.sqlite") as ours:
        ours.execute(f"UPDATE identities SET {column} = '{{}}' WHERE id = ?", (OLD,))
    ours.close()
    index(mended)

    assert ask(mended, f"/textes/{OLD}") == [(200, "")]
    with RegisterFile(find_place(mended)) as file:
        register = file.read()
        assert file.wrong_rows == set()
    assert register.by_id[OLD].title.startswith("Halle")


@pytest.mark.sqlite
def test_the_ids_of_texts_are_listed_whole_or_not(mended):
    with RegisterFile(find_place(mended)) as file:
        texts = [each.id for each in file.read().identities if not each.is_note]
        assert sorted(file.list_text_ids()) == sorted(texts)
    with closing(sqlite3.connect(mended / "catalogue.sqlite")) as ours, ours:
        ours.execute("UPDATE identities SET facts = '{}' WHERE id = ?", (OLD,))
    with RegisterFile(find_place(mended)) as file:
        assert sorted(file.list_text_ids()) == sorted(texts)
        assert file.wrong_rows == {("identities", OLD)}


@pytest.mark.sqlite
def test_a_damaged_row_is_said_and_made_anew_by_the_next_index(mended, caplog):
    with sqlite3.connect(mended / "catalogue.sqlite") as ours:
        ours.execute("UPDATE identities SET facts = '{}' WHERE id = ?", (OLD,))
    ours.close()

    assert run_command(mended, "bibliography", "list").returncode == 0
    assert "of the register of identities are damaged" in caplog.text
    assert run_command(mended, "index").returncode == 0
    caplog.clear()
    assert run_command(mended, "bibliography", "list").returncode == 0
    assert caplog.text == ""


@pytest.mark.sqlite
@pytest.mark.parametrize("table", ["identities", "identity_names"])
def test_what_a_damaged_row_held_is_found_by_the_check_and_kept_when_it_is_made_anew(
    tmp_path, table
):
    """Nothing but the register tells what a text was that has left the bibliography."""
    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    index(tmp_path)
    write(tmp_path, "")
    index(tmp_path)
    key = {"identities": "id", "identity_names": "name"}[table]
    column = {"identities": "facts", "identity_names": "id"}[table]
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as ours, ours:
        name = OLD if key == "id" else f"id {OLD}"
        (before,) = ours.execute(
            f"SELECT {column} FROM {table} WHERE {key} = ?", (name,)
        ).fetchone()
        damaged = before.replace("a", "q", 1)
        ours.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (damaged, name))

    checked = run_command(tmp_path, "archive", "check")
    assert (checked.returncode, f"a row of {table} is not what was written" in checked.stdout) == (
        3, True
    )  # fmt: skip
    index(tmp_path)

    assert run_command(tmp_path, "archive", "check").returncode == 0
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as ours:
        kept = [json.loads(told) for (told,) in ours.execute("SELECT * FROM identities_damaged")]
    assert [row[0] for row in kept] == [table]
    assert damaged in kept[0]
    with RegisterFile(find_place(tmp_path)) as register:
        register.forget([f"id {OLD}"])
    with closing(sqlite3.connect(tmp_path / "catalogue.sqlite")) as ours:
        assert ours.execute("SELECT * FROM identities_damaged").fetchall() == []


def test_a_decision_and_a_correction_by_an_old_id_go_on_counting(mended):
    (mended / "bibliography" / "liens.toml").write_text(
        f'[[lien]]\nurl = "{OLD}"\ndecision = "mort"\nle = 2026-11-28\n', encoding="utf-8"
    )
    (mended / "bibliography" / "corrections.yaml").write_text(
        "cantefolle-2014-halle:\n  publisher: Éditions inventées\n", encoding="utf-8"
    )
    index(mended)
    with open_site(mended) as client:
        told = client.get(f"/api/v1/documents/{OLD}").get_json()
        page = client.get(f"/textes/{OLD}").text

    assert told["link"]["state"] == "dead"
    assert "Éditions inventées" in page


def test_a_second_note_and_a_rewritten_one_keep_the_address_of_the_first(tmp_path):
    base = TEXT % (AUTHOR, URL, "")
    write(tmp_path, base)
    index(tmp_path)
    second = base.replace("annote", "note = {Une seconde remarque, tout autre.}, annote")
    write(tmp_path, second)
    index(tmp_path)
    with open_site(tmp_path) as client:
        assert "écrit en hiver" in client.get(f"/notes/note-{OLD}").text
    write(tmp_path, second.replace("écrit en hiver", "écrit au printemps"))
    index(tmp_path)
    with open_site(tmp_path) as client:
        assert "écrit au printemps" in client.get(f"/notes/note-{OLD}").text
    write(tmp_path, second.replace("annote = {Un regard sur la halle, écrit en hiver.}", ""))
    index(tmp_path)
    with open_site(tmp_path) as client:
        gone = client.get(f"/notes/note-{OLD}")
    assert gone.status_code == 410
    assert f'href="/textes/{OLD}"' in gone.text


def test_two_processes_lose_nothing_of_each_other(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    with RegisterFile(path) as one, RegisterFile(path) as other:
        empty = one.read()
        first = identify_texts(empty, [Reference(id="a-sd-un", title="Un")], today=TODAY)[1]
        second = identify_texts(empty, [Reference(id="b-sd-deux", title="Deux")], today=TODAY)[1]
        assert one.write(empty, first)
        assert not one.write(empty, second)  # it has written itself since it read that
        assert not other.write(empty, second)
        known = other.read()
        assert known == first
        both = identify_texts(known, [Reference(id="b-sd-deux", title="Deux")], today=TODAY)[1]
        assert other.write(known, both)
        assert one.read() == both


def identify(register: Register, *references: Reference) -> tuple[list[str], Register]:
    found, register = identify_texts(register, references, today=TODAY)
    return [each.id for each in found], register


LONG_TITLE = "Le calme des ateliers"


@pytest.mark.parametrize(
    ("title", "issued", "is_same"),
    [
        (LONG_TITLE, "2014", True),
        ("Douze signes", "2014", True),  # whatever the year
        ("Onze signes", "2014", False),
        ("Onze signes", "2015", True),
    ],
)
def test_a_long_title_is_proof_enough_and_a_short_one_with_the_year(title, issued, is_same):
    before = Reference(id="avant-2015-x", title=title, issued="2015")
    after = Reference(id="apres-2014-y", title=title, issued=issued)
    _, register = identify(Register(), before)

    assert identify(register, after)[0] == ["avant-2015-x" if is_same else "apres-2014-y"]


def test_a_title_proves_nothing_where_two_have_it_or_had_it():
    one, two = (Reference(id=f"avant-{n}", title=LONG_TITLE, url=f"http://{n}.test/") for n in "ab")
    anew = [Reference(id=f"apres-{n}", title=LONG_TITLE) for n in "ab"]

    assert identify(identify(Register(), one, two)[1], anew[0])[0] == ["apres-a"]
    assert identify(identify(Register(), one)[1], *anew)[0] == ["apres-a", "apres-b"]


def test_the_title_of_what_is_gone_is_free_again():
    before = Reference(id="avant", title=LONG_TITLE)
    other = Reference(id="autre", title="Une ville sans murs")
    _, register = identify(Register(), before)
    ids, register = identify(register, other)
    assert (ids, register.by_id["avant"].gone_on) == (["autre"], TODAY.isoformat())

    assert identify(register, replace(before, id="apres"))[0] == ["apres"]
    assert identify(register, before)[0] == ["avant"]


def test_what_redirects_to_an_address_that_is_new_is_that_text():
    before = Reference(id="court-test-sd-x", title="", url="http://court.test/x")
    after = Reference(id="long-test-sd-y", title="Un titre", url="http://long.test/y")
    register = identify_texts(Register(), [before], today=TODAY)[1]
    (found,), _ = identify_texts(
        register, [after], today=TODAY, moved={"url test,court)/x": "url test,long)/y"}.get
    )

    assert found.id == "court-test-sd-x"


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ([SourceFile(path="a.txt")], ["a"]),
        ([SourceFile(path="a.txt"), SourceFile(path="a.md")], ["a.txt", "a.md"]),
        ([SourceFile(path="v/a.txt"), SourceFile(path="v/b.txt")], ["v/a", "v/b"]),
        (
            [
                SourceFile(path="v/index.md", title="Veille", is_folder_page=True),
                SourceFile(path="v/w/b.txt"),
                SourceFile(path="c.txt"),
            ],
            ["Veille", "Veille", "c"],
        ),
        (
            [
                SourceFile(path="v/2024/a.md", is_reference=True),
                SourceFile(path="v/2025/b.md", is_reference=True),
                SourceFile(path="v/liste.txt"),
            ],
            ["v", "v", "v/liste"],
        ),
        (
            [
                SourceFile(path="a.md", is_reference=True),
                SourceFile(path="w/b.md", is_reference=True),
            ],
            ["bibliography", "bibliography"],
        ),
        (
            [SourceFile(path="a.md", title="Liste"), SourceFile(path="b.md", title="Liste")],
            ["a", "b"],
        ),
    ],
)
def test_a_bibliography_is_a_file_or_a_folder_with_a_title(files, names):
    assert list(name_bibliographies(files).values()) == names


def test_a_text_that_two_cite_holds_all_its_notes_each_under_its_bibliography(tmp_path):
    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    write(tmp_path, TEXT.replace("Un regard", "Un autre coup d’œil") % (AUTHOR, URL, ""), "b.bib")
    index(tmp_path)
    with open_site(tmp_path) as client:
        page = client.get(f"/textes/{OLD}").text
        results = client.get("/recherche?q=halle+OU+verger").text
        found = {
            value["value"]: value["count"]
            for value in client.get("/api/v1/search?q=halle").get_json()["facets"]["bibliography"]
        }
        totals = [
            client.get(address).get_json()["total"]
            for address in (
                "/api/v1/search?q=halle&bibliography=a",
                "/api/v1/search?q=bibliographie:b",
            )
        ]

    assert "Un regard" in page and "Un autre coup" in page
    assert "Dans a" in page and "Dans b" in page
    assert found == {"a": 1, "b": 1}
    assert totals == [1, 2]  # the second without a word: Halle and Verger
    assert "bibliographie=a" in results and "bibliographie=b" in results


def test_a_single_bibliography_shows_no_facet(tmp_path):
    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    index(tmp_path)
    with open_site(tmp_path) as client:
        assert "bibliographie=" not in client.get("/recherche?q=halle+OU+verger").text
        assert "Dans a" not in client.get(f"/textes/{OLD}").text


def test_dry_runs_and_lists_write_no_register(tmp_path):
    write(tmp_path, TEXT % (AUTHOR, URL, ""))
    for command in (("bibliography", "list"), ("crawl", "--dry-run")):
        assert run_command(tmp_path, *command).returncode == 0
    assert not read_register(Settings(corpus=tmp_path).catalogue_place)


@pytest.mark.sqlite
def test_an_unknown_address_asks_no_line_of_withdrawals_again_until_one_or_the_register_changes(
    mended,
):
    """Of 2,000 lines each was followed in the register, three statements or more, every time."""
    write(mended, "")
    index(mended)  # the halle is gone: 410
    lines = [f"http://exemple.test/autre/{n}" for n in range(2_000)]
    path = mended / "bibliography" / "withdrawn.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    asked = []
    with RegisterFile(find_place(mended)) as register:
        register._db.set_trace_callback(asked.append)
        told = ToldIdentities(register, WithdrawalFiles([path]))
        assert told.find(OLD).gone_on
        first = len(asked)
        asked.clear()
        assert told.find(OLD).gone_on
        assert told.find("rien") is None
        assert len(asked) < 10 < first
        path.write_text("\n".join([*lines, OLD]), encoding="utf-8")  # a line more
        assert told.find(OLD) is None
        path.write_text("\n".join([*lines, "autre-nom"]), encoding="utf-8")
        assert told.find(OLD).gone_on
        with RegisterFile(find_place(mended)) as other:  # the register learns a name
            before = other.read()
            learnt = replace(before.by_id[OLD], names=(*before.by_id[OLD].names, "id autre-nom"))
            changed = (learnt if each.id == OLD else each for each in before.identities)
            assert other.write(before, Register(tuple(changed)))
        assert told.find(OLD) is None


@pytest.mark.parametrize("note_id", ["note-exemple-2015-mot", "note-exemple-2015-mot-2"])
def test_a_note_named_after_a_withdrawn_text_gets_a_name_that_tells_nothing(note_id):
    assert rename_note(note_id, ["exemple-2015-mot"]) == hash_note(note_id)


def test_a_note_that_is_named_after_another_text_keeps_its_name():
    assert rename_note("note-exemple-2015-mots", ["exemple-2015-mot"]) == "note-exemple-2015-mots"


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("", "", True),
        ("", "Un titre", False),
        ("Un titre", "", False),
        ("Un titre", "un titre", True),
    ],
)
def test_no_title_agrees_with_none_alone(one, other, is_same):
    assert agree_titles(one, other) is is_same
