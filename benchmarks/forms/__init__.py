"""Whether words find their own forms and not other words, beside stemmers and a lemmatiser.

    python -m benchmarks.forms [--pairs FILE] [--hunspell FOLDER]

Pairs are those of `pairs.py`, and of FILE (or of $BENCH_FORMS): a JSON object of two lists,
`together` and `apart`, of objects with a `query` and a `text`. FOLDER (or $BENCH_HUNSPELL) has
hunspell's French dictionary, `fr.dic` and `fr.aff`: its nouns and adjectives with the plurals that
its rules give, a list that is made here each time and kept nowhere.
"""
