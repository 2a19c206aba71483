"""Join what is known of one cited text into the Document that is indexed and shown.

The bibliography's word goes before the page's own: a person wrote it on purpose.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from indexer.disk import seal_row
from indexer.model import (
    Article,
    Bibliography,
    Capture,
    CitingNote,
    Document,
    DocumentKind,
    LinkHealth,
    Note,
    PageKind,
    Reference,
)
from indexer.urls import redact_url

# Only these pages hold the text that was cited; a consent wall is not what somebody quotes.
_WITH_TEXT = frozenset({PageKind.ARTICLE, PageKind.STUB, PageKind.PAYWALL})


def build_documents(
    bibliography: Bibliography,
    articles: Mapping[str, Article],
    captures: Mapping[str, Capture],
    links: Mapping[str, LinkHealth],
    *,
    only: Collection[str] | None = None,
) -> Iterator[Document]:
    """Yield a Document for every reference, then for every note that cites none.

    The three mappings are keyed by the id of a reference; what is not there is not known yet.
    `only` names the documents that are wanted; None: all of them.
    """
    for key, reference, notes in _list_sources(bibliography):
        if only is not None and key not in only:
            continue
        if reference is None:
            yield describe_note(_cite(notes[0], bibliography.bibliography_of))
            continue
        yield _describe_text(
            _redact(reference),
            article=articles.get(reference.id),
            capture=captures.get(reference.id),
            link=links.get(reference.id, LinkHealth()),
            notes=notes,
            bibliography_of=bibliography.bibliography_of,
        )


def list_stamps(bibliography: Bibliography) -> Iterator[tuple[str, Reference | None, str]]:
    """Give the id of each document, in order, and what changes whenever its bibliography's part.

    Beside: the reference; None of a note that cites none.
    """
    bibliography_of = bibliography.bibliography_of
    for key, reference, notes in _list_sources(bibliography):
        paths = [note.place.path for note in notes if note.place]
        if reference is not None:
            paths += reference.cited_in
        within = [bibliography_of.get(path, "") for path in paths]
        yield key, reference, seal_row(repr(reference), repr(notes), repr(within))


def _list_sources(bibliography: Bibliography) -> Iterator[tuple[str, Reference | None, list[Note]]]:
    """List what each document is made of: a reference and its notes, or a note that cites none."""
    notes = {note.id: note for note in bibliography.notes}
    citing: dict[str, list[Note]] = {}
    cited_by_some = set()
    for citation in bibliography.citations:
        note = notes.get(citation.note_id)
        if note is not None:
            citing.setdefault(citation.reference_id, []).append(note)
            cited_by_some.add(note.id)
    for reference in bibliography.references:
        yield reference.id, reference, citing.get(reference.id, [])
    for note in bibliography.notes:
        if note.id not in cited_by_some:
            yield note.id, None, [note]


def _redact(reference: Reference) -> Reference:
    """Take the credentials that its address may hold off a reference: documents are shown."""
    url = redact_url(reference.url) if reference.url else reference.url
    return replace(reference, url=url, raw=redact_url(reference.raw))


def _describe_text(
    reference: Reference,
    *,
    article: Article | None,
    capture: Capture | None,
    link: LinkHealth,
    notes: list[Note],
    bibliography_of: Mapping[str, str],
) -> Document:
    has_text = article is not None and article.kind in _WITH_TEXT
    page = article if article is not None and has_text else None
    return Document(
        id=reference.id,
        kind=DocumentKind.TEXT,
        title=reference.title or (page.title if page else "") or reference.url or reference.id,
        author=reference.authors or (", ".join(page.author) if page else ""),
        container_title=reference.container_title or (page.site_name if page else ""),
        issued=reference.issued or (page.issued if page else ""),
        url=reference.url,
        site=_site(reference.url),
        section=reference.section,
        bibliographies=_list_bibliographies(reference, notes, bibliography_of),
        language=((page.language if page else "") or reference.language or "fr")[:2].lower(),
        paragraphs=page.paragraphs if page else (),
        notes=tuple(_cite(note, bibliography_of) for note in notes),
        reference=reference,
        article_kind=article.kind if article else None,
        captured_at=capture.captured_at if capture else None,
        record_id=capture.record_id if capture else "",
        link=link,
    )


def _list_bibliographies(
    reference: Reference, notes: Iterable[Note], bibliography_of: Mapping[str, str]
) -> tuple[str, ...]:
    """List the bibliographies that cite a text, or hold a note on it, in their order."""
    paths = (*reference.cited_in, *(note.place.path for note in notes if note.place))
    return tuple(dict.fromkeys(bibliography_of[path] for path in paths if path in bibliography_of))


def describe_note(note: CitingNote) -> Document:
    """Make the document of a note that cites no text."""
    title = note.section[-1] if note.section else note.text.split("\n", 1)[0][:80]
    return Document(
        id=note.id,
        kind=DocumentKind.NOTE,
        title=title,
        section=note.section,
        bibliographies=(note.bibliography,) if note.bibliography else (),
        notes=(note,),
    )


def _cite(note: Note, bibliography_of: Mapping[str, str]) -> CitingNote:
    return CitingNote(
        id=note.id,
        text=note.text,
        section=note.section,
        place=note.place,
        bibliography=bibliography_of.get(note.place.path, "") if note.place else "",
        aliases=note.aliases,
    )


def _site(url: str | None) -> str:
    """Find the host of a URL without "www.", or "" when it has none."""
    if not url:
        return ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # "http://[": not even an address
        return ""
    return host.removeprefix("www.")
