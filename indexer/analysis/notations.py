"""Write alike what French writes in several ways: ordinals, articles of law, inclusive forms.

"XXIe", "21e", "XXIᵉ" and "21ème" are one word; so are "L. 1234-5" and "L1234-5"; "habitant·e·s" is
*habitants* and *habitantes* at once.
"""

import re
from typing import Final

_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_ROMAN_SYNTAX: Final = re.compile(
    r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE
)
_SUFFIX = r"(?:e|er|ers|re|res|ere|eres|eme|emes|ieme|iemes|nd|nds|nde|ndes|d|de)"
_ARABIC_ORDINAL: Final = re.compile(rf"(\d+){_SUFFIX}")
_ROMAN_ORDINAL: Final = re.compile(rf"([ivxlcdm]+?){_SUFFIX}s?", re.IGNORECASE)
# In lower case, only runs of x, v, i that no French word is made of.
_LOWER_ROMAN: Final = re.compile(r"[xvi]{2,}")
_WORDS_LIKE_ROMAN: Final = frozenset({"vie", "vies"})
_SINGLE_ROMAN: Final = frozenset("IVX")  # "Le", "Ce", "De" and "Me" are words
_LAW_ARTICLE: Final = re.compile(r"([a-z])\*?\.?\s*\*?\s*(\d+(?:-\d+)*)")


def parse_roman(text: str) -> int | None:
    """Parse a Roman numeral; give None where it is none: "XXI" gives 21, "IL" nothing."""
    if not text or not _ROMAN_SYNTAX.fullmatch(text):
        return None
    values = [_ROMAN[letter] for letter in text.lower()]
    return sum(
        -value if value < max(values[place:]) else value for place, value in enumerate(values)
    )


def render_ordinal(surface: str, folded: str) -> str | None:
    """Write the one spelling of an ordinal ("21e"), or None when the word is none.

    `surface` is the word in its own case, without accents: case tells "VIe" from "vie".
    """
    if folded[0].isdigit():
        found = _ARABIC_ORDINAL.fullmatch(folded)
        return f"{int(found[1])}e" if found else None
    found = _ROMAN_ORDINAL.fullmatch(surface)
    if found is None:
        return None
    numeral, suffix = found[1], surface[found.end(1) :]
    if numeral.isupper():
        if suffix.isupper() or (len(numeral) == 1 and numeral not in _SINGLE_ROMAN):
            return None
    elif not _LOWER_ROMAN.fullmatch(numeral) or folded in _WORDS_LIKE_ROMAN:
        return None
    number = parse_roman(numeral)
    return f"{number}e" if number else None


# How the first ordinals are written out: the other way to write "1er", "2e".
_WRITTEN_OUT: Final = (
    "premier", "deuxième", "troisième", "quatrième", "cinquième", "sixième", "septième",
    "huitième", "neuvième", "dixième", "onzième", "douzième", "treizième", "quatorzième",
    "quinzième", "seizième",
)  # fmt: skip


def write_out_ordinal(ordinal: str) -> str | None:
    """Write an ordinal out ("1e" is "premier"), or None where that takes several words."""
    number = int(ordinal.removesuffix("e"))
    return _WRITTEN_OUT[number - 1] if 0 < number <= len(_WRITTEN_OUT) else None


def render_law_article(normalised: str) -> str | None:
    """Join a number of an article ("l. 1234-5", "l.1234-5") as "l1234-5"; else None."""
    found = _LAW_ARTICLE.fullmatch(normalised)
    return f"{found[1]}{found[2]}" if found else None


# --- inclusive writing

