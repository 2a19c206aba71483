"""Take the pictures of the pages that the manual shows: `python -m tests.browser.screenshots DIR`.

The pages are those of the tests: the real bibliography and stand-ins for what it cites.
"""

import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from indexer.engines import build_index, open_searcher
from search_web import create_app
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Reader, serving
from tests.search_web.conftest import SITE, make_documents

# name, address, width, height, scheme
PICTURES = (
    ("accueil", "/", 1200, 620, "light"),
    ("resultats", "/recherche?q=tiers+lieux", 1200, 1000, "light"),
    ("resultats-telephone", "/recherche?q=tiers+lieux", 390, 844, "dark"),
    ("sans-resultat", "/recherche?q=xyzzyxyz+ET+covoiturage", 1200, 620, "light"),
    ("texte", "/textes/besson-2014-tiers?q=technopole", 1200, 1000, "light"),
    ("note", "/notes/{note}?q=tiers+lieux", 1200, 800, "light"),
    ("notes", "/notes", 1200, 1000, "light"),
    ("aide", "/aide", 1200, 1000, "light"),
    ("concordance", "/concordance?q=ville", 1200, 800, "light"),
    ("resultats-320", "/recherche?q=tiers+lieux", 320, 760, "light"),
    ("resultats-768-en", "/recherche?q=tiers+lieux&lang=en", 768, 760, "light"),
    ("resultats-1280-en", "/recherche?q=tiers+lieux&lang=en", 1280, 900, "light"),
    ("resultats-1920", "/recherche?q=tiers+lieux", 1920, 1000, "light"),
    ("texte-en", "/textes/besson-2014-tiers?q=technopole&lang=en", 1280, 900, "light"),
)


def main(folder: Path) -> None:
    """Write a PNG of each page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = make_documents()
    note = next(each for each in documents if each.id == "besson-2014-tiers").notes[0].id
    with tempfile.TemporaryDirectory() as scratch:
        build_index(Path(scratch) / "index", documents)
        with (
            closing(open_searcher(Path(scratch) / "index")) as searcher,
            serving(
                create_app(searcher, replace(SITE, base_url="", show_archived="full"))
            ) as address,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            reader = Reader(browser, address)
            for name, path, width, height, scheme in PICTURES:
                page = reader.open(path.format(note=note), width=width, scheme=scheme)
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=folder / f"{name}.png")
                print(folder / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
