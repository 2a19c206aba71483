"""Turn one line's HTML, Markdown or bare text into text with marks, and lift its addresses out.

Addresses come out first: their characters (`_`, `*`, `(`) must not be read as markup. A `Scroll`
is the line being read: what has been understood is cut out of it, and rules look at `masked`,
where quotations and italics are blotted out, so that the year in « La crise de 2008 » is
nobody's date; `text` keeps every word.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

# Private-use characters stand for what was markup; no text that we read needs them.
EM_OPEN: Final = "\ue001"
EM_CLOSE: Final = "\ue002"
LINK_OPEN: Final = "\ue003"
LINK_CLOSE: Final = "\ue004"
ADDRESS: Final = "\ue005"  # where a bare address stood
DATE: Final = "\ue006"  # where the date stood
TAKEN: Final = "\ue007"  # where something else stood: a volume, an ISBN, "[en ligne]"

_WITHOUT_SPANS: Final = dict.fromkeys(map(ord, (EM_OPEN, EM_CLOSE, LINK_OPEN, LINK_CLOSE)))
MARKS: Final = EM_OPEN + EM_CLOSE + LINK_OPEN + LINK_CLOSE + ADDRESS + DATE + TAKEN
_PRIVATE = re.compile("[\ue000-\uf8ff]")
# JSON can hold half of a surrogate pair, which no file can.
_INVISIBLE = re.compile("[\ud800-\udfff\u00ad\u200b\u2060\ufeff]")
MAX_ADDRESS: Final = 2000  # characters; what is longer was not wrapped by hand
_SPACES = re.compile(r"[^\S\n]+")

_MARKED = re.compile(r"[<\[&*_\\']|//|www|``", re.IGNORECASE)  # anything to read at all?
_URL_CHAR = r"[^\s<>«»\"“”\ue000-\uf8ff]"
_BARE = re.compile(
    rf"(?:URL\s*:\s*)?(?:<|&lt;)?\b(?P<url>(?:(?:https?|ftps?)\s?:?//|www\d?\.(?=\w)"
    # <fr.exemple.test/page>: between angle brackets, a host and a path are an address
    rf"|(?:(?<=<)|(?<=&lt;))(?:[a-z0-9-]+\.){{1,5}}[a-z]{{2,}}/(?=[^<>\s]*(?:>|&gt;))){_URL_CHAR}+)"
    r"(?:>|&gt;)?",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(
    r"!?\[(?P<text>[^\[\]\n]+)\]\(\s*(?:<(?P<angle>[^<>\n]+)>|(?P<href>[^\s<>]+?))"
    r"(?:\s+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'))?\s*\)"
)
# MediaWiki's and DokuWiki's links to other sites: [https://… words], [[https://…|words]].
_WIKI_LINK = re.compile(
    r"\[\[\s*(?P<href>(?:https?|ftps?)://[^\s|\[\]<>]+)\s*\|\s*(?P<text>[^\[\]\n]+?)\s*\]\]"
    r"|(?<![\w\[])\[(?P<outer>(?:https?|ftps?)://[^\s\[\]<>()]+)\s+(?P<words>[^\[\]\n]+?)\s*\](?![(\[])"
)
# 'A title', as Harvard has it: a straight quote before a capital, apostrophes within words aside.
_STRAIGHT = re.compile(
    r"(?:(?<=[\s(])|^)'(?=[A-ZÀ-Ý])([^'\n]{3,200}?(?:\w'\w[^'\n]{0,100}?){0,6})'(?=\s?[,.)])"
)
_WIKI_EM = re.compile(r"(?<!')('{2,3}|'{5})(?!')(?=\S)([^'\n]+(?:'[^'\n]+)*)(?<=\S)\1(?!')")
_ANCHOR = re.compile(
    r"<a\b[^<>]*?\bhref\s*=\s*(?:\"(?P<d>[^\"]*)\"|'(?P<s>[^']*)'|"
    r"(?P<b>[^\s>]+))[^>]*>(?P<text>.*?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
_ROBUST = re.compile(
    r"\bdata-(?P<kind>version|original)url\s*=\s*(?P<mark>[\"'])(?P<url>https?:.*?)(?P=mark)",
    re.IGNORECASE | re.DOTALL,
)
_ABSOLUTE = re.compile(r"(?:https?|ftps?)\s?:?//|www\d?\.\w|doi:\s*10\.", re.IGNORECASE)
_HOVERED = re.compile(r"\btitle\s*=\s*(?P<mark>[\"'])(?P<words>.*?)(?P=mark)", re.I | re.DOTALL)
_EM_TAG = re.compile(r"<(/?)(?:em|i|cite)\b[^>]*>", re.IGNORECASE)
_BREAK_TAG = re.compile(r"<br\s*/?>", re.IGNORECASE)
# The elements of HTML, and those of another namespace (<o:p> of Word, <jats:p> of publishers):
# "<sic>" and "<nom de la revue>" are words that somebody set between angle brackets.
_ELEMENTS: Final = (
    r"a|abbr|acronym|address|area|article|aside|audio|b|base|basefont|bdi|bdo|big|blink|blockquote|"
    r"body|br|button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|"
    r"dialog|dir|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|"
    r"h[1-6]|head|header|hgroup|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|"
    r"mark|marquee|math|menu|meta|meter|nav|nobr|noscript|object|ol|optgroup|option|output|p|param|"
    r"picture|pre|progress|q|rp|rt|ruby|s|samp|script|search|section|select|slot|small|source|span|"
    r"strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|"
    r"title|tr|track|tt|u|ul|var|video|wbr|(?-i:[a-z]{1,8}:[a-z][\w-]*)"
)
TAG: Final = re.compile(rf"</?(?:{_ELEMENTS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
# What stands in two of these are two words, without a blank between.
_PARTING_TAG = re.compile(
    r"</?(?:address|article|aside|blockquote|dd|details|div|dl|dt|fig\w+|h[1-6]|hr|li|ol|p|pre|"
    r"section|summary|table|tbody|td|tfoot|th|thead|tr|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_STRONG = re.compile(r"(?<!\w)(\*\*|__)(?=\S)(.+?)(?<=\S)\1(?!\w)", re.DOTALL)
_EM = re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^*_\n]+?)(?<=\S)\1(?![\w*])")
_BACKSLASH = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>-])")
_WRAPPED_TOKEN = re.compile(r"\n\s*(?P<token>[^\s<>«»\"“”]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address of the line: as written, mended, with the words that carried it if any."""

    href: str
    text: str = ""
    is_bare: bool = True
    version_url: str = ""  # of a Robust Link: the archived copy of what it leads to
    original_url: str = ""  # of a Robust Link that leads to an archived copy: of what
    is_copy: bool = False  # written "(archive : …)" behind another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """The text of a line with marks where markup and addresses stood."""

    text: str
    addresses: tuple[Address, ...] = ()
    relative: tuple[str, ...] = ()  # anchors and addresses within a site, which lead nowhere here
    hovered: tuple[str, ...] = ()  # what a link shows under the pointer: [words](address "hovered")


