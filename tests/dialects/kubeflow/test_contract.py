"""Both contracts as schemathesis reads them, against a registry where there is one of everything:
whatever is sent, the answer is one that the contract documents, but for the exceptions here."""

import json
from typing import Any

import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as conformance

from core.domain.access import Role
from tests.api.client import Api, bearer
from tests.dialects.kubeflow.cases import CONTRACT, PREFIX, prepare
from tests.dialects.kubeflow.conftest import Kubeflow

UNDOCUMENTED = {
    ("GET", 400): "the genuine server says so of ids, tokens and filters that are none, but"
    " v1alpha3 documents it on few lists, and neither generation on what is read by its id",
    ("POST", 422): "what the genuine server says of a required field that lacks; documented on"
    " model versions and experiments alone",
    ("POST", 404): "a parent that the body names and that is not there; documented where the path"
    " names it",
    ("PATCH", 409): "an external id that something else has",
}
"""Statuses that the contract leaves out on some operations, and why they are answered."""

API = Api()
TOKEN = bearer(API.world.token(("default", Role.OWNER)))


def described(generation: str, mode: GenerationMode) -> Any:
    """The contract, for requests that follow it or that break it. What its discriminators say is
    said in the schemas' own words too: without, a model's artifact is as good a document's."""
    text = (CONTRACT / f"{generation}.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    schemas = document["components"]["schemas"]
    for union in list(schemas.values()):
        discriminator = union.get("discriminator", {})
        for value, reference in discriminator.get("mapping", {}).items():
            schema = schemas[reference.rpartition("/")[2]]
            for part in (schema, *schema.get("allOf", ())):
                if named := part.get("properties", {}).get(discriminator["propertyName"]):
                    named["enum"] = [value]
    found = schemathesis.openapi.from_dict(document)
    found.app = API.app
    found.config.update(base_url="http://testserver")
    found.config.generation.update(modes=[mode])
    return found


API.headers.update(TOKEN)
prepare(Kubeflow(API, f"{PREFIX}/v1alpha3"))

bounded = settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
good_v1 = described("v1", GenerationMode.POSITIVE)
bad_v1 = described("v1", GenerationMode.NEGATIVE)
good_v1alpha3 = described("v1alpha3", GenerationMode.POSITIVE)
bad_v1alpha3 = described("v1alpha3", GenerationMode.NEGATIVE)


def on_what_exists(case: schemathesis.Case) -> None:
    """Replace most of the ids in the path by those that lead somewhere."""
    if len(json.dumps([case.query, str(case.body)], default=str)) % 4:
        for name in case.path_parameters:
            case.path_parameters[name] = "1"


def check(case: schemathesis.Case) -> None:
    answer = case.call(headers=dict(TOKEN))

    not_documented = str(answer.status_code) not in case.operation.definition.raw["responses"]
    if not_documented and (case.method, answer.status_code) in UNDOCUMENTED:
        assert set(answer.json()) == {"code", "message"}
        return
    checks = [
        not_a_server_error,
        conformance.status_code_conformance,
        conformance.response_schema_conformance,
    ]
    case.validate_response(answer, checks=checks)


@good_v1.parametrize()
@bounded
def test_a_request_that_follows_v1_is_answered_by_it(case: schemathesis.Case) -> None:
    on_what_exists(case)
    check(case)


@bad_v1.parametrize()
@bounded
def test_a_request_that_breaks_v1_is_answered_by_it(case: schemathesis.Case) -> None:
    check(case)


@good_v1alpha3.parametrize()
@bounded
def test_a_request_that_follows_v1alpha3_is_answered_by_it(case: schemathesis.Case) -> None:
    on_what_exists(case)
    check(case)


@bad_v1alpha3.parametrize()
@bounded
def test_a_request_that_breaks_v1alpha3_is_answered_by_it(case: schemathesis.Case) -> None:
    check(case)
