"""`renvois links repair`: a patch of the bibliography's own files, to review or to write."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click

from indexer import pipeline
from indexer.cli.link_decisions import say_decision_problems
from indexer.cli.terminal import EXIT_FINDINGS, SpokenCommand, echo_document, say
from indexer.corpus import open_corpus, read_identified, read_shown
from indexer.disk import explain, swap_in
from indexer.errors import BibliographyError
from indexer.links.editors import Fix
from indexer.links.repair import Repair, decode_file, render_patch, repair_file
from indexer.links.replacement import DOI, REDIRECT, choose_fixes
from indexer.messages import message
from indexer.model import Bibliography
from indexer.settings import Settings
from indexer.urls import urlkey
from indexer.withdrawals import Shown


@click.command(cls=SpokenCommand, help="cli.links.repair.help")
@click.option("--apply", "is_applied", is_flag=True, help="cli.links.repair.apply")
@click.option("--moved", is_flag=True, help="cli.links.repair.moved")
@click.option("--strict", is_flag=True, help="cli.links.repair.strict")
@click.pass_context
def repair(context: click.Context, is_applied: bool, moved: bool, strict: bool) -> None:
    """Add the archived address of dead links to the bibliography's own files."""
    settings: Settings = context.obj
    shown = read_shown(settings)
    bibliography = shown.everything  # the files are a person's own, and are read back whole
    fixes = _choose_fixes(settings, shown, with_moved=moved)
    looked_at, joining = find_repairs(settings, bibliography, fixes)
    repairs = [each for each in looked_at if each.is_change]
    for each in repairs:
        if is_applied:
            _apply(settings.bibliography / each.path, each)
            say(message("cli.links.repair.done", file=each.path, count=len(each.fixed)))
        else:
            hidden = shown.find_lines(each.path, decode_file(each.before))
            echo_document(render_patch(each, hidden_lines=hidden))
    for fix in joining:
        address = fix.replacement.address
        say(message("cli.links.repair.joins", url=fix.url, address=address))
    _say_unplaced([fix for fix in fixes if fix not in joining], looked_at)
    if not repairs:
        say(message("cli.links.repair.nothing"))
    if strict and repairs and not is_applied:
        context.exit(EXIT_FINDINGS)


def _choose_fixes(settings: Settings, shown: Shown, *, with_moved: bool) -> Sequence[Fix]:
    """Choose the new addresses of dead links that the bibliography's files have a place for."""
    bibliography = shown.everything
    with open_corpus(settings, bibliography.references) as corpus:
        say_decision_problems(corpus, bibliography)
        # A row hides the credentials of a URL, and the file has them. What an identifier leads to
        # is written nowhere.
        written = {r.id: r.url for r in bibliography.references if r.url and not r.url_from}
        rows = (
            replace(row, url=written[row.reference_id])
            for row in pipeline.list_rows(shown.bibliography, corpus)
            if row.reference_id in written
        )
        archived = {r.id for r in bibliography.references if r.archive_url}
        return choose_fixes(rows, archived=archived, with_moved=with_moved)


def _say_unplaced(fixes: Sequence[Fix], looked_at: Sequence[Repair]) -> None:
    """Say which new addresses found no place in any file."""
    placed = {fix.url for each in looked_at for fix in (*each.fixed, *each.present)}
    for fix in fixes:
        if fix.url not in placed:
            address = fix.replacement.address
            say(message("cli.links.repair.no-place", url=fix.url, address=address))


def _repair(folder: Path, bibliography: Bibliography, fixes: Sequence[Fix]) -> Iterator[Repair]:
    """Each file that holds references or notes; decisions and corrections are not touched."""
    places = [each.place for each in bibliography.references]
    places += [each.place for each in bibliography.notes]
    for path in sorted({place.path for place in places if place is not None}):
        yield repair_file(path, _read(folder / path), fixes)


