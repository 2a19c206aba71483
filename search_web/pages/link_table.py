"""Say which rows of the page *Liens* an address asks for, in what order, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from indexer.model import LINK_STATES, ROW_SORTS, LinkMark, LinkState, RowFilter, WindowAsk

ROWS_PER_PAGE: Final = 50
IGNORED: Final = LinkMark.IGNORED.value  # asked for in the place of a state
# The filters of an address, and what they hold in a `RowFilter`.
FILTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"cause": "cause", "site": "site", "section": "section", "fichier": "source"}
)
EVERY_ROW: Final = RowFilter()
SORTS: Final = ROW_SORTS  # in the order of the columns; "page.links.sort.…" are their headings


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
        return self.wanted != RowFilter(state=self.state, is_ignored=self.wanted.is_ignored)

    @property
    def window(self) -> WindowAsk:
        """The rows that are asked for."""
        return WindowAsk(
            wanted=self.wanted,
            sort=self.sort,
            is_reversed=self.is_reversed,
            first=(self.page - 1) * ROWS_PER_PAGE,
            count=ROWS_PER_PAGE,
        )

    @property
    def state_slug(self) -> str:
        """The state that is asked for, as an address says it; "" for all."""
        return IGNORED if self.wanted.is_ignored else self.state.value if self.state else ""

    def query(self) -> str:
        """Give the query string of an address that asks this; "" for the plain table."""
        told = {
            "etat": self.state_slug,
            **{name: getattr(self.wanted, field) for name, field in FILTERS.items()},
            "depuis": self.wanted.first_day.isoformat() if self.wanted.first_day else "",
            "jusque": self.wanted.last_day.isoformat() if self.wanted.last_day else "",
            "tri": self.sort if self.sort != SORTS[0] else "",
            "sens": "inverse" if self.is_reversed else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return urlencode({name: value for name, value in told.items() if value})

    def narrow(self, state: LinkState | None, *, is_ignored: bool = False) -> "TableAsk":
        """Ask for the links in one state, for those that a person ignores, or for all."""
        return replace(
            self, wanted=replace(self.wanted, state=state, is_ignored=is_ignored), page=1
        )

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


def parse_table_ask(args: Mapping[str, str]) -> TableAsk:
    """Read an address; what it asks that does not exist is as if it had not asked."""
    page = args.get("page", "")
    sort = args.get("tri", "")
    return TableAsk(
        wanted=RowFilter(
            state=LinkState(asked) if (asked := args.get("etat", "")) in LINK_STATES else None,
            is_ignored=asked == IGNORED,
            first_day=_parse_day(args.get("depuis", "")),
            last_day=_parse_day(args.get("jusque", "")),
            **{field: args.get(name, "") for name, field in FILTERS.items()},
        ),
        sort=sort if sort in SORTS else SORTS[0],
        is_reversed=args.get("sens") == "inverse",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
