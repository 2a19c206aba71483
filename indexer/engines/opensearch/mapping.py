"""Describe the indexes of a cluster: which fields they have, and how a term scores in each.

    PREFIX-texts-FINGERPRINT-N   the texts; the alias PREFIX-texts names the one that answers
    PREFIX-words-FINGERPRINT-N   its words: forms, titles, names, phrases, each with its count

The formula is that of docs/decisions/0050-ranking.md, as a scripted similarity. Lucene keeps one
number a text and field for length, in a byte. In the fields of the whole text, where what length
does hangs on repetition too, that number is our norm, and not a length: `rows` writes as many
places as it says.
"""

from typing import Any, Final

from indexer.index.fields import (
    ALL,
    ALL_EXACT,
    ALL_STARTS,
    ALL_STEMS,
    AUTHOR,
    BODY,
    FACETS,
    FIELDS,
    GAP,
    ISSUED,
    K1,
    NOTE,
    SECTION,
    TITLE,
    TITLE_EXACT,
    Field,
    render_fingerprint,
)

Json = dict[str, Any]

LAYOUT: Final = "opensearch 2"  # raised when what is written changes
LGD_SHARE: Final = 0.6
ALSO: Final = "\x02"  # between terms at one place: stems hold "|"
BLANK: Final = "\x01"  # for a blank inside a term, which would part it
HOLE: Final = "\x03"  # a place that no term takes
BETWEEN: Final = "\x1f"  # between the kind of an offer and its text

# Fields whose length is our norm, so many times; below 40 Lucene's byte holds it exactly.
NORMED: Final = (ALL_STEMS, ALL_EXACT, ALL_STARTS)
NORM_SCALE: Final = 32
# Fields whose terms are words to be looked up by how they begin, or near what was typed.
WORD_FIELDS: Final = (ALL_EXACT, TITLE_EXACT, AUTHOR, NOTE, SECTION)
# Places of these are asked for; stems are kept beside each other as pairs.
PLACED: Final = frozenset(field.name for field in FIELDS if field.has_positions)
# What phrases whose small words count are looked for in: every word of some texts has its place,
# a small one its form behind SMALL. Those of ALL are the body and what stands above it.
SMALL: Final = "="
WRITTEN_FIELDS: Final = {
    ALL: ("written_body", "written_head"),
    BODY: ("written_body",),
    TITLE: ("written_title",),
    NOTE: ("written_note",),
    SECTION: ("written_section",),
}
_USUAL_B: Final = 0.6  # of a field of the whole text that has places, and so no norm of ours
EXAMPLES_ID: Final = "examples"


def encode(term: str) -> str:
    """Write a term so that it is one token."""
    return term.replace(" ", BLANK)


def name_facet(name: str) -> str:
    """Name the field that has the exact values of a facet: one of terms may bear its name."""
    return f"facet_{name}"


def name_texts(prefix: str) -> str:
    """Name the alias of the texts that answer."""
    return f"{prefix}-texts"


def name_words(prefix: str) -> str:
    """Name the alias of their words."""
    return f"{prefix}-words"


def make_fingerprint() -> str:
    """Say what an index must have been made with to be read, in twelve digits."""
    return render_fingerprint(engine=LAYOUT)[:12]


