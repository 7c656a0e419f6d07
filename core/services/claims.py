"""What makes a creation safe to repeat: two steps of the transaction that creates."""

from datetime import datetime
from typing import TypeVar

from core.domain.access import Caller
from core.domain.claims import LIFETIME, Claim
from core.domain.records import record, restore
from core.errors import Invalid
from core.ports import Stores

E = TypeVar("E")


def created_before(stores: Stores, caller: Caller, kind: type[E], at: datetime) -> E | None:
    """What an earlier try under the caller's key created, as it was then; None for a first try.

    Raises `Invalid` if the key was used for something else within the last 24 hours.
    """
    attempt = caller.attempt
    if attempt is None:
        return None
    claim = stores.claims.get(attempt.claim_id(caller.principal.name))
    if claim is None or claim.expires_at <= at:
        return None
    if (claim.operation, claim.digest) != (attempt.operation, attempt.digest):
        what = "body" if claim.operation == attempt.operation else "operation"
        raise Invalid(
            f"This idempotency key was used before, with another {what}.",
            next_step="Repeat the first request exactly, or use a new key for a new one.",
        )
    attempt.is_repeat = True
    return restore(kind, claim.after)


def remember(stores: Stores, caller: Caller, created: object, at: datetime) -> None:
    """Note under the caller's key, if there is one, what this try created."""
    attempt = caller.attempt
    if attempt is not None:
        claim = Claim(
            id=attempt.claim_id(caller.principal.name),
            operation=attempt.operation,
            digest=attempt.digest,
            after=record(created),
            expires_at=at + LIFETIME,
        )
        stores.claims.put(claim)
