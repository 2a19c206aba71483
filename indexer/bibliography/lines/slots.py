"""Tell by the words of one slot after a title what it is: a publisher, a genre, a remark, noise."""

import re
from typing import Final

from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import plain
from indexer.bibliography.lines.vocabulary import PUBLISHER_WORDS

SITE: Final = re.compile(
    r"[\w-]+\.(?:fr|com|org|net|info|eu|be|ch|ca|io|co|uk|de|coop|test)\b", re.I
)
SKIP: Final = re.compile(
    r"(?:traduit|traduction|trad\b|propos recueillis|réalisé|recueillis?|préfac|postface|illustr"
    r"|avec la (?:collab|particip)|texte|non paginé|s\.\s?[lnd]\b|ibid|id\.|op\. cit|art\. cit|"
    r"loc\. cit"
    r"|consult|en ligne|online|soutenue?|coll\.|collection\b|série|version\b|page\s|lien\b|url\b"
    r"|archive\b|cc[ -]by|licence\b|doi\b|e?-?issn\b|à paraître|sous presse|(?:un |long |"
    r"grand )?entretien\b|"
    r"interview\b"
    r"|paru(?:e|s)?$|publiée?s?$|mis en ligne|le$|du$|in$|dans$|sur$|par$|et$|[<>\"“”«»\W\d]*$|"
    r"\d+ min|\d* ?semestre"
    r"|édition (?:de )?\d{4}$"
    r"|\d+\w* (?:semestre|trimestre|édition|année)|dir$)",
    re.IGNORECASE,
)
GENRE: Final = re.compile(
    r"(?:thèse|mémoire|rapport|document de travail|working paper|communication|hdr|étude|"
    r"livre blanc"
    r"|billet|article|note|dossier|discours|tribune|brochure|avis|communiqué|actes|vidéo|podcast"
    r"|documentaire|reportage|émission)\b"
    r"|(?:Thèse|Mémoire|Rapport|Document de travail|Working paper|Communication|Actes) \w"
)
LEADIN: Final = re.compile(
    r"(?:(?:paru|publiée?|posté|article paru)\s+)?(?:sur|dans|in|via|pour|par|chez|on|from|"
    r"source)\s*:?\s+"
    r"(?:le (?:site|blog|portail)\s+(?:internet |web )?(?:du |de la |de l['’]|de |d['’])?)?(?=\S)",
    re.IGNORECASE,
)
NAMES_CONTAINER: Final = re.compile(r"(?:blog|le|la|les|l['’]|revue|site|the|e-?\w+|i[A-Z])\b")
TOWN: Final = re.compile(
    r"[A-ZÀ-Ý][\w’']+-(?:sur|sous|lès|les|la|le|en|aux?|du)-[A-ZÀ-Ý][\w’'-]+|Saint-[A-ZÀ-Ý]\w+"
)


def is_aside(words: str, rest: str) -> bool:
    """Say whether what follows a dash goes on in small letters, as no review or publisher does."""
    if not words[:1].islower() or SKIP.match(words) or GENRE.match(words) or SITE.search(words):
        return False
    return not NAMES_CONTAINER.match(words) and len(plain(rest).split()) >= 4


def is_remark(words: str, separator: str, *, is_first: bool) -> bool:
    """Say whether a segment is a sentence about the text, not part of its reference."""
    count = words.split()
    small = [word for word in count if word[:1].islower()]
    if len(count) < 4 or len(small) < len(count) / 2 or is_publisher(words):
        return False
    if GENRE.match(words) or SKIP.match(words):
        return False
    mark = separator.strip()
    if mark in ("–", "—", "-", ":"):
        return len(count) >= 5 or not is_first
    if not words[:1].isupper() or mark == "," or mark == "(":
        return False
    return not is_first or len(count) > 9


def is_publisher(words: str) -> bool:
    """Say whether one of the words is of a publisher's name."""
    return not PUBLISHER_WORDS.isdisjoint(re.findall(r"[\w.]+", fold(words)))
