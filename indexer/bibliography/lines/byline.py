"""Read who signs a text: one name or several, and whether they wrote, edited or coordinated it."""

import re
from dataclasses import dataclass, replace
from typing import Final

from indexer.bibliography.lines.persons import (
    Person,
    capitalise,
    is_body,
    match_person,
    opens_sentence,
)
from indexer.model import Name

_ROLE: Final = re.compile(
    r"\s*,?\s*(?P<bracket>[(\[])?\s*(?:"
    r"(?P<dir>(?:sous la )?(?:dir\.?s?|directeurs?|directrices?|direction)(?:\s+(?:de|d['’]))?)"
    r"|(?P<coord>coord\.?s?|coordinat(?:eurs?|rices?|ion)|coordonné par)"
    r"|(?P<ed>[ée]ds?\.?(?: sc(?:ientifiques?|\.))?|[ée]dit(?:eurs?|rices?)|editors?|hrsg\.?)"
    r"|(?P<other>trad\.|traduct(?:eurs?|rices?)|réal\.?|réalisat(?:eurs?|rices?)|prod\.|aut\.)"
    r")\s*(?:[)\]]|(?=[,.:;\ue000-\uf8ff]|\s*$))",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"(?:(?P<dir>(?:ouvrage |dossier |numéro )?(?:sous la dir(?:ection|\.) (?:de |d['’])|"
    r"dirigée? par"
    r"|dir\.(?: par| de)?))"
    r"|(?P<coord>(?:ouvrage |dossier )?(?:coordonnée? par|coord\.(?: par)?|"
    r"sous la coordination de))"
    r"|(?P<ed>éditée? par|edited by|ed\. by|éd\. par)"
    r"|(?:un |grand |long )?(?:entretien|interview|rencontre|conversation) (?:avec |de |d['’])"
    r"|(?:rapport\b[^«“\"\d]{0,80}?\b)?de (?=(?:MM?\.|Mmes?|Mlles?) )"
    r"|par\b|by\b)\s*:?\s*",
    re.IGNORECASE,
)
_ROLE_BY_GROUP: Final = {"dir": "editor", "ed": "editor", "coord": "coord"}
_ET_AL: Final = re.compile(
    r",?\s*(?:\bet\s+al(?:ii|ia)?\b\.?|\bet coll\b\.?|\band others\b|&\s*al\b\.?|\bet autres\b|"
    r"(?:&|\bet\b)\s*(?:co|cie)\b\.?)",
    re.IGNORECASE,
)
_RUN_ON: Final = re.compile(r"(?<=\.)\s+|\.\s+")  # Langdon, R. Coltheart, M.
_JOIN: Final = re.compile(
    r"\s*[,;]\s*(?:(?:&|(?:et|and|und)\b)\s*)?|\s*(?:/|&|\b(?:et|and|und|with|avec)\b)\s*"
)
_NOBODY: Final = re.compile(
    r"\(?(?:anon\.?|anonym(?:e|ous)|s\.\s?n\.?|auteur inconnu|sans auteur|non signé)\)?",
    re.IGNORECASE,
)
_AFFILIATION: Final = re.compile(r"\s*\((?!\s*\d)[^()]*\)[\s,.]*")  # (avec AFP), (CNRS)
_GENERIC: Final = re.compile(
    r"(?:ouvrage )?collectif|coll\.|various|(?:la )?rédaction", re.IGNORECASE
)
# "Collectif, sous la direction de Luc Tran" is Luc Tran's.
_COLLECTIVE: Final = re.compile(
    r"^(?:ouvrage )?collectif\s*[,:(]?\s*(?=sous |dir\b|dirigé|coord)", re.I
)
# "À propos du port, lire Benoît Salaün" says who signs, and from where one is sent.
_POINTS: Final = re.compile(
    r".{0,80}\b(?:(?:re)?lire|(?:re)?voir|[Cc]f\.?|consulter|écouter)"
    r"(?: (?:aussi|notamment))?\s+(?=[A-ZÀ-Ý])"
)
_PERIODICAL: Final = re.compile(
    r"(?:L[ea]s? |L['’]|The |Blog |Revue )\S|.*\w\.(?:fr|com|org|net|info)$"
)
_MAX_LITERAL_WORDS: Final = 10
_MAX_PEOPLE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who signs, in which role ("", "editor", "coord"), how sure we are, and where it ended."""

    names: tuple[Name, ...] = ()
    role: str = ""
    confidence: float = 0.0
    end: int = 0
    is_nobody: bool = False
    people: tuple[Person, ...] = ()
    joins: tuple[str, ...] = ()  # what stands between the people

    @property
    def is_last_doubtful(self) -> bool:
        """Whether the last name may be something else: unknown, and only a comma before it."""
        return len(self.people) > 1 and self.people[-1].sureness < 0.8 and self.joins[-1] == ","

    @property
    def is_periodical(self) -> bool:
        """Whether what signs is rather a newspaper or a site: "Le Courrier", "Le Monde.fr"."""
        name = self.names[0].literal if len(self.names) == 1 else ""
        return self.confidence < 0.8 and bool(_PERIODICAL.match(name))

    def without_last(self) -> "Byline":
        """Drop the last name of the byline, which may be the start of something else."""
        return _byline(self.people[:-1], self.joins[:-1], self.role, self.people[-2].end)


def parse_byline(text: str) -> Byline:
    """Who signs at the start of a text, as far as names go; `end` is where they stop.

    Names are read from the left, and the reading stops at the first word that belongs to no
    name, so that "Marie Dupont, Travailler demain" yields one person.
    """
    position, role = 0, ""
    if lead := _LEAD.match(text):
        position = lead.end()
        role = _ROLE_BY_GROUP.get(lead.lastgroup or "", "")
    people: list[Person] = []
    joins: list[str] = []
    while len(people) < _MAX_PEOPLE and (person := match_person(text, position)):
        people.append(person)
        position = person.end
        if et_al := _ET_AL.match(text, position):
            position = et_al.end()
        if written := _ROLE.match(text, position):
            role = next((_ROLE_BY_GROUP[key] for key in _ROLE_BY_GROUP if written[key]), role)
            position = written.end()
        join = _JOIN.match(text, position) or _RUN_ON.match(text, position)
        following = match_person(text, join.end()) if join else None
        is_run_on = join is not None and not join[0].strip(" .")
        if join is None or following is None or (is_run_on and not _is_written_so(following)):
            break
        has_comma = following.has_comma and not following.is_formal
        if has_comma and join[0].strip() == "," and not any(one.has_comma for one in people):
            break  # Odile Fabre, Digues, Barrages, Canaux: a title, no Barrages Digues
        joins.append(join[0].strip())
        position = join.end()
    return _byline(tuple(people), tuple(joins), role, position)


def _like_the_others(person: Person) -> Person:
    """A person in whose name nothing tells the order, in that of the rest of the list."""
    if person.sureness != 0.7:
        return person
    name = Name(family=person.name.given, given=person.name.family)
    return replace(person, name=name, sureness=0.8)


def _is_written_so(person: Person) -> bool:
    """Say whether capitals or a comma make a name of words that follow a full stop."""
    return person.is_formal


def _byline(people: tuple[Person, ...], joins: tuple[str, ...], role: str, end: int) -> Byline:
    if not people:
        return Byline()
    if any(person.is_family_first for person in people):
        people = tuple(map(_like_the_others, people))
    confidence = min(person.sureness for person in people)
    names = tuple(person.name for person in people)
    return Byline(
        names=names, role=role, confidence=confidence, end=end, people=people, joins=joins
    )


def parse_signature(text: str) -> Byline:
    """The whole text as who signs: persons, else one body or pen name kept whole."""
    text = _COLLECTIVE.sub("", text.strip(" ,;:–—-|"))
    text = text if re.search(r"(?:^|[\s.-])[A-ZÀ-Ý]h?\.$", text) else text.rstrip(".")
    if not text or _NOBODY.fullmatch(text):
        return Byline(is_nobody=True, confidence=0.9 if text else 0.0, end=len(text))
    if _GENERIC.fullmatch(text):
        return Byline(names=(Name(literal=capitalise(text)),), confidence=0.9, end=len(text))
    byline = parse_byline(text)
    rest = text[byline.end :]
    if byline.names and (not rest.strip(" ,;:.()") or _AFFILIATION.fullmatch(rest)):
        return byline
    if pointed := _POINTS.match(text):
        named = parse_byline(text[pointed.end() :])
        if named.names and not text[pointed.end() + named.end :].strip(" ,;:.()"):
            return named
    bare, role = _part_role(text)
    if len(bare.split()) > _MAX_LITERAL_WORDS:
        return replace(byline, confidence=0.3)
    confidence = 0.85 if is_body(bare) else 0.6
    if opens_sentence(bare):
        confidence = 0.3
    return Byline(names=(Name(literal=bare),), role=role, confidence=confidence, end=len(text))


def _part_role(text: str) -> tuple[str, str]:
    """A name kept whole without the role in brackets that closes it, and that role."""
    for found in _ROLE.finditer(text):
        if found.start() and found.end() == len(text) and found["bracket"]:
            role = next((_ROLE_BY_GROUP[key] for key in _ROLE_BY_GROUP if found[key]), "")
            return text[: found.start()].strip(" ,"), role
    return _ET_AL.sub("", text).strip(" ,"), ""
