"""A page is read when it is new, and looked at when something is new of it or beside it.

Real servers on loopback; where nothing is to be read, the files that could be are out of reach.
"""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from indexer import pipeline
from indexer.capture.browser import BrowserPage
from indexer.capture.rendering import draft_page, make_visit
from indexer.identities import RegisterFile
from indexer.links.soft404 import find_folder
from indexer.model import (
    BY_BROWSER,
    Article,
    Bibliography,
    Citation,
    LinkMark,
    LinkState,
    Note,
    PageKind,
    Paragraph,
    Signal,
    Visit,
)
from indexer.pipeline.links import find_capture_to_index
from indexer.pipeline.mementos import MementoArchive
from indexer.pipeline.observations import AHEAD
from indexer.urls import urlkey
from indexer.withdrawals import WithdrawalFiles
from testbed.zoo.cases import FR_PATH, by_round, everywhere, fr, serve, validated
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import (
    FR,
    FR_ARTICLE,
    FR_MISSING,
    FR_OTHER,
    FR_TITLE,
    article,
    html,
    notice,
)
from testbed.zoo.replies import redirect
from testbed.zoo.visiting import Visitor, after, cite

ALIVE = LinkState.ALIVE
_ERROR = html(notice("Page introuvable", "Désolé."))
_OTHER = html(article(FR_OTHER, "Un tout autre texte"))


@contextmanager
def visiting(folder, *cases):
    with Zoo(cases=cases) as zoo, Visitor.open(folder, networks=(NETWORK,)) as visitor:
        yield zoo, visitor, cite(zoo)


@contextmanager
def nothing_to_read(visitor):
    """The files of the archive, out of reach."""
    folder = visitor.folder / "archive"
    folder.rename(folder.with_name("away"))
    yield
    folder.with_name("away").rename(folder)


def observe(visitor, references):
    return list(pipeline.observe(references, visitor.corpus))


def visit(visitor, references, day):
    visitor.now = after(day)
    visitor.plan(references)
    return list(visitor.visit())


@pytest.mark.parametrize("site", [serve, lambda routes: validated(serve(routes))])
def test_the_same_bytes_are_not_read_again(tmp_path, site):
    """Whether the server says that they are the same, or we find out."""
    with visiting(tmp_path, fr("a page", ALIVE, site({FR_PATH: FR_ARTICLE}))) as (_, it, cited):
        visit(it, cited, 0)
        (first,) = observe(it, cited)
        visit(it, cited, 4)
        with nothing_to_read(it):
            (second,) = observe(it, cited)
        visit(it, cited, 8)
        with nothing_to_read(it):
            (third,) = observe(it, cited)

    assert second.signals == first.signals >= {Signal.TITLE_FOUND}
    assert third.observed_at == after(8)
    assert third.record_id == second.record_id == first.record_id
    assert third == replace(second, observed_at=after(8))
    assert (second.similarity, second.kept, second.known) == (1.0, 1.0, 1.0)


def test_an_error_page_that_does_not_change_stays_one_without_being_read(tmp_path):
    site = validated(everywhere(_ERROR))
    with visiting(tmp_path, fr("an error", LinkState.DEAD, site)) as (_, it, cited):
        visit(it, cited, 0)
        observe(it, cited)
        visit(it, cited, 4)
        with nothing_to_read(it):
            (again,) = observe(it, cited)

    assert again.status == 304
    assert Signal.ERROR_WORDING in again.signals


@pytest.mark.parametrize(
    "change",
    [{"title": "Un autre titre que la bibliographie donne maintenant"}, {"url": f"{FR_PATH}#n-9"}],
    ids=["the title", "an anchor"],
)
def test_what_the_bibliography_says_anew_has_the_page_looked_at_again(tmp_path, change):
    with visiting(tmp_path, fr("a page", ALIVE, serve({FR_PATH: FR_ARTICLE}))) as (_, it, cited):
        for day in (0, 4):
            visit(it, cited, day)
            observe(it, cited)
        url = cited[0].url.replace(FR_PATH, change.get("url", FR_PATH))
        edited = [replace(cited[0], title=change.get("title", cited[0].title), url=url)]
        visit(it, cited, 8)
        (seen,) = observe(it, edited)

    assert (Signal.TITLE_FOUND in seen.signals) == ("title" not in change)
    assert seen.missing_fragments == (frozenset({"n-9"}) if "url" in change else frozenset())


def test_a_doubtful_page_is_looked_at_once_until_its_host_is_asked_anew(tmp_path):
    case = fr("another text", ALIVE, serve({FR_PATH: _OTHER}))
    with visiting(tmp_path, case) as (zoo, it, cited):
        visit(it, cited, 0)
        observe(it, cited)
        assert len(it.probe(cited)) == 1
        asked = len(zoo.requests)
        probe = it.corpus.history.find_probe(find_folder(cited[0].url))
        (proof,) = it.corpus.catalogue.find_records(urlkey(probe.url))
        assert (
            it.corpus.archive.read_payload(proof.filename, proof.offset).payload == FR_MISSING.body
        )
        with nothing_to_read(it):
            assert it.probe(cited) == []
        assert len(zoo.requests) == asked
        it.now = after(40)
        assert len(it.probe(cited)) == 1


