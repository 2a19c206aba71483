"""Every form of a French verb, made from its infinitive; forms that no rule makes, one by one.

Verbs in -er and those in -ir with -iss- have one rule each; all others go by families, told by
how the infinitive ends ("tenir": "obtenir", "soutenir"), with the stems that forms are made of.
Forms are grouped by how surely they are the verb's, for many are another word as well.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple


class Conjugation(NamedTuple):
    """The forms of a verb, in lower case; a form may be in several groups."""

    sure: frozenset[str]  # "plantons", "résolues": the verb's, whatever other word they are
    likely: frozenset[str]  # "plantes", "plantions": the verb's, unless a noun is written so
    rare: frozenset[str]  # "planta", "plantassent": the verb's, unless any other word is


class _Family(NamedTuple):
    """Stems that replace the ending of an infinitive; none for forms that it lacks."""

    present: tuple[str, ...]  # whole forms of the singular
    us: tuple[str, ...]  # before -ons, -ez, -ait, -ant
    them: tuple[str, ...]  # before -ent and the -e of the subjunctive
    future: tuple[str, ...]  # before -a, -ait
    past: tuple[str, ...]  # before -t, -rent: ends in the vowel
    participle: tuple[str, ...]  # masculine
    others: tuple[str, ...]  # whole forms


# Ending of the infinitive (the whole of it after "="), then the fields of a family; "~" for none.
_FAMILIES_TEXT: Final = """
tenir tiens,tient ten tienn tiendr tin tenu
venir viens,vient ven vienn viendr vin venu
prendre prends,prend pren prenn prendr pri pris
mettre mets,met mett mett mettr mi mis
duire duis,duit duis duis duir duisi duit
truire truis,truit truis truis truir truisi truit
cuire cuis,cuit cuis cuis cuir cuisi cuit
nuire nuis,nuit nuis nuis nuir nuisi nui
luire luis,luit luis luis luir luisi lui
aindre ains,aint aign aign aindr aigni aint
eindre eins,eint eign eign eindr eigni eint
joindre joins,joint joign joign joindr joigni joint
connaître connais,connaît,connait connaiss connaiss connaîtr,connaitr connu connu
paraître parais,paraît,parait paraiss paraiss paraîtr,paraitr paru paru
repaître repais,repaît repaiss repaiss repaîtr repu repu
naître nais,naît,nait naiss naiss naîtr,naitr naqui né
croître crois,croît croiss croiss croîtr ~ ~ crû
accroître accrois,accroît accroiss accroiss accroîtr accru accru
décroître décrois,décroît décroiss décroiss décroîtr décru décru
courir cours,court cour cour courr couru couru
ouvrir ouvre,ouvres ouvr ouvr ouvrir ouvri ouvert
ffrir ffre,ffres ffr ffr ffrir ffri ffert
quérir quiers,quiert quér quièr querr qui quis
cevoir çois,çoit cev çoiv cevr çu çu
mouvoir meus,meut mouv meuv mouvr mu mu mû
coudre couds,coud cous cous coudr cousi cousu
soudre sous,sout solv solv soudr solu sous
résoudre résous,résout résolv résolv résoudr résolu résolu
moudre mouds,moud moul moul moudr moulu moulu
asseoir assieds,assied,assois,assoit assey,assoy assey,assoi assiér,assoir assi assis
croire crois,croit croy croi croir cru cru
faire fais,fait fais fass fer fi fait font,faites
dire dis,dit dis dis dir di dit dites
maudire maudis,maudit maudiss maudiss maudir maudi maudit
lire lis,lit lis lis lir lu lu
crire cris,crit criv criv crir crivi crit
suivre suis,suit suiv suiv suivr suivi suivi
vivre vis,vit viv viv vivr vécu vécu
vaincre vaincs,vainc vainqu vainqu vaincr vainqui vaincu
clure clus,clut clu clu clur clu clu
inclure inclus,inclut inclu inclu inclur inclu inclus
clore clos,clôt clos clos clor ~ clos
battre bats,bat batt batt battr batti battu
rompre romps,rompt romp romp rompr rompi rompu
vêtir vêts,vêt vêt vêt vêtir vêti vêtu
bouillir bous,bout bouill bouill bouillir bouilli bouilli
ssaillir ssaille,ssailles ssaill ssaill ssaillir ssailli ssailli
cueillir cueille,cueilles cueill cueill cueiller cueilli cueilli
fuir fuis,fuit fuy fui fuir fui fui
mourir meurs,meurt mour meur mourr mouru mort
partir pars,part part part partir parti parti
sortir sors,sort sort sort sortir sorti sorti
mentir mens,ment ment ment mentir menti menti
sentir sens,sent sent sent sentir senti senti
repentir repens,repent repent repent repentir repenti repenti
dormir dors,dort dorm dorm dormir dormi dormi
servir sers,sert serv serv servir servi servi
savoir sais,sait sav sav,sach saur su su sachant,sachez,sachons
devoir dois,doit dev doiv devr du du dû
pouvoir peux,peut pouv peuv,puiss pourr pu pu
vouloir veux,veut voul veul,veuill voudr voulu voulu veuillez
valoir vaux,vaut val val,vaill vaudr valu valu
=voir vois,voit voy voi verr vi vu
revoir revois,revoit revoy revoi reverr revi revu
entrevoir entrevois,entrevoit entrevoy entrevoi entreverr entrevi entrevu
prévoir prévois,prévoit prévoy prévoi prévoir prévi prévu
pourvoir pourvois,pourvoit pourvoy pourvoi pourvoir pourvu pourvu
pleuvoir pleut pleuv pleuv pleuvr plu plu
falloir faut fall ~ faudr fallu fallu
échoir échois,échoit échoy échoi échoir,écherr échu échu échéant
laire lais,laît,lait lais lais lair lu lu
=taire tais,tait tais tais tair ~ ~
=rire ris,rit ri ri rir ri ri
sourire souris,sourit souri souri sourir souri souri
suffire suffis,suffit suffis suffis suffir suffi suffi
confire confis,confit confis confis confir confi confit
boire bois,boit buv boiv boir bu bu
haïr hais,hait haïss haïss haïr haï haï
xtraire xtrais,xtrait xtray xtrai xtrair ~ xtrait
straire strais,strait stray strai strair ~ strait
endre ends,end end end endr endi endu
andre ands,and and and andr andi andu
ondre onds,ond ond ond ondr ondi ondu
erdre erds,erd erd erd erdr erdi erdu
ordre ords,ord ord ord ordr ordi ordu
=aller vais,va,vas all all,aill ir alla allé vont
"""
# Verbs that end as a family does, and whose forms are other words': "point" and "pointe".
_LONE_TEXT: Final = "avoir être enceindre empreindre complaindre contraire"
_LONE: Final = frozenset(_LONE_TEXT.split())
_FUTURE: Final = ("ons", "ez", "ont", "iez", "aient")
_LIKELY_FUTURE: Final = ("ai", "as", "a", "ais", "ait", "ions")  # "minerai", "caméra"
_SUBJUNCTIVE: Final = ("e", "es", "ent")
_PARTICIPLES_IN_ER: Final = ("é", "és", "ée", "ées")
_MUTE_E: Final = re.compile(r"e(?=(?:vr|[bcdfglmnpqrstvz]|qu|gu)$)")
_CLOSED_E: Final = re.compile(r"é(?=(?:[bcdfghjklmnpqrstvxz]|(?<=[gq])u){1,3}$)")
_CIRCUMFLEX: Final = {"a": "â", "i": "î", "u": "û"}


def conjugate(infinitive: str, known: Collection[str]) -> Conjugation | None:
    """Conjugate a verb; give None for what is no verb of these families.

    `known` are forms that a dictionary has: a verb in -ir is of those in -iss- when they are there.
    """
    if infinitive in _LONE:
        return None
    stem = infinitive[:-2]
    if infinitive.endswith("er") and infinitive != "aller":
        return _conjugate_in_er(stem)
    if infinitive.endswith("ir") and (f"{stem}issait" in known or f"{stem}issaient" in known):
        return _spell(_make_regular(stem))
    family = _find_family(infinitive)
    return None if family is None else _spell(family)


def _conjugate_in_er(stem: str) -> Conjugation:
    before_a = stem[:-1] + "ç" if stem.endswith("c") else stem + "e" * stem.endswith("g")
    mute = _list_mute_stems(stem)
    roots = {*mute, *((stem,) if _CLOSED_E.search(stem) else ())}
    futures = [root + "er" for root in roots]
    if stem.endswith("envoy"):
        futures.append(stem.removesuffix("oy") + "err")
    sure = {
        before_a + "ons",
        before_a + "aient",
        *_join([stem], ("ez", "iez", *_PARTICIPLES_IN_ER)),
    }
    likely = {*_join(mute, _SUBJUNCTIVE), stem + "ions"}
    rare = {*_join([before_a], ("a", "as", "ai", "âmes", "âtes", "ât", "asse", "asses", "assent"))}
    return Conjugation(
        frozenset(sure | {*_join(futures, _FUTURE)}),
        frozenset(
            likely | {*_join([before_a], ("ais", "ait", "ant")), *_join(futures, _LIKELY_FUTURE)}
        ),
        frozenset(rare | {stem + "èrent", before_a + "assions", before_a + "assiez"}),
    )


def _list_mute_stems(stem: str) -> list[str]:
    """List what a stem in -er becomes before a mute e: "espèr", "appell", "emploi"."""
    if stem.endswith(("ay", "ey")):
        return [stem[:-1] + "i", stem]
    if stem.endswith(("oy", "uy")):
        return [stem[:-1] + "i"]
    if _CLOSED_E.search(stem):
        return [_CLOSED_E.sub("è", stem)]
    if not _MUTE_E.search(stem):
        return [stem]
    doubled = [stem + stem[-1]] if stem.endswith(("el", "et")) else []
    return [_MUTE_E.sub("è", stem), *doubled]


def _make_regular(stem: str) -> _Family:
    """Give the family of a verb in -ir with -iss-."""
    present, plural = (stem + "is", stem + "it"), (stem + "iss",)
    return _Family(present, plural, plural, (stem + "ir",), (stem + "i",), (stem + "i",), ())


def _find_family(infinitive: str) -> _Family | None:
    """Find the family of a verb: the longest ending that fits, its root before every stem."""
    for start in range(-1, len(infinitive) - 2):
        ending = f"={infinitive}" if start < 0 else infinitive[start:]
        if ending in _FAMILIES:
            root = infinitive[: max(start, 0)]
            return _Family(*(tuple(root + each for each in field) for field in _FAMILIES[ending]))
    return None


def _spell(family: _Family) -> Conjugation:
    sure = {*_join(family.us, ("ons", "ez", "aient", "iez")), *_join(family.future, _FUTURE)}
    sure.update(form for each in family.participle for form in _list_genders(each))
    likely = {*family.present, *family.others, *_join(family.them, _SUBJUNCTIVE)}
    likely.update(
        _join(family.us, ("ais", "ait", "ant", "ions")), _join(family.future, _LIKELY_FUTURE)
    )
    rare = {*_join(family.past, ("s", "t", "rent", "sse", "sses", "ssions", "ssiez", "ssent"))}
    rare.update(_join(map(_set_circumflex, family.past), ("t", "mes", "tes")))
    return Conjugation(frozenset(sure), frozenset(likely), frozenset(rare))


def _list_genders(participle: str) -> tuple[str, ...]:
    """Give the masculine and the feminine of a participle, in both numbers."""
    feminine = (participle[:-1] + "t" if participle.endswith("ous") else participle) + "e"
    plural = participle + "s" * (not participle.endswith("s"))
    return (participle, plural, feminine, feminine + "s")


def _set_circumflex(stem: str) -> str:
    """Give the stem of the past before -t, -mes, -tes: "prî", "tîn"."""
    return re.sub(r"[aiu](?=n?$)", lambda found: _CIRCUMFLEX[found[0]], stem)


def _join(stems: Iterable[str], endings: Iterable[str]) -> list[str]:
    endings = tuple(endings)
    return [stem + ending for stem in stems for ending in endings]


def _read_families() -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
    for line in _FAMILIES_TEXT.strip().split("\n"):
        ending, *fields = line.split()
        fields += ["~"] * (len(_Family._fields) - len(fields))
        yield ending, tuple(() if each == "~" else tuple(each.split(",")) for each in fields)


_FAMILIES: Final = dict(_read_families())


# --- forms that no rule makes

# Forms of French and English that no rule finds, and that the dictionaries lack or part. Each line
# is a word and forms of it; other lemmas of a form are kept beside. Here stand, one by one,
# feminines of which a rule would join other words too ("plat", "platte"; "port", "porte").
IRREGULAR_FRENCH: Final = """
bail baux
émail émaux
travail travaux
cher chère chères chers
fier fière fières fiers
vif vive vives vifs
net nette nettes nets
nul nulle nulles nuls
cadet cadette cadettes cadets
coquet coquette coquettes coquets
douillet douillette douillettes douillets
fluet fluette fluettes fluets
rondelet rondelette rondelettes rondelets
sujet sujette sujettes sujets
violet violette violettes violets
veuf veuve veuves veufs
juif juive juives juifs
naïf naïve naïves naïfs
pareil pareille pareilles pareils
vermeil vermeille vermeilles vermeils
paysan paysanne paysannes paysans
métis métisse métisses
exprès expresse expresses
tiers tierce tierces
idiot idiote idiotes idiots
sot sotte sottes sots
pâlot pâlotte pâlottes pâlots
vieillot vieillotte vieillottes vieillots
bénin bénigne bénignes bénins
aigu aiguë aiguës aigüe aigües aigus
ambigu ambiguë ambiguës ambigüe ambigües ambigus
contigu contiguë contiguës contigüe contigües contigus
exigu exiguë exiguës exigüe exigües exigus
andalou andalouse andalouses andalous
caduc caduque caduques caducs
coi coite coites cois
rigolo rigolote rigolotes rigolos
époux épouse épouses
chat chatte chattes chats
loup louve louves loups
âne ânesse ânesses ânes
duc duchesse duchesses ducs
comte comtesse comtesses comtes
poète poétesse poétesses poètes
tigre tigresse tigresses tigres
héros héroïne héroïnes
agneau agnelle agnelles agneaux
chameau chamelle chamelles chameaux
argentin argentine argentines argentins
blond blonde blondes blonds
brut brute brutes bruts
bûcheron bûcheronne bûcheronnes bûcherons
chaud chaude chaudes chauds
cheminot cheminote cheminotes cheminots
clair claire claires clairs
courtisan courtisane courtisanes courtisans
creux creuse creuses
diable diablesse diablesses diables
dur dure dures durs
enchanteur enchanteresse enchanteresses enchanteurs
fanfaron fanfaronne fanfaronnes fanfarons
final finale finales finaux
fréquent fréquente fréquentes fréquents
goguenard goguenarde goguenardes goguenards
inégal inégale inégales inégaux
innocent innocente innocentes innocents
ivrogne ivrognesse ivrognesses ivrognes
lapin lapine lapines lapins
marchand marchande marchandes marchands
mouchard moucharde mouchardes mouchards
mutin mutine mutines mutins
normand normande normandes normands
pauvret pauvrette pauvrettes pauvrets
pèlerin pèlerine pèlerines pèlerins
précis précise précises
prêt prête prêtes prêts
limousin limousine limousines limousins
mûr mûre mûres mûrs
esquimau esquimaude esquimaudes esquimaux
ami amie amies amis
brun brune brunes bruns
gris grise grises
fin fine fines fins
plat plate plates plats
lent lente lentes lents
rond ronde rondes ronds
ras rase rases
saint sainte saintes saints
sourd sourde sourdes sourds
nu nue nues nus
flou floue floues flous
exempt exempte exemptes exempts
infect infecte infectes infects
suspect suspecte suspectes suspects
sélect sélecte sélectes sélects
importun importune importunes importuns
gourmand gourmande gourmandes gourmands
fécond féconde fécondes féconds
vagabond vagabonde vagabondes vagabonds
truand truande truandes truands
bavard bavarde bavardes bavards
bâtard bâtarde bâtardes bâtards
babillard babillarde babillardes babillards
flemmard flemmarde flemmardes flemmards
badaud badaude badaudes badauds
badin badine badines badins
câlin câline câlines câlins
taquin taquine taquines taquins
radin radine radines radins
canin canine canines canins
cabotin cabotine cabotines cabotins
opalin opaline opalines opalins
marin marine marines marins
médian médiane médianes médians
ottoman ottomane ottomanes ottomans
sultan sultane sultanes sultans
vétéran vétérane vétéranes vétérans
taliban talibane talibanes talibans
chaman chamane chamanes chamans
tamoul tamoule tamoules tamouls
saoul saoule saoules saouls
soûl soûle soûles soûls
volatil volatile volatiles volatils
bissextil bissextile bissextiles bissextils
violent violente violentes violents
patient patiente patientes patients
content contente contentes contents
mécontent mécontente mécontentes mécontents
interférent interférente interférentes interférents
plaisant plaisante plaisantes plaisants
fainéant fainéante fainéantes fainéants
espion espionne espionnes espions
maçon maçonne maçonnes maçons
bougon bougonne bougonnes bougons
grognon grognonne grognonnes grognons
ronchon ronchonne ronchonnes ronchons
bouffon bouffonne bouffonnes bouffons
abscons absconse absconses
reclus recluse recluses
infus infuse infuses
soldat soldate soldates soldats
second seconde secondes seconds
juré jurée jurées jurés
rôti rôtie rôties rôtis
usagé usagée usagées usagés
coécrit coécrite coécrites coécrits
meurtrier meurtrière meurtrières meurtriers
clé clef clefs clés
oignon ognon ognons oignons
cuillère cuiller cuillers cuillères
bistro bistrot bistrots bistros
parapublic parapublique parapubliques parapublics
trijumeau trijumelle trijumelles trijumeaux
coépoux coépouse coépouses
chef cheffe cheffes chefs
consul consule consules consuls
imam imame imames imams
kazakh kazakhe kazakhes kazakhs
tatar tatare tatares tatars
sikh sikhe sikhes sikhs
ouzbek ouzbèke ouzbèkes ouzbeks
ours ourse ourses
prêtre prêtresse prêtresses prêtres
pape papesse papesses papes
muet muette muettes muets
fou folle folles fol fous
mou molle molles mol mous
beau belle belles bel beaux
nouveau nouvelle nouvelles nouvel nouveaux
vieux vieille vieilles vieil
jumeau jumelle jumelles jumeaux
maître maîtresse maîtresses maîtres
prince princesse princesses princes
hôte hôtesse hôtesses hôtes
copain copine copines copains
voisin voisine voisines voisins
cousin cousine cousines cousins
malin maligne malignes malins
favori favorite favorites favoris
grec grecque grecques grecs
turc turque turques turcs
public publique publiques publics
laïc laïque laïques laïcs
franc franche franches francs
blanc blanche blanches blancs
sec sèche sèches secs
frais fraîche fraîches
roux rousse rousses
faux fausse fausses
doux douce douces
las lasse lasses
gros grosse grosses
bas basse basses
épais épaisse épaisses
gras grasse grasses
bref brève brèves brefs
long longue longues longs
bon bonne bonnes bons
gentil gentille gentilles gentils
œil yeux
ail aulx
monsieur messieurs
madame mesdames
mademoiselle mesdemoiselles
mourir mort morts morte mortes
payer paie paies
cas
via
parce
métro métros
vélo vélos
blog blogs
web
fablab fablabs
"""
# Verbs that the dictionary lacks, which are conjugated as others are.
MODERN_VERBS: Final = """
auditer autonomiser bouturer carencer coanimer cocréer coconstruire coproduire cohabiter connoter
controverser copiloter coder encoder recoder cofinancer décloisonner déconstruire décohabiter
décarboner décarburer décommissionner déconditionner déconventionner décontextualiser dématérialiser
démoustiquer désartificialiser artificialiser désélectionner désinscrire désimperméabiliser
imperméabiliser désencombrer désenclaver entrapercevoir épicer externaliser fluidiser gentrifier
interagir internaliser labelliser légender mutualiser numériser paramétrer pérenniser
piétonniser préfinancer préinscrire réinscrire réinvestir requalifier résidentialiser revégétaliser
végétaliser scanner télétravailler télécharger tester territorialiser tracter verdir reverdir
visibiliser invisibiliser autodétruire autoproduire autoconstruire surélever covoiturer recycler
surcycler upcycler solariser privatiser renaturer délocaliser relocaliser budgéter googler tweeter
bloguer poster hameçonner géolocaliser cartographier vidéoprojeter
"""
IRREGULAR_ENGLISH: Final = """
leaf leaves
person people
think thought
live living
life lives
leave left
big bigger
wife wives
half halves
shelf shelves
thief thieves
calf calves
loaf loaves
go gone
find finding
build building
feel felt feeling
bind bound
bear born
break broke
shake shook
swear swore
bite bit
bad worse
far further
little less least
many more most
hot hotter
axis axes
basis bases
"""
