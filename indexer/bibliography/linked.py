"""Read a block that holds links: which references they are, and what is said of them.

A page of text with links is neither a list of references nor prose alone. A link that opens its
block is a reference, its words the title; what follows is fields where their form says so, and a
comment else. Other links are references of their own, cited by the note that the block is. No
reference ever bears the title of another link.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from indexer.bibliography.lines.container import (
    LED_NAME,
    NAMES_CONTAINER,
    OF_SOMEBODY,
    SITE,
    is_publisher,
)
from indexer.bibliography.lines.dates import find_dates, fold
from indexer.bibliography.lines.identifiers import (
    are_site_links,
    choose_addresses,
    is_archived,
    is_generic_link,
    is_site_link,
)
from indexer.bibliography.lines.markup import (
    ADDRESS,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    Address,
    Markup,
    parse_markup,
    plain,
)
from indexer.bibliography.lines.persons import Byline, is_body, parse_byline
from indexer.bibliography.lines.reading import LineReading, find_subtitle, read_markup
from indexer.bibliography.lines.title import part_signed
from indexer.bibliography.lines.vocabulary import CITIES
from indexer.model import DOI_BEGINS, Reference

_LINKS: Final = re.compile(f"{LINK_OPEN}(?P<words>[^{LINK_CLOSE}]*){LINK_CLOSE}|{ADDRESS}")
_JOINER: Final = re.compile(r"[\s,.;:!?–—|→⇒•·*/-]*")
_CUT: Final = re.compile(
    rf",(?=\s|$)|;|(?<!\b[A-Z])\.(?=\s|$)|\s[–—-]+(?=\s)|[–—](?=\s)|\s:(?=\s|$)|:(?=\s)|\s\||\s?\(|"
    rf"(?={LINK_OPEN})"
)
_LOCATOR: Final = re.compile(
    r"(?:(?:pp?|no|vol|tome|num[ée]ro|chap|isbn|issn|e-?issn|doi|hal|arxiv|pmid)\b|n°)\.?\s*:?\s*"
    r"[\w./:-]*\d"
    r"[\w./:–-]*(?:\s*[-–]\s*\d+)?|\d+\s*p(?:ages?|\.)?|\d+\s*[kmg]o|\d+[ert]*\w*\s+[ée]d(?:\.|ition)?",
    re.IGNORECASE,
)
_DATE_WORDS: Final = re.compile(
    r"(?:le|du|de|en|la|on|paru|publiée?|mise?|ligne|consultée?|consultation|accédé|accessed|"
    r"retrieved|écoutée?|visitée?|page|site|dernière|last|updated?|à|jour|s\.?d|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|h|min)",
    re.IGNORECASE,
)
_SMALL: Final = frozenset(
    "le la les l un une de du des d et en au aux sur à the of and in for".split()  # noqa: SIM905
)
_ROLE: Final = re.compile(r"(?:dir|éds?|eds?|coord|trad|sous la dir\w*)\.?", re.IGNORECASE)
_CONTRIBUTION: Final = re.compile(
    r"(?:in|dans|(?:une? )?(?:film|documentaire|émission|podcast|série|reportage|vidéo) (?:de|par)|"
    r"(?:traduit|traduction|trad|préface|postface|préfacé|postfacé|illustré)\w*\.?"
    r"(?: (?:de|du) ?[ld]?['’]?[\w-]+)? (?:par|de)) (?P<names>.+)",
    re.IGNORECASE,
)
_BY: Final = re.compile(r"(?:par|by)\s", re.IGNORECASE)
_QUOTED: Final = re.compile(r"^[^«“]*[«“]\s*(?P<inner>[^«»“”]{3,})[»”][^«»“”]{0,3}$")
_DOMAIN: Final = re.compile(r"(?:https?://|www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:/\S*)?", re.I)
# An address, then what is said of it: no title begins by a small letter.
_DOI: Final = re.compile(rf"(?:doi\s*:\s*)?{DOI_BEGINS}\S+", re.IGNORECASE)
_JOINED: Final = re.compile(r">?\s*(?:(?:[,:;|→⇒]|[–—-]+)\s+\w|\(\w|(?<=\s)[a-zà-ÿ])")
# "Voir aussi www…, site de l'association"
_SENDS: Final = re.compile(
    r"^\W*(?:voir|lire|cf\.?|consulter|visiter|aller sur|à (?:voir|lire))(?: (?:aussi|également))?"
    r"\s*:?\s*$",
    re.IGNORECASE,
)
_READ: Final = re.compile(
    r"^\W*(?:(?:re)?lu|(?:re)?vu|écouté|à (?:lire|voir|écouter))\s*:\s*$", re.I
)
_OPENINGS: Final = f" \u00a0\u202f\"'«“‘‹{EM_OPEN}"  # between a name and a title
_UNQUOTED: Final = str.maketrans("", "", '«»“”"')  # quotes within a linked title end nothing
_HIDDEN: Final = str.maketrans(".,:-", "____")
MAX_CONTAINER_WORDS: Final = 6
MIN_SAID_WORDS: Final = 2
SURE_FIELD: Final = 0.8
# Small words that sentences are full of, and references are not.
_OF_SENTENCES: Final = frozenset(
    "a ont est sont etait etaient sera avait il elle ils elles on nous je j vous y ne n se s mais "  # noqa: SIM905
    "ce c cela ca cette qui".split()
)
_MIN_OF_SENTENCES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLink:
    """A link of a block: where it stands in the marked text, its address and its words."""

    start: int
    end: int
    address: Address
    words: str = ""

    @property
    def is_telling(self) -> bool:
        """Whether its words say more than "ici" or its own address."""
        return bool(self.words) and not is_generic_link(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedText:
    """The references that the links of a block are, and whether the block is prose."""

    main: LineReading | None = None  # the reference that the block is
    cited: tuple[LineReading, ...] = ()  # the other references that it names
    is_prose: bool = False  # a note that cites all of them

    @property
    def references(self) -> tuple[LineReading, ...]:
        """The references of the block: the one that it is, then those that it cites."""
        return (*((self.main,) if self.main else ()), *self.cited)


def find_links(markup: Markup) -> list[BlockLink]:
    """Find the links of a marked text, in order; pieces side by side of one link are one."""
    links: list[BlockLink] = []
    for found, address in zip(_LINKS.finditer(markup.text), markup.addresses, strict=False):
        words = plain(found["words"] or "")
        before = links[-1] if links else None
        if before and before.address.href == address.href and before.words and words:
            between = markup.text[before.end : found.start()]
            if not any(map(str.isalnum, between)):
                glue = " " if markup.text[before.end - 2].isspace() or between else ""
                glue = " " if (found["words"] or "")[:1].isspace() else glue
                joined = plain(before.words + glue + words)
                links[-1] = replace(before, end=found.end(), words=joined)
                continue
        links.append(BlockLink(start=found.start(), end=found.end(), address=address, words=words))
    return links


_GENRE: Final = re.compile(
    r"(?:étude|article|rapport|livre|ouvrage|enquête|tribune|dossier|billet|thèse|reportage|guide|"
    r"vidéo|podcast|entretien)s?",
    re.IGNORECASE,
)
# *La Lettre* revient sur [ce dossier](…): what is in italics tells of the text, and is not it.
_TELLS: Final = re.compile(
    rf"{EM_CLOSE}\s(?:y |en )?(?:revient|publie|raconte|consacre|donne|explique|propose|montre|"
    r"annonce|relate|signale|rappelle|analyse|détaille|s['’]intéresse|enquête|interroge|titre)\b"
)
_QUOTES: Final = frozenset('«»“”"')


def read_opened(raw: str) -> LinkedText | None:
    """Read a block that opens on a link whose words are its title; None where it does not.

    Nothing else of the line can tell more, so that it need not be weighed: half of the time that a
    list of links takes. Words with a quotation may be a whole reference, which weighing tells.
    """
    markup = parse_markup(raw)
    links = find_links(markup)
    live = [one for one in links if not is_archived(one.address)] or links
    of_site = are_site_links([one.words for one in live])
    first = next((one for one, own in zip(live, of_site, strict=True) if not own), None)
    if first is None or not first.is_telling or not _QUOTES.isdisjoint(first.words):
        return None
    if any(map(str.isalnum, markup.text[: first.start])):
        return None
    return _read_opened(raw, markup, links, first, None)


def read_links(raw: str, reading: LineReading | None) -> LinkedText | None:
    """Read the references that a block's links are; None where `reading` says it all.

    `reading` is what the block reads as when it is weighed as one reference, None when it is none.
    """
    markup = parse_markup(raw)
    links = find_links(markup)
    live = [one for one in links if not is_archived(one.address)] or links
    of_site = are_site_links([one.words for one in live])
    live = [one for one, is_own in zip(live, of_site, strict=True) if not is_own]
    if not live:
        return LinkedText(is_prose=True) if links else None
    first = live[0]
    before = markup.text[: first.start]
    before = _READ.sub("", before) if first.words else _SENDS.sub("", before)
    is_opening = not any(map(str.isalnum, before))
    is_told = reading is not None and reading.title_sign in ("quotes", "italics", "link")
    has_no_words = not first.words or _DOI.fullmatch(first.words)
    is_bare = has_no_words and not is_told and _JOINED.match(markup.text, first.end)
    if is_opening and (first.is_telling or is_bare):
        return _read_opened(raw, markup, links, first, reading)
    if reading is not None and (
        _TELLS.search(markup.text) or not _is_reference(markup.text, links, reading)
    ):
        reading = None
    telling = [one for one in live if one.is_telling]
    if reading is not None and not (
        telling and not _is_trusted(markup.text, reading, live, telling)
    ):
        return _read_closed(raw, markup, live, reading)
    return LinkedText(
        cited=tuple(
            _sign(_cite_named(one, raw, markup.text), markup.text, one) for one in _distinct(live)
        ),
        is_prose=True,
    )


def _read_opened(
    raw: str,
    markup: Markup,
    links: Sequence[BlockLink],
    first: BlockLink,
    reading: LineReading | None,
) -> LinkedText:
    """Read a block that opens on a link: a reference, fields that their form tells, a comment."""
    if reading is not None and _is_whole_reference(first.words, reading, len(links)):
        return LinkedText()
    end = first.end
    fields_end = end + _fields_length(markup.text[end:])
    copies = [one.address for one in links if is_archived(one.address) and one is not first]
    inner = [one for one in links if first.end <= one.start < fields_end]
    main = _cite(first, raw, is_opening=True)
    if any(map(str.isalnum, plain(markup.text[end:fields_end]))) or inner:
        held = [first.address, *(one.address for one in links if end <= one.start < fields_end)]
        head = f"{LINK_OPEN}{first.words.translate(_UNQUOTED)}{LINK_CLOSE}"
        read = read_markup(
            Markup(text=head + markup.text[end:fields_end], addresses=tuple(held)), raw
        )
        main = replace(read, reference=_titled(read.reference, main.reference))
    if copies:
        _, archive_url, _ = choose_addresses([first.address, *copies])
        main = replace(main, reference=replace(main.reference, archive_url=archive_url))
    comment = say_words(markup.text, links, fields_end)
    others = [
        one
        for one in links
        if one.start >= end
        and not is_archived(one.address)
        and one.address.href != first.address.href
        and not is_site_link(one.words)
    ]
    rest = _without_links(markup.text, others, fields_end)
    is_said = any(map(str.isalnum, rest)) and not _is_only_small(rest)
    return LinkedText(
        main=replace(main, remark=comment if is_said else ""),
        cited=tuple(_cite(one, raw, is_opening=False) for one in _distinct(others)),
    )


def _read_closed(
    raw: str, markup: Markup, live: Sequence[BlockLink], reading: LineReading
) -> LinkedText | None:
    """Read a reference whose address stands after its words; what follows is a comment."""
    others = [one for one in live if one.address.href != reading.reference.url]
    others = [one for one in others if not _is_known(one.address, reading.reference)]
    if reading.title_sign in ("quotes", "italics") and _is_sentence(markup.text, reading):
        said = replace(reading, reference=_without_guesses(reading.reference))
        return LinkedText(
            main=replace(said, remark=say_words(markup.text, live, 0)),
            cited=tuple(_cite(one, raw, is_opening=False) for one in _distinct(others)),
        )
    own = next((one for one in live if one.address.href == reading.reference.url), live[-1])
    end = own.end + (1 if markup.text[own.end : own.end + 1] in (")", "]", ">") else 0)
    comment = ""
    rest = markup.text[end:]
    at = _fields_length(rest, is_closed=True)
    if (
        any(map(str.isalnum, plain(rest[at:])))
        and len(plain(rest[at:]).split()) >= 2
        and any(map(str.isalnum, markup.text[: own.start]))
    ):
        comment = say_words(markup.text, live, end + at)
        if _is_only_small(_without_links(markup.text, live, end + at)):
            comment = ""
    if comment:
        held = tuple(markup.addresses[: sum(one.start < end + at for one in find_links(markup))])
        read = read_markup(Markup(text=markup.text[: end + at], addresses=held), raw)
        if read.reference.title:
            reading = replace(read, remark=comment)
    if not comment and not others:
        return None
    return LinkedText(
        main=reading,
        cited=tuple(_cite(one, raw, is_opening=False) for one in _distinct(others)),
    )


def _is_reference(text: str, links: Sequence[BlockLink], reading: LineReading) -> bool:
    """Say whether a reading is of a reference, not of a sentence with a link in it."""
    if reading.reference.title:
        return reading.title_sign != "place" or not _is_sentence(text, reading)
    around = _without_links(text, links, 0)
    return len(around.split()) < MIN_SAID_WORDS or bool(reading.reference.author)


def _is_sentence(text: str, reading: LineReading) -> bool:
    """Say whether the words around a title are a sentence on it, not fields: "a hélas quitté…"."""
    around = fold(plain(text)).replace(fold(reading.reference.title), " ")
    return sum(word in _OF_SENTENCES for word in re.findall(r"\w+", around)) >= _MIN_OF_SENTENCES


def _without_guesses(reference: Reference) -> Reference:
    """Leave out of a reference what only the place of words in a sentence made a field."""
    sure = reference.confidence
    return replace(
        reference,
        author=reference.author if sure.get("author", 0) >= SURE_FIELD else (),
        container_title=(
            reference.container_title if sure.get("container_title", 0) >= SURE_FIELD else ""
        ),
    )


def _is_trusted(
    text: str, reading: LineReading, live: Sequence[BlockLink], telling: Sequence[BlockLink]
) -> bool:
    """Say whether a reading gives an address to no title that is another's."""
    one = reading.reference
    own = next((link for link in live if link.address.href == one.url), None)
    if own is None:
        return False
    title = fold(one.title)
    before = text[: own.start].rstrip(_OPENINGS)
    if own.is_telling and fold(_clean_title(own.words)) == title and title:
        is_cut = before[-1:] in (",", ".", ":", ";", ")", "—", "–") or bool(name_work(own.words))
        return is_cut and _is_head(before, one)
    if reading.title_sign == "law" and len(live) == 1:
        return True  # behind its name, the words of the link are where it stands
    is_others = any(fold(_clean_title(link.words)) == title for link in telling if link is not own)
    return (
        reading.title_sign in ("quotes", "italics")
        and not is_others
        and len(telling) == 1
        and len(live) == 1
    )


