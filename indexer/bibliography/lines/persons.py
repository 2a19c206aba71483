"""Read who signs a text: one name or several, and whether they wrote, edited or coordinated it.

"Marie Dupont", "DUPONT Marie", "Dupont M.", "Dupont, Marie", "DUPONT (M.)", "Marie DUPONT" and
"MARIE DUPONT" are one person; a body ("Conseil national…") signs too.
"""

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
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
    r"ten|ter|y|Mac|Ó|Ní|Fitz|DE|DU|LE|LA|DES|VAN|VON)\s+){0,2}"
)
_FAMILY: Final = rf"(?:{_PARTICLE}{_CAP}(?:\s+{_CAP})?)"
_UPPER_FAMILY: Final = rf"(?:{_PARTICLE}{_UPPER}(?:\s+{_UPPER}){{0,3}})"
_GIVEN: Final = rf"(?:{_CAP}(?:\s+{_CAP}){{0,2}}(?:\s+{_INITIALS}|-[{_C}]\b)?|{_INITIALS})"
# The particle of a family name, behind the given name as catalogues write it: "TOUR, Anne de la".
_BEHIND: Final = r"(?:\s+(?:de la|de|du|des|d['’]|von|van|van der|della|di))"
# Harvard leaves out all full stops: "Lambert, E & Thiry, G 2016, …".
_BEFORE_YEAR: Final = (
    r"(?=\s*(?:&|(?:et|and)\b|\(?(?:\ue006|(?:1[5-9]|20)\d\d)|$)"
    r"|,\s+[A-ZÀ-Ý][\w’'-]+,\s[A-Z]{1,3}\b)"
)
# What stands for a given name in old catalogues.
_DIGNITY: Final = (
    r"(?:l['’])?(?:abbé|chanoine|curé|père|frère|sœur|mère|R\. ?P\.|dom|mgr|docteur|dr|comte|"
    r"comtesse|baron|marquis|marquise|vicomte|duc|général|capitaine|commandant|colonel|veuve|"
    r"madame|mme|monsieur|m\.|instituteur|aîné|fils|père et fils)"
)
# What follows a name in a list of names, and no slot of a title: a year, another name.
_LISTED: Final = (
    r"(?=\s*[(\[]?\s*(?:\ue006|(?:1[5-9]|20)\d\d)|,?\s*(?:&|\b(?:et|and)\b)\s|\s*\(|\s*$"
    rf"|,\s+{_CAP}(?:\s[{_L}]{{3,}})?,\s*{_INITIALS})"
)
_MIDDLE: Final = (
    r"(?:\s+(?!(?:L[ea]s?|D[eu]s?|V[ao]n|El|Al|Ben|Mac|Da|Dos)\s)"  # "Yann Le Bris"
    rf"(?:{_CAP}|{_INITIALS}|[{_C}](?=\s)))"
)
_END: Final = (
    r"(?:(?=\s*(?:$|[,;:.()\[&/–—|«“\"\ue000-\uf8ff]|-\s|(?:et|and|und|avec|with)\b))"
    rf"|(?<=\.)(?=\s(?![{_C}]{{2,}}\b)))"  # the full stop of an initial closes the names too
)


def _family_first(family: str, given: str, between: str = r"\s+", after: str = "") -> str:
    return rf"(?P<family>{family}){between}(?P<given>{given}){after}"


def _given_first(given: str, family: str, between: str = r"\s+") -> str:
    return rf"(?P<given>{given}){between}(?P<family>{family})"


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    """Compile one of the patterns below when a name is first looked for: a tenth of a second."""
    return re.compile(pattern)


