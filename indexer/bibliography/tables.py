"""Read the rows of a table: « Référence | Commentaire », or a column for each field."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from indexer.bibliography.blocks import Block, Shape, Told
from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import parse_markup, plain

_COLUMNS: Final = tuple(
    (column, re.compile(pattern))
    for column, pattern in (
        (
            "note",
            r"comment|annot|\bnotes?\b|resume|remarque|avis|abstract|description|interet|apport|"
            r"contenu|synthese",
        ),
        ("keywords", r"mots?.?cle|keyword|themes?\b|tags?\b"),
        ("reference", r"reference|\bref\b|citation|notice"),
        ("author", r"auteur|autrice|author|\bqui\b"),
        ("title", r"titre|title|texte|article|ouvrage|document"),
        ("container", r"revue|journal|source|site|media|publication|editeur|support"),
        ("date", r"date|annee|year|parution"),
        ("url", r"url|lien|adresse|link"),
    )
)
_FIELDS: Final = ("author", "title", "container", "date", "url")


def expand_rows(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block that is no row as it is, and each row as its reference and its notes."""
    columns: list[str] = []
    for block in blocks:
        if block.shape is not Shape.ROW:
            columns = []
            yield block
            continue
        names = [_column(cell) for cell in block.cells]
        is_header = block.is_header or (not columns and sum(map(bool, names)) >= 2)
        if is_header and any(names):
            columns = names
            continue
        yield from _expand(block, columns)


def _expand(block: Block, columns: Sequence[str]) -> Iterator[Block]:
    cells = dict(zip(columns, block.cells, strict=False)) if columns else {}
    base = replace(block, shape=Shape.PARAGRAPH, cells=())
    raw = cells.get("reference", "").strip() or _compose(cells)
    if not raw:
        yield from (replace(base, raw=cell) for cell in block.cells if cell.strip())
        return
    yield replace(base, raw=raw, told=Told.REFERENCE)
    for column, cell in zip(columns, block.cells, strict=False):
        if column == "note" and cell.strip():
            yield replace(base, raw=cell, told=Told.NOTE)
        elif column == "keywords" and cell.strip():
            yield replace(base, raw=cell, told=Told.KEYWORDS)


def _compose(cells: dict[str, str]) -> str:
    """A reference line made of a row's fields."""
    title = cells.get("title", "").strip()
    if not title:
        return ""
    has_quotes = re.search(r"[«“\"]", title) is not None
    parts = {**cells, "title": title if has_quotes else f"« {title} »"}
    return ", ".join(parts[name].strip() for name in _FIELDS if parts.get(name, "").strip())


def _column(cell: str) -> str:
    words = fold(plain(parse_markup(cell).text))
    if len(words) > 40:
        return ""
    return next((column for column, rule in _COLUMNS if rule.search(words)), "")
