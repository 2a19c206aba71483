"""No error by the Nu Html Checker or html-validate, on any page, whichever is installed.

`npm install --global vnu-jar html-validate` (vnu needs Java); skipped by name without them.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.messages import LANGUAGES
from tests.browser.test_axe import PAGES, SITE

CHECKERS = {
    "vnu": ["--format", "gnu"],
    # Titles of texts are as long as they are.
    "html-validate": ["--config", "{config}"],
}
CONFIG = (
    '{"extends": ["html-validate:standard", "html-validate:a11y"], "rules": {"long-title": "off"}}'
)
STYLES = Path(__file__).parents[2] / "search_web" / "static"


def require(checker: str) -> str:
    found = shutil.which(checker)
    if found is None:
        pytest.skip(f"no {checker} here: `npm install --global vnu-jar html-validate`")
    return found


@pytest.fixture
def files(tmp_path: Path, client: FlaskClient, documents) -> list[str]:
    """Every page in both languages, written down."""
    note = next(each for each in documents if each.id == "besson-2014-tiers").notes[0].id
    for number, path in enumerate(PAGES):
        for language in LANGUAGES:
            asked = (
                f"{path.format(note=note, site=SITE)}{'&' if '?' in path else '?'}lang={language}"
            )
            page = client.get(asked).get_data(as_text=True)
            (tmp_path / f"{number}-{language}.html").write_text(page, encoding="utf-8")
    return [str(path) for path in sorted(tmp_path.glob("*.html"))]


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_markup_is_valid(files, tmp_path, checker):
    program = require(checker)
    config = tmp_path / "config.json"
    config.write_text(CONFIG, encoding="utf-8")
    options = [option.format(config=config) for option in CHECKERS[checker]]
    checked = subprocess.run(
        [program, *options, *files], capture_output=True, text=True, timeout=300, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_style_is_valid():
    program = require("vnu")
    styles = [str(path) for path in STYLES.glob("*.css")]
    checked = subprocess.run(
        [program, "--css", *styles], capture_output=True, text=True, timeout=300, check=False
    )

    assert checked.returncode == 0, checked.stderr
