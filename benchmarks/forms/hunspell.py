"""The forms of hunspell's French dictionary: its words, expanded by its own rules.

Plurals, feminines and verbs, each with the form that a dictionary names the word by.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

_NOUN_OR_ADJECTIVE: Final = re.compile(r"\bpo:(?:nom|adj)\b")
_VERB: Final = re.compile(r"\bpo:v[0-3]")
_PLURAL: Final = re.compile(r"\bis:pl\b")
_FEMININE: Final = re.compile(r"\bis:fem\b")
_FINITE: Final = re.compile(r"\bpo:(?:ipre|iimp|ifut|spre|cond|ppre|ipsi|ppas)\b")

Pair = tuple[str, str]


class _Rule(NamedTuple):
    """A suffix of a flag: what is taken off, put on, and of what words."""

    stripped: str
    added: str
    fits: re.Pattern[str]
    about: str


def list_plurals(folder: Path) -> Iterator[Pair]:
    """(singular, plural) of every noun and adjective in lower case, each pair once."""
    return _expand(folder, _NOUN_OR_ADJECTIVE, _is_plural)


def list_feminines(folder: Path) -> Iterator[Pair]:
    """(masculine, feminine) of every noun and adjective in lower case, plurals too."""
    return _expand(folder, _NOUN_OR_ADJECTIVE, _is_feminine)


def list_verbs(folder: Path) -> Iterator[Pair]:
    """(infinitive, form) of every verb."""
    return _expand(folder, _VERB, _is_finite)


def list_nouns(folder: Path) -> frozenset[str]:
    """Every noun and adjective in lower case, with the plurals and feminines that it has."""
    inflected = [form for pair in (*list_plurals(folder), *list_feminines(folder)) for form in pair]
    return frozenset({*inflected, *(word for word, _ in _read_words(folder, _NOUN_OR_ADJECTIVE))})


def _is_plural(rule: _Rule) -> bool:
    return bool(_PLURAL.search(rule.about)) and not _FEMININE.search(rule.about)


def _is_feminine(rule: _Rule) -> bool:
    return bool(_FEMININE.search(rule.about))


def _is_finite(rule: _Rule) -> bool:
    return bool(_FINITE.search(rule.about))


def _expand(
    folder: Path, kind: re.Pattern[str], is_asked: Callable[[_Rule], bool]
) -> Iterator[Pair]:
    rules = {
        flag: [rule for rule in held if is_asked(rule)]
        for flag, held in _read_rules(folder / "fr.aff").items()
    }
    seen: set[Pair] = set()
    for word, flags in _read_words(folder, kind):
        for flag in (flags[place : place + 2] for place in range(0, len(flags), 2)):
            for rule in rules.get(flag, ()):
                if not rule.fits.search(word):
                    continue
                pair = (word, word.removesuffix(rule.stripped) + rule.added)
                if pair[0] != pair[1] and pair not in seen and pair[1].isalpha():
                    seen.add(pair)
                    yield pair


def _read_words(folder: Path, kind: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """The words of a kind in lower case, each with its flags."""
    for line in (folder / "fr.dic").read_text(encoding="utf-8").splitlines()[1:]:
        head, _, about = line.partition(" ")
        word, _, flags = head.partition("/")
        if word.isalpha() and word == word.lower() and kind.search(about):
            yield word, flags


def _read_rules(path: Path) -> dict[str, list[_Rule]]:
    """The suffixes of each flag."""
    rules: dict[str, list[_Rule]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) < 5 or parts[0] != "SFX":
            continue
        _, flag, stripped, added, condition = parts[:5]
        added = added.partition("/")[0]
        rules.setdefault(flag, []).append(
            _Rule(
                "" if stripped == "0" else stripped,
                "" if added == "0" else added,
                re.compile(f"{condition}$"),
                line,
            )
        )
    return rules
