"""Legal holds: while one is on it, nothing that is held is deleted or purged, whichever way."""

import contextlib
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.domain.access import Role, system_caller
from core.domain.events import SubjectKind
from core.domain.retention import Retention
from core.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError
from tests.builders import ADMIN, World, caller

OWNER = caller(("default", Role.OWNER))
SWEEP = system_caller("sweep")
DAY = 86_400
CASE: dict[str, Any] = {"reference": "case 7", "reason": "litigation"}
IRIS = ("default", "iris")


def world() -> World:
    """Versions 1 and 2 of `iris`, and a grace period of ten days."""
    made = World(delete_grace_seconds=10 * DAY)
    made.pushed({"a": b"1"})
    made.pushed({"a": b"2"})
    return made


def swept(made: World, *, days: float) -> int:
    made.clock.advance(seconds=days * DAY)
    return made.registry.purges.purge(SWEEP)


def actions(made: World, subject: str) -> list[str]:
    events = made.database._tables.events.values()
    return [event.action for event in events if event.subject == subject]


def test_what_is_held_is_not_deleted_but_can_be_archived() -> None:
    made = world()
    holds, deletions = made.registry.holds, made.registry.deletions
    holds.hold_version(OWNER, *IRIS, 1, **CASE)

    with pytest.raises(Conflict, match="'case 7' by subject:dev:alice"):
        deletions.delete_version(ADMIN, *IRIS, 1, reason="why")
    with pytest.raises(Conflict, match="Versions of 'iris' are on legal hold"):
        deletions.delete_model(ADMIN, *IRIS, reason="why")
    assert deletions.archive_version(OWNER, *IRIS, 1).retention is Retention.ARCHIVED
    assert deletions.archive_model(OWNER, *IRIS).state is Retention.ARCHIVED
    assert deletions.delete_version(OWNER, *IRIS, 2, reason="why").retention is Retention.DELETED


def test_a_hold_on_a_model_is_one_on_all_its_versions() -> None:
    made = world()
    made.registry.holds.hold_model(OWNER, *IRIS, **CASE)

    with pytest.raises(Conflict, match="The model 'iris' is on legal hold"):
        made.registry.deletions.delete_version(ADMIN, *IRIS, 1, reason="why")
    with pytest.raises(Conflict, match="The model 'iris' is on legal hold"):
        made.registry.deletions.delete_model(ADMIN, *IRIS, reason="why")


def test_the_sweep_passes_over_what_is_held_and_goes_on_with_the_rest() -> None:
    made = world()
    deletions = made.registry.deletions
    made.pushed({"a": b"3"}, model="tree")
    for number in (1, 2):
        deletions.delete_version(OWNER, *IRIS, number, reason="why")
    deletions.delete_version(OWNER, "default", "tree", 1, reason="why")
    made.registry.holds.hold_version(OWNER, *IRIS, 1, **CASE)
    made.clock.advance(seconds=11 * DAY)

    # One at a time: what is held must not stand in front of what is due.
    assert [made.registry.purges.purge(SWEEP, limit=1) for _ in range(3)] == [1, 1, 0]
    assert made.database.versions.get(*IRIS, 1).retention is Retention.DELETED
    assert made.database.files.page(1, after=None, limit=9)


def test_a_hold_on_the_model_keeps_versions_that_were_deleted_before() -> None:
    made = world()
    made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    made.registry.holds.hold_model(OWNER, *IRIS, **CASE)
    made.registry.holds.hold_version(OWNER, *IRIS, 1, **CASE)
    made.registry.holds.release_version(OWNER, *IRIS, 1, reason="that one is closed")

    assert swept(made, days=11) == 0
    made.registry.holds.release_model(OWNER, *IRIS, reason="closed")
    assert swept(made, days=11) == 1


