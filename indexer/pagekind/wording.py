"""Recognise the words by which a page says that nothing is at its address.

A sentence says so where it has one of the turns, and no word but those of such sentences: one
more, and it may be the title of an article about errors.
"""

import re
import unicodedata
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOUN: Final = (
    r"(page|article|contenu|content|blog|post|story|billet|publication|document|compte|account|"
    r"site|annonce|offre|evenement|produit|event|product)"
)
# A title says "not found" when it has one of these turns…
_TURNS: Final = (
    r"40[34] not found|not found|404",
    r"(erreur|error|code|statut|http) 410|410 gone",
    r"introuvables?",
    r"n (a|ont) (pas )?pu etre (re)?trouv(e|ee|es|ees)|rien n a ete trouve|aucun resultat",
    r"(non|pas|plus|rien) (pu )?(ete |a ete |etre |pu etre )?(re)?trouv(e|ee|es|ees|er)",
    r"(re)?trouver (la|cette|votre|ce|cet|l) (page|article|document|contenu|adresse)",
    r"(ne )?peut (pas )?etre trouvee?|ne trouvons (pas|plus)",
    r"(existe|existent) (pas|plus)|inexistante?",
    r"(est|semble|n est) (pas|plus) (ou plus )?(disponible|accessible|consultable|en ligne|la)",
    r"(est|n est pas) (indisponible|inaccessible|valide)|a change d adresse|ou est passee",
    r"(url|adresse|lien) (inconnue?|invalide|incorrecte?|erronee?)|mauvaise adresse|invalid url",
    r"impossible d (afficher|acceder|ouvrir) (a )?(la|cette|ce|cet|l)?",
    r"no (posts|results|pages) (found|matched)|dead end|is broken|something s missing",
    rf"{_NOUN} (indisponible|manquante?|perdue?|disparue?|inconnue?|absente?)",
    rf"{_NOUN} (supprimee?|retiree?|effacee?|fermee?|depubliee?|removed|deleted|closed|suspended)",
    r"(lien|link) (mort|casse|rompu|brise)|(dead|broken) link|est (mort|casse|rompu|brise)",
    r"^gone$",
    r"(ete|a|est) (\w+ ou )?(supprimee?|retiree?|deplacee?|effacee?|depubliee?|disparue?)",
    r"(ete|est) (fermee?|suspendue?)",
    r"(aucune?|no) (page|article|contenu|document) (ne|trouvee?|found|here)",
    r"rien (a voir )?(ici|par ici)|nothing (was )?(found|here)",
    r"(etes|semblez|are|re|seem) (perdue?s?|lost)",
    r"(can|couldn|didn) t (seem to )?(be )?f(i|ou)nd|(cannot|could not|unable to) (be )?f(i|ou)nd",
    r"(no longer|doesn t|does not|don t) (exists?|available)|no longer (available|here)",
    rf"(isn t|is not|not|{_NOUN}) (available|here|unavailable|missing|gone)",
    r"(been|was) (\w+ or )?(moved|removed|deleted|unpublished|closed|suspended)",
)
# … and no word but these: one more, and it may be an article about errors.
_WORDS: Final = _words(
    """
    404 410 1 http https code statut status erreur error errors oups oops whoops zut mince aie ah oh
    non no uh desole desolee desoles sorry pardon helas attention oui ouille malheureusement
    blog blogs forum compte account profil profile utilisateur user
    ferme fermee fermes closed suspendu suspendue suspended
    page pages article document contenu ressource resource url adresse address fichier file lien
    link publication billet post content object objet site web serveur server ici here anything
    cette ce cet cela ca c la le les l un une des de du d en a au sur votre vos notre nos vous
    nous on il elle y qu que qui dont the this that these those an you your we our i it its s
    demande demandee demandes recherche recherchee souhaitee voulue appelee requested cherchez
    recherchez demandez cherchiez recherchiez demandiez avez looking for after wanted want
    n ne pas plus point rien est sont etes semble semblerait semblez ete etre pu peut pouvons
    parvenons avons ou et mais but or and is are re was were be been has have to seems seem
    existe existent exists exist trouve trouvee trouves trouvees trouver retrouve retrouver
    trouvons introuvable introuvables inexistant inexistante disponible indisponible accessible
    ligne manquante perdu perdue perdus lost disparu disparue inconnue absente supprime supprimee
    retire retiree deplace deplacee efface effacee depublie depubliee aucun aucune correspond
    found find not nothing can t cannot could couldn didn does doesn don isn no longer unable
    available unavailable missing gone moved removed deleted unpublished voir par jamais
    impossible apparemment dirait like looks m am
    annonce offre evenement produit event product valide invalide invalid incorrecte erronee
    ve mauvaise consultable inaccessible change afficher acceder ouvrir passee posts results matched
    criteria reached end something arrivons parvenir pouvez
    hmm hum sommes suivi suivie followed clicked right now moment actuellement currently
    maintenant story resultat resultats mort casse rompu brise dead broken seem archived
    """
)
_TURN: Final = re.compile(rf"\b({'|'.join(_TURNS)})\b")
_HINT: Final = re.compile(rf"\b({'|'.join((*_TURNS, 'oups|oops|whoops'))})\b")


def fold(text: str) -> str:
    """Lower case, accents off, everything but letters and digits a single space."""
    plain = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", kept.replace("œ", "oe")))


def says_not_found(text: str) -> bool:
    """Tell whether a title, heading or sentence says that there is no page, and nothing else."""
    said = fold(text)
    return _TURN.search(said) is not None and set(said.split()) <= _WORDS


def hints_at_error(text: str) -> bool:
    """Tell whether a text has the words of a missing page, among others."""
    return _HINT.search(fold(text)) is not None
