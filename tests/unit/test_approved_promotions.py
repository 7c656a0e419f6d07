"""From the request over the approvals to the stage: the gate counts what was decided of today."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.domain.access import Caller, Role
from core.domain.approvals import ApprovalState, Verdict
from core.domain.versions import ByNumber
from core.errors import Conflict, RegistryError
from core.services.reviews import Review
from tests.builders import ADMIN, World, caller, evaluation_report, gated

WRITER = caller(("default", Role.WRITER), subject="wendy")
APPROVERS = {
    name: caller(("default", Role.APPROVER), subject=name) for name in ("bob", "carol", "dan")
}
TWO = {"rule": "approval", "count": 2}
PLACE = ("default", "iris")


@pytest.fixture
def world() -> World:
    """Version 1 of `iris`; the way to Staging needs two approvals."""
    return four_eyed()


def four_eyed() -> World:
    made = World()
    made.pushed({"a": b"1"}, metrics={"auc": 0.9})
    gated(made, "Development", "Staging", TWO, rollback_gates=())
    return made


def ask(world: World, **said: Any) -> Review:
    world.clock.advance(seconds=0.001)
    return world.registry.approvals.request(WRITER, *PLACE, 1, to_stage="Staging", **said)


def approve(world: World, asked: Review, *names: str) -> None:
    for name in names:
        decide(world, asked, APPROVERS[name], Verdict.APPROVE)


def decide(world: World, asked: Review, by: Caller, verdict: Verdict) -> None:
    review = world.registry.approvals.get(by, *PLACE, asked.approval.id)
    assert review.today is not None
    world.registry.decisions.decide(
        by, *PLACE, asked.approval.id, verdict, digest=review.today.digest
    )


def promote(world: World) -> Any:
    return world.registry.promotions.promote(WRITER, *PLACE, ByNumber(1), "Staging")


def describe(world: World) -> None:
    world.registry.versions.update(
        ADMIN, *PLACE, ByNumber(1), {"metadata": {"a": 1}}, expected_revision=None
    )


def evaluate(world: World, **report: Any) -> None:
    world.clock.advance(seconds=1)
    world.registry.evaluations.register(ADMIN, *PLACE, ByNumber(1), evaluation_report(**report))


def test_two_approvals_open_the_gate_and_are_used_by_it(world: World) -> None:
    with pytest.raises(Conflict, match="nobody asked for it"):
        promote(world)
    asked = ask(world)
    approve(world, asked, "bob")
    with pytest.raises(Conflict, match="1 of 2"):
        promote(world)
    approve(world, asked, "carol")

    done = promote(world)

    assert done.version.stage == "Staging"
    assert done.digest == asked.approval.digest
    stored = world.database.approvals.get("default", asked.approval.id)
    assert stored is not None
    assert stored.state is ApprovalState.USED


CHANGES: dict[str, Callable[[World], None]] = {
    "metadata": describe,
    "a first evaluation": evaluate,
    "the gates": lambda world: gated(
        world, "Development", "Staging", TWO, {"rule": "metric", "require": "auc >= 0.1"}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_approvals_lapse_when_what_they_judged_changes(
    world: World, change: Callable[[World], None]
) -> None:
    asked = ask(world)
    approve(world, asked, "bob", "carol")
    change(world)

    with pytest.raises(Conflict, match="decided on has changed since"):
        promote(world)
    approve(world, asked, "bob", "carol")

    assert promote(world).version.stage == "Staging"


def test_a_metric_of_a_newer_evaluation_lapses_them_too(world: World) -> None:
    evaluate(world)
    asked = ask(world)
    approve(world, asked, "bob", "carol")
    evaluate(world, metrics={"accuracy": 0.1})

    review = world.registry.approvals.get(ADMIN, *PLACE, asked.approval.id)
    with pytest.raises(Conflict, match="has changed since"):
        promote(world)

    assert review.today is not None
    assert review.today.differences(asked.approval.judged) == ("evaluations",)


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "expired"])
def test_what_ended_otherwise_opens_nothing(world: World, end: str) -> None:
    asked = ask(world)
    approve(world, asked, "bob", "carol")
    if end == "rejected":
        decide(world, asked, APPROVERS["dan"], Verdict.REJECT)
    elif end == "withdrawn":
        world.registry.decisions.withdraw(WRITER, *PLACE, asked.approval.id)
    else:
        world.clock.advance(seconds=8 * 86_400)

    with pytest.raises(Conflict, match="nobody asked for it"):
        promote(world)


def test_what_was_used_once_does_not_open_the_gate_again(world: World) -> None:
    approve(world, ask(world), "bob", "carol")
    promote(world)
    world.registry.promotions.promote(WRITER, *PLACE, ByNumber(1), "Development")

    with pytest.raises(Conflict, match="nobody asked for it"):
        promote(world)


def test_an_approval_by_a_role_that_the_gate_does_not_name_does_not_count(world: World) -> None:
    gated(world, "Development", "Staging", {"rule": "approval", "role": "owner"})
    asked = ask(world)
    with pytest.raises(RegistryError, match="approved by the roles owner"):
        approve(world, asked, "bob")
    owner = caller(("default", Role.OWNER), subject="olga")
    decide(world, asked, owner, Verdict.APPROVE)

    assert promote(world).version.stage == "Staging"


class Governed(RuleBasedStateMachine):
    """Whatever people try, in whatever order: no version passes without two approvals of exactly
    what passes, by people who neither asked for it nor registered it."""

    @initialize()
    def begin(self) -> None:
        self.world = four_eyed()
        self.asked: Review | None = None
        self.given: set[tuple[str, str, str]] = set()
        self.closed: set[str] = set()

    def digest(self) -> str:
        look = self.world.registry.promotions.judge(ADMIN, *PLACE, ByNumber(1), "Staging")
        return str(look.digest)

    @rule(by=st.sampled_from([WRITER, ADMIN]))
    def ask(self, by: Caller) -> None:
        self.world.clock.advance(seconds=1)
        try:
            self.asked = self.world.registry.approvals.request(by, *PLACE, 1, to_stage="Staging")
        except RegistryError:
            return

    @rule(
        name=st.sampled_from([*APPROVERS, "alice", "wendy"]),
        verdict=st.sampled_from([Verdict.APPROVE, Verdict.APPROVE, Verdict.REJECT]),
    )
    def decide(self, name: str, verdict: Verdict) -> None:
        if self.asked is None:
            return
        by = APPROVERS.get(name) or caller(
            ("default", Role.APPROVER), ("default", Role.WRITER), subject=name
        )
        approval_id = self.asked.approval.id
        try:
            done = self.world.registry.decisions.decide(
                by, *PLACE, approval_id, verdict, digest=self.digest()
            )
        except RegistryError:
            return
        if done.approval.state is ApprovalState.REJECTED:
            self.closed.add(approval_id)
        else:
            self.given.add((approval_id, name, done.approval.decisions[-1].digest))

    @rule(text=st.sampled_from("ab"))
    def describe(self, text: str) -> None:
        self.world.registry.versions.update(
            ADMIN, *PLACE, ByNumber(1), {"description": text}, expected_revision=None
        )

    @rule(days=st.integers(-3, 9))
    def jump(self, days: int) -> None:
        self.world.clock.advance(seconds=days * 86_400)

    @rule()
    def promote(self) -> None:
        here = self.world.registry.versions.get(ADMIN, *PLACE, ByNumber(1))
        if here.stage == "Staging":
            return
        digest = self.digest()
        try:
            promote(self.world)
        except RegistryError:
            return
        assert any(
            len({by for where, by, seen in self.given if (where, seen) == (one, digest)}) >= 2
            for one in {where for where, _, _ in self.given} - self.closed
        )
        self.closed |= {where for where, _, _ in self.given}

    @rule()
    def come_back(self) -> None:
        self.world.registry.promotions.promote(WRITER, *PLACE, ByNumber(1), "Development")

    @invariant()
    def nobody_decided_about_their_own(self) -> None:
        assert "alice" not in {by for _, by, _ in self.given}  # who registered the version


TestGoverned = Governed.TestCase
TestGoverned.settings = settings(max_examples=40, stateful_step_count=25)
