"""Read the front matter of a Markdown file: what it says of the text that the file is about.

With an address, the file is one article: a reference, its body the note on it. Without one, its
title is the heading of all that follows.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from indexer.bibliography.blocks import Block, Shape, Told
from indexer.bibliography.findings import join_texts
from indexer.bibliography.lines.dates import parse_date
from indexer.bibliography.lines.markup import has_absolute_scheme, mend_address, normalise
from indexer.bibliography.lines.persons import parse_signature
from indexer.model import Name, Reference, SourceFile

_YAML: Final = re.compile(r"\A---[ \t]*\n(?P<body>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML: Final = re.compile(r"\A\+\+\+[ \t]*\n(?P<body>.*?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_NAME: Final = re.compile(r"[^\W\d][\w.:-]*(?: [\w.-]+){0,2}")
_TITLES: Final = ("title", "titre")
_AUTHORS: Final = ("author", "authors", "auteur", "auteurs", "autrice", "creator")
_DATES: Final = ("date", "issued", "published", "publication", "année", "year", "parution")
_ADDRESSES: Final = ("url", "link", "lien", "source", "adresse", "uri", "canonical", "original")
_TAGS: Final = ("tags", "keywords", "mots-clés", "tag", "categories", "motscles")
_CONTAINERS: Final = ("container-title", "journal", "revue", "site", "media", "publication-title")
_SUFFIXES: Final = frozenset({".md", ".markdown"})
_FOLDER_PAGES: Final = frozenset({"index", "_index", "readme"})
# What a site's generator or an editor needs, and says nothing of a text.
TECHNICAL: Final = frozenset(
    """layout permalink draft date datecreated editor slug weight type id uid uuid template toc
    sidebar_position menu comments math published lastmod updated modified created aliases
    cssclass cssclasses publish nav_order parent has_children image cover thumbnail
    featured_image hidden pin status
    sidebar_label hide_title hide lang language langue""".split()  # noqa: SIM905 - a table
)
_NOTES: Final = ("description", "summary", "résumé", "resume", "note", "commentaire", "abstract")


def read_front_matter(text: str) -> tuple[list[Block], str]:
    """Read the blocks that a file's front matter is, and the text with its lines emptied.

    What is no YAML and no TOML stays in the text, so that nothing is lost.
    """
    found = _YAML.match(text) or _TOML.match(text)
    if found is None:
        return [], text
    fields = _fields(found["body"], is_toml=text.startswith("+"))
    if not fields:
        return [], text
    height = found[0].count("\n")
    rest = "\n" * height + text[found.end() :]
    reference = _reference(fields, found["body"])
    title = normalise(_one(fields, _TITLES))
    blocks: list[Block] = []
    said = _one(fields, _NOTES)
    if reference.url or reference.doi:
        blocks.append(
            Block(
                shape=Shape.PARAGRAPH,
                raw=found["body"],
                line=1,
                end=height,
                told=Told.REFERENCE,
                reference=reference,
            )
        )
    elif title and not re.search(rf"^#\s+{re.escape(title)}\s*$", rest, re.MULTILINE):
        blocks.append(Block(shape=Shape.HEADING, raw=title, line=1, end=height, level=-1))
    if said:
        blocks.append(Block(shape=Shape.PARAGRAPH, raw=said, line=1, end=height, told=Told.NOTE))
    if not (reference.url or reference.doi):
        blocks += _leave(fields, title, height)
    return blocks, rest


def _leave(fields: Mapping[str, Any], title: str, height: int) -> list[Block]:
    """Leave what a file says of itself and nothing here has a place for; `check` tells it."""
    read = {key for key in (*_TITLES, *_NOTES) if fields.get(key)}
    left = {
        key: value
        for key, value in flatten(fields).items()
        if value and key not in read and key not in TECHNICAL and normalise(value) != title
    }
    if not left:
        return []
    raw = "; ".join(f"{key}: {value}" for key, value in left.items())
    return [Block(shape=Shape.PARAGRAPH, raw=raw, line=1, end=height, told=Told.LEFT)]


def list_fields(body: str) -> Mapping[str, str]:
    """List the fields of a front matter by name, but for those that say nothing of a text."""
    fields = _fields(body, is_toml=False) or _fields(body, is_toml=True)
    return {name: value for name, value in flatten(fields).items() if name not in TECHNICAL}


def flatten(fields: Mapping[str, Any]) -> dict[str, str]:
    """Write the values of nested fields as one text a field."""
    return {key: join_texts(value) for key, value in fields.items()}


def describe_file(path: str, text: str) -> SourceFile:
    """Say what a file says of itself: its title, or that it is one reference.

    The front matter of `index.md` or `README.md` speaks of the folder.
    """
    name = PurePosixPath(path)
    found = (_YAML.match(text) or _TOML.match(text)) if name.suffix.lower() in _SUFFIXES else None
    if found is None:
        return SourceFile(path=path)
    fields = _fields(found["body"], is_toml=text.startswith("+"))
    reference = _reference(fields, found["body"])
    is_reference = bool(reference.url or reference.doi)
    return SourceFile(
        path=path,
        title="" if is_reference else normalise(_one(fields, _TITLES)),
        is_reference=is_reference,
        is_folder_page=not is_reference and name.stem.lower() in _FOLDER_PAGES,
    )


def _fields(body: str, *, is_toml: bool) -> Mapping[str, Any]:
    try:
        whole = tomllib.loads(body) if is_toml else yaml.load(body, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, tomllib.TOMLDecodeError, RecursionError):
        return {}
    # "« Titre » : sous-titre" between two rules is no field: names of fields are plain words.
    if not isinstance(whole, dict) or not all(_NAME.fullmatch(str(key)) for key in whole):
        return {}
    return {str(key).lower(): value for key, value in whole.items()}


def _reference(fields: Mapping[str, Any], body: str) -> Reference:
    address = next((one for one in _many(fields, _ADDRESSES) if has_absolute_scheme(one)), "")
    return Reference(
        id="",
        title=normalise(_one(fields, _TITLES)),
        author=tuple(name for one in _many(fields, _AUTHORS) for name in _names(one)),
        container_title=normalise(_one(fields, _CONTAINERS)),
        issued=parse_date(_one(fields, _DATES)),
        url=mend_address(address) if address else None,
        doi=_one(fields, ("doi",)).lower(),
        language=_one(fields, ("lang", "language", "langue")),
        keyword=tuple(normalise(one) for one in _many(fields, _TAGS) if one),
        raw=body,
    )


def _names(written: str) -> tuple[Name, ...]:
    byline = parse_signature(normalise(written))
    return byline.names


def _one(fields: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next(iter(_many(fields, keys)), "")


def _many(fields: Mapping[str, Any], keys: tuple[str, ...]) -> list[str]:
    values = next((fields[key] for key in keys if fields.get(key)), "")
    if isinstance(values, str) and keys is _TAGS:
        values = re.split(r"\s*[,;]\s*", values)
    listed = values if isinstance(values, list) else [values]
    return [_say(one) for one in listed if _say(one)]


def _say(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("name") or value.get("nom") or "").strip()
    written = "" if value is None else str(value).strip()
    return re.sub(r"^\[\[(?:[^\[\]|]*\|)?([^\[\]]*)\]\]$", r"\1", written)  # [[a page]]
