"""A floor under the ranking: a small collection of our own, judged by hand.

The real measure is `python -m benchmarks.relevance`; this only tells when something broke.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.engines.shelf import found, opened, text

TEXTS = (
    text("lieux", "Les tiers-lieux, laboratoires de la ville",
         "Ateliers, cafés et bureaux partagés : les tiers-lieux accueillent des habitants."),
    text("bureau", "Travailler ailleurs qu’au bureau",
         "Le télétravail se fait souvent dans un tiers lieu, parfois dans une gare."),
    text("route", "Covoiturage : partager la route",
         "Entre deux villages, le covoiturage remplace un bus qui ne passe plus."),
    text("bus", "Le bus à la demande", "Dans les campagnes, on appelle le bus la veille."),
    text("commun", "Gouverner les communs", "Les communs se gouvernent par des règles partagées."),
    text("commune", "La commune et ses habitants", "Le conseil municipal décide du budget."),
    text("com", "Plan de communication", "La communication d’une collectivité se prépare."),
    text("donnees", "Ouvrir les données publiques", "Les données ouvertes aident les communes."),
    text("livreur", "Les livreurs des plateformes",
         "Payés à la course, les livreurs dépendent d’une application."),
    text("coop", "Des coopératives de livreurs",
         "Une coopérative appartient aux livreurs, qui partagent la plateforme."),
    text("eco", "Un écoquartier exemplaire", "Le quartier produit sa chaleur et garde sa pluie."),
    text("jardin", "Jardins partagés en ville", "Des voisins cultivent ensemble une friche."),
)  # fmt: skip
JUDGED = {
    "tiers-lieu": {"lieux": 2, "bureau": 1},
    "tiers lieux habitants": {"lieux": 2, "bureau": 1},
    "covoiturage rural": {"route": 2},
    "transport à la campagne": {"bus": 2},
    "gouvernance des communs": {"commun": 2},
    "commune": {"commune": 2, "donnees": 1},
    "communication": {"com": 2},
    "donnees ouvertes": {"donnees": 2},
    "livreurs de plateforme": {"livreur": 2, "coop": 2},
    "coopératives": {"coop": 2},
    "éco-quartier": {"eco": 2},
    "jardin partagé": {"jardin": 2},
    "le télétravail": {"bureau": 2},  # the verb is another word: it is offered, not searched
    "covoitturage": {"route": 2},
}
FLOOR = 0.97


def compute_ndcg(run: Sequence[str], grades: Mapping[str, int], *, depth: int = 10) -> float:
    """Sum grade / log2(rank + 1) over the first `depth`, as a share of what the best order has."""
    gains = [grades.get(document, 0) for document in run[:depth]]
    best = sorted(grades.values(), reverse=True)[:depth]

    def discount(gains: Sequence[int]) -> float:
        return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))

    return discount(gains) / discount(best)


def test_the_ranking_has_not_fallen_through_its_floor(tmp_path: Path) -> None:
    with opened(tmp_path, *TEXTS) as searcher:
        gains = {
            query: compute_ndcg(found(searcher, query), judged) for query, judged in JUDGED.items()
        }
    mean = sum(gains.values()) / len(gains)
    assert mean >= FLOOR, sorted(gains.items(), key=lambda each: each[1])[:5]
