"""Weigh the words of a notice where no sentence of the table stands in it.

Notices are worded in a thousand ways, but with few words: a service stopped for the night says
neither "maintenance" nor "indisponible", yet it says when it is back, and excuses itself. Words
that are common in one kind of notice and rare in texts are counted, once each; headlines count
twice. The longer the prose, the more of them are asked for.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.model import PageKind
from indexer.pagekind.page import PageContent
from indexer.pagekind.signs import compiled

# Points that a page without prose needs, and characters of prose that ask for one more.
LEAST: Final = 1.9
LEAST_WORDS: Final = 2
MANY_POINTS: Final = 2.4  # no word of them need say nearly all
SHORT_CHARS: Final = 120
CHARS_A_POINT: Final = 120
MOST_CHARS: Final = 900  # where the status says so too
MOST_CHARS_ALONE: Final = 350

# Stems as they begin folded words, a point each; "+" before what says nearly all, two points.
STEMS: Final[Mapping[PageKind, str]] = MappingProxyType(
    {
        PageKind.MAINTENANCE: (
            "+maintenance +momentane +temporaire indisponib interrup interromp retabli patience "
            "patient gene excus retour revien reven rouvr reouv migr sauvegarde panne travaux "
            "technique demenag ferme arret interven shortly soon back +downtime +outage temporar "
            "upgrad offline unavailable sorry inconvenience moment minutes heure hours ce soir "
            "soiree demain tomorrow lundi monday mise progress technician reprise pause upkeep "
            "scheduled planned wartung nettoy incident disque serveur server upgrad resume "
            "reprend +mise_a_jour +mettons_a_jour reindex +refonte refais refection deplacons "
            "hardware rendez_vous comprehension equipe tonight cette_nuit later plus_tard "
            "gewartet +entretien move"
        ),
        PageKind.SERVER_ERROR: (
            "+exception +stack +sql +mysql +php +fatal +undefined +syntax +gateway +timeout "
            "+upstream error erreur serveur server database base line ligne warning request "
            "requete administrat webmaster code debug log query table connect connexion host "
            "function failed unexpected impossible technical technique probleme +symfony +whoops "
            "+looks_like +overload +surcharge internal interne crash +500 +502 +503 +504 +520 "
            "+521 +522"
        ),
        PageKind.CAPTCHA: (
            "+robot +bot +captcha +human +humain verifi verification automat traffic trafic "
            "puzzle javascript cookies browser navigateur code image caracteres security "
            "securite check continue prouv prove challenge suspect suspicious requests requetes "
            "trop ray moment seconds secondes preuve calcul recopi cochez case checkbox "
            "+inhabituel +unusual +combien_font +tick selectionn images script +etes_vous "
            "glisser slide detect activit"
        ),
        PageKind.NETWORK_FILTER: (
            "+firewall +pare +proxy +filtr +blocked +bloque +bloquee +denied +interdit policy "
            "politique securite security ip adresse address reseau network administrat categorie "
            "category pays country region access acces request requete incident refus forbid "
            "forbidden incident identifiant informatique motif reason rule regle url utilisateur "
            "user poste +votre_pays +your_country +not_available_in etablissement blocage threat "
            "menace malware dangereux unsafe permission limited consult support"
        ),
        PageKind.LOGIN: (
            "+identifi +connect +login +password +passe +logged +authentif compte account "
            "member membre adherent inscri register sign email courriel utilisateur username "
            "reserv intranet session oubli forgot acces carte +invite +invitation +autorise "
            "+autorisation lecteurs limite auteur prive private visible +federation "
            "+appartenance identite +single_sign groupe equipe interne view"
        ),
        PageKind.CONSENT: (
            "+cookie +cookies +traceurs +consent accept refus reject choix choice partenaires "
            "partners privacy confidentialite vie donnees data publicit advertis parametr "
            "preferences personnalis mesure audience purposes finalites poursuivre continuer "
            "vendors statisti gerer manage agree"
        ),
        PageKind.FOR_SALE: (
            "+vente +vendre +sale +offre +offer +bid +enchere price prix euro eur usd acheter "
            "buy purchase domaine domain nom name transfer sequestre escrow vendeur seller "
            "acquerir acquire courtier broker negoc payment paiement investi premium kaufen "
            "verkauf gebot +a_vous interested interesse achat disponible"
        ),
        PageKind.PARKED: (
            "+parking +parked +registrar +whois +domain +domaine reserv registered enregistr "
            "expir bureau client renouvel renew hebergement hosting owner proprietaire titulaire "
            "sponsored recherches related liens ads annonces service rattach offres commander nom"
        ),
        PageKind.SUSPENDED: (
            "+suspend +suspendu +desactiv +disabled +resilie compte account hebergeur host "
            "billing paiement payment facture impaye violation conditions terms abus abuse "
            "proprietaire owner support contact site website ferme termine clotur malveill"
        ),
        PageKind.PLACEHOLDER: (
            "+construction +default +defaut +installed +installe +soon +bientot +prochainement "
            "+chantier index html serveur server apache nginx site website page lancement launch "
            "nouveau new patience preparation hebergement hosting notify replace remplac fichier "
            "file content contenu coming working fonctionne future +parent_directory +index_of "
            "+page_de_test +page_perso +vide creee cree creation refonte stay_tuned ouvrira "
            "prepar publie empty propri"
        ),
        PageKind.SOFT_404: (
            "+404 +introuvable +found +existe +exist +410 page erreur error oups oops desole "
            "sorry perdu lost supprim retir deplac removed deleted moved disparu adresse url "
            "lien link cherch recherch demand looking requested accueil home plan ancien peut "
            "etre verifi check plus longer nothing rien aucun nulle_part trop_vieux withdrawn "
            "expire +moved_on +ne_mene trop_ancien changed +dead_link +lien_mort absente trouve "
            "nicht seite existiert"
        ),
        PageKind.PAYWALL: (
            "+abonn +subscri +reserve +paywall acces access lire read suite article offre mois "
            "month essai trial membre member compte account gratuit free reste acheter purchase "
            "unlimited illimite formule euro engagement soutien unlock deja continue"
        ),
    }
)

# With a status that says so, a notice needs hardly a word.
BY_STATUS: Final[Mapping[int, tuple[PageKind, ...]]] = MappingProxyType(
    {
        401: (PageKind.LOGIN,),
        402: (PageKind.PAYWALL,),
        403: (PageKind.NETWORK_FILTER, PageKind.LOGIN, PageKind.CAPTCHA, PageKind.SUSPENDED),
        404: (PageKind.SOFT_404,),
        410: (PageKind.SOFT_404, PageKind.SUSPENDED),
        429: (PageKind.CAPTCHA, PageKind.NETWORK_FILTER),
        451: (PageKind.NETWORK_FILTER,),
        500: (PageKind.SERVER_ERROR,),
        502: (PageKind.SERVER_ERROR,),
        503: (PageKind.MAINTENANCE, PageKind.SERVER_ERROR, PageKind.CAPTCHA),
        504: (PageKind.SERVER_ERROR,),
    }
)
# With so many linked titles, the words of a page are those of others.
LIST_ENTRIES: Final = 4
STATUS_POINTS: Final = 2.5


def weigh(page: PageContent) -> tuple[PageKind, str] | None:
    """Find the kind of notice whose words a short page has most of, and the words; or None."""
    is_refused = page.status is not None and page.status >= 400
    most = MOST_CHARS if is_refused else MOST_CHARS_ALONE
    if max(page.running, page.own_chars) > most or page.summaries >= 3:
        return None
    if page.links > 15 and not is_refused:
        return None
    found = max((_count(page, kind) for kind in STEMS), key=lambda each: each[0])
    points, kind, words = found
    length = max(page.running, page.own_chars)
    least = LEAST + max(length - SHORT_CHARS, 0) / CHARS_A_POINT
    if points < least or len(words) < LEAST_WORDS:
        return None
    is_told = _has_telling_word(page, kind)
    is_alone = page.entries < LIST_ENTRIES and points >= MANY_POINTS
    return (kind, ", ".join(words[:8])) if is_told or is_alone else None


def _has_telling_word(page: PageContent, kind: PageKind) -> bool:
    """Tell whether one of the words says nearly all; in a headline where the page lists others."""
    said = " ".join(page.headlines)
    if page.entries < LIST_ENTRIES:
        said = f"{said} {page.folded}"
    return any(
        weight > 1 and compiled(rf"\b{stem}").search(said) is not None
        for stem, weight in _stems(kind)
    )


def points_of(page: PageContent, kind: PageKind) -> float:
    """Count how much a page has of the words of one kind; 0.0 for a kind that has none."""
    return _count(page, kind)[0] if kind in STEMS else 0.0


def _count(page: PageContent, kind: PageKind) -> tuple[float, PageKind, list[str]]:
    headlines = " ".join(page.headlines)
    points, words = 0.0, []
    for stem, weight in _stems(kind):
        pattern = compiled(rf"\b{stem}")
        if found := pattern.search(headlines):
            points += 2 * weight
        elif found := pattern.search(page.folded):
            points += weight
        if found:
            words.append(found[0])
    if page.status is not None and words:
        kinds = BY_STATUS.get(page.status, ())
        if page.status >= 505:
            kinds = (PageKind.SERVER_ERROR,)
        if kind in kinds:
            points += STATUS_POINTS if kind is kinds[0] else 0.6 * STATUS_POINTS
    return points / _spread(kind), kind, words


def _stems(kind: PageKind) -> list[tuple[str, float]]:
    return [
        (each.lstrip("+").replace("_", " "), 2.0 if each[0] == "+" else 1.0)
        for each in STEMS[kind].split()
    ]


def _spread(kind: PageKind) -> float:
    """Make kinds comparable, whatever the number of words that were thought of."""
    return math.sqrt(len(STEMS[kind].split()) / 40) * 1.3
