"""Read what stands after a title: review, site or publisher, place, editors, a remark.

"in Pierre Durand (dir.), Les communs, Paris, Presses fictives" and "Le Quotidien fictif" are
told apart by what else the line has: a day, a volume, an ISBN, a city.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import (
    ADDRESS,
    DATE,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    plain,
)
from indexer.bibliography.lines.persons import Byline, is_body, parse_byline
from indexer.bibliography.lines.vocabulary import CITIES, PUBLISHER_WORDS, REGIONS
from indexer.model import Name

SITE: Final = re.compile(
    r"[\w-]+\.(?:fr|com|org|net|info|eu|be|ch|ca|io|co|uk|de|coop|test)\b", re.I
)
SKIP: Final = re.compile(
    r"(?:traduit|traduction(?=\s(?:de|du|par|franç|angl|all|ital|esp)|\W|$)"
    r"|trad\b|propos recueillis|réalisé|recueillis?|préfac|postface|illustr"
    r"|avec la (?:collab|particip)|texte|non paginé|s\.\s?[lnd]\b|ibid|id\.|op\. cit|art\. cit|"
    r"loc\. cit"
    r"|consult|en ligne|online|soutenue?|coll\.|collection\b|série|version\b|page\s|lien\b|url\b"
    r"|archive\b|cc[ -]by|licence\b|doi\b|e?-?issn\b|à paraître|sous presse|(?:un |long |"
    r"grand )?entretien\b|"
    r"interview\b"
    r"|paru(?:e|s)?$|publiée?s?$|mis en ligne|le$|du$|in$|dans$|sur$|par$|et$|[<>\"“”«»\W\d]*$|"
    r"manuscrit|tapuscrit|polycopié|ronéotypé|multigraphié|inédit|"
    r"\d+ min|\d* ?semestre"
    r"|édition (?:de )?\d{4}$"
    r"|\d+\w* (?:semestre|trimestre|édition|année)|dir$)",
    re.IGNORECASE,
)
GENRE: Final = re.compile(
    r"(?:thèse|mémoire|rapport|document de travail|working paper|communication|hdr|étude|"
    r"livre blanc"
    r"|billet|article|note|dossier|discours|tribune|brochure|avis|communiqué|actes|vidéo|podcast"
    r"|documentaire|reportage|émission)\b"
    r"|(?:Thèse|Mémoire|Rapport|Document de travail|Working paper|Communication|Actes) \w"
)
LEADIN: Final = re.compile(
    r"(?:(?:paru|publiée?|posté|article paru)\s+)?(?:sur|dans|in|via|pour|par|chez|on|from|"
    r"source)\s*:?\s+"
    r"(?:le (?:site|blog|portail)\s+(?:internet |web )?(?:du |de la |de l['’]|de |d['’])?)?(?=\S)",
    re.IGNORECASE,
)
NAMES_CONTAINER: Final = re.compile(r"(?:blog|le|la|les|l['’]|revue|site|the|e-?\w+|i[A-Z])\b")
TOWN: Final = re.compile(
    r"[A-ZÀ-Ý][\w’']+-(?:sur|sous|lès|les|la|le|en|aux?|du)-[A-ZÀ-Ý][\w’'-]+|Saint-[A-ZÀ-Ý]\w+"
)


def is_aside(words: str, rest: str) -> bool:
    """Say whether what follows a dash goes on in small letters, as no review or publisher does."""
    if not words[:1].islower() or SKIP.match(words) or GENRE.match(words) or SITE.search(words):
        return False
    return not NAMES_CONTAINER.match(words) and len(plain(rest).split()) >= 4


def is_remark(words: str, separator: str, *, is_first: bool) -> bool:
    """Say whether a segment is a sentence about the text, not part of its reference."""
    count = words.split()
    small = [word for word in count if word[:1].islower()]
    if len(count) < 4 or len(small) < len(count) / 2 or is_publisher(words):
        return False
    if GENRE.match(words) or SKIP.match(words):
        return False
    mark = separator.strip().removeprefix(".").strip()
    if mark in ("–", "—", "-", ":"):
        return len(count) >= 5 or not is_first
    if not words[:1].isupper() or mark == "," or mark == "(":
        return False
    return not is_first or len(count) > 9


def is_verdict(words: str, rest: str) -> bool:
    """Say whether a few words that close a line are a comment, as "Drôle." does.

    `rest` is the line from these words on; behind a reference that a full stop has closed.
    """
    is_last = _IS_LAST.fullmatch(rest.lstrip()[len(words) :]) is not None
    if not is_last or not words[:1].isupper() or words.isupper() or any(map(str.isdigit, words)):
        return False
    # "Librairie du port" is a publisher, "Introuvable en librairie" is none.
    if GENRE.match(words) or SKIP.match(words) or SITE.search(words):
        return False
    if is_publisher(words.split()[0]):
        return False
    small = [word for word in words.split()[1:] if word[:1].islower()]
    return len(small) == len(words.split()) - 1 and fold(words) not in CITIES


# The end of a line, or the address that it leads to.
_IS_LAST: Final = re.compile(rf"[\s»”\"]*(?:[.!?…]+|\s?:\s*[{ADDRESS}{TAKEN}\s.<>]+)\s*")


def is_publisher(words: str) -> bool:
    """Say whether one of the words is of a publisher's name."""
    return not PUBLISHER_WORDS.isdisjoint(re.findall(r"[\w.]+", fold(words)))


