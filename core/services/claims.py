"""Creating what a caller with an idempotency key asks for once, however often he asks."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from core.domain.access import Caller
from core.domain.claims import KEPT, Claim
from core.errors import Invalid
from core.ports import Database, Stores

E = TypeVar("E")


def create_once(
    database: Database,
    caller: Caller,
    at: datetime,
    create: Callable[[Stores], E],
    *,
    name: Callable[[E], str],
    find: Callable[[Stores, str], E],
) -> E:
    """What `create` makes in a transaction; for a key that has made something, that thing.

    The claim is written with the creation, so neither is ever there without the other; what is
    refused leaves none. `name` is how `find` finds it again. Raises `Invalid` for a key that was
    used for another request, and whatever the two raise.
    """
    once = caller.once

    def work(stores: Stores) -> E:
        if once is None:
            return create(stores)
        claim = stores.claims.get(once.id)
        if claim is not None and claim.expires_at > at:
            if claim.request != once.request:
                raise Invalid(
                    "This Idempotency-Key was used for another request.",
                    next_step="Send a fresh key with each new creation.",
                )
            return find(stores, claim.subject)
        created = create(stores)
        stores.claims.put(
            Claim(id=once.id, request=once.request, subject=name(created), expires_at=at + KEPT)
        )
        return created

    return database.transaction(work)
