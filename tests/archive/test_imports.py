"""What others archived is used for the URLs that the bibliography cites."""

import bz2
import gzip
import io
import lzma
import re
import zipfile
from datetime import UTC, datetime

import lz4.frame
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from indexer.archive import NotTaken, export_wacz, recover, reindex
from indexer.archive.checking import check_archive, read_state
from indexer.archive.imports import import_file
from indexer.archive.unpack import _split_suffix
from indexer.crawl import judge, next_due
from indexer.errors import ArchiveError, DamagedRecordError, say_for_logs
from indexer.model import Cause
from indexer.urls import urlkey
from tests.archive.exchanges import NOON, PAGE, Corpus, hop

CITED = "http://exemple.test/page"


def write_warc(path, *responses, version="WARC/1.0"):
    """A file as other tools write them: (url, date, status, fields, payload, kind)."""
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=path.name.endswith(".gz"), warc_version=version)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "un-autre/1.0"}))
        for url, date, status, fields, payload in responses:
            head = StatusAndHeaders(status, fields, protocol="HTTP/1.1") if status else None
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "response" if status else "resource",
                    payload=io.BytesIO(payload),
                    length=len(payload),
                    http_headers=head,
                    warc_headers_dict={"WARC-Date": date},
                    warc_content_type="" if status else "application/pdf",
                )
            )
    return path


HTML = [("Content-Type", "text/html")]


@pytest.fixture
def corpus(tmp_path):
    with Corpus(tmp_path / "corpus").open() as corpus:
        corpus.catalogue.targets.cite([CITED, "http://exemple.test/autre"])
        yield corpus


def take(corpus, path):
    """The outcomes of an import; what it did not take is in `corpus.not_taken`."""
    found = list(
        import_file(path, corpus.archive, corpus.catalogue, judge=judge, next_due=next_due)
    )
    corpus.not_taken = [each for each in found if isinstance(each, NotTaken)]
    return [each for each in found if not isinstance(each, NotTaken)]


def payload_of(corpus, url=CITED):
    capture = corpus.catalogue.latest_capture(urlkey(url))
    location = corpus.catalogue.find_location(capture.record_id)
    return corpus.archive.read_payload(location.filename, location.offset, location.inside).payload


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_a_cited_page_is_captured_from_anothers_file(tmp_path, corpus, name):
    path = write_warc(
        tmp_path / name,
        (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE),
        ("http://exemple.test/style.css", "2015-03-10T08:00:01Z", "200 OK", [], b"p {}"),
    )
    (outcome,) = take(corpus, path)

    assert outcome.url == CITED
    assert outcome.capture.captured_at == datetime(2015, 3, 10, 8, tzinfo=UTC)
    assert payload_of(corpus) == PAGE
    (copied,) = corpus.warc_folder.glob("import-*")
    assert copied.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("pack", "name"), [(bz2.compress, "bzip2"), (lzma.compress, "xz")], ids=["bzip2", "xz"]
)
def test_a_file_in_a_packing_that_is_not_read_is_told_by_its_name(tmp_path, corpus, pack, name):
    path = write_warc(tmp_path / "a.warc", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    path.write_bytes(pack(path.read_bytes()))

    with pytest.raises(ArchiveError, match=f"it is packed by {name}: unpack it first"):
        take(corpus, path)
    assert not list(corpus.warc_folder.glob("import-*"))


def test_https_and_www_are_the_same_page(tmp_path, corpus):
    other = "https://www.exemple.test/page/"
    path = write_warc(tmp_path / "a.warc.gz", (other, "2015-03-10", "200 OK", HTML, PAGE))

    assert len(take(corpus, path)) == 1


def test_redirects_are_followed_inside_the_file(tmp_path, corpus):
    there = "http://ailleurs.test/page"
    path = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "301 Moved", [("Location", there)], b""),
        (there, "2015-03-10T08:00:01Z", "200 OK", HTML, PAGE),
    )
    (outcome,) = take(corpus, path)

    assert outcome.hops == (CITED, there)
    assert payload_of(corpus) == PAGE


