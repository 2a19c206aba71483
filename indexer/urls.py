"""Read, compare and name web addresses, and the numbers that are addresses written short.

Four addresses, four words: `url` as a person wrote it, `canonical_url` as asked, `target_uri`
as recorded, `urlkey` as compared. Parsing is the WHATWG URL standard's (https://url.spec.whatwg.org),
by ada-url: what a browser would ask is what we ask. Nothing here opens a socket, and nothing here
guesses: `spip.php?article12` and `spip.php?article12&lang=fr` stay two pages.

A DOI, arXiv, HAL, PubMed, Persée or Légifrance number is an address that is written short. How each
is written is said here alone: `find_identifiers` finds them in a reference, which is visited there
where it has no other address; `read_text_names` reads what a field holds or a person pastes into a
search.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

import ada_url

from indexer.model import DOI_BEGINS, Reference, give_doi_address, name_doi, name_url

REMEMBERED: Final = 512  # a visit asks the same of one address several times
MAX_URL_LENGTH: Final = 8_192  # characters; servers refuse longer request lines

# Parameters that say where a reader came from, never which page it is. A closed list: whatever
# is not here tells pages apart.
TRACKING_PARAMETERS: Final = frozenset(
    {
        "fbclid",  # Facebook
        "gclid",  # Google Ads
        "gclsrc",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",  # Microsoft
        "yclid",  # Yandex
        "twclid",  # Twitter
        "igshid",  # Instagram
        "mc_cid",  # Mailchimp
        "mc_eid",
        "mkt_tok",  # Marketo
        "_hsenc",  # HubSpot
        "_hsmi",
        "xtor",  # AT Internet, most of the French press
        "xtref",
        "pk_campaign",  # Piwik, Matomo
        "pk_kwd",
        "wt_mc",  # Webtrekk
    }
)
TRACKING_PREFIXES: Final = ("utm_", "mtm_", "piwik_", "matomo_", "at_medium", "at_campaign")

_CREDENTIALS: Final = re.compile(r"(?<=//)[^/?#\s\\]*@")
_RAW_MEMENTO: Final = re.compile(r"/(\d{14})id_/(?=https?:)")
_ENCODED: Final = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)


# An address that the WHATWG standard leaves as it is: most are, and reading one whole takes ten
# times as long. A tilde, a dot within a segment, a slash at the end are all that it has.
_PLAIN: Final = re.compile(
    r"https?://((?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*\.){1,5}[a-z]{2,20})"
    r"((?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?)"
)


def parse_url(text: str, *, base: str | None = None) -> str | None:
    """Parse what somebody wrote into the canonical URL to ask; None when it is malformed.

    The href of the WHATWG standard without fragment and without credentials, which are never
    sent. The scheme is kept, whatever it is: `is_web_url` tells those we may ask. `base` is the
    URL of the page that `text` was written on, when it may be relative.
    """
    if len(text) > MAX_URL_LENGTH:
        return None
    if plain := _PLAIN.fullmatch(text):
        return text if plain[2] else f"{text}/"
    parsed = _parse(text, base)
    if parsed is None:
        return None
    parsed.hash = ""
    if parsed.username or parsed.password:
        parsed.username = parsed.password = ""
    href = str(parsed.href)
    return href if len(href) <= MAX_URL_LENGTH else None


@lru_cache(REMEMBERED)
def is_web_url(url: str) -> bool:
    """Whether this is an http or https URL: the only schemes that are ever asked."""
    parsed = _parse(url)
    return parsed is not None and parsed.protocol in ("http:", "https:")


@lru_cache(REMEMBERED)
def urlkey(url: str) -> str:
    """Make the key by which two addresses of one page compare equal, in SURT form.

    "https://www.Urbanews.fr/2015/?utm_source=x#haut" gives "fr,urbanews)/2015". Scheme, default
    port, "www.", trailing slash, tracking parameters, fragment, credentials and the case of a
    percent-encoding do not count; everything else does, the order of parameters included.
    What can't be parsed is its own key, so that malformed addresses still compare.
    """
    if plain := _PLAIN.fullmatch(url):
        return f"{_reverse(plain[1].removeprefix('www.'))}){plain[2].rstrip('/') or '/'}"
    parsed = _parse(url)
    if parsed is None:
        return redact_url(url.strip())
    if parsed.protocol not in ("http:", "https:"):
        return redact_url(str(parsed.href).partition("#")[0])
    name = str(parsed.hostname).removeprefix("www.").rstrip(".")
    port = f":{parsed.port}" if parsed.port else ""
    path = _normalize_encoding(str(parsed.pathname)).rstrip("/") or "/"
    query = "&".join(
        _normalize_encoding(parameter)
        for parameter in str(parsed.search)[1:].split("&")
        if parameter and not _is_tracking(parameter)
    )
    return f"{_reverse(name)}{port}){path}{'?' + query if query else ''}"


@lru_cache(REMEMBERED)
def host(url: str) -> str:
    """Find the host as it is asked: lower case, IDN in Punycode, without port; "" for none."""
    if plain := _PLAIN.fullmatch(url):
        return plain[1]
    parsed = _parse(url)
    return "" if parsed is None else str(parsed.hostname)


def site(url: str) -> str:
    """Find the host as a reader knows it: without "www.", IDN in Unicode."""
    name = host(url).removeprefix("www.")
    return ada_url.idna.decode(name.encode()) if "xn--" in name else name


@lru_cache(REMEMBERED)
def origin(url: str) -> str:
    """Scheme, host and port: what one robots.txt speaks for (RFC 9309 §2.3)."""
    parsed = _parse(url)
    return "" if parsed is None else str(parsed.origin)


def readable_memento(uri: str) -> str:
    """Find where a reader opens a memento whose bytes came from its raw address (`id_`)."""
    return _RAW_MEMENTO.sub(r"/\1/", uri, count=1)


# --- what names a text, whoever cites it


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A number that names a text, whoever cites it, in the form in which it is compared."""

    scheme: str  # "doi", "arxiv", "hal", "pmid", "pmc", "persee", "legifrance", "isbn"
    number: str


