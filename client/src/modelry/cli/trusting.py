"""Commands on trusted publishers: publisher."""

from typing import Any

import click

from modelry.cli.running import PairType, addressed, print_json, print_table
from modelry.client import Modelry


@click.group()
def publisher() -> None:
    """Workloads that a namespace trusts: GitHub Actions, GitLab CI, Kubernetes."""


@publisher.command("set")
@click.argument("name")
@click.option("--issuer", required=True, help="The issuer of its tokens, by its short name.")
@click.option(
    "--claim", "-c", "claims", multiple=True, required=True, metavar="NAME=VALUE",
    type=PairType(typed=False), help="A claim that its token must have; may repeat.",
)  # fmt: skip
@click.option("--model", "-m", help="For one model of the namespace alone.")
@click.option("--role", type=click.Choice(("reader", "writer", "approver")))
@click.option("--action", "-a", "actions", multiple=True, help="An action it may do; may repeat.")
@click.option("--until", metavar="TIME", help="When it ends: 2026-12-31T00:00:00Z.")
@click.option("--reason", help="Why, for the history.")
@addressed
def put(
    registry: Modelry,
    name: str,
    issuer: str,
    claims: tuple[tuple[str, str], ...],
    model: str | None,
    role: str | None,
    actions: tuple[str, ...],
    until: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Trust the workload whose token has all of these claims, under the name NAME."""
    made = registry.set_publisher(
        name, issuer, dict(claims), model=model, role=role, actions=actions, expires_at=until,
        reason=reason,
    )  # fmt: skip
    if as_json:
        print_json(made.raw)
    else:
        scope = "/".join(filter(None, (made.namespace, made.model)))
        click.echo(f"{name} may do {_allowed(made)} in {scope}.", err=True)


@publisher.command("list")
@addressed
def entries(registry: Modelry, as_json: bool) -> None:
    """List the workloads that the namespace trusts, and by which claims."""
    found = list(registry.publishers())
    if as_json:
        print_json([each.raw for each in found])
        return
    rows: list[tuple[Any, ...]] = []
    for each in found:
        first, *more = [f"{claim} = {value}" for claim, value in sorted(each.claims.items())]
        rows.append((each.name, each.issuer, each.model or "all", _allowed(each), first))
        rows += [("", "", "", "", claim) for claim in more]
    print_table(("NAME", "ISSUER", "MODEL", "MAY", "CLAIMS"), rows)


@publisher.command("remove")
@click.argument("name")
@click.option("--reason", help="Why, for the history.")
@addressed
def remove(registry: Modelry, name: str, reason: str | None, as_json: bool) -> None:
    """Trust a workload no more."""
    registry.remove_publisher(name, reason=reason)
    if as_json:
        print_json({"name": name})
    else:
        click.echo(f"{name} is trusted no more.", err=True)


def _allowed(made: Any) -> str:
    return ", ".join(filter(None, (made.role and f"what a {made.role} may", *made.actions)))


COMMANDS = (publisher,)
