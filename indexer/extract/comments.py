"""Part what readers wrote below a page from its text: comments are kept, and never indexed.

Comments are known by the name of what holds them (id, class, schema.org), or by their shape: lines
that sign each with a day and a time, or a heading that announces them above such lines. A page
that would have no text without them is a thread, and keeps them.

Of the page of a forum the posts are the text (`find_posts`).
"""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from indexer.extract.blocks import PageBlock
from indexer.extract.dates import PUBLISHED, UPDATED

# A name of a class or an id. What ends otherwise tells something of the page: "comments-open".
NAMED: Final = re.compile(
    r"(?:^|\s)(?!(?:has|with|no|show|hide|is|allow)[-_])(?:[a-z]{1,12}\d{0,9}[-_]{1,2}){0,3}"
    r"(?:comments?|commentaires?|kommentare?|comentarios?)(?:[-_]{0,2}(?:list|area|section|"
    r"threads?|wrapper|wrap|blocks?|page|container|contents?|body|items?|text|texte|tree|form|"
    r"formulaire|ul|ol|inner|main|zone|box|group|view|node|field|feed|author|auteur|meta|"
    r"respond|liste|post|widget|app|root|holder|row|s|\d+))*(?=\s|$)|"
    r"(?:^|\s)(?:disqus_thread|disqus|dsq-\S+|fb-comments|forum-?(?:fil|messages?|bloc|liste|"
    r"repondre\S*)|(?:ul-|liste-?)?forums?|u-comment|h-cite|isso-thread|remark42|utterances|"
    r"trackbacks?|pings?|pinglist|respond)(?=\s|$)",
    re.I,
)
# What may hold comments or something else: the shape of what is in it must say so.
PERHAPS_NAMED: Final = re.compile(
    r"(?:^|[\s_-])(?:r[ée]actions?|r[ée]ponses?|responses?|repl(?:y|ies)|avis|discussions?|"
    r"feedbacks?|talkbacks?|messages?|d[ée]bats?|conversations?|livre-?d-?or|guestbook|"
    r"remarques?|opinions?|interactions?|[ée]changes?|comment)(?=$|[\s_-])",
    re.I,
)
STATED: Final = re.compile(r"schema\.org/(?:UserComments|Comment)\b")
HEADING: Final = re.compile(
    r"^\W*(?:(?:\d+|aucuns?|un|vos|les|tous les|derniers?|no|one)\s+){0,2}"
    r"(?:(?:commentaires?|comments?|réactions?|réponses?|responses?|replies|thoughts?|avis|réflexions?|"
    r"messages?|remarques?|kommentare?|discussions?|forum|fil de discussion)"
    r"(?:\s+(?:sur|à|on|to|de l.article|des (?:lecteurs|internautes|visiteurs))\b.{0,80})?|"
    r"(?:laisse[rz]|ajoute[rz]|poste[rz]|écri\w+) (?:un|votre) commentaire|"
    r"leave a (?:comment|reply)|join the (?:discussion|conversation))[^\w]*\d*\W*$",
    re.I,
)
DAY: Final = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d|(?:\d{1,2}(?:er|st|nd|rd|th)?\s+)?"
    r"\b(?:janv|jan|févr?|fevr?|feb|mars|mar|avr|apr|mai|may|juin|jun|juil|jul|août|aout|aug|"
    r"sept?|oct|nov|déc|dec)[a-zéû]*\.?,?\s+(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:\d{4}|\d{1,2})\b|"
    r"\b(?:il y a \w+ \w+|\w+ \w+ ago|hier|aujourd.hui|yesterday|today)\b)"
)
TIME: Final = r"\b\d{1,2}\s?(?:h|:)\s?\d{2}\b"
DATED: Final = re.compile(DAY, re.I)
SIGNED: Final = re.compile(
    rf"{DAY}\W{{1,4}}(?:(?:à|at|a|@|vers|-)\W{{0,3}})?{TIME}|{TIME}\W{{1,4}}(?:le\W+)?{DAY}|"
    rf"^\W*(?:\d+\.?\s+)?(?:(?:posté|rédigé|écrit|commentaire|message|réponse|posted|comment)\s+)"
    rf"(?:par|de|by)\s+[^.!?]{{2,60}}[\s,(|-](?:le|on|,|\||-)?\W*{DAY}\W*$|"
    r"^\W*(?:répondre|reply|signaler(?: un abus)?|citer|report abuse|permalink)"
    r"(?:\W+(?:répondre|reply|signaler|citer|like|j.aime|\d+))*\W*$",
    re.I,
)
THREAD_ADDRESS: Final = re.compile(
    r"//(?:forums?|boards?|community|discuss\w*|talk|lists?)\.|/(?:forums?|threads?|boards?|topics?|"
    r"discussions?|questions?|viewtopic|showthread|mailman|pipermail|r/\w+/comments|"
    r"viewforum)\b|[?&](?:topic|thread|showtopic)=|//(?:\w+\.)?reddit\.com|news\.ycombinator",
    re.I,
)
# What holds the words of one post, by the programs of forums; blogs name nothing so.
POST_NAME: Final = re.compile(
    r"(?:^|\s)(?:s-prose|js-post-body|bbwrapper|message-usercontent|post[-_]?(?:body|text|msg)|"
    r"postcontent|post_message_\d+|cpost_contentwrap|usercontent|cooked|"
    r"bbp-(?:reply|topic)-content|wpforo-post-content|messagetext|msg_text|txt-msg|usertext-body|"
    r"js-post__content-text|forum-post-content|discussionboard-message)(?=\s|$)",
    re.I,
)
# What stands in a post and is not of its words: the motto of who wrote it, and what is clicked.
BESIDE_POST: Final = re.compile(
    r"(?:^|[\s_-])(?:signatures?|sig\d*|postsignature|last-?edit\w*|edit-?note|reactions?|like\w*|"
    r"attachments?|toolbar|buttons?|controls|user-?info|post-?profile|author|shar(?:e|ing)\w*)"
    r"(?=$|[\s_-])",
    re.I,
)
ALL_POSTS: Final = 0.75  # of the text in the posts, in the part of each that holds its words
ONE_POST: Final = 0.9  # of what stands in all posts, in the longest
MOST_OF_PAGE: Final = 0.5  # of a page's prose, in its posts
SIGNED_CHARS: Final = 160  # of a line that signs a comment
BESIDE_CHARS: Final = 80  # of it beside the day and the time
HEADING_CHARS: Final = 100
BELOW_HEADING: Final = 12  # blocks in which a first comment is signed
PROSE_CHARS: Final = 40  # of a block that is no label
LONG_CHARS: Final = 100  # of a paragraph that stands in what is named like a menu…
TEXT_IN_SHELL: Final = 600  # …and so much of them is a text
TEXT_BEFORE: Final = 150  # characters of prose; a page with less of them outside is a thread
MOST_ABOVE: Final = 4  # paragraphs above the line that signs them
SHAPED_MOST: Final = 4  # times the text, where nothing but their shape tells of comments
LINKED: Final = 0.5  # a region with more of it in links lists pages, and holds no comments
MAX_COMMENTS: Final = 2_000  # paragraphs


