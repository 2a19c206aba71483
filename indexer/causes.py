"""Say each cause in plain words: in English for the log, in French for whoever reads a page.

A table, and nothing else. A slug is for programs; a sentence says what happened, never more than
is known: what a server refuses to us is not dead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from indexer.model import Cause


@dataclass(frozen=True, slots=True)
class Wording:
    """One cause, in both languages, without a full stop."""

    english: str
    french: str


WORDING: Final[Mapping[Cause, Wording]] = MappingProxyType(
    {
        Cause.MALFORMED_URL: Wording(
            "this is not a web address", "ce n’est pas une adresse du Web"
        ),
        Cause.FORBIDDEN_SCHEME: Wording(
            "only http and https are asked", "seules les adresses http et https sont visitées"
        ),
        Cause.FORBIDDEN_ADDRESS: Wording(
            "it leads inside a private network; never asked",
            "l’adresse mène dans un réseau privé ; elle n’est jamais visitée",
        ),
        Cause.DISALLOWED_BY_ROBOTS: Wording(
            "the site's robots.txt asks robots not to read it",
            "le site demande aux robots de ne pas lire cette page (robots.txt)",
        ),
        Cause.ROBOTS_UNREACHABLE: Wording(
            "the site's robots.txt can't be had, so nothing is asked for now",
            "le robots.txt du site ne répond pas ; la page n’est pas demandée pour l’instant",
        ),
        Cause.UNKNOWN_HOST: Wording(
            "no such host: the domain does not exist, or this machine can't look it up",
            "le nom de domaine n’existe pas, ou n’a pas pu être trouvé",
        ),
        Cause.DNS_FAILURE: Wording(
            "the domain name could not be looked up just now",
            "le nom de domaine n’a pas pu être résolu pour l’instant",
        ),
        Cause.CONNECTION_REFUSED: Wording(
            "the server refuses connections", "le serveur refuse la connexion"
        ),
        Cause.CONNECTION_RESET: Wording(
            "the server broke the connection", "le serveur a coupé la connexion"
        ),
        Cause.UNREACHABLE: Wording(
            "the server can't be reached from here", "le serveur est injoignable d’ici"
        ),
        Cause.TIMEOUT: Wording("the server did not answer in time", "le serveur ne répond pas"),
        Cause.DEADLINE: Wording(
            "the answer took too long to come whole", "la réponse était trop lente à venir"
        ),
        Cause.TLS_EXPIRED: Wording(
            "the site's certificate has expired", "le certificat du site a expiré"
        ),
        Cause.TLS_SELF_SIGNED: Wording(
            "the site signed its certificate itself",
            "le certificat du site n’est signé que par lui-même",
        ),
        Cause.TLS_WRONG_HOST: Wording(
            "the certificate is another site's", "le certificat est celui d’un autre site"
        ),
        Cause.TLS_UNKNOWN_CA: Wording(
            "the certificate's authority is unknown, or its chain incomplete",
            "l’autorité du certificat est inconnue, ou sa chaîne incomplète",
        ),
        Cause.TLS_FAILURE: Wording(
            "no secure connection could be made", "la connexion sécurisée n’a pas pu s’établir"
        ),
        Cause.BAD_RESPONSE: Wording(
            "what answers does not speak HTTP", "la réponse n’est pas du HTTP valable"
        ),
        Cause.BAD_REDIRECT: Wording("redirected to nowhere", "la redirection ne mène nulle part"),
        Cause.REDIRECT_LOOP: Wording(
            "redirected in circles, or too often", "les redirections tournent en rond"
        ),
        Cause.BAD_ENCODING: Wording(
            "encoded in a way that can't be read", "la page est codée d’une façon illisible"
        ),
        Cause.TOO_LARGE: Wording("larger than the limit", "la page dépasse la taille admise"),
        Cause.TRUNCATED: Wording(
            "the answer ended before its end", "la réponse s’est interrompue avant la fin"
        ),
        Cause.EMPTY: Wording("the server answers with nothing", "la page est vide"),
        Cause.UNEXPECTED_STATUS: Wording(
            "an answer that is not of use here", "le serveur donne une réponse inattendue"
        ),
        Cause.BLOCKED: Wording(
            "the server does not show this page to robots, or not without an account",
            "le site ne montre pas cette page à un robot, ou pas sans compte",
        ),
        Cause.THROTTLED: Wording(
            "the server asks to be asked less often", "le serveur demande d’attendre"
        ),
        Cause.NOT_FOUND: Wording("no such page", "la page est introuvable"),
        Cause.GONE: Wording("the page was removed for good", "la page a été retirée"),
        Cause.SERVER_ERROR: Wording("the server is in trouble", "le serveur est en panne"),
    }
)


def explain(cause: Cause) -> str:
    """Say what happened, in English, for a log."""
    return WORDING[cause].english


def explain_in_french(cause: Cause) -> str:
    """Say what happened, in French, for a reader or a librarian."""
    return WORDING[cause].french
