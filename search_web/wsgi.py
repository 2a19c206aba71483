"""Open the index that the settings name and make the application: for any WSGI server.

    waitress-serve --call search_web.wsgi:open_app

This is the only module of the pages that opens anything.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response

from indexer.archive import Catalogue, open_archive, open_catalogue
from indexer.bibliography.formats import FORMATS
from indexer.bibliography.formats.styled import STYLES, cite
from indexer.corpus import Corpus, find_synonyms, find_withdrawals, read_identified
from indexer.crawl import read_now
from indexer.engines import find_indexed
from indexer.identities import RegisterFile, read_names
from indexer.links.history import open_history
from indexer.messages import Message, Translator, open_translator
from indexer.model import BY_BROWSER, Bibliography, Capture, Identity, Problem, name_id
from indexer.notify import Notice
from indexer.outline_file import OutlinesFolder
from indexer.pipeline.link_report_cache import LinkReportCache
from indexer.pipeline.mementos import MementoArchive, follow_withdrawals
from indexer.search.synonyms import SynonymFile
from indexer.settings import Settings, read_settings
from indexer.urls import urlkey
from indexer.watch import describe_status, open_journal_to_read, read_status
from indexer.wiring import open_searcher
from indexer.withdrawals import (
    WithdrawalFiles,
    choose_shown,
    list_files,
    read_pending,
)
from search_web import Site, Sources, create_app
from search_web.interop.exports import export_by
from search_web.interop.oai import EARLIEST, GivenTexts
from search_web.site.headers import RateTable
from search_web.site.protocols import CitationStyle

EXPORTERS: Final = tuple(
    export_by(
        each.write,
        label=each.label,
        extension=each.extensions[0],
        media_type=each.media_type,
        unapi_name=each.unapi_name,
        is_offered=each.is_offered,
    )
    for each in FORMATS.values()
)

CITATION_STYLES: Final = tuple(
    CitationStyle(name=name, label=label, cite=partial(cite, style=name))
    for name, (label, _) in STYLES.items()
)


def open_app(
    settings: Settings | None = None,
    *,
    trusted_hosts: Sequence[str] = (),
    rates: RateTable | None = None,
) -> Flask:
    """Open the searcher and make the application; without `settings`, they are read.

    An index that is damaged does not keep the site from starting: it answers 503 until the index
    has been built again. `trusted_hosts` are the names under which it may be asked; without any,
    under all. `rates` is where processes that answer together count who asks how much.
    Close it with `close_app`, or leave that to the end of the process.
    """
    settings = settings or read_settings(environ=os.environ)
    with ExitStack() as opened:
        withdrawals = find_withdrawals(settings)
        searcher = opened.enter_context(closing(open_searcher(settings, waits=True)))
        sources = Sources(
            find_status=partial(find_status, settings, None),
            list_notices=partial(list_notices, settings, None),
            outlines=OutlinesFolder(settings.outlines),
            rates=rates,
        )
        book = None
        if settings.catalogue_place.exists():  # something was visited
            catalogue = open_catalogue(settings.catalogue_place)
            book = opened.enter_context(
                closing(open_link_reports(settings, catalogue, withdrawals))
            )
            register = opened.enter_context(closing(RegisterFile(settings.catalogue_place)))
            mementos = MementoArchive(catalogue, book.corpus.archive, register, withdrawals)
            sources = replace(
                sources,
                link_reports=book,
                find_captures=partial(_find_captures, catalogue),
                find_identity=ToldIdentities(register, withdrawals).find,
                mementos=mementos,
                find_status=partial(find_status, settings, catalogue),
                list_notices=partial(list_notices, settings, mementos),
                list_given=GivenIds(settings, register).list,
            )
        app = create_app(searcher, make_site(settings, trusted_hosts), sources)
        if book is not None:
            tell_wrong_rows(app, book.corpus)
        tell_wrong_synonyms(app, find_synonyms(settings))
        app.extensions["opened"] = opened.pop_all()
    return app


class _RegisterIds:
    """The ids of all texts that were ever given one, read from the register each time."""

    def __init__(self, register: RegisterFile) -> None:
        self._register = register

    def __iter__(self) -> Iterator[str]:
        return self._register.list_text_ids()


class GivenIds:
    """The ids of all texts that were ever given one, and when the site last changed.

    Safe for several threads.
    """

    def __init__(self, settings: Settings, register: RegisterFile) -> None:
        """Take where the index and the withdrawals are, and who knows the ids."""
        self._register = register
        self._settings = settings
        self._held: tuple[tuple[float, int], GivenTexts] | None = None

    def list(self) -> GivenTexts:
        """List them."""
        settings = self._settings
        files = (
            settings.index,
            settings.index / "CURRENT",
            *list_files(settings.corpus, settings.bibliography),
        )
        moments = [each.stat().st_mtime for each in files if each.exists()]
        state = (max(moments, default=0.0), self._register.read_version())
        if self._held is None or self._held[0] != state:
            changed_at = max(datetime.fromtimestamp(state[0], UTC), EARLIEST)
            given = GivenTexts(_RegisterIds(self._register), changed_at, version=str(state[1]))
            self._held = (state, given)
        return self._held[1]


def find_status(settings: Settings, catalogue: Catalogue | None, say: Translator) -> dict[str, Any]:
    """Find how the site is; to everybody, so without what a disk holds and what an error named."""
    with open_journal_to_read(settings) as journal:
        told = describe_status(read_status(settings, catalogue, journal, now=read_now()), say)
    told["disk"].pop("free_bytes")
    for name in ("last_round", "last_done"):
        if told[name] is not None:
            told[name].pop("detail")
    return told


def list_notices(settings: Settings, mementos: MementoArchive | None) -> list[Notice]:
    """List what was news last, without what is withdrawn."""
    with open_journal_to_read(settings) as journal:
        notices = [notice for _, notice in journal.list_notices(limit=MOST_NOTICES)]
    return [
        notice
        for notice in notices
        if not notice.url or (mementos is not None and not mementos.is_withdrawn(notice.url))
    ]


def tell_wrong_rows(app: Flask, corpus: Corpus) -> None:
    """Have the log say which rows of the catalogue a page left out, once each."""
    told: set[tuple[str, str]] = set()
    if corpus.catalogue.is_reindexed:
        app.logger.warning("indexes of the catalogue's file were damaged, and were made anew")

    @app.after_request
    def tell(response: Response) -> Response:
        for table, about in (corpus.catalogue.wrong_rows | corpus.history.wrong_rows) - told:
            told.add((table, about))
            app.logger.warning(
                "a row of %s is not what was written, and is left out (%r): "
                "run `renvois archive reindex`, then `renvois index`",
                table,
                about,
            )
        return response


def tell_wrong_synonyms(app: Flask, synonyms: SynonymFile) -> None:
    """Have the log say which lines of the owner's file of synonyms are wrong, once each."""
    told: set[Problem] = set()
    say = open_translator(app.extensions["library"].site.language)

    def tell() -> None:
        for problem in synonyms.read().problems:
            if problem not in told:
                told.add(problem)
                app.logger.warning("%s: %s", problem.place, say(problem.said))

    tell()

    @app.after_request
    def tell_again(response: Response) -> Response:
        """Read it again: it may have been edited since."""
        tell()
        return response


