"""Save the entries of a JSON or YAML file that is broken somewhere: one bad entry costs itself.

A parser of the whole file gives up at its first mistake. Entries show where they start, so that
each can be tried alone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import yaml

# An item of CSL opens with one of these; the objects inside (names, dates) never do.
_ITEM: Final = re.compile(r"\{\s*\"(?:id|type|title|URL|DOI|citation-key|author|issued)\"\s*:")
_DASH: Final = re.compile(r"^(?P<indent> *)- ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """What could be read, in the order of the file, and where each broken entry starts."""

    items: tuple[Any, ...] = ()
    broken: tuple[int, ...] = ()  # offsets in the text


def salvage_json(text: str, decode: Callable[[str, int], tuple[Any, int]]) -> Salvage:
    """The items of a broken JSON file; `decode` is a JSONDecoder's raw_decode."""
    items: list[Any] = []
    broken: list[int] = []
    position = 0
    while found := _ITEM.search(text, position):
        try:
            item, position = decode(text, found.start())
            items.append(item)
        except (ValueError, RecursionError):
            broken.append(found.start())
            position = found.end()
    return Salvage(items=tuple(items), broken=tuple(broken))


def salvage_yaml(text: str, load: Callable[[str], Any]) -> Salvage:
    """The items of a broken YAML list; `load` reads a text that holds a part of it."""
    items: list[Any] = []
    broken: list[int] = []
    for start, end in _dashes(text):
        try:
            part = load(text[start:end])
        except (yaml.YAMLError, RecursionError):
            broken.append(start)
            continue
        items += part if isinstance(part, list) else [part]
    return Salvage(items=tuple(items), broken=tuple(broken))


def _dashes(text: str) -> Iterator[tuple[int, int]]:
    """Where the items of the outermost list start and end."""
    found = list(_DASH.finditer(text))
    outermost = min((len(dash["indent"]) for dash in found), default=0)
    starts = [dash.start() for dash in found if len(dash["indent"]) == outermost]
    yield from pairwise([*starts, len(text)])
