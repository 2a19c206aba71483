"""`python -m benchmarks.forms`."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Final

import simplemma
import Stemmer

from benchmarks.forms.hunspell import list_feminines, list_nouns, list_plurals, list_verbs
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


Table = Mapping[str, tuple[Sequence[Pair], "Asked"]]


class Asked(Enum):
    """What is asked of the pairs of a list."""

    JOINED = auto()  # each finds the other
    FOUND = auto()  # the first finds the second
    APART = auto()  # the first does not find the second


def main() -> int:
    """Print a table: how many pairs of each list each engine reads as it is asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms", description=__doc__)
    parser.add_argument("--pairs", default=os.environ.get("BENCH_FORMS"), help="a file of pairs")
    parser.add_argument("--hunspell", default=os.environ.get("BENCH_HUNSPELL"), help="a folder")
    parser.add_argument("--lucene", default=os.environ.get("BENCH_LUCENE"), help="a folder of jars")
    parser.add_argument("--each", type=int, default=1, help="one in so many of the dictionary")
    parser.add_argument("--missing", action="store_true", help="print what renvois gets wrong")
    asked = parser.parse_args()
    table = _read_lists(asked.pairs, asked.hunspell, asked.each)
    engines: dict[str, Finds] = {
        "renvois": _find_by_renvois,
        "Snowball": _find_by_snowball,
        "simplemma": _find_by_simplemma,
    }
    if asked.lucene:
        words = {word for pairs, _ in table.values() for pair in pairs for word in pair}
        stems = _stem_by_lucene(sorted(words), asked.lucene)
        engines["Lucene, light"] = lambda query, text: stems[query] == stems[text]
    print("| engine | " + " | ".join(table) + " |")
    print("|---|" + "---|" * len(table))
    for engine, finds in engines.items():
        cells = []
        for name, (pairs, how) in table.items():
            wrong = [pair for pair in pairs if not _is_right(finds, *pair, how)]
            cells.append(f"{len(pairs) - len(wrong)} of {len(pairs)}")
            if asked.missing and engine == "renvois":
                print(name, len(wrong), wrong)
        print(f"| {engine} | " + " | ".join(cells) + " |")
    return 0


def _read_lists(pairs_file: str | None, hunspell: str | None, each: int) -> Table:
    """Read the lists of pairs, with what is asked of each."""
    table: dict[str, tuple[Sequence[Pair], Asked]] = {
        "ours, to join": (TOGETHER, Asked.JOINED),
        "ours, to keep apart": (APART, Asked.APART),
    }
    if pairs_file:
        held = json.loads(Path(pairs_file).read_text(encoding="utf-8"))
        for name, how in (("together", Asked.JOINED), ("apart", Asked.APART)):
            pairs = [(pair["query"], pair["text"]) for pair in held[name]]
            table[f"given, {name}"] = (pairs, how)
    if hunspell:
        folder = Path(hunspell)
        verbs = list(list_verbs(folder))[:: 10 * each]
        nouns = list_nouns(folder)
        back = [(form, verb) for verb, form in verbs if form not in nouns]
        table["hunspell's plurals"] = (list(list_plurals(folder))[::each], Asked.JOINED)
        table["its feminines"] = (list(list_feminines(folder))[::each], Asked.JOINED)
        table["its verbs find their forms"] = (verbs, Asked.FOUND)
        table["forms find their verbs"] = (back, Asked.FOUND)
    return table


def _is_right(finds: Finds, query: str, text: str, how: Asked) -> bool:
    if how is Asked.APART:
        return not finds(query, text)
    return finds(query, text) and (how is Asked.FOUND or finds(text, query))


def _stem_by_lucene(words: Sequence[str], jars: str) -> dict[str, str]:
    """Stem words with Lucene's light French stemmer, out of the jars of a folder."""
    program = Path(__file__).with_name("FrenchLight.java")
    lines = "\n".join(word.lower() for word in words)
    command = ["java", "-cp", f"{jars}/*", str(program)]
    done = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", check=True)
    return dict(zip(words, done.stdout.splitlines(), strict=True))


if __name__ == "__main__":
    sys.exit(main())