def test_pages_are_looked_at_while_the_next_ones_are_waited_for(tmp_path):
    """But for those whose meaning depends on where the others end."""
    moved = fr("moved", ALIVE, serve({FR_PATH: redirect("/ici"), "/ici": FR_ARTICLE}))
    plain = [fr(f"page {n}", ALIVE, serve({FR_PATH: FR_ARTICLE})) for n in range(AHEAD + 2)]
    with visiting(tmp_path, moved, *plain) as (zoo, it, cited):
        visit(it, cited, 0)
        observe(it, cited)
        it.now = after(4)  # nothing to read then: what was read is the same still
        outcomes = list(pipeline.observe_meanwhile(it.visit(), cited, it.corpus))
        looked_at = [
            each for each in cited if len(it.corpus.history.observations(urlkey(each.url))) == 2
        ]
        rest = observe(it, cited)

    assert len(outcomes) == len(cited)
    assert [each.url for each in looked_at] == [zoo.cited(n) for n in range(1, AHEAD + 3)]
    assert [each.url for each in rest] == [zoo.cited(0)]


def test_what_there_was_no_time_to_read_is_looked_at_afterwards(tmp_path):
    plain = [fr(f"page {n}", ALIVE, serve({FR_PATH: FR_ARTICLE})) for n in range(AHEAD + 2)]
    with visiting(tmp_path, *plain) as (_, it, cited):
        it.plan(cited)
        outcomes = list(pipeline.observe_meanwhile(it.visit(), cited, it.corpus))
        observe(it, cited)
        seen = [it.corpus.history.observations(urlkey(each.url)) for each in cited]

    assert len(outcomes) == len(cited)
    assert [len(each) for each in seen] == [1] * len(cited)
    assert all(Signal.TITLE_FOUND in only.signals for (only,) in seen)


def test_visits_of_one_page_are_looked_at_in_their_order(tmp_path):
    """None was looked at before: each is compared with the text that was captured first."""
    case = fr("another text now", ALIVE, by_round(FR_ARTICLE, FR_ARTICLE, _OTHER))
    with visiting(tmp_path, case) as (zoo, it, cited):
        it.plan(cited)
        for zoo.round in range(3):
            visit(it, cited, 4 * zoo.round)
        seen = observe(it, cited)

    assert [each.observed_at for each in seen] == [after(0), after(4), after(8)]
    assert [each.similarity for each in seen[:2]] == [None, 1.0]
    assert seen[2].similarity < 0.05


_TAKEN_AGAIN = html(article(FR_OTHER, FR_TITLE))  # a domain bought again, with the title it had


@pytest.mark.parametrize(
    ("page", "memento", "state", "is_compared"),
    [
        (_TAKEN_AGAIN, (FR_TITLE, FR), "dead", True),
        (FR_ARTICLE, (FR_TITLE, FR), "alive", True),
        # What the archive had is another page: it proves nothing, and is compared with nothing.
        (_TAKEN_AGAIN, ("Un tout autre texte", FR_OTHER), "alive", False),
        (_TAKEN_AGAIN, (FR_TITLE, FR[:1]), "alive", False),
        (_TAKEN_AGAIN, (FR_TITLE, FR, PageKind.SOFT_404), "alive", False),
        (_TAKEN_AGAIN, (FR_TITLE, FR, PageKind.ARTICLE, 13), "alive", False),  # had later
        (_TAKEN_AGAIN, None, "alive", False),
    ],
)
def test_a_page_never_captured_is_compared_with_a_memento_that_is_the_text(
    tmp_path, page, memento, state, is_compared
):
    is_had_later = memento is not None and memento[3:] == (13,)
    case = fr("gone, then another", ALIVE, by_round(FR_MISSING, FR_MISSING, FR_MISSING, page))
    with visiting(tmp_path, case) as (zoo, it, cited):
        for zoo.round in range(3):
            visit(it, cited, 4 * zoo.round)
            observe(it, cited)
        zoo.round = 3
        if is_had_later:
            visit(it, cited, 12)
        if memento is not None:
            hold_memento(it, cited[0].url, *memento)
        if not is_had_later:
            visit(it, cited, 12)
        observe(it, cited)
        (*_, last) = it.corpus.history.observations(urlkey(cited[0].url))

        assert it.health(cited[0].url).state.value == state
        assert (last.similarity is not None) == is_compared


def hold_memento(visitor, url, title, paragraphs, kind=PageKind.ARTICLE, day=8):
    """Have an archive's copy of a page, read, as a look-up would have it on the day before."""
    text = "\n\n".join(paragraphs)
    held = Visit(
        url=url,
        urlkey=urlkey(url),
        visited_at=after(day),
        outcome="captured",
        status=200,
        record_id="urn:uuid:memento",
        archive="web.archive.org",
        memento_at=after(-900),
    )
    visitor.corpus.catalogue.record_visit(held, [], payload_id=held.record_id)
    visitor.corpus.catalogue.put_article(
        Article(
            record_id=held.record_id,
            kind=kind,
            title=title,
            paragraphs=tuple(Paragraph(text=each) for each in paragraphs),
        )
    )
    assert visitor.corpus.catalogue.find_article(held.record_id).text == text


