"""Parked domains and hosts without a site: a rule a line, with an example that it recognises."""

from typing import Final

from indexer.links.rule import ANY_LENGTH, TINY_CHARS, Where, rule
from indexer.model import Signal

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
