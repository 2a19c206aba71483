"""Cut the addresses out of a line, with the words that do nothing but point at them."""

import re
from typing import Final

from indexer.bibliography.lines.markup import ADDRESS, LINK_CLOSE, LINK_OPEN
from indexer.bibliography.lines.scroll import Scroll

_CONNECTOR: Final = re.compile(
    r"[(\[]?\s?(?:\b(?>URL|lien(?: web| internet)?|source|adresse|en ligne|online|"
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
    r"(?:(?:l['’]|le |la |cf\.? |voir |lire )?(?:ici|lien|link|pdf|url|site(?: web)?|article|"
    r"page|web|t[ée]l[ée]charger|en ligne|"
    r"source|here|texte(?: int[ée]gral)?|archive|copie|html|en savoir plus|suite|lire|voir|doi|"
    r"hal)(?: (?:ici|pdf|web))?)|pdf[ ,;–-]+[\d.,]+\s*[kmg]?[ob]|[\W\d]*",
    re.IGNORECASE,
)
_LINK: Final = re.compile(rf"[(\[]?\s*{LINK_OPEN}([^{LINK_CLOSE}]*){LINK_CLOSE}\s*[)\]]?")
_WRAP: Final = re.compile(r"[<(\[]?\s*\ue005\s*[>)\]]?")


def is_generic_link(words: str) -> bool:
    """Say whether the words of a link only point: "ici", "lien", "PDF"."""
    return bool(_GENERIC_LINK.fullmatch(words.strip(" .:[]()→>»")))


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
