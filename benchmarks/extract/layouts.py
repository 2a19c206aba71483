"""The pages of each benchmark, and what should be read of them."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from indexer.extract.language import find_language


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

    def read_payload(self) -> bytes:
        """The page's bytes."""
        payload = self.path.read_bytes()
        return gzip.decompress(payload) if self.path.suffix == ".gz" else payload

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


def _has_gold(folder: Path) -> bool:
    return (folder / "ground-truth").is_dir()


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


LAYOUTS: Final[dict[str, Callable[[Path], Iterator[GoldPage]]]] = {
    "scrapinghub": read_scrapinghub,
    "trafilatura": read_trafilatura,
    "wcxb": read_wcxb,
}
