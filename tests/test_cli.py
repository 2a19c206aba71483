"""The command `renvois`: what it prints, where, and with which exit code."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.archive import acquire_lock
from indexer.archive.database import open_database
from indexer.cli import COMMANDS, main
from indexer.cli.crawl import describe_backlogs
from indexer.links.history import open_history
from indexer.messages import open_translator
from indexer.model import HostQueue
from indexer.settings import Settings
from search_web.wsgi import close_app, open_app
from tests import BIBLIOGRAPHY, ROOT
from tests.command import run_command

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def corpus(tmp_path):
    """The bibliography of the tests, in a corpus where nothing was done yet."""
    shutil.copytree(BIBLIOGRAPHY, tmp_path / "bibliography")
    return tmp_path


def run(corpus: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])


def rows(result: Result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_bibliography_is_listed_as_json_lines(corpus):
    listed = rows(run(corpus, "bibliography", "list", "--json"))

    kinds = {kind: [r for r in listed if r["kind"] == kind] for kind in {r["kind"] for r in listed}}
    assert set(kinds) == {"reference", "note", "agenda", "tool", "project"}
    assert len(kinds["reference"]) == 11
    assert sum(row["url"] is not None for row in kinds["reference"]) == 5
    reference = next(row for row in listed if row["id"] == "tucker-2015-true")
    assert reference["title"] == "The true sharing economy"
    assert reference["author"] == ["Zoe Oja Tucker"]
    assert reference["container_title"] == "East Bay Express"
    assert reference["issued"] == "2015-11-04"
    assert reference["section"][0] == "Territoires"
    note = next(row for row in listed if reference["id"] in row.get("cites", ()))
    assert note["text"].startswith("Loin d’une économie de partage")
    assert note["section"] == reference["section"]


def test_the_list_can_be_kept_to_one_kind_and_read_by_a_person(corpus):
    result = run(corpus, "bibliography", "list", "--kind", "reference")

    assert result.stdout.splitlines()[0].startswith("reference  besson-sd-fab  Raphaël Besson, La")
    assert result.stderr == "11 entries.\n"


def test_a_folder_without_a_bibliography_is_told_with_what_to_do(tmp_path):
    result = run(tmp_path, "bibliography", "list")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert "bibliography" in result.stderr
    assert "Traceback" not in result.stderr


def test_searching_before_indexing_says_what_to_do(corpus):
    result = run(corpus, "search", "ville")

    assert result.exit_code == 1
    assert "nothing indexed yet" in result.stderr
    assert "renvois index" in result.stderr


def test_notes_can_be_searched_before_anything_was_crawled(corpus):
    assert run(corpus, "index").exit_code == 0

    hits = rows(run(corpus, "search", "covoiturage", "--json"))

    assert hits
    assert set(hits[0]) >= {"rank", "score", "id", "kind", "title", "url", "snippets", "notes"}


def test_a_hit_is_the_same_json_for_the_command_and_the_interface(corpus):
    run(corpus, "index")
    app = open_app(Settings(corpus=corpus))
    try:
        client = app.test_client()
        by_interface = client.get("/api/v1/search?q=covoiturage").get_json()["hits"]
        described = client.get("/api/openapi.json").get_json()["components"]["schemas"]["Hit"]
    finally:
        close_app(app)

    by_command = rows(run(corpus, "search", "covoiturage", "--json"))

    assert by_command == by_interface
    assert set(by_command[0]) == set(described["properties"])


def test_a_near_word_is_searched_instead_and_said_unless_told_not_to(corpus):
    run(corpus, "index")

    corrected = run(corpus, "search", "covoituraxe", "--json")
    as_typed = run(corpus, "search", "covoituraxe", "--as-typed", "--json")

    assert rows(corrected)
    assert "covoiturage was searched instead (or ask --as-typed)" in corrected.stderr
    (nothing,) = rows(as_typed)
    assert nothing["total"] == 0
    assert nothing["understood"] == "covoituraxe"
    assert nothing["corrections"] == []
    assert nothing["offers"] == [{"typed": "covoituraxe", "near": "covoiturage"}]
    assert nothing["unread"] == []
    assert "instead" not in as_typed.stderr


def test_an_address_that_is_pasted_finds_its_text_and_is_said_to_be_one(corpus):
    run(corpus, "index")
    url = next(
        r["url"] for r in rows(run(corpus, "bibliography", "list", "--json")) if r.get("url")
    )

    found = run(corpus, "search", f"{url}#haut", "--json")

    assert [row["url"] for row in rows(found)] == [url]
    assert rows(found)[0]["identifiers"][0]["scheme"] == "url"
    assert "address, in 1 document" in found.stderr


def test_what_was_searched_is_said_in_json_where_nothing_was_found(corpus):
    run(corpus, "index")

    asked = ("covoituraxe", "année:1801")
    (nothing,) = rows(run(corpus, "--lang", "fr", "search", *asked, "--json"))
    unread = rows(run(corpus, "search", "site:nulle-part.test", "--json"))
    beyond = rows(run(corpus, "search", "covoiturage", "--page", "99", "--json"))

    app = open_app(Settings(corpus=corpus))
    try:
        answer = app.test_client().get("/api/v1/search", query_string={"q": " ".join(asked)})
    finally:
        close_app(app)
    assert nothing == {key: answer.get_json()[key] for key in nothing}
    assert nothing["corrections"] == [{"typed": "covoituraxe", "searched": "covoiturage"}]
    assert len(unread[0]["unread"]) == 1
    assert beyond == []  # found, on pages before


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    """The bibliography of the tests, indexed; not to be changed."""
    folder = tmp_path_factory.mktemp("indexed")
    shutil.copytree(BIBLIOGRAPHY, folder / "bibliography")
    assert run(folder, "index").stderr.endswith("Built anew (there was none): 44 documents.\n")
    return folder


def test_results_are_printed_for_a_person_with_their_number_and_what_was_understood(indexed):
    found = run(indexed, "search", "covoiturage")
    (first, second) = rows(run(indexed, "search", "covoiturage", "--json"))

    blocks = found.stdout.rstrip("\n").split("\n\n")
    for number, (block, hit) in enumerate(zip(blocks, (first, second), strict=True), start=1):
        heading, note = block.splitlines()
        assert heading == f"{number:>3}. {hit['title']}"
        assert note.startswith(f"     ↳ {hit['id']}: ")
        assert "covoiturage" in note
    assert found.stderr == "2 found. Understood as: covoiturage\n"
    assert [hit["rank"] for hit in (first, second)] == [1, 2]


def test_a_part_of_the_results_says_so_and_what_all_words_would_find(indexed):
    part = run(indexed, "search", "covoiturage taxi ville", "--limit", "2")
    all_words = run(indexed, "search", "covoiturage taxi ville", "--all-words")
    beyond = run(indexed, "search", "covoiturage", "--page", "2")

    assert part.stderr == (
        "0 with all the words: covoiturage ET taxi ET ville (or ask --all-words).\n"
        "22 found, 2 shown. Understood as: covoiturage taxi ville\n"
    )
    assert "1. " in part.stdout and "3. " not in part.stdout
    assert all_words.stderr.endswith("0 found. Understood as: covoiturage ET taxi ET ville\n")
    assert (beyond.stdout, beyond.stderr) == ("", "2 found, 0 shown. Understood as: covoiturage\n")
    assert beyond.exit_code == all_words.exit_code == 0


def test_a_score_is_explained_by_parts_that_add_up_to_it(indexed):
    told = run(indexed, "search", "covoiturage", "--explain", "--limit", "1").stderr.splitlines()
    (hit,) = rows(run(indexed, "search", "covoiturage", "--limit", "1", "--json"))

    assert told[0] == f"1. {hit['id']}"
    total, *parts = told[1:-1]
    assert total == f"  {hit['score']:.3f} score"
    assert sum(
        float(line.split()[0]) for line in parts if line.startswith("    ") and line[4] != " "
    ) == pytest.approx(hit["score"], abs=0.002)


def test_synonyms_that_are_not_understood_and_those_that_were_used_are_told(corpus):
    run(corpus, "index")
    (corpus / "bibliography" / "synonymes.txt").write_text("voiture => covoiturage\nseul\n")

    told = run(corpus, "search", "voiture")

    assert "synonymes.txt:2" in told.stderr
    assert "voiture: searched with covoiturage (synonymes.txt)." in told.stderr
    assert run(corpus, "index").exit_code == 3


def test_an_index_says_what_changed_and_what_was_verified(corpus):
    def index(*options):
        return run(corpus, "index", *options)

    built = rows(index("--json"))
    unchanged = index("--json")
    (corpus / "bibliography" / "autre.txt").write_text("Une note de plus, sur les moulins.\n")
    added = index("--json")
    (corpus / "bibliography" / "autre.txt").unlink()
    removed = index("--json")
    verified = index("--check", "--json")

    nothing = {"added": 0, "updated": 0, "deleted": 0, "unchanged": 44, "rebuilt": None}
    assert built == [{**nothing, "added": 44, "unchanged": 0, "rebuilt": "there was none"}]
    assert rows(unchanged) == [nothing]
    assert unchanged.stderr.endswith("0 added, 0 updated, 0 deleted, 44 unchanged.\n")
    assert rows(added) == [{**nothing, "added": 1}]
    assert rows(removed) == [{**nothing, "deleted": 1}]
    (found,) = rows(verified)
    assert found["texts"] == 44 and found["damages"] == [] and found["bytes"] > 0
    assert verified.stderr == f"{found['bytes']:,} bytes and 44 texts verified: whole.\n"
    assert index("--rebuild").stderr.endswith("Built anew (as asked): 44 documents.\n")


def test_a_folder_that_holds_no_file_any_more_takes_nothing_out_of_the_index(corpus):
    run(corpus, "index")
    run(corpus, "index")
    stamps = (corpus / "index" / "stamps").read_bytes()
    for path in (corpus / "bibliography").iterdir():
        path.unlink()
    refused = run(corpus, "index")

    assert (corpus / "index" / "stamps").read_bytes() == stamps
    assert refused.exit_code == 1
    assert "nothing is taken out of the index" in refused.stderr
    assert "a disk may not be mounted" in refused.stderr
    assert run(corpus, "search", "covoiturage").stdout

    assert run(corpus, "index", "--rebuild").exit_code == 0
    assert run(corpus, "search", "covoiturage").stdout == ""


def test_twenty_problems_of_a_kind_are_shown_and_the_others_counted(tmp_path):
    (tmp_path / "bibliography").mkdir()
    items = json.dumps([{"id": f"r{n}", "note": "rien"} for n in range(22)])
    (tmp_path / "bibliography" / "a.json").write_text(items)

    short = run(tmp_path, "bibliography", "check")
    whole = run(tmp_path, "bibliography", "check", "--all")
    listed = rows(run(tmp_path, "bibliography", "check", "--json"))

    code = listed[0]["code"]
    assert [row["code"] for row in listed] == [code] * 22
    assert len(short.stdout.splitlines()) == 21
    assert short.stdout.endswith(f"… 2 more [{code}]: see --all\n")
    assert len(whole.stdout.splitlines()) == 22
    for told in (short, whole):
        assert told.stdout.count(f"[{code}]\n") + told.stdout.count("more") >= 20
        assert f"    22 {code}\n22 to mend.\n" in told.stderr
        assert told.exit_code == 0
    assert run(tmp_path, "bibliography", "check", "--strict").exit_code == 3
    assert run(tmp_path, "bibliography", "check", "--why", "so").exit_code == 2


def test_a_bibliography_without_faults_says_so(tmp_path):
    (tmp_path / "bibliography").mkdir()
    text = "# Notes\n\nAda Un, « Les ateliers », Un journal, 2014, http://a.test/ateliers\n"
    (tmp_path / "bibliography" / "a.md").write_text(text)

    told = run(tmp_path, "bibliography", "check", "--strict")

    assert (told.stdout, told.exit_code) == ("", 0)
    assert told.stderr.startswith("Nothing to mend.\n")


def test_a_dry_run_says_what_would_be_visited_and_visits_nothing(corpus):
    result = run(corpus, "crawl", "--dry-run", "--json")

    assert len(rows(result)) == 5
    assert {row["due_at"] for row in rows(result)} == {None}
    assert not list(corpus.glob("archive/*.warc.gz"))


@pytest.mark.parametrize(
    "wanted",
    [
        "tucker-2015-true",
        "eastbayexpress.com",
        "www.eastbayexpress.com",
        "https://www.eastbayexpress.com/oakland/the-true-sharing-economy/Content?oid=4563249#top",
    ],
)
def test_only_takes_a_key_a_host_or_a_url_however_written(corpus, wanted):
    planned = rows(run(corpus, "crawl", "--dry-run", "--json", "--only", wanted))

    assert [row["url"] for row in planned] == [
        "http://www.eastbayexpress.com/oakland/the-true-sharing-economy/Content?oid=4563249"
    ]


def test_only_what_the_bibliography_cites_can_be_asked_for(corpus):
    result = run(corpus, "crawl", "--only", "exemple.test")

    assert result.exit_code == 2
    assert "cites no such URL" in result.stderr


def test_one_only_that_is_cited_nowhere_does_not_stop_the_others(corpus):
    names = ["--only", "exemple.test", "--only", "tucker-2015-true"]
    result = run(corpus, "crawl", "--dry-run", "--json", *names)

    assert len(rows(result)) == 1
    assert result.exit_code == 3
    assert "--only exemple.test: the bibliography cites no such URL" in result.stderr


class Interrupting(BaseHTTPRequestHandler):
    """Answers for every host, as a proxy; at the second page the user presses Ctrl-C.

    That page comes when the command that was interrupted has ended.
    """

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        is_page = not self.path.endswith("/robots.txt")
        self.server.asked += is_page
        if is_page and self.server.asked == 2:
            os.kill(os.getpid(), signal.SIGINT)
            self.server.is_over.wait(60)
        with suppress(OSError):  # nobody waits for it any more
            self.answer(is_page)

    def answer(self, is_page):
        body = b"<title>Une page</title><p>Un texte qui est assez long pour l'essai.</p>"
        self.send_response(200 if is_page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def ctrl_c():
    """Ctrl-C as a process of its own has it: workers of the tests ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["crawl", "--json"], "Stopped; what was told is kept, the rest is still due."),
        pytest.param(
            ["links", "check"],
            "Stopped; what was visited is kept, the rest is still due.",
            marks=pytest.mark.slow,  # it looks at the pages in processes of their own
        ),
    ],
)
def test_an_interrupted_run_says_what_is_kept_and_the_next_one_does_the_rest(
    tmp_path, command, said
):
    (tmp_path / "bibliography").mkdir()
    urls = [f"http://a.test/{number}" for number in range(3)]
    text = "\n".join(f"- Ada Un, « Texte {url[-1]} », {url}" for url in urls)
    (tmp_path / "bibliography" / "liste.md").write_text(f"# Liste\n\n{text}\n")
    quick = {"RENVOIS_DELAY_S": "0", "RENVOIS_ARCHIVES": ""}
    with ThreadingHTTPServer(("127.0.0.1", 0), Interrupting) as server:
        server.asked, server.is_over, server.daemon_threads = 0, threading.Event(), True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        proxy = f"http://127.0.0.1:{server.server_port}"
        cut = run_command(tmp_path, *command, proxy=proxy, environ=quick)
        server.is_over.set()
        rest = run_command(tmp_path, *command, proxy=proxy, environ=quick)
        server.shutdown()

    assert (cut.returncode, rest.returncode) == (130, 0)
    if "--json" in command:
        told = [json.loads(line) for line in (cut.stdout + rest.stdout).splitlines()]
        assert told == [
            {
                "url": url, "outcome": "captured", "cause": None, "why": "", "detail": "",
                "archive": "", "hops": [url],
            }
            for url in dict.fromkeys(row["url"] for row in told)
        ]  # fmt: skip
        assert len(told) >= 2  # of the first the row may have been cut off, and its page is kept
    assert said in cut.stderr
    assert said not in rest.stderr
    assert 3 <= server.asked <= 5  # what was under way is asked again, what is kept is not
    planned = run_command(tmp_path, "crawl", "--dry-run", "--json").stdout.splitlines()
    assert sorted(json.loads(row)["url"] for row in planned) == urls
    assert all(json.loads(row)["due_at"] for row in planned)


