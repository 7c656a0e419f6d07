"""The client under test, apart from whatever the machine that runs it is signed in to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelry import Modelry
from modelry.login import SignIn
from modelry.network import Network
from modelry.retries import RetryPolicy
from tests.parts import LocalRegistry


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings but the test's: an empty place for credentials, no tokens of a CI job."""
    for name in os.environ:
        if name.startswith(("MODELRY_", "ACTIONS_")) and not name.startswith("MODELRY_TEST_"):
            monkeypatch.delenv(name)
    home = tmp_path / "config"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def owner_token(local_registry: LocalRegistry) -> str:
    return local_registry.token("owner")


@pytest.fixture
def registry(local_registry: LocalRegistry, owner_token: str) -> Iterator[Modelry]:
    with Modelry(local_registry.url, owner_token) as client:
        yield client


@pytest.fixture
def sign_in(local_registry: LocalRegistry) -> SignIn:
    return SignIn(
        url=local_registry.url,
        network=Network(),
        retries=RetryPolicy(attempts=2),
        sleep=lambda seconds: None,
    )
