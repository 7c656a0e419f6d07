"""Sections as HTML for notebooks: every cell escaped, no scripts, styles or links."""

from collections.abc import Sequence
from html import escape

from modelry.sections import Section

_TABLE = '<table style="text-align:left">'


def html_of(sections: Sequence[Section]) -> str:
    """The sections as one block of HTML."""
    first, *others = sections
    lines = "<br>".join(escape(row[0]) for row in first.rows if row[0])
    top = f"<h4>{escape(first.title)}</h4>" + (f"<p>{lines}</p>" if lines else "")
    return f"<div>{top}{''.join(map(_section, others))}</div>"


def _section(section: Section) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in section.heading)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in section.rows
    )
    table = f"{_TABLE}{f'<tr>{head}</tr>' if head else ''}{rows}</table>"
    return f"<details open><summary>{escape(section.title)}</summary>{table}</details>"
