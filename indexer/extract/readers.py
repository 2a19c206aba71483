"""Have a page's main text read by several readers (the only door of each), and choose among them.

Every reader is given the same tree, and gives a `Reading`; one that finds nothing, or trips
over the page, gives an empty one.

Measured on three public benchmarks (benchmarks/results/), each rule below gains on at least one
and loses on none. `Chosen.reader` records which rule was followed.

- trafilatura's reading is the base; a long paragraph that comes back is kept once.
- Where two other readers agree on a text that holds the base and half as much again, the
  article lies in several containers: the wider reading is taken.
- On an article (as the page declares, or because its text stands in one column) a paragraph of
  the base stays when two of three others have it (resiliparse, readability, the page outside of
  its shell), or one, between paragraphs that two
  have; on any other page, when one has.
- On a page that does not, and of which the base holds little, what resiliparse has outside of
  menus and footers is added.
- A line that only sends elsewhere ("À lire aussi…", "Read more") is dropped.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import lxml.etree
import lxml.html
from lxml.etree import XPath
from readability import Document
from readability.readability import REGEXES, Unparseable
from resiliparse.extract.html2text import extract_plain_text
from trafilatura.core import bare_extraction

from indexer.extract.blocks import PageBlock, list_paragraphs, tidy_line
from indexer.model import Paragraph

WORD: Final = re.compile(r"\w+")
BULLET: Final = re.compile(r"^(?:[•◦▪*]|\d{1,3}\.)\s+")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading of a page, and who read it."""

    reader: str
    paragraphs: tuple[Paragraph, ...] = ()

    @cached_property
    def length(self) -> int:
        """Characters read."""
        return sum(len(paragraph.text) for paragraph in self.paragraphs)

    @cached_property
    def words(self) -> str:
        """Every word read, in lower case, between single spaces."""
        return key_of(" ".join(paragraph.text for paragraph in self.paragraphs))

    def has(self, text: str) -> bool:
        """Say whether the words of `text` were read, in a row."""
        return key_of(text) in self.words

    @cached_property
    def _separate_words(self) -> str:
        return "|".join(key_of(paragraph.text) for paragraph in self.paragraphs)

    def has_within(self, text: str) -> bool:
        """Say whether the words of `text` were read in a row within one paragraph.

        A teaser of the page, a title and its first words, is in the reading and not in one of its
        paragraphs.
        """
        return key_of(text) in self._separate_words

    @cached_property
    def shingles(self) -> frozenset[tuple[str, ...]]:
        """Every three words in a row."""
        words = self.words.split()
        return frozenset(zip(words, words[1:], words[2:], strict=False))


@lru_cache(maxsize=1024)  # each paragraph is looked up in three readings, one after the other
def key_of(text: str) -> str:
    """Give the words of a text between single spaces: what two readings are compared by."""
    return f" {' '.join(WORD.findall(text.lower()))} "


def read_by_trafilatura(tree: Any, blocks: Sequence[PageBlock] = ()) -> Reading:
    """Read the base: trafilatura's balanced reading, by its own rules alone.

    Its default asks readability and jusText too, which takes half of its time and gains only where
    its own rules ran the page's `blocks` together, or missed the text (`read_missed`).
    """
    own = _trafilatura(tree, is_alone=True)
    return _trafilatura(tree, is_alone=False) if is_run_together(own, blocks) else own


def _trafilatura(tree: Any, *, is_alone: bool) -> Reading:
    document: Any = bare_extraction(
        tree,  # it works on a copy
        include_comments=False,
        include_tables=True,
        fast=is_alone,  # by its own rules only
    )
    paragraphs = list_paragraphs(document.body) if document is not None else ()
    return Reading(reader="trafilatura", paragraphs=paragraphs)


def read_missed(readings: "Readings", tree: Any) -> "Readings":
    """Read a page's base anew where it holds next to nothing of what resiliparse does.

    A banner was read in place of the text. Where two readers agree on a wider reading, theirs is
    taken, and nothing is read again.
    """
    is_missed = readings.base.length < NEXT_TO_NOTHING * readings.resiliparse.length
    if not is_missed or is_in_several_containers(readings):
        return readings
    return replace(readings, base=_trafilatura(tree, is_alone=False))


def read_by_readability(tree: Any) -> Reading:
    """Read the content that Mozilla's reader view would show (readability-lxml)."""
    try:
        summary = ReaderView(tree).summary(html_partial=True)
        paragraphs = list_paragraphs(lxml.html.fromstring(summary))
    except (Unparseable, lxml.etree.LxmlError, ValueError, TypeError, AttributeError, KeyError):
        return Reading(reader="readability")
    return Reading(reader="readability", paragraphs=paragraphs)


