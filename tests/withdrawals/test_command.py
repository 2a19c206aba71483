"""`renvois withdraw`: write a line, take it out, say what each one hides."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.archive.purge import Purged, PurgeSurvey
from indexer.archive.rewriting import Gap
from indexer.cli.terminal import choose_language
from indexer.cli.withdraw import describe_survey, tell_purged
from indexer.messages import message, open_translator
from indexer.withdrawals import PendingPurge, remove_pending, write_pending
from tests import ROOT
from tests.command import run_command as run
from tests.withdrawals.corpus import ALONE, ID, URL

FILE = Path("bibliography") / "withdrawn.txt"


def find(corpus: Path, query: str) -> list[str]:
    done = run(corpus, "search", "--json", "--as-typed", "--", query)
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


def test_a_text_goes_and_comes_back(corpus):
    done = run(corpus, "withdraw", URL.upper(), "--why", "lettre du 3 mars", "--by", "Camille")

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"withdrawn={ID}\n"
    assert "The archive keeps its bytes." in done.stderr
    line = (corpus / FILE).read_text(encoding="utf-8")
    assert re.fullmatch(
        re.escape(URL.upper()) + r"  # withdrawn on \d{4}-\d\d-\d\d by Camille: lettre du 3 mars\n",
        line,
    )
    assert ID not in find(corpus, "zigouflard ateliers")
    (note,) = find(corpus, "coursiers")  # a note of ours, found without its text
    assert "krempach" not in note

    done = run(corpus, "withdraw", f"https://retrait.test{URL.partition('.test')[2]}", "--undo")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"shown={ID}\n"
    assert (corpus / FILE).read_text(encoding="utf-8") == ""
    assert find(corpus, "zigouflard") == [ID]
    assert find(corpus, "coursiers") == [ID]


def test_a_line_that_hides_nothing_is_kept_said_and_acts_later(corpus):
    late = "http://exemple.test/plus-tard"
    done = run(corpus, "withdraw", late)
    assert done.returncode == 3
    assert "hides nothing" in done.stderr
    assert "keeps its bytes" not in done.stderr  # there are none
    (corpus / "withdrawn.txt").write_text(f"{ID}  # à sa demande\n", encoding="utf-8")

    told = run(corpus, "withdraw", "--list", "--json")
    rows = [json.loads(row) for row in told.stdout.splitlines()]
    assert told.returncode == 3
    assert [(row["name"], [each["id"] for each in row["hides"]]) for row in rows] == [
        (late, []),
        (ID, [ID]),
    ]
    assert rows[1]["comment"] == "à sa demande"
    assert "hides nothing" in run(corpus, "withdraw", "--list").stdout
    assert f"{late} hides nothing" in run(corpus, "index").stderr
    assert f"{late} hides nothing" in run(corpus, "crawl", "--dry-run").stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "search_web", "--corpus", str(corpus), "--port", port]
        site = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert f"{late} hides nothing" in site.stderr

    added = f"\n- Camille Essai, « Un texte venu tard », Gazette, 2013, {late}\n"
    with (corpus / "bibliography" / "notes.txt").open("a", encoding="utf-8") as stream:
        stream.write(added)
    assert run(corpus, "withdraw", "--list").returncode == 0
    assert "venu tard" not in run(corpus, "bibliography", "list").stdout


def test_what_is_withdrawn_already_is_not_written_twice(corpus):
    for _ in range(2):
        assert run(corpus, "withdraw", ID).returncode == 0
    assert (corpus / FILE).read_text(encoding="utf-8").count(ID) == 1


def test_what_an_id_hides_stays_hidden_when_the_author_is_mended_and_the_catalogue_lost(corpus):
    assert run(corpus, "withdraw", ID).returncode == 0
    for path in (corpus / "bibliography" / "biblio.bib", corpus / "bibliography" / "notes.txt"):
        text = path.read_text(encoding="utf-8").replace("Krempach", "Krempbach")
        path.write_text(text.replace("krempach", "krempbach"), encoding="utf-8")
    (corpus / "catalogue.sqlite").unlink()

    assert (
        run(corpus, "withdraw", "--list", "--json").stdout.count("krempbach-2015-quenotiere") == 1
    )
    assert "krempbach" not in run(corpus, "bibliography", "list").stdout.casefold()
    assert run(corpus, "withdraw", URL, "--undo").returncode == 0
    assert "krempbach" in run(corpus, "bibliography", "list").stdout.casefold()


def test_the_command_writes_where_a_file_is(corpus):
    (corpus / "withdrawn.txt").write_text("# les nôtres\n", encoding="utf-8")
    run(corpus, "withdraw", ID)

    assert not (corpus / FILE).exists()
    assert (corpus / "withdrawn.txt").read_text(encoding="utf-8").startswith("# les nôtres\n" + ID)


@pytest.mark.parametrize(
    "arguments",
    [(), ("--undo",), (" ",), ("# a",), ("a\nb",), ("--list", ID), ("--list", "--undo")],
)
def test_what_can_not_be_meant_is_refused_and_nothing_is_written(tmp_path, arguments):
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text(ALONE, encoding="utf-8")
    done = run(tmp_path, "withdraw", *arguments)

    assert done.returncode == 2, done.stderr
    assert not (tmp_path / FILE).exists()


def test_undoing_what_nobody_withdrew_is_said(corpus):
    done = run(corpus, "withdraw", ID, "--undo")

    assert done.returncode == 1
    assert "no line withdraws it" in done.stderr


def test_a_line_that_hides_nothing_is_undone_by_its_name(corpus):
    late = "http://exemple.test/plus-tard"
    for name in (late, ID):
        run(corpus, "withdraw", name)
    done = run(corpus, "withdraw", late, "--undo")

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""  # no text is shown again
    lines = (corpus / FILE).read_text(encoding="utf-8").splitlines()
    assert [line.split()[0] for line in lines] == [ID, URL]
    assert run(corpus, "withdraw", "--list").returncode == 0


def test_a_list_ends_with_3_while_a_purge_was_cut_short(corpus):
    write_pending(corpus, PendingPurge(name=ID, urlkeys=frozenset()))
    told = run(corpus, "withdraw", "--list")
    remove_pending(corpus)

    assert told.returncode == 3
    assert f"The purge of {ID} was cut short" in told.stderr
    assert run(corpus, "withdraw", "--list").returncode == 0


def test_a_purge_tells_twenty_addresses_and_files_and_counts_the_others():
    def list_told(count):
        survey = PurgeSurvey(
            files=("a.warc.gz",),
            records=count,
            bytes=1_234_567,
            urls=tuple(f"http://a.test/{number}" for number in range(count)),
        )
        return list(map(open_translator("en"), describe_survey(survey, "http://a.test/")))

    assert list_told(21)[0] == (
        "To be removed for ever, by http://a.test/: 21 records (1,234,567 bytes)."
    )
    assert list_told(21)[20:23] == [
        "    of http://a.test/19", "    and 1 more", "    from a.warc.gz",
    ]  # fmt: skip
    assert list_told(20)[20:22] == ["    of http://a.test/19", "    from a.warc.gz"]


@pytest.mark.parametrize("as_json", [True, False])
def test_a_purge_tells_what_went_what_was_kept_and_what_could_not_be_read(capsys, as_json):
    gap = Gap(offset=12, length=34, url="http://a.test/", reason=message("error.record.cut-short"))
    done = Purged(
        files=("a.warc.gz", "b.warc.gz"),
        records=3,
        bytes=450,
        gaps=(("a.warc.gz", gap),),
        kept=("http://b.test/",),
    )
    choose_language("en")
    tell_purged(["un-texte"], done, is_rebuilt=True, as_json=as_json)

    told = capsys.readouterr()
    if as_json:
        assert json.loads(told.out) == {
            "withdrawn": ["un-texte"], "records": 3, "bytes": 450,
            "files": ["a.warc.gz", "b.warc.gz"], "kept_for": ["http://b.test/"],
            "unreadable": [
                {"file": "a.warc.gz", "offset": 12, "bytes": 34, "reason": "is cut short"}
            ],
            "index": "rebuilt",
        }  # fmt: skip
    else:
        assert told.out == "withdrawn=un-texte\npurged=3 bytes=450 files=2\n"
    assert told.err == (
        "http://b.test/ refers to the same payload, which was kept for it.\n"
        "a.warc.gz: 34 bytes at offset 12, a record of http://a.test/: can't be read "
        "(is cut short), and kept: something of it may be there.\n"
        "3 records removed, 2 files of the archive written anew.\n"
    )
