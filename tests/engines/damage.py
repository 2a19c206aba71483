"""Damage an index byte by byte and tell what comes of it: `python -m tests.engines.damage`.

Every question is asked in a process of its own, forked from one that never opened the index, and
its answer compared with the one of the whole index.
"""

import argparse
import json
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from indexer.engines import Searcher, build_index, open_searcher, update_index
from indexer.errors import SearchIndexError
from indexer.index import Changes
from indexer.model import CitingNote, Document, Paragraph
from indexer.search.results import Results
from tests.engines.shelf import text
from tests.engines.test_exactness import shelf

SEARCHED: Final = (
    "ville", "énergie climat", "ville ET (eau OU forêt)", "« tiers lieux »", "coop*", "numerique~",
    "titre:ville -climat", "note:jardin OU rubrique:énergie", "jardinerie ville eau",
    "auteur:dupont commun jardin marché eau forêt",
)  # fmt: skip
Answer = str  # of the answer, or "raised ..."


def make_documents(size: int = 90) -> list[Document]:
    """Texts with sections, authors, notes and, in a third of them, several blocks of paragraphs."""
    chance = random.Random(11)
    made = []
    for number, each in enumerate(shelf(size)):
        body = each.paragraphs[0].text.split(". ")
        paragraphs = tuple(Paragraph(text=chance.choice(body)) for _ in range(30))
        made.append(
            text(
                each.id,
                each.title,
                author=("Dupont", "Anne Martin", "")[number % 3],
                section=(f"Partie {number // 20}", ("Énergie", "Ville")[number % 2]),
                issued=f"20{10 + number % 9}",
                site=f"{('presse', 'revue')[number % 2]}.example",
            )
        )
        made[-1] = Document(
            **{
                name: getattr(made[-1], name)
                for name in made[-1].__dataclass_fields__
                if name not in {"paragraphs", "notes"}
            },
            paragraphs=paragraphs if number % 3 == 0 else each.paragraphs,
            notes=(CitingNote(id=f"note-{number}", text=chance.choice(body)),),
        )
    return made


def make_index(folder: Path) -> None:
    """An index of three segments, with documents deleted, and a generation before it."""
    documents = make_documents()
    build_index(folder, documents[:10])
    build_index(folder, documents[:60])
    ids = [each.id for each in documents]
    update_index(
        folder, Changes(added=tuple(documents[60:80]), deleted=("t003",), order=tuple(ids[:80]))
    )
    update_index(
        folder,
        Changes(
            added=tuple(documents[80:]),
            updated=(documents[7],),
            deleted=("t061",),
            order=tuple(ids),
        ),
    )


def describe(results: Results) -> Any:
    """All that a page would show of some results."""
    return [
        results.total,
        [
            (hit.id, round(hit.score, 9), repr(hit.snippets), repr(hit.mentions))
            for hit in results.hits
        ],
        repr(results.facets),
        repr(results.terms),
        results.corrections,
    ]


QUESTIONS: Final[Mapping[str, Callable[[Searcher], Any]]] = {
    **{
        f"search {each}": lambda asked, each=each: describe(asked.search(each, page_size=20))
        for each in SEARCHED
    },
    "by date": lambda searcher: describe(searcher.search("ville", sort="date")),
    "filtered": lambda searcher: describe(searcher.search("eau", filters={"section": ("Ville",)})),
    "rank": lambda searcher: repr(searcher.rank("marché école", 30)),
    "document": lambda searcher: repr(searcher.find_document("t006")),
    "missing document": lambda searcher: repr(searcher.find_document("t003")),
    "outlines": lambda searcher: [repr(each) for each in searcher.outlines()],
    "documents": lambda searcher: [repr(each) for each in searcher.documents()],
    "examples": lambda searcher: repr(searcher.examples()),
    "suggest": lambda searcher: repr([searcher.suggest(each) for each in ("vi", "éner", "dup")]),
    "similar": lambda searcher: repr(searcher.similar("t012")),
    "explain": lambda searcher: repr(searcher.explain("ville climat", "t012")),
    "forms": lambda searcher: repr(searcher.forms("habitants")),
}  # fmt: skip


def ask(folder: Path, names: Sequence[str]) -> dict[str, Answer]:
    """Ask some questions, in the process that forks: what each answers or raises."""
    answers: dict[str, Answer] = {}
    try:
        searcher = open_searcher(folder)
    except Exception as error:  # noqa: BLE001 (what is raised is what is counted)
        return dict.fromkeys(names, _name(error))
    for name in names:
        try:
            answers[name] = json.dumps(QUESTIONS[name](searcher))
        except Exception as error:  # noqa: BLE001 (what is raised is what is counted)
            answers[name] = _name(error)
    return answers


def _name(error: Exception) -> Answer:
    """An error in two words."""
    kind = "ours" if isinstance(error, SearchIndexError) else "raw"
    return f"raised {kind} {type(error).__name__}"


