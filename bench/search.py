"""How reads and searches grow with the registry: twenty versions a model, all in one namespace.

The stores are asked directly, so that nothing of the API hides what the database takes; it is the
embedded one, or a real MongoDB that MODELRY_TEST_MONGODB_URI names.
"""

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path as Folder
from typing import Any

from bench.tables import table
from core.adapters.mongo.database import MongoDatabase
from core.adapters.mongo.versions import MongoVersions
from core.domain.fields import VERSION_FIELDS, bound
from core.domain.orders import Order, bound_orders
from core.domain.search import And, Comparison, In, Like, Operator, Path, Tree, Words
from core.domain.versions import ByAlias, ByNumber, Latest, ModelVersion, VersionState
from local import programs
from local.ports import free_port
from local.processes import Processes

PER_MODEL = 20
BATCH = 200
GOAL = 1.5
AT = datetime(2026, 1, 1, tzinfo=UTC)
NEWEST_FIRST = bound_orders([], VERSION_FIELDS)
BEST_FIRST = bound_orders([Order(Path("metrics", ("auc",)), is_descending=True)], VERSION_FIELDS)

Ask = Callable[[MongoDatabase, int], object]


def main(arguments: list[str]) -> None:
    """Print the medians at each size, and how the largest compares with the smallest."""
    options = argparse.ArgumentParser(prog="bench search", description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options.add_argument("--count", type=int, default=200, help="questions of each kind (200)")
    chosen = options.parse_args(arguments)
    medians: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    loading = []
    with _database() as database:
        stored = 0
        for size in chosen.sizes:
            loading.append(_load(database, stored, size))
            stored = size
            _measure(database, size, chosen.count, medians)
    print(f"\nReads and searches, {chosen.count} of each, median ms by number of versions\n")
    sizes = [f"{size:,}" for size in chosen.sizes]
    rows = [
        (name, *(f"{each:.2f}" for each in times), f"{times[-1] / times[0]:.2f}", f"< {GOAL}")
        for name, times in medians.items()
    ]
    print(table(("what", *sizes, "growth", "goal"), rows))
    print(f"\nLoaded at {', '.join(f'{rate:.0f}' for rate in loading)} versions/s.")


def _ordered(database: MongoDatabase, tree: Tree, orders: tuple[Order, ...]) -> object:
    whole = bound(tree, VERSION_FIELDS)
    found = database.versions.search(["bench"], whole, orders=orders, after=None, limit=21)
    assert found
    return found


def _equals(field: str, *keys: str, value: Any) -> Tree:
    return Comparison(Path(field, keys), Operator.EQUAL, value)


def _model(number: int) -> str:
    return f"model-{number // PER_MODEL}"


QUESTIONS: dict[str, Ask] = {
    "get a version": lambda d, n: d.versions.find("bench", _model(n), ByNumber(n % PER_MODEL + 1)),
    "resolve an alias": lambda d, n: d.versions.find("bench", _model(n), ByAlias("champion")),
    "resolve latest": lambda d, n: d.versions.find("bench", _model(n), Latest()),
    "list a model's versions": lambda d, n: d.versions.page(
        "bench", _model(n), before=None, limit=50
    ),
    "search: a tag": lambda d, n: _ordered(
        d, _equals("tags", "run", value=f"run-{n}"), NEWEST_FIRST
    ),
    "search: a parameter": lambda d, n: _ordered(
        d, _equals("parameters", "model", "seed", value=n // PER_MODEL), NEWEST_FIRST
    ),
    "search: a model, best first": lambda d, n: _ordered(
        d, _equals("model", value=_model(n)), BEST_FIRST
    ),
    "search: a tag of several": lambda d, n: _ordered(
        d, In(Path("tags", ("run",)), tuple(f"run-{n - n % 10 + k}" for k in range(10))), BEST_FIRST
    ),
    "search: words": lambda d, n: _ordered(d, Words(("model", f"number{n}")), NEWEST_FIRST),
    "search: a parameter and more": lambda d, n: _ordered(
        d,
        And(
            (
                Comparison(Path("metrics", ("auc",)), Operator.AT_LEAST, 0.0),
                Comparison(Path("state"), Operator.EQUAL, "ready"),
                _equals("parameters", "model", "seed", value=n // PER_MODEL),
                Like(Path("name"), "%MODEL%", ignores_case=True),
            )
        ),
        BEST_FIRST,
    ),
}


def _measure(
    database: MongoDatabase, size: int, count: int, medians: dict[str, list[float]]
) -> None:
    times: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    for turn in range(count + 5):  # in turns, so that all meet the same machine
        number = turn * 7919 % size
        for name, ask in QUESTIONS.items():
            begun = time.perf_counter()
            ask(database, number)
            if turn >= 5:
                times[name].append((time.perf_counter() - begun) * 1000)
    for name, taken in times.items():
        medians[name].append(statistics.median(taken))


def _load(database: MongoDatabase, first: int, end: int) -> float:
    """Insert versions past the use cases, as fast as the database takes them."""
    store = database.versions
    assert isinstance(store, MongoVersions)
    begun = time.perf_counter()
    numbers = iter(range(first, end))
    while batch := list(islice(numbers, BATCH)):
        database._database["versions"].insert_many(
            [store.document(_version(number)) for number in batch]
        )
    return (end - first) / (time.perf_counter() - begun)


def _version(number: int) -> ModelVersion:
    model, place = divmod(number, PER_MODEL)
    last = place == PER_MODEL - 1
    return ModelVersion(
        id=number + 1,
        model_id=model + 1,
        namespace="bench",
        model=f"model-{model}",
        number=place + 1,
        description=f"The model of number{number}, trained again",
        tags={"team": f"team-{model % 7}", "run": f"run-{number}"},
        parameters={"model": {"seed": model, "depth": place}, "learning.rate": 0.1},
        metrics={"auc": (number * 7919 % 1000) / 1000, "loss": 0.3},
        framework={"name": "sklearn", "version": "1.6"},
        environment={"python": "3.12", "packages": {f"package-{n}": "1.0" for n in range(10)}},
        state=VersionState.READY,
        digest=f"sha256:{number:064x}",
        key_prefix=f"bench/model-{model}/{place + 1}/",
        aliases=("champion",) if last else (),
        ready_at=AT,
        created_at=AT,
        created_by="subject:dev:alice",
        updated_at=AT,
        updated_by="subject:dev:alice",
    )


@contextmanager
def _database() -> Iterator[MongoDatabase]:
    name = f"bench_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder:
        processes = Processes(Folder(folder))
        uri = os.environ.get("MODELRY_TEST_MONGODB_URI")
        if uri is None:
            port = free_port()
            program = programs.database(port, Folder(folder) / "database")
            processes.wait_until_ready(processes.start([program]))
            uri = f"{programs.database_uri(port)}&socketTimeoutMS=300000"
        database = MongoDatabase.connect(uri, name)
        try:
            database.prepare()
            yield database
            if "MODELRY_TEST_MONGODB_URI" in os.environ:
                database._client.drop_database(name)
        finally:
            database.close()
            processes.stop()
