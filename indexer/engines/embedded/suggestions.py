"""Keep beside an index what it offers: what titles, authors and sections say, examples of queries.

It is written down with the index and changed with it, examples are asked again then: no visitor
waits, and whatever is offered finds something.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from indexer.analysis import fold, normalise
from indexer.engines.embedded.integrity import read_signed, sign
from indexer.engines.embedded.lexicon import EmbeddedLexicon
from indexer.engines.embedded.store import DocumentStore, Packing
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.suggestions import (
    KEPT,
    MOST_EXAMPLES,
    choose_examples,
    flatten,
    list_offers,
    order_shown,
)
from indexer.engines.planning.understanding import count_asked
from indexer.errors import DamagedIndexError
from indexer.search.results import Example, Suggestion

_WRITTEN: Final = "written"
_LEAST_REPEATED: Final = 2  # titles that have a phrase


Described = tuple[str, str, str]  # the title, the author and the innermost section, or ""


class Tally(dict[str, Counter[str]]):
    """How many documents have each title, author, section, phrase of a title, written word."""

    def __init__(self, described: Iterable[Described] = ()) -> None:
        """Count what (title, author, section) offer of each document."""
        super().__init__({kind: Counter() for kind in (*KEPT, _WRITTEN)})
        for title, author, section in described:
            for kind, text in list_offers(title, author, section):
                self[kind][text] += 1

    def change(self, gone: "Tally", new: "Tally") -> None:
        """Take off what some documents had, add what others have."""
        for kind, counts in self.items():
            counts.subtract(gone[kind])
            counts.update(new[kind])
            self[kind] = +counts  # those above zero


def name_file(commit: int) -> str:
    """Name the file of what one commit of an index may suggest."""
    return f"suggestions-{commit}.json.zst"


def write_suggestions(folder: Path, commit: int, tally: Tally) -> None:
    """Keep beside an index what may be suggested from it, all at once.

    The file bears the number of the commit that it belongs to, and is there before it: who reads
    one state of the index finds what was suggested from that state.
    """
    shown, rest = _render(tally)
    path = folder / name_file(commit)
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_bytes(sign(Packing().pack(f"{shown}\n{rest}")))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def keep_suggestions(folder: Path, commit: int) -> None:
    """Keep for the next commit what may be suggested from this one.

    Most changes are of texts, links and notes, and change no title, author or section.
    """
    path = folder / name_file(commit + 1)
    path.unlink(missing_ok=True)  # of a change that was killed
    try:
        path.hardlink_to(folder / name_file(commit))
    except OSError:  # a file system without links
        shutil.copyfile(folder / name_file(commit), path)


def list_stale(folder: Path, commit: int) -> list[Path]:
    """List the files of suggestions of other commits than this one."""
    kept = name_file(commit)
    return [path for path in folder.glob("suggestions-*.json.zst") if path.name != kept]


def read_suggestions(folder: Path, commit: int) -> "Suggester":
    """Read what may be suggested from a commit of an index. Raises DamagedIndexError."""
    held, _ = read_signed(folder / name_file(commit))
    shown, _, rest = Packing().unpack(held).partition("\n")
    return Suggester(json.loads(shown), rest)


def _render(tally: Tally) -> tuple[str, str]:
    """Write what is looked through at every letter, and what only a change of it needs, as JSON.

    Of each kind the best come first: who looks for a few may stop at them.
    """
    shown: dict[str, Any] = {}
    rest: dict[str, dict[str, int]] = {_WRITTEN: dict(tally[_WRITTEN])}
    for kind in KEPT:
        least = _LEAST_REPEATED if kind == "phrase" else 1
        rows = sorted(
            ((-count, len(text), text) for text, count in tally[kind].items() if count >= least)
        )
        texts = [text for _, _, text in rows]
        shown[kind] = {
            "flat": "".join(f"\n {flatten(text)}" for text in texts),
            "texts": texts,
            "counts": [-count for count, _, _ in rows],
        }
        rest[kind] = {text: count for text, count in tally[kind].items() if count < least}
    # The index knows words without their accents; titles mostly have them as they are written.
    written = tally[_WRITTEN]
    ordered = sorted(written, key=lambda word: (written[word], not word.isascii(), word))
    forms = {fold(normalise(word)): word for word in ordered}
    shown[_WRITTEN] = "".join(f"\n{form} {word}" for form, word in forms.items()) + "\n"
    return json.dumps(shown), json.dumps(rest)


class Suggester:
    """Suggests from one state of an index."""

    def __init__(self, shown: Mapping[str, Any], rest: str) -> None:
        """`shown` and `rest` are what `_render` gave, the first parsed."""
        self._shown, self._rest = shown, rest
        self._written: str = shown[_WRITTEN]

    def tally(self) -> Tally:
        """Give the counts that the suggestions were made of."""
        tally = Tally()
        rest = json.loads(self._rest)
        for kind in KEPT:
            held = self._shown[kind]
            tally[kind].update(rest[kind])
            tally[kind].update(dict(zip(held["texts"], held["counts"], strict=True)))
        tally[_WRITTEN].update(rest[_WRITTEN])
        return tally

    def leave_out(self, described: Iterable[Described]) -> "Suggester":
        """Give what may be suggested without some documents: as if they had never been there."""
        tally = self.tally()
        tally.change(Tally(described), Tally())
        shown, rest = _render(tally)
        return Suggester(json.loads(shown), rest)

    def complete(self, text: str, most: int) -> list[Suggestion]:
        """Give texts of every kind with a word that begins so (folded), the best first."""
        return [each for kind in KEPT for each in self._find(kind, f" {text}", most)]

    def _find(self, kind: str, wanted: str, most: int) -> Iterator[Suggestion]:
        """At most so many texts of a kind that have a word that goes on so, the best first."""
        held = self._shown[kind]
        flat: str = held["flat"]
        place, counted, number = flat.find(wanted), 0, -1
        for _ in range(most):
            if place < 0:
                return
            number += flat.count("\n", counted, place)
            counted = place
            text = held["texts"][number]
            yield Suggestion(
                text=f"rubrique:« {text} »" if kind == "section" else text,
                kind=kind,
                document_count=held["counts"][number],
            )
            end = flat.find("\n", place)
            place = flat.find(wanted, end) if end >= 0 else -1

    def spell(self, form: str) -> str:
        """Write a folded form as titles write it most; "" where none has it."""
        place = self._written.find(f"\n{form} ")
        if place < 0:
            return ""
        start = place + len(form) + 2
        return self._written[start : self._written.index("\n", start)]


# --- examples

EXAMPLES: Final = "examples.json"


def write_examples(folder: Path) -> None:
    """Choose the examples of the index in `folder` and keep them there, all at once."""
    store, reader = DocumentStore(folder, is_read_only=True), open_reader(folder)
    try:
        examples = choose_examples(
            order_shown(each for _, each in store.outlines()), Lookups(EmbeddedLexicon(reader))
        )
    finally:
        reader.close()
        store.close()
    temporary = folder / f"{EXAMPLES}.new"
    rows = [asdict(example) for example in examples]
    try:
        temporary.write_bytes(sign(json.dumps(rows, ensure_ascii=False).encode()))
        temporary.replace(folder / EXAMPLES)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def renew_examples(folder: Path) -> None:
    """Ask the examples of the index in `folder` again; choose others when one finds nothing."""
    reader = open_reader(folder)
    lookups = Lookups(EmbeddedLexicon(reader))
    try:
        totals = [
            count_asked(example.query_text, lookups, as_typed=True)
            for example in read_examples(folder)
        ]
    except DamagedIndexError:
        totals = []  # they are chosen again, from the index itself
    finally:
        reader.close()
    if len(totals) < MOST_EXAMPLES or not all(totals):
        write_examples(folder)


def read_examples(folder: Path) -> tuple[Example, ...]:
    """Give the examples of the index in `folder`. Raises DamagedIndexError."""
    held, _ = read_signed(folder / EXAMPLES)
    return tuple(Example(**row) for row in json.loads(held))
