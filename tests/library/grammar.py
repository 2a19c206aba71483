"""A small grammar of French, and a smaller one of English: sentences that nobody ever wrote.

Words are drawn by Zipf's law, so that a few stand everywhere and most stand seldom; nouns and
adjectives are inflected (plural, feminine), verbs agree, articles are elided and contracted.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

# Singular and gender; the plural takes an "s" but where it is given.
_NOUNS: Final = """
atelier m|commune f|quartier m|habitant m|coopérative f|jardin m|réseau:réseaux m|projet m
outil m|plateforme f|association f|territoire m|logement m|mobilité f|énergie f|bâtiment m
assemblée f|bibliothèque f|école f|usage m|règle f|marché m|monnaie f|récolte f|semence f
covoiturage m|vélo m|gare f|trajet m|chantier m|toiture f|rénovation f|chaufferie f|rivière f
forêt f|sol m|eau:eaux f|déchet m|compost m|recyclerie f|ressourcerie f|épicerie f|cuisine f
cantine f|livraison f|salarié m|employeur m|syndicat m|contrat m|télétravail:télétravaux m
formation f|apprentissage m|enseignant m|élève m|chercheur m|enquête f|donnée f|logiciel m
serveur m|algorithme m|capteur m|carte f|budget m|impôt m|subvention f|prêt m|banque f
fondation f|fablab m|tiers-lieu:tiers-lieux m|friche f|place f|rue f|parc m|musée m|théâtre m
fête f|récit m|archive f|mémoire f|voisin m|famille f|enfant m|médecin m|soin m|hôpital:hôpitaux m
maison f|crèche f|retraite f|aidant m|bénévole m|collectif m|mairie f|conseil m|élu m|débat m
vote m|pétition f|charte f|label m|norme f|brevet m|licence f|commun m|propriété f|bail:baux m
loyer m|foncier m|paysage m|littoral:littoraux m|montagne f|vallée f|hameau:hameaux m|bourg m
ferme f|élevage m|culture f|verger m|ruche f|abeille f|pêche f|port m|navire m|canal:canaux m
pont m|tramway m|autobus:autobus m|piéton m|trottoir m|éclairage m|panneau:panneaux m|réparation f
établi m|machine f|imprimante f|textile m|couture f|meuble m|bois:bois m|pierre f|argile f
orchestre m|chorale f|radio f|journal:journaux m|lecteur m|librairie f|édition f|traduction f
"""
# Masculine and feminine; the plurals take an "s" but where they are given.
_ADJECTIVES: Final = """
partagé:partagée|rural:rurale:ruraux|urbain:urbaine|local:locale:locaux|collectif:collective
solidaire:solidaire|durable:durable|public:publique|privé:privée|commun:commune|ancien:ancienne
nouveau:nouvelle:nouveaux|ouvert:ouverte|libre:libre|numérique:numérique|associatif:associative
citoyen:citoyenne|municipal:municipale:municipaux|scolaire:scolaire|industriel:industrielle
agricole:agricole|ouvrier:ouvrière|précaire:précaire|social:sociale:sociaux|égal:égale:égaux
mutuel:mutuelle|gratuit:gratuite|lent:lente|discret:discrète|patient:patiente|fragile:fragile
voisin:voisine|lointain:lointaine|côtier:côtière|montagnard:montagnarde|fluvial:fluviale:fluviaux
ferroviaire:ferroviaire|cyclable:cyclable|piéton:piétonne|sonore:sonore|manuel:manuelle
artisanal:artisanale:artisanaux|familial:familiale:familiaux|éphémère:éphémère|pérenne:pérenne
frugal:frugale:frugaux|réparable:réparable|évolutif:évolutive|participatif:participative
délibératif:délibérative|contractuel:contractuelle|juridique:juridique|foncier:foncière
"""
_VERBS: Final = """
organise:organisent|accueille:accueillent|partage:partagent|transforme:transforment
finance:financent|défend:défendent|répare:réparent|relie:relient|observe:observent
raconte:racontent|gouverne:gouvernent|protège:protègent|entretient:entretiennent
construit:construisent|invente:inventent|compare:comparent|mesure:mesurent|prolonge:prolongent
remplace:remplacent|réunit:réunissent|interroge:interrogent|soutient:soutiennent
précède:précèdent|complète:complètent|ralentit:ralentissent|ouvre:ouvrent|prend:prennent
cultive:cultivent|négocie:négocient|rassemble:rassemblent|décrit:décrivent|choisit:choisissent
"""
_OPENINGS: Final = (
    "", "", "", "", "Depuis dix ans, ", "Ici, ", "Pourtant, ", "Peu à peu, ", "À {place}, ",
    "Près de {place}, ", "Selon l’enquête, ", "Le plus souvent, ", "Aujourd’hui, ", "D’abord, ",
)  # fmt: skip
_EN_NOUNS: Final = """
workshop|town|neighbour|cooperative|garden|network|project|tool|platform|rule|market|harvest
seed|bicycle|station|journey|roof|river|forest|waste|kitchen|worker|contract|teacher|survey
budget|loan|bank|square|street|museum|archive|memory|household|volunteer|council|debate|licence
common|landscape|valley|farm|orchard|bee|harbour|bridge|pavement|repair|machine|fabric|stone
"""
_EN_ADJECTIVES: Final = """
shared|rural|urban|local|collective|durable|public|private|open|free|slow|patient|fragile
distant|manual|frugal|civic|mutual|ordinary|careful|borrowed|seasonal|municipal|stubborn
"""
_EN_VERBS: Final = """
organise|welcome|share|change|fund|defend|mend|connect|observe|govern|protect|build|compare
measure|replace|gather|question|support|follow|open|choose|describe
"""
_PLACE_STARTS: Final = (
    "Bré", "Cla", "Dor", "Éch", "Fru", "Gue", "Hou", "Jal", "Ker", "Lur", "Mon", "Nev", "Orv",
    "Pra", "Quin", "Rou", "Sau", "Tré", "Usc", "Ver",
)  # fmt: skip
_PLACE_ENDS: Final = (
    "voux", "mignac", "lieu", "bourg", "court", "ville", "nans", "zay", "gnon", "rac", "llac",
    "teil", "sanne", "thes", "loup",
)  # fmt: skip
_PLACE_TAILS: Final = ("", "", "", "-sur-Aune", "-le-Vieux", "-en-Plaine", "-la-Forge")


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun in both numbers."""

    one: str
    many: str
    is_feminine: bool


