"""When nothing is found: a ladder of other ways to ask, each with what it finds.

Every rung is asked before it is shown, and only those that find something are.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from indexer.search import Results, Suggestion, TermCount
from search_web.params import Ask, render_ask
from search_web.typography import set_french

MOST: Final = 6  # rungs
MOST_WORDS: Final = 12  # of a query; a longer one is tried by its first words

Count = Callable[[Ask], int]
Suggest = Callable[[str], tuple[Suggestion, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Another way to ask, why, and how many texts it finds."""

    reason: str  # a French clause: "sans les filtres"
    query_text: str
    ask: Ask
    total: int


def climb(ask: Ask, found: Results, *, count: Count, suggest: Suggest) -> tuple[Rung, ...]:
    """Try other ways to ask what found nothing; gives those that find something."""
    rungs: list[Rung] = []
    tried = {render_ask(ask)}
    for reason, other in _try_others(ask, found, suggest):
        if other.is_empty or render_ask(other) in tried:
            continue
        tried.add(render_ask(other))
        total = count(other)
        if total:
            rungs.append(
                Rung(reason=set_french(reason), query_text=other.query_text, ask=other, total=total)
            )
        if len(rungs) == MOST:
            break
    return tuple(rungs)


def _try_others(ask: Ask, found: Results, suggest: Suggest) -> Iterator[tuple[str, Ask]]:
    terms = list(found.terms[:MOST_WORDS])
    words = [term.typed for term in terms]
    yield from _respell(ask, found)
    if ask.is_narrowed:
        yield "sans les filtres", ask.without_filters()
    everywhere = ask.without_filters()
    if len(terms) > 1:
        rarest = min(terms, key=lambda term: term.document_count)
        yield _rarest_words(rarest), everywhere.look_for(" ".join(_without(words, rarest.typed)))
        known = [term.typed for term in terms if term.document_count]
        yield "avec les seuls mots connus de l'index", everywhere.look_for(" ".join(known))
        yield "avec l'un ou l'autre mot (OU)", everywhere.look_for(" OU ".join(words))
    if words:
        in_notes = " OU ".join(f"note:{word}" for word in words)
        yield "dans les notes", everywhere.look_for(in_notes)
    for word in words:
        if len(word) > 3:
            yield "les mots qui s'écrivent presque ainsi", everywhere.look_for(f"{word}~")
        if len(word) > 5:
            start = word[: max(len(word) // 2, 4)]
            yield "les mots qui commencent ainsi", everywhere.look_for(f"{start}*")
        for suggestion in suggest(word[: max(len(word) - 2, 3)]):
            if suggestion.text.casefold() != word.casefold():
                yield "un terme voisin", everywhere.look_for(suggestion.text)


def _respell(ask: Ask, found: Results) -> Iterator[tuple[str, Ask]]:
    text = ask.query_text
    for typed, instead in found.corrections:
        text = text.replace(typed, instead)
    if text != ask.query_text or ask.as_typed:
        yield "avec une autre orthographe", ask.look_for(text)


def _rarest_words(rarest: TermCount) -> str:
    if rarest.document_count:
        return f"sans « {rarest.typed} », le mot le plus rare"
    return f"sans « {rarest.typed} », qui n'est dans aucun document"


def _without(words: list[str], left_out: str) -> list[str]:
    position = words.index(left_out)
    return words[:position] + words[position + 1 :]
