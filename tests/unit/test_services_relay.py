"""The relay: everything that was asked for arrives, in order, whatever receivers and relays do."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from core.domain.deliveries import Answer, DeliveryState
from core.domain.events import last_event_id, moment_of
from core.domain.messages import Message
from core.domain.pages import PageRequest
from core.domain.webhooks import WebhookState
from core.errors import Unavailable
from core.services import passes
from tests.builders import ADMIN, World
from tests.failing import FailingWorld
from tests.relaying import (
    RELAY,
    assert_in_order,
    deliver,
    failing,
    models,
    relay_of,
    told,
    webhook,
)

PAGE = PageRequest(1000)


def events_of(world: World, after: str) -> list[str]:
    """The ids of what happened to models since, in another millisecond."""
    events, start = world.database._tables.events, last_event_id(moment_of(after))
    return [key for key in sorted(events) if key > start and events[key].kind == "model"]


def until_quiet(world: World, *, hours: float = 200) -> None:
    """Run the relay again and again while the time goes by."""
    for _ in range(int(hours * 60)):
        deliver(world)
        if not world.database.deliveries.waiting(next(iter(world.database._tables.cursors)), 1):
            return
        world.clock.advance(seconds=60)


def test_what_happens_after_a_webhook_was_made_is_told_once() -> None:
    world = World()
    models(world, 1)
    made = webhook(world, events=("model.*",))
    models(world, 3, start=1)

    assert deliver(world).delivered == 6
    assert deliver(world).delivered == 0

    assert sorted(told(world)) == events_of(world, made.id)


def test_a_webhook_is_told_of_what_it_asked_for_alone() -> None:
    world = World()
    webhook(world, events=("model.updated",), models=("m1",))
    models(world, 3)

    deliver(world)

    ((_, message),) = world.channel.sent
    assert (message.type, message.group) == ("modelry.model.updated", "model default/m1")


def test_what_fails_is_tried_again_later_and_later_and_its_subject_waits_for_it() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 2)
    first = events_of(world, made.id)[0]
    accepted = failing(world, lambda message, tries: message.id == first and tries <= 3)

    deliver(world)

    assert [message.group for message in accepted] == ["model default/m1"] * 2
    waiting = world.database.deliveries.waiting(made.id, 9)
    assert [(each.attempts, each.state) for each in waiting] == [(1, "waiting"), (0, "waiting")]
    waits = []
    for _ in range(3):
        wait = waiting[0].next_at - world.clock.now()
        waits.append(wait.total_seconds())
        world.clock.advance(seconds=wait.total_seconds())
        deliver(world)
        waiting = world.database.deliveries.waiting(made.id, 9) or waiting
    assert waits == [5, 15, 45]
    assert_in_order(accepted)
    assert sorted(message.id for message in accepted) == events_of(world, made.id)


def test_what_is_never_accepted_is_given_up_and_those_behind_it_go_on() -> None:
    world = World(relay_attempts=3)
    made = webhook(world, events=("model.*",))
    models(world, 1)
    first, second = events_of(world, made.id)
    accepted = failing(world, lambda message, _: message.id == first)

    until_quiet(world)

    dead = world.registry.deliveries.get(ADMIN, "default", made.id, first)
    assert (dead.state, dead.attempts, dead.status) == (DeliveryState.DEAD, 3, 500)
    assert [message.id for message in accepted] == [second]


def test_what_is_too_old_is_given_up() -> None:
    world = World(relay_attempts=1_000)
    made = webhook(world, events=("model.registered",))
    models(world, 1)
    failing(world, lambda *_: True)

    until_quiet(world)

    (dead,) = world.registry.deliveries.page(ADMIN, "default", made.id, PAGE).items
    assert dead.state is DeliveryState.DEAD
    assert dead.tried_at is not None
    assert dead.tried_at - dead.created_at >= timedelta(days=3)


def test_a_dead_receiver_is_left_alone_for_a_while_and_nothing_is_lost() -> None:
    world = World()
    made = webhook(world, events=("model.registered",))
    models(world, 50)
    accepted = failing(world, lambda *_: dead)
    dead = True

    deliver(world)
    tried = len(told(world))
    deliver(world)

    assert tried == len(told(world)) == passes.GIVE_UP
    dead = False
    until_quiet(world)
    assert sorted(message.id for message in accepted) == [
        each
        for each in events_of(world, made.id)
        if world.database._tables.events[each].action == "model.registered"
    ]


def test_a_dead_receiver_delays_no_other_one() -> None:
    world = World()
    webhook(world, name="dead", target="https://dead.example.com/", events=("model.*",))
    webhook(world, name="well", target="https://well.example.com/", events=("model.*",))
    models(world, 20)

    def answer(target: str, message: Message) -> Answer:
        if "dead" in target:
            world.clock.advance(seconds=5)
            return Answer(accepted=False, detail="no answer within 5 seconds")
        return Answer(accepted=True, status=200)

    world.channel.answer = answer

    assert deliver(world).delivered == 40

    assert sum("dead" in target for target, _ in world.channel.sent) <= 3


def test_a_receiver_that_is_gone_is_told_nothing_more() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 3)
    world.channel.answer = lambda *_: Answer(accepted=False, status=410, gone=True)
    world.clock.advance(seconds=1)

    deliver(world)
    deliver(world)

    after = world.registry.webhooks.get(ADMIN, "default", made.id)
    assert after.state is WebhookState.DISABLED
    assert len(told(world)) == 1
    last = world.registry.events.page(ADMIN, "default", PAGE).items[0]
    assert (last.action, last.actor) == ("webhook.disabled", "subject:modelry:relay")


def test_what_a_receiver_says_about_when_to_come_back_is_heeded() -> None:
    world = World()
    made = webhook(world, events=("model.registered",))
    models(world, 1)
    world.channel.answer = lambda *_: Answer(
        accepted=False, status=429, retry_after=timedelta(minutes=10)
    )

    deliver(world)

    (waiting,) = world.database.deliveries.waiting(made.id, 9)
    assert waiting.next_at == world.clock.now() + timedelta(minutes=10)


def test_an_event_that_becomes_visible_late_is_told_all_the_same() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 3)
    late = events_of(world, made.id)[2:4]
    kept = {each: world.database._tables.events.pop(each) for each in late}
    deliver(world)
    world.clock.advance(seconds=60)

    world.database._tables.events |= kept
    deliver(world)

    assert sorted(told(world)) == events_of(world, made.id)
    assert told(world)[-2:] == late


def test_an_event_that_becomes_visible_while_others_are_read_is_not_overtaken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 2)
    first = events_of(world, made.id)[0]
    kept = world.database._tables.events.pop(first)
    ids = type(world.database.events).ids

    def reading(self: Any, *arguments: Any, **named: Any) -> Any:
        found = ids(self, *arguments, **named)
        world.database._tables.events[first] = kept  # it commits after the read has passed it by
        return found

    deliver_of = relay_of(world)
    monkeypatch.setattr(passes, "has_work", lambda *_: True)
    monkeypatch.setattr("core.services.relay.has_work", lambda *_: True)
    monkeypatch.setattr(type(world.database.events), "ids", reading)

    deliver_of.deliver(RELAY)

    assert sorted(told(world)) == events_of(world, made.id)
    assert_in_order([message for _, message in world.channel.sent])


def test_a_relay_does_not_touch_what_another_one_is_at() -> None:
    world = World()
    webhook(world, events=("model.*",))
    models(world, 2)
    inner: list[int] = []

    def answer(_: str, message: Message) -> Answer:
        inner.append(deliver(world).delivered)
        return Answer(accepted=True, status=200)

    world.channel.answer = answer

    deliver(world)

    assert inner == [0, 0, 0, 0]
    assert len(told(world)) == 4


def test_a_relay_that_was_held_up_for_too_long_changes_nothing_more() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 1)
    is_first = True

    def answer(_: str, message: Message) -> Answer:
        nonlocal is_first
        if is_first:  # it sleeps past the end of its lease, and another relay does the work
            is_first = False
            world.clock.advance(seconds=passes.LEASE.total_seconds() + 1)
            deliver(world)
        return Answer(accepted=True, status=200)

    world.channel.answer = answer

    deliver(world)

    assert Counter(told(world)) == Counter([*events_of(world, made.id), told(world)[0]])
    states = {
        each.state for each in world.registry.deliveries.page(ADMIN, "default", made.id, PAGE).items
    }
    assert states == {DeliveryState.DELIVERED}


def test_hundreds_of_events_arrive_in_order_though_the_receiver_fails_and_hangs() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 150)
    calls = 0

    def fails(message: Message, tries: int) -> bool:
        nonlocal calls
        calls += 1
        if calls % 50 == 0:
            world.clock.advance(seconds=5)  # it hangs
            return True
        return calls % 5 == 0

    accepted = failing(world, fails)

    until_quiet(world)

    assert sorted({message.id for message in accepted}) == events_of(world, made.id)
    assert_in_order(accepted)


def test_a_relay_that_dies_at_any_call_loses_nothing_and_keeps_the_order() -> None:
    steps = 0
    while True:
        steps += 1
        world = FailingWorld()
        made = webhook(world, events=("model.*",))
        models(world, 3)
        failed = events_of(world, made.id)[2]
        accepted = failing(world, lambda m, tries, failed=failed: m.id == failed and tries == 1)
        world.database.fuse.steps_left = steps
        for _ in range(4):
            with suppress(Unavailable):
                deliver(world)
            world.clock.advance(seconds=61)
        assert sorted({message.id for message in accepted}) == events_of(world, made.id), steps
        assert_in_order(accepted)
        blown = world.database.fuse.has_blown
        world.database.fuse.steps_left = None
        log = world.registry.deliveries.page(ADMIN, "default", made.id, PAGE).items
        assert {each.state for each in log} == {DeliveryState.DELIVERED}
        if not blown:
            break
    assert steps > 20


def test_the_cursor_follows_so_that_what_is_done_is_not_read_for_ever() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 3)
    deliver(world)

    world.clock.advance(seconds=600)
    deliver(world)

    cursor = world.database.deliveries.cursor(made.id)
    assert cursor is not None
    assert cursor.floor == events_of(world, made.id)[-1]
    before = cursor.version
    deliver(world)
    assert world.database.deliveries.cursor(made.id).version == before  # nothing is written


def test_while_a_webhook_is_disabled_nothing_is_sent_and_nothing_is_forgotten() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    change = world.registry.webhooks.update
    change(ADMIN, "default", made.id, {"state": WebhookState.DISABLED})
    models(world, 1)
    deliver(world)
    assert told(world) == []

    change(ADMIN, "default", made.id, {"state": WebhookState.ACTIVE})
    deliver(world)

    assert sorted(told(world)) == events_of(world, made.id)


def test_a_relay_stops_when_its_time_is_over_and_the_next_one_goes_on() -> None:
    world = World()
    made = webhook(world, events=("model.*",))
    models(world, 20)

    def slowly(_: str, message: Message) -> Answer:
        world.clock.advance(seconds=1)
        return Answer(accepted=True, status=200)

    world.channel.answer = slowly

    assert relay_of(world).deliver(RELAY, budget=timedelta(seconds=15)).delivered == 15
    assert deliver(world).delivered == 25
    assert sorted(told(world)) == events_of(world, made.id)
