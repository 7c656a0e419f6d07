"""The page of an evidence pack: for people, printable, without scripts; every word escaped.

It is well-formed XML as well, so that it can be checked by any parser.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from modelry.evidence.packs import Spool
from modelry.sections import Section, cell_text

MAX_ROWS = 1_000
"""Of one table; the rest is in the member that the table names."""

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color: #16191d; background: #fff; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .4rem;
  border-bottom: 2px solid #16191d; } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid #d5d9de; overflow-wrap: anywhere; }
thead { display: table-header-group; } tr { break-inside: avoid; }
p.note { color: #4b535d; } .present { color: #17612b; } .missing { color: #a01919; }
.partial { color: #855300; } pre { white-space: pre-wrap; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } h2 { break-after: avoid; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class Page:
    """Writes the page from top to bottom, as its parts become known."""

    def __init__(self, spool: Spool, title: str) -> None:
        self._spool = spool
        self._write(
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>\n'
            '<meta name="viewport" content="width=device-width"/>\n'
            f"<title>{shown(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            f"<h1>{shown(title)}</h1>\n"
        )

    def heading(self, text: str, *, note: str = "") -> None:
        """A part of the page."""
        self._write(f"<h2>{shown(text)}</h2>\n")
        if note:
            self.note(note)

    def subheading(self, text: str) -> None:
        """A part of a part."""
        self._write(f"<h3>{shown(text)}</h3>\n")

    def note(self, text: str) -> None:
        """A paragraph beside the facts."""
        self._write(f'<p class="note">{shown(text)}</p>\n')

    def text(self, text: str) -> None:
        """Longer text with its lines."""
        lines = "\n".join(shown(line) for line in text.splitlines())
        self._write(f"<pre>{lines}</pre>\n")

    def fields(self, fields: Mapping[str, Any]) -> None:
        """Names and values, of those that are there."""
        there = [(name, value) for name, value in fields.items() if value not in (None, "", [], {})]
        if there:
            self._rows((), there)

    def table(
        self, heading: Sequence[str], rows: Iterable[Sequence[Any]], *, whole: str = ""
    ) -> int:
        """A table of up to a thousand rows; `whole` is the member with all. Returns how many
        there were."""
        count = 0

        def bounded() -> Iterable[Sequence[Any]]:
            nonlocal count
            for row in rows:
                count += 1
                if count <= MAX_ROWS:
                    yield row

        self._rows(heading, bounded())
        if count > MAX_ROWS:
            self.note(f"The first {MAX_ROWS:,} of {count:,}; all of them are in {whole}.")
        if not count:
            self.note("None.")
        return count

    def section(self, section: Section) -> None:
        """A part of what `modelry show` shows."""
        self.subheading(section.title)
        self._rows(section.heading, section.rows)

    def end(self) -> None:
        """Nothing more comes."""
        self._write("</body>\n</html>\n")

    def _rows(self, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self._write("<table>\n")
        if heading:
            cells = "".join(f"<th>{shown(each)}</th>" for each in heading)
            self._write(f"<thead><tr>{cells}</tr></thead>\n")
        self._write("<tbody>\n")
        for row in rows:
            self._write(f"<tr>{''.join(map(_cell, row))}</tr>\n")
        self._write("</tbody>\n</table>\n")

    def _write(self, text: str) -> None:
        self._spool.write(text.encode())


def shown(value: Any) -> str:
    """One line of text, with nothing in it that HTML or a terminal would take for more."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = "; ".join(value)
    return escape(cell_text(value), quote=True)


def _cell(value: Any) -> str:
    name = value if value in ("present", "missing", "partial") else None
    return f'<td class="{name}">{shown(value)}</td>' if name else f"<td>{shown(value)}</td>"
