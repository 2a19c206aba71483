"""Find the day a page was published: never that of its crawl, its copyright or an update."""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final

import htmldate

from indexer.extract.blocks import PageBlock
from indexer.extract.declared import Node, text_of
from indexer.extract.payload import find_header

LIBRARY_DATE: Final = (
    "citation_publication_date",
    "citation_online_date",
    "citation_date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "dcterms.date",
    "dcterms.created",
    "dc.date.created",
)
SOCIAL_DATE: Final = ("article:published_time", "og:article:published_time", "og:published_time")
ISO_DATE: Final = re.compile(
    r"\s*((?:19[7-9]|20\d)\d)(?:[-/.]?(0[1-9]|1[0-2])(?:[-/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
URL_DATE: Final = re.compile(
    r"/((?:199|20[0-3])\d)[/-](0?[1-9]|1[0-2])(?:[/-](0?[1-9]|[12]\d|3[01]))?(?=[/-]|$)"
)
IN_UTC: Final = re.compile(r"T\d\d:.*(?:Z|[+-]00:?00)\s*$")
MONTHS: Final = (
    ("janv", "jan"), ("févr", "feb"), ("mars", "mar"), ("avr", "apr"), ("mai", "may"),
    ("juin", "jun"), ("juil", "jul"), ("août", "aug"), ("sept", "sep"), ("oct", "oct"),
    ("nov", "nov"), ("déc", "dec"),
)  # fmt: skip
# Enough of a month's name, without accents, to know it in French or English.
MONTH_STARTS: Final = (
    ("jan",), ("fev", "feb"), ("mar",), ("avr", "apr"), ("mai", "may"), ("juin", "june", "jun"),
    ("juil", "july", "jul"), ("aou", "aug"), ("sep",), ("oct",), ("nov",), ("dec",),
)  # fmt: skip
MONTH: Final = (
    r"(?:janv(?:ier)?|f[ée]vr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[ûu]t|sept?(?:embre)?|"
    r"oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|"
    r"apr(?:il)?|may|june?|july?|aug(?:ust)?|september|october|november|december)\b\.?"
)
YEAR: Final = r"(?:19[89]\d|20[0-3]\d)"
# A day or a month, as pages show them: "12 mars 2010", "March 12, 2010", "12/03/2010", "Mars 2011"
SHOWN: Final = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:er|st|nd|rd|th)?\.?\s+(?P<month>{MONTH}),?\s+(?P<year>{YEAR})\b|"
    rf"\b(?P<month2>{MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year2>{YEAR})\b|"
    rf"(?<![\d/.-])(?P<day3>\d{{1,2}})[/.-](?P<month3>\d{{1,2}})[/.-](?P<year3>{YEAR}|\d\d)"
    rf"(?![\d/.-])|"
    rf"\b(?P<year4>{YEAR})-(?P<month4>\d\d)-(?P<day4>\d\d)\b|"
    rf"\b(?P<month5>{MONTH})\s+(?P<year5>{YEAR})\b|"
    rf"\b(?:(?P<day6>\d{{1,2}})\s+)?(?P<month6>{MONTH})\s+(?:(?P<day7>\d{{1,2}})\s+)?"
    rf"\d\d:\d\d(?::\d\d)?\s+(?:[A-Z]{{3,4}}\s+)?(?P<year6>{YEAR})\b",
    re.I,
)
# Every day or month that SHOWN finds holds that, which is quickly looked for.
MAYBE_SHOWN: Final = re.compile(r"(?:19|20)\d\d|\d[/.-]\d\d")
DAY_AT_END: Final = re.compile(rf"(?:{SHOWN.pattern})\W*$", re.I)
BARE: Final = re.compile(
    rf"\W*(?:publiée?\s+)?(?:le\s+)?(?:(?:lun|mar|mercre|jeu|vendre|same)di\W+|dimanche\W+)?"
    rf"(?:{SHOWN.pattern})(?:\W{{0,3}}(?:à\W{{0,2}})?\d{{1,2}}\s?[h:]\s?\d{{0,2}}(?:min)?)?\W*",
    re.I,
)
PUBLISHED: Final = re.compile(
    r"\b(?:publi[ée]\w*|mise?s? en ligne|post[ée]e?|posted|published|parue?|parution|"
    r"r[ée]dig[ée]e?|[ée]crite?|diffus[ée]e?|cr[ée][ée]e?|ajout[ée]e?|propos[ée]e?|[ée]tablie?|"
    r"date)\b",
    re.I,
)
UPDATED: Final = re.compile(
    r"\b(?:mis\w* [àa] jour|m\.?[àa]\.?j\.?|modifi\w+|modification|actualis\w+|updated?|edited|"
    r"revised|consult\w+|accessed|r[ée]vis\w+|archiv\w+|copyright|expire\w*|inscri\w+|"
    r"joined|naissance|n[ée]e? le)\b|©",
    re.I,
)
NOT_OF_PAGE: Final = re.compile(
    r"\bdate (?:d.(?:inscription|expiration|archivage)|de nai\w+)|\ben date d|\b[àa] cette date",
    re.I,
)
# A text that its own title dates: "Arrêté du 17 février 2004", "Séance du lundi 3 mars 2008".
TITLED: Final = re.compile(
    r"^\W*(?:arrêtée?|décret|loi|ordonnance|circulaire|instruction|délibération|décision|avis|arrêt|"
    r"jugement|directive|règlement|convention|accord|séance|discours|compte[- ]rendu|"
    r"proc[èe]s[- ]verbal|communiqué|question)\b.{0,90}?\b(?:du|le|en date du)\s"
    r"(?:(?:lun|mar|mercre|jeu|vendre|same)di\s|dimanche\s)?(?=\d)",
    re.I,
)
LAW: Final = re.compile(r"^\W*(?:Vu\s+l|Article (?:1(?:er)?|premier)\b)")
TEXT_CHARS: Final = 120
SIGNATURE_BLOCKS: Final = 3
DATE_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:date|published|pubdate|publi\w*|posted|time|timestamp|horodatage|"
    r"entry-?date|post-?date|dateline|day)(?=$|[\s_-])",
    re.I,
)
SHOWN_CHARS: Final = 200  # of a line that dates a page
BESIDE_CHARS: Final = 45  # of it beside the date, where no word says what the date is
ABOVE_BLOCKS: Final = 6  # of the title
BELOW_BLOCKS: Final = 12
VOLUME: Final = re.compile(
    r"\b(?:vol(?:ume|\.)?|num[ée]ro|n[°o]|tome)\s*\d.{0,60}?\b(?P<of>(?:19|20)\d\d)\b|"
    r"^\W*(?P<alone>(?:19|20)\d\d)\W*$",
    re.I,
)
NEW_YEAR: Final = re.compile(
    r"\b(?:1(?:er|st)?|01)[\s/.-]*(?:janv|jan|0?1\b)|\bjan[a-z]*\.?\s+0?1\b|-01-01|\b0?1/0?1/", re.I
)


