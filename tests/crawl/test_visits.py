"""A run: hosts in their turn, trouble contained, stopped at any moment, gone on the next time."""

import contextlib
import http.server
import itertools
import socket
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from indexer.archive import open_catalogue
from indexer.crawl import RunPolicy, SitePolicy
from indexer.errors import OfflineError
from indexer.model import (
    Captured,
    Cause,
    Missed,
    Revisited,
)
from indexer.urls import urlkey
from testbed.hostile import HostileServer
from tests.crawl.certificates import Certificates
from tests.crawl.runs import USER_AGENT, Crawl
from tests.crawl.zoo import PAGE
from tests.places import find_place

LATER = datetime.now(UTC) + timedelta(days=200)


def answer(talk):
    talk.answer(PAGE + talk.path)


def serving(robots=(), **behaviours):
    named = {f"{name.replace('_', '-')}.test": serve for name, serve in behaviours.items()}
    return HostileServer(named, robots=frozenset(f"{name}.test" for name in robots))


def pages(server, name, count):
    return [server.url(name, f"/{n}") for n in range(count)]


def test_one_request_at_a_time_to_a_host_and_hosts_side_by_side(tmp_path):
    under_way, most = {}, {}
    lock = threading.Lock()
    both = threading.Barrier(2, timeout=300)

    def slowly(talk):
        with lock:
            under_way[talk.host] = under_way.get(talk.host, 0) + 1
            most[talk.host] = max(most.get(talk.host, 0), under_way[talk.host])
        if talk.path == "/0":
            both.wait()  # passes only when both hosts are asked at once
        answer(talk)
        with lock:
            under_way[talk.host] -= 1

    with serving(a=slowly, b=slowly) as server:
        urls = [*pages(server, "a.test", 6), *pages(server, "b.test", 6)]
        outcomes = list(Crawl(tmp_path).run(urls))

    assert all(isinstance(outcome, Captured) for outcome in outcomes)
    assert len(outcomes) == 12
    assert most == {"a.test": 1, "b.test": 1}


def test_a_host_whose_turn_went_to_its_robots_keeps_no_thread_waiting(tmp_path):
    """With one thread, every host is asked for its robots.txt before the first of them for a page:
    the delay between the two is nobody else's.
    """
    names = [f"h{n}" for n in range(5)]
    with serving(**dict.fromkeys(names, answer)) as server:
        urls = [server.url(f"{name}.test", "/page") for name in names]
        outcomes = list(Crawl(tmp_path, delay_s=0.3, policy=RunPolicy(workers=1)).run(urls))
        asked = {
            path: [at for name in names for _, at in server.asked(f"{name}.test", path)]
            for path in ("/robots.txt", "/page")
        }

    assert all(isinstance(outcome, Captured) for outcome in outcomes)
    assert {path: len(times) for path, times in asked.items()} == {"/robots.txt": 5, "/page": 5}
    assert max(asked["/robots.txt"]) < min(asked["/page"])


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    with serving(a=answer, b=answer, c=answer) as server:
        urls = [url for name in "abc" for url in pages(server, f"{name}.test", 5)]
        with closing(Crawl(tmp_path).run(urls)) as run:
            told = [outcome.url for outcome in itertools.islice(run, 6)]
        rest = [outcome.url for outcome in Crawl(tmp_path).run(urls)]
        asked = [server.asked(f"{name}.test", f"/{n}") for name in "abc" for n in range(5)]

    assert sorted(told + rest) == sorted(urls)
    assert max(len(times) for times in asked) <= 2  # the page in flight, at most


def test_a_run_that_is_over_leaves_no_thread_behind(tmp_path):
    before = threading.active_count()
    with serving(a=lambda talk: talk.stop.wait(20)) as server:
        with closing(Crawl(tmp_path).run(pages(server, "a.test", 1))):
            pass
        list(Crawl(tmp_path).run([]))
    crawling = [thread for thread in threading.enumerate() if thread.name == "crawl"]

    assert crawling == []
    assert threading.active_count() <= before + 4  # the server's own


