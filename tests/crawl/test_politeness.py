"""What is known of robots.txt is remembered within a bound."""

from datetime import UTC, datetime

from indexer.crawl import Fetcher, RateLimiter, RobotsCache
from indexer.crawl.politeness import REMEMBERED_ORIGINS, Politeness
from indexer.model import Robots, RobotsState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_origins_asked_long_ago_are_forgotten_and_looked_up_again():
    looked_up: list[str] = []

    def find(origin: str) -> Robots:
        looked_up.append(origin)
        return Robots(origin=origin, state=RobotsState.RULES, rules="", fetched_at=NOW)

    with Fetcher(user_agent="essai") as fetcher:
        politeness = Politeness(
            fetcher,
            token="renvois",
            delay_s=0.0,
            rate_limiter=RateLimiter(),
            robots_cache=RobotsCache(find=find, keep=lambda robots, exchange: None),
            now=lambda: NOW,
        )

        def ask(number: int) -> None:
            with politeness.permit(f"http://site{number}.test/page") as refusal:
                assert refusal is None

        for number in range(REMEMBERED_ORIGINS + 1):
            ask(number)
        ask(1)  # remembered, and now the one asked last
        assert len(looked_up) == REMEMBERED_ORIGINS + 1
        ask(0)  # forgotten, the first
        ask(REMEMBERED_ORIGINS)
        ask(1)
        ask(2)  # forgotten for 0

    assert looked_up[REMEMBERED_ORIGINS + 1 :] == ["http://site0.test", "http://site2.test"]
