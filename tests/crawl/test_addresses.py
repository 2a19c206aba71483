"""Which addresses may be asked, and which are the inside of some network."""

import pytest

from indexer.crawl.address_guard import (
    find_literal,
    is_allowed,
    is_local_name,
    parse_open_networks,
)
from indexer.urls import host

PUBLIC = ["8.8.8.8", "193.51.24.1", "2a00:1450:4007::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:7f00:1::",
    "n'importe quoi",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_asked(address):
    assert is_allowed(address)


@pytest.mark.parametrize("address", INSIDE)
def test_the_inside_of_a_network_may_not(address):
    assert not is_allowed(address)


def test_a_setting_opens_a_network_or_a_host():
    open_networks = parse_open_networks(["10.1.0.0/16", "Intranet.Exemple.fr", "::1"])

    assert is_allowed("10.1.2.3", open_networks=open_networks)
    assert not is_allowed("10.2.0.1", open_networks=open_networks)
    assert is_allowed("::1", open_networks=open_networks)
    assert is_allowed("192.168.0.1", host="intranet.exemple.fr", open_networks=open_networks)
    assert not is_allowed("192.168.0.1", host="autre.exemple.fr", open_networks=open_networks)


@pytest.mark.parametrize("entry", ["http://exemple.fr", "exemple.fr:80", "*.exemple.fr", ""])
def test_an_opening_that_means_nothing_is_refused(entry):
    with pytest.raises(ValueError, match="neither a host nor a network"):
        parse_open_networks([entry])


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://１２７.0.0.1/",
        "http://127。0。0。1/",
        "http://[::1]/",
        "http://[::ffff:7f00:1]/",
        "http://0/",
    ],
)
def test_an_address_is_known_however_it_is_written(url):
    literal = find_literal(host(url))

    assert literal is not None
    assert not is_allowed(literal)


def test_a_name_is_no_address_and_localhost_is_this_machine():
    assert find_literal("exemple.fr") is None
    assert is_local_name("LOCALHOST.")
    assert is_local_name("a.localhost")
    assert not is_local_name("localhost.fr")
