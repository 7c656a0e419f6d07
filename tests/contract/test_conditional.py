"""What conditional and repeated requests ask of the database, over HTTP."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from core.domain.access import Principal, Role
from handlers.api.app import create_app
from tests.builders import ADMIN, settings
from tests.contract.test_round_trips import Watched

MODELS = "/api/v1/namespaces/default/models"
VERSIONS = f"{MODELS}/iris/versions"


class Asked:
    """A registry on a real database, asked over HTTP by a writer."""

    def __init__(self, uri: str, database_name: str) -> None:
        self.watched = Watched(uri, database_name)
        registry = self.watched.registry
        alice = Principal("dev", "alice", ())
        registry.grants.put(ADMIN, "default", alice.name, Role.WRITER)
        self.client = TestClient(create_app(registry, settings()))
        self.client.headers["Authorization"] = f"Bearer {self.watched.tokens.issue(alice)}"
        self.digest = self.client.get(f"{VERSIONS}/1").json()["digest"]

    def commands(
        self, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, list[str]]:
        """The status, and what the request asked of the database."""
        self.watched.listener.commands.clear()
        method = "GET" if body is None else "POST"
        answer = self.client.request(method, path, json=body, headers=headers)
        return answer.status_code, list(self.watched.listener.commands)


@pytest.fixture
def asked(mongodb_uri: str, database_name: str) -> Iterator[Asked]:
    made = Asked(mongodb_uri, database_name)
    yield made
    made.watched.close()


def test_a_known_manifest_by_digest_asks_the_database_nothing(asked: Asked) -> None:
    path = f"{VERSIONS}/{asked.digest}/files"
    etag = asked.client.get(path).headers["etag"]

    assert asked.commands(path, headers={"If-None-Match": etag}) == (304, [])


def test_once_the_grants_are_forgotten_it_asks_for_them_alone(asked: Asked) -> None:
    path = f"{VERSIONS}/{asked.digest}/files"
    etag = asked.client.get(path).headers["etag"]
    asked.watched.clock.advance(seconds=31)

    assert asked.commands(path, headers={"If-None-Match": etag}) == (304, ["find grants"])


def test_a_known_manifest_by_number_asks_for_the_version_alone(asked: Asked) -> None:
    path = f"{VERSIONS}/1/files"
    etag = asked.client.get(path).headers["etag"]

    assert asked.commands(path, headers={"If-None-Match": etag}) == (304, ["find versions"])
    assert asked.commands(path) == (200, ["find versions", "find files"])


@pytest.mark.parametrize("etag", ['"x"', "*", '"1-sha256:0"'])
def test_what_is_not_known_is_asked_for(asked: Asked, etag: str) -> None:
    path = f"{VERSIONS}/{asked.digest}/files"

    _, commands = asked.commands(path, headers={"If-None-Match": etag})

    assert commands == ["find versions", "find files"]


def test_a_key_costs_one_read_and_one_write_in_the_transaction_that_creates(asked: Asked) -> None:
    _, plain = asked.commands(MODELS, body={"name": "a"})
    _, keyed = asked.commands(MODELS, body={"name": "b"}, headers={"Idempotency-Key": "k"})

    assert "insert models" in plain
    assert [command for command in keyed if not command.endswith("claims")] == plain
    assert [command for command in keyed if command.endswith("claims")] == [
        "find claims",
        "update claims",
    ]
    assert keyed[-1] == "commitTransaction"


def test_a_repeated_version_is_answered_after_one_read(asked: Asked) -> None:
    key = {"Idempotency-Key": "k"}
    asked.commands(VERSIONS, body={"tags": {"a": "b"}}, headers=key)

    assert asked.commands(VERSIONS, body={"tags": {"a": "b"}}, headers=key) == (
        201,
        ["find claims"],
    )
