"""Use cases on environments, deployments and serve records, on memory adapters."""

from typing import Any

import pytest

from core.domain.access import Role
from core.domain.events import SubjectKind
from core.domain.pages import PageRequest
from core.domain.search import Comparison, Operator, Path
from core.domain.subjects import numbered_subject
from core.domain.versions import ByNumber
from core.errors import Conflict, Forbidden, Invalid, NotFound, Stale, Taken
from core.services.search import Question
from tests.builders import ADMIN, World, caller

WRITER = caller(("default", Role.WRITER), subject="kserve")
READER = caller(("default", Role.READER), subject="bob")
ALL = PageRequest(100)


@pytest.fixture
def world() -> World:
    """Two ready versions of `iris`, the first of them @champion, and an environment `prod`."""
    world = World()
    world.pushed({"a": b"1"})
    world.pushed({"a": b"2"})
    world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    world.registry.environments.create(WRITER, "default", "prod", {}, kind="kserve")
    return world


def deployed(world: World, follows: str = "1", **fields: Any) -> Any:
    return world.registry.deployments.create(
        WRITER, "default", "prod", "iris", {}, follows=follows, **fields
    )


def running(world: World, number: int, **fields: Any) -> Any:
    return world.registry.serve_records.record(
        WRITER, "default", "1", number, {}, **{"state": "running", **fields}
    )


def test_an_environment_is_named_by_id_or_name(world: World) -> None:
    environments = world.registry.environments

    assert environments.get(READER, "default", "1") == environments.get(READER, "default", "prod")
    with pytest.raises(Taken, match="already"):
        environments.create(WRITER, "default", "prod", {})
    for unknown in ("2", "dev", "0", "٣"):
        with pytest.raises(NotFound, match="no environment"):
            environments.get(READER, "default", unknown)


def test_an_environment_changes_and_its_past_can_be_read(world: World) -> None:
    environments, before = world.registry.environments, world.clock.now()
    world.clock.advance(seconds=10)

    environments.update(
        WRITER, "default", "prod", {"kind": "vllm", "owner": "ops"}, expected_revision=1
    )

    assert environments.get(READER, "default", "prod").kind == "vllm"
    assert environments.get(READER, "default", "prod", as_of=before).kind == "kserve"
    (then,) = environments.page_at(READER, "default", ALL, before).items
    assert (then.kind, then.owner) == ("kserve", None)
    with pytest.raises(Stale):
        environments.update(WRITER, "default", "prod", {"owner": "x"}, expected_revision=1)
    with pytest.raises(Invalid):
        environments.update(WRITER, "default", "prod", {"kind": None}, expected_revision=None)
    with pytest.raises(Invalid, match="name cannot be changed"):
        environments.update(WRITER, "default", "prod", {"name": "x"}, expected_revision=None)


def test_a_reader_changes_nothing(world: World) -> None:
    deployed(world)

    for change in (
        lambda: world.registry.environments.create(READER, "default", "x", {}),
        lambda: world.registry.deployments.create(READER, "default", "prod", "iris", {}),
        lambda: world.registry.serve_records.record(READER, "default", "1", 1, {}),
    ):
        with pytest.raises(Forbidden):
            change()


def test_what_is_followed_for_ever_is_pinned_by_its_number(world: World) -> None:
    version = world.registry.versions.get(ADMIN, "default", "iris", ByNumber(2))

    for follows in ("2", str(version.version), str(version.digest)):
        assert deployed(world, follows).pinned == 2
    for follows in ("latest", "@champion", "~=1.0"):
        assert deployed(world, follows).pinned is None


@pytest.mark.parametrize("follows", ["3", "@nobody", "9.9.9"])
def test_what_is_followed_must_be_there(world: World, follows: str) -> None:
    with pytest.raises(NotFound):
        deployed(world, follows)


def test_a_version_whose_upload_was_given_up_is_not_deployed(world: World) -> None:
    version = world.registered({"a": b"3"})
    world.registry.uploads.abandon(ADMIN, "default", "iris", version.number)

    with pytest.raises(Conflict):
        deployed(world, str(version.number))


def test_names_are_unique_in_an_environment_and_made_up_if_lacking(world: World) -> None:
    world.registry.environments.create(WRITER, "default", "dev", {})
    deployed(world, name="web")

    with pytest.raises(Taken, match="'prod' has a deployment 'web' already"):
        deployed(world, name="web")
    create = world.registry.deployments.create
    assert create(WRITER, "default", "dev", "iris", {}, name="web").environment == "dev"
    assert deployed(world).name != deployed(world).name


def test_the_target_of_a_deployment_moves_with_what_it_follows(world: World) -> None:
    deployment = deployed(world, "@champion")
    running(world, 1)
    target = world.registry.deployments.target

    before = target(READER, "default", str(deployment.id))
    world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(2))
    after = target(READER, "default", str(deployment.id))

    assert (before.version and before.version.number, before.is_in_sync) == (1, True)
    assert (after.version and after.version.number, after.is_in_sync) == (2, False)