def _is_head(before: str, reference: Reference) -> bool:
    """Say whether the words before a linked title are fields: who signs, the review, the date."""
    words = plain(before).strip(" ,.:;—–-()")
    byline = parse_byline(words)
    if not words or (byline.names and not words[byline.end :].strip(" ,.:;()")):
        return True
    rest = words[byline.end :] if byline.names else words
    is_review = bool(reference.container_title) and reference.container_title in words
    return (
        is_review
        or is_body(words)
        or bool(_GENRE.fullmatch(words))
        or _is_date(rest.strip(" ,.:;()"))
    )


def _is_whole_reference(words: str, reading: LineReading, count: int) -> bool:
    """Say whether the link holds a whole reference: "Marie Dupont, « Titre », 2014"."""
    one = reading.reference
    if count > 1 or not one.title or fold(one.title) == fold(_clean_title(words)):
        return False
    is_inside = fold(one.title) in fold(words)
    has_names = any(fold(name.display.split()[-1]) in fold(words) for name in one.author)
    return is_inside and reading.title_sign == "quotes" and (has_names or bool(one.issued))


def _titled(read: Reference, main: Reference) -> Reference:
    """Give the fields that were read, under the title and the address of the link."""
    confidence = dict(read.confidence) | dict(main.confidence)
    return replace(
        read,
        title=read.title if read.title.startswith(f"{main.title} : ") else main.title,
        url=main.url,
        doi=read.doi or main.doi,
        confidence=MappingProxyType(confidence),
    )


