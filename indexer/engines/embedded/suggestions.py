"""Keep beside an index what it offers: what titles, authors and sections say, examples of queries.

It is written down with the index and changed with it, examples are asked again then: no visitor
waits, and whatever is offered finds something.

What may be suggested lies in a file of arrays (`suggestions-N.arrays`), mapped and read where a
prefix points; a small file beside it (`suggestions-N.json`) holds the checksums of its blocks. The
arrays hold rows, a text that may be offered each, those of a kind together and the best first:

    texts, text_ends    the rows as they are shown (UTF-8, where each ends)
    counts              how many documents have each
    flat                the rows folded (`flatten`), each after a line end and a blank
    starts              where the words of `flat` begin, in the order of what stands there
    rest                phrases of one title, which are not offered: JSON, packed by zlib
    spelt, spelt_ends   "form word" for every way to write a word, in order; `spelt_counts`
"""

import json
import shutil
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from indexer.analysis import fold, normalise
from indexer.engines.embedded.integrity import (
    AnyArray,
    ArraysWriter,
    CheckedArray,
    CheckedFile,
    check_file,
    measure_file,
    open_arrays,
    read_signed,
    sign,
)
from indexer.engines.embedded.lexicon import EmbeddedLexicon
from indexer.engines.embedded.store import DocumentStore
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
_ORDERED: Final = 24  # bytes by which the beginnings of words are put in order
_ENCODING: Final = ("utf-8", "surrogatepass")  # a title may hold half a pair


Described = tuple[str, str, str]  # the title, the author and the innermost section, or ""


class Tally(dict[str, Counter[str]]):
    """Counts the documents with each title, author, section, phrase of a title, written word."""

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
    """Name the file that says of one commit of an index that its suggestions are whole."""
    return f"suggestions-{commit}.json"


def name_arrays(commit: int) -> str:
    """Name the file of what one commit of an index may suggest."""
    return f"suggestions-{commit}.arrays"


def write_suggestions(folder: Path, commit: int, tally: Tally) -> None:
    """Keep beside an index what may be suggested from it, all at once.

    The files bear the number of the commit that they belong to, and are there before it: who reads
    one state of the index finds what was suggested from that state.
    """
    arrays, path = folder / name_arrays(commit), folder / name_file(commit)
    writer = ArraysWriter(arrays, is_kept=False)  # the whole change is synced
    try:
        facts = _write_rows(writer, tally)
        _write_spelt(writer, tally[_WRITTEN])
        writer.finish(facts)
    except BaseException:
        writer.give_up()
        raise
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_bytes(sign(b"", {"arrays": measure_file(arrays)}))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def keep_suggestions(folder: Path, commit: int) -> None:
    """Keep for the next commit what may be suggested from this one.

    Most changes are of texts, links and notes, and change no title, author or section.
    """
    for name in (name_arrays, name_file):
        path = folder / name(commit + 1)
        path.unlink(missing_ok=True)  # of a change that was killed
        try:
            path.hardlink_to(folder / name(commit))
        except OSError:  # a file system without links
            shutil.copyfile(folder / name(commit), path)


def list_stale(folder: Path, commit: int) -> list[Path]:
    """List the files of suggestions of other commits than this one."""
    kept = (name_file(commit), name_arrays(commit))
    return [path for path in folder.glob("suggestions-*") if path.name not in kept]


def read_suggestions(folder: Path, commit: int) -> "Suggester":
    """Open what may be suggested from a commit of an index. Raises DamagedIndexError."""
    _, files = read_signed(folder / name_file(commit))
    return Suggester(*open_arrays(CheckedFile(folder / name_arrays(commit), files["arrays"])))


def check_suggestions(folder: Path, commit: int) -> None:
    """Verify every block of what may be suggested. Raises DamagedIndexError."""
    _, files = read_signed(folder / name_file(commit))
    check_file(folder / name_arrays(commit), files["arrays"])


