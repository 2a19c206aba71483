"""Make an Observation of a visit: what the server said, and what its page gives away.

An observation carries its basis: the page, what is known beside it, and the version of the rules.
A visit of equal basis says what the last one did, and its page need not be read again.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import metadata
from itertools import pairwise
from typing import Final
from urllib.parse import unquote, urlsplit

from indexer.links.drift import Change, Drift, compare_texts
from indexer.links.finding import SAME_TEXT, doubts_of, shows_text
from indexer.links.history import Probe
from indexer.links.page import WALLS, ParsedPage, find_walls
from indexer.links.soft404 import (
    TEXT_CHARS,
    count_telling_words,
    find_title,
    find_way,
    find_wording,
    has_everyday_words,
    is_front_page,
    is_led_elsewhere,
    is_note_foreign,
    is_noted,
    is_same_answer,
    is_same_title,
    is_title_shown,
)
from indexer.model import Article, Cause, Observation, PageKind, Redirect, Signal, Visit
from indexer.pagekind.classify import DOUBTFUL_KINDS, classify, is_written_by_scripts
from indexer.pagekind.kinds import ERRORS, LISTS
from indexer.pagekind.wording import fold

PROBE_EVERY: Final = timedelta(days=30)  # for a folder of a host
PERMANENT: Final = frozenset({301, 308})
# Kept by the archive, though something was wrong with it.
_KEPT: Final = frozenset({"captured", "revisited"})
_EMPTY_KINDS: Final = frozenset({PageKind.SCRIPT_SHELL, PageKind.NO_TEXT, PageKind.UNREADABLE})
# What stands in place of a whole site never bears the title of one of its texts.
_WITHOUT_TITLE: Final = frozenset({Signal.PARKED, Signal.PLACEHOLDER, Signal.MAINTENANCE})
# Words that tell a title from others: with fewer, another page may lack them by chance.
RARE_WORDS: Final = 3
# Teasers, hardly an article.
FEW_CHARS: Final = 1_000
_NO_ARTICLE: Final = frozenset({PageKind.LISTING, PageKind.STUB})
_PLAYED: Final = re.compile(r"<(iframe|frame|embed|object|video|audio|canvas)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Hold what is known before a visit: the bibliography's title, the first captured text."""

    cited_title: str = ""
    first_text: str = ""  # "" where nothing was captured before
    first_title: str = ""
    first_kind: PageKind | None = None
    authors: tuple[str, ...] = ()  # family names, as the bibliography gives them
    is_described: bool = False  # the title is a field's, not words that somebody linked
    note: str = ""  # what notes say of it
    shared_by: int = 1  # cited addresses that end where this one does
    probe: Probe | None = None  # what the host answers to an address that can't exist
    fragments: frozenset[str] = frozenset()  # anchors of that page that are cited
    is_network_up: bool = True  # something else answered around that time


NOTHING_KNOWN: Final = Known()


def observe_visit(visit: Visit) -> Observation:
    """Observe a visit by the server's answer alone, without its page."""
    cause = visit.cause
    return Observation(
        url=visit.url,
        observed_at=visit.visited_at,
        status=visit.status,
        # A page read despite its certificate names that fault as its cause: it is had whole.
        cause=None if visit.outcome in _KEPT and cause == visit.tls_fault else cause,
        detail=visit.detail,
        final_url=visit.final_url,
        redirects=tuple(_redirects(visit.hops)),
        has_page=visit.outcome in _KEPT and cause is not Cause.DAMAGED,
        tls_fault=visit.tls_fault,
    )


