"""Webhooks through the SDK and the command, against the whole registry, which relays by itself."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import standardwebhooks
from click.testing import CliRunner, Result

from modelry import Invalid, Modelry, NotFound
from modelry.cli import modelry as command
from tests.parts import LocalRegistry
from tests.receivers import Receiver, receiver, respond


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for the relay, which looks every two seconds."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "the relay has not done it"
        time.sleep(0.1)


def test_what_happens_is_told_by_the_registry_that_make_run_starts(
    registry: Modelry, listening: Receiver
) -> None:
    name = f"model-{secrets.token_hex(4)}"
    made = registry.create_webhook("chat", listening.url, events=("model.*",), models=(name,))
    assert made.secret is not None
    assert registry.webhook(made.id).secret is None

    registry.register_model(name)
    until(lambda: len(listening.received) == 1)

    (received,) = listening.received
    verified = standardwebhooks.Webhook(made.secret).verify(received.body, received.headers)
    assert (verified["type"], verified["subject"]) == (
        "modelry.model.registered",
        f"default/{name}",
    )
    until(lambda: [each.state for each in registry.deliveries(made.id)] == ["delivered"])
    event_id = next(registry.deliveries(made.id)).event_id
    registry.redeliver(made.id, event_id)
    until(lambda: len(listening.received) == 2)
    assert listening.received[1].event["id"] == event_id
    registry.delete_webhook(made.id, reason="over")
    with pytest.raises(NotFound):
        registry.webhook(made.id)


def test_a_webhook_is_changed_pinged_and_given_a_new_secret(
    registry: Modelry, listening: Receiver
) -> None:
    made = registry.create_webhook("chat", listening.url)
    changed = registry.update_webhook(made.id, etag=made.etag or "*", events=["alias.*"])
    assert changed.events == ["alias.*"]
    rotated = registry.rotate_webhook_secret(made.id, grace=timedelta(hours=1))

    assert registry.ping_webhook(made.id).accepted

    (received,) = listening.received
    for secret in (made.secret, rotated.secret):
        standardwebhooks.Webhook(str(secret)).verify(received.body, received.headers)
    listening.answering = lambda handler, _: respond(handler, 500, b"broken")
    assert registry.ping_webhook(made.id).detail == "broken"
    with pytest.raises(Invalid):
        registry.update_webhook(made.id, target="not a target")
    registry.delete_webhook(made.id)


def test_the_command_makes_lists_and_ends_webhooks(
    local_registry: LocalRegistry, owner_token: str, registry: Modelry, listening: Receiver
) -> None:
    def run(*arguments: str) -> Result:
        settings = {"MODELRY_URL": local_registry.url, "MODELRY_TOKEN": owner_token}
        return CliRunner().invoke(command, arguments, env=settings)

    made = run("webhook", "create", "by hand", listening.url, "-e", "version.ready", "-m", "iris")
    assert made.exit_code == 0, made.output
    assert made.stdout.startswith("whsec_")
    (entry,) = (each for each in registry.webhooks() if each.name == "by hand")
    assert "version.ready of iris" in run("webhook", "list").stdout
    assert "accepted: 204" in run("webhook", "ping", entry.id).output
    assert run("webhook", "rotate", entry.id, "--grace", "0").stdout.startswith("whsec_")
    assert "disabled" in run("webhook", "update", entry.id, "--disable").output
    assert run("webhook", "update", entry.id).exit_code == 2
    found = json.loads(run("webhook", "deliveries", entry.id, "--json").stdout)
    assert found == []
    assert "0 will be sent" in run("webhook", "redeliver", entry.id, "--dead").output
    assert run("webhook", "delete", entry.id).exit_code == 0
    assert run("webhook", "ping", entry.id).exit_code != 0
