"""Creations that may be sent again: a key, once used, stands for what it created."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.errors import Invalid

LIFETIME = timedelta(hours=24)
"""How long a key is remembered."""

_KEY = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(slots=True, eq=False)
class Attempt:
    """One try at creating something, under a key that the caller uses again to repeat it.

    `operation` and `digest` say what is tried, so that a key is not used for anything else.
    `is_repeat` turns true when an earlier try turns out to have been carried out: the one thing
    about a request that is learnt on the way, for the answer to say. Raises `Invalid`.
    """

    key: str
    operation: str
    digest: str
    is_repeat: bool = False

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise Invalid(
                f"The idempotency key has {len(self.key)} characters, or some that cannot be"
                " printed.",
                next_step="Send 1 to 255 printable ASCII characters, such as a new UUID.",
            )

    def claim_id(self, principal: str) -> str:
        """Where the claim of this key lies: every principal has keys of its own."""
        return hashlib.sha256(f"{self.key}\0{principal}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that was used: for which `operation` and `digest`, and what was created `after` it.

    `after` is the record of the entity as it was created, like that of its event.
    """

    id: str
    operation: str
    digest: str
    after: Mapping[str, Any]
    expires_at: datetime
