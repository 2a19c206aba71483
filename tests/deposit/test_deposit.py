"""Archives are asked to keep what is cited, once; stand-ins behind a proxy of loopback.

The proxy answers for any host, so that cited pages and services have public names.
"""

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from indexer.deposit import Deposit, DepositState, count_tries, is_due, parse_service
from tests.command import run_command
from tests.serving import running
from tests.withdrawals.corpus import BIBLIOGRAPHY, PAGES, URL

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SAVE = "http://depot.test/save/{url}"
ADD = "http://autre.test/add?url={url}"
HERE = {page.url: page.payload for page in PAGES}
CITED = sorted(HERE)


class Web:
    """What a proxy answers for: the cited pages, and services that keep what they are asked to."""

    def __init__(self):
        self.asked = []  # what services were asked: (address, headers)
        self.kept = set()  # of which the archive has a memento already
        self.answers = {}  # by the beginning of an address: status, headers, body

    def answer(self, url, headers):
        for start, told in sorted(self.answers.items(), reverse=True):
            if url.startswith(start):
                self.asked.append((url, headers))
                return told
        if url.startswith("http://depot.test/web/timemap/link/"):
            original = url.removeprefix("http://depot.test/web/timemap/link/")
            memento = f'<http://depot.test/web/20200101000000/{original}>; rel="memento"; '
            line = memento + 'datetime="Wed, 01 Jan 2020 00:00:00 GMT"'
            is_kept = original in self.kept
            return (200, {}, line.encode()) if is_kept else (404, {}, b"")
        if url.startswith(("http://depot.test/save", "http://autre.test/add")):
            self.asked.append((url, headers))
            return 200, {"Content-Type": "text/html"}, b"<p>Merci.</p>"
        if url in HERE:
            return 200, {"Content-Type": "text/html"}, HERE[url]
        return 404, {}, b""

    def services_asked(self):
        return Counter(url for url, _ in self.asked)


