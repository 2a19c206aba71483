"""Suggest queries: examples for an empty search box, completions while somebody types.

Everything comes from this corpus, so that whatever is offered finds something. Examples are chosen
from its keywords, headings and titles for each language that a site may have, and asked. Two words
that merely stand side by side in a title say nothing: "active transit", "France doit-il".
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain, islice
from typing import Final

from indexer.analysis import LANGUAGES, analyse, analyse_query, fold, normalise
from indexer.analysis.lexicon import is_word, is_written_plain, list_names
from indexer.engines.planning.lexicon import Lookups
from indexer.engines.planning.plan import BagOfTerms, Intersection, Plan, TermGroup
from indexer.engines.planning.translate import translate
from indexer.engines.planning.understanding import count_asked
from indexer.engines.protocol import FoundText, Question, SearchEngine, Sort
from indexer.index.fields import ALL, ALL_EXACT
from indexer.model import Document, DocumentKind
from indexer.search import Example, MatchSpec, build_match_spec
from indexer.search.query import Phrase
from indexer.search.results import Suggestion

# Of a language: three are shown, one that is withdrawn may take its own with it.
MOST_EXAMPLES: Final = 6
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


def choose_examples(documents: Iterable[Document], lookups: Lookups) -> tuple[Example, ...]:
    """Give a few queries of each language, each asked, those first that find most.

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
            total = count_asked(query_text, lookups, as_typed=True)
            if total:
                example = Example(query_text=query_text, total=total, language=language)
                found.setdefault(query_text, example)
            if len(found) == MOST_EXAMPLES:
                break
        chosen += sorted(found.values(), key=lambda example: -example.total)
    return tuple(chosen)


def order_shown(documents: Iterable[Document]) -> list[Document]:
    """Order the texts of an index, those first of which there is a copy: they show most."""
    texts = [each for each in documents if each.kind is DocumentKind.TEXT]
    return sorted(texts, key=lambda text: text.captured_at is None)


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
    """Take its number and its article off a phrase: "I. Les lieux" gives "Lieux"."""
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


# --- ways to go on

_ORDER: Final = ("title", "author", "section", "phrase", "term")
_SPARE: Final = 4  # times as many are looked at as are shown: some find nothing when asked
_MOST_COMPLETED: Final = 40  # completions weighed
_APART: Final = re.compile(r"[\W_]+")


