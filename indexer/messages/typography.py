"""Set French as a printer does: the spaces that hold, the apostrophe that curls.

Only for sentences of ours and for notes; an archived text is shown as it is. Spaces that are
there become the right ones and none is added, so that a text keeps its length and offsets
into it stay true. After the Lexique des règles typographiques de l'Imprimerie nationale:
a fine no-break space before ; ! ? and %, a no-break space before : and inside « ».
"""

import re
from typing import Final

NO_BREAK: Final = "\u00a0"
FINE: Final = "\u202f"

_RULES: Final = (
    (re.compile(r"(?<=\w)'(?=\w)"), "’"),
    (re.compile(r"[ \u00a0](?=[;!?%](?!\w))"), FINE),
    (re.compile(r" (?=:(?:\s|$))"), NO_BREAK),
    (re.compile(r"(?<=«) "), NO_BREAK),
    (re.compile(r" (?=»)"), NO_BREAK),
    (re.compile(r"(?<=\bp\.) (?=\d)"), NO_BREAK),
    (re.compile(r"(?<=\bn°) (?=\d)"), NO_BREAK),
)


def set_french(text: str) -> str:
    """Set a French text. The result is as long as `text`, character for character."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
