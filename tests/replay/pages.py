"""The pages that the replay server serves, as their manifest lists them."""

import json
from dataclasses import dataclass, field
from pathlib import Path

PAGES_FOLDER = Path(__file__).parent.parent / "data" / "pages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One address and what it answers."""

    url: str
    payload: bytes
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


def read_pages(folder: Path = PAGES_FOLDER) -> dict[str, Page]:
    """The pages of `folder/manifest.json`, by URL."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {
        row["url"]: Page(
            url=row["url"],
            payload=(folder / row["file"]).read_bytes(),
            headers=row["headers"],
            status=row.get("status", 200),
        )
        for row in manifest["pages"]
    }