# The endings that follow the first mark; a closed list, so that "data.gouv.fr" is none.
_ENDING = (
    r"e|es|ne|nes|le|les|te|tes|se|ses|sse|sses|ve|ves|he|hes|fe|re|ère|eres|ères|ere|"
    r"ice|ices|rice|rices|trice|trices|euse|euses|euresse|esse|esses|aine|aines|ale|ales|elle|elles"
)
_MARK = r"[·•‧⋅∙・.]"
_WITH_DOTS: Final = re.compile(
    rf"(?P<root>[^\W\d_]{{2,}}){_MARK}(?P<ending>{_ENDING})(?:{_MARK}?(?P<plural>s|x))?",
    re.IGNORECASE,
)
_WITH_SLASHES: Final = re.compile(
    rf"(?P<root>[^\W\d_]{{3,}})/(?P<ending>{_ENDING})(?:/?(?P<plural>s))?", re.IGNORECASE
)
# A hyphen also joins pronouns ("dis-le"): only endings that are no words.
_WITH_HYPHENS: Final = re.compile(
    r"(?P<root>[^\W\d_]{3,})[-‐‑](?P<ending>e|ne|rice|trice|euse|ve|ère)(?:[-‐‑]?(?P<plural>s))?",
    re.IGNORECASE,
)
_WITH_BRACKETS: Final = re.compile(
    rf"(?P<root>[^\W\d_]{{2,}})\((?:-)?(?P<ending>{_ENDING})\)(?P<plural>s)?", re.IGNORECASE
)
_FORMS: Final = (_WITH_DOTS, _WITH_BRACKETS, _WITH_SLASHES, _WITH_HYPHENS)

# (ending of the masculine, ending written, ending of the feminine), the first that fits.
_FEMININES: Final = (
    ("teur", "ice", "trice"),
    ("teur", "rice", "trice"),
    ("teur", "trice", "trice"),
    ("eur", "euse", "euse"),
    ("eux", "euse", "euse"),
    ("eur", "se", "euse"),
    ("eur", "esse", "eresse"),
    ("er", "ère", "ère"),
    ("er", "ere", "ère"),
    ("f", "ve", "ve"),
    ("x", "se", "se"),
    ("al", "ale", "ale"),
    ("el", "elle", "elle"),
    ("ain", "aine", "aine"),
)


# Words that no rule makes, marks as blanks.
_WHOLE: Final = {
    "tou s tes": ("tous", "toutes"),
    "tous toutes": ("tous", "toutes"),
    "ceux elles": ("ceux", "celles"),
    "celui elle": ("celui", "celle"),
}
_MARKS: Final = re.compile(rf"{_MARK}|[-‐‑/]")
# Before "es" these end the singular too: "français·es", "compris·es"; "élus·es" is *élu*.
_SINGULARS_IN_S: Final = re.compile(
    r"(?:ai|oi|a|o|pri|qui|ci|si|gri|(?<!ne)(?<!a)mi|(?:cl|conf|diff|intr|obt|abstr)u)s$"
)


def _drop_plural(root: str, ending: str) -> str:
    """Take the "s" of a plural off what stands before the first mark: "lecteurs·rices".

    `ending` is a singular.
    """
    if not root.endswith("s") or ending in {"se", "sse"}:
        return root
    return root if ending == "e" and _SINGULARS_IN_S.search(root) else root[:-1]


def read_inclusive(word: str) -> tuple[str, str] | None:
    """Read the masculine and the feminine that a word in inclusive writing holds, or None.

    "acteur·rices" gives ("acteurs", "actrices"); "citoyen(ne)" gives ("citoyen", "citoyenne").
    """
    if (whole := _WHOLE.get(_MARKS.sub(" ", word.lower()))) is not None:
        return whole
    for form in _FORMS:
        found = form.fullmatch(word)
        if found:
            break
    else:
        return None
    root, ending = found["root"].lower(), found["ending"].lower()
    is_plural = bool(found["plural"]) or ending.endswith("s")
    singular = ending.removesuffix("s") if len(ending) > 2 or ending == "es" else ending
    root = _drop_plural(root, singular) if is_plural else root
    if ending in {"ice", "ices"} and not root.endswith("teur"):
        return None
    if form is not _WITH_BRACKETS and ending in {"le", "les"} and not root.endswith("l"):
        return None  # "fin.Les", a full stop without its space
    if ending in {"te", "tes", "se", "ses"} and not root.endswith(("t", "x", "s", "eur", "u")):
        return None
    feminine = root + singular
    for masculine_ending, written, feminine_ending in _FEMININES:
        if root.endswith(masculine_ending) and singular == written:
            feminine = root.removesuffix(masculine_ending) + feminine_ending
            break
    plural = "s" if is_plural else ""
    masculine = root if root.endswith(("s", "x")) else root + plural
    return masculine, feminine + plural
