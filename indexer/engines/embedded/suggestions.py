"""Ways to go on typing: titles, authors, sections, phrases of titles, words of the corpus.

Everything comes from this corpus, so that whatever is suggested finds something. What titles,
authors and sections say is written down with the index, and changed with it: no visitor waits.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from indexer.analysis import Token, analyse, analyse_query, fold, normalise
from indexer.engines.embedded.integrity import read_signed, sign
from indexer.engines.embedded.postings import Docs, PostingsReader
from indexer.engines.embedded.term_scores import unite
from indexer.engines.embedded.topk import intersect
from indexer.engines.planning.understanding import count_asked
from indexer.index.fields import ALL, ALL_EXACT
from indexer.search.results import Suggestion

_KEPT: Final = ("title", "author", "section", "phrase")
_ORDER: Final = (*_KEPT, "term")
_WRITTEN: Final = "written"  # words as titles and sections write them, lower case
_SPARE: Final = 4  # times as many are looked at as are shown: some find nothing when asked
_MOST_TERMS: Final = 40  # completions weighed
_LEAST_REPEATED: Final = 2  # titles that have a phrase
_LONGEST_PHRASE: Final = 4  # words
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_MARKS: Final = re.compile(r"[,;:.!?«»“”()]")
_SPACES: Final = re.compile(r"[\W_]+")


Described = tuple[str, str, str]  # the title, the author and the innermost section, or ""


class Tally(dict[str, Counter[str]]):
    """How many documents have each title, author, section, phrase of a title, written word."""

    def __init__(self, described: Iterable[Described] = ()) -> None:
        super().__init__({kind: Counter() for kind in (*_KEPT, _WRITTEN)})
        for title, author, section in described:
            self["title"][title] += 1
            self["section"][section] += 1
            self["author"].update(name.strip() for name in author.split(","))
            self["phrase"].update(_cut_phrases(title))
            self[_WRITTEN].update(word.lower() for word in _LETTERS.findall(f"{title} {section}"))
        for counts in self.values():
            del counts[""]

    def change(self, gone: "Tally", new: "Tally") -> None:
        """Take off what some documents had, add what others have."""
        for kind, counts in self.items():
            counts.subtract(gone[kind])
            counts.update(new[kind])
            self[kind] = +counts  # those above zero


def name_file(commit: int) -> str:
    """Name the file of what one commit of an index may suggest."""
    return f"suggestions-{commit}.json"


def write_suggestions(folder: Path, commit: int, tally: Tally) -> None:
    """Keep beside an index what may be suggested from it, all at once.

    The file bears the number of the commit that it belongs to, and is there before it: who reads
    one state of the index finds what was suggested from that state.
    """
    shown, rest = _render(tally)
    path = folder / name_file(commit)
    temporary = path.with_name(f"{path.name}.new")
    try:
        temporary.write_bytes(sign(f"{shown}\n{rest}".encode()))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def list_stale(folder: Path, commit: int) -> list[Path]:
    """List the files of suggestions of other commits than this one."""
    kept = name_file(commit)
    return [path for path in folder.glob("suggestions-*.json") if path.name != kept]


def read_suggestions(folder: Path, commit: int) -> "Suggester":
    """Read what may be suggested from a commit of an index. Raises DamagedIndexError."""
    held, _ = read_signed(folder / name_file(commit))
    shown, _, rest = held.partition(b"\n")
    return Suggester(json.loads(shown), rest)


def _render(tally: Tally) -> tuple[str, str]:
    """Write what is looked through at every letter, and what only a change of it needs, as JSON.

    Of each kind the best come first: who looks for a few may stop at them.
    """
    shown: dict[str, Any] = {}
    rest: dict[str, dict[str, int]] = {_WRITTEN: dict(tally[_WRITTEN])}
    for kind in _KEPT:
        least = _LEAST_REPEATED if kind == "phrase" else 1
        rows = sorted(
            ((-count, len(text), text) for text, count in tally[kind].items() if count >= least)
        )
        texts = [text for _, _, text in rows]
        shown[kind] = {
            "flat": "".join(f"\n {_flatten(text)}" for text in texts),
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

    def __init__(self, shown: Mapping[str, Any], rest: bytes) -> None:
        """`shown` and `rest` are what `_render` gave, the first parsed."""
        self._shown, self._rest = shown, rest
        self._written: str = shown[_WRITTEN]

    def tally(self) -> Tally:
        """Give the counts that the suggestions were made of."""
        tally = Tally()
        rest = json.loads(self._rest)
        for kind in _KEPT:
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
        return Suggester(json.loads(shown), rest.encode())

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

    def suggest(
        self,
        prefix: str,
        reader: PostingsReader,
        write: Callable[[str], str],
        is_written: Callable[[str], bool],
        limit: int,
    ) -> list[Suggestion]:
        """At most `limit` ways to go on, one kind after the other, the best of each first.

        `write` gives a word of the index as texts write it; `is_written` says whether some text
        has words one after the other as they are typed. Each counts what it finds when asked.
        """
        wanted = f" {_flatten(prefix)}"
        if not wanted.strip():
            return []
        found = {kind: list(self._find(kind, wanted, _SPARE * limit)) for kind in _KEPT}
        found["term"] = [
            self._write(each, write)
            for each in islice(
                (
                    each
                    for each in _complete(prefix, reader)
                    if " " not in each.text or is_written(each.text)
                ),
                limit,
            )
        ]
        share = max(1, limit // 3)
        for each in found.values():
            each.sort(key=lambda one: (-one.document_count, len(one.text), one.text))
        first = [one for kind in _ORDER for one in found[kind][:share]]
        rest = [one for kind in _ORDER for one in found[kind][share:]]
        unique = {_flatten(one.text): one for one in reversed([*first, *rest])}
        counted = (
            replace(each, document_count=count_asked(each.text, reader))
            for each in reversed(unique.values())
        )
        return list(islice((each for each in counted if each.document_count), limit))

    def _write(self, term: Suggestion, write: Callable[[str], str]) -> Suggestion:
        """A completed word as titles write it, else as texts do."""
        before, blank, word = term.text.rpartition(" ")
        written = self._find_written(word) or write(word)
        return replace(term, text=f"{before}{blank}{written}")

    def _find_written(self, form: str) -> str:
        """Write a folded form as titles write it most; "" where none has it."""
        place = self._written.find(f"\n{form} ")
        if place < 0:
            return ""
        start = place + len(form) + 2
        return self._written[start : self._written.index("\n", start)]


def _flatten(text: str) -> str:
    """A text as it is compared: folded, a blank between words."""
    return _SPACES.sub(" ", fold(normalise(text))).strip()


def _cut_phrases(title: str) -> set[str]:
    """The runs of two to four words of a title that begin and end with one that counts."""
    tokens = [token for token in analyse(title) if not token.is_alias]
    return {
        phrase.lower()
        for first in range(len(tokens))
        for last in range(first + 1, min(first + _LONGEST_PHRASE, len(tokens)))
        if not tokens[first].is_stop
        and not tokens[last].is_stop
        and not _MARKS.search(phrase := title[tokens[first].start : tokens[last].end])
    }


def _find_any(names: tuple[str, ...], reader: PostingsReader) -> Docs:
    """The documents that have a word under any of its names."""
    return unite([reader.postings(ALL, name)[0] for name in names], reader.size)


def _complete(prefix: str, reader: PostingsReader) -> Iterator[Suggestion]:
    """The last word completed by words of the corpus that go with the words before."""
    before, _, last = prefix.rpartition(" ")
    start = fold(normalise(last))
    if len(start) < 2 or not start.isalpha():
        return
    words: list[Token] = [token for token in analyse_query(before) if not token.is_stop]
    held = [docs for word in words if (docs := _find_any(word.names, reader)).size]
    fitting = sorted(reader.terms(ALL_EXACT, start), key=lambda each: -each[1])[:_MOST_TERMS]
    for word, count in fitting:
        together = count
        if held:
            together = intersect([reader.postings(ALL_EXACT, word)[0], *held]).size
        if together:
            yield Suggestion(
                text=f"{before} {word}".strip(),
                kind="term",
                document_count=int(together),
            )
