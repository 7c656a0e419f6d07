"""Commands on what is said of models and versions: tag, edit, open, artifacts, attach, schema."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from modelry.changes import conflicts, merge_patch_between
from modelry.cli.documents import artifact_of
from modelry.cli.running import (
    PairType,
    ReferenceType,
    addressed,
    print_json,
    print_sections,
    print_table,
)
from modelry.client import Modelry
from modelry.errors import Invalid, Stale
from modelry.progress import size
from modelry.records import Model, Version
from modelry.references import Reference
from modelry.sections import model_sections, version_sections

CHANGEABLE = ("description", "tags", "metadata", "custom_properties", "external_id", "owner")
_REASON = click.option("--reason", help="Why, for the history.")


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.argument("pairs", metavar="[NAME=VALUE]...", nargs=-1, type=PairType(typed=False))
@click.option("--remove", multiple=True, metavar="NAME", help="Take a tag away. May repeat.")
@_REASON
@addressed
def tag(
    registry: Modelry,
    reference: Reference,
    pairs: tuple[tuple[str, str], ...],
    remove: tuple[str, ...],
    reason: str | None,
    as_json: bool,
) -> None:
    """Set tags of a model or version: `modelry tag churn:3 reviewed=yes --remove draft`.

    Without any, the tags it has are listed.
    """
    kept = _read(registry, reference)
    if pairs or remove:
        tags: dict[str, str | None] = {**dict(pairs), **dict.fromkeys(remove)}
        kept = _update(registry, kept, "*", {"tags": tags}, reason)
    if as_json:
        print_json(kept.raw)
    else:
        print_table(("TAG", "VALUE"), sorted(kept.tags.items()))


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@_REASON
@addressed
def edit(registry: Modelry, reference: Reference, reason: str | None, as_json: bool) -> None:
    """Open what can be changed of a model or version in $EDITOR, as JSON, and send the changes.

    If it was changed by somebody else meanwhile, nothing is sent: you are shown what differs, and
    your text is kept.
    """
    kept = _read(registry, reference)
    before = _changeable(kept)
    text = click.edit(json.dumps(before, indent=2, ensure_ascii=False) + "\n", extension=".json")
    if text is None:
        click.echo("Nothing was changed.", err=True)
        return
    patch = merge_patch_between(before, _parsed(text))
    if not patch:
        click.echo("Nothing was changed.", err=True)
        return
    try:
        changed = _update(registry, kept, kept.etag or "*", patch, reason)
    except Stale as error:
        theirs = _changeable(_read(registry, _pinned(kept)))
        raise Stale(
            error.message,
            problems=conflicts(before, theirs, patch),
            next_step=f"Run the command again; your text is in {_saved(text)}",
        ) from None
    if as_json:
        print_json(changed.raw)
    else:
        show = (
            version_sections(changed) if isinstance(changed, Version) else model_sections(changed)
        )
        print_sections(show)


@click.command("open")
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.option("--browser", is_flag=True, help="Open it there.")
@addressed
def open_address(registry: Modelry, reference: Reference, browser: bool, as_json: bool) -> None:
    """Print the address of a model or version."""
    place = _pinned(_read(registry, reference))
    path = place.version_path() if place.version else place.model_path()
    address = f"{registry.url}/api/v1{path}"
    if as_json:
        print_json({"url": address})
    else:
        click.echo(address)
    if browser:
        click.launch(address)


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@addressed
def artifacts(registry: Modelry, reference: Reference, as_json: bool) -> None:
    """List the artifacts of a version, the latest by default."""
    found = list(registry.artifacts(reference))
    if as_json:
        print_json([each.raw for each in found])
        return
    print_table(
        ("ID", "NAME", "KIND", "WHERE", "SIZE", "DIGEST"),
        [
            (each.id, each.name, each.kind, each.path or each.uri,
             None if each.size_bytes is None else size(each.size_bytes), each.digest)
            for each in found
        ],
    )  # fmt: skip


@click.command()
@click.argument("reference", metavar="MODEL[:VERSION]", type=ReferenceType())
@click.argument("named", metavar="[KIND:]NAME=URI", type=PairType(typed=False))
@click.option("--digest", help="Of its bytes, as sha256:HEX.")
@click.option("--media-type", help="Such as application/json.")
@click.option("--description", help="What it is.")
@addressed
def attach(
    registry: Modelry,
    reference: Reference,
    named: tuple[str, str],
    digest: str | None,
    media_type: str | None,
    description: str | None,
    as_json: bool,
) -> None:
    """Attach a reference to a version that is there, such as `document:card=https://host/card.md`.

    The version itself does not change. KIND is model, document or dataset; a model by default.
    """
    what = artifact_of(*named)
    made = registry.attach_artifact(
        reference,
        what["name"],
        what["kind"],
        uri=named[1],
        digest=digest,
        media_type=media_type,
        description=description,
    )
    if as_json:
        print_json(made.raw)
    else:
        click.echo(f"artifact {made.id}: {made!r}")


@click.command()
@click.argument("model_type", required=False)
@click.argument("file", required=False, type=click.File(encoding="utf-8"))
@click.option("--rm", "remove", is_flag=True, help="Take the schema away.")
@_REASON
@addressed
def schema(
    registry: Modelry,
    model_type: str | None,
    file: Any,
    remove: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """What new versions must satisfy: `modelry schema classifier rules.json` demands it of a model
    type, '*' of all. Without FILE the schema is shown, without MODEL_TYPE all are listed."""
    if model_type is None:
        found = list(registry.schemas())
        if as_json:
            print_json([each.raw for each in found])
        else:
            rows = [(each.model_type, each.updated_at, each.updated_by) for each in found]
            print_table(("MODEL TYPE", "CHANGED", "BY"), rows)
    elif remove:
        registry.remove_schema(model_type, reason=reason)
        click.echo(f"The schema for {model_type} is taken away.", err=True)
    elif file is not None:
        done = registry.set_schema(_parsed(file.read()), model_type, reason=reason)
        print_json(done.raw) if as_json else click.echo(
            f"New versions of model type {done.model_type} must satisfy {file.name}.", err=True
        )
    else:
        one = registry.schema(model_type)
        print_json(one.raw if as_json else one.document)


def _read(registry: Modelry, reference: Reference) -> Model | Version:
    return registry.model(reference) if reference.version is None else registry.version(reference)


def _pinned(kept: Model | Version) -> Reference:
    """The same object, by what never moves."""
    if isinstance(kept, Version):
        return Reference(kept.model, str(kept.number), kept.namespace)
    return Reference(kept.name, None, kept.namespace)


def _update(
    registry: Modelry,
    kept: Model | Version,
    etag: str,
    patch: Mapping[str, Any],
    reason: str | None,
) -> Model | Version:
    place = _pinned(kept)
    if isinstance(kept, Version):
        return registry.update_version(place, etag=etag, reason=reason, **patch)
    return registry.update_model(place, etag=etag, reason=reason, **patch)


def _changeable(kept: Model | Version) -> dict[str, Any]:
    own = ("model_type", "card", "compliance")
    names = CHANGEABLE if isinstance(kept, Version) else (*own, *CHANGEABLE)
    return {name: kept.raw.get(name) for name in names}


def _parsed(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Invalid(f"This is no JSON: {error}.", next_step=_again(text)) from None
    if not isinstance(value, dict):
        raise Invalid("This is no JSON object.", next_step=_again(text))
    return value


def _again(text: str) -> str:
    return f"Correct it; the text is in {_saved(text)}"


def _saved(text: str) -> Path:
    """Where the text is kept for the person who wrote it, and nobody else."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="modelry-", suffix=".json", delete=False, encoding="utf-8"
    ) as file:
        file.write(text)
    return Path(file.name)


COMMANDS = (tag, edit, open_address, artifacts, attach, schema)
