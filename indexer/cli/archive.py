"""`renvois archive`: take in what others archived, give out a package, read the files back."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, replace
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
    count_bytes,
    echo,
    echo_json,
    follow,
    require_corpus,
    say,
    say_error,
    words,
)
from indexer.corpus import Corpus, Crawl, open_corpus, open_crawl, read_secrets, read_shown
from indexer.crawl import judge, next_due, parse_open_networks
from indexer.deposit import deposit_all, parse_service
from indexer.disk import WrongRow
from indexer.errors import ArchiveError, CorpusError, LockedError
from indexer.extract.payload import PayloadKind, sniff_payload
from indexer.identities import RegisterFile
from indexer.links.history import open_history
from indexer.messages import message, open_translator
from indexer.messages import render_json as render_message
from indexer.model import Bibliography, Cause, HandedIn, Outcome, Reference
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


@click.group()
def archive() -> None:
    """Import and export the WARC files of the corpus, read them back into the catalogue."""


@archive.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a visit, or a fault.")
@click.pass_context
def import_files(context: click.Context, files: Sequence[Path], as_json: bool) -> None:
    """Use WARC, ARC and WACZ FILES of others (ArchiveBox, Browsertrix, wget…) for the cited URLs.

    They are copied into the archive as they are. A package that `renvois archive export` made
    brings its visits and the history of its links too. What can't be read is said, file and
    place, and all the rest is used.
    """
    settings: Settings = context.obj
    count = failures = hidden = 0
    shown = read_shown(settings)
    with open_crawl(settings) as opened:
        # Of what is withdrawn the history is kept too, and nothing said; it is visited no more.
        opened.catalogue.targets.cite(_list_urls(shown.everything))
        for file in files:
            is_whole = True
            try:
                found = _import_file(file, opened, settings)
                with follow(found, label=file.name) as followed:
                    for outcome in followed:
                        if isinstance(outcome, NotTaken):
                            is_whole = is_whole and not outcome.is_fault
                        elif shown.hides(outcome.url):
                            hidden += 1
                            continue
                        else:
                            count += 1
                        _tell(outcome, file, shown, as_json=as_json)
            except ArchiveError as error:
                is_whole = False
                say_error(error)
                if as_json:
                    echo_json({"file": str(file), "fault": words(error.what)})
            except KeyboardInterrupt:
                say("Stopped; what was told is kept. Import the file again for the rest.")
                context.exit(EXIT_INTERRUPTED)
            failures += not is_whole
        opened.catalogue.targets.cite(_list_urls(shown.bibliography))
        say_misdated(opened, shown.bibliography.references)
    if hidden:
        say(
            f"{hidden} visits of withdrawn pages were kept, and are not shown; "
            "`renvois withdraw NAME --purge` removes their bytes, these too."
        )
    say(f"{count} visits of pages, {len(files) - failures} of {len(files)} files taken whole.")
    if failures:
        context.exit(EXIT_STOPPED)


@archive.command("add")
@click.argument("reference", metavar="REFERENCE")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", help="Who hands it in; without it, the name of your account.")
@click.option("--json", "as_json", is_flag=True, help="What was kept and read, as one JSON object.")
@click.pass_context
def add_file(
    context: click.Context, reference: str, file: Path, by: str | None, as_json: bool
) -> None:
    """Hand in FILE as the text of a cited REFERENCE (its id, its key or its URL).

    A page saved by a browser (HTML, MHTML, SingleFile), a PDF, an office file, a text or an image.
    It is kept in the archive as it is, with who brought it and when, then read and indexed; it is
    the text of the reference from then on, and shown as handed in. The link goes on being checked.
    """
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
        "kind": article.kind.value if article else None,
        "characters": len(article.text) if article else 0,
        "evidence": render_message(article.evidence) if article else None,
    }
    if as_json:
        echo_json(told)
    else:
        echo(render_logfmt(added=file.name, **{key: told[key] for key in list(told)[:-1]}))
    if not told["characters"]:
        why = open_translator(settings.language)(article.evidence) if article else ""
        say(f"{file}: kept, but no text could be read in it. {why}")
    context.invoke(index)


def _read_handed(file: Path) -> tuple[bytes, str]:
    """Read a file that is handed in; gives its bytes and its media type. Raises a usage error."""
    size = file.stat().st_size
    if size > MAX_PAYLOAD_BYTES:
        most = MAX_PAYLOAD_BYTES // 1_000_000
        raise click.UsageError(f"{file}: {size:,} bytes; a text is read up to {most} MB.")
    payload = file.read_bytes()
    guessed = guess_type(file.name)[0] or ""
    kind = sniff_payload(payload, content_type=guessed)
    if kind in (PayloadKind.EMPTY, PayloadKind.OTHER, PayloadKind.FEED):
        said = "is empty" if kind is PayloadKind.EMPTY else "is nothing that can be read here"
        raise click.UsageError(
            f"{file}: {said}. Hand in HTML, MHTML, PDF, EPUB, DOCX, ODT, plain text or an image."
        )
    return payload, MEDIA_TYPES.get(kind) or guessed or "application/octet-stream"


def _choose_reference(references: Sequence[Reference], name: str) -> Reference:
    """Find the one cited reference of a name. Raises a usage error for none, or for several."""
    found = [each for each in references if matches_name(each, name)]
    own = [each for each in found if name in (each.id, each.url)] or found
    by_key = {urlkey(each.url): each for each in own if each.url}
    if len(by_key) == 1:
        return next(iter(by_key.values()))
    if found and not by_key:
        raise click.UsageError(
            f"{name}: cited without an address, and a text is kept under its address. "
            "Give the reference one in the bibliography."
        )
    if not by_key:
        raise click.UsageError(f"{name}: the bibliography cites no such id, key or URL.")
    some = ", ".join(str(each.url) for each in list(by_key.values())[:5])
    raise click.UsageError(f"{name}: names {len(by_key)} references ({some}…). Give one URL.")


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


def _tell(outcome: Outcome | NotTaken, file: Path, shown: Shown, *, as_json: bool) -> None:
    if isinstance(outcome, NotTaken):
        url = WITHDRAWN if shown.hides(outcome.url) else outcome.url
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
        place = "" if outcome.offset is None else f" at byte {outcome.offset}"
        length = "" if outcome.length is None else f" ({outcome.length} bytes)"
        of = f", a record of {url}" if url else ""
        say(f"{file}: {outcome.name}{place}{length}: {words(outcome.what)}{of}")
        return
    reason = cause(outcome)
    why = explain_cause(Cause(reason)) if reason else ""
    if as_json:
        echo_json(
            {
                "file": str(file),
                "url": outcome.url,
                "outcome": outcome_slug(outcome),
                "cause": reason,
                "why": why,
                "hops": [WITHDRAWN if shown.hides(uri) else uri for uri in outcome.hops],
            }
        )
    else:
        told = {outcome_slug(outcome): outcome.url, "from": file.name}
        echo(render_logfmt(**told, cause=reason, why=why))


@archive.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file of the archive.")
@click.pass_context
def export(context: click.Context, file: Path, as_json: bool) -> None:
    """Pack the whole archive into FILE (.wacz), to be opened by ReplayWeb.page or pywb.

    Every visit travels with it, failures too, and what was observed of the links: imported into
    another corpus, they are as they were. What is withdrawn is left out, and what the settings
    make us send is hidden. For a backup, see docs/backup.md.
    """
    settings: Settings = context.obj
    if file.suffix.lower() != ".wacz":
        raise click.UsageError(f"{file}: the name of a package ends with .wacz")
    records = faults = 0
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
            with closing(packing), follow(packing, label="Packing") as followed:
                for packed in followed:
                    records += packed.records
                    faults += bool(packed.fault or packed.skipped)
                    _tell_packed(packed, as_json=as_json)
        except KeyboardInterrupt:
            say(f"Stopped; {file} was not written.")
            context.exit(EXIT_INTERRUPTED)
    say(f"{file}: {records} records, {len(pages)} pages.")
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
                    {"offset": each.offset, "bytes": each.length, "reason": each.reason}
                    for each in packed.skipped
                ],
                "fault": packed.fault,
            }
        )
    for fault in (*packed.skipped, packed.fault):
        if fault:
            say(f"{packed.path}: {fault}; what could be read is in the package")


@archive.command("reindex")
@click.pass_context
def read_back(context: click.Context) -> None:
    """Read the catalogue back from the WARC files; what it holds already stays.

    But for rows that are damaged: these are made anew.
    """
    settings: Settings = context.obj
    records = visits = 0
    shown = read_shown(settings)
    with open_crawl(settings) as opened:
        wrong = opened.catalogue.drop_wrong_rows()
        if wrong:
            say(f"{len(wrong)} damaged rows of the catalogue are read back from the files.")
        unseen = opened.history.drop_wrong_rows()
        if unseen:
            say(
                f"{len(unseen)} damaged rows of the history of links are taken out: "
                "`renvois index` looks at these links again."
            )
        read = reindex(settings.archive, opened.catalogue, next_due=next_due)
        with follow(read, label="Reading WARC files") as followed:
            for found in followed:
                records += found.records
                visits += found.visits
                echo(f"read={found.path.name} records={found.records} visits={found.visits}")
                skipped = (
                    replace(each, target_uri=WITHDRAWN) if shown.hides(each.target_uri) else each
                    for each in found.skipped
                )
                for odd in (*skipped, *found.notes, found.fault):
                    if odd:
                        say(f"{found.path}: {odd}")
        opened.catalogue.targets.cite(_list_urls(shown.bibliography))
    say(f"{records} records read, {visits} visits that were not known.")


@archive.command("secrets")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a record.")
@click.pass_context
def list_secrets(context: click.Context, as_json: bool) -> None:
    """List the archived records that hold a credential, or a header of the settings; exit code 3.

    Older versions archived the headers of `[sites."…"]` in clear. The files stay as they are;
    `renvois archive export` hides what is listed here, but for what a page's own text repeats
    (payload). No value is shown.
    """
    settings: Settings = context.obj
    secrets = read_secrets(settings)
    shown = _read_shown(settings)
    count = 0
    files = find_files(settings.archive)
    with follow(sorted(files), label="Reading WARC files", length=len(files)) as followed:
        for file in followed:
            for found in find_secrets_of(file, secrets):
                if isinstance(found, FoundSecret):
                    count += 1
                    is_hidden = shown.hides(found.url)
                    found = replace(found, url=WITHDRAWN) if is_hidden else found
                    _tell_secret(found, as_json=as_json)
                else:
                    say(f"{file}: {found.length} bytes at offset {found.offset} can't be read.")
    say(f"{count} records hold a credential or a header of the settings.")
    if count:
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


@archive.command()
@click.option("--all", "is_anew", is_flag=True, help="Begin anew: check what was checked before.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a problem, then a summary.")
@click.pass_context
def check(context: click.Context, is_anew: bool, as_json: bool) -> None:
    """Check every record against its checksums, its digests and the catalogue.

    Changes nothing of the archive. A check that was stopped goes on where it was; files that did
    not change since are not read again. Exit code 3 when something is damaged or missing.
    """
    settings: Settings = context.obj
    require_corpus(settings)
    shown = _read_shown(settings)
    with ExitStack() as stack:
        state_path = settings.corpus / CHECK_STATE
        state = read_state(state_path, is_anew=is_anew)
        is_busy = False
        try:
            stack.enter_context(acquire_lock(settings.corpus / CRAWL_LOCK))
        except LockedError as error:
            is_busy = True
            say(f"{words(error.what)}: the file that it writes is not checked now.")
        except CorpusError as error:
            say(f"{error.where}: {words(error.what)}: this check can't be resumed.")
            state.path = None
        catalogue = None
        wrong: Iterable[WrongRow] = ()
        if settings.catalogue_place.exists():
            catalogue = stack.enter_context(open_catalogue(settings.catalogue_place))
            history = stack.enter_context(open_history(settings.catalogue_place))
            register = stack.enter_context(RegisterFile(settings.catalogue_place))
            wrong = (*history.find_wrong_rows(), *register.find_wrong_rows())
        steps = check_archive(settings.archive, catalogue, state, leave_open=is_busy, others=wrong)
        checked = _follow_check(steps, _measure(settings.archive), shown, as_json=as_json)
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
        f"{summary['files']} files, {summary['records']} records: "
        + (f"{len(problems)} problems." if problems else "all is whole.")
    )
    if problems:
        context.exit(EXIT_FINDINGS)


@archive.command()
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--growing", is_flag=True, help="Close the file that the next crawl adds to, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def upload(context: click.Context, names: Sequence[str], growing: bool, as_json: bool) -> None:
    """Send closed WARC files to the S3-compatible storage of the settings ([storage] address).

    All of them, or each FILE of the archive that is named; nothing is ever added to one that was
    sent. What is there already is not sent again, and a file that was cut short goes on where it
    was. Files stay here too: `renvois archive remove-local` removes them.
    """
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
    say(f"{len(waiting)} files sent, {known} were there.")
    if last is not None and not growing and not names:
        say(f"{last.name} stays: the next crawl adds to it. --growing closes and sends it.")


@archive.command("remove-local")
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--all", "is_all", is_flag=True, help="Every file that was sent.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def remove_here(context: click.Context, names: Sequence[str], is_all: bool, as_json: bool) -> None:
    """Remove WARC files that were sent from this disk; they are read at the storage then.

    Each FILE that is named, or --all. A file goes only once its copy was read back whole and has
    the digest that was sent.
    """
    settings: Settings = context.obj
    if is_all == bool(names):
        raise click.UsageError("name files, or say --all")
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
    say(f"{len(chosen)} files removed here; their copies were read back.")


@archive.command()
@click.argument("names", nargs=-1, metavar="[FILE]...")
@click.option("--all", "is_all", is_flag=True, help="Every file that is on the storage alone.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_context
def download(context: click.Context, names: Sequence[str], is_all: bool, as_json: bool) -> None:
    """Bring WARC files back from the storage: each FILE that is named, or --all.

    Their copies there stay.
    """
    settings: Settings = context.obj
    if is_all == bool(names):
        raise click.UsageError("name files, or say --all")
    require_corpus(settings)
    with _open_storage(settings) as corpus:

        def fetch_one(path: Path, progress: Callable[[int], None]) -> dict[str, Any]:
            fetch(path, progress=progress)
            return {"bytes": measure(path)[0]}

        chosen = _choose_files(find_remote_only(corpus.archive.folder), names)
        _each_file(context, chosen, fetch_one, done="fetched", as_json=as_json)
    say(f"{len(chosen)} files brought back.")


def _read_storage(settings: Settings) -> Storage:
    """Give the storage that the settings name. Raises a usage error without one."""
    told = settings.storage
    if not told.address:
        raise click.UsageError("no storage is set: name one in [storage] (docs/settings.md)")
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
        raise click.UsageError(f"{unknown[0]}: no such file that this can be done with now.")
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
        with count_bytes(sum(measure(path)[0] for path in files), label="WARC files") as progress:
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
        say("Stopped; what was told is done. The next run goes on.")
        context.exit(EXIT_INTERRUPTED)
    if failures:
        say(f"{failures} of {len(files)} files failed.")
        context.exit(EXIT_STOPPED)


@archive.command()
@click.option("--only", multiple=True, help="Only this URL, host or citation key (repeatable).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a deposit.")
@click.pass_obj
def deposit(settings: Settings, only: Sequence[str], as_json: bool) -> None:
    """Ask the services of `deposit_to` to keep what is cited and what they do not keep yet.

    Only pages that answered at the last visit; what a service keeps is asked no more, what it
    refused is asked again after a day. Keys go as headers of the service's site (docs/watch.md).
    """
    if not settings.deposit_to:
        raise click.UsageError("no service is set: name one in deposit_to (docs/settings.md)")
    services = [parse_service(each) for each in settings.deposit_to]
    cited = [each for each in read_shown(settings).bibliography.references if each.url]
    chosen = select_references(cited, only)
    wanted = [each for each in cited if not only or urlkey(each.url or "") in chosen.keys]
    counts: Counter[str] = Counter()
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
        with follow(deposits, label="Depositing") as followed:
            for done in followed:
                journal.put_deposit(urlkey(done.url), done)
                counts[done.state.value] += 1
                told = {**asdict(done), "state": done.state.value, "at": done.at.isoformat()}
                if as_json:
                    echo_json(told)
                else:
                    shown = {"service": host(done.service), "detail": done.detail}
                    echo(render_logfmt(**{done.state.value: done.url}, **shown))
    counted = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    say(f"Deposits: {counted}." if counted else "Nothing to deposit.")


def _follow_check(
    steps: Iterable[FileCheck], total_bytes: int, shown: Shown, *, as_json: bool
) -> list[FileCheck]:
    """Tell what a check finds as it goes, with a bar on stderr when that is a terminal."""
    checked = []
    before = done = 0
    with count_bytes(total_bytes, label="Checking") as count:
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
        echo_json(asdict(problem))
        return
    inside = f"+{problem.inside}" if problem.inside else ""
    echo(
        f"problem={problem.kind} file={problem.filename} offset={problem.offset}{inside} "
        f"bytes={problem.length} reason={problem.reason}"
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
