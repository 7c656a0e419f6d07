"""Commands on requests for approval: request-approval, approvals, approve, reject, withdraw."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from modelry.approvals import Approval
from modelry.cli.running import (
    ReferenceType,
    addressed,
    print_json,
    print_sections,
    print_table,
)
from modelry.client import Modelry
from modelry.references import Reference
from modelry.sections import Section, cell_text

_REASON = click.option("--reason", help="Why, for the history.")
_VERSION = click.argument("reference", metavar="MODEL:VERSION", type=ReferenceType())
_TO = click.option("--to", metavar="STAGE", help="Which request, if several stand.")
_SHORT = 19


@click.command("request-approval")
@_VERSION
@click.argument("stage")
@click.option("--rollback", is_flag=True, help="Back to where it was, by the gates for that.")
@click.option("--days", type=float, help="How long the request stands; 7 by default.")
@click.option("--comment", help="What the others should know.")
@_REASON
@addressed
def request_approval(
    registry: Modelry,
    reference: Reference,
    stage: str,
    rollback: bool,
    days: float | None,
    comment: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Ask that a version may go to STAGE. A request that stands already is found."""
    ttl = None if days is None else timedelta(days=days)
    asked = registry.request_approval(
        reference, stage, rollback=rollback, expires_in=ttl, comment=comment, reason=reason
    )
    _show(asked, as_json)


@click.command()
@click.argument("reference", metavar="[MODEL:VERSION]", required=False, type=ReferenceType())
@click.option("--all", "everybody", is_flag=True, help="Also what others have to decide.")
@click.option("--say", metavar="TEXT", help="Comment on the request that stands.")
@_TO
@addressed
def approvals(
    registry: Modelry,
    reference: Reference | None,
    everybody: bool,
    say: str | None,
    to: str | None,
    as_json: bool,
) -> None:
    """List what waits for your decision; or show the requests for MODEL:VERSION."""
    if reference is None:
        if say or to:
            raise click.UsageError("Name the version: modelry approvals MODEL:VERSION.")
        found = list(registry.waiting_approvals(everybody=everybody))
        if as_json:
            print_json([each.raw for each in found])
        else:
            print_table(_HEADING, map(_row, found))
        return
    if say:
        _show(registry.comment_on_approval(registry.approval(reference, to=to), say), as_json)
        return
    listed = [each for each in registry.approvals(reference) if to in {None, each.to}]
    whole = [registry.read_approval(each) if each.is_standing else each for each in listed]
    if as_json:
        print_json([each.raw for each in whole])
        return
    if not whole:
        click.echo("Nobody asked for an approval of it.", err=True)
    for at, each in enumerate(whole):
        if at:
            click.echo()
        print_sections(_sections(each))


def _deciding(verb: str, text: str) -> click.Command:
    @click.command(verb, help=text)
    @_VERSION
    @_TO
    @click.option("--digest", help="What you looked at; nothing is asked then.")
    @click.option("--yes", is_flag=True, help="You looked at it as it is now: don't ask.")
    @click.option("--comment", help="What the others should know.")
    @_REASON
    @addressed
    def command(
        registry: Modelry,
        reference: Reference,
        to: str | None,
        digest: str | None,
        yes: bool,
        comment: str | None,
        reason: str | None,
        as_json: bool,
    ) -> None:
        approval = registry.approval(reference, to=to)
        if digest is None and not yes:
            _look(approval, verb, reference)
        decide = registry.approve if verb == "approve" else registry.reject
        _show(decide(approval, digest=digest, comment=comment, reason=reason), as_json)

    return command


approve = _deciding(
    "approve",
    "Approve that a version goes to a stage. You are shown the request and the digest of what"
    " there is to judge; if any of it changes, the approval is void.",
)
reject = _deciding("reject", "Reject that a version goes to a stage, which closes the request.")


@click.command()
@_VERSION
@_TO
@_REASON
@addressed
def withdraw(
    registry: Modelry, reference: Reference, to: str | None, reason: str | None, as_json: bool
) -> None:
    """Take a request for approval back."""
    approval = registry.approval(reference, to=to)
    _show(registry.withdraw_approval(approval, reason=reason), as_json)


def _look(approval: Approval, verb: str, reference: Reference) -> None:
    """Show what is decided about, and ask; refuse where nobody can be asked."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"Nobody can be asked here. Look at `modelry approvals {reference}`, then give the"
            " digest of what you saw with --digest, or --yes."
        )
    print_sections(_sections(approval))
    click.confirm(f"\n{verb.title()} this?", abort=True)


def _show(approval: Approval, as_json: bool) -> None:
    if as_json:
        print_json(approval.raw)
    else:
        print_sections(_sections(approval))


_HEADING = ("VERSION", "FROM", "TO", "STATE", "DIGEST", "APPROVED BY", "NEEDS", "ASKED BY", "UNTIL")


def _row(approval: Approval) -> tuple[Any, ...]:
    approving = (each["by"] for each in approval.decisions if each["verdict"] == "approve")
    return (
        approval.reference,
        approval.from_stage,
        approval.to,
        approval.state,
        _short(approval.digest),
        " ".join(dict.fromkeys(approving)) or "-",
        _needs(approval.needs),
        approval.requested_by,
        approval.expires_at,
    )


def _sections(approval: Approval) -> Iterator[Section]:
    way = f"{approval.from_stage} → {approval.to}"
    what = "rollback  " if approval.rollback else ""
    title = f"{approval.reference}  {cell_text(way)}  {what}{approval.state}"
    yield Section(title, (("",),))
    today = approval.today or {}
    rows = {
        "digest": today.get("digest") or approval.digest,
        "changed since": ", ".join(today.get("changed", ())),
        "not possible": approval.lapse,
        "asked by": f"{approval.requested_by}, {_time(approval.requested_at)}",
        "registered by": approval.author,
        "needs": _needs(approval.needs),
        "missing": _needs(today["missing"]) if today.get("missing") else "",
        "until": _time(approval.expires_at),
    }
    yield Section("Request", tuple((name, cell_text(text)) for name, text in rows.items() if text))
    decisions = (_decision(each, today.get("digest")) for each in approval.decisions)
    if made := tuple(decisions):
        yield Section("Decisions", made, ("who", "what", "when", "as", "digest", "comment"))
    comments = (
        (cell_text(each["by"]), _time(datetime.fromisoformat(each["at"])), cell_text(each["text"]))
        for each in approval.comments
    )
    if said := tuple(comments):
        yield Section("Comments", said, ("who", "when", "what"))


def _decision(each: Any, today: str | None) -> tuple[str, ...]:
    lapsed = today is not None and each["digest"] != today
    return (
        cell_text(each["by"]),
        f"{each['verdict']}, void: it changed since" if lapsed else each["verdict"],
        _time(datetime.fromisoformat(each["at"])),
        " ".join(each["roles"]),
        _short(each["digest"]),
        cell_text(each["comment"]),
    )


def _needs(needs: Any) -> str:
    """How many of which role; anybody who may decide, once, if no gate says."""
    if not needs or needs == {"*": 1}:
        return "1 of any role"
    return ", ".join(f"{count} {role}" for role, count in sorted(needs.items()))


def _short(digest: str) -> str:
    return cell_text(digest[:_SHORT])


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


COMMANDS = (request_approval, approvals, approve, reject, withdraw)
