"""Take out of a line what has a form of its own: addresses, dates, DOI, ISBN, numbers, pages.

What is taken leaves a mark, which later rules read as the end of a slot. Of several
addresses the text's is chosen, an archived copy's, a DOI.
"""

import re
from collections.abc import Sequence
from typing import Final

from indexer.bibliography.lines.dates import FoundDate, find_dates, find_undated, fold
from indexer.bibliography.lines.markup import (
    ADDRESS,
    DATE,
    EM_CLOSE,
    EM_OPEN,
    LINK_CLOSE,
    LINK_OPEN,
    TAKEN,
    Address,
    Scroll,
    normalise,
    plain,
)
from indexer.bibliography.lines.persons import parse_byline
from indexer.model import DOI_BEGINS

_LAW_OF: Final = re.compile(
    r"\b(?:loi|décret|arrêté|ordonnance|directive|règlement|résolution|décision|arrêt|circulaire|"
    r"délibération|recommandation|convention)\b[^,;.«]{0,60}\bdu $",
    re.IGNORECASE,
)


def take_date(scroll: Scroll) -> FoundDate | None:
    """Cut every date out, and return the one that says when the text came out."""
    take_update(scroll)
    take_publication_cue(scroll)
    found = sorted(find_dates(scroll.masked), key=lambda one: one.start)
    text = scroll.masked
    if len(found) > 1:
        end = _find_said(text, found)
        found = [one for one in found if one.start < end]
    head = len(found) > 1 and _is_signed(text[: found[0].start])
    if found and _opens(text, found[0]):
        found = [one for one in found if one.value[:4] == found[0].value[:4]]
    best = max(
        found,
        key=lambda one: (
            one.precision,
            _stands_alone(text, one),
            not one.is_range,
            head and one is found[0],
            one.start,
        ),
        default=None,
    )
    for one in reversed(found):
        if one is best and _LAW_OF.search(scroll.masked, 0, one.start):
            continue  # Décret n° 2015-999 du 17 août 2015 portant…: a part of the title
        # Another year may belong to a title ("…, 1850–1900"); the same one said twice does not.
        is_again = best is not None and one.value[:4] == best.value[:4] and not one.is_range
        if one is best or (is_again and _stands_alone(scroll.masked, one)):
            scroll.cut(one.start, one.end, DATE)
    undated = find_undated(scroll.masked)
    if undated:
        scroll.cut(*undated, TAKEN if best else DATE)
    return best


def _opens(text: str, found: FoundDate) -> bool:
    """Say whether a date opens a line, a dash or a colon behind it: "2009 - Dupont (Marie), …"."""
    is_first = not any(map(str.isalnum, text[: found.start]))
    return is_first and re.match(r"\s?(?:\s[–—-]|:)\s", text[found.end :]) is not None


# Behind a marked title: the date that closes a reference, and what somebody says of it.
_TITLED: Final = re.compile(rf"[{EM_CLOSE}{LINK_CLOSE}»”]")
_SAYS: Final = re.compile(
    r"[^()\[\].:«»]{0,12}[)\]]?\.[)\]]?\s+"
    r"(?!(?:in|dans|consult|disponible|url|doi|isbn|en ligne|mis)\b)"
    rf"(?P<said>[A-ZÀ-Ý][^.:«»{ADDRESS}{EM_OPEN}{LINK_OPEN}]{{12,}})",
    re.IGNORECASE,
)


def _is_signed(head: str) -> bool:
    """Say whether nothing but names stands before a date: "Dupont M., 2020, *Titre*"."""
    byline = parse_byline(head)
    return bool(byline.names) and not head[byline.end :].strip(" ,.:;(")


