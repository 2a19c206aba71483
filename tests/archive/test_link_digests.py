"""What is known of each link has a digest that changes whenever anything of it does."""

from dataclasses import replace

from indexer.archive import open_catalogue
from indexer.archive.rows import RecordRow
from indexer.links.history import open_history
from indexer.model import Article, Visit
from indexer.urls import urlkey
from tests.links.stories import URL, observe, on_day

OTHER = "https://exemple.test/2016/autre"
VISIT = Visit(url=URL, urlkey=urlkey(URL), visited_at=on_day(0), outcome="missed")


def test_digests_of_a_link_change_with_what_is_known_of_it_alone(place):
    with open_catalogue(place) as catalogue, open_history(place) as history:
        told = []
        for step in range(4):
            if step == 1:
                history.record(observe("404", 1))
            if step == 2:
                catalogue.record_visit(VISIT, [])
            if step == 3:
                history.record(observe("ok", 1))  # told anew
            seen, visited = history.list_digests(), catalogue.list_visit_digests()
            told.append((seen.get(urlkey(URL)), visited.get(urlkey(URL))))
        assert len({*told}) == 4
        assert told[0] == (None, None)
        later = replace(VISIT, url=OTHER, urlkey=urlkey(OTHER))
        catalogue.record_visit(replace(later, visited_at=on_day(1)), [])
        assert catalogue.list_visit_digests()[urlkey(URL)] == told[-1][1]
        assert catalogue.fingerprint_captures(urlkey(URL)) == ""


def test_digests_of_captures_change_with_them_and_with_what_was_read(place):
    key = urlkey(URL)
    with open_catalogue(place) as catalogue:
        told = [catalogue.list_capture_digests().get(key)]
        page = RecordRow(
            record_id="urn:uuid:1", kind="response", target_uri=URL, target_urlkey=key,
            captured_at=on_day(0), status=200, media_type="text/html", payload_digest="sha1:A",
            payload_length=9, filename="a.warc.gz", offset=0, length=50,
        )  # fmt: skip
        visit = replace(VISIT, outcome="captured", record_id=page.record_id)
        catalogue.record_visit(visit, [page], payload_id=page.record_id)
        for title in (None, "Un titre", "Un autre"):
            if title is not None:
                catalogue.put_article(Article(record_id="urn:uuid:1", extractor="1", title=title))
            told.append(catalogue.list_capture_digests()[key])
        assert len({*told}) == 4
        assert told[0] is None
        assert catalogue.list_capture_digests().keys() == {key}
