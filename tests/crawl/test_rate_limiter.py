"""The frontier says which URL is next, the rate limiter when. Clocks are turned by hand."""

import contextlib
import threading

import pytest

from indexer.crawl import politeness as politeness_module
from indexer.crawl.frontier import Frontier, Task
from indexer.crawl.politeness import InterruptedWaitError, RateLimiter
from indexer.model import HostQueue, Target


def target(host, number):
    url = f"http://{host}/{number}"
    return Target(url=url, urlkey=url, canonical_url=url, host=host)


def queue(host, count, *, said=None):
    targets = (target(host, number) for number in range(count))
    return HostQueue(host=host, count=count if said is None else said, targets=targets)


def take_all(frontier, now=0.0):
    """Take what is ready, each host released at once for the next second."""
    taken = []
    while (task := frontier.take(now)) is not None:
        taken.append(task.target.url.removeprefix("http://"))
        frontier.release(task.target.host, now + 1)
    return taken


def test_each_host_gives_one_the_longest_queue_first():
    frontier = Frontier([queue("a", 1), queue("b", 3), queue("c", 2)])

    assert take_all(frontier, 0) == ["b/0", "c/0", "a/0"]
    assert take_all(frontier, 0.5) == []
    assert frontier.wakes_at() == 1
    assert take_all(frontier, 1) == ["b/1", "c/1"]
    assert take_all(frontier, 2) == ["b/2"]
    assert frontier.wakes_at() is None


def test_a_taken_host_gives_nothing_until_it_is_released():
    frontier = Frontier([queue("a", 2)])

    assert frontier.take(0) is not None
    assert frontier.take(99) is None
    frontier.release("a", 5)
    assert frontier.take(4) is None
    assert frontier.take(5) is not None


def test_what_is_put_back_comes_again_when_it_is_time_and_before_the_rest():
    frontier = Frontier([queue("a", 3)])
    first = frontier.take(0)
    frontier.put_back(Task(target=first.target, tries=1), 2)
    frontier.release("a", 1)

    assert frontier.take(1).target.url == "http://a/1"
    frontier.release("a", 2)
    again = frontier.take(2)
    assert (again.target.url, again.tries) == ("http://a/0", 1)


def test_a_host_with_nothing_but_a_retry_sleeps_until_then():
    frontier = Frontier([queue("a", 1)])
    frontier.put_back(Task(target=frontier.take(0).target, tries=1), 60)
    frontier.release("a", 1)

    assert frontier.wakes_at() == 60
    assert frontier.take(59) is None
    assert frontier.take(60).tries == 1


def test_a_host_that_promised_more_than_it_has_ends_all_the_same():
    frontier = Frontier([queue("a", 1, said=9)])

    assert take_all(frontier, 0) == ["a/0"]
    assert take_all(frontier, 1) == []
    assert take_all(frontier, 2) == []
    assert frontier.wakes_at() is None


def test_a_drained_host_gives_back_all_that_is_left_and_is_forgotten():
    frontier = Frontier([queue("a", 3)])
    first = frontier.take(0)
    frontier.put_back(Task(target=first.target, tries=1), 9)

    assert [left.url for left in frontier.drain("a")] == [
        "http://a/0",
        "http://a/1",
        "http://a/2",
    ]
    frontier.release("a", 1)
    assert frontier.take(99) is None
    assert list(frontier.drain("a")) == []


def test_targets_are_drawn_one_by_one():
    drawn = []

    def draw():
        for number in range(1_000_000):
            drawn.append(number)
            yield target("a", number)

    frontier = Frontier([HostQueue(host="a", count=1_000_000, targets=draw())])
    for now in range(3):
        frontier.take(now)
        frontier.release("a", now)

    assert drawn == [0, 1, 2]


def test_trouble_is_counted_in_a_row():
    frontier = Frontier([queue("a", 1)])

    assert [frontier.count_throttle("a", is_throttled=it) for it in (1, 1, 0, 1)] == [1, 2, 0, 1]
    assert [frontier.count_failure("a", is_failure=it) for it in (1, 1, 0, 1)] == [1, 2, 0, 1]


class Clock:
    """A clock that tests turn by hand."""

    now = 100.0

    def __call__(self):
        return self.now


def test_a_gate_opens_a_delay_after_the_start_of_the_last_request():
    clock = Clock()
    rate_limiter = RateLimiter(clock=clock)
    with rate_limiter.slot("a", 10):
        clock.now += 0.25

    assert rate_limiter.opens_at("a") == 110.0
    assert rate_limiter.opens_at("b") == 0.0


@pytest.mark.parametrize(("took", "opens_at"), [(4, 110), (6, 112), (8, 116), (30, 140)])
def test_a_slow_server_rests_as_long_as_it_took_up_to_the_delay(took, opens_at):
    clock = Clock()
    rate_limiter = RateLimiter(clock=clock)
    with rate_limiter.slot("a", 10):
        clock.now += took

    assert rate_limiter.opens_at("a") == opens_at


def test_a_held_gate_opens_later_and_never_earlier():
    rate_limiter = RateLimiter(clock=Clock())
    rate_limiter.hold("a", 500)
    rate_limiter.hold("a", 300)

    assert rate_limiter.opens_at("a") == 500


def test_a_second_comer_waits_for_the_first():
    rate_limiter = RateLimiter()
    order = []
    entered = threading.Event()

    def come():
        with rate_limiter.slot("a", 0):
            order.append("second")

    with rate_limiter.slot("a", 0):
        thread = threading.Thread(target=lambda: (entered.set(), come()))
        thread.start()
        entered.wait()
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_whoever_waits_is_told_when_the_run_is_over_and_later_comers_get_their_turn():
    rate_limiter = RateLimiter()
    told = []

    def come():
        try:
            with rate_limiter.slot("a", 0):
                told.append("turn")
        except InterruptedWaitError:
            told.append("over")

    with rate_limiter.slot("a", 0):
        thread = threading.Thread(target=come)
        thread.start()
        while thread.is_alive():
            rate_limiter.interrupt()
            thread.join(0.01)
    come()

    assert told == ["over", "turn"]


def test_hosts_whose_time_has_come_are_forgotten_when_there_are_many():
    clock = Clock()
    rate_limiter = RateLimiter(clock=clock)
    for number in range(politeness_module.REMEMBERED_HOSTS):
        with rate_limiter.slot(f"h{number}", 1):
            pass
    clock.now += 2
    with rate_limiter.slot("one more", 1):
        assert rate_limiter.opens_at("h0") == 0.0


def test_no_more_requests_than_so_many_are_under_way_whatever_their_hosts():
    rate_limiter = RateLimiter(at_once=1)
    order = []
    entered = threading.Event()

    def come():
        entered.set()
        with rate_limiter.slot("b", 0):
            order.append("b")

    with rate_limiter.slot("a", 0):
        thread = threading.Thread(target=come)
        thread.start()
        entered.wait()
        order.append("a")
    thread.join()

    assert order == ["a", "b"]


def test_whoever_waits_for_its_host_keeps_nobody_else_from_asking():
    rate_limiter = RateLimiter(at_once=1)
    rate_limiter.hold("a", politeness_module.time.monotonic() + 3_600)
    told = []

    def come():
        with contextlib.suppress(InterruptedWaitError), rate_limiter.slot("a", 0):
            told.append("a")

    thread = threading.Thread(target=come)
    thread.start()
    with rate_limiter.slot("b", 0):
        told.append("b")
    while thread.is_alive():
        rate_limiter.interrupt()
        thread.join(0.01)

    assert told == ["b"]
