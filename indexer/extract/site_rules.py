"""Read pages by site rules: files that say where a site puts its title, author, date and body.

The form is that of FiveFilters' site configurations, one directive a line:

    host: ateliers.example            # or recognise: an XPath that knows the platform's pages
    title: //h1[@class='titre']
    author: //a[@rel='author']
    date: //time/@datetime
    body: //div[@id='texte'] | //div[@id='notes']
    strip: //div[@class='partage']
    strip_id_or_class: newsletter
    verified: no

A directive may stand several times: the first one that finds something counts, of `strip` all. A
rule is followed first, before any reader of pages; what it does not find is read as elsewhere.
`verified` says on what real page or theme a rule was tried; it is read by people. Rules of a
collection's owner stand in a folder of their own, and come before ours.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import lxml.etree
import lxml.html

from indexer.disk import explain
from indexer.errors import SiteRuleError
from indexer.extract.article import FINGERPRINT
from indexer.extract.blocks import PageBlock, tidy_line, walk_blocks
from indexer.messages import message
from indexer.model import Article, Paragraph

FOLDER_NAME: Final = "site-rules"  # in the corpus, beside the bibliography
ENDING: Final = ".txt"
MIN_CHARS: Final = 250  # a body of fewer is none
MAX_VALUES: Final = 20
PATHS: Final = ("recognise", "title", "author", "date", "body", "strip")
WORDS: Final = ("host", "strip_id_or_class")
# FiveFilters' directives that say how a page is fetched or tidied, or only when it was tried.
PASSED_OVER: Final = frozenset(
    "verified tidy prune parser test_url test_contains autodetect_on_failure find_string "  # noqa: SIM905
    "replace_string single_page_link single_page_link_in_feed next_page_link native_ad_clue "
    "autodetect_next_page http_header strip_image_src insert_detected_image requires_login "
    "not_logged_in_xpath login_uri login_username_field login_password_field login_extra_fields "
    "dissolve convert_double_br_tags strip_comments strip_attr wrap_in move_into skip_json_ld "
    "footnotes skip_id_or_class src_lazy_load_attr if_page_contains".split()
)
DIRECTIVE: Final = re.compile(r"(?P<name>[a-z_]+)(?:\([^)]*\))?\s*:\s*(?P<value>.*)")
HOST: Final = re.compile(r"\.?[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRule:
    """A rule for the pages of a site or a platform: XPaths of what they say, by directive."""

    name: str  # of its file, without ".txt"
    hosts: tuple[str, ...] = ()  # their subdomains too
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledPage:
    """The parts of a page that a rule found: its metadata, and the elements that hold its body."""

    rule: SiteRule
    title: str = ""
    authors: tuple[str, ...] = ()  # bylines, as the page has them
    issued: str = ""  # EDTF
    bodies: tuple[Any, ...] = ()

    def list_paragraphs(self, blocks: Iterable[PageBlock]) -> tuple[Paragraph, ...]:
        """List the paragraphs of the body among a page's blocks; none of a body too short."""
        held = set(self.bodies)
        kept = tuple(each.paragraph for each in blocks if not held.isdisjoint(each.path))
        return kept if sum(len(each.text) for each in kept) >= MIN_CHARS else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRules:
    """The rules that pages are read by: the owner's own, then ours."""

    own: tuple[SiteRule, ...] = ()
    state: str = ""  # changes whenever the owner's files do

    def find(self, tree: Any, url: str) -> SiteRule | None:
        """Find the rule of a page: by its host, the owner's first; else by its markup."""
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        for rules in (self.own, read_built_in()):
            held = [(len(each), n) for n, rule in enumerate(rules) for each in rule.hosts
                    if f".{host}".endswith(f".{each}")]  # fmt: skip
            if held:
                return rules[max(held)[1]]
            found = next((rule for rule in rules if _evaluate(tree, rule, "recognise")), None)
            if found is not None:
                return found
        return None

    @property
    def extractor(self) -> str:
        """The name of the extractor that reads by these rules: pages are read again by another."""
        return f"{FINGERPRINT}+{self.state}" if self.state else FINGERPRINT

    def sign(self, article: Article) -> Article:
        """Say in an article by which extractor, with which rules, it was read."""
        return replace(article, extractor=self.extractor) if self.state else article


BUILT_IN: Final = SiteRules()


@lru_cache(maxsize=1)
def read_built_in() -> tuple[SiteRule, ...]:
    """Read the rules that come with this program."""
    folder = resources.files("indexer.extract") / "sites"
    files = sorted(folder.iterdir(), key=lambda each: each.name)
    return tuple(
        parse_rule(each.read_text("utf-8"), name=each.name.removesuffix(ENDING), where=each.name)
        for each in files
        if each.name.endswith(ENDING)
    )


def read_site_rules(folder: Path | None) -> SiteRules:
    """Read an owner's rules, the files "*.txt" of a folder that need not exist.

    A file without `host` or `recognise` is of the host that it is named after, as FiveFilters'
    are. Raises `SiteRuleError` for what cannot be read or understood: file, line and what.
    """
    if folder is None:
        return BUILT_IN
    rules = []
    digest = hashlib.sha256()
    try:
        files = sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []
        for file in files:
            payload = file.read_bytes()
            digest.update(file.name.encode() + b"\0" + payload + b"\0")
            text = payload.decode("utf-8-sig")
            rules.append(parse_rule(text, name=file.stem, where=str(file)))
    except OSError as error:
        raise SiteRuleError(
            message("error.cannot-read", why=explain(error).what), where=error.filename or folder
        ) from error
    except UnicodeDecodeError as error:
        raise SiteRuleError(
            message("error.site-rule.no-utf8", error=str(error)),
            where=file,
            hint=message("hint.save-utf8"),
        ) from error
    return SiteRules(own=tuple(rules), state=digest.hexdigest()[:8] if rules else "")


