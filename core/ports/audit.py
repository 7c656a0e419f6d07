"""What is audited besides changes: refusals and downloads, in a collection of their own."""

from datetime import datetime
from typing import Protocol

from core.domain.events import Event


class AuditStore(Protocol):
    """Events of what changed nothing. They lie apart from the history of things, so that they
    never stand between a question about the past and its answer."""

    def note(self, event: Event) -> None:
        """Store it at once; outside transactions. Raise `Taken` for an id in use."""
        ...

    def count(self, name: str, expires_at: datetime) -> int:
        """Count one more under this name: how many there are now. The count is forgotten some
        time after `expires_at`."""
        ...
