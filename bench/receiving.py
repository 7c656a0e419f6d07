"""A receiver that fails one time in five, hangs one time in fifty, and checks all that it gets."""

import asyncio
import base64
import hashlib
import hmac
import json
import random
from dataclasses import dataclass, field
from typing import Any

FAILS, HANGS = 1 / 5, 1 / 50
HANGS_SECONDS = 3.0
OK, BROKEN = (
    f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode()
    for line in ("200 OK", "500 Internal Server Error")
)


@dataclass(slots=True)
class Report:
    """What arrived, and what was wrong with it."""

    requests: int = 0
    failed: int = 0
    hung: int = 0
    repeated: int = 0
    disordered: int = 0
    unsigned: int = 0
    arrived: set[str] = field(default_factory=set)


class Receiver:
    """Takes requests by HTTP/1.1 that have a length; nothing else is sent here."""

    def __init__(self, secret: str) -> None:
        self.report = Report()
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._last: dict[str, str] = {}
        self._random = random.Random(7)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                pairs = (line.partition(":") for line in head[1:] if line)
                headers = {name.lower(): value.strip() for name, _, value in pairs}
                body = await reader.readexactly(int(headers["content-length"]))
                writer.write(await self._answer(headers, body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, headers: dict[str, str], body: bytes) -> bytes:
        self.report.requests += 1
        fate = self._random.random()
        if fate < HANGS:
            self.report.hung += 1
            await asyncio.sleep(HANGS_SECONDS)
            raise ConnectionError
        if fate < HANGS + FAILS:
            self.report.failed += 1
            return BROKEN
        self._note(headers, body)
        return OK

    def _note(self, headers: dict[str, str], body: bytes) -> None:
        message_id, report = headers["webhook-id"], self.report
        content = f"{message_id}.{headers['webhook-timestamp']}.".encode() + body
        digest = base64.b64encode(hmac.digest(self._key, content, hashlib.sha256)).decode()
        report.unsigned += headers["webhook-signature"] != f"v1,{digest}"
        subject = json.loads(body)["subject"]
        if message_id in report.arrived:
            report.repeated += 1
            return
        report.arrived.add(message_id)
        report.disordered += self._last.get(subject, "") > message_id
        self._last[subject] = message_id


def serve(port: int, secret: str, asked: Any) -> None:
    """Listen, and say through the pipe what was asked for."""
    asyncio.run(_serve(port, Receiver(secret), asked))


async def _serve(port: int, receiver: Receiver, asked: Any) -> None:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", port, backlog=512)
    asked.send("ready")
    async with server:
        while True:
            if asked.poll():
                question = asked.recv()
                report = receiver.report
                asked.send(report if question == "report" else len(report.arrived))
            await asyncio.sleep(0.02)
