"""Write CSL-JSON (CSL 1.0.2 input data) and CSL-YAML, as Zotero and pandoc read them."""

import json
from typing import Any, Final

import yaml

from indexer.bibliography.csl import NOTE_BREAK
from indexer.bibliography.csltypes import CSL_TYPES
from indexer.bibliography.exports.fields import SEASON_NUMBER, clean, date_parts, note_markup
from indexer.model import Name, Reference

_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_FIELDS: Final = (
    ("title", "title"),
    ("container-title", "container_title"),
    ("publisher", "publisher"),
    ("publisher-place", "publisher_place"),
    ("number", "number"),
    ("volume", "volume"),
    ("issue", "issue"),
    ("page", "page"),
    ("URL", "url"),
    ("DOI", "doi"),
    ("ISBN", "isbn"),
    ("archive_location", "archive_url"),
    ("language", "language"),
    ("abstract", "abstract"),
)


def render_csl_json(reference: Reference, notes: tuple[str, ...]) -> str:
    """One item of a CSL-JSON array."""
    return json.dumps(csl_item(reference, notes), ensure_ascii=False, indent=2)


def render_csl_yaml(reference: Reference, notes: tuple[str, ...]) -> str:
    """One item of the list under `references:`."""
    item = csl_item(reference, notes)
    return str(yaml.dump([item], Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=100))


def csl_item(reference: Reference, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """A reference and its notes as a CSL item; what is empty is left out."""
    item: dict[str, Any] = {
        "id": reference.id,
        "type": reference.type if reference.type in CSL_TYPES else "document",
    }
    for key, name in _FIELDS:
        if value := clean(getattr(reference, name) or ""):
            item[key] = value
    for key, names in (("author", reference.author), ("editor", reference.editor)):
        if names:
            item[key] = [_name(name) for name in names]
    for key, written in (("issued", reference.issued), ("accessed", reference.accessed)):
        if written:
            item[key] = _date(written)
    if reference.keyword:
        item["keyword"] = ", ".join(clean(word) for word in reference.keyword)
    if notes:
        item["annote"] = NOTE_BREAK.join(map(note_markup, notes))
    custom: dict[str, Any] = {}
    if reference.section:
        custom["section"] = [clean(heading) for heading in reference.section]
    if reference.editor_role not in ("", "editor"):
        custom["editor_role"] = reference.editor_role
    if custom:
        item["custom"] = custom
    return item


def _name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": clean(name.literal)}
    parts = {"family": clean(name.family), "given": clean(name.given)}
    return {key: value for key, value in parts.items() if value}


def _date(edtf: str) -> dict[str, Any]:
    parts, season = date_parts(edtf)
    date: dict[str, Any] = {"date-parts": [parts]}
    return date | {"season": SEASON_NUMBER[season]} if season else date
