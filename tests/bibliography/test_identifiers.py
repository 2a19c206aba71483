"""Identifiers are addresses: visited, checked, merged, and what stands in for a dead link."""

import json

import pytest

from indexer.bibliography import read_bibliography
from indexer.bibliography.formats import FORMATS
from indexer.cli.crawl import describe_backlogs
from indexer.links.replacement import choose_replacement
from indexer.messages import open_translator
from indexer.model import HostQueue, LinkHealth, LinkState, ReadingRules, Reference
from indexer.urls import find_identifiers
from tests.bibliography.saying import slugs
from tests.command import run_command
from tests.crawl.internet import Internet, respond


@pytest.mark.parametrize(
    ("name", "text", "url"),
    [
        (
            "a_bib",
            "@article{k, title={Un texte}, doi={10.5555/Un.Texte}}",
            "doi.org/10.5555/un.texte",
        ),
        (
            "a_bib",
            "@misc{k, title={Un texte}, eprint={2101.00001}, archiveprefix={arXiv}}",
            "arxiv.org/abs/2101.00001",
        ),
        (
            "a_bib",
            "@misc{k, title={Un texte}, eprinttype={arxiv}, eprint={math/0309136v2}}",
            "arxiv.org/abs/math/0309136",
        ),
        (
            "a_txt",
            "Jeanne Fictive, « Un texte », Revue fictive, 2014, hal-01234567.\n",
            "hal.science/hal-01234567",
        ),
        (
            "a_txt",
            "Jeanne Fictive, « Un texte », Revue fictive, 2014, halshs-01234567v2.\n",
            "hal.science/halshs-01234567",
        ),
        (
            "a_txt",
            "Jeanne Fictive, « Un texte », Revue fictive, 2014, pastel-01234567.\n",
            "hal.science/pastel-01234567",
        ),
        (
            "a_json",
            '[{"id": "k", "type": "book", "title": "Un texte", "note": "PMID: 12345678"}]',
            "pubmed.ncbi.nlm.nih.gov/12345678/",
        ),
        (
            "a_json",
            '[{"id": "k", "type": "book", "title": "Un texte", "note": "PMCID: PMC1234567"}]',
            "pmc.ncbi.nlm.nih.gov/articles/PMC1234567/",
        ),
        (
            "a_ris",
            "TY  - STAT\nTI  - Un texte\nM1  - JORFTEXT000000886460\nER  - \n",
            "www.legifrance.gouv.fr/jorf/id/JORFTEXT000000886460",
        ),
        (
            "a_ris",
            "TY  - JOUR\nTI  - Un texte\nAN  - revue_0395-2649_1977_num_32_3_293836\nER  - \n",
            "www.persee.fr/doc/revue_0395-2649_1977_num_32_3_293836",
        ),
    ],
)
def test_a_reference_with_a_number_alone_has_its_address(read, name, text, url):
    (reference,) = read(**{name: text}).references

    assert reference.title == "Un texte"
    assert (reference.url, bool(reference.url_from)) == (f"https://{url}", True)


def test_what_only_looks_like_a_number_is_no_address(read):
    for words in ("n° 12345678", "hal-123", "cf. 2101.00001", "portal-01234567x", "PMID"):
        bibliography = read(a_txt=f"Jeanne Fictive, « Un texte », Revue fictive, 2014, {words}.\n")
        assert [one.url for one in bibliography.references] == [None], words


def test_a_number_beside_an_address_is_not_visited(read):
    text = "@article{k, title={Un texte}, doi={10.5555/a}, url={https://exemple.test/a}}"
    (reference,) = read(a_bib=text).references

    assert (reference.url, reference.url_from) == ("https://exemple.test/a", "")


def test_the_page_of_an_isbn_is_that_of_the_catalogue_of_the_settings(tmp_path):
    (tmp_path / "a.bib").write_text("@book{k, title={Un livre}, isbn={978-2-07-036822-8}}")

    (without,) = read_bibliography(tmp_path).references
    rules = ReadingRules(isbn_page="https://catalogue.test/isbn/{isbn}")
    (reference,) = read_bibliography(tmp_path, rules=rules).references

    assert without.url is None
    assert reference.url == "https://catalogue.test/isbn/9782070368228"


