"""Keep at hand what the views ask: the searcher, the site, what was made of this index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from threading import Lock
from typing import Final

from flask import current_app, g

from indexer.errors import SearchIndexError
from indexer.messages import Translator, message
from indexer.model import Document, DocumentKind, Identity, Reference, hash_note, name_doi, name_id
from indexer.outline_file import OutlinesFolder
from indexer.outlines import OutlineNote, Outlines
from indexer.search import Example, Hit, MatchSpec, NearNote, Results, SimilarText, Suggestion
from search_web.site.help_examples import Lesson, choose_words, make_lessons
from search_web.site.params import MAX_VALUES, Ask
from search_web.site.protocols import CitationStyle, FindIdentity, Run, SearchService, Site

EXAMPLES: Final = 3
MOST_CITED: Final = 10_000
READ_AT_ONCE: Final = 500  # hits of an export that is given at once
READ_ON: Final = 2_000  # hits that are in memory of a longer one


@dataclass(frozen=True, slots=True)
class _Moment:
    """Hold the values computed from one state of the index."""

    state: str
    shelf: Outlines
    examples: tuple[Example, ...]
    lessons: dict[str, tuple[Lesson, ...]]  # by language, each made when it is first asked for
    cited: dict[tuple[str, str], tuple[Run, ...]]  # by text and style, at most MOST_CITED


class Library:
    """One for each application; safe to use from several threads."""

    def __init__(
        self,
        searcher: SearchService,
        site: Site,
        find_identity: FindIdentity = lambda name: None,
        outlines: OutlinesFolder | None = None,
    ) -> None:
        """Take who searches, what is set for the site, and who knows the names of before.

        `outlines` is where those of all texts are kept; without, they are for this process alone.
        """
        self.searcher = searcher
        self._outlines = outlines or OutlinesFolder()
        self.site = site
        self._find_identity = find_identity
        self._lock = Lock()
        self._moment: _Moment | None = None

    @property
    def state(self) -> str:
        """Name the state that pages depend on: the index, withdrawals, what may be shown."""
        shown = (self.site.show_archived, *sorted(self.site.shown_whole.items()))
        return f"{self.searcher.generation} {shown}"

    @property
    def shelf(self) -> Outlines:
        """The outlines of the documents, in the bibliography's order."""
        return self._now().shelf

    @property
    def examples(self) -> tuple[Example, ...]:
        """Queries that find something."""
        return self._now().examples

    def teach(self, say: Translator) -> tuple[Lesson, ...]:
        """Make the rows of the page of help whose example finds something, once a language."""
        now = self._now()
        lessons = now.lessons.get(say.language)
        if lessons is None:
            made = make_lessons(choose_words(now.shelf, now.examples), say)
            found = tuple(each for each in made if self.count(Ask(query_text=each.example)))
            lessons = now.lessons[say.language] = found or made
        return lessons

    def cite(self, reference: Reference, style: CitationStyle) -> tuple[Run, ...]:
        """Cite a reference, once a state of the index: APA takes 40 ms of CPU."""
        cited, key = self._now().cited, (reference.id, style.name)
        if key not in cited:
            if len(cited) >= MOST_CITED:
                cited.clear()
            cited[key] = tuple(style.cite(reference))
        return cited[key]

    def make_ready(self) -> None:
        """Do at once what the first request would wait for."""
        self._now()

    def ask(self, ask: Ask, *, extracts: bool = True) -> Results:
        """Ask the searcher what an address asks, of what may be shown.

        Sections by a heading alone, as addresses of before have them, are found by their paths.
        """
        ask = self.tell_sections(ask)
        note = self.find_note(self.find_note_id(ask.note_id)) if ask.note_id else None
        found = self.searcher.search(
            ask.query_text,
            page=ask.page,
            page_size=ask.page_size,
            sort=ask.sort,
            filters=ask.engine_filters(),
            only=(note.text_ids if note else ()) if ask.note_id else None,
            extracts=extracts,
            as_typed=ask.as_typed,
            by_meaning=not ask.words_only,
        )
        g.is_partial = found.is_partial or g.get("is_partial", False)
        return found

    def tell_sections(self, ask: Ask) -> Ask:
        """Give the whole paths of sections that an address of before names by a heading alone."""
        values = ask.filters.get("section", ())
        if not values:
            return ask
        paths: list[str] = []
        for value in values:
            known = self.shelf.find_sections(value)
            paths += [value] if value in known or not known else known
        filters = {**ask.filters, "section": tuple(dict.fromkeys(paths))[:MAX_VALUES]}
        return ask if filters == ask.filters else replace(ask, filters=filters)

    def find_first(self, ask: Ask, most: int) -> Results:
        """Find the first hits of all pages, at most so many, without passages."""
        return self.ask(replace(ask, page=1, page_size=most), extracts=False)

    def find_pages(self, ask: Ask) -> Iterator[Sequence[Hit]]:
        """Yield all hits of a search, without passages, so many at a time.

        Raises SearchIndexError where the index was swapped meanwhile: a list of two of its states
        would leave some out, or have what was withdrawn.
        """
        state = self.state
        first = self.ask(replace(ask, page=1, page_size=READ_AT_ONCE), extracts=False)
        _refuse_partial(first)
        yield first.hits
        # Each page is searched for anew, so that large ones follow.
        for page in range(1, -(-first.total // READ_ON) + 1):
            if first.total <= READ_AT_ONCE:
                return
            found = self.ask(replace(ask, page=page, page_size=READ_ON), extracts=False)
            _refuse_partial(found)
            if self.state != state:
                raise SearchIndexError(
                    message("error.cluster.changed"), hint=message("hint.ask-again")
                )
            hits = found.hits[READ_AT_ONCE:] if page == 1 else found.hits
            if hits:
                yield hits

    def read_match_spec(self, ask: Ask) -> MatchSpec:
        """Read what the search of an address looks for in a text; nothing, where that is empty."""
        return self.searcher.read_match_spec(ask.query_text, as_typed=ask.as_typed)

    def count(self, ask: Ask) -> int:
        """Count the documents that the search of an address finds: those that its words find."""
        return self.find_first(replace(ask, words_only=True), 1).total

    def knows_bibliography(self, title: str) -> bool:
        """Tell whether a text or a note is of the bibliography of a title."""
        found = self.searcher.search("", filters={"bibliography": (title,)}, page_size=1)
        return bool(found.total)

    def find_text(self, document_id: str) -> Document | None:
        """Find a cited text to show, article and all."""
        document = self.searcher.find_document(document_id)
        if document is None or document.kind is not DocumentKind.TEXT:
            return None
        return document

    def find_shown(self, document_id: str) -> Document | None:
        """Find a text or a note to show."""
        return self.searcher.find_document(document_id)

    def shows_whole(self, document: Document | None) -> bool:
        """Tell whether an archived text may be shown whole; None is one that is cited by nobody."""
        cited_by = document.bibliographies if document is not None else ()
        return self.site.whole_texts.are_shown(cited_by)

    def shows_whole_at(self, url: str) -> bool:
        """Tell whether what was captured at an address may be shown whole.

        As the text that it is the address of, or was before that left the bibliography; where it
        is of none, and so is where a visit was led, every bibliography has to let it be.
        """
        whole = self.site.whole_texts
        if not whole.by_bibliography:
            return whole.is_usual
        text = self.shelf.texts.get(self.find_text_id(url))
        if text is not None:
            return self.shows_whole(text)
        identity = self._find_identity(url)
        return whole.are_shown(identity.bibliographies if identity else ())

    def find_note(self, note_id: str) -> OutlineNote | None:
        """Find a note by its id, or by the one that it had before a text was withdrawn."""
        notes = self.shelf.notes
        return notes.get(note_id) or notes.get(hash_note(note_id))

    def find_text_id(self, name: str) -> str:
        """Find the id of the shown text that a name leads to: an older id, a DOI, an address.

        "" where it leads to none.
        """
        shelf = self.shelf
        known = (shelf.find_alias(each) for each in (name_id(name), name_doi(name)))
        found = next(filter(None, known), "")
        identity = None if found else self._find_identity(name)
        return found or (identity.id if identity and identity.id in shelf.texts else "")

    def find_note_id(self, name: str) -> str:
        """Find the id under which the note is shown that a name leads to; "" for none."""
        entry = self.find_note(name)
        if entry is None:
            shelf = self.shelf
            known = (shelf.find_alias(name_id(each)) for each in (name, hash_note(name)))
            found = next(filter(None, known), "")
            identity = None if found else self._find_identity(name)
            entry = self.find_note(found or (identity.id if identity else ""))
        return entry.note.id if entry else ""

    def find_gone(self, name: str, *, is_note: bool) -> Identity | None:
        """Find what a name led to that the bibliography has no more; None where it led nowhere."""
        identity = self._find_identity(name)
        if identity is None or not identity.gone_on or identity.is_note != is_note:
            return None
        return identity

    def find_similar(self, document_id: str, *, by_meaning: bool = True) -> tuple[SimilarText, ...]:
        """Find texts like that one, among those that may be shown; by words alone if need be."""
        found = self.searcher.similar(document_id, by_meaning=by_meaning)
        texts = self.shelf.texts
        return tuple(similar for similar in found if similar.id in texts)

    def find_near_notes(
        self, entry: OutlineNote, *, by_meaning: bool = True
    ) -> list[tuple[OutlineNote, NearNote]]:
        """Find notes like that one, among those that may be shown, with what they share."""
        asked = entry.text_ids or (entry.note.id,)
        found = self.searcher.near_notes(entry.note.id, asked, by_meaning=by_meaning)
        shown = ((self.find_note(near.id), near) for near in found)
        return [(other, near) for other, near in shown if other is not None]

    def suggest(self, prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """Ways to go on typing."""
        return tuple(self.searcher.suggest(prefix, limit=limit))

    def _now(self) -> _Moment:
        state = self.state
        with self._lock:
            now = self._moment
            if now is None or now.state != state or now.shelf.is_damaged:
                self._moment = now = self._make_moment(state, now.shelf if now else None)
            return now

    def _make_moment(self, state: str, before: Outlines | None) -> _Moment:
        def ask_again() -> Iterator[Example]:
            """Ask the examples again after a deletion: their texts may be gone.

            Those in the language of the site come first.
            """
            language = self.site.language
            for example in sorted(self.searcher.examples(), key=lambda e: e.language != language):
                found = self.searcher.search(example.query_text, page_size=1, extracts=False)
                if found.total:
                    yield replace(example, total=found.total)

        def read_state() -> str:
            return self.searcher.documents_state

        is_same = before and not before.is_damaged and before.state == read_state()
        return _Moment(
            state=state,
            shelf=before
            if before and is_same
            else self._outlines.open(read_state, self.searcher.outlines),
            examples=tuple(islice(ask_again(), EXAMPLES)),
            lessons={},
            cited={},
        )


def _refuse_partial(found: Results) -> None:
    """Raise SearchIndexError for an answer without a part of the index: no file can say it."""
    if found.is_partial:
        raise SearchIndexError(message("error.cluster.part"), hint=message("hint.ask-later"))


def the_library() -> Library:
    """Give the library of the application that answers."""
    library = current_app.extensions["library"]
    assert isinstance(library, Library)
    return library