@dataclass(frozen=True, kw_only=True)
class PartedPage:
    """The blocks of a page and those of its readers, and the elements that hold the latter."""

    own: tuple[PageBlock, ...]
    comments: tuple[PageBlock, ...] = ()
    roots: tuple[Any, ...] = ()
    thread: tuple[Any, ...] = ()  # elements named after comments, that hold the text of the page


def part_comments(blocks: Sequence[PageBlock], *, url: str = "") -> PartedPage:
    """Part the blocks of a page from those that its readers wrote below it.

    `url` is the address of the page: of a forum's the messages are the text.
    """
    roots, perhaps = _find_named(blocks)
    named = roots | perhaps
    is_theirs = [not named.isdisjoint(each.path) for each in blocks]
    for start, end in _find_shaped(blocks, is_theirs):
        is_theirs[start:end] = [True] * (end - start)
    pairs = list(zip(blocks, is_theirs, strict=True))
    if not any(is_theirs):
        return PartedPage(own=tuple(blocks))
    if THREAD_ADDRESS.search(url) or _is_thread(pairs, is_named=bool(roots)):
        return PartedPage(own=tuple(blocks), thread=tuple(named))
    own = tuple(block for block, is_comment in pairs if not is_comment)
    comments = tuple(block for block, is_comment in pairs if is_comment)
    kept = {element for each in own for element in each.path}
    outermost = (next((e for e in each.path if e not in kept), None) for each in comments)
    return PartedPage(
        own=own,
        comments=comments,
        roots=tuple(dict.fromkeys(element for element in outermost if element is not None)),
    )


