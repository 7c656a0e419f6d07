"""`python -m local.trigger PORT`: hands the object store's events to the function that takes them.

Two ways in: the embedded store's queue (MODELRY_LOCAL_QUEUE, its endpoint), and a webhook for a
MinIO of one's own, guarded by the bearer token MODELRY_WEBHOOK_TOKEN.
"""

import hmac
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.ports import HOST
from local.queue import Queue

MAX_EVENT_BYTES = 1 << 20
PAUSE_SECONDS = 1.0

Handler = Callable[[Mapping[str, Any], Any], Mapping[str, Any] | None]


def drain(queue: Queue, handler: Handler) -> int:
    """Take one batch off the queue, if the handler dealt with it; return how many messages that
    were. What it could not deal with comes again after the queue's visibility timeout."""
    messages = queue.receive()
    if not messages:
        return 0
    records = [
        {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "eventSource": "aws:sqs",
        }
        for message in messages
    ]
    answer = handler({"Records": records}, None) or {}
    failed = {failure["itemIdentifier"] for failure in answer.get("batchItemFailures", [])}
    done = [record for record in records if record["messageId"] not in failed]
    for record in done:
        queue.delete(record["receiptHandle"])
    return len(done)


def follow(queue: Queue, handler: Handler) -> None:
    """Drain the queue for ever, whatever happens."""
    while True:
        try:
            drain(queue, handler)
        except Exception:
            _report()
            time.sleep(PAUSE_SECONDS)


class Webhook(ThreadingHTTPServer):
    """Takes MinIO's webhook notifications on the loopback interface."""

    daemon_threads = True

    def __init__(self, port: int, token: str, handler: Handler) -> None:
        super().__init__((HOST, port), _WebhookRequest)
        self.token = token
        self.handler = handler


class _WebhookRequest(BaseHTTPRequestHandler):
    server: Webhook
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(200 if self._is_allowed() else 401)

    def do_POST(self) -> None:
        size = self.headers.get("Content-Length", "")
        if not size.isdigit() or int(size) > MAX_EVENT_BYTES:
            return self._answer(413)
        body = self.rfile.read(int(size))
        if not self._is_allowed():
            return self._answer(401)
        return self._answer(self._handle(body))

    def _handle(self, body: bytes) -> int:
        try:
            event = json.loads(body)
        except ValueError:
            return 400
        if not isinstance(event, dict) or not event.get("Records"):
            return 200  # MinIO tries an endpoint with an empty event
        try:
            answer = self.server.handler(event, None) or {}
        except Exception:
            _report()
            return 503
        return 503 if answer.get("batchItemFailures") else 200

    def _is_allowed(self) -> bool:
        given = self.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self.server.token}".encode())

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer")
        if status >= 400:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.send_header("Content-Length", "0")
        self.end_headers()


def _report() -> None:
    traceback.print_exc(file=sys.stderr)
    sys.stderr.flush()


def main() -> None:
    """Serve the webhook, and follow the queue if there is one."""
    from handlers.functions.uploads import handler

    webhook = Webhook(int(sys.argv[1]), os.environ["MODELRY_WEBHOOK_TOKEN"], handler)
    endpoint = os.environ.get("MODELRY_LOCAL_QUEUE")
    if endpoint:
        threading.Thread(target=follow, args=(Queue(endpoint), handler), daemon=True).start()
    webhook.serve_forever()


if __name__ == "__main__":
    main()
