"""`python -m benchmarks.forms`."""

import argparse
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import simplemma
import Stemmer

from benchmarks.forms.hunspell import list_feminines, list_plurals, list_verbs
from benchmarks.forms.pairs import APART, TOGETHER
from indexer.analysis import analyse, analyse_query, fold, normalise
from indexer.analysis.lexicon import name_form
from indexer.analysis.stopwords import list_stop_forms

Pair = tuple[str, str]
Finds = Callable[[str, str], bool]
_snowball: Final = Stemmer.Stemmer("french")


def _find_by_renvois(query: str, text: str) -> bool:
    typed: set[str] = set()
    for token in analyse_query(query):
        names = token.names or name_form(token.exact)
        typed.update(names, list_stop_forms(names))
    return any(not typed.isdisjoint((*token.names, token.exact)) for token in analyse(text))


def _find_by_snowball(query: str, text: str) -> bool:
    stems = [fold(_snowball.stemWord(normalise(word))) for word in (query, text)]
    return bool(stems[0] == stems[1])


def _find_by_simplemma(query: str, text: str) -> bool:
    return simplemma.lemmatize(query, "fr") == simplemma.lemmatize(text, "fr")


_ENGINES: Final[dict[str, Finds]] = {
    "renvois": _find_by_renvois,
    "Snowball": _find_by_snowball,
    "simplemma": _find_by_simplemma,
}


def main() -> None:
    """Print a table: what each joins, both ways, of the pairs to join; what it keeps apart."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms")
    parser.add_argument("--pairs", default=os.environ.get("BENCH_FORMS"), help="a file of pairs")
    parser.add_argument("--hunspell", default=os.environ.get("BENCH_HUNSPELL"), help="a folder")
    parser.add_argument("--each", type=int, default=1, help="one in so many of the dictionary")
    parser.add_argument("--missing", action="store_true", help="print what renvois gets wrong")
    asked = parser.parse_args()
    lists: dict[str, tuple[list[Pair], bool]] = {
        "ours, to join": (list(TOGETHER), True),
        "ours, to keep apart": (list(APART), False),
    }
    if asked.pairs:
        held = json.loads(Path(asked.pairs).read_text(encoding="utf-8"))
        for name, joins in (("together", True), ("apart", False)):
            pairs = [(each["query"], each["text"]) for each in held[name]]
            lists[f"given, {name}"] = (pairs, joins)
    if asked.hunspell:
        folder = Path(asked.hunspell)
        lists["hunspell's plurals"] = (list(list_plurals(folder))[:: asked.each], True)
        lists["its feminines"] = (list(list_feminines(folder))[:: asked.each], True)
        lists["its verbs"] = (list(list_verbs(folder))[:: 10 * asked.each], True)
    print("| engine | " + " | ".join(lists) + " |")
    print("|---|" + "---|" * len(lists))
    for engine, finds in _ENGINES.items():
        cells = []
        for name, (pairs, joins) in lists.items():
            wrong = list(_list_wrong(finds, pairs, joins=joins))
            cells.append(f"{len(pairs) - len(wrong)} of {len(pairs)}")
            if asked.missing and engine == "renvois":
                print(name, len(wrong), wrong)
        print(f"| {engine} | " + " | ".join(cells) + " |")


def _list_wrong(finds: Finds, pairs: Iterable[Pair], *, joins: bool) -> Iterable[Pair]:
    for query, text in pairs:
        both = (finds(query, text), finds(text, query))
        if not all(both) if joins else both[0]:
            yield query, text


if __name__ == "__main__":
    main()
