"""Know where known platforms put the body of an article: a table of site rules.

Asked only where the readers found little of a page: what the rule finds must hold what they
found, and much more.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from bs4 import BeautifulSoup
from lxml.etree import XPath

from indexer.extract.blocks import list_paragraphs
from indexer.extract.choice import Chosen, drop_repeats, is_pointer
from indexer.extract.markup import parse_markup
from indexer.extract.readers import Reading

MARKER_CHARS: Final = 300_000  # of the page, where its platform gives itself away
LITTLE_CHARS: Final = 1_500  # read of a page; beyond, the readers are believed
LITTLE: Final = 0.3  # of the characters of the page
WIDER: Final = 1.5
HELD: Final = 0.8  # of what was read, by its words three by three
MIN_CHARS: Final = 250  # less is no article, whatever the platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A platform, what gives it away in the markup, and the selectors of an article's body."""

    name: str
    generator: str  # as `<meta name="generator">` begins it, in lower case
    markers: tuple[str, ...]  # pieces of markup, in lower case
    body: str
    dropped: str = ""


PLATFORMS: Final = (
    Platform(
        name="yeswiki",
        generator="yeswiki",
        markers=("yeswiki", "wikini"),
        body="#yw-container .page, div.page, #main .page",
        dropped=".footer, .commentsheader, .comments, .actions, .include.pagefooter",
    ),
    Platform(
        name="mediawiki",
        generator="mediawiki",
        markers=("mw-content-text",),
        body="#mw-content-text .mw-parser-output, #mw-content-text, #bodyContent",
        dropped=".mw-editsection, .toc, #toc, .navbox, .printfooter, .catlinks, .metadata",
    ),
    Platform(
        name="openedition",
        generator="lodel",
        markers=("openedition.org", "hypotheses.org"),
        body="#text, #widgetized-area .text, article .entry-content, .entry-content",
        dropped=".sidenotes, .notesbaspage .num, .sharedaddy, .licence",
    ),
    Platform(
        name="spip",
        generator="spip",
        markers=("spip.php", "spip_document", "spip_out"),
        body=".article-texte, .crayon[class*=article-texte], .texte.entry-content, div.texte",
        dropped=".formulaire_spip, .forum, .spip_doc_credits, .pagination",
    ),
    Platform(
        name="drupal",
        generator="drupal",
        markers=("drupal.settings", "/sites/default/"),
        body=".field-name-body, .field--name-body, .node .content, article .node__content",
        dropped=".links, .comment-wrapper, #comments, .field-name-field-tags",
    ),
    Platform(
        name="blogger",
        generator="blogger",
        markers=("post-body entry-content",),
        body=".post-body, .post .entry-content",
        dropped=".post-footer, .post-share-buttons",
    ),
    Platform(
        name="wordpress",
        generator="wordpress",
        markers=("/wp-content/",),
        body="article .entry-content, .entry-content, .wp-block-post-content, .post-content, "
        ".post .entry",
        dropped=".sharedaddy, .jp-relatedposts, .post-navigation, .addtoany_content",
    ),
)
GENERATOR: Final = re.compile(r"<meta[^>]{0,80}generator[^>]{0,80}")
NAMED: Final = XPath("//*[@class or @id]")
NAME: Final = re.compile(r"[.#]([\w-]+)")
SHELL: Final = "script, style, nav, form, aside, footer, noscript"


def find_platform(markup: str) -> Platform | None:
    """The platform that made a page, by what it leaves in it; None of an unknown one."""
    beginning = markup[:MARKER_CHARS].lower()
    generators = " ".join(GENERATOR.findall(beginning))
    for platform in PLATFORMS:
        if re.search(rf"\b{platform.generator}", generators):
            return platform
        if any(marker in beginning for marker in platform.markers):
            return platform
    return None


def prefer_platform(markup: str, tree: Any, chosen: Chosen) -> Chosen:
    """Read a page by the rule of its platform, where the readers missed most of that text.

    `tree` is `markup` parsed, `chosen` what was chosen among the readers.
    """
    had = Reading(reader=chosen.reader, paragraphs=chosen.paragraphs)
    if had.length > LITTLE_CHARS or had.length > LITTLE * len(tree.text_content()):
        return chosen
    platform = find_platform(markup)
    needed = max(MIN_CHARS, WIDER * had.length)
    if platform is None or not _has_body(tree, platform, needed):
        return chosen
    found = read_by_platform(markup, platform)
    shared = len(had.shingles & found.shingles)
    if found.length < needed or shared < HELD * len(had.shingles):
        return chosen
    return Chosen(reader=found.reader, paragraphs=found.paragraphs)


def _has_body(tree: Any, platform: Platform, needed: float) -> bool:
    """Say whether an element that may be the body holds enough text: a soup takes its time."""
    names = {
        name
        for selector in platform.body.split(", ")
        for name in NAME.findall(selector.split()[-1])
    }
    return any(
        not names.isdisjoint(f"{element.get('class', '')} {element.get('id', '')}".split())
        and len(element.text_content()) >= needed
        for element in NAMED(tree)
    )


def read_by_platform(markup: str, platform: Platform) -> Reading:
    """The longest of the elements that a platform's rule names; empty where there is none.

    A page with several of them is a list of articles, not one: nothing is read of it.
    """
    soup = BeautifulSoup(markup, "lxml")
    for selector in platform.body.split(", "):
        bodies = soup.select(selector)
        if len(bodies) != 1:
            continue
        for dropped in bodies[0].select(f"{SHELL}, {platform.dropped}"):
            dropped.extract()
        tree = parse_markup(str(bodies[0]))
        kept = drop_repeats(list_paragraphs(tree)) if tree is not None else ()
        paragraphs = tuple(each for each in kept if not is_pointer(each.text))
        return Reading(reader=f"site-rule:{platform.name}", paragraphs=paragraphs)
    return Reading(reader=f"site-rule:{platform.name}")
