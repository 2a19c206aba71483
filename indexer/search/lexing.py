"""Cut what was typed into tokens: words, phrases, operators, brackets, signs, fields.

Nothing is refused: a quotation mark never closed is no quotation mark, a colon after an unknown
name is part of a word, and a sign without a letter (the French " ?") is nothing at all.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from indexer.analysis import drop_elision
from indexer.analysis.characters import APOSTROPHES, HYPHENS
from indexer.analysis.chunks import SIGNED
from indexer.model import DOI_BEGINS
from indexer.search.fieldnames import FIELD_BY_TYPED, LONGEST_NAME, WITH_RANGES
from indexer.search.query import Fuzzy, Pattern, Phrase, Range, Word
from indexer.urls import read_text_names, trim_name

LONGEST_TYPED: Final = 2_000  # characters; what follows is not read
MOST_SLOP: Final = 100


class Sign(Enum):
    """A token that is not something to look for."""

    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    REQUIRED = auto()
    EXCLUDED = auto()
    EXCEPT = auto()  # the words that follow are excluded


@dataclass(frozen=True, slots=True)
class FieldToken:
    """Stand before something: "titre:"."""

    field: str


QueryToken = Sign | FieldToken | Word | Phrase | Pattern | Fuzzy | Range

OPERATORS: Final = {
    "ET": Sign.AND,
    "AND": Sign.AND,
    "OU": Sign.OR,
    "OR": Sign.OR,
    "SAUF": Sign.EXCEPT,
    "NOT": Sign.EXCEPT,
    "NON": Sign.EXCEPT,
    "SANS": Sign.EXCEPT,
}
# Words too, in a text all in capitals.
_IN_CAPITALS: Final = frozenset({"ET", "OU", "OR", "AND", "NON", "SANS"})
QUOTES: Final = {"«": "»", "“": "”", '"': '"', "„": "“", "‟": "”", "”": "”"}
ALL_QUOTES: Final = frozenset('«»“”"„‟')
_NOT_IN_WORDS: Final = frozenset(" \t\r\n\u00a0\u2007\u2009\u200b\u202f\u3000") | ALL_QUOTES
_INSIDE_WORDS: Final = frozenset("_.:/") | set(HYPHENS)
_TRAILING: Final = re.compile(r"[^\w*~)\u0300-\u036f]+$")
_SIGNED: Final = re.compile(rf"(?:\w+[{APOSTROPHES}])?({SIGNED.pattern})[^\w+#*~]*$")
_LEADING: Final = re.compile(r"^[^\w*]+|^_+")
_SLOP: Final = re.compile(r"~(\d{1,3})?(?![\w~])")
# "?" stands for a letter inside a word; at its end, and in an address, it is no more than a sign.
_ONE_LETTER: Final = re.compile(r"(?=.*\w\?\w)[\w'’?*-]+")
_BRACKETED_ENDING: Final = re.compile(r"\(-?[^\W\d_]{1,6}\)")
_BLANK: Final = r"[ \u00a0\u202f]"
# What is one word across a blank: an article of law as texts write it (in small letters only with
# a hyphen, "a 2015" is none), and the words that keep their apostrophe.
_LAW_ARTICLE: Final = re.compile(
    rf"[LRDAC]\*?\.?{_BLANK}?\*?{_BLANK}?\d{{1,5}}(?:[{HYPHENS}]\d+)*(?!\w)"
    rf"|[lrdac]\*?\.?{_BLANK}?\*?{_BLANK}?\d{{1,5}}(?:[{HYPHENS}]\d+)+(?!\w)"
)
_APOSTROPHE_APART: Final = re.compile(
    rf"((?:aujourd|prud|presqu)[{APOSTROPHES}]){_BLANK}+(hui|hom\w+|[\u00eei]les?)(?!\w)",
    re.IGNORECASE,
)
# Thousands with a blank between are one number, as in texts: "25 000".
_THOUSANDS: Final = re.compile(
    r"(?<!\w)\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\w|[ \u00a0\u2009\u202f]\d)"
)
_EDITION: Final = r"(?::\d{4}(?!\d))?"  # ISO 14001:2015
# What is one thing of several words: the number of a law, a standard, a paragraph.
_REFERENCE: Final = re.compile(
    rf"n[°º]{_BLANK}?(?P<number>\d[{HYPHENS}\d./]*\d)(?!\w)"
    rf"|(?P<standard>(?:RFC|ISO|IEC|NF|BCP){_BLANK}\d[{HYPHENS}\d]*{_EDITION})(?!\w)"
    rf"|(?P<glued>(?i:RFC|ISO|IEC|NF|BCP))[{HYPHENS}]?(?P<its>\d{{2,}}(?:[{HYPHENS}]\d+)*{_EDITION})(?![\w*~])"
    rf"|§{_BLANK}?(?P<paragraph>\d+(?:\.\d+)+)(?!\w)"
)
# What names one text: an address, a DOI, an ISBN. Words side by side where it is none after all.
_IN_ADDRESS: Final = r"(?!\}\{)[^\s«»“”\"„‟]"  # "}{" stands between two parts of LaTeX
_TEXT_NAME: Final = re.compile(
    rf"(?:(?:doi|url|hal)\s*[:=]\s*)?(?:https?://(?:{_IN_ADDRESS})+)"
    rf"|(?:(?:doi|info:doi)\s*[:/=]?\s*)?(?:{DOI_BEGINS}|{DOI_BEGINS[:-1]}%2F)(?:{_IN_ADDRESS})+"
    r"|(?:ISBN(?:[- ]?1[03])?\s*[:=]?\s*(?:97[89][ -]?)?\d(?:[ -]?\d){8}|97[89](?:[ -]?\d){9})"
    r"[ -]?[\dX](?!\w)"
    rf"|(?:arxiv|pmid|pubmed)\s*(?:id)?\s*[:=.]?\s*\d(?:{_IN_ADDRESS})*"
    rf"|hal\s*[:=]\s*[a-z]+[-_]\d{{8}}(?:{_IN_ADDRESS})*",
    re.IGNORECASE,
)
_MAY_HOLD_REFERENCE: Final = re.compile(
    rf"\b(?:[LRDAClrdac]\*?\.?{_BLANK}?\*?{_BLANK}?|(?:RFC|ISO|IEC|NF|BCP){_BLANK})\d|[{APOSTROPHES}]{_BLANK}|°"
    rf"|\b(?i:RFC|ISO|IEC|NF|BCP)[{HYPHENS}]?\d|\d[ \u00a0\u2009\u202f]\d{{3}}"
    r"|\b(?i:isbn|doi|arxiv|pmid|pubmed)\b|\b97[89][ -]?\d|://"
)
_FUZZY: Final = re.compile(r"(.*\w)~([0-2])?")
_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_RANGES: Final = (
    re.compile(rf"(?P<low>{_DATE})?(?:\.\.|…)(?P<high>{_DATE})?"),
    re.compile(rf"\[\s*(?P<low>{_DATE}|\*)\s+(?:TO|À|A)\s+(?P<high>{_DATE}|\*)\s*\]"),
    re.compile(r"(?P<low>\d{4})-(?P<high>\d{4})"),
    re.compile(rf"(?P<low>{_DATE})"),
)
_COMPARED: Final = re.compile(rf"(?P<sign>[<>]=?)(?P<date>{_DATE})")


def cut_tokens(text: str) -> Iterator[QueryToken]:
    """Yield the tokens of what was typed, in order."""
    return _Lexer(text[:LONGEST_TYPED]).cut()


class _Lexer:
    """One reading of what was typed, from its first letter to its last."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_shouted = not any(letter.islower() for letter in text)
        self._position = 0
        self._open_brackets = 0
        self._begun = 0  # where something begins for sure: after a sign, or the colon of a field

    def cut(self) -> Iterator[QueryToken]:
        """Yield the tokens, in order."""
        while self._position < len(self._text):
            yield from self._read_next()

    def _read_next(self) -> Iterable[QueryToken]:
        """Read what stands at the place, and go on behind it; nothing where it means nothing."""
        text, place = self._text, self._position
        letter = text[place]
        if (read := _read_reference(text, place, self._begun)) is not None:
            part, self._position = read
            return (part,)
        if letter in QUOTES and (end := text.find(QUOTES[letter], place + 1)) > place:
            return self._read_quoted(end)
        if letter in "()":
            return self._read_bracket(letter)
        if letter in "+-":
            return self._read_sign(letter)
        if not (letter.isalnum() or letter == "*"):
            self._position += 1
            return ()
        if (found := _read_field(text, place)) is not None:
            return self._read_field(*found)
        return self._read_word()

    def _read_quoted(self, end: int) -> Iterable[QueryToken]:
        slop = _SLOP.match(self._text, end + 1)
        inside = self._text[self._position + 1 : end].strip()
        if _TEXT_NAME.fullmatch(inside) and (name := _read_text_name(inside)):
            self._position = slop.end() if slop else end + 1
            return (Word(" ".join(name.split())),)  # of HTML, JSON or a table: no words to quote
        phrase = _read_phrase(inside, slop)
        self._position = slop.end() if slop else end + 1
        return () if phrase is None else (phrase,)

    def _read_bracket(self, letter: str) -> Iterable[QueryToken]:
        self._position += 1
        if letter == "(":
            self._open_brackets += 1
            return (Sign.OPEN,)
        if not self._open_brackets:
            return ()
        self._open_brackets -= 1
        return (Sign.CLOSE,)

    def _read_sign(self, letter: str) -> Iterable[QueryToken]:
        self._position += 1
        follows = self._text[self._position : self._position + 1]
        if not follows or not (follows.isalnum() or follows in '(«“"„*'):
            return ()
        self._begun = self._position
        return (Sign.REQUIRED if letter == "+" else Sign.EXCLUDED,)

    def _read_field(self, token: FieldToken, place: int) -> Iterable[QueryToken]:
        self._position = self._begun = place
        if token.field in WITH_RANGES and (ranged := read_range(self._text, place)) is not None:
            value, self._position = ranged
            return (token, value)
        return (token,)

    def _read_word(self) -> Iterable[QueryToken]:
        end = _end_of_word(self._text, self._position)
        word = self._text[self._position : end]
        self._position = end
        if word in OPERATORS:
            is_word = self._is_shouted and word in _IN_CAPITALS
            return () if is_word else (OPERATORS[word],)
        found = read_word(word)
        return () if found is None else (found,)


