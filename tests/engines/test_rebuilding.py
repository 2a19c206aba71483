"""A damaged index, seen from the command and from the site, until it has been built again."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.cli import main
from indexer.engines import build_index
from indexer.engines.embedded.building import open_generation
from indexer.settings import Settings
from search_web.wsgi import close_app, open_app
from tests.engines.shelf import text

TEXTS = [text(f"t{n}", "Un jardin", "Le jardin de la ville.") for n in range(5)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of a few texts, indexed."""
    (tmp_path / "bibliography").mkdir()
    (tmp_path / "bibliography" / "a.txt").write_text("Un jardin.\n", encoding="utf-8")
    build_index(tmp_path / "index", TEXTS)
    return tmp_path


def spoil(corpus: Path, pattern: str) -> Path:
    """Change a byte in the middle of a file of the index that answers."""
    (path,) = open_generation(corpus / "index").glob(pattern)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0x55
    path.write_bytes(raw)
    return path


def run(corpus: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a command and all that it says."""
    done = CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def test_the_command_says_that_an_index_is_whole(corpus: Path) -> None:
    code, said = run(corpus, "index", "--check")
    assert code == 0
    assert "5 texts verified: whole." in said


@pytest.mark.parametrize(
    "pattern", ["corpus_*.arrays", "suggestions-*.arrays", "*.toc", "examples.json"]
)
def test_the_command_names_what_is_damaged_and_mends_it(corpus: Path, pattern: str) -> None:
    path = spoil(corpus, pattern)
    code, said = run(corpus, "index", "--check", "--json")
    assert code == 3
    row = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    assert [each["where"] for each in row["damages"]] == [str(path)]
    code, said = run(corpus, "index")
    assert (code, "Built anew" in said) == (0, True)
    assert path.name in said
    assert run(corpus, "index", "--check")[0] == 0


def test_outlines_that_are_damaged_are_found_and_written_again(corpus: Path) -> None:
    assert run(corpus, "index")[0] == 0
    (path,) = (corpus / "index" / "outlines").glob("*.sqlite")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])

    code, said = run(corpus, "index", "--check")
    assert (code, str(path) in said) == (3, True)
    assert run(corpus, "index")[0] == 0
    assert path.read_bytes() == whole
    assert run(corpus, "index", "--check")[0] == 0


def test_a_search_in_a_damaged_index_is_one_error_with_a_hint(corpus: Path) -> None:
    spoil(corpus, "corpus_*.arrays")
    code, said = run(corpus, "search", "jardin")
    assert code == 1
    assert "not what was written" in said or "are not what" in said
    assert "renvois index" in said
    assert "Traceback" not in said


def test_check_and_rebuild_are_not_for_one_day(corpus: Path) -> None:
    assert run(corpus, "index", "--check", "--rebuild")[0] == 2


@pytest.fixture
def client(corpus: Path) -> Iterator[FlaskClient]:
    """The site, opened on an index that is damaged already."""
    spoil(corpus, "corpus_*.arrays")
    app = open_app(Settings(corpus=corpus))
    yield app.test_client()
    close_app(app)


@pytest.mark.parametrize("address", ["/", "/recherche?q=jardin", "/textes/t1", "/notes"])
def test_the_site_says_that_it_is_being_rebuilt_and_comes_back(
    corpus: Path, client: FlaskClient, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "reconstruction" in answer.get_data(as_text=True)
    build_index(corpus / "index", TEXTS)
    assert client.get(address).status_code == 200


def test_the_api_says_it_in_json(corpus: Path, client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=jardin")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 503
    build_index(corpus / "index", TEXTS)
    assert client.get("/api/v1/search?q=jardin").get_json()["total"] == 5
