"""Complete a text with what readers leave out of it: its standfirst, short lines, and its notes.

What a block is to the text is told by its place and by the names of what it stands in (class, id):
a standfirst stands between the title and the first paragraph; a line that stands among the
paragraphs, as one of them, belongs to them (the visas and the signatures of a law); notes stand
below, in what is named after them.

Captions are told by their tag, or by the class that platforms give them; what is in the article,
by its neighbours.
"""

import re
from bisect import bisect_left
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from indexer.extract.authors import names_author
from indexer.extract.blocks import PageBlock, is_shell, shape_of, tidy_line
from indexer.extract.dates import is_date_line
from indexer.extract.readers import REPEATED_CHARS, is_pointer, key_of
from indexer.model import Paragraph

START: Final = r"(?:^|[\s_-])"
END: Final = r"(?=$|[\s_-])"
LEAD_NAME: Final = re.compile(
    rf"{START}(?:chap[oô]|chapeau|standfirst|stand-first|ledes?|leads?|intro|introduction|excerpt|"
    rf"dek|deck|sub-?titles?|sous-?titres?|sub-?head(?:line|ing)?|accroche|abstract|r[ée]sum[ée]|"
    rf"desc|description|descriptif|summary|headnote|introtext|preamble){END}",
    re.I,
)
NOTE_NAME: Final = re.compile(
    rf"{START}(?:foot-?notes?(?:-\w+)?|end-?notes?|notesbaspage|notes?-?de-?bas(?:-?de-?page)?|nbp|"
    rf"spip_notes?|msofootnotetext|fn-list|notes){END}|(?:^|\s)(?:_?ftn|fn|footnote|nb)[-_:]?\d+"
    r"(?:[-_]\d+)?(?=$|\s)",
    re.I,
)
# What stands beside a title, and is no standfirst.
BESIDE_NAME: Final = re.compile(
    rf"{START}(?:by-?line|auth?eurs?|authors?|vcard|signature|dateline|date|time(?:stamp)?|meta\w*|"
    rf"published|posted|credits?|rubrique|categor(?:y|ies)|breadcrumbs?|ariane|kicker|surtitre|"
    rf"shar(?:e|ing)\w*|partage\w*|social\w*|newsletters?|abonne\w*|subscri\w+|paywall\w*|cookies?|"
    rf"advert\w*|ads?|pub|publicite|sponsor\w*|tags?|mots-?cles|toolbar|outils|nav\w*|menu|print|"
    rf"related|teasers?|recommend\w*|lire-?aussi|bio\w*|toc|sommaire|captions?|legende){END}",
    re.I,
)
LEAD_CHARS: Final = 25  # of a standfirst that is named so
UNNAMED_CHARS: Final = 70  # of one that only stands in its place
ABOVE_BLOCKS: Final = 14  # between the title and the first paragraph
INSIDE_BLOCKS: Final = 3  # behind that paragraph
TEXT_CHARS: Final = 60  # of a block that may be the first paragraph
ENDINGS: Final = (".", "!", "?", ";", ":", ",", "…", "»")
HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
SEARCHED_CHARS: Final = 100_000  # of a text, where refrains are looked for
LISTS: Final = frozenset({"ul", "ol", "dl"})
NOTE_CHARS: Final = 12
LINKED: Final = 0.5
LIST_CHARS: Final = 60
ANNOTATION_CHARS: Final = 25  # beside the link of an item
ENDS: Final = 12  # lines beside the first paragraph, or the last