def may_hold_reference(text: str) -> bool:
    """Tell whether something in a text may be one thing though a blank stands in it."""
    return _MAY_HOLD_REFERENCE.search(text) is not None


def holds_reference(text: str) -> bool:
    """Tell whether something in a text is one thing though a blank may stand in it."""
    forms = (_LAW_ARTICLE, _APOSTROPHE_APART, _REFERENCE, _THOUSANDS)
    if not may_hold_reference(text):
        return False
    return any(form.search(text) for form in forms) or any(
        _read_text_name(found[0]) for found in _TEXT_NAME.finditer(text)
    )


def leave_text_names_out(text: str) -> str:
    """Put one letter in the place of each address, DOI or ISBN of what was typed.

    What stands around it stays: the bracket that "(10.5555/abc)" closes is none of its letters.
    """

    def leave_out(found: re.Match[str]) -> str:
        name = _read_text_name(found[0])
        return f"_{found[0].removeprefix(name)}" if name else found[0]

    return _TEXT_NAME.sub(leave_out, text)


def _read_text_name(text: str) -> str:
    """Give what of a text names one, or can name nothing else; "" where it is words."""
    name = trim_name(text)
    _, is_sure = read_text_names(name)
    return name if is_sure else ""


def _read_reference(text: str, place: int, begun: int) -> tuple[Word | Phrase, int] | None:
    """Read what is one thing though a blank may stand in it: "L. 4121-1", "n° 2014-856"."""
    if _is_inside_word(text, place, begun):
        return None
    if (found := _TEXT_NAME.match(text, place)) and (name := _read_text_name(found[0])):
        return Word(" ".join(name.split())), place + len(name)
    if found := _LAW_ARTICLE.match(text, place):
        name = found[0]
        return Word(name[0].upper() + name[1:]), found.end()
    if found := _APOSTROPHE_APART.match(text, place):
        return Word(found[1] + found[2]), found.end()
    if found := _THOUSANDS.match(text, place):
        return Word("".join(found[0].split())), found.end()
    if found := _REFERENCE.match(text, place):
        # "n°" stays: a query has to be read the same when it is written back.
        is_number = found["number"] is not None
        words = found[0] if is_number else found["standard"] or found["paragraph"]
        words = words or f"{found['glued']} {found['its']}"
        return Phrase(" ".join(words.split())), found.end()
    return None


