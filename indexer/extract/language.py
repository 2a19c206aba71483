"""Say in which language a text is written."""

from functools import lru_cache
from typing import Any, Final

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# What a French bibliography cites; a smaller set errs less on short texts.
LANGUAGES: Final = ("fr", "en", "es", "de", "it", "pt", "nl", "ca", "eu", "br", "oc")
ENOUGH: Final = 200  # characters; below, what the page declares is surer
READ: Final = 1_000


def find_language(text: str, *, declared: str = "") -> str:
    """The BCP 47 language of `text`; `declared` (by the page) when the text is too short."""
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
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
