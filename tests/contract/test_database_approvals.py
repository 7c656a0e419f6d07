"""Approvals in every database: one standing request for each transition of a version."""

from dataclasses import replace

import pytest

from core.domain.approvals import ApprovalState, Comment, Decision, Verdict
from core.domain.decisions import settled, withdrawn
from core.domain.events import event_id
from core.errors import Stale, Taken
from core.ports import Database
from tests.contract.entities import NOW, approval, commit, later, store

DECISION = Decision(
    by="subject:dev:carol",
    roles=("approver", "owner"),
    verdict=Verdict.APPROVE,
    digest="sha256:0",
    comment="fine",
    at=later(1),
)


def test_an_approval_comes_back_exactly(database: Database) -> None:
    stored = approval(
        judged={"a.b": "1", "$c": "2"},
        needs={"approver": 2},
        decisions=(DECISION,),
        comments=(Comment(by="subject:dev:bob", text="why\nnot", at=later(2)),),
    )
    store(database, stored)

    assert database.approvals.get("fraud", "1") == stored
    assert database.approvals.get("risk", "1") is None
    assert database.approvals.get("fraud", "2") is None


def test_a_second_standing_request_for_the_same_transition_is_refused(database: Database) -> None:
    store(database, approval("1"))

    with pytest.raises(Taken, match="to 'Production' is taken"):
        store(database, approval("2"))
    store(
        database,
        approval("3", from_stage="Canary"),
        approval("4", to_stage="Archived"),
        approval("5", 2),
        approval("6", model="wine"),
        approval("7", namespace="risk"),
    )

    assert [each.id for each in database.approvals.page("fraud", "iris", 1, before=None, limit=9)]
    assert database.approvals.get("fraud", "2") is None


def test_a_closed_request_makes_room_for_the_next(database: Database) -> None:
    first = approval("1")
    store(database, first)
    closed = withdrawn(first, by="subject:dev:bob", at=later(1))
    commit(database, lambda stores: stores.approvals.replace(closed))

    store(database, approval("2"))

    assert [each.id for each in database.approvals.standing("fraud", "iris", 1, "Production")] == [
        "2"
    ]
    assert database.approvals.get("fraud", "1") == closed


def test_what_is_approved_stands_still(database: Database) -> None:
    store(database, approval("1", state=ApprovalState.APPROVED))

    with pytest.raises(Taken):
        store(database, approval("2"))
    assert len(database.approvals.standing("fraud", "iris", 1, "Production")) == 1


def test_requests_for_a_stage_are_found_from_wherever_they_start(database: Database) -> None:
    store(
        database,
        approval("1"),
        approval("2", from_stage="Canary"),
        approval("3", to_stage="Archived"),
        approval("4", 2),
    )

    found = database.approvals.standing("fraud", "iris", 1, "Production")

    assert [each.id for each in found] == ["2", "1"]


def test_the_requests_of_a_version_are_paged_newest_first(database: Database) -> None:
    ids = sorted(event_id(later(seconds)) for seconds in range(5))
    closed = ApprovalState.REJECTED
    store(database, *(approval(each, state=closed) for each in ids), approval("f", 2))

    first = database.approvals.page("fraud", "iris", 1, before=None, limit=3)
    rest = database.approvals.page("fraud", "iris", 1, before=first[-1].id, limit=3)

    assert [each.id for each in (*first, *rest)] == ids[::-1]


def test_what_waits_in_a_namespace_is_paged_oldest_first(database: Database) -> None:
    store(database, *(approval(str(number), number) for number in range(1, 6)))
    store(database, approval("7", 7, namespace="risk"), approval("0", 9, state=ApprovalState.USED))

    first = database.approvals.waiting("fraud", after=None, limit=3)
    rest = database.approvals.waiting("fraud", after=first[-1].id, limit=3)

    assert [each.id for each in (*first, *rest)] == ["1", "2", "3", "4", "5"]


def test_standing_requests_are_due_from_the_moment_of_their_end(database: Database) -> None:
    soon, later_on, closed = (
        approval("1", 1, expires_at=later(10)),
        approval("2", 2, expires_at=later(5)),
        approval("3", 3, expires_at=later(1), state=ApprovalState.WITHDRAWN),
    )
    store(database, soon, later_on, closed, approval("4", 4))

    assert database.approvals.due(later(4), 9) == []
    assert [each.id for each in database.approvals.due(later(10), 9)] == ["2", "1"]
    assert [each.id for each in database.approvals.due(later(10), 1)] == ["2"]
    expired = settled(later_on, later(10))
    commit(database, lambda stores: stores.approvals.replace(expired))
    assert [each.id for each in database.approvals.due(later(10), 9)] == ["1"]


def test_of_two_changes_of_the_same_revision_one_is_refused(database: Database) -> None:
    first = approval()
    store(database, first)
    second = replace(first, revision=2, updated_at=NOW)
    commit(database, lambda stores: stores.approvals.replace(second))

    with pytest.raises(Stale, match="not at revision 1 any more"):
        commit(database, lambda stores: stores.approvals.replace(second))
