"""Connections: one pool for the registry, one for the object store, through proxies where set."""

import ipaddress
import os
import threading
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import urllib3

from modelry.errors import Invalid

BLOCK_BYTES = 1 << 20


class Network:
    """Connection pools by proxy, made when first needed; safe to share among threads.

    TCP_NODELAY is urllib3's default. `SSL_CERT_FILE` names an authority of one's own, and
    `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are honoured, for loopback never.
    """

    def __init__(
        self, *, connections: int = 8, connect_seconds: float = 10, read_seconds: float = 60
    ) -> None:
        self._connections = connections
        self._timeout = urllib3.Timeout(connect=connect_seconds, read=read_seconds)
        self._pools: dict[str | None, urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
        preload: bool = True,
    ) -> urllib3.BaseHTTPResponse:
        """One attempt, no redirects. Raises urllib3's `HTTPError` if the connection fails."""
        return self._pool(url).request(
            method,
            url,
            headers=headers,
            body=body,
            preload_content=preload,
            decode_content=preload,
            redirect=False,
            retries=False,
            timeout=self._timeout,
        )

    def close(self) -> None:
        """Close all idle connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()

    def _pool(self, url: str) -> urllib3.PoolManager:
        proxy = _proxy_for(url)
        with self._lock:
            if proxy not in self._pools:
                sizes: dict[str, Any] = {"maxsize": self._connections, "blocksize": BLOCK_BYTES}
                self._pools[proxy] = (
                    urllib3.ProxyManager(proxy, **sizes) if proxy else urllib3.PoolManager(**sizes)
                )
            return self._pools[proxy]


def check_url(url: str, what: str) -> str:
    """`url` without a trailing slash, if a token may be sent there.

    Raises `Invalid` for anything but https; plain http is for loopback, or for networks that are
    trusted by setting MODELRY_ALLOW_HTTP=true.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid(
            f"{url!r} is no address of {what}.",
            next_step="Give it with its scheme: https://models.example.org",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Invalid(
            f"The address of {what} holds more than a host, a port and a path.",
            next_step="Leave out user names, '?' and '#': https://models.example.org",
        )
    allowed = os.environ.get("MODELRY_ALLOW_HTTP", "").lower() == "true"
    if parts.scheme == "http" and not is_loopback(parts.hostname) and not allowed:
        raise Invalid(
            f"{url} would carry your token over the network for all to read.",
            next_step="Use https://, or set MODELRY_ALLOW_HTTP=true inside a trusted network.",
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _proxy_for(url: str) -> str | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)
