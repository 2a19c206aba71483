"""A catalogue goes from its file to a server and back, whole, and on where it was broken off."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from indexer.archive import CATALOGUE_TABLES, HostClaims, copy_tables, open_catalogue
from indexer.errors import CatalogueError
from indexer.identities import RegisterFile
from indexer.identities.settling import Register
from indexer.links.history import open_history
from indexer.model import Identity, Observation, Visit
from indexer.urls import urlkey
from tests.archive.exchanges import NOON
from tests.archive.test_catalogue import make_every_row
from tests.command import run_command
from tests.places import PASSWORD, write_settings

pytest.importorskip("psycopg", reason="renvois[postgresql] is not installed")
pytestmark = pytest.mark.campaign  # run by `make test-postgresql`
MANY = 2_300  # more than two pages


@pytest.fixture
def corpus(tmp_path):
    """A folder with every table of a catalogue filled, visits of many pages, and two identities."""
    folder = tmp_path / "corpus"
    (folder / "bibliography").mkdir(parents=True)
    file = folder / "catalogue.sqlite"
    make_every_row(file)
    with open_catalogue(file) as catalogue, open_history(file) as history:
        for n in range(MANY):
            catalogue.targets.remember(f"http://many.test/{n}")
        for n in range(20, 0, -1):
            url = f"http://many.test/{n}"
            visit = Visit(url=url, urlkey=urlkey(url), visited_at=NOON, outcome="missed")
            catalogue.record_visit(replace(visit, detail="œ ␣ \\ % ' ?"))
            history.record(Observation(url=url, observed_at=NOON, status=404, detail="né"))
    with RegisterFile(file) as register:
        names = ("url test,exemple)/page",)
        texts = (Identity(id="essai-2014", names=names), Identity(id="autre-2015"))
        register.write(Register(), Register(texts))
    return folder


@pytest.fixture
def renvois(corpus, schema):
    """The command, with the server of the tests in its settings."""
    settings = corpus.parent / "renvois.toml"
    write_settings(settings, schema.address, schema.schema)

    def run(*arguments):
        environ = {"RENVOIS_CONFIG": str(settings), PASSWORD: schema.password}
        return run_command(corpus, *arguments, environ=environ)

    return run


def read_all(path):
    """Every row of every table of a file, but for what SQLite keeps of itself."""
    with closing(sqlite3.connect(path)) as db:
        tables = [
            name
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not name.startswith("sqlite_")
        ]
        return {table: sorted(db.execute(f"SELECT * FROM {table}"), key=repr) for table in tables}


def test_there_and_back_every_row_is_what_it_was(corpus, schema, renvois):
    file = corpus / "catalogue.sqlite"
    before = read_all(file)
    there = renvois("catalogue", "copy", "server", "--json")
    assert there.returncode == 0, there.stderr
    assert read_all(file) == before
    assert f'{{"table": "targets", "rows": {len(before["targets"])}}}' in there.stdout
    with open_catalogue(schema) as catalogue, RegisterFile(schema) as register:
        assert not list(catalogue.find_wrong_rows())
        assert [each.id for each in register.read().identities] == ["essai-2014", "autre-2015"]
        url = "http://many.test/0"
        later = Visit(url=url, urlkey=urlkey(url), visited_at=NOON, outcome="missed")
        with catalogue.transaction():  # numbered behind those that were copied
            catalogue.record_visit(later)
            found = catalogue._read("SELECT max(visit_id) AS n FROM visits")[0]["n"]
            assert found == max(row[0] for row in before["visits"]) + 1
            catalogue._read("DELETE FROM visits WHERE visit_id = ? RETURNING 1", found)

    file.rename(corpus / "avant.sqlite")
    back = renvois("catalogue", "copy", "file")
    assert back.returncode == 0, back.stderr
    assert read_all(file) == before
    assert not list(corpus.glob("*.copy*"))


@pytest.mark.parametrize("destination", ["server", "file"])
def test_a_copy_that_was_broken_off_is_refused_and_goes_on_where_it_was(
    corpus, schema, renvois, destination
):
    file = corpus / "catalogue.sqlite"
    before = read_all(file)
    if destination == "file":
        assert renvois("catalogue", "copy", "server").returncode == 0
        file.unlink()
    stopped = stop_copy(file, schema, destination)
    assert 0 < stopped < len(before["targets"])
    if destination == "server":
        refused = renvois("links", "report")
        assert refused.returncode != 0 and "not whole yet" in refused.stderr
    else:
        assert not file.exists()
    done = renvois("catalogue", "copy", destination)
    assert done.returncode == 0, done.stderr
    assert f"targets: {stopped} rows are there from before." in done.stderr
    if destination == "server":
        file.rename(corpus / "avant.sqlite")
        assert renvois("catalogue", "copy", "file").returncode == 0
    assert read_all(file) == before


def stop_copy(file, schema, destination):
    """Break a copy off behind the first page of targets; say how many of them were copied."""
    from indexer.cli import catalogue as command

    server = replace(schema, is_copy=destination == "server")
    if destination == "server":
        state = command.describe_file(file)
        source, target = file, server
    else:
        state = command.describe_server(server)
        source, target = server, file.with_name(file.name + command.PARTIAL_SUFFIX)
    with open_catalogue(source) as opened, open_catalogue(target) as anew:
        open_history(target).close()
        with RegisterFile(target) as register:
            register.make_tables()
        pages = copy_tables(opened, anew, command.TABLES, state=state)
        for page in pages:
            if page.table == "targets" and page.done:
                pages.close()
                return page.done
    raise AssertionError("there are no targets")


def test_a_copy_whose_source_changed_meanwhile_begins_anew(corpus, schema, renvois):
    file = corpus / "catalogue.sqlite"
    stop_copy(file, schema, "server")
    with open_catalogue(file) as catalogue:
        catalogue.hosts.hold("a.test", NOON)
    done = renvois("catalogue", "copy", "server")
    assert done.returncode == 0 and "from before" not in done.stderr
    with open_catalogue(schema) as catalogue:
        assert len(catalogue._read("SELECT host FROM hosts")) == 2


def test_nothing_is_overwritten_and_nothing_damaged_is_confirmed(corpus, schema, renvois):
    file = corpus / "catalogue.sqlite"
    refused = renvois("catalogue", "copy", "file")
    assert refused.returncode != 0 and "is there already" in refused.stderr
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE robots SET rules = 'Disallow: /'")
    refused = renvois("catalogue", "copy", "server")
    assert refused.returncode != 0 and "1 rows are not what was written" in refused.stderr
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("DELETE FROM robots")
    with open_catalogue(schema) as catalogue:
        catalogue.targets.cite(["http://autre.test/"])
    refused = renvois("catalogue", "copy", "server")
    assert refused.returncode != 0 and "holds a catalogue already" in refused.stderr
    with open_catalogue(schema) as catalogue:
        assert [each.url for each in catalogue.targets.planned()] == ["http://autre.test/"]


def test_while_crawlers_are_at_work_nothing_is_copied(corpus, schema, renvois):
    open_catalogue(schema).close()
    with closing(HostClaims(schema)), closing(HostClaims(schema)):
        refused = renvois("catalogue", "copy", "server")
        assert refused.returncode != 0 and "crawlers are at work" in refused.stderr
    assert renvois("catalogue", "copy", "server").returncode == 0


def test_without_a_server_there_is_nowhere_to_copy_to(corpus):
    refused = run_command(corpus, "catalogue", "copy", "server")
    assert refused.returncode == 2 and "no server is set" in refused.stderr


def test_a_row_that_is_read_back_otherwise_is_told(corpus, schema):
    with open_catalogue(schema) as anew:
        with anew.transaction() as connection:
            connection.execute(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN NEW.rules = ''; RETURN NEW; END $$"
            )
            connection.execute(
                "CREATE TRIGGER a_spoil BEFORE INSERT ON robots "
                "FOR EACH ROW EXECUTE FUNCTION spoil()"
            )
        file = corpus / "catalogue.sqlite"
        with closing(sqlite3.connect(file)) as db, db:
            db.execute("UPDATE robots SET rules = 'Disallow: /'")
        tables = {"robots": CATALOGUE_TABLES["robots"]}
        with open_catalogue(file) as opened, pytest.raises(CatalogueError, match="read back"):
            list(copy_tables(opened, anew, tables, state=""))
