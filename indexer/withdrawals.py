"""Read which texts were withdrawn, find them however their address is written, leave them out.

    # lines of withdrawn.txt, in the corpus or beside the bibliography (both count)
    http://www.exemple.test/article      # retiré le 2026-11-28 par Camille : à sa demande
    durand-2015-titre
    doi:10.1234/abc

A line names a text by its address (compared by urlkey), by the address of an archived copy, by
its DOI, by its citation key, by any of these that it had before, or by the address of our page on
it. What is withdrawn is left out as if the bibliography did not cite it; notes stay, and lose the
reference.
"""

import hashlib
import html
import json
import re
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar
from urllib.parse import unquote

from indexer.disk import explain, swap_in
from indexer.errors import WithdrawalError
from indexer.messages import Message, message
from indexer.model import (
    DOI_BEGINS,
    Bibliography,
    CitingNote,
    Document,
    Note,
    Reference,
    hash_note,
    name_doi,
    name_id,
    name_url,
    rename_note,
)
from indexer.urls import urlkey

FILE_NAME: Final = "withdrawn.txt"
_COARSEST_CLOCK_NS: Final = 4_000_000_000  # of a file system, twice
PENDING_NAME: Final = "purge-pending.json"  # in the corpus, while a purge is under way

_COMMENT: Final = re.compile(r"(?:^|\s)#(.*)$")
# As the URL standard reads it: "http:/a.fr" and "http:\\a.fr" are addresses in every browser.
_SCHEME: Final = re.compile(r"(?:[a-z][a-z0-9+.-]*://|https?:[/\\])", re.IGNORECASE)
# https://web.archive.org/web/20150304id_/http://exemple.test/, /web/*/…, /web/2/…
# Where the page has no scheme, a year is a folder of its own site: "/2016/article".
_MEMENTO: Final = re.compile(
    r"/(?:\d{1,14}(?:[a-z]{2}_)?|\*|web|save|newest|oldest)/([a-z]+:/{1,2}[^/].*)$"
    r"|(?:archive\.org/web/(?:\d{1,14}(?:[a-z]{2}_)?|\*)|/(?:\d{14}(?:[a-z]{2}_)?|\*))"
    r"/([^/.]+\.[^/]+.*)$",
    re.I,
)
_OUR_PAGE: Final = re.compile(r"/(?:textes|liens|documents)/([^/?#]+?)(?:\.[a-z]+)?/?(?:[?#]|$)")
# A DOI within an address: of a resolver, of a publisher, through a library's proxy.
_DOI_INSIDE: Final = re.compile(rf"(?:^|[/:=\s])({DOI_BEGINS}[^\s?#]+)")
_WEB_ADDRESS: Final = re.compile(r"https?:/.+", re.IGNORECASE)
# The mirrors of one archive give a copy the same short name (https://archive.ph/AbC12).
_ARCHIVE_TODAY: Final = re.compile(r"^url (?:today|is|ph|fo|li|md|vn),archive\)")
_WRAPPING: Final = "<>\"'«»“”‘’[]() \u00a0\u202f"
_LATEX: Final = re.compile(r"\\[A-Za-z]+\*?(?:\[[^]]*\])*\{(.+?)\}.*")
_LABEL: Final = re.compile(r"(?:ur[li]|view-source|lien|adresse|doi)\s*:\s*(?=\S)", re.IGNORECASE)
_PUNCTUATION: Final = ".,;:!?…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """One line of a file of withdrawals: what it names, why, and where it stands."""

    name: str  # as written
    comment: str = ""
    path: Path
    line: int  # from 1

    @property
    def place(self) -> str:
        """The file and the line, as errors and lists tell them."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The names of a text: its id, its addresses, its DOI, and those that it had before."""

    id: str
    url: str | None = None
    archive_url: str | None = None
    doi: str = ""
    aliases: tuple[str, ...] = ()  # as `model.identity` writes them


