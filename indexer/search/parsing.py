"""Read what was typed as a Query; whatever is typed gives one.

    any    = all ("OU" all)*
    all    = bag ("ET" bag)*
    bag    = ( clause | except )*
    clause = ("+" | "-")* [field ":"] bare
    except = ("SAUF" | "NON" | "SANS") clause bare*
    bare   = "(" any ")" | word | phrase | pattern | range

What can't be understood is searched as words, and `unread` says what that is.
"""

import re
from typing import Final

from indexer.search.fieldnames import WITH_RANGES
from indexer.search.lexing import (
    OPERATORS,
    FieldMark,
    Mark,
    Sign,
    cut_marks,
    may_hold_reference,
    read_dates,
)
from indexer.search.query import (
    NOTHING,
    All,
    Bag,
    Fuzzy,
    In,
    Pattern,
    Phrase,
    Query,
    Range,
    Word,
    build_all,
    build_any,
    build_bag,
)

DEEPEST: Final = 20  # brackets inside brackets; deeper ones are not brackets any more
_SIGNS: Final = (Sign.REQUIRED, Sign.EXCLUDED, Sign.EXCEPT)
MOST_PARTS: Final = 200  # words, phrases…; what follows is not read
# Words with nothing about them that may mean something, and blanks: most of what is typed. A mark
# behind a word, or between blanks, means nothing: "Quel délai, et pour qui ?"
_PLAIN_WORD: Final = r"[^\W_](?:[\w'’-]*[^\W_])?"
_LONGEST_PLAIN: Final = 300  # characters
_PLAIN: Final = re.compile(rf"{_PLAIN_WORD}(?: {_PLAIN_WORD}){{0,20}}")
_PLAIN_WITH_MARKS: Final = re.compile(
    rf"{_PLAIN_WORD}[,;?!.]?(?:[ \u00a0\u202f](?:[;?!]|{_PLAIN_WORD}[,;?!.]?)){{0,30}}"
)
_MARK: Final = re.compile(r"[,;?!.]| [;?!]|[\u00a0\u202f]")
_PLAIN_PHRASE: Final = re.compile(rf"« ?({_PLAIN.pattern}) ?»|\"({_PLAIN.pattern})\"")


def parse_query(text: str) -> Query:
    """Parse the Query that `text` asks for; `NOTHING` when it asks for nothing. Never raises."""
    query = _parse_plain(text) if len(text) <= _LONGEST_PLAIN else None
    return query if query is not None else parse_marks(text)


def parse_marks(text: str) -> Query:
    """Parse a query by the full grammar, where the quick way for plain words does not do."""
    return _Parser(list(cut_marks(text))).parse()


def _parse_plain(text: str) -> Query | None:
    """Parse words side by side, joined by "ET" one by one, or between quotation marks.

    It is the short way; None for all that needs the grammar.
    """
    if may_hold_reference(text):
        return None
    if _PLAIN.fullmatch(text) is None:
        if _PLAIN_WITH_MARKS.fullmatch(text) is None:
            phrase = _PLAIN_PHRASE.fullmatch(text)
            return Phrase(phrase[1] or phrase[2]) if phrase else None
        words = _MARK.sub(" ", text).split()
        if not OPERATORS.keys().isdisjoint(words):  # "ET!" is a word
            return None
        text = " ".join(words)
    words = text.split(" ")
    operators = [word for word in words if word in OPERATORS]
    if not operators:
        return Bag(tuple([Word(word) for word in words])) if len(words) > 1 else Word(text)
    if (
        not any(letter.islower() for letter in text)
        or words[1::2] != operators
        or len(words) % 2 == 0
    ):
        return None
    if any(OPERATORS[operator] is not Sign.AND for operator in operators):
        return None
    return All(tuple([Word(word) for word in words[::2]]))


class _Parser:
    """One reading of one list of marks."""

    def __init__(self, marks: list[Mark]) -> None:
        self._marks = marks
        self._place = 0
        self._depth = 0
        self._parts = 0

    def parse(self) -> Query:
        """Parse the whole, brackets closed too often included."""
        queries = []
        while self._place < len(self._marks):
            queries.append(self._parse_any())
            if self._peek() is Sign.CLOSE:
                self._place += 1
        return build_bag(tuple(queries), (), ())

    def _peek(self) -> Mark | None:
        return self._marks[self._place] if self._place < len(self._marks) else None

    def _parse_any(self) -> Query:
        parts = [self._parse_all()]
        while self._peek() is Sign.OR:
            self._place += 1
            parts.append(self._parse_all())
        return build_any(parts)

    def _parse_all(self) -> Query:
        parts = [self._parse_bag()]
        while self._peek() is Sign.AND:
            self._place += 1
            parts.append(self._parse_bag())
        return build_all([part for part in parts if part != NOTHING])

    def _parse_bag(self) -> Query:
        optional: list[Query] = []
        required: list[Query] = []
        excluded: list[Query] = []
        while (mark := self._peek()) not in (None, Sign.CLOSE, Sign.AND, Sign.OR):
            if mark is Sign.EXCEPT:
                excluded.append(self._parse_except())
                continue
            into = optional
            while mark in (Sign.REQUIRED, Sign.EXCLUDED):
                into = required if mark is Sign.REQUIRED else excluded
                self._place += 1
                mark = self._peek()
            part = self._parse_clause()
            if part is not None:
                into.append(part)
        return build_bag(tuple(optional), tuple(required), tuple(excluded))

    def _parse_except(self) -> Query:
        """Parse what follows "SAUF": something in a field, or bare words up to a sign."""
        while self._peek() in _SIGNS:
            self._place += 1
        is_in_field = isinstance(self._peek(), FieldMark)
        parts = [self._parse_clause()]
        while not is_in_field and (
            self._peek() is Sign.OPEN or isinstance(self._peek(), Word | Phrase | Pattern | Fuzzy)
        ):
            parts.append(self._parse_clause())
        return build_bag(tuple(part for part in parts if part is not None), (), ())

    def _parse_clause(self) -> Query | None:
        mark = self._peek()
        if isinstance(mark, FieldMark):
            self._place += 1
            while self._peek() in _SIGNS:
                self._place += 1
            inside = self._parse_clause()
            if isinstance(inside, Word) and mark.field in WITH_RANGES:
                inside = read_dates(inside.text) or inside
            return inside if inside is None or inside == NOTHING else In(mark.field, inside)
        if mark is Sign.OPEN:
            self._place += 1
            if self._depth >= DEEPEST:
                return None
            self._depth += 1
            inside = self._parse_any()
            self._depth -= 1
            if self._peek() is Sign.CLOSE:
                self._place += 1
            return inside
        if isinstance(mark, Word | Phrase | Pattern | Fuzzy | Range):
            self._place += 1
            self._parts += 1
            return mark if self._parts <= MOST_PARTS else None
        return None
