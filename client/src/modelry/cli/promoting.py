"""Commands on stages: promote, rollback, stages, lifecycle."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from modelry.cli.running import ReferenceType, addressed, print_json, print_table
from modelry.client import Modelry
from modelry.lifecycles import Lifecycle, read_lifecycle
from modelry.promotions import Promotion
from modelry.references import Reference
from modelry.sections import cell_text

_FIRST = frozenset({"rule", "require"})
_REASON = click.option("--reason", help="Why, for the history.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Only judge the gates; exit 1 if closed.")
_AS_OF = click.option("--as-of", metavar="TIME", help="What was true then: 2026-11-24T08:00:00Z.")


@click.command()
@click.argument("reference", metavar="MODEL:VERSION", type=ReferenceType())
@click.argument("stage")
@_DRY_RUN
@_REASON
@addressed
def promote(
    registry: Modelry,
    reference: Reference,
    stage: str,
    dry_run: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """Bring a version to STAGE if every gate on the way is open."""
    _show(registry.promote(reference, stage, dry_run=dry_run, reason=reason), dry_run, as_json)


@click.command()
@click.argument("reference", metavar="MODEL[@ALIAS]", type=ReferenceType())
@click.argument("stage", required=False)
@click.option("--to-time", metavar="TIME", help="What was there then, instead of before.")
@_DRY_RUN
@_REASON
@addressed
def rollback(
    registry: Modelry,
    reference: Reference,
    stage: str | None,
    to_time: str | None,
    dry_run: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """Put back what held STAGE of a model before, or what MODEL@ALIAS pointed to."""
    if (stage is None) == (reference.alias is None):
        raise click.UsageError("Name MODEL and STAGE, or MODEL@ALIAS.")
    done = registry.rollback(reference, stage, to_time=to_time, dry_run=dry_run, reason=reason)
    _show(done, dry_run, as_json, verb="back in" if stage else "")


@click.command()
@click.argument("model", type=ReferenceType(model_only=True))
@_AS_OF
@addressed
def stages(registry: Modelry, model: Reference, as_of: str | None, as_json: bool) -> None:
    """Show the stages of a model, and which version holds each that holds one."""
    found = list(registry.stages(model, as_of=as_of))
    if as_json:
        print_json([each.raw for each in found])
        return
    print_table(
        ("STAGE", "VERSION", "ALIAS", "DESCRIPTION"),
        [
            (
                each.name,
                "any number" if each.holds == "many" else each.version or "-",
                each.alias and f"@{each.alias}",
                each.description,
            )
            for each in found
        ],
    )


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@_AS_OF
@_REASON
@addressed
def lifecycle(
    registry: Modelry, file: Path | None, as_of: str | None, reason: str | None, as_json: bool
) -> None:
    """Show the stages of the namespace and the gates between them; with FILE, set them.

    FILE is JSON, such as --json prints, or TOML. One that holds a revision is set only if nobody
    changed the lifecycle since.
    """
    if file is None:
        found = registry.lifecycle(as_of=as_of)
    else:
        found = registry.set_lifecycle(read_lifecycle(file), reason=reason)
    if as_json:
        print_json(found.raw)
        return
    _show_lifecycle(found)


def _show(done: Promotion, dry_run: bool, as_json: bool, verb: str = "in") -> None:
    if as_json:
        print_json(done.raw)
    else:
        _show_verdicts(done)
        _show_outcome(done, dry_run, verb)
    if dry_run and not done.open:
        sys.exit(1)


def _show_verdicts(done: Promotion) -> None:
    if done.verdicts:
        print_table(
            ("GATE", "RULE", "REQUIRED", "WHY"),
            [
                ("open" if each["passed"] else "CLOSED", each["rule"], each["requirement"],
                 each["why"])
                for each in done.verdicts
            ],
        )  # fmt: skip


def _show_outcome(done: Promotion, dry_run: bool, verb: str) -> None:
    version, place = done.version, cell_text(done.to)
    if dry_run:
        answer = "may pass" if done.open else "may not pass"
        click.echo(f"{version.reference} {answer} from {cell_text(done.from_stage)} to {place}.")
    elif not verb:
        names = " ".join(f"@{cell_text(each)}" for each in version.aliases)
        click.echo(f"{version.reference} is {names} again{_instead(done)}.")
    elif done.moved:
        click.echo(f"{version.reference} is {verb} {place}{_instead(done)}.")
    else:
        click.echo(f"{version.reference} is in {place} already.")


def _instead(done: Promotion) -> str:
    return f", in place of version {done.displaced}" if done.displaced else ""


def _show_lifecycle(found: Lifecycle) -> None:
    aliases = ", ".join(f"@{cell_text(each)}" for each in found.protected_aliases)
    print_table(
        ("STAGE", "HOLDS", "ALIAS", "", "DESCRIPTION"),
        [
            (
                stage["name"],
                stage["holds"],
                stage["alias"] and f"@{stage['alias']}",
                " ".join(word for word in ("protected", "retired") if stage[word]),
                stage["description"],
            )
            for stage in found.stages
        ],
    )
    click.echo()
    print_table(("FROM", "TO", "GATES"), [row for way in found.transitions for row in _ways(way)])
    if aliases:
        click.echo(f"\nProtected aliases: {aliases}")


def _ways(way: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    ends = (way["from"], f"{way['to']}{' (back)' if way['back'] else ''}")
    gates = [_gate(gate) for gate in way["gates"]]
    gates += [f"to roll back: {_gate(gate)}" for gate in way["rollback_gates"]]
    yield (*ends, gates[0] if gates else "")
    yield from (("", "", gate) for gate in gates[1:])


def _gate(gate: Mapping[str, Any]) -> str:
    rest = [f"{name} {_value(value)}" for name, value in gate.items() if name not in _FIRST]
    return " ".join([gate["rule"], *([gate["require"]] if "require" in gate else []), *rest])


def _value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value) if isinstance(value, Mapping) else str(value)


COMMANDS = (promote, rollback, stages, lifecycle)
