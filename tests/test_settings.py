"""Settings: the file, then the environment, then the command line."""

import re
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType

import pytest

from indexer.corpus import read_secrets
from indexer.errors import SettingsError
from indexer.model import WholeTexts
from indexer.postgresql import ServerAddress
from indexer.settings import (
    NOTICES,
    BibliographySettings,
    CatalogueSettings,
    EngineSettings,
    Settings,
    StorageSettings,
    find_language,
    read_settings,
    read_settings_file,
)
from indexer.wiring import find_model
from tests import ROOT


def test_without_anything_the_defaults_hold(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert read_settings(environ={}) == Settings()


def test_the_environment_beats_the_file_and_the_command_line_beats_both(tmp_path):
    file = tmp_path / "renvois.toml"
    file.write_text('delay_s = 3\ncontact = "lab@exemple.test"\ncorpus = "a"\n', encoding="utf-8")

    settings = read_settings(
        environ={"RENVOIS_DELAY_S": "2", "RENVOIS_CORPUS": "b"}, file=file, corpus=Path("c")
    )

    assert settings.delay_s == 2
    assert settings.contact == "lab@exemple.test"
    assert settings.corpus == Path("c")


@pytest.mark.parametrize(
    ("told", "environ", "written", "found"),
    [
        ("en", {"RENVOIS_LANGUAGE": "fr", "LC_ALL": "fr_FR.UTF-8"}, 'language = "fr"', "en"),
        ("", {"RENVOIS_LANGUAGE": "en", "LC_ALL": "fr_FR.UTF-8"}, 'language = "fr"', "en"),
        ("", {"LC_ALL": "fr_FR.UTF-8"}, 'language = "en"', "en"),
        ("", {"LC_ALL": "en_GB.UTF-8", "LC_MESSAGES": "fr_FR", "LANG": "fr_FR"}, "", "en"),
        ("", {"LC_ALL": "", "LC_MESSAGES": "en_US", "LANG": "fr_FR"}, "", "en"),
        ("", {"LANG": "EN"}, "", "en"),
        ("", {"LANG": "C.UTF-8"}, "", "fr"),
        ("", {"LANG": "de_DE.UTF-8"}, "", "fr"),
        ("", {}, "", "fr"),
        ("de", {"RENVOIS_LANGUAGE": "de"}, 'language = "de"', "fr"),
        ("", {"LANG": "en_US"}, 'language = ["fr"]', "en"),
        ("", {"LANG": "en_US"}, "not TOML", "en"),
    ],
)
def test_the_language_is_found_whatever_else_is_wrong(tmp_path, told, environ, written, found):
    file = tmp_path / "renvois.toml"
    file.write_text(written, encoding="utf-8")

    read = read_settings_file(environ, file)
    assert find_language(environ, told=told, file=read) == found
    read = read_settings_file(environ | {"RENVOIS_CONFIG": str(file)})
    assert find_language(environ, told=told, file=read) == found


def test_http_proxy_is_the_proxy_unless_a_setting_names_one():
    environ = {"http_proxy": "http://127.0.0.1:3128"}

    assert read_settings(environ=environ).proxy == "http://127.0.0.1:3128"
    assert read_settings(environ=environ | {"RENVOIS_PROXY": "http://b:1"}).proxy == "http://b:1"


def test_the_user_agent_says_who_we_are_and_where_to_complain():
    agent = read_settings(environ={"RENVOIS_CONTACT": "https://exemple.test/robot"}).user_agent

    assert agent.startswith("renvois/")
    assert agent.endswith("(+https://exemple.test/robot)")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("RENVOIS_DELAY", "1", "Did you mean delay_s?"),
        ("RENVOIS_DELAY_S", "bientôt", "delay_s = 'bientôt'"),
        ("RENVOIS_DELAY_S", "-1", "zero or more"),
        ("RENVOIS_DELAY_S", "nan", "zero or more"),
        ("RENVOIS_DEADLINE_S", "0", "more than zero"),
        ("RENVOIS_CONCURRENCY", "0", "at least 1"),
        ("RENVOIS_SHOW_ARCHIVED", "tout", "one of extracts, full"),
        ("RENVOIS_CONTACT", "a\nb", "one line"),
        ("RENVOIS_BASE_URL", "exemple.fr/biblio", "an address such as"),
        ("RENVOIS_BASE_URL", "https://exemple.fr/?q=1", "an address such as"),
        ("RENVOIS_TRUSTED_PROXIES", "-1", "zero or more"),
        ("RENVOIS_SMTP_SERVER", ":25", "must be a host"),
        ("RENVOIS_SMTP_SERVER", "smtp.exemple.test/a", "must be a host"),
        ("RENVOIS_SMTP_SERVER", "moi@smtp.exemple.test", "must be a host"),
        ("RENVOIS_SITES", "x", "must be a table"),
        ("RENVOIS_SMTP_SERVER", "smtp.exemple.test:x", "Port could not be"),
        ("RENVOIS_MAX_BYTES", "0", "at least 1"),
        ("RENVOIS_RATE_LIMIT", "-1", "zero or more"),
        ("RENVOIS_NOTIFY_DRIFT", "1.01", "between 0 and 1"),
        ("RENVOIS_REQUISITES", "oui", "true or false"),
        ("RENVOIS_DELAY_S", "inf", "zero or more"),
        ("RENVOIS_NOTES_IN", "note tags", "tags is none of"),
        ("RENVOIS_NOTIFY_ON", "death birth", "birth is none of death"),
        ("RENVOIS_MEANING", "order sense", "sense is none of order"),
        ("RENVOIS_ISBN_PAGE", "https://a.test/", "{isbn}"),
        ("RENVOIS_ISBN_PAGE", "a.test/{isbn}", "{isbn}"),
        ("RENVOIS_NOTIFY_MAIL_TO", "ada@a.test ada", "addresses of mail"),
        ("RENVOIS_NOTIFY_MAIL_TO", "@a.test", "addresses of mail"),
        ("RENVOIS_DEPOSIT_TO", "https://a.test/", "with {url} in them"),
        ("RENVOIS_DEPOSIT_TO", "https://a.test/{url}{url}", "with {url} in them"),
        ("RENVOIS_DEPOSIT_TO", "a.test/{url}", "with {url} in them"),
        ("RENVOIS_NOTIFY_WEBHOOKS", "http://a.test ftp://b.test", "begin with https://"),
        ("RENVOIS_COLLECTIONS", "x", "no such setting"),  # of nobody but a benchmark
        ("RENVOIS_ZZZ", "x", "docs/settings.md lists them all"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_place(name, text, says):
    with pytest.raises(SettingsError) as refusal:
        read_settings(environ={name: text})

    assert "environment" in str(refusal.value)
    assert says in str(refusal.value)


@pytest.mark.parametrize("server", ["", "smtp.exemple.test", "127.0.0.1:2525", "[::1]:25"])
def test_a_server_is_a_host_with_or_without_a_port(server):
    assert read_settings(environ={"RENVOIS_SMTP_SERVER": server}).smtp_server == server


@pytest.mark.parametrize("payload", [b"delay_s = ", b"\xff\xfe", b"[delay_s]\nx = 1\n"])
def test_a_broken_file_is_named(tmp_path, payload):
    file = tmp_path / "renvois.toml"
    file.write_bytes(payload)

    with pytest.raises(SettingsError, match=r"renvois\.toml"):
        read_settings(environ={}, file=file)


def test_a_file_that_was_named_must_be_there(tmp_path):
    with pytest.raises(SettingsError, match="absent"):
        read_settings(environ={"RENVOIS_CONFIG": str(tmp_path / "absent.toml")})


# What the manual says in words of a default, and the values that are meant.
IN_WORDS = {
    "none": ("", (), MappingProxyType({}), None, StorageSettings()),
    "`renvois`": ("renvois", ""),  # of the site, what its pages write where nothing is set
    "all four": (NOTICES,),
    "`http_proxy` of the environment": ("",),
    "Chromium, where the system has it": ("",),
    "the bundled one": (Path(),),
    "that of `language`": ("",),
    "the first of them": ("",),
    "those of the system": (None,),
    "the folder of the corpus": (EngineSettings(), CatalogueSettings()),
}
SECRET = {"user", "password"}  # read from the variables that are named


@pytest.mark.parametrize("made", [Settings(), CatalogueSettings(), EngineSettings()])
def test_every_setting_is_documented_with_its_default(made):
    manual = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    names = {each.name for each in fields(made)} - SECRET
    table = next(  # the settings of all stand first; those of a table of theirs have the next
        rows
        for part in manual.split("\n\n")
        if names <= set(rows := read_defaults(part)) or len(names & set(rows)) > len(names) / 2
    )

    assert set(table) == names
    for name, told in table.items():
        value = getattr(made, name)
        if told in IN_WORDS:
            assert value in IN_WORDS[told], name
        else:
            values = value if isinstance(value, tuple) else (value,)
            assert told == ", ".join(f"`{str(each).lower()}`" for each in values), name


def read_defaults(table):
    """Read a table of the manual: the default told of each setting, as it is written."""
    rows = re.findall(r"^\| (`.+?`) \| (.+?) \|", table, re.MULTILINE)
    return {name: told for first, told in rows for name in re.findall("`(.+?)`", first)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("delay_s", "0", 0.0),
        ("deadline_s", "0.01", 0.01),
        ("concurrency", "1", 1),
        ("trusted_proxies", "0", 0),
        ("notify_drift", "0", 0.0),
        ("notify_drift", "1", 1.0),
        ("requisites", "true", True),
        ("requisites", "1", True),
        ("capture_hides_banners", "False", False),
        ("capture_hides_banners", "0", False),
        ("canaries", "https://a.test https://b.test", ("https://a.test", "https://b.test")),
        ("notify_mail_to", "ada@a.test", ("ada@a.test",)),
        ("deposit_to", "https://a.test/{url}", ("https://a.test/{url}",)),
        ("notify_webhooks", "http://a.test/x", ("http://a.test/x",)),
        ("isbn_page", "https://a.test/{isbn}", "https://a.test/{isbn}"),
        ("base_url", "https://a.test/biblio/", "https://a.test/biblio/"),
        ("base_url", "", ""),
    ],
)
def test_what_makes_sense_is_taken_up_to_its_limit(name, text, value):
    taken = getattr(read_settings(environ={f"RENVOIS_{name.upper()}": text}), name)

    assert (taken, type(taken)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('base_url = "https://a.test/"\nshow_archived = "full"', "https://a.test/web/"),
        ('base_url = "https://a.test"', ""),
        ('show_archived = "full"', ""),
    ],
)
def test_captures_are_given_back_where_everybody_is_shown_them_whole(tmp_path, text, where):
    assert read_settings(environ={}, file=write_sites(tmp_path, text)).replay_address == where


