"""Keep at hand what the views ask: the searcher, the site, what was made of this index."""

from dataclasses import dataclass
from threading import Lock

from flask import current_app

from indexer.search.results import Results, Suggestion
from search_web.examples import Example, find_examples
from search_web.faces import Searcher, Site
from search_web.params import Ask
from search_web.shelf import Shelf, stand


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was made of one generation of the index."""

    generation: str
    shelf: Shelf
    examples: tuple[Example, ...]


class Library:
    """One for each application; safe to use from several threads."""

    def __init__(self, searcher: Searcher, site: Site) -> None:
        self.searcher = searcher
        self.site = site
        self._lock = Lock()
        self._moment: _Moment | None = None

    @property
    def shelf(self) -> Shelf:
        """The documents in the bibliography's order."""
        return self._now().shelf

    @property
    def examples(self) -> tuple[Example, ...]:
        """Queries that find something."""
        return self._now().examples

    def ask(self, ask: Ask) -> Results:
        """Ask the searcher what an address asks."""
        return self.searcher.search(
            ask.query_text,
            page=ask.page,
            page_size=ask.page_size,
            sort=ask.sort,
            filters=ask.engine_filters(),
        )

    def count(self, ask: Ask) -> int:
        """How many documents an address would find."""
        found = self.searcher.search(ask.query_text, page_size=1, filters=ask.engine_filters())
        return found.total

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Ways to go on typing."""
        return tuple(self.searcher.suggest(prefix, limit=limit))

    def _now(self) -> _Moment:
        generation = self.searcher.generation
        with self._lock:
            if self._moment is None or self._moment.generation != generation:
                shelf = stand(self.searcher.documents())
                examples = find_examples(self.searcher, shelf)
                self._moment = _Moment(generation, shelf, examples)
            return self._moment


def the_library() -> Library:
    """Give the library of the application that answers."""
    library = current_app.extensions["library"]
    assert isinstance(library, Library)
    return library
