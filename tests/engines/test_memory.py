"""What is held while an index is read or written stays within its bound, whatever the texts."""

import gc
import subprocess
import sys
import textwrap
import weakref
from collections.abc import Iterable, Iterator

import pytest

from indexer.engines.embedded.building import EmbeddedWriter, build_index, read_indexed
from indexer.engines.embedded.inversion import TokenTable
from indexer.engines.planning.lexicon import OVERHEAD, Memory
from indexer.index import fingerprint
from indexer.index.changes import compare_ids
from indexer.model import Document, DocumentKind, Paragraph

MOST = 20 * OVERHEAD


@pytest.mark.parametrize("size", [0, OVERHEAD, MOST])
def test_what_is_kept_stays_within_the_bound(size):
    memory = Memory(MOST)
    for key in range(300):
        memory.keep(key, key, size)
    held = [key for key in range(300) if memory.find(key) is not None]

    # The last one is always there; as many as fit are, of those before.
    assert held[-1] == 299
    assert len(held) <= MOST // (size + OVERHEAD) + 2


def test_what_is_asked_for_is_kept_longer_than_what_is_not():
    memory = Memory(MOST)
    memory.keep("asked", 1)
    memory.keep("not", 2)
    for key in range(100):
        memory.keep(key, key)
        assert memory.find("asked") == 1

    assert memory.find("not") is None


class Watched(str):
    """A text of which one can say whether it is held still."""


def test_a_comparison_and_an_update_hold_one_text_at_a_time(tmp_path):
    held: list[weakref.ref[Watched]] = []
    most = 0

    def make(count, words):
        nonlocal most
        for number in range(count):
            watched = Watched(f"{words} {number} " * 50)
            held.append(weakref.ref(watched))
            paragraphs = (Paragraph(text=watched),)
            del watched
            yield Document(
                id=f"t{number}", kind=DocumentKind.TEXT, title="Un titre", paragraphs=paragraphs
            )
            del paragraphs
            most = max(most, sum(each() is not None for each in held))

    build_index(tmp_path, make(10, "jardin"))
    most = 0  # a build holds what the dictionary of texts is trained on
    changed = compare_ids(read_indexed(tmp_path), tell(make(20, "ville")))
    writer = EmbeddedWriter(tmp_path)
    writer.begin(is_anew=False)
    writer.put(each for each in make(20, "ville") if each.id in changed.added | changed.updated)
    count = writer.finish(changed.order)

    assert (count, len(changed.added), len(changed.updated)) == (20, 10, 10)
    assert most <= 2  # the one that is made while the one before is let go
    assert compare_ids(read_indexed(tmp_path), tell(make(20, "ville"))).unchanged == 20


def tell(documents: Iterable[Document]) -> Iterator[tuple[str, str]]:
    return ((document.id, fingerprint(document)) for document in documents)


def test_no_table_of_words_outlives_its_run(tmp_path):
    """Python frees what knows itself by way of others when it likes to: twelve megabytes a run."""
    words = [f"mot{number}" for number in range(40)]
    documents = [
        Document(
            id=f"t{number}",
            kind=DocumentKind.TEXT,
            title="Un titre",
            paragraphs=(Paragraph(text=" ".join(words)),),
        )
        for number in range(6)
    ]
    gc.collect()
    gc.disable()
    try:
        build_index(tmp_path, documents, memory_mb=0)  # a run a text
        held = sum(isinstance(each, TokenTable) for each in gc.get_objects())
    finally:
        gc.enable()

    assert held <= 1  # that of the writer, which Whoosh's own circles keep


BUILDS = """
    import random
    import resource
    import sys
    from pathlib import Path

    from indexer.engines.embedded.building import build_index
    from indexer.model import Document, DocumentKind, Paragraph

    folder, texts, own, memory_mb, limit_mb = sys.argv[1], *map(int, sys.argv[2:])

    def make(number):
        chance = random.Random(number)
        words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=8)) for _ in range(own)]
        shared = ["jardin", "ville", "de", "la", "maison", "arbre", "route", "pain"] * 10
        return Document(
            id=f"t{number}",
            kind=DocumentKind.TEXT,
            title="Un titre",
            paragraphs=tuple(
                Paragraph(text=" ".join((*shared, *words[first : first + 20])))
                for first in range(0, own, 20)
            ),
        )

    build_index(Path(folder, "warm"), [make(0)])
    status = Path("/proc/self/status").read_text()
    held_kib = int(status.split("VmData:")[1].split()[0])
    limit = (held_kib + limit_mb * 1024) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    print(build_index(Path(folder, "index"), map(make, range(texts)), memory_mb=memory_mb))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize(
    ("texts", "own_words", "memory_mb", "limit_mb"),
    [
        pytest.param(16, 2_500, 1, 32, marks=pytest.mark.slow, id="little"),
        pytest.param(8, 50_000, 48, 150, marks=pytest.mark.campaign, id="as it is"),
    ],
)
def test_an_index_of_long_texts_with_words_of_their_own_is_built_in_little_memory(
    tmp_path, texts, own_words, memory_mb, limit_mb
):
    """RLIMIT_DATA (proc(5), VmData) counts what is allocated, mapped files aside."""
    given = (tmp_path, texts, own_words, memory_mb, limit_mb)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(BUILDS), *map(str, given)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [str(texts)]