def test_rules_of_reading_are_those_that_are_set(tmp_path):
    text = 'notes_in = ["abstract"]\nisbn_page = "https://a.test/{isbn}"\n'
    rules = read_settings(environ={}, file=write_sites(tmp_path, text)).reading_rules

    assert (rules.notes_in, rules.isbn_page) == (("abstract",), "https://a.test/{isbn}")


def write_sites(tmp_path, text):
    file = tmp_path / "renvois.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_value_of_a_header_may_come_from_the_environment(tmp_path):
    text = '[sites."a.test"]\nheaders = { Authorization = "env:LE_JETON", X-Autre = "b" }\n'
    settings = read_settings(
        environ={"LE_JETON": "Bearer secret-du-site"}, file=write_sites(tmp_path, text)
    )

    assert settings.sites["a.test"]["headers"] == {
        "Authorization": "Bearer secret-du-site",
        "X-Autre": "b",
    }


def test_a_variable_that_is_missing_is_named_by_the_command_that_needs_it(tmp_path):
    text = '[sites."a.test"]\nheaders = { Authorization = "env:LE_JETON" }\n'
    settings = read_settings(environ={}, file=write_sites(tmp_path, text), corpus=tmp_path)

    with pytest.raises(SettingsError, match="the environment has no LE_JETON"):
        read_secrets(settings)


