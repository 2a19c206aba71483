"""The word lists of reference lines: tables, and what looks a name of a field up."""

import re
from functools import lru_cache
from typing import Final


def _words(table: str) -> frozenset[str]:
    return frozenset(table.split())


# Where books are published; spaces written as hyphens.
CITIES: Final = _words(
    """
    paris lyon marseille lille toulouse bordeaux nantes rennes grenoble strasbourg montpellier
    nice arles nancy metz dijon tours poitiers caen rouen amiens reims angers brest limoges
    orléans clermont-ferrand saint-étienne aix-en-provence avignon montreuil ivry vincennes
    nanterre créteil villeurbanne besançon perpignan pau bruxelles brussels louvain
    louvain-la-neuve liège gand anvers genève lausanne neuchâtel fribourg zurich berne montréal
    québec ottawa toronto londres london oxford cambridge manchester new-york boston chicago
    berkeley princeton stanford ithaca durham minneapolis washington philadelphia los-angeles
    san-francisco berlin francfort munich hambourg vienne rome milan turin madrid barcelone
    barcelona lisbonne amsterdam rotterdam leiden dordrecht copenhague stockholm melbourne
    sydney dakar tunis rabat alger beyrouth tokyo luxembourg athènes dublin édimbourg leuven
    farnham basingstoke naples venise bologne florence budapest prague varsovie bucarest namur
    charleroi sherbrooke le-havre le-mans mulhouse nîmes toulon annecy chambéry bourges
    agen ajaccio albi alençon auch aurillac auxerre beauvais belfort blois bourg-en-bresse cahors
    carcassonne châlons-en-champagne charleville-mézières chartres châteauroux chaumont digne épinal
    évreux foix guéret laon lons-le-saunier mâcon melun mende mont-de-marsan montauban nevers niort
    périgueux privas le-puy-en-velay la-roche-sur-yon rodez saint-brieuc saint-lô tarbes tulle
    valence vannes vesoul lorient saint-nazaire roubaix thionville castres brive fontenay-le-comte
    saint-denis bobigny bayonne la-rochelle quimper angoulême troyes colmar malakoff
    """
)

# What may follow a city.
REGIONS: Final = _words(
    """
    ma ny ca il nj uk usa australia france belgique suisse canada québec mass. london
    """
)

# Words that tell nothing of a title.
EMPTY_WORDS: Final = _words(
    """
    le la les l un une des du de d a au aux et ou en dans sur sous pour par avec sans vers ce
    cet cette ces qu que qui quoi quel quelle quels quelles comment pourquoi quand si ne pas
    plus son sa ses leur leurs est sont il elle on the an of and or in on for to with how why
    what is are at by from entre chez faut y
    """
)

