"""The paragraphs of one document, read a block at a time: a passage needs few of them."""

from collections.abc import Callable, Sequence
from typing import Final, overload

from indexer.model import Paragraph

BLOCK: Final = 24  # paragraphs kept together


class StoredParagraphs(Sequence[Paragraph]):
    """Paragraphs that are read when they are asked for, within one snapshot of the store."""

    def __init__(self, mark: str, count: int, read_block: Callable[[int], list[Paragraph]]) -> None:
        """`mark` is the fingerprint of the document that they are of."""
        self.mark = mark
        self._count = count
        self._read_block = read_block
        self._blocks: dict[int, list[Paragraph]] = {}

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Paragraph: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Paragraph]: ...
    def __getitem__(self, place: int | slice) -> Paragraph | Sequence[Paragraph]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        if not 0 <= place < self._count:
            raise IndexError(place)
        number, inside = divmod(place, BLOCK)
        if number not in self._blocks:
            self._blocks[number] = self._read_block(number)
        return self._blocks[number][inside]
