"""Read the owner's own file of words, and put what it says into queries.

    # lines of synonymes.txt, beside the bibliography; the syntax is Solr's and Lucene's
    fablab, fab lab, tiers-lieu de fabrication   # equal words: each finds all
    ess => économie sociale et solidaire         # one way: the left finds the right too
    protéger : COP, Nation                       # searched as written, and as nothing else

What is typed is always searched too: a line adds texts and never takes one away, lines of
protected words aside. Nothing is done when texts are indexed, so that no index has to be built
again. Between quotation marks, and in a word with a star or a tilde, the file is left aside.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Final

from indexer.analysis import Token, analyse_query
from indexer.messages import Message, message
from indexer.model import Place, Problem
from indexer.search.query import All, Any, Bag, In, Phrase, Query, Word

FILE_NAME: Final = "synonymes.txt"
MOST_WORDS: Final = 12  # of one side of a line

# Fields of words; the others hold values, which are looked for as they are.
_FIELDS_OF_WORDS: Final = frozenset({"title", "author", "text", "note", "section"})
_PROTECT: Final = re.compile(r"\s*(?:prot[ée]ger|protect)\s*:(.*)", re.IGNORECASE)
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*$")
_ARROW: Final = "=>"
# A backslash takes its meaning from the sign after it, as in Solr's files.
_ESCAPED: Final = re.compile(r"\\(=>|.)")
_FIRST_PRIVATE: Final = 0xE000  # Unicode's private use area: stands for escaped signs meanwhile

Name = frozenset[str]  # what one word may be called: its lemmas; "=cop" where it is protected


@dataclass(frozen=True, slots=True)
class SynonymRule:
    """One line: whoever types one of `typed` looks for all of `also` too."""

    typed: tuple[str, ...]
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word on which the owner's file acted: what was typed, and what was looked for besides.

    `also` is empty for a protected word, which was searched as it is written.
    """

    typed: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """One word, or words side by side, of a line."""

    query: Word | Phrase  # that looks for it
    names: tuple[Name, ...]  # of each of its words


# --- what is in the file


