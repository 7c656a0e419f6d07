"""The one decision: every role against every action, in one table."""

from datetime import UTC, datetime

import pytest

from core.domain.access import (
    EVERYWHERE,
    NAMESPACE_ROLES,
    SYSTEM_ROLES,
    Action,
    Principal,
    Role,
    system_caller,
)
from core.domain.grants import Grant
from core.domain.rules import Reach
from core.errors import Forbidden, Invalid, NotFound
from tests.builders import caller

AT = datetime(2026, 1, 1, tzinfo=UTC)

TABLE = """
                     reader  writer  approver  owner  admin  auditor  nobody  system
namespace.see        yes     yes     yes       yes    yes    yes      no      no
namespace.read       yes     yes     yes       yes    yes    yes      no      no
namespace.create     no      no      no        no     yes    no       no      no
namespace.update     no      no      no        yes    yes    no       no      no
grant.read           no      no      no        yes    yes    yes      no      no
grant.change         no      no      no        yes    yes    no       no      no
schema.change        no      no      no        yes    yes    no       no      no
lifecycle.change     no      no      no        yes    yes    no       no      no
model.read           yes     yes     yes       yes    yes    yes      no      no
model.register       no      yes     no        yes    yes    no       no      no
model.update         no      yes     no        yes    yes    no       no      no
version.register     no      yes     no        yes    yes    no       no      no
version.update       no      yes     no        yes    yes    no       no      no
model.archive        no      yes     no        yes    yes    no       no      no
model.delete         no      no      no        yes    yes    no       no      no
version.archive      no      yes     no        yes    yes    no       no      no
version.deprecate    no      yes     no        yes    yes    no       no      no
version.delete       no      no      no        yes    yes    no       no      no
evaluation.register  no      yes     no        yes    yes    no       no      no
alias.change         no      yes     yes       yes    yes    no       no      no
alias.change-protected  no   no      yes       yes    yes    no       no      no
version.promote      no      yes     yes       yes    yes    no       no      no
version.roll-back    no      yes     yes       yes    yes    no       no      no
approval.request     no      yes     no        yes    yes    no       no      no
approval.comment     no      yes     yes       yes    yes    no       no      no
approval.decide      no      no      yes       yes    yes    no       no      no
approval.withdraw    no      no      no        yes    yes    no       no      no
approval.expire      no      no      no        no     no     no       no      yes
file.read-retired    no      no      no        yes    yes    no       no      no
file.read            yes     yes     yes       yes    yes    yes      no      no
event.read           yes     yes     yes       yes    yes    yes      no      no
audit.read           no      no      no        yes    yes    yes      no      no
webhook.read         no      no      no        yes    yes    yes      no      no
webhook.change       no      no      no        yes    yes    no       no      no
event.relay          no      no      no        no     no     no       no      yes
policy.change        no      no      no        yes    yes    no       no      no
experiment.read      yes     yes     yes       yes    yes    yes      no      no
experiment.change    no      yes     no        yes    yes    no       no      no
experiment.delete    no      no      no        yes    yes    no       no      no
run.log              no      yes     no        yes    yes    no       no      no
run.delete           no      yes     no        yes    yes    no       no      no
environment.read     yes     yes     yes       yes    yes    yes      no      no
environment.change   no      yes     no        yes    yes    no       no      no
deployment.read      yes     yes     yes       yes    yes    yes      no      no
deployment.change    no      yes     no        yes    yes    no       no      no
deployment.observe   no      yes     no        yes    yes    no       no      no
hold.change          no      no      no        yes    yes    no       no      no
audit.seal           no      no      no        no     no     no       no      yes
system-grant.read    no      no      no        no     yes    yes      no      no
system-grant.change  no      no      no        no     yes    no       no      no
upload.receive       no      no      no        no     no     no       no      yes
upload.expire        no      no      no        no     no     no       no      yes
deleted.purge        no      no      no        no     no     no       no      yes
store.check         no      no      no        no     no     no       no      yes
store.clean         no      no      no        no     no     no       no      yes
backup.write         no      no      no        no     no     no       no      yes
backup.read          no      no      no        no     no     no       no      yes
backup.restore       no      no      no        no     no     no       no      yes
"""