def _read_nouns() -> tuple[Noun, ...]:
    nouns = []
    for entry in _NOUNS.replace("\n", "|").strip("|").split("|"):
        forms, gender = entry.rsplit(" ", 1)
        one, _, many = forms.partition(":")
        nouns.append(Noun(one, many or one + "s", gender == "f"))
    return tuple(nouns)


def _read_adjectives() -> tuple[tuple[str, str, str, str], ...]:
    found = []
    for entry in _ADJECTIVES.replace("\n", "|").strip("|").split("|"):
        masculine, feminine, *plural = entry.split(":")
        many = plural[0] if plural else masculine + "s"
        found.append((masculine, feminine, many, feminine + "s"))
    return tuple(found)


NOUNS: Final = _read_nouns()
ADJECTIVES: Final = _read_adjectives()
VERBS: Final = tuple(pair.split(":") for pair in _VERBS.replace("\n", "|").strip("|").split("|"))
EN_NOUNS: Final = tuple(_EN_NOUNS.replace("\n", "|").strip("|").split("|"))
EN_ADJECTIVES: Final = tuple(_EN_ADJECTIVES.replace("\n", "|").strip("|").split("|"))
EN_VERBS: Final = tuple(_EN_VERBS.replace("\n", "|").strip("|").split("|"))
PLACES: Final = tuple(
    start + end + tail
    for start in _PLACE_STARTS
    for end in _PLACE_ENDS
    for tail in dict.fromkeys(_PLACE_TAILS)
)


def zipf(count: int, *, exponent: float = 1.07) -> list[float]:
    """Cumulative weights of `count` ranks, for `random.choices`."""
    return list(accumulate(1 / (rank + 2) ** exponent for rank in range(count)))


_NOUN_WEIGHTS: Final = zipf(len(NOUNS))
_ADJECTIVE_WEIGHTS: Final = zipf(len(ADJECTIVES))
_VERB_WEIGHTS: Final = zipf(len(VERBS))
_EN_WEIGHTS: Final = {len(words): zipf(len(words)) for words in (EN_NOUNS, EN_ADJECTIVES, EN_VERBS)}


