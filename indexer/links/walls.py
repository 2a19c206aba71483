"""Recognise what stands in place of a page: parked domains, captchas, consent, logins."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from indexer.links.page import ParsedPage
from indexer.model import Signal

# An article about parked domains is long; a parked domain's page is not.
SHORT_CHARS: Final = 1_500
# Shorter than any article: comment forms of good pages carry captchas too.
TINY_CHARS: Final = 600


class Where(Enum):
    """The part of a page that a rule reads."""

    HEADLINE = auto()  # title and headings
    TEXT = auto()
    MARKUP = auto()
    HOST = auto()  # of the final address
    PATH = auto()  # of the final address, where we were sent without asking for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`pattern` found in that part of a page at most `max_chars` long means `signal`."""

    signal: Signal
    where: Where
    pattern: str
    example: str
    max_chars: int = SHORT_CHARS


def rule(signal: Signal, where: Where, pattern: str, example: str, max_chars: int = 0) -> Rule:
    """A rule on one line; without `max_chars` it is for a short page."""
    return Rule(
        signal=signal,
        where=where,
        pattern=pattern,
        example=example,
        max_chars=max_chars or SHORT_CHARS,
    )


ANY_LENGTH: Final = 10_000_000


DOMAIN_RULES: Final = (
    # --- parked, or for sale ---
    rule(
        Signal.PARKED,
        Where.HOST,
        r"(^|\.)(sedoparking|sedo|bodis|parkingcrew|hugedomains|dan|afternic|undeveloped|"
        r"above|uniregistry|parklogic|domainmarket|buydomains|smartname)\.(com|net)$",
        "www.hugedomains.com",
        ANY_LENGTH,
    ),
    rule(
        Signal.PARKED,
        Where.TEXT,
        r"\b(nom de )?domaine\b.{0,60}\b(est|peut être) (à vendre|en vente|mis en vente|acheté)",
        "Ce nom de domaine lignac-exemple.fr est à vendre !",
    ),
    rule(
        Signal.PARKED,
        Where.HEADLINE,
        r"\b(domaine|domain)s?\b.{0,40}(à vendre|en vente|for sale)|"
        r"^(à vendre|for sale)\b.{0,60}\.\w{2,}|"
        r"^\S+\.[a-z]{2,} (est|is) .{0,12}(à vendre|en vente|for sale)\b|"
        r"^(buy|acheter|achetez) (this domain|ce domaine|\S+\.[a-z]{2,})\W*$",
        "Domaine à vendre – lignac-exemple.fr",
    ),
    rule(
        Signal.PARKED,
        Where.TEXT,
        r"\bdomain( name)?\b.{0,60}\b(is|may be) (available )?(for sale|for purchase|parked)|"
        r"\bbuy this domain\b|\bparked (for )?(free|domain|page)\b|\bdomain parking\b",
        "The domain example.test may be for sale. Buy this domain.",
    ),
    rule(
        Signal.PARKED,
        Where.TEXT,
        r"\b(nom de )?domaine\b.{0,60}\b(a expiré|est expiré|n’est plus actif|n'est plus actif)|"
        r"\bdomain( name)?\b.{0,40}\b(has )?expired\b",
        "Ce nom de domaine a expiré. Êtes-vous son propriétaire ?",
    ),
    rule(
        Signal.PARKED,
        Where.TEXT,
        r"\bnom de domaine\b.{0,60}\b(a été réservé|est réservé|est enregistré)|"
        r"\bdomaine\b.{0,60}\ba bien été (créé|enregistré)|"
        r"\b(domaine|domain) (réservé|enregistré|registered) (chez|at|with)\b",
        "Ce nom de domaine a été réservé chez un bureau d’enregistrement.",
    ),
    rule(
        Signal.PARKED,
        Where.TEXT,
        r"\bdomaine\b( a été| est)? (enregistré|réservé|déposé|acheté) "
        r"(par|chez|via|auprès|avec|sur)\b|\bnom de domaine\b.{0,60}\best (disponible|libre)\b",
        "Domaine enregistré par un hébergeur.",
        TINY_CHARS,
    ),
    rule(
        Signal.PARKED,
        Where.TEXT,
        r"\b(recherches|liens|related) (associée?s|sponsorisés|searches|links)\b.{0,300}"
        r"\b(domain|domaine)\b",
        "Liens sponsorisés : crédit, voyance, assurance. Ce domaine vous intéresse ?",
        TINY_CHARS,
    ),
    # --- the host's own page ---
    rule(
        Signal.PLACEHOLDER,
        Where.HEADLINE,
        r"^(apache2? .{0,20}default page|welcome to nginx|iis ?(windows server|\d+)|it works\b|"
        r"test page for|plesk|default (web site )?page\b|page par défaut)",
        "Apache2 Debian Default Page: It works",
        ANY_LENGTH,
    ),
    rule(
        Signal.PLACEHOLDER,
        Where.HEADLINE,
        r"^index (of|de) /",
        "Index of /",
    ),
    rule(
        Signal.PLACEHOLDER,
        Where.HEADLINE,
        r"^(coming soon|bientôt (en ligne|disponible)|opening soon|prochainement)\W*$",
        "Bientôt en ligne",
        TINY_CHARS,
    ),
    rule(
        Signal.PLACEHOLDER,
        Where.TEXT,
        r"\bsite (web )?(est )?en (cours de )?construction\b|\bunder construction\b|"
        r"\bfuture home of\b|\bbienvenue sur votre (nouvel )?hébergement\b|"
        r"\b(compte|hébergement) (a été |est )?suspendu\b|\baccount (has been )?suspended\b|"
        r"\bvotre (site|domaine|hébergement) est (bien )?(installé|activé|créé|configuré)\b",
        "Ce site est en construction.",
        TINY_CHARS,
    ),
)


