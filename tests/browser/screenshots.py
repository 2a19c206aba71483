"""Take the pictures of the pages that the manual shows: `python -m tests.browser.screenshots DIR`.

They are those of the made-up library of 2,000 texts, served by the command: a page that looks well
on eleven texts may not on as many.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Reader

QUERY = "tiers-lieux"
# name, address, width, height, scheme; {text} and {note} are the first that the query finds
PICTURES = (
    ("accueil", "/?lang=fr", 1280, 900, "light"),
    ("resultats", "/recherche?q={query}", 1280, 900, "light"),
    ("resultats-telephone", "/recherche?q={query}", 390, 844, "dark"),
    ("resultats-320", "/recherche?q={query}", 320, 760, "light"),
    ("resultats-768-en", "/recherche?q={query}&lang=en", 768, 900, "light"),
    ("resultats-1280-en", "/recherche?q={query}&lang=en", 1280, 900, "light"),
    ("resultats-1920", "/recherche?q={query}", 1920, 1000, "light"),
    ("sans-resultat", "/recherche?q=xyzzyxyz+ET+{query}", 1280, 620, "light"),
    ("texte", "/textes/{text}?q={query}", 1280, 900, "light"),
    ("texte-en", "/textes/{text}?q={query}&lang=en", 1280, 900, "light"),
    ("note", "/notes/{note}?q={query}", 1280, 800, "light"),
    ("notes", "/notes", 1280, 900, "light"),
    ("parcourir", "/parcourir", 1280, 900, "light"),
    ("liens", "/liens?etat=dead", 1280, 900, "light"),
    ("chronologie", "/chronologie", 1280, 900, "light"),
    ("aide", "/aide", 1280, 900, "light"),
    ("concordance", "/concordance?q={query}", 1280, 800, "light"),
)


@contextmanager
def _serving(corpus: Path) -> Iterator[str]:
    """Make the library, and serve it by the command on a free port; gives its address."""
    python = [sys.executable, "-m"]
    subprocess.run([*python, "tests.library", str(corpus), "--texts", "2000"], check=True)
    serve = [*python, "search_web", "--corpus", str(corpus), "--port", "0"]
    process = subprocess.Popen(serve, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        yield process.stderr.readline().strip().rstrip("/")
    finally:
        process.terminate()
        process.communicate()


def main(folder: Path) -> None:
    """Write a PNG of each page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        _serving(Path(scratch) / "library") as address,
        sync_playwright() as playwright,
    ):
        with urlopen(f"{address}/recherche?q={QUERY}&lang=fr", timeout=60) as answer:
            page = answer.read().decode()
        names = {
            "query": QUERY,
            "text": re.findall(r'href="/textes/([^"?]+)[^"]*#p', page)[0],  # with a passage
            "note": re.findall(r'href="/notes/([^"?]+)', page)[0],
        }
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        reader = Reader(browser, address)
        for name, path, width, height, scheme in PICTURES:
            shown = reader.open(path.format(**names), width=width, scheme=scheme)
            shown.set_viewport_size({"width": width, "height": height})
            shown.screenshot(path=folder / f"{name}.png")
            print(folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
