"""Take a score apart: what each word adds in each field, and the factors of that."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from indexer.engines.formula import LGD_SHARE, lgd, rarity, saturate
from indexer.engines.matching import find_complete
from indexer.engines.plan import Plan, Weighted
from indexer.engines.postings import PostingsReader
from indexer.engines.ranking import collect_leaves
from indexer.messages import message
from indexer.search.results import Explanation

_PLACES: Final = {
    "all": "score.in.text-lemmas",
    "title": "score.in.title-lemmas",
    "all_stems": "score.in.text-and-notes",
    "title_stems": "score.in.title",
    "all_exact": "score.in.text-exact",
    "title_exact": "score.in.title-exact",
    "all_starts": "score.in.text-starts",
    "all_pairs": "score.in.text-pairs",
    "title_pairs": "score.in.title-pairs",
    "all_stop_pairs": "score.in.stop-pairs",
    "author": "score.in.author",
    "note": "score.in.notes",
    "section": "score.in.section",
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
        Explanation(name=message(_PLACES[field]), score=_sum(held), parts=tuple(held))
        for field, held in by_field.items()
    ]
    score = _sum(parts)
    complete = find_complete(plan, reader)
    if complete is not None:
        docs, factor = complete
        if number in docs:
            added = score * (factor - 1.0)
            parts.append(
                Explanation(name=message("score.complete", factor=f"{factor:g}"), score=added)
            )
            score += added
    return Explanation(name=message("score.score"), score=score, parts=tuple(parts))


def _explain_leaf(leaf: Weighted, number: int, reader: PostingsReader) -> Explanation | None:
    docs, counts = reader.postings(leaf.field, leaf.text)
    place = int(np.searchsorted(docs, number))
    if place == docs.size or docs[place] != number:
        return None
    count = counts[place : place + 1].astype(np.float64)
    length = float(reader.lengths(leaf.field)[number])
    norm = reader.norm(leaf.field)
    here = slice(number, number + 1)
    idf = rarity(docs.size, reader.size)
    frequency = float(saturate(count, norm.bm25[here])[0])
    bm25 = (1.0 - LGD_SHARE) * idf * frequency
    law = LGD_SHARE * float(lgd(count, norm.lgd[here], docs.size, reader.size)[0])
    held = message(
        "score.rarity-and-frequency",
        held=int(docs.size),
        texts=int(reader.size),
        times=f"{float(count[0]):g}",
        words=f"{length:g}",
    )
    return Explanation(
        name=message("score.word", word=leaf.text.removeprefix("en|")),
        score=leaf.weight * (bm25 + law),
        parts=(
            Explanation(name=message("score.weight"), score=leaf.weight),
            Explanation(
                name=held,
                score=bm25 + law,
                parts=(
                    Explanation(
                        name=message("score.bm25", share=1.0 - LGD_SHARE),
                        score=bm25,
                        parts=(
                            Explanation(name=message("score.share"), score=1.0 - LGD_SHARE),
                            Explanation(name=message("score.rarity"), score=idf),
                            Explanation(name=message("score.frequency"), score=frequency),
                        ),
                    ),
                    Explanation(
                        name=message("score.lgd", share=LGD_SHARE),
                        score=law,
                    ),
                ),
            ),
        ),
    )


def _sum(parts: Iterable[Explanation]) -> float:
    return sum(part.score for part in parts)
