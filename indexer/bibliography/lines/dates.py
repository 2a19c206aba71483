"""Read the dates of a reference line, French and English, by falling precision.

A date comes out as EDTF (ISO 8601-2): "2014-03-17", "2014-03", "2014", and a season as month
21 to 24. Nothing here guesses a century: two-digit years are left alone.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

_MONTHS: Final = {
    1: "janvier janv jan january",
    2: "fevrier fevr fev february feb",
    3: "mars mar march",
    4: "avril avr april apr",
    5: "mai may",
    6: "juin jun june",
    7: "juillet juill juil july jul",
    8: "aout august aug",
    9: "septembre sept sep september",
    10: "octobre oct october",
    11: "novembre nov november",
    12: "decembre dec december",
}
MONTH_BY_NAME: Final = {name: month for month, names in _MONTHS.items() for name in names.split()}
SEASON_BY_NAME: Final = {
    "printemps": 21,
    "spring": 21,
    "ete": 22,
    "summer": 22,
    "automne": 23,
    "autumn": 23,
    "fall": 23,
    "hiver": 24,
    "winter": 24,
}
SEASON_NAMES: Final = {"21": "printemps", "22": "été", "23": "automne", "24": "hiver"}


# Letters with accents to their bare small letter, one character for one.
_BARE: Final = {
    code: unicodedata.normalize("NFD", chr(code))[0].lower()
    for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00))
    if chr(code).isalpha()
}


def fold(text: str) -> str:
    """Lower case without accents, character for character (offsets stay)."""
    return text.lower() if text.isascii() else text.translate(_BARE)


def _accents(names: str) -> str:
    return "|".join(sorted(names.split(), key=len, reverse=True))


_MONTH = rf"(?:{_accents(' '.join(MONTH_BY_NAME))})\b\.?"
_SEASON = rf"(?:{_accents(' '.join(SEASON_BY_NAME))})\b"
_WEEKDAY = (
    r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday),?\s+)?"
)
_YEAR = r"(?P<y>1[5-9]\d\d|20\d\d)"
_HAS_YEAR: Final = re.compile(r"(?:1[5-9]|20)\d\d")
_DAY = r"(?P<d>0?[1-9]|[12]\d|3[01])"
_DAYS = r"(?:\s*(?:-|–|/|et|au|and|to)\s*(?:[12]?\d|3[01]))?"

# Tried from the top; the earlier, the more precise.
_RULES: Final = tuple(
    (precision, re.compile(pattern))
    for precision, pattern in (
        (
            3,
            rf"\b{_WEEKDAY}(?:le\s+)?{_DAY}(?:er|st|nd|rd|"
            rf"th)?{_DAYS}\s+(?:of\s+)?(?P<m>{_MONTH}),?\s+{_YEAR}\b",
        ),
        (3, rf"\b{_WEEKDAY}(?P<m>{_MONTH})\s+{_DAY}(?:st|nd|rd|th)?{_DAYS},?\s+{_YEAR}\b"),
        (3, rf"\b{_YEAR},\s+(?:le\s+)?{_DAY}(?:er)?\s+(?P<m>{_MONTH})(?=\W|$)"),
        (3, rf"\b{_YEAR},?\s+(?P<m>{_MONTH})\s+{_DAY}\b(?!\s*\d)"),
        (3, rf"(?<![\d/.-]){_YEAR}(?P<s>[-/.])(?P<mm>0?[1-9]|1[0-2])(?P=s){_DAY}(?![\d/-])"),
        (3, rf"(?<![\d/.-]){_DAY}(?P<s>[/.-])(?P<mm>0?[1-9]|1[0-2])(?P=s){_YEAR}(?![\d/-])"),
        (2, rf"\b(?P<m>{_MONTH})(?:\s*(?:-|–|/|et|and|&)\s*{_MONTH})?,?\s+{_YEAR}\b"),
        (2, rf"\b{_YEAR},\s+(?P<m>{_MONTH})(?=\W|$)"),
        (2, rf"(?<![\d/.-])(?P<mm>0?[1-9]|1[0-2])/{_YEAR}(?![\d/-])"),
        (1, rf"\b(?P<season>{_SEASON})(?:\s*[-/–]\s*{_SEASON})?,?\s+{_YEAR}\b"),
        (
            0,
            # "[1908] 1999" and "1999 [1908]" came out in the year outside of the brackets.
            rf"(?<![\w/.-])(?:\[\d{{4}}\]\s*)?(?:c\.\s?|ca\.?\s?|"
            rf"vers\s)?{_YEAR}(?P<l>[a-h])?(?:\s*[-–/]\s*(?:1[5-9]|20)\d\d|/\d{{1,2}}|"
            rf"\s*\[\d{{4}}\])?(?![\w/]|"
            rf"-\w|\.\d)",
        ),
    )
)

_UNDATED = re.compile(
    # "N. D." are somebody's initials.
    r"\b[sS]\.\s?d\.|\bn\.\s?d\.|\b(?i:sans date|non daté|à paraître|forthcoming|in press|"
    r"sous presse)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date in a line: its EDTF value, where it stands, how precise it is (3 a day, 0 a year)."""

    value: str
    start: int
    end: int
    precision: int
    is_range: bool = False


