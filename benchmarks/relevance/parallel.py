"""Make cross-language collections of LibreOffice's help, which has the same pages in two languages.

    apt-get download libreoffice-help-fr libreoffice-help-en-us
    for each in libreoffice-help-*.deb; do dpkg -x "$each" unpacked; done
    python -m benchmarks.relevance.parallel --help-pages unpacked/usr/share/libreoffice/help \\
        --into DIR --pages 250

The keywords of the index of one language are the queries, the pages that they point to the answers:
`help-fr-en` asks in French for English pages, `help-en-fr` the reverse, `help-fr-fr` and
`help-en-en` are the same pages asked in their own language. Of the pages that both languages have
and that some keyword of each names, `--pages` are taken by the digest of their names, and their
queries are halved by it too: no page has queries in both halves. Nothing of it is committed.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from lxml import html

from benchmarks.relevance.collections import Collection, Text, Topic
from benchmarks.relevance.long import write_collection

LANGUAGES: Final[Mapping[str, str]] = {"fr": "fr", "en": "en-US"}  # code -> folder
_ENTRY: Final = re.compile(r'\{url:"[^/"]+/text/([^"?#]+)\.html[^"]*", app:"[^"]*", text:"([^"]*)"')
_BLOCKS: Final = ("p", "h1", "h2", "h3", "h4", "li", "td", "pre")
_LEAST_LETTERS: Final = 200  # of a page: others only list links


def main() -> int:
    """Write the four collections, each in two halves: `dev` and `test`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance.parallel")
    parser.add_argument("--help-pages", type=Path, required=True, help="the folder of fr, en-US")
    parser.add_argument("--into", type=Path, required=True, help="where to write them")
    parser.add_argument("--pages", type=int, default=250, help="how many pages to take")
    asked = parser.parse_args()
    keywords = {code: read_keywords(asked.help_pages, code) for code in LANGUAGES}
    named = [{page for pages in each.values() for page in pages} for each in keywords.values()]
    common = sorted(set.intersection(*named), key=_digest)
    texts: dict[str, list[Text]] = {code: [] for code in LANGUAGES}
    for page in common:
        read = {code: read_page(asked.help_pages, code, page) for code in LANGUAGES}
        if all(text and len(text.text) >= _LEAST_LETTERS for text in read.values()):
            for code, text in read.items():
                texts[code] += [text] if text else []
        if len(texts["fr"]) == asked.pages:
            break
    for typed, words in keywords.items():
        for code, pages in texts.items():
            write_halves(f"help-{typed}-{code}", pages, words, asked.into)
    return 0


def read_keywords(folder: Path, code: str) -> dict[str, set[str]]:
    """Read the index of a language: keyword -> the pages that it points to."""
    found: dict[str, set[str]] = {}
    script = (folder / LANGUAGES[code] / "bookmarks.js").read_text(encoding="utf-8")
    for page, keyword in _ENTRY.findall(script):
        found.setdefault(" ".join(keyword.replace(" -- ", " ").split()), set()).add(page)
    return found


def read_page(folder: Path, code: str, page: str) -> Text | None:
    """Read the text of a page; None where that language has none of that name."""
    path = folder / LANGUAGES[code] / "text" / f"{page}.html"
    if not path.is_file():
        return None
    tree = html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
    (area,) = tree.xpath('//div[@id="DisplayArea"]') or [tree]
    lines = list(dict.fromkeys(_list_lines(area)))
    return Text(id=page, title=tree.findtext(".//title") or "", text="\n".join(lines))


def _list_lines(area: html.HtmlElement) -> Iterator[str]:
    for block in area.iter(*_BLOCKS):
        if not any(each.tag in _BLOCKS for each in block.iterdescendants()):
            line = " ".join(block.text_content().split())
            if line:
                yield line


def write_halves(
    name: str, texts: list[Text], keywords: Mapping[str, set[str]], folder: Path
) -> None:
    """Write a collection, with the keywords whose pages are all there, by halves."""
    here = {text.id for text in texts}
    for split, parity in (("dev", 0), ("test", 1)):
        topics = [
            Topic(id=f"q{number}", text=keyword, group=f"q{number}", relevance=dict.fromkeys(to, 1))
            for number, (keyword, to) in enumerate(sorted(keywords.items()))
            if to <= here and _digest(min(to))[-1] % 2 == parity
        ]
        made = Collection(name=name, texts=tuple(texts), topics=tuple(topics))
        write_collection(made, folder / name, split)


def _digest(page: str) -> bytes:
    return hashlib.sha256(page.encode()).digest()


if __name__ == "__main__":
    sys.exit(main())
