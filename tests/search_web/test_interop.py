"""What other programs read of us, each by its own rules."""

import json
from urllib.parse import parse_qs, urlsplit

import bibtexparser
import feedparser
import pytest
import rispy
from bs4 import BeautifulSoup
from lxml import etree

OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\x00\u202e'
ATOM = "{http://www.w3.org/2005/Atom}"


def xml(answer):
    return etree.fromstring(answer.data)


# --- OpenSearch 1.1 ---------------------------------------------------------------------------


def test_a_browser_can_add_the_search(client, read):
    link = read("/").select_one("link[rel=search]")
    assert link["type"] == "application/opensearchdescription+xml"
    answer = client.get(link["href"])
    description = xml(answer)

    assert answer.content_type.startswith("application/opensearchdescription+xml")
    assert description.tag == f"{OPENSEARCH}OpenSearchDescription"
    assert 0 < len(description.findtext(f"{OPENSEARCH}ShortName")) <= 16
    assert 0 < len(description.findtext(f"{OPENSEARCH}Description")) <= 1024
    assert description.findtext(f"{OPENSEARCH}Language") == "fr"


@pytest.mark.parametrize(
    ("media_type", "rel"),
    [
        ("text/html", None),
        ("application/atom+xml", None),
        ("application/x-suggestions+json", "suggestions"),
        ("application/opensearchdescription+xml", "self"),
    ],
)
def test_each_of_its_addresses_answers_in_its_type(client, media_type, rel):
    urls = xml(client.get("/opensearch.xml")).findall(f"{OPENSEARCH}Url")
    url = next(each for each in urls if each.get("type") == media_type)
    template = url.get("template")

    assert url.get("rel") == rel
    assert template.startswith("https://renvois.example/")
    address = urlsplit(
        template.replace("{searchTerms}", "tiers%20lieux").replace("{startPage?}", "")
    )
    answer = client.get(f"{address.path}?{address.query}")
    assert answer.status_code == 200
    assert answer.content_type.split(";")[0] == media_type


def test_suggestions_are_four_lists_beside_what_was_typed(client):
    answer = client.get("/suggestions?q=bess")
    typed, texts, counts, addresses = answer.get_json(force=True)

    assert typed == "bess"
    assert texts[0] == "Raphaël Besson"
    assert counts[0] == "auteur, 3\u00a0documents"
    assert addresses[0] == "https://renvois.example/recherche?q=Rapha%C3%ABl+Besson"
    assert len(texts) == len(counts) == len(addresses)
    assert client.get("/suggestions?q=").get_json(force=True) == ["", [], [], []]


def test_a_page_of_results_counts_for_programs(read):
    page = read("/recherche?q=ville+territoire&page=2")
    told = {each["name"]: each["content"] for each in page.select("meta[name]")}

    assert told["startIndex"] == "11"
    assert told["itemsPerPage"] == "10"
    assert int(told["totalResults"]) > 10


# --- Atom -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/recherche.atom?q=ville", "/recherche.atom?q=xyzzyxyz", "/nouveautes.atom"]
)
def test_a_feed_is_read_without_complaint(client, path):
    answer = client.get(path)
    feed = feedparser.parse(answer.data)

    assert answer.content_type.startswith("application/atom+xml")
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.id.startswith("tag:renvois.example,2026:")
    assert feed.feed.language == "fr"
    for entry in feed.entries:
        assert entry.id.startswith("tag:renvois.example,2026:")
        assert entry.title
        assert entry.summary
        assert entry.updated_parsed


def test_a_feed_is_as_old_as_its_newest_entry_and_never_now(client):
    feed = feedparser.parse(client.get("/recherche.atom?q=ville").data)

    assert feed.feed.updated == max(entry.updated for entry in feed.entries)
    assert feed.feed.updated == "2026-11-20T09:30:00Z"


def test_a_long_search_is_paged(client):
    feed = xml(client.get("/recherche.atom?q=ville+territoire&page=2"))
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}

    assert {"self", "first", "previous", "next", "last", "alternate", "search"} <= set(links)
    assert parse_qs(urlsplit(links["next"]).query)["page"] == ["3"]
    assert "page" not in parse_qs(urlsplit(links["first"]).query)
    assert feed.findtext(f"{OPENSEARCH}startIndex") == "11"


