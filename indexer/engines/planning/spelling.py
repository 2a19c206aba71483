"""Write a word as the texts write it: the index knows it without accents nor capitals."""

import re
from collections import Counter
from typing import Final

from indexer.analysis import analyse, fold, normalise
from indexer.analysis.lexicon import list_names
from indexer.engines.embedded.locating import locate
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.shown import AnyStore
from indexer.engines.embedded.term_scores import NO_DOCS
from indexer.engines.embedded.topk import match
from indexer.engines.planning.translate import translate
from indexer.index.fields import ALL_EXACT
from indexer.search import Wanted, collect_wanted
from indexer.search.query import Phrase

_MOST_TEXTS: Final = 3
_MOST_PARAGRAPHS: Final = 3  # of each text
_MOST_READ: Final = 5  # texts
_APART: Final = re.compile(r"[\W_]+")


def write_form(form: str, reader: PostingsReader, store: AnyStore) -> str:
    """A folded form as a few paragraphs that have it write it most; itself when none has it."""
    key = ("surface", form)
    known: str | None = reader.memory.find(key)
    if known is None:
        with store.snapshot():
            known = _read_form(form, reader, store)
        reader.memory.keep(key, known)
    return known


def find_written(text: str, reader: PostingsReader, store: AnyStore) -> bool:
    """Whether some text has words one after the other as they are written here.

    Stop words count as well: "personne confrontée" is not "personne de confrontée". Accents and
    case do not. A few of the texts that have the phrase are read.
    """
    key = ("written", text)
    known: bool | None = reader.memory.find(key)
    if known is None:
        with store.snapshot():
            known = any(_has_words(text, number, store, reader) for number in _find(text, reader))
        reader.memory.keep(key, known)
    return known


def _find(text: str, reader: PostingsReader) -> list[int]:
    plan = translate(Phrase(text), reader)
    docs = match(plan, reader) if plan is not None else NO_DOCS
    numbers: list[int] = docs[reader.live[docs]][:_MOST_READ].tolist()
    return numbers


def _has_words(text: str, number: int, store: AnyStore, reader: PostingsReader) -> bool:
    key, mark = reader.key(number)
    document, paragraphs = store.find_outline(key, mark)
    if paragraphs.mark != mark:
        return False
    wanted = _flatten(text)
    places = locate(number, collect_wanted(Phrase(text)), reader)
    held = [document.title, document.author, document.container_title, *document.section]
    held += [note.text for note in document.notes]
    return any(wanted in _flatten(each) for each in held) or any(
        wanted in _flatten(paragraphs[place].text)
        for place in (range(len(paragraphs)) if places is None else places)
    )


def _flatten(text: str) -> str:
    """A text folded, a blank between words and at both ends."""
    return f" {_APART.sub(' ', fold(normalise(text))).strip()} "


def _read_form(form: str, reader: PostingsReader, store: AnyStore) -> str:
    wanted = Wanted(names=frozenset(list_names(form)))
    written: Counter[str] = Counter()
    for number in reader.postings(ALL_EXACT, form)[0][:_MOST_TEXTS].tolist():
        key, mark = reader.key(number)
        document, paragraphs = store.find_outline(key, mark)
        if paragraphs.mark != mark:
            continue
        for place in list(locate(number, wanted, reader) or ())[:_MOST_PARAGRAPHS]:
            text = paragraphs[place].text
            written.update(
                text[token.start : token.end].lower()
                for token in analyse(text, document.language)
                if token.exact == form
            )
    # Of two ways the one with accents: capitals often go without.
    ordered = sorted(written, key=lambda word: (written[word], not word.isascii()))
    return ordered[-1] if ordered else form
