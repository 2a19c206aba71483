"""Find the day a page was published: never that of its crawl, its copyright or an update."""

import copy
import datetime
import re
from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import htmldate

from indexer.extract import jsonld
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
COMMENTS: Final = (
    "//*[self::div or self::section or self::ol or self::ul or self::li or self::article]"
    "[starts-with(@id, 'comment') or starts-with(@class, 'comment') or starts-with(@id, 'forum')"
    " or starts-with(@class, 'forum') or contains(@class, ' comment') or @id='disqus_thread']"
)
NEW_YEAR: Final = re.compile(
    r"\b(?:1(?:er|st)?|01)[\s/.-]*(?:janv|jan|0?1\b)|\bjan[a-z]*\.?\s+0?1\b|-01-01|\b0?1/0?1/", re.I
)


def find_issued(
    meta: Mapping[str, list[str]],
    node: jsonld.Node,
    tree: Any,
    *,
    url: str,
    headers: Mapping[str, str],
) -> tuple[str, str]:
    """The date of publication (EDTF, or "") and where it was read; no `tree`, no text read."""
    shown = tree.text_content() if tree is not None else ""
    declared = (
        ("json-ld", _local_date(jsonld.text_of(node.get("datePublished")), shown)),
        ("library-meta", _first_date(meta, LIBRARY_DATE)),
        ("open-graph", _local_date(_first(meta, SOCIAL_DATE), shown)),
        ("url", parse_url_date(url)),
    )
    for where, date in declared:
        if date.count("-") == 2:
            return date, where
    found = ""
    if tree is not None:
        read = _without_comments(tree)
        found = htmldate.find_date(read, extensive_search=True, original_date=True, url=url) or ""
    if found and found != _crawl_day(headers) and not _is_bare_year(found, tree):
        return found, "text"
    return next(((date, where) for where, date in declared if date), ("", ""))


def parse_iso(text: str) -> str:
    """The EDTF date at the start of an ISO 8601 one: "2015-03-10T08:00Z" -> "2015-03-10"."""
    found = ISO_DATE.match(text)
    return "-".join(part for part in found.groups() if part) if found else ""


def parse_url_date(url: str) -> str:
    """The date in an address: ".../2014/12/20/..." -> "2014-12-20"; "" when there is none."""
    found = URL_DATE.search(url)
    if found is None:
        return ""
    return "-".join(part.zfill(2) for part in found.groups() if part)


def _local_date(stamp: str, shown: str) -> str:
    """The day of a stamp; where it is in UTC and only the day beside it is `shown`, that one.

    "2020-08-25T00:23Z" on a page of Montréal that says "24 août".
    """
    date = parse_iso(stamp)
    if date.count("-") < 2 or not IN_UTC.search(stamp):
        return date
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        return ""  # a 31 February
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


def _without_comments(tree: Any) -> Any:
    """The tree without what readers wrote below the page: their dates are not the page's."""
    bare = copy.deepcopy(tree)
    for element in bare.xpath(COMMENTS):
        if element.getparent() is not None and element.find(".//h1") is None:
            element.drop_tree()
    return bare


def _is_bare_year(date: str, tree: Any) -> bool:
    """Say whether a 1 January is only what htmldate makes of a year, a copyright's for one."""
    return date.endswith("-01-01") and NEW_YEAR.search(tree.text_content()) is None


def _first(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    return next((text for name in names for text in meta.get(name, ())), "")


def _first_date(meta: Mapping[str, list[str]], names: Iterable[str]) -> str:
    dates = (parse_iso(text) for name in names for text in meta.get(name, ()))
    return next((date for date in dates if date), "")


def _crawl_day(headers: Mapping[str, str]) -> str:
    try:
        return parsedate_to_datetime(find_header(headers, "date")).date().isoformat()
    except ValueError:
        return ""
