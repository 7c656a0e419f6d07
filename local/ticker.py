"""`python -m local.ticker`: what a cloud's scheduler would call, on time."""

import os
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta

from pymongo import MongoClient

from core.bootstrap import assemble
from core.settings import Settings
from handlers.events.schedules import relay, sweep

SWEEP_SECONDS = "60"
RELAY_SECONDS = 2.0
RELAY_BUDGET = timedelta(seconds=10)
EMPTY_TRANSACTION_SECONDS = 30.0


def main() -> None:
    """Relay every two seconds, sweep every minute (or MODELRY_LOCAL_SWEEP_SECONDS), and commit
    an empty transaction every half minute.

    The embedded database frees the locks of a client that was killed in a transaction only when
    another transaction comes.
    """
    settings = Settings.from_environment(os.environ)
    client: MongoClient[dict[str, object]] = MongoClient(settings.mongodb_uri)
    database = client[settings.mongodb_database]

    def empty_transaction() -> None:
        with client.start_session() as session:
            session.with_transaction(
                lambda inside: database["counters"].find_one({"_id": ""}, session=inside)
            )

    registry = assemble(settings)
    swept = float(os.environ.get("MODELRY_LOCAL_SWEEP_SECONDS", SWEEP_SECONDS))

    jobs: list[tuple[float, Callable[[], object]]] = [
        (EMPTY_TRANSACTION_SECONDS, empty_transaction),
        (swept, lambda: sweep(registry)),
        (RELAY_SECONDS, lambda: relay(registry, budget=RELAY_BUDGET)),
    ]
    due = [time.monotonic() for _ in jobs]
    print("ready", flush=True)
    while True:
        for position, (period, job) in enumerate(jobs):
            if time.monotonic() >= due[position]:
                due[position] = time.monotonic() + period
                _run(job)
        time.sleep(max(0.1, min(due) - time.monotonic()))


def _run(job: Callable[[], object]) -> None:
    try:
        job()
    except Exception:
        traceback.print_exc(file=sys.stdout)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
