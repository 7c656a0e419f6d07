"""Commands at the end of a version's life: deprecate, retire."""

import click

from modelry.cli.running import ReferenceType, addressed, print_json
from modelry.client import Modelry
from modelry.references import Reference
from modelry.retirements import deprecation_of
from modelry.sections import cell_text


@click.command()
@click.argument("reference", metavar="MODEL:VERSION", type=ReferenceType())
@click.option("--successor", metavar="VERSION", help="What to use instead: 4, @champion, MODEL:4.")
@click.option("--since", metavar="TIME", help="From when on; now by default.")
@click.option("--sunset", metavar="TIME", help="When it is going to be retired.")
@click.option("--note", help="Why, and what a change to the successor takes.")
@click.option("--undo", is_flag=True, help="Take the deprecation back.")
@click.option("--reason", help="Why, for the history.")
@addressed
def deprecate(
    registry: Modelry,
    reference: Reference,
    successor: str | None,
    since: str | None,
    sunset: str | None,
    note: str | None,
    undo: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """Say that a version should not be used any more: pulls of it warn from then on."""
    if undo and (successor or since or sunset or note):
        raise click.UsageError("With --undo there is nothing else to say of the deprecation.")
    if undo:
        done = registry.undeprecate(reference, reason=reason)
    else:
        done = registry.deprecate(
            reference, since=since, sunset=sunset, successor=successor, note=note, reason=reason
        )
    if as_json:
        print_json(done.raw)
    else:
        click.echo(cell_text(deprecation_of(done) or f"{done.reference} is not deprecated."))


@click.command()
@click.argument("reference", metavar="MODEL:VERSION", type=ReferenceType())
@click.option("--to", metavar="STAGE", help="Which retired stage, if there are several.")
@click.option("--reason", help="Why, for the history.")
@addressed
def retire(
    registry: Modelry, reference: Reference, to: str | None, reason: str | None, as_json: bool
) -> None:
    """Bring a version to a stage whose versions are retired: nobody pulls it any more."""
    done = registry.retire(reference, to=to, reason=reason)
    if as_json:
        print_json(done.raw)
    else:
        click.echo(f"{done.reference} is retired: it is in {cell_text(done.raw.get('stage'))}.")


COMMANDS = (deprecate, retire)
