"""Read one reference line whole, and weigh whether it is a reference or a sentence of a note.

The raw line is always kept, and each field says how sure we are of it. Each sign of a reference
has a weight in a table; a line is one from `THRESHOLD` on.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from indexer.bibliography.lines import identifiers
from indexer.bibliography.lines.container import Tail, is_publisher, parse_tail
from indexer.bibliography.lines.dates import FoundDate, fold
from indexer.bibliography.lines.identifiers import (
    choose_addresses,
    take_access_date,
    take_addresses,
    take_date,
)
from indexer.bibliography.lines.law import (
    LegalText,
    find_legal_text,
    find_said,
    take_legal_text,
)
from indexer.bibliography.lines.markup import (
    ADDRESS,
    DATE,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    Markup,
    Scroll,
    parse_markup,
    plain,
)
from indexer.bibliography.lines.persons import (
    Byline,
    is_body,
    opens_source,
    parse_byline,
    parse_signature,
)
from indexer.bibliography.lines.title import Title, find_series_part, find_title, part_signed
from indexer.bibliography.lines.vocabulary import CITIES, SERIES
from indexer.model import Reference

# What the line itself says that it is, tried from the top.
_KIND_BY_GENRE: Final = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"th[èe]se|m[ée]moire|hdr|master", "thesis"),
        (r"communication|actes", "paper-conference"),
        (r"vid[ée]o|documentaire|film|reportage", "motion_picture"),
        (r"podcast|[ée]mission|[ée]pisode|séance|volet", "broadcast"),
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
    """Tell the CSL type that the evidence speaks for."""
    folded = genre.lower()
    if is_interview:
        return "interview"
    if _WIKI.search(whole) or (url and _WIKI_ADDRESS.search(url)):
        return "entry-encyclopedia"
    if title and (law := find_legal_text(title.value)) and law.title:
        return law.kind
    told = next((kind for rule, kind in _KIND_BY_GENRE if rule.match(folded)), "")
    if told:
        return told
    if (folded and not _ARTICLE.match(folded)) or fields.get("number"):
        return "report"
    in_print = _tell_print(tail, fields, issued)
    return in_print or (
        "webpage" if url else ("book" if title and title.sign == "italics" else "document")
    )


def _tell_print(tail: Tail, fields: Mapping[str, str], issued: FoundDate | None) -> str:
    """Tell the CSL type from what a work came out in; "" where nothing says it."""
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
    return ""


_MARKER: Final = re.compile(
    r"^\s*(?:[•◦▪‣●○■□∙·*+–—-]\s+|(?!(?:1[5-9]|20)\d\d)\[?\d{1,4}[.)\]]\s+|\[[^\[\]()]{1,24}\d{2,4}[a-z]?\]\s+)"
)
# Chicago's dash for the names of the reference before; "Id.", "Du même auteur".
REPEATED: Final = re.compile(
    r"\A\s*(?:[-*•·▪◦§]\s+)?(?:\*\*|<(?:b|strong)>)?"
    r"(?:[—–]{2,}|[—–](?=\s?,)|_{3,}|-{3,}|(?:Id(?:em)?|du même(?: auteur)?|de la même)\b)"
    r"\s*[.,:(]",
    re.IGNORECASE,
)
# Pictures before a line: how far somebody is with it, what it is.
_PICTURES: Final = re.compile(
    r"^\s*(?:[\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\U0001f000-\U0001faff][\ufe0f\u200d]*\s*)+"
)
_POINTER: Final = re.compile(
    # "03/02 : lu « … »", "Enfin, relu *Titre*": what somebody does with it.
    r"^\s*(?:\d{1,2}/\d{1,2}\s*:\s*)?"
    r"(?:(?:enfin|puis|ensuite|d['’]abord|aussi)\s*,?\s+)?"
    r"(?:(?:re)?lu|(?:re)?vu|(?:ré)?écouté|parcouru|reçu|fini|terminé|commencé|emprunté|acheté|"
    r"trouvé|découvert|feuilleté)\s*:?\s+(?:le (?:livre|film) )?"
    rf"(?=[«“\"{EM_OPEN}{LINK_OPEN}]|(?-i:[A-ZÀ-Ý][\w’'-]+(?:\s(?:et|&)\s|,?\s)(?-i:[A-ZÀ-Ý])))|"
    r"^\s*voir (?:le |la |l['’])?(?:dossier|article|site|rapport|livre) (?=«)|"
    r"^\s*(?:voir(?: aussi)?|à (?:lire|voir|écouter)|lire(?: aussi)?|cf\.?|sources?|liens?|"
    r"références?|pour (?:mémoire|info(?:rmation)?|rappel)|à noter)\s*:\s*|"
    r"^\s*(?:voir|(?:re)?lire|revoir|consulter|écouter|regarder|cf\.?)\s+"
    r"(?:(?:surtout|aussi|notamment|également|plutôt|encore|d['’]abord|en particulier|par exemple)"
    rf"[\s,]+){{0,2}}(?:(?:l['’]|le |la |les )(?:article|dossier|livre|rapport|site|texte)s?\s+)?"
    rf"(?=[«“\"{EM_OPEN}]|[A-ZÀ-Ý][\w’'-]+ [A-ZÀ-Ý][^«“{EM_OPEN}]{{0,60}}[«“{EM_OPEN}])",
    re.IGNORECASE,
)
# **Titre**, Marie Dupont, 2015: the one mark of a title on its line.
_BOLD_TITLE: Final = re.compile(
    r"\s*(?:\*\*|<strong>)(?P<words>[^*<>]+[^*<>:.\s])(?:\*\*|</strong>)"
    r"(?=\s*[,(–—])"
)
_QUOTED: Final = re.compile(r"[«»“”\"\[\]]")
_BARE_NUMBER: Final = re.compile(
    r"^\s*\d{1,3}\s+(?=[A-ZÀ-Ý][\w’'-]+,?\s[A-ZÀ-Ý]\.)"
)  # 62 Cross, M.
_INTERVIEW: Final = re.compile(
    r"[\s,.–—-]*\b(?:(?:un\s+|grand\s+|long\s+)?(?:entretien|interview|conversation)\s+(?:avec|"
    r"de|d['’]|exclusi\w+|réalisée?)"
    r"|propos\s+recueillis|interview(?:ed)?\s+(?:with|by))\b|(?<=[,.(\[–—])\s*(?:entretien|"
    r"interview)\s*(?=[,.)\]])",
    re.IGNORECASE,
)
# *Le Courrier*, 14 juillet 2018 : [Titre](…)
_LEADING_CONTAINER: Final = re.compile(
    rf"\W*{EM_OPEN}([^{EM_CLOSE}]+){EM_CLOSE}[\s,(]*{DATE}[\s)]*:\s*$"
)
# Le Courrier, 14 juillet 2018 : « Titre »
_DATED_CONTAINER: Final = re.compile(
    rf"\W*((?:L[ea’']|Les|[A-ZÀ-Ý])[^,;:.«»()]{{2,50}}?)[\s,({TAKEN}]*{DATE}[\s,){TAKEN}]*\s?"
    r"[:–—]\s*$"
)
# 1968 [rééd. 2009], "1802. Rééd. 2001": came out in the first of these years.
_REPRINT: Final = re.compile(
    r"(?<=\d{4})\s*[\[(]\s*(?:rééd|réimp|nouv(?:elle|\.) éd|repr|2e éd)[^\[\]()]{0,40}[\])]|"
    r"(?<=\d{4})\]?[.,;]\s+(?:(?:rééd|réimpr?|repr)(?:\.|\w+)|nouv(?:elle|\.) éd(?:\.|ition))"
    r"[^.,;()\[\]]{0,40}\b(?:1[5-9]|20)\d\d\b",
    re.IGNORECASE,
)
# An X [1802]: the year of the Republic, beside ours.
_OF_REPUBLIC: Final = re.compile(r"\b[Aa]n\s(?:[IVX]+|\d{1,2})\b(?=\s*[(\[=])")
# "[ANONYME]. Titre"
_NOBODY_HELD: Final = re.compile(r"^(\s*)\[((?i:anonyme|anon\.|s\.\s?n\.|collectif))\]")
# Paris: la Découverte
_IMPRINT: Final = re.compile(
    rf"(?<=[.,;{TAKEN}] )(?P<place>[A-ZÀ-Ý][\w’'-]+(?: [A-ZÀ-Ý][\w’'-]+){{0,2}})[ \u00a0]?: "
    r"(?P<name>(?!«)(?:[^.,:;«»()\[\]\ue000-\uf8ff]|(?<=\b[ÉEée]d)\.(?=\s)|(?<=\b[ée]ds)\.(?=\s)"
    r"|(?<=\bUniv)\.(?=\s)){2,60}?)\s?(?<!\b[ÉEée]d)(?=[.,;(]|[\ue000-\uf8ff]|$)"
)
_SUBTITLE: Final = re.compile(
    rf"[\s»”\"{EM_CLOSE}{LINK_CLOSE}]*:\s+(?P<words>[^:;«»“”.,()\[\]\ue000-\uf8ff]{{3,120}})(?=,\s)"
)
_SURE_NAME: Final = 0.8  # below, the words before a title may be a review's
_PIPE: Final = re.compile(r"\s+\|\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """A line as it was read: a reference without id, and the remark that follows it there."""

    reference: Reference
    remark: str = ""
    title_sign: str = ""  # "quotes", "italics", "link", "place" or ""


def parse_reference(raw: str) -> LineReading:
    """Read a reference line, its markup in HTML, Markdown or none; newlines may wrap it.

    Fields come out in NFC with single spaces; `confidence` has one number for each field found.
    """
    line = REPEATED.sub("", _PICTURES.sub("", _MARKER.sub("", _NOBODY_HELD.sub(r"\1\2", raw))))
    bold = _BOLD_TITLE.match(line)
    if bold and _names_work(bold["words"]) and not _has_marks(line[bold.end() :]):
        line = f"<em>{bold['words']}</em>{line[bold.end() :]}"
    return read_markup(parse_markup(_BARE_NUMBER.sub("", line)), raw)


def _has_marks(rest: str) -> bool:
    """Say whether a line holds another title, quoted or linked, behind the one in bold."""
    markup = parse_markup(rest)
    return bool(_QUOTED.search(markup.text)) or any(
        not one.is_bare and not identifiers.is_generic_link(one.text) for one in markup.addresses
    )


def _names_work(words: str) -> bool:
    """Say whether words in bold are a title: two or more, and nobody who signs."""
    is_signature = parse_signature(words).confidence >= _SURE_NAME or is_body(words)
    return len(words.split()) > 1 and not is_signature


def _read_tail(after: str, is_bookish: bool, wants_author: bool) -> tuple[Tail, str]:
    """Read what follows a title, and the collection of a book beside its imprint."""
    after, imprint = _take_imprint(after)
    tail = parse_tail(after, is_bookish=is_bookish, wants_author=wants_author)
    collection = ""
    if imprint is not None:
        held = tail.publisher or tail.container_title
        tail.publisher_place, tail.publisher = imprint
        if held and is_bookish:
            tail.container_title, collection = "", held
    if not tail.publisher_place:
        tail.publisher_place, tail.publisher = _part_place(tail.publisher)
    return tail, collection


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forms:
    """The parts of a line that have a form of their own, cut out of it."""

    fields: dict[str, str]
    accessed: str
    issued: FoundDate | None
    law: LegalText | None


def _take_forms(scroll: Scroll) -> _Forms:
    """Cut out of a line what has a form of its own: addresses, dates, numbers, a law's name."""
    take_addresses(scroll)
    law = take_legal_text(scroll)
    accessed = identifiers.take_access_date(scroll)
    identifiers.take_media(scroll)
    fields = identifiers.take_identifiers(scroll)
    fields |= identifiers.take_collection(scroll)
    fields |= identifiers.take_cued_locators(scroll)
    scroll.take(_REPRINT)
    scroll.take(_OF_REPUBLIC, "")
    issued = take_date(scroll)
    if law is not None:
        issued = law.issued or issued
        fields |= {"number": law.number} if law.number else {}
    fields = identifiers.take_bare_locators(scroll) | fields
    return _Forms(fields=fields, accessed=accessed, issued=issued, law=law)


