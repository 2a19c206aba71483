"""`python -m benchmarks.bibliography`: how fast, and in how much memory, a bibliography is read.

A made-up bibliography is written into a temporary folder, in seven formats by turns, and each
measure is taken in a process of its own. Working memory is what reading needs besides the
Bibliography that it gives back: the peak of Python's allocations less what is left at the end.
The libraries that only split BibTeX, RIS, JSON and YAML into fields are timed on the same files.
"""

import argparse
import json
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import bibtexparser
import rispy
import yaml

from indexer.bibliography import read_bibliography
from indexer.bibliography.formats import FORMATS
from indexer.bibliography.gathering import key_references
from indexer.model import Bibliography, Citation, Name, Note, Reference

SUFFIXES: Final = ("txt", "md", "html", "bib", "ris", "json", "yaml")
_FORMAT: Final = {"bib": "bibtex", "ris": "ris", "json": "csl-json", "yaml": "csl-yaml"}
_GIVEN, _FAMILY, _NOUNS = (
    words.split()
    for words in (
        "Élodie Paul Anne Lise Hugo Inès Sarah Karim Omar Nadia Yann Claire Bruno",
        "Garnaud Tessier Corbin Aubry Ferrer Roche Duval Benali Diallo Kessler",
        "travail plateforme ville réseau atelier livreur commun quartier marché territoire "
        "coopérative mobilité emploi salariat contrat données service partage usage métier",
    )
)
_SENTENCE: Final = (
    "Cette enquête montre comment {} et {} se transforment ensemble, et ce que {} y perd ou y "
    "gagne quand la mesure remplace le jugement."
)


def write_bibliography(folder: Path, *, references: int, files: int) -> None:
    """Write a made-up bibliography: `references` texts, one note each, in `files` files."""
    dice = random.Random(20160503)
    each = references // files
    for number in range(files):
        suffix = SUFFIXES[number % len(SUFFIXES)]
        made = [make_reference(number * each + index, dice) for index in range(each)]
        notes = [make_note(dice) for _ in made]
        (folder / f"{number:03}.{suffix}").write_text(_render(suffix, made, notes), "utf-8")


def make_reference(number: int, dice: random.Random) -> Reference:
    """One made-up text; its number keeps it apart from all others."""
    one, two, three = dice.sample(_NOUNS, 3)
    day = f"{dice.randint(2008, 2020)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
    return Reference(
        id="",
        title=f"Du {one} au {two} : {three} {number}",
        type="article-newspaper",
        author=(Name(given=dice.choice(_GIVEN), family=dice.choice(_FAMILY)),),
        container_title=f"La Revue du {dice.choice(_NOUNS)}",
        issued=day,
        url=f"https://{one}.exemple.test/{day[:4]}/{number}-{two}",
    )


def make_note(dice: random.Random) -> str:
    """Three sentences, as long as the notes of the real bibliography are on average."""
    return " ".join(_SENTENCE.format(*dice.sample(_NOUNS, 3)) for _ in range(3))


def _render(suffix: str, references: list[Reference], notes: list[str]) -> str:
    if suffix in _FORMAT:
        keyed = [
            Reference(**{**_fields(one), "id": key})
            for one, key in zip(references, key_references(references), strict=True)
        ]
        ids = [f"note-{index}" for index in range(len(notes))]
        return FORMATS[_FORMAT[suffix]].render(
            Bibliography(
                references=tuple(keyed),
                notes=tuple(Note(id=key, text=text) for key, text in zip(ids, notes, strict=True)),
                citations=tuple(
                    Citation(note_id=key, reference_id=one.id)
                    for key, one in zip(ids, keyed, strict=True)
                ),
            )
        )
    lines = [
        f"{one.authors}, « {one.title} », {one.container_title}, {one.issued}, {one.url}"
        for one in references
    ]
    pairs = zip(lines, notes, strict=True)
    if suffix == "html":
        return "<ul>" + "\n".join(f"<li>{line}<p>{note}</p></li>" for line, note in pairs) + "</ul>"
    bullet = "- " if suffix == "md" else ""
    return "\n\n".join(f"{bullet}{line}\n\n{'  ' * bool(bullet)}{note}" for line, note in pairs)