def find_issued(
    meta: Mapping[str, list[str]],
    node: Node,
    tree: Any,
    *,
    url: str,
    headers: Mapping[str, str],
    blocks: Sequence[PageBlock] = (),
    title: str = "",
) -> tuple[str, str]:
    """Find the date of publication (EDTF, or "") and where it was read.

    `tree` is the page, without comments; None: no text is read. `blocks` are its blocks, `title`
    is that of its text.
    """
    declared = (
        ("json-ld", _local_date(text_of(node.get("datePublished")), tree)),
        ("library-meta", _first_date(meta, LIBRARY_DATE)),
        ("open-graph", _local_date(_first(meta, SOCIAL_DATE), tree)),
        ("url", parse_url_date(url)),
    )
    for where, date in declared:
        if date.count("-") == 2:
            return date, where
    crawled = crawl_day(headers)
    found = find_shown(blocks, title=title)
    found = found if found != crawled else ""
    if found.count("-") == 2:
        return found, "text"
    partial = next(((date, where) for where, date in declared if date), (found, "text"))
    read = ""
    if tree is not None and not found:
        read = htmldate.find_date(tree, extensive_search=True, original_date=True, url=url) or ""
    if read and read != crawled and not _is_bare_year(read, tree):
        return read, "text"
    if not partial[0]:
        partial = _find_year(blocks), "text"
    return partial if partial[0] else ("", "")


