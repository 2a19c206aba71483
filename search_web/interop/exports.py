"""Give a search, a text or a note's texts as a file of references."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final

from flask import Blueprint, Response, abort, request, stream_with_context
from werkzeug.wrappers import Response as BaseResponse

from indexer.csv_tables import write_csv
from indexer.messages import open_translator
from indexer.model import Bibliography, Citation, Document, LinkState, Note, Reference
from indexer.search import Hit
from search_web.site.addresses import absolute, lead_to_text, linked_on, same_page
from search_web.site.languages import plain_url, the_translator
from search_web.site.params import parse_ask
from search_web.site.protocols import CitationStyle, Exporter, Run
from search_web.site.state import the_library

exports = Blueprint("exports", __name__)

_COLUMNS: Final = (
    "id",
    "title",
    "author",
    "publication",
    "date",
    "address",
    "link",
    "visited",
    "copied",
    "section",
    "notes",
    "page",
)


@exports.get("/recherche.<extension>")
def search(extension: str) -> Response:
    """Give all that a search finds, to the last, in a format."""
    exporter = find_exporter(extension)
    library = the_library()
    ask = parse_ask(request.args)
    shelf = library.shelf
    return send_found(
        library.find_pages(ask),
        lambda pages: exporter.write(shelf.find_texts(hit.id for hit in page) for page in pages),
        exporter.media_type,
        f"recherche.{exporter.extension}",
    )


def send_found(
    pages: Iterator[Sequence[Hit]],
    write: Callable[[Iterable[Sequence[Hit]]], Iterator[str]],
    media_type: str,
    name: str,
) -> Response:
    """Send as a file what is written of the pages of a search; `name` is ASCII.

    A file of more than a page is never whole in memory, however long, and is cut short where the
    index is swapped meanwhile.
    """
    first = next(pages, ())  # what is wrong with it is a page of ours still
    second = next(pages, None)
    if second is None:
        return attach("".join(write([first])), media_type, name)
    pieces = write(chain((first, second), pages))
    return attach(stream_with_context(pieces), media_type, name)


@exports.get("/textes/<document_id>.<extension>")
def text(document_id: str, extension: str) -> BaseResponse:
    """Give one reference in a format."""
    style = next((s for s in the_library().site.styles if document_id.endswith(f".{s.name}")), None)
    if style is not None and extension == "txt":
        return _text_in_style(document_id.removesuffix(f".{style.name}"), style)
    exporter = find_exporter(extension)
    document = the_library().shelf.texts.get(document_id)
    if document is None:
        return lead_to_text(document_id, lambda found: same_page(document_id=found))
    name = f"{document_id}.{exporter.extension}"
    return attach(exporter.render([document]), exporter.media_type, name)


def _text_in_style(document_id: str, style: CitationStyle) -> BaseResponse:
    """Give one reference as people cite it, on a line of plain text."""
    document = the_library().shelf.texts.get(document_id)
    if document is None:
        return lead_to_text(document_id, lambda i: same_page(document_id=f"{i}.{style.name}"))
    if document.reference is None:
        abort(404)
    words = "".join(text for text, _ in cite_text(document, style))
    return Response(f"{words}\n", content_type="text/plain; charset=utf-8")


def cite_text(document: Document, style: CitationStyle) -> tuple[Run, ...]:
    """Cite a text, with the day when it was consulted, and our copy where its link is dead.

    The reference of the text must be there. In French, whatever the language of the page.
    """
    written = document.reference
    assert written is not None
    is_said = written.url_from in ("doi", "isbn")
    url = None if is_said else written.url
    cited = replace(
        written,
        type="webpage" if written.type == "document" and url else written.type,
        url=url,
        accessed=linked_on(document) if url else "",
    )
    runs = the_library().cite(cited, style)
    if document.link.state is not LinkState.DEAD:
        return runs
    copy = _copy_address(document)
    if not copy:
        return runs
    say = open_translator("fr")
    said = say("page.reference.copy-kept", address=copy, day=document.captured_at or "")
    if document.captured_at is None or written.archive_url:
        said = say("page.reference.copy-at", address=copy)
    return (*runs, (f" {said}", False))


def _copy_address(document: Document) -> str:
    """Give where a copy can be read: what the bibliography says, else our page."""
    kept = document.reference.archive_url if document.reference else None
    if kept or document.captured_at is None:
        return kept or ""
    return absolute(the_library().site, plain_url("pages.text", document_id=document.id))


def export_by(
    write: Callable[[Iterable[Bibliography]], Iterator[str]],
    *,
    label: str,
    extension: str,
    media_type: str,
    unapi_name: str = "",
    is_offered: bool,
) -> Exporter:
    """Make an exporter of what writes parts of a bibliography as one file of a format."""

    def write_texts(parts: Iterable[Sequence[Document]]) -> Iterator[str]:
        return write(map(gather_shown, parts))

    return Exporter(
        label=label,
        extension=extension,
        media_type=media_type,
        unapi_name=unapi_name,
        is_offered=is_offered,
        write=write_texts,
    )


def gather_shown(documents: Sequence[Document]) -> Bibliography:
    """Make a bibliography of texts and the notes about them, with the addresses of our copies."""
    site = the_library().site
    copies = {
        document.id: absolute(site, plain_url("pages.text", document_id=document.id))
        for document in documents
        if document.captured_at is not None
    }
    return gather(documents, copies)


def gather(documents: Sequence[Document], copies: Mapping[str, str]) -> Bibliography:
    """Make a bibliography of the texts and the notes about them.

    `copies` are the addresses of our copies, by id; the bibliography's own mementos go first.
    """
    notes: dict[str, Note] = {}
    references: list[Reference] = []
    citations: list[Citation] = []
    for document in documents:
        if document.reference is None:
            continue
        written = document.reference
        # What has an address and no better name is a web page to whoever imports it.
        kind = "webpage" if written.type == "document" and written.url else written.type
        archive_url = written.archive_url or copies.get(document.id)
        references.append(replace(written, type=kind, archive_url=archive_url))
        for note in document.notes:
            notes[note.id] = Note(id=note.id, text=note.text, section=note.section)
            citations.append(Citation(note_id=note.id, reference_id=document.id))
    return Bibliography(
        references=tuple(references), notes=tuple(notes.values()), citations=tuple(citations)
    )


def _write_table(parts: Iterable[Sequence[Document]]) -> Iterator[str]:
    site, say = the_library().site, the_translator()
    rows = (
        [
            document.id,
            document.title,
            document.author,
            document.container_title,
            document.issued,
            document.url or "",
            say(document.link.state.said) if document.url else "",
            document.link.checked_at.date().isoformat() if document.link.checked_at else "",
            document.captured_at.date().isoformat() if document.captured_at else "",
            " › ".join(document.section),
            "\n\n".join(note.text for note in document.notes),
            absolute(site, plain_url("pages.text", document_id=document.id)),
        ]
        for document in chain.from_iterable(parts)
    )
    return write_csv(chain([[say(f"page.column.{name}") for name in _COLUMNS]], rows))


CSV: Final = Exporter(label="CSV", extension="csv", media_type="text/csv", write=_write_table)


def find_exporter(extension: str) -> Exporter:
    """Find the format of an extension. Raises NotFound."""
    exporters = (*the_library().site.exporters, CSV)
    exporter = next((each for each in exporters if each.extension == extension), None)
    if exporter is None:
        abort(404)
    return exporter


def attach(body: str | Iterator[str], media_type: str, name: str) -> Response:
    """Answer with a file to keep; `name` is ASCII."""
    response = Response(body, content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