def test_an_engine_is_a_table_and_its_secrets_are_of_the_environment(tmp_path):
    text = (
        '[engine]\nname = "opensearch"\nhosts = ["https://a.test:9200"]\nshards = 3\n'
        'ca_file = "ca.pem"\nuser_variable = "NOM"\npassword_variable = "MOT"\npartial = "tell"\n'
    )
    environ = {"NOM": "ada", "MOT": "mot-secret"}
    settings = read_settings(environ=environ, file=write_sites(tmp_path, text))

    assert settings.index_place == {
        "hosts": ("https://a.test:9200",), "ca_file": Path("ca.pem"), "certificate": None,
        "key": None, "user": "ada", "password": "mot-secret", "prefix": "renvois", "shards": 3,
        "replicas": 0, "timeout_s": 30.0, "is_partial": True,
    }  # fmt: skip
    assert "mot-secret" not in repr(settings)
    with pytest.raises(SettingsError, match="there is no MOT"):
        read_settings(environ={"NOM": "ada"}, file=write_sites(tmp_path, text))


def test_a_catalogue_may_be_on_a_server_and_its_password_is_of_the_environment(tmp_path):
    text = '[catalogue]\naddress = "postgresql://ada@a.test/b"\npassword_variable = "MOT"\n'
    file = write_sites(tmp_path, text)
    settings = read_settings(environ={"MOT": "mot-secret"}, file=file)

    place = ServerAddress(address="postgresql://ada@a.test/b", password="mot-secret")
    assert settings.catalogue_place == place
    assert "mot-secret" not in repr(settings) + repr(place) + str(place)
    with pytest.raises(SettingsError, match="there is no MOT"):
        read_settings(environ={}, file=file)
    assert read_settings(environ={}).catalogue_place == Path("corpus/catalogue.sqlite")
    alone = read_settings(environ={"RENVOIS_CATALOGUE": "postgresql:///b"})
    assert alone.catalogue_place == ServerAddress(address="postgresql:///b")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('address = "postgresql://ada:mot-secret@a.test/b"', "must hold no password"),
        ('address = "postgresql://ada@a.test/b?password=mot-secret"', "must hold no password"),
        ('address = "postgresql://a.test"', "must be such as"),
        ('address = "mysql://a.test/b"', "must be such as"),
        ('password = "mot-secret"', "no such setting: password"),
        ('schema = "Renvois; DROP"', "small letters"),
        ('schema = "pg_temp"', "small letters"),
    ],
)
def test_a_catalogue_that_makes_no_sense_is_refused_and_no_secret_repeated(tmp_path, text, says):
    with pytest.raises(SettingsError, match=says) as refusal:
        read_settings(environ={}, file=write_sites(tmp_path, f"[catalogue]\n{text}\n"))
    assert "mot-secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        '[storage]\naddress = "bucket/prefix"',
        '[storage]\naddress = "s3://Bucket"',
        '[storage]\naddress = "s3://bucket"\nendpoint = "https://me:word@storage.test"',
        '[storage]\naddress = "s3://bucket"\nkey_variable = "KEY"',
        '[storage]\nsecret = "x"',
        '[bibliographies."Une"]\nrights = 3',
        '[bibliographies."Une"]\nlicence = "CC"',
        '[bibliographies."Une"]\nshow_archived = "tout"',
        '[bibliographies."Une"]',
        'bibliographies = "Une"',
    ],
)
def test_a_storage_or_a_bibliography_that_makes_no_sense_is_said(tmp_path, text):
    with pytest.raises(SettingsError) as told:
        read_settings(environ={}, file=write_sites(tmp_path, f"{text}\n"))
    assert "me:word" not in str(told.value)


