"""Write a Document as JSON and read it back the same; say in a few bytes what it holds.

Read from the dataclasses' own annotations, so that a field added to the model is carried too.
"""

import dataclasses
import hashlib
import json
import types
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from indexer.model import Document

_PLAIN = frozenset({str, int, float, bool})


def render_document(document: Document) -> str:
    """A Document as JSON, keys in a fixed order: equal documents give equal text."""
    return json.dumps(_pack(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def parse_document(text: str) -> Document:
    """The Document that `render_document` wrote. Raises ValueError or KeyError on anything else."""
    document = _unpack(Document, json.loads(text))
    if not isinstance(document, Document):
        raise ValueError("no document")
    return document


def fingerprint(document: Document) -> str:
    """32 hexadecimal digits that change whenever anything in the document does."""
    return fingerprint_text(render_document(document))


def fingerprint_text(text: str) -> str:
    """The fingerprint of a document already rendered."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _pack(value: Any) -> Any:
    """A value as JSON has it; what a dataclass leaves at its default is left out."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, tuple):
        return [_pack(held) for held in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            name: _pack(held)
            for name, default in _defaults(type(value))
            if (held := getattr(value, name)) != default
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _pack(held) for key, held in value.items()}
    return value


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...]:
    """The fields of a dataclass and what each is when nothing is said; MISSING when it must be."""
    return tuple(
        (
            field.name,
            field.default
            if field.default_factory is dataclasses.MISSING
            else field.default_factory(),
        )
        for field in dataclasses.fields(kind)
    )


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _unpack(kind: Any, value: Any) -> Any:
    """The value of type `kind` that `_pack` made `value` of."""
    if kind in _PLAIN:
        return value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (inner,) = (each for each in get_args(kind) if each is not types.NoneType)
        return _unpack(inner, value)
    if origin is tuple:
        return tuple(_unpack(get_args(kind)[0], held) for held in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return types.MappingProxyType(dict(value))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _unpack(hints[name], held) for name, held in value.items()})
    if kind is datetime:
        return datetime.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return value