# What a name of a text may be, as the names begin.
TEXT_SCHEMES: Final = ("arxiv", "doi", "hal", "isbn", "legifrance", "persee", "pmid", "url")
_I: Final = re.IGNORECASE
_LEGIFRANCE: Final = {  # where a text of each kind has its page
    "LEGITEXT": "loda/id",
    "LEGIARTI": "loda/article_lc",
    "JORFTEXT": "jorf/id",
    "JORFARTI": "jorf/article_jo",
    "JURITEXT": "juri/id",
    "CETATEXT": "ceta/id",
    "KALITEXT": "conv_coll/id",
}
_PAGES: Final = {
    "arxiv": "https://arxiv.org/abs/{}",
    "hal": "https://hal.science/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmc": "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/",
    "persee": "https://www.persee.fr/doc/{}",
}
# The numbers themselves: all that is said of them below is said of these.
_ARXIV: Final = r"\d{4}\.\d{4,5}"
_ARXIV_TO_2007: Final = r"[a-z-]+(?:\.[a-z]{2})?/\d{7}"
_HAL: Final = (
    r"(?:hal|halshs|tel|dumas|inria|cel|medihal|ird|insu|pasteur|sic|cea|in2p3|pastel|jpa|ensl)"
    r"[-_]\d{8}"
)
_PMID: Final = r"\d{4,8}"
_LAW: Final = rf"(?:{'|'.join(_LEGIFRANCE)})\d{{12}}"
_PERSEE: Final = r"[a-z]{2,12}_\d{4}-\d{3}[\dx]_\d{4}_[a-z]{3}_\w+"
# Where they are answered, and what may stand behind them there.
_AT_ARXIV: Final = r"(?:www\.)?arxiv\.org/(?:abs|pdf|html)/"
_AT_HAL: Final = r"(?:[\w-]+\.)*(?:hal\.science|archives-ouvertes\.fr|hal\.inrae\.fr)/"
_AT_PUBMED: Final = r"(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/"
_AT_LEGIFRANCE: Final = r"www\.legifrance\.gouv\.fr/\S*?"
_AT_PERSEE: Final = r"(?:www\.)?persee\.fr/doc/"
_BEHIND_ARXIV: Final = r"(?:v\d+)?(?:\.pdf)?"
_BEHIND_HAL: Final = r"(?:v\d+)?(?:/(?:document|file/\S+))?/?"
_BEHIND_PERSEE: Final = r"(?:[?#]\S*)?"