def _find_titled(
    scroll: Scroll, law: LegalText | None, interview: "re.Match[str] | None"
) -> tuple[Title | None, Byline]:
    """Find the title of a line, and who signs before it or in brackets that close it."""
    title = Title.of_law(law.title) if law and law.title else find_title(scroll)
    if title is None:
        return None, Byline()
    is_placed = title.sign == "place"
    if interview and is_placed and title.start < interview.start() < title.end:
        title = _cut_title(scroll, title, interview.start())
    title = _add_subtitle(scroll, title)
    head = _signature(scroll, title)
    if title.sign != "quotes" and not head.names:
        value, signed = part_signed(title.value)
        title, head = replace(title, value=value), signed if signed.names else head
    return title, head


@dataclass(frozen=True, slots=True)
class _Leading:
    """A review, or a series and which part of it, named before a title."""

    container: str
    part: str = ""

    def give(self, tail: Tail, fields: dict[str, str]) -> None:
        if self.part:
            tail.publisher = tail.publisher or tail.container_title
            fields["number"] = self.part
            fields.setdefault("genre", self.part.rpartition(", ")[2])
        tail.container_title, tail.confidence = self.container, 0.85


# 12/01/2014 - Le Phare du Nord - « Titre »
_DATED_FIRST: Final = re.compile(
    rf"\W*{DATE}\s*[–—:|-]\s*(?P<name>[A-ZÀ-Ý][^,;:.«»()\"]{{2,50}}?)\s*[–—:|,-]\s*[({TAKEN}]*$"
)


