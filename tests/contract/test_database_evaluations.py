"""What the ports promise of evaluations, on every implementation."""

import json
from typing import Any

import pytest

from core.domain.documents import is_same
from core.domain.events import SubjectKind
from core.errors import Taken
from core.ports import Database, Stores
from tests.api.test_documents import CASES
from tests.contract.entities import commit, digest, evaluation, event, later, report, store


def test_an_evaluation_is_found_by_version_and_id_alone(database: Database) -> None:
    made = evaluation(2, evaluated_at=later(1), task="classification", duration_seconds=0.5)
    store(database, made)

    assert database.evaluations.get("fraud", "iris", 2, made.id) == made
    assert database.evaluations.get("fraud", "iris", 1, made.id) is None
    assert database.evaluations.get("fraud", "rose", 2, made.id) is None
    assert database.evaluations.get("other", "iris", 2, made.id) is None
    assert database.evaluations.get("fraud", "iris", 2, "0") is None


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_report_is_stored_exactly(database: Database, case: Any) -> None:
    made = evaluation()
    document = {"metrics": case, "list": [case]}
    commit(database, lambda stores: stores.evaluations.insert(made, report(made, document)))

    found = database.evaluations.report(made.id)

    assert found is not None
    assert is_same(found.document, document)
    assert json.dumps(found.document) == json.dumps(document)
    assert database.evaluations.report("0") is None


def test_a_version_has_a_report_once(database: Database) -> None:
    made = evaluation(digest=f"sha256:{digest('a')}")
    store(database, made, evaluation(2, digest=made.digest))

    assert database.evaluations.same("fraud", "iris", 1, made.digest) == made
    assert database.evaluations.same("fraud", "iris", 3, made.digest) is None
    with pytest.raises(Taken):
        store(database, evaluation(digest=made.digest))


def test_pages_are_of_a_model_a_version_or_a_data_set_and_newest_first(database: Database) -> None:
    made = [
        evaluation(number, dataset, id=f"{at:028x}")
        for at, (number, dataset) in enumerate([(1, "a"), (2, "a"), (1, "b"), (1, "a")])
    ]
    store(database, *made, evaluation(namespace="other"), evaluation(model="rose"))
    page = database.evaluations.page

    assert page("fraud", "iris", before=None, limit=9) == made[::-1]
    assert page("fraud", "iris", before=made[3].id, limit=2) == [made[2], made[1]]
    assert page("fraud", "iris", number=1, before=None, limit=9) == [made[3], made[2], made[0]]
    assert page("fraud", "iris", number=1, before=made[2].id, limit=9) == [made[0]]
    assert page("fraud", "iris", dataset="a", before=None, limit=2) == [made[3], made[1]]
    assert page("fraud", "iris", dataset="a", before=made[1].id, limit=9) == [made[0]]


def test_what_stands_is_the_last_of_each_version_on_each_data_set(database: Database) -> None:
    made = [
        evaluation(number, dataset, id=f"{at:028x}")
        for at, (number, dataset) in enumerate(
            [(1, "a"), (1, "b"), (2, "a"), (1, "a"), (3, "a"), (2, "a")]
        )
    ]
    for each in made:
        store(database, each)
    store(database, evaluation(namespace="other"), evaluation(model="rose"))

    assert database.evaluations.of("fraud", "iris", [2, 1, 2, 9]) == [made[5], made[3], made[1]]
    assert list(database.evaluations.of("fraud", "iris", [])) == []


def test_evaluations_are_written_with_events_in_transactions_only(database: Database) -> None:
    made = evaluation()

    with pytest.raises(AssertionError):
        database.evaluations.insert(made, report(made))
    with pytest.raises(AssertionError):
        database.transaction(lambda stores: stores.evaluations.insert(made, report(made)))

    assert database.evaluations.get("fraud", "iris", 1, made.id) is None
    assert database.evaluations.report(made.id) is None


def test_a_removed_evaluation_is_gone_with_its_report(database: Database) -> None:
    made, kept = evaluation(), evaluation()
    store(database, made, kept)
    gone = event(f"fraud/iris/1/{made.id}", SubjectKind.EVALUATION, before=made, namespace="fraud")

    def remove(stores: Stores) -> None:
        stores.evaluations.remove(made)
        stores.events.add(gone)

    database.transaction(remove)
    database.transaction(lambda stores: stores.evaluations.remove(made))

    assert database.evaluations.page("fraud", "iris", before=None, limit=9) == [kept]
    assert database.evaluations.report(made.id) is None
    assert database.evaluations.report(kept.id) is not None
    with pytest.raises(AssertionError):
        database.transaction(lambda stores: stores.evaluations.remove(kept))
    with pytest.raises(AssertionError):
        database.evaluations.remove(kept)
