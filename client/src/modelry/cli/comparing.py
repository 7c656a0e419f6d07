"""The command that compares: compare."""

import json
from typing import Any

import click

from modelry.cli.running import ReferenceType, addressed, print_json, print_table
from modelry.client import Modelry
from modelry.comparisons import Row
from modelry.references import Reference


@click.command()
@click.argument("versions", nargs=-1, required=True, type=ReferenceType(), metavar="VERSION...")
@click.option("--all", "everything", is_flag=True, help="Also what is the same in all of them.")
@addressed
def compare(
    registry: Modelry, versions: tuple[Reference, ...], everything: bool, as_json: bool
) -> None:
    """Put versions side by side: `modelry compare churn:1 churn@champion`.

    Metrics show what they gained on the first version, and the best is marked with a star.
    """
    found = registry.compare(*versions, everything=everything)
    if as_json:
        print_json(found.raw)
        return
    section = ""
    lines = []
    for row in found.rows:
        if row.section != section:
            section = row.section
            lines.append((section.upper(), *("" for _ in found.versions)))
        lines.append((f"  {row.name}", *_cells(row)))
    print_table(("", *found.versions), lines)


def _cells(row: Row) -> list[str]:
    return [
        _cell(row, at, value) if there else "-"
        for at, (value, there) in enumerate(zip(row.values, row.present, strict=True))
    ]


def _cell(row: Row, at: int, value: Any) -> str:
    if row.section == "files":
        return f"{value['sha256'][:12]}  {value['size_bytes']:,} B"
    delta = row.deltas[at]
    if delta is not None:  # a metric
        gain = f" ({delta:+.4g})" if delta else ""
        return f"{value:.6g}{gain}{' *' if at in row.best else ''}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


COMMANDS = (compare,)