def test_fields_that_hold_notes_are_those_of_the_settings(tmp_path):
    (tmp_path / "a.bib").write_text(
        "@book{k, title={Un livre}, annote={A.}, note={N.}, abstract={R.}}", encoding="utf-8"
    )
    for kinds, notes in (
        (("annote", "note", "child"), ["A.", "N."]),
        (("annote", "abstract"), ["A.", "R."]),
        ((), []),
    ):
        read = read_bibliography(tmp_path, rules=ReadingRules(notes_in=kinds))
        assert [note.text for note in read.notes] == notes
        assert read.references[0].abstract == "R."


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("doi={10.5555/ABC}", "url={https://doi.org/10.5555/abc}"),
        ("eprint={2101.00001}, archiveprefix={arXiv}", "url={https://arxiv.org/pdf/2101.00001v2}"),
        ("note={HAL: hal-01234567}", "url={https://shs.hal.science/hal-01234567}"),
        ("note={HAL: cea-01234567}", "url={https://hal.inrae.fr/cea-01234567/file/a.pdf}"),
        (
            "url={https://hal.science/autre-01234567v2}",
            "url={https://x.hal.science/autre-01234567}",
        ),
        ("note={PMID: 1234567}", "url={https://pubmed.ncbi.nlm.nih.gov/1234567/}"),
    ],
)
def test_a_number_and_the_address_that_holds_it_are_one_text(read, first, second):
    bibliography = read(
        a_bib=f"@misc{{a, title={{Un texte}}, {first}}}\n@misc{{b, title={{Autre}}, {second}}}\n"
    )
    assert len(bibliography.references) == 1
    assert "duplicate-reference" in slugs(bibliography)


def test_an_export_gives_the_number_not_the_address_made_of_it(read):
    bibliography = read(a_bib="@article{k, title={Un texte}, doi={10.5555/a}}")

    for one in FORMATS.values():
        written = one.render(bibliography)
        assert "10.5555/a" in written
        assert written.count("doi.org") == (one.name == "oai_dc")


def test_a_key_of_bibtex_is_a_name_of_its_text_where_it_is_of_one_alone(read):
    bibliography = read(
        a_bib="@misc{lente2014, title={Ville lente}, ids={lente, vl}}\n"
        "@misc{commune, title={Ville haute}}\n",
        b_bib="@misc{commune, title={Ville basse}}\n",
    )
    names = {one.title: one.aliases for one in bibliography.references}

    assert names == {
        "Ville lente": ("id lente2014", "id lente", "id vl"),
        "Ville haute": (),
        "Ville basse": (),
    }


def test_the_id_that_a_person_gave_in_csl_is_a_name_one_of_a_program_is_none(read):
    items = [
        {"id": "Lente 2014", "type": "book", "title": "Ville lente"},
        {"id": "7", "citation-key": "haute2015", "type": "book", "title": "Ville haute"},
        {"id": "http://zotero.test/items/AB", "type": "book", "title": "Ville basse"},
    ]
    bibliography = read(a_json=json.dumps(items))
    names = {one.title: one.aliases for one in bibliography.references}

    assert names == {
        "Ville lente": ("id lente 2014",),
        "Ville haute": ("id haute2015",),
        "Ville basse": (),
    }


def test_a_dead_link_is_repaired_by_its_doi_a_living_one_is_not():
    address = "https://doi.org/10.5555/a"
    dead = choose_replacement(LinkHealth(state=LinkState.DEAD), [], doi_address=address)
    alive = choose_replacement(LinkHealth(state=LinkState.ALIVE), [], doi_address=address)

    assert (dead.address, dead.kind) == (address, "doi")
    assert alive is None


