"""A word finds its own forms, and not another word."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.analysis import analyse, lexicon
from indexer.analysis.characters import fold, normalise
from indexer.analysis.conjugation import conjugate
from indexer.analysis.inflection import HARDLY_VERBS, KIN_MARK, read_forms
from indexer.analysis.lexicon import (
    is_word,
    name_english,
    name_french,
    open_table,
    render_table,
    write_table,
)

_REGULAR = """
abeille accord adhérent affiche agence agenda agent aide amende analyse annexe arbre archive article
atelier avenue avis banc barrage bibliothèque billet boîte boutique bulletin cahier camion campagne
canton carrefour catalogue centre chantier chemin chiffre circuit citoyen client clé collège comité
commerce compte concert conflit contrat copie courrier crise culture débat déchet défi délai député
détail devoir diplôme document dossier école écran effort égout emploi enfant enquête épicerie
équipe erreur espace étage étape expert facture famille ferme fête fiche fleuve foire fonds forêt
garage gare géant grève groupe guide habitant haie handicap horaire hôtel idée île image immeuble
impôt indice jardin jeune juge kiosque lac langue lettre libraire lien livre locataire logement loi
loyer lycée maire maison manuel marché médaille mémoire métier métro meuble ministre monument moulin
mur musée nappe note nuage objet œuvre office oiseau outil page panneau parcelle parti patient
paysage pêche permis phrase place plage plan poste poêle pont potager prairie prêt preuve projet
quai quartier question rail récit refuge regard région règle remède repas réseau retraite réunion
revue risque rivière rôle route ruche rue sable salarié santé savoir science secteur semaine sentier
service signe site société sol source square stade stage statue syndicat tableau taxe témoin terrain
texte thème ticket titre toit tour train tram travailleur trésor trottoir usager usine vallée
vélo verger village ville visite voisin voie volet vote wagon zone gratuit rapide solide rural
"""
_OWN_PLURALS = {"tableau": "tableaux", "oiseau": "oiseaux", "réseau": "réseaux", "rural": "ruraux"}
_INVARIABLE = ("s", "x", "z")


def plural(word: str) -> str:
    """The plural of a word of the list."""
    if word.endswith(_INVARIABLE):
        return word
    if word in ("panneau",):
        return word + "x"
    return _OWN_PLURALS.get(word, word + "s")


def names(word: str, *, is_typed: bool = False) -> set[str]:
    """The names of a word of a text, or of one that is typed."""
    is_bare = is_typed or word.isupper()
    return set(name_french(normalise(word), is_bare=is_bare, is_typed=is_typed))


def finds(query: str, text: str) -> bool:
    """Whether a word that is typed has a name in common with one of a text."""
    return not names(query, is_typed=True).isdisjoint(names(text))


@pytest.mark.parametrize("word", _REGULAR.split())
def test_a_plural_finds_its_singular(word: str) -> None:
    assert finds(plural(word), word)
    assert finds(word, plural(word))


@pytest.mark.parametrize("word", _REGULAR.split())
def test_accents_left_out_find_what_accents_find(word: str) -> None:
    for form in (word, plural(word)):
        assert names(form, is_typed=True) <= names(fold(form), is_typed=True)
        assert finds(form, fold(form).upper())


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("salarié", "salariés"),
        ("donnée", "données"),
        ("actif", "actives"),
        ("ouvrier", "ouvrières"),
        ("acteur", "actrice"),
        ("sportif", "sportive"),
        ("travail", "travaux"),
        ("œil", "yeux"),
        ("recevoir", "reçu"),
        ("habiter", "habitaient"),
        ("absent", "absentes"),
        ("égal", "égales"),
        ("fou", "folles"),
        ("ami", "amies"),
        ("carboné", "carbonées"),
        ("genrés", "genrée"),
        ("événement", "évènements"),
        ("réglementaire", "règlementaires"),
        ("clef", "clés"),
        ("oignon", "ognons"),
        ("jetons", "jetez"),
        ("jetons", "jeton"),
        ("mesurons", "mesurer"),
        ("mourons", "meurt"),
    ],
)
def test_forms_find_each_other(query: str, text: str) -> None:
    assert finds(query, text)
    assert finds(text, query)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("loi", "loyer"),
        ("mère", "mer"),
        ("test", "testament"),
        ("taxi", "taxe"),
        ("cas", "case"),
        ("bas", "base"),
        ("don", "données"),
        ("délai", "délit"),
        ("port", "porte"),
        ("régler", "règle"),
        ("élève", "élever"),
        ("côté", "côte"),
        ("marché", "marche"),
        ("médecin", "médecine"),
        ("formation", "forme"),
        ("porter", "porte"),
        ("former", "forme"),
        ("méprendre", "mépris"),
        ("boire", "bus"),
        ("recourir", "recours"),
        ("nuire", "nuit"),
        ("bal", "balle"),
        ("miner", "minerai"),
        ("noter", "notions"),
        ("point", "pointe"),
        ("reprise", "repriser"),
        ("prises", "priser"),
        ("table", "tablaient"),
        ("genré", "genre"),
        ("commun", "commune"),
        ("prés", "près"),
    ],
)
def test_another_word_is_never_found(query: str, text: str) -> None:
    assert not finds(query, text)


def test_a_noun_is_not_another_s_verb_that_texts_hardly_have():
    for verb in sorted(HARDLY_VERBS):
        noun = verb.removesuffix("er") + "e"
        for form in (noun, f"{noun}s"):
            assert finds(form, noun), form
            assert not finds(form, verb), form
            assert not finds(form, f"{verb.removesuffix('er')}aient"), form
        conjugation = conjugate(verb, ())
        assert conjugation is not None
        finite = [form for form in conjugation.sure if form.endswith(("ez", "aient"))]
        assert all(finds(verb, form) for form in (verb, *finite)), verb


# Letters that no lemma of the lexicon is made of: words that it cannot know.
_UNKNOWN = st.text("bcdfgklmnprtvaéiou", min_size=5, max_size=12).map(lambda word: f"zw{word}")


@given(_UNKNOWN)
def test_a_word_that_no_lexicon_has_finds_its_plural(word: str) -> None:
    assert finds(word, f"{word}s")
    assert finds(f"{word}s", word)


@given(_UNKNOWN)
def test_a_word_that_no_lexicon_has_finds_its_feminine(word: str) -> None:
    for masculine, feminine in (("if", "ive"), ("eux", "euse"), ("teur", "trice"), ("ier", "ière")):
        for ending in (feminine, f"{feminine}s"):
            assert finds(word + masculine, word + ending)
            assert finds(word + ending, word + masculine)


@given(st.sampled_from(_REGULAR.split()))
def test_a_word_in_capitals_is_found_by_each_of_its_accented_readings(word: str) -> None:
    bare = fold(word).upper()
    assert finds(word, bare)
    assert names(bare) >= names(fold(word), is_typed=True)


_VERBS = "participer habiter voter employer manger commencer appeler acheter espérer licencier"
_ENDINGS = "ait aient ons ez era eront èrent é ée és ées"


@pytest.mark.parametrize("verb", _VERBS.split())
def test_a_verb_finds_its_conjugation(verb: str) -> None:
    stem = verb.removesuffix("er")
    for ending in _ENDINGS.split():
        changed = stem
        if ending[0] in "ao":
            changed = stem.removesuffix("c") + "ç" if stem.endswith("c") else stem
            changed += "e" if stem.endswith("g") else ""
        assert finds(verb, changed + ending), changed + ending


# Each line a verb and forms of it, of families and rules that differ.
_CONJUGATED = """
coudre cousu cousue cousus cousues cousait coudra
recoudre recousues recousaient
acquérir acquis acquise acquises acquièrent acquerra acquérait
conquérir conquis conquise conquises conquiert conquerront
résoudre résolu résolue résolus résolues résolvent résoudra
dissoudre dissous dissoute dissoutes dissolvait
asseoir assis assise assises asseyait assoient assiéra
décevoir déçu déçus déçue déçues déçoivent décevra
percevoir perçues perçoit percevait
émouvoir ému émue émus émues émeuvent
promouvoir promus promue promouvait
suivre suivi suivie suivis suivies suivait suivra
poursuivre poursuivies poursuivons
teindre teint teinte teints teintes teignait teindra
restreindre restreinte restreignent
contraindre contraint contraintes contraignait
croire cru crus crue crues croyait croiront
satisfaire satisfaits satisfaites satisfaisaient satisferons
ouvrir ouvert ouvertes ouvraient ouvrira
souffrir soufferts souffraient souffrirait
tenir tenu tenues tiennent tiendra tenaient
parvenir parvenue parviennent parviendrait
surprendre surpris surprises surprennent
admettre admis admises admettaient
traduire traduit traduites traduisent
détruire détruits détruisaient
disparaître disparu disparues disparaissent disparaîtra
accroître accru accrues accroissait
accourir accouru accourues accourront
lire lu lue lus lues lisaient
élire élu élue élus élues élisent éliront
décrire décrit décrites décrivaient
survivre survécu survivait survivra
vaincre vaincu vaincues vainquaient
conclure conclu conclues concluaient
abattre abattu abattues abattent
corrompre corrompu corrompues corrompaient
revêtir revêtu revêtues revêtait
bouillir bouilli bouillait bouillira
accueillir accueilli accueillies accueillera
fuir fui fuyait fuiront
mourir mort mortes meurent mourra
dormir dormi dormaient dorment
desservir desservie desservent
savoir su sue sachant saura savaient
devoir due devrait devaient
vouloir voulu voulues voudraient veuillent
valoir valu vaudrait valaient
prévoir prévu prévues prévoyait prévoira
entrevoir entrevues entrevoyait entreverrait
pleuvoir plu pleuvait pleuvra
plaire plu plaisait plairont
suffire suffi suffisaient suffirait
moudre moulu moulue moulait
haïr haï haïssent haïra
extraire extrait extraites extrayait
défendre défendu défendues défendaient défendra
planter plantons plantent plantera
cliquer cliquent cliquons cliqué
densifier densifient densifiez densifié densifiera
bétonner bétonnons bétonnaient
végétaliser végétalisent végétalisons végétalisées
déconstruire déconstruit déconstruites déconstruisons
auditer auditons auditée
urbaniser urbanisent urbanisées
rediriger redirigeons redirigeait
effacer effaçons effaçait effacez
déployer déploient déploiera déployons
balayer balaie balayera balaiera
ruisseler ruisselle ruissellera ruisselait
projeter projettent projettera projetons
congeler congèle congèlera congelait
compléter complètent complétera complétons
alléguer allègue alléguait
renvoyer renvoie renverra renvoyaient
fleurir fleurissent fleurira fleuries
investir investissons investira investies
"""


# Nouns as well as forms of a verb of the list: who types one means the noun.
_NOUNS_TOO = """
assise assises contraintes crue crues surprises entrevues
"""


@pytest.mark.parametrize("line", _CONJUGATED.strip().split("\n"))
def test_a_verb_finds_each_form_of_its_conjugation(line: str) -> None:
    verb, *forms = line.split()
    for form in forms:
        assert finds(verb, form), form
        assert finds(form, verb) == (form not in _NOUNS_TOO.split()), form


@given(st.sampled_from([line.split()[0] for line in _CONJUGATED.strip().split("\n")]))
def test_every_form_that_is_surely_a_verb_s_is_found(verb: str) -> None:
    conjugation = conjugate(verb, {"fleurissait", "investissait"})
    assert conjugation is not None
    for form in conjugation.sure - {"plus"}:  # which is never looked for as a participle
        assert finds(verb, form), form


def test_a_noun_of_a_verb_in_er_is_not_conjugated() -> None:
    for noun, text in (("usager", "usagé"), ("mer", "mons")):
        assert not finds(noun, text)


def test_the_dictionary_s_word_is_kept_beside_the_verb() -> None:
    for word, form, verb in (("planton", "plantons", "planter"), ("rayon", "rayons", "rayer")):
        assert finds(word, form)
        assert finds(verb, form)
        assert not finds(word, verb)


@pytest.mark.parametrize(
    "line",
    """
    nul nulle nulles nuls
    cadet cadette cadettes
    veuf veuve veuves
    coquet coquettes
    juif juive
    naïf naïves
    pareil pareille
    criminel criminelles
    lycéen lycéennes
    breton bretonne
    exprès expresse
    sot sottes
    ambigu ambiguë
    bénin bénigne
    époux épouse
    loup louves
    précis précises
    professeur professeure professeures
    """.strip().split("\n"),
)
def test_an_irregular_feminine_finds_its_masculine(line: str) -> None:
    masculine, *forms = line.split()
    for form in forms:
        assert finds(masculine, form)
        assert finds(form, masculine)


@pytest.mark.parametrize(
    "line",
    """
    leaf leaves
    person people
    think thought
    live living
    life lives
    big bigger biggest
    wolf wolves
    thief thieves
    go went gone
    feel felt
    break broke broken
    axis axes
    """.strip().split("\n"),
)
def test_an_irregular_english_form_finds_its_word(line: str) -> None:
    word, *forms = line.split()
    for form in forms:
        assert not set(name_english(word)).isdisjoint(name_english(form)), form


def test_a_form_of_two_words_has_the_names_of_both() -> None:
    assert finds("salarier", "salariée")
    assert finds("salarié", "salariée")


@pytest.mark.parametrize(
    ("noun", "verb", "form"),
    [
        ("entreprise", "entreprendre", "entreprend"),
        ("plaintes", "plaindre", "plaint"),
        ("reprise", "reprendre", "repris"),
        ("conduite", "conduire", "conduisent"),
        ("rayons", "rayer", "rayé"),
        ("rénovation", "rénover", "rénovent"),
        ("association", "associer", "associent"),
    ],
)
def test_a_noun_that_a_verb_has_too_is_found_by_the_verb_and_finds_the_noun(
    noun: str, verb: str, form: str
) -> None:
    assert finds(verb, noun)
    assert finds(noun, noun)
    assert not finds(noun, verb)
    assert not finds(noun, form)


@pytest.mark.parametrize(
    ("participle", "verb", "apart"),
    [
        ("tirée", "tirer", "tir"),
        ("louées", "louer", "loueur"),
        ("posée", "poser", "poste"),
        ("relevées", "relever", "relief"),
        ("née", "naître", "nez"),
        ("montée", "monter", "montre"),
        ("répartie", "répartir", "réparer"),
        ("survenues", "survenir", "survivre"),
        ("accrue", "accroître", "accroc"),
        ("jetées", "jeter", "jet"),
        ("levées", "lever", "levier"),
        ("retenues", "retenir", "ténu"),
    ],
)
def test_a_participle_that_is_hardly_a_noun_finds_its_verb(
    participle: str, verb: str, apart: str
) -> None:
    assert finds(participle, verb)
    assert finds(verb, participle)
    assert not finds(participle, apart)
    assert not finds(apart, participle)


@pytest.mark.parametrize("noun", ["durée", "entrées", "assemblée", "pensées", "tournée", "crue"])
def test_a_noun_that_was_a_participle_stays_a_noun(noun: str) -> None:
    verbs = {"crue": "croire"}
    assert not finds(noun, verbs.get(noun, noun.removesuffix("s").removesuffix("ée") + "er"))


@pytest.mark.parametrize(
    ("one", "other"), [("boucher", "bouche"), ("clochers", "cloches"), ("plancher", "planches")]
)
def test_a_noun_that_is_an_infinitive_too_is_another_word(one: str, other: str) -> None:
    assert not finds(one, other)
    assert not finds(other, one)
    assert finds(one, one.removesuffix("s") + "s")


def test_a_participle_still_finds_its_verb() -> None:
    assert finds("comprises", "comprendre")
    assert finds("salariée", "salarier")
    assert finds("votée", "voter")


@pytest.mark.parametrize("word", ["maïs", "sûr", "né", "dû", "mémé"])
def test_an_accent_tells_a_word_from_a_small_one(word: str) -> None:
    (token,) = analyse(word)
    assert not token.is_stop
    assert analyse(fold(word))[0].is_stop or word == "mémé"


@pytest.mark.parametrize("word", ["à", "même", "être", "où", "très", "là", "dès"])
def test_a_small_word_with_an_accent_says_little(word: str) -> None:
    assert analyse(word)[0].is_stop


def test_english_forms_find_each_other() -> None:
    assert name_english("cities") == name_english("city") == ("en|city",)
    assert name_english("written") == name_english("write")


@pytest.mark.parametrize(
    "word",
    [
        "temps",
        "corps",
        "rapidement",
        "surcoût",
        "télétravail",
        "relecteur",
        "cofondatrices",
        "covoiturage",
        "épiceries",
        "cinquante",
        "cities",
        "levage",
        "létalité",
        "formater",
        "développeurs",
        "complotistes",
        "cybersécurité",
    ],
)
def test_what_is_a_word_though_it_has_one_form_or_is_new(word: str) -> None:
    assert is_word(word)


def test_a_word_of_french_is_known_and_a_mistyped_one_is_not() -> None:
    assert all(map(is_word, ("opinions", "épicerie", "surcoût", "epicerie", "lois")))
    assert not any(map(is_word, ("rurauxx", "exploitemt", "digitql")))
    assert all(map(is_word, ("cerfa", "gouv", "URSSAF", "Unédic", "inrae")))


@pytest.mark.parametrize(
    "word", ["bear", "rust", "snow", "forks", "knees", "otter", "wolf", "ever", "does", "Weeds"]
)
def test_a_short_word_of_english_is_a_word(word: str) -> None:
    assert is_word(word)


@pytest.mark.parametrize(
    "typed", ["vlile", "comune", "tarvail", "maisn", "jardn", "travaileur", "logment"]
)
def test_a_mistake_in_a_french_word_is_no_word_of_english(typed: str) -> None:
    assert not is_word(typed)


def test_a_table_gives_back_what_it_was_given(tmp_path: Path) -> None:
    values = {f"clé{number}": f"valeur {number}" for number in range(1000)}
    table = write_table(render_table(values), [tmp_path / "new" / "table"])
    assert {key: table.find(key) for key in values} == values
    assert table.find("clé") is None
    assert table.find("") is None


def test_a_table_cut_short_is_none(tmp_path: Path) -> None:
    path = tmp_path / "table"
    write_table(render_table({"a": "b"}), [path])
    assert path.stat().st_mode & 0o044 == 0o044  # a server runs as another user than who made it
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert open_table(path) is None


def test_where_nothing_can_be_written_the_table_is_kept_for_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    table = write_table(render_table({"a": "b"}), [tmp_path / "file" / "table"])
    assert table.find("a") == "b"


def test_opening_the_lexicon_does_not_load_its_source() -> None:
    is_word("lois")  # made by now
    code = (
        "import sys; from indexer.analysis.lexicon import is_word; is_word('lois');"
        "sys.exit('simplemma' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False)
    assert done.returncode == 0


def test_names_do_not_change_without_their_version() -> None:
    words = sorted({*_REGULAR.split(), *map(plural, _REGULAR.split()), *_VERBS.split()})
    held = [
        (word, name_french(normalise(word), is_bare=bare, is_typed=typed))
        for word in words
        for bare, typed in ((False, False), (True, False), (True, True))
    ]
    made = hashlib.sha256(repr(held).encode()).hexdigest()[:16]
    assert (lexicon.RELEASE, made) == ("simplemma 2.0.0, forms 12", "cca904f2f3012cc2"), (
        "Raise LEXICON_VERSION, so that indexes are built again, and keep these results."
    )


@pytest.mark.campaign
def test_a_lexicon_that_is_missing_is_made_and_said(tmp_path: Path) -> None:
    """A whole installation of its own, that cannot be written; a cache that can."""
    environ = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    code = (
        "import sys; sys.prefix = '/proc/none'\n"
        "from indexer.cli.terminal import prepare_lexicon; prepare_lexicon(); prepare_lexicon()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, check=True, capture_output=True, text=True
    )
    assert done.stderr.count("Making the lexicon") == 1
    (made,) = (tmp_path / "cache" / "renvois").iterdir()
    table = open_table(made)
    assert table is not None
    assert table.find("fr|lois") == "loi"


_SMALL_DICTIONARY = {
    "lois": "loi", "loi": "loi", "loyer": "loyer", "travaux": "travail", "travail": "travail",
    "actives": "actif", "active": "actif", "actif": "actif", "ouvrière": "ouvrier",
    "ouvrier": "ouvrier", "votaient": "voter", "votée": "voter", "voter": "voter",
    "taxes": "taxer", "taxe": "taxe", "taxer": "taxer", "taxaient": "taxer",
    "rénovation": "rénovation", "rénovaient": "rénover", "rénover": "rénover", "Paris": "Paris",
}  # fmt: skip


def test_a_dictionary_of_one_lemma_a_form_is_closed_over_numbers_genders_and_conjugations():
    forms = read_forms(_SMALL_DICTIONARY)
    share = [
        ("loi", "lois"), ("travail", "travaux"), ("actif", "actives"), ("ouvrier", "ouvrière"),
        ("voter", "votées"), ("vote", "votions"), ("taxe", "taxes"), ("taxer", "taxes"),
    ]  # fmt: skip

    assert [pair for pair in share if set(forms[pair[0]]).isdisjoint(forms[pair[1]])] == []
    assert set(forms["loi"]).isdisjoint(forms["loyer"])
    # A noun of action is kin of its verb, which a text of either finds; typed, it is the noun.
    assert KIN_MARK + "rénover" in forms["rénovation"]
    assert "rénover" not in forms["rénovation"]
    assert "paris" not in forms  # a name is left to the stemmer