def _cite(link: BlockLink, raw: str, *, is_opening: bool) -> LineReading:
    """Give the reference that one link is; it has a title where its words name a work."""
    url, archive_url, doi = choose_addresses([link.address])
    is_named = is_opening and link.is_telling
    title = _clean_title(link.words) if is_named else name_work(link.words)
    title, signed = part_signed(title)
    kind = "webpage"
    if _MAY_BE_OTHER.search(title) or "wiki" in link.address.href.lower():
        head = f"{LINK_OPEN}{title}{LINK_CLOSE}" if title else ADDRESS
        kind = read_markup(Markup(text=head, addresses=(link.address,)), raw).reference.type
    confidence = {"url": 0.98} | ({"title": 0.9} if title else {})
    if signed.names:
        confidence["author"] = signed.confidence
    reference = Reference(
        id="",
        title=title,
        type=kind,
        author=() if signed.role else signed.names,
        editor=signed.names if signed.role else (),
        editor_role=signed.role,
        url=url,
        archive_url=archive_url,
        doi=doi,
        raw=raw,
        confidence=MappingProxyType(confidence),
    )
    return LineReading(reference=reference, title_sign="link" if title else "")


# the title in a sentence, before a link that only points: "le rapport de Luc Essai, *Titre* (2012),
# que tu trouveras [ici](…)"
_NAMED_BEFORE: Final = re.compile(
    rf"(?P<head>[^.!?{LINK_OPEN}{ADDRESS}]*)(?:{EM_OPEN}(?P<marked>[^{EM_CLOSE}]{{3,150}}){EM_CLOSE}|"
    rf"«\s*(?P<quoted>[^«»]{{3,150}}?)\s*»)\s*(?:\((?P<imprint>[^()]{{4,80}})\))?"
    rf"(?P<between>[^.!?;«»{EM_OPEN}{LINK_OPEN}{LINK_CLOSE}{ADDRESS}]{{0,60}})$"
)
_NAMES_TEXT: Final = re.compile(
    r"\b(?:rapport|livre|ouvrage|article|étude|enquête|thèse|mémoire|guide|dossier|texte|film|"
    r"brochure|essai|documentaire|entretien)s?\b",
    re.IGNORECASE,
)


