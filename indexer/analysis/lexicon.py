"""The names under which a word is indexed and looked for: its lemmas, or its stem.

A lexicon says what forms a word has: all lemmas of a form, for French; the stemmer is asked only
for what the lexicon does not know. A form without its accents has the lemmas of every reading.

The lexicon is made once out of simplemma's dictionaries and kept in a mapped file, beside the
installed programs where that can be written, else in the user's cache, else for this process only.
"""

import mmap
import os
import re
import struct
import sys
import tempfile
import zlib
from array import array
from collections.abc import Collection, Iterable, Mapping
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

from indexer.analysis import inflection
from indexer.analysis.characters import fold, normalise
from indexer.analysis.conjugation import IRREGULAR_ENGLISH
from indexer.analysis.stemming import stem_english, stem_french

LEXICON_VERSION: Final = "12"  # raised by hand when some word gets other names
RELEASE: Final = f"simplemma {version('simplemma')}, forms {LEXICON_VERSION}"
_FRENCH: Final = "fr|"  # before a form as it is written
_FOLDED: Final = "fo|"  # before a form without its accents
_ENGLISH: Final = "en|"
KIN_MARK: Final = inflection.KIN_MARK
STEM_MARK: Final = "~"  # before the stem of what the lexicon does not know: it meets no lemma
_ACCENTED: Final = {"a": "àâ", "c": "ç", "e": "éèêë", "i": "îï", "o": "ô", "u": "ùûü"}
_SHORTEST_PLURAL: Final = 4
_PARTICIPLE: Final = re.compile("ée?s?$")  # "genré" is not a mistake for "genre"


@lru_cache(maxsize=20_000)
def name_french(word: str, *, is_bare: bool, is_typed: bool = False) -> tuple[str, ...]:
    """Name a normalised French word: its lemmas, the likeliest first; never none.

    `is_bare` says that its accents may be missing, though it is a word without them too. A word
    that `is_typed`, to be looked for, has no names of kin: "entreprise" in a text may be a
    participle, and is found by "entreprendre"; who types "entreprise" means the noun.
    """
    known = _find_known(word, is_bare=is_bare)
    if known:
        return _choose_names(known, is_typed=is_typed)
    if not word.isalpha():
        return (stem_french(fold(word)),)
    kin = _choose_names(_find_kin(word) or "", is_typed=is_typed)
    bases = _list_singulars(word) or [word]
    lemmas = [lemma for base in (word, *bases) for lemma in inflection.list_sure_lemmas(base)]
    stems = [STEM_MARK + stem_french(fold(each)) for each in (*bases, *lemmas)]
    return tuple(dict.fromkeys((*kin, *stems)))


def _choose_names(known: str, *, is_typed: bool) -> tuple[str, ...]:
    """Give the names of an entry of the lexicon, those of kin aside where a word is typed."""
    names = known.split()
    if KIN_MARK not in known:
        return tuple(names)
    if is_typed:
        return tuple(name for name in names if not name.startswith(KIN_MARK))
    return tuple(dict.fromkeys(name.removeprefix(KIN_MARK) for name in names))


def _find_known(word: str, *, is_bare: bool) -> str | None:
    """Give the names that the lexicon has for a word, in its other number or without accents.

    A plural that it lacks goes the way of its singular at every step, so that both end alike.
    """
    if word.isascii() and is_bare:
        return _find_readings(word) or _name_number(word)
    known = _table().find(_FRENCH + word)
    if known is None and word.isascii():
        known = _find_readings(word)
    known = known or _name_number(word)
    if known is None and not word.isascii() and _PARTICIPLE.search(word) is None:
        known = _find_readings(fold((_list_singulars(word) or [word])[0]))
    return known


def _find_kin(word: str) -> str | None:
    """Give the names of the masculine or of the verb that the lexicon has, of a form that it lacks.

    Of a masculine that it lacks the names of its feminine, and itself.
    """
    for base in (word, *_list_singulars(word)):
        for lemma in inflection.list_lemmas(base):
            if known := _find_written(lemma):
                return known
    for base in (*_list_singulars(word), word):
        for feminine in inflection.list_feminines(base):
            if known := _find_written(feminine):
                return f"{base} {known}"
    return None


