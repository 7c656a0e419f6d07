"""Commands on webhooks: webhook."""

from datetime import timedelta
from itertools import islice
from typing import Any

import click

from modelry.cli.running import addressed, print_json, print_table
from modelry.client import Modelry
from modelry.errors import Conflict

_CHOICES = ("waiting", "delivered", "dead")


@click.group()
def webhook() -> None:
    """Who is told of what happens in a namespace."""


@webhook.command("create")
@click.argument("name")
@click.argument("target")
@click.option(
    "--event", "-e", "events", multiple=True, metavar="EVENT",
    help="version.ready, alias.*, …; may repeat. Everything if left out.",
)  # fmt: skip
@click.option("--model", "-m", "models", multiple=True, help="Of this model alone; may repeat.")
@click.option("--stage", "-s", "stages", multiple=True, help="Of this stage alone; may repeat.")
@click.option("--description", "-d", help="What it is for.")
@click.option("--reason", help="Why, for the history.")
@addressed
def create(
    registry: Modelry,
    name: str,
    target: str,
    events: tuple[str, ...],
    models: tuple[str, ...],
    stages: tuple[str, ...],
    description: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Tell TARGET, an https URL or the name of a queue, topic or bus, of what happens from now on.

    Prints the secret that messages are signed with; it is shown this once.
    """
    made = registry.create_webhook(
        name, target, events=events or ("*",), models=models, stages=stages,
        description=description, reason=reason,
    )  # fmt: skip
    _show_secret(made, as_json, f"{made.name} is told as webhook {made.id}.")


@webhook.command("list")
@addressed
def entries(registry: Modelry, as_json: bool) -> None:
    """List the webhooks of the namespace."""
    found = list(registry.webhooks())
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [(each.id, each.name, each.state, each.target, _wanted(each)) for each in found]
    print_table(("ID", "NAME", "STATE", "TARGET", "EVENTS"), rows)


@webhook.command("update")
@click.argument("webhook_id")
@click.option("--target", help="Where it is told from now on.")
@click.option("--event", "-e", "events", multiple=True, metavar="EVENT", help="May repeat.")
@click.option("--enable/--disable", default=None, help="Tell it, or keep what happens for later.")
@click.option("--reason", help="Why, for the history.")
@addressed
def update(
    registry: Modelry,
    webhook_id: str,
    target: str | None,
    events: tuple[str, ...],
    enable: bool | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Change where and of what a webhook is told, or disable it for a while."""
    changes: dict[str, Any] = {"target": target} if target else {}
    if events:
        changes["events"] = list(events)
    if enable is not None:
        changes["state"] = "active" if enable else "disabled"
    if not changes:
        raise click.UsageError("Say what to change: --target, --event, --enable or --disable.")
    done = registry.update_webhook(webhook_id, reason=reason, **changes)
    if as_json:
        print_json(done.raw)
    else:
        click.echo(f"{done.name} is {done.state}, told of {_wanted(done)}.", err=True)


@webhook.command("rotate")
@click.argument("webhook_id")
@click.option("--grace", type=click.IntRange(min=0), default=86_400, show_default=True,
              metavar="SECONDS", help="For how long the former secret stays good.")  # fmt: skip
@addressed
def rotate(registry: Modelry, webhook_id: str, grace: int, as_json: bool) -> None:
    """Give a webhook a new secret, and print it."""
    made = registry.rotate_webhook_secret(webhook_id, grace=timedelta(seconds=grace))
    _show_secret(made, as_json, f"The former secret stays good for {grace} seconds.")


@webhook.command("ping")
@click.argument("webhook_id")
@addressed
def ping(registry: Modelry, webhook_id: str, as_json: bool) -> None:
    """Send a message of no event at once, and say what was answered."""
    answer = registry.ping_webhook(webhook_id)
    if as_json:
        print_json(answer.raw)
    elif answer.accepted:
        click.echo(f"accepted: {answer.status or 'taken'}", err=True)
    if not answer.accepted:
        raise Conflict(f"It was not accepted: {answer.status or ''} {answer.detail}".strip())


@webhook.command("deliveries")
@click.argument("webhook_id")
@click.option("--state", type=click.Choice(_CHOICES), help="Only those.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@addressed
def deliveries(
    registry: Modelry, webhook_id: str, state: str | None, limit: int, as_json: bool
) -> None:
    """List what was delivered, waits or was given up, the newest first."""
    found = list(islice(registry.deliveries(webhook_id, state=state), limit))
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [
        (each.event_id, each.action, each.subject, each.state, each.attempts,
         each.status if each.status is not None else each.detail)
        for each in found
    ]  # fmt: skip
    print_table(("EVENT", "ACTION", "SUBJECT", "STATE", "TRIES", "ANSWER"), rows)


@webhook.command("redeliver")
@click.argument("webhook_id")
@click.argument("event_id", required=False)
@click.option("--dead", is_flag=True, help="Everything that was given up.")
@addressed
def redeliver(
    registry: Modelry, webhook_id: str, event_id: str | None, dead: bool, as_json: bool
) -> None:
    """Let an event, or everything that was given up, be sent once more."""
    if dead == (event_id is not None):
        raise click.UsageError("Name an event, or say --dead.")
    ids = [event_id] if event_id else []
    ids += [each.event_id for each in registry.deliveries(webhook_id, state="dead")] if dead else []
    done = [registry.redeliver(webhook_id, each) for each in ids]
    if as_json:
        print_json([each.raw for each in done])
    else:
        click.echo(f"{len(done)} will be sent once more.", err=True)


@webhook.command("delete")
@click.argument("webhook_id")
@click.option("--reason", help="Why, for the history.")
@addressed
def delete(registry: Modelry, webhook_id: str, reason: str | None, as_json: bool) -> None:
    """Tell a webhook nothing any more."""
    registry.delete_webhook(webhook_id, reason=reason)
    if as_json:
        print_json({"id": webhook_id})
    else:
        click.echo("It is told nothing any more.", err=True)


def _show_secret(made: Any, as_json: bool, said: str) -> None:
    if as_json:
        print_json(made.raw)
        return
    click.echo(said, err=True)
    if made.secret:
        click.echo(made.secret)


def _wanted(made: Any) -> str:
    parts = [", ".join(made.events)]
    parts += [f"of {', '.join(made.models)}"] if made.models else []
    parts += [f"in {', '.join(made.stages)}"] if made.stages else []
    return " ".join(parts)


COMMANDS = (webhook,)
