"""Say what kind of page was read: an article, or one of the things that stand in its place.

A wrong "not an article" loses a text, a wrong "article" indexes a menu; so each verdict wants
two signs, one of them the lack of text. The phrases were counted on 3,984 good pages: looked
for in the whole body they raise 91 false alarms; in `<title>` and `<h1>` of short pages, one.
"""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from lxml.etree import XPath

from indexer.extract.metadata import Metadata
from indexer.messages import NOTHING, Message, message
from indexer.model import PageKind, Paragraph

VISIBLE_TEXTS: Final = XPath(
    "//body//text()[not(parent::script or parent::style or parent::noscript)]", smart_strings=False
)
STUB_CHARS: Final = 250
SHORT_CHARS: Final = 3_000
PAYWALL_CHARS: Final = 2_500
SOFT_ERROR: Final = re.compile(
    r"\b(?:erreur\s*404|404\s*(?:error|not\s+found|page)?$|^404\b|error\s*404|not\s+found|"
    r"page\s+(?:introuvable|non\s+trouvée|inexistante|inconnue|not\s+found)|"
    r"(?:cette\s+page|la\s+page|l[’']article|ce\s+contenu)[^.]{0,40}n[’']existe\s+(?:pas|plus)|"
    r"(?:page|contenu|article)\s+(?:supprimée?|indisponible|n[’']est\s+plus\s+disponible)|"
    r"nothing\s+(?:was\s+)?found|can[’']?t\s+find\s+(?:that|this|the)|couldn[’']?t\s+find\s+that|"
    r"page\s+(?:doesn[’']t|does\s+not|no\s+longer)\s+exists?|"
    r"this\s+page\s+(?:isn[’']t|is\s+not)\s+available)\b",
    re.I,
)
PAYWALL: Final = re.compile(
    r"\b(?:(?:article|contenu|suite|la suite)[^.]{0,40}(?:réservée?|payante?)|"
    r"réservée?\s+aux\s+abonnés|"
    r"il vous reste\s+\d+(?:[.,]\d+)?\s*%|abonnez-vous pour (?:lire|continuer|accéder)|"
    r"pour lire (?:la suite|l[’']intégralité)|déjà abonnée?|subscribe to (?:read|continue)|"
    r"subscribers? only|already a subscriber|to continue reading)\b",
    re.I,
)
PAYWALL_CLASS: Final = re.compile(
    r"paywall|article-restricted|premium-content|reserve-abonne", re.I
)
CONSENT: Final = re.compile(
    r"\b(?:accepter et (?:fermer|continuer)|tout accepter|continuer sans accepter|gérer mes choix|"
    r"vos choix (?:en matière de|concernant les) (?:cookies|données)|"
    r"avant de (?:continuer|poursuivre)|"
    r"accept all|manage (?:my )?(?:choices|preferences)|before you continue|nos partenaires)\b",
    re.I,
)
LOGIN: Final = re.compile(
    r"\b(?:se connecter|connexion|identifiez-vous|connectez-vous|mot de passe|log ?in|sign ?in|"
    r"authentification)\b",
    re.I,
)
JAVASCRIPT: Final = re.compile(
    r"(?:activ|enable|requi|nécessit|need|besoin)[^.]{0,60}java\s?script|"
    r"java\s?script[^.]{0,60}(?:activ|enabled|required|requis|nécessaire|désactivé|disabled)",
    re.I,
)


def judge_page(
    tree: Any, metadata: Metadata, paragraphs: Sequence[Paragraph], *, url: str
) -> tuple[PageKind, Message]:
    """Judge what kind of page was read; gives the evidence for it (NOTHING for an article)."""
    length = sum(len(paragraph.text) for paragraph in paragraphs)
    if found := _find_soft_error(metadata, length):
        return PageKind.SOFT_ERROR, found
    if length < PAYWALL_CHARS:
        body = _visible_text(tree)
        if found := _find_paywall(tree, metadata, body):
            return PageKind.PAYWALL, found
        if length < STUB_CHARS or len(body) < STUB_CHARS:
            return _judge_short(tree, body, length)
    if found := _find_listing(tree, metadata, paragraphs, url=url):
        return PageKind.LISTING, found
    return PageKind.ARTICLE, NOTHING


def _judge_short(tree: Any, body: str, length: int) -> tuple[PageKind, Message]:
    passwords = tree.xpath("count(//input[@type='password'])")
    if passwords and LOGIN.search(body):
        return PageKind.LOGIN, message("evidence.password")
    if len(CONSENT.findall(body)) >= 2:
        return PageKind.CONSENT_WALL, message("evidence.consent")
    noscript = " ".join(each.text_content() for each in tree.iter("noscript"))
    if len(body) < STUB_CHARS and (JAVASCRIPT.search(noscript) or _has_root(tree)):
        return PageKind.NEEDS_JAVASCRIPT, message("evidence.empty-shell")
    if JAVASCRIPT.search(body) and len(body) < SHORT_CHARS:
        return PageKind.NEEDS_JAVASCRIPT, message("evidence.javascript")
    if length == 0:
        return PageKind.NO_TEXT, message("evidence.no-text")
    return PageKind.STUB, message("evidence.short", count=length)


def _find_soft_error(metadata: Metadata, length: int) -> Message:
    if length >= SHORT_CHARS:
        return NOTHING
    for text in (metadata.window_title, *metadata.headings):
        if found := SOFT_ERROR.search(text):
            return message("evidence.title-says", words=found[0].strip())
    return NOTHING


def _find_paywall(tree: Any, metadata: Metadata, body: str) -> Message:
    if metadata.is_free is False:
        return message("evidence.declared-paid")
    if (found := PAYWALL.search(body)) and _has_class(tree, PAYWALL_CLASS):
        return message("evidence.page-says", words=found[0].strip())
    return NOTHING


def _find_listing(
    tree: Any, metadata: Metadata, paragraphs: Sequence[Paragraph], *, url: str
) -> Message:
    is_home = urlsplit(url).path.strip("/") in {"", "index.php", "index.html", "accueil"}
    if metadata.types & {"CollectionPage", "SearchResultsPage"}:
        return message("evidence.declared-listing")
    articles = tree.xpath("count(//article[.//a[@href]])")
    long_ones = sum(1 for paragraph in paragraphs if len(paragraph.text) > 400)
    if articles >= 5 and long_ones <= 1 and (is_home or metadata.open_graph_type == "website"):
        return message("evidence.listing", count=int(articles))
    return NOTHING


def _visible_text(tree: Any) -> str:
    return " ".join(" ".join(VISIBLE_TEXTS(tree)).split())


def _has_class(tree: Any, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(value) for value in tree.xpath("//body//@class | //body//@id"))


def _has_root(tree: Any) -> bool:
    """Say whether it has the empty element that a framework fills: #root, #app, #__next."""
    return bool(tree.xpath("//div[@id='root' or @id='app' or @id='__next' or @id='___gatsby']"))
