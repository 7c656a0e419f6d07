"""Webhooks: what they are told of, when something is tried again, and what may be said of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.aes.vault import AesVault
from core.domain.access_tokens import Pepper
from core.domain.claims import Attempt
from core.domain.deliveries import Answer, DeliveryState, Retrying
from core.domain.events import Event, SubjectKind
from core.domain.webhooks import Format, WebhookState
from core.errors import Conflict, Invalid, NotFound, Stale, Unavailable
from core.services.webhooks import MAX_WEBHOOKS
from tests.builders import ADMIN, World
from tests.contract.entities import NOW, delivery, event, webhook
from tests.relaying import deliver, models, told
from tests.relaying import webhook as made_in

DONE = Answer(accepted=True, status=200)
FAILED = Answer(accepted=False, status=500)


def happened(action: str, subject: str = "fraud/iris", kind: str = "model", **of: Any) -> Event:
    return replace(event(subject, SubjectKind(kind)), action=action, **of)


@pytest.mark.parametrize(
    ("events", "action", "is_told"),
    [
        (("*",), "model.registered", True),
        (("model.registered",), "model.registered", True),
        (("model.*",), "model.alias-set", True),
        (("model.*",), "model-card.changed", False),
        (("alias.set", "model.updated"), "model.updated", True),
        (("version.*",), "model.registered", False),
    ],
)
def test_events_are_named_by_action_or_noun(
    events: tuple[str, ...], action: str, is_told: bool
) -> None:
    assert webhook(events=events).wants(happened(action)) is is_told
    assert not webhook(events=events, namespace="other").wants(happened(action))


@pytest.mark.parametrize(
    ("subject", "kind"),
    [
        ("fraud/iris", "model"),
        ("fraud/iris/3", "version"),
        ("fraud/iris@champion", "alias"),
        ("fraud/iris:Production", "stage"),
        ("fraud/iris 01", "approval"),
    ],
)
def test_what_belongs_to_a_model_is_told_to_who_asked_for_the_model(
    subject: str, kind: str
) -> None:
    assert webhook(models=("iris",)).wants(happened("x.y", subject, kind))
    assert not webhook(models=("rose",)).wants(happened("x.y", subject, kind))
    assert not webhook(models=("iris",)).wants(happened("x.y", "fraud", "namespace"))


def test_stages_are_those_before_and_after_and_asked_for() -> None:
    hook = webhook(stages=("Production",))
    moved = {"before": {"stage": "Staging"}, "after": {"stage": "Production"}}
    left = {"before": {"stage": "Production"}, "after": {"stage": "Archived"}}

    assert hook.wants(happened("version.updated", "fraud/iris/1", "version", **moved))
    assert hook.wants(happened("version.updated", "fraud/iris/1", "version", **left))
    assert hook.wants(happened("stage.taken", "fraud/iris:Production", "stage"))
    asked = {"after": {"to_stage": "Production"}}
    assert hook.wants(happened("approval.requested", "fraud/iris 01", "approval", **asked))
    other = {"after": {"stage": "Staging"}}
    assert not hook.wants(happened("version.updated", "fraud/iris/1", "version", **other))
    assert not hook.wants(happened("model.updated"))


@pytest.mark.parametrize(
    "fields",
    [
        {"events": ()},
        {"events": ("version",)},
        {"events": ("Version.ready",)},
        {"events": ("version.ready.*",)},
        {"events": ("*.ready",)},
        {"events": ("a.b",) * 51},
        {"models": ("a/b",)},
        {"stages": ("",)},
        {"target": "Queue"},
        {"target": ""},
        {"name": ""},
        {"name": "a\x00"},
        {"format": Format.MLFLOW, "events": ("model.registered",)},
    ],
)
def test_what_is_no_webhook_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        webhook(**fields)


@given(st.integers(1, 100), st.floats(0, 1))
def test_waits_grow_and_have_an_end(attempts: int, chance: float) -> None:
    retrying = Retrying()

    wait, next_wait = retrying.wait(attempts, chance), retrying.wait(attempts + 1, chance)

    assert retrying.first / 2 <= wait <= next_wait <= retrying.longest


@given(st.lists(st.sampled_from([DONE, FAILED]), min_size=1, max_size=40), st.floats(0, 1))
def test_a_delivery_ends_delivered_or_dead_and_never_goes_on(
    answers: list[Answer], chance: float
) -> None:
    retrying, at, made = Retrying(), NOW, delivery()

    for answer in answers:
        made = retrying.after(made, answer, at, chance)
        if made.state is not DeliveryState.WAITING:
            break
        assert made.next_at is not None
        at = made.next_at

    assert made.attempts <= retrying.attempts
    if DONE in answers[: made.attempts]:
        assert made.state is DeliveryState.DELIVERED
    assert (made.next_at is None) is (made.state is not DeliveryState.WAITING)


def test_a_creation_that_is_repeated_makes_one_webhook_and_shows_no_secret_again() -> None:
    world = World()
    caller = replace(ADMIN, attempt=Attempt("key", "POST", "0"))
    fields = {"name": "first", "target": "https://example.com/"}
    create = world.registry.webhooks.create

    first = create(caller, "default", fields)
    second = create(caller, "default", fields)

    assert first.secret is not None
    assert (second.webhook, second.secret) == (first.webhook, None)


def test_a_namespace_has_so_many_webhooks_and_no_more() -> None:
    world = World()
    for _ in range(MAX_WEBHOOKS):
        world.clock.advance(seconds=1)
        made_in(world)

    with pytest.raises(Conflict, match="100 webhooks"):
        made_in(world)


def test_without_a_key_nothing_can_be_signed_but_a_queue_can_be_told() -> None:
    world = World(relay_keys=())

    with pytest.raises(Conflict, match="no key"):
        made_in(world)

    queue = made_in(world, target="queue")
    with pytest.raises(Conflict, match="not signed"):
        world.registry.webhooks.rotate(ADMIN, "default", queue.id)


def test_a_change_is_of_a_revision_and_of_what_can_change() -> None:
    world = World()
    made = made_in(world)
    update = world.registry.webhooks.update

    with pytest.raises(Stale):
        update(ADMIN, "default", made.id, {"name": "x"}, expected=9)
    with pytest.raises(Invalid, match="namespace of a webhook"):
        update(ADMIN, "default", made.id, {"namespace": "other"})
    assert update(ADMIN, "default", made.id, {"name": made.name}).revision == made.revision
    with pytest.raises(NotFound):
        update(ADMIN, "default", "nothing", {"name": "x"})
    disabled = update(ADMIN, "default", made.id, {"state": WebhookState.DISABLED})
    assert disabled.revision == made.revision + 1


def test_a_deleted_webhook_is_told_nothing_of_what_waited() -> None:
    world = World()
    made = made_in(world)
    models(world, 1)

    world.registry.webhooks.delete(ADMIN, "default", made.id, reason="over")
    deliver(world)

    assert told(world) == []
    with pytest.raises(NotFound):
        world.registry.webhooks.get(ADMIN, "default", made.id)


def test_what_is_redelivered_stands_outside_of_the_order() -> None:
    world = World()
    models(world, 1)
    world.clock.advance(seconds=1)
    made = made_in(world, events=("model.*",))
    before = next(
        key for key, each in world.database._tables.events.items() if each.kind == "model"
    )

    again = world.registry.deliveries.redeliver(ADMIN, "default", made.id, before)
    deliver(world)

    assert again.again
    assert told(world) == [before]
    done = world.registry.deliveries.get(ADMIN, "default", made.id, before)
    assert done.state is DeliveryState.DELIVERED
    with pytest.raises(NotFound):
        world.registry.deliveries.redeliver(ADMIN, "default", made.id, "0" * 32)


def test_a_locked_secret_opens_for_its_own_webhook_and_key_alone() -> None:
    old, new = Pepper("old", "o" * 32), Pepper("new", "n" * 32)
    locked = AesVault([old]).lock("text", "1")

    assert AesVault([new, old]).open(locked, "1") == "text"
    with pytest.raises(Unavailable, match="not among the settings"):
        AesVault([new]).open(locked, "1")
    with pytest.raises(Invalid, match="altered"):
        AesVault([old]).open(locked, "2")
