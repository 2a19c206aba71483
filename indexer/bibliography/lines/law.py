"""Name laws, decisions of courts and norms, which nobody signs: by their own words and number.

"Décret n° 2015-999 du 17 août 2015 relatif à…" is named by its words and dated by its own day;
"CE, 24 mai 2017, n° 401222, Commune de Blanzac" by the court, the day and the number; "NF X 50-131,
Vocabulaire" is the number of the norm, and its title. How they are cited: ISO 690:2021, annex A;
the guide of the Syndicat national de l'édition for courts.
"""

import re
from dataclasses import dataclass
from typing import Final

from indexer.bibliography.lines.dates import FoundDate, find_dates
from indexer.bibliography.lines.markup import (
    ADDRESS,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    Scroll,
    plain,
)

_LAW_WORDS: Final = (
    r"(?:projet de loi|proposition de loi|loi(?:[- ](?:organique|constitutionnelle|cadre))?|"
    r"décret(?:-loi)?|arrêté|ordonnance|directive|règlement|circulaire|délibération|résolution|"
    r"décision|instruction|recommandation|note de service|avis|traité|convention|accord|protocole|"
    r"constitution)"
)
_LAW: Final = re.compile(
    rf"\W{{0,3}}{_LAW_WORDS}\b(?=[^.;«:{ADDRESS}]{{0,60}}?"
    r"(?:\bn°|\sn[or]s?\.?\s\d|\d{2,4}/\d+|\bdu (?:1er|\d{1,2}) ))",
    re.IGNORECASE,
)
# What ends the words of a law: a sentence, an address, a dash, the journal that it came out in.
_ENDS: Final = re.compile(
    rf"(?<!\bart)(?<!\bn)\.\s+(?=[A-ZÀ-Ý«{LINK_OPEN}{ADDRESS}])"
    rf"|\s*[<(\[]?\s*[{ADDRESS}{LINK_OPEN}{EM_OPEN}]|\s[–—-]\s|\s?;\s|\s:\s|:\s"
    r"|,\s+(?=(?:JO|JORF|JOUE|JOCE|NOR|BO|BOEN|Bull|Journal officiel|L[ée]gifrance|"
    r"Eur-?Lex|version|consult|en ligne|disponible|art\.|articles?\b|pp?\.|n°|publi|Paris|\d))"
    r"|\s*[(\[](?=(?:NOR|JO|JORF|ECLI|CELEX|consult|en ligne|version|lien|PDF|modifi|abrog|lire|"
    r"voir|à |dit|dite)\b)|\s*\.?\s*$"
)
_CODE: Final = re.compile(
    rf"\W{{0,3}}code\s[^,.;:«»{ADDRESS}{LINK_OPEN}]{{3,60}},\s+art(?:\.|icles?)\s+"
    r"(?P<number>(?:[LRDA]\.?\s?(?:\*\s?)?)?\d[\d-]*(?:\s?(?:à|et|,)\s(?:[LRDA]\.?\s?)?\d[\d-]*)*)",
    re.IGNORECASE,
)
_COURT: Final = (
    r"(?:(?:CE|CC|CAA|CA|TA|TGI|TJ|CJUE|CJCE|CEDH)\b|Cass\.|Cons\. (?:const|d['’]État)\.?|"
    r"Conseil (?:d['’]État|constitutionnel)|Cour (?:de cassation|de justice|d['’]appel|"
    r"administrative d['’]appel|européenne|suprême)|Tribunal (?:administratif|judiciaire|de |des )|"
    r"Rép\. min\.|Réponse ministérielle|QE\b|Avis du Conseil d['’]État)"
)
_DECISION: Final = re.compile(
    rf"\W{{0,3}}(?P<court>{_COURT})(?P<between>[^«»:;{ADDRESS}{LINK_OPEN}{EM_OPEN}]{{0,120}}?)"
    rf"(?:n\s?[°º]s?|nos?\.?|req\.|pourvoi)\s?(?:n°\s?)?(?P<number>\d?\w[\w./-]*\w)"
)
# Who went to court: in italics or quoted, or a body or a person behind a comma.
_PARTIES: Final = re.compile(
    rf",\s+(?:{EM_OPEN}(?P<marked>[^{EM_CLOSE}]+){EM_CLOSE}|«\s*(?P<quoted>[^«»]+?)\s*»|"
    r"(?P<bare>(?:Association|Commune|Société|Sté|SA|SAS|SARL|SCI|Syndicat|Ville|Département|"
    r"Ministre|Préfet|Fédération|Union|Collectif|Comité|M\.|Mme|Mlle|MM\.|Époux|Consorts|"
    rf"[A-ZÀ-Ý][\w’'-]+ c[./])[^,;:«»{ADDRESS}{LINK_OPEN}]*?(?=\s*(?:[,;:(]|\.(?:\s|$)|$))))"
)
_BODIES: Final = r"NF|EN|ISO|CEI|IEC|DIN|DTU|XP|FD|prEN|BP|UTE|CWA|IWA|BS|UNI|NBN|SN|CSA|ASTM"
_NORM: Final = re.compile(
    rf"\s*(?:norme\s+)?(?P<code>(?:{_BODIES})(?:[ /-](?:{_BODIES}|TR|TS|PAS|HD|DTU))*[ -]?"
    r"(?:[A-Z]{1,2}[ -]?)?\d[\d.]*(?:[ -]\d[\d.]*){0,3}(?:-[A-Z]\d)?(?:/[A-Z]\d)?"
    r"(?:\s?:\s?(?P<year>(?:19|20)\d\d)(?:-\d\d)?)?)"
    rf"(?=\s*(?:\([^()]*\)\s*)?(?:[,.;:–—-]\s|[«“\"{EM_OPEN}{LINK_OPEN}]|[–—])[^\w]*[^\W\d_]{{2}})",
    re.IGNORECASE,
)