def _find_said(text: str, dates: Sequence[FoundDate]) -> int:
    """Find where a line ends its reference and says something: "2012. À lire avec Petit, 2016".

    Gives the length of the line where it does not; a year in what is said dates nothing.
    """
    for one in dates:
        if not _stands_alone(text, one) or not _TITLED.search(text, 0, one.start):
            continue
        found = _SAYS.match(text, one.end)
        words = re.findall(r"[^\W\d_]+", found["said"]) if found else []
        small = sum(word[0].islower() for word in words)
        if found and len(words) >= 3 and 2 * small >= len(words) and words[0][0].isupper():
            return found.start("said")
    return len(text)


def _stands_alone(text: str, found: FoundDate) -> bool:
    """Say whether a date fills its slot: between commas, brackets or the line's ends."""
    before, after = text[: found.start].rstrip(), text[found.end :].lstrip()
    return (not before or before[-1] in ',.;:([–—-|\ue005\ue006\ue007\ue002»”"') and (
        not after or after[0] in ",.;:)]–—-|<\ue005\ue006\ue007"
    )


_I: Final = re.IGNORECASE
_END: Final = rf"(?=\s*(?:[,.;:)\]–—|{TAKEN}\ue006{ADDRESS}]|$|-\s))"

_ACCESSED: Final = re.compile(
    r"(?:derni[eè]re\s+(?:consultation|visite)|consult(?:[ée]e?s?|ation)|\bvue?\b|\blue?\b"
    r"|visit[ée]e?s?|\bcit[ée]e?s?|acc[eé]d[ée]e?|acc[eè]s|\bweb\.|last\s+accessed|accessed|retrieved|viewed|"
    r"visited)"
    r"\s*(?::|\b(?:le|en|on|la|du)\b)?\s*:?\s*",
    _I,
)
_BEFORE_ACCESSED: Final = re.compile(
    r"[(\[]?\s*(?:\b(?:page|site|lien|document|article|ressource|url|en ligne|dernier)s?\b,?\s*)*$",
    _I,
)
_AFTER_ACCESSED: Final = re.compile(
    r"\s*(?:à\s*\d{1,2}\s*[h:]\s*\d{0,2})?\s*,?\s*(?:from\b\s*:?)?\s*[)\]]?", _I
)
_PUBLISHED: Final = re.compile(
    r"(?:mise?s?\s+en\s+ligne|publi[ée]e?s?|paru(?:e|s)?|post[ée]e?s?|dat[ée]e?s?|published|posted)"
    r"(?:\s+(?:online|en ligne))?\s+(?:le|en|on|du|in)?\s*(?=\d|\w+\s+\d)",
    _I,
)
_UPDATED: Final = re.compile(
    r"(?:derni[èe]re )?(?:mise?s? [àa] jour|modifi(?:ée?s?|cation)|actualisée?s?|révisée?s?"
    r"|updated)"
    r"(?:\s+(?:le|en|on|du))?\s*:?\s*",
    _I,
)
_ISSUE_OF_YEAR: Final = re.compile(
    rf"\d{{1,4}}(?:-\d{{1,4}})?\s*[|{TAKEN}]\s*(?P<year>(?:1[89]|20)\d\d)\b"
)
_DOI: Final = re.compile(
    rf"[(\[]?\b(?:doi\s*:?\s*)?(?P<doi>{DOI_BEGINS}[^\s\"<>«»\ue000-\uf8ff]+)", _I
)
_ISBN: Final = re.compile(
    r"[(\[]?\bISBN(?:[- ]?1[03])?\s*:?\s*(?P<isbn>\d[\d\s–-]{7,16}[\dX])\b\s*[)\]]?", _I
)
_ISSN: Final = re.compile(r"[(\[]?\be?-?ISSN\s*:?\s*\d{4}-?\d{3}[\dX]\b\s*[)\]]?", _I)
_NUMERO: Final = r"(?:n\^o\^|n\s?[°º]|n\.\s?°|nos?\.?(?=\s?\d)|num[ée]ro|#)"
_KIND: Final = (
    r"rapports?(?:\s+(?:d['’]information|final|annuel|d['’][ée]tudes?|de recherche|"
    r"interm[ée]diaire|public))?"
    r"|avis|document\s+de\s+travail|(?:working|discussion)\s+papers?|(?:technical\s+)?report"
    r"|policy\s+brief|notes?(?:\s+(?:d['’]analyse|de\s+synth[eè]se|d['’]information|de travail))?"
    r"|cahiers?\s+de\s+recherche|[ée]tudes?"
)
_REPORT: Final = re.compile(
    rf"[(\[]?\s*\b(?P<kind>{_KIND})\s*(?:{_NUMERO}|no\.?)\s*(?P<number>\w[\w./-]*\w|"
    rf"\w)\s*[)\]]?(?:{_END}|(?=\s*\())",
    _I,
)
_FAR_NUMBER: Final = re.compile(
    rf"\b(?P<kind>{_KIND})\s[^,;.:()«»]{{1,60}}?(?P<cut>\s(?:{_NUMERO}|"
    rf"no\.?)\s*(?P<number>\w[\w./-]*\w|\w)){_END}",
    _I,
)
_ALONE: Final = rf"(?:(?<=[,.;:(\[–—] )|(?<=[,.;(\[{TAKEN}])|(?<=[{TAKEN}\ue006] )|(?<= - )|^)\s*"
_CUED_LOCATORS: Final = (
    (
        "number_of_volumes",
        re.compile(rf"{_ALONE}(?P<v>\d{{1,3}})\s(?:vol(?:ume)?s?|tomes?|t)\b\.?{_END}", _I),
    ),
    (
        "number_of_pages",
        re.compile(
            rf"{_ALONE}(?P<v>(?:(?-i:[IVXLCivxlc]+)\s*[-–,+]\s*)?\d{{1,5}}(?:\s*(?:\+|et|-)\s*\d+)?)"
            r"\s*(?:p|pages|pp|f|ff|feuillets|folios)\b\.?(?:\s*dactyl(?:ographiées?)?\b\.?)?"
            rf"(?=\s*(?:[,.;:()\[\]–—+|>•→{TAKEN}\ue006{ADDRESS}]|-\s|$|[A-ZÀ-Ý«]))",
            _I,
        ),
    ),
    ("", re.compile(r"\b\d+\s*(?:p\.|pages|pp\.|p(?=\s*[,.;)]|\s*$))", _I)),
    (
        "edition",
        re.compile(
            r"\b(?P<v>(?:\d+(?=\s?(?:e|ème|nde|ère|st|nd|rd|th)\b)|nouvelle|nouv\.))"
            r"(?:\s?(?:e|ème|nde|ère|st|nd|rd|th)\b)?\s+(?:[ée]d(?:ition|\.)|ed(?:ition|\.))",
            _I,
        ),
    ),
    (
        "page",
        re.compile(
            r"\b(?:(?-i:pp?)\.|pages?|(?-i:S)\.(?=\s?\d))\s*(?P<v>(?:\d+|"
            r"(?-i:[ivxlc]+)\b)(?:\s*[-–]\s*(?:\d+|(?-i:[ivxlc]+)\b))?)(?:\s*(?"
            r":et\s+)?s[qv]?q?\.)?",
            _I,
        ),
    ),
    (
        "volume",
        re.compile(
            r"\b(?:vol(?:\.|ume)?|tome|t\.)\s*(?P<v>\d+|[IVXLC]+\b)(?:\s*\((?P<i>[\d–/-]+)\))?", _I
        ),
    ),
    (
        "issue",
        re.compile(
            rf"(?<!\w){_NUMERO}\s*(?P<v>\d[\w/-]*+(?:\s*[-–]\s*\d++)?+)(?!\s+(?:du|de|des|relati|"
            rf"portant|sur|pour)\b)",
            _I,
        ),
    ),
)
_BARE_LOCATORS: Final = (
    ("issue", re.compile(r"(?P<v>\b\d{1,4}(?:-\d{1,4})?)\s*\|")),
    (
        "volume",
        re.compile(
            r"(?<=[\w\ue00f\ue002])[\s,]+(?P<v>\d{1,4})\s?\((?P<i>\d{1,3}(?:[-–/]\d{1,3})?)\)(?:\s"
            r"*[,:]\s*(?P<p>e?\d+(?:\s*[-–]\s*\d+)?))?"
        ),
    ),
    (
        "page",
        re.compile(
            r"(?<=[,:(])\s*(?P<v>(?!(?:1[5-9]|20)\d\d\s*[-–]\s*(?:1[5-9]|"
            r"20)\d\d)\d{1,4}\s*[-–]\s*\d{1,4})(?=\s*(?:[.,;)]|$))"
        ),
    ),
)
_MEDIUM: Final = (
    re.compile(
        r"[(\[]\s*(?:en\s+ligne|online|on line|internet|pdf|html|vid[ée]o|podcast|audio|"
        r"en ligne uniquement|ebook|epub|format pdf|"
        r"(?:base|jeu) de donn[ée]es|logiciel|carte|dvd|cd-?rom|enregistrement(?: sonore)?|affiche|"
        r"photographie|document [ée]lectronique|ressource [ée]lectronique|page web|site web|blog|"
        r"billet de blog|article|web|page (?:de )?wiki|wiki|"
        r"lien|ici|t[ée]l[ée]charg[^)\]]{0,30}|acc[eè]s (?:libre|payant)|payant|abonn[ée]s|"
        r"r[ée]serv[ée] aux abonn[ée]s|"
        r"en (?:anglais|fran[çc]ais)|paywall|archive|archiv[ée]|lien (?:mort|cass[ée]|bris[ée])|"
        r"(?:pdf|\w{2,4})\s*[,;–-]\s*\d+(?:[.,]\d+)?\s*[kmg]?[ob])\s*[)\]]",
        _I,
    ),
    re.compile(
        r"[(\[]\s*\d+\s?(?:e|ème|ère|re|st|nd|rd|th|\.)?\s*(?:éd|ed)[^()\[\]]{0,12}[)\]]", _I
    ),
    re.compile(r"(?<=[,.(\[])\s*\bs\.\s?[ln]\.(?=\s*[,.:;)\]]|\s*$)", _I),
    re.compile(r"[(\[]\s*(?:NOR|ECLI|CELEX|JORF|JO)\b[^()\[\]]*[)\]]"),
    re.compile(r"[(\[]\s*(?:coll\.|collection)[^()\[\]]*[)\]]", _I),
    re.compile(
        r"(?<=[,.;(] )\d+(?:[.,]\d\d?)?\s?(?:€|euros?\b|francs?\b|CHF\b|(?-i:F)(?=\s*[,.;)]|$))", _I
    ),
    # "préf. de Léo Essai,": who wrote what stands before or beside the text.
    re.compile(
        r"(?<=[,.;] )(?:préf(?:\.|ace)|postf(?:\.|ace)|avant-propos|ill(?:\.|ustrations?)|dessins|"
        r"photogr(?:\.|aphies))\s(?:de|par|d['’])\s?[^,.;()\ue000-\uf8ff]{3,40}(?=[,.;]\s)",
        _I,
    ),
    re.compile(r"[(\[][^()\[\]]*\b(?:non |in|plus )?disponible[^()\[\]]*[)\]]", _I),
    re.compile(
        r"(?<=[,.;–—-])\s*(?:lien|page|site)\s+(?:mort|cass[ée]|bris[ée]|introuvable|"
        r"disparue?)e?\b",
        _I,
    ),
    re.compile(r"\ben ligne\b(?=\s*[,.;:\ue005\ue007<(]|\s*$)", _I),
)


