"""HEAD first only where the host is known to tell the truth, and never twice in a row.

A page is visited every thirty days; what was asked each time is told by letters: G, H, or HG.
"""

from dataclasses import replace

import pytest

from indexer.model import LinkState, Signal
from indexer.urls import urlkey
from testbed.zoo.cases import FR_PATH, fr, serve, validated
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR, FR_ARTICLE, article, html, notice
from testbed.zoo.replies import Asked, Http, Reply, Script, Trouble
from testbed.zoo.visiting import Visitor, after, cite

_ERROR = html(notice("Page introuvable", "Désolé."))
_REVISED = html(article((*FR, "Ajout du mois de mai. " * 9)))


def named(page: Http, etag: str = '"un"') -> Http:
    return replace(page, headers=(("ETag", etag),))


def resending(then: Script | Reply | None = None, *, since: int = 0) -> Script:
    """A page with an ETag that is sent whole whatever one has of it; after a while, `then`."""
    site = serve({FR_PATH: named(FR_ARTICLE)})

    def answer(asked: Asked) -> Reply:
        if then is None or asked.round < since or asked.path != FR_PATH:
            return site(asked)
        return then(asked) if callable(then) else then

    return answer


def to_head(reply: Reply) -> Script:
    """A site that answers something else to HEAD."""

    def answer(asked: Asked) -> Reply:
        return reply if asked.method == "HEAD" else resending()(asked)

    return answer


def visit(folder, script: Script, times: int, *, min_bytes: int = 100):
    """What was asked at each visit of a page, and its history."""
    heard = [""] * times

    def answer(asked: Asked) -> Reply:
        if asked.path == FR_PATH:
            heard[asked.round] += asked.method[0]
        return script(asked)

    with (
        Zoo(cases=(fr("a page", LinkState.ALIVE, answer),)) as zoo,
        Visitor.open(folder, networks=(NETWORK,), min_head_bytes=min_bytes) as visitor,
    ):
        cited = cite(zoo)
        for zoo.round in range(times):
            visitor.now = after(30 * zoo.round)
            visitor.pass_by(cited)
        return " ".join(heard), visitor.corpus.history.observations(urlkey(cited[0].url))


def test_after_three_true_answers_every_other_visit_is_a_head(tmp_path):
    letters, seen = visit(tmp_path, resending(), 8)

    assert letters == "G G HG HG HG H G H"
    assert {each.similarity for each in seen[1:]} == {1.0}
    assert all(each.has_page and each.record_id == seen[0].record_id for each in seen)


@pytest.mark.parametrize(
    ("script", "letters"),
    [
        (validated(serve({FR_PATH: FR_ARTICLE})), "G G G G"),
        (serve({FR_PATH: FR_ARTICLE}), "G G G G"),
        (to_head(Http(status=404)), "G G HG G"),
        (to_head(Http(status=405)), "G G HG G"),
        (to_head(Trouble.CLOSE), "G G HG G"),
        (to_head(named(FR_ARTICLE, '"deux"')), "G G HG G"),
        (to_head(Http(status=200)), "G G HG G"),
    ],
    ids=["says 304", "no validator", "404", "405", "no word", "another ETag", "no ETag"],
)
def test_a_host_that_does_not_tell_the_truth_is_not_asked_again(tmp_path, script, letters):
    """Nor one of which HEAD would tell nothing that a GET does not."""
    assert visit(tmp_path, script, 4)[0] == letters


def test_a_small_page_is_got(tmp_path):
    assert visit(tmp_path, resending(), 3, min_bytes=10**6)[0] == "G G G"


@pytest.mark.parametrize(
    ("then", "letters"),
    [
        (named(_REVISED, '"deux"'), "G G HG HG HG HG"),
        (Http(status=500), "G G HG HG HG HG"),
        (named(_ERROR, '"deux"'), "G G HG HG HG HG"),
    ],
    ids=["revised", "500", "an error with 200"],
)
def test_any_doubt_brings_a_get(tmp_path, then, letters):
    told, seen = visit(tmp_path, resending(then, since=5), 6)

    assert told == letters
    if then == named(_ERROR, '"deux"'):
        assert Signal.ERROR_WORDING in seen[-1].signals


def test_a_host_that_turned_liar_is_found_out_at_the_next_visit(tmp_path):
    told, seen = visit(tmp_path, resending(named(_ERROR), since=5), 9)

    assert told == "G G HG HG HG H G G G"
    assert Signal.ERROR_WORDING not in seen[5].signals
    assert all(Signal.ERROR_WORDING in each.signals for each in seen[6:])
