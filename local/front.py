"""`python -m local.front PORT ADDRESS PREFIX`: an address of its own for the emulated gateway.

Real gateways have names in the DNS; this one answers under a path, which not every client can be
told. Each request is handed on with that path before its own.
"""

import http.client
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.ports import HOST

SECONDS = 60
MAX_BODY_BYTES = 10 << 20
"""As much as a gateway takes."""
OF_ONE_CONNECTION = frozenset(
    {"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


class Front(ThreadingHTTPServer):
    """Listens on the loopback interface, and asks `address` for what is under `prefix`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, address: str, prefix: str) -> None:
        super().__init__((HOST, port), _Request)
        self.address = address
        self.prefix = prefix


class _Request(BaseHTTPRequestHandler):
    server: Front
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def hand_on(self) -> None:
        """Send the request on, and its answer back."""
        size = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not size.isdigit():
            return self.answer(411, [], b"")
        if int(size) > MAX_BODY_BYTES:
            return self.answer(413, [], b"")
        body = self.rfile.read(int(size))
        upstream = http.client.HTTPConnection(self.server.address, timeout=SECONDS)
        try:
            path = self.server.prefix + self.path
            upstream.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in OF_ONE_CONNECTION:
                    upstream.putheader(name, value)
            upstream.endheaders(body)
            said = upstream.getresponse()
            self.answer(said.status, said.getheaders(), said.read())
        except (OSError, http.client.HTTPException):
            self.answer(502, [], b"")
        finally:
            upstream.close()

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in OF_ONE_CONNECTION | {"content-length"}:
                self.send_header(name, value)
        if status in {411, 413}:
            self.close_connection = True
            self.send_header("Connection", "close")
        if status not in {204, 304} and self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = hand_on

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until ended."""
    port, address, prefix = sys.argv[1:]
    Front(int(port), address, prefix).serve_forever()


if __name__ == "__main__":
    main()
