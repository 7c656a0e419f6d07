"""Servers on loopback that answer at once, so that a cold start measures the function alone."""

import json
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import bson

from local.issuer.issuer import Issuer

HOST = "127.0.0.1"
OP_MSG = 2013
CODEC: bson.CodecOptions[dict[str, Any]] = bson.CodecOptions(tz_aware=True)

Find = Callable[[str, Mapping[str, Any]], list[dict[str, Any]]]
"""The documents of a collection that match a filter."""


@contextmanager
def database(find: Find) -> Iterator[str]:
    """The URI of something that speaks MongoDB's protocol: reads come from `find`, and every
    write and transaction succeeds."""

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while (command := _read_command(self.request.makefile("rb", buffering=0))) is not None:
                number, body = command
                self.request.sendall(_message(number, _answer(body, find)))

    with _serving(socketserver.ThreadingTCPServer((HOST, 0), Connection)) as port:
        yield f"mongodb://{HOST}:{port}/?directConnection=true"


@contextmanager
def issuer() -> Iterator[Issuer]:
    """An OpenID Connect issuer whose discovery document and keys are served."""

    class Documents(_Quiet):
        def do_GET(self) -> None:
            path = self.path.rpartition("/")[2]
            document = served.keys.public() if path == "jwks" else served.discovery()
            self.answer({"Content-Type": "application/json"}, json.dumps(document).encode())

    server = ThreadingHTTPServer((HOST, 0), Documents)
    served = Issuer(f"http://{HOST}:{server.server_port}")
    with _serving(server):
        yield served


@contextmanager
def object_store(headers: Mapping[str, str]) -> Iterator[str]:
    """The endpoint of a store that has every object, and says `headers` of each."""

    class Objects(_Quiet):
        def do_HEAD(self) -> None:
            self.answer(headers)

    with _serving(ThreadingHTTPServer((HOST, 0), Objects)) as port:
        yield f"http://{HOST}:{port}"


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self, headers: Mapping[str, str], body: bytes = b"") -> None:
        """200 with these headers."""
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _serving(server: socketserver.ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[int]:
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _read_command(stream: Any) -> tuple[int, dict[str, Any]] | None:
    """The number and the body of the next request; None when the client has gone."""
    head = _exactly(stream, 16)
    if head is None:
        return None
    length, number, _, kind = struct.unpack("<iiii", head)
    payload = _exactly(stream, length - 16)
    if payload is None or kind != OP_MSG:
        return None
    (size,) = struct.unpack_from("<i", payload, 5)
    return number, bson.decode(payload[5 : 5 + size], CODEC)


def _exactly(stream: Any, count: int) -> bytes | None:
    content = b""
    while len(content) < count:
        more = stream.read(count - len(content))
        if not more:
            return None
        content += more
    return content


def _message(answers: int, body: Mapping[str, Any]) -> bytes:
    document = bson.encode(body)
    head = struct.pack("<iiii", 16 + 5 + len(document), 1, answers, OP_MSG)
    return head + b"\0\0\0\0\0" + document


def _answer(command: Mapping[str, Any], find: Find) -> dict[str, Any]:
    name = next(iter(command))
    if name == "find":
        found = find(command["find"], command.get("filter", {}))
        cursor = {"id": bson.Int64(0), "ns": f"canned.{command['find']}", "firstBatch": found}
        return {"cursor": cursor, "ok": 1.0}
    if name == "findAndModify":
        return {"value": {"_id": "canned", "last": 1}, "ok": 1.0}
    if name in {"insert", "update"}:
        return {"n": 1, "nModified": 1, "ok": 1.0}
    if name.lower() in {"hello", "ismaster"}:
        return {
            "isWritablePrimary": True,
            "setName": "canned",
            "maxBsonObjectSize": 16 << 20,
            "maxMessageSizeBytes": 48_000_000,
            "maxWriteBatchSize": 100_000,
            "logicalSessionTimeoutMinutes": 30,
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "ok": 1.0,
        }
    return {"ok": 1.0}