_COLLECTION: Final = re.compile(
    rf"(?:(?<=[,.;(\[–—] )|(?<=[,.;(\[{DATE}{TAKEN}])|(?<=[{DATE}{TAKEN}] ))[(\[]?\s*"
    r"\b(?i:coll(?:ection|\.))\s*:?\s*"
    r"(?:[«“\"]\s*(?P<quoted>[^«»“”\"]{2,80}?)\s*[»”\"]|"
    r"(?P<bare>[A-ZÀ-Ý][^,.;:()\[\]«»“”\ue000-\uf8ff]{1,60}?))"
    r"(?:(?:\s*;)?\s*(?:,?\s*n\s?[°o]s?\s*)?(?P<number>(?!(?:1[5-9]|20)\d\d)\d{1,4}))?\s*[)\]]?(?=\s*(?:[,.;:()]|[\ue000-\uf8ff]|$))"
)
# (Rivages ; 14), as ISO 690 and library catalogues write a series.
_NUMBERED_SERIES: Final = re.compile(
    r"[(\[](?P<bare>[A-ZÀ-Ý][^();:\[\]\ue000-\uf8ff]{1,60}?)\s?;\s?(?:n\s?[°o]\s*)?(?P<number>\d{1,4})[)\]]"
)


def take_collection(scroll: Scroll) -> dict[str, str]:
    """Cut the series of a book out, and give its name with its number: "Repères 549"."""
    for rule in (_COLLECTION, _NUMBERED_SERIES):
        if found := rule.search(scroll.text):
            held = found.groupdict()
            name = plain(held.get("quoted") or held["bare"])
            scroll.cut(*found.span())
            return {"collection_title": f"{name} {held['number'] or ''}".strip()}
    return {}


