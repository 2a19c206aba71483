"""Correct what blocks look like alone by what stands around them; tell what surrounds texts.

Menus, forms, cards and rows of links of a site are its furniture, or entries that it advertises.

Numbers can't be trusted ("1." stands on every heading of a page saved from a browser), so levels
of headings are told by form: see docs/decisions/0010-heading-levels.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final

from indexer.bibliography.blocks import Block, Piece, Role, Shape
from indexer.bibliography.lines.dates import find_dates, fold
from indexer.bibliography.lines.identifiers import (
    are_site_links,
    fold_link,
    is_site_link,
    is_site_part,
)
from indexer.bibliography.lines.markup import Markup, normalise, parse_markup, plain
from indexer.bibliography.lines.reading import (
    THRESHOLD,
    LineReading,
    parse_reference,
    weigh_reference,
)
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
    r"connexion|s'abonner|partager sur .{1,20}|"
    r"(?:bien )?(?:a (?:vous|toi|toutes et tous)|cordialement),?|bonjour(?: a (?:tous|toutes)"
    r"(?: et (?:a )?(?:tous|toutes))?)?[ ,!]*|bonnes? (?:lectures?|semaine|journee|fin de semaine)"
    r"[ ,!]*|bon week-end[ ,!]*|a (?:bientot|(?:la )?semaine prochaine)[ ,!]*"
)
_LICENCE: Final = re.compile(
    r"https?://(?:www\.)?(?:creativecommons\.org/(?:licen[sc]es|publicdomain)/|gnu\.org/licenses/)"
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
    licences = [bool(_LICENCE.match(one.address.href)) for one in links]
    if any(licences) and all(
        one or is_site_link(link.words) for one, link in zip(licences, links, strict=True)
    ):
        return len(plain(markup.text).split()) <= _MAX_STEP_WORDS
    if links and not any(one.words for one in links):
        return _is_site_list(markup, links)
    if not links or not all(one.words for one in links):
        return False
    gaps = [markup.text[one.end : other.start] for one, other in pairwise(links)]
    before, after = markup.text[: links[0].start], markup.text[links[-1].end :]
    said = [part for part in (before, *gaps, after) if _says_more(part)]
    own = [is_site_link(one.words) for one in links]
    if not said and any(own) and len(links) > 1:
        return all(are_site_links([one.words for one in links])) or bool(
            own[0] and all(_STEP.fullmatch(gap) for gap in gaps)
        )
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
    return all(are_site_links(names))


def _says_more(text: str) -> bool:
    """Say whether a text beside links has words that are no name of a part of a site."""
    words = [fold_link(part) for part in re.split(r"[|·•>›/]", text)]
    return not all(not one or is_site_part(one) or is_site_link(one) for one in words)


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


MAX_HEADING_CHARS: Final = 180
MAX_UNMARKED_WORDS: Final = 10
_INNER_STOP: Final = re.compile(r"[.!?…]\s+\S")
_NUMBERED: Final = re.compile(r"\d|[IVX]+[.)]|[A-Z][.)]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading: where it stands in the blocks, its words, its level if the format gave one."""

    block: int  # index in the page's blocks
    text: str
    form: str  # headings of one form are of one level
    level: int = 0
    is_followed: bool = False  # the next block that says anything is a heading too


def heading_text(block: Block) -> str:
    """Give the words of a heading, without number or bullet."""
    return plain(parse_markup(block.raw).text)


def is_heading_like(block: Block, *, after_reference: bool) -> bool:
    """Say whether an unmarked or numbered block reads as a heading.

    `after_reference` says that only empty lines part it from a reference: there a short line
    without a full stop is rather a hasty note ("Intéressant, mais…").
    """
    text = normalise(block.raw)
    if (
        not text
        or len(text) > MAX_HEADING_CHARS
        or _INNER_STOP.search(text)
        or not text[0].isalnum()
    ):
        return False
    is_question = text.endswith("?")
    if block.shape is Shape.ITEM:
        return (
            bool(_NUMBERED.match(block.marker))
            and text[-1] not in ".!:;,…"
            and not text[0].islower()
        )
    if text[0].islower() or "\n" in block.raw:
        return False
    if is_question:
        return len(text) <= MAX_HEADING_CHARS and not after_reference
    if text[-1] in '.!:;,…»”"':
        return False
    words = text.split()
    if after_reference and block.gap < 2 and not text.isupper():
        return len(words) <= 3 and "," not in text
    return len(words) <= MAX_UNMARKED_WORDS


def heading_form(block: Block) -> str:
    """Give the form of a heading: the shape of its number where that has depth, and its mood."""
    mood = "question" if normalise(block.raw).endswith("?") else "statement"
    dotted = re.fullmatch(r"(\d+(?:\.\d+)+)[.)]?", block.marker)
    if dotted:
        return f"decimal-{dotted[1].count('.') + 1}"
    if re.fullmatch(r"[IVX]{1,5}[.)]", block.marker):
        return "roman"
    if re.fullmatch(r"[A-Z][.)]", block.marker):
        return "letter"
    return mood


