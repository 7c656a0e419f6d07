"""Commands that look and name: ls, show, alias, namespaces."""

import click

from modelry.cli.running import (
    PairType,
    ReferenceType,
    addressed,
    print_fields,
    print_json,
    print_sections,
    print_table,
)
from modelry.client import Modelry
from modelry.evaluation.sections import evaluations_section
from modelry.progress import size
from modelry.records import Model
from modelry.references import Reference
from modelry.sections import model_sections, version_sections

_SHOWN_EVALUATIONS = 10


@click.command()
@click.argument("model", required=False, type=ReferenceType(model_only=True))
@click.option("--archived", is_flag=True, help="Archived ones as well.")
@click.option("--as-of", metavar="TIME", help="What was true then: 2026-11-24T08:00:00Z.")
@addressed
def ls(
    registry: Modelry, model: Reference | None, archived: bool, as_of: str | None, as_json: bool
) -> None:
    """List the models of the namespace, or the versions of MODEL."""
    if model is None:
        models = list(registry.models(archived=archived, as_of=as_of))
        if as_json:
            print_json([each.raw for each in models])
            return
        rows = [(m.name, m.last_version or "-", _aliases_of(m), m.updated_at) for m in models]
        print_table(("MODEL", "VERSIONS", "ALIASES", "UPDATED"), rows)
        return
    versions = list(registry.versions(model, archived=archived, as_of=as_of))
    if as_json:
        print_json([each.raw for each in versions])
        return
    print_table(
        ("NUMBER", "VERSION", "STATE", "ALIASES", "FILES", "SIZE", "CREATED", "BY"),
        [
            (v.number, v.version, v.state, _at(v.aliases), v.file_count, size(v.size_bytes),
             v.created_at, v.created_by)
            for v in versions
        ],
    )  # fmt: skip


@click.command()
@click.argument("model", type=ReferenceType())
@click.option("--as-of", metavar="TIME", help="What was true then: 2026-11-24T08:00:00Z.")
@addressed
def show(registry: Modelry, model: Reference, as_of: str | None, as_json: bool) -> None:
    """Show a model, or with :number, :1.2.0, :~=1.2, @alias or @sha256:… a version, its files."""
    if model.version is None:
        _show_model(registry.model(model, as_of=as_of), as_json)
        return
    version = registry.version(model, as_of=as_of)
    files = list(registry.files(version.reference, as_of=as_of))
    if as_json:
        print_json({**version.raw, "files": [file.raw for file in files]})
        return
    every = registry.evaluations(version.reference, as_of=as_of)
    evaluated = [each for each, _ in zip(every, range(_SHOWN_EVALUATIONS), strict=False)]
    print_sections(version_sections(version, files, evaluations_section(evaluated)))


@click.command()
@click.argument("reference", metavar="MODEL[@ALIAS]", type=ReferenceType())
@click.argument("version", required=False)
@click.option("--rm", "remove", is_flag=True, help="Take the alias away.")
@click.option("--reason", help="Why, for the audit log.")
@addressed
def alias(
    registry: Modelry,
    reference: Reference,
    version: str | None,
    remove: bool,
    reason: str | None,
    as_json: bool,
) -> None:
    """Point an alias at a version: `modelry alias MODEL@champion 3`.

    Without VERSION the aliases of MODEL are listed; with --rm the alias is taken away.
    """
    name = reference.alias
    if name is None and (version or remove or reference.version):
        raise click.UsageError("Name the alias as MODEL@ALIAS, such as iris@champion.")
    if name and remove:
        if version:
            raise click.UsageError("With --rm no version is given.")
        registry.remove_alias(reference, name, reason=reason)
        click.echo(f"{reference} is taken away.", err=True)
        if as_json:
            print_json({"alias": name, "removed": True})
        return
    if name and version:
        target = registry.set_alias(reference, name, version, reason=reason)
        if as_json:
            print_json(target.raw)
        else:
            click.echo(f"{target.namespace}/{target.model}@{target.alias} is {target.version}")
        return
    found = [each for each in registry.aliases(reference) if name in {None, each.alias}]
    if as_json:
        print_json([each.raw for each in found])
    else:
        print_table(("ALIAS", "VERSION"), [(f"@{each.alias}", each.version) for each in found])


@click.command()
@click.argument("name", required=False)
@click.option("--create", is_flag=True, help="Create the namespace NAME.")
@click.option("--description", help="What the new namespace is for.")
@click.option("--tag", "tags", multiple=True, type=PairType(typed=False), help="May repeat.")
@click.option("--as-of", metavar="TIME", help="What was true then: 2026-11-24T08:00:00Z.")
@addressed
def namespaces(
    registry: Modelry,
    name: str | None,
    create: bool,
    description: str | None,
    tags: tuple[tuple[str, str], ...],
    as_of: str | None,
    as_json: bool,
) -> None:
    """List the namespaces, show NAME, or create it: `modelry namespaces --create NAME`."""
    if create and not name:
        raise click.UsageError("Name the namespace to create.")
    if create and as_of:
        raise click.UsageError("Nothing can be created in the past.")
    if name:
        one = (
            registry.create_namespace(name, description=description, tags=dict(tags) or None)
            if create
            else registry.namespace(name, as_of=as_of)
        )
        print_json(one.raw) if as_json else print_fields(one.raw)
        return
    found = list(registry.namespaces(as_of=as_of))
    if as_json:
        print_json([each.raw for each in found])
    else:
        print_table(
            ("NAMESPACE", "DESCRIPTION", "OWNER"),
            [(each.name, each.description, each.owner) for each in found],
        )


def _show_model(model: Model, as_json: bool) -> None:
    if as_json:
        print_json(model.raw)
    else:
        print_sections(model_sections(model))


def _aliases_of(model: Model) -> str:
    return " ".join(f"@{alias}={number}" for alias, number in sorted(model.aliases.items()))


def _at(aliases: list[str]) -> str:
    return " ".join(f"@{alias}" for alias in sorted(aliases))


COMMANDS = (ls, show, alias, namespaces)
