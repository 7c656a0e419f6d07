"""How something is kept, as derived fields: each list is then an equality that an index has."""

from typing import Any

from core.domain.retention import READABLE, Retention, Shown

OUT: dict[str, Any] = {"listed": False, "readable": False}
"""What is derived of all that goes out of lists with what it belongs to."""

BACK: dict[str, Any] = {
    "listed": {"$eq": ["$state", Retention.ACTIVE.value]},
    "readable": {"$in": ["$state", [retention.value for retention in READABLE]]},
}
"""What is derived of it once it comes back, as it was."""


def kept(retention: Retention, *, is_held: bool) -> dict[str, Any]:
    """The derived fields: in lists, within reach, waiting to be purged (not on legal hold)."""
    return {
        "listed": Shown.LISTED.holds(retention),
        "readable": Shown.READABLE.holds(retention),
        "purges": retention is Retention.DELETED and not is_held,
    }


def showing(shown: Shown) -> dict[str, Any]:
    """The condition under which a document is in the list."""
    return {} if shown is Shown.EVERYTHING else {shown.value: True}
