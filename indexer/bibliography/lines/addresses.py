"""Choose among the addresses of a line: the text's, an archived copy's, a DOI; take them out."""

import re
from collections.abc import Sequence
from typing import Final

from indexer.bibliography.lines.dates import fold
from indexer.bibliography.lines.markup import (
    ADDRESS,
    LINK_CLOSE,
    LINK_OPEN,
    Address,
    Scroll,
    normalise,
    plain,
)

_CONNECTOR: Final = re.compile(
    r"[(\[]?\s?(?:\b(?>URL|lien(?: web| internet)?|source|(?<!d['’])adresse|en ligne|online|"
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
    r"hal|code|d[ée]mo|a\d|epub|docx?|odt|zip|mp3)(?: (?:ici|pdf|web))?)|"
    r"pdf[ ,;–-]+[\d.,]+\s*[kmg]?[ob]|(?:doi\s*:\s*)?10\.\d{4,9}/\S+|[\W\d]*",
    re.IGNORECASE,
)
# In small letters: "Cette ville" may be a title.
_POINTS: Final = re.compile(r"(?:ce|cet|cette|ces) [a-zà-ÿœ-]+(?: [a-zà-ÿœ-]+)?")
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
_LINK: Final = re.compile(rf"[(\[]?\s*{LINK_OPEN}([^{LINK_CLOSE}]*){LINK_CLOSE}\s*[)\]]?")
_WRAP: Final = re.compile(r"[<(\[]?\s*\ue005\s*[>)\]]?")


def is_site_link(words: str) -> bool:
    """Say whether a link so called leads to a part of its own site, whatever stands around it."""
    return bool(_SITE_LINK.fullmatch(fold_link(words)))


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
    r"^https?://(?:dx\.)?doi\.org/(?P<doi>10\.\d{4,9}/\S+)$", re.IGNORECASE
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
