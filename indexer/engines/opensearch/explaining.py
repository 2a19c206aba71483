"""Take the score of a text apart: the formula again in doubles, of what Lucene tells of terms."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from indexer.engines.opensearch.compile import BOTH_FACTOR
from indexer.engines.opensearch.mapping import LGD_SHARE, NORMED, encode, measure_norm
from indexer.engines.planning.plan import SCORE_PLACES, Plan, ScoringTerm, collect_scoring_terms
from indexer.index.fields import FIELD_BY_NAME, K1
from indexer.messages import message
from indexer.search.results import Explanation

Json = dict[str, Any]
Statistics = Mapping[str, float]  # as Lucene names them
_TERM: Final = re.compile(r"weight\((\w+):(.*) in \d+\)", re.DOTALL)


def explain(told: Json, plan: Plan, words: int, *, is_complete: bool) -> Explanation:
    """Explain the score of a text, field by field and word by word.

    `told` is Lucene's explanation, `words` how many words the text has; `is_complete` says that
    it has both of two things asked. Parts that are sums add up to their score.
    """
    statistics = dict(_list_statistics(told))
    weights: dict[tuple[str, str], float] = {}
    for term in collect_scoring_terms(plan):
        if (term.field, encode(term.text)) in statistics:
            weights[term[:2]] = weights.get(term[:2], 0.0) + term.weight
    by_field: dict[str, list[Explanation]] = {}
    for (field, text), weight in weights.items():
        part = _explain_term(
            ScoringTerm(field, text, weight), statistics[field, encode(text)], words
        )
        by_field.setdefault(field, []).append(part)
    parts = [
        Explanation(
            name=message(SCORE_PLACES[field]),
            score=sum(each.score for each in held),
            parts=tuple(held),
        )
        for field, held in by_field.items()
    ]
    score = sum(part.score for part in parts)
    if is_complete:
        added = score * (BOTH_FACTOR - 1.0)
        name = message("score.complete", factor=f"{BOTH_FACTOR:g}")
        parts.append(Explanation(name=name, score=added))
        score += added
    return Explanation(name=message("score.score"), score=score, parts=tuple(parts))


def _list_statistics(told: Json) -> Iterator[tuple[tuple[str, str], Statistics]]:
    """List what Lucene tells of each term that adds to a score, by field and term as indexed."""
    match = _TERM.match(told["description"])
    if match is None:
        for part in told.get("details", ()):
            yield from _list_statistics(part)
        return
    (score,) = told["details"]
    values = {each["description"]: float(each["value"]) for each in score["details"]}
    if values:
        yield (match[1], match[2]), values


def _explain_term(term: ScoringTerm, values: Statistics, words: int) -> Explanation:
    texts, held = values["field.docCount"], values["term.docFreq"]
    times, length = values["doc.freq"], values["doc.length"]
    norm = measure_norm(
        FIELD_BY_NAME[term.field], length=length, mean=values["field.sumTotalTermFreq"] / texts
    )
    rarity = math.log1p((texts - held + 0.5) / (held + 0.5))
    frequency = (K1 + 1) * times / (times + K1 * norm)
    bm25 = (1 - LGD_SHARE) * rarity * frequency
    law = LGD_SHARE * math.log1p(times * math.log1p(1 / norm) * texts / held)
    told = message(
        "score.rarity-and-frequency",
        held=int(held),
        texts=int(texts),
        times=f"{times:g}",
        words=f"{words if term.field in NORMED else length:g}",
    )
    factors = (
        Explanation(name=message("score.share"), score=1 - LGD_SHARE),
        Explanation(name=message("score.rarity"), score=rarity),
        Explanation(name=message("score.frequency"), score=frequency),
    )
    models = (
        Explanation(name=message("score.bm25", share=1 - LGD_SHARE), score=bm25, parts=factors),
        Explanation(name=message("score.lgd", share=LGD_SHARE), score=law),
    )
    return Explanation(
        name=message("score.word", word=term.text.removeprefix("en|")),
        score=term.weight * (bm25 + law),
        parts=(
            Explanation(name=message("score.weight"), score=term.weight),
            Explanation(name=told, score=bm25 + law, parts=models),
        ),
    )
