"""Commands on logged models: logged-models."""

import click

from modelry.cli.running import addressed, print_fields, print_json, print_table
from modelry.client import Modelry
from modelry.logged_models import LoggedModel


@click.command("logged-models")
@click.argument("name", metavar="EXPERIMENT|MODEL_ID")
@click.option("--run", help="Those of this run.")
@click.option("--filter", "-f", help="Such as \"metrics.auc > 0.9 AND status = 'ready'\".")
@click.option("--order-by", "-o", help="Such as 'metrics.auc desc'; else oldest first.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100))
@addressed
def logged_models(
    registry: Modelry,
    name: str,
    run: str | None,
    filter: str | None,
    order_by: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the logged models of EXPERIMENT, or show the one with MODEL_ID (m-…)."""
    if name.startswith("m-") and len(name) == len("m-") + 32:
        one = registry.logged_model(name)
        print_json(one.raw) if as_json else print_fields(one.raw)
        return
    asked = registry.logged_models(name, run=run, filter=filter, order_by=order_by)
    found = [each for each, _ in zip(asked, range(limit), strict=False)]
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [
        (each.model_id, each.name, each.status, each.run_id or "-", _measured(each))
        for each in found
    ]
    print_table(("MODEL ID", "NAME", "STATUS", "RUN", "METRICS"), rows)


def _measured(found: LoggedModel) -> str:
    """The first metrics, each with the data set it was measured on."""
    shown = []
    for each in found.metrics[:3]:
        value, dataset = each["value"], each["dataset_name"]
        number = f"{value:.6g}" if isinstance(value, float) else value
        shown.append(f"{each['key']} {number}{f' on {dataset}' if dataset else ''}")
    return ", ".join(shown) or "-"


COMMANDS = (logged_models,)
