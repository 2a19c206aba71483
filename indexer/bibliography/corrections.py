"""Read the corrections that a person keeps beside the bibliography; they always win.

    "Raphaël Besson, « Villes créatives », 19 janvier 2016, Urbanews.fr,":
        url: http://www.urbanews.fr/2016/01/19/…
        author: [Raphaël Besson]
    "Le but est de relier…":
        is: note
        text: Le but est de relier les lieux.
        cites: [besson-2014-tiers]

The key is the line as it stands in the file or as a page shows it (white space, bullets and
numbers do not count), or the identifier of the reference or of the note.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Final

import yaml

from indexer.bibliography.blocks import Role
from indexer.bibliography.lines.dates import parse_edtf
from indexer.bibliography.lines.markup import normalise, parse_markup, plain
from indexer.bibliography.lines.persons import parse_signature
from indexer.messages import Message, message
from indexer.model import Name, Note, Place, Problem, Reference

_ALIASES: Final = MappingProxyType(
    {
        "URL": "url",
        "DOI": "doi",
        "ISBN": "isbn",
        "container-title": "container_title",
        "publisher-place": "publisher_place",
        "archive-url": "archive_url",
        "number-of-pages": "number_of_pages",
        "number-of-volumes": "number_of_volumes",
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
_DATES: Final = frozenset({"issued", "accessed"})
NOTE: Final = "note"  # the field under which a reference is given notes
_LISTS: Final = _NAMES | {"keyword", NOTE}
_PARTS_OF_NAMES: Final = frozenset({"family", "given", "literal", "suffix"})
# What is said of a note: other words, the references that it comments on.
_OF_NOTES: Final = MappingProxyType(
    {"text": "text", "texte": "text", "cites": "cites", "cite": "cites"}
)
_ROLES: Final = MappingProxyType(
    {str(role): role for role in (Role.NOTE, Role.REFERENCE, Role.HEADING, Role.FURNITURE)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """The corrections of a person: fields by line or identifier, and what a line is."""

    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: Mapping[str, "NoteCorrection"] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    accepted: tuple["Accepted", ...] = ()
    problems: tuple[Problem, ...] = ()

    def find(self, reference: Reference) -> str | None:
        """Find the key that corrects a reference, or None: its line, its id, an older one."""
        raw = normalise(reference.raw)
        older = (name.removeprefix("id ") for name in reference.aliases if name.startswith("id "))
        names = (raw, without_marker(raw), reference.id, *older)
        found = next((name for name in names if name in self.fields), None)
        return found or next(
            (one for one in _list_shown(reference.raw) if one in self.fields), None
        )

    def find_note(self, note: Note, note_id: str) -> str | None:
        """Find the key that corrects a note, or None: its id, its words, one of its paragraphs."""
        paragraphs = (normalise(part) for part in note.text.split("\n\n"))
        names = (note_id, normalise(note.text), *paragraphs)
        return next((name for name in names if name in self.notes), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCorrection:
    """The correction of a note: its words, the references that it is on; None: as read."""

    text: str | None = None
    cites: tuple[str, ...] | None = None  # identifiers or lines


def _list_shown(raw: str) -> Iterator[str]:
    """Give a line as a page shows it, without its markup; a record of a program has none."""
    if len(raw) <= MAX_LINE:
        shown = normalise(plain(parse_markup(raw).text))
        yield from (shown, without_marker(shown))


MAX_LINE: Final = 1500  # characters; no line that a person copies is longer
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
        # As nodes, which know their lines, and which a key that stands twice is not lost from.
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        whole = [] if node is None else _list_entries(node)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(path=path, line=mark.line + 1 if mark else 1)
        return _refuse_file(message("problem.why.no-yaml"), place)
    if whole is None:
        return _refuse_file(message("problem.why.no-lines"), Place(path=path, line=1))
    reader = _CorrectionsReader()
    for written, values, number in whole:
        place = Place(path=path, line=number)
        if written == ACCEPTED:
            accepted, problems = _read_accepted(values, text, path)
            reader.accepted += accepted
            reader.problems += problems
        else:
            reader.read(without_marker(normalise(written)), values, place)
    return Corrections(
        fields=reader.fields,
        notes=reader.notes,
        roles=reader.roles,
        places=reader.places,
        accepted=tuple(reader.accepted),
        problems=tuple(reader.problems),
    )


def _list_entries(node: Any) -> list[tuple[str, Any, int]] | None:
    """List the keys of a file with their values and lines; None where it holds no keys."""
    if not isinstance(node, yaml.MappingNode):
        return None
    maker = yaml.BaseLoader("")
    return [
        (
            str(maker.construct_object(key, deep=True)),
            maker.construct_object(value, deep=True),
            key.start_mark.line + 1,
        )
        for key, value in node.value
    ]


class _CorrectionsReader:
    """Goes through the keys of a corrections file; keeps what each says, and what is wrong."""

    def __init__(self) -> None:
        self.fields: dict[str, Mapping[str, Any]] = {}
        self.notes: dict[str, NoteCorrection] = {}
        self.roles: dict[str, Role] = {}
        self.places: dict[str, Place] = {}
        self.accepted: list[Accepted] = []
        self.problems: list[Problem] = []

    def read(self, line: str, values: Any, place: Place) -> None:
        """Read what one key says."""
        if line in self.places:
            self.problems.append(_refuse(line, message("problem.why.same-line"), place))
            return
        self.places[line] = place
        if not isinstance(values, dict) or not values:
            self.problems.append(_refuse(line, message("problem.why.no-fields"), place))
            return
        wrong = self._read_role(line, values)
        of_note = {_OF_NOTES[key]: values[key] for key in values if key in _OF_NOTES}
        kept, more = _sort_fields(
            {key: value for key, value in values.items() if key != "is" and key not in _OF_NOTES}
        )
        wrong += more
        if of_note:
            self.notes[line], more = _read_note(of_note)
            wrong += more
        self.problems += [_refuse(line, why, place) for why in wrong]
        if kept:
            self.fields[line] = kept

    def _read_role(self, line: str, values: Mapping[str, Any]) -> list[Message]:
        """Read what a line is said to be; give what is wrong with it."""
        role = str(values.get("is", ""))
        if role in _ROLES:
            self.roles[line] = _ROLES[role]
        elif "is" in values:
            return [message("problem.why.unknown-role", role=role)]
        return []


def _read_note(values: Mapping[str, Any]) -> tuple[NoteCorrection, list[Message]]:
    """Read what is said of a note: paragraphs with an empty line between, identifiers or lines."""
    wrong: list[Message] = []
    text: str | None = None
    if "text" in values:
        parts = re.split(r"\n\s*\n", str(values["text"] or "")) if _is_text(values["text"]) else []
        text = "\n\n".join(filter(None, map(normalise, parts))) or None
        if text is None:
            wrong.append(message("problem.why.no-text", field="text"))
    cites: tuple[str, ...] | None = None
    if "cites" in values:
        listed = values["cites"] if isinstance(values["cites"], list) else [values["cites"]]
        cites = tuple(without_marker(normalise(str(one))) for one in listed if one)
    return NoteCorrection(text=text, cites=cites), wrong


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _sort_fields(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Message]]:
    """Give the fields that a correction sets, and why others can't be."""
    known = {_ALIASES.get(key, key): value for key, value in values.items()}
    kept: dict[str, Any] = {}
    wrong: list[Message] = []
    for key, value in sorted(known.items()):
        why = _find_wrong(key, value)
        if why is None:
            kept[key] = value
        else:
            wrong.append(why)
    return kept, wrong


