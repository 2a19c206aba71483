"""The pages of each benchmark, and what should be read of them."""

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import lxml.html

from indexer.extract.blocks import list_paragraphs
from indexer.extract.metadata import find_language

# What pages of before 2012 do not have, and others leave out: og:type, published_time, itemtype
# and JSON-LD.
DECLARATION: Final = re.compile(
    rb"<meta\b[^>]*(?:og:type|published_time)[^>]*>|"
    rb"<script\b[^>]*ld\+json[^>]*>.*?</script\s*>|"
    rb"\sitemtype\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, kw_only=True)
class GoldPage:
    """A page and its gold."""

    id: str
    url: str
    path: Path
    text: str = ""  # all that should be read
    wanted: tuple[str, ...] = ()  # pieces that should be read
    unwanted: tuple[str, ...] = ()
    kind: str = field(default="")
    is_undeclared: bool = False  # to be read without what it declares to be

    def read_payload(self) -> bytes:
        """The page's bytes, without its declarations where they are not to be read."""
        payload = self.path.read_bytes()
        payload = gzip.decompress(payload) if self.path.suffix == ".gz" else payload
        return DECLARATION.sub(b"", payload) if self.is_undeclared else payload

    @property
    def is_apart(self) -> bool:
        """Say whether a page is of the half that nobody looks at who changes the extractor."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 1

    @property
    def is_french(self) -> bool:
        """Say whether its gold is in French."""
        pieces = " ".join(self.wanted) or self.text
        return find_language(f"{pieces} " * 4) == "fr"  # short pieces, made long enough to ask


def read_scrapinghub(folder: Path) -> Iterator[GoldPage]:
    """`html/<id>.html.gz` and `ground-truth.json`: id -> articleBody, url."""
    for id_, row in sorted(_read_json(folder / "ground-truth.json").items()):
        path = folder / "html" / f"{id_}.html.gz"
        yield GoldPage(id=id_, url=row.get("url", ""), path=path, text=row.get("articleBody", ""))


def read_trafilatura(folder: Path) -> Iterator[GoldPage]:
    """`evaldata.json`: url -> file, with, without; the files in `cache/` or `eval/`."""
    root = folder if (folder / "evaldata.json").exists() else folder / "tests"
    for url, row in _read_json(root / "evaldata.json").items():
        paths = [root / shelf / row["file"] for shelf in ("cache", "eval", ".")]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            raise FileNotFoundError(f"{row['file']} is neither in cache/ nor in eval/")
        wanted, unwanted = tuple(row["with"]), tuple(row["without"])
        yield GoldPage(id=url, url=url, path=path, wanted=wanted, unwanted=unwanted)


def read_wcxb(folder: Path) -> Iterator[GoldPage]:
    """`ground-truth/<id>.json` and `html/<id>.html.gz`, in `dev/` and `test/` or here."""
    splits = [split for split in (folder / "dev", folder / "test", folder) if _has_gold(split)]
    for split in splits:
        for gold in sorted((split / "ground-truth").glob("*.json")):
            row = _read_json(gold)
            page_type = (row.get("_internal") or {}).get("page_type") or {}
            kind = page_type.get("primary", "") if isinstance(page_type, dict) else page_type
            yield GoldPage(
                id=f"{split.name}/{gold.stem}",
                url=row.get("url", ""),
                path=split / "html" / f"{gold.stem}.html.gz",
                text=(row.get("ground_truth") or {}).get("main_content") or "",
                kind=kind,
            )


def read_readability(folder: Path) -> Iterator[GoldPage]:
    """`test-pages/<name>/source.html` and `expected.html`: what the reader view shows.

    `kind` is "repeating" where the gold has a paragraph twice, "real" elsewhere.
    """
    root = next(folder.glob("**/test-pages"), folder)
    for page in sorted(root.glob("*/source.html")):
        gold = lxml.html.fromstring((page.parent / "expected.html").read_bytes().decode())
        texts = [each.text for each in list_paragraphs(gold)]
        yield GoldPage(
            id=page.parent.name,
            url="http://fakehost/test/page.html",
            path=page,
            text="\n".join(texts),
            kind="real" if len(set(texts)) == len(texts) else "repeating",
        )


def _has_gold(folder: Path) -> bool:
    return (folder / "ground-truth").is_dir()


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


LAYOUTS: Final[dict[str, Callable[[Path], Iterator[GoldPage]]]] = {
    "readability": read_readability,
    "scrapinghub": read_scrapinghub,
    "trafilatura": read_trafilatura,
    "wcxb": read_wcxb,
}
