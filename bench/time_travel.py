"""How much longer a read as of a moment takes than a plain one, of a model and a version that
10 000 events tell of, a minute or a second apart: over HTTP, against the embedded database."""

import argparse
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench.running import Caller, registry
from bench.tables import table
from core.adapters.mongo.database import MongoDatabase
from core.domain.access import system_caller
from core.domain.models import RegisteredModel
from core.domain.moments import shown
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion
from core.ports import Stores

MODELS = "/namespaces/default/models"
APART = {"a minute": timedelta(minutes=1), "a second": timedelta(seconds=1)}
DATABASE = "modelry"
BATCH = 1_000
GOAL = 2.0


def main(arguments: list[str]) -> None:
    """Print the medians and their ratios."""
    options = argparse.ArgumentParser(prog="bench time_travel")
    options.add_argument("--events", type=int, default=10_000)
    options.add_argument("--reads", type=int, default=300)
    chosen = options.parse_args(arguments)
    with registry() as running:
        database = MongoDatabase.connect(running.address("database"), DATABASE)
        rows = []
        for place, (spaced, apart) in enumerate(APART.items()):
            caller = Caller(running, running.token())
            path = f"{MODELS}/m{place}"
            caller.call("POST", MODELS, {"name": f"m{place}"})
            caller.call("POST", f"{path}/versions", {"parameters": {"depth": 4}})
            at = _remember(database, f"m{place}", chosen.events, apart)
            caller = Caller(running, running.token())  # the connection was idle for too long
            for what, address in (("model", path), ("version", f"{path}/versions/1")):
                name = f"{what}, events {spaced} apart"
                rows.append(_compare(caller, name, address, at, chosen.reads))
    print(f"Reads as of a moment, {chosen.events} events of the object, medians in ms:\n")
    print(table(("object", "plain", "as of", "ratio", "goal"), rows))


def _remember(database: MongoDatabase, name: str, count: int, apart: timedelta) -> datetime:
    """Give model and version a long past; return a moment between two events."""
    model = database.models.get("default", name)
    version = database.versions.find("default", name, ByNumber(1))
    assert model is not None
    assert version is not None
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)

    def remember(first: int, entity: RegisteredModel | ModelVersion) -> None:
        def work(stores: Stores) -> None:
            for number in range(first, first + BATCH):
                at = start + number * apart
                old = replace(
                    entity, updated_at=at, revision=number + 1, description=f"as of {number}"
                )
                stores.events.add(
                    event_of(system_caller("bench"), "bench", at=at, before=entity, after=old)
                )

        database.transaction(work)

    for first in range(0, count, BATCH):
        remember(first, model)
        remember(first, version)
    return start + count // 2 * apart + apart / 2


def _compare(caller: Caller, what: str, path: str, at: datetime, reads: int) -> tuple[object, ...]:
    then = f"{path}?as_of={shown(at)}"
    plain: list[float] = []
    past: list[float] = []
    for _ in range(reads):  # in turns, so that both meet the same machine
        for address, times in ((path, plain), (then, past)):
            begun = time.perf_counter()
            caller.call("GET", address)
            times.append((time.perf_counter() - begun) * 1000)
    now, as_of = statistics.median(plain), statistics.median(past)
    return (what, f"{now:.2f}", f"{as_of:.2f}", f"{as_of / now:.2f}", f"< {GOAL:.0f}")
