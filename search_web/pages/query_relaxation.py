"""When nothing is found: a ladder of other ways to ask, each with what it finds.

Every rung is asked before it is shown, and only those that find something are. A hint is given
before that: *et*, *ou*, *sauf* are plain words of French, only capitals make them operators, and a
reader who meant one gets there in a click.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from indexer.messages import Message, message
from indexer.search import Results, Suggestion, TermCount
from indexer.search.fieldnames import read_site
from search_web.pages.facets import fold
from search_web.site.params import Ask, render_ask

MOST: Final = 6  # rungs
# Between two words, and outside quotation marks; "et" is what words side by side mean anyway.
_LOWER: Final = re.compile(r"(?<=\S\s)(ou|sauf|or|not)(?=\s\S)")
_QUOTED: Final = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")
MOST_WORDS: Final = 12  # of a query; a longer one is tried by its first words

Count = Callable[[Ask], int]
Suggest = Callable[[str], tuple[Suggestion, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Another way to ask, why, and how many texts it finds."""

    reason: Message  # a clause: "sans les filtres"
    query_text: str
    ask: Ask
    total: int


def climb(
    ask: Ask, found: Results, *, count: Count, suggest: Suggest, either: str = "OU"
) -> tuple[Rung, ...]:
    """Try other ways to ask what found nothing; gives those that find something.

    `either` is the operator between words of which one is enough, as the reader writes it.
    """
    rungs: list[Rung] = []
    tried = {render_ask(ask)}
    for reason, other in _try_others(ask, found, suggest, either):
        if other.is_empty or render_ask(other) in tried:
            continue
        tried.add(render_ask(other))
        total = count(other)
        if total:
            rungs.append(Rung(reason=reason, query_text=other.query_text, ask=other, total=total))
        if len(rungs) == MOST:
            break
    return tuple(rungs)


def _try_others(
    ask: Ask, found: Results, suggest: Suggest, either: str
) -> Iterator[tuple[Message, Ask]]:
    terms = list(found.terms[:MOST_WORDS])
    words = [term.typed for term in terms]
    yield from _respell(ask, found)
    if ask.is_narrowed:
        yield message("page.rung.without-filters"), ask.without_filters()
    everywhere = ask.without_filters()
    for url in [term.typed for term in terms if term.scheme == "url"]:
        yield message("page.rung.site"), everywhere.look_for(f"site:{read_site(url)}")
    if len(terms) > 1:
        rarest = min(terms, key=lambda term: term.document_count)
        yield _rarest_words(rarest), everywhere.look_for(" ".join(_without(words, rarest.typed)))
        known = [term.typed for term in terms if term.document_count]
        yield message("page.rung.known-words"), everywhere.look_for(" ".join(known))
        yield (
            message("page.rung.either-word"),
            everywhere.look_for(f" {either} ".join(words)),
        )
    if words:
        in_notes = f" {either} ".join(f"note:{word}" for word in words)
        yield message("page.rung.notes"), everywhere.look_for(in_notes)
    for word in [term.typed for term in terms if not term.scheme]:
        yield from _try_near(word, everywhere, suggest)


def _try_near(word: str, everywhere: Ask, suggest: Suggest) -> Iterator[tuple[Message, Ask]]:
    """Try words near one, that begin as it does, and what may be gone on with."""
    if len(word) > 3:
        yield message("page.rung.near-words"), everywhere.look_for(f"{word}~")
    if len(word) > 5:
        start = word[: max(len(word) // 2, 4)]
        yield message("page.rung.prefix"), everywhere.look_for(f"{start}*")
    for suggestion in suggest(word[: max(len(word) - 2, 3)]):
        if suggestion.text.casefold() != word.casefold() and _is_near(word, suggestion.text):
            yield message("page.rung.near-term"), everywhere.look_for(suggestion.text)


def _is_near(word: str, text: str) -> bool:
    """Whether a text has a word that begins as another does, for most of it: none of figures."""
    start = fold(word[: max(4, 2 * len(word) // 3)])
    return start.isalpha() and any(each.startswith(start) for each in fold(text).split())


def _respell(ask: Ask, found: Results) -> Iterator[tuple[Message, Ask]]:
    text = ask.query_text
    # Who insists on what was typed has near words by searching the same without insisting.
    offers = () if ask.as_typed else found.offers
    for typed, instead in found.corrections + offers:
        text = text.replace(typed, instead)
    if text != ask.query_text or ask.as_typed:
        yield message("page.rung.spelling"), ask.look_for(text)


def _rarest_words(rarest: TermCount) -> Message:
    kind = "rarest" if rarest.document_count else "unknown"
    return message(f"page.rung.without-{kind}", word=rarest.typed)


def _without(words: list[str], left_out: str) -> list[str]:
    position = words.index(left_out)
    return words[:position] + words[position + 1 :]


@dataclass(frozen=True, slots=True)
class Hint:
    """The operator that may have been meant, and the query with it."""

    operator: str
    query_text: str


def find_hint(query_text: str) -> Hint | None:
    """Give the hint that a query deserves, or None."""
    quoted = [match.span() for match in _QUOTED.finditer(query_text)]
    meant: list[str] = []

    def capitalize(match: re.Match[str]) -> str:
        if any(start <= match.start() < end for start, end in quoted):
            return match.group()
        meant.append(match.group().upper())
        return match.group().upper()

    rewritten = _LOWER.sub(capitalize, query_text)
    return Hint(meant[0], rewritten) if meant else None