@pytest.mark.parametrize("on_version", [False, True])
def test_a_deleted_model_is_kept_by_a_hold_on_it_or_on_one_of_its_versions(
    on_version: bool,
) -> None:
    made = world()
    holds = made.registry.holds
    made.registry.deletions.delete_model(OWNER, *IRIS, reason="a mistake")
    if on_version:
        holds.hold_version(OWNER, *IRIS, 2, **CASE)
    else:
        holds.hold_model(OWNER, *IRIS, **CASE)

    assert swept(made, days=11) == 0

    if on_version:
        holds.release_version(OWNER, *IRIS, 2, reason="closed")
    else:
        holds.release_model(OWNER, *IRIS, reason="closed")
    assert swept(made, days=9) == 0, "a grace period anew"
    restored = made.registry.deletions.undelete_model(OWNER, *IRIS)
    assert (restored.state, restored.held_versions) == (Retention.ACTIVE, ())


def test_it_is_too_late_when_the_purge_may_have_begun() -> None:
    made = world()
    made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    made.clock.advance(seconds=10 * DAY - 60)

    with pytest.raises(Conflict, match="is over"):
        made.registry.holds.hold_version(OWNER, *IRIS, 1, **CASE)

    assert swept(made, days=1) == 1
    with pytest.raises(Conflict, match="is over"):
        made.registry.holds.hold_version(OWNER, *IRIS, 1, **CASE)


def test_a_purge_that_has_found_it_before_it_was_held_leaves_it_alone() -> None:
    made = world()
    made.registry.deletions.delete_version(OWNER, *IRIS, 1, reason="why")
    found = made.registry.deletions.delete_version(OWNER, *IRIS, 2, reason="why")
    made.registry.holds.hold_version(OWNER, *IRIS, 2, **CASE)

    assert made.registry.purges._purge_version(SWEEP, found) == 0
    assert made.registry.purges._bury(SWEEP, found) == 0
    assert made.database.files.page(found.id, after=None, limit=9)


def test_several_matters_hold_one_thing_and_are_lifted_one_by_one() -> None:
    made = world()
    holds = made.registry.holds
    holds.hold_version(OWNER, *IRIS, 1, **CASE)
    again = holds.hold_version(OWNER, *IRIS, 1, reference="case 7", reason="said twice")
    both = holds.hold_version(OWNER, *IRIS, 1, reference="tax", reason="an audit")

    assert [hold.reason for hold in again.holds] == ["litigation"]
    assert [hold.reference for hold in both.holds] == ["case 7", "tax"]
    with pytest.raises(Conflict, match="2 legal holds"):
        holds.release_version(OWNER, *IRIS, 1, reason="closed")
    with pytest.raises(NotFound, match="with the reference 'case 8'"):
        holds.release_version(OWNER, *IRIS, 1, reason="closed", reference="case 8")
    left = holds.release_version(OWNER, *IRIS, 1, reason="closed", reference="case 7")
    assert [hold.reference for hold in left.holds] == ["tax"]
    assert made.registry.models.get(OWNER, *IRIS).held_versions == (1,)
    holds.release_version(OWNER, *IRIS, 1, reason="closed")
    assert made.registry.models.get(OWNER, *IRIS).held_versions == ()
    with pytest.raises(NotFound, match="no legal hold"):
        holds.release_version(OWNER, *IRIS, 1, reason="closed")


def test_setting_and_lifting_are_events_that_say_why() -> None:
    made = world()
    made.registry.holds.hold_version(OWNER, *IRIS, 1, **CASE)
    made.registry.holds.release_version(OWNER, *IRIS, 1, reason="closed")
    made.registry.holds.hold_model(OWNER, *IRIS, **CASE)
    made.registry.holds.release_model(OWNER, *IRIS, reason="closed")

    assert actions(made, "default/iris/1")[-2:] == ["version.held", "version.released"]
    assert actions(made, "default/iris")[-4:] == [
        *("model.version-held", "model.version-released", "model.held", "model.released"),
    ]
    reasons = [e.reason for e in made.database._tables.events.values() if e.action == "model.held"]
    assert reasons == ["litigation"]


@pytest.mark.parametrize("reason", ["", "  ", "a\0b"])
def test_a_hold_must_say_why(reason: str) -> None:
    made = world()

    with pytest.raises(Invalid):
        made.registry.holds.hold_model(OWNER, *IRIS, reference="case 7", reason=reason)
    with pytest.raises(Invalid):
        made.registry.holds.release_model(OWNER, *IRIS, reason=reason)


