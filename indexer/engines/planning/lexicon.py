"""Look words up in an index while a query is understood; remember what was found.

An engine in this process is asked at once. One that is elsewhere is asked in rounds: what is looked
up and not known yet counts as nothing, is gathered, asked in one batch of each kind, and the work
is done again, until nothing was missing. A query takes as many rounds as its look-ups hang on each
other (is a word there? in two parts? what is near it?), not as many as there are.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, TypeVar

from indexer.engines.planning.plan import Plan
from indexer.engines.protocol import KnownForm, Lexicon, NearWord
from indexer.search.synonyms import NO_SYNONYMS, SynonymMap

OVERHEAD: Final = 200  # numbers that remembering anything at all is worth, for the bound
_MOST_REMEMBERED: Final = 2_000_000  # numbers of eight bytes

R = TypeVar("R")


class Memory:
    """Values by key, up to about `most` numbers held; what was not asked for lately goes first.

    Safe to share between threads: at worst something is worked out twice.
    """

    def __init__(self, most: int) -> None:
        """Begin empty; `most` bounds the numbers of eight bytes that are held."""
        self._most = most // 2
        self._young: dict[Hashable, tuple[Any, int]] = {}
        self._old: dict[Hashable, tuple[Any, int]] = {}
        self._held = 0

    def find(self, key: Hashable) -> Any:
        """Find what was kept under a key, or None."""
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


class Lookups:
    """The words of one state of an index, looked up one by one; safe to share between threads."""

    def __init__(
        self, lexicon: Lexicon, synonyms: SynonymMap = NO_SYNONYMS, memory: Memory | None = None
    ) -> None:
        """`synonyms` is what the owner's file says of words; `memory` is of this state alone."""
        self.synonyms = synonyms
        self._lexicon = lexicon
        self._memory = Memory(_MOST_REMEMBERED) if memory is None else memory
        self._ask: dict[str, Callable[[Sequence[Any]], Sequence[Any]]] = {
            "count": lexicon.count,
            "count_found": lexicon.count_found,
            "near": lexicon.list_near,
            "fitting": lexicon.list_fitting,
            "starting": lexicon.list_starting,
            "values": lexicon.list_values,
        }

    def settle(self, work: "Callable[[Lookups], R]") -> R:
        """Do some work that looks words up; in as many rounds as it takes where each is dear."""
        if not self._lexicon.is_remote:
            return work(self)
        return _Rounds(self._lexicon, self.synonyms, self._memory).settle(work)

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was looked up is missing yet."""
        return True

    def read_form(self, form: str) -> KnownForm | None:
        """Give how a folded form is read that a query has; None where it is to be analysed."""
        return self._lexicon.read_form(form)

    def count(self, field: str, term: str) -> int:
        """Count the texts that have a term."""
        return self._lexicon.count(((field, term),))[0]  # remembered there, if it has to be

    def count_found(self, plan: Plan | None) -> int:
        """Count the texts that a plan finds; none where there is no plan."""
        return 0 if plan is None else int(self._look_up("count_found", plan, 0))

    def list_near(self, field: str, word: str, distance: int) -> Sequence[NearWord]:
        """List the words of a field that are near one, nearest first."""
        near: Sequence[NearWord] = self._look_up("near", (field, word, distance), ())
        return near

    def list_fitting(self, field: str, pattern: str) -> Sequence[str]:
        """List the words of a field that fit a pattern, the most frequent first."""
        fitting: Sequence[str] = self._look_up("fitting", (field, pattern), ())
        return fitting

    def list_starting(self, field: str, prefix: str) -> Sequence[tuple[str, int]]:
        """List the words of a field that begin so, and how many texts have each."""
        starting: Sequence[tuple[str, int]] = self._look_up("starting", (field, prefix), ())
        return starting

    def list_values(self, facet: str) -> Sequence[str]:
        """List the values of a facet, joined where a text has several."""
        values: Sequence[str] = self._look_up("values", facet, ())
        return values

    def find(self, key: Hashable) -> Any:
        """Find what was worked out of look-ups and kept under a key, or None."""
        return self._memory.find(key)

    def keep(self, key: Hashable, value: Any, size: int = 0) -> None:
        """Keep what was worked out of look-ups; it holds `size` numbers."""
        self._memory.keep(key, value, size)

    def _look_up(self, kind: str, key: Hashable, _nothing: Any) -> Any:
        known = self._memory.find((kind, key))
        if known is None:
            (known,) = self._ask[kind]((key,))
            self._memory.keep((kind, key), known, _measure(known))
        return known


class _Rounds(Lookups):
    """Look-ups of one piece of work, asked in rounds."""

    _known: dict[tuple[str, Hashable], Any]  # of this work, whatever the memory forgets meanwhile
    _missing: dict[str, dict[Hashable, None]]  # kind of look-up -> what is to be asked

    def settle(self, work: Callable[[Lookups], R]) -> R:
        """Do the work again and again, until nothing that it looks up is missing."""
        self._known, self._missing = {}, {}
        while True:
            done = work(self)
            if not self._missing:
                return done
            missing, self._missing = self._missing, {}
            for kind, keys in missing.items():
                for key, answer in zip(keys, self._ask[kind](list(keys)), strict=True):
                    self._known[kind, key] = answer
                    self._memory.keep((kind, key), answer, _measure(answer))

    @property
    def is_settled(self) -> bool:
        """Whether nothing that was looked up is missing yet."""
        return not self._missing

    def read_form(self, form: str) -> None:
        """Analyse every form: that costs less than a way there and back."""

    def keep(self, key: Hashable, value: Any, size: int = 0) -> None:
        """Keep what was worked out, unless it was worked out of something that is missing."""
        if not self._missing:
            super().keep(key, value, size)

    def count(self, field: str, term: str) -> int:
        """Count the texts that have a term; none as long as it has not been asked."""
        count: int = self._look_up("count", (field, term), 0)
        return count

    def _look_up(self, kind: str, key: Hashable, nothing: Any) -> Any:
        known = self._known.get((kind, key))
        if known is None:
            known = self._memory.find((kind, key))
        if known is None:
            self._missing.setdefault(kind, {})[key] = None
            return nothing
        return known


def _measure(answer: Any) -> int:
    """Estimate the size of a kept answer, counted in numbers: 8 for each item of a list."""
    return 0 if isinstance(answer, int) else 8 * len(answer)
