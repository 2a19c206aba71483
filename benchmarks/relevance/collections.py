"""Read the collections, and spoil queries the way people do."""

import gzip
import json
import random
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from indexer.analysis import analyse

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_SEED: Final = 20_150_310
_SHORTEST_SPOILED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A document of a collection."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A query, the need that it is a variant of, and what answers it."""

    id: str
    text: str
    group: str
    relevance: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Documents and the topics of one split."""

    name: str
    texts: tuple[Text, ...]
    topics: tuple[Topic, ...]


def find_collections(folder: Path, split: str) -> Iterator[Path]:
    """The folders that have this split, by name."""
    for path in sorted(folder.iterdir()):
        if (path / f"queries.{split}.jsonl.gz").is_file() and (path / "docs.jsonl.gz").is_file():
            yield path


def read_collection(folder: Path, split: str) -> Collection:
    """The collection of a folder."""
    relevance: dict[str, dict[str, int]] = {}
    with (folder / f"qrels.{split}.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            query, document, grade = line.rstrip("\n").split("\t")
            relevance.setdefault(query, {})[document] = int(grade)
    return Collection(
        name=folder.name,
        texts=tuple(
            Text(id=row["id"], title=row.get("title", ""), text=row.get("text", ""))
            for row in _read_rows(folder / "docs.jsonl.gz")
        ),
        topics=tuple(
            Topic(
                id=row["id"],
                text=row["text"],
                group=row.get("group", row["id"]),
                relevance=relevance[row["id"]],
            )
            for row in _read_rows(folder / f"queries.{split}.jsonl.gz")
            if row["id"] in relevance
        ),
    )


def _read_rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def strip_accents(topic: Topic) -> Topic:
    """Write a query as somebody in a hurry types it."""
    marks = unicodedata.normalize("NFD", topic.text)
    plain = "".join(letter for letter in marks if not unicodedata.combining(letter))
    return replace(topic, text=plain)


def spoil(topic: Topic) -> Topic:
    """Put one mistake into one word of a query, always the same one."""
    chance = random.Random(f"{_SEED} {topic.id}")
    words = [
        token
        for token in analyse(topic.text)
        if not token.is_stop
        and not token.is_alias
        and token.end - token.start >= _SHORTEST_SPOILED
        and topic.text[token.start : token.end].isalpha()
    ]
    if not words:
        return topic
    token = chance.choice(words)
    word = topic.text[token.start : token.end]
    spoiled = word
    while spoiled == word:
        spoiled = _mistype(word, chance)
    return replace(topic, text=topic.text[: token.start] + spoiled + topic.text[token.end :])


def _mistype(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    match chance.choice(("change", "leave-out", "insert", "exchange")):
        case "change":
            return word[:place] + chance.choice(_LETTERS) + word[place + 1 :]
        case "leave-out":
            return word[:place] + word[place + 1 :]
        case "insert":
            return word[:place] + chance.choice(_LETTERS) + word[place:]
        case _:
            place = min(place, len(word) - 2)
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
