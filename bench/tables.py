"""Results as text: Markdown tables, so that they can be pasted where they are quoted."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, its columns as wide as their widest cell; numbers to the right."""
    cells = [[str(cell) for cell in row] for row in (columns, *rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    head, *body = (_line(row, widths) for row in cells)
    rule = "|".join("-" * (width + 2) for width in [widths[0]])
    rule = "|".join([rule, *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([head, f"|{rule}|", *body])


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(row, widths, strict=True)
    cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(cells)} |"