def _find_wrong(key: str, value: Any) -> Message | None:
    """Say why a field cannot be set to a value, None where it can; "" empties a field."""
    if key in _LISTS:
        listed = value if isinstance(value, list) else [value]
        is_right = all(isinstance(one, str) or (key in _NAMES and _is_name(one)) for one in listed)
        return None if is_right else message("problem.why.no-list", field=key)
    if key not in _TEXTS:
        return message("problem.why.unknown-field", field=key)
    return _find_wrong_text(key, value)


def _find_wrong_text(key: str, value: Any) -> Message | None:
    if not isinstance(value, str):
        return message("problem.why.no-text", field=key)
    if key in _DATES and value and not read_date(value):
        return message("problem.why.no-date", date=value)
    if key == "type":
        from indexer.bibliography.formats.format import CSL_TYPES  # here: with it come all formats

        if value not in CSL_TYPES:
            return message("problem.why.unknown-type", type=value)
    return None


def _is_name(value: Any) -> bool:
    is_named = isinstance(value, dict) and bool(value) and _PARTS_OF_NAMES.issuperset(value)
    return is_named and all(isinstance(part, str) for part in value.values())


def correct(reference: Reference, values: Mapping[str, Any]) -> Reference:
    """Put a person's fields in place of those of a reference that were read; they are certain."""
    changes = {key: _read_value(key, value) for key, value in values.items() if key != NOTE}
    confidence = dict(reference.confidence) | dict.fromkeys(changes, 1.0)
    return replace(reference, **changes, confidence=MappingProxyType(confidence))


def _read_value(key: str, value: Any) -> Any:
    """Read what a correction says of a field as the reference holds it."""
    listed = value if isinstance(value, list) else [value]
    if key in _NAMES:
        return tuple(_name(one) for one in listed if one)
    if key == "keyword":
        return tuple(normalise(str(one)) for one in listed)
    text = normalise(str(value or ""))
    text = read_date(text) if key in _DATES else text
    return text or (None if key in ("url", "archive_url") else "")


_MARKER: Final = re.compile(
    r"^(?:[-*+•–—]\s+(?:\[[ xX]\]\s+)?|>\s+|\[?\d{1,4}[.)\]]:?\s+|\(\d{1,4}\)\s+|\[\^[\w-]+\]:\s+)+"
)


def without_marker(line: str) -> str:
    """Take off a line the bullet or number that it was copied with: "[1]", "2."."""
    return _MARKER.sub("", line)


def read_date(written: Any) -> str:
    """Read a date as a person writes it ("12 août 2017", "2017-08") as EDTF, or ""."""
    text = normalise(str(written or ""))
    return parse_edtf(text)


def _name(value: Any) -> Name:
    if isinstance(value, dict):
        return Name(**{key: normalise(str(value.get(key, ""))) for key in _PARTS_OF_NAMES})
    byline = parse_signature(normalise(str(value)))
    return byline.names[0] if byline.names else Name(literal=normalise(str(value)))


def _place(text: str, written: str, path: str) -> Place:
    found = text.find(written[:40])
    return Place(path=path, line=text.count("\n", 0, max(found, 0)) + 1)


def _refuse(line: str, why: Message, place: Place) -> Problem:
    said = message("problem.correction-not-understood", words=line[:60], why=why)
    return Problem(said=said, place=place)


def refuse(line: str, why: Message, corrections: Corrections) -> Problem:
    """Make the problem that says why a correction, known by its key, has no effect."""
    return _refuse(line, why, corrections.places.get(line) or Place(path="", line=1))


def _refuse_file(why: Message, place: Place) -> Corrections:
    said = message("problem.corrections-not-understood", why=why)
    return Corrections(problems=(Problem(said=said, place=place),))