def normalise(text: str) -> str:
    """NFC, without invisible characters, runs of white space as one space."""
    if text.isascii():  # nothing to compose, nothing invisible
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def plain(text: str) -> str:
    """Give the text without our marks, spaces put right."""
    if _PRIVATE.search(text):
        text = _PRIVATE.sub(" ", text.translate(_WITHOUT_SPANS))
    return normalise(text)


def without_comments(text: str) -> str:
    """Remove the comments `<!-- … -->` of a text; line ends are kept, so that places stay right."""
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += [text[position:start], "\n" * text.count("\n", start, end)]
        position = end + 3
    return "".join([*kept, text[position:]])


def has_absolute_scheme(text: str) -> bool:
    """Say whether a text is an address that says its scheme: http, https, ftp or doi."""
    return bool(_ABSOLUTE.match(text.strip()))


def split_bare_addresses(text: str) -> list[tuple[str, bool]]:
    """Split a text at the addresses that stand bare in it; each part says whether it is one."""
    parts: list[tuple[str, bool]] = []
    position = 0
    for found in _BARE.finditer(text):
        end = found.start("url") + len(trim_address(found["url"]))
        parts += [
            (text[position : found.start("url")], False),
            (text[found.start("url") : end], True),
        ]
        position = end
    return [*parts, (text[position:], False)]


def has_address(raw: str) -> bool:
    """Say whether a text may hold an address, before anything is parsed."""
    return "//" in raw or "www." in raw or "doi:" in raw


