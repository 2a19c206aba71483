"""Read who signs: persons in the orders that French and English bibliographies use, and bodies.

"Marie Dupont", "DUPONT Marie", "Dupont M.", "Dupont, Marie", "DUPONT (M.)", "Marie DUPONT",
"MARIE DUPONT" are one person. A name that is no person stays whole, as CSL's `literal`.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from indexer.model import Name

_CAP: Final = (
    r"(?:(?:d['’]|l['’]|O['’]|D['’]|L['’]|Mc|Mac)?[A-ZÀ-ÖØ-ÝŒ][a-zà-öø-ÿœ'’]+"
    r"(?:[A-Z][a-zà-ÿ]+)?(?:[-‑](?:[A-ZÀ-ÖØ-Ý])?[a-zà-öø-ÿœ'’]+)*)"
)
_UPPER: Final = r"(?:(?:[A-ZÀ-ÖØ-ÝŒ]['’])?[A-ZÀ-ÖØ-ÝŒ]{2,}(?:[-‑'’][A-ZÀ-ÖØ-ÝŒ]+)*)"
_INITIALS: Final = r"(?:[A-ZÀ-Ý][a-zh]?\.(?:[\s]?[-‑]?[A-ZÀ-Ý]h?\.)*)"
_PARTICLE: Final = (
    r"(?:(?:de|du|des|de la|de l['’]|d['’]|la|le|les|van|van der|van den|van de|von|von der|vom|"
    r"zu|der|den|del|"
    r"della|di|da|do|dos|das|el|al|ben|bin|ibn|ten|ter|y|e|De|Du|Des|La|Le|Van|Von|Del|Di|Da|El|"
    r"Ben|DE|DU|LE|LA|DES|VAN|VON)\s+)"
)
_FAMILY: Final = rf"(?:{_PARTICLE}*{_CAP}(?:\s+{_CAP})?)"
_UPPER_FAMILY: Final = rf"(?:{_PARTICLE}*{_UPPER}(?:\s+(?:{_UPPER}))*)"
_GIVEN: Final = rf"(?:(?:{_CAP}|{_INITIALS})(?:\s+(?:{_CAP}|{_INITIALS}))*)"

# Tried from the top; each says how sure it makes us.
_PERSONS: Final = tuple(
    (confidence, re.compile(pattern))
    for confidence, pattern in (
        (
            0.95,
            rf"(?P<family>{_UPPER_FAMILY})\s*,?\s*\(?(?P<given>{_GIVEN})\)?",
        ),  # DUPONT Marie, DUPONT (M.)
        (0.95, rf"(?P<given>{_GIVEN})\s+(?P<family>{_UPPER_FAMILY})"),  # Marie DUPONT
        (
            0.95,
            rf"(?P<family>{_FAMILY})\s*,\s*(?P<given>{_INITIALS}(?:\s*{_INITIALS})*)",
        ),  # Dupont, M.
        (
            0.95,
            rf"(?P<family>{_FAMILY})\s+\(?(?P<given>{_INITIALS}(?:\s+{_INITIALS})*)\)?",
        ),  # Dupont M.
        (
            0.95,
            rf"(?P<given>{_INITIALS}(?:\s*{_INITIALS})*(?:\s+{_CAP})?)\s+(?P<family>{_FAMILY})",
        ),  # M. Dupont
        (0.9, rf"(?P<family>{_PARTICLE}*{_CAP})\s*,\s*(?P<given>{_GIVEN})"),  # Dupont, Marie
        (
            0.85,
            rf"(?P<given>{_CAP}(?:\s+(?:{_CAP}|"
            rf"{_INITIALS})){{0,2}})\s+(?P<family>{_PARTICLE}*{_CAP})",
        ),  # Marie Dupont
        (
            0.8,
            rf"(?P<given>{_UPPER}(?:\s+{_INITIALS})*)\s+(?P<family>{_UPPER_FAMILY})",
        ),  # MARIE H. DUPONT
    )
)
_BODY: Final = re.compile(
    r"\b(?:conseil|institut\w*|minist[èe]re|universit[ée]|commission|agence|association|"
    r"observatoire|fondation|"
    r"centre|collectif|comit[ée]|cour|assembl[ée]e|s[ée]nat|direction|laboratoire|r[ée]seau|"
    r"groupe|f[ée]d[ée]ration|"
    r"conf[ée]d[ée]ration|union|organisation|bureau|office|haut[- ]conseil|haute autorit[ée]|"
    r"soci[ée]t[ée]|syndicat|"
    r"mission|caisse|chambre|coop[ée]rative|d[ée]partement|r[ée]gion|ville|mairie|m[ée]tropole|"
    r"ligue|parti|"
    r"[ée]cole|mus[ée]e|biblioth[èe]que|banque|coll[èe]ge|d[ée]fenseur|secr[ée]tariat|"
    r"pr[ée]fecture|"
    r"council|institute|ministry|university|committee|agency|foundation|center|group|network|"
    r"department|"
    r"office|bank|bureau|society|federation|coalition|collective|wikip[ée]dia|wikipédia)\b",
    re.IGNORECASE,
)
_NOT_A_NAME: Final = re.compile(
    r"^(?:le|la|les|l['’]|un|une|des|ce|cet|cette|ces|the|an?|pour|vers|comment|pourquoi|quand|"
    r"quel\w*|qui|que|"
    r"dans|sur|sous|avec|sans|il|elle|on|nous|d['’]apr[èe]s|selon|si|mais|loi|article|dossier|"
    r"entretien)\b",
    re.IGNORECASE,
)
_SENTENCE_OPENER: Final = re.compile(
    r"(?:comment|pourquoi|quand|quel\w*|qui|que|dans|sur|sous|avec|sans|il|elle|on|nous|"
    r"d['’]apr[èe]s|selon|si|mais|cet|cette|ces)\b",
    re.IGNORECASE,
)
_NAME_ALL_THE_SAME: Final = re.compile(
    rf"(?:LE|LA|DES|LES)\s+{_UPPER}\s*[,(]?\s*(?:{_CAP}|{_INITIALS})|(?:Le|La|"
    rf"Des)\s+{_CAP}\s*[,(]?\s*{_INITIALS}"
)
_ROLE: Final = re.compile(
    r"\s*,?\s*[(\[]?\s*(?:(?:sous la )?(?P<dir>dir\.?s?|directeurs?|direction|directrice)|"
    r"(?P<coord>coord\.?s?|coordinateurs?|"
    r"coordination|coordonn[ée] par)|(?P<ed>[ée]ds?\.?|[ée]diteurs?|editors?|hrsg\.?|"
    r"[ée]d\. scientifique|[ée]d\. sc\.)|"
    r"(?P<trad>trad\.|traducteurs?))\s*(?:[)\]]|(?=[,.:;]|\s*$))",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^(?:(?P<dir>(?:ouvrage\s+)?(?:sous la (?:dir\.|direction)\s+(?:de|d['’])|dirig[ée]e? par|"
    r"dir\.(?:\s+(?:par|de))?))|"
    r"(?P<coord>(?:ouvrage\s+)?(?:coordonn[ée]e? par|coord\.(?:\s+par)?|sous la coordination de))|"
    r"(?P<ed>[ée]dit[ée]e? par|edited by|ed\. by|[ée]d\. par)|par|by|de)\s*:?\s*",
    re.IGNORECASE,
)
_ET_AL: Final = re.compile(
    r",?\s*(?:\bet\s+al(?:ii|ia)?\b\.?|\be\.?\s?a\.|\bet coll\.?|\band others\b|&\s*al\.?|"
    r"\bet autres\b)",
    re.IGNORECASE,
)
_JOIN: Final = re.compile(
    r"\s*(?:;|\s&\s|\bet\b|\band\b|\bund\b|\bwith\b|\bavec\b|\s/\s|\s[–—]\s)\s*"
)
_NOBODY: Final = re.compile(
    r"^(?:anon(?:\.|yme|ymous)?|s\.\s?n\.|auteur inconnu|sans auteur|non sign[ée]|"
    r"\(?anonyme\)?)\.?$",
    re.IGNORECASE,
)
_GENERIC: Final = re.compile(
    r"^(?:collectif|ouvrage collectif|coll\.|various|rédaction|la rédaction)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who signs, in which role ("", "editor", "coord"), how sure we are, and where it ended."""

    names: tuple[Name, ...] = ()
    role: str = ""
    confidence: float = 0.0
    end: int = 0
    is_nobody: bool = False
    before_last: int = 0  # where the last but one name ended, if only a comma parts the two

    def without_last(self) -> "Byline":
        """The same byline without its last name, which may be the start of something else."""
        return replace(self, names=self.names[:-1], end=self.before_last, before_last=0)


