"""Make of Markdown what plaintext.py cuts: no front matter, no comments, links in their place.

Every line stays on its number. Inline markup stays too: lines/markup.py reads it.
"""

import re
from typing import Final

from indexer.bibliography import plaintext
from indexer.bibliography.blocks import Block
from indexer.bibliography.lines.markup import without_comments

_FRONT_MATTER: Final = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)
_DEFINITION: Final = re.compile(
    r"^ {0,3}\[(?P<label>[^\]^\n]+)\]:[ \t]*<?(?P<href>(?:https?:|"
    r"www\.)[^\s>]+)>?(?:[ \t]+[\"'(].*)?[ \t]*$",
    re.MULTILINE,
)
_BY_LABEL: Final = re.compile(r"\[(?P<text>[^\[\]\n]+)\](?:\[(?P<label>[^\[\]\n]*)\]|(?![\[(:]))")


def parse_blocks(text: str) -> list[Block]:
    """Cut a Markdown text into blocks; line numbers are those of the text, from 1."""
    return plaintext.parse_blocks(_resolve(without_comments(_empty(_FRONT_MATTER, text))))


def _empty(rule: "re.Pattern[str]", text: str) -> str:
    return rule.sub(lambda found: "\n" * found[0].count("\n"), text)


def _resolve(text: str) -> str:
    """`[words][label]` written as `[words](address)`, and the definitions emptied."""
    hrefs = {found["label"].lower(): found["href"] for found in _DEFINITION.finditer(text)}
    if not hrefs:
        return text

    def inline(found: "re.Match[str]") -> str:
        href = hrefs.get((found["label"] or found["text"]).lower())
        return f"[{found['text']}]({href})" if href else found[0]

    return _BY_LABEL.sub(inline, _DEFINITION.sub("", text))