def _cite_named(link: BlockLink, raw: str, text: str) -> LineReading:
    """Cite a link in a sentence; one that only points has the title that stands before it."""
    cited = _cite(link, raw, is_opening=False)
    found = None if link.is_telling else _NAMED_BEFORE.search(text[: link.start])
    if found is None or cited.reference.title or not _NAMES_TEXT.search(found["head"]):
        return cited
    head = found["head"].rstrip()
    signed = _SIGNS_BEFORE.search(f"{head} ")
    if not (signed or _NAMES_TEXT.search(head.rpartition(" ")[2])):
        return cited  # what is marked may be the review that the text came out in
    byline = parse_byline(signed["who"]) if signed else Byline()
    dated = next(find_dates(found["imprint"] or ""), None)
    publisher = plain((found["imprint"] or "")[: dated.start if dated else None]).strip(" ,;:")
    confidence = {**cited.reference.confidence, "title": SURE_FIELD}
    confidence |= {"author": max(byline.confidence, SURE_FIELD)} if byline.names else {}
    reference = replace(
        cited.reference,
        title=_clean_title(found["marked"] or found["quoted"]),
        author=() if byline.role else byline.names,
        publisher=publisher,
        issued=dated.value if dated else "",
        confidence=MappingProxyType(confidence),
    )
    return replace(cited, reference=reference)


