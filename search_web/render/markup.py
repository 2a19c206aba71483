"""Turn texts and offsets into markup: the only place where markup is made.

Whatever came from the web, from a note or from a reader is escaped here or by the templates'
own escaping; nothing is ever let through as markup, so there is nothing to clean. Characters
that no XML or HTML may hold are replaced one for one, and offsets stay true.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from indexer.messages.typography import set_french
from indexer.search import Snippet, Span

# XML 1.0 §2.2 leaves these out; surrogates can't be encoded; the rest turns lines around.
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)

# A full stop after an address ends the sentence.
_WEB: Final = re.compile(r"(https?://\S*[^\s.,])")
_ENDED: Final = re.compile(r"[.!?…][\s»”\"')\]]*$")


def scrub(text: str) -> str:
    """Replace each character that a page may not hold with U+FFFD. Keeps the length."""
    return _UNFIT.sub("\ufffd", text)


def tidy_marks(marks: Iterable[Span], text: str) -> list[Span]:
    """Sort the marks, clip them to the text and join those that only a space parts, or nothing."""
    tidy: list[Span] = []
    for start, end in sorted(marks):
        start, end = max(start, 0), min(end, len(text))
        if start >= end:
            continue
        if tidy and (start <= tidy[-1][1] or text[tidy[-1][1] : start].isspace()):
            tidy[-1] = (tidy[-1][0], max(tidy[-1][1], end))
        else:
            tidy.append((start, end))
    return tidy


def render_marks(text: str, marks: Sequence[Span] = (), *, french: bool = False) -> Markup:
    """Escape `text` and wrap each mark in `<mark>`; `french` sets it (ours, or a note).

    For the content of elements, never for an attribute: quotation marks stay what they are.
    """
    text = scrub(set_french(text) if french else text)
    pieces: list[Markup] = []
    at = 0
    for start, end in tidy_marks(marks, text):
        pieces.append(_escape(text[at:start]))
        pieces.append(Markup("<mark>{}</mark>").format(_escape(text[start:end])))
        at = end
    pieces.append(_escape(text[at:]))
    return Markup("").join(pieces)


def _escape(text: str) -> Markup:
    """Escape the content of an element: the apostrophes of French need five bytes elsewhere."""
    return Markup(escape(text).replace("&#39;", "'").replace("&#34;", '"'))  # noqa: S704


def render_runs(runs: Iterable[tuple[str, bool]]) -> Markup:
    """Render runs of text, some in italics; web addresses in them become links."""
    return Markup("").join(
        Markup("<i>{}</i>").format(_link(text)) if is_italic else _link(text)
        for text, is_italic in runs
    )


def _link(text: str) -> Markup:
    link = Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>')
    parts = _WEB.split(scrub(text))
    return Markup("").join(
        link.format(part) if n % 2 else _escape(part) for n, part in enumerate(parts)
    )


def render_markdown(text: str) -> Markup:
    """Render what the owner of the site wrote: CommonMark, without HTML and pictures.

    A first heading is one below that of the page.
    """
    reader = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = reader.parse(scrub(text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - no HTML is let through


def render_snippet(snippet: Snippet, *, french: bool = False) -> Markup:
    """Render a passage, with … where it was cut inside a sentence."""
    text = snippet.text.strip()
    is_cut_before = snippet.is_cut_before and not text[:1].isupper()
    is_cut_after = snippet.is_cut_after and not _ENDED.search(text)
    before = Markup("… ") if is_cut_before else Markup("")
    after = Markup(" …") if is_cut_after else Markup("")
    return before + render_marks(snippet.text, snippet.marks, french=french) + after


def render_language(language: str, page_language: str = "fr") -> Markup:
    """Render the attribute that says which language follows, where it isn't that of the page."""
    if not language or language.split("-")[0].lower() == page_language:
        return Markup("")
    return Markup(' lang="{}"').format(language)


def render_json(value: Mapping[str, Any]) -> Markup:
    """Render a value as JSON that can stand inside `<script type="application/ld+json">`."""
    text = scrub(json.dumps(value, ensure_ascii=False, sort_keys=True))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - nothing in it can end the element
