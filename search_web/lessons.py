"""Teach the query language on one screen: what one types, what is looked for, an example."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from indexer.model import LinkState
from indexer.search import Example
from search_web.shelf import Shelf
from search_web.typography import set_french


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


# What is typed, what is looked for, and what to make the example of.
_LESSONS: Final = (
    ("tiers lieux", "les deux mots, où qu'ils soient ; à défaut l'un", "{v.pair}"),
    ("« tiers lieux »", "ces mots côte à côte, dans cet ordre", "« {v.pair} »"),
    ("ville ET travail", "les textes qui ont les deux, et eux seuls", "{v.word} ET {v.mate}"),
    ("ville OU commune", "l'un ou l'autre", "{v.word} OU {v.other}"),
    ("ville SAUF Paris", "ville, sans Paris ; ou bien -Paris", "{v.note} SAUF {v.word}"),
    ("+ville commun", "ville obligatoirement, commun de préférence", "+{v.word} {v.other}"),
    ("collabor*", "tous les mots qui commencent ainsi", "{stem}*"),
    ("colaboratif~", "les mots qui s'écrivent presque ainsi", "{misspelt}~"),
    ("(a OU b) ET c", "des parenthèses pour grouper", "({v.mate} OU {v.other}) ET {v.word}"),
    ("titre:ville", "dans le titre du texte", "titre:{v.word}"),
    ("auteur:nom", "par l'auteur", "auteur:{v.author}"),
    ("note:mot", "dans les notes", "note:{v.note}"),
    ("texte:mot", "dans le texte archivé", "texte:{v.word}"),
    ("section:mot", "dans les titres des sections", "section:{v.section}"),
    ("site:nom", "sur un site", "site:{v.site}"),
    ("annee:2014..2016", "entre deux années", "annee:{v.years}"),
    ("langue:en", "dans une langue", "langue:{v.language}"),
    ("lien:mort", "selon l'état du lien", "lien:vivant"),
    ("type:note", "les notes seules ; ou les textes (type:texte)", "type:note"),
)


def make_lessons(vocabulary: ExampleWords) -> tuple[Lesson, ...]:
    """Make the rows, with examples in the words of this corpus."""
    word = vocabulary.word
    stem, misspelt = word[: max(len(word) - 2, 3)], word[:2] + word[3:]
    return tuple(
        Lesson(typed, set_french(meaning), form.format(v=vocabulary, stem=stem, misspelt=misspelt))
        for typed, meaning, form in _LESSONS
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
        "pair": found[0].query_text if found else "",
        "word": words[1] if words else "",
        "mate": words[0] if words else "",
        "other": words[-1] if words else "",
        "author": authors[0] if authors else "",
        "site": next((t.site for t in texts if t.site), ""),
        "years": f"{years[0]}..{years[-1]}" if years else "",
        "section": sections[0] if sections else "",
        "note": next((w for e in shelf.notes.values() for w in _long_words(e.note.text)), ""),
        "language": foreign[0] if foreign else "fr",
    }
    return ExampleWords(**{name: value for name, value in chosen.items() if value})


def _long_words(text: str) -> list[str]:
    return _LONG_WORD.findall(text.lower())


_LONG_WORD: Final = re.compile(r"\b[^\W\d_]{6,}\b")

LINK_WORDS: Final[Mapping[LinkState, str]] = MappingProxyType(
    {
        LinkState.ALIVE: set_french("La page répond, et c'est bien elle."),
        LinkState.MOVED: set_french("La page a changé d'adresse ; la nouvelle est proposée."),
        LinkState.BLOCKED: set_french(
            "Le site refuse les robots ou demande à s'identifier : on ne peut rien en dire, "
            "et le lien n'est pas mort pour autant."
        ),
        LinkState.SICK: set_french(
            "Une panne, un délai, une page introuvable pour la première fois : cela peut passer."
        ),
        LinkState.DEAD: set_french("La page a disparu : plusieurs visites, sur plusieurs jours."),
        LinkState.UNKNOWN: set_french("Personne n'y est encore allé voir."),
    }
)
