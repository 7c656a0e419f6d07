"""How long what was deleted is kept, by what it was: rules lengthen, never shorten."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access import Role, system_caller
from core.domain.compliance_fields import RiskClass
from core.domain.pages import PageRequest
from core.domain.records import record, restore
from core.domain.retention import Retention
from core.domain.retention_rules import (
    MAX_MARKS,
    KeepRule,
    RetentionRules,
    check_rules,
    mark,
    remembered,
)
from core.domain.subjects import version_subject
from core.domain.versions import ByNumber, VersionState
from core.errors import Forbidden, Invalid, Stale
from tests.builders import World, caller
from tests.contract.entities import NOW, namespace

OWNER = caller(("default", Role.OWNER))
SWEEP = system_caller("sweep")
DAY = 86_400
IRIS = ("default", "iris")
GRACE = timedelta(days=7)

names = st.sampled_from(["Production", "Staging", "champion"])
rules = st.builds(
    KeepRule,
    days=st.integers(1, 4_000),
    risk_classes=st.lists(st.sampled_from(list(RiskClass)), max_size=2).map(tuple),
    stages=st.lists(names, max_size=2).map(tuple),
    aliases=st.lists(names, max_size=2).map(tuple),
)
retentions = st.builds(
    RetentionRules,
    grace_days=st.none() | st.integers(1, 90),
    keep=st.lists(rules, max_size=4).map(tuple),
)
marks = st.sets(
    st.builds(mark, st.sampled_from(["stage", "alias"]), names)
    | st.builds(mark, st.just("risk"), st.sampled_from(list(RiskClass)))
)


@given(retentions, marks)
def test_what_is_kept_is_kept_as_long_as_the_longest_rule_says(
    retention: RetentionRules, known: set[str]
) -> None:
    until = retention.purge_at(known, NOW, GRACE)

    grace = GRACE if retention.grace_days is None else timedelta(days=retention.grace_days)
    met = [timedelta(days=rule.days) for rule in retention.keep if rule.meets(known)]
    assert until == NOW + max([grace, *met])


@given(retentions, marks, rules)
def test_one_more_rule_or_mark_never_shortens(
    retention: RetentionRules, known: set[str], rule: KeepRule
) -> None:
    before = retention.purge_at(known, NOW, GRACE)
    more = RetentionRules(grace_days=retention.grace_days, keep=(*retention.keep, rule))

    assert more.purge_at(known, NOW, GRACE) >= before
    assert retention.purge_at(known | {"stage:Production"}, NOW, GRACE) >= before


@given(retentions)
def test_rules_are_stored_with_their_namespace_and_read_back(retention: RetentionRules) -> None:
    room = namespace(retention=check_rules(retention), rule_sets=("gdpr",))

    assert restore(type(room), record(room)) == room
    old = record(namespace())
    del old["retention"], old["rule_sets"]
    assert restore(type(room), old) == namespace()


@pytest.mark.parametrize(
    ("retention", "place"),
    [
        (RetentionRules(grace_days=0), "grace_days"),
        (RetentionRules(upload_days=36_501), "upload_days"),
        (RetentionRules(keep=(KeepRule(days=-1),)), "keep.0.days"),
        (RetentionRules(keep=(KeepRule(days=1, risk_classes=("x",)),)), "keep.0.risk_classes"),
        (RetentionRules(keep=(KeepRule(days=1, stages=("a",) * 101),)), "keep.0.stages"),
        (RetentionRules(keep=(KeepRule(days=1),) * 101), "keep"),
    ],
)
def test_rules_that_do_not_fit_are_refused_by_their_place(
    retention: RetentionRules, place: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_rules(retention)

    assert [where for where, _ in refused.value.problems] == [place]


def test_marks_are_remembered_once_and_bounded() -> None:
    assert remembered(("b",), {"a", "b"}) == ("b", "a")
    assert len(remembered((), [str(n) for n in range(2_000)])) == MAX_MARKS


def world(**rules: Any) -> World:
    """Versions 1 and 2 of `iris`, a grace period of ten days, and these rules of retention."""
    made = World(delete_grace_seconds=10 * DAY)
    made.pushed({"a": b"1"})
    made.pushed({"a": b"2"})
    if rules:
        made.registry.policies.set_retention(OWNER, "default", RetentionRules(**rules))
    return made


def swept(made: World, *, days: float) -> int:
    made.clock.advance(seconds=days * DAY)
    return made.registry.purges.purge(SWEEP)


def state(made: World, number: int) -> Any:
    version = made.database.versions.get(*IRIS, number)
    assert version is not None
    return version.retention


def test_the_grace_period_is_that_of_the_namespace() -> None:
    made = world(grace_days=30)

    deleted = made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")

    assert deleted.purge_at == deleted.deleted_at + timedelta(days=30)
    assert [swept(made, days=29), swept(made, days=2)] == [0, 1]


def test_what_ever_had_an_alias_is_kept_by_its_rule() -> None:
    made = world(keep=(KeepRule(days=100, aliases=("champion",)),))
    aliases, deletions = made.registry.aliases, made.registry.deletions
    aliases.point(OWNER, *IRIS, "champion", ByNumber(1))
    aliases.remove(OWNER, *IRIS, "champion")

    kept = deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    gone = deletions.delete_version(OWNER, *IRIS, 2, reason="why")

    assert kept.purge_at - gone.purge_at == timedelta(days=90)
    assert [swept(made, days=11), swept(made, days=88), swept(made, days=2)] == [1, 0, 1]


def test_a_risk_class_that_was_lowered_before_the_deletion_still_counts() -> None:
    made = world(keep=(KeepRule(days=3_650, risk_classes=("high",)),))
    for risk_class in ("high", "minimal"):
        patch: Any = {"compliance": {"risk_class": risk_class}}
        made.registry.models.update(OWNER, *IRIS, patch, expected_revision=None)

    deleted = made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    model = made.registry.deletions.delete_model(OWNER, *IRIS, reason="why")

    for each in (deleted, model):
        assert each.purge_at == each.deleted_at + timedelta(days=3_650)


def test_a_model_stays_with_the_version_that_is_kept_longest() -> None:
    made = world(keep=(KeepRule(days=100, risk_classes=("high",)),))
    made.pushed({"a": b"3"}, compliance={"risk_class": "high"})
    model = made.registry.deletions.delete_model(OWNER, *IRIS, reason="why")

    assert swept(made, days=11) == 0
    put_off = made.database.models.get(*IRIS)
    assert put_off is not None
    assert put_off.purge_at == model.deleted_at + timedelta(days=100)
    assert state(made, 1) is Retention.ACTIVE, "nothing of it is purged before all of it may be"
    assert swept(made, days=100) == 4


def test_longer_rules_reach_what_was_deleted_before_and_shorter_ones_do_not() -> None:
    made = world(grace_days=20)
    first = made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    made.registry.policies.set_retention(OWNER, "default", RetentionRules(grace_days=1))

    assert swept(made, days=15) == 0, "it was promised 20 days"
    long = RetentionRules(keep=(KeepRule(days=50),))
    made.registry.policies.set_retention(OWNER, "default", long)
    assert swept(made, days=6) == 0

    put_off = made.database.versions.get(*IRIS, 1)
    assert put_off is not None
    assert put_off.purge_at == first.deleted_at + timedelta(days=50)
    told = [
        e.action for e in made.database._tables.events.values() if e.subject == "default/iris/1"
    ]
    assert told[-1] == "version.purge-put-off"
    assert made.registry.deletions.undelete_version(OWNER, *IRIS, 1).purge_at is None


def test_what_is_put_off_does_not_stand_in_front_of_what_is_due() -> None:
    made = world()
    made.pushed({"a": b"3"}, model="tree")
    deletions = made.registry.deletions
    made.registry.aliases.point(OWNER, *IRIS, "champion", ByNumber(1))
    made.registry.aliases.remove(OWNER, *IRIS, "champion")
    for number in (1, 2):
        deletions.delete_version(OWNER, *IRIS, number, reason="why")
        made.clock.advance(seconds=1)
    rules = RetentionRules(keep=(KeepRule(days=100, aliases=("champion",)),))
    made.registry.policies.set_retention(OWNER, "default", rules)
    made.clock.advance(seconds=11 * DAY)

    assert [made.registry.purges.purge(SWEEP, limit=1) for _ in range(3)] == [0, 1, 0]


def test_after_a_hold_on_the_model_there_is_a_grace_period_anew() -> None:
    made = world()
    made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    made.registry.holds.hold_model(OWNER, *IRIS, reference="case 7", reason="litigation")
    made.clock.advance(seconds=40 * DAY)
    made.registry.holds.release_model(OWNER, *IRIS, reason="closed")

    assert [swept(made, days=1), swept(made, days=8), swept(made, days=2)] == [0, 0, 1]


def test_an_upload_is_waited_for_as_long_as_the_namespace_says() -> None:
    made = world(upload_days=7)
    made.registered({"a": b"3"})
    uploads = made.registry.uploads

    made.clock.advance(seconds=2 * DAY)
    assert uploads.expire(SWEEP) == 0
    awaited = made.database.versions.get(*IRIS, 3)
    assert awaited is not None
    assert awaited.state is VersionState.PENDING
    assert awaited.upload_expires_at == awaited.created_at + timedelta(days=7)
    made.clock.advance(seconds=6 * DAY)
    assert uploads.expire(SWEEP) == 1


def test_rules_can_be_read_as_of_a_time_and_are_compared_and_set() -> None:
    made = world()
    before = made.registry.policies.get(OWNER, "default")
    made.clock.advance(seconds=60)
    first = made.clock.now()
    made.clock.advance(seconds=60)
    rules = RetentionRules(grace_days=30)

    changed = made.registry.policies.set_retention(
        OWNER, "default", rules, expected_revision=before.revision, reason="policy 12"
    )

    assert changed.retention == rules
    assert made.registry.policies.get(OWNER, "default", as_of=first).retention == RetentionRules()
    assert made.registry.policies.set_retention(OWNER, "default", rules) == changed
    with pytest.raises(Stale):
        made.registry.policies.set_retention(
            OWNER, "default", RetentionRules(), expected_revision=before.revision
        )
    with pytest.raises(Forbidden):
        made.registry.policies.set_retention(caller(("default", Role.WRITER)), "default", rules)
    told = list(made.database._tables.events.values())[-1]
    assert (told.action, told.reason) == ("namespace.retention-changed", "policy 12")


def test_what_was_ever_in_production_is_kept_though_it_left() -> None:
    made = world(keep=(KeepRule(days=100, stages=("Production",)),))
    promote = made.registry.promotions.promote
    for stage in ("Staging", "Production", "Archived"):
        promote(OWNER, *IRIS, ByNumber(1), stage)
    for name in made.registry.models.get(OWNER, *IRIS).aliases:
        made.registry.aliases.remove(OWNER, *IRIS, name)

    kept = made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    gone = made.registry.deletions.delete_version(OWNER, *IRIS, 2, reason="why")

    assert {"stage:Staging", "stage:Production", "alias:production"} <= set(kept.marks)
    assert kept.purge_at - gone.purge_at == timedelta(days=90)


def test_marks_travel_but_are_no_news() -> None:
    made = world()
    made.registry.aliases.point(OWNER, *IRIS, "champion", ByNumber(1))
    made.registry.aliases.point(OWNER, *IRIS, "champion", ByNumber(2))

    subject = version_subject(*IRIS, 1)
    changes = made.registry.history.page(OWNER, subject, PageRequest(9)).items

    assert made.registry.versions.get(OWNER, *IRIS, ByNumber(1)).marks == ("alias:champion",)
    assert not any(each.field.startswith("/marks") for c in changes for each in c.fields)
