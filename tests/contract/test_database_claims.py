"""Claims on every database: kept with what they claim, and of two at once only one creates."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.clock import MemoryClock
from core.bootstrap import bundle
from core.domain.claims import Claim, Once
from core.ports import Database
from tests.builders import ADMIN, settings

AT = datetime(2026, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC)


def claim(request: str = "r") -> Claim:
    return Claim(id="c", request=request, subject="iris", expires_at=AT + timedelta(days=999))


def test_a_claim_is_kept_and_can_be_replaced(database: Database) -> None:
    database.transaction(lambda stores: stores.claims.put(claim("first")))
    database.transaction(lambda stores: stores.claims.put(claim("second")))

    assert database.claims.get("c") == claim("second")
    assert database.claims.get("d") is None


def test_a_transaction_that_fails_claims_nothing(database: Database) -> None:
    def work(stores: object) -> None:
        stores.claims.put(claim())  # type: ignore[attr-defined]
        raise ValueError("given up")

    with pytest.raises(ValueError, match="given up"):
        database.transaction(work)

    assert database.claims.get("c") is None


def test_of_many_at_once_one_creates_and_all_get_it(database: Database) -> None:
    clock = MemoryClock(datetime.now(UTC).replace(microsecond=0))
    nobody: object = None
    registry = bundle(settings(), database, MemoryBlobStore(clock=clock), nobody, clock)  # type: ignore[arg-type]
    registry.namespaces.create(ADMIN, "default", {})
    once = Once.of(ADMIN.principal.name, "key", "POST /models", b"{}")
    by = replace(ADMIN, once=once)

    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: registry.models.register(by, "default", "iris", {}), range(16))
        )

    assert {model.id for model in made} == {made[0].id}