@dataclass(frozen=True)
class SynonymMap:
    """The words of an owner's file; `state` changes whenever the file does."""

    rules: tuple[SynonymRule, ...] = ()
    protected: frozenset[str] = frozenset()  # folded forms
    problems: tuple[Problem, ...] = ()
    state: str = ""
    _index: "_Index | None" = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the look-up of words, where there are any."""
        if self.rules or self.protected:
            object.__setattr__(self, "_index", _Index(self.rules, self.protected))

    def expand(self, query: Query) -> Query:
        """Give every bare word of a query what the file says that it is as well."""
        return _Expansion(self._index).expand(query) if self._index else query

    def list_acted(self, query: Query) -> tuple[OwnWord, ...]:
        """List what of a query, as typed, the file acts on, in order."""
        if self._index is None:
            return ()
        expansion = _Expansion(self._index)
        expansion.expand(query)
        return tuple(dict.fromkeys(expansion.acted))

    def holds(self, form: str) -> bool:
        """Say whether a folded form is a word of the file, which no other word ever replaces."""
        return self._index is not None and form in self._index.forms


class _Index:
    """The sides of all lines, by what their first words may be called."""

    def __init__(self, rules: Sequence[SynonymRule], protected: frozenset[str]) -> None:
        self.protected = protected
        self.forms = set(protected)
        self._sides: dict[str, _Side] = {}
        also: dict[str, dict[str, None]] = {}
        for rule in rules:
            for text in (*rule.typed, *rule.also):
                self._sides.setdefault(text, self._read_side(text))
            for text in rule.typed:
                also.setdefault(text, {}).update(dict.fromkeys(rule.also))
        self._by_first_name: dict[str, list[str]] = {}
        for text in also:
            for name in sorted(self._sides[text].names[0]):
                self._by_first_name.setdefault(name, []).append(text)
        self._also = {text: self._close(text, also) for text in also}

    def _read_side(self, text: str) -> _Side:
        tokens = list_telling(text)
        self.forms.update(token.exact for token in tokens)
        names = tuple(self.name(token) for token in tokens)
        if len(tokens) > 1:
            return _Side(Phrase(text), names)
        return _Side(Word(text, is_protected=self.is_protected(tokens)), names)

    def is_protected(self, tokens: Sequence[Token]) -> bool:
        """Say whether some words are one that is protected."""
        return len(tokens) == 1 and tokens[0].exact in self.protected

    def name(self, token: Token) -> Name:
        """Find what a word may be called: a protected one by its form alone."""
        if token.exact in self.protected:
            return frozenset({f"={token.exact}"})
        return frozenset(token.names)

    def _close(self, text: str, also: Mapping[str, Iterable[str]]) -> tuple[_Side, ...]:
        """List all that is looked for with a side: what its lines say, and theirs in turn.

        A side is reached as if it were typed, so that equal words of several lines stay equal.
        """
        reached = {text: None}
        waiting = [text]
        while waiting:
            side = self._sides[waiting.pop()]
            for met in self.find(side.names):
                for other in (met, *also[met]):
                    if other not in reached:
                        reached[other] = None
                        waiting.append(other)
        return tuple(self._sides[other] for other in reached)

    def find(self, names: Sequence[Name]) -> list[str]:
        """Find the sides that are these words, in whatever form."""
        near = (text for name in sorted(names[0]) for text in self._by_first_name.get(name, ()))
        return [
            text
            for text in dict.fromkeys(near)
            if len(self._sides[text].names) == len(names)
            and not any(map(frozenset.isdisjoint, self._sides[text].names, names))
        ]

    def find_longest(self, name: Name) -> int:
        """Count the words of the longest side that begins with a word; 0 where none does."""
        sides = (self._sides[text] for each in name for text in self._by_first_name.get(each, ()))
        return max((len(side.names) for side in sides), default=0)

    def list_also(self, names: Sequence[Name]) -> Iterator[Word | Phrase]:
        """Yield what is looked for with some words, but what these find anyway."""
        for text in self.find(names):
            yield from (side.query for side in self._also[text] if not _covers(names, side.names))


def _covers(names: Sequence[Name], others: Sequence[Name]) -> bool:
    """Say whether whatever has the second words has the first ones."""
    return len(names) == len(others) and all(map(frozenset.issuperset, names, others))


class _Expansion:
    """One query, as the file has it read."""

    def __init__(self, index: _Index) -> None:
        self._index = index
        self.acted: list[OwnWord] = []

    def expand(self, query: Query) -> Query:
        """Expand the bare words of a query; words side by side may be one side of a line.

        Words joined by ET are each their own: one more of them never finds more.
        """
        match query:
            case Word():
                return self._expand_words([query])[0]
            case Bag(optional, required, excluded):
                return Bag(
                    tuple(self._expand_side_by_side(optional)),
                    tuple(map(self.expand, required)),
                    tuple(map(self.expand, excluded)),
                )
            case All(parts):
                return All(tuple(map(self.expand, parts)))
            case Any(parts):
                return Any(tuple(map(self.expand, parts)))
            case In(name, inside) if name in _FIELDS_OF_WORDS:
                return In(name, self.expand(inside))
            case _:
                return query

    def _expand_side_by_side(self, parts: Sequence[Query]) -> Iterator[Query]:
        run: list[Word] = []
        for part in parts:
            if isinstance(part, Word):
                run.append(part)
                continue
            yield from self._expand_words(run)
            run = []
            yield self.expand(part)
        yield from self._expand_words(run)

    def _expand_words(self, words: Sequence[Word]) -> list[Word]:
        tokens = [list_telling(word.text) for word in words]
        also: list[dict[Word | Phrase, None]] = [{} for _ in words]
        for first in range(len(words)):
            for last, names in self._list_runs(words, tokens, first):
                found = list(dict.fromkeys(self._index.list_also(names)))
                if not found:
                    continue
                typed = " ".join(word.text for word in words[first : last + 1])
                self.acted.append(OwnWord(typed, tuple(each.text for each in found)))
                for place in range(first, last + 1):
                    also[place].update(dict.fromkeys(found))
        return [
            self._protect(replace(word, also=tuple(more)), held)
            for word, held, more in zip(words, tokens, also, strict=True)
        ]

    def _protect(self, word: Word, tokens: Sequence[Token]) -> Word:
        if not self._index.is_protected(tokens):
            return word
        self.acted.append(OwnWord(word.text))
        return replace(word, is_protected=True)

    def _list_runs(
        self, words: Sequence[Word], tokens: Sequence[Sequence[Token]], first: int
    ) -> Iterator[tuple[int, tuple[Name, ...]]]:
        """Yield the runs of words from one on: the place of the last, what each is called."""
        if not tokens[first]:
            return
        for joined in _list_joined(words[first].text):
            yield first, (self._index.name(joined),)
        names: tuple[Name, ...] = ()
        longest = self._index.find_longest(self._index.name(tokens[first][0]))
        for last in range(first, len(words)):
            names += tuple(map(self._index.name, tokens[last]))
            if len(names) > longest:
                return
            if tokens[last]:
                yield last, names


def list_telling(text: str) -> list[Token]:
    """List the words of a text that say something, their joined names aside."""
    return [token for token in analyse_query(text) if token.names and not token.is_alias]


def _list_joined(text: str) -> Iterator[Token]:
    """Yield the one word that the parts of a compound are as well: "fablab", of "fab-lab"."""
    tokens = analyse_query(text)
    parts = sum(bool(token.names) and not token.is_alias for token in tokens)
    yield from (token for token in tokens if token.is_alias and token.width == parts > 1)


# --- reading the file


def parse_synonyms(text: str, *, path: str = FILE_NAME) -> SynonymMap:
    """Read the lines of a file of synonyms; a line that is wrong is a Problem, the others count.

    `path` is how problems call the file.
    """
    rules: list[SynonymRule] = []
    protected: dict[str, None] = {}
    problems: list[Problem] = []
    for number, line in enumerate(unicodedata.normalize("NFC", text).splitlines(), start=1):
        bare = _COMMENT.sub("", line.lstrip("\ufeff")).strip()
        if not bare:
            continue
        try:
            if (found := _PROTECT.fullmatch(bare)) is not None:
                protected.update(dict.fromkeys(_read_protected(found[1])))
            else:
                rules.append(_read_rule(bare))
        except _WrongLineError as error:
            problems.append(Problem(said=error.said, place=Place(path=path, line=number)))
    state = hashlib.sha256(text.encode()).hexdigest()[:16] if rules or protected else ""
    return SynonymMap(tuple(rules), frozenset(protected), tuple(problems), state)


class _WrongLineError(Exception):
    """A line that can't be understood."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.key)
        self.said = said


