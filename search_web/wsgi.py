"""Open the index that the settings name and make the application: for any WSGI server.

    waitress-serve --call search_web.wsgi:open_app

This is the only module of the pages that opens anything.
"""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from flask import Flask

from indexer.archive import open_catalogue
from indexer.bibliography.exports import MEDIA_TYPES, render
from indexer.engines import open_searcher
from indexer.links.history import open_history
from indexer.pipeline.linkbook import LinkBook
from indexer.settings import Settings, read_settings
from search_web import Site, create_app
from search_web.exports import export_by

EXPORTERS: Final = tuple(
    export_by(
        partial(render, format=name),
        label=label,
        extension=extension,
        media_type=MEDIA_TYPES[name],
        unapi_name=unapi_name,
    )
    for name, label, extension, unapi_name in (
        ("ris", "RIS", "ris", "ris"),
        ("bibtex", "BibTeX", "bib", "bibtex"),
        ("csl-json", "CSL-JSON", "json", ""),
    )
)
# A line a text, its id or its address; see `withdrawals`.
WITHDRAWN: Final = "withdrawn.txt"


def open_app(settings: Settings | None = None) -> Flask:
    """Open the searcher and make the application; without `settings`, they are read."""
    settings = settings or read_settings(environ=os.environ)
    return create_app(
        open_searcher(settings.index),
        make_site(settings),
        withdrawn=settings.corpus / WITHDRAWN,
        linkbook=open_linkbook(settings),
    )


def open_linkbook(settings: Settings) -> LinkBook | None:
    """Open what the page *Liens* reads; None as long as nothing was ever visited."""
    if not settings.catalogue.is_file():
        return None
    return LinkBook(
        settings.bibliography,
        open_catalogue(settings.catalogue),
        open_history(settings.catalogue),
        base_url=settings.base_url.rstrip("/"),
    )


def make_site(settings: Settings) -> Site:
    """Say how the site presents itself under these settings."""
    return Site(
        base_url=settings.base_url.rstrip("/"),
        show_archived="full" if settings.show_archived == "full" else "extracts",
        contact=settings.contact,
        rate_limit=settings.rate_limit,
        exporters=EXPORTERS,
    )


def open_settings(corpus: Path | None, *, show_archived: str = "") -> Settings:
    """Read the settings; what the command line says comes last."""
    settings = read_settings(environ=os.environ, corpus=corpus)
    return replace(settings, show_archived=show_archived) if show_archived else settings
