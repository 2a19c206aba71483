"""Choose the passages of a text that answer a query best, and mark the words that were found.

Pure: a text and what is wanted go in, spans come out. A passage is 150 to 300 characters, cut at
the ends of sentences where that can be; a mark covers a whole word, in whatever form, or a whole
compound.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.analysis import analyse
from indexer.model import CitingNote, Paragraph
from indexer.search.results import Mention, Snippet, Span
from indexer.search.sentences import cut_sentences
from indexer.search.wanted import Wanted

SHORTEST: Final = 150
LONGEST: Final = 300
MOST_SNIPPETS: Final = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A word of a text that answers: where, and what of the query."""

    start: int
    end: int
    answers: str


def find_matches(text: str, wanted: Wanted, language: str = "fr") -> list[Match]:
    """Every word of `text` that is wanted, in order; of two on one place the longer."""
    matches: list[Match] = []
    for token in analyse(text, language):
        answers = wanted.find(token)
        if answers is None:
            continue
        while matches and matches[-1].start >= token.start:
            matches.pop()  # parts of the compound that this token names
        if not matches or matches[-1].end <= token.start:
            matches.append(Match(token.start, token.end, answers))
    return matches


def find_marks(text: str, wanted: Wanted, language: str = "fr") -> tuple[Span, ...]:
    """The spans to mark in a text shown whole: a title, a sentence."""
    return tuple((match.start, match.end) for match in find_matches(text, wanted, language))


def make_snippets(
    paragraphs: Sequence[Paragraph],
    wanted: Wanted,
    language: str = "fr",
    *,
    limit: int = MOST_SNIPPETS,
) -> tuple[Snippet, ...]:
    """At most `limit` passages that answer best, in the order of the text.

    Without any word to mark, the opening of the text stands for it.
    """
    candidates: list[tuple[float, int, Snippet]] = []
    seen: dict[str, int] = {}
    for place, paragraph in enumerate(paragraphs):
        matches = find_matches(paragraph.text, wanted, language)
        for match in matches:
            seen[match.answers] = seen.get(match.answers, 0) + 1
        if matches:
            candidates += [(0.0, place, snippet) for snippet in _cut(paragraph, place, matches)]
    if not candidates:
        return _open(paragraphs)
    weighed = [
        (_weigh(snippet, wanted, language, seen), place, snippet)
        for _, place, snippet in candidates
    ]
    weighed.sort(key=lambda each: (-each[0], each[1]))
    chosen: list[tuple[float, int, Snippet]] = []
    for each in weighed:
        if len(chosen) < limit and all(each[2].text != other[2].text for other in chosen):
            chosen.append(each)
    return tuple(snippet for _, _, snippet in sorted(chosen, key=lambda each: each[1]))


def make_mentions(
    notes: Iterable[CitingNote], wanted: Wanted, *, limit: int = MOST_SNIPPETS
) -> tuple[Mention, ...]:
    """Each citing note with the sentence of it that is nearest to the query."""
    mentions = []
    for note in notes:
        paragraphs = [Paragraph(text=text) for text in note.text.split("\n\n") if text.strip()]
        best = make_snippets(paragraphs, wanted, limit=1)
        if best:
            mentions.append(Mention(note_id=note.id, sentence=best[0], section=note.section))
    return tuple(mentions[:limit])


def _weigh(snippet: Snippet, wanted: Wanted, language: str, seen: dict[str, int]) -> float:
    """How well a passage answers: different words first, rare ones before common ones."""
    answered = [match.answers for match in find_matches(snippet.text, wanted, language)]
    different = set(answered)
    return sum(1.0 + 1.0 / seen.get(answer, 1) for answer in different) + 0.05 * len(answered)


def _cut(paragraph: Paragraph, place: int, matches: list[Match]) -> Iterator[Snippet]:
    """The passages of one paragraph that hold its matches, one after the other."""
    text = paragraph.text
    sentences = cut_sentences(text)
    done = 0
    for match in matches:
        if match.start < done:
            continue
        start, end = _surround(sentences, match, done, len(text))
        if end - start > LONGEST:
            start, end = _shorten(text, start, end, match)
        done = end
        yield Snippet(
            text=text[start:end],
            marks=tuple(
                (each.start - start, each.end - start)
                for each in matches
                if start <= each.start and each.end <= end
            ),
            paragraph=place,
            page=paragraph.page,
            is_cut_before=start > 0,
            is_cut_after=end < len(text.rstrip()),
        )


def _surround(sentences: list[Span], match: Match, done: int, length: int) -> Span:
    """Whole sentences around a match, at least SHORTEST characters if there are so many."""
    first = last = next(
        (n for n, (start, end) in enumerate(sentences) if start <= match.start < end), 0
    )
    if not sentences:
        return match.start, match.end
    while sentences[last][1] - sentences[first][0] < SHORTEST:
        if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= LONGEST:
            last += 1
        elif (
            first
            and sentences[first - 1][0] >= done
            and sentences[last][1] - sentences[first - 1][0] <= LONGEST
        ):
            first -= 1
        else:
            break
    return sentences[first][0], sentences[last][1]


def _shorten(text: str, start: int, end: int, match: Match) -> Span:
    """At most LONGEST characters of a long sentence, cut between words, the match inside."""
    left = max(start, min(match.start - LONGEST // 3, end - LONGEST))
    if left > start:
        space = text.find(" ", left, match.start)
        left = space + 1 if space >= 0 else match.start
    right = min(end, max(left + LONGEST, match.end))
    if right < end:
        space = text.rfind(" ", match.end, right)
        right = space if space >= 0 else right
    return left, right


def _open(paragraphs: Sequence[Paragraph]) -> tuple[Snippet, ...]:
    """The first words of a text: its first paragraph that is no heading."""
    for place, paragraph in enumerate(paragraphs):
        text = paragraph.text.strip()
        if not text or paragraph.kind == "heading":
            continue
        sentences = cut_sentences(text)
        end = max((e for _, e in sentences if e <= LONGEST), default=0)
        if not end:
            end = text.rfind(" ", 0, LONGEST) if len(text) > LONGEST else len(text)
            end = end if end > 0 else LONGEST
        return (
            Snippet(
                text=text[:end],
                paragraph=place,
                page=paragraph.page,
                is_cut_after=end < len(text),
            ),
        )
    return ()
