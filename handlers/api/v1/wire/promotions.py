"""Promotions as JSON."""

from typing import Any

from core.services.crossings import Crossing
from handlers.api.v1.wire.common import Body
from handlers.api.v1.wire.versions import model_version


class NewPromotion(Body):
    """The stage to bring a version to; with `dry_run` its gates are judged and nothing moves."""

    to: str
    dry_run: bool = False


def crossing(entity: Crossing) -> dict[str, Any]:
    """What came of it: the verdict of each gate, and the version as it is now."""
    return {
        "moved": entity.has_moved,
        "open": entity.is_open,
        "from": entity.from_stage,
        "to": entity.to_stage,
        "displaced": entity.displaced,
        "digest": entity.digest,
        "verdicts": [
            {
                "rule": each.rule,
                "requirement": each.requirement,
                "passed": each.passed,
                "why": each.why,
            }
            for each in entity.verdicts
        ],
        "version": model_version(entity.version),
    }