@contextmanager
def serving(web):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = web.answer(self.path, dict(self.headers))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    with running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as address:
        yield address


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """A corpus whose pages were visited."""
    folder = tmp_path_factory.mktemp("deposit")
    (folder / "bibliography").mkdir()
    (folder / "bibliography" / "biblio.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    with serving(Web()) as proxy:
        done = run_command(folder, "crawl", proxy=proxy, environ=environ())
    assert done.returncode == 0, done.stderr
    return folder


def environ(*services, **more):
    archives = "http://depot.test/web/"
    return {
        "RENVOIS_DELAY_S": "0",
        "RENVOIS_DEPOSIT_TO": " ".join(services),
        "RENVOIS_ARCHIVES": archives,
        **more,
    }


@pytest.fixture
def deposit(crawled):
    """Run the command against a web; gives what it told, by URL."""
    (crawled / "watch.sqlite").unlink(missing_ok=True)

    def run(web, *services, code=0, **more):
        with serving(web) as proxy:
            done = run_command(
                crawled, "archive", "deposit", "--json", proxy=proxy,
                environ=environ(*services, **more),
            )  # fmt: skip
        assert done.returncode == code, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


def states(told):
    return Counter(each["state"] for each in told)


def test_nothing_is_asked_of_anybody_as_long_as_no_service_is_set(deposit):
    web = Web()

    assert deposit(web, code=2) == []
    assert web.asked == []


def test_each_page_is_asked_for_once_and_never_again(deposit):
    web = Web()

    assert states(deposit(web, SAVE)) == {"taken": len(CITED)}
    assert web.services_asked() == {SAVE.replace("{url}", url): 1 for url in CITED}
    assert deposit(web, SAVE) == []
    assert len(web.asked) == len(CITED)


def test_what_the_archive_has_is_not_asked_for(deposit, crawled):
    web = Web()
    web.kept.add(CITED[0])
    told = deposit(web, SAVE)
    counted = json.loads(run_command(crawled, "status", "--json").stdout)["deposits"]
    assert counted == {"held": 1, "taken": len(CITED) - 1, "pending": 0, "refused": 0}

    assert states(told) == {"held": 1, "taken": len(CITED) - 1}
    assert SAVE.replace("{url}", CITED[0]) not in web.services_asked()
    [held] = [each for each in told if each["state"] == "held"]
    assert held["memento"] == f"http://depot.test/web/20200101000000/{CITED[0]}"


def test_an_address_in_a_query_is_escaped(deposit):
    web = Web()
    deposit(web, ADD)

    assert (
        "http://autre.test/add?url=http%3A%2F%2Fwww.retrait.test%2FArticles%2FMyst%25C3%25A8re%2F"
        "%3Fb%3D2" in web.services_asked()
    )


def test_save_page_now_is_asked_how_its_jobs_went(deposit):
    web = Web()
    json_type = {"Content-Type": "application/json"}
    web.answers["http://depot.test/save/http"] = (200, json_type, b'{"job_id": "spn2-1"}')
    assert states(deposit(web, SAVE)) == {"pending": len(CITED)}

    going = b'{"status": "pending", "job_id": "spn2-1"}'
    web.answers["http://depot.test/save/status/"] = (200, json_type, going)
    assert states(deposit(web, SAVE)) == {"pending": len(CITED)}

    done = b'{"status": "success", "timestamp": "20260301120000", "original_url": "http://a.test/"}'
    web.answers["http://depot.test/save/status/"] = (200, json_type, done)
    told = deposit(web, SAVE)
    assert states(told) == {"taken": len(CITED)}
    assert {each["memento"] for each in told} == {
        "http://depot.test/web/20260301120000/http://a.test/"
    }
    assert deposit(web, SAVE) == []
    asked = web.services_asked()
    assert asked["http://depot.test/save/status/spn2-1"] == 2 * len(CITED)
    assert all(asked[SAVE.replace("{url}", url)] == 1 for url in CITED)


def test_a_job_that_failed_is_refused_with_its_reason(deposit):
    web = Web()
    failed = b'{"status": "error", "message": "The site is down."}'
    web.answers["http://depot.test/save/"] = (200, {"Content-Type": "application/json"}, failed)
    told = deposit(web, SAVE)

    assert states(told) == {"refused": len(CITED)}
    assert {each["detail"] for each in told} == {"The site is down."}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_in_trouble_is_left_alone_and_the_others_go_on(deposit, status):
    web = Web()
    web.answers["http://depot.test/save/"] = (status, {}, b"")
    told = deposit(web, SAVE, ADD)

    assert states(told) == {"refused": 1, "taken": len(CITED)}
    assert len([url for url in web.services_asked() if "depot" in url]) == 1


def test_keys_go_to_the_service_and_to_nobody_else(deposit, crawled, tmp_path):
    web = Web()
    file = tmp_path / "renvois.toml"
    file.write_text(
        '[sites."http://depot.test"]\nheaders = { Authorization = "env:CLE_DU_DEPOT" }\n'
    )
    more = {"RENVOIS_CONFIG": str(file), "CLE_DU_DEPOT": "LOW cle:tres-secret"}
    told = deposit(web, SAVE, ADD, **more)

    sent = {url: headers.get("Authorization", "") for url, headers in web.asked}
    assert {key for url, key in sent.items() if "depot" in url} == {"LOW cle:tres-secret"}
    assert {key for url, key in sent.items() if "autre" in url} == {""}
    assert "tres-secret" not in json.dumps(told)
    for path in crawled.glob("watch.sqlite*"):
        assert b"tres-secret" not in path.read_bytes()


def test_what_is_withdrawn_and_what_is_private_is_asked_of_nobody(deposit, crawled):
    web = Web()
    file = crawled / "withdrawn.txt"
    file.write_text(URL, encoding="utf-8")
    try:
        told = deposit(web, SAVE, RENVOIS_OPEN_NETWORKS="exemple.test")
    finally:
        file.unlink()

    assert told == []
    assert web.asked == []


@pytest.mark.parametrize(
    ("state", "hours", "due"),
    [("held", 1e4, False), ("taken", 1e4, False), ("pending", 0, True),
     ("refused", 23, False), ("refused", 24, True)],
)  # fmt: skip
def test_when_a_service_is_asked_again(state, hours, due):
    last = Deposit(url="http://a.test/", service=SAVE, state=DepositState(state), at=NOW)

    assert is_due(last, NOW + timedelta(hours=hours)) == due
    assert is_due(replace(last, state=DepositState.REFUSED), NOW) is False
    assert is_due(None, NOW)


def test_what_goes_on_being_refused_is_asked_less_and_less_often_and_no_job_for_ever():
    """A year of rounds, one an hour, at a service that never does what it is asked."""
    made = {"url": "http://a.test/", "service": SAVE}
    asked = {}
    for state in (DepositState.REFUSED, DepositState.PENDING):
        last, asked[state] = None, []
        for hour in range(24 * 365):
            now = NOW + timedelta(hours=hour)
            if is_due(last, now):
                done = Deposit(**made, state=state, at=now, job="spn2-1")
                last = count_tries(done, last, is_in_trouble=False)
                asked[state].append(hour / 24)
    days = [0, 1, 3, 7, 15, 31, 63, 95]
    assert asked[DepositState.REFUSED][:8] == days
    begun = [at for at in asked[DepositState.PENDING] if at == int(at)]
    assert len(asked[DepositState.PENDING]) < 25 * 20
    assert begun[:4] == [0, 1, 2, 3]

    troubled = Deposit(**made, state=DepositState.REFUSED, at=NOW)
    for _ in range(9):
        troubled = count_tries(troubled, troubled, is_in_trouble=True)
    assert is_due(troubled, NOW + timedelta(days=1))


@pytest.mark.parametrize("template", ["", "depot", "http://depot.test/", "ftp://a.test/{url}",
                                      "http://a.test/{url}/{url}"])  # fmt: skip
def test_what_is_no_service_is_refused(template, crawled):
    with pytest.raises(ValueError, match="no address"):
        parse_service(template)
