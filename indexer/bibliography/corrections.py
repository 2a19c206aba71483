"""Read the corrections that a person keeps beside the bibliography; they always win.

    "Raphaël Besson, « Villes créatives », 19 janvier 2016, Urbanews.fr,":
        url: http://www.urbanews.fr/2016/01/19/…
        author: [Raphaël Besson]
    "Le but est de relier…":
        is: note

The key is the line as it stands in the file (white space does not count), or the identifier of
the reference.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

import yaml

from indexer.bibliography.blocks import Role
from indexer.bibliography.lines.dates import parse_date
from indexer.bibliography.lines.markup import normalise
from indexer.bibliography.lines.persons import parse_signature
from indexer.messages import Message, message
from indexer.model import Name, Place, Problem, Reference

_ALIASES: Final = MappingProxyType(
    {
        "URL": "url",
        "DOI": "doi",
        "ISBN": "isbn",
        "container-title": "container_title",
        "publisher-place": "publisher_place",
        "archive-url": "archive_url",
        "date": "issued",
        "archive_location": "archive_url",
        "auteur": "author",
        "titre": "title",
        "authors": "author",
        "container": "container_title",
    }
)
_TEXTS: Final = frozenset(
    one.name
    for one in fields(Reference)
    if one.type in (str, "str", str | None) and one.name not in ("id", "raw")
)
_NAMES: Final = frozenset({"author", "editor", "translator"})
_ROLES: Final = MappingProxyType(
    {str(role): role for role in (Role.NOTE, Role.REFERENCE, Role.HEADING, Role.FURNITURE)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What a person says of lines: fields by line or identifier, and what a line is."""

    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    accepted: tuple["Accepted", ...] = ()
    problems: tuple[Problem, ...] = ()

    def find(self, reference: Reference) -> str | None:
        """Find the key that corrects a reference, or None: its line, its id, an older one."""
        raw = normalise(reference.raw)
        older = (name.removeprefix("id ") for name in reference.aliases if name.startswith("id "))
        names = (raw, without_marker(raw), reference.id, *older)
        return next((name for name in names if name in self.fields), None)


NO_CORRECTIONS: Final = Corrections()
ACCEPTED: Final = "accepted"  # the key under which a person accepts what `check` tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A message of `check` that a person accepts: its slug, the words of its line, who and why."""

    message: str
    line: str
    by: str = ""
    why: str = ""
    place: Place | None = None  # in the corrections file


class RoleLookup(Mapping[str, Role]):
    """The roles that a person has set, by the words of a line; remembers those asked and found."""

    def __init__(self, roles: Mapping[str, Role]) -> None:
        """Take the roles by line."""
        self._roles = roles
        self.used: set[str] = set()

    def __getitem__(self, line: str) -> Role:
        """Give the role of a line. Raises KeyError where none is set."""
        role = self._roles[line]
        self.used.add(line)
        return role

    def __iter__(self) -> Iterator[str]:
        """Go through the lines."""
        return iter(self._roles)

    def __len__(self) -> int:
        """Count the lines."""
        return len(self._roles)


def render_accepted(text: str, accepted: Sequence[Accepted]) -> str:
    """Write messages that are accepted into the text of a corrections file; the rest stays.

    They are added first under `accepted:`, which is made at the end where there is none.
    """
    rows = [
        {key: getattr(one, key) for key in ("message", "line", "by", "why") if getattr(one, key)}
        for one in accepted
    ]
    written = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=1000)
    found = re.search(rf"^{ACCEPTED}:[ \t]*(?:#[^\n]*)?$", text, re.MULTILINE)
    if found is None:
        start = text if not text or text.endswith("\n") else f"{text}\n"
        return f"{start}{ACCEPTED}:\n{written}"
    indent = re.match(r"\n+([ \t]*)-", text[found.end() :])
    written = "".join(
        f"{indent[1] if indent else ''}{line}" for line in written.splitlines(keepends=True)
    )
    return f"{text[: found.end()]}\n{written.rstrip()}{text[found.end() :]}"


def _read_accepted(values: Any, text: str, path: str) -> tuple[list[Accepted], list[Problem]]:
    accepted: list[Accepted] = []
    problems: list[Problem] = []
    for one in values if isinstance(values, list) else [values]:
        if not isinstance(one, dict) or not one.get("message") or not one.get("line"):
            place = _place(text, f"{ACCEPTED}:", path)
            problems.append(_refuse(ACCEPTED, message("problem.why.no-message-and-line"), place))
            continue
        line = without_marker(normalise(str(one["line"])))
        place = _place(text, str(one["line"]), path)
        said = {key: normalise(str(one.get(key, ""))) for key in ("message", "by", "why")}
        accepted.append(Accepted(line=line, place=place, **said))
    return accepted, problems


