"""A relay that does all in one thread, and what receivers see of it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.domain.access import system_caller
from core.domain.deliveries import Answer
from core.domain.messages import Message
from core.domain.webhooks import Webhook
from core.services.passes import Tally
from core.services.relay import Relay
from tests.builders import ADMIN, World

RELAY = system_caller("relay")
URL = "https://example.com/hook"
FAILED = Answer(accepted=False, status=500, detail="broken")


def relay_of(world: World) -> Relay:
    """The registry's relay, in this thread and without chance."""
    return replace(world.registry.relay, at_once=1, width=1, chance=lambda: 0.0)


def deliver(world: World) -> Tally:
    """One run."""
    return relay_of(world).deliver(RELAY)


def webhook(world: World, **fields: Any) -> Webhook:
    """A webhook of `default` that is told of everything."""
    fields = {"name": "first", "target": URL, **fields}
    return world.registry.webhooks.create(ADMIN, "default", fields).webhook


def models(world: World, count: int, *, start: int = 0) -> None:
    """Register so many models, each with a change of its description."""
    for number in range(start, start + count):
        world.clock.advance(seconds=0.5)
        made = world.registry.models.register(ADMIN, "default", f"m{number}", {})
        world.registry.models.update(
            ADMIN, "default", made.name, {"description": "new"}, expected_revision=made.revision
        )


def told(world: World) -> list[str]:
    """The ids of the events of all messages, in the order in which they came."""
    return [message.id for _, message in world.channel.sent]


def failing(world: World, fails: Callable[[Message, int], bool]) -> list[Message]:
    """Let the receiver fail, by message and how often it came; what it will accept."""
    tries: dict[str, int] = defaultdict(int)
    accepted: list[Message] = []

    def answer(_: str, message: Message) -> Answer:
        tries[message.id] += 1
        if fails(message, tries[message.id]):
            return FAILED
        accepted.append(message)
        return Answer(accepted=True, status=200)

    world.channel.answer = answer
    return accepted


def assert_in_order(messages: list[Message]) -> None:
    """Of each subject, the messages that were seen for the first time are in order."""
    seen: set[str] = set()
    last: dict[str, str] = {}
    for message in messages:
        if message.id not in seen:
            assert last.get(message.group, "") < message.id
            last[message.group] = message.id
            seen.add(message.id)