def _write_rows(writer: ArraysWriter, tally: Tally) -> dict[str, Any]:
    """Write the rows of every kind; gives where each kind begins and ends in `flat`, and its rows.

    What is not offered, phrases of one title alone, is packed: only a change of the index needs it.
    """
    texts: list[str] = []
    counts: list[int] = []
    flat: list[bytes] = []
    bounds: dict[str, tuple[int, int]] = {}
    rows_of: dict[str, int] = {}
    size = 0
    for kind in KEPT:
        least = _LEAST_REPEATED if kind == "phrase" else 1
        rows = sorted(
            (-count, len(text), text) for text, count in tally[kind].items() if count >= least
        )
        texts += [text for _, _, text in rows]
        counts += [-count for count, _, _ in rows]
        held = [b"\n " + flatten(text).encode(*_ENCODING) for _, _, text in rows]
        flat += held
        first, size = size, size + sum(map(len, held))
        bounds[kind], rows_of[kind] = (first, size), len(rows)
    _write_texts(writer, "text", texts)
    writer.add("counts", np.array(counts, np.uint32))
    joined = np.frombuffer(b"".join(flat), np.uint8)
    writer.add("flat", joined)
    writer.add("flat_ends", np.cumsum([len(each) for each in flat], dtype=np.uint32))
    writer.add("starts", _order_words(joined))
    # The phrases of a title are a set, in another order in each process.
    rest = sorted(text for text, n in tally["phrase"].items() if n < _LEAST_REPEATED)
    packed = zlib.compress(json.dumps(rest).encode())
    writer.add("rest", np.frombuffer(packed, np.uint8))
    return {"bounds": bounds, "rows": rows_of}


