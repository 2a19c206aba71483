"""What a dead link leads to, and what is indexed of it, is the text cited: never what came after.

Real servers on loopback, with a clock that is turned by hand.
"""

from dataclasses import replace

import pytest

from indexer import pipeline
from indexer.model import Bibliography, Document, LinkState, WholeTexts
from indexer.pipeline.links import find_capture_to_index
from indexer.urls import urlkey
from testbed.zoo.cases import FR_PATH, everywhere, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR, FR_ARTICLE, FR_HOME, html, notice
from testbed.zoo.replies import Asked, Reply, Script, redirect
from testbed.zoo.visiting import Visitor, after, cite

_MISSING = everywhere(html(notice("Page introuvable", "Désolé.")))
_PARKED = everywhere(
    html(notice("lignac.test est à vendre", "Ce nom de domaine est à vendre. Achetez ce domaine."))
)
_CONSENT = everywhere(
    html(notice("Avant de continuer", "Nous utilisons des cookies. Tout accepter. Tout refuser."))
)


def from_round_1(then: Script) -> Script:
    """An article at first, and then something else for good."""
    article = serve({FR_PATH: FR_ARTICLE})

    def answer(asked: Asked) -> Reply:
        return article(asked) if asked.round == 0 else then(asked)

    return answer


def read_over_weeks(folder, script: Script, days=(0, 4, 8, 12, 16), **more):
    """Visit one link on those days: its row, its document, the capture that is read."""
    zoo = Zoo(cases=(fr("it", LinkState.DEAD, script),))
    with zoo, Visitor.open(folder, networks=(NETWORK,)) as visitor:
        references = cite(zoo)
        for round_, day in enumerate(days):
            zoo.round, visitor.now = round_, after(day)
            visitor.pass_by(references)
        corpus = replace(visitor.corpus, base_url="https://b.test", **more)
        bibliography = Bibliography(references=tuple(references))
        rows = pipeline.list_rows(bibliography, corpus)
        documents = pipeline.CorpusDocuments(bibliography, corpus)
        reading = find_capture_to_index(urlkey(references[0].url or ""), corpus)
        return next(iter(rows)), next(iter(documents)), reading


def text_of(document: Document) -> str:
    return " ".join(paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize(
    "then",
    [
        pytest.param(_MISSING, id="not found, with 200"),
        pytest.param(_PARKED, id="parked"),
        pytest.param(serve({"/": FR_HOME}, missing=redirect("/")), id="the front page"),
    ],
)
def test_a_page_that_came_in_place_of_the_text_is_not_our_copy(tmp_path, then):
    row, document, reading = read_over_weeks(tmp_path, from_round_1(then))

    assert row.health.state is LinkState.DEAD
    assert row.replacement is not None
    assert (row.replacement.kind, row.replacement.archived_at) == ("copy", after(0))
    assert reading.captured_at == after(0)
    assert FR[0][:40] in text_of(document)


def test_no_whole_copy_is_named_where_a_bibliography_shows_extracts(tmp_path):
    rights = WholeTexts(is_usual=True, by_bibliography={"Veille": False})
    more = {"replay_address": "https://b.test/web/", "whole_texts": rights}
    row, _, _ = read_over_weeks(tmp_path, from_round_1(_MISSING), **more)

    assert row.replacement.address.startswith("https://b.test/textes/")


def test_a_link_dead_from_the_start_has_no_copy_and_no_text(tmp_path):
    row, document, reading = read_over_weeks(tmp_path, _PARKED)

    assert row.health.state is LinkState.DEAD
    assert row.replacement is None
    assert reading is None
    assert document.paragraphs == ()


def test_a_wall_does_not_hide_the_text_captured_before(tmp_path):
    row, document, _ = read_over_weeks(tmp_path, from_round_1(_CONSENT), days=(0, 4))

    assert row.health.state is LinkState.BLOCKED
    assert FR[0][:40] in text_of(document)
