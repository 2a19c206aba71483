"""Set what French templates themselves say as a printer does, once, when they are compiled."""

from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from indexer.messages.typography import group_digits, set_french

__all__ = ["FrenchTemplates", "group_digits", "set_french"]


class FrenchTemplates(Extension):
    """Sets what templates themselves say, once, when they are compiled."""

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterable[Token]:
        """Set the text between the template's own marks; values are left alone."""
        return self._set(stream)

    @staticmethod
    def _set(stream: TokenStream) -> Iterator[Token]:
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, token.type, set_french(token.value))
            else:
                yield token