# How each scheme is written in a line or in a field; in their order of preference.
_WRITTEN: Final = (
    (
        "arxiv",
        re.compile(
            r"\barxiv\s*(?:id)?\s*[:.=]?\s*(?:abs/)?[{\"]?"
            rf"(?P<n>{_ARXIV}|{_ARXIV_TO_2007})(?:v\d+)?\b",
            _I,
        ),
    ),
    ("hal", re.compile(rf"(?<![\w/-])(?P<n>{_HAL})(?:v\d+)?(?!\d)", _I)),
    ("pmc", re.compile(r"\bPMC\s*(?:ID)?\s*[:=]?\s*[{\"]?(?:PMC)?(?P<n>\d{5,8})\b", _I)),
    ("pmid", re.compile(rf"\b(?:PMID|PubMed(?: ID)?)\"?\s*[:=]\s*[{{\"]?(?P<n>{_PMID})\b", _I)),
    ("legifrance", re.compile(rf"\b(?P<n>{_LAW})\b")),
    ("persee", re.compile(rf"(?<![\w/])(?P<n>{_PERSEE})(?!\w)", _I)),
)
# BibTeX says in a field beside it of what kind an `eprint` is.
_EPRINT_TYPE: Final = re.compile(r"\b(?:eprinttype|archiveprefix)\s*=\s*[{\"]arxiv\b", _I)
_EPRINT: Final = re.compile(rf"\beprint\s*=\s*[{{\"]\s*(?P<n>{_ARXIV}|{_ARXIV_TO_2007})", _I)
_MOST_CHARS: Final = 20_000  # of an entry; its identifiers stand before that
# Addresses that are one of these numbers and nothing else, so that both ways of writing name one
# text. Not those of Légifrance, which may be of one article of what they name. The collections of
# HAL are many; at its own address whatever looks like one is one.
_ADDRESSED: Final = (
    (
        "arxiv",
        re.compile(rf"https?://{_AT_ARXIV}(?P<n>{_ARXIV_TO_2007}|{_ARXIV}){_BEHIND_ARXIV}", _I),
    ),
    ("hal", re.compile(rf"https?://{_AT_HAL}(?P<n>[a-z]+-\d{{8}}){_BEHIND_HAL}", _I)),
    ("pmid", re.compile(rf"https?://{_AT_PUBMED}(?P<n>{_PMID})/?", _I)),
    ("persee", re.compile(rf"https?://{_AT_PERSEE}(?P<n>{_PERSEE}){_BEHIND_PERSEE}", _I)),
)
# What is typed or held by a field and is one of these numbers, with its label, its address or bare.
_TYPED: Final = (
    (
        "arxiv",
        re.compile(
            rf"(?:(?P<sure>arxiv)\s*(?:id)?\s*[:.]?\s*|(?P<also>(?:https?://)?{_AT_ARXIV}))?"
            rf"(?P<n>{_ARXIV}|(?<=[:/]){_ARXIV_TO_2007}){_BEHIND_ARXIV}",
            _I,
        ),
    ),
    (
        "hal",
        re.compile(rf"(?:(?:https?://)?{_AT_HAL})?(?P<sure>)(?P<n>{_HAL}){_BEHIND_HAL}", _I),
    ),
    (
        "pmid",
        re.compile(
            r"(?:(?P<sure>PMID|PubMed)\s*(?:ID)?\s*[:=]?\s*"
            rf"|(?P<also>(?:https?://)?{_AT_PUBMED}))(?P<n>{_PMID})/?",
            _I,
        ),
    ),
    (
        "legifrance",
        re.compile(rf"(?:(?:https?://)?{_AT_LEGIFRANCE})?(?P<sure>)(?P<n>{_LAW})(?:[/?#]\S*)?", _I),
    ),
    (
        "persee",
        re.compile(
            rf"(?:(?:https?://)?{_AT_PERSEE})?(?P<sure>)(?P<n>{_PERSEE}){_BEHIND_PERSEE}", _I
        ),
    ),
)
_ISBN: Final = re.compile(
    r"(ISBN(?:[- ]?1[03])?\s*[:=]?\s*)?((?:97[89][ -]?)?\d(?:[ -]?\d){8}[ -]?[\dX])", _I
)
_DOI_IN_PATH: Final = re.compile(
    rf"https?://[^/?#]+/[^?#]*?\b({DOI_BEGINS}[^\s?#]+?)"
    r"(?:/(?:full|pdf|epdf|abstract|html|meta))?/?(?:[?#].*)?$",
    _I,
)
_ARXIV_DOI: Final = re.compile(r"doi 10\.48550/arxiv\.(?P<n>\S+)")
_ENDS_NO_NAME: Final = " \t\r\n\u00a0\u202f.,;:!?…'’>›`|"
_OPENED: Final = {")": "(", "]": "[", "}": "{"}
_LABEL: Final = re.compile(
    r"(?:doi|url|hal|isbn)\s*[:=]\s*(?=https?://|10\.\d|[a-z]+[-_]\d{8})", _I
)
_MEMENTO: Final = re.compile(
    r"https?://(?:web\.)?archive\.(?:org|is|ph|today)/(?:web/)?\d{4,14}\w*/", _I
)
_NO_SCHEME: Final = re.compile(
    r"(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d+)?/\S*|www\.(?:[a-z0-9-]+\.)+[a-z]{2,24}", _I
)


