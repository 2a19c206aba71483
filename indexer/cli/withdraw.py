"""`renvois withdraw`: take a text out of everything that is shown, or put it back; or purge it."""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import click

from indexer import pipeline
from indexer.archive import (
    Purged,
    PurgeSurvey,
    acquire_lock,
    find_files,
    measure,
    open_catalogue,
    purge,
    survey_purge,
    was_sent,
)
from indexer.bibliography import read_bibliography
from indexer.bibliography.folder import ReadingCache
from indexer.cli.archive import CHECK_STATE, STORAGE_LOCK
from indexer.cli.link_decisions import say_decision_problems
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    EXIT_STOPPED,
    SpokenCommand,
    ask,
    count_bytes,
    echo,
    echo_json,
    is_confirmed,
    misuse,
    render_error,
    say,
    words,
)
from indexer.corpus import (
    Corpus,
    find_withdrawals,
    open_corpus,
    open_crawl,
    read_identified,
    read_shown,
)
from indexer.errors import LockedError, MeaningError, SearchIndexError, WithdrawalError
from indexer.identities import RegisterFile
from indexer.links.kept_report import forget_report
from indexer.messages import NOTHING, Message, message
from indexer.model import Bibliography, Reference, name_id, name_url
from indexer.outline_file import OutlinesFolder
from indexer.settings import Settings
from indexer.watch import FILE_NAME as WATCH_JOURNAL
from indexer.watch import WatchJournal
from indexer.withdrawals import (
    PendingPurge,
    Shown,
    Withdrawal,
    Withdrawals,
    add_withdrawal,
    choose_shown,
    list_files,
    list_urlkeys,
    read_pending,
    remove_pending,
    remove_withdrawals,
    write_pending,
)

MAX_TOLD: Final = 20  # addresses or files, in what a purge says before it asks


@click.command(cls=SpokenCommand, help="cli.withdraw.help")
@click.argument("name", metavar="[URL|ID]", required=False)
@click.option("--undo", is_flag=True, help="cli.withdraw.undo")
@click.option("--why", default="", help="cli.withdraw.option-why")
@click.option("--by", default="", help="cli.withdraw.option-by")
@click.option("--list", "is_list", is_flag=True, help="cli.withdraw.list")
@click.option("--purge", "is_purge", is_flag=True, help="cli.withdraw.purge")
@click.option("--yes", count=True, help="cli.withdraw.yes")
@click.option("--json", "as_json", is_flag=True, help="cli.withdraw.json")
@click.pass_context
def withdraw(
    context: click.Context,
    name: str | None,
    undo: bool,
    why: str,
    by: str,
    is_list: bool,
    is_purge: bool,
    yes: int,
    as_json: bool,
) -> None:
    """Withdraw a text: its address however written, its DOI or its citation key."""
    settings: Settings = context.obj
    if (undo and is_purge) or (yes and not is_purge):
        raise misuse("cli.withdraw.no-undo")
    if is_list:
        if name or undo or is_purge:
            raise misuse("cli.withdraw.list-alone")
        _list(context, settings, as_json=as_json)
        return
    name = _clean_name(name)
    who = by.strip() or _find_account()
    if undo:
        _undo(settings, name)
    elif is_purge:
        context.exit(_purge(settings, name, why=why, by=who, yes=yes, as_json=as_json))
    else:
        _add(context, settings, name, why=why, by=who)


def _find_account() -> str:
    """Find the name of who is logged in, "" where the environment does not say."""
    return os.environ.get("LOGNAME") or os.environ.get("USER") or ""


def _clean_name(name: str | None) -> str:
    """Take the name of a text as a line of withdrawn.txt may hold it. Raises a usage error."""
    name = (name or "").strip()
    if not name:
        raise misuse("cli.withdraw.name-it")
    if name.startswith("#") or " #" in name or not name.isprintable():
        raise misuse("cli.withdraw.no-name", name=repr(name))
    return name


def _add(context: click.Context, settings: Settings, name: str, *, why: str, by: str) -> None:
    bibliography = read_identified(settings)
    before = find_withdrawals(settings).read()
    hidden = _find(bibliography, name)
    _write_lines(settings, before, bibliography, name, why=why, by=by)
    shown = choose_shown(bibliography, find_withdrawals(settings).read())
    for key in hidden:
        echo(f"withdrawn={key}")
    _renew_index(settings, shown)
    _forget_meaning(settings)
    if _is_archived(settings, Shown(bibliography).find_urlkeys(hidden) | list_urlkeys(name)):
        say(message("cli.withdraw.keeps-bytes"))
    if not hidden:
        say(message("cli.withdraw.hides-nothing", name=name))
        context.exit(EXIT_FINDINGS)