@dataclass(frozen=True)
class Withdrawals:
    """The lines of all files; `state` changes whenever one of them does."""

    lines: tuple[Withdrawal, ...] = ()
    state: str = ""

    def __bool__(self) -> bool:
        """Whether anything is withdrawn."""
        return bool(self.lines)

    def match(self, texts: Iterable[Text]) -> Mapping[Withdrawal, tuple[str, ...]]:
        """Find the ids of the texts that each line hides; none for a line that hides nothing.

        Texts of one address go together: who withdraws one withdraws the page.
        """
        names = _Names(texts)
        return {line: names.find(line.name) for line in self.lines}

    def find_hidden(self, texts: Iterable[Text]) -> frozenset[str]:
        """Find the ids of the texts that some line hides."""
        if not self.lines:
            return frozenset()
        return frozenset(key for keys in self.match(texts).values() for key in keys)


class _Names:
    """The texts by everything that may name them."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self._by_key: dict[str, list[str]] = {}
        self._addresses: dict[str, set[str]] = {}
        for text in texts:
            own, *addresses = list_text_names(text)
            self._addresses[text.id] = set(addresses)
            for key in (own, *self._addresses[text.id]):
                self._by_key.setdefault(key, []).append(text.id)
        self._folded: dict[str, list[str]] = {}
        for key, ids in self._by_key.items():
            self._folded.setdefault(fold_name(key), []).extend(ids)

    def find(self, name: str) -> tuple[str, ...]:
        """Find the ids of the texts of a name, and of those that have one's address."""
        found = resolve_line(name, self._find_exact, self._find_folded)
        same = {address for key in found for address in self._addresses[key]}
        more = [key for address in same for key in self._by_key[address]]
        return tuple(sorted({*found, *more}))

    def _find_exact(self, names: Collection[str]) -> list[str]:
        return [key for name in names for key in self._by_key.get(name, ())]

    def _find_folded(self, names: Collection[str]) -> list[str]:
        return [key for name in names for key in self._folded.get(name, ())]


Named = TypeVar("Named")
FindNamed = Callable[[Collection[str]], Sequence[Named]]


def resolve_line(name: str, find: FindNamed[Named], find_folded: FindNamed[Named]) -> list[Named]:
    """Find what a line names, by the strictest reading of it that names anything.

    `find` gives what has one of some names, `find_folded` what has a name that `fold_name` makes
    one of some: short links differ by nothing but capitals, so that these count only where
    nothing has the name as written.
    """
    for spelling in _list_spellings(name):
        names = tuple(dict.fromkeys(_list_names(spelling)))
        found = find(names) or find_folded({fold_name(each) for each in names})
        if found:
            return list(found)
    return []


def fold_name(name: str) -> str:
    """Fold a name so that capitals, blanks, percent-encoding and composed accents don't count.

    >>> fold_name("url fr,exemple)/Caf%C3%A9")
    'url fr,exemple)/café'
    """
    # Bytes that are no UTF-8 stay apart: "%E8" and "%E9" are two letters of Latin-1.
    text = unicodedata.normalize("NFC", unquote(name, errors="backslashreplace").casefold())
    return _ARCHIVE_TODAY.sub("url today,archive)", " ".join(text.split()))


def list_text_names(text: Text) -> Iterator[str]:
    """List everything that names a text, its id first; a line that means one of these hides it."""
    yield name_id(text.id)
    for address in (text.url, text.archive_url):
        if address:
            yield from (name_url(key) for key in _address_keys(address))
    yield from filter(None, (name_doi(text.doi), name_doi(text.url or "")))
    yield from text.aliases


def list_line_names(name: str) -> Iterator[str]:
    """List everything that a line may mean: nothing written in one is taken for nothing."""
    for spelling in _list_spellings(name):
        yield from _list_names(spelling)


def _list_spellings(name: str) -> Iterator[str]:
    """List the readings of a line, the strictest first.

    What is written; its first word; without what it was copied with (a command of LaTeX, a label,
    entities of HTML, a full stop); the address that it holds.
    """
    yield from _strip(name)
    yield from _strip((name.split() or [""])[0])
    text = html.unescape(name)
    if found := _LATEX.fullmatch(text.strip()):
        text = found[1]
    bare = _LABEL.sub("", text.strip(_WRAPPING), count=1)
    yield from _strip(bare)
    yield from _strip(bare.rstrip(_WRAPPING + _PUNCTUATION))
    plain = unquote(bare)
    while held := _WEB_ADDRESS.search(plain, 1):
        plain = held[0]
        yield from _strip(plain)


