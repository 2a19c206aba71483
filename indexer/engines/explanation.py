"""Take a score apart: what each word adds in each field, and the factors of that."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from indexer.engines.formula import LGD_SHARE, length_norm, lgd, rarity, saturate
from indexer.engines.matching import find_complete
from indexer.engines.plan import Plan, Weighted
from indexer.engines.postings import PostingsReader
from indexer.engines.ranking import collect_leaves
from indexer.index.fields import FIELD_BY_NAME
from indexer.search.results import Explanation

_PLACES: Final = {
    "all": "le texte et les notes",
    "title": "le titre",
    "all_exact": "le texte, tel quel",
    "title_exact": "le titre, tel quel",
    "all_starts": "le texte, par le début des mots",
    "all_pairs": "le texte, côte à côte",
    "title_pairs": "le titre, côte à côte",
    "all_stop_pairs": "le texte, petits mots côte à côte",
    "author": "l’auteur",
    "note": "les notes",
    "section": "la rubrique",
}


def explain(plan: Plan, number: int, reader: PostingsReader) -> Explanation:
    """The score of a document, field by field and word by word.

    Parts that are sums add up to their score, to the last bit but rounding; a factor for having
    all the words is the last part, as what it adds.
    """
    by_field: dict[str, list[Explanation]] = {}
    for leaf in collect_leaves(plan):
        part = _explain_leaf(leaf, number, reader)
        if part is not None:
            by_field.setdefault(leaf.field, []).append(part)
    parts = [
        Explanation(name=f"dans {_PLACES[field]}", score=_sum(held), parts=tuple(held))
        for field, held in by_field.items()
    ]
    score = _sum(parts)
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        if number in docs:
            added = score * (factor - 1.0)
            parts.append(Explanation(name=f"tous les mots y sont (× {factor:g})", score=added))
            score += added
    return Explanation(name="score", score=score, parts=tuple(parts))


def _explain_leaf(leaf: Weighted, number: int, reader: PostingsReader) -> Explanation | None:
    docs, counts = reader.postings(leaf.field, leaf.text)
    place = int(np.searchsorted(docs, number))
    if place == docs.size or docs[place] != number:
        return None
    count = counts[place : place + 1].astype(np.float64)
    length = float(reader.lengths(leaf.field)[number])
    average = reader.average_length(leaf.field)
    norm = length_norm(np.array([length], np.float32), average, FIELD_BY_NAME[leaf.field].b)
    idf = rarity(docs.size, reader.size)
    frequency = float(saturate(count, norm)[0])
    bm25 = (1.0 - LGD_SHARE) * idf * frequency
    law = LGD_SHARE * float(lgd(count, norm, docs.size, reader.size)[0])
    held_by = f"{docs.size} sur {reader.size} textes"
    often = f"{float(count[0]):g} fois, {length:g} mots"
    return Explanation(
        name=leaf.text.removeprefix("en|"),
        score=leaf.weight * (bm25 + law),
        parts=(
            Explanation(name="poids du champ", score=leaf.weight),
            Explanation(
                name=f"rareté ({held_by}) et fréquence ({often})",
                score=bm25 + law,
                parts=(
                    Explanation(
                        name=f"BM25, pour {1.0 - LGD_SHARE:.0%} : rareté × fréquence",
                        score=bm25,
                        parts=(
                            Explanation(name="part", score=1.0 - LGD_SHARE),
                            Explanation(name="rareté", score=idf),
                            Explanation(name="fréquence", score=frequency),
                        ),
                    ),
                    Explanation(
                        name=f"loi log-logistique, pour {LGD_SHARE:.0%}",
                        score=law,
                    ),
                ),
            ),
        ),
    )


def _sum(parts: Iterable[Explanation]) -> float:
    return sum(part.score for part in parts)
