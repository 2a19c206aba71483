"""Find on a page the signs that rules ask for: words in a part of it, or its shape."""

import re
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Final

from indexer.pagekind.kinds import Sign
from indexer.pagekind.page import PageContent
from indexer.pagekind.wording import hints_at_error, says_not_found

# Hardly a sentence: a form, a button, a notice.
TINY: Final = 250
# A notice with its explanations; articles that short have another headline.
NOTICE: Final = 450
# Longer explanations, for which two signs are asked.
LONG_NOTICE: Final = 1_000
# A page that is nothing but a choice is shorter, menus included.
CHOICES_CHARS: Final = 5_000
# What consent is asked for, and by whom.
_COOKIES: Final = frozenset(
    (
        *("cookies", "cookie", "traceurs", "traceur", "partenaires", "partners", "privacy"),
        *("données", "data", "consentement", "consent", "confidentialité", "publicités"),
        *("publicité", "advertising"),
    )
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_LOADING: Final = (
    r"^(loading|chargement|please wait|patientez|un instant|wait|veuillez patienter|\W)*$"
)
_SEEN: Final = r"<(img|object|embed|i?frame|video|canvas|applet)\b"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern at its first use."""
    return re.compile(pattern)


def _find_in(pattern: str, part: Callable[[PageContent], str]) -> Sign:
    """Find a pattern in a part of the page."""

    def find(page: PageContent) -> str:
        found = compiled(pattern).search(part(page))
        return found[0] if found else ""

    return find


def headline(pattern: str) -> Sign:
    """Find a pattern in the title, a part of it, or one of the first headings, folded."""

    def find(page: PageContent) -> str:
        search = compiled(pattern).search
        return next((found[0] for each in page.headlines if (found := search(each))), "")

    return find


def lead(pattern: str) -> Sign:
    """Find a pattern in headlines or at the beginning of the text, folded."""
    return any_of(_find_in(pattern, lambda page: page.folded[:600]), headline(pattern))


def text(pattern: str) -> Sign:
    """Find a pattern in the folded text outside of the furniture."""
    return _find_in(pattern, attrgetter("folded"))


def ending(pattern: str) -> Sign:
    """Find a pattern at the end of the text, folded."""
    return _find_in(pattern, attrgetter("folded_end"))


def markup(pattern: str) -> Sign:
    """Find a pattern in the markup, in lower case."""

    def find(page: PageContent) -> str:
        found = compiled(pattern).search(page.lower_markup)
        return found[0][:80] if found else ""

    return find


def noscript(pattern: str) -> Sign:
    """Find a pattern in what is shown where scripts do not run, folded."""
    return _find_in(pattern, attrgetter("folded_noscript"))


def address(pattern: str) -> Sign:
    """Find a pattern in the final address, in lower case: host, path and query."""
    return _find_in(pattern, attrgetter("address"))


def any_of(*signs: Sign) -> Sign:
    """Find the first of several signs."""
    return lambda page: next((words for sign in signs if (words := sign(page))), "")


def has_password(page: PageContent) -> str:
    """Find a field for a password outside of menus and side bars."""
    return "password" if page.passwords else ""


def has_field(page: PageContent) -> str:
    """Find a field to fill, of any type but hidden ones and buttons."""
    return "input" if "<input" in page.lower_markup else ""


def has_few_links(page: PageContent) -> str:
    """Find that the page lists next to nothing."""
    return "few links" if page.links <= 12 and page.summaries < 3 else ""


def has_little_text(page: PageContent) -> str:
    """Find that what a reader sees fits in a few lines, menus included."""
    return "little text" if len(page.visible) < 450 else ""


def bears_host_name(page: PageContent) -> str:
    """Find the name of the host where a site's name or a title would be."""
    host = page.host
    return host if host and any(host in each.lower() for each in page.sayings) else ""


def names_host(page: PageContent) -> str:
    """Find the name of the host in the text."""
    host = page.host
    return host if host and host in f"{page.title} {page.visible[:1_500]}".lower() else ""


def says_nothing_is_there(page: PageContent) -> str:
    """Find a title, heading or short block that says "not found", and nothing else."""
    for saying in page.sayings:
        if says_not_found(saying):
            return saying
    if any(hints_at_error(each) for each in page.sayings) or len(page.sayings) <= 2:
        for block in page.main[:6]:
            if len(block.text) < 160 and not block.is_link and says_not_found(block.text):
                return block.text
    return ""


def is_about_choices(page: PageContent) -> str:
    """Find that the prose is about cookies and partners, whatever is said beside it."""
    if len(page.visible) > CHOICES_CHARS:
        return ""  # a choice that stands before a whole page
    others = sum(
        len(each.text)
        for each in page.main
        if each.is_prose and not _COOKIES.intersection(_WORD.findall(each.text.casefold()))
    )
    return "" if others > TINY else "nothing but a choice"


def is_empty_shell(page: PageContent) -> str:
    """Find scripts, and hardly a word without them."""
    if page.scripts and len(page.visible) < 120 and not page.headings:
        words = page.noscript or "script"
        roots = ('id="root"', 'id="app"', 'id="__n', 'id="___gatsby"', "<app-root", "_container")
        if "script" in page.folded_noscript or any(each in page.lower_markup for each in roots):
            return words[:80]
        if not page.visible:  # nothing is to be seen but what a script would put there
            return "" if compiled(_SEEN).search(page.lower_markup) else "script"
        return page.visible if compiled(_LOADING).fullmatch(page.folded) else ""
    return ""


def asks_for_script(page: PageContent) -> str:
    """Find that the page says to need scripts, and shows nothing else."""
    said = f"{page.folded} {page.folded_noscript}"
    is_asked = "javascript" in said and len(page.visible) < TINY
    return "javascript" if is_asked else ""
