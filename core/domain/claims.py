"""Idempotency keys: a creation that is sent twice happens once.

As the IETF's draft on the `Idempotency-Key` header field has it.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Invalid

KEPT = timedelta(hours=24)

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Once:
    """What a request says of itself: whose key it bears, and which request it is.

    Both are SHA-256 in hex: `id` over principal and key, so that nobody meets another's keys,
    `request` over the operation and the body.
    """

    id: str
    request: str

    @classmethod
    def of(cls, principal: str, key: str, operation: str, body: bytes) -> "Once":
        """Raises `Invalid` for a key that is none."""
        if not _KEY.fullmatch(key):
            raise Invalid(
                "The Idempotency-Key is not 1 to 255 printable ASCII characters without spaces.",
                next_step="Send a fresh UUID with each new creation, and the same with a retry.",
            )
        return cls(_digest(principal.encode(), key.encode()), _digest(operation.encode(), body))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A key that was used: for which request, what was created, and until when that counts."""

    id: str
    request: str
    subject: str
    expires_at: datetime


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()