def _find_leading(before: str, title: Title, head: Byline) -> _Leading | None:
    """Find what the words before a title name that it came out in; None where they name nothing."""
    if part := find_series_part(before):
        return _Leading(*part)
    found = None
    if title.sign == "link":
        found = _LEADING_CONTAINER.match(before)
    elif title.sign == "quotes" and head.confidence < _SURE_NAME:
        found = _DATED_CONTAINER.match(before) or _DATED_FIRST.match(before)
        if found and parse_byline(found[1]).confidence >= _SURE_NAME:
            found = None
    return _Leading(plain(found[1])) if found else None


def _read_remark(scroll: Scroll, title: Title, tail: Tail, fields: dict[str, str]) -> str:
    """Read what is said of a text behind its reference, on the same line."""
    if title.sign == "law":
        remark = find_said(scroll.rest(title.end))
        if remark:  # no words of it are a publisher
            tail.publisher = tail.publisher_place = ""
            tail.container_title = "" if tail.container_title in remark else tail.container_title
        return remark
    if tail.remark_at is None:
        return ""
    remark = _take_series(plain(scroll.rest(title.end + tail.remark_at)), fields)
    remark = re.sub(r"\)\.?$", "", remark) if "(" not in remark else remark
    return re.sub(r"\s*:$", "", remark)  # an address stood behind it


