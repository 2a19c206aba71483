"""Ways to go on typing: titles, authors, sections, phrases of titles, words of the corpus.

Everything comes from this corpus, so that whatever is suggested finds something.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from indexer.analysis import Token, analyse, analyse_query, fold, normalise
from indexer.engines.answering import count_asked
from indexer.engines.gathering import unite
from indexer.engines.matching import intersect
from indexer.engines.postings import Docs, PostingsReader
from indexer.index.fields import ALL, ALL_EXACT
from indexer.search.results import Suggestion

_ORDER: Final = ("title", "author", "section", "phrase", "term")
_MOST_TERMS: Final = 40  # completions weighed
_LEAST_REPEATED: Final = 2  # titles that have a phrase
_LONGEST_PHRASE: Final = 4  # words
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_MARKS: Final = re.compile(r"[,;:.!?«»“”()]")
_SPACES: Final = re.compile(r"[\W_]+")


class Suggester:
    """Suggests from one state of an index."""

    def __init__(self, described: Iterable[tuple[str, str, str]]) -> None:
        """`described` has a title, an author and a section (or "") for every document."""
        counts: dict[str, Counter[str]] = {kind: Counter() for kind in _ORDER}
        written: Counter[str] = Counter()
        for title, author, section in described:
            counts["title"][title] += 1
            counts["section"][section] += 1
            counts["author"].update(name.strip() for name in author.split(","))
            counts["phrase"].update(_cut_phrases(title))
            written.update(word.lower() for word in _LETTERS.findall(f"{title} {section}"))
        # The index knows words without their accents; titles mostly have them as they are written.
        ordered = sorted(written, key=lambda word: (written[word], not word.isascii()))
        self._forms = {fold(normalise(word)): word for word in ordered}
        self._entries = [
            (f" {_flatten(text)}", kind, text, count)
            for kind in _ORDER
            for text, count in counts[kind].items()
            if text and (kind != "phrase" or count >= _LEAST_REPEATED)
        ]

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
        found: dict[str, list[Suggestion]] = {kind: [] for kind in _ORDER}
        for flat, kind, text, count in self._entries:
            place = flat.find(wanted)
            if place >= 0:
                typed = f"rubrique:« {text} »" if kind == "section" else text
                found[kind].append(Suggestion(text=typed, kind=kind, document_count=count))
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
        written = self._forms.get(word) or write(word)
        return replace(term, text=f"{before}{blank}{written}")


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
