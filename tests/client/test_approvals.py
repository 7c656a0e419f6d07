"""Approvals through the SDK and the command, against the whole registry."""

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from modelry import Conflict, Forbidden, Modelry, NotFound, Stale
from tests.client.commands import Command
from tests.parts import LocalRegistry


@pytest.fixture
def approver_token(local_registry: LocalRegistry) -> str:
    return local_registry.token("approver")


@pytest.fixture
def approver(local_registry: LocalRegistry, approver_token: str) -> Iterator[Modelry]:
    with Modelry(local_registry.url, approver_token) as client:
        yield client


@pytest.fixture
def name(registry: Modelry, tmp_path: Path) -> str:
    """A model with one version, registered by the owner."""
    model = f"model-{secrets.token_hex(4)}"
    (tmp_path / "model.bin").write_bytes(secrets.token_bytes(100))
    registry.push(tmp_path / "model.bin", model)
    return model


def test_an_approval_is_of_what_was_read(registry: Modelry, approver: Modelry, name: str) -> None:
    asked = registry.request_approval(f"{name}:1", "Staging", expires_in=timedelta(hours=1))
    again = registry.request_approval(f"{name}:1", "staging")
    seen = approver.approval(f"{name}:1")
    registry.update_version(f"{name}:1", tags={"reviewed": "yes"})

    with pytest.raises(Stale, match="since the request, tags changed"):
        approver.approve(seen)
    with pytest.raises(Forbidden, match="asked for the approval"):
        registry.approve(registry.approval(f"{name}:1"))
    done = approver.approve(approver.approval(f"{name}:1"), comment="fine now")

    assert (asked.id, asked.from_stage, asked.to) == (again.id, "Development", "Staging")
    assert done.state == "approved"
    assert done.today is not None
    assert done.today["changed"] == ["tags"]
    assert approver.read_approval(done, as_of=asked.requested_at).decisions == []
    with pytest.raises(Conflict, match="You approved exactly this"):
        approver.approve(done)
    assert registry.promote(f"{name}:1", "Staging").moved
    assert "is in Staging by now" in approver.approval(f"{name}:1").lapse
    with pytest.raises(NotFound, match="No request for approval"):
        approver.approval(f"{name}:1", to="Archived")


def test_which_request_is_meant_has_to_be_said_where_several_stand(
    registry: Modelry, approver: Modelry, name: str
) -> None:
    for stage in ("Staging", "Archived"):
        registry.request_approval(f"{name}:1", stage)

    with pytest.raises(Conflict, match="2 requests"):
        approver.approval(f"{name}:1")
    chosen = approver.approval(f"{name}:1", to="archived")
    approver.comment_on_approval(chosen, "why?")

    assert approver.reject(chosen).state == "rejected"
    waiting = {each.to for each in approver.waiting_approvals() if each.model == name}
    assert waiting == {"Staging"}
    left = registry.withdraw_approval(registry.approval(f"{name}:1"), reason="not now")
    assert left.state == "withdrawn"


def test_the_command_shows_what_is_decided_and_sends_its_digest(
    local_registry: LocalRegistry,
    owner_token: str,
    approver_token: str,
    name: str,
    tmp_path: Path,
) -> None:
    owner = Command(local_registry, owner_token, tmp_path)
    approver = Command(local_registry, approver_token, tmp_path)
    version = f"{name}:1"

    asked = owner("request-approval", version, "Staging", "--comment", "please", "--days", "1")
    listed = approver("approvals")
    unasked = approver("approve", version)
    shown = json.loads(approver("approvals", version, "--json").stdout)[0]
    said = approver("approvals", version, "--say", "looks good")
    done = approver("approve", version, "--digest", shown["today"]["digest"])
    closed = owner("withdraw", version, "--reason", "later")
    nothing = approver("approve", version, "--yes")

    assert f"default/{version}  Development → Staging  open" in asked.stdout
    (row,) = [line for line in listed.stdout.splitlines() if name in line]
    assert "1 of any role" in row
    assert shown["today"]["digest"][:19] in row
    assert unasked.returncode == 2
    assert "--digest" in unasked.stderr
    assert "looks good" in said.stdout
    assert f"default/{version}  Development → Staging  approved" in done.stdout
    assert "withdrawn" in closed.stdout
    assert (nothing.returncode, "stands" in nothing.stderr) == (3, True)
