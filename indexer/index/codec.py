"""Write a Document as JSON and read it back the same; say in a few bytes what it holds.

Read from the dataclasses' own annotations, so that a field added to the model is carried too.
"""

import dataclasses
import hashlib
import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

from indexer.messages import Message, parse_json, render_json
from indexer.model import Document, Paragraph

_PLAIN = frozenset({str, int, float, bool})


def render_document(document: Document) -> str:
    """Render a Document as JSON, keys in a fixed order: equal documents give equal text."""
    return json.dumps(_pack(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse_document(text: str) -> Document:
    """Read what `render_document` wrote. Raises ValueError or KeyError on anything else."""
    read = _reader(Document)
    document = read(json.loads(text)) if read else None
    if not isinstance(document, Document):
        raise ValueError("no document")
    return document


def render_paragraphs(paragraphs: Sequence[Paragraph]) -> str:
    """Render paragraphs as JSON."""
    return json.dumps(
        [
            {"text": each.text} if _read_facts(each) == _NO_FACTS else _pack(each)
            for each in paragraphs
        ],
        ensure_ascii=False,
    )


def parse_paragraphs(text: str) -> list[Paragraph]:
    """Read the paragraphs that `render_paragraphs` wrote."""
    return [Paragraph(**each) for each in json.loads(text)]


def fingerprint(document: Document) -> str:
    """32 hexadecimal digits that change whenever anything in the document does."""
    return fingerprint_parts(render_document(replace(document, paragraphs=())), document.paragraphs)


def fingerprint_parts(outline: str, paragraphs: Sequence[Paragraph]) -> str:
    """Make the fingerprint of a document, its rendering without paragraphs being at hand.

    Paragraphs are most of a document, and are not rendered: whether anything has changed is asked
    of every text at every update.
    """
    digest = hashlib.blake2b(outline.encode(), digest_size=16)
    # Lengths say where each text ends; repr() of all texts would take as long as all the rest.
    facts = [(len(each.text), _read_facts(each)) for each in paragraphs]
    digest.update(repr(facts).encode())
    digest.update("".join([each.text for each in paragraphs]).encode())
    return digest.hexdigest()


_read_facts = attrgetter(
    *(field.name for field in dataclasses.fields(Paragraph) if field.name != "text")
)


_NO_FACTS = _read_facts(Paragraph(text=""))  # those of most paragraphs


def _pack(value: Any) -> Any:
    """Pack a value as JSON has it; what a dataclass leaves at its default is left out."""
    pack = _packer(type(value))  # type: ignore[arg-type]
    return value if pack is None else pack(value)


@cache
def _packer(kind: type) -> Callable[[Any], Any] | None:
    """Find what packs values of a type; None when nothing is to do."""
    if issubclass(kind, tuple):
        return lambda value: [_pack(held) for held in value]
    if issubclass(kind, Message):
        return render_json
    if dataclasses.is_dataclass(kind):
        return _dataclass_packer(kind)
    if issubclass(kind, datetime):
        return datetime.isoformat
    if issubclass(kind, Mapping):
        return lambda value: {key: _pack(held) for key, held in value.items()}
    return None


def _dataclass_packer(kind: type) -> Callable[[Any], Any]:
    """Pack the fields of a dataclass that are not at their defaults."""
    defaults = [
        (
            field.name,
            field.default
            if field.default_factory is dataclasses.MISSING
            else field.default_factory(),
        )
        for field in dataclasses.fields(kind)
    ]

    def pack_fields(value: Any) -> dict[str, Any]:
        return {
            name: held if type(held) is str else _pack(held)
            for name, default in defaults
            if (held := getattr(value, name)) is not default and held != default
        }

    return pack_fields


@cache
def _reader(kind: Any) -> Callable[[Any], Any] | None:
    """Find what turns what `_pack` made into a `kind`; None when nothing is to do."""
    if kind in _PLAIN:
        return None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        (inner,) = (each for each in get_args(kind) if each is not types.NoneType)
        read = _reader(inner)
        return None if read is None else _optional_reader(read)
    if origin is tuple:
        read = _reader(get_args(kind)[0])
        return tuple if read is None else lambda value: tuple(map(read, value))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return lambda value: types.MappingProxyType(dict(value))
    if kind is Message:
        return parse_json
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _dataclass_reader(kind)
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return None


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    """Read every field; KeyError when the dataclass has none of that name."""
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}

    def read_fields(value: dict[str, Any]) -> Any:
        return kind(
            **{
                name: held if (read := readers[name]) is None else read(held)
                for name, held in value.items()
            }
        )

    return read_fields


def _optional_reader(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)
