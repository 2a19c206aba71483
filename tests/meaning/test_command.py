"""`renvois meaning`, and what other commands do with vectors. With the tiny model of a folder."""

import importlib.util
import json
from pathlib import Path

import pytest

from indexer.engines import open_searcher
from indexer.meaning.building import build
from indexer.meaning.vectors import PublishedVectors
from tests.command import run_command
from tests.meaning.conftest import Shelf, make_text, make_texts
from tests.meaning.ngrams import NgramEmbedder
from tests.meaning.tiny_onnx import write_model
from tests.withdrawals.corpus import ID, URL, make_corpus

needs_extra = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnxruntime", "tokenizers")),
    reason="renvois[meaning] is not installed here",
)


def make(tmp_path: Path) -> tuple[Shelf, dict[str, str]]:
    shelf = Shelf(tmp_path)
    shelf.index([*make_texts(), make_text("garten", "Garden", "A garden of platform.", "en")])
    model = write_model(tmp_path / "model")
    return shelf, {"RENVOIS_MEANING_MODEL": str(model), "RENVOIS_MEANING": "order passages"}


@needs_extra
def test_a_build_is_told_and_used_by_searches(tmp_path: Path):
    shelf, environ = make(tmp_path)
    status = run_command(tmp_path, "meaning", "status", "--json", environ=environ)
    assert status.returncode == 3
    assert json.loads(status.stdout)["missing"] > 30
    assert "Nothing was built yet." in status.stderr

    done = run_command(tmp_path, "meaning", "build", "--json", environ=environ)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["documents"], told["missing"]) == (36, 0)
    assert told["model"].startswith("onnx-")
    assert " of " in done.stderr
    assert run_command(tmp_path, "meaning", "status", environ=environ).returncode == 0

    rows = run_command(tmp_path, "search", "plateforme jardin", "--json", environ=environ).stdout
    hits = [json.loads(line) for line in rows.splitlines()]
    near = [hit for hit in hits if hit.get("by") == "meaning"]
    assert near[0]["id"] == "garten"
    assert near[0]["snippets"][0]["text"] == "A garden of platform."
    shown = run_command(tmp_path, "search", "plateforme jardin", environ=environ)
    assert "Par le sens" in shown.stdout
    assert "en" in shown.stdout
    assert "Le sens des textes a aussi servi" in shown.stderr
    words = run_command(tmp_path, "search", "plateforme jardin", "--words-only", environ=environ)
    assert "Par le sens" not in words.stdout
    explained = run_command(tmp_path, "search", "jardin vélo", "--explain", environ=environ)
    assert "par le sens du passage le plus proche" in explained.stderr
    assert shelf.vectors.is_dir()


def test_without_a_model_the_command_says_what_to_do_and_searches_answer_by_words(tmp_path: Path):
    _, environ = make(tmp_path)
    environ["RENVOIS_MEANING_MODEL"] = str(tmp_path / "nowhere")
    done = run_command(tmp_path, "meaning", "build", environ=environ)
    assert done.returncode == 1
    assert "no such folder" in done.stderr
    assert "tokenizer.json" in done.stderr
    found = run_command(tmp_path, "search", "jardin", environ=environ)
    assert found.returncode == 0
    assert "Jardins partagés" in found.stdout
    assert "words alone were searched" in found.stderr


def test_a_use_that_does_not_exist_is_refused(tmp_path: Path):
    done = run_command(tmp_path, "meaning", "status", environ={"RENVOIS_MEANING": "ordre"})
    assert done.returncode == 1
    assert "order, passages" in done.stderr


@pytest.mark.slow  # a crawl
def test_a_withdrawal_removes_vectors_and_the_names_of_notes_too(tmp_path: Path):
    corpus = tmp_path / "corpus"
    make_corpus(corpus)
    searcher = open_searcher(corpus / "index")
    build(corpus / "meaning", searcher.documents, NgramEmbedder(), index_state="")
    searcher.close()
    held = PublishedVectors(corpus / "meaning")
    keys = held.read_keys(ID)
    assert keys
    assert len(held.document_ids) > 1

    done = run_command(corpus, "withdraw", URL)
    assert done.returncode == 0, done.stderr
    left = b"".join(path.read_bytes() for path in (corpus / "meaning").iterdir())
    assert not [key for key in keys if key in left]
    assert ID.encode() not in left
    assert set(PublishedVectors(corpus / "meaning").document_ids) <= set(held.document_ids)
