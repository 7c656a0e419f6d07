"""Commands on what runs where: environments, deployments, deploy, undeploy, observe."""

from collections.abc import Iterable
from typing import Any

import click

from modelry.cli.running import (
    PairType,
    ReferenceType,
    addressed,
    print_changes,
    print_fields,
    print_json,
    print_table,
)
from modelry.client import Modelry
from modelry.deployments import Deployment
from modelry.references import Reference

_AS_OF = click.option("--as-of", metavar="TIME", help="What was true then: 2026-11-24T08:00:00Z.")
_REASON = click.option("--reason", help="Why, for the history.")


@click.command()
@click.argument("name", required=False)
@click.option("--create", is_flag=True, help="Create the environment NAME.")
@click.option("--kind", help="What serves there: kserve, triton, vllm … With --create.")
@click.option("--description", help="What the new environment is for.")
@_AS_OF
@addressed
def environments(
    registry: Modelry,
    name: str | None,
    create: bool,
    kind: str | None,
    description: str | None,
    as_of: str | None,
    as_json: bool,
) -> None:
    """List the environments, show NAME, or create it: `modelry environments --create prod`."""
    if create and not name:
        raise click.UsageError("Name the environment to create.")
    if name:
        one = (
            registry.create_environment(name, kind, description=description)
            if create
            else registry.environment(name, as_of=as_of)
        )
        print_json(one.raw) if as_json else print_fields(one.raw)
        return
    found = list(registry.environments(as_of=as_of))
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [(each.name, each.kind, each.id, each.description, each.owner) for each in found]
    print_table(("ENVIRONMENT", "KIND", "ID", "DESCRIPTION", "OWNER"), rows)


@click.command()
@click.argument("deployment", required=False, metavar="[ENVIRONMENT/NAME]")
@click.option("--environment", "-e", help="In this environment only.")
@click.option("--model", "-m", help="Of this model only.")
@click.option("--filter", "-f", help="Such as \"observed_state = 'failed'\".")
@click.option("--history", is_flag=True, help="What happened to the one that is named.")
@click.option("--records", is_flag=True, help="What was seen of the one that is named.")
@_AS_OF
@addressed
def deployments(
    registry: Modelry,
    deployment: str | None,
    environment: str | None,
    model: str | None,
    filter: str | None,
    history: bool,
    records: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """List what should run where and what does, or show one deployment.

    With --as-of: which version ran in which environment at that time.
    """
    if (history or records) and not deployment:
        raise click.UsageError("Name the deployment: ENVIRONMENT/NAME, or its id.")
    if deployment and history:
        print_changes(registry.deployment_history(deployment), as_json)
    elif deployment and records:
        _print_records(registry, deployment, as_json)
    elif deployment:
        one = registry.deployment(deployment, as_of=as_of)
        print_json(one.raw) if as_json else print_fields(one.raw)
    else:
        found = registry.deployments(
            environment=environment, model=model, filter=filter, as_of=as_of
        )
        _print_deployments(found, as_json)


@click.command()
@click.argument("model", metavar="MODEL[:3|@ALIAS]", type=ReferenceType())
@click.argument("environment")
@click.option("--name", help="The name of the deployment; else that of the model.")
@click.option("--runtime", help="What should serve it, such as kserve-sklearnserver.")
@_REASON
@addressed
def deploy(
    registry: Modelry,
    model: Reference,
    environment: str,
    name: str | None,
    runtime: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Say that a version should run in ENVIRONMENT: `modelry deploy iris:3 prod`.

    MODEL@champion follows the alias wherever it moves. Where a deployment of that name is there
    already, it is redirected.
    """
    done = registry.deploy(model, environment, name=name, runtime=runtime, reason=reason)
    _told(done, f"should run {_followed(done)}", as_json)


@click.command()
@click.argument("deployment", metavar="ENVIRONMENT/NAME")
@_REASON
@addressed
def undeploy(registry: Modelry, deployment: str, reason: str | None, as_json: bool) -> None:
    """Say that a deployment should run no more; its past stays."""
    _told(registry.undeploy(deployment, reason=reason), "should run no more", as_json)


@click.command()
@click.argument("deployment", metavar="ENVIRONMENT/NAME")
@click.argument("number", type=click.IntRange(1))
@click.option("--state", default="running", show_default=True,
              type=click.Choice(["unknown", "new", "running", "complete", "failed", "cached",
                                 "canceled"]))  # fmt: skip
@click.option("--traffic", "-t", multiple=True, type=PairType(typed=True),
              help="A version's share in percent, such as 3=90. May repeat.")  # fmt: skip
@click.option("--endpoint", help="Where it answers.")
@click.option("--message", help="What else there is to say.")
@addressed
def observe(
    registry: Modelry,
    deployment: str,
    number: int,
    state: str,
    traffic: tuple[tuple[str, Any], ...],
    endpoint: str | None,
    message: str | None,
    as_json: bool,
) -> None:
    """Note what was seen: version NUMBER of what DEPLOYMENT deploys is in a state.

    Controllers do so; by hand it helps where there is none.
    """
    noted = registry.observe_deployment(
        deployment, number, state, traffic=dict(traffic), endpoint=endpoint, message=message
    )
    if as_json:
        print_json(noted.raw)
    else:
        click.echo(f"{deployment}: version {noted.number} of {noted.model} is {noted.state}.")


def _print_deployments(found: Iterable[Deployment], as_json: bool) -> None:
    rows = list(found)
    if as_json:
        print_json([each.raw for each in rows])
        return
    print_table(
        ("DEPLOYMENT", "MODEL", "FOLLOWS", "WANTED", "SERVES", "STATE", "ENDPOINT", "SINCE"),
        [
            (f"{each.environment}/{each.name}", each.model, each.follows, each.desired_state,
             _served(each), each.observed_state, each.endpoint, each.observed_at)
            for each in rows
        ],
    )  # fmt: skip


def _print_records(registry: Modelry, deployment: str, as_json: bool) -> None:
    found = list(registry.serve_records(deployment))
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [
        (each.created_at, each.number, each.state, _shares(each.traffic), each.message)
        for each in found
    ]
    print_table(("WHEN", "VERSION", "STATE", "TRAFFIC", "MESSAGE"), rows)


def _served(deployment: Deployment) -> str:
    if len(deployment.traffic) > 1:
        return _shares(deployment.traffic)
    return str(deployment.serving or "-")


def _shares(traffic: Any) -> str:
    return " ".join(f"{number}={share}%" for number, share in sorted(traffic.items()))


def _followed(deployment: Deployment) -> str:
    follows = deployment.follows
    return f"{deployment.model}{'' if follows.startswith('@') else ':'}{follows}"


def _told(deployment: Deployment, what: str, as_json: bool) -> None:
    if as_json:
        print_json(deployment.raw)
    else:
        click.echo(f"{deployment.environment}/{deployment.name} {what}.")


COMMANDS = (environments, deployments, deploy, undeploy, observe)