def test_a_page_not_modified_is_not_sent_again(tmp_path):
    def conditional(talk):
        if talk.headers.get("if-none-match") == '"un"':
            talk.say('HTTP/1.1 304 Not Modified\r\nETag: "un"\r\n\r\n')
        else:
            talk.answer(PAGE, headers=('ETag: "un"',))

    with serving(a=conditional) as server:
        urls = pages(server, "a.test", 1)
        (first,) = Crawl(tmp_path).run(urls)
        (again,) = Crawl(tmp_path).run(urls, now=LATER)

    assert again == Revisited(url=urls[0], capture=first.capture, hops=(urls[0],))


def test_validators_are_asked_where_the_redirect_ends(tmp_path):
    asked = []

    def moved(talk):
        asked.append((talk.path, talk.headers.get("if-none-match")))
        if talk.path == "/0":
            talk.answer(status="301 Moved", headers=("Location: /ailleurs",))
        elif talk.headers.get("if-none-match"):
            talk.say("HTTP/1.1 304 Not Modified\r\n\r\n")
        else:
            talk.answer(PAGE, headers=('ETag: "un"',))

    with serving(a=moved) as server:
        urls = pages(server, "a.test", 1)
        list(Crawl(tmp_path).run(urls))
        (again,) = Crawl(tmp_path).run(urls, now=LATER)

    assert isinstance(again, Revisited)
    assert asked[2:] == [("/0", None), ("/ailleurs", '"un"')]


def test_what_is_not_due_is_left_in_peace_unless_forced(tmp_path):
    with serving(a=answer) as server:
        urls = pages(server, "a.test", 2)
        list(Crawl(tmp_path).run(urls))

        assert list(Crawl(tmp_path).run(urls)) == []
        assert len(list(Crawl(tmp_path).run(urls, is_forced=True))) == 2
        assert list(Crawl(tmp_path).run([], is_forced=True)) == []  # no longer cited


def test_a_host_that_says_wait_is_set_aside_until_then_and_the_others_go_on(tmp_path):
    def busy(talk):
        talk.answer(status="429 Too Many Requests", headers=("Retry-After: 3600",))

    with serving(a=busy, b=answer) as server:
        urls = [*pages(server, "a.test", 9), *pages(server, "b.test", 3)]
        outcomes = list(Crawl(tmp_path).run(urls))
        asked = [host for host, path, *_ in server.requests if path != "/robots.txt"]
        again = list(Crawl(tmp_path).run(urls))
        later = list(Crawl(tmp_path).run(urls, now=datetime.now(UTC) + timedelta(hours=2)))

    assert asked.count("a.test") == 1
    assert asked.count("b.test") == 3
    missed = [outcome for outcome in outcomes if isinstance(outcome, Missed)]
    assert [outcome.cause for outcome in missed] == [Cause.THROTTLED] * 9
    assert sum(each.detail.startswith("a.test is set aside until ") for each in missed) == 8
    assert again == []
    assert len(later) == 8  # those that were never asked; the one that was, is due later still


def test_a_host_that_is_asked_too_much_is_not_hammered(tmp_path):
    def tired(talk):
        count = sum(1 for _ in range(talk.count))
        answered.append(count)
        if len(answered) > 3:
            talk.answer(status="429 Too Many Requests")
        else:
            answer(talk)

    answered = []
    with serving(a=tired) as server:
        outcomes = list(Crawl(tmp_path).run(pages(server, "a.test", 40)))

    assert len(outcomes) == 40
    assert sum(isinstance(outcome, Captured) for outcome in outcomes) == 3
    assert len(answered) == 6  # three refusals in a row are enough
    missed = [outcome for outcome in outcomes if isinstance(outcome, Missed)]
    assert {outcome.cause for outcome in missed} == {Cause.THROTTLED}
    assert {outcome.detail for outcome in missed} == {
        "status 429",
        "a.test is set aside for this run",
    }


