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
    FieldToken,
    QueryToken,
    Sign,
    cut_tokens,
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
    return query if query is not None else parse_tokens(text)


def parse_tokens(text: str) -> Query:
    """Parse a query by the full grammar, where the quick way for plain words does not do."""
    return _Parser(list(cut_tokens(text))).parse()


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
    """One reading of one list of tokens."""

    def __init__(self, tokens: list[QueryToken]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0
        self._parts = 0

    def parse(self) -> Query:
        """Parse the whole, brackets closed too often included."""
        queries = []
        while self._position < len(self._tokens):
            queries.append(self._parse_any())
            if self._peek() is Sign.CLOSE:
                self._position += 1
        return build_bag(tuple(queries), (), ())

    def _peek(self) -> QueryToken | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _parse_any(self) -> Query:
        parts = [self._parse_all()]
        while self._peek() is Sign.OR:
            self._position += 1
            parts.append(self._parse_all())
        return build_any(parts)

    def _parse_all(self) -> Query:
        parts = [self._parse_bag()]
        while self._peek() is Sign.AND:
            self._position += 1
            parts.append(self._parse_bag())
        return build_all([part for part in parts if part != NOTHING])

    def _parse_bag(self) -> Query:
        optional: list[Query] = []
        required: list[Query] = []
        excluded: list[Query] = []
        while (token := self._peek()) not in (None, Sign.CLOSE, Sign.AND, Sign.OR):
            if token is Sign.EXCEPT:
                excluded.append(self._parse_except())
                continue
            into = optional
            while token in (Sign.REQUIRED, Sign.EXCLUDED):
                into = required if token is Sign.REQUIRED else excluded
                self._position += 1
                token = self._peek()
            part = self._parse_clause()
            if part is not None:
                into.append(part)
        return build_bag(tuple(optional), tuple(required), tuple(excluded))

    def _parse_except(self) -> Query:
        """Parse what follows "SAUF": something in a field, or bare words up to a sign."""
        while self._peek() in _SIGNS:
            self._position += 1
        is_in_field = isinstance(self._peek(), FieldToken)
        parts = [self._parse_clause()]
        while not is_in_field and (
            self._peek() is Sign.OPEN or isinstance(self._peek(), Word | Phrase | Pattern | Fuzzy)
        ):
            parts.append(self._parse_clause())
        return build_bag(tuple(part for part in parts if part is not None), (), ())

    def _parse_clause(self) -> Query | None:
        token = self._peek()
        if isinstance(token, FieldToken):
            self._position += 1
            while self._peek() in _SIGNS:
                self._position += 1
            inside = self._parse_clause()
            if isinstance(inside, Word) and token.field in WITH_RANGES:
                inside = read_dates(inside.text) or inside
            return inside if inside is None or inside == NOTHING else In(token.field, inside)
        if token is Sign.OPEN:
            self._position += 1
            if self._depth >= DEEPEST:
                return None
            self._depth += 1
            inside = self._parse_any()
            self._depth -= 1
            if self._peek() is Sign.CLOSE:
                self._position += 1
            return inside
        if isinstance(token, Word | Phrase | Pattern | Fuzzy | Range):
            self._position += 1
            self._parts += 1
            return token if self._parts <= MOST_PARTS else None
        return None
