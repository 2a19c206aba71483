"""Say what a page is: by the first rule of the table that takes it, else by its running text."""

from dataclasses import dataclass
from typing import Final

from indexer.model import PageKind
from indexer.pagekind.gates import EXTRACT_RULES, GATE_RULES
from indexer.pagekind.kinds import LISTS, KindRule
from indexer.pagekind.notices import EMPTY_RULES, NOTICE_RULES, SERVER_RULES
from indexer.pagekind.page import PageContent
from indexer.pagekind.signs import compiled
from indexer.pagekind.weak import BY_STATUS, points_of, weigh

_LOGIN: Final = tuple(each for each in GATE_RULES if each.kind is PageKind.LOGIN)

RULES: Final[tuple[KindRule, ...]] = (
    *(each for each in GATE_RULES if each.kind is not PageKind.LOGIN),
    *SERVER_RULES,  # the error of a page that asks for a name in its side bar
    *_LOGIN,
    *NOTICE_RULES,
    *EXTRACT_RULES,
    *EMPTY_RULES,
)


# An article has this much prose, or a page that lists nothing this much text (a poem, a table).
ARTICLE_RUNNING: Final = 300
ARTICLE_OWN: Final = 250
# So many linked titles with a summary each are no list at the end of a text.
SUMMARIES: Final = 5
# The prose of a front page, or of the head of a list, is shorter than this.
FRONT_RUNNING: Final = 900
# What a notice worded in no known way looks like.
NOTICE_LIKE: Final = LISTS - {PageKind.SEARCH_RESULTS} | {PageKind.ARTICLE, PageKind.STUB}
# A status says what a page is unless the text is there all the same.
STATUS_RUNNING: Final = 600
# The items of a list, with or without links.
_ITEMS: Final = frozenset({"li", "td", "dt", "dd", "tr"})
_LIST_ADDRESS: Final = (
    r"/(tags?|categor(y|ie|ies)|etiquettes?|authors?|auteurs?|mots?|archives?|themes?|topics?|c|"
    r"rubriques?|label|year|issue|toc|page)(/[^/?]+)?/?(page/\d+/?)?$|/(actualites|news|blog|"
    r"dossiers?|articles|billets|posts)/?$|\d{4}/\d{2}/?$|_archive\.html|[?&](cat|tag|paged|m|"
    r"rubrique)=?\w+|/(sommaire|liste|index|plan)\b"
)
_LIST_TITLE: Final = (
    r"^(archives?\b|categorie\b|category\b|etiquette\b|tags?\b|mots? cles?\b|rubrique\b|"
    r"sommaire\b|index\b|liste? (des|of)\b|listes?$|(toutes? l )?actualites?\b|articles (avec|de|"
    r"tagges|par|publies)|tous les|toutes les|auteur\b|author\b|plan du site|latest\b|all (posts|"
    r"articles)|posts (tagged|by|in)|derni\w+ (articles|billets|numeros)|news$|blog$|sous "
    r"rubriques|table des matieres|contents$|numero \d|volume \d|vol \d|n \d+\b|\d+ \d{4}\b|"
    r"table of contents|category\b|repertoire|dossiers?$|publications$|index of|([a-z]+ "
    r"){0,3}(janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|"
    r"decembre|january|february|march|april|may|june|july|august|september|october|november|"
    r"december) \d{4}$|page \d+$)"
)


# What may be a page whose text comes by scripts or stands in frames; others have their text.
DOUBTFUL_KINDS: Final = frozenset(
    {PageKind.SCRIPT_SHELL, PageKind.LISTING, PageKind.HOME_PAGE, PageKind.STUB, PageKind.NO_TEXT}
)
LITTLE_TEXT: Final = 200  # characters that are neither headings nor links


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """The kind of a page, the rule that decided, and the words of the page that it found."""

    kind: PageKind
    rule: str
    words: str = ""

    @property
    def is_sure(self) -> bool:
        """Tell whether a rule of the table or the shape says so, not words or links counted."""
        return self.rule not in ("words", "status", "entries")


def classify(page: PageContent) -> Classified:
    """Say what a page is, with the evidence for it."""
    found = [(rule, words) for rule in RULES if (words := rule.find(page)) is not None]
    if found:
        rule, words = _choose(page, found)
        return Classified(kind=rule.kind, rule=rule.name, words=words)
    shape = _judge_by_shape(page)
    if shape.kind in NOTICE_LIKE and (weighed := weigh(page)):
        return Classified(kind=weighed[0], rule="words", words=weighed[1])
    if page.running < STATUS_RUNNING and (kinds := BY_STATUS.get(page.status or 0)):
        return Classified(kind=kinds[0], rule="status", words=f"{page.status}")
    return shape


def _choose(page: PageContent, found: list[tuple[KindRule, str]]) -> tuple[KindRule, str]:
    """Choose between rules of several kinds that take a page: by its words, then by order."""
    first = found[0]
    if first[0].is_sure or all(rule.kind is first[0].kind for rule, _ in found):
        return first
    return max(found, key=lambda each: points_of(page, each[0].kind) + (each is first))


def _judge_by_shape(page: PageContent) -> Classified:
    is_short = page.running < ARTICLE_RUNNING
    items = sum(1 for each in page.main if each.tag in _ITEMS and not each.is_prose) * is_short
    listed = max(page.entries, page.summaries, page.links)
    if page.is_root and listed >= 3 and page.running < ARTICLE_RUNNING + 60 * listed:
        return Classified(kind=PageKind.HOME_PAGE, rule="front-page", words=page.host)
    if found := _find_list(page, max(listed, items)):
        return Classified(kind=PageKind.LISTING, rule=found[0], words=found[1])
    if page.running >= ARTICLE_RUNNING:
        return Classified(kind=PageKind.ARTICLE, rule="running-text", words=f"{page.running}")
    if page.own_chars >= ARTICLE_OWN:
        return Classified(kind=PageKind.ARTICLE, rule="text", words=f"{page.own_chars}")
    return Classified(kind=PageKind.STUB, rule="short", words=f"{page.own_chars}")


def _find_list(page: PageContent, listed: int) -> tuple[str, str] | None:
    """Find what makes a page a list of others: the sign and its words; None where it is none."""
    linked = sum(each.linked for each in page.main)
    most = min(ARTICLE_RUNNING + 60 * listed, FRONT_RUNNING)
    linked_titles = sum(1 for each in page.main if each.is_heading and each.is_link)
    if (page.running < most and listed >= 3) or linked_titles >= 3:
        by_title = next(
            (found[0] for each in page.headlines if (found := compiled(_LIST_TITLE).search(each))),
            "",
        )
        by_address = compiled(_LIST_ADDRESS).search(page.address)
        if by_title or by_address:
            return "list", by_title or (by_address[0] if by_address else "")
    if page.running >= ARTICLE_RUNNING:
        return None
    if page.summaries >= SUMMARIES:
        return "summaries", f"{page.summaries}"
    if page.summaries >= 3 or page.entries >= 5:
        return "entries", f"{max(page.summaries, page.entries)}"
    if page.links >= 5 and linked > 0.5 * len(page.text):
        return "entries", f"{page.links}"
    return None


def is_written_by_scripts(page: PageContent, kind: PageKind) -> bool:
    """Tell whether a page of a kind is a shell for scripts, or a frame set, or nearly one.

    It is, too, where it has scripts and hardly any text: a redirect by script, a list without text.
    """
    if kind is PageKind.SCRIPT_SHELL or "<frameset" in page.lower_markup:
        return True
    return kind in DOUBTFUL_KINDS and page.scripts > 0 and page.own_chars < LITTLE_TEXT
