"""Here is what somebody typed; give me a Query. Here is a text; show me why it was found.

All that the web may import of the indexer, beside the values of `model`: queries, marks and
passages, the values of `results`.
"""

from indexer.search.parsing import parse_query
from indexer.search.query import Query
from indexer.search.rendering import render_query
from indexer.search.results import (
    Example,
    FacetValue,
    FieldMatch,
    Hit,
    Mention,
    Results,
    SimilarText,
    Snippet,
    Span,
    Suggestion,
    TermCount,
)
from indexer.search.snippets import find_marks, make_snippets
from indexer.search.synonyms import OwnWord
from indexer.search.wanted import Wanted, collect_wanted

__all__ = [
    "Example",
    "FacetValue",
    "FieldMatch",
    "Hit",
    "Mention",
    "OwnWord",
    "Query",
    "Results",
    "SimilarText",
    "Snippet",
    "Span",
    "Suggestion",
    "TermCount",
    "Wanted",
    "collect_wanted",
    "find_marks",
    "make_snippets",
    "parse_query",
    "render_query",
]
