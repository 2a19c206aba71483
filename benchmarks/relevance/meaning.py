"""Measure what meaning adds to words: `python -m benchmarks.relevance --meaning`.

Embedding is dear (.3 s a passage), so samples are measured, chosen by the digests of names: SAMPLES
says of what, and what was embedded is kept in `--cache`. Two ways to choose the weight without the
queries it is measured on: on the other collections (leave one out), and on the other half.
"""

import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.relevance.collections import Collection, Text, Topic, read_collection
from benchmarks.relevance.engines import make_document
from benchmarks.relevance.long import join_articles
from benchmarks.relevance.measures import compute_ndcg
from indexer.engines import build_index, open_searcher
from indexer.meaning.embedders import Embedder, Vectors
from indexer.meaning.nearest import WEIGHT, reorder
from indexer.meaning.passages import cut_passages

WEIGHTS: Final = tuple(number / 20 for number in range(20))
_RESAMPLES: Final = 2000
_BATCH: Final = 8  # texts embedded before they are kept
Ranked = Sequence[tuple[str, float]]


class Cache:
    """Vectors by the digest of what was embedded, in one file that only grows."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        """Read what was embedded before by this model."""
        folder.mkdir(parents=True, exist_ok=True)
        self._embedder = embedder
        self._path = folder / f"{embedder.fingerprint}.f32"
        self._record = np.dtype([("key", "S32"), ("vector", "<f4", (embedder.dimensions,))])
        self._known: dict[bytes, Vectors] = {}
        if self._path.is_file():
            size = self._path.stat().st_size // self._record.itemsize * self._record.itemsize
            with self._path.open("r+b") as handle:
                handle.truncate(size)  # what a kill cut short
            for row in np.fromfile(self._path, self._record):
                self._known[bytes(row["key"])] = row["vector"]

    def embed(self, texts: Sequence[str], *, is_query: bool = False) -> Vectors:
        """Embed texts, those that are not known yet."""
        keys = [self._key(text, is_query) for text in texts]
        pairs = dict(zip(keys, texts, strict=True))
        new = [(key, text) for key, text in pairs.items() if key not in self._known]
        for first in range(0, len(new), _BATCH):
            batch = new[first : first + _BATCH]
            if is_query:
                vectors = np.concatenate([self._embedder.embed_query(text) for _, text in batch])
            else:
                vectors = self._embedder.embed_passages([text for _, text in batch])
            rows = np.empty(len(batch), self._record)
            rows["key"] = [key for key, _ in batch]
            rows["vector"] = vectors
            with self._path.open("ab") as handle:
                handle.write(rows.tobytes())
            self._known.update(zip(rows["key"].tolist(), vectors, strict=True))
        return np.array([self._known[key] for key in keys], np.float32)

    @staticmethod
    def _key(text: str, is_query: bool) -> bytes:
        return hashlib.md5(f"{is_query} {text}".encode()).hexdigest().encode()


@dataclass(frozen=True, slots=True)
class Sample:
    """Some queries of a collection: what words find, and how near each text found is in meaning."""

    name: str
    topics: Sequence[Topic]
    ranked: Sequence[Ranked]  # a topic
    near: Sequence[Mapping[str, float]]  # a topic: text -> likeness of its nearest passage
    is_whole: bool = False  # every text was embedded, so that meaning alone can be asked too


def digest(name: str) -> str:
    """Give the order of a sample: the same on every machine, and no other."""
    return hashlib.sha256(name.encode()).hexdigest()


def take_texts(made: Collection, count: int) -> Collection:
    """Take some texts of a collection, and the queries that all its answers are among."""
    texts = sorted(made.texts, key=lambda text: digest(text.id))[:count]
    here = {text.id for text in texts}
    topics = tuple(topic for topic in made.topics if topic.relevance.keys() <= here)
    return replace(made, texts=tuple(texts), topics=topics)


def take_law(made: Collection) -> Collection:
    """Take the articles of law of CDTN, most of which are one passage, and what they answer."""
    texts = tuple(text for text in made.texts if text.id.startswith("ct/"))
    here = {text.id for text in texts}
    judged = [
        replace(topic, relevance={key: n for key, n in topic.relevance.items() if key in here})
        for topic in made.topics
    ]
    return replace(made, texts=texts, topics=tuple(each for each in judged if each.relevance))


def rank_topics(
    made: Collection, topics: Sequence[Topic], depth: int, folder: Path
) -> list[Ranked]:
    """Ask the product, by words alone; what it answered is kept in `folder`."""
    path = folder / f"{made.name}-{len(made.texts)}-{len(topics)}-{depth}.json"
    if path.is_file():
        kept: list[Ranked] = json.loads(path.read_text())
        return kept
    with tempfile.TemporaryDirectory(dir=folder) as place:
        build_index(Path(place) / "index", (make_document(text) for text in made.texts))
        searcher = open_searcher(Path(place) / "index")
        ranked: list[Ranked] = [searcher.rank(topic.text, depth) for topic in topics]
        searcher.close()
    path.write_text(json.dumps(ranked))
    return ranked


def take_sample(made: Collection, cache: Cache, folder: Path, size: "SampleSize") -> Sample:
    """Take the queries that fit, ask them of words, and embed what was found."""
    by_id = {text.id: text for text in made.texts}
    topics = _order_topics(made.topics)[: size.most_topics]
    ranked = rank_topics(made, topics, size.depth, folder)
    passages: dict[str, list[str]] = {}
    if size.is_whole:
        passages = {key: _cut(text) for key, text in by_id.items()}
    count = 0
    for fit, found in enumerate(ranked):
        new = {key: _cut(by_id[key]) for key, _ in found if key not in passages}
        count += sum(map(len, new.values()))
        if count > size.most_passages:
            topics, ranked = topics[:fit], ranked[:fit]
            break
        passages |= new
    print(
        f"{made.name}: {len(topics)} queries, {sum(map(len, passages.values()))} passages",
        flush=True,
    )
    vectors = {key: cache.embed(cut) for key, cut in passages.items() if cut}
    asked = cache.embed([topic.text for topic in topics], is_query=True)
    near = [
        {
            key: float((vectors[key] @ vector).max())
            for key in (vectors if size.is_whole else [key for key, _ in found])
            if key in vectors
        }
        for vector, found in zip(asked, ranked, strict=True)
    ]
    return Sample(made.name, topics, ranked, near, size.is_whole)


def _order_topics(topics: Sequence[Topic]) -> list[Topic]:
    """Order queries by the digests of their needs, one a need before the second of any."""
    seen: dict[str, int] = {}
    placed = []
    for topic in sorted(topics, key=lambda topic: digest(topic.id)):
        seen[topic.group] = seen.get(topic.group, 0) + 1
        placed.append((seen[topic.group], digest(topic.group), topic))
    return [topic for *_, topic in sorted(placed, key=lambda each: each[:2])]


def _cut(text: Text) -> list[str]:
    return [passage.text for passage in cut_passages(make_document(text))]


# --- measures


def fuse(ranked: Ranked, near: Mapping[str, float], weight: float) -> list[str]:
    """Order what words found by (1 - weight) words + weight meaning, each from 0 to 1."""
    return [each.id for each in reorder(ranked, near, weight=weight)]


def measure_weights(sample: Sample) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Measure nDCG@10 of every query (rows) at every weight (columns)."""
    return np.array(
        [
            [compute_ndcg(fuse(ranked, near, weight), topic.relevance) for weight in WEIGHTS]
            for topic, ranked, near in zip(sample.topics, sample.ranked, sample.near, strict=True)
        ]
    )


