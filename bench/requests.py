"""Requests: what each costs the API's process in CPU, and how long one client waits for it.

One connection, one request after another, against a registry with everything it needs on this
machine. The CPU is the server's alone, without database and store, as the peers' was measured.
"""

import argparse
import http.client
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import count
from statistics import median
from urllib.parse import urlsplit

from bench.running import Caller, cpu_seconds, registry
from bench.tables import table

MODELS = "/namespaces/default/models"
IRIS = f"{MODELS}/iris"
CONTENT = b"weights"
WARM_UP = 20

# CPU ms a request: `mlflow server` 3.17 with one worker, and the Go server of Kubeflow's model
# registry, both on PostgreSQL; measured once, on the same kind of machine. None: has no such call.
PEERS: dict[str, tuple[float | None, float | None]] = {
    "get model": (12.6, 0.41),
    "get version by number": (13.1, 0.43),
    "get version by alias": (10.7, 0.72),
    "get version by digest": (None, None),
    "page of 100 models": (66, 14.6),
    "versions of one model (20)": (17.3, 4.94),
    "create model": (9.0, 1.76),
    "create version": (13.5, 2.24),
    "patch model": (16.3, 3.19),
    "set alias": (None, None),
}

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one kind of request took."""

    name: str
    cpu_ms: float
    median_ms: float
    worst_ms: float


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench requests", description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="requests of each kind (400)")
    number = parser.parse_args(options).count
    with registry() as running:
        caller = Caller(running, running.token())
        digest = _fill(caller)
        costs = [
            _measure(name, call, number, running.pid("api"))
            for name, call in _calls(caller, digest)
        ]
    print(f"\nRequests, {number} of each, one at a time, Python {sys.version.split()[0]}\n")
    print(_results(costs))


def _fill(caller: Caller) -> str:
    """A hundred models; `iris` among them has twenty versions, the last one of a file. Returns
    that one's digest."""
    caller.call("POST", MODELS, {"name": "iris"})
    for number in range(99):
        described = {"description": f"Model {number}", "tags": {"team": "fraud", "kind": "tree"}}
        caller.call("POST", MODELS, {"name": f"model-{number:03}", **described})
    caller.call("POST", MODELS, {"name": "grows"})
    for number in range(19):
        caller.call("POST", f"{IRIS}/versions", _version(number))
    file = {
        "path": "model.bin",
        "size_bytes": len(CONTENT),
        "sha256": sha256(CONTENT).hexdigest(),
    }
    caller.call("POST", f"{IRIS}/versions", {**_version(19), "files": [file]})
    (transfer,) = caller.call("POST", f"{IRIS}/versions/20/upload")["items"]
    _put(transfer["url"], transfer["headers"])
    done = caller.call("POST", f"{IRIS}/versions/20/upload/complete")
    caller.call("PUT", f"{IRIS}/aliases/champion", {"version": "20"})
    return str(done["version"]["digest"])


def _version(number: int) -> dict[str, object]:
    return {
        "parameters": {"depth": number, "rate": 0.1},
        "metrics": {"accuracy": 0.9 + number / 1000, "loss": 0.3},
        "tags": {"stage": "candidate"},
    }


def _put(url: str, headers: dict[str, str]) -> None:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=60)
    connection.request("PUT", f"{address.path}?{address.query}", CONTENT, headers)
    status = connection.getresponse().status
    connection.close()
    if status != 200:
        raise RuntimeError(f"the store answered {status}")


def _calls(caller: Caller, digest: str) -> Iterator[tuple[str, Call]]:
    """Every kind of request; a model's reads come before anything grows."""
    numbers = count(1)
    paths = {
        "get model": IRIS,
        "get version by number": f"{IRIS}/versions/20",
        "get version by alias": f"{IRIS}/versions/@champion",
        "get version by digest": f"{IRIS}/versions/{digest}",
        "page of 100 models": f"{MODELS}?page_size=100",
        "versions of one model (20)": f"{IRIS}/versions",
    }
    for name, path in paths.items():
        yield name, partial(caller.call, "GET", path)
    yield "create model", lambda: caller.call("POST", MODELS, {"name": f"new-{next(numbers)}"})
    grows = f"{MODELS}/grows"
    yield (
        "create version",
        lambda: caller.call("POST", f"{grows}/versions", _version(next(numbers))),
    )
    yield (
        "patch model",
        lambda: caller.call("PATCH", IRIS, {"tags": {"seen": str(next(numbers))}}),
    )
    yield (
        "set alias",
        lambda: caller.call(
            "PUT", f"{IRIS}/aliases/champion", {"version": str(next(numbers) % 20 + 1)}
        ),
    )


def _measure(name: str, call: Call, number: int, pid: int) -> Cost:
    for _ in range(WARM_UP):
        call()
    waits = []
    before = cpu_seconds(pid)
    for _ in range(number):
        start = time.perf_counter()
        call()
        waits.append((time.perf_counter() - start) * 1e3)
    spent = cpu_seconds(pid) - before
    worst = sorted(waits)[int(number * 0.99)]
    return Cost(name, spent * 1e3 / number, median(waits), worst)


def _results(costs: list[Cost]) -> str:
    columns = ("request", "CPU ms", "median ms", "p99 ms", "mlflow CPU ms", "Kubeflow CPU ms")
    rows = []
    for cost in costs:
        peers = ["-" if peer is None else f"{peer:.2f}" for peer in PEERS[cost.name]]
        own = (f"{cost.cpu_ms:.2f}", f"{cost.median_ms:.2f}", f"{cost.worst_ms:.2f}")
        rows.append((cost.name, *own, *peers))
    return table(columns, rows)
