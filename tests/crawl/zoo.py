"""What servers do, and the outcome that a careful person would want: a table.

Every behaviour is served under a host name of its own (`hostile.py`); pages are written for these
tests. `captured` says what is kept; a cause beside it says what is wrong with what is kept.
"""

import gzip
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from indexer.model import Cause
from testbed.hostile import INSIDE, Conversation, Serve

PAGE = (
    "<!DOCTYPE html><html lang='fr'><head><title>Le calme des ateliers</title></head><body>"
    + "<p>Une page écrite pour l'essai, assez longue pour être un article.</p>" * 40
    + "</body></html>"
)
OCTETS = PAGE.encode()
HTML = "Content-Type: text/html; charset=utf-8"
ZEROES = gzip.compress(bytes(140 * 2**20), 1)  # more than is ever decoded
MISSED = {"outcome": "missed"}


@dataclass(frozen=True)
class Behaviour:
    """One misbehaviour, and what should come of it."""

    serve: Serve
    outcome: str  # captured, missed
    cause: Cause | None = None
    detail: str = ""  # stands in the outcome's detail
    hops: int | None = None  # on the way
    truncated: str = ""  # WARC-Truncated of what is kept
    path: str = "/page"
    serves_robots: bool = False
    tls: str = ""  # the certificate, a name of `certificates.py`


ZOO: dict[str, Behaviour] = {}


def served(
    name: str,
    outcome: str = "captured",
    cause: Cause | None = None,
    **more: object,
) -> Callable[[Serve], Serve]:
    """Put a behaviour into the zoo under a name."""

    def register(serve: Serve) -> Serve:
        ZOO[f"{name}.test"] = Behaviour(serve, outcome, cause, **more)  # type: ignore[arg-type]
        return serve

    return register


def missed(name: str, cause: Cause, **more: object) -> Callable[[Serve], Serve]:
    return served(name, "missed", cause, **more)


def static(name: str, head: str, body: bytes = OCTETS, **more: object) -> None:
    """A behaviour that says a head and a body, whatever is asked."""

    def serve(talk: Conversation) -> None:
        talk.say(f"{head}\n\n".replace("\n", "\r\n").encode() + body)  # in one piece

    served(name, **more)(serve)  # type: ignore[arg-type]


# --- nothing wrong: the zoo must not cry wolf


@served("plain")
def _(talk: Conversation) -> None:
    talk.answer(PAGE)


@served("chunked")
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for start in range(0, len(OCTETS), 1_000):
        piece = OCTETS[start : start + 1_000]
        talk.say(f"{len(piece):x};extension=1\r\n", piece, "\r\n")
    talk.say("0\r\nX-Trailer: yes\r\n\r\n")


@served("early-hints")
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
    talk.say("HTTP/1.1 100 Continue\r\n\r\n")
    talk.answer(PAGE)


# --- time and size


