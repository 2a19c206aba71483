"""What the pages say, in French: sentences, dates, references. No markup."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from indexer.french_dates import MONTHS, ordinal_day, render_day
from indexer.messages import open_translator
from indexer.model import LinkHealth, LinkState, PageKind
from indexer.search import Results, Suggestion
from search_web.shelf import Shelf
from search_web.typography import group_digits, set_french

# EDTF, ISO 8601-2: months 21 to 24 are seasons.
SEASONS: Final = MappingProxyType({21: "printemps", 22: "été", 23: "automne", 24: "hiver"})

LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fr": "français",
        "en": "anglais",
        "es": "espagnol",
        "de": "allemand",
        "it": "italien",
        "pt": "portugais",
        "nl": "néerlandais",
        "ca": "catalan",
    }
)
SUGGESTED: Final[Mapping[str, str]] = MappingProxyType(
    {"title": "titre", "author": "auteur", "section": "section"}
)
KINDS: Final[Mapping[str, str]] = MappingProxyType({"text": "texte cité", "note": "note seule"})
# What a page turned out to be, when it isn't an article.
PAGE_KINDS: Final[Mapping[PageKind, str]] = MappingProxyType(
    {
        PageKind.STUB: "La page archivée ne porte que quelques lignes.",
        PageKind.PAYWALL: "La page archivée s'arrête à un mur payant ; en voici le début.",
        PageKind.CONSENT_WALL: "La page archivée est un mur de cookies, pas l'article.",
        PageKind.LOGIN: "La page archivée demande de s'identifier.",
        PageKind.SOFT_ERROR: "La page archivée est une page d'erreur, pas l'article.",
        PageKind.LISTING: "La page archivée est une liste de liens plutôt qu'un article.",
        PageKind.NEEDS_JAVASCRIPT: "La page ne s'affiche qu'avec JavaScript ; son texte manque.",
        PageKind.NO_TEXT: "Le document archivé est une image : il ne porte pas de texte.",
        PageKind.UNREADABLE: "Le document archivé est endommagé ou trop profond pour être lu.",
    }
)


def count_words(number: int, singular: str, plural: str = "") -> str:
    """Count in French, where none and one are singular: "0 texte", "1 texte", "2 textes"."""
    return f"{group_digits(number)} {singular if number < 2 else plural or singular + 's'}"


def day_words(moment: datetime | None) -> str:
    """Say the day of a moment, in UTC: "20 novembre 2026"; "" when there is none."""
    if moment is None:
        return ""
    return render_day(moment.astimezone(UTC))


def edtf_words(edtf: str) -> str:
    """Say an EDTF date: "17 mars 2014", "mars 2014", "automne 2014", "2014"; else as it is."""
    if "/" in edtf:
        start, _, end = edtf.partition("/")
        return " – ".join(filter(None, (edtf_words(start), edtf_words(end))))
    hedge = "vers " if edtf.endswith(("?", "~", "%")) else ""
    parts = edtf.rstrip("?~%").split("T")[0].split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return edtf
    numbers = [int(part) for part in parts]
    year = str(numbers[0])
    month = numbers[1] if len(numbers) > 1 else 0
    if month in SEASONS:
        return f"{hedge}{SEASONS[month]} {year}"
    if not 1 <= month <= 12:
        return hedge + year
    if len(numbers) == 3 and 1 <= numbers[2] <= 31:
        return f"{hedge}{ordinal_day(numbers[2])} {MONTHS[month - 1]} {year}"
    return f"{hedge}{MONTHS[month - 1]} {year}"


def language_words(language: str) -> str:
    """Name a language in French: "anglais"; a code that we don't know stays a code."""
    return LANGUAGES.get(language.split("-")[0].lower(), language)


def link_sentence(link: LinkHealth) -> str:
    """Say how a link is: "Vivant, vu le 20 novembre 2026"."""
    seen = day_words(link.checked_at)
    say = open_translator()
    if link.state is LinkState.UNKNOWN or not seen:
        return say(link.said).capitalize()
    state = say(link.state.said).capitalize()
    return f"{state}, visité le {seen}"


def place_words(paragraph: int | None, page: int | None, note_id: str) -> str:
    """Say where in a text something is: "p. 12", "§ 3", "note"."""
    if note_id:
        return "note"
    return set_french(f"p. {page}" if page else f"§\u00a0{paragraph}")


