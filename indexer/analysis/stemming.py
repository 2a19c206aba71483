"""Cut a folded word down to what its forms share: Snowball, mended where it breaks French.

Accents are folded before, so that a word typed without them has the same stem by construction;
the few endings that Snowball knows by their accent get it back first (`_REACCENT`).
The mending is in general rules and closed lists of the language, not in words of one corpus.
"""

import re
from functools import lru_cache
from typing import Final

import Stemmer

from indexer.analysis.characters import fold

_snowball_french = Stemmer.Stemmer("french")
_snowball_english = Stemmer.Stemmer("english")

_NOUNS_IN_EU_TEXT = """
lieu milieu jeu enjeu feu aveu desaveu neveu cheveu dieu adieu voeu essieu pieu epieu moyeu
hebreu alleu tierslieu cheflieu nonlieu cessezlefeu
"""
# Nouns in -eu (plural -eux), a closed class; Snowball takes lieux for an adjective in -eux.
_NOUNS_IN_EU: Final = frozenset(_NOUNS_IN_EU_TEXT.split())
# Feminines in -que of adjectives in -c, a closed class (public, turc, grec, laïc…).
_FEMININES_IN_QUE: Final = {
    "publique": "public",
    "publiques": "public",
    "laique": "laic",
    "laiques": "laic",
    "turque": "turc",
    "turques": "turc",
    "grecque": "grec",
    "grecques": "grec",
    "caduque": "caduc",
    "caduques": "caduc",
}
# Words whose ending is no suffix any more, or no suffix at all; each with its forms.
_WHOLE: Final = {
    form: stem
    for stem, forms in {
        "departement": "departement departements",
        "departemental": "departemental departementale departementales departementaux",
        "appartement": "appartement appartements",
        "france": "france",
        "pays": "pays",
        "organe": "organe organes",
        "forme": "forme formes",
        "cop": "cop cops",
        "mairie": "mairie mairies",
        "librairie": "librairie librairies",
        "medecine": "medecine medecines",
        "partie": "partie parties",
    }.items()
    for form in forms.split()
}
_NOT_VERBS_IN_ENT_TEXT = """
absent accent accident adherent adjacent adolescent affluent agent antecedent apparent ardent
argent ascendant astringent cent client coefficient coherent competent concurrent conscient
consequent content continent contingent convergent couvent decadent decent deficient dent dependent
descendent detergent different diligent dissident divergent efficient eloquent emergent eminent
equivalent evident excedent excellent expedient frequent imminent impatient impertinent impotent
imprudent incident incoherent incompetent inconscient inconvenient indecent independent indifferent
indigent indulgent ingredient inherent innocent insolent insuffisant intelligent intermittent
negligent occident onguent opulent orient parent patient permanent pertinent precedent present
president prominent prudent quotient recent recipient resident reticent sergent solvent souvent
strident subsequent succulent talent torrent transparent trident turbulent urgent vent violent
virulent
"""
# Nouns and adjectives in -ent; any other word in -ent that is not in -ment is a verb's plural.
_NOT_VERBS_IN_ENT: Final = frozenset(_NOT_VERBS_IN_ENT_TEXT.split())
# The third person plural of verbs in -mer: the only ones in -ment that are no nouns.
_VERBS_IN_MENT: Final = re.compile(
    r"(?:^aim|^anim|^nomm|form|ferm|firm|prim|stim|clam|gramm|somm|ssum|sum|lam|ntam|eprim)ent$"
)
# Longest first; what Snowball would know by its accent, said again.
_REACCENT: Final = (
    (re.compile(r"ees$"), "ées"),
    (re.compile(r"ee$"), "ée"),
    (re.compile(r"erent$"), "èrent"),
    (re.compile(r"ites$"), "ités"),
    (re.compile(r"ite$"), "ité"),
)
_FICATION: Final = re.compile(r"fications?$|ficat(?:eurs?|rices?)$")
_MUNICATION: Final = re.compile(r"ications?$|icat(?:ifs?|ives?|eurs?|rices?)$")
# What is made of a noun in -ion is found with it: démissionner, positionnement, conventionnel.
_IONNER: Final = re.compile(
    r"ionn(?:er?|es|ez|ees?|ent|ants?|antes?|ements?|els?|elles?|ellement|eurs?|euses?|ait|aient)$"
)
_ITION: Final = re.compile(r"itions?$")  # définition, disposition: the verb's stem
_TEUR: Final = re.compile(r"t(?:eurs?|rices?)$")  # inspecteur, éditrice: as inspection, édition
_UMENT: Final = re.compile(r"ument(s?)$")  # document, argument: no suffix there
# Words in -os that are no plurals in -o.
_SINGULARS_IN_OS_TEXT = """
propos heros dos gros repos enclos os clos chaos cosmos depos impos albatros endos eros pathos
"""
_SINGULARS_IN_OS: Final = frozenset(_SINGULARS_IN_OS_TEXT.split())
_ATEUR: Final = ("ateur", "ateurs", "atrice", "atrices")
# Before a feminine or a verb's ending: travaill-, fonctionn-, nett-. Not s: basse is no base.
_DOUBLED: Final = re.compile(r"(?:ll|nn|tt)$")
_SHORTEST_UNDOUBLED: Final = 5
_SHORTEST_CUT: Final = 5  # letters that a rule of ours must leave
_CAIS: Final = re.compile(r"cais(?:es?)?$")