def take_access_date(scroll: Scroll) -> str:
    """Cut « consulté le … » out and return the date as EDTF, or ""."""
    for cue in _ACCESSED.finditer(scroll.masked):
        tail = scroll.masked[cue.end() : cue.end() + 40]
        found = next((one for one in find_dates(tail) if one.start <= 4), None)
        if found is None:
            continue
        stop = _AFTER_ACCESSED.match(scroll.masked, cue.end() + found.end)
        end = stop.end() if stop else cue.end() + found.end
        before = _BEFORE_ACCESSED.search(scroll.masked, max(0, cue.start() - 40), cue.start())
        scroll.cut(before.start() if before else cue.start(), end)
        return found.value
    return ""


def take_update(scroll: Scroll) -> None:
    """Cut « mis à jour le … » out, where another date says when the text came out."""
    for cue in _UPDATED.finditer(scroll.masked):
        found = next(find_dates(scroll.masked[cue.end() : cue.end() + 40]), None)
        if found is None or found.start > 4:
            continue
        end = cue.end() + found.end
        if next(find_dates(scroll.masked[: cue.start()] + TAKEN + scroll.masked[end:]), None):
            scroll.cut(cue.start(), end)
        return


def take_publication_cue(scroll: Scroll) -> None:
    """Cut « mis en ligne le » out, so that only its date stays.

    Beside the year of its issue ("12 | 2014, mis en ligne le 15 janvier 2015") the day counts as
    little as an access date, and goes too.
    """
    found = scroll.take(_PUBLISHED, "")
    issue = _ISSUE_OF_YEAR.search(scroll.masked) if found else None
    if found is None or issue is None:
        return
    online = next(find_dates(scroll.masked[found.start() :]), None)
    if online and online.start <= 1 and online.value[:4] != issue["year"]:
        scroll.cut(found.start() + online.start, found.start() + online.end)