def find_shown(blocks: Sequence[PageBlock], *, title: str = "") -> str:
    """Find the date (EDTF) that a page shows beside its title; "" where it shows none.

    A date that a line calls that of publication is surer than one that stands alone. What a line
    says of an update is passed over: "Publié le 3 mars 2011 | Mis à jour le 5 mai 2012". The
    `title` dates a law before any line that stands alone, and minutes behind it.
    """
    start = next((n for n, each in enumerate(blocks) if _is_title(each)), 0)
    near = blocks[max(0, start - ABOVE_BLOCKS) : start + BELOW_BLOCKS]
    alone = in_title = ""
    for block in near:
        text = block.paragraph.text
        is_linked = block.linked > len(text) / 2 and not PUBLISHED.search(text)
        if len(text) > SHOWN_CHARS or is_linked:
            continue
        date, is_said = _date_of_line(text)
        if date and is_said:
            return date
        named = any(DATE_NAME.search(each.get("class", "")) for each in block.path[-2:])
        if date and (named or _is_bare(text)):
            if _is_title(block):
                in_title = in_title or date
            else:
                alone = alone or date
    titled = _find_titled(title)
    if titled and any(LAW.match(each.paragraph.text) for each in blocks):
        return titled
    below = blocks[start + BELOW_BLOCKS :]
    return alone or titled or in_title or _find_below(below) or _find_end(blocks)


def _find_titled(title: str) -> str:
    """Find the day of which a title says that the text is: "Arrêté du 17 février 2004"."""
    led = TITLED.match(title)
    found = SHOWN.match(title, led.end()) if led else None
    return _edtf(found) if found else ""


def _find_below(blocks: Sequence[PageBlock]) -> str:
    """Find the date of a line that begins by saying that it is that of publication."""
    for block in blocks:
        text = block.paragraph.text
        if len(text) <= SHOWN_CHARS and PUBLISHED.match(text) and _is_bare(text):
            return _date_of_line(text)[0]
    return ""


def _find_end(blocks: Sequence[PageBlock]) -> str:
    """Find the date of a line below the text that signs it: "Ada Un, avril 2001"."""
    last = max(
        (n for n, each in enumerate(blocks) if len(each.paragraph.text) >= TEXT_CHARS),
        default=len(blocks),
    )
    for block in blocks[last + 1 : last + 1 + SIGNATURE_BLOCKS]:
        text = block.paragraph.text
        if len(text) < TEXT_CHARS and DAY_AT_END.search(text) and not UPDATED.search(text):
            return _date_of_line(text)[0]
    return ""


def find_last_change(blocks: Sequence[PageBlock]) -> str:
    """Find the day (EDTF) of which a wiki says that it was last changed; "" where it says none."""
    for block in reversed(blocks):
        text = block.paragraph.text
        if len(text) <= SHOWN_CHARS and UPDATED.search(text) and (date := parse_shown(text)):
            return date
    return ""


def _find_year(blocks: Sequence[PageBlock]) -> str:
    """Find a year that stands alone, or beside a volume's number: "Volume 12, numéro 3, 2006"."""
    texts = (each.paragraph.text for each in blocks[: 2 * BELOW_BLOCKS])
    found = (VOLUME.search(text) for text in texts if len(text) <= SHOWN_CHARS)
    return next((each["of"] or each["alone"] for each in found if each), "")


def find_day(text: str) -> re.Match[str] | None:
    """Find the first day or month that a text shows."""
    return SHOWN.search(text) if MAYBE_SHOWN.search(text) else None


def parse_shown(text: str) -> str:
    """Read the first date of a line (EDTF), a day or a month; "" where there is none.

    >>> parse_shown("Le 1er mars 2010 à Lyon"), parse_shown("Mars 2011"), parse_shown("12/03/10")
    ('2010-03-01', '2011-03', '2010-03-12')
    """
    found = find_day(text)
    return _edtf(found) if found else ""


