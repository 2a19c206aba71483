"""Put together what the pages say: counts, dates, references, headings. No markup.

Sentences stand in the catalogues (`indexer.messages`), under keys that begin with "page.";
each function is given the Translator of the reader's language, called `say`.
"""

from datetime import date, datetime
from typing import Final

from indexer.messages import Translator
from indexer.model import LinkHealth, LinkState, PageKind
from indexer.outlines import Outlines
from indexer.search import Results, Suggestion

# EDTF, ISO 8601-2: months 21 to 24 are seasons; CLDR has no words for them.
SEASONS: Final = {21: "spring", 22: "summer", 23: "autumn", 24: "winter"}
SUGGESTED: Final = frozenset({"title", "author", "section"})
KINDS: Final = frozenset({"text", "note"})
# HTTP statuses that have words of their own.
_TOLD_ERRORS: Final = frozenset({403, 404, 405, 406, 410, 429, 503})
REBUILDING: Final = "page.error.rebuilding"


def day_words(moment: datetime | None, say: Translator) -> str:
    """Say the day of a moment, in UTC: "20 novembre 2026"; "" when there is none."""
    return say.day(moment) if moment is not None else ""


def edtf_words(edtf: str, say: Translator) -> str:
    """Say an EDTF date: "17 mars 2014", "mars 2014", "automne 2014", "2014"; else as it is."""
    if "/" in edtf:
        start, _, end = edtf.partition("/")
        return " – ".join(filter(None, (edtf_words(start, say), edtf_words(end, say))))
    parts = edtf.rstrip("?~%").split("T")[0].split("-")
    if not all(part.isascii() and part.isdecimal() for part in parts) or len(parts) > 3:
        return edtf
    words = _calendar_words([int(part) for part in parts], say)
    return say("page.date.about", date=words) if edtf.endswith(("?", "~", "%")) else words


def _calendar_words(numbers: list[int], say: Translator) -> str:
    """Say a year, a month or season of a year, or a day; what no calendar has is left out."""
    year, month, day = (*numbers, 0, 0)[:3]
    if month in SEASONS:
        return say(f"page.season.{SEASONS[month]}", year=str(year))
    for written, precision in ((day, say.day), (1, say.month)):
        try:
            return precision(date(year, month, written))
        except ValueError:  # February 31st is some day of February, month 13 of its year
            continue
    return str(year)


def link_sentence(link: LinkHealth, say: Translator) -> str:
    """Say how a link is: "Vivant, visité le 20 novembre 2026"."""
    label = say(link.said)
    label = label[:1].upper() + label[1:]
    if link.state is LinkState.UNKNOWN or link.checked_at is None:
        return label
    return say("page.link.seen", state=label, day=link.checked_at)


def place_words(paragraph: int | None, page: int | None, note_id: str, say: Translator) -> str:
    """Say where in a text something is: "p. 12", "§ 3", "note"."""
    if note_id:
        return say("page.place.note")
    if page:
        return say("page.place.page", page=page)
    return say("page.place.paragraph", paragraph=paragraph or 0)


def suggestion_words(suggestion: Suggestion, say: Translator) -> str:
    """Say what a suggestion is, and how many texts and notes it finds: "auteur, 3 documents"."""
    counted = say("page.count.documents", count=suggestion.document_count)
    if suggestion.kind not in SUGGESTED:
        return counted
    return say(f"page.suggested.{suggestion.kind}", counted=counted)


def section_words(section: tuple[str, ...]) -> str:
    """Write a path of headings on one line, from the whole to the part."""
    return " › ".join(section)


def results_heading(found: Results, say: Translator) -> str:
    """Head a page of results: "12 textes et 3 notes pour « ubérisation »"."""
    kinds = {value.value: value.count for value in found.facets.get("kind", ())}
    notes = kinds.get("note", 0)
    texts = found.total - notes
    match bool(texts), bool(notes):
        case True, True:
            heading = say(
                "page.results.both",
                texts=say("page.count.texts", count=texts),
                notes=say("page.count.notes", count=notes),
            )
        case True, False:
            heading = say("page.count.texts", count=texts)
        case False, True:
            heading = say("page.count.notes", count=notes)
        case _:
            heading = say("page.results.none")
    if not found.query_text:
        return heading
    return say("page.results.for", found=heading, query=found.query_text)


def page_title(found: Results, page: int, pages: int, say: Translator) -> str:
    """Title a page of results, so that two open tabs can be told apart."""
    heading = results_heading(found, say)
    return say("page.pages.title", title=heading, page=page, pages=pages) if pages > 1 else heading


def first_words(text: str, length: int = 70) -> str:
    """Give the first words of a text, cut between words, at most `length` characters."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:.«") + "…"


def page_kind_words(kind: PageKind | None, say: Translator) -> str:
    """Say what an archived page turned out to be, when it isn't an article."""
    if kind is None or kind is PageKind.ARTICLE:
        return ""
    return say(f"page.kind.{kind.value}")


def census(shelf: Outlines, say: Translator) -> str:
    """Say the state of the corpus in one sentence."""
    words = say(
        "page.census.kept",
        texts=say("page.count.cited", count=shelf.count("texts")),
        notes=say("page.count.notes", count=shelf.count("notes")),
        copies=say("page.count.copies", count=shelf.archived_count),
    )
    links = ", ".join(
        say(f"link.count.{state.value}", count=count)
        for state in LinkState
        if (count := shelf.link_counts.get(state, 0))
    )
    if links:
        words = say("page.census.links", before=words, links=links)
    if shelf.visited_at:
        words = say("page.census.visited", before=words, day=shelf.visited_at)
    return f"{words}."


def error_key(code: int) -> str:
    """Give the beginning of the keys of what an HTTP status means: its title and its advice."""
    if code in _TOLD_ERRORS:
        return f"page.error.{code}"
    return "page.error.failure" if code >= 500 else "page.error.refusal"
