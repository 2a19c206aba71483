"""Write an index in a cluster: a new one beside, swapped in with its words; a change in place.

Texts go there as a change is finished, a batch at a time, and are shown together when all are
there (`refresh_interval` is off). Each state of an index has a number in its `_meta`: it goes up
last, and tells readers that there is a newer one. A change that was broken off leaves `is_changing`
there: the next one is refused, and the index built anew beside, while what answers goes on.
"""

import json
import os
import random
import socket
import sqlite3
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import chain, islice
from typing import Any, Final

from indexer.engines.opensearch.client import (
    Cluster,
    ClusterOptions,
    IndexState,
    OpenedState,
    Refused,
    cut,
    now_s,
)
from indexer.engines.opensearch.engine import OpenSearchEngine, find_index, parse_source
from indexer.engines.opensearch.lexicon import count_each
from indexer.engines.opensearch.mapping import (
    EXAMPLES_ID,
    describe_texts,
    describe_words,
    make_fingerprint,
    name_texts,
    name_words,
)
from indexer.engines.opensearch.rows import (
    SPACING,
    CountedWord,
    Row,
    Usual,
    make_row,
    place_between,
)
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.suggestions import MOST_EXAMPLES, choose_examples, order_shown
from indexer.engines.planning.understanding import count_asked
from indexer.errors import DamagedIndexError, LockedError, SearchIndexError
from indexer.messages import NOTHING, message
from indexer.model import Document

Json = dict[str, Any]
_BATCH: Final = 200  # texts analysed before they are sent
_MEASURED: Final = 1_000  # texts that tell what is usual in a new index
_MOST_COUNTED: Final = 300_000  # words counted in memory
_LEASE_S: Final = 600.0  # a writer that says nothing for so long is taken for gone
_MOST_TOLD: Final = 20  # documents that were refused
_MOST_SHOWN: Final = 10_000  # texts that examples are chosen of