def test_a_host_whose_network_fails_is_given_up_for_the_run(tmp_path):
    with serving(a=lambda talk: talk.reset(), b=answer) as server:
        urls = [*pages(server, "a.test", 30), *pages(server, "b.test", 2)]
        outcomes = list(Crawl(tmp_path).run(urls))
        asked = [host for host, path, *_ in server.requests if path != "/robots.txt"]

    assert asked.count("a.test") == 5  # failures in a row, other tries of a page included
    assert len(outcomes) == 32
    assert {o.cause for o in outcomes if "a.test" in o.url} == {Cause.CONNECTION_RESET}
    assert sum(isinstance(outcome, Captured) for outcome in outcomes) == 2


def test_robots_are_asked_once_a_day(tmp_path):
    with serving(a=answer) as server:
        urls = pages(server, "a.test", 4)
        list(Crawl(tmp_path).run(urls))
        list(Crawl(tmp_path).run(urls, is_forced=True))

        assert len(server.asked("a.test", "/robots.txt")) == 1


def test_a_site_that_gave_permission_is_asked_whatever_its_robots_say(tmp_path):
    def forbidding(talk):
        talk.answer("User-agent: *\nDisallow: /" if talk.path == "/robots.txt" else PAGE)

    with serving(a=forbidding, robots=["a"]) as server:
        urls = pages(server, "a.test", 1)
        site = SitePolicy(ignores_robots=True, headers={"X-Jeton": "accordé"})
        sites = {server.url("a.test", ""): site}
        (refused,) = Crawl(tmp_path).run(urls)
        (allowed,) = Crawl(tmp_path, sites=sites).run(urls, is_forced=True)
        ((headers, _),) = server.asked("a.test", "/0")

    assert refused.cause is Cause.DISALLOWED_BY_ROBOTS
    assert isinstance(allowed, Captured)
    assert "x-jeton" in headers


def test_we_say_who_we_are(tmp_path):
    with serving(a=answer) as server:
        list(Crawl(tmp_path).run(pages(server, "a.test", 1)))

    assert {headers["user-agent"] for _, _, headers, _ in server.requests} == {USER_AGENT}


def closed_port():
    with socket.create_server(("127.0.1.1", 0)) as listener:
        return listener.getsockname()[1]


def test_when_nothing_answers_the_run_stops_and_counts_nothing_against_links(tmp_path):
    port = closed_port()
    urls = [f"http://h{n}.test:{port}/" for n in range(100)]
    policy = RunPolicy(workers=4, max_tries=1, canaries=[f"http://canari.test:{port}/"])
    told = []

    with pytest.raises(OfflineError, match="network is down"):
        for outcome in Crawl(tmp_path, policy=policy).run(urls):
            told.append(outcome)

    assert 1 <= len(told) <= 8
    assert {outcome.cause for outcome in told} == {Cause.CONNECTION_REFUSED}
    with open_catalogue(find_place(tmp_path)) as catalogue:
        assert all(catalogue.visits(urlkey(url)) == [] for url in urls)


def test_when_no_host_of_several_ever_answers_nothing_is_counted_against_links(tmp_path):
    """Without canaries: each URL has its outcome and its cause, and is due as before."""
    port = closed_port()
    urls = [f"http://h{n}.test:{port}/" for n in range(5)]
    for _ in range(2):
        outcomes = list(Crawl(tmp_path).run(urls))
        assert {outcome.cause for outcome in outcomes} == {Cause.CONNECTION_REFUSED}
        assert len(outcomes) == 5
        assert all("does not count" in outcome.detail for outcome in outcomes)

    with open_catalogue(find_place(tmp_path)) as catalogue:
        assert all(catalogue.visits(urlkey(url)) == [] for url in urls)