def _read_rule(line: str) -> SynonymRule:
    """Read a line of equal words, or a one-way line. Raises _WrongLineError."""
    signs: list[str] = []

    def keep(found: re.Match[str]) -> str:
        signs.append(found[1])
        return chr(_FIRST_PRIVATE + len(signs) - 1)

    sides = [
        [_put_back(each, signs) for each in side.split(",")]
        for side in _ESCAPED.sub(keep, line).split(_ARROW)
    ]
    if len(sides) > 2:
        raise _WrongLineError(message("problem.synonyms.two-arrows", line=line))
    for text in (text for side in sides for text in side):
        _check_side(text, line)
    if len(sides) == 2:
        return SynonymRule(tuple(sides[0]), tuple(sides[1]))
    if len(sides[0]) == 1:
        raise _WrongLineError(message("problem.synonyms.alone", line=line))
    return SynonymRule(tuple(sides[0]), tuple(sides[0]))


def _put_back(text: str, signs: Sequence[str]) -> str:
    """Write a side on one line, with the signs that a backslash had taken out."""
    for number, sign in enumerate(signs):
        text = text.replace(chr(_FIRST_PRIVATE + number), sign)
    return " ".join(text.split())


def _check_side(text: str, line: str) -> None:
    if not text:
        raise _WrongLineError(message("problem.synonyms.empty", line=line))
    words = len(list_telling(text))
    if not words:
        raise _WrongLineError(message("problem.synonyms.says-nothing", words=text))
    if words > MOST_WORDS:
        raise _WrongLineError(message("problem.synonyms.long", words=text, most=MOST_WORDS))


def _read_protected(line: str) -> Iterator[str]:
    """Yield the folded forms of a line of protected words. Raises _WrongLineError."""
    for text in line.split(","):
        _check_side(" ".join(text.split()), line.strip())
        tokens = list_telling(text)
        if len(tokens) > 1:
            raise _WrongLineError(message("problem.synonyms.not-one-word", words=text.strip()))
        yield tokens[0].exact


class SynonymFile:
    """The file of the owner's words; safe to ask from several threads.

    It is read whenever it is asked for, and understood anew when its bytes have changed.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Take the file to read, which need not be there."""
        self.path = path
        self._lock = Lock()
        self._read: bytes | OSError | None = None
        self._synonyms = SynonymMap()

    def read(self) -> SynonymMap:
        """Read what the file says now; nothing where there is none.

        A file that can't be read, or is no text, says nothing but a Problem.
        """
        if self.path is None:
            return self._synonyms
        try:
            held = self.path.read_bytes()
        except FileNotFoundError:
            held = b""
        except OSError as error:
            return _refuse(message("problem.file-not-readable", why=error.strerror or str(error)))
        with self._lock:
            if held != self._read:
                self._synonyms = _parse_bytes(held)
                self._read = held
            return self._synonyms


NO_SYNONYMS: Final = SynonymMap()
NO_SYNONYM_FILE: Final = SynonymFile()


def _parse_bytes(held: bytes) -> SynonymMap:
    try:
        text = held.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _refuse(message("problem.synonyms.not-utf-8"))
    if "\0" in text:  # UTF-16 without a byte order mark decodes, and means nothing
        return _refuse(message("problem.synonyms.not-utf-8"))
    return parse_synonyms(text)


def _refuse(said: Message) -> SynonymMap:
    return SynonymMap(problems=(Problem(said=said, place=Place(path=FILE_NAME, line=1)),))
