"""Find the title of a reference line: quoted, in italics, linked, or told by what stands around.

Quotation marks make a title only where they open their slot: in « Ils « désactivent » ! » they
belong to it. Where no mark shows it, the title stands after who signs, up to what can only follow
a title.
"""

import re
from dataclasses import dataclass
from typing import Final

from indexer.bibliography.lines.container import is_publisher
from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.identifiers import is_generic_link
from indexer.bibliography.lines.markup import (
    ADDRESS,
    DATE,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    Scroll,
    find_quotations,
    plain,
)
from indexer.bibliography.lines.persons import Byline, is_body, parse_byline, parse_signature
from indexer.bibliography.lines.vocabulary import CITIES, find_field

_CUT: Final = f"{ADDRESS}{DATE}{TAKEN}"
_GAP: Final = re.compile(rf"[\s,.;:()\[\]–—|{_CUT}{LINK_OPEN}{LINK_CLOSE}-]*")
_SEPARATOR: Final = re.compile(
    rf"(?P<hard>[{_CUT}{EM_OPEN}]|\s*[(\[](?=[^()\[\]]*{DATE}))"
    r"|(?P<soft>,\s+|\.\s+(?=[^a-zà-ÿ])|\s[–—]\s|\s-\s|(?<=[?!…])\s+(?=[A-ZÀ-Ý«“]))"
)
_STOP: Final = re.compile(
    r"(?:in|dans|traduite?|trad\.|propos|entretien|interview|sous la|préface|postface|blog|rapport"
    r"|ph\.?d|thèse|mémoire|éd\.|coll\.|revue|journal|site|hors[- ]série|num[ée]ro spécial"
    r"|n° spécial|"
    r"communication|communiqué|actes"
    r"|document de travail|working paper|soutenue?|avis (?:présenté|rendu|n|du)|étude (?:n|pour|de)"
    r"|par(?= (?-i:[A-Z]))|trans(?:\.|lated)|eds?\.|edited|vidéo|podcast|documentaire|"
    r"conférence(?! de)|roman(?=\s*,)|"
    r"manuscrit|tapuscrit|polycopié|ronéotypé|multigraphié|inédit|anonyme(?=\s*[,.()])|"
    r"(?:une? )?(?:film|série|feuilleton|podcast|émission|roman|récit)\s(?:de|en|par)|"
    r"(?:réalisée?|écrite?|présentée?)\spar|"
    r"(?:court|long)[- ]métrage|reportage|émission|dossier|brochure|livre blanc|tome|"
    r"mis en ligne|publié)(?!\w)",
    re.IGNORECASE,
)
ABBREVIATION: Final = re.compile(
    r"(?:^|[\s(])(?:[A-ZÀ-Ý]|M|MM|Mme|Dr|St|Ste|cf|vs|etc|env|av|chap|art|éd|ed|vol|no|n|p|t|s|"
    r"ex)\.\s*$"
)
_WHO: Final = re.compile(
    rf"\s*(?P<who>[^,.;:{_CUT}()\[\]]+?)(?P<acronym>\s*\([A-Z][\w-]*\))?\s*"
    rf"(?:[,.:;](?=\s)|\.,\s|[(\[]?\s*(?P<date>{DATE})|[{_CUT}(\[]|\s[–—-]\s)"
)
_AND: Final = re.compile(r"\s(?:et|and|ou|&)\s")
# Brackets that hold the imprint of the title before them, up to the end of the line.
_HELD: Final = re.compile(
    rf"\s*\((?=[^()]*[^\W\d_])(?=[^()]*{DATE}|[^()]*{ADDRESS})[^()]+[){TAKEN}][\s.{TAKEN}]*$"
)
_DATED: Final = re.compile(rf"\s*{DATE}\s*[–—:-]\s+")  # 2009 - Dupont (Marie), Titre
_SURE: Final = 0.8
_SURE_KNOWN: Final = 0.9
_SURE_DOTTED: Final = 0.75


