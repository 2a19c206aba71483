"""Texts of which nothing has changed are not made again to be compared, and no change is missed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from indexer.index import fingerprint
from indexer.index.changes import FingerprintCache
from indexer.links.decisions import Choice, Decision
from indexer.model import Bibliography, Citation, LinkState, Note, Place
from indexer.pipeline.stages import CorpusDocuments
from indexer.urls import urlkey
from testbed.zoo.cases import FR_PATH, by_round, everywhere, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR_ARTICLE, FR_MISSING
from testbed.zoo.visiting import Visitor, after, cite

_GONE = everywhere(FR_MISSING)
_HERE = serve({FR_PATH: FR_ARTICLE})


class Counted(CorpusDocuments):
    """Documents that count how many of them were made."""

    made = 0

    def select(self, only, lasting=None):
        for document in super().select(only, lasting):
            type(self).made += 1
            yield document


def compare(bibliography, corpus, stamps) -> int:
    """Fingerprints that are remembered are those of documents made anew; gives how many were made.

    By a second reading too, of which nothing is made.
    """
    expected = [(each.id, fingerprint(each)) for each in CorpusDocuments(bibliography, corpus)]
    counts = []
    for _ in range(2):
        Counted.made = 0
        assert list(Counted(bibliography, corpus, stamps).list_fingerprints()) == expected
        counts.append(Counted.made)
    assert counts[1] == 0
    return counts[0]


@pytest.mark.slow  # a clock, a server, two months of visits
def test_a_text_is_made_again_whatever_changes_of_it(tmp_path):
    rounds = (_HERE, _HERE, _GONE, _GONE, _GONE, _HERE)
    case = fr("a page", LinkState.ALIVE, by_round(*rounds))
    stamps = tmp_path / "stamps"
    with Zoo(cases=[case]) as zoo, Visitor.open(tmp_path, networks=(NETWORK,)) as visitor:
        (cited,) = cite(zoo)
        note = Note(id="n", text="Une note.", section=(), place=Place(path="notes.md", line=3))
        alone = replace(note, id="alone", text="Une note sans texte cité.")
        bibliography = Bibliography(
            references=(cited,),
            notes=(note, alone),
            citations=(Citation(note_id="n", reference_id=cited.id),),
        )
        assert compare(bibliography, visitor.corpus, stamps) == 2
        for round_, day in enumerate((0, 4, 8, 12, 16, 20)):
            zoo.round, visitor.now = round_, after(day)
            visitor.pass_by([cited])
            visitor.now += timedelta(seconds=1)
            assert compare(bibliography, visitor.corpus, stamps) == 1, day

        # It came back 60 days ago: news no more. Nothing else was written.
        visitor.now = after(20) + timedelta(days=61)
        assert compare(bibliography, visitor.corpus, stamps) == 1
        corpus = visitor.corpus
        changes = {
            "a note": replace(bibliography, notes=(replace(note, text="Autre."), alone)),
            "a note that cited": replace(bibliography, citations=()),
            "a reference": replace(bibliography, references=(replace(cited, title="Titre"),)),
            "its bibliography": replace(bibliography, bibliography_of={"notes.md": "Mémoire"}),
        }
        for name, changed in changes.items():
            assert compare(changed, corpus, stamps) > 0, name
            assert compare(bibliography, corpus, stamps) > 0, name

        decided = Decision(url=cited.url, choice=Choice.ALIVE, decided_on=after(20).date())
        assert compare(bibliography, replace(corpus, decisions={cited.url: decided}), stamps) == 1
        assert compare(bibliography, corpus, stamps) == 1
        (capture, *_) = corpus.catalogue.captures(urlkey(cited.url))
        article = corpus.catalogue.find_article(capture.record_id)
        corpus.catalogue.put_article(replace(article, title="Un autre titre", author=("Nora",)))
        assert compare(bibliography, corpus, stamps) == 1

        *_, last = corpus.history.observations(urlkey(cited.url))
        corpus.history.record(replace(last, final_url="https://ailleurs.test/"))
        assert compare(bibliography, corpus, stamps) == 1
        visit = corpus.catalogue.visits(urlkey(cited.url))[-1]
        corpus.catalogue.record_visit(replace(visit, visited_at=after(21)))
        assert compare(bibliography, corpus, stamps) == 1

        twice = replace(bibliography, references=(cited, replace(cited, title="Le même")))
        Counted.made = 0
        told = dict(Counted(twice, corpus, stamps).list_fingerprints())
        last = list(CorpusDocuments(twice, corpus))[1]
        assert told[cited.id] == fingerprint(last)
        assert Counted.made == 2


def test_what_is_remembered_is_of_this_version_whole_and_not_of_the_future(tmp_path):
    path = tmp_path / "stamps"
    first = FingerprintCache(path, "1", after(10))
    first.keep("lasting", "f1", None)
    first.keep("until", "f2", after(20))
    first.write()

    def find(made_by="1", day=12):
        cache = FingerprintCache(path, made_by, after(day))
        return cache.find("lasting"), cache.find("until")

    assert find() == ("f1", "f2")
    assert find(day=20) == ("f1", None)
    assert find(made_by="2") == find(day=9) == (None, None)
    payload = path.read_bytes()
    for at in range(len(payload)):
        path.write_bytes(payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :])
        assert find() == (None, None), at
    path.write_bytes(payload)

    again = FingerprintCache(path, "1", after(12))
    again.find("until")
    again.write()
    assert find() == (None, "f2")  # what nobody asked for is let go
    FingerprintCache(tmp_path / "gone" / "stamps", "1", after(1)).write()
