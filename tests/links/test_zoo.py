"""On a zoo of servers, each link gets the state that a careful person would give it."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from indexer.model import LinkHealth, LinkState
from testbed.zoo import ZOO, Case
from testbed.zoo.cases import ROUNDS
from testbed.zoo.keeper import NETWORK, Zoo
from testbed.zoo.visiting import Visitor, after, cite

SILENCE_S = 0.8  # the others answer at once; four animals never do


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> Iterator[Mapping[str, LinkHealth]]:
    """The health of each animal's link after visits four days apart."""
    folder = tmp_path_factory.mktemp("zoo")
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
        yield {case.name: visitor.health(zoo.cited(n)) for n, case in enumerate(ZOO)}


@pytest.mark.parametrize("case", ZOO, ids=lambda case: case.name)
def test_each_link_gets_the_state_that_a_careful_person_would_give(case: Case, verdicts):
    health = verdicts[case.name]

    assert health.state is case.truth, health.reason
    assert health.reason.endswith(".")


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
