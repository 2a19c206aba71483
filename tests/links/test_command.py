"""`renvois links`: check, report, repair, on servers of loopback and a bibliography in a file."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from indexer.archive import open_catalogue
from indexer.archive.rows import RecordRow
from indexer.bibliography import read_bibliography
from indexer.cli import main
from indexer.cli.link_repair import find_repairs
from indexer.cli.terminal import NamedChoice
from indexer.corpus import read_identified
from indexer.links.editors import Fix
from indexer.links.history import open_history
from indexer.links.replacement import REDIRECT
from indexer.model import Article, LinkState, PageKind, Replacement, Visit
from indexer.settings import Settings, read_settings
from indexer.urls import urlkey
from search_web.wsgi import close_app, open_app
from testbed.zoo import Case
from testbed.zoo.cases import FR_PATH, by_round, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR, FR_ARTICLE, FR_MISSING, FR_TITLE, article, html
from testbed.zoo.replies import redirect
from tests.links.stories import observe

NOW = datetime.now(UTC)
CASES = (
    fr("alive", LinkState.ALIVE, FR_ARTICLE),
    fr("gone", LinkState.DEAD, FR_MISSING),
    fr("moved", LinkState.MOVED, serve({
        FR_PATH: redirect("/dossiers/tiers-lieux", 301), "/dossiers/tiers-lieux": FR_ARTICLE
    })),
)  # fmt: skip


@pytest.fixture
def zoo() -> Iterator[Zoo]:
    with Zoo(cases=CASES) as zoo:
        yield zoo


def write_bibliography(folder: Path, zoo: Zoo) -> None:
    lines = [
        f"  • Camille Essai, « {FR_TITLE} », Gazette de Lignac, 4 novembre 2015, {zoo.cited(n)}\n\n"
        f"Une note sur ce texte, la {n}e, qui dit ce qu’on y lit.\n\n \n"
        for n in range(len(zoo.cases))
    ]
    (folder / "bibliography").mkdir(exist_ok=True)
    path = folder / "bibliography" / "essai.txt"
    path.write_text("Territoires\n\n" + "".join(lines), encoding="utf-8")


@pytest.fixture
def corpus(tmp_path, zoo) -> Path:
    write_bibliography(tmp_path, zoo)
    return tmp_path


def environment() -> dict[str, str]:
    return {
        "RENVOIS_OPEN_NETWORKS": NETWORK,
        "RENVOIS_DELAY_S": "0",
        "RENVOIS_LANGUAGE": "fr",
    }


def run(corpus: Path, *arguments: str) -> Result:
    runner = CliRunner(env=environment())
    return runner.invoke(main, ["--corpus", str(corpus), "links", *arguments])


def states(result: Result) -> list[str]:
    return [json.loads(line)["state"] for line in result.stdout.splitlines()]


def tell_of_the_past(corpus: Path, url: str) -> None:
    """Two failures, ten and five days ago."""
    with (
        open_catalogue(corpus / "catalogue.sqlite"),
        open_history(corpus / "catalogue.sqlite") as history,
    ):
        for days in (10, 5):
            seen = observe("404", 0, url=url)
            history.record(replace(seen, observed_at=NOW - timedelta(days=days)))


def hold_memento(corpus: Path, url: str) -> str:
    """A memento of that URL, as the crawl keeps them; gives its address."""
    address = f"https://web.archive.org/web/20151110000000/{url}"
    when = datetime(2015, 11, 10, tzinfo=UTC)
    row = RecordRow(
        record_id="urn:uuid:memento",
        kind="response",
        target_uri=address,
        target_urlkey=urlkey(address),
        captured_at=when,
        status=200,
        media_type="text/html",
        payload_digest="sha1:A",
        payload_length=10,
        truncated="",
        etag="",
        last_modified="",
        filename="a.warc.gz",
        offset=0,
        length=10,
    )
    visit = Visit(
        url=url,
        urlkey=urlkey(url),
        visited_at=NOW,
        outcome="captured",
        status=200,
        final_url=address,
        record_id=row.record_id,
        archive="web.archive.org",
    )
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        catalogue.record_visit(visit, [row], payload_id=row.record_id)
    return address


def test_check_says_how_each_visited_link_is(corpus):
    assert states(run(corpus, "check", "--json")) == ["alive", "sick", "moved"]
    assert states(run(corpus, "check", "--json")) == []  # nothing is due any more


def test_check_tells_a_person_in_words(corpus):
    said = run(corpus, "check").stdout

    assert "▲ malade" in said
    assert "Le serveur répond que la page n’existe pas (404)." in said


def test_check_keeps_to_what_it_is_asked(corpus, zoo):
    said = run(corpus, "check", "--json", "--only", zoo.cited(2))

    assert states(said) == ["moved"]


def test_an_only_that_is_cited_nowhere_is_named_and_the_others_are_visited(corpus, zoo):
    names = ["--only", "http://nulle-part.test/a", "--only", zoo.cited(2), "--only", "inconnu"]
    said = run(corpus, "check", "--json", *names)

    assert states(said) == ["moved"]
    assert said.exit_code == 3
    assert (
        "--only http://nulle-part.test/a\u00a0: la bibliographie ne cite ni cette adresse"
        in said.stderr
    )
    assert "--only inconnu\u00a0: " in said.stderr


def test_an_ignored_link_is_not_visited(corpus, zoo):
    decision = f'[[lien]]\nurl = "{zoo.cited(1)}"\ndecision = "ignorer"\nle = 2026-01-01\n'
    (corpus / "bibliography" / "liens.toml").write_text(decision, encoding="utf-8")

    assert states(run(corpus, "check", "--json")) == ["alive", "moved"]


def test_a_decision_that_cannot_be_read_is_said(corpus):
    (corpus / "bibliography" / "liens.toml").write_text("[[lien]]\n", encoding="utf-8")

    assert "ne dit pas de quel lien" in run(corpus, "check", "--json").stderr


def test_strict_finds_a_death_once(corpus, zoo):
    """Dead since the last report: exit 3, the next time 0."""
    run(corpus, "report")
    tell_of_the_past(corpus, zoo.cited(1))
    checked = run(corpus, "check", "--json")
    assert states(checked) == ["alive", "dead", "moved"]

    first = run(corpus, "report", "--strict")
    second = run(corpus, "report", "--strict")

    assert (first.exit_code, second.exit_code) == (3, 0)
    assert "1\u00a0mort" in first.stderr
    assert "rien n’a changé" in second.stderr
    assert run(corpus, "report", "--strict", "--since", "2026-01-01").exit_code == 3


@pytest.mark.parametrize(
    ("kind", "beginning"),
    [
        ("text", "✖ 0\u00a0mort"),
        ("csv", "\ufeffétat;"),
        ("json", '{"url"'),
        ("html", "<!DOCTYPE html>"),
        ("atom", "<?xml"),
        ("junit", "<?xml"),
    ],
)
def test_a_report_has_a_form_for_everybody(corpus, kind, beginning):
    run(corpus, "check")

    assert run(corpus, "report", "--format", kind).stdout.startswith(beginning)


def test_a_report_goes_to_a_file(corpus, tmp_path):
    run(corpus, "report", "--format", "csv", "--output", str(tmp_path / "liens.csv"))

    assert (tmp_path / "liens.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_repair_shows_a_patch_then_writes_it(corpus, zoo):
    url = zoo.cited(1)
    tell_of_the_past(corpus, url)
    run(corpus, "check")
    memento = hold_memento(corpus, url)
    path = corpus / "bibliography" / "essai.txt"
    before = path.read_bytes()

    shown = run(corpus, "repair")
    assert path.read_bytes() == before
    assert f"+  • Camille Essai, « {FR_TITLE} »" in shown.stdout
    assert memento in shown.stdout
    assert run(corpus, "repair", "--strict").exit_code == 3

    assert "1\u00a0lien réparé" in run(corpus, "repair", "--apply").stderr
    assert path.read_bytes() == before.replace(
        url.encode(), f"{url} (archive : {memento})".encode()
    )
    assert "Rien à réparer" in run(corpus, "repair").stderr


def test_repair_leaves_a_read_only_file_alone(corpus, zoo):
    """Even in a folder where it could be replaced."""
    url = zoo.cited(1)
    tell_of_the_past(corpus, url)
    run(corpus, "check")
    hold_memento(corpus, url)
    path = corpus / "bibliography" / "essai.txt"
    before = path.read_bytes()
    path.chmod(0o444)

    refused = run(corpus, "repair", "--apply")

    assert refused.exit_code == 1
    assert "en lecture seule" in refused.stderr
    assert path.read_bytes() == before


def test_repair_follows_a_link_to_the_file_and_passes_by_one_that_leads_nowhere(corpus, zoo):
    url = zoo.cited(1)
    tell_of_the_past(corpus, url)
    run(corpus, "check")
    memento = hold_memento(corpus, url)
    path = corpus / "bibliography" / "essai.txt"
    elsewhere = path.rename(corpus / "ailleurs.txt")
    path.symlink_to(elsewhere)
    (corpus / "bibliography" / "perdu.txt").symlink_to(corpus / "rien.txt")

    done = run(corpus, "repair", "--apply")

    assert done.exit_code == 0, done.stderr
    assert path.is_symlink()
    assert memento in elsewhere.read_text(encoding="utf-8")


def test_a_memento_that_is_an_error_page_itself_replaces_nothing(corpus, zoo):
    """Archives keep those too, and answer with 200."""
    url = zoo.cited(1)
    tell_of_the_past(corpus, url)
    run(corpus, "check")
    hold_memento(corpus, url)
    assert "archive" in run(corpus, "repair").stdout
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        catalogue.put_article(Article(record_id="urn:uuid:memento", kind=PageKind.SOFT_404))

    assert "Rien à réparer" in run(corpus, "repair").stderr


def test_repair_gives_moved_pages_their_address_only_if_asked(corpus, zoo):
    run(corpus, "check")

    assert "Rien à réparer" in run(corpus, "repair").stderr
    shown = run(corpus, "repair", "--moved").stdout
    assert f"{zoo.base(2)}/dossiers/tiers-lieux" in shown


def test_repair_touches_neither_decisions_nor_corrections(corpus, zoo):
    """They name the same address, and are no text of the bibliography."""
    url = zoo.cited(1)
    tell_of_the_past(corpus, url)
    run(corpus, "decide", url, "mensuel", "--comment", f"voir {url}")
    run(corpus, "check")
    hold_memento(corpus, url)
    decided = (corpus / "bibliography" / "liens.toml").read_bytes()

    assert run(corpus, "repair", "--apply").exit_code == 0
    assert (corpus / "bibliography" / "liens.toml").read_bytes() == decided


def test_a_repair_that_would_change_the_reading_is_refused(corpus, zoo):
    """The correction is kept under the line as written: repaired, the line would lose it."""
    url = zoo.cited(1)
    bibliography = read_bibliography(corpus / "bibliography")
    raw = next(r.raw for r in bibliography.references if r.url == url)
    corrections = corpus / "bibliography" / "corrections.yaml"
    corrections.write_text(json.dumps({raw: {"title": "Un autre titre"}}), encoding="utf-8")
    assert "Un autre titre" in [
        r.title for r in read_bibliography(corpus / "bibliography").references
    ]
    tell_of_the_past(corpus, url)
    run(corpus, "check")
    hold_memento(corpus, url)
    before = (corpus / "bibliography" / "essai.txt").read_bytes()

    refused = run(corpus, "repair", "--apply")

    assert refused.exit_code == 1
    assert "ne se liraient plus comme avant" in refused.stderr
    assert (corpus / "bibliography" / "essai.txt").read_bytes() == before


def test_a_repair_leaves_out_what_would_make_one_reference_of_two(tmp_path):
    """The page that one reference cites has moved to where another cites it."""
    old, new, other = (f"http://exemple.test/{name}" for name in ("ancien", "nouveau", "autre"))
    (tmp_path / "bibliography").mkdir()
    entries = [
        f"@online{{k{n},\n title = {{Un même titre}},\n url = {{{url}}}\n}}\n"
        for n, url in enumerate((old, new, other))
    ]
    (tmp_path / "bibliography" / "b.bib").write_text("\n".join(entries), encoding="utf-8")
    settings = Settings(corpus=tmp_path)
    moved = [
        Fix(url=url, replacement=Replacement(address=address, kind=REDIRECT))
        for url, address in ((old, new), (other, f"{other}/2"))
    ]

    (repaired,), left = find_repairs(settings, read_identified(settings), moved)

    assert left == moved[:1]
    assert [fix.url for fix in repaired.fixed] == [other]
    assert f"{other}/2".encode() in repaired.after
    assert old.encode() in repaired.after


@pytest.mark.parametrize("arguments", [("report", "--output", "{}/rien/liens.csv")])
def test_what_cannot_be_written_is_said(corpus, arguments):
    failed = run(corpus, *(argument.format(corpus) for argument in arguments))

    assert failed.exit_code == 1
    assert "aucun fichier ni dossier de ce nom" in failed.stderr


def test_repair_says_what_it_could_not_place(corpus, zoo):
    """The file writes the address in a way that the reader mends and the repair does not find."""
    url = zoo.cited(2)
    path = corpus / "bibliography" / "essai.txt"
    run(corpus, "check")
    path.write_bytes(path.read_bytes().replace(url.encode(), url.replace("://", " ://").encode()))

    assert "Aucune place où l’inscrire" in run(corpus, "repair", "--moved").stderr


def test_show_tells_the_course_of_one_link(corpus, zoo):
    run(corpus, "check")

    said = run(corpus, "show", zoo.cited(1)).stdout
    assert "▲ malade" in said
    assert "Ce lien n’est pas compté mort. Il faut" in said
    assert "1\u00a0visite" in said
    assert states(run(corpus, "show", "--json", zoo.cited(2))) == ["moved"]
    assert run(corpus, "show", "http://nulle.test/").exit_code == 2


def test_show_sets_what_the_page_says_beside_what_it_said(tmp_path):
    changed = (*FR[:2], FR[2].replace("deux perceuses", "six perceuses"), *FR[3:])
    case = fr("changed", LinkState.ALIVE, by_round(FR_ARTICLE, html(article(changed))))
    with Zoo(cases=(case,)) as zoo:
        write_bibliography(tmp_path, zoo)
        run(tmp_path, "check")
        zoo.round = 1
        run(tmp_path, "check", "--force")
        said = run(tmp_path, "show", zoo.cited(0)).stdout

    assert "- La commune prête les murs" in said
    assert "+ La commune prête les murs" in said
    assert "six perceuses" in said
    assert "Tout n’est pas simple" not in said  # that paragraph stayed


def test_decide_adds_a_decision_that_is_heard(corpus, zoo):
    run(corpus, "check")
    url = zoo.cited(1)
    done = run(corpus, "decide", url, "vivant", "--by", "Camille", "--comment", 'vu "ici"')

    assert done.exit_code == 0
    assert states(run(corpus, "show", "--json", url)) == ["alive"]
    assert "Vu vivant par Camille" in run(corpus, "show", url).stdout
    text = (corpus / "bibliography" / "liens.toml").read_text(encoding="utf-8")
    again = run(corpus, "decide", url, "mort")
    assert "ne compte plus\N{NO-BREAK SPACE}: Vu vivant par Camille" in again.stderr
    assert "ne compte plus" not in done.stderr
    assert (corpus / "bibliography" / "liens.toml").read_text(encoding="utf-8").startswith(text)
    assert run(corpus, "decide", "http://nulle.test/", "mort").exit_code == 2


def test_a_redirect_is_accepted_as_it_leads_that_day_and_to_nowhere_else(corpus, zoo):
    run(corpus, "check")
    moved = zoo.cited(2)
    run(corpus, "decide", moved, "accept", "--by", "Camille")

    assert states(run(corpus, "show", "--json", moved)) == ["alive"]
    (decision,) = tomllib.loads((corpus / "bibliography" / "liens.toml").read_text("utf-8"))["lien"]
    assert decision["adresse"] == f"{zoo.base(2)}/dossiers/tiers-lieux"


def test_decide_adds_nothing_to_a_file_that_cannot_be_read(corpus, zoo):
    path = corpus / "bibliography" / "liens.toml"
    path.write_text("[[lien]\n", encoding="utf-8")

    refused = run(corpus, "decide", zoo.cited(1), "mort")

    assert refused.exit_code == 1
    assert "n’est pas du TOML" in refused.stderr
    assert path.read_text(encoding="utf-8") == "[[lien]\n"


def test_a_decision_on_what_is_not_cited_is_said(corpus, zoo):
    decision = f'[[lien]]\nurl = "{zoo.cited(1)}/autre"\ndecision = "ignorer"\nle = 2026-01-01\n'
    (corpus / "bibliography" / "liens.toml").write_text(decision, encoding="utf-8")

    for _ in range(2):  # the second time from the report that was kept
        assert "n’est pas citée telle quelle" in run(corpus, "report").stderr


def test_a_report_that_is_kept_reads_no_file_of_the_bibliography(corpus, zoo):
    run(corpus, "decide", zoo.cited(1), "vivant")
    run(corpus, "report")
    (path,) = (corpus / "bibliography").glob("*.txt")
    status = path.stat()
    path.write_bytes(b"?" * status.st_size)  # as if nothing was cited any more
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    said = run(corpus, "report", "--json")

    assert zoo.cited(1) in said.stdout
    assert "n’est pas citée telle quelle" not in said.stderr


@pytest.mark.parametrize("choice", ["ignorer", "vivant"])
def test_what_a_person_settled_is_no_news(corpus, zoo, choice):
    url = zoo.cited(1)
    tell_of_the_past(corpus, url)
    run(corpus, "check")
    day = f"{NOW - timedelta(days=30):%Y-%m-%d}"
    assert "1\u00a0mort" in run(corpus, "report", "--since", day).stderr
    assert url in run(corpus, "report", "--format", "atom").stdout
    run(corpus, "decide", url, choice)

    said = run(corpus, "report", "--since", day, "--strict")

    assert (said.exit_code, "mort" in said.stderr) == (0, False)
    assert url not in run(corpus, "report", "--format", "atom").stdout


@pytest.mark.parametrize("kind", ["text", "csv", "json", "html", "atom", "junit"])
def test_no_report_gives_away_a_password(corpus, zoo, kind):
    """The bibliography's line has it; a report is sent to others."""
    url = zoo.cited(1)
    path = corpus / "bibliography" / "essai.txt"
    secret = url.replace("http://", "http://camille:motdepasse@")
    path.write_text(path.read_text(encoding="utf-8").replace(url, secret), encoding="utf-8")
    tell_of_the_past(corpus, url)
    run(corpus, "check")

    made = run(corpus, "report", "--format", kind)

    assert url.partition("://")[2] in made.stdout
    assert "motdepasse" not in made.stdout + made.stderr
    hold_memento(corpus, url)
    assert f"{secret} (archive" in run(corpus, "repair").stdout


