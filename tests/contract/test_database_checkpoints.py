"""What the ports promise of checkpoints and of the audit log, on every implementation."""

from dataclasses import replace
from typing import Any

import pytest

from core.domain.checkpoints import Batch, Checkpoint, batch_of, checkpoint_of
from core.domain.events import Event, SubjectKind
from core.errors import Taken
from core.ports import Database, Stores
from tests.contract.entities import NOW, event, later, model, store


def sealed(number: int, *events: Event) -> tuple[Checkpoint, Batch]:
    batch = batch_of(number, events)
    return checkpoint_of(batch, None, at=NOW, is_all=True, key_id="k"), batch


def add(database: Database, checkpoint: Checkpoint, batch: Batch) -> None:
    database.transaction(lambda stores: stores.checkpoints.add(checkpoint, batch))


def test_there_is_no_checkpoint_at_first(database: Database) -> None:
    assert database.checkpoints.last() is None
    assert database.checkpoints.get(1) is None
    assert database.checkpoints.batch(1) is None
    assert list(database.checkpoints.page(after=None, limit=9)) == []
    assert list(database.checkpoints.reaching("0", "g")) == []


def test_a_checkpoint_and_its_batch_are_read_back(database: Database) -> None:
    checkpoint, batch = sealed(1, *(event(at=later(second)) for second in range(3)))

    add(database, checkpoint, batch)

    assert database.checkpoints.last() == database.checkpoints.get(1) == checkpoint
    assert database.checkpoints.batch(1) == batch


def test_a_number_is_given_once_and_both_are_there_or_neither(database: Database) -> None:
    first, second = sealed(1, event()), sealed(1, event())
    add(database, *first)

    with pytest.raises(Taken):
        add(database, *second)

    def half(stores: Stores) -> None:
        stores.checkpoints.add(*sealed(2, event()))
        raise Taken("on purpose")

    with pytest.raises(Taken):
        database.transaction(half)
    assert database.checkpoints.last() == first[0]
    assert database.checkpoints.batch(1) == first[1]
    assert database.checkpoints.batch(2) is None


def test_checkpoints_are_added_in_transactions_only(database: Database) -> None:
    with pytest.raises(AssertionError):
        database.checkpoints.add(*sealed(1, event()))


def test_checkpoints_are_paged_by_number(database: Database) -> None:
    made = [sealed(number, event(at=later(number))) for number in (1, 2, 3, 10, 11)]
    for each in made:
        add(database, *each)

    first = database.checkpoints.page(after=None, limit=3)
    rest = database.checkpoints.page(after=first[-1].number, limit=9)

    assert [*first, *rest] == [checkpoint for checkpoint, _ in made]
    last = database.checkpoints.last()
    assert last is not None
    assert last.number == 11


def test_that_a_document_is_in_the_store_is_noted(database: Database) -> None:
    checkpoint, batch = sealed(1, event())
    add(database, checkpoint, batch)

    database.checkpoints.publish(1, later(5))

    assert database.checkpoints.last() == replace(checkpoint, published_at=later(5))


def test_batches_that_may_hold_an_event_are_those_that_overlap(database: Database) -> None:
    spans = {1: (0, 10), 2: (5, 20), 3: (30, 40), 4: (0, 50)}
    for number, seconds in spans.items():
        add(database, *sealed(number, *(event(at=later(second)) for second in seconds)))

    def reaching(first: int, last: int) -> list[int]:
        ids = (event(at=later(first)).id, event(at=later(last)).id)
        return sorted(batch.number for batch in database.checkpoints.reaching(*ids))

    assert reaching(7, 8) == [1, 2, 4]
    assert reaching(25, 26) == [4]
    assert reaching(15, 35) == [2, 3, 4]
    assert reaching(60, 70) == []


def test_both_sorts_of_events_are_read_as_one_log(database: Database) -> None:
    changes = [event(at=later(second)) for second in (0, 2, 4)]
    downloads = [event("x", SubjectKind.DOWNLOAD, at=later(second)) for second in (1, 3)]
    store(database, *changes)
    for each in downloads:
        database.audit.note(each)
    log = sorted([*changes, *downloads], key=lambda each: each.id)

    assert list(database.audit.between("", "g", 9)) == log
    assert list(database.audit.between("", "g", 3)) == log[:3]
    assert list(database.audit.between(log[0].id, log[3].id, 9)) == log[1:4]
    assert database.audit.size() == 5


def test_an_event_in_a_transaction_that_came_to_nothing_is_in_no_log(database: Database) -> None:
    def work(stores: Any) -> None:
        stores.models.insert(model())
        stores.events.add(event(after=model()))
        raise Taken("on purpose")

    with pytest.raises(Taken):
        database.transaction(work)
    assert list(database.audit.between("", "g", 9)) == []
