"""Harvesters of libraries are given every reference by OAI-PMH 2.0, and every deletion."""

import os
import re
import shutil
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from lxml import etree
from oaipmh_scythe import Scythe

from indexer.outlines import OutlineRecord, record_digest
from indexer.settings import Settings
from search_web import Sources, create_app
from search_web.interop.oai import (
    BATCH,
    DUBLIN_CORE,
    EARLIEST,
    GivenTexts,
    OaiError,
    Repository,
)
from search_web.site.serving import listen, open_server, tell_address
from search_web.wsgi import close_app, open_app
from tests.search_web.conftest import SITE
from tests.search_web.test_caching import Watched
from tests.search_web.test_mementos import folder as corpus
from tests.test_outlines import stand

__all__ = ["corpus"]

OAI = "{http://www.openarchives.org/OAI/2.0/}"
CHANGED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
GONE = frozenset(f"parti-{number}" for number in range(2 * BATCH))
WITHDRAWN = "dupont-2014-retire"


@pytest.fixture(scope="module")
def texts(searcher):
    return {each.id for each in searcher.outlines() if each.reference is not None}


@pytest.fixture(scope="module")
def state(texts):
    """What was given: the texts that are shown, those that left, one that is withdrawn."""
    return {"given": GivenTexts(ids=GONE | texts | {WITHDRAWN}, changed_at=CHANGED_AT)}


@pytest.fixture(scope="module")
def app(searcher, state):
    site = replace(SITE, base_url="")
    return create_app(Watched(searcher), site, Sources(list_given=lambda: state["given"]))


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


def ask(client, **arguments):
    answer = client.get(f"/oai?{urlencode(arguments)}")
    assert answer.status_code == 200
    assert answer.content_type == "text/xml; charset=utf-8"
    return etree.fromstring(answer.data)


def error_of(root):
    return root.find(f"{OAI}error").get("code")


@pytest.mark.parametrize("prefix", ["oai_dc", "mods"])
def test_a_harvester_takes_all_in_parts(app, texts, prefix):
    listening = listen("127.0.0.1", 0)
    server = open_server(app, listening)
    threading.Thread(target=server.run, daemon=True).start()
    with Scythe(f"{tell_address(listening)}oai") as scythe:
        records = list(scythe.list_records(metadata_prefix=prefix))
        headers = list(scythe.list_identifiers(metadata_prefix=prefix))
        name = scythe.identify().repositoryName
    server.close()

    alive = [each for each in records if not each.deleted]
    assert len(records) == len({each.header.identifier for each in records}) == len(headers)
    assert len(alive) == len(texts)
    assert len(records) - len(alive) == len(GONE) + 1
    assert all(each.xml.find(f".//{OAI}metadata")[0] is not None for each in alive)
    assert name == "renvois"


def test_no_identifier_tells_whom_a_withdrawn_text_is_of(client, texts):
    arguments = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}
    told = []
    while arguments:
        answer = client.get(f"/oai?{urlencode(arguments)}")
        told.append(answer.get_data(as_text=True))
        token = etree.fromstring(answer.data).findtext(f".//{OAI}resumptionToken")
        arguments = {"verb": "ListIdentifiers", "resumptionToken": token} if token else {}

    assert len(told) == -(-(len(texts) + len(GONE) + 1) // BATCH)
    assert not [each for each in told if "dupont" in each or "parti-" in each]


def test_a_list_in_parts_counts_and_ends_with_an_empty_token(client, texts):
    total = len(texts) + len(GONE) + 1
    arguments = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    cursors = []
    while True:
        token = ask(client, **arguments).find(f".//{OAI}resumptionToken")
        assert token.get("completeListSize") == str(total)
        cursors.append(int(token.get("cursor")))
        if not token.text:
            break
        arguments = {"verb": "ListRecords", "resumptionToken": token.text}

    assert cursors == list(range(0, total, BATCH))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: f"{token}\x01",
        lambda token: f"{token}\ufffe",
        lambda token: f"{token[:9]} {token[9:]}",
        lambda token: urlsafe_b64encode(b"[" * 5000).decode(),
        lambda token: forge(token, place=10**30),
        lambda token: forge(token, place=-1),
        lambda token: forge(token, place="inf"),
        lambda token: forge(token, after="é"),
        lambda token: urlsafe_b64encode(urlsafe_b64decode(token) + b"&set=\xed\xa0\x80").decode(),
    ],
)
@pytest.mark.parametrize("verb", ["ListRecords", "ListSets"])
def test_a_token_that_is_not_as_it_was_given_is_refused(client, verb, spoil):
    root = ask(client, verb="ListRecords", metadataPrefix="mods")
    token = forge(root.findtext(f".//{OAI}resumptionToken"), verb=verb)
    assert ask(client, verb=verb, resumptionToken=token).find(f"{OAI}error") is None

    assert error_of(ask(client, verb=verb, resumptionToken=spoil(token))) == "badResumptionToken"