# Tried from the top; each says how sure it makes us.
_PERSONS: Final = tuple(
    (sureness, pattern + _END)
    for sureness, pattern in (
        (0.95, _family_first(_UPPER_FAMILY, _GIVEN + _BEHIND, r"\s*,\s*")),  # TOUR, Anne de la
        (0.95, _family_first(_UPPER_FAMILY, _GIVEN + _BEHIND, r"\s*\(", r"\)")),  # TOUR (Anne de)
        (0.9, _family_first(_FAMILY, _GIVEN + _BEHIND, r"\s*,\s*")),  # Tour, Anne de
        (0.95, _family_first(_FAMILY, _GIVEN + _BEHIND, r"\s*\(", r"\)")),  # Tour (Anne d')
        (0.95, _family_first(_FAMILY, rf"[{_C}]{{1,3}}", r",\s*", _BEFORE_YEAR)),  # Lay, E 1999
        # Tour basse, A. (1999): the second word of a family name small, initials behind a comma.
        (0.9, _family_first(rf"{_CAP}\s[{_L}]{{3,}}", _INITIALS, r",\s*", _LISTED)),
        (0.95, _family_first(_UPPER_FAMILY, _DIGNITY, r"\s*\(", r"\)")),  # DUPONT (abbé)
        (0.9, _family_first(_FAMILY, _DIGNITY, r"\s*\(", r"\)")),  # Dupont (abbé)
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
        (0.8, _family_first(rf"(?=[dvl]){_PARTICLE}{_CAP}", _GIVEN)),  # de Montfort Aude
        # Marie Dupont, or Dupont Marie: a first name that we know decides.
        (0.9, _family_first(_CAP, rf"{_CAP}-[{_C}]\b")),  # Dupont Jean-P
        (0.7, _given_first(rf"{_CAP}{_MIDDLE}{{0,2}}", rf"{_PARTICLE}{_CAP}")),
        (0.7, _given_first(rf"{_UPPER}(?:\s+{_INITIALS})?", _UPPER_FAMILY)),  # MARIE DUPONT
    )
)
_TITLE: Final = (  # "M. Hervé Lanoë", where "M. Lanoë" may be Marie
    rf"(?:MM\.|Mmes?\.?|Mlles?\.?|Mr\.?|Mrs\.?|Dr\.?|Pr\.?|M\.(?=\s{_CAP}\s{_PARTICLE}[{_C}]))\s+(?=[{_C}])"
)
_NAME_ALL_THE_SAME: Final = (
    rf"(?:LE|LA|DES|LES)\s+{_UPPER}\s*[,(]?\s*(?:{_CAP}|{_INITIALS})"
    rf"|(?:Le|La|Des)\s+{_CAP}\s*[,(]?\s*(?:{_INITIALS}|\({_GIVEN}\))"
    rf"|(?:Le|La|Des)\s+{_CAP}\s*[,(]\s*{_CAP}{_BEHIND}(?=\s*[,.:;(\ue006]|$)"
)
_LE_BIHAN_YVES: Final = (
    rf"(?:Le|La|Des)\s+{_CAP},?\s+(?P<given>{_CAP})(?=\s*(?:$|[,.:;(«“&\ue000-\uf8ff]|et\b))"
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


@lru_cache(maxsize=256)
def match_person(text: str, start: int = 0) -> Person | None:
    """Match the person whose name starts there and ends at a boundary, or None."""
    if titled := _compile(_TITLE).match(text, start):
        start = titled.end()
    if opens_no_name(text, start):
        return None
    for sureness, rule in _PERSONS:
        found = _compile(rule).match(text, start)
        if found:
            name, is_known = _orient(found["family"], found["given"])
            if has_body_word(found[0]) and not (is_known and " " not in found["family"]):
                continue  # "Lucile Haute" is somebody, "Haute Autorité" is a body
            are_initials = "." in found["given"] or bool(re.fullmatch(_BARE, found["given"]))
            if "," in found[0] and not is_known and not are_initials:
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
    named = _compile(_LE_BIHAN_YVES).match(text, start)
    is_name = named is not None and _is_given_name(named["given"])
    return not (is_name or _compile(_NAME_ALL_THE_SAME).match(text, start))


def opens_sentence(text: str) -> bool:
    """Say whether the first word is one that no name starts with: "Comment", "Selon"."""
    first = _WORD.search(fold(text[:40]))
    return first is not None and first[0] in SENTENCE_OPENERS


def capitalise(text: str) -> str:
    """Write a name in capitals as it is said: "LE GOFF" -> "Le Goff"; initials stay."""
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
    """Put the parts of a name the right way round; say whether a known first name tells it."""
    if behind := _compile(rf"(?P<given>.+?)(?P<particle>{_BEHIND})$").match(given):
        particle, given = behind["particle"].strip(), behind["given"]
        glue = "" if particle.endswith(("'", "’")) else " "
        family = f"{particle}{glue}{capitalise(_tidy(family))}"
        return Name(family=family, given=given), _is_given_name(given.split()[0])
    suffix = ""
    if junior := _SUFFIX.fullmatch(given):
        given, suffix = junior["given"], junior["suffix"]
    is_given_known, is_family_known = _is_given_name(given.split()[0]), _is_given_name(family)
    if is_family_known and not is_given_known and not _says_order(family, given):
        family, given = given, family
        is_given_known = True
    name = Name(family=capitalise(_tidy(family)), given=capitalise(_tidy(given)), suffix=suffix)
    return name, is_given_known


_SUFFIX: Final = re.compile(r"(?P<given>.+?),?\s(?P<suffix>Jr|Sr|II|III)\.?")


def _says_order(family: str, given: str) -> bool:
    """Say whether capitals or initials tell the family name."""
    return "." in given or (family.isupper() != given.isupper())


def _is_given_name(text: str) -> bool:
    return re.split(r"[-‑]", text.strip(" ,()").lower())[0] in GIVEN_NAMES


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,()")


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
    # "Conférence de Marie Dupont"
    r"|(?-i:Conférence|Communication|Intervention|Exposé|Article|Tribune|Billet|Film|Documentaire|"
    r"Émission|Podcast|Reportage|Vidéo|Court[- ]métrage) (?:de |d['’])(?=[A-ZÀ-Ý])"
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
    r"[(\[]?(?:anon\.?|anonym(?:e|ous)|s\.\s?n\.?|auteur inconnu|sans auteur|non signé)[)\]]?",
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
    r"(?:L[ea]s? |L['’]|The |[Bb]log |[Rr]evue |[Mm]agazine |[Jj]ournal )\S|"
    r".*\w\.(?:fr|com|org|net|info)$"
)
_OF_BODY: Final = re.compile(
    r"(?:rapport|étude|enquête|note|avis|guide|communiqué|dossier)\s"
    r"(?:du |de la |de l['’]|des |d['’])"
    r"(?=[A-ZÀ-Ý])",
    re.IGNORECASE,
)
_MAX_LITERAL_WORDS: Final = 10
_MAX_PEOPLE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The names that sign a text, their role ("", "editor", "coord"), how sure that is, its end."""

    names: tuple[Name, ...] = ()
    role: str = ""
    confidence: float = 0.0
    end: int = 0
    is_nobody: bool = False
    container: str = ""  # where it came out, if these words say that too
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
    """Read the names at the start of a text, as far as they go; `end` is where they stop.

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
    """Put a name of which nothing tells the order in that of the rest of the list."""
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