def suggestion_words(suggestion: Suggestion) -> str:
    """Say what a suggestion is: "auteur, 3 textes"."""
    counted = count_words(suggestion.document_count, "texte")
    kind = SUGGESTED.get(suggestion.kind)
    return f"{kind}, {counted}" if kind else counted


def section_words(section: tuple[str, ...]) -> str:
    """Write a path of headings on one line, from the whole to the part."""
    return set_french(" › ".join(section))


def results_heading(found: Results) -> str:
    """Head a page of results: "12 textes et 3 notes pour « ubérisation »"."""
    kinds = {value.value: value.count for value in found.facets.get("kind", ())}
    notes = kinds.get("note", 0)
    texts = found.total - notes
    counted = [
        count_words(number, word) for number, word in ((texts, "texte"), (notes, "note")) if number
    ]
    heading = " et ".join(counted) or "Aucun texte"
    query_text = found.query_text
    return set_french(f"{heading} pour « {query_text} »" if query_text else heading)


def page_title(found: Results, page: int, pages: int) -> str:
    """Title a page of results, so that two open tabs can be told apart."""
    heading = results_heading(found)
    return f"{heading}, page {page} sur {pages}" if pages > 1 else heading


def first_words(text: str, length: int = 70) -> str:
    """Give the first words of a text, cut between words, at most `length` characters."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:«") + "…"


def page_kind_words(kind: PageKind | None) -> str:
    """Say what an archived page turned out to be, when it isn't an article."""
    return set_french(PAGE_KINDS.get(kind, "")) if kind else ""


def census(shelf: Shelf) -> str:
    """Say the state of the corpus in one sentence."""
    links = ", ".join(
        open_translator()(f"link.count.{state.value}", count=count).replace("\u00a0", " ")
        for state in LinkState
        if (count := shelf.link_counts.get(state, 0))
    )
    pieces = [
        f"{count_words(len(shelf.texts), 'texte cité', 'textes cités')} et "
        f"{count_words(len(shelf.notes), 'note')}",
        f"{count_words(shelf.archived_count, 'copie gardée', 'copies gardées')}",
    ]
    if links:
        pieces.append(f"liens : {links}")
    if shelf.visited_at:
        pieces.append(f"dernière visite le {day_words(shelf.visited_at)}")
    return set_french(" ; ".join(pieces) + ".")


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """What an error page says: what happened, what to do."""

    title: str
    advice: str


_ERRORS: Final[Mapping[int, ErrorWords]] = MappingProxyType(
    {
        404: ErrorWords(
            "Cette page n'existe pas",
            "L'adresse a peut-être été recopiée de travers, ou le texte a quitté la bibliographie.",
        ),
        405: ErrorWords("Cela ne se fait pas ici", "Cette page se lit ; on n'y envoie rien."),
        406: ErrorWords("Format inconnu", "Cette page n'existe pas sous cette forme."),
        429: ErrorWords("Un peu de patience", "Trop de demandes à la fois : réessayez bientôt."),
        503: ErrorWords(
            "L'index n'est pas prêt",
            "Les textes ne sont pas encore indexés, ou ils le sont par une autre version.",
        ),
    }
)
_REBUILDING: Final = ErrorWords(
    "L'index est en reconstruction",
    "La recherche reviendra d'elle-même, dans quelques minutes. Rien n'est perdu : les textes et "
    "les notes sont gardés ailleurs.",
)
_ANY_ERROR: Final = ErrorWords(
    "Quelque chose s'est mal passé", "Ce n'est pas de votre fait ; la panne est notée au journal."
)
_ANY_REFUSAL: Final = ErrorWords(
    "Demande incomprise", "L'adresse demande quelque chose que ce site ne sait pas faire."
)


def rebuilding_words() -> ErrorWords:
    """Say that the index was found damaged, and is built again."""
    return ErrorWords(set_french(_REBUILDING.title), set_french(_REBUILDING.advice))


def error_words(code: int) -> ErrorWords:
    """Say what an HTTP status means for a reader."""
    words = _ERRORS.get(code, _ANY_ERROR if code >= 500 else _ANY_REFUSAL)
    return ErrorWords(set_french(words.title), set_french(words.advice))
