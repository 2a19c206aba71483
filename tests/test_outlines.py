"""The outlines of all texts in a file: what stands where, whole or made again, and nothing left."""

import os
import random
import resource
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.errors import DamagedIndexError, SearchIndexError, say_for_logs
from indexer.model import (
    CitingNote,
    Document,
    DocumentKind,
    LinkHealth,
    LinkState,
    Paragraph,
    Place,
    Reference,
)
from indexer.outline_file import OutlinesFolder
from indexer.outlines import (
    LONG_AGO,
    MOST_LISTED,
    ContentsLine,
    Outlines,
    name_sets,
    record_digest,
    updated_at,
)


def stand(documents: Iterable[Document]) -> Outlines:
    """Write the outlines of documents to a file without a name, and open it."""
    return OutlinesFolder().open(lambda: "1", lambda: documents)


def line(number: int) -> Place:
    return Place(path="bibliographie.txt", line=number)


def text(id: str, at: int, *notes: CitingNote, section: tuple[str, ...] = ("A",)) -> Document:
    return Document(
        id=id,
        kind=DocumentKind.TEXT,
        title=id,
        url=f"http://exemple.fr/{id}",
        section=section,
        notes=notes,
        reference=Reference(id=id, title=id, place=line(at)),
        paragraphs=(Paragraph(text="un article"),),
        link=LinkHealth(state=LinkState.ALIVE, checked_at=datetime(2026, 11, at, tzinfo=UTC)),
    )


ONE = CitingNote(id="n1", text="Une note.", section=("A",), place=line(3))
TWO = CitingNote(id="n2", text="Deux textes.", section=("A",), place=line(7))
LOST = CitingNote(id="n3", text="Sans texte.", section=("B",), place=line(9))
ALONE = Document(id="n3", kind=DocumentKind.NOTE, title="B", section=("B",), notes=(LOST,))
SHELF = stand([text("t1", 2, ONE), text("t3", 6, TWO), text("t2", 5, TWO), text("t0", 1), ALONE])


def test_notes_stand_in_the_order_of_the_bibliography():
    assert list(SHELF.notes) == ["n1", "n2", "n3"]
    assert [(n.previous_id, n.next_id) for n in SHELF.notes.values()] == [
        ("", "n2"),
        ("n1", "n3"),
        ("n2", ""),
    ]


def test_a_note_may_cite_several_texts_or_none():
    assert SHELF.notes["n2"].text_ids == ("t3", "t2")
    assert SHELF.notes["n3"].text_ids == ()


def test_texts_stand_with_the_notes_about_them():
    assert [(entry.text_ids, entry.note_ids) for entry in SHELF.list_entries(0, 9)] == [
        (("t0",), ()),
        (("t1",), ("n1",)),
        (("t2", "t3"), ("n2",)),
        ((), ("n3",)),
    ]


def test_a_note_stands_once_however_its_texts_are_tied():
    tied = stand([text("t1", 1, ONE), text("t2", 2, ONE, TWO), text("t3", 4, TWO)])

    assert [(entry.text_ids, entry.note_ids) for entry in tied.list_entries(0, 9)] == [
        (("t1", "t2", "t3"), ("n1", "n2"))
    ]


def test_the_contents_say_on_which_page_a_section_begins():
    assert SHELF.list_contents(2) == (
        ContentsLine(("A",), 1, 1, 3),
        ContentsLine(("B",), 2, 2, 1),
    )


def test_the_articles_themselves_are_not_kept():
    assert all(not document.paragraphs for document in SHELF.texts.values())


def test_links_are_counted_and_the_last_visit_known():
    assert SHELF.link_counts == {LinkState.ALIVE: 4}
    assert SHELF.visited_at == datetime(2026, 11, 6, tzinfo=UTC)
    assert stand([]).visited_at is None