def is_navigation(raw: str) -> bool:
    """Say whether a block is nothing but links within its own page or site: a table of contents."""
    if "](" not in raw and "<a " not in raw:
        return False
    markup = parse_markup(raw)
    if markup.addresses or not markup.relative:
        return False
    rest = _ANCHOR.sub(" ", _MARKDOWN_LINK.sub(" ", raw))
    return not any(map(str.isalpha, html.unescape(TAG.sub(" ", rest))))


def trim_address(address: str) -> str:
    """Give an address without the punctuation that a sentence glued to its end.

    A closing bracket stays where its opening one is inside: `…/Travail_(concept)`.
    """
    while address:
        last = address[-1]
        if last in ".,;:!?'’»”\"*_…" or (last in ")]}" and _is_unbalanced(address, last)):
            address = address[:-1]
        else:
            break
    return address


def mend_address(address: str) -> str:
    """Give an address that can be asked: with a scheme, its colon, and without white space."""
    address = re.sub(r"^(https?|ftps?)\s?:?//", r"\1://", address, flags=re.IGNORECASE)
    address = re.sub(r"^doi:\s*", "https://doi.org/", address, flags=re.IGNORECASE)
    return address if "://" in address else f"http://{address}"


# A word that the end of a line cuts, as copied from a PDF: "patri-\nmoine".
_HYPHENED: Final = re.compile(
    r"(?<![^\s«“\"(’'])(?P<start>[^\W\d_]{2,})-\n[ \t]*(?P<end>[a-zà-ÿœ]{2,})"
)
# What a hyphen follows within a compound.
_COMPOUND: Final = frozenset(
    """peut celui celle ceux celles lui elle elles eux moi toi nous vous vice ex non demi mi semi
    sous sur avant après arc auto contre entre ci là est tiers co quasi rez porte savoir grand
    grande petit petite libre self long well""".split()  # noqa: SIM905 - a table
)


def _join_hyphened(found: re.Match[str]) -> str:
    hyphen = "-" if found["start"].lower() in _COMPOUND else ""
    return f"{found['start']}{hyphen}{found['end']}"


# Each step from furniture to what is left reads all the lines of a page; who reads pages one after
# the other clears it, so that nothing of a page is held once it is read.
@lru_cache(maxsize=32_768)
def parse_markup(raw: str) -> Markup:
    """Read a line's markup; `raw` may span several source lines, joined by a newline."""
    text = _PRIVATE.sub("", unicodedata.normalize("NFC", raw)).replace("\u2011", "-")
    text = _write_quotes(text)
    text = _HYPHENED.sub(_join_hyphened, text) if "-\n" in text else text
    if not _MARKED.search(text):
        return Markup(text=" ".join(_INVISIBLE.sub("", text).split()))
    text = _BREAK_TAG.sub("\n", _INVISIBLE.sub("", text))
    text = _mend_wrapped(text)
    addresses: list[Address] = []
    relative: list[str] = []
    hovered: list[str] = []

    def keep(address: Address) -> str:
        addresses.append(address)
        # The number of the address follows its mark, so that later order does not matter.
        return chr(0xE100 + len(addresses) - 1)

    def anchor(found: re.Match[str]) -> str:
        href = html.unescape(next(found[key] for key in "dsb" if found[key] is not None))
        words = plain(html.unescape(TAG.sub("", found["text"])))
        inner = found["text"]
        tag = found[0][: found.start("text") - found.start()]
        hovered.extend(html.unescape(one["words"]) for one in _HOVERED.finditer(tag))
        if not _ABSOLUTE.match(href.strip()):
            relative.append(href)
            return inner
        href = mend_address(href.strip())
        told = {each["kind"].lower(): html.unescape(each["url"]) for each in _ROBUST.finditer(tag)}
        is_bare = not words or _BARE.fullmatch(words) is not None
        address = Address(
            href=href,
            text="" if is_bare else words,
            is_bare=is_bare,
            version_url=told.get("version", ""),
            original_url=told.get("original", ""),
        )
        return keep(address) if is_bare else LINK_OPEN + keep(address) + inner + LINK_CLOSE

    def markdown(found: re.Match[str]) -> str:
        href = html.unescape(found["href"] or found["angle"].strip().replace(" ", "%20"))
        words = normalise(found["text"])
        hovered.append(found["double"] or found["single"] or "")
        if found[0][0] == "!":
            return words  # the source of an image is no address that anybody cites
        if not _ABSOLUTE.match(href):
            relative.append(href)
            return found["text"]
        href = mend_address(href)
        if _BARE.fullmatch(words):
            return keep(Address(href=href))
        return (
            LINK_OPEN
            + keep(Address(href=href, text=words.strip("*_"), is_bare=False))
            + found["text"]
            + LINK_CLOSE
        )

    def bare(found: re.Match[str]) -> str:
        written = html.unescape(found["url"])
        address = trim_address(written)
        before = found.string[max(0, found.start() - 20) : found.start()].rstrip()
        is_copy = before.endswith(("(archive :", "(archive\u00a0:"))
        return keep(Address(href=mend_address(address), is_copy=is_copy)) + written[len(address) :]

    text = _ANCHOR.sub(anchor, text)
    text = _WIKI_LINK.sub(_write_wiki_link, text)
    text = _sub_markdown_links(text, markdown)
    text = _BARE.sub(bare, text)
    text = _EM_TAG.sub(lambda found: EM_CLOSE if found[1] else EM_OPEN, text)
    text = TAG.sub("", _PARTING_TAG.sub(" ", without_comments(text)))
    text = html.unescape(text)
    text = _STRONG.sub(r"\2", text)
    text = _EM.sub(rf"{EM_OPEN}\2{EM_CLOSE}", text)
    text = _BACKSLASH.sub(r"\1", text)
    markup = _renumber(text, addresses, tuple(relative))
    return replace(markup, hovered=tuple(filter(None, hovered)))


