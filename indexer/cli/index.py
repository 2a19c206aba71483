"""`renvois extract` and `renvois index`: from archived bytes to an index that answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from indexer import pipeline
from indexer.archive import CRAWL_LOCK, acquire_lock, reindex
from indexer.cli.crawl import list_wrong_tables, say_damaged, say_misdated
from indexer.cli.engine import check_cluster
from indexer.cli.link_decisions import say_decision_problems
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    SpokenCommand,
    count_bytes,
    echo_json,
    follow,
    misuse,
    prepare_lexicon,
    render_error,
    require_corpus,
    say,
    say_problems,
    words,
)
from indexer.corpus import Corpus, find_synonyms, open_corpus, read_shown
from indexer.crawl import next_due
from indexer.crawl.sockets import give_back_large_blocks
from indexer.errors import CorpusError, DamagedIndexError, SearchIndexError
from indexer.messages import message
from indexer.messages import render_json as render_message
from indexer.model import Reference
from indexer.outline_file import OutlinesFolder
from indexer.report import render_logfmt
from indexer.settings import Settings

_BLOCK_BYTES: Final = 1 << 20


@click.command(cls=SpokenCommand, help="cli.extract.help")
@click.option("--all", "everything", is_flag=True, help="cli.extract.all")
@click.option("--json", "as_json", is_flag=True, help="cli.extract.json")
@click.pass_context
def extract(context: click.Context, everything: bool, as_json: bool) -> None:
    """Read the articles out of the archived pages, without the network."""
    settings: Settings = context.obj
    references = read_shown(settings).bibliography.references
    with open_corpus(settings) as corpus:
        is_whole = _extract(corpus, references, everything=everything, as_json=as_json)
        say_damaged(corpus)
        is_whole = is_whole and not list_wrong_tables(corpus)
    if not is_whole:
        context.exit(EXIT_FINDINGS)


def _extract(
    corpus: Corpus,
    references: Sequence[Reference],
    *,
    everything: bool,
    as_json: bool,
) -> bool:
    """Read what is new, tell and count it; whether all that was damaged could be read again."""
    done: set[str] = set()
    read = pipeline.extract(references, corpus, everything=everything, tell=say)
    with follow(read, label=message("cli.progress.reading")) as articles:
        for article in articles:
            done.add(article.record_id)
            row = {
                "record_id": article.record_id,
                "kind": article.kind.value,
                "title": article.title,
                "characters": len(article.text),
                "evidence": render_message(article.evidence),
                "evidence_text": words(article.evidence) or None,
            }
            if as_json:
                echo_json(row)
            else:
                say(render_logfmt(read=article.record_id, **{k: row[k] for k in list(row)[1:]}))
    say(message("cli.extract.tally", count=len(done)))
    catalogue = corpus.catalogue
    if again := catalogue.damaged_articles & done:
        say(message("cli.extract.read-again", count=len(again)))
    if lost := catalogue.damaged_articles - done:
        say(message("cli.extract.lost", count=len(lost)))
    if unread := catalogue.damaged_records - lost:
        say(message("cli.extract.unread", count=len(unread)))
    return not (lost or unread)


def _check(folder: Path | Mapping[str, Any], outlines: OutlinesFolder, *, as_json: bool) -> bool:
    """Verify an index and say what is damaged; whether something is."""
    # Here, as `extract` needs no engine.
    from indexer.engines import check_index, describe_cluster, size_index

    if not isinstance(folder, Path):
        return check_cluster(describe_cluster(folder), outlines, as_json=as_json)
    try:
        with count_bytes(size_index(folder), label=message("cli.progress.checking")) as progress:
            found = check_index(folder, progress)
        damages: Sequence[DamagedIndexError] = (*found.damages, *outlines.find_damages())
        counts = {"bytes": found.bytes_verified, "texts": found.texts_verified}
    except DamagedIndexError as error:  # nothing else can be looked at
        damages, counts = (error,), {"bytes": 0, "texts": 0}
    if as_json:
        rows = [{"where": str(each.where), "what": words(each.what)} for each in damages]
        echo_json({**counts, "damages": rows})
    for each in damages:
        say(message("error.at", where=str(each.where), what=each.what))
    if damages:
        say(message("cli.index.build-again"))
    else:
        size = message("cli.count.bytes", count=counts["bytes"])
        texts = message("cli.count.texts", count=counts["texts"])
        say(message("cli.index.whole", bytes=size, texts=texts))
    return bool(damages)


def _mend_catalogue(settings: Settings, corpus: Corpus, references: Sequence[Reference]) -> None:
    """Make the rows of the catalogue anew that are not what was written, and say so.

    From the WARC files, alone on the corpus: where somebody else is at work, the rows are left out
    until the next time.
    """
    catalogue, history = corpus.catalogue, corpus.history

    def count_wrong() -> int:
        wrong = (catalogue.find_wrong_rows(with_articles=False), history.find_wrong_rows())
        return sum(1 for rows in wrong for _ in rows)

    found = count_wrong()
    if not found or catalogue.is_read_only:
        return
    try:
        lock = acquire_lock(settings.corpus / CRAWL_LOCK)
    except CorpusError as error:
        say(message("cli.index.left-out", why=error.what))
        return
    with lock:
        history.drop_wrong_rows()
        for read in reindex(settings.archive, catalogue, next_due=next_due):
            if read.fault:
                say(message("error.at", where=str(read.path), what=read.fault))
        catalogue.targets.cite(each.url for each in references if each.url)
    # What the archive does not give back is come upon again, and told at the end.
    catalogue.forget_wrong_rows()
    history.forget_wrong_rows()
    say(message("cli.index.made-anew", count=found - count_wrong()))


def say_synonym_problems(settings: Settings) -> int:
    """Say which lines of the owner's file of synonyms can't be understood; gives their number."""
    problems = find_synonyms(settings).read().problems
    say_problems(problems)
    return len(problems)


@click.command(cls=SpokenCommand, help="cli.index.help")
@click.option("--rebuild", is_flag=True, help="cli.index.rebuild")
@click.option("--check", is_flag=True, help="cli.index.check")
@click.option("--json", "as_json", is_flag=True, help="cli.index.json")
@click.pass_context
def index(context: click.Context, rebuild: bool, check: bool, as_json: bool) -> None:
    """Read what is new in the archive, then index the cited texts and the notes."""
    settings: Settings = context.obj
    require_corpus(settings)
    if check and rebuild:
        raise misuse("cli.index.check-alone")
    if check:
        is_damaged = _check(
            settings.index_place, OutlinesFolder(settings.outlines), as_json=as_json
        )
        context.exit(EXIT_FINDINGS if say_synonym_problems(settings) or is_damaged else 0)
    _tell_update(_update_index(settings, rebuild=rebuild), as_json=as_json)
    if say_synonym_problems(settings):
        context.exit(EXIT_FINDINGS)


def _update_index(settings: Settings, *, rebuild: bool) -> pipeline.IndexUpdate:
    """Read what is new, look at the links, and index all of it that may be shown."""
    from indexer.wiring import open_writer, write_outlines  # here: `extract` needs no engine

    shown = read_shown(settings, is_kept=True)
    titles = set(shown.everything.bibliography_of.values())
    for warning in (*shown.warnings, *settings.warn_of_titles(titles)):
        say(warning)
    bibliography = shown.bibliography
    prepare_lexicon()
    # Postings are turned round in arrays of two or three megabytes, anew for each run of texts.
    give_back_large_blocks(_BLOCK_BYTES)
    with open_corpus(settings, shown.everything.references) as corpus:
        _mend_catalogue(settings, corpus, bibliography.references)
        say_misdated(corpus, bibliography.references)
        _extract(corpus, bibliography.references, everything=False, as_json=False)
        noted = replace(corpus, note_texts=bibliography.join_notes())
        observed = pipeline.observe(bibliography.references, noted)
        with follow(observed, label=message("cli.progress.links")) as observations:
            for _ in observations:
                pass
        say_decision_problems(corpus, shown.everything)
        documents = pipeline.CorpusDocuments(
            bibliography, corpus, settings.stamps, settings.bibliography
        )
        done = pipeline.index(open_writer(settings), documents, rebuild=rebuild)
        say_damaged(corpus)
        try:
            write_outlines(settings)
        except SearchIndexError as error:
            say(render_error(error))
    return done


def _tell_update(done: pipeline.IndexUpdate, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "added": done.added,
                "updated": done.updated,
                "deleted": done.deleted,
                "unchanged": done.unchanged,
                "rebuilt": words(done.why_rebuilt) or None,
            }
        )
    if done.why_rebuilt:
        count = message("cli.count.documents", count=done.added)
        say(message("cli.index.built-anew", why=done.why_rebuilt, documents=count))
    else:
        counts = {"added": done.added, "updated": done.updated, "deleted": done.deleted}
        say(message("cli.index.tally", **counts, unchanged=done.unchanged))
