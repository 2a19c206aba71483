"""Recognise the page that says "not found" and answers 200.

Three independent looks: the page's own title and headings, what the same host answers to an
address that can't exist, and where we were sent. The wording is never looked for in the body:
on 3,984 good pages that gave 91 false alarms, in title or heading of a short page one, which
was a soft 404.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from indexer.links.drift import Shingles, shingles_of
from indexer.links.page import ParsedPage
from indexer.model import PageKind, Signal
from indexer.pagekind.classify import classify
from indexer.pagekind.kinds import LISTS
from indexer.pagekind.page import PageContent
from indexer.pagekind.wording import fold, hints_at_error, says_not_found

SHORT_CHARS: Final = 3_000
# A shell that a script fills says as little about the page as about the address.
TEXT_CHARS: Final = 200
SAME_ANSWER: Final = 0.80
TITLE_FOUND: Final = 0.60
TITLE_LOST: Final = 0.34
SHARED_BY: Final = 3
# Words of a note of which fewer say nothing, and their share that another text may have by chance.
NOTE_WORDS: Final = 5
NOTE_LOST: Final = 0.20
# The share that a text of which the note speaks nearly always has, and another one never.
NOTE_FOUND: Final = 0.35
STEM_LETTERS: Final = 6
# So many headings over hardly a text are the titles of others.
HEADINGS: Final = 4


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that tell no title from another.
_EMPTY_WORDS: Final = _words(
    """
    dans pour avec cette sont leur leurs plus nous vous elle elles aussi entre comme mais tout
    tous sans sous vers chez dont quand quel quelle with from that this your their about into
    html index article articles page pages blog post node spip http https
    """
)
# First letters of words by which a note speaks of any text, and of those that stand in 15 % or
# more of 240 articles of an encyclopaedia.
_EVERYBODYS_STEMS: Final = _words(
    """
    analys articl atelie auteur autric chapit citati commen compre critiq demont develo discut
    dossie entret enquet exempl expliq expose extrai import intere introd interr lectur lecteu
    lectri lettre meille moment montre numero ouvrag parcou partie passag penser pointe portra
    premie presen proble propos questi racont rappel rappor recher refere reflex regard relire
    resume retour retrou reunio revien signal situat soulig surtou synthe temoig tribun trouve
    ancien annees autori autres cepend certai commun consid consti contre demand depuis dernie
    differ direct durant egalem encore enviro europe france franca genera gouver grande guerre
    lorsqu nation nombre notamm nouvea nouvel organi origin partic partir pendan permet person
    plusie politi popula princi quelqu repres siecle souven utilis
    """
)
# So many of them stand in any text that was read rightly.
EVERYDAY_LEAST: Final = 4
_SITE_SEPARATOR: Final = re.compile(r"\s*[|–—·•»«›]\s*|\s+-\s+")
_HOME: Final = re.compile(
    r"/?([a-z]{2}([-_][a-z]{2})?/?)?((index|default|accueil|home|spip)(\.\w{2,5})?/?)?",
    re.IGNORECASE,
)


def find_wording(page: ParsedPage, *, cited_title: str = "") -> Signal | None:
    """Say whether the title or a heading of a short page says that there is no page.

    `cited_title` is the title in the bibliography: an article about errors bears it rightly.
    """
    if len(page.text) >= SHORT_CHARS or hints_at_error(cited_title):
        return None
    heading_says = any(says_not_found(heading) for heading in page.headings)
    title_says = any(says_not_found(part) for part in (page.title, *_segments(page.title)))
    if heading_says or (title_says and not _has_heading_of_its_own(page)):
        return Signal.ERROR_WORDING
    hinted = any(hints_at_error(text) for text in (page.title, *page.headings))
    return Signal.ERROR_HINT if title_says or hinted else None


def find_title(page: ParsedPage, *, cited_title: str) -> Signal | None:
    """Say whether the title that the bibliography gives stands on the page, or nothing of it."""
    wanted = _telling_words(cited_title)
    if len(wanted) < 2 or len(page.text) < TEXT_CHARS:
        return None
    headline = _telling_words(" ".join((page.title, *page.headings)))
    if len(wanted & headline) / len(wanted) >= TITLE_FOUND:
        return Signal.TITLE_FOUND
    if page.content is not None and not is_front_page(page.asked_url) and _is_list(page.content):
        best = max(
            (len(wanted & words) for words in _list_entries(page.content, headline)), default=0
        )
        return Signal.UNLIKE_TITLE if best < TITLE_FOUND * len(wanted) else None
    anywhere = headline | _telling_words(page.text)
    return Signal.UNLIKE_TITLE if len(wanted & anywhere) / len(wanted) <= TITLE_LOST else None


def _is_list(content: PageContent) -> bool:
    """Tell whether a page lists other texts, or has headings and hardly a text."""
    kind = classify(content).kind
    headings = sum(each.is_heading for each in content.main)
    return kind in LISTS or (kind is PageKind.STUB and headings >= HEADINGS)


def _list_entries(content: PageContent, headline: set[str]) -> Iterator[set[str]]:
    """List the telling words of each entry of a list, with those of its headline.

    A title stands in one entry or in none. Words that several entries have tell no title from
    another: "un dossier pour comprendre" is of many.
    """
    entries = [_telling_words(each.text) for each in content.main]
    counts = Counter(word for words in entries for word in words)
    common = {word for word, count in counts.items() if count > 1}
    for words in entries:
        yield (words - common) | headline


def is_same_title(page: ParsedPage, *, first_title: str) -> bool:
    """Say whether the page bears the title that it had when it was captured first.

    The bibliography may cite it by another: translated, shortened, or in a reader's own words.
    """
    wanted = _telling_words(first_title)
    headline = _telling_words(" ".join((page.title, *page.headings)))
    return len(wanted) >= 2 and len(wanted & headline) / len(wanted) >= TITLE_FOUND


def bears_title(title: str, text: str, *, cited_title: str) -> bool:
    """Tell whether a text, in its title or its first words, bears the title that is cited."""
    wanted = _telling_words(cited_title)
    shown = _telling_words(f"{title} {text[:TEXT_CHARS]}")
    return len(wanted) >= 2 and len(wanted & shown) / len(wanted) >= TITLE_FOUND


def is_title_shown(text: str, *, cited_title: str) -> bool:
    """Tell whether any word that tells the title cited from others stands in a text."""
    return bool(_telling_words(cited_title) & _telling_words(text))


def has_everyday_words(text: str) -> bool:
    """Tell whether words that any text of French or English has stand in a text."""
    return len(_EMPTY_WORDS.intersection(fold(text).split())) >= EVERYDAY_LEAST


def is_note_foreign(text: str, *, note: str) -> bool:
    """Tell whether what a note says of a text is foreign to another: it has hardly a word of it.

    Words by which one speaks of any text are left out. A note of a few words says nothing, nor does
    a text of a few. Of 56 articles of an encyclopaedia that the list was not made of, and some six
    questions that people asked about each, .98 of 660 pairs that do not belong together are told,
    and one of the 56 that do.
    """
    share = _share_of_note(text, note)
    return share is not None and share <= NOTE_LOST


def is_noted(text: str, *, note: str) -> bool:
    """Tell whether a text has so many of the words of a note that it is the one noted.

    Of the pairs of `is_note_foreign`, .96 of those that belong together are told, and no other.
    """
    share = _share_of_note(text, note)
    return share is not None and share >= NOTE_FOUND


def _share_of_note(text: str, note: str) -> float | None:
    """Give the part of a note's telling words that a text has; None where they say nothing."""
    wanted, shown = _long_words(note) - _EVERYBODYS_STEMS, _long_words(text)
    if len(wanted) < NOTE_WORDS or len(text) < TEXT_CHARS:
        return None
    return len(wanted & shown) / len(wanted)