def level_headings(headings: Sequence[Heading]) -> list[tuple[str, ...]]:
    """Give the section path of each heading, outermost first, itself last.

    Levels that the format gives are taken as they are. Else the first heading, when another
    follows at once, is the title of the page and the root of every path; and a form that is at
    once followed by another form is its parent.
    """
    if not headings:
        return []
    if any(heading.level for heading in headings):
        return _paths([(heading.text, heading.level or 99) for heading in headings])
    has_title = len(headings) > 2 and headings[0].is_followed and headings[0].form == "statement"
    rest = headings[1:] if has_title else headings
    depths = _depths(rest)
    paths = _paths([(heading.text, 1 + depths[heading.form]) for heading in rest])
    if has_title:
        root = headings[0].text
        return [(root,), *((root, *path) for path in paths)]
    return paths


def _depths(headings: Sequence[Heading]) -> dict[str, int]:
    """Give the depth of each form, from 0."""
    forms = list(dict.fromkeys(heading.form for heading in headings))
    votes: dict[tuple[str, str], int] = {}
    for above, below in pairwise(headings):
        if above.is_followed and above.form != below.form:
            votes[above.form, below.form] = votes.get((above.form, below.form), 0) + 1
    depths = {form: _numbered_depth(form) for form in forms}
    for _ in forms:  # a chain of forms is at most as long as there are forms
        for (parent, child), count in votes.items():
            if count > votes.get((child, parent), 0) and depths[child] <= depths[parent] < len(
                forms
            ):
                depths[child] = depths[parent] + 1
    return depths


def _numbered_depth(form: str) -> int:
    if form.startswith("decimal-"):
        return int(form.removeprefix("decimal-")) - 1
    return {"letter": 1}.get(form, 0)


