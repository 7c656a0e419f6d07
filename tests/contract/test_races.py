"""Two who change the same thing at once, through the use cases, on every database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from core.adapters.memory.blobs import MemoryBlobStore
from core.adapters.memory.clock import MemoryClock
from core.adapters.memory.tokens import MemoryTokenVerifier
from core.bootstrap import bundle
from core.domain.access import Role
from core.domain.approvals import ApprovalState, Verdict
from core.domain.pages import PageRequest
from core.domain.versions import ByNumber
from core.errors import RegistryError, Stale
from core.ports import Database
from core.registry import Registry
from tests.builders import ADMIN, caller, evaluation_report, settings

THREADS = 8
PLACE = (ADMIN, "default", "iris")


@pytest.fixture
def registry(database: Database) -> Registry:
    """With as many ready versions of `iris` as there are threads."""
    clock = MemoryClock()
    made = bundle(
        settings(), database, MemoryBlobStore(clock=clock), MemoryTokenVerifier(clock), clock
    )
    made.namespaces.create(ADMIN, "default", {})
    made.models.register(*PLACE, {})
    for number in range(THREADS):
        made.versions.register(*PLACE, {"parameters": {"number": number}})
    return made


def race(work: Callable[[int], Any]) -> list[Any]:
    """What each thread's work returned, or the registry's error."""
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return work(number)
        except RegistryError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(1, THREADS + 1)))


def test_of_many_who_promote_from_what_they_saw_one_does(registry: Registry) -> None:
    seen = registry.models.get(*PLACE).revision

    results = race(
        lambda number: registry.aliases.point(
            *PLACE, "champion", ByNumber(number), expected_revision=seen
        )
    )

    winners = [result for result in results if not isinstance(result, RegistryError)]
    assert len(winners) == 1
    assert all(isinstance(result, Stale) for result in results if result not in winners)
    assert champions(registry) == [winners[0].version]


def test_many_who_promote_whatever_is_there_leave_one_champion(registry: Registry) -> None:
    results = race(lambda number: registry.aliases.point(*PLACE, "champion", ByNumber(number)))

    assert not [result for result in results if isinstance(result, RegistryError)]
    (champion,) = champions(registry)
    assert registry.models.get(*PLACE).aliases == {"champion": champion}


def test_many_who_register_at_once_get_numbers_without_a_gap(registry: Registry) -> None:
    results = race(
        lambda number: registry.versions.register(*PLACE, {"parameters": {"other": number}})
    )

    numbers = sorted(result.version.number for result in results)
    assert numbers == list(range(THREADS + 1, 2 * THREADS + 1))
    assert len({result.version.version for result in results}) == THREADS


def test_of_many_who_describe_the_revision_they_read_one_does(registry: Registry) -> None:
    results = race(
        lambda number: registry.versions.update(
            *PLACE, ByNumber(1), {"owner": str(number)}, expected_revision=1
        )
    )

    winners = [result for result in results if not isinstance(result, RegistryError)]
    assert len(winners) == 1
    assert all(isinstance(result, Stale) for result in results if result not in winners)
    assert registry.versions.get(*PLACE, ByNumber(1)) == winners[0]


def champions(registry: Registry) -> list[int]:
    """The versions that say of themselves that they are `@champion`."""
    found = registry.database.versions.page("default", "iris", before=None, limit=99)
    return [version.number for version in found if "champion" in version.aliases]


def test_of_many_who_register_one_report_one_does(registry: Registry) -> None:
    report = evaluation_report()

    results = race(lambda _: registry.evaluations.register(*PLACE, ByNumber(1), report))

    assert sorted(each.is_new for each in results) == [False] * (THREADS - 1) + [True]
    assert len({each.evaluation.id for each in results}) == 1


def test_many_who_evaluate_on_one_data_set_all_do_and_one_stands(registry: Registry) -> None:
    results = race(
        lambda number: registry.evaluations.register(
            *PLACE, ByNumber(1), evaluation_report(notes=f"{number}")
        )
    )
    registry.evaluations.register(*PLACE, ByNumber(1), evaluation_report(notes="last"))

    standing = registry.database.evaluations.of("default", "iris", [1])

    assert all(each.is_new for each in results)
    assert len(standing) == 1
    assert len(registry.evaluations.page(*PLACE, PageRequest(50)).items) == THREADS + 1


def test_of_many_who_ask_for_the_same_approval_one_does_and_all_get_it(registry: Registry) -> None:
    results = race(lambda number: registry.approvals.request(*PLACE, 1, to_stage="Staging"))

    assert len({each.approval.id for each in results}) == 1
    assert [each.is_new for each in results].count(True) == 1


def test_no_decision_of_many_at_once_is_lost(registry: Registry) -> None:
    asked = registry.approvals.request(*PLACE, 1, to_stage="Staging").approval

    def approve(number: int) -> Any:
        by = caller(("default", Role.APPROVER), subject=f"approver-{number}")
        return registry.decisions.decide(
            by, "default", "iris", asked.id, Verdict.APPROVE, digest=asked.digest
        )

    results = race(approve)

    assert not [each for each in results if isinstance(each, RegistryError)]
    decided = registry.approvals.get(*PLACE, asked.id).approval
    assert len({each.by for each in decided.decisions}) == THREADS


def test_of_an_approval_and_a_rejection_at_once_the_rejection_is_the_end(
    registry: Registry,
) -> None:
    asked = registry.approvals.request(*PLACE, 1, to_stage="Staging").approval

    def decide(number: int) -> Any:
        by = caller(("default", Role.APPROVER), subject=f"approver-{number}")
        verdict = Verdict.REJECT if number == 1 else Verdict.APPROVE
        return registry.decisions.decide(
            by, "default", "iris", asked.id, verdict, digest=asked.digest
        )

    race(decide)

    decided = registry.approvals.get(*PLACE, asked.id).approval
    assert decided.state is ApprovalState.REJECTED
    assert decided.decisions[-1].verdict is Verdict.REJECT
