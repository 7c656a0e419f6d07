"""The command that copies models in from elsewhere: import."""

import json
import sys
from typing import Any

import click

from modelry.cli.documents import with_document
from modelry.cli.running import PairType, ReferenceType, addressed, print_json
from modelry.client import Modelry
from modelry.imports import MAX_BYTES, MAX_FILES
from modelry.progress import ProgressLine, size
from modelry.references import Reference


@click.command("import")
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
def import_model(
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


COMMANDS = (import_model,)
