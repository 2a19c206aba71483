"""Read what a page states in its data: schema.org (JSON-LD), and text that its markup lacks.

schema.org's `articleBody`, and what programs leave in a page for themselves: `__NEXT_DATA__`,
`__NUXT__`, `window.… = {…}`, scripts of application/json, attributes that hold JSON. None of these
has a fixed form: what is taken is the longest run of prose or HTML among the strings. Next.js
pushes its page piece by piece (`__next_f`), as rows of React's elements: these are written as HTML
again.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from indexer.extract.blocks import list_paragraphs, parse_markup, tidy_line
from indexer.model import Paragraph

Node = Mapping[str, Any]

MAX_STATED_DEPTH: Final = 12
MAX_NODES: Final = 500
ARTICLE_TYPES: Final = frozenset(
    "Article NewsArticle BlogPosting Report ReportageNewsArticle AnalysisNewsArticle "  # noqa: SIM905
    "OpinionNewsArticle BackgroundNewsArticle ReviewNewsArticle ScholarlyArticle "
    "TechArticle LiveBlogPosting SocialMediaPosting DiscussionForumPosting "
    "AdvertiserContentArticle Review Recipe".split()
)
PAGE_TYPES: Final = frozenset(
    "WebPage ItemPage AboutPage CreativeWork Book Thesis".split()  # noqa: SIM905
)
CONTROL_SIGNS: Final = re.compile(r"[\x00-\x1f]+")
# Left by templates around the JSON: CDATA marks, comments, a final ";".
WRAPPING: Final = re.compile(
    r"^\s*(?://)?\s*(?:<!\[CDATA\[|<!--)?|(?:(?://)?\s*(?:\]\]>|-->)|;)\s*$"
)


def list_nodes(scripts: Iterable[str]) -> tuple[Node, ...]:
    """Every object with a type that the scripts state, flattened; what is broken is left out."""
    nodes: list[Node] = []
    for script in scripts:
        try:
            # Raw line breaks inside strings are the commonest fault, and harmless.
            stated = json.loads(CONTROL_SIGNS.sub(" ", WRAPPING.sub("", script)), strict=False)
        except (ValueError, RecursionError):
            continue
        nodes.extend(_walk(stated, 0))
        if len(nodes) > MAX_NODES:
            break
    return tuple(nodes[:MAX_NODES])


def list_scripts(tree: Any) -> Iterator[str]:
    """Give the JSON-LD scripts of a parsed page."""
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            yield script.text


def find_article(nodes: Iterable[Node]) -> Node | None:
    """Give the node that speaks of the page's own article; else of the page; else None."""
    known = list(nodes)
    for wanted in (ARTICLE_TYPES, PAGE_TYPES):
        found = [node for node in known if types_of(node) & wanted]
        if found:
            return max(found, key=lambda node: len(_weight(node)))
    return None


def types_of(node: Node) -> frozenset[str]:
    """Give the node's types, without their namespace."""
    declared = node.get("@type", ())
    names = [declared] if isinstance(declared, str) else declared
    if not isinstance(names, list | tuple):
        return frozenset()
    return frozenset(name.rsplit("/", 1)[-1] for name in names if isinstance(name, str))


