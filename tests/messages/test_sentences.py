"""No sentence stands outside of the catalogues; no key is used that they lack, or held unused."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from indexer import errors
from indexer.deposit import DepositState
from indexer.links.decisions import Choice
from indexer.links.drift import Change
from indexer.links.finding import DOUBTS, GENERAL_CAUSES
from indexer.links.page import WALLS
from indexer.links.replacement import COPY, DOI, MEMENTO, REDIRECT
from indexer.messages import open_translator
from indexer.model import UNREADABLE, Cause, LinkMark, LinkState, PageKind
from indexer.urls import TEXT_SCHEMES
from search_web.interop.exports import _COLUMNS as EXPORT_COLUMNS
from search_web.pages import links
from search_web.pages.concordance import _COLUMNS as CONCORDANCE_COLUMNS
from search_web.pages.figures import SERIES
from search_web.pages.selection import ORDERS
from search_web.render import wording
from search_web.site.help_examples import LESSONS
from search_web.site.params import FILTER_NAMES, PLACES, SORT_NAMES

ROOT: Final = Path(__file__).parents[2]
# A letter that English lacks, or a small word of French that stands alone ("utf-16-le" is none).
FRENCH: Final = re.compile(
    r"[àâçéèêëîïôùûœÀÂÇÉÈÊËÎÏÔÙÛŒ]"
    r"|(?<![\w.-])(le|la|les|un|une|des|du|de|est|pas|sur|dans|pour|sans|ne|aux?)(?![\w-]|\.\w)"
)
# Three words in a row, one of which only English has.
ENGLISH: Final = re.compile(
    r"(?=.*\b(the|of|is|are|was|were|has|not|can't|with|this|that|from|and|to|which|by|in|an?)\b)"
    r".*[A-Za-z']{2,}(?: [A-Za-z'`]+){2,}",
    re.DOTALL,
)
WORDS: Final = re.compile(r"[^\W\d_]{2,}")
KEY: Final = re.compile(
    r"(?!.*\.(html|py|csv|json)$)"
    r"(link|cause|report|cli|page|problem|evidence|score|error|hint)(\.[a-z0-9-]*[a-z0-9])+"
)
BEGINNING: Final = re.compile(
    r"(link|cause|report|cli|page|problem|evidence|score|error|hint)(\.[a-z0-9-]+)*[.-]"
)

# Literals that hold French and are shown to nobody, by module and by the name of the constant,
# function or class that they stand in. A module of `rules` reads French wherever it looks.
RULES: Final = ("indexer/analysis/", "indexer/bibliography/lines/", "indexer/pagekind/")
READS_FRENCH: Final[Mapping[str, str]] = {
    # Words, signs and shapes that are looked for in texts written by others.
    "indexer/bibliography/annotated.py": "_OF_FIELDS _OF_NOTES",
    "indexer/bibliography/checking.py": "_OF_OTHERS",
    "indexer/bibliography/findings.py": "_ZOTERO_LINE",
    "indexer/bibliography/formats/bookmarks.py": "_ROOTS",
    "indexer/bibliography/formats/saved_pages.py": "_NO_FOLDERS _UNTITLED",
    "indexer/bibliography/formats/styled.py": "_PARTICLE",
    "indexer/bibliography/frontmatter.py": "_DATES _TAGS _NOTES",
    "indexer/bibliography/gathering.py": "_LETTERS",
    "indexer/bibliography/latex.py": "_COMMANDS",
    "indexer/bibliography/linked.py": "_LOCATOR _DATE_WORDS _SMALL _ROLE _CONTRIBUTION _is_hard "
    "_JOINED _OF_SENTENCES _GENRE _TELLS _SENDS _SIGNS _UNTITLED _NAMES_TEXT _READ "
    "_OF_REVIEWS _SIGNS_BEFORE",
    "indexer/bibliography/markdown.py": "_PROPERTY_LABELS",
    "indexer/bibliography/outlines.py": "_HEADING",
    "indexer/bibliography/parting.py": "_NOTE _KEYWORDS _OPEN _PUBLISHED _SIGNED "
    "_MARKED_FIELD _NOTICE "
    "_WROTE",
    "indexer/bibliography/plaintext.py": "_HEADER_ROW _MAIL_FIELD _TEMPLATE",
    "indexer/bibliography/surroundings.py": "_LEAD _WAY _FURNITURE _MORE _TAG_ROW _FORWARD _SIGNED "
    "_SIGNED_BEFORE",
    "indexer/engines/planning/suggestions.py": "_TOO_PLAIN _ARTICLE _ROLES",
    "indexer/extract/authors.py": "OUR_OWN LEAD BEHIND HARD OTHERS PARTICLES ARTICLES NOBODY "
    "TEXT_LEAD SITE LONE LABEL _lower_name HONORIFIC PROFILE SIGNED_AT ASKED_BY TOLD_OF "
    "SENTENCE_END CITED_LEAD DATED_BY LABELLED STREET",
    "indexer/extract/payload.py": "TWICE_ENCODED TWICE_ENCODED_LEADS",
    "indexer/extract/readers.py": "POINTER",
    "indexer/extract/comments.py": "PERHAPS_NAMED HEADING DAY SIGNED",
    "indexer/extract/dates.py": "MONTHS MONTH PUBLISHED UPDATED VOLUME _month_of "
    "NOT_OF_PAGE TITLED BARE",
    "indexer/extract/document.py": "EMPTY_TITLES",
    "indexer/extract/roles.py": "CREDIT LABEL CREDIT_TAIL LEAD_NAME",
    "indexer/extract/pdf.py": "CLITIC",
    "indexer/extract/metadata.py": "WRITTEN_BY BLOG_OF NO_NAME LANGUAGES FORUM_END",
    "indexer/extract/page.py": "WIKI_WORD",
    "indexer/extract/weighing.py": "ELSEWHERE",
    "indexer/links/soft404.py": "_EMPTY_WORDS",
    "indexer/search/matches.py": "_LETTERS",
    "indexer/search/snippets.py": "_ABBREVIATION _END",
    # What people type, in queries, addresses and files of theirs.
    "indexer/links/decisions.py": "_KEYS _parse_decision render_decision",
    "indexer/search/fieldnames.py": "_NAMES _VALUE_NAMES",
    "indexer/search/synonyms.py": "_PROTECT",
    "indexer/search/lexing.py": "_RANGES _APOSTROPHE_APART",
    "search_web/site/help_examples.py": "ExampleWords",
    "search_web/site/params.py": "RANGE_FIELDS",
    # A sentence that a library is tried on, before pages are.
    "indexer/extract/warm.py": "(body)",
    # The name of a language in that language.
    "indexer/messages/__init__.py": "NAMES",
}
SPEAKS_ENGLISH: Final = {
    "search_web/api/openapi.py",  # the description of the interface, which programs' authors read
}
SAYS_TO_MAINTAINERS: Final = re.compile(r"(?:Error|Exception|\blogger\.[a-z]+)$")
READS_ENGLISH: Final[Mapping[str, str]] = {
    # Words and shapes that are looked for in pages.
    "indexer/bibliography/findings.py": "_KEPT_KEYS",
    "indexer/bibliography/formats/bibtex.py": "_OF_PROGRAMS",
    "indexer/bibliography/plaintext.py": "_OF_TOOLS",
    "indexer/bibliography/linked.py": "_SMALL _OF_SENTENCES",
    "indexer/bibliography/surroundings.py": "_LEAD _FURNITURE",
    "indexer/bibliography/webpage.py": "_SAVED_FROM",
    "indexer/extract/readers.py": "POINTER INLINE_TAGS",
    "indexer/extract/authors.py": "OTHERS PARTICLES ARTICLES LONE",
    "indexer/extract/comments.py": "HEADING DAY",
    "indexer/extract/metadata.py": "LARGE",
    "indexer/links/soft404.py": "_EMPTY_WORDS",
    # Names of elements of HTML, XPath, SQL; what Python's codecs and the format of patches say.
    "indexer/extract/blocks.py": "INLINE",
    "indexer/extract/payload.py": "_is_utf8",
    "indexer/links/finding.py": "HTTPS_ONLY",
    "indexer/links/history.py": "_SCHEMA",
    "indexer/links/kept_report.py": "_SCHEMA",
    "indexer/links/repair.py": "render_patch",
    "indexer/archive/catalogue.py": "_IS_IMPORTED",
    "indexer/archive/targets.py": "_IS_DUE",
    "indexer/disk.py": "explain",
    "indexer/engines/embedded/store.py": "_SCHEMA",
    "indexer/watch/journal.py": "_SCHEMA",
    # What a visit, a capture, a deposit or a delivery keeps as its detail is data, as a server's
    # own words are; its line of the log says it.
    "indexer/archive/drafting.py": "make_handed_visit",
    "indexer/capture/browser.py": "Chromium",
    "indexer/capture/collecting.py": "_make_visit",
    "indexer/capture/parts.py": "PartFetcher",
    "indexer/crawl/fetcher.py": "Fetcher",
    "indexer/crawl/memento.py": "_miss",
    "indexer/crawl/network.py": "_discount",
    "indexer/crawl/redirects.py": "find_step",
    "indexer/crawl/robots.py": "_judge_unreachable",
    "indexer/crawl/sockets.py": "_parse_status",
    "indexer/crawl/visit_steps.py": "TargetVisitor",
    "indexer/crawl/visits.py": "_Run",
    "indexer/deposit.py": "count_tries",
    "indexer/notify.py": "post",
    # Lines of the log.
    "indexer/engines/nearness.py": "_warn",
    "indexer/identities/register.py": "RegisterFile _SCHEMA",
    "indexer/pipeline/link_report_cache.py": "LinkReportCache",
    # What click says of a command line, to be said in words of ours.
    "indexer/cli/terminal.py": "MISUSES",
}
# Names of formats and of an identifier, a right (OpenSearch), a command; words that show a stem.
SAME_IN_ALL_LANGUAGES: Final = re.compile(
    r"Atom|CSV|DOI|JSON|RSS|UTF-8|open|renvois links report|particip(er|ent|ation)"
)

# What stands for a value in a help text.
METAVARS: Final = (
    *(
        "args",
        "choice",
        "code",
        "command",
        "day",
        "directory",
        "file",
        "files",
        "id",
        "line",
        "link",
    ),
    *("name", "number", "options", "program", "query", "reference", "text"),
)
# What follows each beginning of a key that is made while the program runs.
DYNAMIC: Final[Mapping[str, Iterable[str]]] = {
    "cause.": Cause,
    "cli.metavar.": METAVARS,
    "link.cause.": GENERAL_CAUSES,
    "link.change.": Change,
    "link.count.": LinkState,
    "link.decision.": tuple(Choice),
    "link.doubt.": DOUBTS,
    "link.mark.": LinkMark,
    "link.replacement.": (COPY, MEMENTO, REDIRECT, DOI),
    "link.state.": (*LinkState, UNREADABLE),
    "link.wall.": WALLS,
    "page.browse-by.": PLACES.values(),
    "page.column.": (*CONCORDANCE_COLUMNS, *EXPORT_COLUMNS),
    "page.error.": wording._TOLD_ERRORS,
    "page.facet.": FILTER_NAMES.values(),
    "page.identifier.": TEXT_SCHEMES,
    "page.help.state.": LinkState,
    "page.kind-of-document.": wording.KINDS,
    "page.kind.": [kind for kind in PageKind if kind is not PageKind.ARTICLE],
    "page.lesson.": LESSONS,
    "page.links.sort.": links.SORTS,
    "page.selection.by-": ORDERS,
    "page.timeline.": SERIES,
    "page.results.by-": SORT_NAMES,
    "page.rung.without-": ("rarest", "unknown"),
    "report.deposit.": DepositState,
    "page.season.": wording.SEASONS.values(),
    "page.links.by.": links.FILTERS.values(),
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


@cache
def list_modules(folder: str) -> list[tuple[str, ast.Module]]:
    """The path of each module under a folder of the project, and what it parses to."""
    return [
        (path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8")))
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def list_texts(tree: ast.AST) -> list[str]:
    """The string literals of a module, parts of f-strings too, docstrings left out."""
    return [str(node.value) for node in list_literals(tree)]


@cache
def list_literals(tree: ast.AST) -> list[ast.Constant]:
    """The literals that hold text, docstrings left out."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings
    ]


