"""Find the mementos that the archive holds of a URL, and give one back as it was captured.

What is withdrawn is found here by nothing: neither the address of the text, nor those that led
from it to another one, nor copies of them in web archives.
"""

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import replace
from threading import Lock
from typing import Final

from indexer.archive import Catalogue, Location, WarcArchive
from indexer.archive.reading import MAX_PAYLOAD_BYTES, open_record, split_block
from indexer.archive.rows import RecordRow
from indexer.heads import parse_head
from indexer.identities import RegisterFile
from indexer.links.drift import compare_paragraphs, compare_texts
from indexer.model import (
    BY_BROWSER,
    HANDED_IN,
    IMAGE_PREFIX,
    Article,
    Capture,
    Identity,
    KeptMemento,
    ReplayedResponse,
    TextChange,
    Visit,
    name_url,
)
from indexer.pagekind.classify import DOUBTFUL_KINDS
from indexer.pipeline.observe_visit import pair_with_rendered
from indexer.urls import is_web_url, parse_url, urlkey
from indexer.withdrawals import (
    WithdrawalFiles,
    Withdrawals,
    fold_name,
    list_urlkeys,
    resolve_line,
)

# What has no body of its own, or a part of one: nothing that could be shown again.
IMAGE_TYPE: Final = "image/jpeg"
UNSHOWN_STATUSES: Final = frozenset({204, 205, 206, 304})


def follow_withdrawals(
    register: RegisterFile, withdrawals: Withdrawals
) -> list[tuple[Identity, ...]]:
    """Find the texts of the register that the lines name: each with all that it became.

    Lines are read as everywhere (`resolve_line`); all names of the register are read only for one
    that no text has as it is written.
    """

    def find_folded(folded: Collection[str]) -> list[tuple[Identity, ...]]:
        if not names:
            names.extend((fold_name(name), name) for name in register.list_names())
        return register.find_each(name for fold, name in names if fold in folded)

    names: list[tuple[str, str]] = []  # folded, as it is
    return [
        chain
        for line in withdrawals.lines
        for chain in resolve_line(line.name, register.find_each, find_folded)
    ]