def make_corpus(seed: int) -> list[Document]:
    """Texts and notes drawn at random: notes on several texts, on none, years, dead links."""
    draw = random.Random(seed)
    notes = [
        CitingNote(
            id=f"n{number}",
            text="Une note.",
            section=(draw.choice("AB"),),
            place=line(draw.randrange(40)),
            aliases=(f"id ancien-{number}",),
        )
        for number in range(20)
    ]
    texts = []
    for number in range(40):
        cited = draw.sample(notes[:15], draw.choice((0, 0, 1, 1, 2)))
        state = draw.choice((LinkState.ALIVE, LinkState.DEAD))
        died = datetime(2026, draw.choice((9, 11)), draw.randrange(1, 28), tzinfo=UTC)
        link = LinkHealth(
            state=state,
            checked_at=datetime(2026, 11, draw.randrange(1, 28), tzinfo=UTC),
            since=died if state is LinkState.DEAD else None,
        )
        base = text(f"t{number}", draw.randrange(1, 28), *cited, section=(draw.choice("AB"), "x"))
        issued = draw.choice(("2014-03", "2014", "2017-01-02", "", "s.d."))
        texts.append(replace(base, issued=issued, link=link, site=draw.choice(("a.fr", "b.fr"))))
    return [*texts, *(alone(note) for note in notes[15:])]


def alone(note: CitingNote) -> Document:
    return Document(id=note.id, kind=DocumentKind.NOTE, title="", section=("B",), notes=(note,))


def place_of(document: Document) -> tuple[str, int]:
    place = document.reference.place if document.reference else None
    return (place.path, place.line) if place else ("", 0)


def tie(texts: Sequence[Document]) -> list[tuple[str, ...]]:
    """Gather texts that notes tie together, as somebody would by hand."""
    groups: list[list[Document]] = []
    for each in texts:
        ids = {note.id for note in each.notes}
        tied = [g for g in groups if any(n.id in ids for t in g for n in t.notes)]
        groups = [g for g in groups if g not in tied]
        groups.append([t for g in tied for t in g] + [each])
    return sorted(
        tuple(t.id for t in sorted(group, key=lambda t: (*place_of(t), texts.index(t))))
        for group in groups
    )


@pytest.mark.parametrize("seed", range(6))
def test_what_is_read_is_what_all_documents_say(seed: int) -> None:
    documents = make_corpus(seed)
    texts = [each for each in documents if each.kind is DocumentKind.TEXT]
    outlines = stand(documents)
    held = {each.id: replace(each, paragraphs=()) for each in texts}

    assert dict(outlines.texts) == held
    assert list(outlines.list_texts()) == list(held.values())
    assert len(outlines.texts) == len(held)
    entries = outlines.list_entries(0, 99)
    assert sorted(e.text_ids for e in entries if e.text_ids) == tie(texts)
    assert [e for first in range(0, 60, 7) for e in outlines.list_entries(first, 7)] == entries
    assert outlines.count("entries") == len(entries)
    assert sum(each.count for each in outlines.list_contents(5)) == len(entries)
    notes = {note.id: note for each in documents for note in each.notes}
    shown = [note for entry in entries for note in entry.note_ids]
    assert sorted(shown) == sorted(outlines.notes) == sorted(notes)
    listed = list(outlines.notes.values())
    assert listed == outlines.list_notes(0, 99)
    assert [(n.note.place.line if n.note.place else 0) for n in listed] == sorted(
        n.place.line if n.place else 0 for n in notes.values()
    )
    for each in listed:
        assert each.note == notes[each.note.id]
        assert list(each.text_ids) == [t.id for t in texts if each.note in t.notes]

    dead = [each for each in texts if each.link.state is LinkState.DEAD]
    assert outlines.dead_count == len(dead)
    month = [each for each in dead if each.link.since and each.link.since.month == 11]
    assert outlines.list_dead() == sorted(
        (held[each.id] for each in month), key=lambda t: t.link.since or LONG_AGO, reverse=True
    )
    latest = sorted(held.values(), key=updated_at, reverse=True)
    assert outlines.list_latest() == latest[:MOST_LISTED]
    noted = sorted(texts, key=lambda each: each.issued, reverse=True)
    assert [each.note.id for each in outlines.list_latest_notes()] == list(
        dict.fromkeys(note.id for each in noted for note in each.notes)
    )
    assert sum(row.texts for row in outlines.count_years()) == len(texts)
    assert sum(row.notes for row in outlines.count_years()) == sum(len(t.notes) for t in texts)
    assert sum(row.texts for row in outlines.count_sites()) == len(texts)
    assert {each: outlines.find_alias(f"id ancien-{each[1:]}") for each in notes} == {
        each: each for each in notes
    }


