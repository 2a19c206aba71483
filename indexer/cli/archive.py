"""`renvois archive`: take in what others archived, give out a package, read the files back."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from getpass import getuser
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final

import click

from indexer import __version__, pipeline
from indexer.archive import (
    CRAWL_LOCK,
    Bounds,
    CheckProblem,
    CheckState,
    FileCheck,
    NotTaken,
    Packed,
    Page,
    Storage,
    acquire_lock,
    check_archive,
    export_wacz,
    fetch,
    find_files,
    find_remote,
    find_remote_only,
    import_file,
    list_closed,
    measure,
    open_catalogue,
    read_lines,
    read_state,
    reindex,
    remove_local,
    send,
    was_sent,
)
from indexer.archive.reading import MAX_PAYLOAD_BYTES
from indexer.archive.secrets import FoundSecret, find_secrets_of
from indexer.cli.crawl import matches_name, say_misdated, select_references
from indexer.cli.index import index
from indexer.cli.terminal import (
    EXIT_FINDINGS,
    EXIT_INTERRUPTED,
    EXIT_STOPPED,
    SpokenGroup,
    count_bytes,
    echo,
    echo_json,
    follow,
    misuse,
    require_corpus,
    say,
    say_error,
    words,
)
from indexer.corpus import Corpus, Crawl, open_corpus, open_crawl, read_secrets, read_shown
from indexer.crawl import judge, next_due, parse_open_networks
from indexer.deposit import Deposit, DepositState, deposit_all, parse_service
from indexer.disk import WrongRow
from indexer.errors import ArchiveError, CorpusError, LockedError
from indexer.extract.payload import PayloadKind, sniff_payload
from indexer.identities import RegisterFile
from indexer.links.history import open_history
from indexer.messages import NOTHING, message
from indexer.messages import render_json as render_message
from indexer.model import Article, Bibliography, Cause, HandedIn, Outcome, Reference
from indexer.report import cause, explain_cause, outcome_slug, render_logfmt
from indexer.settings import Settings
from indexer.urls import host, urlkey
from indexer.watch import FILE_NAME as WATCH_JOURNAL
from indexer.watch import WatchJournal
from indexer.withdrawals import Shown

# Of what is handed in, where the file's ending may say something else, or nothing.
MEDIA_TYPES: Final = {
    PayloadKind.HTML: "text/html",
    PayloadKind.MHTML: "multipart/related",
    PayloadKind.PDF: "application/pdf",
    PayloadKind.EPUB: "application/epub+zip",
    PayloadKind.ODT: "application/vnd.oasis.opendocument.text",
    PayloadKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PayloadKind.TEXT: "text/plain",
}
WITHDRAWN: Final = "(withdrawn)"  # in place of the address of what is withdrawn
STORAGE_LOCK: Final = "storage.lock"  # in the corpus: files are sent or fetched, or purged
MOST_FAILURES: Final = 3  # in a row
CHECK_STATE = "archive-check.json"  # in the corpus: what was checked, so that a check is resumed


@click.group(cls=SpokenGroup, help="cli.archive.help")
def archive() -> None:
    """Import and export the WARC files of the corpus, read them back into the catalogue."""


@archive.command("import", help="cli.archive.import.help")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="cli.archive.import.json")
@click.pass_context
def import_files(context: click.Context, files: Sequence[Path], as_json: bool) -> None:
    """Use WARC, ARC and WACZ files of others for the cited URLs; copy them into the archive."""
    settings: Settings = context.obj
    counts = _ImportCounts()
    shown = read_shown(settings)
    with open_crawl(settings) as opened:
        # Of what is withdrawn the history is kept too, and nothing said; it is visited no more.
        opened.catalogue.targets.cite(_list_urls(shown.everything))
        for file in files:
            found = _import_file(file, opened, settings)
            try:
                is_whole = _tell_imported(found, file, shown, counts, as_json=as_json)
            except KeyboardInterrupt:
                say(message("cli.archive.import.stopped"))
                context.exit(EXIT_INTERRUPTED)
            counts.failures += not is_whole
        opened.catalogue.targets.cite(_list_urls(shown.bibliography))
        say_misdated(opened, shown.bibliography.references)
    if counts.hidden:
        say(message("cli.archive.import.hidden", count=counts.hidden))
    visits = message("cli.count.visits", count=counts.visits)
    whole = len(files) - counts.failures
    say(message("cli.archive.import.tally", visits=visits, whole=whole, total=len(files)))
    if counts.failures:
        context.exit(EXIT_STOPPED)


@dataclass(slots=True)
class _ImportCounts:
    """Counts of an import: visits taken, visits of what is withdrawn, files not taken whole."""

    visits: int = 0
    hidden: int = 0
    failures: int = 0


def _tell_imported(
    found: Iterator[Outcome | NotTaken],
    file: Path,
    shown: Shown,
    counts: _ImportCounts,
    *,
    as_json: bool,
) -> bool:
    """Tell what is taken of a file of others, and count it; whether it was taken whole."""
    is_whole = True
    try:
        with follow(found, label=message("error.said", text=file.name)) as followed:
            for outcome in followed:
                if isinstance(outcome, NotTaken):
                    is_whole = is_whole and not outcome.is_fault
                elif shown.hides(outcome.url):
                    counts.hidden += 1
                    continue
                else:
                    counts.visits += 1
                _tell(outcome, file, shown, as_json=as_json)
    except ArchiveError as error:
        say_error(error)
        if as_json:
            echo_json({"file": str(file), "fault": words(error.what)})
        return False
    return is_whole


@archive.command("add", help="cli.archive.add.help")
@click.argument("reference", metavar="REFERENCE")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", help="cli.archive.add.by")
@click.option("--json", "as_json", is_flag=True, help="cli.archive.add.json")
@click.pass_context
def add_file(
    context: click.Context, reference: str, file: Path, by: str | None, as_json: bool
) -> None:
    """Hand in a file as the text of a cited reference (its id, its key or its URL)."""
    settings: Settings = context.obj
    payload, media_type = _read_handed(file)
    cited = read_shown(settings, is_kept=True).bibliography.references
    chosen = _choose_reference(cited, reference)
    with open_crawl(settings, cited) as opened:
        handed = HandedIn(
            url=chosen.url or "",
            payload=payload,
            media_type=media_type,
            name=file.name,
            by=by or getuser(),
            at=opened.now(),
        )
        capture = opened.keeper.hand_in(handed)
        for _ in pipeline.extract([chosen], opened, tell=say):
            pass
        article = opened.catalogue.find_article(capture.record_id)
    told = {
        "reference": chosen.id,
        "url": chosen.url,
        "file": str(file),
        "by": handed.by,
        "at": handed.at.isoformat(timespec="seconds"),
        "record_id": capture.record_id,
        "media_type": media_type,
        "bytes": len(payload),
        **_describe_read(article),
    }
    if as_json:
        echo_json(told)
    else:
        echo(render_logfmt(added=file.name, **{key: told[key] for key in list(told)[:-1]}))
    if not told["characters"]:
        why = article.evidence if article else NOTHING
        say(message("cli.archive.add.no-text", file=str(file), why=why))
    context.invoke(index)


def _describe_read(article: Article | None) -> dict[str, Any]:
    """Say what was read of a file that was handed in; None where it was not."""
    if article is None:
        return {"kind": None, "characters": 0, "evidence": None}
    return {
        "kind": article.kind.value,
        "characters": len(article.text),
        "evidence": render_message(article.evidence),
    }


def _read_handed(file: Path) -> tuple[bytes, str]:
    """Read a file that is handed in; gives its bytes and its media type. Raises a usage error."""
    size = file.stat().st_size
    if size > MAX_PAYLOAD_BYTES:
        told = message("cli.count.bytes", count=size)
        most = MAX_PAYLOAD_BYTES // 1_000_000
        raise misuse("cli.archive.add.too-large", file=str(file), bytes=told, most=most)
    payload = file.read_bytes()
    guessed = guess_type(file.name)[0] or ""
    kind = sniff_payload(payload, content_type=guessed)
    if kind is PayloadKind.EMPTY:
        raise misuse("cli.archive.add.empty", file=str(file))
    if kind in (PayloadKind.OTHER, PayloadKind.FEED):
        raise misuse("cli.archive.add.unreadable", file=str(file))
    return payload, MEDIA_TYPES.get(kind) or guessed or "application/octet-stream"


def _choose_reference(references: Sequence[Reference], name: str) -> Reference:
    """Find the one cited reference of a name. Raises a usage error for none, or for several."""
    found = [each for each in references if matches_name(each, name)]
    own = [each for each in found if name in (each.id, each.url)] or found
    by_key = {urlkey(each.url): each for each in own if each.url}
    if not by_key:
        key = "cli.archive.add.no-address" if found else "cli.archive.add.not-cited"
        raise misuse(key, name=name)
    first, *others = by_key.values()
    if others:
        some = ", ".join(str(each.url) for each in [first, *others][:5])
        raise misuse("cli.archive.add.several", name=name, count=len(by_key), urls=some)
    return first


def _import_file(file: Path, opened: Crawl, settings: Settings) -> Iterator[Outcome | NotTaken]:
    """Import a file, then the history of links that it brings."""
    bounds = Bounds(max_bytes=settings.max_import_bytes, max_ratio=settings.max_import_ratio)
    yield from import_file(
        file, opened.archive, opened.catalogue, judge=judge, next_due=next_due, bounds=bounds
    )
    _, unread = pipeline.restore_history(
        read_lines(file, pipeline.HISTORY_MEMBER, bounds=bounds), opened
    )
    if unread:
        what = message("error.import.history", count=unread)
        yield NotTaken(name=pipeline.HISTORY_MEMBER, what=what)


def _tell_not_taken(outcome: NotTaken, file: Path, url: str, *, as_json: bool) -> None:
    """Tell what of a file was not taken, and why; `url` is what may be shown of its address."""
    if as_json:
        echo_json(
            {
                "file": str(file),
                "inside": outcome.name,
                "fault" if outcome.is_fault else "unused": words(outcome.what),
                "offset": outcome.offset,
                "bytes": outcome.length,
                "url": url or None,
            }
        )
    place = length = of = NOTHING
    if outcome.offset is not None:
        place = message("cli.archive.import.place", offset=str(outcome.offset))
    if outcome.length is not None:
        size = message("cli.count.bytes", count=outcome.length)
        length = message("cli.archive.import.length", bytes=size)
    if url:
        of = message("cli.archive.import.of", url=url)
    say(
        message(
            "cli.archive.import.fault",
            file=str(file),
            inside=outcome.name,
            place=place,
            length=length,
            what=outcome.what,
            of=of,
        )
    )


def _tell(outcome: Outcome | NotTaken, file: Path, shown: Shown, *, as_json: bool) -> None:
    if isinstance(outcome, NotTaken):
        url = WITHDRAWN if shown.hides(outcome.url) else outcome.url
        _tell_not_taken(outcome, file, url, as_json=as_json)
        return
    reason = cause(outcome)
    if as_json:
        echo_json(
            {
                "file": str(file),
                "url": outcome.url,
                "outcome": outcome_slug(outcome),
                "cause": reason,
                "why": explain_cause(Cause(reason)) if reason else "",
                "hops": [WITHDRAWN if shown.hides(uri) else uri for uri in outcome.hops],
            }
        )
    else:
        told = {outcome_slug(outcome): outcome.url, "from": file.name}
        why = words(f"cause.{reason}") if reason else ""
        echo(render_logfmt(**told, cause=reason, why=why))


@archive.command(help="cli.archive.export.help")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="cli.archive.export.json")
@click.pass_context
def export(context: click.Context, file: Path, as_json: bool) -> None:
    """Pack the whole archive into a file (.wacz), to be opened by ReplayWeb.page or pywb."""
    settings: Settings = context.obj
    if file.suffix.lower() != ".wacz":
        raise misuse("cli.archive.export.suffix", file=str(file))
    records = faults = 0
    was_there = file.exists()
    with open_corpus(settings) as corpus:
        shown = read_shown(settings)
        secrets = read_secrets(settings)
        pages = list(_list_pages(corpus, shown.bibliography.references))
        history = pipeline.render_history(
            corpus.history, hidden=shown.hidden_urlkeys, secrets=secrets
        )
        packing = export_wacz(
            file,
            settings.archive,
            pages=pages,
            title="renvois",
            software=f"renvois {__version__}",
            created_at=datetime.now(UTC),
            others={pipeline.HISTORY_MEMBER: history},
            secrets=secrets,
            hidden=shown.hidden_urlkeys,
        )
        try:
            with (
                closing(packing),
                follow(packing, label=message("cli.progress.packing")) as followed,
            ):
                for packed in followed:
                    records += packed.records
                    faults += bool(packed.fault or packed.skipped)
                    _tell_packed(packed, as_json=as_json)
        except KeyboardInterrupt:
            say(message("cli.archive.export.stopped", file=str(file)))
            context.exit(EXIT_INTERRUPTED)
    told = message("cli.count.records", count=records)
    count = message("cli.count.pages", count=len(pages))
    say(message("cli.archive.export.tally", file=str(file), records=told, pages=count))
    if was_there:
        say(message("cli.archive.export.replaced", file=str(file)))
    if faults:
        context.exit(EXIT_STOPPED)


def _list_pages(corpus: Corpus, references: Sequence[Reference]) -> Iterator[Page]:
    for reference in references:
        capture = corpus.catalogue.latest_capture(urlkey(reference.url or ""))
        if capture is not None:
            yield Page(capture=capture, title=reference.title)


def _tell_packed(packed: Packed, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "file": packed.path.name,
                "records": packed.records,
                "captures": packed.captures,
                "left_out": packed.left_out,
                "skipped": [
                    {"offset": each.offset, "bytes": each.length, "reason": words(each.reason)}
                    for each in packed.skipped
                ],
                "fault": words(packed.fault),
            }
        )
    for fault in (*(each.said for each in packed.skipped), packed.fault):
        if fault:
            say(message("cli.archive.export.fault", file=str(packed.path), fault=fault))


@archive.command("reindex", help="cli.archive.reindex.help")
@click.pass_context
def read_back(context: click.Context) -> None:
    """Read the catalogue back from the WARC files; what it holds already stays."""
    settings: Settings = context.obj
    records = visits = 0
    shown = read_shown(settings)
    with open_crawl(settings) as opened:
        wrong = opened.catalogue.drop_wrong_rows()
        if wrong:
            say(message("cli.archive.reindex.wrong", count=len(wrong)))
        unseen = opened.history.drop_wrong_rows()
        if unseen:
            say(message("cli.archive.reindex.unseen", count=len(unseen)))
        read = reindex(settings.archive, opened.catalogue, next_due=next_due)
        with follow(read, label=message("cli.progress.warc-reading")) as followed:
            for found in followed:
                records += found.records
                visits += found.visits
                echo(f"read={found.path.name} records={found.records} visits={found.visits}")
                skipped = (
                    replace(each, target_uri=WITHDRAWN) if shown.hides(each.target_uri) else each
                    for each in found.skipped
                )
                gaps = (each.said for each in skipped)
                for odd in (*gaps, *found.notes, found.fault):
                    if odd:
                        say(message("error.at", where=str(found.path), what=odd))
        opened.catalogue.targets.cite(_list_urls(shown.bibliography))
    told = message("cli.count.records", count=records)
    unknown = message("cli.count.visits", count=visits)
    say(message("cli.archive.reindex.tally", records=told, visits=unknown))


@archive.command("secrets", help="cli.archive.secrets.help")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json-record")
@click.pass_context
def list_secrets(context: click.Context, as_json: bool) -> None:
    """List the archived records that hold a credential, or a header of the settings."""
    settings: Settings = context.obj
    secrets = read_secrets(settings)
    shown = _read_shown(settings)
    count = 0
    files = find_files(settings.archive)
    with follow(
        sorted(files), label=message("cli.progress.warc-reading"), length=len(files)
    ) as followed:
        for file in followed:
            for found in find_secrets_of(file, secrets):
                if isinstance(found, FoundSecret):
                    count += 1
                    is_hidden = shown.hides(found.url)
                    found = replace(found, url=WITHDRAWN) if is_hidden else found
                    _tell_secret(found, as_json=as_json)
                else:
                    size = message("cli.count.bytes", count=found.length)
                    key = "cli.archive.secrets.unreadable"
                    say(message(key, file=str(file), bytes=size, offset=str(found.offset)))
    if not count:
        say(message("cli.archive.secrets.none"))
    else:
        say(message("cli.archive.secrets.tally", count=count))
        context.exit(EXIT_FINDINGS)


def _tell_secret(found: FoundSecret, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "file": found.filename,
                "offset": found.offset,
                "kind": found.kind,
                "url": found.url,
                "places": list(found.places),
            }
        )
    else:
        places = ",".join(found.places)
        echo(f"{found.filename} offset={found.offset} {found.kind} {found.url} in={places}")


@archive.command(help="cli.archive.check.help")
@click.option("--all", "is_anew", is_flag=True, help="cli.archive.check.all")
@click.option("--json", "as_json", is_flag=True, help="cli.archive.check.json")
@click.pass_context
def check(context: click.Context, is_anew: bool, as_json: bool) -> None:
    """Check every record against its checksums, its digests and the catalogue."""
    settings: Settings = context.obj
    require_corpus(settings)
    shown = _read_shown(settings)
    with ExitStack() as stack:
        state = read_state(settings.corpus / CHECK_STATE, is_anew=is_anew)
        is_busy = not _hold_still(stack, settings, state)
        catalogue = None
        wrong: Iterable[WrongRow] = ()
        if settings.catalogue_place.exists():
            catalogue = stack.enter_context(open_catalogue(settings.catalogue_place))
            history = stack.enter_context(open_history(settings.catalogue_place))
            register = stack.enter_context(RegisterFile(settings.catalogue_place))
            wrong = (*history.find_wrong_rows(), *register.find_wrong_rows())
        steps = check_archive(settings.archive, catalogue, state, leave_open=is_busy, others=wrong)
        checked = _follow_check(steps, _measure(settings.archive), shown, as_json=as_json)
    if _tell_summary(checked, as_json=as_json):
        context.exit(EXIT_FINDINGS)


def _hold_still(stack: ExitStack, settings: Settings, state: CheckState) -> bool:
    """Keep crawls out while the stack is open; whether that could be done.

    Where nothing can be written, nobody else writes, and the check will not be resumed.
    """
    try:
        stack.enter_context(acquire_lock(settings.corpus / CRAWL_LOCK))
    except LockedError as error:
        say(message("cli.archive.check.busy", why=error.what))
        return False
    except CorpusError as error:
        place = str(error.where)
        say(message("cli.archive.check.not-resumed", place=place, why=error.what))
        state.path = None
    return True


def _tell_summary(checked: Sequence[FileCheck], *, as_json: bool) -> int:
    """Tell how much was checked, and give how many problems were found."""
    problems = [problem for each in checked for problem in each.problems]
    summary = {
        "files": len(checked),
        "records": sum(each.records for each in checked),
        "bytes": sum(each.size for each in checked),
        "problems": len(problems),
        "records_concerned": sum(len(problem.costs) for problem in problems),
    }
    if as_json:
        echo_json({"summary": summary})
    say(
        message(
            "cli.archive.check.tally" if problems else "cli.archive.check.whole",
            files=message("cli.count.archived-files", count=summary["files"]),
            records=message("cli.count.records", count=summary["records"]),
            problems=message("cli.count.problems", count=len(problems)),
        )
    )
    return len(problems)


@archive.command(help="cli.archive.upload.help")
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--growing", is_flag=True, help="cli.archive.upload.growing")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json-file")
@click.pass_context
def upload(context: click.Context, names: Sequence[str], growing: bool, as_json: bool) -> None:
    """Send closed WARC files to the S3-compatible storage of the settings ([storage] address)."""
    settings: Settings = context.obj
    storage = _read_storage(settings)
    require_corpus(settings)
    with _open_storage(settings, is_alone=growing) as corpus:
        closed = list_closed(corpus.archive)
        last = corpus.archive.find_growing()
        if growing and last is not None:
            closed.append(last)
        chosen = _choose_files(closed, names)
        waiting = [path for path in chosen if not _is_sent(path, storage)]

        def send_one(path: Path, progress: Callable[[int], None]) -> dict[str, Any]:
            copy = send(path, storage, progress=progress)
            address = f"s3://{copy.locate(path.name)}"
            return {"bytes": copy.size, "sha256": copy.sha256, "address": address}

        _each_file(context, waiting, send_one, done="sent", as_json=as_json)
    known = len(chosen) - len(waiting)
    say(message("cli.archive.upload.tally", count=len(waiting), known=known))
    if last is not None and not growing and not names:
        say(message("cli.archive.upload.stays", file=last.name))


@archive.command("remove-local", help="cli.archive.remove-local.help")
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--all", "is_all", is_flag=True, help="cli.archive.remove-local.all")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json-file")
@click.pass_context
def remove_here(context: click.Context, names: Sequence[str], is_all: bool, as_json: bool) -> None:
    """Remove WARC files that were sent from this disk; they are read at the storage then."""
    settings: Settings = context.obj
    if is_all == bool(names):
        raise misuse("cli.archive.name-files")
    require_corpus(settings)
    with _open_storage(settings) as corpus:
        there = [path for path in find_files(corpus.archive.folder) if path.exists()]
        sent = sorted(path for path in there if was_sent(path))

        def remove_one(path: Path, progress: Callable[[int], None]) -> dict[str, Any]:
            size = measure(path)[0]
            remove_local(path, progress=progress)
            return {"bytes": size}

        chosen = _choose_files(sent, names)
        _each_file(context, chosen, remove_one, done="removed", as_json=as_json)
    say(message("cli.archive.remove-local.tally", count=len(chosen)))


@archive.command(help="cli.archive.download.help")
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--all", "is_all", is_flag=True, help="cli.archive.download.all")
@click.option("--json", "as_json", is_flag=True, help="cli.option.json-file")
@click.pass_context
def download(context: click.Context, names: Sequence[str], is_all: bool, as_json: bool) -> None:
    """Bring WARC files back from the storage; their copies there stay."""
    settings: Settings = context.obj
    if is_all == bool(names):
        raise misuse("cli.archive.name-files")
    require_corpus(settings)
    with _open_storage(settings) as corpus:

        def fetch_one(path: Path, progress: Callable[[int], None]) -> dict[str, Any]:
            fetch(path, progress=progress)
            return {"bytes": measure(path)[0]}

        chosen = _choose_files(find_remote_only(corpus.archive.folder), names)
        _each_file(context, chosen, fetch_one, done="fetched", as_json=as_json)
    say(message("cli.archive.download.tally", count=len(chosen)))


def _read_storage(settings: Settings) -> Storage:
    """Give the storage that the settings name. Raises a usage error without one."""
    told = settings.storage
    if not told.address:
        raise misuse("cli.archive.no-storage")
    return Storage(**asdict(told) | {"ca_file": str(told.ca_file or "")})


@contextmanager
def _open_storage(settings: Settings, *, is_alone: bool = False) -> Iterator[Corpus]:
    """Open a corpus whose files are sent or fetched; no purge is at work meanwhile.

    `is_alone`: no crawler either.
    """
    with ExitStack() as stack:
        stack.enter_context(acquire_lock(settings.corpus / STORAGE_LOCK))
        corpus = stack.enter_context(open_corpus(settings))
        if is_alone:
            stack.enter_context(acquire_lock(settings.corpus / CRAWL_LOCK))
        yield corpus


def _is_sent(path: Path, storage: Storage) -> bool:
    copy = find_remote(path) if was_sent(path) else None
    return copy is not None and copy.storage == storage


def _choose_files(there: Sequence[Path], names: Sequence[str]) -> list[Path]:
    """Choose the files that are named, all of them without a name. Raises a usage error."""
    by_name = {path.name: path for path in there}
    wanted = [Path(name).name for name in names] or list(by_name)
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise misuse("cli.archive.no-such-file", file=unknown[0])
    return [by_name[name] for name in dict.fromkeys(wanted)]


def _each_file(
    context: click.Context,
    files: Sequence[Path],
    act: Callable[[Path, Callable[[int], None]], dict[str, Any]],
    *,
    done: str,
    as_json: bool,
) -> None:
    """Do one thing with each file, with a bar of bytes; tell what came of it.

    One that fails is said, and the others go on; three in a row end it, as the storage is away.
    Ends the command with EXIT_STOPPED then.
    """
    failures = in_a_row = 0
    try:
        total = sum(measure(path)[0] for path in files)
        with count_bytes(total, label=message("cli.progress.warc")) as progress:
            for path in files:
                try:
                    told = act(path, progress)
                except ArchiveError as error:
                    failures, in_a_row = failures + 1, in_a_row + 1
                    say_error(error)
                    if as_json:
                        echo_json({"file": path.name, "fault": words(error.what)})
                    if in_a_row == MOST_FAILURES:
                        break
                    continue
                in_a_row = 0
                if as_json:
                    echo_json({"file": path.name, "state": done} | told)
                else:
                    echo(render_logfmt(**{done: path.name}, **told))
    except KeyboardInterrupt:
        say(message("cli.archive.stopped"))
        context.exit(EXIT_INTERRUPTED)
    if failures:
        say(message("cli.archive.failed", count=failures, total=len(files)))
        context.exit(EXIT_STOPPED)


_DEPOSITS: Final = {
    DepositState.HELD: "cli.archive.deposit.held",
    DepositState.TAKEN: "cli.archive.deposit.taken",
    DepositState.PENDING: "cli.archive.deposit.pending",
    DepositState.REFUSED: "cli.archive.deposit.refused",
}


@archive.command(help="cli.archive.deposit.help")
@click.option("--only", multiple=True, help="cli.option.only")
@click.option("--json", "as_json", is_flag=True, help="cli.archive.deposit.json")
@click.pass_obj
def deposit(settings: Settings, only: Sequence[str], as_json: bool) -> None:
    """Ask the services of `deposit_to` to keep what is cited and what they do not keep yet."""
    if not settings.deposit_to:
        raise misuse("cli.archive.deposit.no-service")
    services = [parse_service(each) for each in settings.deposit_to]
    cited = [each for each in read_shown(settings).bibliography.references if each.url]
    chosen = select_references(cited, only)
    wanted = [each for each in cited if not only or urlkey(each.url or "") in chosen.keys]
    counts: Counter[DepositState] = Counter()
    with (
        open_crawl(settings, cited) as opened,
        WatchJournal(settings.corpus / WATCH_JOURNAL) as journal,
    ):
        deposits = deposit_all(
            wanted,
            opened,
            services,
            find_last=journal.find_deposit,
            open_networks=parse_open_networks(settings.open_networks),
        )
        with follow(deposits, label=message("cli.progress.depositing")) as followed:
            for done in followed:
                journal.put_deposit(urlkey(done.url), done)
                counts[done.state] += 1
                _tell_deposit(done, as_json=as_json)
    _say_deposits(counts)


def _tell_deposit(done: Deposit, *, as_json: bool) -> None:
    if as_json:
        echo_json({**asdict(done), "state": done.state.value, "at": done.at.isoformat()})
    else:
        shown = {"service": host(done.service), "detail": done.detail}
        echo(render_logfmt(**{done.state.value: done.url}, **shown))


def _say_deposits(counts: Mapping[DepositState, int]) -> None:
    if not counts:
        say(message("cli.archive.deposit.none"))
        return
    counted = tuple(
        message(key, count=counts[state]) for state, key in _DEPOSITS.items() if counts[state]
    )
    say(message("cli.archive.deposit.tally", counts=counted))


def _follow_check(
    steps: Iterable[FileCheck], total_bytes: int, shown: Shown, *, as_json: bool
) -> list[FileCheck]:
    """Tell what a check finds as it goes, with a bar on stderr when that is a terminal."""
    checked = []
    before = done = 0
    with count_bytes(total_bytes, label=message("cli.progress.checking")) as count:
        for step in steps:
            count(before + step.offset - done)
            done = before + step.offset
            if not step.is_done:
                continue
            before += step.size
            checked.append(step)
            for problem in step.problems:
                costs = tuple(
                    replace(cost, url=WITHDRAWN) if shown.hides(cost.url) else cost
                    for cost in problem.costs
                )
                _tell_problem(replace(problem, costs=costs), as_json=as_json)
    return checked


def _tell_problem(problem: CheckProblem, *, as_json: bool) -> None:
    if as_json:
        echo_json(asdict(problem) | {"reason": words(problem.reason)})
        return
    inside = f"+{problem.inside}" if problem.inside else ""
    echo(
        f"problem={problem.kind} file={problem.filename} offset={problem.offset}{inside} "
        f"bytes={problem.length} reason={words(problem.reason)}"
    )
    for cost in problem.costs:
        echo(f"  costs={cost.url} captured_at={cost.captured_at}")


def _measure(folder: Path) -> int:
    return sum(measure(path)[0] for path in find_files(folder))


def _read_shown(settings: Settings) -> Shown:
    """Read what may be shown; an archive without a bibliography can be checked too."""
    is_there = settings.bibliography.is_dir()
    return read_shown(settings) if is_there else Shown(Bibliography())


def _list_urls(bibliography: Bibliography) -> Iterator[str]:
    return (each.url for each in bibliography.references if each.url)