class OpenSearchWriter:
    """Writes the index of a cluster, alone; an `IndexWriter`."""

    def __init__(self, options: ClusterOptions) -> None:
        """Connect lazily."""
        self._cluster = Cluster(options)
        self._lease = Lease(self._cluster)
        self._target: IndexState | None = None  # what is changed; None anew
        self._put: list[Iterable[Document]] = []
        self._dropped: set[str] = set()

    def check(self) -> None:
        """Raise what is wrong with the index: one that a change broke off must be built anew."""
        check_changed(find_index(self._cluster), self._cluster.options.where)

    def begin(self, *, is_anew: bool) -> None:
        """Begin a change of what there is, or an index anew beside it.

        Raises LockedError when somebody else is at it; a change raises MissingIndexError,
        StaleIndexError or DamagedIndexError where it has to be anew.
        """
        target = None if is_anew else find_index(self._cluster)
        if target is not None:
            check_changed(target, self._cluster.options.where)
        self._lease.take()
        self._target, self._put, self._dropped = target, [], set()

    def list_fingerprints(self) -> Iterator[Mapping[str, str]]:
        """List what the index holds, id -> fingerprint, page by page."""
        if self._target is not None:
            for page in self._list_held(self._target):
                yield {key: mark for key, (mark, _) in page.items()}

    def _list_held(self, target: IndexState) -> Iterator[Mapping[str, tuple[str, int]]]:
        engine = OpenSearchEngine(self._cluster, target)
        try:
            yield from engine.list_ranks()
        finally:
            engine.close()

    def put(self, documents: Iterable[Document]) -> None:
        """Add documents, or replace those that bear their ids; of two with one id the last.

        An index anew reads those that can be read twice once more, to measure what is usual.
        """
        self._put.append(documents)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove documents; those that are not there are gone already."""
        self._dropped.update(ids)

    def abandon(self) -> None:
        """Leave what answers as it was: nothing was sent yet."""
        self._lease.give_back()

    def finish(self, order: Sequence[str] = ()) -> int:
        """Have everything found from now on, all at once; gives how many texts there are.

        Raises SearchIndexError when it can't be written. An index anew leaves nothing then; a
        change leaves the mark of one that was broken off, and is not shown.
        """
        try:
            documents = chain.from_iterable(self._put)
            # In an index that was made empty, what is usual was not measured yet.
            if self._target is None or not self._target.meta["number"]:
                return self._build(documents)
            return self._change(self._target, documents, order)
        finally:
            self._lease.give_back()

    # --- an index anew

    def _build(self, documents: Iterable[Document]) -> int:
        cluster, options = self._cluster, self._cluster.options
        texts, words = create_indexes(cluster)
        try:
            build = _Build(cluster, self._lease, texts, words)
            number = build.write(documents, sample=draw_sample(self._put, self._lease.renew))
            cluster.refresh(texts, words)
            meta: Json = {**cluster.describe(texts)[0].meta, "state": 1, "number": number}
            self._write_examples(IndexState(texts, meta), is_anew=True)
            cluster.refresh(words)
            cluster.mark(texts, meta)
            cluster.swap({name_texts(options.prefix): texts, name_words(options.prefix): words})
        except BaseException:
            cluster.drop(texts, words)
            raise
        drop_past(cluster, keeps_one=True)
        return self._count(IndexState(texts, meta))

    def _count(self, index: IndexState) -> int:
        texts = OpenedState(self._cluster, index)
        try:
            return count_each(texts, [{"match_all": {}}])[0]
        finally:
            texts.close()

    # --- a change in place

    def _change(
        self, target: IndexState, documents: Iterable[Document], order: Sequence[str]
    ) -> int:
        cluster = self._cluster
        meta = {**target.meta, "is_changing": True}
        written = {document.id: document for document in documents}
        dropped = self._dropped - written.keys()
        engine = OpenSearchEngine(cluster, target)
        try:
            ranks = self._place(engine, written, dropped, order)
            touched = {
                word
                for document in engine.find_documents([*written, *dropped])
                if document is not None
                for word in make_row(document).words
            }
        finally:
            engine.close()
        if not written and not dropped:
            return self._count(target)
        cluster.mark(target.name, meta)
        usual = Usual(**meta["usual"])
        number = int(meta["number"])
        for some in cut(written.values(), _BATCH):
            self._lease.renew()
            rows = [make_row(document) for document in some]
            actions = []
            for row in rows:
                held = row.render(usual, number=number, rank=ranks[row.id])
                actions.append({"_id": row.id, "_source": held})
                touched |= row.words
                number += 1
            raise_refused(cluster.write(target.name, actions), target.name)
        gone = ({"_op_type": "delete", "_id": key} for key in sorted(dropped))
        raise_refused(cluster.write(target.name, gone), target.name)
        cluster.refresh(target.name)
        self._count_again(target, touched)
        changed = IndexState(target.name, {**meta, "state": meta["state"] + 1, "number": number})
        self._write_examples(changed, is_anew=False)
        cluster.refresh(meta["words"])
        del changed.meta["is_changing"]
        cluster.mark(target.name, changed.meta)
        return self._count(changed)

    def _place(
        self,
        engine: OpenSearchEngine,
        written: dict[str, Document],
        dropped: set[str],
        order: Sequence[str],
    ) -> dict[str, int]:
        """Find the rank of each text that is written; texts that move are written again.

        Without an order, what is new comes after all others.
        """
        ranks = {key: rank for page in engine.list_ranks() for key, (_, rank) in page.items()}
        after = max(ranks.values(), default=0)
        wanted = order or [*ranks, *(key for key in written if key not in ranks)]
        kept = {key: rank for key, rank in ranks.items() if key not in dropped}
        placed = place_between([key for key in wanted if key in kept or key in written], kept)
        moved = [key for key in placed if key not in written]
        written |= {each.id: each for each in engine.find_documents(moved) if each is not None}
        last = max([after, *placed.values()])
        unnamed = (key for key in written if key not in placed and key not in kept)
        return {
            **kept, **placed,
            **{key: last + SPACING * number for number, key in enumerate(unnamed, 1)},
        }  # fmt: skip

    def _count_again(self, target: IndexState, touched: Iterable[CountedWord]) -> None:
        """Count words again in the texts as they are now: what was counted wrong is mended too."""
        texts = OpenedState(self._cluster, target)
        try:
            for some in cut(sorted(touched), 10 * _BATCH):
                self._lease.renew()
                counts = count_each(texts, [word.query for word in some])
                actions = (
                    {"_id": word.id, "_source": word.describe(count)}
                    if count
                    else {"_op_type": "delete", "_id": word.id}
                    for word, count in zip(some, counts, strict=True)
                )
                raise_refused(self._cluster.write(target.meta["words"], actions), "words")
        finally:
            texts.close()

    def _write_examples(self, target: IndexState, *, is_anew: bool) -> None:
        """Choose examples of queries, where those there are find nothing any more."""
        self._cluster.refresh(target.meta["words"])
        engine = OpenSearchEngine(self._cluster, target)
        try:
            lookups = Lookups(engine.lexicon)
            kept = () if is_anew else engine.read_examples() or ()
            totals = [_count_found(each.query_text, lookups) for each in kept]
            if len(totals) >= MOST_EXAMPLES and all(totals):
                return
            texts = order_shown(islice(engine.list_documents(is_whole=False), _MOST_SHOWN))
            examples = lookups.settle(lambda each: choose_examples(texts, each))
            held = json.dumps([asdict(each) for each in examples], ensure_ascii=False)
        finally:
            engine.close()
        source = {"kind": EXAMPLES_ID, "held": held}
        written = self._cluster.write(
            target.meta["words"], [{"_id": EXAMPLES_ID, "_source": source}]
        )
        raise_refused(written, "examples")


def _count_found(query_text: str, lookups: Lookups) -> int:
    return lookups.settle(lambda each: count_asked(query_text, each, as_typed=True))


class _Build:
    """One new index being filled."""

    def __init__(self, cluster: Cluster, lease: "Lease", texts: str, words: str) -> None:
        self._cluster, self._lease = cluster, lease
        self._texts, self._words = texts, words
        self._counts = _WordCounts()
        self._number = 0
        self._usual: Usual | None = None

    def write(self, documents: Iterable[Document], sample: Iterable[Document] = ()) -> int:
        """Write all documents and their words; gives how many numbers were given.

        What is usual is measured on a sample where there are more than fit into one, else on the
        first.
        """
        with closing(self._counts):
            self._write_all(documents, sample)
        return self._number

    def _write_all(self, documents: Iterable[Document], sample: Iterable[Document]) -> None:
        rest = iter(documents)
        first = [make_row(document) for document in islice(rest, _MEASURED)]
        drawn = [make_row(each).measured for each in sample] if len(first) == _MEASURED else []
        self._usual = Usual.of(drawn or [row.measured for row in first])
        (index,) = self._cluster.describe(self._texts)
        self._cluster.mark(self._texts, {**index.meta, "usual": self._usual.render()})
        for rows in cut(first, _BATCH):
            self._write(rows)
        del first
        for some in cut(rest, _BATCH):
            self._write([make_row(document) for document in some])
        self._write_counts()

    def _write(self, rows: Sequence[Row]) -> None:
        """Write some texts that are new; one whose id is there already takes its place."""
        assert self._usual is not None
        self._lease.renew()
        last = {row.id: row for row in rows}
        actions = {key: self._render(row) for key, row in last.items()}
        creating = ({"_op_type": "create", **action} for action in actions.values())
        refused = list(self._cluster.write(self._texts, creating))
        again = [each.id for each in refused if each.status == 409]
        raise_refused((each for each in refused if each.status != 409), self._texts)
        for source in self._cluster.read_many(self._texts, again):
            if source is not None:
                self._counts.add(make_row(parse_source(source)).words, sign=-1)
        raise_refused(
            self._cluster.write(self._texts, [actions[key] for key in again]), self._texts
        )
        for row in last.values():
            self._counts.add(row.words)

    def _render(self, row: Row) -> Json:
        assert self._usual is not None
        number = self._number = self._number + 1
        held = row.render(self._usual, number=number, rank=number * SPACING)
        return {"_id": row.id, "_source": held}

    def _write_counts(self) -> None:
        """Write what was counted to the index of words."""
        actions = (
            {"_id": word.id, "_source": word.describe(count)} for word, count in self._counts.list()
        )
        for some in cut(actions, 10 * _BATCH):
            self._lease.renew()
            raise_refused(self._cluster.write(self._words, some), self._words)


def draw_sample(
    sources: Sequence[Iterable[Document]],
    at_work: Callable[[], object] = lambda: None,
    size: int = _MEASURED,
) -> Iterator[Document]:
    """Draw documents of all, each with the same chance; none where they can be read once only.

    Bibliographies stand one after the other, and the texts of one are nothing like another's: the
    first 1,000 of CDTN are three times as long as all (benchmarks/results/distributed.md). Says
    every while that it is `at_work`. Algorithm R (Vitter 1985).
    """
    if any(isinstance(each, Iterator) for each in sources):
        return
    chance = random.Random(size)  # noqa: S311 - no secret
    drawn: list[Document] = []
    for place, document in enumerate(chain.from_iterable(sources)):
        if place % _BATCH == 0:
            at_work()
        if place < size:
            drawn.append(document)
        elif (taken := chance.randrange(place + 1)) < size:
            drawn[taken] = document
    yield from drawn


class _WordCounts:
    """Counts of words, in memory up to a bound and in a temporary file of SQLite's beyond.

    Counts that were added to in the cluster, by a script, took 3 ms a word.
    """

    def __init__(self) -> None:
        self._held: Counter[CountedWord] = Counter()
        self._file = sqlite3.connect("")  # a file of no name, gone when it is closed
        self._file.execute(
            "CREATE TABLE counts (kind TEXT, text TEXT, n INTEGER, PRIMARY KEY (kind, text))"
            " WITHOUT ROWID"
        )

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def add(self, words: Iterable[CountedWord], *, sign: int = 1) -> None:
        """Count one text more (or with -1 one less) for each word."""
        for word in words:
            self._held[word] += sign
        if len(self._held) > _MOST_COUNTED:
            self._spill()

    def list(self) -> Iterator[tuple[CountedWord, int]]:
        """List each word that some text has, and how many have it."""
        self._spill()
        rows = self._file.execute("SELECT kind, text, n FROM counts WHERE n > 0")
        return ((CountedWord(kind, text), count) for kind, text, count in rows)

    def _spill(self) -> None:
        rows = [(*word, count) for word, count in self._held.items()]
        self._held.clear()
        try:
            self._file.executemany(
                "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                rows,
            )
        except sqlite3.Error as error:  # a full disk
            hint = message("hint.room-for-temporary")
            raise SearchIndexError(
                message("error.cluster.words-uncounted", error=str(error)), hint=hint
            ) from error


class Lease:
    """The right to write the indexes of a prefix, held by one writer at a time.

    It is a document that names its holder, changed only by who read it last; one that was not
    renewed for ten minutes may be taken.
    """

    def __init__(self, cluster: Cluster) -> None:
        """Name the lock of a cluster; it is not taken yet."""
        self._cluster = cluster
        self._index = f"{cluster.options.prefix}-lock"
        self._token = ""

    def take(self) -> None:
        """Take it. Raises LockedError when somebody else has it."""
        if not self._cluster.describe(self._index):
            # As many copies as there are nodes for: it says who writes, and is one document.
            self._cluster.create(self._index, {"settings": {"auto_expand_replicas": "0-1"}})
        held = self._cluster.read(self._index, "writer")
        told = held["_source"] if held is not None else None
        if told is not None and told["until"] > now_s() and not _is_gone(told):
            raise self._locked(_name_holder(told))
        self._token = uuid.uuid4().hex
        if not self._cluster.put(self._index, "writer", self._describe(), over=held):
            raise self._locked("somebody else")

    def renew(self) -> None:
        """Say that we are at it still. Raises LockedError when somebody took it meanwhile."""
        held = self._cluster.read(self._index, "writer")
        if held is None or held["_source"]["token"] != self._token:
            raise self._locked("somebody else")
        if held["_source"]["until"] > now_s() + _LEASE_S / 2:
            return
        if not self._cluster.put(self._index, "writer", self._describe(), over=held):
            raise self._locked("somebody else")

    def give_back(self) -> None:
        """Let others write."""
        held = self._cluster.read(self._index, "writer") if self._token else None
        if held is not None and held["_source"]["token"] == self._token:
            self._cluster.remove(self._index, "writer", over=held)
        self._token = ""

    def _describe(self) -> Json:
        until = now_s() + _LEASE_S
        host, process = socket.gethostname(), os.getpid()
        return {"token": self._token, "host": host, "process": process, "until": until}

    def _locked(self, holder: str) -> LockedError:
        hint = message("hint.wait-for-writer")
        where = f"{self._cluster.options.where} {self._index}"
        return LockedError(message("error.cluster.writer", holder=holder), where=where, hint=hint)


def _name_holder(held: Json) -> str:
    return f"{held['host']}, process {held['process']}"


def _is_gone(held: Json) -> bool:
    """Whether a holder was a process of this machine that is no more."""
    if held["host"] != socket.gethostname():
        return False
    try:
        os.kill(held["process"], 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # another user's
    return False


def create_indexes(cluster: Cluster, *, is_empty: bool = False) -> tuple[str, str]:
    """Make an index of texts that answers nobody yet, and that of its words; gives their names.

    One that is to stay empty is finished; the first change of it builds another in its place.
    """
    options, fingerprint = cluster.options, make_fingerprint()
    numbers = [
        int(index.name.rpartition("-")[2])
        for index in cluster.describe(f"{options.prefix}-texts-*")
        if index.name.rpartition("-")[2].isdecimal()
    ]
    number = max(numbers, default=0) + 1
    texts = f"{options.prefix}-texts-{fingerprint}-{number}"
    words = f"{options.prefix}-words-{fingerprint}-{number}"
    meta: Json = {"fingerprint": fingerprint, "words": words}
    if is_empty:
        meta |= {"state": 1, "number": 0, "usual": Usual.of([]).render()}
    size = {"shards": options.shards, "replicas": options.replicas}
    cluster.drop(words)  # of a build that died between the two
    cluster.create(words, describe_words(**size))
    cluster.create(texts, describe_texts(**size, meta=meta))
    return texts, words


def drop_past(cluster: Cluster, *, keeps_one: bool) -> list[str]:
    """Remove the indexes that do not answer; gives their names.

    With `keeps_one` the one before what answers stays: some reader may be at it still.
    """
    options = cluster.options
    answering = {index.name for index in cluster.describe(name_texts(options.prefix))}
    past = sorted(
        (index for index in cluster.describe(f"{options.prefix}-texts-*-*")
         if index.name not in answering),
        key=lambda index: int(index.name.rpartition("-")[2]),
    )  # fmt: skip
    if keeps_one and past:
        past.pop()
    dropped = [name for index in past for name in (index.name, index.meta.get("words")) if name]
    cluster.drop(*dropped)
    return dropped


def raise_refused(refused: Iterable[Refused], where: str) -> None:
    """Raise SearchIndexError that tells each document that was refused, if any was."""
    each = list(refused)
    if not each:
        return
    told = [f"  {one.id}: {one.reason} ({one.status})" for one in each[:_MOST_TOLD]]
    left = len(each) - _MOST_TOLD
    what = message(
        "error.cluster.refused",
        count=len(each),
        told="\n".join(told),
        more=message("error.cluster.refused-more", count=left) if left > 0 else NOTHING,
    )
    raise SearchIndexError(what, where=where, hint=message("hint.nothing-shown"))


def check_changed(index: IndexState, where: str) -> None:
    """Raise DamagedIndexError where a change of an index was broken off."""
    if index.meta.get("is_changing"):
        raise DamagedIndexError(
            message("error.cluster.broken-off"),
            where=f"{where} {index.name}",
            hint=message("hint.next-index"),
        )