def test_chunks_and_codings_of_others_come_off(tmp_path, corpus):
    zipped = gzip.compress(PAGE)
    chunked = b"".join(
        b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (zipped[:20], zipped[20:])
    )
    fields = [*HTML, ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")]
    path = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "200 OK", fields, chunked + b"0\r\n\r\n"),
    )
    take(corpus, path)

    assert payload_of(corpus) == PAGE


def test_a_resource_without_http_is_a_capture_too(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10T08:00:00Z", "", [], b"%PDF-1.7"))
    (outcome,) = take(corpus, path)

    assert outcome.capture.media_type == "application/pdf"
    assert payload_of(corpus) == b"%PDF-1.7"


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        ("404 Not Found", Cause.NOT_FOUND),
        ("410 Gone", Cause.GONE),
        ("403 No", Cause.BLOCKED),
        ("500 Oh", Cause.SERVER_ERROR),
        ("429 Later", Cause.THROTTLED),
    ],
)
def test_an_error_is_no_capture_and_is_history(tmp_path, corpus, status, cause):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10T08:00:00Z", status, HTML, PAGE))
    (outcome,) = take(corpus, path)
    (visit,) = corpus.catalogue.visits(urlkey(CITED))

    assert (outcome.url, outcome.cause) == (CITED, cause)
    assert corpus.catalogue.latest_capture(urlkey(CITED)) is None
    assert (visit.outcome, visit.cause, visit.status) == ("missed", cause, int(status[:3]))
    assert visit.visited_at == datetime(2015, 3, 10, 8, tzinfo=UTC)
    assert take(corpus, path) == []
    assert corpus.catalogue.visits(urlkey(CITED)) == [visit]


def test_what_says_nothing_of_a_page_is_no_visit_and_is_counted(tmp_path, corpus):
    elsewhere = [("Location", "http://nulle-part.test/")]
    path = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, b""),
        (CITED, "2016-03-10T08:00:00Z", "302 Found", elsewhere, b""),
        (CITED, "2017-03-10T08:00:00Z", "302 Found", elsewhere, b""),
    )

    assert take(corpus, path) == []
    assert corpus.catalogue.visits(urlkey(CITED)) == []
    assert [told.is_fault for told in corpus.not_taken] == [False, False]
    assert any("2 captures" in say_for_logs(told.what) for told in corpus.not_taken)


def test_a_wacz_package_is_opened(tmp_path, corpus):
    warc = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    path = tmp_path / "a.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.write(warc, "archive/a.warc.gz")
        package.writestr("datapackage.json", "{}")

    assert len(take(corpus, path)) == 1
    assert payload_of(corpus) == PAGE


def test_our_own_files_are_taken_by_another_corpus(tmp_path, corpus):
    with Corpus(tmp_path / "theirs").open() as theirs:
        theirs.visit(CITED, hop(CITED))
        theirs.visit(CITED, hop(CITED, at=NOON.replace(year=2027)))  # a revisit
    (path,) = theirs.warc_folder.glob("*.warc.gz")
    outcomes = take(corpus, path)

    assert len(outcomes) == 2
    assert payload_of(corpus) == PAGE


def test_importing_twice_changes_nothing(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))

    assert len(take(corpus, path)) == 1
    assert take(corpus, path) == []
    assert len(list(corpus.warc_folder.glob("import-*"))) == 1