def rows() -> dict[str, dict[str, bool]]:
    header, *lines = [line.split() for line in TABLE.strip().splitlines()]
    return {
        action: {who: answer == "yes" for who, answer in zip(header, answers, strict=True)}
        for action, *answers in lines
    }


def test_the_table_has_every_action_and_every_role() -> None:
    assert set(rows()) == set(Action)
    for row in rows().values():
        assert set(row) == {*Role, "nobody", "system"}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_exactly_what_the_table_says(role: Role, action: Action) -> None:
    scope = EVERYWHERE if role in SYSTEM_ROLES else "team"

    assert caller((scope, role)).may(action, "team") == rows()[action][role]


@pytest.mark.parametrize("action", Action)
def test_without_a_role_nothing_is_allowed(action: Action) -> None:
    assert not caller().may(action, "team")
    assert not caller().may(action)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", sorted(NAMESPACE_ROLES))
def test_a_role_in_one_namespace_is_nothing_in_another(role: Role, action: Action) -> None:
    assert not caller(("team", role)).may(action, "other")
    assert not caller(("team", role)).may(action, "")
    assert not caller(("team", role)).may(action)


@pytest.mark.parametrize("action", Action)
def test_the_registry_itself_does_only_what_no_caller_may(action: Action) -> None:
    system = system_caller("uploads")

    assert system.may(action) == rows()[action]["system"]


def test_a_principal_named_like_the_registry_is_not_the_registry() -> None:
    impostor = caller((EVERYWHERE, Role.ADMIN), subject="uploads")

    assert not impostor.may(Action.UPLOAD_RECEIVE)
    with pytest.raises(Forbidden):
        impostor.require(Action.UPLOAD_RECEIVE)


def test_a_namespace_that_cannot_be_read_is_not_found() -> None:
    with pytest.raises(NotFound, match="'team'"):
        caller(("other", Role.OWNER)).require(Action.MODEL_REGISTER, "team")


def test_what_can_be_read_but_not_changed_is_forbidden_and_says_who_can() -> None:
    with pytest.raises(Forbidden) as caught:
        caller(("team", Role.READER)).require(Action.MODEL_REGISTER, "team")

    assert "admin, owner, writer" in caught.value.next_step


def test_a_caller_reaches_the_namespaces_where_it_has_a_role() -> None:
    assert caller(("a", Role.READER), ("b", Role.OWNER)).reach().namespaces == {"a", "b"}
    assert caller().reach() == Reach()
    assert caller((EVERYWHERE, Role.AUDITOR)).reach().everywhere


def test_grants_reach_a_principal_by_its_own_name_and_its_groups_of_its_issuer() -> None:
    alice = Principal("dev", "alice", ("team", "subject:dev:bob", "*"))

    assert alice.grantees == (
        "subject:dev:alice",
        "group:dev:team",
        "group:dev:subject:dev:bob",
        "group:dev:*",
    )


@pytest.mark.parametrize("role", Role)
def test_a_role_is_granted_only_where_it_means_something(role: Role) -> None:
    for scope, allowed in (("team", NAMESPACE_ROLES), (EVERYWHERE, SYSTEM_ROLES)):
        if role in allowed:
            assert Grant(scope, "group:dev:team", role, AT, "by").role is role
        else:
            with pytest.raises(Invalid):
                Grant(scope, "group:dev:team", role, AT, "by")


@pytest.mark.parametrize(
    "grantee",
    [
        "",
        "alice",
        "subject:alice",
        "subject::alice",
        "subject:dev:",
        "user:dev:alice",
        "*",
        "Subject:dev:alice",
        "subject:dev:a\nb",
        "subject:dev:a\0",
        "group:dev:" + "x" * 512,
    ],
)
def test_a_grantee_is_a_subject_or_a_group_of_an_issuer(grantee: str) -> None:
    with pytest.raises(Invalid):
        Grant("team", grantee, Role.READER, AT, "by")