def observe_page(
    visit: Visit, page: ParsedPage | None, article: Article | None, known: Known = NOTHING_KNOWN
) -> Observation:
    """Observe a visit by the server's answer and by its page.

    `page` is None for what is no HTML (a PDF: then `article` has its text), and for a miss
    without a payload.
    """
    seen = observe_visit(visit)
    if page is not None and (visit.status or 0) >= 400:
        return _observe_error(seen, page, known)
    walls = frozenset[Signal]()
    if page is not None:
        walls = find_walls(page, cited_title=known.cited_title)
        if find_title(page, cited_title=known.cited_title) is Signal.TITLE_FOUND:
            walls -= _WITHOUT_TITLE
    if seen.cause is Cause.UNKNOWN_HOST and not known.is_network_up:
        # A machine that is offline may be told that no name exists.
        return replace(seen, signals=frozenset({Signal.NETWORK_DOWN}))
    if not seen.has_page:
        # A refusal served with 200 may be a parked domain, with a captcha in front.
        is_parked = seen.status == 200 and walls & {Signal.PARKED, Signal.PLACEHOLDER}
        return replace(seen, has_page=True, cause=None, signals=walls) if is_parked else seen
    kind = article.kind if article is not None else None
    text = article.text if article is not None else ""
    signals = set(walls)
    if page is not None and is_by_scripts(page, kind):
        signals.add(Signal.BY_SCRIPTS)
    drift: Drift | None = None
    if not walls.intersection(WALLS):
        signals |= _find_doubts(page, article, known)
    is_offer = Signal.PAYWALL in walls and bool(seen.redirects)
    if known.first_text and not is_offer and not walls.intersection(WALLS):
        drift = _compare_with_first(page, text, known)
        if seen.cause is None:  # what came in part says nothing of the rest
            signals |= _find_loss(page, text, kind, drift, known)
    return replace(
        seen,
        page_kind=kind,
        record_id=article.record_id if article is not None else "",
        signals=frozenset(signals),
        similarity=drift.similarity if drift else None,
        kept=drift.kept if drift else None,
        known=drift.known if drift else None,
        missing_fragments=_missing_fragments(known.fragments, page, kind),
    )


def is_by_scripts(page: ParsedPage, kind: PageKind | None) -> bool:
    """Tell whether a page has its text by scripts or in frames, by its markup and as it was read.

    What a browser made of a page has no scripts any more.
    """
    if page.content is None or not (kind is None or kind in DOUBTFUL_KINDS):
        return False
    return is_written_by_scripts(page.content, classify(page.content).kind)


def has_page(visit: Visit) -> bool:
    """Tell whether a visit brought a page to observe: no redirect that leads nowhere.

    After a 304 it is the page that is held already: an error page stays one. The body of an error
    may be the text, as browsers show it. What is damaged proves nothing.
    """
    if visit.cause is Cause.DAMAGED:
        return False
    is_shown = visit.outcome != "missed" or not 300 <= (visit.status or 0) < 400
    return bool(visit.record_id) and is_shown


def _observe_error(seen: Observation, page: ParsedPage, known: Known) -> Observation:
    """Observe a page that came with an error: alive where its body is the whole text.

    A fault of rewriting answers 404 and shows the article; no browser tells its reader.
    """
    content = page.content
    if content is None or classify(content).kind is not PageKind.ARTICLE:
        return seen
    signals = {Signal.TEXT_UNDER_ERROR}
    if find_title(page, cited_title=known.cited_title) is Signal.TITLE_FOUND:
        signals.add(Signal.TITLE_FOUND)
    drift = compare_texts(known.first_text, content.visible) if known.first_text else None
    is_text = drift.kept >= SAME_TEXT if drift else Signal.TITLE_FOUND in signals
    if not is_text:
        return seen
    return replace(seen, cause=None, has_page=True, signals=frozenset(signals))


# A text that was longer, and of which so little is left, has vanished.
LEAST_FIRST_CHARS: Final = 600
VANISHED_SHARE: Final = 0.1
# Of two texts that have nothing in common, chance shares this much of their shingles.
NOTHING_SHARED: Final = 0.1
_NOT_SHOWN: Final = frozenset(
    {PageKind.PAYWALL, PageKind.SCRIPT_SHELL, PageKind.UNREADABLE, PageKind.CONSENT, PageKind.LOGIN}
)