def read_markup(markup: Markup, raw: str) -> LineReading:
    """Read a reference line whose markup is read already; `raw` is the line as written."""
    url, archive_url, doi = choose_addresses(markup.addresses)
    pipe = ", " if LINK_OPEN in markup.text else TAKEN  # "[Titre](…) | A. Essai | Revue"
    text, said = _part_arrow(_PIPE.sub(pipe, _POINTER.sub("", markup.text)))
    text, genre_said = _part_genre(_order_statement(text))
    scroll = Scroll(text)
    forms = _take_forms(scroll)
    fields, issued, law = forms.fields, forms.issued, forms.law
    interview = _INTERVIEW.search(scroll.masked)
    title, head = _find_titled(scroll, law, interview)
    leading = _find_leading(scroll.text[: title.start], title, head) if title else None
    head = Byline() if leading else head
    tail = Tail()
    if title:
        is_bookish = _is_bookish(fields, issued, title, url)
        wants_author = (not head.names or head.is_periodical) and not head.is_nobody
        wants_author = wants_author and law is None and not (leading and leading.part)
        tail, collection = _read_tail(scroll.text[title.end :], is_bookish, wants_author)
        if collection:
            fields.setdefault("collection_title", collection)
    if leading:
        leading.give(tail, fields)
    head = _give_container(head, tail)
    remark = _read_remark(scroll, title, tail, fields) if title else ""
    genre = fields.pop("genre", "") or tail.genre or genre_said
    authors = head.names if head.role == "" else ()
    authors = authors or tail.authors
    editors = head.names if head.role else tail.editors
    if tail.volume:
        fields.setdefault("volume", tail.volume)
    reference = Reference(
        id="",
        title=title.value if title else "",
        type=law.kind
        if law
        else tell_type(
            title,
            tail,
            genre,
            fields,
            issued=issued,
            is_interview=bool(interview),
            whole=scroll.whole,
            url=url,
        ),
        author=authors,
        editor=editors,
        editor_role=head.role or tail.editor_role or ("editor" if editors else ""),
        container_title=tail.container_title,
        publisher=tail.publisher,
        publisher_place=tail.publisher_place,
        issued=issued.value if issued else "",
        accessed=forms.accessed,
        url=url,
        archive_url=archive_url,
        doi=fields.get("doi", doi),
        isbn=fields.get("isbn", ""),
        number=fields.get("number", ""),
        volume=fields.get("volume", ""),
        issue=fields.get("issue", ""),
        page=fields.get("page", ""),
        number_of_pages=fields.get("number_of_pages", ""),
        number_of_volumes=fields.get("number_of_volumes", ""),
        edition=fields.get("edition", ""),
        collection_title=fields.get("collection_title", ""),
        raw=raw,
        confidence=MappingProxyType(_confidences(title, head, tail, issued, url)),
    )
    remark = " ".join(filter(None, (remark, said if title else "")))
    return LineReading(reference=reference, remark=remark, title_sign=title.sign if title else "")