def describe_texts(*, shards: int, replicas: int, meta: Json) -> Json:
    """Describe the index of the texts; what is stored of each is `outline` and `paragraphs`."""
    stored = {"type": "keyword", "index": False, "doc_values": False}
    properties: Json = {field.name: _describe_field(field) for field in FIELDS}
    written = {"type": "text", "analyzer": "places", "index_options": "positions", "norms": False,
               "position_increment_gap": GAP}  # fmt: skip
    properties |= {name: written for names in WRITTEN_FIELDS.values() for name in names}
    properties |= {name_facet(name): {"type": "keyword"} for name in (*FACETS, ISSUED)}
    properties["fingerprint"] = {"type": "keyword"}
    properties |= {
        "outline": stored,
        "paragraphs": stored,
        # What names the text to who withdraws it, its folded title, what it is offered by.
        "names": _ONLY_FOUND,
        "titled": _ONLY_FOUND,
        "offered": _ONLY_FOUND,
        "number": {"type": "long"},  # in the order in which texts were indexed
        "rank": {"type": "long"},  # in the order of the bibliography
        "words": {"type": "integer", "index": False},
    }
    return {
        "settings": {
            **_size(shards, replicas),
            "similarity": {
                _name_similarity(field): _describe_similarity(field) for field in FIELDS
            },
            "analysis": {
                "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": 1_000_000}},
                "filter": {
                    "also": {
                        "type": "pattern_capture",
                        "preserve_original": False,
                        "patterns": [f"([^{ALSO}]+)"],
                    }
                },
                "analyzer": {
                    "places": {"type": "custom", "tokenizer": "blanks", "filter": ["also"]}
                },
            },
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": ["outline", "paragraphs", "fingerprint", "rank"]},
            "properties": properties,
            "_meta": meta,
        },
    }


_ONLY_FOUND: Final = {"type": "keyword", "doc_values": False, "ignore_above": 8000}


def describe_words(*, shards: int, replicas: int) -> Json:
    """Describe the index of the words."""
    properties: Json = {name: {"type": "keyword", "ignore_above": 8000} for name in WORD_FIELDS}
    properties |= {
        "kind": {"type": "keyword"},
        "text": {"type": "keyword", "ignore_above": 8000},
        "starts": _ONLY_FOUND,  # an offer from each of its words on
        "form": _ONLY_FOUND,  # a written word, folded
        "length": {"type": "integer"},
        "count": {"type": "integer"},
        "held": {"type": "keyword", "index": False, "doc_values": False},
    }
    return {
        "settings": _size(shards, replicas),
        "mappings": {"dynamic": "strict", "properties": properties},
    }


def _size(shards: int, replicas: int) -> Json:
    # Nothing is shown until it is asked to be: a change shows whole.
    return {"number_of_shards": shards, "number_of_replicas": replicas, "refresh_interval": "-1"}


def _describe_field(field: Field) -> Json:
    described: Json = {
        "type": "text",
        "analyzer": "places",
        "similarity": _name_similarity(field),
        "index_options": "positions" if field.name in PLACED else "freqs",
    }
    if field.name in PLACED:
        described["position_increment_gap"] = GAP
    return described


def _name_similarity(field: Field) -> str:
    return "normed" if field.name in NORMED else f"b{round(100 * _find_b(field)):02d}"


def _find_b(field: Field) -> float:
    return _USUAL_B if field.b is None else field.b


def measure_norm(field: Field, *, length: float, mean: float) -> float:
    """Say what length does to a count in a text: 1 in a usual one. `mean` is of the field."""
    b = _find_b(field)
    return length / NORM_SCALE if field.name in NORMED else 1 - b + b * length / mean


def _describe_similarity(field: Field) -> Json:
    if field.name in NORMED:
        norm = f"doc.length / {NORM_SCALE}.0"
    else:
        b = _find_b(field)
        norm = f"{1 - b} + {b} * doc.length * field.docCount / (double) field.sumTotalTermFreq"
    rarity = "Math.log(1.0 + (field.docCount - term.docFreq + 0.5) / (term.docFreq + 0.5))"
    return {
        "type": "scripted",
        # In the fields of the norm several terms are written at a place, which counts once.
        "discount_overlaps": field.name in NORMED,
        "weight_script": {
            "source": f"return query.boost * {(1 - LGD_SHARE) * (K1 + 1)} * {rarity};"
        },
        "script": {
            "source": (
                f"double norm = {norm};"
                f"return weight * doc.freq / (doc.freq + {K1} * norm)"
                f" + query.boost * {LGD_SHARE} * Math.log(1.0 + doc.freq"
                " * Math.log(1.0 + 1.0 / norm) * field.docCount / term.docFreq);"
            )
        },
    }