_CUT: Final = f"{ADDRESS}{DATE}{TAKEN}"
_IMPRINT_BLANK: Final = TAKEN * 8
_SEGMENT: Final = re.compile(
    rf"\s*(?:[{_CUT}()\[\];|<>{LINK_OPEN}{LINK_CLOSE}]|,(?=\s|$|[{_CUT}])"
    rf"|(?<!\b[A-Z])(?<!\b[ÉEé]d)(?<!\bUniv)\.(?=\s|$|[{_CUT}{EM_OPEN}])|\s[–—-]\s|[–—](?=\s)|"
    rf"\s?:\s|:$)\s*"
)
# (épuisé, voir la bibliothèque): three words or more in small letters, in brackets, end the line.
_CLOSES: Final = re.compile(
    rf"(?!(?:dir|coord|sous|trad|éd|ed|in|dans|en|n°|coll|NOR|avec|et|de)\b)"
    rf"(?P<words>[a-zà-ÿ][^()\[\]{_CUT}]*+)\)[\s.]*$"
)
_MIN_ASIDE: Final = 3  # words
_DASHES: Final = ("–", "—", "-")
_ITALICS: Final = re.compile(rf"\s*{EM_OPEN}[^{EM_OPEN}{EM_CLOSE}]*{EM_CLOSE}")
_IN: Final = re.compile(r"[\s,.;:–—-]*(?:in|dans|In|Dans)\b\s*:?\s*(?=\S)")
_BOOK: Final = re.compile(
    rf"[\s,.;:)–—-]*(?P<title>[^,;{_CUT}]+?)\s*"
    rf"(?=[,;{_CUT}]|$|\((?=[^()]*\b(?:dir|coord|éds?|eds?|sous la)\b)"
    rf"|\.\s+[^.,:]{{2,30}}\s:\s)"  # . Rouen : Presses…
)
# "de Marie Dupont", "un documentaire de Marie Dupont", "réalisé par Marie Dupont"
_BY: Final = re.compile(
    rf"[\s,.;:–—(\[{LINK_CLOSE}{EM_CLOSE}-]*(?:(?:un |le |une |la )?(?:film|documentaire|"
    r"court[- ]métrage|émission|podcast|série|reportage|vidéo|roman|récit|essai|poème|"
    r"pièce|album|bande dessinée|BD)\s)?(?:(?:réalisée?|écrite?|présentée?|produite?|signée?|"
    rf"animée?)\s)?(?:(?:par|by|de)\s+|d['’]|(?:réal|mise en scène|texte)(?:\.|isation|isateur|"
    rf"isatrice)?\s?(?::|de\s|d['’]|(?<=\.))\s*|(?:par|by)\s+{EM_OPEN})(?=[A-ZÀ-Ý])"
)
_SAID_BY: Final = re.compile(r"(?:par|by)\s", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(rf"[\s,.]*\((?P<who>[^(){DATE}]{{3,60}})(?:\)|,\s?{DATE}\s?\))")
# "(blog de Marie Dupont)", "(un billet de Luc Essai)"
OF_SOMEBODY: Final = re.compile(
    r"^(?:(?:le |un |une |son )?(?:blog|billet|carnet|site|article|texte|tribune|vidéo|film|"
    r"podcast|entretien avec|article signé|dessin|photos?)\s(?:de |d['’])?|par |de )(?=[A-ZÀ-Ý])"
)
_OPENS_IMPRINT: Final = re.compile(rf"[\s,.{EM_CLOSE}]*\((?=[^()]*{DATE}\s?\))")
# A name that fills its slot, the date or the address right behind.
_BODY_SLOT: Final = re.compile(
    rf"(?P<name>[A-ZÀ-Ý][^,;:.()«»{_CUT}{EM_OPEN}{EM_CLOSE}{LINK_OPEN}]{{3,80}}?)"
    rf"\s*(?=,?\s*[{DATE}{ADDRESS}{TAKEN}]|\s[–—-]\s|\.?\s*$)"
)
_SURE: Final = 0.9  # of a name
LED_NAME: Final = 0.7  # of one that words lead to: "blog de"
_VOLUME: Final = re.compile(r"(?P<name>.*[^\d\s,])[\s,]+(?P<volume>\d{1,4})")


@dataclass(slots=True)
class Tail:
    """The fields that stand after the title of a reference line."""

    container_title: str = ""
    publisher: str = ""
    publisher_place: str = ""
    genre: str = ""
    volume: str = ""
    authors: tuple[Name, ...] = ()
    editors: tuple[Name, ...] = ()
    editor_role: str = ""  # where they edit the text itself, not a book that it stands in
    confidence: float = 0.0  # of the container's title
    remark_at: int | None = None  # where, in the text given, a remark on the same line starts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    words: str
    start: int
    is_italic: bool
    separator: str


def parse_tail(text: str, *, is_bookish: bool, wants_author: bool) -> Tail:
    """Read the text after a title.

    `is_bookish` says that nothing of the line speaks of a periodical; `wants_author` that nobody
    was named before the title, so that « Titre », Marie Dupont, Le Quotidien names her.
    """
    tail = Tail()
    offset = 0
    if lead := _IN.match(text):
        offset = _read_book(text, lead.end(), tail)
    elif wants_author:
        offset = _read_author(text, tail)
    segments = list(_read_segments(text, offset, tail))
    _assign(segments, tail, is_bookish=is_bookish, wants_author=wants_author)
    return tail


def _read_book(text: str, offset: int, tail: Tail) -> int:
    """Read the editors and the title of the book that a chapter stands in.

    A subtitle may follow a full stop.
    """
    byline = parse_byline(text[offset:])
    has_title_left = text[offset + byline.end :].lstrip()[:1] in (",", ".", "", TAKEN, EM_OPEN, "(")
    if byline.names and (byline.role or (has_title_left and byline.confidence >= 0.9)):
        tail.editors = byline.names
        offset += byline.end
    tail.confidence = 0.9
    found = _BOOK.match(text, offset)
    if found is None or EM_OPEN in found[0] or not plain(found["title"]):
        return offset
    book = re.split(r"\s*(?:\[$|\($|\.$)", plain(found["title"]))[0]
    tail.container_title = book.strip(' ,.«»“”"')
    end = found.end()
    if text[end : end + 1] == "(" and (named := parse_byline(text[end + 1 :])).role:
        tail.editors = tail.editors or named.names  # in Les sols (J. Morvan, dir.)
        end += 1 + named.end
    return end


def _read_author(text: str, tail: Tail) -> int:
    signed = _IN_BRACKETS.match(text)
    who = OF_SOMEBODY.sub("", signed["who"], count=1) if signed else ""
    sure = LED_NAME if signed and who != signed["who"] else _SURE
    if signed and is_body(who) and not is_publisher(who) and len(who.split()) > 1:
        tail.authors = (Name(literal=who),)
        return signed.end()
    if signed and _is_person(who, sure):  # [Titre](…) (A. Essai), (blog de Marie Dupont, 2017)
        tail.authors = parse_byline(who).names
        return signed.end()
    if opened := _OPENS_IMPRINT.match(text):  # *Titre* (A. Essai, Éditeur, 1988)
        byline = parse_byline(text[opened.end() :])
        while byline.is_last_doubtful:  # (Paul Essai, Actes Nord, 2010)
            byline = byline.without_last()
        end = opened.end() + byline.end
        if byline.confidence >= _SURE and not byline.role and text[end : end + 2] == ", ":
            tail.authors = byline.names
            return end
    begin = len(text) - len(text.lstrip(f" \t,.;:–—-{LINK_CLOSE}"))
    said = _BY.match(text)
    start = said.end() if said else begin
    byline = parse_byline(text[start:])
    while byline.is_last_doubtful:
        byline = (
            byline.without_last()
        )  # « Titre », Julie Ferrand, France Soir: the last is the paper
    if not byline.names:
        return _read_body(text, begin, tail)
    if not said and byline.confidence < 0.9 and not _has_container(text[start + byline.end :]):
        return 0
    if byline.role:
        tail.editors, tail.editor_role = byline.names, byline.role
    else:
        tail.authors = byline.names
    return start + byline.end


def _read_body(text: str, begin: int, tail: Tail) -> int:
    """Read the body that signs a title: "Titre, Réseau des greniers, 2016", and no publisher."""
    found = _BODY_SLOT.match(text, begin)
    name = plain(found["name"]) if found else ""
    # A short name in capitals is rather who publishes; a museum or a ministry signs.
    if found is None or not is_body(name) or is_publisher(name) or len(name.split()) < 2:
        return 0
    tail.authors = (Name(literal=name),)
    return found.end("name")


def _has_container(text: str) -> bool:
    parts = (plain(part) for part in _SEGMENT.split(text))
    return any(
        (part[:1].isupper() and not SKIP.match(part)) or is_publisher(part) for part in parts
    )


def _read_segments(text: str, offset: int, tail: Tail) -> Iterator[_Segment]:
    """Read the segments that may be a container, publisher or place; others go to `tail`."""
    position, separator, count = offset, "", 1 if tail.authors else 0
    while position <= len(text):
        italics = _ITALICS.match(text, position)
        cut = _SEGMENT.search(text, italics.end() if italics else position)
        end = cut.start() if cut else len(text)
        words = plain(text[position:end]).strip(" ,;:–—-.")
        if words and _opens_remark(words, text, position, separator, count):
            tail.remark_at = position
            return
        if words:
            count += 1
            segment = _Segment(
                words=words,
                start=position,
                is_italic=EM_OPEN in text[position:end],
                separator=separator,
            )
            if not _is_told(segment, text[position:end], tail):
                yield segment
        if cut is None:
            return
        is_dash = not words and "." in separator and cut[0].strip() in _DASHES
        separator, position = f". {cut[0]}" if is_dash else cut[0], cut.end()


def _opens_remark(words: str, text: str, position: int, separator: str, count: int) -> bool:
    """Say whether a remark on the text starts at a segment; `count` segments stand before it."""
    if _has_ended(text[:position], separator, count):
        said = _first_sentence(text[position:])
        # "Les gens de la mer" is rather a series.
        is_series = bool(NAMES_CONTAINER.match(said.lower())) and len(said.split()) <= 6
        is_said = is_remark(said, separator, is_first=False)
        is_plain = text.rstrip()[-1:] not in ("!", "?", "…")  # "2004. Gallimard."
        is_bare = not count and _IMPRINT_BLANK not in text[:position]
        if not is_series and (
            is_said or (is_verdict(said, text[position:]) and not (is_bare and is_plain))
        ):
            return True
    if separator.strip(" .") in ("–", "—") and is_aside(words, text[position:]):
        return True
    if separator.endswith("(") and (closed := _CLOSES.match(text, position)):
        return len(closed["words"].split()) >= _MIN_ASIDE
    is_first = count == 0 and not re.search(rf"[{_CUT}]", text[:position])
    return is_remark(words, separator, is_first=is_first)


def _has_ended(before: str, separator: str, count: int) -> bool:
    """Say whether a full stop closes a reference: its imprint and its date or a number are told.

    "212 p." has taken its full stop with it; an imprint that was taken out whole is a long blank.
    """
    is_stop = "." in separator or separator.strip() == TAKEN
    is_told = DATE in before or TAKEN in before or separator.strip(" .") in _DASHES
    return is_stop and is_told and (count > 0 or _IMPRINT_BLANK in before or DATE in before)


def _first_sentence(text: str) -> str:
    """Give the words up to a full stop; an address or a number that was read ends them too."""
    return plain(re.split(rf"[.!?…](?=\s|$)|[{_CUT}]", text, maxsplit=1)[0]).strip(" ,;:–—-")


def _is_told(segment: _Segment, raw: str, tail: Tail) -> bool:
    """Take what says itself: editors, a genre, a translator."""
    byline: Byline = parse_byline(segment.words)
    if byline.role and byline.names:
        tail.editors = tail.editors or byline.names
        return True
    if byline.names and _SAID_BY.match(segment.words):
        return True  # an interview's "par Jules Abadie"
    if GENRE.match(segment.words) and not segment.is_italic:
        tail.genre = tail.genre or segment.words
        return True
    return bool(SKIP.match(segment.words))


def _is_person(words: str, sure: float = _SURE) -> bool:
    """Say whether words are surely who wrote a text, and nothing else."""
    byline = parse_byline(words)
    is_whole = not words[byline.end :].strip(" .,") and "(" not in words
    return byline.confidence >= sure and not byline.role and is_whole


def _assign(segments: list[_Segment], tail: Tail, *, is_bookish: bool, wants_author: bool) -> None:
    italics = [one.words for one in segments if one.is_italic]
    if len(italics) == 1 and wants_author and not tail.authors and _is_person(italics[0]):
        tail.authors, italics = parse_byline(italics[0]).names, []
    if italics and not tail.container_title:
        tail.container_title, tail.confidence = italics[0], 0.92
    for segment in segments:
        words = segment.words
        if segment.is_italic:
            continue
        key = words.lower().replace(" ", "-")
        if key in CITIES or TOWN.fullmatch(words):
            tail.publisher_place = tail.publisher_place or words
        elif key not in REGIONS:
            _assign_name(
                LEADIN.sub("", words, count=1) if LEADIN.match(words) else words, tail, is_bookish
            )
    if found := _VOLUME.fullmatch(tail.container_title):
        tail.container_title, tail.volume = found["name"], found["volume"]


def _assign_name(words: str, tail: Tail, is_bookish: bool) -> None:
    may_publish = is_publisher(words) or (bool(tail.publisher_place) and not tail.publisher)
    is_named = words[:1].isupper() or words[:1].isdigit()
    may_contain = is_named or SITE.search(words) or NAMES_CONTAINER.match(words)
    if not (tail.container_title or may_publish or is_bookish) and may_contain:
        tail.container_title, tail.confidence = words, max(tail.confidence, 0.75)
    elif tail.publisher and is_publisher(tail.publisher) and not may_publish and is_named:
        tail.publisher_place = tail.publisher_place or words  # Éditions du Pont, La Tour-d’Aigues
    elif is_named and (may_publish or is_bookish or not tail.publisher) and len(words.split()) <= 8:
        tail.publisher = f"{tail.publisher}, {words}" if tail.publisher else words