# Most lines open on none of these words, and are looked at once.
_OPENS: Final = re.compile(
    rf"\W{{0,3}}(?:{_LAW_WORDS}|{_COURT}|code\s|norme\s|(?:{_BODIES})[ /-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalText:
    """A law, a decision or a norm that opens a line.

    `title` is "" for a norm, whose title stands behind its number; `length` counts the characters
    of the line that its name takes.
    """

    title: str
    kind: str  # CSL type: "legislation", "legal_case", "standard"
    length: int
    number: str = ""
    issued: FoundDate | None = None


def find_legal_text(text: str) -> LegalText | None:
    """Find the law, decision or norm that the marked text of a line opens on, or None.

    >>> find_legal_text("NF X 50-131, Vocabulaire, AFNOR").number
    'NF X 50-131'
    >>> find_legal_text("CE, 24 mai 2017, n° 401222 : un revirement").title
    'CE, 24 mai 2017, n° 401222'
    """
    if not _OPENS.match(text):
        return None
    if norm := _NORM.match(text):
        dated = next(find_dates(norm["year"]), None) if norm["year"] else None
        return LegalText(
            title="", kind="standard", length=norm.end(), number=norm["code"], issued=dated
        )
    if decision := _DECISION.match(text):
        return _read_decision(text, decision)
    if code := _CODE.match(text):
        return LegalText(
            title=_say(code[0]), kind="legislation", length=code.end(), number=code["number"]
        )
    if law := _LAW.match(text):
        end = _ENDS.search(text, law.end())
        length = end.start() if end else len(text)
        dated = _first_date(text[:length])
        return LegalText(title=_say(text[:length]), kind="legislation", length=length, issued=dated)
    return None


def take_legal_text(scroll: Scroll) -> LegalText | None:
    """Cut the name of the law, the decision or the norm that a line opens on; None where none is.

    A mark is left in its place, at the start of the line.
    """
    found = find_legal_text(scroll.text)
    if found is not None:
        scroll.cut(0, found.length, TAKEN)
    return found


def _read_decision(text: str, decision: "re.Match[str]") -> LegalText | None:
    end = decision.end()
    dated = _first_date(text[:end]) or _first_date(text[end : end + 60])
    if dated is None:  # a court is spoken of, and nothing cited
        return None
    if parties := _PARTIES.match(text, end):
        end = parties.end()
    return LegalText(
        title=_say(text[:end]),
        kind="legal_case",
        length=end,
        number=decision["number"],
        issued=dated,
    )


def _first_date(text: str) -> FoundDate | None:
    return min(find_dates(text), key=lambda one: one.start, default=None)


_LINKED: Final = re.compile(rf"[\s,.;:(\[–—-]*{LINK_OPEN}[^{LINK_CLOSE}]*{LINK_CLOSE}")
# The journal or the review that gives the text, its pages, its address, what points at it.
_WHERE: Final = re.compile(
    rf"[\s,.;:()\[\]<>|{ADDRESS}{LINK_OPEN}{LINK_CLOSE}–—-]*"
    r"(?:(?:JO|JORF|JOUE|JOCE|BO\w*|Bull|Journal officiel|Lebon|Rec|NOR|ECLI|CELEX|L[ée]gifrance|"
    r"Eur-?Lex|AJ\w+|RFDA|Dalloz|D\.|version|consult\w+|en ligne|disponible|art(?:icle)?s?|pp?|"
    r"publiée?|inédit|RGPD|du|le|n°)\b[^;:–—]*?(?=\.\s+[A-ZÀ-Ý][a-zà-ÿ’']|\s[–—-]\s|[;:)\]]|\s*\.?\s*$))?"
    rf"[\s,.;:()\[\]<>|{ADDRESS}{LINK_OPEN}{LINK_CLOSE}–—-]*"
)


def find_said(rest: str) -> str:
    """Find what is said of a law or a decision behind its name, the journal and the address.

    >>> find_said(", JORF n° 176 du 1er août 2014. Texte de base.")
    'Texte de base.'
    """
    linked = _LINKED.match(rest)  # the words of its link say where it stands
    rest = rest[linked.end() :] if linked else rest
    found = _WHERE.match(rest)
    said = plain(rest[found.end() :] if found else rest)
    return said if re.search(r"[^\W\d_]{2}", said) else ""


_AROUND: Final = re.compile(rf"^[\W{LINK_CLOSE}]+|[\s,;:–—-]+$")


def _say(text: str) -> str:
    return _AROUND.sub("", plain(text))
