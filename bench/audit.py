"""What the audit log costs: an event on a create, sealing, and sealing while many write.

Use cases in this process, against the embedded database and object store, which are programs of
their own. "Without" is the same create in the same transaction, but nothing is told.
"""

import argparse
import statistics
import threading
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
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.adapters.mongo.database import MongoDatabase
from core.adapters.s3.blobs import S3BlobStore
from core.bootstrap import SystemClock, bundle
from core.domain.access import CONFIGURED, Caller, Principal, system_caller
from core.domain.checkpoints import NO_CHECKPOINT, digests
from core.domain.merkle import root_of
from core.registry import Registry
from core.settings import Settings
from local.programs import STORE_ACCESS_KEY

GOAL = 35
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
        print("\nSealing, and 16 clients that change things meanwhile:\n")
        rows = _sealing(registry, chosen.changes, chosen.clients)
        print(table(("what", "figure"), rows))


def _registry(running: Running) -> Registry:
    settings = Settings(
        mongodb_uri=running.address("database"),
        mongodb_database="bench",
        s3_endpoint=running.address("store"),
        s3_access_key=STORE_ACCESS_KEY,
        s3_secret_key=running.home.store_secret(),
        audit_key="11" * 32,
    )
    clock = SystemClock()
    database = MongoDatabase.connect(settings.mongodb_uri, settings.mongodb_database)
    database.prepare()
    blobs = S3BlobStore(
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        bucket=settings.s3_bucket,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        clock=clock,
    )
    made = bundle(settings, database, blobs, MemoryTokenVerifier(clock), clock)
    made.namespaces.create(ADMIN, "default", {})
    return made


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


def _sealing(registry: Registry, changes: int, clients: int) -> list[tuple[str, str]]:
    alone = _write(registry, "alone", changes // 5, clients)
    start, backlog = time.perf_counter(), 0
    while sealed := registry.sealing.seal(SWEEP):
        backlog += sealed
    rate = backlog / (time.perf_counter() - start)
    stop = threading.Event()
    runs: list[float] = []

    def seal() -> None:
        while not stop.is_set():
            begun = time.perf_counter()
            registry.sealing.seal(SWEEP)
            runs.append(time.perf_counter() - begun)
            stop.wait(1)

    sealer = threading.Thread(target=seal)
    sealer.start()
    beside = _write(registry, "beside", changes, clients)
    stop.set()
    sealer.join()
    while registry.sealing.seal(SWEEP):
        pass
    lost, checkpoints = _out_of_chain(registry)
    return [
        (f"events sealed a second, {backlog:,} at once", f"{rate:,.0f}"),
        (f"changes a second, {clients} clients, nobody seals", f"{alone[0]:,.0f}"),
        (f"changes a second, {changes:,} while sealing runs every second", f"{beside[0]:,.0f}"),
        ("a change in ms, median / p99, nobody seals", f"{alone[1]:.1f} / {alone[2]:.1f}"),
        ("a change in ms, median / p99, while sealing", f"{beside[1]:.1f} / {beside[2]:.1f}"),
        ("runs of sealing, and the longest in s", f"{len(runs)}, {max(runs):.2f}"),
        ("checkpoints", f"{checkpoints:,}"),
        ("events lost, twice or out of the chain", f"{lost:,}"),
    ]


def _write(registry: Registry, prefix: str, count: int, clients: int) -> tuple[float, float, float]:
    """Changes a second, and the median and the 99th percentile of one in ms."""

    def write(client: int) -> list[float]:
        names = [f"{prefix}-{client}-{number}" for number in range(count // clients)]
        return [
            _timed(partial(registry.models.register, ADMIN, "default", name, {}))[0]
            for name in names
        ]

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        waits = sorted(wait for each in pool.map(write, range(clients)) for wait in each)
    rate = len(waits) / (time.perf_counter() - start)
    return rate, statistics.median(waits) * 1e3, waits[int(len(waits) * 0.99)] * 1e3


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
