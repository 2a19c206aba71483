"""Choose the language of an answer, keep it in the links of a page, and say so in its headers.

`?lang=` chooses, else the browser's Accept-Language, else the site's own language. There is no
cookie: a reader who chose is followed from link to link by the address alone, and canonical
addresses (`plain_url`) do not say a language.
"""

from functools import cache
from typing import Any, Final

from flask import Flask, Response, g, has_request_context, request, url_for
from markupsafe import Markup, escape
from werkzeug.datastructures import LanguageAccept

from indexer.messages import LANGUAGES, Message, Translator, Value, open_translator
from search_web.site.state import the_library

PARAMETER: Final = "lang"
# Answers that are the same in every language.
_SPEECHLESS: Final = frozenset(
    {"static", "interop.robots", "interop.unapi", "api.openapi", "mementos.replay", "oai.answer"}
)


def read_asked(asked: str) -> str:
    """Give the language that an address asks for; "" for none, or one that there is not."""
    language = asked.strip().lower()
    return language if language in LANGUAGES else ""


def choose_language(asked: str, accepted: LanguageAccept, default: str) -> str:
    """Choose one of LANGUAGES: what an address asks, else a browser accepts, else the default.

    RFC 9110 §12.5.4: the highest q-value wins, 0 excludes, "en-GB" is content with "en"; what is
    equally good, or "*", gets `default`.
    """
    others = [each for each in LANGUAGES if each != default]
    return read_asked(asked) or accepted.best_match([default, *others], default=default)


def the_language() -> str:
    """Give the language of the answer to the present request."""
    if "language" not in g:
        g.language = choose_language(
            request.args.get(PARAMETER, ""), request.accept_languages, the_library().site.language
        )
    language: str = g.language
    return language


def the_translator() -> Translator:
    """Give who says sentences, as plain text, in the language of the present request."""
    return open_translator(the_language())


class MarkupTranslator(Translator):
    """Say sentences for templates: everything is escaped but values that are `Markup`.

    A link in the midst of a sentence is a value made by a template (`{% set %}`); what a reader
    typed is a plain string, and stays text.
    """

    def set_sentence(self, sentence: str) -> str:
        """Set a sentence of the catalogue, and escape it."""
        return str(escape(super().set_sentence(sentence)))

    def __call__(self, said: str | Message, /, **values: Value | Markup) -> Markup:
        """Say a message, or the sentence of a key with values. Raises KeyError."""
        return Markup(super().__call__(said, **values))  # noqa: S704 - each value is escaped

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write a value as this language does, and escape it unless it is markup."""
        if isinstance(value, Markup):
            return str(value)
        return str(escape(open_translator(self.language).format_field(value, format_spec)))


@cache  # one for each of LANGUAGES
def open_markup_translator(language: str) -> MarkupTranslator:
    """Give the MarkupTranslator of a language, read once. Raises ValueError when there is none."""
    return MarkupTranslator(language)


def plain_url(endpoint: str, **values: Any) -> str:
    """Give an address of ours that says neither language nor selection, unless `values` do.

    For machines, canonical links and files.
    """
    return url_for(endpoint, **{"choix": None, **values, PARAMETER: None})


def keep_language(app: Flask) -> None:
    """Keep the language that an address asks in the links of the page, and tell what is spoken."""

    def add_asked(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" or not has_request_context():
            return
        asked = read_asked(request.args.get(PARAMETER, ""))
        if asked:
            values.setdefault(PARAMETER, asked)

    def tell(response: Response) -> Response:
        if request.endpoint not in _SPEECHLESS:
            response.vary.add("Accept-Language")
            if response.status_code != 304:
                response.headers["Content-Language"] = the_language()
        return response

    app.url_defaults(add_asked)
    app.after_request(tell)
