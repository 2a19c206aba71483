"""What a reader finds on each page."""

import re
from urllib.parse import quote, urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.analysis import analyse
from indexer.engines import build_index, open_searcher
from indexer.model import LinkState
from search_web import Site, create_app
from tests import ROOT
from tests.search_web.conftest import said

PAGES = (
    "/",
    "/recherche?q=tiers+lieux",
    "/recherche?q=tiers+lieux&page=2",
    "/recherche?q=xyzzy",
    "/textes/besson-2014-tiers?q=tiers+lieux",
    "/textes/hess-2006-understanding",
    "/notes",
    "/aide",
    "/concordance?q=ville",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_without_script_cookie_or_stranger(client, path):
    answer = client.get(path)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page) == []
    loaded = re.findall(
        r'<(?:script|img|link rel="(?:stylesheet|icon)")[^>]*?(?:src|href)="(.*?)"', page
    )
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)


def test_the_first_page_offers_queries_that_really_find_something(client, read):
    page = read("/")
    examples = page.select(".examples a")

    assert len(examples) == 3
    for example in examples:
        assert client.get(example["href"]).status_code == 200
        assert not read(example["href"]).select(".relaxation")
    assert "11 textes cités et 43 notes" in said(page.select_one(".census"))
    assert "dernière visite le 20 novembre 2026" in said(page.select_one(".census"))


def test_a_result_shows_the_text_the_note_and_how_the_link_is(read):
    page = read("/recherche?q=exploitation+des+internautes")
    hit = next(each for each in page.select("article.hit") if "Digital Labor" in said(each.h2))

    assert "Hubert Guillaud" in said(hit.select_one(".byline"))
    assert "20 décembre 2014" in said(hit.select_one(".byline"))
    assert hit.select_one("blockquote mark")
    assert "Cité dans la note" in said(hit.select_one(".mention"))
    assert hit.select_one(".mention q").get_text(strip=True)
    state = hit.select_one(".link-state")
    assert state.svg
    assert "visité le 20 novembre 2026" in said(state)
    ways = hit.select(".ways a")
    assert [said(way) for way in ways] == ["Original", "Copie", "Référence"]
    for way in ways:  # out of context too, they say of what
        itself, title = way["aria-labelledby"].split()
        assert (itself, title) == (way["id"], hit.h2["id"])


def test_the_original_opens_at_the_passage_and_states_its_copy(read):
    way = next(
        way for way in read("/recherche?q=tiers+lieux").select(".ways a") if "Original" in said(way)
    )

    assert "#:~:text=" in way["href"]
    assert way["data-originalurl"] == way["href"].split("#")[0]
    assert way["data-versiondate"] == "2026-11-20"
    assert way["data-versionurl"].startswith("https://renvois.example/textes/")


def test_a_query_is_told_as_it_was_understood(read):
    line = said(read("/recherche?q=tiers+lieux+xyzzyx").select_one(".understood"))

    assert line.startswith("Comprise comme")
    assert "lieux dans" in line
    assert "xyzzyx dans aucun" in line


def test_an_address_that_is_pasted_finds_its_text_and_is_said_to_be_one(read, documents):
    url = next(each.url for each in documents if each.url)
    page = read(f"/recherche?q={quote(f'{url}?utm_source=lettre', safe='')}")
    line = said(page.select_one(".understood"))
    (hit,) = page.select("article.hit")

    assert "adresse de 1 document" in line
    assert hit.select_one(".identifier mark")


def test_a_reader_may_insist_on_what_was_corrected(read):
    corrected = read("/recherche?q=intrenautes+ville&lien=dead&lien=alive")
    (insist,) = corrected.find_all("a", string=re.compile("Chercher quand même"))
    assert said(insist) == "Chercher quand même intrenautes ville"
    # What is opened from here is marked with what was found, not with the mistake.
    onward = [a["href"] for a in corrected.select("ol.hits h2 a, a[href^='/concordance']")]
    assert onward
    assert [href for href in onward if "internautes" not in href] == []

    as_typed = read(insist["href"])
    assert "telquel=1" in insist["href"]
    assert "on a cherché" not in said(as_typed.main)
    assert as_typed.select_one("meta[name=totalResults]")["content"] != "0"
    assert all("telquel=1" in link["href"] for link in as_typed.select(".facet a"))
    assert not as_typed.select("form [name=telquel]")


