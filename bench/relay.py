"""What it takes to tell a receiver that fails and hangs of everything, in order, and what a relay
that is killed in the middle loses.

Events lie in the embedded database; the relay is a process of its own, and so is the receiver,
which checks each signature and the order of each subject.
"""

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.receiving import Report, serve
from bench.running import ROOT, registry
from bench.tables import table
from core.bootstrap import assemble, prepare
from core.domain.access import CONFIGURED, Caller, Principal
from core.domain.events import Event, SubjectKind, event_id
from core.registry import Registry
from core.settings import Settings
from local.ports import free_port
from local.programs import STORE_ACCESS_KEY

ADMIN = Caller(Principal("dev", "bench"), (CONFIGURED,), "request", "native", "127.0.0.1")
EVERY = timedelta(milliseconds=50)
"""Between two events: they are what happened in the last hours, since the webhook was made."""
KILLED_AT = 0.4
"""Once so much of everything has arrived, the relay is killed."""


def main(arguments: list[str]) -> None:
    """Measure and print."""
    options = argparse.ArgumentParser("python -m bench relay", description=__doc__)
    options.add_argument("--events", type=int, default=100_000)
    options.add_argument("--subjects", type=int, default=2_000)
    options.add_argument("--minutes", type=float, default=60, help="after which it is given up")
    chosen = options.parse_args(arguments)
    with registry(MODELRY_LOCAL_SWEEP_SECONDS="86400") as running:
        environment = {
            "MODELRY_MONGODB_URI": running.address("database"),
            "MODELRY_MONGODB_DATABASE": "bench",
            "MODELRY_MONGODB_WALKS_INDEXES": "false",
            "MODELRY_S3_ENDPOINT": running.address("store"),
            "MODELRY_S3_ACCESS_KEY": STORE_ACCESS_KEY,
            "MODELRY_S3_SECRET_KEY": running.home.store_secret(),
            "MODELRY_RELAY_KEYS": "bench:" + "bench" * 8,
            "MODELRY_RELAY_ALLOWS_PRIVATE": "true",
            "MODELRY_RELAY_TIMEOUT_SECONDS": "1",
            "MODELRY_RELAY_RETRY_SECONDS": "1",
        }
        print(table(("what", "figure"), _told(environment, chosen)))


def _told(environment: dict[str, str], chosen: argparse.Namespace) -> list[tuple[str, str]]:
    settings = Settings.from_environment(environment)
    prepare(settings)
    registry = assemble(settings)
    registry.namespaces.create(ADMIN, "default", {})
    port = free_port()
    ours, theirs = multiprocessing.Pipe()
    fields = {"name": "bench", "target": f"http://127.0.0.1:{port}/", "events": ("bench.*",)}
    made = registry.webhooks.create(ADMIN, "default", fields)
    receiving = multiprocessing.get_context("spawn").Process(
        target=serve, args=(port, made.secret, theirs)
    )
    receiving.start()
    ours.recv()  # it listens
    try:
        began = time.monotonic()
        expected = _happen(registry, chosen.events, chosen.subjects)
        stored = time.monotonic() - began
        told = _relay_all(environment, ours, chosen)
        ours.send("report")
        report: Report = ours.recv()
    finally:
        receiving.terminate()
        receiving.join()
    return [
        ("events, subjects", f"{chosen.events:,}, {chosen.subjects:,}"),
        ("stored", f"{stored:.0f} s"),
        ("arrived when the relay was killed", f"{told.before:,}"),
        ("until 99 % had arrived", f"{told.nearly:.0f} s"),
        ("until the last had, after its retries", f"{told.whole:.0f} s"),
        ("of which another relay waited for the lease", f"{told.waited:.0f} s"),
        ("requests", f"{report.requests:,}"),
        ("of which answered 500", f"{report.failed:,}"),
        ("of which hung", f"{report.hung:,}"),
        ("events that never arrived", f"{len(expected - report.arrived):,}"),
        ("events that arrived and did not happen", f"{len(report.arrived - expected):,}"),
        ("accepted more than once", f"{report.repeated:,}"),
        ("out of order within their subject", f"{report.disordered:,}"),
        ("without a good signature", f"{report.unsigned:,}"),
    ]


def _happen(registry: Registry, count: int, subjects: int) -> set[str]:
    """Let so much have happened since the webhook was made: events as changes store them, in
    transactions of 500."""
    at, expected = datetime.now(UTC) - count * EVERY, set()
    (webhook,) = registry.database.webhooks.page("default", after=None, limit=2)
    cursor = registry.database.deliveries.cursor(webhook.id)
    assert cursor is not None
    earlier = replace(cursor, version=cursor.version + 1, floor=event_id(at - EVERY))
    registry.database.transaction(lambda stores: stores.deliveries.move(earlier))
    for start in range(0, count, 500):
        events = []
        for number in range(start, min(start + 500, count)):
            moment = at + number * EVERY
            revision = number // subjects + 1
            events.append(
                Event(
                    id=event_id(moment, revision),
                    at=moment,
                    action="bench.changed",
                    namespace="default",
                    kind=SubjectKind.MODEL,
                    subject=f"default/m{number % subjects}",
                    revision=revision,
                    actor=ADMIN.principal.name,
                    after={"name": f"m{number % subjects}", "tags": {"number": str(number)}},
                )
            )
        expected |= {event.id for event in events}

        def work(stores: Any, events: list[Event] = events) -> None:
            for event in events:
                stores.events.add(event)

        registry.database.transaction(work)
    return expected


@dataclass(slots=True)
class Told:
    """How many had arrived when the relay was killed, and how long it took, in seconds."""

    before: int = 0
    nearly: float = 0.0
    whole: float = 0.0
    waited: float = 0.0


def _relay_all(environment: dict[str, str], ours: Any, chosen: argparse.Namespace) -> Told:
    """Relay, kill that relay, and let another one go on."""
    began, told = time.monotonic(), Told()
    first = _relay(environment)
    while _arrived(ours) < chosen.events * KILLED_AT:
        time.sleep(0.2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    told.before, killed_at = _arrived(ours), time.monotonic()
    second = _relay(environment)
    try:
        while (there := _arrived(ours)) < chosen.events:
            if there == told.before:
                told.waited = time.monotonic() - killed_at
            if there < chosen.events * 0.99:
                told.nearly = time.monotonic() - began
            if time.monotonic() > began + chosen.minutes * 60:
                break
            time.sleep(0.2)
    finally:
        second.send_signal(signal.SIGKILL)
        second.wait()
    told.whole = time.monotonic() - began
    return told


def _arrived(ours: Any) -> int:
    ours.send("arrived")
    return int(ours.recv())


def _relay(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    """A process that does what the schedule of a deployment does, without a pause."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.relay_once"], cwd=ROOT, env={**os.environ, **environment}
    )