def complete(
    blocks: Sequence[PageBlock], paragraphs: Sequence[Paragraph], *, title: str
) -> tuple[Paragraph, ...]:
    """Give the paragraphs with the standfirst, lines and notes that readers left out.

    `blocks` are those of the page, in order; `title` is that of its text. Lines above the text
    that only tell who wrote it, and when, are left out.
    """
    keys = [key_of(block.paragraph.text) for block in blocks]
    kept = _drop_bylines(paragraphs)
    place_of = {key_of(each.text): n for n, each in enumerate(kept) if each.kind != "heading"}
    anchors = {
        n: place_of[key]
        for n, key in enumerate(keys)
        if key in place_of and len(blocks[n].paragraph.text) >= TEXT_CHARS
    }
    if not anchors:
        return tuple(paragraphs)
    first = min(anchors)
    notes = [n for n in range(first + 1, len(blocks)) if _is_note(blocks[n])]
    added = {n: blocks[n].paragraph for n in _list_siblings(blocks, anchors)}
    leads = _list_leads(blocks, keys, first, key_of(title))
    added |= {n: Paragraph(text=blocks[n].paragraph.text, kind="lead") for n in leads}
    added |= {n: Paragraph(text=blocks[n].paragraph.text, kind="note") for n in notes}
    read = key_of(" ".join(each.text for each in kept)) + key_of(title)
    new = {n: each for n, each in added.items() if keys[n] not in read}
    return _place(_tell_notes(kept, {keys[n] for n in notes}), anchors, new)


def restore_refrains(
    blocks: Sequence[PageBlock], paragraphs: Sequence[Paragraph]
) -> tuple[Paragraph, ...]:
    """Give the paragraphs with the long ones that readers dropped, for their words came before.

    A refrain stands among the paragraphs each time, in their shape: whoever wrote it meant it.
    What stands twice on a page for the sake of small screens, or in large letters, stands in
    another element.
    """
    place_of = {key_of(each.text): n for n, each in enumerate(paragraphs)}
    keys = {
        n: key_of(block.paragraph.text)
        for n, block in enumerate(blocks)
        if len(block.paragraph.text) > REPEATED_CHARS
    }
    anchors = {n: place_of[key] for n, key in keys.items() if key in place_of}
    read = key_of(" ".join(each.text for each in paragraphs))
    before = dict.fromkeys((_outline_of(blocks[n]) for n in anchors), " ")
    found: list[int] = []
    for n, key in keys.items():
        shape = _outline_of(blocks[n])
        if shape not in before or any(map(_is_hidden, blocks[n].path)):
            continue
        earlier = before[shape]
        is_again = len(earlier) < SEARCHED_CHARS and key in earlier
        if is_again and read.count(key) <= earlier.count(key):
            found.append(n)
        before[shape] = earlier + key.lstrip()
    for n in found:
        anchors.pop(n, None)
    if not found or not anchors:
        return tuple(paragraphs)
    return _place(paragraphs, anchors, {n: blocks[n].paragraph for n in found})


def _outline_of(block: PageBlock) -> tuple[Any, ...]:
    """Give the tags and classes of a block and of what holds it, and the block's style."""
    parent, *own = shape_of(block) or (None,)
    held = (parent.tag, parent.get("class", "")) if parent is not None else ()
    return (*held, *own)


def _is_hidden(element: Any) -> bool:
    return "hidden" in element.attrib or HIDDEN.search(element.get("style", "")) is not None


def _drop_bylines(paragraphs: Sequence[Paragraph]) -> list[Paragraph]:
    """Drop what only tells who and when, or is clicked, from above the first paragraph."""
    first = next((n for n, each in enumerate(paragraphs) if len(each.text) >= TEXT_CHARS), 0)
    return [
        each
        for n, each in enumerate(paragraphs)
        if n >= first or not (is_date_line(each.text) or names_author(each.text) or _is_tool(each))
    ]


def _is_tool(paragraph: Paragraph) -> bool:
    """Say whether a line is the label of something that is clicked: "Lire plus tard"."""
    return paragraph.kind == "item" and not paragraph.text.endswith(ENDINGS)


def _tell_notes(paragraphs: Sequence[Paragraph], keys: Container[str]) -> list[Paragraph]:
    """Tell the notes among the paragraphs, by their words, to be notes."""
    return [
        replace(each, kind="note") if each.kind != "heading" and key_of(each.text) in keys else each
        for each in paragraphs
    ]


