"""The command that puts evidence together, and verifies it: evidence."""

import json
from pathlib import Path

import click

from modelry.cli.running import ReferenceType, addressed, print_json
from modelry.client import Modelry
from modelry.evidence import Verified, verify_evidence
from modelry.references import Reference


class _Evidence(click.Group):
    """A group whose first command goes without its name: `modelry evidence MODEL -o FILE`."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        """Put the name in where it is left out."""
        if arguments and arguments[0] not in {*self.commands, "-h", "--help"}:
            arguments = ["pack", *arguments]
        return super().parse_args(context, arguments)


@click.group(cls=_Evidence)
def evidence() -> None:
    """Put all that there is to know of a version into one file, or verify one.

    `modelry evidence MODEL@ALIAS -o pack.zip` writes it: index.html is for people, evidence.json
    for programs. `modelry evidence verify pack.zip` checks every digest and proof, offline.
    """


@evidence.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.option(
    "--out", "-o", "target", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)  # fmt: skip
@click.option("--as-of", metavar="TIME", help="As it was at this time; now by default.")
@addressed
def pack(
    registry: Modelry, reference: Reference, target: Path, as_of: str | None, as_json: bool
) -> None:
    """Write an evidence pack about a version."""
    done = registry.evidence(reference, target, as_of=as_of)
    about = done.about
    if as_json:
        print_json({"path": str(done.path), "sha256": done.sha256, **about})
        return
    click.echo(f"{target} holds the evidence on {about['subject']} as of {about['as_of']}")
    click.echo(f"{about['events']:,} audit events, {about['proven']:,} with a proof")
    for each in about["lacking"]:
        click.echo(f"lacks {each}", err=True)
    click.echo(f"sha256:{done.sha256}")


@evidence.command()
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--keys", "keys_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Public keys that you keep; else those in the pack.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, nothing else.")
def verify(path: Path, keys_file: Path | None, as_json: bool) -> None:
    """Verify a pack without asking anybody; say what was altered, removed or added first."""
    keys = None
    if keys_file is not None:
        from modelry.audit.checkpoints import read_keys

        keys = read_keys(json.loads(keys_file.read_text(encoding="utf-8")))
    found = verify_evidence(path, keys=keys)
    if as_json:
        print_json({name: getattr(found, name) for name in Verified.__dataclass_fields__})
    else:
        _show(path, found)


def _show(path: Path, found: Verified) -> None:
    click.echo(f"{path}: evidence on {found.subject} as of {found.as_of}")
    click.echo(f"{found.members} members, each as its digest says")
    if found.digest:
        click.echo(f"its files make {found.digest}")
    under = f" under {found.checkpoints:,} signed checkpoints" if found.checkpoints else ""
    click.echo(f"{found.events:,} events, {found.proven:,} proven{under}")
    if found.own_keys:
        click.echo("the keys are those in the pack: give the ones that you keep with --keys")
    for each in found.lacking:
        click.echo(f"lacks {each}")


COMMANDS = (evidence,)
