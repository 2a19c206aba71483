"""Write a word as the texts write it: the index knows it without accents nor capitals."""

from collections import Counter
from typing import Final

from indexer.analysis import analyse
from indexer.analysis.lexicon import list_names
from indexer.engines.locating import locate
from indexer.engines.postings import PostingsReader
from indexer.engines.shown import AnyStore
from indexer.index.fields import ALL_EXACT
from indexer.search import Wanted

_MOST_TEXTS: Final = 3
_MOST_PARAGRAPHS: Final = 3  # of each text


def write_form(form: str, reader: PostingsReader, store: AnyStore) -> str:
    """A folded form as a few paragraphs that have it write it most; itself when none has it."""
    key = ("surface", form)
    known: str | None = reader.memory.find(key)
    if known is None:
        with store.snapshot():
            known = _read_form(form, reader, store)
        reader.memory.keep(key, known)
    return known


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