PRESSES_AT_IMPORT = """
    import importlib.abc
    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == "{}":
                os.kill(os.getpid(), signal.SIGINT)
    sys.meta_path.insert(0, Finder())
"""
MOMENTS = {
    "an import": PRESSES_AT_IMPORT.format("indexer.settings"),
    "its work": PRESSES_AT_IMPORT.format("indexer.cli.bibliography"),  # once it is asked for
    "its end": """
        import atexit
        atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
    """,
}


@pytest.mark.parametrize(
    ("moment", "code", "said"),
    [("an import", 130, ""), ("its work", 130, "Interrupted: what was done"), ("its end", 0, "")],
)
def test_ctrl_c_is_never_told_by_a_traceback(tmp_path, moment, code, said):
    program = "\n".join(
        (
            "import os, signal, sys",
            "signal.signal(signal.SIGINT, signal.default_int_handler)",
            textwrap.dedent(MOMENTS[moment]),
            "from indexer.__main__ import run",
            "run()",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--corpus", str(tmp_path), "bibliography", "--help"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RENVOIS_LANGUAGE": "en"},
    )

    assert done.returncode == code
    assert done.stderr.strip()[:26] == said
    assert bool(done.stdout) == (code == 0)


SEALS_WITHOUT_END = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count({}(i)) FROM n"
)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_sqlite_asks_for_digests_is_no_damage(tmp_path):
    """Python raises KeyboardInterrupt in the function that SQLite calls, where it gets lost."""
    path = tmp_path / "catalogue.sqlite"
    with open_database(path) as database, open_history(path) as history:
        for opened, function in (
            (database.transaction(), "seal"),
            (history._ours(), "seal_row"),
        ):
            timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
            with pytest.raises(KeyboardInterrupt), opened:
                timer.start()
                connection = database._connection if function == "seal" else history._db
                connection.execute(SEALS_WITHOUT_END.format(function)).fetchone()
        assert database.read("SELECT 1 AS one")[0]["one"] == 1