@pytest.mark.parametrize("reference", ["", "a\0b", "x" * 201])
def test_a_hold_must_name_its_matter(reference: str) -> None:
    with pytest.raises(Invalid):
        world().registry.holds.hold_model(OWNER, *IRIS, reference=reference, reason="why")


@pytest.mark.parametrize("role", [Role.READER, Role.WRITER, Role.APPROVER])
def test_only_owners_set_and_lift(role: Role) -> None:
    with pytest.raises(Forbidden):
        world().registry.holds.hold_model(caller(("default", role)), *IRIS, **CASE)


def test_what_is_not_complete_cannot_be_held_by_itself() -> None:
    made = world()
    made.registered({"a": b"never sent"})

    with pytest.raises(Conflict, match="is pending"):
        made.registry.holds.hold_version(OWNER, *IRIS, 3, **CASE)
    with pytest.raises(NotFound, match="no version 9"):
        made.registry.holds.hold_version(OWNER, *IRIS, 9, **CASE)
    with pytest.raises(NotFound, match="no model 'other'"):
        made.registry.holds.hold_model(OWNER, "default", "other", **CASE)


NUMBERS = st.integers(1, 2)
MATTERS = st.sampled_from(["a", "b"])


class Held(RuleBasedStateMachine):
    """Whatever is tried, what is on hold keeps its bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.world = world()

    @contextlib.contextmanager
    def step(self, days: float = 0.5) -> Any:
        self.world.clock.advance(seconds=days * DAY)
        with contextlib.suppress(RegistryError):
            yield self.world.registry

    @rule(verb=st.sampled_from(["hold", "release"]), matter=MATTERS)
    def model(self, verb: str, matter: str) -> None:
        with self.step() as registry:
            change = getattr(registry.holds, f"{verb}_model")
            change(OWNER, *IRIS, reference=matter, reason="why")

    @rule(verb=st.sampled_from(["hold", "release"]), number=NUMBERS, matter=MATTERS)
    def version(self, verb: str, number: int, matter: str) -> None:
        with self.step() as registry:
            change = getattr(registry.holds, f"{verb}_version")
            change(OWNER, *IRIS, number, reference=matter, reason="why")

    @rule(verb=st.sampled_from(["archive", "restore", "delete", "undelete"]))
    def keep(self, verb: str) -> None:
        with self.step() as registry:
            getattr(registry.deletions, f"{verb}_model")(OWNER, *IRIS, reason="why")

    @rule(verb=st.sampled_from(["archive", "restore", "delete", "undelete"]), number=NUMBERS)
    def keep_version(self, verb: str, number: int) -> None:
        with self.step() as registry:
            getattr(registry.deletions, f"{verb}_version")(OWNER, *IRIS, number, reason="why")

    @rule()
    def purge(self) -> None:
        with self.step(11) as registry:
            registry.purges.purge(SWEEP)

    @invariant()
    def what_is_held_is_whole(self) -> None:
        model = self.world.database.models.get(*IRIS)
        assert model is not None
        numbers = []
        for number in (1, 2):
            version = self.world.database.versions.get(*IRIS, number)
            assert version is not None
            if version.holds:
                numbers.append(number)
            if version.holds or model.holds:
                files = self.world.database.files.page(version.id, after=None, limit=9)
                assert len(files) == 1 or not version.holds
                assert version.retention is not Retention.PURGED or not version.holds
        assert model.held_versions == tuple(numbers)
        assert model.state is not Retention.PURGED or not model.is_held

    @invariant()
    def nothing_held_is_due(self) -> None:
        far = self.world.clock.now().replace(year=2100)
        model = self.world.database.models.get(*IRIS)
        for version in self.world.database.versions.due(far, 9):
            assert not version.holds
            assert model is not None
            assert not model.holds
        assert not any(each.is_held for each in self.world.database.models.due(far, 9))


Held.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestHeld = Held.TestCase


def test_histories_of_holds_are_those_of_their_subjects() -> None:
    made = world()
    made.registry.holds.hold_model(OWNER, *IRIS, **CASE)

    (event,) = [e for e in made.database._tables.events.values() if e.action == "model.held"]

    assert (event.kind, event.subject) == (SubjectKind.MODEL, "default/iris")
    assert event.after is not None
    assert event.after["holds"][0]["reference"] == "case 7"