def _strip(text: str) -> Iterator[str]:
    """Give a text without what it is wrapped in, where there is anything in it."""
    is_ipv6 = text.startswith("[") and "]/" in text  # a host, without its scheme
    bare = (text if is_ipv6 else text.strip(_WRAPPING)).rstrip(",;")
    if bare.strip():
        yield bare


def _list_names(spelling: str) -> Iterator[str]:
    """List the names that one reading of a line may be: of an id, a DOI, a page here, a page."""
    yield name_id(spelling.removeprefix("@"))
    if doi := name_doi(spelling):
        yield doi
    for inside in _DOI_INSIDE.findall(unquote(spelling)):
        yield name_doi(inside)
    if match := _OUR_PAGE.search(spelling):
        yield name_id(unquote(match[1]))
    yield from (name_url(key) for key in _address_keys(spelling))


def _address_keys(address: str) -> Iterator[str]:
    """Make the urlkeys of an address and, of an archived one, of the page that it is a copy of."""
    for full in _complete(address):
        yield urlkey(full)
    if match := _MEMENTO.search(address):
        copied: str = match[1] or match[2]
        for full in _complete(copied.replace(":/", "://", 1).replace(":///", "://", 1)):
            yield urlkey(full)


def list_urlkeys(name: str) -> frozenset[str]:
    """List the urlkeys of the addresses that a name may be; of no use where it is none."""
    return frozenset(key for bare in _strip(name) for key in _address_keys(bare))


def _complete(address: str) -> tuple[str, ...]:
    """Complete an address by its scheme; by both, where none was written."""
    if _SCHEME.match(address):
        return (address,)
    bare = address.removeprefix("//")
    return (f"http://{bare}", f"https://{bare}")


# --- files


def parse_withdrawals(text: str, *, path: Path = Path(FILE_NAME)) -> tuple[Withdrawal, ...]:
    """Read the lines of a file of withdrawals; what follows "#" says why."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        comment = _COMMENT.search(line)
        name = (line[: comment.start()] if comment else line).strip("\ufeff").strip()
        if name:
            said = comment[1].strip() if comment else ""
            found.append(Withdrawal(name=name, comment=said, path=path, line=number))
    return tuple(found)


def list_files(corpus: Path, bibliography: Path) -> tuple[Path, ...]:
    """List the files that may say what is withdrawn, as FileList does, once."""
    return FileList(corpus, bibliography)()


@dataclass(frozen=True, slots=True)
class _Listing:
    """A folder's content: its folders but hidden ones, and its files of withdrawals."""

    place: tuple[int, int]  # device, inode
    changed_ns: int  # the folder's time of modification
    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()


