"""Read inclusive writing: "habitant·e·s" is habitants and habitantes at once."""

import re
from typing import Final

# The endings that follow the first mark; a closed list, so that "data.gouv.fr" is none.
_ENDING = (
    r"e|es|ne|nes|le|les|te|tes|se|ses|sse|sses|ve|ves|he|hes|fe|re|ère|eres|ères|ere|"
    r"rice|rices|trice|trices|euse|euses|euresse|esse|esses|aine|aines|ale|ales|elle|elles"
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
    ("teur", "rice", "trice"),
    ("teur", "trice", "trice"),
    ("eur", "euse", "euse"),
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


def read_inclusive(word: str) -> tuple[str, str] | None:
    """The masculine and the feminine that a word in inclusive writing holds, or None.

    "acteur·rices" gives ("acteurs", "actrices"); "citoyen(ne)" gives ("citoyen", "citoyenne").
    """
    for form in _FORMS:
        found = form.fullmatch(word)
        if found:
            break
    else:
        return None
    root, ending = found["root"].lower(), found["ending"].lower()
    if form is not _WITH_BRACKETS and ending in {"le", "les"} and not root.endswith("l"):
        return None  # "fin.Les", a full stop without its space
    if ending in {"te", "tes", "se", "ses"} and not root.endswith(("t", "x", "s", "eur", "u")):
        return None
    is_plural = bool(found["plural"]) or ending.endswith("s")
    singular = ending.removesuffix("s") if len(ending) > 2 or ending == "es" else ending
    feminine = root + singular
    for masculine_ending, written, feminine_ending in _FEMININES:
        if root.endswith(masculine_ending) and singular == written:
            feminine = root.removesuffix(masculine_ending) + feminine_ending
            break
    plural = "s" if is_plural else ""
    masculine = root if root.endswith(("s", "x")) else root + plural
    return masculine, feminine + plural