def test_the_course_of_the_links_is_read_back_from_the_archive(corpus):
    """A catalogue that was lost is made again from the WARC files, and links are judged anew."""
    run(corpus, "check")
    before = run(corpus, "report", "--format", "json").stdout
    for path in corpus.glob("catalogue.sqlite*"):
        path.unlink()

    command = ["--corpus", str(corpus), "archive", "reindex"]
    assert CliRunner(env=environment()).invoke(main, command).exit_code == 0
    assert states(run(corpus, "check", "--json")) == []
    assert run(corpus, "report", "--format", "json").stdout == before


def slow(number: int) -> Case:
    return fr(f"slow {number}", LinkState.ALIVE, replace(FR_ARTICLE, pause_s=0.05))


@pytest.mark.slow
@pytest.mark.parametrize(
    "kills", [1, pytest.param(20, marks=pytest.mark.campaign)], ids=lambda n: f"{n} kills"
)
def test_kill_9_in_the_middle_loses_nothing(tmp_path, kills):
    """What was visited stays visited; the next run goes on where it stopped."""
    with Zoo(cases=tuple(slow(number) for number in range(40))) as zoo:
        write_bibliography(tmp_path, zoo)
        command = [sys.executable, "-m", "indexer", "--corpus", str(tmp_path), "links", "check"]
        for kill in range(kills):
            wanted = 10 + 30 * kill // max(kills, 2)
            process = subprocess.Popen(
                command,
                env=os.environ | environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while count_pages(zoo) < wanted and process.poll() is None:
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
            process.wait()

        done = run(tmp_path, "check")
        said = run(tmp_path, "report", "--format", "json")

        assert done.exit_code == 0, done.stderr
        assert states(said) == ["alive"] * 40
        # At most the pages in flight at each kill were asked for twice: one a worker.
        assert count_pages(zoo) <= 40 + 8 * kills


def count_pages(zoo: Zoo) -> int:
    return sum(target == FR_PATH for _, target, *_ in zoo.requests)


def test_a_check_says_which_records_of_the_archive_are_damaged(corpus, zoo):
    """Kept by a crawl, damaged before anybody looked at the page: said, not left out in silence."""
    url = zoo.cited(0)
    CliRunner(env=environment()).invoke(main, ["--corpus", str(corpus), "crawl"])
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        capture = catalogue.latest_capture(urlkey(url))
        place = catalogue.find_location(capture.record_id)
    path = corpus / "archive" / place.filename
    octets = bytearray(path.read_bytes())
    octets[place.offset + place.length // 2] ^= 4
    path.write_bytes(octets)

    first, second = run(corpus, "check"), run(corpus, "check", "--only", zoo.cited(1))

    for told in (first, second):  # known from now on
        assert told.exit_code == 0, told.output
        assert "1\u00a0enregistrement de l’archive est endommagé" in told.stderr
        assert f"{place.filename} à la position {place.offset}" in told.stderr
        assert url in told.stderr


def test_an_extraction_ends_with_3_where_what_is_damaged_can_not_be_read_again(corpus, zoo):
    def extract() -> Result:
        return CliRunner(env=environment()).invoke(main, ["--corpus", str(corpus), "extract"])

    def change(statement: str) -> None:
        with closing(sqlite3.connect(corpus / "catalogue.sqlite")) as connection, connection:
            assert connection.execute(statement).rowcount >= 1

    CliRunner(env=environment()).invoke(main, ["--corpus", str(corpus), "crawl"])
    assert extract().exit_code == 0
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        record_id = catalogue.latest_capture(urlkey(zoo.cited(0))).record_id
        place = catalogue.find_location(record_id)
    damaged = f"UPDATE articles SET article = 'x' WHERE record_id = '{record_id}'"

    change(damaged)
    again = extract()
    assert again.exit_code == 0
    assert "1\u00a0article endommagé du catalogue a été relu dans l’archive." in again.stderr
    assert extract().stderr == "0\u00a0page lue.\n"

    path = corpus / "archive" / place.filename
    octets = bytearray(path.read_bytes())
    octets[place.offset + place.length // 2] ^= 4
    path.write_bytes(octets)
    change(damaged)
    lost = extract()
    assert lost.exit_code == 3
    assert "1\u00a0article endommagé du catalogue n’a pas pu être relu" in lost.stderr
    assert "a été relu" not in lost.stderr

    change("UPDATE records SET target_uri = target_uri || 'x'")
    left_out = extract()
    assert left_out.exit_code == 3
    assert "Des lignes endommagées du catalogue ont été laissées de côté" in left_out.stderr


def test_a_check_names_no_damaged_record_of_what_is_withdrawn(corpus, zoo):
    url = zoo.cited(0)
    invoke = CliRunner(env=environment()).invoke
    invoke(main, ["--corpus", str(corpus), "crawl"])
    with open_catalogue(corpus / "catalogue.sqlite") as catalogue:
        catalogue.mark_damaged(catalogue.latest_capture(urlkey(url)).record_id)
    invoke(main, ["--corpus", str(corpus), "withdraw", url])

    told = run(corpus, "check")

    assert told.exit_code == 0, told.output
    assert "endommagé" not in told.stderr
    assert url not in told.output


def test_a_report_and_a_check_say_rows_of_the_history_that_are_left_out(corpus, zoo):
    run(corpus, "check")
    whole = states(run(corpus, "report", "--json"))
    with closing(sqlite3.connect(corpus / "catalogue.sqlite")) as connection, connection:
        changed = connection.execute(
            "UPDATE link_observations SET observation = replace(observation, '200', '404') "
            "WHERE url = ?",
            (zoo.cited(0),),
        )
        assert changed.rowcount == 1
    invoke = CliRunner(env=environment()).invoke
    report = run(corpus, "report", "--json")
    checked = invoke(main, ["--corpus", str(corpus), "archive", "check", "--json"])
    indexed = invoke(main, ["--corpus", str(corpus), "index"])
    again = invoke(main, ["--corpus", str(corpus), "archive", "check", "--json"])

    assert "1\u00a0ligne de link_observations" in report.stderr
    assert checked.exit_code == 3
    assert "une ligne de link_observations n’est pas telle qu’elle a été écrite" in checked.stdout
    assert "1\u00a0ligne endommagée du catalogue a été refaite" in indexed.stderr
    assert again.exit_code == 0, again.output
    assert states(run(corpus, "report", "--json")) == whole


def test_an_index_does_not_say_of_rows_that_it_made_anew_that_they_are_left_out(corpus, zoo):
    run(corpus, "check")
    with closing(sqlite3.connect(corpus / "catalogue.sqlite")) as connection, connection:
        changed = connection.execute(
            "UPDATE records SET target_uri = target_uri || 'x' WHERE target_uri = ?",
            (zoo.cited(0),),
        )
        assert changed.rowcount >= 1
    indexed = CliRunner(env=environment()).invoke(main, ["--corpus", str(corpus), "index"])

    assert "ligne endommagée du catalogue a été refaite" in indexed.stderr
    assert "left out" not in indexed.stderr


@pytest.fixture
def site_settings(corpus, zoo) -> Settings:
    """The settings of a corpus with an index, whose links were checked."""
    run(corpus, "check")
    done = CliRunner(env=environment()).invoke(main, ["--corpus", str(corpus), "index"])
    assert done.exit_code == 0, done.output
    return read_settings(environ={}, corpus=corpus)


def test_the_site_says_in_its_log_which_rows_it_leaves_out(site_settings, zoo, caplog):
    for table, change in (("link_observations", "url = 'x'"), ("visits", "detail = 'x'")):
        with closing(sqlite3.connect(site_settings.catalogue_place)) as connection, connection:
            where = "rowid = 1" if table == "visits" else "url LIKE '%'"
            connection.execute(f"UPDATE {table} SET {change} WHERE {where}")
    app = open_app(site_settings)
    try:
        client = app.test_client()
        for _ in range(2):
            assert client.get("/liens").status_code == 200
    finally:
        close_app(app)
    told = [each.getMessage() for each in caplog.records]
    assert sum("a row of visits is not what was written" in each for each in told) == 1
    assert any("a row of link_observations is not what was written" in each for each in told)


def test_a_catalogue_that_breaks_under_the_site_is_answered_503(site_settings, caplog):
    app = open_app(site_settings)
    try:
        client = app.test_client()
        assert client.get("/liens").status_code == 200
        with closing(sqlite3.connect(site_settings.catalogue_place)) as connection, connection:
            connection.execute("DROP TABLE visits")
        answer = client.get("/liens")
    finally:
        close_app(app)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert any("catalogue.sqlite" in each.getMessage() for each in caplog.records)


@pytest.mark.parametrize(
    ("typed", "slug"), [("mort", "dead"), ("Déplacé", "moved"), ("dead", "dead")]
)
def test_a_state_may_be_typed_in_either_language(typed, slug):
    assert NamedChoice("link", ("dead", "moved")).convert(typed, None, None) == slug
    with pytest.raises(click.BadParameter):
        NamedChoice("link", ("dead",)).convert("vivant", None, None)
