"""Name the types of CSL in the words of BibTeX, RIS and Zotero, both ways."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from indexer.model import ZOTERO_BY_CSL

# CSL type, BibLaTeX entry type, RIS type; the first row of a type is what is written.
_TYPES: Final = (
    ("article-journal", "article", "JOUR"),
    ("article-magazine", "article", "MGZN"),
    ("article-newspaper", "article", "NEWS"),
    ("post-weblog", "online", "BLOG"),
    ("webpage", "online", "ELEC"),
    ("report", "report", "RPRT"),
    ("book", "book", "BOOK"),
    ("chapter", "incollection", "CHAP"),
    ("thesis", "thesis", "THES"),
    ("interview", "misc", "PCOMM"),
    ("entry-encyclopedia", "inreference", "ENCYC"),
    ("paper-conference", "inproceedings", "CONF"),
    ("motion_picture", "movie", "VIDEO"),
    ("legislation", "legislation", "STAT"),
    ("broadcast", "misc", "SOUND"),
    ("speech", "misc", "SLIDE"),
    ("manuscript", "misc", "MANSCPT"),
    ("dataset", "dataset", "DATA"),
    ("software", "software", "COMP"),
    ("map", "misc", "MAP"),
    ("graphic", "misc", "ART"),
    ("patent", "patent", "PAT"),
    ("bill", "misc", "BILL"),
    ("legal_case", "misc", "CASE"),
    ("hearing", "misc", "HEAR"),
    ("standard", "misc", "STAND"),
    ("entry-dictionary", "inreference", "DICT"),
    ("pamphlet", "misc", "PAMP"),
    ("song", "misc", "MUSIC"),
    ("document", "misc", "GEN"),
)
# What other programs write.
_BIBTEX_ALIASES: Final = {
    "electronic": "webpage",
    "www": "webpage",
    "techreport": "report",
    "phdthesis": "thesis",
    "mastersthesis": "thesis",
    "conference": "paper-conference",
    "inbook": "chapter",
    "booklet": "book",
    "proceedings": "book",
    "collection": "book",
    "mvbook": "book",
    "manual": "report",
    "periodical": "article-journal",
    "unpublished": "document",
    "video": "motion_picture",
}
_RIS_ALIASES: Final = {
    "EJOUR": "article-journal",
    "JFULL": "article-journal",
    "EBOOK": "book",
    "EDBOOK": "book",
    "ICOMM": "webpage",
    "WEB": "webpage",
    "CPAPER": "paper-conference",
    "MPCT": "motion_picture",
    "UNPB": "document",
    "ECHAP": "chapter",
    "LEGAL": "legislation",
}

# Types whose own number is not that of an issue.
NUMBERED_TYPES: Final = frozenset({"report", "legislation", "bill", "legal_case", "patent"})

# CSL 1.0.2, appendix III; a file with any other type is refused whole by Zotero.
CSL_TYPES: Final = frozenset(csl for csl, _, _ in _TYPES).union(
    """article bill broadcast classic collection dataset entry entry-dictionary event figure graphic
    hearing legal_case manuscript map musical_score pamphlet patent performance periodical
    personal_communication post regulation review review-book software song speech standard
    treaty""".split()  # noqa: SIM905 - a table
)
BIBTEX_BY_CSL: Final[Mapping[str, str]] = MappingProxyType({csl: bib for csl, bib, _ in _TYPES})
RIS_BY_CSL: Final[Mapping[str, str]] = MappingProxyType({csl: ris for csl, _, ris in _TYPES})
CSL_BY_BIBTEX: Final[Mapping[str, str]] = MappingProxyType(
    {**_BIBTEX_ALIASES, **{bib: csl for csl, bib, _ in reversed(_TYPES)}, "misc": "document"}
    | {"online": "webpage"}
)
CSL_BY_ZOTERO: Final[Mapping[str, str]] = MappingProxyType(
    {"document": "document", **{zotero: csl for csl, zotero in ZOTERO_BY_CSL.items()}}
)
CSL_BY_RIS: Final[Mapping[str, str]] = MappingProxyType(
    {**_RIS_ALIASES, **{ris: csl for csl, _, ris in reversed(_TYPES)}}
)