def find_repairs(
    settings: Settings, bibliography: Bibliography, fixes: Sequence[Fix]
) -> tuple[list[Repair], list[Fix]]:
    """Repair the files in memory; give them, and the fixes that are left out.

    Left out is what would make one reference of two: the new address of one is that of another.
    Raises BibliographyError where the files would not read as before for another reason.
    """
    left_out: list[Fix] = []
    while True:
        kept = [fix for fix in fixes if fix not in left_out]
        looked_at = list(_repair(settings.bibliography, bibliography, kept))
        repairs = [each for each in looked_at if each.is_change]
        if not _joins(settings, bibliography, repairs):
            return looked_at, left_out
        joining = _find_joining(bibliography, kept)
        if not joining:
            raise _refuse_reading(settings.bibliography)
        left_out += joining


def _find_joining(bibliography: Bibliography, fixes: Sequence[Fix]) -> list[Fix]:
    """Find the fixes whose new address is that of another reference, or of another fix."""
    address_by_key = {
        urlkey(fix.url): urlkey(fix.replacement.address)
        for fix in fixes
        if fix.replacement.kind in (REDIRECT, DOI)
    }
    keys = Counter(urlkey(each.url) for each in bibliography.references if each.url)
    moved: Counter[str] = Counter()
    for key, count in keys.items():
        moved[address_by_key.get(key, key)] += count
    joined = {key for key, count in moved.items() if count > max(1, keys[key])}
    return [fix for fix in fixes if address_by_key.get(urlkey(fix.url)) in joined]


def _joins(settings: Settings, before: Bibliography, repairs: Sequence[Repair]) -> bool:
    """Tell whether fewer references would be read after a repair.

    Raises BibliographyError where the files would read otherwise in anything else but addresses.
    """
    if not repairs:
        return False
    folder = settings.bibliography
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "bibliography"
        _copy(folder, copy)
        for each in repairs:
            (copy / each.path).write_bytes(each.after)
        after = read_identified(settings, folder=copy)
    # Where two references differ by their address only, so may their identifiers.
    has_moved = any(
        fix.replacement.kind in (REDIRECT, DOI) for each in repairs for fix in each.fixed
    )
    if _gist(before, with_ids=not has_moved) == _gist(after, with_ids=not has_moved):
        return False
    left = {reference.id for reference in after.references}
    lost = [reference for reference in before.references if reference.id not in left]
    if has_moved and len(after.references) < len(before.references):
        return True
    raise _refuse_reading(folder, [reference.id for reference in lost])


def _refuse_reading(folder: Path, lost: Sequence[str] = ()) -> BibliographyError:
    """Make the error of files that would not read as before; `lost` are ids of references."""
    hint = message("cli.links.repair.look-at-notes")
    if lost:
        hint = message("cli.links.repair.look-at", names=", ".join(sorted(lost)))
    said = message("cli.links.repair.reads-otherwise")
    return BibliographyError(said, where=folder, hint=hint)


def _copy(folder: Path, copy: Path) -> None:
    """Copy what the bibliography is read from: no hidden file, nothing that can't be read."""
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts):
            continue
        if path.is_file() and os.access(path, os.R_OK):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy / name)


def _gist(bibliography: Bibliography, *, with_ids: bool) -> object:
    return (
        [(r.id if with_ids else "", r.title, r.authors, r.issued) for r in bibliography.references],
        [note.text for note in bibliography.notes],
        bibliography.citations if with_ids else len(bibliography.citations),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refuse("error.cannot-read", path, error) from error


def _apply(path: Path, repaired: Repair) -> None:
    """Write the file beside and swap it in, unless it is locked or was changed meanwhile."""
    path = path.resolve()  # of a link, the file; the link stays one
    if not path.stat().st_mode & 0o222:
        raise BibliographyError(message("cli.links.repair.read-only"), where=path)
    if _read(path) != repaired.before:
        raise BibliographyError(message("cli.links.repair.changed"), where=path)
    try:
        swap_in(path, repaired.after)
    except OSError as error:
        raise _refuse("error.cannot-write", path, error) from error


def _refuse(key: str, path: Path, error: OSError) -> BibliographyError:
    """Make the error of a file that the system does not let us read or write."""
    told = explain(error)
    return BibliographyError(message(key, why=told.what), where=path, hint=told.hint)
