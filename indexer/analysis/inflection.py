"""Which lemmas each form of French has: simplemma's one, and those that it leaves out.

simplemma gives a form one lemma: "salarié" the verb, "salariés" the noun, "actives" the verb.
Here a form gets every lemma that a search for it may mean, by rules over the dictionary alone:
a form that is itself a lemma, feminines of nouns, participles that became nouns. A form that is
the present tense of a verb and a noun as well ("règle", "élève") stays the noun only.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from indexer.analysis.conjugation import IRREGULAR_FRENCH, MODERN_VERBS, conjugate

Forms = Mapping[str, str]  # form -> lemma, in lower case

# (ending of a feminine lemma, ending of its masculine); the masculine must be a lemma, no verb.
_FEMININES: Final = (
    ("ière", "ier"),
    ("ère", "er"),
    ("trice", "teur"),
    ("euse", "eur"),
    ("euse", "eux"),
    ("enne", "en"),
    ("onne", "on"),
    ("elle", "el"),
    ("ive", "if"),
    ("ale", "al"),
    ("ée", "é"),
    ("ante", "ant"),
    ("ente", "ent"),
    ("ate", "at"),
    ("aine", "ain"),
    ("aise", "ais"),
    ("oise", "ois"),
    ("erte", "ert"),
    ("orte", "ort"),
    ("ite", "it"),
    ("ise", "is"),
    ("use", "us"),
    ("ue", "u"),
    ("ie", "i"),
    ("eure", "eur"),
    ("ète", "et"),
)
# Those that no present tense of a verb ends in: a form of them has its masculine in any case.
_ALWAYS_FEMININE: Final = frozenset({"ière", "trice", "euse", "enne", "ive", "ète"})
_MASCULINES: Final = {
    feminine: tuple(old for ending, old in _FEMININES if ending == feminine)
    for feminine, _ in _FEMININES
}
_SHORTEST_FEMININE: Final = 6
_NOT_FEMININES_TEXT = """
colonne tonne consonne nonne bonne vente pente rente fente tente plante tante attente entente
matière manière carrière lumière barrière prière bannière glacière colère misère commère cafetière
charrière tourbière meurtrière sablière morale cathédrale finale médecine machine bassine partie
garantie batterie sortie série saisie envie mairie scie poulie copie folie latte dette datte
patente détente descente limite visite suite fuite conduite marmite élite guérite
mise remise crise chemise église surprise entreprise maîtrise devise balise cerise franchise
friandise statue avenue revenue retenue étendue issue venue rue morue laitue tortue battue cohue
bienvenue excuse écluse méduse ruse cuse antenne persienne haleine laine peine
semaine douzaine dizaine centaine quinzaine trentaine fontaine plaine graine veine gaine migraine
porcelaine pirate date tomate cravate automate sonate cantate frégate formate saleté
chaise fraise braise glaise falaise ardoise toise framboise courante tourmente charpente
demeure heure journée année idée contrée vallée orchidée rangée allée dictée chaussée marée fusée
bouchée poignée cuillerée soirée matinée durée armée épée fée poupée trouée chevauchée
parole voyelle échelle selle pelle ruelle chapelle dentelle poubelle prunelle querelle
motive initiative archive lessive olive rive gencive salive endive personne couronne
"""
# Nouns that look like the feminine of another, and are not.
_NOT_FEMININES: Final = frozenset(_NOT_FEMININES_TEXT.split())
_INVARIABLE_TEXT = """
fois pas dans mais sens bois mois pois puis cas gens mars temps corps poids bras bas las gras gros
dos jus plus sous vers ours iris bus virus campus cactus palais relais marais engrais succès accès
procès progrès congrès excès décès abcès près très après exprès auprès choix voix croix noix paix
prix faix taux faux chaux houx roux doux deux mieux vieux heureux creux
"""
# Words that end as a plural does and are none, though the language has what would be the singular.
_INVARIABLE: Final = frozenset(_INVARIABLE_TEXT.split())
_ALONE_TEXT = """
temps printemps contretemps corps pays avis refus repos propos enclos clos héros chaos cosmos
tétanos rhinocéros albatros os abus obus rébus terminus hiatus papyrus utérus foetus humus laïus
surplus talus pus autobus omnibus bonus malus corpus cursus lotus consensus processus prospectus
colis devis permis tapis radis brebis souris paradis coloris sursis croquis logis parvis huis cens
encens fonds tréfonds remous dessous dessus dehors hors alors lors dès auprès toujours parfois
longtemps autrefois quelquefois toutefois tard tôt aussitôt bientôt plutôt trop assez beaucoup
guère moins davantage ailleurs partout dedans delà deçà déjà demain hier loin ensemble volontiers
néanmoins pourtant cependant désormais dorénavant auparavant tandis vite souvent presque ainsi
aussi surtout tant tantôt onze douze treize quatorze quinze seize vingt trente quarante cinquante
soixante cent mille internet intranet stress index jazz tennis gaz riz nez quartz quiz cadenas
lilas verglas matelas repas trépas amas atlas canevas biais rabais harnais jamais époux flux
afflux influx reflux toux houx moeurs obsèques funérailles fiançailles ténèbres alentours puits
débris bris univers revers travers divers envers concours secours discours parcours recours
velours cours tiers savon taille tabac tempo mazout covoiturage colocation gouvernance courriel
numérisation maïs
"""
# Words that the dictionary leaves out, because they are their own lemma and have one form.
_ALONE: Final = frozenset(_ALONE_TEXT.split()) | _INVARIABLE
# What is set before a word to make another, and what is set after one.
_PREFIXES: Final = (
    "télé", "micro", "auto", "anti", "inter", "multi", "pluri", "ultra", "hyper", "super", "sous",
    "contre", "trans", "post", "néo", "bio", "éco", "sur", "pré", "dé", "ré", "re", "co",
    "photo", "neuro", "radio", "mono", "poly", "thermo", "psycho", "hydro", "électro", "méta",
    "para", "péri", "aéro", "cyber", "rétro", "macro", "hypo", "intra", "proto", "ethno", "agro",
    "extra", "nano", "socio", "géo", "dés",
)  # fmt: skip
_SUFFIXES: Final = (
    ("amment", ("ant",)),
    ("emment", ("ent",)),
    ("ément", ("é", "e")),
    ("ement", ("e",)),
    ("iment", ("i",)),
    ("ument", ("u",)),
    ("ûment", ("u",)),
    ("able", ("er",)),
    ("isation", ("iser", "e", "")),
    ("age", ("er",)),
    ("atage", ("at",)),
    ("ater", ("at",)),
    ("abilité", ("able", "er")),
    ("ibilité", ("ible",)),
    ("alité", ("al", "el")),
    ("ivité", ("if",)),
    ("osité", ("eux",)),
    ("arité", ("aire",)),
    ("icité", ("ique",)),
    ("ité", ("e",)),
    ("isme", ("", "e", "ique")),
    ("iste", ("", "e", "ique", "isme")),
    ("iser", ("", "e", "ique")),
    ("eur", ("er",)),
    ("euse", ("er",)),
    ("ateur", ("er",)),
    ("atif", ("er",)),
    ("ative", ("er",)),
    ("erie", ("e", "er")),
)
# Before a name that a form has in texts only: the verb of a noun that looks like its participle or
# is its action. Who types the noun does not mean the verb.
KIN_MARK: Final = "^"
_NOUNS_LIKE_VERBS: Final = re.compile(r"(?:e|es|ons)$")
_VERBS_IN_ONS_TEXT = """
avançons cassons élevons fions frottons gardons interférons jetons lançons menons mesurons mourons
péchons plantons plions prions raclons rejetons retirons sautons scions taillons tapons tenons
testons unissons visons ébauchons
"""
# What is as much "nous" and a verb as the plural of a noun, which is rare: both are meant.
_VERBS_IN_ONS: Final = frozenset(_VERBS_IN_ONS_TEXT.split())
_SHORTEST_BASE: Final = 4  # letters of what a prefix stands before
_SHORTEST_STEM: Final = 3
_SHORTEST_SUFFIXED: Final = 5  # letters of what a word with a suffix is made of
_HARDLY_VERBS_TEXT = """
affairer attenter baller bander batailler bomber boucher briquer canner casquer caver ceinturer
cendrer clocher cocher coffrer commercer corser courser couturer curer cuver damer distancer
écluser encrer étager feuiller foirer gager lainer lessiver liguer machiner monder nacrer ombrer
peiner piler plancher pocher pommer priser remiser repriser revancher rouer ruer tabler tonner
trousser vaguer voiturer
"""
# Verbs that texts hardly have, and whose present tense is a noun that they often have: six million
# words of three collections have these nouns thirty times as often as all other forms of the verb.
HARDLY_VERBS: Final = frozenset(_HARDLY_VERBS_TEXT.split())
# Endings of plurals, and those of their singulars.
_PLURALS: Final = (
    ("eaux", ("eau",)),
    ("aux", ("al", "ail", "au")),
    ("eux", ("eu", "eux")),
    ("ois", ("oi", "ois")),
    ("ais", ("ai", "ais")),
    ("oux", ("ou",)),
    ("sses", ("sse", "ss")),
    ("ches", ("che", "ch")),
    ("shes", ("she", "sh")),
    ("xes", ("xe", "x")),
    ("ies", ("ie", "y")),
    ("s", ("",)),
    ("men", ("man", "men")),
)
# Plurals kept from other languages, of nouns that the dictionary has: symposia, scenarii, cocci.
_ENDS_OF_PLURALS: Final = tuple(end for end, _ in _PLURALS)
_LEARNED_PLURALS: Final = (("um", "a"), ("o", "i"), ("us", "i"), ("men", "mina"))
_SHORTEST_LEARNED: Final = 5
_SHORTEST_SINGULAR: Final = 3
_NOT_PARTICIPLES_TEXT = """
marché cité député fossé pavé café côté comité traité blé thé carré curé degré procédé santé été
liberté société beauté qualité parti abri tri cri pari souci appui ennui essai marchés cités
députés fossés pavés cafés côtés traités curés procédés partis abris paris mépris méprise méprises
usagé usagée usagés usagées usagers
"""
# Nouns that look like participles of a verb that is another word.
_NOT_PARTICIPLES: Final = frozenset(_NOT_PARTICIPLES_TEXT.split())
_NOUNS_OF_PARTICIPLES_TEXT = """
agonie armée assemblée assise astreinte atteinte bordée bouffée brassée chambrée chaussée cheminée
chevauchée chicorée cognée conduite contrainte contrée coordonnée couvée criée crue curée cuvée
cylindrée décrue défaite dénivelée déprise députée dictée durée éclaircie embellie enjambée entrée
entremise entreprise entrevue envolée étendue étreinte fauchée feinte fessée feuillée fiancée
flambée fondue foulée fournée fricassée fumée fusée garantie gelée giclée gorgée huée jetée
jonchée jurée lampée levée lignée mainmise marmitée mêlée mise mue nichée ombrée partie peignée
pelletée pensée pincée plainte plumée poêlée poignée portée poussée prise prostituée raclée ramée
randonnée rangée reconduite redécouverte régie remise renommée rentrée reprise retenue retombée
revue rossée ruée saignée saillie saisie sortie surprise tablée tenue tétée tournée traînée
tranchée trouée veillée venue virée vue
"""
# Feminine participles that became a noun, which is what is meant by who types them. The dictionary
# has others as nouns too ("tirée", "posée", "louée"): texts have them as participles.
_NOUNS_OF_PARTICIPLES: Final = frozenset(_NOUNS_OF_PARTICIPLES_TEXT.split())
_PARTICIPLES_AS_PLURALS_TEXT = """
atteinte bordée brassée conduite étendue fauchée huée jetée jonchée levée mise ombrée peignée plumée
portée prise raclée reconduite redécouverte régie remise retenue saisie tenue venue
"""
# Those whose plural is the participle nearly always ("les barrières levées"): of 2,900 such plurals
# in three collections one in seven follows an article or its like.
_PARTICIPLES_AS_PLURALS: Final = frozenset(
    f"{noun}s" for noun in _PARTICIPLES_AS_PLURALS_TEXT.split()
)
_PARTICIPLE: Final = re.compile(r"(.+?)(é|i|u)(?:e|s|es)?$")
# Endings that only verbs in -er have, and forms that show that a word in -er is one.
_VERBS_IN_ER: Final = ("iser", "ifier", "quer", "onner")
_PROOFS: Final = ("é", "és", "ée", "ées", "ait", "ez", "ons", "ent", "ant", "era", "èrent")
_IMPERSONAL: Final = frozenset({"pleuvoir", "falloir"})
_INFINITIVES: Final = {"é": ("er",), "i": ("ir",), "u": ("re", "ir", "oir")}
# What a verb's action is called, and the verb: found with each other ("rénovation", "rénover").
_ACTIONS: Final = (
    ("fication", "fier"),
    ("ication", "iquer"),
    ("ation", "er"),
    ("ition", "ir"),
    ("ition", "er"),
)


def read_forms(dictionary: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give every form of a dictionary (form -> lemma) its lemmas, the likeliest first."""
    return _Inflections(dictionary).read()