def _long_words(text: str) -> set[str]:
    """Give the words of a text by their first letters: singulars and plurals, verbs, are alike."""
    return {word[:STEM_LETTERS] for word in _telling_words(text) if len(word) >= STEM_LETTERS}


def find_way(page: ParsedPage, *, shared_by: int = 1) -> Signal | None:
    """Say where a redirect led, if not to a page of its own.

    `shared_by` counts the cited addresses that end at this very page.
    """
    asked, final = urlsplit(page.asked_url), urlsplit(page.final_url)
    if _is_home(asked.path, asked.query) or not final.netloc:
        return None
    if (asked.path, asked.query) == (final.path, final.query):
        return None  # another scheme or host, the same page
    if _is_home(final.path, final.query):
        return Signal.REDIRECTED_HOME
    if shared_by >= SHARED_BY:
        return Signal.SHARED_TARGET
    said = _telling_words(f"{asked.path} {asked.query}")
    if not said:
        return Signal.REDIRECTED_BLINDLY  # "?p=12" says nothing that another could say again
    there = _telling_words(f"{final.path} {final.query}")
    return None if said & there else Signal.REDIRECTED_ELSEWHERE


def is_front_page(url: str) -> bool:
    """Tell whether an address is that of a site's front page."""
    parts = urlsplit(url)
    return _is_home(parts.path, parts.query)


