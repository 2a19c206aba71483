"""The pages as a reader sees them: on a phone and on a wall, by day and by night, on paper."""

import pytest

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/recherche?q=tiers+lieux",
    "/recherche?q=ville&lien=mort&type=text",
    "/recherche?q=xyzzyxyz",
    "/textes/besson-2014-tiers?q=tiers+lieux",
    "/notes",
    "/aide",
    "/concordance?q=ville",
    "/parcourir",
    "/auteurs",
    "/sections",
    "/carte",
    "/chronologie",
    "/selection?choix=besson-2014-tiers",
)
# Elements that hold nothing but a number, and stand on more than one line.
BROKEN_NUMBERS = """() => [...document.querySelectorAll("main *")]
    .filter(each => !each.firstElementChild && /^[\\d\\s]+$/.test(each.textContent))
    .filter(each => each.checkVisibility())
    .filter(each => {
        const range = document.createRange();
        range.selectNodeContents(each);
        return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1;
    })
    .map(each => each.textContent)"""


@pytest.mark.parametrize("path", PAGES)
def test_no_page_ever_scrolls_sideways(open_page, path):
    page = open_page(path)
    for width in (320, 480, 800, 1024, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        assert page.evaluate(BROKEN_NUMBERS) == [], width


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_without_script(open_page, path):
    page = open_page(path, width=320, script=False)

    assert page.get_by_role("heading", level=1).is_visible()
    for part in ("header.masthead", "main", "footer"):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 320


def test_a_search_needs_no_script(open_page):
    page = open_page("/", script=False)
    page.get_by_label("Rechercher dans les textes cités").fill("tiers lieux")
    page.get_by_role("button", name="Rechercher").click()

    assert "textes" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Tiers lieux et fabrique").first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Tiers lieux")
    page.get_by_role("link", name="La note à sa place").click()
    assert page.get_by_role("link", name="Note suivante").is_visible()


def test_the_dark_is_dark_and_the_light_light(open_page):
    def brightness(scheme: str) -> int:
        page = open_page("/recherche?q=ville", scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    assert brightness("dark") < 150 < 600 < brightness("light")


def test_on_paper_only_what_is_read_is_printed(open_page):
    page = open_page("/textes/besson-2014-tiers?q=tiers+lieux")
    page.emulate_media(media="print")

    for gone in (".masthead search", ".places", "footer", ".pilcrow", ".copy", ".onward"):
        assert not page.locator(gone).first.is_visible(), gone
    for kept in ("h1", ".note", ".reference", ".archived"):
        assert page.locator(kept).first.is_visible(), kept
    address = page.evaluate(
        "getComputedStyle(document.querySelector('.ways a[href^=http]'), '::after').content"
    )
    assert "echosciences-grenoble.fr" in address


def test_the_search_prints_as_a_reading_list(open_page):
    page = open_page("/recherche?q=ville")
    page.emulate_media(media="print")

    assert not page.locator(".facets").is_visible()
    assert page.locator("article.hit").first.is_visible()
    address = page.evaluate(
        "getComputedStyle(document.querySelector('.ways a[href^=http]'), '::after').content"
    )
    assert "http" in address
    assert ":~:" not in address


def test_the_keyboard_goes_straight_to_what_is_read(open_page):
    page = open_page("/recherche?q=ville")
    page.keyboard.press("Tab")
    first = page.locator(":focus")

    assert first.inner_text() == "Aller au contenu"
    assert first.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#contenu")


def test_focus_is_seen(open_page):
    page = open_page("/recherche?q=ville")
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(s => [s.outlineStyle, parseFloat(s.outlineWidth)])"
            "(getComputedStyle(document.activeElement))"
        )
        assert outline[0] != "none"
        assert outline[1] >= 2


def test_a_stroke_leads_to_the_field_and_can_be_turned_off(open_page):
    page = open_page("/aide")
    field = page.get_by_label("Rechercher dans les textes cités")
    page.keyboard.press("/")
    assert field.evaluate("field => field === document.activeElement")
    assert field.input_value() == ""

    page.get_by_label("La touche").uncheck()
    page.locator("h1").click()
    page.keyboard.press("/")
    assert not field.evaluate("field => field === document.activeElement")


def test_words_are_suggested_as_one_types(open_page):
    page = open_page("/")
    page.get_by_label("Rechercher dans les textes cités").press_sequentially("bess")
    page.wait_for_selector("#suggestions option", state="attached")

    assert page.locator("#suggestions option").first.get_attribute("value") == "Raphaël Besson"


def test_a_slash_can_be_typed(open_page):
    page = open_page("/")
    field = page.get_by_label("Rechercher dans les textes cités")
    field.press_sequentially("a/b")

    assert field.input_value() == "a/b"


def test_every_target_is_large_enough(open_page):
    """WCAG 2.5.8: 24 px each way, but in a sentence; the label of a box is pressed with it."""
    page = open_page("/recherche?q=ville+territoire", width=320)
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input, summary")]
            .filter(e => !e.closest("p:not(.ways):not(.sorting), .mention, h2, .skip"))
            .map(e => e.closest("label") || e)
            .map(e => [e.textContent.trim(), e.getBoundingClientRect()])
            .filter(([, box]) => box.width && box.height < 24)
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )

    assert small == []


def test_each_landmark_is_there_once(open_page):
    page = open_page("/recherche?q=ville")

    for landmark in ("banner", "search", "main", "complementary", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark
