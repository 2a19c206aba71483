"""What is remembered of an index stays within its bound, whatever is asked."""

import pytest

from indexer.engines.planning.lexicon import OVERHEAD, Memory

MOST = 20 * OVERHEAD


@pytest.mark.parametrize("size", [0, OVERHEAD, MOST])
def test_what_is_kept_stays_within_the_bound(size):
    memory = Memory(MOST)
    for key in range(300):
        memory.keep(key, key, size)
    held = [key for key in range(300) if memory.find(key) is not None]

    # The last one is always there; as many as fit are, of those before.
    assert held[-1] == 299
    assert len(held) <= MOST // (size + OVERHEAD) + 2


def test_what_is_asked_for_is_kept_longer_than_what_is_not():
    memory = Memory(MOST)
    memory.keep("asked", 1)
    memory.keep("not", 2)
    for key in range(100):
        memory.keep(key, key)
        assert memory.find("asked") == 1

    assert memory.find("not") is None
