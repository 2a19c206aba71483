"""What the settings say of a site holds for its addresses and for no other."""

import pytest

from indexer.crawl import SitePolicies, SitePolicy
from indexer.errors import WrongValueError

TOKEN = {"X-Jeton": "secret"}


@pytest.mark.parametrize(
    ("written", "url", "is_found"),
    [
        ("exemple.test", "https://exemple.test/page", True),
        ("exemple.test", "http://exemple.test/page", True),
        ("exemple.test", "https://www.exemple.test/page", True),
        ("exemple.test", "https://exemple.test:8443/page", True),
        ("www.exemple.test", "https://exemple.test/page", True),
        ("EXEMPLE.test", "https://exemple.test/page", True),
        ("https://exemple.test:8443", "https://exemple.test:8443/page", True),
        ("https://exemple.test:8443/", "https://exemple.test:8443/page", True),
        ("https://exemple.test:8443", "https://exemple.test/page", False),
        ("https://exemple.test", "http://exemple.test/page", False),
        ("https://exemple.test", "https://www.exemple.test/page", False),
        ("exemple.test", "https://autre.test/page", False),
        ("exemple.test", "https://page.exemple.test/", False),
    ],
)
def test_a_site_is_named_by_its_host_or_by_its_origin(written, url, is_found):
    policy = SitePolicies({written: SitePolicy(delay_s=7.0)}).find(url)

    assert policy.delay_s == (7.0 if is_found else None)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("exemple.test/page", "error.setting.no-site"),
        ("https://exemple.test/page", "error.setting.no-site"),
        ("https://ada@exemple.test", "error.setting.no-site"),
        ("ftp://exemple.test", "error.setting.no-site"),
        ("", "error.setting.no-site"),
        ("exemple.test:8443", "error.setting.site-port"),
    ],
)
def test_what_names_no_site_is_refused(written, key):
    with pytest.raises(WrongValueError) as told:
        SitePolicies({written: SitePolicy()})

    assert told.value.said.key == key


def test_a_site_that_is_named_twice_is_refused():
    with pytest.raises(WrongValueError) as told:
        SitePolicies({"exemple.test": SitePolicy(), "EXEMPLE.TEST": SitePolicy()})

    assert told.value.said.key == "error.setting.site-twice"


def test_the_origin_says_more_than_the_host_and_the_host_what_it_does_not_say():
    sites = SitePolicies(
        {
            "exemple.test": SitePolicy(delay_s=9.0, requisites=False, capture="never"),
            "https://exemple.test": SitePolicy(delay_s=2.0, ignores_robots=True),
        }
    )

    assert sites.find("https://exemple.test/") == SitePolicy(
        delay_s=2.0, requisites=False, capture="never", ignores_robots=True
    )
    assert sites.find("http://exemple.test/") == SitePolicy(
        delay_s=9.0, requisites=False, capture="never"
    )


@pytest.mark.parametrize(
    ("url", "plain_host", "is_sent"),
    [
        ("https://exemple.test/", "", True),
        ("https://www.exemple.test/", "", True),
        ("https://exemple.test:8443/", "", False),
        ("http://exemple.test/", "", False),
        ("http://exemple.test/", "exemple.test", True),
        ("http://exemple.test/", "www.exemple.test", True),
        ("http://exemple.test/", "autre.test", False),
        ("http://exemple.test:8080/", "exemple.test", False),
        ("https://autre.test/", "autre.test", False),
    ],
)
def test_headers_go_to_https_and_to_the_host_that_is_cited_by_http(url, plain_host, is_sent):
    sites = SitePolicies({"exemple.test": SitePolicy(headers=TOKEN)})

    assert sites.find_headers(url, plain_host=plain_host) == (TOKEN if is_sent else {})
    assert sites.find(url).headers == {}


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"X Jeton": "a"}, "error.setting.header-name"),
        ({"": "a"}, "error.setting.header-name"),
        ({"X-Jeton": "a\r\nHost: b"}, "error.setting.header-line"),
        ({"X-Jeton": " "}, "error.setting.header-line"),
        ({"X-Jeton": 3}, "error.setting.header-line"),
        ({"X-Jeton": "œ"}, "error.setting.header-characters"),
    ],
)
def test_a_header_that_can_not_be_sent_is_refused_without_its_value(headers, key):
    with pytest.raises(WrongValueError) as told:
        SitePolicies({"exemple.test": SitePolicy(headers=headers)})

    assert told.value.said.key == key
    assert "Host: b" not in str(told.value)