def find_posts(blocks: Sequence[PageBlock], *, url: str) -> tuple[PageBlock, ...]:
    """Find the words of the posts on the page of a forum, in order; () of any other page.

    It is known by the names that the programs of forums give to what holds the words of a post:
    two such elements outside of comments or, at the address of a forum (`url`), one. Names of
    persons, mottos and what is clicked often stand in these too: what is taken is the innermost
    elements of one class that hold most of the prose.
    """
    is_forum = THREAD_ADDRESS.search(url) is not None
    named = set(filter(_holds_post, set().union(*(block.path for block in blocks))))
    if not is_forum:  # what stands below an article is named so too, within its comments
        named = {each for each in named if not any(map(_is_named, each.iterancestors()))}
    if len(named) < (1 if is_forum else 2):
        return ()
    inside = [each for each in blocks if not named.isdisjoint(each.path)]
    if not is_forum and _sum_prose(inside) < MOST_OF_PAGE * _sum_prose(blocks):
        return ()
    of_posts = [each for each in inside if not _is_beside_post(each, named)]
    if shared := _find_shared_class(of_posts):
        of_posts = [each for each in of_posts if any(_has_class(e, shared) for e in each.path)]
    if not of_posts:
        return ()
    first = next(n for n, each in enumerate(blocks) if each is of_posts[0])
    return (*_list_opening(blocks[:first]), *of_posts)


def _list_opening(blocks: Sequence[PageBlock]) -> list[PageBlock]:
    """List what stands between the title and the first post: the post that others answer."""
    title = [n for n, each in enumerate(blocks) if any(e.tag == "h1" for e in each.path)]
    return [
        each
        for each in blocks[title[-1] + 1 if title else len(blocks) :]
        if not each.is_shell and _count_prose(each) >= PROSE_CHARS
    ]


def _find_shared_class(blocks: Sequence[PageBlock]) -> str:
    """Find the class of the innermost elements, two or more, that hold most prose of the posts."""
    held: dict[str, dict[Any, int]] = {}
    depths: dict[str, int] = {}
    whole = 0
    for block in blocks:
        prose = _count_prose(block)
        if prose < PROSE_CHARS:
            continue
        whole += prose
        seen: set[str] = set()
        for depth, element in enumerate(block.path):
            for name in element.get("class", "").split():
                if name not in seen:
                    seen.add(name)
                    inside = held.setdefault(name, {})
                    inside[element] = inside.get(element, 0) + prose
                    depths[name] = max(depths.get(name, 0), depth)
    least = ALL_POSTS * whole
    enough = [
        name
        for name, inside in held.items()
        if sum(inside.values()) >= least and max(inside.values()) <= ONE_POST * least
    ]
    return max(enough, key=lambda name: depths[name], default="")


def _has_class(element: Any, name: str) -> bool:
    return name in element.get("class", "").split()


def _is_beside_post(block: PageBlock, named: Container[Any]) -> bool:
    """Say whether a block in a post is none of its words, by what it stands in there."""
    top = next(n for n, each in enumerate(block.path) if each in named)
    return any(
        BESIDE_POST.search(_names_of(each)) or each.tag in ("form", "button")
        for each in block.path[top + 1 :]
    )


def _sum_prose(blocks: Iterable[PageBlock]) -> int:
    return sum(map(_count_prose, blocks))


def _count_prose(block: PageBlock) -> int:
    return max(0, len(block.paragraph.text) - block.linked)


def _holds_post(element: Any) -> bool:
    return _names_post(_names_of(element))


@lru_cache(maxsize=4096)  # a page gives the same names to many elements
def _names_post(names: str) -> bool:
    return POST_NAME.search(names) is not None


@lru_cache(maxsize=4096)
def _names_comments(names: str) -> bool:
    return NAMED.search(names) is not None


@lru_cache(maxsize=4096)
def _may_name_comments(names: str) -> bool:
    return PERHAPS_NAMED.search(names) is not None