def is_body(text: str) -> bool:
    """Say whether a name is that of an institution: "Conseil national…", "ANSES-F"."""
    return bool(_BODY.search(text)) or bool(
        re.fullmatch(r"[A-Z][A-Z0-9&-]+(?:-[A-Z]+)?", text.strip())
    )


def parse_person(text: str) -> tuple[Name, float] | None:
    """A whole text as one person, or None."""
    text = text.strip(" ,;")
    if not text or _is_no_name(text, 0) or _BODY.search(text):
        return None
    for confidence, rule in _PERSONS:
        if found := rule.fullmatch(text):
            return _person(found["family"], found["given"]), confidence
    return None


def parse_byline(text: str) -> Byline:
    """Who signs at the start of a text, as far as names go; `end` is where they stop.

    Names are read from the left, the longest first, and the reading stops at the first word that
    belongs to no name, so that "Marie Dupont, Travailler demain" yields one person.
    """
    position = 0
    names: list[Name] = []
    confidences: list[float] = []
    role = ""
    before_last = last_end = 0
    if lead := _LEAD.match(text):
        if lead.lastgroup is not None:
            role = {"dir": "editor", "coord": "coord", "ed": "editor"}[lead.lastgroup]
        position = lead.end()
    while position < len(text):
        found = _match_person(text, position)
        if found is None:
            break
        name, confidence, position = found
        before_last = last_end
        names.append(name)
        confidences.append(confidence)
        if et_al := _ET_AL.match(text, position):
            position = et_al.end()
        if written := _ROLE.match(text, position):
            group = written.lastgroup or ""
            role = {"dir": "editor", "coord": "coord", "ed": "editor"}.get(group, role)
            position = written.end()
        last_end = position
        separator = _JOIN.match(text, position) or re.compile(r"\s*,\s*(?:(?:et|and|&)\s+)?").match(
            text, position
        )
        if separator is None or _match_person(text, separator.end()) is None:
            break
        last_end = position if separator[0].strip() == "," else 0
        position = separator.end()
    if not names:
        return Byline()
    return Byline(
        names=tuple(names),
        role=role,
        confidence=min(confidences),
        end=position,
        before_last=before_last,
    )


