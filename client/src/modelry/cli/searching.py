"""The command that finds: search."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import click

from modelry.cli.running import addressed, print_json, print_table
from modelry.client import Modelry
from modelry.records import Facet, Model, Version
from modelry.searches import Found

_KEY = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')
_DIRECTION = re.compile(r"\s+(?:asc|desc)\s*$", re.IGNORECASE)


@click.command()
@click.argument("words", nargs=-1)
@click.option("--filter", "-f", "filters", multiple=True, metavar="CONDITION",
              help="Such as \"metrics.auc >= 0.9 AND tags.team = 'a'\". May repeat.")  # fmt: skip
@click.option("--order-by", "-o", help="Such as 'metrics.auc desc'; else newest first.")
@click.option("--facet", "facets", multiple=True, metavar="FIELD",
              help="Count the values of state, tags.team … May repeat.")  # fmt: skip
@click.option("--show", "columns", multiple=True, metavar="FIELD",
              help="A column for metrics.auc, owner … May repeat.")  # fmt: skip
@click.option("--models", is_flag=True, help="Search models, not their versions.")
@click.option("--archived", is_flag=True, help="Archived ones as well.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="How many.")
@addressed
@click.pass_context
def search(
    context: click.Context,
    registry: Modelry,
    words: tuple[str, ...],
    filters: tuple[str, ...],
    order_by: str | None,
    facets: tuple[str, ...],
    columns: tuple[str, ...],
    models: bool,
    archived: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Find versions that have all the WORDS in their model's name, their tags or description.

    Everything that you may read is searched, or one namespace with -n.
    """
    ask = registry.search_models if models else registry.search
    found: Found[Any] = ask(
        " ".join(words),
        filter=" AND ".join(f"({each})" for each in filters) if len(filters) > 1 else
        (filters[0] if filters else None),
        order_by=order_by,
        namespace=context.params.get("namespace"),
        facets=facets,
        archived=archived,
        page_size=min(limit + 1, 100),
    )  # fmt: skip
    shown = list(islice(found, limit + 1))
    cut, shown = len(shown) > limit, shown[:limit]
    if as_json:
        print_json(
            {
                "items": [each.raw for each in shown],
                "more": cut,
                "facets": [facet.raw for facet in found.facets],
            }
        )
        return
    extra = list(dict.fromkeys([*columns, *_ordered_by(order_by)]))
    _print_found(shown, extra, models)
    if cut:
        click.echo(f"There is more: these are the first {limit}; see --limit.", err=True)
    _print_facets(found.facets)


def _print_found(shown: list[Any], extra: list[str], models: bool) -> None:
    heading = [name.upper() for name in extra]
    if models:
        rows = [_model_row(each, extra) for each in shown]
        print_table(("MODEL", "VERSIONS", "ALIASES", *heading, "UPDATED"), rows)
    else:
        rows = [_version_row(each, extra) for each in shown]
        print_table(("VERSION", "STATE", "ALIASES", *heading, "CREATED"), rows)


def _model_row(model: Model, extra: Iterable[str]) -> tuple[Any, ...]:
    named = " ".join(f"@{alias}={number}" for alias, number in sorted(model.aliases.items()))
    values = (_value(model.raw, path) for path in extra)
    name = f"{model.namespace}/{model.name}"
    return name, model.last_version or "-", named, *values, model.updated_at


def _version_row(version: Version, extra: Iterable[str]) -> tuple[Any, ...]:
    named = " ".join(f"@{alias}" for alias in sorted(version.aliases))
    values = (_value(version.raw, path) for path in extra)
    return version.reference, version.state, named, *values, version.created_at


def _print_facets(facets: list[Facet]) -> None:
    for facet in facets:
        click.echo()
        rows = [(each["value"], each["count"]) for each in facet.values]
        print_table((facet.field.upper(), "COUNT"), [*rows, *([("…", "")] if facet.more else [])])


def _ordered_by(text: str | None) -> list[str]:
    """The fields of an order that no column shows yet."""
    fields = [_DIRECTION.sub("", each).strip() for each in (text or "").split(",")]
    return [each for each in fields if "." in each or each in {"size_bytes", "owner"}]


def _value(raw: Mapping[str, Any], path: str) -> Any:
    """What the answer holds at a path as filters write it; a dash for nothing."""
    keys = [quoted.replace('""', '"') or plain for quoted, plain in _KEY.findall(path)]
    value: Any = raw.get(keys[0]) if keys else None
    if isinstance(value, Mapping) and len(keys) > 1 and ".".join(keys[1:]) in value:
        return value[".".join(keys[1:])]
    for key in keys[1:]:
        value = value.get(key) if isinstance(value, Mapping) else None
    return "-" if value is None else value


COMMANDS = (search,)
