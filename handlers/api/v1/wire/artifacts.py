"""Artifacts as JSON."""

from collections.abc import Mapping
from typing import Any


def artifact(record: Mapping[str, Any]) -> dict[str, Any]:
    """An artifact, as it was registered."""
    return dict(record)
