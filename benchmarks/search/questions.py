"""Texts of any number, and queries of every kind drawn from them with a fixed seed."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks.relevance.collections import Text, find_collections, read_collection
from indexer.analysis import analyse, fold, normalise

_SEED: Final = 2015
_EACH: Final = 20  # queries of a kind
_WORD: Final = re.compile(r"[^\W\d_]{4,}")


def gather_texts(folder: Path, size: int) -> tuple[list[Text], int]:
    """`size` texts, and how many of them are paragraphs regrouped."""
    chance = random.Random(_SEED)
    texts = [
        Text(id=f"{path.name}/{text.id}", title=text.title, text=text.text)
        for path in find_collections(folder, "dev")
        for text in read_collection(path, "dev").texts
    ]
    chance.shuffle(texts)
    if size <= len(texts):
        return texts[:size], 0
    paragraphs = [line for text in texts for line in text.text.split("\n") if line.strip()]
    titles = [text.title for text in texts]
    lengths = [max(1, text.text.count("\n")) for text in texts]
    made = [
        Text(
            id=f"regrouped/{number}",
            title=chance.choice(titles),
            text="\n".join(chance.choices(paragraphs, k=chance.choice(lengths))),
        )
        for number in range(size - len(texts))
    ]
    return texts + made, len(made)


def draw_stream(folder: Path, asked: int) -> list[str]:
    """Draw `asked` different queries that people typed, from all collections, in a fixed order."""
    texts = {
        topic.text: None
        for path in find_collections(folder, "dev")
        for topic in read_collection(path, "dev").topics
    }
    drawn = list(texts)
    random.Random(_SEED).shuffle(drawn)
    return drawn[:asked]


def draw_questions(texts: Sequence[Text]) -> dict[str, list[str]]:
    """Twenty queries of each kind; `and` and `phrase` come in our language, with ET and « »."""
    chance = random.Random(_SEED)
    sample = chance.sample(list(texts), min(len(texts), 2_000))
    counts: Counter[str] = Counter()
    for text in sample:
        counts.update({fold(normalise(word)) for word in _WORD.findall(text.text)})
    ranked = [
        word
        for word, count in counts.most_common()
        if count > 1 and not any(token.is_stop for token in analyse(word))
    ]
    common, middle = ranked[:150], ranked[150:2_000]
    rare = ranked[2_000:]

    def words_of_one(number: int) -> list[str]:
        while True:
            words = [
                word for word in _WORD.findall(chance.choice(sample).text) if word.lower() in known
            ]
            if len(set(words)) >= number:
                return chance.sample(sorted(set(words)), number)

    known = set(ranked)
    return {
        "rare": chance.choices(rare or middle or common, k=_EACH),
        "middle": chance.choices(middle or common, k=_EACH),
        "common": chance.choices(common, k=_EACH),
        "or2": [" ".join(words_of_one(2)) for _ in range(_EACH)],
        "or3": [" ".join(words_of_one(3)) for _ in range(_EACH)],
        "or5": [" ".join(words_of_one(5)) for _ in range(_EACH)],
        "and2": [" ET ".join(words_of_one(2)) for _ in range(_EACH)],
        "and3": [" ET ".join(words_of_one(3)) for _ in range(_EACH)],
        "phrase": [_draw_phrase(sample, chance) for _ in range(_EACH)],
        "prefix": [f"{word[:5]}*" for word in chance.choices(middle or common, k=_EACH)],
    }


def _draw_phrase(sample: Sequence[Text], chance: random.Random) -> str:
    while True:
        text = chance.choice(sample).text
        tokens = [token for token in analyse(text[:2_000]) if not token.is_alias]
        pairs = [
            text[first.start : second.end]
            for first, second in pairwise(tokens)
            if not first.is_stop and not second.is_stop and text[first.end : second.start] == " "
        ]
        if pairs:
            return f"« {chance.choice(pairs)} »"