@lru_cache(REMEMBERED)
def read_text_names(text: str) -> tuple[tuple[str, ...], bool]:
    """Read what somebody typed or a field holds as the names of one text, the most telling first.

    An address may hold a DOI, and is a name itself; an ISBN of ten figures is one of thirteen.
    Besides, tell whether it can be nothing else: "exemple.test/a" may be two words, and what looks
    like an ISBN without its sign a number. No names where it is none.

    >>> read_text_names("doi: 10.5555/ABC.")
    (('doi 10.5555/abc',), True)
    >>> read_text_names("https://arxiv.org/pdf/2101.01234v2.pdf")
    (('arxiv 2101.01234', 'url org,arxiv)/pdf/2101.01234v2.pdf'), True)
    >>> read_text_names("2-07-036822-X")
    (('isbn 9782070368228',), False)
    """
    if not any(letter.isdigit() or letter in "/." for letter in text):
        return (), False
    bare = trim_name(_MEMENTO.sub("", _LABEL.sub("", text)))
    names: list[str] = []
    is_sure = False
    for written in (bare, unquote(bare)):  # "10.5555%2Fabc", as some services copy it
        if doi := name_doi(written):
            names.append(doi)
            is_sure = True
    for scheme, pattern in _TYPED:
        if found := pattern.fullmatch(bare):
            marks = found.groupdict()
            is_sure = is_sure or marks["sure"] is not None or marks.get("also") is not None
            names.append(f"{scheme} {found['n'].lower()}")
    if (isbn := _ISBN.fullmatch(bare)) and (number := _read_isbn(isbn[2])):
        names.append(f"isbn {number}")
        is_sure = isbn[1] is not None or len(number) == len(re.sub(r"[ -]", "", isbn[2]))
    address = bare if is_web_url(bare) else f"http://{bare}" if _NO_SCHEME.fullmatch(bare) else ""
    if address:
        for written in (address, unquote(address)):
            if within := _DOI_IN_PATH.match(written):
                names.append(name_doi(within[1]))
        names.append(name_url(urlkey(address)))
        is_sure = is_sure or address == bare
    names += [f"arxiv {found['n']}" for name in names if (found := _ARXIV_DOI.fullmatch(name))]
    return tuple(dict.fromkeys(filter(None, names))), is_sure


