"""Forms of French and English that no rule finds, and that the dictionaries lack or part.

Each line is a word and forms of it; other lemmas of a form are kept beside. Here stand, one by
one, feminines of which a rule would join other words too ("plat", "platte"; "port", "porte").
"""

from typing import Final

FRENCH: Final = """
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
VERBS: Final = """
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
ENGLISH: Final = """
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