def list_named(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """The statements of a module, each with the name that it gives, or "(body)"."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                yield name, node
            case _:
                yield "(body)", node


def find_texts(
    folders: Iterable[str],
    pattern: re.Pattern[str],
    choose: Callable[[ast.Module], Iterable[ast.Constant]] = list_literals,
) -> dict[tuple[str, str], str]:
    """The first of the chosen literals that matches, by module and name."""
    found: dict[tuple[str, str], str] = {}
    for folder in folders:
        for path, tree in list_modules(folder):
            chosen = {id(node): node for node in choose(tree) if pattern.search(str(node.value))}
            for name, statement in list_named(tree) if chosen else ():
                for node in map(chosen.get, map(id, ast.walk(statement))):
                    if node is not None:
                        found.setdefault((path, name), str(node.value))
    return found


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


def list_unraised(tree: ast.Module) -> Iterator[ast.Constant]:
    """The literals of a module that neither an exception nor the server's log says."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    spared = {
        id(inner)
        for node in calls
        if isinstance(node.func, ast.Name | ast.Attribute)
        and SAYS_TO_MAINTAINERS.search(ast.unparse(node.func))
        for inner in ast.walk(node)
    }
    yield from (node for node in list_literals(tree) if id(node) not in spared)


def list_shown(markup: str) -> Iterator[str]:
    """What a template shows besides what it is given: texts, and attributes that are read out."""
    markup = re.sub(r"\{% block page %\}[\w-]*\{% endblock %\}", "", markup)  # a CSS class
    markup = re.sub(r"\{[{%#].*?[}%#]\}", "", markup, flags=re.DOTALL)
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", markup, flags=re.DOTALL)
    for _, value in re.findall(r"\b(title|alt|aria-label|placeholder)=\"([^\"]*)\"", markup):
        yield value
    yield from re.split(r"<[^<>]*>|\bdata-[a-z]+=\"\"", markup)