def test_a_target_may_lead_nowhere_yet(world: World) -> None:
    world.registry.models.register(ADMIN, "default", "tulips", {})
    made = world.registry.deployments.create(WRITER, "default", "prod", "tulips", {})

    target = world.registry.deployments.target(READER, "default", str(made.id))

    assert (target.version, target.is_in_sync) == (None, False)


def test_undeployed_is_in_sync_when_nothing_answers(world: World) -> None:
    deployments = world.registry.deployments
    deployed(world)
    running(world, 1)
    deployments.update(
        WRITER, "default", "1", {"desired_state": "undeployed"}, expected_revision=None
    )

    assert not deployments.target(READER, "default", "1").is_in_sync
    running(world, 1, state="complete")
    assert deployments.target(READER, "default", "1").is_in_sync


def test_which_version_ran_on_a_day_can_be_read_back(world: World) -> None:
    deployed(world, "@champion")
    moments = []
    for number in (1, 2):
        running(world, number)
        moments.append(world.clock.now())
        world.clock.advance(seconds=86_400)

    deployments = world.registry.deployments
    prod = Comparison(Path("environment"), Operator.EQUAL, "prod")
    dev = Comparison(Path("environment"), Operator.EQUAL, "dev")

    served = [deployments.get(READER, "default", "1", as_of=at).serving for at in moments]
    listed = [
        deployments.page_at(READER, "default", ALL, at, among=prod).items[0].serving
        for at in moments
    ]
    assert served == listed == [1, 2]
    assert deployments.page_at(READER, "default", ALL, moments[0], among=dev).items == ()


def test_observing_is_an_event_of_the_deployment_and_repeating_it_is_none(world: World) -> None:
    deployed(world)
    subject = numbered_subject(SubjectKind.DEPLOYMENT, "default", 1)

    for _ in range(3):
        running(world, 1)

    changes = world.registry.history.page(READER, subject, ALL).items
    assert [change.event.action for change in changes] == [
        "deployment.observed",
        "deployment.created",
    ]
    assert len(world.registry.serve_records.page(READER, "default", "1", ALL).items) == 3


def test_only_versions_of_the_model_can_be_seen(world: World) -> None:
    deployed(world)

    with pytest.raises(NotFound):
        running(world, 9)
    with pytest.raises(NotFound):
        running(world, 1, traffic={"1": 50, "9": 50})
    with pytest.raises(Invalid, match="no state of serving"):
        running(world, 1, state="RUNNING")
    running(world, 1, name="same")
    with pytest.raises(Taken):
        running(world, 1, name="same")


def test_what_a_deployment_follows_is_changed_in_one_call(world: World) -> None:
    deployments = world.registry.deployments
    deployed(world, "1")

    changed = deployments.update(WRITER, "default", "1", {"follows": "2"}, expected_revision=1)
    moved = deployments.update(WRITER, "default", "1", {"follows": "latest"}, expected_revision=2)

    assert (changed.pinned, moved.pinned) == (2, None)
    for patch in ({"follows": None}, {"desired_state": None}, {"pinned": 1}, {"model": "x"}):
        with pytest.raises(Invalid):
            deployments.update(WRITER, "default", "1", patch, expected_revision=None)


def test_external_ids_are_unique_in_the_namespace(world: World) -> None:
    create = world.registry.deployments.create
    create(WRITER, "default", "prod", "iris", {"external_id": "uid-1"})

    with pytest.raises(Taken, match="external id"):
        create(WRITER, "default", "prod", "iris", {"external_id": "uid-1"})


def test_who_may_see_one_model_sees_its_deployments_and_no_others(world: World) -> None:
    world.registry.models.register(ADMIN, "default", "tulips", {})
    deployed(world, name="iris")
    world.registry.deployments.create(WRITER, "default", "prod", "tulips", {}, name="tulips")
    alice = caller(("default/iris", Role.READER), subject="alice")
    deployments, search = world.registry.deployments, world.registry.search
    question = Question(namespaces=("default",))

    assert deployments.get(alice, "default", "1").name == "iris"
    with pytest.raises(NotFound, match="no deployment '2'"):
        deployments.get(alice, "default", "2")
    with pytest.raises(Forbidden):
        deployments.update(alice, "default", "1", {"owner": "x"}, expected_revision=None)
    for asked in (question, Question()):
        found = search.deployments(alice, asked, ALL).page.items
        assert [each.name for each in found] == ["iris"]
    page = deployments.page_at(alice, "default", ALL, world.clock.now())
    assert [each.name for each in page.items] == ["iris"]
    with pytest.raises(Forbidden):
        search.environments(alice, question, ALL)