# First names common in France and around; they tell "Corbin Anne" from "Anne Corbin".
GIVEN_NAMES: Final = _words(
    """
    aaron abdel abdou abel achille adam adeline adrian adrien adèle agathe agnès ahmed aimée
    alain alan albert alex alexandra alexandre alexia alexis alfred ali alice aline alison alix
    amandine amina amélie anastasia anaïs andrea andreas andrew andré andrée angela angèle
    angélique anita ann anna anne annick annie anouk anthony antoine antoinette antonio antony
    apolline ariane armand armelle arnaud arthur astrid aude audrey auguste augustin aurore
    aurélia aurélie aurélien axel axelle aïcha baptiste barbara barnabé bastien benjamin benoît
    berenice bernadette bernard bertrand betty bilal blaise blanche boris brian brice brigitte
    bruce bruno bryan béatrice bérénice camille capucine carine carl carla carlos carole
    caroline catherine chantal charles charlotte charlène chiara chloé christel christelle
    christian christiane christina christine christophe christopher claire clara clarisse claude
    claudia claudine clotilde clémence clément clémentine colette colin constance constant
    coralie corentin corinne craig cristina cyprien cyril cyrille cécile cédric céline césar
    damien dan daniel danielle danièle daphné david dawn deborah delphine denis denise dennis
    diana diane didier diego dimitri djamel dominique donald dora doris dorothée douglas edgar
    edith edward eleanor elena eliane elinor elisabeth elise elizabeth ella ellen elsa emeline
    emile emilie emily emma emmanuel emmanuelle enzo eric erica erik ernest erwan erwin estelle
    esther etienne eugène eugénie eva evan evelyne evgeny fabien fabienne fabio fabrice fanny
    farid fatima fatou felix ferdinand fernand fernando flavie flora flore florence florent
    florian francesca francesco francine francis francisco franck frank françois françoise fred
    frédéric frédérique félicie félix gabriel gabrielle gary gaspard gauthier gautier gaël
    gaëlle gaëtan geneviève geoffrey geoffroy george georges georgia gerard germain ghislain
    ghislaine gianni gilbert gilles giorgio giovanni gisèle giulia grace greg grégoire grégory
    guillaume gustave guy gwenaël gwenaëlle gwendoline gérald géraldine gérard hadrien hakim
    hamid hannah hans harold harry hassan helen helena henri henriette henry herbert hervé
    hippolyte honoré hubert hugo hugues hélène ian ibrahim ida igor ines ingrid inès irina iris
    irène isaac isabel isabelle isidore ismaël ivan jack jacky jacob jacqueline jacques jade
    james jamila jan jane janine jasmine jason jean jeanne jeannine jeff jeffrey jennifer jenny
    jeremy jerome jessica jim jo joachim joan joanna johan johann johanna john jonas jonathan
    jordan jorge joseph joshua josiane josé joséphine joël joëlle juan juana jude judith jules
    julia julian julie julien juliet juliette justin justine jérémie jérémy jérôme karen karim
    karine karl kate katherine kathleen kathryn katia keith kenneth kevin khadija khaled kim
    kurt kyle laetitia larry laura laure lauren laurence laurent laurie lawrence leila leo
    leonard leslie leyla leïla liam lila lilian liliane lina linda lionel lisa lise lola lou
    louis louise loïc luc luca lucas lucette lucia lucie lucien lucienne lucile ludivine ludovic
    luigi luis luisa lydia lydie lætitia léa léna léo léon léonie madeleine mael magali maggie
    malik manon manuel manuela marc marcel marcelle marco margaret margarita margaux margot
    marguerite maria mariam marianne marie marielle marin marina marine mario marion marius mark
    marlène marta martha marthe martin martine marvin mary maryse mateo mathias mathieu mathilde
    matthew matthias matthieu maud maude maurice max maxence maxime maya maël maëlle mehdi
    melissa mercedes michael michaël michel michelle michèle miguel mike mikhaïl milan mireille
    mohamed mohammed monica monique mourad moïse muriel myriam mélanie mélissa nabil nadia
    nadine nadège nancy naomi natacha natalia natalie nathalie nathan nathanaël neil nelly
    nestor nicholas nick nicola nicolas nicole nina noah nora norbert norman nour noé noémie
    noël noëlle octave odette odile olga oliver olivia olivier omar ophélie oscar otto pablo
    paco pamela paola paolo pascal pascale patrice patricia patrick paul paula paule pauline
    pedro peggy peter philip philippe pia pierre pierrette pierrick prosper pénélope quentin
    quinn rachel rachid rafael ralph raoul raphaël raphaëlle raymond raymonde rebecca renaud
    rené renée ricardo richard rita robert roberto robin rodolphe rodrigo roger roland rolande
    romain roman romane romuald ronald rosa rosalie rose roseline roxane ruben rudy russell ruth
    ryan régine régis réjane rémi rémy sabine sabrina salim sally salomé sam samia samir samira
    samuel sandra sandrine sara sarah saskia scott sean selma serge sergio sharon sheila sibylle
    sidonie silvia simon simone sofia soizic solange solène sonia sophia sophie souad stanislas
    stella stephanie stephen steve steven stuart stéphane stéphanie suzanne sven sylvain
    sylvaine sylvette sylvia sylviane sylvie sébastien séverine tanguy tania tara ted teddy
    teresa theodore thibaud thibault thierry thomas théo théodore thérèse tiffany tim timothy
    timothée tom tony trebor tristan ugo ulrich ulysse ursula valentin valentine valérie valéry
    vanessa vera victoire victor victoria vincent violaine violette virgile virginie viviane
    vladimir vérane véronique walter wanda wendy werner wilfried wilhelm will william willy
    wolfgang xavier yacine yael yan yann yannick yasmina yasmine yaël yoann yohan yolande
    youssef yvan yves yvette yvon yvonne zachary zineb zoe zoé zoë ève édith édouard élie élisa
    élisabeth élise élodie éloïse éléonore émeline émile émilie éric étienne évelyne
    aziliz bleuenn ewen gildas gwenn katell loeiza maïwenn nolwenn ronan soazig solenn tudual
    yannig titouan malo briac iban oihana peio maialen jordi laia guilhem mireia sekou aïssatou
    mamadou moussa ousmane awa binta kofi kwame linh minh huong xiao yuki hiroshi kenji
    """
)