def _place(
    paragraphs: Sequence[Paragraph], anchors: Mapping[int, int], added: Mapping[int, Paragraph]
) -> tuple[Paragraph, ...]:
    """Put what was added behind the paragraph that its block follows."""
    behind: dict[int, list[Paragraph]] = {}
    in_order = sorted(anchors)
    for n in sorted(added):
        before = bisect_left(in_order, n)
        place = anchors[in_order[before - 1]] if before else anchors[in_order[0]] - 1
        behind.setdefault(place, []).append(added[n])
    placed = list(behind.get(-1, ()))
    for number, paragraph in enumerate(paragraphs):
        placed.append(paragraph)
        placed.extend(behind.get(number, ()))
    return tuple(placed)


def _list_leads(
    blocks: Sequence[PageBlock], keys: Sequence[str], first: int, title: str
) -> list[int]:
    """List the blocks of a standfirst: below the title, or named so and near the text."""
    start = max(0, first - ABOVE_BLOCKS)
    title_at = _find_title(blocks[start:first], keys[start:first], title)
    found = []
    top = start if title_at is None else start + title_at + 1
    for n in range(top, min(len(blocks), first + INSIDE_BLOCKS)):
        is_named = _is_named_lead(blocks[n])
        needed = LEAD_CHARS if is_named else UNNAMED_CHARS
        if len(blocks[n].paragraph.text) < needed or (n >= first and not is_named):
            continue
        if (is_named or title_at is not None) and _may_lead(blocks[n]):
            found.append(n)
    return found


def _find_title(blocks: Sequence[PageBlock], keys: Sequence[str], title: str) -> int | None:
    """Find the title above a text: the first block that has its words, or the last in an `h1`."""
    if title.strip() and title in keys:
        return keys.index(title)
    in_h1 = [n for n, each in enumerate(blocks) if any(e.tag == "h1" for e in each.path)]
    return in_h1[-1] if in_h1 else None


def _is_named_lead(block: PageBlock) -> bool:
    return any(LEAD_NAME.search(_names_of(element)) for element in block.path[-2:])


def _may_lead(block: PageBlock) -> bool:
    """Say whether a block can be a standfirst: a sentence, neither byline nor menu nor caption."""
    text = block.paragraph.text
    if block.paragraph.kind == "caption" or block.linked >= LINKED * len(text):
        return False
    if is_pointer(text) or is_date_line(text) or names_author(text):
        return False
    return not any(_is_beside(element) for element in block.path)


def _is_beside(element: Any) -> bool:
    if element.tag in ("header", "html", "body", "main", "article"):
        return False
    names = _names_of(element)
    return BESIDE_NAME.search(names) is not None or (
        is_shell(element) and LEAD_NAME.search(names) is None
    )


def _is_note(block: PageBlock) -> bool:
    text = block.paragraph.text
    return (
        len(text) >= NOTE_CHARS
        and not is_pointer(text)
        and block.linked < LINKED * len(text)
        and any(_names_notes(_names_of(element)) for element in block.path)
    )


@lru_cache(maxsize=4096)  # a page gives the same names to many elements
def _names_notes(names: str) -> bool:
    return NOTE_NAME.search(names) is not None


def _names_of(element: Any) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"[:200].strip()


def _list_siblings(blocks: Sequence[PageBlock], anchors: Mapping[int, int]) -> list[int]:
    """List the blocks that stand among the paragraphs as one of them does.

    Between the first paragraph and the last these are lines of their shape, and the lists and
    headings that stand in what holds the paragraphs.
    """
    shapes = {shape_of(blocks[n]) for n in anchors}
    holders = {shape[0] for shape in shapes if shape}
    first, last = min(anchors), max(anchors)
    inside = [n for n in range(first, last) if n not in anchors and _is_line(blocks[n])]
    above = _run_of_like(blocks, range(first - 1, first - 1 - ENDS, -1), shape_of(blocks[first]))
    below = _run_of_like(blocks, range(last + 1, last + 1 + ENDS), shape_of(blocks[last]))
    return [
        *above,
        *(n for n in inside if shape_of(blocks[n]) in shapes or _is_part(blocks[n], holders)),
        *below,
        *_list_last_lists(blocks, last + 1 + len(below), holders),
    ]


