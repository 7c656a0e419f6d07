"""What the ports promise of the past, of what is archived, and of what is deleted."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from core.adapters.mongo.database import MongoDatabase
from core.domain.events import SubjectKind
from core.domain.retention import Retention, Shown
from core.domain.subjects import event_of, model_subject
from core.domain.versions import ByAlias, ByDigest, ByNumber, Latest, VersionState
from core.ports import Database, Stores
from tests.contract.entities import (
    TEST,
    commit,
    event,
    file,
    later,
    model,
    store,
    version,
)

IRIS = model_subject("fraud", "iris")


def test_the_last_event_up_to_a_moment_is_found(database: Database) -> None:
    told = [event(at=later(seconds)) for seconds in (10, 20, 30)]
    store(database, *told, event("fraud/other", at=later(25)), event(namespace="other"))

    assert database.events.last(IRIS, at=later(9)) is None
    assert database.events.last(IRIS, at=later(10)) == told[0]
    assert database.events.last(IRIS, at=later(29)) == told[1]
    assert database.events.last(IRIS, at=later(99)) == told[2]
    assert database.events.last(IRIS) == told[2]


def test_looking_back_in_steps_finds_the_same(mongodb_uri: str, database_name: str) -> None:
    stepping = MongoDatabase.connect(mongodb_uri, database_name, walks_indexes=False)
    stepping.prepare()
    seconds = [0, 1, 8, 9, 300, 10_000, 10**6, 10**8]
    told = [event(at=later(each)) for each in seconds]
    store(stepping, *told, event("fraud/other", at=later(7)))
    walking = MongoDatabase.connect(mongodb_uri, database_name)

    for each in (*seconds, *(number - 1 for number in seconds), 10**9):
        at = later(each)
        found = stepping.events.last(IRIS, at=at)
        assert found == walking.events.last(IRIS, at=at)
        assert found == next((past for past in reversed(told) if past.at <= at), None)
        assert stepping.events.last_of_each([IRIS], at=at) == ([found] if found else [])
    stepping.close()
    walking.close()


def test_changes_within_one_millisecond_are_told_in_the_order_of_revisions(
    database: Database,
) -> None:
    revisions = [replace(model(), id=1, revision=number) for number in range(1, 40)]
    events = [event_of(TEST, "test", at=later(1), after=each) for each in revisions]
    store(database, *reversed(events))

    found = database.events.page("fraud", before=None, limit=99)

    assert [each.revision for each in found] == list(range(39, 0, -1))
    assert database.events.last(IRIS, at=later(1)) == events[-1]


def test_the_states_of_several_subjects_are_found_at_once(database: Database) -> None:
    old = [event(f"fraud/m{number}", at=later(number), after=model()) for number in range(5)]
    store(database, *old, event("fraud/m3", at=later(60), after=model()))
    subjects = [model_subject("fraud", f"m{number}") for number in (1, 3, 4, 9)]

    found = database.events.last_of_each(subjects, at=later(3))

    assert sorted(found, key=lambda each: each.subject) == [old[1], old[3]]
    assert list(database.events.last_of_each([], at=later(3))) == []


def test_a_page_of_a_moment_leaves_out_what_was_gone_then(database: Database) -> None:
    there = [event(f"fraud/m{number}", at=later(1), after=model()) for number in range(4)]
    gone, back = event("fraud/m1", at=later(2)), event("fraud/m1", at=later(3), after=model())
    store(database, *there, gone, back, event("fraud/m2", SubjectKind.ALIAS, after=model()))

    def page(at: int, after: str | None = None, limit: int = 9) -> list[Any]:
        found = database.events.last_in(
            "fraud", SubjectKind.MODEL, at=later(at), after=after, limit=limit
        )
        return list(found)

    assert page(0) == []
    assert page(1) == there
    assert page(2) == [there[0], there[2], there[3]]
    assert page(3, limit=2) == [there[0], back]
    assert page(3, after="fraud/m1", limit=1) == [there[2]]


def kept(database: Database, shown: Shown) -> list[str]:
    return [each.name for each in database.models.page("fraud", after=None, limit=9, shown=shown)]


def test_lists_hold_what_they_are_asked_for(database: Database) -> None:
    store(database, *(model(f"a-{retention}", state=retention) for retention in Retention))
    store(database, *(version(n, retention=r) for n, r in enumerate(Retention, 1)))

    def numbers(shown: Shown) -> list[int]:
        page = database.versions.page("fraud", "iris", before=None, limit=9, shown=shown)
        return [each.number for each in page]

    assert kept(database, Shown.LISTED) == ["a-active"]
    assert kept(database, Shown.READABLE) == ["a-active", "a-archived"]
    assert len(kept(database, Shown.EVERYTHING)) == 4
    assert numbers(Shown.LISTED) == [1]
    assert numbers(Shown.READABLE) == [2, 1]
    assert numbers(Shown.EVERYTHING) == [4, 3, 2, 1]


def test_a_deleted_version_is_found_by_get_alone(database: Database) -> None:
    fields: dict[str, Any] = {"state": VersionState.READY, "digest": "sha256:0"}
    active, archived = version(1, **fields), version(2, retention=Retention.ARCHIVED, **fields)
    deleted = version(3, retention=Retention.DELETED, aliases=("a",), **fields)
    store(database, active, archived, deleted)
    find = database.versions.find

    assert find("fraud", "iris", ByNumber(3)) is None
    assert find("fraud", "iris", ByAlias("a")) is None
    assert find("fraud", "iris", ByNumber(2)) == archived
    assert find("fraud", "iris", ByDigest("sha256:0")) == archived
    assert find("fraud", "iris", Latest()) == active
    assert database.versions.get("fraud", "iris", 3) == deleted
    assert database.versions.get("fraud", "iris", 4) is None


def test_withdrawn_versions_are_out_of_reach_until_they_are_readmitted(database: Database) -> None:
    ready = version(1, state=VersionState.READY, aliases=("a",), digest="sha256:0")
    pending = version(2, digest="sha256:1", upload_expires_at=later(1))
    archived = version(3, state=VersionState.READY, retention=Retention.ARCHIVED)
    deleted = version(4, state=VersionState.READY, retention=Retention.DELETED)
    other = version(1, model="other", state=VersionState.READY)
    store(database, ready, pending, archived, deleted, other)

    def seen() -> list[Any]:
        versions = database.versions
        by = (ByNumber(1), ByAlias("a"), ByDigest("sha256:0"), Latest(), ByNumber(3), ByNumber(4))
        return [
            [versions.find("fraud", "iris", reference) for reference in by],
            list(versions.page("fraud", "iris", before=None, limit=9)),
            list(versions.page("fraud", "iris", before=None, limit=9, shown=Shown.READABLE)),
            list(versions.pending("fraud", "iris", "sha256:1")),
            list(versions.expired(later(2), 9)),
        ]

    before = seen()
    commit(database, lambda stores: stores.versions.withdraw("fraud", "iris"))
    withdrawn = seen()
    commit(database, lambda stores: stores.versions.readmit("fraud", "iris"))

    assert withdrawn == [[None] * 6, [], [], [], []]
    assert before == seen()
    assert before[0] == [ready, ready, ready, ready, archived, None]
    assert before[3:] == [[pending], [pending]]
    assert database.versions.get("fraud", "iris", 1) == ready
    assert database.versions.find("fraud", "other", Latest()) == other


def test_a_withdrawal_that_raises_is_none(database: Database) -> None:
    ready = version(1, state=VersionState.READY)
    store(database, ready)

    def work(stores: Stores) -> None:
        stores.versions.withdraw("fraud", "iris")
        assert stores.versions.find("fraud", "iris", ByNumber(1)) is None
        raise KeyError

    with suppress(KeyError):
        database.transaction(work)

    assert database.versions.find("fraud", "iris", ByNumber(1)) == ready


def test_what_is_due_is_oldest_first(database: Database) -> None:
    deleted = {"state": Retention.DELETED}
    models = [model(f"m{n}", purge_at=later(n), **deleted) for n in (3, 1, 2, 9)]
    versions = [version(n, retention=Retention.DELETED, purge_at=later(n)) for n in (3, 1, 2, 9)]
    store(database, *models, *versions, model("active"), version(20))

    assert [each.name for each in database.models.due(later(9), 2)] == ["m1", "m2"]
    assert [each.number for each in database.versions.due(later(9), 9)] == [1, 2, 3]


def test_removed_files_are_gone_and_no_others(database: Database) -> None:
    store(database, file("a"), file("b"), file("c"), file("a", version_id=2))

    database.files.remove(1, ["a", "c", "never"])

    assert [each.path for each in database.files.page(1, after=None, limit=9)] == ["b"]
    assert database.files.get(2, "a") is not None
