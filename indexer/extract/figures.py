"""Put the captions of an article's figures back at their place.

Readers of main text drop them, or take them for paragraphs. What is a caption is told by its
tag, or by the class that platforms give it; what is in the article, by its neighbours.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from indexer.extract.blocks import PageBlock, tidy_line
from indexer.extract.choice import is_pointer
from indexer.extract.readers import key_of
from indexer.model import Paragraph

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
