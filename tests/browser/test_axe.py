"""No violation of RGAA, WCAG 2.1 and 2.2 AA or good practice that axe can see, on any page."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TAGS = ["RGAAv4", "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
PAGES = (
    "/",
    "/recherche?q=tiers+lieux",
    "/recherche?q=ville+ou+xyzzyxyz&type=text",
    "/recherche?q=xyzzyxyz",
    "/textes/besson-2014-tiers?q=technopole",
    "/textes/hess-2006-understanding",
    "/notes?page=2",
    "/notes/{note}",
    "/aide",
    "/auteurs",
    "/parcourir",
    "/sites/{site}",
    "/recherche?q=ville&tout=section",
    "/concordance?q=covoiturage",
    "/nulle-part",
    "/chronologie",
    "/carte",
    "/selection",
    "/selection?choix=vz7sn2uz.d43rqjr4&titre=Lire",
)

SITE = "urbanews.fr"

# Made of the same parts as another page: looked at where there is time.
SELDOM = (
    "/parcourir",
    "/sites/{site}",
    "/recherche?q=ville&tout=section",
    "/recherche?q=ville+ou+xyzzyxyz&type=text",
    "/textes/hess-2006-understanding",
    "/concordance?q=covoiturage",
    "/nulle-part",
    "/chronologie",
    "/selection",
)


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe has against a page, and where."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]


@pytest.fixture(scope="module")
def note(documents) -> str:
    return next(each for each in documents if each.id == "besson-2014-tiers").notes[0].id


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=pytest.mark.slow if path in SELDOM else ()) for path in PAGES],
)
def test_axe_has_nothing_to_say(open_page: Callable[..., Page], note: str, path: str) -> None:
    assert violations(open_page(path.format(note=note, site=SITE))) == []


@pytest.mark.campaign
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1600])
@pytest.mark.parametrize("path", [*PAGES, "/textes/tucker-2015-true?q=city", "/notes"])
def test_axe_has_nothing_to_say_at_any_width_day_or_night(
    open_page: Callable[..., Page], note: str, path: str, width: int, scheme: str
) -> None:
    assert (
        violations(open_page(path.format(note=note, site=SITE), width=width, scheme=scheme)) == []
    )


def test_colours_contrast_at_night_too(open_page: Callable[..., Page]) -> None:
    page = open_page("/recherche?q=covoiturage", width=320, scheme="dark")

    assert violations(page) == []
