"""Secrets that have to be read again, kept where whoever reads the database learns nothing."""

from typing import Protocol


class Vault(Protocol):
    """Locks texts under a key that the database never has."""

    @property
    def locks(self) -> bool:
        """Whether there is a key."""
        ...

    def lock(self, text: str, context: str) -> str:
        """The text, locked; only the same `context` opens it."""
        ...

    def open(self, locked: str, context: str) -> str:
        """The text. Raise `Unavailable` if its key is not among those of the settings, `Invalid`
        if it was altered or belongs to another context."""
        ...
