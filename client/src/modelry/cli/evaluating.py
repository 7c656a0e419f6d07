"""Commands that evaluate, here, and on what was evaluated: evaluate, evaluations."""

from pathlib import Path
from typing import Any

import click

from modelry.cli.running import (
    PairType,
    ReferenceType,
    addressed,
    print_json,
    print_sections,
    print_table,
)
from modelry.client import Modelry
from modelry.errors import Invalid
from modelry.evaluation.sections import metrics_text, report_sections
from modelry.evaluations import Evaluation
from modelry.references import Reference

_REPEATED: dict[str, Any] = {"multiple": True, "metavar": "COLUMN"}


@click.command()
@click.argument("model", type=click.Path(exists=True, path_type=Path))
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--target", metavar="COLUMN", help="What is true.")
@click.option(
    "--evaluator",
    default="sklearn",
    show_default=True,
    help="sklearn, one that a package offers, or module:function.",
)
@click.option(
    "--slice", "slice_by", help="Metrics for each of its values. May repeat.", **_REPEATED
)
@click.option("--group", "group_by", help="Fairness between its values. May repeat.", **_REPEATED)
@click.option("--positive", metavar="LABEL", help="What binary metrics are about; the last of two.")
@click.option("--feature", "features", help="What the model is shown. May repeat.", **_REPEATED)
@click.option("--drop", help="What it is not shown. May repeat.", **_REPEATED)
@click.option("--name", help="What to call the data set; as the file by default.")
@click.option("--data-version", help="Which version of the data set it is.")
@click.option("--model-file", metavar="PATH", help="sklearn: the file in MODEL, if it has several.")
@click.option("--allow-pickle", is_flag=True, help="sklearn: load pickles, which may run any code.")
@click.option("--trust", multiple=True, metavar="TYPE", help="sklearn: what a skops file may hold.")
@click.option(
    "--option", "options", multiple=True, type=PairType(typed=True), help="Of another evaluator."
)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write the report here."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report on stdout, nothing else.")
def evaluate(
    model: Path,
    data: Path,
    target: str | None,
    evaluator: str,
    slice_by: tuple[str, ...],
    group_by: tuple[str, ...],
    positive: str | None,
    features: tuple[str, ...],
    drop: tuple[str, ...],
    name: str | None,
    data_version: str | None,
    model_file: str | None,
    allow_pickle: bool,
    trust: tuple[str, ...],
    options: tuple[tuple[str, Any], ...],
    output: Path | None,
    as_json: bool,
) -> None:
    """Evaluate the model in the directory MODEL on DATA (.csv, .npz, .parquet), on this machine.

    `modelry push MODEL NAME --evaluation report.json` then registers the report with it.
    """
    from modelry.evaluation import evaluate as run

    said = {"file": model_file, "allow_pickle": allow_pickle, "trusted": list(trust)}
    report = run(
        model,
        data,
        target=target,
        evaluator=evaluator,
        slice_by=slice_by,
        group_by=group_by,
        positive=positive,
        features=features or None,
        drop=drop,
        dataset_name=name,
        dataset_version=data_version,
        options={**{key: value for key, value in said.items() if value}, **dict(options)},
    )
    if output is not None:
        report.write(output)
    if as_json:
        print_json(report.document)
        return
    print_sections(report_sections(report.document))
    if output is not None:
        click.echo(f"\n{output} holds the report.", err=True)


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.argument("evaluation_id", metavar="[ID]", required=False)
@click.option("--dataset", help="Those on the data set of this name.")
@click.option(
    "--add",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="REPORT",
    help="Register a report of `modelry evaluate` with the version.",
)
@click.option("--reason", help="Why, for the history.")
@click.option("--limit", default=50, show_default=True, help="How many at most.")
@click.option("--as-of", metavar="TIME", help="Those that were registered by then.")
@addressed
def evaluations(
    registry: Modelry,
    reference: Reference,
    evaluation_id: str | None,
    dataset: str | None,
    add: Path | None,
    reason: str | None,
    limit: int,
    as_of: str | None,
    as_json: bool,
) -> None:
    """List what a version, or all versions of a model, achieved; with ID, show one report."""
    if (add or evaluation_id) and reference.version is None:
        raise Invalid("An evaluation is of one version.", next_step=f"Write {reference.model}:3.")
    if add is not None:
        done = registry.register_evaluation(reference, add, reason=reason)
        if as_json:
            print_json(done.raw)
        else:
            click.echo(f"{done.namespace}/{done.model}:{done.number} has the evaluation {done.id}.")
    elif evaluation_id is not None:
        one = registry.evaluation(reference, evaluation_id)
        if as_json:
            print_json(one.raw)
        else:
            print_sections(report_sections(one.report or {}))
    else:
        every = registry.evaluations(reference, dataset=dataset, as_of=as_of)
        found = [each for each, _ in zip(every, range(limit), strict=False)]
        if as_json:
            print_json([each.raw for each in found])
        else:
            print_table(_HEADING, map(_row, found))


_HEADING = ("VERSION", "DATA SET", "ROWS", "METRICS", "EVALUATED", "BY", "ID")


def _row(evaluation: Evaluation) -> tuple[Any, ...]:
    return (
        f"{evaluation.model}:{evaluation.number}",
        evaluation.dataset.get("name"),
        evaluation.dataset.get("rows"),
        metrics_text(evaluation.metrics),
        evaluation.evaluated_at,
        evaluation.created_by,
        evaluation.id,
    )


COMMANDS = (evaluate, evaluations)
