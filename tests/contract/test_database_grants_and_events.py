"""What the ports promise of grants and events, on every implementation."""

import pytest

from core.domain.access import Role
from core.domain.events import SubjectKind
from core.domain.grants import Effect
from core.errors import Taken
from core.ports import Database
from tests.contract.entities import commit, event, grant, later, model, store


def test_a_grantee_has_one_role_in_a_scope(database: Database) -> None:
    store(database, grant(), grant(role=Role.OWNER), grant(scope="other", role=Role.READER))

    assert database.grants.get("fraud", "subject:dev:alice") == grant(role=Role.OWNER)
    assert list(database.grants.page("fraud", after=None, limit=9)) == [grant(role=Role.OWNER)]


def test_grants_reach_by_any_of_the_names(database: Database) -> None:
    team, alice = grant("group:dev:team", "other"), grant()
    everywhere = grant("group:dev:admins", "*", role=Role.ADMIN)
    store(database, team, alice, everywhere, grant("subject:dev:bob"))

    found = database.grants.reaching(["subject:dev:alice", "group:dev:team", "group:dev:admins"])

    assert sorted(found, key=lambda one: one.scope) == [everywhere, alice, team]
    assert list(database.grants.reaching([])) == []


def test_grants_are_paged_by_grantee(database: Database) -> None:
    grantees = [f"subject:dev:{name}" for name in ("c", "a", "b")]
    store(database, *(grant(name) for name in grantees), grant("subject:dev:d", "other"))

    found = database.grants.page("fraud", after="subject:dev:a", limit=9)

    assert [one.grantee for one in found] == ["subject:dev:b", "subject:dev:c"]


def test_the_grants_of_a_namespace_are_paged_with_those_of_its_models(database: Database) -> None:
    scopes = ["fraud/iris", "fraud", "fraud-team", "fraud/a b", "*", "frau"]
    store(database, *(grant(scope=scope, role=_role(scope)) for scope in scopes))

    first = database.grants.within("fraud", after=None, limit=2)
    rest = database.grants.within("fraud", after=first[-1].key, limit=9)

    assert [one.scope for one in (*first, *rest)] == ["fraud", "fraud/a b", "fraud/iris"]
    assert [one.scope for one in database.grants.within("*", after=None, limit=9)] == ["*"]


def _role(scope: str) -> Role:
    return Role.ADMIN if scope == "*" else Role.READER


def test_a_grant_comes_back_with_its_effect_and_end(database: Database) -> None:
    denied = grant(effect=Effect.DENY, expires_at=later(60))
    store(database, denied)

    assert database.grants.get("fraud", "subject:dev:alice") == denied


def test_a_removed_grant_is_gone(database: Database) -> None:
    store(database, grant())

    commit(database, lambda stores: stores.grants.remove("fraud", "subject:dev:alice"))
    commit(database, lambda stores: stores.grants.remove("fraud", "subject:dev:alice"))

    assert database.grants.get("fraud", "subject:dev:alice") is None


def test_events_are_paged_newest_first(database: Database) -> None:
    told = [event(at=later(seconds)) for seconds in range(5)]
    store(database, *told[::2], *told[1::2], event(namespace="other"))

    first = database.events.page("fraud", before=None, limit=3)
    rest = database.events.page("fraud", before=first[-1].id, limit=3)

    assert [*first, *rest] == told[::-1]


def test_events_are_narrowed_to_one_subject(database: Database) -> None:
    wanted = event("fraud/iris", SubjectKind.MODEL, after=model())
    store(database, wanted, event("fraud/iris", SubjectKind.ALIAS), event("fraud/other"))

    found = database.events.page(
        "fraud", kind=SubjectKind.MODEL, subject="fraud/iris", before=None, limit=9
    )

    assert list(found) == [wanted]


def test_an_event_is_added_once(database: Database) -> None:
    once = event()
    store(database, once)

    with pytest.raises(Taken):
        store(database, once)