# [Titre](…) de Marie Dupont (2016)
_SIGNS: Final = re.compile(r"[\s,]*(?:de|par|by)\s(?=[A-ZÀ-Ý])(?P<who>[^\ue000-\uf8ff]{3,80})")


# l'article de Marie Dupont, [Titre](…)
_SIGNS_BEFORE: Final = re.compile(
    r"\b(?:de |d['’]|par )(?P<who>[A-ZÀ-Ý][^\ue000-\uf8ff,.;:()]{3,60}),\s$"
)


def _sign(cited: LineReading, text: str, link: BlockLink) -> LineReading:
    """Give to a reference linked in a sentence who signs it right beside, and its year."""
    found = _SIGNS.match(text, link.end) or _SIGNS_BEFORE.search(text[: link.start])
    byline = parse_byline(found["who"]) if found and cited.reference.title else None
    if found is None or byline is None or not byline.names or cited.reference.author:
        return cited
    confidence = {**cited.reference.confidence, "author": max(byline.confidence, SURE_FIELD)}
    dated = re.match(r"\s*[,(]\s*((?:1[5-9]|20)\d\d)\b", found["who"][byline.end :])
    if dated:
        confidence["issued"] = SURE_FIELD
    reference = replace(
        cited.reference,
        author=() if byline.role else byline.names,
        issued=dated[1] if dated else "",
        confidence=MappingProxyType(confidence),
    )
    return replace(cited, reference=reference)


