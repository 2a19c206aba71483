"""The traps of French, through the whole engine: one text indexed, one query asked."""

from pathlib import Path

import pytest

from tests.analysis.traps import TRAPS
from tests.engines.shelf import found, opened, text


@pytest.mark.parametrize("case", TRAPS, ids=lambda case: f"{case['n']}-{case['name']}")
def test_a_query_finds_what_a_reader_would_say_it_finds(tmp_path: Path, case: dict) -> None:
    with opened(tmp_path, text("a", "", case["text"])) as searcher:
        assert bool(found(searcher, case["query"])) is case["must_match"]
