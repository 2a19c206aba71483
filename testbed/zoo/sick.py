"""Servers that are out of order, or that failed but once: it may pass, and is not dead."""

from typing import Final

from indexer.model import LinkState
from testbed.zoo.cases import EN_PATH, FR_PATH, Case, by_round, en, everywhere, fr, serve
from testbed.zoo.pages import (
    EN_ARTICLE,
    EN_MISSING,
    FR_ARTICLE,
    FR_MISSING,
    html,
    notice,
)
from testbed.zoo.replies import Http, Raw, Trouble, redirect

_SICK: Final = LinkState.SICK

_MAINTENANCE: Final = notice(
    "Site en maintenance", "Nous revenons dans quelques heures. Merci de votre patience."
)
_DATABASE: Final = (
    "<!DOCTYPE html><html><head><title>Database Error</title></head><body>"
    "<h1>Error establishing a database connection</h1></body></html>"
)
_NOT_CHECKED: Final = Http(body=b"User-agent: *\nAllow: /\n", media_type="text/plain")

SICK: Final[tuple[Case, ...]] = (
    fr("500", _SICK, everywhere(Http(status=500))),
    en("500 on that page only", _SICK, Http(status=500)),
    fr("502", _SICK, Http(status=502)),
    fr("503 in maintenance", _SICK, html(
        _MAINTENANCE, status=503, headers=(("Retry-After", "3600"),)
    )),
    en("503 for a minute", _SICK, Http(
        status=503,
        body=b"<h1>Briefly unavailable for scheduled maintenance. Check back in a minute.</h1>",
    )),
    en("504", _SICK, Http(status=504)),
    en("521", _SICK, Http(status=521)),
    fr("maintenance with 200", _SICK, everywhere(html(_MAINTENANCE))),
    en("database error with 200", _SICK, everywhere(html(_DATABASE))),
    fr("accepts, never answers", _SICK, everywhere(Trouble.SILENCE, robots=_NOT_CHECKED)),
    fr("resets the connection", _SICK, everywhere(Trouble.RESET, robots=_NOT_CHECKED)),
    en("closes without a word", _SICK, everywhere(Trouble.CLOSE, robots=_NOT_CHECKED)),
    fr("refuses the connection", _SICK, Http(), is_listening=False),
    fr("empty page", _SICK, Http(body=b"")),
    en("204", _SICK, Http(status=204)),
    fr("redirects in a circle", _SICK, serve({
        FR_PATH: redirect("/2015/11/b"), "/2015/11/b": redirect(FR_PATH)
    })),
    en("redirects to nowhere", _SICK, Http(status=302)),
    en("speaks SSH", _SICK, everywhere(Raw(b"SSH-2.0-OpenSSH_9.2\r\n"), robots=_NOT_CHECKED)),
    fr("robots.txt is down", _SICK, serve({FR_PATH: FR_ARTICLE}, robots=Http(status=503))),
    fr("certificate expired", _SICK, FR_ARTICLE, certificate="expired"),
    en("certificate signed by itself", _SICK, EN_ARTICLE, certificate="self-signed"),
    fr("certificate of another", _SICK, FR_ARTICLE, certificate="wrong-host"),
    en("404 under the certificate of another", _SICK, everywhere(EN_MISSING),
       certificate="wrong-host"),
    fr("404 for the first time", _SICK, by_round(FR_ARTICLE, FR_ARTICLE, FR_ARTICLE, FR_MISSING)),
    en("410 for the first time", _SICK,
       by_round(EN_ARTICLE, EN_ARTICLE, EN_ARTICLE, Http(status=410))),
    fr("404 for the second time", _SICK, by_round(FR_ARTICLE, FR_ARTICLE, FR_MISSING)),
    en("410 and 410 within four days", _SICK, by_round(EN_ARTICLE, EN_ARTICLE, Http(status=410))),
    fr("« page introuvable » for the first time", _SICK, by_round(
        FR_ARTICLE, FR_ARTICLE, FR_ARTICLE, html(notice("Page introuvable", "Désolé."))
    )),
    en("404, alive, 404", _SICK, by_round(EN_MISSING, EN_ARTICLE, EN_MISSING, EN_MISSING)),
    fr("down for days", _SICK, by_round(FR_ARTICLE, Trouble.SILENCE)),
    fr("a number that leads to we know not what", _SICK, serve({
        "/?p=123": redirect("/dossiers/halte", 301), "/dossiers/halte": FR_ARTICLE
    }), path="/?p=123", title="Quand une halte devient fabrique : notes prises en chemin"),
    en("body that drips for ever", _SICK, serve({EN_PATH: Trouble.DRIP}, missing=EN_MISSING)),
)  # fmt: skip