def test_who_insists_and_finds_nothing_is_led_back_to_the_other_spelling(read):
    rung = read("/recherche?q=intrenautes&telquel=1").select_one(".relaxation li")

    assert "avec une autre orthographe" in said(rung)
    assert "on a cherché internautes" in said(read(rung.a["href"]).main)


def test_filters_in_force_can_be_removed(read):
    page = read("/recherche?q=ville&type=text&langue=fr")
    chips = page.select(".chips a")

    assert [said(chip) for chip in chips] == [
        "Langue : français × (retirer ce filtre)",
        "Nature : texte cité × (retirer ce filtre)",
    ]
    assert chips[0]["href"] == "/recherche?q=ville&type=text"


def test_facets_count_what_a_click_gives(read):
    for choice in read("/recherche?q=ville").select(".facet li a"):
        count = int(said(choice.i))
        heading = said(read(urljoin("/recherche", choice["href"])).h1)
        assert sum(map(int, re.findall(r"(\d+) (?:texte|note)", heading))) == count, choice["href"]


def test_results_are_turned_page_by_page(read, client):
    first = read("/recherche?q=ville+territoire")
    assert first.select_one('.pages a[rel="next"]')["href"].endswith("page=2")
    second = read("/recherche?q=ville+territoire&page=2")
    assert second.select_one("ol.hits")["start"] == "11"
    assert second.select_one(".pages [aria-current=page]")["href"].endswith("page=2")

    far = client.get("/recherche?q=ville+territoire&page=90")
    assert far.status_code == 302
    assert "page=90" not in far.location


def test_nothing_to_look_for_leads_home(client):
    assert client.get("/recherche").location == "/"
    assert client.get("/recherche?q=+%C2%A0").location == "/"
    assert client.get("/concordance").location == "/"


def test_a_question_asked_of_the_home_page_is_one_for_the_results(client):
    asked = client.get("/?q=ville&langue=fr&langue=en")

    assert asked.status_code == 302
    assert asked.location == "/recherche?q=ville&langue=fr&langue=en"
    assert client.get("/?q=").status_code == 200


@pytest.mark.parametrize(
    ("path", "rung"),
    [
        ("/recherche?q=ville&lien=blocked&site=nulle.part", "sans les filtres"),
        ("/recherche?q=ville+ET+xyzzyxyz", "sans « xyzzyxyz », qui n’est dans aucun document"),
        ("/recherche?q=titre:covoiturage", ""),
        ("/recherche?q=xyzzyxyz", ""),
        ("/recherche?q=%28%28%28", ""),
    ],
)
def test_where_nothing_is_found_a_ladder_stands(read, path, rung):
    page = read(path)
    ladder = page.select_one(".relaxation")

    assert "Aucun texte" in said(page.h1)
    assert rung in said(ladder)
    counted = re.findall(r": (\d+) résultats?", said(ladder))
    assert counted
    assert all(int(count) > 0 for count in counted)
    for way in ladder.select("li a"):
        assert "Aucun texte" not in said(read(way["href"]).h1)


def test_an_operator_in_lower_case_is_hinted_at(read):
    hint = read("/recherche?q=ville+ou+campagne").select_one(".hint a")

    assert hint["href"] == "/recherche?q=ville+OU+campagne"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(alphabet="aé «»“”\"'’()[]{}:*?~+-^\\/&|<>!.0;%\u00a0\u202f\x00\ud800OUET", max_size=40)
)
def test_nothing_typed_is_an_error(client, typed):
    answer = client.get("/recherche", query_string={"q": typed.encode("utf-8", "replace")})

    assert answer.status_code in {200, 302}


@pytest.mark.parametrize(
    "query",
    [
        "a" * 5000,
        "*",
        "a*",
        "* * * *",
        "(" * 400,
        "a OU " * 200,
        "mot~ " * 90,
        '"' * 99,
        "site:" * 80,
    ],
)
def test_no_query_takes_the_server_down(client, query):
    assert client.get("/recherche", query_string={"q": query}).status_code in {200, 302}


def test_a_text_shows_its_notes_in_full_and_its_passages(read, documents):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    page = read("/textes/besson-2014-tiers?q=tiers+lieux")

    assert said(page.h1) == "Tiers lieux et fabrique des villes contemporaines"
    assert len(page.select(".archived > *")) == len(document.paragraphs)
    assert [each["id"] for each in page.select(".archived > *")][:2] == ["p1", "p2"]
    assert page.select(".archived mark")
    assert page.select(".note mark")
    assert page.select_one("a.onward")["href"].startswith("#p")
    for paragraph in document.notes[0].text.split("\n\n"):
        assert " ".join(paragraph.split())[:40].replace("'", "’") in said(
            page.select_one(".note")
        ).replace(" ’ ", "’")


