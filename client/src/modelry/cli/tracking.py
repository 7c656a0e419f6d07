"""Commands on experiments and runs: experiments, runs, run, log."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from modelry.cli.running import (
    PairType,
    addressed,
    print_changes,
    print_fields,
    print_json,
    print_table,
)
from modelry.client import Modelry
from modelry.metrics import Bucket
from modelry.runs import Run, RunFile

_BARS = "▁▂▃▄▅▆▇█"
_WIDTH = 60
_STATUS = click.Choice(["scheduled", "running", "finished", "failed", "killed"])


@click.command()
@click.argument("name", required=False)
@click.option("--create", is_flag=True, help="Create the experiment NAME.")
@click.option("--description", help="What it is about. With --create.")
@click.option("--archived", is_flag=True, help="Archived ones as well.")
@addressed
def experiments(
    registry: Modelry,
    name: str | None,
    create: bool,
    description: str | None,
    archived: bool,
    as_json: bool,
) -> None:
    """List the experiments, show NAME, or create it: `modelry experiments --create churn`."""
    if create and not name:
        raise click.UsageError("Name the experiment to create.")
    if name:
        one = (
            registry.create_experiment(name, description=description)
            if create
            else registry.experiment(name)
        )
        print_json(one.raw) if as_json else print_fields(one.raw)
        return
    found = list(registry.experiments(archived=archived))
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [(each.name, each.id, each.description, each.updated_at) for each in found]
    print_table(("EXPERIMENT", "ID", "DESCRIPTION", "UPDATED"), rows)


@click.command()
@click.argument("experiment")
@click.option("--filter", "-f", help='Such as "metrics.auc > 0.9 AND parameters.lr = 0.1".')
@click.option("--order-by", "-o", help="Such as 'metrics.auc desc'; else oldest first.")
@click.option("--best", metavar="METRIC", help="The best by this metric first.")
@click.option("--direction", type=click.Choice(["higher", "lower"]), help="What is good of it.")
@click.option("--show", "columns", multiple=True, metavar="NAME",
              help="A column for this metric or parameter. May repeat.")  # fmt: skip
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@addressed
def runs(
    registry: Modelry,
    experiment: str,
    filter: str | None,
    order_by: str | None,
    best: str | None,
    direction: str | None,
    columns: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """List the runs of EXPERIMENT: `modelry runs churn --best auc`."""
    if best and (filter or order_by):
        raise click.UsageError("--best goes without --filter and --order-by.")
    if best:
        found = registry.best_runs(experiment, best, direction=direction, count=limit)
    else:
        asked = registry.runs(experiment, filter=filter, order_by=order_by)
        found = [run for run, _ in zip(asked, range(limit), strict=False)]
    if as_json:
        print_json([each.raw for each in found])
        return
    named = columns or ((best,) if best else _common_metrics(found))
    rows = [
        (each.id, each.name, each.status, *(_value(each, name) for name in named),
         each.started_at, each.created_by)
        for each in found
    ]  # fmt: skip
    heading = (name.upper() for name in named)
    print_table(("RUN", "NAME", "STATUS", *heading, "STARTED", "BY"), rows)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="RUN...")
@click.option("--plot", "-p", "keys", multiple=True, metavar="METRIC", help="Draw it. May repeat.")
@click.option("--history", is_flag=True, help="What happened to it.")
@click.option("--files", "folder", metavar="FOLDER", help="Its files in a folder: '/'.")
@addressed
def run(
    registry: Modelry,
    ids: tuple[str, ...],
    keys: tuple[str, ...],
    history: bool,
    folder: str | None,
    as_json: bool,
) -> None:
    """Show a run, its metrics drawn with --plot; or several side by side."""
    if folder is not None:
        _print_files(registry.run_files(ids[0], folder.strip("/")), as_json)
    elif len(ids) > 1:
        _print_comparison(registry.compare_runs(*ids), as_json)
    elif history:
        print_changes(registry.run_history(ids[0]), as_json)
    elif keys:
        _print_plots(registry.plot(ids[0], *keys, buckets=_WIDTH), as_json)
    else:
        found = registry.run(ids[0])
        hidden = {"latest"}
        shown = {name: value for name, value in found.raw.items() if name not in hidden}
        print_json(found.raw) if as_json else print_fields(shown)


@click.command()
@click.argument("id", metavar="RUN|EXPERIMENT")
@click.option("--start", is_flag=True, help="Start a run of EXPERIMENT, and say its id.")
@click.option("--name", help="The name of the run that is started.")
@click.option("--param", "-p", "parameters", multiple=True, type=PairType(typed=True),
              help="name=value. May repeat.")  # fmt: skip
@click.option("--metric", "-m", "metrics", multiple=True, type=PairType(typed=False),
              help="name=value. May repeat.")  # fmt: skip
@click.option("--step", default=0, show_default=True, help="The step of these metrics.")
@click.option("--status", type=_STATUS, help="How far it is now.")
@addressed
def log(
    registry: Modelry,
    id: str,
    start: bool,
    name: str | None,
    parameters: tuple[tuple[str, Any], ...],
    metrics: tuple[tuple[str, str], ...],
    step: int,
    status: str | None,
    as_json: bool,
) -> None:
    """Note parameters and metrics of a run: `modelry log 7 -m loss=0.1 --step 3`.

    With --start a run of an experiment is started first, and its id printed.
    """
    points = [{"key": key, "value": _number(key, text), "step": step} for key, text in metrics]
    if start:
        id = registry.start_run(id, name, parameters=dict(parameters) or None).id
    elif parameters:
        registry.log_parameters(id, dict(parameters))
    if points:
        registry.log_metrics(id, points)
    found = registry.update_run(id, status=status) if status else registry.run(id)
    if as_json:
        print_json(found.raw)
    else:
        click.echo(found.id if start else f"Run {found.id} is {found.status}.")


def _number(key: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise click.UsageError(f"The metric {key} is {text!r}, which is no number.") from None


def _common_metrics(found: Iterable[Run]) -> tuple[str, ...]:
    names = dict.fromkeys(name for each in found for name in each.metrics)
    return tuple(names)[:4]


def _value(found: Run, name: str) -> Any:
    value = found.metrics.get(name, found.parameters.get(name, "-"))
    return f"{value:.6g}" if isinstance(value, float) else value


def _print_comparison(found: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows = [
        (row["section"], row["name"], *(_cell(row, at) for at in range(len(row["cells"]))))
        for row in found["rows"]
    ]
    heading = (f"RUN {each['id']}" for each in found["runs"])
    print_table(("", "", *heading), rows)


def _cell(row: Mapping[str, Any], at: int) -> str:
    cell = row["cells"][at]
    if cell is None:
        return "-"
    return f"{cell['value']}{' *' if at in row['best'] else ''}"


def _print_plots(plots: Mapping[str, list[Bucket]], as_json: bool) -> None:
    if as_json:
        print_json({key: [each.raw for each in buckets] for key, buckets in plots.items()})
        return
    for key, buckets in plots.items():
        values = [float(each.last) for each in buckets]
        finite = [value for value in values if abs(value) != float("inf") and value == value]
        low, high = min(finite, default=0.0), max(finite, default=0.0)
        line = "".join(_bar(value, low, high) for value in values)
        click.echo(f"{key}  {line}  {low:.6g} to {high:.6g}, last {values[-1]:.6g}")


def _print_files(found: Iterable[RunFile], as_json: bool) -> None:
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = ((each.path + "/" * each.is_folder, each.size_bytes or "") for each in found)
    print_table(("FILE", "BYTES"), rows)


def _bar(value: float, low: float, high: float) -> str:
    if not low <= value <= high:
        return "?"
    return _BARS[round((value - low) / (high - low) * 7) if high > low else 0]


COMMANDS = (experiments, runs, run, log)
