"""Teach the query language on one screen: what one types, what is looked for, an example."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from indexer.model import LinkState
from search_web.typography import set_french


@dataclass(frozen=True, slots=True)
class Lesson:
    """A row of the page of help."""

    typed: str
    meaning: str
    example: str


def _lesson(typed: str, meaning: str, example: str) -> Lesson:
    return Lesson(typed, set_french(meaning), example)


LESSONS: Final = (
    _lesson("tiers lieux", "les deux mots, où qu'ils soient ; à défaut l'un", "tiers lieux"),
    _lesson("« tiers lieux »", "ces mots côte à côte, dans cet ordre", "« tiers lieux »"),
    _lesson("ville ET travail", "les textes qui ont les deux, et eux seuls", "ville ET travail"),
    _lesson("ville OU commune", "l'un ou l'autre", "ville OU commune"),
    _lesson("ville SAUF Paris", "ville, sans Paris ; ou bien -Paris", "ville SAUF Barcelone"),
    _lesson("+ville commun", "ville obligatoirement, commun de préférence", "+ville commun"),
    _lesson("collabor*", "tous les mots qui commencent ainsi", "collabor*"),
    _lesson("colaboratif~", "les mots qui s'écrivent presque ainsi", "colaboratif~"),
    _lesson("(a OU b) ET c", "des parenthèses pour grouper", "(ville OU territoire) ET citoyen"),
    _lesson("titre:ville", "dans le titre du texte", "titre:ville"),
    _lesson("auteur:nom", "par l'auteur", "auteur:Besson"),
    _lesson("note:mot", "dans les notes", "note:covoiturage"),
    _lesson("texte:mot", "dans le texte archivé", "texte:numérique"),
    _lesson("section:mot", "dans les titres des sections", "section:territoire"),
    _lesson("site:nom", "sur un site", "site:urbanews.fr"),
    _lesson("annee:2014..2016", "entre deux années", "annee:2014..2016"),
    _lesson("langue:en", "dans une langue", "langue:en"),
    _lesson("lien:mort", "selon l'état du lien", "lien:vivant"),
    _lesson("type:note", "les notes seules, ou les textes (type:texte)", "type:note"),
)

LINK_WORDS: Final[Mapping[LinkState, str]] = MappingProxyType(
    {
        LinkState.ALIVE: set_french("La page répond, et c'est bien elle."),
        LinkState.MOVED: set_french("La page a changé d'adresse ; la nouvelle est proposée."),
        LinkState.BLOCKED: set_french(
            "Le site refuse les robots ou demande à s'identifier : on ne peut rien en dire, "
            "et le lien n'est pas mort pour autant."
        ),
        LinkState.SICK: set_french(
            "Une panne, un délai, une page introuvable pour la première fois : cela peut passer."
        ),
        LinkState.DEAD: set_french("La page a disparu : plusieurs visites, sur plusieurs jours."),
        LinkState.UNKNOWN: set_french("Personne n'y est encore allé voir."),
    }
)