def find_place(text: str, masked: str) -> tuple[int, int] | None:
    """Find where the title stands in a line; None where no word is left for one."""
    if first_slot := _find_signed_behind(text):
        return first_slot
    dated = _DATED.match(text)
    first = dated.end() if dated else 0
    start, is_dotted = _after_names(text[first:])
    start += first
    gap = _GAP.match(text, start)
    if gap:
        is_dotted = is_dotted or DATE in gap[0] or "." in gap[0]
        start = gap.end()
    if start >= len(text):
        return None
    return start, _title_end(text, masked, start, is_dotted=is_dotted)


_FIRST_SLOT: Final = re.compile(
    rf"(?P<title>[^,.;:«»()\[\]{_CUT}{EM_OPEN}{LINK_OPEN}]{{3,120}}?)(?:,\s+|\s[–—-]\s)(?=[A-ZÀ-Ý])"
)
_SLOT_CLOSES: Final = re.compile(rf"\s*(?:$|,\s|[–—-]\s|\s[–—-]\s|[.(]|[{_CUT}])")


def _find_signed_behind(text: str) -> tuple[int, int] | None:
    """Find a title that opens a line, who wrote it right behind: "Habiter, Paul Grange, 2010".

    Only somebody whose first name we know is told from a title, a review or a publisher.
    """
    found = _FIRST_SLOT.match(text)
    if found is None or len(found["title"].split()) < 2 or is_body(found["title"]):
        return None
    if parse_byline(found["title"]).names:
        return None
    byline = parse_byline(text[found.end() :])
    while byline.is_last_doubtful:
        byline = byline.without_last()
    is_sure = byline.confidence >= _SURE_KNOWN and not byline.people[0].has_comma
    is_closed = bool(_SLOT_CLOSES.match(text, found.end() + byline.end))
    return found.span("title") if is_sure and is_closed else None


def _after_names(text: str) -> tuple[int, bool]:
    """Find where the names that open a line end, and whether a full stop closes them."""
    byline = parse_byline(text)
    while byline.is_last_doubtful and (
        text[byline.end : byline.end + 2] == ": " or not _is_title_next(text[byline.end :])
    ):
        byline = byline.without_last()  # John Farrow, Platform Nations, London: a title, no person
    if byline.names and _has_words(text[byline.end :]):
        return byline.end, _is_dotted(text, byline)
    first = _WHO.match(text)
    if byline.names or first is None:
        return 0, False
    who = first["who"].strip()
    signature = parse_signature(who)
    if len(who.split()) > 10 or not _has_words(text[first.end() :]):
        return 0, False
    following = _GAP.sub("", text[first.end() :], count=1)[:1]
    is_who = signature.is_nobody or signature.confidence >= _SURE or first["date"] is not None
    is_marked = text[first.end() - 1] == TAKEN  # Tiers-lieu [en ligne], Site
    if _HELD.match(text, first.end("who")) or _WHERE.match(
        text, first.end("who")
    ):  # Observatoire photographique (Éditeur, 2013, adresse)
        return 0, False
    is_word = len(who.split()) == 1 and not following.islower() and who[:1].isupper()
    is_first_of_three = len(who.split()) <= 5 and _count_slots(text[first.end() :]) >= 2
    if is_who or (is_word and not is_marked) or (is_first_of_three and signature.confidence > 0.5):
        end = first.end("acronym") if first["acronym"] else first.end("who")
        gap = _GAP.match(text, end)
        led = parse_byline(text[gap.end() :]) if gap else None
        if gap and led and led.role and _has_words(text[gap.end() + led.end :]):
            end = gap.end() + led.end  # Collectif, sous la direction de Luc Tran, Titre
        return end, text[end : end + 1] == "."
    return 0, False


def _is_dotted(text: str, byline: Byline) -> bool:
    return bool(re.match(r"\s*\.", text[byline.end :])) and not text[: byline.end].endswith(".")


def _has_words(text: str) -> bool:
    return any(map(str.isalpha, re.sub(rf"[{_CUT}]", "", text)))


def _is_title_next(rest: str) -> bool:
    """Say whether what follows reads as a title: three words, one of them small."""
    gap = _GAP.match(rest)
    cut = _SEPARATOR.search(rest, gap.end() if gap else 0)
    words = rest[gap.end() if gap else 0 : cut.start() if cut else len(rest)].split()
    return (
        len(words) >= 3
        and any(word[0].islower() for word in words)
        and not is_publisher(" ".join(words))
    )


