"""Requests: what each costs the API's process in CPU, how long a client waits for it, and how many
are answered in a second.

Against a registry with everything it needs on this machine. The CPU is the server's alone, without
database and store, as the peers' was measured.
"""

import argparse
import http.client
import sys
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from itertools import count
from urllib.parse import urlsplit

from bench.load import Call, Cost, Target, load
from bench.running import registry
from bench.tables import table

MODELS = "/namespaces/default/models"
IRIS = f"{MODELS}/iris"
CONTENT = b"weights"
WARM_UP = 20
MANY = 16
DESCRIBED = 99
ANY_REVISION = {"If-Match": "*"}

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


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench requests", description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="requests of each kind (400)")
    number = parser.parse_args(options).count
    with registry() as running:
        target = running.target()
        digest = fill(target)
        costs = []
        for name, call in _calls(target, digest):
            load(target, call, WARM_UP)
            alone = load(target, call, number)
            costs.append((name, alone, load(target, call, number, MANY)))
    print(f"\nRequests, {number} of each, Python {sys.version.split()[0]}\n")
    print(_results(costs))


def model_of(number: int) -> str:
    """One of the models that `fill` made, another for each of those who change something at the
    same time."""
    return f"{MODELS}/model-{number % DESCRIBED:03}"


def fill(target: Target) -> str:
    """A hundred models; `iris` among them has twenty versions, the last one of a file. Returns
    that one's digest."""
    target.ask("POST", MODELS, {"name": "iris"})
    for number in range(DESCRIBED):
        described = {"description": f"Model {number}", "tags": {"team": "fraud", "kind": "tree"}}
        target.ask("POST", MODELS, {"name": f"model-{number:03}", **described})
        target.ask("POST", f"{model_of(number)}/versions", new_version(number))
    for number in range(19):
        target.ask("POST", f"{IRIS}/versions", new_version(number))
    file = {
        "path": "model.bin",
        "size_bytes": len(CONTENT),
        "sha256": sha256(CONTENT).hexdigest(),
    }
    target.ask("POST", f"{IRIS}/versions", {**new_version(19), "files": [file]})
    (transfer,) = target.ask("POST", f"{IRIS}/versions/20/upload")["items"]
    _put(transfer["url"], transfer["headers"])
    done = target.ask("POST", f"{IRIS}/versions/20/upload/complete")
    target.ask("PUT", f"{IRIS}/aliases/champion", {"version": "20"})
    return str(done["version"]["digest"])


def new_version(number: int) -> dict[str, object]:
    """What registers one that is like no other."""
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


def _calls(target: Target, digest: str) -> Iterator[tuple[str, Call]]:
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
        yield name, partial(target.request, "GET", path)
    yield (
        "create model",
        lambda: target.request("POST", MODELS, {"name": f"new-{next(numbers)}"}),
    )
    yield "create version", partial(_register, target, numbers)
    yield "patch model", partial(_patch, target, numbers)
    yield "set alias", partial(_point, target, numbers)


def _register(target: Target, numbers: Iterator[int]) -> bytes:
    number = next(numbers)
    return target.request("POST", f"{model_of(number)}/versions", new_version(number))


def _patch(target: Target, numbers: Iterator[int]) -> bytes:
    number = next(numbers)
    patch = {"tags": {"seen": str(number)}}
    return target.request("PATCH", model_of(number), patch, ANY_REVISION)


def _point(target: Target, numbers: Iterator[int]) -> bytes:
    number = next(numbers)
    pointed = {"version": "1"}
    return target.request("PUT", f"{model_of(number)}/aliases/alias-{number}", pointed)


def _results(costs: list[tuple[str, Cost, Cost]]) -> str:
    columns = (
        *("request", "CPU ms", "median ms", "p99 ms", "a second, 1 client"),
        *(f"a second, {MANY}", "mlflow CPU ms", "Kubeflow CPU ms"),
    )
    rows = []
    for name, alone, many in costs:
        peers = ["-" if peer is None else f"{peer:.2f}" for peer in PEERS[name]]
        times = (alone.cpu_ms, alone.median_ms, alone.p99_ms)
        rates = (f"{alone.per_second:.0f}", f"{many.per_second:.0f}")
        rows.append((name, *(f"{each:.2f}" for each in times), *rates, *peers))
    return table(columns, rows)