def _is_archived(settings: Settings, keys: Iterable[str]) -> bool:
    """Whether the archive has something of one of these addresses, as far as the catalogue says."""
    place = settings.catalogue_place
    if isinstance(place, Path) and not place.exists():
        return False
    with open_catalogue(place) as catalogue:
        return any(catalogue.captures(key) for key in keys)


def _write_lines(
    settings: Settings,
    before: Withdrawals,
    bibliography: Bibliography,
    name: str,
    *,
    why: str,
    by: str,
) -> None:
    """Write a line, and one of the address where it names an id, or what only the register knows.

    The catalogue may be lost, an author mended, a key given to another text too: what is withdrawn
    must not come back with that.
    """
    _write_line(settings, before, name, why=why, by=by)
    hidden = set(_find(bibliography, name))
    known = _list_addresses(settings, name)
    for each in bibliography.references:
        address = each.url or each.doi
        if address and each.id in hidden and (each.url, each.doi) not in known:
            _write_line(settings, before, address, why=why, by=by)


def _list_addresses(settings: Settings, name: str) -> set[tuple[str | None, str]]:
    """List the URLs and DOIs of what a line hides by the files alone, without the register."""
    plain = read_bibliography(settings.bibliography, rules=settings.reading_rules)
    places = [
        replace(each, id=f"\0{number}", aliases=())  # no line has a NUL
        for number, each in enumerate(plain.references)
        if each.url or each.doi
    ]
    found = set(_find(replace(plain, references=tuple(places)), name))
    return {(each.url, each.doi) for each in places if each.id in found}


def _forget(settings: Settings, ids: Iterable[str], keys: Iterable[str]) -> None:
    """Take what is purged out of the register, cited still or not, and out of what was told."""
    with RegisterFile(settings.catalogue_place) as register:
        register.forget([*map(name_id, ids), *map(name_url, keys)])
    forget_report(settings.corpus)
    if (settings.corpus / WATCH_JOURNAL).exists():
        with WatchJournal(settings.corpus / WATCH_JOURNAL) as journal:
            journal.forget(keys)


def _forget_meaning(settings: Settings) -> None:
    """Take what the index has no more out of the vectors, if there are some."""
    from indexer.wiring import forget_meaning  # here: `--help` needs no engine

    try:
        forget_meaning(settings)
    except (LockedError, MeaningError, SearchIndexError) as error:
        say(message("cli.withdraw.vectors-stay", why=render_error(error)))
        say(message("cli.withdraw.vectors-hint"))


def _write_line(settings: Settings, before: Withdrawals, name: str, *, why: str, by: str) -> None:
    """Write a line to the file of withdrawals, unless it is there."""
    if any(line.name == name for line in before.lines):
        say(message("cli.withdraw.already", name=name))
        return
    files = list_files(settings.corpus, settings.bibliography)
    path = next((file for file in files[:2] if file.exists()), files[0])
    add_withdrawal(path, name, comment=_render_comment(why=why, by=by))
    say(message("cli.written-to", file=str(path)))


def _render_comment(*, why: str, by: str) -> str:
    """Say when a text was withdrawn, by whom and why, for whoever reads the file."""
    return words(
        "cli.withdraw.comment",
        day=date.today().isoformat(),
        by=message("cli.withdraw.by", by=by) if by else NOTHING,
        why=message("cli.withdraw.why", why=why) if why.strip() else NOTHING,
    )


# --- the one deletion


