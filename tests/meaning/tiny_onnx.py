"""Write a tiny sentence model into a folder: an ONNX graph of one node, and a tokenizer of words.

The graph looks each token up in a table (Gather), which is what the first layer of every sentence
model does. It is written in protocol buffers by hand: no library that makes models is needed.
"""

import json
from pathlib import Path

import numpy as np

WORDS = (
    "[PAD]",
    "[UNK]",
    "plateforme",
    "platform",
    "jardin",
    "garden",
    "vélo",
    "query",
    "passage",
    ":",
)
# Words that mean the same have one row; others are at right angles to them.
TABLE = np.array(
    [
        [0, 0, 0, 0],
        [0, 0, 0, 1],
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 0.01],
        [0, 0, 0, 0.01],
        [0, 0, 0, 0.01],
    ],
    np.float32,
)


def write_model(folder: Path, table: np.ndarray = TABLE) -> Path:
    """Write model.onnx and tokenizer.json; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_model(table))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer()))
    return folder


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _bytes(field: int, held: bytes | str) -> bytes:
    held = held.encode() if isinstance(held, str) else held
    return _varint(field << 3 | 2) + _varint(len(held)) + held


def _int(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _value(name: str, kind: int, *sizes: int | str) -> bytes:
    """A ValueInfoProto: an input or an output, its type and its shape."""
    dims = b"".join(
        _bytes(1, _int(1, size) if isinstance(size, int) else _bytes(2, size)) for size in sizes
    )
    tensor = _int(1, kind) + _bytes(2, dims)
    return _bytes(1, name) + _bytes(2, _bytes(1, tensor))


def _model(table: np.ndarray) -> bytes:
    node = _bytes(1, "table") + _bytes(1, "input_ids") + _bytes(2, "states") + _bytes(4, "Gather")
    weights = _int(1, table.shape[0]) + _int(1, table.shape[1]) + _int(2, 1)
    weights += _bytes(8, "table") + _bytes(9, table.astype("<f4").tobytes())
    graph = _bytes(1, node) + _bytes(2, "tiny") + _bytes(5, weights)
    graph += _bytes(11, _value("input_ids", 7, "batch", "length"))
    graph += _bytes(12, _value("states", 1, "batch", "length", table.shape[1]))
    return _int(1, 8) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _int(2, 13))


def _tokenizer() -> dict[str, object]:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: number for number, word in enumerate(WORDS)},
            "unk_token": "[UNK]",
        },
    }