def parse_signature(text: str) -> Byline:
    """The whole text as who signs: persons, else one body or pen name kept whole."""
    text = text.strip(" ,;:–—-")
    text = text if re.search(r"(?:^|[\s.-])[A-ZÀ-Ý]h?\.$", text) else text.rstrip(".")
    if not text or _NOBODY.match(text):
        return Byline(is_nobody=True, confidence=0.9 if text else 0.0, end=len(text))
    if _GENERIC.match(text):
        return Byline(names=(Name(literal=_capitalise(text)),), confidence=0.9, end=len(text))
    byline = parse_byline(text)
    if byline.names and not text[byline.end :].strip(" ,;:.()"):
        return byline
    bare, role = _strip_role(text)
    if len(bare.split()) <= 10:
        confidence = 0.85 if is_body(bare) else 0.6
        confidence = 0.3 if _SENTENCE_OPENER.match(bare) else confidence
        return Byline(names=(Name(literal=bare),), role=role, confidence=confidence, end=len(text))
    return Byline(names=byline.names, role=byline.role, confidence=0.4, end=byline.end)


def _strip_role(text: str) -> tuple[str, str]:
    for found in _ROLE.finditer(text):
        group = found.lastgroup or ""
        if found.start() and found.end() == len(text) and found[0].strip(" ,")[0] in "([":
            return text[: found.start()].strip(" ,"), {"coord": "coord"}.get(group, "editor")
    return _ET_AL.sub("", text).strip(" ,"), ""


def _match_person(text: str, start: int) -> tuple[Name, float, int] | None:
    """The person whose name starts there, by the first rule that ends at a boundary."""
    if _is_no_name(text, start):
        return None
    for confidence, rule in _PERSONS:
        found = rule.match(text, start)
        if found and _is_boundary(text, found.end()) and not _BODY.search(found[0]):
            return _person(found["family"], found["given"]), confidence, found.end()
    return None


def _is_no_name(text: str, start: int) -> bool:
    """Say whether the words there open a sentence or a title: "Le travail", "Pour une…"."""
    return bool(_NOT_A_NAME.match(text[start:])) and not _NAME_ALL_THE_SAME.match(text, start)


def _is_boundary(text: str, position: int) -> bool:
    rest = text[position:]
    return bool(
        re.match(r"\s*(?:$|[,;:.()\[&/–—«“\"\ue000-\uf8ff]|-\s|et\b|and\b|und\b|avec\b)", rest)
    )


def _person(family: str, given: str) -> Name:
    given = re.sub(r"\s+", " ", given).strip(" ,()")
    given = re.sub(r"(?<=\.)\s+(?=[A-Z]\.)", " ", given)
    return Name(family=_capitalise(family.strip(" ,")), given=_capitalise(given))


def _capitalise(text: str) -> str:
    """A name shouted in capitals, said: "LE GOFF" -> "Le Goff"; initials stay."""
    letters = [char for char in text if char.isalpha()]
    if not letters or not all(char.isupper() for char in letters) or "." in text.strip()[:3]:
        return text
    if len(letters) <= 1:
        return text
    return " ".join(
        word
        if re.fullmatch(r"(?:[A-ZÀ-Ý]\.-?)+", word)
        else re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
        for word in text.split()
    )