GATE_RULES: Final = (
    # --- are you a robot? ---
    rule(
        Signal.CAPTCHA,
        Where.HEADLINE,
        r"^(just a moment|un instant\W*$|attention required|access denied|accès refusé|"
        r"one more step|veuillez patienter|bot verification|checking your browser|"
        r"pardon our interruption|are you a robot|êtes-vous un robot|security check|"
        r"contrôle de sécurité|vérification (de sécurité|en cours)|ddos.guard|robot check|"
        r"human verification|request unsuccessful|(erreur |error )?403\b|forbidden|accès interdit)",
        "Un instant…",
    ),
    rule(
        Signal.CAPTCHA,
        Where.TEXT,
        r"\b(pas|not) (être )?(un|a) robot\b|\b(checking|verifying) (your browser|you are human)|"
        r"\bverify (that )?you are (a )?human|\bêtes-vous (bien )?(un )?humain|"
        r"\b(vous avez été bloqué|you have been blocked)\b|"
        r"\bvous êtes (bien )?(un )?humain|\bunusual traffic\b|\btrafic inhabituel\b|"
        r"\bsaisi\w* les caractères\b|\b(complete|résol\w+|remplir) (the |le |un )?captcha\b",
        "Merci de confirmer que vous n’êtes pas un robot.",
        TINY_CHARS,
    ),
    rule(
        Signal.CAPTCHA,
        Where.MARKUP,
        r"cf-chl|cdn-cgi/challenge-platform|captcha-delivery\.com|_incapsula_resource|"
        r"px-captcha|hcaptcha\.com|recaptcha/api|class=.{0,2}g-recaptcha|turnstile/v0",
        '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script>',
        TINY_CHARS,
    ),
    # --- who are you? ---
    rule(
        Signal.LOGIN_WALL,
        Where.PATH,
        r"/(login|signin|sign-in|log-in|connexion|se-connecter|identification|wp-login\.php|"
        r"cas/login|authwall|sso|oauth2?|accounts/login|idp/)(/|$|\.|\?)",
        "/connexion?retour=%2Farticle",
    ),
    rule(
        Signal.LOGIN_WALL,
        Where.HEADLINE,
        r"^(connexion|se connecter|connectez-vous|identifiez-vous|identification|authentification|"
        r"log ?in|sign ?in|please (log|sign) ?in)\s*($|[|–—:·-]|à\b|pour\b|to\b|requise?|required)|"
        r"^(espace|accès|contenu) (réservé|membres?|abonnés?|adhérents?)\b|"
        r"\bprotégée? par (un )?mot de passe\b|\bservice (central )?d.authentification\b",
        "Connectez-vous pour continuer",
        TINY_CHARS,
    ),
    # --- what do you accept? ---
    rule(
        Signal.CONSENT_WALL,
        Where.HOST,
        r"^(consent|guce|cmp|choices|privacy-?gate)\.",
        "consent.exemple.test",
    ),
    rule(
        Signal.CONSENT_WALL,
        Where.PATH,
        r"/(consent|consentement|cookie-?wall|gdpr|rgpd)(/|$|\?)",
        "/consentement?retour=%2F",
    ),
    rule(
        Signal.CONSENT_WALL,
        Where.TEXT,
        r"\b(continuer|poursuivre|accéder|accédez|lire)\b.{0,160}\b(accept\w+|consent\w+)\b"
        r".{0,160}\b(cookies|traceurs)|"
        r"\b(accept\w+|consent\w+)\b.{0,160}\b(cookies|traceurs)\b.{0,160}\b(abonn\w+|continuer|accéder)|"
        r"\bbefore you continue\b.{0,300}\bcookies\b",
        "Pour continuer votre lecture, acceptez les cookies ou abonnez-vous.",
        TINY_CHARS,
    ),
    rule(
        Signal.CONSENT_WALL,
        Where.HEADLINE,
        r"^(avant (de continuer|d.accéder)|before you continue|vos choix (concernant|en matière)|"
        r"nous respectons votre vie privée|we value your privacy|votre vie privée|"
        r"gestion des cookies|cookie consent|your privacy choices)",
        "Nous respectons votre vie privée",
        TINY_CHARS,
    ),
    # --- come back later ---
    rule(
        Signal.MAINTENANCE,
        Where.HEADLINE,
        r"\b(site|service|serveur)\b.{0,30}\ben maintenance\b|^(maintenance|en maintenance|"
        r"under maintenance|scheduled maintenance|maintenance mode|mode maintenance)\b",
        "Site en maintenance",
    ),
    rule(
        Signal.MAINTENANCE,
        Where.TEXT,
        r"\b(briefly|temporarily) unavailable\b|\b(site|service)\b.{0,60}\ben maintenance\b|"
        r"\b(nous (serons|sommes) )?(bientôt )?de retour (bientôt|dans quelques)\b|"
        r"\b(momentanément|temporairement) (indisponible|inaccessible|interrompu|fermé)\b|"
        r"\bdown for maintenance\b|\bback (soon|shortly)\b|\bbe right back\b|"
        r"\bnous revenons\b|\bsite (web )?indisponible\b",
        "Briefly unavailable for scheduled maintenance. Check back in a minute.",
        TINY_CHARS,
    ),
    rule(
        Signal.MAINTENANCE,
        Where.HEADLINE,
        r"^((erreur|error|http) )?5\d\d\b|\binternal server error\b|\bbad gateway\b|"
        r"\bservice (temporarily )?unavailable\b|\bservice (temporairement )?indisponible\b|"
        r"\bdatabase (connection )?error\b|\berror establishing a database connection\b|"
        r"^erreur (interne|de base de données|lors de la connexion|de connexion à la base)|"
        r"^fatal error",
        "Erreur 500 – erreur interne du serveur",
    ),
    # --- half an article ---
    rule(
        Signal.PAYWALL,
        Where.MARKUP,
        r"\"isaccessibleforfree\"\s*:\s*\"?false",
        '{"@type": "NewsArticle", "isAccessibleForFree": false}',
        ANY_LENGTH,
    ),
    rule(
        Signal.PAYWALL,
        Where.TEXT,
        r"\b(article|contenu|suite|lecture)\b.{0,40}\b(est )?réservée?s? (à nos|aux) abonnés|"
        r"\bil vous reste [\d,]+\s?% (de cet article )?à (lire|découvrir)|"
        r"\b(subscribe|sign up) to (continue|keep) reading\b|\bsubscribers only\b",
        "Il vous reste 85 % de cet article à lire. La suite est réservée aux abonnés.",
        4_000,
    ),
)