def _list_singulars(word: str) -> list[str]:
    return inflection.list_singulars(word) if len(word) >= _SHORTEST_PLURAL else []


def _find_readings(form: str) -> str | None:
    """Give the names of a folded form, of every reading that it may have."""
    return _table().find(_FOLDED + form) or _table().find(_FRENCH + form)


def _name_number(word: str) -> str | None:
    """Give the names of a word that the lexicon has in its other number alone.

    Of a plural the names of its singular; of a singular those of its plural, and itself.
    """
    for singular in _list_singulars(word):
        known = _find_written(singular)
        if known:
            return known
    if len(word) < _SHORTEST_PLURAL or word.endswith(("s", "x", "z")):
        return None
    for plural in (word + "s", word + "x"):
        known = _find_written(plural)
        if known:
            return f"{word} {known}"
    return None


def _find_written(word: str) -> str | None:
    """Give the names of a word with the accents that it has; of every reading when it has none."""
    return _table().find(_FRENCH + word) or (_find_readings(word) if word.isascii() else None)


@lru_cache(maxsize=20_000)
def is_bared(word: str) -> bool:
    """Tell whether a normalised word without accents is French with them only: "eleve", "ecole"."""
    table = _table()
    return table.find(_FRENCH + word) is None and table.find(_FOLDED + word) is not None


def is_written_plain(form: str) -> bool:
    """Tell whether a folded form is a word, French or English, that is written without accents.

    False where one reading has an accent ("cote", "maitre"), whatever its lemma.
    """
    table = _table()
    if table.find(_FOLDED + form) is not None:
        return False
    if table.find(_FRENCH + form) is None:
        return table.find(_ENGLISH + form) is not None
    # A reading with the lemmas of the plain one ("classe", "classé") is not listed as folded.
    return not list_accented(form)


def list_accented(form: str) -> list[str]:
    """List the words of French that are a folded form with one accent: "classe" gives "classé"."""
    accented = (
        form[:place] + other + form[place + 1 :]
        for place, letter in enumerate(form)
        for other in _ACCENTED.get(letter, "")
    )
    return list(filter(is_form, accented))


@lru_cache(maxsize=20_000)
def name_english(word: str) -> tuple[str, ...]:
    """Name a folded English word by its lemmas, marked so that they never meet a French one."""
    lemmas = _table().find(_ENGLISH + word)
    return tuple(_ENGLISH + each for each in lemmas.split()) if lemmas else (stem_english(word),)


def name_form(form: str) -> tuple[str, ...]:
    """Name a folded French form that is typed, by every reading that it may have."""
    return name_french(form, is_bare=True, is_typed=True)


def list_names(form: str) -> tuple[str, ...]:
    """Give the names of a folded form of texts, in any language, accents or not."""
    return name_french(form, is_bare=True) + name_english(form)


def is_form(normalised: str) -> bool:
    """Tell whether the French lexicon has a normalised word just as it is written."""
    return _table().find(_FRENCH + normalised) is not None