def _fields(reference: Reference) -> dict[str, Any]:
    return {name: getattr(reference, name) for name in reference.__dataclass_fields__}


def measure_time(folder: Path) -> dict[str, float]:
    """Seconds to read a folder, and what was found in it."""
    started, worked = time.perf_counter(), time.process_time()
    found = read_bibliography(folder)
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - worked,
        "references": len(found.references),
        "notes": len(found.notes),
        "cited": len(found.citations),
    }


def measure_memory(folder: Path) -> dict[str, float]:
    """Megabytes that the Bibliography takes, and that reading needed besides."""
    tracemalloc.start()
    found = read_bibliography(folder)
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"result_mb": left / 1e6, "working_mb": (peak - left) / 1e6, "n": len(found.references)}


def measure_export(folder: Path) -> dict[str, float]:
    """Seconds of CPU to write a whole bibliography in each format."""
    found = read_bibliography(folder)
    seconds: dict[str, float] = {}
    for format in FORMATS.values():
        started = time.process_time()
        format.render(found)
        seconds[format] = time.process_time() - started
    return seconds


def measure_library(folder: Path) -> dict[str, float]:
    """Seconds of CPU for the library alone on the one file of a folder."""
    (path,) = folder.iterdir()
    text = path.read_text("utf-8")
    loaders: dict[str, Callable[[str], Any]] = {
        ".bib": bibtexparser.parse_string,
        ".ris": rispy.loads,
        ".json": json.loads,
        ".yaml": yaml.safe_load,
    }
    if path.suffix not in loaders:
        return {}
    started = time.process_time()
    loaders[path.suffix](text)
    return {"cpu": time.process_time() - started}


def in_its_own_process(
    measure: Callable[[Path], dict[str, float]], folder: Path
) -> dict[str, float]:
    """Take a measure where nothing was read before."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (folder,))


def report(references: int, files: int) -> Iterator[str]:
    """The lines of the printed table."""
    yield "| bibliography | read | of CPU | references | notes cited | result | working memory |"
    yield "|---|---|---|---|---|---|---|"
    for count, parts in (
        (references // 10, files // 10),
        (references, files),
        (references, files // 5),
    ):
        with tempfile.TemporaryDirectory() as folder:
            write_bibliography(Path(folder), references=count, files=parts)
            timed = in_its_own_process(measure_time, Path(folder))
            memory = in_its_own_process(measure_memory, Path(folder))
            yield (
                f"| {count} references in {parts} files | {timed['seconds']:.1f} s "
                f"| {timed['cpu']:.1f} s "
                f"| {timed['references']:.0f} | {timed['cited']:.0f} "
                f"| {memory['result_mb']:.1f} MB | {memory['working_mb']:.1f} MB |"
            )
    yield ""
    yield f"| CPU, {references // files * 5} references in one file | us | the library alone |"
    yield "|---|---|---|"
    for number, suffix in enumerate(SUFFIXES):
        with tempfile.TemporaryDirectory() as folder:
            _write_one(Path(folder), suffix, references // files * 5, seed=number)
            ours = in_its_own_process(measure_time, Path(folder))
            theirs = in_its_own_process(measure_library, Path(folder))
            library = f"{theirs['cpu']:.2f} s" if theirs else "no library reads it"
            yield f"| {suffix} | {ours['cpu']:.2f} s | {library} |"
    yield ""
    yield f"| export of {references // 10} references | of CPU |"
    yield "|---|---|"
    with tempfile.TemporaryDirectory() as folder:
        write_bibliography(Path(folder), references=references // 10, files=files // 10)
        for format, seconds in in_its_own_process(measure_export, Path(folder)).items():
            yield f"| {format} | {seconds:.2f} s |"


def _write_one(folder: Path, suffix: str, count: int, *, seed: int) -> None:
    dice = random.Random(seed)
    made = [make_reference(index, dice) for index in range(count)]
    text = _render(suffix, made, [make_note(dice) for _ in made])
    (folder / f"all.{suffix}").write_text(text, "utf-8")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.bibliography")
    parser.add_argument("--references", type=int, default=10_000)
    parser.add_argument("--files", type=int, default=50)
    arguments = parser.parse_args()
    for line in report(arguments.references, arguments.files):
        print(line, flush=True)


if __name__ == "__main__":
    main()
