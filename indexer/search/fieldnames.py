"""The names of fields and of values as people type them, in French and in English."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# canonical name -> names that may be typed; the first is the one written back
_NAMES: Final = {
    "title": ("titre", "title", "intitle"),
    "author": ("auteur", "autrice", "auteure", "author"),
    "text": ("texte", "text"),
    "note": ("note", "notes"),
    "section": ("section", "rubrique"),
    "site": ("site", "domaine"),
    "bibliography": ("bibliographie", "bibliography", "biblio"),
    "year": ("année", "annee", "an", "year", "date"),
    "language": ("langue", "language", "lang"),
    "kind": ("type", "kind"),
    "link": ("lien", "link"),
    "keyword": ("mot", "tag", "motclé", "motcle", "keyword", "sujet", "subject"),
}
FIELD_BY_TYPED: Final = MappingProxyType(
    {typed: name for name, all_typed in _NAMES.items() for typed in all_typed}
)
LONGEST_NAME: Final = max(map(len, FIELD_BY_TYPED))  # characters
TYPED_BY_FIELD: Final = MappingProxyType({name: typed[0] for name, typed in _NAMES.items()})
# field -> value that is indexed -> names that may be typed for it, beside the value itself
_VALUE_NAMES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "link": {
        "alive": ("vivant",),
        "moved": ("déplacé", "deplace"),
        "blocked": ("bloqué", "bloque"),
        "sick": ("malade", "ailing"),
        "dead": ("mort",),
        "never-visited": ("jamais visité", "never visited", "inconnu"),
    },
    "kind": {"text": ("texte", "texte cité"), "note": ("note seule",)},
    "language": {
        "fr": ("français", "french"),
        "en": ("anglais", "english"),
        "es": ("espagnol", "spanish"),
        "de": ("allemand", "german"),
        "it": ("italien", "italian"),
        "pt": ("portugais", "portuguese"),
    },
}
ENGLISH_BY_FIELD: Final = MappingProxyType(
    {name: next(each for each in typed if each == name) for name, typed in _NAMES.items()}
)
WITH_RANGES: Final = frozenset({"year"})


def list_value_names(name: str, value: str) -> tuple[str, ...]:
    """Give what may be typed for a value of a field: itself, and its names in both languages."""
    return (value, *_VALUE_NAMES.get(name, {}).get(value, ()))


def read_value(name: str, typed: str) -> str:
    """Give the value that is indexed of what was typed or stood in an address; else as typed."""
    return _VALUE_BY_TYPED.get((name, typed.casefold()), typed)


def read_site(typed: str) -> str:
    """Give the host of a site, as it is indexed, of what was typed or pasted: "www." aside.

    "https://www.Exemple.test:8080/page" gives "exemple.test"; a part of a host stays that.
    """
    host = _HOST.match(typed.strip())
    return host[1].lower() if host is not None else typed


_HOST: Final = re.compile(
    r"(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/?#@]*@)?(?:www\.(?=[^/?#:]))?([^/?#:]+)", re.IGNORECASE
)
_VALUE_BY_TYPED: Final = MappingProxyType(
    {
        (name, typed): value
        for name, values in _VALUE_NAMES.items()
        for value, all_typed in values.items()
        for typed in all_typed
    }
)
