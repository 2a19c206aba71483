"""Write a Query back as somebody would type it; parsed again, it is the same."""

from indexer.search.fieldnames import TYPED_BY_FIELD
from indexer.search.query import All, Any, Bag, Fuzzy, In, Pattern, Phrase, Query, Range, Word


def render_query(query: Query) -> str:
    """The query in one line: "+« tiers lieux » (fablab OU hackerspace) -paris"."""
    match query:
        case Any(parts):
            return " OU ".join(_render_inside(part, is_in_any=True) for part in parts)
        case All(parts):
            return " ET ".join(_render_inside(part) for part in parts)
        case Bag(optional, required, excluded):
            return " ".join(
                [_render_part(part) for part in optional]
                + [f"+{_render_part(part)}" for part in required]
                + [f"-{_render_part(part)}" for part in excluded]
            )
        case _:
            return _render_part(query)


def _render_inside(query: Query, *, is_in_any: bool = False) -> str:
    """A part of ET or OU: only what binds less needs brackets."""
    if isinstance(query, Any) or (isinstance(query, All) and not is_in_any):
        return f"({render_query(query)})"
    return render_query(query)


def _render_part(query: Query) -> str:
    """A part of a bag, or what follows a field."""
    match query:
        case Word(text) | Pattern(text):
            return text
        case Fuzzy(text, distance):
            return f"{text}~{distance}" if distance != 1 else f"{text}~"
        case Phrase(text, slop):
            return f"« {text} »" + (f"~{slop}" if slop else "")
        case Range(low, high):
            return low if low == high else f"{low}..{high}"
        case In(field, inside):
            return f"{TYPED_BY_FIELD[field]}:{_render_part(inside)}"
        case Any() | All() | Bag():
            return f"({render_query(query)})"
