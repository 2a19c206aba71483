"""Servers that will not show their page to a robot: nobody can tell, and it is not dead."""

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
from testbed.zoo.replies import Asked, Http, Reply, redirect

_BLOCKED: Final = LinkState.BLOCKED

_CLOUDFLARE: Final = Http(
    status=403,
    body=(
        b"<!DOCTYPE html><html lang=en><head><title>Just a moment...</title></head><body>"
        b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script>'
        b"<noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
    ),
    headers=(("Server", "cloudflare"), ("cf-mitigated", "challenge")),
)
_CAPTCHA_FR: Final = html(
    notice(
        "Êtes-vous un robot ?",
        "Merci de confirmer que vous n’êtes pas un robot.",
        '<span class="h-captcha"></span>',
    )
)
_CAPTCHA_EN: Final = html(
    '<html><head><title>Just a moment...</title></head><body id="cf-chl-widget">'
    "<p>Checking your browser before accessing the site.</p></body></html>"
)
_CONSENT_FR: Final = html(
    notice(
        "Avant de continuer",
        "Pour poursuivre votre lecture, acceptez les cookies et traceurs de nos partenaires, "
        "ou abonnez-vous.",
        "<button>Tout accepter</button> <button>Gérer mes choix</button>",
    )
)
_CONSENT_EN: Final = html(
    notice("Before you continue", "We and our partners use cookies.", lang="en", site="The Echo")
)
_LOGIN_FR: Final = html(
    notice(
        "Connexion",
        "Identifiez-vous pour accéder à cette page.",
        '<form method="post"><input name="u"><input type="password" name="p"></form>',
    )
)
_LOGIN_EN: Final = html(
    notice(
        "Sign in",
        "Please sign in to continue.",
        '<form><input name="u"><input type="password" name="p"></form>',
        lang="en",
        site="The Echo",
    )
)
_FORBIDS: Final = Http(body=b"User-agent: *\nDisallow: /2015/\n", media_type="text/plain")


def _knows_browsers_only(asked: Asked) -> Reply:
    """A page for whoever calls itself compatible with Mozilla, a 404 for the others."""
    is_known = "Mozilla/5.0" in asked.headers.get("user-agent", "")
    return serve({FR_PATH: FR_ARTICLE})(asked) if is_known else FR_MISSING


BLOCKED: Final[tuple[Case, ...]] = (
    fr("403", _BLOCKED, everywhere(Http(status=403))),
    fr("403 with a page that says so", _BLOCKED, html(
        notice("Accès refusé", "Vous n’avez pas le droit de consulter cette page."), status=403
    )),
    en("Cloudflare's challenge", _BLOCKED, everywhere(_CLOUDFLARE)),
    fr("401", _BLOCKED, Http(status=401, headers=(("WWW-Authenticate", 'Basic realm="x"'),))),
    en("402", _BLOCKED, Http(status=402)),
    fr("407", _BLOCKED, Http(status=407)),
    fr("451", _BLOCKED, html(notice("Contenu retiré", "Sur décision de justice."), status=451)),
    en("429 with seconds", _BLOCKED, Http(status=429, headers=(("Retry-After", "7200"),))),
    fr("429 with a date", _BLOCKED, Http(
        status=429, headers=(("Retry-After", "Fri, 31 Dec 2049 23:59:59 GMT"),)
    )),
    en("429 that says « bientôt »", _BLOCKED, Http(
        status=429, headers=(("Retry-After", "bientot"),)
    )),
    en("999", _BLOCKED, everywhere(Http(status=999))),
    en("406 to a robot", _BLOCKED, Http(status=406, body=b"Not Acceptable!")),
    fr("captcha with 200", _BLOCKED, everywhere(_CAPTCHA_FR)),
    en("captcha in English with 200", _BLOCKED, everywhere(_CAPTCHA_EN)),
    fr("captcha with 503", _BLOCKED, Http(
        status=503, body=_CAPTCHA_EN.body, headers=(("cf-mitigated", "challenge"),)
    )),
    fr("consent wall", _BLOCKED, everywhere(_CONSENT_FR)),
    en("consent wall elsewhere", _BLOCKED, serve(
        {EN_PATH: redirect("/consent?next=%2F2015"), "/consent": _CONSENT_EN}, missing=EN_MISSING
    )),
    fr("login wall", _BLOCKED, _LOGIN_FR),
    fr("login wall elsewhere", _BLOCKED, serve(
        {FR_PATH: redirect("/connexion?retour=%2F2015"), "/connexion": _LOGIN_FR}
    )),
    en("login wall in English", _BLOCKED, serve(
        {EN_PATH: redirect("/login?next=/2015"), "/login": _LOGIN_EN}, missing=EN_MISSING
    )),
    fr("robots.txt forbids", _BLOCKED, serve({FR_PATH: FR_ARTICLE}, robots=_FORBIDS)),
    fr("404 to whom it does not know", _BLOCKED, _knows_browsers_only),
    fr("alive, then 403", _BLOCKED, by_round(FR_ARTICLE, FR_ARTICLE, Http(status=403))),
    fr("404 twice, then 403", _BLOCKED, by_round(FR_MISSING, FR_MISSING, Http(status=403))),
    en("alive, then a captcha week", _BLOCKED, by_round(EN_ARTICLE, everywhere(_CAPTCHA_EN))),
)  # fmt: skip
