"""Modelry beside the real `mlflow server`, on SQLite and on PostgreSQL: the same requests of the
same dialect, in one run, in turns, and how many commands each sends to its database."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from math import nan
from typing import Any

from bench.counted import counted
from bench.load import Cost, Target, in_turns, load
from bench.mlflow_server import PREFIX, NotHere, mlflow_server, postgres
from bench.requests import MANY
from bench.running import registry
from bench.stocked import stock
from bench.tables import table

PER_MODEL = 20
RUNS = 20
TURNS = 3
CPU_GOAL, RATE_GOAL = 0.2, 5.0

Ask = Callable[["Server", int], bytes]


@dataclass(frozen=True, slots=True)
class Server:
    """One that is measured, what writes more models into it, those that are asked for, and the
    runs that were started on it."""

    target: Target
    fill: Callable[[Mapping[str, int]], None]
    models: Sequence[str]
    runs: Sequence[str]
    counting: Target | None = None
    commands: Callable[[], int] | None = None
    """How many its database has been sent so far by what answers at `counting`."""

    def model(self, number: int) -> str:
        """Another one for each of those who ask at the same time."""
        return self.models[number % len(self.models)]

    def get(self, path: str) -> bytes:
        return self.target.request("GET", path)

    def post(self, path: str, **body: Any) -> bytes:
        return self.target.request("POST", path, body)


CALLS: dict[str, Ask] = {
    "get version": lambda s, n: s.get(f"/model-versions/get?name={s.model(n)}&version=1"),
    "get by alias": lambda s, n: s.get(
        f"/registered-models/alias?name={s.model(n)}&alias=champion"
    ),
    "search versions of a model": lambda s, n: s.get(
        f"/model-versions/search?filter=name%3D%27{s.model(n)}%27&max_results=20"
    ),
    "page of 50 models": lambda s, n: s.get("/registered-models/search?max_results=50"),
    "create model": lambda s, n: s.post("/registered-models/create", name=f"new-{n}"),
    "create version": lambda s, n: s.post(
        "/model-versions/create", name=s.model(n), source=f"s3://bench/{n}"
    ),
    "set tag": lambda s, n: s.post(
        "/model-versions/set-tag", name=s.model(n), version="1", key="seen", value=str(n)
    ),
    "log metric": lambda s, n: s.post(
        "/runs/log-metric", run_id=s.runs[n % RUNS], key="loss", value=1 / n, timestamp=n, step=n
    ),
    "log batch": lambda s, n: s.post(
        "/runs/log-batch",
        run_id=s.runs[n % RUNS],
        metrics=[
            {"key": f"metric-{each}", "value": 1 / n, "timestamp": n, "step": n}
            for each in range(20)
        ],
        params=[{"key": f"parameter-{n}-{each}", "value": str(n)} for each in range(5)],
        tags=[{"key": f"tag-{each}", "value": str(n)} for each in range(5)],
    ),
}


def main(options: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("python -m bench mlflow", description=__doc__)
    parser.add_argument("--count", type=int, default=24, help="requests of each kind (24)")
    parser.add_argument("--versions", type=int, default=1_000, help="versions there are (1000)")
    parser.add_argument("--only", nargs="+", choices=CALLS, default=list(CALLS), metavar="CALL")
    chosen = parser.parse_args(options)
    models = {f"model-{number}": PER_MODEL for number in range(chosen.versions // PER_MODEL)}
    with servers(models) as measured:
        numbers = count(1)
        found = {}
        for name in chosen.only:
            print(name, flush=True)
            found[name] = measure(measured, CALLS[name], chosen.count, numbers)
        shown = list(_results(measured, found))
    print(f"\n{chosen.count} of each, {chosen.versions:,} versions,", end=" ")
    print(f"{PER_MODEL} a model, Python {sys.version.split()[0]}")
    print(*shown, sep="\n")


@contextmanager
def servers(models: dict[str, int]) -> Iterator[list[Server]]:
    """Modelry, and `mlflow server` on every database that is here, each with these models."""
    names = list(models)
    with ExitStack() as stack:
        running = stack.enter_context(registry())
        fill = partial(stock, running)
        fill(models)
        ours = replace(running.target(PREFIX, "Modelry"), may_fail=True)
        counting = stack.enter_context(counted(running, ours))
        found = [Server(ours, fill, names, _runs(ours), *counting)]
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-sqlite-"))
        try:
            peer = stack.enter_context(
                mlflow_server("mlflow, SQLite", f"sqlite:///{folder}/mlflow.db")
            )
            peer.fill(models)
            found.append(Server(peer.target, peer.fill, names, _runs(peer.target)))
            database = stack.enter_context(postgres())
            peer = stack.enter_context(mlflow_server("mlflow, PostgreSQL", database.uri))
            peer.fill(models)
            more = (_runs(peer.target), peer.target, database.statements)
            found.append(Server(peer.target, peer.fill, names, *more))
        except NotHere as lacking:
            print(f"Not measured, since it is not here: {lacking}", flush=True)
        yield found


def _runs(target: Target) -> list[str]:
    """The ids of some runs that are started."""
    runs = [
        target.ask("POST", "/runs/create", {"experiment_id": "0", "start_time": number})
        for number in range(RUNS)
    ]
    return [str(run["run"]["info"]["run_id"]) for run in runs]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one kind of request took, on each server: with one client, with many, and how many
    commands it sent to its database, where they are counted."""

    alone: list[Cost]
    many: list[Cost]
    commands: list[int | None]


