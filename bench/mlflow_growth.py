"""Whether calls stay as cheap with many versions, and with many in one model: Modelry beside the
real `mlflow server`, in one run, in turns, one request at a time."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count

from bench.load import Cost, in_turns
from bench.mlflow import CALLS, PER_MODEL, Server, failed, servers
from bench.tables import table

FEW = 1_000
ONE = "model-of-many"
NAMES = ("get version", "get by alias", "search versions of a model", "set tag", "create version")
GOAL = 1.5


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench mlflow_growth", description=__doc__)
    parser.add_argument("--count", type=int, default=24, help="requests of each kind (24)")
    parser.add_argument("--versions", type=int, default=10_000, help="versions in all (10000)")
    parser.add_argument("--in-one", type=int, default=10_000, help="versions of a model (10000)")
    chosen = parser.parse_args(options)
    numbers = count(1)
    steps: dict[str, list[list[Cost]]] = {}
    with servers(_models(0, FEW)) as measured:
        _measure(measured, f"{FEW:,} versions", chosen.count, numbers, steps)
        for server in measured:
            server.fill(_models(FEW, chosen.versions))
        _measure(measured, f"{chosen.versions:,} versions", chosen.count, numbers, steps)
        for server in measured:
            server.fill({ONE: chosen.in_one})
        held = [replace(server, models=[ONE]) for server in measured]
        _measure(held, f"{chosen.in_one:,} in one model", chosen.count, numbers, steps)
        names = [server.target.name for server in measured]
    print(f"\nMedian ms of {chosen.count} requests, one at a time; growth from first to last\n")
    columns = ("request", "server", *steps, "growth", "goal")
    print(table(columns, _rows(names, steps)))


def _models(first: int, end: int) -> dict[str, int]:
    return {f"model-{n}": PER_MODEL for n in range(first // PER_MODEL, end // PER_MODEL)}


def _measure(
    measured: list[Server],
    step: str,
    number: int,
    numbers: Iterator[int],
    steps: dict[str, list[list[Cost]]],
) -> None:
    steps[step] = []
    for name in NAMES:
        print(f"{step}: {name}", flush=True)
        asks = [partial(CALLS[name], server) for server in measured]
        pairs = [
            (server.target, lambda ask=ask: ask(next(numbers)))
            for server, ask in zip(measured, asks, strict=True)
        ]
        steps[step].append(in_turns(pairs, number))


def _rows(names: list[str], steps: dict[str, list[list[Cost]]]) -> Iterator[tuple[object, ...]]:
    for place, request in enumerate(NAMES):
        for which, server in enumerate(names):
            found = [costs[place][which] for costs in steps.values()]
            growth = found[-1].median_ms / found[0].median_ms
            shown = (f"{each.median_ms:.1f}{failed(each)}" for each in found)
            yield (request, server, *shown, f"{growth:.2f}", f"< {GOAL}")
