"""Say which network addresses may be asked; refuse the inside of any network.

Nothing here resolves a name: the connection does, and asks here about every address that comes
back. IANA's registries (https://www.iana.org/assignments/iana-ipv4-special-registry) decide, by
`ipaddress.is_global`; addresses that carry another one inside are judged by what they carry.
"""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 6052 §2.1: the network's translator reaches the IPv4 address in the last 32 bits.
NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# RFC 4291 §2.5.5.1, deprecated; some stacks still connect to the IPv4 address inside.
IPV4_COMPATIBLE: Final = ipaddress.IPv6Network("::/96")
# IETF protocol assignments; some versions of Python call part of it global.
ASSIGNMENTS: Final = ipaddress.IPv4Network("192.0.0.0/24")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNetworks:
    """The hosts and networks inside which a setting lets the crawler ask: intranets, tests."""

    hosts: frozenset[str] = frozenset()  # names as they are asked, lower case
    networks: tuple[Network, ...] = ()


NO_OPEN_NETWORKS: Final = OpenNetworks()


def parse_open_networks(entries: Sequence[str]) -> OpenNetworks:
    """Parse names of hosts ("intranet.example") and networks ("10.1.0.0/16").

    Raises ValueError for an entry that is neither.
    """
    hosts: set[str] = set()
    networks: list[Network] = []
    for entry in entries:
        try:
            networks.append(ipaddress.ip_network(entry.strip("[]")))
        except ValueError:
            if not entry or any(sign in entry for sign in "/: *"):
                raise ValueError(f"{entry!r} is neither a host nor a network") from None
            hosts.add(entry.lower())
    return OpenNetworks(hosts=frozenset(hosts), networks=tuple(networks))


def is_allowed(
    address: str, *, host: str = "", open_networks: OpenNetworks = NO_OPEN_NETWORKS
) -> bool:
    """Tell whether a connection to an address may be made on behalf of a host."""
    if host.lower() in open_networks.hosts:
        return True
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_open(inner, open_networks) for inner in _carried(parsed))


def find_literal(host: str) -> str | None:
    """Find the address that a URL gives for its host; None for a name. `host` is as ada-url has it.

    ada-url has already turned 2130706433, 0x7f.1 and 0177.0.0.1 into 127.0.0.1.
    """
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        return None


def is_local_name(host: str) -> bool:
    """Tell whether a name means this machine whoever resolves it (RFC 6761 §6.3)."""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def _is_open(address: Address, open_networks: OpenNetworks) -> bool:
    if any(address in network for network in open_networks.networks):
        return True
    return (
        address.is_global
        and address not in ASSIGNMENTS
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
        and not getattr(address, "is_site_local", False)
    )


def _carried(address: Address) -> Iterator[Address]:
    """Give the addresses that a packet sent there could reach: the one inside, if there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address in NAT64 or (address in IPV4_COMPATIBLE and int(address) > 1):
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo
    else:
        yield address