def close_app(app: Flask) -> None:
    """Close what `open_app` opened."""
    app.extensions["opened"].close()


def warn_of_withdrawals(settings: Settings) -> tuple[Message, ...]:
    """Say which lines of the files of withdrawals hide nothing, and what they do not do yet.

    Raises WithdrawalError.
    """
    withdrawals = find_withdrawals(settings).read()
    pending = read_pending(settings.corpus)
    if not withdrawals and pending is None:
        return ()
    is_there = settings.bibliography.is_dir()
    cited = read_identified(settings) if is_there else Bibliography()
    shown = choose_shown(cited, withdrawals, pending)
    return (*shown.warnings, *shown.warn_of_index(find_indexed(settings.index_place, shown.hidden)))


MOST_NOTICES: Final = 100  # of the feed

# How long a request waits for the report of now, where there is one of before.
PATIENCE_S: Final = 1.0


def open_link_reports(
    settings: Settings, catalogue: Catalogue, withdrawals: WithdrawalFiles
) -> LinkReportCache:
    """Open what the page *Liens* reads; closing it closes the catalogue too."""
    corpus = Corpus(
        catalogue=catalogue,
        archive=open_archive(settings.archive),
        history=open_history(settings.catalogue_place),
        base_url=settings.base_url.rstrip("/"),
        replay_address=settings.replay_address,
        whole_texts=settings.whole_texts,
    )
    book = LinkReportCache(
        corpus,
        settings.bibliography,
        withdrawals=withdrawals,
        rules=settings.reading_rules,
        patience_s=PATIENCE_S,
        readings=settings.readings,
    )
    book.warm_up()  # no reader waits for the whole bibliography to be read
    return book


