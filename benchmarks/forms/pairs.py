"""Pairs of French words, to join and to keep apart, written before the lexicon was built."""

from typing import Final

_TOGETHER: Final = """
maison maisons · droit droits · convention conventions · salarié salariés · donnée données
employeur employeurs · préavis préavis · congé congés · hôpital hôpitaux · tribunal tribunaux
métal métaux · signal signaux · émail émaux · corail coraux · bateau bateaux · cadeau cadeaux
niveau niveaux · réseau réseaux · château châteaux · enjeu enjeux · cheveu cheveux · neveu neveux
caillou cailloux · pneu pneus · festival festivals · carnaval carnavals · détail détails
clé clés · pays pays · prix prix · voix voix · monsieur messieurs · règle règles
élève élèves · porte portes · étude études · famille familles · ville villes · rue rues
syndicat syndicats · contrat contrats · parti partis · mairie mairies · école écoles
médiateur médiatrice · directeur directrice · instituteur institutrice · agriculteur agricultrices
chanteur chanteuse · vendeur vendeuses · travailleur travailleuse · coiffeur coiffeuse
infirmier infirmière · boulanger boulangère · romancier romancières · citoyen citoyenne
habitant habitante · étudiant étudiantes · président présidente · avocat avocate
employé employée · voisin voisine · patron patronne · comédien comédiennes · candidat candidates
social sociaux · social sociale · national nationales · rural ruraux · municipal municipale
légal légaux · européen européenne · italien italiennes · professionnel professionnelle
industriel industrielles · public publics · heureux heureuses · dangereux dangereuse
nombreux nombreuses · sportif sportives · collectif collective · bref brève · vif vive
gros grosse · bas basse · épais épaisse · las lasse · net nette · muet muette · complet complète
inquiet inquiète · cher chère · léger légères · fier fière · frais fraîche · roux rousse
favori favorite · jaloux jalouse · malin maligne · grand grandes · vert verte · chaud chaudes
gratuit gratuite · important importants · récent récentes · rapide rapides · jumeau jumelle
habiter habitent · voter votait · finir finissent · choisir choisi · établir établissait
réussir réussira · partir partons · venir viennent · tenir tiennent · devenir devenu
savoir savent · devoir doivent · pouvoir peuvent · boire boivent · croire croyait
écrire écrivent · lire lisait · dire disent · mettre mis · permettre permet · connaître connu
naître née · vivre vécu · suivre suivent · craindre craignent · peindre peignait
rejoindre rejoint · conduire conduisent · produire produit · vendre vendu · perdre perdent
répondre répondu · ouvrir ouvert · offrir offerte · courir courent · mourir mort
acheter achètent · appeler appelle · jeter jette · payer paie · envoyer enverra
employer emploient · nettoyer nettoie · manger mangeaient · commencer commençons
espérer espèrent · protéger protège · licencier licenciée · négocier négociées
construire construite · recevoir reçoivent · apprendre apprennent · comprendre comprise
"""
_APART: Final = """
marché marche · côté côte · pêche péché · foi fois · roi roue · mûr mur · salé sale
forêt foret · tâche tache · hôtel autel · jeûne jeune · coté cote · sur sûreté · poisson poison
dessert désert · cousin coussin · coup coupe · tour tournoi · cour courage · pot poterie
plan plante · tant tante · vent vente · ton tonne · colon colonne · chapeau chapelle
machin machine · médecin médecine · bassin bassine · port portail · part partie · gens gentil
sol soleil · lit litre · mat matin · car carte · bar barre · bal balle · sel selle · val valle
vert vertu · mode moderne · page pagaie · rat rate · nid nidation · chat château · chant chance
fin finance · bon bonnet · loup loupe · pas passage · temps tempe · corps corpus · poids pois
mars marche · police polir · peine peinture · table tableau · cout coutume ·
conseil conserve · comité comique · public publicité · nation nature · général génération
étage étape · ministre ministère · culture cultiver · voiture voisin · prison prise
patient patience · emploi employer · usine user · travail travers · banque banquet · ordre ordinaire
salle sel · manière manier · prière prier · opéra opération · forme formule · grave graver
art artisan · acte actif · arme armée · dette détail · taux taupe · pont pondre · ferme fermer
commande commander · visite visiter · marque marquer · note noter · change changer · vote voter
"""


def _read(text: str) -> tuple[tuple[str, str], ...]:
    """Pairs of a list: "loi lois · élu élus"."""
    pairs = (
        tuple(pair.replace("\u00ad", "").split()) for pair in text.replace("\n", " · ").split("·")
    )
    return tuple((pair[0], pair[1]) for pair in pairs if pair)


TOGETHER: Final = _read(_TOGETHER)
APART: Final = _read(_APART)
