"""What grants on single models, denials and ends mean for each use case."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Action, Caller, Role
from core.domain.events import SubjectKind
from core.domain.grants import Effect
from core.domain.pages import PageRequest
from core.domain.retention import Shown
from core.domain.subjects import alias_subject, grant_subject, model_subject, version_subject
from core.domain.versions import ByNumber
from core.errors import Forbidden, Invalid, NotFound
from core.services.search import Question
from tests.builders import ADMIN, World, principal

PAGE = PageRequest(100)


@pytest.fixture
def world() -> World:
    """Two namespaces with the models `churn`, `iris` and `secret`, each with a version."""
    made = World(admins=("subject:dev:boss",))
    made.registry.namespaces.create(ADMIN, "fraud", {})
    for namespace in ("default", "fraud"):
        for model in ("churn", "iris", "secret"):
            made.registry.models.register(ADMIN, namespace, model, {"tags": {"team": "x"}})
            made.registry.versions.register(ADMIN, namespace, model, {"metrics": {"auc": 0.9}})
    return made


def grant(world: World, scope: str, role: Role, name: str = "subject:dev:ann", **more: Any) -> None:
    world.registry.grants.put(ADMIN, scope, name, role, **more)


def deny(world: World, scope: str, role: Role, name: str = "subject:dev:ann") -> None:
    grant(world, scope, role, name, effect=Effect.DENY)


def sign_in(world: World, subject: str = "ann", *groups: str) -> Caller:
    return world.registry.identities.identify(world.tokens.issue(principal(subject, *groups)))


def listed(world: World, by: Caller, namespace: str = "default", **asked: Any) -> list[str]:
    page = world.registry.models.page(by, namespace, PAGE, **asked)
    return [model.name for model in page.items]


def found(world: World, by: Caller, *namespaces: str) -> list[str]:
    answer = world.registry.search.versions(by, Question(namespaces=namespaces), PAGE)
    return sorted(f"{each.namespace}/{each.model}" for each in answer.page.items)


def visible(world: World, by: Caller) -> list[str]:
    return [each.name for each in world.registry.namespaces.page(by, PAGE).items]


def test_whoever_has_one_model_reads_it_and_sees_its_namespace(world: World) -> None:
    grant(world, "default/iris", Role.READER)
    ann = sign_in(world)

    assert world.registry.models.get(ann, "default", "iris").name == "iris"
    assert listed(world, ann) == ["iris"]
    assert listed(world, ann, shown=Shown.READABLE, as_of=world.clock.now()) == ["iris"]
    assert found(world, ann) == found(world, ann, "default") == ["default/iris"]
    assert visible(world, ann) == ["default"]
    assert world.registry.namespaces.get(ann, "default").name == "default"
    with pytest.raises(NotFound, match="'fraud'"):
        found(world, ann, "fraud")


def test_whoever_has_one_model_changes_that_and_nothing_else(world: World) -> None:
    grant(world, "default/iris", Role.OWNER)
    ann = sign_in(world)
    registry = world.registry

    registry.versions.register(ann, "default", "iris", {"parameters": {"depth": 2}})
    registry.grants.put(ann, "default/iris", "subject:dev:bob", Role.READER)
    with pytest.raises(NotFound):
        registry.versions.register(ann, "default", "churn", {})
    with pytest.raises(NotFound):
        registry.grants.put(ann, "default/churn", "subject:dev:bob", Role.READER)
    for refused in (
        lambda: registry.models.register(ann, "default", "new", {}),
        lambda: registry.grants.put(ann, "default", "subject:dev:bob", Role.READER),
        lambda: registry.namespaces.update(ann, "default", {"owner": "x"}, expected_revision=None),
        lambda: registry.schemas.page(ann, "default", PAGE),
        lambda: registry.events.page(ann, "default", PAGE),
    ):
        with pytest.raises((Forbidden, NotFound)):
            refused()


def test_creating_models_is_no_part_of_having_one(world: World) -> None:
    grant(world, "default/iris", Role.OWNER)

    assert not sign_in(world).may(Action.MODEL_REGISTER, "default", model="iris")


@pytest.mark.parametrize(
    "ask",
    [
        lambda r, by, name: r.models.get(by, "default", name),
        lambda r, by, name: r.versions.get(by, "default", name, ByNumber(1)),
        lambda r, by, name: r.versions.page(by, "default", name, PAGE),
        lambda r, by, name: r.versions.register(by, "default", name, {}),
        lambda r, by, name: r.downloads.page(by, "default", name, ByNumber(1), PAGE),
        lambda r, by, name: r.aliases.of_model(by, "default", name),
        lambda r, by, name: r.aliases.point(by, "default", name, "a", ByNumber(1)),
        lambda r, by, name: r.history.page(by, model_subject("default", name), PAGE),
        lambda r, by, name: r.deletions.archive_model(by, "default", name),
        lambda r, by, name: r.grants.put(by, f"default/{name}", "subject:dev:b", Role.READER),
        lambda r, by, name: r.search.versions(
            by, Question(namespaces=("default",), model=name), PAGE
        ),
        lambda r, by, name: r.models.get(by, "default", name, as_of=r.models.clock.now()),
    ],
)
def test_a_model_that_may_not_be_read_is_as_one_that_is_not_there(
    world: World, ask: Callable[[Any, Caller, str], Any]
) -> None:
    texts = []
    for subject, scope in (("one", "default/iris"), ("all", "default")):
        grant(world, scope, Role.OWNER, f"subject:dev:{subject}")
        deny(world, "default/secret", Role.READER, f"subject:dev:{subject}")
        by = sign_in(world, subject)
        for name in ("secret", "nothing"):
            with pytest.raises(NotFound) as caught:
                ask(world.registry, by, name)
            texts.append((caught.value.message.replace(name, "X"), caught.value.next_step))

    if "Nothing is known" not in texts[-1][0]:  # what history says of what never was
        assert len(set(texts)) == 1


def test_a_denial_of_one_model_hides_it_from_lists_and_searches(world: World) -> None:
    grant(world, "default", Role.OWNER)
    deny(world, "default/secret", Role.READER)
    ann = sign_in(world)

    assert listed(world, ann) == ["churn", "iris"]
    assert listed(world, ann, as_of=world.clock.now()) == ["churn", "iris"]
    assert found(world, ann) == ["default/churn", "default/iris"]
    assert world.registry.schemas.page(ann, "default", PAGE).items == ()
    with pytest.raises(Forbidden, match=r"event\.read"):
        world.registry.events.page(ann, "default", PAGE)
    history = world.registry.events.page(
        ann, "default", PAGE, kind=SubjectKind.MODEL, subject="default/iris"
    )
    assert history.items


def test_a_denial_everywhere_suspends_whatever_was_granted(world: World) -> None:
    for scope in ("default", "fraud/iris"):
        grant(world, scope, Role.OWNER)
    grant(world, "*", Role.ADMIN)
    deny(world, "*", Role.READER, "group:dev:left")

    assert visible(world, sign_in(world)) == ["default", "fraud"]
    gone = sign_in(world, "ann", "left")
    assert visible(world, gone) == []
    assert found(world, gone) == []
    with pytest.raises(NotFound):
        world.registry.models.get(gone, "default", "iris")


def test_a_denied_namespace_is_out_of_what_is_read_everywhere(world: World) -> None:
    grant(world, "*", Role.AUDITOR)
    deny(world, "fraud", Role.READER)
    ann = sign_in(world)

    assert visible(world, ann) == ["default"]
    assert {each.partition("/")[0] for each in found(world, ann)} == {"default"}
    with pytest.raises(NotFound) as hidden:
        world.registry.namespaces.get(ann, "fraud")
    with pytest.raises(NotFound) as missing:
        world.registry.namespaces.get(ann, "nothing")
    assert hidden.value.next_step == missing.value.next_step


def test_a_denied_role_takes_away_what_it_adds(world: World) -> None:
    grant(world, "default", Role.OWNER)
    deny(world, "default/iris", Role.WRITER)
    ann = sign_in(world)

    assert ann.may(Action.MODEL_READ, "default", model="iris")
    assert ann.may(Action.MODEL_UPDATE, "default", model="churn")
    for action in (Action.MODEL_UPDATE, Action.VERSION_REGISTER, Action.MODEL_DELETE):
        assert not ann.may(action, "default", model="iris")
    with pytest.raises(Forbidden) as caught:
        ann.require(Action.MODEL_UPDATE, "default", model="iris")
    assert caught.value.next_step == "A grant denies it: subject:dev:ann in 'default/iris'."


def test_no_denial_locks_out_the_administrators_of_the_settings(world: World) -> None:
    deny(world, "*", Role.READER, "subject:dev:boss")

    assert sign_in(world, "boss").may(Action.SYSTEM_GRANT_CHANGE)


def test_a_grant_ends_at_its_time_by_the_servers_clock(world: World) -> None:
    end = world.clock.now() + timedelta(hours=1)
    grant(world, "default", Role.READER, expires_at=end)
    token = world.tokens.issue(principal("ann"), ttl_seconds=7200)
    identify = world.registry.identities.identify

    world.clock.advance(seconds=3599)
    assert identify(token).may(Action.MODEL_READ, "default")
    world.clock.advance(seconds=1)
    assert not identify(token).may(Action.MODEL_READ, "default")
    assert visible(world, identify(token)) == []


def test_a_grant_that_is_kept_in_memory_ends_in_time_too() -> None:
    world = World()
    kept = world.registry.identities.__class__(
        world.tokens, world.database, world.clock, grants_ttl_seconds=10_000
    )
    grant(world, "default", Role.READER, expires_at=world.clock.now() + timedelta(seconds=60))
    token = world.tokens.issue(principal("ann"))
    assert kept.identify(token).may(Action.MODEL_READ, "default")

    world.clock.advance(seconds=60)

    assert not kept.identify(token).may(Action.MODEL_READ, "default")


def test_an_end_that_has_passed_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="has passed"):
        grant(world, "default", Role.READER, expires_at=world.clock.now())


def test_a_grant_needs_a_model_that_is_there(world: World) -> None:
    with pytest.raises(NotFound, match="'nothing'"):
        grant(world, "default/nothing", Role.READER)
    with pytest.raises(Invalid):
        grant(world, "default/", Role.READER)
    with pytest.raises(Invalid):
        grant(world, "default/iris", Role.ADMIN)


def test_the_grants_of_a_namespace_and_of_its_models_are_listed_now_and_then(world: World) -> None:
    grants = world.registry.grants
    for scope in ("default/iris", "default", "default/churn"):
        grant(world, scope, Role.READER)
    then = world.clock.now()
    world.clock.advance(seconds=10)
    grants.remove(ADMIN, "default/churn", "subject:dev:ann")

    def scopes(scope: str, **asked: Any) -> list[str]:
        page = grants.page(ADMIN, scope, PAGE, **asked)
        return [one.scope for one in page.items if one.grantee == "subject:dev:ann"]

    assert scopes("default")[-1] == "default/iris"
    assert "default/churn" not in scopes("default")
    assert scopes("default", as_of=then)[-2:] == ["default/churn", "default/iris"]
    assert scopes("default/churn", as_of=then) == ["default/churn"]
    assert scopes("default/churn") == []


def test_what_a_grant_tells_of_itself_is_in_the_history_of_its_namespace(world: World) -> None:
    grant(world, "default/iris", Role.READER)
    deny(world, "default/iris", Role.WRITER)
    subject = grant_subject("default/iris", "subject:dev:ann")

    changes = world.registry.history.page(ADMIN, subject, PAGE).items

    assert [each.event.action for each in changes] == ["grant.denied", "grant.given"]
    assert {each.event.namespace for each in changes} == {"default"}


def test_bytes_are_not_had_by_knowing_their_digest(world: World) -> None:
    world.pushed({"weights": b"precious"}, model="secret", parameters={"a": 1})
    grant(world, "default/iris", Role.WRITER)
    ann = sign_in(world)
    thief = world.registered({"weights": b"precious"}, model="iris", by=ann)

    _, page = world.registry.uploads.open(ann, "default", "iris", thief.number, PAGE)

    assert [transfer.file.path for transfer in page.items] == ["weights"]
    _, page = world.registry.uploads.open(ADMIN, "default", "iris", thief.number, PAGE)
    assert page.items == ()


def test_an_id_finds_only_what_may_be_read(world: World) -> None:
    grant(world, "default/iris", Role.READER)
    ann = sign_in(world)
    secret = world.registry.models.get(ADMIN, "default", "secret")
    own = world.registry.models.get(ADMIN, "default", "iris")

    assert world.registry.models.with_id(ann, "default", own.id) == own
    texts = []
    for number in (secret.id, 9_999):
        with pytest.raises(NotFound) as caught:
            world.registry.models.with_id(ann, "default", number)
        texts.append(caught.value.message.replace(str(number), "N"))
    assert len(set(texts)) == 1


def test_a_subject_knows_the_model_that_it_belongs_to() -> None:
    assert model_subject("fraud", "a b").model == "a b"
    assert version_subject("fraud", "iris", 3).model == "iris"
    assert alias_subject("fraud", "iris", "champion").model == "iris"
    assert grant_subject("fraud/a b", "subject:dev:x y").model == "a b"
    assert grant_subject("fraud", "subject:dev:a/b").model is None
    assert grant_subject("*", "subject:dev:a").model is None
