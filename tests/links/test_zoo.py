"""On a zoo of servers, each link gets the state that a careful person would give it."""

from collections import Counter
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

from indexer.links.observe import LINK_RULES_VERSION
from indexer.messages import open_translator
from indexer.model import LinkHealth, LinkState, Observation
from indexer.urls import urlkey
from testbed.zoo import ZOO, Case
from testbed.zoo.cases import ROUNDS
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.visiting import Visitor, after, cite
from tests.golden import Golden, check, digest

SILENCE_S = 2.0  # a machine at work on something else is not a slow server

pytestmark = pytest.mark.slow  # the fixture is hundreds of visits, of which some wait

GOLDEN = Path(__file__).with_name("golden.json")
CONSTANT = "LINK_RULES_VERSION"

Seen = Mapping[str, tuple[LinkHealth, tuple[Observation, ...]]]


def visit_zoo(folder: Path) -> Seen:
    """The health of each animal's link after visits four days apart, and what was observed."""
    with (
        Zoo(cases=ZOO) as zoo,
        Visitor.open(
            folder,
            networks=(NETWORK,),
            ca_file=zoo.trust(folder / "ca.pem"),
            read_timeout_s=SILENCE_S,
        ) as visitor,
    ):
        references = cite(zoo)
        for zoo.round in range(ROUNDS):
            visitor.now = after(4 * zoo.round)
            visitor.pass_by(references)
        return {
            case.name: (
                visitor.health(zoo.cited(n)),
                visitor.corpus.history.observations(urlkey(zoo.cited(n))),
            )
            for n, case in enumerate(ZOO)
        }


def make_golden(seen: Seen) -> Golden:
    """What each page said, as it is kept; ports and moments are of one run only.

    Verdicts are no part of it: they are reckoned anew from what is kept, each time.
    """
    results = {
        name: digest([_list_facts(each) for each in observations])
        for name, (_, observations) in seen.items()
    }
    libraries = {"lxml": metadata.version("lxml")}
    return Golden(version=LINK_RULES_VERSION, libraries=libraries, results=results)


def _list_facts(seen: Observation) -> list[object]:
    shares = (seen.similarity, seen.kept, seen.known)
    return [
        seen.status,
        seen.cause,
        seen.tls_fault,
        seen.page_kind,
        sorted(seen.signals),
        [None if share is None else round(share, 3) for share in shares],
        sorted(seen.missing_fragments),
        [step.is_permanent for step in seen.redirects],
        seen.has_page,
    ]


@pytest.fixture(scope="module")
def seen(tmp_path_factory) -> Seen:
    return visit_zoo(tmp_path_factory.mktemp("zoo"))


@pytest.fixture(scope="module")
def verdicts(seen) -> Mapping[str, LinkHealth]:
    return {name: health for name, (health, _) in seen.items()}


def test_what_is_observed_changes_only_with_the_version(seen):
    check(GOLDEN, make_golden(seen), constant=CONSTANT)


@pytest.mark.parametrize("case", ZOO, ids=lambda case: case.name)
def test_each_link_gets_the_state_that_a_careful_person_would_give(case: Case, verdicts):
    health = verdicts[case.name]

    assert health.state is case.truth, health.reason
    assert open_translator("fr")(health.reason).endswith(".")


def test_nothing_alive_is_called_dead_and_nothing_dead_alive(verdicts):
    said = Counter((case.truth, verdicts[case.name].state) for case in ZOO)
    alive = (LinkState.ALIVE, LinkState.MOVED)

    assert sum(n for (truth, state), n in said.items()
               if state is LinkState.DEAD and truth is not LinkState.DEAD) == 0  # fmt: skip
    assert sum(n for (truth, state), n in said.items()
               if state in alive and truth is LinkState.DEAD) == 0  # fmt: skip


def test_the_zoo_is_large_and_a_third_of_it_french():
    assert len(ZOO) >= 80
    assert len({case.name for case in ZOO}) == len(ZOO)
    assert sum(case.language == "fr" for case in ZOO) * 3 >= len(ZOO)
