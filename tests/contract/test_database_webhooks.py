"""Webhooks, their deliveries, and what the relay reads of events, on every implementation."""

import pytest

from core.domain.deliveries import DeliveryState
from core.errors import Stale
from core.ports import Database
from tests.contract.entities import (
    commit,
    cursor,
    delivery,
    event,
    later,
    store,
    webhook,
)


def test_a_webhook_comes_back_with_what_is_kept_of_its_secrets(database: Database) -> None:
    made = webhook(events=("version.*", "alias.set"), former_secret_until=later(9))
    commit(database, lambda stores: stores.webhooks.insert(made, "locked"))

    assert database.webhooks.get("fraud", "1") == made
    assert database.webhooks.get("other", "1") is None
    assert database.webhooks.kept("1") == (made, "locked")
    assert database.webhooks.kept("2") is None


def test_a_webhook_is_replaced_by_its_next_revision_alone_and_removed(database: Database) -> None:
    store(database, webhook())
    after = webhook(name="other", revision=2)

    commit(database, lambda stores: stores.webhooks.replace(after, "new"))

    assert database.webhooks.kept("1") == (after, "new")
    with pytest.raises(Stale):
        commit(database, lambda stores: stores.webhooks.replace(after, "new"))

    def remove(stores: object) -> None:
        stores.webhooks.remove(after)  # type: ignore[attr-defined]  # the stores of a transaction
        stores.events.add(event("fraud 1", "webhook", revision=3))  # type: ignore[attr-defined]  # as above

    database.transaction(remove)
    assert database.webhooks.get("fraud", "1") is None


def test_webhooks_are_paged_by_id_within_their_namespace(database: Database) -> None:
    store(database, *(webhook(key) for key in ("3", "1", "2")), webhook("4", namespace="other"))

    page = database.webhooks.page("fraud", after="1", limit=9)

    assert [each.id for each in page] == ["2", "3"]
    assert len(database.webhooks.page("fraud", after=None, limit=2)) == 2


def test_of_two_relays_that_move_a_cursor_one_fails(database: Database) -> None:
    database.transaction(lambda stores: stores.deliveries.begin(cursor()))
    moved = cursor(version=2, leased_until=later(60), floor="f")

    database.transaction(lambda stores: stores.deliveries.move(moved))

    assert database.deliveries.cursor("1") == moved
    with pytest.raises(Stale):
        database.transaction(lambda stores: stores.deliveries.move(moved))
    database.transaction(lambda stores: stores.deliveries.end("1"))
    with pytest.raises(Stale):
        database.transaction(lambda stores: stores.deliveries.move(cursor(version=3)))
    assert database.deliveries.cursor("1") is None


def test_what_a_relay_that_lost_its_cursor_records_is_not_recorded(database: Database) -> None:
    database.transaction(lambda stores: stores.deliveries.begin(cursor(version=5)))

    def work(stores: object) -> None:
        stores.deliveries.record([delivery()])  # type: ignore[attr-defined]  # as above
        stores.deliveries.move(cursor(version=5))  # type: ignore[attr-defined]  # as above

    with pytest.raises(Stale):
        database.transaction(work)

    assert database.deliveries.get("1", "e1") is None


def test_cursors_are_due_in_the_order_in_which_they_became_so(database: Database) -> None:
    cursors = [
        cursor("a", due_at=later(3)),
        cursor("b", due_at=later(1)),
        cursor("c", due_at=later(9)),
        cursor("d", due_at=later(2), active=False),
    ]
    for each in cursors:
        database.transaction(lambda stores, each=each: stores.deliveries.begin(each))

    assert [each.webhook_id for each in database.deliveries.due(later(5), 9)] == ["b", "a"]
    assert [each.webhook_id for each in database.deliveries.due(later(5), 1)] == ["b"]


def test_a_delivery_is_recorded_in_place_of_what_there_was(database: Database) -> None:
    database.transaction(lambda stores: stores.deliveries.record([delivery(), delivery("e2")]))
    after = delivery(state=DeliveryState.DELIVERED, attempts=1, status=204, duration_ms=7)

    database.transaction(lambda stores: stores.deliveries.record([after]))
    database.transaction(lambda stores: stores.deliveries.record([]))

    found = database.deliveries.get("1", "e1")
    assert found is not None
    assert (found.state, found.attempts, found.status) == (DeliveryState.DELIVERED, 1, 204)
    assert database.deliveries.known("1", ["e1", "e2", "e3"]) == {"e1", "e2"}
    assert database.deliveries.known("2", ["e1"]) == set()
    assert database.deliveries.known("1", []) == set()


def test_deliveries_are_paged_by_state_the_newest_first_and_waiting_ones_the_oldest_first(
    database: Database,
) -> None:
    dead = DeliveryState.DEAD
    some = [delivery("e1"), delivery("e2", state=dead), delivery("e3"), delivery("e4", state=dead)]
    database.transaction(
        lambda stores: stores.deliveries.record([*some, delivery("e9", webhook_id="2")])
    )
    page = database.deliveries.page

    assert [each.event_id for each in database.deliveries.waiting("1", 9)] == ["e1", "e3"]
    every = page("1", state=None, before=None, limit=9)
    assert [each.event_id for each in every] == ["e4", "e3", "e2", "e1"]
    found = page("1", state=dead, before="e4", limit=9)
    assert [each.event_id for each in found] == ["e2"]


def test_what_happened_since_is_read_by_ids(database: Database) -> None:
    events = [event(f"fraud/m{number}", at=later(100 * number)) for number in range(5)]
    store(database, *events, event("other/x", namespace="other"))
    ids = [each.id for each in events]
    since = database.events.ids

    assert list(since("fraud", after=ids[1], until=None, limit=9)) == ids[2:]
    assert list(since("fraud", after=ids[1], until=ids[3], limit=9)) == ids[2:4]
    assert list(since("fraud", after=ids[0], until=None, limit=2)) == ids[1:3]
    assert list(since("fraud", after="", until=None, limit=9)) == ids
    assert list(since("fraud", after=ids[4], until=None, limit=9)) == []
    assert [each.id for each in database.events.with_ids([ids[3], ids[1], "0"])] == [ids[1], ids[3]]
    assert list(database.events.with_ids([])) == []
