import multiprocessing
import os

import pytest

from search_web.site.headers import RateLimit, RateTable


def test_so_many_a_minute_and_then_one_has_to_wait():
    limit = RateLimit(2)

    assert [limit.wait_for("a", 1.0) for _ in range(3)] == [0.0, 0.0, 30.0]
    assert limit.wait_for("b", 1.0) == 0.0
    assert limit.wait_for("a", 30.0) > 0
    assert limit.wait_for("a", 32.0) == 0.0


def test_memory_is_bounded_and_who_asked_last_is_not_forgotten_first():
    limit = RateLimit(2, RateTable(slots=64))
    for number in range(1000):
        limit.wait_for(str(number), 1.0 + number)
    last, now_s = "999", 1000.0

    assert limit.wait_for(last, now_s) == 0.0
    assert limit.wait_for(last, now_s) > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_processes_that_answer_together_count_together():
    limit = RateLimit(100, RateTable())
    context = multiprocessing.get_context("fork")
    given = context.SimpleQueue()

    def ask() -> None:
        given.put(sum(not limit.wait_for("a", 1.0) for _ in range(90)))

    workers = [context.Process(target=ask) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert sum(given.get() for _ in workers) == 100