def _list_last_lists(blocks: Sequence[PageBlock], start: int, holders: Container[Any]) -> list[int]:
    """List the headings and the items of lists that end a text, in what holds its paragraphs.

    Readers take exercises, resources and bibliographies for menus. A heading that announces other
    pages ends the text, as do items that are links alone.
    """
    found: list[int] = []
    for n in range(start, len(blocks)):
        block = blocks[n]
        if not _is_line(block) or not _is_part(block, holders):
            break
        found.append(n)
    while found and blocks[found[-1]].paragraph.kind == "heading":
        found.pop()
    prose = sum(len(blocks[n].paragraph.text) for n in found)
    return found if prose >= LIST_CHARS else []


def _is_part(block: PageBlock, holders: Container[Any]) -> bool:
    """Say whether a block is a heading, or an item of a list, in what holds the paragraphs."""
    element = block.path[-1]
    if block.paragraph.kind == "heading":
        return element.getparent() in holders
    if block.paragraph.kind != "item":
        return False
    return any(each.tag in LISTS and each.getparent() in holders for each in block.path[-4:])


def _run_of_like(blocks: Sequence[PageBlock], places: range, shape: Any) -> list[int]:
    """List the blocks at `places`, in a row, that are lines of the text of that shape."""
    found: list[int] = []
    for n in places:
        if not 0 <= n < len(blocks) or shape_of(blocks[n]) != shape or not _is_line(blocks[n]):
            break
        found.append(n)
    return found


def _is_line(block: PageBlock) -> bool:
    text = block.paragraph.text
    return (
        not block.is_shell
        and (block.linked == 0 or (block.paragraph.kind == "item" and _is_annotated(block)))
        and block.paragraph.kind != "caption"
        and not is_pointer(text)
        and not is_date_line(text)
        and not names_author(text)
    )


def _is_annotated(block: PageBlock) -> bool:
    """Say whether an item of a list says more than the link that it holds."""
    length = len(block.paragraph.text)
    return block.linked < LINKED * length and length - block.linked >= ANNOTATION_CHARS


# WordPress, MediaWiki, SPIP, Drupal, Blogger.
CAPTION_CLASS: Final = re.compile(
    r"(?:^|\s)(?:wp-caption-(?:text|dd)|thumbcaption|spip_doc_(?:titre|descriptif|legende)|"
    r"(?:image-)?field-caption|tr-caption|(?:[\w-]+-)?(?:image|photo|img|media|picture|attribute)-"
    r"(?:caption|legende?))(?:\s|$)"
)
ANCHOR_CHARS: Final = 25  # shorter lines may stand elsewhere too: they say nothing of the place
BLOCKS_ABOVE: Final = 4  # between a figure and the text below it: title, byline, date, standfirst
BLOCKS_BELOW: Final = 1
TELLING_WORDS: Final = 8  # a caption of fewer only names its picture
CREDITED_WORDS: Final = 12  # the same of one that credits it
CREDIT: Final = re.compile(
    r"^\W*(?:photos?|images?|vidéos?|crédits?|credits?|courtesy|illustrations?|visuel|source|"
    r"capture|cc|c)\b\W*(?:(?:by|of|par|via|de)\b)?[^.!?]{0,60}$",
    re.I,
)
SELLING: Final = re.compile(r"\bsubscri(?:be|ption)\b|\babonnez-vous\b", re.I)
# A picture bought from an agency, or taken from a drawer, goes with the text and tells nothing.
STOCK: Final = re.compile(
    r"\b(?:Getty|AFP|Reuters|AP|EPA|EFE|Shutterstock|i?Stock|Pixabay|Unsplash|Alamy|Sipa|Abaca|"
    r"MaxPPP|Belga|DPA|Hans Lucas|Thinkstock|Pexels|Corbis)\b|\b[Ff]ile (?:photo|picture)|"
    r"\bFILE PHOTO|\([Aa]rchives?\)|\b[Pp]hotos? d.(?:archives|illustration)\b|"
    r"\b[Ii]mage illustrative|\b[Ss]tock (?:image|photo|picture)"
)
LABEL: Final = re.compile(
    r"^(?:(?:image|media) ?caption|(?:légende|photos?|video|vidéo)\s*:)\s*", re.I
)
# "(Photo : …)", "/ (C) …", "Credit: …" at the end of a caption.
CREDIT_TAIL: Final = re.compile(
    r"[\s(\[/|–—-]*(?:©|\(c\)|\b(?:copyright|courtesy)\b|"
    r"\b(?:(?:image|photo) )?cr[ée]dits?\s*(?:photos?\s*)?[:©/]|"
    r"\b(?:photos?|photograph\w*|images?|illustrations?|foto|bild|source)\s*[:©/]|"
    r"\bphoto\w*\s+(?:by|par|via)\b).*$",
    re.I,
)


