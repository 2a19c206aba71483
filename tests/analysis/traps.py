"""What French does to a tokeniser: a text, a query, and whether the one must find the other."""

import json
from pathlib import Path

TRAPS = json.loads((Path(__file__).parent / "traps.json").read_text(encoding="utf-8"))
