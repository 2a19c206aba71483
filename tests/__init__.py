"""Where the tests find this repository and data of their own (tests/data/README.md)."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
BIBLIOGRAPHY: Final = ROOT / "tests" / "data" / "bibliography"