def _count_slots(rest: str) -> int:
    """Count the slots before the first cut that open on a capital and are no city or publisher."""
    slots = re.split(r",\s+|\.\s+", re.split(rf"[{_CUT}]", rest, maxsplit=1)[0])
    names = [slot.strip(" ,.") for slot in slots]
    return sum(
        bool(name) and name[0].isupper() and fold(name) not in CITIES and not is_publisher(name)
        for name in names
    )


def _is_imprint(text: str, cut: "re.Match[str]") -> bool:
    """Say whether a cut is the bracket that holds a publisher and the date."""
    inside = re.compile(rf"\s*\(([^()]*){DATE}").match(text, cut.start())
    return inside is not None and _has_words(inside[1])


def _enumeration_end(text: str, start: int, cuts: "list[re.Match[str]]") -> int | None:
    """Find where a title that enumerates ends: before publisher and city, or the review.

    "Ports, Docks et Grues, Éditions du Goulet", "Produire, Réparer, Partager, La Gazette".
    """
    hard = next((i for i, cut in enumerate(cuts) if not _is_comma(text, cut)), len(cuts))
    begins = [start, *(cut.end() for cut in cuts[:hard])]
    ends = [cut.start() for cut in cuts[: hard + 1]]
    slots = [text[begin:end].strip(" ,.") for begin, end in zip(begins, ends, strict=False)]
    slots = slots[: next((i for i, slot in enumerate(slots) if not slot), None)]
    last = next((i for i, slot in enumerate(slots) if is_publisher(slot)), len(slots))
    is_imprint = last < len(slots)
    while last > 1 and _is_city(slots[last - 1]):
        last -= 1
    if not is_imprint:
        last -= 1  # the review
    listed = slots[:last]
    if len(listed) < 2 or len(listed[0].split()) > 2:
        return None
    is_closed = any(_AND.search(slot) and len(slot.split()) <= 5 for slot in listed[1:])
    is_said = any(len(slot.split()) >= 4 and _has_small_word(slot) for slot in listed[1:])
    is_run = len(listed) >= 3 and all(len(slot.split()) == 1 for slot in listed[:2])
    return ends[last - 1] if is_closed or is_run or (is_said and is_imprint) else None


def _opens_imprint(following: str) -> bool:
    """Say whether a city and one more name close what follows: "Marseille, Parenthèses, …"."""
    place, comma, rest = following.partition(", ")
    name = re.split(rf"[.,;({_CUT}]", rest, maxsplit=1)[0].strip()
    is_name = name[:1].isupper() and len(name.split()) <= 4 and not _is_city(name)
    return bool(comma) and _is_city(place) and is_name


def _is_comma(text: str, cut: "re.Match[str]") -> bool:
    """Say whether a cut goes on to another slot of the same kind."""
    is_soft = cut["soft"] is not None and cut["soft"][0] in ",."
    return is_soft and not _STOP.match(text[cut.end() :].lstrip())


def _is_city(slot: str) -> bool:
    return slot.lower().replace(" ", "-") in CITIES


def _has_small_word(slot: str) -> bool:
    return any(word[0].islower() for word in slot.split()[1:])


_OF: Final = re.compile(r"(?:de|par)\s+(?=[A-ZÀ-Ý])|d['’](?=[A-ZÀ-Ý])")
_WRITER_ENDS: Final = re.compile(rf"\s*(?:$|[.;(]|,\s*(?:[A-ZÀ-Ý{_CUT}]|chez\b|éd)|[{_CUT}])")


def _names_writer(following: str) -> bool:
    """Say whether what follows a comma is who wrote it: "de Marie Dupont. Chez Terrain, 2018"."""
    led = _OF.match(following)
    byline = parse_byline(following[led.end() :]) if led else Byline()
    end = (led.end() if led else 0) + byline.end
    return bool(byline.names) and bool(_WRITER_ENDS.match(following, end))


