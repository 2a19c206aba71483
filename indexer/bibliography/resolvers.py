"""Find the identifiers of a reference, and the address at which each is answered.

A DOI, arXiv, HAL, PubMed, Persée or Légifrance number is an address that is written short: a
reference that has no other one is visited there. An ISBN is a book's, not a page's: its page in a
catalogue is visited where a setting names the catalogue.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from indexer.model import Reference, give_doi_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number that names a text, whoever cites it, in the form in which it is compared."""

    scheme: str  # "doi", "arxiv", "hal", "pmid", "pmc", "persee", "legifrance", "isbn"
    number: str


_I: Final = re.IGNORECASE
# How each scheme is written in a line or in a field; in their order of preference.
_WRITTEN: Final = (
    (
        "arxiv",
        re.compile(
            r"\barxiv\s*(?:id)?\s*[:.=]?\s*(?:abs/)?[{\"]?"
            r"(?P<n>\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?\b",
            _I,
        ),
    ),
    (
        "hal",
        re.compile(
            r"(?<![\w/-])(?P<n>(?:hal|halshs|tel|dumas|inria|cel|medihal|ird|insu|pasteur|sic)_?-?"
            r"(?<=[-_])\d{8})(?:v\d+)?(?!\d)",
            _I,
        ),
    ),
    ("pmc", re.compile(r"\bPMC\s*(?:ID)?\s*[:=]?\s*[{\"]?(?:PMC)?(?P<n>\d{5,8})\b", _I)),
    ("pmid", re.compile(r"\b(?:PMID|PubMed(?: ID)?)\"?\s*[:=]\s*[{\"]?(?P<n>\d{4,8})\b", _I)),
    (
        "legifrance",
        re.compile(
            r"\b(?P<n>(?:LEGITEXT|LEGIARTI|JORFTEXT|JORFARTI|JURITEXT|CETATEXT|KALITEXT)\d{12})\b"
        ),
    ),
    (
        "persee",
        re.compile(r"(?<![\w/])(?P<n>[a-z]{2,12}_\d{4}-\d{3}[\dxX]_\d{4}_[a-z]{3}_\w+)(?!\w)", _I),
    ),
)
# BibTeX says in a field beside it of what kind an `eprint` is.
_EPRINT_TYPE: Final = re.compile(r"\b(?:eprinttype|archiveprefix)\s*=\s*[{\"]arxiv\b", _I)
_EPRINT: Final = re.compile(
    r"\beprint\s*=\s*[{\"]\s*(?P<n>\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})", _I
)
_MOST_CHARS: Final = 20_000  # of an entry; its identifiers stand before that
# Addresses that are one of these identifiers, so that both ways of writing name one text.
_ADDRESSED: Final = (
    ("doi", re.compile(r"https?://(?:dx\.|www\.)?doi\.org/(?P<n>10\.\d{4,9}/\S+)", _I)),
    (
        "arxiv",
        re.compile(
            r"https?://(?:www\.)?arxiv\.org/(?:abs|pdf)/(?P<n>[a-z-]+(?:\.[a-z]{2})?/\d{7}|"
            r"\d{4}\.\d{4,5})(?:v\d+)?(?:\.pdf)?$",
            _I,
        ),
    ),
    (
        "hal",
        re.compile(
            r"https?://(?:[\w-]+\.)?(?:hal\.science|archives-ouvertes\.fr|hal\.archives-ouvertes\.fr)/"
            r"(?P<n>[a-z]+-\d{8})(?:v\d+)?(?:/document)?$",
            _I,
        ),
    ),
    (
        "pmid",
        re.compile(
            r"https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/(?P<n>\d+)/?$",
            _I,
        ),
    ),
    ("persee", re.compile(r"https?://(?:www\.)?persee\.fr/doc/(?P<n>[\w-]+)$", _I)),
)
_PAGES: Final = {
    "arxiv": "https://arxiv.org/abs/{}",
    "hal": "https://hal.science/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmc": "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/",
    "persee": "https://www.persee.fr/doc/{}",
}
_LEGIFRANCE: Final = {
    "LEGITEXT": "loda/id",
    "LEGIARTI": "loda/article_lc",
    "JORFTEXT": "jorf/id",
    "JORFARTI": "jorf/article_jo",
    "JURITEXT": "juri/id",
    "CETATEXT": "ceta/id",
    "KALITEXT": "conv_coll/id",
}


def find_identifiers(reference: Reference) -> Iterator[Identifier]:
    """Find the identifiers that name the text of a reference, the best first.

    Where it has an address, only those of its fields and of that address: what else its line holds
    may be another text's.
    """
    if reference.doi:
        yield Identifier(scheme="doi", number=reference.doi.lower())
    if reference.url:
        for scheme, pattern in _ADDRESSED:
            if found := pattern.match(reference.url):
                yield Identifier(scheme=scheme, number=found["n"].lower())
        return
    raw = reference.raw[:_MOST_CHARS]
    raw = raw.replace(reference.abstract, "") if reference.abstract else raw
    if _EPRINT_TYPE.search(raw) and (eprint := _EPRINT.search(raw)):
        yield Identifier(scheme="arxiv", number=eprint["n"].lower())
    for scheme, pattern in _WRITTEN:
        if found := pattern.search(raw):
            number = found["n"]
            yield Identifier(
                scheme=scheme, number=number if scheme == "legifrance" else number.lower()
            )
    if reference.isbn:
        yield Identifier(scheme="isbn", number=reference.isbn)


def give_address(identifier: Identifier, *, isbn_page: str = "") -> str:
    """Give the address at which an identifier is answered; "" where there is none.

    `isbn_page` is that of a catalogue, with `{isbn}` in it.

    >>> give_address(Identifier(scheme="doi", number="10.5555/a#b"))
    'https://doi.org/10.5555/a%23b'
    """
    if identifier.scheme == "doi":
        return give_doi_address(identifier.number)
    number = quote(identifier.number, safe="/:;()._-")
    if identifier.scheme == "legifrance":
        return f"https://www.legifrance.gouv.fr/{_LEGIFRANCE[number[:8]]}/{number}"
    if identifier.scheme == "isbn":
        return isbn_page.replace("{isbn}", number)
    return _PAGES[identifier.scheme].format(number)


def resolve_address(
    reference: Reference,
    *,
    isbn_page: str = "",
    find: Callable[[Reference], Iterator[Identifier]] = find_identifiers,
) -> Reference:
    """Give a reference without an address that of its best identifier; `url_from` says which."""
    if reference.url:
        return reference
    for identifier in find(reference):
        if address := give_address(identifier, isbn_page=isbn_page):
            return replace(reference, url=address, url_from=identifier.scheme)
    return reference