# Titles that tell their kind: with numbers, marks of another title, an interview, a wiki.
_MAY_BE_OTHER: Final = re.compile(
    r"[\d«“\"‘()\[\]–—|:,.;]|\s-\s|entretien|interview|propos|conversation|wiki", re.IGNORECASE
)


def name_work(words: str) -> str:
    """Give the title of a work that the words of a link in a sentence name, or ""."""
    if quoted := _QUOTED.match(words):
        return _clean_title(quoted["inner"])
    title = _clean_title(words)
    letter = next((char for char in title if char.isalnum()), "")
    if not (letter.isupper() or letter.isdigit()) or is_generic_link(title):
        return ""
    if _DOMAIN.fullmatch(title) and "/" in title:
        return ""
    byline = parse_byline(title)
    is_person = byline.confidence >= 0.8 and not title[byline.end :].strip(" .,")
    return "" if is_person else title


_UNTITLED: Final = re.compile(r"[(\[]?(?:sans titre|untitled|no title)[)\]]?", re.IGNORECASE)


def _clean_title(words: str) -> str:
    title = plain(words).strip(" *_`~")
    title = re.sub(r"^[\s,.;:–—|→-]+|[\s,;:–—|→-]+$", "", title)
    whole = re.fullmatch(r"[«“\"]\s*([^«»“”\"]+?)\s*[»”\"]", title)
    title = whole[1] if whole else title
    if title.endswith(".") and not title.endswith("..") and " " in title:
        title = title[:-1]
    return "" if _UNTITLED.fullmatch(title) else title.strip()