def _purge(settings: Settings, name: str, *, why: str, by: str, yes: int, as_json: bool) -> int:
    """Withdraw a text and remove its bytes from archive, catalogue and index; gives the exit code.

    Nobody else writes meanwhile. Whatever stops it, asking for it again finishes it: each step
    can be done twice, and a file says until the end that there was a purge.
    """
    with (
        acquire_lock(settings.corpus / STORAGE_LOCK),  # no file is being sent meanwhile
        open_crawl(settings) as opened,
    ):
        bibliography = read_identified(settings)
        before = find_withdrawals(settings).read()
        ids = _find(bibliography, name)
        pending = read_pending(settings.corpus)
        keys = Shown(bibliography).find_urlkeys(ids) | list_urlkeys(name)
        keys |= pending.urlkeys if pending else frozenset()
        survey = _survey(settings, keys)
        if not ids and not survey.records and pending is None:
            say(message("cli.withdraw.nothing-of-it", name=name))
            say(message("cli.withdraw.unchanged"))
            return EXIT_FINDINGS
        for sentence in describe_survey(survey, name):
            say(sentence)
        if not _is_confirmed(name, yes):
            say(message("cli.withdraw.unchanged"))
            return EXIT_STOPPED
        write_pending(settings.corpus, PendingPurge(name=name, urlkeys=keys))
        _write_lines(settings, before, bibliography, name, why=why, by=by)
        _forget(settings, ids, keys)
        _remove_recognised(opened.ocr_folder)
        sent = sum(was_sent(settings.archive / each) for each in survey.files)
        done = purge(settings.archive, opened.catalogue, keys)
        (settings.corpus / CHECK_STATE).unlink(missing_ok=True)  # it names records
        shown = choose_shown(bibliography, find_withdrawals(settings).read())
        is_rebuilt = _rebuild_index(settings, shown, opened)
        _forget_meaning(settings)
    remove_pending(settings.corpus)
    tell_purged(ids, done, is_rebuilt=is_rebuilt, as_json=as_json)
    if sent:
        say(message("cli.withdraw.sent", count=sent))
    return EXIT_FINDINGS if done.gaps else 0


def _remove_recognised(folder: Path | None) -> None:
    """Remove the texts recognised in pictures, which are made again of what stays."""
    for kept in folder.glob("*.json*") if folder is not None else ():
        kept.unlink(missing_ok=True)


def _survey(settings: Settings, keys: Iterable[str]) -> PurgeSurvey:
    total = sum(measure(path)[0] for path in find_files(settings.archive))
    with count_bytes(total, label=message("cli.progress.warc-reading")) as progress:
        return survey_purge(settings.archive, list(keys), progress=progress)


def describe_survey(survey: PurgeSurvey, name: str) -> list[Message]:
    """Say what a purge will remove."""
    records = message("cli.count.records", count=survey.records)
    size = message("cli.count.bytes", count=survey.bytes)
    return [
        message("cli.withdraw.survey", name=name, records=records, bytes=size),
        *_list_some("cli.withdraw.survey-of", survey.urls),
        *_list_some("cli.withdraw.survey-from", survey.files),
        message("cli.withdraw.survey-with"),
    ]


def _list_some(key: str, names: tuple[str, ...]) -> list[Message]:
    more = len(names) - MAX_TOLD
    listed = [message(key, name=each) for each in names[:MAX_TOLD]]
    return [*listed, message("cli.withdraw.survey-more", count=more)] if more > 0 else listed


def _is_confirmed(name: str, yes: int) -> bool:
    """Ask twice, unless --yes was said: whether it is wanted, then what."""
    if yes < 2 and not sys.stdin.isatty():
        raise misuse("cli.withdraw.nobody-answers")
    if yes < 1 and not is_confirmed(message("cli.withdraw.ask")):
        return False
    return yes >= 2 or ask(words("cli.withdraw.ask-name", name=name)).strip() == name


def _rebuild_index(settings: Settings, shown: Shown, corpus: Corpus) -> bool:
    """Build the index anew and remove every older one; say whether there was one."""
    from indexer.engines import has_index, remove_past  # here: `--help` needs no engine

    try:
        was_there = has_index(settings.index_place)
    except SearchIndexError:
        was_there = True  # damaged, or of another version: it is built anew
    if was_there:
        _write_index(settings, shown, corpus, rebuild=True)
    remove_past(settings.index_place)
    OutlinesFolder(settings.outlines).clear()
    ReadingCache(settings.readings).remove_others()
    if was_there:
        from indexer.wiring import write_outlines  # here: `--help` needs no engine

        write_outlines(settings)
    return was_there


