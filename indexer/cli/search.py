"""`renvois search`: ranked results on a terminal, or as JSON Lines."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import click

from indexer.cli.terminal import Styled, echo, echo_json, prepare_lexicon, say
from indexer.messages import Translator, open_translator
from indexer.model import DocumentKind, LinkState
from indexer.search.fieldnames import read_site, read_value
from indexer.search.json_views import describe_corrections, describe_hit, describe_search
from indexer.search.results import Explanation, Hit, Results, Span
from indexer.settings import Settings


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object a hit; `corrections` says what was searched instead of what was typed. "
    "Where nothing is found, one object with `total` 0 that says what was searched.",
)
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance")
@click.option("--year", multiple=True, help="2014, 2014-03, or from one to another: 2014..2016.")
@click.option("--site", multiple=True, help="The host, `www.` aside.")
@click.option("--section", multiple=True, help="A heading of the bibliography.")
@click.option("--bibliography", multiple=True, help="A file, or a folder with a title.")
@click.option("--keyword", multiple=True, help="A keyword of the bibliography.")
@click.option("--language", multiple=True, help="fr, en…")
@click.option("--link", multiple=True, type=click.Choice([state.value for state in LinkState]))
@click.option("--kind", multiple=True, type=click.Choice([kind.value for kind in DocumentKind]))
@click.option("--all-words", is_flag=True, help="Only what has all the words.")
@click.option("--as-typed", is_flag=True, help="Search no near word instead of an unknown one.")
@click.option("--words-only", is_flag=True, help="Leave out the meaning of the texts.")
@click.option("--explain", is_flag=True, help="Take each score apart, on stderr.")
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
    """Search the cited texts and the notes.

    Words, « phrases », ET OU SAUF, mot*, titre:mot… Nothing typed is an error: what can't be
    understood is searched as words, and said. Of an option that is given several times any value
    will do.
    """
    # Here, since `renvois --help` needs no engine.
    from indexer.corpus import find_synonyms
    from indexer.wiring import open_searcher

    prepare_lexicon()
    words = open_translator(settings.language)
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
    for problem in find_synonyms(settings).read().problems:
        say(f"{problem.place}: {words(problem.said)}")
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
                _say_explanation(explanation, words, depth=1)
    finally:
        searcher.close()
    _say_what_was_searched(results, words)
    (_print_rows if as_json else _print_results)(results, words)


def _print_rows(results: Results, words: Translator) -> None:
    """Print a hit a line as JSON; where nothing was found, a line on what was searched."""
    for hit in results.hits:
        echo_json(describe_hit(hit, words) | describe_corrections(results))
    for hit in results.near:
        echo_json(describe_hit(hit, words) | {"by": "meaning"})
    if not results.total:
        echo_json(describe_search(results, [words(each) for each in results.unread]))


def _say_what_was_searched(results: Results, words: Translator) -> None:
    """Say on stderr where what was searched is not what was typed."""
    for written, instead in results.corrections:
        say(f"{written}: not in this corpus; {instead} was searched instead (or ask --as-typed).")
    for written, near in results.offers:
        say(f"{written}: not in this corpus; {near} is.")
    for word in results.own_words:
        if word.also:
            say(f"{word.typed}: searched with {', '.join(word.also)} (synonymes.txt).")
        else:
            say(f"{word.typed}: searched as it is written (synonymes.txt).")
    for each in filter(None, (*results.unread, results.meaning_problem)):
        say(words(each))
    if results.meant:
        say(words("page.understood.meaning"))


def _say_explanation(explanation: Explanation, words: Translator, *, depth: int) -> None:
    say(f"{'  ' * depth}{explanation.score:.3f} {words(explanation.name)}")
    for part in explanation.parts:
        _say_explanation(part, words, depth=depth + 1)


def _print_results(results: Results, words: Translator) -> None:
    _print_hits(results.hits, words)
    if results.near:
        echo(Styled(words("page.meaning.title")), " — ", words("page.meaning.why"), "\n")
        _print_hits(results.near, words, with_language=True)
    strict = results.all_words
    if strict is not None and strict.total != results.total:
        say(f"{strict.total} with all the words: {strict.query_text} (or ask --all-words).")
    shown = f", {len(results.hits)} shown" if len(results.hits) < results.total else ""
    say(f"{results.total} found{shown}. Understood as: {results.understood}")


def _print_hits(hits: Sequence[Hit], words: Translator, *, with_language: bool = False) -> None:
    for hit in hits:
        echo(f"{hit.rank:>3}. ", Styled(hit.title))
        told = (hit.language if with_language else "", hit.author, hit.container_title, hit.issued)
        described = ", ".join(filter(None, told))
        if described:
            echo(f"     {described}")
        if hit.url:
            echo(f"     {hit.url}  ({words(hit.link.said)})")
        for each in hit.matched:
            # The rest of what answers stands above; of a text's headings nothing is searched.
            if each.field in ("editor", "translator", "keyword"):
                echo(f"     {each.field}: ", *paint(each.text, each.marks))
        for snippet in hit.snippets:
            echo("     ", *paint(snippet.text, snippet.marks))
        for mention in hit.mentions:
            sentence = paint(mention.sentence.text, mention.sentence.marks)
            echo(f"     ↳ {mention.note_id}: ", *sentence)
        echo()


def paint(text: str, marks: Sequence[Span]) -> list[str | Styled]:
    """Cut a text into pieces, its marks underlined (click drops the styles outside a terminal)."""
    painted: list[str | Styled] = []
    done = 0
    for start, end in marks:
        painted += [text[done:start], Styled(text[start:end], is_underlined=True)]
        done = end
    return [*painted, text[done:]]
