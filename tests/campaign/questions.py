"""What an index is asked beside the command's searches: every form of query, every kind of answer.

Each question is asked in a process of its own, forked from one that never opened an index.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from indexer.engines import Searcher, open_searcher
from indexer.errors import SearchIndexError
from indexer.search.results import Results
from tests.campaign.world import NAMES, PLACES, VERBS

FORMS = (
    "ville", "le partagé", "atelier ET (verger OU canal)", "jardin SAUF moulin", "-lavoir",
    "« la mémoire du lieu »", "\"récoltes depuis\"", "habit*", "*age", "potager~", "numerique",
    "titre:récit", "titre:\"Le verger\"", "auteur:auteurfictifc", "auteur:auteurfictif*",
    "note:dossier", "note:lecture SAUF verger", "site:h3.example", "année:2014", "annee:2012-2015",
    "rubrique:gazette", "é", "les outils communs et la mémoire du lieu depuis ans",
)  # fmt: skip


def describe(results: Results) -> Any:
    """All that a page would show of some results."""
    hits = [(h.id, round(h.score, 9), repr(h.snippets), repr(h.mentions)) for h in results.hits]
    return results.total, hits, repr(results.facets), repr(results.terms), results.corrections


def search(query: str, **more: Any) -> Callable[[Searcher], Any]:
    """A question: the counts of a query, and all that it finds, without extracts unless asked."""
    asked = {"page_size": 100, "extracts": False} | more
    return lambda searcher: describe(searcher.search(query, **asked))


def questions() -> dict[str, Callable[[Searcher], Any]]:
    """Every question by its name."""
    words = sorted({*NAMES, *PLACES, *VERBS, "habitants", "mémoire", "économie", "outils"})
    return {
        **{f"search {query}": search(query) for query in FORMS},
        "every extract": search("partagé « mémoire du lieu »", extracts=True),
        "each word": lambda s: [describe(s.search(word, extracts=False)) for word in words],
        "as typed": search("zorglunchete", as_typed=True),
        "by date": search("partagé", sort="date"),
        "filtered": search("atelier", filters={"site": ("h1.example", "h2.example")}),
        "facets": lambda s: repr(s.search("", filters={"language": ("fr",)}).facets),
        "rank": lambda s: s.rank("marché école atelier", 60),
        "every document": lambda s: [repr(each) for each in s.documents()],
        "every outline": lambda s: [repr(each) for each in s.outlines()],
        "each document": lambda s: [repr(s.find_document(i)) for i in ids(s)],
        "missing document": lambda s: repr(s.find_document("nul")),
        "similar": lambda s: [repr(s.similar(i, limit=30)) for i in list(ids(s))[::6]],
        "suggestions": lambda s: [repr(s.suggest(p, limit=30)) for p in ("ve", "aut", "réc", "q")],
        "explain": lambda s: [repr(s.explain("atelier partagé", i)) for i in ids(s)],
        "explain forms": lambda s: [repr(s.explain(FORMS[7] + FORMS[6], i)) for i in ids(s)],
        "forms": lambda s: [repr(s.forms(word)) for word in words],
        "examples": lambda s: repr(s.examples()),
    }  # fmt: skip


def ids(searcher: Searcher) -> Iterator[str]:
    """The id of every document."""
    return (each.id for each in searcher.outlines())


def answer(folder: Path, question: Callable[[Searcher], Any]) -> tuple[str, str]:
    """Open the index and ask one question: how that ended (ok, ours, raw), and the answer."""
    try:
        searcher = open_searcher(folder)
        return "ok", json.dumps(question(searcher))
    except SearchIndexError as error:
        return "ours", str(error)
    except Exception as error:  # noqa: BLE001 (what is raised is what is judged)
        return "raw", repr(error)


def answer_anew(folder: Path, question: Callable[[Searcher], Any]) -> tuple[str, str]:
    """The answer of a new process; one that dies is raw."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        with os.fdopen(into, "w", encoding="utf-8") as pipe:
            json.dump(answer(folder, question), pipe)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not said or status:
        return "raw", f"the process ended with {os.waitstatus_to_exitcode(status)}"
    ended, text = json.loads(said)
    return ended, text


def main(folder: Path) -> None:
    """Print, for each question, how it ended and its answer, as one JSON object."""
    asked = {name: answer_anew(folder, question) for name, question in questions().items()}
    json.dump(asked, sys.stdout)