# "Titre / Marie Dupont ; ill. de Luc Essai. – Lyon : …", as library catalogues write (ISBD).
_STATEMENT: Final = re.compile(
    rf"^(?P<title>[^/{ADDRESS}«»]{{2,200}}?)\s/\s(?:texte de |de |par |dir\. |dirigé par )?"
    r"(?P<who>[^/;]{3,120}?)(?P<others>\s?;[^/]{3,120}?)?\s*(?P<rest>\.\s+[–—-]\s.*)$"
)


def _order_statement(text: str) -> str:
    """Put who is said, behind a slash, to have made a text before its title in italics."""
    found = _STATEMENT.match(text)
    if found is None or EM_OPEN in found["title"]:
        return text
    others = f", {found['others'].strip(' ;')}" if found["others"] else ""
    return f"{found['who']}. {EM_OPEN}{found['title']}{EM_CLOSE}{others}{found['rest']}"


_GENRE_LABEL: Final = re.compile(
    r"^\s*(?P<genre>film|documentaire|podcast|vidéo|livre|article|thèse|mémoire|rapport|émission|"
    r"roman|bd|bande dessinée|reportage|ouvrage|conférence|étude|enquête|tribune|billet|brochure|"
    r"revue|site|essai|web-?documentaire|série)\s?[:–—]\s+(?=[«“\"\w\ue001\ue003])",
    re.IGNORECASE,
)


def _part_genre(text: str) -> tuple[str, str]:
    """Part the genre that a line says before all else: "Film : Bénévoles, de Marie Dupont"."""
    found = _GENRE_LABEL.match(text)
    # "Livre : mode d'emploi" is called so.
    is_name = found is not None and len(text[found.end() :].split()) >= 4
    return (text[found.end() :], found["genre"].lower()) if found and is_name else (text, "")


# What follows an arrow.
_ARROW: Final = re.compile(rf"\s(?:→|⇒|=>|->)\s+(?P<said>[^{ADDRESS}{LINK_OPEN}]+)$")


def _part_arrow(text: str) -> tuple[str, str]:
    """Part a line from the remark behind an arrow: "…, 1994, 160 p. → cadeau de Simone"."""
    found = _ARROW.search(text)
    if found is None or ADDRESS in text:  # behind an address, what joins them is read elsewhere
        return text, ""
    return text[: found.start()], plain(found["said"])


def _take_series(remark: str, fields: dict[str, str]) -> str:
    """Give a remark that is the name of a series ("Points.") to the fields; give what is left."""
    if fold(remark).rstrip(" .?!") not in SERIES:
        return remark
    fields.setdefault("collection_title", remark.rstrip(" ."))
    return ""


def _give_container(head: Byline, tail: Tail) -> Byline:
    """Give to a tail that names none the container that the words before the title name.

    Gives back who signs, nobody where the name was the container's.
    """
    if tail.container_title:
        return head
    if head.is_periodical:
        tail.container_title, tail.confidence = head.names[0].literal, 0.7
        return Byline()
    if head.container:
        tail.container_title, tail.confidence = head.container, head.confidence
    return head


def _part_place(publisher: str) -> tuple[str, str]:
    """Part the place and the name of "Mornebec, Éditions du Ponton"."""
    place, comma, name = publisher.partition(", ")
    is_place = len(place.split()) <= 2 and place[:1].isupper() and not is_publisher(place)
    # "Vecam, C&F Editions" are two publishers.
    is_named = bool(comma) and is_publisher(name.split()[0])
    return (place, name) if is_place and is_named else ("", publisher)


