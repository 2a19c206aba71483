"""The Web of the campaign: hosts behind one proxy on loopback, and what cites them."""

import json
import random
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import trustme

HTML = {"Content-Type": "text/html; charset=utf-8"}
HOSTS = 8
PAGES = 30
SECRET_TEXT = 7  # the text that is withdrawn: its title, author and word stand nowhere else
FAMILY, TITLE, WORD = "Quibroullec", "Les zarvoises du plateau obscur", "zorglunchette"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as a server got it; `url` begins with scheme, host and port as asked."""

    method: str
    url: str
    headers: str


class World:
    """An HTTP proxy that answers for every host itself, https included; nothing is forwarded."""

    def __init__(self, answers: dict[str, Answer | Callable[[], Answer]]) -> None:
        self.answers = answers
        self.asked: list[Asked] = []
        self.authority = trustme.CA()
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that was killed while it was answered; the rest is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        base = ""

        def do_GET(self) -> None:
            url = self.path if "://" in self.path else self.base + self.path
            world.asked.append(Asked(self.command, url, str(self.headers)))
            found = world.answers.get(url, Answer(404, HTML, b"<h1>Erreur 404</h1>"))
            answer = found() if callable(found) else found
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def do_CONNECT(self) -> None:
            world.asked.append(Asked("CONNECT", f"https://{self.path}", str(self.headers)))
            self.send_response(200)
            self.end_headers()
            host, _, port = self.path.rpartition(":")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            world.authority.issue_cert(host.strip("[]")).configure_cert(context)
            self.base = f"https://{host}" if port == "443" else f"https://{self.path}"
            try:
                self.connection = context.wrap_socket(self.connection, server_side=True)
            except OSError:  # the client does not trust us: nothing more is said here
                self.close_connection = True
                return
            self.rfile = self.connection.makefile("rb", -1)
            self.wfile = self.connection.makefile("wb", 0)
            self.close_connection = False

        def finish(self) -> None:
            super().finish()
            self.connection.close()  # the server closes what it accepted, not what TLS made of it

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


NAMES = [
    "atelier",
    "quartier",
    "jardin",
    "moulin",
    "marché",
    "lavoir",
    "verger",
    "canal",
    "hameau",
    "potager",
]
PLACES = ["Vaubrune", "Sardelle", "Montrevel", "Plancy", "Ourches", "Belvaux", "Tressan", "Lormoy"]
VERBS = [
    "rassemble",
    "transforme",
    "abrite",
    "prolonge",
    "partage",
    "nourrit",
    "raconte",
    "invente",
]
THINGS = [
    "les habitants",
    "la mémoire du lieu",
    "une économie voisine",
    "les outils communs",
    "des récoltes",
]
QUERIES = ("atelier partagé", '"outils communs"', "titre:verger", "hameau SAUF canal", "sardel*")


def sentence(rng: random.Random) -> str:
    name, place, verb, thing = (rng.choice(words) for words in (NAMES, PLACES, VERBS, THINGS))
    return f"À {place}, le {name} partagé {verb} {thing} depuis {rng.randint(2, 40)} ans déjà."


def article(rng: random.Random, title: str, author: str, more: str = "") -> bytes:
    paragraphs = [" ".join(sentence(rng) for _ in range(5)) for _ in range(rng.randint(4, 12))]
    body = "".join(f"<p>{text}</p>" for text in [*paragraphs, more] if text)
    return (
        f"<!DOCTYPE html><html lang=fr><head><title>{title}</title>"
        f"<meta name=author content='{author}'>"
        f"</head><body><article><h1>{title}</h1>{body}</article></body></html>"
    ).encode()


def cited(number: int) -> dict[str, object]:
    """One entry in CSL-JSON; every sixth answers something else than its page (see `web`)."""
    rng = random.Random(number)
    name, place = rng.choice(NAMES), rng.choice(PLACES)
    title, family = (
        f"Le {name} de {place}, récit numéro {number}",
        f"Auteurfictif{chr(97 + number % 26)}",
    )
    if number == SECRET_TEXT:
        title, family = TITLE, FAMILY
    return {
        "id": f"t{number}",
        "type": "article-newspaper",
        "title": title,
        "author": [{"given": "Camomille", "family": family}],
        "issued": {"date-parts": [[2010 + number % 12, 1 + number % 12, 1 + number % 27]]},
        "container-title": f"Gazette {number % HOSTS}",
        "URL": url_of(number),
        "annote": f"Une lecture utile, la {number}e du dossier. {sentence(rng)}",
    }


def url_of(number: int) -> str:
    return f"http://h{number % HOSTS}.example/textes/article-{number}"


def bibliography() -> str:
    return json.dumps([cited(n) for n in range(PAGES)], ensure_ascii=False, indent=1)


def web() -> dict[str, Answer | Callable[[], Answer]]:
    """What every cited address answers: articles, a few 404, 410, 403, 500 and redirects."""
    answers: dict[str, Answer | Callable[[], Answer]] = {}
    for number in range(PAGES):
        rng, row = random.Random(1000 + number), cited(number)
        more = f"Le mot {WORD} ne se lit qu'ici, dans la {WORD}." if number == SECRET_TEXT else ""
        author = row["author"][0]["family"]  # type: ignore[index]
        page = Answer(200, HTML, article(rng, str(row["title"]), f"Camomille {author}", more))
        answers[url_of(number)] = page
        if number % 6 == 5:
            status = (404, 410, 403, 402, 301)[number // 6]
            moved = url_of(number) + "-ailleurs"
            answers[url_of(number)] = Answer(
                status, HTML | ({"Location": moved} if status == 301 else {})
            )
            answers[moved] = page
    return answers