class MementoArchive:
    """The mementos of an archive; read-only, for any number of threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        archive: WarcArchive,
        register: RegisterFile,
        withdrawals: WithdrawalFiles,
    ) -> None:
        """Take what is opened, and the files that say what is withdrawn."""
        self._catalogue = catalogue
        self._archive = archive
        self._register = register
        self._withdrawals = withdrawals
        self._lock = Lock()
        self._hidden: tuple[tuple[str, int], frozenset[str]] = (("", -1), frozenset())

    def parse_address(self, text: str) -> str:
        """Parse the address of a page, its scheme left out or not; "" for no web address."""
        url = parse_url(text if "://" in text else f"http://{text.lstrip('/')}")
        return url if url is not None and is_web_url(url) and len(text) > 1 else ""

    def is_withdrawn(self, url: str) -> bool:
        """Tell whether a URL is that of a withdrawn text, or one that its visits came upon."""
        hidden = self._find_hidden()
        return bool(hidden) and not hidden.isdisjoint(list_urlkeys(url))

    def list_mementos(self, url: str) -> tuple[KeptMemento, ...]:
        """List the mementos of a URL, oldest first, one a second at most; none of a withdrawn one.

        `url` is as `parse_address` gives it. A redirect from an address to another writing of the
        same address (to https, to www.) is left out: it would lead back to itself.
        """
        if self.is_withdrawn(url):
            return ()
        key = urlkey(url)
        found: dict[str, tuple[tuple[bool, bool], KeptMemento]] = {}
        for memento, rank in self._list_ranked(url, key):
            held = found.get(memento.timestamp)
            if held is None or rank < held[0]:
                found[memento.timestamp] = (rank, memento)
        return tuple(found[timestamp][1] for timestamp in sorted(found))

    def _list_ranked(self, url: str, key: str) -> Iterator[tuple[KeptMemento, tuple[bool, bool]]]:
        """List mementos, each with a rank: of two in one second, the lower one is shown."""
        captures = [
            each
            for each in self._catalogue.captures(key)
            if each.archive and each.archive != BY_BROWSER
        ]
        handed = {each.record_id for each in captures if each.archive == HANDED_IN}
        for memento, row in self._list_exchanged(key, handed):
            yield memento, (bool(memento.location), row.target_uri != url)
        for capture in captures:
            if capture.status not in UNSHOWN_STATUSES:
                yield _make_archived(capture, url), (False, True)

    def _list_exchanged(
        self, key: str, handed: Set[str]
    ) -> Iterator[tuple[KeptMemento, RecordRow]]:
        """List the mementos of exchanges with a host, that can be shown; not what was handed in."""
        rendered = self._list_rendered(key)
        for row in self._catalogue.find_records(key):
            if row.record_id in handed or row.kind == "conversion":  # no exchange of its own
                continue
            memento = _make_memento(row)
            if row.record_id in rendered:  # its bytes stay when its text changes
                shown = rendered[row.record_id].payload_digest
                memento = replace(memento, payload_digest=shown)
            if _is_shown(row) and urlkey(memento.location) != key:
                yield memento, row

    def list_images(self, url: str) -> tuple[KeptMemento, ...]:
        """List the images that a browser took of the page at a URL, oldest first.

        None of a withdrawn one, nor what others may have put at such an address that is no image.
        """
        if self.is_withdrawn(url):
            return ()
        visits = self._catalogue.visits(urlkey(url))
        pages = {each.final_url for each in visits if each.archive == BY_BROWSER}
        rows = [
            row
            for page in sorted(pages)
            for row in self._catalogue.find_records(urlkey(IMAGE_PREFIX + page))
            if row.kind == "resource" and row.media_type == IMAGE_TYPE and not row.damaged
        ]
        return tuple(map(_make_memento, sorted(rows, key=lambda row: row.captured_at)))

    def read(self, memento: KeptMemento, *, is_raw: bool) -> ReplayedResponse | None:
        """Read the response of a memento; None where its record can't be read any more.

        `is_raw` leaves content codings on, as they are in the archive. Raises ArchiveError.
        """
        location = self._catalogue.find_location(memento.record_id)
        if location is None or not (self._archive.folder / location.filename).exists():
            return None
        if is_raw:
            return self._read_raw(location)
        read = self._archive.read_payload(
            location.filename, location.offset, location.inside, is_damaged=location.is_damaged
        )
        return ReplayedResponse(headers=read.headers, payload=read.payload)

    def compare(self, before: KeptMemento, now: KeptMemento) -> TextChange | None:
        """Compare the texts of two mementos; None where one of them was never read."""
        old, new = self._find_article(before), self._find_article(now)
        if old is None or new is None:
            return None
        return TextChange(
            before_at=before.captured_at,
            now_at=now.captured_at,
            similarity=compare_texts(old.text, new.text).similarity,
            changes=compare_paragraphs(
                [paragraph.text for paragraph in old.paragraphs],
                [paragraph.text for paragraph in new.paragraphs],
            ),
        )

    def _find_article(self, memento: KeptMemento) -> Article | None:
        """Find the text of a memento: of a page that scripts write, what they wrote."""
        rendered = self._list_rendered(urlkey(memento.target_uri)).get(memento.record_id)
        if rendered is not None:
            return self._catalogue.find_article(rendered.record_id)
        return self._find_own_article(memento.record_id)

    def _list_rendered(self, key: str) -> dict[str, Visit]:
        """List what a browser made of a page that has no text without its scripts.

        By the record of the capture that it was made of.
        """
        visits = self._catalogue.visits(key)
        made = pair_with_rendered(visits)
        if not made:
            return {}
        pairs = {
            each.record_id: made[each.visited_at]
            for each in visits
            if not each.archive and each.visited_at in made
        }
        return {each: pairs[each] for each in pairs if self._is_doubtful(each)}

    def _is_doubtful(self, record_id: str) -> bool:
        article = self._find_own_article(record_id)
        return article is None or article.kind in DOUBTFUL_KINDS

    def _find_own_article(self, record_id: str) -> Article | None:
        row = self._catalogue.find_record(record_id)
        held = self._catalogue.find_payload(row) if row is not None else None
        return self._catalogue.find_article(held.record_id) if held is not None else None

    def _read_raw(self, location: Location) -> ReplayedResponse:
        path = self._archive.folder / location.filename
        place = (location.offset, location.inside)
        with open_record(path, *place, is_damaged=location.is_damaged) as record:
            head, payload = split_block(record, max_bytes=MAX_PAYLOAD_BYTES)
            fields = parse_head(head) or (("Content-Type", record.field("Content-Type")),)
        return ReplayedResponse(headers=fields, payload=payload)

    def _find_hidden(self) -> frozenset[str]:
        """Find the urlkeys of what is withdrawn, and of where its visits were led."""
        withdrawn = self._withdrawals.read()
        if not withdrawn:
            return frozenset()
        state = (withdrawn.state, self._register.read_version())
        with self._lock:
            if self._hidden[0] != state:
                self._hidden = (state, self._list_hidden(withdrawn))
            return self._hidden[1]

    def _list_hidden(self, withdrawn: Withdrawals) -> frozenset[str]:
        named = {
            name
            for chain in follow_withdrawals(self._register, withdrawn)
            for identity in chain
            for name in identity.names
        }
        own = {key for line in withdrawn.lines for key in list_urlkeys(line.name)}
        own |= {name.removeprefix("url ") for name in named if name.startswith("url ")}
        ids = {name for name in named if name.startswith("id ")}
        led = self._list_led(own) - own
        return frozenset(own | {key for key in led if not self._is_cited(key, ids)})

    def _list_led(self, keys: Iterable[str]) -> set[str]:
        """List the urlkeys that visits of some addresses came upon."""
        visits = (visit for key in keys for visit in self._catalogue.visits(key))
        return {urlkey(uri) for visit in visits for uri, _ in visit.hops}

    def _is_cited(self, key: str, hidden: set[str]) -> bool:
        """Tell whether an address is that of a text that is cited, and is not withdrawn."""
        chain = self._register.find((name_url(key),))
        return bool(chain) and not chain[-1].gone_on and hidden.isdisjoint(chain[-1].names)


def _is_shown(row: RecordRow) -> bool:
    """Tell whether a record holds a response that can be shown again."""
    return not row.damaged and 200 <= row.status <= 599 and row.status not in UNSHOWN_STATUSES


def _make_memento(row: RecordRow) -> KeptMemento:
    led = parse_url(row.location, base=row.target_uri) if 300 <= row.status < 400 else None
    return KeptMemento(
        target_uri=row.target_uri,
        captured_at=row.captured_at.replace(microsecond=0),
        status=row.status,
        record_id=row.record_id,
        payload_digest=row.payload_digest,
        location=led if led is not None and is_web_url(led) else "",
    )


def _make_archived(capture: Capture, url: str) -> KeptMemento:
    return KeptMemento(
        target_uri=url,
        captured_at=capture.captured_at.replace(microsecond=0),
        status=capture.status,
        record_id=capture.record_id,
        payload_digest=capture.payload_digest,
        archive=capture.archive,
        public_address="" if capture.archive == HANDED_IN else capture.target_uri,
    )
