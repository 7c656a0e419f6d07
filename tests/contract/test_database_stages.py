"""Versions by stage, and lifecycles, on every implementation of the store."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from core.adapters.memory.clock import MemoryClock
from core.domain.fields import VERSION_FIELDS, bound
from core.domain.lifecycles import Transition, default_lifecycle
from core.domain.orders import bound_orders
from core.domain.retention import Retention
from core.domain.search import Comparison, Exists, In, Not, Operator, Path, Tree
from core.domain.versions import ByNumber, ByStage, VersionState
from core.errors import Conflict, RegistryError, Stale
from core.ports import Database
from core.services.lifecycles import Lifecycles
from core.services.promotions import Promotions
from core.services.rollbacks import Rollbacks
from tests.builders import ADMIN
from tests.contract.entities import commit, lifecycle, model, namespace, store, version

READY = VersionState.READY


def in_stage(database: Database, stage: str | None) -> int | None:
    found = database.versions.find("fraud", "iris", ByStage(stage))
    return None if found is None else found.number


def test_a_stage_names_its_newest_ready_version(database: Database) -> None:
    store(
        database,
        version(1, stage="Staging", state=READY),
        version(2, stage="Staging", state=READY),
        version(3, stage="Staging", state=VersionState.PENDING),
        version(4, stage="Staging", state=READY, retention=Retention.DELETED),
        version(5, stage="staging", state=READY),
        version(6, stage="Staging", state=READY, model="other"),
        version(7, state=READY),
    )

    assert in_stage(database, "Staging") == 2
    assert in_stage(database, None) == 7
    assert in_stage(database, "Production") is None


def test_a_stage_is_searched_for(database: Database) -> None:
    store(database, version(1, stage="Staging"), version(2, stage="Production"), version(3))

    def found(tree: Tree) -> list[int]:
        orders = bound_orders([], VERSION_FIELDS)
        wanted = bound(tree, VERSION_FIELDS)
        rows = database.versions.search(["fraud"], wanted, orders=orders, after=None, limit=9)
        return sorted(each.number for each in rows)

    stage = Path("stage")
    assert found(Comparison(stage, Operator.EQUAL, "Production")) == [2]
    assert found(In(stage, ("Production", "Staging"))) == [1, 2]
    assert found(Not(Exists(stage))) == [3]


def test_versions_are_found_by_their_numbers_at_once(database: Database) -> None:
    store(
        database,
        *(version(number) for number in (1, 2, 3)),
        version(4, retention=Retention.DELETED),
        version(2, model="other"),
    )

    found = database.versions.numbered("fraud", "iris", [4, 1, 3, 9])

    assert [each.number for each in found] == [3, 1]


def test_what_is_in_a_stage_is_found_in_all_models_and_however_it_is_kept(
    database: Database,
) -> None:
    store(
        database,
        version(1, id=7, stage="Staging"),
        version(1, id=5, stage="Staging", model="other", retention=Retention.DELETED),
        version(2, id=6, stage="Production"),
        version(3, id=8, stage="Staging", namespace="elsewhere"),
    )

    assert [each.id for each in database.versions.in_stage("fraud", "Staging", 9)] == [5, 7]
    assert [each.id for each in database.versions.in_stage("fraud", "Staging", 1)] == [5]


def test_a_lifecycle_comes_back_as_it_was_set(database: Database) -> None:
    assert database.lifecycles.get("fraud") is None
    gate = {"rule": "metadata", "schema": {"properties": {"a.b": {"$comment": "$x"}}}}
    way = Transition(from_stage="Staging", to_stage="Production", gates=(gate,))

    store(database, lifecycle())
    second = lifecycle(transitions=(way,), revision=2)
    commit(database, lambda stores: stores.lifecycles.put(second))

    assert database.lifecycles.get("fraud") == second


def test_a_lifecycle_is_pinned_at_its_revision_or_it_is_stale(database: Database) -> None:
    store(database, namespace(), namespace("other", lifecycle_revision=2))

    for name, revision in (("fraud", 0), ("other", 2)):
        commit(database, lambda stores, at=(name, revision): stores.namespaces.pin_lifecycle(*at))
    for name, revision in (("fraud", 1), ("other", 1), ("nobody", 0)):
        with pytest.raises(Stale):
            commit(
                database, lambda stores, at=(name, revision): stores.namespaces.pin_lifecycle(*at)
            )


def stocked(database: Database, *numbers: int, stage: str = "Staging") -> MemoryClock:
    versions = [version(number, stage=stage, state=READY) for number in numbers]
    store(database, namespace(), model(last_version=max(numbers)), *versions)
    return MemoryClock()


def together(*actions: object) -> list[str | None]:
    """What each of them raised, done at once."""
    barrier = Barrier(len(actions))

    def act(action: object) -> str | None:
        barrier.wait()
        try:
            action()
        except RegistryError as error:
            return error.message
        return None

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, actions))


def consistent(database: Database) -> int | None:
    """Who holds Production, as all who know say."""
    found = database.models.get("fraud", "iris")
    assert found is not None
    numbered = database.versions.page("fraud", "iris", before=None, limit=100)
    in_it = [each.number for each in numbered if each.stage == "Production"]
    with_alias = [each.number for each in numbered if "production" in each.aliases]
    assert in_it == with_alias == list(found.stages.values()) == list(found.aliases.values())
    return in_it[0] if in_it else None


@pytest.mark.parametrize("round", range(3))
def test_of_promotions_at_once_to_a_stage_that_holds_one_exactly_one_wins(
    database: Database, round: int
) -> None:
    numbers = (1, 2, 3, 4, 5, 6)
    clock = stocked(database, *numbers)
    promotions = Promotions(database, clock, {})
    surveyed = Barrier(len(numbers))

    class Waiting(Promotions):
        """One that has seen what is there before any other acts on it."""

        def _once(self, caller: object, passage: object, *more: object) -> object:
            surveyed.wait()
            return promotions._once(caller, passage, *more)

    waiting = Waiting(database, clock, {})
    results = together(
        *(
            lambda number=number: waiting.promote(
                ADMIN, "fraud", "iris", ByNumber(number), "Production"
            )
            for number in numbers
        )
    )

    assert results.count(None) == 1
    assert consistent(database) == numbers[results.index(None)]
    assert all("since a moment ago" in each for each in results if each)


def test_the_same_promotion_at_once_is_done_once_and_nobody_is_refused(database: Database) -> None:
    promotions = Promotions(database, stocked(database, 1), {})

    results = together(
        *[lambda: promotions.promote(ADMIN, "fraud", "iris", ByNumber(1), "Production")] * 4
    )

    assert results == [None] * 4
    assert consistent(database) == 1
    found = database.versions.get("fraud", "iris", 1)
    assert found is not None
    assert found.revision == 2


def test_promotions_and_rollbacks_at_once_leave_one_holder(database: Database) -> None:
    clock = stocked(database, 1, 2, 3)
    promotions, rollbacks = Promotions(database, clock, {}), Rollbacks(database, clock, {})
    for number in (1, 2):
        promotions.promote(ADMIN, "fraud", "iris", ByNumber(number), "Production")
        clock.advance(seconds=1)

    results = together(
        lambda: promotions.promote(ADMIN, "fraud", "iris", ByNumber(3), "Production"),
        lambda: rollbacks.stage(ADMIN, "fraud", "iris", "Production", away_from=2),
    )

    assert None in results
    assert consistent(database) in {1, 3}


@pytest.mark.parametrize("round", range(3))
def test_a_stage_is_not_taken_away_while_a_version_enters_it(
    database: Database, round: int
) -> None:
    clock = stocked(database, 1, 2, 3)
    promotions, lifecycles = Promotions(database, clock, {}), Lifecycles(database, clock)
    default = default_lifecycle("fraud")
    stages = tuple(stage for stage in default.stages if stage.name != "Production")
    ways = tuple(
        way for way in default.transitions if "Production" not in {way.from_stage, way.to_stage}
    )

    results = together(
        lambda: promotions.promote(ADMIN, "fraud", "iris", ByNumber(1), "Production"),
        lambda: lifecycles.put(ADMIN, "fraud", stages, ways),
    )

    assert results.count(None) == 1
    assert (consistent(database) == 1) is (results[0] is None)


def test_a_version_that_changes_while_it_is_judged_is_judged_anew(database: Database) -> None:
    clock = stocked(database, 1, 2)
    asked = []

    def meanwhile(settings: object, facts: object) -> None:
        """What the gate saw is not what is there any more, the first time."""
        if not asked:
            promotions = Promotions(database, clock, {})
            promotions.promote(ADMIN, "fraud", "iris", ByNumber(1), "Development")
        asked.append(facts)

    hook = {"rule": "hook", "name": "slow"}
    default = default_lifecycle("fraud")
    ways = tuple(
        replace(way, gates=(hook,)) if way.to_stage == "Production" else way
        for way in default.transitions
    )
    Lifecycles(database, clock).put(ADMIN, "fraud", default.stages, ways)

    with pytest.raises(Conflict, match="no way from Development to Production"):
        Promotions(database, clock, {"slow": meanwhile}).promote(
            ADMIN, "fraud", "iris", ByNumber(1), "Production"
        )

    assert len(asked) == 1
    assert consistent(database) is None


def test_the_newest_version_of_each_stage_is_found(database: Database) -> None:
    stages = [None, "Staging", "Archived", "Staging", None, "Production", None]
    store(
        database,
        *(version(at, stage=stage, state=READY) for at, stage in enumerate(stages, 1)),
        version(8, stage="Staging", state=VersionState.PENDING),
        version(9, stage="Staging", state=READY, retention=Retention.DELETED),
    )

    found = database.versions.newest_in_stages("fraud", "iris")

    newest = {None: 7, "Staging": 4, "Archived": 3, "Production": 6}
    assert {each.stage: each.number for each in found} == newest
    assert list(database.versions.newest_in_stages("fraud", "nothing")) == []
