"""Serve records: what was seen of a deployment, one append-only note after another."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.domain.common import Described, check_common
from core.domain.names import MAX_NAME_CHARACTERS, check_text
from core.errors import Invalid

MAX_MESSAGE_CHARACTERS = 4_096
MAX_SHARES = 20


class ServeState(StrEnum):
    """What a version is doing in an environment, as far as is known."""

    UNKNOWN = "unknown"
    NEW = "new"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    CACHED = "cached"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeRecord(Described):
    """`number`, a version of the deployment's model, was seen to be in `state`.

    `traffic`, if it is known, is the whole of it: versions by number, shares in percent. It never
    changes, so that it has no event of its own: that of the deployment tells of it.
    """

    id: int
    namespace: str
    deployment_id: int
    name: str
    model: str
    number: int
    version_id: int
    state: ServeState = ServeState.UNKNOWN
    traffic: Mapping[str, int] = field(default_factory=dict)
    endpoint: str | None = None
    message: str = ""

    def __post_init__(self) -> None:
        check_text("name of the serve record", self.name, max_characters=MAX_NAME_CHARACTERS)
        check_common(self)
        check_traffic(self.traffic)
        if self.message:
            lines = self.message.replace("\n", " ").replace("\t", " ")
            check_text("message", lines, max_characters=MAX_MESSAGE_CHARACTERS)


def check_traffic(traffic: Mapping[str, Any]) -> None:
    """Hold shares to the rules: numbers of versions, 1 to 100 each, 100 together. Raises
    `Invalid`."""
    shares = list(traffic.values())
    fits = all(
        name.isascii() and name.isdigit() and len(name) < 10 and name[0] != "0" for name in traffic
    ) and all(isinstance(share, int) and 1 <= share <= 100 for share in shares)
    if traffic and (not fits or sum(shares) != 100 or len(shares) > MAX_SHARES):
        raise Invalid(
            "The traffic is not shared out among versions.",
            next_step=f"Give the shares of at most {MAX_SHARES} versions, in whole percent, by"
            ' number, together 100: {"3": 90, "4": 10}.',
        )
