"""Models under other names, on every implementation of the store."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.adapters.memory.clock import MemoryClock
from core.domain.fields import ARTIFACT_FIELDS, VERSION_FIELDS, Fields, bound
from core.domain.models import RegisteredModel
from core.domain.orders import bound_orders
from core.domain.retention import Retention
from core.domain.search import Comparison, Operator, Path
from core.domain.versions import VersionState
from core.errors import RegistryError, Taken
from core.ports import Database
from core.services.models import Models
from core.services.renames import Renames
from tests.builders import ADMIN
from tests.contract.entities import artifact, commit, evaluation, model, namespace, store, version


@pytest.fixture
def fraud(database: Database) -> Database:
    store(
        database,
        namespace(),
        model(last_version=2, external_id="iris-7"),
        version(1, state=VersionState.READY, name="first", external_id="v1"),
        version(2, retention=Retention.DELETED),
        version(1, model="other"),
        artifact(id=1, model="iris", number=1, version_id=1, path="a.bin"),
        evaluation(1),
    )
    return database


def rename(database: Database, name: str = "iris", new: str = "rose") -> RegisteredModel:
    return Renames(database, MemoryClock()).rename(ADMIN, "fraud", name, new)


def found(database: Database, fields: Fields, name: str) -> int:
    tree = bound(Comparison(Path("model"), Operator.EQUAL, name), fields)
    searched = database.versions if fields is VERSION_FIELDS else database.artifacts
    orders = bound_orders([], fields)
    return len(searched.search(["fraud"], tree, orders=orders, after=None, limit=9))


def test_all_that_is_its_own_goes_along_as_it_was(fraud: Database) -> None:
    before = fraud.versions.get("fraud", "iris", 1)
    assert before is not None

    rename(fraud)

    after = fraud.versions.get("fraud", "rose", 1)
    assert after is not None
    assert (after.id, after.revision, after.key_prefix) == (
        before.id,
        before.revision,
        before.key_prefix,
    )
    assert fraud.versions.get("fraud", "iris", 1) is None
    assert fraud.versions.named("fraud", "rose", "first") == after
    assert fraud.versions.named("fraud", "iris", "first") is None
    deleted = fraud.versions.get("fraud", "rose", 2)
    assert deleted is not None
    assert deleted.retention is Retention.DELETED
    assert [each.number for each in fraud.versions.page("fraud", "rose", before=None, limit=9)] == [
        1
    ]
    assert fraud.versions.get("fraud", "other", 1) is not None
    assert len(fraud.evaluations.of("fraud", "rose", [1])) == 1
    for fields in (VERSION_FIELDS, ARTIFACT_FIELDS):
        assert (found(fraud, fields, "rose"), found(fraud, fields, "iris")) == (1, 0)


def test_the_model_has_one_name(fraud: Database) -> None:
    rename(fraud)

    renamed = fraud.models.get("fraud", "rose")
    assert renamed is not None
    assert (renamed.key_root, renamed.former_names) == ("iris", ("iris",))
    assert fraud.models.get("fraud", "iris") is None
    assert fraud.models.with_id("fraud", renamed.id) == renamed
    assert fraud.models.has_key_root("fraud", "iris")
    assert not fraud.models.has_key_root("fraud", "rose")
    assert not fraud.models.has_key_root("elsewhere", "iris")


def test_a_declared_artifact_says_where_its_files_still_are(fraud: Database) -> None:
    rename(fraud)
    rename(fraud, "rose", "tulip")

    moved = fraud.artifacts.with_id("fraud", 1)
    assert moved is not None
    assert (moved.model, moved.files_at) == ("tulip", "fraud/iris/1/")


def test_a_name_that_is_taken_changes_nothing(fraud: Database) -> None:
    store(fraud, model("rose", id=2))

    with pytest.raises(Taken):
        rename(fraud)

    assert fraud.versions.get("fraud", "iris", 1) is not None
    assert fraud.models.get("fraud", "iris") is not None


def test_a_deleted_model_that_is_set_aside_stays_out_of_reach(database: Database) -> None:
    store(
        database,
        namespace(),
        model(id=77, state=Retention.DELETED, purge_at=MemoryClock().now(), last_version=4),
        version(1, id=78, state=VersionState.READY),
    )
    commit(database, lambda stores: stores.versions.withdraw("fraud", "iris"))

    new = Models(database, MemoryClock()).register(ADMIN, "fraud", "iris", {}, sets_aside=True)

    assert (new.last_version, new.key_root) == (4, f"iris~~{new.id}")
    aside = "iris (deleted 77)"
    assert database.versions.get("fraud", aside, 1) is not None
    assert database.versions.page("fraud", aside, before=None, limit=9) == []
    assert database.versions.with_id("fraud", 78) is None


def test_of_two_who_want_one_name_one_gets_it(database: Database) -> None:
    store(database, namespace(), model("a", id=1), model("b", id=2))
    start = Barrier(2)

    def run(name: str) -> str:
        start.wait(timeout=10)
        try:
            return rename(database, name, "c").name
        except RegistryError as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, ["a", "b"])) == ["Taken", "c"]
