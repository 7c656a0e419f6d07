"""Commands on legal holds: hold, release."""

import click

from modelry.cli.running import ReferenceType, addressed, print_json, print_table
from modelry.client import Modelry
from modelry.records import Model, Version
from modelry.references import Reference


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.option("--matter", required=True, help="What it is held for, such as a case number.")
@click.option("--reason", required=True, help="Why, for the history.")
@addressed
def hold(registry: Modelry, reference: Reference, matter: str, reason: str, as_json: bool) -> None:
    """Put a model, or one version, on legal hold: it is neither deleted nor purged."""
    _told(registry.hold(reference, matter=matter, reason=reason), as_json)


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.option("--matter", help="Which hold; not needed if it is the only one.")
@click.option("--reason", required=True, help="Why, for the history.")
@addressed
def release(
    registry: Modelry, reference: Reference, matter: str | None, reason: str, as_json: bool
) -> None:
    """Lift a legal hold of a model or version."""
    _told(registry.release(reference, matter=matter, reason=reason), as_json)


def _told(kept: Model | Version, as_json: bool) -> None:
    if as_json:
        print_json(kept.raw)
        return
    name = kept.reference if isinstance(kept, Version) else f"{kept.namespace}/{kept.name}"
    if not kept.holds:
        click.echo(f"{name} is on no legal hold any more.")
        return
    click.echo(f"{name} is on legal hold.")
    rows = [(each["reference"], each["reason"], each["by"], each["at"]) for each in kept.holds]
    print_table(("MATTER", "WHY", "WHO", "WHEN"), rows)


COMMANDS = (hold, release)
