"""Say what is to mend in a bibliography, in French, with file and line."""

from collections.abc import Iterator, Sequence
from typing import Final

from indexer.bibliography.corrections import Corrections
from indexer.model import Bibliography, Problem, Reference
from indexer.urls import is_web_url, parse_url

LOW_CONFIDENCE: Final = 0.65
_FIELD_NAMES: Final = {
    "title": "le titre",
    "author": "l’auteur",
    "editor": "le directeur d’ouvrage",
    "issued": "la date",
    "container_title": "la revue ou le site",
    "url": "l’adresse",
}
_SHOWN_CHARS: Final = 60


def check(bibliography: Bibliography) -> Iterator[Problem]:
    """Low confidence, missing and malformed addresses, missing titles, notes without reference."""
    for reference in bibliography.references:
        yield from _check_reference(reference)
    citing = {citation.note_id for citation in bibliography.citations}
    for note in bibliography.notes:
        if note.id not in citing:
            message = f"Note sans référence : « {_shorten(note.text)} »."
            yield Problem(
                slug="note-without-reference", message=message, place=note.place, subject=note.id
            )


def _check_reference(reference: Reference) -> Iterator[Problem]:
    def problem(slug: str, message: str) -> Problem:
        return Problem(slug=slug, message=message, place=reference.place, subject=reference.id)

    shown = _shorten(reference.title or reference.raw)
    if not reference.title:
        yield problem("reference-without-title", f"Référence sans titre : « {shown} ».")
    if not reference.url and not reference.doi:
        yield problem("reference-without-url", f"Référence sans adresse : « {shown} ».")
    if reference.url:
        parsed = parse_url(reference.url)
        if parsed is None or not is_web_url(parsed):
            yield problem("malformed-url", f"Adresse mal formée : {_shorten(reference.url)}")
    doubtful = [
        f"{_FIELD_NAMES[name]} (« {_shorten(_value(reference, name))} »)"
        for name, confidence in reference.confidence.items()
        if confidence < LOW_CONFIDENCE and name in _FIELD_NAMES and _value(reference, name)
    ]
    if doubtful:
        fields = " et ".join([", ".join(doubtful[:-1]), doubtful[-1]] if doubtful[1:] else doubtful)
        yield problem("low-confidence", f"Lecture peu sûre : {fields}.")


def duplicates(
    references: Sequence[Reference], groups: Sequence[Sequence[Reference]]
) -> Iterator[Problem]:
    """The places where a text is cited again; `groups` holds what was written of each reference."""
    for reference, group in zip(references, groups, strict=True):
        for again in group[1:]:
            where = (
                f" (déjà ligne {reference.place.line} de {reference.place.path})"
                if reference.place
                else ""
            )
            message = (
                f"Le même texte est cité plusieurs fois : « {_shorten(reference.title)} »{where}."
            )
            yield Problem(
                slug="duplicate-reference", message=message, place=again.place, subject=reference.id
            )


def unused_corrections(corrections: Corrections, used: set[str]) -> Iterator[Problem]:
    """Corrections of lines that are not in the bibliography any more."""
    for line in corrections.fields:
        if line not in used:
            message = f"Cette correction ne s’applique à aucune ligne : « {_shorten(line)} »."
            yield Problem(
                slug="unused-correction", message=message, place=corrections.places.get(line)
            )


def _value(reference: Reference, name: str) -> str:
    value = getattr(reference, name)
    if name in ("author", "editor"):
        return ", ".join(one.display for one in value)
    return str(value or "")


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS].rsplit(' ', 1)[0]}…"
