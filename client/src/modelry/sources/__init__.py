"""Where models can be imported from: one small reader for each kind of place.

Whatever is not in the list of schemes is refused before anything is opened: libraries that open
"any" URL open local files and metadata services as well.
"""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from modelry.errors import Invalid
from modelry.network import Network

STORES = frozenset({"s3", "gs", "abfs", "abfss"})
HDFS = frozenset({"hdfs", "webhdfs"})
SCHEMES = STORES | HDFS | {"https"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file at the source. `path` is where it lies below the imported place, `address` how the
    source calls it; `size_bytes` is None if the source does not say."""

    path: str
    address: str
    size_bytes: int | None


class Source(Protocol):
    """A place that holds one file, or a directory of them."""

    def files(self) -> Iterator[SourceFile]:
        """All files of the place. Raises `NotFound`, `Unavailable`."""
        ...

    def read(self, file: SourceFile) -> Iterator[bytes]:
        """The bytes of one of them, block by block."""
        ...


def open_source(uri: str, network: Network, *, allow_hosts: Collection[str] = ()) -> Source:
    """The source at a URI. Raises `Invalid` for any scheme but these few, for user names and
    passwords in it, for paths that climb, and for a library that is not installed."""
    parts = check_source(uri)
    if parts.scheme in STORES:
        from modelry.sources.stores import StoreSource

        return StoreSource(parts, os.environ)
    if parts.scheme in HDFS:
        from modelry.sources.webhdfs import WebHdfsSource

        return WebHdfsSource(parts, network, os.environ, allow_hosts)
    from modelry.sources.web import WebSource

    return WebSource(uri, network)


def check_source(uri: str) -> SplitResult:
    """The parts of a URI that models can be imported from; raises `Invalid`."""
    if not uri.isprintable() or set(uri) & set(' \\"<>^`{|}'):
        raise _refused(uri, "it holds a character that must be percent-encoded")
    scheme, separator, _ = uri.partition("://")
    if not separator or scheme not in SCHEMES:
        raise _refused(uri, "that is no place to import from")
    try:
        parts = urlsplit(uri)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        raise _refused(uri, "it is no URI") from None
    user = parts.netloc.rpartition("@")[0]
    if user and (":" in user or scheme not in {"abfs", "abfss"}):
        raise _refused(uri, "it holds a user name or password")
    if not parts.hostname or not port_is_fine:
        raise _refused(uri, "it names no host or bucket")
    if any(segment in {".", ".."} for segment in parts.path.lower().replace("%2e", ".").split("/")):
        raise _refused(uri, "it has a '.' or '..' segment")
    if parts.query or parts.fragment or uri.endswith(("?", "#")):
        raise _refused(uri, "it holds a query or a fragment")
    return parts


def _refused(uri: str, reason: str) -> Invalid:
    return Invalid(
        f"{uri[:200]!a} cannot be imported: {reason}.",
        next_step=f"Write one of {', '.join(f'{name}://' for name in sorted(SCHEMES))} and give"
        " credentials in the environment; push local files with `modelry push`.",
    )