def test_the_note_on_a_text_of_a_short_title_is_known_beside_its_page(tmp_path):
    """Another article stands there from the first visit on; what notes say is asked for anew."""
    note = "L’ancienne gare de Lignac abrite un atelier partagé où les habitants réparent outils."
    other = html(article(FR_OTHER, "Un tout autre texte", site="Le Courrier"))
    case = fr("another article", ALIVE, serve({FR_PATH: other}), title="Lignac")
    with visiting(tmp_path, case) as (_, it, cited):
        cited = [replace(each, issued="2015") for each in cited]
        visit(it, cited, 0)
        (without,) = observe(it, cited)
        visit(it, cited, 4)
        it.corpus = replace(it.corpus, note_texts={cited[0].id: note})
        (noted,) = observe(it, cited)

    assert Signal.NEVER_CITED not in without.signals
    assert Signal.NEVER_CITED in noted.signals
    assert without.basis != noted.basis


def test_notes_are_joined_by_the_reference_that_they_cite():
    notes = [Note(id=f"n{n}", text=f"Mot {n}.") for n in range(3)]
    cited = [Citation(note_id=f"n{n}", reference_id=key) for n, key in enumerate("aab")]
    said = Bibliography(notes=tuple(notes), citations=tuple(cited)).join_notes()

    assert said == {"a": "Mot 0.\nMot 1.", "b": "Mot 2."}


# --- pages that scripts write


_SHELL = html('<div id="root"></div><script src="/appli.js"></script>' * 2)
_TEXT = article(FR, FR_TITLE)


def run_scripts(visitor, case_url, body):
    """Keep what a browser made of the last capture of a page, as `capture.render` does."""
    corpus = visitor.corpus
    capture = corpus.catalogue.latest_capture(urlkey(case_url), live_only=True)
    markup = f"<!DOCTYPE html><html><title>{FR_TITLE}</title><body>{body}</body></html>"
    page = BrowserPage(final_url=capture.target_uri, markup=markup.encode())
    drafts = draft_page(capture, page, at=corpus.now())
    corpus.keeper.keep_beside_page(make_visit(capture, page, drafts, corpus.now()), drafts)


def open_mementos(visitor):
    corpus, folder = visitor.corpus, visitor.folder
    register = RegisterFile(folder / "identities.sqlite")
    return MementoArchive(corpus.catalogue, corpus.archive, register, WithdrawalFiles([]))


def judge(visitor, reference):
    (row,) = pipeline.list_rows(Bibliography(references=(reference,)), visitor.corpus)
    return row.health


def test_a_page_that_scripts_write_is_judged_by_what_they_wrote(tmp_path):
    with visiting(tmp_path, fr("a shell", ALIVE, serve({FR_PATH: _SHELL}))) as (_, it, cited):
        [reference] = cited
        visit(it, cited, 0)
        (seen,) = observe(it, cited)
        assert Signal.BY_SCRIPTS in seen.signals
        assert LinkMark.NEEDS_JAVASCRIPT in judge(it, reference).marks
        assert dict(judge(it, reference).reason.values)["clause"].key == "link.change.unseen"

        run_scripts(it, reference.url, _TEXT)
        (shown,) = observe(it, cited)
        assert (shown.page_kind, shown.observed_at) == (PageKind.ARTICLE, seen.observed_at)
        assert Signal.TITLE_FOUND in shown.signals
        assert LinkMark.NEEDS_JAVASCRIPT not in judge(it, reference).marks
        assert observe(it, cited) == []

        mementos = open_mementos(it)
        for day in (4, 8, 12):  # the server answers as before, the scripts say that it is gone
            visit(it, cited, day)
            observe(it, cited)
            run_scripts(it, reference.url, "<h1>Page introuvable</h1><p>Erreur 404.</p>")
            observe(it, cited)
        assert judge(it, reference).state is LinkState.DEAD
        kept = find_capture_to_index(urlkey(reference.url), it.corpus)
        assert kept.archive == BY_BROWSER
        assert it.corpus.catalogue.find_article(kept.record_id).kind is PageKind.ARTICLE

        list(pipeline.extract(cited, it.corpus, tell=print))
        listed = mementos.list_mementos(reference.url)
        assert len({each.payload_digest for each in listed}) == 2  # one shell, two texts
        change = mementos.compare(listed[0], listed[-1])
        assert change.similarity < 0.1
        assert any("introuvable" in each.now for each in change.changes)


def test_what_a_browser_made_of_a_page_with_a_text_of_its_own_judges_nothing(tmp_path):
    site = serve({FR_PATH: FR_ARTICLE})
    with visiting(tmp_path, fr("a page", ALIVE, site)) as (_, it, cited):
        visit(it, cited, 0)
        observe(it, cited)
        run_scripts(it, cited[0].url, "<h1>Page introuvable</h1>")
        assert observe(it, cited) == []
        assert judge(it, cited[0]).state is ALIVE