def test_a_thousand_failures_and_no_answer_end_the_run(tmp_path):
    port = closed_port()
    urls = [f"http://h{n}.test:{port}/" for n in range(1_000)]
    told = []
    with pytest.raises(OfflineError):
        for outcome in Crawl(tmp_path, policy=RunPolicy(max_tries=1)).run(urls):
            told.append(outcome)

    assert 50 <= len(told) <= 60


@pytest.mark.parametrize("answering", [0, 1])
def test_what_fails_counts_where_something_answered_or_few_were_asked(tmp_path, answering):
    port = closed_port()
    with serving(b=answer) as server:
        dead = [f"http://h{n}.test:{port}/" for n in range(5 if answering else 2)]
        urls = [*dead, *pages(server, "b.test", answering)]
        list(Crawl(tmp_path).run(urls))

    with open_catalogue(find_place(tmp_path)) as catalogue:
        assert all(len(catalogue.visits(urlkey(url))) == 1 for url in urls)


def test_when_a_canary_answers_what_fails_is_the_link(tmp_path):
    with serving(canari=answer) as server:
        urls = [f"http://h{n}.test:{closed_port()}/" for n in range(3)]
        policy = RunPolicy(workers=4, max_tries=1, canaries=[server.url("canari.test", "/")])
        outcomes = list(Crawl(tmp_path, policy=policy).run(urls))

    assert [outcome.cause for outcome in outcomes] == [Cause.CONNECTION_REFUSED] * 3
    with open_catalogue(find_place(tmp_path)) as catalogue:
        assert all(len(catalogue.visits(urlkey(url))) == 1 for url in urls)


class Proxy(http.server.BaseHTTPRequestHandler):
    """Answers for the whole Web, as a proxy is asked."""

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        status = 404 if self.path.endswith("/robots.txt") else 200
        payload = PAGE.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


@pytest.fixture
def proxy():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_proxy_on_loopback_is_asked_for_real_addresses(tmp_path, proxy):
    urls = ["http://www.exemple.fr/été?a=b|c", "http://127.0.0.1/", "http://localhost/"]
    crawl = Crawl(tmp_path, more={"proxy": f"http://127.0.0.1:{proxy.server_port}"})
    outcomes = {outcome.url: outcome for outcome in crawl.run(urls)}

    assert isinstance(outcomes[urls[0]], Captured)
    assert outcomes[urls[1]].cause is Cause.FORBIDDEN_ADDRESS
    assert outcomes[urls[2]].cause is Cause.FORBIDDEN_ADDRESS
    assert [path for path, _ in proxy.asked] == [
        "http://www.exemple.fr/robots.txt",
        "http://www.exemple.fr/%C3%A9t%C3%A9?a=b|c",
    ]


def test_a_proxy_that_does_not_answer_is_said_to_be_the_proxy(tmp_path):
    crawl = Crawl(tmp_path, more={"proxy": f"http://127.0.1.1:{closed_port()}"})
    (outcome,) = crawl.run(["http://www.exemple.fr/"])

    assert outcome.cause is Cause.UNREACHABLE
    assert "proxy" in outcome.detail


def test_after_a_run_the_same_manners_serve_for_another(tmp_path):
    with serving(a=answer, b=answer) as server:
        crawl = Crawl(tmp_path)
        with crawl.open() as opened:
            for name in ("a.test", "b.test"):
                outcomes = list(opened.visit(pages(server, name, 2)))
                assert all(isinstance(outcome, Captured) for outcome in outcomes)


class Tunnel(http.server.BaseHTTPRequestHandler):
    """A proxy that lets TLS through to one place, whatever the name."""

    def log_message(self, *_arguments):
        pass

    def do_GET(self):
        self.close_connection = True  # without a word

    def do_CONNECT(self):
        self.server.asked.append((self.path, dict(self.headers)))
        if self.server.to is None:
            self.send_error(502)
            return
        with socket.create_connection(self.server.to) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\nVia: essai\r\n\r\n")
            back = threading.Thread(target=pump, args=(there, self.connection), daemon=True)
            back.start()
            pump(self.connection, there)
            back.join(5)