@pytest.mark.parametrize("seed", range(3))
def test_harvesters_find_every_text_of_a_set_in_windows(seed: int) -> None:
    texts = [each for each in make_corpus(seed) if each.kind is DocumentKind.TEXT]
    texts = [replace(each, bibliographies=(f"b{n % 3}",)) for n, each in enumerate(texts)]
    texts[0] = replace(texts[0], reference=None)  # what has no reference is given to nobody
    outlines = stand(texts)
    named = {each.id: dict(name_sets(each)) for each in texts[1:]}
    sets = dict(outlines.list_sets(0, 99))

    assert sets == {spec: name for each in named.values() for spec, name in each.items()}
    assert list(sets.values()) == sorted(sets.values())
    assert outlines.list_sets(2, 3) == list(sets.items())[2:5]
    for spec in ("", *sets):
        found: list[str] = []
        after = b""
        while part := outlines.list_records(after, 7, spec):
            found += [each.document.id for each in part]
            after = part[-1].digest
        meant = [key for key, specs in named.items() if not spec or spec in specs]
        assert found == sorted(meant, key=record_digest)
        assert outlines.count_records(spec) == len(found)
    record = outlines.find_record(record_digest("t3"))
    assert record is not None
    assert record.document == outlines.texts["t3"]
    assert outlines.find_record(record_digest("t0")) is None
    assert list(outlines.list_missing(["t1", "gone", "t2"])) == ["gone"]
    assert outlines.count_records("section:none") == 0


