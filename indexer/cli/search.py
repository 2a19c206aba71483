"""`renvois search`: ranked results on a terminal, or as JSON Lines."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import click

from indexer.cli.terminal import (
    NamedChoice,
    SpokenCommand,
    Styled,
    echo,
    echo_json,
    echo_paragraph,
    find_translator,
    prepare_lexicon,
    say,
    say_problems,
    words,
)
from indexer.messages import message
from indexer.model import DocumentKind, LinkState
from indexer.search.fieldnames import read_site, read_value
from indexer.search.json_views import describe_corrections, describe_hit, describe_search
from indexer.search.results import Explanation, Hit, Results, Span
from indexer.settings import Settings


@click.command(cls=SpokenCommand, help="cli.search.help")
@click.argument("query", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="cli.search.json")
@click.option(
    "--page",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    default=1,
    show_default=True,
    help="cli.search.page",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100),
    metavar="NUMBER",
    default=10,
    show_default=True,
    help="cli.search.limit",
)
@click.option(
    "--sort",
    type=click.Choice(["relevance", "date"]),
    default="relevance",
    show_default=True,
    help="cli.search.sort",
)
@click.option("--year", multiple=True, help="cli.search.year")
@click.option("--site", multiple=True, help="cli.search.site")
@click.option("--section", multiple=True, help="cli.search.section")
@click.option("--bibliography", multiple=True, help="cli.search.bibliography")
@click.option("--keyword", multiple=True, help="cli.search.keyword")
@click.option("--language", multiple=True, help="cli.search.language")
@click.option(
    "--link",
    multiple=True,
    type=NamedChoice("link", [state.value for state in LinkState]),
    help="cli.search.link",
)
@click.option(
    "--kind",
    multiple=True,
    type=NamedChoice("kind", [kind.value for kind in DocumentKind]),
    help="cli.search.kind",
)
@click.option("--all-words", is_flag=True, help="cli.search.all-words")
@click.option("--as-typed", is_flag=True, help="cli.search.as-typed")
@click.option("--words-only", is_flag=True, help="cli.search.words-only")
@click.option("--explain", is_flag=True, help="cli.search.explain")
@click.pass_obj
def search(
    settings: Settings,
    query: Sequence[str],
    as_json: bool,
    page: int,
    limit: int,
    sort: str,
    year: tuple[str, ...],
    site: tuple[str, ...],
    section: tuple[str, ...],
    bibliography: tuple[str, ...],
    keyword: tuple[str, ...],
    language: tuple[str, ...],
    link: tuple[str, ...],
    kind: tuple[str, ...],
    all_words: bool,
    as_typed: bool,
    words_only: bool,
    explain: bool,
) -> None:
    """Search the cited texts and the notes, and print what was found."""
    # Here, since `renvois --help` needs no engine.
    from indexer.corpus import find_synonyms
    from indexer.wiring import open_searcher

    prepare_lexicon()
    filters = {
        "year": year,
        "site": tuple(map(read_site, site)),
        "section": section,
        "bibliography": bibliography,
        "keyword": keyword,
        "language": tuple(read_value("language", each) for each in language),
        "link": link,
        "kind": kind,
    }
    say_problems(find_synonyms(settings).read().problems)
    searcher = open_searcher(settings)
    try:
        typed = " ".join(query)
        ask = partial(
            searcher.search,
            page=page,
            page_size=limit,
            sort=sort,
            filters=filters,
            as_typed=as_typed,
            by_meaning=not words_only,
        )
        results = ask(typed)
        if all_words and results.all_words is not None:
            typed = results.all_words.query_text
            results = replace(ask(typed), corrections=results.corrections)
        for hit in results.hits if explain else ():
            explanation = searcher.explain(
                typed, hit.id, as_typed=as_typed, by_meaning="order" in results.meant
            )
            if explanation is not None:
                say(f"{hit.rank}. {hit.id}")
                _say_explanation(explanation, depth=1)
    finally:
        searcher.close()
    _say_what_was_searched(results)
    (_print_rows if as_json else _print_results)(results)


def _print_rows(results: Results) -> None:
    """Print a hit a line as JSON; where nothing was found, a line on what was searched."""
    in_words = find_translator()
    for hit in results.hits:
        echo_json(describe_hit(hit, in_words) | describe_corrections(results))
    for hit in results.near:
        echo_json(describe_hit(hit, in_words) | {"by": "meaning"})
    if not results.total:
        echo_json(describe_search(results, [words(each) for each in results.unread]))


def _say_what_was_searched(results: Results) -> None:
    """Say on stderr where what was searched is not what was typed."""
    for written, instead in results.corrections:
        say(message("cli.search.corrected", word=written, instead=instead))
    for written, near in results.offers:
        say(message("cli.search.offer", word=written, near=near))
    for term in (each for each in results.terms if each.scheme):
        documents = message("page.count.documents", count=term.document_count)
        scheme = message(f"page.identifier.{term.scheme}")
        say(message("cli.search.named", word=term.typed, scheme=scheme, documents=documents))
    for word in results.own_words:
        if word.also:
            say(message("cli.search.own-words", word=word.typed, also=", ".join(word.also)))
        else:
            say(message("cli.search.protected", word=word.typed))
    for each in filter(None, (*results.unread, results.meaning_problem)):
        say(each)
    if results.meant:
        say(message("page.understood.meaning"))


def _say_explanation(explanation: Explanation, *, depth: int) -> None:
    say(f"{'  ' * depth}{explanation.score:.3f} {words(explanation.name)}")
    for part in explanation.parts:
        _say_explanation(part, depth=depth + 1)


def _print_results(results: Results) -> None:
    _print_hits(results.hits)
    if results.near:
        echo(Styled(words("page.meaning.title")), " — ", words("page.meaning.why"), "\n")
        _print_hits(results.near, with_language=True)
    strict = results.all_words
    if strict is not None and strict.total != results.total:
        say(message("cli.search.with-all", count=strict.total, query=strict.query_text))
    shown = len(results.hits)
    told = message("cli.search.tally", count=results.total, understood=results.understood)
    if shown < results.total:
        told = message("cli.search.tally-shown", shown=shown, **dict(told.values))
    say(told)


_INDENT: Final = "     "  # of what stands under a title
_FIELDS: Final = {
    "editor": "cli.search.field-editor",
    "translator": "cli.search.field-translator",
    "keyword": "cli.search.field-keyword",
    "identifier": "cli.search.field-identifier",
}


def _print_hits(hits: Sequence[Hit], *, with_language: bool = False) -> None:
    for hit in hits:
        echo(f"{hit.rank:>3}. ", Styled(hit.title))
        told = (hit.language if with_language else "", hit.author, hit.container_title, hit.issued)
        described = ", ".join(filter(None, told))
        if described:
            echo_paragraph(_INDENT, described)
        if hit.url:
            echo(f"{_INDENT}{hit.url}  ({words(hit.link.said)})")
        for each in hit.matched:
            # The rest of what answers stands above; of a text's headings nothing is searched.
            if each.field in _FIELDS:
                field = words("cli.search.field", field=message(_FIELDS[each.field]))
                echo_paragraph(_INDENT, f"{field} ", *paint(each.text, each.marks))
        for snippet in hit.snippets:
            echo_paragraph(_INDENT, *paint(snippet.text, snippet.marks))
        for mention in hit.mentions:
            sentence = paint(mention.sentence.text, mention.sentence.marks)
            echo_paragraph(_INDENT, f"↳ {mention.note_id}: ", *sentence)
        echo()


def paint(text: str, marks: Sequence[Span]) -> list[str | Styled]:
    """Cut a text into pieces, its marks underlined (click drops the styles outside a terminal)."""
    painted: list[str | Styled] = []
    done = 0
    for start, end in marks:
        painted += [text[done:start], Styled(text[start:end], is_underlined=True)]
        done = end
    return [*painted, text[done:]]