def _take_imprint(text: str) -> tuple[str, tuple[str, str] | None]:
    """Take the text after a title without "Paris: la Découverte", and its place and publisher."""
    found = _IMPRINT.search(text)
    if found is None:
        return text, None
    is_city = fold(found["place"]).replace(" ", "-") in CITIES
    is_dated = re.match(rf"\s?,\s*{DATE}", text[found.end() :]) is not None
    if not is_city and not (is_dated and len(found["name"].split()) <= 5):
        return text, None
    blank = TAKEN * (found.end() - found.start())
    return text[: found.start()] + blank + text[found.end() :], (found["place"], found["name"])


def find_subtitle(text: str, position: int) -> tuple[str, int] | None:
    """Find the subtitle behind a title that ends there, and where it ends.

    « Titre » : sous-titre, Paris, Éditeur: what follows a colon is a comment elsewhere, but a place
    or a publisher behind it shows that the reference goes on.
    """
    found = _SUBTITLE.match(text, position)
    if found is None:
        return None
    slot = plain(re.split(rf",\s|[;.(]|[{DATE}{TAKEN}\ue005]", text[found.end() + 1 :])[0])
    is_place = fold(slot).replace(" ", "-") in CITIES
    is_name = is_publisher(slot) and slot[:1].isupper() and len(slot.split()) <= 5
    return (plain(found["words"]), found.end()) if is_place or is_name else None


def _add_subtitle(scroll: Scroll, title: Title) -> Title:
    subtitle = find_subtitle(scroll.text, title.end) if title.sign != "place" else None
    if subtitle is None:
        return title
    words, end = subtitle
    return replace(title, value=f"{title.value} : {words}", end=end)


def _cut_title(scroll: Scroll, title: Title, position: int) -> Title:
    value = plain(scroll.text[title.start : position]).strip(" ,.–—-")
    return Title(
        value=value, start=title.start, end=position, confidence=title.confidence, sign=title.sign
    )


_MARKS: Final = re.compile(f"[{DATE}{TAKEN}{LINK_OPEN}{LINK_CLOSE}]")
_EMPTY_BRACKETS: Final = re.compile(r"[(\[]\s*(?:\d{4}\s*[-–/]\s*\d{4}\s*)?[)\]]")
_GENRE_BEFORE: Final = re.compile(
    r"(?:^|[\s,.;])(?:l['’])?(?:article|billet|notice|entr[ée]e|page|titre|chapitre|tribune|"
    r"vid[ée]o|rapport|livre|ouvrage|[ée]tude|enqu[êe]te|reportage|dossier|film|documentaire|"
    r"podcast|[ée]mission|entretien|guide|brochure|communiqu[ée])(?:\s(?:de )?wikip[ée]dia)?"
    r"\s*:?\s*$",
    re.IGNORECASE,
)
_BLANK_BEFORE: Final = re.compile(r"\s+([,.;:])")
_DOTS: Final = re.compile(r"\.{2,}")


def _signature(scroll: Scroll, title: Title | None) -> Byline:
    if title is None:
        return Byline()
    head = scroll.text[: title.start]
    interview = _INTERVIEW.search(head)
    if interview and interview.start() > 0:  # Anne Essai, entretien avec Léo Autre, « … »
        head = head[: interview.start()]
    head = _MARKS.sub(" ", head)
    head = _EMPTY_BRACKETS.sub(" ", plain(head))
    head = _GENRE_BEFORE.sub("", head)
    head = _BLANK_BEFORE.sub(r"\1", head)
    head = _DOTS.sub(".", head).strip()
    if not head.strip(" ,.;:–—-()[]"):
        return Byline()
    return parse_signature(head)


def _is_bookish(
    fields: dict[str, str], issued: FoundDate | None, title: Title | None, url: str | None
) -> bool:
    if "isbn" in fields:
        return True
    if title and title.sign in ("quotes", "link"):
        return False
    if any(key in fields for key in ("volume", "issue", "page")) or (
        issued and issued.precision >= 2
    ):
        return False
    return url is None


def _confidences(
    title: Title | None, head: Byline, tail: Tail, issued: FoundDate | None, url: str | None
) -> dict[str, float]:
    confidence: dict[str, float] = {"title": title.confidence if title else 0.0}
    if head.names:
        confidence["editor" if head.role else "author"] = head.confidence
    elif tail.authors:
        confidence["author"] = 0.75
    if tail.container_title:
        confidence["container_title"] = tail.confidence
    if issued:
        confidence["issued"] = 0.95 if issued.precision else 0.85
    if url:
        confidence["url"] = 0.98
    return confidence


