"""Find the words of a text that a query wants: single words, and words that follow one another."""

from dataclasses import dataclass

from indexer.analysis import Token, analyse
from indexer.analysis.chain import analyse_chunk
from indexer.analysis.chunks import cut_chunks
from indexer.search.glancing import look
from indexer.search.wanted import NameSequence, Wanted


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a text that answers: where, and what of the query."""

    start: int
    end: int
    answers: str


def find_matches(text: str, wanted: Wanted, language: str = "fr") -> list[Match]:
    """Every word of `text` that is wanted, in order; of two on one place the longer."""
    if wanted.sequences:
        tokens = analyse(text, language)
    else:
        may_answer = wanted.answering(language)
        tokens = [
            Token(start + token[0], start + token[1], *token[2:])
            for begin, piece in look(wanted, language).cut(text)
            for start, chunk in cut_chunks(piece, begin)
            if may_answer[chunk]
            for token in analyse_chunk(chunk, language)
        ]
    in_sequences = {place for sequence in wanted.sequences for place in _follow(tokens, sequence)}
    matches: list[Match] = []
    for place, token in enumerate(tokens):
        answers = token.names[0] if place in in_sequences else wanted.find(token)
        if answers is None:
            continue
        while matches and matches[-1].start >= token.start:
            matches.pop()  # parts of the compound that this token names
        if not matches or matches[-1].end <= token.start:
            matches.append(Match(token.start, token.end, answers))
    return matches


def _follow(tokens: list[Token], sequence: NameSequence) -> set[int]:
    """The places in `tokens` of words that follow one another as they should.

    A compound stands for all its words: "écoquartier" for "éco-quartier".
    """
    counted: list[int] = []
    # Where a word may begin -> the places of the tokens that name it, and where the next begins.
    beginning: dict[int, list[tuple[int, int]]] = {}
    for place, token in enumerate(tokens):
        if token.is_stop:
            continue
        if token.is_alias:
            first = max(0, len(counted) - token.width)
            beginning.setdefault(first, []).append((place, len(counted)))
        else:
            beginning.setdefault(len(counted), []).append((place, len(counted) + 1))
            counted.append(place)
    found: set[int] = set()
    for first in range(len(counted)):
        run: list[int] = []
        here = first
        for names in sequence.names:
            reach = range(here, min(here + 1 + (sequence.slop if run else 0), len(counted)))
            steps = (step for each in reach for step in beginning.get(each, ()))
            fitting = (each for each in steps if not names.isdisjoint(tokens[each[0]].names))
            step = next(fitting, None)
            if step is None:
                break
            place, here = step
            run.append(place)
        else:
            found.update(run)
    return found
