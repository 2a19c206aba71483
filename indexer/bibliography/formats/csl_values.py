"""Read the values of a CSL item: words, names, keywords, dates, in whatever form they stand."""

import re
from typing import Any, Final

from indexer.bibliography.lines.dates import SEASON_BY_NAME, fold, parse_date, render_edtf
from indexer.bibliography.lines.markup import normalise
from indexer.model import Name

_SEASONS: Final = SEASON_BY_NAME | {"1": 21, "2": 22, "3": 23, "4": 24}
_MARKUP: Final = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span)\b[^>]*>", re.IGNORECASE)


def parse_scalar(value: Any) -> str:
    """A value as it is written; of a list (Crossref's titles) the first, of an object nothing."""
    if isinstance(value, list):
        value = next(iter(value), None)
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def parse_words(value: Any) -> str:
    """A value on one line, without the markup that CSL allows in it."""
    return normalise(_MARKUP.sub("", parse_scalar(value)))


def parse_list(value: Any) -> list[Any]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def parse_names(value: Any) -> tuple[Name, ...]:
    """Names in parts, literal, or as a bare string; those that say nothing are left out."""
    names: list[Name] = []
    for one in parse_list(value) or ([value] if isinstance(value, dict | str) else []):
        if isinstance(one, str):
            names.append(Name(literal=normalise(one)))
        elif isinstance(one, dict):
            particle = parse_words(one.get("non-dropping-particle")) or parse_words(
                one.get("dropping-particle")
            )
            family = f"{particle} {parse_words(one.get('family'))}".strip()
            name = Name(
                family=family,
                given=parse_words(one.get("given")),
                literal=parse_words(one.get("literal")),
                suffix=parse_words(one.get("suffix")),
            )
            names.append(name)
    return tuple(name for name in names if name.display)


def parse_keywords(value: Any) -> tuple[str, ...]:
    """Keywords, in a list or between commas."""
    written = value if isinstance(value, list) else re.split(r"\s*[,;]\s*", parse_scalar(value))
    return tuple(word for word in map(parse_words, written) if word)


def parse_csl_date(value: Any) -> str:
    """A CSL date (parts, raw, literal, or EDTF alone as pandoc has it) as EDTF."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str):
        return _edtf(value)
    if not isinstance(value, dict):
        return ""
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        return _join([parse_scalar(part) for part in parts[0] if part], value.get("season"))
    if value.get("year"):
        keys = ("year", "month", "day")
        return _join(
            [parse_scalar(value[key]) for key in keys if value.get(key)], value.get("season")
        )
    return _edtf(parse_scalar(value.get("raw") or value.get("literal") or value.get("edtf")))


def _join(parts: list[str], season: Any) -> str:
    if not re.fullmatch("[0-9]{1,4}", parts[0]):
        return parse_date(" ".join(parts))
    number = _SEASONS.get(fold(parse_scalar(season))) if len(parts) == 1 else None
    return render_edtf([*parts, str(number)] if number else parts)


def _edtf(text: str) -> str:
    text = text.strip()
    is_edtf = re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", text)
    return render_edtf(text.split("-")) if is_edtf else parse_date(text)
