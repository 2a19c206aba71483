"""Find what of a query is not understood as it may have been meant, so that it can be said.

Nothing typed is an error: a field of an unknown name is searched as words, a bracket that is never
closed is none. Whoever typed it has to know.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from indexer.messages import Message, message
from indexer.search.fieldnames import FIELD_BY_TYPED, LONGEST_NAME
from indexer.search.lexing import (
    LONGEST_TYPED,
    QUOTES,
    FieldToken,
    Sign,
    cut_tokens,
    leave_text_names_out,
)
from indexer.search.parsing import DEEPEST, MOST_PARTS

_NAMED: Final = re.compile(r"(?<![\w:/.@-])([^\W\d_]\w{1,20}):(?![/\s\d]|$)")
_WITHOUT_VALUE: Final = re.compile(rf"(?<![\w:/.@-])([^\W\d_]{{2,{LONGEST_NAME}}}):(?=\s|$)")
# What other search engines read.
_FOREIGN: Final = re.compile(r"&&|\|\||(?<![^\s(])[!?](?=\w)|(?<=\w)\^\d|(?<=\w)\?\?+(?=\w)")
_BINARY: Final = frozenset({Sign.AND, Sign.OR})
_OPERATORS: Final = _BINARY | {Sign.EXCEPT}


def list_unread(text: str) -> tuple[Message, ...]:
    """List what of a query as typed is not understood; a message each, none twice."""
    return tuple(dict.fromkeys(_find_unread(text)))


def _find_unread(text: str) -> Iterator[Message]:
    if len(text) > LONGEST_TYPED:
        yield message("query.unread.long", most=LONGEST_TYPED)
        text = text[:LONGEST_TYPED]
    bare, is_closed = _leave_quotes_out(leave_text_names_out(text))
    if not is_closed:
        yield message("query.unread.quote")
    depth, deepest, is_balanced = _measure_brackets(bare)
    if depth or not is_balanced:
        yield message("query.unread.bracket")
    if deepest > DEEPEST:
        yield message("query.unread.deep", most=DEEPEST)
    for found in _NAMED.finditer(bare):
        if found[1].lower() not in FIELD_BY_TYPED:
            yield message("query.unread.field", name=found[1])
    for found in _WITHOUT_VALUE.finditer(bare):
        if found[1].lower() in FIELD_BY_TYPED and found[1].islower():
            yield message("query.unread.no-value", name=found[1])
    for found in _FOREIGN.finditer(bare):
        yield message("query.unread.sign", sign=found[0])
    yield from _find_idle_operators(text)


def _find_idle_operators(text: str) -> Iterator[Message]:
    """Operators that have nothing on a side, and parts beyond the last that is read."""
    tokens = list(cut_tokens(text))
    if sum(not isinstance(token, Sign | FieldToken) for token in tokens) > MOST_PARTS:
        yield message("query.unread.parts", most=MOST_PARTS)
    around = [Sign.OPEN, *tokens, Sign.CLOSE]
    for left, right in pairwise(around):
        begins_idle = right in _BINARY and (left is Sign.OPEN or left in _OPERATORS)
        ends_idle = left in _OPERATORS and right is Sign.CLOSE
        if begins_idle or ends_idle:
            yield message("query.unread.operator")


def _leave_quotes_out(text: str) -> tuple[str, bool]:
    """Leave out what stands between quotation marks; tell whether all are closed."""
    kept, place, is_closed = [], 0, True
    while place < len(text):
        letter = text[place]
        if letter in QUOTES:
            end = text.find(QUOTES[letter], place + 1)
            if end > place:
                kept.append("_")  # something stands there
                place = end + 1
                continue
            is_closed = False
        kept.append(letter)
        place += 1
    return "".join(kept), is_closed


def _measure_brackets(text: str) -> tuple[int, int, bool]:
    """Count the brackets left open and those open at most; tell whether none closes nothing."""
    depth, deepest, is_balanced = 0, 0, True
    for letter in text:
        if letter == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif letter == ")":
            is_balanced = is_balanced and depth > 0
            depth = max(depth - 1, 0)
    return depth, deepest, is_balanced