def take_identifiers(scroll: Scroll) -> dict[str, str]:
    """Cut DOI, ISBN and report number out; return them by the name of their field."""
    fields: dict[str, str] = {}
    if found := scroll.take(_DOI):
        fields["doi"] = found["doi"].rstrip(".,;:)]»").lower()
    for found in scroll.take_all(_ISBN):
        digits = re.sub(r"[^\dXx]", "", found["isbn"]).upper()
        if len(digits) in (10, 13):
            fields.setdefault("isbn", digits)
    scroll.take_all(_ISSN)
    if found := scroll.take(_REPORT):
        fields["number"] = found["number"]
        fields["genre"] = found["kind"].lower()
    elif found := _FAR_NUMBER.search(scroll.masked):  # « Rapport du Sénat n° 690 »
        fields["number"], fields["genre"] = found["number"], found["kind"].lower()
        scroll.cut(*found.span("cut"))
    return fields


def take_media(scroll: Scroll) -> None:
    """Cut "[en ligne]", "(PDF, 1,2 Mo)", "lien mort" out."""
    for rule in _MEDIUM:
        scroll.take_all(rule)


def take_cued_locators(scroll: Scroll) -> dict[str, str]:
    """Cut out what says its name: "vol. 57", "n° 1", "p. 5-28", "320 p.", "2e éd."."""
    return _take(scroll, _CUED_LOCATORS)