def read_by_resiliparse(markup: str) -> Reading:
    """Resiliparse's reading: quick, and generous."""
    text: str = extract_plain_text(markup, main_content=True, alt_texts=False)
    return Reading(
        reader="resiliparse",
        paragraphs=tuple(
            Paragraph(text=BULLET.sub("", tidy), kind="item" if BULLET.match(tidy) else "p")
            for line in text.split("\n")
            if (tidy := tidy_line(line))
        ),
    )


UNLIKELY: Final = REGEXES["unlikelyCandidatesRe"]
MAYBE: Final = REGEXES["okMaybeItsACandidateRe"]
NAMED: Final = XPath("descendant::*[@class or @id]")
IS_CODE: Final = XPath("boolean(ancestor-or-self::pre | ancestor-or-self::code)")
# What `divToPElementsRe` looks for in the markup of an element, as the beginning of a tag.
BLOCK_TAGS: Final = ("blockquote", "dl", "div", "img", "ol", "p", "table", "ul")
INLINE_TAGS: Final = frozenset(
    "a b cite code em font i small span strong sub sup u".split()  # noqa: SIM905
)
BLANKS: Final = re.compile(r"\t|[ \t]{2,}")


class ReaderView(Document):  # type: ignore[misc]  # readability has no types
    """Find the content that Mozilla's reader view would show of a parsed page; the page is kept.

    readability-lxml, told to hurry. It would parse the page again, clean it again, and drop what is
    styled `display: none`: but pages hide their very article so, until a script of theirs has run.
    And it spends most of its time on what these methods say in fewer steps, with the same result.
    """

    def __init__(self, tree: Any) -> None:
        """Take a page that is parsed already."""
        super().__init__("")
        self._tree = tree

    def _parse(self, _: str) -> Any:
        tree = deepcopy(self._tree)  # readability takes it apart, sometimes twice
        for element in list(tree.iter("script", "style", "link")):
            element.drop_tree()
        return tree

    def remove_unlikely_candidates(self) -> None:
        """Drop what is named as the shell of a site."""
        for element in NAMED(self.html):
            names = f"{element.get('class', '')} {element.get('id', '')}"
            if (
                _is_unlikely(names)
                and element.tag not in ("html", "body")
                and not IS_CODE(element)
                and next(element.iter("main", "article", "math"), None) is None
            ):
                element.drop_tree()

    def transform_misused_divs_into_paragraphs(self) -> None:
        """Make paragraphs of the `div`s that hold no blocks, and of the text between blocks."""
        for element in self.html.findall(".//div"):
            if not any(_holds_block(child) for child in element):
                element.tag = "p"
        for element in self.html.findall(".//div"):
            _wrap_inline(element, list(element))
            _wrap_tails(element)

    def get_link_density(self, element: Any) -> float:
        """Give the part of an element's text that is in links."""
        linked = sum(_length(link.text_content()) for link in element.findall(".//a"))
        return float(linked) / max(_length(element.text_content()), 1)


def _wrap_inline(element: Any, children: Iterable[Any]) -> None:
    """Put the text that opens a `div`, and what is inline in it, in paragraphs."""
    paragraph = None
    if element.text and element.text.strip():
        paragraph = lxml.html.Element("p")
        paragraph.text = element.text
        element.text = None
        element.insert(0, paragraph)
    for child in children:
        if child.tag not in INLINE_TAGS or _holds_block(child):
            paragraph = None
            continue
        if paragraph is None:
            paragraph = lxml.html.Element("p")
            child.addprevious(paragraph)
        paragraph.append(child)


def _wrap_tails(element: Any) -> None:
    """Put the text behind each child of a `div` in a paragraph; drop its line breaks."""
    for place, child in reversed(list(enumerate(element))):
        if child.tail and child.tail.strip():
            after = lxml.html.Element("p")
            after.text = child.tail
            child.tail = None
            element.insert(place + 1, after)
        if child.tag == "br":
            child.drop_tree()


@lru_cache(maxsize=4096)  # a page gives the same names to many elements
def _is_unlikely(names: str) -> bool:
    return UNLIKELY.search(names) is not None and MAYBE.search(names) is None


def _holds_block(element: Any) -> bool:
    return any(
        isinstance(each.tag, str) and each.tag.startswith(BLOCK_TAGS) for each in element.iter()
    )


def _length(text: str) -> int:
    """Give the characters of a text, its white space squeezed as readability's `clean` does."""
    if "\n" not in text and "\t" not in text and "  " not in text:
        return len(text.strip())
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    return sum(map(_line_length, lines)) + max(0, len(lines) - 1)


