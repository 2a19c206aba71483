"""Where a word may be two: what French joins with a hyphen, without one, or not at all."""

from collections.abc import Iterator
from typing import Final

SHORTEST_SPLIT: Final = 6  # letters of a word that may be two

# What is put before words, and written in all three ways: "éco-quartier", "écoquartier".
_COMBINING: Final = """
aero agro anti archi audio auto avant bio centre co contre cyber demi eco electro entre ethno euro
extra franco geo hydro hyper infra inter intra macro maxi mega meta micro mi mini mono moto moyen
multi nano neo neuro non para peri photo pluri poly porte post pre pro pseudo psycho quasi
radio retro semi socio sous sub super supra sur techno tele thermo tiers trans tri ultra uni vice
video
"""
COMBINING: Final[frozenset[str]] = frozenset(_COMBINING.split())


def list_cuts(word: str, *, is_known: bool) -> Iterator[tuple[str, str]]:
    """The two parts of a folded word in every way that it may be cut.

    A word that the texts have in one piece is cut after a combining form only: "personnages" is
    not "personne âgée".
    """
    if len(word) < SHORTEST_SPLIT or not word.isalpha():
        return
    for cut in range(2, len(word) - 2):
        if not is_known or word[:cut] in COMBINING:
            yield word[:cut], word[cut:]
