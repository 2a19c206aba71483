"""Give the references to harvesters of libraries by OAI-PMH 2.0: oai_dc and MODS, at `/oai`.

Identifiers are digests of our ids, for what is shown and for what is not: a withdrawn text is a
deleted header that names neither its author nor its title. A record bears the moment since when it
is what it is, or since when it is gone: a harvester that comes back takes what changed meanwhile.
"""

import base64
import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NoReturn
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Flask, Response, current_app, request, url_for
from lxml import etree

from indexer.outlines import (
    EVER,
    OutlineRecord,
    Outlines,
    Span,
    name_sets,
    record_digest,
    short_name,
)
from search_web.interop.feeds import rfc3339
from search_web.render.markup import scrub
from search_web.site.addresses import absolute
from search_web.site.state import the_library

oai = Blueprint("oai", __name__)

NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/"
SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
BATCH: Final = 100
_MOST: Final = 10**9  # records of a list, far above any: what SQLite counts ends at 2**63
EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)  # older than any change of a site
# What a harvester may ask for -> its schema and its namespace. unAPI has them by the same names.
PREFIXES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "oai_dc": (
            "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            "http://www.openarchives.org/OAI/2.0/oai_dc/",
        ),
        "mods": (
            "http://www.loc.gov/standards/mods/v3/mods-3-8.xsd",
            "http://www.loc.gov/mods/v3",
        ),
    }
)
DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
# The arguments of each verb: those that it needs, and those that it may have.
LIST_ARGUMENTS: Final = (("metadataPrefix",), ("from", "until", "set"))
VERBS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = MappingProxyType(
    {
        "Identify": ((), ()),
        "ListMetadataFormats": ((), ("identifier",)),
        "ListSets": ((), ()),
        "GetRecord": (("identifier", "metadataPrefix"), ()),
        "ListRecords": LIST_ARGUMENTS,
        "ListIdentifiers": LIST_ARGUMENTS,
    }
)
LISTS: Final = frozenset({"ListSets", "ListRecords", "ListIdentifiers"})  # a token resumes them
_DIGEST: Final = attrgetter("digest")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SECOND: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@dataclass(frozen=True, slots=True)
class GivenTexts:
    """The ids of every text that was ever given one, and when what is shown of them changed."""

    ids: Iterable[str] = ()  # read anew each time it is gone through
    changed_at: datetime = EARLIEST
    version: str = ""  # another one when the ids are others