# Words of institutions, without accents: they sign, and have no first name.
BODY_WORDS: Final = _words(
    """
    conseil commissariat cabinet chaire communaute agglomeration mouvement institut instituts
    ministere ministre universite universites commission agence association observatoire
    fondation centre collectif comite cour assemblee senat direction laboratoire reseau groupe
    federation confederation union organisation bureau office haut haute societe syndicat
    mission caisse chambre cooperative departement region ville mairie metropole ligue parti
    ecole musee bibliotheque banque college defenseur secretariat prefecture parlement
    gouvernement delegation autorite inspection inspecteurs unesco ocde oit insee dares ademe
    cgt cfdt council institute ministry university committee agency foundation center group
    network department bank society federation coalition collective wikipedia parliament
    government archives academie conservatoire etablissement parc
    """
)

# First words that open no name.
NOT_NAMES: Final = _words(
    """
    le la les l un une des the a an loi article dossier entretien interview numero revue cahiers
    journal big social digital
    """
)

# First words that open a sentence or a title, never a signature.
SENTENCE_OPENERS: Final = _words(
    """
    comment pourquoi quand quel quelle quels quelles qui que dans sur sous avec sans pour vers
    il elle on nous vous apres selon si mais ce cet cette ces quelques peut faut est how why
    what when who is are
    """
)

# Series in which French publishers bring out books of others in a smaller format.
SERIES: Final = frozenset(
    (
        "points", "points essais", "points histoire", "points sciences", "points poesie", "folio",
        "folio essais", "folio histoire", "folio classique", "folio actuel", "folio sf", "pocket",
        "agora", "le livre de poche", "livre de poche", "poche", "j'ai lu", "champs",
        "champs essais", "champs histoire", "tel", "quadrige", "que sais-je", "reperes", "babel",
        "pluriel", "10/18", "librio", "gf", "petite bibliotheque payot", "rivages poche",
        "biblio essais", "idees", "l'imaginaire", "texto", "tempus", "nil", "terre humaine",
    )
)  # fmt: skip

# Words of publishers' names, without accents.
PUBLISHER_WORDS: Final = _words(
    """
    edition editions ed. eds. press presses publishing publishers publication publications
    verlag books puf pur pul pug puv puq gallimard seuil decouverte harmattan fayard flammarion
    dunod colin springer routledge sage elsevier wiley palgrave hachette larousse payot minuit
    vrin imprimerie librairie editeur editeurs editrice polity verso
    """
)

