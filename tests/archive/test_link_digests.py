"""What is known of each link has a digest that changes whenever anything of it does."""

from dataclasses import replace

from indexer.archive import open_catalogue
from indexer.links.history import open_history
from indexer.model import Visit
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
