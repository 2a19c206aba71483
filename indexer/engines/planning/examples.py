"""Keep beside an index a few queries that were really asked of it, and found something.

They are chosen from the keywords, headings and titles that the index holds when it is written, for
each language that a site may have, and asked again whenever it changes: no page has to wait. Two
words that merely stand side by side in a title say nothing: "active transit", "France doit-il".
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from indexer.analysis import LANGUAGES, analyse
from indexer.analysis.lexicon import is_word, list_names
from indexer.engines.embedded.integrity import read_signed, sign
from indexer.engines.embedded.postings import PostingsReader
from indexer.engines.embedded.shown import AnyStore
from indexer.engines.embedded.store import DocumentStore
from indexer.engines.embedded.whoosh_index import open_reader
from indexer.engines.planning.understanding import count_asked
from indexer.errors import DamagedIndexError
from indexer.model import Document, DocumentKind
from indexer.search import Example

FILE_NAME: Final = "examples.json"
MOST: Final = 6  # of a language: three are shown, one that is withdrawn may take its own with it
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
partie section titre disposition donnée principe réglementation paramètre propriété attribution
commun unique premier deuxième second troisième quatrième cinquième sixième supplémentaire avancé
particulier final applicable complémentaire supplétif nouveau
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
    """A few queries of each language, each asked, those first that find most.

    The language that most texts have comes first. `documents` come with those first that show best.
    """
    texts = list(documents)
    languages = Counter(text.language for text in texts)
    usual = max(languages, key=lambda each: (languages[each], each == "fr"), default="fr")
    chosen: list[Example] = []
    for language in dict.fromkeys((usual, *LANGUAGES)):
        found: dict[str, Example] = {}
        candidates = _list_candidates(texts, language, is_usual=language == usual)
        for query_text in islice(candidates, _MOST_TRIED):
            total = count_asked(query_text, reader, as_typed=True)
            if total:
                example = Example(query_text=query_text, total=total, language=language)
                found.setdefault(query_text, example)
            if len(found) == MOST:
                break
        chosen += sorted(found.values(), key=lambda example: -example.total)
    return tuple(chosen)


def best_first(store: AnyStore) -> Iterator[Document]:
    """Yield the texts of an index, those first of which there is a copy: they show most."""
    texts = [text for _, text in store.outlines() if text.kind is DocumentKind.TEXT]
    yield from sorted(texts, key=lambda text: text.captured_at is None)


def _list_candidates(texts: Sequence[Document], language: str, *, is_usual: bool) -> Iterator[str]:
    """Yield keywords, then headings, then phrases that titles have between two marks.

    Keywords and headings are in the language of the bibliography, which most texts have. Phrases
    have two or three words that all tell; those of several titles come first.
    """
    if is_usual:
        keywords = Counter(
            word.strip() for text in texts if text.reference for word in text.reference.keyword
        )
        yield from (word for word, _ in keywords.most_common() if _is_subject(word))
        headings = dict.fromkeys(text.section[-1] for text in texts if text.section)
        yield from filter(_is_subject, map(_strip_article, headings))
    phrases = Counter(
        phrase
        for text in texts
        if text.language == language
        for phrase in _cut_phrases(text.title, language)
        # A title in English may well stand in a bibliography that says of none that it is.
        if language != "fr" or all(map(is_word, phrase.split()))
    )
    yield from (phrase for phrase, _ in phrases.most_common() if _is_subject(phrase))


def _is_subject(phrase: str) -> bool:
    """Whether a phrase is short and says what a text is about, not what a part of one is for."""
    return _is_short(phrase) and not _is_role(phrase)


def _is_role(phrase: str) -> bool:
    """Whether a phrase says only what a part of any text is for: "Points de vue"."""
    telling = [token for token in analyse(phrase) if token.names and not token.is_alias]
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


def _cut_phrases(title: str, language: str) -> Iterator[str]:
    """Yield what stands between two marks of a title, an article aside, where it is short.

    A person wrote it as one thing; two words out of a sentence are none. Each of its two or three
    words tells.
    """
    for piece in _MARKS.split(title):
        phrase = _strip_article(piece.strip())
        words = _WORDS.findall(phrase)
        if (
            2 <= len(words) <= 3
            and phrase.replace(" ", "") == "".join(words)
            and all(len(word) > 3 and not _TOO_PLAIN.fullmatch(word.lower()) for word in words)
            and not any(token.is_stop for token in analyse(phrase, language))
        ):
            # A capital inside is a name's; the first may be that of any title.
            is_name = any(letter.isupper() for word in words[1:] for letter in word)
            yield phrase if is_name else phrase.lower()
