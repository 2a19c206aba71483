"""Read one name: a person in the orders that French and English bibliographies use, or a body.

"Marie Dupont", "DUPONT Marie", "Dupont M.", "Dupont, Marie", "DUPONT (M.)", "Marie DUPONT" and
"MARIE DUPONT" are one person.
"""

import re
from dataclasses import dataclass
from typing import Final

from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.vocabulary import (
    BODY_WORDS,
    CITIES,
    GIVEN_NAMES,
    NOT_NAMES,
    SENTENCE_OPENERS,
)
from indexer.model import Name

_L: Final = "a-zà-öø-ÿœšžćčğışłńřěůőű"  # small letters
_C: Final = "A-ZÀ-ÖØ-ÝŒŠŽĆČĞİŞŁŃŘÉ"  # capital letters
_CAP: Final = (
    rf"(?:(?:[dlODL]['’]|Mc|Mac)?[{_C}][{_L}'’]+(?:[{_C}][{_L}]+)?(?:[-‑][{_C}]?[{_L}'’]+)*)"
)
_UPPER: Final = rf"(?:(?:[{_C}]['’])?[{_C}]{{2,}}(?:[-‑'’][{_C}]+)*)"
# Bounded repeats, and no repeat within a repeat: a hostile line must not take for ever.
_INITIALS: Final = (
    rf"(?:[{_C}](?:[-‑][{_C}])?[a-zh]?\.(?:\s?[-‑]?[{_C}][a-zh]?\.){{0,5}}(?:[-‑][{_C}]\b)?)"
)
# Initials without full stops: Deschamps E, Kowalski JP; three only without vowels (not LEE).
_BARE: Final = rf"(?:[{_C}](?!\.)|[{_C}]{{2}}|[BCDFGHJKLMNPQRSTVWXZ]{{3}})(?:-[{_C}])?"
_PARTICLE: Final = (
    r"(?:(?>[Dd]e la|[Vv]an der|[Vv]an den|[Vv]an de|[Vv]on der|[Dd]e|[Dd]u|[Dd]es|[Dd]['’]|"
    r"[Ll]a|[Ll]e|"
    r"[Vv]an|[Vv]on|vom|zu|der|den|[Dd]el|[Dd]ella|[Dd]i|[Dd]a|do|dos|das|[Ee]l|[Aa]l|[Bb]en|bin|"
    r"ibn|"
    r"ten|ter|y|DE|DU|LE|LA|DES|VAN|VON)\s+){0,2}"
)
_FAMILY: Final = rf"(?:{_PARTICLE}{_CAP}(?:\s+{_CAP})?)"
_UPPER_FAMILY: Final = rf"(?:{_PARTICLE}{_UPPER}(?:\s+{_UPPER}){{0,3}})"
_GIVEN: Final = rf"(?:{_CAP}(?:\s+{_CAP}){{0,2}}(?:\s+{_INITIALS})?|{_INITIALS})"
_MIDDLE: Final = rf"(?:\s+(?:{_CAP}|{_INITIALS}|[{_C}](?=\s)))"
_END: Final = (
    r"(?:(?=\s*(?:$|[,;:.()\[&/–—|«“\"\ue000-\uf8ff]|-\s|(?:et|and|und|avec|with)\b))"
    rf"|(?<=\.)(?=\s(?![{_C}]{{2,}}\b)))"  # the full stop of an initial closes the names too
)


def _family_first(family: str, given: str, between: str = r"\s+", after: str = "") -> str:
    return rf"(?P<family>{family}){between}(?P<given>{given}){after}"


def _given_first(given: str, family: str, between: str = r"\s+") -> str:
    return rf"(?P<given>{given}){between}(?P<family>{family})"