def list_singulars(word: str) -> list[str]:
    """List what a word may be the plural of, the likeliest first: the longest ending that fits."""
    if word.endswith("zs"):  # "donnezs" is a mistake
        return []
    if word.endswith(("ss", "us")) and not word.endswith(("ous", "eus", "aus")):
        return [word[:-1]] if word.endswith("us") else []
    if not word.endswith(_ENDS_OF_PLURALS):
        return []
    for ending, singulars in _PLURALS:
        if word.endswith(ending) and len(word) > len(ending):
            return [word.removesuffix(ending) + singular for singular in singulars]
    return []


# Endings of feminines that are surely so, with those of their masculines.
_SURE_FEMININES: Final = (
    ("trice", ("teur",)),
    ("euse", ("eur", "eux")),
    ("ière", ("ier",)),
    ("iere", ("ier",)),
    ("ère", ("er",)),
    ("enne", ("en",)),
    ("eure", ("eur",)),
    ("ive", ("if",)),
    ("ante", ("ant",)),
    ("ente", ("ent",)),
    ("aise", ("ais",)),
    ("oise", ("ois",)),
    ("arde", ("ard",)),
    ("ée", ("é",)),
)
_MAYBE_FEMININES: Final = (
    ("onne", ("on",)),
    ("elle", ("el",)),
    ("ette", ("et",)),
    ("ète", ("et",)),
    ("ère", ("er",)),
    ("ale", ("al",)),
    ("ine", ("in",)),
    ("aine", ("ain",)),
    ("ite", ("it",)),
    ("ate", ("at",)),
    ("ise", ("is",)),
    ("ue", ("u",)),
    ("ie", ("i",)),
    ("ee", ("é",)),
)
_ENDS_OF_FEMININES: Final = tuple(end for end, _ in (*_SURE_FEMININES, *_MAYBE_FEMININES))
_ENDS_OF_MASCULINES: Final = tuple({end for _, ends in _SURE_FEMININES for end in ends})
# Endings of a verb in -er that no noun has, then all others; its stem's last letters may change.
_SURE_VERB_ENDINGS: Final = (
    "eraient", "assions", "assent", "issent", "erions", "erons", "assiez", "eront",
    "erait", "erais", "eriez", "èrent", "aient", "âmes", "âtes", "erez", "erai", "ait", "iez",
)  # fmt: skip
_VERB_ENDINGS: Final = (
    *_SURE_VERB_ENDINGS, "eras", "asse", "era", "ions", "ais", "ons",
    "ant", "ent", "ées", "ée", "és", "ez", "ai", "as", "es", "é", "a", "e",
)  # fmt: skip
_VERB_STEMS: Final = (("ç", "c"), ("ge", "g"), ("i", "y"), ("ll", "l"), ("tt", "t"), ("", ""))
_SHORTEST_VERB_STEM: Final = 3
_SHORTEST_MASCULINE: Final = 5


