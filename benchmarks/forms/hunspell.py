"""The plurals of hunspell's French dictionary: nouns and adjectives, expanded by its own rules."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_NOUN_OR_ADJECTIVE: Final = re.compile(r"\bpo:(?:nom|adj)\b")
_PLURAL: Final = re.compile(r"\bis:pl\b")
_FEMININE: Final = re.compile(r"\bis:fem\b")


class _Rule(NamedTuple):
    """A suffix of a flag: what is taken off, put on, and of what words."""

    stripped: str
    added: str
    fits: re.Pattern[str]
    is_feminine: bool


def list_plurals(folder: Path) -> Iterator[tuple[str, str]]:
    """(singular, plural) of every noun and adjective in lower case, each pair once."""
    rules = _read_rules(folder / "fr.aff")
    seen: set[tuple[str, str]] = set()
    for line in (folder / "fr.dic").read_text(encoding="utf-8").splitlines()[1:]:
        head, _, about = line.partition(" ")
        word, _, flags = head.partition("/")
        if not word.isalpha() or word != word.lower() or not _NOUN_OR_ADJECTIVE.search(about):
            continue
        for flag in (flags[place : place + 2] for place in range(0, len(flags), 2)):
            for rule in rules.get(flag, ()):
                if rule.is_feminine or not rule.fits.search(word):
                    continue
                pair = (word, word.removesuffix(rule.stripped) + rule.added)
                if pair[0] != pair[1] and pair not in seen:
                    seen.add(pair)
                    yield pair


def _read_rules(path: Path) -> dict[str, list[_Rule]]:
    """The suffixes that make a plural, by flag."""
    rules: dict[str, list[_Rule]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) < 5 or parts[0] != "SFX" or not _PLURAL.search(line):
            continue
        _, flag, stripped, added, condition = parts[:5]
        rules.setdefault(flag, []).append(
            _Rule(
                "" if stripped == "0" else stripped,
                "" if added == "0" else added.partition("/")[0],
                re.compile(f"{condition}$"),
                bool(_FEMININE.search(line)),
            )
        )
    return rules