def take_bare_locators(scroll: Scroll) -> dict[str, str]:
    """Cut out, once dates are, the numbers that stand alone: "57(1), 5-28", "12 |"."""
    return _take(scroll, _BARE_LOCATORS)


def _take(scroll: Scroll, rules: "tuple[tuple[str, re.Pattern[str]], ...]") -> dict[str, str]:
    fields: dict[str, str] = {}
    for field, rule in rules:
        for found in scroll.take_all(rule):
            groups = found.groupdict()
            if field:
                fields.setdefault(field, re.sub(r"\s*[-–]\s*", "-", groups["v"]))
            if groups.get("i"):
                fields.setdefault("issue", groups["i"])
            if groups.get("p"):
                fields.setdefault("page", re.sub(r"\s*[-–]\s*", "-", groups["p"]))
    return fields


_CONNECTOR: Final = re.compile(
    r"[(\[]?\s?(?:\b(?>en acc[èe]s (?:libre|ouvert)|gratuit(?:ement)?|URL|"
    r"lien(?: web| internet)?|source|(?<!d['’])adresse|en ligne|online|"
    r"voir(?: aussi)?|cf\.?"
    r"|à lire|lire|disponible(?: en ligne)?|consultable(?: en ligne)?|accessible(?: en ligne)?"
    r"|téléchargeable|available(?: online)?|retrieved|repéré|récupéré|archived?s?|copie|"
    r"sauvegarde|via|pdf"
    r"|doi|hal|web|site|sur(?: le site)?|from|at|à|au|ici|l['’]adresse|l['’]URL|suivante?|internet"
    r"|texte(?: intégral)?|article(?: complet)?|version (?:en ligne|"
    r"archivée))\b\s?[:,]?\s?){1,6}+[<(\[]?\s?$",
    re.IGNORECASE,
)
_CONNECTOR_CHARS: Final = 80
_GENERIC_LINK: Final = re.compile(
    r"(?:à |téléchargeable |disponible )?"
    r"(?:(?:l['’]|le |la |cf\.? |voir |lire )?(?:ici|lien|link|pdf|url|site(?: web)?|article|"
    r"page|web|t[ée]l[ée]charger|en ligne|"
    r"source|here|texte(?: int[ée]gral)?|archive|copie|html|en savoir plus|suite|lire|voir|doi|"
    r"hal|code|d[ée]mo|a\d|epub|docx?|odt|zip|mp3)(?: (?:ici|pdf|web))?)|"
    # "Écouter l'épisode", "lien vers le PDF": what to do, and nothing of what it is called.
    r"(?:[àa] )?(?:voir|(?:re)?lire|[ée]couter|regarder|consulter|t[ée]l[ée]charger|visionner|"
    r"ouvrir|visiter|d[ée]couvrir|acc[ée]der (?:à|au|aux)|acc[èe]s (?:à|au|aux)|"
    r"lien (?:vers|sur|de)|cliquez?(?: sur)?)"
    r"(?: (?:l['’] ?|le |la |les |ce |un )?(?:ici|lien|pdf|site|article|page|texte|document|"
    r"fichier|rapport|vid[ée]o|film|podcast|[ée]pisode|[ée]mission|source|suite|dossier|[ée]tude|version|"
    r"notice|billet|audio|bande[- ]annonce|replay|entretien|interview|th[èe]se|m[ée]moire))?"
    r"(?: (?:ici|en ligne|int[ée]grale?|compl[èe]te?|pdf|html|gratuitement|librement))*|"
    rf"pdf[ ,;–-]+[\d.,]+\s*[kmg]?[ob]|(?:doi\s*:\s*)?{DOI_BEGINS}\S+|[\W\d]*",
    re.IGNORECASE,
)
# In small letters: "Cette ville" may be a title.
_POINTS: Final = re.compile(
    r"(?:ce|cet|cette|ces) [a-zà-ÿœ-]+(?: [a-zà-ÿœ-]+)?|(?:la |une? |le )?(?:présentation|résumé|"
    r"fiche|notice|extraits?|compte[- ]rendu|communiqué|documentation|vidéo|diapos(?:itives)?|"
    r"programme|sommaire|audio|transcription|enregistrement|dépôt|original)"
)
# What a site or a letter links to of itself, whatever stands around: no reference is called so.
_SITE_LINK: Final = re.compile(
    r"(?:voir|lire|ouvrir|consulter|afficher)\b.{0,40}\bdans (?:un|votre|le|son) navigateur|"
    r"(?:view|read|open)\b.{0,40}\bin (?:your|a|the) browser|"
    r"(?:pour |s'en )?(?:se |me |vous )?des(?:abonner|inscrire)(?: (?:de|a) (?:la|cette|notre) "
    r"(?:liste|lettre)\b.{0,30})?|unsubscribe(?: here)?|desinscription|"
    r"(?:gerer|modifier|mettre a jour) (?:mes|vos|ses) (?:preferences|abonnements?|coordonnees)|"
    r"(?:manage|update) (?:your )?preferences|"
    r"mentions legales(?: et credits)?|legal notice|politique de confidentialite|privacy policy|"
    r"(?:gestion des |parametres des )?cookies|donnees personnelles|"
    r"conditions (?:generales )?d'utilisation|terms of (?:use|service)|plan du site|site ?map|"
    r"(?:retour a l'|page d')?accueil|home(?: ?page)?|nous (?:ecrire|contacter)|contactez-nous|"
    r"modifier(?: (?:le (?:code|wikicode|texte)|la page|cette page|la section))?|"
    r"edit(?: (?:source|this page))?|(?:retour )?(?:en )?haut(?: de (?:la )?page)?|back to top"
)
# Words that lead to a part of a site in a row of such links, and may be a title elsewhere.
_SITE_ROW: Final = re.compile(
    r"archives?(?: de (?:la |cette |notre )?(?:lettre|liste|newsletter))?|"
    r"credits?|contacts?|a propos|about(?: us)?|qui sommes-nous|aide|help|faq|rss|"
    r"(?:flux|fil) rss|accessibilite|newsletter|lettre d'information|s'abonner|connexion|"
    r"cg[uv]|historique|history|discussion|talk|imprimer|print|partager|share|menu|recherche|"
    r"search|sommaire|(?:lire|voir) (?:cette lettre )?en ligne|version (?:en ligne|web)|"
    r"twitter|facebook|mastodon|linkedin|instagram|bluesky"
)
_LINK: Final = re.compile(rf"[(\[]?\s*{LINK_OPEN}([^{LINK_CLOSE}]*){LINK_CLOSE}\s*[)\]]?")
_WRAP: Final = re.compile(r"[<(\[]?\s*\ue005\s*[>)\]]?")


