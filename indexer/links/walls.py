"""Recognise what stands in place of a page: parked domains, captchas, consent, logins."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from indexer.links.domain_rules import DOMAIN_RULES
from indexer.links.gate_rules import GATE_RULES
from indexer.links.page import ParsedPage
from indexer.links.rule import Rule, Where
from indexer.model import Signal

# Read from the top: the first wall there is the one that is told.
WALLS: Final = (
    Signal.PARKED,
    Signal.PLACEHOLDER,
    Signal.CAPTCHA,
    Signal.LOGIN_WALL,
    Signal.CONSENT_WALL,
    Signal.MAINTENANCE,
)


RULES: Final = (*DOMAIN_RULES, *GATE_RULES)
_COMPILED: Final = tuple((rule, re.compile(rule.pattern, re.IGNORECASE)) for rule in RULES)


def find_walls(page: ParsedPage, *, cited_title: str = "") -> frozenset[Signal]:
    """Say what stands in place of the page, if something does; PAYWALL stands beside it.

    `cited_title` is the title in the bibliography: a text about walls bears their words rightly.
    """
    found = {rule.signal for rule, pattern in _COMPILED if matches(rule, pattern, page)}
    if not found:
        return frozenset()
    meant = {rule.signal for rule, pattern in _COMPILED if pattern.search(cited_title)}
    return frozenset(found - meant)


def matches(rule: Rule, pattern: re.Pattern[str], page: ParsedPage) -> bool:
    """Say whether one rule recognises the page."""
    if len(page.text) > rule.max_chars:
        return False
    return any(pattern.search(part) for part in _PARTS[rule.where](page))


def _path_sent_to(page: ParsedPage) -> tuple[str, ...]:
    """The final path and query; nothing when that is what the bibliography asked for."""
    asked, final = urlsplit(page.asked_url), urlsplit(page.final_url)
    if asked.path == final.path:
        return ()
    return (f"{final.path}?{final.query}" if final.query else final.path,)


_PARTS: Final[Mapping[Where, Callable[[ParsedPage], tuple[str, ...]]]] = MappingProxyType(
    {
        Where.HEADLINE: lambda page: (page.title, *page.headings),
        Where.TEXT: lambda page: (page.text,),
        Where.MARKUP: lambda page: (page.markup,),
        Where.HOST: lambda page: (urlsplit(page.final_url).hostname or "",),
        Where.PATH: _path_sent_to,
    }
)