def test_a_storage_and_the_rights_of_bibliographies_are_read(tmp_path):
    text = (
        '[storage]\naddress = "s3://bucket/a/"\nendpoint = "http://127.0.0.1:9000/"\n'
        '[bibliographies."Une « veille »"]\nrights = "CC BY 4.0"\nshow_archived = "full"\n'
    )
    settings = read_settings(environ={}, file=write_sites(tmp_path, text))
    assert settings.storage.address == "s3://bucket/a"
    assert settings.storage.endpoint == "http://127.0.0.1:9000"
    told = BibliographySettings(rights="CC BY 4.0", show_archived="full")
    assert settings.bibliographies == {"Une « veille »": told}
    assert settings.whole_texts == WholeTexts(by_bibliography={"Une « veille »": True})


def test_the_index_is_in_the_corpus_unless_an_engine_is_named():
    assert read_settings(environ={}).index_place == Path("corpus/index")
    assert read_settings(environ={"RENVOIS_ENGINE": "opensearch"}).engine.name == "opensearch"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('name = "whoosh"', "one of embedded, opensearch"),
        ('hosts = ["https://ada:mot-secret@a.test"]', "must hold no password"),
        ('hosts = ["a.test:9200"]', "must be addresses"),
        ("hosts = []", "one at least"),
        ('password = "mot-secret"', "no such setting: password"),
        ('prefix = "Renvois"', "small letters"),
        ("shards = 0", "at least 1"),
        ('partial = "yes"', "one of refuse, tell"),
    ],
)
def test_an_engine_that_makes_no_sense_is_refused_and_no_secret_repeated(tmp_path, text, says):
    with pytest.raises(SettingsError, match=says) as refusal:
        read_settings(environ={}, file=write_sites(tmp_path, f"[engine]\n{text}\n"))
    assert "mot-secret" not in str(refusal.value)


