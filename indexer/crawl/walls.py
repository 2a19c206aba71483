"""Recognise the pages that stand before a page: challenges for robots, consent, login.

A table of signs with an example each, read from raw markup before anything is kept; the table of
`links/walls` reads what was kept, parsed, and says what it is to a librarian. A sign counts in the
title, or on a page with hardly any text: articles about captchas exist, and comment forms carry
some.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from indexer.model import Hop

SHORT_TEXT: Final = 1_500  # characters that a reader would read


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One kind of wall, by what its pages say."""

    name: str
    title: re.Pattern[str]  # the whole title
    markup: re.Pattern[str] | None = None  # has to stand in the page too, or instead
    needs_both: bool = False
    example: str


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


WALLS: Final[tuple[Wall, ...]] = (
    Wall(
        name="captcha",
        title=_words(
            r"^\W*(just a moment|un instant\W*$|attention required|access denied|accès refusé"
            r"|pardon our interruption|robot check|are you (a )?(human|robot)"
            r"|êtes[- ]vous (un )?(humain|robot)|(security|human) (check|verification)"
            r"|vérification (de sécurité|humaine|en cours)|ddos[- ]guard|captcha\W*$|bot challenge"
            r"|checking your browser|verifying you are human|one more step)(\b|$)"
        ),
        markup=_words(
            r"cf-chl-|/cdn-cgi/challenge-platform|captcha-delivery\.com|_incapsula_resource"
            r"|px-captcha|\b(g-recaptcha|h-captcha|cf-turnstile|frc-captcha)\b"
            r"|je ne suis pas un robot|i(’|')m not a robot|prouver que vous (êtes|n'êtes pas)"
        ),
        example="<title>Just a moment...</title>",
    ),
    Wall(
        name="consent wall",
        title=_words(
            r"^\W*(before you continue|avant (de continuer|d(’|')accéder)|(cookie )?consent\b"
            r"|gestion des cookies|nous respectons votre vie privée|we value your privacy"
            r"|votre vie privée|your privacy choices|privacy settings)"
        ),
        markup=_words(r"<form[^>]+action=[\"'][^\"']*consent|consent\.(google|yahoo|youtube)\."),
        example="<title>Avant d’accéder au site</title>",
    ),
    Wall(
        name="login wall",
        title=_words(
            r"^\W*(connexion|se connecter|s(’|')identifier|identification|authentification"
            r"|connectez[- ]vous|log ?[io]n|sign ?in|please (log|sign) in)\b"
        ),
        markup=_words(r"<input[^>]+type\s*=\s*[\"']?password"),
        needs_both=True,
        example='<title>Connexion</title><input type="password">',
    ),
)

_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.I | re.S)
_UNREAD: Final = re.compile(
    r"<(script|style|noscript|template|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]+>", re.I | re.S
)


def find_wall(hop: Hop, markup: str, *, walls: Sequence[Wall] = WALLS) -> str:
    """Find the wall that a response is, by its name, or "". `markup` begins its text."""
    if hop.header("cf-mitigated").lower() == "challenge":
        return "captcha"
    if hop.header("x-amzn-waf-action").lower() in ("challenge", "captcha"):
        return "captcha"
    found = _TITLE.search(markup)
    title = " ".join(found[1].split()) if found else ""
    text_length = len(" ".join(_UNREAD.sub(" ", markup).split()))
    if text_length > SHORT_TEXT:
        return ""
    for wall in walls:
        has_title = wall.title.search(title) is not None
        has_markup = wall.markup is not None and wall.markup.search(markup) is not None
        if (has_title and has_markup) if wall.needs_both else (has_title or has_markup):
            return wall.name
    return ""
