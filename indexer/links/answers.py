"""What statuses, causes, walls and doubts are worth: the tables that `finding` reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

from indexer.model import Cause, Signal


class Answer(Enum):
    """What one visit is worth."""

    ALIVE = auto()
    MOVED = auto()
    BLOCKED = auto()
    SICK = auto()
    FAILED = auto()
    UNASKED = auto()  # nothing that could be asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one observation is worth, and why in a French clause without its full stop."""

    answer: Answer
    clause: str
    strikes: int = 0  # towards a death; a 410 counts double
    is_there: bool = False  # a page was seen
    is_doubtful: bool = False  # but something speaks against it being the text
    address: str = ""  # the new one, when it moved


def blocked(clause: str) -> Finding:
    """We can't tell; it is not dead."""
    return Finding(answer=Answer.BLOCKED, clause=clause)


def sick(clause: str) -> Finding:
    """Out of order; that may pass."""
    return Finding(answer=Answer.SICK, clause=clause)


def failed(clause: str, strikes: int = 1) -> Finding:
    """Not there; counts towards a death."""
    return Finding(answer=Answer.FAILED, clause=clause, strikes=strikes)


FINDING_BY_STATUS: Final[Mapping[int, Finding]] = MappingProxyType(
    {
        401: blocked("le serveur demande un mot de passe (401)"),
        402: blocked("le serveur demande un paiement (402)"),
        403: blocked("le serveur refuse l’accès aux robots (403)"),
        # Firewalls answer these to whoever is no browser.
        405: blocked("le serveur refuse la requête d’un robot (405)"),
        406: blocked("le serveur refuse la requête d’un robot (406)"),
        407: blocked("un mandataire demande un mot de passe (407)"),
        418: blocked("le serveur écarte les robots (418)"),
        429: blocked("le serveur trouve que nous demandons trop (429)"),
        430: blocked("le serveur trouve que nous demandons trop (430)"),
        451: blocked("l’accès est fermé pour raison juridique (451)"),
        404: failed("le serveur répond que la page n’existe pas (404)"),
        410: failed("le serveur répond que la page a été retirée (410)", strikes=2),
        408: sick("le serveur n’a pas attendu la requête (408)"),
        500: sick("le serveur est en erreur (500)"),
        502: sick("le serveur derrière la passerelle est en erreur (502)"),
        503: sick("le service est momentanément indisponible (503)"),
        504: sick("le serveur derrière la passerelle ne répond pas (504)"),
    }
)

FINDING_BY_CAUSE: Final[Mapping[Cause, Finding]] = MappingProxyType(
    {
        Cause.MALFORMED_URL: Finding(
            answer=Answer.UNASKED, clause="l’adresse est mal formée et ne peut pas être demandée"
        ),
        Cause.FORBIDDEN_SCHEME: blocked("l’adresse n’est pas de celles que nous demandons"),
        Cause.FORBIDDEN_ADDRESS: blocked(
            "l’adresse mène dans un réseau privé, où nous n’allons pas"
        ),
        Cause.DISALLOWED_BY_ROBOTS: blocked("le site demande aux robots de passer leur chemin"),
        Cause.ROBOTS_UNREACHABLE: sick("le site ne dit pas si les robots peuvent passer"),
        Cause.UNKNOWN_HOST: failed("le nom de domaine n’existe plus"),
        Cause.DNS_FAILURE: sick("le nom de domaine n’a pas pu être résolu"),
        Cause.CONNECTION_REFUSED: sick("le serveur refuse la connexion"),
        Cause.CONNECTION_RESET: sick("le serveur a coupé la connexion"),
        Cause.UNREACHABLE: sick("le serveur est injoignable"),
        Cause.TIMEOUT: sick("le serveur n’a pas répondu à temps"),
        Cause.DEADLINE: sick("la réponse n’est pas arrivée en entier à temps"),
        Cause.TLS_EXPIRED: sick("le certificat du site a expiré"),
        Cause.TLS_SELF_SIGNED: sick("le site a signé lui-même son certificat"),
        Cause.TLS_WRONG_HOST: sick("le certificat du site est celui d’un autre"),
        Cause.TLS_UNKNOWN_CA: sick("le certificat du site ne peut pas être vérifié"),
        Cause.TLS_FAILURE: sick("la connexion chiffrée a échoué"),
        Cause.BAD_RESPONSE: sick("la réponse n’est pas celle d’un serveur web"),
        Cause.BAD_REDIRECT: sick("la redirection ne mène à aucune adresse"),
        Cause.REDIRECT_LOOP: sick("les redirections tournent en rond"),
        Cause.BAD_ENCODING: sick("la réponse ne peut pas être décodée"),
        Cause.TOO_LARGE: sick("la réponse dépasse la taille permise"),
        Cause.TRUNCATED: sick("la réponse s’est interrompue"),
        Cause.EMPTY: sick("la page est vide"),
        Cause.UNEXPECTED_STATUS: sick("la réponse du serveur est inattendue"),
        Cause.BLOCKED: blocked("le serveur refuse l’accès aux robots"),
        Cause.THROTTLED: FINDING_BY_STATUS[429],
        Cause.NOT_FOUND: FINDING_BY_STATUS[404],
        Cause.GONE: FINDING_BY_STATUS[410],
        Cause.SERVER_ERROR: sick("le serveur est en erreur"),
    }
)

ANSWER_BY_WALL: Final[Mapping[Signal, Callable[[str], Finding]]] = MappingProxyType(
    {
        Signal.PARKED: failed,
        Signal.PLACEHOLDER: failed,
        Signal.MAINTENANCE: sick,
        Signal.CAPTCHA: blocked,
        Signal.CONSENT_WALL: blocked,
        Signal.LOGIN_WALL: blocked,
    }
)


# Two make a failure. Read from the top, the first one there gives the reason.
DOUBTS: Final[Mapping[Signal, tuple[int, str]]] = MappingProxyType(
    {
        Signal.ERROR_WORDING: (
            2,
            "la page dit elle-même qu’elle est introuvable, sous un code 200",
        ),
        Signal.SAME_AS_IMPOSSIBLE: (
            2,
            "le site répond la même chose à une adresse qui ne peut pas exister",
        ),
        Signal.REDIRECTED_HOME: (2, "l’adresse renvoie à une page d’accueil"),
        Signal.SHARED_TARGET: (2, "l’adresse renvoie à la même page que d’autres liens cités"),
        Signal.REDIRECTED_ELSEWHERE: (1, "l’adresse renvoie à autre chose que le texte cité"),
        Signal.UNLIKE_CAPTURE: (1, "la page n’a plus rien du texte capturé d’abord"),
        Signal.ERROR_HINT: (1, "le titre de la page parle d’une erreur"),
        Signal.UNLIKE_TITLE: (1, "la page n’a rien du titre cité"),
    }
)