def _write_quotes(text: str) -> str:
    """Write the quotes of LaTeX as quotes, and MediaWiki's italics and bold as such."""
    text = text if "``" in text else _WIKI_EM.sub(_write_wiki_em, text)
    text = re.sub(r"``(?=\S)", "“", text).replace("''", "”")
    return _STRAIGHT.sub(r"“\1”", text) if "'" in text else text


def _write_wiki_link(found: "re.Match[str]") -> str:
    """Write a link of MediaWiki or DokuWiki as one of Markdown."""
    return f"[{found['text'] or found['words']}](<{found['href'] or found['outer']}>)"


def _write_wiki_em(found: "re.Match[str]") -> str:
    """Write MediaWiki's italics as marks, its bold as the bold of Markdown."""
    return f"**{found[2]}**" if len(found[1]) == 3 else f"{EM_OPEN}{found[2]}{EM_CLOSE}"


def _renumber(text: str, addresses: list[Address], relative: tuple[str, ...]) -> Markup:
    """Put the addresses in the order of the text, and plain marks in place of numbers."""
    ordered: list[Address] = []

    def place(found: re.Match[str]) -> str:
        address = addresses[ord(found[0]) - 0xE100]
        ordered.append(address)
        return ADDRESS if address.is_bare else ""

    text = re.sub("[\ue100-\uf8ff]", place, text)
    text = _SPACES.sub(" ", text.replace("\n", " "))
    return Markup(text=" ".join(text.split()), addresses=tuple(ordered), relative=relative)


def _sub_markdown_links(text: str, replace: "re._ReplaceT") -> str:  # type: ignore[name-defined]
    return _MARKDOWN_LINK.sub(replace, text)


def _mend_wrapped(text: str) -> str:
    """Join an address that a line end cut in two."""
    position = 0
    while found := _BARE.search(text, position):
        token = _WRAPPED_TOKEN.match(text, found.end())
        if token and _continues(found["url"], token["token"]):
            text = text[: found.end()] + text[token.start("token") :]
            position = found.start() if found.end() - found.start() < MAX_ADDRESS else found.end()
        else:
            position = found.end()
    return text


def _continues(address: str, token: str) -> bool:
    """Say whether the first word of the next line is the rest of this address."""
    if re.match(r"(?:https?:|www\.|URL\b)", token, re.IGNORECASE):
        return False
    if token[0] in "/?&=#%_":
        return True
    if address[-1] in "-_=&?%":
        return True
    is_like_path = bool(
        re.fullmatch(r"[\w.%~-]*[/_=?&][\w./%~=&?#_-]*|[\w%~-]+\.(?:html?|php|pdf|aspx?)", token)
    )
    return is_like_path and address[-1] not in ".,;)»"