def test_an_imported_page_is_still_due_for_a_visit(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    take(corpus, path)
    (queue,) = corpus.catalogue.targets.due_hosts(NOON)

    assert queue.count == 2


@pytest.mark.sqlite
def test_imports_are_read_back_with_the_rest(tmp_path, corpus):
    path = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    take(corpus, path)
    before = corpus.catalogue.captures(urlkey(CITED)), corpus.catalogue.visits(urlkey(CITED))
    corpus.catalogue.close()
    (corpus.folder / "catalogue.sqlite").unlink()

    with Corpus(corpus.folder).open() as anew:
        recover(anew.archive, anew.catalogue, next_due=next_due)
        list(reindex(anew.warc_folder, anew.catalogue, next_due=next_due))
        assert (
            anew.catalogue.captures(urlkey(CITED)),
            anew.catalogue.visits(urlkey(CITED)),
        ) == before
        assert payload_of(anew) == PAGE


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("a.warc.gz", b"n'importe quoi"),
        ("a.warc", b""),
        ("a.warc.gz", gzip.compress(b"ni WARC ni rien", mtime=0)),
        ("a.wacz", b"PK pas un zip"),
    ],
)
def test_what_is_no_archive_is_refused_and_not_kept(tmp_path, corpus, name, payload):
    path = tmp_path / name
    path.write_bytes(payload)

    with pytest.raises(ArchiveError):
        take(corpus, path)
    assert not list(corpus.warc_folder.iterdir())


def test_a_file_that_is_not_there_is_said(tmp_path, corpus):
    with pytest.raises(ArchiveError, match="can't be imported"):
        take(corpus, tmp_path / "absent.warc.gz")


def test_a_torn_file_of_others_is_used_up_to_the_tear(tmp_path, corpus):
    whole = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE),
        ("http://exemple.test/autre", "2015-03-10T08:00:01Z", "200 OK", HTML, PAGE * 2),
    )
    path = tmp_path / "torn.warc.gz"
    path.write_bytes(whole.read_bytes()[:-120] + b"\xff" * 60)
    outcomes = take(corpus, path)

    assert [outcome.url for outcome in outcomes] == [CITED]
    assert any(told.is_fault for told in corpus.not_taken)
    assert payload_of(corpus) == PAGE
    read = list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due))
    assert any(found.skipped for found in read)


def write_arc(path, url, payload):
    """An ARC 1.0 file with one capture, as crawlers wrote them before WARC."""
    block = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + payload
    about = b"1 0 Un crawler\nURL IP-address Archive-date Content-type Archive-length\n\n"
    head = f"filedesc://{path.name} 0.0.0.0 20050101000000 text/plain {len(about)}\n".encode()
    line = f"{url} 192.0.2.1 20050102030405 text/html {len(block)}\n".encode()
    members = [head + about, line + block + b"\n"]
    is_zipped = path.name.endswith(".gz")
    path.write_bytes(b"".join(map(gzip.compress, members) if is_zipped else members))
    return path


