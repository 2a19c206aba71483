"""Remember what was worked out of an index that does not change, within a bound."""

from collections.abc import Hashable
from typing import Any, Final

OVERHEAD: Final = 200  # numbers that remembering anything at all is worth, for the bound


class Memory:
    """Values by key, up to about `most` numbers held; what was not asked for lately goes first.

    Safe to share between threads: at worst something is worked out twice.
    """

    def __init__(self, most: int) -> None:
        self._most = most // 2
        self._young: dict[Hashable, tuple[Any, int]] = {}
        self._old: dict[Hashable, tuple[Any, int]] = {}
        self._held = 0

    def find(self, key: Hashable) -> Any:
        """What was kept under a key, or None."""
        known = self._young.get(key)
        if known is not None:
            return known[0]
        known = self._old.get(key)
        if known is None:
            return None
        self.keep(key, *known)
        return known[0]

    def keep(self, key: Hashable, value: Any, size: int = 0) -> None:
        """Keep a value that holds `size` numbers."""
        if self._held > self._most:
            self._old, self._young, self._held = self._young, {}, 0
        self._young[key] = value, size
        self._held += size + OVERHEAD
