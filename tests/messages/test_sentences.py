"""No sentence stands outside of the catalogues; no key is used that they lack, or held unused."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from indexer.links.answers import DOUBTS
from indexer.links.decisions import Choice
from indexer.links.drift import Change
from indexer.links.replacement import COPY, MEMENTO, REDIRECT
from indexer.links.walls import WALLS
from indexer.messages import open_translator
from indexer.model import UNREADABLE, Cause, LinkMark, LinkState, PageKind
from search_web import link_table, wording
from search_web.concordance_views import _COLUMNS as CONCORDANCE_COLUMNS
from search_web.exports import _COLUMNS as EXPORT_COLUMNS
from search_web.lessons import LESSONS
from search_web.params import FILTER_NAMES, SORT_NAMES

ROOT: Final = Path(__file__).parents[2]
FRENCH: Final = re.compile(
    r"[àâçéèêëîïôùûœÀÉÈ’«»]|\b(le|la|les|un|une|des|du|de|est|pas|sur|dans|pour|sans|ne|aux?)\b"
)
KEY: Final = re.compile(
    r"(?!.*\.(html|py|csv|json)$)(link|cause|report|cli|page)(\.[a-z0-9-]*[a-z0-9])+"
)
BEGINNING: Final = re.compile(r"(link|cause|report|cli|page)(\.[a-z0-9-]+)*[.-]")

# Rules and words that read French, or that people type: they say nothing to anybody.
READS_FRENCH: Final = [
    "indexer/analysis/chain.py",
    "indexer/analysis/characters.py",
    "indexer/analysis/chunks.py",
    "indexer/analysis/compounds.py",
    "indexer/analysis/inclusive.py",
    "indexer/analysis/numbers.py",
    "indexer/analysis/stemming.py",
    "indexer/analysis/stopwords.py",
    "indexer/bibliography/encoding.py",
    "indexer/bibliography/furniture.py",
    "indexer/bibliography/headings.py",
    "indexer/bibliography/keys.py",
    "indexer/bibliography/labels.py",
    "indexer/bibliography/latex.py",
    "indexer/bibliography/leads.py",
    "indexer/bibliography/lines/byline.py",
    "indexer/bibliography/lines/container.py",
    "indexer/bibliography/lines/dates.py",
    "indexer/bibliography/lines/evidence.py",
    "indexer/bibliography/lines/identifiers.py",
    "indexer/bibliography/lines/issued.py",
    "indexer/bibliography/lines/kinds.py",
    "indexer/bibliography/lines/markup.py",
    "indexer/bibliography/lines/persons.py",
    "indexer/bibliography/lines/placed.py",
    "indexer/bibliography/lines/pointers.py",
    "indexer/bibliography/lines/reading.py",
    "indexer/bibliography/lines/scroll.py",
    "indexer/bibliography/lines/slots.py",
    "indexer/bibliography/lines/title.py",
    "indexer/bibliography/lines/vocabulary.py",
    "indexer/bibliography/parting.py",
    "indexer/bibliography/plaintext.py",
    "indexer/bibliography/tables.py",
    "indexer/crawl/walls.py",
    "indexer/engines/examples.py",
    "indexer/engines/suggestions.py",
    "indexer/extract/blocks.py",
    "indexer/extract/charset.py",
    "indexer/extract/choice.py",
    "indexer/extract/dates.py",
    "indexer/extract/figures.py",
    "indexer/extract/language.py",
    "indexer/extract/layout.py",
    "indexer/extract/metadata.py",
    "indexer/extract/names.py",
    "indexer/extract/quality.py",
    "indexer/extract/traits.py",
    "indexer/links/domain_rules.py",
    "indexer/links/editors.py",
    "indexer/links/gate_rules.py",
    "indexer/links/repair.py",
    "indexer/links/soft404.py",
    "indexer/links/wording.py",
    "indexer/messages/__init__.py",
    "indexer/messages/typography.py",
    "indexer/search/fieldnames.py",
    "indexer/search/lexing.py",
    "indexer/search/parsing.py",
    "indexer/search/rendering.py",
    "indexer/search/sentences.py",
    "search_web/coins.py",
    "search_web/highlight.py",
    "search_web/hints.py",
    "search_web/lessons.py",
    "search_web/params.py",
    "search_web/wording.py",
]
# Sentences that still have to move: a file goes from here with its last one.
TO_MOVE: Final = [
    "indexer/bibliography/checking.py",
    "indexer/bibliography/corrections.py",
    "indexer/bibliography/folder.py",
    "indexer/bibliography/formats/bibtex.py",
    "indexer/bibliography/formats/csl.py",
    "indexer/bibliography/formats/mods.py",
    "indexer/bibliography/formats/ris.py",
    "indexer/engines/explanation.py",
    "indexer/extract/article.py",
    "indexer/extract/document.py",
    "indexer/extract/page.py",
    "indexer/extract/warm.py",
    "indexer/extract/workers.py",
    "indexer/links/decisions.py",
    "indexer/index/differences.py",
    "indexer/withdrawals.py",
]
# What follows each beginning of a key that is made while the program runs.
DYNAMIC: Final[Mapping[str, Iterable[str]]] = {
    "cause.": Cause,
    "link.change.": Change,
    "link.count.": LinkState,
    "link.decision.": (Choice.ACCEPT, Choice.ALIVE, Choice.DEAD),
    "link.doubt.": DOUBTS,
    "link.mark.": LinkMark,
    "link.replacement.": (COPY, MEMENTO, REDIRECT),
    "link.state.": (*LinkState, UNREADABLE),
    "link.wall.": WALLS,
    "page.column.": (*CONCORDANCE_COLUMNS, *EXPORT_COLUMNS),
    "page.error.": wording._TOLD_ERRORS,
    "page.facet.": FILTER_NAMES.values(),
    "page.help.state.": LinkState,
    "page.kind-of-document.": wording.KINDS,
    "page.kind.": [kind for kind in PageKind if kind is not PageKind.ARTICLE],
    "page.lesson.": LESSONS,
    "page.links.sort.": link_table.SORTS,
    "page.results.by-": SORT_NAMES,
    "page.rung.without-": ("rarest", "unknown"),
    "page.season.": wording.SEASONS.values(),
    "page.state.": LinkState,
    "page.suggested.": wording.SUGGESTED,
}
# Keys that are only beginnings, and what follows them.
_TITLE_AND_ADVICE: Final = (".title", ".advice")
APPENDED: Final[Mapping[str, Iterable[str]]] = {
    "link.decision.word": ("-by", "-comment", "-by-comment"),
    **{
        f"page.error.{each}": _TITLE_AND_ADVICE
        for each in ("failure", "rebuilding", "refusal", *wording._TOLD_ERRORS)
    },
    **{f"page.lesson.{each}": (".typed", ".meaning", ".example") for each in LESSONS},
}


def list_modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    """The path of each module under a folder of the project, and what it parses to."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def list_texts(tree: ast.Module) -> Iterator[str]:
    """The string literals of a module, parts of f-strings too, docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings:
            yield node.value


def list_beginnings(tree: ast.Module) -> Iterator[str]:
    """The beginnings of keys that a module completes in an f-string."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr) or not isinstance(node.values[0], ast.Constant):
            continue
        if BEGINNING.fullmatch(node.values[0].value):
            yield node.values[0].value


