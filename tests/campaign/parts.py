"""The parts of the campaign, by name."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.campaign import damage, exchange, leaks, stops
from tests.campaign.lab import Case, Lab


@dataclass(frozen=True, slots=True)
class Part:
    """A part, and how many cases `make campaign` runs."""

    run: Callable[[Lab, int, int], list[Case]]
    count: int


PARTS = {
    "flips": Part(damage.flips, 500),
    "kills": Part(stops.kills, 100),
    "interrupts": Part(stops.interrupts, 100),
    "swaps": Part(stops.swaps, 60),
    "disk-full": Part(stops.disk_full, 30),
    "read-only": Part(stops.read_only, 16),
    "escapes": Part(exchange.escapes, len(exchange.SPOKEN)),
    "bombs": Part(exchange.bombs, 6),
    "only": Part(exchange.only, 4),
    "clock": Part(exchange.clock, 3),
    "foreign": Part(exchange.import_foreign, len(exchange.FOREIGN)),
    "round-trip": Part(exchange.round_trip, 3),
    "withdrawal": Part(leaks.withdrawal, len(leaks.FORMS)),
    "secrets": Part(leaks.secrets, len(leaks.SHAPES)),
}
