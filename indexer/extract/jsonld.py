"""Read the schema.org statements (JSON-LD) of a page."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Node = Mapping[str, Any]

MAX_DEPTH: Final = 12
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
CONTROLS: Final = re.compile(r"[\x00-\x1f]+")
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
            stated = json.loads(CONTROLS.sub(" ", WRAPPING.sub("", script)), strict=False)
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


def truth_of(value: Any) -> bool | None:
    """Give a schema.org Boolean: true, "True", "http://schema.org/False"…; None when not said."""
    if isinstance(value, bool):
        return value
    word = text_of(value).rsplit("/", 1)[-1].strip().lower()
    return {"true": True, "false": False}.get(word)


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > MAX_DEPTH:
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
