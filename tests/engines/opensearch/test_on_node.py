"""What only a real node can show; without one, one test says that it and the contract wait."""

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.cli.engine import check_cluster
from indexer.engines import (
    describe_cluster,
    find_indexed,
    has_index,
    open_searcher,
    open_writer,
    read_outlines,
)
from indexer.engines.opensearch import admin
from indexer.engines.opensearch.client import Cluster, ClusterOptions
from indexer.engines.opensearch.writer import Lease, OpenSearchWriter
from indexer.engines.planning.plan import MatchAll
from indexer.engines.protocol import Question, Sort
from indexer.errors import (
    DamagedIndexError,
    LockedError,
    MissingIndexError,
    SearchIndexError,
    StaleIndexError,
    say_for_logs,
)
from indexer.index.fields import ALL_EXACT
from indexer.outline_file import OutlinesFolder
from testbed.cluster import FOLDER
from tests.engines.contract.engines import ENGINES, NODE, OnCluster
from tests.engines.opensearch.test_client import Server, make_lock, serving
from tests.engines.shelf import found, text

pytestmark = pytest.mark.skipif(
    not NODE,
    reason="no node of OpenSearch: neither this nor the contract ran on one (`make test-cluster`)",
)

SHELF = (
    text("lab", "Un fab lab", "Le jardin partagé du quartier.", issued="2015-03-10"),
    text("ville", "La ville", "Un jardin, des jardins partagés, un marché.", issued="2016"),
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[OnCluster]:
    """An index of two texts, built twice: the first one does not answer any more."""
    made = OnCluster(tmp_path)
    made.build(SHELF)
    made.build(SHELF)
    yield made
    made.close()


def list_names(options: ClusterOptions, *, answering: bool) -> list[str]:
    """The names of the indexes of texts that answer, or that do not."""
    indexes = admin.read_status(options).indexes
    return [each.name for each in indexes if each.is_answering is answering]


def test_the_contract_is_run_on_a_node() -> None:
    assert {"opensearch", "three shards"} <= ENGINES.keys()


def test_an_index_that_answered_before_can_answer_again(index: OnCluster) -> None:
    (before,) = list_names(index.options, answering=False)
    (after,) = list_names(index.options, answering=True)
    searcher = index.open()
    generation = searcher.generation
    admin.swap(index.options, before)
    assert list_names(index.options, answering=True) == [before]
    assert searcher.generation != generation
    assert found(searcher, "jardin")
    with pytest.raises(SearchIndexError, match="answers"):
        admin.drop(index.options, before)
    dropped = admin.drop(index.options)
    assert after in dropped
    assert len(dropped) == 2  # with its words
    with pytest.raises(MissingIndexError, match="no such index"):
        admin.swap(index.options, after)


def test_an_index_is_made_empty_and_filled(tmp_path: Path) -> None:
    made = OnCluster(tmp_path)
    name = admin.create(made.options)
    assert found(made.open(), "jardin") == []
    with pytest.raises(SearchIndexError, match="one already"):
        admin.create(made.options)
    made.update(SHELF)
    assert sorted(found(made.open(), "jardin")) == ["lab", "ville"]
    assert list_names(made.options, answering=False) == [name]
    made.close()


def test_an_index_of_another_version_is_refused_with_a_hint_and_its_texts_are_read(
    index: OnCluster,
) -> None:
    cluster = Cluster(index.options)
    (state,) = cluster.describe(list_names(index.options, answering=True)[0])
    cluster.mark(state.name, {**state.meta, "fingerprint": "of-before"})
    with pytest.raises(StaleIndexError, match="--rebuild"):
        index.open()
    with pytest.raises(StaleIndexError):
        admin.open_index(index.options)
    assert [each.id for each in admin.read_outlines(index.options)] == ["lab", "ville"]
    cluster.close()


def test_a_change_that_was_broken_off_is_not_shown_and_has_the_index_built_anew(
    index: OnCluster,
) -> None:
    def break_off() -> Iterator[object]:
        yield text("neuf", "Un jardin neuf")
        raise KeyboardInterrupt

    writer = index.open_writer()
    writer.begin(is_anew=True)
    writer.put(break_off())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        writer.finish()
    assert sorted(found(index.open(), "jardin")) == ["lab", "ville"]
    assert len(admin.read_status(index.options).indexes) == 2
    odd = text("odd", "x", issued="y" * 40_000)  # a value that OpenSearch does not take
    with pytest.raises(SearchIndexError, match="odd"):
        index.update([odd, text("neuf", "Un jardin neuf")])
    assert sorted(found(index.open(), "jardin")) == ["lab", "ville"]
    with pytest.raises(DamagedIndexError, match="broken off"):
        index.open_writer().begin(is_anew=False)
    assert [str(say_for_logs(each.what)) for each in admin.check(index.options).damages]
    index.build(SHELF)
    index.open_writer().check()


def test_one_writer_at_a_time(index: OnCluster) -> None:
    first = index.open_writer()
    first.begin(is_anew=False)
    with pytest.raises(LockedError, match="process"):
        index.open_writer().begin(is_anew=False)
    first.abandon()
    index.update([text("neuf", "Un jardin neuf")])
    cluster = Cluster(index.options)
    lease = Lease(cluster)
    lease.take()
    with pytest.raises(LockedError):
        Lease(cluster).take()
    lease.give_back()
    cluster.close()


def test_a_writer_that_was_killed_keeps_nobody_out(index: OnCluster) -> None:
    code = (
        "import os, sys; from indexer.engines.opensearch.client import ClusterOptions;"
        "from indexer.engines.opensearch.writer import OpenSearchWriter;"
        "options = ClusterOptions(hosts=(sys.argv[1],), prefix=sys.argv[2]);"
        "OpenSearchWriter(options).begin(is_anew=True); os._exit(9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, NODE, index.options.prefix], check=False)
    assert killed.returncode == 9
    index.update([text("neuf", "Un jardin neuf")])
    assert len(found(index.open(), "jardin")) == 3


def test_a_window_past_ten_thousand_texts_is_given(index: OnCluster) -> None:
    count = 10_020
    shelf = [text(f"t{number:05d}", "jardin") for number in range(count)]
    # Of two with an id the last counts, however far apart, and its words once.
    assert index.build([text("t00000", "un marché"), *shelf]) == count
    engine = index.acquire()
    assert list(engine.lexicon.list_starting([(ALL_EXACT, "")])) == [[("jardin", count)]]
    for sort in (Sort.INDEXED, Sort.RELEVANCE):
        question = Question(plan=MatchAll(), first=count - 3, limit=10, sort=sort)
        answer = engine.find(question)
        assert [key for key, _ in answer.best] == ["t10017", "t10018", "t10019"]
        assert answer.total == count


def test_every_text_is_verified(index: OnCluster) -> None:
    checked = admin.check(index.options)
    assert (checked.texts_verified, checked.damages) == (2, ())
    cluster = Cluster(index.options)
    (name,) = list_names(index.options, answering=True)
    source = cluster.read(name, "lab")
    assert source is not None
    spoilt = {**source["_source"], "outline": source["_source"]["outline"].replace("lab", "bal")}
    assert not list(cluster.write(name, [{"_id": "lab", "_source": spoilt}]))
    cluster.refresh(name)
    # What it would be listed by is gone as well.
    assert [say_for_logs(each.what) for each in admin.check(index.options).damages] == [
        "of 2 texts 1 can be listed"
    ]
    spoilt |= {"number": 1}
    assert not list(cluster.write(name, [{"_id": "lab", "_source": spoilt}]))
    cluster.refresh(name)
    (damage,) = admin.check(index.options).damages
    assert "lab" in say_for_logs(damage.what)
    cluster.close()


def test_other_rooms_ask_of_a_cluster_what_they_ask_of_a_folder(index: OnCluster) -> None:
    place = {"hosts": (NODE,), "prefix": index.options.prefix}
    assert has_index(place)
    assert find_indexed(place, {"lab", "nobody"}) == {"lab"}
    assert [each.id for each in read_outlines(place)] == ["lab", "ville"]
    searcher = open_searcher(place)
    assert found(searcher, "marché") == ["ville"]
    searcher.close()
    none = place | {"prefix": "nobody"}
    assert not has_index(none)
    assert find_indexed(none, {"lab"}) == frozenset()
    assert describe_cluster(none).prefix == "nobody"
    with pytest.raises(MissingIndexError, match="renvois index"):
        OpenSearchWriter(describe_cluster(none)).check()


@pytest.fixture
def renvois(tmp_path: Path, index: OnCluster) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """The command, on a corpus of its own whose index is on the node."""
    notes = tmp_path / "corpus" / "bibliography"
    notes.mkdir(parents=True)
    (notes / "liens.md").write_text("# Ville\n\n[Un jardin](http://a.test/) : partagé.\n", "utf-8")
    settings = tmp_path / "renvois.toml"
    settings.write_text(
        f'corpus = "{tmp_path / "corpus"}"\n[engine]\nname = "opensearch"\nhosts = ["{NODE}"]\n'
        f'prefix = "{index.options.prefix}"\n',
        "utf-8",
    )

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "indexer", "--config", str(settings), *words]
        # `make` names its own corpus to what it starts.
        kept = {name: each for name, each in os.environ.items() if not name.startswith("RENVOIS_")}
        return subprocess.run(command, env=kept, capture_output=True, text=True, check=False)

    return run


def test_the_commands_work_with_a_cluster(
    renvois: Callable[..., "subprocess.CompletedProcess[str]"],
) -> None:
    done = renvois("index", "--rebuild", "--json")
    assert done.returncode == 0, done.stderr
    hits = [json.loads(line) for line in renvois("search", "jardin", "--json").stdout.splitlines()]
    assert [hit["title"] for hit in hits] == ["Un jardin"]
    told = json.loads(renvois("engine", "status", "--json").stdout)
    assert [each["is_answering"] for each in told["indexes"]] == [False, True]
    assert renvois("engine", "check").returncode == 0
    assert renvois("index", "--check").returncode == 0
    assert renvois("engine", "swap", told["indexes"][0]["name"]).returncode == 0
    assert renvois("engine", "drop", "--yes").returncode == 0
    again = renvois("index", "--json")
    assert json.loads(again.stdout)["deleted"] == 2


def test_a_node_behind_encryption_and_a_password_is_written_and_asked(
    index: OnCluster, papers: dict[str, Path]
) -> None:
    with serving(Server(node=NODE, allowed="ada:hush", lock=make_lock(papers))) as proxy:
        place = {
            "hosts": (proxy.address,), "prefix": index.options.prefix, "ca_file": papers["ca"],
            "user": "ada", "password": "hush",
        }  # fmt: skip
        writer = open_writer(place)
        writer.begin(is_anew=False)
        writer.put([text("neuf", "Un jardin neuf")])
        assert writer.finish() == 3
        searcher = open_searcher(place)
        assert sorted(found(searcher, "jardin")) == ["lab", "neuf", "ville"]
        searcher.close()
        with pytest.raises(SearchIndexError, match="lets us not in"):
            open_searcher(place | {"password": "mistaken"})


def test_a_check_reads_the_outlines_too(
    index: OnCluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outlines = OutlinesFolder(tmp_path / "outlines")
    searcher = index.open()
    path = outlines.prepare(lambda: searcher.documents_state, searcher.outlines)
    assert path is not None
    assert not check_cluster(index.options, outlines, as_json=False)
    path.write_bytes(path.read_bytes()[:-1])
    assert check_cluster(index.options, outlines, as_json=False)
    assert "`renvois index`" in capsys.readouterr().err


def test_a_snapshot_is_restored_with_what_answers(index: OnCluster, tmp_path: Path) -> None:
    """As docs/scale.md says it: a repository, a snapshot of the prefix, all restored."""
    prefix, name = index.options.prefix, f"s{uuid.uuid4().hex[:8]}"

    def ask(method: str, path: str, body: object = None) -> dict[str, object]:
        request = urllib.request.Request(
            f"{NODE}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            return dict(json.load(answer))

    place = FOLDER / "repository"
    ask("PUT", "/_snapshot/sauvegardes", {"type": "fs", "settings": {"location": str(place)}})
    only_ours = {"indices": f"{prefix}-*", "include_global_state": False}
    made = ask("PUT", f"/_snapshot/sauvegardes/{name}?wait_for_completion=true", only_ours)
    assert made["snapshot"]["state"] == "SUCCESS"  # type: ignore[index]
    before = [hit.id for hit in index.open().search("jardin").hits]
    generation = index.open().generation
    index.update([text("autre", "Un autre jardin")])
    admin.drop(index.options)
    cluster = Cluster(index.options)
    cluster.drop(*(each.name for each in cluster.describe(f"{prefix}-*")))
    cluster.close()
    with pytest.raises(MissingIndexError):
        index.open().search("jardin")
    restored = ask(
        "POST", f"/_snapshot/sauvegardes/{name}/_restore?wait_for_completion=true", only_ours
    )
    assert restored["snapshot"]["shards"]["failed"] == 0  # type: ignore[index]
    searcher = index.open()
    assert [hit.id for hit in searcher.search("jardin").hits] == before
    assert searcher.generation == generation
    assert not admin.check(index.options).damages
    index.update([text("autre", "Un autre jardin")])  # it can be written on
    assert "autre" in found(index.open(), "jardin")
    ask("DELETE", f"/_snapshot/sauvegardes/{name}")
