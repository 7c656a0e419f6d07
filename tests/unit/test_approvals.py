"""Approvals as a state machine: no order of steps lets a decision count that must not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.domain.approvals import (
    MAX_ENTRIES,
    MAX_TTL,
    STANDING,
    Approval,
    ApprovalState,
    Comment,
    Judged,
    Verdict,
)
from core.domain.decisions import commented, decided, settled, used, withdrawn
from core.domain.records import record, restore
from core.errors import Conflict, Forbidden, Invalid, RegistryError, Stale

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
FIRST = Judged(digest="sha256:first", parts={"metrics": "1", "metadata": "a"})
SECOND = Judged(digest="sha256:second", parts={"metrics": "1", "metadata": "b"})


def later(**time: float) -> datetime:
    return START + timedelta(**time)


def requested(**fields: Any) -> Approval:
    values: dict[str, Any] = {
        "id": "1",
        "namespace": "fraud",
        "model": "iris",
        "number": 3,
        "from_stage": "Staging",
        "to_stage": "Production",
        "author": "author",
        "requested_by": "requester",
        "requested_at": START,
        "digest": FIRST.digest,
        "judged": FIRST.parts,
        "needs": {"approver": 2},
        "expires_at": later(days=7),
        "updated_at": START,
        "updated_by": "requester",
    }
    return Approval(**{**values, **fields})


def decide(approval: Approval, by: str = "bob", **changes: Any) -> Approval:
    values: dict[str, Any] = {
        "verdict": Verdict.APPROVE,
        "seen": FIRST.digest,
        "today": FIRST,
        "needs": {"approver": 2},
        "roles": ("approver",),
        "at": later(minutes=1),
    }
    return decided(approval, by=by, **{**values, **changes})


def test_two_people_with_the_role_approve() -> None:
    one = decide(requested(), "bob")
    two = decide(one, "carol")

    assert (one.state, two.state) == (ApprovalState.OPEN, ApprovalState.APPROVED)
    assert one.lacking(FIRST.digest) == {"approver": 1}
    assert two.lacking(FIRST.digest) == {}
    assert [each.by for each in two.approving(FIRST.digest)] == ["bob", "carol"]


def test_a_request_that_needs_nothing_is_approved_by_anybody() -> None:
    asked = requested(needs={})

    assert asked.lacking(FIRST.digest) == {"*": 1}
    assert decide(asked, needs={}, roles=("owner",)).state is ApprovalState.APPROVED


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize(
    ("who", "why"), [("requester", "asked for"), ("author", "registered the version")]
)
def test_neither_the_requester_nor_the_author_decides(who: str, why: str, verdict: Verdict) -> None:
    with pytest.raises(Forbidden, match=why):
        decide(requested(), who, verdict=verdict)


def test_an_approval_without_the_role_is_refused() -> None:
    with pytest.raises(Forbidden, match="bob has none of them"):
        decide(requested(), roles=("writer", "owner"))


def test_who_has_another_role_can_reject() -> None:
    after = decide(requested(), roles=("owner",), verdict=Verdict.REJECT, comment="too slow")

    assert after.state is ApprovalState.REJECTED


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_digest_that_is_not_todays_is_refused_saying_what_changed(verdict: Verdict) -> None:
    with pytest.raises(Stale, match="since the request, metadata changed") as refused:
        decide(requested(), today=SECOND, verdict=verdict)

    assert refused.value.problems == (("metadata", "changed since the request"),)


def test_a_digest_that_nobody_saw_is_refused() -> None:
    with pytest.raises(Stale, match="that is sha256:first today"):
        decide(requested(), seen="sha256:other")
    with pytest.raises(Stale, match="What you saw, which is no digest, is not"):
        decide(requested(), seen="\x1b[2J")


def test_nobody_approves_the_same_twice() -> None:
    once = decide(requested())

    with pytest.raises(Conflict, match="You approved exactly this"):
        decide(once)


def test_a_decision_lapses_with_what_it_judged_and_can_be_made_again() -> None:
    enough = decide(decide(requested(), "bob"), "carol")

    again = decide(enough, "bob", seen=SECOND.digest, today=SECOND)

    assert enough.lacking(SECOND.digest) == {"approver": 2}
    assert again.state is ApprovalState.OPEN
    assert decide(again, "dan", seen=SECOND.digest, today=SECOND).state is ApprovalState.APPROVED


def test_one_more_person_can_reject_what_is_approved_until_it_is_used() -> None:
    enough = decide(decide(requested(), "bob"), "carol")

    assert decide(enough, "dan", verdict=Verdict.REJECT).state is ApprovalState.REJECTED
    with pytest.raises(Conflict, match="was used by eve"):
        decide(used(enough, by="eve", at=later(hours=1)), "dan", verdict=Verdict.REJECT)


def test_what_is_needed_is_what_the_gate_needs_today() -> None:
    one = decide(requested(), needs={"approver": 1})
    two = decide(one, "carol", needs={"approver": 3})

    assert (one.state, two.state) == (ApprovalState.APPROVED, ApprovalState.OPEN)
    assert two.lacking(FIRST.digest) == {"approver": 1}


@pytest.mark.parametrize(
    "closed",
    [
        withdrawn(requested(), by="requester", at=START),
        decide(requested(), verdict=Verdict.REJECT),
        settled(requested(), later(days=8)),
        used(requested(), by="eve", at=START),
    ],
    ids=lambda approval: approval.state.value,
)
def test_what_is_closed_stays_closed(closed: Approval) -> None:
    steps = (
        lambda: decide(closed, "carol"),
        lambda: withdrawn(closed, by="requester", at=START),
        lambda: used(closed, by="eve", at=START),
    )

    for step in steps:
        with pytest.raises(Conflict, match="Production") as refused:
            step()
        assert refused.value.next_step == "Ask for a new approval if it is still wanted."


def test_a_decision_after_the_end_is_refused_though_nobody_stored_that_it_came() -> None:
    with pytest.raises(Conflict, match=r"expired at 2026-12-01T08:00:00\.000Z"):
        decide(requested(), at=later(days=7))
    with pytest.raises(Conflict, match="expired"):
        withdrawn(requested(), by="requester", at=later(days=7))


def test_a_clock_that_jumps_back_neither_reopens_nor_reorders() -> None:
    late = decide(requested(), "bob", at=later(days=6))
    early = decide(late, "carol", at=later(days=-1))
    over = settled(requested(), later(days=8))

    assert [each.at for each in early.decisions] == [later(days=6), later(days=6)]
    assert early.updated_at == late.updated_at
    assert settled(over, START) is over
    with pytest.raises(Conflict, match="expired"):
        decide(over, at=START)


def test_it_expires_the_same_whoever_looks_and_whenever() -> None:
    asked = decide(requested())

    assert settled(asked, later(days=6)) is asked
    assert settled(asked, later(days=7)) == settled(asked, later(days=70))


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-1), MAX_TTL + timedelta(1)])
def test_an_end_before_the_beginning_or_far_away_is_refused(ttl: timedelta) -> None:
    with pytest.raises(Invalid, match="would expire at"):
        requested(expires_at=START + ttl)


@pytest.mark.parametrize("text", ["", " \n", "a\0b", "x" * 4_001])
def test_a_comment_that_says_nothing_or_too_much_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="A comment has"):
        commented(requested(), text, by="bob", at=START)


def test_what_is_closed_can_be_commented_on_but_not_for_ever() -> None:
    closed = withdrawn(requested(), by="requester", at=START)
    full = replace(closed, comments=(Comment(by="bob", text="why?", at=START),) * MAX_ENTRIES)

    assert commented(closed, "why?", by="bob", at=START).comments[0].text == "why?"
    with pytest.raises(Conflict, match="takes no more"):
        commented(full, "why?", by="bob", at=START)


def test_it_comes_back_from_its_record_as_it_was() -> None:
    approval = commented(decide(requested()), "fine", by="bob", at=later(minutes=2))

    assert restore(Approval, record(approval)) == approval


@given(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")),
    st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")),
)
def test_differences_are_the_parts_that_are_not_equal(
    before: dict[str, str], after: dict[str, str]
) -> None:
    found = Judged(digest="", parts=after).differences(before)

    assert set(found) == {name for name in "abc" if before.get(name) != after.get(name)}


PEOPLE = st.sampled_from(["requester", "author", "bob", "carol", "dan"])
ROLES = st.sampled_from([(), ("approver",), ("owner",), ("approver", "owner")])


class Requests(RuleBasedStateMachine):
    """Anybody tries anything at any time, while what is judged changes and the clock jumps."""

    @initialize(needs=st.sampled_from([{}, {"approver": 1}, {"approver": 2, "owner": 1}]))
    def ask(self, needs: dict[str, int]) -> None:
        self.needs = needs
        self.approval = requested(needs=needs)
        self.now = START
        self.today = FIRST
        self.closed: ApprovalState | None = None
        self.accepted: list[tuple[str, tuple[str, ...], str]] = []

    def step(self, change: Any) -> bool:
        """Try it; whether it was done. Whatever is done is the next revision, and later."""
        before = self.approval
        try:
            after = change(before)
        except RegistryError:
            return False
        assert after.revision == before.revision + 1
        assert after.updated_at >= before.updated_at
        assert after.decisions[: len(before.decisions)] == before.decisions
        self.approval = after
        return True

    @rule(who=PEOPLE, roles=ROLES, verdict=st.sampled_from(list(Verdict)), fresh=st.booleans())
    def decide(self, who: str, roles: tuple[str, ...], verdict: Verdict, fresh: bool) -> None:
        seen = self.today.digest if fresh else "sha256:other"
        was = self.approval
        done = self.step(
            lambda it: decide(
                it, who, verdict=verdict, seen=seen, today=self.today, needs=self.needs,
                roles=roles, at=self.now,
            )
        )  # fmt: skip
        if not done:
            return
        assert fresh
        assert who not in {"requester", "author"}
        assert was.is_standing
        assert not was.is_due(self.now)
        if verdict is Verdict.APPROVE:
            assert (who, self.today.digest) not in {(by, digest) for by, _, digest in self.accepted}
            self.accepted.append((who, roles, self.today.digest))

    @rule(who=PEOPLE)
    def comment(self, who: str) -> None:
        self.step(lambda it: commented(it, "well", by=who, at=self.now))

    @rule()
    def withdraw(self) -> None:
        self.step(lambda it: withdrawn(it, by="requester", at=self.now))

    @rule()
    def look(self) -> None:
        self.approval = settled(self.approval, self.now)

    @precondition(lambda self: self.approval.is_standing)
    @rule()
    def use(self) -> None:
        if not self.approval.lacking(self.today.digest):
            self.step(lambda it: used(it, by="eve", at=self.now))

    @rule(digest=st.sampled_from([FIRST, SECOND]))
    def change_what_is_judged(self, digest: Judged) -> None:
        self.today = digest

    @rule(hours=st.integers(-100, 100))
    def jump(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @invariant()
    def what_is_closed_stays_so(self) -> None:
        if self.closed is not None:
            assert self.approval.state is self.closed
        elif self.approval.state not in STANDING:
            self.closed = self.approval.state

    @invariant()
    def only_what_was_accepted_of_todays_counts(self) -> None:
        counted = {each.by for each in self.approval.approving(self.today.digest)}
        accepted = {by for by, _, digest in self.accepted if digest == self.today.digest}
        assert counted == accepted
        if not self.approval.lacking(self.today.digest):
            for role, count in self.needs.items():
                having = {
                    by for by, roles, digest in self.accepted
                    if digest == self.today.digest and role in roles
                }  # fmt: skip
                assert len(having) >= count


TestRequests = Requests.TestCase
