"""Keep beside an index a few queries that were really asked of it, and found something.

They are chosen from the keywords, headings and titles that the index holds when it is written, and
asked again whenever it changes: no page has to wait. Two words that merely stand side by side in a
title say nothing: "active transit", "France doit-il".
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from indexer.analysis import analyse
from indexer.analysis.lexicon import is_word, list_names
from indexer.engines.answering import count_asked
from indexer.engines.integrity import read_signed, sign
from indexer.engines.postings import PostingsReader
from indexer.engines.shown import AnyStore
from indexer.engines.store import DocumentStore
from indexer.engines.whoosh import open_reader
from indexer.errors import DamagedIndexError
from indexer.model import Document, DocumentKind
from indexer.search import Example

FILE_NAME: Final = "examples.json"
MOST: Final = 6  # three are shown; one text that is withdrawn may take its example with it
_MOST_TRIED: Final = 40
_MOST_WORDS: Final = 6  # of a keyword or a heading
_NUMBERING: Final = re.compile(r"^\s*(?:\d+|[IVX]+|[A-Za-z])[.)°]\s*")
_ARTICLE: Final = re.compile(r"^(?:(?:le|la|les|un|une|des|the|an?)\s+|l['’]\s*)", re.IGNORECASE)
_MARKS: Final = re.compile(r"[:.?!,;–—«»()\"*~“”]|\s[-/]\s")

_WORDS: Final = re.compile(r"\w+(?:[-'’]\w+)*")
_TOO_PLAIN: Final = re.compile(
    "avec|dans|pour|sans|sous|vers|leurs?|cette|comment|entre|être|elles?|nous|vous|plus|moins|"
    "faire|fait|mise|autres?|face|quel(le)?s?|dont|mais"
)

# Words of headings that say what a part is for, and nothing of its subject, in French and English.
_ROLES: Final = """
introduction conclusion préface avant propos généralité général divers autre annexe bibliographie
webographie ressource référence source lien site livre ouvrage article revue presse rapport étude
document vidéo film podcast émission exemple cas pratique enjeu point vue définition contexte
histoire historique actualité débat critique méthode outil lecture lire aller loin suite voir bref
partie
chapitre sommaire note notice glossaire contact remerciement présentation question réponse
introduction general miscellaneous other appendix bibliography resource reference source link book
article press report study document video example case issue viewpoint definition context history
news debate method tool reading further read see also part chapter contents note glossary
"""


def write_examples(folder: Path) -> None:
    """Choose the examples of the index in `folder` and keep them there, all at once."""
    store, reader = DocumentStore(folder, is_read_only=True), open_reader(folder)
    try:
        examples = choose_examples(best_first(store), reader)
    finally:
        reader.close()
        store.close()
    temporary = folder / f"{FILE_NAME}.new"
    rows = [asdict(example) for example in examples]
    try:
        temporary.write_bytes(sign(json.dumps(rows, ensure_ascii=False).encode()))
        temporary.replace(folder / FILE_NAME)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def renew_examples(folder: Path) -> None:
    """Ask the examples of the index in `folder` again; choose others when one finds nothing."""
    reader = open_reader(folder)
    try:
        totals = [
            count_asked(example.query_text, reader, as_typed=True)
            for example in read_examples(folder)
        ]
    except DamagedIndexError:
        totals = []  # they are chosen again, from the index itself
    finally:
        reader.close()
    if len(totals) < MOST or not all(totals):
        write_examples(folder)


def read_examples(folder: Path) -> tuple[Example, ...]:
    """The examples of the index in `folder`. Raises DamagedIndexError."""
    held, _ = read_signed(folder / FILE_NAME)
    return tuple(Example(**row) for row in json.loads(held))


def choose_examples(documents: Iterable[Document], reader: PostingsReader) -> tuple[Example, ...]:
    """A few queries, each asked, those first that find most."""
    found: dict[str, Example] = {}
    for query_text in islice(_candidates(documents), _MOST_TRIED):
        total = count_asked(query_text, reader, as_typed=True)
        if total:
            found.setdefault(query_text, Example(query_text=query_text, total=total))
        if len(found) == MOST:
            break
    return tuple(sorted(found.values(), key=lambda example: -example.total))


def best_first(store: AnyStore) -> Iterator[Document]:
    """Texts of which there is a copy, in the language that most have, show best what is done."""
    texts = [text for _, text in store.outlines() if text.kind is DocumentKind.TEXT]
    languages = Counter(text.language for text in texts)
    usual = max(languages, key=lambda each: (languages[each], each == "fr"), default="fr")
    yield from sorted(texts, key=lambda text: text.captured_at is None or text.language != usual)


def _candidates(documents: Iterable[Document]) -> Iterator[str]:
    """Keywords, then headings, then phrases that titles have between two marks.

    A phrase of two or three words that all tell; those of several titles first.
    """
    texts = list(documents)
    keywords = Counter(
        word.strip() for text in texts if text.reference for word in text.reference.keyword
    )
    yield from (word for word, _ in keywords.most_common() if _is_short(word))
    headings = dict.fromkeys(text.section[-1] for text in texts if text.section)
    subjects = (heading for heading in map(_strip_article, headings) if not _is_role(heading))
    yield from filter(_is_short, subjects)
    phrases = Counter(
        phrase
        for text in texts
        for phrase in _cut_phrases(text.title)
        # A title in English may well stand in a bibliography that says of none that it is.
        if text.language != "fr" or all(map(is_word, phrase.split()))
    )
    yield from (phrase for phrase, _ in phrases.most_common())


def _is_role(heading: str) -> bool:
    """Whether a heading says only what its part of any bibliography is for: "Points de vue"."""
    telling = [token for token in analyse(heading) if token.names and not token.is_alias]
    return all(not _name_roles().isdisjoint(token.names) for token in telling)


@cache
def _name_roles() -> frozenset[str]:
    return frozenset(name for word in _ROLES.split() for name in list_names(word))


def _strip_article(phrase: str) -> str:
    """A phrase without its number and its article: "I. Les lieux" gives "Lieux"."""
    bare = _ARTICLE.sub("", _NUMBERING.sub("", phrase.strip()))
    return bare if bare == phrase.strip() else bare[:1].lower() + bare[1:]


def _is_short(phrase: str) -> bool:
    """Whether a phrase has a few words, begins and ends with one that tells, and asks nothing."""
    tokens = [token for token in analyse(phrase) if not token.is_alias]
    return (
        0 < len(tokens) <= _MOST_WORDS
        and _MARKS.search(phrase) is None
        and all(len(end.exact) > 2 and not end.is_stop for end in (tokens[0], tokens[-1]))
    )


def _cut_phrases(title: str) -> Iterator[str]:
    """What stands between two marks of a title, an article aside, where it is two or three words.

    A person wrote it as one thing; two words out of a sentence are none.
    """
    for piece in _MARKS.split(title):
        phrase = _strip_article(piece.strip())
        words = _WORDS.findall(phrase)
        if (
            2 <= len(words) <= 3
            and phrase.replace(" ", "") == "".join(words)
            and all(len(word) > 3 and not _TOO_PLAIN.fullmatch(word.lower()) for word in words)
        ):
            yield phrase.lower()
