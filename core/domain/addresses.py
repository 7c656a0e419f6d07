"""Which hosts and addresses of the network may be reached on somebody's word (against SSRF)."""

import ipaddress
import re

from core.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96", "2001::/32")
)
"""Addresses that hold one of IPv4: translated (RFC 6052, 8215), 6to4, compatible, Teredo."""

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")
_LOCAL = re.compile(r"(?:.*\.)?(?:localhost|local|internal|localdomain|home\.arpa)")


def is_public(address: Address) -> bool:
    """Whether it is one of the internet at large: no private, shared, local, translated, reserved
    or multicast one."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return is_public(mapped)
    if address.version == 6 and any(address in network for network in _NEVER):
        return False
    special = (address.is_multicast, address.is_reserved, address.is_unspecified)
    local = (address.is_private, address.is_loopback, address.is_link_local)
    if getattr(address, "is_site_local", False):
        return False
    return address.is_global and not any((*special, *local))


def parse_address(host: str) -> Address | None:
    """The address that a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def check_host(host: str) -> None:
    """Raise `Invalid` for what is neither an address in the usual form nor a name of the DNS.

    `127.1`, `0x7f000001`, `2130706433` and `0177.0.0.1` are what resolvers read as addresses.
    """
    if parse_address(host) is not None and "%" not in host:
        return
    if len(host) > 253 or not _NAME.fullmatch(host) or _NUMERIC.fullmatch(host):
        raise Invalid(
            f"{host[:80]!a} is no name of a host.",
            next_step="Write a name in ASCII letters (xn--… for others), without a dot at its end.",
            problems=[("target", "its host is no name")],
        )


def is_local_name(host: str) -> bool:
    """Whether it is a name that means something on this machine or this network alone."""
    return _LOCAL.fullmatch(host) is not None or ("." not in host and parse_address(host) is None)