@served("body-drips", cause=Cause.DEADLINE, truncated="time")
def _(talk: Conversation) -> None:
    talk.say(f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n")
    talk.drip(lambda: b"a", 0.05)


@missed("head-drips", Cause.DEADLINE)
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 200 OK\r\n")
    talk.drip(lambda: b"X-A: b\r\n", 0.05)


@missed("status-line-drips", Cause.DEADLINE)
def _(talk: Conversation) -> None:
    talk.drip(lambda: b"H", 0.05)


@missed("never-answers", Cause.TIMEOUT)
def _(talk: Conversation) -> None:
    talk.stop.wait(20)


@served("body-stalls", cause=Cause.TIMEOUT, truncated="time")
def _(talk: Conversation) -> None:
    talk.say(f"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{PAGE}")
    talk.stop.wait(20)


@missed("stalls-after-head", Cause.TIMEOUT)
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")
    talk.stop.wait(20)


@served("endless-body", cause=Cause.TOO_LARGE, truncated="length")
def _(talk: Conversation) -> None:
    talk.say(f"HTTP/1.1 200 OK\r\n{HTML}\r\n\r\n")
    talk.drip(lambda: OCTETS * 50, 0)


@served("endless-chunks", cause=Cause.TOO_LARGE, truncated="length")
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = OCTETS * 20
    talk.drip(lambda: f"{len(piece):x}\r\n".encode() + piece + b"\r\n", 0)


@missed("endless-continue", Cause.DEADLINE)
def _(talk: Conversation) -> None:
    talk.drip(lambda: b"HTTP/1.1 100 Continue\r\n\r\n", 0.02)


@missed("flood-of-continue", Cause.DEADLINE)
def _(talk: Conversation) -> None:
    talk.drip(lambda: b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000, 0.001)


@missed("endless-head", Cause.BAD_RESPONSE)
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 200 OK\r\n")
    talk.drip(lambda: b"X-A: b\r\n" * 1_000, 0)


static(
    "long-header",
    f"HTTP/1.1 200 OK\nX-A: {'a' * 200_000}",
    **MISSED,
    cause=Cause.BAD_RESPONSE,
)
static(
    "5000-headers",
    "HTTP/1.1 200 OK\n" + "\n".join(f"X-{n}: a" for n in range(5_000)),
    **MISSED,
    cause=Cause.BAD_RESPONSE,
)
static("300-headers", "HTTP/1.1 200 OK\n" + "\n".join(f"X-{n}: a" for n in range(300)))
static(
    "90-cookies",
    "HTTP/1.1 200 OK\n" + "\n".join(f"Set-Cookie: c{n}={'a' * 3_000}" for n in range(90)),
    **MISSED,
    cause=Cause.BAD_RESPONSE,
)
static("no-bytes", "HTTP/1.1 200 OK\nContent-Length: 0", b"", **MISSED, cause=Cause.EMPTY)
static("204", "HTTP/1.1 204 No Content", b"", **MISSED, cause=Cause.EMPTY)
static("205", "HTTP/1.1 205 Reset Content\nContent-Length: 0", b"", **MISSED, cause=Cause.EMPTY)
static(
    "206-unasked",
    f"HTTP/1.1 206 Partial Content\nContent-Range: bytes 0-9/99\nContent-Length: {len(OCTETS)}",
    **MISSED,
    cause=Cause.UNEXPECTED_STATUS,
)
static("304-unasked", "HTTP/1.1 304 Not Modified", b"", **MISSED, cause=Cause.UNEXPECTED_STATUS)


@served("20-megabytes")
def _(talk: Conversation) -> None:
    talk.answer(OCTETS * (20_000_000 // len(OCTETS)))


@served("100000-nested-tags")
def _(talk: Conversation) -> None:
    talk.answer("<div>" * 100_000 + "texte")


# --- content codings


def coded(name: str, coding: str, payload: bytes, **more: object) -> None:
    head = f"HTTP/1.1 200 OK\n{HTML}\nContent-Encoding: {coding}\nContent-Length: {len(payload)}"
    static(name, head, payload, **more)


coded("gzip", "gzip", gzip.compress(OCTETS))
coded("deflate", "deflate", zlib.compress(OCTETS))
coded("deflate-raw", "deflate", zlib.compress(OCTETS)[2:-4])
coded("br", "br", brotli.compress(OCTETS))
coded("zstd", "zstd", zstd.compress(OCTETS))
coded("gzip-twice", "gzip, gzip", gzip.compress(gzip.compress(OCTETS)))
coded("gzip-with-rubbish-behind", "gzip", gzip.compress(OCTETS) + b"rubbish")
coded("gzip-bomb", "gzip", ZEROES, **MISSED, cause=Cause.TOO_LARGE)
coded(
    "br-bomb", "br", brotli.compress(bytes(140 * 2**20), quality=1), **MISSED, cause=Cause.TOO_LARGE
)
coded(
    "gzip-bomb-twice",
    "gzip, gzip",
    gzip.compress(ZEROES),
    **MISSED,
    cause=Cause.TOO_LARGE,
)
coded(
    "gzip-a-hundred-times",
    ", ".join(["gzip"] * 100),
    OCTETS,
    **MISSED,
    cause=Cause.BAD_ENCODING,
)
coded("coding-unknown", "sdch", OCTETS, **MISSED, cause=Cause.BAD_ENCODING)
coded("plain-called-gzip", "gzip", OCTETS, detail="sent plain")
coded("plain-called-br", "br", OCTETS, detail="sent plain")
coded("gzip-cut-short", "gzip", gzip.compress(OCTETS)[:-30], cause=Cause.TRUNCATED)
coded("gzip-of-nothing", "gzip", gzip.compress(b""), **MISSED, cause=Cause.EMPTY)

# --- redirects


def redirect(name: str, location: str | bytes, status: int = 302, **more: object) -> None:
    octets = location if isinstance(location, bytes) else location.encode()

    def serve(talk: Conversation) -> None:
        if talk.path != "/page":
            talk.answer(PAGE)
            return
        to = octets.replace(b"{port}", str(talk.port).encode())
        talk.say(f"HTTP/1.1 {status} Moved\r\nLocation: ", to, "\r\nContent-Length: 0\r\n\r\n")

    served(name, **more)(serve)  # type: ignore[arg-type]


redirect("loop-on-itself", "/page", **MISSED, cause=Cause.REDIRECT_LOOP, hops=1)
redirect("relative", "autre", hops=2)
redirect("protocol-relative", "//protocol-relative.test:{port}/autre", hops=2)
redirect("permanent", "/autre", 308, hops=2)
redirect("to-home", "/", 301, hops=2)
redirect("www-added", "http://www.www-added.test:{port}/autre", 301, hops=2)
ALSO_SERVED = {"www.www-added.test": ZOO["www-added.test"].serve}
redirect("raw-utf-8", "/été", hops=2)
redirect("raw-latin-1", "/été".encode("latin-1"), hops=2)
redirect("with-spaces", " /a b ", hops=2)
redirect("with-credentials", "http://moi:secret@with-credentials.test:{port}/autre", hops=2)
redirect("empty-location", "", **MISSED, cause=Cause.BAD_REDIRECT)
redirect("port-99999", "http://port-99999.test:99999/", **MISSED, cause=Cause.BAD_REDIRECT)
for scheme in ("file:///etc/passwd", "ftp://a.test/", "javascript:alert(1)", "data:text/html,a"):
    redirect(f"to-{scheme.partition(':')[0]}", scheme, **MISSED, cause=Cause.FORBIDDEN_SCHEME)
static("no-location", "HTTP/1.1 302 Found", b"", **MISSED, cause=Cause.BAD_REDIRECT)

INSIDE_ADDRESSES = {
    "loopback": INSIDE,
    "localhost": "localhost",
    "private": "10.0.0.1",
    "private-2": "192.168.1.1",
    "carrier": "100.64.0.1",
    "metadata": "169.254.169.254",
    "any": "0.0.0.0",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "ipv6-loopback": "[::1]",
    "ipv6-local": "[fe80::1]",
    "ipv6-unique-local": "[fd00::1]",
    "mapped": "[::ffff:127.0.0.1]",
    "compatible": "[::127.0.0.1]",
    "nat64": "[64:ff9b::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "decimal": "2130706433",
    "hexadecimal": "0x7f.1",
    "octal": "0177.0.0.1",
    "short": "127.1",
    "full-width": "１２７.0.0.1",
    "name": "inside.test",
    "name-with-two-addresses": "half-inside.test",
    "name-that-turns": "turns.test",
    "name-of-metadata": "metadata.test",
}
for form, inside in INSIDE_ADDRESSES.items():
    redirect(
        f"to-inside-{form}",
        f"http://{inside}:{{port}}/",
        **MISSED,
        cause=Cause.FORBIDDEN_ADDRESS,
    )


@missed("ping-pong", Cause.REDIRECT_LOOP, hops=2)
def _(talk: Conversation) -> None:
    to = "/pong" if talk.path == "/page" else "/page"
    talk.answer(status="302 Found", headers=(f"Location: {to}",))


@missed("grows-for-ever", Cause.REDIRECT_LOOP, hops=11)
def _(talk: Conversation) -> None:
    talk.answer(status="302 Found", headers=(f"Location: {talk.path}/plus",))


@served("loop-that-a-cookie-ends", hops=2)
def _(talk: Conversation) -> None:
    if "vu=1" in talk.headers.get("cookie", ""):
        talk.answer(PAGE)
    else:
        talk.answer(status="302 Found", headers=("Location: /page", "Set-Cookie: vu=1; Path=/"))


@served("refresh-header", hops=2)
def _(talk: Conversation) -> None:
    more = ("Refresh: 0; url=/autre",) if talk.path == "/page" else ()
    talk.answer(PAGE, headers=more)


def refreshed(name: str, markup: str, hops: int) -> None:
    def serve(talk: Conversation) -> None:
        talk.answer(markup + PAGE if talk.path == "/page" else PAGE)

    served(name, hops=hops)(serve)


refreshed("meta-refresh", "<META content=\"5;URL='/autre'\" HTTP-EQUIV=Refresh>", 2)
refreshed("meta-refresh-unquoted", "<meta http-equiv=refresh content=0;url=/autre>", 2)
refreshed("meta-refresh-much-later", '<meta http-equiv="refresh" content="300;url=/autre">', 1)
refreshed("meta-refresh-of-itself", '<meta http-equiv="refresh" content="2">', 1)
refreshed("meta-refresh-in-comment", '<!-- <meta http-equiv="refresh" content="0;url=/a"> -->', 1)
refreshed(
    "meta-refresh-without-scripts",
    '<noscript><meta http-equiv="refresh" content="0;url=/sans-script"></noscript>',
    1,
)

# --- broken HTTP

static("length-too-short", f"HTTP/1.1 200 OK\n{HTML}\nContent-Length: 500", detail="more bytes")
static(
    "length-too-long",
    f"HTTP/1.1 200 OK\n{HTML}\nContent-Length: 999999",
    cause=Cause.TRUNCATED,
    truncated="disconnect",
)
static(
    "chunk-cut",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
    b"64\r\n" + OCTETS[:80],
    cause=Cause.TRUNCATED,
    truncated="disconnect",
)
static(
    "chunk-of-a-bad-size",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
    b"64\r\n" + OCTETS[:100] + b"\r\nzz\r\n" + OCTETS,
    cause=Cause.TRUNCATED,
    truncated="disconnect",
)
static(
    "chunk-of-18-exabytes",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked",
    b"FFFFFFFFFFFFFFFF\r\n" + OCTETS,
    cause=Cause.TRUNCATED,
    truncated="disconnect",
)
static(
    "two-lengths",
    "HTTP/1.1 200 OK\nContent-Length: 10\nContent-Length: 20",
    **MISSED,
    cause=Cause.BAD_RESPONSE,
)
static(
    "one-length-twice", "HTTP/1.1 200 OK\nContent-Length: 900\nContent-Length: 900", OCTETS[:900]
)
static("negative-length", "HTTP/1.1 200 OK\nContent-Length: -5")
static("length-in-words", "HTTP/1.1 200 OK\nContent-Length: beaucoup")
static(
    "length-and-chunks",
    "HTTP/1.1 200 OK\nContent-Length: 5\nTransfer-Encoding: chunked",
    b"64\r\n" + OCTETS[:100] + b"\r\n0\r\n\r\n",
)
static("header-without-colon", f"HTTP/1.1 200 OK\nn'importe quoi\n{HTML}")
static("header-in-utf-8", "HTTP/1.1 200 OK\nX-Où: été\nContent-Type: text/html")


@served("bare-line-feeds")
def _(talk: Conversation) -> None:
    talk.say(f"HTTP/1.1 200 OK\n{HTML}\nContent-Length: {len(OCTETS)}\n\n", OCTETS)


static("nul-in-body", "HTTP/1.1 200 OK", b"<p>un\0deux</p>" + OCTETS)
static("http-1.0", "HTTP/1.0 200 OK")
for name, line in {
    "status-abc": "HTTP/1.1 abc OK",
    "status-000": "HTTP/1.1 000 OK",
    "status-20": "HTTP/1.1 20 OK",
    "ssh-banner": "SSH-2.0-OpenSSH_9.6",
    "http-0.9": "<html><p>Une page sans en-tête</p></html>",
    "http-3.0": "HTTP/3.0 200 OK",
    "random-bytes": "\x01\x02\x80\xff" * 30,
    "two-transfer-codings": "HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked",
}.items():
    static(name, line, **MISSED, cause=Cause.BAD_RESPONSE)
static("999", "HTTP/1.1 999 Request denied", **MISSED, cause=Cause.BLOCKED)


@served("reset-in-the-middle", cause=Cause.TRUNCATED, truncated="disconnect")
def _(talk: Conversation) -> None:
    talk.say(f"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{PAGE}")
    talk.stop.wait(0.3)
    talk.reset()


@missed("reset-at-once", Cause.CONNECTION_RESET)
def _(talk: Conversation) -> None:
    talk.reset()


@missed("closed-without-a-word", Cause.CONNECTION_RESET)
def _(_talk: Conversation) -> None:
    return


@missed("closed-within-the-head", Cause.CONNECTION_RESET)
def _(talk: Conversation) -> None:
    talk.say("HTTP/1.1 200 OK\r\nContent-Ty")


@served("truncated-only-once")
def _(talk: Conversation) -> None:
    if talk.count == 1:
        talk.say(f"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{PAGE}")
    else:
        talk.answer(PAGE)


@served("reset-only-once")
def _(talk: Conversation) -> None:
    talk.reset() if talk.count == 1 else talk.answer(PAGE)


@served("unavailable-only-once")
def _(talk: Conversation) -> None:
    talk.answer(PAGE, status="503 Service Unavailable" if talk.count == 1 else "200 OK")


# --- statuses

for status, cause in {
    400: Cause.UNEXPECTED_STATUS,
    401: Cause.BLOCKED,
    402: Cause.BLOCKED,
    403: Cause.BLOCKED,
    404: Cause.NOT_FOUND,
    405: Cause.UNEXPECTED_STATUS,
    407: Cause.BLOCKED,
    410: Cause.GONE,
    418: Cause.UNEXPECTED_STATUS,
    451: Cause.BLOCKED,
    500: Cause.SERVER_ERROR,
    501: Cause.SERVER_ERROR,
    502: Cause.SERVER_ERROR,
    503: Cause.SERVER_ERROR,
    520: Cause.SERVER_ERROR,
}.items():
    static(f"{status}", f"HTTP/1.1 {status} So", **MISSED, cause=cause)


# --- manners

NOW = datetime.now(UTC)
for name, value in {
    "in-an-hour": "3600",
    "at-a-date": format_datetime(NOW + timedelta(hours=2), usegmt=True),
    "in-2099": "Thu, 01 Jan 2099 00:00:00 GMT",
    "negative": "-1",
    "in-words": "bientot",
    "in-the-past": "Thu, 01 Jan 1970 00:00:00 GMT",
}.items():
    static(
        f"429-{name}",
        f"HTTP/1.1 429 Too Many Requests\nRetry-After: {value}",
        **MISSED,
        cause=Cause.THROTTLED,
    )
static(
    "503-for-an-hour",
    "HTTP/1.1 503 Service Unavailable\nRetry-After: 3600",
    **MISSED,
    cause=Cause.SERVER_ERROR,
)


@missed("404-to-unknown-names", Cause.BLOCKED, detail="to our name")
def _(talk: Conversation) -> None:
    is_usual = talk.headers["user-agent"].startswith("Mozilla/")
    talk.answer(PAGE, status="200 OK" if is_usual else "404 Not Found")


@served("refuses-head")
def _(talk: Conversation) -> None:
    talk.answer(PAGE)


def walled(name: str, detail: str, markup: str, status: str = "200 OK", *headers: str) -> None:
    @missed(name, Cause.BLOCKED, detail=detail)
    def _(talk: Conversation) -> None:
        talk.answer(markup, status=status, headers=headers)


CAPTCHA = "<title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x'></script>"
walled("captcha", "captcha", CAPTCHA)
walled("captcha-403", "captcha", CAPTCHA, "403 Forbidden")
walled("captcha-503", "captcha", CAPTCHA, "503 Service Unavailable")
walled("captcha-by-header", "captcha", PAGE, "403 Forbidden", "cf-mitigated: challenge")
walled(
    "captcha-in-french",
    "captcha",
    "<title>Vérification de sécurité</title><p>Prouvez que vous êtes humain.</p>",
)
walled(
    "consent-wall",
    "consent",
    "<title>Avant d’accéder au site</title><form action='/consent/save'><button>J'accepte</form>",
)
walled(
    "login-wall",
    "login",
    "<title>Connexion | Le portail</title><form><input type='password'></form>",
)


@served("article-about-captchas")
def _(talk: Conversation) -> None:
    talk.answer(PAGE.replace("Le calme des ateliers", "Captcha : une histoire"))


@served("comments-behind-a-captcha")
def _(talk: Conversation) -> None:
    talk.answer(PAGE + "<form><div class='g-recaptcha'></div></form>")


@served("member-area-in-a-corner")
def _(talk: Conversation) -> None:
    talk.answer(PAGE + "<form action=/connexion><input type=password></form>")


# --- robots.txt


def robots(name: str, answer: Serve, **more: object) -> None:
    def serve(talk: Conversation) -> None:
        if talk.path == "/robots.txt":
            answer(talk)
        else:
            talk.answer(PAGE)

    served(name, serves_robots=True, **more)(serve)  # type: ignore[arg-type]


def rules(name: str, text: str | bytes, **more: object) -> None:
    robots(name, lambda talk: talk.answer(text, headers=("Content-Type: text/plain",)), **more)


FORBIDS = {"outcome": "missed", "cause": Cause.DISALLOWED_BY_ROBOTS}
OUT_OF_REACH = {"outcome": "missed", "cause": Cause.ROBOTS_UNREACHABLE}

rules("robots-forbid-all", "User-agent: *\nDisallow: /\n", **FORBIDS)
rules("robots-name-us", "User-agent: renvois\nDisallow: /\n\nUser-agent: *\nAllow: /", **FORBIDS)
rules("robots-name-another", "User-agent: autre\nDisallow: /\n")
rules("robots-allow-us", "User-agent: *\nDisallow: /\n\nUser-agent: Renvois\nAllow: /page\n")
rules("robots-with-a-mark", b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", **FORBIDS)
rules("robots-in-utf-16", "User-agent: *\nDisallow: /\n".encode("utf-16"), **FORBIDS)
rules("robots-in-html", "<html><body>Page introuvable</body></html>")
rules("robots-empty", "")
rules(
    "robots-of-3-megabytes",
    "User-agent: *\n" + f"Disallow: /{'x' * 990}\n" * 3_000 + "Disallow: /\n",
)
rules("robots-ask-600-seconds", "User-agent: *\nCrawl-delay: 600\n")
robots("robots-404", lambda talk: talk.answer("User-agent: *\nDisallow: /", status="404 Not Found"))
robots("robots-403", lambda talk: talk.answer(status="403 Forbidden"))
robots("robots-500", lambda talk: talk.answer(status="500 Internal Server Error"), **OUT_OF_REACH)
robots("robots-503", lambda talk: talk.answer(status="503 Service Unavailable"), **OUT_OF_REACH)
robots("robots-never-answer", lambda talk: talk.stop.wait(20) and None, **OUT_OF_REACH)
robots("robots-of-another-protocol", lambda talk: talk.say("SSH-2.0-x\r\n"), **OUT_OF_REACH)
robots(
    "robots-loop",
    lambda talk: talk.answer(status="302 Found", headers=("Location: /robots.txt",)),
)
robots(
    "robots-redirected",
    lambda talk: talk.answer(
        status="301 Moved",
        headers=(f"Location: http://robots-forbid-all.test:{talk.port}/robots.txt",),
    ),
    **FORBIDS,
)


@missed("redirected-to-where-robots-forbid", Cause.DISALLOWED_BY_ROBOTS)
def _(talk: Conversation) -> None:
    talk.answer(
        status="302 Found", headers=(f"Location: http://robots-forbid-all.test:{talk.port}/page",)
    )


# --- TLS

served("tls", tls="good")(lambda talk: talk.answer(PAGE))
for fault, cause in {
    "expired": Cause.TLS_EXPIRED,
    "self-signed": Cause.TLS_SELF_SIGNED,
    "wrong-host": Cause.TLS_WRONG_HOST,
    "unknown-ca": Cause.TLS_UNKNOWN_CA,
    "old-protocol": Cause.TLS_FAILURE,
}.items():
    served(f"tls-{fault}", cause=cause, tls=fault)(lambda talk: talk.answer(PAGE))
missed("tls-name-refused", Cause.TLS_FAILURE, tls="name-refused")(lambda talk: talk.answer(PAGE))
