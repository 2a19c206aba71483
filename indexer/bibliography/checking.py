"""Find what is to mend in a bibliography, with file and line."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from indexer.bibliography.corrections import Accepted, Corrections
from indexer.bibliography.lines.persons import parse_byline
from indexer.messages import NOTHING, Value, message
from indexer.model import Bibliography, Place, Problem, Reference
from indexer.urls import parse_url

LOW_CONFIDENCE: Final = 0.65
_FIELDS: Final = {
    "title": "problem.field.title",
    "author": "problem.field.author",
    "editor": "problem.field.editor",
    "issued": "problem.field.issued",
    "container_title": "problem.field.container-title",
    "url": "problem.field.url",
}
_SHOWN_CHARS: Final = 60
# What is printed needs no address.
_PRINTED: Final = frozenset({"book", "chapter", "thesis", "manuscript", "map", "pamphlet"})
SEVERITIES: Final = ("error", "warning", "info")
_ERRORS: Final = frozenset(
    {"file-not-understood", "file-not-text", "file-not-readable", "entry-not-understood"}
    | {"corrections-not-understood", "correction-not-understood", "malformed-url"}
)
_INFOS: Final = frozenset(
    {"duplicate-reference", "reference-without-url", "reference-without-title"}
    | {"address-left-out", "unused-correction", "left-over"}
)


def severity_of(problem: Problem) -> str:
    """Say how much a problem matters: "error" (something is lost), "warning", or "info"."""
    code = problem.code
    return "error" if code in _ERRORS else "info" if code in _INFOS else "warning"


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by severity, then by kind, in the order of the files within a kind."""
    return sorted(problems, key=lambda one: (SEVERITIES.index(severity_of(one)), one.code))


def check(bibliography: Bibliography) -> Iterator[Problem]:
    """Low confidence, missing and malformed addresses, missing titles, notes without reference."""
    for reference in bibliography.references:
        yield from _check_reference(reference)
    citing = {citation.note_id for citation in bibliography.citations}
    for note in bibliography.notes:
        if note.id not in citing:
            said = message("problem.note-without-reference", words=_shorten(note.text))
            yield Problem(said=said, place=note.place, subject=note.id)


def _check_reference(reference: Reference) -> Iterator[Problem]:
    def problem(key: str, **values: Value) -> Problem:
        return Problem(said=message(key, **values), place=reference.place, subject=reference.id)

    shown = _shorten(reference.title or reference.raw)
    if not reference.title:
        yield problem("problem.reference-without-title", words=shown)
    is_printed = reference.type in _PRINTED or bool(reference.isbn)
    if not reference.url and not reference.doi and not is_printed:
        yield problem("problem.reference-without-url", words=shown)
    if reference.url:
        parsed = parse_url(reference.url)
        if parsed is None or not parsed.startswith(("http://", "https://")):
            yield problem("problem.malformed-url", address=_shorten(reference.url))
    doubtful = tuple(
        message(_FIELDS[name], read=_shorten(_value(reference, name)))
        for name, confidence in reference.confidence.items()
        if name in _FIELDS and _value(reference, name) and _is_doubtful(reference, name, confidence)
    )
    if doubtful:
        yield problem("problem.low-confidence", fields=doubtful)


_QUOTED: Final = 0.95  # the confidence of a title that stands between quotation marks


def _is_doubtful(reference: Reference, name: str, confidence: float) -> bool:
    """Say whether a field is likely wrong: nothing on its line tells it, or it reads as another."""
    if name != "title":
        return confidence < LOW_CONFIDENCE
    if reference.type == "legislation":  # its own words tell it
        return False
    return confidence < LOW_CONFIDENCE or (
        confidence < _QUOTED and _is_unlikely_title(reference.title)
    )