@pytest.mark.parametrize("name", ["a.arc", "a.arc.gz", "a.ARC.GZ"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_arc_is_taken_and_keeps_its_suffix(tmp_path, corpus, name, is_packed):
    path = write_arc(tmp_path / name.lower(), CITED, PAGE).rename(tmp_path / name)
    if is_packed:
        with zipfile.ZipFile(tmp_path / "a.wacz", "w") as package:
            package.write(path, f"archive/{name}")
        path = tmp_path / "a.wacz"
    (outcome,) = take(corpus, path)

    assert outcome.capture.captured_at == datetime(2005, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert payload_of(corpus) == PAGE
    (copied,) = corpus.warc_folder.glob("import-*")
    assert copied.name.endswith(name.lower().removeprefix("a"))


def test_what_a_file_is_counts_and_not_what_it_is_called(tmp_path, corpus):
    zipped = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    (outcome,) = take(corpus, zipped.rename(tmp_path / "a.warc"))

    assert outcome.url == CITED
    assert next(corpus.warc_folder.glob("import-*")).name.endswith("-a.warc.gz")


def test_a_damaged_record_costs_that_record_alone_and_is_told_with_its_place(tmp_path, corpus):
    pages = [(f"{CITED}?{n}", "2015-03-10T08:00:00Z", "200 OK", HTML, PAGE * 9) for n in range(9)]
    corpus.catalogue.targets.cite([url for url, *_ in pages])
    path = write_warc(tmp_path / "a.warc.gz", *pages)
    held = bytearray(path.read_bytes())
    starts = [found.start() for found in re.finditer(b"\x1f\x8b\x08\x00", bytes(held))]
    start, end = starts[4], starts[5]
    held[(start + end) // 2] ^= 1
    path.write_bytes(bytes(held))
    outcomes = take(corpus, path)

    urls = [url for url, *_ in pages]
    assert sorted(outcome.url for outcome in outcomes) == sorted(urls[:3] + urls[4:])
    (told,) = [each for each in corpus.not_taken if each.is_fault]
    assert (told.offset, told.length) == (start, end - start)
    (copied,) = corpus.warc_folder.glob("import-*")
    assert copied.read_bytes() == bytes(held)


def test_why_nothing_was_taken_is_the_true_reason(tmp_path, corpus):
    whole = write_warc(tmp_path / "a.warc.gz", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    path = tmp_path / "b.warc.gz"
    path.write_bytes(whole.read_bytes()[:60])

    with pytest.raises(ArchiveError, match="holds no record that can be read") as told:
        take(corpus, path)
    assert "cut short" in say_for_logs(told.value.what)
    assert "holds no WARC" not in say_for_logs(told.value.what)


def test_a_redirect_leads_to_another_file_of_the_same_package(tmp_path, corpus):
    there = "http://ailleurs.test/page"
    date = "2015-03-10T08:00:0"
    first = write_warc(
        tmp_path / "1.warc.gz", (CITED, f"{date}0Z", "301 Moved", [("Location", there)], b"")
    )
    second = write_warc(tmp_path / "2.warc.gz", (there, f"{date}1Z", "200 OK", HTML, PAGE))
    with zipfile.ZipFile(tmp_path / "a.wacz", "w") as package:
        for path in (first, second):
            package.write(path, f"archive/{path.name}")
    (outcome,) = take(corpus, tmp_path / "a.wacz")

    assert outcome.hops == (CITED, there)
    assert payload_of(corpus) == PAGE


def test_a_visit_of_ours_that_can_t_be_understood_is_told(tmp_path, corpus):
    with Corpus(tmp_path / "theirs").open() as theirs:
        theirs.visit(CITED, hop(CITED, status=404))
    (path,) = theirs.warc_folder.glob("*.warc.gz")
    plain = gzip.decompress(path.read_bytes())
    for old, new in ((b"outcome: missed", b"outcome: oublie"), (b"cause: not-", b"cause: neu-")):
        odd = tmp_path / "odd.warc"
        odd.write_bytes(
            re.sub(rb"WARC-(Block|Payload)-Digest:.*\r\n", b"", plain.replace(old, new))
        )
        take(corpus, odd)
        assert any("can't be read" in say_for_logs(each.what) for each in corpus.not_taken)


def test_an_older_import_does_not_change_what_is_planned(tmp_path, corpus):
    """The visit of 2026 said when to come back; one of 2020 that is imported after it does not."""
    with Corpus(tmp_path / "theirs").open() as theirs:
        theirs.visit(CITED, hop(CITED, status=404, at=NOON.replace(year=2020)))
    corpus.visit(CITED, hop(CITED))
    before = corpus.catalogue.targets.find_due(urlkey(CITED))
    (path,) = theirs.warc_folder.glob("*.warc.gz")

    assert len(take(corpus, path)) == 1
    assert corpus.catalogue.targets.find_due(urlkey(CITED)) == before
    assert [visit.status for visit in corpus.catalogue.visits(urlkey(CITED))] == [404, 200]


def test_a_file_compressed_by_lz4_is_taken_and_keeps_its_suffix(tmp_path, corpus):
    plain = write_warc(tmp_path / "a.warc", (CITED, "2015-03-10", "200 OK", HTML, PAGE))
    path = tmp_path / "b.warc"
    path.write_bytes(lz4.frame.compress(plain.read_bytes()))
    (outcome,) = take(corpus, path)

    assert outcome.url == CITED
    assert payload_of(corpus) == PAGE
    (copied,) = corpus.warc_folder.glob("import-*")
    assert copied.name.endswith("-b.warc.lz4")


def write_damaged(path, how, *, status="200 OK", payload=PAGE * 20):
    """A file of others whose capture of CITED is damaged: its text, or cut before its end."""
    other = ("http://exemple.test/autre", "2015-03-09T08:00:00Z", "200 OK", HTML, PAGE)
    write_warc(path, other, (CITED, "2015-03-10T08:00:00Z", status, HTML, payload))
    octets = path.read_bytes()
    if how == "cut":
        path.write_bytes(octets[: -60 if path.suffix == ".gz" else -800])
    else:
        where = octets.rindex(b"calme")
        path.write_bytes(octets[:where] + b"galme" + octets[where + 5 :])
    return path


DAMAGED_FILES = [("a.warc", "cut"), ("a.warc", "flipped"), ("a.warc.gz", "cut")]


@pytest.mark.parametrize(("name", "how"), DAMAGED_FILES)
def test_a_damaged_capture_of_others_is_kept_marked_and_told(tmp_path, corpus, name, how):
    outcomes = take(corpus, write_damaged(tmp_path / name, how))
    causes = {outcome.url: outcome.cause for outcome in outcomes}
    (told,) = [each for each in corpus.not_taken if each.is_fault]
    (visit,) = corpus.catalogue.visits(urlkey(CITED))
    (copied,) = corpus.warc_folder.glob("import-*")
    capture = corpus.catalogue.latest_capture(urlkey(CITED))
    location = corpus.catalogue.find_location(capture.record_id)
    place = (location.filename, location.offset, location.inside)

    assert causes == {CITED: Cause.DAMAGED, "http://exemple.test/autre": None}
    assert "kept, and marked" in say_for_logs(told.what)
    assert (told.url, told.offset) == (CITED, location.offset)
    assert (visit.outcome, visit.cause) == ("captured", Cause.DAMAGED)
    assert capture.truncated == "damaged"
    # A program must say that it wants what is damaged; a crawl asks as if there were none.
    held = corpus.archive.read_payload(*place, is_damaged=True).payload
    assert 0 < len(held) <= len(PAGE * 20)
    assert held.startswith(b"<title>")
    with pytest.raises(DamagedRecordError):
        corpus.archive.read_payload(*place)
    assert corpus.catalogue.latest_capture(urlkey(CITED), live_only=True) is None
    state = read_state(tmp_path / "state")
    problems = [
        problem
        for step in check_archive(corpus.warc_folder, corpus.catalogue, state)
        if step.filename == copied.name and step.is_done
        for problem in step.problems
    ]
    assert [(each.kind, each.offset) for each in problems] == [("damaged", location.offset)]


@pytest.mark.sqlite
@pytest.mark.parametrize(("name", "how"), DAMAGED_FILES)
def test_a_damaged_capture_is_read_back_as_it_was(tmp_path, corpus, name, how):
    take(corpus, write_damaged(tmp_path / name, how))
    before = corpus.catalogue.captures(urlkey(CITED)), corpus.catalogue.visits(urlkey(CITED))
    corpus.catalogue.close()
    (corpus.folder / "catalogue.sqlite").unlink()

    with Corpus(corpus.folder).open() as anew:
        list(reindex(anew.warc_folder, anew.catalogue, next_due=next_due))
        after = anew.catalogue.captures(urlkey(CITED)), anew.catalogue.visits(urlkey(CITED))
    assert after == before


@pytest.mark.parametrize(("name", "how"), DAMAGED_FILES)
def test_an_export_keeps_what_is_damaged_and_its_mark(tmp_path, corpus, name, how):
    take(corpus, write_damaged(tmp_path / name, how))
    package = tmp_path / "a.wacz"
    list(
        export_wacz(package, corpus.warc_folder, pages=[], title="a", software="a", created_at=NOON)
    )
    held = corpus.catalogue.captures(urlkey(CITED))[0]
    with Corpus(tmp_path / "theirs").open() as theirs:
        theirs.catalogue.targets.cite([CITED])
        take(theirs, package)
        (capture,) = theirs.catalogue.captures(urlkey(CITED))
        (visit,) = theirs.catalogue.visits(urlkey(CITED))
    assert (capture.truncated, visit.cause) == ("damaged", Cause.DAMAGED)
    assert (capture.payload_digest, capture.length) == (held.payload_digest, held.length)


@pytest.mark.parametrize("status", ["404 Not Found", "500 Oh", "301 Moved"])
def test_a_damaged_error_says_nothing_of_the_page(tmp_path, corpus, status):
    (outcome,) = take(corpus, write_damaged(tmp_path / "a.warc", "flipped", status=status))

    assert outcome.url != CITED
    assert corpus.catalogue.visits(urlkey(CITED)) == []
    assert any(
        "of a cited page says nothing" in say_for_logs(each.what) for each in corpus.not_taken
    )


def test_a_sound_capture_goes_before_a_damaged_one_that_is_newer(tmp_path, corpus):
    sound = (CITED, "2014-03-10T08:00:00Z", "200 OK", HTML, PAGE)
    take(corpus, write_warc(tmp_path / "sound.warc.gz", sound))
    take(corpus, write_damaged(tmp_path / "a.warc", "flipped"))

    assert corpus.catalogue.latest_capture(urlkey(CITED)).truncated == ""
    assert payload_of(corpus) == PAGE
    assert len(corpus.catalogue.captures(urlkey(CITED))) == 2


def test_what_was_whole_when_it_was_imported_and_is_not_any_more_is_not_taken_for_known(
    tmp_path, corpus
):
    sound = (CITED, "2014-03-10T08:00:00Z", "200 OK", HTML, PAGE)
    take(corpus, write_warc(tmp_path / "sound.warc", sound))
    capture = corpus.catalogue.latest_capture(urlkey(CITED))
    (copied,) = corpus.warc_folder.glob("import-*")
    copied.write_bytes(copied.read_bytes().replace(b"calme", b"galme"))
    location = corpus.catalogue.find_location(capture.record_id)

    with pytest.raises(DamagedRecordError):
        corpus.archive.read_payload(location.filename, location.offset)
    list(reindex(corpus.warc_folder, corpus.catalogue, next_due=next_due))
    assert corpus.catalogue.find_location(capture.record_id) is None
    assert corpus.catalogue.latest_capture(urlkey(CITED)) == capture


def test_redirects_that_go_round_end_and_are_told(tmp_path, corpus):
    first, second = "http://ailleurs.test/un", "http://ailleurs.test/deux"
    path = write_warc(
        tmp_path / "a.warc.gz",
        (CITED, "2015-03-10T08:00:00Z", "301 Moved", [("Location", first)], b""),
        (first, "2015-03-10T08:00:01Z", "301 Moved", [("Location", second)], b""),
        (second, "2015-03-10T08:00:02Z", "301 Moved", [("Location", first)], b""),
    )
    assert take(corpus, path) == []

    (told,) = corpus.not_taken
    assert "a redirect whose target is not among them" in say_for_logs(told.what)


@pytest.mark.parametrize(
    ("called", "suffix"),
    [
        ("a.warc.lz4", ".warc.lz4"),
        ("a.warc.zst", ".warc.zst"),
        ("a.warc", ".warc.zst"),
    ],
)
def test_a_file_that_begins_with_a_frame_to_be_skipped_is_what_its_name_says(
    tmp_path, called, suffix
):
    """Zstandard and LZ4 have the same frames to be skipped."""
    path = tmp_path / "partial"
    path.write_bytes(b"\x5d\x2a\x4d\x18" + bytes(4))

    assert _split_suffix(path, called) == ("a", suffix)
