"""A single file over https. Redirects are not followed: the URI says where the bytes are from."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from urllib3.exceptions import HTTPError

from modelry.errors import Invalid, NotFound, Unavailable
from modelry.network import BLOCK_BYTES, Network
from modelry.sources import SourceFile
from modelry.transport import reason_of


class WebSource:
    """See `modelry.sources.Source`."""

    def __init__(self, url: str, network: Network) -> None:
        self._url = url
        self._network = network

    def files(self) -> Iterator[SourceFile]:
        """The one file, by the last segment of its URL."""
        name = unquote(urlsplit(self._url).path.rpartition("/")[2])
        if not name:
            raise Invalid(
                f"{self._url} names no file.",
                next_step="Give the URL of a single file; https has no directories.",
            )
        yield SourceFile(name, self._url, None)

    def read(self, file: SourceFile) -> Iterator[bytes]:
        """The bytes of the file; raises unless the whole of it came."""
        yield from read_url(self._network, file.address)


def read_url(network: Network, url: str) -> Iterator[bytes]:
    """The body of a 200 answer, block by block. Raises `NotFound`, `Invalid`, `Unavailable`."""
    try:
        answer = network.request("GET", url, preload=False)
        if answer.status != 200:
            answer.drain_conn()
            raise _unexpected(url, answer.status, answer.headers.get("Location"))
        yield from answer.stream(BLOCK_BYTES, decode_content=False)
        answer.release_conn()
    except HTTPError as error:
        raise Unavailable(f"Reading {_shown(url)} failed: {reason_of(error)}.") from error


def _unexpected(url: str, status: int, location: str | None) -> Exception:
    if status in {404, 410}:
        return NotFound(f"There is nothing at {_shown(url)}.", next_step="Check the URI.")
    if 300 <= status < 400:
        return Invalid(
            f"{_shown(url)} leads elsewhere, to {_shown(location or 'nowhere')}.",
            next_step="Import from there, if you trust that place.",
        )
    return Unavailable(f"{_shown(url)} was answered with HTTP status {status}.")


def _shown(url: str) -> str:
    return url.partition("?")[0][:200]