def _is_unbalanced(address: str, closing: str) -> bool:
    opening = {")": "(", "]": "[", "}": "{"}[closing]
    return address.count(opening) < address.count(closing)


BLOT: Final = "\ue00f"
_PAIRS: Final = {"«": "»", "“": "”", "„": "“"}
_OPENING: Final = re.compile('[«“„"‘]')
_SINGLE: Final = re.compile(r"‘[^‘]{3,300}?’(?=\s*(?:[,.;:)]|$))")  # ‘Title’, not ‘90s
_EM_SPAN: Final = re.compile(f"{EM_OPEN}[^{EM_OPEN}{EM_CLOSE}]*{EM_CLOSE}")
_LINK_SPAN: Final = re.compile(f"{LINK_OPEN}[^{LINK_OPEN}{LINK_CLOSE}]*{LINK_CLOSE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A stretch between quotation marks: [start, end) with them."""

    start: int
    end: int

    @property
    def inner(self) -> tuple[int, int]:
        """The [start, end) of the words between the quotation marks."""
        return self.start + 1, self.end - 1


def find_quotations(text: str) -> tuple[Quotation, ...]:
    """Find the outermost quotations of a text; a mark that is never closed quotes nothing."""
    found: list[Quotation] = []
    position = 0
    for mark in _OPENING.finditer(text):
        if mark.start() < position:
            continue
        end = _closing(text, mark.start())
        if end is not None:
            found.append(Quotation(start=mark.start(), end=end + 1))
            position = end + 1
    return tuple(found)


def _closing(text: str, start: int) -> int | None:
    """Find where the quotation that opens at `start` closes; None if none opens there."""
    opening = text[start]
    if opening == "‘":
        closed = _SINGLE.match(text, start)
        return closed.end() - 1 if closed else None
    if opening == '"':
        if start and text[start - 1].isalnum():
            return None
        end = text.find('"', start + 1)
        return end if end > start + 1 else None
    closing = _PAIRS.get(opening)
    if closing is None:
        return None
    depth = 0
    for index in range(start, len(text)):
        if text[index] == opening:
            depth += 1
        elif text[index] == closing:
            depth -= 1
            if depth == 0:
                return index
    # « a « b » : one closing mark serves for both; take the last there is.
    last = text.rfind(closing, start)
    return last if last > start else None


class Scroll:
    """The text of a line while rules take their part out of it."""

    def __init__(self, text: str) -> None:
        """Take the line to read; what is in it is crossed out as it is understood."""
        self.whole = text
        self.text = text
        self.masked = _mask(text)
        self._origin = list(range(len(text) + 1))

    def cut(self, start: int, end: int, mark: str = TAKEN) -> str:
        """Take [start, end) out, leave `mark` in its place, and return what was there."""
        taken = self.text[start:end]
        self.text = self.text[:start] + mark + self.text[end:]
        self.masked = self.masked[:start] + mark + self.masked[end:]
        self._origin[start:end] = [self._origin[start]] * len(mark)
        return taken

    def rest(self, position: int) -> str:
        """Give the line from that position on, as it was before anything was cut out."""
        return self.whole[self._origin[position] :]

    def take(self, rule: "re.Pattern[str]", mark: str = TAKEN) -> "re.Match[str] | None":
        """Cut the first match of a rule out, and return it."""
        match = rule.search(self.masked)
        if match:
            self.cut(*match.span(), mark)
        return match

    def take_all(self, rule: "re.Pattern[str]", mark: str = TAKEN) -> "list[re.Match[str]]":
        """Cut every match of a rule out, from the left, and return them."""
        matches: list[re.Match[str]] = []
        while len(matches) < 20 and (match := self.take(rule, mark)):
            matches.append(match)
        return matches


def _mask(text: str) -> str:
    masked = list(text)

    def blot(start: int, end: int) -> None:
        masked[start:end] = BLOT * (end - start)

    for quotation in find_quotations(text):
        blot(*quotation.inner)
    for rule in (_EM_SPAN, _LINK_SPAN):
        for match in rule.finditer(text):
            # Italics or a link over the whole line say nothing of its parts.
            inside = sum(map(str.isalnum, match[0]))
            if inside < 0.8 * sum(map(str.isalnum, text)) and not find_quotations(match[0]):
                blot(match.start() + 1, match.end() - 1)
    return "".join(masked)
