"""Hooks: what an operator lets object to a promotion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from core.domain.gates import Facts


class Hook(Protocol):
    """Asked before a version passes a gate of the rule `hook` with this hook's name."""

    def __call__(self, settings: Mapping[str, Any], facts: Facts) -> str | None:
        """The objection, in words; None or "" if there is none. `settings` are the gate's.

        It is asked again when a promotion is tried again, and must change nothing. If it raises,
        the gate stays closed.
        """
        ...
