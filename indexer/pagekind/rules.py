"""The table of what stands in place of a page: the rules of `gates` and `notices`, in order.

The first rule that finds its signs names the kind, unless another kind has more of its words.
"""

from typing import Final

from indexer.model import PageKind
from indexer.pagekind.gates import EXTRACT_RULES, GATE_RULES
from indexer.pagekind.kinds import KindRule
from indexer.pagekind.notices import EMPTY_RULES, NOTICE_RULES, SERVER_RULES

_LOGIN: Final = tuple(each for each in GATE_RULES if each.kind is PageKind.LOGIN)

RULES: Final[tuple[KindRule, ...]] = (
    *(each for each in GATE_RULES if each.kind is not PageKind.LOGIN),
    *SERVER_RULES,  # the error of a page that asks for a name in its side bar
    *_LOGIN,
    *NOTICE_RULES,
    *EXTRACT_RULES,
    *EMPTY_RULES,
)
