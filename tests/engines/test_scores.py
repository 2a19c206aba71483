"""The ranking changes only where somebody means it: scores are held, to seven digits.

Each constant of the ranking moves some of them. Who changes the ranking on purpose writes them
anew: `python -m tests.engines.test_scores`.
"""

import json
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.engines.damage import make_documents
from tests.engines.shelf import opened, text

HELD: Final = Path(__file__).with_name("scores.json")
# Of each kind of question: a word, several, a form of one, a phrase, words that a title, an
# author, a note or a heading has, a beginning, a word mistyped, words run together, a filter.
QUERIES: Final = (
    "ville", "énergie climat", "habitants quartiers", "ville eau forêt jardin", "« tiers lieu »",
    "tierslieux", "« tiers lieu »~3", "coop*", "numerique~", "dupont", "anne martin ville",
    "auteur:dupont jardin", "titre:ville", "note:jardin", "rubrique:énergie", "ville SAUF eau",
    "ville ET (eau OU forêt)", "+eau forêt", "jardin lavande", "lavandes", "le jardin de la ville",
    "moulin rouge", "rouge moulin", "urban gardens", "annee:2012 marché",
)  # fmt: skip
MORE: Final = (
    text("court", "Lavande", "Le jardin de lavande."),
    text("long", "Jardins", "Le jardin et la lavande. " + "La ville est grande. " * 60),
    text("note", "Sans elle", "Une rue.", note="La lavande du jardin y pousse."),
    text("deux", "Le moulin rouge", "Un moulin, rouge. Le moulin rouge tourne."),
    text("loin", "Des moulins", "Le moulin tourne sur la colline, et le ciel est rouge."),
    text("anglais", "Urban gardens", "A garden in the town; gardens grow.", language="en"),
)


def measure() -> dict[str, Any]:
    """The best results of each query with their scores, and what is like a text."""
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), *make_documents(), *MORE) as searcher,
    ):
        found: dict[str, Any] = {
            query: {
                hit.id: float(f"{hit.score:.7g}")
                for hit in searcher.search(query, page_size=8).hits
            }
            for query in QUERIES
        }
        found["like t012"] = [each.id for each in searcher.similar("t012")]
        return found


def test_scores_change_only_where_that_is_meant() -> None:
    held = json.loads(HELD.read_text(encoding="utf-8"))
    made = measure()
    changed = [query for query in (*held, *made) if held.get(query) != made.get(query)]

    assert not changed, f"if that is meant: `python -m tests.engines.test_scores` ({changed[:3]})"


if __name__ == "__main__":
    HELD.write_text(json.dumps(measure(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
