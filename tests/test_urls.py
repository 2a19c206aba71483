"""How web addresses are read, compared and named."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.urls import (
    MAX_URL_LENGTH,
    host,
    is_web_url,
    origin,
    parse_url,
    redact_url,
    site,
    urlkey,
)

ASKED = {
    "the scheme and host are lower-cased": ("HTTP://WWW.Exemple.FR/A", "http://www.exemple.fr/A"),
    "an IDN becomes Punycode": ("http://crème.fr/", "http://xn--crme-6oa.fr/"),
    "accents are encoded as UTF-8": ("http://a.fr/été?q=ç", "http://a.fr/%C3%A9t%C3%A9?q=%C3%A7"),
    "octets encoded otherwise stay": ("http://a.fr/%E9t%E9", "http://a.fr/%E9t%E9"),
    "spaces around are dropped, inside encoded": (" http://a.fr/b c ", "http://a.fr/b%20c"),
    "a fragment is not sent": ("http://a.fr/b#c", "http://a.fr/b"),
    "a default port is dropped": ("https://a.fr:443/", "https://a.fr/"),
    "dots are resolved": ("http://a.fr/b/../c/./d", "http://a.fr/c/d"),
    "parentheses stay": ("http://a.fr/Rot_(homonymie)", "http://a.fr/Rot_(homonymie)"),
    "an odd SPIP query stays": ("http://a.fr/spip.php?article12", "http://a.fr/spip.php?article12"),
    "a decimal address is an address": ("http://2130706433/", "http://127.0.0.1/"),
    "full-width digits too": ("http://127。0。0。1/", "http://127.0.0.1/"),
    "credentials are never sent": ("http://moi:secret@a.fr/", "http://a.fr/"),
    "another scheme is kept, to be refused": ("ftp://a.fr/b", "ftp://a.fr/b"),
}


@pytest.mark.parametrize(("written", "asked"), ASKED.values(), ids=ASKED)
def test_a_url_is_asked_as_a_browser_would(written, asked):
    assert parse_url(written) == asked


PARTS = ["a", "b-c", "B1", ".", "..", "~", "_", "-", "/", "//", "%41", "é", "www.", "xn--", ".fr",
         ".html", "1", "127.0.0.1", ":80", "@", "\\", "?"]  # fmt: skip


@given(
    st.sampled_from(["http://", "https://", "HTTP://"]),
    st.lists(st.sampled_from(PARTS), max_size=3).map("".join),
    st.sampled_from([".fr", ".museum", ".x", ".12", ""]),
    st.lists(st.sampled_from(PARTS), max_size=5).map(
        lambda parts: "/" * bool(parts) + "".join(parts)
    ),
)
def test_a_plain_address_is_read_as_any_other(scheme, name, ending, path):
    """What needs no parser is told without it; with a fragment, which counts for nothing, a parser
    reads it.
    """
    url = f"{scheme}{name}{ending}{path}"
    parsed = parse_url(f"{url}#")
    assert parse_url(url) == parsed
    if parsed is not None:  # what can't be read is its own key
        assert (urlkey(url), host(url)) == (urlkey(f"{url}#"), host(f"{url}#"))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "www.a.fr/b",
        "http://",
        "http://a b/",
        "http://a.fr:99999/",
        "http://exa%mple/",
        "http://[::1/",
        "http://xn--pokxncvks/",
        "http://a.fr/" + "x" * MAX_URL_LENGTH,
        "http://a.fr/" + "é" * (MAX_URL_LENGTH // 4),
    ],
    ids=lambda written: ascii(written[:24]),
)
def test_a_malformed_url_is_none(written):
    assert parse_url(written) is None


def test_a_relative_url_is_read_against_its_page():
    assert parse_url("../b?c", base="http://a.fr/d/e") == "http://a.fr/b?c"


ONE_PAGE = {
    "the scheme": "https://exemple.fr/a",
    "www.": "http://www.exemple.fr/a",
    "the port of the scheme": "https://exemple.fr:443/a",
    "a final slash": "http://exemple.fr/a/",
    "an empty query": "http://exemple.fr/a?",
    "a fragment": "http://exemple.fr/a#b",
    "tracking parameters": "http://exemple.fr/a?utm_source=x&fbclid=y&xtor=RSS-1",
    "the case of the host": "http://EXEMPLE.fr/a",
    "a letter encoded without need": "http://exemple.fr/%61",
    "credentials": "http://moi:secret@exemple.fr/a",
    "a final dot": "http://exemple.fr./a",
}


@pytest.mark.parametrize("other", ONE_PAGE.values(), ids=ONE_PAGE)
def test_two_addresses_of_one_page_have_one_key(other):
    assert urlkey(other) == urlkey("http://exemple.fr/a") == "fr,exemple)/a"


TWO_PAGES = {
    "SPIP articles": ("http://a.fr/spip.php?article12", "http://a.fr/spip.php?article13"),
    "languages of one article": (
        "http://a.fr/spip.php?article12",
        "http://a.fr/spip.php?article12&lang=fr",
    ),
    "an empty parameter": ("http://a.fr/?a", "http://a.fr/?a="),
    "the order of parameters": ("http://a.fr/?a=1&b=2", "http://a.fr/?b=2&a=1"),
    "the case of the path": ("http://a.fr/A", "http://a.fr/a"),
    "a double slash": ("http://a.fr/b//c", "http://a.fr/b/c"),
    "another port": ("http://a.fr:8080/", "http://a.fr/"),
    "another encoding": ("http://a.fr/%E9", "http://a.fr/%C3%A9"),
    "wiki pages": ("http://a.fr/wakka.php?wiki=PagePrincipale", "http://a.fr/wakka.php?wiki=B"),
    "a parameter that looks like tracking": ("http://a.fr/?source=a", "http://a.fr/?source=b"),
}


@pytest.mark.parametrize(("one", "other"), TWO_PAGES.values(), ids=TWO_PAGES)
def test_two_pages_have_two_keys(one, other):
    assert urlkey(one) != urlkey(other)


def test_a_key_is_a_surt():
    assert urlkey("https://blog.exemple.fr:8080/a?b=c") == "fr,exemple,blog:8080)/a?b=c"
    assert urlkey("http://10.0.0.1/a") == "10.0.0.1)/a"
    assert urlkey("http://[2001:db8::1]/") == "[2001:db8::1])/"
    assert urlkey("mailto:a@b.fr") == "mailto:a@b.fr"
    assert urlkey("pas une adresse") == "pas une adresse"


def test_a_reader_sees_the_site_a_server_the_host():
    assert host("http://www.Crème.fr:81/") == "www.xn--crme-6oa.fr"
    assert site("http://www.Crème.fr:81/") == "crème.fr"
    assert origin("http://www.Crème.fr:81/a") == "http://www.xn--crme-6oa.fr:81"
    assert host("n'importe quoi") == site("n'importe quoi") == origin("n'importe quoi") == ""


@pytest.mark.parametrize("scheme", ["file", "ftp", "javascript", "data", "gopher", "ws"])
def test_only_http_and_https_are_of_the_web(scheme):
    assert not is_web_url(f"{scheme}://a.fr/")


def test_http_and_https_are_of_the_web():
    assert is_web_url("http://a.fr/")
    assert is_web_url("HTTPS://a.fr/")


@pytest.mark.parametrize("url", ["http://moi:secret@a.fr/b", "http://moi:se@cret@a .fr/b"])
def test_a_redacted_url_shows_no_credentials(url):
    assert "secret" not in redact_url(url)
    assert "cret" not in redact_url(url)
    assert redact_url(url).endswith(".fr/b")


WHATWG = json.loads((Path(__file__).parent / "data/whatwg/urls.json").read_text())


def test_the_urls_of_the_standard_are_read_as_it_says():
    """But for fragment and credentials, which are dropped: `parse_url` of the expected href."""
    assert len(WHATWG) >= 278

    for written, href in WHATWG:
        expected = None if href is None else parse_url(href)
        assert parse_url(written) == expected, ascii(written)
        if href is not None and "#" not in href and "@" not in href:
            assert expected == href


def test_a_lone_surrogate_is_asked_as_a_replacement_character():
    assert parse_url("http://a.fr/\ud800") == "http://a.fr/%EF%BF%BD"
