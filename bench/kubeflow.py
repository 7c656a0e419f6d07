"""What Kubeflow's dialect adds: the same requests on it and on the native API, in one run, in
turns; beside them what the Go server of Kubeflow's model registry needed elsewhere."""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from bench.load import Call, Cost, Target, in_turns
from bench.requests import ANY_REVISION, DESCRIBED, MANY, MODELS, fill, model_of
from bench.running import registry
from bench.tables import table

PREFIX = "/api/model_registry/v1"
GOAL = 1.15

# CPU ms a request, on PostgreSQL; measured once, on the same kind of machine.
GENUINE = {
    "get model": 0.41,
    "get version": 0.43,
    "find version by name": 0.72,
    "versions of one model (20)": 4.94,
    "page of 100 models": 14.6,
    "create model": 1.76,
    "create version": 2.24,
    "patch model": 3.19,
}
ALLOWED = {
    "get model": 3.0,
    "get version": 3.0,
    "find version by name": 3.0,
    "create model": 2.0,
    "create version": 2.0,
}
"""How many times the genuine server's CPU is the goal; one where nothing is said."""

Body = Callable[[int], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One kind of request in both dialects."""

    name: str
    native: Call
    dialect: Call


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench kubeflow", description=__doc__)
    parser.add_argument("--count", type=int, default=240, help="requests of each kind (240)")
    number = parser.parse_args(options).count
    with registry() as running:
        native, dialect = running.target(), running.target(PREFIX, "kubeflow")
        fill(native)
        costs: dict[str, list[list[Cost]]] = {}
        for pair in _pairs(native, dialect):
            both = [(native, pair.native), (dialect, pair.dialect)]
            costs[pair.name] = [in_turns(both, number, clients) for clients in (1, MANY)]
    print(f"\nThe native API and Kubeflow's dialect, {number} of each kind, in turns,", end=" ")
    print(f"Python {sys.version.split()[0]}\n")
    print(_results(costs))
    print("\nBeside the genuine server, measured elsewhere on such a machine, on PostgreSQL\n")
    print(_beside_the_genuine(costs))


def _pairs(native: Target, dialect: Target) -> Iterator[Pair]:
    """Every kind of request; a model's reads come before anything grows."""
    model = dialect.ask("GET", "/registered_model?name=iris")
    own = f"/registered_models/{model['id']}"
    (version,) = dialect.ask("GET", f"{own}/versions?pageSize=1")["items"]
    called = f"name={version['name']}&parentResourceId={model['id']}"
    iris = f"{MODELS}/iris"
    reads = {
        "get model": (iris, own),
        "find model by name": (iris, "/registered_model?name=iris"),
        "get version": (f"{iris}/versions/1", f"/model_versions/{version['id']}"),
        "find version by name": (
            f"{iris}/versions/{version['name']}",
            f"/model_version?{called}",
        ),
        "versions of one model (20)": (f"{iris}/versions", f"{own}/versions"),
        "page of 100 models": (f"{MODELS}?page_size=100", "/registered_models?pageSize=100"),
    }
    for name, (here, there) in reads.items():
        yield Pair(
            name, partial(native.request, "GET", here), partial(dialect.request, "GET", there)
        )
    yield from _writes(native, dialect)


def _writes(native: Target, dialect: Target) -> Iterator[Pair]:
    """One number for each request, which no other has, in either dialect."""
    numbers = count(1)
    ids = [
        dialect.ask("GET", f"/registered_model?name={model_of(number).rpartition('/')[2]}")["id"]
        for number in range(DESCRIBED)
    ]

    def own(number: int) -> str:
        return f"/registered_models/{ids[number % DESCRIBED]}"

    def here(method: str, path: Callable[[int], str], body: Body) -> Call:
        def call() -> bytes:
            number = next(numbers)
            return native.request(method, path(number), body(number), ANY_REVISION)

        return call

    def there(method: str, path: Callable[[int], str], body: Body) -> Call:
        def call() -> bytes:
            number = next(numbers)
            return dialect.request(method, path(number), body(number))

        return call

    def named(number: int) -> dict[str, Any]:
        return {"name": f"new-{number}"}

    def seen(number: int) -> dict[str, Any]:
        return {"description": f"seen {number}"}

    yield Pair(
        "create model",
        here("POST", lambda _: MODELS, named),
        there("POST", lambda _: "/registered_models", named),
    )
    yield Pair(
        "create version",
        here(
            "POST",
            lambda number: f"{model_of(number)}/versions",
            lambda number: {
                **named(number),
                "on_repeat": "new",
                "custom_properties": {"depth": number, "rate": 0.1},
            },
        ),
        there(
            "POST",
            lambda number: f"{own(number)}/versions",
            lambda number: {
                **named(number),
                "registeredModelId": ids[number % DESCRIBED],
                "customProperties": {
                    "depth": {"int_value": str(number), "metadataType": "MetadataIntValue"},
                    "rate": {"double_value": 0.1, "metadataType": "MetadataDoubleValue"},
                },
            },
        ),
    )
    yield Pair("patch model", here("PATCH", model_of, seen), there("PATCH", own, seen))


def _results(costs: dict[str, list[list[Cost]]]) -> str:
    columns = (
        *("request", "native, median ms", "dialect", "of the native", "goal"),
        *("native, CPU ms", "dialect", f"native, a second, {MANY} clients", "dialect"),
    )
    rows = []
    for name, ((here, there), (many_here, many_there)) in costs.items():
        ratio = there.median_ms / here.median_ms
        medians = (here.median_ms, there.median_ms, ratio, GOAL, here.cpu_ms, there.cpu_ms)
        rates = (f"{many_here.per_second:.0f}", f"{many_there.per_second:.0f}")
        rows.append((name, *(f"{each:.2f}" for each in medians), *rates))
    return table(columns, rows)


def _beside_the_genuine(costs: dict[str, list[list[Cost]]]) -> str:
    columns = ("request", "dialect, CPU ms", "the Go server, elsewhere", "ratio", "goal")
    rows = []
    for name, ((_, there), _) in costs.items():
        if genuine := GENUINE.get(name):
            figures = (there.cpu_ms, genuine, there.cpu_ms / genuine, ALLOWED.get(name, 1.0))
            rows.append((name, *(f"{each:.2f}" for each in figures)))
    return table(columns, rows)