# Tried from the top; each says how sure it makes us.
_PERSONS: Final = tuple(
    (sureness, re.compile(pattern + _END))
    for sureness, pattern in (
        (0.9, _family_first(_FAMILY, _BARE)),  # Dupont MJ
        (0.95, _family_first(_UPPER_FAMILY, _GIVEN, r"\s*,?\s*")),  # DUPONT Marie
        (0.95, _family_first(_UPPER_FAMILY, _GIVEN, r"\s*\(", r"\)")),  # DUPONT (M.)
        (0.95, _given_first(_INITIALS, _UPPER_FAMILY, r"\s*")),  # M.DUPONT
        (0.95, _given_first(_GIVEN, _UPPER_FAMILY)),  # Marie DUPONT
        (0.95, _family_first(_FAMILY, _INITIALS, r"\s*,\s*")),  # Dupont, M.
        (0.85, _given_first(rf"{_CAP}\s+{_INITIALS}", rf"{_PARTICLE}{_CAP}")),  # Marie J. Dupont
        (0.95, _family_first(_FAMILY, _INITIALS)),  # Dupont M.
        (0.95, _family_first(_FAMILY, _GIVEN, r"\s*\(", r"\)")),  # Dupont (Marie)
        (0.95, _given_first(rf"{_INITIALS}(?:\s+{_CAP})?", _FAMILY)),  # M. Dupont
        (0.9, _family_first(rf"{_PARTICLE}{_CAP}", _GIVEN, r"\s*,\s*")),  # Dupont, Marie
        (0.9, _family_first(_CAP, rf"{_GIVEN}\s+(?:de|du|von|van)", r"\s*,\s*")),  # Tour, Anne de
        (0.8, _family_first(rf"(?=[dvl]){_PARTICLE}{_CAP}", _GIVEN)),  # de Montfort Aude
        # Marie Dupont, or Dupont Marie: a first name that we know decides.
        (0.7, _given_first(rf"{_CAP}{_MIDDLE}{{0,2}}", rf"{_PARTICLE}{_CAP}")),
        (0.7, _given_first(rf"{_UPPER}(?:\s+{_INITIALS})?", _UPPER_FAMILY)),  # MARIE DUPONT
    )
)
_TITLE: Final = re.compile(  # "M. Hervé Lanoë", where "M. Lanoë" may be Marie
    rf"(?:MM\.|Mmes?\.?|Mlles?\.?|Mr\.?|Mrs\.?|Dr\.?|Pr\.?|M\.(?=\s{_CAP}\s{_PARTICLE}[{_C}]))\s+(?=[{_C}])"
)
_NAME_ALL_THE_SAME: Final = re.compile(
    rf"(?:LE|LA|DES|LES)\s+{_UPPER}\s*[,(]?\s*(?:{_CAP}|{_INITIALS})"
    rf"|(?:Le|La|Des)\s+{_CAP}\s*[,(]?\s*(?:{_INITIALS}|\({_GIVEN}\))"
)
_LE_BIHAN_YVES: Final = re.compile(
    rf"(?:Le|La|Des)\s+{_CAP}\s+(?P<given>{_CAP})(?=\s*(?:$|[,.:;(«“&\ue000-\uf8ff]|et\b))"
)
_ACRONYM: Final = re.compile(r"[A-Z][A-Z0-9&-]+")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person read in a text: the name, how sure we are of it, and where it ended."""

    name: Name
    sureness: float
    end: int
    is_family_first: bool = False  # "Corbin Anne": a first name that we know stands last
    has_comma: bool = False  # written "Dupont, Marie"
    is_formal: bool = False  # written "Dupont, M." or "Dupont MJ": no words of a title


def match_person(text: str, start: int = 0) -> Person | None:
    """The person whose name starts there and ends at a boundary, or None."""
    if titled := _TITLE.match(text, start):
        start = titled.end()
    if opens_no_name(text, start):
        return None
    for sureness, rule in _PERSONS:
        found = rule.match(text, start)
        if found and not has_body_word(found[0]):
            name, is_known = _orient(found["family"], found["given"])
            if "," in found[0] and not is_known and "." not in found["given"]:
                if found["family"].lower() in CITIES:
                    continue  # London, Invented House
                sureness = 0.75
            sureness = max(sureness, 0.9) if is_known else sureness
            is_formal = ("," in found[0] and sureness >= 0.95) or bool(
                re.fullmatch(_BARE, name.given)
            )
            return Person(
                name=name,
                sureness=sureness,
                end=found.end(),
                is_family_first=is_known and found[0] == f"{name.family} {name.given}",
                has_comma="," in found[0],
                is_formal=is_formal,
            )
    return None


def is_body(text: str) -> bool:
    """Say whether a name is that of an institution: "Conseil national…", "ANSES-F"."""
    return has_body_word(text) or bool(_ACRONYM.fullmatch(text.strip()))


def has_body_word(text: str) -> bool:
    """Say whether one of the words is that of an institution."""
    return not BODY_WORDS.isdisjoint(_WORD.findall(fold(text)))


def opens_no_name(text: str, start: int = 0) -> bool:
    """Say whether the words there open a sentence or a title: "Le travail", "Pour une…"."""
    first = _WORD.search(fold(text[start : start + 40]))
    if (
        first is None
        or text[start + first.end() : start + first.end() + 1] == "."
        or (first[0] not in NOT_NAMES and not opens_sentence(text[start : start + 40]))
    ):
        return False
    named = _LE_BIHAN_YVES.match(text, start)
    is_name = named is not None and _is_given_name(named["given"])
    return not (is_name or _NAME_ALL_THE_SAME.match(text, start))


def opens_sentence(text: str) -> bool:
    """Say whether the first word is one that no name starts with: "Comment", "Selon"."""
    first = _WORD.search(fold(text[:40]))
    return first is not None and first[0] in SENTENCE_OPENERS


def capitalise(text: str) -> str:
    """A name shouted in capitals, said: "LE GOFF" -> "Le Goff"; initials stay."""
    letters = [char for char in text if char.isalpha()]
    if (
        len(letters) < 2
        or re.fullmatch(_BARE, text)
        or not all(map(str.isupper, letters))
        or "." in text.strip()[:3]
    ):
        return text
    return " ".join(
        word
        if word.endswith(".")
        else re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)
        for word in text.split()
    )


def _orient(family: str, given: str) -> tuple[Name, bool]:
    """The name with its parts the right way round, and whether a known first name says so."""
    first, _, last = given.rpartition(" ")
    if first and last in ("de", "du", "von", "van"):
        family, given = f"{last} {family}", first
    is_given_known, is_family_known = _is_given_name(given.split()[0]), _is_given_name(family)
    if is_family_known and not is_given_known and not _says_order(family, given):
        family, given = given, family
        is_given_known = True
    return Name(family=capitalise(_tidy(family)), given=capitalise(_tidy(given))), is_given_known


def _says_order(family: str, given: str) -> bool:
    """Say whether capitals or initials tell the family name."""
    return "." in given or (family.isupper() != given.isupper())


def _is_given_name(text: str) -> bool:
    return re.split(r"[-‑]", text.strip(" ,()").lower())[0] in GIVEN_NAMES


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,()")
