"""What every command has: how it is addressed, what it prints, how it ends."""

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import click

from modelry.client import Modelry
from modelry.errors import Forbidden, Invalid, ModelryError, NotFound, NotSignedIn, Unavailable
from modelry.records import Change
from modelry.references import Reference, parse_reference
from modelry.sections import Section, cell_text

_EXIT_CODES: Mapping[type[ModelryError], int] = {
    NotFound: 3,
    Forbidden: 4,
    NotSignedIn: 4,
    Unavailable: 5,
}


def exit_code(error: ModelryError) -> int:
    """The exit code that tells scripts what sort of failure it was."""
    return _EXIT_CODES.get(type(error), 1)


class ReferenceType(click.ParamType[Any]):
    """A reference to a model; one to a version as well unless `model_only`."""

    name = "reference"

    def __init__(self, *, model_only: bool = False) -> None:
        self._model_only = model_only

    def convert(self, value: Any, param: Any, context: Any) -> Reference:
        """Read the text; a usage error if it is none."""
        if isinstance(value, Reference):
            return value
        try:
            reference = parse_reference(value)
        except Invalid as error:
            self.fail(f"{error.message}\n{error.next_step}", param, context)
        if self._model_only and reference.version:
            self.fail(f"{value!r} names a version; write {reference.model}.", param, context)
        return reference


class PairType(click.ParamType[Any]):
    """`name=value`; the value is read as JSON where it is JSON, and is text otherwise."""

    name = "name=value"

    def __init__(self, *, typed: bool) -> None:
        self._typed = typed

    def convert(self, value: Any, param: Any, context: Any) -> tuple[str, Any]:
        """Read the text; a usage error if it is none."""
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not of the form name=value.", param, context)
        return name, json_or_text(text) if self._typed else text


def json_or_text(text: str) -> Any:
    """The JSON value that the text is; the text itself if it is none (or NaN and the like)."""
    try:
        return json.loads(text, parse_constant=lambda constant: constant)
    except ValueError:
        return text


def addressed(command: Callable[..., None]) -> Callable[..., None]:
    """Add --url, --namespace and --json, and hand the command a `Modelry` and `as_json`."""

    @click.option("--url", metavar="URL", help="The registry. [env: MODELRY_URL]")
    @click.option("--namespace", "-n", help="The namespace. [env: MODELRY_NAMESPACE]")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, nothing else.")
    @functools.wraps(command)
    def run(url: str | None, namespace: str | None, **rest: Any) -> None:
        with Modelry(url, namespace=namespace) as registry:
            command(registry, **rest)

    return run


def print_json(value: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(heading: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Print aligned columns on stdout; nothing but a note on stderr if there are no rows."""
    lines = [tuple("" if cell is None else _cell(cell) for cell in row) for row in rows]
    if not lines:
        click.echo("Nothing there.", err=True)
        return
    widths = [max(len(row[at]) for row in [heading, *lines]) for at in range(len(heading))]
    for row in [heading, *lines]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def print_changes(changes: Iterable[Change], as_json: bool) -> None:
    """Print what happened, a line for each field that changed."""
    found = list(changes)
    if as_json:
        print_json([change.raw for change in found])
        return
    rows: list[tuple[Any, ...]] = []
    for change in found:
        first = (change.at, change.action, change.actor, change.reason)
        fields = [_changed(each) for each in change.changes] or [""]
        rows.append((*first, fields[0]))
        rows.extend(("", "", "", "", field) for field in fields[1:])
    print_table(("WHEN", "WHAT", "WHO", "WHY", "FIELDS"), rows)


def print_sections(sections: Iterable[Section]) -> None:
    """Print titles and their rows, in columns, on stdout."""
    for at, section in enumerate(sections):
        if at == 0:
            click.secho(section.title, bold=True)
            rows = [row for row in section.rows if row[0]]
        else:
            click.echo()
            click.secho(section.title.upper(), bold=True)
            rows = [*([section.heading] if section.heading else []), *section.rows]
        widths = [
            max((len(row[column]) for row in rows if column < len(row)), default=0)
            for column in range(max(map(len, rows), default=0))
        ]
        for row in rows:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            click.echo(f"  {line}".rstrip())


def print_fields(fields: Mapping[str, Any]) -> None:
    """Print the fields that are set, one a line."""
    shown = {name: value for name, value in fields.items() if value not in (None, "", {}, [], ())}
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        click.echo(f"{name.ljust(width)}  {_cell(value)}")


def _changed(change: Any) -> str:
    before, after = change["before"], change["after"]
    if before is None:
        return f"{change['field']}: {after}"
    return f"{change['field']}: {before} → {'nothing' if after is None else after}"


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return cell_text(value)