def say_words(text: str, links: Sequence[BlockLink], start: int) -> str:
    """Give the words of a marked text from a place on, bare addresses as they are written."""
    parts: list[str] = []
    position = start
    for link in links:
        if link.start < start or link.words:
            continue
        parts += [text[position : link.start], link.address.href]
        position = link.end
    said = plain("".join([*parts, text[position:]]))
    said = re.sub(r"^[\s,.;:!?–—|→⇒•·*/-]+(?=\S)", "", said)
    if said.startswith("(") and said.count("(") == 1 and said.endswith(")"):
        said = said[1:-1]
    elif said.startswith(")"):
        said = said[1:].lstrip(" ,.;:–—-")
    return said.strip()


def _without_links(text: str, links: Sequence[BlockLink], start: int) -> str:
    kept: list[str] = []
    position = start
    for link in links:
        if link.start >= position:
            kept.append(text[position : link.start])
            position = link.end
    return plain(" ".join([*kept, text[position:]]))


def _is_only_small(words: str) -> bool:
    """Say whether nothing but joining words stands between links: "et", "ou", "par", "PDF"."""
    return all(
        word in _SMALL or word in ("ou", "par", "via", "or", "by") or is_generic_link(word)
        for word in re.findall(r"\w+", fold(words))
    )


def _distinct(links: Sequence[BlockLink]) -> list[BlockLink]:
    """List one link for each address: the one whose words say most."""
    best: dict[str, BlockLink] = {}
    for one in links:
        if one.address.href not in best or (one.is_telling and not best[one.address.href].words):
            best[one.address.href] = one
    return list(best.values())


def _is_known(address: Address, reference: Reference) -> bool:
    """Say whether a reference holds an address already, as its DOI."""
    _, _, doi = choose_addresses([address])
    return bool(doi) and doi == reference.doi


@dataclass(frozen=True, slots=True)
class _RestSegment:
    start: int
    end: int
    words: str
    is_italic: bool
    joiner: str
    is_bracketed: bool
    inner: str


def _fields_length(rest: str, *, is_closed: bool = False) -> int:
    """Count the characters after a title that are fields: the review, the date, who signs.

    `is_closed` says that an address closes the reference: behind its full stop stands a sentence.
    What stands behind them is a comment. A name alone ("Le Quotidien", "(Silicon)") is a field
    where a date follows it, or brackets hold it.
    """
    if subtitle := find_subtitle(rest, 0):
        _, start = subtitle
        return start + _fields_length(rest[start:])
    segments = _segments(rest)
    length = held = 0
    for index, segment in enumerate(segments):
        if _is_hard(segment) or (segment.is_bracketed and _is_all_fields(segment.inner)):
            length = held = index + 1
        elif _is_name(segment) and not (
            is_closed and segment.joiner == "." and not _is_capitalised(segment.words)
        ):
            is_last = index + 1 == len(segments) and segment.joiner == ","
            if (segment.is_bracketed or is_last) and _is_capitalised(segment.words):
                length = held = index + 1
            held = index + 1
        else:
            break
        if held - length > 3:
            break
    return segments[length - 1].end if length else 0


def _is_all_fields(inner: str) -> bool:
    """Say whether brackets hold fields: "(Le Quotidien, 3 mai 2016)", "(blog de Marie Dupont)"."""
    who = OF_SOMEBODY.sub("", inner, count=1)
    byline = parse_byline(who) if who != inner else Byline()
    if byline.confidence >= LED_NAME and _is_date(f"{who[byline.end :].strip(' ,')} 2000"):
        return True
    return "," in inner and not any(map(str.isalnum, plain(inner[_fields_length(inner) :])))