def _is_inside_word(text: str, place: int, begun: int) -> bool:
    """Tell whether a letter before, or one sign before, makes one word with what follows."""
    before, further = text[begun:place][-1:], text[begun:place][-2:-1]
    return before.isalnum() or (before in _INSIDE_WORDS and further.isalnum())


def _end_of_word(text: str, place: int) -> int:
    """Find where a word stops; "citoyen(ne)s" keeps its brackets."""
    end = place
    while end < len(text):
        letter = text[end]
        ending = _BRACKETED_ENDING.match(text, end) if letter == "(" else None
        if ending is not None:
            end = ending.end()
        elif letter in _NOT_IN_WORDS or letter in "(){}":
            break
        else:
            end += 1
    return end


def _read_phrase(inside: str, slop: re.Match[str] | None) -> Phrase | None:
    words = " ".join("".join(" " if each in ALL_QUOTES else each for each in inside).split())
    if not any(letter.isalnum() for letter in words):
        return None
    distance = min(int(slop[1] or 1), MOST_SLOP) if slop else 0
    return Phrase(words, distance)


def read_word(word: str) -> Word | Pattern | Fuzzy | None:
    """Read a word, a pattern or a fuzzy word; None when it holds no letter or figure."""
    signed = _SIGNED.match(word)
    word = signed[1] if signed else _TRAILING.sub("", word)
    if word in OPERATORS or not any(letter.isalnum() for letter in word):
        return None
    fuzzy = _FUZZY.fullmatch(word)
    if fuzzy and "*" not in word and "~" not in fuzzy[1]:
        distance = int(fuzzy[2]) if fuzzy[2] else 1
        return Fuzzy(_drop_leading(fuzzy[1]), distance) if distance else read_word(fuzzy[1])
    if "*" in word or _ONE_LETTER.fullmatch(word):
        pattern = re.sub(r"\*+", "*", word)
        return Pattern(_drop_leading(pattern))
    return Word(word)


