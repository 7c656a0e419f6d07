"""What receivers get: CloudEvents and signatures that other people's libraries accept."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.channels.http import HttpChannel
from core.domain.events import SubjectKind
from core.domain.messages import MAX_BODY_BYTES, cloud_event
from core.domain.webhook_secrets import Secret, good, new_secret, signature
from core.errors import Invalid
from core.services import webhooks as webhooks_module
from tests.builders import ADMIN, World
from tests.contract.entities import event
from tests.receivers import Receiver, receiver
from tests.relaying import deliver, models, webhook

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


@pytest.fixture
def world(listening: Receiver) -> World:
    """A registry that tells receivers of this machine, by its real channel."""
    made = World()
    made.clock._at = NOW  # libraries hold messages to the machine's time
    http = HttpChannel(timeout_seconds=5, allows_private=True)
    made.channel.check = lambda namespace, target: http.check(target)
    made.channel.send = lambda namespace, target, message: http.send(target, message)
    return made


def as_cloud_event(received: Any) -> CloudEvent:
    message = HTTPMessage(headers=received.headers, body=received.body)
    return from_structured_event(message, JSONFormat())


def verify(secret: str, received: Any) -> Any:
    return standardwebhooks.Webhook(secret).verify(received.body, received.headers)


def created(world: World, listening: Receiver, **fields: Any) -> tuple[Any, str]:
    fields = {"name": "first", "target": listening.url, "events": ("model.*",), **fields}
    made = world.registry.webhooks.create(ADMIN, "default", fields)
    assert made.secret is not None
    world.clock.advance(seconds=1)
    return made.webhook, made.secret


def test_a_receiver_reads_the_event_with_the_library_of_cloudevents(
    world: World, listening: Receiver
) -> None:
    created(world, listening)
    models(world, 1)

    deliver(world)

    first, second = map(as_cloud_event, listening.received)
    assert first.get_specversion() == "1.0"
    assert first.get_type() == "modelry.model.registered"
    assert first.get_subject() == "default/m0"
    assert first.get_source() == "/api/v1/namespaces/default"
    assert first.get_datacontenttype() == "application/json"
    assert isinstance(first.get_time(), datetime)
    assert first.get_id() == listening.received[0].headers["webhook-id"]
    told: Any = second.get_data()
    assert (told["before"]["description"], told["after"]["description"]) == ("", "new")
    assert not {"address", "actor_roles"} & told.keys()


def test_a_receiver_checks_the_signature_with_the_library_of_standard_webhooks(
    world: World, listening: Receiver
) -> None:
    _, secret = created(world, listening)
    models(world, 1)
    deliver(world)
    received = listening.received[0]

    assert verify(secret, received)["id"] == received.headers["webhook-id"]

    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(new_secret(), received)
    received.headers["webhook-id"] = "another"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(secret, received)


def test_the_guide_shows_how_to_check_a_signature(world: World, listening: Receiver) -> None:
    guide = (Path(__file__).parents[2] / "docs/guide/webhooks.md").read_text(encoding="utf-8")
    shown: dict[str, Any] = {}
    exec(guide.partition("```python\n")[2].partition("```")[0], shown)
    check = shown["is_from_modelry"]
    made, former = created(world, listening)
    rotated = world.registry.webhooks.rotate(ADMIN, "default", made.id)
    world.registry.deliveries.ping(ADMIN, "default", made.id)
    received = listening.received[0]

    assert check(received.body, received.headers, former)
    assert check(received.body, received.headers, rotated.secret)
    assert not check(received.body, received.headers, new_secret())
    assert not check(received.body + b" ", received.headers, former)
    assert not check(received.body, {**received.headers, "webhook-timestamp": "1"}, former)


def test_while_a_secret_is_rotated_both_are_good_and_then_the_new_one_alone(
    world: World, listening: Receiver
) -> None:
    made, former = created(world, listening)
    rotated = world.registry.webhooks.rotate(ADMIN, "default", made.id, grace=timedelta(seconds=60))
    assert rotated.secret is not None
    assert rotated.webhook.former_secret_until == world.clock.now() + timedelta(seconds=60)
    models(world, 1)
    deliver(world)
    verify(former, listening.received[0])
    verify(rotated.secret, listening.received[0])

    world.clock.advance(seconds=60)
    models(world, 1, start=1)
    deliver(world)

    verify(rotated.secret, listening.received[-1])
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(former, listening.received[-1])


def test_a_rotation_without_grace_ends_the_former_secret_at_once(
    world: World, listening: Receiver
) -> None:
    made, former = created(world, listening)
    rotated = world.registry.webhooks.rotate(ADMIN, "default", made.id, grace=timedelta(0))

    world.registry.deliveries.ping(ADMIN, "default", made.id)

    assert rotated.webhook.former_secret_until is None
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verify(former, listening.received[0])
    with pytest.raises(Invalid):
        world.registry.webhooks.rotate(
            ADMIN, "default", made.id, grace=webhooks_module.MAX_GRACE + timedelta(seconds=1)
        )


def test_a_secret_stands_nowhere_but_in_the_answer(world: World, listening: Receiver) -> None:
    made, secret = created(world, listening)
    _ = world.registry.webhooks.rotate(ADMIN, "default", made.id)
    text = secret.removeprefix("whsec_")

    assert text not in repr(world.database._tables)
    assert text not in repr(world.registry.webhooks.get(ADMIN, "default", made.id))
    _, kept = world.database._tables.webhooks[made.id]
    assert kept.startswith("test:")


def test_a_ping_is_signed_and_says_what_was_answered(world: World, listening: Receiver) -> None:
    made, secret = created(world, listening)

    answer = world.registry.deliveries.ping(ADMIN, "default", made.id)

    assert (answer.accepted, answer.status) == (True, 204)
    assert verify(secret, listening.received[0])["type"] == "modelry.webhook.ping"


def test_an_event_that_is_too_large_for_a_queue_is_told_without_what_it_holds() -> None:
    after = {"metadata": {"text": "\u00e9" * MAX_BODY_BYTES}}
    whole = event(at=NOW)
    large = type(whole)(**{**{n: getattr(whole, n) for n in whole.__slots__}, "after": after})

    message = cloud_event(large, "https://modelry.test")

    told = json.loads(message.body)["data"]
    assert len(message.body) < MAX_BODY_BYTES
    assert (told["after"], told["truncated"], told["subject"]) == (None, True, whole.subject)


@given(st.binary(max_size=200), st.text(max_size=40), st.integers(0, 2**31))
def test_a_signature_is_what_the_library_makes(body: bytes, message_id: str, at: int) -> None:
    secret = new_secret()
    theirs = standardwebhooks.Webhook(secret)
    text = body.decode("latin-1")

    ours = signature(Secret(secret).key, message_id, at, text.encode())

    assert ours == theirs.sign(message_id, datetime.fromtimestamp(at, UTC), text)


@given(st.lists(st.none() | st.integers(-100, 100), max_size=4))
def test_a_secret_is_good_until_its_end(ends: list[int | None]) -> None:
    kept = tuple(Secret("x", None if end is None else NOW + timedelta(seconds=end)) for end in ends)

    found = good(kept, NOW)

    assert all(each.until is None or each.until > NOW for each in found)
    assert len(found) == sum(end is None or end > 0 for end in ends)


def test_a_webhook_belongs_to_its_own_kind_of_subject(world: World, listening: Receiver) -> None:
    made, _ = created(world, listening)

    first = world.registry.events.page(
        ADMIN,
        "default",
        webhooks_module.PageRequest(9),
        kind=SubjectKind.WEBHOOK,
        subject=f"default {made.id}",
    ).items

    assert [each.action for each in first] == ["webhook.created"]
    assert webhook(world, target=listening.url).id != made.id
