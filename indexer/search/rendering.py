"""Write a Query back as somebody would type it; parsed again, it is the same."""

from typing import Final

from indexer.search.fieldnames import ENGLISH_BY_FIELD, TYPED_BY_FIELD
from indexer.search.lexing import holds_reference
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word

# Each language's names of fields, its OR and AND, and its quotation marks; all are read.
_WORDS: Final = {
    "fr": (TYPED_BY_FIELD, " OU ", " ET ", "« {} »"),
    "en": (ENGLISH_BY_FIELD, " OR ", " AND ", '"{}"'),
}


def render_query(query: Query, language: str = "fr") -> str:
    """Write a query in one line: "+« tiers lieux » (fablab OU hackerspace) -paris".

    `language` chooses the names of operators and fields: "fr" or "en".
    """
    _, either, both, _ = _WORDS[language]
    match query:
        case Any(parts):
            return either.join(_render_inside(part, language, is_in_any=True) for part in parts)
        case All(parts):
            return both.join(_render_inside(part, language) for part in parts)
        case Bag(optional, required, excluded):
            return _join(
                [_render_part(part, language) for part in optional]
                + [f"+{_render_part(part, language)}" for part in required]
                + [f"-{_render_part(part, language)}" for part in excluded]
            )
        case _:
            return _render_part(query, language)


def _join(parts: list[str]) -> str:
    """Put parts side by side; a comma keeps apart what would be read as one: "L, 12"."""
    joined = ""
    for part in parts:
        is_one = joined and holds_reference(f"{joined.split()[-1]} {part.split()[0]}")
        joined += f"{',' if is_one else ''} {part}" if joined else part
    return joined


def _render_inside(query: Query, language: str, *, is_in_any: bool = False) -> str:
    """Write a part of ET or OU: only what binds less needs brackets."""
    if isinstance(query, Any) or (isinstance(query, All) and not is_in_any):
        return f"({render_query(query, language)})"
    return render_query(query, language)


def _render_part(query: Query, language: str) -> str:
    """Write a part of a bag, or what follows a field."""
    fields, _, _, quoted = _WORDS[language]
    match query:
        case Word(text) | Pattern(text):
            return text
        case Fuzzy(text, distance):
            return f"{text}~{distance}" if distance != 1 else f"{text}~"
        case Phrase(text, slop):
            return quoted.format(text) + (f"~{slop}" if slop else "")
        case Range(low, high):
            return low if low == high else f"{low}..{high}"
        case In(field, inside):
            return f"{fields[field]}:{_render_part(inside, language)}"
        case Any() | All() | Bag():
            return f"({render_query(query, language)})"