def suggest(prefix: str, lookups: Lookups, engine: SearchEngine, limit: int) -> list[Suggestion]:
    """At most `limit` ways to go on, one kind after the other, the best of each first.

    Each counts what it finds when it is asked.
    """
    wanted = flatten(prefix)
    if not wanted:
        return []
    found: dict[str, list[Suggestion]] = {kind: [] for kind in _ORDER}
    for each in engine.complete(wanted, _SPARE * limit):
        found[each.kind].append(each)
    found["term"] = lookups.settle(lambda each: _list_terms(prefix, each, engine, limit))
    share = max(1, limit // 3)
    for some in found.values():
        some.sort(key=lambda one: (-one.document_count, len(one.text), one.text))
    first = [one for kind in _ORDER for one in found[kind][:share]]
    rest = [one for kind in _ORDER for one in found[kind][share:]]
    unique = {flatten(one.text): one for one in reversed([*first, *rest])}
    candidates = list(reversed(unique.values()))
    shown: dict[str, Suggestion] = {}
    # Nearly all find something: as many as are wanted are written and counted, seldom more.
    for start in range(0, len(candidates), limit):
        written = _write_terms(candidates[start : start + limit], lookups, engine)
        for one in lookups.settle(partial(_count_each, written)):
            shown.setdefault(flatten(one.text), one)
        if len(shown) >= limit:
            break
    return list(shown.values())[:limit]


def flatten(text: str) -> str:
    """Fold a text as it is compared, a blank between words."""
    return _APART.sub(" ", fold(normalise(text))).strip()


def _count_each(offered: Iterable[Suggestion], lookups: Lookups) -> list[Suggestion]:
    """Give those of some suggestions that find something, with what they find."""
    counted = (replace(each, document_count=count_asked(each.text, lookups)) for each in offered)
    return [each for each in counted if each.document_count]


def _list_terms(
    prefix: str, lookups: Lookups, engine: SearchEngine, limit: int
) -> list[Suggestion]:
    """Complete the last word of what was typed, where some text has it as it is typed."""
    written = (
        each
        for each in _complete(prefix, lookups)
        if " " not in each.text or find_written(each.text, lookups, engine)
    )
    return list(islice(written, limit))


def _complete(prefix: str, lookups: Lookups) -> Iterator[Suggestion]:
    """Give the last word completed by words of the corpus that go with the words before."""
    before, _, last = prefix.rpartition(" ")
    start = fold(normalise(last))
    if len(start) < 2 or not start.isalpha():
        return
    named = [_plan_any(ALL, token.names) for token in analyse_query(before) if not token.is_stop]
    held = [plan for plan in named if lookups.count_found(plan)]
    starting = lookups.list_starting(ALL_EXACT, start)
    for word, count in sorted(starting, key=lambda each: -each[1])[:_MOST_COMPLETED]:
        together = count
        if held:
            together = lookups.count_found(Intersection((_plan_any(ALL_EXACT, (word,)), *held)))
        if together:
            yield Suggestion(text=f"{before} {word}".strip(), kind="term", document_count=together)


def _plan_any(field: str, terms: Sequence[str]) -> Plan:
    """Plan the texts that have any of some terms in a field."""
    return BagOfTerms((TermGroup(tuple((field, term) for term in terms)),))


def _write_terms(
    offered: Sequence[Suggestion], lookups: Lookups, engine: SearchEngine
) -> list[Suggestion]:
    """Write the completed words among some suggestions as titles do, else as texts do."""
    words = [each.text.rpartition(" ") for each in offered if each.kind == "term"]
    spelt = iter(engine.spell([word for _, _, word in words]) if words else ())
    written = (
        f"{before}{blank}{next(spelt) or write_form(word, lookups, engine)}"
        for before, blank, word in words
    )
    return [replace(each, text=next(written)) if each.kind == "term" else each for each in offered]


# --- what titles, authors and sections offer

KEPT: Final = ("title", "author", "section", "phrase")  # what is offered as it stands
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_LONGEST_PHRASE: Final = 4  # words
_PUNCTUATION: Final = re.compile(r"[,;:.!?«»“”()]")


def list_offers(title: str, author: str, section: str) -> Iterator[tuple[str, str]]:
    """List what a text offers to who types, by kind: title, author, section, phrase, written.

    `author` may name several, `section` is the innermost heading. What is "written" are the words
    of the title and of the section, lower case: how readers are shown what the index has folded.
    """
    offered = [("title", title), ("section", section)]
    offered += [("author", name.strip()) for name in author.split(",")]
    offered += [("phrase", phrase) for phrase in _cut_runs(title)]
    offered += [("written", word.lower()) for word in _LETTERS.findall(f"{title} {section}")]
    return (offer for offer in offered if offer[1])


def _cut_runs(title: str) -> set[str]:
    """Give the runs of two to four words of a title that begin and end with one that counts."""
    tokens = [token for token in analyse(title) if not token.is_alias]
    return {
        phrase.lower()
        for first in range(len(tokens))
        for last in range(first + 1, min(first + _LONGEST_PHRASE, len(tokens)))
        if not tokens[first].is_stop
        and not tokens[last].is_stop
        and not _PUNCTUATION.search(phrase := title[tokens[first].start : tokens[last].end])
    }


# --- words as texts write them: the index knows them without accents nor capitals

_MOST_TEXTS: Final = 3
_MOST_PARAGRAPHS: Final = 3  # of each text
_MOST_READ: Final = 5  # texts


def write_form(form: str, lookups: Lookups, engine: SearchEngine) -> str:
    """Write a folded form as a few paragraphs that have it do most; itself when none has it."""
    key = ("surface", form)
    known: str | None = lookups.find(key)
    if known is None:
        known = _read_form(form, engine)
        lookups.keep(key, known)
    return known


def _read_form(form: str, engine: SearchEngine) -> str:
    if is_written_plain(form):
        return form
    written: Counter[str] = Counter()
    wanted = MatchSpec(names=frozenset(list_names(form)))
    for found in _read_some(_plan_any(ALL_EXACT, (form,)), wanted, engine, _MOST_TEXTS):
        # Where the engine does not know which paragraphs have the word, all are read.
        held = found.held
        places = range(len(found.paragraphs)) if held is None else list(held)[:_MOST_PARAGRAPHS]
        for place in places:
            written.update(_list_written(form, place, found))
        if not written:  # it may stand in a note, a keyword, a name
            told = list(_list_described(found.document))
            written.update(word for text in told for word in _list_forms(form, text, "fr"))
    # Of two ways the one with accents: capitals often go without.
    ordered = sorted(written, key=lambda word: (written[word], not word.isascii()))
    return ordered[-1] if ordered else form


def _list_written(form: str, place: int, found: FoundText) -> list[str]:
    """List how a paragraph of a text writes a folded form, lower case, as often as it does.

    Where the engine knows which words answer, no others are read, unless none of these is the
    form but in capitals: these lack accents, and a name of several words ("porte-monnaie") is read
    with its paragraph.
    """
    text = found.paragraphs[place].text
    if found.find_spans is not None:
        pieces = (text[start:end] for start, end in found.find_spans(place))
        words = (word for piece in pieces for word in _LETTERS.findall(piece))
        lower = (word.lower() for word in words if not word.isupper())
        written = [word for word in lower if fold(normalise(word)) == form]
        if written:
            return written
    return _list_forms(form, text, found.document.language)


def _list_forms(form: str, text: str, language: str) -> list[str]:
    """List how a text writes a folded form, lower case, as often as it does."""
    return [
        text[token.start : token.end].lower()
        for token in analyse(text, language)
        if token.exact == form
    ]


def _list_described(document: Document) -> Iterator[str]:
    """List the texts of a document beside its paragraphs: title, names, keywords, notes."""
    yield from (document.title, document.author, document.container_title, *document.section)
    if document.reference is not None:
        yield from document.reference.keyword
        yield from (name.display for name in document.reference.editor)
        yield from (name.display for name in document.reference.translator)
    yield from (note.text for note in document.notes)


def find_written(text: str, lookups: Lookups, engine: SearchEngine) -> bool:
    """Whether some text has words one after the other as they are written here.

    Stop words count as well: "personne confrontée" is not "personne de confrontée". Accents and
    case do not. A few of the texts that have the phrase are read.
    """
    key = ("written", text)
    known: bool | None = lookups.find(key)
    if known is None:
        phrase = Phrase(text)
        plan = translate(phrase, lookups)
        if not lookups.is_settled:
            return True  # asked again when the plan is known
        texts = _read_some(plan, build_match_spec(phrase), engine, _MOST_READ) if plan else ()
        known = any(_has_words(flatten(text), each) for each in texts)
        lookups.keep(key, known)
    return known


def _read_some(
    plan: Plan, wanted: MatchSpec, engine: SearchEngine, most: int
) -> Iterator[FoundText]:
    """Read a few of the texts that a plan finds, whichever they are."""
    question = Question(plan=plan, limit=most, sort=Sort.INDEXED, is_counted=False)
    return engine.read_texts([key for key, _ in engine.find(question).best], wanted)


def _has_words(wanted: str, found: FoundText) -> bool:
    """Whether a text has some words, flattened, in its description, a note or a paragraph."""
    paragraphs = found.paragraphs
    held = _list_described(found.document)
    places = range(len(paragraphs)) if found.held is None else found.held
    texts = chain(held, (paragraphs[place].text for place in places))
    return any(f" {wanted} " in f" {flatten(text)} " for text in texts)
