"""Here is what somebody typed; give me a Query. Here is a text; show me why it was found.

All that the web may import of the indexer, beside the values of `model`: queries, marks and
passages, the values of `results`.
"""

from indexer.search.match_spec import MatchSpec, build_match_spec
from indexer.search.parsing import parse_query
from indexer.search.query import Query
from indexer.search.rendering import render_query
from indexer.search.results import (
    Example,
    FacetValue,
    FieldMatch,
    Hit,
    Mention,
    NearNote,
    Results,
    SimilarText,
    Snippet,
    Span,
    Suggestion,
    TermCount,
)
from indexer.search.snippets import find_marks, make_snippets
from indexer.search.synonyms import OwnWord

__all__ = [
    "Example",
    "FacetValue",
    "FieldMatch",
    "Hit",
    "MatchSpec",
    "Mention",
    "NearNote",
    "OwnWord",
    "Query",
    "Results",
    "SimilarText",
    "Snippet",
    "Span",
    "Suggestion",
    "TermCount",
    "build_match_spec",
    "find_marks",
    "make_snippets",
    "parse_query",
    "render_query",
]