def _drop_leading(word: str) -> str:
    """Take off what is elided before a word and what begins none: "l'~urban*" gives "urban*"."""
    while (rest := _LEADING.sub("", drop_elision(word))) != word:
        if _read_field(rest, 0) is not None:
            break  # "l'titre:*": alone, the rest would be a field
        word = rest
    return word


def _read_field(text: str, place: int) -> tuple[FieldToken, int] | None:
    """Read a known field and its colon, when something follows at once."""
    colon = text.find(":", place, place + LONGEST_NAME + 1)
    if colon < 0 or colon + 1 >= len(text) or text[colon + 1].isspace():
        return None
    field = FIELD_BY_TYPED.get(text[place:colon].lower())
    follows = text[colon + 1]
    if field is None or not (follows.isalnum() or follows in '(«“"„[<>.…+-*'):
        return None
    return FieldToken(field), colon + 1


def read_dates(text: str) -> Range | None:
    """Read the dates that a whole text writes, or None: "2014", "2014-03..2016"."""
    found = read_range(text, 0)
    return found[0] if found is not None and found[1] == len(text) else None


def read_range(text: str, place: int) -> tuple[Range, int] | None:
    """Dates from one to another, as they may be written after "année:"."""
    compared = _COMPARED.match(text, place)
    if compared:
        date, sign = compared["date"], compared["sign"]
        if len(sign) == 1 and len(date) == 4:
            date = f"{int(date) + (1 if sign == '>' else -1):04d}"
        low, high = (date, "") if sign[0] == ">" else ("", date)
        return Range(low, high), compared.end()
    for form in _RANGES:
        found = form.match(text, place)
        if found and (found.end() == len(text) or not text[found.end()].isalnum()):
            low = (found["low"] or "").replace("*", "")
            high = found["high"] if "high" in form.groupindex else low
            high = (high or "").replace("*", "")
            if low or high:
                return Range(low, high), found.end()
    return None
