"""The audit log: changes, and in a collection of their own refusals and downloads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.events import Event
    from core.domain.selection import Selection


class AuditStore(Protocol):
    """All events, of what changed and of what changed nothing. The latter lie apart from the
    history of things, so that they never stand between a question about the past and its answer."""

    def between(self, after: str, until: str, limit: int) -> Sequence[Event]:
        """Events of both sorts, changes and what changed nothing, with ids above `after` and up to
        `until`, ascending; of all namespaces."""
        ...

    def page(
        self,
        selection: Selection,
        *,
        position: str | None,
        oldest_first: bool,
        at: datetime,
        limit: int,
    ) -> Sequence[Event]:
        """What is selected of both sorts, by id, behind the position. `at` is the present, near
        which the newest are looked for."""
        ...

    def get(self, event_id: str) -> Event | None: ...

    def size(self) -> int:
        """About how many events of both sorts there are, at no cost; never more than there are
        once those that are being written are."""
        ...

    def note(self, event: Event) -> None:
        """Store it at once; outside transactions. Raise `Taken` for an id in use."""
        ...

    def count(self, name: str, expires_at: datetime) -> int:
        """Count one more under this name: how many there are now. The count is forgotten some
        time after `expires_at`."""
        ...