def list_comments(blocks: Iterable[PageBlock]) -> tuple[str, ...]:
    """List the paragraphs of readers, each once, without headings, signatures, forms and links."""
    found = {
        each.paragraph.text: None
        for each in blocks
        if each.paragraph.kind != "heading"
        and not is_signature(each.paragraph.text)
        and not any(element.tag in ("form", "fieldset") for element in each.path)
        and each.linked <= LINKED * len(each.paragraph.text)
    }
    return tuple(found)[:MAX_COMMENTS]


def is_signature(text: str) -> bool:
    """Say whether a line signs a comment: a name, a day and a time, or what is clicked to answer.

    >>> is_signature("Le 12 mars 2010 à 14:33, par Camille"), is_signature("Le 12 mars, il pleut.")
    (True, False)
    """
    found = SIGNED.search(text) if len(text) <= SIGNED_CHARS else None
    return found is not None and len(text) - len(found[0]) <= BESIDE_CHARS


def _is_thread(pairs: Iterable[tuple[PageBlock, bool]], *, is_named: bool) -> bool:
    """Say whether a page has hardly a text beside its comments.

    Where only their shape tells of them (not `is_named`), they may be the text's own parts.
    """
    own = in_shell = theirs = 0
    for block, is_comment in pairs:
        length = len(block.paragraph.text)
        if is_comment and length >= PROSE_CHARS:
            theirs += length
        elif not block.is_shell and length >= PROSE_CHARS:
            own += length
        elif block.is_shell and length >= LONG_CHARS and block.linked < LINKED * length:
            in_shell += length
    if in_shell >= TEXT_IN_SHELL:  # a wrapper of the whole page that is named like a menu
        own += in_shell
    return own < TEXT_BEFORE or (not is_named and theirs > SHAPED_MOST * own)


def _find_named(blocks: Sequence[PageBlock]) -> tuple[set[Any], set[Any]]:
    """Find the elements that are named after comments: (surely, by their shape as well)."""
    elements = set().union(*(block.path for block in blocks))
    roots = set(filter(_is_named, elements))
    perhaps = set(filter(_is_perhaps_named, elements - roots))
    held: dict[Any, list[PageBlock]] = {element: [] for element in perhaps}
    for block in blocks if perhaps else ():
        for element in perhaps.intersection(block.path):
            held[element].append(block)
    shaped = set()
    for element, inside in held.items():
        if any(is_signature(each.paragraph.text) for each in inside) and not _lists_pages(inside):
            shaped.add(element)
    return roots, shaped


def _is_named(element: Any) -> bool:
    if element.tag in ("html", "body", "main") or element.get("itemprop") == "articleBody":
        return False
    if STATED.search(element.get("itemtype", "")) or element.get("itemprop") == "comment":
        return True
    names = _names_of(element)
    if not _names_comments(names) or element.find(".//h1") is not None:
        return False
    # French pages ask "comment ?", and name a part of theirs after it.
    return names.strip().lower() != "comment" or bool(element.get("class")) or _is_item(element)


def _names_of(element: Any) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"[:300]


def _is_item(element: Any) -> bool:
    return element.tag in ("li", "dd", "dt", "article")


def _is_perhaps_named(element: Any) -> bool:
    return _may_name_comments(_names_of(element)) and element.find(".//h1") is None


def _lists_pages(blocks: Sequence[PageBlock]) -> bool:
    return sum(each.linked for each in blocks) > LINKED * sum(
        len(each.paragraph.text) for each in blocks
    )


def _find_shaped(
    blocks: Sequence[PageBlock], is_theirs: Sequence[bool]
) -> Iterable[tuple[int, int]]:
    """Find runs of blocks (first, behind the last) that have the shape of comments."""
    start = _find_end_of_opening(blocks)
    signed = [
        n
        for n in range(start, len(blocks))
        if not is_theirs[n] and is_signature(blocks[n].paragraph.text)
    ]
    for n in range(start, len(blocks)):
        if not is_theirs[n] and _announces(blocks[n]):
            found = _find_below(blocks, n)
            if found and not _lists_pages(blocks[found[0] : found[1]]):
                yield found
                signed = [each for each in signed if each < n]
                break
    if found := _find_around(blocks, signed):
        yield found