def list_lemmas(word: str) -> Iterator[str]:
    """Yield what a singular may be a form of: the masculine of a feminine, a verb in -er."""
    # Most words have none of these endings: asked of all at once, that is soon known.
    if word.endswith(_ENDS_OF_FEMININES):
        for endings in (_SURE_FEMININES, _MAYBE_FEMININES):
            yield from _replace_ending(word, endings)
    if not word.endswith(_VERB_ENDINGS):
        return
    for ending in _VERB_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_VERB_STEM:
            for changed, plain in _VERB_STEMS:
                if stem.endswith(changed):
                    yield stem.removesuffix(changed) + plain + "er"


def list_sure_lemmas(word: str) -> Iterator[str]:
    """Yield what a singular is a form of, as its ending alone tells."""
    if word.endswith(_ENDS_OF_FEMININES):
        yield from _replace_ending(word, _SURE_FEMININES)
    if not word.endswith(_SURE_VERB_ENDINGS):
        return
    for ending in _SURE_VERB_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + _SHORTEST_VERB_STEM:
            yield word.removesuffix(ending) + "er"
            return


def list_feminines(word: str) -> Iterator[str]:
    """Yield the feminines that a masculine may have."""
    if not word.endswith(_ENDS_OF_MASCULINES):
        return
    for feminine, masculines in _SURE_FEMININES:
        for masculine in masculines:
            if word.endswith(masculine) and len(word) >= _SHORTEST_MASCULINE:
                yield word.removesuffix(masculine) + feminine