# Read from the top: the first wall there is the one that is told.
WALLS: Final = (
    Signal.PARKED,
    Signal.PLACEHOLDER,
    Signal.CAPTCHA,
    Signal.LOGIN_WALL,
    Signal.CONSENT_WALL,
    Signal.MAINTENANCE,
)


RULES: Final = (*DOMAIN_RULES, *GATE_RULES)
_COMPILED: Final = tuple((rule, re.compile(rule.pattern, re.IGNORECASE)) for rule in RULES)


def find_walls(page: ParsedPage, *, cited_title: str = "") -> frozenset[Signal]:
    """Say what stands in place of the page, if something does; PAYWALL stands beside it.

    `cited_title` is the title in the bibliography: a text about walls bears their words rightly.
    """
    found = {rule.signal for rule, pattern in _COMPILED if matches(rule, pattern, page)}
    if not found:
        return frozenset()
    meant = {rule.signal for rule, pattern in _COMPILED if pattern.search(cited_title)}
    return frozenset(found - meant)


def matches(rule: Rule, pattern: re.Pattern[str], page: ParsedPage) -> bool:
    """Say whether one rule recognises the page."""
    if len(page.text) > rule.max_chars:
        return False
    return any(pattern.search(part) for part in _PARTS[rule.where](page))


def _path_sent_to(page: ParsedPage) -> tuple[str, ...]:
    """The final path and query; nothing when that is what the bibliography asked for."""
    asked, final = urlsplit(page.asked_url), urlsplit(page.final_url)
    if asked.path == final.path:
        return ()
    return (f"{final.path}?{final.query}" if final.query else final.path,)


_PARTS: Final[Mapping[Where, Callable[[ParsedPage], tuple[str, ...]]]] = MappingProxyType(
    {
        Where.HEADLINE: lambda page: (page.title, *page.headings),
        Where.TEXT: lambda page: (page.text,),
        Where.MARKUP: lambda page: (page.markup,),
        Where.HOST: lambda page: (urlsplit(page.final_url).hostname or "",),
        Where.PATH: _path_sent_to,
    }
)