def test_a_host_with_a_hundred_pages_due_is_told_with_the_minutes_that_it_takes():
    def tell(count, delay_s):
        queue = HostQueue(host="a.test", count=count, targets=iter(()))
        return [
            open_translator("en")(each) for each in describe_backlogs([queue], lambda _: delay_s)
        ]

    assert tell(99, 1.0) == []
    assert tell(100, 1.0) == [
        "a.test: 100 pages are due, one every 1 s: 2 min at least. The next run goes on from there."
    ]
    assert "one every 0.6 s: 1 min at least" in tell(100, 0.6)[0]


def test_two_crawls_at_once_are_refused(corpus):
    with acquire_lock(corpus / "crawl.lock"):
        result = run(corpus, "crawl")

    assert result.exit_code == 1
    assert "is at work on this corpus" in result.stderr


def test_a_wrong_setting_is_told_before_anything_is_done(corpus):
    result = CliRunner(env={"RENVOIS_DELAY_S": "-1"}).invoke(main, ["crawl"])

    assert result.exit_code == 1
    assert "delay_s" in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help_and_stands_in_the_readme(command):
    result = CliRunner().invoke(main, [command, "--help"])
    said = open_translator("en")(COMMANDS[command][1])

    assert result.exit_code == 0
    assert " ".join(said.split()) in " ".join(result.stdout.split())
    assert f"renvois {command}" in README


