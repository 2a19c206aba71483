"""What a test says of a bibliography, in few words."""

from indexer.model import Bibliography


def titles(bibliography: Bibliography) -> list[str]:
    return [one.title for one in bibliography.references]


def notes_by_title(bibliography: Bibliography) -> dict[str, list[str]]:
    """The texts of the notes on each text, by its title; those on none under ""."""
    title = {one.id: one.title for one in bibliography.references}
    cites: dict[str, list[str]] = {}
    for citation in bibliography.citations:
        cites.setdefault(citation.note_id, []).append(title[citation.reference_id])
    found: dict[str, list[str]] = {}
    for note in bibliography.notes:
        for name in cites.get(note.id, [""]):
            found.setdefault(name, []).append(note.text)
    return found


def slugs(bibliography: Bibliography) -> list[str]:
    return [problem.code for problem in bibliography.problems]