def _paths(headings: Sequence[tuple[str, int]]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    stack: list[tuple[str, int]] = []
    for text, level in headings:
        while stack and stack[-1][1] >= level:
            stack.pop()
        stack.append((text, level))
        paths.append(tuple(words for words, _ in stack))
    return paths


_LEAD: Final = re.compile(
    r"(?:on (?:lira|verra|consultera|pourra(?: lire)?|trouvera|se reportera)|(?:à |a )?(?:lire|"
    r"voir|consulter)\b"
    r"|lisez|voyez|cf\.?\s|pour (?:aller plus loin|en savoir plus|approfondir|compléter)"
    r"|sur (?:ce|le même) (?:point|sujet|thème)|see also|further reading)",
    re.IGNORECASE,
)
_WAY: Final = re.compile(
    r"(?:[^«“\"<\[:]{0,80}?\b)?(?:avec (?:profit|intérêt|plaisir|attention)|aussi|également|"
    r"notamment|par exemple|enfin|surtout)?"
    r"\s*,?\s*:?\s*(?:à\s+)?(?:l[’']|le |la |les |un |une )?"
    r"(?:(?:article|livre|ouvrage|texte|essai|enquête|rapport|dossier|étude|tribune)s?\s+(?:de |"
    r"d[’'])?)?",
    re.IGNORECASE,
)
_MIN_GAIN: Final = 1.0  # over the threshold: a name and a title in quotes, and a date


def is_lead(text: str) -> bool:
    """Say whether a note opens on references."""
    return bool(_LEAD.match(text))


def find_cited(raw: str) -> LineReading | None:
    """Find the reference inside a sentence that opens on one, with the sentence as its remark."""
    lead = _LEAD.match(raw)
    if lead is None:
        return _find_signed(raw)
    way = _WAY.match(raw, lead.end())
    start = way.end() if way else lead.end()
    while start < len(raw) and not (raw[start].isupper() or raw[start] in "«“[<"):
        start += 1
    weight, _ = weigh_reference(raw[start:])
    if weight < THRESHOLD + _MIN_GAIN:
        return None
    reading = parse_reference(raw[start:])
    if reading.title_sign == "link" and reading.reference.title[:1].islower():
        return None  # "voir aussi [le forum](…)"
    remark = normalise(plain(parse_markup(raw).text))
    return replace(reading, reference=replace(reading.reference, raw=raw), remark=remark)


# abandonné *Titre* (Marie Dupont, 1976), trop long
_SIGNED: Final = re.compile(
    r"(?<![\w*])\*(?P<title>[A-ZÀ-Ý][^*]{2,80})\*\s\((?P<who>[^()\d,]{5,40}),\s(?P<year>(?:1[5-9]|20)"
    r"\d\d)\)"
)


# le livre de Marie Dupont, Titre (2015)
_SIGNED_BEFORE: Final = re.compile(
    r"(?:^|\s|['’])(?:livre|ouvrage|rapport|article|essai|roman|film|étude|guide|thèse|mémoire|"
    r"brochure)\s(?:de |d['’])(?P<who>[A-ZÀ-Ý][^,.;:()*«»\d]{3,40}),\s+(?P<open>[*«]?)\s*"
    r"(?P<title>[A-ZÀ-Ý][^.;:()*«»]{2,100}?)\s*[*»]?,?\s\((?:[^()\d]{2,40},\s)?"
    r"(?P<year>(?:1[5-9]|20)\d\d)\)"
)


def _find_signed(raw: str) -> LineReading | None:
    """Find the one title that a sentence names with who signs it, and its year in brackets."""
    found = [*_SIGNED.finditer(raw), *_SIGNED_BEFORE.finditer(raw)]
    if len(found) != 1:
        return None
    said = found[0].groupdict()
    whole = f"{said['who']}, *{said['title']}*, {said['year']}"
    reading = parse_reference(whole if "open" in said else found[0][0])
    if not reading.reference.author or reading.reference.issued != found[0]["year"]:
        return None
    remark = normalise(plain(parse_markup(raw).text))
    return replace(reading, reference=replace(reading.reference, raw=raw), remark=remark)


_MAX_LISTED_WORDS: Final = 45
_SIBLINGS: Final = 0.6  # of a list that are references: the others are too


def mark_siblings(pieces: Sequence[Piece]) -> None:
    """Take a short item of a list of references for one too, even if it says little."""
    for _, run in groupby(
        (piece for piece in pieces if piece.role is not Role.BREAK),
        key=lambda piece: (piece.block.shape, piece.block.depth),
    ):
        items = [piece for piece in run if piece.role in (Role.NOTE, Role.REFERENCE)]
        known = sum(piece.role is Role.REFERENCE for piece in items)
        if known < max(2, _SIBLINGS * len(items)):
            continue
        for piece in items:
            words = plain(parse_markup(piece.block.raw).text).split()
            is_short = 0 < len(words) <= _MAX_LISTED_WORDS and not words[0][0].islower()
            is_item = piece.block.shape is Shape.ITEM and not piece.block.told
            is_note = piece.role is Role.NOTE and not piece.cited
            if is_note and is_item and is_short and piece.weight >= 0.5:
                piece.role = Role.REFERENCE


def mark_lists(pieces: Sequence[Piece]) -> None:
    """Mark a list that is none of references, under a heading that says what it lists."""
    for index, piece in enumerate(pieces):
        kind = kind_of_heading(heading_text(piece.block)) if piece.role is Role.HEADING else None
        if kind is None:
            continue
        listed = [one for one in _until_heading(pieces, index + 1) if one.role is not Role.BREAK]
        if listed and all(
            one.role is Role.NOTE and one.block.shape is Shape.ITEM and not one.cited
            for one in listed
        ):
            for one in (piece, *listed):
                one.role, one.entry, one.title = Role.ENTRY, kind, heading_text(piece.block)


def _until_heading(pieces: Sequence[Piece], start: int) -> list[Piece]:
    found: list[Piece] = []
    for index in range(start, len(pieces)):
        if pieces[index].role is Role.HEADING:
            break
        found.append(pieces[index])
    return found


# What a sentence without a colon says where it opens on the references after it.
_FORWARD: Final = re.compile(r"\b(?:suivante?s?|ci-dessous|ci-apr[èe]s|following|below)\b", re.I)


def mark_leads(pieces: Sequence[Piece]) -> None:
    """Mark a note that opens on the references after it: "On lira avec profit :", a parent item.

    What stands right behind a reference, or inside its item, is a comment on it, whatever comes
    then: it opens on others only where it ends in a colon or says so.
    """
    speaking = [piece for piece in pieces if piece.role not in (Role.BREAK, Role.FURNITURE)]
    owner: Piece | None = None  # the reference that the notes being read stand behind
    for piece, following in pairwise(speaking):
        if piece.role is not Role.NOTE:
            owner = piece if piece.role is Role.REFERENCE else None
            continue
        block, is_next = piece.block, following.role is Role.REFERENCE
        text = normalise(block.raw).rstrip("*_ ")
        is_comment = owner is not None and (block.depth > owner.block.depth or block.is_quote)
        if is_next and is_comment:
            piece.is_lead = text.endswith(":")
        elif is_next:
            are_items = block.shape is Shape.ITEM and following.block.shape is Shape.ITEM
            is_parent = are_items and following.block.depth > block.depth
            is_said = is_lead(text) and (owner is None or bool(_FORWARD.search(text)))
            piece.is_lead = text.endswith(":") or is_parent or is_said
        if piece.is_lead:
            owner = None


def set_sections(pieces: Sequence[Piece]) -> None:
    """Say under which headings each block stands."""
    speaking = [
        piece for piece in pieces if piece.role not in (Role.BREAK, Role.FURNITURE, Role.ENTRY)
    ]
    headings: list[Heading] = []
    for index, piece in enumerate(speaking):
        if piece.role is Role.HEADING:
            follower = speaking[index + 1] if index + 1 < len(speaking) else None
            headings.append(
                Heading(
                    block=index,
                    text=heading_text(piece.block),
                    form=heading_form(piece.block),
                    level=piece.block.level,
                    is_followed=follower is not None and follower.role is Role.HEADING,
                )
            )
    path_by_block = dict(
        zip((one.block for one in headings), level_headings(headings), strict=True)
    )
    section: tuple[str, ...] = ()
    for index, piece in enumerate(speaking):
        section = path_by_block.get(index, section)
        piece.section = section