def _order_words(flat: AnyArray) -> AnyArray:
    """Give where the words of some rows begin, in the order of the bytes that stand there.

    `flat` has a blank before each word. Of words that go on alike for _ORDERED bytes those of the
    better rows come first.
    """
    starts = np.flatnonzero(flat == ord(" ")) + 1
    padded = np.concatenate([flat, np.zeros(_ORDERED + 1, np.uint8)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, _ORDERED)
    columns = np.ascontiguousarray(windows[starts]).view(">u8").astype(np.uint64)
    order = np.lexsort(columns.T[::-1])
    return starts[order].astype(np.uint32)


def _write_spelt(writer: ArraysWriter, written: Counter[str]) -> None:
    """Write how titles and sections write each folded word, and how many do."""
    lines = sorted((f"{fold(normalise(word))} {word}", count) for word, count in written.items())
    _write_texts(writer, "spelt", [line for line, _ in lines])
    writer.add("spelt_counts", np.array([count for _, count in lines], np.uint32))


def _write_texts(writer: ArraysWriter, name: str, texts: Sequence[str]) -> None:
    encoded = [text.encode(*_ENCODING) for text in texts]
    writer.add(f"{name}s", np.frombuffer(b"".join(encoded), np.uint8))
    writer.add(f"{name}_ends", np.cumsum([len(each) for each in encoded], dtype=np.uint32))


class _MappedTexts:
    """Texts one after the other in a file of arrays."""

    def __init__(self, arrays: Mapping[str, CheckedArray], name: str) -> None:
        self._held, self._ends = arrays[f"{name}s"], arrays[f"{name}_ends"]

    def __len__(self) -> int:
        return self._ends.size

    def __getitem__(self, place: int) -> str:
        return self._held.read_bytes(*self._ends.span(place)).decode(*_ENCODING)

    def read_all(self) -> list[str]:
        """Give all of them."""
        ends = self._ends.whole().tolist()
        joined = self._held.whole().tobytes()
        return [joined[begin:end].decode(*_ENCODING) for begin, end in pairwise([0, *ends])]


class Suggester:
    """Suggests from one state of an index; reads no more than what begins as was typed."""

    def __init__(
        self,
        arrays: Mapping[str, CheckedArray],
        facts: Mapping[str, Any],
        gone: Tally | None = None,
    ) -> None:
        """Take an opened file of suggestions; `gone` is what documents offer that are left out."""
        self._arrays, self._facts, self._gone = arrays, facts, gone
        self._bounds: Mapping[str, tuple[int, int]] = facts["bounds"]
        self._texts, self._spelt = _MappedTexts(arrays, "text"), _MappedTexts(arrays, "spelt")
        self._flat, self._flat_ends = arrays["flat"], arrays["flat_ends"]
        self._counts, self._starts = arrays["counts"], arrays["starts"]

    def tally(self) -> Tally:
        """Give the counts that the suggestions were made of. Reads all of them."""
        tally = Tally()
        rows = zip(self._texts.read_all(), self._counts.whole().tolist(), strict=True)
        for kind in KEPT:
            for text, count in islice(rows, self._facts["rows"][kind]):
                tally[kind][text] = count
        once = json.loads(zlib.decompress(self._arrays["rest"].whole().tobytes()))
        tally["phrase"].update(dict.fromkeys(once, _LEAST_REPEATED - 1))
        spelt = zip(
            self._spelt.read_all(), self._arrays["spelt_counts"].whole().tolist(), strict=True
        )
        tally[_WRITTEN].update({line.partition(" ")[2]: count for line, count in spelt})
        return tally

    def leave_out(self, described: Iterable[Described]) -> "Suggester":
        """Give what may be suggested without some documents: as if they had never been there."""
        return Suggester(self._arrays, self._facts, Tally(described))

    def complete(self, text: str, most: int) -> list[Suggestion]:
        """Give texts of every kind with a word that begins so (folded), the best first.

        Several words are looked for one after the other. At most `most` of each kind.
        """
        places = self._find_words(text.encode(*_ENCODING))
        return [each for kind in KEPT for each in self._find(kind, places, most)]

    def _find_words(self, wanted: bytes) -> AnyArray:
        """Give where in `flat` words stand that go on as `wanted` does."""
        ordered, size = wanted[:_ORDERED], self._flat.size

        def begin(start: int) -> bytes:
            return self._flat.read_bytes(start, min(start + len(ordered), size))

        numbers = _MappedNumbers(self._starts)
        first = bisect_left(numbers, ordered, key=begin)
        last = bisect_left(numbers, ordered + b"\xff", first, key=begin)
        places = self._starts.read(first, last)
        if len(wanted) > _ORDERED and places.size:
            places = places[places <= size - len(wanted)].astype(np.int64)
            windows = places[:, None] + np.arange(_ORDERED, len(wanted))
            rest = np.frombuffer(wanted[_ORDERED:], np.uint8)
            places = places[(self._flat.whole()[windows] == rest).all(axis=1)]
        return places

    def _find(self, kind: str, places: AnyArray, most: int) -> Iterator[Suggestion]:
        """Yield the best texts of a kind among those that have words at some places."""
        begin, end = self._bounds[kind]
        held = places[(places >= begin) & (places < end)] if begin < end else places[:0]
        gone = self._gone[kind] if self._gone is not None else {}
        least = _LEAST_REPEATED if kind == "phrase" else 1
        # Rows stand in `flat` the best first: the first places are in the best rows, a row may
        # have several of them.
        wanted, given, last = most + len(gone), 0, -1
        while True:
            best = held if held.size <= wanted else np.partition(held, wanted - 1)[:wanted]
            rows = self._flat_ends.whole().searchsorted(np.sort(best), "right").tolist()
            # Not `np.unique`: it imports masked arrays, 30 ms of the first letter typed.
            for row in dict.fromkeys(row for row in rows if row > last):
                text, last = self._texts[row], row
                count = self._counts.at(row) - gone.get(text, 0)
                if count < least:
                    continue
                yield Suggestion(
                    text=f"section:« {text} »" if kind == "section" else text,
                    kind=kind,
                    document_count=count,
                )
                given += 1
                if given == most:
                    return
            if best.size == held.size:
                return
            wanted *= 4

    def spell(self, form: str) -> str:
        """Write a folded form as titles write it most; "" where none has it.

        Of two ways the one with accents: capitals often go without.
        """
        lines = range(len(self._spelt))
        place = bisect_left(lines, f"{form} ", key=self._spelt.__getitem__)
        gone = self._gone[_WRITTEN] if self._gone is not None else {}
        best = (0, False, "")
        while place < len(lines) and (line := self._spelt[place]).startswith(f"{form} "):
            word = line[len(form) + 1 :]
            count = self._arrays["spelt_counts"].at(place) - gone.get(word, 0)
            if count > 0:
                best = max(best, (count, not word.isascii(), word))
            place += 1
        return best[2]


class _MappedNumbers(Sequence[int]):
    """Numbers of a file as a sequence to bisect, verified one by one."""

    def __init__(self, held: CheckedArray) -> None:
        self._held = held

    def __len__(self) -> int:
        return self._held.size

    def __getitem__(self, place: Any) -> Any:
        return self._held.at(place)


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
