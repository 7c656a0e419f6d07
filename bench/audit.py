"""What the audit log costs: an event on a create, sealing, and sealing while many write.

Use cases in this process, against the embedded database and object store, which are programs of
their own. "Without" is the same create in the same transaction, but nothing is told.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from bench.running import Registry as Running
from bench.running import registry as running_registry
from bench.tables import table
from core.bootstrap import assemble, prepare
from core.domain.access import CONFIGURED, Caller, Principal, system_caller
from core.domain.checkpoints import NO_CHECKPOINT, digests
from core.domain.merkle import root_of
from core.registry import Registry
from core.settings import Settings
from local.programs import STORE_ACCESS_KEY

GOAL = 35
ROUNDS = 10
SEALED_SECONDS = 3
SWEEP = system_caller("sweep")
ADMIN = Caller(Principal("dev", "bench"), (CONFIGURED,), "request", "native", "127.0.0.1")
"""An administrator by configuration."""


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser("python -m bench audit", description=__doc__)
    options.add_argument("--creates", type=int, default=400, help="with and without (400)")
    options.add_argument("--changes", type=int, default=10_000, help="while sealing (10000)")
    options.add_argument("--clients", type=int, default=16)
    chosen = options.parse_args(arguments)
    with running_registry(MODELRY_LOCAL_SWEEP_SECONDS="86400") as running:
        registry = _registry(running)
        print("An event on a create, medians of a create in ms:\n")
        print(
            table(("", "without", "with", "overhead", "goal"), _overhead(registry, chosen.creates))
        )
        print(f"\nSealing, and {chosen.clients} clients that change things meanwhile:\n")
        rows = _sealing(running, chosen.changes, chosen.clients)
        print(table(("what", "figure"), rows))


def _settings(running: Running) -> Settings:
    return Settings(
        mongodb_uri=running.address("database"),
        mongodb_database="bench",
        s3_endpoint=running.address("store"),
        s3_access_key=STORE_ACCESS_KEY,
        s3_secret_key=running.home.store_secret(),
        audit_key="11" * 32,
    )


def _registry(running: Running) -> Registry:
    """On a database of its own, where there is a namespace."""
    settings = _settings(running)
    prepare(settings)
    registry = assemble(settings)
    if registry.database.namespaces.get("default") is None:
        registry.namespaces.create(ADMIN, "default", {})
    return registry


@contextmanager
def _untold() -> Iterator[None]:
    """No event is made, checked or stored."""
    with (
        patch("core.services.models.change", lambda *_, **__: None),
        patch("core.adapters.mongo.events.MongoEvents.add", lambda *_: None),
        patch("core.domain.ledger.Ledger.check", lambda *_: None),
    ):
        yield


def _overhead(registry: Registry, count: int) -> list[tuple[object, ...]]:
    waits: dict[bool, list[float]] = {True: [], False: []}
    cpu: dict[bool, float] = {True: 0.0, False: 0.0}
    for number in range(-20, count):  # the first twenty warm it up
        for is_told in (True, False):  # in turns, so that both meet the same machine
            name = f"model-{number}-{is_told}"
            create = partial(registry.models.register, ADMIN, "default", name, {})
            if is_told:
                wall, spent = _timed(create)
            else:
                with _untold():
                    wall, spent = _timed(create)
            if number >= 0:
                waits[is_told].append(wall)
                cpu[is_told] += spent
    rows = []
    without, told = (statistics.median(waits[is_told]) * 1e3 for is_told in (False, True))
    rows.append(("waiting", without, told))
    rows.append(("CPU of this process", cpu[False] / count * 1e3, cpu[True] / count * 1e3))
    return [
        (what, f"{plain:.2f}", f"{with_:.2f}", f"{(with_ / plain - 1) * 100:.0f} %", f"< {GOAL} %")
        for what, plain, with_ in rows
    ]


def _timed(call: Callable[[], Any]) -> tuple[float, float]:
    start, spent = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - start, time.process_time() - spent


def _sealing(running: Running, changes: int, clients: int) -> list[tuple[str, str]]:
    """Rounds in turns, without and with a sealer, so that both meet the same log and machine."""
    registry = _registry(running)
    _write(registry, "backlog", changes // 5, clients)
    start, backlog = time.perf_counter(), 0
    while sealed := registry.sealing.seal(SWEEP):
        backlog += sealed
    rate = backlog / (time.perf_counter() - start)
    alone, beside, runs = list[float](), list[float](), list[float]()
    with _sealer(running, runs) as active:
        for number in range(ROUNDS):
            alone += _write(registry, f"alone-{number}", changes // ROUNDS, clients)
            active.set()
            beside += _write(registry, f"beside-{number}", changes // ROUNDS, clients)
            active.clear()
    while registry.sealing.seal(SWEEP):
        pass
    lost, checkpoints = _out_of_chain(registry)
    return [
        (f"events sealed a second, {backlog:,} at once", f"{rate:,.0f}"),
        (f"a change in ms, median / p99, {len(alone):,} while nobody seals", _shown(alone)),
        (f"a change in ms, median / p99, {len(beside):,} while one seals", _shown(beside)),
        ("runs of sealing meanwhile, and the longest in s", f"{len(runs)}, {max(runs):.2f}"),
        ("checkpoints", f"{checkpoints:,}"),
        ("events lost, twice or out of the chain", f"{lost:,}"),
    ]


@contextmanager
def _sealer(running: Running, runs: list[float]) -> Iterator[Any]:
    """Another process that seals every few seconds while the event is set, as the function does
    every minute."""
    context = multiprocessing.get_context("spawn")
    active, stop, took = context.Event(), context.Event(), context.Queue()
    sealer = context.Process(target=_seal, args=(_settings(running), active, stop, took))
    sealer.start()
    yield active
    stop.set()
    while (seconds := took.get()) is not None:
        runs.append(seconds)
    sealer.join()


def _seal(settings: Settings, active: Any, stop: Any, took: Any) -> None:
    registry = assemble(settings)
    while not stop.is_set():
        if active.wait(0.1):
            took.put(_timed(partial(registry.sealing.seal, SWEEP))[0])
            stop.wait(SEALED_SECONDS)
    took.put(None)


def _shown(waits: list[float]) -> str:
    ordered = sorted(waits)
    worst = ordered[int(len(ordered) * 0.99)]
    return f"{statistics.median(ordered) * 1e3:.1f} / {worst * 1e3:.1f}"


def _write(registry: Registry, prefix: str, count: int, clients: int) -> list[float]:
    """How many seconds each change took."""

    def write(client: int) -> list[float]:
        names = [f"{prefix}-{client}-{number}" for number in range(-(-count // clients))]
        creates = (partial(registry.models.register, ADMIN, "default", name, {}) for name in names)
        return [_timed(create)[0] for create in creates]

    with ThreadPoolExecutor(clients) as pool:
        return [wait for each in pool.map(write, range(clients)) for wait in each]


def _out_of_chain(registry: Registry) -> tuple[int, int]:
    """How many events are not under exactly one checkpoint of a whole chain; how many those are."""
    database = registry.database
    events, after = set[str](), ""
    while page := database.audit.between(after, "g", 5_000):
        events |= {event.id for event in page}
        after = page[-1].id
    sealed: list[str] = []
    previous, number = NO_CHECKPOINT, 0
    while found := database.checkpoints.page(after=number, limit=1_000):
        for checkpoint in found:
            batch = database.checkpoints.batch(checkpoint.number)
            assert batch is not None
            assert checkpoint.previous == previous
            assert checkpoint.root == root_of(digests(batch)).hex()
            sealed += batch.events
            previous, number = checkpoint.digest, checkpoint.number
    return len(events.symmetric_difference(sealed)) + len(sealed) - len(set(sealed)), number