def pump(source, sink):
    with contextlib.suppress(OSError):  # either side hangs up as it likes
        while payload := source.recv(65_536):
            sink.sendall(payload)
        sink.shutdown(socket.SHUT_WR)


@pytest.fixture
def tunnel():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
    server.asked, server.to = [], None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_proxy_lets_tls_through_and_the_certificate_is_the_server_s(tmp_path, tunnel):
    certificates = Certificates(tmp_path)
    contexts = {
        "bon.test": certificates.open_context("", "bon.test"),
        "perime.test": certificates.open_context("expired", "perime.test"),
    }
    more = {"proxy": f"http://127.0.0.1:{tunnel.server_port}", "ca_file": certificates.ca_file}
    with HostileServer({"bon.test": answer, "perime.test": answer}, tls=contexts) as server:
        for name, cause in (("bon.test", None), ("perime.test", Cause.TLS_EXPIRED)):
            tunnel.to = ("127.0.1.1", server.tls_ports[name])
            (outcome,) = Crawl(tmp_path, more=more).run([f"https://{name}/page"])
            assert isinstance(outcome, Captured)
            assert outcome.cause is cause

    assert {path for path, _ in tunnel.asked} == {"bon.test:443", "perime.test:443"}


def test_a_page_served_by_https_only_is_found_there(tmp_path, tunnel):
    """By http the server hangs up. The ports are those of the schemes: a proxy stands in."""
    certificates = Certificates(tmp_path)
    contexts = {"bon.test": certificates.open_context("", "bon.test")}
    more = {"proxy": f"http://127.0.0.1:{tunnel.server_port}", "ca_file": certificates.ca_file}
    with HostileServer({"bon.test": answer}, tls=contexts) as server:
        tunnel.to = ("127.0.1.1", server.tls_ports["bon.test"])
        (outcome,) = Crawl(tmp_path, more=more).run(["http://bon.test/page"])

    assert isinstance(outcome, Captured)
    assert outcome.url == "http://bon.test/page"
    assert outcome.hops == ("https://bon.test/page",)
    assert "https" in outcome.detail


WRITTEN = {
    "http://crème.test:{port}/été": "/%C3%A9t%C3%A9",
    "http://a.test:{port}/%E9t%E9": "/%E9t%E9",
    "http://a.test:{port}/deux mots": "/deux%20mots",
    "http://a.test:{port}/page#ancre": "/page",
    "http://a.test:{port}/(homonymie)?q=[a]|b'c": "/(homonymie)?q=[a]|b%27c",
    "  http://A.test:{port}/../x/./y  ": "/x/y",
    "http://a.test:{port}?seul": "/?seul",
}


def test_whatever_somebody_wrote_a_browser_s_address_is_asked(tmp_path):
    with HostileServer({"a.test": answer, "xn--crme-6oa.test": answer}) as server:
        urls = [url.format(port=server.port) for url in WRITTEN]
        outcomes = list(Crawl(tmp_path).run(urls))
        asked = {path for _, path, *_ in server.requests if path != "/robots.txt"}

    assert len(outcomes) == len(WRITTEN)
    assert all(isinstance(outcome, Captured) for outcome in outcomes)
    assert asked == set(WRITTEN.values())


def test_a_proxy_that_refuses_a_tunnel_is_a_cause_too(tmp_path, tunnel):
    crawl = Crawl(tmp_path, more={"proxy": f"http://127.0.0.1:{tunnel.server_port}"})
    (outcome,) = crawl.run(["https://exemple.test/"])

    assert isinstance(outcome, Missed)
    assert "502" in outcome.detail