def _segments(rest: str) -> list[_RestSegment]:
    found: list[_RestSegment] = []
    position = 0
    whole = rest
    for date in find_dates(rest):  # the full stop of "5 déc. 2014" closes nothing
        inside = rest[date.start : date.end]
        rest = rest[: date.start] + inside.translate(_HIDDEN) + rest[date.end :]
    while position < len(rest) and len(found) < 12:
        joiner = _JOINER.match(rest, position)
        start = joiner.end() if joiner else position
        if start >= len(rest):
            break
        if rest[start] == "(":
            end = rest.find(")", start)
            if end < 0:
                break
            inner, after, is_bracketed = rest[start + 1 : end], end + 1, True
        else:
            cut = _CUT.search(rest, start + 1)
            after, is_bracketed = cut.start() if cut else len(rest), False
            inner = rest[start:after]
        text = inner.strip()
        inner = whole[start:after] if not is_bracketed else whole[start + 1 : after - 1]
        is_italic = text.startswith(EM_OPEN) and text.endswith(EM_CLOSE)
        sign = (joiner[0] if joiner else "").strip()
        words = plain(inner)
        found.append(_RestSegment(start, after, words, is_italic, sign, is_bracketed, inner))
        position = after
    return found


def _is_contribution(words: str) -> bool:
    """Say whether words name who directed, translated: "in Anne Essai", "traduit par Léo Essai"."""
    found = _CONTRIBUTION.fullmatch(words)
    if found is None:
        return False
    names = found["names"]
    byline = parse_byline(names)
    is_whole = bool(byline.names) and not names[byline.end :].strip(" ,.")
    return is_whole and names[0].isupper() and len(names.split()) > 1


def _is_hard(segment: _RestSegment) -> bool:
    """Say whether the form of a segment makes it a field whatever stands around it."""
    words = segment.words
    if not any(map(str.isalnum, words)):
        return True
    if len(words.split()) > 8:
        return False
    if is_generic_link(words):
        return True
    if _is_date(words) or re.fullmatch(r"mise? (?:à jour|en ligne)|paru", words):
        return True
    if _LOCATOR.fullmatch(words) or _ROLE.fullmatch(words) or _is_contribution(words):
        return True
    if is_publisher(words) and words.split()[-1][:1].isupper() and _is_capitalised(words):
        return True
    if fold(words).replace(" ", "-") in CITIES:
        return True
    byline = parse_byline(words)
    is_said = _BY.match(words) is not None  # "by Ada Winter": no first name need be known
    is_sure = byline.confidence >= SURE_FIELD or (is_said and bool(byline.names))
    return is_sure and not words[byline.end :].strip(" .,;()")


def _is_date(words: str) -> bool:
    if not any(map(str.isdigit, words)):
        return False
    rest = words
    for found in find_dates(words):
        rest = rest[: found.start] + " " * (found.end - found.start) + rest[found.end :]
    return rest != words and all(_DATE_WORDS.fullmatch(word) for word in re.findall(r"\w+", rest))


_OF_REVIEWS: Final = re.compile(
    r"^(?:la |le )?(?:revue|journal|magazine|hebdomadaire|quotidien|mensuel|bulletin|blog) "
    r"(?=[A-ZÀ-Ý])"
)


def _is_name(segment: _RestSegment) -> bool:
    """Say whether a segment may name a review or a site, by its capitals and where it stands."""
    words = _OF_REVIEWS.sub("", segment.words)
    is_short = len(words.split()) <= MAX_CONTAINER_WORDS and words[-1:] not in "!?…"
    if not is_short or not words[:1].isupper():
        return bool(SITE.fullmatch(words))
    if segment.is_italic or segment.joiner in ("", ",", ".", ")."):
        return True
    return _is_capitalised(words) or bool(NAMES_CONTAINER.match(words.lower()))


def _is_capitalised(words: str) -> bool:
    return all(
        word[0].isupper() or word[0].isdigit() or fold(word) in _SMALL
        for word in re.findall(r"[^\W_]+", words)
    )