def is_site_link(words: str) -> bool:
    """Say whether a link so called leads to a part of its own site, whatever stands around it."""
    return bool(_SITE_LINK.fullmatch(fold_link(words)))


def is_site_part(words: str) -> bool:
    """Say whether a link so called leads to a part of a site where it stands among such links."""
    return bool(_SITE_ROW.fullmatch(fold_link(words)))


def are_site_links(words: Sequence[str]) -> list[bool]:
    """Say for each link of a block whether it leads to a part of its own site.

    Beside one that surely does ("Se désabonner"), "Archives" and "Mastodon" do too.
    """
    own = [is_site_link(one) for one in words]
    return [
        is_own or (any(own) and is_site_part(one)) for is_own, one in zip(own, words, strict=True)
    ]


def fold_link(words: str) -> str:
    """Fold the words of a link for a comparison, without what is drawn around them."""
    return fold(normalise(plain(words))).replace("’", "'").strip(" .…>»→↑←[]():|·•*")


def is_generic_link(words: str) -> bool:
    """Say whether the words of a link only point: "ici", "lien", "PDF", "cette étude"."""
    words = words.strip(" .:[]()→>»")
    return bool(_GENERIC_LINK.fullmatch(words) or _POINTS.fullmatch(words))


def take_addresses(scroll: Scroll) -> None:
    """Cut the marks of bare addresses out, with the words that introduce them ("URL :").

    A link whose words only point ("ici") goes too.
    """
    for found in reversed(list(_LINK.finditer(scroll.text))):
        if is_generic_link(found[1]):
            scroll.cut(*found.span())
    for found in reversed(list(re.finditer(ADDRESS, scroll.masked))):
        start = max(0, found.start() - _CONNECTOR_CHARS)
        before = _CONNECTOR.search(scroll.masked[start : found.start()])
        if before:
            scroll.cut(start + before.start(), found.start(), "")
    scroll.take_all(_WRAP)


