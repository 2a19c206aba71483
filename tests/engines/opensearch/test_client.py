"""Whatever the library raises is an error of ours, told with the place and what to do.

The servers here are small ones of our own, on loopback: they answer what a cluster may answer.
"""

import inspect
import json
import socket
import ssl
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import opensearchpy.exceptions
import pytest

from indexer.engines.opensearch.client import Cluster, ClusterOptions, StateGoneError
from indexer.engines.opensearch.writer import raise_refused
from indexer.errors import SearchIndexError, say_for_logs

_ERRORS = [
    each
    for _, each in inspect.getmembers(opensearchpy.exceptions, inspect.isclass)
    if issubclass(each, Exception) and not issubclass(each, Warning)
]


class Server(ThreadingHTTPServer):
    """Answers each request with the next of some answers, the last one again and again."""

    daemon_threads = True

    def __init__(
        self, *answers: tuple[int, object], node: str = "", allowed: str = "", lock: object = None
    ) -> None:
        """`node` is a real one to pass requests on to, `allowed` the user and password that may
        ask, `lock` what encrypts."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.node, self.allowed, self.lock = node, allowed, lock
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []  # the path, what was sent

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        if isinstance(self.lock, ssl.SSLContext):
            connection = self.lock.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def answer(self, method: str, path: str, sent: str, told: str) -> tuple[int, object]:
        """Answer one request; `told` is what it says of who asks."""
        expected = b64encode(self.allowed.encode()).decode()
        if self.allowed and told != f"Basic {expected}":
            return 401, {"error": {"reason": "Unauthorized"}}
        if not self.node:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        asked = urllib.request.Request(
            f"{self.node}{path}",
            data=sent.encode() or None,
            method=method,
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    @property
    def address(self) -> str:
        return f"http{'s' if self.lock else ''}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who does not trust us leaves in the middle."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.append((self.path, sent))
        who = self.headers.get("Authorization", "")
        status, told = self.server.answer(self.command, self.path, sent, who)
        body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 as the library names them

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    """A server that answers."""
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def asking(*answers: tuple[int, object]) -> Iterator[tuple[Cluster, Server]]:
    """A cluster that is a server of ours."""
    with serving(Server(*answers)) as server:
        cluster = Cluster(ClusterOptions(hosts=(server.address,)))
        yield cluster, server
        cluster.close()


@pytest.mark.parametrize("error", _ERRORS, ids=lambda each: each.__name__)
def test_every_exception_of_the_library_becomes_ours(error: type[Exception]) -> None:
    cluster = Cluster(ClusterOptions(hosts=("http://127.0.0.1:1",)))
    raised = error("a", "b", {"error": {"reason": "c"}})
    with pytest.raises(SearchIndexError) as told, cluster._told():
        raise raised
    assert told.value.__cause__ is raised
    assert str(told.value.where) == "http://127.0.0.1:1"
    assert told.value.hint
    cluster.close()


@pytest.mark.parametrize(
    ("status", "told", "words"),
    [
        (401, "", "lets us not in"),
        (403, {"error": {"reason": "no permissions"}}, "lets us not in"),
        (400, {"error": {"type": "x", "reason": "unknown field"}, "status": 400}, "unknown field"),
        (500, "<html>a proxy</html>", "refuses"),
        (503, {"error": {"reason": "all shards failed"}}, "all shards failed"),
        (200, "{not json", "can't be asked"),
    ],
)
def test_what_a_cluster_refuses_is_told_with_a_hint(status: int, told: object, words: str) -> None:
    with asking((status, told)) as (cluster, _), pytest.raises(SearchIndexError) as error:
        cluster.search({"query": {"match_all": {}}}, index="a")
    assert words in str(error.value)
    assert error.value.hint


def test_nobody_there_is_told_without_the_password() -> None:
    options = ClusterOptions(hosts=("http://ada:secret@127.0.0.1:1",), user="ada", password="hush")
    cluster = Cluster(options)
    with pytest.raises(SearchIndexError, match="does not answer") as told:
        cluster.read_health()
    assert "127.0.0.1:1" in str(told.value)
    for secret in ("secret", "hush"):
        assert secret not in f"{told.value}{options!r}".replace(options.hosts[0], "")
    cluster.close()


def test_a_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    options = ClusterOptions(hosts=("https://127.0.0.1:1",), ca_file=tmp_path / "none.pem")
    with pytest.raises(SearchIndexError, match="no such file"):
        Cluster(options)


def test_a_state_that_was_let_go_is_told_from_what_is_wrong() -> None:
    gone = {"error": {"root_cause": [{"type": "search_context_missing_exception", "reason": "No"}]}}
    with asking((404, gone)) as (cluster, _), pytest.raises(StateGoneError):
        cluster.search({"pit": {"id": "x"}})


def _taken(key: str, status: int = 201) -> dict[str, object]:
    refused = {"error": {"reason": f"{key} is odd"}} if status > 299 else {}
    return {"index": {"_id": key, "status": status, **refused}}


def test_a_refused_document_is_told_and_the_others_are_written() -> None:
    answer = {"errors": True, "items": [_taken("a"), _taken("b", 400), _taken("c")]}
    rows = [{"_id": key, "_source": {}} for key in "abc"]
    with asking((200, answer)) as (cluster, _):
        refused = list(cluster.write("i", rows))
    assert [(each.id, each.status, each.reason) for each in refused] == [("b", 400, "b is odd")]
    with pytest.raises(SearchIndexError, match="b: b is odd"):
        raise_refused(refused, "i")


def test_what_a_busy_cluster_did_not_take_is_sent_again_alone() -> None:
    first = {"errors": True, "items": [_taken("a"), _taken("b", 429)]}
    again = {"errors": False, "items": [_taken("b")]}
    rows = [{"_id": key, "_source": {"t": key}} for key in "ab"]
    with asking((200, first), (200, again)) as (cluster, server):
        assert list(cluster.write("i", rows)) == []
    assert [sent.count('"_id"') for _, sent in server.asked] == [2, 1]
    assert '"b"' in server.asked[1][1]


def test_what_timed_out_is_not_sent_twice() -> None:
    """It may have been carried out: who made the index is asked, not told that it is there."""
    with (
        asking((504, {"error": {"reason": "timed out"}})) as (cluster, server),
        pytest.raises(SearchIndexError, match="timed out"),
    ):
        cluster.create("i", {})
    assert len(server.asked) == 1


# --- encrypted, and by name


def make_lock(papers: dict[str, Path], *, asks_for_certificate: bool = False) -> ssl.SSLContext:
    lock = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    lock.load_cert_chain(papers["chain"])
    if asks_for_certificate:
        lock.load_verify_locations(papers["ca"])
        lock.verify_mode = ssl.CERT_REQUIRED
    return lock


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ca_file": "ca", "user": "ada", "password": "hush"}, ""),
        ({"ca_file": "ca", "user": "ada", "password": "mistaken"}, "lets us not in"),
        ({"ca_file": "ca"}, "lets us not in"),
        ({"ca_file": "other", "user": "ada", "password": "hush"}, "certificate .* is not trusted"),
        ({"user": "ada", "password": "hush"}, "certificate .* is not trusted"),
    ],
)
def test_who_may_is_let_in_and_only_a_trusted_cluster_is_asked(
    papers: dict[str, Path], options: dict[str, str], words: str
) -> None:
    told = {key: papers[held] if key == "ca_file" else held for key, held in options.items()}
    lock = make_lock(papers)
    with serving(Server((200, {"status": "green"}), allowed="ada:hush", lock=lock)) as server:
        cluster = Cluster(ClusterOptions(hosts=(server.address,), **told))  # type: ignore[arg-type]
        if not words:
            assert cluster.read_health() == {"status": "green"}
        else:
            with pytest.raises(SearchIndexError, match=words) as refusal:
                cluster.read_health()
            assert "hush" not in str(refusal.value)
            assert "[engine]" in say_for_logs(refusal.value.hint)
        cluster.close()
        if "trusted" in words:
            assert server.asked == []  # nobody was told the password


@pytest.mark.parametrize("has_certificate", [True, False])
def test_a_certificate_of_ours_lets_us_in(papers: dict[str, Path], has_certificate: bool) -> None:
    lock = make_lock(papers, asks_for_certificate=True)
    ours = {"certificate": papers["certificate"], "key": papers["key"]} if has_certificate else {}
    with serving(Server((200, {"status": "green"}), lock=lock)) as server:
        cluster = Cluster(ClusterOptions(hosts=(server.address,), ca_file=papers["ca"], **ours))
        if has_certificate:
            assert cluster.read_health() == {"status": "green"}
        else:
            with pytest.raises(SearchIndexError):
                cluster.read_health()
        cluster.close()
