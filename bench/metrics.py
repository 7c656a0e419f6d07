"""Whether a long history stays cheap: writing to and reading from a run with more and more metric
points, up to a million, over HTTP, against the embedded database."""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.running import Caller, registry
from bench.tables import table

EXPERIMENTS = "/namespaces/default/experiments"
RUN = "/namespaces/default/runs/1"
BATCH = 1_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def main(arguments: list[str]) -> None:
    """Print the medians at each size."""
    options = argparse.ArgumentParser(prog="bench metrics")
    options.add_argument("--points", type=int, default=1_000_000)
    options.add_argument("--repeats", type=int, default=15)
    chosen = options.parse_args(arguments)
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000) if size < chosen.points]
    rows = []
    with registry() as running:
        caller = Caller(running, running.token())
        caller.call("POST", EXPERIMENTS, {"name": "bench"})
        caller.call("POST", f"{EXPERIMENTS}/bench/runs", {})
        there = 0
        for size in (*sizes, chosen.points):
            batches = []
            while there < size:
                batches.append(_timed(caller, "POST", "metrics", _points(there, BATCH)))
                there += BATCH
            rows.append(_row(caller, there, batches, chosen.repeats))
            print(f"{there} points", flush=True)
        count, seconds = _read_back(caller)
    columns = (
        "points of the metric",
        "1 000 points",
        "1 point",
        "run",
        "page of 1 000",
        "plot of 200",
    )
    print("\nA run with a long history, medians in ms:\n")
    print(table(columns, rows))
    print(f"\nRead back whole, a thousand at a time: {count} points in {seconds:.1f} s.")


def _read_back(caller: Caller) -> tuple[int, float]:
    """How many points the whole history has, and how long it takes to read all of its pages."""
    begun, count, token = time.perf_counter(), 0, None
    while token is not None or not count:
        more = "" if token is None else f"&page_token={token}"
        page = caller.call("GET", f"{RUN}/metrics?key=loss&page_size=1000{more}")
        count += len(page["items"])
        token = page["next_page_token"]
    return count, time.perf_counter() - begun


def _row(caller: Caller, there: int, batches: list[float], repeats: int) -> tuple[object, ...]:
    """`there` points are there; single points are repeats of the last one."""
    last = _points(there - 1, 1)
    middle = f"metrics?key=loss&page_size=1000&first={there // 2}"
    reads: dict[str, tuple[str, str, Any]] = {
        "point": ("POST", "metrics", last),
        "run": ("GET", "", None),
        "page": ("GET", middle, None),
        "plot": ("GET", "plot?key=loss&buckets=200", None),
    }
    times: dict[str, list[float]] = {name: [] for name in reads}
    for _ in range(repeats):
        for name, asked in reads.items():
            times[name].append(_timed(caller, *asked))
    medians = [statistics.median(batches[-100:]), *map(statistics.median, times.values())]
    return (f"{there:,}".replace(",", " "), *(f"{each:.1f}" for each in medians))


def _points(first: int, count: int) -> dict[str, Any]:
    return {
        "points": [
            {
                "key": "loss",
                "value": 1 / (step + 1),
                "step": step,
                "at": (START + timedelta(seconds=step)).isoformat(),
            }
            for step in range(first, first + count)
        ]
    }


def _timed(caller: Caller, method: str, what: str, body: Any = None) -> float:
    path = f"{RUN}/{what}".rstrip("/")
    begun = time.perf_counter()
    caller.call(method, path, body)
    return (time.perf_counter() - begun) * 1000
