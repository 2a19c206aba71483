"""Write an outline of Emacs (org) as Markdown, line by line, so that markdown.py reads it."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from indexer.bibliography import markdown
from indexer.bibliography.blocks import Block, Shape, Told

_LINK: Final = re.compile(r"\[\[(?P<href>[^\[\]\n]+)\](?:\[(?P<words>[^\[\]\n]+)\])?\]")
_HEADING: Final = re.compile(
    r"^(?P<stars>\*+)[ \t]+(?:(?P<state>[^\W\d_a-zà-ÿ][^\W\d_a-zà-ÿ-]+)[ \t]+)?(?P<words>.*)$"
)
_PRIORITY: Final = re.compile(r"\[#\w\][ \t]+")
_STATES: Final = frozenset({"TODO", "DONE", "NEXT", "WAITING", "CANCELLED"})
_DRAWER: Final = re.compile(r"^[ \t]*:(?P<name>\w+):[ \t]*$")
# When something is planned or was closed: Emacs's own.
_PLANNED: Final = re.compile(
    r"^[ \t]*(?:(?:SCHEDULED|DEADLINE|CLOSED):[ \t]*[<\[][^>\]\n]*[>\]][ \t]*)+$"
)
# What Emacs writes itself in such a drawer; a note that somebody took there stands under it.
_LOGGED: Final = re.compile(
    r"^[ \t]*(?:CLOCK:.*|- (?:State|Note taken|Refiled|Rescheduled|New deadline|CLOSING NOTE)\b"
    r".*)?$"
)
_ROW_RULE: Final = re.compile(r"^[ \t]*\|[-+]+\|?[ \t]*$")
_ITALIC: Final = re.compile(r"(?<![\w/])/([^/\s][^/\n]*[^/\s])/(?![\w/])")
_TAGS: Final = re.compile(r"[ \t]+:[\w@#%:]+:[ \t]*$")
_KEYWORD: Final = re.compile(r"^#\+(?P<key>\w+):[ \t]*(?P<value>.*)$")
_PROPERTY: Final = re.compile(r"^[ \t]*:(?P<key>[\w-]+):[ \t]*(?P<value>.*)$")


_COMMENT: Final = re.compile(r"[ \t]*#(?:[ \t]+|$)")
# What Emacs keeps for itself.
_OWN_KEYS: Final = frozenset({"id", "custom_id", "created", "end", "properties", "logbook"})
# The lines that parting.py makes one reference of.
_CARD_LABELS: Final = MappingProxyType({"author": "Auteur", "container": "Source", "date": "Date"})
_BUILT_IN: Final = re.compile(
    r"begin|end|startup|options|latex|html|export|setupfile|property|link|(?:seq_|typ_)?todo"
)


def parse_blocks(text: str) -> list[Block]:
    """Cut an outline into blocks; line numbers are those of the text, from 1."""
    lines = text.split("\n")
    states = _find_states(lines)
    silent = _find_logs(lines)
    written = []
    cards: dict[int, str] = {}
    for number, line in enumerate(lines):
        heading = _HEADING.match(line) if number not in silent else None
        if heading is None:
            said = cards.get(number) or _write_line(line)
            written.append("" if number in silent else said)
        else:
            held = _find_properties(lines, number)
            words, used = _write_heading(heading, held, states)
            written.append(words)
            silent |= used
            cards |= _write_card(held)
    blocks = markdown.parse_blocks("\n".join(written))
    for number, line in enumerate(lines):
        if number not in silent and number not in cards and (left := _find_left(line)):
            place = number + 1
            blocks.append(
                Block(shape=Shape.PARAGRAPH, raw=left, line=place, end=place, told=Told.LEFT)
            )
    return blocks


def _find_states(lines: Sequence[str]) -> frozenset[str]:
    """Find the words that say how far one is with a heading: "TODO", "#+TODO: ALIRE | LU"."""
    named = (_KEYWORD.match(line) for line in lines)
    declared = (
        word.partition("(")[0]
        for one in named
        if one and one["key"].lower() in ("todo", "seq_todo", "typ_todo")
        for word in one["value"].replace("|", " ").split()
    )
    return _STATES.union(declared)


def _find_logs(lines: Sequence[str]) -> set[int]:
    """Find the lines that Emacs keeps for itself: what was planned, when a state changed."""
    found = {number for number, line in enumerate(lines) if _PLANNED.match(line)}
    began = -1
    for number, line in enumerate(lines):
        drawer = _DRAWER.match(line)
        name = drawer["name"].lower() if drawer else ""
        if name == "logbook":
            began = number
        elif name == "end" and began >= 0:
            found.update(
                place
                for place in range(began, number + 1)
                if _DRAWER.match(lines[place]) or _LOGGED.match(lines[place])
            )
            began = -1
        elif _HEADING.match(line):
            began = -1  # a drawer that nothing closes hides nothing
    return found


def _find_properties(lines: Sequence[str], heading: int) -> dict[str, tuple[str, int]]:
    """Find the properties of a heading: each value, and its line, by its name in small letters."""
    found: dict[str, tuple[str, int]] = {}
    for number in range(heading + 1, len(lines)):
        said = _PROPERTY.match(lines[number])
        if said is None and not _PLANNED.match(lines[number]):
            break
        if said and said["value"].strip():
            found.setdefault(said["key"].lower(), (said["value"].strip(), number))
    return found


def _name_fields(held: Mapping[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """Name the properties of a heading by the fields of a reference that they mean."""
    named: dict[str, tuple[str, int]] = {}
    for key, (value, line) in held.items():
        named.setdefault(markdown.find_property(key, value), (value, line))
    return named


def _write_card(held: Mapping[str, tuple[str, int]]) -> dict[int, str]:
    """Write the properties of a heading that is the title of a text without address, by line."""
    named = _name_fields(held)
    fields = {field: named[field] for field in _CARD_LABELS if field in named}
    if "url" in named or "author" not in fields or len(fields) < 2:
        return {}
    return {line: f"{_CARD_LABELS[field]} : {value}" for field, (value, line) in fields.items()}


def _write_heading(
    heading: "re.Match[str]", held: Mapping[str, tuple[str, int]], states: frozenset[str]
) -> tuple[str, set[int]]:
    """Write a heading; under one that is a text's, who wrote it, when, and its address.

    Gives besides the lines of the properties that it holds then.
    """
    state = heading["state"] or ""
    words = heading["words"] if state in states else f"{state} {heading['words']}".strip()
    words = _PRIORITY.sub("", words, count=1)
    words = _ITALIC.sub(r"*\1*", words) if "//" not in words else words
    words = _TAGS.sub("", _write_links(words))
    marks = "#" * min(len(heading["stars"]) + 1, 6)  # under the title
    named = _name_fields(held)
    address = named.get("url")
    used = []
    if address and "://" in address[0] and not re.search(r"[\[\]<>]", words):
        words = f"[{words}](<{address[0]}>)"
        used.append(address)
    if words.endswith(")") and "](<" in words:
        told = [named[field] for field in ("author", "date") if field in named]
        words = ", ".join([words, *(value for value, _ in told)])
        used += told
    return f"{marks} {words}", {line for _, line in used}


def _find_left(line: str) -> str:
    """Find what a line says that no block holds: an author of the file, a tag, another property."""
    if keyword := _KEYWORD.match(line):
        name = keyword["key"].lower()
        return "" if name == "title" or _BUILT_IN.match(name) else f"{name}: {keyword['value']}"
    if comment := _COMMENT.match(line):
        return line[comment.end() :]
    if _HEADING.match(line):
        tags = _TAGS.search(line)
        return " ".join(tags[0].strip(" \t:").split(":")) if tags else ""
    said = _PROPERTY.match(line)
    if said is None or said["key"].lower() in _OWN_KEYS:
        return ""
    if markdown.find_property(said["key"], said["value"]) in ("url", "note"):
        return ""
    return f"{said['key']}: {said['value']}" if said["value"] else ""


def _write_line(line: str) -> str:
    if _COMMENT.match(line):
        return ""
    if keyword := _KEYWORD.match(line):
        return f"# {keyword['value']}" if keyword["key"].lower() == "title" else ""
    if said := _PROPERTY.match(line):
        value = said["value"]
        field = markdown.find_property(said["key"], value)
        if field == "url":
            return f"<{value}>" if "://" in value else value
        return value if field == "note" else ""
    if _ROW_RULE.match(line):
        return line.replace("+", "|")
    return _write_links(_ITALIC.sub(r"*\1*", line) if "//" not in line else line)


def _write_links(line: str) -> str:
    def write(found: "re.Match[str]") -> str:
        href = found["href"]
        if "://" not in href:
            return found["words"] or href
        return f"[{found['words']}](<{href}>)" if found["words"] else f"<{href}>"

    return _LINK.sub(write, line)