def ask_anew(folder: Path, names: Sequence[str]) -> dict[str, Answer]:
    """Ask some questions in a new process; one that dies or hangs is raw."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def work() -> None:
        theirs.send(ask(folder, names))
        os._exit(0)

    process = context.Process(target=work)
    process.start()
    theirs.close()
    try:
        if not ours.poll(300):
            process.kill()
            return dict.fromkeys(names, "raised raw Timeout")
        return ours.recv()
    except EOFError:
        return dict.fromkeys(names, "raised raw Death")
    finally:
        process.join()
        ours.close()


class Damage(NamedTuple):
    """What is done to a file."""

    name: str
    apply: Callable[[bytes, random.Random], bytes | None]  # None: the file goes


def _flip(whole: bytes, chance: random.Random) -> bytes:
    if not whole:
        return b"\x01"
    at = chance.randrange(len(whole))
    return whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :]


def _cut(whole: bytes, chance: random.Random) -> bytes:
    return whole[: chance.randrange(len(whole))] if whole else b""


def _scratch(whole: bytes, chance: random.Random) -> bytes:
    if not whole:
        return b"scratch"
    at = chance.randrange(len(whole))
    return (whole[:at] + chance.randbytes(20) + whole[at + 20 :])[: len(whole)]


FLIP: Final = Damage("flip", _flip)
CUT: Final = Damage("cut", _cut)
SCRATCH: Final = Damage("scratch", _scratch)
DELETE: Final = Damage("delete", lambda whole, chance: None)


def kind_of(path: Path) -> str:
    """What kind of file of an index that is."""
    return path.suffix or path.name


def list_files(folder: Path) -> Iterator[Path]:
    """The files that answer: those of the pointer and of the generation it names."""
    yield folder / "CURRENT"
    current = folder / (folder / "CURRENT").read_text(encoding="utf-8").split()[0]
    for path in sorted(current.iterdir()):
        if path.is_file() and "LOCK" not in path.name:
            yield path


class Case(NamedTuple):
    """One damage, and what came of one question."""

    kind: str
    damage: str
    question: str
    outcome: str  # same, ours, raw, different
    detail: str


def try_damages(
    folder: Path,
    plan: Sequence[tuple[Damage, int]],
    *,
    seed: int,
    each_alone: bool = False,
) -> Iterator[Case]:
    """Damage every kind of file as often as `plan` says, ask, mend.

    With `each_alone` every question has a process of its own, else every damage has one.
    """
    names = list(QUESTIONS)
    whole = ask_anew(folder, names)
    raised = [name for name, answer in whole.items() if answer.startswith("raised")]
    if raised:
        raise AssertionError(f"the whole index does not answer: {raised[0]}: {whole[raised[0]]}")
    kinds: dict[str, list[Path]] = defaultdict(list)
    for path in list_files(folder):
        kinds[kind_of(path)].append(path)
    chance = random.Random(seed)
    batches = [[name] for name in names] if each_alone else [names]
    for kind, paths in kinds.items():
        for damage, times in plan:
            for _ in range(times):
                path = chance.choice(paths)
                before = path.read_bytes()
                after = damage.apply(before, chance)
                if after == before:
                    continue
                status = path.stat()
                path.unlink()
                if after is not None:
                    path.write_bytes(after)
                    # Rot changes no clock.
                    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
                found = {}
                for batch in batches:
                    found |= ask_anew(folder, batch)
                path.write_bytes(before)
                for leftover in path.parent.glob(f"{path.name}-journal"):
                    leftover.unlink()
                for name in names:
                    answer = found[name]
                    outcome = "same" if answer == whole[name] else "different"
                    if answer.startswith("raised"):
                        outcome = answer.split()[1]
                    yield Case(kind, damage.name, name, outcome, f"{path.name}: {answer[:80]}")


def main() -> int:
    """Print a table: a line a kind of file, how many questions were answered how."""
    parser = argparse.ArgumentParser(prog="python -m tests.engines.damage")
    parser.add_argument("--flips", type=int, default=20, help="and a quarter of each other damage")
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--alone", action="store_true", help="a process a question")
    asked = parser.parse_args()
    quarter = max(1, asked.flips // 4)
    plan = [(FLIP, asked.flips), (CUT, quarter), (SCRATCH, quarter), (DELETE, 1)]
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    raw: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "index"
        make_index(folder)
        for case in try_damages(folder, plan, seed=asked.seed, each_alone=asked.alone):
            outcomes[case.kind][case.outcome] += 1
            if case.outcome in {"raw", "different"}:
                raw[f"{case.kind} {case.damage} [{case.question}] {case.detail[-60:]}"] += 1
        shutil.rmtree(folder)
    print("| file | same | our error | raw exception | different answer |\n|---|--:|--:|--:|--:|")
    for kind, counts in [*outcomes.items(), ("all", sum(outcomes.values(), Counter()))]:
        numbers = " | ".join(str(counts[name]) for name in ("same", "ours", "raw", "different"))
        print(f"| {kind} | {numbers} |")
    for line, times in raw.most_common(25):
        print(times, line, file=sys.stderr)
    return 1 if raw else 0


if __name__ == "__main__":
    sys.exit(main())
