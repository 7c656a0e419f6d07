"""Connections to the very addresses that were checked, each bounded in time as a whole."""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from core.domain.addresses import Address, is_local_name, is_public, parse_address
from core.errors import Invalid

Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system finds them. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def checked_addresses(
    host: str, port: int, *, allows_private: bool, resolve: Resolve = resolve
) -> list[str]:
    """The addresses of the host, all of which may be reached.

    If one may not be, none is: a name that leads inside and outside is somebody's trick. Raises
    `Invalid` for those, `OSError` for a name that cannot be found.
    """
    if not allows_private and is_local_name(host):
        raise _inside(host)
    literal = parse_address(host)
    addresses = [str(literal)] if literal is not None else resolve(host, port)
    if not allows_private and not all(_is_public(each) for each in addresses):
        raise _inside(host)
    if not addresses:
        raise OSError(f"{host} has no address")
    return addresses


def _is_public(address: str) -> bool:
    parsed: Address | None = parse_address(address.partition("%")[0])
    return parsed is not None and is_public(parsed)


def _inside(host: str) -> Invalid:
    return Invalid(
        f"{host[:80]!a} is not on the public internet.",
        next_step="Name a receiver that is. An operator may allow others for the whole registry:"
        " MODELRY_RELAY_ALLOWS_PRIVATE.",
        problems=[("target", "its host is private, local or reserved")],
    )


class PinnedConnection(http.client.HTTPConnection):
    """HTTP to one address, by whatever name; with `is_tls` the name is what the certificate must
    say. All that happens until `deadline` (of `time.monotonic`) happens in time, or raises
    `TimeoutError`: also an answer that trickles in byte by byte."""

    def __init__(self, host: str, port: int, address: str, *, is_tls: bool) -> None:
        super().__init__(host, port)
        self.default_port = 443 if is_tls else 80
        self.deadline = 0.0
        self._address = address
        self._is_tls = is_tls
        self.response_class = self._response  # type: ignore[assignment]  # called like the class

    def connect(self) -> None:
        """Connect to the address alone."""
        sock = socket.create_connection((self._address, self.port), self.left())
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._is_tls:
            sock.settimeout(self.left())
            sock = _tls().wrap_socket(sock, server_hostname=self.host)
        self.sock = sock

    def send(self, data: Any) -> None:
        """Send within what is left of the time."""
        if self.sock is not None:
            self.sock.settimeout(self.left())
        super().send(data)

    def left(self) -> float:
        """The seconds that are left. Raises `TimeoutError`."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left

    def _response(self, sock: socket.socket, **options: Any) -> http.client.HTTPResponse:
        response = http.client.HTTPResponse(sock, **options)
        response.fp.close()
        response.fp = io.BufferedReader(_InTime(sock, self))
        return response


class _InTime(io.RawIOBase):
    """Reads a socket; each read takes no longer than what is left of the connection's time."""

    def __init__(self, sock: socket.socket, connection: PinnedConnection) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)  # the socket stays open as long as this does
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._connection.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
