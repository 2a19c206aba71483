"""What the sites of the library answer, on a day that the caller turns by hand."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Final
from urllib.parse import urlsplit

from tests.library.texts import Shelf, Text
from tests.replay.pages import Page

_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
_STATUSES: Final = {"forbidden": 403, "error": 500, "missing": 404, "gone": 410}
_SAID: Final = {
    "forbidden": "Accès refusé",
    "error": "Erreur interne",
    "missing": "Page introuvable",
    "gone": "Cette page a été retirée",
}


class LibraryPages(Mapping[str, Page]):
    """The pages of every cited address, by URL, for a replay server; made when they are asked.

    `day` is the clock, in days since the first visit: turn it, and sites answer as they do then.
    """

    def __init__(self, shelf: Shelf, *, day: int = 0) -> None:
        self.day = day
        self._texts = shelf.by_url
        self._moved = {move_url(url): text for url, text in self._texts.items()}

    def __getitem__(self, url: str) -> Page:
        if url in self._moved:
            return make_page(url, self._moved[url])
        return self._answer(url, self._texts[url])

    def __iter__(self) -> Iterator[str]:
        yield from self._texts
        yield from self._moved

    def __len__(self) -> int:
        return len(self._texts) + len(self._moved)

    def _answer(self, url: str, text: Text) -> Page:
        behaviour = text.behaviour(self.day) or "page"  # never visited is not never published
        if behaviour == "page":
            return make_page(url, text)
        if behaviour == "moved":
            there = move_url(url)
            return Page(url=url, payload=b"", status=301, headers=_HTML | {"Location": there})
        words = _SAID[behaviour]
        said = f"<!DOCTYPE html><title>{words}</title><h1>{words}</h1>"
        return Page(url=url, payload=said.encode(), status=_STATUSES[behaviour], headers=_HTML)


def move_url(url: str) -> str:
    """Where a text stands after its site was rebuilt."""
    parts = urlsplit(url)
    return f"http://{parts.hostname}/archives{parts.path}"


def make_page(url: str, text: Text) -> Page:
    """The page of a text, in one of three layouts: a site has always the same."""
    assert text.site is not None
    title, name = escape(text.title), escape(text.site.name)
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs())
    byline = escape(", ".join(one.display for one in text.author))
    layouts = (
        f"<header><a href='/'>{name}</a></header><main><article><h1>{title}</h1>"
        f"<p class='byline'>{byline}</p>{body}</article></main>",
        f"<nav><a href='/'>{name}</a> <a href='/contact'>Contact</a></nav>"
        f"<div id='content'><h1>{title}</h1>{body}</div><footer>{name}</footer>",
        f"<div class='page'><div class='entry-header'><h1>{title}</h1></div>"
        f"<div class='entry-content'>{body}</div></div>"
        f"<aside><ul><li><a href='/'>Accueil</a></li></ul></aside>",
    )
    html = (
        f'<!DOCTYPE html><html lang="{text.language}"><head><meta charset="utf-8">'
        f"<title>{title} | {name}</title>"
        f'<meta property="og:site_name" content="{name}">'
        f'<meta property="article:published_time" content="{text.issued}">'
        f"</head><body>{layouts[len(text.site.host) % len(layouts)]}</body></html>"
    )
    return Page(url=url, payload=html.encode(), headers=_HTML)