THRESHOLD: Final = 2.0
MAX_CHARS: Final = 1500  # no reference is longer; a paragraph is
LONG_CHARS: Final = (
    250  # nor longer than this without a date, an address or a quotation near its start
)
_SIGN: Final = re.compile(r"\b(?:1[5-9]|20)\d\d\b|//|www\.|^.{0,120}[«“\"<*\[]")

_PROSE_OPENER: Final = re.compile(
    r"^(?:cet(?:te)?|ces?|ce(?:ci|la)|le rapport|l['’](?:article|auteur|étude|ouvrage|autrice)|"
    r"les auteur|un(?:e)? |on |il |elle |ils |elles |nous |d['’]après |"
    r"selon |outre |ainsi|en effet|note qui|compte[- ]rendu|rapport d['’]une|tour d['’]horizon|"
    r"plaidoyer|pour |afin |dans (?:cet|ce)|"
    r"loin |au-delà|si |mais |or |s['’]|[àa] l['’]heure|aujourd|certain|this |the (?:author|"
    r"paper|article|book)|in this )",
    re.IGNORECASE,
)
# What a page says of itself: "30 janvier 2010 : mise à jour", "Liste des liens, état au 4 février".
_OF_ITSELF: Final = re.compile(
    r"[\W\d]*(?:\w+\W+)?(?:\d{4}\b)?\W*(?:derni[èe]re )?(?:mis(?:e|es)? à jour|m[àa]j\b|ajouts?\b|"
    r"corrections?\b|relecture\b|refonte\b|première version)",
    re.IGNORECASE,
)
_AS_OF: Final = re.compile(r"\b(?:état|situation) au \d", re.IGNORECASE)
_UNMARKED: Final = re.compile(f"[{EM_OPEN}{EM_CLOSE}{LINK_OPEN}{LINK_CLOSE}]")
_UNDATED: Final = re.compile(
    r"\bs\.\s?d\.|à paraître|sous presse|forthcoming|\bn\.d\.", re.IGNORECASE
)
# shadcn. (2025). *Titre*
_DATED_HEAD: Final = re.compile(
    r"[^«“\"()]{2,80}\((?:1[5-9]|20)\d\d[a-z]?(?:, [^()]{3,20})?\)[.,:]?\s"
)
_NO_AUTHOR: Final = re.compile(r"[\[(]?(?:anon(?:\.|yme)|collectif\b)", re.IGNORECASE)
_NOBODY_BEHIND: Final = re.compile(r"[,(]\s?(?:anonyme|anon\.)\s?[,)]", re.IGNORECASE)
_GENRE_QUOTED: Final = re.compile(
    r"(?:émission|film|documentaire|podcast|vidéo|exposition|conférence|dossier|article)\s[«“\"]",
    re.IGNORECASE,
)
_NO_IMPRINT: Final = re.compile(r"\b[Ss]\.\s?[ln]\.(?=\s*[,.:;)\]]|\s*$)")
_QUOTED_PAGE: Final = re.compile(r"[«“\"][^«»“”]{3,}[»”\"][\s.]*[,(]?\s*pp?\.\s?[\d–-]+[\s.)]*")
_IBID: Final = re.compile(
    r"(?:[^«“\"]{0,60}[,.]\s*)?\b(?:ibid(?:em)?|idem|id\.)[.,]?(?:[,.\s].{0,30})?$", re.IGNORECASE
)
_SENTENCE: Final = re.compile(r"(?<=[a-zà-ÿ)»])[.!?]\s+(?=[A-ZÀ-Ý])")
_FINITE: Final = re.compile(
    r"\b(?:est|sont|était|a été|ont été|fait|font|peut|peuvent|doit|doivent|permet(?:tent)?|"
    r"propose(?:nt)?|souligne(?:nt)?|montre(?:nt)?|"
    r"analyse(?:nt)?|explique(?:nt)?|décrit|porte sur|vise à|rappelle|met en|s['’]intéresse|"
    r"paraîtra|plaide|questionne|constate|dresse|"
    r"is|are|was|shows?|argues?|describes?)\b"
)


