"""Who comes by which token, and what they may do then: workloads, persons, service accounts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Action, Caller, Principal, Role
from core.domain.access_tokens import Pepper, new_token
from core.domain.explanations import explain
from core.domain.grants import Effect
from core.domain.pages import PageRequest
from core.domain.rules import Origin
from core.errors import Conflict, Forbidden, Invalid, NotFound, Taken, Unauthenticated
from tests.builders import ADMIN, World, principal

PAGE = PageRequest(100)
GITHUB = {
    "repository": "acme/fraud",
    "repository_id": "1",
    "repository_owner_id": "2",
    "ref": "refs/heads/main",
}


@pytest.fixture
def world() -> World:
    made = World(admins=("subject:dev:boss",))
    made.registry.namespaces.create(ADMIN, "fraud", {})
    for name in ("churn", "iris"):
        made.registry.models.register(ADMIN, "default", name, {})
    return made


def workload(world: World, platform: str = "github", **claims: Any) -> Caller:
    kept = {name: value for name, value in {**GITHUB, **claims}.items() if value is not None}
    who = Principal(platform, "repo", platform=platform, claims=tuple(sorted(kept.items())))
    return world.registry.identities.identify(world.tokens.issue(who))


def trust(world: World, name: str = "release", **terms: Any) -> None:
    whole: dict[str, Any] = {"model": "iris", "role": Role.WRITER, **terms}
    world.registry.publishers.put(ADMIN, "default", name, "github", GITHUB, **whole)


def grant(world: World, scope: str, role: Role, name: str, **more: Any) -> None:
    world.registry.grants.put(ADMIN, scope, name, role, **more)


def sign_in(world: World, subject: str = "ann", *groups: str) -> Caller:
    return world.registry.identities.identify(world.tokens.issue(principal(subject, *groups)))


def test_a_workload_may_do_what_its_publisher_says_and_nothing_else(world: World) -> None:
    trust(world)
    by = workload(world)

    world.registry.versions.register(by, "default", "iris", {})
    models = world.registry.models.page(by, "default", PAGE).items
    assert [model.name for model in models] == ["iris"]
    with pytest.raises(NotFound):
        world.registry.versions.register(by, "default", "churn", {})
    with pytest.raises(NotFound):
        world.registry.namespaces.get(by, "fraud")
    with pytest.raises(Forbidden):
        world.registry.models.register(by, "default", "new", {})


def test_who_came_before_is_known_as_long_as_grants_are_kept(world: World) -> None:
    grant(world, "default", Role.READER, "subject:dev:ann")
    identities = replace(world.registry.identities, grants_ttl_seconds=30)
    ann, boss = (world.tokens.issue(principal(name)) for name in ("ann", "boss"))
    assert identities.knows(boss)  # by the settings, which are at hand
    assert not identities.knows(ann)

    by = identities.identify(ann)

    assert identities.knows(ann)
    text = world.registry.access_tokens.create(by, "laptop").text
    identities.identify(text)
    assert not identities.knows(text)  # it could have been revoked
    world.clock.advance(seconds=31)
    assert not identities.knows(ann)


def test_an_action_may_be_named_alone(world: World) -> None:
    trust(world, role=None, actions=(Action.MODEL_READ, Action.FILE_READ))
    by = workload(world)

    assert by.may(Action.MODEL_READ, "default", model="iris")
    assert not by.may(Action.VERSION_REGISTER, "default", model="iris")


def test_a_publisher_may_create_the_one_model_that_it_is_for(world: World) -> None:
    trust(world, model="new", actions=(Action.MODEL_REGISTER,))
    by = workload(world)

    world.registry.models.register(by, "default", "new", {})
    with pytest.raises(Forbidden):
        world.registry.models.register(by, "default", "newer", {})


@pytest.mark.parametrize(
    "claims",
    [
        {"ref": "refs/heads/feature"},
        {"ref": "refs/pull/1/merge"},
        {"ref": None},
        {"ref": True},
        {"repository_owner_id": "3"},
        {"repository_id": "9"},
        {"repository_id": None},
        {"repository_id": 1},
        {"repository": "acme/fraud2"},
    ],
)
def test_a_workload_with_other_claims_has_nothing(world: World, claims: dict[str, Any]) -> None:
    trust(world)

    assert workload(world, **claims).rules == ()


def test_a_resurrected_name_is_not_who_had_it(world: World) -> None:
    trust(world)
    squatter = workload(world, repository_id="77", repository_owner_id="78")

    assert squatter.rules == ()


def test_the_same_claims_of_another_issuer_are_another_workload(world: World) -> None:
    trust(world)

    assert workload(world, "custom", sub="repo").rules == ()
    assert workload(world, "gitlab", project_id="1").rules == ()


def test_no_grant_reaches_a_workload(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:github:repo")
    grant(world, "default", Role.OWNER, "group:github:repo")

    assert workload(world).rules == ()


def test_a_publisher_ends_and_can_be_removed(world: World) -> None:
    trust(world, expires_at=world.clock.now() + timedelta(seconds=60))
    trust(world, "other", model="churn")

    world.clock.advance(seconds=60)
    assert not workload(world).may(Action.MODEL_READ, "default", model="iris")
    assert workload(world).may(Action.MODEL_READ, "default", model="churn")
    world.registry.publishers.remove(ADMIN, "default", "other")
    assert not workload(world).roles
    with pytest.raises(NotFound):
        world.registry.publishers.get(ADMIN, "default", "other")


@pytest.mark.parametrize("issuer", ["dev", "nobody", "https://evil.example", ""])
def test_only_issuers_of_the_settings_are_trusted(world: World, issuer: str) -> None:
    with pytest.raises(Invalid, match="no issuer of workloads"):
        world.registry.publishers.put(ADMIN, "default", "x", issuer, GITHUB, role=Role.READER)


def test_the_decision_on_a_workload_names_the_claims(world: World) -> None:
    trust(world)

    said = explain(workload(world), Action.VERSION_REGISTER, "default", "iris")

    assert said.decision.allowed
    assert said.rule is not None
    assert said.rule.origin is Origin.PUBLISHER
    assert "repository_id = 1" in said.reason
    assert "ref = refs/heads/main" in said.reason


def test_a_publisher_set_twice_is_one_change(world: World) -> None:
    for _ in range(2):
        trust(world)
    assert world.registry.publishers.get(ADMIN, "default", "release").revision == 1
    trust(world, role=Role.READER)
    assert world.registry.publishers.get(ADMIN, "default", "release").revision == 2
    assert len(world.registry.publishers.page(ADMIN, "default", PAGE).items) == 1


def test_a_token_does_what_its_owner_may_within_its_scope_and_role(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    grant(world, "fraud", Role.OWNER, "subject:dev:ann")
    made = world.registry.access_tokens.create(
        sign_in(world), "laptop", scope="default/iris", role=Role.WRITER
    )
    by = world.registry.identities.identify(made.text)

    assert by.principal.name == "subject:dev:ann"
    assert by.may(Action.VERSION_REGISTER, "default", model="iris")
    assert [each.name for each in world.registry.namespaces.page(by, PAGE).items] == ["default"]
    assert [each.name for each in world.registry.models.page(by, "default", PAGE).items] == ["iris"]
    for action, place in (
        (Action.VERSION_REGISTER, ("default", "churn")),
        (Action.MODEL_DELETE, ("default", "iris")),
        (Action.GRANT_CHANGE, ("default", "iris")),
        (Action.MODEL_READ, ("fraud", "churn")),
        (Action.EVENT_READ, ("default", None)),
    ):
        assert not by.may(action, *place)


def test_a_token_never_does_more_than_its_owner_may_now(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    made = world.registry.access_tokens.create(sign_in(world), "laptop")
    identify = world.registry.identities.identify

    grant(world, "default", Role.READER, "subject:dev:ann")
    assert not identify(made.text).may(Action.VERSION_REGISTER, "default", model="iris")
    world.registry.grants.remove(ADMIN, "default", "subject:dev:ann")
    assert identify(made.text).rules == ()
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    grant(world, "*", Role.READER, "subject:dev:ann", effect=Effect.DENY)
    assert not identify(made.text).may(Action.MODEL_READ, "default", model="iris")


def test_what_a_group_was_given_no_token_has_but_what_it_was_denied_counts(world: World) -> None:
    grant(world, "fraud", Role.OWNER, "group:dev:team")
    grant(world, "default", Role.WRITER, "subject:dev:ann")
    ann = sign_in(world, "ann", "team")
    made = world.registry.access_tokens.create(ann, "laptop")

    by = world.registry.identities.identify(made.text)
    assert ann.may(Action.MODEL_READ, "fraud")
    assert not by.may(Action.MODEL_READ, "fraud")
    assert by.may(Action.MODEL_READ, "default")
    grant(world, "default", Role.READER, "group:dev:team", effect=Effect.DENY)
    assert not world.registry.identities.identify(made.text).may(Action.MODEL_READ, "default")
    with pytest.raises(Forbidden, match="could do nothing"):
        world.registry.access_tokens.create(ann, "useless", scope="fraud")


def test_a_token_makes_no_tokens_and_gives_no_grants(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    made = world.registry.access_tokens.create(sign_in(world), "laptop")
    by = world.registry.identities.identify(made.text)
    registry = world.registry

    for attempt in (
        lambda: registry.access_tokens.create(by, "more"),
        lambda: registry.grants.put(by, "default", "subject:dev:mallory", Role.OWNER),
        lambda: registry.publishers.put(by, "default", "x", "github", GITHUB, role=Role.WRITER),
        lambda: registry.service_accounts.create(by, "default", "x"),
    ):
        with pytest.raises(Forbidden):
            attempt()


def refused(world: World, text: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        world.registry.identities.identify(text)
    return str(caught.value.message)


def test_a_bad_token_is_refused_and_why_is_said_only_to_who_holds_it(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    made = world.registry.access_tokens.create(sign_in(world), "laptop", days=1)
    _, forged = new_token(made.token.kind)
    same_id = made.text[:18] + "0" * 32
    same_id += access_checksum(same_id)

    none = "none that was made here"
    for text in (made.text[:-1], made.text + "0", forged, same_id, "mdl_pat_"):
        assert none in refused(world, text)
    world.clock.advance(seconds=86_400)
    assert "expired" in refused(world, made.text)
    assert none in refused(world, same_id)


def access_checksum(body: str) -> str:
    from core.domain.access_tokens import _checksum

    return _checksum(body)


def test_a_revoked_token_is_refused_at_once(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    ann = sign_in(world)
    made = world.registry.access_tokens.create(ann, "laptop")
    assert world.registry.identities.identify(made.text)

    world.registry.access_tokens.revoke(ann, made.token.id)
    world.registry.access_tokens.revoke(ann, made.token.id)

    assert "revoked" in refused(world, made.text)
    (kept,) = world.registry.access_tokens.page(ann, PAGE).items
    assert kept.revoked_by == "subject:dev:ann"


def test_a_token_can_end_itself_and_an_administrator_anybodys(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    tokens = world.registry.access_tokens
    first, second = (tokens.create(sign_in(world), name) for name in ("first", "second"))

    tokens.revoke(world.registry.identities.identify(first.text), first.token.id)
    with pytest.raises(NotFound):
        tokens.revoke(sign_in(world, "bob"), second.token.id)
    tokens.revoke(ADMIN, second.token.id)

    for text in (first.text, second.text):
        assert "revoked" in refused(world, text)
    assert len(tokens.page(ADMIN, PAGE, owner="subject:dev:ann").items) == 2
    with pytest.raises(Forbidden):
        tokens.page(sign_in(world, "bob"), PAGE, owner="subject:dev:ann")


def test_without_the_pepper_no_token_is_good(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    made = world.registry.access_tokens.create(sign_in(world), "laptop")

    def identities(*peppers: Pepper, issuers: tuple[str, ...] = ("dev",)) -> Any:
        kind = type(world.registry.identities)
        return kind(world.tokens, world.database, world.clock, (), 0, peppers, frozenset(issuers))

    (pepper,) = world.settings.token_peppers
    assert identities(Pepper("new", "n" * 32), pepper).identify(made.text)
    for other in (
        identities(),
        identities(Pepper("test", "x" * 32)),
        identities(pepper, issuers=("another",)),
    ):
        with pytest.raises(Unauthenticated):
            other.identify(made.text)


def test_a_token_is_for_at_most_as_long_as_the_settings_say(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    ann = sign_in(world)

    for days in (0, 91, -1):
        with pytest.raises(Invalid, match="days was asked for"):
            world.registry.access_tokens.create(ann, "x", days=days)
    made = world.registry.access_tokens.create(ann, "x").token
    assert made.expires_at - made.created_at == timedelta(days=30)


def test_where_there_is_no_pepper_no_token_is_made() -> None:
    world = World(token_peppers=())
    grant(world, "default", Role.OWNER, "subject:dev:ann")

    with pytest.raises(Conflict, match="makes no access tokens"):
        world.registry.access_tokens.create(sign_in(world), "x")


def test_nothing_that_is_told_or_kept_of_a_token_is_its_text(world: World) -> None:
    grant(world, "default", Role.OWNER, "subject:dev:ann")
    made = world.registry.access_tokens.create(sign_in(world), "laptop")
    _, kept = world.database.access_tokens.find(made.token.id) or (None, None)

    assert kept is not None
    told = repr(world.registry.events.page(ADMIN, "*", PAGE).items)
    assert made.token.id in told
    for secret in (made.text, made.text[18:], kept.digest):
        assert secret not in told
        assert secret not in repr(made.token)
    assert made.text[18:-6] not in kept.digest


def test_a_service_account_acts_by_what_was_granted_to_it(world: World) -> None:
    accounts = world.registry.service_accounts
    account = accounts.create(ADMIN, "default", "deployer")
    made = accounts.create_token(ADMIN, "default", "deployer", "one")
    identify = world.registry.identities.identify

    assert identify(made.text).rules == ()
    grant(world, "default/iris", Role.READER, account.grantee)
    grant(world, "fraud", Role.OWNER, account.grantee)
    by = identify(made.text)
    assert by.principal.name == "subject:modelry:default/deployer"
    assert by.may(Action.MODEL_READ, "default", model="iris")
    assert not by.may(Action.MODEL_READ, "fraud"), "a token is for its namespace"


def test_a_service_account_has_two_tokens_at_a_time(world: World) -> None:
    accounts = world.registry.service_accounts
    accounts.create(ADMIN, "default", "deployer")

    def make(name: str) -> Any:
        return accounts.create_token(ADMIN, "default", "deployer", name, days=1)

    first, second = make("first"), make("second")
    with pytest.raises(Conflict, match="2 tokens"):
        make("third")
    accounts.revoke_token(ADMIN, "default", "deployer", first.token.id)
    third = make("third")
    world.clock.advance(seconds=86_400)
    make("fourth")

    listed = accounts.page_tokens(ADMIN, "default", "deployer", PAGE).items
    assert {each.name for each in listed} == {"first", "second", "third", "fourth"}
    assert "revoked" in refused(world, first.text)
    for ended in (second, third):
        assert {"expired", "revoked"} & set(refused(world, ended.text).replace(".", "").split())


def test_the_tokens_of_a_deleted_account_are_dead_and_its_name_is_spent(world: World) -> None:
    accounts = world.registry.service_accounts
    account = accounts.create(ADMIN, "default", "deployer")
    grant(world, "default", Role.READER, account.grantee)
    made = accounts.create_token(ADMIN, "default", "deployer", "one")

    accounts.delete(ADMIN, "default", "deployer")

    assert "revoked" in refused(world, made.text)
    assert accounts.page(ADMIN, "default", PAGE).items == ()
    with pytest.raises(Taken):
        accounts.create(ADMIN, "default", "deployer")
    for gone in (
        lambda: accounts.create_token(ADMIN, "default", "deployer", "two"),
        lambda: accounts.delete(ADMIN, "default", "deployer"),
    ):
        with pytest.raises(NotFound):
            gone()


def test_who_has_signed_in_alone_makes_tokens(world: World) -> None:
    trust(world, model=None)
    with pytest.raises(Forbidden, match="signed in"):
        world.registry.access_tokens.create(workload(world), "x")


def test_can_i_never_says_what_is_hidden(world: World) -> None:
    grant(world, "default", Role.READER, "subject:dev:ann")
    grant(world, "default/iris", Role.READER, "subject:dev:ann", effect=Effect.DENY)
    ann = sign_in(world)

    hidden = explain(ann, Action.MODEL_READ, "default", "iris")
    missing = explain(ann, Action.MODEL_READ, "nowhere", "iris")
    events = explain(ann, Action.EVENT_READ, "default")

    assert (hidden.reason, hidden.rule) == (missing.reason, missing.rule)
    assert events.rule is None
    assert explain(ann, Action.MODEL_READ, "default", "churn").reason == (
        "A grant gives subject:dev:ann the role reader in 'default'."
    )


def test_the_access_list_has_everything_that_lets_anybody_in(world: World) -> None:
    grant(world, "*", Role.AUDITOR, "group:dev:audit")
    grant(world, "default/iris", Role.READER, "subject:dev:ann")
    grant(world, "default", Role.WRITER, "subject:dev:eve", effect=Effect.DENY)
    grant(world, "fraud", Role.READER, "subject:dev:ann")
    trust(world)

    found: list[str] = []
    token = None
    while True:
        page = world.registry.access.page(ADMIN, "default", PageRequest(2, token))
        found += [f"{entry.rule.scope} {entry.rule.name}" for entry in page.items]
        token = page.next_token
        if token is None:
            break

    assert found == [
        "* subject:dev:boss",
        "* group:dev:audit",
        "default subject:dev:alice",
        "default subject:dev:eve",
        "default/iris subject:dev:ann",
        "default/iris default release",
    ]