def _line_length(line: str) -> int:
    return len(BLANKS.sub(" ", line) if "\t" in line or "  " in line else line)


# Shorter lines may come back ("Oui.", a speaker's name), or be read elsewhere by chance.
REPEATED_CHARS: Final = 80
SEARCHED: Final = 2_000  # paragraphs searched for repeats cut otherwise; beyond, only whole ones
NEXT_TO_NOTHING: Final = 0.2  # of another reading's characters
WIDER: Final = 1.5
MAYBE_WIDER: Final = 1.1  # two readers cannot share WIDER when the quick one has not this much
KEPT_IN_ARTICLE: Final = 0.6  # of the base's characters; a vote that drops more is not believed
KEPT_ELSEWHERE: Final = 0.9
LITTLE: Final = 0.1  # of the page's characters
HALF: Final = 0.5
DISPUTED: Final = 0.7
COLUMN_BLOCK_CHARS: Final = 60
ONE_COLUMN: Final = 0.7  # of the characters between the first long block read and the last
COLUMN_CHARS: Final = 250
COLUMN_OF_PROSE: Final = 0.4  # of what is no label, link or menu
PROSE_CHARS: Final = 40
RUN_TOGETHER: Final = 0.6  # of a reading's characters in one paragraph…
RUN_TOGETHER_CHARS: Final = 400
NOT_A_BLOCK: Final = 0.8  # …which is longer than any block of the page
TEASER_CHARS: Final = (20, 150)
TEASER_WORDS: Final = 3  # an address is no teaser
ONE_LINK: Final = 0.85
POINTER_CHARS: Final = 150
POINTER: Final = re.compile(
    r"^\W*(?:(?:à|a) lire (?:aussi|également|ensuite)|lire (?:aussi|également|la suite)|"
    r"(?:à|a) voir aussi|voir aussi|sur le même (?:sujet|thème)|pour aller plus loin\W*$|"
    r"dans la même (?:rubrique|catégorie)|(?:plus d.|d.autres )(?:articles?|infos|vidéos)\b|"
    r"articles? (?:liés?|similaires?|connexes?|associés?)\W*$|"
    r"read (?:more|also|next)|also read|see also|related(?: (?:articles?|stories|posts?))?\W*$|"
    r"you (?:may|might) also like|vous (?:aimerez|pourriez aimer) (?:aussi|également)|"
    r"more (?:from|stories)\b|also on \w+\.\w|like this (?:story|article)|"
    r"share this|(?:partage|tweete)[rz](?:\W*$| sur| cet| via)|follow us|suivez-nous|"
    r"sign up (?:for|to)|subscribe(?:\W*$| to| now| today)|"
    r"abonnez-vous|inscrivez-vous|s.abonner\W*$|crédits? photos?|photo credits?|image illustrative|"
    r"advertisement|publicité\W*$|leave a (?:comment|reply)|laisse[rz] un commentaire|"
    r"click here to|cliquez ici pour|tags?\s*:|mots[- ]clés\s*:|"
    r"related\s*:|see more\s*:|(?:suivez|retrouvez|follow) .{2,60} (?:sur|on) (?:facebook|twitter|"
    r"instagram|x|linkedin|youtube|telegram|whatsapp|mastodon|bluesky|google)\b|"
    r"(?:get|download) .{2,40} (?:by )?click(?:ing)? here|recevez .{0,60}(?:newsletter|mail)|"
    r"if you buy something through|"
    r"lesen sie auch|mehr zum thema|"
    r"leggi anche|lee también|leia (?:também|mais)|(?:reader )?comments?\W*$|commentaires?\W*$|"
    r"(?:nous utilisons|ce site utilise|we use|this (?:web)?site uses)[^.]{0,40}\bcookies|"
    r"tous droits réservés|all rights reserved|consulté le \d|"
    r"partagez\b.{0,50}\b(?:amis|réseaux|facebook|mail)\b|"
    r"nous avons \d+ (?:invité|visiteur|membre)|"
    r"vous devez (?:être connecté|vous (?:connecter|identifier))|"
    r"pour commenter\b|(?:connectez|identifiez)-vous (?:pour|ou)\b|"
    r"(?:votre don|vos dons) (?:nous|permet)|"
    r"faites un don|soutenez[- ](?:nous|le journal)|support (?:local|independent) journalism|"
    r"(?:©|copyright\b)|don.t miss\W*$|tell us what you think)",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Readings:
    """Hold one page's readings, one a reader; run the slow reader where it can decide."""

    base: Reading
    resiliparse: Reading
    read_by_readability: Callable[[], Reading]
    blocks: Sequence[PageBlock] = ()  # of the page, in order

    @cached_property
    def shown(self) -> Reading:
        """Give what the page itself shows outside of menus, footers and links: a vote too."""
        kept = (each for each in self.blocks if not each.is_shell and not is_link(each))
        return Reading(reader="page", paragraphs=tuple(each.paragraph for each in kept))

    @cached_property
    def readability(self) -> Reading:
        """Give the reading of readability."""
        return self.read_by_readability()

    def is_read(self, text: str) -> bool:
        """Say whether another reader than the base has a text."""
        return self.resiliparse.has(text) or self.readability.has(text)

    def has_two_votes(self, text: str) -> bool:
        """Say whether two of three have a text: resiliparse, the page's blocks, readability."""
        votes = self.resiliparse.has(text) + self.shown.has(text)
        return votes == 2 or (votes == 1 and self.readability.has(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The paragraphs chosen, and by which rule."""

    reader: str
    paragraphs: tuple[Paragraph, ...] = ()


def choose(readings: Readings, *, is_article: bool) -> Chosen:
    """Choose the text of a page among its readings."""
    base, blocks = readings.base, readings.blocks
    if is_in_several_containers(readings):
        chosen = Chosen(reader="readability", paragraphs=readings.readability.paragraphs)
    else:
        chosen = _vote(readings, is_article=is_article)
    if not is_article:
        page_chars = sum(len(block.paragraph.text) for block in blocks)
        if base.length < LITTLE * page_chars and readings.resiliparse.length > base.length:
            chosen = Chosen(reader="resiliparse", paragraphs=readings.resiliparse.paragraphs)
        elif base.length < HALF * page_chars and _agreement(readings) < DISPUTED:
            chosen = _unite(readings, blocks)
    teasers = list_teasers(blocks) if is_article else frozenset()
    kept = tuple(
        paragraph
        for paragraph in drop_repeats(chosen.paragraphs)
        if not is_pointer(paragraph.text) and key_of(paragraph.text) not in teasers
    )
    return Chosen(reader=chosen.reader, paragraphs=kept or chosen.paragraphs)


def is_in_several_containers(readings: Readings) -> bool:
    """Say whether two readers agree on much more than the base, all of which they have."""
    base, other = readings.base, readings.resiliparse
    if other.length <= MAYBE_WIDER * base.length:
        return False
    wide = readings.readability
    if wide.length <= WIDER * base.length:
        return False
    shared = len(wide.shingles & other.shingles)
    return (
        len(base.shingles & wide.shingles) >= 0.9 * len(base.shingles)
        and shared > 0.8 * len(wide.shingles)
        and shared > 0.6 * len(other.shingles)
    )


def is_one_column(base: Reading, other: Reading, blocks: Sequence[PageBlock]) -> bool:
    """Say whether what the first reader read stands in one column, as the text of an article does.

    Between its first long block and its last, that reading then has most of what the page shows;
    of cards, tables and panels it has some. With .7, 177 of the 181 articles of scrapinghub are
    known without what they declare, and F1 on pages of all kinds (WCXB's) is what it is by
    declarations alone. Prose above it that neither this reading nor the `other` has is the site's
    (a ticker of news), and counts as none of the page's.
    """
    has = [base.has_within(each.paragraph.text) for each in blocks]
    long = [
        n
        for n, each in enumerate(blocks)
        if has[n] and len(each.paragraph.text) >= COLUMN_BLOCK_CHARS
    ]
    prose = [(n, len(each.paragraph.text)) for n, each in enumerate(blocks) if is_prose(each)]
    # Of cards, each a title and a few words, a column may be read that holds no sentence.
    read = sum(length for n, length in prose if has[n])
    if not long or read < COLUMN_CHARS or is_run_together(base, blocks):
        return False
    shown = sum(
        length
        for n, length in prose
        if n >= long[0] or has[n] or other.has(blocks[n].paragraph.text)
    )
    if base.length < max(COLUMN_CHARS, COLUMN_OF_PROSE * shown):
        return False
    lengths = [len(each.paragraph.text) for each in blocks[long[0] : long[-1] + 1]]
    pairs = zip(lengths, has[long[0] : long[-1] + 1], strict=True)
    return sum(length for length, is_read in pairs if is_read) >= ONE_COLUMN * sum(lengths)


def is_prose(block: PageBlock) -> bool:
    """Say whether a block is a sentence or more, outside of menus and links."""
    length = len(block.paragraph.text)
    return length >= PROSE_CHARS and not block.is_shell and not is_link(block)


def is_link(block: PageBlock) -> bool:
    """Say whether half of a block, or more, is in links."""
    return block.linked >= HALF * len(block.paragraph.text)


def is_run_together(base: Reading, blocks: Sequence[PageBlock]) -> bool:
    """Say whether most of a reading is one paragraph that is no block of the page."""
    longest = max((len(paragraph.text) for paragraph in base.paragraphs), default=0)
    return longest > max(
        RUN_TOGETHER_CHARS,
        RUN_TOGETHER * base.length,
        max((len(block.paragraph.text) for block in blocks), default=0) / NOT_A_BLOCK,
    )


def is_pointer(text: str) -> bool:
    """Say whether a line only sends the reader elsewhere."""
    return len(text) < POINTER_CHARS and POINTER.match(text) is not None


def list_teasers(blocks: Sequence[PageBlock]) -> frozenset[str]:
    """List the words of the short paragraphs that are one link each: they lead to other articles.

    What ends as a sentence does is a sentence; items of a list may be all that a text says.
    """
    return frozenset(
        key_of(block.paragraph.text)
        for block in blocks
        if block.linked
        and block.paragraph.kind == "p"
        and TEASER_CHARS[0] <= len(block.paragraph.text) <= TEASER_CHARS[1]
        and block.linked >= ONE_LINK * len(block.paragraph.text)
        and block.paragraph.text.count(" ") >= TEASER_WORDS - 1
        and not block.paragraph.text.rstrip(' »”"').endswith((".", "…", ":"))
    )


def drop_repeats(paragraphs: Iterable[Paragraph]) -> tuple[Paragraph, ...]:
    """Give the paragraphs without the long ones whose words came before."""
    before = " "
    seen: set[str] = set()
    kept: list[Paragraph] = []
    for paragraph in paragraphs:
        key = key_of(paragraph.text)
        is_long = len(paragraph.text) > REPEATED_CHARS
        if is_long and (key in seen or (len(seen) < SEARCHED and key in before)):
            continue
        seen.add(key)
        if len(seen) < SEARCHED:  # beyond, searching all the text for each would be quadratic
            before += key.lstrip()
        kept.append(paragraph)
    return tuple(kept)


def _vote(readings: Readings, *, is_article: bool) -> Chosen:
    paragraphs = readings.base.paragraphs
    if is_article:
        kept, threshold = _elect_article(paragraphs, readings), KEPT_IN_ARTICLE
    else:
        kept = tuple(each for each in paragraphs if readings.is_read(each.text))
        threshold = KEPT_ELSEWHERE
    total = sum(len(paragraph.text) for paragraph in paragraphs)
    if sum(len(paragraph.text) for paragraph in kept) > threshold * total:
        return Chosen(reader="vote", paragraphs=kept)
    return Chosen(reader=readings.base.reader, paragraphs=paragraphs)


def _elect_article(paragraphs: Sequence[Paragraph], readings: Readings) -> tuple[Paragraph, ...]:
    """Elect by two votes of three, and by one what stands between paragraphs that have two.

    There readability's vote alone counts for items and headings: it takes captions and teasers.
    """
    sure = [readings.has_two_votes(paragraph.text) for paragraph in paragraphs]
    if not any(sure):
        return ()
    first, last = sure.index(True), len(sure) - sure[::-1].index(True)
    return tuple(
        paragraph
        for n, paragraph in enumerate(paragraphs)
        if sure[n] or (first < n < last and _has_one_vote(paragraph, readings))
    )


def _has_one_vote(paragraph: Paragraph, readings: Readings) -> bool:
    if paragraph.kind in ("item", "heading"):
        return readings.is_read(paragraph.text)
    return readings.resiliparse.has(paragraph.text) or readings.shown.has(paragraph.text)


def _agreement(readings: Readings) -> float:
    """Give the part of the base that both other readers have, in characters."""
    texts = (each.text for each in readings.base.paragraphs)
    kept = (t for t in texts if readings.resiliparse.has(t) and readings.readability.has(t))
    return sum(map(len, kept)) / max(readings.base.length, 1)


def _unite(readings: Readings, segments: Iterable[PageBlock]) -> Chosen:
    """Join two readings in the page's order: the base, resiliparse's blocks outside the shell."""
    base, wide = readings.base, readings.resiliparse
    kept = tuple(
        segment.paragraph
        for segment in segments
        if (not segment.is_shell or len(segment.paragraph.text) > REPEATED_CHARS)
        and (
            base.has(segment.paragraph.text)
            or (not segment.is_shell and wide.has(segment.paragraph.text))
        )
    )
    return Chosen(reader="union", paragraphs=kept or base.paragraphs)
