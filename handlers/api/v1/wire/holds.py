"""Legal holds as JSON."""

from typing import Any

from core.domain.holds import Hold
from handlers.api.v1.wire.common import Body


class NewHold(Body):
    """A legal hold to set: the matter it is for, and why."""

    reference: str
    reason: str


def hold(entity: Hold) -> dict[str, Any]:
    """A legal hold, and who set it when."""
    return {
        "reference": entity.reference,
        "reason": entity.reason,
        "by": entity.by,
        "at": entity.at,
    }
