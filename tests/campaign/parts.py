"""The parts of the campaign, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.campaign import damage, exchange, leaks, stops
from tests.campaign.lab import Case, Lab


@dataclass(frozen=True, slots=True)
class Part:
    """A part, how many cases `make campaign` runs, and how many `make test` is meant to run."""

    run: Callable[[Lab, int, int], list[Case]]
    count: int
    short: int


PARTS = {
    "flips": Part(damage.flips, 500, 6),
    "kills": Part(stops.kills, 100, 5),
    "disk-full": Part(stops.disk_full, 30, 6),
    "read-only": Part(stops.read_only, 16, 4),
    "escapes": Part(exchange.escapes, len(exchange.SPOKEN), 14),
    "bombs": Part(exchange.bombs, 6, 0),
    "only": Part(exchange.only, 4, 1),
    "clock": Part(exchange.clock, 3, 1),
    "foreign": Part(exchange.import_foreign, len(exchange.FOREIGN), 10),
    "round-trip": Part(exchange.round_trip, 3, 1),
    "withdrawal": Part(leaks.withdrawal, len(leaks.FORMS), 1),
    "secrets": Part(leaks.secrets, len(leaks.SHAPES), 30),
}
