"""Commands that move bytes: push and pull."""

import json
import math
import sys
import warnings
from pathlib import Path
from typing import Any, Literal

import click

from modelry.cli.documents import artifact_of, with_document
from modelry.cli.running import (
    PairType,
    ReferenceType,
    addressed,
    json_or_text,
    print_json,
)
from modelry.client import Modelry
from modelry.progress import ProgressLine, size
from modelry.records import Version
from modelry.references import Reference, check_alias
from modelry.retirements import DeprecatedVersion
from modelry.sections import cell_text

_TYPED = PairType(typed=True)
_TEXT = PairType(typed=False)


@click.command()
@click.argument("path", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.argument("model", type=ReferenceType(model_only=True))
@click.option(
    "--document",
    type=click.File(encoding="utf-8"),
    help="A JSON object of what is said of the version; the other options go before it.",
)
@click.option(
    "--artifact",
    "artifacts",
    multiple=True,
    type=_TEXT,
    metavar="[KIND:]NAME=URI",
    help="A reference to something elsewhere; NAME=PATH for a file or directory that is pushed."
    " KIND is model, document, dataset, metric or parameter. May repeat.",
)
@click.option("--model-type", help="Such as classifier.")
@click.option(
    "--version", metavar="SEMVER", help="Such as 2.1.0; the registry's choice by default."
)
@click.option("--name", help="What to call it; unique in the model.")
@click.option(
    "--on-repeat",
    type=click.Choice(["same", "new"]),
    help="A training that is there already: find it (same, the default) or register it again.",
)
@click.option("--parameter", "-p", "parameters", multiple=True, type=_TYPED, help="May repeat.")
@click.option("--metric", "-m", "metrics", multiple=True, type=_TYPED, help="May repeat.")
@click.option("--parameters-file", type=click.File(encoding="utf-8"), help="A JSON object.")
@click.option("--metadata", multiple=True, type=_TYPED, help="May repeat.")
@click.option("--tag", "-t", "tags", multiple=True, type=_TEXT, help="May repeat.")
@click.option("--dataset", "datasets", multiple=True, help="A JSON object or a URI. May repeat.")
@click.option("--signature-file", type=click.File(encoding="utf-8"), help="A JSON object.")
@click.option("--framework", help="As name=version.")
@click.option("--license", help="An SPDX identifier, such as Apache-2.0.")
@click.option("--description", help="What this version is.")
@click.option("--alias", "aliases", multiple=True, help="Point it here once ready. May repeat.")
@click.option(
    "--evaluation",
    "evaluations",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A report of `modelry evaluate` to register with it. May repeat.",
)
@click.option("--no-environment", is_flag=True, help="Don't record Python and packages.")
@click.option("--no-code", is_flag=True, help="Don't record the git commit.")
@addressed
def push(
    registry: Modelry,
    path: Path,
    model: Reference,
    document: Any,
    artifacts: tuple[tuple[str, str], ...],
    model_type: str | None,
    version: str | None,
    name: str | None,
    on_repeat: Literal["same", "new"] | None,
    parameters: tuple[tuple[str, Any], ...],
    metrics: tuple[tuple[str, Any], ...],
    parameters_file: Any,
    metadata: tuple[tuple[str, Any], ...],
    tags: tuple[tuple[str, str], ...],
    datasets: tuple[str, ...],
    signature_file: Any,
    framework: str | None,
    license: str | None,
    description: str | None,
    aliases: tuple[str, ...],
    evaluations: tuple[Path, ...],
    no_environment: bool,
    no_code: bool,
    as_json: bool,
) -> None:
    """Push the file or directory at PATH as the next version of MODEL; `-` is for no files.

    Repeating a push that was broken off goes on where it stopped. Pushing a training that is
    there already (same parameters, data, commit, environment, signature and files) registers
    nothing: the version that exists is the result.
    """
    names = [check_alias(alias) for alias in aliases]
    described = with_document(
        _object(document, "--document"),
        model_type=model_type,
        artifacts=[artifact_of(*pair) for pair in artifacts],
        parameters={**_object(parameters_file, "--parameters-file"), **dict(parameters)} or None,
        metrics=_numbers(metrics) or None,
        metadata=dict(metadata) or None,
        tags=dict(tags) or None,
        datasets=[_dataset(text) for text in datasets] or None,
        signature=_object(signature_file, "--signature-file") or None,
        framework=_framework(framework),
        license=license,
        description=description,
        environment={} if no_environment else None,
        code={} if no_code else None,
    )
    pushed = registry.push(
        None if str(path) == "-" else path,
        model,
        version=version,
        name=name,
        on_repeat=on_repeat,
        evaluation=evaluations or None,
        progress=ProgressLine(sys.stderr),
        **described,
    )
    reference = Reference(pushed.model, None, pushed.namespace)
    for alias in names:
        registry.set_alias(reference, alias, pushed.number)
    named = "".join(f" @{alias}" for alias in names)
    if as_json:
        current = registry.version(pushed.reference) if names else pushed
        print_json({**current.raw, "registration": pushed.registration})
    else:
        digest = f": {pushed.digest}" if pushed.digest else ""
        click.echo(f"{pushed.reference}{named} is {pushed.state}{digest}")
        click.echo(_told(pushed))


def _told(version: Version) -> str:
    """Which semantic version it is and why, or that the training was there already."""
    if version.registration == "existing":
        return f"same training as version {version.number} ({version.version}); nothing was sent"
    reason = f": {version.version_reason}" if version.version_reason else ""
    return f"version {version.version}{reason}"


@click.command()
@click.argument("model", type=ReferenceType())
@click.argument("dest", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is at DEST.")
@click.option("--as-of", metavar="TIME", help="The version that was named so then.")
@click.option(
    "--force-retired", metavar="REASON", help="Why it is pulled though it is retired; for owners."
)
@addressed
def pull(
    registry: Modelry,
    model: Reference,
    dest: Path,
    force: bool,
    as_of: str | None,
    force_retired: str | None,
    as_json: bool,
) -> None:
    """Make the directory DEST of the files of MODEL[@ALIAS|:VERSION], the latest by default.

    Repeating a pull that was broken off goes on where it stopped.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("always", DeprecatedVersion)
        warnings.showwarning = _tell
        progress = ProgressLine(sys.stderr)
        pulled = registry.pull(
            model,
            dest,
            force=force,
            force_retired=force_retired,
            as_of=as_of,
            progress=progress,
        )
    if as_json:
        print_json(
            {"path": str(pulled.path), "digest": pulled.digest, "version": pulled.version.raw}
        )
    else:
        version = pulled.version
        click.echo(
            f"{pulled.path} holds {version.reference}: {version.file_count} files,"
            f" {size(version.size_bytes)}, {pulled.digest}"
        )


def _tell(message: Warning | str, *place: Any, **more: Any) -> None:
    """Say a warning of the SDK as the other messages are said, without the place in its code."""
    click.secho("Warning: ", fg="yellow", bold=True, nl=False, err=True)
    click.echo(cell_text(str(message)), err=True)


def _object(file: Any, option: str) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        content = json.load(file)
    except ValueError as error:
        raise click.BadParameter(f"{file.name} is no JSON: {error}.", param_hint=option) from None
    if not isinstance(content, dict):
        raise click.BadParameter(f"{file.name} holds no JSON object.", param_hint=option)
    return content


def _numbers(metrics: tuple[tuple[str, Any], ...]) -> dict[str, float]:
    for name, value in metrics:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value):
            raise click.BadParameter(f"{name}={value} is no number.", param_hint="--metric")
    return dict(metrics)


def _dataset(text: str) -> dict[str, Any]:
    value = json_or_text(text)
    return value if isinstance(value, dict) else {"uri": text}


def _framework(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    name, _, version = text.partition("=")
    return {"name": name, "version": version} if version else {"name": name}


COMMANDS = (push, pull)
