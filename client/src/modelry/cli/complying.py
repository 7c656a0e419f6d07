"""Commands on rules: compliance, retention, rules."""

import re
from typing import Any

import click

from modelry.cli.running import ReferenceType, addressed, print_json, print_table
from modelry.client import Modelry
from modelry.compliance import ComplianceReport, Retention
from modelry.references import Reference

_KEEP = re.compile(r"(\d{1,6})(?::(.+))?")
_CONDITIONS = {"risk": "risk_classes", "stage": "stages", "alias": "aliases"}


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.option("--rules", multiple=True, help="A rule set, such as gdpr. May repeat.")
@click.option("--lacking", is_flag=True, help="Only what is missing or partial.")
@click.option("--as-of", metavar="TIME", help="As it was at this time.")
@addressed
def compliance(
    registry: Modelry,
    reference: Reference,
    rules: tuple[str, ...],
    lacking: bool,
    as_of: str | None,
    as_json: bool,
) -> None:
    """Show what the EU AI Act and the GDPR ask of a version, what is there and what lacks.

    It says what is documented, not whether that is true and enough.
    """
    found = registry.compliance(reference, rules=rules or None, as_of=as_of)
    if as_json:
        print_json(found.raw)
    else:
        _show(found, only_lacking=lacking)


@click.command()
@click.option("--grace", type=int, metavar="DAYS", help="How long a deletion can be undone.")
@click.option("--uploads", type=int, metavar="DAYS", help="How long uploads are waited for.")
@click.option(
    "--keep",
    multiple=True,
    metavar="DAYS[:NAME=VALUE,…]",
    help="Keep for so long what was ever in a risk class, stage or alias. May repeat.",
)
@click.option("--keep-nothing", is_flag=True, help="Take all such rules away.")
@click.option("--as-of", metavar="TIME", help="As it was at this time.")
@click.option("--reason", help="Why, for the history.")
@addressed
def retention(
    registry: Modelry,
    grace: int | None,
    uploads: int | None,
    keep: tuple[str, ...],
    keep_nothing: bool,
    as_of: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Show how long a namespace keeps what is deleted; with options, change it.

    `modelry retention --grace 30 --keep 3650:risk=high --keep 365:stage=Production`
    """
    found = registry.retention(as_of=as_of)
    if grace is not None or uploads is not None or keep or keep_nothing:
        rules = [_rule(text) for text in keep] if keep or keep_nothing else _given(found.keep)
        found = registry.set_retention(
            grace_days=found.grace_days if grace is None else grace,
            upload_days=found.upload_days if uploads is None else uploads,
            keep=rules,
            etag=found.etag,
            reason=reason,
        )
    if as_json:
        print_json(found.raw)
    else:
        _show_retention(found)


@click.command()
@click.argument("names", metavar="[RULE_SET]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Hold versions to all that there are.")
@click.option("--reason", help="Why, for the history.")
@addressed
def rules(
    registry: Modelry,
    names: tuple[str, ...],
    everything: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """Show the rule sets that versions of a namespace are held to; with names, choose them."""
    if names or everything:
        found = registry.set_rule_sets(None if everything else names, reason=reason)
    else:
        found = registry.rule_sets()
    if as_json:
        print_json(found)
        return
    chosen = found["rule_sets"]
    rows = [
        (each["id"], "yes" if chosen is None or each["id"] in chosen else "", each["title"])
        for each in found["available"]
    ]
    print_table(("RULE SET", "APPLIES", "WHAT"), rows)


def _show(found: ComplianceReport, *, only_lacking: bool) -> None:
    name = f"{found.namespace}/{found.model}:{found.number}"
    click.secho(f"{name}, risk class {found.risk_class or 'not said'}", bold=True)
    for chapter in found.rule_sets:
        click.echo()
        click.secho(chapter["title"], bold=True)
        if not chapter["applies"]:
            click.echo(f"  does not apply: {chapter['why']}")
            continue
        shown = [
            each
            for each in chapter["findings"]
            if not only_lacking or each["status"] in {"missing", "partial"}
        ]
        if not shown:
            click.echo("  nothing lacks")
            continue
        print_table(("STATUS", "LAW", "WHAT", "LACKS"), [_row(each) for each in shown])
    counts = found.counts
    click.echo()
    click.echo(
        f"{counts['present']} present, {counts['partial']} partial, {counts['missing']} missing,"
        f" {counts['not_applicable']} not asked for"
    )
    steps = [
        each["next_step"]
        for chapter in found.rule_sets
        for each in chapter["findings"]
        if each["next_step"]
    ]
    if steps:
        click.echo(f"Next: {steps[0]}")


def _row(finding: dict[str, Any]) -> tuple[str, ...]:
    lacks = finding["why"] or ", ".join(
        place.removeprefix("compliance.").replace(" or compliance.", " or ")
        for place in finding["lacking"]
    )
    return (finding["status"], finding["law"], _cut(finding["title"], 48), _cut(lacks, 60))


def _show_retention(found: Retention) -> None:
    grace = "as the registry is set up" if found.grace_days is None else f"{found.grace_days} days"
    uploads = (
        "as the registry is set up" if found.upload_days is None else f"{found.upload_days} days"
    )
    click.echo(f"deletions can be undone for  {grace}")
    click.echo(f"uploads are waited for       {uploads}")
    for rule in found.keep:
        click.echo(rule["shown"])


def _rule(text: str) -> dict[str, Any]:
    """`3650:risk=high,stage=Production` as a rule; a usage error for anything else."""
    matched = _KEEP.fullmatch(text)
    if matched is None:
        raise click.BadParameter(
            f"{text!r} is not of the form DAYS:NAME=VALUE,…", param_hint="--keep"
        )
    rule: dict[str, Any] = {"days": int(matched[1])}
    for part in (matched[2] or "").split(",") if matched[2] else ():
        name, _, value = part.partition("=")
        if name not in _CONDITIONS or not value:
            raise click.BadParameter(
                f"{part!r} is none of risk=, stage=, alias=.", param_hint="--keep"
            )
        rule.setdefault(_CONDITIONS[name], []).append(value)
    return rule


def _given(keep: list[Any]) -> list[dict[str, Any]]:
    """Rules that were answered, as they are sent."""
    return [{name: each[name] for name in ("days", *_CONDITIONS.values())} for each in keep]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


COMMANDS = (compliance, retention, rules)