def weigh_reference(raw: str, *, is_listed: bool = False) -> tuple[float, LineReading]:
    """Weigh how much a line looks like a reference; give the weight and the reading.

    `is_listed` says that the line is an entry of a list.
    """
    if len(raw) > MAX_CHARS or (len(raw) > LONG_CHARS and not _SIGN.search(raw)):
        return -9.0, LineReading(reference=Reference(id="", title="", raw=raw))
    reading = parse_reference(raw)
    words = _UNMARKED.sub("", parse_markup(raw).text)
    weight = 0.5 if is_listed else 0.0
    weight += sum(gain for gain, is_seen in _signs(reading, words) if is_seen)
    quoteless = re.sub(r"[«“\"][^»”\"]*[»”\"]", "", words)
    weight -= min(2.0, 0.75 * len(_FINITE.findall(quoteless)))
    weight -= 0.75 * max(0, len(_SENTENCE.findall(quoteless)) - 2)
    return weight, reading


def _signs(reading: LineReading, words: str) -> tuple[tuple[float, bool], ...]:
    """Give what speaks for a reference, and against one."""
    one = reading.reference
    authors = max(one.confidence.get("author", 0.0), one.confidence.get("editor", 0.0))
    numbers = (one.doi, one.isbn, one.volume, one.issue, one.page, one.number)
    ends_in_address = bool(one.url) and words.rstrip(" .)>»").endswith(ADDRESS)
    is_all_link = reading.title_sign == "link" and one.title == plain(words).strip(" .")
    is_italic = reading.title_sign == "italics"
    opens = words[:1] in '«“"' or opens_source(words)
    is_short_line = ends_in_address and len(words) < 120
    is_law = reading.title_sign == "law" or one.type == "standard"
    opens_prose = bool(_PROSE_OPENER.match(words)) and not is_law
    return (
        (2.0, bool(one.url)),
        (1.0, ends_in_address and len(words) < 400),
        (1.5, authors >= 0.7 or bool(REPEATED.match(one.raw))),
        (1.5, reading.title_sign == "quotes" and (authors >= 0.6 or opens)),
        (1.0, reading.title_sign == "link" or (is_italic and not one.title[:1].islower())),
        (1.0, bool(one.issued) or bool(_UNDATED.search(words))),
        (1.0, bool(one.editor_role)),
        (1.5, reading.title_sign == "quotes" and _dates_container(one)),
        (1.0, bool(one.publisher_place)),
        (0.5, bool(one.publisher)),
        (min(2.0, 1.0 * sum(map(bool, numbers))), True),
        (0.5, bool(_NO_AUTHOR.match(words))),
        (1.0, bool(_NOBODY_BEHIND.search(words))),
        (0.5, bool(_NO_IMPRINT.search(words))),
        (1.0, reading.title_sign in ("quotes", "italics") and bool(_DATED_HEAD.match(words))),
        (1.0, bool(_GENRE_LABEL.match(words) or _GENRE_QUOTED.match(words))),
        (2.0 if one.type == "legal_case" else 1.0, is_law),
        (-1.5, words.endswith("?") and not one.url),
        (-3.0, bool(_QUOTED_PAGE.fullmatch(words.strip()))),
        (-5.0, not one.url and authors < 0.7 and bool(_OF_ITSELF.match(words))),
        (-3.0, not one.url and bool(_AS_OF.search(words))),
        (1.0, is_all_link),
        (-2.0, opens_prose and not (is_all_link or is_short_line)),
        (-1.5, len(words) > 450),
    )


def _dates_container(reference: Reference) -> bool:
    """Say whether a line names a review and the day before a quotation, and nobody."""
    is_dated = len(reference.issued) == len("2018-07-14") and not reference.author
    return is_dated and reference.confidence.get("container_title", 0) >= _SURE_NAME


def is_said(line: str) -> bool:
    """Say whether a line has a verb that sentences on a text have, or opens as they do."""
    return bool(_FINITE.search(line) or _PROSE_OPENER.match(line))


def is_ibid(raw: str) -> bool:
    """Say whether a line only means the reference before it: "Ibid., p. 12"."""
    return "id" in raw.lower() and bool(_IBID.match(plain(raw)))


def is_address_only(raw: str) -> bool:
    """Say whether a line holds an address and nothing but words that introduce one."""
    markup = parse_markup(raw)
    if not markup.addresses:
        return False
    scroll = Scroll(markup.text)
    take_addresses(scroll)
    take_access_date(scroll)
    return not any(map(str.isalnum, scroll.text))
