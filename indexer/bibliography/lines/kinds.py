"""Tell the CSL type of a text from all that its line says."""

import re
from collections.abc import Mapping
from typing import Final

from indexer.bibliography.lines.container import Tail
from indexer.bibliography.lines.dates import FoundDate
from indexer.bibliography.lines.title import Title

_LAW: Final = re.compile(
    r"(?:loi|décret|arrêté|ordonnance|directive|règlement)\b.*n°", re.IGNORECASE
)
# What the line itself says that it is, tried from the top.
_KIND_BY_GENRE: Final = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"th[èe]se|m[ée]moire|hdr|master", "thesis"),
        (r"communication|actes", "paper-conference"),
        (r"vid[ée]o|documentaire|film|reportage", "motion_picture"),
        (r"podcast|[ée]mission", "broadcast"),
        (r"billet", "post-weblog"),
    )
)
_ARTICLE: Final = re.compile(r"article|tribune|dossier")
_WIKI: Final = re.compile(r"\bwiki", re.IGNORECASE)
_WIKI_ADDRESS: Final = re.compile(r"/wiki/|//(?:\w+\.)*wiki\w*\.", re.IGNORECASE)


def tell_type(
    title: Title | None,
    tail: Tail,
    genre: str,
    fields: Mapping[str, str],
    *,
    issued: FoundDate | None,
    is_interview: bool,
    whole: str,
    url: str | None,
) -> str:
    """The CSL type that the evidence speaks for."""
    folded = genre.lower()
    if is_interview:
        return "interview"
    if _WIKI.search(whole) or (url and _WIKI_ADDRESS.search(url)):
        return "entry-encyclopedia"
    if title and _LAW.match(title.value):
        return "legislation"
    told = next((kind for rule, kind in _KIND_BY_GENRE if rule.match(folded)), "")
    if told:
        return told
    if (folded and not _ARTICLE.match(folded)) or fields.get("number"):
        return "report"
    if tail.editors and tail.container_title and not tail.editor_role:
        return "chapter"
    if "isbn" in fields or (tail.publisher and not tail.container_title):
        return "book"
    if re.match(r"blog\b", tail.container_title, re.IGNORECASE):
        return "post-weblog"
    if tail.container_title and any(key in fields for key in ("volume", "issue", "page")):
        return "article-magazine" if issued and issued.precision >= 2 else "article-journal"
    if tail.container_title and issued and issued.precision == 3:
        return "article-newspaper"
    return "webpage" if url else ("book" if title and title.sign == "italics" else "document")
