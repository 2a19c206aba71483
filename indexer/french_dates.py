"""Days as French writes them, for reports and for pages."""

from datetime import date
from typing import Final

MONTHS: Final = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def ordinal_day(day: int) -> str:
    """Write the day of a month: "1er", "2"."""
    return "1er" if day == 1 else str(day)


def render_day(day: date, *, space: str = " ") -> str:
    """Write a day in words, its parts held by `space`: "1er mai 2024"."""
    return space.join((ordinal_day(day.day), MONTHS[day.month - 1], str(day.year)))
