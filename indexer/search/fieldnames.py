"""The names of fields as people type them, in French and in English: one table."""

from types import MappingProxyType
from typing import Final

# canonical name -> names that may be typed; the first is the one written back
_NAMES: Final = {
    "title": ("titre", "title", "intitle"),
    "author": ("auteur", "autrice", "auteure", "author"),
    "text": ("texte", "text"),
    "note": ("note", "notes"),
    "section": ("rubrique", "section"),
    "site": ("site", "domaine"),
    "year": ("année", "annee", "an", "year", "date"),
    "language": ("langue", "language", "lang"),
    "kind": ("type", "kind"),
    "link": ("lien", "link"),
}
FIELD_BY_TYPED: Final = MappingProxyType(
    {typed: name for name, all_typed in _NAMES.items() for typed in all_typed}
)
TYPED_BY_FIELD: Final = MappingProxyType({name: typed[0] for name, typed in _NAMES.items()})
WITH_RANGES: Final = frozenset({"year"})
