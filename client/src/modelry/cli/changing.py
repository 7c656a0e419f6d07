"""Commands on the past, names and deletion: history, undo, rename, archive, rm, restore."""

import click

from modelry.cli.running import ReferenceType, addressed, print_changes, print_json
from modelry.client import Modelry
from modelry.errors import NotFound
from modelry.records import Model, Version
from modelry.references import Reference

_REASON = click.option("--reason", help="Why, for the history.")


@click.command()
@click.argument("reference", metavar="MODEL[@ALIAS|:NUMBER]", type=ReferenceType())
@click.option("--limit", default=20, show_default=True, help="How many changes at most.")
@addressed
def history(registry: Modelry, reference: Reference, limit: int, as_json: bool) -> None:
    """Show what happened to a model, a version or an alias, newest first."""
    found = [change for change, _ in zip(registry.history(reference), range(limit), strict=False)]
    print_changes(found, as_json)


@click.command()
@click.argument("reference", metavar="MODEL[:NUMBER]", type=ReferenceType())
@_REASON
@addressed
def undo(registry: Modelry, reference: Reference, reason: str | None, as_json: bool) -> None:
    """Put back what the last update of a model or version changed."""
    _told(registry.undo(reference, reason=reason), "is as it was before its last update", as_json)


@click.command()
@click.argument("reference", metavar="MODEL", type=ReferenceType())
@click.argument("name")
@_REASON
@addressed
def rename(
    registry: Modelry, reference: Reference, name: str, reason: str | None, as_json: bool
) -> None:
    """Give a model another NAME; versions, aliases and history go along."""
    renamed = registry.rename_model(reference, name, reason=reason)
    _told(renamed, f"is the new name of {reference.model}", as_json)


@click.command()
@click.argument("reference", metavar="MODEL[:NUMBER]", type=ReferenceType())
@_REASON
@addressed
def archive(registry: Modelry, reference: Reference, reason: str | None, as_json: bool) -> None:
    """Leave a model or version out of lists; it can be read still."""
    _told(registry.archive(reference, reason=reason), "is archived", as_json)


@click.command()
@click.argument("reference", metavar="MODEL[:NUMBER]", type=ReferenceType())
@click.option("--reason", required=True, help="Why, for the history.")
@addressed
def rm(registry: Modelry, reference: Reference, reason: str, as_json: bool) -> None:
    """Delete a model with its versions, or one version. For a while it can be restored."""
    deleted = registry.delete(reference, reason=reason)
    until = f"{deleted.purge_at:%Y-%m-%d %H:%M} UTC"
    _told(deleted, f"is deleted; `modelry restore` brings it back until {until}", as_json)


@click.command()
@click.argument("reference", metavar="MODEL[:NUMBER]", type=ReferenceType())
@_REASON
@addressed
def restore(registry: Modelry, reference: Reference, reason: str | None, as_json: bool) -> None:
    """Bring back what was archived or deleted."""
    try:
        kept = registry.restore(reference, reason=reason)
    except NotFound:
        kept = registry.undelete(reference, reason=reason)
    _told(kept, "is back", as_json)


def _told(kept: Model | Version, what: str, as_json: bool) -> None:
    if as_json:
        print_json(kept.raw)
    elif isinstance(kept, Version):
        click.echo(f"{kept.reference} {what}.")
    else:
        click.echo(f"{kept.namespace}/{kept.name} {what}.")


COMMANDS = (history, undo, rename, archive, rm, restore)
