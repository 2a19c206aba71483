"""The rules that recognise what stands in place of a page, an example each.

A new wall is a new line here; `walls` reads them.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

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


def _rule(signal: Signal, where: Where, pattern: str, example: str, max_chars: int = 0) -> Rule:
    return Rule(
        signal=signal,
        where=where,
        pattern=pattern,
        example=example,
        max_chars=max_chars or SHORT_CHARS,
    )


_ANY_LENGTH: Final = 10_000_000

RULES: Final = (
    # --- parked, or for sale ---
    _rule(
        Signal.PARKED,
        Where.HOST,
        r"(^|\.)(sedoparking|sedo|bodis|parkingcrew|hugedomains|dan|afternic|undeveloped|"
        r"above|uniregistry|parklogic|domainmarket|buydomains|smartname)\.(com|net)$",
        "www.hugedomains.com",
        _ANY_LENGTH,
    ),
    _rule(
        Signal.PARKED,
        Where.TEXT,
        r"\b(nom de )?domaine\b.{0,60}\b(est|peut être) (à vendre|en vente|mis en vente|acheté)",
        "Ce nom de domaine lignac-exemple.fr est à vendre !",
    ),
    _rule(
        Signal.PARKED,
        Where.HEADLINE,
        r"\b(domaine|domain)s?\b.{0,40}(à vendre|en vente|for sale)|"
        r"^(à vendre|for sale)\b.{0,60}\.\w{2,}",
        "Domaine à vendre – lignac-exemple.fr",
    ),
    _rule(
        Signal.PARKED,
        Where.TEXT,
        r"\bdomain( name)?\b.{0,60}\b(is|may be) (available )?(for sale|for purchase|parked)|"
        r"\bbuy this domain\b|\bparked (free|domain|page)\b|\bdomain parking\b",
        "The domain example.test may be for sale. Buy this domain.",
    ),
    _rule(
        Signal.PARKED,
        Where.TEXT,
        r"\b(nom de )?domaine\b.{0,60}\b(a expiré|est expiré|n’est plus actif|n'est plus actif)|"
        r"\bdomain( name)?\b.{0,40}\b(has )?expired\b",
        "Ce nom de domaine a expiré. Êtes-vous son propriétaire ?",
    ),
    _rule(
        Signal.PARKED,
        Where.TEXT,
        r"\bnom de domaine\b.{0,60}\b(a été réservé|est réservé|est enregistré)|"
        r"\bdomaine\b.{0,60}\ba bien été (créé|enregistré)|"
        r"\b(domaine|domain) (réservé|enregistré|registered) (chez|at|with)\b",
        "Ce nom de domaine a été réservé chez un bureau d’enregistrement.",
    ),
    _rule(
        Signal.PARKED,
        Where.TEXT,
        r"\b(recherches|liens|related) (associée?s|sponsorisés|searches|links)\b.{0,300}"
        r"\b(domain|domaine)\b",
        "Liens sponsorisés : crédit, voyance, assurance. Ce domaine vous intéresse ?",
        TINY_CHARS,
    ),
    # --- the host's own page ---
    _rule(
        Signal.PLACEHOLDER,
        Where.HEADLINE,
        r"^(apache2? .{0,20}default page|welcome to nginx|iis windows server|it works\b|"
        r"test page for|plesk|default (web site )?page\b|page par défaut)",
        "Apache2 Debian Default Page: It works",
        _ANY_LENGTH,
    ),
    _rule(
        Signal.PLACEHOLDER,
        Where.HEADLINE,
        r"^index (of|de) /",
        "Index of /",
    ),
    _rule(
        Signal.PLACEHOLDER,
        Where.TEXT,
        r"\bsite (web )?(est )?en (cours de )?construction\b|\bunder construction\b|"
        r"\bfuture home of\b|\bbienvenue sur votre (nouvel )?hébergement\b|"
        r"\bcompte (a été |est )?suspendu\b|\baccount (has been )?suspended\b",
        "Ce site est en construction.",
        TINY_CHARS,
    ),
    # --- are you a robot? ---
    _rule(
        Signal.CAPTCHA,
        Where.HEADLINE,
        r"^(just a moment|un instant|attention required|access denied|accès refusé|"
        r"pardon our interruption|are you a robot|êtes-vous un robot|security check|"
        r"contrôle de sécurité|vérification (de sécurité|en cours)|ddos.guard|robot check|"
        r"human verification|request unsuccessful|(erreur |error )?403\b|forbidden|accès interdit)",
        "Un instant…",
    ),
    _rule(
        Signal.CAPTCHA,
        Where.TEXT,
        r"\b(pas|not) (être )?(un|a) robot\b|\b(checking|verifying) (your browser|you are human)|"
        r"\bvérifi\w* que vous êtes (bien )?(un )?humain|\bunusual traffic\b|\btrafic inhabituel\b|"
        r"\bsaisi\w* les caractères\b|\b(complete|résol\w+|remplir) (the |le |un )?captcha\b",
        "Merci de confirmer que vous n’êtes pas un robot.",
        TINY_CHARS,
    ),
    _rule(
        Signal.CAPTCHA,
        Where.MARKUP,
        r"cf-chl|cdn-cgi/challenge-platform|captcha-delivery\.com|_incapsula_resource|"
        r"px-captcha|hcaptcha\.com|recaptcha/api|class=.{0,2}g-recaptcha|turnstile/v0",
        '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script>',
        TINY_CHARS,
    ),
    # --- who are you? ---
    _rule(
        Signal.LOGIN_WALL,
        Where.PATH,
        r"/(login|signin|sign-in|log-in|connexion|se-connecter|identification|wp-login\.php|"
        r"cas/login|authwall|sso|oauth2?|accounts/login|idp/)(/|$|\.|\?)",
        "/connexion?retour=%2Farticle",
    ),
    _rule(
        Signal.LOGIN_WALL,
        Where.HEADLINE,
        r"^(connexion|se connecter|connectez-vous|identifiez-vous|authentification|"
        r"log ?in|sign ?in|please (log|sign) ?in)\b",
        "Connectez-vous pour continuer",
        TINY_CHARS,
    ),
    # --- what do you accept? ---
    _rule(
        Signal.CONSENT_WALL,
        Where.HOST,
        r"^(consent|guce|cmp|choices|privacy-?gate)\.",
        "consent.exemple.test",
    ),
    _rule(
        Signal.CONSENT_WALL,
        Where.PATH,
        r"/(consent|consentement|cookie-?wall|gdpr|rgpd)(/|$|\?)",
        "/consentement?retour=%2F",
    ),
    _rule(
        Signal.CONSENT_WALL,
        Where.TEXT,
        r"\b(continuer|poursuivre|accéder|accédez|lire)\b.{0,160}\b(accept\w+|consent\w+)\b"
        r".{0,160}\b(cookies|traceurs)|"
        r"\b(accept\w+|consent\w+)\b.{0,160}\b(cookies|traceurs)\b.{0,160}\b(abonn\w+|continuer|accéder)|"
        r"\bbefore you continue\b.{0,300}\bcookies\b",
        "Pour continuer votre lecture, acceptez les cookies ou abonnez-vous.",
        TINY_CHARS,
    ),
    # --- come back later ---
    _rule(
        Signal.MAINTENANCE,
        Where.HEADLINE,
        r"\b(site|service|serveur)\b.{0,30}\ben maintenance\b|^(maintenance|en maintenance|"
        r"under maintenance|scheduled maintenance|maintenance mode|mode maintenance)\b",
        "Site en maintenance",
    ),
    _rule(
        Signal.MAINTENANCE,
        Where.TEXT,
        r"\b(briefly|temporarily) unavailable\b|\b(site|service)\b.{0,60}\ben maintenance\b|"
        r"\b(nous (serons|sommes) )?(bientôt )?de retour (bientôt|dans quelques)\b|"
        r"\bmomentanément (indisponible|inaccessible)\b|\bdown for maintenance\b",
        "Briefly unavailable for scheduled maintenance. Check back in a minute.",
        TINY_CHARS,
    ),
    _rule(
        Signal.MAINTENANCE,
        Where.HEADLINE,
        r"^((erreur|error|http) )?5\d\d\b|\binternal server error\b|\bbad gateway\b|"
        r"\bservice (temporarily )?unavailable\b|\bservice (temporairement )?indisponible\b|"
        r"\bdatabase (connection )?error\b|\berror establishing a database connection\b|"
        r"^erreur (interne|de base de données|lors de la connexion)",
        "Erreur 500 – erreur interne du serveur",
    ),
    # --- half an article ---
    _rule(
        Signal.PAYWALL,
        Where.MARKUP,
        r"\"isaccessibleforfree\"\s*:\s*\"?false",
        '{"@type": "NewsArticle", "isAccessibleForFree": false}',
        _ANY_LENGTH,
    ),
    _rule(
        Signal.PAYWALL,
        Where.TEXT,
        r"\b(article|contenu|suite|lecture)\b.{0,40}\b(est )?réservée?s? (à nos|aux) abonnés|"
        r"\bil vous reste [\d,]+\s?% (de cet article )?à (lire|découvrir)|"
        r"\b(subscribe|sign up) to (continue|keep) reading\b|\bsubscribers only\b",
        "Il vous reste 85 % de cet article à lire. La suite est réservée aux abonnés.",
        4_000,
    ),
)
