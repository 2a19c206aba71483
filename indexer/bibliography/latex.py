r"""Read and write the LaTeX of BibTeX fields: accents, escapes, a few commands.

What `escape_latex` writes, `unescape_latex` reads back unchanged; UTF-8 stays as it is, as
BibLaTeX and every reader of today expect. Paragraphs are `\par`, because BibTeX parsers make
one space of any white space.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ESCAPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",  # BibTeX counts the brace of \{ too: where one is not closed
        "}": r"\textbraceright{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "_": r"\_",
        "$": r"\$",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
_ACCENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "'": "\u0301",
        "`": "\u0300",
        "^": "\u0302",
        '"': "\u0308",
        "~": "\u0303",
        "=": "\u0304",
        ".": "\u0307",
        "c": "\u0327",
        "v": "\u030c",
        "u": "\u0306",
        "H": "\u030b",
        "r": "\u030a",
        "k": "\u0328",
        "d": "\u0323",
        "b": "\u0331",
    }
)
_COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "lbrace": "{",
        "rbrace": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
        "textquotedbl": '"',
        "oe": "œ",
        "OE": "Œ",
        "ae": "æ",
        "AE": "Æ",
        "ss": "ß",
        "o": "ø",
        "O": "Ø",
        "l": "ł",
        "L": "Ł",
        "aa": "å",
        "AA": "Å",
        "i": "i",
        "j": "j",
        "dh": "ð",
        "th": "þ",
        "og": "« ",
        "fg": " »",
        "guillemotleft": "«",
        "guillemotright": "»",
        "textquoteright": "’",
        "textquoteleft": "‘",
        "textquotedblleft": "“",
        "textquotedblright": "”",
        "textendash": "–",
        "textemdash": "—",
        "ldots": "…",
        "dots": "…",
        "textellipsis": "…",
        "textdegree": "°",
        "degree": "°",
        "no": "n°",
        "up": "",
        "euro": "€",
        "texteuro": "€",
        "textless": "<",
        "textgreater": ">",
        "textbar": "|",
        "S": "§",
        "copyright": "©",
        "par": "\n\n",
        "newline": "\n",
        "bigskip": "\x1d",
        "LaTeX": "LaTeX",
        "TeX": "TeX",
        "ier": "er",
        "ieme": "e",
        "textunderscore": "_",
    }
)
# Letters and signs of mathematics, whose names are their own: "\\alpha" is "α".
_GREEK: Final = tuple(
    """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho
    varsigma sigma tau upsilon phi chi psi omega""".split()  # noqa: SIM905 - a table
)
_SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {name: chr(0x3B1 + index) for index, name in enumerate(_GREEK)}
    | {name.capitalize(): chr(0x391 + index) for index, name in enumerate(_GREEK) if index != 17}
    | {
        "varepsilon": "ε",
        "varphi": "φ",
        "times": "×",
        "pm": "±",
        "cdot": "·",
        "leq": "≤",
        "geq": "≥",
        "neq": "≠",
        "approx": "≈",
        "infty": "∞",
        "rightarrow": "→",
        "to": "→",
        "leftarrow": "←",
        "circ": "°",
        "partial": "∂",
        "sum": "∑",
        "sqrt": "√",
        "degree": "°",
        "textmu": "µ",
        "micro": "µ",
    }
)
_TOKEN: Final = re.compile(
    r"\\(?P<accent>['`^\"~=.])\s*(?:\{(?P<accented>\\?[^\W\d_])\s*\}|"
    r"(?P<bare>\\?[^\W\d_])(?:\{\})?)"
    r"|\\(?P<letter_accent>[cvuHrkdb])(?:\s*\{(?P<letter>\\?[^\W\d_])\s*\}|\s+(?P<spaced>[^\W\d_]))"
    r"|\\(?:noopsort|SortNoop|nosort)\s*\{[^{}]*\}|\\(?P<space>hspace|vspace|hskip)\*?\s*\{[^{}]*\}"
    r"|\\symbol\{(?P<symbol>[0-9]{1,6})\}"
    r"|\\href\s*\{(?P<href>[^{}]*)\}"
    r"|\\(?P<command>[a-zA-Z]+)\*?(?P<after>\{\}|[ \t]*)"
    r"|\\(?P<char>[^a-zA-Z])"
    r"|(?P<brace>[{}])|(?P<tie>~)|(?P<dashes>---?)|(?P<quotes>``|'')"
)
_MARKED: Final = re.compile(r"[\\{}~]|--|``|''")
# pandoc joins the words on both sides of a \par, those on both sides of a \newline it does not.
_PARAGRAPH: Final = r"\newline\par "
NOTE_BREAK: Final = r"\newline\par\bigskip\par "  # between two notes of one reference
_BALANCED: Final = str.maketrans({"{": "\x01", "}": "\x02"})


def escape_latex(text: str) -> str:
    r"""Write text as LaTeX: special characters escaped, braces balanced, paragraphs as `\par`."""
    text = re.sub(r"\s*\n\s*\n\s*", "\x00", text.strip())
    if _are_braces_balanced(text):  # pandoc reads no \textbraceleft
        text = text.translate(_BALANCED)
    text = "".join(_ESCAPES.get(char, char) for char in re.sub(r"\s+", " ", text))
    text = re.sub(r"(['`-])(?=\1)", r"\1{}", text)  # no ligature: -- is two hyphens
    return text.replace("\x00", _PARAGRAPH).replace("\x01", r"\{").replace("\x02", r"\}")


def _are_braces_balanced(text: str) -> bool:
    """Say whether every brace of a text is closed, so that BibTeX can count them as they are."""
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def unescape_latex(text: str) -> str:
    r"""Read LaTeX as text in NFC; commands that only set the type disappear, their words stay.

    `\bigskip` becomes U+001D, which parts the notes of one reference.
    """
    text = " ".join(text.split())
    if not _MARKED.search(text):
        return unicodedata.normalize("NFC", text)
    text = _TOKEN.sub(_replace, text)
    text = re.sub(r" *\n[ \n]*\n *", "\n\n", text)
    return unicodedata.normalize("NFC", re.sub(r" {2,}", " ", text)).strip(" \n")


def _replace(found: "re.Match[str]") -> str:
    if found["accent"] or found["letter_accent"]:
        base = next(found[key] for key in ("accented", "bare", "letter", "spaced") if found[key])
        mark = _ACCENTS[found["accent"] or found["letter_accent"]]
        return unicodedata.normalize("NFC", base.removeprefix("\\") + mark)
    if found["space"] or "sort" in found[0][:9].lower():
        return ""
    if found["symbol"]:
        code = int(found["symbol"])
        return "" if 0xD800 <= code < 0xE000 else chr(code)  # no half of a surrogate pair
    if found["command"]:
        name = found["command"]
        return _COMMANDS.get(name) or _SIGNS.get(name, "")
    if found["char"]:
        return "" if found["char"] in "/-" else found["char"].replace("\\", "\n")
    if found["dashes"]:
        return "—" if len(found["dashes"]) == 3 else "–"
    if found["quotes"]:
        return "“" if found["quotes"] == "``" else "”"
    return " " if found["tie"] else ""


def balance_braces(text: str) -> str:
    """Give an address as it may stand in a field: braces and spaces percent-encoded."""
    return text.replace("{", "%7B").replace("}", "%7D").replace(" ", "%20").replace("\\", "%5C")
