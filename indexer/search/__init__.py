"""Here is what somebody typed; give me a Query. Here is a text; show me why it was found.

All that the web may import of the indexer: `parse_query`, `render_query`, the values of
`results`.
"""

from indexer.search.parsing import parse_query
from indexer.search.query import Query
from indexer.search.rendering import render_query
from indexer.search.results import (
    FacetValue,
    Hit,
    Mention,
    Results,
    Snippet,
    Span,
    TermCount,
)

__all__ = [
    "FacetValue",
    "Hit",
    "Mention",
    "Query",
    "Results",
    "Snippet",
    "Span",
    "TermCount",
    "parse_query",
    "render_query",
]