def is_elided(word: str) -> bool:
    """Say whether an article loses its vowel before a word."""
    return word[0].lower() in "aeiouéèêhy" and not word.startswith(("hameau", "huit"))


def define(word: str, *, is_feminine: bool, is_many: bool = False) -> str:
    """A French noun with its definite article: "l’atelier", "les communes"."""
    if is_many:
        return f"les {word}"
    if is_elided(word):
        return f"l’{word}"
    return f"{'la' if is_feminine else 'le'} {word}"


def contract(defined: str) -> str:
    """What stands after "de": "du projet", "des communes", "de l’atelier"."""
    if defined.startswith("le "):
        return f"du {defined[3:]}"
    if defined.startswith("les "):
        return f"des {defined[4:]}"
    return f"de {defined}"


class Writer:
    """Writes about a topic: the words of a topic come first in its ranking, the rest follows.

    `draw` decides everything, so the same seed writes the same text.
    """

    def __init__(self, draw: random.Random, *, topic: int, places: Sequence[str]) -> None:
        self._draw = draw
        self._places = places
        shuffled = random.Random(f"topic {topic}")  # the same ranking for all texts on a topic
        self._nouns = shuffled.sample(NOUNS, len(NOUNS))
        self._adjectives = shuffled.sample(ADJECTIVES, len(ADJECTIVES))

    def noun(self) -> Noun:
        """A noun."""
        return self._draw.choices(self._nouns, cum_weights=_NOUN_WEIGHTS)[0]

    def group(self) -> tuple[str, bool]:
        """A noun with its article, often an adjective; and whether it is a plural."""
        noun = self.noun()
        is_many = self._draw.random() < 0.4
        words = define(
            noun.many if is_many else noun.one, is_feminine=noun.is_feminine, is_many=is_many
        )
        if self._draw.random() < 0.5:
            forms = self._draw.choices(self._adjectives, cum_weights=_ADJECTIVE_WEIGHTS)[0]
            words += " " + forms[noun.is_feminine + 2 * is_many]
        return words, is_many

    def sentence(self) -> str:
        """A sentence, with its full stop."""
        draw = self._draw
        subject, is_many = self.group()
        verb = draw.choices(VERBS, cum_weights=_VERB_WEIGHTS)[0][is_many]
        thing, _ = self.group()
        opening = draw.choice(_OPENINGS).format(place=draw.choice(self._places))
        more = ""
        if draw.random() < 0.6:
            more = draw.choice((" avec ", " pour ", " sans ", " et ")) + self.group()[0]
        if draw.random() < 0.3:
            more += f" {contract(self.group()[0])}"
        said = f"{opening}{subject} {verb} {thing}{more}"
        return said[0].upper() + said[1:] + draw.choice((".", ".", ".", ".", " ?", " !"))

    def paragraph(self) -> str:
        """Two to five sentences."""
        return " ".join(self.sentence() for _ in range(self._draw.randint(2, 5)))


class EnglishWriter:
    """Writes in English, from fewer words."""

    def __init__(self, draw: random.Random, *, topic: int, places: Sequence[str]) -> None:
        self._draw = draw
        self._places = places
        self._nouns = random.Random(f"topic {topic}").sample(EN_NOUNS, len(EN_NOUNS))

    def noun(self) -> str:
        """A noun in the singular."""
        return self._pick(self._nouns)

    def _pick(self, words: Sequence[str]) -> str:
        return self._draw.choices(words, cum_weights=_EN_WEIGHTS[len(words)])[0]

    def sentence(self) -> str:
        """A sentence, with its full stop."""
        subject, thing = self.noun(), self.noun()
        said = f"the {self._pick(EN_ADJECTIVES)} {subject}s {self._pick(EN_VERBS)} the {thing}"
        if self._draw.random() < 0.3:
            said += f" near {self._draw.choice(self._places)}"
        return said.capitalize() + "."

    def paragraph(self) -> str:
        """Two to five sentences."""
        return " ".join(self.sentence() for _ in range(self._draw.randint(2, 5)))