def test_a_text_has_the_same_id_in_every_feed(client):
    search = feedparser.parse(
        client.get("/recherche.atom?q=fabrique+des+villes+contemporaines").data
    )
    new = feedparser.parse(client.get("/nouveautes.atom").data)
    name = "tag:renvois.example,2026:texts/besson-2014-tiers"

    assert name in {entry.id for entry in search.entries}
    assert name in {entry.id for entry in new.entries}


# --- Zotero -----------------------------------------------------------------------------------


def test_zotero_offers_the_results_as_a_list(read):
    page = read("/recherche?q=ville&type=text")
    spans = page.select("span.Z3988[title]")
    contexts = [parse_qs(span["title"]) for span in spans]

    assert len(spans) > 1
    assert all(
        context["rft_val_fmt"][0].startswith("info:ofi/fmt:kev:mtx:") for context in contexts
    )
    assert "Tiers lieux et fabrique des villes contemporaines" in [
        context["rft.title"][0] for context in contexts if "rft.title" in context
    ]
    assert len(page.select("abbr.unapi-id[title]")) == len(spans)
    server = page.select_one("link[rel=unapi-server]")["href"]
    assert server == "https://renvois.example/unapi"


def test_unapi_lists_its_formats_and_gives_records(client):
    listed = xml(client.get("/unapi"))
    assert listed.tag == "formats"
    assert [each.get("name") for each in listed] == ["ris", "bibtex", "mods", "oai_dc"]
    of_one = client.get("/unapi?id=besson-2014-tiers")
    assert of_one.status_code == 300
    assert xml(of_one).get("id") == "besson-2014-tiers"

    record = client.get("/unapi?id=besson-2014-tiers&format=ris")
    assert record.status_code == 200
    assert record.get_data(as_text=True).startswith("TY  - ")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("id=xyzzy", 404),
        ("id=../etc", 404),
        ("id=xyzzy&format=ris", 404),
        ("id=besson-2014-tiers&format=marc", 406),
    ],
)
def test_unapi_refuses_what_is_not_there(client, query, status):
    assert client.get(f"/unapi?{query}").status_code == status


# --- Dublin Core, JSON-LD, robots -------------------------------------------------------------


def test_a_text_is_described_in_dublin_core_and_never_as_our_publication(read):
    page = read("/textes/besson-2014-tiers")
    told = {each["name"]: each["content"] for each in page.select("meta[name^=dcterms]")}

    assert told["dcterms.title"] == "Tiers lieux et fabrique des villes contemporaines"
    assert told["dcterms.creator"] == "Raphaël Besson"
    assert told["dcterms.issued"] == "2014-03-17"
    assert told["dcterms.isReferencedBy"].startswith("https://renvois.example/notes/")
    assert not page.select("meta[name^=citation_]")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "WebSite"),
        ("/textes/besson-2014-tiers", "CreativeWork"),
        ("/notes/{note}", "CreativeWork"),
    ],
)
def test_pages_describe_themselves_to_search_engines(read, documents, path, kind):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    page = read(path.format(note=document.notes[0].id))
    told = json.loads(page.select_one('script[type="application/ld+json"]').string)

    assert told["@context"] == "https://schema.org"
    if path == "/":
        assert told["@type"] == kind
        assert "{search_term_string}" in told["potentialAction"]["target"]
    else:
        work = told["citation"][0] if "citation" in told else told
        assert work["url"] == document.url
        assert work["archivedAt"] == "https://renvois.example/textes/besson-2014-tiers"


def test_crawlers_are_kept_out_of_what_has_no_end(client):
    rules = client.get("/robots.txt").get_data(as_text=True)

    assert "Disallow: /recherche" in rules
    assert "Sitemap: https://renvois.example/sitemap.xml" in rules
    parts = [each.text for each in xml(client.get("/sitemap.xml")).iter("{*}loc")]
    assert parts == ["https://renvois.example/sitemap-1.xml"]
    listed = xml(client.get("/sitemap-1.xml"))
    assert {client.get(f"/sitemap-{n}.xml").status_code for n in (0, 2)} == {404}
    addresses = [each.text for each in listed.iter("{*}loc")]
    assert "https://renvois.example/notes" in addresses
    assert not any("/textes/" in address for address in addresses)