# Names of French offices, laws and papers that people write as words, in small letters too.
_ACRONYMS: Final = frozenset({
    "ademe", "afnor", "agirc", "ameli", "anact", "anah", "anil", "anru", "anses", "ansm", "anssi",
    "arcep", "arcom", "arrco", "assedic", "bnf", "bpi", "brgm", "bts", "cada", "caf", "capes",
    "carsat", "casnav", "ccas", "cdd", "cdi", "cea", "cerema", "cerfa", "cese", "cfa", "cfdt",
    "cgt", "chru", "chsct", "chu", "cirad", "cmu", "cnaf", "cnam", "cnav", "cned", "cnes", "cnfpt",
    "cnil", "cnous", "cnrs", "codir", "cpam", "credoc", "crous", "csa", "cse", "csg", "datar",
    "ddass", "ddt", "dgfip", "dgse", "dila", "doi", "drac", "dreal", "drees", "edf", "ehess",
    "ehpad", "enap", "enpc", "ensa", "epci", "epic", "epide", "esat", "espe", "esr", "fao", "feder",
    "fnac", "fnars", "fnsea", "fonjep", "gaec", "gafam", "giec", "gip", "gouv", "grdf", "hadopi",
    "hal", "hceres", "hlm", "igas", "ign", "inalco", "ined", "inpi", "inra", "inrae", "inrap",
    "inria", "insee", "insep", "inserm", "irsn", "irstea", "lgbt", "lmd", "medef", "mooc", "nasa",
    "nsa", "ofce", "ofii", "ofpra", "onf", "ong", "onisep", "onu", "opac", "orstom", "otan", "paca",
    "pacs", "parcoursup", "plu", "plui", "pme", "pmi", "pnr", "ppri", "qpv", "ratp", "rgpd", "rmi",
    "rsa", "rtt", "sacd", "sacem", "safer", "sarl", "sas", "scic", "scop", "scot", "sdis", "segpa",
    "sida", "siren", "siret", "smic", "sncf", "sofres", "svt", "tpe", "tva", "udaf", "ulis", "ump",
    "unedic", "unesco", "unicef", "unsa", "urssaf", "usb", "vae", "vtc", "zac", "zad", "zep",
    "znieff", "zus",
})  # fmt: skip


def is_word(word: str) -> bool:
    """Tell whether French or English has this word, with its accents or without.

    What is made of a French word by a rule that makes new ones is a word: "surcoût", "rapidement".
    So is what an office or a paper is called: "cerfa", "urssaf".
    """
    normalised = normalise(word)
    return (
        _is_french(normalised)
        or fold(normalised) in _ACRONYMS
        or any(map(_is_french, inflection.list_bases(normalised)))
        or (normalised.isascii() and _table().find(_ENGLISH + normalised) is not None)
    )


def _is_french(word: str) -> bool:
    return (
        bool(_find_readings(fold(word)))
        # "foncion" is not a word, though "foncions" is one.
        or (not word.endswith("on") and bool(_find_known(word, is_bare=True)))
        or any(_find_written(lemma) for lemma in inflection.list_sure_lemmas(word))
        or any(_find_written(form) for form in inflection.list_feminines(word))
    )


@cache
def _table() -> "FormTable":
    """Open the lexicon of this installation, made when there is none yet."""
    places = _list_places()
    for path in places:
        table = open_table(path)
        if table is not None:
            return table
    return write_table(render_table(_compile()), places)


def _list_places() -> list[Path]:
    """List the files where the lexicon may be, the best place first."""
    name = f"lexicon-{LEXICON_VERSION}-simplemma-{version('simplemma')}.forms"
    cached = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return [Path(sys.prefix) / "share" / "renvois" / name, Path(cached) / "renvois" / name]


def _compile() -> dict[str, str]:
    """Compile every key of the table with its names."""
    french = inflection.read_forms(_read_dictionary("fr"))
    entries = {_FRENCH + form: " ".join(names) for form, names in french.items()}
    readings: dict[str, dict[str, None]] = {}
    for form, names in sorted(french.items(), key=lambda item: (not item[0].isascii(), item[0])):
        readings.setdefault(fold(form), {}).update(dict.fromkeys(names))
    for form, merged in readings.items():
        held = _join_readings(merged, french.get(form, ()))
        if french.get(form) != held:  # else found as it is written
            entries[_FOLDED + form] = " ".join(held)
    english = _read_dictionary("en")
    for form, lemma in english.items():
        if form == form.lower() and " " not in form + lemma:
            entries.setdefault(_ENGLISH + fold(normalise(form)), fold(normalise(lemma)))
    for line in IRREGULAR_ENGLISH.strip().split("\n"):
        lemma, *forms = line.split()
        for form in (lemma, *forms):
            lemmas = (lemma, *entries.get(_ENGLISH + form, "").split())
            entries[_ENGLISH + form] = " ".join(dict.fromkeys(lemmas))
    return entries