# "Article sur LeQuotidien.fr de Samuel Essai", "Billet paru dans La Gazette"
_SOURCE: Final = re.compile(
    r"(?:article|billet|tribune|chronique|reportage|enquête|dossier|note|rapport|vidéo|podcast)\s+"
    r"(?:(?:paru|publié)e?\s+)?(?:sur|dans)\s+"
    r"(?=(?-i:[A-ZÀ-Ý«“])|(?:le |la |son |un |l['’])?(?:site|blog|journal|quotidien|revue|magazine|"
    r"carnet|portail|compte)\b|[\w-]+\.\w)(?P<where>.{2,60}?)(?:,?\s+(?:de|par)\s+(?P<who>[^,;:]{3,80}))?",
    re.IGNORECASE,
)
_OF_SOMEBODY: Final = re.compile(r"(?:le |son )?(?:blog|site|carnet|compte)", re.IGNORECASE)


def opens_source(text: str) -> bool:
    """Say whether a text opens on where something came out: "Article sur LeQuotidien.fr"."""
    return bool(_SOURCE.match(text))


def _parse_source(text: str) -> Byline | None:
    """Read where a text came out, and who wrote it: "Article sur LeQuotidien.fr de Luc Essai"."""
    found = _SOURCE.fullmatch(text)
    if found is None:
        return None
    where = found["where"].strip(' «»“”"')
    if found["who"] is None:
        return Byline(is_nobody=True, container=where, confidence=0.85, end=len(text))
    byline = parse_byline(found["who"])
    is_whole = bool(byline.names) and not found["who"][byline.end :].strip(" .()")
    if _OF_SOMEBODY.fullmatch(where) or not is_whole:
        where = text[found.start("where") :].strip(' «»“”"')
        return Byline(is_nobody=True, container=where, confidence=0.85, end=len(text))
    return replace(byline, container=where, end=len(text))


def parse_signature(text: str) -> Byline:
    """Read the whole text as who signs: persons, else one body or pen name kept whole."""
    if source := _parse_source(text.strip(" ,;:–—-|.")):
        return source
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
    if (whose := _OF_BODY.match(bare)) and is_body(bare[whose.end() :]):
        bare = bare[whose.end() :]  # "Rapport du Haut Conseil"
    if len(bare.split()) > _MAX_LITERAL_WORDS:
        return replace(byline, confidence=0.3)
    confidence = 0.85 if is_body(bare) else 0.6
    if opens_sentence(bare):
        confidence = 0.3
    return Byline(names=(Name(literal=bare),), role=role, confidence=confidence, end=len(text))


def _part_role(text: str) -> tuple[str, str]:
    """Part a name kept whole from the role in brackets that closes it."""
    for found in _ROLE.finditer(text):
        if found.start() and found.end() == len(text) and found["bracket"]:
            role = next((_ROLE_BY_GROUP[key] for key in _ROLE_BY_GROUP if found[key]), "")
            return text[: found.start()].strip(" ,"), role
    return _ET_AL.sub("", text).strip(" ,"), ""