def is_led_elsewhere(page: ParsedPage) -> bool:
    """Tell whether a redirect led to another page than the one asked for, not from a front page."""
    asked, final = urlsplit(page.asked_url), urlsplit(page.final_url)
    is_other = (asked.path.rstrip("/"), asked.query) != (final.path.rstrip("/"), final.query)
    return bool(final.netloc) and is_other and not is_front_page(page.asked_url)


def count_telling_words(title: str) -> int:
    """Count the words of a title that tell it from others."""
    return len(_telling_words(title))


def find_folder(url: str) -> str:
    """Find scheme, host and folder of a URL: where one address that can't exist speaks for all."""
    return make_impossible_url(url, token="").rstrip("/")


def make_impossible_url(url: str, *, token: str) -> str:
    """Make an address beside `url` that nobody can have made; `token` is drawn by the caller."""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0] if parts.path.rstrip("/") else ""
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{token}", "", ""))


def is_same_answer(text: str, impossible: str, *, echoed: Iterable[str] = ()) -> bool:
    """Say whether a host answers our address as it answers one that can't exist.

    Pages echo the address asked for: the `echoed` strings do not count. Two texts shorter than
    `TEXT_CHARS` say nothing, they may be the empty shell of a page that scripts fill.
    """
    if min(len(text), len(impossible)) < TEXT_CHARS:
        return False
    ours, theirs = _without(text, echoed), _without(impossible, echoed)
    return len(ours & theirs) >= SAME_ANSWER * len(ours | theirs) > 0


def _without(text: str, echoed: Iterable[str]) -> Shingles:
    for address in echoed:
        text = text.replace(address, " ")
    return shingles_of(text)


def _segments(title: str) -> list[str]:
    return [part for part in _SITE_SEPARATOR.split(title) if part]


def _has_heading_of_its_own(page: ParsedPage) -> bool:
    """Say whether a heading is neither an error nor the site's name (in the title or host)."""
    site = set(fold(f"{page.title} {urlsplit(page.final_url).hostname or ''}").split())
    return any(
        not hints_at_error(heading) and not set(fold(heading).split()) <= site
        for heading in page.headings
    )


def _is_home(path: str, query: str) -> bool:
    return not query and _HOME.fullmatch(path) is not None


def _telling_words(text: str) -> set[str]:
    """Give the words that tell one title from another; a long number does, a year does not."""
    return {
        word
        for word in fold(text).split()
        if len(word) >= (5 if word.isdigit() else 4) and word not in _EMPTY_WORDS
    }
