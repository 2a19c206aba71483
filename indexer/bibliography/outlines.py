"""Write an outline of Emacs (org) as Markdown, line by line, so that markdown.py reads it."""

import re
from typing import Final

from indexer.bibliography import markdown
from indexer.bibliography.blocks import Block, Shape, Told

_LINK: Final = re.compile(r"\[\[(?P<href>[^\[\]\n]+)\](?:\[(?P<words>[^\[\]\n]+)\])?\]")
_HEADING: Final = re.compile(
    r"^(?P<stars>\*+)[ \t]+(?:(?:TODO|DONE|NEXT|WAITING)\s+)?(?P<words>.*)$"
)
_ITALIC: Final = re.compile(r"(?<![\w/])/([^/\s][^/\n]*[^/\s])/(?![\w/])")
_TAGS: Final = re.compile(r"[ \t]+:[\w@#%:]+:[ \t]*$")
_KEYWORD: Final = re.compile(r"^#\+(?P<key>\w+):[ \t]*(?P<value>.*)$")
_PROPERTY: Final = re.compile(r"^[ \t]*:(?P<key>[\w-]+):[ \t]*(?P<value>.*)$")
_NOTE_KEYS: Final = frozenset({"note", "notes", "comment", "commentaire", "description"})
_ADDRESS_KEYS: Final = frozenset({"url", "link", "lien", "source"})


_COMMENT: Final = re.compile(r"[ \t]*#(?:[ \t]+|$)")
# What Emacs keeps for itself.
_OWN_KEYS: Final = frozenset({"id", "custom_id", "created", "end", "properties", "logbook"})
_BUILT_IN: Final = re.compile(
    r"begin|end|startup|options|latex|html|export|setupfile|property|link"
)


def parse_blocks(text: str) -> list[Block]:
    """Cut an outline into blocks; line numbers are those of the text, from 1."""
    lines = text.split("\n")
    blocks = markdown.parse_blocks("\n".join(map(_write_line, lines)))
    for number, line in enumerate(lines, start=1):
        if left := _find_left(line):
            blocks.append(
                Block(shape=Shape.PARAGRAPH, raw=left, line=number, end=number, told=Told.LEFT)
            )
    return blocks


def _find_left(line: str) -> str:
    """Find what a line says that no block holds: an author of the file, a tag, another property."""
    if keyword := _KEYWORD.match(line):
        name = keyword["key"].lower()
        return "" if name == "title" or _BUILT_IN.match(name) else keyword["value"]
    if comment := _COMMENT.match(line):
        return line[comment.end() :]
    if _HEADING.match(line):
        tags = _TAGS.search(line)
        return " ".join(tags[0].strip(" \t:").split(":")) if tags else ""
    said = _PROPERTY.match(line)
    if said is None or said["key"].lower() in _ADDRESS_KEYS | _NOTE_KEYS | _OWN_KEYS:
        return ""
    return f"{said['key']}: {said['value']}" if said["value"] else ""


def _write_line(line: str) -> str:
    if _COMMENT.match(line):
        return ""
    if keyword := _KEYWORD.match(line):
        return f"# {keyword['value']}" if keyword["key"].lower() == "title" else ""
    if found := _HEADING.match(line):
        words = _TAGS.sub("", _write_links(found["words"]))
        level = min(len(found["stars"]) + 1, 6)  # under the title
        return f"{'#' * level} {words}"
    if said := _PROPERTY.match(line):
        key, value = said["key"].lower(), said["value"]
        if key in _ADDRESS_KEYS:
            return f"<{value}>" if "://" in value else value
        return value if key in _NOTE_KEYS else ""
    return _write_links(_ITALIC.sub(r"*\1*", line) if "//" not in line else line)


def _write_links(line: str) -> str:
    def write(found: "re.Match[str]") -> str:
        href = found["href"]
        if "://" not in href:
            return found["words"] or href
        return f"[{found['words']}](<{href}>)" if found["words"] else f"<{href}>"

    return _LINK.sub(write, line)