def _edtf(found: re.Match[str]) -> str:
    parts = {name.rstrip("234567"): value for name, value in found.groupdict().items() if value}
    month = int(parts["month"]) if parts["month"].isdigit() else _month_of(parts["month"])
    year, day = int(parts["year"]), int(parts.get("day", "0"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    if found["day3"] and month > 12 >= day:
        day, month = month, day  # as Americans write it
    if "day" not in parts:
        return f"{year:04}-{month:02}"
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return ""  # a 31 February


def _month_of(name: str) -> int:
    bare = name.lower().replace("é", "e").replace("û", "u")
    return next(n for n, starts in enumerate(MONTH_STARTS, 1) if bare.startswith(starts))


def _date_of_line(text: str) -> tuple[str, bool]:
    """Give the first date of a line that is none of an update, and whether it is said to be it."""
    end = 0
    for found in SHOWN.finditer(text) if MAYBE_SHOWN.search(text) else ():
        before = text[end : found.start()]
        end = found.end()
        is_said = PUBLISHED.search(NOT_OF_PAGE.sub("", before)) is not None
        if UPDATED.search(before) and not is_said:
            continue
        if date := _edtf(found):
            return date, is_said
    return "", False


def is_bare_date(text: str) -> bool:
    """Say whether a text is a day or a month, and nothing more than a weekday and an hour.

    >>> is_bare_date("lundi 12 mars 2010 à 14h30"), is_bare_date("Lyon, 12 mars 2010")
    (True, False)
    """
    return BARE.fullmatch(text) is not None


def is_date_line(text: str) -> bool:
    """Say whether a line tells when a page was written or changed, and hardly more.

    >>> is_date_line("Publié le 12 mars 2010 par Ada Un"), is_date_line("Le 12 mars 2010, il plut.")
    (True, False)
    """
    return len(text) <= SHOWN_CHARS and not text.endswith((".", "!", "?")) and _is_bare(text)


def _is_bare(text: str) -> bool:
    """Say whether a line is hardly more than a date: "Par Ada Un, le 12 mars 2010 à 14h"."""
    found = find_day(text)
    return found is not None and len(text) - len(found[0]) <= BESIDE_CHARS


def _is_title(block: PageBlock) -> bool:
    return any(element.tag == "h1" for element in block.path)


def parse_iso(text: str) -> str:
    """Give the EDTF date at the start of an ISO 8601 one: "2015-03-10T08:00Z" -> "2015-03-10"."""
    found = ISO_DATE.match(text)
    return "-".join(part for part in found.groups() if part) if found else ""


def parse_url_date(url: str) -> str:
    """Give the date in an address: ".../2014/12/20/..." -> "2014-12-20"; "" when there is none."""
    found = URL_DATE.search(url)
    if found is None:
        return ""
    return "-".join(part.zfill(2) for part in found.groups() if part)


def _local_date(stamp: str, tree: Any) -> str:
    """Give the day of a stamp; of one in UTC the day beside it, where `tree` shows only that.

    "2020-08-25T00:23Z" on a page of Montréal that says "24 août".
    """
    date = parse_iso(stamp)
    if date.count("-") < 2 or not IN_UTC.search(stamp):
        return date
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        return ""  # a 31 February
    shown = tree.text_content() if tree is not None else ""
    if _is_shown(day, shown):
        return date
    for step in (-1, 1):
        if _is_shown(beside := day + datetime.timedelta(days=step), shown):
            return beside.isoformat()
    return date


def _is_shown(day: datetime.date, shown: str) -> bool:
    french, english = MONTHS[day.month - 1]
    pattern = (
        rf"\b{day.day}(?:er)?\s+{french}|\b{english}[a-z]*\.?\s+{day.day}\b"
        rf"|\b{day.day}\s+{english}|\b{day:%d/%m/%Y}"
    )
    return re.search(pattern, shown, re.I) is not None


def _is_bare_year(date: str, tree: Any) -> bool:
    """Say whether a 1 January is only what htmldate makes of a year, a copyright's for one."""
    return date.endswith("-01-01") and NEW_YEAR.search(tree.text_content()) is None


def _first(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((text for name in names for text in meta.get(name, ())), "")


def _first_date(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    dates = (parse_iso(text) for name in names for text in meta.get(name, ()))
    return next((date for date in dates if date), "")


def crawl_day(headers: Mapping[str, str]) -> str:
    """Read the day of the crawl in the `Date` of a response; "" where it has none."""
    try:
        return parsedate_to_datetime(find_header(headers, "date")).date().isoformat()
    except ValueError:
        return ""
