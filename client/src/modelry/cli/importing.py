"""The command that copies models in from elsewhere: import."""

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Any

import click

from modelry.cli.documents import with_document
from modelry.cli.running import PairType, ReferenceType, addressed, print_json, print_table
from modelry.client import Modelry
from modelry.imports import MAX_BYTES, MAX_FILES
from modelry.progress import ProgressLine, size
from modelry.references import Reference


class ImportGroup(click.Group):
    """`import URI MODEL` is short for `import files URI MODEL`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of this name, or `files` with all that was given."""
        if args[0] not in self.commands:
            args = ["files", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Options in front of the URI belong to `files`, too."""
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["files", *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=ImportGroup)
def importing() -> None:
    """Copy models in from elsewhere: from a store, or with all that another registry keeps.

    \b
    modelry import s3://BUCKET/PATH MODEL    the files at a URI, as the next version
    modelry import mlflow URL                models, runs and bytes of an MLflow server
    modelry import kubeflow URL              those of a Kubeflow model registry
    """


@importing.command("files")
@click.argument("uri")
@click.argument("model", type=ReferenceType(model_only=True))
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="A data node to which WebHDFS may send us. May repeat.",
)
@click.option("--max-files", default=MAX_FILES, show_default=True, help="No more files.")
@click.option("--max-bytes", default=MAX_BYTES, show_default=True, help="No more bytes.")
@click.option(
    "--version", metavar="SEMVER", help="Such as 2.1.0; the registry's choice by default."
)
@click.option("--document", type=click.File(encoding="utf-8"), help="As of `modelry push`.")
@click.option("--model-type", help="Such as classifier.")
@click.option("--tag", "-t", "tags", multiple=True, type=PairType(typed=False), help="May repeat.")
@click.option("--description", help="What this version is.")
@addressed
def import_files(
    registry: Modelry,
    uri: str,
    model: Reference,
    allow_hosts: tuple[str, ...],
    max_files: int,
    max_bytes: int,
    version: str | None,
    document: Any,
    model_type: str | None,
    tags: tuple[tuple[str, str], ...],
    description: str | None,
    as_json: bool,
) -> None:
    """Copy the file or directory at URI to the registry as the next version of MODEL.

    URI begins with s3://, gs://, abfs://, hdfs://, webhdfs:// or https://. The bytes go through
    this machine, with the credentials of its environment (AWS_ACCESS_KEY_ID …,
    GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_KEY, HADOOP_USER_NAME); without any,
    nothing is signed.
    """
    try:
        said = json.load(document) if document else {}
    except ValueError as error:
        raise click.BadParameter(f"no JSON: {error}.", param_hint="--document") from None
    described = with_document(
        said,
        model_type=model_type,
        tags=dict(tags) or None,
        description=description,
        code={},
        environment={},
    )
    pushed = registry.import_model(
        uri,
        model,
        allow_hosts=allow_hosts,
        max_files=max_files,
        max_bytes=max_bytes,
        version=version,
        progress=ProgressLine(sys.stderr),
        **described,
    )
    if as_json:
        print_json({**pushed.raw, "registration": pushed.registration})
    else:
        click.echo(
            f"{pushed.reference} is {pushed.state}: {pushed.file_count} files,"
            f" {size(pushed.size_bytes)} from {uri}"
        )


def _moving(kind: str, about: str) -> None:
    @importing.command(kind, help=about, short_help=about.partition("\n")[0])
    @click.argument("origin", metavar="URL")
    @click.option("--model", "models", multiple=True, help="This one only. May repeat.")
    @click.option("--no-runs", is_flag=True, help="Leave experiments and runs behind.")
    @click.option("--no-files", is_flag=True, help="Leave the bytes where they are.")
    @addressed
    def moving(
        registry: Modelry,
        origin: str,
        models: tuple[str, ...],
        no_runs: bool,
        no_files: bool,
        as_json: bool,
    ) -> None:
        rows = []
        for row in registry.move_from(
            kind, origin, models=models, runs=not no_runs, files=not no_files
        ):
            rows.append(row)
            if not as_json and row.outcome != "there":
                why = f": {row.why}" if row.why else ""
                click.echo(f"{row.outcome:7} {row.kind:10} {row.name}{why}")
        if as_json:
            print_json([asdict(row) for row in rows])
        else:
            counts = Counter((row.kind, row.outcome) for row in rows)
            table = [(kind, outcome, str(count)) for (kind, outcome), count in counts.items()]
            print_table(("what", "outcome", "count"), table)
        if any(row.outcome == "failed" for row in rows):
            raise SystemExit(1)


_MOVES = """Move in from the {name} at URL: {what}.

It can be repeated: what is there stays, what was broken off goes on. {token} signs in there."""
_moving(
    "mlflow",
    _MOVES.format(
        name="MLflow server",
        what="experiments, runs, models, versions with their numbers and bytes, aliases, stages",
        token="MLFLOW_TRACKING_TOKEN (or MLFLOW_TRACKING_USERNAME and _PASSWORD)",
    ),
)
_moving(
    "kubeflow",
    _MOVES.format(
        name="Kubeflow model registry",
        what="models, versions with the bytes that their URIs lead to, experiments, runs",
        token="KUBEFLOW_TOKEN",
    ),
)

COMMANDS = (importing,)
