"""Whether words find their own forms and not other words, beside stemmers and a lemmatiser.

    python -m benchmarks.forms [--pairs FILE] [--hunspell FOLDER] [--lucene FOLDER]

Pairs are those of `pairs.py`, and of FILE (or of $BENCH_FORMS): a JSON object of two lists,
`together` and `apart`, of objects with a `query` and a `text`. --hunspell (or $BENCH_HUNSPELL) has
hunspell's French dictionary, `fr.dic` and `fr.aff`: its nouns and adjectives with the plurals that
its rules give, a list that is made here each time and kept nowhere. --lucene (or $BENCH_LUCENE) has
the jars of Lucene's core and of its analysers, for its light French stemmer; a Java is needed:

    mvn dependency:copy -Dartifact=org.apache.lucene:lucene-core:9.12.1 -DoutputDirectory=FOLDER
    mvn dependency:copy -Dartifact=org.apache.lucene:lucene-analysis-common:9.12.1 \\
        -DoutputDirectory=FOLDER

A pair to join counts where each of the two finds the other. Of verbs two things are asked: whether
the infinitive finds the form, and whether the form finds the infinitive, forms aside that the
dictionary has as a noun or an adjective as well: "visite" is the noun.
"""
