"""Ask everything that a site and a command can be asked, and find traces of a withdrawn text.

A trace is an answer that holds a secret which the question did not. What was typed is echoed by
many pages, so a secret that stands in the question is looked for in no answer to it.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import click
from click.testing import CliRunner
from flask import Flask, Response

from indexer.bibliography.formats import FORMATS
from indexer.cli import main
from indexer.outlines import short_name
from search_web.pages.selection import join_names
from search_web.site.params import PLACES
from tests.withdrawals.corpus import CITED, DOI, ID, IMAGES_AT, SECRETS, URL

# What the text is found by, what completes to it, what is nearly it, what only it has.
WORDS = ("quenotière", "Krempach", "zigouflard", "Ysolde Krempach")
STARTS = ("quenot", "krem", "ysol", "zig", "atel", "mys", "ret")
NEAR = ("quenotierre", "krempah", "zigoufard")
ASKED = (
    *("quen*", "krem*", "zigouf*", "zigoufard~", "quenotierre~", "krempah~"),
    *("titre:quen*", "auteur:krem*", "site:retrait*", "texte:zigouf*", "« range les outils »"),
    *("annee:2015..2015", "lien:vivant", "type:note"),
    *("ateliers", "ateliers partagés", "coursiers", "sujet"),
    *("ateliers zigouf", "zigouf ateliers", "ateliers krempah", "xyzzyq ateliers"),
)
QUERIES = (*WORDS, *STARTS, *NEAR, *ASKED)
# One of each kind, for every run: a word, the start of one, a mistake, wildcards, a field, others.
FEW = ("zigouflard", "krem", "zigoufard", "quen*", "ateliers krempah")
EXTENSIONS = ("ris", "bib", "json", "csv", "atom", "html", "xml")
NAMES = (ID, f"note-{ID}", "note-" + "0" * 8, "tessier-2014-cooperer", "garnaud-2016-clic")
# What the parameters of rules may be; a rule with another one stops the test until it is here.
PARAMETERS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("document_id", "note_id", "reference_id"), NAMES),
    "name": (URL, CITED, DOI),
    "extension": EXTENSIONS,
    "number": ("1",),
    "place": tuple(PLACES),
    "value": ("Ysolde Krempach", "Paul Tessier", "retrait.test", "exemple.test", "2015", "2014"),
    "rest": tuple(
        marker + url
        for url in (URL, CITED)
        for marker in ("", "2026/", "2026id_/", "timemap/link/", "timemap/json/", "*/")
    ),
}
# What is asked of the endpoints that answer nothing without.
_RECORDS = [f"verb={verb}&metadataPrefix=oai_dc" for verb in ("ListRecords", "ListIdentifiers")]
ARGUMENTS: Mapping[str, Sequence[str]] = {
    "oai.answer": ("verb=Identify", "verb=ListSets", "verb=ListMetadataFormats", *_RECORDS),
    "captures.calendar": tuple(f"url={quote(url)}" for url in (URL, CITED)),
    "captures.image": tuple(f"url={quote(url)}&date={IMAGES_AT}" for url in (URL, CITED)),
    "interop.unapi": tuple(
        f"id={name}&format={form}" for name in NAMES for form in ("", "ris", "bibtex")
    ),
    **dict.fromkeys(
        ("selection.page", "selection.export", "selection.feed", "selection.rss"),
        tuple(f"choix={join_names(map(short_name, names))}" for names in (NAMES[:1], NAMES[3:])),
    ),
    "links.page": (
        *(f"etat={state}" for state in ("vivant", "mort", "malade", "bloqué")),
        f"q={quote(URL)}",
    ),
}
NARROWED = ("", "&tri=date&n=50", "&telquel=1", "&annee=2015")
SEARCHES = ("/recherche", "/concordance")
FOLLOWED = ("/recherche?q=ateliers", "/recherche?q=zigoufard", "/concordance?q=ateliers")

# What combines with a letter, and the soft hyphen: a pattern is twenty times as fast as a loop.
_COMBINING = [each for each in map(chr, range(sys.maxunicode)) if unicodedata.combining(each)]
_MARKS = re.compile(f"[\u00ad{''.join(_COMBINING)}]")

# A name of a text leads to its page: what else an endpoint answers when all is well.
ANSWERS: Mapping[str, Sequence[int]] = {
    **dict.fromkeys(("pages.text_by_name", "api.document_by_name"), (301,)),
    "static": (),
}

Trace = tuple[str, str, str]  # endpoint or command, address or arguments, secret


def fold(text: str) -> str:
    """A text without what hides a word in it: escapes, capitals, accents, soft hyphens."""
    text = unescape(unquote(text.replace("+", " ")))
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()


def find_secrets(asked: str, answer: str, secrets: Sequence[str] = SECRETS) -> list[str]:
    """The secrets that an answer holds and its question did not."""
    question, body = fold(asked), fold(answer)
    return [secret for secret in secrets if secret in body and secret not in question]


def list_own_addresses(app: Flask) -> Iterator[str]:
    """An address of each rule of a site, for whatever its parameters and arguments may be."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        names = sorted(rule.arguments)
        for values in product(*(PARAMETERS[name] for name in names)):
            address = adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))
            yield address
            yield from (f"{address}?{asked}" for asked in ARGUMENTS.get(rule.endpoint, ()))