def tell_purged(ids: Iterable[str], done: Purged, *, is_rebuilt: bool, as_json: bool) -> None:
    """Say which texts, by their ids, and how many records and files a purge changed, and gaps."""
    if as_json:
        gaps = [
            {"file": file, "offset": gap.offset, "bytes": gap.length, "reason": words(gap.reason)}
            for file, gap in done.gaps
        ]
        echo_json(
            {
                "withdrawn": list(ids),
                "records": done.records,
                "bytes": done.bytes,
                "files": list(done.files),
                "kept_for": list(done.kept),
                "unreadable": gaps,
                "index": "rebuilt" if is_rebuilt else None,
            }
        )
    else:
        for key in ids:
            echo(f"withdrawn={key}")
        echo(f"purged={done.records} bytes={done.bytes} files={len(done.files)}")
    for url in done.kept:
        say(message("cli.withdraw.same-payload", url=url))
    for file, gap in done.gaps:
        say(
            message(
                "cli.withdraw.gap",
                file=file,
                bytes=message("cli.count.bytes", count=gap.length),
                offset=str(gap.offset),
                of=message("cli.archive.import.of", url=gap.url) if gap.url else NOTHING,
                why=gap.reason,
            )
        )
    records = message("cli.count.records", count=done.records)
    files = message("cli.count.archived-files", count=len(done.files))
    say(message("cli.withdraw.purged", records=records, files=files))


def _undo(settings: Settings, name: str) -> None:
    shown = read_shown(settings)
    named = set(_find(shown.everything, name))
    gone = [line for line, keys in shown.matched.items() if line.name == name or named & set(keys)]
    if not gone:
        raise WithdrawalError(message("cli.withdraw.no-line", name=name))
    remove_withdrawals(gone)
    for line in gone:
        say(message("cli.withdraw.taken-out", place=str(line.place), name=line.name))
    for key in sorted({key for line in gone for key in shown.matched[line]}):
        echo(f"shown={key}")
    _renew_index(settings, read_shown(settings))


def _find(bibliography: Bibliography, name: str) -> tuple[str, ...]:
    """Find the ids of the cited texts that a name hides."""
    line = Withdrawal(name=name, path=Path(), line=0)
    return choose_shown(bibliography, Withdrawals((line,))).matched[line]


def _write_index(settings: Settings, shown: Shown, corpus: Corpus, *, rebuild: bool) -> None:
    """Index what may be shown; say which decisions on links can't be followed."""
    say_decision_problems(corpus, shown.everything)
    from indexer.wiring import open_writer, write_outlines  # here: `--help` needs no engine

    documents = pipeline.CorpusDocuments(shown.bibliography, corpus, settings.stamps)
    pipeline.index(open_writer(settings), documents, rebuild=rebuild)
    if not rebuild:  # a purge removes those of before first
        write_outlines(settings)


def _renew_index(settings: Settings, shown: Shown) -> None:
    """Bring the index up to date, if there is one: notes that lost their text are found then."""
    from indexer.engines import has_index  # here: `--help` needs no engine

    if not has_index(settings.index_place):
        return
    try:
        with open_corpus(settings, shown.everything.references) as corpus:
            _write_index(settings, shown, corpus, rebuild=False)
    except (LockedError, SearchIndexError) as error:
        say(message("cli.withdraw.not-renewed", why=render_error(error)))
        say(message("cli.withdraw.hidden-anyway"))


def _list(context: click.Context, settings: Settings, *, as_json: bool) -> None:
    """Say what each line hides, and what is not hidden yet."""
    shown = read_shown(settings)
    _tell_lines(shown, as_json=as_json)
    from indexer.engines import find_indexed  # here: `--help` needs no engine

    for warning in shown.warn_of_index(find_indexed(settings.index_place, shown.hidden)):
        say(warning)
    if not shown.matched and not as_json:
        say(message("cli.withdraw.none"))
    if shown.pending:
        say(shown.warnings[0])
    if shown.idle:
        counts = {"count": len(shown.idle), "total": len(shown.matched)}
        say(message("cli.withdraw.lines-idle", **counts))
    if shown.idle or shown.pending:
        context.exit(EXIT_FINDINGS)


def _tell_lines(shown: Shown, *, as_json: bool) -> None:
    cited = {reference.id: reference for reference in shown.everything.references}
    for line, keys in shown.matched.items():
        _tell_line(line, [cited[key] for key in keys], as_json=as_json)


def _tell_line(line: Withdrawal, hidden: Sequence[Reference], *, as_json: bool) -> None:
    """Print a line of a file of withdrawals, and what it hides."""
    if as_json:
        hides = [{"id": each.id, "title": each.title, "url": each.url} for each in hidden]
        echo_json(
            {
                "name": line.name,
                "comment": line.comment or None,
                "file": str(line.path),
                "line": line.line,
                "hides": hides,
            }
        )
        return
    comment = f"  # {line.comment}" if line.comment else ""
    echo(words("error.at", where=str(line.place), what=f"{line.name}{comment}"))
    for each in hidden:
        echo(f"    {each.id}  {each.title}")
    if not hidden:
        echo(words("cli.withdraw.line-idle"))
