"""Choose and order the rows of the page *Liens*: what an address asks of the table, and back."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from indexer.messages import Message, Translator
from indexer.model import LINK_STATES, LinkMark, LinkRow, LinkState, RowFilter

ROWS_PER_PAGE: Final = 50
CHOICES: Final = 200  # of a filter; an address may ask for any other
LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)

_ORDERS: Final[Mapping[str, Callable[[LinkRow], Any]]] = MappingProxyType(
    {
        "state": lambda row: LINK_STATES.index(row.health.state),
        "address": lambda row: (row.site, row.url),
        "alive": lambda row: row.health.alive_at or LONG_AGO,
        "failing": lambda row: row.health.failing_since or LONG_AGO,
        "visits": lambda row: row.health.check_count,
    }
)
# The columns that sort, in the order of the table; "page.links.sort.…" are their headings.
SORTS: Final = tuple(_ORDERS)


# The filters of an address, and what they hold in a `RowFilter`.
FILTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"cause": "cause", "site": "site", "section": "section", "fichier": "source"}
)


EVERY_ROW: Final = RowFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableAsk:
    """Hold the order and the filters that an address asks of the table."""

    wanted: RowFilter = EVERY_ROW
    sort: str = SORTS[0]
    is_reversed: bool = False
    page: int = 1

    @property
    def state(self) -> LinkState | None:
        """The state that is asked for."""
        return self.wanted.state

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a state is asked for."""
        return self.wanted != RowFilter(state=self.state)

    def query(self) -> str:
        """Give the query string of an address that asks this; "" for the plain table."""
        told = {
            "etat": self.state.value if self.state else "",
            **{name: getattr(self.wanted, field) for name, field in FILTERS.items()},
            "depuis": self.wanted.first_day.isoformat() if self.wanted.first_day else "",
            "jusque": self.wanted.last_day.isoformat() if self.wanted.last_day else "",
            "tri": self.sort if self.sort != SORTS[0] else "",
            "sens": "inverse" if self.is_reversed else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in told.items() if value})

    def narrow(self, state: LinkState | None) -> "TableAsk":
        """Ask for the links in one state, or for all."""
        return replace(self, wanted=replace(self.wanted, state=state), page=1)

    def order(self, sort: str) -> "TableAsk":
        """Sort by a column; by the one in use, the other way round."""
        is_reversed = not self.is_reversed if sort == self.sort else False
        return replace(self, sort=sort, is_reversed=is_reversed, page=1)

    def turn_to(self, page: int) -> "TableAsk":
        """Another page of it."""
        return replace(self, page=page)

    def direction(self, sort: str) -> str:
        """Give the value of `aria-sort` for a column."""
        if sort != self.sort:
            return "none"
        return "descending" if self.is_reversed else "ascending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A page of rows, and what stands around it."""

    rows: tuple[LinkRow, ...]
    total: int
    page_count: int
    counts: Mapping[LinkState, int]
    choices: Mapping[str, Sequence["FilterChoice"]]  # of each filter, the most frequent first


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A value that a filter can have, what it is called, and how many links have it."""

    value: str
    said: Message | str
    count: int


def parse_table_ask(args: Mapping[str, str]) -> TableAsk:
    """Read an address; what it asks that does not exist is as if it had not asked."""
    page = args.get("page", "")
    sort = args.get("tri", "")
    return TableAsk(
        wanted=RowFilter(
            state=LinkState(asked) if (asked := args.get("etat", "")) in LINK_STATES else None,
            first_day=_parse_day(args.get("depuis", "")),
            last_day=_parse_day(args.get("jusque", "")),
            **{field: args.get(name, "") for name, field in FILTERS.items()},
        ),
        sort=sort if sort in _ORDERS else SORTS[0],
        is_reversed=args.get("sens") == "inverse",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class LinkTable:
    """The rows of a report, with what was counted and sorted of them, for as long as they stay.

    Of 100,000 rows each pass costs a tenth of a second: a page makes none but that of its filters.
    """

    def __init__(self, rows: Sequence[LinkRow]) -> None:
        """Take the rows, in the order in which one acts."""
        self.rows = rows
        self._sorted: dict[str, list[LinkRow]] = {SORTS[0]: list(rows)}
        self._said: dict[str, Sequence[str]] = {}
        self._counts: Mapping[LinkState, int] | None = None
        self._choices: dict[LinkState | None, Mapping[str, Sequence[FilterChoice]]] = {}

    def cut(self, ask: TableAsk) -> Table:
        """Cut out the page that is asked for; what a person decided to ignore is not counted.

        The counts of states are those of the other filters, whatever state is asked for.
        """
        chosen = self._sort(ask.sort)
        if ask.is_narrowed:
            accepts = replace(ask.wanted, state=None).accepts
            chosen = [row for row in chosen if accepts(row)]
        counts = _count_states(chosen) if ask.is_narrowed else self._count_all()
        if ask.state is not None:
            chosen = [row for row in chosen if row.health.state is ask.state]
        page_count = max(1, -(-len(chosen) // ROWS_PER_PAGE))
        start = (min(ask.page, page_count) - 1) * ROWS_PER_PAGE
        if ask.is_reversed:
            chosen = chosen[::-1]
        return Table(
            rows=tuple(chosen[start : start + ROWS_PER_PAGE]),
            total=len(chosen),
            page_count=page_count,
            counts=counts,
            choices=self._list_choices(ask.state),
        )

    def say_once(
        self, make: Callable[[Translator], Sequence[str]], say: Translator
    ) -> Sequence[str]:
        """Give what `make` says of the rows; made once in each language."""
        if say.language not in self._said:
            self._said[say.language] = make(say)
        return self._said[say.language]

    def _sort(self, name: str) -> list[LinkRow]:
        if name not in self._sorted:
            self._sorted[name] = sorted(self.rows, key=_ORDERS[name])
        return self._sorted[name]

    def _count_all(self) -> Mapping[LinkState, int]:
        if self._counts is None:
            self._counts = _count_states(self.rows)
        return self._counts

    def _list_choices(self, state: LinkState | None) -> Mapping[str, Sequence[FilterChoice]]:
        """List what each filter can ask for, of the links in a state."""
        if state not in self._choices:
            rows = (row for row in self.rows if state in (None, row.health.state))
            self._choices[state] = _list_choices(rows)
        return self._choices[state]


def make_table(rows: Sequence[LinkRow], ask: TableAsk) -> Table:
    """Cut the page that is asked for out of rows that are looked at once."""
    return LinkTable(sorted(rows, key=_ORDERS[SORTS[0]])).cut(ask)


def _count_states(rows: Iterable[LinkRow]) -> Mapping[LinkState, int]:
    counts = Counter(row.health.state for row in rows if LinkMark.IGNORED not in row.health.marks)
    return {state: counts[state] for state in LINK_STATES}


def _list_choices(rows: Iterable[LinkRow]) -> Mapping[str, Sequence[FilterChoice]]:
    counted: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
    said: dict[str, Message] = {}
    for row in rows:
        cause = row.cause
        said.setdefault(cause, row.health.cause)
        counted["cause"][cause] += 1
        counted["site"][row.site] += 1
        counted["section"][row.section] += 1
        counted["fichier"][row.source] += 1
    return {
        name: [
            FilterChoice(value, said[value] if name == "cause" else value, count)
            for value, count in values.most_common(CHOICES)
            if value
        ]
        for name, values in counted.items()
    }
