"""The protocol of a searcher that pages read from, and the settings of a site."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, Protocol

from indexer.model import Capture, Document, Identity, Reference, WholeTexts
from indexer.search import Example, MatchSpec, NearNote, Results, SimilarText, Suggestion

FindCaptures = Callable[[str], Sequence[Capture]]  # by URL, oldest first
# What a name of a text or a note leads to, cited still or not; None for what is not to be told.
FindIdentity = Callable[[str], Identity | None]
Sort = Literal["relevance", "date"]
Filters = Mapping[str, Sequence[str]]
NO_FILTERS: Final[Filters] = MappingProxyType({})


class SearchService(Protocol):
    """Read-only, and safe to ask from several threads at once."""

    @property
    def generation(self) -> str:
        """Name the state of the index: another value after each change."""
        ...

    @property
    def documents_state(self) -> str:
        """Name the state of the documents: `generation` without what is said of words alone."""
        ...

    def search(
        self,
        query_text: str,
        *,
        page: int = 1,
        page_size: int = 10,
        sort: str = "relevance",
        filters: Filters = NO_FILTERS,
        only: Collection[str] | None = None,
        extracts: bool = True,
        as_typed: bool = False,
        by_meaning: bool = False,
    ) -> Results:
        """Answer whatever somebody typed; never raises for what was typed.

        `only` names the documents to look among. Without `extracts` no passage is cut.
        `as_typed` searches unknown words and none instead. `by_meaning` uses the meaning of texts
        beside their words, where the site has it.
        """
        ...

    def read_match_spec(self, query_text: str, *, as_typed: bool = False) -> MatchSpec:
        """Read what a query looks for in a text: what may be marked there."""
        ...

    def find_document(self, document_id: str) -> Document | None:
        """Find the document of that id."""
        ...

    def outlines(self) -> Iterable[Document]:
        """Give every document without its paragraphs, in the bibliography's order."""
        ...

    def examples(self) -> Sequence[Example]:
        """Give queries that found something when the index was written."""
        ...

    def suggest(self, prefix: str, *, limit: int = 8) -> Sequence[Suggestion]:
        """Give ways to go on typing, best first."""
        ...

    def similar(
        self, document_id: str, *, limit: int = 5, by_meaning: bool = False
    ) -> Sequence[SimilarText]:
        """Give texts like this one, the likest first, with what they share.

        `by_meaning` gives those near in meaning too, where the site uses that.
        """
        ...

    def near_notes(
        self, note_id: str, document_ids: Sequence[str], *, limit: int = 5, by_meaning: bool = False
    ) -> Sequence[NearNote]:
        """Give notes like one, the likest first, with the words that they share.

        `document_ids` are the texts that the note cites, or its own id. `by_meaning` gives those
        whose texts are near in meaning too, where the site uses that.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """A format of references: what it is called and who writes it."""

    label: str  # as a reader knows it: "BibTeX"
    extension: str  # "bib"
    media_type: str
    write: Callable[[Iterable[Sequence[Document]]], Iterator[str]]  # some texts at a time
    unapi_name: str = ""  # what Zotero asks for: "ris", "bibtex"
    is_offered: bool = True  # linked beside texts and searches; every format has its address

    def render(self, documents: Sequence[Document]) -> str:
        """Write a file of some texts, whole."""
        return "".join(self.write([documents]))


Run = tuple[str, bool]  # some words, and whether they are in italics


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationStyle:
    """A way to cite: what it is called and who writes a reference so, in French."""

    name: str  # in addresses: "iso690"
    label: str  # as a reader knows it: "ISO 690"
    cite: Callable[[Reference], Sequence[Run]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Hold how a site presents itself, and what it may show."""

    name: str = "renvois"
    base_url: str = ""  # "https://example.org/biblio", without a slash at the end
    language: str = "fr"  # of who neither asks for one nor has a browser that does
    show_archived: Literal["extracts", "full"] = "extracts"
    # Of a bibliography, by its title, where it says something else: whether texts are shown whole.
    shown_whole: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    contact: str = ""
    about: str = ""  # Markdown, for the first page
    legal: str = ""  # Markdown, for the page of legal notice
    trusted_hosts: tuple[str, ...] = ()  # names it may be asked under; none: under any
    trusted_proxies: int = 0  # how many proxies in a row tell who asks (X-Forwarded-For…)
    rate_limit: int = 0  # requests a minute from one address; 0: no limit
    exporters: tuple[Exporter, ...] = field(default=())
    # Under which rights a bibliography is given, by its title.
    rights: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    styles: tuple[CitationStyle, ...] = field(default=())  # the first unless a reader chooses

    @property
    def origin(self) -> str:
        """The scheme and the host of the public address; "" without one."""
        return "/".join(self.base_url.split("/", 3)[:3])

    @property
    def root(self) -> str:
        """The path that the site stands under: "/biblio"; "" at the root of its host."""
        return self.base_url.removeprefix(self.origin)

    @property
    def whole_texts(self) -> WholeTexts:
        """Which archived texts may be shown whole."""
        return WholeTexts(is_usual=self.show_archived == "full", by_bibliography=self.shown_whole)