class FileList:
    """The files that may say what is withdrawn, listed anew each time; safe for several threads.

    Those of the whole corpus come first, two, of which a command makes the first one; then those
    in the folders of the bibliography, whose keepers may not write beside it: at any depth, and in
    any capitals ("Withdrawn.txt" comes from systems that take both for one name).
    """

    def __init__(self, corpus: Path, bibliography: Path) -> None:
        """Take the two folders, which may not exist yet."""
        self._corpus = corpus
        self._bibliography = bibliography
        # A bibliography of 10,000 files is listed again only where one was added or removed.
        self._known: dict[Path, _Listing] = {}

    def __call__(self) -> tuple[Path, ...]:
        """List them. Raises WithdrawalError where a folder can't be listed."""
        found = [self._bibliography / FILE_NAME, self._corpus / FILE_NAME]
        found += self._list_folder(self._corpus).files
        seen: set[tuple[int, int]] = set()  # a folder may be a link to one that it is in
        waiting = [self._bibliography]
        while waiting:
            listing = self._list_folder(waiting.pop(0))
            if listing.place not in seen:
                seen.add(listing.place)
                waiting += listing.folders
                found += listing.files
        return tuple(dict.fromkeys(found))

    def _list_folder(self, folder: Path) -> _Listing:
        try:
            status = folder.stat()
            found = _Listing((status.st_dev, status.st_ino), status.st_mtime_ns)
            known = self._known.get(folder)
            if known and (known.place, known.changed_ns) == (found.place, found.changed_ns):
                return known
            entries = sorted(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return _Listing((0, 0), 0)
        except OSError as error:
            raise _unread(error, folder) from error
        found = replace(
            found,
            folders=tuple(each for each in entries if each.name[0] != "." and each.is_dir()),
            files=tuple(each for each in entries if each.name.casefold() == FILE_NAME),
        )
        # What is added within one tick of the file system's clock changes no time.
        if found.changed_ns < time.time_ns() - _COARSEST_CLOCK_NS:
            self._known[folder] = found
        else:
            self._known.pop(folder, None)
        return found


ListFiles = Callable[[], Sequence[Path]]


class WithdrawalFiles:
    """The files of withdrawals of a corpus; safe to ask from several threads.

    They are read whenever they are asked for, and parsed when their bytes have changed: no clock
    tells an edit of the same length in the same instant, and they are small.
    """

    def __init__(self, paths: Sequence[Path] | ListFiles = ()) -> None:
        """Take the files to read, of which some may not exist, or what lists them each time."""
        self._list = paths if callable(paths) else lambda: paths
        self._lock = Lock()
        self._read: tuple[tuple[Path, bytes | None], ...] | None = None
        self._withdrawals = Withdrawals()

    def read(self) -> Withdrawals:
        """Read what is withdrawn now; nothing where there is no file.

        Raises WithdrawalError when a file is there and can't be read: who can't tell what is
        withdrawn shows nothing.
        """
        held = tuple((path, _read_bytes(path)) for path in self._list())
        with self._lock:
            if held != self._read:
                lines = [
                    line
                    for path, content in held
                    if content is not None
                    for line in parse_withdrawals(_decode(content, path), path=path)
                ]
                state = hashlib.sha256(repr(lines).encode()).hexdigest()[:16] if lines else ""
                self._withdrawals = Withdrawals(tuple(lines), state)
                self._read = held
            return self._withdrawals


NO_WITHDRAWALS: Final = WithdrawalFiles()


def _read_bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unread(error, path) from error


def _unread(error: OSError, path: Path) -> WithdrawalError:
    return WithdrawalError(
        message("error.withdrawals.unreadable", why=explain(error).what),
        where=path,
        hint=message("hint.shown-when-read"),
    )


def _decode(content: bytes, path: Path) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WithdrawalError(
            message("error.withdrawals.no-utf8", byte=str(error.start)),
            where=path,
            hint=message("hint.save-withdrawals-utf8"),
        ) from error
    if "\0" in text:  # UTF-16 without a byte order mark decodes, and names nothing
        raise WithdrawalError(
            message("error.withdrawals.no-text"),
            where=path,
            hint=message("hint.save-withdrawals-utf8"),
        )
    return text


def add_withdrawal(path: Path, name: str, *, comment: str) -> None:
    """Add a line to a file of withdrawals, made when there is none; nothing else of it changes.

    `comment` says why, when and by whom; it is written on the line, after "#".
    """
    content = _read_bytes(path) or b""
    before = _mark(content) + _decode(content, path)
    newline = "" if not before or before.endswith(("\n", "\r")) else "\n"
    _write(path, f"{before}{newline}{name}  # {' '.join(comment.split())}\n")


def remove_withdrawals(lines: Iterable[Withdrawal]) -> None:
    """Take lines out of their files; every other byte stays."""
    numbers: dict[Path, set[int]] = {}
    for line in lines:
        numbers.setdefault(line.path, set()).add(line.line)
    for path, gone in numbers.items():
        content = _read_bytes(path) or b""
        kept = [
            text
            for number, text in enumerate(_decode(content, path).splitlines(True), start=1)
            if number not in gone
        ]
        _write(path, _mark(content) + "".join(kept))


def _mark(content: bytes) -> str:
    """Find the byte order mark that some editors put first."""
    return "\ufeff" if content.startswith(b"\xef\xbb\xbf") else ""


def _write(path: Path, text: str) -> None:
    """Write a file beside and swap it in; its rights stay, and of a link the file is written."""
    path = path.resolve()
    try:
        swap_in(path, text.encode())
    except OSError as error:
        told = explain(error)
        raise WithdrawalError(
            message("error.cannot-write", why=told.what), where=path, hint=told.hint
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPurge:
    """A purge that was confirmed and is not over: of which name, and which urlkeys."""

    name: str
    urlkeys: frozenset[str]


def read_pending(corpus: Path) -> PendingPurge | None:
    """Read which purge was cut short; None when none was. Raises WithdrawalError."""
    path = corpus / PENDING_NAME
    content = _read_bytes(path)
    if content is None:
        return None
    try:
        told = json.loads(content)
        return PendingPurge(name=str(told["name"]), urlkeys=frozenset(map(str, told["urlkeys"])))
    except (ValueError, LookupError, TypeError) as error:
        raise WithdrawalError(
            message("error.withdrawals.pending", error=str(error)),
            where=path,
            hint=message("hint.remove-pending"),
        ) from error


def write_pending(corpus: Path, pending: PendingPurge) -> None:
    """Remember, before anything is removed, what is to go."""
    told = {"name": pending.name, "urlkeys": sorted(pending.urlkeys)}
    _write(corpus / PENDING_NAME, json.dumps(told, ensure_ascii=False))


def remove_pending(corpus: Path) -> None:
    """Remember that a purge is over."""
    (corpus / PENDING_NAME).unlink(missing_ok=True)


# --- leaving out

AnyNote = TypeVar("AnyNote", Note, CitingNote)


def describe_reference(reference: Reference) -> Text:
    """Collect what a reference can be named by."""
    return Text(
        id=reference.id,
        url=reference.url,
        archive_url=reference.archive_url,
        doi=reference.doi,
        aliases=reference.aliases,
    )


def describe_document(document: Document) -> Text:
    """Collect what a document can be named by."""
    reference = document.reference
    return Text(
        id=document.id,
        url=document.url,
        archive_url=reference.archive_url if reference else None,
        doi=reference.doi if reference else "",
        aliases=reference.aliases if reference else (),
    )


def list_ids(reference: Reference) -> tuple[str, ...]:
    """List the ids that a reference has and had."""
    older = (name.removeprefix("id ") for name in reference.aliases if name.startswith("id "))
    return (reference.id, *older)


def rename_aliases(note: AnyNote) -> AnyNote:
    """Rename what else a note was called, as its id is renamed."""
    names = (name.removeprefix("id ") for name in note.aliases)
    return replace(note, aliases=tuple(name_id(hash_note(name)) for name in names))


@dataclass(frozen=True)
class Shown:
    """A bibliography as it is written, and what of it may be shown."""

    everything: Bibliography
    matched: Mapping[Withdrawal, tuple[str, ...]] = field(default_factory=dict)  # line -> ids
    pending: PendingPurge | None = None

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The ids of the references that are withdrawn."""
        return frozenset(key for keys in self.matched.values() for key in keys)

    @property
    def warnings(self) -> tuple[Message, ...]:
        """A sentence for each line that hides nothing: a slip of the pen leaves a text public.

        And one for a purge that was cut short.
        """
        cut_short = (
            (message("report.withdrawals.cut-short", name=self.pending.name),)
            if self.pending
            else ()
        )
        return cut_short + tuple(
            message("report.withdrawals.idle", place=str(line.place), name=line.name)
            for line in self.idle
        )

    def warn_of_index(self, indexed: Collection[str]) -> tuple[Message, ...]:
        """Say what a line written by hand does not do yet; `indexed`: what the index holds."""
        held = self.hidden.intersection(indexed)
        if not held:
            return ()
        return (message("report.withdrawals.in-index", count=len(held)),)

    @property
    def idle(self) -> tuple[Withdrawal, ...]:
        """The lines that hide nothing yet."""
        return tuple(line for line, keys in self.matched.items() if not keys)

    @cached_property
    def bibliography(self) -> Bibliography:
        """The bibliography without withdrawn references, what cites one, and any word on it."""
        return leave_out(self.everything, self.hidden) if self.hidden else self.everything

    def hides(self, url: str) -> bool:
        """Whether an address is that of a withdrawn text, or of a copy of it in a web archive."""
        return bool(url and self.hidden_urlkeys and self.hidden_urlkeys & set(_address_keys(url)))

    @cached_property
    def hidden_urlkeys(self) -> frozenset[str]:
        """The urlkeys of what is withdrawn: archives name their records by them."""
        return self.find_urlkeys(self.hidden)

    def find_urlkeys(self, ids: Iterable[str]) -> frozenset[str]:
        """List the urlkeys of some references: of their addresses, older ones, archived copies."""
        keys = set(ids)
        chosen = [each for each in self.everything.references if each.id in keys]
        addresses = (address for each in chosen for address in (each.url, each.archive_url))
        older = (name for each in chosen for name in each.aliases if name.startswith("url "))
        return frozenset(urlkey(address) for address in addresses if address) | {
            name.removeprefix("url ") for name in older
        }

    def find_lines(self, path: str, text: str) -> frozenset[int]:
        """List the lines (from 1) of a file of the bibliography that are on hidden texts.

        `path` is that of the file in the bibliography's folder, `text` what stands in it.
        """
        hidden = [each for each in self.everything.references if each.id in self.hidden]
        if not hidden:
            return frozenset()
        words = {word.casefold() for each in hidden for word in _list_words(each)}
        starts = {
            each.place.line
            for each in self.everything.references
            if each.place is not None and each.place.path == path
        }
        own = {each.place.line for each in hidden if each.place and each.place.path == path}
        found, is_inside = set(), False
        for number, line in enumerate(text.split("\n"), start=1):
            # A reference goes on to the next one, or to a blank line.
            is_inside = number in own or (is_inside and number not in starts and bool(line.strip()))
            folded = line.casefold()
            if is_inside or any(word in folded for word in words):
                found.add(number)
        return frozenset(found)


def _list_words(reference: Reference) -> Iterator[str]:
    """List what tells of a reference wherever it stands."""
    address = (reference.url or "").rpartition("://")[2]
    names = (name.family or name.literal for name in (*reference.author, *reference.editor))
    told = (*list_ids(reference), reference.title, address, reference.doi, *names)
    yield from filter(None, told)


def leave_out(bibliography: Bibliography, hidden: frozenset[str]) -> Bibliography:
    """Leave references out of a bibliography; notes stay, and no longer cite them."""
    gone = {each.id: each for each in bibliography.references if each.id in hidden}
    cited: dict[str, list[str]] = {}
    for citation in bibliography.citations:
        if citation.reference_id in gone:
            cited.setdefault(citation.note_id, []).extend(list_ids(gone[citation.reference_id]))
    names = {note_id: rename_note(note_id, keys) for note_id, keys in cited.items()}
    places = {each.place for each in gone.values() if each.place}
    words = {
        word
        for each in gone.values()
        for word in (each.title, each.url, each.doi, *list_ids(each))
        if word
    }
    return replace(
        bibliography,
        references=tuple(each for each in bibliography.references if each.id not in hidden),
        notes=tuple(
            rename_aliases(replace(note, id=names[note.id])) if note.id in names else note
            for note in bibliography.notes
        ),
        citations=tuple(
            replace(each, note_id=names.get(each.note_id, each.note_id))
            for each in bibliography.citations
            if each.reference_id not in hidden
        ),
        problems=tuple(
            problem
            for problem in bibliography.problems
            if problem.subject not in hidden
            and problem.place not in places
            and not any(word in told for word in words for told in problem.said.list_texts())
        ),
    )


def choose_shown(
    bibliography: Bibliography, withdrawals: Withdrawals, pending: PendingPurge | None = None
) -> Shown:
    """Choose what of a bibliography may be shown."""
    texts = map(describe_reference, bibliography.references)
    return Shown(bibliography, withdrawals.match(texts) if withdrawals else {}, pending)
