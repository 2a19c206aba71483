"""Choose, among several readings of a page, the text that a reader would read.

Measured on three public benchmarks (benchmarks/results/): each rule below gains on at least one
and loses on none. `Chosen.reader` records which rule was followed.

- trafilatura's reading is the base; a long paragraph that comes back is kept once.
- Where two other readers agree on a text that holds the base and half as much again, the
  article lies in several containers: the wider reading is taken.
- On an article (as the page declares, or because its text stands in one column) a paragraph of
  the base stays when two of three other readers have it, or one, between paragraphs that two
  have; on any other page, when one has.
- On a page that does not, and of which the base holds little, what resiliparse has outside of
  menus and footers is added.
- A line that only sends elsewhere ("À lire aussi…", "Read more") is dropped.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from indexer.extract.blocks import PageBlock
from indexer.extract.readers import Reading, key_of
from indexer.model import Paragraph

# Shorter lines may come back ("Oui.", a speaker's name), or be read elsewhere by chance.
REPEATED_CHARS: Final = 80
SEARCHED: Final = 2_000  # paragraphs searched for repeats cut otherwise; beyond, only whole ones
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
    r"(?:votre don|vos dons) (?:nous|permet)|"
    r"faites un don|soutenez[- ](?:nous|le journal)|support (?:local|independent) journalism|"
    r"(?:©|copyright\b)|don.t miss\W*$|tell us what you think)",
    re.I,
)


@dataclass(frozen=True, kw_only=True)
class Readings:
    """Hold one page's readings, one a reader; run the slow readers where they can decide."""

    base: Reading
    resiliparse: Reading
    read_strictly: Callable[[], Reading]
    read_by_readability: Callable[[], Reading]

    @cached_property
    def strict(self) -> Reading:
        """Give the strict reading of trafilatura."""
        return self.read_strictly()

    @cached_property
    def readability(self) -> Reading:
        """Give the reading of readability."""
        return self.read_by_readability()

    def has_votes(self, text: str, needed: int) -> bool:
        """Say whether `needed` of the three other readers have a text, quickest asked first."""
        votes = int(self.resiliparse.has(text))
        for left, name in ((2, "readability"), (1, "strict")):
            if votes >= needed or votes + left < needed:
                break
            other: Reading = getattr(self, name)
            votes += other.has(text)
        return votes >= needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The paragraphs chosen, and by which rule."""

    reader: str
    paragraphs: tuple[Paragraph, ...] = ()


def choose(readings: Readings, *, is_article: bool, blocks: Sequence[PageBlock]) -> Chosen:
    """Choose the text of a page; `blocks` are all of the page, in order."""
    base = readings.base
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


def is_one_column(base: Reading, blocks: Sequence[PageBlock]) -> bool:
    """Say whether what the first reader read stands in one column, as the text of an article does.

    Between its first long block and its last, that reading then has most of what the page shows;
    of cards, tables and panels it has some. With .7, 177 of the 181 articles of scrapinghub are
    known without what they declare, and F1 on pages of all kinds (WCXB's) is what it is by
    declarations alone.
    """
    has = [base.has(each.paragraph.text) for each in blocks]
    long = [
        n
        for n, each in enumerate(blocks)
        if has[n] and len(each.paragraph.text) >= COLUMN_BLOCK_CHARS
    ]
    prose = [(n, len(each.paragraph.text)) for n, each in enumerate(blocks) if is_prose(each)]
    # Of cards, each a title and a few words, a column may be read that holds no sentence.
    read = sum(length for n, length in prose if has[n])
    needed = max(COLUMN_CHARS, COLUMN_OF_PROSE * sum(length for _, length in prose))
    if not long or read < COLUMN_CHARS or base.length < needed or is_run_together(base, blocks):
        return False
    lengths = [len(each.paragraph.text) for each in blocks[long[0] : long[-1] + 1]]
    pairs = zip(lengths, has[long[0] : long[-1] + 1], strict=True)
    return sum(length for length, is_read in pairs if is_read) >= ONE_COLUMN * sum(lengths)


def is_prose(block: PageBlock) -> bool:
    """Say whether a block is a sentence or more, outside of menus and links."""
    length = len(block.paragraph.text)
    return length >= PROSE_CHARS and not block.is_shell and block.linked < HALF * length


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
        kept, threshold = _elect(paragraphs, readings, 1), KEPT_ELSEWHERE
    total = sum(len(paragraph.text) for paragraph in paragraphs)
    if sum(len(paragraph.text) for paragraph in kept) > threshold * total:
        return Chosen(reader="vote", paragraphs=kept)
    return Chosen(reader=readings.base.reader, paragraphs=paragraphs)


def _elect(
    paragraphs: Iterable[Paragraph], readings: Readings, needed: int
) -> tuple[Paragraph, ...]:
    return tuple(
        paragraph for paragraph in paragraphs if readings.has_votes(paragraph.text, needed)
    )


def _elect_article(paragraphs: Sequence[Paragraph], readings: Readings) -> tuple[Paragraph, ...]:
    """Elect by two votes of three, and by one what stands between paragraphs that have two.

    There readability's vote alone counts for items and headings: it takes captions and teasers.
    """
    sure = [readings.has_votes(paragraph.text, 2) for paragraph in paragraphs]
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
        return readings.has_votes(paragraph.text, 1)
    return readings.resiliparse.has(paragraph.text) or readings.strict.has(paragraph.text)


def _agreement(readings: Readings) -> float:
    """Give the part of the base that two of three others have, in characters."""
    kept = _elect(readings.base.paragraphs, readings, 2)
    return sum(len(paragraph.text) for paragraph in kept) / max(readings.base.length, 1)


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