def _find_captures(catalogue: Catalogue, url: str) -> Sequence[Capture]:
    found = catalogue.captures(urlkey(url)) if url else ()
    return [each for each in found if each.archive != BY_BROWSER]  # made of a capture beside it


class ToldIdentities:
    """Resolve names, present and past, to identities that are shown; safe for several threads.

    Which ids the lines of `withdrawn.txt` lead to is followed again only when a line or the
    register has changed: addresses that nobody knows are asked for all day, by robots.
    """

    def __init__(self, register: RegisterFile, withdrawals: WithdrawalFiles) -> None:
        """Take what is asked."""
        self._register = register
        self._withdrawals = withdrawals
        self._hidden: tuple[tuple[str, int], frozenset[str]] = (("", -1), frozenset())

    def find(self, name: str) -> Identity | None:
        """Find what a name leads to; None where that is withdrawn, or unknown.

        A withdrawal acts by every name that the text had, after it left the bibliography too.
        """
        found = self._register.find(read_names(name))
        if not found:
            return None
        hidden = self._find_hidden()
        chains = self._register.find_each(map(name_id, found[-1].texts))
        texts = {chain[-1].id for chain in chains}
        return None if hidden & {found[-1].id, *texts} else found[-1]

    def _find_hidden(self) -> frozenset[str]:
        withdrawn = self._withdrawals.read()
        state = (withdrawn.state, self._register.read_version())
        known, hidden = self._hidden
        if known != state:
            chains = follow_withdrawals(self._register, withdrawn)
            hidden = frozenset(chain[-1].id for chain in chains)
            self._hidden = (state, hidden)
        return hidden


def _read_page(path: Path) -> str:
    """Read a page that the owner of the site wrote; "" where there is none."""
    return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""


def make_site(settings: Settings, trusted_hosts: Sequence[str] = ()) -> Site:
    """Say how the site presents itself under these settings."""
    own = urlsplit(settings.base_url).hostname
    return Site(
        base_url=settings.base_url.rstrip("/"),
        show_archived="full" if settings.show_archived == "full" else "extracts",
        shown_whole=settings.whole_texts.by_bibliography,
        name=settings.title or "renvois",
        contact=settings.contact,
        about=_read_page(settings.corpus / "about.md"),
        legal=_read_page(settings.corpus / "legal.md"),
        trusted_hosts=(*trusted_hosts, *([own] if own else [])) if trusted_hosts else (),
        trusted_proxies=settings.trusted_proxies,
        rate_limit=settings.rate_limit,
        exporters=EXPORTERS,
        styles=CITATION_STYLES,
        language=settings.language,
        rights={title: each.rights for title, each in settings.bibliographies.items()},
    )