def parse_date(text: str) -> str:
    """Read the first and most precise date of a text as EDTF, or ""."""
    found = max(find_dates(text), key=lambda one: (one.precision, -one.start), default=None)
    return found.value if found else ""


def render_edtf(parts: Sequence[str]) -> str:
    """Render year, month and day, as another program wrote them, as EDTF; "" without a year.

    A month from 13 to 16 is a season, as citeproc has it; what no calendar has is left out.
    """
    numbers = [int(part) if re.fullmatch(r"[0-9]{1,4}", part) else 0 for part in parts[:3]]
    year, month, day = (*numbers, 0, 0, 0)[:3]
    if not year:
        return ""
    if 13 <= month <= 16:
        return f"{year:04}-{month + 8}"
    if not 1 <= month <= 12:
        return f"{year:04}-{month}" if 21 <= month <= 24 else f"{year:04}"
    return _until_last_day(year, month, day)


_EDTF: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d|uu|XX))?(?:-(?P<day>\d\d|uu|XX))?")
_DECADE: Final = re.compile(r"(\d{2,3})([uX–-]{1,2})(?:-(?:[uX]{2}|\d\d))*")  # "199u", "19--"
_BEFORE: Final = re.compile(r"-(?P<year>\d{1,4})(?P<rest>(?:-\d\d){0,2})(?!\d)")
_BEFORE_SAID: Final = re.compile(
    r"(?P<year>\d{1,4})\s*(?:av(?:ant|\.)?\s*(?:J\.?\s*-?\s*C\.?|notre ère)|B\.?C\.?(?:E\.?)?)",
    re.IGNORECASE,
)
_EDTF_YEAR: Final = re.compile(r"-?[0-9X]{4}")


def parse_edtf(written: str) -> str:
    """Read a date of ISO 8601-2 as the EDTF of the model; what is none is read as words.

    Of a range its start, of an open one the end that is known. What is approximate or uncertain
    ("~", "?") is that date. A decade or a century has X for what is not known. Years before our
    era count from 0, which is 1 BC.

    >>> [parse_edtf(one) for one in ("2014-03/2016", "../2014~", "2014-uu", "mars 2014")]
    ['2014-03', '2014', '2014', '2014-03']
    >>> [parse_edtf(one) for one in ("199u", "19--", "-0043-03-15", "44 av. J.-C.")]
    ['199X', '19XX', '-0043-03-15', '-0043']
    """
    ends = (one.strip() for one in written.split("/"))
    single = next((one for one in ends if one.strip(". ") and one not in ("open", "unknown")), "")
    single = single.partition("T")[0].strip("?~% ")
    if found := _EDTF.fullmatch(single):
        parts = [found[1], *(part for part in found.groups("")[1:] if part.isdigit())]
        return render_edtf(parts)
    return _parse_far(single) or parse_date(written)


def _parse_far(written: str) -> str:
    """Read a decade, a century or a year before our era; "" where it is none."""
    if found := _DECADE.fullmatch(written):  # LaTeX makes one dash of two
        return found[1].ljust(4, "X")
    if found := _BEFORE.fullmatch(written):
        return f"-{int(found['year']):04}{found['rest']}" if int(found["year"]) else "0000"
    if found := _BEFORE_SAID.fullmatch(written):
        return year_before(int(found["year"]))
    return ""


def year_before(year: int) -> str:
    """Give a year before our era, as people count it, in EDTF: 44 BC is -0043, 1 BC is 0000."""
    return f"-{year - 1:04}" if year > 1 else "0000"


def find_year(edtf: str) -> str:
    """Give the year of an EDTF date: "2014", "199X", "-0043"; "" where there is none."""
    found = _EDTF_YEAR.match(edtf)
    return found[0] if found else ""


def _until_last_day(year: int, month: int, day: int) -> str:
    """Give a day as EDTF, or its month alone where that has no such day."""
    try:
        return date(year, month, day).isoformat()
    except ValueError:  # the 31st of June: the month still stands
        return f"{year:04}-{month:02}"


def find_dates(text: str) -> Iterator[FoundDate]:
    """Find every date of a text; where two readings overlap, the more precise one."""
    if not _HAS_YEAR.search(text):  # every rule asks for one
        return
    folded = fold(text)
    taken: list[tuple[int, int]] = []
    for precision, rule in _RULES:
        for match in rule.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            value = _render(match)
            if value:
                taken.append(match.span())
                yield FoundDate(
                    value=value,
                    start=match.start(),
                    end=match.end(),
                    precision=precision,
                    is_range=precision == 0 and bool(re.search(r"\d\s*[-–/]\s*\d{4}", match[0])),
                )


def find_undated(text: str) -> tuple[int, int] | None:
    """Find where a line says that it has no date ("s.d.", "à paraître"), or None."""
    match = _UNDATED.search(text)
    return match.span() if match else None


def _render(match: "re.Match[str]") -> str:
    """Render a match as EDTF, or "" where no such day exists."""
    groups = match.groupdict()
    year = groups["y"]
    if groups.get("season"):
        return f"{year}-{SEASON_BY_NAME[groups['season']]}"
    month = int(groups["mm"]) if groups.get("mm") else None
    if groups.get("m"):
        month = MONTH_BY_NAME[groups["m"].rstrip(".")]
    if month is None:
        return str(year)
    return _until_last_day(int(year), month, int(groups.get("d") or 0))