def recall_at(run: Sequence[str], relevance: Mapping[str, int], depth: int = 10) -> float:
    """Give the part of all answers that is in the first `depth`."""
    answers = {key for key, grade in relevance.items() if grade > 0}
    return len(answers & set(run[:depth])) / len(answers) if answers else 0.0


def resample(differences: Sequence[float]) -> tuple[float, float]:
    """Give the bounds between which the mean of 95 % of resamples of the queries lies."""
    chance = random.Random(22)
    count = len(differences)
    means = sorted(sum(chance.choices(differences, k=count)) / count for _ in range(_RESAMPLES))
    return means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]


def report_order(samples: Sequence[Sample], weight: float) -> None:
    """Print what reordering is worth: at every weight, at that of the product, and when chosen."""
    tables = {sample.name: measure_weights(sample) for sample in samples}
    print("\n| collection | queries | " + " | ".join(f"{each:.2f}" for each in WEIGHTS) + " |")
    print("|---|---|" + "---|" * len(WEIGHTS))
    for sample in samples:
        cells = " | ".join(f"{value:.4f}" for value in tables[sample.name].mean(0))
        print(f"| {sample.name} | {len(sample.topics)} | {cells} |")
    print(
        "\n| collection | words | with meaning | gain (95 %) | wins, losses | R@10 "
        "| chosen on others | chosen on the other half |"
    )
    print("|---|---|---|---|---|---|---|---|")
    used = WEIGHTS.index(weight)
    for sample in samples:
        table = tables[sample.name]
        gains = (table[:, used] - table[:, 0]).tolist()
        low, high = resample(gains)
        wins, losses = sum(each > 1e-9 for each in gains), sum(each < -1e-9 for each in gains)
        before, after = (_mean_recall(sample, each) for each in (0.0, weight))
        print(
            f"| {sample.name} | {table[:, 0].mean():.4f} | {table[:, used].mean():.4f} "
            f"| {np.mean(gains):+.4f} ({low:+.4f} to {high:+.4f}) | {wins}, {losses} "
            f"| {before:.3f}, {after:.3f} | {_cross(tables, sample.name)} "
            f"| {_halve(sample, table)} |"
        )


