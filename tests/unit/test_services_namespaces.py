"""Namespaces, models and events: created once, changed by compare-and-set, remembered."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.domain.access import Role
from core.domain.events import SubjectKind
from core.domain.pages import PageRequest
from core.domain.records import record
from core.errors import Forbidden, Invalid, NotFound, RegistryError, Stale, Taken
from tests.builders import ADMIN, World, caller, principal

ALICE = caller(("default", Role.WRITER))


@pytest.fixture
def world() -> World:
    return World()


def events(world: World, kind: SubjectKind, subject: str) -> list[Any]:
    """Oldest first."""
    page = world.registry.events.page(
        ADMIN, subject.split("/")[0].split(" ")[0], PageRequest(1000), kind=kind, subject=subject
    )
    return list(reversed(page.items))


def test_who_creates_a_namespace_owns_it(world: World) -> None:
    created = world.registry.namespaces.create(ADMIN, "team", {"description": "ours"})

    grants = world.registry.grants.page(ADMIN, "team", PageRequest()).items
    assert created.description == "ours"
    assert [(grant.grantee, grant.role) for grant in grants] == [(ADMIN.principal.name, Role.OWNER)]


def test_a_namespace_is_created_once(world: World) -> None:
    with pytest.raises(Taken):
        world.registry.namespaces.create(ADMIN, "default", {})


def test_only_an_administrator_creates_namespaces(world: World) -> None:
    with pytest.raises(Forbidden):
        world.registry.namespaces.create(caller(("default", Role.OWNER)), "team", {})


def test_a_caller_sees_only_namespaces_where_it_has_a_role(world: World) -> None:
    for name in ("a", "b", "c"):
        world.registry.namespaces.create(ADMIN, name, {})
    page = world.registry.namespaces.page

    seen = page(caller(("a", Role.READER), ("c", Role.OWNER), ("gone", Role.READER)), PageRequest())

    assert [each.name for each in seen.items] == ["a", "c"]
    assert [each.name for each in page(ADMIN, PageRequest()).items] == ["a", "b", "c", "default"]
    assert page(caller(), PageRequest()).items == ()


def test_a_model_is_registered_once_and_so_are_those_that_look_like_it(world: World) -> None:
    register = world.registry.models.register
    register(ALICE, "default", "Iris", {})

    for name in ("Iris", "iris", "\uff29\uff32\uff29\uff33"):
        with pytest.raises(Taken):
            register(ALICE, "default", name, {})
    with pytest.raises(NotFound):
        world.registry.models.get(ALICE, "default", "iris")


def test_models_have_ids_of_their_own_in_all_namespaces(world: World) -> None:
    world.registry.namespaces.create(ADMIN, "other", {})

    ids = {
        world.registry.models.register(ADMIN, namespace, "iris", {}).id
        for namespace in ("default", "other")
    }

    assert len(ids) == 2


def test_a_model_is_not_registered_in_a_namespace_that_does_not_exist(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.models.register(ADMIN, "nowhere", "iris", {})
    with pytest.raises(NotFound):
        world.registry.models.page(ADMIN, "nowhere", PageRequest())


def test_what_describes_a_model_can_be_set_when_it_is_registered(world: World) -> None:
    described = {
        "description": "flowers",
        "tags": {"a": "b"},
        "metadata": {"$where": {"a.b": [1, None]}},
        "custom_properties": {"id": "not the id"},
        "external_id": "x",
        "owner": "team",
    }

    world.registry.models.register(ALICE, "default", "iris", described)

    found = record(world.registry.models.get(ALICE, "default", "iris"))
    assert {name: found[name] for name in described} == described


def test_pages_of_models_go_through_all_of_them_once(world: World) -> None:
    names = ["b", "A", "é", "Z", "a1", "10", "9"]
    for name in names:
        world.registry.models.register(ALICE, "default", name, {})
    seen, token = [], None

    while True:
        page = world.registry.models.page(ALICE, "default", PageRequest(2, token))
        seen += [model.name for model in page.items]
        if (token := page.next_token) is None:
            break

    assert seen == ["10", "9", "A", "a1", "b", "Z", "é"]


def test_a_page_token_of_another_namespace_is_refused(world: World) -> None:
    world.registry.namespaces.create(ADMIN, "other", {})
    for name in ("a", "b"):
        world.registry.models.register(ADMIN, "other", name, {})
    token = world.registry.models.page(ADMIN, "other", PageRequest(1)).next_token

    with pytest.raises(Invalid):
        world.registry.models.page(ALICE, "default", PageRequest(1, token))


def test_a_change_to_what_was_changed_in_the_meantime_is_refused(world: World) -> None:
    world.registry.models.register(ALICE, "default", "iris", {})
    update = world.registry.models.update
    update(ALICE, "default", "iris", {"owner": "a"}, expected_revision=1)

    with pytest.raises(Stale):
        update(ALICE, "default", "iris", {"owner": "b"}, expected_revision=1)

    assert world.registry.models.get(ALICE, "default", "iris").owner == "a"
    assert update(ALICE, "default", "iris", {"owner": "b"}, expected_revision=None).revision == 3


def test_of_two_changes_to_one_revision_at_once_one_wins(world: World) -> None:
    def change(owner: str) -> str:
        try:
            world.registry.namespaces.update(
                ADMIN, "default", {"owner": owner}, expected_revision=1
            )
        except Stale:
            return "stale"
        return "changed"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(change, "abcdefgh"))

    assert sorted(outcomes) == ["changed", *["stale"] * 7]
    assert world.registry.namespaces.get(ADMIN, "default").revision == 2


def test_a_change_of_nothing_leaves_no_event(world: World) -> None:
    world.registry.namespaces.update(ADMIN, "default", {"tags": {}}, expected_revision=1)

    assert len(events(world, SubjectKind.NAMESPACE, "default")) == 1


def test_replaying_the_events_of_a_model_gives_the_model(world: World) -> None:
    world.registry.models.register(ALICE, "default", "iris", {"metadata": {"a": 1}})
    patches: list[dict[str, Any]] = [
        {"description": "new"},
        {"metadata": {"a": True, "b": {"c": []}}},
        {"metadata": {"b": None}, "tags": {"x": "y"}},
        {"tags": None, "owner": "team"},
    ]
    for patch in patches:
        world.clock.advance(seconds=1)
        world.registry.models.update(ALICE, "default", "iris", patch, expected_revision=None)

    told = events(world, SubjectKind.MODEL, "default/iris")

    assert [event.action for event in told] == ["model.registered", *["model.updated"] * 4]
    assert [event.revision for event in told] == [1, 2, 3, 4, 5]
    state: dict[str, Any] = {}
    for event in told:
        for name, value in (event.before or {}).items():
            assert state[name] == value
        assert {name for name in event.after if event.after[name] != state.get(name)} <= {
            *(event.before or event.after)
        }
        state = dict(event.after)
    assert state == record(world.registry.models.get(ALICE, "default", "iris"))


def test_an_event_says_who_when_from_where_and_why(world: World) -> None:
    world.clock.advance(seconds=60)
    world.registry.namespaces.update(
        ADMIN, "default", {"owner": "team"}, expected_revision=None, reason="handed over"
    )

    event = events(world, SubjectKind.NAMESPACE, "default")[-1]

    assert (event.actor, event.at) == (ADMIN.principal.name, world.clock.now())
    assert (event.reason, event.request_id) == ("handed over", "request")
    assert (event.dialect, event.address) == ("test", "127.0.0.1")
    assert event.before["owner"] is None
    assert event.after["owner"] == "team"


def test_events_come_newest_first_in_pages(world: World) -> None:
    for number in range(5):
        world.clock.advance(seconds=1)
        world.registry.models.register(ALICE, "default", f"m{number}", {})
    first = world.registry.events.page(ALICE, "default", PageRequest(3))

    rest = world.registry.events.page(ALICE, "default", PageRequest(1000, first.next_token))

    subjects = [event.subject for event in (*first.items, *rest.items)]
    assert subjects[:5] == [f"default/m{number}" for number in (4, 3, 2, 1, 0)]
    assert len(subjects) == 7


def test_the_subject_of_events_is_named_by_kind_and_name_together(world: World) -> None:
    for half in ({"kind": SubjectKind.MODEL}, {"subject": "default/iris"}):
        with pytest.raises(Invalid):
            world.registry.events.page(ADMIN, "default", PageRequest(), **half)


def test_a_namespace_that_does_not_exist_has_no_events_and_no_grants(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.events.page(ADMIN, "nowhere", PageRequest())
    with pytest.raises(NotFound):
        world.registry.grants.page(ADMIN, "nowhere", PageRequest())


def test_while_the_database_is_down_everything_is_unavailable_and_nothing_is_lost(
    world: World,
) -> None:
    world.registry.models.register(ALICE, "default", "iris", {})
    world.database.down = True

    for use in (
        lambda: world.registry.models.get(ALICE, "default", "iris"),
        lambda: world.registry.models.register(ALICE, "default", "other", {}),
        lambda: world.registry.check_health(),
    ):
        with pytest.raises(RegistryError) as caught:
            use()
        assert caught.value.kind == "unavailable"
    world.database.down = False

    assert world.registry.models.get(ALICE, "default", "iris").name == "iris"
    with pytest.raises(NotFound):
        world.registry.models.get(ALICE, "default", "other")


def test_a_grant_replaces_the_one_before(world: World) -> None:
    put = world.registry.grants.put
    put(ADMIN, "default", "group:dev:team", Role.READER)
    put(ADMIN, "default", "group:dev:team", Role.READER)
    world.clock.advance(seconds=1)
    put(ADMIN, "default", "group:dev:team", Role.OWNER)

    told = events(world, SubjectKind.GRANT, "default group:dev:team")

    assert [event.after["role"] for event in told] == ["reader", "owner"]
    assert told[1].before["role"] == "reader"


def test_a_grant_that_was_taken_is_gone(world: World) -> None:
    world.registry.grants.put(ADMIN, "default", "subject:dev:bob", Role.WRITER)
    token = world.token(subject="bob")
    assert world.registry.identities.identify(token).roles == {("default", Role.WRITER)}

    world.registry.grants.remove(ADMIN, "default", "subject:dev:bob")

    assert world.registry.identities.identify(token).roles == frozenset()
    with pytest.raises(NotFound):
        world.registry.grants.remove(ADMIN, "default", "subject:dev:bob")


def test_a_writer_cannot_give_itself_more(world: World) -> None:
    for scope, role in (("default", Role.OWNER), ("*", Role.ADMIN)):
        with pytest.raises(Forbidden):
            world.registry.grants.put(ALICE, scope, ALICE.principal.name, role)


def test_an_owner_cannot_make_administrators(world: World) -> None:
    owner = caller(("default", Role.OWNER))

    with pytest.raises(Forbidden):
        world.registry.grants.put(owner, "*", "subject:dev:alice", Role.ADMIN)
    with pytest.raises(Invalid):
        world.registry.grants.put(owner, "default", "subject:dev:alice", Role.ADMIN)


def test_nobody_is_granted_a_role_in_a_namespace_that_does_not_exist(world: World) -> None:
    with pytest.raises(NotFound):
        world.registry.grants.put(ADMIN, "nowhere", "subject:dev:bob", Role.READER)


def test_a_role_taken_away_ends_within_the_time_grants_are_kept() -> None:
    world = World()
    keeping = type(world.registry.identities)(
        world.tokens, world.database, world.clock, grants_ttl_seconds=30
    )
    token = world.token(("default", Role.READER), subject="bob")
    keeping.identify(token)
    world.registry.grants.remove(ADMIN, "default", "subject:dev:bob")

    world.clock.advance(seconds=29)
    still = keeping.identify(token).roles
    world.clock.advance(seconds=1)

    assert still == {("default", Role.READER)}
    assert keeping.identify(token).roles == frozenset()


def test_administrators_by_configuration_need_no_grant() -> None:
    world = World(admins=("group:dev:admins", "subject:dev:root"))
    member = world.tokens.issue(principal("carol", "admins"))
    root = world.tokens.issue(principal("root"))
    named_alike = world.tokens.issue(principal("admins", "group:dev:admins"))

    assert world.registry.identities.identify(member).roles == {("*", Role.ADMIN)}
    assert world.registry.identities.identify(root).roles == {("*", Role.ADMIN)}
    assert world.registry.identities.identify(named_alike).roles == frozenset()