def _find_end_of_opening(blocks: Sequence[PageBlock]) -> int:
    """Count the blocks of a page up to so much prose that comments may follow."""
    length = 0
    for n, block in enumerate(blocks):
        if not block.is_shell and len(block.paragraph.text) >= PROSE_CHARS:
            length += len(block.paragraph.text)
        if length >= TEXT_BEFORE:
            return n + 1
    return len(blocks)


def _announces(block: PageBlock) -> bool:
    text = block.paragraph.text
    if block.is_shell or block.linked >= LINKED * len(text):
        return False  # a link to the comments
    return len(text) <= HEADING_CHARS and HEADING.match(text) is not None


def _find_below(blocks: Sequence[PageBlock], n: int) -> tuple[int, int] | None:
    """Find what follows a heading in the innermost element where a signed line does."""
    path = blocks[n].path
    for depth in range(len(path), 0, -1):
        holder = path[depth - 1]
        end = n + 1
        while end < len(blocks) and holder in blocks[end].path:
            end += 1
        texts = [each.paragraph.text for each in blocks[n + 1 : min(end, n + 1 + BELOW_HEADING)]]
        signed = next((k for k, text in enumerate(texts) if _signs_or_dates(text)), len(texts))
        above = sum(len(text) >= PROSE_CHARS for text in texts[:signed])
        if signed < len(texts) and above <= MOST_ABOVE:
            return n, _stop_at_heading(blocks, n, end)
    return None


def _signs_or_dates(text: str) -> bool:
    return is_signature(text) or _is_dated(text)


def _is_dated(text: str) -> bool:
    found = DATED.search(text) if len(text) <= BESIDE_CHARS else None
    if found is None or UPDATED.search(text) or PUBLISHED.search(text):
        return False  # of the page
    return len(text) - len(found[0]) <= BESIDE_CHARS // 2


def _stop_at_heading(blocks: Sequence[PageBlock], start: int, end: int) -> int:
    """Give the first heading of another subject below the last signed line, or `end`."""
    last = max(
        (n for n in range(start, end) if is_signature(blocks[n].paragraph.text)), default=start
    )
    for n in range(last + 1, end):
        if blocks[n].paragraph.kind == "heading" and not _announces(blocks[n]):
            return n
    return end


def _find_around(blocks: Sequence[PageBlock], signed: Sequence[int]) -> tuple[int, int] | None:
    """Find the run of blocks that several signed lines sign, within what holds all of them."""
    while len(signed) >= 2:
        start, end, depth = _find_run(blocks, signed)
        above = sum(len(each.paragraph.text) >= PROSE_CHARS for each in blocks[start : signed[0]])
        if above <= MOST_ABOVE:
            break
        signed = signed[1:]  # it signs the page
    else:
        return None
    if start == signed[0] and end == signed[-1] + 1:  # lines that sign stand beside what they sign
        start, end = _add_ends(blocks, start, end, depth)
    inside = blocks[start:end]
    prose = sum(len(each.paragraph.text) >= PROSE_CHARS for each in inside)
    is_text = any(element.tag == "h1" for each in inside for element in each.path)
    if is_text or _lists_pages(inside) or prose < len(signed) / 2 or prose > 6 * len(signed):
        return None
    return start, end


def _find_run(blocks: Sequence[PageBlock], signed: Sequence[int]) -> tuple[int, int, int]:
    """Give the run of blocks (first, behind the last) about signed lines; its holder's depth."""
    paths = [blocks[n].path for n in signed]
    depth = 0
    while all(len(path) > depth and path[depth] is paths[0][depth] for path in paths):
        depth += 1
    first, last = signed[0], signed[-1]
    children = [blocks[n].path[depth : depth + 1] for n in range(len(blocks))]
    start, end = first, last + 1
    while start > 0 and children[start - 1] == children[first] != ():
        start -= 1
    while end < len(blocks) and children[end] == children[last] != ():
        end += 1
    return start, end, depth


def _add_ends(blocks: Sequence[PageBlock], start: int, end: int, depth: int) -> tuple[int, int]:
    """Take in what a last line above signs, or what a first line below does."""
    holder = blocks[start].path[:depth]
    before_end = end
    while (
        end < len(blocks)
        and blocks[end].path[:depth] == holder
        and blocks[end].paragraph.kind != "heading"
        and not blocks[end].is_shell
    ):
        end += 1
    if end == before_end and start and blocks[start - 1].path[:depth] == holder:
        start -= 1
    return start, end
