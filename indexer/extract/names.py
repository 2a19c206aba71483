"""Make persons of what pages write in a byline."""

import re
from collections.abc import Iterable
from typing import Final

from indexer.extract.blocks import tidy_line

MAX_AUTHORS: Final = 20
MAX_NAME: Final = 60
LEAD: Final = re.compile(
    r"^(?:(?:publié|écrit|posté|proposé|rédigé|posted|written|texte|propos recueillis|article)\s+"
    r"(?:par|by|de)|par|by|auteurs?|authors?|de)\s*:?\s+|^(?:auteurs?|authors?)\s*:\s*",
    re.I,
)
# What follows a name on the same line: a date, a role, a place of publication.
TAIL: Final = re.compile(
    r"\s*(?:[|•·(\[/]|\s[-–—]\s|,?\s+(?:le|on|publié|posted|mis à jour|updated)\s+\d?|"
    r"\b\d{1,2}[/ .]).*$",
    re.I | re.S,
)
BETWEEN: Final = re.compile(r"\s*(?:;|\bet\b|\band\b|&|\bavec\b|\n)\s*|,\s+(?=[^\W\d_])", re.I)
ADDRESS: Final = re.compile(r"https?://\S+|\S+@\S+|^@\w+", re.I)
NOBODY: Final = frozenset(
    "admin administrator administrateur webmaster rédaction redaction editor editors staff "  # noqa: SIM905
    "anonyme anonymous unknown inconnu auteur author user root guest contributeur none null "
    "nobody system".split()
)


def list_persons(raw: Iterable[str], *, site_name: str = "") -> tuple[str, ...]:
    """The persons that `raw` bylines name, in order, once each; never the site itself."""
    persons: list[str] = []
    seen: set[str] = set()
    for byline in raw:
        for name in _split(byline):
            key = name.casefold()
            if key not in seen and key != site_name.casefold():
                seen.add(key)
                persons.append(name)
    return tuple(persons[:MAX_AUTHORS])


def _split(byline: str) -> list[str]:
    line = LEAD.sub("", tidy_line(ADDRESS.sub(" ", byline)))
    line = TAIL.sub("", line)
    parts = [part for part in BETWEEN.split(line) if part]
    if len(parts) == 2 and all(" " not in part for part in parts) and "," in line:
        parts = [f"{parts[1]} {parts[0]}"]  # "Besson, Raphaël"
    return [name for part in parts if (name := _tidy_name(part))]


def _tidy_name(part: str) -> str:
    name = LEAD.sub("", part).strip(" ,.:*\"'«»")
    if not 2 <= len(name) <= MAX_NAME or name.casefold() in NOBODY:
        return ""
    if sum(letter.isdigit() for letter in name) > 2 or not any(map(str.isalpha, name)):
        return ""
    if len(name.split()) > 6:  # a sentence, not a name
        return ""
    if name.isupper() and " " in name:
        name = re.sub(r"[^\W\d_]+", lambda word: word[0].capitalize(), name)
    return name
