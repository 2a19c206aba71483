"""Read the words with which a note opens on what it comments: "On lira avec profit…"."""

import re
from dataclasses import replace
from typing import Final

from indexer.bibliography.lines import LineReading, parse_reference, weigh_reference
from indexer.bibliography.lines.evidence import THRESHOLD
from indexer.bibliography.lines.markup import normalise, parse_markup, plain

_LEAD: Final = re.compile(
    r"(?:on (?:lira|verra|consultera|pourra(?: lire)?|trouvera|se reportera)|(?:à |a )?(?:lire|"
    r"voir|consulter)\b"
    r"|lisez|voyez|cf\.?\s|pour (?:aller plus loin|en savoir plus|approfondir|compléter)"
    r"|sur (?:ce|le même) (?:point|sujet|thème)|see also|further reading)",
    re.IGNORECASE,
)
_WAY: Final = re.compile(
    r"(?:[^«“\"<\[:]{0,80}?\b)?(?:avec (?:profit|intérêt|plaisir|attention)|aussi|également|"
    r"notamment|par exemple|enfin|surtout)?"
    r"\s*,?\s*:?\s*(?:à\s+)?(?:l[’']|le |la |les |un |une )?"
    r"(?:(?:article|livre|ouvrage|texte|essai|enquête|rapport|dossier|étude|tribune)s?\s+(?:de |"
    r"d[’'])?)?",
    re.IGNORECASE,
)
_MIN_GAIN: Final = 1.0  # over the threshold: a name and a title in quotes, and a date


def is_lead(text: str) -> bool:
    """Say whether a note opens on references."""
    return bool(_LEAD.match(text))


def find_cited(raw: str) -> LineReading | None:
    """The reference inside a sentence that opens on one, with the sentence as its remark."""
    lead = _LEAD.match(raw)
    if lead is None:
        return None
    way = _WAY.match(raw, lead.end())
    start = way.end() if way else lead.end()
    while start < len(raw) and not (raw[start].isupper() or raw[start] in "«“[<"):
        start += 1
    weight, _ = weigh_reference(raw[start:])
    if weight < THRESHOLD + _MIN_GAIN:
        return None
    reading = parse_reference(raw[start:])
    remark = normalise(plain(parse_markup(raw).text))
    return replace(reading, reference=replace(reading.reference, raw=raw), remark=remark)