def test_a_token_of_values_that_are_none_is_told_what_is_wrong(client):
    root = ask(client, verb="ListRecords", metadataPrefix="mods")
    token = root.findtext(f".//{OAI}resumptionToken")

    wrong = {"metadataPrefix": "['mods']", "from": "3", "until": "['2026-11-20']"}
    forged = {name: forge(token, **{name: value}) for name, value in wrong.items()}
    codes = {
        name: error_of(ask(client, verb="ListRecords", resumptionToken=each))
        for name, each in forged.items()
    }

    assert codes == {
        "metadataPrefix": "cannotDisseminateFormat",
        "from": "badArgument",
        "until": "badArgument",
    }


def forge(token, **changed):
    """Write a token of ours with other values."""
    told = dict(parse_qsl(urlsafe_b64decode(token).decode()))
    return urlsafe_b64encode(urlencode({**told, **changed}).encode()).decode()


def test_a_token_does_not_outlive_the_state(client, state):
    first = ask(client, verb="ListRecords", metadataPrefix="mods")
    token = first.findtext(f".//{OAI}resumptionToken")
    given = state["given"]
    state["given"] = replace(given, changed_at=CHANGED_AT.replace(day=21))
    after = ask(client, verb="ListRecords", resumptionToken=token)
    state["given"] = given

    assert error_of(after) == "badResumptionToken"


def harvest(client, **arguments):
    """Give the headers of all parts of a list."""
    arguments = {"verb": "ListIdentifiers", **arguments}
    while arguments:
        root = ask(client, **arguments)
        yield from root.iter(f"{OAI}header")
        token = root.findtext(f".//{OAI}resumptionToken")
        arguments = {"verb": "ListIdentifiers", "resumptionToken": token} if token else {}


def test_sections_and_bibliographies_are_sets_and_each_finds_its_own(client, documents):
    sets = ask(client, verb="ListSets").iter(f"{OAI}set")
    names = {each.findtext(f"{OAI}setSpec"): each.findtext(f"{OAI}setName") for each in sets}
    cited = [each for each in documents if each.reference is not None]
    for spec, name in names.items():
        headers = harvest(client, metadataPrefix="oai_dc", set=spec)
        found = [each for each in headers if each.get("status") != "deleted"]
        path = tuple(name.split(" › "))
        inside = [
            each
            for each in cited
            if (
                tuple(" ".join(heading.split()) for heading in each.section)[: len(path)] == path
                if spec.startswith("section:")
                else name in each.bibliographies
            )
        ]
        assert len(found) == len(inside) > 0, name


def test_a_bibliography_is_given_under_its_own_rights_on_its_page_and_to_harvesters(
    searcher, documents
):
    title = next(name for each in documents for name in each.bibliographies)
    rights = "CC BY-SA 4.0, le réseau & amis"
    site = replace(SITE, base_url="", rights={title: rights})
    client = create_app(searcher, site).test_client()
    page = client.get(f"/bibliographies/{quote(title)}").text
    assert re.search("Droits\\s?: CC BY-SA 4.0, le réseau &amp; amis", page)
    sets = list(ask(client, verb="ListSets").iter(f"{OAI}set"))
    told = {
        each.findtext(f"{OAI}setName"): each.findtext(f".//{{{DUBLIN_CORE}}}rights")
        for each in sets
        if each.findtext(f"{OAI}setSpec").startswith("bibliography:")
    }
    assert told == {name: rights if name == title else None for name in told}
    assert title in told


def test_a_set_that_a_harvester_follows_tells_it_of_every_deletion(client):
    spec = ask(client, verb="ListSets").findtext(f".//{OAI}setSpec")
    headers = list(harvest(client, metadataPrefix="oai_dc", set=spec))

    assert sum(each.get("status") == "deleted" for each in headers) == len(GONE) + 1


def test_a_line_of_withdrawal_makes_a_record_a_deleted_one(corpus, tmp_path):
    folder = shutil.copytree(corpus, tmp_path / "corpus")
    app = open_app(Settings(corpus=folder, base_url="https://renvois.example"))
    client = app.test_client()
    before = {each.findtext(f"{OAI}identifier"): each.get("status") for each in
              harvest(client, metadataPrefix="mods")}  # fmt: skip
    (folder / "withdrawn.txt").write_text("http://retrait.test/article\n", encoding="utf-8")
    after = {each.findtext(f"{OAI}identifier"): each.get("status") for each in
             harvest(client, metadataPrefix="mods")}  # fmt: skip
    close_app(app)

    assert after.keys() == before.keys()
    assert set(before.values()) == {None}
    assert list(after.values()).count("deleted") == 1


