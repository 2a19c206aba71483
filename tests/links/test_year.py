"""A year in the life of a few links, at a pace that the tests set: nobody dies by mistake."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from indexer.model import LinkMark, LinkState, Reference
from testbed.zoo import Case
from testbed.zoo.cases import FR_PATH, everywhere, fr, serve
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.pages import FR, FR_ARTICLE, FR_HOME, FR_MISSING, article, html, notice
from testbed.zoo.replies import Asked, Http, Reply, Script, Trouble, redirect
from testbed.zoo.visiting import Visitor, after, cite

ALIVE, MOVED, DEAD = LinkState.ALIVE, LinkState.MOVED, LinkState.DEAD
_SITE = serve({FR_PATH: FR_ARTICLE})
_CAPTCHA = everywhere(html(notice("Êtes-vous un robot ?", "Prouvez que vous n’êtes pas un robot.")))


def during(days: range, meanwhile: Script | Reply, otherwise: Script = _SITE) -> Script:
    """A site that does something else on some days; a round is a day."""
    away = meanwhile if callable(meanwhile) else everywhere(meanwhile)

    def answer(asked: Asked) -> Reply:
        return away(asked) if asked.round in days else otherwise(asked)

    return answer


def until(day: int, script: Script, then: Script) -> Script:
    """A site that changes for good."""
    return during(range(day), script, then)


# What a year does to links, and how they stand at its end.
YEAR: tuple[Case, ...] = (
    fr("nothing happens", ALIVE, _SITE),
    fr("403 for three weeks", ALIVE, during(range(60, 81), Http(status=403))),
    fr(
        "429 for a week",
        ALIVE,
        during(range(30, 37), Http(status=429, headers=(("Retry-After", "120"),))),
    ),
    fr("down for five days", ALIVE, during(range(100, 105), Trouble.RESET)),
    fr("down for two months", ALIVE, during(range(200, 260), Http(status=502))),
    fr("captcha week", ALIVE, during(range(150, 157), _CAPTCHA)),
    fr("404 for four days, after a bad update", ALIVE, during(range(120, 125), FR_MISSING)),
    fr("robots.txt down for two days", ALIVE, during(range(40, 42), Http(status=500))),
    fr(
        "certificate expired for ten days",
        ALIVE,
        _SITE,
        certificate="trusted",
        expired_rounds=range(90, 100),
    ),
    fr(
        "revised twice",
        ALIVE,
        until(50, _SITE, serve({FR_PATH: html(article((*FR, "Ajout de mars. " * 9)))})),
    ),
    fr(
        "moves in May",
        MOVED,
        until(
            120,
            _SITE,
            serve({FR_PATH: redirect("/archives/tiers-lieux", 301),
                   "/archives/tiers-lieux": FR_ARTICLE}),
        ),
    ),
    fr("dies in July", DEAD, until(180, _SITE, everywhere(FR_MISSING))),
    fr(
        "dies in July, and says 200",
        DEAD,
        until(180, _SITE, everywhere(html(notice("Page introuvable", "Désolé.")))),
    ),
    fr(
        "dies in July, and leads to the front page",
        DEAD,
        until(180, _SITE, serve({"/": FR_HOME}, missing=redirect("/"))),
    ),
)  # fmt: skip


# Three visits or more into everything that happens, and over seven days where it lasts as long.
_INTO_EVERYTHING: Sequence[int] = (
    *(0, 31, 36, 40, 41, 55, 61, 66, 72, 91, 95, 99, 100, 102, 104, 120, 122, 124, 151, 156),
    *(181, 184, 189, 201, 206, 212, 364),
)


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(_INTO_EVERYTHING, id="into everything", marks=pytest.mark.slow),
        pytest.param(range(0, 365, 5), id="every five days", marks=pytest.mark.campaign),
        pytest.param(range(365), id="every day", marks=pytest.mark.campaign),
    ],
)
def test_a_scripted_year_knows_no_false_death(tmp_path, days):
    """Whatever the pace of the visits, on no day of the year, and not at its end."""
    with open_year(tmp_path, YEAR) as (zoo, visitor):
        references = cite(zoo)
        dead_on: dict[str, list[int]] = {case.name: [] for case in YEAR}
        for day in days:
            zoo.round, visitor.now = day, after(day)
            visitor.pass_by(references)
            for number, case in enumerate(YEAR):
                if visitor.health(zoo.cited(number)).state is DEAD:
                    dead_on[case.name].append(day)
        for number, case in enumerate(YEAR):
            health = visitor.health(zoo.cited(number))
            assert health.state is case.truth, f"{case.name}: {health.reason}"
            if case.truth is DEAD:
                assert 187 <= dead_on[case.name][0] <= 201
            else:
                assert dead_on[case.name] == [], case.name


def test_a_clock_turned_by_hand_shows_a_whole_life(tmp_path):
    """Visited only when due: alive, sick at the first failure, dead, then back from the dead."""
    life = until(20, _SITE, during(range(60), FR_MISSING, _SITE))
    case = fr("a life", ALIVE, life)
    with open_year(tmp_path, (case,)) as (zoo, visitor):
        references = [Reference(id="a", title=case.title, url=zoo.cited(0))]
        told: list[tuple[str, int]] = []
        for day in range(300):
            zoo.round, visitor.now = day, after(day)
            visitor.pass_by(references, force=False)
            state = visitor.health(zoo.cited(0)).state.value
            if not told or told[-1][0] != state:
                told.append((state, day))
        health = visitor.health(zoo.cited(0))

        assert [state for state, _ in told] == ["alive", "sick", "dead", "alive"]
        sick, dead, back = (day for _, day in told[1:])
        assert 7 <= dead - sick <= 21
        assert health.resurrected_at == after(back)
        assert LinkMark.RESURRECTED in judged_at(visitor, zoo.cited(0), back + 30).marks
        # A year of daily runs asked for that page a dozen times, not 300.
        assert sum(target == FR_PATH for _, target, *_ in zoo.requests) <= 12


@pytest.mark.parametrize("is_online", [True, False], ids=["online", "offline"])
def test_a_machine_that_is_offline_kills_no_link(tmp_path, is_online):
    """Some resolvers say of every name that it does not exist: one page that answers proves them
    wrong or right.
    """
    lost = "http://gazette-lignac.invalid/2015/11/les-tiers-lieux"
    with open_year(tmp_path, (fr("neighbour", ALIVE, _SITE),)) as (zoo, visitor):
        references = [Reference(id="a", title="Un texte perdu", url=lost)]
        references += cite(zoo) if is_online else []
        for day in (0, 4, 8, 12):
            visitor.now = after(day)
            visitor.pass_by(references)
        health = visitor.health(lost)

    assert health.state is (DEAD if is_online else LinkState.SICK), health.reason


def judged_at(visitor: Visitor, url: str, day: int):
    visitor.now = after(day)
    return visitor.health(url)


class open_year:  # noqa: N801 - a context manager reads like a verb
    def __init__(self, folder: Path, cases: Sequence[Case]) -> None:
        self._zoo = Zoo(cases=cases)
        self._folder = folder

    def __enter__(self) -> tuple[Zoo, Visitor]:
        zoo = self._zoo.__enter__()
        ca_file = zoo.trust(self._folder / "ca.pem")
        self._visitor = Visitor.open(self._folder, networks=(NETWORK,), ca_file=ca_file)
        return zoo, self._visitor

    def __exit__(self, *exception: object) -> None:
        self._visitor.__exit__(*exception)
        self._zoo.__exit__(*exception)