def _compare_with_first(page: ParsedPage | None, text: str, known: Known) -> Drift | None:
    """Compare the text captured first with that of today, then with all that the page shows."""
    drift = compare_texts(known.first_text, text) if len(text) >= TEXT_CHARS else None
    if page is None or page.content is None or _is_same(drift):
        return drift
    whole = compare_texts(known.first_text, page.content.visible)
    return whole if whole.kept >= SAME_TEXT else drift


def _is_same(drift: Drift | None) -> bool:
    return drift is not None and max(drift.similarity, drift.kept, drift.known) >= SAME_TEXT


def _find_loss(
    page: ParsedPage | None, text: str, kind: PageKind | None, drift: Drift | None, known: Known
) -> set[Signal]:
    """Find the signs that the text captured first is no longer behind the address."""
    if _is_same(drift) or kind in _NOT_SHOWN:
        return set()
    signals = set[Signal]()
    if drift is None or len(text) < VANISHED_SHARE * len(known.first_text):
        if len(known.first_text) >= LEAST_FIRST_CHARS:
            signals.add(Signal.VANISHED)
    elif drift.change is Change.OTHER and max(drift.kept, drift.known) < NOTHING_SHARED:
        signals.add(Signal.UNLIKE_CAPTURE)
    if not signals or page is None:
        return signals
    if known.first_title and not is_same_title(page, first_title=known.first_title):
        signals.add(Signal.TITLE_LOST)
    found = classify(page.content).kind if page.content is not None else None
    is_list = known.first_kind in LISTS or is_front_page(page.asked_url)
    if is_list and Signal.TITLE_LOST not in signals:
        return set()  # what a list shows is another thing each day
    if found in ERRORS | LISTS and not is_list:
        signals.add(Signal.OTHER_KIND)
    return signals


def depends_on_other_visits(visit: Visit) -> bool:
    """Tell whether what a visit says depends on how the other visits of its run went."""
    return len(visit.hops) > 1 or visit.cause is Cause.UNKNOWN_HOST


def find_first_record_id(history: Iterable[Observation], *, before: datetime) -> str:
    """Find the first capture that showed the text, or nothing but another title; "" for none.

    A shell that scripts were to fill shows no text.
    """
    for each in history:
        is_empty = Signal.BY_SCRIPTS in each.signals
        if each.observed_at < before and each.record_id and not is_empty and shows_text(each):
            return each.record_id
    return ""


def is_probe_fresh(probe: Probe | None, *, now: datetime) -> bool:
    """Tell whether a host was asked within PROBE_EVERY; a date still to come says nothing."""
    return probe is not None and now - PROBE_EVERY <= probe.probed_at <= now


def needs_probe(observation: Observation) -> bool:
    """Whether to ask the host for an address that can't exist: where nothing speaks for the page.

    A page that bears the title cited needs no proof; a wall, an error that says so and a front
    page need none either.
    """
    if not observation.has_page or observation.signals.intersection(WALLS):
        return False
    if observation.page_kind in _EMPTY_KINDS or not urlsplit(observation.url).path.strip("/"):
        return False
    if Signal.TITLE_FOUND in observation.signals:
        return False
    return Signal.ERROR_WORDING not in doubts_of(observation)


def _find_doubts(page: ParsedPage | None, article: Article | None, known: Known) -> set[Signal]:
    """Find what speaks against a page, or a document that is no HTML, being what is cited."""
    if page is not None:
        return _find_page_doubts(page, article.kind if article is not None else None, known)
    if article is not None and _is_another_document(article, known):
        return {Signal.UNLIKE_TITLE, Signal.NEVER_CITED}
    return set()


