"""The object store's connections: which endpoints are taken, and what happens when they fail."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.adapters.memory.clock import MemoryClock
from core.adapters.s3.blobs import S3BlobStore
from core.adapters.s3.connections import Answer, Connections, base_url
from core.errors import Conflict, Invalid, RegistryError, Unavailable
from core.ports import Part

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def server(answer: Callable[[int], bytes | None]) -> Iterator[str]:
    """A server that answers the n-th request with these bytes; None: it hangs up instead."""
    listener = socket.create_server(("127.0.0.1", 0))
    count = iter(range(1_000_000))

    def converse(connection: socket.socket) -> None:
        with connection:
            while connection.recv(65_536):
                if (sent := answer(next(count))) is None:
                    return
                connection.sendall(sent)
                if sent is CUT:
                    return

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def ask(connections: Connections) -> Answer:
    return connections.request("GET", "/", {})


@pytest.mark.parametrize(
    ("endpoint", "base"),
    [
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("https://S3.Example.org/", "https://s3.example.org"),
        ("https://s3.example.org:443", "https://s3.example.org"),
        ("http://s3.example.org:80", "http://s3.example.org"),
        ("http://s3.example.org:443", "http://s3.example.org:443"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_an_endpoint_is_written_as_clients_write_the_host(endpoint: str, base: str) -> None:
    assert base_url("MODELRY_S3_ENDPOINT", endpoint) == base


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "s3.example.org",
        "ftp://s3.example.org",
        "http://",
        "http://host:port",
        "http://user:pass@host",
        "http://host/bucket",
        "http://host?x=1",
        "http://[::1",
    ],
)
def test_an_endpoint_that_is_no_host_is_invalid(endpoint: str) -> None:
    with pytest.raises(Invalid, match="MODELRY_S3_ENDPOINT"):
        base_url("MODELRY_S3_ENDPOINT", endpoint)


def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    with server(lambda number: None if number == 1 else OK) as base:
        connections = Connections(base)

        assert ask(connections).body == b"ok"
        assert ask(connections).body == b"ok"


def test_a_busy_store_is_asked_again() -> None:
    with server(lambda number: BUSY if number < 2 else OK) as base:
        assert ask(Connections(base)).body == b"ok"


def test_a_store_that_stays_busy_is_unavailable() -> None:
    with server(lambda number: BUSY) as base, pytest.raises(Unavailable, match="503"):
        ask(Connections(base))


def test_a_store_that_hangs_up_is_unavailable() -> None:
    with server(lambda number: None) as base, pytest.raises(Unavailable):
        ask(Connections(base))


def test_a_store_that_says_nothing_in_time_is_unavailable() -> None:
    with server(lambda number: b"") as base, pytest.raises(Unavailable, match="TimeoutError"):
        Connections(base).request("GET", "/", {}, read_seconds=0.2)


@pytest.mark.parametrize(
    ("code", "error"), [("InternalError", Unavailable), ("InvalidPart", Conflict)]
)
def test_a_completion_may_fail_after_it_began_to_answer(
    code: str, error: type[RegistryError]
) -> None:
    body = f'<?xml version="1.0"?>\n   <Error><Code>{code}</Code></Error>'.encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    with server(lambda number: head + body) as base:
        blobs = S3BlobStore(
            endpoint=base,
            region="us-east-1",
            bucket="bucket",
            access_key="access",
            secret_key="secret",
            clock=MemoryClock(),
        )

        with pytest.raises(error, match=code):
            blobs.finish("key", "upload", [Part(1, 4, "0" * 32, "0" * 64)])