def read_text(answer: Response) -> str:
    """The body of an answer as text, whatever it is, and the values of its header."""
    body = answer.get_data().decode("utf-8", "replace")
    return "\n".join([body, *map(str, answer.headers.values())])


def crawl_site(
    app: Flask,
    queries: Sequence[str] = QUERIES,
    *,
    secrets: Sequence[str] = SECRETS,
    follows: bool = True,
) -> list[Trace]:
    """Every trace in any answer of a site: all its rules, all its links, all its parameters.

    Unless it `follows` links, what rules, queries and redirects give is asked alone.
    AssertionError where a rule answers nothing to whatever is asked here: a new rule has to say in
    PARAMETERS and ARGUMENTS what it is asked.
    """
    client = app.test_client()
    adapter = app.url_map.bind("localhost")
    waiting = [*_list_searches(queries), *list_own_addresses(app)]
    seen, traces, silent = set(), [], {rule.endpoint for rule in app.url_map.iter_rules()}
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address, buffered=True)
        told = read_text(answer)
        assert answer.status_code < 500, (address, told)
        path = urlsplit(address).path
        endpoint = adapter.match(path)[0] if adapter.test(path) else "nowhere"
        if answer.status_code in ANSWERS.get(endpoint, (200,)):
            silent.discard(endpoint)
        traces += [(endpoint, address, secret) for secret in find_secrets(address, told, secrets)]
        # One search leads to all others; what two parameters make is asked, and led from no more.
        asked = [name for name, _ in parse_qsl(urlsplit(address).query) if name != "lang"]
        location = answer.headers.get("Location", "")
        if address in FOLLOWED or (path not in SEARCHES and len(asked) < 2):
            waiting += _list_links(told if follows else "", location)
    assert silent == {"static"}, f"rules that answered nothing: {sorted(silent - {'static'})}"
    return traces


def _list_links(page: str, location: str) -> Iterator[str]:
    for link in [
        location,
        *re.findall(r"(?:href|src|action|content|data-\w+)=[\"']([^\"']+)", page),
    ]:
        link = unescape(link).partition("#")[0].removeprefix("http://localhost")
        if link.startswith("?"):
            link = f"/recherche{link}"
        if link.startswith("/") and not link.startswith(("//", "/static/")):
            yield link
    yield from re.findall(r"<(?:loc|id)>http://localhost(/[^<]*)<", page)


