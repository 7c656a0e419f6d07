"""Hooks: what an operator lets object to a change, and what is told of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from core.domain.events import Event
    from core.domain.files import File
    from core.domain.gates import Facts


class Hook(Protocol):
    """Asked before a version passes a gate of the rule `hook` with this hook's name."""

    def __call__(self, settings: Mapping[str, Any], facts: Facts) -> str | None:
        """The objection, in words; None or "" if there is none. `settings` are the gate's.

        It is asked again when a promotion is tried again, and must change nothing. If it raises,
        the gate stays closed.
        """
        ...


class ChangeHooks(Protocol):
    """Asked before changes, and told of them when they are done.

    `files` are those that a change declares: none unless it registers a version.
    """

    def is_asked(self, event: Event) -> bool:
        """Whether anybody is to be asked before the change that this event would tell of."""
        ...

    def ask(self, event: Event, files: Sequence[File]) -> None:
        """Return if nobody objects. Raise `Forbidden` if somebody does, and `Unavailable` if
        somebody who is asked does not answer."""
        ...

    def tell(self, event: Event, files: Sequence[File]) -> None:
        """Tell of a change that is stored. Never raises."""
        ...
