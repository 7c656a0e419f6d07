"""A small HTTP server that misbehaves as it is told: what networks and proxies do to clients."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

OWN = frozenset({"content-length", "connection", "date", "server", "transfer-encoding"})
"""Headers that belong to a connection, not to what is answered."""


@dataclass(slots=True)
class Asked:
    """A request that the server got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Script:
    """What the server does next, one step for a request, the last step for ever."""

    steps: list[Callable[[BaseHTTPRequestHandler, Asked], None]]
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""


def answer(
    status: int, body: bytes = b"", **headers: str
) -> Callable[[BaseHTTPRequestHandler, Asked], None]:
    """Answer with the status, the body and the headers (`_` stands for `-`)."""

    def step(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return step


def cut(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
    """Close the connection without a word."""
    handler.close_connection = True


def content(
    whole: bytes, *, cut_after: int | None = None
) -> Callable[[BaseHTTPRequestHandler, Asked], None]:
    """Serve the bytes with ranges; break the connection after `cut_after` bytes of the body."""

    def step(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        first, last = 0, len(whole) - 1
        if "Range" in asked.headers:
            low, _, high = asked.headers["Range"].removeprefix("bytes=").partition("-")
            first, last = int(low), int(high or last)
            handler.send_response(206)
            handler.send_header("Content-Range", f"bytes {first}-{last}/{len(whole)}")
        else:
            handler.send_response(200)
        body = whole[first : last + 1]
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("ETag", '"one"')
        handler.end_headers()
        handler.wfile.write(body if cut_after is None else body[:cut_after])
        if cut_after is not None:
            handler.close_connection = True

    return step


def forwarded(
    url: str, *, lose_answer: bool = False
) -> Callable[[BaseHTTPRequestHandler, Asked], None]:
    """Hand the request on to the server at `url`; its answer too, unless that is to be lost."""

    def step(handler: BaseHTTPRequestHandler, asked: Asked) -> None:
        skipped = {"host", "accept-encoding"}
        headers = {
            name: text for name, text in asked.headers.items() if name.lower() not in skipped
        }
        answered = urllib3.request(
            asked.method, f"{url}{asked.path}", body=asked.body, headers=headers, redirect=False
        )
        if lose_answer:
            handler.close_connection = True
            return
        given = {name: answered.headers[name] for name in answered.headers if name not in OWN}
        answer(answered.status, answered.data, **given)(handler, asked)

    return step


@contextlib.contextmanager
def scripted(*steps: Callable[[BaseHTTPRequestHandler, Asked], None]) -> Iterator[Script]:
    """A server on a port of its own that follows the steps."""
    script = Script(list(steps))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path, dict(self.headers.items()), body)
            with script.lock:
                script.asked.append(asked)
                step = script.steps.pop(0) if len(script.steps) > 1 else script.steps[0]
            step(self, asked)

        do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _do

        def log_message(self, *arguments: object) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