def _find_page_doubts(page: ParsedPage, kind: PageKind | None, known: Known) -> set[Signal]:
    found = {
        find_wording(page, cited_title=known.cited_title),
        find_way(page, shared_by=known.shared_by),
    }
    if page.content is not None and is_led_elsewhere(page) and classify(page.content).kind in LISTS:
        found.add(Signal.REDIRECTED_TO_LIST)
    if kind not in _EMPTY_KINDS:
        title = find_title(page, cited_title=known.cited_title)
        if title is Signal.UNLIKE_TITLE and is_noted(_show(page), note=known.note):
            title = None  # it is cited by another title, and its note speaks of it
        found.add(title)
        if title is Signal.UNLIKE_TITLE and _is_never_cited(page, known):
            found.add(Signal.NEVER_CITED)
        elif title is None and (
            _is_never_noted(page, known) or _is_notice_of_another(page, kind, known)
        ):
            found |= {Signal.UNLIKE_TITLE, Signal.NEVER_CITED}
        found.add(_find_same_answer(page, known.probe))
        if is_same_title(page, first_title=known.first_title):
            found.add(Signal.SAME_TITLE)
        elif found >= {Signal.REDIRECTED_BLINDLY, Signal.UNLIKE_TITLE} and (
            kind in _NO_ARTICLE or len(page.text) < FEW_CHARS
        ):
            # "?p=12" leads to a list, and nothing there bears the title cited.
            found.add(Signal.REDIRECTED_ELSEWHERE)
    return {signal for signal in found if signal is not None}


def _is_never_cited(page: ParsedPage, known: Known) -> bool:
    """Tell whether a title of three rare words or more, and its author, are nowhere on a page."""
    if not known.is_described:
        return False
    is_telling = count_telling_words(known.cited_title) >= RARE_WORDS
    if not is_telling and not _is_never_noted(page, known) and not _is_list_of_others(page, known):
        return False
    return not _names_an_author(page, known)


def _is_list_of_others(page: ParsedPage, known: Known) -> bool:
    """Tell whether a text that an author signed is cited, and the page is a list of other things.

    There a title of two words that is nowhere on the page is sign enough.
    """
    if not known.authors or page.content is None or is_front_page(page.asked_url):
        return False
    return classify(page.content).kind in LISTS


def _is_notice_of_another(page: ParsedPage, kind: PageKind | None, known: Known) -> bool:
    """Tell whether a page is a few lines that bear no word of the title cited, nor its author.

    Too few to say so of a text; a page of the text itself would have its title at least. What is
    looked at or listened to, or comes by scripts, has its title elsewhere.
    """
    is_notice = len(page.text) < TEXT_CHARS and (kind is PageKind.STUB or kind in ERRORS)
    if not is_notice or not known.is_described or is_by_scripts(page, kind):
        return False
    return (
        count_telling_words(known.cited_title) >= RARE_WORDS
        and _PLAYED.search(page.markup) is None
        and not is_title_shown(_show(page), cited_title=known.cited_title)
        and not _names_an_author(page, known)
    )


def _is_never_noted(page: ParsedPage, known: Known) -> bool:
    """Tell whether nothing of a short title, of a note on the text and its author is on a page.

    A weak sign, for titles that are too short to be one, and never alone on a first visit: of 41
    notes, half share a tenth of their words or less with another article (`NOTE_LOST`), and so do
    7 % of first paragraphs with the rest of their own.
    """
    if not known.is_described or not known.note:
        return False
    shown = _show(page)
    return (
        not is_title_shown(shown, cited_title=known.cited_title)
        and not _names_an_author(page, known)
        and is_note_foreign(shown, note=known.note)
    )


def _is_another_document(article: Article, known: Known) -> bool:
    """Tell whether a document that is no HTML has no word of the title cited, nor its author.

    Read from its first page to its last, a report has some word of its own title, be its cover a
    picture. A text without everyday words was not read rightly, and says nothing.
    """
    shown = f"{article.title} {article.text}"
    return (
        known.is_described
        and bool(known.authors)
        and len(article.text) >= FEW_CHARS
        and count_telling_words(known.cited_title) >= RARE_WORDS
        and has_everyday_words(article.text)
        and not is_title_shown(shown, cited_title=known.cited_title)
        and not _is_named(shown, known.authors)
    )


def _names_an_author(page: ParsedPage, known: Known) -> bool:
    return _is_named(_show(page), known.authors)


def _is_named(text: str, names: Iterable[str]) -> bool:
    shown = fold(text)
    return any(fold(name) in shown for name in names if name)


def _show(page: ParsedPage) -> str:
    return f"{page.title} {page.content.visible if page.content else page.text}"