def _replace_ending(word: str, endings: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    for ending, others in endings:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            yield from (word.removesuffix(ending) + other for other in others)


def list_bases(word: str) -> Iterator[str]:
    """Yield what a word may be made of: "rapidement" of "rapide", "télétravail" of "travail"."""
    for one in (word, word.removesuffix("s")) if word.endswith("s") else (word,):
        for ending, bases in _SUFFIXES:
            stem = one.removesuffix(ending)
            if stem != one and len(stem) >= _SHORTEST_STEM:
                made = (stem + base for base in bases)
                yield from (base for base in made if len(base) >= _SHORTEST_SUFFIXED)
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) > len(prefix) + _SHORTEST_BASE:
            yield word.removeprefix(prefix)


class _Inflections:
    """The rules over one dictionary."""

    def __init__(self, dictionary: Mapping[str, str]) -> None:
        self._lemma_of: dict[str, str] = {}
        for form, lemma in dictionary.items():
            if form == form.lower():  # names are left to the stemmer
                self._lemma_of[_undo(form)] = _undo(lemma.lower())
        self._lemmas = set(self._lemma_of.values())
        self._verbs = set(self._find_verbs())
        self._participles: set[str] = set()  # feminine, singular
        self._conjugated = self._conjugate()
        self._own: dict[str, list[str]] = {}
        for line in (*IRREGULAR_FRENCH.split("\n"), *_ALONE):
            forms = [_undo(form) for form in line.split()]
            for form in forms:
                self._own.setdefault(form, []).append(forms[0])

    def _find_verbs(self) -> Iterator[str]:
        """Yield the lemmas that have forms of the imperfect."""
        for form, lemma in self._lemma_of.items():
            if form.endswith("aient") and lemma.endswith(("er", "ir", "re", "ïr")):
                yield lemma

    def read(self) -> dict[str, tuple[str, ...]]:
        """Give every form with its lemmas."""
        forms = {form: self._find_lemmas(form) for form in {*self._lemma_of, *self._own}}
        for form in self._lemmas - forms.keys():
            forms[form] = self._find_lemmas(form)
        self._join_numbers(forms)
        _join_spellings(forms)
        for form in self._conjugated.keys() - forms.keys():
            forms[form] = self._find_lemmas(form)
        return forms

    def _conjugate(self) -> dict[str, list[str]]:
        """Give the verbs of every form that a conjugation makes, the dictionary has it or not."""
        made: dict[str, list[str]] = {}
        for verb in sorted(self._list_infinitives()):
            conjugation = conjugate(verb, self._lemma_of)
            if conjugation is None:
                continue
            self._participles.update(form for form in conjugation.sure if form.endswith("e"))
            kept = [
                verb,
                *conjugation.sure,
                *(form for form in conjugation.likely if not self._is_another(form, verb)),
                *(form for form in conjugation.rare if self._lemma_of.get(form, verb) == verb),
            ]
            for form in kept:
                if form not in _ALONE and form not in _NOT_PARTICIPLES:
                    made.setdefault(form, []).append(verb)
        return made

    def _list_infinitives(self) -> Iterator[str]:
        """Yield the verbs of the dictionary, those too that it has few forms of."""
        yield from self._verbs
        yield from {*(self._lemmas & _IMPERSONAL), *MODERN_VERBS.split()} - self._verbs
        for lemma in self._lemmas - self._verbs - set(MODERN_VERBS.split()):
            if not lemma.endswith("er"):
                continue
            forms = (lemma.removesuffix("er") + ending for ending in _PROOFS)
            if lemma.endswith(_VERBS_IN_ER) or any(
                self._lemma_of.get(form) == lemma for form in forms
            ):
                yield lemma

    def _is_another(self, form: str, verb: str) -> bool:
        """Tell whether a form of a verb is another word as well, and no other verb's form."""
        lemma = self._lemma_of.get(form, verb)
        return form in self._lemmas or (lemma != verb and lemma not in self._verbs)

    def _join_numbers(self, forms: dict[str, tuple[str, ...]]) -> None:
        """Let plurals and singulars of the dictionary share a name."""
        for singular in sorted(form for form in forms if len(form) >= _SHORTEST_LEARNED):
            for ending, plural in _LEARNED_PLURALS:
                if singular.endswith(ending):
                    learned = singular.removesuffix(ending) + plural
                    forms.setdefault(learned, forms[singular])
        for singular in sorted(form for form in forms if form.endswith("e")):
            # "absentes": "absenter", and "absent" as "absente" is.
            if (plural := f"{singular}s") in forms and plural not in _INVARIABLE:
                more = (each for each in forms[singular] if KIN_MARK + each not in forms[plural])
                forms[plural] = tuple(dict.fromkeys((*forms[plural], *more)))
        for plural in sorted(form for form in forms if form.endswith(("s", "x"))):
            for singular in list_singulars(plural):
                names = forms.get(singular)
                if names is None or len(singular) < _SHORTEST_SINGULAR or plural in _INVARIABLE:
                    continue
                if set(names).isdisjoint(forms[plural]):  # "terrasse": "terrer"; and no "terrasser"
                    forms[plural] = (*forms[plural], singular)
                    forms[singular] = tuple(dict.fromkeys((*names, singular)))

    def _find_lemmas(self, form: str) -> tuple[str, ...]:
        lemma = self._lemma_of.get(form, form)
        names = [*self._own.get(form, ())]
        if form in self._lemmas and lemma != form:
            names.append(form)
        singular = form.removesuffix("s")
        if lemma not in (form, singular) and self._lemma_of.get(singular) == singular:
            names.append(singular)  # "taxes": "taxer", and so "taxe"
        names.append(lemma)
        further = self._lemma_of.get(lemma, lemma)
        if further != lemma:  # "lue": "lu", and so "lire"
            names.append(further)
        verbs = [*self._conjugated.get(form, ())]
        verbs += [verb for verb in self._find_infinitives(form) if verb in self._verbs]
        kin: list[str] = []
        is_noun = self._is_noun(form)
        if is_noun or form in _PARTICIPLES_AS_PLURALS:
            kin = [name for name in (*names, *verbs) if name in HARDLY_VERBS]
            names = [name for name in names if name not in kin]
            verbs = [name for name in verbs if name not in kin]
        if is_noun:
            kin, verbs = [*kin, *verbs], []
        names += verbs
        kin += [verb for verb in _list_verbs_of_action(lemma) if verb in self._verbs]
        for name in tuple(names):
            names += self._find_masculines(name, _MASCULINES.keys())
        names += self._find_masculines(form.removesuffix("s"), _ALWAYS_FEMININE)
        names += [KIN_MARK + verb for verb in kin if verb not in names]
        return tuple(dict.fromkeys(names))

    def _is_noun(self, form: str) -> bool:
        """Tell whether a form that a verb may have as well is a noun first: "reprise", "rayons"."""
        singular = form.removesuffix("s")
        if form in _VERBS_IN_ONS:
            return False
        if singular in self._participles and (
            singular not in _NOUNS_OF_PARTICIPLES or form in _PARTICIPLES_AS_PLURALS
        ):
            return False
        nouns = {form, singular} & self._lemmas
        return bool(nouns - self._verbs) and _NOUNS_LIKE_VERBS.search(form) is not None

    def _find_infinitives(self, form: str) -> Iterator[str]:
        """Yield the verbs whose participle a form may be."""
        found = _PARTICIPLE.fullmatch(form)
        if found is None or form in _NOT_PARTICIPLES:
            return
        root, vowel = found[1], found[2]
        for ending in _INFINITIVES[vowel]:
            yield root + ending

    def _find_masculines(self, word: str, endings: Collection[str]) -> Iterator[str]:
        """Yield the masculine of what may be a feminine, when there is such a noun or adjective."""
        if len(word) < _SHORTEST_FEMININE or word in _NOT_FEMININES:
            return
        for length in range(2, 6):
            ending = word[-length:]
            if ending not in endings:
                continue
            for masculine_ending in _MASCULINES[ending]:
                masculine = word[:-length] + masculine_ending
                if masculine in self._lemmas and masculine not in self._verbs:
                    yield masculine


_OPEN_E: Final = re.compile("è[^aeiouyéè]+[aeiouyéè]")


def _join_spellings(forms: dict[str, tuple[str, ...]]) -> None:
    """Let two spellings of a word share a name: "évènement", since 1990, and "événement"."""
    # At the end it is another word: "près" and "prés".
    for form in sorted(filter(_OPEN_E.search, forms)):
        older = form.replace("è", "é")
        if older in forms and set(forms[form]).isdisjoint(forms[older]):
            forms[form] = (*forms[form], *forms[older])


def _list_verbs_of_action(noun: str) -> Iterator[str]:
    """Yield the infinitives that a noun may be made of."""
    for ending, infinitive in _ACTIONS:
        if noun.endswith(ending):
            yield noun.removesuffix(ending) + infinitive


def _undo(word: str) -> str:
    """Undo ligatures, as `characters.normalise` does."""
    return word.replace("œ", "oe").replace("æ", "ae")
