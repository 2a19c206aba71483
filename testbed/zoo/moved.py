"""Servers that say for good where the page went, and it is there."""

from typing import Final

from indexer.model import LinkState
from testbed.zoo.cases import EN_PATH, FR_PATH, Case, by_round, en, fr, serve
from testbed.zoo.pages import EN_ARTICLE, EN_MISSING, FR_ARTICLE
from testbed.zoo.replies import NO_ROBOTS, Asked, Reply, redirect

_MOVED: Final = LinkState.MOVED
_NEW_FR: Final = "/dossiers/tiers-lieux-ateliers-de-la-ville"
_NEW_EN: Final = "/essays/repair-workshops-and-towns"
_FR_SITE: Final = serve({FR_PATH: redirect(_NEW_FR, 301), _NEW_FR: FR_ARTICLE})


def _to_the_front_page(asked: Asked) -> Reply:
    """The whole site became that one article."""
    if asked.path == "/":
        return FR_ARTICLE
    return NO_ROBOTS if asked.path == "/robots.txt" else redirect("/", 301)


MOVED: Final[tuple[Case, ...]] = (
    fr("moved for good", _MOVED, _FR_SITE),
    en("moved for good, by 308", _MOVED, serve(
        {EN_PATH: redirect(_NEW_EN, 308), _NEW_EN: EN_ARTICLE}, missing=EN_MISSING
    )),
    fr("moved twice", _MOVED, serve({
        FR_PATH: redirect("/archives/tiers-lieux", 301),
        "/archives/tiers-lieux": redirect(_NEW_FR, 301),
        _NEW_FR: FR_ARTICLE,
    })),
    en("moved for good, then a detour", _MOVED, serve({
        EN_PATH: redirect(_NEW_EN, 301),
        _NEW_EN: redirect(f"{_NEW_EN}?lang=en"),
        f"{_NEW_EN}?lang=en": EN_ARTICLE,
    }, missing=EN_MISSING)),
    fr("moved after a first visit", _MOVED, by_round(FR_ARTICLE, _FR_SITE)),
    fr("moved to the front page, which is the text", _MOVED, _to_the_front_page),
    en("moved to a number", _MOVED, serve({
        EN_PATH: redirect("/node/4815", 301), "/node/4815": EN_ARTICLE
    }, missing=EN_MISSING)),
    fr("moved from a number to a name", _MOVED, serve({
        "/?p=123": redirect(_NEW_FR, 301), _NEW_FR: FR_ARTICLE
    }), path="/?p=123"),
    fr("moved from a number to a name after a first visit, cited by other words", _MOVED, by_round(
        serve({"/?p=123": FR_ARTICLE}),
        serve({"/?p=123": redirect(_NEW_FR, 301), _NEW_FR: FR_ARTICLE}),
    ), path="/?p=123", title="Quand une halte devient fabrique : notes prises en chemin"),
    fr("moved, after days of failure", _MOVED, by_round(redirect("/maj", 302), _FR_SITE)),
)  # fmt: skip