def test_the_makefile_lists_every_verb_with_a_word_on_it():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = [line.split()[1] for line in makefile.splitlines() if line.startswith(".PHONY:")]

    assert [verb for verb in verbs if f"\n{verb}: " not in makefile or "## " not in makefile] == []
    assert {"run", "demo", "crawl", "index", "serve", "test", "check", "clean"} <= set(verbs)


def test_a_demonstration_needs_no_package_of_the_workshop():
    """`make demo` installs what `make run` does: what the tests need takes as long again."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    main, dev = (
        {
            line.partition("==")[0].replace("-", "_").lower()
            for line in (ROOT / f"requirements{kind}.lock").read_text("utf-8").splitlines()
            if "==" in line
        }
        for kind in ("", "-dev")
    )
    program = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(dev - main)}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import tests.library.__main__, tests.replay.__main__
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)

    assert "\ndemo: install ##" in makefile
    assert {"pytest", "hypothesis"} <= dev - main


def test_the_bibliography_is_exported_for_other_programs_and_what_is_left_out_is_told(corpus):
    result = run(corpus, "bibliography", "export", "--format", "csl-json")

    items = json.loads(result.stdout)
    assert len(items) == 11
    cited = next(item for item in items if item["id"] == "tucker-2015-true")
    assert cited["annote"].startswith("Loin d’une économie de partage")
    assert result.stderr == "11 references; 33 notes that cite none are left out.\n"
    for other in ("bibtex", "ris", "csl-yaml"):
        assert "tucker-2015-true" in run(corpus, "bibliography", "export", "--format", other).stdout


def test_serve_is_a_command_beside_the_others():
    listed = CliRunner().invoke(main, ["--help"]).output
    told = CliRunner().invoke(main, ["serve", "--help"])

    assert "  serve  " in listed
    assert told.exit_code == 0
    assert "--port" in told.output


# Each takes tenths of a second to import: a command waits for those that it uses only.
ENGINE = {"numpy", "whoosh"}
NETWORK = {"requests", "urllib3", "tldextract", "chardet"}
READERS = {"trafilatura", "bs4", "py3langid", "htmldate", "readability", "pypdfium2", "ftfy"}


@pytest.mark.parametrize(
    ("arguments", "unused"),
    [
        (["--help"], ENGINE | NETWORK | READERS | {"babel"}),
        (["search", "--help"], ENGINE | NETWORK | READERS | {"lxml", "warcio", "yaml", "babel"}),
        (["index", "--help"], ENGINE | NETWORK | READERS),
        (["bibliography", "list"], ENGINE | NETWORK | READERS | {"bibtexparser", "rispy"}),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_a_command_imports_only_what_it_uses(tmp_path, arguments, unused):
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text("Une note.\n", encoding="utf-8")
    program = (
        "import sys\n"
        "from indexer.cli import main\n"
        f"main(['--corpus', {str(tmp_path)!r}, *{arguments}], standalone_mode=False)\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert unused & set(done.stderr.split()) == set()


@pytest.mark.parametrize("address", ["http://[mauvais/adresse", "http://a b.test:port/", "http://"])
def test_a_malformed_address_stops_nothing(tmp_path, address):
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "notes.md").write_text(
        f"- [Mal écrite](<{address}>), une note.\n- [Bonne](http://b.test/), une autre.\n", "utf-8"
    )
    for command in ("index", "links report", "bibliography check", "status", "search note"):
        done = CliRunner().invoke(main, ["--corpus", str(tmp_path), *command.split()])
        assert done.exception is None or isinstance(done.exception, SystemExit), command
        assert done.exit_code in (0, 3), (command, done.output)
    app = open_app(Settings(corpus=tmp_path))
    for path in ("/", "/liens", "/notes", "/recherche?q=note", "/liens.csv"):
        assert app.test_client().get(path).status_code in (200, 404), path
    close_app(app)


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "l’adresse est mal formée"), ("en", "address is malformed")]
)
def test_the_line_of_a_visit_says_why_in_the_reader_s_language(
    tmp_path, monkeypatch, language, said
):
    monkeypatch.setenv("RENVOIS_LANGUAGE", language)
    (tmp_path / "bibliography").mkdir()
    text = "A\n\n  • Camille Essai, « Un texte », Gazette, 2013, http://exa%mple/\n"
    (tmp_path / "bibliography" / "a.txt").write_text(text, encoding="utf-8")

    line = next(each for each in run(tmp_path, "crawl").stdout.splitlines() if "missed=" in each)
    assert said in line