def parse_corrections(text: str, *, path: str) -> Corrections:
    """Read a corrections file; what is wrong in it is a Problem, the rest is taken."""
    try:
        whole = yaml.load(text, Loader=yaml.BaseLoader) or {}  # noqa: S506 - strings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(path=path, line=mark.line + 1 if mark else 1)
        return _refuse_file(message("problem.why.no-yaml"), place)
    if not isinstance(whole, dict):
        return _refuse_file(message("problem.why.no-lines"), Place(path=path, line=1))
    found: dict[str, Mapping[str, Any]] = {}
    roles: dict[str, Role] = {}
    places: dict[str, Place] = {}
    accepted, problems = (
        _read_accepted(whole.pop(ACCEPTED), text, path) if ACCEPTED in whole else ([], [])
    )
    for written, values in whole.items():
        line = without_marker(normalise(str(written)))
        places[line] = _place(text, str(written), path)
        if not isinstance(values, dict):
            problems.append(_refuse(line, message("problem.why.no-fields"), places[line]))
            continue
        role = _ROLES.get(str(values.get("is", "")))
        if role is not None:
            roles[line] = role
        kept, wrong = _sort_fields(values)
        problems += [_refuse(line, why, places[line]) for why in wrong]
        if kept:
            found[line] = kept
    return Corrections(
        fields=found,
        roles=roles,
        places=places,
        accepted=tuple(accepted),
        problems=tuple(problems),
    )


def _sort_fields(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Message]]:
    """Give the fields that a correction sets, and why others can't be."""
    wrong = []
    if "is" in values and str(values["is"]) not in _ROLES:
        wrong.append(message("problem.why.unknown-role", role=str(values["is"])))
    known = {_ALIASES.get(key, key): value for key, value in values.items() if key != "is"}
    fields = _TEXTS | _NAMES | {"keyword"}
    wrong += [message("problem.why.unknown-field", field=key) for key in sorted({*known} - fields)]
    for key in ("issued", "accessed"):
        if known.get(key) and not read_date(known[key]):
            wrong.append(message("problem.why.no-date", date=str(known.pop(key))))
    return {key: value for key, value in known.items() if key in fields}, wrong


def correct(reference: Reference, values: Mapping[str, Any]) -> Reference:
    """Put a person's fields in place of those of a reference that were read; they are certain."""
    changes: dict[str, Any] = {}
    for key, value in values.items():
        if key in _NAMES:
            names = value if isinstance(value, list) else [value]
            changes[key] = tuple(_name(one) for one in names if one)
        elif key == "keyword":
            changes[key] = tuple(
                normalise(str(one)) for one in (value if isinstance(value, list) else [value])
            )
        else:
            text = normalise(str(value or ""))
            text = read_date(text) if key in ("issued", "accessed") else text
            changes[key] = text or (None if key in ("url", "archive_url") else "")
    confidence = dict(reference.confidence) | dict.fromkeys(changes, 1.0)
    return replace(reference, **changes, confidence=MappingProxyType(confidence))


_MARKER: Final = re.compile(r"^(?:[-*+•]\s+|\[?\d{1,4}[.)\]]:?\s+)")


def without_marker(line: str) -> str:
    """Take off a line the bullet or number that it was copied with: "[1]", "2."."""
    return _MARKER.sub("", line)


def read_date(written: Any) -> str:
    """Read a date as a person writes it ("12 août 2017", "2017-08") as EDTF, or ""."""
    text = normalise(str(written or ""))
    return text if re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", text) else parse_date(text)


def _name(value: Any) -> Name:
    if isinstance(value, dict):
        return Name(
            **{key: normalise(str(value.get(key, ""))) for key in ("family", "given", "literal")}
        )
    byline = parse_signature(normalise(str(value)))
    return byline.names[0] if byline.names else Name(literal=normalise(str(value)))


def _place(text: str, written: str, path: str) -> Place:
    found = text.find(written[:40])
    return Place(path=path, line=text.count("\n", 0, max(found, 0)) + 1)


def _refuse(line: str, why: Message, place: Place) -> Problem:
    said = message("problem.correction-not-understood", words=line[:60], why=why)
    return Problem(said=said, place=place)


def _refuse_file(why: Message, place: Place) -> Corrections:
    said = message("problem.corrections-not-understood", why=why)
    return Corrections(problems=(Problem(said=said, place=place),))