def _list_searches(queries: Sequence[str]) -> Iterator[str]:
    for query in queries:
        q = quote(query)
        yield from (f"/recherche?q={q}{more}" for more in (NARROWED if query in WORDS else ("",)))
        yield from (f"{path}?q={q}" for path in ("/concordance", "/concordance.csv"))
        yield from (f"/recherche.{extension}?q={q}" for extension in EXTENSIONS)
        yield f"/suggestions?q={q}"
        yield f"/api/v1/suggestions?q={q}&limit=20"
        for more in ("", "&as_typed=true", "&sort=date&year=2015"):
            yield f"/api/v1/search?q={q}{more}"
        yield from (f"/textes/{name}?q={q}" for name in NAMES[::3])
        yield f"/notes/note-{ID}?q={q}"
    yield "/recherche?annee=2015"
    yield "/recherche?site=retrait.test"
    yield f"/recherche?note=note-{ID}"


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("bibliography", "list"),
    ("bibliography", "list", "--json"),
    ("bibliography", "check"),
    ("bibliography", "check", "--json"),
    ("bibliography", "check", "--sarif"),
    *(("bibliography", "export", "--format", name) for name in sorted(FORMATS)),
    *(
        ("links", "report", "--format", name)
        for name in ("text", "csv", "json", "html", "atom", "junit")
    ),
    ("links", "repair"),
    ("links", "show", "tessier-2014-cooperer"),
    ("links", "show", ID, "--json"),
    ("crawl", "--dry-run"),
    ("crawl", "--dry-run", "--json"),
    ("extract", "--all"),
    ("extract", "--all", "--json"),
    ("index",),
    ("index", "--check", "--json"),
    ("archive", "check", "--json"),
    ("archive", "secrets", "--json"),
    ("engine", "status", "--json"),
    ("meaning", "status", "--json"),
    ("status",),
    ("status", "--json"),
    *(("search", "--json", "--limit", "100", "--", query) for query in (*WORDS, *NEAR, "atel*")),
    *(("search", "--explain", "--", query) for query in ("ateliers", "zigoufard", "krempah")),
)


# What is not asked for traces here, and why.
NOT_ASKED = {
    **dict.fromkeys(
        ("archive export", "archive import", "archive reindex"), "test_export.py, test_tools.py"
    ),
    **dict.fromkeys(("archive add", "links decide", "init"), "says what it was told"),
    **dict.fromkeys(("archive deposit", "links check", "watch"), "visits what is shown"),
    **dict.fromkeys(
        ("engine check", "engine create", "engine drop", "engine swap", "catalogue copy"),
        "needs a server: tests/engines/opensearch, tests/archive/test_copying.py",
    ),
    "bibliography fetch": "tells of what others' libraries hold",
    **dict.fromkeys(
        ("archive upload", "archive remove-local", "archive download"),
        "names WARC files, and nothing in them",
    ),
    "meaning build": "needs a model: tests/meaning/test_command.py",
    "serve": "is the site",
    "withdraw": "tells what is hidden, to whoever hides it",
}


def list_commands(command: click.Command = main, name: str = "") -> Iterator[str]:
    """The name of every command there is."""
    if not isinstance(command, click.Group):
        yield name
        return
    context = click.Context(command)
    for each in command.list_commands(context):
        under = command.get_command(context, each)
        assert under is not None
        yield from list_commands(under, f"{name} {each}".strip())


def run_commands(corpus: Path, commands: tuple[tuple[str, ...], ...] = COMMANDS) -> list[Trace]:
    """Every trace in what a command prints on either stream."""
    traces = []
    for arguments in commands:
        done = CliRunner().invoke(main, ["--corpus", str(corpus), *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        name = (
            " ".join(arguments[:2]) if arguments[0] in {"bibliography", "links"} else arguments[0]
        )
        said = done.output
        asked = " ".join(arguments)
        traces += [(name, asked, secret) for secret in find_secrets(asked, said)]
    return traces


def count_terms(app: Flask) -> dict[str, int]:
    """How many texts the site says have each secret word; 0 for what is not told at all."""
    client = app.test_client()
    counts = {}
    for word in WORDS:
        for more in ("", "&as_typed=true"):
            answer = client.get(f"/api/v1/search?q={quote(word)}{more}")
            told = json.loads(answer.get_data(as_text=True))
            total = told["total"] + sum(term["documents"] for term in told["terms"])
            counts[f"{word}{more}"] = total
    return counts