def test_a_text_leads_to_texts_like_it_and_says_what_they_share(read):
    similar = read("/textes/besson-2014-tiers").select(".similar li")

    assert similar
    assert "partagent :" in said(similar[0])
    assert read(similar[0].a["href"]).h1


def test_a_note_leads_to_notes_like_it_and_says_what_they_share(read):
    notes = {link["href"] for link in read("/notes").select('a[href^="/notes/"]')}
    near = [each for address in sorted(notes) for each in read(address).select("#proches + ul li")]

    assert near
    for each in near:
        assert "partagent :" in said(each)
        assert read(each.a["href"]).h1


def test_passages_lead_from_one_to_the_next(read):
    page = read("/textes/besson-2014-tiers?q=tiers+lieux")
    marked = [each["id"] for each in page.select(".archived > *") if each.mark]

    assert page.select_one(".found a")["href"] == f"#{marked[0]}"
    assert [way["href"] for way in page.select(".onward")] == [f"#{each}" for each in marked[1:]]


def test_an_archived_text_points_to_its_original_and_stays_out_of_indexes(client, read):
    page = read("/textes/besson-2014-tiers")

    assert page.select_one("link[rel=canonical]")["href"].startswith("http://www.echosciences")
    assert page.select_one("meta[name=robots]")["content"] == "noindex,noarchive"
    answer = client.get("/textes/besson-2014-tiers")
    assert answer.headers["X-Robots-Tag"] == "noindex, noarchive"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_only_extracts_are_shown_to_the_public(public, documents):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    length = sum(len(paragraph.text) for paragraph in document.paragraphs)
    for path in ("/textes/besson-2014-tiers", "/textes/besson-2014-tiers?q=ville+le+la+de"):
        page = public.get(path).get_data(as_text=True)
        archived = page[page.index('class="archived"') :]
        assert 0 < archived.count('id="p') <= 3
        assert len(re.sub(r"<.*?>", "", archived)) < length / 2


def test_a_book_without_address_has_its_page(read):
    page = read("/textes/hess-2006-understanding")

    assert "Ce texte n’est pas dans l’archive." in said(page)
    assert not page.select(".link-state")


def test_a_note_stands_between_its_neighbours_with_its_texts(read, documents):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    page = read(f"/notes/{document.notes[0].id}")

    assert "Tiers lieux et fabrique" in said(page.select_one(".cited"))
    assert page.select_one(".cited .link-state")
    assert page.select_one('.neighbours [rel="next"]')
    following = read(page.select_one('.neighbours [rel="next"]')["href"])
    assert following.select_one('.neighbours [rel="prev"]')["href"].endswith(document.notes[0].id)


def test_a_note_is_headed_by_what_it_cites_and_not_by_its_own_first_words(read, documents):
    cited_by = {}
    for each in documents:
        for note in each.notes if each.kind == "text" else ():
            cited_by.setdefault(note.id, (note, []))[1].append(each)
    for note, texts in cited_by.values():
        heading = said(read(f"/notes/{note.id}").h1)

        assert any(" ".join(each.title.split()) in heading for each in texts)
        assert heading.startswith("Note sur ")
        assert " ".join(note.text.split())[:30] not in heading


def test_a_note_can_be_searched_within(read, documents):
    document = next(each for each in documents if each.id == "besson-2014-tiers")
    page = read(f"/recherche?q=ville&note={document.notes[0].id}")

    assert [said(each) for each in page.select("article.hit h2")] == [document.title]
    assert "Dans les textes de la note" in said(page.select_one(".chips"))


def test_every_note_and_text_stands_once_in_the_bibliography(client, read, documents):
    notes: list[str] = []
    texts: list[str] = []
    path = "/notes"
    while path:
        page = read(path)
        notes += [each["id"] for each in page.select(".entry .note")]
        texts += [each["href"] for each in page.select(".entry .cited-title a")]
        onward = page.select_one('.pages a[rel="next"]')
        path = onward["href"] if onward else ""

    assert sorted(notes) == sorted({note.id for each in documents for note in each.notes})
    assert sorted(texts) == sorted(f"/textes/{each.id}" for each in documents if each.reference)


def test_help_leads_to_results(read):
    lessons = read("/aide").select(".lessons tbody tr")

    assert len(lessons) > 12
    empty = [said(each.a) for each in lessons if read(each.a["href"]).select(".relaxation")]
    assert empty == []


