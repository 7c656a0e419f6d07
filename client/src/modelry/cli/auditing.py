"""The command that holds the registry to account: audit."""

import json
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from modelry.audit.checkpoints import read_keys
from modelry.audit.verification import Known, Verification, verify_export, verify_proof
from modelry.cli.running import addressed, print_json, print_table
from modelry.client import Modelry
from modelry.errors import Damaged, Invalid
from modelry.records import Event

_SHOWN = 20


@click.group()
def audit() -> None:
    """Read, export and verify the audit log: what happened, was refused, was pulled."""


def _selecting(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that select events."""
    options = [
        click.option("--action", help="alias.set, or alias.* for all of a noun."),
        click.option("--actor", help="subject:ISSUER:NAME."),
        click.option("--kind", help="model, version, alias, access, download …"),
        click.option("--subject", help="default/iris, default/iris/3, default/iris@champion."),
        click.option("--dialect", help="Which API was spoken."),
        click.option("--outcome", type=click.Choice(["done", "refused"])),
        click.option("--request-id", help="What one request did."),
        click.option("--since", metavar="TIME", help="From then on."),
        click.option("--until", metavar="TIME", help="Up to then."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@audit.command("list")
@_selecting
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@addressed
@click.pass_context
def list_(
    context: click.Context, registry: Modelry, limit: int, as_json: bool, **selection: Any
) -> None:
    """List events, newest first: of all namespaces, or of one with -n."""
    namespace = context.params.get("namespace")
    found = registry.audit_events(namespace=namespace, page_size=min(limit, 1000), **selection)
    events = list(islice(found, limit))
    if as_json:
        print_json([event.raw for event in events])
        return
    rows = [
        (e.at, e.actor.removeprefix("subject:"), e.action, _about(e), e.raw.get("address"), e.id)
        for e in events
    ]
    print_table(("AT", "ACTOR", "ACTION", "SUBJECT", "FROM", "EVENT"), rows)


@audit.command()
@click.argument("target", type=click.Path(path_type=Path))
@_selecting
@click.option(
    "--format",
    "form",
    type=click.Choice(["folder", "cloudevents"]),
    default="folder",
    help="A folder that can be verified, or a file with a CloudEvent on each line.",
)
@click.option(
    "--copy",
    type=click.Choice(["store", "database"]),
    default="store",
    help="Whose documents of the checkpoints.",
)
@addressed
@click.pass_context
def export(
    context: click.Context,
    registry: Modelry,
    target: Path,
    form: str,
    copy: str,
    as_json: bool,
    **selection: Any,
) -> None:
    """Write the log into the folder TARGET, to be verified without the registry."""
    namespace = context.params.get("namespace")
    if form == "cloudevents":
        count = 0
        with target.open("w", encoding="utf-8") as file:
            for event in registry.cloud_events(namespace=namespace, **selection):
                file.write(f"{json.dumps(event, ensure_ascii=False)}\n")
                count += 1
        click.echo(f"{target} holds {count} CloudEvents")
        return
    done = registry.export_audit(target, namespace=namespace, copy=copy, **selection)
    if as_json:
        print_json({"events": done.events, "checkpoints": done.checkpoints, "last": done.last})
        return
    click.echo(f"{target} holds {done.events:,} events and {done.checkpoints:,} checkpoints")
    if done.last:
        click.echo(f"last checkpoint  {done.last}")


@audit.command()
@click.argument("target", type=click.Path(exists=True, path_type=Path))
@click.option("--keys", "keys_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Public keys that you keep; else those of the export.")  # fmt: skip
@click.option("--known", metavar="NUMBER:DIGEST", help="A checkpoint that must be in it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, nothing else.")
def verify(target: Path, keys_file: Path | None, known: str | None, as_json: bool) -> None:
    """Verify an export (a folder) or a proof (a file) without asking anybody.

    Names the first event or checkpoint that was altered, removed, added or reordered.
    """
    keys = None if keys_file is None else read_keys(_read(keys_file))
    if target.is_file():
        if keys is None:
            raise click.UsageError("Give the public keys with --keys: see `modelry audit keys`.")
        proof = _read(target)
        verify_proof(proof, keys)
        click.echo(f"event {proof['event']['id']} is under checkpoint {_number(proof)}")
        return
    result = verify_export(target, keys=keys, known=Known.read(known) if known else None)
    if as_json:
        print_json(_summary(result))
    else:
        _print(result)
    if not result.is_good:
        first = result.findings[0]
        raise Damaged(
            f"The log is not what was sealed. First: {first}.",
            next_step="Keep this export; one made with --copy database tells where it differs.",
        )


@audit.command()
@click.argument("event")
@click.option("--keys", "keys_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Public keys that you keep; else those the registry publishes.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proof.")
@addressed
@click.pass_context
def prove(
    context: click.Context,
    registry: Modelry,
    event: str,
    keys_file: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Prove that EVENT (its id) is in the log."""
    keys = None if keys_file is None else read_keys(_read(keys_file))
    proof = registry.prove(event, namespace=context.params.get("namespace"), keys=keys)
    if out is not None:
        out.write_text(json.dumps(proof, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print_json(proof)
        return
    click.echo(
        f"event {event} is under checkpoint {_number(proof)}, number {proof['index'] + 1} of its"
        f" {proof['checkpoint']['size']}; signed by {proof['checkpoint']['key_id']}"
    )


@audit.command()
@addressed
def checkpoints(registry: Modelry, as_json: bool) -> None:
    """List the checkpoints; keep the last one elsewhere, so that truncation shows."""
    found = list(registry.checkpoints())
    if as_json:
        print_json([each.raw for each in found])
        return
    rows = [(e.number, e.at, e.size, e.total, e.key_id, e.known_as) for e in found]
    print_table(("NUMBER", "AT", "EVENTS", "TOTAL", "KEY", "KNOWN AS"), rows)


@audit.command()
@addressed
def keys(registry: Modelry, as_json: bool) -> None:
    """Print the public keys; keep them, to verify with later."""
    print_json(registry.audit_keys())


def _about(event: Event) -> str:
    details = event.raw.get("details") or {}
    if event.action == "access.refused":
        return f"{event.subject} wanted {details.get('wanted')}"
    if event.action == "download.granted":
        return f"{event.subject} {details.get('file_count')} files"
    return event.subject


def _print(result: Verification) -> None:
    part = " of a part of the log" if result.is_part else ""
    click.echo(f"checkpoints  {result.checkpoints:,}, the last {result.last or 'none'}")
    click.echo(f"events       {result.sealed:,} sealed, {result.unsealed:,} not yet{part}")
    for finding in result.findings[:_SHOWN]:
        click.echo(f"  {finding}")
    if len(result.findings) > _SHOWN:
        click.echo(f"  and {len(result.findings) - _SHOWN:,} more")
    if result.is_good:
        click.echo("nothing was altered, removed, added or reordered")


def _summary(result: Verification) -> Mapping[str, Any]:
    return {
        "good": result.is_good,
        "checkpoints": result.checkpoints,
        "last": result.last,
        "sealed": result.sealed,
        "unsealed": result.unsealed,
        "findings": [
            {"kind": each.kind, "place": each.place, "why": each.why} for each in result.findings
        ],
    }


def _number(proof: Mapping[str, Any]) -> str:
    return str(proof["checkpoint"]["number"])


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise Invalid(f"{path} is no JSON.", next_step="Name another file.") from None


COMMANDS = (audit,)
