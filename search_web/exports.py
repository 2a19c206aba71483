"""Give a search, a text or a note's texts as a file of references."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from flask import Blueprint, Response, abort, request, url_for

from indexer.model import Document
from search_web.addresses import absolute
from search_web.faces import Exporter
from search_web.library import the_library
from search_web.params import MAX_WINDOW, parse_ask

exports = Blueprint("exports", __name__)

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = (
    "identifiant",
    "titre",
    "auteur",
    "publication",
    "date",
    "adresse",
    "état du lien",
    "visité le",
    "copie du",
    "section",
    "notes",
    "page",
)


@exports.get("/recherche.<extension>")
def search(extension: str) -> Response:
    """Give all that a search finds, up to a bound, in a format."""
    exporter = _find_exporter(extension)
    library = the_library()
    hits, _ = library.find_first(parse_ask(request.args), MAX_WINDOW)
    texts = library.shelf.texts
    documents = [texts[hit.id] for hit in hits if hit.id in texts]
    return attach(
        exporter.render(documents), exporter.media_type, f"recherche.{exporter.extension}"
    )


@exports.get("/textes/<document_id>.<extension>")
def text(document_id: str, extension: str) -> Response:
    """Give one reference in a format."""
    exporter = _find_exporter(extension)
    document = the_library().shelf.texts.get(document_id)
    if document is None:
        abort(404)
    name = f"{document_id}.{exporter.extension}"
    return attach(exporter.render([document]), exporter.media_type, name)


def render_csv(rows: Iterable[Sequence[str]]) -> str:
    """Write rows as a French Excel opens them: semicolons, a byte order mark, no formulas."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def _render_documents(documents: Sequence[Document]) -> str:
    site = the_library().site
    rows = [
        (
            document.id,
            document.title,
            document.author,
            document.container_title,
            document.issued,
            document.url or "",
            document.link.state.value if document.url else "",
            document.link.checked_at.date().isoformat() if document.link.checked_at else "",
            document.captured_at.date().isoformat() if document.captured_at else "",
            " › ".join(document.section),
            "\n\n".join(note.text for note in document.notes),
            absolute(site, url_for("pages.text", document_id=document.id)),
        )
        for document in documents
    ]
    return render_csv([_COLUMNS, *rows])


CSV: Final = Exporter(label="CSV", extension="csv", media_type="text/csv", render=_render_documents)


def _find_exporter(extension: str) -> Exporter:
    exporters = (*the_library().site.exporters, CSV)
    exporter = next((each for each in exporters if each.extension == extension), None)
    if exporter is None:
        abort(404)
    return exporter


def attach(body: str, media_type: str, name: str) -> Response:
    """Answer with a file to keep; `name` is ASCII."""
    response = Response(body, content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
