"""Read CSL-JSON and CSL-YAML (CSL 1.0.2 input data), and what Zotero and pandoc make of them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import yaml

from indexer.bibliography.csltypes import CSL_TYPES
from indexer.bibliography.findings import Findings
from indexer.bibliography.lines.dates import parse_date
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.records import Record, findings_of, tidy_note, without_fields
from indexer.model import Name, Place, Problem, Reference

NOTE_BREAK: Final = "\n\n* * *\n\n"  # between two notes of one reference
_SEASONS: Final = {
    "1": 21, "spring": 21, "printemps": 21, "2": 22, "summer": 22, "été": 22,
    "3": 23, "autumn": 23, "fall": 23, "automne": 23, "4": 24, "winter": 24, "hiver": 24,
}  # fmt: skip
_FIELDS: Final = (
    ("title", "title"),
    ("container_title", "container-title"),
    ("publisher", "publisher"),
    ("publisher_place", "publisher-place"),
    ("doi", "DOI"),
    ("isbn", "ISBN"),
    ("number", "number"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("page", "page"),
    ("language", "language"),
    ("abstract", "abstract"),
)
_MARKUP: Final = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span)\b[^>]*>", re.IGNORECASE)


class _EdtfLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A YAML loader that keeps every date a string: a bibliography's dates are EDTF."""


_EdtfLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse_csl_json(text: str, *, path: str) -> Findings:
    """Read CSL-JSON: a list of items, or an object with one under "items" or "references"."""
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        return _not_understood(path, line, "ce fichier n’est pas du JSON valable")
    return _read(whole, text, path)


def parse_csl_yaml(text: str, *, path: str) -> Findings:
    """Read CSL-YAML: `references:` and its list, as pandoc has it, or the list alone."""
    try:
        whole = yaml.load(text, Loader=_EdtfLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        return _not_understood(
            path, mark.line + 1 if mark else 1, "ce fichier n’est pas du YAML valable"
        )
    return _read(whole, text, path)


def _read(whole: Any, text: str, path: str) -> Findings:
    items = whole
    if isinstance(whole, dict):
        items = next((whole[key] for key in ("references", "items") if key in whole), [whole])
    if not isinstance(items, list):
        return _not_understood(path, 1, "on y attend une liste de références CSL")
    problems: list[Problem] = []
    return findings_of(list(_records(items, text, path, problems)), problems)


def _records(items: list[Any], text: str, path: str, problems: list[Problem]) -> Iterator[Record]:
    position, line = 0, 1
    for item in items:
        found = _find_item(item, text, position)
        line += text.count("\n", position, found)
        position = found
        place = Place(path=path, line=line)
        if not isinstance(item, dict) or not (
            item.get("title") or item.get("URL") or item.get("id")
        ):
            message = (
                "Une entrée n’est pas une référence CSL : ni titre, ni adresse, ni identifiant."
            )
            problems.append(Problem(slug="entry-not-understood", message=message, place=place))
            continue
        yield _record(item, place)


def _find_item(item: Any, text: str, position: int) -> int:
    """Where an item probably starts in the source: at its id, else its title."""
    if isinstance(item, dict):
        for key in ("id", "title", "URL"):
            value = str(item.get(key) or "")
            if value and (found := text.find(value, position)) >= 0:
                return found
    return position


def _record(item: Mapping[str, Any], place: Place) -> Record:
    custom = item.get("custom") if isinstance(item.get("custom"), dict) else {}
    fields = {name: _text(item.get(key)) for name, key in _FIELDS}
    kind = _text(item.get("type"))
    editor = _names(item.get("editor"))
    reference = Reference(
        id="",
        title="",
        type=kind if kind in CSL_TYPES else "document",
        author=_names(item.get("author")) or _names(item.get("interviewer")),
        editor=editor,
        editor_role=_text((custom or {}).get("editor_role")) or ("editor" if editor else ""),
        issued=_date(item.get("issued")),
        accessed=_date(item.get("accessed")),
        url=_text(item.get("URL")) or None,
        archive_url=_text(item.get("archive_location") or item.get("archive-location")) or None,
        section=tuple(_text(one) for one in _list((custom or {}).get("section"))),
        keyword=_keywords(item.get("keyword")),
        raw=json.dumps(item, ensure_ascii=False, default=str),
        place=place,
    )
    reference = replace(reference, **fields)  # type: ignore[arg-type]  # every one a str
    notes = [part for key in ("annote", "annotation") for part in _notes(item.get(key))]
    notes += [without_fields(str(item.get("note") or "")), fields["abstract"]]
    return Record(reference=reference, notes=tuple(map(tidy_note, notes)))


def _notes(value: Any) -> list[str]:
    return re.split(r"\n\s*\n\* \* \*\n\s*\n", str(value)) if value else []


def _text(value: Any) -> str:
    return normalise(_MARKUP.sub("", str(value))) if value is not None else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(value: Any) -> tuple[Name, ...]:
    names: list[Name] = []
    for one in _list(value) or ([value] if isinstance(value, dict | str) else []):
        if isinstance(one, str):
            names.append(Name(literal=normalise(one)))
        elif isinstance(one, dict):
            particle = _text(one.get("non-dropping-particle")) or _text(
                one.get("dropping-particle")
            )
            family = f"{particle} {_text(one.get('family'))}".strip()
            name = Name(
                family=family, given=_text(one.get("given")), literal=_text(one.get("literal"))
            )
            names.append(name)
    return tuple(name for name in names if name.display)


def _keywords(value: Any) -> tuple[str, ...]:
    words = value if isinstance(value, list) else re.split(r"\s*[,;]\s*", str(value or ""))
    return tuple(_text(word) for word in words if _text(word))


def _date(value: Any) -> str:
    """A CSL date (parts, raw, literal, or EDTF alone as pandoc has it) as EDTF."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, int | str):
        return _edtf(str(value))
    if not isinstance(value, dict):
        return ""
    parts = value.get("date-parts")
    if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
        return _join(
            [str(part) for part in parts[0] if part not in (None, "")], value.get("season")
        )
    if value.get("year"):
        keys = ("year", "month", "day")
        return _join([str(value[key]) for key in keys if value.get(key)], value.get("season"))
    return _edtf(str(value.get("raw") or value.get("literal") or value.get("edtf") or ""))


def _join(parts: list[str], season: Any) -> str:
    if not all(part.isdigit() for part in parts):
        return parse_date(" ".join(parts))
    if season and len(parts) == 1:
        number = _SEASONS.get(str(season).lower())
        parts = [*parts, str(number)] if number else parts
    return "-".join([parts[0].zfill(4), *(part.zfill(2) for part in parts[1:3])])


def _edtf(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"\d{4}(?:-\d{2}){0,2}", text) else parse_date(text)


def _not_understood(path: str, line: int, why: str) -> Findings:
    message = f"Fichier non compris : {why}."
    problem = Problem(
        slug="file-not-understood", message=message, place=Place(path=path, line=line)
    )
    return Findings(problems=(problem,))
