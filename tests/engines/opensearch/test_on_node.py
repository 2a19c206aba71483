"""What only a real node can show; without one, one test says that it and the contract wait."""

import pytest

from tests.engines.contract.engines import ENGINES, NODE

pytestmark = pytest.mark.skipif(
    not NODE,
    reason="no node of OpenSearch: neither this nor the contract ran on one (`make test-cluster`)",
)


def test_the_contract_is_run_on_a_node() -> None:
    assert {"opensearch", "three shards"} <= ENGINES.keys()