def test_settings_that_are_printed_show_no_secret(tmp_path):
    text = """
notify_webhooks = ["https://a.test/mot-secret"]
webhook_secret = "mot-secret"
smtp_password = "mot-secret"
[sites."a.test"]
headers = { X-Jeton = "mot-secret" }
"""
    file = write_sites(tmp_path, text)
    settings = read_settings(environ={"RENVOIS_PROXY": "http://moi:mot-secret@b:1"}, file=file)

    assert "secret@" in settings.proxy and "secret" in settings.smtp_password
    assert "mot-secret" not in f"{settings} {settings!r}"


def test_everything_of_a_corpus_is_in_its_folder_and_under_names_that_backups_know():
    settings = Settings(corpus=Path("c"))
    manual = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")

    for folder, name in (
        (settings.bibliography, "bibliography"),
        (settings.archive, "archive"),
        (settings.index, "index"),
        (settings.catalogue_place, "catalogue.sqlite"),
        (settings.vectors, "meaning"),
    ):
        assert folder == Path("c") / name
        assert name in manual
    assert settings.outlines == Path("c/index/outlines")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('sites = "secret-du-site"', "must be a table"),
        ('[sites]\n"a.test" = "secret-du-site"', "must hold tables"),
        ('[sites."a.test"]\nheaders = "secret-du-site"', "must be a table of texts"),
        ('[sites."a.test"]\nheaders = { X = ["secret-du-site"] }', "must be a table of texts"),
        ('[sites."a.test"]\nheaders = { X = "secret-du-site\\n" }', "not one line of text"),
        ('[sites."a.test"]\nheaders = { X = "secret-du-site→" }', "no header can hold"),
        ('[sites."a.test"]\nheaders = { "X Y" = "secret-du-site" }', "no name of a header"),
        ('[sites."a.test:8443"]\nheaders = { X = "secret-du-site" }', "write the scheme too"),
        ('[sites."a.test/b"]\nheaders = { X = "secret-du-site" }', "neither a host nor"),
        ('[sites."https://moi:secret@a.test"]\ndelay_s = 1', "neither a host nor"),
        ('[sites."ftp://a.test"]\nheaders = { X = "secret-du-site" }', "neither a host nor"),
        ('[sites."a.test"]\n[sites."A.test"]\nheaders = { X = "secret-du-site" }', "another table"),
        ('[sites."a.test"]\ndelay = 5', r'\[sites."a.test"\]: no such setting: delay'),
        ('[sites."a.test"]\ndelay_s = "un"', r'\[sites."a.test"\]: delay_s: must be a number'),
        ('[sites."a.test"]\ndelay_s = -1', "delay_s: must be zero or more"),
        ('[sites."a.test"]\nignore_robots = "non"', "ignore_robots: must be true or false"),
        ('[sites."https://moi:secret@a.test"]\ndelay = 5', "no such setting: delay"),
    ],
)
def test_what_is_wrong_with_a_site_is_said_without_its_secrets(tmp_path, text, says):
    file = write_sites(tmp_path, text)
    with pytest.raises(SettingsError, match=says) as raised:
        read_secrets(read_settings(environ={}, file=file))

    assert "secret" not in str(raised.value)


def test_what_a_site_says_in_words_is_what_it_says(tmp_path):
    text = '[sites."a.test"]\nignore_robots = "false"\ndelay_s = "5"\n'

    table = read_settings(environ={}, file=write_sites(tmp_path, text)).sites["a.test"]

    assert table == {"ignore_robots": False, "delay_s": 5.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[bibliographies."Une"]\nrigths = "CC"',
            '[bibliographies."Une"]: no such setting: rigths',
        ),
        ('[bibliographies."Une"]\nrights = 3', '[bibliographies."Une"]: rights: must be a text'),
        ("delay_s = 1\ndelay_s = 2", "not TOML"),
    ],
)
def test_what_is_wrong_is_said_of_its_table_without_the_others(tmp_path, text, says):
    others = '[bibliographies."Deux"]\nrights = "autres droits"\n'
    with pytest.raises(SettingsError) as told:
        read_settings(environ={}, file=write_sites(tmp_path, f"{text}\n{others}"))

    assert says in str(told.value)
    assert "autres droits" not in str(told.value)


@pytest.mark.parametrize("written", ["", 'meaning_model = ""'])
def test_without_a_model_named_the_bundled_one_is_wanted(tmp_path, written):
    file = tmp_path / "renvois.toml"
    file.write_text(written, encoding="utf-8")

    assert find_model(read_settings(environ={}, file=file)) is None
    assert find_model(read_settings(environ={"RENVOIS_MEANING_MODEL": "m"}, file=file)) == Path("m")