# Words that only name a field, join two of them or point at an address, without accents: once the
# field is read, they say nothing more.
CUE_WORDS: Final = _words(
    """
    a al at and au aux avec by c ca chap chapitre chez cf coll collection consultable
    consultation consulte consultee consultees consultes coord coordination coordonne coordonnee
    d dans date de derniere dernier des dir direction dirige dirigee dirs disponible doi du e ed
    eds edite editee editor editors et ete eissn en est for from hal h http https ici in
    isbn issn j l la le les lien liens ligne lire lu lue m maj mise mis mm mme n no nos numero o
    of on online ou p page pages par paru parue parus pdf pp publie publiee publies pour
    retrieved s sd site sn sl source sources sous sur t tome trad traduction traduit traduite
    un une url v vers via vol volume volumes voir vu vue w web with www x y accede accedee accessed
    accessible adresse article last viewed visited visite visitee version suivante
    suivant telecharger telechargeable integral texte internet jour updated er eme ieme
    lundi mardi mercredi jeudi vendredi samedi dimanche ibid ibidem idem id
    surtout aussi notamment egalement plutot relire revoir consulter abord
    relu revu ecoute ecouter acces libre min
    """
)

# What people call a field, without accents: at the head of a column, on a line under a title, as a
# property of an outline. The third column holds what only the head of a table can mean by a word.
_FIELDS: Final = (
    (
        "note",
        r"comment\w*|annot\w*|notes?|resumes?|remarques?|avis|abstract|description|interet|apport|"
        r"contenu|synthese",
        r"pourquoi|a retenir|en bref|observations?",
    ),
    ("keywords", r"mots?[- ]?cles?|keywords?|themes?|tags?", ""),
    ("reference", "", r"reference|ref\b|citation|notice"),
    ("author", r"auteur(?:\(?s\)?|e|es)?|autrices?|authors?|ecrit par|par\b", r"auteur|qui\b"),
    ("title", r"titres?|titles?", r"titre|title|texte|article|ouvrage|document|intitule"),
    (
        "container",
        r"revue|journal|source|site|media|publication|publisher|journaltitle|editeurs?|editions?|"
        r"paru dans|publie (?:dans|par|chez)",
        r"editeur|support",
    ),
    ("date", r"dates?|annees?|year|parution|publiee?(?: le)?|issued", r"date|annee"),
    ("url", r"urls?|liens?|adresse|links?|en ligne|a lire", r"url|lien|adresse|link"),
    ("name", "", r"^(?:noms?|names?|ressources?)\b"),
    (
        "more",  # another address of a text
        r"documentation|depots?|code(?: source)?|demo|specifications?|api|github|application|"
        r"pdf|videos?|resume en ligne",
        "",
    ),
    ("kind", r"types?|genre|format|langues?|niveau|duree|pages?|prix|licence", ""),
)
_MAX_FIELD_CHARS: Final = 40
_OF_FIELD: Final = (
    r"(?: de (?:parution|publication|mise en ligne|lecture)| officiell?e?| api| mdn)?"
)


@lru_cache(maxsize=512)
def find_field(name: str) -> str:
    """Find the field that a label or a property means, by its name without accents; "" for none.

    >>> find_field("auteurs"), find_field("date de parution"), find_field("lieu")
    ('author', 'date', '')
    """
    if len(name) > _MAX_FIELD_CHARS:
        return ""
    rules = ((field, names) for field, names, _ in _FIELDS if names)
    return next((field for field, names in rules if _is_called(name, names)), "")


def _is_called(name: str, names: str) -> bool:
    return re.fullmatch(f"(?:{names}){_OF_FIELD}", name.casefold()) is not None


@lru_cache(maxsize=512)
def find_column(head: str) -> str:
    """Find the field that the head of a column means, by its words without accents; "" for none."""
    for field, names, of_columns in _FIELDS:
        rule = "|".join(rf"\b(?:{one})" for one in (names, of_columns) if one)
        if field not in ("more", "kind") and re.search(rule, head.casefold()):
            return field
    return ""