# What stands in a title that was taken too long, or is none.
_OF_OTHERS: Final = re.compile(
    r"[^.]{3}\. (?!\w\b)(?-i:[A-ZÀ-Ý0-9])"  # a sentence, then another
    r"|^(?:in|dans|trad\w*|trans\w*|edited|dir|prod|coord|&|et|and)\b|^&"
    r"|(?-i:\b[A-Z])\s?\.?,? (?:(?-i:[A-Z])\b|and\b|et\b|&|(?-i:[A-Z])\w+,)"  # initials
    r"|\((?:eds?|éds?|dir|trans|trad|in|\d{4}|\d+\w{0,3} ?[ée]d)\b[^()]*\)"
    r"|\([^()]{4,}\)$|,\s\d{4}$|\bv(?:ol)?\.\s?\d|\bcop$|\barXiv\b|https?:|[|<>]"
    r"|,\s(?:[\w’'-]+\s){0,3}(?:press|[ée]ditions?|gallimard|seuil|university|universit[ée])\b",
    re.IGNORECASE,
)


def _is_unlikely_title(title: str) -> bool:
    """Say whether a title reads as part of a sentence, as who signs, or as cut somewhere."""
    byline = parse_byline(title)
    is_person = byline.confidence >= _SURE_PERSON and not title[byline.end :].strip(" .,")
    is_inside = title[:1].islower() and " " in title
    is_cut = title.count("(") != title.count(")") or title.count("«") != title.count("»")
    return is_person or is_inside or is_cut or bool(_OF_OTHERS.search(title))


_SURE_PERSON: Final = 0.9


def duplicates(
    references: Sequence[Reference], groups: Sequence[Sequence[Reference]]
) -> Iterator[Problem]:
    """List where a text is cited again; `groups` holds what was written of each reference."""
    for reference, group in zip(references, groups, strict=True):
        for again in group[1:]:
            first = reference.place
            at = message("problem.at", path=first.path, line=first.line) if first else NOTHING
            title = _shorten(reference.title)
            said = message("problem.duplicate-reference", title=title, first=at)
            yield Problem(said=said, place=again.place, subject=reference.id)


def unused_corrections(corrections: Corrections, used: set[str]) -> Iterator[Problem]:
    """Corrections of lines that are not in the bibliography any more."""
    for line in dict.fromkeys((*corrections.fields, *corrections.notes)):
        if line not in used:
            said = message("problem.unused-correction", words=_shorten(line))
            yield Problem(said=said, place=corrections.places.get(line))


def unused_roles(corrections: Corrections, lines: Iterable[str]) -> Iterator[Problem]:
    """Tell the roles (`is: note`) that a person set for lines which no file has."""
    for line in lines:
        said = message("problem.unused-correction", words=_shorten(line))
        yield Problem(said=said, place=corrections.places.get(line))


def accept_problems(
    problems: Iterable[Problem], accepted: Sequence[Accepted], read_line: Callable[[Place], str]
) -> tuple[list[Problem], int]:
    """Leave out the problems that a person accepts; give the others, and how many were left out.

    A problem is accepted by its slug and its line: the words that stand there, or the id of what
    it is about. What accepts nothing any more is told.
    """
    if not accepted:
        return list(problems), 0
    slugs = {one.message for one in accepted}
    kept: list[Problem] = []
    used: set[Accepted] = set()
    count = 0
    for problem in problems:
        found = None
        if problem.code in slugs:
            lines = {problem.subject, str(problem.place or "")}
            lines.add(read_line(problem.place) if problem.place else "")
            found = next(
                (one for one in accepted if one.message == problem.code and one.line in lines), None
            )
        if found is None:
            kept.append(problem)
            continue
        used.add(found)
        count += 1
    for one in accepted:
        if one not in used:
            words = _shorten(f"{one.message}: {one.line}")
            said = message("problem.unused-correction", words=words)
            kept.append(Problem(said=said, place=one.place))
    return kept, count


def _value(reference: Reference, name: str) -> str:
    value = getattr(reference, name)
    if name in ("author", "editor"):
        return ", ".join(one.display for one in value)
    return str(value or "")


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS].rsplit(' ', 1)[0]}…"
