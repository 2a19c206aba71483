"""The whole way from a text to its tokens, the same for documents and for queries.

One function a step lives in the modules beside; here they are put in order. A chunk is analysed
once and remembered: a text of a thousand words holds three hundred different ones.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from indexer.analysis import stopwords
from indexer.analysis.characters import APOSTROPHES, HYPHENS, INVISIBLE, fold, normalise
from indexer.analysis.chunks import PART, SIGNED, cut_chunks, may_hold_blanks
from indexer.analysis.lexicon import is_bared, name_english, name_french
from indexer.analysis.notations import (
    read_inclusive,
    render_law_article,
    render_ordinal,
    write_out_ordinal,
)
from indexer.analysis.stemming import stem_english, stem_french

LANGUAGES: Final = ("fr", "en")
_TYPED: Final = "fr, typed"  # in queries: accents may be missing
_BARED: Final = "fr, bared"  # a text whose accents are missing
READINGS: Final = (*LANGUAGES, _TYPED, _BARED)


class Token(NamedTuple):
    """One word of a text, or another name (`is_alias`) of the words just before it."""

    start: int  # in characters of the text
    end: int
    exact: str  # folded surface form
    stem: str  # folded stem, which ranks texts and finds none; English ones are marked
    is_stop: bool = False
    is_alias: bool = False  # same place as the words before it: "ecoquartier" beside eco, quartier
    width: int = 1  # how many words before it an alias stands for
    names: tuple[str, ...] = ()  # its lemmas, under which it is found; none of a stop word


_ELIDED_TEXT = """
c d j l m n s t qu jusqu lorsqu puisqu quoiqu quelqu entr presqu
"""
_ELIDED: Final = frozenset(_ELIDED_TEXT.split())
_WHOLE_WITH_APOSTROPHE: Final = re.compile(
    rf"(?:aujourd[{APOSTROPHES}]\s*hui|presqu[{APOSTROPHES}]\s*(?:île|ile)s?"
    rf"|prud[{APOSTROPHES}]\s*hom\w+|"
    rf"entr[{APOSTROPHES}](?:aid|act|ouv|apercev|aperç|appel|accus|égorg)\w+)",
    re.IGNORECASE,
)
_APOSTROPHE: Final = re.compile(f"[{APOSTROPHES}]")
_INVISIBLE: Final = re.compile(f"[{INVISIBLE}]")
_STANDARD: Final = re.compile(r"(rfc|iso|iec|nf|bcp)(\d{2,})", re.IGNORECASE)
_HYPHEN: Final = re.compile(rf"[{HYPHENS}](?:[ \t]*\r?\n[ \t]*)?")
_ACRONYM: Final = re.compile(r"[^\W\d_](?:\.[^\W\d_])+")
_SPACED_NUMBER: Final = re.compile(r"\d{1,3}(?:\s\d{3})+")
_LAW_ARTICLE: Final = re.compile(rf"[A-Za-z]\*?\.?\s?\*?\s?\d+(?:[{HYPHENS}]\d+)*")
# Nouns that look like a verb and what follows it.
_WHOLE_WITH_HYPHEN: Final = re.compile(rf"rendez[{HYPHENS}]vous", re.IGNORECASE)
# What follows a verb or a pronoun: "va-t-on", "dites-le", "celui-ci", "donne-m'en".
# Nothing else may follow: "Aix-en-Provence" and "arc-en-ciel" are compounds.
_CLITIC: Final = re.compile(
    rf"(?:[{HYPHENS}](?:t[{HYPHENS}])?(?:je|tu|il|elle|on|nous|vous|ils|elles|ce|ci|là|le|la|les|"
    rf"lui|leur|leurs|moi|toi|y|en|même|mêmes|[mtl][{APOSTROPHES}](?:y|en)))+(?![{HYPHENS}\w])",
    re.IGNORECASE,
)
_ACCENTED: Final = re.compile("[àâäçèéêëîïôöùûüÿÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŸ\u0300-\u036f]")
_WORD: Final = re.compile(r"[^\W\d_]+")
# Letters of French and nothing else: none of the special readings applies to these.
_PLAIN: Final = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœ]+")
# One word in so many that has lost its accents. Of 18,000 passages without any accent of two
# collections 338 hold such a word at all: addresses, and names of functions in capitals.
_BARED_SHARE: Final = 40
_MOST_JOINED: Final = 4  # parts of a compound that is also one word


def analyse(text: str, language: str = "fr") -> list[Token]:
    """Cut a text into tokens in reading order, stop words among them.

    `language` is "fr" or "en"; any other is read as French. Offsets are characters of `text`.
    """
    return _analyse(text, choose_reading(text, language))


def choose_reading(text: str, language: str) -> str:
    """Choose how a text of a language is read: one of `READINGS`.

    French of which a word in forty has lost its accents, while no other has kept its own, is read
    as if all might have: its "cote" is found by "côte" and "côté".
    """
    if language == "en" or _ACCENTED.search(text) is not None:
        return "en" if language == "en" else "fr"
    words = _WORD.findall(text)
    plain = (word.lower() for word in words if word.isascii())
    bared = sum(is_bared(word) for word in plain if word not in stopwords.ENGLISH)
    return _BARED if bared * _BARED_SHARE > len(words) else "fr"


def analyse_query(text: str, language: str = "fr") -> list[Token]:
    """Cut something typed into tokens as `analyse` does, but accents may be missing.

    "cote" also has the names of "côte" and of "côté", which a text that says "cote" has not. The
    number of an article of law without its letter names others too: it is for texts alone.
    """
    reading = _TYPED if language != "en" else language
    if _PLAIN.fullmatch(text) is not None:
        return list(analyse_chunk(text, reading))
    tokens = _analyse(text, reading)
    return [
        token
        for before, token in zip([None, *tokens], tokens, strict=False)
        if before is None or not (token.is_alias and before.exact[1:] == token.exact)
    ]


class FormNames(NamedTuple):
    """The stem and names, French and English, that a query gives a word typed without accents."""

    stem: str
    names: tuple[str, ...]
    english_stem: str  # "" of an English stop word
    english_names: tuple[str, ...]


# What ordinals in Roman numerals are written with: case tells "VIe" from "vie".
_OF_ORDINALS: Final = frozenset("ivxlcdmersn")


def name_typed_form(form: str) -> FormNames | None:
    """Name a folded word as a query that types it does, in French and in English.

    None of what has to be read as it is typed: stop words, what may be a numeral, other characters.
    """
    if not (form.isascii() and form.isalpha()) or form in stopwords.FRENCH:
        return None
    if _OF_ORDINALS.issuperset(form):
        return None
    names = name_french(form, is_bare=True, is_typed=True)
    if form in stopwords.ENGLISH:
        return FormNames(stem_french(form), names, "", ())
    return FormNames(stem_french(form), names, stem_english(form), name_english(form))


def name_typed(normalised: str) -> tuple[str, ...]:
    """Give the French names of a normalised word that is typed; its accents may be missing."""
    return name_french(normalised, is_bare=True, is_typed=True)


_TYPED_WORD: Final = re.compile(
    rf"(?:(?:[cdjlmnst]|(?:jus|lors|puis|quoi|quel)?qu)[{APOSTROPHES}])?([A-Za-zÀ-ÖØ-öø-ÿŒœ]+)",
    re.IGNORECASE,
)


@lru_cache(maxsize=20_000)  # asked for a word, and for titles that are what was typed
def read_typed_word(text: str) -> tuple[int, str, str] | None:
    """Read what is one word of plain letters, with what is elided before it or without.

    Gives where it begins, and the word normalised and folded; None of anything else.
    """
    found = _TYPED_WORD.fullmatch(text)
    if found is None:
        return None
    normalised = normalise(found[1])
    return found.start(1), normalised, normalised if normalised.isascii() else fold(normalised)


def fold_words(text: str) -> tuple[str, ...]:
    """Give the folded words of a text as `analyse_query` reads it, other names of words aside."""
    forms: list[str] = []
    for chunk in text.split() if not may_hold_blanks(text) else [text]:
        typed = read_typed_word(chunk.rstrip("?!,;:."))
        if typed is None or _OF_ORDINALS.issuperset(typed[2]):
            forms += [token.exact for token in analyse_query(chunk) if not token.is_alias]
        else:
            forms += [chunk[: typed[0] - 1].lower(), typed[2]] if typed[0] else [typed[2]]
    return tuple(forms)


def drop_elision(word: str) -> str:
    """Take off what is elided before a word, or how one begins: "l'urban*" gives "urban*"."""
    while (mark := _APOSTROPHE.search(word)) is not None:
        rest = word[mark.end() :]
        is_elided = fold(normalise(word[: mark.start()])) in _ELIDED
        if not is_elided or not any(letter.isalnum() for letter in rest):
            break
        word = rest
    return word


def _analyse(text: str, language: str) -> list[Token]:
    return [
        Token(start + token[0], start + token[1], *token[2:])
        for start, chunk in cut_chunks(text)
        for token in analyse_chunk(chunk, language)
    ]


def read_chunk(chunk: str, language: str) -> tuple[Token, ...]:
    """Give the tokens of one graphic word by one of `READINGS`, offsets counted from its start."""
    if chunk.isascii() or _INVISIBLE.search(chunk) is None:
        return tuple(_read(chunk, 0, language))
    # Where each letter that is seen stands; what follows the last begins after it.
    seen = [place for place, letter in enumerate(chunk) if letter not in INVISIBLE]
    tokens = _read(_INVISIBLE.sub("", chunk), 0, language)
    return tuple(
        token._replace(start=seen[token.start], end=seen[token.end - 1] + 1) for token in tokens
    )


analyse_chunk = lru_cache(maxsize=200_000)(read_chunk)  # the same, remembered


def _read(chunk: str, start: int, language: str) -> Iterator[Token]:
    """Try the readings of a chunk, the most special first."""
    if _PLAIN.fullmatch(chunk) is not None:
        yield _word(chunk, start, len(chunk), language)
        return
    if _SPACED_NUMBER.fullmatch(chunk):
        yield _named("".join(chunk.split()), start, len(chunk))
        return
    if _LAW_ARTICLE.fullmatch(chunk):
        name = render_law_article(_HYPHEN.sub("-", normalise(chunk)))
        if name is not None:
            yield _named(name, start, len(chunk))
            yield _named(name[1:], start, len(chunk))._replace(is_alias=True)
            return
    if _ACRONYM.fullmatch(chunk):
        yield _word(chunk.replace(".", ""), start, len(chunk), language)
        return
    if _WHOLE_WITH_APOSTROPHE.fullmatch(chunk):
        yield _word("".join(_APOSTROPHE.sub("", chunk).split()), start, len(chunk), language)
        return
    if _WHOLE_WITH_HYPHEN.fullmatch(chunk):
        yield _word(_HYPHEN.sub("", chunk), start, len(chunk), language)
        return
    gendered = read_inclusive(normalise(chunk))
    if gendered is not None:
        for alias, form in enumerate(gendered):
            token = _word(form, start, len(chunk), language)
            yield token._replace(is_alias=bool(alias))
        return
    yield from _read_elision(chunk, start, language)


def _read_elision(chunk: str, start: int, language: str) -> Iterator[Token]:
    """Take off what is elided before the first apostrophe; then read the rest."""
    mark = _APOSTROPHE.search(chunk)
    if mark is not None and fold(normalise(chunk[: mark.start()])) in _ELIDED:
        yield _word(chunk[: mark.start()], start, mark.start(), language)._replace(is_stop=True)
        yield from _read(chunk[mark.end() :], start + mark.end(), language)
        return
    yield from _read_compound(chunk, start, language)


def _read_compound(chunk: str, start: int, language: str) -> Iterator[Token]:
    """Read the parts of a compound, and the whole as one word beside them."""
    clitic = _CLITIC.search(chunk)
    if clitic is not None and clitic.start():
        yield from _read(chunk[: clitic.start()], start, language)
        for part in PART.finditer(chunk, clitic.start()):
            token = _word(part.group(), start + part.start(), len(part.group()), language)
            yield token._replace(is_stop=True)
        return
    members = [member for member in _HYPHEN.split(chunk) if member]
    if len(members) > 1:
        offset = 0
        tokens: list[Token] = []
        for member in members:
            offset = chunk.index(member, offset)
            tokens += _read(member, start + offset, language)
            offset += len(member)
        yield from tokens
        words = [token for token in tokens if not token.is_alias]
        named = [word for word in words if not (word.is_stop and len(word.exact) == 1)]
        if 1 < len(named) <= _MOST_JOINED:
            width = sum(not word.is_stop for word in words)
            separator = "-" if all(word.exact.isdigit() for word in named) else ""
            joined = separator.join(word.exact for word in named)
            alias = _word(joined, start, len(chunk), language)
            names = alias.names or (alias.exact,)
            yield alias._replace(is_alias=True, is_stop=False, width=max(1, width), names=names)
        return
    pieces = list(PART.finditer(chunk))
    if len(pieces) == 1 and pieces[0].group() == chunk:
        yield from _read_run(chunk, start, language)
        return
    is_signed = SIGNED.fullmatch(chunk) is not None  # "C++", and not the letter alone
    for piece in pieces:
        if not is_signed or len(piece.group()) > 1:
            yield from _read(piece.group(), start + piece.start(), language)
    if is_signed:
        signed = _named(normalise(chunk), start, len(chunk))
        yield signed._replace(is_alias=len(pieces[0].group()) > 1)


def _read_run(run: str, start: int, language: str) -> Iterator[Token]:
    """Read a run of letters, digits and underscores; "RFC7946" is two words and one."""
    if standard := _STANDARD.fullmatch(run):
        number = start + standard.start(2)
        yield _word(standard[1], start, len(standard[1]), language)
        yield _named(standard[2], number, len(standard[2]))
        yield _named(fold(normalise(run)), start, len(run))._replace(is_alias=True, width=2)
        return
    for found in re.finditer(r"[^_]+", run):
        yield _word(found.group(), start + found.start(), len(found.group()), language)


def _named(name: str, start: int, length: int) -> Token:
    """Make a token that has no forms: a number, an article of law."""
    return Token(start, start + length, name, name, names=(name,))


def _word(surface: str, start: int, length: int, language: str) -> Token:
    """Make the token of one simple word."""
    normalised = normalise(surface)
    exact = fold(normalised)
    if not exact:
        return Token(start, start + length, normalised, normalised, is_stop=True)
    if exact[0].isdigit() or exact[0] in "ivxlcdm":
        same_case = fold(normalise(surface)) if surface.islower() else _fold_case(surface)
        ordinal = render_ordinal(same_case, exact)
        if ordinal is not None:
            token = _named(ordinal, start, length)
            written = write_out_ordinal(ordinal)
            if written is None:
                return token
            names = name_french(normalise(written), is_bare=False)
            return token._replace(names=(ordinal, *names))
    if _is_stop(normalised, exact, language):
        # In capitals, a word of the list is an acronym as soon as it cannot open a sentence.
        return Token(start, start + length, exact, exact, is_stop=True)
    stem = stem_english(exact) if language == "en" else stem_french(exact)
    return Token(start, start + length, exact, stem, names=_name(surface, normalised, language))


def _is_stop(normalised: str, exact: str, language: str) -> bool:
    if language == "en":
        return exact in stopwords.ENGLISH
    return stopwords.is_french_stop(normalised, exact)


def _name(surface: str, normalised: str, language: str) -> tuple[str, ...]:
    """Give the names of a word; capitals may lack their accents, as what is typed may."""
    if language == "en":
        return name_english(fold(normalised))
    is_bare = language in (_TYPED, _BARED) or (len(surface) > 1 and surface.isupper())
    return name_french(normalised, is_bare=is_bare, is_typed=language == _TYPED)


def _fold_case(surface: str) -> str:
    """Take accents and ligatures off a word, in its own case."""
    folded = fold("".join(normalise(letter) for letter in surface))
    plain = "".join(letter for letter in surface)
    if len(folded) != len(plain):
        return folded
    return "".join(
        new.upper() if old.isupper() else new for old, new in zip(plain, folded, strict=True)
    )