def _find_same_answer(page: ParsedPage, probe: Probe | None) -> Signal | None:
    if probe is None or not probe.has_page:
        return None
    echoed = _echoes(page.asked_url, page.final_url, probe.url)
    is_same = is_same_answer(page.text, probe.text, echoed=echoed)
    return Signal.SAME_AS_IMPOSSIBLE if is_same else None


def _echoes(*urls: str) -> list[str]:
    """Give the forms in which a page may show an address, the longest first."""
    forms: set[str] = set()
    for url in urls:
        path = urlsplit(url).path
        forms |= {url, path, unquote(path), path.rpartition("/")[2], unquote(path).strip("/")}
    return sorted((form for form in forms if len(form) > 1), key=len, reverse=True)


def _redirects(hops: Iterable[tuple[str, int | None]]) -> Iterable[Redirect]:
    for (_, status), (target_uri, _) in pairwise(hops):
        yield Redirect(target_uri=target_uri, is_permanent=status in PERMANENT)


def _missing_fragments(
    fragments: Iterable[str], page: ParsedPage | None, kind: PageKind | None
) -> frozenset[str]:
    """Give the cited anchors that the page has not.

    "#top" is every page's; "#!" and "#/" are a script's, ":~:" is the browser's.
    """
    if page is None or kind is PageKind.SCRIPT_SHELL:
        return frozenset()
    return frozenset(
        fragment
        for fragment in fragments
        if fragment.lower() not in ("", "top")
        and not fragment.startswith(("!", "/"))
        and ":~:" not in fragment
        and not {fragment, unquote(fragment)} & page.anchors
    )


def narrow(history: Iterable[Observation], url: str) -> tuple[Observation, ...]:
    """Give the history of a page as that of one address cited: its own anchor only."""
    own = frozenset({url.partition("#")[2]})  # the address may be malformed
    return tuple(
        each  # as nearly all are: a copy of an observation takes as long as to judge it
        if each.url == url and each.missing_fragments <= own
        else replace(each, url=url, missing_fragments=each.missing_fragments & own)
        for each in history
    )


# Raised by a person when the same page says something else than before; the test
# tests/links/test_zoo.py fails when it does and the number was not raised
# (docs/decisions/0070-versions-raised-by-hand.md).
LINK_RULES_VERSION: Final = 6
# lxml is what reads the pages that the rules look at: another release may read them otherwise.
RULES: Final = f"{LINK_RULES_VERSION} lxml={metadata.version('lxml')}"


def render_basis(
    visit: Visit,
    *,
    payload: str,
    cited_title: str,
    fragments: Iterable[str],
    first_record_id: str,
    shared_by: int,
    probe: Probe | None,
    cited_by: Iterable[str] = (),
    note: str = "",
    rendered: str = "",
) -> str:
    """Render a digest of all that an observation depends on but its date.

    `payload` names the bytes that were had, `first_record_id` the text they are compared with,
    `cited_by` the authors of a bibliographic description, `note` what notes say of the text,
    `rendered` the page after its scripts, by its digest.
    """
    facts = (
        RULES,
        payload,
        visit.url,
        visit.final_url,
        visit.hops if len(visit.hops) > 1 else (),
        visit.outcome == "missed",
        visit.cause,
        visit.tls_fault,
        cited_title,
        sorted(cited_by),
        sorted(fragments),
        first_record_id,
        shared_by,
        [probe.url, probe.has_page] if probe is not None else [],
        *([note] if note else []),  # a page of which no note tells keeps the basis that it had
        *([["rendered", rendered]] if rendered else []),
    )
    text = json.dumps(facts, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def carry_over(last: Observation, visit: Visit, *, is_first: bool = False) -> Observation:
    """Observe a visit whose basis is that of the last observation: give that one, dated today.

    `is_first`: the page is the very one that was captured first, so that it is still that text.
    """
    seen = observe_visit(visit)
    carried = replace(last, observed_at=seen.observed_at, status=seen.status, detail=seen.detail)
    return replace(carried, similarity=1.0, kept=1.0, known=1.0) if is_first else carried