def parse_rule(text: str, *, name: str, where: str) -> SiteRule:
    """Parse a rule file's text; `where` names the file in errors. Raises `SiteRuleError`."""
    found: dict[str, list[str]] = {each: [] for each in (*PATHS, *WORDS)}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        place = f"{where}:{number}"
        read = DIRECTIVE.fullmatch(line)
        key = read["name"].replace("recognize", "recognise") if read else ""
        value = read["value"].strip() if read else ""
        if key in PASSED_OVER:
            continue
        if key not in found:
            known = ", ".join((*PATHS, *WORDS))
            raise SiteRuleError(
                message("error.site-rule.no-directive", line=line[:80]),
                where=place,
                hint=message("hint.directives", known=known),
            )
        _check(key, value, place)
        found[key].append(value.removeprefix(".") if key == "host" else value)
    hosts = tuple(each.lower().removeprefix("www.") for each in found["host"])
    if not hosts and not found["recognise"]:
        if not HOST.fullmatch(name):
            raise SiteRuleError(
                message("error.site-rule.no-site"),
                where=where,
                hint=message("hint.add-host"),
            )
        hosts = (name.lower().removeprefix("www."),)
    named = [
        f"//*[contains(@class, {_quote(each)}) or contains(@id, {_quote(each)})]"
        for each in found["strip_id_or_class"]
    ]
    paths = {key: tuple(found[key]) for key in PATHS} | {"strip": (*found["strip"], *named)}
    return SiteRule(name=name, hosts=hosts, paths=paths)


def read_by_rule(tree: Any, rule: SiteRule) -> RuledPage:
    """Read a parsed page by a rule, and take out of its body what the rule strips.

    What stands outside of the body stays: bylines and dates are looked for there.
    """
    titles = _first_of(tree, rule, "title")
    authors = _first_of(tree, rule, "author")
    dates = _first_of(tree, rule, "date")
    bodies = _find_bodies(tree, rule)
    inside = {each for body in bodies for each in body.iterdescendants()}
    for element in _evaluate(tree, rule, "strip") if bodies else ():
        if element in inside and element.getparent() is not None:
            element.drop_tree()
    return RuledPage(
        rule=rule,
        title=next(filter(None, map(_text_of, titles)), ""),
        authors=tuple(filter(None, map(_text_of, authors)))[:MAX_VALUES],
        issued=next(filter(None, (_date_of(_text_of(each)) for each in dates)), ""),
        bodies=bodies,
    )


def _find_bodies(tree: Any, rule: SiteRule) -> tuple[Any, ...]:
    """Find the elements of the body; none on a page with several bodies alike, which is a list."""
    for path in rule.paths["body"]:
        found = [each for each in _compile(path)(tree) if isinstance(each, lxml.html.HtmlElement)]
        inside = {e for each in found for e in each.iterdescendants()}
        outer = [each for each in found if each not in inside]
        shapes = [(each.getparent().getparent(), each.tag, each.get("class")) for each in outer
                  if each.getparent() is not None]  # fmt: skip
        if outer and (len(set(shapes)) == len(shapes)):
            return tuple(outer)
        if outer:
            return ()
    return ()


def _first_of(tree: Any, rule: SiteRule, key: str) -> list[Any]:
    return next(
        (found for path in rule.paths[key] if (found := _as_list(_compile(path)(tree)))), []
    )[:MAX_VALUES]


def _evaluate(tree: Any, rule: SiteRule, key: str) -> list[Any]:
    return [each for path in rule.paths[key] for each in _as_list(_compile(path)(tree))]


def _as_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [value] if value else []  # string(…), boolean(…)


def _text_of(value: Any) -> str:
    if isinstance(value, str):
        return tidy_line(value)
    if not isinstance(value, lxml.html.HtmlElement):
        return ""
    pieces = [raw for _, raw, _, _ in walk_blocks(value) if raw.strip()]
    return tidy_line(" | ".join(pieces) or value.text_content())


def _date_of(text: str) -> str:
    # Its library takes long to import: who reads pays for it, not every command that could.
    from indexer.extract.dates import parse_iso, parse_shown

    return parse_iso(text) or parse_shown(text)


@lru_cache(maxsize=1024)
def _compile(path: str) -> Any:
    return lxml.etree.XPath(path)


def _check(key: str, value: str, place: str) -> None:
    """Refuse a value that the directive cannot have. Raises `SiteRuleError`."""
    if not value:
        raise SiteRuleError(
            message("error.site-rule.no-value", key=key),
            where=place,
            hint=message("hint.give-value"),
        )
    if key == "host" and not HOST.fullmatch(value):
        raise SiteRuleError(
            message("error.site-rule.no-host", value=value),
            where=place,
            hint=message("hint.bare-host"),
        )
    if key not in PATHS:
        return
    try:  # an unknown function or prefix is found out when it is evaluated
        _compile(value)(lxml.html.fromstring("<html><body><p>.</p></body></html>"))
    except lxml.etree.XPathError as error:
        raise SiteRuleError(
            message("error.site-rule.no-xpath", value=value, error=str(error)),
            where=place,
            hint=message("hint.xpath"),
        ) from error


def _quote(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"
