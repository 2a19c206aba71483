"""Words that say nothing of what a text is about, in French and in English.

The French list starts from Snowball's and leaves out those that are also nouns that somebody
may look for (été, avions, son, est stays: the exact field still finds it). It adds words of
questions and of liaison, which measure better on questions. All are written folded.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_FRENCH = """
a au aux avec ce ces dans de des du elle elles en et eux il ils je la le les leur leurs lui ma
mais me meme memes mes moi mon ne ni nos notre nous on ou par pas pour qu que qui sa se ses sur ta
te tes toi ton tu un une vos votre vous c d j l m n s t y cet cette cela ceci ca celui celle ceux
celles ci
ai as avons avez ont aie aies ait ayons ayez aient aura aurai auras aurons aurez auront aurais
aurait aurions auriez auraient avais avait aviez avaient eut eu eue eues ayant avoir
suis es est sommes etes sont sera serai seras serons serez seront serais serait serions seriez
seraient etais etait etions etiez etaient fus fut fumes futes furent soit sois soyons soyez soient
etre etant
quel quelle quels quelles quoi quand comment pourquoi combien lequel laquelle lesquels lesquelles
dont donc or car si comme ainsi aussi alors puis lors lorsque puisque quoique jusque jusqu lorsqu
puisqu quoiqu quelqu afin sans sous entre vers chez depuis pendant selon
tres plus moins bien peu tout tous toute toutes autre autres chaque quelque quelques
peut peuvent doit doivent faut fait faire faites dit
"""
_ENGLISH = """
a about after all also an and any are as at be because been before being between both but by can
could did do does for from had has have he her here him his how i if in into is it its me more
most my no not of on or our out over own she should so some such than that the their them then
there these they this those through to too under until up very was we were what when where which
while who whom why will with would you your
"""

# Those of the French list that are written with an accent. Any other word that looks like one of it
# without its accents is another word: "sûr", "maïs", "né", "dû" are no stop words.
_ACCENTED = """
à çà ça dès dé lé là même mêmes où très être êtes étant étais était étaient étions étiez fût fûmes
fûtes eût
"""
# A verb and those of its forms that are in the list: every text has them, so that nothing is found
# by them but where the verb itself, or another form of it, is looked for. Nouns and verbs that only
# look like a small word ("sou" and "sous", "entrer" and "entre") are not joined to it: they would
# find every text.
_FORMS = """
devoir doit doivent
pouvoir peut peuvent
faire faire fait faites
dire dit
falloir faut
"""

# A query made of nothing but these finds nothing: every text has them.
_ARTICLES = """
le la les l un une des du de d au aux a et ou en ce cet cette ces se s ne n qu que c j m t y
the a an of and or to in on at
"""

FRENCH: Final[frozenset[str]] = frozenset(_FRENCH.split())
ENGLISH: Final[frozenset[str]] = frozenset(_ENGLISH.split())
ARTICLES: Final[frozenset[str]] = frozenset(_ARTICLES.split())
ACCENTED: Final[frozenset[str]] = frozenset(_ACCENTED.split())
FORMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {line.split()[0]: tuple(line.split()[1:]) for line in _FORMS.strip().split("\n")}
)
ALL_STOPS: Final[frozenset[str]] = FRENCH | ENGLISH


def is_french_stop(normalised: str, folded: str) -> bool:
    """Say whether a normalised word, which is also given without accents, is of the French list."""
    return folded in FRENCH and (normalised == folded or normalised in ACCENTED)


def list_stop_forms(names: tuple[str, ...]) -> list[str]:
    """List the stop words that are forms of a word of these names: "doit" of "devoir"."""
    return [form for name in names for form in FORMS.get(name, ())]
