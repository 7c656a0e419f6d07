"""Commands on who may do what: access, can-i."""

from collections.abc import Callable
from typing import Any

import click

from modelry.cli.running import ReferenceType, addressed, print_json, print_table
from modelry.client import Modelry
from modelry.records import Grant
from modelry.references import Reference

_ROLES = ("reader", "writer", "approver", "owner", "admin", "auditor")


@click.group()
def access() -> None:
    """See and change who may do what in a namespace."""


def _terms(command: Callable[..., None]) -> Callable[..., None]:
    """What a grant and a denial are told."""
    for option in (
        click.option("--model", "-m", help="For one model of the namespace alone."),
        click.option("--until", metavar="TIME", help="When it ends: 2026-12-31T00:00:00Z."),
        click.option("--reason", help="Why, for the history."),
        click.argument("role", type=click.Choice(_ROLES)),
        click.argument("grantee"),
    ):
        command = option(command)
    return command


@access.command("list")
@addressed
def entries(registry: Modelry, as_json: bool) -> None:
    """List everything that lets anybody into the namespace."""
    found = list(registry.access())
    if as_json:
        print_json([entry.raw for entry in found])
        return
    print_table(
        ("WHO", "MAY", "WHERE", "BY", "UNTIL"),
        [
            (
                entry.name,
                f"not {entry.role}" if entry.effect == "deny" else entry.role or "some actions",
                entry.scope,
                entry.origin,
                _end(entry.expires_at, entry.in_force),
            )
            for entry in found
        ],
    )


@access.command()
@_terms
@addressed
def grant(
    registry: Modelry,
    grantee: str,
    role: str,
    model: str | None,
    until: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Give ROLE to GRANTEE, in place of what it had there.

    GRANTEE is subject:ISSUER:NAME or group:ISSUER:NAME. With -n '*', everywhere.
    """
    _told(registry.grant(grantee, role, model=model, expires_at=until, reason=reason), as_json)


@access.command()
@_terms
@addressed
def deny(
    registry: Modelry,
    grantee: str,
    role: str,
    model: str | None,
    until: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Deny GRANTEE what ROLE adds, whatever else allows it; reader is everything."""
    _told(registry.deny(grantee, role, model=model, expires_at=until, reason=reason), as_json)


@access.command()
@click.argument("grantee")
@click.option("--model", "-m", help="For one model of the namespace alone.")
@click.option("--reason", help="Why, for the history.")
@addressed
def revoke(
    registry: Modelry, grantee: str, model: str | None, reason: str | None, as_json: bool
) -> None:
    """Take back what GRANTEE was given or denied there."""
    registry.revoke(grantee, model=model, reason=reason)
    if as_json:
        print_json({"grantee": grantee, "model": model})
    else:
        click.echo(f"{grantee} has nothing there any more.", err=True)


@click.command("can-i")
@click.argument("action")
@click.argument("model", required=False, type=ReferenceType(model_only=True))
@addressed
def can_i(registry: Modelry, action: str, model: Reference | None, as_json: bool) -> None:
    """Say whether you may do ACTION to MODEL, or to the namespace, and why.

    Actions are named like version.register, alias.change, model.delete. Exit code 4 if not.
    """
    said = registry.can_i(action, model)
    if as_json:
        print_json(said.raw)
    else:
        click.echo(f"{'yes' if said.allowed else 'no'}: {said.reason}")
    if not said.allowed:
        raise SystemExit(4)


access.add_command(can_i)


def _told(made: Grant, as_json: bool) -> None:
    if as_json:
        print_json(made.raw)
        return
    end = f" until {made.raw['expires_at']}" if made.raw.get("expires_at") else ""
    what = "is denied" if made.raw.get("effect") == "deny" else "has"
    click.echo(f"{made.grantee} {what} the role {made.role} in {made.scope}{end}.", err=True)


def _end(at: Any, in_force: bool) -> Any:
    return at if in_force else "ended"


COMMANDS = (access, can_i)
