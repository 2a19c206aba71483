"""Read and write CSL-JSON and CSL-YAML (CSL 1.0.2 input data), as Zotero and pandoc do."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any, Final

import yaml

from indexer.bibliography.findings import (
    FieldRecord,
    Findings,
    findings_of,
    join_texts,
    not_understood,
    tell_remainder,
    tidy_note,
    without_fields,
)
from indexer.bibliography.formats.bookmarks import EMPTY_FOLDER, list_bookmarks
from indexer.bibliography.formats.format import (
    CSL_TYPES,
    OTHERS,
    SEASON_NUMBER,
    Format,
    clean,
    date_parts,
    note_markup,
    tidy_doi,
)
from indexer.bibliography.formats.saved_pages import is_saved_page, join_by_address, read_saved_page
from indexer.bibliography.formats.zotero import is_zotero_item, nest_children, read_zotero_item
from indexer.bibliography.lines.dates import (
    SEASON_BY_NAME,
    fold,
    parse_date,
    parse_edtf,
    render_edtf,
    year_before,
)
from indexer.bibliography.lines.markup import normalise
from indexer.messages import message
from indexer.model import Name, Place, Problem, Reference, name_id

NOTE_BREAK: Final = "\n\n* * *\n\n"  # between two notes of one reference
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
    ("number_of_pages", "number-of-pages"),
    ("number_of_volumes", "number-of-volumes"),
    ("edition", "edition"),
    ("collection_title", "collection-title"),
    ("language", "language"),
    ("abstract", "abstract"),
)
_KEPT_TAGS: Final = ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_MAX_RAW_PARTS: Final = 20_000  # aliases can make more of a YAML item than fits in memory


class _WordsLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A YAML loader that makes nothing of words: `No` is a title, 010 a number, 12:30 pages."""


_WordsLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag in _KEPT_TAGS]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag in ("int", "float", "bool", "timestamp", "binary"):
    _WordsLoader.add_constructor(
        f"tag:yaml.org,2002:{_tag}", lambda loader, node: loader.construct_scalar(node)
    )


