"""`renvois extract` and `renvois index`: from archived bytes to an index that answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from indexer import pipeline
from indexer.archive import CRAWL_LOCK, acquire_lock, reindex
from indexer.cli.crawl import say_damaged, say_misdated
from indexer.cli.engine import check_cluster
from indexer.cli.link_decisions import say_decision_problems
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    count_bytes,
    echo_json,
    follow,
    prepare_lexicon,
    render_error,
    require_corpus,
    say,
    words,
)
from indexer.corpus import Corpus, find_synonyms, open_corpus, read_shown
from indexer.crawl import next_due
from indexer.errors import CorpusError, DamagedIndexError, SearchIndexError
from indexer.messages import Translator, open_translator
from indexer.messages import render_json as render_message
from indexer.model import Reference
from indexer.outline_file import OutlinesFolder
from indexer.report import render_logfmt
from indexer.settings import Settings

HINT_DAMAGED: Final = "Run `renvois index`: it builds the index again from the archive."


@click.command()
@click.option("--all", "everything", is_flag=True, help="Read every capture again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a page read.")
@click.pass_obj
def extract(settings: Settings, everything: bool, as_json: bool) -> None:
    """Read the articles out of the archived pages, without the network.

    Only captures that are new, or that another version of the extractor read, are read.
    """
    references = read_shown(settings).bibliography.references
    with open_corpus(settings) as corpus:
        _extract(
            corpus,
            references,
            open_translator(settings.language),
            everything=everything,
            as_json=as_json,
        )


def _extract(
    corpus: Corpus,
    references: Sequence[Reference],
    words: Translator,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    count = 0
    read = pipeline.extract(references, corpus, everything=everything, tell=say)
    with follow(read, label="Reading") as articles:
        for article in articles:
            count += 1
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
    say(f"{count} pages read.")
    damaged = len(corpus.catalogue.damaged_articles)
    if damaged:
        say(f"{damaged} articles of the catalogue were damaged, and were read again.")


def _check(folder: Path | Mapping[str, Any], outlines: OutlinesFolder, *, as_json: bool) -> bool:
    """Verify an index and say what is damaged; whether something is."""
    # Here, as `extract` needs no engine.
    from indexer.engines import check_index, describe_cluster, size_index

    if not isinstance(folder, Path):
        return check_cluster(describe_cluster(folder), outlines, as_json=as_json)
    try:
        with count_bytes(size_index(folder), label="Checking") as progress:
            found = check_index(folder, progress)
        damages: Sequence[DamagedIndexError] = (*found.damages, *outlines.find_damages())
        counts = {"bytes": found.bytes_verified, "texts": found.texts_verified}
    except DamagedIndexError as error:  # nothing else can be looked at
        damages, counts = (error,), {"bytes": 0, "texts": 0}
    if as_json:
        rows = [{"where": str(each.where), "what": words(each.what)} for each in damages]
        echo_json({**counts, "damages": rows})
    for each in damages:
        say(f"{each.where}: {words(each.what)}")
    if damages:
        say(HINT_DAMAGED)
    else:
        say(f"{counts['bytes']:,} bytes and {counts['texts']} texts verified: whole.")
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
        say(f"{words(error.what)}: damaged rows of the catalogue are left out for now.")
        return
    with lock:
        history.drop_wrong_rows()
        for read in reindex(settings.archive, catalogue, next_due=next_due):
            if read.fault:
                say(f"{read.path}: {read.fault}")
        catalogue.targets.cite(each.url for each in references if each.url)
    # What the archive does not give back is come upon again, and told at the end.
    catalogue.forget_wrong_rows()
    history.forget_wrong_rows()
    say(f"{found - count_wrong()} damaged rows of the catalogue were made anew from the archive.")


def say_synonym_problems(settings: Settings) -> int:
    """Say which lines of the owner's file of synonyms can't be understood; gives their number."""
    problems = find_synonyms(settings).read().problems
    words = open_translator(settings.language)
    for problem in problems:
        say(f"{problem.place}: {words(problem.said)}")
    return len(problems)


@click.command()
@click.option("--rebuild", is_flag=True, help="Build the index anew, whatever it holds.")
@click.option("--check", is_flag=True, help="Change nothing; verify every byte (3: damaged).")
@click.option("--json", "as_json", is_flag=True, help="What was done, as one JSON object.")
@click.pass_context
def index(context: click.Context, rebuild: bool, check: bool, as_json: bool) -> None:
    """Read what is new in the archive, then index the cited texts and the notes.

    Where only some documents changed, only they are indexed again. An index that is damaged, or
    that another version wrote, is built anew beside, and answers once it is whole. --check only
    verifies the index, and ends with 3 when some of it is not as it was written. Both end with 3
    when a line of synonymes.txt, beside the bibliography, can't be understood.
    """
    settings: Settings = context.obj
    require_corpus(settings)
    if check and rebuild:
        raise click.UsageError("--check changes nothing: not with --rebuild.")
    if check:
        is_damaged = _check(
            settings.index_place, OutlinesFolder(settings.outlines), as_json=as_json
        )
        context.exit(EXIT_FINDINGS if say_synonym_problems(settings) or is_damaged else 0)
    shown = read_shown(settings, is_kept=True)
    for warning in shown.warnings:
        say(warning)
    from indexer.wiring import open_writer, write_outlines  # here: `extract` needs no engine

    bibliography = shown.bibliography
    prepare_lexicon()
    with open_corpus(settings, shown.everything.references) as corpus:
        _mend_catalogue(settings, corpus, bibliography.references)
        say_misdated(corpus, bibliography.references)
        words = open_translator(settings.language)
        _extract(corpus, bibliography.references, words, everything=False, as_json=False)
        noted = replace(corpus, note_texts=bibliography.join_notes())
        observed = pipeline.observe(bibliography.references, noted)
        with follow(observed, label="Looking at links") as observations:
            for _ in observations:
                pass
        say_decision_problems(corpus, shown.everything, words)
        documents = pipeline.build_corpus_documents(bibliography, corpus)
        done = pipeline.index(open_writer(settings), documents, rebuild=rebuild)
        say_damaged(corpus)
        try:
            write_outlines(settings)
        except SearchIndexError as error:
            say(render_error(error))
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
        say(f"Built anew ({words(done.why_rebuilt)}): {done.added} documents.")
    else:
        say(
            f"{done.added} added, {done.updated} updated, {done.deleted} deleted, "
            f"{done.unchanged} unchanged."
        )
    if say_synonym_problems(settings):
        context.exit(EXIT_FINDINGS)