def _rewrite(word: str) -> str:
    """Rewrite a word that Snowball would break in a form that it understands."""
    if word.endswith("eux") and word[:-1] in _NOUNS_IN_EU:
        return word[:-1]
    if word.endswith("ent") and len(word) > 5:
        if word.endswith("ment"):
            return word[:-3] + "er" if _VERBS_IN_MENT.search(word) else word
        if not word.endswith(("erent", "aient", "issent")) and word not in _NOT_VERBS_IN_ENT:
            return word[:-3] + "er"
    if _FICATION.search(word):
        return _FICATION.sub("fier", word)
    if len(word) > 9 and _MUNICATION.search(word):
        return _MUNICATION.sub("iquer", word)
    for ending, accented in _REACCENT:
        if ending.search(word):
            return ending.sub(accented, word)
    return word


@lru_cache(maxsize=20_000)
def stem_french(word: str) -> str:
    """Stem a folded French word; the stem is folded too."""
    whole = _WHOLE.get(word) or _FEMININES_IN_QUE.get(word)
    if whole:
        return whole
    if _CAIS.search(word):
        return _CAIS.sub("cais", word)
    return _finish(_cut(word))


def _cut(word: str) -> str:
    """Take the endings off, by a rule of ours or by Snowball's."""
    word = _IONNER.sub("ion", word)
    if word.endswith("os") and word not in _SINGULARS_IN_OS:
        word = word[:-1]
    if len(word) > _SHORTEST_CUT + 1 and _UMENT.search(word):
        return _UMENT.sub("ument", word)
    definition = _ITION.sub("", word)
    if definition != word and len(definition) >= _SHORTEST_CUT and definition != "trans":
        return definition
    if len(word) >= 9 and _TEUR.search(word) and not word.endswith(_ATEUR):
        return _TEUR.sub("t", word)
    stem: str = _snowball_french.stemWord(_rewrite(word))
    return fold(stem)


def _finish(stem: str) -> str:
    """Bring together what stems still tell apart: payé and payer, licencié, travail, travaille."""
    if len(stem) > 2 and stem.endswith("y"):
        stem = stem[:-1] + "i"
    if len(stem) >= _SHORTEST_CUT and stem.endswith("i"):
        stem = stem[:-1]
    if len(stem) >= _SHORTEST_UNDOUBLED and _DOUBLED.search(stem):
        stem = stem[:-1]
    return stem


@lru_cache(maxsize=20_000)
def stem_english(word: str) -> str:
    """Stem a folded English word, marked so that it never meets a French one."""
    stem: str = _snowball_english.stemWord(word)
    return f"en|{stem}"