def trim_name(text: str) -> str:
    """Take off what stands around an address or a number: signs, and a bracket that it closes.

    >>> trim_name("https://exemple.test/Lille_(ville)).")
    'https://exemple.test/Lille_(ville)'
    >>> trim_name("10.5555/abc},")  # of BibTeX
    '10.5555/abc'
    """
    text = text.strip().removeprefix("<")
    while text and (
        text[-1] in _ENDS_NO_NAME
        or (text[-1] in _OPENED and text.count(text[-1]) > text.count(_OPENED[text[-1]]))
    ):
        text = text[:-1]
    return text


def _read_isbn(written: str) -> str:
    """Give the thirteen figures of an ISBN; "" where its last figure, which proves it, is wrong."""
    figures = re.sub(r"[ -]", "", written).upper()
    if len(figures) == 10:
        proof = sum((10 - at) * (10 if one == "X" else int(one)) for at, one in enumerate(figures))
        figures = "" if proof % 11 else f"978{figures[:9]}"
    elif figures.isdecimal():
        figures = figures[:12] if _prove(figures[:12]) == figures[12] else ""
    else:
        figures = ""
    return figures and figures + _prove(figures)


def _prove(figures: str) -> str:
    """Give the last figure of an ISBN of thirteen by the twelve before it."""
    return str(-sum(int(one) * (1 + 2 * (at % 2)) for at, one in enumerate(figures)) % 10)


def find_identifiers(reference: Reference) -> Iterator[Identifier]:
    """Find the identifiers that name the text of a reference, the best first.

    Where it has an address, only those of its fields and of that address: what else its line holds
    may be another text's.
    """
    if reference.doi:
        yield Identifier(scheme="doi", number=reference.doi.lower())
    if reference.url:
        if doi := name_doi(reference.url):
            yield Identifier(scheme="doi", number=doi.removeprefix("doi "))
        for scheme, pattern in _ADDRESSED:
            if found := pattern.fullmatch(reference.url):
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

    `isbn_page` is that of a catalogue, with `{isbn}` in it: a book has no page of its own.

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


def resolve_address(reference: Reference, *, isbn_page: str = "") -> Reference:
    """Give a reference without an address that of its best identifier; `url_from` says which.

    `isbn_page` is as in `give_address`.
    """
    if reference.url:
        return reference
    for identifier in find_identifiers(reference):
        if address := give_address(identifier, isbn_page=isbn_page):
            return replace(reference, url=address, url_from=identifier.scheme)
    return reference


# --- parts


def redact_url(text: str) -> str:
    """Take the credentials of URLs out of a text, for logs and pages."""
    return _CREDENTIALS.sub("", text)


def _parse(text: str, base: str | None = None) -> ada_url.URL | None:
    # Web IDL, USVString: a lone surrogate is a replacement character.
    scalars = text
    if not text.isascii():
        scalars = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        parsed = ada_url.URL(scalars, base=base)
    except ValueError:
        return None
    return parsed if _is_domain(str(parsed.hostname)) else None


def _is_domain(name: str) -> bool:
    """Whether each label of a name that says it is Punycode is; ada-url lets some through."""
    labels = name.split(".") if "xn--" in name else []
    coded = [label for label in labels if label.startswith("xn--")]
    return all(ada_url.idna.decode(label.encode()) != label for label in coded)


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _normalize_encoding(text: str) -> str:
    """RFC 3986 §6.2.2: `%e9` is `%E9`, and `%7E` is `~`; nothing else is touched."""
    return _ENCODED.sub(_normalize_octet, text)


def _normalize_octet(match: re.Match[str]) -> str:
    octet = int(match[1], 16)
    return chr(octet) if octet in _UNRESERVED else match[0].upper()


def _reverse(name: str) -> str:
    """Reverse the labels of a name: "a.b.fr" gives "fr,b,a"; an IP address stays as it is."""
    if name.startswith("[") or name.replace(".", "").isdigit():
        return name
    return ",".join(reversed(name.split(".")))
