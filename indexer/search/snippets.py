"""Choose the passages of a text that answer a query best, and mark the words that were found.

Pure: a text and what is wanted go in, spans come out. A passage is 150 to 300 characters, cut at
the ends of sentences where that can be; a mark covers a whole word, in whatever form, or a whole
compound.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from indexer.analysis import choose_reading
from indexer.model import CitingNote, Paragraph
from indexer.search.match_spec import MatchSpec
from indexer.search.matches import Match, find_matches, open_prefilter
from indexer.search.results import Mention, Snippet, Span

SHORTEST: Final = 150
LONGEST: Final = 300
MOST_SNIPPETS: Final = 3
Held = Mapping[int, frozenset[str]]  # place of a paragraph -> the names of what it holds
# The place of a paragraph -> the parts of it, in order, that hold all words that answer by
# themselves; each begins where a graphic word does.
FindSpans = Callable[[int], Sequence[Span]]
_WEIGHED: Final = 3  # passages looked at for each that is shown


@dataclass(frozen=True, slots=True)
class _Passage:
    """A snippet, where it stands, and what of the query it answers."""

    place: tuple[int, int]
    snippet: Snippet
    answers: tuple[str, ...]


def find_marks(
    text: str, match_spec: MatchSpec, language: str = "fr", forms: frozenset[str] | None = None
) -> tuple[Span, ...]:
    """Find the spans to mark in a text shown whole: a title, a sentence.

    `forms` are all folded forms that answer, where an index knows that for this text.
    """
    matches = find_matches(text, match_spec, language, forms)
    return tuple((match.start, match.end) for match in matches)


def make_snippets(
    paragraphs: Sequence[Paragraph],
    match_spec: MatchSpec,
    language: str = "fr",
    *,
    limit: int = MOST_SNIPPETS,
    held: Held | None = None,
    forms: frozenset[str] | None = None,
    find_spans: FindSpans | None = None,
) -> tuple[Snippet, ...]:
    """Make at most `limit` passages that answer best, in the order of the text.

    Without any word to mark, the opening of the text stands for it. `held` says, where an index
    knows, what each paragraph holds of what is wanted; the others are not looked at then. `forms`
    are all folded forms that answer, where it knows that for these paragraphs, and `find_spans`
    where in them: no other part is read then.
    """
    passages: list[_Passage] = []
    seen: dict[str, int] = {}
    if held is None:
        held = {
            place: open_prefilter(match_spec, choose_reading(each.text, language), forms).find(
                each.text
            )
            for place, each in enumerate(paragraphs)
        }
    else:
        suffices = open_prefilter(match_spec, language).suffices
        held = {place: names for place, names in held.items() if suffices(names)}
    for place in _rank_paragraphs(held):
        if len(passages) >= _WEIGHED * limit:
            break
        paragraph = paragraphs[place]
        spans = None if find_spans is None else find_spans(place)
        matches = find_matches(paragraph.text, match_spec, language, forms, spans)
        for match in matches:
            seen[match.answers] = seen.get(match.answers, 0) + 1
        passages += _cut(paragraph, place, matches)
    if not passages:
        return _open(paragraphs)
    passages.sort(key=lambda passage: -_weigh(passage, seen))
    chosen: list[_Passage] = []
    for passage in passages:
        if len(chosen) == limit:
            break
        if all(passage.snippet.text != other.snippet.text for other in chosen):
            chosen.append(passage)
    chosen.sort(key=lambda passage: passage.place)
    return tuple(passage.snippet for passage in chosen)


def _rank_paragraphs(held: Held) -> list[int]:
    """Rank the paragraphs that may answer: most different words first, rare ones above."""
    counts = Counter(name for names in held.values() for name in names)
    weighed = [
        (-sum(1.0 + 1.0 / counts[name] for name in sorted(names)), place)
        for place, names in held.items()
        if names
    ]
    return [place for _, place in sorted(weighed)]


def make_mentions(
    notes: Iterable[CitingNote], match_spec: MatchSpec, *, limit: int = MOST_SNIPPETS
) -> tuple[Mention, ...]:
    """Each citing note with the sentence of it that is nearest to the query."""
    mentions = []
    for note in notes:
        paragraphs = [Paragraph(text=text) for text in note.text.split("\n\n") if text.strip()]
        best = make_snippets(paragraphs, match_spec, limit=1)
        if best:
            mentions.append(Mention(note_id=note.id, sentence=best[0], section=note.section))
    return tuple(mentions[:limit])


def _weigh(passage: _Passage, seen: dict[str, int]) -> float:
    """Weigh how well a passage answers: different words first, rare ones before common ones."""
    # In order, so that the sum is the same in every process: equals are chosen by their place.
    different = sorted(set(passage.answers))
    return sum(1.0 + 1.0 / seen[answer] for answer in different) + 0.05 * len(passage.answers)


def _cut(paragraph: Paragraph, place: int, matches: list[Match]) -> Iterator[_Passage]:
    """Yield the passages of one paragraph that hold its matches, one after the other."""
    text = paragraph.text
    sentences = cut_sentences(text) if matches else []
    done = 0
    for match in matches:
        if match.start < done:
            continue
        start, end = _surround(sentences, match, done)
        if end - start > LONGEST:
            start, end = _shorten(text, start, end, match)
        done = end
        inside = [each for each in matches if start <= each.start and each.end <= end]
        snippet = Snippet(
            text=text[start:end],
            marks=tuple((each.start - start, each.end - start) for each in inside),
            paragraph=place,
            page=paragraph.page,
            is_cut_before=start > 0,
            is_cut_after=end < len(text.rstrip()),
        )
        yield _Passage((place, start), snippet, tuple(each.answers for each in inside))


def _surround(sentences: list[Span], match: Match, done: int) -> Span:
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
    """Shorten a long sentence to LONGEST characters, cut between words, the match inside."""
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
    """Give the first words of a text: its first paragraph that is no heading."""
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


# --- sentences

# A full stop after these ends nothing: "M. Dupont", "art. 3", "p. 12", "J.-C. Martin".
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:MM?|Mmes?|Mlles?|Dr|Pr|St|Ste|art|al|cf|chap|coll|dir|éd|ed|etc|ex|fig|ibid|id|"
    r"no|n°|op|cit|p|pp|par|réf|ref|s|t|trad|vol|vs|av|env|tél|Mr|Mrs|Ms|Jr|Inc|Ltd|[A-ZÀ-Ý]))\.$"
)
_END: Final = re.compile(
    r"[.!?…]+[\"»”’)\]]*(?:[ \u00a0\u202f]*[»”])?(?=\s+[\"«“(\[—–-]*\s*[A-ZÀ-Ý0-9])|\n\s*\n"
)
# How what `_END` finds begins: looked for many times faster.
_MAY_END: Final = re.compile(r"[.!?…\n]")


def cut_sentences(text: str) -> list[tuple[int, int]]:
    """Find the [start, end) of every sentence, in characters; blanks around belong to none."""
    ends = []
    done = 0
    for stop in _MAY_END.finditer(text):
        found = _END.match(text, stop.start()) if stop.start() >= done else None
        if found is None:
            continue
        done = found.end()
        before = text[max(0, found.start() - 8) : found.start() + 1]
        if not _ABBREVIATION.search(before):
            ends.append(found.end())
    spans, start = [], 0
    for end in [*ends, len(text)]:
        inside = text[start:end]
        left = start + len(inside) - len(inside.lstrip())
        right = start + len(inside.rstrip())
        if right > left:
            spans.append((left, right))
        start = end
    return spans
