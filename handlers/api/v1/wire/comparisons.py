"""Comparisons as JSON."""

from typing import Any

from core.domain.comparison import Cell, Row
from core.services.comparisons import Comparison


def comparison(entity: Comparison, *, everything: bool) -> dict[str, Any]:
    """The versions in the order asked for, and a row for each thing that differs."""
    return {
        "versions": [
            {
                "namespace": version.namespace,
                "model": version.model,
                "number": version.number,
                "version": version.version,
                "state": version.state,
                "aliases": version.aliases,
                "digest": version.digest,
                "created_at": version.created_at,
            }
            for version in entity.versions
        ],
        "rows": [compared_row(row) for row in entity.rows if everything or row.differs],
    }


def compared_row(row: Row) -> dict[str, Any]:
    """One thing compared."""
    return {
        "section": row.section,
        "name": row.name,
        "direction": row.direction,
        "best": row.best,
        "cells": [None if cell is None else _cell(cell) for cell in row.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"value": cell.value, "delta": cell.delta, "relative": cell.relative}