def test_no_french_sentence_stands_outside_of_the_catalogues() -> None:
    found = {
        place: text
        for place, text in find_texts(("indexer", "search_web"), FRENCH).items()
        if not place[0].startswith(RULES)
    }
    listed = {(path, name) for path, names in READS_FRENCH.items() for name in names.split()}
    unlisted = {place: found[place] for place in found.keys() - listed}

    assert unlisted == {}, "give these a key in indexer/messages/fr.po and en.po"
    assert listed - found.keys() == set(), "nothing left there: unlist them"


def test_no_english_sentence_stands_outside_of_the_catalogues() -> None:
    """English is what programs and logs are told, and what is said to who writes code."""
    found = find_texts(("indexer", "search_web"), ENGLISH, list_unraised)
    spared = {place for place in found if place[0] in SPEAKS_ENGLISH}
    spared |= {place for place in found if place[0].startswith(RULES)}
    listed = {(path, name) for path, names in READS_ENGLISH.items() for name in names.split()}
    unlisted = {place: found[place] for place in found.keys() - listed - spared}

    assert unlisted == {}, "give these a key in indexer/messages/fr.po and en.po"
    assert listed - found.keys() == set(), "nothing left there: unlist them"


def test_what_stops_us_is_a_message_never_a_sentence() -> None:
    classes = {
        name
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, errors.CorpusError)
    }
    said = {
        (path, node.lineno): ast.unparse(part)
        for folder in ("indexer", "search_web")
        for path, tree in list_modules(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in classes
        for part in (*node.args, *(each.value for each in node.keywords if each.arg == "hint"))
        if isinstance(part, ast.JoinedStr | ast.Constant)
    }
    assert said == {}, "give these a key in indexer/messages/fr.po and en.po"


def test_templates_hold_no_words_of_their_own() -> None:
    found = {
        (path.name, text.strip())
        for path in sorted((ROOT / "search_web" / "templates").iterdir())
        for text in list_shown(path.read_text("utf-8"))
        if WORDS.search(SAME_IN_ALL_LANGUAGES.sub("", text))
    }
    assert found == set(), "say them by a key"


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
