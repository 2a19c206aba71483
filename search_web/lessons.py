"""Teach the query language on one screen: what one types, what is looked for, an example."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from indexer.messages import Translator
from indexer.search import Example
from search_web.shelf import Shelf


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
    word = vocabulary.word
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


def choose_words(shelf: Shelf, examples: Sequence[Example]) -> ExampleWords:
    """Choose words that this corpus has."""
    texts = list(shelf.texts.values())
    found = sorted(examples, key=lambda example: -example.total)
    words = [word for example in found for word in example.query_text.split()]
    authors = [n.family for t in texts if t.reference for n in t.reference.author if n.family]
    years = sorted(t.issued[:4] for t in texts if t.issued[:4].isdecimal())
    sections = [word for t in texts for h in t.section[-1:] for word in _long_words(h)]
    foreign = [t.language for t in texts if t.language != "fr"]
    chosen = {
        "pair": next((each.query_text for each in found if " " in each.query_text), ""),
        "word": words[1] if len(words) > 1 else "".join(words),
        "mate": words[0] if words else "",
        "other": words[-1] if words else "",
        "author": authors[0] if authors else "",
        "site": next((t.site for t in texts if t.site), ""),
        "years": f"{years[0]}..{years[-1]}" if years else "",
        "section": sections[0] if sections else "",
        "note": next((w for e in shelf.notes.values() for w in _long_words(e.note.text)), ""),
        "language": foreign[0] if foreign else "fr",
        "keyword": next(
            (w for t in texts if t.reference for k in t.reference.keyword for w in _long_words(k)),
            "",
        ),
    }
    return ExampleWords(**{name: value for name, value in chosen.items() if value})


def _long_words(text: str) -> list[str]:
    return _LONG_WORD.findall(text.lower())


_LONG_WORD: Final = re.compile(r"\b[^\W\d_]{6,}\b")
