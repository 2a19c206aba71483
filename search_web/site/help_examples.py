"""Teach the query language on one screen: what one types, what is looked for, an example."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from indexer.messages import Translator
from indexer.outlines import Outlines
from indexer.search import Example
from indexer.search.synonyms import list_telling


@dataclass(frozen=True, slots=True)
class Lesson:
    """A row of the page of help; its example is made of this corpus's own words."""

    typed: str
    meaning: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleWords:
    """Words of this corpus to make examples of; whatever is missing has a usual one."""

    pair: str = "tiers lieux"
    word: str = "lieux"
    mate: str = "tiers"  # found beside it
    other: str = "travail"
    author: str = "Ostrom"
    site: str = "exemple.fr"
    years: str = "2014..2016"
    section: str = "territoire"
    note: str = "économie"
    language: str = "en"
    keyword: str = "communs"


_MOST_READ: Final = 500  # texts, and notes: the first of the bibliography
_LONG: Final = 6  # letters of a word that has a subject

# In the order of the page of help. What is typed, what is looked for and the form of the example
# are three sentences of the catalogues each, since operators and fields have names in both.
LESSONS: Final = (
    "words",
    "phrase",
    "and",
    "or",
    "not",
    "required",
    "prefix",
    "near",
    "brackets",
    "title",
    "author",
    "note",
    "text",
    "section",
    "site",
    "year",
    "language",
    "link",
    "kind",
    "keyword",
)


def make_lessons(vocabulary: ExampleWords, say: Translator) -> tuple[Lesson, ...]:
    """Make the rows, with examples in the words of this corpus."""
    word = max(vocabulary.mate, vocabulary.word, vocabulary.other, key=len)
    values = {
        **asdict(vocabulary),
        "stem": word[: max(len(word) - 2, 3)],
        "misspelt": word[:2] + word[3:],
    }
    return tuple(
        Lesson(
            typed=say(f"page.lesson.{name}.typed"),
            meaning=say(f"page.lesson.{name}.meaning"),
            example=say(f"page.lesson.{name}.example", **values),
        )
        for name in LESSONS
    )


def choose_words(shelf: Outlines, examples: Sequence[Example]) -> ExampleWords:
    """Choose words that this corpus has; words that say little are none to look for."""
    texts = list(shelf.list_texts(_MOST_READ))
    telling = {each.query_text: _list_words(each.query_text) for each in examples}
    words = list(dict.fromkeys(word for held in telling.values() for word in held))
    pair = next((text for text, held in telling.items() if len(held) == 2), "")
    mate, word = telling[pair] if pair else [*words, "", ""][:2]
    years = sorted(t.issued[:4] for t in texts if t.issued[:4].isdecimal())
    keywords = [each for t in texts if t.reference for each in t.reference.keyword]
    # What titles and keywords are about, which headings and notes say too.
    subjects = Counter(
        word.lower()
        for text in (*keywords, *(t.title for t in texts))
        for word in _list_words(text, _LONG)
    )
    headings = (heading for t in texts for heading in t.section[-1:])
    notes = (entry.note.text for entry in shelf.list_notes(0, _MOST_READ))
    keyword = _find_usual(keywords)
    chosen = {
        "pair": pair,
        "word": word,
        "mate": mate,
        "other": next((each for each in words if each not in (word, mate)), ""),
        "author": _find_usual(n.family for t in texts if t.reference for n in t.reference.author),
        "site": _find_usual(t.site for t in texts),
        "years": f"{years[0]}..{years[-1]}" if years else "",
        "section": _find_told(headings, subjects),
        "note": _find_told(notes, subjects),
        "language": _find_usual(t.language for t in texts if t.language != "fr") or "fr",
        "keyword": f"« {keyword} »" if " " in keyword else keyword,
    }
    return ExampleWords(**{name: value for name, value in chosen.items() if value})


def _find_usual(values: Iterable[str]) -> str:
    """Give the value that comes most often, the first of several; "" where there is none."""
    counts = Counter(filter(None, values))
    return max(counts, key=lambda value: counts[value], default="")


def _find_told(texts: Iterable[str], subjects: Mapping[str, int]) -> str:
    """Find the long word of some texts that most titles and keywords have; "" for none."""
    words = {word.lower() for text in texts for word in _list_words(text, _LONG)}
    return max(sorted(words), key=lambda word: subjects.get(word, 0), default="")


def _list_words(text: str, least: int = 3) -> list[str]:
    """List the words of a text, as written, of so many letters at least, stop words aside."""
    words = (text[token.start : token.end] for token in list_telling(text))
    return [word for word in words if len(word) >= least]