def _title_end(text: str, masked: str, start: int, *, is_dotted: bool) -> int:
    """Find where a title without any mark ends, from its start."""
    cuts = [
        cut
        for cut in _SEPARATOR.finditer(masked, start)
        if cut.start() > start
        and (cut["soft"] is None or not ABBREVIATION.search(text[start : cut.start() + 1]))
    ]
    # Once a full stop has closed the names, another one closes the title: commas are its own.
    stops = [
        index for index, cut in enumerate(cuts) if cut["soft"] is None or cut["soft"][0] == "."
    ]
    # So does the bracket of a publisher: Title: one, two (Lyon: Éditions du Pont, 2018).
    bracket = next((index for index, cut in enumerate(cuts) if _is_imprint(text, cut)), None)
    last = (
        bracket
        if bracket is not None
        else stops[0]
        if is_dotted and stops and cuts[stops[0]]["soft"] is not None
        else 0
    )
    if (end := _enumeration_end(text, start, cuts)) is not None:
        return end
    for index, cut in enumerate(cuts):
        following = text[cut.end() :].lstrip()
        if cut["soft"] is None or _STOP.match(following) or _names_writer(following):
            return cut.start()
        if index < last and cut["soft"] and cut["soft"].startswith(","):
            if _opens_imprint(following):
                return cut.start()
            continue
        if following and (following[0].islower() or following[0] in "(0123456789"):
            continue
        if cut["soft"].strip() not in ("", ".") or is_dotted or _opens_imprint(following):
            return cut.start()
        later = next(iter(cuts[index + 1 :]), None)
        is_subtitle = (
            later is not None and later["soft"] is not None and later["soft"].startswith(",")
        )
        if (
            not is_subtitle
            or later is None
            or not plain(re.sub(rf"[{_CUT}].*", "", text[later.end() :]))
        ):
            return cut.start()
    return len(text)


