"""The ways in which a model or a version can be kept."""

from enum import StrEnum


class Retention(StrEnum):
    """Archived is out of lists, deleted out of reach but not yet gone, purged a name alone."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"
    PURGED = "purged"


READABLE = frozenset({Retention.ACTIVE, Retention.ARCHIVED})


class Shown(StrEnum):
    """What a list holds: what is active; the archived too; the deleted and purged too."""

    LISTED = "listed"
    READABLE = "readable"
    EVERYTHING = "everything"

    def holds(self, retention: Retention) -> bool:
        """Whether something that is kept this way belongs in the list."""
        if self is Shown.LISTED:
            return retention is Retention.ACTIVE
        return self is Shown.EVERYTHING or retention in READABLE
