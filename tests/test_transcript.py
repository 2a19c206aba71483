"""What the commands say of a small corpus, line by line, as in tests/data/transcript.txt.

A sentence left out, a count, a limit, an order, an exit code: whatever a person is told stands
there. Where a change is meant, write it anew and read the difference: `python -m
tests.test_transcript`.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from tests import ROOT
from tests.archive.exchanges import NOON, Corpus, hop
from tests.command import run_command

TRANSCRIPT: Final = ROOT / "tests" / "data" / "transcript.txt"
PAGE: Final = """# Lieux partagés

Ada Morvenne, « Le calme des ateliers », 2014, Revue des lieux, http://calme.test/ateliers

Une note sur le calme des ateliers.

Zoé Hurlevert, « La clef du jardin », 2016, http://jardin.test/clef

Une note sur la clef, qui cite aussi « Le calme des ateliers ».

# Villes

Ada Morvenne, « Une ville sans murs », 2015, http://ville.test/murs

Paul Tréville, « Le pont et la rivière », 2012, http://pont.test/riviere

Paul Tréville, « Jamais vu », 2012, http://jamais.test/vu

Une autrice, « Un titre », 2014, http://exemple.test/a b
"""
SENTENCE: Final = "Trois voisines tenaient la clef du jardin, et nul ne savait qui planterait. "
# The lines of a session are run one after the other on a copy of the corpus.
SESSIONS: Final = MappingProxyType(
    {
        "bibliography": """
            bibliography list
            bibliography list --kind note
            bibliography list --kind note --json
            bibliography check
            bibliography check --strict
            bibliography check --json
            bibliography check --accept low-confidence --line page.txt:19 --by moi
            bibliography check --strict
            bibliography check --accept left-over --why parce --by moi
            bibliography check --accept no-such-code --by moi
            bibliography check --accept left-over --line page.txt --by moi
            bibliography check --strict
            bibliography export --format none""",
        "search": """
            search jardin
            index
            index
            index --json
            index --check
            index --check --json
            index --rebuild
            search jardin
            search jardin --limit 1
            search jardin --limit 1 --page 2
            search jardin --page 9
            search jardin --kind note
            search jardin --link dead
            search jardin --year 2015..2016 --sort date
            search jardin calme --all-words
            search jardni
            search jardni --as-typed
            search jardni --as-typed --json
            search zzz --json
            search jardin --limit 0
            extract
            extract --json
            status""",
        "links": """
            links report
            links report
            links report --strict
            links report --since 2025-10-01
            links report --state dead
            links report --cause 403
            links report --site ville.test
            links report --section Villes --source page.txt
            links report --source autre.txt
            links report --from 2025-10-01
            links report --to 2025-10-01
            links report --output CORPUS/liens.txt
            links show http://jardin.test/clef
            links show treville-2012-pont
            links show jamais.test
            links show nulle.test
            links repair
            links repair --strict
            links repair --moved
            links repair --moved --strict
            links repair --moved --apply
            links repair --moved
            links check --only nulle.test
            links decide http://pont.test/riviere ignorer --by moi
            links decide http://pont.test/riviere accepter --by moi
            links decide http://pont.test/riviere accepter --address http://pont.test/la --by moi
            links decide http://nulle.test/riviere ignorer --by moi
            links report
            links report --state ignored""",
        "archive": """
            crawl --dry-run
            crawl --dry-run --json
            crawl --dry-run --only pont.test --only nulle.test
            crawl --only nulle.test
            crawl --browser
            archive check
            archive check
            archive check --json
            archive check --all
            archive secrets
            archive reindex
            archive export CORPUS/paquet.wacz
            archive export CORPUS/paquet.zip
            archive import CORPUS/paquet.wacz
            archive import CORPUS/rien.warc.gz
            archive add nulle CORPUS/texte.html
            archive add http://jamais.test/vu CORPUS/rien.html
            archive add http://jamais.test/vu CORPUS/texte.html --by moi
            archive upload
            archive download --all
            archive remove-local
            catalogue copy
            engine status""",
        "withdraw": """
            withdraw
            withdraw --list
            withdraw http://pont.test/riviere --why parce --by moi
            withdraw http://pont.test/riviere --by moi
            withdraw --list
            withdraw --list --json
            withdraw http://nulle.test/ --by moi
            bibliography list --kind reference
            links report --state blocked
            withdraw --undo http://pont.test/riviere --by moi
            withdraw --undo http://pont.test/riviere --by moi
            withdraw http://ville.test/murs --purge --by moi
            withdraw http://ville.test/murs --purge --yes --by moi
            withdraw http://ville.test/murs --purge --yes --yes --json --by moi
            archive check --all
            links report
            withdraw --list""",
    }
)
CHANGING: Final = (
    (re.compile(r"urn:uuid:[0-9a-f-]{36}"), "ID"),
    (re.compile(r"renvois-\d{14}-"), "renvois-TIME-"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)"), "TIME"),
    (re.compile(r"(bytes=|free_bytes=|\"bytes\": |\"free_bytes\": )\d+"), r"\1N"),
    (re.compile(r"\b[\d., \u202f]+ (bytes|kB|KB|MB|kiB|KiB|MiB)\b"), r"N \1"),
)


def write_page(title: str) -> bytes:
    return f"<html lang=fr><title>{title}</title><h1>{title}</h1><p>{SENTENCE * 6}</p>".encode()


def make_corpus(folder: Path) -> None:
    """Write a corpus with pages that are alive, dead, moved, blocked and never visited."""
    (folder / "bibliography").mkdir(parents=True)
    (folder / "bibliography" / "page.txt").write_text(PAGE, encoding="utf-8")
    (folder / "texte.html").write_bytes(write_page("Jamais vu"))
    calm, garden, town = (write_page(t) for t in ("Le calme", "La clef", "Une ville sans murs"))
    with Corpus(folder).open() as corpus:
        for day in (0, 30, 60, 90):
            at = NOON - timedelta(days=200 - day)
            url = "http://calme.test/ateliers"
            corpus.visit(url, hop(url, calm, at=at))
            url = "http://jardin.test/clef"
            corpus.visit(url, hop(url, b"" if day else garden, status=404 if day else 200, at=at))
            url, anew = "http://ville.test/murs", "http://ville.test/nouveau"
            moved = hop(url, b"", status=301, at=at, fields=[f"Location: {anew}"])
            corpus.visit(url, moved, hop(anew, town, at=at))
            url = "http://pont.test/riviere"
            corpus.visit(url, hop(url, b"non", status=403, at=at))


def play(session: str, corpus: Path) -> Iterator[str]:
    """Run the lines of a session; give what each says, what changes from day to day aside."""
    for line in SESSIONS[session].split("\n"):
        if command := line.strip():
            words = command.replace("CORPUS", str(corpus)).split()
            done = run_command(corpus, *words, environ={"RENVOIS_LANGUAGE": "en"})
            yield f"$ renvois {command}" + (f"  # {done.returncode}" if done.returncode else "")
            yield from (f"| {each}" for each in clean(done.stdout, corpus))
            yield from (f"! {each}" for each in clean(done.stderr, corpus))
            yield ""


def clean(text: str, corpus: Path) -> list[str]:
    text = text.replace(str(corpus), "CORPUS").replace("\u00a0", " ")
    for pattern, instead in CHANGING:
        text = pattern.sub(instead, text)
    for day in (datetime.now(UTC), datetime.now(UTC) - timedelta(days=1), datetime.now()):
        text = text.replace(f"{day:%B} {day.day}, {day.year}", "TODAY")
        text = text.replace(f"{day:%Y-%m-%d}", "TODAY")
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    # Pages are read by several processes: in any order.
    read = iter(sorted(line for line in lines if line.startswith("read=ID")))
    return [next(read) if line.startswith("read=ID") else line for line in lines]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "corpus"
    make_corpus(folder)
    return folder


def read_transcript(session: str) -> list[str]:
    text = TRANSCRIPT.read_text(encoding="utf-8")
    return text.partition(f"## {session}\n")[2].partition("## ")[0].strip().split("\n")


@pytest.mark.parametrize("session", SESSIONS)
def test_commands_say_what_they_said(made, tmp_path, session):
    corpus = tmp_path / "corpus"
    shutil.copytree(made, corpus)

    assert "\n".join(play(session, corpus)).strip().split("\n") == read_transcript(session)


def main() -> None:
    """Write the transcript anew."""
    pages = []
    for session in SESSIONS:
        with tempfile.TemporaryDirectory() as name:
            corpus = Path(name) / "corpus"
            make_corpus(corpus)
            pages.append(f"## {session}\n\n" + "\n".join(play(session, corpus)))
    TRANSCRIPT.write_text("\n".join(pages), encoding="utf-8")


if __name__ == "__main__":
    main()