_OPENS: Final = re.compile(
    rf"(?:^|[,.;:!?)\]–—|/{_CUT}{LINK_OPEN}{LINK_CLOSE}{EM_CLOSE}]|\s-)[\s(]*$"
)
_CUE: Final = re.compile(
    r"(?:^|[\s,.;])(?:l['’])?(?:article|billet|chapitre|entr[ée]e|notice|page|dossier|tribune|"
    r"vid[ée]o|reportage|chronique|"
    r"post|podcast|[ée]mission|documentaire|exposition|[ée]pisode|s[ée]rie|film|communication|conf[ée]rence|titre|note|"
    r"rapport)(?:\s+(?:de\s+)?Wikip[ée]dia)?\s*:?\s*$",
    re.IGNORECASE,
)
_SERIES: Final = re.compile(
    r"\b(?:coll\.|collection|série|colloque|séminaire|journée|conférence|num[ée]ro|"
    r"dossier spécial|exposition|projet|programme)\s*:?\s*$",
    re.IGNORECASE,
)
# "Terres communes, saison 2, épisode 4 : « … »": a part of a series, before its own title.
_PART: Final = re.compile(
    r"(?P<series>[^,;:«»]{2,80}?),\s+(?P<part>(?:saison\s\d+,\s)?(?:[ée]pisode|le[çc]on|s[ée]ance|"
    r"partie|volet)\s(?:n°\s?)?(?:\d+|[IVX]+\b))\s*[:,–—-]\s*$",
    re.IGNORECASE,
)
# "Actes de la journée « Cultiver en ville »": what opens the line is no series, and is the title.
_OF_EVENT: Final = re.compile(
    r"\W*(?:actes?|comptes?[- ]rendus?|programme|dossier|catalogue|enregistrement|synthèse|"
    r"bilan|rapport|conclusions)\b[^,.;:«»“”\"]{0,60}$",
    re.IGNORECASE,
)
_QUOTED_ENDS: Final = re.compile(
    rf"\s*(?:$|[,.;:()\[\]–—|/{_CUT}{LINK_CLOSE}{EM_OPEN}{EM_CLOSE}]|-[\s{_CUT}]|in\b|dans\b|"
    r"par\b|by\b|"
    r"sur\b|d(?:e\s|['’])(?-i:(?=[A-ZÀ-Ý][\w’'-]*\.?(?:-[A-Z]\.)?\s[A-ZÀ-Ý])))",
    re.IGNORECASE,
)
_ENDS_DATED: Final = re.compile(rf"{DATE}[\s,)]*(?:{TAKEN}[\s,)]*)?$")
_IS_ANNOUNCED: Final = re.compile(rf"{EM_CLOSE}[\s,(]*{DATE}[\s)]*:\s*$")
_SLOT_END: Final = re.compile(rf",\s|\.\s|\s[—–-]\s|[{_CUT}(]|$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title, where it stands, and what tells it."""

    value: str
    start: int
    end: int
    confidence: float
    sign: str  # "quotes", "italics", "link", "place", "law"

    @classmethod
    def of_law(cls, words: str) -> "Title":
        """Make the title of a law or a decision, whose name was cut from the start of its line."""
        return cls(value=words, start=0, end=1, confidence=0.9, sign="law")


def find_title(scroll: Scroll) -> Title | None:
    """Find the title of the line, or None where there are no words left for one."""
    marked = [title for title in (_linked(scroll), _italic(scroll)) if title]
    if marked and marked[0].sign == "link" and _IS_ANNOUNCED.search(scroll.text[: marked[0].start]):
        marked = marked[:1]  # *Le Courrier*, 14 juillet 2018 : [Titre](…)
    first = min(marked, key=lambda title: title.start, default=None)
    return _quoted(scroll) or first or _placed(scroll)


def _quoted(scroll: Scroll) -> Title | None:
    text = scroll.text
    for quotation in find_quotations(text):
        head = text[: quotation.start]
        start, end = quotation.start, quotation.end
        inner = text[quotation.start + 1 : quotation.end - 1]
        is_cued = bool(_CUE.search(head))  # l’article « Crowdsourcing » de Wikipédia
        opens = is_cued or bool(_OPENS.search(head))
        if _SERIES.search(head) and _OF_EVENT.match(head):
            begin = len(head) - len(head.lstrip(" \t*_"))
            value = _clean(text[begin:end])
            return Title(value=value, start=begin, end=end, confidence=0.8, sign="quotes")
        if (not opens and not _is_all_names(head)) or _SERIES.search(head):
            continue
        if _has_title(head):
            break  # a collection, after the title: « Poids et mesures du monde »
        named = head.rstrip(" :")
        # Le Courrier, 3 mai 1984 : « Titre », or "3 mai 1984, p. 4 :"
        is_dated = _ENDS_DATED.search(named) is not None
        is_part = find_series_part(head) is not None
        if head.rstrip().endswith(":") and not (is_dated or is_part) and not _is_who(named):
            # « Loi travail : « ce que disent… » »: the words before the colon are of the title.
            begin = _slot_start(head.rstrip(" :"))
            if not plain(head[begin:]).strip(" :"):
                continue
            return Title(
                value=_clean(text[begin:end]), start=begin, end=end, confidence=0.75, sign="quotes"
            )
        is_whole = (
            is_cued or bool(_QUOTED_ENDS.match(text, end)) or inner.rstrip()[-1:] in (".", ",")
        )
        following = text[end:].lstrip()[:1]
        if not is_whole and not following.isupper():
            stop = _SLOT_END.search(scroll.masked, end)
            end = stop.start() if stop else len(text)
            return Title(
                value=_clean(text[start:end]), start=start, end=end, confidence=0.7, sign="quotes"
            )
        return Title(value=_clean(inner), start=start, end=end, confidence=0.97, sign="quotes")
    return None


def find_series_part(head: str) -> tuple[str, str] | None:
    """Find the series, and which part of it, that stand before a title; None where none does.

    >>> find_series_part("Terres communes, saison 2, épisode 4 : ")
    ('Terres communes', 'saison 2, épisode 4')
    """
    found = _PART.fullmatch(head)
    return (plain(found["series"]).strip(" *_"), found["part"]) if found else None


def _has_title(head: str) -> bool:
    """Say whether the words before a quotation hold names and a title already."""
    byline = parse_byline(head)
    rest = plain(re.sub(rf"[{_CUT}]", " ", head[byline.end :])).strip(" ,.:;()[]–—-")
    is_more_names = re.match(r"(?:and|et|und|&|with|avec)\b", rest) is not None
    slots = rest.count(",") + rest.count(". ")
    is_long = slots >= 1 and len(rest.split()) >= 5
    return byline.confidence >= 0.8 and is_long and not is_more_names


def _linked(scroll: Scroll) -> Title | None:
    for found in re.finditer(f"{LINK_OPEN}([^{LINK_CLOSE}]*){LINK_CLOSE}", scroll.text):
        words = plain(found[1])
        if is_generic_link(words) or not words:
            continue
        covers = scroll.masked[found.start() + 1 : found.end() - 1] == found[1]
        if covers and (parse_byline(words).names or set(found[1]) & set(_CUT + EM_OPEN)):
            continue  # the link is on the whole reference, not on the title
        before = scroll.text[: found.start()]
        if not _OPENS.search(before) and not _is_all_names(before):
            continue
        return Title(
            value=_clean(found[1]),
            start=found.start(),
            end=found.end(),
            confidence=0.9,
            sign="link",
        )
    return None


def _italic(scroll: Scroll) -> Title | None:
    found = re.search(f"{EM_OPEN}([^{EM_CLOSE}]*){EM_CLOSE}", scroll.text)
    if (
        found is None
        or not plain(found[1])
        or plain(found[1]).startswith("(")  # what a term means, in a glossary
        or scroll.masked[found.start() + 1 : found.end() - 1] == found[1]
    ):
        return None
    head = plain(scroll.text[: found.start()]).strip(" ,:;()[]–—-")
    if head and (_INSIDE.search(head) or not _is_who(head)):
        return None  # what stands before is the title: italics are for the container
    return Title(
        value=_clean(found[1]),
        start=found.start(),
        end=found.end(),
        confidence=0.92,
        sign="italics",
    )


# For whom the address after these words is: no title begins so.
_LEADS_IN: Final = re.compile(
    r"^(?:pour|à) (?:ceux|celles|qui(?:conque)?|les (?:curieu|plus |amat)|mémoire|commencer|finir|"
    r"aller (?:plus|vite)|en (?:savoir|finir))\b"
    r"|^ne pas (?:rater|manquer|oublier|négliger)\b",
    re.IGNORECASE,
)


# What goes on before or behind it: part of a sentence.
_IS_CUT: Final = re.compile(
    r"^(?:et|ou|mais|puis|dont|car|où|avant|après|dès|jusqu[’']\w+|d[’']ici|depuis|pendant|chez) "
    r"|\b(?:avec|sur|de|du|des|par|dans|chez|pour|est|encore|là|à|au|aux|vers|via)$"
)


# A sentence that says where something is: "La notice se trouve", "On trouvera le plan".
_SAYS_WHERE: Final = re.compile(
    r"^(?:\d{1,2}/\d{1,2}\s*:?\s*)?(?:(?:re)?trouvé|lu|vu|reçu|découvert|repéré)\b[\w\s]{0,20}$|"
    r"^(?:on|vous|nous) (?:(?:re)?trouve\w*|lir\w+|consulte\w*|peu\w+|pour[rv]\w+|télécharge\w*)\b"
    r"|\bse (?:trouve|télécharge|consulte|regarde|écoute|visite)(?:nt)?$|\bse li(?:t|sent)$"
    r"|\b(?:est|sont|reste|restent) (?:disponibles?|consultables?|accessibles?|téléchargeables?"
    r"|visibles?|lisibles?|conservée?s?|hébergée?s?|archivée?s?|publiée?s?|à (?:lire|voir))$",
    re.IGNORECASE,
)


# "Un titre ? (La Voix du Rail, 28 mai)", an address behind: the review, in brackets.
_WHERE: Final = re.compile(
    r"\s\((?=L[ea]s?\s|L['’]|(?:Revue|Radio|Studio|France|Blog|Journal|Magazine|Télé)\s|"
    r"[A-ZÀ-Ý][^(),]{3,40},\s)"
    rf"[^()«»{_CUT}]{{4,60}}\)\s*:?\s*(?=$|[{_CUT}])"
)
_ANNUAL: Final = re.compile(
    r"(?:(?:le|premier|grand|petit) )?(?:baromètre|rapport|bilan|annuaire|atlas|palmarès|panorama|"
    r"programme|budget|agenda|enquête|chiffres|tableau|état des lieux|guide|plan|comptes?|"
    r"classement|recensement|observatoire|portrait|festival|salon|catalogue)\b[^,.;:]*$",
    re.IGNORECASE,
)
_YEAR_BEHIND: Final = re.compile(r"\s?((?:1[5-9]|20)\d\d)(?=\s*(?:$|[\[.,:]|[–—]|\s-\s))")


def _placed(scroll: Scroll) -> Title | None:
    """Give the title by its place: after who signs, up to what can only follow a title."""
    place = find_place(scroll.text, scroll.masked)
    if place is None:
        return None
    start, end = place
    if (where := _WHERE.search(scroll.text, start)) and where.start() < end <= where.end():
        end = where.start()
    value = _clean(scroll.text[start:end])
    if _ANNUAL.match(value) and (year := _YEAR_BEHIND.match(scroll.rest(end))):
        value = f"{value} {year[1]}"  # "Baromètre 2019": the year is of its name too
    if find_field(fold(value)) == "more":  # "Documentation : https://…"
        return None
    if not value or any(rule.search(value) for rule in (_LEADS_IN, _IS_CUT, _SAYS_WHERE)):
        return None
    return Title(value=value, start=start, end=end, confidence=0.7 if start else 0.6, sign="place")


_SIGNED: Final = re.compile(r"(?P<title>.*[^\s(,;:–—-])[\s,;:–—-]*\((?P<who>[^()]{5,80})\)")


def part_signed(title: str) -> tuple[str, Byline]:
    """Part a title from who signs it in brackets behind: "La ville lente (Marie Dupont)"."""
    found = _SIGNED.fullmatch(title)
    byline = parse_byline(found["who"]) if found else Byline()
    is_whole = bool(byline.names) and found is not None and not found["who"][byline.end :].strip()
    if found is None or not is_whole or byline.confidence < _SURE:
        return title, Byline()
    return found["title"].strip(), byline


_SIGNED_DATED: Final = re.compile(r".*[^\s(,;:–—-]\s\((?P<who>[^()\d]{5,80}), (?:1[5-9]|20)\d\d\)")


def is_signed(title: str) -> bool:
    """Say whether brackets behind a title hold who signs it and when: "(Marie Dupont, 2013)"."""
    found = _SIGNED_DATED.fullmatch(plain(title).strip(" *_"))
    byline = parse_byline(found["who"]) if found else Byline()
    return found is not None and bool(byline.names) and byline.end == len(found["who"])


def _is_who(head: str) -> bool:
    """Say whether the words before a title name who signs it."""
    head = re.sub(r"[(\[]\s*[)\]]", " ", plain(re.sub(rf"[{_CUT}]", " ", head)))
    head = re.sub(r"(?:\s*\.)+$", ".", head.strip(" ,:;()[]–—-"))
    if not head.strip("."):
        return True
    signature = parse_signature(head)
    # "Tertre, Aurèle. *Titre*": nobody closes a title by a full stop before its container.
    sure = _SURE_DOTTED if head.endswith(".") and signature.people else _SURE
    if signature.is_nobody or signature.confidence >= sure:
        return True
    return len(head.split()) == 1 or is_body(head)


def _is_all_names(head: str) -> bool:
    head = plain(head).strip(" ,.:;")
    byline = parse_byline(head)
    return bool(byline.names) and not head[byline.end :].strip(" ,.:;()")


def _slot_start(head: str) -> int:
    """Find where the last slot of a text starts: behind a comma, a full stop, a dash."""
    last = 0
    for found in re.finditer(rf"[,;]\s|\.\s|\s[–—]\s|[{_CUT}]\)?\s*(?:[–—:,.]\s*)?", head):
        last = found.end()
    return last


# "Musée du filet. Charte des ateliers. In : *Filets et ports*"
_INSIDE: Final = re.compile(r"\S[.,]\s+(?:In|Dans|in|dans)$")
_CUTS: Final = re.compile(f"[{_CUT}]")
_JOINERS: Final = " ,;:/–—-"


def _clean(text: str) -> str:
    text = plain(_CUTS.sub(" ", text)).rstrip(_JOINERS)
    text = text.lstrip(",;:/–—-").lstrip() if text[:1] in _JOINERS else text
    if text.endswith(".") and not text.endswith("..") and not ABBREVIATION.search(text):
        is_short = bool(re.search(r"\b[A-Z][a-z]{1,3}\.$", text))
        text = text if is_short else text[:-1]
    return text.strip()
