"""The OpenAPI document: committed as generated, valid, and true of every answer."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema_rs import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as conformance

from core.domain.access import system_caller
from core.domain.versions import ByNumber
from handlers.api.openapi import generate, text
from tests.api.client import Api, bearer
from tests.api.operations import NAMES, OPERATIONS, ask, prepared, sealed_event
from tests.builders import ADMIN, World, evaluation_report

DOCUMENT = generate()
METHODS = {"get", "put", "post", "patch", "delete"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Method and path, and the operation."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_committed_document_is_what_the_routes_say() -> None:
    answer = Api().get("/api/v1/openapi.json")

    assert answer.text == text(DOCUMENT), "run `make openapi`"


def test_every_operation_is_described_and_named_once() -> None:
    names = [operation["operationId"] for _, operation in operations()]

    assert len(names) == len(set(names))
    for place, operation in operations():
        assert operation.get("description"), place
        assert operation["tags"], place
        assert {"401", "403", "404", "422", "503"} <= set(operation["responses"]), place
        good = [status for status in operation["responses"] if status < "400"]
        assert good, place


def test_every_reference_leads_somewhere() -> None:
    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, item in value.items():
                if key == "$ref":
                    yield item
                else:
                    yield from references(item)
        elif isinstance(value, list):
            for item in value:
                yield from references(item)

    for reference in set(references(DOCUMENT)):
        assert reference.startswith("#/")
        found: Any = DOCUMENT
        for step in reference[2:].split("/"):
            found = found[step]


def test_every_schema_is_a_json_schema_and_refuses_what_it_does_not_know() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        inlined = {**schema, "components": DOCUMENT["components"]}
        Draft202012Validator(inlined)
        if "properties" in schema:
            assert schema.get("additionalProperties") is False, name


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_the_good_answer_of_every_operation_is_as_documented(
    monkeypatch: pytest.MonkeyPatch, name: str, method: str, path: str
) -> None:
    monkeypatch.setattr("core.domain.files.PART_BYTES", 8)
    api = prepared()
    token = api.headers["authorization"].removeprefix("Bearer ")

    answer = ask(api, name, method, path, token)

    documented = DOCUMENT["paths"][path][method.lower()]["responses"][str(answer.status_code)]
    assert answer.status_code < 400
    content = documented.get("content")
    if content is None:
        assert answer.content == b""
        return
    schema = content["application/json"]["schema"]
    Draft202012Validator(
        {**schema, "components": DOCUMENT["components"]}, validate_formats=True
    ).validate(answer.json())


def seeded() -> World:
    """A world with a ready version under an alias and a pending one."""
    world = World()
    ready = world.pushed({"a.bin": b"one", "b/c.bin": b"two"})
    world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(ready.number))
    world.registered({"new.bin": b"new"})
    world.registry.approvals.request(ADMIN, "default", "iris", 1, to_stage="Staging")
    world.registry.experiments.create(ADMIN, "default", "first", {})
    for number in ("1", "2"):
        world.registry.runs.create(ADMIN, "default", "first", {})
        world.registry.batches.log(ADMIN, "default", number, [{"key": "loss", "value": 0.5}])
    world.registry.logged_models.create(ADMIN, "default", "first", {}, run="1")
    world.registry.environments.create(ADMIN, "default", "prod", {})
    world.registry.deployments.create(ADMIN, "default", "prod", "iris", {}, follows="1")
    world.registry.evaluations.register(ADMIN, "default", "iris", ByNumber(1), evaluation_report())
    world.registry.webhooks.create(
        ADMIN, "default", {"name": "first", "target": "https://example.com/"}
    )
    world.registry.sealing.seal(system_caller("sweep"))
    return world


API = Api(seeded())
TOKEN = bearer(API.headers["authorization"].removeprefix("Bearer "))
CHECKS = [
    not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]
WEBHOOK = API.world.database.webhooks.page("default", after=None, limit=1)[0]
(APPROVAL,) = API.world.database.approvals.waiting("default", after=None, limit=9)
NAMES_THAT_EXIST: dict[str, list[Any]] = {
    "namespace": ["default"],
    "model": ["iris"],
    "environment": ["1", "prod"],
    "experiment": ["1", "first"],
    "run": ["1", "2", "9"],
    "logged_model": ["1", "9"],
    "deployment": ["1", "nothing"],
    "noun": ["environments", "deployments", "experiments", "runs", "logged-models"],
    "version": ["1", "2", "latest", "@champion"],
    "number": [1, 2],
    "publisher_name": ["release", "nightly"],
    "account": ["deployer", "nothing"],
    "token_id": ["0123456789", "x"],
    "approval": [APPROVAL.id, "nothing"],
    "stage": ["Production", "nothing"],
    "model_type": ["classifier", "other"],
    "artifact_id": [1, 9],
    "evaluation": [each.id for each in API.world.database.evaluations.of("default", "iris", [1])],
    "name": ["champion", "prod"],
    "webhook_id": [WEBHOOK.id, "nothing"],
    "event_id": ["0" * 32, "nothing"],
    "event": [sealed_event(API.world), "nothing"],
    "path": ["a.bin", "b/c.bin", "nothing"],
}


def described(mode: GenerationMode) -> Any:
    """The document as schemathesis reads it, for requests that follow it or that break it."""
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.app = API.app
    schema.config.update(base_url="http://testserver/api/v1")
    schema.config.generation.update(modes=[mode])
    return schema


bounded = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
good = described(GenerationMode.POSITIVE)
bad = described(GenerationMode.NEGATIVE)


def on_what_exists(case: schemathesis.Case) -> None:
    """Replace the names in the path by some that lead somewhere."""
    turn = len(json.dumps([case.query, str(case.body)], default=str))
    for name in case.path_parameters:
        known = NAMES_THAT_EXIST[name]
        case.path_parameters[name] = known[turn % len(known)]


@good.parametrize()
@bounded
def test_a_request_that_follows_the_document_is_answered_by_it(case: schemathesis.Case) -> None:
    on_what_exists(case)

    answer = case.call(headers={**TOKEN, "If-Match": "*"})

    case.validate_response(answer, checks=CHECKS)


@bad.parametrize()
@bounded
def test_a_request_that_breaks_the_document_is_answered_by_it(case: schemathesis.Case) -> None:
    answer = case.call(headers=dict(TOKEN))

    case.validate_response(answer, checks=CHECKS)


@pytest.mark.parametrize("place", [place for place, _ in operations()])
def test_every_operation_uses_a_method_it_means(place: str) -> None:
    assert place.split()[0].lower() in METHODS