def mark_captions(tree: Any) -> bool:
    """Give captions that only a class tells their tag; say whether one tells of its picture."""
    has_captions = False
    for element in tree.iter("p", "div", "span", "dd", "td", "figcaption"):
        if element.tag != "figcaption":
            if not (names := element.get("class")) or not CAPTION_CLASS.search(names):
                continue
            element.tag = "figcaption"
        has_captions = has_captions or tell_picture(tidy_line(element.text_content())) != ""
    return has_captions


def place_captions(
    segments: Sequence[PageBlock], paragraphs: Sequence[Paragraph]
) -> tuple[Paragraph, ...]:
    """Give the paragraphs, with the captions among them after the paragraph that they follow.

    `segments` are the page's blocks, its captions marked. A caption belongs to the article when
    paragraphs of it stand before and after, or right beside; one that was read as a paragraph is
    told so. What credits the picture is cut off, and a caption that tells too little is left out.
    """
    keys = [key_of(segment.paragraph.text) for segment in segments]
    place_of = {key_of(each.text): number for number, each in enumerate(paragraphs)}
    anchors = {
        index: place_of[key]
        for index, key in enumerate(keys)
        if len(key) > ANCHOR_CHARS and key in place_of
    }
    if not anchors:
        return tuple(paragraphs)
    first, last = min(anchors), max(anchors)
    read = f" {' '.join(key.strip() for key in place_of)} "
    captions: dict[int, list[Paragraph]] = {}  # after which paragraph; -1: before the first
    told: dict[str, str] = {}  # read as paragraphs -> what stays of them
    place = -1
    for index, (segment, key) in enumerate(zip(segments, keys, strict=True)):
        if segment.paragraph.kind != "caption":
            place = anchors.get(index, place)
            continue
        if key in place_of:
            is_of_figure = any(element.tag == "figcaption" for element in segment.path)
            text = segment.paragraph.text
            told[key] = tell_picture(text) if is_of_figure else text  # a table's stays whole
        elif (
            first - BLOCKS_ABOVE <= index <= last + BLOCKS_BELOW
            and not segment.is_shell
            and key not in read
            and (telling := tell_picture(segment.paragraph.text))
        ):
            captions.setdefault(place, []).append(Paragraph(text=telling, kind="caption"))
            read += key.lstrip()  # a slider shows its pictures twice
    placed = list(captions.get(-1, ()))
    for number, paragraph in enumerate(paragraphs):
        kept = told.get(key_of(paragraph.text))
        if kept is None:
            placed.append(paragraph)
        elif kept:
            placed.append(Paragraph(text=kept, kind="caption"))
        placed.extend(captions.get(number, ()))
    return tuple(placed)


def tell_picture(text: str) -> str:
    """Give a caption without its credits (author, agency); "" where too few words are left."""
    if is_pointer(text) or CREDIT.match(text) or SELLING.search(text) or STOCK.search(text):
        return ""
    bare = LABEL.sub("", text)
    telling = CREDIT_TAIL.sub("", bare)
    needed = TELLING_WORDS if telling == bare else CREDITED_WORDS
    return telling if len(telling.split()) >= needed else ""
