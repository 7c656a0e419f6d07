"""A load that costs next to nothing itself: HTTP/1.1 over bare sockets, kept open.

A client library would take more of the machine than some of the servers that it measures.
"""

import asyncio
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from local.ports import HOST

Call = Callable[[], bytes]
"""Makes the next request of one kind."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server on this machine: its port, its first process, what every request says."""

    name: str
    port: int
    pid: int
    prefix: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    may_fail: bool = False
    """Whether an answer that is no success is counted, instead of ending the measurement."""

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """A request as it goes over the wire, below the target's prefix."""
        content = b"" if body is None else json.dumps(body).encode()
        said = {
            "Host": f"{HOST}:{self.port}",
            "Content-Length": str(len(content)),
            **({"Content-Type": "application/json"} if content else {}),
            **self.headers,
            **(headers or {}),
        }
        lines = [f"{method} {self.prefix}{path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in said.items()]
        return "\r\n".join([*lines, "", ""]).encode() + content

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request by itself; the JSON of its answer."""
        content = asyncio.run(_ask(self.port, self.request(method, path, body)))
        return json.loads(content) if content else None


@dataclass(frozen=True, slots=True)
class Cost:
    """What requests of one kind took, all together."""

    waits_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    failures: int = 0

    @property
    def count(self) -> int:
        """How many they were."""
        return len(self.waits_ms)

    @property
    def cpu_ms(self) -> float:
        """CPU of the server's processes for each."""
        return self.cpu_seconds * 1e3 / self.count

    @property
    def median_ms(self) -> float:
        """What half of the clients waited for at most."""
        return median(self.waits_ms)

    @property
    def p99_ms(self) -> float:
        """What all but a hundredth of the clients waited for at most."""
        return sorted(self.waits_ms)[int(self.count * 0.99)]

    @property
    def per_second(self) -> float:
        """How many were answered in a second."""
        return self.count / self.seconds

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.waits_ms + other.waits_ms,
            self.seconds + other.seconds,
            self.cpu_seconds + other.cpu_seconds,
            self.failures + other.failures,
        )


def load(target: Target, call: Call, count: int, concurrency: int = 1) -> Cost:
    """Send `count` requests over so many connections, each as soon as the last was answered.

    Raises `RuntimeError` for the first answer that is no success, unless the target may fail.
    """
    return asyncio.run(_load(target, call, count, concurrency))


def in_turns(
    pairs: Sequence[tuple[Target, Call]], count: int, concurrency: int = 1, turns: int = 4
) -> list[Cost]:
    """The same load on each target, a part at a time, so that all meet the same machine."""
    costs = [Cost() for _ in pairs]
    for turn in range(turns + 1):
        share = max(count // turns, concurrency) if turn else max(count // 10, 3, concurrency)
        for place, (target, call) in enumerate(pairs):
            cost = load(target, call, share, concurrency)
            if turn:  # the first one only warms up
                costs[place] += cost
    return costs


def cpu_seconds(pid: int) -> float:
    """What a process and those that it started have used so far, itself and in the kernel.

    Linux only.
    """
    return sum(_cpu_seconds(each) for each in _family(pid))


async def _load(target: Target, call: Call, count: int, concurrency: int) -> Cost:
    waits: list[float] = []
    left, failures = count, 0

    async def send(connection: "Connection") -> None:
        nonlocal left, failures
        while left > 0:
            left -= 1
            request = call()
            begun = time.perf_counter()
            try:
                await connection.ask(request)
            except RuntimeError:
                failures += 1
                if not target.may_fail:
                    raise
            waits.append((time.perf_counter() - begun) * 1e3)

    connections = [await Connection.to(target.port) for _ in range(concurrency)]
    try:
        before, begun = cpu_seconds(target.pid), time.perf_counter()
        await asyncio.gather(*(send(connection) for connection in connections))
        seconds, after = time.perf_counter() - begun, cpu_seconds(target.pid)
    finally:
        for connection in connections:
            connection.close()
    return Cost(waits, seconds, after - before, failures)


async def _ask(port: int, request: bytes) -> bytes:
    connection = await Connection.to(port)
    try:
        return await connection.ask(request)
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Connection:
    """One kept-open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def to(cls, port: int) -> "Connection":
        """Open one."""
        return cls(*await asyncio.open_connection(HOST, port, limit=1 << 24))

    async def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises `RuntimeError` if it is no success."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if b"\r\ntransfer-encoding: chunked" in head:
            body = await self._chunks()
        else:
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            body = await self.reader.readexactly(int(length or 0))
        if not head.startswith(b"http/1.1 2"):
            first = request.partition(b"\r\n")[0].decode()
            raise RuntimeError(f"{first}: {head[9:12].decode()} {body[:500]!r}")
        return body

    async def _chunks(self) -> bytes:
        content = b""
        while size := int(await self.reader.readline(), 16):
            content += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readline()
        return content

    def close(self) -> None:
        """Close it."""
        self.writer.close()


def _family(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