class Corpus:
    """Documents whose state is turned by hand, and how often they were read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "outlines"
        self.folder = OutlinesFolder(self.path)
        self.state = "one"
        self.documents: Sequence[Document] = [text("t1", 2, ONE)]
        self.reads = 0
        self.delay_s = 0.0

    def read(self) -> Iterable[Document]:
        self.reads += 1
        time.sleep(self.delay_s)
        yield from self.documents

    def open(self) -> Outlines:
        return self.folder.open(lambda: self.state, self.read)

    def files(self) -> list[Path]:
        return sorted(self.path.glob("*-*"))


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return Corpus(tmp_path)


def test_a_state_is_written_once_by_whoever_comes_first(corpus: Corpus) -> None:
    corpus.delay_s = 0.05  # the others come meanwhile
    others = [threading.Thread(target=corpus.open) for _ in range(4)]
    for each in others:
        each.start()
    for each in others:
        each.join()

    assert list(corpus.open().texts) == ["t1"]
    assert corpus.reads == 1
    assert len(corpus.files()) == 1


def test_another_state_has_another_file_and_who_reads_the_one_before_reads_on(
    corpus: Corpus,
) -> None:
    before = corpus.open()
    corpus.state, corpus.documents = "two", [text("t2", 3, TWO)]
    after = corpus.open()

    assert list(after.texts) == ["t2"]
    assert list(before.texts) == ["t1"]
    assert before.notes["n1"].note == ONE
    assert len(corpus.files()) == 1


@pytest.mark.parametrize("share", [0.0, 0.03, 0.3, 0.5, 0.77, 0.999])
def test_a_file_that_is_not_what_was_written_is_made_again(corpus: Corpus, share: float) -> None:
    corpus.open()
    (path,) = corpus.files()
    written = path.read_bytes()
    at = int(share * len(written))
    path.write_bytes(written[:at] + bytes([written[at] ^ 4]) + written[at + 1 :])

    assert dict(corpus.open().texts) == dict(stand(corpus.documents).texts)
    assert corpus.reads == 2
    (path,) = corpus.files()
    assert path.read_bytes() == written
    path.write_bytes(written[:-1])
    corpus.open()
    assert corpus.reads == 3


def test_damage_that_comes_while_it_is_open_is_an_error_of_ours(corpus: Corpus) -> None:
    corpus.documents = [text(f"t{number}", number) for number in range(1, 28)]
    opened = corpus.open()
    (path,) = corpus.files()
    with path.open("r+b") as file:
        file.write(b"?" * path.stat().st_size)

    with pytest.raises(DamagedIndexError):
        dict(opened.texts)
    assert opened.is_damaged


def test_what_the_system_refuses_is_told_for_what_it_is(corpus: Corpus) -> None:
    corpus.documents = [text(f"t{number}", number % 28 + 1) for number in range(1, 400)]
    corpus.open()
    (path,) = corpus.files()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(each.name) for each in Path("/proc/self/fd").iterdir())
    held = [os.dup(0) for _ in range(10)]  # no number below the limit is free
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(used, held[-1]), before[1]))
        with pytest.raises(SearchIndexError) as told:
            Outlines(path, "one")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for each in held:
            os.close(each)
    assert "can't be opened" in str(told.value)  # now that the catalogue of sentences can be
    assert not isinstance(told.value, DamagedIndexError)
    path.unlink()
    with pytest.raises(DamagedIndexError):  # to be written anew
        Outlines(path, "one")


def test_a_disk_without_room_is_told_by_name(corpus: Corpus) -> None:
    corpus.documents = [text(f"t{number}", number % 28 + 1) for number in range(1, 400)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
        with pytest.raises(SearchIndexError, match="can't be written: the disk") as told:
            corpus.open()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "TMPDIR" in say_for_logs(told.value.hint)
    assert not isinstance(told.value, DamagedIndexError)
    assert not corpus.files()


def test_what_changes_while_it_is_written_is_written_under_its_own_state(corpus: Corpus) -> None:
    def read() -> Iterable[Document]:
        if corpus.state == "one":  # withdrawn by somebody at that moment
            corpus.state, corpus.documents = "two", [text("t2", 3)]
            yield text("t1", 2)
        else:
            yield from corpus.documents

    opened = corpus.folder.open(lambda: corpus.state, read)

    assert (opened.state, list(opened.texts)) == ("two", ["t2"])
    assert len(corpus.files()) == 1
    assert list(corpus.open().texts) == ["t2"]
    assert corpus.reads == 0


def test_what_changes_at_every_try_is_read_for_itself_after_three(corpus: Corpus) -> None:
    def read() -> Iterable[Document]:
        corpus.state += "+"
        return corpus.read()

    assert list(corpus.folder.open(lambda: corpus.state, read).texts) == ["t1"]
    assert corpus.reads == 4


def test_where_the_folder_takes_nothing_they_are_kept_for_this_process(tmp_path: Path) -> None:
    corpus = Corpus(tmp_path)
    corpus.path.write_bytes(b"")  # not a folder

    assert list(corpus.open().texts) == ["t1"]
    assert list(corpus.open().texts) == ["t1"]
    assert corpus.reads == 2


def test_what_a_killed_process_left_goes_with_the_next_state_and_all_with_a_purge(
    corpus: Corpus,
) -> None:
    corpus.open()
    (corpus.path / "written-123").write_bytes(b"half")
    corpus.state = "two"
    corpus.open()
    assert len(corpus.files()) == 1

    corpus.folder.clear()
    assert corpus.files() == []
    OutlinesFolder(corpus.path.parent / "none").clear()


def test_a_record_is_dated_when_what_a_harvester_is_given_of_it_changed(corpus: Corpus) -> None:
    long_ago, ages_ago = datetime(2026, 1, 2, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)

    def date(state: str, *texts: Document, grows: datetime) -> dict[str, datetime]:
        corpus.state, corpus.documents = state, texts
        corpus.open()
        (path,) = corpus.files()
        os.utime(path, (grows.timestamp(), grows.timestamp()))
        return {each.document.id: each.changed_at for each in corpus.open().list_records(b"", 9)}

    one, two, three = text("t1", 2, ONE), text("t2", 3, TWO), text("t3", 4)
    assert date("a", one, two, three, grows=ages_ago) == dict.fromkeys(("t1", "t2", "t3"), ages_ago)
    # Lines move and links are visited: that changes no record. A title does, and what goes is told.
    moved = replace(one, link=LinkHealth(), reference=replace(one.reference, place=line(9)))
    mended = replace(two, title="Deux")
    assert date("b", moved, mended, grows=long_ago) == {"t1": ages_ago, "t2": long_ago}
    assert corpus.open().list_gone() == {record_digest("t3"): long_ago}
    # What comes back is new; what stays gone has gone before.
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert date("c", mended, three, grows=now) == {"t2": long_ago, "t3": now}
    assert corpus.open().list_gone() == {record_digest("t1"): now}
    assert corpus.open().count_records(span=(long_ago, long_ago)) == 1
    assert corpus.open().count_records(span=(ages_ago, now)) == 2


def test_no_record_is_dated_before_readers_see_it(corpus: Corpus) -> None:
    asked_at: list[float] = []

    def read_state() -> str:
        asked_at.append(time.time())
        time.sleep(0.02)  # the clock of files is a coarse one
        return "one"

    corpus.folder.open(read_state, corpus.read)
    (path,) = corpus.files()

    assert path.stat().st_mtime >= asked_at[-1]
