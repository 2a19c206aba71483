from search_web.headers import MOST_ADDRESSES, RateLimit


def test_so_many_a_minute_and_then_one_has_to_wait():
    limit = RateLimit(2)

    assert [limit.wait_for("a", 0.0) for _ in range(3)] == [0.0, 0.0, 30.0]
    assert limit.wait_for("b", 0.0) == 0.0
    assert limit.wait_for("a", 29.0) > 0
    assert limit.wait_for("a", 31.0) == 0.0


def test_memory_is_bounded():
    limit = RateLimit(2)
    for number in range(MOST_ADDRESSES + 10):
        limit.wait_for(str(number), 0.0)

    assert len(limit._buckets) == MOST_ADDRESSES
