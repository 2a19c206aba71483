"""Say in which language a text is written."""

from functools import lru_cache
from typing import Any, Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# What a French bibliography cites; a smaller set errs less on short texts.
LANGUAGES: Final = ("fr", "en", "es", "de", "it", "pt", "nl", "ca", "eu", "br", "oc")
ENOUGH: Final = 200  # characters; below, what the page declares is surer
READ: Final = 1_000


def find_language(text: str, *, declared: str = "") -> str:
    """Give the BCP 47 language of `text`; `declared` (by the page) when the text is too short."""
    primary = declared.replace("_", "-").split("-")[0].strip().lower()
    sample = text[:READ]
    if len(sample) < ENOUGH:
        return primary if primary.isalpha() and len(primary) in (2, 3) else ""
    if primary.isalpha() and len(primary) == 2 and primary not in LANGUAGES:
        return primary
    language: str = _identifier().classify(sample)[0]
    return language


@lru_cache(maxsize=1)
def _identifier() -> Any:
    every = LanguageIdentifier.from_model_file(MODEL_FILE)
    every.set_languages(list(LANGUAGES))
    # Made anew of what is left: the other one keeps its 142 languages too, 26 MB of them.
    return LanguageIdentifier(
        every.nb_ptc,
        every.nb_pc,
        every.nb_classes,
        every.tk_nextmove,
        every.tk_output,
        tk_row=every.tk_row,
    )