def test_identifiers_of_a_line_with_an_address_are_its_own_alone():
    reference = Reference(
        id="", title="", url="https://exemple.test/a", raw="… et arXiv:2101.00001, hal-01234567"
    )
    assert list(find_identifiers(reference)) == []


def test_what_waits_at_one_host_is_said_with_how_long_it_takes():
    queues = [
        HostQueue(host="doi.org", count=600, targets=iter(())),
        HostQueue(host="exemple.test", count=99, targets=iter(())),
    ]
    told = describe_backlogs(queues, {"doi.org": 1.5, "exemple.test": 1.0}.get)
    assert list(map(open_translator("en"), told)) == [
        "doi.org: 600 pages are due, one every 1.5 s: 15 min at least. The next run goes on from "
        "there."
    ]


# --- on stand-in servers -------------------------------------------------------------------------

PAGE = (
    "<html><head><title>{0}</title></head><body><h1>{0}</h1>" + "<p>{1}</p>" * 8 + "</body></html>"
)
WORDS = "Un texte assez long pour être lu comme un article, avec plusieurs phrases. " * 5


def answer(request):
    if request.path == "/robots.txt":
        return respond("404 Not Found")
    if request.host == "exemple.test":
        return respond("404 Not Found", body="Introuvable")
    if request.host == "doi.org":
        return respond("302 Found", f"Location: https://editeur.test{request.path}")
    return respond("200 OK", body=PAGE.format(f"Page de {request.path}", WORDS))


@pytest.fixture
def internet(tmp_path):
    folder = tmp_path / "internet"
    folder.mkdir()
    with Internet(answer, folder) as internet:
        yield internet


@pytest.fixture
def corpus(tmp_path):
    folder = tmp_path / "corpus"
    (folder / "bibliography").mkdir(parents=True)
    return folder


def run(corpus, internet, *arguments):
    environ = {
        "SSL_CERT_FILE": str(internet.ca_file),
        "RENVOIS_DELAY_S": "0",
        "RENVOIS_ARCHIVES": "http://archives.test/",
    }
    return run_command(corpus, *arguments, proxy=f"http://{internet.address}", environ=environ)


def test_numbers_are_visited_checked_and_indexed(corpus, internet):
    (corpus / "bibliography" / "a.bib").write_text(
        "@article{a, title={Par DOI}, doi={10.5555/a}}\n"
        "@misc{b, title={Par arXiv}, eprint={2101.00001}, archiveprefix={arXiv}}\n"
        "@book{c, title={Sans rien}}\n",
        encoding="utf-8",
    )
    done = run(corpus, internet, "crawl", "--json")

    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(line)["url"] for line in done.stdout.splitlines()) == [
        "https://arxiv.org/abs/2101.00001",
        "https://doi.org/10.5555/a",
    ]
    assert {"doi.org", "editeur.test", "arxiv.org"} <= {one.host for one in internet.requests}
    report = run(corpus, internet, "links", "report", "--format", "json")
    rows = [json.loads(line) for line in report.stdout.splitlines()]
    assert sorted(row["title"] for row in rows) == ["Par DOI", "Par arXiv"]
    assert {row["state"] for row in rows} <= {"alive", "moved"}


def test_a_doi_is_visited_and_proposed_once_its_address_is_dead(corpus, internet):
    path = corpus / "bibliography" / "a.bib"
    path.write_text(
        "@article{a, title={Un texte}, doi={10.5555/a}, url={https://exemple.test/a}}\n",
        encoding="utf-8",
    )
    first = run(corpus, internet, "links", "check", "--json")
    assert first.returncode == 0, first.stderr
    assert not internet.at("https://doi.org:443")

    url = "https://exemple.test/a"
    decided = run(corpus, internet, "links", "decide", url, "dead")
    assert decided.returncode == 0, decided.stderr
    run(corpus, internet, "links", "check", "--json", "--force")

    assert internet.at("https://doi.org:443")
    patch = run(corpus, internet, "links", "repair")
    assert "+@article" in patch.stdout and "https://doi.org/10.5555/a" in patch.stdout
