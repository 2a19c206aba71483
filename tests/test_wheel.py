"""The wheel holds all that the commands need, outside the checkout."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow  # a wheel is made, installed and run in processes of its own


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the wheel's files in it, as pip lays them out."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    made = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([*pip, *made, str(ROOT)], check=True)
    (wheel,) = folder.glob("renvois-*.whl")
    put = ["install", "--no-deps", "--no-index", "--no-compile", "--target", str(folder / "site")]
    subprocess.run([*pip, *put, str(wheel)], check=True)
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> str:
    """Run Python on the wheel's files, from a folder where there is no checkout."""
    environ = {name: text for name, text in os.environ.items() if not name.startswith("RENVOIS_")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


_ASK = """
from search_web.wsgi import close_app, open_app
import search_web
app = open_app()
print(search_web.__file__)
print(app.test_client().get("/recherche?q=jardin").get_data(as_text=True))
close_app(app)
"""


@pytest.mark.timeout(600)  # six processes, one after the other, on whatever machine
def test_the_wheel_indexes_and_serves_outside_the_checkout(installed, tmp_path):
    (tmp_path / "corpus" / "bibliography").mkdir(parents=True)
    (tmp_path / "corpus" / "bibliography" / "a.bib").write_text(
        "@misc{a, title={Les jardins partagés}, year={2015}, annote={À lire.}}", encoding="utf-8"
    )

    run(installed, tmp_path, "-m", "indexer", "index")
    hits = run(installed, tmp_path, "-m", "indexer", "search", "jardin", "--json")
    source, _, page = run(installed, tmp_path, "-c", _ASK).partition("\n")

    assert Path(source).is_relative_to(installed)
    assert "Les jardins partagés" in hits
    assert "<mark>jardins</mark> partagés" in page


@pytest.mark.parametrize("name", ["indexer/py.typed", "search_web/py.typed"])
def test_the_wheel_says_that_it_is_typed(installed, name):
    assert (installed / name).is_file()
