"""Approvals as use cases: who may ask and decide, what lapses, and what is told of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.access import Caller, Role, system_caller
from core.domain.approvals import Approval, ApprovalState, Verdict
from core.domain.claims import Attempt
from core.domain.decisions import settled
from core.domain.pages import PageRequest
from core.domain.records import record
from core.domain.subjects import subject_of
from core.domain.versions import ByNumber
from core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from core.services.reviews import Review
from tests.builders import ADMIN, World, caller, gated

WRITER = caller(("default", Role.WRITER), subject="wendy")
AUTHOR = caller(("default", Role.WRITER), ("default", Role.APPROVER), subject="arthur")
BOB = caller(("default", Role.APPROVER), subject="bob")
CAROL = caller(("default", Role.APPROVER), subject="carol")
OWNER = caller(("default", Role.OWNER), subject="olga")
READER = caller(("default", Role.READER), subject="rita")
SWEEP = system_caller("sweep")
TWO = {"rule": "approval", "count": 2}
PAGE = PageRequest()


@pytest.fixture
def world() -> World:
    """Version 1 of `iris` by arthur; the way to Staging needs two approvals."""
    made = World()
    made.pushed({"a": b"1"}, metrics={"auc": 0.9})
    made.registered({"a": b"2"}, by=AUTHOR)
    made.pushed({"a": b"3"}, by=AUTHOR, metadata={"team": "fraud"})
    gated(made, "Development", "Staging", TWO)
    return made


def ask(world: World, by: Caller = WRITER, number: int = 3, **said: Any) -> Review:
    to = {"to_stage": "Staging", **said}
    world.clock.advance(seconds=0.001)
    return world.registry.approvals.request(by, "default", "iris", number, **to)


def decide(
    world: World, by: Caller, asked: Review, verdict: Verdict = Verdict.APPROVE, **said: Any
) -> Review:
    today = look(world, asked).today
    values = {"digest": today.digest if today else asked.approval.digest, **said}
    place = ("default", "iris", asked.approval.id)
    return world.registry.decisions.decide(by, *place, verdict, **values)


def look(world: World, asked: Review) -> Review:
    return world.registry.approvals.get(READER, "default", "iris", asked.approval.id)


def describe(world: World, **patch: Any) -> None:
    world.registry.versions.update(
        ADMIN, "default", "iris", ByNumber(3), patch, expected_revision=None
    )


def actions(world: World, approval: Approval) -> list[str]:
    subject = subject_of(approval)
    events = world.database.events.page(
        "default", kind=subject.kind, subject=subject.name, before=None, limit=50
    )
    return [event.action for event in reversed(events)]


def test_two_people_approve_and_each_step_is_told_of(world: World) -> None:
    asked = ask(world, comment="please", reason="release 7")
    decide(world, BOB, asked, comment="fine")
    done = decide(world, CAROL, asked)

    assert asked.is_new
    assert asked.approval.needs == {"approver": 2}
    assert (asked.approval.from_stage, asked.approval.to_stage) == ("Development", "Staging")
    assert done.approval.state is ApprovalState.APPROVED
    assert [each.roles for each in done.approval.decisions] == [("approver",)] * 2
    assert actions(world, done.approval) == [
        "approval.requested",
        "approval.approved",
        "approval.approved",
    ]


def test_asking_again_finds_the_request_that_stands_whoever_asks(world: World) -> None:
    first = ask(world)
    again = ask(world, by=AUTHOR, to_stage="staging")

    assert again.approval == first.approval
    assert not again.is_new
    assert ask(world, to_stage="Archived").approval.id != first.approval.id


def test_a_repeated_creation_is_answered_with_what_it_created(world: World) -> None:
    attempt = Attempt("key", "POST /approvals", "digest")
    by = replace(WRITER, attempt=attempt)
    first = ask(world, by)
    world.registry.decisions.withdraw(WRITER, "default", "iris", first.approval.id)

    again = ask(world, by)

    assert again.approval == first.approval
    assert attempt.is_repeat


@pytest.mark.parametrize("number", [2, 9])
def test_a_version_that_is_not_ready_or_not_there_is_not_asked_for(
    world: World, number: int
) -> None:
    with pytest.raises((Conflict, NotFound)):
        ask(world, number=number)


def test_an_archived_version_is_not_asked_for(world: World) -> None:
    world.registry.deletions.archive_version(ADMIN, "default", "iris", 3)

    with pytest.raises(Conflict, match="is archived"):
        ask(world)


def test_a_stage_that_is_none_or_that_no_way_leads_to_is_refused(world: World) -> None:
    with pytest.raises(NotFound, match="no stage 'Heaven'"):
        ask(world, to_stage="Heaven")
    with pytest.raises(Conflict, match="no way from Development to Production"):
        ask(world, to_stage="Production")


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(days=-1), timedelta(days=91)])
def test_a_time_to_live_that_is_none_is_refused(world: World, ttl: timedelta) -> None:
    with pytest.raises(Invalid, match="would expire"):
        ask(world, ttl=ttl)


@pytest.mark.parametrize("who", [READER, BOB])
def test_who_does_not_write_does_not_ask(world: World, who: Caller) -> None:
    with pytest.raises(Forbidden):
        ask(world, by=who)


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("who", [WRITER, READER])
def test_who_has_no_role_for_it_does_not_decide(
    world: World, who: Caller, verdict: Verdict
) -> None:
    with pytest.raises(Forbidden, match=r"may not do approval\.decide"):
        decide(world, who, ask(world), verdict)


def test_an_owner_has_not_the_role_that_the_gate_names_but_can_reject(world: World) -> None:
    asked = ask(world)

    with pytest.raises(Forbidden, match="olga has none of them"):
        decide(world, OWNER, asked)
    assert decide(world, OWNER, asked, Verdict.REJECT).approval.state is ApprovalState.REJECTED


def test_four_eyes_neither_who_asks_nor_who_registered_the_version_decides(world: World) -> None:
    both = caller(("default", Role.WRITER), ("default", Role.APPROVER), subject="bob")

    with pytest.raises(Forbidden, match="arthur registered the version"):
        decide(world, AUTHOR, ask(world))
    world.registry.decisions.withdraw(WRITER, "default", "iris", _only(world))
    with pytest.raises(Forbidden, match="bob asked for the approval"):
        decide(world, both, ask(world, by=both))


def test_nobody_approves_twice(world: World) -> None:
    asked = ask(world)
    decide(world, BOB, asked)

    with pytest.raises(Conflict, match="You approved exactly this"):
        decide(world, BOB, asked)


CHANGES: dict[str, tuple[Callable[[World], Any], str]] = {
    "metadata": (lambda world: describe(world, metadata={"team": "risk"}), "metadata"),
    "description": (lambda world: describe(world, description="new"), "description"),
    "gates": (lambda world: gated(world, "Development", "Staging", TWO, TWO), "gates"),
}


@pytest.mark.parametrize(("change", "part"), CHANGES.values(), ids=CHANGES.keys())
def test_an_approval_lapses_when_what_it_judged_changes(
    world: World, change: Callable[[World], Any], part: str
) -> None:
    asked = ask(world)
    seen = asked.approval.digest
    decide(world, BOB, asked)
    change(world)

    now = look(world, asked)
    with pytest.raises(Stale, match=f"since the request, {part} changed"):
        decide(world, CAROL, asked, digest=seen)
    again = decide(world, BOB, asked)

    assert now.today is not None
    assert now.today.differences(now.approval.judged) == (part,)
    assert now.approval.approving(now.today.digest) == ()
    assert again.approval.state is ApprovalState.OPEN
    assert decide(world, CAROL, asked).approval.state is ApprovalState.APPROVED


def test_what_does_not_matter_to_the_decision_changes_nothing(world: World) -> None:
    asked = ask(world)
    decide(world, BOB, asked)
    world.registry.aliases.point(ADMIN, "default", "iris", "next", ByNumber(3))
    world.registry.retirements.deprecate(ADMIN, "default", "iris", 3)

    assert decide(world, CAROL, asked).approval.state is ApprovalState.APPROVED


def test_nothing_is_decided_of_a_request_that_is_closed(world: World) -> None:
    asked = ask(world)
    digest = asked.approval.digest
    decide(world, BOB, asked, Verdict.REJECT, comment="too slow")

    with pytest.raises(Conflict, match="was rejected by subject:dev:bob"):
        decide(world, CAROL, asked, digest=digest)
    with pytest.raises(Conflict, match="was rejected"):
        world.registry.decisions.withdraw(WRITER, "default", "iris", asked.approval.id)
    assert look(world, asked).today is None
    assert ask(world).is_new


def test_after_its_time_a_decision_is_refused_and_the_end_is_stored(world: World) -> None:
    asked = ask(world, ttl=timedelta(hours=1))
    world.clock.advance(seconds=3_600)

    with pytest.raises(Conflict, match="expired at"):
        decide(world, BOB, asked, digest=asked.approval.digest)

    stored = world.database.approvals.get("default", asked.approval.id)
    assert stored == settled(asked.approval, world.clock.now())
    assert actions(world, asked.approval) == ["approval.requested", "approval.expired"]


def test_after_its_time_it_is_read_as_expired_and_makes_room_for_the_next(world: World) -> None:
    asked = ask(world, ttl=timedelta(hours=1))
    world.clock.advance(seconds=3_600)

    seen = look(world, asked).approval
    following = ask(world)

    assert seen.state is ApprovalState.EXPIRED
    assert following.is_new
    assert world.database.approvals.get("default", asked.approval.id) == seen
    page = world.registry.approvals.of_version(READER, "default", "iris", 3, PAGE)
    assert [each.state.value for each in page.items] == ["open", "expired"]


def test_the_sweep_stores_the_end_of_what_is_over(world: World) -> None:
    ask(world, ttl=timedelta(hours=1))
    lasting = ask(world, to_stage="Archived")
    world.clock.advance(seconds=3_600)

    assert world.registry.approvals.expire(SWEEP) == 1
    assert world.registry.approvals.expire(SWEEP) == 0
    assert look(world, lasting).approval.state is ApprovalState.OPEN


def test_a_clock_that_jumps_back_reopens_nothing_and_keeps_the_order(world: World) -> None:
    asked, other = ask(world, ttl=timedelta(hours=1)), ask(world, to_stage="Archived")
    world.clock.advance(seconds=3_600)
    world.registry.approvals.expire(SWEEP)
    decide(world, BOB, other)
    world.clock.advance(seconds=-7_200)

    with pytest.raises(Conflict, match="expired"):
        decide(world, BOB, asked, digest=asked.approval.digest)
    done = decide(world, CAROL, other)

    times = [each.at for each in done.approval.decisions]
    assert times == sorted(times)
    assert actions(world, done.approval)[-2:] == ["approval.approved"] * 2


def test_a_request_is_withdrawn_by_who_made_it_or_an_owner(world: World) -> None:
    for by in (WRITER, OWNER):
        asked = ask(world)
        with pytest.raises(Forbidden):
            world.registry.decisions.withdraw(BOB, "default", "iris", asked.approval.id)
        done = world.registry.decisions.withdraw(by, "default", "iris", asked.approval.id)
        assert done.approval.state is ApprovalState.WITHDRAWN


def test_a_token_that_only_reads_does_not_take_its_owners_request_back(world: World) -> None:
    asked = ask(world)
    narrow = caller(("default", Role.READER), subject="wendy")

    with pytest.raises(Forbidden):
        world.registry.decisions.withdraw(narrow, "default", "iris", asked.approval.id)


def test_a_refusal_of_four_eyes_is_an_access_decision_that_is_told_of(world: World) -> None:
    with pytest.raises(Forbidden) as refused:
        decide(world, AUTHOR, ask(world))

    assert refused.value.refusal is not None
    assert refused.value.refusal.action == "approval.decide"


def test_people_talk_about_it_even_after_it_is_closed(world: World) -> None:
    asked = ask(world)
    place = ("default", "iris", asked.approval.id)
    world.registry.decisions.comment(BOB, *place, "is\nit fast?")
    world.registry.decisions.withdraw(WRITER, *place)
    done = world.registry.decisions.comment(WRITER, *place, "no")

    assert [each.text for each in done.approval.comments] == ["is\nit fast?", "no"]
    with pytest.raises(Invalid):
        world.registry.decisions.comment(BOB, *place, " ")
    with pytest.raises(Forbidden):
        world.registry.decisions.comment(READER, *place, "me too")


def test_a_comment_after_its_time_stores_the_end_first(world: World) -> None:
    asked = ask(world, ttl=timedelta(hours=1))
    world.clock.advance(seconds=3_600)

    done = world.registry.decisions.comment(WRITER, "default", "iris", asked.approval.id, "pity")

    assert done.approval.state is ApprovalState.EXPIRED
    assert actions(world, done.approval)[1:] == ["approval.expired", "approval.commented"]


def test_each_person_finds_what_waits_for_them(world: World) -> None:
    first, second = ask(world), ask(world, number=1)
    decide(world, BOB, first)

    def waiting(by: Caller, **said: Any) -> list[str]:
        page = world.registry.approvals.waiting(by, "default", PAGE, **said)
        return [each.id for each in page.items]

    both = [first.approval.id, second.approval.id]
    assert waiting(BOB) == [second.approval.id]
    assert waiting(CAROL) == both
    assert waiting(AUTHOR) == [second.approval.id]
    assert waiting(OWNER) == waiting(WRITER) == waiting(READER) == []
    assert waiting(READER, everybody=True) == both
    describe(world, owner="others")
    assert waiting(BOB) == both
    world.clock.advance(seconds=8 * 86_400)
    assert waiting(CAROL) == waiting(READER, everybody=True) == []


def test_what_waits_is_paged_whatever_is_passed_over(world: World) -> None:
    for number in range(4, 12):
        by = AUTHOR if number % 2 else ADMIN
        world.pushed({"a": b"%d" % number}, by=by)
        ask(world, number=number)
    found: list[int] = []
    token: str | None = None
    while True:
        page = world.registry.approvals.waiting(AUTHOR, "default", PageRequest(3, token))
        found += [each.number for each in page.items]
        token = page.next_token
        if token is None:
            break

    assert found == [4, 6, 8, 10]


def test_where_no_way_leads_any_more_there_is_nothing_left_to_decide(world: World) -> None:
    gated(world, "Development", "Canary", TWO)
    asked = ask(world, to_stage="Canary")
    gated(world, "Development", "Staging", TWO, without="Canary")

    seen = look(world, asked)
    with pytest.raises(Conflict, match="not there any more"):
        decide(world, BOB, asked, digest=asked.approval.digest)

    assert seen.today is None
    assert "no stage 'Canary'" in seen.lapse


def test_it_can_be_read_as_of_a_moment(world: World) -> None:
    asked = ask(world, ttl=timedelta(hours=2))
    world.clock.advance(seconds=60)
    decide(world, BOB, asked)
    then = world.clock.now()
    world.clock.advance(seconds=7_200)

    approvals, place = world.registry.approvals, ("default", "iris", asked.approval.id)
    first = approvals.get(READER, *place, as_of=asked.approval.requested_at)
    between = approvals.get(READER, *place, as_of=then)
    last = approvals.get(READER, *place, as_of=world.clock.now())

    assert record(first.approval) == record(asked.approval)
    assert (len(between.approval.decisions), between.approval.state.value) == (1, "open")
    assert last.approval.state is ApprovalState.EXPIRED
    with pytest.raises(NotFound):
        approvals.get(READER, *place, as_of=asked.approval.requested_at - timedelta(seconds=1))
    with pytest.raises(Invalid):
        approvals.get(READER, *place, as_of=world.clock.now() + timedelta(seconds=1))


def test_the_requests_of_a_version_are_listed_as_of_a_moment(world: World) -> None:
    first = ask(world)
    second = ask(world, to_stage="Archived")
    then = world.clock.now()
    world.clock.advance(seconds=60)
    decide(world, BOB, first, Verdict.REJECT)
    ask(world)

    def listed(size: int, token: str | None = None, **said: Any) -> tuple[list[str], str | None]:
        page = world.registry.approvals.of_version(
            READER, "default", "iris", 3, PageRequest(size, token), **said
        )
        return [each.state.value for each in page.items], page.next_token

    first_page, token = listed(1, as_of=then)
    rest, _ = listed(9, token, as_of=then)
    assert (first_page, rest) == (["open"], ["open"])
    assert listed(9)[0] == ["open", "open", "rejected"]
    assert listed(9, as_of=second.approval.requested_at - timedelta(days=1))[0] == []


@pytest.mark.parametrize("place", [("iris", "nothing"), ("tree", ""), ("rose", "")])
def test_what_is_not_there_is_not_found(world: World, place: tuple[str, str]) -> None:
    asked = ask(world)
    world.registry.models.register(ADMIN, "default", "tree", {})
    model, approval_id = place

    with pytest.raises(NotFound):
        world.registry.approvals.get(READER, "default", model, approval_id or asked.approval.id)


def test_the_requests_of_a_model_that_is_not_there_are_not_found(world: World) -> None:
    assert world.registry.approvals.of_version(READER, "default", "iris", 7, PAGE).items == ()
    with pytest.raises(NotFound):
        world.registry.approvals.of_version(READER, "default", "rose", 1, PAGE)


def _only(world: World) -> str:
    (approval,) = world.database.approvals.waiting("default", after=None, limit=9)
    return approval.id