def _mean_recall(sample: Sample, weight: float) -> float:
    return float(
        np.mean(
            [
                recall_at(fuse(ranked, near, weight), topic.relevance)
                for topic, ranked, near in zip(
                    sample.topics, sample.ranked, sample.near, strict=True
                )
            ]
        )
    )


def _cross(
    tables: Mapping[str, "np.ndarray[tuple[int, int], np.dtype[np.float64]]"], name: str
) -> str:
    """Measure a collection with the weight that is best on the mean of the others."""
    others = [(table - table[:, :1]).mean(0) for each, table in tables.items() if each != name]
    if not others:
        return ""
    best = int(np.mean(others, axis=0).argmax())
    return f"{WEIGHTS[best]:.2f}: {tables[name][:, best].mean():.4f}"


def _halve(sample: Sample, table: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> str:
    """Choose a weight on each half of the queries, and measure it on the other."""
    even = np.array([int(digest(topic.group), 16) % 2 == 0 for topic in sample.topics])
    told = []
    for chosen_on in (even, ~even):
        best = int(table[chosen_on].mean(0).argmax())
        kept_apart = table[~chosen_on]
        gain = kept_apart[:, best].mean() - kept_apart[:, 0].mean()
        told.append(f"{WEIGHTS[best]:.2f}: {gain:+.4f}")
    return ", ".join(told)


def report_languages(samples: Sequence[Sample]) -> None:
    """Print what finds texts across languages: words, meaning, and the page that shows both."""
    print(
        "\n| collection | queries | words: nDCG@10, R@10 | meaning: nDCG@10, R@10 "
        "| the page: R of 10 + 5 |"
    )
    print("|---|---|---|---|---|")
    for sample in samples:
        rows = []
        for topic, ranked, near in zip(sample.topics, sample.ranked, sample.near, strict=True):
            words = [key for key, _ in ranked]
            nearest = sorted(near, key=lambda key: -near[key])
            page = words[:10] + [key for key in nearest if key not in words][:5]
            rows.append(
                [
                    compute_ndcg(words, topic.relevance),
                    recall_at(words, topic.relevance),
                    compute_ndcg(nearest, topic.relevance),
                    recall_at(nearest, topic.relevance),
                    recall_at(page, topic.relevance, 15),
                ]
            )
        means = np.mean(rows, axis=0)
        print(
            f"| {sample.name} | {len(rows)} | {means[0]:.4f}, {means[1]:.3f} "
            f"| {means[2]:.4f}, {means[3]:.3f} | {means[4]:.3f} |"
        )


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Say what is measured of a collection, once `make` took what it takes of it."""

    make: Callable[[Collection], Collection]
    depth: int = 50  # texts that words find, put in another order
    most_topics: int = 120
    most_passages: int = 10_000  # of these texts, all queries together
    is_whole: bool = False


SAMPLES: Final[Mapping[str, SampleSize]] = {
    "help-fr-en": SampleSize(lambda made: take_texts(made, 70), is_whole=True),
    "help-en-fr": SampleSize(lambda made: take_texts(made, 70), is_whole=True),
    "help-fr-fr": SampleSize(lambda made: take_texts(made, 70)),
    "piaf": SampleSize(lambda made: take_texts(join_articles(made), 30), most_topics=80),
    "cdtn": SampleSize(take_law, depth=10, most_passages=330),
}


def measure_meaning(collections: Path, split: str, cache: Path, embedder: Embedder) -> None:
    """Take the samples, embed what is new, and print the tables."""
    kept = Cache(cache, embedder)
    samples = [
        take_sample(size.make(read_collection(collections / name, split)), kept, cache, size)
        for name, size in SAMPLES.items()
        if (collections / name / f"queries.{split}.jsonl.gz").is_file()
    ]
    report_order([each for each in samples if not each.is_whole], WEIGHT)
    report_deviations(samples)
    report_languages([each for each in samples if each.is_whole])


def report_deviations(samples: Sequence[Sample]) -> None:
    """Print how far texts stand out, in standard deviations of all: answers, the best that is none.

    What `LEAST_DEVIATION` of the product is chosen by. Of samples whose every text was embedded.
    """
    print(
        "\n| collection | answers at least: 5 %, 25 %, half | the best that is none: half, 95 % |"
    )
    print("|---|---|---|")
    for sample in (each for each in samples if each.is_whole):
        answers, others = [], []
        for topic, near in zip(sample.topics, sample.near, strict=True):
            scores = np.array(list(near.values()))
            above = {key: (near[key] - scores.mean()) / scores.std() for key in near}
            answers += [above[key] for key in topic.relevance if key in above]
            others.append(max(value for key, value in above.items() if key not in topic.relevance))
        told = [f"{value:.1f}" for value in np.percentile(answers, (5, 25, 50))]
        best = [f"{value:.1f}" for value in np.percentile(others, (50, 95))]
        print(f"| {sample.name} | {', '.join(told)} | {', '.join(best)} |")
