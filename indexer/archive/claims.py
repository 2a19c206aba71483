"""Share hosts among crawlers of several machines that have one catalogue on a server.

A crawler claims a host for as long as it works through what is due there, and takes the host's
turn for each request, whoever claims it: robots.txt, pages to which others redirect, web archives.
Claims and turns are locks of the crawler's session (`pg_try_advisory_lock`): the server drops them
when the session ends, however it ends, and no clock decides. A row a host says when it may be asked
again, by the server's clock, and whether its turn was taken and never given back.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from indexer.errors import LockedError
from indexer.messages import message
from indexer.postgresql import ServerAddress, ServerConnection

TABLE: Final = """CREATE TABLE host_turns (
    host           TEXT PRIMARY KEY,
    opens_at       TIMESTAMP WITH TIME ZONE NOT NULL,
    is_taken       BOOLEAN NOT NULL
)"""
_CRAWLERS: Final = "crawlers"  # the name of a lock that all of them share
_NAP_S: Final = 0.05  # before asking again for a turn that another crawler has
_TAKE: Final = """
    INSERT INTO host_turns (host, opens_at, is_taken) VALUES (:host, clock_timestamp(), TRUE)
    ON CONFLICT (host) DO UPDATE SET
        is_taken = host_turns.opens_at <= clock_timestamp() AND NOT host_turns.is_taken,
        opens_at = CASE WHEN host_turns.is_taken
            THEN clock_timestamp() + make_interval(secs => :delay_s) ELSE host_turns.opens_at END
    RETURNING is_taken, EXTRACT(EPOCH FROM opens_at - clock_timestamp())
"""
_GIVE_BACK: Final = """
    UPDATE host_turns SET is_taken = FALSE,
        opens_at = clock_timestamp() + make_interval(secs => :rest_s) WHERE host = :host
"""


@contextmanager
def keep_crawlers_out(address: ServerAddress) -> Iterator[None]:
    """Let no crawler begin until the end of the block. Raises LockedError where one is at work."""
    with closing(ServerConnection(address, reopens=False)) as session:
        found = session.execute("SELECT pg_try_advisory_lock(?)", (address.number(_CRAWLERS),))
        if not found.fetchone()[0]:
            raise LockedError(
                message("error.lock.crawlers"),
                where=str(address),
                hint=message("hint.wait-for-crawlers"),
            )
        yield


class HostClaims:
    """The hosts that this process claims, and the turns that it has; safe for several threads.

    Every method raises CatalogueError. A session that was lost is not begun anew: what it claimed
    may be another's by then, so nothing more is asked.
    """

    def __init__(self, address: ServerAddress) -> None:
        """Begin a session of its own. Raises CatalogueError, LockedError."""
        self.refused: set[str] = set()  # hosts that another crawler was at
        self._address = address
        self._session = ServerConnection(address, reopens=False)
        found = self._session.execute(
            "SELECT pg_try_advisory_lock_shared(?)", (address.number(_CRAWLERS),)
        )
        if not found.fetchone()[0]:
            self.close()
            raise LockedError(
                message("error.lock.copying"),
                where=str(address),
                hint=message("hint.when-copied"),
            )

    def close(self) -> None:
        """End the session, and with it every claim."""
        self._session.close()

    @contextmanager
    def claim(self, host: str) -> Iterator[bool]:
        """Claim a host until the end of the block; False where another crawler has it."""
        number = self._address.number(f"host {host}")
        is_ours = self._lock(number)
        if not is_ours:
            self.refused.add(host)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._unlock(number)

    def take_turn(self, host: str, delay_s: float) -> float:
        """Take the turn of a host; give 0, or in how many seconds to try again.

        A crawler that ended with the turn in its hands may have asked just before: then the host
        rests for `delay_s`. One thread at a time asks for one host.
        """
        number = self._address.number(f"turn {host}")
        if not self._lock(number):
            return _NAP_S
        values = {"host": host, "delay_s": float(delay_s)}
        is_taken, wait_s = self._session.execute(_TAKE, values).fetchone()
        if is_taken:
            return 0.0
        self._unlock(number)
        return max(float(wait_s), 0.001)

    def give_turn_back(self, host: str, rest_s: float) -> None:
        """Give the turn of a host back; nobody may take it for so many seconds."""
        if self._session.is_closed:
            return  # the lock went with the session, and whoever is next lets the host rest
        self._session.execute(_GIVE_BACK, {"host": host, "rest_s": max(0.0, float(rest_s))})
        self._unlock(self._address.number(f"turn {host}"))

    def _lock(self, number: int) -> bool:
        return bool(
            self._session.execute("SELECT pg_try_advisory_lock(?)", (number,)).fetchone()[0]
        )

    def _unlock(self, number: int) -> None:
        if not self._session.is_closed:
            self._session.execute("SELECT pg_advisory_unlock(?)", (number,))