def test_a_harvester_that_comes_back_takes_what_changed_meanwhile(corpus, tmp_path):
    folder = shutil.copytree(corpus, tmp_path / "corpus")

    def harvest_since(moment):
        app = open_app(Settings(corpus=folder, base_url="https://renvois.example"))
        asked = {"metadataPrefix": "mods", **({"from": moment} if moment else {})}
        root = ask(app.test_client(), verb="ListIdentifiers", **asked)
        close_app(app)
        return {
            each.findtext(f"{OAI}identifier"): (
                each.get("status"),
                each.findtext(f"{OAI}datestamp"),
            )
            for each in root.iter(f"{OAI}header")
        }

    def grow_old():
        for file in (folder / "index" / "outlines").glob("*.sqlite"):
            os.utime(file, (time.time() - 86400, time.time() - 86400))

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    everything = harvest_since("")
    grow_old()
    assert len(everything) > 1
    assert harvest_since(today) == {}
    assert {moment[:10] < today for _, moment in harvest_since("").values()} == {True}

    (folder / "withdrawn.txt").write_text("http://retrait.test/article\n", encoding="utf-8")
    ((withdrawn, (status, _)),) = harvest_since(today).items()
    assert status == "deleted"
    grow_old()
    assert harvest_since(today) == {}
    assert harvest_since("").keys() == everything.keys()

    (folder / "withdrawn.txt").write_text("", encoding="utf-8")
    ((shown, (status, _)),) = harvest_since(today).items()
    assert (shown, status) == (withdrawn, None)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "badVerb"),
        ({"verb": "ListEverything"}, "badVerb"),
        ({"verb": "GetMetadata", "identifier": "x", "metadataPrefix": "oai_dc"}, "badVerb"),
        ({"verb": "Identify", "set": "x"}, "badArgument"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc21"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "hier"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-02-31"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2999-11-21"},
         "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "until": "2019-11-19"},
         "noRecordsMatch"),
        ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-11-01",
          "until": "2026-11-21T00:00:00Z"}, "badArgument"),
        ({"verb": "ListRecords", "resumptionToken": "n’importe quoi"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "e30="}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "W10="}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "e30=", "metadataPrefix": "mods"},
         "badArgument"),
        ({"verb": "GetRecord", "identifier": "oai:x:y", "metadataPrefix": "mods"},
         "idDoesNotExist"),
    ],
)  # fmt: skip
def test_what_is_asked_wrongly_is_said_by_its_code(client, arguments, code):
    assert error_of(ask(client, **arguments)) == code


def test_a_day_is_meant_whole_and_an_argument_once(client):
    same_day = {"metadataPrefix": "oai_dc", "from": "2026-11-20", "until": "2026-11-20"}
    found = ask(client, verb="ListIdentifiers", **same_day)
    twice = etree.fromstring(client.get("/oai?verb=Identify&verb=Identify").data)

    assert found.find(f"{OAI}error") is None
    assert error_of(twice) == "badArgument"


def test_a_post_asks_the_same(client):
    answer = etree.fromstring(client.post("/oai", data={"verb": "Identify"}).data)

    assert answer.findtext(f"{OAI}Identify/{OAI}protocolVersion") == "2.0"


def test_a_text_that_leaves_and_comes_back_keeps_its_identifier(documents):
    texts = {each.id: each for each in documents if each.reference is not None}
    one = next(iter(texts))
    left = [text for key, text in texts.items() if key != one]
    whole, without = (
        Repository(
            state="1",
            host="exemple.fr",
            shelf=(shelf := stand(held)),
            gone=[
                OutlineRecord(digest=record_digest(each), changed_at=EARLIEST)
                for each in shelf.list_missing(texts)
            ],
        )
        for held in (texts.values(), left)
    )

    (gone,) = [each for each in without.list(b"", "") if each.document is None]
    before = whole.find(without.name(gone))
    assert before.document is not None
    assert before.document.id == one
    assert without.name(gone) == whole.name(before)
    assert {each.digest for each in whole.list(b"", "")} == {
        each.digest for each in without.list(b"", "")
    }


def test_every_record_is_found_by_its_identifier_shown_or_gone(documents):
    texts = [each for each in documents if each.reference is not None]
    gone = sorted(record_digest(each.id) for each in texts[:3])
    repository = Repository(
        state="1",
        host="exemple.fr",
        shelf=stand(texts[3:]),
        gone=[OutlineRecord(digest=each, changed_at=EARLIEST) for each in gone],
    )

    listed = repository.list(b"", "")
    assert len(listed) == repository.count("") == len(texts)
    assert [each.digest for each in listed if each.document is None] == gone
    for record in listed:
        assert repository.find(repository.name(record)) == record
    never = repository.name(replace(listed[0], digest=b"0" * 8))
    for wrong in (never, f"oai:autre.fr:{gone[0].hex()}", "oai:exemple.fr:zz", ""):
        with pytest.raises(OaiError):
            repository.find(wrong)