def parse_csl_json(text: str, *, path: str) -> Findings:
    """Read CSL-JSON: a list of items, or an object with one under "items" or "references"."""
    # Numbers stay as they are written: 1.10 is an issue, and 5,000 digits are no number.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    try:
        whole = decoder.decode(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        problem = not_understood(path, message("problem.why.no-json"), line=line)
        return _read_salvage(salvage_json(text, decoder.raw_decode), text, problem)
    return _read([whole], text, path)


def parse_csl_yaml(text: str, *, path: str) -> Findings:
    """Read CSL-YAML: `references:` and its list, as pandoc has it, or the list alone."""
    try:
        documents = list(yaml.load_all(text, Loader=_WordsLoader))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = not_understood(path, message("problem.why.no-yaml"), line=line)
        return _read_salvage(salvage_yaml(text, _load_yaml), text, problem)
    # A metadata block of pandoc is closed by a second "---".
    return _read([one for one in documents if one is not None] or [None], text, path)


def _load_yaml(text: str) -> Any:
    return yaml.load(text, Loader=_WordsLoader)  # noqa: S506 - a SafeLoader


def _read_salvage(salvage: "Salvage", text: str, problem: Problem) -> Findings:
    """Read the entries of a broken file that are whole; `problem` where there are none."""
    path = problem.place.path if problem.place else ""
    if not salvage.items:
        return Findings(problems=(problem,))
    problems = [
        Problem(
            said=message(
                "problem.entry-not-understood",
                why=message("problem.why.lost-sign"),
                words=normalise(text[start : start + 60]),
            ),
            place=Place(path=path, line=text.count("\n", 0, start) + 1),
        )
        for start in salvage.broken
    ] or [problem]  # what is broken stands between entries
    return findings_of(list(_records(list(salvage.items), text, path, problems)), problems)


def _read(documents: list[Any], text: str, path: str) -> Findings:
    items: list[Any] = []
    for document in documents:
        listed, collections = document, None
        if isinstance(document, dict):
            listed = _list_items(document)
            if listed == [document] and not any(known(document) for known in _KNOWN):
                return Findings(problems=(_unknown(path),))
            collections = document.get("collections")
        if not isinstance(listed, list):
            problem = not_understood(path, message("problem.why.no-csl-list"))
            return Findings(problems=(problem,))
        items += nest_children(listed, collections if isinstance(collections, dict) else {})
    problems: list[Problem] = []
    records = list(_records(items, text, path, problems))
    is_saved = any(map(is_saved_page, items))
    return findings_of(join_by_address(records) if is_saved else records, problems)


def _unknown(path: str) -> Problem:
    advice = message("problem.advice.library")
    why = message("problem.why.unknown-format", format="JSON", advice=advice)
    return not_understood(path, why)


# Under which keys programs keep their list: pandoc, Zotero, Hypothesis, Readability, Pocket.
_LISTS: Final = ("references", "items", "rows", "annotations", "bookmarks", "list")


def _list_items(document: Mapping[str, Any]) -> Any:
    """Give the list of items that a document holds, or the document as its only item."""
    embedded = document.get("_embedded")  # Wallabag's interface (HAL)
    if isinstance(embedded, dict) and "items" in embedded:
        return embedded["items"]
    if "roots" in document or ("children" in document and "guid" in document):
        return list(list_bookmarks(document))
    is_annotation = "uri" in document or "url" in document or "itemType" in document
    keys = [] if is_annotation else [key for key in _LISTS if key in document]
    found = document[keys[0]] if keys else [document]
    return list(found.values()) if isinstance(found, dict) and keys[0] == "list" else found


def _records(
    items: list[Any], text: str, path: str, problems: list[Problem]
) -> Iterator[FieldRecord]:
    position, line = 0, 1
    for item in items:
        found = _find_item(item, text, position)
        line += text.count("\n", position, found)
        position = found
        place = Place(path=path, line=line)
        raw = _render_raw(item)
        if isinstance(item, dict) and EMPTY_FOLDER in item:
            problems.append(tell_remainder(str(item[EMPTY_FOLDER]), place))
            continue
        if raw and is_zotero_item(item):
            if record := read_zotero_item(item, raw, place):
                yield record
            continue
        if raw and is_saved_page(item) and "URL" not in item:
            yield read_saved_page(item, raw, place)
            continue
        if raw and is_csl_item(item):
            yield _record(item, raw, place)
            continue
        why = message("problem.why.no-field")
        said = message("problem.entry-not-understood", why=why, words=raw[:60])
        problems.append(Problem(said=said, place=place))


def is_csl_item(item: Any) -> bool:
    """Say whether an object is an item of CSL: a title, an address, or an id beside a type."""
    return isinstance(item, dict) and bool(
        item.get("title")
        or item.get("URL")
        or item.get("DOI")
        or (item.get("id") and item.get("type"))
    )


_KNOWN: Final = (is_zotero_item, is_saved_page, is_csl_item)


def _render_raw(item: Any) -> str:
    """Render an item as one line of JSON, or "" where it holds itself, which no reference does."""
    parts = json.JSONEncoder(ensure_ascii=False, default=str).iterencode(item)
    try:
        return "".join(islice(parts, _MAX_RAW_PARTS)).encode("utf-8", "replace").decode("utf-8")
    except (ValueError, TypeError, RecursionError):
        return ""


def _find_item(item: Any, text: str, position: int) -> int:
    """Find where an item probably starts in the source: at its id, else its title."""
    if isinstance(item, dict):
        for key in ("id", "title", "URL"):
            value = str(item.get(key) or "")
            if value and (found := text.find(value, position)) >= 0:
                return found
    return position


def _record(item: Mapping[str, Any], raw: str, place: Place) -> FieldRecord:
    custom = item.get("custom") if isinstance(item.get("custom"), dict) else {}
    fields = {name: parse_words(item.get(key)) for name, key in _FIELDS}
    fields["doi"] = tidy_doi(fields["doi"])
    kind = parse_words(item.get("type"))
    editor = parse_names(item.get("editor"))
    reference = Reference(
        id="",
        title="",
        type=kind if kind in CSL_TYPES else "document",
        author=parse_names(item.get("author")) or parse_names(item.get("interviewer")),
        editor=editor,
        translator=parse_names(item.get("translator")),
        editor_role=parse_words((custom or {}).get("editor_role")) or ("editor" if editor else ""),
        issued=parse_csl_date(item.get("issued")),
        accessed=parse_csl_date(item.get("accessed")),
        url=parse_words(item.get("URL")) or None,
        archive_url=parse_words(item.get("archive_location") or item.get("archive-location"))
        or None,
        section=tuple(parse_words(one) for one in parse_list((custom or {}).get("section"))),
        keyword=parse_keywords(item.get("keyword")),
        aliases=tuple(name_id(key) for key in _list_keys(item)),
        raw=raw,
        place=place,
    )
    reference = replace(reference, **fields)  # type: ignore[arg-type]  # every one a str
    notes = [part for key in ("annote", "annotation") for part in _notes(item.get(key))]
    remark = parse_scalar(item.get("note"))
    remark = "" if remark == parse_scalar(item.get("annote")) else without_fields(remark)
    return FieldRecord(
        reference=reference,
        fields={str(name): join_texts(value) for name, value in item.items()},
        notes={"annote": [tidy_note(one) for one in notes], "note": [tidy_note(remark)]},
    )


def _list_keys(item: Mapping[str, Any]) -> Iterator[str]:
    """List the citation keys of an item: what a person types after "@", as Pandoc reads it.

    A number or an address is a program's own name for the item (Zotero's, CrossRef's).
    """
    for value in (item.get("citation-key"), item.get("id")):
        key = value.strip() if isinstance(value, str) else ""
        if key and not key.isdigit() and "://" not in key:
            yield key


def _notes(value: Any) -> list[str]:
    return [
        note
        for one in (value if isinstance(value, list) else [value])
        for note in re.split(r"\n\s*\n\* \* \*\n\s*\n", parse_scalar(one))
    ]


def render_csl_json(reference: Reference, notes: tuple[str, ...]) -> str:
    """Write one item of a CSL-JSON array."""
    return json.dumps(csl_item(reference, notes), ensure_ascii=False, indent=2)


def render_csl_yaml(reference: Reference, notes: tuple[str, ...]) -> str:
    """Write one item of the list under `references:` of CSL-YAML."""
    item = csl_item(reference, notes)
    return str(yaml.dump([item], Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100))


def csl_item(reference: Reference, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Give a reference and its notes as a CSL item; what is empty is left out."""
    item: dict[str, Any] = {
        "id": reference.id,
        "type": reference.type if reference.type in CSL_TYPES else "document",
    }
    for name, key in (*_FIELDS, ("url", "URL"), ("archive_url", "archive_location")):
        if value := clean(getattr(reference, name) or ""):
            item[key] = value
    for key in ("author", "editor", "translator"):
        if names := getattr(reference, key):
            item[key] = [_render_name(name) for name in names]
    for key, written in (("issued", reference.issued), ("accessed", reference.accessed)):
        if written:
            item[key] = _render_date(written)
    if reference.keyword:
        item["keyword"] = ", ".join(clean(word) for word in reference.keyword)
    if notes:
        item["annote"] = NOTE_BREAK.join(map(note_markup, notes))
        item["note"] = item["annote"]  # Zotero reads this one, into its field "extra"
    if custom := _list_custom(reference):
        item["custom"] = custom
    return item


def _list_custom(reference: Reference) -> dict[str, Any]:
    """List what CSL has no variable for."""
    custom: dict[str, Any] = {}
    if reference.section:
        custom["section"] = [clean(heading) for heading in reference.section]
    if reference.editor_role not in ("", "editor"):
        custom["editor_role"] = reference.editor_role
    return custom


def _render_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": clean(name.literal)}
    parts = {
        "family": clean(name.family),
        "given": clean(name.given),
        "suffix": clean(name.suffix),
    }
    return {key: value for key, value in parts.items() if value}


def _render_date(edtf: str) -> dict[str, Any]:
    parts, season = date_parts(edtf)
    if not parts:  # a decade, a century
        return {"literal": edtf}
    date: dict[str, Any] = {"date-parts": [parts]}
    return date | {"season": SEASON_NUMBER[season]} if season else date


# --- the values of an item ------------------------------------------------------------------

_SEASONS: Final = SEASON_BY_NAME | {"1": 21, "2": 22, "3": 23, "4": 24}
_MARKUP: Final = re.compile(r"</?(?:i|b|em|strong|sup|sub|sc|span)\b[^>]*>", re.IGNORECASE)


def parse_scalar(value: Any) -> str:
    """Read a value as written; of a list (Crossref's titles) the first, of an object nothing."""
    if isinstance(value, list):
        value = next(iter(value), None)
    return "" if value is None or isinstance(value, dict | list | bool) else str(value)


def parse_words(value: Any) -> str:
    """Read a value on one line, without the markup that CSL allows in it."""
    return normalise(_MARKUP.sub("", parse_scalar(value)))


def parse_list(value: Any) -> list[Any]:
    """Read a list as it is, anything else as an empty one."""
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
            if (family or parse_words(one.get("literal"))) == "others":  # pandoc, of BibTeX
                names.append(Name(literal=OTHERS))
                continue
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
    """Read a CSL date (parts, raw, literal, or EDTF alone as pandoc has it) as EDTF."""
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
    if re.fullmatch("-[0-9]{1,4}", parts[0]):
        before = year_before(-int(parts[0]))
        return "-".join([before, *(part.zfill(2) for part in parts[1:])])
    if not re.fullmatch("[0-9]{1,4}", parts[0]):
        return parse_date(" ".join(parts))
    number = _SEASONS.get(fold(parse_scalar(season))) if len(parts) == 1 else None
    return render_edtf([*parts, str(number)] if number else parts)


def _edtf(text: str) -> str:
    return parse_edtf(text)


# --- a file that is broken somewhere: one bad entry costs itself ------------------------------

# An item of CSL opens with one of these; the objects inside (names, dates) never do.
_ITEM: Final = re.compile(r"\{\s*\"(?:id|type|title|URL|DOI|citation-key|author|issued)\"\s*:")
_DASH: Final = re.compile(r"^(?P<indent> *)- ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvage:
    """The entries that could be read, in the order of the file, and where broken ones start."""

    items: tuple[Any, ...] = ()
    broken: tuple[int, ...] = ()  # offsets in the text


def salvage_json(text: str, decode: Callable[[str, int], tuple[Any, int]]) -> Salvage:
    """Give the items of a broken JSON file; `decode` is a JSONDecoder's raw_decode."""
    items: list[Any] = []
    broken: list[int] = []
    position = 0
    while found := _ITEM.search(text, position):
        try:
            item, position = decode(text, found.start())
            items.append(item)
        except (ValueError, RecursionError):
            broken.append(found.start())
            position = found.end()
    return Salvage(items=tuple(items), broken=tuple(broken))


def salvage_yaml(text: str, load: Callable[[str], Any]) -> Salvage:
    """Give the items of a broken YAML list; `load` reads a text that holds a part of it."""
    items: list[Any] = []
    broken: list[int] = []
    for start, end in _dashes(text):
        try:
            part = load(text[start:end])
        except (yaml.YAMLError, RecursionError):
            broken.append(start)
            continue
        items += part if isinstance(part, list) else [part]
    return Salvage(items=tuple(items), broken=tuple(broken))


def _dashes(text: str) -> Iterator[tuple[int, int]]:
    """Find where the items of the outermost list start and end."""
    found = list(_DASH.finditer(text))
    outermost = min((len(dash["indent"]) for dash in found), default=0)
    starts = [dash.start() for dash in found if len(dash["indent"]) == outermost]
    yield from pairwise([*starts, len(text)])


CSL_JSON: Final = Format(
    name="csl-json",
    label="CSL-JSON",
    media_type="application/vnd.citationstyles.csl+json",
    extensions=("json", "csljson"),
    parse=parse_csl_json,
    render_record=render_csl_json,
    opening="[\n",
    separator=",\n",
    closing="\n]\n",
    signature=re.compile(r"\s*(?:\[\s*)?\{\s*\""),
)
CSL_YAML: Final = Format(
    name="csl-yaml",
    label="CSL-YAML",
    media_type="application/yaml",
    extensions=("yaml", "yml"),
    parse=parse_csl_yaml,
    render_record=render_csl_yaml,
    opening="references:\n",
    empty="references: []\n",
    is_offered=False,  # pandoc's own: one CSL is enough beside a text
)