def list_template_texts() -> Iterator[str]:
    """What templates quote within their own marks."""
    for path in sorted((ROOT / "search_web" / "templates").iterdir()):
        yield from re.findall(r"[\"']([a-z][a-z0-9.-]*)[\"']", path.read_text("utf-8"))


def test_no_french_sentence_stands_outside_of_the_catalogues() -> None:
    texts = {
        path: list(list_texts(tree))
        for folder in ("indexer", "search_web")
        for path, tree in list_modules(folder)
    }
    for path in sorted((ROOT / "search_web" / "templates").iterdir()):
        texts[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8").splitlines()
    found = {
        path: sentences
        for path, held in texts.items()
        if (sentences := [text for text in held if FRENCH.search(text)])
    }
    listed = {*READS_FRENCH, *TO_MOVE}
    unlisted = {path: found[path] for path in found.keys() - listed}

    assert unlisted == {}, "give these a key in indexer/messages/fr.po and en.po"
    assert listed - found.keys() == set(), "nothing left there: unlist them"


def test_every_key_that_is_used_has_a_sentence() -> None:
    keys = open_translator("fr").keys
    modules = [*list_modules("indexer"), *list_modules("search_web")]
    missing = {
        (path, text)
        for path, tree in modules
        for text in list_texts(tree)
        if KEY.fullmatch(text) and text not in {*keys, *APPENDED}
    }
    missing |= {
        ("templates", text)
        for text in list_template_texts()
        if KEY.fullmatch(text) and text not in keys
    }
    assert missing == set()
    assert set(list_made_keys()) - keys - APPENDED.keys() == set()


def test_the_beginning_of_a_key_that_is_completed_is_listed_with_all_its_ends() -> None:
    begun = {
        beginning
        for folder in ("indexer", "search_web")
        for _, tree in list_modules(folder)
        for beginning in list_beginnings(tree)
    }
    begun |= {text for text in list_template_texts() if BEGINNING.fullmatch(text)}
    assert begun == DYNAMIC.keys()


def test_every_sentence_is_said_somewhere() -> None:
    modules = [*list_modules("indexer"), *list_modules("search_web")]
    said = {text for _, tree in modules for text in list_texts(tree)}
    said |= {*list_template_texts(), *list_made_keys()}

    assert open_translator("fr").keys - said == set()


def list_made_keys() -> Iterator[str]:
    """Every key that may be made while the program runs."""
    for beginning, ends in (*DYNAMIC.items(), *APPENDED.items()):
        yield from (f"{beginning}{end}" for end in ends)
