"""The word lists of reference lines: tables, nothing else."""

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
    farnham basingstoke
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
