"""HDFS through its REST interface (WebHDFS): no Java, and every redirect is looked at.

A name node answers OPEN by sending the client to some data node. That could be any host at all,
so only the name node itself and hosts that the caller allowed are followed, once.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from urllib3.exceptions import HTTPError

from modelry.errors import Forbidden, Invalid, NotFound, Unavailable
from modelry.network import Network, is_loopback
from modelry.sources import SourceFile
from modelry.sources.web import read_url
from modelry.transport import reason_of

HTTP_PORT = 9870
"""Where name nodes serve WebHDFS since Hadoop 3; `hdfs://` names the port of another protocol."""

_REDIRECTS = {301, 302, 303, 307, 308}


class WebHdfsSource:
    """See `modelry.sources.Source`.

    Of the environment: HADOOP_USER_NAME, a delegation token in MODELRY_WEBHDFS_TOKEN, and
    MODELRY_WEBHDFS_TLS=true for https.
    """

    def __init__(
        self,
        parts: SplitResult,
        network: Network,
        environment: Mapping[str, str],
        allow_hosts: Collection[str],
    ) -> None:
        self._network = network
        self._host = parts.hostname or ""
        self._hosts = {self._host, *(host.lower() for host in allow_hosts)}
        self._scheme = "https" if environment.get("MODELRY_WEBHDFS_TLS") == "true" else "http"
        port = parts.port if parts.scheme == "webhdfs" and parts.port else HTTP_PORT
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._base = f"{self._scheme}://{host}:{port}/webhdfs/v1"
        self._path = unquote(parts.path).rstrip("/")
        self._who = _credentials(environment, self._scheme, self._host)

    def files(self) -> Iterator[SourceFile]:
        """The file at the path, or all below it."""
        status = self._asked("GETFILESTATUS", self._path)["FileStatus"]
        if status["type"] == "FILE":
            name = self._path.rpartition("/")[2]
            yield SourceFile(name, self._path, int(status["length"]))
        else:
            yield from self._below(self._path, "")

    def read(self, file: SourceFile) -> Iterator[bytes]:
        """The bytes of a file, from the data node that the name node names."""
        url = self._url("OPEN", file.address)
        answer = self._request(url)
        location = answer.headers.get("Location")
        if answer.status not in _REDIRECTS or not location:
            raise Unavailable(f"The name node {self._host} did not say where to read from.")
        yield from read_url(self._network, self._checked(location))

    def _below(self, path: str, place: str) -> Iterator[SourceFile]:
        statuses = self._asked("LISTSTATUS", path)["FileStatuses"]["FileStatus"]
        for status in statuses:
            name = str(status["pathSuffix"])
            if not name or "/" in name or name in {".", ".."}:
                raise Invalid(f"The name node {self._host} lists an entry without a proper name.")
            inner = f"{place}/{name}" if place else name
            if status["type"] == "DIRECTORY":
                yield from self._below(f"{path}/{name}", inner)
            elif status["type"] == "FILE":
                yield SourceFile(inner, f"{path}/{name}", int(status["length"]))
            else:
                raise Invalid(
                    f"{path}/{name} is no file, but a {status['type'].lower()}.",
                    next_step="Import the place that it points to.",
                )

    def _checked(self, location: str) -> str:
        parts = urlsplit(location)
        safe = parts.scheme == "https" or parts.scheme == self._scheme
        if not safe or parts.hostname not in self._hosts or parts.username is not None:
            raise Forbidden(
                f"The name node {self._host} sends its readers to"
                f" {parts.scheme}://{parts.hostname}, which is not allowed.",
                next_step=f"If that is a data node of yours, give --allow-host {parts.hostname}",
            )
        return location

    def _asked(self, operation: str, path: str) -> Any:
        answer = self._request(self._url(operation, path))
        try:
            if answer.status == 200:
                return json.loads(answer.data)
        except ValueError:
            pass
        raise _failure(self._host, path, answer.status)

    def _request(self, url: str) -> Any:
        try:
            return self._network.request("GET", url)
        except HTTPError as error:
            raise Unavailable(
                f"The name node {self._host} does not answer: {reason_of(error)}."
            ) from error

    def _url(self, operation: str, path: str) -> str:
        query = urlencode({"op": operation, **self._who})
        return f"{self._base}{quote(path or '/', safe='/')}?{query}"


def _credentials(environment: Mapping[str, str], scheme: str, host: str) -> dict[str, str]:
    token, user = environment.get("MODELRY_WEBHDFS_TOKEN"), environment.get("HADOOP_USER_NAME")
    if token and scheme == "http" and not is_loopback(host):
        raise Invalid(
            f"The delegation token would go to {host} for all on the network to read.",
            next_step="Set MODELRY_WEBHDFS_TLS=true.",
        )
    if token:
        return {"delegation": token}
    return {"user.name": user} if user else {}


def _failure(host: str, path: str, status: int) -> Exception:
    if status == 404:
        return NotFound(f"{host} has no {path or '/'}.", next_step="Check the URI.")
    if status in {401, 403}:
        return Forbidden(
            f"{host} does not let you read {path or '/'}.",
            next_step="Set HADOOP_USER_NAME or MODELRY_WEBHDFS_TOKEN.",
        )
    return Unavailable(f"{host} answered with HTTP status {status}.")