def _join_readings(merged: Iterable[str], written: Collection[str]) -> tuple[str, ...]:
    """Join the names of all readings of a folded form; `written` are those without accents.

    "reprise" as a noun is kept from "reprisé", whose verb texts hardly have: it becomes kin.
    """
    names = dict.fromkeys(
        KIN_MARK + name
        if written and name in inflection.HARDLY_VERBS and name not in written
        else name
        for name in merged
    )
    return tuple(name for name in names if name[0] != KIN_MARK or name[1:] not in names)


def _read_dictionary(language: str) -> Mapping[str, str]:
    # Loaded to make the lexicon only: the library takes a tenth of a second.
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    return DefaultDictionaryFactory(cache_max_size=0).get_dictionary(language)


def has_lexicon() -> bool:
    """Tell whether the lexicon of this installation is made, and whole."""
    return any(open_table(path) is not None for path in _list_places())


def make_lexicon() -> None:
    """Make the lexicon of this installation when there is none yet: some ten seconds."""
    _table()


# --- a table of strings in a mapped file
#
# The file is a hash table: a count of buckets, where each bucket begins, then the buckets, each a
# run of lines "key TAB value". Opening it reads nothing; a look-up reads one bucket of a few lines.

_MAGIC: Final = b"forms001"
_HEAD: Final = struct.Struct("<8sII")  # magic, buckets, bytes of all buckets
_PER_BUCKET: Final = 4  # lines
_OFFSET: Final = struct.Struct("<II")


def render_table(values: Mapping[str, str]) -> bytes:
    """Render a table as bytes; neither keys nor values may hold a tab or a line end."""
    count = max(1, len(values) // _PER_BUCKET)
    buckets: list[list[bytes]] = [[] for _ in range(count)]
    for key, value in values.items():
        name = key.encode()
        buckets[zlib.crc32(name) % count].append(b"\n%s\t%s\n" % (name, value.encode()))
    offsets, size = array("I", [0]), 0
    for bucket in buckets:
        size += sum(map(len, bucket))
        offsets.append(size)
    lines = b"".join(line for bucket in buckets for line in bucket)
    packed = struct.pack(f"<{len(offsets)}I", *offsets)
    return _HEAD.pack(_MAGIC, count, size) + packed + lines


class FormTable:
    """Looks keys up in a mapped table."""

    def __init__(self, file: IO[bytes]) -> None:
        """`file` is open for reading; ValueError when it holds no whole table."""
        self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        magic, self._count, size = _HEAD.unpack_from(self._map)
        self._lines = _HEAD.size + 4 * (self._count + 1)
        if magic != _MAGIC or len(self._map) != self._lines + size:
            raise ValueError("no whole table of forms")

    def find(self, key: str) -> str | None:
        """Find the value of a key, or None."""
        name = key.encode()
        place = _HEAD.size + 4 * (zlib.crc32(name) % self._count)
        begin, end = _OFFSET.unpack_from(self._map, place)
        bucket = self._map[self._lines + begin : self._lines + end]
        found = bucket.find(b"\n%s\t" % name)
        if found < 0:
            return None
        start = found + len(name) + 2
        return bucket[start : bucket.index(b"\n", start)].decode()


def open_table(path: Path) -> FormTable | None:
    """Open the table of a file; None when there is none that is whole."""
    try:
        with path.open("rb") as file:
            return FormTable(file)
    except (OSError, ValueError, struct.error):
        return None


def write_table(content: bytes, places: Iterable[Path]) -> FormTable:
    """Write a table in the first of some places that can be written, and open it.

    Where none can be it goes into a file without a name, that ends with the process.
    """
    for path in places:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
            with os.fdopen(number, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)  # others than who made it read it: a server has its own user
            Path(name).replace(path)
        except OSError:
            continue
        table = open_table(path)
        if table is not None:
            return table
    with tempfile.TemporaryFile() as unnamed:
        unnamed.write(content)
        unnamed.flush()
        return FormTable(unnamed)