@pytest.mark.parametrize("path", ["/recherche.atom?q=ville", "/nouveautes.atom"])
def test_a_feed_says_the_same_as_rss(client, path):
    atom = feedparser.parse(client.get(path).data)
    answer = client.get(path.replace(".atom", ".rss"))
    rss = feedparser.parse(answer.data)
    told = [
        [(e.id, e.title, e.link, e.summary, e.get("author", "")) for e in feed.entries]
        for feed in (atom, rss)
    ]

    assert answer.content_type == "application/rss+xml; charset=utf-8"
    assert rss.version == "rss20"
    assert not rss.bozo
    assert len(told[1]) > 3
    assert [each[:4] for each in told[0]] == [each[:4] for each in told[1]]
    assert rss.feed.title == atom.feed.title
    own = next(each.href for each in rss.feed.links if each.rel == "self")
    assert client.get(own.removeprefix("https://renvois.example")).data == answer.data


# --- CSV --------------------------------------------------------------------------------------


def test_a_search_opens_in_a_french_excel(client):
    answer = client.get("/recherche.csv?q=ville")
    rows = answer.get_data(as_text=True).removeprefix("\ufeff").split("\r\n")

    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert rows[0].startswith("identifiant;titre;auteur;")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recherche.csv"'


def test_no_cell_is_a_formula():
    from indexer.csv_tables import render_csv

    assert render_csv([("=1+1", "-2", "@x", "a=b")]) == "\ufeff'=1+1;'-2;'@x;a=b\r\n"


def test_what_is_exported_is_read_back_by_others(client):
    """RIS by rispy, BibTeX by bibtexparser, CSL-JSON by json; with note and copy."""
    path = "/textes/besson-2014-tiers"
    title = "Tiers lieux et fabrique des villes contemporaines"

    (ris,) = rispy.loads(client.get(f"{path}.ris").get_data(as_text=True))
    assert ris["title"] == title
    assert "Systèmes Urbains Cognitifs" in " ".join(ris["notes"])
    assert ris["file_attachments2"] == f"https://renvois.example{path}"
    (entry,) = bibtexparser.parse_string(client.get(f"{path}.bib").get_data(as_text=True)).entries
    assert entry["title"] == f"{{{title}}}"  # in braces, no style changes its capitals
    assert "Systèmes Urbains Cognitifs" in entry["annotation"]
    (csl,) = json.loads(client.get(f"{path}.json").data)
    assert csl["title"] == title
    assert csl["author"] == [{"family": "Besson", "given": "Raphaël"}]


def test_a_whole_search_is_exported_not_only_its_first_page(client):
    total = client.get("/api/v1/search?q=ville&kind=text").get_json()["total"]
    several = rispy.loads(client.get("/recherche.ris?q=ville&type=text").get_data(as_text=True))

    assert len(several) == total > 1
    assert not any(each["type_of_reference"] == "GEN" and each.get("urls") for each in several)


def test_every_export_that_a_page_offers_is_there(client, read):
    for way in read("/recherche?q=ville").select(".exports a"):
        assert client.get(way["href"]).status_code == 200
    for way in read("/textes/besson-2014-tiers").select("link[rel=alternate], .ways a[href^='/']"):
        assert client.get(way["href"]).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/recherche?q=script", "/textes/mal", "/notes/note-mal", "/notes", "/concordance?q=script"],
)
def test_markup_from_elsewhere_never_comes_through(site_of, path):
    """The title, the author, the note and the article of this text are all markup."""
    page = site_of(HOSTILE).get(path).get_data(as_text=True)

    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert BeautifulSoup(page, "lxml").select("[onerror]") == []


@pytest.mark.parametrize("path", ["/recherche?q=script", "/textes/mal", "/notes"])
def test_no_link_leads_anywhere_but_to_the_web(site_of, path):
    page = site_of("script", url="javascript:alert(1)").get(path).get_data(as_text=True)

    soup = BeautifulSoup(page, "lxml")
    assert soup.select("[href^='javascript:']") == []
    assert soup.select("[cite^='javascript:']") == []


@pytest.mark.parametrize("path", ["/recherche.atom?q=script", "/nouveautes.atom"])
def test_nor_into_a_feed(site_of, path):
    feed = feedparser.parse(site_of(HOSTILE).get(path).data, sanitize_html=False)

    assert not feed.bozo
    assert "<script" not in feed.entries[0].summary
    assert "<img" not in feed.entries[0].summary