def text_of(value: Any) -> str:
    """Give a value as text: itself, the first of a list, or the name of an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return next((text for each in value if (text := text_of(each))), "")
    if isinstance(value, Mapping):
        return text_of(value.get("name") or value.get("@value") or "")
    return ""


def names_of(value: Any, nodes: Iterable[Node] = ()) -> list[str]:
    """List the names in an `author` or `creator`, objects or strings; no institutions.

    An object that only refers to another ("@id") is looked up among `nodes`.
    """
    if isinstance(value, list):
        return [name for each in value[:50] for name in names_of(each, nodes)]
    if isinstance(value, Mapping) and "name" not in value and (known := value.get("@id")):
        value = next((each for each in nodes if each.get("@id") == known), value)
    if isinstance(value, Mapping) and any(
        name.endswith(("Organization", "Corporation")) for name in types_of(value)
    ):
        return []
    name = text_of(value)
    return [name] if name else []


def is_person(value: Any) -> bool:
    """Say whether an `author`, or the first of several, is stated to be a person."""
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Mapping) and "Person" in types_of(first)


def truth_of(value: Any) -> bool | None:
    """Give a schema.org Boolean: true, "True", "http://schema.org/False"…; None when not said."""
    if isinstance(value, bool):
        return value
    word = text_of(value).rsplit("/", 1)[-1].strip().lower()
    return {"true": True, "false": False}.get(word)


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > MAX_STATED_DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, depth + 1)
    elif isinstance(value, Mapping):
        if "@type" in value:
            yield value
        for key, each in value.items():
            # What an article mentions, or lists as related, is not the article.
            if key in {"@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement"}:
                yield from _walk(each, depth + 1)


def _weight(node: Node) -> list[str]:
    return [key for key in ("headline", "datePublished", "author", "articleBody") if key in node]


MIN_CHARS: Final = 500
SHORTER: Final = 0.5  # what was read of the markup, of what is declared
MAX_CHARS: Final = 2_000_000
TAG: Final = re.compile(r"</?(?:p|br|div|h[1-6]|li|blockquote|a|em|strong)\b[^>]{0,500}>", re.I)
LINE_END: Final = re.compile(r"\s*[\r\n]+\s*")


def prefer_declared(body: str, paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, ...]:
    """Give the paragraphs that a page declares, where its markup shows much less; () elsewhere.

    `body` is the `articleBody`, `paragraphs` are those read of the markup.
    """
    if len(body) < MIN_CHARS:
        return ()
    declared = list_declared(body[:MAX_CHARS])
    length = sum(len(each.text) for each in declared)
    had = sum(len(each.text) for each in paragraphs)
    return declared if length >= MIN_CHARS and had < SHORTER * length else ()


def list_declared(body: str) -> tuple[Paragraph, ...]:
    """List the paragraphs of a stated text: plain, by its lines, or HTML, even escaped."""
    text = html.unescape(body)
    if TAG.search(text):
        tree = parse_markup(text)
        return list_paragraphs(tree) if tree is not None else ()
    lines = map(tidy_line, LINE_END.split(text))
    return tuple(Paragraph(text=line) for line in lines if line)


MAX_DATA: Final = 10_000_000  # characters of a page whose data are looked at
MAX_SCRIPT: Final = 3_000_000
MAX_SCRIPTS: Final = 30
MAX_VALUES: Final = 100_000  # of one script
LONG_HTML: Final = 500  # a string of HTML so long is a text by itself
LINE_CHARS: Final = 40  # of a string that may be a paragraph
WORD_CHARS: Final = 15  # at most, of a word and the space behind it
PAGE_KEYS: Final = frozenset({"url", "slug", "permalink", "headline", "excerpt", "uri"})
MEAN_CHARS: Final = 80  # of the paragraphs of a text; labels and titles are shorter
SCRIPT: Final = re.compile(r"<script\b([^>]{0,2000})>(.*?)</script", re.I | re.S)
DATA_ATTRIBUTE: Final = re.compile(
    r"\sdata-(?:page|props|state|initial-state|react-props|content)=(?:\"([^\"]{500,})\"|'([^']{500,})')"
)
IS_JSON: Final = re.compile(r"type\s*=\s*[\"']?application/(?:[\w.]+\+)?json", re.I)
ASSIGNED: Final = re.compile(r"(?:window|self|globalThis)?[.\[\w\"'\]$]{1,60}\s*=\s*(?=[{\[])")
# Strings that are long and no text: code, styles, addresses, pictures written as letters.
NO_PROSE: Final = re.compile(
    r"^\s*(?:https?:|data:|[.#@][\w-]+\s*\{|function\b|<svg|\{|\[)|[{};]\s*[\w-]+\s*:"
)


PUSHED: Final = re.compile(r"__next_f\.push\(\[1,\s*(\"(?:[^\"\\]|\\.)*\")\s*\]\)")
# A row of React's payload: its number, then a text of so many bytes, or JSON up to the line's end.
ROW: Final = re.compile(rb"([0-9a-f]*):(?:T([0-9a-f]+),)?")
REFERENCE: Final = re.compile(r"\$[L@]?([0-9a-f]+)")
TAG_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
NOT_READ: Final = frozenset(
    {"script", "style", "nav", "header", "footer", "aside", "form", "button"}
)
MAX_LEVELS: Final = 100  # of React's elements, one in another


def find_stated_text(markup: str) -> tuple[Paragraph, ...]:
    """Find the text in the data of a page: () where there is none of MIN_CHARS.

    `markup` is its source with its scripts. Strings at one place of the data (whatever the number
    in a list) belong together, but for those of several pages; a long string of HTML stands alone.
    """
    rows = read_pushed_rows(markup)
    best = list_declared(_render_rows(rows)) if rows else ()
    most = sum(len(each.text) for each in best)
    if sum(len(each.text) for each in best if len(each.text) >= MEAN_CHARS) < MIN_CHARS:
        best, most = (), MIN_CHARS - 1
    for data in (*_list_data(markup), rows):
        for texts in _group_texts(data):
            length = sum(map(len, texts))
            if length <= most or length < MEAN_CHARS * len(texts):
                continue
            found = tuple(each for text in texts for each in list_declared(text[:MAX_CHARS]))
            shown = sum(len(each.text) for each in found)
            if shown > most:
                best, most = found, shown
    return best


def read_pushed_rows(markup: str) -> dict[str, Any]:
    """Read the rows of what Next.js pushes to its page, by their number: texts, or JSON.

    Rows of modules, hints and errors are left out. The form is that of React's `react-server-dom`.
    """
    pieces = []
    for found in PUSHED.finditer(markup):
        try:
            pieces.append(json.loads(found[1], strict=False))
        except ValueError:
            continue
    payload = "".join(pieces).encode("utf-8", "replace")
    rows: dict[str, Any] = {}
    place = 0
    while found_row := ROW.match(payload, place):
        number, start = found_row[1].decode(), found_row.end()
        if found_row[2]:
            place = start + int(found_row[2], 16)
            rows[number] = payload[start:place].decode("utf-8", "replace")
            continue
        end = payload.find(b"\n", start)
        place = len(payload) if end < 0 else end + 1
        try:
            rows[number] = json.loads(payload[start:place], strict=False)
        except (ValueError, RecursionError):
            continue  # I[…]: a module; HL[…]: a hint
    return rows


def _render_rows(rows: Mapping[str, Any]) -> str:
    """Write the rows as HTML, each once, those that another refers to in their place there.

    A component, which only a program can show, is written as what it is given to hold.
    """
    written: list[str] = []
    used: set[str] = set()
    for number, row in rows.items():  # a row comes before those that it waits for
        if number not in used and not isinstance(row, str):
            used.add(number)
            written.extend(_render(row, rows, used, 0))
    return "".join(written)


def _render(value: Any, rows: Mapping[str, Any], used: set[str], level: int) -> Iterator[str]:
    if level > MAX_LEVELS:
        return
    if isinstance(value, str):
        referred = REFERENCE.fullmatch(value)
        if referred is None:
            yield "" if value.startswith("$") else html.escape(value)
        elif referred[1] in rows and referred[1] not in used:
            used.add(referred[1])
            yield from _render(rows[referred[1]], rows, used, level + 1)
    elif isinstance(value, list) and len(value) == 4 and value[0] == "$":
        yield from _render_element(value[1], value[3], rows, used, level)
    elif isinstance(value, list):
        for each in value:
            yield from _render(each, rows, used, level + 1)


def _render_element(
    tag: Any, props: Any, rows: Mapping[str, Any], used: set[str], level: int
) -> Iterator[str]:
    if not isinstance(props, dict) or tag in NOT_READ:
        return
    is_html = isinstance(tag, str) and TAG_NAME.fullmatch(tag) is not None
    yield f"<{tag}>" if is_html else ""
    raw = props.get("dangerouslySetInnerHTML")
    stated = raw.get("__html") if isinstance(raw, dict) else None
    if isinstance(stated, str):
        referred = REFERENCE.fullmatch(stated)
        found = rows.get(referred[1], "") if referred else stated
        yield found if isinstance(found, str) else ""
    yield from _render(props.get("children"), rows, used, level + 1)
    yield f"</{tag}>" if is_html else ""


def _list_data(markup: str) -> Iterator[Any]:
    """List what the scripts and attributes of a page hold as JSON."""
    decoder = json.JSONDecoder(strict=False)
    for found in _list_sources(markup):
        try:
            yield decoder.raw_decode(found.strip())[0]
        except (ValueError, RecursionError):
            continue  # a program, or broken: nothing is stated


def _list_sources(markup: str) -> Iterator[str]:
    scripts = (each for each in SCRIPT.finditer(markup) if "ld+json" not in each[1].lower())
    for number, script in enumerate(scripts):
        if number >= MAX_SCRIPTS:
            break
        body = script[2]
        if not MIN_CHARS <= len(body) <= MAX_SCRIPT:
            continue
        if IS_JSON.search(script[1]):
            yield body
        elif assigned := ASSIGNED.search(body, 0, 2_000):
            yield body[assigned.end() :]
    for attribute in DATA_ATTRIBUTE.finditer(markup):
        yield html.unescape(attribute[1] or attribute[2])


def _group_texts(data: Any) -> list[list[str]]:
    """Group the texts among the strings of some data by their place, in order."""
    groups: dict[tuple[str, ...], list[str]] = {}
    stack: list[tuple[tuple[str, ...], Any]] = [((), data)]
    for number in range(MAX_VALUES):
        if not stack:
            break
        place, value = stack.pop()
        if isinstance(value, dict):
            stack.extend(((*place, key), each) for key, each in reversed(value.items()))
        elif isinstance(value, list):
            stack.extend(
                ((*place, f"[{n}]" if _is_page(each) else "[]"), each)
                for n, each in reversed(list(enumerate(value)))
            )
        elif isinstance(value, str) and is_stated_prose(value):
            is_whole = len(value) >= LONG_HTML and TAG.search(value) is not None
            groups.setdefault((*place, str(number)) if is_whole else place, []).append(value)
    return list(groups.values())


def _is_page(value: Any) -> bool:
    """Say whether an object in a list is a page of its own, no part of a text."""
    return isinstance(value, dict) and not PAGE_KEYS.isdisjoint(value)


def is_stated_prose(text: str) -> bool:
    """Say whether a string of data may be a paragraph, or HTML, and no code or address.

    >>> is_stated_prose("Les ateliers se partagent sans se perdre, dit-elle.")
    True
    """
    return (
        len(text) >= LINE_CHARS
        and text.count(" ", 0, 5_000) * WORD_CHARS >= min(len(text), 5_000)
        and NO_PROSE.search(text[:500]) is None
    )
