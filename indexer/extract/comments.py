"""Read what readers of a page wrote below it: kept apart from the article, never indexed."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from indexer.extract.readers import key_of, read_comments
from indexer.model import Paragraph

# The name of what holds a page's comments, as WordPress, Drupal, SPIP, Blogger… have it.
CONTAINER: Final = re.compile(
    r"(?:^|[\s_-])(?:comments?-?(?:list|area|section|thread|wrapper|block|page|container)?|"
    r"commentaires?|post-comments|forum-messages|comments-content)(?:\s|$)",
    re.I,
)
HOLDERS: Final = ("div", "section", "ol", "ul", "aside")
NEEDED: Final = ("comment", "forum")  # one of them in every such name: quicker than the pattern
MAX_CONTAINERS: Final = 3
MAX_COMMENTS: Final = 2_000  # paragraphs


def list_comments(tree: Any, paragraphs: Sequence[Paragraph]) -> tuple[str, ...]:
    """The paragraphs of a page's comments, without those that the article has."""
    read = key_of(" ".join(each.text for each in paragraphs))
    found: dict[str, None] = {}
    for container in _find_containers(tree):
        for text in read_comments(container):
            if key_of(text) not in read:
                found.setdefault(text)
    return tuple(found)[:MAX_COMMENTS]


def _find_containers(tree: Any) -> Iterator[Any]:
    """The outermost elements that are named after comments, a few at most."""
    taken: list[Any] = []
    for element in tree.iter(*HOLDERS):
        names = f"{element.get('id', '')} {element.get('class', '')}"[:300].lower()
        if not any(word in names for word in NEEDED) or not CONTAINER.search(names):
            continue
        if not any(each in taken for each in element.iterancestors()):
            taken.append(element)
            yield element
            if len(taken) == MAX_CONTAINERS:
                return
