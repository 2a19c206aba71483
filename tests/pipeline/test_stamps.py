"""Texts of which nothing has changed are not made again to be compared, and no change is missed."""

from dataclasses import replace
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path

import pytest

from indexer.archive.rows import RecordRow
from indexer.corpus import Corpus, open_corpus
from indexer.index import fingerprint
from indexer.index.changes import STAMPS_VERSION, FingerprintCache
from indexer.links.decisions import Choice, Decision
from indexer.model import (
    Article,
    Bibliography,
    Citation,
    LinkState,
    Name,
    Note,
    Observation,
    PageKind,
    Paragraph,
    Place,
    Reference,
    Visit,
)
from indexer.pipeline.stages import CorpusDocuments
from indexer.settings import Settings
from indexer.urls import urlkey
from testbed.zoo.cases import FR_PATH, by_round, everywhere, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR_ARTICLE, FR_MISSING
from testbed.zoo.visiting import Visitor, after, cite
from tests.golden import Golden, check, find_fault
from tests.links.stories import VISITS, history, on_day

GOLDEN = Path(__file__).with_name("golden.json")
CONSTANT = "STAMPS_VERSION"
TODAY = on_day(60)
# Each thing that a visit can say: the first time, and again and again where there was a page once.
STORIES = {
    **{f"first {word}": f"0:{word}" for word in VISITS},
    **{f"then {word}": f"0:ok 10:{word} 20:{word} 30:{word} 40:{word}" for word in VISITS},
    "came back": "0:ok 10:404 20:404 30:404 40:404 58:same",
    "never visited": "",
}
DECIDED = {
    "then 410": (Choice.DEAD, "https://neuf.test/"),
    "then 404": (Choice.ALIVE, ""),
    "then same": (Choice.DEAD, ""),
    "then moved": (Choice.ACCEPT, ""),
    "then 403": (Choice.IGNORE, ""),
}
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

    (tmp_path / ".stamps.abcd1234").write_bytes(b"of a run that was killed")
    again = FingerprintCache(path, "1", after(12))
    again.find("until")
    again.write()
    assert [each.name for each in tmp_path.iterdir()] == ["stamps"]
    assert find() == (None, "f2")  # what nobody asked for is let go
    FingerprintCache(tmp_path / "gone" / "stamps", "1", after(1)).write()


def describe_corpus() -> tuple[Bibliography, dict[str, list[Observation]]]:
    """A bibliography whose links went through the stories; what was observed of each of them."""
    seen = {}
    references = []
    for name, story in STORIES.items():
        id = name.replace(" ", "-")
        url = f"https://www.exemple.test/{id}"
        seen[id] = history(story, url=url)
        references.append(Reference(id=id, title=f"Un texte, {name}", url=url, raw=name))
    first, second, *_ = references
    references[0] = replace(first, title="")  # the page says it
    references[1] = replace(
        second,
        author=(Name(family="Fictive", given="Jeanne"), Name(literal="Collectif")),
        container_title="Revue fictive",
        issued="2014-03",
        section=("Ville", "Outils"),
        keyword=("communs",),
        doi="10.5555/a",
        cited_in=("lectures.md", "autres.md", "seul.md"),
    )
    hidden = "https://moi:secret@exemple.test/cache"
    references += [
        Reference(id="secret", title="Un texte", url=hidden, raw=f"Un texte, {hidden}"),
        Reference(id="malformed", title="", url="http://["),
        Reference(id="printed", title="", raw="Un livre", language="en-GB"),
    ]
    place = Place(path="lectures.md", line=3)
    notes = (
        Note(id="n1", text="Sur deux textes.", section=("Ville",), place=place, aliases=("id n",)),
        Note(id="n2", text="Une autre.\n\nEn deux paragraphes.", place=Place(path="x.md", line=1)),
        Note(id="alone", text="Seule.", section=("Ville", "Outils"), place=place),
        Note(id="untitled", text=f"{'Seule, sans titre. ' * 9}\nEt une ligne."),
    )
    citations = (
        Citation(note_id="n1", reference_id=first.id),
        Citation(note_id="n1", reference_id=second.id),
        Citation(note_id="n2", reference_id=second.id),
        Citation(note_id="of nobody", reference_id=second.id),
    )
    bibliography_of = {"lectures.md": "Lectures", "autres.md": "Autres", "seul.md": "Lectures"}
    return (
        Bibliography(
            references=tuple(references),
            notes=notes,
            citations=citations,
            bibliography_of=bibliography_of,
        ),
        seen,
    )


def keep(corpus: Corpus, seen: dict[str, list[Observation]]) -> None:
    """Keep what was observed, the captures of the pages, and of each an article of one kind."""
    kinds = cycle((PageKind.ARTICLE, PageKind.STUB, PageKind.PAYWALL, PageKind.CONSENT))
    numbers = count(1)
    for observations in seen.values():
        kind = next(kinds)
        for each in observations:
            corpus.history.record(each)
            if not each.has_page:
                continue
            number = next(numbers)
            record_id = f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"
            key, digest = urlkey(each.url), f"sha256:{number:064}"
            visit = Visit(
                url=each.url,
                urlkey=key,
                visited_at=each.observed_at,
                outcome="captured",
                status=200,
                final_url=each.final_url or each.url,
                record_id=record_id,
                payload_digest=digest,
            )
            record = RecordRow(
                record_id=record_id,
                kind="response",
                target_uri=each.url,
                target_urlkey=key,
                captured_at=each.observed_at,
                status=200,
                media_type="text/html",
                payload_digest=digest,
                payload_length=1000,
                filename="a.warc.gz",
                offset=number * 1000,
                length=500,
            )
            corpus.catalogue.record_visit(visit, [record], payload_id=record_id)
            article = Article(
                record_id=record_id,
                paragraphs=(
                    Paragraph(text="Un titre de la page", kind="heading"),
                    Paragraph(text=f"Ce que dit la page {number}.", page=2),
                ),
                title=f"La page {number}",
                author=("Ada Exemple", "Bruno Fictif"),
                issued="2013-02-01",
                site_name="Un site",
                language="en-CA",
                kind=kind,
                comments=("Un avis de lecteur.",),
            )
            corpus.catalogue.put_article(article)


def make_golden(folder: Path) -> Golden:
    """The fingerprints of documents, whose bibliography and evidence do not change."""
    bibliography, seen = describe_corpus()
    urls = {one.raw: one.url or "" for one in bibliography.references}
    day = on_day(50).date()
    decisions = {
        urls[name]: Decision(url=urls[name], choice=choice, decided_on=day, address=address)
        for name, (choice, address) in DECIDED.items()
    }
    with open_corpus(Settings(corpus=folder), now=lambda: TODAY) as corpus:
        keep(corpus, seen)
        documents = list(CorpusDocuments(bibliography, replace(corpus, decisions=decisions)))
    return Golden(
        version=STAMPS_VERSION, results={each.id: fingerprint(each) for each in documents}
    )


def test_documents_are_made_as_before_or_the_version_is_raised(tmp_path):
    made = make_golden(tmp_path)
    check(GOLDEN, made, constant=CONSTANT)
    other = {**made.results, "alone": "other"}
    fault = find_fault(made, replace(made, results=other), constant=CONSTANT)
    assert "(alone)" in fault and CONSTANT in fault