def test_help_says_the_truth_about_stems():
    stems = {token.stem for token in analyse("participer participent participation")}

    assert len(stems) == 1


def test_a_concordance_has_every_occurrence(read, client):
    page = read("/concordance?q=covoiturage")
    lines = page.select(".lines li")

    assert said(page.h1) == "Concordance de « covoiturage »"
    counted = said(page.select_one("h1 ~ p:not(.ways)"))
    count, first, last, total = map(int, re.findall(r"\d+", counted))
    assert (count, first) == (len(lines), 1)
    assert last == total == client.get("/api/v1/search?q=covoiturage").json["total"]
    assert all("ovoiturage" in said(line.mark) for line in lines)
    table = client.get("/concordance.csv?q=covoiturage").get_data(as_text=True)
    assert table.startswith("\ufeffidentifiant;")
    assert len(table.strip().split("\r\n")) == len(lines) + 1


@pytest.mark.parametrize("path", ["/nulle-part", "/textes/xyzzy", "/notes/xyzzy", "/recherche.xyz"])
def test_what_is_not_there_is_said_in_french(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.get_data(as_text=True)
    assert "Rechercher" in answer.get_data(as_text=True)


def test_pages_are_read_and_nothing_is_sent_to_them(client):
    answer = client.post("/recherche")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "Cela ne se fait pas ici" in answer.get_data(as_text=True)


def test_an_index_that_goes_away_is_told_and_not_a_crash(tmp_path, documents):
    folder = tmp_path / "index"
    build_index(folder, documents[:3])
    searcher = open_searcher(folder)
    client = create_app(searcher, Site()).test_client()
    assert client.get("/").status_code == 200
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()

    answer = client.get("/recherche?q=ville")
    searcher.close()

    assert answer.status_code == 503
    assert "L’index n’est pas prêt" in answer.get_data(as_text=True)


def test_the_first_page_of_results_is_light(client):
    style = (ROOT / "search_web/static/renvois.css").stat().st_size
    page = len(client.get("/recherche?q=ville+territoire").data)

    assert style + page <= 40_000


def test_every_address_is_in_the_manual(client):
    manual = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    addresses = {
        rule.rule.split("<")[0].rstrip("/.").replace("/api/v1/", "") or "/"
        for rule in client.application.url_map.iter_rules()
        if rule.endpoint != "static"
    }

    assert {address for address in addresses if address not in manual} == set()


STYLES = {"iso690": "[Consulté", "chicago": "«", "apa": "(", "mla": "«"}


@pytest.mark.parametrize(("style", "sign"), STYLES.items())
def test_a_text_is_cited_in_the_style_that_the_address_names(read, client, documents, style, sign):
    text = next(d for d in documents if d.reference and d.url and d.reference.author and d.issued)
    page = read(f"/textes/{text.id}?style={style}")
    shown = page.select_one("#reference-text").get_text()
    alone = client.get(f"/textes/{text.id}.{style}.txt")

    assert page.select_one(".styles strong")["aria-current"] == "true"
    assert len(page.select(".styles a")) == len(STYLES) - 1
    assert alone.mimetype == "text/plain"
    assert alone.text.split() == shown.split()
    assert text.reference.author[0].family.casefold() in shown.casefold()
    assert sign in shown


def test_a_dead_link_is_cited_with_our_copy(read, documents):
    dead = next(
        d for d in documents
        if d.link.state is LinkState.DEAD and d.captured_at and d.reference
        and not d.reference.archive_url
    )  # fmt: skip
    shown = read(f"/textes/{dead.id}").select_one("#reference-text")

    assert "Copie gardée le" in shown.get_text()
    assert shown.select("a")[-1]["href"] == f"https://renvois.example/textes/{dead.id}"


def test_a_style_that_there_is_not_is_the_first_one(read, documents):
    text = next(each for each in documents if each.reference)
    assert read(f"/textes/{text.id}?style=oui").select_one(".styles strong").text == "ISO 690"


def test_the_contents_of_notes_name_what_is_around_a_heading_that_comes_again(read, documents):
    """ "Exemples" alone says nothing."""
    around = {each.section[:-1] for each in documents if len(each.section) > 1}
    named = [said(each) for each in read("/notes").select(".contents .kicker")]

    assert around
    assert {said_of(" › ".join(each)) for each in around} <= {said_of(each) for each in named}


def said_of(text: str) -> str:
    return " ".join(text.replace("’", "'").split())