ListGiven = Callable[[], GivenTexts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The records of one state of the site, as OAI-PMH harvesters are given them."""

    state: str
    host: str
    shelf: Outlines
    gone: Sequence[OutlineRecord]  # what was given an id and is not shown, by digest

    def count(self, spec: str, span: Span = EVER) -> int:
        """Count the records of a set, of all with ""; a deleted one is told in every set."""
        return self.shelf.count_records(spec, span) + len(self._list_gone(span))

    def list(self, after: bytes, spec: str, span: Span = EVER) -> list[OutlineRecord]:
        """List a part of the records of a set, of all with "", those after a digest."""
        gone = self._list_gone(span)
        first = bisect_right(gone, after, key=_DIGEST)
        shown = self.shelf.list_records(after, BATCH, spec, span)
        return sorted([*shown, *gone[first : first + BATCH]], key=_DIGEST)[:BATCH]

    def _list_gone(self, span: Span) -> Sequence[OutlineRecord]:
        if span == EVER:
            return self.gone
        return [each for each in self.gone if span[0] <= each.changed_at <= span[1]]

    def name(self, record: OutlineRecord) -> str:
        """Give the identifier of a record, from which neither author nor title can be read."""
        return f"oai:{self.host}:{record.digest.hex()}"

    def find(self, identifier: str) -> OutlineRecord:
        """Find a record. Raises OaiError."""
        try:
            digest = bytes.fromhex(identifier.removeprefix(f"oai:{self.host}:"))
        except ValueError:
            digest = b""
        at = bisect_left(self.gone, digest, key=_DIGEST)
        gone = (each for each in self.gone[at : at + 1] if each.digest == digest)
        record = self.shelf.find_record(digest) or next(gone, None)
        if record is None or self.name(record) != identifier:
            raise OaiError("idDoesNotExist", "There is no such record.")
        return record


class OaiError(Exception):
    """An error of an OAI-PMH request, with its code of the protocol (OAI-PMH 2.0, §3.6)."""

    def __init__(self, code: str, said: str) -> None:
        """Take the code, and what is wrong, in English."""
        super().__init__(said)
        self.code = code


def give_records(app: Flask, list_given: ListGiven | None) -> None:
    """Give the application `/oai`; without `list_given` no record is told to be deleted."""
    app.extensions["list_given"] = list_given or GivenTexts
    app.register_blueprint(oai)


@oai.route("/oai", methods=["GET", "POST"])
def answer() -> Response:
    """Answer a harvester; what it asks wrongly is said in XML, with 200, as OAI-PMH wants it."""
    root = etree.Element(f"{{{NAMESPACE}}}OAI-PMH", nsmap={None: NAMESPACE, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
    _put(root, "responseDate", rfc3339(datetime.now(UTC)))
    asked = _put(root, "request", _base_url())
    try:
        arguments = _read_arguments()
        verb = arguments.pop("verb")
        part = etree.Element(f"{{{NAMESPACE}}}{verb}")
        _ANSWERS[verb](part, arguments, find_repository())
        for name, value in request.values.items():
            asked.set(name, value)
        root.append(part)
    except OaiError as error:
        _put(root, "error", str(error)).set("code", error.code)
    body = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return Response(body, content_type="text/xml; charset=utf-8")


def find_repository() -> Repository:
    """Find what harvesters are given of the present state."""
    library, given = the_library(), read_given()
    host = urlsplit(absolute(library.site, "/")).hostname or "localhost"
    return Repository(
        state=f"{library.state} {given.changed_at} {given.version} {host}",
        host=host,
        shelf=library.shelf,
        gone=find_gone_texts().records,
    )


def read_given() -> GivenTexts:
    """Read which texts were ever given an id, as the site is now."""
    given: GivenTexts = current_app.extensions["list_given"]()
    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneTexts:
    """The texts that have an id and are not shown: withdrawn, or cited no more."""

    short_names: Mapping[str, str]  # and the ids that they lead to
    records: Sequence[OutlineRecord]  # by digest


def find_gone_texts() -> GoneTexts:
    """Find what was given an id and is not shown, once for each state of the site."""
    library, given = the_library(), read_given()
    state = (library.state, given)
    held = current_app.extensions.get("gone_texts")
    if held is None or held[0] != state:
        ids = list(library.shelf.list_missing(given.ids))
        moments, went_at = library.shelf.list_gone(), given.changed_at.replace(microsecond=0)
        gone = GoneTexts(
            short_names={short_name(each): each for each in ids},
            records=[
                # Where no file of outlines saw it go, it went with the last change.
                OutlineRecord(digest=each, changed_at=moments.get(each, went_at))
                for each in sorted(map(record_digest, ids))
            ],
        )
        held = current_app.extensions["gone_texts"] = (state, gone)
    found: GoneTexts = held[1]
    return found


def _digest(text: str, size: int) -> str:
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


# --- what is asked


def _read_arguments() -> dict[str, str]:
    """Read what is asked. Raises OaiError."""
    arguments = dict(request.values.items())
    if len(list(request.values.items(multi=True))) != len(arguments):
        raise OaiError("badArgument", "An argument is repeated.")
    verb = arguments.get("verb", "")
    if verb not in VERBS:
        raise OaiError("badVerb", f"The verb is one of {', '.join(VERBS)}.")
    given = arguments.keys() - {"verb"}
    if "resumptionToken" in given and verb in LISTS:
        if len(given) > 1:
            raise OaiError("badArgument", "resumptionToken stands alone.")
        return {"verb": verb, **_read_token(verb, arguments["resumptionToken"])}
    needed, allowed = VERBS[verb]
    if missing := [name for name in needed if name not in given]:
        raise OaiError("badArgument", f"Missing: {', '.join(missing)}.")
    if wrong := sorted(given - {*needed, *allowed}):
        raise OaiError("badArgument", f"{verb} has no argument {', '.join(wrong)}.")
    return arguments


def _write_token(verb: str, arguments: Mapping[str, str], place: int, state: str) -> str:
    return _encode({**arguments, "place": str(place), "verb": verb, "state": _digest(state, 8)})


def _encode(told: Mapping[str, str]) -> str:
    return base64.urlsafe_b64encode(urlencode(told).encode()).decode()


def _read_token(verb: str, token: str) -> dict[str, str]:
    """Read what a token resumes. Raises OaiError where it is none of ours, or of another state."""
    try:
        told = dict(parse_qsl(base64.urlsafe_b64decode(token).decode(), keep_blank_values=True))
        is_right = _encode(told) == token  # decoding overlooks what is no base64
        place, state = int(told.pop("place")), told.pop("state")
        is_right = is_right and told.pop("verb") == verb and 0 <= place <= _MOST
        bytes.fromhex(told.get("after", ""))
    except (ValueError, KeyError):
        _refuse_token()
    if not is_right or state != _digest(find_repository().state, 8):
        _refuse_token()
    return {**told, "place": str(place)}


def _refuse_token() -> NoReturn:
    raise OaiError("badResumptionToken", "No such token, or the site has changed: begin again.")


def _read_moment(text: str, *, is_end: bool = False) -> datetime:
    """Read a day or a second; a day is meant to its end where a range ends. Raises OaiError."""
    try:
        if _DAY.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return day + timedelta(days=1, seconds=-1) if is_end else day
        if _SECOND.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:  # a month of 31 days that has 30
        pass
    raise OaiError("badArgument", f"{text} is no date: YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.")


# --- what is answered


def _identify(part: etree._Element, arguments: dict[str, str], found: Repository) -> None:
    site = the_library().site
    host = urlsplit(absolute(site, "/")).hostname or "localhost"
    _put(part, "repositoryName", site.name)
    _put(part, "baseURL", _base_url())
    _put(part, "protocolVersion", "2.0")
    _put(part, "adminEmail", site.contact if "@" in site.contact else f"webmaster@{host}")
    _put(part, "earliestDatestamp", rfc3339(EARLIEST))
    # What a purge took out of the register is deleted without a word.
    _put(part, "deletedRecord", "transient")
    _put(part, "granularity", "YYYY-MM-DDThh:mm:ssZ")


def _list_formats(part: etree._Element, arguments: dict[str, str], found: Repository) -> None:
    identifier = arguments.get("identifier")
    if identifier and found.find(identifier).document is None:
        raise OaiError("noMetadataFormats", "The record is deleted.")
    for prefix, (schema, namespace) in PREFIXES.items():
        told = _put(part, "metadataFormat")
        _put(told, "metadataPrefix", prefix)
        _put(told, "schema", schema)
        _put(told, "metadataNamespace", namespace)


def _list_sets(part: etree._Element, arguments: dict[str, str], found: Repository) -> None:
    total = found.shelf.count("sets")
    for spec, name in found.shelf.list_sets(int(arguments.get("place", 0)), BATCH):
        told = _put(part, "set")
        _put(told, "setSpec", spec)
        _put(told, "setName", name)
        rights = the_library().site.rights.get(name, "")
        if rights and spec.startswith("bibliography:"):
            _put_rights(_put(told, "setDescription"), name, rights)
    if not total:
        raise OaiError("noSetHierarchy", "There are no sections.")
    _resume(part, "ListSets", arguments, total, found)


def _get_record(part: etree._Element, arguments: dict[str, str], found: Repository) -> None:
    prefix = _check_prefix(arguments)
    _put_record(part, found.find(arguments["identifier"]), prefix, found)


def _list_records(part: etree._Element, arguments: dict[str, str], found: Repository) -> None:
    prefix = _check_prefix(arguments)
    for record in _list_part("ListRecords", part, arguments, found):
        _put_record(part, record, prefix, found)


def _list_identifiers(part: etree._Element, arguments: dict[str, str], found: Repository) -> None:
    _check_prefix(arguments)
    for record in _list_part("ListIdentifiers", part, arguments, found):
        _put_header(part, record, found)


_ANSWERS: Final[Mapping[str, Callable[[etree._Element, dict[str, str], Repository], None]]] = (
    MappingProxyType(
        {
            "Identify": _identify,
            "ListMetadataFormats": _list_formats,
            "ListSets": _list_sets,
            "GetRecord": _get_record,
            "ListRecords": _list_records,
            "ListIdentifiers": _list_identifiers,
        }
    )
)


def _check_prefix(arguments: Mapping[str, str]) -> str:
    prefix = arguments.get("metadataPrefix", "")
    if prefix not in PREFIXES:
        raise OaiError("cannotDisseminateFormat", f"The formats are {', '.join(PREFIXES)}.")
    return prefix


def _list_part(
    verb: str, part: etree._Element, arguments: dict[str, str], found: Repository
) -> Iterator[OutlineRecord]:
    """List a part of the records of a range and of a set, then put the token of what follows."""
    span, spec = _read_span(arguments), arguments.get("set", "")
    total = found.count(spec, span)
    if not total:
        raise OaiError("noRecordsMatch", "No record is of that set and that time.")
    listed = found.list(bytes.fromhex(arguments.pop("after", "")), spec, span)
    yield from listed
    after = listed[-1].digest.hex() if listed else ""
    _resume(part, verb, {**arguments, "after": after}, total, found)


def _read_span(arguments: Mapping[str, str]) -> Span:
    """Read the span of time in which records became what they are. Raises OaiError."""
    first, last = arguments.get("from", ""), arguments.get("until", "")
    if first and last and len(first) != len(last):
        raise OaiError("badArgument", "from and until are both days, or both seconds.")
    since = _read_moment(first) if first else EVER[0]
    until = _read_moment(last, is_end=True) if last else EVER[1]
    return since, until


def _put_record(
    part: etree._Element, record: OutlineRecord, prefix: str, found: Repository
) -> None:
    told = _put(part, "record")
    _put_header(told, record, found)
    if record.document is None:
        return
    exporters = the_library().site.exporters
    exporter = next(each for each in exporters if each.unapi_name == prefix)
    written = etree.fromstring(exporter.render([record.document]).encode())[0]
    written.set(f"{{{XSI}}}schemaLocation", " ".join(reversed(PREFIXES[prefix])))
    _put(told, "metadata").append(written)


def _put_header(part: etree._Element, record: OutlineRecord, found: Repository) -> None:
    header = _put(part, "header")
    _put(header, "identifier", found.name(record))
    _put(header, "datestamp", rfc3339(record.changed_at))
    named = [spec for spec, _ in name_sets(record.document)] if record.document else []
    for spec in named:
        if not any(each.startswith(f"{spec}:") for each in named):
            _put(header, "setSpec", spec)
    if record.document is None:
        header.set("status", "deleted")


def _resume(
    part: etree._Element, verb: str, arguments: dict[str, str], total: int, found: Repository
) -> None:
    """Put the token of what follows; an empty one ends a list that was given in parts."""
    first = int(arguments.pop("place", 0))
    if total <= BATCH:
        return
    following = first + BATCH
    arguments.pop("verb", None)
    text = _write_token(verb, arguments, following, found.state) if following < total else ""
    token = _put(part, "resumptionToken", text)
    token.set("completeListSize", str(total))
    token.set("cursor", str(first))


def _put(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = scrub(text) or None
    return element


def _put_rights(parent: etree._Element, name: str, rights: str) -> None:
    """Describe a set as Dublin Core: whose rights it is given under."""
    described = etree.SubElement(parent, f"{{{PREFIXES['oai_dc'][1]}}}dc")
    for element, text in (("title", name), ("rights", rights)):
        etree.SubElement(described, f"{{{DUBLIN_CORE}}}{element}").text = scrub(text)


def _base_url() -> str:
    return absolute(the_library().site, url_for("oai.answer").partition("?")[0])