_ARCHIVE: Final = re.compile(
    r"^https?://(?:web\.)?archive\.[\w.-]+/(?:web/)?(?P<stamp>\d{4,14})(?:[a-z]{2}_)?/(?P<original"
    r">.+)$",
    re.IGNORECASE,
)
_ARCHIVE_HOST: Final = re.compile(
    r"^https?://(?:web\.archive\.|archive\.(?:is|ph|today|org/)|perma\.cc|webcitation\.org)",
    re.IGNORECASE,
)
_DOI_HOST: Final = re.compile(
    rf"^https?://(?:dx\.)?doi\.org/(?P<doi>{DOI_BEGINS}\S+)$", re.IGNORECASE
)


def is_archived(address: Address) -> bool:
    """Say whether an address is that of an archive's copy."""
    return bool(address.is_copy or _ARCHIVE_HOST.match(address.href))


def choose_addresses(addresses: Sequence[Address]) -> tuple[str | None, str | None, str]:
    """Choose the address of the text, that of an archive's copy, and a DOI among them."""
    live: list[str] = []
    copies: list[str] = []
    doi = ""
    for address in addresses:
        if address.version_url:
            copies.append(address.version_url)
        if address.original_url:
            copies.append(address.href)
            live.append(address.original_url)
        elif address.is_copy and live:
            copies.append(address.href)
        elif wrapped := _ARCHIVE.match(address.href):
            copies.append(address.href)
            original = re.sub(r"^(https?):/(?!/)", r"\1://", wrapped["original"])
            live.append(original if "://" in original else f"http://{original}")
        elif _ARCHIVE_HOST.match(address.href):
            copies.append(address.href)
        else:
            live.append(address.href)
        if found := _DOI_HOST.match(address.href):
            doi = found["doi"].lower()
    direct = [href for href in live if not _DOI_HOST.match(href)]
    return next(iter(direct or live), None), next(iter(copies), None), doi