def measure(measured: list[Server], ask: Ask, number: int, numbers: Iterator[int]) -> Figures:
    """One kind of request on each server, in turns. No two requests have the same number."""
    pairs = [(server.target, lambda s=server: ask(s, next(numbers))) for server in measured]
    alone, many = (in_turns(pairs, number, clients, TURNS) for clients in (1, MANY))
    return Figures(alone, many, [_commands(each, ask, numbers) for each in measured])


def _commands(server: Server, ask: Ask, numbers: Iterator[int]) -> int | None:
    if server.counting is None or server.commands is None:
        return None
    here = replace(server, target=server.counting)
    load(server.counting, lambda: ask(here, next(numbers)), 1)  # what is asked once, was asked
    before = server.commands()
    load(server.counting, lambda: ask(here, next(numbers)), 1)
    return server.commands() - before


def _results(servers: list[Server], found: dict[str, Figures]) -> Iterator[str]:
    """For one client and for many: CPU, and what is answered in a second; then the commands."""
    ours, *peers = [server.target.name for server in servers]
    for clients in (1, MANY):
        shown = {
            name: figures.alone if clients == 1 else figures.many for name, figures in found.items()
        }
        yield f"\n{clients} at a time, CPU ms of the server for each:\n"
        columns = ("request", ours, *peers, "of the cheaper one's", "goal")
        yield table(columns, (_cpu_row(name, *costs) for name, costs in shown.items()))
        yield f"\n{clients} at a time, answered in a second:\n"
        columns = ("request", ours, *peers, "times the faster one's", "goal")
        yield table(columns, (_rate_row(name, *costs) for name, costs in shown.items()))
    yield "\nCommands to the database:\n"
    rows = [(name, *(each or "" for each in figures.commands)) for name, figures in found.items()]
    yield table(("request", ours, *peers), rows)


def _cpu_row(name: str, ours: Cost, *peers: Cost) -> tuple[object, ...]:
    least = min((peer.cpu_ms for peer in peers), default=nan)
    shown = (f"{each.cpu_ms:.2f}" for each in (ours, *peers))
    return (name, *shown, f"{ours.cpu_ms / least:.2f}", CPU_GOAL)


def _rate_row(name: str, ours: Cost, *peers: Cost) -> tuple[object, ...]:
    most = max((peer.per_second for peer in peers), default=nan)
    shown = (f"{each.per_second:.0f}{failed(each)}" for each in (ours, *peers))
    return (name, *shown, f"{ours.per_second / most:.1f}", RATE_GOAL)


def failed(cost: Cost) -> str:
    """What to say of those that were no success, if any."""
    return f" ({cost.failures} of {cost.count} failed)" if cost.failures else ""
