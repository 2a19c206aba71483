"""Tell a web page's furniture from what it says: navigation words, cards and lists of entries.

A saved page holds more than the bibliography. What is furniture is named in a table; a card is
the paragraphs before an « En savoir plus », and is an event where it has a date or a word of
the agenda, else a tool.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from indexer.bibliography.blocks import Piece, Role, Shape
from indexer.bibliography.lines.addresses import fold_link, is_site_link
from indexer.bibliography.lines.dates import find_dates, fold
from indexer.bibliography.lines.markup import Markup, normalise, parse_markup, plain
from indexer.bibliography.linked import BlockLink, find_links
from indexer.model import Entry, EntryKind, Place
from indexer.urls import host


def read_entries(pieces: Sequence[Piece], *, path: str) -> tuple[Entry, ...]:
    """Read an entry of each card (its title, then its teaser), and of each item of a list."""
    entries: list[Entry] = []
    # A title over a list is no card: each item of the list is an entry of that title.
    over_lists = {
        one.title for one in pieces if one.block.shape is Shape.ITEM and one.role is Role.ENTRY
    }
    card = ""  # the title of the card being read
    for piece in pieces:
        if piece.role is not Role.ENTRY or piece.entry is None:
            card = card if piece.role is Role.BREAK else ""
            continue
        text = plain(parse_markup(piece.block.raw).text)
        place = Place(path=path, line=piece.block.line)
        if piece.block.shape is Shape.ITEM:
            entries.append(
                Entry(id="", kind=piece.entry, title=piece.title, text=text, place=place)
            )
        elif card == piece.title:
            teaser = f"{entries[-1].text}\n\n{text}".strip()
            entries[-1] = replace(entries[-1], text=teaser)
        elif piece.title not in over_lists:
            entries.append(Entry(id="", kind=piece.entry, title=piece.title, place=place))
            card = piece.title
    return tuple(entries)


_FURNITURE: Final = re.compile(
    r"skip to (?:main )?content|(?:aller|passer) au contenu(?: principal)?|back to top|top|"
    r"(?:retour )?(?:en )?haut(?: de (?:la )?page)?|menu|rechercher|partager(?: cet article)?|"
    r"imprimer|accueil|navigation|newsletter|fil d'ariane|mentions legales|plan du site|"
    r"connexion|s'abonner|partager sur .{1,20}"
)
# Words that lead to a part of a site in a row of such links, and may be a title elsewhere.
_SITE_ROW: Final = re.compile(
    r"archives?|credits?|contacts?|a propos|about(?: us)?|qui sommes-nous|aide|help|faq|rss|"
    r"(?:flux|fil) rss|accessibilite|newsletter|lettre d'information|s'abonner|connexion|"
    r"cg[uv]|historique|history|discussion|talk|imprimer|print|partager|share|menu|recherche|"
    r"search|sommaire|twitter|facebook|mastodon|linkedin|instagram|bluesky"
)
_STEP: Final = re.compile(r"\s*(?:[>›»→/]|&gt;|::)\s*.?")  # from a part of a site to a part of it
_MAX_STEP_WORDS: Final = 16
_TAG_ROW: Final = re.compile(
    r"(?:categories|category|mots[- ]cles?|tags?|etiquettes?|classe dans|filed under|libelles?)"
)
_MORE: Final = re.compile(
    r"en savoir plus|lire (?:la suite|plus)|(?:read|learn) more|(?:voir|lire) plus|suite"
)
_EVENT: Final = re.compile(
    r"\b(?:seminaires?|colloques?|journees?|conferences?|programmes?|tables? rondes?|workshops?|"
    r"ateliers?|rencontres?|"
    r"congres|agenda|inscriptions?|forum|symposium|webinaires?|assises|festival|salon|debats?|"
    r"evenements?)\b"
)
_DAY_MONTH: Final = re.compile(
    r"\b(?:1er|\d{1,2})\s+(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|"
    r"novembre|decembre)\b"
)
KIND_BY_HEADING: Final = (
    (re.compile(r"\bprojets?\b|\bprojects?\b"), EntryKind.PROJECT),
    (re.compile(r"\boutils?\b|\btools?\b"), EntryKind.TOOL),
    (re.compile(r"\bagenda\b|\bevenements?\b|\bevents?\b"), EntryKind.AGENDA),
)


def is_more(text: str) -> bool:
    """Say whether a line closes a card: « En savoir plus »."""
    return bool(_MORE.fullmatch(_folded(text).rstrip(" .…>»→")))


def is_furniture(text: str) -> bool:
    """Say whether a line is navigation, or has no word at all."""
    folded = _folded(text)
    return (
        is_more(text)
        or bool(_FURNITURE.fullmatch(folded.rstrip(" .…>»→:")))
        or not any(map(str.isalnum, folded))
    )


def is_site_row(raw: str) -> bool:
    """Say whether a block is links of its own site: its menu, its place in the site, its tags."""
    markup = parse_markup(raw)
    links = find_links(markup)
    if links and not any(one.words for one in links):
        return _is_site_list(markup, links)
    if not links or not all(one.words for one in links):
        return False
    gaps = [markup.text[one.end : other.start] for one, other in pairwise(links)]
    before, after = markup.text[: links[0].start], markup.text[links[-1].end :]
    said = [part for part in (before, *gaps, after) if _says_more(part)]
    own = [is_site_link(one.words) for one in links]
    if not said and any(own) and len(links) > 1:
        return all(
            is_own or _SITE_ROW.fullmatch(fold_link(one.words))
            for is_own, one in zip(own, links, strict=True)
        ) or bool(own[0] and all(_STEP.fullmatch(gap) for gap in gaps))
    if said == [after] and own[0] and all(map(_STEP.fullmatch, [*gaps, after[:3]])):
        return len(after.split()) <= _MAX_STEP_WORDS  # the page itself ends its own path
    hosts = {host(one.address.href) for one in links}
    is_tagged = said == [before] and _TAG_ROW.fullmatch(fold_link(before))
    return (bool(is_tagged) and len(hosts) == 1) or (not said and len(links) == 1 and own[0])


def _is_site_list(markup: Markup, links: Sequence[BlockLink]) -> bool:
    """Say whether bare addresses are named as parts of a site: "Pour se désinscrire : …"."""
    starts = [0, *(one.end for one in links)]
    before = [markup.text[start : one.start] for start, one in zip(starts, links, strict=False)]
    names = [text.rstrip().rpartition("\n")[2] for text in before]
    own = list(map(is_site_link, names))
    return any(own) and all(
        is_own or _SITE_ROW.fullmatch(fold_link(name))
        for is_own, name in zip(own, names, strict=True)
    )


def _says_more(text: str) -> bool:
    """Say whether a text beside links has words that are no name of a part of a site."""
    words = [fold_link(part) for part in re.split(r"[|·•>›/]", text)]
    return not all(not one or _SITE_ROW.fullmatch(one) or is_site_link(one) for one in words)


def is_event(text: str) -> bool:
    """Say whether a card speaks of something that takes place."""
    folded = fold(text)
    return bool(_EVENT.search(folded) or _DAY_MONTH.search(folded)) or any(
        found.precision >= 2 for found in find_dates(text)
    )


def kind_of_heading(heading: str) -> EntryKind | None:
    """Give what a list under this heading is made of, if the heading says it."""
    folded = fold(heading)
    return next((kind for rule, kind in KIND_BY_HEADING if rule.search(folded)), None)


def sort_cards(cards: Sequence[str]) -> list[EntryKind]:
    """Give the kind of each card of a page, in order.

    A card without evidence between two events is an event: the page lists them together.
    """
    kinds = [EntryKind.AGENDA if is_event(card) else EntryKind.TOOL for card in cards]
    events = [index for index, kind in enumerate(kinds) if kind is EntryKind.AGENDA]
    if not events:
        return kinds
    return [
        EntryKind.AGENDA if events[0] <= index <= events[-1] else kind
        for index, kind in enumerate(kinds)
    ]


def _folded(text: str) -> str:
    return fold(normalise(text)).replace("’", "'")
